/* SPDX-License-Identifier: MIT */
/* Every choice is made within what the choices before it leave open, in the order of spec/connection.acsl. */
#include "connection.h"
#include "twin.h"

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static bool one_in(struct fuzz_in *in, uint32_t n)
{
    return fuzz_u8(in) % n == n - 1u;
}

/* A time: about now, far away, or anything; never SQ_NEVER. */
static uint64_t moment(struct fuzz_in *in, uint64_t now)
{
    switch (fuzz_u8(in) % 4u) {
    case 0u:
        return now + fuzz_u8(in);
    case 1u:
        return now - least(fuzz_u8(in), now > 255u ? 255u : (uint32_t)now);
    case 2u:
        return now + 1000u * (uint64_t)fuzz_u32(in);
    default:
        return ((uint64_t)fuzz_u32(in) << 30) + fuzz_u8(in);
    }
}

/* CLOSED, made once: the core's own start is not what is explored. */
static const struct sq_conn *fresh(void)
{
    static struct sq_conn c;

    if (c.settings.mss == 0u) {
        sq_init(&c);
        memset(&c.send, 0, sizeof c.send);
        memset(&c.receive, 0, sizeof c.receive);
    }
    return &c;
}

uint32_t fuzz_settings(struct fuzz_in *in, struct sq_settings *s)
{
    uint32_t odd = fuzz_u8(in);

    *s = fresh()->settings;
    s->nodelay = odd & 1u;
    s->tw_ignore_rst = (odd >> 1 & 1u) ^ 1u;
    s->shift = (odd & 4u) != 0u ? fuzz_range(in, 0u, SQ_SHIFT_MAX) : SQ_NO_SHIFT;
    if ((odd & 8u) != 0u) {
        s->mss = fuzz_edge(in, SQ_MSS_MIN, SQ_MSS_MAX);
        s->initial_window = fuzz_range(in, 1u, 64u);
    }
    if ((odd & 16u) != 0u) {
        s->rto_min = fuzz_edge(in, SQ_RTO_FLOOR, 1000000u);
        s->rto_initial = fuzz_edge(in, s->rto_min, SQ_RTO_CEILING);
        s->rto_max = fuzz_edge(in, s->rto_initial, SQ_RTO_CEILING);
        s->rto_after_syn = fuzz_edge(in, s->rto_min, s->rto_max);
    }
    if ((odd & 32u) != 0u) {
        s->time_wait = fuzz_edge(in, 0u, UINT32_MAX);
        s->r2 = fuzz_edge(in, 0u, UINT32_MAX);
        s->half_open = fuzz_edge(in, 0u, UINT32_MAX);
        s->challenge = fuzz_edge(in, 0u, UINT32_MAX);
    }
    if ((odd & 64u) != 0u) {
        s->delayed_ack = fuzz_edge(in, 0u, SQ_DELAYED_ACK_MAX);
        s->keepalive = fuzz_u8(in) & 1u;
        s->keep_idle = fuzz_edge(in, 1u, SQ_KEEP_MAX);
        s->keep_interval = fuzz_edge(in, 1u, SQ_KEEP_MAX);
        s->keep_probes = fuzz_edge(in, 1u, SQ_KEEP_PROBES_MAX);
        s->r1 = fuzz_edge(in, 1u, SQ_R1_MAX);
    }
    return odd >> 7;
}

/* ---- the two directions ---- */

