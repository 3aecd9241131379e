/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* Reassembly: the sorted ranges beyond RCV.NXT. RFC 9293 3.10.7.4 */
#include "reassembly.h"

/*@ // Ranges k of g in [from, to) are the ranges k + by of f.
    predicate Shifted(struct sq_reassembly g, struct sq_reassembly f, integer from, integer to, integer by) =
      \forall integer k; from <= k < to ==> g.lo[k] == f.lo[k + by] && g.hi[k] == f.hi[k + by];
    // The ranges before i end below v, those from i on begin above it.
    predicate Below(struct sq_reassembly r, integer i, integer v) = \forall integer k; 0 <= k < i ==> r.hi[k] < v;
    predicate Above(struct sq_reassembly r, integer i, integer v) = \forall integer k; i <= k < r.n ==> v < r.lo[k];
*/

/* Room for a range at i. */
/*@ requires room: \valid(r) && i <= r->n < SQ_RANGES;
    terminates \true;
    assigns *r;
    ensures size: r->n == \old(r->n) + 1;
    ensures before: Shifted(*r, \old(*r), 0, i, 0);
    ensures after: Shifted(*r, \old(*r), i + 1, r->n, -1); */
static void ranges_open(struct sq_reassembly *r, uint32_t i)
{
    uint32_t k = r->n;

    /*@ loop invariant place: i <= k <= r->n && r->n == \at(r->n, Pre);
        loop invariant before: Shifted(*r, \at(*r, Pre), 0, k, 0);
        loop invariant after: Shifted(*r, \at(*r, Pre), k + 1, r->n + 1, -1);
        loop assigns k, r->lo[0 .. SQ_RANGES - 1], r->hi[0 .. SQ_RANGES - 1];
        loop variant k; */
    while (k > i) {
        r->lo[k] = r->lo[k - 1u];
        r->hi[k] = r->hi[k - 1u];
        k = k - 1u;
    }
    r->n = r->n + 1u;
}

/* The ranges i .. i+d-1 go. */
/*@ requires part: \valid(r) && i + d <= r->n <= SQ_RANGES;
    terminates \true;
    assigns *r;
    ensures size: r->n == \old(r->n) - d;
    ensures before: Shifted(*r, \old(*r), 0, i, 0);
    ensures after: Shifted(*r, \old(*r), i, r->n, d); */
static void ranges_remove(struct sq_reassembly *r, uint32_t i, uint32_t d)
{
    uint32_t k = i;

    /*@ loop invariant place: i <= k <= r->n - d && r->n == \at(r->n, Pre);
        loop invariant before: Shifted(*r, \at(*r, Pre), 0, i, 0);
        loop invariant moved: Shifted(*r, \at(*r, Pre), i, k, d);
        loop invariant after: Shifted(*r, \at(*r, Pre), k + d, r->n, 0);
        loop assigns k, r->lo[0 .. SQ_RANGES - 1], r->hi[0 .. SQ_RANGES - 1];
        loop variant r->n - d - k; */
    while (k < r->n - d) {
        r->lo[k] = r->lo[k + d];
        r->hi[k] = r->hi[k + d];
        k = k + 1u;
    }
    r->n = r->n - d;
}

/* Every range is d nearer, for RCV.NXT moved d on. */
/*@ requires block: \valid(r) && r->n <= SQ_RANGES;
    requires beyond: \forall integer k; 0 <= k < r->n ==> d <= r->lo[k] && d <= r->hi[k];
    terminates \true;
    assigns r->lo[0 .. SQ_RANGES - 1], r->hi[0 .. SQ_RANGES - 1];
    ensures nearer: \forall integer k; 0 <= k < r->n ==>
      r->lo[k] + d == \old(*r).lo[k] && r->hi[k] + d == \old(*r).hi[k]; */
