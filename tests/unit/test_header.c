/* SPDX-License-Identifier: MIT */
/* The TCP header: RFC 9293 3.1 and 3.2 (MUST-6, MUST-7), RFC 7323 2.2 and 3.2, RFC 2018 2 and 3.
   Segments are written out byte by byte; the random ones are held against a second reader that
   first lists the options and then picks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/header.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define SAME(a, b, field) assert_int_equal((a)->field, (b)->field)

/* A copy without a byte to spare, so that a memory checker sees any step beyond it. */
static uint32_t parse_exactly(const uint8_t *bytes, uint32_t n, struct sq_header *h)
{
    uint8_t *copy = malloc(n == 0u ? 1u : n);
    uint32_t verdict;

    assert_non_null(copy);
    memcpy(copy, bytes, n);
    verdict = sq_header_parse(copy, n, h);
    free(copy);
    return verdict;
}

static void same_header(const struct sq_header *a, const struct sq_header *b)
{
    SAME(a, b, source_port);
    SAME(a, b, destination_port);
    SAME(a, b, seq);
    SAME(a, b, ack);
    SAME(a, b, flags);
    SAME(a, b, window);
    SAME(a, b, checksum);
    SAME(a, b, urgent);
    SAME(a, b, has_mss);
    SAME(a, b, mss);
    SAME(a, b, has_shift);
    SAME(a, b, shift);
    SAME(a, b, sack_permitted);
    SAME(a, b, has_timestamp);
    SAME(a, b, ts_value);
    SAME(a, b, ts_echo);
    SAME(a, b, sack_count);
    for (uint32_t j = 0u; j < 4u; j++) {
        SAME(a, b, sack_left[j]);
        SAME(a, b, sack_right[j]);
    }
}

/* Fixed part, then `n` bytes of options filled up with end-of-options to whole words. */
static uint32_t with_options(uint8_t *bytes, const uint8_t *options, uint32_t n)
{
    static const uint8_t fixed[20] = {0xd4, 0x31, 0x00, 0x50, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc,
                                      0xde, 0xf0, 0x50, 0x10, 0xfa, 0xf0, 0xbe, 0xef, 0x00, 0x2a};
    uint32_t size = 20u + (n + 3u) / 4u * 4u;

    memset(bytes, 0, 60);
    memcpy(bytes, fixed, 20);
    if (n != 0u) {
        memcpy(bytes + 20, options, n);
    }
    bytes[12] = (uint8_t)(size / 4u * 16u);
    return size;
}

static void syn_of_a_common_stack__every_field_is_read(void **state)
{
    static const uint8_t syn[40] = {0xd4, 0x31, 0x00, 0x50, 0x12, 0x34, 0x56, 0x78, 0x00, 0x00,
                                    0x00, 0x00, 0xa0, 0x02, 0xfa, 0xf0, 0xbe, 0xef, 0x00, 0x00,
                                    0x02, 0x04, 0x05, 0xb4, 0x04, 0x02, 0x08, 0x0a, 0x00, 0x00,
                                    0x10, 0xe1, 0x00, 0x00, 0x00, 0x00, 0x01, 0x03, 0x03, 0x07};
    static const struct sq_header expected = {.source_port = 54321u,
                                              .destination_port = 80u,
                                              .seq = 0x12345678u,
                                              .flags = SQ_SYN,
                                              .window = 64240u,
                                              .checksum = 0xbeefu,
                                              .has_mss = 1u,
                                              .mss = 1460u,
                                              .has_shift = 1u,
                                              .shift = 7u,
                                              .sack_permitted = 1u,
                                              .has_timestamp = 1u,
                                              .ts_value = 4321u};
    struct sq_header h;

    (void)state;
    assert_int_equal(parse_exactly(syn, 40u, &h), 1);
    same_header(&h, &expected);
    assert_int_equal(h.length, 40);
    assert_int_equal(h.malformed, 0);
}

