/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* Each function is the predicate of spec/connection.acsl of the same name, in C. What a sum or a difference needs in order
   not to wrap is asked before it. */
#include "valid.h"

#include "send.h"

/*@ // The conjuncts of SendValid about what is queued and in flight.
    predicate SendQueueValid(struct sq_send s) =
      RingFits(s.capacity, s.head) && s.sent <= s.queued <= s.capacity &&
      s.flight == s.sent + (s.tx == SQ_TX_SYN_SENT || s.tx == SQ_TX_FIN_SENT ? 1 : 0) &&
      (s.tx <= SQ_TX_SYN_SENT ==> s.sent == 0) &&
      (s.tx == SQ_TX_FIN_SENT ==> s.sent == s.queued) &&
      (s.tx == SQ_TX_FIN_ACKED || s.tx == SQ_TX_NONE ==> s.queued == 0);
    // The conjuncts of FlightValid about each run.
    predicate RunsValid(struct sq_flight f) =
      (\forall integer i; 0 <= i < f.n ==> f.run[i].end > 0 && f.run[i].resent <= 1) &&
      (\forall integer i, j; 0 <= i < j < f.n ==> f.run[i].end < f.run[j].end);
*/

/*@ requires block: \valid_read(s);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures exact: \result == 1 <==> s->keepalive <= 1 && 1 <= s->keep_idle <= SQ_KEEP_MAX &&
      1 <= s->keep_interval <= SQ_KEEP_MAX && 1 <= s->keep_probes <= SQ_KEEP_PROBES_MAX; */
static uint32_t keep_valid(const struct sq_settings *s)
{
    if (s->keepalive > 1u || s->keep_probes < 1u || s->keep_probes > SQ_KEEP_PROBES_MAX) {
        return 0u;
    }
    return s->keep_idle >= 1u && s->keep_idle <= SQ_KEEP_MAX && s->keep_interval >= 1u &&
                   s->keep_interval <= SQ_KEEP_MAX
               ? 1u
               : 0u;
}

uint32_t sq_settings_valid(const struct sq_settings *s)
{
    if (s->rto_min < SQ_RTO_FLOOR || s->rto_initial < s->rto_min || s->rto_max < s->rto_initial ||
        s->rto_max > SQ_RTO_CEILING) {
        return 0u;
    }
    if (s->rto_after_syn < s->rto_min || s->rto_after_syn > s->rto_max) {
        return 0u;
    }
    if (s->mss < SQ_MSS_MIN || s->mss > SQ_MSS_MAX) {
        return 0u;
    }
    if (s->initial_window < 1u || s->initial_window > 64u) {
        return 0u;
    }
    if (s->shift > SQ_SHIFT_MAX && s->shift != SQ_NO_SHIFT) {
        return 0u;
    }
    if (s->delayed_ack > SQ_DELAYED_ACK_MAX || keep_valid(s) == 0u) {
        return 0u;
    }
    if (s->r1 < 1u || s->r1 > SQ_R1_MAX) {
        return 0u;
    }
    return s->nodelay <= 1u && s->tw_ignore_rst <= 1u ? 1u : 0u;
}

/*@ terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> SynUnsettled(tx);
    ensures complete: SynUnsettled(tx) ==> \result == 1; */
static uint32_t syn_unsettled(uint32_t tx)
{
    return tx == SQ_TX_SYN_WANTED || tx == SQ_TX_SYN_SENT ? 1u : 0u;
}

/*@ terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> RingFits(capacity, head);
    ensures complete: RingFits(capacity, head) ==> \result == 1; */
static uint32_t ring_fits(uint32_t capacity, uint32_t head)
{
    if (capacity > SQ_WINDOW_MAX) {
        return 0u;
    }
    if (capacity == 0u) {
        return head == 0u ? 1u : 0u;
    }
    return head < capacity ? 1u : 0u;
}

/*@ requires block: \valid_read(s);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> SendQueueValid(*s);
    ensures complete: SendQueueValid(*s) ==> \result == 1; */
static uint32_t send_queue_valid(const struct sq_send *s)
{
    uint32_t control = s->tx == SQ_TX_SYN_SENT || s->tx == SQ_TX_FIN_SENT ? 1u : 0u;

    if (ring_fits(s->capacity, s->head) == 0u || s->queued > s->capacity || s->sent > s->queued) {
        return 0u;
    }
    if (s->flight != s->sent + control) {
        return 0u;
    }
    if (s->tx <= SQ_TX_SYN_SENT && s->sent != 0u) {
        return 0u;
    }
    if (s->tx == SQ_TX_FIN_SENT && s->sent != s->queued) {
        return 0u;
    }
    if ((s->tx == SQ_TX_FIN_ACKED || s->tx == SQ_TX_NONE) && s->queued != 0u) {
        return 0u;
    }
    return 1u;
}

