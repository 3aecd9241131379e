/* SPDX-License-Identifier: MIT */
/* Services: each listens on a port and deals with the events of its connections. What a socket's events carry points to a
   handler, so that several services share one loop. And the small services: echo (RFC 862), discard (RFC 863), character
   generator (RFC 864). */
#ifndef SQ_SERVICE_H
#define SQ_SERVICE_H

#include "socket.h"

/* The first member of whatever sq_socket_data is told of. */
struct sq_handler {
    void (*event)(struct sq_handler *h, const struct sq_net_event *e);
};

/* The first member of a service; its handler is that of its listener. */
struct sq_service {
    struct sq_handler handler;
    struct sq_service *next;
    /* To be called about once a second: ends connections on which nothing moves. now: seconds. */
    void (*sweep)(struct sq_service *s, uint64_t now);
    void (*close)(struct sq_service *s);
};

enum sq_service_kind { SQ_SERVICE_ECHO, SQ_SERVICE_DISCARD, SQ_SERVICE_CHARGEN };

struct sq_service_options {
    uint32_t port;
    uint32_t clients; /* at once */
    uint32_t idle;    /* seconds without progress, then a connection is reset */
};

/* NULL: `error`, of `room` bytes, says why. */
struct sq_service *sq_service_open(struct sq_net *net, enum sq_service_kind kind,
                                   const struct sq_service_options *set, char *error, size_t room);

#endif
