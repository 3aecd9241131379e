/* SPDX-License-Identifier: MIT */
/* What there is to say about a segment beside its header, in the field's words: for the trace and the capture. */
#ifndef SQ_REMARK_H
#define SQ_REMARK_H

#include "wire.h"

#include "core/input.h"
#include "core/output.h"

/* Of a segment that arrived for a connection, which was `before` it was looked at. "": nothing. */
const char *sq_remark_in(const struct sq_conn *before, const struct sq_header *h, uint32_t len,
                         uint32_t verdict);
/* Of what sq_output said (enum sq_due), from a connection that was `before`. "": nothing. */
const char *sq_remark_out(const struct sq_conn *before, uint32_t due);
/* Of a frame that did not leave. "": it left. */
const char *sq_remark_fate(enum sq_fate fate);

/* Which timers of a connection fired between `before` and `after` go to the trace. */
void sq_remark_timers(struct sq_journal *j, const struct sq_ends *ends, uint64_t now,
                      const struct sq_conn *before, const struct sq_conn *after);

#endif
