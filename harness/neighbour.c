/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* Neighbours; see neighbour.h. */
#include "neighbour.h"

#include "ethernet.h"
#include "ipv4.h"

/* Microseconds from `then` to `now`, none if the clock went back. */
/*@ terminates \true;
    assigns \nothing;
    ensures value: \result == Elapsed(now, then);
*/
static uint64_t elapsed(uint64_t now, uint64_t then)
{
    return now > then ? now - then : 0u;
}

/* The slot of `address`, SQ_NEIGHBOURS if it has none. */
/*@ requires readable: \valid_read(c);
    terminates \true;
    assigns \nothing;
    ensures range: \result <= SQ_NEIGHBOURS;
    ensures found: \result < SQ_NEIGHBOURS ==> NeighbourAt(*c, \result, address);
    ensures absent: \result == SQ_NEIGHBOURS ==> !NeighbourPresent(*c, address);
*/
static uint32_t slot_of(const struct sq_neighbours *c, uint32_t address)
{
    uint32_t i = 0u;

    /*@ loop invariant range: i <= SQ_NEIGHBOURS;
        loop invariant absent: \forall integer k; 0 <= k < i ==>
            !NeighbourUsed(c->entry[k], address);
        loop assigns i;
        loop variant SQ_NEIGHBOURS - i;
    */
    while (i < SQ_NEIGHBOURS) {
        if (c->entry[i].state != SQ_NEIGHBOUR_FREE && c->entry[i].address == address) {
            return i;
        }
        i = i + 1u;
    }
    return SQ_NEIGHBOURS;
}

/* A free slot; if there is none, the one used longest ago. */
/*@ requires readable: \valid_read(c);
    terminates \true;
    assigns \nothing;
    ensures range: \result < SQ_NEIGHBOURS;
    ensures choice: c->entry[\result].state == SQ_NEIGHBOUR_FREE || NeighbourOldest(*c, \result);
*/
static uint32_t slot_to_take(const struct sq_neighbours *c)
{
    uint32_t i = 0u;
    uint32_t oldest = 0u;

    /*@ loop invariant range: i <= SQ_NEIGHBOURS && oldest < SQ_NEIGHBOURS;
        loop invariant none_free: \forall integer k; 0 <= k < i ==>
            c->entry[k].state != SQ_NEIGHBOUR_FREE;
        loop invariant oldest: \forall integer k; 0 <= k < i ==>
            c->entry[oldest].used <= c->entry[k].used;
        loop assigns i, oldest;
        loop variant SQ_NEIGHBOURS - i;
    */
    while (i < SQ_NEIGHBOURS) {
        if (c->entry[i].state == SQ_NEIGHBOUR_FREE) {
            return i;
        }
        if (c->entry[i].used < c->entry[oldest].used) {
            oldest = i;
        }
        i = i + 1u;
    }
    return oldest;
}

/* What NeighbourVerdict says, as a value. */
/*@ requires used: e.state != SQ_NEIGHBOUR_FREE;
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == NeighbourVerdict(e, now);
    ensures range: \result <= SQ_NEIGHBOUR_FAILED;
*/
static uint32_t judge(struct sq_neighbour e, uint64_t now)
{
    uint64_t silent = elapsed(now, e.asked);

    if (e.state == SQ_NEIGHBOUR_REACHABLE) {
        return elapsed(now, e.confirmed) < SQ_NEIGHBOUR_FRESH ? SQ_NEIGHBOUR_KNOWN
                                                              : SQ_NEIGHBOUR_REFRESH;
    }
    if (silent < SQ_NEIGHBOUR_INTERVAL) {
        return e.state == SQ_NEIGHBOUR_STALE ? SQ_NEIGHBOUR_KNOWN : SQ_NEIGHBOUR_WAIT;
    }
    if (e.tries < SQ_NEIGHBOUR_TRIES) {
        return e.state == SQ_NEIGHBOUR_STALE ? SQ_NEIGHBOUR_REFRESH : SQ_NEIGHBOUR_ASK;
    }
    if (e.state != SQ_NEIGHBOUR_STALE && silent < SQ_NEIGHBOUR_HOLD) {
        return SQ_NEIGHBOUR_FAILED;
    }
    return SQ_NEIGHBOUR_ASK;
}

/* The slot begins anew with `address`, which is being asked for. */
/*@ requires writable: \valid(e);
    terminates \true;
    assigns *e;
    ensures valid: NeighbourValid(*e);
    ensures begun: NeighbourBegun(*e, address, now);
*/
static void begin(struct sq_neighbour *e, uint32_t address, uint64_t now)
{
    e->hardware = 0u;
    e->confirmed = 0u;
    e->asked = now;
    e->used = now;
    e->address = address;
    e->state = SQ_NEIGHBOUR_INCOMPLETE;
    e->tries = 1u;
}

