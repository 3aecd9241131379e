/* SPDX-License-Identifier: MIT */
/*
 * Neighbours: which hardware address an IPv4 address of the link is at (RFC 826, RFC 1122 2.3.2).
 *
 * The table is bounded and belongs to the caller. Nothing is done by itself: the caller asks for an
 * address when it wants to send (sq_neighbour_resolve) and is told what to do, and it hands in what
 * ARP messages say (sq_neighbour_learn). Time is given, in microseconds; a clock that goes back
 * reads as no time passed.
 *
 *   incomplete --learn--> reachable --FRESH passed--> stale --learn--> reachable
 *       ^                                               |
 *       +---------- TRIES requests unanswered ----------+
 *
 * An address in use is asked for again when its entry has become stale, so that a station that
 * moved is found and one that left is forgotten (RFC 1122 2.3.2.1, unicast poll). No address in
 * the table is asked for more than once per INTERVAL. When the table is full, the entry used
 * longest ago goes.
 */
#ifndef SQ_NEIGHBOUR_H
#define SQ_NEIGHBOUR_H

#include <stdbool.h>
#include <stdint.h>

#include "../spec/frame.acsl"

#define SQ_NEIGHBOURS 64u              /* entries in the table */
#define SQ_NEIGHBOUR_FRESH 60000000u   /* us an entry is believed, RFC 1122 2.3.2.1 */
#define SQ_NEIGHBOUR_INTERVAL 1000000u /* us from one request to the next, RFC 1122 2.3.2.1 */
#define SQ_NEIGHBOUR_HOLD \
    20000000u                 /* us from the last request until a failed address is tried again */
#define SQ_NEIGHBOUR_TRIES 3u /* requests without an answer before an address has failed */

enum sq_neighbour_state {
    SQ_NEIGHBOUR_FREE,       /* the slot holds nothing, all its fields are zero */
    SQ_NEIGHBOUR_INCOMPLETE, /* asked for, not known */
    SQ_NEIGHBOUR_REACHABLE,  /* known */
    SQ_NEIGHBOUR_STALE       /* known but old: used while it is asked for again */
};

struct sq_neighbour {
    uint64_t hardware;  /* a station's address, below 2^48; zero unless reachable or stale */
    uint64_t confirmed; /* us, when an ARP message last said so */
    uint64_t asked;     /* us, when the last request was due */
    uint64_t used;      /* us, when last resolved or learnt */
    uint32_t address;   /* IPv4 */
    uint32_t state;     /* enum sq_neighbour_state */
    uint32_t tries;     /* requests since the last confirmation, at most SQ_NEIGHBOUR_TRIES */
};

struct sq_neighbours {
    struct sq_neighbour entry[SQ_NEIGHBOURS]; /* in no order, each address once */
};

/* What to do with a packet for an address. */
enum sq_neighbour_verdict {
    SQ_NEIGHBOUR_KNOWN,   /* send it to `hardware` */
    SQ_NEIGHBOUR_REFRESH, /* send it to `hardware`, and send that station a request */
    SQ_NEIGHBOUR_ASK,     /* broadcast a request; keep or drop the packet */
    SQ_NEIGHBOUR_WAIT,    /* a request is under way; keep or drop the packet */
    SQ_NEIGHBOUR_FAILED   /* nobody answers: the host is unreachable */
};

struct sq_neighbour_answer {
    uint64_t hardware; /* where to send, zero unless known or to be refreshed */
    uint32_t verdict;  /* enum sq_neighbour_verdict */
    uint32_t wait;     /* us until asking again can give another verdict; zero if known */
};

