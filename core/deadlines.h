/* SPDX-License-Identifier: MIT */
/* The deadlines of many connections: a tournament tree over n slots in 2 n words of the caller's. Slot i's deadline is
   tree[n + i], tree[k] is the earlier of tree[2 k] and tree[2 k + 1], so the earliest of all is tree[1] and a slot's change
   costs at most the height of the tree. n need not be a power of two; tree[0] is not used.

   An entry may be earlier than what it stands for, never later: who is called too early sets the deadline anew. So a caller
   need not touch the tree when a deadline moves away. Output that is owed is a deadline at the time it became owed: then
   the earliest first is also a fair order. RFC 6298 5, RFC 9293 3.8 */
#ifndef SQ_DEADLINES_H
#define SQ_DEADLINES_H

#include <stdint.h>

#include "config.h"

#include "../spec/deadlines.acsl"

#define SQ_DEADLINES_MAX 0x40000000u /* slots in one tree */

/* No slot has a deadline. */
/*@ requires tree: 1 <= n <= SQ_DEADLINES_MAX && \valid(tree + (0 .. 2 * n - 1));
    terminates \true;
    assigns tree[0 .. 2 * n - 1];
    ensures tournament: Tournament(tree, n);
    ensures never: \forall integer i; 0 <= i < n ==> tree[n + i] == SQ_NEVER;
    ensures canonical: \forall integer k; 0 <= k < 2 * n ==> tree[k] == SQ_NEVER; */
void sq_deadlines_clear(uint64_t *tree, uint32_t n);

/* Slot i is due at `then`, SQ_NEVER: not at all. */
/*@ requires tree: 1 <= n <= SQ_DEADLINES_MAX && \valid(tree + (0 .. 2 * n - 1));
    requires tournament: Tournament(tree, n);
    requires slot: i < n;
    terminates \true;
    assigns tree[1 .. 2 * n - 1];
    ensures tournament: Tournament(tree, n);
    ensures set: tree[n + i] == then;
    ensures kept: \forall integer j; 0 <= j < n && j != i ==> tree[n + j] == \old(tree[n + j]); */
void sq_deadlines_set(uint64_t *tree, uint32_t n, uint32_t i, uint64_t then);

/* The earliest deadline of all: never later than that of any slot. */
/*@ requires tree: 1 <= n <= SQ_DEADLINES_MAX && \valid_read(tree + (0 .. 2 * n - 1));
    requires tournament: Tournament(tree, n);
    terminates \true;
    assigns \nothing;
    ensures never_late: \forall integer k; n <= k < 2 * n ==> \result <= tree[k];
    ensures root: \result == tree[1]; */
uint64_t sq_deadlines_earliest(const uint64_t *tree, uint32_t n);

/* The slot whose deadline that is. */
/*@ requires tree: 1 <= n <= SQ_DEADLINES_MAX && \valid_read(tree + (0 .. 2 * n - 1));
    requires tournament: Tournament(tree, n);
    terminates \true;
    assigns \nothing;
    ensures slot: \result < n;
    ensures least: \forall integer k; n <= k < 2 * n ==> tree[n + \result] <= tree[k];
    ensures root: tree[n + \result] == tree[1]; */
uint32_t sq_deadlines_first(const uint64_t *tree, uint32_t n);

#endif
