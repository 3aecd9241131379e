/* SPDX-License-Identifier: MIT */
/* Users by plan. */
#include "harness/sim_user.h"

#include <inttypes.h>
#include <string.h>

#include "harness/trace.h"

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The peer's direction is closed: its FIN came. */
static bool peer_closed(const struct sim_end *e)
{
    uint32_t state = e->c.state;

    return state == SQ_CLOSE_WAIT || state == SQ_CLOSING || state == SQ_LAST_ACK ||
           state == SQ_TIME_WAIT || (state == SQ_CLOSED && e->stood);
}

static bool may_close(const struct sim_pair *p, uint32_t i)
{
    const struct sim_plan *plan = &p->user[i].plan;
    const struct sim_end *e = &p->sim.end[i];

    if (e->sent < plan->total || e->c.state < SQ_SYN_RECEIVED) {
        return false;
    }
    return plan->closing == SIM_CLOSE_SENT || (plan->closing == SIM_CLOSE_PEER && peer_closed(e)) ||
           (plan->closing == SIM_CLOSE_AT && plan->close_at <= p->sim.now);
}

static void spoil(struct sim_end *e)
{
    struct sq_slices r = sq_readable(&e->c);

    if (r.len > 0u) {
        e->receive_ring[r.at] ^= 1u;
    }
}

static void read_some(struct sim_pair *p, uint32_t i)
{
    struct sim *s = &p->sim;
    struct sim_user *u = &p->user[i];
    struct sim_end *e = &s->end[i];

    if (!u->stopped && e->received >= u->plan.stop_at) {
        u->stopped = true;
        u->read_at = s->now + u->plan.stop_for;
    }
    if (u->read_at > s->now || sq_status(&e->c).readable == 0u) {
        return;
    }
    if (p->spoil && i == 0u) {
        spoil(e);
        p->spoil = false;
    }
    sim_receive(s, i, u->plan.read);
    u->read_at = s->now + u->plan.rest;
}

static void write_some(struct sim_pair *p, uint32_t i)
{
    struct sim *s = &p->sim;
    struct sim_user *u = &p->user[i];
    uint64_t left = u->plan.total - s->end[i].sent;

    if (left == 0u || u->write_at > s->now || u->closed) {
        return;
    }
    if (sim_send(s, i, left < u->plan.write ? (uint32_t)left : u->plan.write) > 0u) {
        u->write_at = s->now + u->plan.gap;
    }
}

/* The next time this user wants to act without anything happening; a gap of 0 means: after every event only, so at
   least a microsecond passes. */
static uint64_t wake(const struct sim_pair *p, uint32_t i)
{
    const struct sim *s = &p->sim;
    const struct sim_user *u = &p->user[i];
    const struct sim_end *e = &s->end[i];
    struct sq_slices room = sq_writable(&e->c);
    uint64_t t = SQ_NEVER;

    if (sq_status(&e->c).readable > 0u) {
        t = sooner(t, u->read_at > s->now ? u->read_at : s->now + 1u);
    }
    if (e->sent < u->plan.total && room.len > 0u && !u->closed) {
        t = sooner(t, u->write_at > s->now ? u->write_at : s->now + 1u);
    }
    if (!u->closed && u->plan.closing == SIM_CLOSE_AT && u->plan.close_at > s->now) {
        t = sooner(t, u->plan.close_at);
    }
    if (!u->aborted && u->plan.abort_at != SQ_NEVER) {
        t = sooner(t, u->plan.abort_at > s->now ? u->plan.abort_at : s->now + 1u);
    }
    return t;
}

static void act(void *context, struct sim *s, uint32_t i)
{
    struct sim_pair *p = context;
    struct sim_user *u = &p->user[i];

    if (!u->aborted && u->plan.abort_at <= s->now) {
        u->aborted = true;
        u->closed = true;
        s->end[i].listening = false;
        sim_abort(s, i);
    }
    read_some(p, i);
    write_some(p, i);
    if (!u->closed && may_close(p, i)) {
        sim_close(s, i);
        u->closed = true;
    }
    s->end[i].alarm = wake(p, i);
}

