/* SPDX-License-Identifier: MIT */
#include "pair.h"
#include "twin.h"

/* Retransmission and persist timers back off nine times until R2 ends them, at both ends, and 2 MSL and R2 once each; beside
   that each byte may wait for a probe: a ring of one unit of its scale shows no window once a byte of it is taken. The
   delayed ACK's timer and the keepalive's come up to twelve times between two of the others. */
#define FIRINGS 48u
#define SEGMENTS 100u
#define POLLS 400u

void pair_poll(struct pair *p, uint32_t i, uint32_t limit)
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
static void pair_watch(struct pair *p, uint32_t i, uint32_t was)
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
        p->mute =
            p->mute || (reason == SQ_REASON_TIMED_OUT && (!p->calm || e->segments == p->said[i]));
    }
    p->gone = p->gone || (e->c.state == SQ_LISTEN && was > SQ_LISTEN);
    if (e->c.state >= SQ_ESTABLISHED && peer->c.state >= SQ_ESTABLISHED) {
        FUZZ_CHECK("pair.acked", e->c.send.acked <= peer->c.receive.received);
        FUZZ_CHECK("pair.written", e->c.receive.received <= peer->wrote);
    }
}

void pair_arrive(struct pair *p, const struct fuzz_packet *packet)
{
    struct fuzz_end *e = &p->e[packet->to];
    uint32_t was = e->c.state;
    struct sq_header h;

    if (network_read(packet, &h)) {
        end_input(e, &h, packet->len - h.length, packet->bytes + h.length, p->now);
        pair_watch(p, packet->to, was);
    }
    pair_poll(p, packet->to, PAIR_LIMIT);
}

void pair_tick(struct pair *p, uint32_t i)
{
    uint32_t was = p->e[i].c.state;

    end_tick(&p->e[i], p->now);
    pair_watch(p, i, was);
    pair_poll(p, i, PAIR_LIMIT);
}

/* To the earlier deadline; false: none is armed. */
bool pair_timer(struct pair *p)
{
    uint64_t a = sq_deadline(&p->e[0].c), b = sq_deadline(&p->e[1].c), due = a < b ? a : b;

    if (due == SQ_NEVER) {
        return false;
    }
    p->now = due > p->now ? due : p->now;
    pair_tick(p, a <= b ? 0u : 1u);
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

void pair_write(struct pair *p, uint32_t i, uint32_t n)
{
    struct fuzz_end *e = &p->e[i];
    uint64_t left = p->promised[i] - e->wrote;

    if (!p->closed[i]) {
        end_write(e, n < left ? n : (uint32_t)left, p->now);
        pair_poll(p, i, PAIR_LIMIT);
    }
}

void pair_close(struct pair *p, uint32_t i)
{
    struct fuzz_end *e = &p->e[i];
    uint32_t was = e->c.state;

    if (!p->closed[i] && e->c.state >= SQ_SYN_RECEIVED && e->wrote == p->promised[i]) {
        p->closed[i] = true;
        end_close(e, p->now);
        pair_watch(p, i, was);
        pair_poll(p, i, PAIR_LIMIT);
    }
}

/* ---- the end ---- */

static bool over(const struct pair *p)
{
    /* Somebody left without a word that arrived: who has nothing to send cannot know. RFC 9293 3.5.1 */
    bool alone =
        (p->gone || p->mute) && (p->e[0].c.state <= SQ_LISTEN || p->e[1].c.state <= SQ_LISTEN);

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
            pair_poll(p, i, PAIR_LIMIT);
        }
        if (p->e[i].c.state > SQ_LISTEN) {
            pair_write(p, i, FUZZ_RING);
            pair_close(p, i);
        }
    }
}

void pair_finish(struct pair *p)
{
    uint32_t fired = 0u, all = 0u, before = p->e[0].segments + p->e[1].segments,
             left = p->promised[0] + p->promised[1] -
                    (uint32_t)(p->e[0].delivered + p->e[1].delivered);

    p->calm = true;
    p->said[0] = p->e[0].segments;
    p->said[1] = p->e[1].segments;
    users(p);
    while (!over(p)) {
        if (p->w.n > 0u) {
            p->now += 500u;
            pair_arrive(p, network_take(&p->w, 0u));
        } else {
            fired += prompt_timer(p) ? 1u : 0u;
            all++;
            FUZZ_CHECK("T8.wedge", pair_timer(p));
            FUZZ_CHECK("pair.firings",
                       fired <= FIRINGS + left && all <= 13u * (FIRINGS + left) + SEGMENTS);
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
