/* SPDX-License-Identifier: MIT */
/* What may happen next, with states by number. */
#include <string.h>

#include "spec/model/states.h"

uint64_t states_full, states_held;

static bool carries(const struct seg *s)
{
    return s->len > 0u || (s->h.flags & SQ_FIN) != 0u;
}

static void spend(uint8_t *budget)
{
    *budget = (uint8_t)(*budget - (*budget == MODEL_ANY ? 0u : 1u));
}

static void net_remove(struct node *n, uint32_t slot)
{
    for (uint32_t k = slot; k + 1u < n->n; k++) {
        n->net[k] = n->net[k + 1u];
    }
    n->n--;
    n->net[n->n] = NO_SEG;
}

static bool may_lose(const struct node *n, const struct seg *s)
{
    return n->loss > 0u && ((uint32_t)model.lose[s->from] >> seg_kind(s) & 1u) != 0u;
}

/* Into the bag; if it is full the segment is lost. False: it may not be lost, so the event has to wait. */
static bool net_add(struct successor *x, uint16_t seg, uint32_t room)
{
    struct node *n = &x->to;
    uint32_t k = n->n;

    if (n->n >= room) {
        if (!may_lose(n, states_seg(seg))) {
            return false;
        }
        spend(&n->loss);
        x->fair = 0u;
        states_full++;
        return true;
    }
    for (; k > 0u && n->net[k - 1u] > seg; k--) {
        n->net[k] = n->net[k - 1u];
    }
    n->net[k] = seg;
    n->n++;
    return true;
}

static struct successor *begin(struct successor *s, const struct node *n, uint32_t what,
                               uint32_t index, bool fair)
{
    memset(s, 0, sizeof *s);
    s->to = *n;
    s->what = (uint8_t)what;
    s->index = (uint8_t)index;
    s->fair = fair;
    s->seg = what <= EV_LOSE ? n->net[index] : NO_SEG;
    return s;
}

/* The event happens at end i of s; 1: s is a successor, 0: the event has to wait for room in the network. */
static uint32_t at_end(struct successor *s, uint32_t i, uint32_t event)
{
    const struct result *r = states_happen(i, s->to.end[i], event);
    uint32_t room = world_room(s->what == EV_DELIVER, s->to.n, r->n);

    s->did = r;
    s->at = (uint8_t)i;
    s->bad = r->bad;
    s->to.end[i] = r->end;
    for (uint32_t k = 0u; k < r->n; k++) {
        const struct seg *out = states_seg(r->out[k]);

        if (carries(out) && out->to < model.ends && s->bad == BAD_NONE) {
            s->bad = (uint8_t)check_text(out, states_end(i, s->to.end[i]),
                                         states_end(out->to, s->to.end[out->to]));
        }
        if (!net_add(s, r->out[k], room) && s->bad == BAD_NONE) {
            states_held++;
            return 0u;
        }
    }
    return 1u;
}

static uint32_t next_slot(const struct node *n, uint32_t slot, struct successor *out)
{
    const struct seg *s = states_seg(n->net[slot]);
    struct successor *x = begin(out, n, EV_DELIVER, slot, true);
    uint32_t count, to = s->to;
    bool lose = may_lose(n, s);

    net_remove(&x->to, slot);
    count = at_end(x, to, n->net[slot]);
    if (n->dup > 0u) {
        x = begin(&out[count], n, EV_TWICE, slot, false);
        spend(&x->to.dup);
        count += at_end(x, to, n->net[slot]);
    }
    if (lose) {
        x = begin(&out[count++], n, EV_LOSE, slot, false);
        spend(&x->to.loss);
        net_remove(&x->to, slot);
    }
    return count;
}

static bool in_flight(const struct node *n, uint32_t i)
{
    for (uint32_t k = 0u; k < n->n; k++) {
        const struct seg *s = states_seg(n->net[k]);

        if (s->from == i || s->to == i) {
            return true;
        }
    }
    return false;
}

static uint32_t next_timers(const struct node *n, uint32_t i, struct successor *out)
{
    uint32_t count = 0u, armed = states_face(i, n->end[i])->timers;

    for (uint32_t k = 0u; armed >> k != 0u; k++) {
        const struct end *e[ENDS];

        if ((armed >> k & 1u) == 0u) {
            continue;
        }
        states_ends(n, e);
        if (!world_lets_fire(e, i, k, in_flight(n, i))) {
            continue;
        }
        count +=
            at_end(begin(&out[count], n, EV_TIMER, i * 16u + k, k != SQ_TIMER_USER || model.limits),
                   i, EVENT_TIMER + k);
    }
    return count;
}

uint32_t states_next(const struct node *n, struct successor out[SUCCESSORS])
{
    uint32_t count = 0u;

    states_room();
    for (uint32_t i = 0u; i < model.ends;
         i++) { /* programs first: of two shortest traces the plainer is found */
        if (states_face(i, n->end[i])->may_step == 1u) {
            count += at_end(begin(&out[count], n, EV_STEP, i, true), i, EVENT_STEP);
        }
    }
    for (uint32_t k = 0u; k < n->n; k++) {
        if (k == 0u || n->net[k] != n->net[k - 1u]) {
            count += next_slot(n, k, out + count);
        }
    }
    for (uint32_t i = 0u; i < model.ends; i++) {
        count += next_timers(n, i, out + count);
    }
    for (uint32_t k = 0u; k < model.forgeries && n->forge > 0u; k++) {
        struct successor *x = begin(&out[count], n, EV_FORGE, k, false);

        if (!forge_possible(k, states_end(model.forgery[k].to, n->end[model.forgery[k].to]))) {
            continue;
        }

        spend(&x->to.forge);
        x->seg = states_number_seg(&model.forgery[k]);
        count += at_end(x, model.forgery[k].to, x->seg);
    }
    return count;
}
