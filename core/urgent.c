/* SPDX-License-Identifier: MIT */
/* RFC 9293 3.8.5 */
#include "urgent.h"

uint32_t sq_urgent_field(uint64_t up, uint64_t position)
{
    if (up <= position) {
        return 0u;
    }
    return up - position < 65535u ? (uint32_t)(up - position) : 65535u;
}

uint64_t sq_urgent_after(uint64_t up, uint64_t received, uint32_t nxt, uint32_t seq,
                         uint32_t pointer)
{
    uint32_t ahead = sq_seq_dist(nxt, sq_seq_add(seq, pointer));
    if (ahead >= 0x80000000u || received + ahead <= up) {
        return up;
    }
    return received + ahead;
}

uint32_t sq_urgent_ahead(uint64_t up, uint64_t received, uint32_t used)
{
    if (received < used || up <= received - used) {
        return 0u;
    }
    return up - (received - used) < UINT32_MAX ? (uint32_t)(up - (received - used)) : UINT32_MAX;
}
