/* SPDX-License-Identifier: MIT */
/* A frame arrived: whose segment it is, and what the core made of it. RFC 9293 3.10.7 */
#include "stack_parts.h"

#include "remark.h"

#define FIXED_HEADERS 40u /* bytes of an IPv4 and a TCP header without options */

static void count_verdict(struct sq_counters *c, uint32_t verdict)
{
    switch ((enum sq_verdict)verdict) {
    case SQ_SEGMENT_ACCEPTED:
        c->tcp_accepted++;
        break;
    case SQ_SEGMENT_IGNORED:
        c->tcp_ignored++;
        break;
    case SQ_SEGMENT_UNACCEPTABLE:
        c->tcp_unacceptable++;
        break;
    case SQ_SEGMENT_CHALLENGED:
        c->tcp_challenged++;
        break;
    case SQ_SEGMENT_BAD_ACK:
        c->tcp_bad_ack++;
        break;
    case SQ_SEGMENT_REFUSED:
        c->tcp_refused++;
        break;
    case SQ_SEGMENT_RESET:
        c->tcp_reset_in++;
        break;
    }
}

/* A segment for block i. beyond: the connection in TIME-WAIT whose place the new one takes, or NULL. */
static void deliver(struct sq_stack *s, uint32_t i, const struct sq_header *h, const uint8_t *text,
                    uint32_t len, const struct sq_conn *beyond)
{
    struct sq_entry *e = &s->table.entry[i];
    struct sq_segment_info info = {.now = s->now, .len = len};
    uint32_t before = e->conn.state, verdict;

    if (before == SQ_LISTEN) /* elsewhere the core does not look at it */
        info.iss = beyond != NULL ? sq_iss_beyond(beyond, sq_stack_isn(s, &e->ends))
                                  : sq_stack_isn(s, &e->ends);
    if (sq_journal_wanted(&s->journal)) {
        s->seen = e->conn;
        (void)sq_journal_origin(&s->journal, i, &e->conn);
    }
    s->counters.bytes_in += len;
    sq_table_rings(&s->table, i); /* the segment may end the handshake and carry text */
    verdict = sq_input(&e->conn, e->receive_ring, h, text, &info);
    count_verdict(&s->counters, verdict);
    sq_stack_verify(s, i, "sq_input");
    if (sq_journal_wanted(&s->journal)) {
        const char *remark = sq_remark_in(&s->seen, h, len, verdict);
        const struct sq_origin *o = sq_journal_origin(&s->journal, i, &e->conn);

        sq_journal_note_state(&s->journal, SQ_WAY_IN, i, e->conn.state);
        sq_journal_note(&s->journal, SQ_WAY_IN, remark);
        if (s->journal.trace != NULL)
            sq_trace_in(s->journal.trace, s->now - s->journal.zero, &e->ends, h, len, o, remark);
    }
    sq_stack_happened(s, i, before);
    if (e->stage == SQ_STAGE_HALF_OPEN)
        sq_table_no_rings(&s->table, i);
    /* Back in LISTEN or gone at once: another segment of this batch finds a fresh block. */
    if (e->stage == SQ_STAGE_HALF_OPEN &&
        (e->conn.state == SQ_LISTEN || e->conn.state == SQ_CLOSED))
        sq_stack_round(s, i);
}

/* For the trace: a segment that no connection is told of. */
static void pass_by(struct sq_stack *s, const struct sq_ends *ends, const struct sq_header *h,
                    uint32_t len, const char *remark)
{
    static const struct sq_origin unknown;
    uint32_t i = sq_table_find(&s->table, ends);

    if (s->journal.trace != NULL)
        sq_trace_in(s->journal.trace, s->now - s->journal.zero, ends, h, len,
                    i == SQ_NOBODY ? &unknown
                                   : sq_journal_origin(&s->journal, i, &s->table.entry[i].conn),
                    remark);
}

static void lost_on_purpose(struct sq_stack *s, const struct sq_wire_segment *g)
{
    struct sq_header h;

    if (g->length == 0u || sq_header_parse(g->bytes, g->length, &h) == 0u)
        return;
    pass_by(s, &(struct sq_ends){g->destination, g->source, h.destination_port, h.source_port}, &h,
            g->length - h.length, sq_remark_fate(SQ_FATE_LOST));
}

/* A SYN for a connection in TIME-WAIT that the program is done with, to a port that is listened on: a new one begins.
   RFC 9293 3.6.1 MAY-2, RFC 6191 2 */
static bool reopens(const struct sq_stack *s, uint32_t i, const struct sq_header *h)
{
    const struct sq_entry *e = &s->table.entry[i];

    if ((h->flags & (SQ_SYN | SQ_ACK | SQ_RST)) != SQ_SYN || e->stage != SQ_STAGE_ORPHAN)
        return false;
    for (uint32_t l = 0u; l < SQ_LISTENERS; l++) {
        if (s->listen[l].port == e->ends.local_port)
            return sq_reusable(&e->conn, h->seq) == 1u;
    }
    return false;
}