static void ranges_nearer(struct sq_reassembly *r, uint32_t d)
{
    uint32_t k = 0u;

    /*@ loop invariant place: 0 <= k <= r->n;
        loop invariant nearer: \forall integer q; 0 <= q < k ==>
          r->lo[q] + d == \at(*r, Pre).lo[q] && r->hi[q] + d == \at(*r, Pre).hi[q];
        loop invariant after: Shifted(*r, \at(*r, Pre), k, r->n, 0);
        loop assigns k, r->lo[0 .. SQ_RANGES - 1], r->hi[0 .. SQ_RANGES - 1];
        loop variant r->n - k; */
    while (k < r->n) {
        r->lo[k] = r->lo[k] - d;
        r->hi[k] = r->hi[k] - d;
        k = k + 1u;
    }
}

/* [a, b) touches nothing: it becomes range i. */
/*@ requires block: \valid(r) && ReassemblyValid(*r);
    requires room: r->n < SQ_RANGES && i <= r->n && 0 < a < b;
    requires apart: Below(*r, i, a) && Above(*r, i, b);
    terminates \true;
    assigns *r;
    ensures valid: ReassemblyValid(*r);
    ensures within: \forall integer l; Within(\old(*r), l) && b <= l ==> Within(*r, l);
    ensures new: r->lo[i] == a && r->hi[i] == b && i < r->n;
    ensures kept: \forall integer x; Covers(\old(*r), x) ==> Covers(*r, x);
    ensures honest: \forall integer x; Covers(*r, x) ==> Covers(\old(*r), x) || a <= x < b; */
static void ranges_add(struct sq_reassembly *r, uint32_t i, uint32_t a, uint32_t b)
{
    ranges_open(r, i);
    r->lo[i] = a;
    r->hi[i] = b;
    /*@ assert left: \forall integer k; 0 <= k < i ==>
          r->lo[k] == \at(r->lo[k], Pre) && r->hi[k] == \at(r->hi[k], Pre); */
    /*@ assert right: \forall integer k; i <= k < \at(r->n, Pre) ==>
          r->lo[k + 1] == \at(r->lo[k], Pre) && r->hi[k + 1] == \at(r->hi[k], Pre); */
    /*@ assert order_left: \forall integer k, l; 0 <= k < l < i ==> r->hi[k] < r->lo[l]; */
    /*@ assert order_moved: \forall integer k, l; i <= k < l < \at(r->n, Pre) ==> r->hi[k + 1] < r->lo[l + 1]; */
    /*@ assert order_right: \forall integer k, l; i < k < l < r->n ==> r->hi[k] < r->lo[l]; */
    /*@ assert order_new: \forall integer l; i < l < r->n ==> b < r->lo[l]; */
}

/* The ranges i .. j-1 become the one range [a, b) that holds them. */
/*@ requires block: \valid(r) && ReassemblyValid(*r);
    requires part: i < j <= r->n && 0 < a < b;
    requires apart: Below(*r, i, a) && Above(*r, j, b);
    requires inside: \forall integer k; i <= k < j ==> a <= r->lo[k] && r->hi[k] <= b;
    terminates \true;
    assigns *r;
    ensures valid: ReassemblyValid(*r);
    ensures within: \forall integer l; Within(\old(*r), l) && b <= l ==> Within(*r, l);
    ensures new: r->lo[i] == a && r->hi[i] == b && i < r->n;
    ensures kept: \forall integer x; Covers(\old(*r), x) ==> Covers(*r, x);
    ensures honest: \forall integer x; Covers(*r, x) ==> Covers(\old(*r), x) || a <= x < b; */
static void ranges_join(struct sq_reassembly *r, uint32_t i, uint32_t j, uint32_t a, uint32_t b)
{
    uint32_t d = j - i - 1u;

    ranges_remove(r, i + 1u, d);
    r->lo[i] = a;
    r->hi[i] = b;
    /*@ assert left: \forall integer k; 0 <= k < i ==>
          r->lo[k] == \at(r->lo[k], Pre) && r->hi[k] == \at(r->hi[k], Pre); */
    /*@ assert right: \forall integer k; j <= k < \at(r->n, Pre) ==>
          r->lo[k - d] == \at(r->lo[k], Pre) && r->hi[k - d] == \at(r->hi[k], Pre); */
    /*@ assert order_left: \forall integer k, l; 0 <= k < l < i ==> r->hi[k] < r->lo[l]; */
    /*@ assert order_moved: \forall integer k, l; j <= k < l < \at(r->n, Pre) ==> r->hi[k - d] < r->lo[l - d]; */
    /*@ assert order_right: \forall integer k, l; i < k < l < r->n ==> r->hi[k] < r->lo[l]; */
    /*@ assert order_new: \forall integer l; i < l < r->n ==> b < r->lo[l]; */
}

