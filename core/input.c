/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* The input coordinator: RFC 9293 3.10.7. What a state does with a segment stands in opening.c (LISTEN, SYN-SENT), ack.c and
   text.c; here are the first four steps of the synchronized states, and the door. */
#include "input.h"

#include "receive.h"
#include "teardown.h"
#include "times.h"
#include "urgent.h"

/* ======== first to fourth: what ends here ======== */

/* Outside the window. A segment that takes sequence space is answered at once, for its sender may have missed our ACK;
   anything else within the throttle. The peer's FIN again in TIME-WAIT restarts 2 MSL. RFC 9293 3.10.7.4 first, 3.6.1 */
/*@ requires block: \valid(c) && Ready(*c, now) && Synchronized(c->state) && len <= SQ_TEXT_MAX;
    terminates \true;
    assigns c->owed.ack, c->owed.quiet, c->times.time_wait;
    ensures valid: ConnectionValid(*c);
    ensures answered: len > 0 && (flags & SQ_SYN) == 0 ==> c->owed.ack == 1;
    ensures again: c->state == SQ_TIME_WAIT && (flags & SQ_FIN) != 0 && c->receive.nxt == SeqAdd(seq, SegmentLength(flags, len)) ==>
      c->times.time_wait == now + c->settings.time_wait; */
static void unacceptable(struct sq_conn *c, uint32_t seq, uint32_t len, uint32_t flags,
                         uint64_t now)
{
    uint32_t fin = (flags & SQ_FIN) != 0u, syn = (flags & SQ_SYN) != 0u;
    if (c->state == SQ_TIME_WAIT && fin != 0u &&
        c->receive.nxt == sq_seq_add(seq, len + syn + fin)) {
        c->times.time_wait = now + c->settings.time_wait;
    }
    if (len + fin > 0u && syn == 0u) {
        c->owed.ack = 1u;
    } else {
        sq_owed_challenge(&c->owed, c->settings.challenge, now);
    }
}

/* A SYN in the window: half-open passive connections go back, all others challenge. RFC 9293 3.10.7.4 fourth, RFC 5961 4.2
   A RST elsewhere in the window than at RCV.NXT: challenge. RFC 5961 3.2 */
/*@ requires block: \valid(c) && Ready(*c, now) && Synchronized(c->state);
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures back: \old(c->state) == SQ_SYN_RECEIVED && \old(c->passive) == 1 && rst == 0 ==> c->state == SQ_LISTEN;
    ensures else: !(\old(c->state) == SQ_SYN_RECEIVED && \old(c->passive) == 1 && rst == 0) ==>
      Untouched(*c, \old(*c)) && c->times == \old(c->times) && c->now == \old(c->now);
    ensures owed: NoNewReset(c->owed, \old(c->owed)) || (c->state == SQ_LISTEN && c->owed.rst == \old(c->owed.rst));
    ensures bounded: Owed(c->owed) <= \old(Owed(c->owed)) + 1;
    ensures kept: c->settings == \old(c->settings) && c->now == \old(c->now) && c->send.capacity == \old(c->send.capacity) &&
      AckKept(c->receive, \old(c->receive)) && (c->reassembly == \old(c->reassembly) || c->reassembly.n == 0) &&
      Aside(*c, \old(*c)); */
static void challenge(struct sq_conn *c, uint32_t rst, uint64_t now)
{
    if (c->state == SQ_SYN_RECEIVED && c->passive == 1u && rst == 0u) {
        sq_teardown(c, SQ_LISTEN, SQ_REASON_NONE);
        return;
    }
    sq_owed_challenge(&c->owed, c->settings.challenge, now);
}

