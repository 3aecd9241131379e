/* SPDX-License-Identifier: MIT */
/* SipHash-2-4. Aumasson, Bernstein: "SipHash: a fast short-input PRF" 2 */
#include "siphash.h"

/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == Add64(a, b); */
static inline uint64_t add(uint64_t a, uint64_t b)
{
    return b <= UINT64_MAX - a ? a + b : b - (UINT64_MAX - a) - 1u;
}

/* Compilers make one rotation of it. */
/*@ requires by: TurnBy(p, q);
    terminates \true;
    assigns \nothing;
    ensures exact: \result == Turn(x, p, q); */
static inline uint64_t turn(uint64_t x, uint64_t p, uint64_t q)
{
    return x % q * p + x / q;
}

/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == Xor64(a, b); */
static inline uint64_t either(uint64_t a, uint64_t b)
{
    return a ^ b;
}

/*@ requires by: TurnBy(p, q);
    terminates \true;
    assigns \nothing;
    ensures exact: \result == Mix(a, b, p, q); */
static inline uint64_t mix(uint64_t a, uint64_t b, uint64_t p, uint64_t q)
{
    return either(turn(b, p, q), add(a, b));
}

/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == Pairs(s); */
static inline struct sq_sip pairs(struct sq_sip s)
{
    struct sq_sip r = s;

    r.v0 = turn(add(s.v0, s.v1), 0x100000000u, 0x100000000u);
    r.v1 = mix(s.v0, s.v1, 0x2000u, 0x8000000000000u);
    r.v2 = add(s.v2, s.v3);
    r.v3 = mix(s.v2, s.v3, 0x10000u, 0x1000000000000u);
    return r;
}

/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == Cross(s); */
static inline struct sq_sip cross(struct sq_sip s)
{
    struct sq_sip r = s;

    r.v0 = add(s.v0, s.v3);
    r.v1 = mix(s.v2, s.v1, 0x20000u, 0x800000000000u);
    r.v2 = turn(add(s.v2, s.v1), 0x100000000u, 0x100000000u);
    r.v3 = mix(s.v0, s.v3, 0x200000u, 0x80000000000u);
    return r;
}

/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == Round(s); */
static inline struct sq_sip sip_round(struct sq_sip s)
{
    struct sq_sip r = cross(pairs(s));

    return r;
}

struct sq_sip sq_sip_start(struct sq_key key)
{
    struct sq_sip s;

    s.v0 = either(key.k0, 0x736f6d6570736575u);
    s.v1 = either(key.k1, 0x646f72616e646f6du);
    s.v2 = either(key.k0, 0x6c7967656e657261u);
    s.v3 = either(key.k1, 0x7465646279746573u);
    return s;
}

struct sq_sip sq_sip_word(struct sq_sip s, uint64_t m)
{
    struct sq_sip r = s;

    r.v3 = either(r.v3, m);
    r = sip_round(sip_round(r));
    r.v0 = either(r.v0, m);
    return r;
}

uint64_t sq_sip_end(struct sq_sip s)
{
    struct sq_sip r = s;

    r.v2 = either(r.v2, 0xffu);
    r = sip_round(sip_round(sip_round(sip_round(r))));
    return either(either(r.v0, r.v1), either(r.v2, r.v3));
}
