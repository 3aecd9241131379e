/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* The doors that touch payload: the only unit that sees a connection and bytes. */
#include "stream.h"

uint32_t sq_input(struct sq_conn *c, uint8_t *ring, const struct sq_header *h, const uint8_t *text,
                  const struct sq_segment_info *info)
{
    struct sq_taken t = sq_input_segment(c, h, info);
    if (t.len > 0u) {
        sq_ring_put(ring, c->receive.capacity, c->receive.head, t.at, text + t.skip, t.len);
    }
    return t.verdict;
}

uint32_t sq_read(struct sq_conn *c, const uint8_t *ring, uint8_t *to, uint32_t n)
{
    uint32_t count = n < c->receive.used ? n : c->receive.used;
    if (count == 0u) {
        return 0u;
    }
    sq_ring_get(ring, c->receive.capacity, c->receive.head, 0u, to, count);
    (void)sq_consume(c, count);
    return count;
}

uint32_t sq_write(struct sq_conn *c, uint8_t *ring, const uint8_t *from, uint32_t n, uint64_t now)
{
    struct sq_slices room = sq_writable(c);
    uint32_t count = n < room.len + room.len2 ? n : room.len + room.len2;
    if (count == 0u) {
        return 0u;
    }
    sq_ring_put(ring, c->send.capacity, c->send.head, c->send.queued, from, count);
    (void)sq_commit(c, count, now);
    return count;
}
