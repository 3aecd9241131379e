/* SPDX-License-Identifier: MIT */
/* What arrives at a host: ARP, IPv4, ICMP and what is answered at once, by the proven parsers. RFC 826, 1122 3.2, 1812
   4.3.2.3 */
#include "arp.h"
#include "icmp.h"
#include "ipv4.h"
#include "wire_parts.h"

#define UDP 17u

/* We go on: who was here first cannot be told. RFC 5227 2.4 */
static void claimed(uint32_t a, uint64_t hardware)
{
    fprintf(stderr, "sequent: %u.%u.%u.%u is in use: ", a >> 24, a >> 16 & 255u, a >> 8 & 255u,
            a & 255u);
    for (uint32_t i = 6u; i-- > 0u;)
        fprintf(stderr, "%02x%s", (unsigned)(hardware >> 8u * i & 255u), i > 0u ? ":" : "");
    fputs(" claims it too. Choose another (--address, --also)\n", stderr);
}

/* RFC 826's algorithm; RFC 5227 for those who claim our address. */
static void arp_in(struct sq_wire *w, const uint8_t *p, uint32_t n, uint64_t now)
{
    struct sq_arp arp;
    bool to_us;

    w->counters->arp_in++;
    if (!sq_arp_parse(p, n, &arp)) {
        w->counters->arp_malformed++;
        return;
    }
    if (sq_wire_own(w, arp.sender_address)) {
        if (w->counters->arp_claims_our_address++ == 0u)
            claimed(arp.sender_address, arp.sender_hardware);
        return;
    }
    to_us = sq_wire_own(w, arp.target_address);
    if (sq_neighbour_learn(&w->neighbours, arp.sender_address, arp.sender_hardware, to_us, now))
        sq_wire_resolved(w, arp.sender_address, arp.sender_hardware);
    if (to_us && arp.operation == SQ_ARP_REQUEST && sq_ethernet_unicast(arp.sender_hardware)) {
        uint8_t frame[SQ_ETHERNET_HEADER + SQ_ARP_LENGTH];

        sq_ethernet_emit(frame, arp.sender_hardware, w->set.hardware, SQ_ETHERNET_ARP);
        sq_arp_reply(frame + SQ_ETHERNET_HEADER, w->set.hardware, arp.target_address,
                     arp.sender_hardware, arp.sender_address);
        w->counters->arp_replies_out++;
        sq_wire_transmit_whole(w, frame, sizeof frame);
    }
}

/* An answer of `length` bytes goes back to where the datagram came from. */
static void reply(struct sq_wire *w, const struct sq_ipv4 *ip, uint32_t length, uint64_t now)
{
    static const struct iovec nothing[2];
    struct sq_wire_head head = {ip->destination, ip->source, SQ_IPV4_ICMP, 0u, w->set.ttl};

    (void)sq_wire_send(w, head, w->reply, length, nothing, now);
}

/* True: a report about a segment that went out in our name. */
static bool icmp_in(struct sq_wire *w, const struct sq_ipv4 *ip, const uint8_t *p, uint64_t now,
                    struct sq_wire_report *report)
{
    struct sq_icmp icmp;

    w->counters->icmp_in++;
    if (sq_icmp_parse(p, ip->length, &icmp) != SQ_ICMP_OK) {
        w->counters->icmp_malformed++;
    } else if (icmp.type == SQ_ICMP_ECHO) {
        w->counters->icmp_echo_in++;
        sq_icmp_echo_reply(w->reply + SQ_WIRE_HEADROOM, p, ip->length);
        reply(w, ip, ip->length, now);
    } else if (sq_icmp_quoted(p, ip->length, &report->quote)) {
        w->counters->icmp_errors_in++;
        report->error = icmp.type * 256u + icmp.code;
        report->mtu = icmp.rest % 65536u;
        report->total = sq_load16(p, SQ_ICMP_HEADER + 2u);
        return sq_wire_own(w, report->quote.source);
    } else {
        w->counters->icmp_other_in++;
    }
    return false;
}

/* Nobody listens: tell the sender where that is allowed. RFC 1122 3.2.2, 4.1.3.1 */
static void unreachable(struct sq_wire *w, uint32_t code, const uint8_t *p,
                        const struct sq_ipv4 *ip, uint64_t now)
{
    uint32_t n = ip->header_length + ip->length;

    if (sq_icmp_answerable(p, n, w->set.address, UINT64_C(1) << (32u - w->set.prefix))) {
        w->counters->icmp_unreachable_out++;
        reply(w, ip, sq_icmp_unreachable(w->reply + SQ_WIRE_HEADROOM, code, p, n), now);
    }
}

