/* SPDX-License-Identifier: MIT */
/* The end of a connection, or its return to LISTEN: one canonical form, whoever asks for it. RFC 9293 3.10.7.4, 3.10.5 */
#ifndef SQ_TEARDOWN_H
#define SQ_TEARDOWN_H

#include "connection.h"

/*@ // What a block must hold so that it can be torn down: its settings and its rings.
    predicate Torn(struct sq_conn c) =
      c.now <= SQ_TIME_MAX && c.passive <= 1 && SettingsValid(c.settings) && RingFits(c.send.capacity, c.send.head) &&
      ReceiveValid(c.receive) && OwedValid(c.owed) && ReportValid(c.report);
*/

/* The connection is CLOSED, or a half-open one is LISTEN again: everything of the peer is forgotten and no clock runs;
   unread text stays readable, and how much of it is urgent; a RST that is owed stays owed, a report untold stays so. */
/*@ requires block: \valid(c) && Torn(*c);
    requires target: state == SQ_CLOSED || state == SQ_LISTEN;
    requires why: reason <= SQ_REASON_UNREACHABLE;
    terminates \true;
    assigns c->state, c->passive, c->reason, c->keeps, c->send, c->receive.rx, c->receive.irs, c->receive.nxt, c->receive.wnd,
      c->receive.shift, c->receive.scaled, c->flight, c->rtt, c->congestion, c->reassembly, c->times, c->owed.ack,
      c->owed.probe, c->owed.keepalive, c->owed.quiet, c->urgent.send_up, c->report.timeouts;
    ensures valid: ConnectionValid(*c);
    ensures state: c->state == state && c->reason == reason && c->passive == (state == SQ_LISTEN ? 1 : 0);
    ensures silent: c->owed.ack == 0 && c->owed.probe == 0 && c->owed.keepalive == 0 && c->keeps == 0;
    ensures stopped: c->times.rexmit == SQ_NEVER && c->times.persist == SQ_NEVER && c->times.user == SQ_NEVER &&
      c->times.ack == SQ_NEVER && c->times.keepalive == SQ_NEVER;
    ensures forgotten: c->urgent.send_up == 0 && c->report.timeouts == 0 && c->send.acked == 0 && c->send.iss == 0 && c->send.una == 0 && c->send.capacity == \old(c->send.capacity); */
void sq_teardown(struct sq_conn *c, uint32_t state, uint32_t reason);

#endif
