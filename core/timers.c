/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* What each timer does when it fires. RFC 9293 3.10.8 */
#include "timers.h"

#include "flight.h"
#include "rtt.h"
#include "teardown.h"

uint64_t sq_deadline(const struct sq_conn *c)
{
    return sq_times_earliest(&c->times);
}

/* One more timeout in a row; the user is told when it is the R1st. RFC 9293 3.8.3 MUST-20, SHLD-9 */
/*@ requires block: \valid(r) && ReportValid(*r) && 1 <= r1 <= SQ_R1_MAX;
    terminates \true;
    assigns r->timeouts, r->excessive;
    ensures valid: ReportValid(*r);
    ensures counted: r->timeouts == (\old(r->timeouts) < r1 ? \old(r->timeouts) + 1 : \old(r->timeouts));
    ensures told: r->excessive == (\old(r->timeouts) + 1 == r1 ? 1 : \old(r->excessive)); */
static void count_timeout(struct sq_report *r, uint32_t r1)
{
    if (r->timeouts + 1u == r1) {
        r->excessive = 1u;
    }
    if (r->timeouts < r1) {
        r->timeouts = r->timeouts + 1u;
    }
}

/* RFC 6298 5.4 to 5.6: everything goes again, the clock backs off; a probe's loss tells nothing of congestion. The
   threshold stays when the same segment goes again, for what is in flight is the same then. RFC 5681 3.1 */
/*@ requires block: \valid(c) && ConnectionValid(*c) && c->times.rexmit != SQ_NEVER;
    terminates \true;
    assigns c->flight.resend_from, c->flight.resend_to, c->rtt.rto, c->congestion, c->times.rexmit, c->report.timeouts,
      c->report.excessive;
    ensures valid: ConnectionValid(*c);
    ensures again: c->flight.resend_from == 0 && c->flight.resend_to == c->send.flight;
    ensures excessive: \old(c->report.timeouts) + 1 == c->settings.r1 ==> c->report.excessive == 1;
    ensures counted: c->report.timeouts >= 1 && c->report.excessive >= \old(c->report.excessive);
    ensures backed_off: c->rtt.rto == \min(2 * \old(c->rtt.rto), \max(\old(c->rtt.rto), c->settings.rto_max)) &&
      c->times.rexmit == c->now + c->rtt.rto;
    ensures collapsed: c->send.probing == 0 ==> c->congestion.cwnd == c->send.mss && c->congestion.recovering == 0 &&
      c->congestion.ssthresh == \old(TimeoutThreshold(c->congestion, c->send.flight, c->send.mss)); */
static void expire_rexmit(struct sq_conn *c)
{
    uint32_t most = c->rtt.rto > c->settings.rto_max ? c->rtt.rto : c->settings.rto_max;
    sq_rtt_backoff(&c->rtt, most);
    sq_flight_lost(&c->flight, c->send.flight);
    if (c->send.probing == 0u) {
        sq_congestion_timeout(&c->congestion, c->send.flight, c->send.mss);
    }
    c->times.rexmit = c->now + c->rtt.rto;
    count_timeout(&c->report, c->settings.r1);
}

/* A probe is due, and the next one later; where the window is only small, what fits goes. RFC 9293 3.8.6.1, 3.8.6.2.1 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    terminates \true;
    assigns c->rtt.rto, c->owed.probe, c->times.persist;
    ensures valid: ConnectionValid(*c);
    ensures probe: c->owed.probe == 1 && c->times.persist == c->now + c->rtt.rto;
    ensures steady: c->send.wnd > 0 ==> c->rtt.rto == \old(c->rtt.rto);
    ensures backed_off: c->send.wnd == 0 ==> c->rtt.rto == \min(2 * \old(c->rtt.rto), \max(\old(c->rtt.rto), c->settings.rto_max)); */
static void expire_persist(struct sq_conn *c)
{
    uint32_t most = c->rtt.rto > c->settings.rto_max ? c->rtt.rto : c->settings.rto_max;
    if (c->send.wnd == 0u) {
        sq_rtt_backoff(&c->rtt, most);
    }
    c->owed.probe = 1u;
    c->times.persist = c->now + c->rtt.rto;
}

