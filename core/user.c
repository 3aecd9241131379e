/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* The user coordinator: the calls of RFC 9293 3.10.1 to 3.10.6. */
#include "user.h"

#include "owed.h"
#include "teardown.h"
#include "urgent.h"
#include "valid.h"

void sq_settings_default(struct sq_settings *s)
{
    s->rto_initial = 1000000u;
    s->rto_after_syn = 3000000u;
    s->rto_min = 1000000u;
    s->rto_max = 120000000u;
    s->time_wait = 60000000u;
    s->r2 = 300000000u;
    s->r2_syn = 180000000u;
    s->half_open = 64000000u;
    s->challenge = 500000u;
    s->mss = 1460u;
    s->initial_window = 10u;
    s->nodelay = 0u;
    s->tw_ignore_rst = 1u;
    s->shift = SQ_NO_SHIFT;
    s->delayed_ack = 40000u;
    s->keepalive = 0u;
    s->keep_idle = 7200u;
    s->keep_interval = 75u;
    s->keep_probes = 10u;
    s->r1 = 3u;
}

/* The peer's direction with a ring of this size and nothing in it. */
/*@ requires block: \valid(r) && capacity <= SQ_WINDOW_MAX && SQ_MSS_MIN <= mss <= SQ_MSS_MAX;
    terminates \true;
    assigns *r;
    ensures valid: ReceiveValid(*r);
    ensures empty: r->received == 0 && r->rx == SQ_RX_NONE && r->irs == 0 && r->nxt == 0 && r->wnd == 0 &&
      r->capacity == capacity && r->head == 0 && r->used == 0 && r->shift == 0 && r->mss == mss && r->scaled == 0; */
static void receive_start(struct sq_receive *r, uint32_t capacity, uint32_t mss)
{
    r->received = 0u;
    r->rx = SQ_RX_NONE;
    r->irs = 0u;
    r->nxt = 0u;
    r->wnd = 0u;
    r->capacity = capacity;
    r->head = 0u;
    r->used = 0u;
    r->shift = 0u;
    r->mss = mss;
    r->scaled = 0u;
}

/*@ requires block: \valid(r);
    terminates \true;
    assigns *r;
    ensures clear: r->urgent == 0 && r->excessive == 0 && r->soft == 0 && r->timeouts == 0; */
static void report_clear(struct sq_report *r)
{
    r->urgent = 0u;
    r->excessive = 0u;
    r->soft = 0u;
    r->timeouts = 0u;
}

/* A connection with these settings and rings, everything else as if it had never been used. */
/*@ requires block: \valid(c) && c->now <= SQ_TIME_MAX && SettingsValid(c->settings);
    requires rings: send_capacity <= SQ_WINDOW_MAX && receive_capacity <= SQ_WINDOW_MAX;
    requires target: state == SQ_CLOSED || state == SQ_LISTEN;
    terminates \true;
    assigns c->state, c->passive, c->reason, c->keeps, c->send, c->receive, c->flight, c->rtt, c->congestion, c->reassembly,
      c->times, c->owed, c->urgent, c->report;
    ensures valid: ConnectionValid(*c);
    ensures news: c->urgent.send_up == 0 && c->urgent.receive_up == 0 && c->report.urgent == 0 && c->report.excessive == 0 &&
      c->report.soft == 0 && c->report.timeouts == 0;
    ensures fresh: c->state == state && c->passive == (state == SQ_LISTEN ? 1 : 0) && c->reason == SQ_REASON_NONE &&
      c->send.tx == SQ_TX_NONE && c->send.capacity == send_capacity && c->receive.capacity == receive_capacity &&
      c->receive.used == 0 && c->receive.received == 0 && c->receive.mss == c->settings.mss && Owed(c->owed) == 0 &&
      c->owed.rst == 0; */
static void start(struct sq_conn *c, uint32_t state, uint32_t send_capacity,
                  uint32_t receive_capacity)
{
    c->passive = 0u;
    c->send.capacity = send_capacity;
    c->send.head = 0u;
    receive_start(&c->receive, receive_capacity, c->settings.mss);
    sq_owed_clear(&c->owed);
    c->urgent.send_up = 0u;
    c->urgent.receive_up = 0u;
    report_clear(&c->report);
    sq_teardown(c, state, SQ_REASON_NONE);
}

/*@ requires block: \valid(t) && \valid_read(s) && \separated(t, s);
    terminates \true;
    assigns *t;
    ensures copy: *t == *s; */
static void settings_copy(struct sq_settings *t, const struct sq_settings *s)
{
    *t = *s;
}

