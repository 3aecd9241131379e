/* SPDX-License-Identifier: MIT */
/* Whose a segment is. RFC 9293 3.10.7.1, 3.10.7.2 */
#include "arrival.h"

/*@ terminates \true;
    assigns \nothing;
    ensures exact: Stray(\result, flags, listens);
    ensures kind: \result != SQ_ARRIVAL_CONNECTION && \result != SQ_ARRIVAL_FULL; */
static uint32_t stray_kind(uint32_t flags, uint32_t listens)
{
    if ((flags & SQ_RST) != 0u) {
        return SQ_ARRIVAL_DROPPED;
    }
    if (listens == 0u || (flags & SQ_ACK) != 0u) {
        return SQ_ARRIVAL_ANSWERED;
    }
    return (flags & SQ_SYN) != 0u ? SQ_ARRIVAL_OPENS : SQ_ARRIVAL_DROPPED;
}

/* A SYN for listener k: OPENS or FULL. */
/*@ requires listeners: \valid(l + (0 .. n - 1)) && ListensValid(l, n);
    requires listener: k < n;
    terminates \true;
    assigns l[k].half_open;
    ensures valid: ListensValid(l, n);
    ensures opens: \result == SQ_ARRIVAL_OPENS ==> l[k].half_open == \old(l[k].half_open) + 1;
    ensures others: BegunAt{Pre, Post}(l, n, k);
    ensures full: \result != SQ_ARRIVAL_OPENS ==> \result == SQ_ARRIVAL_FULL && l[k].half_open == \old(l[k].half_open) &&
      l[k].half_open + l[k].waiting == l[k].backlog; */
static uint32_t begin(struct sq_listen *l, uint32_t n, uint32_t k)
{
    (void)n; /* the others are valid too */
    return sq_listen_begin(&l[k]) == 1u ? SQ_ARRIVAL_OPENS : SQ_ARRIVAL_FULL;
}

struct sq_arrival sq_arrival(struct sq_index t, struct sq_listen *l, uint32_t n,
                             struct sq_ends ends, uint32_t flags, uint32_t seq, uint32_t ack,
                             uint32_t len)
{
    struct sq_arrival r = {SQ_ARRIVAL_CONNECTION, sq_index_find(t, ends), n, {0u, 0u, 0u, 0u}};
    uint32_t k;

    if (r.entry != SQ_NOBODY) {
        return r;
    }
    k = sq_listen_find(l, n, ends.local, ends.local_port);
    r.kind = stray_kind(flags, k < n ? 1u : 0u);
    if (r.kind == SQ_ARRIVAL_ANSWERED) {
        r.reset = sq_refusal(flags, seq, ack, len);
    }
    if (r.kind == SQ_ARRIVAL_OPENS) {
        r.listener = k;
        r.kind = begin(l, n, k);
    }
    return r;
}
