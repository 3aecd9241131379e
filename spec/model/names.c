/* SPDX-License-Identifier: MIT */
#include "spec/model/names.h"

#include <string.h>

const char *const state_name[] = {"CLOSED",      "LISTEN",     "SYN_SENT",   "SYN_RECEIVED",
                                  "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT",
                                  "CLOSING",     "LAST_ACK",   "TIME_WAIT"};
const char *const reason_name[] = {"NONE",      "DONE",    "RESET",     "REFUSED",
                                   "TIMED_OUT", "ABORTED", "EXHAUSTED", "UNREACHABLE"};

uint8_t name_find(const char *const names[], uint32_t last, const char *name)
{
    for (uint32_t k = 0u; k <= last; k++) {
        if (strcmp(names[k], name) == 0) {
            return (uint8_t)k;
        }
    }
    return 255u;
}
