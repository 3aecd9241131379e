/* SPDX-License-Identifier: MIT */
/* Requests in, files out. RFC 9110 9.3.1, 9.3.2, 15; RFC 9112 3, 6, 9 */
#include "http_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IDLE_SECONDS 60u  /* without progress, then the connection ends */
#define LINGER_SECONDS 5u /* for the peer to close once it has our last answer. RFC 9112 9.6 */
#define CHUNK 16384u      /* room worth a read from the disk, unless less is left */

/* ---- one connection ---- */

static void drop(struct sq_http_client *c)
{
    if (c->file >= 0)
        close(c->file);
    c->file = -1;
    c->phase = SQ_HTTP_FREE;
    c->next = c->http->free;
    c->http->free = c;
}

static void finish(struct sq_http_client *c)
{
    sq_socket_close(c->http->net, c->socket);
    drop(c);
}

static void cut(struct sq_http_client *c)
{
    sq_socket_abort(c->http->net, c->socket);
    drop(c);
}

/* True: something moved. */
static bool receive_request(struct sq_http_client *c)
{
    struct iovec part[2];
    int64_t there = sq_socket_text(c->http->net, c->socket, part);
    size_t used;

    if (there == SQ_SOCKET_AGAIN)
        return false;
    if (there <= 0) {
        finish(c);
        return false;
    }
    used = http_parser_execute(&c->parser, &c->http->settings, part[0].iov_base, part[0].iov_len);
    if (c->complete) {
        sq_socket_taken(c->http->net, c->socket, (uint32_t)used);
        sq_http_answer(c);
    } else if (HTTP_PARSER_ERRNO(&c->parser) != HPE_OK) {
        sq_socket_taken(c->http->net, c->socket, (uint32_t)there);
        sq_http_answer_error(c);
    } else {
        sq_socket_taken(c->http->net, c->socket, (uint32_t)part[0].iov_len);
    }
    return true;
}

/* From the file into the send ring, where it stays until acknowledged. */
static bool send_file(struct sq_http_client *c)
{
    struct iovec part[2];
    int64_t room = sq_socket_room(c->http->net, c->socket, part);
    ssize_t n;

    if (room == SQ_SOCKET_AGAIN || (room > 0 && (uint64_t)room < CHUNK && (uint64_t)room < c->left))
        return false;
    if (room < 0) {
        finish(c);
        return false;
    }
    if (part[0].iov_len > c->left)
        part[0].iov_len = c->left;
    if (part[1].iov_len > c->left - part[0].iov_len)
        part[1].iov_len = c->left - part[0].iov_len;
    n = preadv(c->file, part, part[1].iov_len > 0u ? 2 : 1, (off_t)c->at);
    if (n <= 0) {
        /* The length is told already: only a reset says that the rest does not come. RFC 9112 8 */
        c->http->net->stack.counters.http_cut_short++;
        cut(c);
        return false;
    }
    c->at += (uint64_t)n;
    c->left -= (uint64_t)n;
    sq_socket_filled(c->http->net, c->socket, (uint32_t)n);
    return true;
}

static bool send_answer(struct sq_http_client *c)
{
    if (c->head_sent < c->head_length) {
        int64_t n = sq_socket_send(c->http->net, c->socket, c->head + c->head_sent,
                                   c->head_length - c->head_sent);

        if (n == SQ_SOCKET_AGAIN)
            return false;
        if (n < 0) {
            finish(c);
            return false;
        }
        c->head_sent += (uint32_t)n;
        return true;
    }
    if (c->file >= 0 && c->left > 0u)
        return send_file(c);
    if (c->file >= 0)
        close(c->file);
    c->file = -1;
    if (!c->last) {
        sq_http_next_request(c);
        return true;
    }
    (void)sq_socket_shutdown(c->http->net, c->socket);
    c->phase = SQ_HTTP_LINGERING;
    c->unconfirmed = 0u;
    c->deadline = c->http->now + LINGER_SECONDS;
    return true;
}

/* What still comes is read and dropped, so that our last answer is not lost in a reset. RFC 9112 9.6 */
static bool linger(struct sq_http_client *c)
{
    struct iovec part[2];
    int64_t there = sq_socket_text(c->http->net, c->socket, part);

    if (there == SQ_SOCKET_AGAIN)
        return false;
    if (there <= 0) {
        finish(c);
        return false;
    }
    sq_socket_taken(c->http->net, c->socket, (uint32_t)there);
    return true;
}

