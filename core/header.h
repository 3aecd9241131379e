/* SPDX-License-Identifier: MIT */
/*
 * The TCP header: bytes to fields and back (RFC 9293 3.1 and 3.2).
 *
 * Known options are MSS (RFC 9293 3.2), window scale and timestamps (RFC 7323 2.2 and 3.2),
 * SACK-permitted and SACK (RFC 2018 2 and 3). What they are worth (on which segments, within which
 * limits) is for the connection to decide: here stands what the wire said.
 */
#ifndef SQ_HEADER_H
#define SQ_HEADER_H

#include <stdint.h>

#include "bytes.h"

/*
 * The control bits by name (RFC 9293 3.1; ECE and CWR: RFC 3168 6.1; AE: the accurate ECN flag).
 * The field has twelve; the three above SQ_AE are reserved, ignored and kept.
 */
enum {
    SQ_FIN = 1,
    SQ_SYN = 2,
    SQ_RST = 4,
    SQ_PSH = 8,
    SQ_ACK = 16,
    SQ_URG = 32,
    SQ_ECE = 64,
    SQ_CWR = 128,
    SQ_AE = 256
};

enum {
    SQ_HEADER_MIN = 20, /* bytes, RFC 9293 3.1: data offset 5 */
    SQ_HEADER_MAX = 60  /* bytes, RFC 9293 3.1: data offset 15 */
};

/* One TCP header with the options it carries, in host order. An absent option is all zero. */
struct sq_header {
    uint32_t source_port, destination_port; /* 0..65535 */
    uint32_t seq, ack;
    uint32_t length; /* bytes of the header that was parsed, 20..60; emitting ignores it */
    uint32_t flags;  /* SQ_FIN and the others, 0..4095 */
    uint32_t window; /* 0..65535, as on the wire: not scaled */
    uint32_t checksum, urgent; /* 0..65535 */
    uint32_t has_mss, mss;     /* 0 or 1; bytes, 0..65535 */
    uint32_t has_shift, shift; /* 0 or 1; 0..255 as on the wire (RFC 7323 2.3 takes 14 for more) */
    uint32_t sack_permitted;   /* 0 or 1 */
    uint32_t has_timestamp, ts_value, ts_echo; /* 0 or 1; TSval, TSecr */
    uint32_t sack_count;                       /* blocks, 0..4; those from here on are zero */
    uint32_t sack_left[4], sack_right[4];      /* first sequence number of each, first after it */
    uint32_t malformed; /* 1: an option had a length that cannot be; emitting ignores it */
};

#include "../spec/header.acsl"

/*
 * Reads the header at the start of a segment of `n` bytes.
 * Returns 1 and fills `h`, or 0 and leaves `h` alone when the data offset is below 5 or the segment
 * ends before the header does (RFC 9293 3.1).
 * Options never spoil a header (RFC 9293 3.1, MUST-6 and MUST-7): a length that is 0, 1 or runs
 * past the header ends the walk and what stood before it counts; a known kind with a length not
 * its own is skipped; of two alike the first counts; an unknown kind is skipped.
 */
/*@ requires segment_size: n <= 65535;
    requires readable: \valid_read(p + (0 .. n - 1));
    requires writable: \valid(h);
    requires apart: \separated(h, p + (0 .. n - 1));
    terminates \true;
    assigns *h;
    ensures accepted: \result == 1 <==> HeaderWellFormed(p, n);
    ensures verdict: \result == 0 || \result == 1;
    ensures exact: \result == 1 ==> HeaderIs(p, *h);
    ensures length: \result == 1 ==> h->length == HeaderLength(p);
    ensures malformed: \result == 1 ==> h->malformed == OptionsMalformed(p, 20, HeaderLength(p));
    ensures untouched: \result == 0 ==> *h == \old(*h);
*/
uint32_t sq_header_parse(const uint8_t *p, uint32_t n, struct sq_header *h);

/* Bytes that sq_header_emit writes for `h`: a multiple of 4, 20..60. */
/*@ requires readable: \valid_read(h);
    requires emittable: HeaderEmittable(*h);
    terminates \true;
    assigns \nothing;
    ensures size: \result == HeaderSize(*h);
    ensures range: 20 <= \result <= 60;
    ensures aligned: \result % 4 == 0;
*/
uint32_t sq_header_size(const struct sq_header *h);

/*
 * Writes the header with its options, each aligned by no-operations, and returns its size.
 * The checksum is written as it stands in `h`: it covers the text too, which is not known here.
 * Order: MSS, SACK-permitted, window scale, timestamps, SACK.
 */
/*@ requires readable: \valid_read(h);
    requires emittable: HeaderEmittable(*h);
    requires writable: \valid(p + (0 .. HeaderSize(*h) - 1));
    requires apart: \separated(h, p + (0 .. HeaderSize(*h) - 1));
    terminates \true;
    assigns p[0 .. HeaderSize(*h) - 1];
    ensures size: \result == HeaderSize(*h);
    ensures well_formed: HeaderWellFormed(p, \result);
    ensures length: HeaderLength(p) == \result;
    ensures exact: HeaderIs(p, *h);
    ensures clean: OptionsMalformed(p, 20, \result) == 0;
*/
uint32_t sq_header_emit(uint8_t *p, const struct sq_header *h);

#endif
