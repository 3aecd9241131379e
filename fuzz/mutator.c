/* SPDX-License-Identifier: MIT */
/* The mutator for programs of events (event.h): inserts, repeats, deletes, swaps and splices whole events, or changes bytes
   inside one. Built twice: libFuzzer's hooks, and with -DFUZZ_AFL a custom-mutator library for AFL++. */
#include "event.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint32_t state;

static uint32_t draw(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return below == 0u ? 0u : state % below;
}

/* Whole events behind the prefix. */
static uint32_t events(size_t size)
{
    return size < FUZZ_PREFIX ? 0u : (uint32_t)((size - FUZZ_PREFIX) / FUZZ_EVENT);
}

static uint8_t *event(uint8_t *data, uint32_t i)
{
    return data + FUZZ_PREFIX + (size_t)i * FUZZ_EVENT;
}

static void fresh(uint8_t *e)
{
    for (uint32_t i = 0u; i < FUZZ_EVENT; i++) {
        e[i] = (uint8_t)draw(256u);
    }
    if (draw(4u) != 0u) { /* mostly events that are polled after, without a limit */
        e[0] &= 0x3fu;
    }
}

/* Room for n events at i; how many there are now. */
static uint32_t open_gap(uint8_t *data, uint32_t have, uint32_t most, uint32_t i, uint32_t n)
{
    n = n > most - have ? most - have : n;
    memmove(event(data, i + n), event(data, i), (size_t)(have - i) * FUZZ_EVENT);
    return n;
}

static void change(uint8_t *data, uint32_t have)
{
    uint8_t *e = have == 0u || draw(12u) == 0u ? data : event(data, draw(have));
    uint32_t span = e == data ? FUZZ_PREFIX : FUZZ_EVENT, at = draw(span);

    switch (draw(4u)) {
    case 0u:
        e[at] ^= (uint8_t)(1u << draw(8u));
        break;
    case 1u:
        e[at] = (uint8_t)draw(256u);
        break;
    case 2u:
        e[at] = (uint8_t)(e[at] + draw(2u) * 2u - 1u);
        break;
    default: /* another event in its place */
        if (e != data) {
            fresh(e);
        } else {
            e[at] = 0u;
        }
        break;
    }
}

static uint32_t once(uint8_t *data, uint32_t have, uint32_t most)
{
    uint32_t i = draw(have + 1u), j = draw(have), n;
    uint8_t kept[FUZZ_EVENT];

    switch (have == 0u ? 0u : draw(8u)) {
    case 0u: /* insert */
        if (have < most) {
            open_gap(data, have, most, i, 1u);
            fresh(event(data, i));
            return have + 1u;
        }
        break;
    case 1u: /* repeat, up to eight in a row */
        n = 1u + draw(8u);
        n = n > have - j ? have - j : n;
        n = open_gap(data, have, most, j, n);
        memcpy(event(data, j), event(data, j + n), (size_t)n * FUZZ_EVENT);
        return have + n;
    case 2u: /* delete */
        n = 1u + draw(4u);
        n = n > have - j ? have - j : n;
        memmove(event(data, j), event(data, j + n), (size_t)(have - j - n) * FUZZ_EVENT);
        return have - n;
    case 3u: /* swap */
        n = draw(have);
        memcpy(kept, event(data, j), FUZZ_EVENT);
        memmove(event(data, j), event(data, n), FUZZ_EVENT);
        memcpy(event(data, n), kept, FUZZ_EVENT);
        break;
    default:
        change(data, have);
        break;
    }
    return have;
}

static size_t mutate(uint8_t *data, size_t size, size_t max_size)
{
    uint32_t most = events(max_size), have, turns = 1u + draw(6u);

    if (max_size < FUZZ_PREFIX + FUZZ_EVENT) {
        return size;
    }
    most = most > FUZZ_EVENTS ? FUZZ_EVENTS : most;
    if (size < FUZZ_PREFIX) {
        memset(data + size, 0, FUZZ_PREFIX - size);
        size = FUZZ_PREFIX;
    }
    have = events(size) > most ? most : events(size);
    while (turns-- > 0u) {
        have = once(data, have, most);
    }
    return FUZZ_PREFIX + (size_t)have * FUZZ_EVENT;
}

/* The beginning of one program, then the end of another. */
static size_t splice(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
                     size_t max)
{
    uint32_t head = draw(events(a_size) + 1u), tail = draw(events(b_size) + 1u), most = events(max);

    if (a_size < FUZZ_PREFIX || max < FUZZ_PREFIX) {
        return 0u;
    }
    head = head > most ? most : head;
    tail = tail > most - head ? most - head : tail;
    memcpy(out, a, FUZZ_PREFIX + (size_t)head * FUZZ_EVENT);
    if (tail > 0u) {
        memcpy(out + FUZZ_PREFIX + (size_t)head * FUZZ_EVENT,
               b + FUZZ_PREFIX + (size_t)(events(b_size) - tail) * FUZZ_EVENT,
               (size_t)tail * FUZZ_EVENT);
    }
    return FUZZ_PREFIX + (size_t)(head + tail) * FUZZ_EVENT;
}

#ifndef FUZZ_AFL

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
                                 uint8_t *out, size_t max, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    state = seed | 1u;
    return mutate(data, size, max_size);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
                                 uint8_t *out, size_t max, unsigned seed)
{
    state = seed | 1u;
    return splice(a, a_size, b, b_size, out, max);
}

#else

#define OUT_MAX (FUZZ_PREFIX + FUZZ_EVENTS * FUZZ_EVENT)

struct mutator {
    uint8_t out[OUT_MAX];
};

struct mutator *afl_custom_init(void *afl, unsigned seed);
void afl_custom_deinit(struct mutator *m);
size_t afl_custom_fuzz(struct mutator *m, uint8_t *data, size_t size, uint8_t **out, uint8_t *other,
                       size_t other_size, size_t max);

struct mutator *afl_custom_init(void *afl, unsigned seed)
{
    (void)afl;
    state = seed | 1u;
    return calloc(1u, sizeof(struct mutator));
}

void afl_custom_deinit(struct mutator *m)
{
    free(m);
}

size_t afl_custom_fuzz(struct mutator *m, uint8_t *data, size_t size, uint8_t **out, uint8_t *other,
                       size_t other_size, size_t max)
{
    size_t n = size > OUT_MAX ? OUT_MAX : size, room = max > OUT_MAX ? OUT_MAX : max;

    if (other != NULL && draw(8u) == 0u) {
        n = splice(data, n, other, other_size, m->out, room);
    } else {
        memcpy(m->out, data, n);
    }
    *out = m->out;
    return mutate(m->out, n, room);
}

#endif
