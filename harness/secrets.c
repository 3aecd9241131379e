/* SPDX-License-Identifier: MIT */
/* What nobody may guess, or everybody who knows the seed may. */
#include "secrets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* splitmix64 */
static uint64_t next(uint64_t *state)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15u;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

void sq_secrets_draw(struct sq_stack_options *s, const uint64_t *seed)
{
    uint64_t state = seed != NULL ? *seed : 0u, number;
    uint8_t *p = s->secret;

    if (seed != NULL) {
        s->wire.seed = *seed;
        for (size_t i = 0u; i < sizeof s->secret; i += sizeof number) {
            number = next(&state);
            memcpy(p + i, &number, sizeof number);
        }
        number = next(&state);
    } else if (getrandom(p, sizeof s->secret, 0) != (ssize_t)sizeof s->secret ||
               getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number) {
        fprintf(stderr, "sequent: no random numbers: %s\n", strerror(errno));
        exit(1);
    }
    /* One station, locally administered. */
    s->wire.hardware = UINT64_C(0x020000000000) + number % UINT64_C(0x10000000000);
}
