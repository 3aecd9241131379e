/* SPDX-License-Identifier: MIT */
/* What the parts of the sockets share: socket.c (names, opening, closing) and socket_text.c (text in and out). */
#ifndef SQ_SOCKET_PARTS_H
#define SQ_SOCKET_PARTS_H

#include "net_parts.h"
#include "socket.h"
#include "stack_parts.h"

/* The connection that the program has by this name; NULL: it has none. */
struct sq_entry *sq_socket_owned(struct sq_net *net, sq_socket s);

/* A call of the core on a connection: what it was before, so that what changed is known behind it. */
struct sq_socket_call {
    struct sq_entry *e;
    uint32_t before;
};
/* Before the call. */
struct sq_socket_call sq_socket_call(struct sq_entry *e);
/* Behind it: with --verify the block is checked, and its output is due. */
void sq_socket_called(struct sq_net *net, const struct sq_socket_call *c);

#endif
