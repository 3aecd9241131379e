/* SPDX-License-Identifier: MIT */
/* The peer's direction: RCV.NXT, the advertised edge, unread text. RFC 9293 3.3.1, 3.8.6.2.2 */
#ifndef SQ_RECEIVE_H
#define SQ_RECEIVE_H

#include "connection.h"
#include "ring.h"

#include "../spec/receive.acsl"

/* 2^s for a window scale shift. RFC 7323 2.2 */
/*@ requires shift: s <= SQ_SHIFT_MAX;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == Pow2(s);
    ensures range: 1 <= \result <= 16384; */
uint32_t sq_receive_pow2(uint32_t s);

/* The peer's direction is over or has not begun; unread text stays. */
/*@ requires block: \valid(r) && ReceiveValid(*r);
    terminates \true;
    assigns r->rx, r->irs, r->nxt, r->wnd, r->shift, r->scaled;
    ensures valid: ReceiveValid(*r);
    ensures clear: r->rx == SQ_RX_NONE && r->irs == 0 && r->nxt == 0 && r->wnd == 0 && r->shift == 0 && r->scaled == 0; */
void sq_receive_clear(struct sq_receive *r);

/* The peer's SYN: where its numbers begin, and the window our SYN offers. RFC 9293 3.10.7.2, 3.10.7.3 */
/*@ requires block: \valid(r) && ReceiveValid(*r) && r->rx == SQ_RX_NONE && shift <= SQ_SHIFT_MAX && scaled <= 1;
    terminates \true;
    assigns r->rx, r->irs, r->nxt, r->wnd, r->shift, r->scaled;
    ensures valid: ReceiveValid(*r);
    ensures begun: r->rx == SQ_RX_OPEN && r->irs == seq && r->nxt == SeqAdd(seq, 1);
    ensures window: r->wnd == \min(65535, r->capacity - r->used) && r->shift == shift && r->scaled == scaled; */
void sq_receive_syn(struct sq_receive *r, uint32_t seq, uint32_t shift, uint32_t scaled);

/* n bytes in order are taken; the edge stays where it is. RFC 9293 3.10.7.4 seventh */
/*@ requires block: \valid(r) && ReceiveValid(*r) && n <= r->wnd && r->received <= SQ_STREAM_MAX;
    terminates \true;
    assigns r->nxt, r->wnd, r->used, r->received;
    ensures valid: ReceiveValid(*r);
    ensures moved: r->nxt == SeqAdd(\old(r->nxt), n) && r->wnd == \old(r->wnd) - n &&
      r->used == \old(r->used) + n && r->received == \old(r->received) + n; */
void sq_receive_bytes(struct sq_receive *r, uint32_t n);

/* The FIN is taken; it lies inside the window. RFC 9293 3.10.7.4 eighth */
/*@ requires block: \valid(r) && ReceiveValid(*r) && r->rx == SQ_RX_OPEN && r->wnd > 0;
    terminates \true;
    assigns r->nxt, r->wnd, r->rx;
    ensures valid: ReceiveValid(*r);
    ensures moved: r->rx == SQ_RX_FIN && r->nxt == SeqAdd(\old(r->nxt), 1) && r->wnd == \old(r->wnd) - 1; */
void sq_receive_fin(struct sq_receive *r);

/* The user is done with the first n unread bytes. RFC 9293 3.10.3 */
/*@ requires block: \valid(r) && ReceiveValid(*r) && n <= r->used;
    terminates \true;
    assigns r->head, r->used;
    ensures valid: ReceiveValid(*r);
    ensures used: r->used == \old(r->used) - n;
    ensures head: n > 0 ==> r->head == Place(r->capacity, \old(r->head), n);
    ensures head_kept: n == 0 ==> r->head == \old(r->head); */
void sq_receive_consume(struct sq_receive *r, uint32_t n);

/* 1: the edge could move by enough to tell the peer. RFC 9293 3.8.6.2.2 */
/*@ requires block: \valid_read(r) && ReceiveValid(*r);
    terminates \true;
    assigns \nothing;
    ensures due: \result == (EdgeDue(*r) > r->wnd ? 1 : 0); */
uint32_t sq_receive_update_due(const struct sq_receive *r);

/* The edge that the segment being built advertises: it never moves back (T5). RFC 9293 3.8.6, MUST-34 */
/*@ requires block: \valid(r) && ReceiveValid(*r);
    terminates \true;
    assigns r->wnd;
    ensures valid: ReceiveValid(*r);
    ensures edge: r->wnd == \old(EdgeDue(*r)) && r->wnd >= \old(r->wnd); */
void sq_receive_edge(struct sq_receive *r);

/* The window field for an edge wnd bytes away. RFC 7323 2.3 */
/*@ requires shift: shift <= SQ_SHIFT_MAX;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == Field(wnd, shift);
    ensures field: \result <= 65535; */
uint32_t sq_receive_field(uint32_t wnd, uint32_t shift);

#endif
