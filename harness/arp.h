/* SPDX-License-Identifier: MIT */
/*
 * Address resolution between Ethernet and IPv4 (RFC 826): 28 bytes after the Ethernet header.
 * Only that pair of address spaces and the two operations request and reply are accepted; all else
 * is refused as a whole. Whether an address in the message may be believed is for neighbour.h.
 */
#ifndef SQ_ARP_H
#define SQ_ARP_H

#include "ethernet.h"

#define SQ_ARP_LENGTH 28u /* bytes of a message */
#define SQ_ARP_REQUEST 1u /* operation: who has target_address? */
#define SQ_ARP_REPLY 2u   /* operation: sender_address is at sender_hardware */

struct sq_arp {
    uint64_t sender_hardware; /* below 2^48 */
    uint64_t target_hardware; /* below 2^48; without meaning in a request */
    uint32_t sender_address;  /* IPv4; zero in a probe (RFC 5227) */
    uint32_t target_address;  /* IPv4 */
    uint32_t operation;       /* SQ_ARP_REQUEST or SQ_ARP_REPLY */
};

/* Reads a message of `n` bytes, link padding included. False, and nothing written, if malformed. */
/*@ requires readable: \valid_read(p + (0 .. n - 1));
    requires writable: \valid(arp);
    requires apart: \separated(arp, p + (0 .. n - 1));
    terminates \true;
    assigns *arp;
    ensures accepted: \result ==> ArpWellFormed(p, n);
    ensures refused: !\result ==> !ArpWellFormed(p, n) && *arp == \old(*arp);
    ensures operation: \result ==> arp->operation == Be16(p, 6);
    ensures sender_hardware: \result ==> arp->sender_hardware == Be48(p, 8);
    ensures sender_address: \result ==> arp->sender_address == Be32(p, 14);
    ensures target_hardware: \result ==> arp->target_hardware == Be48(p, 18);
    ensures target_address: \result ==> arp->target_address == Be32(p, 24);
    ensures hardware_in_range: \result ==>
        HardwareAddress(arp->sender_hardware) && HardwareAddress(arp->target_hardware);
*/
bool sq_arp_parse(const uint8_t *p, uint32_t n, struct sq_arp *arp);

/* Asks who has `wanted`, for the station `hardware` with the address `address`. */
/*@ requires fits: HardwareAddress(hardware);
    requires writable: \valid(p + (0 .. 27));
    terminates \true;
    assigns p[0 .. 27];
    ensures well_formed: ArpWellFormed(p, 28);
    ensures operation: Be16(p, 6) == 1;
    ensures sender_hardware: Be48(p, 8) == hardware;
    ensures sender_address: Be32(p, 14) == address;
    ensures target_hardware: Be48(p, 18) == 0;
    ensures target_address: Be32(p, 24) == wanted;
*/
void sq_arp_request(uint8_t *p, uint64_t hardware, uint32_t address, uint32_t wanted);

/* Answers the station `to_hardware` with the address `to_address`: `address` is at `hardware`. */
/*@ requires fits: HardwareAddress(hardware);
    requires to_fits: HardwareAddress(to_hardware);
    requires writable: \valid(p + (0 .. 27));
    terminates \true;
    assigns p[0 .. 27];
    ensures well_formed: ArpWellFormed(p, 28);
    ensures operation: Be16(p, 6) == 2;
    ensures sender_hardware: Be48(p, 8) == hardware;
    ensures sender_address: Be32(p, 14) == address;
    ensures target_hardware: Be48(p, 18) == to_hardware;
    ensures target_address: Be32(p, 24) == to_address;
*/
void sq_arp_reply(uint8_t *p, uint64_t hardware, uint32_t address, uint64_t to_hardware,
                  uint32_t to_address);

#endif
