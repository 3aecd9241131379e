/* SPDX-License-Identifier: MIT */
/* The core alone on one path, so that callgrind can count: two connections, segments handed from one to the other.
   usage: bench_core PATH N; with 2N and N segments the difference is the cost of N, whatever start-up costs.
   Paths: receive (1460 bytes of text in order), ack (pure ACKs), send (1460 bytes out), open (a whole connection). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sequent.h"

enum { RING = 65536, MSS = 1460 };

struct end {
    struct sq_conn c;
    uint8_t out[RING], in[RING];
};
static struct end a, b;
static uint64_t now = 1000000;
static volatile uint32_t sink;

/* The header as the other end would read it; bytes on a wire are measured apart. */
static struct sq_header header_of(const struct sq_emit *e)
{
    struct sq_header h = {0};
    h.seq = e->seq;
    h.ack = e->ack;
    h.flags = e->flags;
    h.window = e->window;
    h.has_mss = e->mss != 0;
    h.mss = e->mss;
    return h;
}

static void arrive(struct end *to, struct end *from, const struct sq_emit *e)
{
    static uint8_t text[RING];
    struct sq_header h = header_of(e);
    struct sq_segment_info info = {now, e->len, 77};
    memcpy(text, from->out + e->text.at, e->text.len);
    if (e->text.len2 > 0) {
        memcpy(text + e->text.len, from->out + e->text.at2, e->text.len2);
    }
    sink += sq_input(&to->c, to->in, &h, text, &info);
}

static void pump(struct end *x, struct end *y)
{
    struct sq_emit e;
    while (sq_output(&x->c, &e, MSS, now) != SQ_DUE_NONE) {
        arrive(y, x, &e);
    }
}

static void open_both(void)
{
    struct sq_settings s;
    sq_settings_default(&s);
    s.time_wait = 1;
    sq_init(&a.c);
    sq_init(&b.c);
    (void)sq_open_active(&a.c, &s, RING, RING, 1);
    (void)sq_open_passive(&b.c, &s, RING, RING);
    for (int i = 0; i < 3; i++) {
        pump(&a, &b);
        pump(&b, &a);
    }
    if (a.c.state != SQ_ESTABLISHED || b.c.state != SQ_ESTABLISHED) {
        fprintf(stderr, "bench_core: no connection\n");
        exit(1);
    }
}

static void close_both(void)
{
    (void)sq_close(&a.c, now);
    pump(&a, &b);
    (void)sq_close(&b.c, now);
    for (int i = 0; i < 3; i++) {
        pump(&b, &a);
        pump(&a, &b);
    }
    now += 2;
    sq_tick(&a.c, now);
}

int main(int argc, char **argv)
{
    long n = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    struct sq_emit e;
    if (n <= 0) {
        fprintf(stderr, "usage: bench_core receive|ack|send|open N (a positive number)\n");
        return 2;
    }
    if (strcmp(argv[1], "open") == 0) {
        for (long i = 0; i < n; i++) {
            open_both();
            close_both();
        }
        return a.c.state == SQ_CLOSED && b.c.state == SQ_CLOSED ? 0 : 1;
    }
    open_both();
    struct sq_header h = header_of(&(struct sq_emit){
        .seq = b.c.receive.nxt, .ack = a.c.receive.nxt, .flags = SQ_ACK, .window = 65535});
    struct sq_segment_info info = {now, 0, 0};
    static uint8_t text[MSS];
    for (long i = 0; i < n; i++) {
        if (strcmp(argv[1], "receive") == 0) {
            h.seq = b.c.receive.nxt;
            info.len = MSS;
            sink += sq_input(&b.c, b.in, &h, text, &info);
            (void)sq_consume(&b.c, MSS);
            (void)sq_output(&b.c, &e, MSS, now);
        } else if (strcmp(argv[1], "ack") == 0) {
            sink += sq_input(&b.c, b.in, &h, text, &info);
        } else if (strcmp(argv[1], "send") == 0) {
            struct sq_header back = header_of(&(struct sq_emit){.flags = SQ_ACK, .window = 65535});
            (void)sq_commit(&a.c, MSS, now);
            if (sq_output(&a.c, &e, MSS, now) != SQ_DUE_DATA) {
                return 1;
            }
            back.seq = a.c.receive.nxt;
            back.ack = sq_seq_add(e.seq, e.len);
            sink += sq_input(&a.c, a.in, &back, text, &info);
        } else {
            fprintf(stderr, "bench_core: no path \"%s\": receive, ack, send or open\n", argv[1]);
            return 2;
        }
    }
    return 0;
}
