/* SPDX-License-Identifier: MIT */
/* The random part of an endpoint: keys of ISNs, ports and hash tables, the hardware address. */
#ifndef SQ_SECRETS_H
#define SQ_SECRETS_H

#include "stack.h"

/* Sets s->secret and s->wire.hardware: from the seed, which then says too which frames are lost, or from the system
   (seed NULL; without random numbers the program ends with status 1). */
void sq_secrets_draw(struct sq_stack_options *s, const uint64_t *seed);

#endif
