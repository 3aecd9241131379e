/* SPDX-License-Identifier: MIT */
/* Somebody else's parser under our oracles: see parser.h. The library is the one that FUZZ_PARSER_SO names. */
#include "parser.h"
#include "fuzz.h"
#include "twin_header.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);

static tcp_parse_function *theirs;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *so = getenv("FUZZ_PARSER_SO");
    void *library = so == NULL ? NULL : dlopen(so, RTLD_NOW | RTLD_LOCAL), *symbol;

    (void)argc;
    (void)argv;
    if (library == NULL) {
        fprintf(stderr, "fuzz-parser: %s\n",
                so == NULL ? "FUZZ_PARSER_SO is not set: make fuzz-parser SO=./theirs.so"
                           : dlerror());
        exit(2);
    }
    symbol = dlsym(library, "tcp_parse");
    if (symbol == NULL) {
        fprintf(stderr, "fuzz-parser: %s has no function tcp_parse, see fuzz/parser.h\n", so);
        exit(2);
    }
    memcpy(&theirs, &symbol, sizeof theirs);
    return 0;
}

/* The options up to the first that RFC 9293 leaves open; 0 of `open` if there is none. */
struct known {
    uint32_t at[9]; /* by kind: where it stands; 0: it does not */
    bool open;
};

static struct known walk(const uint8_t *p, uint32_t e)
{
    struct known k = {{0u}, false};

    for (uint32_t i = 20u; i < e && p[i] != 0u; i += p[i] == 1u ? 1u : p[i + 1u]) {
        if (p[i] == 1u) {
            continue;
        }
        if (option_broken(p, i, e)) {
            return k; /* MUST-7: what stood before it counts */
        }
        if (!option_fits(p[i], p[i + 1u]) || (p[i] <= 8u && k.at[p[i]] != 0u)) {
            k.open = true;
            return k;
        }
        if (p[i] <= 8u) {
            k.at[p[i]] = i;
        }
    }
    return k;
}

static void options(const uint8_t *p, const struct known *k, const struct parser_header *h)
{
    FUZZ_CHECK("parser.mss",
               h->mss == (k->at[2] == 0u ? PARSER_ABSENT : (int32_t)be16(p, k->at[2] + 2u)));
    FUZZ_CHECK("parser.shift", h->shift == (k->at[3] == 0u ? PARSER_ABSENT : p[k->at[3] + 2u]));
    FUZZ_CHECK("parser.sack_permitted", h->sack_permitted == (k->at[4] == 0u ? PARSER_ABSENT : 1));
    FUZZ_CHECK("parser.timestamp", h->has_timestamp == (k->at[8] == 0u ? PARSER_ABSENT : 1));
    FUZZ_CHECK("parser.ts_value", k->at[8] == 0u || (h->ts_value == be32(p, k->at[8] + 2u) &&
                                                     h->ts_echo == be32(p, k->at[8] + 6u)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t n = size > 65535u ? 65535u : (uint32_t)size, e = n < 20u ? 0u : (data[12] >> 4) * 4u;
    bool whole = n >= 20u && e >= 20u && e <= n;
    struct parser_header h;
    struct known k;

    memset(&h, 0x5a, sizeof h);
    FUZZ_CHECK("parser.accepts", theirs(data, n, &h) == whole);
    if (!whole) {
        return 0;
    }
    FUZZ_CHECK("parser.ports",
               h.source_port == be16(data, 0u) && h.destination_port == be16(data, 2u));
    FUZZ_CHECK("parser.numbers", h.seq == be32(data, 4u) && h.ack == be32(data, 8u));
    FUZZ_CHECK("parser.length", h.length == e);
    FUZZ_CHECK("parser.flags", h.flags == data[13]);
    FUZZ_CHECK("parser.rest", h.window == be16(data, 14u) && h.checksum == be16(data, 16u) &&
                                  h.urgent == be16(data, 18u));
    k = walk(data, e);
    if (!k.open) {
        options(data, &k, &h);
    }
    return 0;
}