static bool step(struct sq_http_client *c)
{
    switch (c->phase) {
    case SQ_HTTP_FREE:
        return false;
    case SQ_HTTP_READING:
        return receive_request(c);
    case SQ_HTTP_ANSWERING:
        return send_answer(c);
    case SQ_HTTP_LINGERING:
        return linger(c);
    }
    return false;
}

static void serve(struct sq_http_client *c)
{
    while (step(c)) {
        if (c->phase != SQ_HTTP_LINGERING)
            c->deadline = c->http->now + IDLE_SECONDS;
    }
}

static void welcome(struct sq_http *http)
{
    for (;;) {
        sq_socket s = sq_socket_accept(http->net, http->listener);
        struct sq_http_client *c = http->free;

        if (s == 0u)
            return;
        if (c == NULL) {
            sq_socket_abort(http->net, s);
            continue;
        }
        http->free = c->next;
        c->http = http;
        c->socket = s;
        c->file = -1;
        c->deadline = http->now + IDLE_SECONDS;
        sq_http_next_request(c);
        sq_socket_data(http->net, s, &c->handler);
        serve(c); /* the request may be there already */
    }
}

static void on_listener(struct sq_handler *h, const struct sq_net_event *event)
{
    (void)event;
    welcome((struct sq_http *)h);
}

static void on_client(struct sq_handler *h, const struct sq_net_event *event)
{
    struct sq_http_client *c = (struct sq_http_client *)h;

    if (c->socket == event->socket && c->phase != SQ_HTTP_FREE)
        serve(c);
}

/* A slow peer may take long over the last answer, as long as it takes some of it. */
static bool still_taking(struct sq_http_client *c)
{
    struct sq_status status = sq_socket_status(c->http->net, c->socket);
    uint32_t left = status.unacknowledged + status.unsent;

    if (c->phase != SQ_HTTP_LINGERING || left == c->unconfirmed)
        return false;
    c->unconfirmed = left;
    c->deadline = c->http->now + (left == 0u ? LINGER_SECONDS : IDLE_SECONDS);
    return true;
}

static void sweep(struct sq_service *service, uint64_t now)
{
    struct sq_http *http = (struct sq_http *)service;

    http->now = now;
    for (uint32_t i = 0u; i < http->clients; i++) {
        struct sq_http_client *c = &http->client[i];

        if (c->phase == SQ_HTTP_FREE || still_taking(c) || c->deadline > now)
            continue;
        http->net->stack.counters.http_idle_closed++;
        if (c->phase == SQ_HTTP_READING)
            finish(c);
        else
            cut(c);
    }
}

static void close_all(struct sq_service *service)
{
    struct sq_http *http = (struct sq_http *)service;

    for (uint32_t i = 0u; http->client != NULL && i < http->clients; i++) {
        if (http->client[i].phase != SQ_HTTP_FREE)
            cut(&http->client[i]);
    }
    if (http->listener != 0u)
        sq_socket_close(http->net, http->listener);
    if (http->directory >= 0)
        close(http->directory);
    free(http->client);
    free(http);
}

static void prepare(struct sq_http *http)
{
    for (uint32_t i = http->clients; i-- > 0u;) {
        http->client[i].handler.event = on_client;
        http->client[i].next = http->free;
        http->client[i].file = -1;
        http->free = &http->client[i];
    }
    sq_http_parser_settings(&http->settings);
}

struct sq_service *sq_http_open(struct sq_net *net, const char *directory, uint32_t port,
                                uint32_t clients, char *error, size_t room)
{
    struct sq_http *http = calloc(1u, sizeof *http);

    if (http == NULL) {
        snprintf(error, room, "no memory");
        return NULL;
    }
    http->service = (struct sq_service){{on_listener}, NULL, sweep, close_all};
    http->net = net;
    http->clients = clients;
    http->client = calloc(clients, sizeof *http->client);
    http->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (http->client == NULL || http->directory < 0) {
        snprintf(error, room, "cannot open the directory '%s': %s", directory,
                 http->client == NULL ? "no memory" : strerror(errno));
        close_all(&http->service);
        return NULL;
    }
    prepare(http);
    http->listener = sq_socket_listen(net, port, clients);
    if (http->listener == 0u) {
        snprintf(error, room, "cannot listen on port %u: another service has it; choose another",
                 port);
        close_all(&http->service);
        return NULL;
    }
    sq_socket_data(net, http->listener, &http->service.handler);
    return &http->service;
}
