/* SPDX-License-Identifier: MIT */
/* One call of sq_input_segment, as the oracles look at it. */
#ifndef FUZZ_DOOR_CALL_H
#define FUZZ_DOOR_CALL_H

#include "core/sequent.h"
#include "fuzz.h"

struct call {
    const struct sq_conn *c, *before;
    const struct sq_header *h;
    uint32_t len;
    struct sq_taken t;
    bool spent, synchronized, passes, counts, syn, rst, old_syn, admitted;
};

/* What stands above the parts of the door: core/opening.h, ack.h, text.h, owed.h, congestion.h. */
void door_parts(const struct call *k);

#endif