static void ack_with_timestamps_and_three_blocks__every_field_is_read(void **state)
{
    static const uint8_t ack[60] = {
        0x00, 0x50, 0xd4, 0x31, 0xff, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x01, 0xf0, 0x10, 0x00,
        0x00, 0x00, 0x00, 0xff, 0xff, 0x01, 0x01, 0x08, 0x0a, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06,
        0x07, 0x08, 0x01, 0x01, 0x05, 0x1a, 0x80, 0x00, 0x01, 0x00, 0x80, 0x00, 0x02, 0x00, 0xff,
        0xff, 0xff, 0xf0, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x20, 0x00, 0x00, 0x00, 0x30};
    static const struct sq_header expected = {.source_port = 80u,
                                              .destination_port = 54321u,
                                              .seq = 0xffffffffu,
                                              .ack = 0x80000001u,
                                              .flags = SQ_ACK,
                                              .urgent = 65535u,
                                              .has_timestamp = 1u,
                                              .ts_value = 0x01020304u,
                                              .ts_echo = 0x05060708u,
                                              .sack_count = 3u,
                                              .sack_left = {0x80000100u, 0xfffffff0u, 0x20u, 0u},
                                              .sack_right = {0x80000200u, 0x10u, 0x30u, 0u}};
    struct sq_header h;

    (void)state;
    assert_int_equal(parse_exactly(ack, 60u, &h), 1);
    same_header(&h, &expected);
    assert_int_equal(h.length, 60);
    assert_int_equal(h.malformed, 0);
}

static void each_of_twelve_flag_bits__is_read_alone_and_written_alone(void **state)
{
    (void)state;
    for (uint32_t bit = 1u; bit <= 2048u; bit *= 2u) {
        uint8_t bytes[60], out[60];
        uint32_t size = with_options(bytes, NULL, 0u);
        struct sq_header h;

        bytes[12] = (uint8_t)(bytes[12] + bit / 256u);
        bytes[13] = (uint8_t)(bit % 256u);
        assert_int_equal(parse_exactly(bytes, size, &h), 1);
        assert_int_equal(h.flags, bit);
        assert_int_equal(sq_header_emit(out, &h), 20);
        assert_memory_equal(out, bytes, 20);
    }
}

static void data_offset__accepted_only_from_5_and_within_the_segment(void **state)
{
    (void)state;
    for (uint32_t words = 0u; words < 16u; words++) {
        for (uint32_t n = 0u; n <= 64u; n++) {
            uint8_t bytes[64] = {0};
            struct sq_header h;
            uint32_t accepted;

            bytes[12] = (uint8_t)(words * 16u);
            accepted = parse_exactly(bytes, n, &h);
            assert_int_equal(accepted, n >= 20u && words >= 5u && words * 4u <= n ? 1 : 0);
            if (accepted == 1u) {
                assert_int_equal(h.length, words * 4u);
            }
        }
    }
}

static void longest_header_cut_at_every_byte__is_refused_and_h_left_alone(void **state)
{
    uint8_t bytes[60];
    uint8_t options[40];

    (void)state;
    memset(options, 1, sizeof(options));
    assert_int_equal(with_options(bytes, options, 40u), 60);
    for (uint32_t n = 0u; n < 60u; n++) {
        struct sq_header h, before;

        memset(&h, 0x5a, sizeof(h));
        before = h;
        assert_int_equal(parse_exactly(bytes, n, &h), 0);
        assert_memory_equal(&h, &before, sizeof(h));
    }
}

static void longest_segment__text_is_not_read_as_options(void **state)
{
    uint8_t *bytes = malloc(65535);
    struct sq_header h;

    (void)state;
    assert_non_null(bytes);
    memset(bytes, 2, 65535);
    bytes[12] = 0x50;
    assert_int_equal(sq_header_parse(bytes, 65535u, &h), 1);
    assert_int_equal(h.length, 20);
    assert_int_equal(h.has_mss, 0);
    assert_int_equal(h.malformed, 0);
    free(bytes);
}

struct row {
    const char *name;
    uint8_t options[40];
    uint32_t size;
    uint32_t malformed;
    struct sq_header expected; /* the option fields only */
};

