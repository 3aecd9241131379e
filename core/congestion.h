/* SPDX-License-Identifier: MIT */
/* The congestion window: slow start, congestion avoidance by bytes, and the loss that a timeout tells. Bytes.
   RFC 5681 3.1, RFC 3465, RFC 6928 */
#ifndef SQ_CONGESTION_H
#define SQ_CONGESTION_H

#include "connection.h"

/*@ // RFC 6928 2, with `segments` for its ten: less than that many where a segment is larger than an Ethernet frame's.
    logic integer InitialWindow(integer mss, integer segments) =
      \min(segments * mss, \max(2 * mss, segments * SQ_MSS_ETHERNET));
    // RFC 5681 3.1 equation 4
    logic integer HalfFlight(integer flight, integer mss) = \max(flight / 2, 2 * mss);
    // What limited transmit sent is beyond cwnd, and does not count. RFC 5681 3.2 step 2
    logic integer FastThreshold(struct sq_congestion g, integer flight, integer mss) = HalfFlight(\min(flight, g.cwnd), mss);
    // The loss of what went again in fast recovery lowers twice: never up again. RFC 5681 3.1, 4.3
    logic integer TimeoutThreshold(struct sq_congestion g, integer flight, integer mss) =
      g.recovering == 1 ? \min(g.ssthresh, HalfFlight(flight, mss)) : HalfFlight(flight, mss);
    // RFC 5681 3.1, RFC 3465 2.1, 2.2 with L = 1: how far one acknowledgment of n bytes opens the window.
    logic integer Growth(struct sq_congestion g, integer n, integer mss) =
      g.cwnd < g.ssthresh ? \min(n, mss) : g.counted + n >= g.cwnd ? mss : 0;
    // RFC 3042: each of the first two duplicate ACKs lets one more segment go.
    logic integer CongestionWindow(struct sq_congestion g, integer mss) =
      g.recovering == 0 && g.duplicates < SQ_DUPLICATES ? \min(SQ_WINDOW_MAX, g.cwnd + g.duplicates * mss) : g.cwnd;
    // A full recovery, a part of one. RFC 6582 3.2 step 3
    predicate Recovered(struct sq_congestion g, integer d) = g.recovering == 1 && d >= g.recover;
    predicate Partial(struct sq_congestion g, integer d) = g.recovering == 1 && d < g.recover;
    // The third duplicate, and nothing of an earlier recovery is still in flight. RFC 6582 3.2 step 2
    predicate FastDue(struct sq_congestion g) =
      g.recovering == 0 && g.duplicates == SQ_DUPLICATES - 1 && g.recover == 0;
*/

/* The connection stands: the initial window of `segments` full ones. RFC 6928 2, RFC 5681 3.1 */
/*@ requires block: \valid(g) && SQ_MSS_MIN <= mss <= SQ_MSS_MAX && 1 <= segments <= 64;
    terminates \true;
    assigns *g;
    ensures valid: CongestionValid(*g, mss);
    ensures open: g->cwnd == InitialWindow(mss, segments) && g->ssthresh == SQ_WINDOW_MAX && g->counted == 0 && g->duplicates == 0 &&
      g->recover == 0 && g->recovering == 0 && g->last == 0; */
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

/* d numbers were acknowledged for the first time, and `flight` are still on their way. In fast recovery a part of what was
   lost makes the next hole go again; the whole ends it. 1: the first of what is in flight must go again.
   RFC 6582 3.2 step 3, RFC 5681 3.2 */
/*@ requires block: \valid(g) && SQ_MSS_MIN <= mss <= SQ_MSS_MAX && CongestionValid(*g, mss);
    requires part: d <= SQ_WINDOW_MAX + 1 && flight <= SQ_WINDOW_MAX + 1;
    terminates \true;
    assigns g->cwnd, g->counted, g->duplicates, g->recover, g->recovering;
    ensures valid: CongestionValid(*g, mss);
    ensures verdict: \result == 0 || \result == 1;
    ensures again: \result == 1 <==> Partial(\old(*g), d);
    ensures none: g->duplicates == 0;
    ensures recover: g->recover == \max(0, \old(g->recover) - d);
    ensures recovering: g->recovering == \result;
    ensures growth: \old(g->recovering) == 0 ==> g->cwnd == \min(SQ_WINDOW_MAX, \old(g->cwnd + Growth(*g, d, mss)));
    ensures full: Recovered(\old(*g), d) ==>
      g->cwnd == \max(mss, \min(g->ssthresh, \min(SQ_WINDOW_MAX, \max(flight, mss) + mss)));
    ensures partial: Partial(\old(*g), d) ==>
      g->cwnd == \min(SQ_WINDOW_MAX, \max(mss, \old(g->cwnd) - d + (d >= mss ? mss : 0))); */
