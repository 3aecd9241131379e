/* SPDX-License-Identifier: MIT */
/* Ranges beyond RCV.NXT against a map with one flag for each byte of the window. A unit may stand for many bytes, so that
   distances as large as windows may be are met, too. RFC 9293 3.10.7.4 */
#include "fuzz.h"
#include "twin.h"

#include "core/reassembly.h"

#define UNITS 128u
#define STEPS 64u

struct map {
    struct sq_reassembly r;
    uint32_t scale, limit; /* bytes in a unit, units in the window */
    bool here[UNITS + 1u];
};

/* Every unit by its first and its last byte: a range begins and ends at units. */
FUZZ_ORACLE static void same(const struct map *m, const char *clause)
{
    FUZZ_CHECK("ReassemblyValid", reassembly_valid(&m->r));
    for (uint32_t x = 0u, i = 0u; x < UNITS; x++) {
        uint32_t first = x * m->scale, last = first + (m->scale - 1u);

        i += i < m->r.n && m->r.hi[i] <= first;
        FUZZ_CHECK(clause, m->here[x] == (i < m->r.n && m->r.lo[i] <= first && first < m->r.hi[i]));
        FUZZ_CHECK(clause, m->here[x] == (i < m->r.n && m->r.lo[i] <= last && last < m->r.hi[i]));
    }
}

static void insert(struct map *m, uint32_t a, uint32_t b)
{
    struct sq_reassembly before = m->r;
    bool touches = false;

    for (uint32_t x = a - 1u; x <= b && x < UNITS; x++) {
        touches = touches || m->here[x];
    }
    if (sq_reassembly_insert(&m->r, a * m->scale, b * m->scale, m->limit * m->scale) == 0u) {
        FUZZ_CHECK("sq_reassembly_insert.full",
                   before.n == SQ_RANGES && memcmp(&before, &m->r, sizeof before) == 0);
        FUZZ_CHECK("sq_reassembly_insert.apart", !touches);
    } else {
        memset(m->here + a, true, b - a);
    }
    same(m, "sq_reassembly_insert.exact");
}

static void front(struct map *m, uint32_t n)
{
    uint32_t moved = sq_reassembly_front(&m->r, n * m->scale, m->limit * m->scale), first = n;

    while (first < m->limit && m->here[first]) {
        first++;
    }
    FUZZ_CHECK("sq_reassembly_front.first", moved == first * m->scale);
    memmove(m->here, m->here + first, UNITS - first);
    memset(m->here + UNITS - first, false, first);
    same(m, "sq_reassembly_front.rest");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t scales[4] = {1u, 1u, 1460u, SQ_WINDOW_MAX / UNITS};
    struct fuzz_in in = {data, size};
    struct map m = {.limit = UNITS};

    m.scale = scales[fuzz_u8(&in) % 4u];
    sq_reassembly_clear(&m.r);
    same(&m, "sq_reassembly_clear.empty");
    for (uint32_t step = 0u; step < STEPS && in.n > 0u; step++) {
        uint32_t op = fuzz_u8(&in), a = fuzz_range(&in, 1u, UNITS - 1u),
                 b = fuzz_range(&in, 0u, 31u);

        if (op % 8u == 7u) {
            front(&m, 1u + b);
        } else {
            b = op % 8u == 6u ? m.limit : a + 1u + b; /* now and then to the window's end */
            insert(&m, a, b > m.limit ? m.limit : b);
        }
    }
    return 0;
}
