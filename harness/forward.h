/* SPDX-License-Identifier: MIT */
/* A port of the endpoint leads to a server of the kernel's, in the network namespace that the device is in: ssh, iperf3 and
   whatever else speaks through a TCP reaches it through this one. */
#ifndef SQ_FORWARD_H
#define SQ_FORWARD_H

#include "service.h"

struct sq_forward_options {
    uint32_t port;    /* ours */
    uint32_t address; /* the server's, host byte order */
    uint32_t to;      /* the server's port */
    uint32_t clients; /* at once */
};

/* NULL: `error`, of `room` bytes, says why. A server that does not answer resets the connection that asked for it. */
struct sq_service *sq_forward_open(struct sq_net *net, const struct sq_forward_options *set,
                                   char *error, size_t room);

#endif
