/* SPDX-License-Identifier: MIT */
/* Echo, discard and the character generator: what arrived goes from ring to ring, and no faster than the peer takes it.
   RFC 862, 863, 864 */
#include "service.h"

#include <stdlib.h>
#include <string.h>

#define LINE 74u /* characters of a line of the generator, CR and LF included. RFC 864 */
#define PATTERN (95u * LINE)

struct client {
    struct sq_handler handler;
    struct small *service;
    struct client *next;
    sq_socket socket; /* 0: free */
    uint64_t deadline;
    uint32_t at; /* in the pattern */
};

struct small {
    struct sq_service service;
    struct sq_net *net;
    enum sq_service_kind kind;
    sq_socket listener;
    uint64_t now;
    uint32_t idle, clients;
    struct client *client, *free;
    char pattern[PATTERN];
};

/* Each line begins one character further in the 95 that can be printed. RFC 864 */
static void fill(char *pattern)
{
    for (uint32_t line = 0u; line < 95u; line++) {
        char *p = pattern + line * LINE;

        for (uint32_t i = 0u; i < LINE - 2u; i++)
            p[i] = (char)(' ' + (line + i) % 95u);
        memcpy(p + LINE - 2u, "\r\n", 2u);
    }
}

static void drop(struct client *c)
{
    c->socket = 0u;
    c->next = c->service->free;
    c->service->free = c;
}

/* What arrived is said again as far as there is room. True: something moved. */
static bool echo(struct client *c)
{
    struct sq_net *net = c->service->net;
    struct iovec part[2];
    int64_t there = sq_socket_text(net, c->socket, part), n;

    if (there == 0) {
        sq_socket_close(net, c->socket);
        drop(c);
        return false;
    }
    if (there < 0)
        return false;
    n = sq_socket_send(net, c->socket, part[0].iov_base, part[0].iov_len);
    if (n <= 0)
        return false;
    sq_socket_taken(net, c->socket, (uint32_t)n);
    net->stack.counters.service_bytes += (uint64_t)n;
    return true;
}

static bool discard(struct client *c)
{
    struct sq_net *net = c->service->net;
    struct iovec part[2];
    int64_t there = sq_socket_text(net, c->socket, part);

    if (there == 0) {
        sq_socket_close(net, c->socket);
        drop(c);
    }
    if (there <= 0)
        return false;
    sq_socket_taken(net, c->socket, (uint32_t)there);
    net->stack.counters.service_bytes += (uint64_t)there;
    return true;
}

static bool generate(struct client *c)
{
    struct small *s = c->service;
    int64_t n;

    if (discard(c))
        return true;
    if (c->socket == 0u)
        return false;
    n = sq_socket_send(s->net, c->socket, s->pattern + c->at, PATTERN - c->at);
    if (n <= 0)
        return false;
    c->at = (c->at + (uint32_t)n) % PATTERN;
    s->net->stack.counters.service_bytes += (uint64_t)n;
    return true;
}

static void serve(struct client *c)
{
    bool moved = true;

    while (moved && c->socket != 0u) {
        switch (c->service->kind) {
        case SQ_SERVICE_ECHO:
            moved = echo(c);
            break;
        case SQ_SERVICE_DISCARD:
            moved = discard(c);
            break;
        case SQ_SERVICE_CHARGEN:
            moved = generate(c);
            break;
        }
        if (moved)
            c->deadline = c->service->now + c->service->idle;
    }
}

static void on_client(struct sq_handler *h, const struct sq_net_event *e)
{
    struct client *c = (struct client *)h;

    if (c->socket != e->socket)
        return;
    serve(c);
    if (c->socket != 0u && (e->what & SQ_NET_CLOSED) != 0u) {
        sq_socket_close(c->service->net, c->socket);
        drop(c);
    }
}

static void on_listener(struct sq_handler *h, const struct sq_net_event *e)
{
    struct small *s = (struct small *)h;

    (void)e;
    for (;;) {
        sq_socket socket = sq_socket_accept(s->net, s->listener);
        struct client *c = s->free;

        if (socket == 0u)
            return;
        if (c == NULL) {
            sq_socket_abort(s->net, socket);
            continue;
        }
        s->free = c->next;
        c->socket = socket;
        c->at = 0u;
        c->deadline = s->now + s->idle;
        sq_socket_data(s->net, socket, &c->handler);
        serve(c);
    }
}

static void sweep(struct sq_service *service, uint64_t now)
{
    struct small *s = (struct small *)service;

    s->now = now;
    for (uint32_t i = 0u; i < s->clients; i++) {
        struct client *c = &s->client[i];

        if (c->socket == 0u || c->deadline > now)
            continue;
        s->net->stack.counters.service_idle_closed++;
        sq_socket_abort(s->net, c->socket);
        drop(c);
    }
}

static void close_all(struct sq_service *service)
{
    struct small *s = (struct small *)service;

    for (uint32_t i = 0u; s->client != NULL && i < s->clients; i++) {
        if (s->client[i].socket != 0u)
            sq_socket_abort(s->net, s->client[i].socket);
    }
    if (s->listener != 0u)
        sq_socket_close(s->net, s->listener);
    free(s->client);
    free(s);
}

struct sq_service *sq_service_open(struct sq_net *net, enum sq_service_kind kind,
                                   const struct sq_service_options *set, char *error, size_t room)
{
    struct small *s = calloc(1u, sizeof *s);

    snprintf(error, room, "no memory for %u clients: ask for fewer (--connections)", set->clients);
    if (s == NULL)
        return NULL;
    s->service = (struct sq_service){{on_listener}, NULL, sweep, close_all};
    s->net = net;
    s->kind = kind;
    s->idle = set->idle;
    s->clients = set->clients;
    s->client = calloc(set->clients, sizeof *s->client);
    if (s->client == NULL) {
        close_all(&s->service);
        return NULL;
    }
    for (uint32_t i = set->clients; i-- > 0u;) {
        s->client[i] = (struct client){.handler = {on_client}, .service = s, .next = s->free};
        s->free = &s->client[i];
    }
    fill(s->pattern);
    s->listener = sq_socket_listen(net, set->port, set->clients);
    if (s->listener == 0u) {
        snprintf(error, room, "cannot listen on port %u: another service has it; choose another",
                 set->port);
        close_all(&s->service);
        return NULL;
    }
    sq_socket_data(net, s->listener, &s->service.handler);
    return &s->service;
}
