/* SPDX-License-Identifier: MIT */
/* The user's calls. RFC 9293 3.9.1, 3.10.1 to 3.10.6. After each call poll `sq_output`. */
#ifndef SQ_USER_H
#define SQ_USER_H

#include "congestion.h"
#include "connection.h"
#include "header.h"
#include "receive.h"
#include "ring.h"
#include "send.h"
#include "state.h"
#include "times.h"
#include "urgent.h"

/* What a user's call says. RFC 9293 3.10 */
enum sq_error {
    SQ_OK,
    SQ_ERROR_NO_CONNECTION, /* "connection does not exist" */
    SQ_ERROR_EXISTS,        /* "connection already exists" */
    SQ_ERROR_CLOSING,       /* "connection closing" */
    SQ_ERROR_RESOURCES, /* "insufficient resources": more than the ring has room for, or holds */
    SQ_ERROR_SETTINGS   /* a setting or a ring's size is out of its range */
};

/*@ // What OPEN takes: with a window scale, a receive ring of at least two units, so that half of it is a window that can be
    // said. RFC 9293 3.8.6.2.2
    predicate OpenFits(struct sq_settings s, integer send_capacity, integer receive_capacity) =
      SettingsValid(s) && 1 <= send_capacity <= SQ_WINDOW_MAX && 1 <= receive_capacity <= SQ_WINDOW_MAX &&
      (s.shift != SQ_NO_SHIFT ==> 2 * Pow2(s.shift) <= receive_capacity);
*/

/* The defaults that core/connection.h names. */
/*@ requires block: \valid(s);
    terminates \true;
    assigns *s;
    ensures valid: SettingsValid(*s);
    ensures times: s->rto_initial == 1000000 && s->rto_after_syn == 3000000 && s->rto_min == 1000000 && s->rto_max == 120000000 &&
      s->time_wait == 60000000 && s->r2 == 300000000 && s->r1 == 3 && s->r2_syn == 180000000 && s->half_open == 64000000 &&
      s->challenge == 500000;
    ensures sizes: s->mss == 1460 && s->initial_window == 10 && s->shift == SQ_NO_SHIFT;
    ensures choices: s->nodelay == 0 && s->tw_ignore_rst == 1 && s->delayed_ack == 40000;
    ensures keepalive: s->keepalive == 0 && s->keep_idle == 7200 && s->keep_interval == 75 && s->keep_probes == 10; */
void sq_settings_default(struct sq_settings *s);

/* A fresh block: CLOSED, without rings, default settings; its bytes are the same whatever they were before. Every block begins and, by `sq_release`, ends so. */
/*@ requires block: \valid(c);
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures canonical: c->state == SQ_CLOSED && c->reason == SQ_REASON_NONE && c->now == 0 && c->passive == 0 &&
      c->receive.used == 0 && c->receive.capacity == 0 && c->send.capacity == 0 && c->receive.received == 0 && c->owed.rst == 0; */
void sq_init(struct sq_conn *c);

/* OPEN, passive: LISTEN with rings of these sizes (bytes, 1..SQ_WINDOW_MAX), which the caller keeps beside the block. A
   receive ring of less than two units of the window scale, 2^shift each, is refused: half of it could not be said as a
   window. RFC 9293 3.10.1, 3.8.6.2.2 */
/*@ requires block: \valid(c) && \valid_read(s) && \separated(c, s) && ConnectionValid(*c);
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures open: \result == SQ_OK <==> \old(c->state) == SQ_CLOSED &&
      OpenFits(*s, send_capacity, receive_capacity);
    ensures listen: \result == SQ_OK ==> c->state == SQ_LISTEN && c->passive == 1 && c->settings == *s &&
      c->send.capacity == send_capacity && c->receive.capacity == receive_capacity && c->receive.used == 0 &&
      c->receive.received == 0 && c->receive.mss == s->mss;
    ensures refused: \result != SQ_OK ==> *c == \old(*c); */
uint32_t sq_open_passive(struct sq_conn *c, const struct sq_settings *s, uint32_t send_capacity,
                         uint32_t receive_capacity);

