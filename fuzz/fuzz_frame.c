/* SPDX-License-Identifier: MIT */
/* A frame from the wire: Ethernet, then ARP, or IPv4 and ICMP, each read a second time here; and what we answer is read
   back. RFC 894, 826, 791, 792, 1122. The first byte chooses the layer to begin with and whether checksums are made right,
   which a fuzzer does not guess. */
#include "fuzz.h"
#include "twin_header.h"

#include "harness/arp.h"
#include "harness/ethernet.h"
#include "harness/icmp.h"
#include "harness/ipv4.h"

#define FRAME_MAX 2048u
#define OWN 0xC0000201u /* 192.0.2.1/24 */
#define SIZE 256u

static uint64_t be48(const uint8_t *p, uint32_t o)
{
    return ((uint64_t)be16(p, o) << 32) + be32(p, o + 2u);
}

FUZZ_ORACLE static uint32_t folded(const uint8_t *p, uint32_t n)
{
    uint32_t sum = 0u;

    for (uint32_t i = 0u; i < n; i++) {
        sum += i % 2u == 0u ? p[i] * 256u : p[i];
        sum = sum > 0xffffu ? sum - 0xffffu : sum;
    }
    return sum;
}

static bool group_or_self(uint32_t a) /* not Ipv4Host */
{
    uint32_t top = a >> 24;

    return top == 0u || top == 127u || top >= 224u;
}

