/* SPDX-License-Identifier: MIT */
#include "spec/model/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *must(void *p)
{
    if (p == NULL) {
        fputs("mc: out of memory; lower the experiment's bounds (net=, loss=, dup=) or give --max "
              "STATES\n",
              stderr);
        exit(2);
    }
    return p;
}

uint64_t hash_bytes(const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    uint64_t h = 0x9e3779b97f4a7c15u, word = 0u;

    for (; n >= 8u; p += 8, n -= 8u) {
        memcpy(&word, p, 8u);
        h = (h ^ word) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    for (; n > 0u; p++, n--) {
        h = (h ^ *p) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    h *= 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 29;
}

void store_begin(struct store *s, size_t size)
{
    s->size = size;
    s->n = 0u;
    s->room = 1024u;
    s->slots = 4096u;
    s->item = must(malloc(s->room * size));
    s->slot = must(calloc(s->slots, sizeof *s->slot));
}

const void *store_item(const struct store *s, uint32_t number)
{
    return s->item + number * s->size;
}

static uint32_t *place(struct store *s, const void *bytes)
{
    uint32_t mask = s->slots - 1u, at = (uint32_t)hash_bytes(bytes, s->size) & mask;

    while (s->slot[at] != 0u && memcmp(store_item(s, s->slot[at] - 1u), bytes, s->size) != 0) {
        at = (at + 1u) & mask;
    }
    return &s->slot[at];
}

static void grow(struct store *s)
{
    if (s->n == s->room) {
        s->room *= 2u;
        s->item = must(realloc(s->item, s->room * s->size));
    }
    if (2u * s->n >= s->slots) {
        free(s->slot);
        s->slots *= 4u;
        s->slot = must(calloc(s->slots, sizeof *s->slot));
        for (uint32_t k = 0u; k < s->n; k++) {
            *place(s, store_item(s, k)) = k + 1u;
        }
    }
}

uint32_t store_number(struct store *s, const void *bytes, int *fresh)
{
    uint32_t *slot = place(s, bytes), number = *slot;

    *fresh = number == 0u;
    if (number > 0u) {
        return number - 1u;
    }
    memcpy(s->item + s->n * s->size, bytes, s->size);
    *slot = ++s->n;
    number = s->n - 1u;
    grow(s);
    return number;
}

size_t store_memory(const struct store *s)
{
    return s->room * s->size + s->slots * sizeof *s->slot;
}
