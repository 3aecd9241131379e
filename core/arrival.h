/* SPDX-License-Identifier: MIT */
/* A segment arrived at the endpoint: whose it is, or what answers it. RFC 9293 3.10.7.1, 3.10.7.2

   What is answered without a connection is a value: the caller emits it and nothing is kept, so a flood costs no memory. A
   block comes into being only by a SYN that a listener has room for. */
#ifndef SQ_ARRIVAL_H
#define SQ_ARRIVAL_H

#include <stdint.h>

#include "config.h"
#include "ends.h"
#include "header.h"
#include "index.h"
#include "input.h"
#include "listen.h"
#include "refusal.h"

enum sq_arrival_kind {
    SQ_ARRIVAL_CONNECTION, /* for the block `entry`: give it to sq_input */
    SQ_ARRIVAL_OPENS, /* a SYN for `listener`, already counted as half-open there: a fresh block in LISTEN takes it */
    SQ_ARRIVAL_ANSWERED, /* for nobody: emit `reset` */
    SQ_ARRIVAL_FULL, /* a SYN for `listener`, whose backlog is full: dropped, the peer sends it again. RFC 4987 */
    SQ_ARRIVAL_DROPPED /* for nobody, and nothing is to be said */
};

struct sq_arrival {
    uint32_t kind;         /* enum sq_arrival_kind */
    uint32_t entry;        /* SQ_NOBODY unless CONNECTION */
    uint32_t listener;     /* the number of listeners unless OPENS or FULL */
    struct sq_reset reset; /* due = 0 unless ANSWERED */
};

#include "../spec/arrival.acsl"

/* A segment between these ends, from the remote one, with `len` bytes of text. */
/*@ requires index: IndexMemory(t) && IndexValid(t);
    requires listeners: \valid(l + (0 .. n - 1)) && ListensValid(l, n);
    requires apart: \separated(l + (0 .. n - 1), t.slot + (0 .. Slots(t) - 1), t.name + (0 .. t.size - 1));
    requires length: len <= SQ_TEXT_MAX;
    terminates \true;
    assigns l[0 .. n - 1].half_open;
    ensures valid: ListensValid(l, n);
    ensures connection: \result.kind == SQ_ARRIVAL_CONNECTION ==> \result.entry < t.size &&
      Entered{Pre}(t, \result.entry) && Named{Pre}(t, \result.entry, ends);
    ensures stray: \result.kind != SQ_ARRIVAL_CONNECTION ==> \result.entry == SQ_NOBODY &&
      Nameless{Pre}(t, Addresses(ends), Ports(ends));
    ensures nobody: \result.kind != SQ_ARRIVAL_CONNECTION && NobodyListens{Pre}(l, n, ends.local, ends.local_port) ==>
      Stray(\result.kind, flags, 0);
    ensures listened: \result.kind != SQ_ARRIVAL_CONNECTION && \result.kind != SQ_ARRIVAL_FULL &&
      !NobodyListens{Pre}(l, n, ends.local, ends.local_port) ==>
      Stray(\result.kind, flags, 1);
    ensures overflow: \result.kind == SQ_ARRIVAL_FULL ==> !NobodyListens{Pre}(l, n, ends.local, ends.local_port) &&
      Stray(SQ_ARRIVAL_OPENS, flags, 1);
    ensures opens: \result.kind == SQ_ARRIVAL_OPENS ==> \result.listener < n &&
      Takes(l[\result.listener], ends.local, ends.local_port) &&
      l[\result.listener].half_open == \old(l[\result.listener].half_open) + 1;
    ensures full: \result.kind == SQ_ARRIVAL_FULL ==> \result.listener < n &&
      l[\result.listener].half_open + l[\result.listener].waiting == l[\result.listener].backlog;
    ensures kept: \result.kind != SQ_ARRIVAL_OPENS ==> BegunAt{Pre, Post}(l, n, n);
    ensures others: \result.kind == SQ_ARRIVAL_OPENS ==> BegunAt{Pre, Post}(l, n, \result.listener);
    ensures answer: \result.kind == SQ_ARRIVAL_ANSWERED ==> \result.reset.due == 1;
    ensures known: \result.kind == SQ_ARRIVAL_ANSWERED && (flags & SQ_ACK) != 0 ==>
      \result.reset.flags == SQ_RST && \result.reset.seq == ack && \result.reset.ack == 0;
    ensures unknown: \result.kind == SQ_ARRIVAL_ANSWERED && (flags & SQ_ACK) == 0 ==>
      \result.reset.flags == SQ_RST + SQ_ACK && \result.reset.seq == 0 &&
      \result.reset.ack == SeqAdd(seq, SegmentLength(flags, len));
    ensures silent: \result.kind != SQ_ARRIVAL_ANSWERED ==> \result.reset.due == 0; */
struct sq_arrival sq_arrival(struct sq_index t, struct sq_listen *l, uint32_t n,
                             struct sq_ends ends, uint32_t flags, uint32_t seq, uint32_t ack,
                             uint32_t len);

#endif
