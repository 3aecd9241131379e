/* SPDX-License-Identifier: MIT */
/* All that the model knows of the control block's fields beside state and reason: the two initial numbers, the scale, that deadlines stand together as
   64-bit values in the order of enum sq_timer, and where live bytes stand in the rings. */
#include <stddef.h>
#include <string.h>

#include "spec/model/world.h"

enum { TIMERS = sizeof(struct sq_times) / sizeof(uint64_t) };
_Static_assert(2 * RING <= SQ_MSS_MIN, "cwnd never binds");
#define ORDERED(field, timer)                                                      \
    _Static_assert(offsetof(struct sq_times, field) == (timer) * sizeof(uint64_t), \
                   "order of timers")
ORDERED(rexmit, SQ_TIMER_REXMIT);
ORDERED(persist, SQ_TIMER_PERSIST);
ORDERED(user, SQ_TIMER_USER);
ORDERED(time_wait, SQ_TIMER_TIME_WAIT);
ORDERED(ack, SQ_TIMER_ACK);
ORDERED(keepalive, SQ_TIMER_KEEPALIVE);

uint32_t view_timers(const struct sq_conn *c)
{
    uint64_t at[TIMERS];
    uint32_t armed = 0u;

    memcpy(at, &c->times, sizeof at);
    for (uint32_t k = 0u; k < TIMERS; k++) {
        armed |= (at[k] != SQ_NEVER ? 1u : 0u) << k;
    }
    return armed;
}

const char *view_timer(uint32_t timer)
{
    static const char *const name[] = {"retransmission", "persist",     "user (R2)",
                                       "2 MSL",          "delayed ACK", "keepalive"};

    return timer < sizeof name / sizeof *name ? name[timer] : "another timer";
}

bool view_synchronized(const struct sq_conn *c)
{
    return c->state >= SQ_SYN_RECEIVED;
}

uint32_t view_iss(const struct sq_conn *c)
{
    return c->send.iss;
}

uint32_t view_irs(const struct sq_conn *c)
{
    return c->receive.irs;
}

uint32_t view_shift(const struct sq_conn *c)
{
    return c->receive.shift;
}

/* Zero where nothing that counts stands: [from, from + n) behind the head is live. */
static void keep(uint8_t live[RING], uint32_t capacity, uint32_t head, uint32_t from, uint32_t n)
{
    for (uint32_t k = 0u; k < n && capacity > 0u; k++) {
        live[(head + from + k) % capacity] = 1u;
    }
}

/* A ring here is far smaller than one MSS, so cwnd never holds text back: all that counts of it is whether it is more than
   one MSS (a timeout asks). Else each duplicate ACK of a recovery would make a state of its own. */
static void congestion(struct sq_conn *c)
{
    struct sq_congestion *g = &c->congestion;

    g->last = 0u; /* the clock stands: nobody is idle */
    if (c->state >= SQ_SYN_SENT) {
        g->cwnd = g->cwnd > c->send.mss ? 2u * c->send.mss : g->cwnd;
        g->ssthresh = SQ_WINDOW_MAX;
        g->counted = 0u;
    }
}

/* Deadlines are armed or not, and the clock stands, so nobody is ever idle for an RTO; dead ring bytes are zero. Heads follow from the bytes carried, so rings need no turning. */
void view_canonical(struct end *e)
{
    struct sq_conn *c = &e->c;
    uint8_t in[RING] = {0}, out[RING] = {0};
    uint64_t at[TIMERS];

    memcpy(at, &c->times, sizeof at);
    for (uint32_t k = 0u; k < TIMERS; k++) {
        at[k] = at[k] != SQ_NEVER ? SQ_TIME_MAX : SQ_NEVER;
    }
    memcpy(&c->times, at, sizeof at);
    congestion(c);
    memset(&c->report, 0, sizeof c->report); /* only the user reads it, and none here does */
    if (c->owed.rst == 0u) {                 /* numbers of a RST that has left */
        c->owed.rst_flags = 0u;
        c->owed.rst_seq = 0u;
        c->owed.rst_ack = 0u;
    }
    keep(out, c->send.capacity, c->send.head, 0u, c->send.queued);
    keep(in, c->receive.capacity, c->receive.head, 0u, c->receive.used);
    for (uint32_t k = 0u; k < c->reassembly.n && k < SQ_RANGES; k++) {
        keep(in, c->receive.capacity, c->receive.head, c->receive.used + c->reassembly.lo[k],
             c->reassembly.hi[k] - c->reassembly.lo[k]);
    }
    for (uint32_t k = 0u; k < RING; k++) {
        e->out[k] = out[k] == 1u ? e->out[k] : 0u;
        e->in[k] = in[k] == 1u ? e->in[k] : 0u;
    }
}
