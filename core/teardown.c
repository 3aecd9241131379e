/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* CLOSED has one form. RFC 9293 3.10.7.4 */
#include "teardown.h"

#include "congestion.h"
#include "flight.h"
#include "reassembly.h"
#include "receive.h"
#include "rtt.h"
#include "send.h"
#include "times.h"

void sq_teardown(struct sq_conn *c, uint32_t state, uint32_t reason)
{
    c->state = state;
    c->passive = state == SQ_LISTEN;
    c->reason = reason;
    c->keeps = 0u;
    sq_send_clear(&c->send);
    sq_receive_clear(&c->receive);
    sq_flight_clear(&c->flight);
    sq_rtt_start(&c->rtt, c->settings.rto_initial);
    sq_congestion_open(&c->congestion, SQ_MSS_DEFAULT, c->settings.initial_window);
    sq_reassembly_clear(&c->reassembly);
    sq_times_stop(&c->times);
    c->owed.ack = 0u;
    c->owed.probe = 0u;
    c->owed.keepalive = 0u;
    c->owed.quiet = 0u;
    c->urgent.send_up = 0u;
    c->report.timeouts = 0u;
}
