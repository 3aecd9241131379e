/* SPDX-License-Identifier: MIT */
/* The index of connections. RFC 9293 3.10.7 */
#include "index.h"

/* The slots of bucket k that hold nobody: how many, and the first, SQ_NOBODY: none. */
struct room {
    uint32_t hole, used;
};

/*@ // Slots in use from slot s on, n of them.
    logic integer InUse{L}(struct sq_slot *slot, integer s, integer n) =
      n <= 0 ? 0 : InUse(slot, s, n - 1) + (slot[s + n - 1].entry == SQ_NOBODY ? 0 : 1);
*/

void sq_index_clear(struct sq_index t)
{
    uint32_t i = 0u;

    /*@ loop invariant place: 0 <= i <= Slots(t);
        loop invariant cleared: \forall integer s; 0 <= s < i ==> t.slot[s].entry == SQ_NOBODY;
        loop assigns i, t.slot[0 .. Slots(t) - 1];
        loop variant Slots(t) - i; */
    while (i < SQ_BUCKET * t.buckets + SQ_BUCKET) {
        t.slot[i].tag = 0u;
        t.slot[i].entry = SQ_NOBODY;
        i = i + 1u;
    }
    i = 0u;
    /*@ loop invariant place: 0 <= i <= t.size;
        loop invariant cleared: \forall integer e; 0 <= e < i ==> t.name[e].slot == SQ_NOBODY;
        loop invariant slots: \forall integer s; 0 <= s < Slots(t) ==> t.slot[s].entry == SQ_NOBODY;
        loop assigns i, t.name[0 .. t.size - 1];
        loop variant t.size - i; */
    while (i < t.size) {
        t.name[i].a = 0u;
        t.name[i].b = 0u;
        t.name[i].slot = SQ_NOBODY;
        t.name[i].zero = 0u;
        i = i + 1u;
    }
}

/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == LowHalf(hash); */
static uint32_t low_half(uint64_t hash)
{
    return (uint32_t)(hash % 0x100000000u);
}

/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == HighHalf(hash); */
static uint32_t high_half(uint64_t hash)
{
    return (uint32_t)(hash / 0x100000000u);
}

/* The two buckets of a hash. */
/*@ requires buckets: t.buckets >= 1;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == FirstBucket(t, hash) && \result < t.buckets; */
static uint32_t first_bucket(struct sq_index t, uint64_t hash)
{
    return low_half(hash) % t.buckets;
}

/*@ requires buckets: t.buckets >= 1;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == SecondBucket(t, hash) && \result < t.buckets; */
static uint32_t second_bucket(struct sq_index t, uint64_t hash)
{
    return high_half(hash) % t.buckets;
}

/* Who has this name in bucket k. */
/*@ requires memory: IndexMemory(t);
    requires valid: SlotsSound(t);
    requires bucket: k <= t.buckets;
    requires tag: tag == LowHalf(NameHash(t.seed, a, b));
    terminates \true;
    assigns \nothing;
    ensures found: \result != SQ_NOBODY ==> \result < t.size && Entered(t, \result) && NameIs(t, \result, a, b);
    ensures none: \result == SQ_NOBODY ==> NotIn(t, k, a, b); */
static uint32_t scan(struct sq_index t, uint32_t k, uint32_t tag, uint64_t a, uint64_t b)
{
    uint32_t s = SQ_BUCKET * k;

    /*@ loop invariant place: SQ_BUCKET * k <= s <= SQ_BUCKET * k + SQ_BUCKET;
        loop invariant none: \forall integer r; SQ_BUCKET * k <= r < s && t.slot[r].entry != SQ_NOBODY ==>
          !NameIs(t, t.slot[r].entry, a, b);
        loop assigns s;
        loop variant SQ_BUCKET * k + SQ_BUCKET - s; */
    while (s < SQ_BUCKET * k + SQ_BUCKET) {
        uint32_t e = t.slot[s].entry;

        /*@ assert sound: SlotSound(t, s); */
        if (t.slot[s].tag == tag && e != SQ_NOBODY && t.name[e].a == a && t.name[e].b == b) {
            return e;
        }
        s = s + 1u;
    }
    return SQ_NOBODY;
}

