/* SPDX-License-Identifier: MIT */
/* The index of an endpoint's connections: from the two ends of a segment to the entry that it is for. RFC 9293 3.10.7

   Entries are numbers below `size`; what they stand for is the caller's. A keyed hash gives each name two buckets of
   SQ_BUCKET slots; it is put where more slots are free, and into one overflow bucket behind the last if both are full.
   So finding looks at three buckets, however many connections there are, and nobody without the secret can fill one on
   purpose: with half as many names as slots even the first overflow is not seen in practice. Taking out needs no search:
   an entry knows its slot. All memory is the caller's: `slot`, SQ_BUCKET * (buckets + 1) of them, and `name`, `size` of
   them. Nothing is chased from the wire: an index is read from a slot only after its bound was proved. */
#ifndef SQ_INDEX_H
#define SQ_INDEX_H

#include <stdint.h>

#include "config.h"
#include "ends.h"
#include "pool.h"
#include "siphash.h"

#define SQ_BUCKET 8u               /* slots in a bucket: one line of cache */
#define SQ_BUCKETS_MAX 0x10000000u /* buckets in one index */

/* One place for a name: the low half of its hash, and whose it is, SQ_NOBODY: free. */
struct sq_slot {
    uint32_t tag, entry;
};

/* What the index knows of an entry: its name in two words, and its slot, SQ_NOBODY: not in the index. */
struct sq_name {
    uint64_t a, b;
    uint32_t slot, zero;
};

/* Where all that stands. The caller keeps it and passes it by value; the index itself is what the two arrays hold. */
struct sq_index {
    struct sq_slot *slot;
    struct sq_name *name;
    uint32_t buckets, size;
    struct sq_sip seed; /* sq_sip_start of a secret that serves nothing else */
};

#include "../spec/index.acsl"

/* An index that holds nobody. */
/*@ requires memory: IndexMemory(t);
    terminates \true;
    assigns t.slot[0 .. Slots(t) - 1], t.name[0 .. t.size - 1];
    ensures valid: IndexValid(t);
    ensures empty: \forall integer e; 0 <= e < t.size ==> !Entered(t, e); */
void sq_index_clear(struct sq_index t);

/* The entry that has this name, or SQ_NOBODY: there is none. */
/*@ requires memory: IndexMemory(t);
    requires valid: IndexValid(t);
    terminates \true;
    assigns \nothing;
    ensures found: \result != SQ_NOBODY ==> \result < t.size && Entered(t, \result) && Named(t, \result, ends);
    ensures none: \result == SQ_NOBODY ==> Nameless(t, Addresses(ends), Ports(ends)); */
uint32_t sq_index_find(struct sq_index t, struct sq_ends ends);

/* Has entry e this name? Who guesses right saves the search, for no two entries have the same. */
/*@ requires memory: IndexMemory(t);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures exact: \result == 1 <==> e < t.size && Entered(t, e) && Named(t, e, ends); */
static inline uint32_t sq_index_named(struct sq_index t, uint32_t e, struct sq_ends ends)
{
    return e < t.size && t.name[e].slot != SQ_NOBODY && t.name[e].a == sq_ends_addresses(ends) &&
                   t.name[e].b == sq_ends_ports(ends)
               ? 1u
               : 0u;
}

/* Entry e goes by this name from now on. 0: both buckets and the overflow area are full, and nothing changed. */
/*@ requires memory: IndexMemory(t);
    requires valid: IndexValid(t);
    requires fresh: e < t.size && !Entered(t, e) && Nameless(t, Addresses(ends), Ports(ends));
    terminates \true;
    assigns t.slot[0 .. Slots(t) - 1], t.name[e];
    ensures valid: IndexValid(t);
    ensures verdict: \result == 0 || \result == 1;
    ensures entered: \result == 1 ==> Entered(t, e) && Named(t, e, ends);
    ensures others: OthersKept{Pre, Post}(t, e);
    ensures full: \result == 0 ==> !Entered(t, e) && Full(t, t.buckets) &&
      Full(t, FirstBucket(t, NameHash(t.seed, Addresses(ends), Ports(ends)))) &&
      Full(t, SecondBucket(t, NameHash(t.seed, Addresses(ends), Ports(ends)))); */
uint32_t sq_index_insert(struct sq_index t, uint32_t e, struct sq_ends ends);

/* Entry e is not found any more. */
/*@ requires memory: IndexMemory(t);
    requires valid: IndexValid(t);
    requires entry: e < t.size;
    terminates \true;
    assigns t.slot[0 .. Slots(t) - 1], t.name[e].slot;
    ensures valid: IndexValid(t);
    ensures gone: !Entered(t, e);
    ensures others: OthersKept{Pre, Post}(t, e); */
void sq_index_remove(struct sq_index t, uint32_t e);

#endif
