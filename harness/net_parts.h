/* SPDX-License-Identifier: MIT */
/* What the loop and the sockets share: how blocks and listeners are named. */
#ifndef SQ_NET_PARTS_H
#define SQ_NET_PARTS_H

#include "net.h"

#define SQ_NET_LISTENER 0x80000000u /* set in the index of a socket that listens */

/* The name of block i's socket. */
sq_socket sq_net_name(const struct sq_net *net, uint32_t i);

#endif
