/* SPDX-License-Identifier: MIT */
/* The files of a directory over HTTP/1.1: GET and HEAD. RFC 9110, 9112. Requests are read by libhttp_parser; files go
   from the disk straight into the send rings. Nothing outside the directory can be reached. */
#ifndef SQ_HTTP_H
#define SQ_HTTP_H

#include "socket.h"

struct sq_http;

/* Serves `directory` on `port`. NULL: `error`, of `room` bytes, says why. At most `clients` at once. */
struct sq_http *sq_http_open(struct sq_net *net, const char *directory, uint32_t port,
                             uint32_t clients, char *error, size_t room);
void sq_http_close(struct sq_http *http);

/* An event of the listener or of one of its connections. */
void sq_http_event(struct sq_http *http, const struct sq_net_event *event);
/* To be called about once a second: ends connections on which nothing moves. now: seconds. */
void sq_http_sweep(struct sq_http *http, uint64_t now);

#endif
