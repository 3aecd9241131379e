/* SPDX-License-Identifier: MIT */
/* The connections of one endpoint: a fixed number of blocks with their rings, found by their two ends, with the earliest
   deadline of all (the core's index, pool and deadlines over memory that is taken at the start), two queues of blocks that
   wait for something, and lists of blocks by their age. */
#ifndef SQ_TABLE_H
#define SQ_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/connection.h"
#include "core/deadlines.h"
#include "core/index.h"
#include "core/pool.h"
#include "siphash.h"
#include "trace.h"

/* Who a connection belongs to. */
enum sq_stage {
    SQ_STAGE_FREE,
    SQ_STAGE_HALF_OPEN, /* came in, the handshake is not over */
    SQ_STAGE_WAITING,   /* open, nobody has accepted it yet */
    SQ_STAGE_OWNED,     /* the program has it */
    SQ_STAGE_ORPHAN     /* the program is done with it */
};

/* What the Internet header of a connection's segments says beside its ends. RFC 9293 3.9.1.9, 3.9.2 */
struct sq_ip_fields {
    uint8_t dscp; /* 0..63, RFC 2474 3 */
    uint8_t ttl;  /* 1..255 */
};

/* Blocks in the order in which they came to what they share. SQ_NOBODY twice: none. */
struct sq_ages {
    uint32_t oldest, youngest;
};

struct sq_entry {
    struct sq_conn conn;
    uint8_t *send_ring, *receive_ring; /* NULL: it has none, as long as it is half-open */
    void *data;                        /* the program's */
    uint64_t give_up; /* an orphan in FIN-WAIT-2 is aborted then; SQ_NEVER: not due */
    struct sq_ends ends;
    uint32_t stage;        /* enum sq_stage */
    uint32_t generation;   /* changes with each release, so that an old handle is known */
    uint32_t listener;     /* the listener it came through, SQ_NOBODY: none */
    uint32_t next_waiting; /* in its listener's queue */
    struct sq_ages *ages;  /* that it is one of, NULL: none */
    uint32_t older, younger;
    uint8_t told; /* 1: the program was told that it is connected */
    struct sq_ip_fields ip;
    uint32_t pair; /* its rings, SQ_NOBODY: none */
};

/* Indices waiting for something, each at most once, in order of arrival. */
struct sq_queue {
    uint32_t *item;
    uint8_t *in;
    uint32_t size, first, n;
};

struct sq_table {
    struct sq_entry *entry;
    uint32_t size, used;
    struct sq_index index;
    struct sq_pool pool, pairs; /* of blocks, of pairs of rings: as many of these as of those */
    uint32_t free, pairs_free;
    uint64_t *tree; /* deadlines; that of block i is tree[leaves + i] */
    uint32_t leaves;
    struct sq_queue dirty; /* owe a round of sq_output */
    struct sq_queue ready; /* have something to tell the program */
    uint8_t *rings;
    uint64_t rings_size;
    uint32_t send_capacity, receive_capacity;
};

/* False: no memory. */
bool sq_table_open(struct sq_table *t, uint32_t size, uint32_t send_capacity,
                   uint32_t receive_capacity, const struct sq_key *key);
void sq_table_close(struct sq_table *t);

/* A free block for these ends, by which nobody goes yet: a fresh CLOSED connection, found by segments between them.
   SQ_NOBODY if there is none, or no place in the index, which half as many names as slots do not bring about by chance. */
uint32_t sq_table_take(struct sq_table *t, const struct sq_ends *ends);
/* The block has rings from now on; or gives them back. */
void sq_table_rings(struct sq_table *t, uint32_t i);
void sq_table_no_rings(struct sq_table *t, uint32_t i);
/* The block is free again. */
void sq_table_release(struct sq_table *t, uint32_t i);
/* Segments do not find it any more. */
void sq_table_unhash(struct sq_table *t, uint32_t i);
/* Block i is the youngest of these from now on, unless it is one of them already, and of no others; NULL: of none. */
void sq_table_age(struct sq_table *t, uint32_t i, struct sq_ages *ages);
/* The block that has these ends, or SQ_NOBODY. */
uint32_t sq_table_find(const struct sq_table *t, const struct sq_ends *ends);

/* Block i has something to do by then, microseconds; SQ_NEVER: nothing. A deadline that moves away, as nearly all do, is left
   as it is in the tree: who finds it due looks again. */
void sq_table_deadline(struct sq_table *t, uint32_t i, uint64_t then);
/* The same, by somebody who looked: no sooner than then. */
void sq_table_deadline_exact(struct sq_table *t, uint32_t i, uint64_t then);
/* A block whose deadline in the tree has come by `now`, or SQ_NOBODY. It may be a free one. */
uint32_t sq_table_due(const struct sq_table *t, uint64_t now);
/* The earliest deadline in the tree: never too late, perhaps too early. */
uint64_t sq_table_earliest(const struct sq_table *t);

void sq_queue_add(struct sq_queue *q, uint32_t i);
/* The first in the queue leaves it; SQ_NOBODY if it is empty. */
uint32_t sq_queue_next(struct sq_queue *q);

#endif