static const struct row rows[] = {
    {"none", {0}, 0u, 0u, {0}},
    {"end of options hides what follows", {0, 2, 4, 5, 180}, 5u, 0u, {0}},
    {"end of options hides what is broken", {0, 2, 0, 0}, 4u, 0u, {0}},
    {"no-operations to the end", {1, 1, 1, 1, 1, 1, 1, 1}, 8u, 0u, {0}},
    {"length 0 ends the walk",
     {2, 4, 5, 180, 3, 0, 1, 4, 2},
     9u,
     1u,
     {.has_mss = 1u, .mss = 1460u}},
    {"length 1 ends the walk", {3, 3, 9, 77, 1, 4, 2}, 7u, 1u, {.has_shift = 1u, .shift = 9u}},
    {"length 0 of an unknown kind", {200, 0, 4, 2}, 4u, 1u, {0}},
    {"runs one byte past the header", {4, 2, 8, 7, 0, 0, 0, 0}, 8u, 1u, {.sack_permitted = 1u}},
    {"MSS runs past the header with its own length", {1, 1, 2, 4}, 4u, 1u, {0}},
    {"length 255", {2, 255, 5, 180}, 4u, 1u, {0}},
    {"kind without length at the very end", {1, 1, 1, 2}, 4u, 1u, {0}},
    {"unknown kind is stepped over", {254, 4, 2, 4, 4, 2, 1, 1}, 8u, 0u, {.sack_permitted = 1u}},
    {"unknown kind of length 2", {99, 2, 3, 3, 4}, 5u, 0u, {.has_shift = 1u, .shift = 4u}},
    {"MD5 with a bad length", {19, 3, 0, 3, 3, 1}, 6u, 0u, {.has_shift = 1u, .shift = 1u}},
    {"MSS of length 3", {2, 3, 5, 2, 4, 2, 24, 0}, 8u, 1u, {.has_mss = 1u, .mss = 536u}},
    {"MSS of length 2", {2, 2, 4, 2}, 4u, 1u, {.sack_permitted = 1u}},
    {"MSS of length 5", {2, 5, 5, 180, 0, 3, 3, 2}, 8u, 1u, {.has_shift = 1u, .shift = 2u}},
    {"MSS 65535", {2, 4, 255, 255}, 4u, 0u, {.has_mss = 1u, .mss = 65535u}},
    {"MSS 0", {2, 4, 0, 0}, 4u, 0u, {.has_mss = 1u}},
    {"shift above 14 is kept raw", {3, 3, 255, 0}, 4u, 0u, {.has_shift = 1u, .shift = 255u}},
    {"shift of length 2", {3, 2, 4, 2}, 4u, 1u, {.sack_permitted = 1u}},
    {"shift of length 4", {3, 4, 7, 0, 4, 2}, 6u, 1u, {.sack_permitted = 1u}},
    {"SACK-permitted of length 3", {4, 3, 0, 0}, 4u, 1u, {0}},
    {"timestamps of length 9",
     {8, 9, 1, 2, 3, 4, 5, 6, 7, 3, 3, 6},
     12u,
     1u,
     {.has_shift = 1u, .shift = 6u}},
    {"timestamps of length 11", {8, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0}, 12u, 1u, {0}},
    {"SACK of length 2", {5, 2, 4, 2}, 4u, 1u, {.sack_permitted = 1u}},
    {"SACK of length 9", {5, 9, 1, 2, 3, 4, 5, 6, 7, 4, 2}, 11u, 1u, {.sack_permitted = 1u}},
    {"SACK of length 11",
     {5, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 4, 2},
     13u,
     1u,
     {.sack_permitted = 1u}},
    {"SACK of length 35", {5, 35}, 40u, 1u, {0}},
    {"SACK of length 42 in a header of 40", {5, 42}, 40u, 1u, {0}},
    {"SACK of one block",
     {5, 10, 0, 0, 0, 1, 0, 0, 0, 2},
     10u,
     0u,
     {.sack_count = 1u, .sack_left = {1u}, .sack_right = {2u}}},
    {"SACK of four blocks",
     {5, 34, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0,
      4, 0,  0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0, 8},
     34u,
     0u,
     {.sack_count = 4u, .sack_left = {1u, 3u, 5u, 7u}, .sack_right = {2u, 4u, 6u, 8u}}},
    {"two MSS: the first counts",
     {2, 4, 2, 24, 2, 4, 5, 180},
     8u,
     0u,
     {.has_mss = 1u, .mss = 536u}},
    {"two shifts: the first counts", {3, 3, 0, 3, 3, 7}, 6u, 0u, {.has_shift = 1u}},
    {"two SACK: the first counts",
     {5, 10, 0, 0, 0, 1, 0, 0, 0, 2, 5, 18, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6},
     28u,
     0u,
     {.sack_count = 1u, .sack_left = {1u}, .sack_right = {2u}}},
    {"two timestamps: the first counts",
     {8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 8, 10, 0, 0, 0, 3, 0, 0, 0, 4},
     20u,
     0u,
     {.has_timestamp = 1u, .ts_value = 1u, .ts_echo = 2u}},
};