/* A RST at RCV.NXT counts. RFC 9293 3.10.7.4 second; in TIME-WAIT RFC 1337 3 */
/*@ requires block: \valid(c) && Ready(*c, now) && Synchronized(c->state);
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures ignored: \old(c->state) == SQ_TIME_WAIT && c->settings.tw_ignore_rst == 1 ==> *c == \old(*c) && \result == SQ_SEGMENT_IGNORED;
    ensures counts: !(\old(c->state) == SQ_TIME_WAIT && c->settings.tw_ignore_rst == 1) ==> \result == SQ_SEGMENT_RESET &&
      c->state == NextState(\old(c->state), SQ_EVENT_RST, \old(c->passive));
    ensures bounded: Owed(c->owed) <= \old(Owed(c->owed));
    ensures why: \result == SQ_SEGMENT_RESET ==> c->reason == (c->state == SQ_LISTEN ? SQ_REASON_NONE :
      \old(c->state) == SQ_SYN_RECEIVED ? SQ_REASON_REFUSED : SQ_REASON_RESET);
    ensures kept: c->settings == \old(c->settings) && c->now == \old(c->now) && c->send.capacity == \old(c->send.capacity) &&
      AckKept(c->receive, \old(c->receive)) && (c->reassembly == \old(c->reassembly) || c->reassembly.n == 0) &&
      Aside(*c, \old(*c)); */
static uint32_t reset(struct sq_conn *c, uint64_t now)
{
    uint32_t next = sq_state_next(c->state, SQ_EVENT_RST, c->passive);
    uint32_t why = c->state == SQ_SYN_RECEIVED ? SQ_REASON_REFUSED : SQ_REASON_RESET;
    (void)now;
    if (c->state == SQ_TIME_WAIT && c->settings.tw_ignore_rst == 1u) {
        return SQ_SEGMENT_IGNORED;
    }
    sq_teardown(c, next, next == SQ_LISTEN ? SQ_REASON_NONE : why);
    return SQ_SEGMENT_RESET;
}
/* ======== the synchronized states ======== */

/* 1: a segment behind the peer's FIN is answered: another FIN (CLOSING stops before it is looked at), text at a shut
   window, and in TIME-WAIT any text. Other text is ignored, no honest peer sends it. RFC 9293 3.10.7.4 first, fifth to eighth */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == LateAnswer(was, wnd, len, fin); */
static uint32_t late_answer(uint32_t was, uint32_t wnd, uint32_t len, uint32_t fin)
{
    if (fin != 0u && was != SQ_CLOSING) {
        return 1u;
    }
    return len > 0u && (wnd == 0u || was == SQ_TIME_WAIT);
}

