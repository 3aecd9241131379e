/* SPDX-License-Identifier: MIT */
/* States by number: an end is a number in a store of its own, a segment one in the store of segments. What an event does
   at an end depends on that end alone, for the core is a pure function: it is run once for each (end, event) that is met
   and remembered. */
#ifndef MODEL_STATES_H
#define MODEL_STATES_H

#include "spec/model/store.h"
#include "spec/model/world.h"

enum { NO_SEG = 0xffff, SUCCESSORS = 64, EVENT_TIMER = 0x10000, EVENT_STEP = 0x10020 };

struct node {
    uint32_t end[ENDS];
    uint16_t net[NET]; /* sorted; NO_SEG behind the last */
    uint8_t loss, dup, forge, n;
};

/* What is asked of an end again and again. */
struct face {
    uint16_t timers;
    uint8_t state, reason, may_step, ended, zero[2];
};

struct result {
    uint64_t key; /* 0: free */
    uint32_t end;
    uint8_t bad, n, full, zero;
    uint16_t out[EMITS];
};

struct successor {
    struct node to;
    uint8_t what, index; /* enum happening */
    uint8_t bad, fair;
    uint8_t at, zero; /* at: the end where it happens */
    uint16_t seg;     /* what was delivered or lost */
    const struct result *did;
};

extern bool states_plain; /* nothing is remembered: the core runs at every transition */
extern uint64_t states_calls, states_full, states_held;

void states_begin(struct node *first);
/* Every successor of n in a fixed order; returns how many. */
uint32_t states_next(const struct node *n, struct successor out[SUCCESSORS]);
/* What an event (a segment's number, EVENT_TIMER + timer, EVENT_STEP) does at an end. The result stays in place until the
   next states_room. */
const struct result *states_happen(uint32_t i, uint32_t number, uint32_t event);
/* Room to remember what a state's successors need. */
void states_room(void);
void states_ends(const struct node *n, const struct end *e[ENDS]);
const struct face *states_face(uint32_t i, uint32_t number);
const struct seg *states_seg(uint32_t number);
const struct end *states_end(uint32_t i, uint32_t number);
uint16_t states_number_seg(const struct seg *s);
bool states_done(const struct node *n);
size_t states_memory(void);
uint32_t states_distinct(uint32_t i);

#endif
