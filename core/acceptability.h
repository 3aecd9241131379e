/* SPDX-License-Identifier: MIT */
/* Verdicts on an arriving segment: pure functions of plain values. RFC 9293 3.4, 3.10.7.4; RFC 5961 */
#ifndef SQ_ACCEPTABILITY_H
#define SQ_ACCEPTABILITY_H

#include <stdint.h>

#include "header.h"
#include "sequence.h"

/* What became of a segment; `sq_input` returns it so that the caller can count by cause. */
enum sq_verdict {
    SQ_SEGMENT_ACCEPTED, /* looked at to the end */
    SQ_SEGMENT_IGNORED, /* the RFC's silence: RST outside the window, no ACK bit, nothing for this state */
    SQ_SEGMENT_UNACCEPTABLE, /* outside the window: an ACK is owed. RFC 9293 3.10.7.4 first */
    SQ_SEGMENT_CHALLENGED, /* RST or SYN in the window: a challenge ACK is owed. RFC 5961 3.2, 4.2 */
    SQ_SEGMENT_BAD_ACK,    /* acknowledges what was never sent, or too old. RFC 5961 5.2 */
    SQ_SEGMENT_REFUSED,    /* nothing here for it: a RST is owed. RFC 9293 3.5.2 */
    SQ_SEGMENT_RESET       /* a RST that counts. RFC 9293 3.5.3 */
};

enum sq_ack_kind { SQ_ACK_NEW, SQ_ACK_SAME, SQ_ACK_OLD, SQ_ACK_INVALID };

#include "../spec/acceptability.acsl"

/* The table of RFC 9293 3.10.7.4 for RCV.NXT, RCV.WND, SEG.SEQ and SEG.LEN (SYN and FIN counted). 1: acceptable. */
/*@ requires length: len <= 65537;
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures table: \result == 1 <==> Acceptable(nxt, wnd, seq, len); */
uint32_t sq_acceptable(uint32_t nxt, uint32_t wnd, uint32_t seq, uint32_t len);

/* The table and the two named cases beside it. 1: the segment is looked at. */
/*@ requires length: len <= 65537;
    terminates \true;
    assigns \nothing;
    ensures verdict: \result == 0 || \result == 1;
    ensures table: \result == 1 <==> Admitted(nxt, wnd, seq, len); */
uint32_t sq_admitted(uint32_t nxt, uint32_t wnd, uint32_t seq, uint32_t len);

/* What a segment is worth before its ACK is looked at; an enum sq_verdict. RFC 9293 3.10.7.4, RFC 5961 3.2, 4.2 */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == Judged(admitted, window, exact, flags); */
uint32_t sq_judge(uint32_t admitted, uint32_t window, uint32_t exact, uint32_t flags);

/* What SEG.ACK is worth; an enum sq_ack_kind. RFC 9293 3.10.7.4 fifth, RFC 5961 5.2 */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == AckKind(una, flight, max_wnd, ack); */
uint32_t sq_ack_kind(uint32_t una, uint32_t flight, uint32_t max_wnd, uint32_t ack);

/* How many of the len bytes at seq lie below RCV.NXT. RFC 9293 3.10.7.4 first */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == TextOld(nxt, seq, len);
    ensures part: \result <= len; */
uint32_t sq_text_old(uint32_t nxt, uint32_t seq, uint32_t len);

/* How far beyond RCV.NXT the first byte that is not old stands. */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == TextFirst(nxt, seq); */
uint32_t sq_text_first(uint32_t nxt, uint32_t seq);

/* How many bytes are left once both ends are trimmed to the window. */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == TextCount(nxt, wnd, seq, len); */
uint32_t sq_text_count(uint32_t nxt, uint32_t wnd, uint32_t seq, uint32_t len);

#endif
