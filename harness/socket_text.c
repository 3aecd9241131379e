/* SPDX-License-Identifier: MIT */
/* Text into and out of sockets: where it may be written or stands, the same by copying, and what is said at an end.
   RFC 9293 3.9.1.2, 3.9.1.3 */
#include "socket_parts.h"

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
    struct sq_entry *e = sq_socket_owned(net, s);
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
    struct sq_entry *e = sq_socket_owned(net, s);
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
    struct sq_entry *e = sq_socket_owned(net, s);
    struct sq_socket_call c;

    if (e == NULL || n == 0u)
        return;
    c = sq_socket_call(e);
    if (in)
        (void)sq_consume(&e->conn, n);
    else
        (void)sq_commit(&e->conn, n, sq_net_now());
    sq_socket_called(net, &c);
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
    struct sq_entry *e = sq_socket_owned(net, s);
    struct iovec part[2];
    int64_t room = sq_socket_room(net, s, part);
    struct sq_socket_call c;

    if (e == NULL || room < 0 || n == 0u)
        return room < 0 ? room : 0;
    c = sq_socket_call(e);
    n = sq_write(&e->conn, e->send_ring, text, n < UINT32_MAX ? (uint32_t)n : UINT32_MAX,
                 sq_net_now());
    sq_socket_called(net, &c);
    return (int64_t)n;
}

int64_t sq_socket_receive(struct sq_net *net, sq_socket s, void *text, uint64_t n)
{
    struct sq_entry *e = sq_socket_owned(net, s);
    struct iovec part[2];
    int64_t there = sq_socket_text(net, s, part);
    struct sq_socket_call c;

    if (e == NULL || there <= 0 || n == 0u)
        return there <= 0 ? there : 0;
    c = sq_socket_call(e);
    n = sq_read(&e->conn, e->receive_ring, text, n < UINT32_MAX ? (uint32_t)n : UINT32_MAX);
    sq_socket_called(net, &c);
    return (int64_t)n;
}
