/* SPDX-License-Identifier: MIT */
/* TCP over one link, many connections: segments in find their connection or a listener, the core decides, and what it
   owes goes out. The two doors: sq_stack_frame for every frame that is there, then sq_stack_flush once, so that one ACK
   answers a whole batch. RFC 9293 3.10; RFC 6528. Single-threaded; nothing blocks; all memory is taken at the start. */
#ifndef SQ_STACK_H
#define SQ_STACK_H

#include "core/sequent.h"
#include "table.h"
#include "wire.h"

#define SQ_LISTENERS 16u /* ports that can be listened on at once */
/* Microseconds. RFC 6298 2.4 advises a second, and that is the core's default; Linux waits as long as this. */
#define SQ_STACK_RTO_MIN 200000u
#define SQ_GUESSES 64u /* connections that are tried before they are searched for */

struct sq_stack_options {
    struct sq_wire_options wire;
    struct sq_settings settings; /* of every connection; mss is lowered to what the link carries */
    uint32_t connections;        /* how many at once, 1..65536 */
    uint32_t send_capacity, receive_capacity; /* bytes of each connection's rings */
    uint32_t orphan; /* microseconds in FIN-WAIT-2 for a connection that the program has closed */
    uint64_t now;    /* the clock at the start, microseconds */
    struct sq_ip_fields
        ip; /* of every connection until the program sets its own; TTL 0: the usual 64 */
    uint32_t first_port,
        last_port; /* active opens take theirs from these; 0: 1024 to 65535. RFC 6056 3.2 */
    FILE *trace;   /* a line for each segment and change of state; NULL: none */
    bool verify;   /* ask sq_valid after each call of the core, stop the program if it says no */
    uint8_t secret[48]; /* random: keys of the table, of ISNs, of port numbers */
};

/* What the program sees of a listener, beside the core's counts: those that wait, in order from `first` on. */
struct sq_listener {
    uint32_t first, last;
    uint32_t ready; /* 1: a connection came since the program was last told */
    uint32_t generation;
    void *data;
};

struct sq_stack {
    struct sq_stack_options set;
    struct sq_counters counters;
    struct sq_wire wire;
    struct sq_journal journal;
    struct sq_conn seen; /* for the journal: a connection before a call of the core */
    struct sq_table table;
    struct sq_listen listen[SQ_LISTENERS];
    struct sq_listener listener[SQ_LISTENERS];
    struct sq_sip isn_seed, port_seed;
    /* Who gives way when there is no block left: half-open by listener, and in TIME-WAIT without an owner. */
    struct sq_ages half_open[SQ_LISTENERS], time_wait;
    uint32_t guess
        [SQ_GUESSES]; /* by the peer's port: the block that the last segment from there was for */
    uint64_t opened;  /* active opens so far: the order in which ports are tried. RFC 6056 3.3 */
    uint64_t now;     /* of the last call */
    uint32_t limit;   /* bytes of text that fit one frame */
    bool
        prompts; /* a segment without text left: SYN, FIN, ACK. The peer's TCP itself may answer it at once */
    bool
        turn; /* a segment came whose peer waits now: SYN, FIN, PSH. Its answer comes before other frames are read */
};

/* False: no memory. */
bool sq_stack_open(struct sq_stack *s, const struct sq_stack_options *set);
void sq_stack_close(struct sq_stack *s);

/* A frame arrived. */
void sq_stack_frame(struct sq_stack *s, const uint8_t *frame, uint32_t n, uint64_t now);
/* The timers that are due by now. */
void sq_stack_tick(struct sq_stack *s, uint64_t now);
/* Everything that is owed goes out. */
void sq_stack_flush(struct sq_stack *s, uint64_t now);
/* When sq_stack_tick is due, microseconds, perhaps too early, for deadlines move away; SQ_NEVER: not. */
uint64_t sq_stack_deadline(const struct sq_stack *s);

/* A SYN is on its way to `address`, from our address `source` or, if that is 0, from the first of ours. SQ_NOBODY: no
   block or port is free, `address` names no host but a group or everybody, or `source` is not ours. RFC 9293 3.9.1.1
   MUST-43, 44, 46 */
uint32_t sq_stack_connect(struct sq_stack *s, uint32_t source, uint32_t address, uint32_t port,
                          uint64_t now);
/* The program is done with connection i; what is under way goes on without it. */
void sq_stack_abandon(struct sq_stack *s, uint32_t i, uint64_t now);
/* The program called the core on connection i: its output is due, and so is a look at its state, which was `before`. */
void sq_stack_touched(struct sq_stack *s, uint32_t i, uint32_t before);

#endif
