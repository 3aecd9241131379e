/* SPDX-License-Identifier: MIT */
/* One line for each segment and each change of state, in the words of RFC 9293:

     SECONDS LOCAL REMOTE in|out FLAGS seq=N ack=N win=N len=N [mss=N]
     SECONDS LOCAL REMOTE state BEFORE -> AFTER [REASON] */
#ifndef SQ_TRACE_H
#define SQ_TRACE_H

#include <stdint.h>
#include <stdio.h>

#include "core/header.h"

/* Both ends of a connection: addresses as numbers, 192.0.2.1 is 0xC0000201. */
struct sq_ends {
    uint32_t local, remote;
    uint32_t local_port, remote_port;
};

const char *sq_trace_state_name(uint32_t state);
const char *sq_trace_reason_name(uint32_t reason);

void sq_trace_segment(FILE *out, uint64_t now, const struct sq_ends *ends, const char *way,
                      const struct sq_header *h, uint32_t len);
void sq_trace_state(FILE *out, uint64_t now, const struct sq_ends *ends, uint32_t before,
                    uint32_t after, uint32_t reason);

#endif
