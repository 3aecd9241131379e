/* SPDX-License-Identifier: MIT */
/* The two endpoints of the simulation: segments out as bytes and in again, timers, and what no endpoint may do. */
#include <inttypes.h>
#include <string.h>

#include "harness/sim_parts.h"

#define SEGMENT_MAX (SQ_HEADER_MAX + SQ_TEXT_MAX)
#define POLL_MAX 100000u /* segments from one poll: more can not be owed */

static const uint32_t address[2] = {0xC0000201u, 0xC0000202u}; /* 192.0.2.1 and .2, RFC 5737 */
static const uint32_t port[2] = {49152u, 80u};

/* After every call of the core. */
void sim_check(struct sim *s, uint32_t i, const char *call)
{
    struct sim_end *e = &s->end[i];

    if (sq_valid(&e->c) != 1u) {
        sim_fault(s, "end %u is not valid after %s", i, call);
    }
    sim_note(s, e->c.state * 16u + i);
    if (e->c.state != e->state) {
        e->last = e->state;
        e->state = e->c.state;
    }
    if (e->c.state >= SQ_ESTABLISHED) {
        e->stood = true;
    }
}

static const char *flags_text(uint32_t flags)
{
    static char text[16];
    const char *letters = "FSRPAUEC";
    uint32_t n = 0u;

    for (uint32_t b = 0u; b < 8u; b++) {
        if ((flags >> b) % 2u == 1u) {
            text[n++] = letters[b];
        }
    }
    text[n] = '\0';
    return text;
}

uint32_t sim_open(struct sim *s, uint32_t i, bool active)
{
    struct sim_end *e = &s->end[i];
    uint32_t result;

    e->listening = !active;
    if (active) {
        result = sq_open_active(&e->c, &e->settings, e->send_capacity, e->receive_capacity, e->iss);
    } else {
        result = sq_open_passive(&e->c, &e->settings, e->send_capacity, e->receive_capacity);
    }
    sim_check(s, i, "OPEN");
    sim_trace(s, i, "OPEN %s: %u", active ? "active" : "passive", result);
    return result;
}

/* What an endpoint may never put on the wire. */
static void watch(struct sim *s, uint32_t i, const struct sq_emit *e, uint32_t shift)
{
    struct sim_end *me = &s->end[i], *peer = &s->end[1u - i];
    uint32_t numbers = e->len + ((e->flags & SQ_FIN) != 0u ? 1u : 0u);
    uint32_t edge = e->ack + (e->window << ((e->flags & SQ_SYN) != 0u ? 0u : shift));

    if ((e->flags & SQ_RST) != 0u) {
        return;
    }
    if ((e->flags & SQ_ACK) != 0u) {
        /* The field is rounded down to the scale, and in a SYN it is never scaled: what is kept may be so much more than what
           is said. RFC 7323 2.2, 2.3, 2.4 */
        bool full = (e->flags & SQ_SYN) != 0u && e->window == 65535u;

        if (me->edge_known && !full && (int32_t)(edge - me->edge) <= -(1 << shift)) {
            sim_fault(s, "end %u moved its right edge back by %u", i, me->edge - edge);
        }
        if (!me->edge_known || (int32_t)(edge - me->edge) > 0) {
            me->edge = edge;
        }
        me->edge_known = true;
    }
    if (numbers > 0u && (e->flags & SQ_SYN) == 0u && peer->edge_known) {
        int32_t beyond = (int32_t)(e->seq + numbers - peer->edge);

        if (beyond > 1 || (beyond == 1 && numbers > 1u)) {
            sim_fault(s, "end %u sent %d numbers beyond the window", i, (int)beyond);
        }
    }
    if (e->len > peer->mss && peer->mss > 0u) {
        sim_fault(s, "end %u sent %u bytes for an MSS of %u", i, e->len, peer->mss);
    }
}

/* The text at this sequence number is what the user wrote there. */
static void watch_text(struct sim *s, uint32_t i, const struct sq_emit *e, const uint8_t *text)
{
    uint32_t una = s->end[i].c.send.una;
    uint64_t first = s->end[i].c.send.acked;

    first += e->seq - una; /* text never begins below SND.UNA */
    for (uint32_t k = 0u; k < e->len; k++) {
        if (text[k] != sim_byte(s, i, first + k)) {
            sim_fault(s, "end %u put a wrong byte %" PRIu64 " on the wire", i, first + k);
            return;
        }
    }
}

