/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* Deadlines. RFC 6298 5, RFC 9293 3.8.3, 3.8.6.1 */
#include "times.h"

/*@ terminates \true;
    assigns \nothing;
    ensures least: \result == \min(a, b); */
static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t sq_clock(uint64_t last, uint64_t said)
{
    uint64_t now = said < SQ_TIME_MAX ? said : SQ_TIME_MAX;
    return now > last ? now : last;
}

uint64_t sq_give_up(uint32_t state, uint32_t passive, uint32_t probing, uint32_t rto,
                    const struct sq_settings *s)
{
    if (probing == 1u) {
        return s->r2 + SQ_PROBES * (uint64_t)rto;
    }
    if (state == SQ_SYN_RECEIVED && passive == 1u) {
        return s->half_open;
    }
    return state == SQ_SYN_SENT || state == SQ_SYN_RECEIVED ? s->r2_syn : s->r2;
}

void sq_times_stop(struct sq_times *t)
{
    t->rexmit = SQ_NEVER;
    t->persist = SQ_NEVER;
    t->user = SQ_NEVER;
    t->time_wait = SQ_NEVER;
    t->ack = SQ_NEVER;
    t->keepalive = SQ_NEVER;
}

void sq_times_acked(struct sq_times *t, uint32_t flight, uint32_t rto, uint64_t r2, uint64_t now)
{
    t->rexmit = flight > 0u ? now + rto : SQ_NEVER;
    t->user = flight > 0u ? now + r2 : SQ_NEVER;
}

void sq_times_sent(struct sq_times *t, uint32_t rto, uint64_t r2, uint64_t now)
{
    if (t->rexmit == SQ_NEVER) {
        t->rexmit = now + rto;
    }
    if (t->user == SQ_NEVER) {
        t->user = now + r2;
    }
    t->persist = SQ_NEVER;
}

void sq_times_window(struct sq_times *t, uint32_t shut, uint32_t rto, uint64_t now)
{
    if (shut == 0u) {
        t->persist = SQ_NEVER;
    } else if (t->persist == SQ_NEVER) {
        t->persist = now + rto;
    }
}

uint64_t sq_times_earliest(const struct sq_times *t)
{
    uint64_t peer = earlier(earlier(t->rexmit, t->persist), earlier(t->user, t->time_wait));
    return earlier(peer, earlier(t->ack, t->keepalive));
}
