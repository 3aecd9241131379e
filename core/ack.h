/* SPDX-License-Identifier: MIT */
/* SEG.ACK and SEG.WND: what they free, measure, open and end. RFC 9293 3.10.7.4 fifth */
#ifndef SQ_ACK_PHASE_H
#define SQ_ACK_PHASE_H

#include "acceptability.h"
#include "congestion.h"
#include "connection.h"
#include "owed.h"
#include "send.h"
#include "state.h"

#include "../spec/input.acsl"

/* SEG.ACK; plain: 1 if the segment has neither text nor FIN. Accepted: go on to the text, unless the connection is over. RFC 9293 3.10.7.4 fifth, RFC 5961 5.2 */
/*@ requires block: \valid(c) && Ready(*c, now) && Synchronized(c->state) && wnd <= SQ_WINDOW_MAX;
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures verdict: \result == SQ_SEGMENT_ACCEPTED || \result == SQ_SEGMENT_REFUSED || \result == SQ_SEGMENT_BAD_ACK;
    ensures path: c->state == AfterAck(\old(c->state), c->send.tx) || (\old(c->state) == SQ_LAST_ACK && c->state == SQ_CLOSED);
    ensures stopped: \result != SQ_SEGMENT_ACCEPTED ==> Untouched(*c, \old(*c)) && c->times == \old(c->times);
    ensures refused: \result == SQ_SEGMENT_REFUSED ==> \old(c->state) == SQ_SYN_RECEIVED && c->owed.rst == 1 &&
      c->owed.rst_seq == ack && c->owed.rst_flags == SQ_RST;
    ensures invalid: \old(c->state) != SQ_SYN_RECEIVED &&
      AckKind(\old(c->send.una), \old(c->send.flight), \old(c->send.max_wnd), ack) == SQ_ACK_INVALID ==>
      \result == SQ_SEGMENT_BAD_ACK;
    ensures bad: \result == SQ_SEGMENT_BAD_ACK ==> NoNewReset(c->owed, \old(c->owed));
    ensures open: \result == SQ_SEGMENT_ACCEPTED && c->receive.rx == SQ_RX_OPEN ==> c->send.tx >= SQ_TX_OPEN;
    ensures accepted: AckKind(\old(c->send.una), \old(c->send.flight), \old(c->send.max_wnd), ack) == SQ_ACK_NEW ==>
      \result == SQ_SEGMENT_ACCEPTED;
    ensures syn: \old(c->state) == SQ_SYN_RECEIVED && \result == SQ_SEGMENT_ACCEPTED ==>
      c->state == (\old(c->send.closing) == 1 ? SQ_FIN_WAIT_1 : SQ_ESTABLISHED);
    ensures why: c->state == SQ_CLOSED ==> c->reason == SQ_REASON_DONE;
    ensures same_rst: \result == SQ_SEGMENT_ACCEPTED ==> c->owed.rst == \old(c->owed.rst) && c->owed.probe <= \old(c->owed.probe) &&
      c->owed.keepalive <= \old(c->owed.keepalive);
    ensures fast: plain != 0 && \old(c->state) > SQ_SYN_RECEIVED && ack == \old(c->send.una) && \old(c->send.flight) > 0 &&
      wnd == \old(c->send.wnd) && \old(c->send.probing) == 0 && FastDue(\old(c->congestion)) ==>
      c->congestion.recovering == 1 && c->flight.resend_from == 0 &&
      c->flight.resend_to >= \min(c->send.mss, c->send.flight);
    ensures alive: \result == SQ_SEGMENT_ACCEPTED && c->state != SQ_CLOSED && c->settings.keepalive == 1 ==> c->keeps == 0 &&
      c->times.keepalive == now + c->settings.keep_idle * 1000000;
    ensures counts: Counts(\old(*c), ack) <==> \result == SQ_SEGMENT_ACCEPTED;
    ensures closed: c->state == SQ_CLOSED ==> \old(c->send.tx) == SQ_TX_FIN_SENT &&
      SeqDist(\old(c->send.una), ack) == \old(c->send.flight);
    ensures new: \result == SQ_SEGMENT_ACCEPTED && 0 < SeqDist(\old(c->send.una), ack) <= \old(c->send.flight) &&
      c->state != SQ_CLOSED ==> c->send.una == ack && c->send.flight == \old(c->send.flight) - SeqDist(\old(c->send.una), ack);
    ensures aside: Aside(*c, \old(*c));
    ensures kept: c->settings == \old(c->settings) && c->now == \old(c->now) && AckKept(c->receive, \old(c->receive)) &&
      c->send.capacity == \old(c->send.capacity) && (c->reassembly == \old(c->reassembly) || c->reassembly.n == 0);
    ensures receive: c->state != SQ_CLOSED ==> c->receive == \old(c->receive) && c->reassembly == \old(c->reassembly) &&
      (\result == SQ_SEGMENT_ACCEPTED ==> c->owed == \old(c->owed)) && c->reason == \old(c->reason) && c->passive == \old(c->passive);
    ensures bounded: Owed(c->owed) <= \old(Owed(c->owed)) + (\result == SQ_SEGMENT_ACCEPTED ? 0 : 1); */
uint32_t sq_input_ack(struct sq_conn *c, uint32_t seq, uint32_t ack, uint32_t wnd, uint32_t plain,
                      uint64_t now);

#endif
