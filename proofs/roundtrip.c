/* SPDX-License-Identifier: MIT */
// wp-model: ref
/*
 * What a header says survives the wire: proved from the contracts of sq_header_emit and
 * sq_header_parse alone, without their bodies. A client that exists for this proof only.
 */
#include "core/header.h"

/*@ requires readable: \valid_read(h);
    requires emittable: HeaderEmittable(*h);
    requires writable: \valid(p + (0 .. 59)) && \valid(back);
    requires apart: \separated(h, back, p + (0 .. 59));
    terminates \true;
    assigns p[0 .. HeaderSize(*h) - 1], *back;
    ensures accepted: \result == 1;
    ensures ports: back->source_port == h->source_port &&
        back->destination_port == h->destination_port;
    ensures numbers: back->seq == h->seq && back->ack == h->ack;
    ensures flags: back->flags == h->flags;
    ensures window: back->window == h->window;
    ensures checksum: back->checksum == h->checksum;
    ensures urgent: back->urgent == h->urgent;
    ensures mss: back->has_mss == h->has_mss && back->mss == h->mss;
    ensures shift: back->has_shift == h->has_shift && back->shift == h->shift;
    ensures permitted: back->sack_permitted == h->sack_permitted;
    ensures timestamp: back->has_timestamp == h->has_timestamp && back->ts_value == h->ts_value &&
        back->ts_echo == h->ts_echo;
    ensures count: back->sack_count == h->sack_count;
    ensures left: \forall integer j; 0 <= j < 4 ==> back->sack_left[j] == h->sack_left[j];
    ensures right: \forall integer j; 0 <= j < 4 ==> back->sack_right[j] == h->sack_right[j];
    ensures length: back->length == HeaderSize(*h);
    ensures clean: back->malformed == 0;
*/
uint32_t sq_header_roundtrip(uint8_t *p, const struct sq_header *h, struct sq_header *back);

uint32_t sq_header_roundtrip(uint8_t *p, const struct sq_header *h, struct sq_header *back)
{
    uint32_t n = sq_header_emit(p, h);

    return sq_header_parse(p, n, back);
}
