/* SPDX-License-Identifier: MIT */
/* The Internet checksum: RFC 1071 3 (its worked example), RFC 9293 3.1, RFC 8200 8.1.
   The oracle is the definition read literally: pair the bytes, pad with zero, add with end-around
   carry, complement. The two segments were built and summed by another implementation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/checksum.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define TEXT 1100u

static uint8_t text[TEXT];

static int fill(void **state)
{
    uint32_t x = 0x5E9u;

    (void)state;
    for (uint32_t i = 0u; i < TEXT; i++) {
        x = x * 1103515245u + 12345u;
        text[i] = (uint8_t)(x >> 16);
    }
    return 0;
}

/* RFC 1071's sum of 16-bit words with end-around carry. */
static uint32_t words(uint32_t sum, const uint8_t *p, uint32_t n)
{
    for (uint32_t i = 0u; i < n; i += 2u) {
        sum += (uint32_t)p[i] << 8 | (i + 1u < n ? p[i + 1u] : 0u);
        sum = (sum & 0xFFFFu) + (sum >> 16);
    }
    return sum;
}

static void rfc_1071_example__sum_is_ddf2_and_field_is_220d(void **state)
{
    static const uint8_t example[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

    (void)state;
    assert_int_equal(sq_checksum_add(0u, example, 8u), 0x2ddf0u);
    assert_int_equal(sq_checksum_fold(0x2ddf0u), 0xddf2u);
    assert_int_equal(sq_checksum_finish(0x2ddf0u), 0x220du);
}

/* RFC 1071 3 breaks the same bytes after the third. */
static void rfc_1071_example__broken_at_an_odd_place__sum_is_the_same(void **state)
{
    static const uint8_t one[] = {0x00, 0x01, 0xf2};
    static const uint8_t two[] = {0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    uint64_t sum = sq_checksum_add(0u, one, 3u);

    (void)state;
    assert_int_equal(sum, 0xf201u);
    sum = sq_checksum_add_at(sum, 3u, two, 5u);
    assert_int_equal(sum, 0x2ddf0u);
}

static void every_length__equals_the_definition(void **state)
{
    (void)state;
    for (uint32_t n = 0u; n <= TEXT; n++) {
        assert_int_equal(sq_checksum_fold(sq_checksum_add(0u, text, n)), words(0u, text, n));
    }
}

static void every_alignment__equals_the_definition(void **state)
{
    (void)state;
    for (uint32_t begin = 0u; begin < 40u; begin++) {
        for (uint32_t n = 0u; n + begin <= 700u; n++) {
            assert_int_equal(sq_checksum_fold(sq_checksum_add(0u, text + begin, n)),
                             words(0u, text + begin, n));
        }
    }
}

static void two_slices__split_anywhere__sum_is_exactly_that_of_the_whole(void **state)
{
    static const uint32_t lengths[] = {0u, 1u, 2u, 31u, 32u, 33u, 288u, 289u, 555u, TEXT};

    (void)state;
    for (size_t l = 0u; l < LENGTH(lengths); l++) {
        uint32_t n = lengths[l];
        uint64_t whole = sq_checksum_add(0u, text, n);

        for (uint32_t cut = 0u; cut <= n; cut++) {
            uint64_t sum = sq_checksum_add(0u, text, cut);

            sum = sq_checksum_add_at(sum, cut, text + cut, n - cut);
            assert_true(sum == whole);
        }
    }
}

static void three_slices__split_anywhere__sum_is_exactly_that_of_the_whole(void **state)
{
    uint32_t n = 75u;
    uint64_t whole = sq_checksum_add(0u, text, n);

    (void)state;
    for (uint32_t a = 0u; a <= n; a++) {
        for (uint32_t b = a; b <= n; b++) {
            uint64_t sum = sq_checksum_add_at(0u, 0u, text, a);

            sum = sq_checksum_add_at(sum, a, text + a, b - a);
            sum = sq_checksum_add_at(sum, b, text + b, n - b);
            assert_true(sum == whole);
        }
    }
}

static void all_ones__longest_segment__nothing_overflows(void **state)
{
    static uint8_t ones[65535];
    uint64_t sum;

    (void)state;
    for (size_t i = 0u; i < sizeof(ones); i++) {
        ones[i] = 0xFFu;
    }
    sum = sq_checksum_add(0u, ones, 65535u);
    assert_true(sum == 32767u * 65535u + 65280u);
    for (uint32_t slices = 1u; slices < 100u; slices++) {
        sum = sq_checksum_add(sum, ones, 65534u);
    }
    assert_true(sum == 65535u * (32767u * 100ull) + 65280u);
    assert_int_equal(sq_checksum_fold(sum), 65280u);
}

static void folding__zero_only_for_zero__all_ones_otherwise(void **state)
{
    (void)state;
    assert_int_equal(sq_checksum_fold(0u), 0u);
    assert_int_equal(sq_checksum_fold(1u), 1u);
    assert_int_equal(sq_checksum_fold(65535u), 65535u);
    assert_int_equal(sq_checksum_fold(65536u), 1u);
    assert_int_equal(sq_checksum_fold(2u * 65535u), 65535u);
    assert_int_equal(sq_checksum_fold(UINT64_MAX), 65535u);
    assert_int_equal(sq_checksum_fold(UINT64_MAX - 1u), 65534u);
}

/* A widely published IPv4 header (RFC 791 3.1) whose checksum is b861. */
static void ipv4_header__known_vector__field_is_b861_and_verifies(void **state)
{
    uint8_t header[] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                        0x00, 0x00, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};

    (void)state;
    assert_int_equal(sq_checksum_finish(sq_checksum_add(0u, header, 20u)), 0xb861u);
    header[10] = 0xb8u;
    header[11] = 0x61u;
    assert_true(sq_checksum_correct(sq_checksum_add(0u, header, 20u)));
}

/* 192.0.2.1:49152 to 198.51.100.7:80, 13 bytes of text; checksum field 2dd4. */
static const uint8_t segment4[] = {0xc0, 0x00, 0x00, 0x50, 0x01, 0x02, 0x03, 0x04, 0xff,
                                   0xfe, 0xfd, 0xfc, 0x50, 0x18, 0x72, 0x10, 0x2d, 0xd4,
                                   0x00, 0x00, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x2c, 0x20,
                                   0x77, 0x6f, 0x72, 0x6c, 0x64, 0x21};

static void ipv4_segment__known_vector__verifies_and_yields_its_field(void **state)
{
    uint8_t bytes[sizeof(segment4)];
    uint64_t pseudo = sq_checksum_pseudo4(0xC0000201u, 0xC6336407u, sizeof(segment4));

    (void)state;
    assert_true(sq_checksum_correct(sq_checksum_add(pseudo, segment4, sizeof(segment4))));
    for (size_t i = 0u; i < sizeof(bytes); i++) {
        bytes[i] = segment4[i];
    }
    bytes[16] = 0u;
    bytes[17] = 0u;
    assert_int_equal(sq_checksum_finish(sq_checksum_add(pseudo, bytes, sizeof(bytes))), 0x2dd4u);
}

static void ipv4_segment__any_bit_flipped__does_not_verify(void **state)
{
    uint8_t bytes[sizeof(segment4)];
    uint64_t pseudo = sq_checksum_pseudo4(0xC0000201u, 0xC6336407u, sizeof(segment4));

    (void)state;
    for (size_t i = 0u; i < sizeof(bytes); i++) {
        bytes[i] = segment4[i];
    }
    for (uint32_t bit = 0u; bit < 8u * sizeof(bytes); bit++) {
        bytes[bit / 8u] = (uint8_t)(bytes[bit / 8u] ^ (1u << bit % 8u));
        assert_false(sq_checksum_correct(sq_checksum_add(pseudo, bytes, sizeof(bytes))));
        bytes[bit / 8u] = segment4[bit / 8u];
    }
}

/* 2001:db8::1 port 443 to 2001:db8:0:1:2:3:4:fffe port 50000, MSS option, 3 bytes of text. */
static void ipv6_segment__known_vector__verifies_and_yields_its_field(void **state)
{
    static const uint8_t src[16] = {0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00,
                                    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01};
    static const uint8_t dst[16] = {0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x01,
                                    0x00, 0x02, 0x00, 0x03, 0x00, 0x04, 0xff, 0xfe};
    uint8_t bytes[] = {0x01, 0xbb, 0xc3, 0x50, 0x00, 0x00, 0x00, 0x01, 0x00,
                       0x00, 0x00, 0x02, 0x60, 0x02, 0xff, 0xff, 0xa4, 0x48,
                       0x00, 0x00, 0x02, 0x04, 0x05, 0xa0, 0x6f, 0x64, 0x64};
    uint64_t pseudo = sq_checksum_pseudo6(src, dst, sizeof(bytes));

    (void)state;
    assert_true(sq_checksum_correct(sq_checksum_add(pseudo, bytes, sizeof(bytes))));
    bytes[16] = 0u;
    bytes[17] = 0u;
    assert_int_equal(sq_checksum_finish(sq_checksum_add(pseudo, bytes, sizeof(bytes))), 0xa448u);
}

/* RFC 8200 8.1: the length is a 32-bit field of the pseudo-header. */
static void ipv6_pseudo_header__length_beyond_16_bits__both_words_count(void **state)
{
    static const uint8_t zero[16] = {0};

    (void)state;
    assert_int_equal(sq_checksum_pseudo6(zero, zero, 0x00020003u), 2u + 3u + 6u);
}

/* What a device does that completes a partial checksum: sum from the header on, seed included. */
static void partial_checksum__device_completes__same_field_as_in_software(void **state)
{
    uint8_t bytes[sizeof(segment4)];
    uint64_t pseudo = sq_checksum_pseudo4(0xC0000201u, 0xC6336407u, sizeof(segment4));
    uint32_t seed = sq_checksum_fold(pseudo);

    (void)state;
    for (size_t i = 0u; i < sizeof(bytes); i++) {
        bytes[i] = segment4[i];
    }
    bytes[16] = (uint8_t)(seed / 256u);
    bytes[17] = (uint8_t)(seed % 256u);
    assert_int_equal(65535u - words(0u, bytes, sizeof(bytes)), 0x2dd4u);
}

/* RFC 9293 3.1 has no "zero means none": a field of zero is a value like any other. */
static void field_of_zero__is_correct_when_the_rest_is_all_ones(void **state)
{
    static const uint8_t bytes[] = {0xff, 0xfe, 0x00, 0x01, 0x00, 0x00};

    (void)state;
    assert_int_equal(sq_checksum_finish(sq_checksum_add(0u, bytes, 4u)), 0u);
    assert_true(sq_checksum_correct(sq_checksum_add(0u, bytes, 6u)));
    assert_false(sq_checksum_correct(0u));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_1071_example__sum_is_ddf2_and_field_is_220d),
        cmocka_unit_test(rfc_1071_example__broken_at_an_odd_place__sum_is_the_same),
        cmocka_unit_test(every_length__equals_the_definition),
        cmocka_unit_test(every_alignment__equals_the_definition),
        cmocka_unit_test(two_slices__split_anywhere__sum_is_exactly_that_of_the_whole),
        cmocka_unit_test(three_slices__split_anywhere__sum_is_exactly_that_of_the_whole),
        cmocka_unit_test(all_ones__longest_segment__nothing_overflows),
        cmocka_unit_test(folding__zero_only_for_zero__all_ones_otherwise),
        cmocka_unit_test(ipv4_header__known_vector__field_is_b861_and_verifies),
        cmocka_unit_test(ipv4_segment__known_vector__verifies_and_yields_its_field),
        cmocka_unit_test(ipv4_segment__any_bit_flipped__does_not_verify),
        cmocka_unit_test(ipv6_segment__known_vector__verifies_and_yields_its_field),
        cmocka_unit_test(ipv6_pseudo_header__length_beyond_16_bits__both_words_count),
        cmocka_unit_test(partial_checksum__device_completes__same_field_as_in_software),
        cmocka_unit_test(field_of_zero__is_correct_when_the_rest_is_all_ones),
    };

    return cmocka_run_group_tests(tests, fill, NULL);
}
