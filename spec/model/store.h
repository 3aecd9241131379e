/* SPDX-License-Identifier: MIT */
/* Equal bytes, one number: ends and segments are kept once and known by number (lossless; what SPIN calls collapse). */
#ifndef MODEL_STORE_H
#define MODEL_STORE_H

#include <stddef.h>
#include <stdint.h>

struct store {
    size_t size; /* bytes of an item */
    uint32_t n, room, slots;
    uint8_t *item;
    uint32_t *slot; /* number + 1, 0: free; slots is a power of two */
};

void store_begin(struct store *s, size_t size);
/* The number of these bytes; *fresh says whether they were new. */
uint32_t store_number(struct store *s, const void *bytes, int *fresh);
const void *store_item(const struct store *s, uint32_t number);
size_t store_memory(const struct store *s);

uint64_t hash_bytes(const void *bytes, size_t n);
/* Memory or an end with a message and status 2. */
void *must(void *p);

#endif
