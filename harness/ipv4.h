/* SPDX-License-Identifier: MIT */
/*
 * The Internet header (RFC 791) as a host checks it (RFC 1122 3.2.1).
 * Options are stepped over and never obeyed; whether a source route is among them can be asked. Fragments are refused, with
 * a verdict of their own: nothing is reassembled, and what is sent carries DF. Addresses are
 * numbers, 192.0.2.1 is 0xC0000201.
 */
#ifndef SQ_IPV4_H
#define SQ_IPV4_H

#include <stdbool.h>
#include <stdint.h>

#include "../core/bytes.h"
#include "../core/checksum.h"
#include "../spec/frame.acsl"

#define SQ_IPV4_HEADER 20u        /* bytes of a header without options; what is emitted */
#define SQ_IPV4_LENGTH_MAX 65535u /* bytes of a datagram */
#define SQ_IPV4_TTL 64u           /* hops, the usual number; RFC 1122 3.2.1.7, RFC 1700 */
#define SQ_IPV4_DONT_FRAGMENT 0x4000u
#define SQ_IPV4_ICMP 1u /* protocol numbers, RFC 1700 */
#define SQ_IPV4_TCP 6u

/* Why a datagram is refused: the first cause in this order. */
enum sq_ipv4_verdict {
    SQ_IPV4_OK,
    SQ_IPV4_SHORT,         /* fewer than 20 bytes */
    SQ_IPV4_VERSION,       /* not version 4 */
    SQ_IPV4_HEADER_LENGTH, /* header below 20 bytes, or beyond the end */
    SQ_IPV4_TOTAL_LENGTH,  /* total length below the header's, or beyond the end */
    SQ_IPV4_CHECKSUM,      /* RFC 1122 3.2.1.2: silently discard */
    SQ_IPV4_FRAGMENT       /* part of a larger datagram */
};

struct sq_ipv4 {
    uint32_t source;
    uint32_t destination;
    uint32_t protocol;      /* 0..255 */
    uint32_t service;       /* 0..255: DSCP and, in the lowest two bits, ECN (RFC 3168 5) */
    uint32_t ttl;           /* 0..255, as it came: a host does not drop by it (RFC 1122 3.2.1.7) */
    uint32_t header_length; /* bytes before the payload, 20..60 */
    uint32_t length;        /* bytes of payload, link padding left out */
};

/*
 * Writes the Internet checksum of the `n` bytes at `p` to their checksum field, the two bytes at
 * offset `o`, whatever they held. RFC 1071
 */
/*@ requires field_even: o % 2 == 0;
    requires field_inside: o + 2 <= n;
    requires offset_in_range: o <= 65535;
    requires writable: \valid(p + (0 .. n - 1));
    terminates \true;
    assigns p[o .. o + 1];
    ensures correct: Fold(TextSum(p, 0, n)) == 65535;
    ensures field: Be16(p, o) == 65535 - Fold(TextSum(p, 0, n) - Be16(p, o));
*/
void sq_ipv4_seal(uint8_t *p, uint32_t n, uint32_t o);

/* Whether `address` can name one host. RFC 1122 3.2.1.3 */
/*@ terminates \true;
    assigns \nothing;
    ensures sound: \result ==> Ipv4Host(address);
    ensures whole: Ipv4Host(address) ==> \result;
*/
bool sq_ipv4_host(uint32_t address);

/*
 * Whether `address` means everybody on the link of the host `own`, which has `size` addresses
 * (a power of two: 2^(32 - prefix length); 0 if the link's size is not known).
 */
/*@ terminates \true;
    assigns \nothing;
    ensures sound: \result ==> Ipv4Broadcast(address, own, size);
    ensures whole: Ipv4Broadcast(address, own, size) ==> \result;
*/
bool sq_ipv4_broadcast(uint32_t address, uint32_t own, uint64_t size);

/*
 * Reads the header of a datagram that came in a link-layer payload of `n` bytes. The payload of the
 * datagram is ip->length bytes from ip->header_length. Nothing is written unless the verdict is
 * SQ_IPV4_OK. Whether the addresses make sense is for the caller, see sq_ipv4_host.
 */
