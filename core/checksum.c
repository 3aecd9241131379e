/* SPDX-License-Identifier: MIT */
/* The Internet checksum over slices: RFC 1071, RFC 9293 3.1.

   Summing is the only work per byte besides the copy, hence its shape: inner loops of a constant
   number of turns over pairs of bytes, which compilers turn into vector code without any cast of a
   pointer. A long block keeps its high and its low bytes apart in 16-bit sums, which fit twice as
   many to a vector; that is why it may not exceed 257 pairs. */
#include "checksum.h"

enum {
    SQ_CHECKSUM_LONG = 128,
    SQ_CHECKSUM_SHORT = 16,
};

uint64_t sq_checksum_add_at(uint64_t sum, uint32_t at, const uint8_t *p, uint32_t n)
{
    uint32_t i = 0u;

    /* The low byte of a word whose high byte ended the slice before. */
    if (at % 2u == 1u && n != 0u) {
        sum = sum + p[0];
        i = 1u;
    }
    /*@ assert peeled: sum == \at(sum, Pre) + TextSum(p, at, i); */

    /*@ loop invariant place: 0 <= i <= n && (i < n ==> (at + i) % 2 == 0);
        loop invariant exact: sum == \at(sum, Pre) + TextSum(p, at, i);
        loop invariant bounded: \at(sum, Pre) <= sum <= \at(sum, Pre) + 32768 * i;
        loop assigns i, sum;
        loop variant n - i; */
    while (n - i >= 2u * SQ_CHECKSUM_LONG) {
        const uint8_t *q = p + i;
        uint16_t high = 0u;
        uint16_t low = 0u;

        /*@ loop invariant turn: 0 <= k <= SQ_CHECKSUM_LONG;
            loop invariant small: high <= 255 * k && low <= 255 * k;
            loop invariant pairs: 256 * high + low == TextSum(p, at, i + 2 * k) - TextSum(p, at, i);
            loop assigns k, high, low;
            loop variant SQ_CHECKSUM_LONG - k; */
        for (uint32_t k = 0u; k < SQ_CHECKSUM_LONG; k++) {
            high = (uint16_t)(high + q[2u * k]);
            low = (uint16_t)(low + q[2u * k + 1u]);
            /*@ assert first: TextSum(p, at, i + 2 * k + 1) ==
                              TextSum(p, at, i + 2 * k) + 256 * p[i + 2 * k]; */
            /*@ assert second: TextSum(p, at, i + 2 * k + 2) ==
                               TextSum(p, at, i + 2 * k + 1) + p[i + 2 * k + 1]; */
        }
        sum = sum + high * 256u + low;
        i = i + 2u * SQ_CHECKSUM_LONG;
    }

    /*@ loop invariant place: 0 <= i <= n && (i < n ==> (at + i) % 2 == 0);
        loop invariant exact: sum == \at(sum, Pre) + TextSum(p, at, i);
        loop invariant bounded: \at(sum, Pre) <= sum <= \at(sum, Pre) + 32768 * i;
        loop assigns i, sum;
        loop variant n - i; */
    while (n - i >= 2u * SQ_CHECKSUM_SHORT) {
        const uint8_t *q = p + i;
        uint32_t words = 0u;

        /*@ loop invariant turn: 0 <= k <= SQ_CHECKSUM_SHORT;
            loop invariant small: words <= 65535 * k;
            loop invariant pairs: words == TextSum(p, at, i + 2 * k) - TextSum(p, at, i);
            loop assigns k, words;
            loop variant SQ_CHECKSUM_SHORT - k; */
        for (uint32_t k = 0u; k < SQ_CHECKSUM_SHORT; k++) {
            words = words + q[2u * k] * 256u + q[2u * k + 1u];
            /*@ assert first: TextSum(p, at, i + 2 * k + 1) ==
                              TextSum(p, at, i + 2 * k) + 256 * p[i + 2 * k]; */
            /*@ assert second: TextSum(p, at, i + 2 * k + 2) ==
                               TextSum(p, at, i + 2 * k + 1) + p[i + 2 * k + 1]; */
        }
        sum = sum + words;
        i = i + 2u * SQ_CHECKSUM_SHORT;
    }

    /*@ loop invariant place: 0 <= i <= n && (i < n ==> (at + i) % 2 == 0);
        loop invariant exact: sum == \at(sum, Pre) + TextSum(p, at, i);
        loop invariant bounded: \at(sum, Pre) <= sum <= \at(sum, Pre) + 32768 * i;
        loop assigns i, sum;
        loop variant n - i; */
    while (n - i >= 2u) {
        sum = sum + p[i] * 256u + p[i + 1u];
        /*@ assert first: TextSum(p, at, i + 1) == TextSum(p, at, i) + 256 * p[i]; */
        /*@ assert second: TextSum(p, at, i + 2) == TextSum(p, at, i + 1) + p[i + 1]; */
        i = i + 2u;
    }

    /* A last byte without a partner: the missing one counts as zero. */
    if (i < n) {
        sum = sum + p[i] * 256u;
        /*@ assert last: TextSum(p, at, i + 1) == TextSum(p, at, i) + 256 * p[i]; */
    }
    return sum;
}

uint64_t sq_checksum_add(uint64_t sum, const uint8_t *p, uint32_t n)
{
    return sq_checksum_add_at(sum, 0u, p, n);
}

uint64_t sq_checksum_pseudo4(uint32_t src, uint32_t dst, uint32_t len)
{
    return (uint64_t)(src / 65536u) + src % 65536u + dst / 65536u + dst % 65536u + 6u + len;
}

uint64_t sq_checksum_pseudo6(const uint8_t *src, const uint8_t *dst, uint32_t len)
{
    uint64_t sum = (uint64_t)(len / 65536u) + len % 65536u + 6u;

    sum = sq_checksum_add(sum, src, 16u);
    return sq_checksum_add(sum, dst, 16u);
}

/* By adding the carries back in, not by % 65535: a 32-bit machine would call a division routine. */
uint32_t sq_checksum_fold(uint64_t sum)
{
    /*@ loop invariant same: Fold(sum) == Fold(\at(sum, Pre));
        loop invariant partial: \forall integer rest; 0 <= rest ==>
                                  Fold(sum + rest) == Fold(\at(sum, Pre) + rest);
        loop assigns sum;
        loop variant sum; */
    while (sum > 65535u) {
        sum = sum / 65536u + sum % 65536u;
    }
    return (uint32_t)sum;
}

uint32_t sq_checksum_finish(uint64_t sum)
{
    return 65535u - sq_checksum_fold(sum);
}

bool sq_checksum_correct(uint64_t sum)
{
    return sq_checksum_fold(sum) == 65535u;
}
