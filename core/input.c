/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* The input coordinator: RFC 9293 3.10.7, one phase for each step that does something. A phase takes the connection,
   keeps what makes it valid, and states what it changes; the door only dispatches. */
#include "input.h"

#include "congestion.h"
#include "flight.h"
#include "receive.h"
#include "rtt.h"
#include "teardown.h"
#include "times.h"

/*@ // Everything is in place but the window of this segment, and with it the persist timer.
    predicate Halfway(struct sq_conn c) = PartsValid(c) && Tied(c) && TimesArmed(c);
    // The states an acknowledgment of d numbers leads to: the SYN, a CLOSE that waited for it, the FIN.
    logic integer AfterAck(integer state, integer tx) =
      state == SQ_SYN_RECEIVED ? (tx == SQ_TX_OPEN ? SQ_ESTABLISHED : tx == SQ_TX_FIN_WANTED ? SQ_FIN_WAIT_1 : state) :
      state == SQ_FIN_WAIT_1 && tx == SQ_TX_FIN_ACKED ? SQ_FIN_WAIT_2 :
      state == SQ_CLOSING && tx == SQ_TX_FIN_ACKED ? SQ_TIME_WAIT : state;
    logic integer AfterFin(integer state) = NextState(state, SQ_EVENT_FIN, 0);
    logic integer R2(integer state, integer passive, struct sq_settings s) =
      state == SQ_SYN_RECEIVED && passive == 1 ? s.half_open :
      state == SQ_SYN_SENT || state == SQ_SYN_RECEIVED ? s.r2_syn : s.r2;
    logic integer LateAnswer(integer was, integer wnd, integer len, integer fin) =
      fin != 0 && was != SQ_CLOSING ? 1 : len > 0 && (wnd == 0 || was == SQ_TIME_WAIT) ? 1 : 0;
    // An acknowledgment may do all this to the two directions.
    predicate AckKept(struct sq_receive r, struct sq_receive before) =
      r.used == before.used && r.capacity == before.capacity && r.head == before.head && r.received == before.received;
*/

/* How long without an acknowledgment until we give up. RFC 9293 3.8.3 */
/*@ requires settings: \valid_read(s);
    terminates \true;
    assigns \nothing;
    ensures exact: \result == R2(state, passive, *s); */
static uint32_t give_up(uint32_t state, uint32_t passive, const struct sq_settings *s)
{
    if (state == SQ_SYN_RECEIVED && passive == 1u) {
        return s->half_open;
    }
    return state == SQ_SYN_SENT || state == SQ_SYN_RECEIVED ? s->r2_syn : s->r2;
}

struct sq_reset sq_refusal(uint32_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
    struct sq_reset r = {0u, 0u, 0u, 0u};
    if ((flags & SQ_RST) != 0u) {
        return r;
    }
    r.due = 1u;
    if ((flags & SQ_ACK) != 0u) {
        r.flags = SQ_RST;
        r.seq = ack;
    } else {
        r.flags = SQ_RST + SQ_ACK;
        r.ack = sq_seq_add(seq, len + ((flags & SQ_SYN) != 0u ? 1u : 0u) +
                                    ((flags & SQ_FIN) != 0u ? 1u : 0u));
    }
    return r;
}

/* Nothing here waits for this segment. RFC 9293 3.10.7.1, 3.10.7.2 second, 3.10.7.3 first */
/*@ requires block: \valid(o) && OwedValid(*o) && len <= SQ_TEXT_MAX;
    terminates \true;
    assigns o->rst, o->rst_flags, o->rst_seq, o->rst_ack;
    ensures valid: OwedValid(*o) && o->ack == \old(o->ack) && o->probe == \old(o->probe);
    ensures silent: (flags & SQ_RST) != 0 ==> *o == \old(*o) && \result == SQ_SEGMENT_IGNORED;
    ensures answered: (flags & SQ_RST) == 0 ==> o->rst == 1 && \result == SQ_SEGMENT_REFUSED;
    ensures known: (flags & SQ_RST) == 0 && (flags & SQ_ACK) != 0 ==> o->rst_flags == SQ_RST && o->rst_seq == ack; */
static uint32_t refuse(struct sq_owed *o, uint32_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
    struct sq_reset r = sq_refusal(flags, seq, ack, len);
    if (r.due == 0u) {
        return SQ_SEGMENT_IGNORED;
    }
    sq_owed_reset(o, r.flags, r.seq, r.ack);
    return SQ_SEGMENT_REFUSED;
}

/* ======== first to fourth: what ends here ======== */

/* Outside the window. A segment that takes sequence space is answered at once, for its sender may have missed our ACK;
   anything else within the throttle. The peer's FIN again in TIME-WAIT restarts 2 MSL. RFC 9293 3.10.7.4 first, 3.6.1 */
/*@ requires block: \valid(c) && Ready(*c, now) && Synchronized(c->state) && len <= SQ_TEXT_MAX;
    terminates \true;
    assigns c->owed.ack, c->owed.quiet, c->times.time_wait;
    ensures valid: ConnectionValid(*c);
    ensures answered: len > 0 && (flags & SQ_SYN) == 0 ==> c->owed.ack == 1;
    ensures again: c->state == SQ_TIME_WAIT && (flags & SQ_FIN) != 0 && c->receive.nxt == SeqAdd(seq, SegmentLength(flags, len)) ==>
      c->times.time_wait == now + c->settings.time_wait; */
static void unacceptable(struct sq_conn *c, uint32_t seq, uint32_t len, uint32_t flags,
                         uint64_t now)
{
    uint32_t fin = (flags & SQ_FIN) != 0u, syn = (flags & SQ_SYN) != 0u;
    if (c->state == SQ_TIME_WAIT && fin != 0u &&
        c->receive.nxt == sq_seq_add(seq, len + syn + fin)) {
        c->times.time_wait = now + c->settings.time_wait;
    }
    if (len + fin > 0u && syn == 0u) {
        c->owed.ack = 1u;
    } else {
        sq_owed_challenge(&c->owed, c->settings.challenge, now);
    }
}

