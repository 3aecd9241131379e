/* SPDX-License-Identifier: MIT */
/* mc [--trace] [--plain] [--compact] [--max N] [--progress] WORD...: explores one experiment and prints what it found. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "spec/model/explore.h"

/* Of this clock: what passed, or what the processor spent on us (other programs may be busy too). */
static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void print_verdict(const struct search *s)
{
    if (s->found && s->bad != BAD_NONE) {
        printf("verdict\tfails %s\n", bad_name(s->bad));
    } else if (model.wanted) {
        printf("verdict\t%s\n", s->found ? "reached" : s->bounded ? "unknown" : "unreached");
    } else {
        printf("verdict\t%s\n", s->bounded ? "unknown" : "holds");
    }
}

static void print(const struct search *s, double took, double spent)
{
    size_t memory = explore_memory(s);

    print_verdict(s);
    if (s->found && s->compact == 0u) {
        printf("steps\t%u\n", explore_steps(s));
    }
    printf("states\t%u\ntransitions\t%llu\ndepth\t%u\nseconds\t%.3f\n", s->n,
           (unsigned long long)s->transitions, s->depth, took);
    printf("rate\t%.0f\nmemory\t%zu\nper-state\t%.1f\n",
           (double)s->transitions / (spent > 0.0 ? spent : 1e-9), memory, (double)memory / s->n);
    printf("calls\t%llu\nfull\t%llu\nheld\t%llu\nends\t%u %u %u\nsegments\t%u\n",
           (unsigned long long)states_calls, (unsigned long long)states_full,
           (unsigned long long)states_held, states_distinct(0u), states_distinct(1u),
           states_distinct(2u), states_distinct(ENDS));
    if (s->compact > 0u) {
        printf("kept\thash compaction, 64 bits: a state is missed with a chance of %.1g\n",
               (double)s->n * s->n / 3.7e19);
    } else {
        printf("kept\texact\n");
    }
    for (uint32_t k = 0u; k < s->outcome_kinds; k++) {
        printf("rest\t%s\t%llu\n", s->outcome[k], (unsigned long long)s->outcomes[k]);
    }
}

static void help(void)
{
    fputs("usage: mc [--trace] [--plain] [--compact] [--max N] [--progress] WORD...\n"
          "Explores every state of one experiment and prints the verdict and its figures, a name "
          "and a value each.\n"
          "  --trace     also the shortest way to what was found\n"
          "  --plain     the core runs at every transition, nothing is remembered\n"
          "  --compact   keeps 64 bits of each state instead of the state; the figure of what may "
          "be missed is printed\n"
          "  --max N     gives up at N states (verdict: unknown)\n"
          "  --progress  a line per million states on stderr\n"
          "exit status: 0 explored (whatever the verdict), 1 gave up at --max, 2 wrong use\n",
          stdout);
    model_help();
}

int main(int argc, char **argv)
{
    static struct search s;
    bool trace = false, compact = false;
    double start = seconds(CLOCK_MONOTONIC);

    model_default();
    for (int k = 1; k < argc; k++) {
        if (strcmp(argv[k], "--help") == 0) {
            help();
            return 0;
        } else if (strcmp(argv[k], "--trace") == 0) {
            trace = true;
        } else if (strcmp(argv[k], "--compact") == 0) {
            compact = true;
        } else if (strcmp(argv[k], "--plain") == 0) {
            states_plain = true;
        } else if (strcmp(argv[k], "--progress") == 0) {
            s.progress = true;
        } else if (strcmp(argv[k], "--max") == 0 && k + 1 < argc) {
            s.most = (uint32_t)strtoul(argv[++k], NULL, 10);
        } else if (!model_option(argv[k])) {
            return 2;
        }
    }
    if (compact && (model.live || trace)) {
        fputs("mc: --compact keeps no ways: neither live=1 nor --trace\n", stderr);
        return 2;
    }
    if (compact) {
        explore_compact(&s);
    } else {
        explore(&s);
    }
    print(&s, seconds(CLOCK_MONOTONIC) - start, seconds(CLOCK_PROCESS_CPUTIME_ID));
    if (trace && s.found) {
        trace_print(&s);
    }
    return s.bounded ? 1 : 0;
}