static void count_refused(struct sq_counters *c, uint32_t verdict)
{
    switch ((enum sq_ipv4_verdict)verdict) {
    case SQ_IPV4_OK:
        break;
    case SQ_IPV4_SHORT:
        c->ip_short++;
        break;
    case SQ_IPV4_VERSION:
        c->ip_version++;
        break;
    case SQ_IPV4_HEADER_LENGTH:
        c->ip_header_length++;
        break;
    case SQ_IPV4_TOTAL_LENGTH:
        c->ip_total_length++;
        break;
    case SQ_IPV4_CHECKSUM:
        c->ip_checksum++;
        break;
    case SQ_IPV4_FRAGMENT:
        c->ip_fragment++;
        break;
    }
}

static enum sq_fate ipv4_in(struct sq_wire *w, const uint8_t *p, uint32_t n, bool group,
                            uint64_t now, struct sq_wire_segment *segment)
{
    struct sq_ipv4 ip;
    uint32_t verdict = sq_ipv4_parse(p, n, &ip);

    w->counters->ip_in++;
    if (verdict != SQ_IPV4_OK) {
        count_refused(w->counters, verdict);
        return SQ_FATE_DONE;
    }
    /* A datagram for one host in a frame for many is dropped too. RFC 1122 3.3.6 */
    if (!sq_wire_own(w, ip.destination) || group) {
        w->counters->ip_not_ours++;
        return SQ_FATE_DONE;
    }
    if (sq_ipv4_routed(p, ip.header_length)) {
        w->counters->ip_source_route++;
        return SQ_FATE_DONE;
    }
    if (!sq_ipv4_host(ip.source) || sq_wire_own(w, ip.source) ||
        sq_ipv4_broadcast(ip.source, w->set.address, UINT64_C(1) << (32u - w->set.prefix))) {
        w->counters->ip_bad_source++;
        return SQ_FATE_DONE;
    }
    switch (ip.protocol) {
    case SQ_IPV4_TCP:
        segment->source = ip.source;
        segment->destination = ip.destination;
        segment->bytes = p + ip.header_length;
        segment->length = ip.length;
        return SQ_FATE_SEGMENT;
    case SQ_IPV4_ICMP:
        return icmp_in(w, &ip, p + ip.header_length, now, &segment->report) ? SQ_FATE_REPORT
                                                                            : SQ_FATE_DONE;
    case UDP:
        w->counters->udp_in++;
        unreachable(w, SQ_ICMP_PORT_UNREACHABLE, p, &ip, now);
        return SQ_FATE_DONE;
    default:
        w->counters->ip_other_protocol++;
        unreachable(w, SQ_ICMP_PROTOCOL_UNREACHABLE, p, &ip, now);
        return SQ_FATE_DONE;
    }
}

/* What was lost, for the trace: the segment in this frame if it holds one for us. */
static void peek(const struct sq_wire *w, const uint8_t *frame, uint32_t n,
                 struct sq_wire_segment *segment)
{
    struct sq_ethernet e;
    struct sq_ipv4 ip;

    segment->length = 0u;
    if (!sq_ethernet_parse(frame, n, &e) || e.type != SQ_ETHERNET_IPV4 ||
        sq_ipv4_parse(frame + SQ_ETHERNET_HEADER, n - SQ_ETHERNET_HEADER, &ip) != SQ_IPV4_OK ||
        ip.protocol != SQ_IPV4_TCP || !sq_wire_own(w, ip.destination))
        return;
    segment->source = ip.source;
    segment->destination = ip.destination;
    segment->bytes = frame + SQ_ETHERNET_HEADER + ip.header_length;
    segment->length = ip.length;
}

enum sq_fate sq_wire_frame(struct sq_wire *w, const uint8_t *frame, uint32_t n, uint64_t now,
                           struct sq_wire_segment *segment)
{
    struct sq_ethernet e;
    bool group;

    w->now = now;
    w->counters->frames_in++;
    if (sq_wire_lose(w)) {
        w->counters->frames_dropped_by_option_in++;
        peek(w, frame, n, segment);
        return SQ_FATE_LOST;
    }
    if (!sq_ethernet_parse(frame, n, &e)) {
        w->counters->frame_short++;
        return SQ_FATE_DONE;
    }
    group = e.destination != w->set.hardware;
    if (group && e.destination != SQ_ETHERNET_BROADCAST) {
        w->counters->frame_not_ours++;
        return SQ_FATE_DONE;
    }
    switch (e.type) {
    case SQ_ETHERNET_ARP:
        arp_in(w, frame + SQ_ETHERNET_HEADER, n - SQ_ETHERNET_HEADER, now);
        return SQ_FATE_DONE;
    case SQ_ETHERNET_IPV4:
        return ipv4_in(w, frame + SQ_ETHERNET_HEADER, n - SQ_ETHERNET_HEADER, group, now, segment);
    default:
        w->counters->frame_other_protocol++;
        return SQ_FATE_DONE;
    }
}