/* A SYN in the window: half-open passive connections go back, all others challenge. RFC 9293 3.10.7.4 fourth, RFC 5961 4.2
   A RST elsewhere in the window than at RCV.NXT: challenge. RFC 5961 3.2 */
/*@ requires block: \valid(c) && Ready(*c, now) && Synchronized(c->state);
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures back: \old(c->state) == SQ_SYN_RECEIVED && \old(c->passive) == 1 && rst == 0 ==> c->state == SQ_LISTEN;
    ensures else: !(\old(c->state) == SQ_SYN_RECEIVED && \old(c->passive) == 1 && rst == 0) ==>
      Untouched(*c, \old(*c)) && c->times == \old(c->times) && c->now == \old(c->now);
    ensures owed: NoNewReset(c->owed, \old(c->owed)) || (c->state == SQ_LISTEN && c->owed.rst == \old(c->owed.rst));
    ensures bounded: Owed(c->owed) <= \old(Owed(c->owed)) + 1;
    ensures kept: c->settings == \old(c->settings) && c->now == \old(c->now) && c->send.capacity == \old(c->send.capacity) &&
      AckKept(c->receive, \old(c->receive)) && (c->reassembly == \old(c->reassembly) || c->reassembly.n == 0); */
static void challenge(struct sq_conn *c, uint32_t rst, uint64_t now)
{
    if (c->state == SQ_SYN_RECEIVED && c->passive == 1u && rst == 0u) {
        sq_teardown(c, SQ_LISTEN, SQ_REASON_NONE);
        return;
    }
    sq_owed_challenge(&c->owed, c->settings.challenge, now);
}

/* A RST at RCV.NXT counts. RFC 9293 3.10.7.4 second; in TIME-WAIT RFC 1337 3 */
/*@ requires block: \valid(c) && Ready(*c, now) && Synchronized(c->state);
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures ignored: \old(c->state) == SQ_TIME_WAIT && c->settings.tw_ignore_rst == 1 ==> *c == \old(*c) && \result == SQ_SEGMENT_IGNORED;
    ensures counts: !(\old(c->state) == SQ_TIME_WAIT && c->settings.tw_ignore_rst == 1) ==> \result == SQ_SEGMENT_RESET &&
      c->state == NextState(\old(c->state), SQ_EVENT_RST, \old(c->passive));
    ensures bounded: Owed(c->owed) <= \old(Owed(c->owed));
    ensures why: \result == SQ_SEGMENT_RESET ==> c->reason == (c->state == SQ_LISTEN ? SQ_REASON_NONE :
      \old(c->state) == SQ_SYN_RECEIVED ? SQ_REASON_REFUSED : SQ_REASON_RESET);
    ensures kept: c->settings == \old(c->settings) && c->now == \old(c->now) && c->send.capacity == \old(c->send.capacity) &&
      AckKept(c->receive, \old(c->receive)) && (c->reassembly == \old(c->reassembly) || c->reassembly.n == 0); */
static uint32_t reset(struct sq_conn *c, uint64_t now)
{
    uint32_t next = sq_state_next(c->state, SQ_EVENT_RST, c->passive);
    uint32_t why = c->state == SQ_SYN_RECEIVED ? SQ_REASON_REFUSED : SQ_REASON_RESET;
    (void)now;
    if (c->state == SQ_TIME_WAIT && c->settings.tw_ignore_rst == 1u) {
        return SQ_SEGMENT_IGNORED;
    }
    sq_teardown(c, next, next == SQ_LISTEN ? SQ_REASON_NONE : why);
    return SQ_SEGMENT_RESET;
}

/* ======== fifth: the ACK ======== */

/* What the round trip tells. A SYN that had to be sent again slows the start. RFC 6298 2, 3, 5.7; RFC 5681 3.1 */
/*@ requires block: \valid(c) && PartsValid(*c) && now <= SQ_TIME_MAX && (sent == SQ_NEVER || sent <= now);
    terminates \true;
    assigns c->rtt, c->congestion;
    ensures valid: RttValid(c->rtt) && CongestionValid(c->congestion, c->send.mss);
    ensures sampled: sent != SQ_NEVER ==> c->rtt.measured == 1;
    ensures slowed: sent == SQ_NEVER && syn != 0 ==> c->rtt.rto == c->settings.rto_after_syn && c->congestion.cwnd == c->send.mss;
    ensures karn: sent == SQ_NEVER && syn == 0 ==> c->rtt == \old(c->rtt); */
