/* SPDX-License-Identifier: MIT */
/* What the parts of the wire share: wire.c (frames that leave), wire_input.c (frames that arrive). */
#ifndef SQ_WIRE_PARTS_H
#define SQ_WIRE_PARTS_H

#include "wire.h"

/* Whether this frame is one of those to lose. */
bool sq_wire_lose(struct sq_wire *w);
/* A frame in one piece. */
void sq_wire_transmit_whole(struct sq_wire *w, uint8_t *frame, uint32_t n);
/* Where `hop` is was told: what waits for it goes out. */
void sq_wire_resolved(struct sq_wire *w, uint32_t hop, uint64_t hardware);

#endif
