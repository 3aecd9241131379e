/* SPDX-License-Identifier: MIT */
/* The simulation and its loop: events in the order of virtual time, those of one instant in the order they were made. */
#include "harness/sim_parts.h"
#include "harness/trace.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* splitmix64: number `draws` of the seed. */
uint64_t sim_draw(struct sim *s)
{
    s->draws++;
    return mix(s->seed * 0xd1342543de82ef95u + s->draws * 0x9e3779b97f4a7c15u);
}

uint32_t sim_below(struct sim *s, uint32_t n)
{
    return (uint32_t)(sim_draw(s) % n);
}

uint8_t sim_byte(const struct sim *s, uint32_t i, uint64_t k)
{
    return (uint8_t)(mix(s->seed + i * 77u + (k / 8u) * 0x9e3779b97f4a7c15u) >> (k % 8u * 8u));
}

void sim_note(struct sim *s, uint64_t word)
{
    s->hash = (s->hash ^ word) * 0x100000001b3u;
    s->hash ^= s->hash >> 29;
}

void sim_fault(struct sim *s, const char *format, ...)
{
    va_list args;

    if (s->fault[0] != '\0') {
        return;
    }
    va_start(args, format);
    vsnprintf(s->fault, sizeof s->fault, format, args);
    va_end(args);
    if (s->trace != NULL) {
        fprintf(s->trace, "# %" PRIu64 ".%06" PRIu64 " FAULT %s\n", s->now / 1000000u,
                s->now % 1000000u, s->fault);
    }
}

void sim_trace(struct sim *s, uint32_t i, const char *format, ...)
{
    va_list args;

    if (s->trace == NULL) {
        return;
    }
    fprintf(s->trace, "# %3" PRIu64 ".%06" PRIu64 " %c %-12s ", s->now / 1000000u,
            s->now % 1000000u, (char)('A' + (char)i), sq_trace_state_name(s->end[i].c.state));
    va_start(args, format);
    vfprintf(s->trace, format, args);
    va_end(args);
    fputc('\n', s->trace);
}

const char *sim_verdict(uint32_t verdict)
{
    static const char *const name[] = {"accepted", "ignored", "unacceptable", "challenged",
                                       "bad ack",  "refused", "reset"};
    return verdict <= SQ_SEGMENT_RESET ? name[verdict] : "?";
}

struct sim_link sim_link_default(void)
{
    return (struct sim_link){.delay = 20000u};
}

void sim_begin(struct sim *s, uint64_t seed)
{
    memset(s, 0, sizeof *s);
    s->seed = seed;
    s->hash = 0xcbf29ce484222325u;
    for (uint32_t i = 0u; i < 2u; i++) {
        s->link[i] = sim_link_default();
        sq_settings_default(&s->end[i].settings);
        sq_init(&s->end[i].c);
        s->end[i].limit = SQ_TEXT_MAX;
        s->end[i].alarm = SQ_NEVER;
    }
}

void sim_free(struct sim *s)
{
    for (uint32_t k = 0u; k < s->packets; k++) {
        free(s->packet[k].bytes);
    }
    free(s->packet);
    for (uint32_t i = 0u; i < 2u; i++) {
        free(s->end[i].send_ring);
        free(s->end[i].receive_ring);
    }
}

void *sim_must(void *p)
{
    if (p == NULL) {
        fputs("sim: out of memory\n", stderr);
        exit(2);
    }
    return p;
}

void sim_rings(struct sim *s, uint32_t i, uint32_t send, uint32_t receive)
{
    struct sim_end *e = &s->end[i];

    free(e->send_ring);
    free(e->receive_ring);
    e->send_capacity = send;
    e->receive_capacity = receive;
    e->send_ring = sim_must(calloc(1u, send));
    e->receive_ring = sim_must(calloc(1u, receive));
}

static uint64_t deadline(const struct sim *s, uint32_t i)
{
    uint64_t d = s->no_timers ? SQ_NEVER : sq_deadline(&s->end[i].c);

    return d == SQ_NEVER ? d : d < s->end[i].offset ? 0u : d - s->end[i].offset;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t sim_next(const struct sim *s)
{
    uint64_t t = s->packets > 0u ? s->packet[0].at : SQ_NEVER;

    for (uint32_t i = 0u; i < 2u; i++) {
        t = least(t, least(deadline(s, i), s->end[i].alarm));
    }
    return t;
}

bool sim_step(struct sim *s)
{
    uint64_t t = sim_next(s);
    uint32_t i;

    if (t == SQ_NEVER || s->fault[0] != '\0') {
        return false;
    }
    s->now = t > s->now ? t : s->now;
    s->events++;
    sim_note(s, s->now);
    if (s->packets > 0u && s->packet[0].at <= s->now) {
        struct sim_packet p = sim_take(s);

        i = p.to;
        sim_arrive(s, &p);
        free(p.bytes);
    } else {
        i = deadline(s, 0u) <= s->now || s->end[0].alarm <= s->now ? 0u : 1u;
        if (deadline(s, i) <= s->now) {
            sim_expire(s, i);
        } else {
            s->end[i].alarm = SQ_NEVER;
        }
    }
    if (s->act != NULL && s->fault[0] == '\0') {
        s->act(s->context, s, i);
    }
    sim_poll(s, i);
    return s->fault[0] == '\0';
}

bool sim_run(struct sim *s, uint64_t until)
{
    while (sim_next(s) <= until) {
        if (!sim_step(s)) {
            break;
        }
    }
    return s->fault[0] == '\0' && sim_next(s) == SQ_NEVER;
}
