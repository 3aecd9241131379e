/* SPDX-License-Identifier: MIT */
/* The urgent pointer, as positions in the two streams: nothing has to move when they do. RFC 9293 3.8.5, RFC 6093 */
#ifndef SQ_URGENT_H
#define SQ_URGENT_H

#include "connection.h"

#include "../spec/urgent.acsl"

/* The urgent field of a segment whose text begins at `position` of our stream; 0: no urgent text ahead, the segment goes
   without URG. up: SND.UP as a position. RFC 9293 3.8.5 MUST-62 */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == UrgentField(up, position); */
uint32_t sq_urgent_field(uint64_t up, uint64_t position);

/* RCV.UP, as a position of the peer's stream, after a segment with URG: pointer is its field, received the position of
   RCV.NXT (nxt). RFC 9293 3.10.7.4 sixth */
/*@ requires small: received <= SQ_STREAM_MAX + SQ_WINDOW_MAX && pointer <= 65535;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == UrgentAfter(up, received, nxt, seq, pointer); */
uint64_t sq_urgent_after(uint64_t up, uint64_t received, uint32_t nxt, uint32_t seq,
                         uint32_t pointer);

/* How much unread text is urgent, as far as 32 bits tell: used bytes of the `received` are unread. It may not have arrived
   yet. RFC 9293 3.8.5 MUST-33 */
/*@ requires part: used <= SQ_WINDOW_MAX;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == (received < used ? 0 : UrgentAhead(up, received, used)); */
uint32_t sq_urgent_ahead(uint64_t up, uint64_t received, uint32_t used);

#endif
