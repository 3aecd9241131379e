/* SPDX-License-Identifier: MIT */
/* Ethernet, ARP, IPv4 and ICMP of one host, from the proven parsers. RFC 826, 894, 1122 2.3 and 3.2, 1812 4.3.2.3 */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

#include "arp.h"
#include "icmp.h"
#include "ipv4.h"

#define UDP 17u

bool sq_wire_open(struct sq_wire *w, const struct sq_wire_options *set,
                  struct sq_counters *counters)
{
    size_t room = SQ_ETHERNET_HEADER + (size_t)set->mtu;

    memset(w, 0, sizeof *w);
    w->set = *set;
    w->counters = counters;
    w->random = set->seed;
    sq_neighbour_clear(&w->neighbours);
    w->reply = malloc(SQ_ETHERNET_HEADER + SQ_IPV4_LENGTH_MAX);
    for (uint32_t i = 0u; i < SQ_WIRE_PENDING; i++) {
        w->pending[i].frame = malloc(room);
        if (w->pending[i].frame == NULL)
            return false;
    }
    return w->reply != NULL;
}

void sq_wire_close(struct sq_wire *w)
{
    for (uint32_t i = 0u; i < SQ_WIRE_PENDING; i++)
        free(w->pending[i].frame);
    free(w->reply);
    memset(w, 0, sizeof *w);
}

/* Whether this frame is one of those to lose: splitmix64, so that a seed always loses the same ones. */
static bool lose(struct sq_wire *w)
{
    uint64_t x;

    if (w->set.drop <= 0.0)
        return false;
    w->random += 0x9e3779b97f4a7c15u;
    x = w->random;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    x ^= x >> 31;
    return (double)(x >> 11) < w->set.drop * 9007199254740992.0;
}

static enum sq_fate transmit(struct sq_wire *w, const struct iovec *part, int parts)
{
    bool lost = lose(w);

    sq_journal_leaves(w->set.journal, part, parts, lost, w->now);
    if (lost) {
        w->counters->frames_dropped_by_option_out++;
        return SQ_FATE_LOST;
    }
    if (!w->set.transmit(w->set.device, part, parts)) {
        w->counters->frames_unsent++;
        return SQ_FATE_UNSENT;
    }
    w->counters->frames_out++;
    return SQ_FATE_SENT;
}

static void transmit_whole(struct sq_wire *w, uint8_t *frame, uint32_t n)
{
    struct iovec part = {frame, n};

    (void)transmit(w, &part, 1);
}

static void ask(struct sq_wire *w, uint64_t hardware, uint32_t address)
{
    uint8_t frame[SQ_ETHERNET_HEADER + SQ_ARP_LENGTH];

    sq_ethernet_emit(frame, hardware, w->set.hardware, SQ_ETHERNET_ARP);
    sq_arp_request(frame + SQ_ETHERNET_HEADER, w->set.hardware, w->set.address, address);
    w->counters->arp_requests_out++;
    transmit_whole(w, frame, sizeof frame);
}

/* Keeps the latest packet for this neighbour; the oldest neighbour's gives way. RFC 1122 2.3.2.2 */
static void keep(struct sq_wire *w, uint32_t hop, const struct iovec *part, int parts)
{
    struct sq_wire_pending *p = NULL;
    uint32_t n = 0u;

    for (uint32_t i = 0u; i < SQ_WIRE_PENDING && p == NULL; i++) {
        if (w->pending[i].length != 0u && w->pending[i].address == hop)
            p = &w->pending[i];
    }
    for (uint32_t i = 0u; i < SQ_WIRE_PENDING && p == NULL; i++) {
        if (w->pending[i].length == 0u)
            p = &w->pending[i];
    }
    if (p == NULL) {
        p = &w->pending[w->next_pending];
        w->next_pending = (w->next_pending + 1u) % SQ_WIRE_PENDING;
    }
    if (p->length != 0u)
        w->counters->neighbour_unresolved++;
    for (int i = 0; i < parts; i++) {
        if (part[i].iov_len > 0u)
            memcpy(p->frame + n, part[i].iov_base, part[i].iov_len);
        n += (uint32_t)part[i].iov_len;
    }
    p->address = hop;
    p->length = n;
}

