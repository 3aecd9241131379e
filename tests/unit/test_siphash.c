/* SPDX-License-Identifier: MIT */
/* SipHash-2-4 against its paper. Aumasson, Bernstein: "SipHash: a fast short-input PRF", appendix A and its reference code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/siphash.h"

static const struct sq_key key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};

/* The word of n bytes from byte `from` on of the message 00 01 02 ... */
static uint64_t word(uint32_t from, uint32_t n)
{
    uint64_t w = 0u;

    for (uint32_t i = 0u; i < n; i++) {
        w |= (uint64_t)((from + i) % 256u) << (8u * i);
    }
    return w;
}

/* The hash of the message 00 01 02 ... of n bytes. */
static uint64_t hash(uint32_t n)
{
    struct sq_sip s = sq_sip_start(key);
    uint32_t i = 0u;

    for (; i + 8u <= n; i += 8u) {
        s = sq_sip_word(s, word(i, 8u));
    }
    s = sq_sip_word(s, word(i, n - i) | (uint64_t)(n % 256u) << 56u);
    return sq_sip_end(s);
}

/* Appendix A walks through this one. */
static void fifteen_bytes__as_in_the_paper(void **state)
{
    struct sq_sip s = sq_sip_start(key);

    (void)state;
    assert_true(s.v0 == 0x7469686173716475u && s.v1 == 0x6b617f6d656e6665u);
    assert_true(s.v2 == 0x6b7f62616d677361u && s.v3 == 0x7b6b696e727e6c7bu);
    s = sq_sip_word(s, 0x0706050403020100u);
    assert_true(s.v0 == 0x4a017198de0a59e0u && s.v1 == 0x0d52f6f62a4f59a4u);
    assert_true(s.v2 == 0x634cb3577b01fd3du && s.v3 == 0xa5224d6f55c7d9c8u);
    assert_true(hash(15u) == 0xa129ca6149be45e5u);
}

/* The first of the reference code's vectors_sip64. */
static void reference_vectors(void **state)
{
    static const uint64_t want[] = {0x726fdb47dd0e0e31u, 0x74f839c593dc67fdu, 0x0d6c8009d9a94f5au,
                                    0x85676696d7fb7e2du, 0xcf2794e0277187b7u, 0x18765564cd99a68du,
                                    0xcbc9466e58fee3ceu, 0xab0200f58b01d137u, 0x93f5f5799a932462u,
                                    0x9e0082df0ba9e4b0u, 0x7a5dbbc594ddb9f3u, 0xf4b32f46226bada7u,
                                    0x751e8fbc860ee5fbu, 0x14ea5627c0843d90u, 0xf723ca908e7af2eeu,
                                    0xa129ca6149be45e5u, 0x3f2acc7f57c29bdbu};

    (void)state;
    for (uint32_t n = 0u; n < sizeof want / sizeof want[0]; n++) {
        assert_true(hash(n) == want[n]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifteen_bytes__as_in_the_paper),
        cmocka_unit_test(reference_vectors),
    };

    return cmocka_run_group_tests_name("siphash", tests, NULL, NULL);
}
