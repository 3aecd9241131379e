/* SPDX-License-Identifier: MIT */
/* Two endpoints over a network that loses, doubles, reorders and corrupts: SEEDS connections (default 2000), each with its
   own network, rings, numbers, settings and users drawn from the seed. SEED=n runs one and prints its trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness/sim_user.h"

#define DAY \
    86400000000u /* microseconds: more than three times what the slowest of 100,000 seeds takes */

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    char *end;
    uint64_t n;

    if (text == NULL || *text == '\0') {
        return otherwise;
    }
    n = strtoull(text, &end, 10);
    if (*end != '\0') {
        fprintf(stderr, "%s=%s: expected a number\n", name, text);
        exit(2);
    }
    return n;
}

struct sum {
    uint64_t outcomes[SIM_FAILED + 1], segments, resent, lost, corrupted, hash, longest, events;
};

static enum sim_outcome one(struct sum *sum, uint64_t seed, FILE *trace)
{
    static struct sim_pair p;
    enum sim_outcome outcome;

    sim_pair_draw(&p, seed);
    p.sim.trace = trace;
    outcome = sim_pair_run(&p, sim_below(&p.sim, 8u) == 0u, DAY);
    sum->outcomes[outcome]++;
    for (uint32_t i = 0u; i < 2u; i++) {
        sum->segments += p.sim.end[i].segments;
        sum->resent += p.sim.end[i].resent;
    }
    sum->lost += p.sim.lost;
    sum->corrupted += p.sim.corrupted;
    sum->events += p.sim.events;
    sum->hash = sum->hash * 0x100000001b3u ^ p.sim.hash;
    sum->longest = p.sim.now > sum->longest ? p.sim.now : sum->longest;
    if (trace != NULL || outcome == SIM_FAILED) {
        print_message("# seed %" PRIu64 ": trace %016" PRIx64 " %s\n", seed, p.sim.hash,
                      p.sim.fault);
    }
    sim_pair_free(&p);
    return outcome;
}

/* The last lines of what happened, behind the seed that makes it happen again. */
static void show(uint64_t seed)
{
    struct sum sum = {0};
    FILE *trace = tmpfile();
    char line[200];
    long lines = 0, from;

    if (trace == NULL) {
        return;
    }
    one(&sum, seed, trace);
    rewind(trace);
    while (fgets(line, sizeof line, trace) != NULL) {
        lines++;
    }
    from = lines - 60;
    rewind(trace);
    for (long n = 0; fgets(line, sizeof line, trace) != NULL; n++) {
        if (n >= from) {
            print_message("%s", line);
        }
    }
    fclose(trace);
}

static void streams_arrive_exactly_and_both_ends_finish(void **state)
{
    uint64_t first = 1u, count = number("SEEDS", 2000u);
    struct sum sum = {0};

    (void)state;
    if (getenv("SEED") != NULL) {
        first = number("SEED", 1u);
        assert_int_not_equal(one(&sum, first, stdout), SIM_FAILED);
        return;
    }
    for (uint64_t seed = first; seed < first + count; seed++) {
        if (one(&sum, seed, NULL) == SIM_FAILED) {
            show(seed);
            print_message("# again with SEED=%" PRIu64 "\n", seed);
            fail();
        }
    }
    print_message("# seeds %" PRIu64 "..%" PRIu64 ", trace of all %016" PRIx64 "\n", first,
                  first + count - 1u, sum.hash);
    print_message("# %" PRIu64 " done, %" PRIu64 " done but for the last ACK, %" PRIu64
                  " aborted\n",
                  sum.outcomes[SIM_DONE], sum.outcomes[SIM_RESET_LATE], sum.outcomes[SIM_ABORTED]);
    print_message("# %" PRIu64 " segments, %" PRIu64 " of them again, %" PRIu64 " lost, %" PRIu64
                  " corrupted; longest %" PRIu64 " s, %" PRIu64 " events\n",
                  sum.segments, sum.resent, sum.lost, sum.corrupted, sum.longest / 1000000u,
                  sum.events);
    assert_true(sum.outcomes[SIM_DONE] > count / 2u);
}

static void same_seed_same_trace(void **state)
{
    (void)state;
    for (uint64_t seed = 1u; seed <= 5u; seed++) {
        struct sum a = {0}, b = {0}, c = {0};

        one(&a, seed, NULL);
        one(&b, seed, NULL);
        one(&c, seed + 1u, NULL);
        assert_true(a.hash == b.hash);
        assert_true(a.hash != c.hash);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_arrive_exactly_and_both_ends_finish),
        cmocka_unit_test(same_seed_same_trace),
    };

    return cmocka_run_group_tests_name("simulation: streams", tests, NULL, NULL);
}