/* OPEN, active: SYN-SENT; the next `sq_output` is the SYN. From LISTEN too. RFC 9293 3.10.1 */
/*@ requires block: \valid(c) && \valid_read(s) && \separated(c, s) && ConnectionValid(*c);
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures open: \result == SQ_OK <==> (\old(c->state) == SQ_CLOSED || \old(c->state) == SQ_LISTEN) &&
      OpenFits(*s, send_capacity, receive_capacity);
    ensures syn_sent: \result == SQ_OK ==> c->state == SQ_SYN_SENT && c->passive == 0 && c->settings == *s &&
      c->send.iss == iss && c->send.una == iss && c->send.tx == SQ_TX_SYN_WANTED && c->send.capacity == send_capacity &&
      c->receive.capacity == receive_capacity && c->receive.used == 0 && c->receive.received == 0 && c->receive.mss == s->mss;
    ensures refused: \result != SQ_OK ==> *c == \old(*c); */
uint32_t sq_open_active(struct sq_conn *c, const struct sq_settings *s, uint32_t send_capacity,
                        uint32_t receive_capacity, uint32_t iss);

/* SEND, first half: where in the send ring new text may be written, as two slices; empty when SEND is not possible now.
   RFC 9293 3.10.2 */
/*@ requires block: \valid_read(c) && ConnectionValid(*c);
    terminates \true;
    assigns \nothing;
    ensures room: Accepting(c->send) ==> \result.len + \result.len2 == c->send.capacity - c->send.queued;
    ensures none: !Accepting(c->send) ==> \result.len == 0 && \result.len2 == 0;
    ensures place: \result.len > 0 ==> \result.at == Place(c->send.capacity, c->send.head, c->send.queued) &&
      \result.at + \result.len <= c->send.capacity && \result.at2 == 0; */
struct sq_slices sq_writable(const struct sq_conn *c);

/* SEND, second half: the first n bytes of what `sq_writable` told are text now. RFC 9293 3.10.2 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    terminates \true;
    assigns c->now, c->send.queued, c->times.persist, c->congestion.cwnd;
    ensures valid: ConnectionValid(*c);
    ensures nobody: \old(c->send.tx) == SQ_TX_NONE ==> \result == SQ_ERROR_NO_CONNECTION;
    ensures closing: \old(c->send.tx) >= SQ_TX_FIN_WANTED || \old(c->send.closing) == 1 ==> \result == SQ_ERROR_CLOSING;
    ensures sent: \result == SQ_OK <==> Accepting(\old(c->send)) && n <= \old(c->send.capacity - c->send.queued);
    ensures queued: c->send.queued == \old(c->send.queued) + (\result == SQ_OK ? n : 0);
    ensures restart: \result == SQ_OK && \old(c->send.queued) == 0 && c->congestion.last + c->rtt.rto < c->now ==>
      c->congestion.cwnd <= InitialWindow(c->send.mss, c->settings.initial_window); */
uint32_t sq_commit(struct sq_conn *c, uint32_t n, uint64_t now);

/* SEND with URGENT: the text committed so far is urgent, up to its last byte. The pointer goes with all text until that is
   acknowledged. RFC 9293 3.8.5, 3.9.1.2 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    terminates \true;
    assigns c->urgent.send_up;
    ensures valid: ConnectionValid(*c);
    ensures nobody: c->send.tx == SQ_TX_NONE ==> \result == SQ_ERROR_NO_CONNECTION;
    ensures closing: c->send.tx >= SQ_TX_FIN_WANTED || c->send.closing == 1 ==> \result == SQ_ERROR_CLOSING;
    ensures urgent: \result == SQ_OK <==> Accepting(c->send);
    ensures up: c->urgent.send_up == (\result == SQ_OK ? c->send.acked + c->send.queued : \old(c->urgent.send_up)); */
uint32_t sq_urge(struct sq_conn *c);

