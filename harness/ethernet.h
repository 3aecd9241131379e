/* SPDX-License-Identifier: MIT */
/*
 * Ethernet II frames (RFC 894): fourteen bytes of destination, source and type, then the payload.
 * A hardware address is one number below 2^48 whose most significant byte comes first on the wire.
 * The type is handed on as it stands: lengths of IEEE 802.3 frames (below 1536), VLAN tags and
 * unknown protocols are for the caller to count and drop.
 */
#ifndef SQ_ETHERNET_H
#define SQ_ETHERNET_H

#include <stdbool.h>
#include <stdint.h>

#include "../core/bytes.h"
#include "../spec/frame.acsl"

#define SQ_ETHERNET_HEADER 14u                  /* bytes before the payload */
#define SQ_ETHERNET_BROADCAST 0xFFFFFFFFFFFFull /* everybody on the link */
#define SQ_ETHERNET_IPV4 0x0800u                /* RFC 894 */
#define SQ_ETHERNET_ARP 0x0806u                 /* RFC 826 */

struct sq_ethernet {
    uint64_t destination; /* hardware address, below 2^48 */
    uint64_t source;      /* hardware address, below 2^48; may be a forged group address */
    uint32_t type;        /* 0..65535 */
};

/* The hardware address at offset `o`. */
/*@ requires offset_in_range: o <= 0x7FFFFFF0;
    requires readable: \valid_read(p + (o .. o + 5));
    terminates \true;
    assigns \nothing;
    ensures value: \result == Be48(p, o);
    ensures range: HardwareAddress(\result);
*/
uint64_t sq_ethernet_load(const uint8_t *p, uint32_t o);

/* Writes the hardware address `address` to the six bytes at offset `o`. */
/*@ requires offset_in_range: o <= 0x7FFFFFF0;
    requires fits: HardwareAddress(address);
    requires writable: \valid(p + (o .. o + 5));
    terminates \true;
    assigns p[o .. o + 5];
    ensures value: Be48(p, o) == address;
*/
void sq_ethernet_store(uint8_t *p, uint32_t o, uint64_t address);

/* Whether `address` can name one station: neither a group, nor zero, nor too large. */
/*@ terminates \true;
    assigns \nothing;
    ensures sound: \result ==> HardwareUnicast(address);
    ensures whole: HardwareUnicast(address) ==> \result;
*/
bool sq_ethernet_unicast(uint64_t address);

/*
 * Reads the header of a frame of `n` bytes; the payload starts at SQ_ETHERNET_HEADER.
 * False, and nothing written, if the frame is too short to have one.
 */
/*@ requires readable: \valid_read(p + (0 .. n - 1));
    requires writable: \valid(frame);
    requires apart: \separated(frame, p + (0 .. n - 1));
    terminates \true;
    assigns *frame;
    ensures accepted: \result ==> EthernetWellFormed(n);
    ensures refused: !\result ==> !EthernetWellFormed(n) && *frame == \old(*frame);
    ensures destination: \result ==> frame->destination == Be48(p, 0);
    ensures source: \result ==> frame->source == Be48(p, 6);
    ensures type: \result ==> frame->type == Be16(p, 12);
*/
bool sq_ethernet_parse(const uint8_t *p, uint32_t n, struct sq_ethernet *frame);

/* Writes the header before a payload that starts at SQ_ETHERNET_HEADER. */
/*@ requires destination_fits: HardwareAddress(destination);
    requires source_fits: HardwareAddress(source);
    requires type_fits: type <= 65535;
    requires writable: \valid(p + (0 .. 13));
    terminates \true;
    assigns p[0 .. 13];
    ensures destination: Be48(p, 0) == destination;
    ensures source: Be48(p, 6) == source;
    ensures type: Be16(p, 12) == type;
*/
void sq_ethernet_emit(uint8_t *p, uint64_t destination, uint64_t source, uint32_t type);

#endif