uint32_t sq_index_find(struct sq_index t, struct sq_ends ends)
{
    uint64_t a = sq_ends_addresses(ends), b = sq_ends_ports(ends),
             hash = sq_name_hash(t.seed, a, b);
    uint32_t tag = low_half(hash), first = first_bucket(t, hash), second = second_bucket(t, hash);
    uint32_t e = scan(t, first, tag, a, b);

    if (e == SQ_NOBODY) {
        e = scan(t, second, tag, a, b);
    }
    if (e == SQ_NOBODY) {
        e = scan(t, t.buckets, tag, a, b);
    }
    /*@ assert home: \forall integer f; 0 <= f < t.size && Entered(t, f) && NameIs(t, f, a, b) ==>
          Home(t, hash, t.name[f].slot); */
    /*@ assert there: \forall integer f; 0 <= f < t.size && Entered(t, f) ==> t.slot[t.name[f].slot].entry == f; */
    /*@ assert none: e == SQ_NOBODY ==> \forall integer f; 0 <= f < t.size && Entered(t, f) &&
          Home(t, hash, t.name[f].slot) ==> !NameIs(t, t.slot[t.name[f].slot].entry, a, b); */
    return e;
}

/*@ requires memory: IndexMemory(t);
    requires bucket: k <= t.buckets;
    terminates \true;
    assigns \nothing;
    ensures used: \result.used == InUse(t.slot, SQ_BUCKET * k, SQ_BUCKET);
    ensures hole: \result.hole != SQ_NOBODY ==> InBucket(\result.hole, k) && t.slot[\result.hole].entry == SQ_NOBODY;
    ensures full: \result.hole == SQ_NOBODY ==> Full(t, k) && \result.used == SQ_BUCKET;
    ensures most: \result.used <= SQ_BUCKET; */
static struct room room(struct sq_index t, uint32_t k)
{
    struct room r = {SQ_NOBODY, 0u};
    uint32_t i = 0u;

    /*@ loop invariant place: 0 <= i <= SQ_BUCKET;
        loop invariant used: r.used == InUse(t.slot, SQ_BUCKET * k, i) && r.used <= i;
        loop invariant hole: r.hole != SQ_NOBODY ==> InBucket(r.hole, k) && t.slot[r.hole].entry == SQ_NOBODY;
        loop invariant all: r.hole == SQ_NOBODY ==> r.used == i;
        loop invariant full: r.hole == SQ_NOBODY ==> \forall integer s;
          SQ_BUCKET * k <= s < SQ_BUCKET * k + i ==> t.slot[s].entry != SQ_NOBODY;
        loop assigns i, r;
        loop variant SQ_BUCKET - i; */
    while (i < SQ_BUCKET) {
        if (t.slot[SQ_BUCKET * k + i].entry != SQ_NOBODY) {
            r.used = r.used + 1u;
        } else {
            r.hole = SQ_BUCKET * k + i;
        }
        i = i + 1u;
    }
    return r;
}

/* A free slot at the home of this hash: of its two buckets, the one that is less full; SQ_NOBODY: none is free. */
/*@ requires memory: IndexMemory(t);
    terminates \true;
    assigns \nothing;
    ensures hole: \result != SQ_NOBODY ==>
      \result < Slots(t) && Home(t, hash, \result) && t.slot[\result].entry == SQ_NOBODY;
    ensures balanced: \result != SQ_NOBODY && !InBucket(\result, t.buckets) &&
      InUse(t.slot, SQ_BUCKET * (FirstBucket(t, hash)), SQ_BUCKET) <
      InUse(t.slot, SQ_BUCKET * (SecondBucket(t, hash)), SQ_BUCKET) ==> InBucket(\result, FirstBucket(t, hash));
    ensures balanced2: \result != SQ_NOBODY && !InBucket(\result, t.buckets) &&
      InUse(t.slot, SQ_BUCKET * (FirstBucket(t, hash)), SQ_BUCKET) >
      InUse(t.slot, SQ_BUCKET * (SecondBucket(t, hash)), SQ_BUCKET) ==> InBucket(\result, SecondBucket(t, hash));
    ensures full: \result == SQ_NOBODY ==> Full(t, FirstBucket(t, hash)) && Full(t, SecondBucket(t, hash)) &&
      Full(t, t.buckets); */
