/* SPDX-License-Identifier: MIT */
/* Every deadline of a connection. Times are microseconds on the caller's clock. RFC 6298 5, RFC 9293 3.6.1, 3.8.3, 3.8.6.1 */
#ifndef SQ_TIMES_H
#define SQ_TIMES_H

#include "connection.h"

#include "../spec/times.acsl"

/* The time a door goes by: what the caller says, but never before the last and never beyond SQ_TIME_MAX. */
/*@ requires before: last <= SQ_TIME_MAX;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == \max(last, \min(said, SQ_TIME_MAX)); */
uint64_t sq_clock(uint64_t last, uint64_t said);

/* How long something may stay in flight without an acknowledgment until the connection is given up, microseconds.
   RFC 9293 3.8.3, 3.8.6.1 */
/*@ requires settings: \valid_read(s) && rto <= SQ_RTO_CEILING;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == GiveUp(state, passive, probing, rto, *s);
    ensures range: \result <= 0x1ffffffff; */
uint64_t sq_give_up(uint32_t state, uint32_t passive, uint32_t probing, uint32_t rto,
                    const struct sq_settings *s);

/* No deadline is armed. */
/*@ requires block: \valid(t);
    terminates \true;
    assigns *t;
    ensures stopped: t->rexmit == SQ_NEVER && t->persist == SQ_NEVER && t->user == SQ_NEVER && t->time_wait == SQ_NEVER &&
      t->ack == SQ_NEVER && t->keepalive == SQ_NEVER; */
void sq_times_stop(struct sq_times *t);

/* SND.UNA moved: both clocks of the flight start anew, or stop with it. RFC 6298 5.2, 5.3; RFC 9293 3.8.3 */
/*@ requires block: \valid(t) && now <= SQ_TIME_MAX && r2 <= 0x1ffffffff;
    terminates \true;
    assigns t->rexmit, t->user;
    ensures rexmit: t->rexmit == (flight > 0 ? now + rto : SQ_NEVER);
    ensures user: t->user == (flight > 0 ? now + r2 : SQ_NEVER); */
void sq_times_acked(struct sq_times *t, uint32_t flight, uint32_t rto, uint64_t r2, uint64_t now);

/* Something new is in flight: the clocks run if they did not; probing has no case any more. RFC 6298 5.1 */
/*@ requires block: \valid(t) && now <= SQ_TIME_MAX && r2 <= 0x1ffffffff;
    terminates \true;
    assigns t->rexmit, t->user, t->persist;
    ensures rexmit: t->rexmit == (\old(t->rexmit) == SQ_NEVER ? now + rto : \old(t->rexmit));
    ensures user: t->user == (\old(t->user) == SQ_NEVER ? now + r2 : \old(t->user));
    ensures persist: t->persist == SQ_NEVER; */
void sq_times_sent(struct sq_times *t, uint32_t rto, uint64_t r2, uint64_t now);

/* shut: nothing is in flight, something waits, and the window is shut or not worth a segment. RFC 9293 3.8.6.1 MUST-36, SHLD-29; 3.8.6.2.1 */
/*@ requires block: \valid(t) && now <= SQ_TIME_MAX;
    terminates \true;
    assigns t->persist;
    ensures open: shut == 0 ==> t->persist == SQ_NEVER;
    ensures begun: shut != 0 && \old(t->persist) == SQ_NEVER ==> t->persist == now + rto;
    ensures kept: shut != 0 && \old(t->persist) != SQ_NEVER ==> t->persist == \old(t->persist); */
void sq_times_window(struct sq_times *t, uint32_t shut, uint32_t rto, uint64_t now);

/* The earliest deadline, or SQ_NEVER. */
/*@ requires block: \valid_read(t);
    terminates \true;
    assigns \nothing;
    ensures earliest: \result == Earliest(*t); */
uint64_t sq_times_earliest(const struct sq_times *t);

#endif