/*@ requires block: \valid_read(s);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> SendValid(*s);
    ensures complete: SendValid(*s) ==> \result == 1; */
static uint32_t send_valid(const struct sq_send *s)
{
    uint32_t beyond = s->tx == SQ_TX_SYN_SENT || s->probing == 1u ? 1u : 0u;

    if (s->tx > SQ_TX_FIN_ACKED || s->closing > 1u || send_queue_valid(s) == 0u) {
        return 0u;
    }
    if (s->max_wnd > SQ_WINDOW_MAX || s->wnd > s->max_wnd) {
        return 0u;
    }
    if (s->probing > 1u || (s->probing == 1u && (s->wnd != 0u || s->flight > 1u))) {
        return 0u;
    }
    if (s->offered > SQ_WINDOW_MAX || s->wnd > s->offered || s->flight > s->offered + beyond) {
        return 0u;
    }
    if (s->mss < SQ_MSS_MIN || s->mss > SQ_MSS_MAX || s->shift > SQ_SHIFT_MAX) {
        return 0u;
    }
    if (s->acked > SQ_STREAM_MAX + SQ_WINDOW_MAX) {
        return 0u;
    }
    return s->closing == 0u || syn_unsettled(s->tx) == 1u ? 1u : 0u;
}

/*@ requires block: \valid_read(r);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> ReceiveValid(*r);
    ensures complete: ReceiveValid(*r) ==> \result == 1; */
static uint32_t receive_valid(const struct sq_receive *r)
{
    if (r->rx > SQ_RX_FIN || ring_fits(r->capacity, r->head) == 0u) {
        return 0u;
    }
    if (r->used > r->capacity || r->wnd > r->capacity - r->used) {
        return 0u;
    }
    if (r->shift > SQ_SHIFT_MAX || r->scaled > 1u || r->mss < SQ_MSS_MIN || r->mss > SQ_MSS_MAX) {
        return 0u;
    }
    return r->received <= SQ_STREAM_MAX + SQ_WINDOW_MAX ? 1u : 0u;
}

/*@ requires block: \valid_read(t);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> RttValid(*t);
    ensures complete: RttValid(*t) ==> \result == 1; */
static uint32_t rtt_valid(const struct sq_rtt *t)
{
    if (t->srtt > SQ_RTT_MAX || t->rttvar > SQ_RTT_MAX) {
        return 0u;
    }
    return t->rto >= SQ_RTO_FLOOR && t->rto <= SQ_RTO_CEILING && t->measured <= 1u ? 1u : 0u;
}

/*@ requires block: \valid_read(g);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> CongestionValid(*g, mss);
    ensures complete: CongestionValid(*g, mss) ==> \result == 1; */
static uint32_t congestion_valid(const struct sq_congestion *g, uint32_t mss)
{
    if (g->cwnd < mss || g->cwnd > SQ_WINDOW_MAX) {
        return 0u;
    }
    if (g->ssthresh / 2u < mss || g->ssthresh > SQ_WINDOW_MAX) {
        return 0u;
    }
    if (g->counted > SQ_WINDOW_MAX || g->last > SQ_TIME_MAX) {
        return 0u;
    }
    return g->duplicates <= SQ_DUPLICATES && g->recover <= SQ_WINDOW_MAX + 1u && g->recovering <= 1u
               ? 1u
               : 0u;
}

/*@ requires block: \valid_read(o);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> OwedValid(*o);
    ensures complete: OwedValid(*o) ==> \result == 1; */
static uint32_t owed_valid(const struct sq_owed *o)
{
    return o->ack <= 1u && o->probe <= 1u && o->rst <= 1u && o->keepalive <= 1u ? 1u : 0u;
}

/* FlightLength, of a list that is not too long. */
/*@ requires block: \valid_read(f);
    requires size: f->n <= SQ_RUNS;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == FlightLength(*f); */
static uint32_t flight_length(const struct sq_flight *f)
{
    return f->n == 0u ? 0u : f->run[f->n - 1u].end;
}

