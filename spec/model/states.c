/* SPDX-License-Identifier: MIT */
#include "spec/model/states.h"

#include <stdlib.h>
#include <string.h>

enum { EVENT_TIMER = 0x10000, EVENT_STEP = 0x10020 };

static struct store ends[ENDS], segs;
static struct face *face[ENDS];
static uint32_t faces[ENDS];
static struct result *memo, single;
static uint64_t memos, memo_room;
bool states_plain;
uint64_t states_calls, states_full;

static uint32_t number_end(uint32_t i, const struct end *e)
{
    int fresh;
    uint32_t n = store_number(&ends[i], e, &fresh);

    if (fresh) {
        if (n >= faces[i]) {
            faces[i] = faces[i] == 0u ? 1024u : 2u * faces[i];
            face[i] = must(realloc(face[i], faces[i] * sizeof **face));
        }
        memset(&face[i][n], 0, sizeof face[i][n]);
        face[i][n].timers = (uint16_t)(view_timers(&e->c) & model.timers);
        face[i][n].state = (uint8_t)e->c.state;
        face[i][n].reason = (uint8_t)e->c.reason;
        face[i][n].may_step = end_may_step(e, i);
        face[i][n].ended = end_ended(e, i);
    }
    return n;
}

static uint16_t number_seg(const struct seg *s)
{
    int fresh;
    uint32_t n = store_number(&segs, s, &fresh);

    if (n >= NO_SEG) {
        (void)must(NULL);
    }
    return (uint16_t)n;
}

const struct face *states_face(uint32_t i, uint32_t number)
{
    return &face[i][number];
}

const struct seg *states_seg(uint32_t number)
{
    return store_item(&segs, number);
}

void states_ends(const struct node *n, const struct end *e[ENDS])
{
    for (uint32_t i = 0u; i < ENDS; i++) {
        e[i] = i < model.ends ? store_item(&ends[i], n->end[i]) : NULL;
    }
}

void states_begin(struct node *first)
{
    struct end e;

    store_begin(&segs, sizeof(struct seg));
    memo_room = 1u << 16;
    memo = must(calloc(memo_room, sizeof *memo));
    memset(first, 0, sizeof *first);
    for (uint32_t i = 0u; i < model.ends; i++) {
        store_begin(&ends[i], sizeof(struct end));
        end_begin(&e, i);
        first->end[i] = number_end(i, &e);
    }
    memset(first->net, 0xff, sizeof first->net);
    first->loss = model.loss;
    first->dup = model.dup;
    first->forge = model.forges;
}

/* ---- the core, once for each end and event ---- */

static struct result run(uint32_t i, uint32_t number, uint32_t event)
{
    struct result r;
    struct effect f;
    struct end e;

    memcpy(&e, store_item(&ends[i], number), sizeof e);
    memset(&r, 0, sizeof r);
    if (event >= EVENT_STEP) {
        end_step(&e, i, &f);
    } else if (event >= EVENT_TIMER) {
        end_timer(&e, i, event - EVENT_TIMER, &f);
    } else {
        struct seg s = *states_seg(event);

        end_deliver(&e, i, &s, &f);
    }
    states_calls++;
    r.end = number_end(i, &e);
    r.bad = (model.checks >> f.bad & 1u) != 0u ? f.bad : (uint8_t)BAD_NONE;
    r.n = f.n;
    r.full = f.full;
    for (uint32_t k = 0u; k < f.n; k++) {
        r.out[k] = number_seg(&f.out[k]);
    }
    return r;
}

static struct result *memo_place(uint64_t key)
{
    uint64_t at = key * 0x9e3779b97f4a7c15u;

    at = (at ^ at >> 32) & (memo_room - 1u);
    while (memo[at].key != 0u && memo[at].key != key) {
        at = (at + 1u) & (memo_room - 1u);
    }
    return &memo[at];
}

static void memo_grow(void)
{
    struct result *old = memo;
    uint64_t room = memo_room;

    memo_room *= 4u;
    memo = must(calloc(memo_room, sizeof *memo));
    for (uint64_t k = 0u; k < room; k++) {
        if (old[k].key != 0u) {
            *memo_place(old[k].key) = old[k];
        }
    }
    free(old);
}

/* The result stays in place until the next growth, which states_next allows only between two nodes. */
static const struct result *happen(uint32_t i, uint32_t number, uint32_t event)
{
    uint64_t key = ((uint64_t)number << 24 | i << 20 | event) + 1u;
    struct result *r;

    if (states_plain) {
        single = run(i, number, event);
        return &single;
    }
    r = memo_place(key);
    if (r->key == 0u) {
        *r = run(i, number, event);
        r->key = key;
        memos++;
    }
    return r;
}

