/* SPDX-License-Identifier: MIT */
/* A ring against a plain array in which the byte at offset i simply stands at i. Text in order and beyond gaps, wrapping
   anywhere, read by copy and by slice. */
#include "fuzz.h"

#include "core/ring.h"

#define CAPACITY_MAX 300u
#define STEPS 64u

struct rings {
    uint32_t capacity, head;
    uint8_t ring[CAPACITY_MAX], plain[CAPACITY_MAX], text[CAPACITY_MAX], got[CAPACITY_MAX + 1u];
    uint64_t k; /* stream number of the byte at the head */
};

FUZZ_ORACLE static void same(const struct rings *r, const char *clause)
{
    for (uint32_t i = 0u; i < r->capacity; i++) {
        FUZZ_CHECK(clause, r->ring[(r->head + i) % r->capacity] == r->plain[i]);
    }
}

static void put(struct rings *r, struct fuzz_in *in, uint32_t from, uint32_t n, bool take)
{
    uint32_t mark = fuzz_u8(in);

    for (uint32_t i = 0u; i < n; i++) {
        r->text[i] = fuzz_stream(take ? 0u : mark, r->k + from + i);
    }
    if (take) {
        sq_ring_take(r->ring, r->capacity, r->head, from, r->text, n, r->k);
    } else {
        sq_ring_put(r->ring, r->capacity, r->head, from, r->text, n);
    }
    memcpy(r->plain + from, r->text, n);
    same(r, take ? "sq_ring_take.taken" : "sq_ring_put.kept");
}

static void get(struct rings *r, uint32_t from, uint32_t n, bool deliver)
{
    r->got[n] = 0xa5u;
    if (deliver) {
        sq_ring_deliver(r->ring, r->capacity, r->head, from, r->got, n, r->k);
    } else {
        sq_ring_get(r->ring, r->capacity, r->head, from, r->got, n);
    }
    FUZZ_CHECK("sq_ring_get.got", memcmp(r->got, r->plain + from, n) == 0);
    FUZZ_CHECK("sq_ring_get.assigns", r->got[n] == 0xa5u);
    same(r, "sq_ring_get.kept");
}

static void show(const struct rings *r, uint32_t from, uint32_t n, bool stream)
{
    struct sq_slices s = stream ? sq_ring_show(r->ring, r->capacity, r->head, from, n, r->k)
                                : sq_ring_slices(r->capacity, r->head, from, n);

    FUZZ_CHECK("sq_ring_slices.whole", s.len + s.len2 == n && s.at2 == 0u && s.len2 <= s.at);
    FUZZ_CHECK("sq_ring_slices.index", s.at < r->capacity && s.at + s.len <= r->capacity);
    FUZZ_CHECK("sq_ring_slices.wrapped", s.len2 == 0u || s.at + s.len == r->capacity);
    FUZZ_CHECK("sq_ring_slices.first", memcmp(r->ring + s.at, r->plain + from, s.len) == 0);
    FUZZ_CHECK("sq_ring_slices.second", memcmp(r->ring, r->plain + from + s.len, s.len2) == 0);
}

static void move(struct rings *r, uint32_t n, bool consume)
{
    uint8_t front[CAPACITY_MAX];

    r->head = consume ? sq_ring_consume(r->ring, r->capacity, r->head, n, r->k)
                      : sq_ring_advance(r->capacity, r->head, n);
    FUZZ_CHECK("sq_ring_advance.index", r->head < r->capacity);
    memcpy(front, r->plain, n); /* the first n bytes become the last */
    memmove(r->plain, r->plain + n, r->capacity - n);
    memcpy(r->plain + r->capacity - n, front, n);
    r->k += n;
    same(r, "sq_ring_advance.shifted");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = {data, size};
    struct rings r;

    r.capacity = fuzz_edge(&in, 1u, CAPACITY_MAX);
    r.head = fuzz_edge(&in, 0u, r.capacity - 1u);
    r.k = 0u;
    memset(r.ring, 0, sizeof r.ring);
    memset(r.plain, 0, sizeof r.plain);
    for (uint32_t step = 0u; step < STEPS && in.n > 0u; step++) {
        uint32_t op = fuzz_u8(&in), from = fuzz_edge(&in, 0u, r.capacity - 1u),
                 n = fuzz_edge(&in, 0u, r.capacity - from);

        FUZZ_CHECK("sq_ring_place.place",
                   sq_ring_place(r.capacity, r.head, from) == (r.head + from) % r.capacity);
        switch (op % 4u) {
        case 0u:
            put(&r, &in, from, n, (op & 4u) != 0u);
            break;
        case 1u:
            get(&r, from, n, (op & 4u) != 0u);
            break;
        case 2u:
            show(&r, from, n, (op & 4u) != 0u);
            break;
        default:
            move(&r, n, (op & 4u) != 0u);
            break;
        }
    }
    return 0;
}
