/* SPDX-License-Identifier: MIT */
/* Our direction: SND.UNA, what is in flight and queued beyond it, the peer's window. RFC 9293 3.3.1, 3.8.6 */
#ifndef SQ_SEND_H
#define SQ_SEND_H

#include "connection.h"
#include "ring.h"

#include "../spec/send.acsl"

/* Nothing sent, nothing queued; the ring stays the caller's. */
/*@ requires block: \valid(s) && RingFits(s->capacity, s->head);
    terminates \true;
    assigns *s;
    ensures valid: SendValid(*s);
    ensures clear: s->tx == SQ_TX_NONE && s->closing == 0 && s->flight == 0 && s->sent == 0 && s->queued == 0 &&
      s->acked == 0 && s->iss == 0 && s->una == 0 && s->wnd == 0 && s->wl1 == 0 && s->wl2 == 0 && s->max_wnd == 0 &&
      s->offered == 0 && s->shift == 0 && s->probing == 0 && s->mss == SQ_MSS_DEFAULT && s->head == 0;
    ensures ring: s->capacity == \old(s->capacity); */
void sq_send_clear(struct sq_send *s);

/* A SYN with this ISS is due. RFC 9293 3.10.1 */
/*@ requires block: \valid(s) && SendValid(*s) && s->tx == SQ_TX_NONE;
    terminates \true;
    assigns s->tx, s->iss, s->una;
    ensures valid: SendValid(*s);
    ensures wanted: s->tx == SQ_TX_SYN_WANTED && s->iss == iss && s->una == iss; */
void sq_send_open(struct sq_send *s, uint32_t iss);

/* What the peer's SYN tells: its window, never scaled there, the MSS to use and the scale of later windows.
   RFC 9293 3.10.7.2, 3.10.7.3; RFC 7323 2.2 */
/*@ requires block: \valid(s) && SendValid(*s) && SynUnsettled(s->tx);
    requires offer: wnd <= 65535 && SQ_MSS_MIN <= mss <= SQ_MSS_MAX && shift <= SQ_SHIFT_MAX;
    terminates \true;
    assigns s->wnd, s->wl1, s->wl2, s->max_wnd, s->offered, s->mss, s->shift, s->probing;
    ensures valid: SendValid(*s);
    ensures window: s->wnd == wnd && s->max_wnd == wnd && s->offered == wnd && s->wl1 == seq && s->wl2 == s->una;
    ensures options: s->mss == mss && s->shift == shift && s->probing == 0; */
void sq_send_peer(struct sq_send *s, uint32_t seq, uint32_t wnd, uint32_t mss, uint32_t shift);

/* d numbers were acknowledged: text leaves the ring, SYN and FIN take their step, a CLOSE that waited for the SYN takes
   effect, no edge moves. RFC 9293 3.10.4, 3.10.7.4 fifth */
/*@ requires block: \valid(s) && SendValid(*s) && s->acked <= SQ_STREAM_MAX;
    requires part: 0 < d <= s->flight;
    terminates \true;
    assigns s->tx, s->closing, s->una, s->flight, s->sent, s->queued, s->acked, s->head, s->wnd, s->offered;
    ensures valid: SendValid(*s);
    ensures una: s->una == SeqAdd(\old(s->una), d) && s->flight == \old(s->flight) - d;
    ensures tx: s->tx == (d < \old(s->flight) ? \old(s->tx) : TxAcked(\old(s->tx), \old(s->closing)));
    ensures closing: s->closing == 0;
    ensures unsent: s->queued - s->sent == \old(s->queued - s->sent);
    ensures count: s->acked - \old(s->acked) == \old(s->sent) - s->sent;
    ensures head: \old(s->sent) > s->sent ==>
      s->head == Place(s->capacity, \old(s->head), \old(s->sent) - s->sent);
    ensures head_kept: \old(s->sent) == s->sent ==> s->head == \old(s->head);
    ensures edge: s->wnd == \max(0, \old(s->wnd) - d) && s->offered == \max(0, \old(s->offered) - d); */
void sq_send_acked(struct sq_send *s, uint32_t d);

/* The peer's window, if this segment is not older than the last that set it. 1: a window that was being probed opened.
   RFC 9293 3.10.7.4 fifth */
/*@ requires block: \valid(s) && SendValid(*s) && wnd <= SQ_WINDOW_MAX;
    terminates \true;
    assigns s->wnd, s->wl1, s->wl2, s->max_wnd, s->offered, s->probing;
    ensures valid: SendValid(*s);
    ensures fresh: WindowFresh(\old(s->wl1), \old(s->wl2), seq, ack) ==>
      s->wnd == wnd && s->wl1 == seq && s->wl2 == ack && s->max_wnd == \max(\old(s->max_wnd), wnd) &&
      s->offered == \max(\old(s->offered), wnd) && s->probing == (wnd > 0 ? 0 : \old(s->probing));
    ensures stale: !WindowFresh(\old(s->wl1), \old(s->wl2), seq, ack) ==> *s == \old(*s);
    ensures opened: \result == (\old(s->probing) == 1 && s->probing == 0 ? 1 : 0); */
