/* SPDX-License-Identifier: MIT */
/* A network with virtual time between two endpoints: delay, loss, duplication, reordering, corruption and a rate, all
   drawn from one seed, so that the same seed gives the same trace. Segments are really emitted as bytes with a checksum
   and really parsed again. While it runs it watches what no endpoint may do:

   - a control block that is not valid after any call (sq_valid);
   - a byte of the stream that differs, on the wire or where the user reads it;
   - an advertised right edge that moves back, text beyond the greatest edge ever advertised (but for one probe), text
     longer than the MSS announced. RFC 9293 3.8.6, 3.7.1
   - something to send and no clock running; a poll that does not end, a deadline that does not go away when it fires.

   The first such thing stops the run; `fault` says what it was. */
#ifndef SIM_H
#define SIM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/sequent.h"

/* What the network does with segments on their way; `sim_link_default` is a perfect one. */
struct sim_link {
    uint32_t delay; /* one way, microseconds */
    uint32_t
        jitter; /* up to so much more, drawn for each segment, microseconds: reorders neighbours */
    uint32_t loss, duplicate, reorder, corrupt; /* of 1000 segments; reorder: several delays late */
    uint32_t rate;                              /* bytes per second; 0: no limit */
    uint32_t
        queue; /* bytes that may wait for the rate, more are lost; at least one segment passes */
};

struct sim_end {
    struct sq_conn c;
    struct sq_settings settings;
    uint8_t *send_ring, *receive_ring;
    uint32_t send_capacity, receive_capacity;
    uint32_t iss;    /* of the next connection; goes on from there */
    uint32_t limit;  /* most text in one segment, beside the MSS */
    uint64_t offset; /* its clock is ahead of the network's by so much */
    uint64_t alarm;  /* when its user wants to act; SQ_NEVER: only after events */
    bool
        listening; /* a block that falls back before the connection stood is replaced by a fresh one */
    bool stood;    /* the connection was established once */
    uint32_t state, last;    /* the state it is in, and the one before */
    bool released;           /* the block is gone: segments are answered by sq_refusal */
    uint64_t sent, received; /* bytes of the stream written and read by the user */
    bool edge_known;
    uint32_t edge; /* greatest right edge that went out */
    uint32_t mss;  /* announced on our SYN */
    uint32_t segments, resent, probes, resets, verdicts[SQ_SEGMENT_RESET + 1];
};

struct sim_packet {
    uint64_t at, order;
    uint32_t to, len;
    uint8_t *bytes;
};

struct sim {
    uint64_t seed, draws; /* draws: how many numbers the seed gave so far */
    uint64_t now;         /* virtual, microseconds */
    uint64_t hash;        /* of everything that happened */
    uint64_t events;
    struct sim_end end[2];
    struct sim_link link[2]; /* [i]: from end i */
    uint64_t busy[2];        /* when the rate lets the next segment go */
    uint64_t *
        shared[2]; /* the same of a bottleneck that other connections go through, too; NULL: busy */
    struct sim_packet *packet;
    uint32_t packets, room;
    uint32_t lost, duplicated, corrupted, late, refused; /* refused: dropped for their checksum */
    /* The users: called after every event at an end, before its output is polled. */
    void (*act)(void *context, struct sim *s, uint32_t i);
    /* Says that a segment is lost, so that a test can choose which; may be NULL. */
    bool (*lose)(void *context, struct sim *s, uint32_t from, const struct sq_emit *e);
    void *context;
    FILE *trace; /* every event in a line; may be NULL */
    char fault[160];
    /* Defects on purpose: they show that what watches does see. */
    bool no_checksum; /* a segment with a wrong checksum is taken */
    bool no_timers;   /* deadlines are never told */
};

/* Nothing is drawn or opened yet; both ends have default settings and no rings. */
void sim_begin(struct sim *s, uint64_t seed);
void sim_free(struct sim *s);

/* The next number the seed gives, and one below n (n > 0). */
uint64_t sim_draw(struct sim *s);
uint32_t sim_below(struct sim *s, uint32_t n);

/* 20 ms, nothing lost. */
struct sim_link sim_link_default(void);

/* Gives end i its rings (bytes, at least 1). */
void sim_rings(struct sim *s, uint32_t i, uint32_t send, uint32_t receive);
/* OPEN; both ends may be active (simultaneous open). An enum sq_error. */
uint32_t sim_open(struct sim *s, uint32_t i, bool active);

/* What end i's user may do from `act`: the stream is `sim_byte`, written and compared here. */
uint8_t sim_byte(const struct sim *s, uint32_t i, uint64_t k);
uint32_t sim_send(struct sim *s, uint32_t i, uint32_t n);    /* bytes that SEND took, at most n */
uint32_t sim_receive(struct sim *s, uint32_t i, uint32_t n); /* bytes read, at most n */
void sim_close(struct sim *s, uint32_t i);
void sim_abort(struct sim *s, uint32_t i);
void sim_release(struct sim *s, uint32_t i);

/* Puts bytes on the network as they are, on their way to end `to`; sim_poll sends what end i owes. */
void sim_inject(struct sim *s, uint32_t to, const uint8_t *bytes, uint32_t len, uint64_t at);
void sim_poll(struct sim *s, uint32_t i);

/* When the next event is; SQ_NEVER: none. Several connections go in the order of these. */
uint64_t sim_next(const struct sim *s);

/* One event; false: nothing will happen any more, or there is a fault. */
bool sim_step(struct sim *s);
/* Events until nothing is left or virtual time passes `until`; true if nothing is left and there was no fault. */
bool sim_run(struct sim *s, uint64_t until);

const char *sim_verdict(uint32_t verdict);

#endif