static void resolved(struct sq_wire *w, uint32_t hop, uint64_t hardware)
{
    for (uint32_t i = 0u; i < SQ_WIRE_PENDING; i++) {
        struct sq_wire_pending *p = &w->pending[i];

        if (p->length != 0u && p->address == hop) {
            sq_ethernet_store(p->frame, 0u, hardware);
            transmit_whole(w, p->frame, p->length);
            p->length = 0u;
        }
    }
}

static uint32_t next_hop(const struct sq_wire *w, uint32_t to)
{
    uint32_t size = 1u << (32u - w->set.prefix);

    return to / size == w->set.address / size || w->set.gateway == 0u ? to : w->set.gateway;
}

enum sq_fate sq_wire_send(struct sq_wire *w, uint32_t to, uint32_t protocol, uint8_t *frame,
                          uint32_t header, const struct iovec text[2], uint64_t now)
{
    uint32_t length = header + (uint32_t)text[0].iov_len + (uint32_t)text[1].iov_len;
    uint32_t hop = next_hop(w, to);
    struct sq_neighbour_answer a = sq_neighbour_resolve(&w->neighbours, hop, now);
    struct iovec part[3] = {{frame, SQ_WIRE_HEADROOM + header}, text[0], text[1]};
    int parts = text[1].iov_len > 0u ? 3 : text[0].iov_len > 0u ? 2 : 1;

    w->now = now;
    w->identification = (w->identification + 1u) % 65536u;
    sq_ipv4_emit(frame + SQ_ETHERNET_HEADER, w->set.address, to, protocol, 0u, w->identification,
                 length);
    sq_ethernet_emit(frame, a.hardware, w->set.hardware, SQ_ETHERNET_IPV4);
    switch (a.verdict) {
    case SQ_NEIGHBOUR_REFRESH:
        ask(w, a.hardware, hop);
        return transmit(w, part, parts);
    case SQ_NEIGHBOUR_KNOWN:
        return transmit(w, part, parts);
    case SQ_NEIGHBOUR_ASK:
        ask(w, SQ_ETHERNET_BROADCAST, hop);
        keep(w, hop, part, parts);
        return SQ_FATE_KEPT;
    case SQ_NEIGHBOUR_WAIT:
        keep(w, hop, part, parts);
        return SQ_FATE_KEPT;
    default: /* failed */
        w->counters->neighbour_unresolved++;
        return SQ_FATE_UNSENT;
    }
}

/* We go on: who was here first cannot be told. RFC 5227 2.4 */
static void claimed(uint32_t a, uint64_t hardware)
{
    fprintf(stderr, "sequent: %u.%u.%u.%u is in use: ", a >> 24, a >> 16 & 255u, a >> 8 & 255u,
            a & 255u);
    for (uint32_t i = 6u; i-- > 0u;)
        fprintf(stderr, "%02x%s", (unsigned)(hardware >> 8u * i & 255u), i > 0u ? ":" : "");
    fputs(" claims it too. Choose another (--address)\n", stderr);
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
    if (arp.sender_address == w->set.address) {
        if (w->counters->arp_claims_our_address++ == 0u)
            claimed(w->set.address, arp.sender_hardware);
        return;
    }
    to_us = arp.target_address == w->set.address;
    if (sq_neighbour_learn(&w->neighbours, arp.sender_address, arp.sender_hardware, to_us, now))
        resolved(w, arp.sender_address, arp.sender_hardware);
    if (to_us && arp.operation == SQ_ARP_REQUEST && sq_ethernet_unicast(arp.sender_hardware)) {
        uint8_t frame[SQ_ETHERNET_HEADER + SQ_ARP_LENGTH];

        sq_ethernet_emit(frame, arp.sender_hardware, w->set.hardware, SQ_ETHERNET_ARP);
        sq_arp_reply(frame + SQ_ETHERNET_HEADER, w->set.hardware, w->set.address,
                     arp.sender_hardware, arp.sender_address);
        w->counters->arp_replies_out++;
        transmit_whole(w, frame, sizeof frame);
    }
}

