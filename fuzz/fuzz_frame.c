/* SPDX-License-Identifier: MIT */
/* A frame from the wire: Ethernet, then ARP, or IPv4 and ICMP, each read a second time here; and what we answer is read
   back. RFC 894, 826, 791, 792, 1122. The first byte chooses the layer to begin with and whether checksums are made right,
   which a fuzzer does not guess. */
#include "door_ipv4.h"
#include "fuzz.h"
#include "twin_header.h"

#include "harness/arp.h"
#include "harness/ethernet.h"

static uint64_t be48(const uint8_t *p, uint32_t o)
{
    return ((uint64_t)be16(p, o) << 32) + be32(p, o + 2u);
}

static void arp(const uint8_t *p, uint32_t n)
{
    static const uint8_t spaces[6] = {0, 1, 8, 0, 6, 4};
    uint8_t out[28 + 8];
    struct sq_arp a, b;
    bool good = n >= 28u && memcmp(p, spaces, 6u) == 0 && p[6] == 0u && (p[7] == 1u || p[7] == 2u);

    FUZZ_CHECK("sq_arp_parse.accepted", sq_arp_parse(p, n, &a) == good);
    if (!good) {
        return;
    }
    FUZZ_CHECK("sq_arp_parse.operation", a.operation == p[7]);
    FUZZ_CHECK("sq_arp_parse.sender",
               a.sender_hardware == be48(p, 8u) && a.sender_address == be32(p, 14u));
    FUZZ_CHECK("sq_arp_parse.target",
               a.target_hardware == be48(p, 18u) && a.target_address == be32(p, 24u));
    sq_arp_reply(out + 8, 0x020000000001u, OWN, a.sender_hardware, a.sender_address);
    FUZZ_CHECK("sq_arp_reply.well_formed",
               sq_arp_parse(out + 8, 28u, &b) && b.operation == SQ_ARP_REPLY);
    FUZZ_CHECK("sq_arp_reply.target",
               b.target_hardware == a.sender_hardware && b.target_address == a.sender_address);
    FUZZ_CHECK("sq_arp_reply.sender",
               b.sender_hardware == 0x020000000001u && b.sender_address == OWN);
    sq_arp_request(out + 8, a.sender_hardware, a.sender_address, a.target_address);
    FUZZ_CHECK("sq_arp_request.well_formed",
               sq_arp_parse(out + 8, 28u, &b) && b.operation == SQ_ARP_REQUEST);
    FUZZ_CHECK("sq_arp_request.target",
               b.target_hardware == 0u && b.target_address == a.target_address);
}

static void ethernet(uint8_t *p, uint32_t n, bool seal)
{
    struct sq_ethernet e;
    uint8_t out[14];

    FUZZ_CHECK("sq_ethernet_parse.accepted", sq_ethernet_parse(p, n, &e) == (n >= 14u));
    if (n < 14u) {
        return;
    }
    FUZZ_CHECK("sq_ethernet_parse.fields",
               e.destination == be48(p, 0u) && e.source == be48(p, 6u) && e.type == be16(p, 12u));
    FUZZ_CHECK("sq_ethernet_unicast.exact",
               sq_ethernet_unicast(e.source) == ((p[6] & 1u) == 0u && be48(p, 6u) != 0u));
    sq_ethernet_emit(out, e.destination, e.source, e.type);
    FUZZ_CHECK("sq_ethernet_emit.exact", memcmp(out, p, 14u) == 0);
    if (e.type == SQ_ETHERNET_ARP) {
        arp(p + 14, n - 14u);
    } else if (e.type == SQ_ETHERNET_IPV4) {
        door_ipv4(p + 14, n - 14u, seal);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[FRAME_MAX];
    struct fuzz_in in = {data, size};
    uint32_t first = fuzz_u8(&in), n = in.n > FRAME_MAX ? FRAME_MAX : (uint32_t)in.n;
    uint8_t *p = room + sizeof room - n; /* one byte more would leave the array */
    bool seal = (first & 4u) == 0u;

    memcpy(p, in.p, n);
    switch (first % 4u) {
    case 0u:
        ethernet(p, n, seal);
        break;
    case 1u:
        arp(p, n);
        break;
    case 2u:
        door_ipv4(p, n, seal);
        break;
    default:
        door_icmp(p, n, seal);
        break;
    }
    return 0;
}
