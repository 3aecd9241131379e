/* SPDX-License-Identifier: MIT */
/* Two users for harness/sim.h: each sends so many bytes, reads, pauses, closes or aborts by a plan. Plans are written down
   or drawn from the seed. */
#ifndef SIM_USER_H
#define SIM_USER_H

#include "harness/sim.h"

/* When a user calls CLOSE. */
enum sim_closing {
    SIM_CLOSE_SENT, /* when all is sent: half-close, data may go on the other way */
    SIM_CLOSE_PEER, /* when all is sent and the peer's direction is closed */
    SIM_CLOSE_AT    /* at a time, or when all is sent, whichever is later */
};

struct sim_plan {
    uint64_t total;      /* bytes to send */
    uint32_t write, gap; /* at most so many bytes at once, every so many microseconds */
    uint32_t read, rest; /* the same for reading */
    uint64_t stop_at;    /* stops reading when it has read so many bytes ... */
    uint64_t stop_for;   /* ... for so many microseconds: the window shuts */
    uint32_t closing;    /* enum sim_closing */
    uint64_t close_at;
    uint64_t abort_at; /* SQ_NEVER: never */
};

struct sim_user {
    struct sim_plan plan;
    uint64_t write_at, read_at, stopped_at;
    bool stopped, closed, aborted;
};

struct sim_pair {
    struct sim sim;
    struct sim_user user[2];
    bool spoil; /* a byte of the first text that A may read is changed: the watcher must see it */
};

/* What a pair came to. */
enum sim_outcome {
    SIM_DONE,       /* all bytes arrived, both ends are CLOSED in order */
    SIM_RESET_LATE, /* the same, but a RST of the peer that was gone already ended CLOSING, LAST-ACK or
                       TIME-WAIT */
    SIM_ABORTED,    /* as planned: an ABORT, and what arrived before it is right */
    SIM_FAILED
};

/* A perfect network, 5000 bytes each way, CLOSE when sent, rings of 4096 bytes. */
void sim_pair_begin(struct sim_pair *p, uint64_t seed);
void sim_pair_free(struct sim_pair *p);
/* Everything drawn from the seed: network, rings, numbers, settings, plans. Loss up to 30 %. */
void sim_pair_draw(struct sim_pair *p, uint64_t seed);
/* Opens, and the users act for the first time; SIM_FAILED: OPEN refused, else SIM_DONE. */
enum sim_outcome sim_pair_open(struct sim_pair *p, bool both);
/* Opens (A active; B active too if `both`), runs until nothing is left or virtual time passes `until`. On SIM_FAILED
   sim.fault says why. */
enum sim_outcome sim_pair_run(struct sim_pair *p, bool both, uint64_t until);

#endif