/*@ logic integer Elapsed(integer now, integer then) = now > then ? now - then : 0;

    predicate NeighbourUsed(struct sq_neighbour e, integer address) =
        e.state != SQ_NEIGHBOUR_FREE && e.address == address;
    predicate NeighbourResolved(struct sq_neighbour e) =
        e.state == SQ_NEIGHBOUR_REACHABLE || e.state == SQ_NEIGHBOUR_STALE;
    predicate NeighbourEmpty(struct sq_neighbour e) =
        e.hardware == 0 && e.confirmed == 0 && e.asked == 0 && e.used == 0 && e.address == 0 &&
        e.state == SQ_NEIGHBOUR_FREE && e.tries == 0;
    predicate NeighbourValid(struct sq_neighbour e) =
        0 <= e.state <= SQ_NEIGHBOUR_STALE && 0 <= e.tries <= SQ_NEIGHBOUR_TRIES &&
        (e.state == SQ_NEIGHBOUR_FREE ==> NeighbourEmpty(e)) &&
        (e.state == SQ_NEIGHBOUR_INCOMPLETE ==>
            e.hardware == 0 && e.confirmed == 0 && e.tries > 0) &&
        (NeighbourResolved(e) ==> HardwareUnicast(e.hardware));

    // No address stands twice.
    predicate NeighboursDistinct(struct sq_neighbours c) =
        \forall integer i, j; 0 <= i < j < SQ_NEIGHBOURS ==>
            c.entry[i].state == SQ_NEIGHBOUR_FREE || c.entry[j].state == SQ_NEIGHBOUR_FREE ||
            c.entry[i].address != c.entry[j].address;
    predicate NeighboursValid(struct sq_neighbours c) =
        (\forall integer i; 0 <= i < SQ_NEIGHBOURS ==> NeighbourValid(c.entry[i])) &&
        NeighboursDistinct(c);

    predicate NeighbourAt(struct sq_neighbours c, integer i, integer address) =
        0 <= i < SQ_NEIGHBOURS && NeighbourUsed(c.entry[i], address);
    predicate NeighbourPresent(struct sq_neighbours c, integer address) =
        \exists integer i; NeighbourAt(c, i, address);
    // The table says that address is at hardware.
    predicate NeighbourKnows(struct sq_neighbours c, integer address, integer hardware) =
        \exists integer i; NeighbourAt(c, i, address) && NeighbourResolved(c.entry[i]) &&
            c.entry[i].hardware == hardware;

    // Slot k is where address stands or would come to stand: its own, else a free one, else the
    // one used longest ago.
    predicate NeighbourOldest(struct sq_neighbours c, integer k) =
        \forall integer i; 0 <= i < SQ_NEIGHBOURS ==>
            c.entry[i].state != SQ_NEIGHBOUR_FREE && c.entry[k].used <= c.entry[i].used;
    predicate NeighbourSlot(struct sq_neighbours c, integer k, integer address) =
        0 <= k < SQ_NEIGHBOURS &&
        (NeighbourUsed(c.entry[k], address) ||
         (!NeighbourPresent(c, address) &&
          (c.entry[k].state == SQ_NEIGHBOUR_FREE || NeighbourOldest(c, k))));
    predicate NeighbourOthers(struct sq_neighbours c, struct sq_neighbours before, integer k) =
        \forall integer i; 0 <= i < SQ_NEIGHBOURS && i != k ==> c.entry[i] == before.entry[i];

    // The verdict on an address that has the entry e.
    logic integer NeighbourVerdict(struct sq_neighbour e, integer now) =
        e.state == SQ_NEIGHBOUR_REACHABLE
            ? (Elapsed(now, e.confirmed) < SQ_NEIGHBOUR_FRESH ? SQ_NEIGHBOUR_KNOWN
                                                              : SQ_NEIGHBOUR_REFRESH)
        : e.state == SQ_NEIGHBOUR_STALE
            ? (Elapsed(now, e.asked) < SQ_NEIGHBOUR_INTERVAL ? SQ_NEIGHBOUR_KNOWN
               : e.tries < SQ_NEIGHBOUR_TRIES ? SQ_NEIGHBOUR_REFRESH : SQ_NEIGHBOUR_ASK)
            : (Elapsed(now, e.asked) < SQ_NEIGHBOUR_INTERVAL ? SQ_NEIGHBOUR_WAIT
               : e.tries < SQ_NEIGHBOUR_TRIES ? SQ_NEIGHBOUR_ASK
               : Elapsed(now, e.asked) < SQ_NEIGHBOUR_HOLD ? SQ_NEIGHBOUR_FAILED
                                                           : SQ_NEIGHBOUR_ASK);

    // Until when asking again cannot give anything new.
    logic integer NeighbourWait(struct sq_neighbour e, integer now) =
        NeighbourVerdict(e, now) <= SQ_NEIGHBOUR_REFRESH ? 0
        : NeighbourVerdict(e, now) == SQ_NEIGHBOUR_ASK ? SQ_NEIGHBOUR_INTERVAL
        : NeighbourVerdict(e, now) == SQ_NEIGHBOUR_WAIT
            ? SQ_NEIGHBOUR_INTERVAL - Elapsed(now, e.asked)
            : SQ_NEIGHBOUR_HOLD - Elapsed(now, e.asked);

    // The first request for an address was due at now.
    predicate NeighbourBegun(struct sq_neighbour e, integer address, integer now) =
        e.hardware == 0 && e.confirmed == 0 && e.asked == now && e.used == now &&
        e.address == address && e.state == SQ_NEIGHBOUR_INCOMPLETE && e.tries == 1;

    // What a verdict makes of the entry: only a request changes more than the time of use.
    predicate NeighbourSame(struct sq_neighbour e, struct sq_neighbour before) =
        e.hardware == before.hardware && e.confirmed == before.confirmed &&
        e.asked == before.asked && e.state == before.state && e.tries == before.tries;
    predicate NeighbourRefreshed(struct sq_neighbour e, struct sq_neighbour before, integer now) =
        e.hardware == before.hardware && e.confirmed == before.confirmed && e.asked == now &&
        e.state == SQ_NEIGHBOUR_STALE &&
        e.tries == (before.state == SQ_NEIGHBOUR_REACHABLE ? 1 : before.tries + 1);
    predicate NeighbourAsked(struct sq_neighbour e, struct sq_neighbour before, integer now) =
        e.hardware == 0 && e.confirmed == 0 && e.asked == now &&
        e.state == SQ_NEIGHBOUR_INCOMPLETE &&
        e.tries == (before.state == SQ_NEIGHBOUR_INCOMPLETE && before.tries < SQ_NEIGHBOUR_TRIES
                        ? before.tries + 1 : 1);
    predicate NeighbourNext(struct sq_neighbour e, struct sq_neighbour before, integer now) =
        e.address == before.address && e.used == now &&
        (NeighbourVerdict(before, now) == SQ_NEIGHBOUR_REFRESH ==>
            NeighbourRefreshed(e, before, now)) &&
        (NeighbourVerdict(before, now) == SQ_NEIGHBOUR_ASK ==> NeighbourAsked(e, before, now)) &&
        (NeighbourVerdict(before, now) != SQ_NEIGHBOUR_REFRESH &&
         NeighbourVerdict(before, now) != SQ_NEIGHBOUR_ASK ==> NeighbourSame(e, before));
*/

