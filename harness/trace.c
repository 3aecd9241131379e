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
    static const char *const name[] = {"",          "done",    "reset",     "refused",
                                       "timed-out", "aborted", "exhausted", "unreachable"};

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

static void flags(FILE *out, uint32_t f)
{
    static const char *const name[] = {"FIN", "SYN", "RST", "PSH", "ACK",
                                       "URG", "ECE", "CWR", "AE"};
    static const uint32_t order[] = {1u, 0u, 2u, 3u, 5u, 6u, 7u, 8u, 4u};
    const char *comma = "";

    for (uint32_t i = 0u; i < sizeof order / sizeof order[0]; i++) {
        if ((f >> order[i] & 1u) != 0u) {
            fprintf(out, "%s%s", comma, name[order[i]]);
            comma = ",";
        }
    }
    if (comma[0] == '\0')
        fputc('-', out);
}

/* Of the sender's numbers and the other side's, where each begins. */
struct sides {
    bool seq_known;
    uint32_t seq, ack;
};

static void options(FILE *out, const struct sq_header *h, const struct sides *x)
{
    if (h->has_mss != 0u)
        fprintf(out, " mss=%u", h->mss);
    if (h->has_shift != 0u)
        fprintf(out, " wscale=%u", h->shift);
    if (h->sack_permitted != 0u)
        fputs(" sackok", out);
    if (h->has_timestamp != 0u)
        fprintf(out, " ts=%u/%u", h->ts_value, h->ts_echo);
    for (uint32_t i = 0u; i < h->sack_count; i++)
        fprintf(out, " sack=%u-%u", h->sack_left[i] - x->ack, h->sack_right[i] - x->ack);
}

static void segment(FILE *out, const char *way, const struct sq_header *h, uint32_t len,
                    const struct sides *x, const char *remark)
{
    fprintf(out, "%s ", way);
    flags(out, h->flags);
    fprintf(out, " seq=%u ack=%u win=%u len=%u", h->seq - x->seq,
            (h->flags & SQ_ACK) != 0u ? h->ack - x->ack : h->ack, h->window, len);
    if ((h->flags & SQ_SYN) != 0u && x->seq_known)
        fprintf(out, " isn=%u", h->seq);
    options(out, h, x);
    if (remark[0] != '\0')
        fprintf(out, " (%s)", remark);
    fputc('\n', out);
}

void sq_trace_in(FILE *out, uint64_t now, const struct sq_ends *ends, const struct sq_header *h,
                 uint32_t len, const struct sq_origin *o, const char *remark)
{
    const struct sides x = {o->theirs_known, o->theirs_known ? o->irs : 0u,
                            o->ours_known ? o->iss : 0u};

    head(out, now, ends);
    segment(out, "in", h, len, &x, remark);
}

void sq_trace_out(FILE *out, uint64_t now, const struct sq_ends *ends, const struct sq_header *h,
                  uint32_t len, const struct sq_origin *o, const char *remark)
{
    const struct sides x = {o->ours_known, o->ours_known ? o->iss : 0u,
                            o->theirs_known ? o->irs : 0u};

    head(out, now, ends);
    segment(out, "out", h, len, &x, remark);
}

void sq_trace_timer(FILE *out, uint64_t now, const struct sq_ends *ends, const char *name,
                    const char *remark)
{
    head(out, now, ends);
    fprintf(out, "timer %s: %s\n", name, remark);
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
