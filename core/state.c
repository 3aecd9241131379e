/* SPDX-License-Identifier: MIT */
/* The state relation of RFC 9293 figure 5. */
#include "state.h"

/* One arrow out of a state, or none. */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == (event == on ? to : state); */
static uint32_t arrow(uint32_t state, uint32_t event, uint32_t on, uint32_t to)
{
    return event == on ? to : state;
}

/* Two arrows out of a state. */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == (event == on1 ? to1 : event == on2 ? to2 : state); */
static uint32_t arrows(uint32_t state, uint32_t event, uint32_t on1, uint32_t to1, uint32_t on2,
                       uint32_t to2)
{
    return event == on1 ? to1 : arrow(state, event, on2, to2);
}

uint32_t sq_state_next(uint32_t state, uint32_t event, uint32_t passive)
{
    if (event == SQ_EVENT_END) {
        return SQ_CLOSED;
    }
    if (event == SQ_EVENT_RST) {
        return state == SQ_LISTEN || (state == SQ_SYN_RECEIVED && passive == 1u) ? SQ_LISTEN
                                                                                 : SQ_CLOSED;
    }
    switch (state) {
    case SQ_CLOSED:
        return arrows(state, event, SQ_EVENT_OPEN_PASSIVE, SQ_LISTEN, SQ_EVENT_OPEN_ACTIVE,
                      SQ_SYN_SENT);
    case SQ_LISTEN:
        if (event == SQ_EVENT_CLOSE) {
            return SQ_CLOSED;
        }
        return arrows(state, event, SQ_EVENT_OPEN_ACTIVE, SQ_SYN_SENT, SQ_EVENT_SYN,
                      SQ_SYN_RECEIVED);
    case SQ_SYN_SENT:
        return arrows(state, event, SQ_EVENT_SYN, SQ_SYN_RECEIVED, SQ_EVENT_CLOSE, SQ_CLOSED);
    case SQ_SYN_RECEIVED:
        return arrow(state, event, SQ_EVENT_ACK_OF_SYN, SQ_ESTABLISHED);
    case SQ_ESTABLISHED:
        return arrows(state, event, SQ_EVENT_CLOSE, SQ_FIN_WAIT_1, SQ_EVENT_FIN, SQ_CLOSE_WAIT);
    case SQ_FIN_WAIT_1:
        return arrows(state, event, SQ_EVENT_FIN, SQ_CLOSING, SQ_EVENT_ACK_OF_FIN, SQ_FIN_WAIT_2);
    case SQ_FIN_WAIT_2:
        return arrow(state, event, SQ_EVENT_FIN, SQ_TIME_WAIT);
    case SQ_CLOSE_WAIT:
        return arrow(state, event, SQ_EVENT_FIN_SENT, SQ_LAST_ACK);
    case SQ_CLOSING:
        return arrow(state, event, SQ_EVENT_ACK_OF_FIN, SQ_TIME_WAIT);
    case SQ_LAST_ACK:
        return arrow(state, event, SQ_EVENT_ACK_OF_FIN, SQ_CLOSED);
    default: /* TIME_WAIT; the number is plain, so the switch has no enum to cover */
        return state;
    }
}
