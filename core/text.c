/* SPDX-License-Identifier: MIT */
// wp-model: ref
#include "text.h"

#include "receive.h"

/* Text in the window: at RCV.NXT it is taken, beyond a gap it is remembered if a range is free. What belongs in the ring is
   told. RFC 9293 3.10.7.4 seventh */
/*@ requires block: \valid(c) && ConnectionValid(*c) && c->receive.rx == SQ_RX_OPEN && c->receive.received <= SQ_STREAM_MAX;
    requires inside: first + count <= c->receive.wnd && count > 0;
    terminates \true;
    assigns c->receive.nxt, c->receive.wnd, c->receive.used, c->receive.received, c->reassembly;
    ensures valid: ConnectionValid(*c);
    ensures edge: SeqAdd(c->receive.nxt, c->receive.wnd) == \old(SeqAdd(c->receive.nxt, c->receive.wnd));
    ensures count: c->receive.received - \old(c->receive.received) == c->receive.used - \old(c->receive.used);
    ensures nxt: c->receive.nxt == SeqAdd(\old(c->receive.nxt), c->receive.used - \old(c->receive.used));
    ensures inorder: first == 0 ==> c->receive.used >= \old(c->receive.used) + count && \result == count;
    ensures gap: first > 0 ==> c->receive == \old(c->receive) && (\result == count || \result == 0);
    ensures full: \result == 0 ==> c->reassembly == \old(c->reassembly) && \old(c->reassembly.n) == SQ_RANGES;
    ensures unread: \forall integer i; \old(c->receive.used) <= i < c->receive.used ==>
      Arrived(\old(c->reassembly), \old(c->receive.used), i) || (first == 0 && i < \old(c->receive.used) + \result);
    ensures beyond: \forall integer i; Arrived(c->reassembly, c->receive.used, i) ==>
      Arrived(\old(c->reassembly), \old(c->receive.used), i) ||
      \old(c->receive.used) + first <= i < \old(c->receive.used) + first + \result; */
static uint32_t take_text(struct sq_conn *c, uint32_t first, uint32_t count)
{
    if (first == 0u) {
        uint32_t moved = sq_reassembly_front(&c->reassembly, count, c->receive.wnd);
        sq_receive_bytes(&c->receive, moved);
        return count;
    }
    if (sq_reassembly_insert(&c->reassembly, first, first + count, c->receive.wnd) == 0u) {
        return 0u;
    }
    return count;
}

/* The peer's FIN is next in order and inside the window; nothing can follow it. RFC 9293 3.10.7.4 eighth */
/*@ requires block: \valid(c) && ConnectionValid(*c) && now <= SQ_TIME_MAX;
    requires open: c->receive.rx == SQ_RX_OPEN && c->send.tx >= SQ_TX_OPEN && c->receive.wnd > 0;
    terminates \true;
    assigns c->state, c->receive.nxt, c->receive.wnd, c->receive.rx, c->reassembly, c->times.time_wait;
    ensures valid: ConnectionValid(*c);
    ensures state: c->state == AfterFin(\old(c->state)) && c->state != \old(c->state);
    ensures moved: c->receive.rx == SQ_RX_FIN && c->receive.nxt == SeqAdd(\old(c->receive.nxt), 1) &&
      c->receive.wnd == \old(c->receive.wnd) - 1 && c->reassembly.n == 0;
    ensures armed: c->state == SQ_TIME_WAIT ==> c->times.time_wait == now + c->settings.time_wait; */
static void take_fin(struct sq_conn *c, uint64_t now)
{
    sq_receive_fin(&c->receive);
    sq_reassembly_clear(&c->reassembly);
    c->state = sq_state_next(c->state, SQ_EVENT_FIN, 0u);
    if (c->state == SQ_TIME_WAIT) {
        c->times.time_wait = now + c->settings.time_wait;
    }
}

