/* SPDX-License-Identifier: MIT */
/* The world that is explored: up to three ends, each a connection of the core's own sources with its rings and an
   application program, and a network that is a bounded bag of segments. Nothing of TCP is written here a second time:
   whatever an end does is a call of a door. The clock stands still; timers fire by name (sq_expire) whenever they are
   armed. An experiment (struct model) says who runs which program and what the network may do. */
#ifndef MODEL_WORLD_H
#define MODEL_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/sequent.h"

enum { ENDS = 3, RING = 8, NET = 8, EMITS = 8, INCARNATIONS = 4, FORGERIES = 8, NOBODY = 255 };
#ifndef WORLD_ENDS /* SPIN's state vector is built with fewer */
#define WORLD_ENDS ENDS
#define WORLD_NET NET
#endif

#define MODEL_NOW 1000000u /* the clock stands here, microseconds */
#define MODEL_ANY 255u     /* a budget without limit */

/* A segment on its way: its header by value, its text, and between whom. */
struct seg {
    struct sq_header h;
    uint32_t len;
    uint8_t from, to;
    uint8_t forged; /* 1: an attacker made it; the core is not told */
    uint8_t zero;
    uint8_t text[RING];
};

/* One end. What follows the rings is the application's and the observer's, never the core's. */
struct end {
    struct sq_conn c;
    uint8_t out[RING], in[RING]; /* the rings; dead bytes are zero */
    uint64_t met;                /* pairs (own incarnation, peer's) that were synchronized once */
    uint32_t edge;               /* greatest right edge that went out, if edge_known */
    uint8_t pc, inc;             /* next step of the program; which incarnation this is */
    uint8_t remote, peer;        /* whom it talks to; the peer's incarnation by its IRS, NOBODY */
    uint8_t sent, heard;         /* bytes written and read in this incarnation */
    uint8_t released,
        listening; /* 1: the block is gone; 1: a fresh block replaces a half-open one */
    uint8_t edge_known, opened, zero[2];
};

/* The whole of it, in plain bytes; the explorer keeps the same by numbers (explore.c). */
struct world {
    struct end end[WORLD_ENDS];
    struct seg net[WORLD_NET]; /* sorted by bytes; those from n on are zero */
    uint8_t n, loss, dup, forge, zero[4];
};

/* Kinds of segments, for filters. */
enum kind { KIND_SYN, KIND_SYN_ACK, KIND_ACK, KIND_TEXT, KIND_FIN, KIND_RST, KINDS };

/* What may be violated. */
enum bad {
    BAD_NONE,
    BAD_VALID,     /* sq_valid says no */
    BAD_PREFIX,    /* a byte read that is not the next the peer's incarnation sent */
    BAD_AGREEMENT, /* ESTABLISHED, and the other end never was synchronized with these two ISS; or
                      both are, and an IRS is not the other's ISS */
    BAD_ASKED,     /* ESTABLISHED, and the other end neither agreed nor is asking with its SYN */
    BAD_WINDOW,    /* text beyond the greatest edge offered, but for one number of a probe */
    BAD_EDGE,      /* an advertised right edge moved back */
    BAD_REPLIES,   /* more replies to one event than the bound */
    BAD_RELEASE,   /* a released block is not the canonical one */
    BAD_CLEAN,     /* a connection did not end in order (only where the experiment demands it) */
    BAD_TIME_WAIT, /* TIME-WAIT ended by a segment (only where the experiment demands it) */
    BAD_COMPLETE,  /* all programs ended and not all that was sent was read (as above) */
    BAD_DEADLOCK,  /* nothing can happen any more and the programs have not ended */
    BAD_STUCK,     /* the end of the programs is out of reach, even over a fair network */
    BADS
};

/* Events. An event is a kind and an index: slot, end and timer, end, forgery. */
enum happening {
    EV_DELIVER,
    EV_TWICE, /* delivered, and it stays */
    EV_LOSE,
    EV_TIMER, /* index: end * 16 + timer */
    EV_STEP,  /* the next step of an end's program */
    EV_FORGE
};

