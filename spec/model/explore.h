/* SPDX-License-Identifier: MIT */
/* Breadth first over all states; the first thing found wrong has a shortest trace. */
#ifndef MODEL_EXPLORE_H
#define MODEL_EXPLORE_H

#include "spec/model/states.h"

enum { OUTCOMES = 24 };

struct search {
    struct node *node;
    uint32_t *parent, *slot;
    uint32_t n, room, slots;
    uint32_t *edge;  /* fair successors, node by node; only for live= */
    uint64_t *first; /* where a node's begin in edge */
    uint64_t edges, edge_room;
    uint64_t transitions;
    uint64_t compact;     /* bytes held, where only hashes are kept */
    uint32_t depth, most; /* most: states at which the search gives up; 0: none */
    uint8_t bad;          /* enum bad */
    bool found, bounded, progress;
    uint32_t at;           /* the state it was found in */
    struct successor last; /* the step into it, if it is no state of its own */
    bool by_step;
    char outcome[OUTCOMES][96];
    uint64_t outcomes[OUTCOMES];
    uint32_t outcome_kinds;
};

void explore(struct search *s);
void explore_compact(struct search *s); /* compact.c: 64 bits of each state are kept */
size_t explore_memory(const struct search *s);
uint32_t explore_steps(const struct search *s); /* of the way to what was found */

/* trace.c */
void trace_print(const struct search *s);

#endif
