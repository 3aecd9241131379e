/* SPDX-License-Identifier: MIT */
/* Round trips and the retransmission timeout, microseconds in integers. RFC 6298 */
#ifndef SQ_RTT_H
#define SQ_RTT_H

#include "connection.h"

#include "../spec/times.acsl"

/* Nothing measured yet. RFC 6298 2.1 */
/*@ requires block: \valid(t) && SQ_RTO_FLOOR <= rto <= SQ_RTO_CEILING;
    terminates \true;
    assigns *t;
    ensures valid: RttValid(*t);
    ensures fresh: t->srtt == 0 && t->rttvar == 0 && t->measured == 0 && t->rto == rto; */
void sq_rtt_start(struct sq_rtt *t, uint32_t rto);

/* A round trip of m was measured; low and high bound RTO. RFC 6298 2.2, 2.3 */
/*@ requires block: \valid(t) && RttValid(*t) && SQ_RTO_FLOOR <= low <= high <= SQ_RTO_CEILING;
    terminates \true;
    assigns *t;
    ensures valid: RttValid(*t);
    ensures measured: t->measured == 1;
    ensures first: \old(t->measured) == 0 ==>
      t->srtt == \min(m, SQ_RTT_MAX) && t->rttvar == \min(m, SQ_RTT_MAX) / 2;
    ensures next: \old(t->measured) == 1 ==>
      t->rttvar == (3 * \old(t->rttvar) + Distance(\old(t->srtt), \min(m, SQ_RTT_MAX))) / 4 &&
      t->srtt == (7 * \old(t->srtt) + \min(m, SQ_RTT_MAX)) / 8;
    ensures rto: t->rto == RtoOf(t->srtt, t->rttvar, low, high); */
void sq_rtt_sample(struct sq_rtt *t, uint64_t m, uint32_t low, uint32_t high);

/* The timer went off. RFC 6298 5.5 */
/*@ requires block: \valid(t) && RttValid(*t) && SQ_RTO_FLOOR <= high <= SQ_RTO_CEILING;
    terminates \true;
    assigns t->rto;
    ensures valid: RttValid(*t);
    ensures doubled: t->rto == \min(2 * \old(t->rto), high); */
void sq_rtt_backoff(struct sq_rtt *t, uint32_t high);

/* The window opened: what was backed off while probing it was no loss. RFC 9293 3.8.6.1 */
/*@ requires block: \valid(t) && RttValid(*t) && SQ_RTO_FLOOR <= low <= initial <= high <= SQ_RTO_CEILING;
    terminates \true;
    assigns t->rto;
    ensures valid: RttValid(*t);
    ensures again: t->rto == (t->measured == 1 ? RtoOf(t->srtt, t->rttvar, low, high) : initial); */
void sq_rtt_restart(struct sq_rtt *t, uint32_t initial, uint32_t low, uint32_t high);

#endif
