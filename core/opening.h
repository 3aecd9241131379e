/* SPDX-License-Identifier: MIT */
/* A segment in LISTEN and SYN-SENT, the states in which nothing of the peer is known yet. RFC 9293 3.10.7.2, 3.10.7.3 */
#ifndef SQ_OPENING_H
#define SQ_OPENING_H

#include "ack.h"
#include "refusal.h"
#include "text.h"

/* LISTEN: RST is ignored, an ACK refused, a SYN opens. RFC 9293 3.10.7.2 */
/*@ requires block: \valid(c) && \valid_read(h) && \separated(c, h) && ConnectionValid(*c) && c->state == SQ_LISTEN;
    requires segment: len <= SQ_TEXT_MAX && h->window <= 65535 && h->mss <= 65535 && h->shift <= 255;
    terminates \true;
    assigns c->state, c->passive, c->send, c->receive.rx, c->receive.irs, c->receive.nxt, c->receive.wnd, c->receive.shift,
      c->receive.scaled, c->flight.resend_from, c->flight.resend_to, c->congestion, c->owed.rst, c->owed.rst_flags,
      c->owed.rst_seq, c->owed.rst_ack;
    ensures valid: ConnectionValid(*c);
    ensures opens: c->state == SQ_SYN_RECEIVED ==> c->receive.nxt == SeqAdd(h->seq, 1) && c->send.iss == iss;
    ensures arrow: c->state == ((h->flags & SQ_RST) == 0 && (h->flags & SQ_ACK) == 0 && (h->flags & SQ_SYN) != 0 ?
      SQ_SYN_RECEIVED : SQ_LISTEN);
    ensures answer: c->owed.rst == ((h->flags & SQ_RST) == 0 && (h->flags & SQ_ACK) != 0 ? 1 : \old(c->owed.rst));
    ensures untouched: c->state == SQ_LISTEN ==> Untouched(*c, \old(*c));
    ensures kept: c->send.capacity == \old(c->send.capacity) && c->owed.ack == \old(c->owed.ack) && c->owed.probe == \old(c->owed.probe); */
uint32_t sq_input_listen(struct sq_conn *c, const struct sq_header *h, uint32_t len, uint32_t iss);

/* SYN-SENT: our SYN acknowledged, the peer's SYN, or both; text and FIN behind it count. RFC 9293 3.10.7.3 */
/*@ requires block: \valid(c) && \valid_read(h) && \separated(c, h) && Ready(*c, now) && c->state == SQ_SYN_SENT;
    requires segment: len <= SQ_TEXT_MAX && h->window <= 65535 && h->mss <= 65535 && h->shift <= 255;
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures opened: (c->state == SQ_ESTABLISHED || c->state == SQ_CLOSE_WAIT) <==> (h->flags & SQ_ACK) != 0 &&
      \old(c->send.flight) == 1 && h->ack == \old(SeqAdd(c->send.una, 1)) && (h->flags & SQ_RST) == 0 && (h->flags & SQ_SYN) != 0;
    ensures crossed: c->state == SQ_SYN_RECEIVED <==> (h->flags & SQ_ACK) == 0 && (h->flags & SQ_RST) == 0 && (h->flags & SQ_SYN) != 0;
    ensures reset: c->state == SQ_CLOSED <==> (h->flags & SQ_ACK) != 0 && \old(c->send.flight) == 1 &&
      h->ack == \old(SeqAdd(c->send.una, 1)) && (h->flags & SQ_RST) != 0;
    ensures answered: (h->flags & SQ_ACK) != 0 && (h->flags & SQ_RST) == 0 &&
      !(\old(c->send.flight) == 1 && SeqDist(\old(c->send.una), h->ack) == 1) ==>
      c->owed.rst == 1 && c->owed.rst_flags == SQ_RST && c->owed.rst_seq == h->ack && \result.verdict == SQ_SEGMENT_REFUSED;
    ensures path: StatePath(SQ_SYN_SENT, c->state);
    ensures refused: c->state == SQ_CLOSED ==> c->reason == SQ_REASON_REFUSED;
    ensures bounded: Owed(c->owed) <= \old(Owed(c->owed)) + 1;
    ensures count: c->receive.used >= \old(c->receive.used) &&
      c->receive.received - \old(c->receive.received) == c->receive.used - \old(c->receive.used);
    ensures ring: c->receive.capacity == \old(c->receive.capacity) && c->receive.head == \old(c->receive.head) &&
      c->send.capacity == \old(c->send.capacity);
    ensures inside: \result.at + \result.len <= c->receive.capacity && \result.skip + \result.len <= len;
    ensures fresh: \result.len > 0 ==> \result.at == \old(c->receive.used) && \result.skip == 0;
    ensures empty: \result.len == 0 ==> \result.at == 0 && \result.skip == 0;
    ensures accounted: Accounted(*c, \old(*c), \result);
    ensures aside: Aside(*c, \old(*c));
    ensures settings: c->settings == \old(c->settings) && c->now == \old(c->now); */
struct sq_taken sq_input_syn_sent(struct sq_conn *c, const struct sq_header *h, uint32_t len,
                                  uint64_t now);

#endif
