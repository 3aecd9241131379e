/* SPDX-License-Identifier: MIT */
/* Blocks and queues of the endpoint. RFC 9293 3.3.1 */
#include "table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/user.h"
#include "core/timers.h"

static bool queue_open(struct sq_queue *q, uint32_t size)
{
    q->item = calloc(size, sizeof *q->item);
    q->in = calloc(size, 1u);
    q->size = size;
    q->first = 0u;
    q->n = 0u;
    return q->item != NULL && q->in != NULL;
}

void sq_queue_add(struct sq_queue *q, uint32_t i)
{
    uint32_t at;

    if (q->in[i] != 0u)
        return;
    q->in[i] = 1u;
    at = q->first + q->n; /* below twice the size */
    q->item[at < q->size ? at : at - q->size] = i;
    q->n++;
}

uint32_t sq_queue_next(struct sq_queue *q)
{
    uint32_t i;

    if (q->n == 0u)
        return SQ_NOBODY;
    i = q->item[q->first];
    q->first = q->first + 1u < q->size ? q->first + 1u : 0u;
    q->n--;
    q->in[i] = 0u;
    return i;
}

bool sq_table_open(struct sq_table *t, uint32_t size, uint32_t send_capacity,
                   uint32_t receive_capacity, const struct sq_key *key)
{
    uint64_t pair = (uint64_t)send_capacity + receive_capacity;
    void *rings;

    memset(t, 0, sizeof *t);
    t->size = size;
    t->send_capacity = send_capacity;
    t->receive_capacity = receive_capacity;
    t->leaves = size;
    t->index.buckets = size / (SQ_BUCKET / 2u) + 1u; /* half full at most */
    t->index.size = size;
    t->index.seed = sq_sip_start(*key);
    t->index.slot = calloc(SQ_BUCKET * (t->index.buckets + 1u), sizeof *t->index.slot);
    t->index.name = calloc(size, sizeof *t->index.name);
    t->pool.item = calloc(size, sizeof *t->pool.item);
    t->pool.place = calloc(size, sizeof *t->pool.place);
    t->pool.free = &t->free;
    t->pool.size = size;
    t->pairs.item = calloc(size, sizeof *t->pairs.item);
    t->pairs.place = calloc(size, sizeof *t->pairs.place);
    t->pairs.free = &t->pairs_free;
    t->pairs.size = size;
    t->entry = calloc(size, sizeof *t->entry);
    t->tree = calloc(2u * size, sizeof *t->tree);
    if (!queue_open(&t->dirty, size) || !queue_open(&t->ready, size) || t->entry == NULL ||
        t->index.slot == NULL || t->index.name == NULL || t->pool.item == NULL ||
        t->pool.place == NULL || t->pairs.item == NULL || t->pairs.place == NULL || t->tree == NULL)
        return false;
    t->rings_size = pair * size;
    /* Pages come into being when a ring is first written. */
    rings = mmap(NULL, t->rings_size, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (rings == MAP_FAILED)
        return false;
    t->rings = rings;
    sq_index_clear(t->index);
    sq_pool_clear(t->pool);
    sq_pool_clear(t->pairs);
    sq_deadlines_clear(t->tree, size);
    for (uint32_t i = 0u; i < size; i++) {
        struct sq_entry *e = &t->entry[i];

        sq_init(&e->conn);
        e->give_up = SQ_NEVER;
        e->pair = SQ_NOBODY;
        e->generation = 1u;
    }
    return true;
}

void sq_table_close(struct sq_table *t)
{
    if (t->rings != NULL)
        munmap(t->rings, t->rings_size);
    free(t->entry);
    free(t->index.slot);
    free(t->index.name);
    free(t->pool.item);
    free(t->pool.place);
    free(t->pairs.item);
    free(t->pairs.place);
    free(t->tree);
    free(t->dirty.item);
    free(t->dirty.in);
    free(t->ready.item);
    free(t->ready.in);
    memset(t, 0, sizeof *t);
}

uint32_t sq_table_take(struct sq_table *t, const struct sq_ends *ends)
{
    uint32_t i = sq_pool_take(t->pool);
    struct sq_entry *e;

    if (i == SQ_NOBODY)
        return SQ_NOBODY;
    if (sq_index_insert(t->index, i, *ends) != 1u) {
        sq_pool_give(t->pool, i);
        return SQ_NOBODY;
    }
    e = &t->entry[i];
    t->used++;
    e->ends = *ends;
    e->data = NULL;
    e->give_up = SQ_NEVER;
    e->listener = SQ_NOBODY;
    e->next_waiting = SQ_NOBODY;
    e->told = 0u;
    e->stage = SQ_STAGE_HALF_OPEN;
    return i;
}

void sq_table_rings(struct sq_table *t, uint32_t i)
{
    struct sq_entry *e = &t->entry[i];

    if (e->pair != SQ_NOBODY)
        return;
    e->pair = sq_pool_take(t->pairs); /* there is one for each block */
    e->send_ring = t->rings + ((uint64_t)t->send_capacity + t->receive_capacity) * e->pair;
    e->receive_ring = e->send_ring + t->send_capacity;
}

void sq_table_no_rings(struct sq_table *t, uint32_t i)
{
    struct sq_entry *e = &t->entry[i];

    if (e->pair == SQ_NOBODY)
        return;
    sq_pool_give(t->pairs, e->pair);
    e->pair = SQ_NOBODY;
    e->send_ring = NULL;
    e->receive_ring = NULL;
}

void sq_table_age(struct sq_table *t, uint32_t i, struct sq_ages *ages)
{
    struct sq_entry *e = &t->entry[i];

    if (e->ages == ages)
        return;
    if (e->ages != NULL) {
        *(e->older == SQ_NOBODY ? &e->ages->oldest : &t->entry[e->older].younger) = e->younger;
        *(e->younger == SQ_NOBODY ? &e->ages->youngest : &t->entry[e->younger].older) = e->older;
    }
    e->ages = ages;
    if (ages != NULL) {
        e->older = ages->youngest;
        e->younger = SQ_NOBODY;
        *(e->older == SQ_NOBODY ? &ages->oldest : &t->entry[e->older].younger) = i;
        ages->youngest = i;
    }
}

void sq_table_release(struct sq_table *t, uint32_t i)
{
    struct sq_entry *e = &t->entry[i];

    sq_table_age(t, i, NULL);
    sq_table_unhash(t, i);
    sq_table_no_rings(t, i);
    sq_release(&e->conn);
    e->give_up = SQ_NEVER;
    e->stage = SQ_STAGE_FREE;
    e->generation = e->generation == UINT32_MAX ? 1u : e->generation + 1u;
    sq_pool_give(t->pool, i);
    t->used--;
}

void sq_table_unhash(struct sq_table *t, uint32_t i)
{
    sq_index_remove(t->index, i);
}

uint32_t sq_table_find(const struct sq_table *t, const struct sq_ends *ends)
{
    return sq_index_find(t->index, *ends);
}

void sq_table_deadline(struct sq_table *t, uint32_t i, uint64_t then)
{
    if (then < t->tree[t->leaves + i])
        sq_deadlines_set(t->tree, t->leaves, i, then);
}

void sq_table_deadline_exact(struct sq_table *t, uint32_t i, uint64_t then)
{
    sq_deadlines_set(t->tree, t->leaves, i, then);
}

uint32_t sq_table_due(const struct sq_table *t, uint64_t now)
{
    return sq_table_earliest(t) > now ? SQ_NOBODY : sq_deadlines_first(t->tree, t->leaves);
}

uint64_t sq_table_earliest(const struct sq_table *t)
{
    return sq_deadlines_earliest(t->tree, t->leaves);
}
