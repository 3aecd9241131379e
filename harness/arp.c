/* SPDX-License-Identifier: MIT */
/* Address resolution; see arp.h. */
#include "arp.h"

/* RFC 826: the message is understood only if it speaks of Ethernet and IPv4 addresses. */
/*@ requires readable: \valid_read(p + (0 .. n - 1));
    terminates \true;
    assigns \nothing;
    ensures sound: \result ==> ArpWellFormed(p, n);
    ensures whole: ArpWellFormed(p, n) ==> \result;
*/
static bool well_formed(const uint8_t *p, uint32_t n)
{
    uint32_t operation;

    if (n < SQ_ARP_LENGTH) {
        return false;
    }
    if (sq_load16(p, 0u) != 1u || sq_load16(p, 2u) != SQ_ETHERNET_IPV4) {
        return false;
    }
    if (p[4] != 6u || p[5] != 4u) {
        return false;
    }
    operation = sq_load16(p, 6u);
    return operation == SQ_ARP_REQUEST || operation == SQ_ARP_REPLY;
}

bool sq_arp_parse(const uint8_t *p, uint32_t n, struct sq_arp *arp)
{
    if (!well_formed(p, n)) {
        return false;
    }
    arp->operation = sq_load16(p, 6u);
    arp->sender_hardware = sq_ethernet_load(p, 8u);
    arp->sender_address = sq_load32(p, 14u);
    arp->target_hardware = sq_ethernet_load(p, 18u);
    arp->target_address = sq_load32(p, 24u);
    return true;
}

/* The first eight bytes: both address spaces, their lengths, the operation. */
/*@ requires fits: 1 <= operation <= 2;
    requires writable: \valid(p + (0 .. 7));
    terminates \true;
    assigns p[0 .. 7];
    ensures spaces: ArpSpaces(p);
    ensures operation: Be16(p, 6) == operation;
*/
static void emit_head(uint8_t *p, uint32_t operation)
{
    sq_store16(p, 0u, 1u);
    sq_store16(p, 2u, SQ_ETHERNET_IPV4);
    p[4] = 6u;
    p[5] = 4u;
    sq_store16(p, 6u, operation);
}

/* One station of the two that a message names, at offset `o`. */
/*@ requires offset: o == 8 || o == 18;
    requires fits: HardwareAddress(hardware);
    requires writable: \valid(p + (o .. o + 9));
    terminates \true;
    assigns p[o .. o + 9];
    ensures hardware: Be48(p, o) == hardware;
    ensures address: Be32(p, o + 6) == address;
*/
static void emit_station(uint8_t *p, uint32_t o, uint64_t hardware, uint32_t address)
{
    sq_ethernet_store(p, o, hardware);
    sq_store32(p, o + 6u, address);
}

void sq_arp_request(uint8_t *p, uint64_t hardware, uint32_t address, uint32_t wanted)
{
    emit_station(p, 8u, hardware, address);
    emit_station(p, 18u, 0u, wanted);
    emit_head(p, SQ_ARP_REQUEST);
}

void sq_arp_reply(uint8_t *p, uint64_t hardware, uint32_t address, uint64_t to_hardware,
                  uint32_t to_address)
{
    emit_station(p, 8u, hardware, address);
    emit_station(p, 18u, to_hardware, to_address);
    emit_head(p, SQ_ARP_REPLY);
}
