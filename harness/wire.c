/* SPDX-License-Identifier: MIT */
/* What leaves a host: headers, the next hop's address, who waits for it. RFC 826, 894, 1122 2.3 and 3.2 */
#include "wire_parts.h"

#include <stdlib.h>
#include <string.h>

#include "arp.h"
#include "ipv4.h"

bool sq_wire_open(struct sq_wire *w, const struct sq_wire_options *set,
                  struct sq_counters *counters)
{
    size_t room = SQ_ETHERNET_HEADER + (size_t)set->mtu;

    memset(w, 0, sizeof *w);
    w->set = *set;
    w->set.ttl = set->ttl != 0u ? set->ttl : SQ_IPV4_TTL;
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
bool sq_wire_lose(struct sq_wire *w)
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
    bool lost = sq_wire_lose(w);

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

void sq_wire_transmit_whole(struct sq_wire *w, uint8_t *frame, uint32_t n)
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
    sq_wire_transmit_whole(w, frame, sizeof frame);
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

void sq_wire_resolved(struct sq_wire *w, uint32_t hop, uint64_t hardware)
{
    for (uint32_t i = 0u; i < SQ_WIRE_PENDING; i++) {
        struct sq_wire_pending *p = &w->pending[i];

        if (p->length != 0u && p->address == hop) {
            sq_ethernet_store(p->frame, 0u, hardware);
            sq_wire_transmit_whole(w, p->frame, p->length);
            p->length = 0u;
        }
    }
}

static uint32_t next_hop(const struct sq_wire *w, uint32_t to)
{
    uint32_t size = 1u << (32u - w->set.prefix);

    return to / size == w->set.address / size || w->set.gateway == 0u ? to : w->set.gateway;
}

/* All the time that a neighbour has to answer before it is forgotten: no doubt begins its requests anew. RFC 1122 2.3.2.1 */
#define DOUBT_INTERVAL ((uint64_t)SQ_NEIGHBOUR_INTERVAL * (SQ_NEIGHBOUR_TRIES + 1u))

void sq_wire_doubt(struct sq_wire *w, uint32_t to, uint64_t now)
{
    uint32_t hop = next_hop(w, to);
    uint64_t hardware = sq_neighbour_find(&w->neighbours, hop);

    if (hardware == 0u || now < SQ_NEIGHBOUR_FRESH ||
        (w->doubted != 0u && now - w->doubted < DOUBT_INTERVAL))
        return;
    w->doubted = now;
    w->counters->neighbour_doubted++;
    /* As if it had been heard of so long ago that it is no longer believed without asking. */
    (void)sq_neighbour_learn(&w->neighbours, hop, hardware, false, now - SQ_NEIGHBOUR_FRESH);
}

bool sq_wire_own(const struct sq_wire *w, uint32_t address)
{
    bool own = address == w->set.address;

    for (uint32_t i = 0u; i < SQ_WIRE_ALSO; i++)
        own = own || (address == w->set.also[i] && address != 0u);
    return own;
}

enum sq_fate sq_wire_send(struct sq_wire *w, struct sq_wire_head head, uint8_t *frame,
                          uint32_t header, const struct iovec text[2], uint64_t now)
{
    uint32_t length = header + (uint32_t)text[0].iov_len + (uint32_t)text[1].iov_len;
    uint32_t hop = next_hop(w, head.destination);
    struct sq_neighbour_answer a = sq_neighbour_resolve(&w->neighbours, hop, now);
    struct iovec part[3] = {{frame, SQ_WIRE_HEADROOM + header}, text[0], text[1]};
    int parts = text[1].iov_len > 0u ? 3 : text[0].iov_len > 0u ? 2 : 1;

    w->now = now;
    w->identification = (w->identification + 1u) % 65536u;
    sq_ipv4_emit(frame + SQ_ETHERNET_HEADER, head.source, head.destination, head.protocol,
                 head.service, head.ttl, w->identification, length);
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
