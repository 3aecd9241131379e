/* SPDX-License-Identifier: MIT */
/* Two connections and a network driven by the bytes: delay, loss, duplication, reordering, truncation, flipped bits, and
   somebody off the path who injects segments without knowing the numbers. Both users promised some bytes. Then the faults
   stop, both users do their part, and the connection must come to its end:

   - what is read is a prefix of what was written, both ways, always; nothing is acknowledged that the peer does not have;
   - no wedge: within FIRINGS timer firings in all, both ends are CLOSED;
   - agreement: unless somebody aborted or gave up, each read all that the other promised;
   - no storm: the end takes no more than SEGMENTS segments, and two for each byte that is left: windows may be that small. */
#include "connection.h"
#include "event.h"
#include "network.h"
#include "twin.h"

#define FIRINGS 64u
#define LOOKS 20000u /* firings of the delayed ACK's and the keepalive's timers, too */
#define SEGMENTS 100u
#define POLLS 400u
#define LIMIT (FUZZ_PACKET - SQ_HEADER_MAX)

struct pair {
    struct fuzz_end e[2];
    struct fuzz_network w;
    uint64_t now;
    uint32_t promised[2];
    bool closed[2]; /* its user called CLOSE */
    bool gone;      /* an ABORT, R2 or a refusal: only the prefix is promised */
};

static void poll(struct pair *p, uint32_t i, uint32_t limit)
{
    struct sq_emit o;

    for (uint32_t k = 0u; k < POLLS; k++) {
        if (end_output(&p->e[i], &o, limit, p->now) == SQ_DUE_NONE) {
            return;
        }
        network_send(&p->w, i, &o, p->e[i].send_ring);
    }
    FUZZ_CHECK("sq_output.progress", false);
}

/* An end that closed otherwise than in order, or a listener that fell back. */
static void watch(struct pair *p, uint32_t i, uint32_t was)
{
    const struct fuzz_end *e = &p->e[i], *peer = &p->e[1u - i];
    uint32_t reason = e->c.reason;

    if (e->c.state == SQ_CLOSED && was != SQ_CLOSED) {
        bool late = e->delivered + e->c.receive.used == p->promised[1u - i] &&
                    peer->delivered + peer->c.receive.used == p->promised[i];

        FUZZ_CHECK("pair.reset", reason != SQ_REASON_RESET || p->gone || late ||
                                     peer->c.state <= SQ_LISTEN ||
                                     peer->c.reason != SQ_REASON_NONE);
        p->gone = p->gone || (reason != SQ_REASON_DONE && !late);
    }
    p->gone = p->gone || (e->c.state == SQ_LISTEN && was > SQ_LISTEN);
    if (e->c.state >= SQ_ESTABLISHED && peer->c.state >= SQ_ESTABLISHED) {
        FUZZ_CHECK("pair.acked", e->c.send.acked <= peer->c.receive.received);
        FUZZ_CHECK("pair.written", e->c.receive.received <= peer->wrote);
    }
}

static void arrive(struct pair *p, const struct fuzz_packet *packet)
{
    struct fuzz_end *e = &p->e[packet->to];
    uint32_t was = e->c.state;
    struct sq_header h;

    if (network_read(packet, &h)) {
        end_input(e, &h, packet->len - h.length, packet->bytes + h.length, p->now);
        watch(p, packet->to, was);
    }
    poll(p, packet->to, LIMIT);
}

static void tick(struct pair *p, uint32_t i)
{
    uint32_t was = p->e[i].c.state;

    end_tick(&p->e[i], p->now);
    watch(p, i, was);
    poll(p, i, LIMIT);
}

/* To the earlier deadline; false: none is armed. */
static bool timer(struct pair *p)
{
    uint64_t a = sq_deadline(&p->e[0].c), b = sq_deadline(&p->e[1].c), due = a < b ? a : b;

    if (due == SQ_NEVER) {
        return false;
    }
    p->now = due > p->now ? due : p->now;
    tick(p, a <= b ? 0u : 1u);
    return true;
}

/* The next timer drives the connection: neither the delayed ACK's, one for every second segment, nor the keepalive's, which
   may come many times between two retransmissions. */
static bool prompt_timer(const struct pair *p)
{
    uint64_t a = sq_deadline(&p->e[0].c), b = sq_deadline(&p->e[1].c), due = a < b ? a : b;
    const struct sq_times *t = a <= b ? &p->e[0].c.times : &p->e[1].c.times;

    return due != t->ack && due != t->keepalive;
}

