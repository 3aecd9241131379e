/* SPDX-License-Identifier: MIT */
/* What may not be, at one end and between two. */
#include <stddef.h>

#include "spec/model/world.h"

const char *bad_name(uint32_t bad)
{
    static const char *const name[BADS] = {
        [BAD_NONE] = "nothing",        [BAD_VALID] = "valid",         [BAD_PREFIX] = "prefix",
        [BAD_AGREEMENT] = "agreement", [BAD_ASKED] = "asked",         [BAD_WINDOW] = "window",
        [BAD_EDGE] = "edge",           [BAD_REPLIES] = "replies",     [BAD_RELEASE] = "release",
        [BAD_CLEAN] = "clean",         [BAD_TIME_WAIT] = "time-wait", [BAD_COMPLETE] = "complete",
        [BAD_DEADLOCK] = "deadlock",   [BAD_STUCK] = "stuck",
    };

    return bad < BADS ? name[bad] : "?";
}

static bool checked(enum bad bad)
{
    return (model.checks >> bad & 1u) != 0u;
}

enum bad check_end(const struct end *e, uint32_t i)
{
    (void)i;
    if (checked(BAD_VALID) && sq_valid(&e->c) != 1u) {
        return BAD_VALID;
    }
    if (checked(BAD_CLEAN) && e->c.state == SQ_CLOSED && e->c.reason != SQ_REASON_NONE &&
        e->c.reason != SQ_REASON_DONE) {
        return BAD_CLEAN;
    }
    return BAD_NONE;
}

/* Has y, in the incarnation that x takes for its peer, been synchronized with this incarnation of x? */
static bool agreed(const struct end *x, uint32_t i, const struct end *const e[ENDS])
{
    uint32_t whose = x->peer / INCARNATIONS, inc = x->peer % INCARNATIONS;
    const struct end *y = x->peer == NOBODY ? NULL : e[whose];

    return y != NULL &&
           (y->met >> (inc * ENDS * INCARNATIONS + i * INCARNATIONS + x->inc) & 1u) != 0u;
}

/* The incarnation that x takes for its peer has sent its SYN and waits. */
static bool asking(const struct end *x, const struct end *const e[ENDS])
{
    uint32_t whose = x->peer / INCARNATIONS;
    const struct end *y = x->peer == NOBODY ? NULL : e[whose];

    return y != NULL && y->inc == x->peer % INCARNATIONS && y->c.state == SQ_SYN_SENT;
}

/* Both ESTABLISHED with one another: the initial numbers are each other's. */
static bool numbers_agree(const struct end *x, const struct end *y)
{
    return view_irs(&x->c) == view_iss(&y->c) && view_irs(&y->c) == view_iss(&x->c);
}

static bool complete(const struct end *const e[ENDS])
{
    for (uint32_t i = 0u; i < model.ends; i++) {
        uint32_t to = model.self ? i : 1u - i % 2u;

        if (!end_ended(e[i], i)) {
            return true;
        }
        if (i < 2u && e[to]->heard != e[i]->sent) {
            return false;
        }
    }
    return true;
}

enum bad check_pair(const struct end *const e[ENDS])
{
    for (uint32_t i = 0u; i < model.ends; i++) {
        uint32_t j = e[i]->remote;
        bool both = j < model.ends && e[j]->remote == i && e[j]->c.state == SQ_ESTABLISHED;

        if (e[i]->c.state != SQ_ESTABLISHED || agreed(e[i], i, e)) {
            both = both && e[i]->c.state == SQ_ESTABLISHED;
        } else if (checked(BAD_AGREEMENT)) {
            return BAD_AGREEMENT;
        } else if (checked(BAD_ASKED) && !asking(e[i], e)) {
            return BAD_ASKED;
        }
        if (checked(BAD_AGREEMENT) && both && !numbers_agree(e[i], e[j])) {
            return BAD_AGREEMENT;
        }
    }
    return checked(BAD_COMPLETE) && !complete(e) ? BAD_COMPLETE : BAD_NONE;
}

/* A segment as it leaves: text and FIN within the edge the other end offered, one number beyond it for a probe. */
enum bad check_text(const struct seg *s, const struct end *from, const struct end *to)
{
    uint32_t numbers = s->len + ((s->h.flags & SQ_FIN) != 0u ? 1u : 0u);
    int32_t beyond = (int32_t)(s->h.seq + numbers - to->edge);

    if (!checked(BAD_WINDOW) || numbers == 0u || (s->h.flags & (SQ_SYN + SQ_RST)) != 0u ||
        to->edge_known == 0u || to->remote != s->from || to->released == 1u) {
        return BAD_NONE;
    }
    if (to->peer != s->from * INCARNATIONS + from->inc ||
        from->peer != s->to * INCARNATIONS + to->inc) { /* not one connection */
        return BAD_NONE;
    }
    return beyond > 1 || (beyond == 1 && numbers > 1u) ? BAD_WINDOW : BAD_NONE;
}

bool check_wanted(const struct end *const was[ENDS], const struct end *const e[ENDS])
{
    for (uint32_t i = 0u; i < model.ends; i++) {
        if (model.want_state[i] != NOBODY && e[i]->c.state != model.want_state[i]) {
            return false;
        }
        if (model.want_reason[i] != NOBODY && e[i]->c.reason != model.want_reason[i]) {
            return false;
        }
        if (model.want_from[i] != NOBODY && was[i]->c.state != model.want_from[i]) {
            return false;
        }
    }
    return model.wanted;
}

bool forge_possible(uint32_t k, const struct end *to)
{
    return k < model.forgeries && (!model.stands || to->c.state >= SQ_ESTABLISHED);
}

/* 2 MSL has passed at end i: no segment of its is on its way, and the peer has nothing left to send again. */
static bool quiet(const struct end *const e[ENDS], uint32_t i, bool in_flight)
{
    uint32_t j = e[i]->remote;

    return !in_flight && (j >= model.ends || j == i || e[j]->remote != i ||
                          (view_timers(&e[j]->c) >> SQ_TIMER_REXMIT & 1u) == 0u);
}

/* Two timers wait for the network: 2 MSL where the experiment says that it is long enough, and keepalive, whose hours and
   minutes are longer than any segment is on its way. */
bool world_lets_fire(const struct end *const e[ENDS], uint32_t i, uint32_t timer, bool in_flight)
{
    if (timer == SQ_TIMER_KEEPALIVE) {
        return !in_flight;
    }
    return timer != SQ_TIMER_TIME_WAIT || !model.quiet || quiet(e, i, in_flight);
}

/* Room in the bag for what an event draws; n: segments in it by now. A delivery has made room for one answer, and one that
   draws more (a third duplicate ACK makes text and FIN go again) may go one over the bound: else a bag full of ACKs would
   be a gridlock that no network knows. */
uint32_t world_room(bool deliver, uint32_t n, uint32_t drawn)
{
    if (!deliver || n < model.net) {
        return !deliver || drawn < 2u || n + 1u < model.net ? model.net : model.net + 1u;
    }
    return n + 1u;
}