/* The ACK, then text and FIN: what is left of a segment that passed the first four steps. RFC 9293 3.10.7.4 fifth to eighth */
/*@ requires block: \valid(c) && Ready(*c, now) && Synchronized(c->state) && wnd <= SQ_WINDOW_MAX && len <= SQ_TEXT_MAX;
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures path: StatePath(\old(c->state), c->state) && c->state != SQ_LISTEN;
    ensures bounded: Owed(c->owed) <= \old(Owed(c->owed)) + 1;
    ensures count: c->receive.used >= \old(c->receive.used) &&
      c->receive.received - \old(c->receive.received) == c->receive.used - \old(c->receive.used);
    ensures ring: c->receive.capacity == \old(c->receive.capacity) && c->receive.head == \old(c->receive.head) &&
      c->send.capacity == \old(c->send.capacity);
    ensures placed: Placed(\result, \old(c->receive), seq, len);
    ensures nothing: \result.len > 0 ==> \old(c->receive.rx) == SQ_RX_OPEN;
    ensures empty: \result.len == 0 ==> \result.at == 0 && \result.skip == 0;
    ensures accounted: Accounted(*c, \old(*c), \result);
    ensures invalid: \old(c->state) != SQ_SYN_RECEIVED &&
      AckKind(\old(c->send.una), \old(c->send.flight), \old(c->send.max_wnd), ack) == SQ_ACK_INVALID ==>
      Untouched(*c, \old(*c)) && NoNewReset(c->owed, \old(c->owed)) && \result.len == 0;
    ensures edge: c->state != SQ_CLOSED ==>
      SeqAdd(c->receive.nxt, c->receive.wnd) == \old(SeqAdd(c->receive.nxt, c->receive.wnd));
    ensures reason: c->reason == \old(c->reason) || c->reason == SQ_REASON_DONE;
    ensures counts: Counts(\old(*c), ack) <==> \result.verdict == SQ_SEGMENT_ACCEPTED;
    ensures aside: Aside(*c, \old(*c));
    ensures new: AckKind(\old(c->send.una), \old(c->send.flight), \old(c->send.max_wnd), ack) == SQ_ACK_NEW && c->state != SQ_CLOSED ==>
      c->send.una == ack;
    ensures inorder: Counts(\old(*c), ack) && \old(c->receive.rx) == SQ_RX_OPEN && TextFirst(\old(c->receive.nxt), seq) == 0 ==>
      c->receive.used >= \old(c->receive.used) + TextCount(\old(c->receive.nxt), \old(c->receive.wnd), seq, len);
    ensures answered: Counts(\old(*c), ack) && \old(c->receive.rx) == SQ_RX_OPEN && (len > 0 || fin != 0) ==> Answered(*c, now);
    ensures late: Counts(\old(*c), ack) && \old(c->receive.rx) == SQ_RX_FIN && c->state != SQ_CLOSED &&
      LateAnswer(\old(c->state), c->receive.wnd, len, fin) == 1 ==> c->owed.ack == 1;
    ensures same_rst: AckKind(\old(c->send.una), \old(c->send.flight), \old(c->send.max_wnd), ack) == SQ_ACK_NEW ==>
      c->owed.rst == \old(c->owed.rst) && c->owed.probe <= \old(c->owed.probe) &&
      c->owed.keepalive <= \old(c->owed.keepalive);
    ensures settings: c->settings == \old(c->settings) && c->now == \old(c->now); */
static struct sq_taken input_rest(struct sq_conn *c, uint32_t seq, uint32_t ack, uint32_t wnd,
                                  uint32_t len, uint32_t fin, uint64_t now)
{
    struct sq_taken t = {SQ_SEGMENT_ACCEPTED, 0u, 0u, 0u};
    uint32_t was = c->state;
    t.verdict = sq_input_ack(c, seq, ack, wnd, len == 0u && fin == 0u, now);
    if (t.verdict != SQ_SEGMENT_ACCEPTED) {
        return t;
    }
    if (c->receive.rx == SQ_RX_OPEN) {
        return sq_input_text(c, seq, len, fin, now);
    }
    if (c->receive.rx == SQ_RX_FIN && late_answer(was, c->receive.wnd, len, fin) == 1u) {
        c->owed.ack = 1u;
        if (was == SQ_TIME_WAIT) {
            c->times.time_wait = now + c->settings.time_wait;
        }
    }
    return t;
}

