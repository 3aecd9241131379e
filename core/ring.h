/* SPDX-License-Identifier: MIT */
/* Rings of payload: the caller's memory, addressed by numbers that the control block keeps.

   A ring is `capacity` bytes and a head below it; offset i is the i-th byte behind the head, and it
   wraps once. Nothing here keeps state or knows how many bytes are in use: that is the matter of
   the send and the receive side. Text that arrives out of order goes to its own offset, beyond the
   gap. Ring and text never overlap. RFC 9293 3.3.1, 3.10.7.4. */
#ifndef SQ_RING_H
#define SQ_RING_H

#include <stdint.h>

#include "../spec/stream.acsl"

/* The place of offset i: an index into the ring. i = capacity is the head again. */
/*@ requires ring: head < capacity <= 0x40000000;
    requires inside: i <= capacity;
    terminates \true;
    assigns \nothing;
    ensures place: \result == Place(capacity, head, i);
    ensures index: \result < capacity; */
static inline uint32_t sq_ring_place(uint32_t capacity, uint32_t head, uint32_t i)
{
    return i < capacity - head ? head + i : i - (capacity - head);
}

/* Bytes of a ring as two slices: ring[at .. at + len), then ring[at2 .. at2 + len2).
   The second is empty unless the bytes wrap; it then begins at index 0. */
struct sq_slices {
    uint32_t at;
    uint32_t len;
    uint32_t at2;
    uint32_t len2;
};

/* Where the n bytes from offset `from` on stand, for use without a copy. */
/*@ requires ring: head < capacity <= 0x40000000;
    requires inside: from + n <= capacity;
    terminates \true;
    assigns \nothing;
    ensures whole: \result.len + \result.len2 == n;
    ensures begin: \result.at == Place(capacity, head, from) && \result.at2 == 0;
    ensures index: \result.at < capacity && \result.at + \result.len <= capacity;
    ensures apart: \result.len2 <= \result.at;
    ensures wrapped: \result.len2 > 0 ==> \result.at + \result.len == capacity;
    ensures first: \forall integer i; 0 <= i < \result.len ==>
                     Place(capacity, head, from + i) == \result.at + i;
    ensures second: \forall integer i; 0 <= i < \result.len2 ==>
                      Place(capacity, head, from + \result.len + i) == \result.at2 + i; */
struct sq_slices sq_ring_slices(uint32_t capacity, uint32_t head, uint32_t from, uint32_t n);

/* Copies the n bytes at p to offset `from`; every other byte of the ring stays. */
/*@ requires ring: head < capacity <= 0x40000000 && \valid(ring + (0 .. capacity - 1));
    requires inside: from + n <= capacity;
    requires text: \valid_read(p + (0 .. n - 1));
    requires apart: \separated(ring + (0 .. capacity - 1), p + (0 .. n - 1));
    terminates \true;
    assigns ring[0 .. capacity - 1];
    ensures put: \forall integer i; from <= i < from + n ==>
                   ring[Place(capacity, head, i)] == p[i - from];
    ensures text_kept: \forall integer i; 0 <= i < n ==> p[i] == \old(p[i]);
    ensures kept: \forall integer i; 0 <= i < capacity && !(from <= i < from + n) ==>
                    ring[Place(capacity, head, i)] == \old(ring[Place(capacity, head, i)]); */
void sq_ring_put(uint8_t *ring, uint32_t capacity, uint32_t head, uint32_t from, const uint8_t *p,
                 uint32_t n);

/* Copies the n bytes from offset `from` on to p; the ring stays. */
/*@ requires ring: head < capacity <= 0x40000000 && \valid_read(ring + (0 .. capacity - 1));
    requires inside: from + n <= capacity;
    requires text: \valid(p + (0 .. n - 1));
    requires apart: \separated(ring + (0 .. capacity - 1), p + (0 .. n - 1));
    terminates \true;
    assigns p[0 .. n - 1];
    ensures got: \forall integer i; 0 <= i < n ==>
                   p[i] == ring[Place(capacity, head, from + i)];
    ensures kept: \forall integer i; 0 <= i < capacity ==> ring[i] == \old(ring[i]); */
void sq_ring_get(const uint8_t *ring, uint32_t capacity, uint32_t head, uint32_t from, uint8_t *p,
                 uint32_t n);

/* The head after n bytes at the front are done with: offset n becomes offset 0. */
/*@ requires ring: head < capacity <= 0x40000000;
    requires inside: n <= capacity;
    terminates \true;
    assigns \nothing;
    ensures place: \result == Place(capacity, head, n);
    ensures index: \result < capacity;
    ensures shifted: \forall integer i; 0 <= i < capacity - n ==>
                       Place(capacity, \result, i) == Place(capacity, head, n + i); */
