/* SPDX-License-Identifier: MIT */
/* One segment into one valid connection, both built from the bytes: any state, any window up to 2^30, any numbers. What
   sq_input_segment promises (T3, T5, T6, T7, T9) is checked by door_input.c; then what it owes is polled, every segment of
   which is checked by door_output.c. Small rings have memory: then no byte of them changes but where text belongs. */
#include "connection.h"
#include "doors.h"
#include "twin.h"

#define RING_MAX 256u
#define POLLS 4u

static uint8_t text[SQ_TEXT_MAX];
static uint8_t ring[RING_MAX];

static void with_memory(struct sq_conn *c, const struct sq_header *h,
                        const struct sq_segment_info *info)
{
    uint32_t capacity = c->receive.capacity, at = c->receive.head;
    struct sq_taken t;

    memset(ring, 0x5a, capacity);
    t = door_input(c, ring, h, text, info);
    for (uint32_t i = 0u; i < capacity; i++) {
        FUZZ_CHECK("sq_input.kept", (t.at <= i && i < t.at + t.len) || ring[at] == 0x5au);
        at = at + 1u == capacity ? 0u : at + 1u;
    }
}

/* T9: what one segment draws ends, and no more than it owed comes out without new text. */
static void poll(struct sq_conn *c, uint64_t now, uint32_t limit)
{
    uint32_t replies = 0u, owes = owed(c);
    struct sq_emit e;

    for (uint32_t i = 0u; i < POLLS; i++) {
        uint32_t due = door_output(c, &e, limit, now);

        if (due == SQ_DUE_NONE) {
            break;
        }
        replies += due == SQ_DUE_ACK || due == SQ_DUE_RST || due == SQ_DUE_KEEPALIVE;
    }
    FUZZ_CHECK("T9", replies <= owes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = {data, size};
    uint32_t how = fuzz_u8(&in);
    struct sq_conn c;
    struct sq_header h;
    struct sq_segment_info info;

    if (text[0] == 0u) { /* the same for all executions */
        memset(text, 0xc3, sizeof text);
    }
    fuzz_connection(&in, &c, (how & 1u) != 0u ? RING_MAX : 0u);
    info.len = fuzz_segment(&in, &c, &h, SQ_TEXT_MAX);
    info.now = (how & 2u) != 0u ? fuzz_u32(&in) : c.now + fuzz_u8(&in);
    info.iss = fuzz_u32(&in);
    if ((how & 1u) != 0u) {
        with_memory(&c, &h, &info);
    } else {
        door_segment(&c, &h, &info);
    }
    poll(&c, info.now, (how & 4u) != 0u ? 1u + fuzz_u8(&in) : SQ_TEXT_MAX);
    return 0;
}