/*@ requires block: \valid_read(f);
    requires size: f->n <= SQ_RUNS;
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> RunsValid(*f);
    ensures complete: RunsValid(*f) ==> \result == 1; */
static uint32_t runs_valid(const struct sq_flight *f)
{
    uint32_t i = 0u, last = 0u;

    /*@ loop invariant place: 0 <= i <= f->n;
        loop invariant last: i == 0 ? last == 0 : last == f->run[i - 1].end;
        loop invariant each: \forall integer k; 0 <= k < i ==> 0 < f->run[k].end <= last && f->run[k].resent <= 1;
        loop invariant sorted: \forall integer k, l; 0 <= k < l < i ==> f->run[k].end < f->run[l].end;
        loop assigns i, last;
        loop variant f->n - i; */
    while (i < f->n) {
        if (f->run[i].end <= last || f->run[i].resent > 1u) {
            return 0u;
        }
        last = f->run[i].end;
        i = i + 1u;
    }
    return 1u;
}

/*@ requires block: \valid_read(f);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> FlightValid(*f);
    ensures complete: FlightValid(*f) ==> \result == 1; */
static uint32_t flight_valid(const struct sq_flight *f)
{
    if (f->n > SQ_RUNS || flight_length(f) > SQ_WINDOW_MAX + 1u) {
        return 0u;
    }
    if (f->resend_from > f->resend_to || f->resend_to > flight_length(f)) {
        return 0u;
    }
    return runs_valid(f);
}

/*@ requires block: \valid_read(r);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> ReassemblyValid(*r);
    ensures complete: ReassemblyValid(*r) ==> \result == 1; */
static uint32_t reassembly_valid(const struct sq_reassembly *r)
{
    uint32_t i = 0u, last = 0u;

    if (r->n > SQ_RANGES) {
        return 0u;
    }
    /*@ loop invariant place: 0 <= i <= r->n;
        loop invariant last: i == 0 ? last == 0 : last == r->hi[i - 1];
        loop invariant front: i > 0 ==> r->lo[0] > 0;
        loop invariant each: \forall integer k; 0 <= k < i ==> r->lo[k] < r->hi[k] <= last;
        loop invariant sorted: \forall integer k, l; 0 <= k < l < i ==> r->hi[k] < r->lo[l];
        loop assigns i, last;
        loop variant r->n - i; */
    while (i < r->n) {
        if (r->lo[i] <= last || r->hi[i] <= r->lo[i]) {
            return 0u;
        }
        last = r->hi[i];
        i = i + 1u;
    }
    return 1u;
}

/*@ requires block: \valid_read(r);
    requires size: r->n <= SQ_RANGES;
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> Within(*r, limit);
    ensures complete: Within(*r, limit) ==> \result == 1; */
static uint32_t within(const struct sq_reassembly *r, uint32_t limit)
{
    uint32_t i = 0u;

    /*@ loop invariant place: 0 <= i <= r->n;
        loop invariant each: \forall integer k; 0 <= k < i ==> r->hi[k] <= limit;
        loop assigns i;
        loop variant r->n - i; */
    while (i < r->n) {
        if (r->hi[i] > limit) {
            return 0u;
        }
        i = i + 1u;
    }
    return 1u;
}

/*@ terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> StateFits(state, tx, rx);
    ensures complete: StateFits(state, tx, rx) ==> \result == 1; */
static uint32_t state_fits(uint32_t state, uint32_t tx, uint32_t rx)
{
    uint32_t ending = tx == SQ_TX_FIN_WANTED || tx == SQ_TX_FIN_SENT ? 1u : 0u;

    switch (state) {
    case SQ_CLOSED:
    case SQ_LISTEN:
        return tx == SQ_TX_NONE && rx == SQ_RX_NONE ? 1u : 0u;
    case SQ_SYN_SENT:
        return rx == SQ_RX_NONE ? syn_unsettled(tx) : 0u;
    case SQ_SYN_RECEIVED:
        return rx == SQ_RX_OPEN ? syn_unsettled(tx) : 0u;
    case SQ_ESTABLISHED:
        return tx == SQ_TX_OPEN && rx == SQ_RX_OPEN ? 1u : 0u;
    case SQ_FIN_WAIT_1:
        return rx == SQ_RX_OPEN ? ending : 0u;
    case SQ_FIN_WAIT_2:
        return tx == SQ_TX_FIN_ACKED && rx == SQ_RX_OPEN ? 1u : 0u;
    case SQ_CLOSE_WAIT:
        return (tx == SQ_TX_OPEN || tx == SQ_TX_FIN_WANTED) && rx == SQ_RX_FIN ? 1u : 0u;
    case SQ_CLOSING:
        return rx == SQ_RX_FIN ? ending : 0u;
    case SQ_LAST_ACK:
        return tx == SQ_TX_FIN_SENT && rx == SQ_RX_FIN ? 1u : 0u;
    case SQ_TIME_WAIT:
        return tx == SQ_TX_FIN_ACKED && rx == SQ_RX_FIN ? 1u : 0u;
    }
    return 0u;
}