/* Text arrived: an ACK is due, at once if prompt, if delays are off or if one waits already. RFC 9293 3.8.6.3, RFC 5681 4.2 */
/*@ requires block: \valid(c) && ConnectionValid(*c) && c->receive.rx != SQ_RX_NONE && now <= SQ_TIME_MAX;
    terminates \true;
    assigns c->owed.ack, c->times.ack;
    ensures valid: ConnectionValid(*c);
    ensures answered: Answered(*c, now);
    ensures at_once: prompt != 0 || c->settings.delayed_ack == 0 || \old(c->times.ack) != SQ_NEVER ==> c->owed.ack == 1;
    ensures more: c->owed.ack >= \old(c->owed.ack); */
static void acknowledge(struct sq_conn *c, uint32_t prompt, uint64_t now)
{
    if (prompt != 0u || c->settings.delayed_ack == 0u || c->times.ack != SQ_NEVER) {
        c->owed.ack = 1u;
        return;
    }
    c->times.ack = now + c->settings.delayed_ack;
}

/* The text of a segment, trimmed to the window. What the caller must copy into the ring is told: everything that counts as
   arrived afterwards did so before or is part of it (T6). RFC 9293 3.10.7.4 first, seventh */
/*@ requires block: \valid(c) && ConnectionValid(*c) && c->receive.rx == SQ_RX_OPEN && c->receive.received <= SQ_STREAM_MAX;
    requires length: len <= SQ_TEXT_MAX;
    terminates \true;
    assigns c->receive.nxt, c->receive.wnd, c->receive.used, c->receive.received, c->reassembly;
    ensures valid: ConnectionValid(*c);
    ensures edge: SeqAdd(c->receive.nxt, c->receive.wnd) == \old(SeqAdd(c->receive.nxt, c->receive.wnd));
    ensures inorder: TextFirst(\old(c->receive.nxt), seq) == 0 ==> c->receive.used >= \old(c->receive.used) +
      TextCount(\old(c->receive.nxt), \old(c->receive.wnd), seq, len);
    ensures count: c->receive.used >= \old(c->receive.used) &&
      c->receive.received - \old(c->receive.received) == c->receive.used - \old(c->receive.used);
    ensures nothing: len == 0 ==> c->receive == \old(c->receive);
    ensures placed: Placed(\result, \old(c->receive), seq, len);
    ensures empty: \result.len == 0 ==> \result.at == 0 && \result.skip == 0;
    ensures accounted: Accounted(*c, \old(*c), \result);
    ensures verdict: \result.verdict == SQ_SEGMENT_ACCEPTED; */
static struct sq_taken place_text(struct sq_conn *c, uint32_t seq, uint32_t len)
{
    struct sq_taken t = {SQ_SEGMENT_ACCEPTED, 0u, 0u, 0u};
    uint32_t first = sq_text_first(c->receive.nxt, seq);
    uint32_t count = sq_text_count(c->receive.nxt, c->receive.wnd, seq, len);
    uint32_t skip = sq_text_old(c->receive.nxt, seq, len);
    uint32_t used = c->receive.used;
    if (count == 0u) {
        return t;
    }
    t.len = take_text(c, first, count);
    if (t.len == 0u) {
        return t;
    }
    t.skip = skip;
    t.at = used + first;
    return t;
}

struct sq_taken sq_input_text(struct sq_conn *c, uint32_t seq, uint32_t len, uint32_t fin,
                              uint64_t now)
{
    uint32_t nxt = c->receive.nxt, gaps = c->reassembly.n;
    struct sq_taken t = place_text(c, seq, len);
    if (len > 0u || fin != 0u) {
        acknowledge(c, fin != 0u || gaps > 0u || c->receive.nxt == nxt, now);
    }
    if (fin != 0u && c->receive.nxt == sq_seq_add(seq, len) && c->receive.wnd > 0u) {
        take_fin(c, now);
    }
    return t;
}
