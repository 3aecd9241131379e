/* SPDX-License-Identifier: MIT */
/* The byte streams: the input door with the copy of its text, and the copying forms of SEND and RECEIVE. Byte k that the
   user reads is byte k that the peer sent (T6). Those who want no copy use the doors beneath: sq_input_segment,
   sq_writable and sq_commit, sq_readable and sq_consume. RFC 9293 3.10.2, 3.10.3, 3.10.7.4 */
#ifndef SQ_STREAM_H
#define SQ_STREAM_H

#include "input.h"
#include "user.h"

#include "../spec/integrity.acsl"

/* A segment arrived: what sq_input_segment does, and its text copied into the receive ring. Returns an enum sq_verdict.
   ring: the memory of c's receive ring, its capacity in bytes, which nothing else here overlaps. text: info->len bytes. */
/*@ requires block: \valid(c) && \valid_read(h) && \valid_read(info) && \separated(c, h, info);
    requires valid: ConnectionValid(*c);
    requires segment: info->len <= SQ_TEXT_MAX && h->window <= 65535 && h->mss <= 65535 && h->shift <= 255 && h->urgent <= 65535;
    requires ring: \valid(ring + (0 .. c->receive.capacity - 1));
    requires text: \valid_read(text + (0 .. info->len - 1));
    requires apart: \separated(ring + (0 .. c->receive.capacity - 1), text + (0 .. info->len - 1));
    terminates \true;
    assigns *c, ring[0 .. \old(c->receive.capacity) - 1];
    ensures valid: ConnectionValid(*c);
    ensures path: StatePath(\old(c->state), c->state);
    ensures bounded: Owed(c->owed) <= \old(Owed(c->owed)) + 1;
    ensures unread: c->receive.used >= \old(c->receive.used) &&
      c->receive.received - \old(c->receive.received) == c->receive.used - \old(c->receive.used) &&
      c->receive.head == \old(c->receive.head) && c->receive.capacity == \old(c->receive.capacity);
    ensures clock: c->now == \max(\old(c->now), \min(info->now, SQ_TIME_MAX));
    ensures opens: \old(c->state) == SQ_LISTEN && (h->flags & SQ_RST) == 0 && (h->flags & SQ_ACK) == 0 && (h->flags & SQ_SYN) != 0 ==>
      c->state == SQ_SYN_RECEIVED && c->receive.nxt == SeqAdd(h->seq, 1) && c->send.iss == info->iss;
    ensures taken: !Spent(\old(*c)) && Passes(\old(*c), h->seq, info->len, h->flags) && Counts(\old(*c), h->ack) &&
      \old(c->receive.rx) == SQ_RX_OPEN && TextFirst(\old(c->receive.nxt), h->seq) == 0 ==>
      c->receive.used >= \old(c->receive.used) + TextCount(\old(c->receive.nxt), \old(c->receive.wnd), h->seq, info->len) &&
      \result == SQ_SEGMENT_ACCEPTED;
    ensures copied: !Spent(\old(*c)) && Passes(\old(*c), h->seq, info->len, h->flags) && Counts(\old(*c), h->ack) &&
      \old(c->receive.rx) == SQ_RX_OPEN && TextFirst(\old(c->receive.nxt), h->seq) == 0 ==>
      \forall integer i; 0 <= i < TextCount(\old(c->receive.nxt), \old(c->receive.wnd), h->seq, info->len) ==>
        ring[Place(c->receive.capacity, c->receive.head, \old(c->receive.used) + i)] ==
        \old(text[TextOld(c->receive.nxt, h->seq, info->len) + i]);
    ensures unread_kept: \forall integer i; 0 <= i < \old(c->receive.used) ==>
      ring[Place(c->receive.capacity, c->receive.head, i)] == \old(ring[Place(c->receive.capacity, c->receive.head, i)]);
    ensures integrity:
      Held{Pre}(ring, \old(c->receive.capacity), \old(c->receive.head), \old(c->receive.used), \old(c->reassembly),
        \old(c->receive.received) - \old(c->receive.used)) &&
      Honest{Pre}(text, info->len, TextPosition(\old(c->receive), TextSeq(h->flags, h->seq), info->len)) ==>
      Held(ring, c->receive.capacity, c->receive.head, c->receive.used, c->reassembly, c->receive.received - c->receive.used); */
uint32_t sq_input(struct sq_conn *c, uint8_t *ring, const struct sq_header *h, const uint8_t *text,
                  const struct sq_segment_info *info);

/* RECEIVE with a copy: up to n unread bytes to `to`; returns how many. RFC 9293 3.10.3 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    requires ring: \valid_read(ring + (0 .. c->receive.capacity - 1));
    requires memory: \valid(to + (0 .. n - 1));
    requires apart: \separated(ring + (0 .. c->receive.capacity - 1), to + (0 .. n - 1));
    terminates \true;
    assigns c->receive.head, c->receive.used, c->owed.ack, to[0 .. n - 1];
    ensures valid: ConnectionValid(*c);
    ensures count: \result == \min(n, \old(c->receive.used)) && c->receive.used == \old(c->receive.used) - \result;
    ensures copied: \forall integer i; 0 <= i < \result ==>
      to[i] == ring[Place(c->receive.capacity, \old(c->receive.head), i)];
    ensures integrity:
      Holds{Pre}(ring, \old(c->receive.capacity), \old(c->receive.head), \old(c->receive.used),
        \old(c->receive.received) - \old(c->receive.used)) ==>
      Honest(to, \result, \old(c->receive.received) - \old(c->receive.used));
    ensures held:
      Held{Pre}(ring, \old(c->receive.capacity), \old(c->receive.head), \old(c->receive.used), \old(c->reassembly),
        \old(c->receive.received) - \old(c->receive.used)) ==>
      Held(ring, c->receive.capacity, c->receive.head, c->receive.used, c->reassembly, c->receive.received - c->receive.used); */
uint32_t sq_read(struct sq_conn *c, const uint8_t *ring, uint8_t *to, uint32_t n);

/* SEND with a copy: up to n bytes at `from` into the send ring; returns how many fitted, 0 when SEND is not possible.
   RFC 9293 3.10.2 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    requires ring: \valid(ring + (0 .. c->send.capacity - 1));
    requires memory: \valid_read(from + (0 .. n - 1));
    requires apart: \separated(ring + (0 .. c->send.capacity - 1), from + (0 .. n - 1));
    terminates \true;
    assigns c->now, c->send.queued, c->times.persist, c->congestion.cwnd, ring[0 .. \old(c->send.capacity) - 1];
    ensures valid: ConnectionValid(*c);
    ensures count: Accepting(\old(c->send)) ==> \result == \min(n, \old(c->send.capacity - c->send.queued));
    ensures none: !Accepting(\old(c->send)) ==> \result == 0;
    ensures queued: c->send.queued == \old(c->send.queued) + \result;
    ensures copied: \forall integer i; 0 <= i < \result ==>
      ring[Place(c->send.capacity, c->send.head, \old(c->send.queued) + i)] == \old(from[i]);
    ensures kept: \forall integer i; 0 <= i < \old(c->send.queued) ==>
      ring[Place(c->send.capacity, c->send.head, i)] == \old(ring[Place(c->send.capacity, c->send.head, i)]); */
uint32_t sq_write(struct sq_conn *c, uint8_t *ring, const uint8_t *from, uint32_t n, uint64_t now);

#endif
