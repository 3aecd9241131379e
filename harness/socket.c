/* SPDX-License-Identifier: MIT */
/* Sockets over the stack, and the loop that feeds it: epoll, read until the device has nothing more, one round of output.
   RFC 9293 3.9.1 */
#include "socket.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define BATCH 512u /* frames read before output gets its turn */
#define LISTENER_BIT 0x80000000u

/* ---- the loop ---- */

static uint64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

bool sq_net_open(struct sq_net *net, const struct sq_net_options *set)
{
    struct sq_stack_options o = set->stack;
    struct epoll_event e = {.events = EPOLLIN};

    memset(net, 0, sizeof *net);
    net->epoll = -1;
    if (!sq_tap_open(&net->tap, set->tap, set->peer, o.wire.prefix, o.wire.mtu)) {
        snprintf(net->error, sizeof net->error, "%s", net->tap.error);
        sq_tap_close(&net->tap);
        return false;
    }
    o.wire.gateway = set->peer;
    o.wire.transmit = sq_tap_write;
    o.wire.device = &net->tap;
    net->frame_room = o.wire.mtu + 64u;
    net->frame = malloc(net->frame_room);
    net->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (net->frame == NULL || !sq_stack_open(&net->stack, &o)) {
        snprintf(net->error, sizeof net->error,
                 "no memory for %u connections: ask for fewer (--connections)", o.connections);
        sq_net_close(net);
        return false;
    }
    if (net->epoll < 0 || epoll_ctl(net->epoll, EPOLL_CTL_ADD, net->tap.fd, &e) < 0) {
        snprintf(net->error, sizeof net->error, "epoll: %s", strerror(errno));
        sq_net_close(net);
        return false;
    }
    return true;
}

void sq_net_close(struct sq_net *net)
{
    struct sq_table *t = &net->stack.table;

    for (uint32_t i = 0u; i < t->size && t->entry != NULL; i++) {
        struct sq_entry *e = &t->entry[i];
        uint32_t before = e->conn.state;

        if (e->stage != SQ_STAGE_FREE && sq_abort(&e->conn) == SQ_OK)
            sq_stack_touched(&net->stack, i, before);
    }
    if (t->entry != NULL)
        sq_stack_flush(&net->stack, now_us());
    sq_stack_close(&net->stack);
    sq_tap_close(&net->tap);
    if (net->epoll >= 0)
        close(net->epoll);
    free(net->frame);
    net->frame = NULL;
    net->epoll = -1;
}

static sq_socket name_of(const struct sq_net *net, uint32_t i)
{
    return (uint64_t)net->stack.table.entry[i].generation << 32 | i;
}

static uint32_t events_of(struct sq_entry *e)
{
    const struct sq_conn *c = &e->conn;
    struct sq_slices room = sq_writable(c);
    uint32_t what = 0u;

    if (c->state == SQ_CLOSED)
        what |= SQ_NET_CLOSED;
    if (c->receive.used > 0u || c->receive.rx == SQ_RX_FIN)
        what |= SQ_NET_READ;
    if (c->state >= SQ_ESTABLISHED) {
        if (e->told == 0u)
            what |= SQ_NET_CONNECTED;
        e->told = 1u;
        if (room.len > 0u)
            what |= SQ_NET_WRITE;
    }
    return what;
}

static uint32_t tell(struct sq_net *net, struct sq_net_event *event, uint32_t max)
{
    struct sq_stack *s = &net->stack;
    uint32_t n = 0u;

    for (uint32_t l = 0u; l < SQ_LISTENERS && n < max; l++) {
        if (s->listener[l].ready == 1u && s->listener[l].port != 0u) {
            s->listener[l].ready = 0u;
            event[n].socket = (uint64_t)s->listener[l].generation << 32 | LISTENER_BIT | l;
            event[n].data = s->listener[l].data;
            event[n].what = SQ_NET_ACCEPT;
            n++;
        }
    }
    while (n < max) {
        uint32_t i = sq_queue_next(&s->table.ready);
        struct sq_entry *e;

        if (i == SQ_NOBODY)
            break;
        e = &s->table.entry[i];
        if (e->stage != SQ_STAGE_OWNED)
            continue;
        event[n].what = events_of(e);
        event[n].socket = name_of(net, i);
        event[n].data = e->data;
        n += event[n].what != 0u;
    }
    return n;
}

