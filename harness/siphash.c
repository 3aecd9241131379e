/* SPDX-License-Identifier: MIT */
/* SipHash-2-4 over two 64-bit words: two rounds for each word and for the length, four at the end. RFC 6528 3 */
#include "siphash.h"

static uint64_t turn(uint64_t x, uint32_t bits)
{
    return x << bits | x >> (64u - bits);
}

static void rounds(uint64_t v[4], uint32_t n)
{
    for (uint32_t i = 0u; i < n; i++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = turn(v[1], 13u) ^ v[0];
        v[3] = turn(v[3], 16u) ^ v[2];
        v[0] = turn(v[0], 32u);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = turn(v[1], 17u) ^ v[2];
        v[3] = turn(v[3], 21u) ^ v[0];
        v[2] = turn(v[2], 32u);
    }
}

static void word(uint64_t v[4], uint64_t m)
{
    v[3] ^= m;
    rounds(v, 2u);
    v[0] ^= m;
}

uint64_t sq_siphash(const struct sq_key *key, uint64_t a, uint64_t b)
{
    uint64_t v[4] = {0x736f6d6570736575u ^ key->k[0], 0x646f72616e646f6du ^ key->k[1],
                     0x6c7967656e657261u ^ key->k[0], 0x7465646279746573u ^ key->k[1]};

    word(v, a);
    word(v, b);
    word(v, UINT64_C(16) << 56u);
    v[2] ^= 0xffu;
    rounds(v, 4u);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
