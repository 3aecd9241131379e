/* SPDX-License-Identifier: MIT */
/* One line for each segment, timer and change of state, in the words of RFC 9293. Sequence numbers count from each
   side's ISN, which the SYN names; those of a segment without a connection are as on the wire.

     SECONDS LOCAL REMOTE in|out FLAGS seq=N ack=N win=N len=N [OPTION...] [(REMARK)]
     SECONDS LOCAL REMOTE timer NAME: REMARK
     SECONDS LOCAL REMOTE state BEFORE -> AFTER [REASON] */
#ifndef SQ_TRACE_H
#define SQ_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/ends.h"
#include "core/header.h"

/* Where a connection's numbers begin, as far as each is known. */
struct sq_origin {
    bool ours_known, theirs_known;
    uint32_t iss, irs;
};

const char *sq_trace_state_name(uint32_t state);
const char *sq_trace_reason_name(uint32_t reason);

/* now: microseconds since the trace began. remark: "" for none. */
void sq_trace_in(FILE *out, uint64_t now, const struct sq_ends *ends, const struct sq_header *h,
                 uint32_t len, const struct sq_origin *o, const char *remark);
void sq_trace_out(FILE *out, uint64_t now, const struct sq_ends *ends, const struct sq_header *h,
                  uint32_t len, const struct sq_origin *o, const char *remark);
void sq_trace_timer(FILE *out, uint64_t now, const struct sq_ends *ends, const char *name,
                    const char *remark);
void sq_trace_state(FILE *out, uint64_t now, const struct sq_ends *ends, uint32_t before,
                    uint32_t after, uint32_t reason);

#endif
