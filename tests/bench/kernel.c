/* SPDX-License-Identifier: MIT */
/* Echo, discard and chargen on the kernel's own sockets: the peer that `make bench` compares with. One thread and epoll,
   as `sequent serve` has. usage: kernel; ports 7, 9 and 19 of every address. */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCK = 65536, BACKLOG = 1024, EVENTS = 256 };
enum kind { ECHO_AGAIN, DISCARD, CHARGEN, KINDS };

static const uint16_t port[KINDS] = {7, 9, 19};
static uint8_t block[BLOCK];
static int loop;

static void stop(const char *what)
{
    fprintf(stderr, "kernel: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* A number of epoll's: the descriptor, its kind, and whether it listens. */
static void watch(int fd, enum kind kind, bool listens)
{
    struct epoll_event e = {.events = EPOLLIN};

    if (kind == CHARGEN && !listens)
        e.events |= EPOLLOUT;
    e.data.u64 = (uint64_t)fd << 8 | (uint64_t)kind << 1 | (listens ? 1u : 0u);
    if (epoll_ctl(loop, EPOLL_CTL_ADD, fd, &e) != 0)
        stop("epoll");
}

static void offer(enum kind kind)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port[kind])};
    int one = 1, s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(s, (const struct sockaddr *)&any, sizeof any) != 0 || listen(s, BACKLOG) != 0)
        stop("listening");
    watch(s, kind, true);
}

static void take(int listener, enum kind kind)
{
    int s;

    while ((s = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
        watch(s, kind, false);
}

/* All of it, however long the peer takes: nobody else asks meanwhile. */
static bool say(int s, size_t n)
{
    size_t done = 0;

    while (done < n) {
        ssize_t k = send(s, block + done, n - done, MSG_NOSIGNAL);

        if (k <= 0)
            return false;
        done += (size_t)k;
    }
    return true;
}

/* False: the connection is over. */
static bool serve(int s, enum kind kind, uint32_t events)
{
    ssize_t n;

    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
        n = recv(s, block, sizeof block, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            return false;
        if (n > 0 && kind == ECHO_AGAIN && !say(s, (size_t)n))
            return false;
    }
    if (kind == CHARGEN && (events & EPOLLOUT) != 0) {
        n = send(s, block, sizeof block, MSG_DONTWAIT | MSG_NOSIGNAL);
        return n > 0 || errno == EAGAIN;
    }
    return true;
}

int main(void)
{
    static struct epoll_event event[EVENTS];

    loop = epoll_create1(EPOLL_CLOEXEC);
    if (loop < 0)
        stop("epoll");
    for (int kind = 0; kind < KINDS; kind++)
        offer((enum kind)kind);
    puts("ready");
    fflush(stdout);
    for (;;) {
        int n = epoll_wait(loop, event, EVENTS, -1);

        if (n < 0 && errno != EINTR)
            stop("epoll");
        for (int i = 0; i < n; i++) {
            uint64_t word = event[i].data.u64;
            int fd = (int)(word >> 8);
            enum kind kind = (enum kind)(word >> 1 & 3u);

            if ((word & 1u) != 0u)
                take(fd, kind);
            else if (!serve(fd, kind, event[i].events))
                close(fd);
        }
    }
}
