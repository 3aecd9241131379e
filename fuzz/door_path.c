/* SPDX-License-Identifier: MIT */
/* What stands above the urgent calls, FLUSH, the user timeout and the reports in core/user.h, and above core/path.h. */
#include "doors.h"
#include "fuzz.h"
#include "twin.h"

#define SAME(a, b) (memcmp(&(a), &(b), sizeof(a)) == 0)

static void valid(const struct sq_conn *c, const char *clause)
{
    FUZZ_CHECK(clause, connection_valid(c));
}

uint32_t door_urge(struct sq_conn *c)
{
    struct sq_conn b = *c, expected = *c;
    uint32_t result = sq_urge(c);
    bool good = accepting(&b.send);

    valid(c, "sq_urge.valid");
    FUZZ_CHECK("sq_urge.nobody", b.send.tx != SQ_TX_NONE || result == SQ_ERROR_NO_CONNECTION);
    FUZZ_CHECK("sq_urge.closing", (b.send.tx < SQ_TX_FIN_WANTED && b.send.closing == 0u) ||
                                      result == SQ_ERROR_CLOSING);
    FUZZ_CHECK("sq_urge.urgent", (result == SQ_OK) == good);
    expected.urgent.send_up = good ? b.send.acked + b.send.queued : b.urgent.send_up;
    FUZZ_CHECK("sq_urge.up", SAME(*c, expected));
    return result;
}

uint32_t door_flush(struct sq_conn *c)
{
    struct sq_conn b = *c, expected = *c;
    uint32_t gone = sq_flush(c);
    uint64_t end = b.send.acked + b.send.sent;

    valid(c, "sq_flush.valid");
    FUZZ_CHECK("sq_flush.emptied", gone == b.send.queued - b.send.sent);
    expected.send.queued = b.send.sent;
    expected.urgent.send_up = b.urgent.send_up < end ? b.urgent.send_up : end;
    expected.times.persist = c->times.persist;
    FUZZ_CHECK("sq_flush.quiet", stalled(&c->send) || c->times.persist == SQ_NEVER);
    FUZZ_CHECK("sq_flush.assigns", SAME(*c, expected));
    return gone;
}

void door_user_timeout(struct sq_conn *c, uint32_t r2)
{
    struct sq_conn expected = *c;

    sq_user_timeout(c, r2);
    valid(c, "sq_user_timeout.valid");
    expected.settings.r2 = r2;
    FUZZ_CHECK("sq_user_timeout.set", SAME(*c, expected));
}

struct sq_report door_reports(struct sq_conn *c)
{
    struct sq_conn b = *c, expected = *c;
    struct sq_report told = sq_reports(c);

    valid(c, "sq_reports.valid");
    FUZZ_CHECK("sq_reports.told", SAME(told, b.report));
    expected.report = (struct sq_report){.timeouts = b.report.timeouts};
    FUZZ_CHECK("sq_reports.once", SAME(*c, expected));
    return told;
}

/* ---- ICMP ---- */

uint32_t door_unreachable(struct sq_conn *c, uint32_t seq, uint32_t error, uint32_t hard)
{
    struct sq_conn b = *c, expected = *c;
    uint32_t believed = sq_unreachable(c, seq, error, hard),
             next = next_state(b.state, SQ_EVENT_RST, b.passive);

    valid(c, "sq_unreachable.valid");
    FUZZ_CHECK("sq_unreachable.believed", believed == (in_flight(&b.send, seq) ? 1u : 0u));
    if (believed == 1u && hard == 1u && opening(b.state)) {
        FUZZ_CHECK("sq_unreachable.hard",
                   c->state == next &&
                       c->reason == (next == SQ_LISTEN ? SQ_REASON_NONE : SQ_REASON_UNREACHABLE));
        return believed;
    }
    expected.report.soft = believed == 1u ? error : b.report.soft;
    FUZZ_CHECK("sq_unreachable.soft", SAME(*c, expected));
    return believed;
}

uint32_t door_too_big(struct sq_conn *c, uint32_t seq, uint32_t size)
{
    struct sq_conn b = *c, expected = *c;
    uint32_t believed = sq_too_big(c, seq, size);

    valid(c, "sq_too_big.valid");
    FUZZ_CHECK("sq_too_big.believed", believed == (too_big(&b, seq, size) ? 1u : 0u));
    if (believed == 1u) {
        expected.send.mss = size > SQ_MSS_MIN ? size : SQ_MSS_MIN;
        expected.flight.resend_from = 0u;
        expected.flight.resend_to = b.send.flight;
    }
    FUZZ_CHECK("sq_too_big.smaller", SAME(*c, expected));
    return believed;
}

/* ---- looking ---- */

void door_look_path(const struct sq_conn *c, uint32_t seq)
{
    uint64_t received = c->receive.received, used = c->receive.used;
    uint32_t ahead = received < used ? 0u : urgent_ahead(c->urgent.receive_up, received, used);

    FUZZ_CHECK("sq_urgent.exact", sq_urgent(c) == ahead);
    FUZZ_CHECK(
        "sq_reusable.exact",
        sq_reusable(c, seq) ==
            (c->state == SQ_TIME_WAIT && seq_dist(c->receive.nxt, seq) < 0x80000000 ? 1u : 0u));
    FUZZ_CHECK("sq_iss_beyond.exact",
               sq_iss_beyond(c, seq) ==
                   (seq_dist(c->send.una, seq) < 0x80000000 ? seq : c->send.una));
}
