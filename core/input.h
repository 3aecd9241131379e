/* SPDX-License-Identifier: MIT */
/* The input door: a segment arrived. RFC 9293 3.10.7 step by step. It never builds a segment: it records what is owed,
   and `sq_output` says it. */
#ifndef SQ_INPUT_H
#define SQ_INPUT_H

#include "ack.h"
#include "opening.h"
#include "refusal.h"
#include "text.h"

/* What is known of a segment beside its header. */
struct sq_segment_info {
    uint64_t
        now; /* when it arrived, microseconds; beyond SQ_TIME_MAX counts as that, going back as standing still */
    uint32_t len; /* bytes of text behind the header, 0..SQ_TEXT_MAX */
    uint32_t
        iss; /* the ISS to use should this segment open a connection in LISTEN; else not looked at. RFC 6528 */
};

/* A segment arrived for this connection: everything but the copy of its text. The caller must copy what the result says
   before anything else is done with the connection; `sq_input` does. RFC 9293 3.10.7 */
/*@ requires block: \valid(c) && \valid_read(h) && \valid_read(info) && \separated(c, h, info);
    requires valid: ConnectionValid(*c);
    requires segment: info->len <= SQ_TEXT_MAX && h->window <= 65535 && h->mss <= 65535 && h->shift <= 255 && h->urgent <= 65535;
    terminates \true;
    assigns *c;
    ensures valid: ConnectionValid(*c);
    ensures path: StatePath(\old(c->state), c->state);
    ensures clock: c->now == \max(\old(c->now), \min(info->now, SQ_TIME_MAX));
    ensures opens: \old(c->state) == SQ_LISTEN && (h->flags & SQ_RST) == 0 && (h->flags & SQ_ACK) == 0 && (h->flags & SQ_SYN) != 0 ==>
      c->state == SQ_SYN_RECEIVED && c->receive.nxt == SeqAdd(h->seq, 1) && c->send.iss == info->iss;
    ensures opened: \old(c->state) == SQ_SYN_SENT && !Spent(\old(*c)) && (h->flags & SQ_ACK) != 0 &&
      \old(c->send.flight) == 1 && h->ack == \old(SeqAdd(c->send.una, 1)) && (h->flags & SQ_RST) == 0 && (h->flags & SQ_SYN) != 0 ==>
      c->state == SQ_ESTABLISHED || c->state == SQ_CLOSE_WAIT;
    ensures spent: \old(c->state) > SQ_LISTEN && Spent(\old(*c)) ==> c->state == SQ_CLOSED && c->reason == SQ_REASON_EXHAUSTED;
    ensures refuses: \old(c->state) == SQ_CLOSED && (h->flags & SQ_RST) == 0 ==> c->owed.rst == 1;
    ensures verdict: !Spent(\old(*c)) && Passes(\old(*c), h->seq, info->len, h->flags) && Counts(\old(*c), h->ack) ==> \result.verdict == SQ_SEGMENT_ACCEPTED;
    ensures new: !Spent(\old(*c)) && Passes(\old(*c), h->seq, info->len, h->flags) && c->state != SQ_CLOSED &&
      AckKind(\old(c->send.una), \old(c->send.flight), \old(c->send.max_wnd), h->ack) == SQ_ACK_NEW ==> c->send.una == h->ack;
    ensures inorder: !Spent(\old(*c)) && Passes(\old(*c), h->seq, info->len, h->flags) && Counts(\old(*c), h->ack) && \old(c->receive.rx) == SQ_RX_OPEN &&
      TextFirst(\old(c->receive.nxt), h->seq) == 0 ==>
      c->receive.used >= \old(c->receive.used) + TextCount(\old(c->receive.nxt), \old(c->receive.wnd), h->seq, info->len);
    ensures answered: !Spent(\old(*c)) && Passes(\old(*c), h->seq, info->len, h->flags) && Counts(\old(*c), h->ack) && \old(c->receive.rx) == SQ_RX_OPEN &&
      info->len > 0 ==> Answered(*c, c->now);
    ensures reset: Synchronized(\old(c->state)) && !Spent(\old(*c)) && (h->flags & SQ_RST) != 0 && h->seq == \old(c->receive.nxt) &&
      !(\old(c->state) == SQ_TIME_WAIT && c->settings.tw_ignore_rst == 1) ==>
      c->state == NextState(\old(c->state), SQ_EVENT_RST, \old(c->passive)) && \result.verdict == SQ_SEGMENT_RESET;
    ensures reply: Synchronized(\old(c->state)) && !Spent(\old(*c)) && (h->flags & SQ_RST) == 0 && (h->flags & SQ_SYN) == 0 && info->len > 0 &&
      !Admitted(\old(c->receive.nxt), \old(c->receive.wnd), h->seq, SegmentLength(h->flags, info->len)) ==>
      c->owed.ack == 1 && \result.verdict == SQ_SEGMENT_UNACCEPTABLE;
    ensures urgent: Synchronized(\old(c->state)) && !Spent(\old(*c)) ==> c->urgent.receive_up ==
      (\result.verdict == SQ_SEGMENT_ACCEPTED ? UrgentSeen(\old(*c), h->flags, TextSeq(h->flags, h->seq), h->urgent) :
        \old(c->urgent.receive_up));
    ensures told: c->urgent.receive_up >= \old(c->urgent.receive_up) && c->report.urgent >= \old(c->report.urgent) &&
      (c->urgent.receive_up > \old(c->urgent.receive_up) ==> c->report.urgent == 1) &&
      c->report.excessive == \old(c->report.excessive) && c->report.soft == \old(c->report.soft) &&
      (c->urgent.send_up == \old(c->urgent.send_up) || c->urgent.send_up == 0);
    ensures bounded: Owed(c->owed) <= \old(Owed(c->owed)) + 1;
    ensures settings: c->settings == \old(c->settings);
    ensures ring: c->receive.head == \old(c->receive.head) && c->receive.capacity == \old(c->receive.capacity) &&
      c->send.capacity == \old(c->send.capacity);
    ensures unread: c->receive.used >= \old(c->receive.used) &&
      c->receive.received - \old(c->receive.received) == c->receive.used - \old(c->receive.used);
    ensures inside: \result.at + \result.len <= c->receive.capacity && \result.skip + \result.len <= info->len;
    ensures fresh: \result.len > 0 ==> \result.at >= \old(c->receive.used);
    ensures placed: \old(c->receive.rx) == SQ_RX_OPEN ==>
      Placed(\result, \old(c->receive), TextSeq(h->flags, h->seq), info->len);
    ensures opening: \old(c->receive.rx) != SQ_RX_OPEN && \result.len > 0 ==>
      \result.at == \old(c->receive.used) && \result.skip == 0;
    ensures accounted: Accounted(*c, \old(*c), \result);
    ensures nothing: \result.len == 0 || \old(c->receive.rx) == SQ_RX_OPEN || \old(c->state) == SQ_SYN_SENT;
    ensures empty: \result.len == 0 ==> \result.at == 0 && \result.skip == 0;
    ensures refused: Synchronized(\old(c->state)) && (h->flags & SQ_RST) == 0 &&
      !OldSyn(\old(*c), h->seq, h->ack, h->flags) && !Spent(\old(*c)) &&
      !Admitted(\old(c->receive.nxt), \old(c->receive.wnd), h->seq, SegmentLength(h->flags, info->len)) ==>
      Untouched(*c, \old(*c)) && NoNewReset(c->owed, \old(c->owed)) && \result.len == 0;
    ensures blind_rst: Synchronized(\old(c->state)) && (h->flags & SQ_RST) != 0 && h->seq != \old(c->receive.nxt) &&
      !Spent(\old(*c)) ==>
      Untouched(*c, \old(*c)) && c->times == \old(c->times) && NoNewReset(c->owed, \old(c->owed)) && \result.len == 0;
    ensures blind_syn: Synchronized(\old(c->state)) && (h->flags & SQ_SYN) != 0 && (h->flags & SQ_RST) == 0 &&
      !OldSyn(\old(*c), h->seq, h->ack, h->flags) && !(\old(c->state) == SQ_SYN_RECEIVED && \old(c->passive) == 1) &&
      !Spent(\old(*c)) ==>
      Untouched(*c, \old(*c)) && NoNewReset(c->owed, \old(c->owed)) && \result.len == 0;
    ensures blind_ack: Synchronized(\old(c->state)) && \old(c->state) != SQ_SYN_RECEIVED &&
      (h->flags & SQ_RST) == 0 && !Spent(\old(*c)) &&
      AckKind(\old(c->send.una), \old(c->send.flight), \old(c->send.max_wnd), h->ack) == SQ_ACK_INVALID ==>
      Untouched(*c, \old(*c)) && NoNewReset(c->owed, \old(c->owed)) && \result.len == 0;
    ensures edge: c->state != SQ_CLOSED && c->state != SQ_LISTEN && \old(c->receive.rx) != SQ_RX_NONE ==>
      SeqAdd(c->receive.nxt, c->receive.wnd) == \old(SeqAdd(c->receive.nxt, c->receive.wnd)); */
struct sq_taken sq_input_segment(struct sq_conn *c, const struct sq_header *h,
                                 const struct sq_segment_info *info);

#endif