static uint32_t transmit(struct fuzz_in *in, uint32_t state)
{
    uint32_t other = fuzz_u8(in) & 1u;

    switch (state) {
    case SQ_SYN_SENT:
    case SQ_SYN_RECEIVED:
        return other != 0u ? SQ_TX_SYN_WANTED : SQ_TX_SYN_SENT;
    case SQ_ESTABLISHED:
        return SQ_TX_OPEN;
    case SQ_FIN_WAIT_1:
    case SQ_CLOSING:
        return other != 0u ? SQ_TX_FIN_WANTED : SQ_TX_FIN_SENT;
    case SQ_CLOSE_WAIT:
        return other != 0u ? SQ_TX_FIN_WANTED : SQ_TX_OPEN;
    case SQ_LAST_ACK:
        return SQ_TX_FIN_SENT;
    case SQ_FIN_WAIT_2:
    case SQ_TIME_WAIT:
        return SQ_TX_FIN_ACKED;
    default:
        return SQ_TX_NONE;
    }
}

static void send_part(struct fuzz_in *in, struct sq_send *s, uint32_t state, uint32_t most)
{
    uint32_t control, over, top;

    s->tx = transmit(in, state);
    s->closing = state == SQ_SYN_RECEIVED && one_in(in, 4u);
    s->capacity = fuzz_edge(in, state > SQ_LISTEN, most);
    s->head = s->capacity == 0u ? 0u : fuzz_edge(in, 0u, s->capacity - 1u);
    s->probing = one_in(in, 8u);
    control = s->tx == SQ_TX_SYN_SENT || s->tx == SQ_TX_FIN_SENT;
    over = s->tx == SQ_TX_SYN_SENT || s->probing == 1u; /* may stand one beyond the edge */
    if (s->tx != SQ_TX_NONE && s->tx != SQ_TX_FIN_ACKED) {
        s->queued = fuzz_edge(in, 0u, s->capacity);
    }
    top = s->probing == 1u ? 1u - control : SQ_WINDOW_MAX - control;
    if (s->tx == SQ_TX_OPEN || s->tx == SQ_TX_FIN_WANTED) {
        s->sent = fuzz_edge(in, 0u, least(s->queued, top));
    } else if (s->tx == SQ_TX_FIN_SENT) {
        s->queued = least(s->queued, top);
        s->sent = s->queued;
    }
    s->flight = s->sent + control;
    s->offered = fuzz_edge(in, s->flight - least(over, s->flight), SQ_WINDOW_MAX);
    s->wnd = s->probing == 1u ? 0u : fuzz_edge(in, 0u, s->offered);
    s->max_wnd = fuzz_edge(in, s->wnd, SQ_WINDOW_MAX);
    s->mss = fuzz_edge(in, SQ_MSS_MIN, SQ_MSS_MAX);
    s->shift = one_in(in, 2u) ? fuzz_range(in, 0u, SQ_SHIFT_MAX) : 0u;
    s->una = one_in(in, 2u) ? fuzz_u32(in) : 0u - fuzz_u8(in); /* about to wrap */
    s->iss = s->tx <= SQ_TX_SYN_SENT ? s->una : fuzz_u32(in);
    s->wl1 = fuzz_u32(in);
    s->wl2 = s->una - fuzz_u8(in);
    s->acked = one_in(in, 16u) ? SQ_STREAM_MAX + fuzz_range(in, 0u, SQ_WINDOW_MAX) : fuzz_u32(in);
}

static void receive_part(struct fuzz_in *in, struct sq_receive *r, uint32_t state, uint32_t most)
{
    r->rx = state <= SQ_SYN_SENT                            ? SQ_RX_NONE
            : state == SQ_CLOSE_WAIT || state >= SQ_CLOSING ? SQ_RX_FIN
                                                            : SQ_RX_OPEN;
    r->capacity = fuzz_edge(in, state > SQ_LISTEN, most);
    r->head = r->capacity == 0u ? 0u : fuzz_edge(in, 0u, r->capacity - 1u);
    r->used = fuzz_edge(in, 0u, r->capacity);
    r->wnd = fuzz_edge(in, 0u, r->capacity - r->used);
    r->nxt = one_in(in, 2u) ? fuzz_u32(in) : 0u - fuzz_u8(in);
    r->irs = r->nxt - fuzz_edge(in, 1u, 65536u);
    r->shift = one_in(in, 2u) ? fuzz_range(in, 0u, SQ_SHIFT_MAX) : 0u;
    r->scaled = r->shift > 0u;
    r->mss = fuzz_edge(in, SQ_MSS_MIN, SQ_MSS_MAX);
    r->received = one_in(in, 16u) ? SQ_STREAM_MAX + fuzz_range(in, 0u, SQ_WINDOW_MAX)
                                  : (uint64_t)r->used + fuzz_u32(in);
}