static void ack_measure(struct sq_conn *c, uint32_t d, uint64_t sent, uint32_t syn, uint64_t now)
{
    if (sent != SQ_NEVER) {
        sq_rtt_sample(&c->rtt, now - sent, c->settings.rto_min, c->settings.rto_max);
    } else if (syn != 0u) {
        sq_rtt_start(&c->rtt, c->settings.rto_after_syn);
        sq_congestion_open(&c->congestion, c->send.mss, 1u);
    }
    if (syn == 0u && d <= SQ_WINDOW_MAX) {
        sq_congestion_acked(&c->congestion, d, c->send.mss);
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
    assigns c->state, c->send, c->flight, c->rtt, c->congestion, c->times;
    ensures valid: Halfway(*c);
    ensures una: c->send.una == SeqAdd(\old(c->send.una), d) && c->send.flight == \old(c->send.flight) - d;
    ensures tx: c->send.tx == (d < \old(c->send.flight) ? \old(c->send.tx) : TxAcked(\old(c->send.tx), \old(c->send.closing)));
    ensures state: c->state == AfterAck(\old(c->state), c->send.tx);
    ensures capacity: c->send.capacity == \old(c->send.capacity); */
static void ack_new(struct sq_conn *c, uint32_t d, uint64_t now)
{
    uint64_t sent = sq_flight_sample(&c->flight, d, now);
    uint32_t syn = c->send.tx == SQ_TX_SYN_SENT;
    sq_send_acked(&c->send, d);
    sq_flight_acked(&c->flight, d);
    ack_measure(c, d, sent, syn, now);
    ack_state(c, now);
    sq_times_acked(&c->times, c->send.flight, c->rtt.rto,
                   give_up(c->state, c->passive, &c->settings), now);
}

/* The window in this segment, and with it the persist timer; a window that opened sends the probe again at once, and while
   the peer answers probes nobody gives up: R2 counts behind the next few.
   RFC 9293 3.10.7.4 fifth, 3.8.6.1 MUST-36 */
/*@ requires block: \valid(c) && Halfway(*c) && now <= SQ_TIME_MAX && wnd <= SQ_WINDOW_MAX;
    terminates \true;
    assigns c->send, c->flight, c->rtt.rto, c->times.rexmit, c->times.user, c->times.persist;
    ensures valid: ConnectionValid(*c);
    ensures una: c->send.una == \old(c->send.una) && c->send.flight == \old(c->send.flight) && c->send.tx == \old(c->send.tx);
    ensures fresh: WindowFresh(\old(c->send.wl1), \old(c->send.wl2), seq, ack) ==> c->send.wnd == wnd;
    ensures stale: !WindowFresh(\old(c->send.wl1), \old(c->send.wl2), seq, ack) ==> c->send.wnd == \old(c->send.wnd);
    ensures answered: c->send.probing == 1 && c->send.flight > 0 ==> c->times.user == now + c->settings.r2 + SQ_PROBES * c->rtt.rto;
    ensures capacity: c->send.capacity == \old(c->send.capacity) && c->send.acked == \old(c->send.acked); */
static void ack_window(struct sq_conn *c, uint32_t seq, uint32_t ack, uint32_t wnd, uint64_t now)
{
    uint32_t opened = sq_send_window(&c->send, seq, ack, wnd);
    uint32_t waiting = (c->send.tx == SQ_TX_OPEN && c->send.sent < c->send.queued) ||
                       c->send.tx == SQ_TX_FIN_WANTED;
    uint32_t shut = c->send.flight == 0u && c->send.wnd == 0u && waiting;
    if (opened != 0u) {
        sq_flight_lost(&c->flight, c->send.flight);
        sq_rtt_restart(&c->rtt, c->settings.rto_initial, c->settings.rto_min, c->settings.rto_max);
        sq_times_acked(&c->times, c->send.flight, c->rtt.rto, c->settings.r2, now);
    } else if (c->send.probing == 1u && c->send.flight > 0u) {
        c->times.user = now + c->settings.r2 + SQ_PROBES * (uint64_t)c->rtt.rto;
    }
    sq_times_window(&c->times, shut, c->rtt.rto, now);
}

/* SEG.ACK. Accepted: go on to the text, unless the connection is over. RFC 9293 3.10.7.4 fifth, RFC 5961 5.2 */
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
    ensures same_rst: \result == SQ_SEGMENT_ACCEPTED ==> c->owed.rst == \old(c->owed.rst) && c->owed.probe <= \old(c->owed.probe);
    ensures counts: Counts(\old(*c), ack) <==> \result == SQ_SEGMENT_ACCEPTED;
    ensures closed: c->state == SQ_CLOSED ==> \old(c->send.tx) == SQ_TX_FIN_SENT &&
      SeqDist(\old(c->send.una), ack) == \old(c->send.flight);
    ensures new: \result == SQ_SEGMENT_ACCEPTED && 0 < SeqDist(\old(c->send.una), ack) <= \old(c->send.flight) &&
      c->state != SQ_CLOSED ==> c->send.una == ack && c->send.flight == \old(c->send.flight) - SeqDist(\old(c->send.una), ack);
    ensures kept: c->settings == \old(c->settings) && c->now == \old(c->now) && AckKept(c->receive, \old(c->receive)) &&
      c->send.capacity == \old(c->send.capacity) && (c->reassembly == \old(c->reassembly) || c->reassembly.n == 0);
    ensures receive: c->state != SQ_CLOSED ==> c->receive == \old(c->receive) && c->reassembly == \old(c->reassembly) &&
      (\result == SQ_SEGMENT_ACCEPTED ==> c->owed == \old(c->owed)) && c->reason == \old(c->reason) && c->passive == \old(c->passive);
    ensures bounded: Owed(c->owed) <= \old(Owed(c->owed)) + (\result == SQ_SEGMENT_ACCEPTED ? 0 : 1); */
static uint32_t input_ack(struct sq_conn *c, uint32_t seq, uint32_t ack, uint32_t wnd, uint64_t now)
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
    if (kind == SQ_ACK_OLD) {
        return SQ_SEGMENT_ACCEPTED;
    }
    if (kind == SQ_ACK_NEW) {
        if (c->state == SQ_LAST_ACK && d == c->send.flight) {
            sq_teardown(c, sq_state_next(c->state, SQ_EVENT_ACK_OF_FIN, 0u), SQ_REASON_DONE);
            return SQ_SEGMENT_ACCEPTED;
        }
        ack_new(c, d, now);
    }
    ack_window(c, seq, ack, wnd, now);
    return SQ_SEGMENT_ACCEPTED;
}

/* ======== seventh and eighth: text and FIN ======== */

/* Text in the window: at RCV.NXT it is taken, beyond a gap it is remembered if a range is free. What belongs in the ring is
   told. RFC 9293 3.10.7.4 seventh */
/*@ requires block: \valid(c) && ConnectionValid(*c) && c->receive.rx == SQ_RX_OPEN && c->receive.received <= SQ_STREAM_MAX;
    requires inside: first + count <= c->receive.wnd && count > 0;
    terminates \true;
    assigns c->receive.nxt, c->receive.wnd, c->receive.used, c->receive.received, c->reassembly;
    ensures valid: ConnectionValid(*c);
    ensures edge: SeqAdd(c->receive.nxt, c->receive.wnd) == \old(SeqAdd(c->receive.nxt, c->receive.wnd));
    ensures count: c->receive.received - \old(c->receive.received) == c->receive.used - \old(c->receive.used);
    ensures nxt: c->receive.nxt == SeqAdd(\old(c->receive.nxt), c->receive.used - \old(c->receive.used));
    ensures inorder: first == 0 ==> c->receive.used >= \old(c->receive.used) + count && \result == count;
    ensures gap: first > 0 ==> c->receive == \old(c->receive) && (\result == count || \result == 0);
    ensures full: \result == 0 ==> c->reassembly == \old(c->reassembly) && \old(c->reassembly.n) == SQ_RANGES;
    ensures unread: \forall integer i; \old(c->receive.used) <= i < c->receive.used ==>
      Arrived(\old(c->reassembly), \old(c->receive.used), i) || (first == 0 && i < \old(c->receive.used) + \result);
    ensures beyond: \forall integer i; Arrived(c->reassembly, c->receive.used, i) ==>
      Arrived(\old(c->reassembly), \old(c->receive.used), i) ||
      \old(c->receive.used) + first <= i < \old(c->receive.used) + first + \result; */
static uint32_t take_text(struct sq_conn *c, uint32_t first, uint32_t count)
{
    if (first == 0u) {
        uint32_t moved = sq_reassembly_front(&c->reassembly, count, c->receive.wnd);
        sq_receive_bytes(&c->receive, moved);
        return count;
    }
    if (sq_reassembly_insert(&c->reassembly, first, first + count, c->receive.wnd) == 0u) {
        return 0u;
    }
    return count;
}

/* The peer's FIN is next in order and inside the window; nothing can follow it. RFC 9293 3.10.7.4 eighth */
/*@ requires block: \valid(c) && ConnectionValid(*c) && now <= SQ_TIME_MAX;
    requires open: c->receive.rx == SQ_RX_OPEN && c->send.tx >= SQ_TX_OPEN && c->receive.wnd > 0;
    terminates \true;
    assigns c->state, c->receive.nxt, c->receive.wnd, c->receive.rx, c->reassembly, c->times.time_wait;
    ensures valid: ConnectionValid(*c);
    ensures state: c->state == AfterFin(\old(c->state)) && c->state != \old(c->state);
    ensures moved: c->receive.rx == SQ_RX_FIN && c->receive.nxt == SeqAdd(\old(c->receive.nxt), 1) &&
      c->receive.wnd == \old(c->receive.wnd) - 1 && c->reassembly.n == 0;
    ensures armed: c->state == SQ_TIME_WAIT ==> c->times.time_wait == now + c->settings.time_wait; */
static void take_fin(struct sq_conn *c, uint64_t now)
{
    sq_receive_fin(&c->receive);
    sq_reassembly_clear(&c->reassembly);
    c->state = sq_state_next(c->state, SQ_EVENT_FIN, 0u);
    if (c->state == SQ_TIME_WAIT) {
        c->times.time_wait = now + c->settings.time_wait;
    }
}

/* The text of a segment, trimmed to the window. What the caller must copy into the ring is told: everything that counts as
   arrived afterwards did so before or is part of it (T6). RFC 9293 3.10.7.4 first, seventh */
/*@ requires block: \valid(c) && ConnectionValid(*c) && c->receive.rx == SQ_RX_OPEN && c->receive.received <= SQ_STREAM_MAX;
    requires length: len <= SQ_TEXT_MAX;
    terminates \true;
    assigns c->receive.nxt, c->receive.wnd, c->receive.used, c->receive.received, c->reassembly;
    ensures valid: ConnectionValid(*c);
    ensures edge: SeqAdd(c->receive.nxt, c->receive.wnd) == \old(SeqAdd(c->receive.nxt, c->receive.wnd));
    ensures inorder: TextFirst(\old(c->receive.nxt), seq) == 0 ==> c->receive.used >= \old(c->receive.used) +
      TextCount(\old(c->receive.nxt), \old(c->receive.wnd), seq, len);
    ensures count: c->receive.used >= \old(c->receive.used) &&
      c->receive.received - \old(c->receive.received) == c->receive.used - \old(c->receive.used);
    ensures nothing: len == 0 ==> c->receive == \old(c->receive);
    ensures placed: Placed(\result, \old(c->receive), seq, len);
    ensures empty: \result.len == 0 ==> \result.at == 0 && \result.skip == 0;
    ensures accounted: Accounted(*c, \old(*c), \result);
    ensures verdict: \result.verdict == SQ_SEGMENT_ACCEPTED; */
static struct sq_taken place_text(struct sq_conn *c, uint32_t seq, uint32_t len)
{
    struct sq_taken t = {SQ_SEGMENT_ACCEPTED, 0u, 0u, 0u};
    uint32_t first = sq_text_first(c->receive.nxt, seq);
    uint32_t count = sq_text_count(c->receive.nxt, c->receive.wnd, seq, len);
    uint32_t skip = sq_text_old(c->receive.nxt, seq, len);
    uint32_t used = c->receive.used;
    if (count == 0u) {
        return t;
    }
    t.len = take_text(c, first, count);
    if (t.len == 0u) {
        return t;
    }
    t.skip = skip;
    t.at = used + first;
    return t;
}

/* Text, then FIN. Whatever takes sequence space is acknowledged. RFC 9293 3.10.7.4 seventh, eighth */
/*@ requires block: \valid(c) && ConnectionValid(*c) && now <= SQ_TIME_MAX && c->receive.received <= SQ_STREAM_MAX;
    requires open: c->receive.rx == SQ_RX_OPEN && c->send.tx >= SQ_TX_OPEN && len <= SQ_TEXT_MAX;
    terminates \true;
    assigns c->state, c->receive, c->reassembly, c->owed.ack, c->times.time_wait;
    ensures valid: ConnectionValid(*c);
    ensures state: c->state == \old(c->state) || c->state == AfterFin(\old(c->state));
    ensures fin: c->state != \old(c->state) <==> c->receive.rx == SQ_RX_FIN;
    ensures order: c->state != \old(c->state) ==> fin != 0 && c->receive.nxt == SeqAdd(SeqAdd(seq, len), 1);
    ensures edge: SeqAdd(c->receive.nxt, c->receive.wnd) == \old(SeqAdd(c->receive.nxt, c->receive.wnd));
    ensures owed: len > 0 || fin != 0 ==> c->owed.ack == 1;
    ensures quiet: len == 0 && fin == 0 ==> c->owed.ack == \old(c->owed.ack) && c->receive == \old(c->receive);
    ensures inorder: TextFirst(\old(c->receive.nxt), seq) == 0 ==> c->receive.used >= \old(c->receive.used) +
      TextCount(\old(c->receive.nxt), \old(c->receive.wnd), seq, len);
    ensures count: c->receive.used >= \old(c->receive.used) &&
      c->receive.received - \old(c->receive.received) == c->receive.used - \old(c->receive.used);
    ensures ring: c->receive.capacity == \old(c->receive.capacity) && c->receive.head == \old(c->receive.head);
    ensures placed: Placed(\result, \old(c->receive), seq, len);
    ensures empty: \result.len == 0 ==> \result.at == 0 && \result.skip == 0;
    ensures accounted: Accounted(*c, \old(*c), \result);
    ensures verdict: \result.verdict == SQ_SEGMENT_ACCEPTED; */
static struct sq_taken input_text(struct sq_conn *c, uint32_t seq, uint32_t len, uint32_t fin,
                                  uint64_t now)
{
    struct sq_taken t = place_text(c, seq, len);
    if (len > 0u || fin != 0u) {
        c->owed.ack = 1u;
    }
    if (fin != 0u && c->receive.nxt == sq_seq_add(seq, len) && c->receive.wnd > 0u) {
        take_fin(c, now);
    }
    return t;
}

/* ======== the door ======== */

/* The peer's SYN: where its numbers begin, its window, MSS and scale; ours is due, or due again with an ACK.
   RFC 9293 3.10.7.2 third, 3.10.7.3 fourth; RFC 7323 2.2 */
/*@ requires block: \valid(c) && \valid_read(h) && \separated(c, h) && ConnectionValid(*c);
    requires syn: c->state == SQ_LISTEN || c->state == SQ_SYN_SENT;
    requires segment: h->window <= 65535 && h->mss <= 65535 && h->shift <= 255;
    terminates \true;
    assigns c->state, c->passive, c->send, c->receive.rx, c->receive.irs, c->receive.nxt, c->receive.wnd, c->receive.shift,
      c->receive.scaled, c->flight.resend_from, c->flight.resend_to, c->congestion;
    ensures valid: ConnectionValid(*c);
    ensures unacked: c->send.acked == \old(c->send.acked) && c->send.closing == 0;
    ensures state: c->state == SQ_SYN_RECEIVED && c->passive == (\old(c->state) == SQ_LISTEN ? 1 : \old(c->passive));
    ensures numbers: c->receive.irs == h->seq && c->receive.nxt == SeqAdd(h->seq, 1);
    ensures iss: \old(c->state) == SQ_LISTEN ==> c->send.iss == iss && c->send.una == iss && c->send.tx == SQ_TX_SYN_WANTED;
    ensures same: \old(c->state) == SQ_SYN_SENT ==> c->send.iss == \old(c->send.iss) && c->send.una == \old(c->send.una) &&
      c->send.flight == \old(c->send.flight) && c->send.tx == \old(c->send.tx);
    ensures window: c->send.wnd == h->window && c->send.wl1 == h->seq && c->send.wl2 == c->send.una;
    ensures mss: c->send.mss == \min(c->settings.mss, h->has_mss == 0 ? SQ_MSS_DEFAULT : \max(SQ_MSS_MIN, h->mss));
    ensures scale: h->has_shift != 0 && c->settings.shift != SQ_NO_SHIFT ?
      c->send.shift == \min(h->shift, SQ_SHIFT_MAX) && c->receive.shift == c->settings.shift :
      c->send.shift == 0 && c->receive.shift == 0;
    ensures kept: c->send.capacity == \old(c->send.capacity) && c->send.queued == \old(c->send.queued); */
static void peer_syn(struct sq_conn *c, const struct sq_header *h, uint32_t iss)
{
    uint32_t offer = h->has_mss == 0u ? SQ_MSS_DEFAULT : h->mss < SQ_MSS_MIN ? SQ_MSS_MIN : h->mss;
    uint32_t mss = offer < c->settings.mss ? offer : c->settings.mss;
    uint32_t scaled = h->has_shift != 0u && c->settings.shift != SQ_NO_SHIFT;
    uint32_t shift = h->shift < SQ_SHIFT_MAX ? h->shift : SQ_SHIFT_MAX;
    if (c->state == SQ_LISTEN) {
        c->passive = 1u;
        sq_send_open(&c->send, iss);
    }
    sq_send_peer(&c->send, h->seq, h->window, mss, scaled != 0u ? shift : 0u);
    sq_receive_syn(&c->receive, h->seq, scaled != 0u ? c->settings.shift : 0u, scaled);
    sq_congestion_open(&c->congestion, mss, c->settings.initial_window);
    sq_flight_lost(&c->flight, c->send.flight);
    c->state = sq_state_next(c->state, SQ_EVENT_SYN, c->passive);
}

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
static uint32_t input_listen(struct sq_conn *c, const struct sq_header *h, uint32_t len,
                             uint32_t iss)
{
    if ((h->flags & SQ_RST) != 0u || (h->flags & SQ_ACK) != 0u) {
        return refuse(&c->owed, h->flags, h->seq, h->ack, len);
    }
    if ((h->flags & SQ_SYN) == 0u) {
        return SQ_SEGMENT_IGNORED;
    }
    peer_syn(c, h, iss);
    return SQ_SEGMENT_ACCEPTED;
}

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
    ensures settings: c->settings == \old(c->settings) && c->now == \old(c->now); */
static struct sq_taken input_syn_sent(struct sq_conn *c, const struct sq_header *h, uint32_t len,
                                      uint64_t now)
{
    struct sq_taken t = {SQ_SEGMENT_IGNORED, 0u, 0u, 0u};
    uint32_t acks = (h->flags & SQ_ACK) != 0u;
    if (acks != 0u && !(c->send.flight == 1u && sq_seq_dist(c->send.una, h->ack) == 1u)) {
        t.verdict = refuse(&c->owed, h->flags, h->seq, h->ack, len);
        return t;
    }
    if ((h->flags & SQ_RST) != 0u) {
        if (acks != 0u) {
            sq_teardown(c, SQ_CLOSED, SQ_REASON_REFUSED);
            t.verdict = SQ_SEGMENT_RESET;
        }
        return t;
    }
    if ((h->flags & SQ_SYN) == 0u) {
        return t;
    }
    peer_syn(c, h, 0u);
    t.verdict = SQ_SEGMENT_ACCEPTED;
    if (acks != 0u) {
        c->owed.ack = 1u;
        t.verdict = input_ack(c, h->seq, h->ack, h->window, now);
        if (t.verdict == SQ_SEGMENT_ACCEPTED) {
            t = input_text(c, sq_seq_add(h->seq, 1u), len, h->flags & SQ_FIN, now);
        }
    }
    return t;
}

/* 1: a segment behind the peer's FIN is answered: another FIN (CLOSING stops before it is looked at), text at a shut
   window, and in TIME-WAIT any text. Other text is ignored, no honest peer sends it. RFC 9293 3.10.7.4 first, fifth to eighth */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == LateAnswer(was, wnd, len, fin); */
static uint32_t late_answer(uint32_t was, uint32_t wnd, uint32_t len, uint32_t fin)
{
    if (fin != 0u && was != SQ_CLOSING) {
        return 1u;
    }
    return len > 0u && (wnd == 0u || was == SQ_TIME_WAIT);
}

/* The ACK, then text and FIN: what is left of a segment that passed the first four steps. RFC 9293 3.10.7.4 fifth to eighth */
/*@ requires block: \valid(c) && Ready(*c, now) && Synchronized(c->state) && wnd <= SQ_WINDOW_MAX && len <= SQ_TEXT_MAX;
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures path: StatePath(\old(c->state), c->state) && c->state != SQ_LISTEN;
    ensures bounded: Owed(c->owed) <= \old(Owed(c->owed)) + 1;
    ensures count: c->receive.used >= \old(c->receive.used) &&
      c->receive.received - \old(c->receive.received) == c->receive.used - \old(c->receive.used);
    ensures ring: c->receive.capacity == \old(c->receive.capacity) && c->receive.head == \old(c->receive.head) &&
      c->send.capacity == \old(c->send.capacity);
    ensures placed: Placed(\result, \old(c->receive), seq, len);
    ensures nothing: \result.len > 0 ==> \old(c->receive.rx) == SQ_RX_OPEN;
    ensures empty: \result.len == 0 ==> \result.at == 0 && \result.skip == 0;
    ensures accounted: Accounted(*c, \old(*c), \result);
    ensures invalid: \old(c->state) != SQ_SYN_RECEIVED &&
      AckKind(\old(c->send.una), \old(c->send.flight), \old(c->send.max_wnd), ack) == SQ_ACK_INVALID ==>
      Untouched(*c, \old(*c)) && NoNewReset(c->owed, \old(c->owed)) && \result.len == 0;
    ensures edge: c->state != SQ_CLOSED ==>
      SeqAdd(c->receive.nxt, c->receive.wnd) == \old(SeqAdd(c->receive.nxt, c->receive.wnd));
    ensures reason: c->reason == \old(c->reason) || c->reason == SQ_REASON_DONE;
    ensures counts: Counts(\old(*c), ack) ==> \result.verdict == SQ_SEGMENT_ACCEPTED;
    ensures new: AckKind(\old(c->send.una), \old(c->send.flight), \old(c->send.max_wnd), ack) == SQ_ACK_NEW && c->state != SQ_CLOSED ==>
      c->send.una == ack;
    ensures inorder: Counts(\old(*c), ack) && \old(c->receive.rx) == SQ_RX_OPEN && TextFirst(\old(c->receive.nxt), seq) == 0 ==>
      c->receive.used >= \old(c->receive.used) + TextCount(\old(c->receive.nxt), \old(c->receive.wnd), seq, len);
    ensures answered: Counts(\old(*c), ack) && \old(c->receive.rx) == SQ_RX_OPEN && (len > 0 || fin != 0) ==> c->owed.ack == 1;
    ensures late: Counts(\old(*c), ack) && \old(c->receive.rx) == SQ_RX_FIN && c->state != SQ_CLOSED &&
      LateAnswer(\old(c->state), c->receive.wnd, len, fin) == 1 ==> c->owed.ack == 1;
    ensures same_rst: AckKind(\old(c->send.una), \old(c->send.flight), \old(c->send.max_wnd), ack) == SQ_ACK_NEW ==>
      c->owed.rst == \old(c->owed.rst) && c->owed.probe <= \old(c->owed.probe);
    ensures settings: c->settings == \old(c->settings) && c->now == \old(c->now); */
static struct sq_taken input_rest(struct sq_conn *c, uint32_t seq, uint32_t ack, uint32_t wnd,
                                  uint32_t len, uint32_t fin, uint64_t now)
{
    struct sq_taken t = {SQ_SEGMENT_ACCEPTED, 0u, 0u, 0u};
    uint32_t was = c->state;
    t.verdict = input_ack(c, seq, ack, wnd, now);
    if (t.verdict != SQ_SEGMENT_ACCEPTED) {
        return t;
    }
    if (c->receive.rx == SQ_RX_OPEN) {
        return input_text(c, seq, len, fin, now);
    }
    if (c->receive.rx == SQ_RX_FIN && late_answer(was, c->receive.wnd, len, fin) == 1u) {
        c->owed.ack = 1u;
        if (was == SQ_TIME_WAIT) {
            c->times.time_wait = now + c->settings.time_wait;
        }
    }
    return t;
}

/* A segment that ends before its ACK is looked at. RFC 9293 3.10.7.4 first, second and fourth */
/*@ requires block: \valid(c) && Ready(*c, now) && Synchronized(c->state) && len <= SQ_TEXT_MAX;
    requires ends: verdict != SQ_SEGMENT_ACCEPTED && (verdict == SQ_SEGMENT_RESET ==> (flags & SQ_RST) != 0);
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures path: StatePath(\old(c->state), c->state);
    ensures bounded: Owed(c->owed) <= \old(Owed(c->owed)) + 1;
    ensures kept: AckKept(c->receive, \old(c->receive)) && c->send.capacity == \old(c->send.capacity) &&
      c->settings == \old(c->settings) && c->now == \old(c->now) && (c->reassembly == \old(c->reassembly) || c->reassembly.n == 0);
    ensures ignored: verdict == SQ_SEGMENT_IGNORED ==> *c == \old(*c);
    ensures stays: verdict == SQ_SEGMENT_UNACCEPTABLE || verdict == SQ_SEGMENT_IGNORED ||
      (verdict == SQ_SEGMENT_CHALLENGED && !(\old(c->state) == SQ_SYN_RECEIVED && \old(c->passive) == 1 && (flags & SQ_RST) == 0)) ==>
      Untouched(*c, \old(*c)) && NoNewReset(c->owed, \old(c->owed));
    ensures still: verdict == SQ_SEGMENT_CHALLENGED && (flags & SQ_RST) != 0 ==> c->times == \old(c->times);
    ensures back: verdict == SQ_SEGMENT_CHALLENGED && \old(c->state) == SQ_SYN_RECEIVED && \old(c->passive) == 1 &&
      (flags & SQ_RST) == 0 ==> c->state == SQ_LISTEN;
    ensures answered: verdict == SQ_SEGMENT_UNACCEPTABLE && len > 0 && (flags & SQ_SYN) == 0 ==> c->owed.ack == 1;
    ensures reset: verdict == SQ_SEGMENT_RESET && !(\old(c->state) == SQ_TIME_WAIT && c->settings.tw_ignore_rst == 1) ==>
      c->state == NextState(\old(c->state), SQ_EVENT_RST, \old(c->passive)) && \result == SQ_SEGMENT_RESET;
    ensures spared: verdict == SQ_SEGMENT_RESET && \old(c->state) == SQ_TIME_WAIT && c->settings.tw_ignore_rst == 1 ==>
      *c == \old(*c);
    ensures verdict: verdict != SQ_SEGMENT_RESET ==> \result == verdict; */
static uint32_t input_ends(struct sq_conn *c, uint32_t verdict, uint32_t seq, uint32_t len,
                           uint32_t flags, uint64_t now)
{
    if (verdict == SQ_SEGMENT_UNACCEPTABLE) {
        unacceptable(c, seq, len, flags, now);
    } else if (verdict == SQ_SEGMENT_CHALLENGED) {
        challenge(c, flags & SQ_RST, now);
    } else if (verdict == SQ_SEGMENT_RESET) {
        return reset(c, now);
    }
    return verdict;
}

/* The synchronized states. RFC 9293 3.10.7.4 */
/*@ requires block: \valid(c) && \valid_read(h) && \separated(c, h) && Ready(*c, now) && Synchronized(c->state);
    requires segment: len <= SQ_TEXT_MAX && h->window <= 65535;
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures path: StatePath(\old(c->state), c->state);
    ensures bounded: Owed(c->owed) <= \old(Owed(c->owed)) + 1;
    ensures count: c->receive.used >= \old(c->receive.used) &&
      c->receive.received - \old(c->receive.received) == c->receive.used - \old(c->receive.used);
    ensures ring: c->receive.capacity == \old(c->receive.capacity) && c->receive.head == \old(c->receive.head) &&
      c->send.capacity == \old(c->send.capacity);
    ensures inside: \result.at + \result.len <= c->receive.capacity && \result.skip + \result.len <= len;
    ensures fresh: \result.len > 0 ==> \result.at >= \old(c->receive.used);
    ensures placed: Placed(\result, \old(c->receive), TextSeq(h->flags, h->seq), len);
    ensures empty: \result.len == 0 ==> \result.at == 0 && \result.skip == 0;
    ensures nothing: \result.len > 0 ==> \old(c->receive.rx) == SQ_RX_OPEN;
    ensures accounted: Accounted(*c, \old(*c), \result);
    ensures refused: (h->flags & SQ_RST) == 0 && !OldSyn(\old(*c), h->seq, h->ack, h->flags) &&
      !Admitted(\old(c->receive.nxt), \old(c->receive.wnd), h->seq, SegmentLength(h->flags, len)) ==>
      Untouched(*c, \old(*c)) && NoNewReset(c->owed, \old(c->owed)) && \result.len == 0;
    ensures verdict: Passes(\old(*c), h->seq, len, h->flags) && Counts(\old(*c), h->ack) ==> \result.verdict == SQ_SEGMENT_ACCEPTED;
    ensures new: Passes(\old(*c), h->seq, len, h->flags) && c->state != SQ_CLOSED &&
      AckKind(\old(c->send.una), \old(c->send.flight), \old(c->send.max_wnd), h->ack) == SQ_ACK_NEW ==> c->send.una == h->ack;
    ensures inorder: Passes(\old(*c), h->seq, len, h->flags) && Counts(\old(*c), h->ack) && \old(c->receive.rx) == SQ_RX_OPEN &&
      TextFirst(\old(c->receive.nxt), h->seq) == 0 ==>
      c->receive.used >= \old(c->receive.used) + TextCount(\old(c->receive.nxt), \old(c->receive.wnd), h->seq, len);
    ensures answered: Passes(\old(*c), h->seq, len, h->flags) && Counts(\old(*c), h->ack) && \old(c->receive.rx) == SQ_RX_OPEN &&
      len > 0 ==> c->owed.ack == 1;
    ensures reset: (h->flags & SQ_RST) != 0 && h->seq == \old(c->receive.nxt) &&
      !(\old(c->state) == SQ_TIME_WAIT && c->settings.tw_ignore_rst == 1) ==>
      c->state == NextState(\old(c->state), SQ_EVENT_RST, \old(c->passive)) && \result.verdict == SQ_SEGMENT_RESET;
    ensures reply: (h->flags & SQ_RST) == 0 && (h->flags & SQ_SYN) == 0 && len > 0 &&
      !Admitted(\old(c->receive.nxt), \old(c->receive.wnd), h->seq, SegmentLength(h->flags, len)) ==>
      c->owed.ack == 1 && \result.verdict == SQ_SEGMENT_UNACCEPTABLE;
    ensures blind_rst: (h->flags & SQ_RST) != 0 && h->seq != \old(c->receive.nxt) ==>
      Untouched(*c, \old(*c)) && c->times == \old(c->times) && NoNewReset(c->owed, \old(c->owed)) && \result.len == 0;
    ensures blind_syn: (h->flags & SQ_SYN) != 0 && (h->flags & SQ_RST) == 0 &&
      !OldSyn(\old(*c), h->seq, h->ack, h->flags) && !(\old(c->state) == SQ_SYN_RECEIVED && \old(c->passive) == 1) ==>
      Untouched(*c, \old(*c)) && NoNewReset(c->owed, \old(c->owed)) && \result.len == 0;
    ensures blind_ack: \old(c->state) != SQ_SYN_RECEIVED && (h->flags & SQ_RST) == 0 &&
      AckKind(\old(c->send.una), \old(c->send.flight), \old(c->send.max_wnd), h->ack) == SQ_ACK_INVALID ==>
      Untouched(*c, \old(*c)) && NoNewReset(c->owed, \old(c->owed)) && \result.len == 0;
    ensures edge: c->state != SQ_CLOSED && c->state != SQ_LISTEN ==>
      SeqAdd(c->receive.nxt, c->receive.wnd) == \old(SeqAdd(c->receive.nxt, c->receive.wnd));
    ensures settings: c->settings == \old(c->settings) && c->now == \old(c->now); */
static struct sq_taken input_synchronized(struct sq_conn *c, const struct sq_header *h,
                                          uint32_t len, uint64_t now)
{
    struct sq_taken t = {SQ_SEGMENT_IGNORED, 0u, 0u, 0u};
    uint32_t syn = (h->flags & SQ_SYN) != 0u, fin = (h->flags & SQ_FIN) != 0u;
    uint32_t wnd = h->window * sq_receive_pow2(c->send.shift);
    if (c->state == SQ_SYN_RECEIVED && c->passive == 0u && h->seq == c->receive.irs && syn != 0u &&
        (h->flags & SQ_ACK) != 0u && (h->flags & SQ_RST) == 0u && c->send.flight == 1u &&
        h->ack == sq_seq_add(c->send.una, 1u)) {
        c->owed.ack = 1u;
        t = input_rest(c, sq_seq_add(h->seq, 1u), h->ack, h->window, len, fin, now);
        return t;
    }
    t.verdict = sq_judge(sq_admitted(c->receive.nxt, c->receive.wnd, h->seq, len + syn + fin),
                         sq_acceptable(c->receive.nxt, c->receive.wnd, h->seq, 0u),
                         h->seq == c->receive.nxt, h->flags);
    if (t.verdict == SQ_SEGMENT_ACCEPTED) {
        t = input_rest(c, h->seq, h->ack, wnd, len, fin, now);
    } else {
        t.verdict = input_ends(c, t.verdict, h->seq, len, h->flags, now);
    }
    return t;
}

struct sq_taken sq_input_segment(struct sq_conn *c, const struct sq_header *h,
                                 const struct sq_segment_info *info)
{
    struct sq_taken t = {SQ_SEGMENT_IGNORED, 0u, 0u, 0u};
    uint64_t now = sq_clock(c->now, info->now);
    c->now = now;
    if (c->state > SQ_LISTEN &&
        (c->receive.received > SQ_STREAM_MAX || c->send.acked > SQ_STREAM_MAX)) {
        sq_teardown(c, SQ_CLOSED, SQ_REASON_EXHAUSTED);
        t.verdict = SQ_SEGMENT_RESET;
        return t;
    }
    switch (c->state) {
    case SQ_CLOSED:
        t.verdict = refuse(&c->owed, h->flags, h->seq, h->ack, info->len);
        return t;
    case SQ_LISTEN:
        t.verdict = input_listen(c, h, info->len, info->iss);
        return t;
    case SQ_SYN_SENT:
        t = input_syn_sent(c, h, info->len, now);
        return t;
    default: /* the synchronized states */
        t = input_synchronized(c, h, info->len, now);
        return t;
    }
}
