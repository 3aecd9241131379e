/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* RFC 5681 3.1, RFC 3465. */
#include "congestion.h"

/*@ requires part: SQ_MSS_MIN <= mss <= SQ_MSS_MAX && 1 <= segments <= 64;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == InitialWindow(mss, segments);
    ensures range: mss <= \result <= SQ_WINDOW_MAX; */
static uint32_t initial_window(uint32_t mss, uint32_t segments)
{
    uint32_t most = segments * SQ_MSS_ETHERNET;
    most = most > 2u * mss ? most : 2u * mss;
    return segments * mss < most ? segments * mss : most;
}

void sq_congestion_open(struct sq_congestion *g, uint32_t mss, uint32_t segments)
{
    g->cwnd = initial_window(mss, segments);
    g->ssthresh = SQ_WINDOW_MAX;
    g->counted = 0u;
    g->last = 0u;
    g->duplicates = 0u;
    g->recover = 0u;
    g->recovering = 0u;
}

void sq_congestion_acked(struct sq_congestion *g, uint32_t n, uint32_t mss)
{
    uint32_t step = n < mss ? n : mss;
    if (g->cwnd >= g->ssthresh) {
        uint32_t counted = g->counted + n;
        if (counted < g->cwnd) {
            g->counted = counted;
            return;
        }
        counted = counted - g->cwnd;
        g->counted = counted < SQ_WINDOW_MAX ? counted : SQ_WINDOW_MAX;
        step = mss;
    }
    g->cwnd = step <= SQ_WINDOW_MAX - g->cwnd ? g->cwnd + step : SQ_WINDOW_MAX;
}

/* RFC 5681 3.1 equation 4 */
/*@ requires part: flight <= SQ_WINDOW_MAX + 1 && mss <= SQ_MSS_MAX;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == HalfFlight(flight, mss); */
static uint32_t half_flight(uint32_t flight, uint32_t mss)
{
    return flight / 2u > 2u * mss ? flight / 2u : 2u * mss;
}

/* No more than the largest window. */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == \min(v, SQ_WINDOW_MAX); */
static uint32_t capped(uint32_t v)
{
    return v < SQ_WINDOW_MAX ? v : SQ_WINDOW_MAX;
}

/* The window after a partial ACK: less what left the network, one segment for what goes again. RFC 6582 3.2 step 3 */
/*@ requires part: cwnd <= SQ_WINDOW_MAX && d <= SQ_WINDOW_MAX + 1 && SQ_MSS_MIN <= mss <= SQ_MSS_MAX;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == \min(SQ_WINDOW_MAX, \max(mss, cwnd - d + (d >= mss ? mss : 0))); */
static uint32_t deflated(uint32_t cwnd, uint32_t d, uint32_t mss)
{
    uint32_t more = cwnd + (d >= mss ? mss : 0u);
    if (more < d || more - d < mss) {
        return mss;
    }
    return capped(more - d);
}

uint32_t sq_congestion_new(struct sq_congestion *g, uint32_t d, uint32_t flight, uint32_t mss)
{
    uint32_t left = g->recover > d ? g->recover - d : 0u;
    uint32_t most = capped((flight > mss ? flight : mss) + mss);
    g->duplicates = 0u;
    if (g->recovering == 0u) {
        g->recover = left;
        sq_congestion_acked(g, d, mss);
        return 0u;
    }
    if (d < g->recover) {
        g->recover = left;
        g->cwnd = deflated(g->cwnd, d, mss);
        return 1u;
    }
    g->recover = 0u;
    g->recovering = 0u;
    g->counted = 0u;
    g->cwnd = g->ssthresh < most ? g->ssthresh : most;
    return 0u;
}

uint32_t sq_congestion_duplicate(struct sq_congestion *g, uint32_t flight, uint32_t mss)
{
    if (g->recovering == 1u) {
        g->cwnd = capped(g->cwnd + mss);
        return 0u;
    }
    if (g->duplicates + 1u == SQ_DUPLICATES && g->recover == 0u) {
        g->ssthresh = half_flight(flight < g->cwnd ? flight : g->cwnd, mss);
        g->cwnd = capped(g->ssthresh + SQ_DUPLICATES * mss);
        g->counted = 0u;
        g->duplicates = SQ_DUPLICATES;
        g->recover = flight;
        g->recovering = 1u;
        return 1u;
    }
    g->duplicates = g->duplicates < SQ_DUPLICATES ? g->duplicates + 1u : SQ_DUPLICATES;
    return 0u;
}

uint32_t sq_congestion_window(const struct sq_congestion *g, uint32_t mss)
{
    if (g->recovering == 1u || g->duplicates >= SQ_DUPLICATES) {
        return g->cwnd;
    }
    return capped(g->cwnd + g->duplicates * mss);
}

void sq_congestion_idle(struct sq_congestion *g, uint32_t mss, uint32_t segments, uint32_t rto,
                        uint64_t now)
{
    uint32_t least = initial_window(mss, segments);
    if (g->last + rto < now && g->cwnd > least) {
        g->cwnd = least;
    }
}

void sq_congestion_timeout(struct sq_congestion *g, uint32_t flight, uint32_t mss)
{
    uint32_t half = half_flight(flight, mss);
    g->ssthresh = g->recovering == 1u && g->ssthresh < half ? g->ssthresh : half;
    g->cwnd = mss;
    g->counted = 0u;
    g->duplicates = 0u;
    g->recover = flight;
    g->recovering = 0u;
}