/* A clock runs exactly while there is something to wait for. */
/*@ terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> (waiting != 0 <==> deadline != SQ_NEVER);
    ensures complete: (waiting != 0 <==> deadline != SQ_NEVER) ==> \result == 1; */
static uint32_t armed(uint32_t waiting, uint64_t deadline)
{
    if (waiting == 0u) {
        return deadline == SQ_NEVER ? 1u : 0u;
    }
    return deadline != SQ_NEVER ? 1u : 0u;
}

/*@ requires block: \valid_read(r);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures exact: \result == 1 <==> ReportValid(*r); */
static uint32_t report_valid(const struct sq_report *r)
{
    return r->urgent <= 1u && r->excessive <= 1u && r->timeouts <= SQ_R1_MAX ? 1u : 0u;
}

/*@ requires block: \valid_read(c);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> PartsValid(*c);
    ensures complete: PartsValid(*c) ==> \result == 1; */
static uint32_t parts_valid(const struct sq_conn *c)
{
    if (c->now > SQ_TIME_MAX || c->passive > 1u || c->reason > SQ_REASON_UNREACHABLE ||
        c->keeps > SQ_KEEP_PROBES_MAX) {
        return 0u;
    }
    if (send_valid(&c->send) == 0u || receive_valid(&c->receive) == 0u) {
        return 0u;
    }
    if (flight_valid(&c->flight) == 0u || reassembly_valid(&c->reassembly) == 0u) {
        return 0u;
    }
    if (rtt_valid(&c->rtt) == 0u || congestion_valid(&c->congestion, c->send.mss) == 0u) {
        return 0u;
    }
    if (owed_valid(&c->owed) == 0u || report_valid(&c->report) == 0u) {
        return 0u;
    }
    return sq_settings_valid(&c->settings);
}

/*@ requires block: \valid_read(c);
    requires sizes: c->flight.n <= SQ_RUNS && c->reassembly.n <= SQ_RANGES;
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> Tied(*c);
    ensures complete: Tied(*c) ==> \result == 1; */
static uint32_t tied(const struct sq_conn *c)
{
    if (state_fits(c->state, c->send.tx, c->receive.rx) == 0u) {
        return 0u;
    }
    if (c->send.closing == 1u && c->state != SQ_SYN_RECEIVED) {
        return 0u;
    }
    if (flight_length(&c->flight) != c->send.flight) {
        return 0u;
    }
    if (c->receive.rx != SQ_RX_OPEN && c->reassembly.n != 0u) {
        return 0u;
    }
    return within(&c->reassembly, c->receive.wnd);
}

/*@ requires block: \valid_read(c);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> TimesArmed(*c);
    ensures complete: TimesArmed(*c) ==> \result == 1; */
static uint32_t times_armed(const struct sq_conn *c)
{
    if (armed(c->send.flight, c->times.rexmit) == 0u ||
        armed(c->send.flight, c->times.user) == 0u) {
        return 0u;
    }
    if (c->receive.rx == SQ_RX_NONE &&
        (c->times.ack != SQ_NEVER || c->times.keepalive != SQ_NEVER)) {
        return 0u;
    }
    return armed(c->state == SQ_TIME_WAIT ? 1u : 0u, c->times.time_wait);
}

/*@ requires block: \valid_read(c) && SendValid(c->send);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures sound: \result == 1 ==> PersistKept(*c);
    ensures complete: PersistKept(*c) ==> \result == 1; */
static uint32_t persist_kept(const struct sq_conn *c)
{
    return c->times.persist != SQ_NEVER || sq_send_stalled(&c->send) == 0u ? 1u : 0u;
}

uint32_t sq_valid(const struct sq_conn *c)
{
    if (parts_valid(c) == 0u || tied(c) == 0u || times_armed(c) == 0u) {
        return 0u;
    }
    return persist_kept(c);
}