/* The entry is used at `now`: the verdict, and what follows from it for the entry. */
/*@ requires writable: \valid(e);
    requires sound: NeighbourValid(*e);
    requires used: e->state != SQ_NEIGHBOUR_FREE;
    terminates \true;
    assigns *e;
    ensures valid: NeighbourValid(*e);
    ensures state: e->state != SQ_NEIGHBOUR_FREE;
    ensures verdict: \result.verdict == NeighbourVerdict(\old(*e), now);
    ensures wait: \result.wait == NeighbourWait(\old(*e), now);
    ensures known: \result.verdict <= SQ_NEIGHBOUR_REFRESH ==>
        NeighbourResolved(\old(*e)) && \result.hardware == \old(e->hardware);
    ensures unknown: \result.verdict > SQ_NEIGHBOUR_REFRESH ==> \result.hardware == 0;
    ensures honest: NeighbourResolved(*e) ==>
        NeighbourResolved(\old(*e)) && e->hardware == \old(e->hardware);
    ensures next: NeighbourNext(*e, \old(*e), now);
*/
static struct sq_neighbour_answer advance(struct sq_neighbour *e, uint64_t now)
{
    struct sq_neighbour_answer answer;

    answer.hardware = 0u;
    answer.verdict = judge(*e, now);
    answer.wait = 0u;
    e->used = now;
    if (answer.verdict == SQ_NEIGHBOUR_WAIT) {
        answer.wait = SQ_NEIGHBOUR_INTERVAL - (uint32_t)elapsed(now, e->asked);
    } else if (answer.verdict == SQ_NEIGHBOUR_FAILED) {
        answer.wait = SQ_NEIGHBOUR_HOLD - (uint32_t)elapsed(now, e->asked);
    } else if (answer.verdict == SQ_NEIGHBOUR_ASK) {
        answer.wait = SQ_NEIGHBOUR_INTERVAL;
        if (e->state == SQ_NEIGHBOUR_INCOMPLETE && e->tries < SQ_NEIGHBOUR_TRIES) {
            e->tries = e->tries + 1u;
            e->asked = now;
        } else {
            begin(e, e->address, now);
        }
    } else {
        answer.hardware = e->hardware;
        if (answer.verdict == SQ_NEIGHBOUR_REFRESH) {
            e->tries = e->state == SQ_NEIGHBOUR_REACHABLE ? 1u : e->tries + 1u;
            e->state = SQ_NEIGHBOUR_STALE;
            e->asked = now;
        }
    }
    return answer;
}

void sq_neighbour_clear(struct sq_neighbours *c)
{
    uint32_t i = 0u;

    /*@ loop invariant turn: i <= SQ_NEIGHBOURS;
        loop invariant empty: \forall integer k; 0 <= k < i ==> NeighbourEmpty(c->entry[k]);
        loop assigns i, c->entry[0 .. SQ_NEIGHBOURS - 1];
        loop variant SQ_NEIGHBOURS - i;
    */
    while (i < SQ_NEIGHBOURS) {
        c->entry[i].hardware = 0u;
        c->entry[i].confirmed = 0u;
        c->entry[i].asked = 0u;
        c->entry[i].used = 0u;
        c->entry[i].address = 0u;
        c->entry[i].state = SQ_NEIGHBOUR_FREE;
        c->entry[i].tries = 0u;
        i = i + 1u;
    }
}

uint64_t sq_neighbour_find(const struct sq_neighbours *c, uint32_t address)
{
    uint32_t i = slot_of(c, address);

    return i == SQ_NEIGHBOURS ? 0u : c->entry[i].hardware;
}

struct sq_neighbour_answer sq_neighbour_resolve(struct sq_neighbours *c, uint32_t address,
                                                uint64_t now)
{
    struct sq_neighbour_answer answer;
    uint32_t i = slot_of(c, address);

    if (i == SQ_NEIGHBOURS) {
        i = slot_to_take(c);
        begin(&c->entry[i], address, now);
        answer.hardware = 0u;
        answer.verdict = SQ_NEIGHBOUR_ASK;
        answer.wait = SQ_NEIGHBOUR_INTERVAL;
    } else {
        answer = advance(&c->entry[i], now);
    }
    /*@ assert slot: NeighbourSlot(\at(*c, Pre), i, address) && NeighbourAt(*c, i, address) &&
            NeighbourOthers(*c, \at(*c, Pre), i); */
    return answer;
}

bool sq_neighbour_learn(struct sq_neighbours *c, uint32_t address, uint64_t hardware, bool to_us,
                        uint64_t now)
{
    uint32_t i;

    if (!sq_ethernet_unicast(hardware) || !sq_ipv4_host(address)) {
        return false;
    }
    i = slot_of(c, address);
    if (i == SQ_NEIGHBOURS) {
        if (!to_us) {
            return false;
        }
        i = slot_to_take(c);
    }
    c->entry[i].hardware = hardware;
    c->entry[i].confirmed = now;
    c->entry[i].asked = 0u;
    c->entry[i].used = now;
    c->entry[i].address = address;
    c->entry[i].state = SQ_NEIGHBOUR_REACHABLE;
    c->entry[i].tries = 0u;
    /*@ assert slot: NeighbourSlot(\at(*c, Pre), i, address) && NeighbourAt(*c, i, address) &&
            NeighbourOthers(*c, \at(*c, Pre), i); */
    return true;
}
