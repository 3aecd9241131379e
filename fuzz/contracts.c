/* SPDX-License-Identifier: MIT */
/* make fuzz-contracts: the core's own contracts, compiled by E-ACSL, on the inputs of the corpora. This file only calls: what
   is checked stands in core/*.h. It includes the units it calls, for E-ACSL wants to see them as one. */
#include "core/congestion.c"
#include "core/owed.c"
#include "core/rtt.c"
#include "core/state.c"
#include "core/times.c"

void fuzz_contracts(const uint8_t *p, uint32_t n);

/* What is left of the input; bytes beyond it are zero. */
static uint32_t at;

static uint32_t number(const uint8_t *p, uint32_t n)
{
    uint32_t v = 0u;

    for (uint32_t i = 0u; i < 4u; i++) {
        v = v * 256u + (at < n ? p[at] : 0u);
        at = at < n ? at + 1u : at;
    }
    return v;
}

static uint32_t between(uint32_t v, uint32_t low, uint32_t high)
{
    return low + v % (high - low + 1u);
}

static void verdicts(uint32_t nxt, uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t seq = c % 3u == 0u ? c : nxt + a % 64u - 32u;

    (void)sq_seq_dist(nxt, seq);
    (void)sq_seq_add(nxt, seq);
    (void)sq_state_next(a % 12u, b % 11u, c % 2u);
}

static void modules(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    struct sq_rtt t = {0u, 0u, 0u, 0u};
    struct sq_congestion g = {0u, 0u, 0u, 0u, 0u, 0u, 0u};
    struct sq_owed o = {0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u};
    struct sq_times times = {0u, 0u, 0u, 0u, 0u, 0u};
    uint32_t low = between(a, SQ_RTO_FLOOR, SQ_RTO_CEILING), high = between(b, low, SQ_RTO_CEILING),
             mss = between(c, SQ_MSS_MIN, SQ_MSS_MAX);
    uint64_t now = ((uint64_t)c * 65536u + d) % SQ_TIME_MAX;

    (void)sq_clock(now, (uint64_t)d * a);
    sq_rtt_start(&t, low);
    sq_rtt_sample(&t, d, low, high);
    sq_rtt_sample(&t, (uint64_t)b * c, low, high);
    sq_rtt_backoff(&t, high);
    sq_congestion_open(&g, mss, between(d, 1u, 64u));
    sq_congestion_acked(&g, d % 100000u, mss);
    sq_congestion_timeout(&g, d % SQ_WINDOW_MAX, mss);
    sq_congestion_acked(&g, a % 100000u, mss);
    (void)sq_congestion_new(&g, d % SQ_WINDOW_MAX, d % SQ_WINDOW_MAX, mss);
    for (uint32_t i = 0u; i < 4u + b % 4u; i++) {
        (void)sq_congestion_duplicate(&g, c % SQ_WINDOW_MAX, mss);
        (void)sq_congestion_window(&g, mss);
    }
    (void)sq_congestion_new(&g, a % 100000u, b % 100000u, mss);
    sq_congestion_idle(&g, mss, between(a, 1u, 64u), low, now);
    sq_owed_clear(&o);
    sq_owed_challenge(&o, a, now);
    sq_owed_challenge(&o, b, now);
    sq_owed_reset(&o, a % 4096u, b, c);
    sq_times_stop(&times);
    sq_times_sent(&times, low, high, now);
    sq_times_window(&times, a % 2u, low, now);
    sq_times_acked(&times, b % 2u, low, high, now);
    (void)sq_times_earliest(&times);
}

void fuzz_contracts(const uint8_t *p, uint32_t n)
{
    uint32_t a, b, c, d;

    at = 1u;
    a = number(p, n);
    b = number(p, n);
    c = number(p, n);
    d = number(p, n);
    verdicts(a, b, c, d);
    modules(a, b, c, d);
}