static bool broadcast(uint32_t a)
{
    return a == 0xffffffffu || (a >> 8 == OWN >> 8 && ((a & 255u) == 0u || (a & 255u) == 255u));
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

/* IcmpQuoteWellFormed */
static void quote(const uint8_t *p, uint32_t n)
{
    struct sq_icmp_quote q;
    uint32_t at = n < 36u ? 0u : 8u + (p[8] & 15u) * 4u;
    bool good = n >= 36u && (p[0] == 3u || p[0] == 11u || p[0] == 12u) && p[8] >> 4 == 4u &&
                p[17] == 6u && (be16(p, 14u) & 0x1fffu) == 0u && at >= 28u && at + 8u <= n;

    FUZZ_CHECK("sq_icmp_quoted.accepted", sq_icmp_quoted(p, n, &q) == good);
    FUZZ_CHECK("sq_icmp_quoted.addresses",
               !good || (q.source == be32(p, 20u) && q.destination == be32(p, 24u)));
    FUZZ_CHECK("sq_icmp_quoted.ports",
               !good || (q.source_port == be16(p, at) && q.destination_port == be16(p, at + 2u) &&
                         q.sequence == be32(p, at + 4u)));
}

static void icmp(uint8_t *p, uint32_t n, bool seal)
{
    static uint8_t out[FRAME_MAX];
    struct sq_icmp m;
    uint32_t expected;

    if (seal && n >= 8u) {
        sq_ipv4_seal(p, n, 2u);
    }
    expected = n < 8u ? SQ_ICMP_SHORT : folded(p, n) != 0xffffu ? SQ_ICMP_CHECKSUM : SQ_ICMP_OK;
    FUZZ_CHECK("sq_icmp_parse.verdict", sq_icmp_parse(p, n, &m) == expected);
    quote(p, n);
    if (expected != SQ_ICMP_OK) {
        return;
    }
    FUZZ_CHECK("sq_icmp_parse.fields", m.type == p[0] && m.code == p[1] && m.rest == be32(p, 4u));
    if (m.type == SQ_ICMP_ECHO && m.code == 0u) {
        sq_icmp_echo_reply(out, p, n);
        FUZZ_CHECK("sq_icmp_echo_reply.type", out[0] == 0u && out[1] == 0u);
        FUZZ_CHECK("sq_icmp_echo_reply.correct", folded(out, n) == 0xffffu);
        FUZZ_CHECK("sq_icmp_echo_reply.data", memcmp(out + 4, p + 4, n - 4u) == 0);
    }
}

/* RFC 1122 3.2.2: nobody answers an error, a fragment, or what did not come from one host to one host. */
static void answer(const uint8_t *p, uint32_t n)
{
    static uint8_t out[8u + SQ_ICMP_QUOTE_MAX];
    uint32_t header = n < 20u ? 0u : (p[0] & 15u) * 4u,
             type = header >= 20u && header < n ? p[header] : 3u, made,
             quoted = n < SQ_ICMP_QUOTE_MAX ? n : SQ_ICMP_QUOTE_MAX;
    bool error = type == 3u || type == 4u || type == 5u || type == 11u || type == 12u;
    bool good = n >= 20u && header >= 20u && header <= n && (be16(p, 6u) & 0x1fffu) == 0u &&
                !group_or_self(be32(p, 12u)) && !broadcast(be32(p, 12u)) &&
                !group_or_self(be32(p, 16u)) && !broadcast(be32(p, 16u)) && !(p[9] == 1u && error);

    FUZZ_CHECK("sq_icmp_answerable.exact", sq_icmp_answerable(p, n, OWN, SIZE) == good);
    if (n < 20u) {
        return;
    }
    made = sq_icmp_unreachable(out, 3u, p, n);
    FUZZ_CHECK("sq_icmp_unreachable.length", made == 8u + quoted);
    FUZZ_CHECK("sq_icmp_unreachable.correct",
               folded(out, made) == 0xffffu && out[0] == 3u && out[1] == 3u);
    FUZZ_CHECK("sq_icmp_unreachable.quote", be32(out, 4u) == 0u && memcmp(out + 8, p, quoted) == 0);
}

/* RFC 791 3.1: a route at byte i or behind it. */
static bool routed(const uint8_t *p, uint32_t end, uint32_t i)
{
    if (i >= end || p[i] == 0u) {
        return false;
    }
    if (p[i] == 131u || p[i] == 137u) {
        return true;
    }
    if (p[i] == 1u) {
        return routed(p, end, i + 1u);
    }
    return i + 1u < end && p[i + 1u] >= 2u && i + p[i + 1u] <= end && routed(p, end, i + p[i + 1u]);
}

static void ipv4(uint8_t *p, uint32_t n, bool seal)
{
    struct sq_ipv4 ip;
    uint32_t header = n < 20u ? 0u : (p[0] & 15u) * 4u, total = n < 20u ? 0u : be16(p, 2u),
             expected;

    if (seal && header >= 20u && header <= n) {
        sq_ipv4_seal(p, header, 10u);
    }
    expected = n < 20u                         ? SQ_IPV4_SHORT
               : p[0] >> 4 != 4u               ? SQ_IPV4_VERSION
               : header < 20u || header > n    ? SQ_IPV4_HEADER_LENGTH
               : total < header || total > n   ? SQ_IPV4_TOTAL_LENGTH
               : folded(p, header) != 0xffffu  ? SQ_IPV4_CHECKSUM
               : (be16(p, 6u) & 0x3fffu) != 0u ? SQ_IPV4_FRAGMENT
                                               : SQ_IPV4_OK;
    FUZZ_CHECK("sq_ipv4_parse.verdict", sq_ipv4_parse(p, n, &ip) == expected);
    answer(p, n);
    if (expected != SQ_IPV4_OK) {
        return;
    }
    FUZZ_CHECK("sq_ipv4_parse.addresses",
               ip.source == be32(p, 12u) && ip.destination == be32(p, 16u));
    FUZZ_CHECK("sq_ipv4_parse.fields", ip.protocol == p[9] && ip.service == p[1] && ip.ttl == p[8]);
    FUZZ_CHECK("sq_ipv4_parse.inside", ip.header_length == header && ip.length == total - header);
    FUZZ_CHECK("sq_ipv4_routed.sound", sq_ipv4_routed(p, header) == routed(p, header, 20u));
    FUZZ_CHECK("sq_ipv4_host.exact", sq_ipv4_host(ip.source) == !group_or_self(ip.source));
    if (ip.protocol == SQ_IPV4_ICMP) {
        icmp(p + header, ip.length, seal);
    }
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
        ipv4(p + 14, n - 14u, seal);
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
        ipv4(p, n, seal);
        break;
    default:
        icmp(p, n, seal);
        break;
    }
    return 0;
}
