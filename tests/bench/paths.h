/* SPDX-License-Identifier: MIT */
/* Instructions by path: one connection of a stack and its peer, which is played here. A program is paths.c and a door to a
   stack; callgrind counts what is done inside `measured`, which is the stack's part alone. */
#ifndef BENCH_PATHS_H
#define BENCH_PATHS_H

#include <stdint.h>

enum {
    BENCH_PORT = 9,
    BENCH_TEXT = 1460, /* bytes of a segment's text */
    BENCH_FRAME = 1514
};
#define BENCH_STACK 0x0a090002u /* the stack's address, 10.9.0.2, and its peer's */
#define BENCH_PEER 0x0a090001u

/* All but `prepare` and `begin` is counted where the path says so. */
struct bench_door {
    const char *name;
    void (*begin)(void);   /* a listener stands, the peer's hardware address is known */
    void (*prepare)(void); /* a frame stands in bench.in: what is not counted before it arrives */
    void (*arrives)(void); /* it arrives; text is read, an end is closed, what is owed goes out */
    void (*writes)(void);  /* the program writes BENCH_TEXT bytes of bench.text; they go out */
    void (*expires)(void); /* the retransmission timer; what is owed goes out */
};
extern const struct bench_door bench_doors[]; /* ended by one without a name */

struct bench {
    uint8_t in[BENCH_FRAME], text[BENCH_TEXT];
    uint32_t n;      /* bytes of the frame */
    uint64_t now;    /* microseconds */
    uint32_t sent;   /* segments that the stack sent */
    uint32_t seq;    /* of the last one */
    uint32_t length; /* of its text */
    uint32_t flags;
};
extern struct bench bench;

/* The stack sent a segment: its TCP header, and how many bytes it has with its text. */
void bench_sent(const uint8_t *header, uint32_t n);

#endif
