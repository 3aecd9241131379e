/* SPDX-License-Identifier: MIT */
/* The local port of an active open: one that nobody can guess and that is free. RFC 6056 3.3.3, RFC 9293 3.10.1 */
#ifndef SQ_PORT_H
#define SQ_PORT_H

#include <stdint.h>

#include "ends.h"
#include "index.h"
#include "listen.h"

#include "../spec/port.acsl"

/* The first port, of the n from `first` on and beginning at sq_port_offset's `offset`, by which no connection to this remote
   end goes and on which nobody listens. 0: none is free. ends.local_port is not looked at. */
/*@ requires index: IndexMemory(t) && IndexValid(t);
    requires listeners: \valid_read(l + (0 .. listeners - 1));
    requires range: 1 <= first && 1 <= n && first + n <= 65536 && offset < n;
    terminates \true;
    assigns \nothing;
    ensures range: \result == 0 || first <= \result < first + n;
    ensures free: \result != 0 ==> PortFree(t, l, listeners, ends, \result);
    ensures none: \result == 0 ==> \forall integer p; first <= p < first + n ==> !PortFree(t, l, listeners, ends, p); */
uint32_t sq_port_choose(struct sq_index t, const struct sq_listen *l, uint32_t listeners,
                        struct sq_ends ends, uint32_t first, uint32_t n, uint32_t offset);

#endif