/* A segment that ends before its ACK is looked at. RFC 9293 3.10.7.4 first, second and fourth */
/*@ requires block: \valid(c) && Ready(*c, now) && Synchronized(c->state) && len <= SQ_TEXT_MAX;
    requires ends: verdict != SQ_SEGMENT_ACCEPTED && (verdict == SQ_SEGMENT_RESET ==> (flags & SQ_RST) != 0);
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures path: StatePath(\old(c->state), c->state);
    ensures bounded: Owed(c->owed) <= \old(Owed(c->owed)) + 1;
    ensures kept: AckKept(c->receive, \old(c->receive)) && c->send.capacity == \old(c->send.capacity) &&
      c->settings == \old(c->settings) && c->now == \old(c->now) && (c->reassembly == \old(c->reassembly) || c->reassembly.n == 0) &&
      Aside(*c, \old(*c));
    ensures ignored: verdict == SQ_SEGMENT_IGNORED ==> *c == \old(*c);
    ensures stays: verdict == SQ_SEGMENT_UNACCEPTABLE || verdict == SQ_SEGMENT_IGNORED ||
      (verdict == SQ_SEGMENT_CHALLENGED && !(\old(c->state) == SQ_SYN_RECEIVED && \old(c->passive) == 1 && (flags & SQ_RST) == 0)) ==>
      Untouched(*c, \old(*c)) && NoNewReset(c->owed, \old(c->owed));
    ensures still: verdict == SQ_SEGMENT_CHALLENGED && (flags & SQ_RST) != 0 ==> c->times == \old(c->times);
    ensures back: verdict == SQ_SEGMENT_CHALLENGED && \old(c->state) == SQ_SYN_RECEIVED && \old(c->passive) == 1 &&
      (flags & SQ_RST) == 0 ==> c->state == SQ_LISTEN;
    ensures answered: verdict == SQ_SEGMENT_UNACCEPTABLE && len > 0 && (flags & SQ_SYN) == 0 ==> c->owed.ack == 1;
    ensures reset: verdict == SQ_SEGMENT_RESET && !(\old(c->state) == SQ_TIME_WAIT && c->settings.tw_ignore_rst == 1) ==>
      c->state == NextState(\old(c->state), SQ_EVENT_RST, \old(c->passive)) && \result == SQ_SEGMENT_RESET;
    ensures spared: verdict == SQ_SEGMENT_RESET && \old(c->state) == SQ_TIME_WAIT && c->settings.tw_ignore_rst == 1 ==>
      *c == \old(*c);
    ensures verdict: verdict != SQ_SEGMENT_RESET ==> \result == verdict;
    ensures ended: \result != SQ_SEGMENT_ACCEPTED; */
static uint32_t input_ends(struct sq_conn *c, uint32_t verdict, uint32_t seq, uint32_t len,
                           uint32_t flags, uint64_t now)
{
    if (verdict == SQ_SEGMENT_UNACCEPTABLE) {
        unacceptable(c, seq, len, flags, now);
    } else if (verdict == SQ_SEGMENT_CHALLENGED) {
        challenge(c, flags & SQ_RST, now);
    } else if (verdict == SQ_SEGMENT_RESET) {
        return reset(c, now);
    }
    return verdict;
}