static void reply(struct sq_wire *w, uint32_t to, uint32_t length, uint64_t now)
{
    static const struct iovec nothing[2];

    (void)sq_wire_send(w, to, SQ_IPV4_ICMP, w->reply, length, nothing, now);
}

static void icmp_in(struct sq_wire *w, const struct sq_ipv4 *ip, const uint8_t *p, uint64_t now)
{
    struct sq_icmp icmp;
    struct sq_icmp_quote quote;

    w->counters->icmp_in++;
    if (sq_icmp_parse(p, ip->length, &icmp) != SQ_ICMP_OK) {
        w->counters->icmp_malformed++;
    } else if (icmp.type == SQ_ICMP_ECHO) {
        w->counters->icmp_echo_in++;
        sq_icmp_echo_reply(w->reply + SQ_WIRE_HEADROOM, p, ip->length);
        reply(w, ip->source, ip->length, now);
    } else if (sq_icmp_quoted(p, ip->length, &quote)) {
        w->counters->icmp_errors_in++;
    } else {
        w->counters->icmp_other_in++;
    }
}

/* Nobody listens: tell the sender where that is allowed. RFC 1122 3.2.2, 4.1.3.1 */
static void unreachable(struct sq_wire *w, uint32_t code, const uint8_t *p,
                        const struct sq_ipv4 *ip, uint64_t now)
{
    uint32_t n = ip->header_length + ip->length;

    if (sq_icmp_answerable(p, n, w->set.address, UINT64_C(1) << (32u - w->set.prefix))) {
        w->counters->icmp_unreachable_out++;
        reply(w, ip->source, sq_icmp_unreachable(w->reply + SQ_WIRE_HEADROOM, code, p, n), now);
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

static bool ipv4_in(struct sq_wire *w, const uint8_t *p, uint32_t n, bool group, uint64_t now,
                    struct sq_wire_segment *segment)
{
    struct sq_ipv4 ip;
    uint32_t verdict = sq_ipv4_parse(p, n, &ip);

    w->counters->ip_in++;
    if (verdict != SQ_IPV4_OK) {
        count_refused(w->counters, verdict);
        return false;
    }
    /* A datagram for one host in a frame for many is dropped too. RFC 1122 3.3.6 */
    if (ip.destination != w->set.address || group) {
        w->counters->ip_not_ours++;
        return false;
    }
    if (!sq_ipv4_host(ip.source) || ip.source == w->set.address ||
        sq_ipv4_broadcast(ip.source, w->set.address, UINT64_C(1) << (32u - w->set.prefix))) {
        w->counters->ip_bad_source++;
        return false;
    }
    switch (ip.protocol) {
    case SQ_IPV4_TCP:
        segment->source = ip.source;
        segment->destination = ip.destination;
        segment->bytes = p + ip.header_length;
        segment->length = ip.length;
        return true;
    case SQ_IPV4_ICMP:
        icmp_in(w, &ip, p + ip.header_length, now);
        return false;
    case UDP:
        w->counters->udp_in++;
        unreachable(w, SQ_ICMP_PORT_UNREACHABLE, p, &ip, now);
        return false;
    default:
        w->counters->ip_other_protocol++;
        unreachable(w, SQ_ICMP_PROTOCOL_UNREACHABLE, p, &ip, now);
        return false;
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
        ip.protocol != SQ_IPV4_TCP || ip.destination != w->set.address)
        return;
    *segment = (struct sq_wire_segment){ip.source, ip.destination,
                                        frame + SQ_ETHERNET_HEADER + ip.header_length, ip.length};
}

enum sq_fate sq_wire_frame(struct sq_wire *w, const uint8_t *frame, uint32_t n, uint64_t now,
                           struct sq_wire_segment *segment)
{
    struct sq_ethernet e;
    bool group;

    w->now = now;
    w->counters->frames_in++;
    if (lose(w)) {
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
        return ipv4_in(w, frame + SQ_ETHERNET_HEADER, n - SQ_ETHERNET_HEADER, group, now, segment)
                   ? SQ_FATE_SEGMENT
                   : SQ_FATE_DONE;
    default:
        w->counters->frame_other_protocol++;
        return SQ_FATE_DONE;
    }
}
