/* SPDX-License-Identifier: MIT */
/* The local port of an active open. RFC 6056 3.3.3 */
#include "port.h"

/*@ requires index: IndexMemory(t) && IndexValid(t);
    requires listeners: \valid_read(l + (0 .. listeners - 1));
    terminates \true;
    assigns \nothing;
    ensures free: \result == 1 ==> PortFree(t, l, listeners, ends, port);
    ensures taken: \result != 1 ==> \result == 0 && !PortFree(t, l, listeners, ends, port); */
static uint32_t port_free(struct sq_index t, const struct sq_listen *l, uint32_t listeners,
                          struct sq_ends ends, uint32_t port)
{
    struct sq_ends e = ends;

    e.local_port = port;
    /*@ assert name: Addresses(e) == Addresses(ends) && Ports(e) == PortsWith(port, ends); */
    if (sq_index_find(t, e) != SQ_NOBODY) {
        return 0u;
    }
    return sq_listen_find(l, listeners, ends.local, port) == listeners ? 1u : 0u;
}

uint32_t sq_port_choose(struct sq_index t, const struct sq_listen *l, uint32_t listeners,
                        struct sq_ends ends, uint32_t first, uint32_t n, uint32_t offset)
{
    uint32_t tried = 0u;

    /*@ loop invariant turn: 0 <= tried <= n;
        loop invariant above: \forall integer p; first + offset <= p < first + n && p < first + offset + tried ==>
          !PortFree(t, l, listeners, ends, p);
        loop invariant below: \forall integer p; first <= p < first + offset + tried - n ==>
          !PortFree(t, l, listeners, ends, p);
        loop assigns tried;
        loop variant n - tried; */
    while (tried < n) {
        uint32_t port = sq_port_try(first, n, offset, tried);

        if (port_free(t, l, listeners, ends, port) == 1u) {
            return port;
        }
        tried = tried + 1u;
    }
    return 0u;
}
