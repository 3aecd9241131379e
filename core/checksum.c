/* SPDX-License-Identifier: MIT */
/* The Internet checksum over slices: RFC 1071, RFC 9293 3.1.

   Summing is the only work per byte besides the copy, hence its shape: high and low bytes are added
   up apart, and long texts in blocks of a constant number of pairs, which compilers turn into vector
   code without any cast of a pointer. A block's sums have 16 bits, which fit twice as many to a
   vector; that is why it may not exceed 257 pairs. */
#include "checksum.h"

enum {
    SQ_CHECKSUM_LONG = 256,
    SQ_CHECKSUM_MIDDLE = 64,
    SQ_CHECKSUM_SHORT = 16,
};

/* What the next `turns` pairs of bytes add. */
/*@ requires block: 1 <= turns <= 257 && i + 2 * turns <= 0xFFFFFFFF;
    requires text: \valid_read(p + (i .. i + 2 * turns - 1));
    requires even: (at + i) % 2 == 0;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == TextSum(p, at, i + 2 * turns) - TextSum(p, at, i);
    ensures bounded: \result <= 65535 * turns; */
static inline uint32_t pairs(const uint8_t *p, uint32_t at, uint32_t i, uint32_t turns)
{
    const uint8_t *q = p + i;
    uint16_t high = 0u;
    uint16_t low = 0u;

    (void)at; /* stands in the contract */
    /*@ loop invariant turn: 0 <= k <= turns;
        loop invariant small: high <= 255 * k && low <= 255 * k;
        loop invariant pairs: 256 * high + low == TextSum(p, at, i + 2 * k) - TextSum(p, at, i);
        loop assigns k, high, low;
        loop variant turns - k; */
    for (uint32_t k = 0u; k < turns; k++) {
        high = (uint16_t)(high + q[2u * k]);
        low = (uint16_t)(low + q[2u * k + 1u]);
        /*@ assert first: TextSum(p, at, i + 2 * k + 1) ==
                          TextSum(p, at, i + 2 * k) + 256 * p[i + 2 * k]; */
        /*@ assert second: TextSum(p, at, i + 2 * k + 2) ==
                           TextSum(p, at, i + 2 * k + 1) + p[i + 2 * k + 1]; */
    }
    return high * 256u + low;
}

/* What the next four bytes add; q: where they stand. */
/*@ requires text: q == p + i && \valid_read(p + (i .. i + 3));
    requires place: i <= 0xFFFFFFFB && (at + i) % 2 == 0;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == TextSum(p, at, i + 4) - TextSum(p, at, i);
    ensures bounded: \result <= 2 * 65535; */
static inline uint32_t four(const uint8_t *q, const uint8_t *p, uint32_t at, uint32_t i)
{
    uint32_t high = (uint32_t)q[0] + q[2];
    uint32_t low = (uint32_t)q[1] + q[3];

    (void)p;
    (void)at;
    (void)i;
    /*@ assert first: TextSum(p, at, i + 1) == TextSum(p, at, i) + 256 * p[i]; */
    /*@ assert second: TextSum(p, at, i + 2) == TextSum(p, at, i + 1) + p[i + 1]; */
    /*@ assert third: TextSum(p, at, i + 3) == TextSum(p, at, i + 2) + 256 * p[i + 2]; */
    /*@ assert fourth: TextSum(p, at, i + 4) == TextSum(p, at, i + 3) + p[i + 3]; */
    return 256u * high + low;
}

/* A header without options. */
/*@ requires text: q == p + i && \valid_read(p + (i .. i + 19));
    requires place: i <= 0xFFFFFFEB && (at + i) % 2 == 0;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == TextSum(p, at, i + 20) - TextSum(p, at, i);
    ensures bounded: \result <= 10 * 65535; */
