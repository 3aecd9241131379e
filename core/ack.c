/* SPDX-License-Identifier: MIT */
// wp-model: ref
#include "ack.h"

#include "flight.h"
#include "rtt.h"
#include "teardown.h"
#include "times.h"

/* What the round trip tells. A SYN that had to be sent again, as the clock that backed off tells, slows the start. RFC 6298 2, 3, 5.7; RFC 5681 3.1 */
/*@ requires block: \valid(c) && PartsValid(*c) && d <= SQ_WINDOW_MAX + 1 && now <= SQ_TIME_MAX && (sent == SQ_NEVER || sent <= now);
    terminates \true;
    assigns c->rtt, c->congestion;
    ensures valid: RttValid(c->rtt) && CongestionValid(c->congestion, c->send.mss);
    ensures sampled: sent != SQ_NEVER ==> c->rtt.measured == 1;
    ensures slowed: sent == SQ_NEVER && syn != 0 && \old(c->rtt.rto) > c->settings.rto_initial ==> c->rtt.rto == c->settings.rto_after_syn && c->congestion.cwnd == c->send.mss;
    ensures karn: sent == SQ_NEVER && syn == 0 ==> c->rtt == \old(c->rtt);
    ensures partial: \result != 0 <==> syn == 0 && Partial(\old(c->congestion), d); */
static uint32_t ack_measure(struct sq_conn *c, uint32_t d, uint64_t sent, uint32_t syn,
                            uint64_t now)
{
    if (sent != SQ_NEVER) {
        sq_rtt_sample(&c->rtt, now - sent, c->settings.rto_min, c->settings.rto_max);
    } else if (syn != 0u && c->rtt.rto > c->settings.rto_initial) {
        sq_rtt_start(&c->rtt, c->settings.rto_after_syn);
        sq_congestion_open(&c->congestion, c->send.mss, 1u);
    }
    if (syn == 0u) {
        return sq_congestion_new(&c->congestion, d, c->send.flight, c->send.mss);
    }
    return 0u;
}

/* The first n numbers in flight go again, and whatever was to go again already. RFC 6582 3.2 */
/*@ requires block: \valid(f) && FlightValid(*f) && n <= FlightLength(*f);
    terminates \true;
    assigns f->resend_from, f->resend_to;
    ensures valid: FlightValid(*f);
    ensures again: f->resend_from == 0 && f->resend_to == \max(n, \old(f->resend_to)); */
static void go_again(struct sq_flight *f, uint32_t n)
{
    sq_flight_lost(f, n > f->resend_to ? n : f->resend_to);
}

/* An ACK of nothing new, with no text, while something is in flight and the window stands still: the third in a row tells
   of a loss. RFC 5681 2, 3.2 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    terminates \true;
    assigns c->congestion, c->flight.resend_from, c->flight.resend_to;
    ensures valid: ConnectionValid(*c);
    ensures fast: FastDue(\old(c->congestion)) ==> c->flight.resend_from == 0 &&
      c->flight.resend_to >= \min(c->send.mss, c->send.flight) && c->congestion.recovering == 1;
    ensures quiet: !FastDue(\old(c->congestion)) ==> c->flight.resend_from == \old(c->flight.resend_from) &&
      c->flight.resend_to == \old(c->flight.resend_to); */
static void ack_duplicate(struct sq_conn *c)
{
    if (sq_congestion_duplicate(&c->congestion, c->send.flight, c->send.mss) != 0u) {
        go_again(&c->flight, c->send.mss < c->send.flight ? c->send.mss : c->send.flight);
    }
}

/* The peer lives: it is looked after from now. RFC 9293 3.8.4 */
/*@ requires block: \valid(c) && ConnectionValid(*c) && c->receive.rx != SQ_RX_NONE && now <= SQ_TIME_MAX;
    terminates \true;
    assigns c->keeps, c->times.keepalive;
    ensures valid: ConnectionValid(*c);
    ensures alive: c->keeps == 0;
    ensures watched: c->settings.keepalive == 1 ==> c->times.keepalive == now + c->settings.keep_idle * 1000000;
    ensures off: c->settings.keepalive == 0 ==> c->times.keepalive == SQ_NEVER; */