void sq_init(struct sq_conn *c)
{
    c->now = 0u;
    sq_settings_default(&c->settings);
    start(c, SQ_CLOSED, 0u, 0u);
}

void sq_release(struct sq_conn *c)
{
    sq_init(c);
}

/* ======== OPEN. RFC 9293 3.10.1 ======== */

/*@ requires block: \valid_read(s);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures exact: \result == 1 <==> OpenFits(*s, send_capacity, receive_capacity); */
static uint32_t open_valid(const struct sq_settings *s, uint32_t send_capacity,
                           uint32_t receive_capacity)
{
    if (sq_settings_valid(s) == 0u || send_capacity < 1u || send_capacity > SQ_WINDOW_MAX ||
        receive_capacity < 1u || receive_capacity > SQ_WINDOW_MAX) {
        return 0u;
    }
    return s->shift == SQ_NO_SHIFT || 2u * sq_receive_pow2(s->shift) <= receive_capacity ? 1u : 0u;
}

uint32_t sq_open_passive(struct sq_conn *c, const struct sq_settings *s, uint32_t send_capacity,
                         uint32_t receive_capacity)
{
    if (c->state != SQ_CLOSED) {
        return SQ_ERROR_EXISTS;
    }
    if (open_valid(s, send_capacity, receive_capacity) == 0u) {
        return SQ_ERROR_SETTINGS;
    }
    settings_copy(&c->settings, s);
    start(c, sq_state_next(SQ_CLOSED, SQ_EVENT_OPEN_PASSIVE, 0u), send_capacity, receive_capacity);
    return SQ_OK;
}

uint32_t sq_open_active(struct sq_conn *c, const struct sq_settings *s, uint32_t send_capacity,
                        uint32_t receive_capacity, uint32_t iss)
{
    if (c->state != SQ_CLOSED && c->state != SQ_LISTEN) {
        return SQ_ERROR_EXISTS;
    }
    if (open_valid(s, send_capacity, receive_capacity) == 0u) {
        return SQ_ERROR_SETTINGS;
    }
    settings_copy(&c->settings, s);
    start(c, SQ_CLOSED, send_capacity, receive_capacity);
    sq_send_open(&c->send, iss);
    c->state = sq_state_next(SQ_CLOSED, SQ_EVENT_OPEN_ACTIVE, 0u);
    return SQ_OK;
}

/* ======== SEND. RFC 9293 3.10.2 ======== */

/*@ requires block: \valid_read(s) && SendValid(*s);
    terminates \true;
    assigns \nothing;
    ensures room: Accepting(*s) ==> \result == s->capacity - s->queued;
    ensures none: !Accepting(*s) ==> \result == 0; */
static uint32_t send_room(const struct sq_send *s)
{
    if (s->closing == 1u || s->tx == SQ_TX_NONE || s->tx >= SQ_TX_FIN_WANTED) {
        return 0u;
    }
    return s->capacity - s->queued;
}

struct sq_slices sq_writable(const struct sq_conn *c)
{
    struct sq_slices s = {0u, 0u, 0u, 0u};
    uint32_t n = send_room(&c->send);
    if (n > 0u) {
        s = sq_ring_slices(c->send.capacity, c->send.head, c->send.queued, n);
    }
    return s;
}

/* Something more waits to go: the persist timer has a case if the window is shut or not worth it. RFC 9293 3.8.6.1 */
/*@ requires block: \valid(c) && PartsValid(*c) && Tied(*c) && TimesArmed(*c);
    terminates \true;
    assigns c->times.persist;
    ensures valid: ConnectionValid(*c);
    ensures quiet: !Stalled(c->send) ==> c->times.persist == SQ_NEVER; */
static void watch_window(struct sq_conn *c)
{
    sq_times_window(&c->times, sq_send_stalled(&c->send), c->rtt.rto, c->now);
}

uint32_t sq_commit(struct sq_conn *c, uint32_t n, uint64_t now)
{
    c->now = sq_clock(c->now, now);
    if (c->send.tx == SQ_TX_NONE) {
        return SQ_ERROR_NO_CONNECTION;
    }
    if (c->send.tx >= SQ_TX_FIN_WANTED || c->send.closing == 1u) {
        return SQ_ERROR_CLOSING;
    }
    if (n > c->send.capacity - c->send.queued) {
        return SQ_ERROR_RESOURCES;
    }
    if (c->send.queued == 0u) {
        sq_congestion_idle(&c->congestion, c->send.mss, c->settings.initial_window, c->rtt.rto,
                           c->now);
    }
    sq_send_queue(&c->send, n);
    watch_window(c);
    return SQ_OK;
}

