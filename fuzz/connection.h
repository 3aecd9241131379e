/* SPDX-License-Identifier: MIT */
/* A valid connection out of bytes. */
#ifndef FUZZ_CONNECTION_H
#define FUZZ_CONNECTION_H

#include "core/sequent.h"
#include "fuzz.h"

/* Any connection that spec/connection.acsl calls valid may come, in any state, made so by construction: no bytes are thrown
   away. Rings up to `most` bytes, or, where it is 0, as large as windows may be: then there is no memory for them. */
void fuzz_connection(struct fuzz_in *in, struct sq_conn *c, uint32_t most);

/* Settings within their ranges: mostly the defaults, now and then at an edge. 1: the connection may be in the middle of a
   loss, of an ACK that waits or of a silence, too. */
uint32_t fuzz_settings(struct fuzz_in *in, struct sq_settings *s);

/* A segment that means something to this connection: numbers near its own edges, or anything. Returns the length of its
   text, at most `most`. */
uint32_t fuzz_segment(struct fuzz_in *in, const struct sq_conn *c, struct sq_header *h,
                      uint32_t most);

#endif
