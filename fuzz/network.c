/* SPDX-License-Identifier: MIT */
#include "network.h"

static const uint32_t address[2] = {0xC0000201u, 0xC0000202u}; /* 192.0.2.1 and .2, RFC 5737 */

void network_begin(struct fuzz_network *w)
{
    w->n = 0u;
    memset(w->used, 0, sizeof w->used);
}

/* A free packet, last on its way; NULL: the network is full. */
static struct fuzz_packet *room(struct fuzz_network *w)
{
    uint32_t i = 0u;

    if (w->n == FUZZ_PACKETS) {
        return NULL;
    }
    while (w->used[i]) {
        i++;
    }
    w->used[i] = true;
    w->order[w->n++] = i;
    return &w->packet[i];
}

void network_send(struct fuzz_network *w, uint32_t from, const struct sq_emit *o,
                  const uint8_t *ring)
{
    struct fuzz_packet *p = room(w);
    struct sq_header h = {.source_port = 4000u + from, .destination_port = 4001u - from};
    uint32_t n;
    uint64_t sum;

    if (p == NULL) {
        return;
    }
    h.seq = o->seq;
    h.ack = (o->flags & SQ_ACK) != 0u ? o->ack : 0u;
    h.flags = o->flags;
    h.window = o->window;
    h.has_mss = o->mss != 0u;
    h.mss = o->mss;
    h.has_shift = (o->flags & SQ_SYN) != 0u && o->shift != SQ_NO_SHIFT;
    h.shift = h.has_shift != 0u ? o->shift : 0u;
    n = sq_header_emit(p->bytes, &h);
    if (o->len > 0u) {
        memcpy(p->bytes + n, ring + o->text.at, o->text.len);
        memcpy(p->bytes + n + o->text.len, ring + o->text.at2, o->text.len2);
        n += o->len;
    }
    p->to = 1u - from;
    p->len = n;
    p->flipped = p->cut = false;
    sum = sq_checksum_add(sq_checksum_pseudo4(address[from], address[1u - from], n), p->bytes, n);
    n = sq_checksum_finish(sum);
    p->bytes[16] = (uint8_t)(n >> 8);
    p->bytes[17] = (uint8_t)n;
}

struct fuzz_packet *network_take(struct fuzz_network *w, uint32_t i)
{
    struct fuzz_packet *p = &w->packet[w->order[i]];

    w->used[w->order[i]] = false;
    w->n--;
    memmove(&w->order[i], &w->order[i + 1u], (w->n - i) * sizeof w->order[0]);
    return p;
}

void network_duplicate(struct fuzz_network *w, uint32_t i)
{
    const struct fuzz_packet *from = &w->packet[w->order[i]];
    struct fuzz_packet *to = room(w);

    if (to != NULL) {
        *to = *from;
    }
}

/* RFC 1071 1, word by word: what the core's checksum is held against. */
static bool correct(const struct fuzz_packet *p)
{
    uint32_t from = address[1u - p->to], to = address[p->to];
    uint32_t sum = (from >> 16) + (from & 0xffffu) + (to >> 16) + (to & 0xffffu) + 6u + p->len;

    for (uint32_t i = 0u; i < p->len; i++) {
        sum += i % 2u == 0u ? p->bytes[i] * 256u : p->bytes[i];
    }
    while (sum > 0xffffu) {
        sum = (sum & 0xffffu) + (sum >> 16);
    }
    return sum == 0xffffu;
}

bool network_read(const struct fuzz_packet *p, struct sq_header *h)
{
    uint64_t sum = sq_checksum_pseudo4(address[1u - p->to], address[p->to], p->len);
    bool right = sq_checksum_correct(sq_checksum_add(sum, p->bytes, p->len));

    FUZZ_CHECK("sq_checksum_correct.network", right == correct(p));
    FUZZ_CHECK("sq_checksum_correct.flip", !p->flipped || p->cut || !right);
    if (!right || p->cut) { /* a cut may by chance sum up; IP's own length would tell */
        return false;
    }
    FUZZ_CHECK("sq_header_parse.network", sq_header_parse(p->bytes, p->len, h) == 1u);
    return true;
}