static int until(uint64_t deadline, uint64_t now, int milliseconds)
{
    uint64_t wait;

    if (deadline == SQ_NEVER)
        return milliseconds;
    wait = deadline <= now ? 0u : (deadline - now + 999u) / 1000u;
    if (milliseconds >= 0 && wait > (uint64_t)milliseconds)
        return milliseconds;
    return wait > INT_MAX ? INT_MAX : (int)wait;
}

int sq_net_wait(struct sq_net *net, struct sq_net_event *event, uint32_t max, int milliseconds,
                const sigset_t *mask)
{
    struct sq_stack *s = &net->stack;
    struct epoll_event e;
    uint32_t told;
    uint64_t now;
    int n;

    sq_stack_flush(s, now_us());
    told = tell(net, event, max);
    if (told > 0u)
        return (int)told;
    n = epoll_pwait(net->epoll, &e, 1, until(sq_stack_deadline(s), now_us(), milliseconds), mask);
    if (n < 0 && errno != EINTR)
        return -1;
    now = now_us();
    for (uint32_t i = 0u; n > 0 && i < BATCH; i++) {
        uint32_t length = sq_tap_read(&net->tap, net->frame, net->frame_room);

        if (length == 0u)
            break;
        sq_stack_frame(s, net->frame, length, now);
    }
    sq_stack_tick(s, now);
    /* The program's answer leaves with the acknowledgments: output waits for the next call. */
    return (int)tell(net, event, max);
}

/* ---- sockets ---- */

static struct sq_entry *owned(struct sq_net *net, sq_socket s)
{
    uint32_t i = (uint32_t)(s % 4294967296u);
    struct sq_entry *e;

    if (i >= net->stack.table.size)
        return NULL;
    e = &net->stack.table.entry[i];
    return e->stage == SQ_STAGE_OWNED && e->generation == s >> 32 ? e : NULL;
}

static struct sq_listener *listener(struct sq_net *net, sq_socket s)
{
    uint32_t i = (uint32_t)(s % 4294967296u);
    struct sq_listener *l;

    if (i < LISTENER_BIT || i - LISTENER_BIT >= SQ_LISTENERS)
        return NULL;
    l = &net->stack.listener[i - LISTENER_BIT];
    return l->port != 0u && l->generation == s >> 32 ? l : NULL;
}

static uint32_t index_of(const struct sq_net *net, const struct sq_entry *e)
{
    return (uint32_t)(e - net->stack.table.entry);
}

/* A call of the core on this connection is over. */
static void touched(struct sq_net *net, struct sq_entry *e, uint32_t before)
{
    if (net->stack.set.verify && sq_valid(&e->conn) != 1u) {
        fprintf(stderr,
                "sequent: connection %u is not valid after a user's call: a defect of the core\n",
                index_of(net, e));
        abort();
    }
    sq_stack_touched(&net->stack, index_of(net, e), before);
}

sq_socket sq_socket_listen(struct sq_net *net, uint32_t port, uint32_t backlog)
{
    struct sq_listener *unused = NULL;

    for (uint32_t i = SQ_LISTENERS; i-- > 0u;) {
        struct sq_listener *l = &net->stack.listener[i];

        if (l->port == port && port != 0u)
            return 0u;
        if (l->port == 0u)
            unused = l;
    }
    if (unused == NULL || port == 0u || port > 65535u || backlog == 0u)
        return 0u;
    unused->port = port;
    unused->backlog = backlog;
    unused->half_open = 0u;
    unused->waiting = 0u;
    unused->ready = 0u;
    unused->data = NULL;
    unused->generation++;
    return (uint64_t)unused->generation << 32 | LISTENER_BIT |
           (uint32_t)(unused - net->stack.listener);
}

