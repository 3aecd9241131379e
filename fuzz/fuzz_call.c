/* SPDX-License-Identifier: MIT */
/* One call of the user, one timer, or one poll, on any valid connection: what stands above each in core/user.h, core/timers.h,
   core/path.h and core/stream.h is checked by door_user.c, door_timer.c and door_path.c. And sq_valid itself, on bytes that are
   no connection and on blocks with a few words changed: it says what the predicate says. */
#include "connection.h"
#include "doors.h"
#include "twin.h"

#define RING_MAX 512u
#define DAMAGE 22u /* bytes */

static void user(struct fuzz_in *in, struct sq_conn *c, uint64_t now)
{
    static uint8_t ring[RING_MAX], bytes[2u * RING_MAX];
    struct sq_settings s;
    uint32_t n = fuzz_edge(in, 0u, 2u * RING_MAX);

    switch (fuzz_u8(in) % 12u) {
    case 0u:
        door_commit(c, n, now);
        break;
    case 1u:
        memset(bytes, 0x3c, sizeof bytes);
        door_write(c, ring, bytes, n, now);
        break;
    case 2u:
        door_consume(c, n);
        break;
    case 3u:
        memset(ring, 0x77, sizeof ring);
        door_read(c, ring, bytes, n);
        break;
    case 4u:
        door_close(c, now);
        break;
    case 5u:
        door_abort(c);
        break;
    case 6u:
        door_release(c);
        break;
    case 7u:
        door_tick(c, now);
        break;
    case 8u:
        fuzz_settings(in, &s);
        s.rto_min = n % 8u == 7u ? 0u : s.rto_min; /* out of its range now and then */
        door_open_passive(c, &s, fuzz_edge(in, 0u, SQ_WINDOW_MAX + 1u),
                          fuzz_edge(in, 0u, SQ_WINDOW_MAX + 1u));
        break;
    case 9u:
        fuzz_settings(in, &s);
        s.mss = n % 8u == 7u ? 0u : s.mss;
        door_open_active(c, &s, fuzz_edge(in, 0u, SQ_WINDOW_MAX + 1u),
                         fuzz_edge(in, 0u, SQ_WINDOW_MAX + 1u), fuzz_u32(in));
        break;
    default:
        door_expire(c, n % 4u, now);
        break;
    case 11u:
        door_expire(c, n % 2u == 0u ? SQ_TIMER_ACK : SQ_TIMER_KEEPALIVE, now);
        break;
    }
}

/* Urgent text, reports, ICMP. */
static void path(struct fuzz_in *in, struct sq_conn *c)
{
    uint32_t how = fuzz_u8(in), seq = c->send.una + fuzz_edge(in, 0u, c->send.flight);

    seq = how >= 192u ? fuzz_u32(in) : seq;
    switch (how % 8u) {
    case 0u:
        door_urge(c);
        break;
    case 1u:
        door_flush(c);
        break;
    case 2u:
        door_user_timeout(c, fuzz_u32(in));
        break;
    case 3u:
        door_reports(c);
        break;
    case 4u:
        door_unreachable(c, seq, fuzz_edge(in, 1u, 65535u), how >> 3 & 1u);
        break;
    default:
        door_too_big(c, seq, fuzz_edge(in, 0u, c->send.mss));
        break;
    }
    door_look_path(c, (how & 8u) != 0u ? c->receive.nxt + fuzz_u8(in) - 128u : seq);
}

/* Some words of the block become what they may or may not be: sq_valid must say what spec/connection.acsl says. */
static void damaged(struct fuzz_in *in, struct sq_conn *c)
{
    uint32_t mixed = fuzz_u8(in), n = 1u + mixed % 3u;

    if (mixed >= 192u) { /* parts that do not fit each other */
        c->state = fuzz_u8(in) % 12u;
        c->send.tx = fuzz_u8(in) % 8u;
        c->receive.rx = fuzz_u8(in) % 4u;
    }
    while (n-- > 0u) {
        uint8_t *word = (uint8_t *)c + fuzz_range(in, 0u, sizeof *c / 4u - 1u) * 4u;
        uint32_t how = fuzz_u8(in), v;

        memcpy(&v, word, 4u);
        v = how < 64u ? v + 1u : how < 128u ? v - 1u : how < 192u ? how - 128u : fuzz_u32(in);
        memcpy(word, &v, 4u);
    }
    FUZZ_CHECK("sq_valid.sound", sq_valid(c) == (connection_valid(c) ? 1u : 0u));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = {data, size};
    uint32_t how = fuzz_u8(&in);
    struct sq_conn c;
    struct sq_emit e;
    uint64_t now;

    if (how % 16u == 15u) { /* any bytes at all */
        memset(&c, (int)fuzz_u8(&in), sizeof c);
        memcpy(&c, in.p, in.n < sizeof c ? in.n : sizeof c);
        FUZZ_CHECK("sq_valid.any", sq_valid(&c) == (connection_valid(&c) ? 1u : 0u));
        return 0;
    }
    if (how % 16u >= 12u) { /* what is damaged stands in front, so that each word can be named */
        struct fuzz_in what = {in.p, in.n < DAMAGE ? in.n : DAMAGE};

        in.p += what.n;
        in.n -= what.n;
        fuzz_connection(&in, &c, RING_MAX);
        damaged(&what, &c);
        return 0;
    }
    fuzz_connection(&in, &c, RING_MAX);
    now = (how & 16u) != 0u ? fuzz_u32(&in) : c.now + fuzz_u8(&in);
    now = (how & 32u) != 0u ? UINT64_MAX - fuzz_u8(&in) : now;
    if (how >= 192u) {
        path(&in, &c);
    } else {
        user(&in, &c, now);
    }
    door_look(&c);
    for (uint32_t i = 0u;
         i < 4u && door_output(&c, &e, fuzz_edge(&in, 1u, SQ_TEXT_MAX), now) != SQ_DUE_NONE; i++) {
    }
    return 0;
}
