/* SPDX-License-Identifier: MIT */
/* Reassembly: the bytes beyond RCV.NXT that already arrived, as sorted ranges that do not touch; distances from RCV.NXT.
   The bytes themselves stand in the receive ring. RFC 9293 3.10.7.4 */
#ifndef SQ_REASSEMBLY_H
#define SQ_REASSEMBLY_H

#include "connection.h"

#include "../spec/reassembly.acsl"

/* Nothing arrived beyond RCV.NXT. */
/*@ requires block: \valid(r);
    terminates \true;
    assigns *r;
    ensures empty: ReassemblyValid(*r) && r->n == 0 && r->zero == 0;
    ensures zero: \forall integer i; 0 <= i < SQ_RANGES ==> r->lo[i] == 0 && r->hi[i] == 0; */
void sq_reassembly_clear(struct sq_reassembly *r);

/* The bytes [a, b) arrived beyond a gap. 0: the list is full and nothing changed. RFC 9293 3.10.7.4 SHLD-31 */
/*@ requires block: \valid(r) && ReassemblyValid(*r);
    requires inside: 0 < a < b <= limit && Within(*r, limit);
    terminates \true;
    assigns *r;
    ensures valid: ReassemblyValid(*r) && Within(*r, limit);
    ensures verdict: \result == 0 || \result == 1;
    ensures kept: \forall integer x; Covers(\old(*r), x) ==> Covers(*r, x);
    ensures honest: \forall integer x; Covers(*r, x) ==> Covers(\old(*r), x) || a <= x < b;
    ensures exact: \result == 1 ==> \forall integer x; a <= x < b ==> Covers(*r, x);
    ensures full: \result == 0 ==> \old(r->n) == SQ_RANGES && *r == \old(*r);
    ensures apart: \result == 0 ==> \forall integer k; 0 <= k < r->n ==> r->hi[k] < a || b < r->lo[k]; */
uint32_t sq_reassembly_insert(struct sq_reassembly *r, uint32_t a, uint32_t b, uint32_t limit);

/* n bytes at the front are in order. How far RCV.NXT moves in all: to the first byte that has not arrived. */
/*@ requires block: \valid(r) && ReassemblyValid(*r);
    requires inside: 0 < n <= limit && Within(*r, limit);
    terminates \true;
    assigns *r;
    ensures valid: ReassemblyValid(*r) && n <= \result <= limit && Within(*r, limit - \result);
    ensures ready: \forall integer x; n <= x < \result ==> Covers(\old(*r), x);
    ensures first: !Covers(\old(*r), \result);
    ensures rest: \forall integer x; 0 <= x ==> (Covers(*r, x) <==> Covers(\old(*r), x + \result)); */
uint32_t sq_reassembly_front(struct sq_reassembly *r, uint32_t n, uint32_t limit);

#endif
