/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* RFC 6298 in integers. */
#include "rtt.h"

/*@ requires bounds: SQ_RTO_FLOOR <= low <= high && srtt <= SQ_RTT_MAX && rttvar <= SQ_RTT_MAX;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == RtoOf(srtt, rttvar, low, high); */
static uint32_t rto_of(uint32_t srtt, uint32_t rttvar, uint32_t low, uint32_t high)
{
    uint32_t spread = 4u * rttvar;
    uint32_t rto = srtt + (spread > SQ_RTO_FLOOR ? spread : SQ_RTO_FLOOR);
    return rto < low ? low : rto > high ? high : rto;
}

void sq_rtt_start(struct sq_rtt *t, uint32_t rto)
{
    t->srtt = 0u;
    t->rttvar = 0u;
    t->rto = rto;
    t->measured = 0u;
}

void sq_rtt_sample(struct sq_rtt *t, uint64_t m, uint32_t low, uint32_t high)
{
    uint32_t r = m < SQ_RTT_MAX ? (uint32_t)m : SQ_RTT_MAX;
    if (t->measured == 0u) {
        t->srtt = r;
        t->rttvar = r / 2u;
    } else {
        uint32_t gap = t->srtt <= r ? r - t->srtt : t->srtt - r;
        t->rttvar = (3u * t->rttvar + gap) / 4u;
        t->srtt = (7u * t->srtt + r) / 8u;
    }
    t->measured = 1u;
    t->rto = rto_of(t->srtt, t->rttvar, low, high);
}

void sq_rtt_backoff(struct sq_rtt *t, uint32_t high)
{
    t->rto = t->rto > high / 2u ? high : 2u * t->rto;
}

void sq_rtt_restart(struct sq_rtt *t, uint32_t initial, uint32_t low, uint32_t high)
{
    t->rto = t->measured == 1u ? rto_of(t->srtt, t->rttvar, low, high) : initial;
}
