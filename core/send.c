/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* Our direction. RFC 9293 3.3.1, 3.8.6, 3.10.7.4 */
#include "send.h"

/*@ terminates \true;
    assigns \nothing;
    ensures less: \result == \max(0, a - d); */
static uint32_t less(uint32_t a, uint32_t d)
{
    return a > d ? a - d : 0u;
}

void sq_send_clear(struct sq_send *s)
{
    s->acked = 0u;
    s->tx = SQ_TX_NONE;
    s->closing = 0u;
    s->iss = 0u;
    s->una = 0u;
    s->flight = 0u;
    s->sent = 0u;
    s->queued = 0u;
    s->head = 0u;
    s->wnd = 0u;
    s->wl1 = 0u;
    s->wl2 = 0u;
    s->max_wnd = 0u;
    s->offered = 0u;
    s->mss = SQ_MSS_DEFAULT;
    s->shift = 0u;
    s->probing = 0u;
    s->zero = 0u;
}

void sq_send_open(struct sq_send *s, uint32_t iss)
{
    s->tx = SQ_TX_SYN_WANTED;
    s->iss = iss;
    s->una = iss;
}

void sq_send_peer(struct sq_send *s, uint32_t seq, uint32_t wnd, uint32_t mss, uint32_t shift)
{
    s->wnd = wnd;
    s->max_wnd = wnd;
    s->offered = wnd;
    s->wl1 = seq;
    s->wl2 = s->una;
    s->mss = mss;
    s->shift = shift;
    s->probing = 0u;
}

void sq_send_acked(struct sq_send *s, uint32_t d)
{
    uint32_t text = d;
    if (d == s->flight && s->tx == SQ_TX_SYN_SENT) {
        text = d - 1u;
        s->tx = s->closing == 1u ? SQ_TX_FIN_WANTED : SQ_TX_OPEN;
        s->closing = 0u;
    } else if (d == s->flight && s->tx == SQ_TX_FIN_SENT) {
        text = d - 1u;
        s->tx = SQ_TX_FIN_ACKED;
    }
    s->una = sq_seq_add(s->una, d);
    s->flight = s->flight - d;
    s->sent = s->sent - text;
    s->queued = s->queued - text;
    s->acked = s->acked + text;
    if (text > 0u) {
        s->head = sq_ring_place(s->capacity, s->head, text);
    }
    s->wnd = less(s->wnd, d);
    s->offered = less(s->offered, d);
}

uint32_t sq_send_window(struct sq_send *s, uint32_t seq, uint32_t ack, uint32_t wnd)
{
    uint32_t opened = s->probing == 1u && wnd > 0u;
    uint32_t fresh = s->wl1 == seq ? sq_seq_dist(s->wl2, ack) < 0x80000000u
                                   : sq_seq_dist(s->wl1, seq) < 0x80000000u;
    if (fresh == 0u) {
        return 0u;
    }
    s->wnd = wnd;
    s->wl1 = seq;
    s->wl2 = ack;
    if (s->max_wnd < wnd) {
        s->max_wnd = wnd;
    }
    if (s->offered < wnd) {
        s->offered = wnd;
    }
    if (opened != 0u) {
        s->probing = 0u;
    }
    return opened;
}

void sq_send_queue(struct sq_send *s, uint32_t n)
{
    s->queued = s->queued + n;
}

/*@ requires small: room <= SQ_WINDOW_MAX;
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures exact: \result == 1 <==> Silly(room, wait, mss, max_wnd); */
static uint32_t silly(uint32_t room, uint32_t wait, uint32_t mss, uint32_t max_wnd)
{
    return room < mss && room < wait && 2u * room < max_wnd ? 1u : 0u;
}

uint32_t sq_send_stalled(const struct sq_send *s)
{
    uint32_t wait = s->queued - s->sent;
    uint32_t open = (s->tx == SQ_TX_OPEN && wait > 0u) || s->tx == SQ_TX_FIN_WANTED;
    if (s->flight != 0u || open == 0u) {
        return 0u;
    }
    return s->wnd == 0u ? 1u : silly(s->wnd, wait, s->mss, s->max_wnd);
}

uint32_t sq_send_ready(const struct sq_send *s, uint32_t cwnd, uint32_t nodelay, uint32_t limit)
{
    uint32_t edge = s->wnd < cwnd ? s->wnd : cwnd;
    uint32_t room = less(edge, s->flight);
    uint32_t wait = s->queued - s->sent;
    uint32_t n = wait < room ? wait : room;
    if (n < s->mss && s->flight > 0u && nodelay == 0u &&
        !(s->tx == SQ_TX_FIN_WANTED && n == wait)) {
        return 0u;
    }
    if (silly(n, wait, s->mss, s->max_wnd) == 1u) {
        return 0u;
    }
    return n < limit ? n : limit;
}

void sq_send_advance(struct sq_send *s, uint32_t n)
{
    s->flight = s->flight + n;
    s->sent = s->sent + n;
}

void sq_send_syn(struct sq_send *s)
{
    s->tx = SQ_TX_SYN_SENT;
    s->flight = 1u;
}

void sq_send_fin(struct sq_send *s)
{
    s->tx = SQ_TX_FIN_SENT;
    s->flight = s->flight + 1u;
}

void sq_send_probe(struct sq_send *s)
{
    s->probing = 1u;
}

void sq_send_close(struct sq_send *s)
{
    if (s->tx == SQ_TX_OPEN) {
        s->tx = SQ_TX_FIN_WANTED;
    } else {
        s->closing = 1u;
    }
}
