/* SPDX-License-Identifier: MIT */
/* spec/connection.acsl as C, one function for each predicate. It may be asked of any bytes. */
#include "twin.h"

static bool settings_valid(const struct sq_settings *s)
{
    return SQ_RTO_FLOOR <= s->rto_min && s->rto_min <= s->rto_initial &&
           s->rto_initial <= s->rto_max && s->rto_max <= SQ_RTO_CEILING &&
           s->rto_min <= s->rto_after_syn && s->rto_after_syn <= s->rto_max &&
           SQ_MSS_MIN <= s->mss && s->mss <= SQ_MSS_MAX && 1u <= s->initial_window &&
           s->initial_window <= 64u && (s->shift <= SQ_SHIFT_MAX || s->shift == SQ_NO_SHIFT) &&
           s->nodelay <= 1u && s->tw_ignore_rst <= 1u && s->delayed_ack <= SQ_DELAYED_ACK_MAX &&
           s->keepalive <= 1u && 1u <= s->keep_idle && s->keep_idle <= SQ_KEEP_MAX &&
           1u <= s->keep_interval && s->keep_interval <= SQ_KEEP_MAX && 1u <= s->keep_probes &&
           s->keep_probes <= SQ_KEEP_PROBES_MAX && 1u <= s->r1 && s->r1 <= SQ_R1_MAX;
}

static bool ring_fits(uint32_t capacity, uint32_t head)
{
    return capacity <= SQ_WINDOW_MAX && (capacity == 0u ? head == 0u : head < capacity);
}

static bool send_valid(const struct sq_send *s)
{
    int64_t control = s->tx == SQ_TX_SYN_SENT || s->tx == SQ_TX_FIN_SENT;
    int64_t over = s->tx == SQ_TX_SYN_SENT || s->probing == 1u;

    return s->tx <= SQ_TX_FIN_ACKED && s->closing <= 1u && s->flight == s->sent + control &&
           s->sent <= s->queued && s->queued <= s->capacity && ring_fits(s->capacity, s->head) &&
           s->wnd <= s->max_wnd && s->max_wnd <= SQ_WINDOW_MAX && s->wnd <= s->offered &&
           s->offered <= SQ_WINDOW_MAX && s->flight <= s->offered + over && s->probing <= 1u &&
           (s->probing != 1u || (s->wnd == 0u && s->flight <= 1u)) && SQ_MSS_MIN <= s->mss &&
           s->mss <= SQ_MSS_MAX && s->shift <= SQ_SHIFT_MAX &&
           s->acked <= SQ_STREAM_MAX + SQ_WINDOW_MAX && (s->tx > SQ_TX_SYN_SENT || s->sent == 0u) &&
           (s->tx != SQ_TX_FIN_SENT || s->sent == s->queued) &&
           ((s->tx != SQ_TX_FIN_ACKED && s->tx != SQ_TX_NONE) || s->queued == 0u) &&
           (s->closing != 1u || syn_unsettled(s->tx));
}

static bool receive_valid(const struct sq_receive *r)
{
    return r->rx <= SQ_RX_FIN && ring_fits(r->capacity, r->head) && r->used <= r->capacity &&
           r->wnd <= (int64_t)r->capacity - r->used && r->shift <= SQ_SHIFT_MAX &&
           r->scaled <= 1u && SQ_MSS_MIN <= r->mss && r->mss <= SQ_MSS_MAX &&
           r->received <= SQ_STREAM_MAX + SQ_WINDOW_MAX;
}

static bool rtt_valid(const struct sq_rtt *t)
{
    return t->srtt <= SQ_RTT_MAX && t->rttvar <= SQ_RTT_MAX && SQ_RTO_FLOOR <= t->rto &&
           t->rto <= SQ_RTO_CEILING && t->measured <= 1u;
}

