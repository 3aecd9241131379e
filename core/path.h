/* SPDX-License-Identifier: MIT */
/* What ICMP says of a connection: errors, and a path that takes less than the MSS. Whoever says it must quote a number that
   is in flight. RFC 9293 3.9.2.2, RFC 5461, RFC 5927; RFC 1191 */
#ifndef SQ_PATH_H
#define SQ_PATH_H

#include "connection.h"
#include "state.h"

/*@ // The quoted number is one of ours, unacknowledged. RFC 5927 4.1
    predicate InFlight(struct sq_send s, integer seq) = SeqDist(s.una, seq) < s.flight;
    // A hard error counts before the connection stands; afterwards it is a soft one. RFC 5927 5.2
    predicate Opening(integer state) = state == SQ_SYN_SENT || state == SQ_SYN_RECEIVED;
    // The path's claim is believed: it asks for less, of text, and either nothing larger was ever delivered, or what is in
    // flight has timed out since SND.UNA moved. RFC 5927 7.2
    predicate TooBig(struct sq_conn c, integer seq, integer size) =
      InFlight(c.send, seq) && c.send.tx >= SQ_TX_OPEN && size < c.send.mss && c.send.mss > SQ_MSS_MIN &&
      (c.send.acked == 0 || c.report.timeouts > 0);
*/

/* An ICMP error about a segment with this SEG.SEQ. error: type * 256 + code, 1..65535; hard: 1 for destination unreachable,
   codes 2 to 4. 1: it was believed. A hard one ends a connection that does not stand yet; any other is kept for
   `sq_reports` and changes nothing. RFC 9293 3.9.2.2 MUST-54, MUST-56, SHLD-25, SHLD-26; RFC 5927 4.1, 5.2 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures verdict: \result == 0 || \result == 1;
    ensures believed: \result == 1 <==> InFlight(\old(c->send), seq);
    ensures forged: \result == 0 ==> *c == \old(*c);
    ensures hard: \result == 1 && hard == 1 && Opening(\old(c->state)) ==>
      c->state == NextState(\old(c->state), SQ_EVENT_RST, \old(c->passive)) &&
      c->reason == (c->state == SQ_LISTEN ? SQ_REASON_NONE : SQ_REASON_UNREACHABLE);
    ensures soft: \result == 1 && !(hard == 1 && Opening(\old(c->state))) ==> c->report.soft == error &&
      c->state == \old(c->state) && c->send == \old(c->send) && c->receive == \old(c->receive) &&
      c->flight == \old(c->flight) && c->times == \old(c->times) && c->owed == \old(c->owed); */
uint32_t sq_unreachable(struct sq_conn *c, uint32_t seq, uint32_t error, uint32_t hard);

/* A router on the path takes only `size` bytes of text in one segment, it says of one with this SEG.SEQ. 1: it was believed:
   segments are smaller from now on, but never below SQ_MSS_MIN, and what is in flight goes again; the congestion window
   stays. Never makes anything larger. RFC 1191 3, 6.4; RFC 5927 7.2 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    terminates \true;
    assigns c->send.mss, c->flight.resend_from, c->flight.resend_to;
    ensures valid: ConnectionValid(*c);
    ensures verdict: \result == 0 || \result == 1;
    ensures believed: \result == 1 <==> TooBig(\old(*c), seq, size);
    ensures smaller: \result == 1 ==> c->send.mss == \max(size, SQ_MSS_MIN) && c->send.mss < \old(c->send.mss) &&
      c->flight.resend_from == 0 && c->flight.resend_to == c->send.flight;
    ensures forged: \result == 0 ==> *c == \old(*c); */
uint32_t sq_too_big(struct sq_conn *c, uint32_t seq, uint32_t size);

/* 1: a SYN with this SEG.SEQ may open a new connection in place of one in TIME-WAIT: it lies beyond all the peer ever sent.
   The new ISS must lie beyond `sq_iss_beyond`. RFC 9293 3.6.1 MAY-2, RFC 1122 4.2.2.13, RFC 6191 2 */
/*@ requires block: \valid_read(c) && ConnectionValid(*c);
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures exact: \result == 1 <==> c->state == SQ_TIME_WAIT && SeqDist(c->receive.nxt, seq) < 0x80000000; */
uint32_t sq_reusable(const struct sq_conn *c, uint32_t seq);

/* The ISS to use in place of one in TIME-WAIT: the one proposed, unless it lies within what was sent; then the number behind
   that. RFC 9293 3.6.1, RFC 1122 4.2.2.13 */
/*@ requires block: \valid_read(c) && ConnectionValid(*c);
    terminates \true;
    assigns \nothing;
    ensures exact: \result == (SeqDist(c->send.una, iss) < 0x80000000 ? iss : c->send.una); */
uint32_t sq_iss_beyond(const struct sq_conn *c, uint32_t iss);

#endif
