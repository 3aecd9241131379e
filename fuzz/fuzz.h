/* SPDX-License-Identifier: MIT */
/* What every target shares: values read from the fuzzer's bytes, and the way a broken contract is told.

   A target is a file fuzz/fuzz_NAME.c with LLVMFuzzerTestOneInput. It allocates nothing, keeps nothing from one execution
   to the next, and draws everything from its bytes, so that an input replays anywhere. Bytes that are not there read as
   zero: any input of any length is a test. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Says which clause of which contract does not hold, and aborts. `clause` is written as `function.clause`, so that it is
   found by its name; findings are told apart by it. */
_Noreturn void fuzz_broken(const char *clause, const char *file, int line);

#define FUZZ_CHECK(clause, holds)                    \
    do {                                             \
        if (__builtin_expect(!(holds), 0)) {         \
            fuzz_broken(clause, __FILE__, __LINE__); \
        }                                            \
    } while (0)

/* A loop of an oracle: its comparisons are not what is explored, and would cost more than the code under test. */
#ifdef __clang__
#define FUZZ_ORACLE __attribute__((no_sanitize("coverage")))
#else
#define FUZZ_ORACLE
#endif

/* ---- the bytes that are left ---- */

struct fuzz_in {
    const uint8_t *p;
    size_t n;
};

static inline uint32_t fuzz_u8(struct fuzz_in *in)
{
    if (in->n == 0u) {
        return 0u;
    }
    in->n--;
    return *in->p++;
}

static inline uint32_t fuzz_u16(struct fuzz_in *in)
{
    uint32_t high = fuzz_u8(in);

    return high * 256u + fuzz_u8(in);
}

static inline uint32_t fuzz_u32(struct fuzz_in *in)
{
    uint32_t high = fuzz_u16(in);

    return high * 65536u + fuzz_u16(in);
}

/* low..high, both included; one byte is enough for small spans, so that mutations stay small. */
static inline uint32_t fuzz_range(struct fuzz_in *in, uint32_t low, uint32_t high)
{
    uint32_t span = high - low, v = span < 256u     ? fuzz_u8(in)
                                    : span < 65536u ? fuzz_u16(in)
                                                    : fuzz_u32(in);

    return span == UINT32_MAX ? v : low + v % (span + 1u);
}

/* low..high again, but mostly what is near either end, where comparisons go wrong. */
static inline uint32_t fuzz_edge(struct fuzz_in *in, uint32_t low, uint32_t high)
{
    uint32_t how = fuzz_u8(in), span = high - low, near = how / 4u % 8u;

    near = near > span ? span : near;
    switch (how % 4u) {
    case 0u:
        return low + near;
    case 1u:
        return high - near;
    case 2u:
        return low + span / 2u;
    default:
        return fuzz_range(in, low, high);
    }
}

/* Byte k of stream `which`: what is promised can be compared without being kept. */
static inline uint8_t fuzz_stream(uint32_t which, uint64_t k)
{
    uint64_t x = (k + which * 0x100000001b3u) * 0x9e3779b97f4a7c15u;

    return (uint8_t)(x >> 56);
}

#endif
