/* SPDX-License-Identifier: MIT */
/* A segment whose numbers stand near those where the connection decides. */
#include "connection.h"

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* A number near one of eight places, one byte; the last place is any number. */
static uint32_t number_near(struct fuzz_in *in, const uint32_t at[7])
{
    uint32_t how = fuzz_u8(in), off = (how & 31u) - 15u;

    return how >> 5 == 7u ? fuzz_u32(in) : at[how >> 5] + (off == 16u ? 0u : off);
}

static uint32_t flags_of(struct fuzz_in *in)
{
    static const uint32_t usual[15] = {
        SQ_ACK,          SQ_ACK, SQ_ACK,          SQ_ACK | SQ_PSH, SQ_ACK | SQ_FIN,
        SQ_ACK | SQ_FIN, SQ_SYN, SQ_SYN | SQ_ACK, SQ_RST,          SQ_RST | SQ_ACK,
        SQ_FIN,          0u,     SQ_SYN | SQ_FIN, SQ_ACK | SQ_URG, SQ_SYN | SQ_RST};
    uint32_t how = fuzz_u8(in);

    return how % 16u == 15u ? fuzz_u16(in) & 0xfffu : usual[how % 16u];
}

/* Its SYN's options, and a window: shut, small or large. */
static void offers(struct fuzz_in *in, struct sq_header *h)
{
    h->window = fuzz_edge(in, 0u, 65535u);
    h->urgent = (h->flags & SQ_URG) != 0u ? fuzz_edge(in, 0u, 65535u) : 0u;
    if ((h->flags & SQ_SYN) != 0u) {
        uint32_t what = fuzz_u8(in);

        h->has_mss = what & 1u;
        h->mss = h->has_mss == 1u ? fuzz_edge(in, 0u, 65535u) : 0u;
        h->has_shift = what >> 1 & 1u;
        h->shift = h->has_shift == 1u ? fuzz_edge(in, 0u, 255u) : 0u;
    }
}

uint32_t fuzz_segment(struct fuzz_in *in, const struct sq_conn *c, struct sq_header *h,
                      uint32_t most)
{
    const struct sq_send *s = &c->send;
    const struct sq_receive *r = &c->receive;
    uint32_t hole = c->reassembly.n > 0u ? c->reassembly.lo[0] : r->wnd / 2u,
             edge = r->nxt + r->wnd, to_edge;
    uint32_t seqs[7] = {r->nxt, r->nxt, edge, r->nxt + hole, r->irs, r->nxt - 0x80000000u, s->wl1};
    uint32_t acks[7] = {s->una,
                        s->una + s->flight,
                        s->una + s->flight,
                        s->una - s->max_wnd,
                        s->una + s->sent,
                        s->una + s->flight / 2u,
                        s->iss};
    uint32_t how;

    memset(h, 0, sizeof *h);
    h->flags = flags_of(in);
    h->seq = number_near(in, seqs);
    h->ack = number_near(in, acks);
    offers(in, h);
    how = fuzz_u8(in);
    to_edge = edge - h->seq; /* text that ends about where the window does, or the first gap */
    switch (how % 8u) {
    case 0u:
        return 0u;
    case 1u: /* the window stands still: an ACK again, perhaps */
        h->window = least(s->wnd >> s->shift, 65535u);
        h->ack = how >= 128u ? s->una : h->ack;
        return 0u;
    case 2u:
        return least(how / 8u, most);
    case 3u:
        return least(to_edge + how / 8u % 8u - 4u, most);
    case 4u:
        return least(r->nxt + hole - h->seq + how / 8u % 8u - 4u, most);
    case 5u:
        return least(r->nxt - h->seq + how / 8u % 8u - 4u, most);
    case 6u: /* what came last, with its FIN, once more */
        h->flags |= SQ_FIN;
        h->seq = r->nxt - 1u - how / 8u;
        return least(how / 8u, most);
    default:
        return fuzz_edge(in, 0u, most);
    }
}
