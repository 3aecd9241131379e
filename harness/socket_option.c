/* SPDX-License-Identifier: MIT */
/* What a program asks of one connection beside sending and receiving. RFC 9293 3.9.1 */
#include "socket_parts.h"

#define MILLISECONDS_MAX (UINT32_MAX / 1000u)

/* The policy is the connection's own; only values that the core allows get there. */
static bool choose(uint32_t *where, uint32_t value, uint32_t least, uint32_t most)
{
    if (value < least || value > most)
        return false;
    *where = value;
    return true;
}

/* A peer that says nothing is looked after from now on, or no longer. RFC 9293 3.8.4 */
static bool keepalive(struct sq_conn *c, uint32_t value, uint64_t now)
{
    if (!choose(&c->settings.keepalive, value, 0u, 1u))
        return false;
    c->times.keepalive = SQ_NEVER;
    if (value == 1u && c->receive.rx != SQ_RX_NONE)
        c->times.keepalive = now + UINT64_C(1000000) * c->settings.keep_idle;
    return true;
}

static bool set_byte(uint8_t *where, uint32_t value, uint32_t least, uint32_t most)
{
    uint32_t chosen;

    if (!choose(&chosen, value, least, most))
        return false;
    *where = (uint8_t)chosen;
    return true;
}

static bool set(struct sq_entry *e, enum sq_socket_option option, uint32_t value, uint64_t now)
{
    struct sq_conn *c = &e->conn;

    switch (option) {
    case SQ_SOCKET_NODELAY:
        return choose(&c->settings.nodelay, value, 0u, 1u);
    case SQ_SOCKET_USER_TIMEOUT:
        if (value > MILLISECONDS_MAX)
            return false;
        sq_user_timeout(c, value * 1000u);
        return true;
    case SQ_SOCKET_KEEPALIVE:
        return keepalive(c, value, now);
    case SQ_SOCKET_KEEP_IDLE:
        return choose(&c->settings.keep_idle, value, 1u, SQ_KEEP_MAX);
    case SQ_SOCKET_KEEP_INTERVAL:
        return choose(&c->settings.keep_interval, value, 1u, SQ_KEEP_MAX);
    case SQ_SOCKET_KEEP_PROBES:
        return choose(&c->settings.keep_probes, value, 1u, SQ_KEEP_PROBES_MAX);
    case SQ_SOCKET_DSCP:
        return set_byte(&e->ip.dscp, value, 0u, 63u);
    case SQ_SOCKET_TTL:
        return set_byte(&e->ip.ttl, value, 1u, 255u);
    }
    return false;
}

int sq_socket_set(struct sq_net *net, sq_socket s, enum sq_socket_option option, uint32_t value)
{
    struct sq_entry *e = sq_socket_owned(net, s);

    struct sq_socket_call c;

    if (e == NULL)
        return SQ_SOCKET_INVALID;
    c = sq_socket_call(e);
    if (!set(e, option, value, sq_net_now()))
        return SQ_SOCKET_INVALID;
    sq_socket_called(net, &c);
    return 0;
}

int sq_socket_urge(struct sq_net *net, sq_socket s)
{
    struct sq_entry *e = sq_socket_owned(net, s);

    struct sq_socket_call c;

    if (e == NULL)
        return SQ_SOCKET_INVALID;
    c = sq_socket_call(e);
    if (sq_urge(&e->conn) != SQ_OK)
        return SQ_SOCKET_SHUT;
    sq_socket_called(net, &c);
    return 0;
}

uint32_t sq_socket_urgent(struct sq_net *net, sq_socket s)
{
    struct sq_entry *e = sq_socket_owned(net, s);

    return e == NULL ? 0u : sq_urgent(&e->conn);
}

uint32_t sq_socket_flush(struct sq_net *net, sq_socket s)
{
    struct sq_entry *e = sq_socket_owned(net, s);
    struct sq_socket_call c;
    uint32_t gone;

    if (e == NULL)
        return 0u;
    c = sq_socket_call(e);
    gone = sq_flush(&e->conn);
    sq_socket_called(net, &c);
    return gone;
}

struct sq_report sq_socket_reports(struct sq_net *net, sq_socket s)
{
    struct sq_entry *e = sq_socket_owned(net, s);

    return e == NULL ? (struct sq_report){0} : sq_reports(&e->conn);
}
