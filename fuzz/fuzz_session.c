/* SPDX-License-Identifier: MIT */
/* A program of events on one connection from CLOSED: segments honest and hostile, the user's calls, timers, a clock that may
   jump or go back. The peer is whatever the bytes make it, but its text is honest: byte k of its stream is always the same,
   so that what the user reads can be told right from wrong. See endpoint.h for the mirror, event.h for the form. */
#include "connection.h"
#include "endpoint.h"
#include "event.h"
#include "twin.h"

#define TEXT_MAX 1500u
#define POLLS 200u

struct session {
    struct fuzz_end e;
    uint64_t now;
};

/* Polling ends, and says no more without text than was owed: resent control and SYN or FIN come on top. */
static void poll(struct session *s, uint32_t limit)
{
    uint32_t owes = owed(&s->e.c) + 3u, bare = s->e.without_text;
    struct sq_emit o;

    for (uint32_t i = 0u; i < POLLS; i++) {
        if (end_output(&s->e, &o, limit, s->now) == SQ_DUE_NONE) {
            FUZZ_CHECK("T9.storm", s->e.without_text - bare <= owes);
            return;
        }
    }
}

static void segment(struct session *s, struct fuzz_in *in)
{
    struct sq_header h;
    uint32_t len = fuzz_segment(in, &s->e.c, &h, TEXT_MAX);

    end_input(&s->e, &h, len, NULL, s->now);
}

/* What an honest peer would say: text and FIN from RCV.NXT on or a little beyond, an ACK of what was sent. */
static void honest(struct session *s, struct fuzz_in *in, uint32_t kind)
{
    const struct sq_conn *c = &s->e.c;
    struct sq_header h = {.flags = SQ_ACK, .window = 65535u};
    uint32_t len = 0u, how = fuzz_u8(in);

    h.seq = c->receive.nxt;
    h.ack = c->send.una + c->send.flight;
    switch (kind) {
    case 4u:
        len = fuzz_edge(in, 1u, 1460u);
        break;
    case 5u:
        h.seq += fuzz_range(in, 0u, 2047u);
        len = fuzz_edge(in, 1u, 700u);
        break;
    case 6u:
        h.ack = c->send.una + fuzz_edge(in, 0u, c->send.flight);
        h.window = fuzz_edge(in, 0u, 65535u);
        break;
    case 7u:
        len = how / 2u;
        h.flags |= (how & 1u) != 0u ? SQ_FIN : 0u;
        break;
    default: /* its SYN, or SYN,ACK */
        h.flags = c->state == SQ_SYN_SENT && (how & 3u) != 0u ? SQ_SYN | SQ_ACK : SQ_SYN;
        h.seq = fuzz_u32(in);
        h.window = fuzz_edge(in, 0u, 65535u);
        h.has_mss = how >> 2 & 1u;
        h.mss = h.has_mss * fuzz_edge(in, 0u, 65535u);
        h.has_shift = how >> 3 & 1u;
        h.shift = h.has_shift * (how >> 4);
        break;
    }
    end_input(&s->e, &h, len, NULL, s->now);
}

static void clock_moves(struct session *s, struct fuzz_in *in)
{
    uint32_t how = fuzz_u8(in);
    uint64_t due = sq_deadline(&s->e.c);

    switch (how % 8u) {
    case 0u: /* back */
        s->now -= s->now > 5000u ? fuzz_u16(in) % 5000u : 0u;
        break;
    case 1u:
        s->now += 1000u * (uint64_t)fuzz_u16(in);
        break;
    case 2u:
        s->now = how >= 0xf0u ? UINT64_MAX - fuzz_u16(in) : s->now + fuzz_u16(in);
        break;
    default: /* to the next deadline, or one before it */
        s->now = due == SQ_NEVER || due < s->now ? s->now + 1u : due - (how % 8u == 3u);
        break;
    }
    end_tick(&s->e, s->now);
}

/* Urgent text, reports, ICMP. */
static void aside(struct session *s, struct fuzz_in *in, uint32_t how)
{
    struct sq_conn *c = &s->e.c;
    uint32_t seq = c->send.una + fuzz_edge(in, 0u, c->send.flight);

    switch (how % 8u) {
    case 0u:
    case 1u:
        end_urge(&s->e);
        break;
    case 2u:
        end_flush(&s->e);
        break;
    case 3u:
        door_reports(c);
        break;
    case 4u:
        end_unreachable(&s->e, seq, (how & 8u) != 0u);
        break;
    case 5u:
        door_user_timeout(c, fuzz_u32(in));
        break;
    default:
        end_too_big(&s->e, seq, fuzz_edge(in, 0u, c->send.mss));
        break;
    }
    door_look_path(c, c->receive.nxt + fuzz_u8(in) - 128u);
}

static void user(struct session *s, struct fuzz_in *in, uint32_t op)
{
    uint32_t how = fuzz_u8(in);

    switch (op) {
    case 9u:
        end_write(&s->e, fuzz_edge(in, 1u, FUZZ_RING), s->now);
        break;
    case 10u:
        end_read(&s->e, fuzz_edge(in, 1u, FUZZ_RING));
        break;
    case 11u:
        if (how % 8u == 7u) {
            end_abort(&s->e);
        } else {
            end_close(&s->e, s->now);
        }
        break;
    case 14u:
        if (how % 8u > SQ_TIMER_KEEPALIVE) {
            aside(s, in, how / 8u);
        } else {
            end_expire(&s->e, how % 8u, s->now);
        }
        break;
    default:
        if (how % 4u == 3u) {
            end_release(&s->e);
        }
        end_open(&s->e, (how & 4u) != 0u);
        break;
    }
}

static void event(struct session *s, struct fuzz_in *in)
{
    uint32_t first = fuzz_u8(in), op = first % 16u;

    if (op < 4u) {
        segment(s, in);
    } else if (op < 9u) {
        honest(s, in, op);
    } else if (op == 12u || op == 13u) {
        clock_moves(s, in);
    } else {
        user(s, in, op);
    }
    if (first < 0xc0u) { /* else what is owed gathers */
        poll(s, (first & 0x40u) != 0u ? 1u + fuzz_u8(in) : SQ_TEXT_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct session s;
    struct fuzz_in in = {data, size < FUZZ_PREFIX ? size : FUZZ_PREFIX};
    uint32_t send = fuzz_edge(&in, 1u, FUZZ_RING), receive = fuzz_edge(&in, 1u, FUZZ_RING),
             how = fuzz_u8(&in);

    end_begin(&s.e, send, receive, (how & 1u) != 0u ? 0u - fuzz_u8(&in) : fuzz_u32(&in));
    s.now = fuzz_u32(&in);
    fuzz_settings(&in, &s.e.settings);
    end_open(&s.e, (how & 2u) != 0u);
    poll(&s, SQ_TEXT_MAX);
    for (size_t at = FUZZ_PREFIX; at < size && at < FUZZ_PREFIX + FUZZ_EVENTS * FUZZ_EVENT;
         at += FUZZ_EVENT) {
        in = (struct fuzz_in){data + at, size - at < FUZZ_EVENT ? size - at : FUZZ_EVENT};
        event(&s, &in);
    }
    end_held(&s.e);
    end_read(&s.e, FUZZ_RING);
    door_look(&s.e.c);
    return 0;
}