/* An empty table; the first thing to do with one. */
/*@ requires writable: \valid(c);
    terminates \true;
    assigns *c;
    ensures empty: \forall integer i; 0 <= i < SQ_NEIGHBOURS ==> NeighbourEmpty(c->entry[i]);
    ensures valid: NeighboursValid(*c);
*/
void sq_neighbour_clear(struct sq_neighbours *c);

/* The hardware address that the table has for `address`, zero if none; nothing changes. */
/*@ requires readable: \valid_read(c);
    requires sound: NeighboursValid(*c);
    terminates \true;
    assigns \nothing;
    ensures known: \result != 0 ==> NeighbourKnows(*c, address, \result);
    ensures unknown: \result == 0 ==> \forall integer h; !NeighbourKnows(*c, address, h);
*/
uint64_t sq_neighbour_find(const struct sq_neighbours *c, uint32_t address);

/*
 * Something is to be sent to `address` at the time `now`: what to do. An address without an entry
 * gets one, and the verdict SQ_NEIGHBOUR_ASK. The caller sends the request that it is told to send;
 * one that is lost counts as unanswered.
 */
/*@ requires writable: \valid(c);
    requires sound: NeighboursValid(*c);
    terminates \true;
    assigns *c;
    ensures valid: NeighboursValid(*c);
    ensures others: \exists integer k; NeighbourSlot(\old(*c), k, address) &&
        NeighbourAt(*c, k, address) && NeighbourOthers(*c, \old(*c), k);
    ensures verdict: \forall integer k; NeighbourAt(\old(*c), k, address) ==>
        \result.verdict == NeighbourVerdict(\old(*c).entry[k], now);
    ensures wait: \forall integer k; NeighbourAt(\old(*c), k, address) ==>
        \result.wait == NeighbourWait(\old(*c).entry[k], now);
    ensures absent: !NeighbourPresent(\old(*c), address) ==>
        \result.verdict == SQ_NEIGHBOUR_ASK && \result.wait == SQ_NEIGHBOUR_INTERVAL;
    ensures known: \result.verdict <= SQ_NEIGHBOUR_REFRESH ==>
        NeighbourKnows(\old(*c), address, \result.hardware);
    ensures unknown: \result.verdict > SQ_NEIGHBOUR_REFRESH ==> \result.hardware == 0;
    ensures honest: \forall integer a, h;
        NeighbourKnows(*c, a, h) ==> NeighbourKnows(\old(*c), a, h);
    ensures next: \forall integer k; NeighbourAt(\old(*c), k, address) ==>
        NeighbourNext(c->entry[k], \old(*c).entry[k], now);
    ensures begun: !NeighbourPresent(\old(*c), address) ==>
        \forall integer k; NeighbourAt(*c, k, address) ==>
            NeighbourBegun(c->entry[k], address, now);
*/
struct sq_neighbour_answer sq_neighbour_resolve(struct sq_neighbours *c, uint32_t address,
                                                uint64_t now);

