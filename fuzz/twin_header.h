/* SPDX-License-Identifier: MIT */
/* spec/bytes.acsl and spec/header.acsl as C: each function is the definition of the same name, nothing shared with core/. */
#ifndef FUZZ_TWIN_HEADER_H
#define FUZZ_TWIN_HEADER_H

#include "core/header.h"

static inline uint32_t be16(const uint8_t *p, uint32_t o)
{
    return ((uint32_t)p[o] << 8) | p[o + 1u];
}

static inline uint32_t be32(const uint8_t *p, uint32_t o)
{
    return (be16(p, o) << 16) | be16(p, o + 2u);
}

/* OptionBroken */
static inline bool option_broken(const uint8_t *p, uint32_t i, uint32_t e)
{
    return i + 1u >= e || p[i + 1u] < 2u || i + p[i + 1u] > e;
}

/* OptionFits */
static inline bool option_fits(uint32_t kind, uint32_t size)
{
    return kind == 2u   ? size == 4u
           : kind == 3u ? size == 3u
           : kind == 4u ? size == 2u
           : kind == 8u ? size == 10u
           : kind == 5u ? size == 10u || size == 18u || size == 26u || size == 34u
                        : true;
}

/* WalkEnds, WalkNext, OptionFind */
static inline uint32_t option_find(const uint8_t *p, uint32_t e, uint32_t kind)
{
    for (uint32_t i = 20u; i < e && p[i] != 0u && (p[i] == 1u || !option_broken(p, i, e));
         i += p[i] == 1u ? 1u : p[i + 1u]) {
        if (p[i] == kind && option_fits(kind, p[i + 1u])) {
            return i;
        }
    }
    return 0u;
}

/* OptionBad, OptionsMalformed */
static inline uint32_t options_malformed(const uint8_t *p, uint32_t e)
{
    for (uint32_t i = 20u; i < e && p[i] != 0u; i += p[i] == 1u ? 1u : p[i + 1u]) {
        if (p[i] != 1u && (option_broken(p, i, e) || !option_fits(p[i], p[i + 1u]))) {
            return 1u;
        }
    }
    return 0u;
}

/* HeaderSize */
static inline uint32_t header_size(const struct sq_header *h)
{
    return 20u + 4u * h->has_mss + 4u * h->sack_permitted + 4u * h->has_shift +
           12u * h->has_timestamp + (h->sack_count == 0u ? 0u : 4u + 8u * h->sack_count);
}

#endif
