/* SPDX-License-Identifier: MIT */
/* What names a connection: its two ends. RFC 9293 3.3.1. And what is derived from it with a secret of the caller's: the hash
   that finds it, its initial sequence number, the place from which its port is looked for. RFC 6528 3, RFC 6056 3.3.3 */
#ifndef SQ_ENDS_H
#define SQ_ENDS_H

#include <stdint.h>

#include "config.h"
#include "sequence.h"
#include "siphash.h"

/* Both ends of a connection: addresses as numbers, 192.0.2.1 is 0xC0000201. */
struct sq_ends {
    uint32_t local, remote;
    uint32_t local_port, remote_port;
};

#include "../spec/ends.acsl"

/* The name in two words. */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == Addresses(e); */
static inline uint64_t sq_ends_addresses(struct sq_ends e)
{
    return (uint64_t)e.local * 0x100000000u + e.remote;
}

/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == Ports(e); */
static inline uint64_t sq_ends_ports(struct sq_ends e)
{
    return (uint64_t)e.local_port * 0x100000000u + e.remote_port;
}

/* The keyed hash of a name in two words; seed: sq_sip_start of a secret of its own for each use. */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == NameHash(seed, a, b); */
uint64_t sq_name_hash(struct sq_sip seed, uint64_t a, uint64_t b);

/* The initial sequence number: a clock of 4 microseconds and a keyed hash of the ends. RFC 6528 3, RFC 9293 3.4.1 MUST-8, 9 */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == Iss(seed, e, now); */
uint32_t sq_iss(struct sq_sip seed, struct sq_ends e, uint64_t now);

/* Where among `n` ports the search for e's local port begins: a keyed hash of the other three parts of the name, and a
   counter that the caller moves on by one with each port it took. One counter: algorithm 3 of RFC 6056; several, one of
   which is drawn by another hash: algorithm 4. RFC 6056 3.3.3, 3.3.4 */
/*@ requires range: 1 <= n <= 65535;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == PortOffset(seed, e, counter, n);
    ensures range: \result < n; */
uint32_t sq_port_offset(struct sq_sip seed, struct sq_ends e, uint64_t counter, uint32_t n);

/* The port to try after `tried` others, of the n from `first` on. n tries meet each of them once. RFC 6056 3.3.3 */
/*@ requires range: 1 <= n && first + n <= 65536 && offset < n && tried < n;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == PortTry(first, n, offset, tried);
    ensures range: first <= \result < first + n; */
uint32_t sq_port_try(uint32_t first, uint32_t n, uint32_t offset, uint32_t tried);

#endif
