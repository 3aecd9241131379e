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

/* The key went in. */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == SipStart(\result, key); */
struct sq_sip sq_sip_start(struct sq_key key);

/* The next word of the message. */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == SipWord(s, m); */
struct sq_sip sq_sip_word(struct sq_sip s, uint64_t m);

/* The hash, after the last word. */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == SipEnd(s); */
uint64_t sq_sip_end(struct sq_sip s);

#endif
