/* SPDX-License-Identifier: MIT */
/* The endpoint under test: sockets over connections of the core, and the wire in front of them. Segments are really emitted
   as bytes with their checksum and really parsed again, both ways. */
#include "tests/script/script.h"

#include <stdarg.h>
#include <string.h>

enum { PORT_OURS = 80, PORT_PEERS = 40000, POLLS_MAX = 1000 };

static const uint32_t address_ours = 0xc0a80001u, address_peers = 0xc000020au;

/* The first thing that may not happen is kept. */
void script_fault(struct script_endpoint *e, const char *format, ...)
{
    va_list args;

    if (e->error[0] == '\0') {
        va_start(args, format);
        vsnprintf(e->error, sizeof e->error, format, args);
        va_end(args);
    }
}

void script_endpoint_valid(struct script_endpoint *e, const char *call)
{
    if (e->current != NULL && sq_valid(&e->current->c) != 1u) {
        script_fault(e, "the control block is not valid after %s", call);
    }
}

uint64_t script_endpoint_clock(const struct script_endpoint *e)
{
    return e->numbers->start + e->now;
}

void script_endpoint_begin(struct script_endpoint *e, const struct script *s,
                           const struct script_numbers *numbers)
{
    memset(e, 0, sizeof *e);
    e->numbers = numbers;
    e->settings = s->settings;
    e->send_ring = s->send_ring;
    e->receive_ring = s->receive_ring;
    e->next_fd = 3;
}

void script_endpoint_end(struct script_endpoint *e)
{
    for (uint32_t i = 0u; i < SCRIPT_SOCKETS; i++) {
        script_socket_free(&e->socket[i]);
    }
}

/* ---- who a segment is for ---- */

/* Whoever a segment arriving now is for: a connection that is over gives way to the listener's next. */
static void choose(struct script_endpoint *e)
{
    if (e->current != NULL && e->current->c.state != SQ_CLOSED) {
        return;
    }
    for (uint32_t i = 0u; i < SCRIPT_SOCKETS; i++) {
        if (e->socket[i].use == SCRIPT_LISTENER) {
            if (e->current != NULL && e->current->fd == -1) {
                script_socket_free(e->current); /* over before anybody accepted it */
            }
            script_listener_wait(e, &e->socket[i]);
            return;
        }
    }
}

/* The edges of SACK blocks move by so much. */
static void sack_move(uint8_t *options, uint32_t n, uint32_t by)
{
    for (uint32_t i = 0u; i + 1u < n; i += options[i] <= 1u ? 1u : options[i + 1u]) {
        if (options[i] > 1u && (options[i + 1u] < 2u || options[i + 1u] > n - i)) {
            return;
        }
        for (uint32_t k = 2u; options[i] == 5u && k + 4u <= options[i + 1u]; k += 4u) {
            sq_store32(options + i, k, sq_load32(options + i, k) + by);
        }
    }
}

/* ---- out ---- */

/* The bytes of a segment as a script speaks of it. */
static void record(struct script_endpoint *e, const uint8_t *bytes, uint32_t n)
{
    struct script_segment *s;
    struct sq_header h;
    uint32_t sum = sq_checksum_finish(
        sq_checksum_add(sq_checksum_pseudo4(address_ours, address_peers, n), bytes, n));

    if (sum != 0u || sq_header_parse(bytes, n, &h) != 1u || h.malformed != 0u) {
        script_fault(e, "sent a segment whose header or checksum is wrong");
        return;
    }
    if (e->sent == SCRIPT_SENT) {
        script_fault(e, "more than %u segments were sent and not expected", SCRIPT_SENT);
        return;
    }
    e->out[e->sent].at = e->now;
    s = &e->out[e->sent++].segment;
    memset(s, 0, sizeof *s);
    s->flags = h.flags;
    s->has_ack = (h.flags & SQ_ACK) != 0u;
    /* A RST that acknowledges answers a segment without ACK: its own number is 0, relative to nothing. RFC 9293 3.5.2 */
    s->seq = (h.flags & SQ_RST) != 0u && s->has_ack ? h.seq : h.seq - e->numbers->iss;
    s->ack = s->has_ack ? h.ack - e->numbers->irs : 0u;
    s->len = n - h.length;
    s->has_win = true;
    s->win = h.window;
    s->has_urg = (h.flags & SQ_URG) != 0u;
    s->urg = h.urgent;
    s->options_len = h.length - SQ_HEADER_MIN;
    memcpy(s->options, bytes + SQ_HEADER_MIN, s->options_len);
    sack_move(s->options, s->options_len, 0u - e->numbers->irs);
    for (uint32_t i = 0u; i < s->len; i++) {
        if (bytes[h.length + i] != script_byte(0u, s->seq + i)) {
            script_fault(e, "sent a wrong byte at %u", s->seq + i);
            return;
        }
    }
}

