/* SPDX-License-Identifier: MIT */
/* The network of the simulation: what happens to a segment on its way, and a heap, by time and then by order, of those that
   are. */
#include <stdlib.h>
#include <string.h>

#include "harness/sim_parts.h"

static bool before(const struct sim_packet *a, const struct sim_packet *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void swap(struct sim_packet *a, struct sim_packet *b)
{
    struct sim_packet t = *a;

    *a = *b;
    *b = t;
}

void sim_inject(struct sim *s, uint32_t to, const uint8_t *bytes, uint32_t len, uint64_t at)
{
    struct sim_packet *p;
    uint32_t k = s->packets;

    if (s->packets == s->room) {
        s->room = s->room == 0u ? 64u : 2u * s->room;
        s->packet = sim_must(realloc(s->packet, s->room * sizeof *s->packet));
    }
    p = &s->packet[k];
    p->at = at;
    p->order = sim_draw(s) % 4u + s->draws * 4u; /* unique and rising */
    p->to = to;
    p->len = len;
    p->bytes = sim_must(malloc(len == 0u ? 1u : len));
    if (len > 0u) {
        memcpy(p->bytes, bytes, len);
    }
    s->packets++;
    while (k > 0u && before(&s->packet[k], &s->packet[(k - 1u) / 2u])) {
        swap(&s->packet[k], &s->packet[(k - 1u) / 2u]);
        k = (k - 1u) / 2u;
    }
}

struct sim_packet sim_take(struct sim *s)
{
    struct sim_packet first = s->packet[0];
    uint32_t k = 0u;

    s->packets--;
    s->packet[0] = s->packet[s->packets];
    for (;;) {
        uint32_t least = k;

        for (uint32_t child = 2u * k + 1u; child <= 2u * k + 2u && child < s->packets; child++) {
            if (before(&s->packet[child], &s->packet[least])) {
                least = child;
            }
        }
        if (least == k) {
            return first;
        }
        swap(&s->packet[k], &s->packet[least]);
        k = least;
    }
}

/* What the network does with a segment; the draws are the same whatever the settings of the link are. */
void sim_carry(struct sim *s, uint32_t from, uint8_t *bytes, uint32_t len, bool chosen)
{
    const struct sim_link *l = &s->link[from];
    bool lost = sim_below(s, 1000u) < l->loss, corrupt = sim_below(s, 1000u) < l->corrupt;
    bool twice = sim_below(s, 1000u) < l->duplicate, late = sim_below(s, 1000u) < l->reorder;
    uint64_t jitter = sim_draw(s) % (l->jitter + 1u), again = sim_draw(s);
    uint32_t place = sim_below(s, len), bits = 1u + sim_below(s, 255u);
    uint64_t *busy = s->shared[from] != NULL ? s->shared[from] : &s->busy[from], at = s->now;

    if (l->rate > 0u) {
        uint64_t wait = *busy > s->now ? *busy - s->now : 0u;

        if (wait > 0u && wait * l->rate / 1000000u + len > l->queue) {
            lost = true;
        } else {
            *busy = s->now + wait + (uint64_t)len * 1000000u / l->rate;
            at = *busy;
        }
    }
    if (lost || chosen) {
        s->lost++;
        sim_note(s, 1u);
        sim_trace(s, from, "  lost");
        return;
    }
    at += l->delay + jitter;
    if (late) {
        s->late++;
        at += 3u * (uint64_t)l->delay + 3u * jitter;
        sim_trace(s, from, "  late");
    }
    if (twice) {
        s->duplicated++;
        sim_trace(s, from, "  twice");
        sim_inject(s, 1u - from, bytes, len, at + again % (4u * (uint64_t)l->delay + 1u));
    }
    if (corrupt) {
        /* One byte changed: the sum sees any such change. RFC 1071 */
        bytes[place] ^= (uint8_t)bits;
        s->corrupted++;
        sim_trace(s, from, "  corrupted at %u", place);
    }
    sim_inject(s, 1u - from, bytes, len, at);
}