sq_socket sq_socket_accept(struct sq_net *net, sq_socket s)
{
    struct sq_listener *l = listener(net, s);
    uint32_t i;

    if (l == NULL || l->waiting == 0u)
        return 0u;
    i = l->first;
    l->first = net->stack.table.entry[i].next_waiting;
    l->waiting--;
    net->stack.table.entry[i].stage = SQ_STAGE_OWNED;
    net->stack.table.entry[i].told = 1u;
    sq_queue_add(&net->stack.table.ready, i);
    return name_of(net, i);
}

sq_socket sq_socket_connect(struct sq_net *net, uint32_t address, uint32_t port)
{
    uint32_t i;

    if (port == 0u || port > 65535u)
        return 0u;
    i = sq_stack_connect(&net->stack, address, port, now_us());
    return i == SQ_NOBODY ? 0u : name_of(net, i);
}

void sq_socket_data(struct sq_net *net, sq_socket s, void *data)
{
    struct sq_entry *e = owned(net, s);
    struct sq_listener *l = listener(net, s);

    if (e != NULL)
        e->data = data;
    if (l != NULL)
        l->data = data;
}

static int ended(const struct sq_conn *c)
{
    switch ((enum sq_reason)c->reason) {
    case SQ_REASON_NONE:
    case SQ_REASON_DONE:
        return SQ_SOCKET_SHUT;
    case SQ_REASON_RESET:
        return SQ_SOCKET_RESET;
    case SQ_REASON_REFUSED:
        return SQ_SOCKET_REFUSED;
    case SQ_REASON_TIMED_OUT:
        return SQ_SOCKET_TIMED_OUT;
    case SQ_REASON_ABORTED:
    case SQ_REASON_EXHAUSTED:
        return SQ_SOCKET_ABORTED;
    }
    return SQ_SOCKET_SHUT;
}

static void parts(struct iovec part[2], uint8_t *ring, const struct sq_slices *x)
{
    part[0] = (struct iovec){ring + x->at, x->len};
    part[1] = (struct iovec){ring + x->at2, x->len2};
}

int64_t sq_socket_room(struct sq_net *net, sq_socket s, struct iovec part[2])
{
    struct sq_entry *e = owned(net, s);
    struct sq_slices x;

    if (e == NULL)
        return SQ_SOCKET_INVALID;
    if (e->conn.state == SQ_CLOSED)
        return ended(&e->conn);
    if (e->conn.send.closing == 1u || e->conn.send.tx >= SQ_TX_FIN_WANTED)
        return SQ_SOCKET_SHUT;
    x = sq_writable(&e->conn);
    parts(part, e->send_ring, &x);
    return x.len + x.len2 > 0u ? (int64_t)x.len + x.len2 : SQ_SOCKET_AGAIN;
}

void sq_socket_filled(struct sq_net *net, sq_socket s, uint32_t n)
{
    struct sq_entry *e = owned(net, s);
    uint32_t before;

    if (e == NULL || n == 0u)
        return;
    before = e->conn.state;
    (void)sq_commit(&e->conn, n, now_us());
    touched(net, e, before);
}

int64_t sq_socket_text(struct sq_net *net, sq_socket s, struct iovec part[2])
{
    struct sq_entry *e = owned(net, s);
    struct sq_slices x;

    if (e == NULL)
        return SQ_SOCKET_INVALID;
    x = sq_readable(&e->conn);
    parts(part, e->receive_ring, &x);
    if (x.len > 0u)
        return (int64_t)x.len + x.len2;
    if (e->conn.receive.rx == SQ_RX_FIN)
        return 0;
    if (e->conn.state == SQ_CLOSED)
        return e->conn.reason == SQ_REASON_DONE ? 0 : ended(&e->conn);
    return SQ_SOCKET_AGAIN;
}