/* The ACK has waited long enough. RFC 9293 3.8.6.3 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    terminates \true;
    assigns c->owed.ack, c->times.ack;
    ensures valid: ConnectionValid(*c);
    ensures due: c->owed.ack == 1 && c->times.ack == SQ_NEVER; */
static void expire_ack(struct sq_conn *c)
{
    c->owed.ack = 1u;
    c->times.ack = SQ_NEVER;
}

/* The peer was silent: a probe, or the end once enough went unanswered. While something is in flight R2 decides; in
   TIME-WAIT nobody is looked after. RFC 9293 3.8.4 */
/*@ requires block: \valid(c) && ConnectionValid(*c) && c->times.keepalive != SQ_NEVER;
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures gone: \old(c->state) != SQ_TIME_WAIT && \old(c->send.flight) == 0 && \old(c->keeps) >= c->settings.keep_probes ==>
      c->state == SQ_CLOSED && c->reason == SQ_REASON_TIMED_OUT;
    ensures probe: \old(c->state) != SQ_TIME_WAIT && \old(c->send.flight) == 0 && \old(c->keeps) < c->settings.keep_probes ==>
      c->owed.keepalive == 1 && c->keeps == \old(c->keeps) + 1 && c->state == \old(c->state) && c->send == \old(c->send) &&
      c->times.keepalive == c->now + c->settings.keep_interval * 1000000;
    ensures others: \old(c->state) == SQ_TIME_WAIT || \old(c->send.flight) > 0 ==> c->state == \old(c->state) &&
      c->owed == \old(c->owed) && c->send == \old(c->send) && c->flight == \old(c->flight);
    ensures unread: c->receive.used == \old(c->receive.used) && c->receive.head == \old(c->receive.head) &&
      c->receive.capacity == \old(c->receive.capacity) && c->now == \old(c->now) && c->settings == \old(c->settings); */
static void expire_keepalive(struct sq_conn *c)
{
    if (c->state == SQ_TIME_WAIT) {
        c->times.keepalive = SQ_NEVER;
        return;
    }
    if (c->send.flight == 0u) {
        if (c->keeps >= c->settings.keep_probes) {
            sq_teardown(c, SQ_CLOSED, SQ_REASON_TIMED_OUT);
            return;
        }
        c->keeps = c->keeps + 1u;
        c->owed.keepalive = 1u;
    }
    c->times.keepalive = c->now + c->settings.keep_interval * (uint64_t)1000000u;
}

void sq_expire(struct sq_conn *c, uint32_t timer, uint64_t now)
{
    c->now = sq_clock(c->now, now);
    if (timer == SQ_TIMER_REXMIT && c->times.rexmit != SQ_NEVER) {
        expire_rexmit(c);
    } else if (timer == SQ_TIMER_PERSIST && c->times.persist != SQ_NEVER) {
        expire_persist(c);
    } else if (timer == SQ_TIMER_USER && c->times.user != SQ_NEVER) {
        sq_teardown(c, SQ_CLOSED, SQ_REASON_TIMED_OUT);
    } else if (timer == SQ_TIMER_TIME_WAIT && c->times.time_wait != SQ_NEVER) {
        sq_teardown(c, SQ_CLOSED, SQ_REASON_DONE);
    } else if (timer == SQ_TIMER_ACK && c->times.ack != SQ_NEVER) {
        expire_ack(c);
    } else if (timer == SQ_TIMER_KEEPALIVE && c->times.keepalive != SQ_NEVER) {
        expire_keepalive(c);
    }
}

void sq_tick(struct sq_conn *c, uint64_t now)
{
    c->now = sq_clock(c->now, now);
    if (c->times.user <= c->now) {
        sq_expire(c, SQ_TIMER_USER, now);
        return;
    }
    if (c->times.time_wait <= c->now) {
        sq_expire(c, SQ_TIMER_TIME_WAIT, now);
        return;
    }
    if (c->times.rexmit <= c->now) {
        sq_expire(c, SQ_TIMER_REXMIT, now);
    }
    if (c->times.persist <= c->now) {
        sq_expire(c, SQ_TIMER_PERSIST, now);
    }
    if (c->times.ack <= c->now) {
        sq_expire(c, SQ_TIMER_ACK, now);
    }
    if (c->times.keepalive <= c->now) {
        sq_expire(c, SQ_TIMER_KEEPALIVE, now);
    }
}
