/* SPDX-License-Identifier: MIT */
/* What `sequent serve` was asked for. */
#ifndef SQ_SERVE_OPTIONS_H
#define SQ_SERVE_OPTIONS_H

#include "options.h"

#define SQ_SERVE_SMALL 3u /* the small services, in the order of enum sq_service_kind */

/* Their names, which are their options too. */
extern const char *const sq_serve_small[SQ_SERVE_SMALL];

#define SQ_SERVE_FORWARDS 8u

/* Our port, and the server that it leads to. */
struct sq_serve_forward {
    uint32_t port, address, to;
};

struct sq_serve_options {
    struct sq_options shared;
    const char *directory;                /* of the files to serve; NULL: no HTTP */
    uint32_t http, small[SQ_SERVE_SMALL]; /* ports; 0: not served */
    uint32_t idle;
    struct sq_serve_forward forward[SQ_SERVE_FORWARDS];
    uint32_t forwards;
    uint32_t relay, relay_to; /* ports; 0: none, and that of the first service */
    int relay_fd;
    bool port_given;
};

/* Reads the command line and checks it: a wrong one ends the program with status 2, a directory that is not there with
   status 1. */
void sq_serve_read(struct sq_serve_options *o, int argc, char **argv);

#endif
