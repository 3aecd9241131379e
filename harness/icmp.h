/* SPDX-License-Identifier: MIT */
/*
 * Control messages (RFC 792, RFC 1122 3.2.2), as the payload of a datagram: `n` bytes without link
 * padding. Echo requests are answered; reports about TCP segments are read as far as the eight
 * bytes that they must quote (RFC 9293 3.9.2.2 says what a connection does with them); datagrams
 * for which nobody listens are answered with "unreachable" where RFC 1122 3.2.2 allows an answer.
 */
#ifndef SQ_ICMP_H
#define SQ_ICMP_H

#include "ipv4.h"

#define SQ_ICMP_HEADER 8u      /* bytes before the data */
#define SQ_ICMP_QUOTE_MAX 548u /* bytes quoted at most: 576 in all, RFC 1812 4.3.2.3 */
#define SQ_ICMP_ECHO_REPLY 0u  /* types */
#define SQ_ICMP_UNREACHABLE 3u
#define SQ_ICMP_ECHO 8u
#define SQ_ICMP_TIME_EXCEEDED 11u
#define SQ_ICMP_PARAMETER_PROBLEM 12u
#define SQ_ICMP_PROTOCOL_UNREACHABLE 2u /* codes of SQ_ICMP_UNREACHABLE */
#define SQ_ICMP_PORT_UNREACHABLE 3u
#define SQ_ICMP_FRAGMENTATION_NEEDED 4u

enum sq_icmp_verdict {
    SQ_ICMP_OK,
    SQ_ICMP_SHORT,   /* fewer than 8 bytes */
    SQ_ICMP_CHECKSUM /* RFC 792: over the whole message */
};

struct sq_icmp {
    uint32_t type; /* 0..255 */
    uint32_t code; /* 0..255 */
    uint32_t rest; /* the second four bytes: identifier and number of an echo, next-hop MTU */
};

/* What a report quotes of the segment that it is about: we sent it, so `source` should be us. */
struct sq_icmp_quote {
    uint32_t source;
    uint32_t destination;
    uint32_t source_port;      /* 0..65535 */
    uint32_t destination_port; /* 0..65535 */
    uint32_t sequence;         /* SEG.SEQ: must be in flight to be believed (RFC 5927 4.1) */
};

/* Reads the first eight bytes of a message; nothing is written unless the verdict is SQ_ICMP_OK. */
/*@ requires readable: \valid_read(p + (0 .. n - 1));
    requires writable: \valid(icmp);
    requires apart: \separated(icmp, p + (0 .. n - 1));
    terminates \true;
    assigns *icmp;
    ensures range: \result <= SQ_ICMP_CHECKSUM;
    ensures accepted: \result == SQ_ICMP_OK <==> IcmpWellFormed(p, n);
    ensures refused: \result != SQ_ICMP_OK ==> *icmp == \old(*icmp);
    ensures too_short: \result == SQ_ICMP_SHORT <==> n < 8;
    ensures checksum: \result == SQ_ICMP_CHECKSUM <==> 8 <= n && !IcmpCorrect(p, n);
    ensures type: \result == SQ_ICMP_OK ==> icmp->type == p[0];
    ensures code: \result == SQ_ICMP_OK ==> icmp->code == p[1];
    ensures rest: \result == SQ_ICMP_OK ==> icmp->rest == Be32(p, 4);
*/
uint32_t sq_icmp_parse(const uint8_t *p, uint32_t n, struct sq_icmp *icmp);

/*
 * Reads what a well-formed message quotes, if it is a report about a TCP segment: unreachable, time
 * exceeded, parameter problem. False, and nothing written, if it is none, or quotes too little,
 * another protocol or a later fragment. The quoted header length is believed for nothing but the
 * place of the ports; the quoted checksum is not asked, since routers change what it covers.
 */
