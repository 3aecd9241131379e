/* SPDX-License-Identifier: MIT */
/* An endpoint in this process, in a namespace of its own, and the kernel's TCP of the same process as its peer: the calls
   of harness/socket.h made by a program that means no good. The endpoint's clock is the test's, frames that leave can be
   lost, and segments that leave are kept. sq_valid is asked after every call of the core. */
#ifndef INSIDE_H
#define INSIDE_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "harness/socket.h"

#define US 0x0a090002u
#define PEER 0x0a090001u
#define NOBODY_THERE 0x0a090063u /* an address of the link that answers no ARP */
#define CAPACITY 8192u           /* bytes of each ring */
#define SECOND INT64_C(1000000)
#define UP          \
    (1000 * 86400 * \
     SECOND) /* what a clock that goes back is never short of: a machine just started has seconds */

/* A segment that left; those that were lost on purpose are among them. */
struct left {
    uint64_t at;
    uint32_t seq, len, flags;
};

static struct sq_net net;
static int64_t
    ahead; /* the endpoint's clock is ahead of the machine's by UP and so many microseconds */
static bool lose; /* IPv4 datagrams that leave are lost */
static struct left left[256];
static uint32_t lefts;
static int kernel_listener = -1;
static uint32_t patience = 20000u; /* turns of a millisecond until what must come has come */

/* In place of the C library's, for all of this program. */
int clock_gettime(clockid_t id, struct timespec *t)
{
    long failed = syscall(SYS_clock_gettime, id, t);

    if (failed == 0 && id == CLOCK_MONOTONIC) {
        int64_t now = (int64_t)t->tv_sec * SECOND + t->tv_nsec / 1000 + UP + ahead;

        t->tv_sec = now / SECOND;
        t->tv_nsec = now % SECOND * 1000;
    }
    return (int)failed;
}

static bool transmit(void *device, const struct iovec *part, int parts)
{
    static uint8_t frame[2048];
    uint32_t n = 0u, length;
    struct sq_header h;

    for (int i = 0; i < parts; i++) {
        if (part[i].iov_len > 0u)
            memcpy(frame + n, part[i].iov_base, part[i].iov_len);
        n += (uint32_t)part[i].iov_len;
    }
    if (sq_load16(frame, 12u) != 0x0800u)
        return sq_tap_write(device, part, parts);
    length = sq_load16(frame, 16u) - 20u;
    if (frame[23] == 6u && sq_header_parse(frame + 34, length, &h) == 1u)
        left[lefts++ % 256u] = (struct left){sq_net_now(), h.seq, length - h.length, h.flags};
    return lose || sq_tap_write(device, part, parts);
}

/* What the endpoints of a test file are set to; a test changes what it is about. */
static struct sq_net_options usual(void)
{
    static bool moved; /* the first moves this process into its namespace */
    struct sq_net_options o = {.tap = "sequent0", .here = moved, .peer = PEER};

    o.stack.wire.address = US;
    o.stack.wire.prefix = 24u;
    o.stack.wire.mtu = 1500u;
    o.stack.wire.hardware = UINT64_C(0x020000000002);
    o.stack.connections = 1024u;
    o.stack.send_capacity = o.stack.receive_capacity = CAPACITY;
    o.stack.orphan = 60000000u;
    o.stack.verify = true;
    sq_settings_default(&o.stack.settings);
    o.stack.settings.rto_min = SQ_STACK_RTO_MIN;
    moved = true;
    return o;
}

static void up(const struct sq_net_options *o)
{
    static bool before;

    if (before && net.epoll >= 0) /* a test failed and left it */
        sq_net_close(&net);
    before = true;
    if (kernel_listener >= 0)
        close(kernel_listener);
    kernel_listener = -1;
    ahead = 0;
    lose = false;
    lefts = 0u;
    if (!sq_net_open(&net, o))
        fail_msg("%s", net.error);
    net.stack.wire.set.transmit = transmit;
}