/* FLUSH: text that waits and never left is given up; what is in flight stays. How many bytes: the result. RFC 9293 3.9.1.7 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    terminates \true;
    assigns c->send.queued, c->urgent.send_up, c->times.persist;
    ensures valid: ConnectionValid(*c);
    ensures quiet: !Stalled(c->send) ==> c->times.persist == SQ_NEVER;
    ensures emptied: c->send.queued == c->send.sent && \result == \old(c->send.queued) - c->send.queued;
    ensures urgent: c->urgent.send_up == \min(\old(c->urgent.send_up), c->send.acked + c->send.queued); */
uint32_t sq_flush(struct sq_conn *c);

/* The user timeout (R2), microseconds, for what is sent or acknowledged from now on; OPEN sets it first.
   RFC 9293 3.9.1.1, 3.8.3 MUST-21 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    terminates \true;
    assigns c->settings.r2;
    ensures valid: ConnectionValid(*c);
    ensures set: c->settings.r2 == r2; */
void sq_user_timeout(struct sq_conn *c, uint32_t r2);

/* RECEIVE, first half: where unread text stands in the receive ring, as two slices. In every state. RFC 9293 3.10.3 */
/*@ requires block: \valid_read(c) && ConnectionValid(*c);
    terminates \true;
    assigns \nothing;
    ensures all: \result.len + \result.len2 == c->receive.used;
    ensures place: \result.len > 0 ==> \result.at == c->receive.head && \result.at + \result.len <= c->receive.capacity &&
      \result.at2 == 0; */
struct sq_slices sq_readable(const struct sq_conn *c);

/* RECEIVE, second half: the first n unread bytes are done with; a window update is owed when it is worth one.
   RFC 9293 3.10.3, 3.8.6.2.2 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    terminates \true;
    assigns c->receive.head, c->receive.used, c->owed.ack;
    ensures valid: ConnectionValid(*c);
    ensures consumed: \result == (n <= \old(c->receive.used) ? SQ_OK : SQ_ERROR_RESOURCES);
    ensures used: c->receive.used == \old(c->receive.used) - (\result == SQ_OK ? n : 0);
    ensures head: \result == SQ_OK && n > 0 ==> c->receive.head == Place(c->receive.capacity, \old(c->receive.head), n);
    ensures head_kept: \result != SQ_OK || n == 0 ==> c->receive.head == \old(c->receive.head);
    ensures update: \result == SQ_OK && c->receive.rx == SQ_RX_OPEN && EdgeDue(c->receive) > c->receive.wnd ==> c->owed.ack == 1;
    ensures no_update: c->owed.ack != \old(c->owed.ack) ==> c->receive.rx == SQ_RX_OPEN && EdgeDue(c->receive) > c->receive.wnd; */
uint32_t sq_consume(struct sq_conn *c, uint32_t n);

/* How much of the text that is unread, or still to come, is urgent, bytes; 0: the reader has caught up with the urgent
   pointer, or there was none. RFC 9293 3.8.5 MUST-33 */
/*@ requires block: \valid_read(c) && ConnectionValid(*c);
    terminates \true;
    assigns \nothing;
    ensures exact: \result == (c->receive.received < c->receive.used ? 0 :
      UrgentAhead(c->urgent.receive_up, c->receive.received, c->receive.used)); */
uint32_t sq_urgent(const struct sq_conn *c);

/* What the user was not told yet: urgent text, R1 reached, an ICMP error. Each is told once; a user who does not ask is not
   bothered. RFC 9293 3.9.1.8 MUST-47, SHLD-20 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    terminates \true;
    assigns c->report.urgent, c->report.excessive, c->report.soft;
    ensures valid: ConnectionValid(*c);
    ensures told: \result == \old(c->report);
    ensures once: c->report.urgent == 0 && c->report.excessive == 0 && c->report.soft == 0; */
struct sq_report sq_reports(struct sq_conn *c);

