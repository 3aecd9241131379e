/* SPDX-License-Identifier: MIT */
/* Wire scripts: a reader for a subset of packetdrill's language (README.md beside this file), one endpoint of the core under
   virtual time, and the comparison of what it says with what the script expects.

   A script is read once into lines (read_*.c), then run as often as wanted (run.c) against an endpoint (endpoint.c, call.c).
   Sequence numbers in a script are relative: ours to our ISS, the peer's to its own. `struct script_numbers` says what
   they are relative to, so the same script runs across the wrap of the sequence space. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/sequent.h"

enum {
    SCRIPT_LINES = 200,
    SCRIPT_TEXT = 240, /* bytes of one line */
    SCRIPT_ARGS = 6,
    SCRIPT_CHECKS = 6,
    SCRIPT_OPTIONS = 40, /* bytes of options in one header. RFC 9293 3.1 */
    SCRIPT_SENT = 64,    /* segments that may wait to be expected */
    SCRIPT_SOCKETS = 8
};

/* ---- what a script says ---- */

/* When a line happens, microseconds. `any`: whenever (only >). from < to: a range (only >), or with `blocks` a call that
   begins at `from` and returns at `to`. */
struct script_when {
    bool any, relative, blocks;
    uint64_t from, to;
};

struct script_segment {
    uint32_t flags, seq, len;                              /* seq: relative */
    bool has_ack, has_win, has_urg, any_options, any_push; /* any_push: PSH is not compared */
    uint32_t ack, win, urg;
    uint32_t options_len;
    uint8_t options[SCRIPT_OPTIONS];  /* as on the wire, SACK edges relative */
    uint8_t wildcard[SCRIPT_OPTIONS]; /* 1: this byte is not compared */
};

struct script_call {
    char name[16];
    uint32_t args;
    char arg[SCRIPT_ARGS][64];
    int64_t result;
    char error[20]; /* the errno's name, or "" */
};

struct script_check {
    char name[24], relation[3], value[24];
};

/* An ICMP error about a segment of ours. RFC 792, RFC 1191 4 */
struct script_icmp {
    uint32_t type, code, mtu;
    uint32_t seq; /* of the segment quoted; relative */
};

enum script_kind { SCRIPT_IN, SCRIPT_OUT, SCRIPT_ICMP, SCRIPT_CALL, SCRIPT_CHECK };

struct script_line {
    enum script_kind kind;
    uint32_t number; /* in the file, from 1 */
    struct script_when when;
    struct script_segment segment;
    struct script_icmp icmp;
    struct script_call call;
    uint32_t checks;
    struct script_check check[SCRIPT_CHECKS];
};

struct script {
    char path[200];
    struct sq_settings settings;
    uint32_t send_ring, receive_ring; /* bytes */
    uint64_t tolerance;               /* microseconds */
    uint32_t lines;
    struct script_line line[SCRIPT_LINES];
    uint32_t source_lines;
    char source[SCRIPT_LINES][SCRIPT_TEXT]; /* as written, for the report */
    char wanted[SCRIPT_TEXT];               /* wrong/: the error it must end with; else "" */
    char error[800];                        /* why it cannot be read, with file and line */
};