/* One round of the loop: waits so many milliseconds at most; whatever is told is dropped. */
static void turn(int milliseconds)
{
    struct sq_net_event e[64];

    assert_true(sq_net_wait(&net, e, 64u, milliseconds, NULL) >= 0);
}

/* Rounds until it is so. */
#define UNTIL(so)                                                        \
    do {                                                                 \
        for (uint32_t turns_ = 0u; turns_ < patience && !(so); turns_++) \
            turn(1);                                                     \
        assert_true(so);                                                 \
    } while (0)

static uint32_t state(sq_socket s)
{
    return sq_socket_status(&net, s).state;
}

static struct sockaddr_in place(uint32_t address, uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

    a.sin_addr.s_addr = htonl(address);
    return a;
}

/* The kernel listens on a port. */
static int kernel_listens(uint16_t port)
{
    struct sockaddr_in a = place(PEER, port);
    int k = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

    assert_int_equal(setsockopt(k, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one), 0);
    assert_true(bind(k, (struct sockaddr *)&a, sizeof a) == 0 && listen(k, 64) == 0);
    kernel_listener = k;
    return k;
}

/* A connection that stands, opened by us: our socket, and the kernel's in *k. */
static sq_socket pair(int listener, int *k)
{
    struct sockaddr_in a;
    socklen_t n = sizeof a;
    sq_socket s;

    assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &n), 0);
    s = sq_socket_connect(&net, 0u, PEER, ntohs(a.sin_port));
    assert_true(s != 0u);
    UNTIL(state(s) == SQ_ESTABLISHED);
    *k = -1;
    UNTIL((*k = *k >= 0 ? *k : accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0);
    return s;
}

/* The kernel says this and we hear it, then the other way round: the endpoint serves an honest peer. */
static void honest(int listener)
{
    char text[16];
    int k;
    sq_socket s = pair(listener, &k);

    assert_int_equal(write(k, "honest", 6u), 6);
    UNTIL(sq_socket_status(&net, s).readable == 6u);
    assert_int_equal(sq_socket_receive(&net, s, text, sizeof text), 6);
    assert_int_equal(sq_socket_send(&net, s, text, 6u), 6);
    UNTIL(recv(k, text + 8, 6u, MSG_PEEK) == 6);
    assert_memory_equal(text, "honest", 6u);
    assert_int_equal(read(k, text, 6u), 6);
    assert_memory_equal(text, "honest", 6u);
    sq_socket_abort(&net, s);
    turn(0);
    close(k);
}

/* Everything ends and nothing is left behind: no block, no timer. */
static void down(void)
{
    uint32_t used;
    uint64_t deadline;

    close(kernel_listener);
    kernel_listener = -1;
    lose = false;
    for (uint32_t i = 0u; i < 1000u && net.stack.table.used > 0u; i++) {
        ahead += SECOND;
        turn(1);
    }
    used = net.stack.table.used;
    deadline = sq_stack_deadline(&net.stack);
    sq_net_close(&net);
    assert_int_equal(used, 0u);
    assert_true(deadline == SQ_NEVER);
}

/* Why no endpoint can be had here; NULL: it can. */
static const char *cannot(void)
{
    if (access("/dev/net/tun", R_OK | W_OK) != 0)
        return "no /dev/net/tun that can be opened";
    if (system("unshare --user --map-root-user --net true 2>/dev/null || unshare --net true "
               "2>/dev/null") != 0)
        return "user namespaces are off and this is not root";
    return NULL;
}

/* The tests, or the reason why they cannot run. */
#define RUN(tests)                                                                            \
    do {                                                                                      \
        const char *why_ = cannot();                                                          \
        if (why_ == NULL)                                                                     \
            return cmocka_run_group_tests(tests, NULL, NULL);                                 \
        printf("1..0 # SKIP %s (%zu tests not run)\n", why_, sizeof tests / sizeof tests[0]); \
        return 0;                                                                             \
    } while (0)

#endif