static void send_header(struct script_endpoint *e, struct sq_header *h, const struct sq_emit *m)
{
    static uint8_t bytes[SQ_HEADER_MAX + SQ_TEXT_MAX];
    uint32_t n;

    h->source_port = PORT_OURS;
    h->destination_port = PORT_PEERS;
    n = sq_header_emit(bytes, h);
    if (m != NULL && m->len > 0u) {
        const uint8_t *ring = e->current->send_memory;

        memcpy(bytes + n, ring + m->text.at, m->text.len);
        if (m->text.len2 > 0u) {
            memcpy(bytes + n + m->text.len, ring + m->text.at2, m->text.len2);
        }
        n += m->len;
    }
    sq_store16(bytes, 16u,
               sq_checksum_finish(
                   sq_checksum_add(sq_checksum_pseudo4(address_ours, address_peers, n), bytes, n)));
    record(e, bytes, n);
}

void script_endpoint_poll(struct script_endpoint *e)
{
    for (uint32_t polls = 0u; e->current != NULL && e->error[0] == '\0'; polls++) {
        struct sq_emit m;
        struct sq_header h = {0};
        uint32_t due =
            sq_output(&e->current->c, &m, SQ_TEXT_MAX - SQ_HEADER_MAX, script_endpoint_clock(e));

        script_endpoint_valid(e, "sq_output");
        if (due == SQ_DUE_NONE) {
            return;
        }
        if (polls == POLLS_MAX) {
            script_fault(e, "sq_output is never done");
            return;
        }
        h.seq = m.seq;
        h.ack = (m.flags & SQ_ACK) != 0u ? m.ack : 0u;
        h.flags = m.flags;
        h.window = m.window;
        h.urgent = m.urgent;
        h.has_mss = m.mss != 0u;
        h.mss = m.mss;
        h.has_shift = (m.flags & SQ_SYN) != 0u && m.shift != SQ_NO_SHIFT;
        h.shift = h.has_shift != 0u ? m.shift : 0u;
        send_header(e, &h, &m);
    }
}

/* ---- in ---- */

/* The bytes a script's segment stands for; returns how many. */
static uint32_t bytes_of(const struct script_endpoint *e, const struct script_segment *s,
                         uint8_t *bytes)
{
    struct sq_header h = {0};
    uint32_t n, text = s->seq + ((s->flags & SQ_SYN) != 0u);

    h.source_port = PORT_PEERS;
    h.destination_port = PORT_OURS;
    h.seq = e->numbers->irs + s->seq;
    h.ack = s->has_ack ? e->numbers->iss + s->ack : 0u;
    h.flags = s->flags;
    h.window = s->win;
    h.urgent = s->urg;
    n = sq_header_emit(bytes, &h);
    memcpy(bytes + n, s->options, s->options_len);
    sack_move(bytes + n, s->options_len, e->numbers->iss);
    n += s->options_len;
    bytes[12] = (uint8_t)(n / 4u * 16u + bytes[12] % 16u);
    for (uint32_t i = 0u; i < s->len; i++) {
        bytes[n + i] = script_byte(1u, text + i);
    }
    return n + s->len;
}

/* What answers a segment when there is no connection at all. RFC 9293 3.10.7.1 */
static void refuse(struct script_endpoint *e, const struct sq_header *in, uint32_t len)
{
    struct sq_reset r = sq_refusal(in->flags, in->seq, in->ack, len);
    struct sq_header h = {0};

    e->verdict = r.due == 1u ? SQ_SEGMENT_REFUSED : SQ_SEGMENT_IGNORED;
    if (r.due == 1u) {
        h.flags = r.flags;
        h.seq = r.seq;
        h.ack = r.ack;
        send_header(e, &h, NULL);
    }
}

void script_endpoint_input(struct script_endpoint *e, const struct script_segment *s)
{
    static uint8_t bytes[SQ_HEADER_MAX + SQ_TEXT_MAX];
    struct sq_segment_info info = {.now = script_endpoint_clock(e), .iss = e->numbers->iss};
    uint32_t n = bytes_of(e, s, bytes);
    struct sq_header h;

    if (sq_header_parse(bytes, n, &h) != 1u) {
        script_fault(e, "the header cannot be parsed");
        return;
    }
    info.len = n - h.length;
    choose(e);
    if (e->current == NULL) {
        refuse(e, &h, info.len);
        return;
    }
    e->verdict = sq_input(&e->current->c, e->current->receive_memory, &h, bytes + h.length, &info);
    script_endpoint_valid(e, "sq_input");
    if (e->current->c.receive.rx != SQ_RX_NONE) {
        e->current->peers = e->current->c.receive.irs - e->numbers->irs;
    }
    script_endpoint_poll(e);
}

/* ---- time ---- */

uint64_t script_endpoint_deadline(const struct script_endpoint *e)
{
    uint64_t at = e->current == NULL ? SQ_NEVER : sq_deadline(&e->current->c);

    if (at == SQ_NEVER) {
        return SQ_NEVER;
    }
    at = at > e->numbers->start ? at - e->numbers->start : 0u;
    return at > e->now ? at : e->now;
}

void script_endpoint_tick(struct script_endpoint *e, uint64_t at)
{
    e->now = at;
    sq_tick(&e->current->c, script_endpoint_clock(e));
    script_endpoint_valid(e, "sq_tick");
    if (sq_deadline(&e->current->c) <= script_endpoint_clock(e)) {
        script_fault(e, "a deadline stays when it has fired");
    }
    script_endpoint_poll(e);
}
