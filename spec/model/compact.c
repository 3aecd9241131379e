/* SPDX-License-Identifier: MIT */
/* Hash compaction: of a state already expanded only 64 bits of hash are kept, so a new state may be taken for an old one,
   with a chance of about n * n / 2^65 in all. No traces and no liveness; for bounds that do not fit otherwise. */
#include <stdlib.h>
#include <string.h>

#include "spec/model/explore.h"

struct level {
    struct node *node;
    size_t n, room;
};

static uint64_t *seen;
static size_t slots, kept;

static bool insert(uint64_t hash)
{
    size_t at = (size_t)(hash >> 8) & (slots - 1u);

    hash += hash == 0u;
    while (seen[at] != 0u && seen[at] != hash) {
        at = (at + 1u) & (slots - 1u);
    }
    if (seen[at] == hash) {
        return false;
    }
    seen[at] = hash;
    kept++;
    return true;
}

static void room(void)
{
    uint64_t *old = seen;
    size_t was = slots;

    if (3u * kept < 2u * slots) {
        return;
    }
    slots = slots == 0u ? 1u << 20 : 2u * slots;
    seen = must(calloc(slots, sizeof *seen));
    kept = 0u;
    for (size_t k = 0u; k < was; k++) {
        if (old[k] != 0u) {
            (void)insert(old[k]);
        }
    }
    free(old);
}

static bool add(struct level *l, const struct node *n)
{
    room();
    if (!insert(hash_bytes(n, sizeof *n))) {
        return false;
    }
    if (l->n == l->room) {
        l->room = 2u * l->room + 1024u;
        l->node = must(realloc(l->node, l->room * sizeof *l->node));
    }
    l->node[l->n++] = *n;
    return true;
}

/* True: something was found. */
static bool expand(struct search *s, const struct node *from, struct level *next)
{
    struct successor to[SUCCESSORS];
    uint32_t count = states_next(from, to), possible = 0u;
    const struct end *was[ENDS], *e[ENDS];

    for (uint32_t k = 0u; k < count && !s->found; k++) {
        uint8_t bad = to[k].bad;

        s->transitions++;
        possible += to[k].what != EV_FORGE && to[k].what != EV_LOSE;
        states_ends(from, was);
        states_ends(&to[k].to, e);
        bad = bad == BAD_NONE && add(next, &to[k].to) ? (uint8_t)check_pair(e) : bad;
        s->found = bad != BAD_NONE || check_wanted(was, e);
        s->bad = bad;
    }
    if (possible == 0u && !s->found && !states_done(from) &&
        (model.checks >> BAD_DEADLOCK & 1u) != 0u) {
        s->found = true;
        s->bad = BAD_DEADLOCK;
    }
    return s->found;
}

void explore_compact(struct search *s)
{
    struct level now = {NULL, 0u, 0u}, next = {NULL, 0u, 0u}, swap;
    struct node first;

    states_begin(&first);
    (void)add(&now, &first);
    for (s->depth = 0u; now.n > 0u; s->depth++) {
        for (size_t k = 0u; k < now.n; k++) {
            s->n = (uint32_t)kept;
            s->bounded = s->most > 0u && kept >= s->most;
            if (s->bounded || expand(s, &now.node[k], &next)) {
                return;
            }
        }
        swap = now;
        now = next;
        next = swap;
        next.n = 0u;
        s->compact = slots * sizeof *seen + (now.room + next.room) * sizeof *now.node;
    }
    s->depth--;
    s->n = (uint32_t)kept;
}
