/* SPDX-License-Identifier: MIT */
/* Remarks on segments and timers. RFC 9293 3.10.7.4, 3.8; RFC 5681 2; RFC 6298 5 */
#include "remark.h"

#include <inttypes.h>

/* What text there was, seen from RCV.NXT. */
static const char *text_in(const struct sq_conn *c, const struct sq_header *h, uint32_t len)
{
    uint32_t seq = (h->flags & SQ_SYN) != 0u ? sq_seq_add(h->seq, 1u) : h->seq;
    uint32_t ahead = sq_seq_dist(c->receive.nxt, seq);

    if (c->state < SQ_ESTABLISHED || ahead == 0u)
        return "";
    if (ahead < 0x80000000u)
        return "out of order, kept";
    return sq_seq_dist(seq, c->receive.nxt) >= len ? "sent again, here already"
                                                   : "partly here already";
}

/* RFC 5681 2 */
static bool duplicate_ack(const struct sq_conn *c, const struct sq_header *h, uint32_t len)
{
    return c->state >= SQ_ESTABLISHED && len == 0u && c->send.flight > 0u &&
           (h->flags & (SQ_SYN | SQ_FIN)) == 0u && h->ack == c->send.una &&
           (uint64_t)h->window << c->send.shift == c->send.wnd;
}

const char *sq_remark_in(const struct sq_conn *before, const struct sq_header *h, uint32_t len,
                         uint32_t verdict)
{
    switch ((enum sq_verdict)verdict) {
    case SQ_SEGMENT_ACCEPTED:
        return len > 0u                        ? text_in(before, h, len)
               : duplicate_ack(before, h, len) ? "duplicate ACK"
                                               : "";
    case SQ_SEGMENT_IGNORED:
        return "ignored";
    case SQ_SEGMENT_UNACCEPTABLE:
        return "not acceptable: beside the window";
    case SQ_SEGMENT_CHALLENGED:
        return "challenged";
    case SQ_SEGMENT_BAD_ACK:
        return "acknowledges what was not sent";
    case SQ_SEGMENT_REFUSED:
        return "refused";
    case SQ_SEGMENT_RESET:
        return "resets the connection";
    }
    return "";
}

const char *sq_remark_out(const struct sq_conn *before, uint32_t due)
{
    switch ((enum sq_due)due) {
    case SQ_DUE_RESEND:
        return "sent again";
    case SQ_DUE_PROBE:
        return "zero window probe";
    case SQ_DUE_KEEPALIVE:
        return "keepalive probe";
    case SQ_DUE_SYN:
        return before->times.rexmit != SQ_NEVER && before->send.tx == SQ_TX_SYN_SENT ? "sent again"
                                                                                     : "";
    case SQ_DUE_NONE:
    case SQ_DUE_RST:
    case SQ_DUE_DATA:
    case SQ_DUE_FIN:
    case SQ_DUE_ACK:
        break;
    }
    return "";
}

const char *sq_remark_fate(enum sq_fate fate)
{
    switch (fate) {
    case SQ_FATE_KEPT:
        return "waits for ARP";
    case SQ_FATE_LOST:
        return "lost on purpose";
    case SQ_FATE_UNSENT:
        return "not sent: the device or the neighbour";
    case SQ_FATE_DONE:
    case SQ_FATE_SEGMENT:
    case SQ_FATE_REPORT:
    case SQ_FATE_SENT:
        break;
    }
    return "";
}

void sq_remark_timers(struct sq_journal *j, const struct sq_ends *ends, uint64_t now,
                      const struct sq_conn *before, const struct sq_conn *after)
{
    uint64_t at = now - j->zero;
    char text[96];

    if (j->trace == NULL)
        return;
    if (before->times.rexmit <= now && after->state != SQ_CLOSED) {
        snprintf(text, sizeof text, "nothing acknowledged for %u ms; RTO is %u ms now",
                 before->rtt.rto / 1000u, after->rtt.rto / 1000u);
        sq_trace_timer(j->trace, at, ends, "retransmission", text);
    }
    if (before->times.persist <= now && after->state != SQ_CLOSED)
        sq_trace_timer(j->trace, at, ends, "persist", "the peer's window is shut, it is probed");
    if (before->times.user <= now)
        sq_trace_timer(j->trace, at, ends, "user", "given up, nothing acknowledged for R2");
    if (before->times.time_wait <= now)
        sq_trace_timer(j->trace, at, ends, "2MSL", "TIME-WAIT is over");
}
