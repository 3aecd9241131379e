/* SPDX-License-Identifier: MIT */
/* Listeners. A listener is an address, a port and a backlog; the connections that come in through it are blocks of their
   own, each fresh from LISTEN, so a listener has no state to fall back to. It only counts: those in their handshake
   (half-open: a block, no rings) and those that nobody has accepted yet, together never more than the backlog.
   RFC 9293 3.9.1, 3.10.1, 3.10.7.2; RFC 4987 3 */
#ifndef SQ_LISTEN_H
#define SQ_LISTEN_H

#include <stdint.h>

#include "config.h"
#include "connection.h"

struct sq_listen {
    uint32_t address;   /* segments to this one only; 0: to any of ours */
    uint32_t port;      /* 0: not in use */
    uint32_t backlog;   /* how many may be half-open or waiting */
    uint32_t half_open; /* in their handshake */
    uint32_t waiting;   /* open, not accepted yet */
};

/* What becomes of a half-open entry after something happened to its block. */
enum sq_settled {
    SQ_SETTLED_STAYS, /* SYN-RECEIVED still */
    SQ_SETTLED_OPEN,  /* the handshake is over: it waits to be accepted, and needs its rings */
    SQ_SETTLED_GONE /* back in LISTEN, or CLOSED: the entry is to be freed. RFC 9293 3.10.7.4, 3.5.3 */
};

#include "../spec/listen.acsl"

/* LISTEN on a port, 1..65535. RFC 9293 3.10.1 */
/*@ requires block: \valid(l);
    requires port: 1 <= port <= 65535;
    terminates \true;
    assigns *l;
    ensures valid: ListenValid(*l);
    ensures open: l->address == address && l->port == port && l->backlog == backlog && l->half_open == 0 && l->waiting == 0; */
void sq_listen_open(struct sq_listen *l, uint32_t address, uint32_t port, uint32_t backlog);

/* Nobody listens any more; what came through it is no longer counted. */
/*@ requires block: \valid(l);
    terminates \true;
    assigns *l;
    ensures valid: ListenValid(*l);
    ensures closed: l->address == 0 && l->port == 0 && l->backlog == 0 && l->half_open == 0 && l->waiting == 0; */
void sq_listen_close(struct sq_listen *l);

/* A SYN came: may it have a block? 1: yes, and it is counted as half-open. 0: the backlog is full. */
/*@ requires block: \valid(l) && ListenValid(*l);
    terminates \true;
    assigns l->half_open;
    ensures valid: ListenValid(*l);
    ensures room: \result == 1 <==> \old(l->half_open) + \old(l->waiting) < l->backlog;
    ensures full: \result == 0 <==> \old(l->half_open) + \old(l->waiting) == l->backlog;
    ensures counted: Counts(*l, \old(*l), \result, 0); */
uint32_t sq_listen_begin(struct sq_listen *l);

/* Something happened to a half-open entry, and its block is in this state now: what is to be done with the entry. */
/*@ requires block: \valid(l) && ListenValid(*l);
    requires passive: state != SQ_SYN_SENT;
    requires counted: l->half_open > 0;
    terminates \true;
    assigns l->half_open, l->waiting;
    ensures valid: ListenValid(*l);
    ensures stays: state == SQ_SYN_RECEIVED ==> \result == SQ_SETTLED_STAYS && Counts(*l, \old(*l), 0, 0);
    ensures gone: state <= SQ_LISTEN ==> \result == SQ_SETTLED_GONE && Counts(*l, \old(*l), -1, 0);
    ensures open: state > SQ_SYN_RECEIVED ==> \result == SQ_SETTLED_OPEN && Counts(*l, \old(*l), -1, 1); */
uint32_t sq_listen_settle(struct sq_listen *l, uint32_t state);

/* One of those that waited was accepted, or is gone. */
/*@ requires block: \valid(l) && ListenValid(*l);
    requires counted: l->waiting > 0;
    terminates \true;
    assigns l->waiting;
    ensures valid: ListenValid(*l);
    ensures counted: Counts(*l, \old(*l), 0, -1); */
void sq_listen_accept(struct sq_listen *l);

/* Which of n listeners a segment to this address and port is for: one that names the address before one that takes any.
   n: none does. RFC 9293 3.10.7.2, RFC 1122 4.2.3.5 */
/*@ requires listeners: \valid_read(l + (0 .. n - 1));
    terminates \true;
    assigns \nothing;
    ensures index: \result <= n;
    ensures found: \result < n ==> Takes(l[\result], address, port);
    ensures best: \result < n && !TakesExactly(l[\result], address, port) ==> NobodyExactly(l, n, address, port);
    ensures none: \result == n ==> NobodyListens(l, n, address, port); */
uint32_t sq_listen_find(const struct sq_listen *l, uint32_t n, uint32_t address, uint32_t port);

#endif