static bool congestion_valid(const struct sq_congestion *g, uint64_t mss)
{
    return mss <= g->cwnd && g->cwnd <= SQ_WINDOW_MAX && 2u * mss <= g->ssthresh &&
           g->ssthresh <= SQ_WINDOW_MAX && g->counted <= SQ_WINDOW_MAX &&
           g->duplicates <= SQ_DUPLICATES && g->recover <= SQ_WINDOW_MAX + 1u &&
           g->recovering <= 1u && g->last <= SQ_TIME_MAX;
}

static bool owed_valid(const struct sq_owed *o)
{
    return o->ack <= 1u && o->probe <= 1u && o->rst <= 1u && o->keepalive <= 1u;
}

static bool report_valid(const struct sq_report *r)
{
    return r->urgent <= 1u && r->excessive <= 1u && r->timeouts <= SQ_R1_MAX;
}

static bool state_fits(uint32_t state, uint32_t tx, uint32_t rx)
{
    bool ending = tx == SQ_TX_FIN_WANTED || tx == SQ_TX_FIN_SENT;

    return state == SQ_CLOSED || state == SQ_LISTEN ? tx == SQ_TX_NONE && rx == SQ_RX_NONE
           : state == SQ_SYN_SENT                   ? syn_unsettled(tx) && rx == SQ_RX_NONE
           : state == SQ_SYN_RECEIVED               ? syn_unsettled(tx) && rx == SQ_RX_OPEN
           : state == SQ_ESTABLISHED                ? tx == SQ_TX_OPEN && rx == SQ_RX_OPEN
           : state == SQ_FIN_WAIT_1                 ? ending && rx == SQ_RX_OPEN
           : state == SQ_FIN_WAIT_2                 ? tx == SQ_TX_FIN_ACKED && rx == SQ_RX_OPEN
           : state == SQ_CLOSE_WAIT
               ? (tx == SQ_TX_OPEN || tx == SQ_TX_FIN_WANTED) && rx == SQ_RX_FIN
           : state == SQ_CLOSING ? ending && rx == SQ_RX_FIN
           : state == SQ_LAST_ACK
               ? tx == SQ_TX_FIN_SENT && rx == SQ_RX_FIN
               : state == SQ_TIME_WAIT && tx == SQ_TX_FIN_ACKED && rx == SQ_RX_FIN;
}

static bool parts_valid(const struct sq_conn *c)
{
    return c->now <= SQ_TIME_MAX && c->passive <= 1u && c->reason <= SQ_REASON_UNREACHABLE &&
           c->keeps <= SQ_KEEP_PROBES_MAX && send_valid(&c->send) && receive_valid(&c->receive) &&
           flight_valid(&c->flight) && rtt_valid(&c->rtt) &&
           congestion_valid(&c->congestion, c->send.mss) && reassembly_valid(&c->reassembly) &&
           owed_valid(&c->owed) && report_valid(&c->report) && settings_valid(&c->settings);
}

static bool within(const struct sq_reassembly *r, uint32_t limit)
{
    for (uint32_t i = 0u; i < r->n; i++) {
        if (r->hi[i] > limit) {
            return false;
        }
    }
    return true;
}

static bool tied(const struct sq_conn *c)
{
    return state_fits(c->state, c->send.tx, c->receive.rx) &&
           (c->send.closing != 1u || c->state == SQ_SYN_RECEIVED) &&
           flight_length(&c->flight) == c->send.flight && within(&c->reassembly, c->receive.wnd) &&
           (c->receive.rx == SQ_RX_OPEN || c->reassembly.n == 0u);
}

static bool armed(const struct sq_conn *c)
{
    bool flight = c->send.flight > 0u, silent = c->receive.rx == SQ_RX_NONE;

    return flight == (c->times.rexmit != SQ_NEVER) && flight == (c->times.user != SQ_NEVER) &&
           (c->state == SQ_TIME_WAIT) == (c->times.time_wait != SQ_NEVER) &&
           (!silent || (c->times.ack == SQ_NEVER && c->times.keepalive == SQ_NEVER)) &&
           (!stalled(&c->send) || c->times.persist != SQ_NEVER);
}

bool connection_valid(const struct sq_conn *c)
{
    return parts_valid(c) && tied(c) && armed(c);
}
