/* SPDX-License-Identifier: MIT */
/* The counters as text. */
#include "counters.h"

#include <inttypes.h>

void sq_counters_print(const struct sq_counters *c, FILE *out)
{
#define X(name) fprintf(out, #name " %" PRIu64 "\n", c->name);
    SQ_COUNTERS(X)
#undef X
    fflush(out);
}