/* ---- what was sent, what came beyond a gap ---- */

static void flight_part(struct fuzz_in *in, struct sq_flight *f, uint32_t length, uint64_t now)
{
    uint32_t n = least(fuzz_range(in, 1u, SQ_RUNS), length), end = 0u;

    for (uint32_t i = 0u; i < n; i++) {
        end = i + 1u == n ? length : fuzz_edge(in, end + 1u, length - (n - 1u - i));
        f->run[i] =
            (struct sq_run){.end = end, .sent = moment(in, now), .resent = fuzz_u8(in) & 1u};
    }
    f->n = n;
    if (one_in(in, 2u)) {
        f->resend_to = fuzz_edge(in, 0u, length);
        f->resend_from = fuzz_edge(in, 0u, f->resend_to);
    }
}

static void ranges_part(struct fuzz_in *in, struct sq_reassembly *r, uint32_t wnd)
{
    uint32_t n = fuzz_range(in, 0u, SQ_RANGES), low = 1u; /* a range never begins at RCV.NXT */

    for (uint32_t i = 0u; i < n && low < wnd; i++) {
        r->lo[i] = fuzz_edge(in, low, low + least(wnd - 1u - low, 300u));
        r->hi[i] = fuzz_edge(in, r->lo[i] + 1u, wnd);
        low = r->hi[i] + 1u;
        r->n = i + 1u;
    }
}

/* ---- clocks, windows, what is owed ---- */

static void times_part(struct fuzz_in *in, struct sq_conn *c)
{
    const struct sq_send *s = &c->send;

    c->times.rexmit = s->flight > 0u ? moment(in, c->now) : SQ_NEVER;
    c->times.user = s->flight > 0u ? moment(in, c->now) : SQ_NEVER;
    c->times.time_wait = c->state == SQ_TIME_WAIT ? moment(in, c->now) : SQ_NEVER;
    c->times.persist = stalled(s) || one_in(in, 4u) ? moment(in, c->now) : SQ_NEVER;
}

static void rest_part(struct fuzz_in *in, struct sq_conn *c)
{
    uint32_t owes = fuzz_u8(in);

    c->rtt.rto = fuzz_edge(in, SQ_RTO_FLOOR, SQ_RTO_CEILING);
    c->rtt.measured = owes & 1u;
    if (c->rtt.measured == 1u) {
        c->rtt.srtt = fuzz_edge(in, 0u, SQ_RTT_MAX);
        c->rtt.rttvar = fuzz_edge(in, 0u, SQ_RTT_MAX);
    }
    c->congestion.cwnd = fuzz_edge(in, c->send.mss, SQ_WINDOW_MAX);
    c->congestion.ssthresh = fuzz_edge(in, 2u * c->send.mss, SQ_WINDOW_MAX);
    c->congestion.counted = fuzz_edge(in, 0u, SQ_WINDOW_MAX);
    c->owed.ack = owes >> 1 & 1u;
    c->owed.probe = owes >> 2 & 1u;
    c->owed.rst = (owes >> 3) % 4u == 3u;
    if (c->owed.rst == 1u) {
        c->owed.rst_flags = SQ_RST | (owes >> 5 & 1u) * SQ_ACK;
        c->owed.rst_seq = fuzz_u32(in);
    }
    c->owed.quiet = (owes & 64u) != 0u ? moment(in, c->now) : 0u;
    c->passive = c->state == SQ_LISTEN || (c->state != SQ_SYN_SENT && owes >> 7 == 1u);
    c->reason = c->state == SQ_CLOSED ? fuzz_range(in, 0u, SQ_REASON_UNREACHABLE) : SQ_REASON_NONE;
}

