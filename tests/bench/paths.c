/* SPDX-License-Identifier: MIT */
/* usage: PROGRAM DOOR PATH N: takes the path N times and says how many segments the stack sent each time.
   receive: 1460 bytes in order. ack: an ACK that says nothing new. send: 1460 bytes, and their ACK. order: two segments of
   1460 bytes the wrong way round. resend: 1460 bytes, the timer, the same again, and their ACK. open: a connection that the
   peer opens and closes. */
#include "paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/sequence.h"
#include "frames.h"

#define ROUND 1000u /* microseconds between two steps */

struct bench bench;
static const struct bench_door *door;
static uint32_t seq, acked, port = 20000u; /* the peer's numbers: its own next, the stack's next */

/* callgrind --toggle-collect=measured */
void measured(void (*call)(void));
__attribute__((noinline)) void measured(void (*call)(void))
{
    call();
}

static void plainly(void (*call)(void))
{
    call();
}

typedef void counted(void (*call)(void));

void bench_sent(const uint8_t *header, uint32_t n)
{
    bench.sent++;
    bench.seq = sq_load32(header, 4u);
    bench.flags = header[13];
    bench.length = n - header[12] / 16u * 4u;
}

/* A frame of the peer's. */
static void arrive(counted *how, uint32_t flags, uint32_t from, uint32_t len)
{
    struct sq_header h;

    memset(&h, 0, sizeof h);
    h.source_port = port;
    h.destination_port = BENCH_PORT;
    h.seq = from;
    h.ack = (flags & SQ_ACK) != 0u ? acked : 0u;
    h.flags = flags;
    h.window = 65535u;
    h.has_mss = (flags & SQ_SYN) != 0u;
    h.mss = h.has_mss == 1u ? BENCH_TEXT : 0u;
    bench.n = bench_segment(bench.in, &h, bench.text, len);
    bench.now += ROUND;
    door->prepare();
    how(door->arrives);
}

static void introduce(void)
{
    bench.n = bench_arp(bench.in);
    door->prepare();
    door->arrives();
}

/* What the stack sent last is known to have arrived. */
static void take(uint32_t flags)
{
    if ((bench.flags & flags) != flags) {
        fprintf(stderr, "%s: expected flags %x, got %x\n", door->name, flags, bench.flags);
        exit(1);
    }
    acked = sq_seq_add(bench.seq, bench.length + ((bench.flags & (SQ_SYN | SQ_FIN)) != 0u));
}

static void connect_to(counted *how)
{
    port = port < 60000u ? port + 1u : 20000u;
    arrive(how, SQ_SYN, seq, 0u);
    take(SQ_SYN | SQ_ACK);
    seq++;
    arrive(how, SQ_ACK, seq, 0u);
}

static void receive(void)
{
    arrive(measured, SQ_ACK, seq, BENCH_TEXT);
    seq = sq_seq_add(seq, BENCH_TEXT);
}

static void acknowledge(void)
{
    arrive(measured, SQ_ACK, seq, 0u);
}

static void send_by(counted *how)
{
    bench.now += ROUND;
    how(door->writes);
    take(SQ_ACK);
    arrive(how, SQ_ACK, seq, 0u);
}

static void send_one(void)
{
    send_by(measured);
}

static void order(void)
{
    arrive(measured, SQ_ACK, sq_seq_add(seq, BENCH_TEXT), BENCH_TEXT);
    arrive(measured, SQ_ACK, seq, BENCH_TEXT);
    seq = sq_seq_add(seq, 2u * BENCH_TEXT);
}

static void resend(void)
{
    uint32_t first;

    introduce();
    send_by(plainly); /* a measured round trip brings the timer back to where it was */
    bench.sent--;
    bench.now += ROUND;
    measured(door->writes);
    first = bench.seq;
    measured(door->expires);
    if (bench.seq != first || bench.length != BENCH_TEXT) {
        fprintf(stderr, "%s: nothing was sent again\n", door->name);
        exit(1);
    }
    take(SQ_ACK);
    arrive(measured, SQ_ACK, seq, 0u);
}

static void whole(void)
{
    connect_to(measured);
    arrive(measured, SQ_FIN | SQ_ACK, seq, 0u);
    seq++;
    take(SQ_FIN | SQ_ACK);
    arrive(measured, SQ_ACK, seq, 0u);
}

static const struct {
    const char *name;
    void (*step)(void);
} path[] = {{"receive", receive}, {"ack", acknowledge}, {"send", send_one},
            {"order", order},     {"resend", resend},   {"open", whole}};

int main(int argc, char **argv)
{
    long n = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
    uint32_t before;

    for (door = bench_doors; argc == 4 && door->name != NULL && strcmp(door->name, argv[1]) != 0;)
        door++;
    for (size_t i = 0; n > 0 && door->name != NULL && i < sizeof path / sizeof path[0]; i++) {
        if (strcmp(path[i].name, argv[2]) != 0)
            continue;
        bench.now = 1000000u;
        door->begin();
        introduce();
        if (path[i].step != whole)
            connect_to(plainly);
        before = bench.sent;
        for (long k = 0; k < n; k++)
            path[i].step();
        printf("%.2f\n", (double)(bench.sent - before) / (double)n);
        return 0;
    }
    fprintf(stderr, "usage: PROGRAM DOOR receive|ack|send|order|resend|open N; doors:");
    for (door = bench_doors; door->name != NULL; door++)
        fprintf(stderr, " %s", door->name);
    fputc('\n', stderr);
    return 2;
}