void sim_pair_begin(struct sim_pair *p, uint64_t seed)
{
    memset(p, 0, sizeof *p);
    sim_begin(&p->sim, seed);
    p->sim.act = act;
    p->sim.context = p;
    for (uint32_t i = 0u; i < 2u; i++) {
        sim_rings(&p->sim, i, 4096u, 4096u);
        p->user[i].plan = (struct sim_plan){.total = 5000u,
                                            .write = 4096u,
                                            .read = 4096u,
                                            .stop_at = SQ_NEVER,
                                            .closing = SIM_CLOSE_SENT,
                                            .abort_at = SQ_NEVER};
        /* Long enough for the worst luck, so that giving up is never right. */
        p->sim.end[i].settings.r2 = 4000000000u;
        p->sim.end[i].settings.r2_syn = 4000000000u;
        p->sim.end[i].settings.half_open = 4000000000u;
    }
}

void sim_pair_free(struct sim_pair *p)
{
    sim_free(&p->sim);
}

static enum sim_outcome failed(struct sim *s, const char *why)
{
    if (s->fault[0] == '\0') {
        snprintf(s->fault, sizeof s->fault,
                 "%s: A %s (reason %u), sent %" PRIu64 ", read %" PRIu64
                 "; B %s (reason %u), sent %" PRIu64 ", read %" PRIu64,
                 why, sq_trace_state_name(s->end[0].c.state), s->end[0].c.reason, s->end[0].sent,
                 s->end[0].received, sq_trace_state_name(s->end[1].c.state), s->end[1].c.reason,
                 s->end[1].sent, s->end[1].received);
    }
    return SIM_FAILED;
}

/* Only the last ACK was missing, or TIME-WAIT does not ignore RST. RFC 1337 */
static bool over(const struct sim_end *e)
{
    return e->last == SQ_LAST_ACK || e->last == SQ_CLOSING ||
           (e->last == SQ_TIME_WAIT && e->settings.tw_ignore_rst == 0u);
}

/* A reset ends a connection in order only if the other end had nothing more to say or to hear. */
static enum sim_outcome judge(struct sim_pair *p)
{
    struct sim *s = &p->sim;
    enum sim_outcome outcome = SIM_DONE;

    for (uint32_t i = 0u; i < 2u; i++) {
        const struct sim_end *e = &s->end[i];

        if (e->c.state != SQ_CLOSED) {
            return failed(s, "not closed at the end");
        }
        if (e->received != s->end[1u - i].sent || e->sent != p->user[i].plan.total) {
            return failed(s, "not all arrived");
        }
        if (e->c.reason == SQ_REASON_RESET && over(e) &&
            s->end[1u - i].c.reason == SQ_REASON_DONE) {
            outcome = SIM_RESET_LATE;
        } else if (e->c.reason != SQ_REASON_DONE) {
            return failed(s, "not closed in order");
        }
    }
    return outcome;
}

/* After an ABORT the peer has learnt of it, or does not wait for anything. */
static enum sim_outcome judge_abort(struct sim_pair *p)
{
    struct sim *s = &p->sim;

    for (uint32_t i = 0u; i < 2u; i++) {
        const struct sim_end *e = &s->end[i];
        struct sq_status now = sq_status(&e->c);

        if (now.unacknowledged + now.unsent > 0u || sq_deadline(&e->c) != SQ_NEVER) {
            return failed(s, "still at work after the peer's ABORT");
        }
        if (e->received > s->end[1u - i].sent) {
            return failed(s, "read more than was sent");
        }
    }
    return SIM_ABORTED;
}

enum sim_outcome sim_pair_open(struct sim_pair *p, bool both)
{
    struct sim *s = &p->sim;
    uint32_t one = sim_open(s, 1u, both), other = sim_open(s, 0u, true);

    if (one != SQ_OK || other != SQ_OK) {
        return failed(s, "OPEN refused");
    }
    for (uint32_t i = 0u; i < 2u && s->fault[0] == '\0'; i++) {
        sim_poll(s, i);
        act(p, s, i);
        sim_poll(s, i);
    }
    return SIM_DONE;
}

enum sim_outcome sim_pair_run(struct sim_pair *p, bool both, uint64_t until)
{
    struct sim *s = &p->sim;

    if (sim_pair_open(p, both) == SIM_FAILED) {
        return SIM_FAILED;
    }
    if (!sim_run(s, until)) {
        return failed(s, "not finished in time");
    }
    return p->user[0].aborted || p->user[1].aborted ? judge_abort(p) : judge(p);
}
