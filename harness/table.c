/* SPDX-License-Identifier: MIT */
/* Blocks, hash, deadlines and queues of the endpoint. RFC 9293 3.3.1 */
#include "table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/user.h"

static uint32_t power_of_two(uint32_t n)
{
    uint32_t p = 1u;

    while (p < n)
        p *= 2u;
    return p;
}

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
    if (q->in[i] != 0u)
        return;
    q->in[i] = 1u;
    q->item[(q->first + q->n) % q->size] = i;
    q->n++;
}

uint32_t sq_queue_next(struct sq_queue *q)
{
    uint32_t i;

    if (q->n == 0u)
        return SQ_NOBODY;
    i = q->item[q->first];
    q->first = (q->first + 1u) % q->size;
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
    t->key = *key;
    t->send_capacity = send_capacity;
    t->receive_capacity = receive_capacity;
    t->buckets = power_of_two(size) * 2u;
    t->leaves = power_of_two(size);
    t->entry = calloc(size, sizeof *t->entry);
    t->bucket = calloc(t->buckets, sizeof *t->bucket);
    t->tree = calloc(2u * t->leaves, sizeof *t->tree);
    if (!queue_open(&t->dirty, size) || !queue_open(&t->ready, size) || t->entry == NULL ||
        t->bucket == NULL || t->tree == NULL)
        return false;
    t->rings_size = pair * size;
    /* Pages come into being when a ring is first written. */
    rings = mmap(NULL, t->rings_size, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (rings == MAP_FAILED)
        return false;
    t->rings = rings;
    for (uint32_t i = 0u; i < 2u * t->leaves; i++)
        t->tree[i] = SQ_NEVER;
    for (uint32_t i = 0u; i < t->buckets; i++)
        t->bucket[i] = SQ_NOBODY;
    for (uint32_t i = 0u; i < size; i++) {
        struct sq_entry *e = &t->entry[i];

        sq_init(&e->conn);
        e->send_ring = t->rings + pair * i;
        e->receive_ring = e->send_ring + send_capacity;
        e->generation = 1u;
        e->next = i + 1u < size ? i + 1u : SQ_NOBODY;
    }
    t->free = 0u;
    return true;
}

void sq_table_close(struct sq_table *t)
{
    if (t->rings != NULL)
        munmap(t->rings, t->rings_size);
    free(t->entry);
    free(t->bucket);
    free(t->tree);
    free(t->dirty.item);
    free(t->dirty.in);
    free(t->ready.item);
    free(t->ready.in);
    memset(t, 0, sizeof *t);
}

uint32_t sq_table_take(struct sq_table *t, const struct sq_ends *ends)
{
    uint32_t i = t->free;
    struct sq_entry *e;

    if (i == SQ_NOBODY)
        return SQ_NOBODY;
    e = &t->entry[i];
    t->free = e->next;
    t->used++;
    e->ends = *ends;
    e->data = NULL;
    e->give_up = SQ_NEVER;
    e->listener = SQ_NOBODY;
    e->next = SQ_NOBODY;
    e->next_waiting = SQ_NOBODY;
    e->hashed = 0u;
    e->told = 0u;
    e->stage = SQ_STAGE_HALF_OPEN;
    return i;
}

void sq_table_release(struct sq_table *t, uint32_t i)
{
    struct sq_entry *e = &t->entry[i];

    sq_table_unhash(t, i);
    sq_table_deadline(t, i, SQ_NEVER);
    sq_release(&e->conn);
    e->stage = SQ_STAGE_FREE;
    e->generation = e->generation == UINT32_MAX ? 1u : e->generation + 1u;
    e->next = t->free;
    t->free = i;
    t->used--;
}

static uint32_t place(const struct sq_table *t, const struct sq_ends *e)
{
    uint64_t hash = sq_siphash(&t->key, (uint64_t)e->local << 32 | e->remote,
                               (uint64_t)e->local_port << 32 | e->remote_port);

    return (uint32_t)(hash % t->buckets);
}

static bool same(const struct sq_ends *a, const struct sq_ends *b)
{
    return a->remote_port == b->remote_port && a->remote == b->remote &&
           a->local_port == b->local_port && a->local == b->local;
}

void sq_table_hash(struct sq_table *t, uint32_t i)
{
    struct sq_entry *e = &t->entry[i];
    uint32_t b = place(t, &e->ends);

    e->next = t->bucket[b];
    t->bucket[b] = i;
    e->hashed = 1u;
}

void sq_table_unhash(struct sq_table *t, uint32_t i)
{
    struct sq_entry *e = &t->entry[i];
    uint32_t *link;

    if (e->hashed == 0u)
        return;
    link = &t->bucket[place(t, &e->ends)];
    while (*link != i)
        link = &t->entry[*link].next;
    *link = e->next;
    e->next = SQ_NOBODY;
    e->hashed = 0u;
}

uint32_t sq_table_find(const struct sq_table *t, const struct sq_ends *ends)
{
    uint32_t i = t->bucket[place(t, ends)];

    while (i != SQ_NOBODY && !same(&t->entry[i].ends, ends))
        i = t->entry[i].next;
    return i;
}

void sq_table_deadline(struct sq_table *t, uint32_t i, uint64_t then)
{
    uint32_t k = t->leaves + i;

    if (t->tree[k] == then)
        return;
    t->tree[k] = then;
    while (k > 1u) {
        uint64_t a, b;

        k /= 2u;
        a = t->tree[2u * k];
        b = t->tree[2u * k + 1u];
        t->tree[k] = a < b ? a : b;
    }
}

uint32_t sq_table_due(const struct sq_table *t, uint64_t now)
{
    uint32_t k = 1u;

    if (t->tree[1] > now)
        return SQ_NOBODY;
    while (k < t->leaves)
        k = t->tree[2u * k] <= now ? 2u * k : 2u * k + 1u;
    return k - t->leaves;
}

uint64_t sq_table_earliest(const struct sq_table *t)
{
    return t->tree[1];
}