/* The synchronized states. RFC 9293 3.10.7.4 */
/*@ requires block: \valid(c) && \valid_read(h) && \separated(c, h) && Ready(*c, now) && Synchronized(c->state);
    requires segment: len <= SQ_TEXT_MAX && h->window <= 65535;
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures path: StatePath(\old(c->state), c->state);
    ensures bounded: Owed(c->owed) <= \old(Owed(c->owed)) + 1;
    ensures count: c->receive.used >= \old(c->receive.used) &&
      c->receive.received - \old(c->receive.received) == c->receive.used - \old(c->receive.used);
    ensures ring: c->receive.capacity == \old(c->receive.capacity) && c->receive.head == \old(c->receive.head) &&
      c->send.capacity == \old(c->send.capacity);
    ensures inside: \result.at + \result.len <= c->receive.capacity && \result.skip + \result.len <= len;
    ensures fresh: \result.len > 0 ==> \result.at >= \old(c->receive.used);
    ensures placed: Placed(\result, \old(c->receive), TextSeq(h->flags, h->seq), len);
    ensures empty: \result.len == 0 ==> \result.at == 0 && \result.skip == 0;
    ensures nothing: \result.len > 0 ==> \old(c->receive.rx) == SQ_RX_OPEN;
    ensures accounted: Accounted(*c, \old(*c), \result);
    ensures refused: (h->flags & SQ_RST) == 0 && !OldSyn(\old(*c), h->seq, h->ack, h->flags) &&
      !Admitted(\old(c->receive.nxt), \old(c->receive.wnd), h->seq, SegmentLength(h->flags, len)) ==>
      Untouched(*c, \old(*c)) && NoNewReset(c->owed, \old(c->owed)) && \result.len == 0;
    ensures verdict: Passes(\old(*c), h->seq, len, h->flags) && Counts(\old(*c), h->ack) ==> \result.verdict == SQ_SEGMENT_ACCEPTED;
    ensures accepted: \result.verdict == SQ_SEGMENT_ACCEPTED ==> Counts(\old(*c), h->ack) &&
      (Passes(\old(*c), h->seq, len, h->flags) || OldSyn(\old(*c), h->seq, h->ack, h->flags));
    ensures aside: Aside(*c, \old(*c));
    ensures new: Passes(\old(*c), h->seq, len, h->flags) && c->state != SQ_CLOSED &&
      AckKind(\old(c->send.una), \old(c->send.flight), \old(c->send.max_wnd), h->ack) == SQ_ACK_NEW ==> c->send.una == h->ack;
    ensures inorder: Passes(\old(*c), h->seq, len, h->flags) && Counts(\old(*c), h->ack) && \old(c->receive.rx) == SQ_RX_OPEN &&
      TextFirst(\old(c->receive.nxt), h->seq) == 0 ==>
      c->receive.used >= \old(c->receive.used) + TextCount(\old(c->receive.nxt), \old(c->receive.wnd), h->seq, len);
    ensures answered: Passes(\old(*c), h->seq, len, h->flags) && Counts(\old(*c), h->ack) && \old(c->receive.rx) == SQ_RX_OPEN &&
      len > 0 ==> Answered(*c, now);
    ensures reset: (h->flags & SQ_RST) != 0 && h->seq == \old(c->receive.nxt) &&
      !(\old(c->state) == SQ_TIME_WAIT && c->settings.tw_ignore_rst == 1) ==>
      c->state == NextState(\old(c->state), SQ_EVENT_RST, \old(c->passive)) && \result.verdict == SQ_SEGMENT_RESET;
    ensures reply: (h->flags & SQ_RST) == 0 && (h->flags & SQ_SYN) == 0 && len > 0 &&
      !Admitted(\old(c->receive.nxt), \old(c->receive.wnd), h->seq, SegmentLength(h->flags, len)) ==>
      c->owed.ack == 1 && \result.verdict == SQ_SEGMENT_UNACCEPTABLE;
    ensures blind_rst: (h->flags & SQ_RST) != 0 && h->seq != \old(c->receive.nxt) ==>
      Untouched(*c, \old(*c)) && c->times == \old(c->times) && NoNewReset(c->owed, \old(c->owed)) && \result.len == 0;
    ensures blind_syn: (h->flags & SQ_SYN) != 0 && (h->flags & SQ_RST) == 0 &&
      !OldSyn(\old(*c), h->seq, h->ack, h->flags) && !(\old(c->state) == SQ_SYN_RECEIVED && \old(c->passive) == 1) ==>
      Untouched(*c, \old(*c)) && NoNewReset(c->owed, \old(c->owed)) && \result.len == 0;
    ensures blind_ack: \old(c->state) != SQ_SYN_RECEIVED && (h->flags & SQ_RST) == 0 &&
      AckKind(\old(c->send.una), \old(c->send.flight), \old(c->send.max_wnd), h->ack) == SQ_ACK_INVALID ==>
      Untouched(*c, \old(*c)) && NoNewReset(c->owed, \old(c->owed)) && \result.len == 0;
    ensures edge: c->state != SQ_CLOSED && c->state != SQ_LISTEN ==>
      SeqAdd(c->receive.nxt, c->receive.wnd) == \old(SeqAdd(c->receive.nxt, c->receive.wnd));
    ensures settings: c->settings == \old(c->settings) && c->now == \old(c->now); */