static void ack_alive(struct sq_conn *c, uint64_t now)
{
    c->keeps = 0u;
    c->times.keepalive = SQ_NEVER;
    if (c->settings.keepalive == 1u) {
        c->times.keepalive = now + c->settings.keep_idle * (uint64_t)1000000u;
    }
}

/* The state once our direction has moved. RFC 9293 3.10.7.4 fifth */
/*@ requires block: \valid(c) && now <= SQ_TIME_MAX;
    requires acked: c->state == SQ_LAST_ACK ==> c->send.tx != SQ_TX_FIN_ACKED;
    requires running: c->state != SQ_TIME_WAIT ==> c->times.time_wait == SQ_NEVER;
    terminates \true;
    assigns c->state, c->times.time_wait;
    ensures exact: c->state == AfterAck(\old(c->state), c->send.tx);
    ensures armed: c->state == SQ_TIME_WAIT && \old(c->state) != SQ_TIME_WAIT ==>
      c->times.time_wait == now + c->settings.time_wait;
    ensures kept: c->state == \old(c->state) || c->state != SQ_TIME_WAIT ==> c->times.time_wait == \old(c->times.time_wait); */
static void ack_state(struct sq_conn *c, uint64_t now)
{
    if (c->state == SQ_SYN_RECEIVED && c->send.tx >= SQ_TX_OPEN) {
        if (c->send.tx == SQ_TX_OPEN || c->send.tx == SQ_TX_FIN_WANTED) {
            c->state = sq_state_next(c->state, SQ_EVENT_ACK_OF_SYN, 0u);
        }
        if (c->send.tx == SQ_TX_FIN_WANTED) {
            c->state = sq_state_next(c->state, SQ_EVENT_CLOSE, 0u);
        }
    } else if (c->send.tx == SQ_TX_FIN_ACKED &&
               (c->state == SQ_FIN_WAIT_1 || c->state == SQ_CLOSING)) {
        c->state = sq_state_next(c->state, SQ_EVENT_ACK_OF_FIN, 0u);
        if (c->state == SQ_TIME_WAIT) {
            c->times.time_wait = now + c->settings.time_wait;
        }
    }
}

/* d new numbers are acknowledged: send side, flight, clocks, round trip and window each learn of it.
   RFC 9293 3.10.7.4 fifth, RFC 6298 5.2, 5.3 */
/*@ requires block: \valid(c) && Ready(*c, now) && Synchronized(c->state);
    requires part: 0 < d <= c->send.flight;
    requires open: c->state == SQ_LAST_ACK ==> d < c->send.flight;
    terminates \true;
    assigns c->state, c->send, c->flight, c->rtt, c->congestion, c->times.rexmit, c->times.user, c->times.time_wait,
      c->report.timeouts;
    ensures valid: Halfway(*c);
    ensures progress: c->report.timeouts == 0;
    ensures una: c->send.una == SeqAdd(\old(c->send.una), d) && c->send.flight == \old(c->send.flight) - d;
    ensures tx: c->send.tx == (d < \old(c->send.flight) ? \old(c->send.tx) : TxAcked(\old(c->send.tx), \old(c->send.closing)));
    ensures state: c->state == AfterAck(\old(c->state), c->send.tx);
    ensures capacity: c->send.capacity == \old(c->send.capacity); */
static void ack_new(struct sq_conn *c, uint32_t d, uint64_t now)
{
    uint64_t sent = sq_flight_sample(&c->flight, d, now);
    uint32_t syn = c->send.tx == SQ_TX_SYN_SENT;
    c->report.timeouts = 0u;
    sq_send_acked(&c->send, d);
    sq_flight_acked(&c->flight, d);
    if (ack_measure(c, d, sent, syn, now) != 0u) {
        go_again(&c->flight, c->send.mss < c->send.flight ? c->send.mss : c->send.flight);
    }
    ack_state(c, now);
    sq_times_acked(&c->times, c->send.flight, c->rtt.rto,
                   sq_give_up(c->state, c->passive, 0u, c->rtt.rto, &c->settings), now);
}

