/* SPDX-License-Identifier: MIT */
/* Sequent: a TCP whose shipped C is proven. This is the one header to include.

   Theory of operation. A connection is a block of plain memory (struct sq_conn) with two rings beside it, all of them the
   caller's. The core does no I/O, has no clock, allocates nothing, keeps nothing between calls. It is driven through few
   doors, each told the time in microseconds:

     sq_input     a segment arrived (parsed by sq_header_parse, its checksum verified by the caller)
     sq_output    the next segment that is due; poll it until SQ_DUE_NONE after every other call
     sq_deadline  when to call sq_tick at the latest; sq_expire fires one timer by name
     sq_unreachable, sq_too_big   ICMP said something of a segment of this connection
     sq_open_passive, sq_open_active, sq_write or sq_writable + sq_commit, sq_read or sq_readable + sq_consume,
     sq_urge, sq_urgent, sq_flush, sq_reports, sq_close, sq_abort, sq_status, sq_release: the user's calls of RFC 9293 3.9.1

   Input never builds a segment: it records what is owed, so one drained batch of segments is answered by one ACK. A segment
   for no connection is answered by a value (sq_refusal).

   Many connections are a second layer of the same kind, in arrays of the caller's: sq_index finds the entry that a segment
   is for, sq_listen counts what came in through a port, sq_arrival says whose a segment is or what answers it, sq_deadlines
   knows the earliest deadline of all, sq_pool which entries are free; sq_iss and sq_port_choose give an active or passive
   open its numbers.

   What each function promises stands above it, in ACSL, proven. */
#ifndef SQ_SEQUENT_H
#define SQ_SEQUENT_H

#include "arrival.h"
#include "checksum.h"
#include "deadlines.h"
#include "header.h"
#include "input.h"
#include "output.h"
#include "path.h"
#include "pool.h"
#include "port.h"
#include "stream.h"
#include "timers.h"
#include "user.h"
#include "valid.h"

#endif