/* ---- the network ---- */

static bool carries(const struct seg *s)
{
    return s->len > 0u || (s->h.flags & SQ_FIN) != 0u;
}

static void net_remove(struct node *n, uint32_t slot)
{
    for (uint32_t k = slot; k + 1u < n->n; k++) {
        n->net[k] = n->net[k + 1u];
    }
    n->n--;
    n->net[n->n] = NO_SEG;
}

static void net_add(struct node *n, uint16_t seg)
{
    uint32_t k = n->n;

    if (n->n == model.net) {
        states_full++;
        return;
    }
    for (; k > 0u && n->net[k - 1u] > seg; k--) {
        n->net[k] = n->net[k - 1u];
    }
    n->net[k] = seg;
    n->n++;
}

/* A successor in which this event has happened at end i. */
static void at_end(struct successor *s, uint32_t i, uint32_t event)
{
    const struct result *r = happen(i, s->to.end[i], event);

    s->did = r;
    s->at = (uint8_t)i;
    s->bad = r->bad;
    s->to.end[i] = r->end;
    for (uint32_t k = 0u; k < r->n; k++) {
        const struct seg *out = states_seg(r->out[k]);

        if (carries(out) && out->to < model.ends && s->bad == BAD_NONE) {
            s->bad = (uint8_t)check_text(out, store_item(&ends[out->to], s->to.end[out->to]));
        }
        net_add(&s->to, r->out[k]);
    }
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

static void spend(uint8_t *budget)
{
    if (*budget != MODEL_ANY) {
        --*budget;
    }
}

static uint32_t next_slot(const struct node *n, uint32_t slot, struct successor *out)
{
    const struct seg *s = states_seg(n->net[slot]);
    struct successor *x = begin(out, n, EV_DELIVER, slot, true);
    uint32_t count = 1u, to = s->to;

    net_remove(&x->to, slot);
    at_end(x, to, n->net[slot]);
    if (n->dup > 0u) {
        x = begin(&out[count++], n, EV_TWICE, slot, false);
        spend(&x->to.dup);
        at_end(x, to, n->net[slot]);
    }
    s = states_seg(n->net[slot]);
    if (n->loss > 0u && (model.lose[s->from] >> seg_kind(s) & 1u) != 0u) {
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
    uint32_t count = 0u, armed = face[i][n->end[i]].timers;

    for (uint32_t k = 0u; armed >> k != 0u; k++) {
        const struct end *e[ENDS];

        if ((armed >> k & 1u) == 0u) {
            continue;
        }
        states_ends(n, e);
        if (k == SQ_TIMER_TIME_WAIT && model.quiet && !world_quiet(e, i, in_flight(n, i))) {
            continue;
        }
        at_end(begin(&out[count++], n, EV_TIMER, i * 16u + k, k != SQ_TIMER_USER), i,
               EVENT_TIMER + k);
    }
    return count;
}

uint32_t states_next(const struct node *n, struct successor out[SUCCESSORS])
{
    uint32_t count = 0u;

    if (2u * (memos + SUCCESSORS) > memo_room) {
        memo_grow();
    }
    for (uint32_t k = 0u; k < n->n; k++) {
        if (k == 0u || n->net[k] != n->net[k - 1u]) {
            count += next_slot(n, k, out + count);
        }
    }
    for (uint32_t i = 0u; i < model.ends; i++) {
        count += next_timers(n, i, out + count);
        if (face[i][n->end[i]].may_step == 1u) {
            at_end(begin(&out[count++], n, EV_STEP, i, true), i, EVENT_STEP);
        }
    }
    for (uint32_t k = 0u; k < model.forgeries && n->forge > 0u; k++) {
        struct successor *x = begin(&out[count++], n, EV_FORGE, k, false);

        spend(&x->to.forge);
        x->seg = number_seg(&model.forgery[k]);
        at_end(x, model.forgery[k].to, x->seg);
    }
    return count;
}

bool states_done(const struct node *n)
{
    for (uint32_t i = 0u; i < model.ends; i++) {
        if (face[i][n->end[i]].ended == 0u) {
            return false;
        }
    }
    return true;
}

size_t states_memory(void)
{
    size_t sum = memo_room * sizeof *memo + store_memory(&segs);

    for (uint32_t i = 0u; i < model.ends; i++) {
        sum += store_memory(&ends[i]) + faces[i] * sizeof **face;
    }
    return sum;
}

uint32_t states_distinct(uint32_t i)
{
    return i < model.ends ? ends[i].n : i == ENDS ? segs.n : 0u;
}
