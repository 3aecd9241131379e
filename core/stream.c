/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* The doors that touch payload: the only unit that sees a connection and bytes. */
#include "stream.h"

uint32_t sq_input(struct sq_conn *c, uint8_t *ring, const struct sq_header *h, const uint8_t *text,
                  const struct sq_segment_info *info)
{
    struct sq_taken t = sq_input_segment(c, h, info);
    /*@ assert gap: !Arrived(\at(*c, Pre).reassembly, \at(*c, Pre).receive.used, \at(*c, Pre).receive.used); */
    /*@ assert some: \at(*c, Pre).receive.used < c->receive.used ==> Put(t, \at(*c, Pre).receive.used); */
    if (t.len > 0u) {
        sq_ring_put(ring, c->receive.capacity, c->receive.head, t.at, text + t.skip, t.len);
        /*@ assert put: \forall integer i; Put(t, i) ==>
              ring[Place(c->receive.capacity, c->receive.head, i)] == text[t.skip + (i - t.at)]; */
        /*@ assert same: \forall integer i; 0 <= i < info->len ==> text[i] == \at(text[i], Pre); */
        /*@ assert honest: Honest{Pre}(text, info->len, TextPosition(\at(*c, Pre).receive, TextSeq(h->flags, h->seq), info->len)) ==>
              \forall integer i; Put(t, i) ==>
              Truth(ring, c->receive.capacity, c->receive.head, i, c->receive.received - c->receive.used); */
    }
    return t.verdict;
}

uint32_t sq_read(struct sq_conn *c, const uint8_t *ring, uint8_t *to, uint32_t n)
{
    uint32_t count = n < c->receive.used ? n : c->receive.used;
    if (count == 0u) {
        return 0u;
    }
    sq_ring_get(ring, c->receive.capacity, c->receive.head, 0u, to, count);
    /*@ assert kept: \forall integer p; 0 <= p < c->receive.capacity ==> ring[p] == \at(ring[p], Pre); */
    /*@ assert copied: \forall integer i; 0 <= i < count ==>
          to[i] == ring[Place(c->receive.capacity, c->receive.head, i)] &&
          0 <= Place(c->receive.capacity, c->receive.head, i) < c->receive.capacity; */
    /*@ assert before: \forall integer i; 0 <= i < count ==>
          to[i] == \at(ring[Place(c->receive.capacity, c->receive.head, i)], Pre); */
    /*@ assert true_byte: \forall integer i; 0 <= i < count &&
          Truth{Pre}(ring, c->receive.capacity, c->receive.head, i, c->receive.received - c->receive.used) ==>
          to[i] == PeerByte((c->receive.received - c->receive.used) + i); */
    /*@ assert delivered: Holds{Pre}(ring, c->receive.capacity, c->receive.head, c->receive.used,
          c->receive.received - c->receive.used) ==> Honest(to, count, c->receive.received - c->receive.used); */
    (void)sq_consume(c, count);
    /*@ assert still: \forall integer p; 0 <= p < c->receive.capacity ==> ring[p] == \at(ring[p], Pre); */
    /*@ assert moved: \forall integer i; 0 <= i < c->receive.capacity - count ==>
          Place(c->receive.capacity, c->receive.head, i) ==
          Place(\at(c->receive.capacity, Pre), \at(c->receive.head, Pre), count + i); */
    /*@ assert inside: \forall integer i; 0 <= i && Arrived(c->reassembly, c->receive.used, i) ==>
          i < c->receive.capacity - count; */
    /*@ assert arrived: \forall integer i; Arrived(c->reassembly, c->receive.used, i) ==>
          Arrived(\at(c->reassembly, Pre), \at(c->receive.used, Pre), count + i); */
    /*@ assert place: \forall integer i; 0 <= i < c->receive.capacity - count ==>
          0 <= Place(c->receive.capacity, c->receive.head, i) < c->receive.capacity; */
    /*@ assert truth: \forall integer i; 0 <= i < c->receive.capacity - count &&
          Truth{Pre}(ring, \at(c->receive.capacity, Pre), \at(c->receive.head, Pre), count + i,
            \at(c->receive.received - c->receive.used, Pre)) ==>
          Truth(ring, c->receive.capacity, c->receive.head, i, c->receive.received - c->receive.used); */
    return count;
}

uint32_t sq_write(struct sq_conn *c, uint8_t *ring, const uint8_t *from, uint32_t n, uint64_t now)
{
    struct sq_slices room = sq_writable(c);
    uint32_t count = n < room.len + room.len2 ? n : room.len + room.len2;
    if (count == 0u) {
        return 0u;
    }
    sq_ring_put(ring, c->send.capacity, c->send.head, c->send.queued, from, count);
    (void)sq_commit(c, count, now);
    return count;
}
