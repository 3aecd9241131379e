/* SPDX-License-Identifier: MIT */
#include "spec/model/states.h"

#include <stdlib.h>
#include <string.h>

static struct store ends[ENDS], segs;
static struct face *face[ENDS];
static uint32_t faces[ENDS];
static struct result *memo, single;
static uint64_t memos, memo_room;
bool states_plain;
uint64_t states_calls;

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
        face[i][n].timers = (uint16_t)end_timers(e);
        face[i][n].state = (uint8_t)e->c.state;
        face[i][n].reason = (uint8_t)e->c.reason;
        face[i][n].may_step = end_may_step(e, i);
        face[i][n].ended = end_ended(e, i);
    }
    return n;
}

uint16_t states_number_seg(const struct seg *s)
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

const struct end *states_end(uint32_t i, uint32_t number)
{
    return store_item(&ends[i], number);
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
        r.out[k] = states_number_seg(&f.out[k]);
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

void states_room(void)
{
    if (2u * (memos + SUCCESSORS) > memo_room) {
        memo_grow();
    }
}

const struct result *states_happen(uint32_t i, uint32_t number, uint32_t event)
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