static void options__read_as_the_table_says(void **state)
{
    (void)state;
    for (size_t r = 0u; r < LENGTH(rows); r++) {
        uint8_t bytes[60];
        uint32_t size = with_options(bytes, rows[r].options, rows[r].size);
        struct sq_header h, expected = rows[r].expected;

        expected.source_port = 54321u;
        expected.destination_port = 80u;
        expected.seq = 0x12345678u;
        expected.ack = 0x9abcdef0u;
        expected.flags = SQ_ACK;
        expected.window = 64240u;
        expected.checksum = 0xbeefu;
        expected.urgent = 42u;
        print_message("# %s\n", rows[r].name);
        assert_int_equal(parse_exactly(bytes, size, &h), 1);
        same_header(&h, &expected);
        assert_int_equal(h.malformed, rows[r].malformed);
        assert_int_equal(h.length, size);
    }
}

static void emitted_syn__is_these_bytes(void **state)
{
    static const uint8_t expected[44] = {
        0xd4, 0x31, 0x00, 0x50, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0xb1, 0xc2, 0xfa,
        0xf0, 0xbe, 0xef, 0x00, 0x2a, 0x02, 0x04, 0x05, 0xb4, 0x01, 0x01, 0x04, 0x02, 0x01, 0x03,
        0x03, 0x07, 0x01, 0x01, 0x08, 0x0a, 0x00, 0x00, 0x10, 0xe1, 0x00, 0x00, 0x00, 0x09};
    static const struct sq_header h = {.source_port = 54321u,
                                       .destination_port = 80u,
                                       .seq = 0x12345678u,
                                       .ack = 0x9abcdef0u,
                                       .flags = SQ_SYN + SQ_ECE + SQ_CWR + SQ_AE,
                                       .window = 64240u,
                                       .checksum = 0xbeefu,
                                       .urgent = 42u,
                                       .has_mss = 1u,
                                       .mss = 1460u,
                                       .has_shift = 1u,
                                       .shift = 7u,
                                       .sack_permitted = 1u,
                                       .has_timestamp = 1u,
                                       .ts_value = 4321u,
                                       .ts_echo = 9u};
    uint8_t bytes[60];

    (void)state;
    assert_int_equal(sq_header_emit(bytes, &h), sizeof(expected));
    assert_memory_equal(bytes, expected, sizeof(expected));
}

static uint32_t next_random(uint32_t *x)
{
    *x = *x * 1664525u + 1013904223u;
    return *x >> 8 | *x << 24;
}

/* The options by subset `choice`, `blocks` SACK blocks, and any values. */
static struct sq_header any_header(uint32_t choice, uint32_t blocks, uint32_t *x)
{
    struct sq_header h = {0};

