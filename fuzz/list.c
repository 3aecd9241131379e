/* SPDX-License-Identifier: MIT */
#include "list.h"

void table_begin(struct table *t, uint32_t size, uint32_t buckets, struct sq_key key)
{
    memset(t, 0, sizeof *t);
    t->key = key;
    t->size = size;
    t->index = (struct sq_index){t->slot, t->name, buckets, size, sq_sip_start(key)};
    t->pool = (struct sq_pool){t->item, t->place, &t->free, size};
    sq_index_clear(t->index);
    sq_pool_clear(t->pool);
    sq_deadlines_clear(t->tree, size);
    for (uint32_t e = 0u; e < size; e++) {
        t->list[e] = (struct list_entry){.listener = LISTENERS, .then = SQ_NEVER};
    }
}

/* ---- SipHash-2-4, as the paper has it: v0..v3, SipRound, the length in the last byte ---- */

static uint64_t addresses(struct sq_ends n)
{
    return (uint64_t)n.local << 32 | n.remote;
}

static uint64_t ports(struct sq_ends n)
{
    return (uint64_t)n.local_port << 32 | n.remote_port;
}

static uint64_t turn(uint64_t x, uint32_t by)
{
    return x << by | x >> (64u - by);
}

static void rounds(uint64_t v[4], uint32_t n)
{
    while (n-- > 0u) {
        v[0] += v[1], v[2] += v[3];
        v[1] = turn(v[1], 13u) ^ v[0], v[3] = turn(v[3], 16u) ^ v[2];
        v[0] = turn(v[0], 32u);
        v[2] += v[1], v[0] += v[3];
        v[1] = turn(v[1], 17u) ^ v[2], v[3] = turn(v[3], 21u) ^ v[0];
        v[2] = turn(v[2], 32u);
    }
}

