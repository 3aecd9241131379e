/* SPDX-License-Identifier: MIT */
#include "spec/model/explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/model/names.h"

static uint32_t *place(struct search *s, const struct node *n)
{
    uint32_t mask = s->slots - 1u, at = (uint32_t)hash_bytes(n, sizeof *n) & mask;

    while (s->slot[at] != 0u && memcmp(&s->node[s->slot[at] - 1u], n, sizeof *n) != 0) {
        at = (at + 1u) & mask;
    }
    return &s->slot[at];
}

static void grow(struct search *s)
{
    if (s->n == s->room) {
        s->room *= 2u;
        s->node = must(realloc(s->node, s->room * sizeof *s->node));
        s->parent = must(realloc(s->parent, s->room * sizeof *s->parent));
        if (model.live) {
            s->first = must(realloc(s->first, (s->room + 1u) * sizeof *s->first));
        }
    }
    if (s->n + s->n / 2u >= s->slots) {
        free(s->slot);
        s->slots *= 2u;
        s->slot = must(calloc(s->slots, sizeof *s->slot));
        for (uint32_t k = 0u; k < s->n; k++) {
            *place(s, &s->node[k]) = k + 1u;
        }
    }
}

static void begin(struct search *s)
{
    s->room = 1u << 16;
    s->slots = 1u << 18;
    s->node = must(malloc(s->room * sizeof *s->node));
    s->parent = must(malloc(s->room * sizeof *s->parent));
    s->slot = must(calloc(s->slots, sizeof *s->slot));
    s->edge_room = 1u << 16;
    if (model.live) {
        s->first = must(malloc((s->room + 1u) * sizeof *s->first));
        s->edge = must(malloc(s->edge_room * sizeof *s->edge));
    }
}

/* The number of a state; *fresh: it was new. */
static uint32_t number(struct search *s, const struct node *n, uint32_t parent, bool *fresh)
{
    uint32_t *slot = place(s, n), k = *slot;

    *fresh = k == 0u;
    if (k > 0u) {
        return k - 1u;
    }
    s->node[s->n] = *n;
    s->parent[s->n] = parent;
    *slot = ++s->n;
    k = s->n - 1u;
    grow(s);
    return k;
}

static void remember_edge(struct search *s, uint32_t to)
{
    if (s->edges == s->edge_room) {
        s->edge_room *= 2u;
        s->edge = must(realloc(s->edge, s->edge_room * sizeof *s->edge));
    }
    s->edge[s->edges++] = to;
}

/* Where everything has come to rest: which end is in which state, why, and what it has read. */
static void note_outcome(struct search *s, const struct node *n)
{
    const struct end *e[ENDS];
    char text[96] = "";
    size_t used = 0u;
    uint32_t k = 0u;

    states_ends(n, e);
    for (uint32_t i = 0u; i < model.ends && used < sizeof text; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%c:%s", i > 0u ? "," : "",
                                 (char)('a' + (char)i),
                                 e[i]->released == 1u ? "-" : state_name[e[i]->c.state]);
        if (e[i]->c.state == SQ_CLOSED && e[i]->released == 0u && used < sizeof text) {
            used += (size_t)snprintf(text + used, sizeof text - used, "/%s",
                                     reason_name[e[i]->c.reason]);
        }
    }
    while (k < s->outcome_kinds && strcmp(s->outcome[k], text) != 0) {
        k++;
    }
    if (k == s->outcome_kinds && k < OUTCOMES) {
        memcpy(s->outcome[k], text, sizeof text);
        s->outcome_kinds++;
    }
    if (k < OUTCOMES) {
        s->outcomes[k]++;
    }
}

static bool stop(struct search *s, uint8_t bad, uint32_t at)
{
    s->bad = bad;
    s->found = true;
    s->at = at;
    return true;
}

/* A state just met. */
static bool look(struct search *s, uint32_t k)
{
    const struct end *e[ENDS];
    uint8_t bad;

    states_ends(&s->node[k], e);
    bad = (uint8_t)check_pair(e);
    return bad != BAD_NONE && stop(s, bad, k);
}

