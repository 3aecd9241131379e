/* SPDX-License-Identifier: MIT */
/* Rings of payload: RFC 9293 3.3.1, 3.10.7.4. The one byte-copy loop of the core stands here. */
#include "ring.h"

/* `restrict` is what lets compilers make a call of memcpy of the loop. */
/*@ requires to: \valid(d + (0 .. n - 1));
    requires of: \valid_read(s + (0 .. n - 1));
    requires apart: \separated(d + (0 .. n - 1), s + (0 .. n - 1));
    terminates \true;
    assigns d[0 .. n - 1];
    ensures copied: \forall integer i; 0 <= i < n ==> d[i] == \old(s[i]); */
static void sq_copy(uint8_t *restrict d, const uint8_t *restrict s, uint32_t n)
{
    /*@ loop invariant turn: 0 <= i <= n;
        loop invariant copied: \forall integer j; 0 <= j < i ==> d[j] == \at(s[j], Pre);
        loop assigns i, d[0 .. n - 1];
        loop variant n - i; */
    for (uint32_t i = 0u; i < n; i++) {
        d[i] = s[i];
    }
}

struct sq_slices sq_ring_slices(uint32_t capacity, uint32_t head, uint32_t from, uint32_t n)
{
    uint32_t at = sq_ring_place(capacity, head, from);
    uint32_t len = n < capacity - at ? n : capacity - at;
    struct sq_slices slices = {at, len, 0u, n - len};

    return slices;
}

void sq_ring_put(uint8_t *restrict ring, uint32_t capacity, uint32_t head, uint32_t from,
                 const uint8_t *restrict p, uint32_t n)
{
    struct sq_slices there = sq_ring_slices(capacity, head, from, n);

    sq_copy(ring + there.at, p, there.len);
    /*@ assert one: \forall integer i; 0 <= i < there.len ==>
                      ring[there.at + i] == \at(p[i], Pre); */
    if (there.len2 > 0u) {
        sq_copy(ring, p + there.len, there.len2);
    }
    /*@ assert high: \forall integer i; 0 <= i < there.len ==>
                       ring[there.at + i] == \at(p[i], Pre); */
    /*@ assert low: \forall integer i; there.len <= i < n ==>
                      ring[i - there.len] == \at(p[i], Pre); */
    /*@ assert place1: \forall integer i; from <= i < from + there.len ==>
                         Place(capacity, head, i) == there.at + (i - from); */
    /*@ assert place2: \forall integer i; from + there.len <= i < from + n ==>
                         Place(capacity, head, i) == i - from - there.len; */
    /*@ assert put1: \forall integer i; from <= i < from + there.len ==>
                       ring[Place(capacity, head, i)] == \at(p[i - from], Pre); */
    /*@ assert put2: \forall integer i; from + there.len <= i < from + n ==>
                       ring[Place(capacity, head, i)] == \at(p[i - from], Pre); */
}

void sq_ring_get(const uint8_t *restrict ring, uint32_t capacity, uint32_t head, uint32_t from,
                 uint8_t *restrict p, uint32_t n)
{
    struct sq_slices there = sq_ring_slices(capacity, head, from, n);

    sq_copy(p, ring + there.at, there.len);
    if (there.len2 > 0u) {
        sq_copy(p + there.len, ring, there.len2);
    }
    /*@ assert high: \forall integer i; 0 <= i < there.len ==> p[i] == ring[there.at + i]; */
    /*@ assert low: \forall integer i; 0 <= i < there.len2 ==> p[there.len + i] == ring[i]; */
    /*@ assert low2: \forall integer i; there.len <= i < n ==> p[i] == ring[i - there.len]; */
    /*@ assert place1: \forall integer i; 0 <= i < there.len ==>
                         Place(capacity, head, from + i) == there.at + i; */
    /*@ assert place2: \forall integer i; there.len <= i < n ==>
                         Place(capacity, head, from + i) == i - there.len; */
}

uint32_t sq_ring_advance(uint32_t capacity, uint32_t head, uint32_t n)
{
    return sq_ring_place(capacity, head, n);
}

void sq_ring_take(uint8_t *restrict ring, uint32_t capacity, uint32_t head, uint32_t from,
                  const uint8_t *restrict p, uint32_t n, uint64_t k)
{
    (void)k;
    sq_ring_put(ring, capacity, head, from, p, n);
    /*@ assert fresh: \forall integer i; from <= i < from + n ==>
                        p[i - from] == PeerByte(k + from + (i - from)); */
    /*@ assert taken: \forall integer i; from <= i < from + n ==>
                        ring[Place(capacity, head, i)] == PeerByte(k + i); */
}

void sq_ring_deliver(const uint8_t *restrict ring, uint32_t capacity, uint32_t head, uint32_t from,
                     uint8_t *restrict p, uint32_t n, uint64_t k)
{
    (void)k;
    sq_ring_get(ring, capacity, head, from, p, n);
    /*@ assert held: \forall integer i; 0 <= i < n ==>
                       \at(ring[Place(capacity, head, from + i)], Pre) ==
                       PeerByte(k + (from + i)); */
    /*@ assert index: \forall integer i; 0 <= i < n ==>
                        0 <= Place(capacity, head, from + i) < capacity; */
    /*@ assert same: \forall integer i; 0 <= i < n ==>
                       ring[Place(capacity, head, from + i)] ==
                       \at(ring[Place(capacity, head, from + i)], Pre); */
    /*@ assert given: \forall integer i; 0 <= i < n ==> p[i] == PeerByte(k + (from + i)); */
}

struct sq_slices sq_ring_show(const uint8_t *ring, uint32_t capacity, uint32_t head, uint32_t from,
                              uint32_t n, uint64_t k)
{
    struct sq_slices shown = sq_ring_slices(capacity, head, from, n);

    (void)ring;
    (void)k;
    /*@ assert place1: \forall integer j; shown.at <= j < shown.at + shown.len ==>
                         Place(capacity, head, from + (j - shown.at)) == j; */
    /*@ assert place2: \forall integer j; 0 <= j < shown.len2 ==>
                         Place(capacity, head, from + (shown.len + j)) == j; */
    /*@ assert held1: \forall integer j; shown.at <= j < shown.at + shown.len &&
                        Place(capacity, head, from + (j - shown.at)) == j ==>
                        ring[j] == PeerByte(k + (from + (j - shown.at))); */
    /*@ assert held2: \forall integer j; 0 <= j < shown.len2 &&
                        Place(capacity, head, from + (shown.len + j)) == j ==>
                        ring[j] == PeerByte(k + (from + (shown.len + j))); */
    /*@ assert index1: \forall integer j; shown.at <= j < shown.at + shown.len ==>
                         ring[j] == PeerByte(k + (from + (j - shown.at))); */
    /*@ assert index2: \forall integer j; 0 <= j < shown.len2 ==>
                         ring[j] == PeerByte(k + (from + (shown.len + j))); */
    return shown;
}

uint32_t sq_ring_consume(const uint8_t *ring, uint32_t capacity, uint32_t head, uint32_t n,
                         uint64_t k)
{
    (void)ring;
    (void)k;
    return sq_ring_advance(capacity, head, n);
}
