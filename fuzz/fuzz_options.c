/* SPDX-License-Identifier: MIT */
/* Options at every length of the header, against a parser that is deliberately naive: it first cuts the bytes into a list of
   options, then looks in the list. RFC 9293 3.1, MUST-6, MUST-7. */
#include "fuzz.h"

#include "core/header.h"

struct option {
    uint32_t kind, size;
    const uint8_t *value;
};

struct list {
    uint32_t n;
    bool broken; /* the walk stopped at a length that cannot be */
    struct option option[40];
};

/* From the first byte on, as far as it goes. */
static void cut(struct list *l, const uint8_t *p, uint32_t n)
{
    uint32_t i = 0u;

    l->n = 0u;
    l->broken = false;
    while (i < n && p[i] != 0u) {
        if (p[i] == 1u) {
            i++;
            continue;
        }
        if (n - i < 2u || p[i + 1u] < 2u || p[i + 1u] > n - i) {
            l->broken = true;
            break;
        }
        l->option[l->n++] = (struct option){p[i], p[i + 1u], p + i + 2u};
        i += p[i + 1u];
    }
}

static bool known_length(const struct option *o)
{
    static const uint8_t size[9] = {[2] = 4, [3] = 3, [4] = 2, [8] = 10};

    if (o->kind == 5u) {
        return o->size % 8u == 2u && o->size >= 10u && o->size <= 34u;
    }
    return o->kind > 8u || size[o->kind] == 0u || size[o->kind] == o->size;
}

/* The first option of this kind with a length of its own. */
static const struct option *pick(const struct list *l, uint32_t kind)
{
    for (uint32_t i = 0u; i < l->n; i++) {
        if (l->option[i].kind == kind && known_length(&l->option[i])) {
            return &l->option[i];
        }
    }
    return NULL;
}

static uint32_t number(const uint8_t *p, uint32_t bytes)
{
    uint32_t v = 0u;

    while (bytes-- > 0u) {
        v = v * 256u + *p++;
    }
    return v;
}

static void compare(const struct list *l, const struct sq_header *h)
{
    const struct option *mss = pick(l, 2u), *shift = pick(l, 3u), *permitted = pick(l, 4u),
                        *sack = pick(l, 5u), *time = pick(l, 8u);
    uint32_t blocks = sack == NULL ? 0u : sack->size / 8u;
    bool bad = l->broken;

    FUZZ_CHECK("MssIs", h->has_mss == (mss != NULL) &&
                            h->mss == (mss == NULL ? 0u : number(mss->value, 2u)));
    FUZZ_CHECK("ShiftIs", h->has_shift == (shift != NULL) &&
                              h->shift == (shift == NULL ? 0u : shift->value[0]));
    FUZZ_CHECK("SackPermittedIs", h->sack_permitted == (permitted != NULL));
    FUZZ_CHECK("TimestampIs", h->has_timestamp == (time != NULL));
    FUZZ_CHECK("TimestampIs.value", time == NULL || (h->ts_value == number(time->value, 4u) &&
                                                     h->ts_echo == number(time->value + 4, 4u)));
    FUZZ_CHECK("SackIs.count", h->sack_count == blocks);
    for (uint32_t j = 0u; j < blocks; j++) {
        FUZZ_CHECK("SackIs.left", h->sack_left[j] == number(sack->value + 8u * j, 4u));
        FUZZ_CHECK("SackIs.right", h->sack_right[j] == number(sack->value + 8u * j + 4u, 4u));
    }
    for (uint32_t i = 0u; i < l->n; i++) {
        bad = bad || !known_length(&l->option[i]);
    }
    FUZZ_CHECK("OptionsMalformed", h->malformed == (bad ? 1u : 0u));
}

/* The input is the options alone; each length of the header that holds a part of them is tried. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[2u * SQ_HEADER_MAX];
    uint32_t n = size > 40u ? 40u : (uint32_t)size;

    for (uint32_t words = 5u; words <= 15u; words++) {
        uint32_t length = 4u * words, some = n < length - 20u ? n : length - 20u;
        uint8_t *p = room + sizeof room - length; /* one byte more would leave the array */
        struct sq_header h;
        struct list l;

        memset(p, 0, length);
        p[12] = (uint8_t)(words << 4);
        memcpy(p + 20, data, some);
        FUZZ_CHECK("sq_header_parse.accepted", sq_header_parse(p, length, &h) == 1u);
        cut(&l, p + 20, length - 20u);
        compare(&l, &h);
        if (length - 20u >= n + 4u) { /* longer ones only add zeros */
            break;
        }
    }
    return 0;
}
