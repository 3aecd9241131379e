/* SPDX-License-Identifier: MIT */
/* From loopback to the endpoint: a socket that was made where the program started listens there, and each connection to
   it is carried to a port of the endpoint by a second one, which goes through the kernel's TCP and the device like any
   peer's. So a browser on the host reaches an endpoint in a namespace of its own. */
#ifndef SQ_RELAY_H
#define SQ_RELAY_H

#include "net.h"

struct sq_relay;

/* Before the endpoint moves into its namespaces: a socket that listens on 127.0.0.1. -1: errno says why. */
int sq_relay_listen(uint32_t port);
/* Afterwards: takes over the socket; what it accepts goes to `address` and `port`. NULL: no memory. */
struct sq_relay *sq_relay_open(struct sq_net *net, int fd, uint32_t address, uint32_t port);
void sq_relay_close(struct sq_relay *r);

#endif