uint32_t sq_urge(struct sq_conn *c)
{
    if (c->send.tx == SQ_TX_NONE) {
        return SQ_ERROR_NO_CONNECTION;
    }
    if (c->send.tx >= SQ_TX_FIN_WANTED || c->send.closing == 1u) {
        return SQ_ERROR_CLOSING;
    }
    c->urgent.send_up = c->send.acked + c->send.queued;
    return SQ_OK;
}

uint32_t sq_flush(struct sq_conn *c)
{
    uint32_t n = c->send.queued - c->send.sent;
    c->send.queued = c->send.sent;
    if (c->urgent.send_up > c->send.acked + c->send.queued) {
        c->urgent.send_up = c->send.acked + c->send.queued;
    }
    watch_window(c);
    return n;
}

void sq_user_timeout(struct sq_conn *c, uint32_t r2)
{
    c->settings.r2 = r2;
}

/* ======== RECEIVE. RFC 9293 3.10.3 ======== */

uint32_t sq_urgent(const struct sq_conn *c)
{
    return sq_urgent_ahead(c->urgent.receive_up, c->receive.received, c->receive.used);
}

struct sq_slices sq_readable(const struct sq_conn *c)
{
    struct sq_slices s = {0u, 0u, 0u, 0u};
    if (c->receive.used > 0u) {
        s = sq_ring_slices(c->receive.capacity, c->receive.head, 0u, c->receive.used);
    }
    return s;
}

uint32_t sq_consume(struct sq_conn *c, uint32_t n)
{
    if (n > c->receive.used) {
        return SQ_ERROR_RESOURCES;
    }
    sq_receive_consume(&c->receive, n);
    if (c->receive.rx == SQ_RX_OPEN && sq_receive_update_due(&c->receive) != 0u) {
        c->owed.ack = 1u;
    }
    return SQ_OK;
}

/* ======== reports. RFC 9293 3.9.1.8 ======== */

struct sq_report sq_reports(struct sq_conn *c)
{
    struct sq_report told = c->report;
    c->report.urgent = 0u;
    c->report.excessive = 0u;
    c->report.soft = 0u;
    return told;
}

/* ======== CLOSE and ABORT. RFC 9293 3.10.4, 3.10.5 ======== */

uint32_t sq_close(struct sq_conn *c, uint64_t now)
{
    c->now = sq_clock(c->now, now);
    if (c->state == SQ_CLOSED) {
        return SQ_ERROR_NO_CONNECTION;
    }
    if (c->state == SQ_LISTEN || c->state == SQ_SYN_SENT) {
        sq_teardown(c, sq_state_next(c->state, SQ_EVENT_CLOSE, 0u), SQ_REASON_ABORTED);
        return SQ_OK;
    }
    if (c->send.closing == 1u || c->send.tx >= SQ_TX_FIN_WANTED) {
        return SQ_ERROR_CLOSING;
    }
    sq_send_close(&c->send);
    c->state = sq_state_next(c->state, SQ_EVENT_CLOSE, 0u);
    watch_window(c);
    return SQ_OK;
}

uint32_t sq_abort(struct sq_conn *c)
{
    if (c->state == SQ_CLOSED) {
        return SQ_ERROR_NO_CONNECTION;
    }
    if (c->state >= SQ_SYN_RECEIVED && c->state <= SQ_CLOSE_WAIT) {
        uint32_t place = c->send.probing == 1u ? 0u : c->send.flight;
        sq_owed_reset(&c->owed, SQ_RST, sq_seq_add(c->send.una, place), 0u);
    }
    sq_teardown(c, SQ_CLOSED, SQ_REASON_ABORTED);
    return SQ_OK;
}

/* ======== STATUS. RFC 9293 3.10.6 ======== */

struct sq_status sq_status(const struct sq_conn *c)
{
    struct sq_status s = {0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u};
    s.state = c->state;
    s.reason = c->reason;
    s.unacknowledged = c->send.sent;
    s.unsent = c->send.queued - c->send.sent;
    s.writable = c->send.capacity - c->send.queued;
    s.readable = c->receive.used;
    s.send_window = c->send.wnd;
    s.receive_window = c->receive.wnd;
    s.congestion_window = c->congestion.cwnd;
    s.srtt = c->rtt.srtt;
    s.rto = c->rtt.rto;
    s.mss = c->send.mss;
    return s;
}
