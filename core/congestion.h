/* SPDX-License-Identifier: MIT */
/* The congestion window: slow start, congestion avoidance by bytes, and the loss that a timeout tells. Bytes.
   RFC 5681 3.1, RFC 3465, RFC 6928 */
#ifndef SQ_CONGESTION_H
#define SQ_CONGESTION_H

#include "connection.h"

/*@ // RFC 5681 3.1 equation 4
    logic integer HalfFlight(integer flight, integer mss) = \max(flight / 2, 2 * mss);
    // RFC 5681 3.1, RFC 3465 2.1, 2.2 with L = 1: how far one acknowledgment of n bytes opens the window.
    logic integer Growth(struct sq_congestion g, integer n, integer mss) =
      g.cwnd < g.ssthresh ? \min(n, mss) : g.counted + n >= g.cwnd ? mss : 0;
*/

/* The connection stands: `segments` full ones may go at once. RFC 6928 2, RFC 5681 3.1 */
/*@ requires block: \valid(g) && SQ_MSS_MIN <= mss <= SQ_MSS_MAX && 1 <= segments <= 64;
    terminates \true;
    assigns *g;
    ensures valid: CongestionValid(*g, mss);
    ensures open: g->cwnd == segments * mss && g->ssthresh == SQ_WINDOW_MAX && g->counted == 0; */
void sq_congestion_open(struct sq_congestion *g, uint32_t mss, uint32_t segments);

/* n bytes were acknowledged for the first time. RFC 5681 3.1, RFC 3465 2 */
/*@ requires block: \valid(g) && SQ_MSS_MIN <= mss <= SQ_MSS_MAX && CongestionValid(*g, mss);
    requires part: n <= SQ_WINDOW_MAX + 1;
    terminates \true;
    assigns g->cwnd, g->counted;
    ensures valid: CongestionValid(*g, mss);
    ensures growth: g->cwnd == \min(SQ_WINDOW_MAX, \old(g->cwnd + Growth(*g, n, mss)));
    ensures counted: g->counted == (\old(g->cwnd < g->ssthresh) ? \old(g->counted) :
      \old(g->counted + n >= g->cwnd) ? \min(SQ_WINDOW_MAX, \old(g->counted + n - g->cwnd)) : \old(g->counted) + n); */
void sq_congestion_acked(struct sq_congestion *g, uint32_t n, uint32_t mss);

/* The retransmission timer went off. RFC 5681 3.1: one segment, and half of what was in flight as the threshold. */
/*@ requires block: \valid(g) && SQ_MSS_MIN <= mss <= SQ_MSS_MAX;
    requires part: flight <= SQ_WINDOW_MAX + 1;
    terminates \true;
    assigns g->cwnd, g->ssthresh, g->counted;
    ensures valid: CongestionValid(*g, mss);
    ensures collapsed: g->cwnd == mss && g->ssthresh == HalfFlight(flight, mss) && g->counted == 0; */
void sq_congestion_timeout(struct sq_congestion *g, uint32_t flight, uint32_t mss);

#endif
