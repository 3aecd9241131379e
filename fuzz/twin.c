/* SPDX-License-Identifier: MIT */
/* The longer definitions; see twin.h. */
#include "twin.h"

#include "core/header.h"

bool flight_valid(const struct sq_flight *f)
{
    uint32_t length = f->n <= SQ_RUNS ? flight_length(f) : 0u;

    if (f->n > SQ_RUNS || length > SQ_WINDOW_MAX + 1u || f->resend_from > f->resend_to ||
        f->resend_to > length) {
        return false;
    }
    for (uint32_t i = 0u; i < f->n; i++) {
        if (f->run[i].end == 0u || f->run[i].resent > 1u ||
            (i > 0u && f->run[i - 1u].end >= f->run[i].end)) {
            return false;
        }
    }
    return true;
}

bool reassembly_valid(const struct sq_reassembly *r)
{
    if (r->n > SQ_RANGES) {
        return false;
    }
    for (uint32_t i = 0u; i < r->n; i++) {
        if (r->lo[i] >= r->hi[i] || r->lo[i] <= (i == 0u ? 0u : r->hi[i - 1u])) {
            return false;
        }
    }
    return true;
}

/* One row for each state: where each event leads, in the order of enum sq_event without the last two. */
uint32_t next_state(uint32_t state, uint32_t event, uint32_t passive)
{
#define ROW(open_passive, open_active, syn, ack_of_syn, close, fin_sent, fin, ack_of_fin)          \
    {                                                                                              \
        SQ_##open_passive, SQ_##open_active, SQ_##syn, SQ_##ack_of_syn, SQ_##close, SQ_##fin_sent, \
            SQ_##fin, SQ_##ack_of_fin                                                              \
    }
    static const uint8_t row[SQ_TIME_WAIT + 1][8] = {
        ROW(LISTEN, SYN_SENT, CLOSED, CLOSED, CLOSED, CLOSED, CLOSED, CLOSED),
        ROW(LISTEN, SYN_SENT, SYN_RECEIVED, LISTEN, CLOSED, LISTEN, LISTEN, LISTEN),
        ROW(SYN_SENT, SYN_SENT, SYN_RECEIVED, SYN_SENT, CLOSED, SYN_SENT, SYN_SENT, SYN_SENT),
        ROW(SYN_RECEIVED, SYN_RECEIVED, SYN_RECEIVED, ESTABLISHED, SYN_RECEIVED, SYN_RECEIVED,
            SYN_RECEIVED, SYN_RECEIVED),
        ROW(ESTABLISHED, ESTABLISHED, ESTABLISHED, ESTABLISHED, FIN_WAIT_1, ESTABLISHED, CLOSE_WAIT,
            ESTABLISHED),
        ROW(FIN_WAIT_1, FIN_WAIT_1, FIN_WAIT_1, FIN_WAIT_1, FIN_WAIT_1, FIN_WAIT_1, CLOSING,
            FIN_WAIT_2),
        ROW(FIN_WAIT_2, FIN_WAIT_2, FIN_WAIT_2, FIN_WAIT_2, FIN_WAIT_2, FIN_WAIT_2, TIME_WAIT,
            FIN_WAIT_2),
        ROW(CLOSE_WAIT, CLOSE_WAIT, CLOSE_WAIT, CLOSE_WAIT, CLOSE_WAIT, LAST_ACK, CLOSE_WAIT,
            CLOSE_WAIT),
        ROW(CLOSING, CLOSING, CLOSING, CLOSING, CLOSING, CLOSING, CLOSING, TIME_WAIT),
        ROW(LAST_ACK, LAST_ACK, LAST_ACK, LAST_ACK, LAST_ACK, LAST_ACK, LAST_ACK, CLOSED),
        ROW(TIME_WAIT, TIME_WAIT, TIME_WAIT, TIME_WAIT, TIME_WAIT, TIME_WAIT, TIME_WAIT,
            TIME_WAIT)};
#undef ROW

    if (event == SQ_EVENT_END) {
        return SQ_CLOSED;
    }
    if (event == SQ_EVENT_RST) {
        return state == SQ_LISTEN || (state == SQ_SYN_RECEIVED && passive == 1u) ? SQ_LISTEN
                                                                                 : SQ_CLOSED;
    }
    return state <= SQ_TIME_WAIT && event <= SQ_EVENT_ACK_OF_FIN ? row[state][event] : state;
}

/* The states that one segment leads to, one bit each. */
bool state_path(uint32_t from, uint32_t to)
{
#define TO(state) (1u << SQ_##state)
    static const uint32_t path[SQ_TIME_WAIT + 1] = {
        [SQ_LISTEN] = TO(SYN_RECEIVED),
        [SQ_SYN_SENT] = TO(SYN_RECEIVED) | TO(ESTABLISHED) | TO(CLOSE_WAIT),
        [SQ_SYN_RECEIVED] =
            TO(LISTEN) | TO(ESTABLISHED) | TO(FIN_WAIT_1) | TO(CLOSE_WAIT) | TO(CLOSING),
        [SQ_ESTABLISHED] = TO(CLOSE_WAIT),
        [SQ_FIN_WAIT_1] = TO(FIN_WAIT_2) | TO(CLOSING) | TO(TIME_WAIT),
        [SQ_FIN_WAIT_2] = TO(TIME_WAIT),
        [SQ_CLOSING] = TO(TIME_WAIT)};
#undef TO

    return to == from || (to == SQ_CLOSED && from != SQ_LISTEN) ||
           (to <= SQ_TIME_WAIT && (path[from] >> to & 1u) != 0u);
}

