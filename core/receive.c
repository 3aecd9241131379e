/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* The peer's direction. RFC 9293 3.3.1, 3.8.6.2.2, 3.10.7.4 */
#include "receive.h"

uint32_t sq_receive_pow2(uint32_t s)
{
    static const uint32_t power[SQ_SHIFT_MAX + 1u] = {
        1u, 2u, 4u, 8u, 16u, 32u, 64u, 128u, 256u, 512u, 1024u, 2048u, 4096u, 8192u, 16384u};
    return power[s];
}

void sq_receive_clear(struct sq_receive *r)
{
    r->rx = SQ_RX_NONE;
    r->irs = 0u;
    r->nxt = 0u;
    r->wnd = 0u;
    r->shift = 0u;
    r->scaled = 0u;
}

void sq_receive_syn(struct sq_receive *r, uint32_t seq, uint32_t shift, uint32_t scaled)
{
    uint32_t room = r->capacity - r->used;
    r->rx = SQ_RX_OPEN;
    r->irs = seq;
    r->nxt = sq_seq_add(seq, 1u);
    r->wnd = room < 65535u ? room : 65535u;
    r->shift = shift;
    r->scaled = scaled;
}

void sq_receive_bytes(struct sq_receive *r, uint32_t n)
{
    r->nxt = sq_seq_add(r->nxt, n);
    r->wnd = r->wnd - n;
    r->used = r->used + n;
    r->received = r->received + n;
}

void sq_receive_fin(struct sq_receive *r)
{
    r->nxt = sq_seq_add(r->nxt, 1u);
    r->wnd = r->wnd - 1u;
    r->rx = SQ_RX_FIN;
}

void sq_receive_consume(struct sq_receive *r, uint32_t n)
{
    if (n > 0u) {
        r->head = sq_ring_place(r->capacity, r->head, n);
    }
    r->used = r->used - n;
}

/* Free space as far as the field can say it, rounded down to the shift. */
/*@ requires block: \valid_read(r) && ReceiveValid(*r);
    terminates \true;
    assigns \nothing;
    ensures exact: \result == Offer(*r);
    ensures room: \result <= r->capacity - r->used; */
static uint32_t offer(const struct sq_receive *r)
{
    uint32_t unit = sq_receive_pow2(r->shift);
    uint32_t room = r->capacity - r->used;
    uint32_t most = 65535u * unit;
    uint32_t n = room < most ? room : most;
    return n - n % unit;
}

/*@ requires block: \valid_read(r) && ReceiveValid(*r);
    terminates \true;
    assigns \nothing;
    ensures exact: \result == EdgeDue(*r);
    ensures room: r->wnd <= \result <= r->capacity - r->used; */
static uint32_t edge_due(const struct sq_receive *r)
{
    uint32_t half = r->capacity / 2u;
    uint32_t step = r->mss < half ? r->mss : half;
    uint32_t enough = step > 1u ? step : 1u;
    uint32_t next = offer(r);
    return next >= r->wnd + enough ? next : r->wnd;
}

uint32_t sq_receive_update_due(const struct sq_receive *r)
{
    return edge_due(r) > r->wnd;
}

void sq_receive_edge(struct sq_receive *r)
{
    r->wnd = edge_due(r);
}

uint32_t sq_receive_field(uint32_t wnd, uint32_t shift)
{
    uint32_t field = wnd / sq_receive_pow2(shift);
    return field < 65535u ? field : 65535u;
}