/* CLOSE: no more SENDs; the FIN follows what is queued. RECEIVE goes on. RFC 9293 3.10.4 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures nobody: \old(c->state) == SQ_CLOSED ==> \result == SQ_ERROR_NO_CONNECTION && c->reason == \old(c->reason);
    ensures half: \old(c->state) == SQ_LISTEN || \old(c->state) == SQ_SYN_SENT ==> \result == SQ_OK && c->state == SQ_CLOSED;
    ensures waits: \old(c->state) == SQ_SYN_RECEIVED && \old(c->send.closing) == 0 ==> \result == SQ_OK &&
      c->state == SQ_SYN_RECEIVED && c->send.closing == 1;
    ensures open: \old(c->send.tx) == SQ_TX_OPEN ==> \result == SQ_OK && c->send.tx == SQ_TX_FIN_WANTED &&
      c->state == NextState(\old(c->state), SQ_EVENT_CLOSE, 0) && c->send.queued == \old(c->send.queued);
    ensures again: \old(c->send.closing) == 1 || \old(c->send.tx) >= SQ_TX_FIN_WANTED ==>
      \result == SQ_ERROR_CLOSING && c->state == \old(c->state) && c->send == \old(c->send);
    ensures unread: c->receive.used == \old(c->receive.used) && c->receive.head == \old(c->receive.head); */
uint32_t sq_close(struct sq_conn *c, uint64_t now);

/* ABORT: CLOSED at once; a peer that knows the connection is told by RST, at SND.NXT; while a window probe is out at
   SND.UNA, for SND.NXT lies beyond a window that is shut. RFC 9293 3.10.5, 3.10.7.4 */
/*@ requires block: \valid(c) && ConnectionValid(*c);
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures nobody: \old(c->state) == SQ_CLOSED ==> \result == SQ_ERROR_NO_CONNECTION && *c == \old(*c);
    ensures gone: \old(c->state) != SQ_CLOSED ==> \result == SQ_OK && c->state == SQ_CLOSED && c->reason == SQ_REASON_ABORTED;
    ensures told: SQ_SYN_RECEIVED <= \old(c->state) <= SQ_CLOSE_WAIT ==> c->owed.rst == 1 && c->owed.rst_flags == SQ_RST &&
      c->owed.rst_seq == \old(SeqAdd(c->send.una, c->send.probing == 1 ? 0 : c->send.flight));
    ensures silent: !(SQ_SYN_RECEIVED <= \old(c->state) <= SQ_CLOSE_WAIT) ==> c->owed.rst == \old(c->owed.rst); */
uint32_t sq_abort(struct sq_conn *c);

/* The block is done with: wholly canonical, as `sq_init` leaves it; unread text is given up. */
/*@ requires block: \valid(c);
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures canonical: c->state == SQ_CLOSED && c->reason == SQ_REASON_NONE && c->now == 0 && c->passive == 0 &&
      c->receive.used == 0 && c->receive.capacity == 0 && c->send.capacity == 0 && c->receive.received == 0 && c->owed.rst == 0; */
void sq_release(struct sq_conn *c);

/* STATUS. RFC 9293 3.10.6 */
struct sq_status {
    uint32_t state, reason;      /* enum sq_state, enum sq_reason */
    uint32_t unacknowledged;     /* bytes of text in flight */
    uint32_t unsent;             /* bytes of text queued behind them */
    uint32_t writable, readable; /* bytes SEND has room for, RECEIVE holds */
    uint32_t send_window, receive_window, congestion_window; /* bytes */
    uint32_t srtt, rto; /* microseconds; srtt 0: not measured yet */
    uint32_t mss;       /* bytes */
};
/*@ requires block: \valid_read(c) && ConnectionValid(*c);
    terminates \true;
    assigns \nothing;
    ensures state: \result.state == c->state && \result.reason == c->reason;
    ensures queues: \result.unacknowledged == c->send.sent && \result.unsent == c->send.queued - c->send.sent &&
      \result.writable == c->send.capacity - c->send.queued && \result.readable == c->receive.used;
    ensures windows: \result.send_window == c->send.wnd && \result.receive_window == c->receive.wnd &&
      \result.congestion_window == c->congestion.cwnd;
    ensures times: \result.srtt == c->rtt.srtt && \result.rto == c->rtt.rto && \result.mss == c->send.mss; */
struct sq_status sq_status(const struct sq_conn *c);

#endif
