/* SPDX-License-Identifier: MIT */
/* From standard input into the send ring, from the receive ring to standard output. */
#include "talk.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE \
    4096u /* bytes that a pipe takes without blocking once it can be written. POSIX: PIPE_BUF */

static bool watch(struct sq_talk_end *e, uint32_t events)
{
    struct sq_net *net = &e->talk->endpoint.net;

    if (e->file || sq_net_watch(net, &e->source, events))
        return true;
    /* A file is always ready. */
    e->file = errno == EPERM;
    return e->file;
}

static void fail(struct sq_talk *t, const char *what)
{
    fprintf(stderr, "sequent: %s: %s\n", what, strerror(errno));
    sq_socket_abort(&t->endpoint.net, t->socket);
    t->status = SQ_TALK_FAILED;
}

/* From standard input into the send ring. True: something moved. */
static bool pump_in(struct sq_talk *t)
{
    struct sq_net *net = &t->endpoint.net;
    struct iovec part[2];
    ssize_t n;

    if (t->in.over || sq_socket_room(net, t->socket, part) <= 0) {
        (void)watch(&t->in, 0u);
        return false;
    }
    n = readv(STDIN_FILENO, part, part[1].iov_len > 0u ? 2 : 1);
    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            fail(t, "standard input");
        return false;
    }
    if (n == 0) {
        t->in.over = true;
        (void)watch(&t->in, 0u);
        (void)sq_socket_shutdown(net, t->socket);
        return false;
    }
    t->in.bytes += (uint64_t)n;
    sq_socket_filled(net, t->socket, (uint32_t)n);
    return true;
}

/* From the receive ring to standard output, as much as that takes now. True: something moved. */
static bool pump_out(struct sq_talk *t)
{
    struct sq_net *net = &t->endpoint.net;
    struct pollfd ready = {STDOUT_FILENO, POLLOUT, 0};
    struct iovec part[2];
    int64_t there = sq_socket_text(net, t->socket, part);
    ssize_t n;

    if (there <= 0) {
        t->peer_ended |= there == 0;
        (void)watch(&t->out, 0u);
        return false;
    }
    if (!t->out.file && poll(&ready, 1, 0) != 1) {
        (void)watch(&t->out, EPOLLOUT);
        return false;
    }
    n = write(STDOUT_FILENO, part[0].iov_base,
              t->out.file || part[0].iov_len < PIECE ? part[0].iov_len : PIECE);
    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            fail(t, "standard output");
        return false;
    }
    t->out.bytes += (uint64_t)n;
    sq_socket_taken(net, t->socket, (uint32_t)n);
    return true;
}

static int status_of(enum sq_reason reason)
{
    switch (reason) {
    case SQ_REASON_NONE:
    case SQ_REASON_DONE:
        return SQ_TALK_DONE;
    case SQ_REASON_REFUSED:
        return SQ_TALK_REFUSED;
    case SQ_REASON_TIMED_OUT:
        return SQ_TALK_TIMED_OUT;
    case SQ_REASON_RESET:
        return SQ_TALK_RESET;
    case SQ_REASON_ABORTED:
    case SQ_REASON_EXHAUSTED:
    case SQ_REASON_UNREACHABLE:
        return SQ_TALK_FAILED;
    }
    return SQ_TALK_FAILED;
}

/* Both directions are over when the peer's end was read, ours was said and the peer knows it. */
static void settle(struct sq_talk *t)
{
    struct sq_status s = sq_socket_status(&t->endpoint.net, t->socket);

    if (t->status >= 0 || s.readable > 0u)
        return;
    if (s.state == SQ_CLOSED)
        t->status = status_of((enum sq_reason)s.reason);
    else if (t->peer_ended && t->in.over && s.state == SQ_TIME_WAIT)
        t->status = SQ_TALK_DONE;
}

static void pump(struct sq_talk *t)
{
    while (t->status < 0 && pump_out(t))
        ;
    /* A pipe or a terminal is read once each time that it is ready: it would block. */
    while (t->status < 0 && t->in.file && t->connected && pump_in(t))
        ;
    settle(t);
}

static void on_input(struct sq_net_source *source, uint32_t events)
{
    struct sq_talk *t = ((struct sq_talk_end *)source)->talk;

    (void)events;
    if (t->status < 0)
        (void)pump_in(t);
    pump(t);
}

static void on_output(struct sq_net_source *source, uint32_t events)
{
    (void)events;
    pump(((struct sq_talk_end *)source)->talk);
}

void sq_talk_event(struct sq_talk *t, uint32_t what)
{
    if ((what & SQ_NET_CONNECTED) != 0u)
        t->connected = true;
    if (t->connected && !t->in.over && (what & SQ_NET_WRITE) != 0u && !watch(&t->in, EPOLLIN))
        fail(t, "standard input");
    if (t->status < 0)
        pump(t);
}

static bool is_file(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

void sq_talk_prepare(struct sq_talk *t)
{
    t->status = -1;
    t->in = (struct sq_talk_end){.source = {.fd = STDIN_FILENO, .ready = on_input}, .talk = t};
    t->out = (struct sq_talk_end){.source = {.fd = STDOUT_FILENO, .ready = on_output}, .talk = t};
    t->in.file = is_file(STDIN_FILENO);
    t->out.file = is_file(STDOUT_FILENO);
}
