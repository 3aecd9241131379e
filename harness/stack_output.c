/* SPDX-License-Identifier: MIT */
/* Headers, checksums and text of what leaves. RFC 9293 3.1 */
#include "stack_parts.h"

#include <string.h>

#include "ipv4.h"
#include "remark.h"

static void send_segment(struct sq_stack *s, const struct sq_ends *ends, struct sq_ip_fields ip,
                         struct sq_header *h, const struct iovec text[2],
                         const struct sq_origin *origin, const char *remark)
{
    const struct sq_wire_head head = {ends->local, ends->remote, SQ_IPV4_TCP, 4u * ip.dscp, ip.ttl};

    uint8_t frame[SQ_WIRE_HEADROOM + SQ_HEADER_MAX];
    uint8_t *p = frame + SQ_WIRE_HEADROOM;
    uint32_t first = (uint32_t)text[0].iov_len, second = (uint32_t)text[1].iov_len;
    uint32_t size;
    uint64_t sum;
    enum sq_fate fate;

    h->source_port = ends->local_port;
    h->destination_port = ends->remote_port;
    h->checksum = 0u;
    size = sq_header_emit(p, h);
    sum = sq_checksum_pseudo4(ends->local, ends->remote, size + first + second);
    sum = sq_checksum_add(sum, p, size);
    sum = sq_checksum_add_at(sum, size, text[0].iov_base, first);
    sum = sq_checksum_add_at(sum, size + first, text[1].iov_base, second);
    sq_store16(p, 16u, sq_checksum_finish(sum));
    s->counters.tcp_out++;
    s->counters.bytes_out += first + second;
    s->prompts = s->prompts || first + second == 0u;
    if ((h->flags & SQ_RST) != 0u)
        s->counters.tcp_resets_out++;
    sq_journal_note(&s->journal, SQ_WAY_OUT, remark);
    fate = sq_wire_send(&s->wire, head, frame, size, text, s->now);
    if (fate != SQ_FATE_SENT && fate != SQ_FATE_LOST)
        sq_journal_stays(&s->journal, fate == SQ_FATE_KEPT);
    if (s->journal.trace != NULL) {
        const char *why = sq_remark_fate(fate);
        char both[96];

        snprintf(both, sizeof both, "%s%s%s", remark,
                 remark[0] != '\0' && why[0] != '\0' ? "; " : "", why);
        sq_trace_out(s->journal.trace, s->now - s->journal.zero, ends, h, first + second, origin,
                     both);
    }
}

void sq_stack_send(struct sq_stack *s, uint32_t i, const struct sq_conn *before, uint32_t due,
                   const struct sq_emit *m)
{
    struct sq_entry *e = &s->table.entry[i];
    struct sq_header h;
    struct iovec text[2] = {{e->send_ring, 0u}, {e->send_ring, 0u}};

    memset(&h, 0, sizeof h);
    h.seq = m->seq;
    h.ack = m->ack;
    h.flags = m->flags;
    h.window = m->window;
    h.urgent = m->urgent;
    h.has_mss = m->mss != 0u;
    h.mss = m->mss;
    if (m->shift != SQ_NO_SHIFT && (m->flags & SQ_SYN) != 0u) {
        h.has_shift = 1u;
        h.shift = m->shift;
    }
    if (m->len > 0u) {
        text[0].iov_base = e->send_ring + m->text.at;
        text[0].iov_len = m->text.len;
        text[1].iov_base = e->send_ring + m->text.at2;
        text[1].iov_len = m->text.len2;
    }
    s->counters.tcp_resent += due == SQ_DUE_RESEND;
    s->counters.tcp_probes += due == SQ_DUE_PROBE;
    sq_journal_note_state(&s->journal, SQ_WAY_OUT, i, e->conn.state);
    send_segment(s, &e->ends, e->ip, &h, text, sq_journal_origin(&s->journal, i, &e->conn),
                 sq_remark_out(before, due));
}

void sq_stack_refuse(struct sq_stack *s, const struct sq_ends *ends, const struct sq_reset *r)
{
    static uint8_t none;
    static const struct sq_origin unknown;
    const struct iovec text[2] = {{&none, 0u}, {&none, 0u}};
    struct sq_header h;

    memset(&h, 0, sizeof h);
    h.seq = r->seq;
    h.ack = r->ack;
    h.flags = r->flags;
    send_segment(s, ends, s->set.ip, &h, text, &unknown, "no connection");
}