static inline uint32_t twenty(const uint8_t *q, const uint8_t *p, uint32_t at, uint32_t i)
{
    return four(q, p, at, i) + four(q + 4, p, at, i + 4u) + four(q + 8, p, at, i + 8u) +
           four(q + 12, p, at, i + 12u) + four(q + 16, p, at, i + 16u);
}

/* The bytes from i on, few of them or the rest of many. */
/*@ requires text: i <= n && \valid_read(p + (0 .. n - 1));
    requires even: i < n ==> (at + i) % 2 == 0;
    requires room: sum <= 0x7FFFFFFFFFFFFFFF + 32768 * i;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == sum + TextSum(p, at, n) - TextSum(p, at, i);
    ensures bounded: sum <= \result <= sum + 32768 * (n - i + 1); */
static uint64_t add_rest(uint64_t sum, uint32_t at, const uint8_t *p, uint32_t i, uint32_t n)
{
    if (n - i >= 20u) {
        sum = sum + twenty(p + i, p, at, i);
        i = i + 20u;
    }
    /*@ loop invariant place: \at(i, Pre) <= i <= n && (i < n ==> (at + i) % 2 == 0);
        loop invariant exact: sum == \at(sum, Pre) + TextSum(p, at, i) - TextSum(p, at, \at(i, Pre));
        loop invariant bounded: \at(sum, Pre) <= sum <= \at(sum, Pre) + 32768 * (i - \at(i, Pre));
        loop assigns i, sum;
        loop variant n - i; */
    while (n - i >= 4u) {
        sum = sum + four(p + i, p, at, i);
        i = i + 4u;
    }
    if (n - i >= 2u) {
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

uint64_t sq_checksum_add_at(uint64_t sum, uint32_t at, const uint8_t *p, uint32_t n)
{
    uint32_t i = 0u;

    /* The low byte of a word whose high byte ended the slice before. */
    if (at % 2u == 1u && n != 0u) {
        sum = sum + p[0];
        i = 1u;
    }
    /*@ assert peeled: sum == \at(sum, Pre) + TextSum(p, at, i); */
    if (n < 2u * SQ_CHECKSUM_SHORT) {
        return add_rest(sum, at, p, i, n);
    }

    /*@ loop invariant place: 0 <= i <= n && (i < n ==> (at + i) % 2 == 0);
        loop invariant exact: sum == \at(sum, Pre) + TextSum(p, at, i);
        loop invariant bounded: \at(sum, Pre) <= sum <= \at(sum, Pre) + 32768 * i;
        loop assigns i, sum;
        loop variant n - i; */
    while (n - i >= 2u * SQ_CHECKSUM_LONG) {
        sum = sum + pairs(p, at, i, SQ_CHECKSUM_LONG);
        i = i + 2u * SQ_CHECKSUM_LONG;
    }

    /*@ loop invariant place: 0 <= i <= n && (i < n ==> (at + i) % 2 == 0);
        loop invariant exact: sum == \at(sum, Pre) + TextSum(p, at, i);
        loop invariant bounded: \at(sum, Pre) <= sum <= \at(sum, Pre) + 32768 * i;
        loop assigns i, sum;
        loop variant n - i; */
    while (n - i >= 2u * SQ_CHECKSUM_MIDDLE) {
        sum = sum + pairs(p, at, i, SQ_CHECKSUM_MIDDLE);
        i = i + 2u * SQ_CHECKSUM_MIDDLE;
    }

    /*@ loop invariant place: 0 <= i <= n && (i < n ==> (at + i) % 2 == 0);
        loop invariant exact: sum == \at(sum, Pre) + TextSum(p, at, i);
        loop invariant bounded: \at(sum, Pre) <= sum <= \at(sum, Pre) + 32768 * i;
        loop assigns i, sum;
        loop variant n - i; */
    while (n - i >= 2u * SQ_CHECKSUM_SHORT) {
        sum = sum + pairs(p, at, i, SQ_CHECKSUM_SHORT);
        i = i + 2u * SQ_CHECKSUM_SHORT;
    }
    return add_rest(sum, at, p, i, n);
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
