/* SPDX-License-Identifier: MIT */
/* second [--max N] WORD...: explores the same experiment by another way: depth first, whole states in plain bytes with
   zero words packed, the core called at every transition. What it counts must be what mc counts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/model/raw.h"
#include "spec/model/store.h"

enum { WORDS = sizeof(struct world) / 4, MAP = (WORDS + 7) / 8, PACKED = MAP + 4 * WORDS };

static uint8_t *arena;
static uint64_t *start, *slot, *stack;
static uint64_t used, room, n, rooms, slots, waiting, stack_room;
static struct world first;

/* Difference to the first state: a bit per word that differs, then those words. */
static uint32_t pack(const struct world *w, uint8_t out[PACKED])
{
    uint32_t a[WORDS], b[WORDS], at = MAP;

    memcpy(a, w, sizeof a);
    memcpy(b, &first, sizeof b);
    memset(out, 0, MAP);
    for (uint32_t k = 0u; k < WORDS; k++) {
        uint32_t d = a[k] ^ b[k];

        if (d != 0u) {
            out[k / 8u] = (uint8_t)(out[k / 8u] | 1u << k % 8u);
            memcpy(out + at, &d, 4u);
            at += 4u;
        }
    }
    return at;
}

static void unpack(const uint8_t *in, struct world *w)
{
    uint32_t a[WORDS], d, at = MAP;

    memcpy(a, &first, sizeof a);
    for (uint32_t k = 0u; k < WORDS; k++) {
        if (((uint32_t)in[k / 8u] >> k % 8u & 1u) != 0u) {
            memcpy(&d, in + at, 4u);
            a[k] ^= d;
            at += 4u;
        }
    }
    memcpy(w, a, sizeof a);
}

static uint64_t *place(const uint8_t *bytes, uint32_t len)
{
    uint64_t at = hash_bytes(bytes, len) & (slots - 1u);

    while (slot[at] != 0u) {
        uint64_t k = slot[at] - 1u;

        if (start[k + 1u] - start[k] == len && memcmp(arena + start[k], bytes, len) == 0) {
            break;
        }
        at = (at + 1u) & (slots - 1u);
    }
    return &slot[at];
}

static void grow(void)
{
    if (used + PACKED > room) {
        room = 2u * room + PACKED;
        arena = must(realloc(arena, room));
    }
    if (n + 2u > rooms) {
        rooms = 2u * rooms + 1024u;
        start = must(realloc(start, rooms * sizeof *start));
    }
    if (waiting + 2u > stack_room) {
        stack_room = 2u * stack_room + 1024u;
        stack = must(realloc(stack, stack_room * sizeof *stack));
    }
    if (2u * n >= slots) {
        free(slot);
        slots = slots == 0u ? 4096u : 4u * slots;
        slot = must(calloc(slots, sizeof *slot));
        for (uint64_t k = 0u; k < n; k++) {
            *place(arena + start[k], (uint32_t)(start[k + 1u] - start[k])) = k + 1u;
        }
    }
}

static bool add(const struct world *w)
{
    uint8_t bytes[PACKED];
    uint32_t len = pack(w, bytes);
    uint64_t *at;

    grow();
    at = place(bytes, len);
    if (*at != 0u) {
        return false;
    }
    memcpy(arena + used, bytes, len);
    start[n] = used;
    used += len;
    start[++n] = used;
    *at = n;
    stack[waiting++] = n - 1u;
    return true;
}

static const char *search(uint64_t most, uint64_t *transitions)
{
    struct world w, to;
    bool wanted = false;

    raw_begin(&first);
    (void)add(&first);
    while (waiting > 0u) {
        bool possible = false;

        if (most > 0u && n >= most) {
            return "unknown";
        }
        unpack(arena + start[stack[--waiting]], &w);
        for (uint32_t event = 0u; event < RAW_EVENTS; event++) {
            enum bad bad;

            if (!raw_enabled(&w, event)) {
                continue;
            }
            to = w;
            if (!raw_apply(&to, event, &bad)) {
                continue;
            }
            ++*transitions;
            possible =
                possible || (event < RAW_FORGE && (event >= RAW_TIMER || event % 3u != EV_LOSE));
            bad = bad == BAD_NONE && add(&to) ? raw_look(&to) : bad;
            wanted = raw_wanted(&w, &to);
            if (bad != BAD_NONE || wanted) {
                return wanted ? "reached" : "fails";
            }
        }
        if (!possible && !raw_done(&w) && (model.checks >> BAD_DEADLOCK & 1u) != 0u) {
            return "fails";
        }
    }
    return model.wanted ? "unreached" : "holds";
}

int main(int argc, char **argv)
{
    uint64_t most = 0u, transitions = 0u;

    model_default();
    for (int k = 1; k < argc; k++) {
        if (strcmp(argv[k], "--help") == 0) {
            puts("usage: second [--max N] WORD...   the words are those of `mc --help`");
            return 0;
        } else if (strcmp(argv[k], "--max") == 0 && k + 1 < argc) {
            most = strtoull(argv[++k], NULL, 10);
        } else if (!model_option(argv[k])) {
            return 2;
        }
    }
    printf("verdict\t%s\n", search(most, &transitions));
    printf("states\t%llu\ntransitions\t%llu\n", (unsigned long long)n,
           (unsigned long long)transitions);
    printf("memory\t%llu\nper-state\t%.1f\n",
           (unsigned long long)(room + rooms * 8u + slots * 8u + stack_room * 8u),
           (double)used / (double)n);
    return 0;
}