/* An experiment. */
struct model {
    const char *prog[ENDS];
    uint8_t ends, net, loss, dup, forges, ring, limit;
    uint32_t timers; /* bit k: timer k may fire */
    bool half_open;  /* of a half-open end the user timer may fire too */
    bool quiet;      /* 2 MSL is long enough: see world_lets_fire */
    bool self;       /* the first end talks to itself */
    bool stands;     /* forgeries only hit an end that is ESTABLISHED or later */
    bool backlog;    /* a listener has one entry: what comes for it meanwhile, sq_arrival decides */
    uint8_t drop[ENDS], lose[ENDS]; /* bit per kind: always lost; may be lost */
    uint32_t iss[ENDS], step;       /* ISS of the first incarnation, and from one to the next */
    struct sq_settings settings;
    struct seg forgery[FORGERIES];
    uint8_t forgeries;
    uint32_t checks; /* bit per enum bad */
    bool limits;     /* for live: a limit that passes (R2, half-open) is a fair step too */
    bool live;       /* look for states from which the end is out of reach */
    /* A state to look for: per end state and reason, NOBODY for any; wanted: there is one. */
    bool wanted;
    uint8_t want_state[ENDS], want_reason[ENDS], want_from[ENDS];
};
extern struct model model;

/* What an event at one end came to. */
struct effect {
    uint8_t bad, n;
    uint8_t full; /* segments that were not even taken by the network: dropped by the experiment */
    struct seg out[EMITS];
};

/* world.c: one end */
void end_begin(struct end *e, uint32_t i);
void end_deliver(struct end *e, uint32_t i, const struct seg *s, struct effect *f);
void end_timer(struct end *e, uint32_t i, uint32_t timer, struct effect *f);
uint32_t end_partner(const struct end *e, uint32_t i);
void end_open_anew(struct end *e);
void end_listen(struct end *e);
void end_release(struct end *e, struct effect *f);
/* After a call: what is due leaves (to `to` if nobody is bound yet), what can be observed is noted. */
void end_settle(struct end *e, uint32_t i, uint32_t was, uint32_t to, struct effect *f);
enum kind seg_kind(const struct seg *s);
uint32_t world_room(bool deliver, uint32_t n, uint32_t drawn);

/* program.c: its application */
uint32_t end_timers(const struct end *e); /* bit k: timer k may fire now */
bool end_may_step(const struct end *e, uint32_t i);
void end_step(struct end *e, uint32_t i, struct effect *f);
bool end_ended(const struct end *e, uint32_t i);

/* view.c: all that the model knows of the block's fields */
void view_canonical(struct end *e);
uint32_t view_timers(const struct sq_conn *c); /* bit k: timer k is armed */
bool view_synchronized(const struct sq_conn *c);
uint32_t view_iss(const struct sq_conn *c);
uint32_t view_irs(const struct sq_conn *c);
uint32_t view_shift(const struct sq_conn *c); /* of the windows it advertises */
const char *view_timer(uint32_t timer);

/* check.c: what two ends together may not be; ends by pointer, some of them NULL. */
enum bad check_pair(const struct end *const e[ENDS]);
enum bad check_end(const struct end *e, uint32_t i);
enum bad check_text(const struct seg *s, const struct end *from, const struct end *to);
/* was: a step before */
bool check_wanted(const struct end *const was[ENDS], const struct end *const e[ENDS]);
/* Forgery k may arrive now. */
bool forge_possible(uint32_t k, const struct end *to);
bool world_lets_fire(const struct end *const e[ENDS], uint32_t i, uint32_t timer, bool in_flight);
const char *bad_name(uint32_t bad);

/* options.c: NAME=VALUE, the experiment's words; false and a message on stderr if one is wrong. */
bool model_option(const char *word);
void model_default(void);
void model_help(void);

/* label of an incarnation: whose ISS this is, as end * INCARNATIONS + incarnation, or NOBODY. */
uint8_t incarnation_of(uint32_t iss);
uint32_t iss_of(uint32_t end, uint32_t inc);
uint8_t stream_byte(uint32_t label, uint32_t k);

#endif
