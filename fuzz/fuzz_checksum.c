/* SPDX-License-Identifier: MIT */
/* The Internet checksum against the sentence of RFC 1071 1: add 16-bit words with end-around carry, an odd byte padded with
   zero. Slices at every boundary, both pseudo-headers, the field that makes a text correct. */
#include "fuzz.h"

#include "core/checksum.h"

static uint32_t carry_around(uint32_t a, uint32_t b)
{
    uint32_t s = a + b;

    return s > 0xffffu ? s - 0xffffu : s;
}

/* n bytes that follow an even number of others. */
FUZZ_ORACLE static uint32_t words(uint32_t sum, const uint8_t *p, uint32_t n)
{
    for (uint32_t i = 0u; i < n; i += 2u) {
        sum = carry_around(sum, ((uint32_t)p[i] << 8) + (i + 1u < n ? p[i + 1u] : 0u));
    }
    return sum;
}

static void split(const uint8_t *p, uint32_t n, uint32_t at, uint64_t whole)
{
    uint64_t sum = sq_checksum_add(0u, p, at);

    FUZZ_CHECK("sq_checksum_add_at.exact", sq_checksum_add_at(sum, at, p + at, n - at) == whole);
    FUZZ_CHECK("sq_checksum_add_at.order",
               sq_checksum_add(sq_checksum_add_at(0u, at, p + at, n - at), p, at) == whole);
}

static void every_boundary(const uint8_t *p, uint32_t n, uint64_t whole)
{
    uint32_t step = n <= 96u ? 1u : n / 48u | 1u; /* odd, so that both parities come */

    for (uint32_t at = 0u; at <= n; at += step) {
        split(p, n, at, whole);
    }
    split(p, n, n, whole);
    for (uint32_t at = 0u; at + 2u <= n && at < 64u; at += 3u) { /* three slices */
        uint64_t sum = sq_checksum_add(0u, p, at);

        sum = sq_checksum_add_at(sum, at, p + at, 1u);
        FUZZ_CHECK("sq_checksum_add_at.slices",
                   sq_checksum_add_at(sum, at + 1u, p + at + 1u, n - at - 1u) == whole);
    }
}

/* A device or a later slice adds to a folded sum: it must come to the same. */
static void folded(const uint8_t *p, uint32_t n, uint64_t whole, uint32_t expected)
{
    uint32_t half = n / 4u * 2u, fold = sq_checksum_fold(sq_checksum_add(0u, p, half));

    FUZZ_CHECK("sq_checksum_fold.word", fold <= 0xffffu && sq_checksum_fold(whole) == expected);
    FUZZ_CHECK("sq_checksum_fold.partial",
               sq_checksum_fold(sq_checksum_add(fold, p + half, n - half)) == expected);
}

static void pseudo(struct fuzz_in *in, const uint8_t *p, uint32_t n)
{
    uint8_t four[12] = {0}, six[40] = {0};
    uint32_t len = n > 65535u ? 65535u : n;

    for (uint32_t i = 0u; i < 32u; i++) {
        six[i] = (uint8_t)fuzz_u8(in);
    }
    memcpy(four, six, 8u);
    four[9] = 6u;
    four[10] = (uint8_t)(len >> 8);
    four[11] = (uint8_t)len;
    six[34] = (uint8_t)(len >> 8);
    six[35] = (uint8_t)len;
    six[39] = 6u;
    FUZZ_CHECK(
        "sq_checksum_pseudo4.exact",
        sq_checksum_fold(sq_checksum_add(
            sq_checksum_pseudo4(
                ((uint32_t)four[0] << 24) + ((uint32_t)four[1] << 16) + four[2] * 256u + four[3],
                ((uint32_t)four[4] << 24) + ((uint32_t)four[5] << 16) + four[6] * 256u + four[7],
                len),
            p, len)) == words(words(0u, four, 12u), p, len));
    FUZZ_CHECK("sq_checksum_pseudo6.exact",
               sq_checksum_fold(sq_checksum_add(sq_checksum_pseudo6(six, six + 16, len), p, len)) ==
                   words(words(0u, six, 40u), p, len));
}

/* The whole input is the text; its first bytes are the addresses, too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = {data, size};
    uint32_t n = size > 70000u ? 70000u : (uint32_t)size, expected = words(0u, data, n), field;
    uint64_t whole = sq_checksum_add(0u, data, n);

    FUZZ_CHECK("sq_checksum_add.exact", sq_checksum_fold(whole) == expected);
    FUZZ_CHECK("sq_checksum_add.bounded", whole <= 32768u * ((uint64_t)n + 1u));
    every_boundary(data, n, whole);
    folded(data, n, whole, expected);
    pseudo(&in, data, n);
    field = sq_checksum_finish(whole);
    FUZZ_CHECK("sq_checksum_finish.value", field == 0xffffu - expected);
    FUZZ_CHECK("sq_checksum_correct.right", sq_checksum_correct(whole + field));
    FUZZ_CHECK("sq_checksum_correct.wrong", !sq_checksum_correct(whole + field + 1u));
    FUZZ_CHECK("sq_checksum_correct.exact", sq_checksum_correct(whole) == (expected == 0xffffu));
    return 0;
}