uint32_t sq_ring_advance(uint32_t capacity, uint32_t head, uint32_t n);

/* The four that follow do the same for bytes of the peer's stream and say so: byte k of the stream
   comes in and goes out as byte k, in whatever pieces and order it arrives. k is the stream number
   of the byte at the head; only the contracts speak of it. */

/* Text of the peer to offset `from`: true bytes stay true, also where it overwrites them. */
/*@ requires ring: head < capacity <= 0x40000000 && \valid(ring + (0 .. capacity - 1));
    requires inside: from + n <= capacity;
    requires text: \valid_read(p + (0 .. n - 1));
    requires apart: \separated(ring + (0 .. capacity - 1), p + (0 .. n - 1));
    requires honest: Honest(p, n, k + from);
    terminates \true;
    assigns ring[0 .. capacity - 1];
    ensures taken: HoldsFrom(ring, capacity, head, from, n, k);
    ensures true_kept: \forall integer i;
                         0 <= i < capacity && Truth{Pre}(ring, capacity, head, i, k) ==>
                         Truth(ring, capacity, head, i, k);
    ensures kept: \forall integer i; 0 <= i < capacity && !(from <= i < from + n) ==>
                    ring[Place(capacity, head, i)] == \old(ring[Place(capacity, head, i)]); */
void sq_ring_take(uint8_t *ring, uint32_t capacity, uint32_t head, uint32_t from, const uint8_t *p,
                  uint32_t n, uint64_t k);

/* n bytes of the stream from offset `from` on, copied to the application. */
/*@ requires ring: head < capacity <= 0x40000000 && \valid_read(ring + (0 .. capacity - 1));
    requires inside: from + n <= capacity;
    requires text: \valid(p + (0 .. n - 1));
    requires apart: \separated(ring + (0 .. capacity - 1), p + (0 .. n - 1));
    requires held: HoldsFrom(ring, capacity, head, from, n, k);
    terminates \true;
    assigns p[0 .. n - 1];
    ensures got: \forall integer i; 0 <= i < n ==>
                   p[i] == ring[Place(capacity, head, from + i)];
    ensures delivered: Honest(p, n, k + from);
    ensures kept: \forall integer i; 0 <= i < capacity ==> ring[i] == \old(ring[i]); */
void sq_ring_deliver(const uint8_t *ring, uint32_t capacity, uint32_t head, uint32_t from,
                     uint8_t *p, uint32_t n, uint64_t k);

/* n bytes of the stream from offset `from` on, shown to the application where they stand. */
/*@ requires ring: head < capacity <= 0x40000000 && \valid_read(ring + (0 .. capacity - 1));
    requires inside: from + n <= capacity;
    requires held: HoldsFrom(ring, capacity, head, from, n, k);
    terminates \true;
    assigns \nothing;
    ensures whole: \result.len + \result.len2 == n;
    ensures begin: \result.at == Place(capacity, head, from) && \result.at2 == 0;
    ensures index: \result.at < capacity && \result.at + \result.len <= capacity;
    ensures apart: \result.len2 <= \result.at;
    ensures wrapped: \result.len2 > 0 ==> \result.at + \result.len == capacity;
    ensures first: \forall integer i; 0 <= i < \result.len ==>
                     ring[\result.at + i] == PeerByte(k + from + i);
    ensures second: \forall integer i; 0 <= i < \result.len2 ==>
                      ring[\result.at2 + i] == PeerByte(k + from + \result.len + i); */
struct sq_slices sq_ring_show(const uint8_t *ring, uint32_t capacity, uint32_t head, uint32_t from,
                              uint32_t n, uint64_t k);

/* n bytes at the front are read: the head moves on and the stream's number with it, to k + n. */
/*@ requires ring: head < capacity <= 0x40000000 && \valid_read(ring + (0 .. capacity - 1));
    requires inside: n <= capacity;
    terminates \true;
    assigns \nothing;
    ensures place: \result == Place(capacity, head, n);
    ensures index: \result < capacity;
    ensures moved: \forall integer i;
                     0 <= i < capacity - n && Truth(ring, capacity, head, n + i, k) ==>
                     Truth(ring, capacity, \result, i, k + n); */
uint32_t sq_ring_consume(const uint8_t *ring, uint32_t capacity, uint32_t head, uint32_t n,
                         uint64_t k);

#endif
