/* SPDX-License-Identifier: MIT */
/* What the second layer keeps in hashes, trees and orders (core/index.h, pool.h, deadlines.h, listen.h), here as a plain list
   that is searched from end to end; and SipHash-2-4 a second time, by the paper. */
#ifndef FUZZ_LIST_H
#define FUZZ_LIST_H

#include "core/arrival.h"
#include "core/deadlines.h"
#include "core/ends.h"
#include "core/index.h"
#include "core/listen.h"
#include "core/pool.h"
#include "core/port.h"
#include "fuzz.h"

#define LIST_SIZE 40u
#define LIST_BUCKETS 4u
#define LISTENERS 3u

struct list_entry {
    bool taken, in;    /* out of the pool; in the index */
    bool open;         /* of those a listener counts: waits to be accepted, else half-open */
    uint32_t listener; /* which one counts it; LISTENERS: none */
    struct sq_ends ends;
    uint64_t hash, then; /* of its name; its deadline */
};

/* The second layer and, beside it, the list. */
struct table {
    struct sq_index index;
    struct sq_pool pool;
    struct sq_listen listen[LISTENERS];
    uint64_t tree[2u * LIST_SIZE];
    struct sq_slot slot[SQ_BUCKET * (LIST_BUCKETS + 1u)];
    struct sq_name name[LIST_SIZE];
    uint32_t item[LIST_SIZE], place[LIST_SIZE], free;

    struct sq_key key;
    uint32_t size;
    struct list_entry list[LIST_SIZE];
    struct sq_listen counted[LISTENERS];
};

void table_begin(struct table *t, uint32_t size, uint32_t buckets, struct sq_key key);
/* What happens to the layer and to the list alike. */
void table_due(struct table *t, uint32_t e, uint64_t then);
bool table_enter(struct table *t, struct sq_ends ends, uint32_t listener);
void table_settle(struct table *t, uint32_t e, uint32_t state);
void table_leave(struct table *t, uint32_t e);

uint64_t list_name(const struct table *t, struct sq_ends ends); /* its hash */
uint32_t list_find(const struct table *t, struct sq_ends ends);
/* LISTENERS: nobody listens there. */
uint32_t list_listener(const struct table *t, uint32_t address, uint32_t port);
/* Entries in bucket k. */
uint32_t list_used(const struct table *t, uint32_t k);

/* Everything the layer holds is what the list says, and where it has to stand. */
void list_same(const struct table *t);
/* Each name is found, and no other. */
void list_found(const struct table *t);

#endif