/* The window in this segment, and with it the persist timer; a window that opened sends the probe again at once, and while
   the peer answers with a window of zero nobody gives up: R2 counts behind the next few.
   RFC 9293 3.10.7.4 fifth, 3.8.6.1 MUST-36 */
/*@ requires block: \valid(c) && Halfway(*c) && now <= SQ_TIME_MAX && wnd <= SQ_WINDOW_MAX;
    terminates \true;
    assigns c->send, c->flight, c->rtt.rto, c->times.rexmit, c->times.user, c->times.persist, c->report.timeouts;
    ensures valid: ConnectionValid(*c);
    ensures heard: (c->send.probing == 1 || c->send.wnd == 0) && c->send.flight > 0 ==> c->report.timeouts == 0;
    ensures una: c->send.una == \old(c->send.una) && c->send.flight == \old(c->send.flight) && c->send.tx == \old(c->send.tx);
    ensures fresh: WindowFresh(\old(c->send.wl1), \old(c->send.wl2), seq, ack) ==> c->send.wnd == wnd;
    ensures stale: !WindowFresh(\old(c->send.wl1), \old(c->send.wl2), seq, ack) ==> c->send.wnd == \old(c->send.wnd);
    ensures answered: (c->send.probing == 1 || c->send.wnd == 0) && c->send.flight > 0 ==> c->times.user == now + c->settings.r2 + SQ_PROBES * c->rtt.rto;
    ensures again_kept: \old(c->send.probing) == 0 ==> c->flight == \old(c->flight);
    ensures capacity: c->send.capacity == \old(c->send.capacity) && c->send.acked == \old(c->send.acked) &&
      c->send.mss == \old(c->send.mss); */
static void ack_window(struct sq_conn *c, uint32_t seq, uint32_t ack, uint32_t wnd, uint64_t now)
{
    uint32_t opened = sq_send_window(&c->send, seq, ack, wnd);
    if (opened != 0u) {
        sq_flight_lost(&c->flight, c->send.flight);
        sq_rtt_restart(&c->rtt, c->settings.rto_initial, c->settings.rto_min, c->settings.rto_max);
        sq_times_acked(&c->times, c->send.flight, c->rtt.rto, c->settings.r2, now);
    } else if ((c->send.probing == 1u || c->send.wnd == 0u) && c->send.flight > 0u) {
        c->times.user = now + sq_give_up(c->state, c->passive, 1u, c->rtt.rto, &c->settings);
        c->report.timeouts = 0u;
    }
    sq_times_window(&c->times, sq_send_stalled(&c->send), c->rtt.rto, now);
}

uint32_t sq_input_ack(struct sq_conn *c, uint32_t seq, uint32_t ack, uint32_t wnd, uint32_t plain,
                      uint64_t now)
{
    uint32_t d = sq_seq_dist(c->send.una, ack);
    uint32_t kind = sq_ack_kind(c->send.una, c->send.flight, c->send.max_wnd, ack);
    if (c->state == SQ_SYN_RECEIVED && kind != SQ_ACK_NEW) {
        sq_owed_reset(&c->owed, SQ_RST, ack, 0u);
        return SQ_SEGMENT_REFUSED;
    }
    if (kind == SQ_ACK_INVALID) {
        sq_owed_challenge(&c->owed, c->settings.challenge, now);
        return SQ_SEGMENT_BAD_ACK;
    }
    ack_alive(c, now);
    if (kind == SQ_ACK_OLD) {
        return SQ_SEGMENT_ACCEPTED;
    }
    if (kind == SQ_ACK_NEW) {
        if (c->state == SQ_LAST_ACK && d == c->send.flight) {
            sq_teardown(c, sq_state_next(c->state, SQ_EVENT_ACK_OF_FIN, 0u), SQ_REASON_DONE);
            return SQ_SEGMENT_ACCEPTED;
        }
        ack_new(c, d, now);
    } else if (plain != 0u && c->send.flight > 0u && c->send.wnd == wnd && c->send.probing == 0u) {
        ack_duplicate(c);
    }
    ack_window(c, seq, ack, wnd, now);
    return SQ_SEGMENT_ACCEPTED;
}