/* A header that can be read, a right checksum, and ports that an answer could reach; what is not is counted. */
static bool sound(struct sq_stack *s, const struct sq_wire_segment *g, struct sq_header *h)
{
    s->counters.tcp_in++;
    if (sq_header_parse(g->bytes, g->length, h) == 0u) {
        s->counters.tcp_short++;
        return false;
    }
    if (!sq_checksum_correct(sq_checksum_add(
            sq_checksum_pseudo4(g->source, g->destination, g->length), g->bytes, g->length))) {
        s->counters.tcp_checksum++;
        return false;
    }
    if (h->source_port == 0u || h->destination_port == 0u) { /* RFC 6335 6 */
        s->counters.tcp_port_zero++;
        return false;
    }
    s->counters.tcp_malformed_options += h->malformed;
    return true;
}

/* A TCP segment for us. */
static void segment(struct sq_stack *s, const struct sq_wire_segment *g)
{
    struct sq_header h;
    struct sq_ends ends;
    struct sq_arrival to;
    struct sq_conn old;
    bool reused = false;
    uint32_t i, len, *guess;

    if (!sound(s, g, &h))
        return;
    ends = (struct sq_ends){g->destination, g->source, h.destination_port, h.source_port};
    len = g->length - h.length;
    s->turn = s->turn || (h.flags & (SQ_SYN | SQ_FIN | SQ_PSH)) != 0u;
    guess = &s->guess[h.source_port % SQ_GUESSES];
    if (sq_index_named(s->table.index, *guess, ends) == 1u && !reopens(s, *guess, &h)) {
        deliver(s, *guess, &h, g->bytes + h.length, len, NULL);
        return;
    }
    to = sq_arrival(s->table.index, s->listen, SQ_LISTENERS, ends, h.flags, h.seq, h.ack, len);
    if (to.kind == SQ_ARRIVAL_CONNECTION && reopens(s, to.entry, &h)) {
        reused = true;
        old = s->table.entry[to.entry].conn;
        s->counters.time_wait_reused++;
        sq_stack_release(s, to.entry);
        to = sq_arrival(s->table.index, s->listen, SQ_LISTENERS, ends, h.flags, h.seq, h.ack, len);
    }
    i = to.entry;
    switch ((enum sq_arrival_kind)to.kind) {
    case SQ_ARRIVAL_CONNECTION:
        break;
    case SQ_ARRIVAL_OPENS:
    case SQ_ARRIVAL_FULL:
        i = sq_stack_listen_block(s, to.listener, &ends, to.kind == SQ_ARRIVAL_FULL);
        if (i == SQ_NOBODY) {
            pass_by(s, &ends, &h, len, "dropped: no room for a connection");
            return;
        }
        break;
    case SQ_ARRIVAL_ANSWERED:
    case SQ_ARRIVAL_DROPPED:
        s->counters.tcp_no_connection++;
        pass_by(s, &ends, &h, len, "no connection");
        if (to.reset.due == 1u)
            sq_stack_refuse(s, &ends, &to.reset);
        return;
    }
    *guess = i;
    deliver(s, i, &h, g->bytes + h.length, len, reused ? &old : NULL);
}

/* The next smaller size that links have, for a router that names none. RFC 1191 7.1 */
static uint32_t plateau(uint32_t total)
{
    static const uint32_t size[] = {32000u, 17914u, 8166u, 4352u, 2002u,
                                    1492u,  1006u,  508u,  296u,  68u};

    for (uint32_t i = 0u; i < sizeof size / sizeof size[0]; i++) {
        if (size[i] < total)
            return size[i];
    }
    return 68u;
}

/* An ICMP error: the connection decides whether it believes it. RFC 9293 3.9.2.2, RFC 5927 */
static void report(struct sq_stack *s, const struct sq_wire_report *r)
{
    const struct sq_icmp_quote *q = &r->quote;
    uint32_t i = sq_table_find(&s->table, &(struct sq_ends){q->source, q->destination,
                                                            q->source_port, q->destination_port});
    uint32_t before, mtu = r->mtu != 0u ? r->mtu : plateau(r->total);
    struct sq_entry *e;

    if (i == SQ_NOBODY)
        return;
    e = &s->table.entry[i];
    before = e->conn.state;
    if (r->error == SQ_ICMP_UNREACHABLE * 256u + SQ_ICMP_FRAGMENTATION_NEEDED) {
        if (sq_too_big(&e->conn, q->sequence, mtu > FIXED_HEADERS ? mtu - FIXED_HEADERS : 0u) == 1u)
            s->counters.path_mtu_lowered++;
    } else {
        uint32_t hard = r->error == SQ_ICMP_UNREACHABLE * 256u + SQ_ICMP_PROTOCOL_UNREACHABLE ||
                        r->error == SQ_ICMP_UNREACHABLE * 256u + SQ_ICMP_PORT_UNREACHABLE;

        s->counters.icmp_errors_believed +=
            sq_unreachable(&e->conn, q->sequence, r->error, hard) == 1u;
    }
    sq_stack_verify(s, i, "an ICMP error");
    sq_stack_happened(s, i, before);
}

void sq_stack_frame(struct sq_stack *s, const uint8_t *frame, uint32_t n, uint64_t now)
{
    struct sq_wire_segment g;
    enum sq_fate fate;

    s->now = now;
    sq_journal_arrives(&s->journal);
    fate = sq_wire_frame(&s->wire, frame, n, now, &g);
    if (fate == SQ_FATE_SEGMENT)
        segment(s, &g);
    else if (fate == SQ_FATE_REPORT)
        report(s, &g.report);
    else if (fate == SQ_FATE_LOST)
        lost_on_purpose(s, &g);
    sq_journal_arrived(&s->journal, frame, n, now);
}
