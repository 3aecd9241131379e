/* SPDX-License-Identifier: MIT */
/* Ethernet II frames; see ethernet.h. */
#include "ethernet.h"

uint64_t sq_ethernet_load(const uint8_t *p, uint32_t o)
{
    return sq_load16(p, o) * 4294967296u + sq_load32(p, o + 2u);
}

void sq_ethernet_store(uint8_t *p, uint32_t o, uint64_t address)
{
    sq_store16(p, o, (uint32_t)(address / 4294967296u));
    sq_store32(p, o + 2u, (uint32_t)(address % 4294967296u));
}

bool sq_ethernet_unicast(uint64_t address)
{
    return 0u < address && address <= 0xFFFFFFFFFFFFu && address / 1099511627776u % 2u == 0u;
}

bool sq_ethernet_parse(const uint8_t *p, uint32_t n, struct sq_ethernet *frame)
{
    if (n < SQ_ETHERNET_HEADER) {
        return false;
    }
    frame->destination = sq_ethernet_load(p, 0u);
    frame->source = sq_ethernet_load(p, 6u);
    frame->type = sq_load16(p, 12u);
    return true;
}

void sq_ethernet_emit(uint8_t *p, uint64_t destination, uint64_t source, uint32_t type)
{
    sq_ethernet_store(p, 0u, destination);
    sq_ethernet_store(p, 6u, source);
    sq_store16(p, 12u, type);
}