void sq_socket_taken(struct sq_net *net, sq_socket s, uint32_t n)
{
    struct sq_entry *e = owned(net, s);
    uint32_t before;

    if (e == NULL || n == 0u)
        return;
    before = e->conn.state;
    (void)sq_consume(&e->conn, n);
    touched(net, e, before);
}

int64_t sq_socket_send(struct sq_net *net, sq_socket s, const void *text, uint64_t n)
{
    struct sq_entry *e = owned(net, s);
    struct iovec part[2];
    int64_t room = sq_socket_room(net, s, part);
    uint32_t before;

    if (e == NULL || room < 0 || n == 0u)
        return room < 0 ? room : 0;
    before = e->conn.state;
    n = sq_write(&e->conn, e->send_ring, text, n < UINT32_MAX ? (uint32_t)n : UINT32_MAX, now_us());
    touched(net, e, before);
    return (int64_t)n;
}

int64_t sq_socket_receive(struct sq_net *net, sq_socket s, void *text, uint64_t n)
{
    struct sq_entry *e = owned(net, s);
    struct iovec part[2];
    int64_t there = sq_socket_text(net, s, part);
    uint32_t before;

    if (e == NULL || there <= 0 || n == 0u)
        return there <= 0 ? there : 0;
    before = e->conn.state;
    n = sq_read(&e->conn, e->receive_ring, text, n < UINT32_MAX ? (uint32_t)n : UINT32_MAX);
    touched(net, e, before);
    return (int64_t)n;
}

int sq_socket_shutdown(struct sq_net *net, sq_socket s)
{
    struct sq_entry *e = owned(net, s);
    uint32_t before;

    if (e == NULL)
        return SQ_SOCKET_INVALID;
    before = e->conn.state;
    if (sq_close(&e->conn, now_us()) != SQ_OK)
        return SQ_SOCKET_SHUT;
    touched(net, e, before);
    return 0;
}

/* A listener goes: what it holds that nobody accepted is reset. */
static void unlisten(struct sq_net *net, uint32_t l)
{
    struct sq_table *t = &net->stack.table;

    for (uint32_t i = 0u; i < t->size; i++) {
        struct sq_entry *e = &t->entry[i];
        uint32_t before = e->conn.state;

        if (e->listener == l && (e->stage == SQ_STAGE_HALF_OPEN || e->stage == SQ_STAGE_WAITING)) {
            e->listener = SQ_NOBODY;
            (void)sq_abort(&e->conn);
            sq_stack_abandon(&net->stack, i, now_us());
            touched(net, e, before);
        }
        if (e->listener == l)
            e->listener = SQ_NOBODY;
    }
    net->stack.listener[l].port = 0u;
}

void sq_socket_close(struct sq_net *net, sq_socket s)
{
    struct sq_entry *e = owned(net, s);
    struct sq_listener *l = listener(net, s);
    uint32_t before;

    if (l != NULL)
        unlisten(net, (uint32_t)(l - net->stack.listener));
    if (e == NULL)
        return;
    before = e->conn.state;
    (void)sq_close(&e->conn, now_us());
    sq_stack_abandon(&net->stack, index_of(net, e), now_us());
    touched(net, e, before);
}

void sq_socket_abort(struct sq_net *net, sq_socket s)
{
    struct sq_entry *e = owned(net, s);
    uint32_t before;

    if (e == NULL)
        return;
    before = e->conn.state;
    (void)sq_abort(&e->conn);
    sq_stack_abandon(&net->stack, index_of(net, e), now_us());
    touched(net, e, before);
}

struct sq_status sq_socket_status(struct sq_net *net, sq_socket s)
{
    struct sq_entry *e = owned(net, s);
    static const struct sq_status closed;

    return e == NULL ? closed : sq_status(&e->conn);
}
