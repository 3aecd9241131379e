/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* RFC 9293 3.9.2.2, RFC 5927, RFC 1191 */
#include "path.h"

#include "flight.h"
#include "teardown.h"

/*@ requires block: \valid_read(s);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures exact: \result == 1 <==> InFlight(*s, seq); */
static uint32_t in_flight(const struct sq_send *s, uint32_t seq)
{
    return sq_seq_dist(s->una, seq) < s->flight ? 1u : 0u;
}

uint32_t sq_unreachable(struct sq_conn *c, uint32_t seq, uint32_t error, uint32_t hard)
{
    uint32_t next = sq_state_next(c->state, SQ_EVENT_RST, c->passive);
    if (in_flight(&c->send, seq) == 0u) {
        return 0u;
    }
    if (hard == 1u && (c->state == SQ_SYN_SENT || c->state == SQ_SYN_RECEIVED)) {
        sq_teardown(c, next, next == SQ_LISTEN ? SQ_REASON_NONE : SQ_REASON_UNREACHABLE);
        return 1u;
    }
    c->report.soft = error;
    return 1u;
}

uint32_t sq_too_big(struct sq_conn *c, uint32_t seq, uint32_t size)
{
    if (in_flight(&c->send, seq) == 0u || c->send.tx < SQ_TX_OPEN || size >= c->send.mss ||
        c->send.mss == SQ_MSS_MIN) {
        return 0u;
    }
    if (c->send.acked > 0u && c->report.timeouts == 0u) {
        return 0u;
    }
    c->send.mss = size < SQ_MSS_MIN ? SQ_MSS_MIN : size;
    sq_flight_lost(&c->flight, c->send.flight);
    return 1u;
}

uint32_t sq_reusable(const struct sq_conn *c, uint32_t seq)
{
    return c->state == SQ_TIME_WAIT && sq_seq_dist(c->receive.nxt, seq) < 0x80000000u ? 1u : 0u;
}

uint32_t sq_iss_beyond(const struct sq_conn *c, uint32_t iss)
{
    return sq_seq_dist(c->send.una, iss) < 0x80000000u ? iss : c->send.una;
}
