/* SPDX-License-Identifier: MIT */
/* The files of a directory over HTTP/1.1: GET and HEAD, byte ranges, lists of directories. RFC 9110, 9112. Requests are
   read by libhttp_parser; files go from the disk straight into the send rings. Nothing outside the directory can be
   reached. */
#ifndef SQ_HTTP_H
#define SQ_HTTP_H

#include "service.h"

/* Serves `directory` on `port`. NULL: `error`, of `room` bytes, says why. At most `clients` at once. */
struct sq_service *sq_http_open(struct sq_net *net, const char *directory, uint32_t port,
                                uint32_t clients, char *error, size_t room);

#endif
