/* SPDX-License-Identifier: MIT */
/* Prints every arrow of the proven state relation, one a line: from, to, event, and whether it needs a passive OPEN. */
#include <stdio.h>

#include "core/state.h"

static const char *const state_name[] = {"CLOSED",      "LISTEN",     "SYN_SENT",   "SYN_RECEIVED",
                                         "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT",
                                         "CLOSING",     "LAST_ACK",   "TIME_WAIT"};
static const char *const event_name[] = {"passive OPEN", "active OPEN",   "SYN", "ACK of SYN",
                                         "CLOSE",        "FIN sent",      "FIN", "ACK of FIN",
                                         "RST",          "ABORT or limit"};

int main(void)
{
    for (uint32_t s = SQ_CLOSED; s <= SQ_TIME_WAIT; s++) {
        for (uint32_t e = SQ_EVENT_OPEN_PASSIVE; e <= SQ_EVENT_END; e++) {
            uint32_t plain = sq_state_next(s, e, 0), passive = sq_state_next(s, e, 1);
            if (plain != s) {
                printf("%s\t%s\t%s\t%s\n", state_name[s], state_name[plain], event_name[e],
                       passive == plain ? "" : "active");
            }
            if (passive != s && passive != plain) {
                printf("%s\t%s\t%s\tpassive\n", state_name[s], state_name[passive], event_name[e]);
            }
        }
    }
    return 0;
}