    h.source_port = next_random(x) % 65536u;
    h.destination_port = next_random(x) % 65536u;
    h.seq = next_random(x);
    h.ack = next_random(x);
    h.flags = next_random(x) % 4096u;
    h.window = next_random(x) % 65536u;
    h.checksum = next_random(x) % 65536u;
    h.urgent = next_random(x) % 65536u;
    h.has_mss = choice % 2u;
    h.mss = h.has_mss * (next_random(x) % 65536u);
    h.has_shift = choice / 2u % 2u;
    h.shift = h.has_shift * (next_random(x) % 256u);
    h.sack_permitted = choice / 4u % 2u;
    h.has_timestamp = choice / 8u % 2u;
    h.ts_value = h.has_timestamp * next_random(x);
    h.ts_echo = h.has_timestamp * next_random(x);
    h.sack_count = blocks;
    for (uint32_t j = 0u; j < blocks; j++) {
        h.sack_left[j] = next_random(x);
        h.sack_right[j] = next_random(x);
    }
    return h;
}

static void every_set_of_options_that_fits__survives_emit_and_parse(void **state)
{
    uint32_t x = 1u, fitted = 0u;

    (void)state;
    for (uint32_t round = 0u; round < 50u; round++) {
        for (uint32_t set = 0u; set < 16u * 5u; set++) {
            struct sq_header h = any_header(set % 16u, set / 16u, &x), back;
            uint32_t expected = 20u + 4u * (h.has_mss + h.has_shift + h.sack_permitted) +
                                12u * h.has_timestamp +
                                (h.sack_count == 0u ? 0u : 4u + 8u * h.sack_count);
            uint8_t bytes[61];

            if (expected > SQ_HEADER_MAX) {
                continue;
            }
            fitted++;
            memset(bytes, 0xa5, sizeof(bytes));
            assert_int_equal(sq_header_size(&h), expected);
            assert_int_equal(sq_header_emit(bytes, &h), expected);
            for (uint32_t i = expected; i < sizeof(bytes); i++) {
                assert_int_equal(bytes[i], 0xa5);
            }
            assert_int_equal(parse_exactly(bytes, expected, &back), 1);
            same_header(&h, &back);
            assert_int_equal(back.length, expected);
            assert_int_equal(back.malformed, 0);
        }
    }
    /* By blocks 0..4: of the sixteen sets 16, 16, 15, 9 and 4 leave room for them. */
    assert_int_equal(fitted, 50 * 60);
}

static uint32_t wrong_length(uint32_t kind, uint32_t size)
{
    static const uint8_t fixed[9] = {[2] = 4, [3] = 3, [4] = 2, [8] = 10};

    if (kind == 5u) {
        return size < 10u || size > 34u || (size - 2u) % 8u != 0u;
    }
    return kind < 9u && fixed[kind] != 0u && size != fixed[kind];
}

/* Lists the options, then picks from the last to the first, so that the first of a kind remains. */
static struct sq_header second_reader(const uint8_t *p)
{
    struct sq_header h = {.length = (uint32_t)(p[12] >> 4) * 4u};
    uint32_t at[40], listed = 0u, i = 20u;