uint32_t sq_send_window(struct sq_send *s, uint32_t seq, uint32_t ack, uint32_t wnd);

/* n more bytes of text are in the ring. RFC 9293 3.10.2 */
/*@ requires block: \valid(s) && SendValid(*s) && n <= s->capacity - s->queued;
    requires open: s->tx == SQ_TX_OPEN || SynUnsettled(s->tx);
    terminates \true;
    assigns s->queued;
    ensures valid: SendValid(*s);
    ensures queued: s->queued == \old(s->queued) + n; */
void sq_send_queue(struct sq_send *s, uint32_t n);

/* Something waits, nothing is in flight, and the peer's window is shut or not worth a segment: the persist timer has a
   case. RFC 9293 3.8.6.1, 3.8.6.2.1 */
/*@ requires block: \valid_read(s) && SendValid(*s);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures exact: \result == 1 <==> Stalled(*s); */
uint32_t sq_send_stalled(const struct sq_send *s);

/* How many bytes of new text may go in one segment of at most `limit`. RFC 9293 3.8.6, 3.8.6.2.1, 3.7.4; RFC 5681 3.1 */
/*@ requires block: \valid_read(s) && SendValid(*s) && MaySend(s->tx);
    terminates \true;
    assigns \nothing;
    ensures held: HeldBack(*s, cwnd, nodelay) ==> \result == 0;
    ensures exact: !HeldBack(*s, cwnd, nodelay) ==> \result == \min(limit, SendReady(*s, cwnd));
    ensures window: \result > 0 ==> s->flight + \result <= s->wnd;
    ensures waiting: \result <= s->queued - s->sent && \result <= limit;
    ensures idle: s->flight == 0 && s->sent < s->queued && !Stalled(*s) && cwnd >= s->mss && limit > 0 ==> \result > 0; */
uint32_t sq_send_ready(const struct sq_send *s, uint32_t cwnd, uint32_t nodelay, uint32_t limit);

/* n more bytes of text are in flight: inside the window, or the one of a probe (T5). RFC 9293 3.3.1, 3.8.6.1 */
/*@ requires block: \valid(s) && SendValid(*s) && MaySend(s->tx) && 0 < n <= s->queued - s->sent;
    requires edge: s->probing == 0 ? s->flight + n <= s->offered : s->flight + n <= 1;
    terminates \true;
    assigns s->flight, s->sent;
    ensures valid: SendValid(*s);
    ensures moved: s->flight == \old(s->flight) + n && s->sent == \old(s->sent) + n; */
void sq_send_advance(struct sq_send *s, uint32_t n);

/* The SYN is in flight. RFC 9293 3.10.1 */
/*@ requires block: \valid(s) && SendValid(*s) && s->tx == SQ_TX_SYN_WANTED;
    terminates \true;
    assigns s->tx, s->flight;
    ensures valid: SendValid(*s);
    ensures moved: s->tx == SQ_TX_SYN_SENT && s->flight == 1; */
void sq_send_syn(struct sq_send *s);

/* The FIN is in flight, behind all text. RFC 9293 3.10.4 */
/*@ requires block: \valid(s) && SendValid(*s) && s->tx == SQ_TX_FIN_WANTED && s->sent == s->queued;
    requires edge: s->probing == 0 ? s->flight + 1 <= s->offered : s->flight == 0;
    terminates \true;
    assigns s->tx, s->flight;
    ensures valid: SendValid(*s);
    ensures moved: s->tx == SQ_TX_FIN_SENT && s->flight == \old(s->flight) + 1; */
void sq_send_fin(struct sq_send *s);

/* A probe of the shut window goes next: one number beyond the edge. RFC 9293 3.8.6.1 */
/*@ requires block: \valid(s) && SendValid(*s) && s->wnd == 0 && s->flight == 0;
    terminates \true;
    assigns s->probing;
    ensures valid: SendValid(*s);
    ensures probing: s->probing == 1; */
void sq_send_probe(struct sq_send *s);

/* The user is done sending. Before the connection stands, CLOSE waits. RFC 9293 3.10.4 */
/*@ requires block: \valid(s) && SendValid(*s) && (s->tx == SQ_TX_OPEN || SynUnsettled(s->tx));
    terminates \true;
    assigns s->tx, s->closing;
    ensures valid: SendValid(*s);
    ensures wanted: \old(s->tx) == SQ_TX_OPEN ==> s->tx == SQ_TX_FIN_WANTED && s->closing == 0;
    ensures waits: \old(s->tx) != SQ_TX_OPEN ==> s->tx == \old(s->tx) && s->closing == 1; */
void sq_send_close(struct sq_send *s);

#endif
