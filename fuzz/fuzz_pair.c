/* SPDX-License-Identifier: MIT */
/* Two connections and a network driven by the bytes: delay, loss, duplication, reordering, truncation, flipped bits, and
   somebody off the path who injects segments without knowing the numbers. Both users promised some bytes. Then the faults
   stop, both users do their part, and the connection must come to its end: see pair.h for what is checked. */
#include "connection.h"
#include "event.h"
#include "pair.h"
#include "twin.h"

/* Nobody off the path can move a connection: what could, because the numbers were guessed, is not sent. Replies to it go
   to the true peer. */
static void inject(struct pair *p, struct fuzz_in *in, uint32_t to)
{
    struct fuzz_end *e = &p->e[to];
    struct sq_conn *c = &e->c, before = *c;
    struct sq_header h;
    uint32_t len = fuzz_segment(in, c, &h, 500u);
    bool rst = (h.flags & SQ_RST) != 0u, syn = (h.flags & SQ_SYN) != 0u;
    bool harmless =
        rst   ? h.seq != c->receive.nxt
        : syn ? !(c->state == SQ_SYN_RECEIVED)
              : ack_kind(c->send.una, c->send.flight, c->send.max_wnd, h.ack) == SQ_ACK_INVALID &&
                    c->state != SQ_SYN_RECEIVED;

    harmless = harmless ||
               (!rst && !syn &&
                !admitted(c->receive.nxt, c->receive.wnd, h.seq, segment_length(h.flags, len)));
    if (!harmless || c->state < SQ_SYN_RECEIVED) {
        return;
    }
    end_input(e, &h, len, NULL, p->now);
    FUZZ_CHECK("pair.off_path", untouched(c, &before));
    pair_poll(p, to, PAIR_LIMIT);
}

static void on_the_way(struct pair *p, struct fuzz_in *in, uint32_t op)
{
    uint32_t how = fuzz_u8(in), i, at;
    struct fuzz_packet *packet;

    if (p->w.n == 0u) {
        return;
    }
    i = how % p->w.n;
    packet = &p->w.packet[p->w.order[i]];
    switch (op) {
    case 2u: /* out of order */
        pair_arrive(p, network_take(&p->w, i));
        break;
    case 3u:
        network_take(&p->w, i);
        break;
    case 4u:
        network_duplicate(&p->w, i);
        break;
    case 5u:
        at = fuzz_u16(in) % (8u * packet->len);
        if (!packet->flipped) {
            packet->flipped = true;
            packet->bytes[at / 8u] ^= (uint8_t)(1u << at % 8u);
        }
        break;
    default:
        packet->cut = true;
        packet->len -= fuzz_u8(in) % packet->len;
        break;
    }
}

static void event(struct pair *p, struct fuzz_in *in)
{
    uint32_t first = fuzz_u8(in), op = first % 16u, i = first >> 4 & 1u;

    switch (op) {
    case 0u:
    case 1u:
    case 14u:
        for (uint32_t n = op == 14u ? 1u + fuzz_u8(in) % 32u : 1u; n > 0u && p->w.n > 0u; n--) {
            p->now += 500u;
            pair_arrive(p, network_take(&p->w, 0u));
        }
        break;
    case 7u:
        pair_write(p, i, fuzz_edge(in, 1u, FUZZ_RING));
        break;
    case 8u:
        end_read(&p->e[i], fuzz_edge(in, 1u, FUZZ_RING));
        pair_poll(p, i, PAIR_LIMIT);
        break;
    case 9u:
        pair_close(p, i);
        break;
    case 10u:
        pair_timer(p);
        break;
    case 11u:
        p->now += 100u * (uint64_t)fuzz_u16(in);
        pair_tick(p, 0u);
        pair_tick(p, 1u);
        break;
    case 12u:
    case 15u:
        inject(p, in, i);
        break;
    case 13u:
        if (fuzz_u8(in) % 16u == 15u) {
            p->gone = true;
            end_abort(&p->e[i]);
            pair_poll(p, i, PAIR_LIMIT);
        }
        break;
    default:
        on_the_way(p, in, op);
        break;
    }
}

static void begin(struct pair *p, struct fuzz_in *in)
{
    uint32_t how = fuzz_u8(in);

    network_begin(&p->w);
    p->now = 1000u;
    p->gone = p->calm = p->mute = p->closed[0] = p->closed[1] = false;
    for (uint32_t i = 0u; i < 2u; i++) {
        uint32_t send = fuzz_edge(in, 1u, FUZZ_RING), receive = fuzz_edge(in, 1u, FUZZ_RING);

        end_begin(&p->e[i], send, receive, fuzz_u16(in) - 32768u);
        p->e[i].mine = 1u + i;
        p->e[i].theirs = 2u - i;
        p->promised[i] = fuzz_u16(in) % 3000u;
        p->e[i].settings.delayed_ack = (how & 8u) != 0u ? 0u : p->e[i].settings.delayed_ack;
        if (((how >> (4u + i)) & 1u) != 0u) { /* looked after */
            p->e[i].settings.keepalive = 1u;
            p->e[i].settings.keep_idle = 60u;
            p->e[i].settings.keep_interval = 20u;
            p->e[i].settings.keep_probes = 3u;
        }
        if (((how >> i) & 1u) != 0u) { /* windows with a scale, no Nagle, small segments */
            uint32_t shift = fuzz_u8(in) % (SQ_SHIFT_MAX + 1u);

            while (shift > 0u && receive >> shift < 2u) { /* OPEN wants two units in the ring */
                shift--;
            }
            p->e[i].settings.shift = receive < 2u ? SQ_NO_SHIFT : shift;
            p->e[i].settings.nodelay = how >> 6 & 1u;
            p->e[i].settings.mss = SQ_MSS_MIN + fuzz_u8(in) * 2u;
        }
    }
    for (uint32_t i = 0u; i < 2u; i++) { /* a byte at a time, for a while */
        uint32_t least = p->e[i].send_capacity < p->e[1u - i].receive_capacity
                             ? p->e[i].send_capacity
                             : p->e[1u - i].receive_capacity;

        p->promised[i] = p->promised[i] > 30u * least ? 30u * least : p->promised[i];
    }
    end_open(&p->e[1], (how & 4u) != 0u); /* else a listener; both: a simultaneous open */
    end_open(&p->e[0], true);
    pair_poll(p, 1u, PAIR_LIMIT);
    pair_poll(p, 0u, PAIR_LIMIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pair p;
    struct fuzz_in in = {data, size < FUZZ_PREFIX ? size : FUZZ_PREFIX};

    begin(&p, &in);
    for (size_t at = FUZZ_PREFIX; at < size && at < FUZZ_PREFIX + FUZZ_EVENTS * FUZZ_EVENT;
         at += FUZZ_EVENT) {
        in = (struct fuzz_in){data + at, size - at < FUZZ_EVENT ? size - at : FUZZ_EVENT};
        event(&p, &in);
    }
    pair_finish(&p);
    return 0;
}
