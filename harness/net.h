/* SPDX-License-Identifier: MIT */
/* The endpoint and its loop: one TAP device, the stack on it, the program's own file descriptors beside it. epoll, read
   until the device has nothing more, one round of output. Nothing blocks but sq_net_wait. */
#ifndef SQ_NET_H
#define SQ_NET_H

#include <signal.h>

#include "stack.h"
#include "tap.h"

/* A socket's name: never reused, so that an old one is known as such. 0: none. */
typedef uint64_t sq_socket;

enum {
    SQ_NET_ACCEPT = 1,    /* of a listener: sq_socket_accept has one */
    SQ_NET_CONNECTED = 2, /* the handshake of sq_socket_connect is over */
    SQ_NET_READ = 4,      /* there is text to receive, or the peer's end */
    SQ_NET_WRITE = 8,     /* there is room to send */
    SQ_NET_CLOSED = 16,   /* the connection is over; what it received can still be read */
    SQ_NET_REPORT = 32    /* sq_socket_reports has something. RFC 9293 3.9.1.8 */
};

struct sq_net_event {
    sq_socket socket;
    void *data; /* of sq_socket_data */
    uint32_t what;
};

struct sq_net {
    struct sq_tap tap;
    struct sq_stack stack;
    int epoll;
    uint8_t *frame; /* room for one frame that arrives */
    uint32_t frame_room;
    uint32_t looks; /* at the device without waiting, one after the other */
    char error[512];
};

struct sq_net_options {
    struct sq_stack_options stack;
    const char *tap;  /* the device's name */
    bool here;        /* in the network namespace where we are; else in one of our own */
    uint32_t peer;    /* the kernel's address on it, and our gateway */
    const char *pcap; /* frames are written to this file; NULL: not */
};

/* False: `error` says why, and what to do. */
bool sq_net_open(struct sq_net *net, const struct sq_net_options *set);
/* Connections that still stand are reset; the device is gone afterwards. */
void sq_net_close(struct sq_net *net);

/* Microseconds on the clock that the stack goes by. */
uint64_t sq_net_now(void);

/* Waits until something changed, or for so many milliseconds (-1: without limit), or for a signal that `mask` lets
   through (NULL: the mask as it is). Returns how many events it wrote, at most `max`; or -1 if the endpoint cannot go
   on: `error` says why. */
int sq_net_wait(struct sq_net *net, struct sq_net_event *event, uint32_t max, int milliseconds,
                const sigset_t *mask);

/* A file descriptor of the program's: sq_net_wait calls `ready` with EPOLLIN and the like. It stays the program's, which
   may unwatch, close and free it in `ready` itself. */
struct sq_net_source {
    int fd;
    void (*ready)(struct sq_net_source *source, uint32_t events);
    uint32_t watched; /* EPOLLIN, EPOLLOUT; 0: not watched */
};
/* From now on these events count; 0: none. False: the descriptor cannot be waited for, as with a file. */
bool sq_net_watch(struct sq_net *net, struct sq_net_source *source, uint32_t events);

#endif
