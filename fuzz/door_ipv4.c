/* SPDX-License-Identifier: MIT */
/* IPv4 and ICMP, each field read a second time; what is answered is read back. RFC 791, 792, 1122 */
#include "door_ipv4.h"
#include "fuzz.h"
#include "twin_header.h"

#include "harness/icmp.h"
#include "harness/ipv4.h"

#define SIZE 256u

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

void door_icmp(uint8_t *p, uint32_t n, bool seal)
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

void door_ipv4(uint8_t *p, uint32_t n, bool seal)
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
        door_icmp(p + header, ip.length, seal);
    }
}