/* Reads a script; false: `error` says why not. */
bool script_read(struct script *s, const char *path);
/* The script cannot be read. Only the first reason is kept. */
void script_refuse(struct script *s, uint32_t number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- the parts of a line; each returns false and refuses the script if it cannot read on ---- */

struct script_cursor {
    struct script *script;
    uint32_t number;
    const char *at;
};

void script_space(struct script_cursor *c);
/* Takes `word` if it comes next. */
bool script_take(struct script_cursor *c, const char *word);
bool script_number(struct script_cursor *c, uint32_t *n);   /* decimal, a minus wraps */
bool script_duration(struct script_cursor *c, uint64_t *t); /* seconds with a fraction */
bool script_read_segment(struct script_cursor *c, struct script_segment *s, bool in);
/* FIRST:END(LENGTH) */
bool script_read_numbers(struct script_cursor *c, uint32_t *seq, uint32_t *len);
bool script_read_options(struct script_cursor *c, struct script_segment *s, bool in);
/* An ICMP error comes next; then what it says. */
bool script_is_icmp(const struct script_cursor *c);
bool script_read_icmp(struct script_cursor *c, struct script_icmp *m);
bool script_read_call(struct script_cursor *c, struct script_call *k);
bool script_read_checks(struct script_cursor *c, struct script_line *l);
/* --name=value ... */
bool script_read_settings(struct script_cursor *c);

/* ---- segments ---- */

/* What the numbers of a script are relative to, and when it begins on the core's clock. */
struct script_numbers {
    uint32_t iss, irs;
    uint64_t start;
};

#define SCRIPT_NUMBERS 6u
extern const struct script_numbers script_numbers[SCRIPT_NUMBERS];

/* Byte of the stream at this relative sequence number; side 0: ours, 1: the peer's. */
uint8_t script_byte(uint32_t side, uint32_t seq);
/* In packetdrill's words; `text` has at least SCRIPT_TEXT bytes. */
void script_segment_text(const struct script_segment *s, char *text);
/* The first thing in which `got` is not what `wanted` says, in words, or "". */
void script_segment_differs(const struct script_segment *wanted, const struct script_segment *got,
                            char *text);

/* ---- the endpoint under test ---- */

struct script_sent {
    uint64_t at; /* microseconds since the script began */
    struct script_segment segment;
};

enum script_use { SCRIPT_FREE, SCRIPT_FRESH, SCRIPT_LISTENER, SCRIPT_CONNECTION };

struct script_socket {
    enum script_use use;
    int32_t fd; /* -1: not accepted yet */
    bool linger, closed;
    uint32_t written, got; /* bytes of the streams */
    uint32_t peers;        /* where the peer's numbers began, relative */
    struct sq_settings settings;
    uint32_t send_ring, receive_ring;
    struct sq_conn c;
    uint8_t *send_memory, *receive_memory;
};

struct script_endpoint {
    const struct script_numbers *numbers;
    uint64_t now; /* since the script began */
    struct sq_settings settings;
    uint32_t send_ring, receive_ring;
    struct script_socket socket[SCRIPT_SOCKETS];
    struct script_socket *current; /* where segments go; NULL: nobody */
    int32_t next_fd;
    uint32_t verdict;  /* of the last segment in */
    uint32_t believed; /* 1: the last ICMP error was */
    uint32_t sent;     /* segments waiting to be expected */
    struct script_sent out[SCRIPT_SENT];
    char error
        [200]; /* what no endpoint may do: a block that is not valid, a wrong byte, a poll without end */
};

/* Something happened that may not; the first is kept. */
void script_fault(struct script_endpoint *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void script_endpoint_begin(struct script_endpoint *e, const struct script *s,
                           const struct script_numbers *numbers);
void script_endpoint_end(struct script_endpoint *e);
/* A socket of this kind, or NULL; the next connection that a listener waits for. */
struct script_socket *script_socket_new(struct script_endpoint *e, int32_t fd);
struct script_socket *script_socket_find(struct script_endpoint *e, int32_t fd);
bool script_socket_rings(struct script_socket *k);
void script_socket_free(struct script_socket *k);
void script_listener_wait(struct script_endpoint *e, const struct script_socket *listener);
/* A segment arrives now. */
void script_endpoint_input(struct script_endpoint *e, const struct script_segment *s);
void script_endpoint_icmp(struct script_endpoint *e, const struct script_icmp *m);
/* The current block is valid after this call of the core, or it is a fault. */
void script_endpoint_valid(struct script_endpoint *e, const char *call);
/* Everything due is sent. */
void script_endpoint_poll(struct script_endpoint *e);
/* When the endpoint wants to be called, since the script began; SQ_NEVER: never. Then: that, and what follows. */
uint64_t script_endpoint_deadline(const struct script_endpoint *e);
void script_endpoint_tick(struct script_endpoint *e, uint64_t at);
uint64_t script_endpoint_clock(const struct script_endpoint *e);

/* ---- calls and checks ---- */

struct script_result {
    int64_t value;
    const char *error; /* the errno's name if value is -1, else "" */
    bool blocks;       /* would wait: a call with a duration is tried again */
};

/* False: the call cannot be made so; `why` says what is wrong with the script. */
bool script_call_make(struct script_endpoint *e, const struct script_call *k,
                      struct script_result *r, char *why);
/* The calls that look at sockets and their options. */
struct script_result script_setsockopt(struct script_socket *k, const struct script_call *call,
                                       char *why);
struct script_result script_getsockopt(const struct script_socket *k,
                                       const struct script_call *call, char *why);
struct script_result script_poll(struct script_endpoint *e, const struct script_call *call,
                                 char *why);
/* What they have in common with the others: results, why a connection is over, whether it stands, is read to its end, may
   be written to. */
struct script_result script_value(int64_t n);
const char *script_reason(const struct sq_conn *c);
bool script_stands(const struct sq_conn *c);
bool script_at_end(const struct sq_conn *c);
bool script_may_write(const struct sq_conn *c);
/* True: it holds; else `why` says what is instead. */
bool script_check_holds(const struct script_endpoint *e, const struct script_check *k, char *why);

/* ---- a run ---- */

/* What a run came to: error "" or FILE:LINE: what, with the expectation and what came instead. report: every line with
   the time and the state behind it; NULL: none. */
struct script_outcome {
    uint32_t line; /* index of the line it failed at */
    char error[1200];
};

void script_run(const struct script *s, const struct script_numbers *numbers, FILE *report,
                struct script_outcome *o);

/* Makes each expectation wrong in turn, in every field it states; returns how many wrong ones there were and how many were
   not noticed, and says the first of those. */
struct script_spoiled {
    uint32_t tried, missed;
    char first[300];
};
void script_spoil(const struct script *s, struct script_spoiled *r);

#endif
