/* SPDX-License-Identifier: MIT */
/* The output door: the next segment that is due, or none. The only birth of a connection's segments; poll it until
   SQ_DUE_NONE after every input, user call and expired timer. RFC 9293 3.10.2, 3.8.6; RFC 6298 5 */
#ifndef SQ_OUTPUT_H
#define SQ_OUTPUT_H

#include "congestion.h"
#include "connection.h"
#include "header.h"
#include "owed.h"
#include "receive.h"
#include "ring.h"
#include "send.h"
#include "state.h"

/* A segment to send: the caller adds ports and checksum (sq_header_emit) and the text where it stands in the send ring. */
struct sq_emit {
    uint32_t seq, ack;
    uint32_t flags;        /* SQ_SYN and the others; ack counts only with SQ_ACK */
    uint32_t window;       /* the field, 0..65535 */
    uint32_t mss;          /* MSS option, on SYN; 0: none */
    uint32_t shift;        /* window scale option, on SYN; SQ_NO_SHIFT: none */
    uint32_t urgent;       /* the urgent pointer, 1..65535; it counts only with SQ_URG */
    uint32_t len;          /* bytes of text */
    struct sq_slices text; /* where the text stands in the send ring */
};

/* What `sq_output` built. */
enum sq_due {
    SQ_DUE_NONE, /* nothing to send now */
    SQ_DUE_RST,
    SQ_DUE_SYN,    /* or SYN,ACK */
    SQ_DUE_RESEND, /* something sent before */
    SQ_DUE_DATA,   /* new text */
    SQ_DUE_FIN,
    SQ_DUE_PROBE, /* one number beyond a shut window. RFC 9293 3.8.6.1 */
    SQ_DUE_ACK,
    SQ_DUE_KEEPALIVE /* the number before SND.NXT, to a silent peer. RFC 9293 3.8.4 */
};

#include "../spec/output.acsl"

/* The next segment due, an enum sq_due. limit: the most text one segment may carry, beside the MSS (bytes, at least 1).
   Text stays in the ring until acknowledged. A segment the caller then fails to send counts as lost on the way. */
/*@ requires block: \valid(c) && \valid(e) && \separated(c, e);
    requires valid: ConnectionValid(*c) && 1 <= limit;
    terminates \true;
    assigns c->now, c->state, c->send, c->receive.wnd, c->flight, c->times, c->owed, c->congestion.last, *e;
    ensures valid: ConnectionValid(*c);
    ensures known: \result <= SQ_DUE_KEEPALIVE;
    ensures progress: \result != SQ_DUE_NONE ==> Unsaid(*c) < \old(Unsaid(*c));
    ensures quiet: \result == SQ_DUE_NONE ==> c->send == \old(c->send) && c->flight == \old(c->flight) &&
      c->times == \old(c->times) && c->receive == \old(c->receive) && c->state == \old(c->state) && Owed(c->owed) == 0 &&
      c->send.tx != SQ_TX_SYN_WANTED;
    ensures marked: \result == SQ_DUE_DATA || (\result == SQ_DUE_RESEND && e->len > 0) ==>
      Marked(*e, c->urgent.send_up, c->send.acked, \result == SQ_DUE_DATA ? \old(c->send.sent) : \old(c->flight.resend_from),
        c->send.queued);
    ensures never_idle: \result == SQ_DUE_NONE && Waiting(c->send.tx, c->send.sent, c->send.queued) && c->send.flight == 0 ==>
      c->times.persist != SQ_NEVER;
    ensures sent_all: \result == SQ_DUE_NONE && MaySend(c->send.tx) && c->flight.resend_from == c->flight.resend_to ==>
      HeldBack(c->send, CongestionWindow(c->congestion, c->send.mss), c->settings.nodelay) ||
      SendReady(c->send, CongestionWindow(c->congestion, c->send.mss)) == 0;
    ensures paced: \result == SQ_DUE_NONE && c->flight.resend_from < c->flight.resend_to ==>
      c->flight.resend_from >= c->congestion.cwnd;
    ensures data: \result == SQ_DUE_DATA ==> e->seq == \old(SeqAdd(c->send.una, c->send.flight)) && 0 < e->len <= limit &&
      e->len <= c->send.mss && TextOf(e->text, c->send, \old(c->send.sent), e->len) &&
      c->send.sent == \old(c->send.sent) + e->len;
    ensures window: \result == SQ_DUE_DATA || \result == SQ_DUE_FIN ==> c->send.flight <= c->send.wnd;
    ensures probe: \result == SQ_DUE_PROBE ==> \old(c->send.flight) == 0 && c->send.wnd == 0 && c->send.flight == 1 &&
      e->seq == c->send.una;
    ensures resend: \result == SQ_DUE_RESEND ==> e->seq == \old(SeqAdd(c->send.una, c->flight.resend_from)) &&
      c->send == \old(c->send) && e->len <= limit &&
      (e->len > 0 ==> TextOf(e->text, c->send, \old(c->flight.resend_from), e->len));
    ensures fin: \result == SQ_DUE_FIN ==> e->seq == \old(SeqAdd(c->send.una, c->send.flight)) && e->len == 0 &&
      e->flags == SQ_FIN + SQ_ACK && c->send.tx == SQ_TX_FIN_SENT;
    ensures syn: \result == SQ_DUE_SYN ==> e->seq == c->send.iss && e->len == 0 && e->mss == c->receive.mss &&
      e->flags == (c->state == SQ_SYN_SENT ? SQ_SYN : SQ_SYN + SQ_ACK);
    ensures pure_ack: \result == SQ_DUE_ACK ==> e->seq == SeqAdd(c->send.una, c->send.flight) && e->flags == SQ_ACK &&
      e->len == 0 && c->send == \old(c->send) && c->flight == \old(c->flight) && \old(c->owed.ack) == 1;
    ensures keepalive: \result == SQ_DUE_KEEPALIVE ==> e->seq == SeqAdd(c->send.una, 0xffffffff) && e->flags == SQ_ACK &&
      e->len == 0 && c->send == \old(c->send) && c->send.flight == 0 && \old(c->owed.keepalive) == 1;
    ensures rst: \result == SQ_DUE_RST ==> e->seq == \old(c->owed.rst_seq) && e->ack == \old(c->owed.rst_ack) &&
      e->flags == \old(c->owed.rst_flags) && e->len == 0 && \old(c->owed.rst) == 1 && c->owed.rst == 0 &&
      c->owed.rst_flags == 0 && c->owed.rst_seq == 0 && c->owed.rst_ack == 0;
    ensures acks: \result >= SQ_DUE_DATA ==> Acks(*e, c->receive) && c->owed.ack == 0;
    ensures edge: c->receive.wnd >= \old(c->receive.wnd);
    ensures una: c->send.una == \old(c->send.una) && c->send.queued == \old(c->send.queued) && c->send.iss == \old(c->send.iss);
    ensures state: c->state == (\result != SQ_DUE_NONE && c->send.tx == SQ_TX_FIN_SENT ?
      NextState(\old(c->state), SQ_EVENT_FIN_SENT, 0) : \old(c->state));
    ensures clock: c->now == \max(\old(c->now), \min(now, SQ_TIME_MAX)); */
uint32_t sq_output(struct sq_conn *c, struct sq_emit *e, uint32_t limit, uint64_t now);

#endif
