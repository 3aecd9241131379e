/* SPDX-License-Identifier: MIT */
/* Each connection has a socket of the kernel's for its other half. Text goes between that and the connection's own rings, so
   there is no buffer here, and who reads slowly slows the other down. The end of a direction is passed on, an error of one
   half resets the other. */
#include "forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct link {
    struct sq_net_source source; /* the kernel's socket */
    struct sq_handler handler;
    struct forward *service;
    struct link *next;
    sq_socket socket; /* 0: free */
    bool connecting;  /* the kernel's socket does not stand yet */
    bool in_over,
        out_over; /* the end of what the peer says, of what the server says, was passed on */
};

struct forward {
    struct sq_service service;
    struct sq_net *net;
    sq_socket listener;
    struct sockaddr_in to;
    uint32_t clients;
    struct link *link, *free;
};

static struct link *of_handler(struct sq_handler *h)
{
    return (struct link *)((char *)h - offsetof(struct link, handler));
}

static void drop(struct link *l)
{
    (void)sq_net_watch(l->service->net, &l->source, 0u);
    close(l->source.fd);
    l->source.fd = -1;
    l->socket = 0u;
    l->next = l->service->free;
    l->service->free = l;
}

/* An error of one half resets both. */
static void cut(struct link *l)
{
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    (void)setsockopt(l->source.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    sq_socket_abort(l->service->net, l->socket);
    drop(l);
}

/* What came of moving text one way. */
enum moved { MOVED, NOTHING, WAITS, BROKEN }; /* WAITS: until the kernel's socket is ready */

static enum moved failed(void)
{
    if (errno == EINTR)
        return MOVED;
    return errno == EAGAIN ? WAITS : BROKEN;
}

/* From the receive ring to the server. */
static enum moved to_server(struct link *l)
{
    struct sq_net *net = l->service->net;
    struct iovec part[2];
    struct msghdr m = {.msg_iov = part, .msg_iovlen = 2u};
    int64_t there = l->in_over ? SQ_SOCKET_AGAIN : sq_socket_text(net, l->socket, part);
    ssize_t n;

    if (there == 0) {
        l->in_over = true;
        return shutdown(l->source.fd, SHUT_WR) == 0 ? NOTHING : BROKEN;
    }
    if (there < 0)
        return there == SQ_SOCKET_AGAIN ? NOTHING : BROKEN;
    n = sendmsg(l->source.fd, &m, MSG_NOSIGNAL);
    if (n < 0)
        return failed();
    sq_socket_taken(net, l->socket, (uint32_t)n);
    net->stack.counters.forward_bytes += (uint64_t)n;
    return MOVED;
}

/* From the server into the send ring. */
static enum moved from_server(struct link *l)
{
    struct sq_net *net = l->service->net;
    struct iovec part[2];
    int64_t room = l->out_over ? SQ_SOCKET_AGAIN : sq_socket_room(net, l->socket, part);
    ssize_t n;

    if (room <= 0)
        return room == SQ_SOCKET_AGAIN || room == 0 ? NOTHING : BROKEN;
    n = readv(l->source.fd, part, 2);
    if (n < 0)
        return failed();
    if (n == 0) {
        l->out_over = true;
        return sq_socket_shutdown(net, l->socket) == 0 ? NOTHING : BROKEN;
    }
    sq_socket_filled(net, l->socket, (uint32_t)n);
    net->stack.counters.forward_bytes += (uint64_t)n;
    return MOVED;
}

/* Both ways, as far as it goes now. */
static void pump(struct link *l)
{
    struct sq_net *net = l->service->net;
    enum moved in, out;

    do {
        in = to_server(l);
        out = from_server(l);
    } while ((in == MOVED || out == MOVED) && in != BROKEN && out != BROKEN);
    if (in == BROKEN || out == BROKEN ||
        !sq_net_watch(net, &l->source,
                      (in == WAITS ? (uint32_t)EPOLLOUT : 0u) |
                          (out == WAITS ? (uint32_t)EPOLLIN : 0u))) {
        cut(l);
    } else if (l->in_over && l->out_over) {
        sq_socket_close(net, l->socket);
        drop(l);
    }
}

static void on_server(struct sq_net_source *source, uint32_t events)
{
    struct link *l = (struct link *)source;
    int error = 0;
    socklen_t n = sizeof error;

    (void)events;
    if (l->connecting &&
        (getsockopt(source->fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0 || error != 0)) {
        l->service->net->stack.counters.forward_refused++;
        cut(l);
        return;
    }
    l->connecting = false;
    pump(l);
}

static void on_client(struct sq_handler *h, const struct sq_net_event *e)
{
    struct link *l = of_handler(h);
    bool stands;

    if (l->socket != e->socket)
        return;
    stands = sq_socket_status(l->service->net, l->socket).state != SQ_CLOSED;
    if (!l->connecting)
        pump(l);
    else if (!stands)
        cut(l);
}

/* A socket of the kernel's on its way to the server; false: there is none to be had. */
static bool reach(struct link *l)
{
    const struct sockaddr *to = (const struct sockaddr *)&l->service->to;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return false;
    l->source = (struct sq_net_source){.fd = fd, .ready = on_server};
    l->connecting = true;
    l->in_over = l->out_over = false;
    if ((connect(fd, to, sizeof l->service->to) == 0 || errno == EINPROGRESS) &&
        sq_net_watch(l->service->net, &l->source, EPOLLOUT))
        return true;
    close(fd);
    return false;
}

static void on_listener(struct sq_handler *h, const struct sq_net_event *e)
{
    struct forward *s = (struct forward *)h;

    (void)e;
    for (;;) {
        sq_socket socket = sq_socket_accept(s->net, s->listener);
        struct link *l = s->free;

        if (socket == 0u)
            return;
        if (l == NULL || !reach(l)) {
            s->net->stack.counters.forward_refused++;
            sq_socket_abort(s->net, socket);
            continue;
        }
        s->free = l->next;
        l->socket = socket;
        sq_socket_data(s->net, socket, &l->handler);
        s->net->stack.counters.forward_connections++;
    }
}

/* A quiet connection is not ended here: ssh's may be quiet for hours. */
static void sweep(struct sq_service *service, uint64_t now)
{
    (void)service;
    (void)now;
}

static void close_all(struct sq_service *service)
{
    struct forward *s = (struct forward *)service;

    for (uint32_t i = 0u; s->link != NULL && i < s->clients; i++) {
        if (s->link[i].socket != 0u)
            cut(&s->link[i]);
    }
    if (s->listener != 0u)
        sq_socket_close(s->net, s->listener);
    free(s->link);
    free(s);
}

struct sq_service *sq_forward_open(struct sq_net *net, const struct sq_forward_options *set,
                                   char *error, size_t room)
{
    struct forward *s = calloc(1u, sizeof *s);

    snprintf(error, room, "no memory for %u clients: ask for fewer (--connections)", set->clients);
    if (s == NULL)
        return NULL;
    s->service = (struct sq_service){{on_listener}, NULL, sweep, close_all};
    s->net = net;
    s->clients = set->clients;
    s->to = (struct sockaddr_in){.sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)set->to),
                                 .sin_addr.s_addr = htonl(set->address)};
    s->link = calloc(set->clients, sizeof *s->link);
    if (s->link == NULL) {
        close_all(&s->service);
        return NULL;
    }
    for (uint32_t i = set->clients; i-- > 0u;) {
        s->link[i] =
            (struct link){.source.fd = -1, .handler = {on_client}, .service = s, .next = s->free};
        s->free = &s->link[i];
    }
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
