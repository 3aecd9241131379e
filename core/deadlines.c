/* SPDX-License-Identifier: MIT */
/* The tournament of deadlines. RFC 6298 5, RFC 9293 3.8 */
#include "deadlines.h"

void sq_deadlines_clear(uint64_t *tree, uint32_t n)
{
    uint32_t k = 0u;

    /*@ loop invariant place: 0 <= k <= 2 * n;
        loop invariant cleared: \forall integer j; 0 <= j < k ==> tree[j] == SQ_NEVER;
        loop assigns k, tree[0 .. 2 * n - 1];
        loop variant 2 * n - k; */
    while (k < 2u * n) {
        tree[k] = SQ_NEVER;
        k = k + 1u;
    }
}

/* The earlier of the two below node k. */
/*@ requires below: \valid_read(tree + (2 * k .. 2 * k + 1)) && k < SQ_DEADLINES_MAX;
    terminates \true;
    assigns \nothing;
    ensures least: \result == \min(tree[2 * k], tree[2 * k + 1]); */
static uint64_t earlier(const uint64_t *tree, uint32_t k)
{
    return tree[2u * k] < tree[2u * k + 1u] ? tree[2u * k] : tree[2u * k + 1u];
}

void sq_deadlines_set(uint64_t *tree, uint32_t n, uint32_t i, uint64_t then)
{
    uint32_t k = n + i;

    tree[k] = then;
    /*@ loop invariant place: 1 <= k <= n + i;
        loop invariant nodes: \forall integer j; 1 <= j < n && j != k / 2 ==> Node(tree, j);
        loop invariant set: tree[n + i] == then;
        loop invariant kept: \forall integer j; n <= j < 2 * n && j != n + i ==> tree[j] == \at(tree[j], Pre);
        loop assigns k, tree[1 .. n - 1];
        loop variant k; */
    while (k > 1u) {
        uint64_t least;

        k = k / 2u;
        least = earlier(tree, k);
        if (tree[k] == least) {
            return; /* nothing above changes */
        }
        tree[k] = least;
    }
}

uint64_t sq_deadlines_earliest(const uint64_t *tree, uint32_t n)
{
    (void)n; /* the tree's size stands in the contract */
    /*@ ghost
        uint32_t k = 1u;
        /@ loop invariant place: 1 <= k <= 2 * n;
           loop invariant least: NotBefore(tree, 1, k);
           loop assigns k;
           loop variant 2 * n - k; @/
        while (k < 2u * n) {
            /@ assert parent: k > 1 ==> 1 <= k / 2 < n && Node(tree, k / 2); @/
            k = k + 1u;
        }
    */
    return tree[1];
}

uint32_t sq_deadlines_first(const uint64_t *tree, uint32_t n)
{
    uint64_t least = sq_deadlines_earliest(tree, n);
    uint32_t k = 1u;

    /*@ loop invariant place: 1 <= k < 2 * n;
        loop invariant winner: tree[k] == least;
        loop assigns k;
        loop variant 2 * n - k; */
    while (k < n) {
        k = tree[2u * k] == least ? 2u * k : 2u * k + 1u;
    }
    return k - n;
}
