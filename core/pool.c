/* SPDX-License-Identifier: MIT */
/* Numbers that are free or taken. */
#include "pool.h"

void sq_pool_clear(struct sq_pool p)
{
    uint32_t k = 0u;

    /*@ loop invariant turn: 0 <= k <= p.size;
        loop invariant items: \forall integer j; 0 <= j < k ==> p.item[j] == p.size - 1 - j;
        loop invariant places: \forall integer j; p.size - k <= j < p.size ==> p.place[j] == p.size - 1 - j;
        loop assigns k, p.item[0 .. p.size - 1], p.place[0 .. p.size - 1];
        loop variant p.size - k; */
    while (k < p.size) {
        uint32_t i = p.size - 1u - k;

        p.item[k] = i;
        p.place[i] = k;
        k = k + 1u;
    }
    *p.free = p.size;
}

uint32_t sq_pool_take(struct sq_pool p)
{
    uint32_t n = *p.free;

    if (n == 0u) {
        return SQ_NOBODY;
    }
    *p.free = n - 1u;
    return p.item[n - 1u];
}

void sq_pool_give(struct sq_pool p, uint32_t i)
{
    uint32_t n = *p.free, k = p.place[i], first;

    /*@ assert beyond: n <= k < p.size; */
    first = p.item[n];
    /*@ assert places_apart: \forall integer j; 0 <= j < p.size && j != i && j != first ==> p.place[j] != n && p.place[j] != k; */
    /*@ assert items_apart: \forall integer q; 0 <= q < p.size && q != n && q != k ==> p.item[q] != i && p.item[q] != first; */
    /* i changes places with the first of those taken. */
    p.item[k] = first;
    p.item[n] = i;
    /*@ assert items_kept: \forall integer q; 0 <= q < p.size && q != n && q != k ==> p.item[q] == \at(p.item[q], Pre); */
    /*@ assert places_still: \forall integer j; 0 <= j < p.size ==> p.place[j] == \at(p.place[j], Pre); */
    p.place[first] = k;
    p.place[i] = n;
    /*@ assert items_still: \forall integer q; 0 <= q < p.size && q != n && q != k ==> p.item[q] == \at(p.item[q], Pre); */
    /*@ assert places_kept: \forall integer j; 0 <= j < p.size && j != i && j != first ==> p.place[j] == \at(p.place[j], Pre); */
    /*@ assert swapped: p.item[n] == i && p.place[i] == n && p.item[k] == first && p.place[first] == (k == n ? n : k); */
    *p.free = n + 1u;
    /*@ assert items: \forall integer q; 0 <= q < p.size && q != n && q != k ==> p.item[q] == \at(p.item[q], Pre); */
    /*@ assert places: \forall integer j; 0 <= j < p.size && j != i && j != first ==> p.place[j] == \at(p.place[j], Pre); */
    /*@ assert both: p.item[n] == i && p.place[i] == n && p.item[k] == first && p.place[first] == (k == n ? n : k); */
    /*@ assert others_before: \forall integer j; 0 <= j < p.size && j != i && j != first ==>
          p.item[\at(p.place[j], Pre)] == j; */
    /*@ assert others_sound: \forall integer j; 0 <= j < p.size && j != i && j != first ==>
          p.place[j] < p.size && p.item[p.place[j]] == j; */
    /*@ assert both_sound: p.item[p.place[i]] == i && p.item[p.place[first]] == first; */
    /*@ assert places_sound: PoolPlaces(p); */
    /*@ assert items_sound: PoolItems(p); */
}
