/* SPDX-License-Identifier: MIT */
/* Sockets over the stack. RFC 9293 3.9.1 */
#include "socket.h"

#include <stdlib.h>

#include "net_parts.h"
#include "stack_parts.h"

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

    if (i < SQ_NET_LISTENER || i - SQ_NET_LISTENER >= SQ_LISTENERS)
        return NULL;
    l = &net->stack.listener[i - SQ_NET_LISTENER];
    return net->stack.listen[i - SQ_NET_LISTENER].port != 0u && l->generation == s >> 32 ? l : NULL;
}

static uint32_t index_of(const struct sq_net *net, const struct sq_entry *e)
{
    return (uint32_t)(e - net->stack.table.entry);
}

/* A call of the core on a connection: what it was before, so that what changed is known behind it. */
struct call {
    struct sq_entry *e;
    uint32_t before;
};

static struct call call_on(struct sq_entry *e)
{
    return (struct call){e, e->conn.state};
}

static void called(struct sq_net *net, const struct call *c)
{
    sq_stack_verify(&net->stack, index_of(net, c->e), "a user's call");
    sq_stack_touched(&net->stack, index_of(net, c->e), c->before);
}

struct sq_entry *sq_socket_entry(struct sq_net *net, sq_socket s)
{
    return owned(net, s);
}

void sq_socket_called(struct sq_net *net, struct sq_entry *e, uint32_t before)
{
    called(net, &(struct call){e, before});
}

sq_socket sq_socket_listen(struct sq_net *net, uint32_t port, uint32_t backlog)
{
    struct sq_listener *l;
    uint32_t unused = SQ_LISTENERS;

    for (uint32_t i = SQ_LISTENERS; i-- > 0u;) {
        const struct sq_listen *in_use = &net->stack.listen[i];

        if (in_use->port == port && port != 0u)
            return 0u;
        if (in_use->port == 0u)
            unused = i;
    }
    if (unused == SQ_LISTENERS || port == 0u || port > 65535u || backlog == 0u)
        return 0u;
    sq_listen_open(&net->stack.listen[unused], 0u, port, backlog);
    l = &net->stack.listener[unused];
    l->ready = 0u;
    l->data = NULL;
    l->generation++;
    return (uint64_t)l->generation << 32 | SQ_NET_LISTENER | unused;
}

sq_socket sq_socket_accept(struct sq_net *net, sq_socket s)
{
    struct sq_listener *l = listener(net, s);
    struct sq_listen *in_use;
    uint32_t i;

    if (l == NULL)
        return 0u;
    in_use = &net->stack.listen[l - net->stack.listener];
    if (in_use->waiting == 0u)
        return 0u;
    i = l->first;
    l->first = net->stack.table.entry[i].next_waiting;
    sq_listen_accept(in_use);
    net->stack.table.entry[i].stage = SQ_STAGE_OWNED;
    net->stack.table.entry[i].told = 1u;
    sq_queue_add(&net->stack.table.ready, i);
    return sq_net_name(net, i);
}

sq_socket sq_socket_connect(struct sq_net *net, uint32_t source, uint32_t address, uint32_t port)
{
    uint32_t i;

    if (port == 0u || port > 65535u)
        return 0u;
    i = sq_stack_connect(&net->stack, source, address, port, sq_net_now());
    return i == SQ_NOBODY ? 0u : sq_net_name(net, i);
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
    case SQ_REASON_UNREACHABLE:
        return SQ_SOCKET_UNREACHABLE;
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

/* Text was put into the send ring, or taken out of the receive ring, without a copy. */
static void moved(struct sq_net *net, sq_socket s, uint32_t n, bool in)
{
    struct sq_entry *e = owned(net, s);
    struct call c;

    if (e == NULL || n == 0u)
        return;
    c = call_on(e);
    if (in)
        (void)sq_consume(&e->conn, n);
    else
        (void)sq_commit(&e->conn, n, sq_net_now());
    called(net, &c);
}

void sq_socket_filled(struct sq_net *net, sq_socket s, uint32_t n)
{
    moved(net, s, n, false);
}

void sq_socket_taken(struct sq_net *net, sq_socket s, uint32_t n)
{
    moved(net, s, n, true);
}

int64_t sq_socket_send(struct sq_net *net, sq_socket s, const void *text, uint64_t n)
{
    struct sq_entry *e = owned(net, s);
    struct iovec part[2];
    int64_t room = sq_socket_room(net, s, part);
    struct call c;

    if (e == NULL || room < 0 || n == 0u)
        return room < 0 ? room : 0;
    c = call_on(e);
    n = sq_write(&e->conn, e->send_ring, text, n < UINT32_MAX ? (uint32_t)n : UINT32_MAX,
                 sq_net_now());
    called(net, &c);
    return (int64_t)n;
}

int64_t sq_socket_receive(struct sq_net *net, sq_socket s, void *text, uint64_t n)
{
    struct sq_entry *e = owned(net, s);
    struct iovec part[2];
    int64_t there = sq_socket_text(net, s, part);
    struct call c;

    if (e == NULL || there <= 0 || n == 0u)
        return there <= 0 ? there : 0;
    c = call_on(e);
    n = sq_read(&e->conn, e->receive_ring, text, n < UINT32_MAX ? (uint32_t)n : UINT32_MAX);
    called(net, &c);
    return (int64_t)n;
}

int sq_socket_shutdown(struct sq_net *net, sq_socket s)
{
    struct sq_entry *e = owned(net, s);
    struct call c;

    if (e == NULL)
        return SQ_SOCKET_INVALID;
    c = call_on(e);
    if (sq_close(&e->conn, sq_net_now()) != SQ_OK)
        return SQ_SOCKET_SHUT;
    called(net, &c);
    return 0;
}

/* A listener goes: what it holds that nobody accepted is reset. */
static void unlisten(struct sq_net *net, uint32_t l)
{
    struct sq_table *t = &net->stack.table;

    for (uint32_t i = 0u; i < t->size; i++) {
        struct sq_entry *e = &t->entry[i];
        struct call c = call_on(e);

        if (e->listener == l && (e->stage == SQ_STAGE_HALF_OPEN || e->stage == SQ_STAGE_WAITING)) {
            e->listener = SQ_NOBODY;
            (void)sq_abort(&e->conn);
            sq_stack_abandon(&net->stack, i, sq_net_now());
            called(net, &c);
        }
        if (e->listener == l)
            e->listener = SQ_NOBODY;
    }
    sq_listen_close(&net->stack.listen[l]);
}

void sq_socket_close(struct sq_net *net, sq_socket s)
{
    struct sq_entry *e = owned(net, s);
    struct sq_listener *l = listener(net, s);
    struct call c;

    if (l != NULL)
        unlisten(net, (uint32_t)(l - net->stack.listener));
    if (e == NULL)
        return;
    c = call_on(e);
    (void)sq_close(&e->conn, sq_net_now());
    sq_stack_abandon(&net->stack, index_of(net, e), sq_net_now());
    called(net, &c);
}

void sq_socket_abort(struct sq_net *net, sq_socket s)
{
    struct sq_entry *e = owned(net, s);
    struct call c;

    if (e == NULL)
        return;
    c = call_on(e);
    (void)sq_abort(&e->conn);
    sq_stack_abandon(&net->stack, index_of(net, e), sq_net_now());
    called(net, &c);
}

struct sq_status sq_socket_status(struct sq_net *net, sq_socket s)
{
    struct sq_entry *e = owned(net, s);
    static const struct sq_status closed;

    return e == NULL ? closed : sq_status(&e->conn);
}