static bool wanted(const struct node *from, const struct successor *step)
{
    const struct end *was[ENDS], *e[ENDS];

    if (!model.wanted) {
        return false;
    }
    states_ends(from, was);
    states_ends(&step->to, e);
    return check_wanted(was, e);
}

/* All successors of state k; true: stop. */
static bool expand(struct search *s, uint32_t k)
{
    struct successor next[SUCCESSORS];
    const struct node from = s->node[k];
    uint32_t count = states_next(&from, next), moves = 0u, possible = 0u;
    bool fresh;

    if (model.live) {
        s->first[k] = s->edges;
    }
    for (uint32_t j = 0u; j < count; j++) {
        uint32_t to;

        s->transitions++;
        if (next[j].bad != BAD_NONE) {
            s->last = next[j];
            s->by_step = true;
            return stop(s, next[j].bad, k);
        }
        if (wanted(&from, &next[j])) {
            s->last = next[j];
            s->by_step = true;
            return stop(s, BAD_NONE, k);
        }
        to = number(s, &next[j].to, k, &fresh);
        if (fresh && look(s, to)) {
            return true;
        }
        possible += next[j].what != EV_FORGE && next[j].what != EV_LOSE;
        moves += to != k && next[j].what != EV_FORGE && next[j].what != EV_LOSE &&
                 next[j].what != EV_TWICE;
        if (model.live && next[j].fair && to != k) {
            remember_edge(s, to);
        }
    }
    if (moves == 0u) {
        note_outcome(s, &from);
    }
    if (possible == 0u && !states_done(&from) && (model.checks >> BAD_DEADLOCK & 1u) != 0u) {
        return stop(s, BAD_DEADLOCK, k);
    }
    return false;
}

/* AG EF done: from which states the end of the programs, with nothing on its way any more, is reached over fair steps. Backwards over the order of discovery until
   nothing changes. */
static void find_stuck(struct search *s)
{
    uint8_t *good = must(calloc(s->n, 1u));
    bool changed = true;

    s->first[s->n] = s->edges;
    while (changed) {
        changed = false;
        for (uint32_t k = s->n; k-- > 0u;) {
            if (good[k] == 1u) {
                continue;
            }
            good[k] = states_done(&s->node[k]) && s->node[k].n == 0u;
            for (uint64_t j = s->first[k]; j < s->first[k + 1u] && good[k] == 0u; j++) {
                good[k] = good[s->edge[j]];
            }
            changed = changed || good[k] == 1u;
        }
    }
    for (uint32_t k = 0u; k < s->n && !s->found; k++) {
        if (good[k] == 0u) {
            (void)stop(s, BAD_STUCK, k);
        }
    }
    free(good);
}

void explore(struct search *s)
{
    struct node first;
    bool fresh;
    uint32_t level = 1u; /* where the next level begins */

    begin(s);
    states_begin(&first);
    (void)number(s, &first, 0u, &fresh);
    if (look(s, 0u)) {
        return;
    }
    for (uint32_t k = 0u; k < s->n; k++) {
        if (k == level) {
            s->depth++;
            level = s->n;
        }
        if (s->most > 0u && s->n >= s->most) {
            s->bounded = true;
            return;
        }
        if (expand(s, k)) {
            return;
        }
        if (s->progress && k % 1000000u == 999999u) {
            fprintf(stderr, "mc: %u states, %u waiting, depth %u, %.0f MB\n", s->n, s->n - k,
                    s->depth, (double)explore_memory(s) / 1e6);
        }
    }
    if (model.live) {
        find_stuck(s);
    }
}

size_t explore_memory(const struct search *s)
{
    size_t sum = s->room * (sizeof *s->node + sizeof *s->parent) + s->slots * sizeof *s->slot;

    if (model.live) {
        sum += s->edge_room * sizeof *s->edge + s->room * sizeof *s->first;
    }
    return (s->compact > 0u ? s->compact : sum) + states_memory();
}

uint32_t explore_steps(const struct search *s)
{
    uint32_t steps = s->by_step;

    for (uint32_t k = s->at; k != 0u; k = s->parent[k]) {
        steps++;
    }
    return steps;
}