/*@ requires readable: \valid_read(p + (0 .. n - 1));
    requires writable: \valid(quote);
    requires apart: \separated(quote, p + (0 .. n - 1));
    terminates \true;
    assigns *quote;
    ensures accepted: \result ==> IcmpQuoteWellFormed(p, n);
    ensures refused: !\result ==> !IcmpQuoteWellFormed(p, n) && *quote == \old(*quote);
    ensures source: \result ==> quote->source == Be32(p, 20);
    ensures destination: \result ==> quote->destination == Be32(p, 24);
    ensures source_port: \result ==> quote->source_port == Be16(p, IcmpQuoted(p));
    ensures destination_port: \result ==> quote->destination_port == Be16(p, IcmpQuoted(p) + 2);
    ensures sequence: \result ==> quote->sequence == Be32(p, IcmpQuoted(p) + 4);
*/
bool sq_icmp_quoted(const uint8_t *p, uint32_t n, struct sq_icmp_quote *quote);

/*
 * Writes to `out` the answer to the echo request of `n` bytes at `p`: the same bytes, as a reply.
 * The two must not overlap. RFC 1122 3.2.2.6: all data is returned.
 */
/*@ requires whole: 8 <= n;
    requires readable: \valid_read(p + (0 .. n - 1));
    requires writable: \valid(out + (0 .. n - 1));
    requires apart: \separated(out + (0 .. n - 1), p + (0 .. n - 1));
    terminates \true;
    assigns out[0 .. n - 1];
    ensures well_formed: IcmpWellFormed(out, n);
    ensures type: out[0] == 0;
    ensures code: out[1] == 0;
    ensures data: \forall integer i; 4 <= i < n ==> out[i] == p[i];
*/
void sq_icmp_echo_reply(uint8_t *restrict out, const uint8_t *restrict p, uint32_t n);

/*
 * Whether RFC 1122 3.2.2 allows an error message in answer to the datagram of `n` bytes at `p`: not
 * to an error message, not to a later fragment, and only between two addresses of single hosts.
 * `own` and `size` are those of sq_ipv4_broadcast. A datagram that came in a frame for a group must
 * not be answered either: the caller knows the frame.
 */
/*@ requires readable: \valid_read(p + (0 .. n - 1));
    terminates \true;
    assigns \nothing;
    ensures sound: \result ==> IcmpAnswerable(p, n, own, size);
    ensures whole: IcmpAnswerable(p, n, own, size) ==> \result;
*/
bool sq_icmp_answerable(const uint8_t *p, uint32_t n, uint32_t own, uint64_t size);

/*
 * Writes to `out` that the datagram of `n` bytes at `p` could not be delivered, and returns the
 * length: eight bytes and the beginning of the datagram, unchanged (RFC 1122 3.2.2). The two must
 * not overlap.
 */
/*@ requires whole: 20 <= n;
    requires code_fits: code <= 255;
    requires readable: \valid_read(p + (0 .. n - 1));
    requires writable: \valid(out + (0 .. 7 + (n < SQ_ICMP_QUOTE_MAX ? n : SQ_ICMP_QUOTE_MAX)));
    requires apart: \separated(out + (0 .. 7 + (n < SQ_ICMP_QUOTE_MAX ? n : SQ_ICMP_QUOTE_MAX)),
                               p + (0 .. n - 1));
    terminates \true;
    assigns out[0 .. 7 + (n < SQ_ICMP_QUOTE_MAX ? n : SQ_ICMP_QUOTE_MAX)];
    ensures length: \result == 8 + (n < SQ_ICMP_QUOTE_MAX ? n : SQ_ICMP_QUOTE_MAX);
    ensures well_formed: IcmpWellFormed(out, \result);
    ensures type: out[0] == 3;
    ensures code: out[1] == code;
    ensures unused: Be32(out, 4) == 0;
    ensures quote: \forall integer i; 0 <= i < \result - 8 ==> out[8 + i] == p[i];
*/
uint32_t sq_icmp_unreachable(uint8_t *restrict out, uint32_t code, const uint8_t *restrict p,
                             uint32_t n);

#endif
