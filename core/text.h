/* SPDX-License-Identifier: MIT */
/* A segment's text and FIN: what of them is taken, and where the text belongs. RFC 9293 3.10.7.4 seventh, eighth */
#ifndef SQ_TEXT_H
#define SQ_TEXT_H

#include "acceptability.h"
#include "connection.h"
#include "header.h"
#include "reassembly.h"
#include "state.h"

/* What became of a segment, and which of its text belongs in the receive ring:
   text[skip .. skip + len) at offset `at` behind the ring's head. */
struct sq_taken {
    uint32_t verdict; /* enum sq_verdict */
    uint32_t skip, at, len;
};

#include "../spec/text.acsl"

/* Text, then FIN. Whatever takes sequence space is acknowledged: at once, or a little later where only text came in order
   and no ACK waits yet. RFC 9293 3.8.6.3, RFC 5681 4.2; RFC 9293 3.10.7.4 seventh, eighth */
/*@ requires block: \valid(c) && ConnectionValid(*c) && now <= SQ_TIME_MAX && c->receive.received <= SQ_STREAM_MAX;
    requires open: c->receive.rx == SQ_RX_OPEN && c->send.tx >= SQ_TX_OPEN && len <= SQ_TEXT_MAX;
    terminates \true;
    assigns c->state, c->receive, c->reassembly, c->owed.ack, c->times.time_wait, c->times.ack;
    ensures valid: ConnectionValid(*c);
    ensures state: c->state == \old(c->state) || c->state == AfterFin(\old(c->state));
    ensures fin: c->state != \old(c->state) <==> c->receive.rx == SQ_RX_FIN;
    ensures order: c->state != \old(c->state) ==> fin != 0 && c->receive.nxt == SeqAdd(SeqAdd(seq, len), 1);
    ensures edge: SeqAdd(c->receive.nxt, c->receive.wnd) == \old(SeqAdd(c->receive.nxt, c->receive.wnd));
    ensures owed: len > 0 || fin != 0 ==> Answered(*c, now);
    ensures prompt: fin != 0 || (len > 0 && (c->receive.nxt == \old(c->receive.nxt) || \old(c->reassembly.n) > 0 ||
      c->settings.delayed_ack == 0 || \old(c->times.ack) != SQ_NEVER)) ==> c->owed.ack == 1;
    ensures quiet: len == 0 && fin == 0 ==> c->owed.ack == \old(c->owed.ack) && c->times.ack == \old(c->times.ack) &&
      c->receive == \old(c->receive);
    ensures owed_more: c->owed.ack >= \old(c->owed.ack);
    ensures inorder: TextFirst(\old(c->receive.nxt), seq) == 0 ==> c->receive.used >= \old(c->receive.used) +
      TextCount(\old(c->receive.nxt), \old(c->receive.wnd), seq, len);
    ensures count: c->receive.used >= \old(c->receive.used) &&
      c->receive.received - \old(c->receive.received) == c->receive.used - \old(c->receive.used);
    ensures ring: c->receive.capacity == \old(c->receive.capacity) && c->receive.head == \old(c->receive.head);
    ensures placed: Placed(\result, \old(c->receive), seq, len);
    ensures empty: \result.len == 0 ==> \result.at == 0 && \result.skip == 0;
    ensures accounted: Accounted(*c, \old(*c), \result);
    ensures verdict: \result.verdict == SQ_SEGMENT_ACCEPTED; */
struct sq_taken sq_input_text(struct sq_conn *c, uint32_t seq, uint32_t len, uint32_t fin,
                              uint64_t now);

#endif