uint32_t sq_congestion_new(struct sq_congestion *g, uint32_t d, uint32_t flight, uint32_t mss);

/* An ACK that acknowledged nothing while `flight` numbers were on their way: a segment left the network. 1: the third one,
   and the first of what is in flight must go again. RFC 5681 3.2, RFC 6582 3.2 step 2, RFC 3042 2 */
/*@ requires block: \valid(g) && SQ_MSS_MIN <= mss <= SQ_MSS_MAX && CongestionValid(*g, mss);
    requires part: flight <= SQ_WINDOW_MAX + 1;
    terminates \true;
    assigns g->cwnd, g->ssthresh, g->counted, g->duplicates, g->recover, g->recovering;
    ensures valid: CongestionValid(*g, mss);
    ensures verdict: \result == 0 || \result == 1;
    ensures fast: \result == 1 <==> FastDue(\old(*g));
    ensures lost: FastDue(\old(*g)) ==> g->ssthresh == \old(FastThreshold(*g, flight, mss)) && g->recover == flight && g->recovering == 1 &&
      g->cwnd == \min(SQ_WINDOW_MAX, g->ssthresh + SQ_DUPLICATES * mss);
    ensures left: \old(g->recovering) == 1 ==> g->cwnd == \min(SQ_WINDOW_MAX, \old(g->cwnd) + mss) && g->ssthresh == \old(g->ssthresh) &&
      g->recover == \old(g->recover) && g->recovering == 1;
    ensures counted: \old(g->recovering) == 0 && !FastDue(\old(*g)) ==> g->cwnd == \old(g->cwnd) &&
      g->ssthresh == \old(g->ssthresh) && g->recover == \old(g->recover) && g->recovering == 0 &&
      g->duplicates == \min(SQ_DUPLICATES, \old(g->duplicates) + 1); */
uint32_t sq_congestion_duplicate(struct sq_congestion *g, uint32_t flight, uint32_t mss);

/* What may be in flight now: cwnd, and one segment for each of the first two duplicate ACKs. RFC 3042 2 */
/*@ requires block: \valid_read(g) && mss <= SQ_MSS_MAX && CongestionValid(*g, mss);
    terminates \true;
    assigns \nothing;
    ensures exact: \result == CongestionWindow(*g, mss);
    ensures least: mss <= \result <= SQ_WINDOW_MAX; */
uint32_t sq_congestion_window(const struct sq_congestion *g, uint32_t mss);

/* Nothing was sent for longer than the RTO: the path may have changed, so the window starts anew. RFC 5681 4.1 */
/*@ requires block: \valid(g) && SQ_MSS_MIN <= mss <= SQ_MSS_MAX && 1 <= segments <= 64 && CongestionValid(*g, mss);
    requires clock: now <= SQ_TIME_MAX;
    terminates \true;
    assigns g->cwnd;
    ensures valid: CongestionValid(*g, mss);
    ensures exact: g->cwnd == (g->last + rto < now ? \min(\old(g->cwnd), InitialWindow(mss, segments)) : \old(g->cwnd)); */
void sq_congestion_idle(struct sq_congestion *g, uint32_t mss, uint32_t segments, uint32_t rto,
                        uint64_t now);

/* The retransmission timer went off. RFC 5681 3.1: one segment, and half of what was in flight as the threshold,
   which does not rise by it in fast recovery. */
/*@ requires block: \valid(g) && SQ_MSS_MIN <= mss <= SQ_MSS_MAX && CongestionValid(*g, mss);
    requires part: flight <= SQ_WINDOW_MAX + 1;
    terminates \true;
    assigns g->cwnd, g->ssthresh, g->counted, g->duplicates, g->recover, g->recovering;
    ensures valid: CongestionValid(*g, mss);
    ensures collapsed: g->cwnd == mss && g->ssthresh == \old(TimeoutThreshold(*g, flight, mss)) && g->counted == 0;
    ensures no_fast: g->duplicates == 0 && g->recovering == 0 && g->recover == flight; */
void sq_congestion_timeout(struct sq_congestion *g, uint32_t flight, uint32_t mss);

#endif
