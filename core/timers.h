/* SPDX-License-Identifier: MIT */
/* The timers. RFC 9293 3.10.8, RFC 6298 5. After each call poll `sq_output`. */
#ifndef SQ_TIMERS_H
#define SQ_TIMERS_H

#include "congestion.h"
#include "connection.h"
#include "times.h"

/* The timers by name, for `sq_expire`. */
enum sq_timer {
    SQ_TIMER_REXMIT,
    SQ_TIMER_PERSIST,
    SQ_TIMER_USER,
    SQ_TIMER_TIME_WAIT,
    SQ_TIMER_ACK,      /* the delayed ACK. RFC 9293 3.8.6.3 */
    SQ_TIMER_KEEPALIVE /* RFC 9293 3.8.4 */
};

/* Call `sq_tick` by then (microseconds; SQ_NEVER: no need to). It may be earlier than needed, never later. */
/*@ requires block: \valid_read(c);
    terminates \true;
    assigns \nothing;
    ensures earliest: \result == Earliest(c->times); */
uint64_t sq_deadline(const struct sq_conn *c);

/* This timer fired; does nothing if it is not armed. RFC 9293 3.10.8, RFC 6298 5.4 to 5.6 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures rexmit: timer == SQ_TIMER_REXMIT && \old(c->times.rexmit) != SQ_NEVER ==> c->state == \old(c->state) &&
      c->flight.resend_from == 0 && c->flight.resend_to == c->send.flight && c->send == \old(c->send) &&
      c->rtt.rto == \min(2 * \old(c->rtt.rto), \max(\old(c->rtt.rto), c->settings.rto_max)) &&
      c->times.rexmit == c->now + c->rtt.rto && c->times.user == \old(c->times.user) &&
      c->times.persist == \old(c->times.persist) && c->times.ack == \old(c->times.ack) &&
      c->times.keepalive == \old(c->times.keepalive);
    ensures excessive: timer == SQ_TIMER_REXMIT && \old(c->times.rexmit) != SQ_NEVER &&
      \old(c->report.timeouts) + 1 == c->settings.r1 ==> c->report.excessive == 1;
    ensures collapsed: timer == SQ_TIMER_REXMIT && \old(c->times.rexmit) != SQ_NEVER && \old(c->send.probing) == 0 ==>
      c->congestion.cwnd == c->send.mss &&
      c->congestion.ssthresh == \old(TimeoutThreshold(c->congestion, c->send.flight, c->send.mss));
    ensures persist: timer == SQ_TIMER_PERSIST && \old(c->times.persist) != SQ_NEVER ==> c->owed.probe == 1 &&
      c->state == \old(c->state) && c->send == \old(c->send) && c->flight == \old(c->flight) &&
      c->times.persist == c->now + c->rtt.rto && c->times.ack == \old(c->times.ack) &&
      c->times.keepalive == \old(c->times.keepalive);
    ensures user: timer == SQ_TIMER_USER && \old(c->times.user) != SQ_NEVER ==> c->state == SQ_CLOSED && c->reason == SQ_REASON_TIMED_OUT;
    ensures time_wait: timer == SQ_TIMER_TIME_WAIT && \old(c->times.time_wait) != SQ_NEVER ==> c->state == SQ_CLOSED &&
      c->reason == SQ_REASON_DONE;
    ensures ack: timer == SQ_TIMER_ACK && \old(c->times.ack) != SQ_NEVER ==> c->owed.ack == 1 && c->times.ack == SQ_NEVER &&
      c->state == \old(c->state) && c->send == \old(c->send) && c->flight == \old(c->flight) &&
      c->owed.probe == \old(c->owed.probe) && c->times.keepalive == \old(c->times.keepalive);
    ensures gone: timer == SQ_TIMER_KEEPALIVE && \old(c->times.keepalive) != SQ_NEVER && \old(c->state) != SQ_TIME_WAIT &&
      \old(c->send.flight) == 0 && \old(c->keeps) >= c->settings.keep_probes ==>
      c->state == SQ_CLOSED && c->reason == SQ_REASON_TIMED_OUT;
    ensures keepalive: timer == SQ_TIMER_KEEPALIVE && \old(c->times.keepalive) != SQ_NEVER && \old(c->state) != SQ_TIME_WAIT &&
      \old(c->send.flight) == 0 && \old(c->keeps) < c->settings.keep_probes ==> c->owed.keepalive == 1 &&
      c->keeps == \old(c->keeps) + 1 && c->state == \old(c->state) && c->send == \old(c->send) &&
      c->times.keepalive == c->now + c->settings.keep_interval * 1000000;
    ensures busy: timer == SQ_TIMER_KEEPALIVE && (\old(c->state) == SQ_TIME_WAIT || \old(c->send.flight) > 0) ==>
      c->state == \old(c->state) && c->send == \old(c->send) && c->flight == \old(c->flight) && c->owed == \old(c->owed);
    ensures unread: c->receive.used == \old(c->receive.used) && c->receive.head == \old(c->receive.head) &&
      c->receive.capacity == \old(c->receive.capacity);
    ensures clock: c->now == \max(\old(c->now), \min(now, SQ_TIME_MAX));
    ensures idle: timer == SQ_TIMER_REXMIT && \old(c->times.rexmit) == SQ_NEVER || timer == SQ_TIMER_PERSIST && \old(c->times.persist) == SQ_NEVER ||
      timer == SQ_TIMER_USER && \old(c->times.user) == SQ_NEVER || timer == SQ_TIMER_TIME_WAIT && \old(c->times.time_wait) == SQ_NEVER ||
      timer == SQ_TIMER_ACK && \old(c->times.ack) == SQ_NEVER || timer == SQ_TIMER_KEEPALIVE && \old(c->times.keepalive) == SQ_NEVER ==>
      c->state == \old(c->state) && c->send == \old(c->send) && c->times == \old(c->times) && c->owed == \old(c->owed); */
void sq_expire(struct sq_conn *c, uint32_t timer, uint64_t now);

/* Every timer that is due by now fires. RFC 9293 3.10.8 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures unread: c->receive.used == \old(c->receive.used) && c->receive.head == \old(c->receive.head) &&
      c->receive.capacity == \old(c->receive.capacity);
    ensures early: \old(Earliest(c->times)) > \max(\old(c->now), \min(now, SQ_TIME_MAX)) ==> c->state == \old(c->state) &&
      c->send == \old(c->send) && c->times == \old(c->times) && c->owed == \old(c->owed);
    ensures rexmit: \old(c->times.rexmit) <= c->now && \old(c->times.user) > c->now && \old(c->times.time_wait) > c->now ==>
      c->flight.resend_from == 0 && c->flight.resend_to == c->send.flight && c->state == \old(c->state);
    ensures persist: \old(c->times.persist) <= c->now && \old(c->times.user) > c->now && \old(c->times.time_wait) > c->now &&
      \old(c->times.keepalive) > c->now ==> c->owed.probe == 1 && c->state == \old(c->state);
    ensures ack: \old(c->times.ack) <= c->now && \old(c->times.user) > c->now && \old(c->times.time_wait) > c->now &&
      \old(c->times.keepalive) > c->now ==> c->owed.ack == 1 && c->state == \old(c->state);
    ensures clock: c->now == \max(\old(c->now), \min(now, SQ_TIME_MAX));
    ensures over: \old(c->times.user) <= \max(\old(c->now), \min(now, SQ_TIME_MAX)) ==> c->state == SQ_CLOSED; */
void sq_tick(struct sq_conn *c, uint64_t now);

#endif
