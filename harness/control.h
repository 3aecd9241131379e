/* SPDX-License-Identifier: MIT */
/* The status socket: a UNIX socket, for the endpoint's own user, on which `sequent status` asks a running endpoint what
   it is doing. A question is a line: `status` (a summary and a line pair for each connection), `counters` (`name value`
   lines), or both words; the answer is text, to the end. */
#ifndef SQ_CONTROL_H
#define SQ_CONTROL_H

#include "net.h"

#define SQ_CONTROL_CLIENTS 8u

struct sq_control_client {
    struct sq_net_source source; /* fd -1: free */
    struct sq_control *control;
    char question[64];
    size_t asked;
    bool answering;
    uint32_t next; /* the connection that is told of next */
    char *text;    /* what is being sent */
    size_t length, sent;
};

struct sq_control {
    struct sq_net_source source;
    struct sq_net *net;
    char path[108];
    bool bound;
    struct sq_control_client client[SQ_CONTROL_CLIENTS];
    char error[256];
};

/* The folder where endpoints of this user have their sockets. False: the name is too long. */
bool sq_control_folder(char *path, size_t room);

/* Before the endpoint moves into its namespaces: binds the socket at `path`, or at the usual place (NULL). False:
   `error` says why. */
bool sq_control_bind(struct sq_control *c, const char *path);
/* Afterwards: answers from now on. */
bool sq_control_start(struct sq_control *c, struct sq_net *net);
void sq_control_close(struct sq_control *c);

#endif
