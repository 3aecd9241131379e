/* SPDX-License-Identifier: MIT */
/* A TCP header: what sq_header_parse accepts and says, and that sq_header_emit is its inverse (T2). Every field is read a
   second time here, options by the definition in spec/header.acsl, word for word. */
#include "fuzz.h"
#include "twin_header.h"

#include "core/header.h"

static void fixed(const uint8_t *p, const struct sq_header *h)
{
    FUZZ_CHECK("HeaderIs.ports",
               h->source_port == be16(p, 0u) && h->destination_port == be16(p, 2u));
    FUZZ_CHECK("HeaderIs.numbers", h->seq == be32(p, 4u) && h->ack == be32(p, 8u));
    FUZZ_CHECK("HeaderIs.flags", h->flags == (be16(p, 12u) & 0xfffu));
    FUZZ_CHECK("HeaderIs.rest", h->window == be16(p, 14u) && h->checksum == be16(p, 16u) &&
                                    h->urgent == be16(p, 18u));
}

static void options(const uint8_t *p, const struct sq_header *h)
{
    uint32_t e = (p[12] >> 4) * 4u, mss = option_find(p, e, 2u), shift = option_find(p, e, 3u),
             permitted = option_find(p, e, 4u), sack = option_find(p, e, 5u),
             time = option_find(p, e, 8u), count = sack == 0u ? 0u : (p[sack + 1u] - 2u) / 8u;

    FUZZ_CHECK("sq_header_parse.length", h->length == e);
    FUZZ_CHECK("HeaderIs.mss",
               h->has_mss == (mss != 0u) && h->mss == (mss == 0u ? 0u : be16(p, mss + 2u)));
    FUZZ_CHECK("HeaderIs.shift",
               h->has_shift == (shift != 0u) && h->shift == (shift == 0u ? 0u : p[shift + 2u]));
    FUZZ_CHECK("HeaderIs.permitted", h->sack_permitted == (permitted != 0u));
    FUZZ_CHECK("HeaderIs.timestamp", h->has_timestamp == (time != 0u) &&
                                         h->ts_value == (time == 0u ? 0u : be32(p, time + 2u)) &&
                                         h->ts_echo == (time == 0u ? 0u : be32(p, time + 6u)));
    FUZZ_CHECK("HeaderIs.sack_count", h->sack_count == count);
    for (uint32_t j = 0u; j < 4u; j++) {
        FUZZ_CHECK("HeaderIs.sack",
                   h->sack_left[j] == (j < count ? be32(p, sack + 2u + 8u * j) : 0u) &&
                       h->sack_right[j] == (j < count ? be32(p, sack + 6u + 8u * j) : 0u));
    }
    FUZZ_CHECK("sq_header_parse.malformed", h->malformed == options_malformed(p, e));
}

/* Options need not be aligned where they come from; aligned they may no longer fit. SACK blocks give way. */
static void make_emittable(struct sq_header *h)
{
    while (header_size(h) > SQ_HEADER_MAX) {
        h->sack_count--;
        h->sack_left[h->sack_count] = 0u;
        h->sack_right[h->sack_count] = 0u;
    }
}

static void round_trip(struct sq_header h)
{
    static uint8_t bytes[SQ_HEADER_MAX + SQ_HEADER_MAX];
    uint8_t *out;
    struct sq_header again = {0};
    uint32_t size;

    make_emittable(&h);
    size = sq_header_size(&h);
    FUZZ_CHECK("sq_header_size.size", size == header_size(&h));
    out = bytes + sizeof bytes - size; /* one byte more would leave the array */
    memset(bytes, 0xa5, sizeof bytes);
    FUZZ_CHECK("sq_header_emit.size", sq_header_emit(out, &h) == size);
    FUZZ_CHECK("sq_header_emit.assigns", out[-1] == 0xa5u);
    FUZZ_CHECK("sq_header_emit.well_formed", sq_header_parse(out, size, &again) == 1u);
    FUZZ_CHECK("sq_header_emit.length", again.length == size);
    FUZZ_CHECK("sq_header_emit.clean", again.malformed == 0u);
    fixed(out, &again);
    options(out, &again);
    h.length = again.length;
    h.malformed = again.malformed;
    FUZZ_CHECK("sq_header_emit.exact", memcmp(&h, &again, sizeof h) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t n = size > 65535u ? 65535u : (uint32_t)size;
    struct sq_header h, before;
    uint32_t taken;

    memset(&h, 0x5a, sizeof h);
    before = h;
    taken = sq_header_parse(data, n, &h);
    FUZZ_CHECK("sq_header_parse.accepted",
               taken == (n >= 20u && data[12] >= 0x50u && (data[12] >> 4) * 4u <= n));
    if (taken == 0u) {
        FUZZ_CHECK("sq_header_parse.untouched", memcmp(&h, &before, sizeof h) == 0);
        return 0;
    }
    fixed(data, &h);
    options(data, &h);
    round_trip(h);
    return 0;
}
