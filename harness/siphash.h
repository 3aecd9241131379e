/* SPDX-License-Identifier: MIT */
/* The core's keyed hash of sixteen bytes, for what the endpoint draws by itself. */
#ifndef SQ_HARNESS_SIPHASH_H
#define SQ_HARNESS_SIPHASH_H

#include "core/ends.h"

static inline uint64_t sq_siphash(const struct sq_key *key, uint64_t a, uint64_t b)
{
    return sq_name_hash(sq_sip_start(*key), a, b);
}

#endif
