/* SPDX-License-Identifier: MIT */
/* Sockets: all that a program uses of the endpoint, and all that it needs. Nothing blocks but sq_net_wait.

   The loop: sq_net_wait tells which sockets changed; the program acts on each until it is told SQ_SOCKET_AGAIN, and
   waits again. An event is told once for each change, so a socket left half read is not told again by itself.
   What the program sends goes out at the next sq_net_wait, together with the acknowledgments then due. */
#ifndef SQ_SOCKET_H
#define SQ_SOCKET_H

#include "net.h"

/* What a call says when it is not a number of bytes; all below zero. */
enum sq_socket_error {
    SQ_SOCKET_AGAIN = -1,      /* nothing to do now: an event will tell */
    SQ_SOCKET_INVALID = -2,    /* no such socket, or not one for this call */
    SQ_SOCKET_SHUT = -3,       /* our direction was shut down */
    SQ_SOCKET_RESET = -4,      /* the peer reset the connection */
    SQ_SOCKET_REFUSED = -5,    /* nobody listens there */
    SQ_SOCKET_TIMED_OUT = -6,  /* the peer does not answer any more */
    SQ_SOCKET_ABORTED = -7,    /* given up on our side */
    SQ_SOCKET_UNREACHABLE = -8 /* ICMP: no way there. RFC 9293 3.9.2.2 */
};

/* 0: the port is 0 or in use already, or too many are listened on. backlog: connections not yet accepted. */
sq_socket sq_socket_listen(struct sq_net *net, uint32_t port, uint32_t backlog);
/* The next connection of a listener; 0: none is there. */
sq_socket sq_socket_accept(struct sq_net *net, sq_socket listener);
/* From our address `source`; 0: the first of ours. Returns 0 if no connection is free, `address` is no host's or `source`
   not ours. Its event comes: CONNECTED or CLOSED. */
sq_socket sq_socket_connect(struct sq_net *net, uint32_t source, uint32_t address, uint32_t port);

/* What the socket's events shall carry. */
void sq_socket_data(struct sq_net *net, sq_socket s, void *data);

/* Copies up to n bytes in or out and returns how many, an enum sq_socket_error otherwise. Receiving returns 0 at the
   peer's end of its direction. */
int64_t sq_socket_send(struct sq_net *net, sq_socket s, const void *text, uint64_t n);
int64_t sq_socket_receive(struct sq_net *net, sq_socket s, void *text, uint64_t n);

/* The same without a copy: where text may be written (or stands to be read), and then how much of it was. */
int64_t sq_socket_room(struct sq_net *net, sq_socket s, struct iovec part[2]);
void sq_socket_filled(struct sq_net *net, sq_socket s, uint32_t n);
int64_t sq_socket_text(struct sq_net *net, sq_socket s, struct iovec part[2]);
void sq_socket_taken(struct sq_net *net, sq_socket s, uint32_t n);

/* Nothing more will be sent; receiving goes on. 0 or an enum sq_socket_error. */
int sq_socket_shutdown(struct sq_net *net, sq_socket s);
/* The program is done with the socket; what it sent is still delivered. Text that was not read resets the connection. */
void sq_socket_close(struct sq_net *net, sq_socket s);
/* The program is done with the socket, and the connection is reset at once. */
void sq_socket_abort(struct sq_net *net, sq_socket s);

/* What may be changed while a connection stands; the endpoint's settings hold the defaults. A new time of keepalive counts
   from when the peer is heard next, or from when it is turned on. */
enum sq_socket_option {
    SQ_SOCKET_NODELAY, /* 0, 1: no Nagle. RFC 9293 3.7.4 MUST-17 */
    SQ_SOCKET_USER_TIMEOUT, /* milliseconds, up to 4294967: R2, for what is sent from now on. RFC 9293 3.9.1.1 */
    SQ_SOCKET_KEEPALIVE,     /* 0, 1: look after a silent peer. RFC 9293 3.8.4 MUST-24, MUST-25 */
    SQ_SOCKET_KEEP_IDLE,     /* seconds of silence before the first probe, 1..SQ_KEEP_MAX */
    SQ_SOCKET_KEEP_INTERVAL, /* seconds between two probes, 1..SQ_KEEP_MAX */
    SQ_SOCKET_KEEP_PROBES,   /* unanswered probes until it is given up, 1..SQ_KEEP_PROBES_MAX */
    SQ_SOCKET_DSCP, /* 0..63, the Diffserv field without the two bits of ECN, from the next segment on. RFC 9293 3.9.1.9 */
    SQ_SOCKET_TTL   /* 1..255, from the next segment on. RFC 9293 3.9.2 */
};
/* 0, or SQ_SOCKET_INVALID: no connection, or not such a value. */
int sq_socket_set(struct sq_net *net, sq_socket s, enum sq_socket_option option, uint32_t value);

/* The text sent so far is urgent, up to its last byte: 0, or an enum sq_socket_error. RFC 9293 3.8.5 */
int sq_socket_urge(struct sq_net *net, sq_socket s);
/* How many bytes of what is not read yet are urgent, arrived or announced. RFC 9293 3.8.5 MUST-33 */
uint32_t sq_socket_urgent(struct sq_net *net, sq_socket s);
/* Text that has not left is given up; returns how much. RFC 9293 3.9.1.7 */
uint32_t sq_socket_flush(struct sq_net *net, sq_socket s);
/* What happened that no other call tells: urgent text, R1, an ICMP error; each is told once. RFC 9293 3.9.1.8 */
struct sq_report sq_socket_reports(struct sq_net *net, sq_socket s);

/* What the core says of a connection; CLOSED for a socket that is none. */
struct sq_status sq_socket_status(struct sq_net *net, sq_socket s);

#endif
