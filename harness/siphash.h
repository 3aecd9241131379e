/* SPDX-License-Identifier: MIT */
/* SipHash-2-4 of the numbers that name a connection: nobody without the key can tell which of two connections collide
   in a table, nor what initial sequence number another one got. RFC 6528 3 */
#ifndef SQ_SIPHASH_H
#define SQ_SIPHASH_H

#include <stdint.h>

struct sq_key {
    uint64_t k[2];
};

/* The hash of the sixteen bytes a, b (least significant byte first). */
uint64_t sq_siphash(const struct sq_key *key, uint64_t a, uint64_t b);

#endif
