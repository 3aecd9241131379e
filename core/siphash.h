/* SPDX-License-Identifier: MIT */
/* SipHash-2-4: a keyed hash of few words. Nobody without the key can tell which of two connections collide in a table, nor
   what initial sequence number or port another one got. Aumasson, Bernstein: "SipHash: a fast short-input PRF"; RFC 6528 3

   The message goes in by words of eight bytes, the least significant byte first; the last word carries the message's length
   modulo 256 in its highest byte and what is left of the message, fewer than eight bytes, below. */
#ifndef SQ_SIPHASH_H
#define SQ_SIPHASH_H

#include <stdint.h>

/* 128 random bits. k0 holds the first eight bytes. */
struct sq_key {
    uint64_t k0, k1;
};

/* What the hash is in between two words. */
struct sq_sip {
    uint64_t v0, v1, v2, v3;
};

#include "../spec/siphash.acsl"

/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == Add64(a, b); */
static inline uint64_t sq_sip_add(uint64_t a, uint64_t b)
{
    return b <= UINT64_MAX - a ? a + b : b - (UINT64_MAX - a) - 1u;
}

/* Compilers make one rotation of it. */
/*@ requires by: TurnBy(p, q);
    terminates \true;
    assigns \nothing;
    ensures exact: \result == Turn(x, p, q); */
static inline uint64_t sq_sip_turn(uint64_t x, uint64_t p, uint64_t q)
{
    return x % q * p + x / q;
}

/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == Xor64(a, b); */
static inline uint64_t sq_sip_either(uint64_t a, uint64_t b)
{
    return a ^ b;
}

/*@ requires by: TurnBy(p, q);
    terminates \true;
    assigns \nothing;
    ensures exact: \result == Mix(a, b, p, q); */
static inline uint64_t sq_sip_mix(uint64_t a, uint64_t b, uint64_t p, uint64_t q)
{
    return sq_sip_either(sq_sip_turn(b, p, q), sq_sip_add(a, b));
}

/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == Pairs(s); */
static inline struct sq_sip sq_sip_pairs(struct sq_sip s)
{
    struct sq_sip r = s;

    r.v0 = sq_sip_turn(sq_sip_add(s.v0, s.v1), 0x100000000u, 0x100000000u);
    r.v1 = sq_sip_mix(s.v0, s.v1, 0x2000u, 0x8000000000000u);
    r.v2 = sq_sip_add(s.v2, s.v3);
    r.v3 = sq_sip_mix(s.v2, s.v3, 0x10000u, 0x1000000000000u);
    return r;
}

/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == Cross(s); */
static inline struct sq_sip sq_sip_cross(struct sq_sip s)
{
    struct sq_sip r = s;

    r.v0 = sq_sip_add(s.v0, s.v3);
    r.v1 = sq_sip_mix(s.v2, s.v1, 0x20000u, 0x800000000000u);
    r.v2 = sq_sip_turn(sq_sip_add(s.v2, s.v1), 0x100000000u, 0x100000000u);
    r.v3 = sq_sip_mix(s.v0, s.v3, 0x200000u, 0x80000000000u);
    return r;
}

/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == Round(s); */
static inline struct sq_sip sq_sip_round(struct sq_sip s)
{
    struct sq_sip r = sq_sip_cross(sq_sip_pairs(s));

    return r;
}

/* The key went in. */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == SipStart(\result, key); */
static inline struct sq_sip sq_sip_start(struct sq_key key)
{
    struct sq_sip s;

    s.v0 = sq_sip_either(key.k0, 0x736f6d6570736575u);
    s.v1 = sq_sip_either(key.k1, 0x646f72616e646f6du);
    s.v2 = sq_sip_either(key.k0, 0x6c7967656e657261u);
    s.v3 = sq_sip_either(key.k1, 0x7465646279746573u);
    return s;
}

/* The next word of the message. */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == SipWord(s, m); */
static inline struct sq_sip sq_sip_word(struct sq_sip s, uint64_t m)
{
    struct sq_sip r = s;

    r.v3 = sq_sip_either(r.v3, m);
    r = sq_sip_round(sq_sip_round(r));
    r.v0 = sq_sip_either(r.v0, m);
    return r;
}

/* The hash, after the last word. */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == SipEnd(s); */
static inline uint64_t sq_sip_end(struct sq_sip s)
{
    struct sq_sip r = s;

    r.v2 = sq_sip_either(r.v2, 0xffu);
    r = sq_sip_round(sq_sip_round(sq_sip_round(sq_sip_round(r))));
    return sq_sip_either(sq_sip_either(r.v0, r.v1), sq_sip_either(r.v2, r.v3));
}

#endif
