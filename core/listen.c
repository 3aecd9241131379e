/* SPDX-License-Identifier: MIT */
/* Listeners. RFC 9293 3.9.1, 3.10.7.2; RFC 4987 3 */
#include "listen.h"

void sq_listen_open(struct sq_listen *l, uint32_t address, uint32_t port, uint32_t backlog)
{
    l->address = address;
    l->port = port;
    l->backlog = backlog;
    l->half_open = 0u;
    l->waiting = 0u;
}

void sq_listen_close(struct sq_listen *l)
{
    l->address = 0u;
    l->port = 0u;
    l->backlog = 0u;
    l->half_open = 0u;
    l->waiting = 0u;
}

uint32_t sq_listen_begin(struct sq_listen *l)
{
    if (l->waiting == l->backlog - l->half_open) {
        return 0u;
    }
    l->half_open = l->half_open + 1u;
    return 1u;
}

uint32_t sq_listen_settle(struct sq_listen *l, uint32_t state)
{
    if (state == SQ_SYN_RECEIVED) {
        return SQ_SETTLED_STAYS;
    }
    l->half_open = l->half_open - 1u;
    if (state <= SQ_LISTEN) {
        return SQ_SETTLED_GONE;
    }
    l->waiting = l->waiting + 1u;
    return SQ_SETTLED_OPEN;
}

void sq_listen_accept(struct sq_listen *l)
{
    l->waiting = l->waiting - 1u;
}

uint32_t sq_listen_find(const struct sq_listen *l, uint32_t n, uint32_t address, uint32_t port)
{
    uint32_t found = n, i = 0u;

    /*@ loop invariant place: 0 <= i <= n;
        loop invariant found: found == n || found < i;
        loop invariant takes: found < n ==> Takes(l[found], address, port);
        loop invariant any: NobodyExactly(l, i, address, port);
        loop invariant none: found == n ==> NobodyListens(l, i, address, port);
        loop assigns i, found;
        loop variant n - i; */
    while (i < n) {
        if (l[i].port == port && port != 0u) {
            if (l[i].address == address && address != 0u) {
                return i;
            }
            if (l[i].address == 0u) {
                found = i;
            }
        }
        i = i + 1u;
    }
    return found;
}