static void emit(struct sim *s, uint32_t i, uint32_t due, const struct sq_emit *e)
{
    static uint8_t bytes[SEGMENT_MAX];
    struct sim_end *me = &s->end[i];
    struct sq_header h = {0};
    bool chosen = s->lose != NULL && s->lose(s->context, s, i, e);
    uint32_t n;
    uint64_t sum;

    h.source_port = port[i];
    h.destination_port = port[1u - i];
    h.seq = e->seq;
    h.ack = (e->flags & SQ_ACK) != 0u ? e->ack : 0u;
    h.flags = e->flags;
    h.window = e->window;
    h.has_mss = e->mss != 0u;
    h.mss = e->mss;
    h.has_shift = (e->flags & SQ_SYN) != 0u && e->shift != SQ_NO_SHIFT;
    h.shift = h.has_shift != 0u ? e->shift : 0u;
    if (e->mss != 0u) {
        me->mss = e->mss;
    }
    n = sq_header_emit(bytes, &h);
    if (e->len > 0u) {
        memcpy(bytes + n, me->send_ring + e->text.at, e->text.len);
        if (e->text.len2 > 0u) {
            memcpy(bytes + n + e->text.len, me->send_ring + e->text.at2, e->text.len2);
        }
        watch_text(s, i, e, bytes + n);
    }
    watch(s, i, e, me->c.receive.shift);
    n += e->len;
    sum = sq_checksum_add(sq_checksum_pseudo4(address[i], address[1u - i], n), bytes, n);
    sq_store16(bytes, 16u, sq_checksum_finish(sum));
    me->segments++;
    me->resent += due == SQ_DUE_RESEND;
    me->probes += due == SQ_DUE_PROBE;
    me->resets += (e->flags & SQ_RST) != 0u;
    sim_note(s, ((uint64_t)e->seq << 32) + e->ack);
    sim_note(s, ((uint64_t)e->flags << 48) + ((uint64_t)e->window << 32) + e->len);
    sim_trace(s, i, "-> %-3s seq %u ack %u wnd %u len %u", flags_text(e->flags),
              e->seq - me->c.send.iss, e->ack - me->c.receive.irs, e->window, e->len);
    sim_carry(s, i, bytes, n, chosen);
}

void sim_poll(struct sim *s, uint32_t i)
{
    struct sim_end *me = &s->end[i];

    for (uint32_t n = 0u; s->fault[0] == '\0'; n++) {
        struct sq_emit e;
        uint32_t due = sq_output(&me->c, &e, me->limit, s->now + me->offset);

        sim_check(s, i, "sq_output");
        if (due == SQ_DUE_NONE) {
            struct sq_status now = sq_status(&me->c);

            if (now.unacknowledged + now.unsent > 0u && sq_deadline(&me->c) == SQ_NEVER) {
                sim_fault(s, "end %u has something to send and waits for ever", i);
            }
            return;
        }
        if (n == POLL_MAX) {
            sim_fault(s, "end %u does not stop sending", i);
        }
        emit(s, i, due, &e);
    }
}

/* A listener's block that fell back before the connection stood is freed; a fresh one takes its place. */
static void relisten(struct sim *s, uint32_t i, uint32_t was)
{
    struct sim_end *me = &s->end[i];

    if (me->listening && !me->stood && was == SQ_SYN_RECEIVED && me->c.state <= SQ_LISTEN) {
        sq_release(&me->c);
        me->iss += 64000u;
        me->edge_known = false;
        sim_open(s, i, false);
    }
}

static void refuse(struct sim *s, uint32_t i, const struct sq_header *h, uint32_t len)
{
    struct sq_reset r = sq_refusal(h->flags, h->seq, h->ack, len);
    struct sq_emit e = {.flags = r.flags, .seq = r.seq, .ack = r.ack};

    if (r.due == 1u) {
        emit(s, i, SQ_DUE_RST, &e);
    }
}

void sim_arrive(struct sim *s, const struct sim_packet *p)
{
    struct sim_end *me = &s->end[p->to];
    uint32_t was = me->c.state, verdict;
    uint64_t sum = sq_checksum_pseudo4(address[1u - p->to], address[p->to], p->len);
    struct sq_segment_info info = {.now = s->now + me->offset, .iss = me->iss};
    struct sq_header h;

    sim_note(s, p->to);
    if (sq_header_parse(p->bytes, p->len, &h) == 0u ||
        (!s->no_checksum && !sq_checksum_correct(sq_checksum_add(sum, p->bytes, p->len)))) {
        s->refused++;
        sim_trace(s, p->to, "<- wrong checksum");
        return;
    }
    info.len = p->len - h.length;
    if (me->released) {
        sim_trace(s, p->to, "<- refused");
        refuse(s, p->to, &h, info.len);
        return;
    }
    verdict = sq_input(&me->c, me->receive_ring, &h, p->bytes + h.length, &info);
    me->verdicts[verdict]++;
    sim_trace(s, p->to, "<- %-3s len %u %s", flags_text(h.flags), info.len, sim_verdict(verdict));
    sim_check(s, p->to, "sq_input");
    relisten(s, p->to, was);
}

void sim_expire(struct sim *s, uint32_t i)
{
    struct sim_end *me = &s->end[i];
    uint32_t was = me->c.state;

    sim_trace(s, i, "timer");
    sq_tick(&me->c, s->now + me->offset);
    sim_check(s, i, "sq_tick");
    if (sq_deadline(&me->c) <= s->now + me->offset) {
        sim_fault(s, "end %u: a deadline stays when it has fired", i);
    }
    relisten(s, i, was);
}
