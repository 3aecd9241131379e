/* SPDX-License-Identifier: MIT */
/* What the parts of the simulation share: sim.c (the seed, what is told, the loop), sim_network.c (segments on their way),
   sim_end.c (segments out and in, timers, what is watched), sim_calls.c (the users' calls). */
#ifndef SIM_PARTS_H
#define SIM_PARTS_H

#include "harness/sim.h"

/* ---- sim.c ---- */

/* This happened: the hash of the run depends on it. */
void sim_note(struct sim *s, uint64_t word);
/* Something that may not be; the first is kept and ends the run. */
__attribute__((format(printf, 2, 3))) void sim_fault(struct sim *s, const char *format, ...);
/* A line about end i, if lines are asked for. */
__attribute__((format(printf, 3, 4))) void sim_trace(struct sim *s, uint32_t i, const char *format,
                                                     ...);
/* The memory, or the end of the program. */
void *sim_must(void *p);

/* ---- sim_network.c ---- */

/* A segment of end `from` on its way; chosen: a test wants it lost. The draws are the same whatever the link is like. */
void sim_carry(struct sim *s, uint32_t from, uint8_t *bytes, uint32_t len, bool chosen);
/* The first of those on their way, of which there is one; its bytes are the caller's to free. */
struct sim_packet sim_take(struct sim *s);

/* ---- sim_end.c ---- */

/* After every call of the core, by its name. */
void sim_check(struct sim *s, uint32_t i, const char *call);
void sim_arrive(struct sim *s, const struct sim_packet *p);
/* End i's deadline has come. */
void sim_expire(struct sim *s, uint32_t i);

#endif