int64_t send_ready(const struct sq_send *s, int64_t cwnd)
{
    int64_t window = s->wnd < cwnd ? s->wnd : cwnd,
            room = window > s->flight ? window - s->flight : 0;
    int64_t left = (int64_t)s->queued - s->sent;

    return left < room ? left : room;
}

bool nagled(const struct sq_send *s, int64_t cwnd, uint32_t nodelay)
{
    int64_t ready = send_ready(s, cwnd);

    return ready < s->mss && s->flight > 0u && nodelay == 0u &&
           !(s->tx == SQ_TX_FIN_WANTED && ready == (int64_t)s->queued - s->sent);
}

bool held_back(const struct sq_send *s, int64_t cwnd, uint32_t nodelay)
{
    return nagled(s, cwnd, nodelay) ||
           silly(send_ready(s, cwnd), (int64_t)s->queued - s->sent, s->mss, s->max_wnd);
}

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t initial_window(int64_t mss, int64_t segments)
{
    return lesser(segments * mss, greater(2 * mss, segments * SQ_MSS_ETHERNET));
}

static int64_t half_flight(int64_t flight, int64_t mss)
{
    return greater(flight / 2, 2 * mss);
}

int64_t fast_threshold(const struct sq_congestion *g, int64_t flight, int64_t mss)
{
    return half_flight(lesser(flight, g->cwnd), mss);
}

int64_t timeout_threshold(const struct sq_congestion *g, int64_t flight, int64_t mss)
{
    int64_t half = half_flight(flight, mss);

    return g->recovering == 1u ? lesser(g->ssthresh, half) : half;
}

int64_t growth(const struct sq_congestion *g, int64_t n, int64_t mss)
{
    return g->cwnd < g->ssthresh ? lesser(n, mss) : g->counted + n >= g->cwnd ? mss : 0;
}

int64_t congestion_window(const struct sq_congestion *g, int64_t mss)
{
    return g->recovering == 0u && g->duplicates < SQ_DUPLICATES
               ? lesser(SQ_WINDOW_MAX, g->cwnd + g->duplicates * mss)
               : g->cwnd;
}

bool window_fresh(int64_t wl1, int64_t wl2, int64_t seq, int64_t ack)
{
    return wl1 == seq ? seq_dist(wl2, ack) < 0x80000000 : seq_dist(wl1, seq) < 0x80000000;
}

int64_t segment_length(uint32_t flags, uint32_t len)
{
    return (int64_t)len + ((flags & SQ_SYN) != 0u) + ((flags & SQ_FIN) != 0u);
}

bool old_syn(const struct sq_conn *c, uint32_t seq, uint32_t ack, uint32_t flags)
{
    return c->state == SQ_SYN_RECEIVED && c->passive == 0u && seq == c->receive.irs &&
           (flags & SQ_SYN) != 0u && (flags & SQ_ACK) != 0u && (flags & SQ_RST) == 0u &&
           c->send.flight == 1u && ack == seq_add(c->send.una, 1);
}

bool passes(const struct sq_conn *c, uint32_t seq, uint32_t len, uint32_t flags)
{
    return synchronized_state(c->state) && (flags & SQ_RST) == 0u && (flags & SQ_SYN) == 0u &&
           (flags & SQ_ACK) != 0u &&
           admitted(c->receive.nxt, c->receive.wnd, seq, segment_length(flags, len));
}

bool counts(const struct sq_conn *c, uint32_t ack)
{
    uint32_t kind = ack_kind(c->send.una, c->send.flight, c->send.max_wnd, ack);

    return c->state == SQ_SYN_RECEIVED ? kind == SQ_ACK_NEW : kind != SQ_ACK_INVALID;
}

bool untouched(const struct sq_conn *c, const struct sq_conn *before)
{
    struct sq_conn expected = *before;

    /* No padding and no pointers: all but what may differ is compared as bytes. */
    expected.now = c->now;
    expected.owed = c->owed;
    expected.times = c->times;
    return memcmp(c, &expected, sizeof expected) == 0;
}

uint64_t urgent_seen(const struct sq_conn *c, uint32_t flags, uint32_t seq, uint32_t pointer)
{
    return (flags & SQ_URG) != 0u && c->receive.rx == SQ_RX_OPEN
               ? urgent_after(c->urgent.receive_up, c->receive.received, c->receive.nxt, seq,
                              pointer)
               : c->urgent.receive_up;
}

bool no_new_reset(const struct sq_owed *o, const struct sq_owed *before)
{
    return o->rst == before->rst && o->rst_flags == before->rst_flags &&
           o->rst_seq == before->rst_seq && o->rst_ack == before->rst_ack &&
           o->probe == before->probe;
}
