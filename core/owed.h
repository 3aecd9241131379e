/* SPDX-License-Identifier: MIT */
/* What is owed to the peer: input and the user record it here, output says it. RFC 9293 3.8.6.3, 3.5.2; RFC 5961 7 */
#ifndef SQ_OWED_H
#define SQ_OWED_H

#include "connection.h"

/*@ // Segments owed (T9).
    logic integer Owed(struct sq_owed o) = o.ack + o.probe + o.rst + o.keepalive;
*/

/* Nothing is owed. */
/*@ requires block: \valid(o);
    terminates \true;
    assigns *o;
    ensures clear: OwedValid(*o) && Owed(*o) == 0 && o->quiet == 0 && o->ack == 0 && o->probe == 0 && o->rst == 0 &&
      o->rst_flags == 0 && o->rst_seq == 0 && o->rst_ack == 0 && o->keepalive == 0 && o->zero == 0; */
void sq_owed_clear(struct sq_owed *o);

/* A challenge ACK, unless one went less than `interval` ago: the throttle is the connection's own, so that it tells
   nobody anything. RFC 5961 7 */
/*@ requires block: \valid(o) && OwedValid(*o) && now <= SQ_TIME_MAX;
    terminates \true;
    assigns o->ack, o->quiet;
    ensures valid: OwedValid(*o);
    ensures due: \old(o->quiet) <= now ==> o->ack == 1 && o->quiet == now + interval;
    ensures throttled: \old(o->quiet) > now ==> o->ack == \old(o->ack) && o->quiet == \old(o->quiet); */
void sq_owed_challenge(struct sq_owed *o, uint32_t interval, uint64_t now);

/* A RST with these numbers; an earlier one still owed gives way. RFC 9293 3.5.2 */
/*@ requires block: \valid(o) && OwedValid(*o);
    terminates \true;
    assigns o->rst, o->rst_flags, o->rst_seq, o->rst_ack;
    ensures valid: OwedValid(*o);
    ensures reset: o->rst == 1 && o->rst_flags == flags && o->rst_seq == seq && o->rst_ack == ack; */
void sq_owed_reset(struct sq_owed *o, uint32_t flags, uint32_t seq, uint32_t ack);

#endif
