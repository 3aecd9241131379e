/* SPDX-License-Identifier: MIT */
/* What stands above the user's calls. */
#include "doors.h"
#include "fuzz.h"
#include "twin.h"

#define SAME(a, b) (memcmp(&(a), &(b), sizeof(a)) == 0)

static void valid(const struct sq_conn *c, const char *clause)
{
    FUZZ_CHECK(clause, connection_valid(c));
}

static bool canonical(const struct sq_conn *c)
{
    return c->state == SQ_CLOSED && c->reason == SQ_REASON_NONE && c->now == 0u &&
           c->passive == 0u && c->receive.used == 0u && c->receive.capacity == 0u &&
           c->send.capacity == 0u && c->receive.received == 0u && c->owed.rst == 0u;
}

void door_init(struct sq_conn *c)
{
    sq_init(c);
    valid(c, "sq_init.valid");
    FUZZ_CHECK("sq_init.canonical", canonical(c));
}

void door_release(struct sq_conn *c)
{
    struct sq_conn fresh;

    memset(&fresh, 0xa5, sizeof fresh);
    sq_init(&fresh);
    sq_release(c);
    valid(c, "sq_release.valid");
    FUZZ_CHECK("sq_release.canonical", canonical(c) && SAME(*c, fresh));
}

/* ---- OPEN ---- */

static void opened(const struct sq_conn *c, const struct sq_conn *b, uint32_t result, bool may,
                   const struct sq_settings *s, uint32_t send, uint32_t receive)
{
    bool good = may && sq_settings_valid(s) == 1u && send >= 1u && send <= SQ_WINDOW_MAX &&
                receive >= 1u && receive <= SQ_WINDOW_MAX &&
                (s->shift == SQ_NO_SHIFT || receive >= (uint64_t)2u << s->shift);

    valid(c, "sq_open.valid");
    FUZZ_CHECK("sq_open.open", (result == SQ_OK) == good);
    FUZZ_CHECK("sq_open.refused", result == SQ_OK || SAME(*c, *b));
    FUZZ_CHECK("sq_open.rings",
               result != SQ_OK || (c->send.capacity == send && c->receive.capacity == receive &&
                                   c->receive.used == 0u && c->receive.received == 0u &&
                                   c->receive.mss == s->mss && SAME(c->settings, *s)));
}

uint32_t door_open_passive(struct sq_conn *c, const struct sq_settings *s, uint32_t send_capacity,
                           uint32_t receive_capacity)
{
    struct sq_conn before = *c;
    uint32_t result = sq_open_passive(c, s, send_capacity, receive_capacity);

    opened(c, &before, result, before.state == SQ_CLOSED, s, send_capacity, receive_capacity);
    FUZZ_CHECK("sq_open_passive.listen",
               result != SQ_OK || (c->state == SQ_LISTEN && c->passive == 1u));
    return result;
}

uint32_t door_open_active(struct sq_conn *c, const struct sq_settings *s, uint32_t send_capacity,
                          uint32_t receive_capacity, uint32_t iss)
{
    struct sq_conn before = *c;
    uint32_t result = sq_open_active(c, s, send_capacity, receive_capacity, iss);

    opened(c, &before, result, before.state <= SQ_LISTEN, s, send_capacity, receive_capacity);
    FUZZ_CHECK("sq_open_active.syn_sent",
               result != SQ_OK ||
                   (c->state == SQ_SYN_SENT && c->passive == 0u && c->send.iss == iss &&
                    c->send.una == iss && c->send.tx == SQ_TX_SYN_WANTED));
    return result;
}

/* ---- SEND ---- */

/* The first text after a silence longer than the RTO starts with the initial window. RFC 5681 4.1 */
static uint32_t restarted(const struct sq_conn *b, uint64_t now)
{
    int64_t least = initial_window(b->send.mss, b->settings.initial_window);
    bool idle = b->send.queued == 0u && b->congestion.last + b->rtt.rto < now;

    return idle && b->congestion.cwnd > least ? (uint32_t)least : b->congestion.cwnd;
}