/*@ requires readable: \valid_read(p + (0 .. n - 1));
    requires writable: \valid(ip);
    requires apart: \separated(ip, p + (0 .. n - 1));
    terminates \true;
    assigns *ip;
    ensures range: \result <= SQ_IPV4_FRAGMENT;
    ensures accepted: \result == SQ_IPV4_OK ==> Ipv4WellFormed(p, n);
    ensures refused: \result != SQ_IPV4_OK ==> !Ipv4WellFormed(p, n) && *ip == \old(*ip);
    ensures too_short: \result == SQ_IPV4_SHORT <==> n < 20;
    ensures version: \result == SQ_IPV4_VERSION <==> 20 <= n && !Ipv4Version(p);
    ensures header_length: \result == SQ_IPV4_HEADER_LENGTH <==>
        20 <= n && Ipv4Version(p) && !Ipv4HeaderFits(p, n);
    ensures total_length: \result == SQ_IPV4_TOTAL_LENGTH <==>
        20 <= n && Ipv4Version(p) && Ipv4HeaderFits(p, n) && !Ipv4TotalFits(p, n);
    ensures checksum: \result == SQ_IPV4_CHECKSUM <==>
        20 <= n && Ipv4Version(p) && Ipv4HeaderFits(p, n) && Ipv4TotalFits(p, n) &&
        !Ipv4Correct(p);
    ensures fragment: \result == SQ_IPV4_FRAGMENT <==>
        20 <= n && Ipv4Version(p) && Ipv4HeaderFits(p, n) && Ipv4TotalFits(p, n) &&
        Ipv4Correct(p) && !Ipv4Whole(p);
    ensures source: \result == SQ_IPV4_OK ==> ip->source == Be32(p, 12);
    ensures destination: \result == SQ_IPV4_OK ==> ip->destination == Be32(p, 16);
    ensures protocol: \result == SQ_IPV4_OK ==> ip->protocol == p[9];
    ensures service: \result == SQ_IPV4_OK ==> ip->service == p[1];
    ensures ttl: \result == SQ_IPV4_OK ==> ip->ttl == p[8];
    ensures payload: \result == SQ_IPV4_OK ==> ip->header_length == Ipv4HeaderLength(p);
    ensures length: \result == SQ_IPV4_OK ==> ip->length == Be16(p, 2) - Ipv4HeaderLength(p);
    ensures inside: \result == SQ_IPV4_OK ==>
        20 <= ip->header_length <= 60 && ip->header_length + ip->length <= n &&
        ip->header_length + ip->length <= 65535;
*/
uint32_t sq_ipv4_parse(const uint8_t *p, uint32_t n, struct sq_ipv4 *ip);

/*
 * Whether the options of a datagram that sq_ipv4_parse took, up to byte `header_length`, hold a source route. Nobody here
 * sends or obeys one, and RFC 7126 4.3 and 4.4 advise to drop what carries one.
 */
/*@ requires length: 20 <= header_length <= 60;
    requires readable: \valid_read(p + (0 .. header_length - 1));
    terminates \true;
    assigns \nothing;
    ensures sound: \result ==> Ipv4Routed(p, header_length);
    ensures whole: Ipv4Routed(p, header_length) ==> \result;
*/
bool sq_ipv4_routed(const uint8_t *p, uint32_t header_length);

/*
 * Writes a header of SQ_IPV4_HEADER bytes before a payload of `length` bytes: no options, DF,
 * checksum in place. `identification` may be anything, since DF is set (RFC 6864 4.1); `service` is DSCP and ECN as they
 * shall be on the wire; nothing leaves with a TTL of zero (RFC 1122 3.2.1.7).
 */
/*@ requires service_fits: service <= 255;
    requires ttl_fits: 1 <= ttl <= 255;
    requires protocol_fits: protocol <= 255;
    requires identification_fits: identification <= 65535;
    requires length_fits: length <= 65515;
    requires writable: \valid(p + (0 .. 19));
    terminates \true;
    assigns p[0 .. 19];
    ensures well_formed: \forall integer n; 20 + length <= n ==> Ipv4WellFormed(p, n);
    ensures first: p[0] == 69;
    ensures service: p[1] == service;
    ensures total: Be16(p, 2) == 20 + length;
    ensures identification: Be16(p, 4) == identification;
    ensures dont_fragment: Be16(p, 6) == 16384;
    ensures ttl: p[8] == ttl;
    ensures protocol: p[9] == protocol;
    ensures checksum: Be16(p, 10) == 65535 - Fold(TextSum(p, 0, 20) - Be16(p, 10));
    ensures source: Be32(p, 12) == source;
    ensures destination: Be32(p, 16) == destination;
*/
void sq_ipv4_emit(uint8_t *p, uint32_t source, uint32_t destination, uint32_t protocol,
                  uint32_t service, uint32_t ttl, uint32_t identification, uint32_t length);

#endif