static void write_some(struct pair *p, uint32_t i, uint32_t n)
{
    struct fuzz_end *e = &p->e[i];
    uint64_t left = p->promised[i] - e->wrote;

    if (!p->closed[i]) {
        end_write(e, n < left ? n : (uint32_t)left, p->now);
        poll(p, i, LIMIT);
    }
}

static void close_end(struct pair *p, uint32_t i)
{
    struct fuzz_end *e = &p->e[i];
    uint32_t was = e->c.state;

    if (!p->closed[i] && e->c.state >= SQ_SYN_RECEIVED && e->wrote == p->promised[i]) {
        p->closed[i] = true;
        end_close(e, p->now);
        watch(p, i, was);
        poll(p, i, LIMIT);
    }
}

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
    poll(p, to, LIMIT);
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
        arrive(p, network_take(&p->w, i));
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
            arrive(p, network_take(&p->w, 0u));
        }
        break;
    case 7u:
        write_some(p, i, fuzz_edge(in, 1u, FUZZ_RING));
        break;
    case 8u:
        end_read(&p->e[i], fuzz_edge(in, 1u, FUZZ_RING));
        poll(p, i, LIMIT);
        break;
    case 9u:
        close_end(p, i);
        break;
    case 10u:
        timer(p);
        break;
    case 11u:
        p->now += 100u * (uint64_t)fuzz_u16(in);
        tick(p, 0u);
        tick(p, 1u);
        break;
    case 12u:
    case 15u:
        inject(p, in, i);
        break;
    case 13u:
        if (fuzz_u8(in) % 16u == 15u) {
            p->gone = true;
            end_abort(&p->e[i]);
            poll(p, i, LIMIT);
        }
        break;
    default:
        on_the_way(p, in, op);
        break;
    }
}

/* ---- the end ---- */

static bool over(const struct pair *p)
{
    /* Somebody left without a word that arrived: who has nothing to send cannot know. RFC 9293 3.5.1 */
    bool alone = p->gone && (p->e[0].c.state <= SQ_LISTEN || p->e[1].c.state <= SQ_LISTEN);

    for (uint32_t i = 0u; i < 2u; i++) {
        uint32_t state = p->e[i].c.state;

        if (state > SQ_LISTEN && !(alone && state == SQ_FIN_WAIT_2)) {
            return false;
        }
    }
    return true;
}

static void users(struct pair *p)
{
    for (uint32_t i = 0u; i < 2u; i++) {
        if (end_read(&p->e[i], FUZZ_RING) > 0u) {
            poll(p, i, LIMIT);
        }
        if (p->e[i].c.state > SQ_LISTEN) {
            write_some(p, i, FUZZ_RING);
            close_end(p, i);
        }
    }
}

static void finish(struct pair *p)
{
    uint32_t fired = 0u, all = 0u, before = p->e[0].segments + p->e[1].segments,
             left = p->promised[0] + p->promised[1] -
                    (uint32_t)(p->e[0].delivered + p->e[1].delivered);

    users(p);
    while (!over(p)) {
        if (p->w.n > 0u) {
            p->now += 500u;
            arrive(p, network_take(&p->w, 0u));
        } else {
            fired += prompt_timer(p) ? 1u : 0u;
            all++;
            FUZZ_CHECK("T8.wedge", timer(p));
            FUZZ_CHECK("pair.firings", fired <= FIRINGS && all <= LOOKS);
        }
        users(p);
        FUZZ_CHECK("pair.storm",
                   p->e[0].segments + p->e[1].segments - before <= SEGMENTS + 2u * left);
    }
    end_read(&p->e[0], FUZZ_RING);
    end_read(&p->e[1], FUZZ_RING);
    if (!p->gone) {
        FUZZ_CHECK("pair.agreement",
                   p->e[0].delivered == p->promised[1] && p->e[1].delivered == p->promised[0]);
    }
}

static void begin(struct pair *p, struct fuzz_in *in)
{
    uint32_t how = fuzz_u8(in);

    network_begin(&p->w);
    p->now = 1000u;
    p->gone = p->closed[0] = p->closed[1] = false;
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
            p->e[i].settings.shift = fuzz_u8(in) % (SQ_SHIFT_MAX + 1u);
            while (receive >> p->e[i].settings.shift ==
                   0u) { /* a unit larger than the ring can never be offered */
                p->e[i].settings.shift--;
            }
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
    poll(p, 1u, LIMIT);
    poll(p, 0u, LIMIT);
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
    finish(&p);
    return 0;
}
