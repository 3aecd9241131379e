/* SPDX-License-Identifier: MIT */
/* Sockets over the stack: names, listeners, opening and closing. RFC 9293 3.9.1 */
#include "socket.h"

#include "socket_parts.h"

static uint32_t index_of(const struct sq_net *net, const struct sq_entry *e)
{
    return (uint32_t)(e - net->stack.table.entry);
}

struct sq_entry *sq_socket_owned(struct sq_net *net, sq_socket s)
{
    uint32_t i = (uint32_t)(s % 4294967296u);
    struct sq_entry *e;

    if (i >= net->stack.table.size)
        return NULL;
    e = &net->stack.table.entry[i];
    return e->stage == SQ_STAGE_OWNED && e->generation == s >> 32 ? e : NULL;
}

struct sq_socket_call sq_socket_call(struct sq_entry *e)
{
    return (struct sq_socket_call){e, e->conn.state};
}

void sq_socket_called(struct sq_net *net, const struct sq_socket_call *c)
{
    sq_stack_verify(&net->stack, index_of(net, c->e), "a user's call");
    sq_stack_touched(&net->stack, index_of(net, c->e), c->before);
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
    struct sq_entry *e = sq_socket_owned(net, s);
    struct sq_listener *l = listener(net, s);

    if (e != NULL)
        e->data = data;
    if (l != NULL)
        l->data = data;
}

int sq_socket_shutdown(struct sq_net *net, sq_socket s)
{
    struct sq_entry *e = sq_socket_owned(net, s);
    struct sq_socket_call c;

    if (e == NULL)
        return SQ_SOCKET_INVALID;
    c = sq_socket_call(e);
    if (sq_close(&e->conn, sq_net_now()) != SQ_OK)
        return SQ_SOCKET_SHUT;
    sq_socket_called(net, &c);
    return 0;
}

/* A listener goes: what it holds that nobody accepted is reset. */
static void unlisten(struct sq_net *net, uint32_t l)
{
    struct sq_table *t = &net->stack.table;

    for (uint32_t i = 0u; i < t->size; i++) {
        struct sq_entry *e = &t->entry[i];
        struct sq_socket_call c = sq_socket_call(e);

        if (e->listener == l && (e->stage == SQ_STAGE_HALF_OPEN || e->stage == SQ_STAGE_WAITING)) {
            e->listener = SQ_NOBODY;
            (void)sq_abort(&e->conn);
            sq_stack_abandon(&net->stack, i, sq_net_now());
            sq_socket_called(net, &c);
        }
        if (e->listener == l)
            e->listener = SQ_NOBODY;
    }
    sq_listen_close(&net->stack.listen[l]);
}

void sq_socket_close(struct sq_net *net, sq_socket s)
{
    struct sq_entry *e = sq_socket_owned(net, s);
    struct sq_listener *l = listener(net, s);
    struct sq_socket_call c;

    if (l != NULL)
        unlisten(net, (uint32_t)(l - net->stack.listener));
    if (e == NULL)
        return;
    c = sq_socket_call(e);
    (void)sq_close(&e->conn, sq_net_now());
    sq_stack_abandon(&net->stack, index_of(net, e), sq_net_now());
    sq_socket_called(net, &c);
}

void sq_socket_abort(struct sq_net *net, sq_socket s)
{
    struct sq_entry *e = sq_socket_owned(net, s);
    struct sq_socket_call c;

    if (e == NULL)
        return;
    c = sq_socket_call(e);
    (void)sq_abort(&e->conn);
    sq_stack_abandon(&net->stack, index_of(net, e), sq_net_now());
    sq_socket_called(net, &c);
}

struct sq_status sq_socket_status(struct sq_net *net, sq_socket s)
{
    struct sq_entry *e = sq_socket_owned(net, s);
    static const struct sq_status closed;

    return e == NULL ? closed : sq_status(&e->conn);
}
