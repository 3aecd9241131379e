/* SPDX-License-Identifier: MIT */
/* A pool: numbers below `size`, each free or taken; what they stand for (blocks, pairs of rings) is the caller's. Taking and
   giving back cost the same however many there are, and those taken can be walked: item[*free .. size). */
#ifndef SQ_POOL_H
#define SQ_POOL_H

#include <stdint.h>

#include "config.h"

#define SQ_NOBODY UINT32_MAX /* no number: no entry, no block */

/* Memory of the caller's, passed by value: an order of all numbers, of which the first *free are free, and each one's
   place in it. */
struct sq_pool {
    uint32_t *item, *place, *free;
    uint32_t size;
};

#include "../spec/pool.acsl"

/* All are free; they are handed out from 0 on. */
/*@ requires memory: PoolMemory(p);
    terminates \true;
    assigns *p.free, p.item[0 .. p.size - 1], p.place[0 .. p.size - 1];
    ensures valid: PoolValid(p);
    ensures all: *p.free == p.size;
    ensures order: \forall integer k; 0 <= k < p.size ==> p.item[k] == p.size - 1 - k; */
void sq_pool_clear(struct sq_pool p);

/* A number that was free and is taken now; SQ_NOBODY: none was free. */
/*@ requires memory: PoolMemory(p);
    requires valid: PoolValid(p);
    terminates \true;
    assigns *p.free;
    ensures valid: PoolValid(p);
    ensures none: \result == SQ_NOBODY <==> \old(*p.free) == 0;
    ensures count: \result != SQ_NOBODY ==> *p.free == \old(*p.free) - 1;
    ensures taken: \result != SQ_NOBODY ==> \result < p.size && Free{Pre}(p, \result) && !Free(p, \result);
    ensures others: FreeKept{Pre, Post}(p, \result); */
uint32_t sq_pool_take(struct sq_pool p);

/* Number i, which was taken, is free. */
/*@ requires memory: PoolMemory(p);
    requires valid: PoolValid(p);
    requires taken: i < p.size && !Free(p, i);
    terminates \true;
    assigns *p.free, p.item[0 .. p.size - 1], p.place[0 .. p.size - 1];
    ensures valid: PoolValid(p);
    ensures count: *p.free == \old(*p.free) + 1;
    ensures freed: Free(p, i);
    ensures others: FreeKept{Pre, Post}(p, i); */
void sq_pool_give(struct sq_pool p, uint32_t i);

#endif
