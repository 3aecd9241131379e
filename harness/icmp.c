/* SPDX-License-Identifier: MIT */
/* Control messages; see icmp.h. */
#include "icmp.h"

uint32_t sq_icmp_parse(const uint8_t *p, uint32_t n, struct sq_icmp *icmp)
{
    if (n < SQ_ICMP_HEADER) {
        return SQ_ICMP_SHORT;
    }
    if (!sq_checksum_correct(sq_checksum_add(0u, p, n))) {
        return SQ_ICMP_CHECKSUM;
    }
    icmp->type = p[0];
    icmp->code = p[1];
    icmp->rest = sq_load32(p, 4u);
    return SQ_ICMP_OK;
}

/* Where the ports of the quoted segment stand, zero if there are none to be read. */
/*@ requires readable: \valid_read(p + (0 .. n - 1));
    terminates \true;
    assigns \nothing;
    ensures sound: \result != 0 ==> IcmpQuoteWellFormed(p, n) && \result == IcmpQuoted(p);
    ensures whole: IcmpQuoteWellFormed(p, n) ==> \result != 0;
    ensures inside: \result != 0 ==> 28 <= \result <= n - 8 && \result <= 68;
*/
static uint32_t ports_at(const uint8_t *p, uint32_t n)
{
    uint32_t at;

    if (n < 36u) {
        return 0u;
    }
    if (p[0] != SQ_ICMP_UNREACHABLE && p[0] != SQ_ICMP_TIME_EXCEEDED &&
        p[0] != SQ_ICMP_PARAMETER_PROBLEM) {
        return 0u;
    }
    if (p[8] / 16u != 4u || p[17] != SQ_IPV4_TCP || sq_load16(p, 14u) % 8192u != 0u) {
        return 0u;
    }
    at = SQ_ICMP_HEADER + p[8] % 16u * 4u;
    return at < 28u || at > n - 8u ? 0u : at;
}

bool sq_icmp_quoted(const uint8_t *p, uint32_t n, struct sq_icmp_quote *quote)
{
    uint32_t at = ports_at(p, n);

    if (at == 0u) {
        return false;
    }
    quote->source = sq_load32(p, 20u);
    quote->destination = sq_load32(p, 24u);
    quote->source_port = sq_load16(p, at);
    quote->destination_port = sq_load16(p, at + 2u);
    quote->sequence = sq_load32(p, at + 4u);
    return true;
}

/*@ requires readable: \valid_read(from + (0 .. n - 1));
    requires writable: \valid(to + (0 .. n - 1));
    requires apart: \separated(to + (0 .. n - 1), from + (0 .. n - 1));
    terminates \true;
    assigns to[0 .. n - 1];
    ensures copied: \forall integer i; 0 <= i < n ==> to[i] == from[i];
*/
static void copy(uint8_t *restrict to, const uint8_t *restrict from, uint32_t n)
{
    uint32_t k = 0u;

    /*@ loop invariant turn: k <= n;
        loop invariant copied: \forall integer i; 0 <= i < k ==> to[i] == from[i];
        loop assigns k, to[0 .. n - 1];
        loop variant n - k;
    */
    while (k < n) {
        to[k] = from[k];
        k = k + 1u;
    }
}

void sq_icmp_echo_reply(uint8_t *restrict out, const uint8_t *restrict p, uint32_t n)
{
    copy(out, p, n);
    out[0] = (uint8_t)SQ_ICMP_ECHO_REPLY;
    out[1] = 0u;
    sq_ipv4_seal(out, n, 2u);
}

bool sq_icmp_answerable(const uint8_t *p, uint32_t n, uint32_t own, uint64_t size)
{
    uint32_t source;
    uint32_t destination;
    uint32_t header_length;
    uint32_t type;

    if (n < SQ_IPV4_HEADER || sq_load16(p, 6u) % 8192u != 0u) {
        return false;
    }
    header_length = p[0] % 16u * 4u;
    if (header_length < SQ_IPV4_HEADER || header_length > n) {
        return false;
    }
    source = sq_load32(p, 12u);
    destination = sq_load32(p, 16u);
    if (!sq_ipv4_host(source) || sq_ipv4_broadcast(source, own, size)) {
        return false;
    }
    if (!sq_ipv4_host(destination) || sq_ipv4_broadcast(destination, own, size)) {
        return false;
    }
    if (p[9] != SQ_IPV4_ICMP) {
        return true;
    }
    if (header_length == n) {
        return false;
    }
    type = p[header_length];
    return type != 3u && type != 4u && type != 5u && type != 11u && type != 12u;
}

uint32_t sq_icmp_unreachable(uint8_t *restrict out, uint32_t code, const uint8_t *restrict p,
                             uint32_t n)
{
    uint32_t quoted = n < SQ_ICMP_QUOTE_MAX ? n : SQ_ICMP_QUOTE_MAX;

    copy(out + SQ_ICMP_HEADER, p, quoted);
    sq_store32(out, 4u, 0u);
    out[0] = (uint8_t)SQ_ICMP_UNREACHABLE;
    out[1] = (uint8_t)code;
    sq_ipv4_seal(out, SQ_ICMP_HEADER + quoted, 2u);
    return SQ_ICMP_HEADER + quoted;
}