uint32_t door_commit(struct sq_conn *c, uint32_t n, uint64_t now)
{
    struct sq_conn b = *c, expected = *c;
    uint32_t result = sq_commit(c, n, now);
    bool good = accepting(&b.send) && n <= b.send.capacity - b.send.queued;

    valid(c, "sq_commit.valid");
    FUZZ_CHECK("sq_commit.nobody", b.send.tx != SQ_TX_NONE || result == SQ_ERROR_NO_CONNECTION);
    FUZZ_CHECK("sq_commit.closing", (b.send.tx < SQ_TX_FIN_WANTED && b.send.closing == 0u) ||
                                        result == SQ_ERROR_CLOSING);
    FUZZ_CHECK("sq_commit.sent", (result == SQ_OK) == good);
    FUZZ_CHECK("sq_commit.queued", c->send.queued == b.send.queued + (good ? n : 0u));
    expected.now = c->now;
    expected.send.queued = c->send.queued;
    expected.times.persist = c->times.persist;
    expected.congestion.cwnd = c->congestion.cwnd;
    FUZZ_CHECK("sq_commit.restart",
               c->congestion.cwnd == (good ? restarted(&b, c->now) : b.congestion.cwnd));
    FUZZ_CHECK("sq_commit.assigns", SAME(*c, expected));
    return result;
}

uint32_t door_write(struct sq_conn *c, uint8_t *ring, const uint8_t *from, uint32_t n, uint64_t now)
{
    struct sq_conn b = *c, expected = *c;
    uint32_t room = b.send.capacity - b.send.queued, took = sq_write(c, ring, from, n, now);

    valid(c, "sq_write.valid");
    FUZZ_CHECK("sq_write.count", took == (accepting(&b.send) ? (n < room ? n : room) : 0u));
    FUZZ_CHECK("sq_write.queued", c->send.queued == b.send.queued + took);
    for (uint32_t i = 0u; i < took; i++) {
        FUZZ_CHECK("sq_write.copied",
                   ring[place(c->send.capacity, c->send.head, b.send.queued + i)] == from[i]);
    }
    expected.now = c->now;
    expected.send.queued = c->send.queued;
    expected.times.persist = c->times.persist;
    expected.congestion.cwnd = c->congestion.cwnd;
    FUZZ_CHECK("sq_write.restart", c->congestion.cwnd == restarted(&b, c->now) ||
                                       (took == 0u && c->congestion.cwnd == b.congestion.cwnd));
    FUZZ_CHECK("sq_write.assigns", SAME(*c, expected));
    return took;
}

/* ---- RECEIVE ---- */

static void consumed(const struct sq_conn *c, const struct sq_conn *b, uint32_t n, bool ok)
{
    struct sq_conn expected = *b;
    bool due = c->receive.rx == SQ_RX_OPEN && edge_due(&c->receive) > c->receive.wnd;

    valid(c, "sq_consume.valid");
    FUZZ_CHECK("sq_consume.used", c->receive.used == b->receive.used - (ok ? n : 0u));
    FUZZ_CHECK("sq_consume.head",
               c->receive.head == (ok && n > 0u ? place(b->receive.capacity, b->receive.head, n)
                                                : b->receive.head));
    FUZZ_CHECK("sq_consume.update", !ok || !due || c->owed.ack == 1u);
    FUZZ_CHECK("sq_consume.no_update", c->owed.ack == b->owed.ack || due);
    expected.receive.head = c->receive.head;
    expected.receive.used = c->receive.used;
    expected.owed.ack = c->owed.ack;
    FUZZ_CHECK("sq_consume.assigns", SAME(*c, expected));
}

uint32_t door_consume(struct sq_conn *c, uint32_t n)
{
    struct sq_conn before = *c;
    uint32_t result = sq_consume(c, n);

    FUZZ_CHECK("sq_consume.consumed",
               result == (n <= before.receive.used ? SQ_OK : SQ_ERROR_RESOURCES));
    consumed(c, &before, n, result == SQ_OK);
    return result;
}

uint32_t door_read(struct sq_conn *c, const uint8_t *ring, uint8_t *to, uint32_t n)
{
    struct sq_conn before = *c;
    uint32_t got = sq_read(c, ring, to, n);

    FUZZ_CHECK("sq_read.count", got == (n < before.receive.used ? n : before.receive.used));
    for (uint32_t i = 0u; i < got; i++) {
        FUZZ_CHECK("sq_read.copied",
                   to[i] == ring[place(before.receive.capacity, before.receive.head, i)]);
    }
    if (got > 0u) {
        consumed(c, &before, got, true);
    } else {
        FUZZ_CHECK("sq_read.nothing", SAME(*c, before));
    }
    return got;
}

