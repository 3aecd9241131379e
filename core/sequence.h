/* SPDX-License-Identifier: MIT */
/* Sequence numbers: the only place where 32-bit arithmetic wraps. RFC 9293 3.4 */
#ifndef SQ_SEQUENCE_H
#define SQ_SEQUENCE_H

#include <stdint.h>

#include "../spec/sequence.acsl"

/* Bytes from `from` forward to `to`, modulo 2^32. RFC 9293 3.4 */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == SeqDist(from, to); */
static inline uint32_t sq_seq_dist(uint32_t from, uint32_t to)
{
    return from <= to ? to - from : UINT32_MAX - from + to + 1u;
}

/* The sequence number n bytes after a, modulo 2^32. RFC 9293 3.4 */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == SeqAdd(a, n); */
static inline uint32_t sq_seq_add(uint32_t a, uint32_t n)
{
    return n <= UINT32_MAX - a ? a + n : n - (UINT32_MAX - a) - 1u;
}

#endif