static struct sq_taken input_synchronized(struct sq_conn *c, const struct sq_header *h,
                                          uint32_t len, uint64_t now)
{
    struct sq_taken t = {SQ_SEGMENT_IGNORED, 0u, 0u, 0u};
    uint32_t syn = (h->flags & SQ_SYN) != 0u, fin = (h->flags & SQ_FIN) != 0u;
    uint32_t wnd = h->window * sq_receive_pow2(c->send.shift);
    if (c->state == SQ_SYN_RECEIVED && c->passive == 0u && h->seq == c->receive.irs && syn != 0u &&
        (h->flags & SQ_ACK) != 0u && (h->flags & SQ_RST) == 0u && c->send.flight == 1u &&
        h->ack == sq_seq_add(c->send.una, 1u)) {
        c->owed.ack = 1u;
        t = input_rest(c, sq_seq_add(h->seq, 1u), h->ack, h->window, len, fin, now);
        return t;
    }
    t.verdict = sq_judge(sq_admitted(c->receive.nxt, c->receive.wnd, h->seq, len + syn + fin),
                         sq_acceptable(c->receive.nxt, c->receive.wnd, h->seq, 0u),
                         h->seq == c->receive.nxt, h->flags);
    if (t.verdict == SQ_SEGMENT_ACCEPTED) {
        t = input_rest(c, h->seq, h->ack, wnd, len, fin, now);
    } else {
        t.verdict = input_ends(c, t.verdict, h->seq, len, h->flags, now);
    }
    return t;
}

/* RCV.UP as this segment sets it if it is accepted. RFC 9293 3.10.7.4 sixth */
/*@ requires block: \valid_read(c) && \valid_read(h) && \separated(c, h) && ReceiveValid(c->receive) && h->urgent <= 65535;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == UrgentSeen(*c, h->flags, TextSeq(h->flags, h->seq), h->urgent); */
static uint64_t urgent_seen(const struct sq_conn *c, const struct sq_header *h)
{
    uint32_t seq = (h->flags & SQ_SYN) != 0u ? sq_seq_add(h->seq, 1u) : h->seq;
    if ((h->flags & SQ_URG) == 0u || c->receive.rx != SQ_RX_OPEN) {
        return c->urgent.receive_up;
    }
    return sq_urgent_after(c->urgent.receive_up, c->receive.received, c->receive.nxt, seq,
                           h->urgent);
}

/* The user is told when urgent text is announced or reaches further. RFC 9293 3.8.5 MUST-32 */
/*@ requires block: \valid(u) && \valid(r) && \separated(u, r) && ReportValid(*r) && up >= u->receive_up;
    terminates \true;
    assigns u->receive_up, r->urgent;
    ensures valid: ReportValid(*r);
    ensures exact: u->receive_up == up && r->urgent == (up > \old(u->receive_up) ? 1 : \old(r->urgent)); */
static void urgent_told(struct sq_urgent *u, struct sq_report *r, uint64_t up)
{
    if (up > u->receive_up) {
        u->receive_up = up;
        r->urgent = 1u;
    }
}

struct sq_taken sq_input_segment(struct sq_conn *c, const struct sq_header *h,
                                 const struct sq_segment_info *info)
{
    struct sq_taken t = {SQ_SEGMENT_IGNORED, 0u, 0u, 0u};
    uint64_t now = sq_clock(c->now, info->now), up = 0u;
    c->now = now;
    if (c->state > SQ_LISTEN &&
        (c->receive.received > SQ_STREAM_MAX || c->send.acked > SQ_STREAM_MAX)) {
        sq_teardown(c, SQ_CLOSED, SQ_REASON_EXHAUSTED);
        t.verdict = SQ_SEGMENT_RESET;
        return t;
    }
    switch (c->state) {
    case SQ_CLOSED:
        t.verdict = sq_refuse(&c->owed, h->flags, h->seq, h->ack, info->len);
        return t;
    case SQ_LISTEN:
        t.verdict = sq_input_listen(c, h, info->len, info->iss);
        return t;
    case SQ_SYN_SENT:
        t = sq_input_syn_sent(c, h, info->len, now);
        return t;
    default: /* the synchronized states */
        up = urgent_seen(c, h);
        t = input_synchronized(c, h, info->len, now);
        if (t.verdict == SQ_SEGMENT_ACCEPTED) {
            urgent_told(&c->urgent, &c->report, up);
        }
        return t;
    }
}