static uint32_t free_slot(struct sq_index t, uint64_t hash)
{
    struct room one = room(t, first_bucket(t, hash)), two = room(t, second_bucket(t, hash));
    struct room over;

    if (one.hole != SQ_NOBODY && (two.hole == SQ_NOBODY || one.used <= two.used)) {
        return one.hole;
    }
    if (two.hole != SQ_NOBODY) {
        return two.hole;
    }
    over = room(t, t.buckets);
    return over.hole;
}

/* Slot s holds this. */
/*@ requires memory: IndexMemory(t);
    requires slot: s < Slots(t);
    terminates \true;
    assigns t.slot[s].tag, t.slot[s].entry;
    ensures written: t.slot[s].tag == tag && t.slot[s].entry == e;
    ensures slots: SlotsKept{Pre, Post}(t, s);
    ensures names: OthersKept{Pre, Post}(t, SQ_NOBODY); */
static void slot_write(struct sq_index t, uint32_t s, uint32_t tag, uint32_t e)
{
    t.slot[s].tag = tag;
    t.slot[s].entry = e;
}

/* Entry e has this name, and stands in slot s. */
/*@ requires memory: IndexMemory(t);
    requires entry: e < t.size;
    terminates \true;
    assigns t.name[e].a, t.name[e].b, t.name[e].slot;
    ensures written: NameIs(t, e, a, b) && t.name[e].slot == s;
    ensures slots: SlotsKept{Pre, Post}(t, SQ_NOBODY);
    ensures names: OthersKept{Pre, Post}(t, e); */
static void name_write(struct sq_index t, uint32_t e, uint64_t a, uint64_t b, uint32_t s)
{
    t.name[e].a = a;
    t.name[e].b = b;
    t.name[e].slot = s;
}

/* A name that nobody has goes to slot s, which is free. That it is at home there is the caller's to show. */
/*@ requires memory: IndexMemory(t);
    requires valid: IndexValid(t);
    requires fresh: e < t.size && !Entered(t, e) && Nameless(t, a, b);
    requires hole: s < Slots(t) && t.slot[s].entry == SQ_NOBODY;
    terminates \true;
    assigns t.slot[s].tag, t.slot[s].entry, t.name[e].a, t.name[e].b, t.name[e].slot;
    ensures slots: \forall integer r; 0 <= r < Slots(t) && r != s ==> SlotSound(t, r);
    ensures entries: \forall integer f; 0 <= f < t.size && f != e ==> EntrySound(t, f);
    ensures differ: NamesDiffer(t);
    ensures entered: NameIs(t, e, a, b) && t.name[e].slot == s && t.slot[s].entry == e && t.slot[s].tag == tag;
    ensures others: OthersKept{Pre, Post}(t, e); */
