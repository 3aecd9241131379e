/* SPDX-License-Identifier: MIT */
/* What an endpoint holds, as text: sums for the whole, and two lines for each connection in the manner of `ss -tino`. */
#ifndef SQ_STATUS_H
#define SQ_STATUS_H

#include "net.h"

/* `name value` lines: entries, armed timers, bytes in the rings. All three are 0 once every connection is gone. */
void sq_status_summary(const struct sq_net *net, uint64_t now, FILE *out);
/* The connections among blocks first, first + 1, ... first + n - 1. Returns the next block to begin with. */
uint32_t sq_status_connections(const struct sq_stack *s, uint32_t first, uint32_t n, uint64_t now,
                               FILE *out);

#endif
