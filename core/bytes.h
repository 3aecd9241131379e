/* SPDX-License-Identifier: MIT */
/*
 * Big-endian numbers in a byte buffer, in the order of the wire (RFC 9293 3.1).
 * `o` is the offset of the first byte; the caller owns the buffer and answers for its length.
 */
#ifndef SQ_BYTES_H
#define SQ_BYTES_H

#include <stdint.h>

#include "../spec/bytes.acsl"

/* The two bytes at `o` as a number, 0..65535. */
/*@ requires offset_in_range: o <= 0x7FFFFFFF;
    requires readable: \valid_read(p + (o .. o + 1));
    terminates \true;
    assigns \nothing;
    ensures value: \result == Be16(p, o);
    ensures range: \result <= 65535;
*/
static inline uint32_t sq_load16(const uint8_t *p, uint32_t o)
{
    return p[o] * 256u + p[o + 1u];
}

/* The four bytes at `o` as a number. */
/*@ requires offset_in_range: o <= 0x7FFFFFFF;
    requires readable: \valid_read(p + (o .. o + 3));
    terminates \true;
    assigns \nothing;
    ensures value: \result == Be32(p, o);
*/
static inline uint32_t sq_load32(const uint8_t *p, uint32_t o)
{
    return p[o] * 16777216u + p[o + 1u] * 65536u + p[o + 2u] * 256u + p[o + 3u];
}

/* Writes `v`, at most 65535, to the two bytes at `o`. */
/*@ requires offset_in_range: o <= 0x7FFFFFFF;
    requires fits: v <= 65535;
    requires writable: \valid(p + (o .. o + 1));
    terminates \true;
    assigns p[o .. o + 1];
    ensures value: Be16(p, o) == v;
*/
static inline void sq_store16(uint8_t *p, uint32_t o, uint32_t v)
{
    p[o] = (uint8_t)(v / 256u);
    p[o + 1u] = (uint8_t)(v % 256u);
}

/* Writes `v` to the four bytes at `o`. */
/*@ requires offset_in_range: o <= 0x7FFFFFFF;
    requires writable: \valid(p + (o .. o + 3));
    terminates \true;
    assigns p[o .. o + 3];
    ensures value: Be32(p, o) == v;
*/
static inline void sq_store32(uint8_t *p, uint32_t o, uint32_t v)
{
    uint32_t high = v / 65536u, low = v % 65536u;

    p[o] = (uint8_t)(high / 256u);
    p[o + 1u] = (uint8_t)(high % 256u);
    p[o + 2u] = (uint8_t)(low / 256u);
    p[o + 3u] = (uint8_t)(low % 256u);
}

#endif
