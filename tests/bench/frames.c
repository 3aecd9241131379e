/* SPDX-License-Identifier: MIT */
#include "frames.h"

#include <string.h>

#include "core/checksum.h"
#include "harness/arp.h"
#include "harness/ethernet.h"
#include "harness/ipv4.h"
#include "paths.h"

#define TCP 6u
#define STACK UINT64_C(0x020000000002)
#define PEER UINT64_C(0x020000000001)

enum { IP_AT = 14, TCP_AT = 34 };

uint32_t bench_segment(uint8_t *frame, struct sq_header *h, const uint8_t *text, uint32_t len)
{
    uint8_t *p = frame + TCP_AT;
    uint32_t size;
    uint64_t sum;

    h->checksum = 0u;
    size = sq_header_emit(p, h);
    memcpy(p + size, text, len);
    sum = sq_checksum_pseudo4(BENCH_PEER, BENCH_STACK, size + len);
    sum = sq_checksum_add(sum, p, size + len);
    sq_store16(p, 16u, sq_checksum_finish(sum));
    sq_ipv4_emit(frame + IP_AT, BENCH_PEER, BENCH_STACK, TCP, 0u, 64u, 1u, size + len);
    sq_ethernet_emit(frame, STACK, PEER, SQ_ETHERNET_IPV4);
    return TCP_AT + size + len;
}

uint32_t bench_arp(uint8_t *frame)
{
    sq_ethernet_emit(frame, SQ_ETHERNET_BROADCAST, PEER, SQ_ETHERNET_ARP);
    sq_arp_request(frame + IP_AT, PEER, BENCH_PEER, BENCH_STACK);
    return IP_AT + SQ_ARP_LENGTH;
}