void sq_reassembly_clear(struct sq_reassembly *r)
{
    uint32_t i = 0u;
    r->n = 0u;
    r->zero = 0u;
    /*@ loop invariant 0 <= i <= SQ_RANGES && r->n == 0 && r->zero == 0;
        loop invariant \forall integer k; 0 <= k < i ==> r->lo[k] == 0 && r->hi[k] == 0;
        loop assigns i, r->lo[0 .. SQ_RANGES - 1], r->hi[0 .. SQ_RANGES - 1];
        loop variant SQ_RANGES - i; */
    while (i < SQ_RANGES) {
        r->lo[i] = 0u;
        r->hi[i] = 0u;
        i = i + 1u;
    }
}

uint32_t sq_reassembly_insert(struct sq_reassembly *r, uint32_t a, uint32_t b, uint32_t limit)
{
    uint32_t i = 0u, j, lo = a, hi = b;

    (void)limit; /* it only bounds what the caller may ask for */
    /*@ loop invariant before: 0 <= i <= r->n && Below(*r, i, a);
        loop assigns i;
        loop variant r->n - i; */
    while (i < r->n && r->hi[i] < a) {
        i = i + 1u;
    }
    j = i;
    /*@ loop invariant place: i <= j <= r->n;
        loop invariant touched: \forall integer k; i <= k < j ==> r->lo[k] <= b;
        loop assigns j;
        loop variant r->n - j; */
    while (j < r->n && r->lo[j] <= b) {
        j = j + 1u;
    }
    if (i == j) {
        if (r->n == SQ_RANGES) {
            return 0u;
        }
        ranges_add(r, i, a, b);
        return 1u;
    }
    if (r->lo[i] < lo) {
        lo = r->lo[i];
    }
    if (r->hi[j - 1u] > hi) {
        hi = r->hi[j - 1u];
    }
    /*@ assert reach: \forall integer x; lo <= x < hi ==> Covers(*r, x) || a <= x < b; */
    ranges_join(r, i, j, lo, hi);
    return 1u;
}

uint32_t sq_reassembly_front(struct sq_reassembly *r, uint32_t n, uint32_t limit)
{
    uint32_t i = 0u, move = n;

    (void)limit; /* it only bounds the result */
    /*@ loop invariant place: 0 <= i <= r->n && n <= move <= limit;
        loop invariant passed: \forall integer q; 0 <= q < i ==> r->hi[q] <= move;
        loop invariant edge: move == n || (i > 0 && move == r->hi[i - 1]);
        loop invariant ready: \forall integer x; n <= x < move ==> Covers(*r, x);
        loop assigns i, move;
        loop variant r->n - i; */
    while (i < r->n && r->lo[i] <= move) {
        if (r->hi[i] > move) {
            move = r->hi[i];
        }
        i = i + 1u;
    }
    /*@ assert beyond: \forall integer q; i <= q < r->n ==> move < r->lo[q]; */
    ranges_remove(r, 0u, i);
    ranges_nearer(r, move);
    /*@ assert down: \forall integer q; 0 <= q < r->n ==>
          r->lo[q] + move == \at(*r, Pre).lo[q + i] && r->hi[q] + move == \at(*r, Pre).hi[q + i]; */
    /*@ assert up: \forall integer q; i <= q < \at(r->n, Pre) ==>
          r->lo[q - i] + move == \at(r->lo[q], Pre) && r->hi[q - i] + move == \at(r->hi[q], Pre); */
    return move;
}
