/* SPDX-License-Identifier: MIT */
/* What stands above sq_expire and sq_tick. */
#include "doors.h"
#include "fuzz.h"
#include "twin.h"

#define SAME(a, b) (memcmp(&(a), &(b), sizeof(a)) == 0)

static uint64_t timer_of(const struct sq_times *t, uint32_t timer)
{
    return timer == SQ_TIMER_REXMIT      ? t->rexmit
           : timer == SQ_TIMER_PERSIST   ? t->persist
           : timer == SQ_TIMER_USER      ? t->user
           : timer == SQ_TIMER_TIME_WAIT ? t->time_wait
           : timer == SQ_TIMER_ACK       ? t->ack
                                         : t->keepalive;
}

/* RFC 9293 3.8.4: while something is in flight R2 decides; in TIME-WAIT nobody is looked after. */
static void fired_keepalive(const struct sq_conn *c, const struct sq_conn *b)
{
    uint64_t next = c->now + c->settings.keep_interval * (uint64_t)1000000u;

    if (b->state == SQ_TIME_WAIT || b->send.flight > 0u) {
        FUZZ_CHECK("sq_expire.keepalive_others",
                   c->state == b->state && SAME(c->owed, b->owed) && SAME(c->send, b->send) &&
                       c->keeps == b->keeps &&
                       c->times.keepalive == (b->state == SQ_TIME_WAIT ? SQ_NEVER : next));
    } else if (b->keeps >= c->settings.keep_probes) {
        FUZZ_CHECK("sq_expire.gone",
                   c->state == SQ_CLOSED && c->reason == SQ_REASON_TIMED_OUT && c->keeps == 0u);
    } else {
        FUZZ_CHECK("sq_expire.keepalive", c->owed.keepalive == 1u && c->keeps == b->keeps + 1u &&
                                              c->state == b->state && SAME(c->send, b->send) &&
                                              c->times.keepalive == next);
    }
}

static void fired(const struct sq_conn *c, const struct sq_conn *b, uint32_t timer)
{
    uint64_t rto = 2u * (uint64_t)b->rtt.rto,
             most = b->rtt.rto > b->settings.rto_max ? b->rtt.rto : b->settings.rto_max;

    if (timer == SQ_TIMER_REXMIT) {
        FUZZ_CHECK("sq_expire.rexmit",
                   c->state == b->state && c->flight.resend_from == 0u &&
                       c->flight.resend_to == c->send.flight && SAME(c->send, b->send) &&
                       c->rtt.rto == (rto < most ? rto : most) &&
                       c->times.rexmit == c->now + c->rtt.rto && c->times.user == b->times.user &&
                       c->times.persist == b->times.persist);
        FUZZ_CHECK("sq_expire.excessive",
                   c->report.excessive ==
                       (b->report.timeouts + 1u == b->settings.r1 ? 1u : b->report.excessive));
        FUZZ_CHECK("sq_expire.collapsed",
                   b->send.probing != 0u ||
                       (c->congestion.cwnd == c->send.mss && c->congestion.recovering == 0u &&
                        c->congestion.ssthresh ==
                            timeout_threshold(&b->congestion, b->send.flight, b->send.mss) &&
                        c->congestion.recover == c->send.flight));
        FUZZ_CHECK("sq_expire.probe_lost",
                   b->send.probing == 0u || SAME(c->congestion, b->congestion));
    } else if (timer == SQ_TIMER_PERSIST) {
        FUZZ_CHECK("sq_expire.persist", c->owed.probe == 1u && c->state == b->state &&
                                            SAME(c->send, b->send) && SAME(c->flight, b->flight) &&
                                            c->rtt.rto == (b->send.wnd > 0u ? b->rtt.rto
                                                           : rto < most     ? rto
                                                                            : most) &&
                                            c->times.persist == c->now + c->rtt.rto);
    } else if (timer == SQ_TIMER_ACK) {
        FUZZ_CHECK("sq_expire.ack", c->owed.ack == 1u && c->times.ack == SQ_NEVER &&
                                        c->state == b->state && SAME(c->send, b->send) &&
                                        clocks_kept(&c->times, &b->times));
    } else if (timer == SQ_TIMER_KEEPALIVE) {
        fired_keepalive(c, b);
    } else {
        FUZZ_CHECK("sq_expire.user", c->state == SQ_CLOSED &&
                                         c->reason == (timer == SQ_TIMER_USER ? SQ_REASON_TIMED_OUT
                                                                              : SQ_REASON_DONE));
    }
}

static void timers(const struct sq_conn *c, const struct sq_conn *b, uint64_t now)
{
    FUZZ_CHECK("sq_expire.valid", connection_valid(c));
    FUZZ_CHECK("sq_expire.clock", c->now == clock_of(b->now, now));
    FUZZ_CHECK("sq_expire.unread", c->receive.used == b->receive.used &&
                                       c->receive.head == b->receive.head &&
                                       c->receive.capacity == b->receive.capacity);
}

static bool idle(const struct sq_conn *c, const struct sq_conn *b)
{
    return c->state == b->state && SAME(c->send, b->send) && SAME(c->times, b->times) &&
           SAME(c->owed, b->owed);
}

void door_expire(struct sq_conn *c, uint32_t timer, uint64_t now)
{
    struct sq_conn before = *c;

    sq_expire(c, timer, now);
    timers(c, &before, now);
    if (timer_of(&before.times, timer) == SQ_NEVER) {
        FUZZ_CHECK("sq_expire.idle", idle(c, &before));
    } else {
        fired(c, &before, timer);
    }
}

void door_tick(struct sq_conn *c, uint64_t now)
{
    struct sq_conn b = *c;
    bool ends, alone;

    sq_tick(c, now);
    timers(c, &b, now);
    ends = b.times.user <= c->now || b.times.time_wait <= c->now;
    alone = !ends && b.times.keepalive > c->now; /* the keepalive timer may end it, too */
    FUZZ_CHECK("sq_tick.early", sq_deadline(&b) <= c->now || idle(c, &b));
    FUZZ_CHECK("sq_tick.over", b.times.user > c->now || c->state == SQ_CLOSED);
    FUZZ_CHECK("sq_tick.time_wait", b.times.time_wait > c->now || c->state == SQ_CLOSED);
    FUZZ_CHECK("sq_tick.rexmit",
               b.times.rexmit > c->now || ends ||
                   (c->flight.resend_from == 0u && c->flight.resend_to == c->send.flight &&
                    c->state == b.state));
    FUZZ_CHECK("sq_tick.persist",
               b.times.persist > c->now || !alone || (c->owed.probe == 1u && c->state == b.state));
    FUZZ_CHECK("sq_tick.ack",
               b.times.ack > c->now || !alone || (c->owed.ack == 1u && c->state == b.state));
    FUZZ_CHECK("sq_tick.keepalive", b.times.keepalive > c->now || ends || b.send.flight > 0u ||
                                        b.state == SQ_TIME_WAIT || c->state == SQ_CLOSED ||
                                        (c->owed.keepalive == 1u && c->keeps == b.keeps + 1u));
    FUZZ_CHECK("sq_tick.done", sq_deadline(c) > c->now); /* a deadline that has fired is gone */
}