/*
 * A well-formed ARP message, request or reply, says that `address` is at `hardware`. As RFC 826 has
 * it: an entry that exists is brought up to date by any message, a new one is made only by a
 * message whose target address is ours (`to_us`). Believed only if both can name one station; the
 * caller leaves out messages in which somebody claims the caller's own address.
 * Returns whether the table now says so.
 */
/*@ requires writable: \valid(c);
    requires sound: NeighboursValid(*c);
    terminates \true;
    assigns *c;
    ensures valid: NeighboursValid(*c);
    ensures accepted: \result <==> HardwareUnicast(hardware) && Ipv4Host(address) &&
        (to_us || NeighbourPresent(\old(*c), address));
    ensures refused: !\result ==> *c == \old(*c);
    ensures learnt: \result ==> \exists integer k; NeighbourSlot(\old(*c), k, address) &&
        NeighbourAt(*c, k, address) && NeighbourOthers(*c, \old(*c), k) &&
        c->entry[k].state == SQ_NEIGHBOUR_REACHABLE && c->entry[k].hardware == hardware &&
        c->entry[k].confirmed == now && c->entry[k].used == now && c->entry[k].asked == 0 &&
        c->entry[k].tries == 0;
    ensures honest: \forall integer a, h; NeighbourKnows(*c, a, h) ==>
        NeighbourKnows(\old(*c), a, h) || (a == address && h == hardware);
*/
bool sq_neighbour_learn(struct sq_neighbours *c, uint32_t address, uint64_t hardware, bool to_us,
                        uint64_t now);

#endif
