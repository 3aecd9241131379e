/* SPDX-License-Identifier: MIT */
/* Segments and states as lines of text. RFC 9293 3.1, 3.3.2 */
#include "trace.h"

#include <inttypes.h>

#include "core/connection.h"

const char *sq_trace_state_name(uint32_t state)
{
    static const char *const name[] = {"CLOSED",      "LISTEN",     "SYN-SENT",   "SYN-RECEIVED",
                                       "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT",
                                       "CLOSING",     "LAST-ACK",   "TIME-WAIT"};

    return state < sizeof name / sizeof name[0] ? name[state] : "?";
}

const char *sq_trace_reason_name(uint32_t reason)
{
    static const char *const name[] = {"",          "done",    "reset",    "refused",
                                       "timed-out", "aborted", "exhausted"};

    return reason < sizeof name / sizeof name[0] ? name[reason] : "?";
}

static void address(char *text, size_t size, uint32_t a, uint32_t port)
{
    snprintf(text, size, "%u.%u.%u.%u:%u", a >> 24, a >> 16 & 255u, a >> 8 & 255u, a & 255u, port);
}

static void head(FILE *out, uint64_t now, const struct sq_ends *ends)
{
    char local[32], remote[32];

    address(local, sizeof local, ends->local, ends->local_port);
    address(remote, sizeof remote, ends->remote, ends->remote_port);
    fprintf(out, "%" PRIu64 ".%06" PRIu64 " %s %s ", now / 1000000u, now % 1000000u, local, remote);
}

void sq_trace_segment(FILE *out, uint64_t now, const struct sq_ends *ends, const char *way,
                      const struct sq_header *h, uint32_t len)
{
    static const char *const name[] = {"FIN", "SYN", "RST", "PSH", "ACK",
                                       "URG", "ECE", "CWR", "AE"};
    static const uint32_t order[] = {1u, 0u, 2u, 3u, 5u, 6u, 7u, 8u, 4u};
    const char *comma = "";

    head(out, now, ends);
    fprintf(out, "%s ", way);
    for (uint32_t i = 0u; i < sizeof order / sizeof order[0]; i++) {
        if ((h->flags >> order[i] & 1u) != 0u) {
            fprintf(out, "%s%s", comma, name[order[i]]);
            comma = ",";
        }
    }
    fprintf(out, "%s seq=%u ack=%u win=%u len=%u", comma[0] == '\0' ? "-" : "", h->seq, h->ack,
            h->window, len);
    if (h->has_mss != 0u)
        fprintf(out, " mss=%u", h->mss);
    fputc('\n', out);
}

void sq_trace_state(FILE *out, uint64_t now, const struct sq_ends *ends, uint32_t before,
                    uint32_t after, uint32_t reason)
{
    head(out, now, ends);
    fprintf(out, "state %s -> %s", sq_trace_state_name(before), sq_trace_state_name(after));
    if (after == SQ_CLOSED && reason != SQ_REASON_NONE)
        fprintf(out, " %s", sq_trace_reason_name(reason));
    fputc('\n', out);
}