/* Duplicate ACKs and recovery, an ACK that waits, a peer that is looked after. */
static void loss_part(struct fuzz_in *in, struct sq_conn *c)
{
    uint32_t what = fuzz_u8(in);
    uint64_t last;

    c->congestion.duplicates = what % (SQ_DUPLICATES + 1u);
    c->congestion.recovering = what >> 2 & 1u;
    if ((what & 8u) != 0u) {
        c->congestion.recover = fuzz_edge(in, 0u, SQ_WINDOW_MAX + 1u);
    } else if (c->congestion.recovering == 1u) {
        c->congestion.recover = fuzz_edge(in, 0u, c->send.flight);
    }
    last = (what & 16u) != 0u ? moment(in, c->now) : 0u;
    c->congestion.last = last < SQ_TIME_MAX ? last : SQ_TIME_MAX;
    if (c->receive.rx == SQ_RX_NONE) {
        return;
    }
    c->times.ack = (what & 32u) != 0u ? moment(in, c->now) : SQ_NEVER;
    if ((what & 64u) != 0u) {
        c->times.keepalive = moment(in, c->now);
        c->keeps = fuzz_edge(in, 0u, one_in(in, 8u) ? SQ_KEEP_PROBES_MAX : c->settings.keep_probes);
    }
    c->owed.keepalive = what >> 7;
}

/* Where urgent text ends, from before what is in flight to beyond what is queued, and the reports that wait. */
static void news_part(struct fuzz_in *in, struct sq_conn *c)
{
    uint32_t what = fuzz_u8(in);

    if ((what & 128u) != 0u) {
        c->send.acked = 0u; /* a path that never took anything */
    }
    if ((what & 1u) != 0u) {
        c->urgent.send_up = c->send.acked + fuzz_edge(in, 0u, c->send.queued);
    }
    if ((what & 2u) != 0u) {
        c->urgent.receive_up = c->receive.received + fuzz_edge(in, 0u, 0x7fffffffu);
    } else if ((what & 4u) != 0u) {
        c->urgent.receive_up = c->receive.received - least(c->receive.used, fuzz_u16(in));
    }
    c->report.urgent = what >> 3 & 1u;
    c->report.excessive = what >> 4 & 1u;
    c->report.soft = (what & 32u) != 0u ? fuzz_u16(in) : 0u;
    c->report.timeouts = (what & 64u) != 0u ? fuzz_edge(in, 0u, c->settings.r1) : 0u;
}

void fuzz_connection(struct fuzz_in *in, struct sq_conn *c, uint32_t most)
{
    uint32_t first = fuzz_u8(in), more;

    most = most == 0u ? SQ_WINDOW_MAX : most;
    *c = *fresh();
    c->state = first % (SQ_TIME_WAIT + 1u);
    c->now = one_in(in, 8u) ? SQ_TIME_MAX - fuzz_u8(in) : fuzz_u32(in);
    more = fuzz_settings(in, &c->settings);
    send_part(in, &c->send, c->state, most);
    receive_part(in, &c->receive, c->state, most);
    if (c->send.flight > 0u) {
        flight_part(in, &c->flight, c->send.flight, c->now);
    }
    if (c->receive.rx == SQ_RX_OPEN && first >= 128u) {
        ranges_part(in, &c->reassembly, c->receive.wnd);
    }
    rest_part(in, c);
    times_part(in, c);
    if (more != 0u) {
        loss_part(in, c);
    }
    if (first / (SQ_TIME_WAIT + 1u) % 4u == 3u) {
        news_part(in, c);
    }
    FUZZ_CHECK("fuzz_connection: the construction is not valid, see spec/connection.acsl",
               connection_valid(c));
}