/* ---- CLOSE, ABORT ---- */

uint32_t door_close(struct sq_conn *c, uint64_t now)
{
    struct sq_conn b = *c;
    uint32_t result = sq_close(c, now);
    bool again = b.send.closing == 1u || b.send.tx >= SQ_TX_FIN_WANTED;

    valid(c, "sq_close.valid");
    FUZZ_CHECK("sq_close.nobody",
               b.state != SQ_CLOSED || (result == SQ_ERROR_NO_CONNECTION && c->reason == b.reason));
    FUZZ_CHECK("sq_close.half", (b.state != SQ_LISTEN && b.state != SQ_SYN_SENT) ||
                                    (result == SQ_OK && c->state == SQ_CLOSED));
    FUZZ_CHECK("sq_close.waits",
               b.state != SQ_SYN_RECEIVED || b.send.closing != 0u ||
                   (result == SQ_OK && c->state == SQ_SYN_RECEIVED && c->send.closing == 1u));
    FUZZ_CHECK("sq_close.open",
               b.send.tx != SQ_TX_OPEN || (result == SQ_OK && c->send.tx == SQ_TX_FIN_WANTED &&
                                           c->state == next_state(b.state, SQ_EVENT_CLOSE, 0u) &&
                                           c->send.queued == b.send.queued));
    FUZZ_CHECK("sq_close.again", !again || (result == SQ_ERROR_CLOSING && c->state == b.state &&
                                            SAME(c->send, b.send)));
    FUZZ_CHECK("sq_close.unread",
               c->receive.used == b.receive.used && c->receive.head == b.receive.head);
    return result;
}

uint32_t door_abort(struct sq_conn *c)
{
    struct sq_conn b = *c;
    uint32_t result = sq_abort(c);
    bool told = b.state >= SQ_SYN_RECEIVED && b.state <= SQ_CLOSE_WAIT;

    valid(c, "sq_abort.valid");
    FUZZ_CHECK("sq_abort.nobody",
               b.state != SQ_CLOSED || (result == SQ_ERROR_NO_CONNECTION && SAME(*c, b)));
    FUZZ_CHECK("sq_abort.gone", b.state == SQ_CLOSED || (result == SQ_OK && c->state == SQ_CLOSED &&
                                                         c->reason == SQ_REASON_ABORTED));
    FUZZ_CHECK("sq_abort.told",
               !told || (c->owed.rst == 1u && c->owed.rst_flags == SQ_RST &&
                         c->owed.rst_seq ==
                             seq_add(b.send.una, b.send.probing == 1u ? 0u : b.send.flight)));
    FUZZ_CHECK("sq_abort.silent", told || c->owed.rst == b.owed.rst);
    return result;
}

/* ---- looking ---- */

void door_look(const struct sq_conn *c)
{
    struct sq_status s = sq_status(c);
    struct sq_slices w = sq_writable(c), r = sq_readable(c);
    uint64_t a = c->times.rexmit < c->times.persist ? c->times.rexmit : c->times.persist,
             b = c->times.user < c->times.time_wait ? c->times.user : c->times.time_wait,
             d = c->times.ack < c->times.keepalive ? c->times.ack : c->times.keepalive;

    FUZZ_CHECK("sq_deadline.earliest",
               sq_deadline(c) == (a < b ? (a < d ? a : d) : (b < d ? b : d)));
    FUZZ_CHECK("sq_status.state", s.state == c->state && s.reason == c->reason);
    FUZZ_CHECK("sq_status.queues", s.unacknowledged == c->send.sent &&
                                       s.unsent == c->send.queued - c->send.sent &&
                                       s.readable == c->receive.used);
    FUZZ_CHECK("sq_status.windows", s.send_window == c->send.wnd &&
                                        s.receive_window == c->receive.wnd &&
                                        s.congestion_window == c->congestion.cwnd);
    FUZZ_CHECK("sq_writable.room",
               w.len + w.len2 == (accepting(&c->send) ? c->send.capacity - c->send.queued : 0u));
    FUZZ_CHECK("sq_writable.place",
               w.len == 0u || w.at == place(c->send.capacity, c->send.head, c->send.queued));
    FUZZ_CHECK("sq_readable.all", r.len + r.len2 == c->receive.used);
    FUZZ_CHECK("sq_readable.place", r.len == 0u || (r.at == c->receive.head && r.at2 == 0u));
}