    while (i < h.length && p[i] != 0u) {
        uint32_t size = p[i] == 1u ? 1u : i + 1u < h.length ? p[i + 1u] : 0u;

        if (size == 0u || (p[i] != 1u && size == 1u) || i + size > h.length) {
            h.malformed = 1u;
            break;
        }
        at[listed++] = i;
        i += size;
    }
    while (listed > 0u) {
        const uint8_t *o = p + at[--listed];

        if (o[0] == 1u) {
            continue;
        }
        if (wrong_length(o[0], o[1])) {
            h.malformed = 1u;
        } else if (o[0] == 2u) {
            h.has_mss = 1u;
            h.mss = (uint32_t)o[2] << 8 | o[3];
        } else if (o[0] == 3u) {
            h.has_shift = 1u;
            h.shift = o[2];
        } else if (o[0] == 4u) {
            h.sack_permitted = 1u;
        } else if (o[0] == 8u) {
            h.has_timestamp = 1u;
            h.ts_value = (uint32_t)o[2] << 24 | (uint32_t)o[3] << 16 | (uint32_t)o[4] << 8 | o[5];
            h.ts_echo = (uint32_t)o[6] << 24 | (uint32_t)o[7] << 16 | (uint32_t)o[8] << 8 | o[9];
        } else if (o[0] == 5u) {
            h.sack_count = o[1] / 8u;
            for (uint32_t j = 0u; j < 4u; j++) {
                const uint8_t *b = o + 2u + 8u * j;
                uint32_t is = j < h.sack_count;

                h.sack_left[j] =
                    is ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]
                       : 0u;
                h.sack_right[j] =
                    is ? (uint32_t)b[4] << 24 | (uint32_t)b[5] << 16 | (uint32_t)b[6] << 8 | b[7]
                       : 0u;
            }
        }
    }
    h.source_port = (uint32_t)p[0] << 8 | p[1];
    h.destination_port = (uint32_t)p[2] << 8 | p[3];
    h.seq = (uint32_t)p[4] << 24 | (uint32_t)p[5] << 16 | (uint32_t)p[6] << 8 | p[7];
    h.ack = (uint32_t)p[8] << 24 | (uint32_t)p[9] << 16 | (uint32_t)p[10] << 8 | p[11];
    h.flags = ((uint32_t)p[12] << 8 | p[13]) & 0xfffu;
    h.window = (uint32_t)p[14] << 8 | p[15];
    h.checksum = (uint32_t)p[16] << 8 | p[17];
    h.urgent = (uint32_t)p[18] << 8 | p[19];
    return h;
}

/* Kinds and lengths are drawn small, so that walks go on and known kinds are common. */
static void any_bytes__read_as_a_second_reader_reads_them(void **state)
{
    static const uint8_t common[16] = {0, 1, 1, 2, 3, 4, 5, 8, 2, 3, 4, 10, 18, 26, 34, 253};
    uint32_t x = 7u, seen[6] = {0};

    (void)state;
    for (uint32_t round = 0u; round < 200000u; round++) {
        uint8_t bytes[60];
        struct sq_header h, expected;

        for (uint32_t i = 0u; i < 60u; i++) {
            uint32_t r = next_random(&x);

            bytes[i] = (uint8_t)(i >= 20u && r % 8u != 0u ? common[r / 8u % 16u] : r / 8u % 256u);
        }
        bytes[12] = (uint8_t)((5u + next_random(&x) % 11u) * 16u + bytes[12] % 16u);
        expected = second_reader(bytes);
        assert_int_equal(parse_exactly(bytes, expected.length, &h), 1);
        same_header(&h, &expected);
        assert_int_equal(h.length, expected.length);
        assert_int_equal(h.malformed, expected.malformed);
        seen[0] += h.has_mss;
        seen[1] += h.has_shift;
        seen[2] += h.sack_permitted;
        seen[3] += h.has_timestamp;
        seen[4] += h.sack_count > 0u ? 1u : 0u;
        seen[5] += h.malformed;
    }
    for (uint32_t k = 0u; k < LENGTH(seen); k++) {
        assert_true(seen[k] > 500u);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(syn_of_a_common_stack__every_field_is_read),
        cmocka_unit_test(ack_with_timestamps_and_three_blocks__every_field_is_read),
        cmocka_unit_test(each_of_twelve_flag_bits__is_read_alone_and_written_alone),
        cmocka_unit_test(data_offset__accepted_only_from_5_and_within_the_segment),
        cmocka_unit_test(longest_header_cut_at_every_byte__is_refused_and_h_left_alone),
        cmocka_unit_test(longest_segment__text_is_not_read_as_options),
        cmocka_unit_test(options__read_as_the_table_says),
        cmocka_unit_test(emitted_syn__is_these_bytes),
        cmocka_unit_test(every_set_of_options_that_fits__survives_emit_and_parse),
        cmocka_unit_test(any_bytes__read_as_a_second_reader_reads_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