static void enter(struct sq_index t, uint32_t e, uint32_t s, uint32_t tag, uint64_t a, uint64_t b)
{
    /*@ assert there: \forall integer f; 0 <= f < t.size && Entered(t, f) ==> t.slot[t.name[f].slot].entry == f; */
    /*@ assert bound: \forall integer f; 0 <= f < t.size && Entered(t, f) ==> t.name[f].slot < Slots(t); */
    /*@ assert free: \forall integer f; 0 <= f < t.size && Entered(t, f) ==> t.name[f].slot != s; */
    /*@ assert sound: \forall integer r; 0 <= r < Slots(t) ==> SlotSound(t, r); */
    /*@ assert none: \forall integer r; 0 <= r < Slots(t) && SlotSound(t, r) ==> t.slot[r].entry != e; */
    /*@ assert back: \forall integer r; 0 <= r < Slots(t) && t.slot[r].entry != SQ_NOBODY ==>
          t.slot[r].entry < t.size && t.slot[r].entry != e && t.name[t.slot[r].entry].slot == r; */
    /*@ assert tags: \forall integer r; 0 <= r < Slots(t) && t.slot[r].entry != SQ_NOBODY ==>
          t.slot[r].tag ==
            LowHalf(NameHash(t.seed, t.name[t.slot[r].entry].a, t.name[t.slot[r].entry].b)); */
    /*@ assert homes: \forall integer f; 0 <= f < t.size && Entered(t, f) ==>
          Home(t, NameHash(t.seed, t.name[f].a, t.name[f].b), t.name[f].slot); */
    /*@ assert differ: NamesDiffer(t); */
    slot_write(t, s, tag, e);
    name_write(t, e, a, b, s);
    /*@ assert slots_kept: SlotsKept{Pre, Here}(t, s); */
    /*@ assert names_kept: OthersKept{Pre, Here}(t, e); */
    /*@ assert back_kept: \forall integer r; 0 <= r < Slots(t) && r != s && t.slot[r].entry != SQ_NOBODY ==>
          t.slot[r].entry < t.size && t.slot[r].entry != e && t.name[t.slot[r].entry].slot == r; */
    /*@ assert tags_kept: \forall integer r; 0 <= r < Slots(t) && r != s && t.slot[r].entry != SQ_NOBODY ==>
          t.slot[r].tag ==
            LowHalf(NameHash(t.seed, t.name[t.slot[r].entry].a, t.name[t.slot[r].entry].b)); */
    /*@ assert there_kept: \forall integer f; 0 <= f < t.size && f != e && Entered(t, f) ==>
          t.name[f].slot < Slots(t) && t.slot[t.name[f].slot].entry == f; */
    /*@ assert homes_kept: \forall integer f; 0 <= f < t.size && f != e && Entered(t, f) ==>
          Home(t, NameHash(t.seed, t.name[f].a, t.name[f].b), t.name[f].slot); */
    /*@ assert nameless: \forall integer f; 0 <= f < t.size && f != e && Entered(t, f) ==> !NameIs(t, f, a, b); */
    /*@ assert differ_kept: \forall integer f, g; 0 <= f < t.size && 0 <= g < t.size && f != e && g != e &&
          Entered(t, f) && Entered(t, g) && t.name[f].a == t.name[g].a && t.name[f].b == t.name[g].b ==> f == g; */
    /*@ assert differ_new: \forall integer f; 0 <= f < t.size && Entered(t, f) && f != e ==>
          t.name[f].a != t.name[e].a || t.name[f].b != t.name[e].b; */
    /*@ assert slots_free: \forall integer r; 0 <= r < Slots(t) && t.slot[r].entry == SQ_NOBODY ==> SlotSound(t, r); */
    /*@ assert slots_used: \forall integer r; 0 <= r < Slots(t) && r != s && t.slot[r].entry != SQ_NOBODY ==> SlotSound(t, r); */
}

uint32_t sq_index_insert(struct sq_index t, uint32_t e, struct sq_ends ends)
{
    uint64_t a = sq_ends_addresses(ends), b = sq_ends_ports(ends),
             hash = sq_name_hash(t.seed, a, b);
    uint32_t s = free_slot(t, hash);

    if (s == SQ_NOBODY) {
        return 0u;
    }
    enter(t, e, s, low_half(hash), a, b);
    /*@ assert slot_new: SlotSound(t, s); */
    /*@ assert slots_sound: SlotsSound(t); */
    /*@ assert entry_new: EntrySound(t, e); */
    /*@ assert entries_sound: EntriesSound(t); */
    return 1u;
}

void sq_index_remove(struct sq_index t, uint32_t e)
{
    uint32_t s = t.name[e].slot;

    if (s == SQ_NOBODY) {
        return;
    }
    /*@ assert here: EntrySound(t, e); */
    /*@ assert slot: s < Slots(t) && t.slot[s].entry == e; */
    /*@ assert there: \forall integer f; 0 <= f < t.size && Entered(t, f) ==> t.slot[t.name[f].slot].entry == f; */
    /*@ assert own: \forall integer f; 0 <= f < t.size && f != e && Entered(t, f) ==> t.name[f].slot != s; */
    /*@ assert only: \forall integer r; 0 <= r < Slots(t) && r != s ==> t.slot[r].entry != e; */
    t.slot[s].tag = 0u;
    t.slot[s].entry = SQ_NOBODY;
    /*@ assert slots: SlotsKept{Pre, Here}(t, s); */
    /*@ assert names: OthersKept{Pre, Here}(t, SQ_NOBODY); */
    t.name[e].slot = SQ_NOBODY;
    /*@ assert slots_kept: SlotsKept{Pre, Here}(t, s); */
    /*@ assert names_kept: OthersKept{Pre, Here}(t, e); */
    /*@ assert slots_old: \forall integer r; 0 <= r < Slots(t) && r != s ==> SlotSound(t, r); */
    /*@ assert slots_sound: SlotsSound(t); */
    /*@ assert entries_old: \forall integer f; 0 <= f < t.size && f != e ==> EntrySound(t, f); */
    /*@ assert entries_sound: EntriesSound(t); */
    /*@ assert differ: NamesDiffer(t); */
}
