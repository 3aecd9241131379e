/* SPDX-License-Identifier: MIT */
/* The users' calls of the simulation. RFC 9293 3.9.1 */
#include <inttypes.h>

#include "harness/sim_parts.h"

/* Where byte k of what the slices cover stands in the ring. */
static uint32_t place(const struct sq_slices *x, uint32_t k)
{
    return k < x->len ? x->at + k : x->at2 + (k - x->len);
}

uint32_t sim_send(struct sim *s, uint32_t i, uint32_t n)
{
    struct sim_end *me = &s->end[i];
    struct sq_slices w = sq_writable(&me->c);
    uint32_t room = w.len + w.len2, some = n < room ? n : room;

    if (some == 0u) {
        return 0u;
    }
    for (uint32_t k = 0u; k < some; k++) {
        me->send_ring[place(&w, k)] = sim_byte(s, i, me->sent + k);
    }
    if (sq_commit(&me->c, some, s->now + me->offset) != SQ_OK) {
        sim_fault(s, "end %u: SEND refuses what it had room for", i);
    }
    sim_check(s, i, "sq_commit");
    me->sent += some;
    sim_trace(s, i, "SEND %u", some);
    return some;
}

uint32_t sim_receive(struct sim *s, uint32_t i, uint32_t n)
{
    struct sim_end *me = &s->end[i];
    struct sq_slices r = sq_readable(&me->c);
    uint32_t held = r.len + r.len2, some = n < held ? n : held;

    if (some == 0u) {
        return 0u;
    }
    for (uint32_t k = 0u; k < some; k++) {
        if (me->receive_ring[place(&r, k)] != sim_byte(s, 1u - i, me->received + k)) {
            sim_fault(s, "end %u read a wrong byte %" PRIu64, i, me->received + k);
            return 0u;
        }
    }
    if (sq_consume(&me->c, some) != SQ_OK) {
        sim_fault(s, "end %u: RECEIVE refuses what it held", i);
    }
    sim_check(s, i, "sq_consume");
    me->received += some;
    sim_trace(s, i, "RECEIVE %u", some);
    return some;
}

void sim_close(struct sim *s, uint32_t i)
{
    uint32_t result = sq_close(&s->end[i].c, s->now + s->end[i].offset);

    sim_check(s, i, "sq_close");
    sim_trace(s, i, "CLOSE: %u", result);
}

void sim_abort(struct sim *s, uint32_t i)
{
    uint32_t result = sq_abort(&s->end[i].c);

    sim_check(s, i, "sq_abort");
    sim_trace(s, i, "ABORT: %u", result);
}

void sim_release(struct sim *s, uint32_t i)
{
    sq_release(&s->end[i].c);
    sim_check(s, i, "sq_release");
    s->end[i].released = true;
    s->end[i].listening = false;
    s->end[i].alarm = SQ_NEVER;
    sim_trace(s, i, "release");
}
