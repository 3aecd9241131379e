/* SPDX-License-Identifier: MIT */
/* The world in plain bytes, moved in place: what the second search and SPIN explore. It shares with the explorer what
   happens at one end (world.c) and what is checked (check.c), and nothing else. */
#ifndef MODEL_RAW_H
#define MODEL_RAW_H

#include "spec/model/world.h"

enum {
    RAW_TIMERS = 8,
    RAW_SLOTS = 0, /* deliver, twice, lose: three for each slot */
    RAW_TIMER = RAW_SLOTS + 3 * NET,
    RAW_STEP = RAW_TIMER + ENDS * RAW_TIMERS,
    RAW_FORGE = RAW_STEP + ENDS,
    RAW_EVENTS = RAW_FORGE + FORGERIES
};

void raw_begin(struct world *w);
bool raw_enabled(const struct world *w, uint32_t event);
/* The event happens (it is enabled); *bad: what was violated on the way. False: it has to wait for room in the network,
   and w is worth nothing. */
bool raw_apply(struct world *w, uint32_t event, enum bad *bad);
/* What is wrong with this state by itself. */
enum bad raw_look(const struct world *w);
/* Is the step from `was` to `w` what the experiment looks for? */
bool raw_wanted(const struct world *was, const struct world *w);
bool raw_done(const struct world *w);

#endif
