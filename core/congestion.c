/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* RFC 5681 3.1, RFC 3465. */
#include "congestion.h"

void sq_congestion_open(struct sq_congestion *g, uint32_t mss, uint32_t segments)
{
    g->cwnd = segments * mss;
    g->ssthresh = SQ_WINDOW_MAX;
    g->counted = 0u;
    g->zero = 0u;
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

void sq_congestion_timeout(struct sq_congestion *g, uint32_t flight, uint32_t mss)
{
    g->ssthresh = flight / 2u > 2u * mss ? flight / 2u : 2u * mss;
    g->cwnd = mss;
    g->counted = 0u;
}
