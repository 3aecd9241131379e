/* SPDX-License-Identifier: MIT */
/* One connection between standard input and output and a peer: both directions, each with its own end, as fast as the
   slower side goes. */
#ifndef SQ_TALK_H
#define SQ_TALK_H

#include "endpoint.h"
#include "socket.h"

/* How it ended: the exit status of `sequent connect`. */
enum sq_talk_status {
    SQ_TALK_DONE = 0,
    SQ_TALK_FAILED = 1,
    SQ_TALK_REFUSED = 3,
    SQ_TALK_TIMED_OUT = 4,
    SQ_TALK_RESET = 5,
    SQ_TALK_INTERRUPTED = 130
};

/* A file descriptor of ours that may be a pipe, a terminal or a file. */
struct sq_talk_end {
    struct sq_net_source source;
    struct sq_talk *talk;
    bool file; /* cannot be waited for, and need not be */
    bool over;
    uint64_t bytes;
};

struct sq_talk {
    struct sq_endpoint endpoint;
    sq_socket socket;
    struct sq_talk_end in, out;
    bool connected, peer_ended;
    int status; /* enum sq_talk_status; -1: it goes on */
    bool progress;
    uint64_t began, shown;
};

/* Before the endpoint is opened: standard input and output are looked at. */
void sq_talk_prepare(struct sq_talk *t);
/* An event of its socket: SQ_NET_READ and the like. */
void sq_talk_event(struct sq_talk *t, uint32_t what);

#endif
