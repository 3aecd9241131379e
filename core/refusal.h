/* SPDX-License-Identifier: MIT */
/* The answer to a segment that nothing waits for. RFC 9293 3.5.2, 3.10.7.1 */
#ifndef SQ_REFUSAL_H
#define SQ_REFUSAL_H

#include "acceptability.h"
#include "connection.h"
#include "header.h"
#include "owed.h"
#include "state.h"

#include "../spec/input.acsl"

/* The RST that answers a segment nobody waits for, or none. */
struct sq_reset {
    uint32_t due; /* 1: emit a RST with these numbers */
    uint32_t flags, seq, ack;
};

/* The reply to a segment for which there is no connection: a value, nothing is stored. RFC 9293 3.5.2, 3.10.7.1 */
/*@ requires length: len <= SQ_TEXT_MAX;
    terminates \true;
    assigns \nothing;
    ensures silent: (flags & SQ_RST) != 0 ==> \result.due == 0;
    ensures due: (flags & SQ_RST) == 0 ==> \result.due == 1;
    ensures known: (flags & SQ_RST) == 0 && (flags & SQ_ACK) != 0 ==>
      \result.flags == SQ_RST && \result.seq == ack && \result.ack == 0;
    ensures unknown: (flags & SQ_RST) == 0 && (flags & SQ_ACK) == 0 ==>
      \result.flags == SQ_RST + SQ_ACK && \result.seq == 0 && \result.ack == SeqAdd(seq, SegmentLength(flags, len)); */
struct sq_reset sq_refusal(uint32_t flags, uint32_t seq, uint32_t ack, uint32_t len);

/* Nothing here waits for this segment. RFC 9293 3.10.7.1, 3.10.7.2 second, 3.10.7.3 first */
/*@ requires block: \valid(o) && OwedValid(*o) && len <= SQ_TEXT_MAX;
    terminates \true;
    assigns o->rst, o->rst_flags, o->rst_seq, o->rst_ack;
    ensures valid: OwedValid(*o) && o->ack == \old(o->ack) && o->probe == \old(o->probe);
    ensures silent: (flags & SQ_RST) != 0 ==> *o == \old(*o) && \result == SQ_SEGMENT_IGNORED;
    ensures answered: (flags & SQ_RST) == 0 ==> o->rst == 1 && \result == SQ_SEGMENT_REFUSED;
    ensures known: (flags & SQ_RST) == 0 && (flags & SQ_ACK) != 0 ==> o->rst_flags == SQ_RST && o->rst_seq == ack; */
uint32_t sq_refuse(struct sq_owed *o, uint32_t flags, uint32_t seq, uint32_t ack, uint32_t len);

#endif
