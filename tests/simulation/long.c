/* SPDX-License-Identifier: MIT */
/* One connection that carries much: so many bytes each way over a network that loses, doubles and reorders, every one of them
   compared on the wire and where it is read. `make sim-long`; not part of `make test`. Virtual time, so the same seed gives
   the same run on any machine. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/sim_user.h"

#define DAY UINT64_C(86400000000) /* microseconds */

static uint64_t number(const char *text, uint64_t low, const char *what)
{
    char *end;
    uint64_t n = strtoull(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || n < low) {
        fprintf(stderr, "sim-long: %s '%s': expected a number from %" PRIu64 " on\n", what, text,
                low);
        exit(2);
    }
    return n;
}

/* 20 ms each way and up to 5 more; of 1000 segments 10 are lost, 10 doubled, 10 come three delays late. Then a bottleneck:
   10 MB a second, and 64 KB may wait for it. */
static struct sim_link hostile(void)
{
    return (struct sim_link){.delay = 20000u,
                             .jitter = 5000u,
                             .loss = 10u,
                             .duplicate = 10u,
                             .reorder = 10u,
                             .rate = 10000000u,
                             .queue = 65536u};
}

static void set_up(struct sim_pair *p, uint64_t seed, uint64_t bytes)
{
    sim_pair_begin(p, seed);
    for (uint32_t i = 0u; i < 2u; i++) {
        p->sim.link[i] = hostile();
        sim_rings(&p->sim, i, 262144u, 262144u);
        p->sim.end[i].settings.shift = 3u;
        p->sim.end[i].iss = (uint32_t)sim_draw(&p->sim); /* 1 GB may pass the end of the numbers */
        p->user[i].plan.total = bytes;
        p->user[i].plan.write = 65536u;
        p->user[i].plan.read = 65536u;
    }
}

static void report(const struct sim_pair *p, const char *what)
{
    const struct sim_end *a = &p->sim.end[0], *b = &p->sim.end[1];

    printf("sim-long: %s: %" PRIu64 " and %" PRIu64 " bytes read, %" PRIu64
           " s of virtual time; %u segments, %u again; %u lost, %u doubled, %u late\n",
           what, b->received, a->received, p->sim.now / 1000000u, a->segments + b->segments,
           a->resent + b->resent, p->sim.lost, p->sim.duplicated, p->sim.late);
    fflush(stdout);
}

/* Asked for each segment whether it shall be lost: never, but a line is due for every twentieth of the bytes. */
static bool progress(void *context, struct sim *s, uint32_t from, const struct sq_emit *e)
{
    static uint64_t shown;
    const struct sim_pair *p = context;
    uint64_t done = s->end[0].received + s->end[1].received;
    uint64_t all = p->user[0].plan.total + p->user[1].plan.total;

    (void)from;
    (void)e;
    if (done < all && done / (all / 20u + 1u) > shown) {
        shown = done / (all / 20u + 1u);
        report(p, "so far");
    }
    return false;
}

int main(int argc, char **argv)
{
    static struct sim_pair p;
    uint64_t bytes = number(argc > 1 ? argv[1] : "1000000000", 1u, "BYTES");
    uint64_t seed = number(argc > 2 ? argv[2] : "1", 0u, "SEED");
    enum sim_outcome outcome;

    if (argc > 3) {
        fputs("usage: long [BYTES [SEED]]\n", stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("sim-long: %" PRIu64 " bytes each way, seed %" PRIu64 "\n", bytes, seed);
    set_up(&p, seed, bytes);
    p.sim.lose = progress;
    outcome = sim_pair_run(&p, false, 30u * DAY);
    report(&p, outcome == SIM_FAILED ? p.sim.fault : "byte for byte");
    sim_pair_free(&p);
    return outcome == SIM_FAILED ? 1 : 0;
}
