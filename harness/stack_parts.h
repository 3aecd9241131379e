/* SPDX-License-Identifier: MIT */
/* What the parts of the stack share: stack.c (connections, timers, rounds of output), stack_block.c (where a connection
   gets its block), stack_input.c (segments that arrive), stack_output.c (segments that leave). */
#ifndef SQ_STACK_PARTS_H
#define SQ_STACK_PARTS_H

#include "stack.h"

/* ---- stack.c ---- */

/* With --verify: the program stops here if block i is not valid. */
void sq_stack_verify(const struct sq_stack *s, uint32_t i, const char *call);
/* Block i changed by itself: as sq_stack_touched, and the program is told. */
void sq_stack_happened(struct sq_stack *s, uint32_t i, uint32_t before);
/* One round of output of block i. */
void sq_stack_round(struct sq_stack *s, uint32_t i);

/* ---- stack_block.c ---- */

/* RFC 6528 3 */
uint32_t sq_stack_isn(const struct sq_stack *s, const struct sq_ends *e);
/* A block in CLOSED for these ends; where none is free, the oldest in TIME-WAIT gives way. SQ_NOBODY: none does. */
uint32_t sq_stack_take(struct sq_stack *s, const struct sq_ends *ends);
/* Block i is free again. */
void sq_stack_release(struct sq_stack *s, uint32_t i);
/* A fresh block in LISTEN for a SYN that came to listener l, counted there already unless it was full; SQ_NOBODY: the
   segment is dropped. */
uint32_t sq_stack_listen_block(struct sq_stack *s, uint32_t l, const struct sq_ends *ends,
                               bool full);

/* ---- stack_output.c ---- */

/* Block i, which was `before`, has this to send: `due` is what sq_output said. */
void sq_stack_send(struct sq_stack *s, uint32_t i, const struct sq_conn *before, uint32_t due,
                   const struct sq_emit *m);
/* The answer to a segment that belongs to no connection. RFC 9293 3.5.2 */
void sq_stack_refuse(struct sq_stack *s, const struct sq_ends *ends, const struct sq_reset *r);

#endif
