/* SPDX-License-Identifier: MIT */
/* Everything that moves the state machine. RFC 9293 3.3.2 figure 5, 3.10 */
#ifndef SQ_STATE_H
#define SQ_STATE_H

#include "connection.h"

/* What moves the state; everything else leaves it. */
enum sq_event {
    SQ_EVENT_OPEN_PASSIVE,
    SQ_EVENT_OPEN_ACTIVE,
    SQ_EVENT_SYN,        /* the peer's SYN */
    SQ_EVENT_ACK_OF_SYN, /* our SYN was acknowledged */
    SQ_EVENT_CLOSE,      /* the user's CLOSE takes effect */
    SQ_EVENT_FIN_SENT,
    SQ_EVENT_FIN, /* the peer's FIN, in order */
    SQ_EVENT_ACK_OF_FIN,
    SQ_EVENT_RST, /* a RST that counts, or a SYN that sends SYN-RECEIVED back */
    SQ_EVENT_END  /* ABORT, a limit or 2 MSL passed */
};

#include "../spec/state.acsl"

/* The state after an event. passive: 1 if the connection began in LISTEN. Total and deterministic (T3). */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == NextState(state, event, passive); */
uint32_t sq_state_next(uint32_t state, uint32_t event, uint32_t passive);

#endif
