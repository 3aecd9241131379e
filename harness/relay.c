/* SPDX-License-Identifier: MIT */
/* Pairs of kernel sockets, each way with a buffer: what one side says goes to the other as fast as that takes it, the end
   of a direction is passed on, and an error of one side resets the other. */
#include "relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAIRS 128u
#define BUFFER 65536u

struct side {
    struct sq_net_source source; /* fd -1: free */
    struct pair *pair;
    struct side *other;
    uint8_t *bytes; /* said by this side, not yet taken by the other */
    size_t at, n;
    bool ended, told; /* it says no more; the other was told so */
};

struct pair {
    struct sq_relay *relay;
    struct side outside, inside;
    bool connecting;
};

struct sq_relay {
    struct sq_net_source source;
    struct sq_net *net;
    struct sockaddr_in to;
    struct pair pair[PAIRS];
};

int sq_relay_listen(uint32_t port)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
        bind(fd, (struct sockaddr *)&in, sizeof in) == 0 && listen(fd, 128) == 0)
        return fd;
    one = errno;
    close(fd);
    errno = one;
    return -1;
}

static void close_side(struct sq_net *net, struct side *s, bool reset)
{
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    if (s->source.fd < 0)
        return;
    (void)sq_net_watch(net, &s->source, 0u);
    if (reset)
        (void)setsockopt(s->source.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(s->source.fd);
    free(s->bytes);
    *s = (struct side){.source.fd = -1};
}

static void close_pair(struct pair *p, bool reset)
{
    close_side(p->relay->net, &p->outside, reset);
    close_side(p->relay->net, &p->inside, reset);
}

/* From the side into its buffer. False: an error. */
static bool fill(struct side *s)
{
    ssize_t n;

    if (s->ended || s->n > 0u)
        return true;
    n = recv(s->source.fd, s->bytes, BUFFER, 0);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    s->at = 0u;
    s->n = (size_t)n;
    s->ended = n == 0;
    return true;
}

/* From the side's buffer to the other. False: an error. */
static bool drain(struct side *s)
{
    while (s->n > 0u) {
        ssize_t n = send(s->other->source.fd, s->bytes + s->at, s->n, MSG_NOSIGNAL);

        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        s->at += (size_t)n;
        s->n -= (size_t)n;
    }
    if (s->ended && !s->told) {
        s->told = true;
        return shutdown(s->other->source.fd, SHUT_WR) == 0;
    }
    return true;
}

static bool watch(struct sq_net *net, struct side *s)
{
    uint32_t want = (s->ended || s->n > 0u ? 0u : (uint32_t)EPOLLIN) |
                    (s->other->n > 0u ? (uint32_t)EPOLLOUT : 0u);

    return sq_net_watch(net, &s->source, want);
}

/* The second connection stands, or does not. */
static bool connected(struct pair *p)
{
    int error = 0;
    socklen_t n = sizeof error;

    p->connecting = false;
    return getsockopt(p->inside.source.fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 && error == 0;
}

static void on_side(struct sq_net_source *source, uint32_t events)
{
    struct side *s = (struct side *)source;
    struct pair *p = s->pair;
    struct sq_net *net = p->relay->net;

    if (p->connecting) {
        if (s == &p->outside)
            return;
        if (!connected(p)) {
            net->stack.counters.relay_refused++;
            close_pair(p, true);
            return;
        }
    }
    if ((events & EPOLLERR) != 0u || !fill(&p->outside) || !fill(&p->inside) ||
        !drain(&p->outside) || !drain(&p->inside) || !watch(net, &p->outside) ||
        !watch(net, &p->inside)) {
        close_pair(p, true);
        return;
    }
    if (p->outside.told && p->inside.told)
        close_pair(p, false);
}

static bool open_side(struct pair *p, struct side *s, struct side *other, int fd)
{
    *s = (struct side){.source = {.fd = fd, .ready = on_side}, .pair = p, .other = other};
    s->bytes = malloc(BUFFER);
    return fd >= 0 && s->bytes != NULL;
}

static void open_pair(struct sq_relay *r, struct pair *p, int fd)
{
    int second = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool both;

    p->relay = r;
    p->connecting = true;
    both = open_side(p, &p->outside, &p->inside, fd);
    both = open_side(p, &p->inside, &p->outside, second) && both;
    if (!both ||
        (connect(second, (struct sockaddr *)&r->to, sizeof r->to) != 0 && errno != EINPROGRESS) ||
        !sq_net_watch(r->net, &p->inside.source, EPOLLOUT)) {
        r->net->stack.counters.relay_refused++;
        close_pair(p, true);
        return;
    }
    r->net->stack.counters.relay_connections++;
}

static void on_listener(struct sq_net_source *source, uint32_t events)
{
    struct sq_relay *r = (struct sq_relay *)source;
    int fd = accept4(source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)events;
    for (uint32_t i = 0u; fd >= 0 && i < PAIRS; i++) {
        if (r->pair[i].outside.source.fd < 0 && r->pair[i].inside.source.fd < 0) {
            open_pair(r, &r->pair[i], fd);
            return;
        }
    }
    if (fd >= 0) {
        r->net->stack.counters.relay_refused++;
        close(fd);
    }
}

struct sq_relay *sq_relay_open(struct sq_net *net, int fd, uint32_t address, uint32_t port)
{
    struct sq_relay *r = calloc(1u, sizeof *r);

    if (r == NULL) {
        close(fd);
        return NULL;
    }
    r->net = net;
    r->source = (struct sq_net_source){.fd = fd, .ready = on_listener};
    r->to = (struct sockaddr_in){.sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)port),
                                 .sin_addr.s_addr = htonl(address)};
    for (uint32_t i = 0u; i < PAIRS; i++)
        r->pair[i].outside.source.fd = r->pair[i].inside.source.fd = -1;
    if (!sq_net_watch(net, &r->source, EPOLLIN)) {
        sq_relay_close(r);
        return NULL;
    }
    return r;
}

void sq_relay_close(struct sq_relay *r)
{
    if (r == NULL)
        return;
    for (uint32_t i = 0u; i < PAIRS; i++) {
        if (r->pair[i].relay != NULL)
            close_pair(&r->pair[i], true);
    }
    close(r->source.fd);
    free(r);
}