FUZZ_ORACLE uint64_t list_name(const struct table *t, struct sq_ends n)
{
    struct sq_key key = t->key;
    uint64_t message[3] = {addresses(n), ports(n), (uint64_t)16u << 56},
             v[4] = {key.k0 ^ 0x736f6d6570736575u, key.k1 ^ 0x646f72616e646f6du,
                     key.k0 ^ 0x6c7967656e657261u, key.k1 ^ 0x7465646279746573u};

    for (uint32_t i = 0u; i < 3u; i++) {
        v[3] ^= message[i];
        rounds(v, 2u);
        v[0] ^= message[i];
    }
    v[2] ^= 0xffu;
    rounds(v, 4u);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* ---- the list ---- */

static bool same_ends(struct sq_ends a, struct sq_ends b)
{
    return a.local == b.local && a.remote == b.remote && a.local_port == b.local_port &&
           a.remote_port == b.remote_port;
}

FUZZ_ORACLE uint32_t list_find(const struct table *t, struct sq_ends ends)
{
    for (uint32_t e = 0u; e < t->size; e++) {
        if (t->list[e].in && same_ends(t->list[e].ends, ends)) {
            return e;
        }
    }
    return SQ_NOBODY;
}

/* Who names the address goes before who takes any. RFC 1122 4.2.3.5 */
FUZZ_ORACLE uint32_t list_listener(const struct table *t, uint32_t address, uint32_t port)
{
    uint32_t any = LISTENERS;

    for (uint32_t k = 0u; k < LISTENERS; k++) {
        const struct sq_listen *l = &t->counted[k];

        if (l->port != 0u && l->port == port && l->address == address) {
            return k;
        }
        any = l->port != 0u && l->port == port && l->address == 0u ? k : any;
    }
    return any;
}

FUZZ_ORACLE uint32_t list_used(const struct table *t, uint32_t k)
{
    uint32_t used = 0u;

    for (uint32_t e = 0u; e < t->size; e++) {
        used += t->list[e].in && t->name[e].slot / SQ_BUCKET == k;
    }
    return used;
}

/* ---- the same on both sides ---- */

void table_due(struct table *t, uint32_t e, uint64_t then)
{
    sq_deadlines_set(t->tree, t->size, e, then);
    t->list[e].then = then;
}

/* A block for this name, counted by this listener; false: no number or no slot is free. */
bool table_enter(struct table *t, struct sq_ends ends, uint32_t listener)
{
    uint64_t hash = list_name(t, ends);
    uint32_t e = sq_pool_take(t->pool), buckets = t->index.buckets, one = (uint32_t)hash % buckets,
             two = (uint32_t)(hash >> 32) % buckets, used = list_used(t, one),
             other = list_used(t, two), k;

    if (e == SQ_NOBODY) {
        return false;
    }
    FUZZ_CHECK("sq_pool_take.taken", e < t->size && !t->list[e].taken);
    if (sq_index_insert(t->index, e, ends) == 0u) {
        FUZZ_CHECK("sq_index_insert.full",
                   used == SQ_BUCKET && other == SQ_BUCKET && list_used(t, buckets) == SQ_BUCKET);
        sq_pool_give(t->pool, e);
        return false;
    }
    k = t->name[e].slot / SQ_BUCKET;
    FUZZ_CHECK("free_slot.balanced",
               k ==
                   (used < SQ_BUCKET || other < SQ_BUCKET ? (used <= other ? one : two) : buckets));
    t->list[e] = (struct list_entry){true, true, false, listener, ends, hash, t->list[e].then};
    return true;
}

/* A half-open entry's block is in this state now, or one that waits is accepted. */
void table_settle(struct table *t, uint32_t e, uint32_t state)
{
    struct list_entry *m = &t->list[e];
    struct sq_listen *l = &t->counted[m->listener < LISTENERS ? m->listener : 0u];
    uint32_t result;

    if (!m->in || m->listener == LISTENERS || state == SQ_SYN_SENT) {
        return;
    }
    if (m->open) {
        sq_listen_accept(&t->listen[m->listener]);
        l->waiting--;
        m->listener = LISTENERS;
        return;
    }
    result = sq_listen_settle(&t->listen[m->listener], state);
    FUZZ_CHECK("sq_listen_settle.verdict", result == (state == SQ_SYN_RECEIVED ? SQ_SETTLED_STAYS
                                                      : state <= SQ_LISTEN     ? SQ_SETTLED_GONE
                                                                               : SQ_SETTLED_OPEN));
    if (state == SQ_SYN_RECEIVED) {
        return;
    }
    l->half_open--;
    l->waiting += state > SQ_SYN_RECEIVED;
    m->open = true;
    if (state <= SQ_LISTEN) {
        m->listener = LISTENERS;
        table_leave(t, e);
    }
}

void table_leave(struct table *t, uint32_t e)
{
    struct list_entry *m = &t->list[e];

    if (m->listener != LISTENERS) {
        table_settle(t, e, SQ_CLOSED); /* accepted, and gone at once; or it takes itself out */
    }
    sq_index_remove(t->index, e); /* of one that is not in: nothing */
    if (m->taken) {
        sq_pool_give(t->pool, e);
    }
    table_due(t, e, SQ_NEVER);
    *m = (struct list_entry){.listener = LISTENERS, .then = SQ_NEVER};
}

/* ---- the layer against the list ---- */

/* In one of its two buckets or in the overflow area, found there by its tag. */
FUZZ_ORACLE static void at_home(const struct table *t, uint32_t e)
{
    struct sq_ends n = t->list[e].ends;
    uint64_t hash = t->list[e].hash;
    uint32_t s = t->name[e].slot, buckets = t->index.buckets, k = s / SQ_BUCKET;

    FUZZ_CHECK("EntrySound", k <= buckets && t->slot[s].entry == e);
    FUZZ_CHECK("Home", k == (uint32_t)hash % buckets || k == (uint32_t)(hash >> 32) % buckets ||
                           k == buckets);
    FUZZ_CHECK("SlotSound", t->slot[s].tag == (uint32_t)hash && t->name[e].a == addresses(n) &&
                                t->name[e].b == ports(n));
}

FUZZ_ORACLE void list_same(const struct table *t)
{
    uint32_t in = 0u, used = 0u, taken = 0u, first = sq_deadlines_first(t->tree, t->size);
    uint64_t least = SQ_NEVER;

    for (uint32_t e = 0u; e < t->size; e++) {
        const struct list_entry *l = &t->list[e];

        FUZZ_CHECK("Entered", l->in == (t->name[e].slot != SQ_NOBODY));
        FUZZ_CHECK("PoolValid", t->place[e] < t->size && t->item[t->place[e]] == e);
        FUZZ_CHECK("Free", l->taken == (t->place[e] >= t->free));
        FUZZ_CHECK("sq_deadlines_set.set", t->tree[t->size + e] == l->then);
        if (l->in) {
            at_home(t, e);
        }
        in += l->in;
        taken += l->taken;
        least = l->then < least ? l->then : least;
    }
    for (uint32_t s = 0u; s < SQ_BUCKET * (t->index.buckets + 1u); s++) {
        used += t->slot[s].entry != SQ_NOBODY;
    }
    FUZZ_CHECK("SlotsSound", used == in);
    FUZZ_CHECK("sq_pool.count", t->free == t->size - taken);
    FUZZ_CHECK("sq_deadlines_earliest.root", sq_deadlines_earliest(t->tree, t->size) == least);
    FUZZ_CHECK("sq_deadlines_first.least", first < t->size && t->list[first].then == least);
    FUZZ_CHECK("ListensValid", memcmp(t->listen, t->counted, sizeof t->counted) == 0);
}

FUZZ_ORACLE void list_found(const struct table *t)
{
    for (uint32_t e = 0u; e < t->size; e++) {
        struct sq_ends n = t->list[e].ends;

        FUZZ_CHECK("sq_index_find.found", sq_index_find(t->index, n) == list_find(t, n));
        FUZZ_CHECK("sq_index_named.exact",
                   sq_index_named(t->index, e, n) == (list_find(t, n) == e));
        n.remote_port++;
        FUZZ_CHECK("sq_index_find.none", sq_index_find(t->index, n) == list_find(t, n));
        FUZZ_CHECK("sq_index_named.exact",
                   sq_index_named(t->index, e, n) == (list_find(t, n) == e));
    }
}
