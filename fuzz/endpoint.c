/* SPDX-License-Identifier: MIT */
#include "endpoint.h"
#include "twin.h"

void end_begin(struct fuzz_end *e, uint32_t send_capacity, uint32_t receive_capacity, uint32_t iss)
{
    FUZZ_CHECK("end_begin.rings", send_capacity <= FUZZ_RING && receive_capacity <= FUZZ_RING);
    memset(e, 0, sizeof *e);
    e->send_capacity = send_capacity;
    e->receive_capacity = receive_capacity;
    e->next_iss = iss;
    e->mine = 2u;
    e->theirs = 1u;
    sq_settings_default(&e->settings);
    door_init(&e->c);
}

/* Nothing of this connection has been sent yet. */
static void fresh(struct fuzz_end *e)
{
    e->wrote = 0u;
    e->edge_known = false;
    e->offered = 1; /* the SYN needs no offer */
    e->mss = 0u;
}

/* After every call: a connection that is gone has forgotten what was written. */
static void follow(struct fuzz_end *e, uint32_t was)
{
    if (e->c.state <= SQ_LISTEN && was > SQ_LISTEN) {
        fresh(e);
    }
}

uint32_t end_open(struct fuzz_end *e, bool active)
{
    uint32_t result =
        active ? door_open_active(&e->c, &e->settings, e->send_capacity, e->receive_capacity,
                                  e->next_iss)
               : door_open_passive(&e->c, &e->settings, e->send_capacity, e->receive_capacity);

    if (result == SQ_OK) {
        fresh(e);
        e->delivered = 0u;
        e->iss = e->next_iss;
        e->next_iss += 64007u;
    }
    return result;
}

void end_release(struct fuzz_end *e)
{
    door_release(&e->c);
    fresh(e);
    e->delivered = 0u;
}

/* ---- in ---- */

static void note_offer(struct fuzz_end *e, const struct sq_header *h)
{
    uint32_t flags = h->flags, shift = (flags & SQ_SYN) != 0u ? 0u : e->c.send.shift,
             ack = (flags & SQ_ACK) != 0u ? h->ack - e->iss : 0u,
             nxt = e->c.send.una + e->c.send.flight - e->iss;
    int64_t edge = (int64_t)ack + ((int64_t)h->window << shift);

    if ((flags & SQ_RST) == 0u && (flags & (SQ_ACK | SQ_SYN)) != 0u && ack <= nxt &&
        edge > e->offered) {
        e->offered = edge;
    }
}

static void note_syn(struct fuzz_end *e, const struct sq_header *h, uint32_t was, uint32_t iss)
{
    if (was == SQ_LISTEN) {
        e->iss = iss;
        e->offered = h->window > 1u ? h->window : 1;
    }
    e->irs = h->seq;
    e->mss = h->has_mss == 0u ? SQ_MSS_DEFAULT : h->mss < SQ_MSS_MIN ? SQ_MSS_MIN : h->mss;
    FUZZ_CHECK("mirror.irs", e->c.receive.irs == h->seq);
}

FUZZ_ORACLE uint32_t end_input(struct fuzz_end *e, const struct sq_header *h, uint32_t len,
                               const uint8_t *text, uint64_t now)
{
    static uint8_t made[FUZZ_RING];
    struct sq_segment_info info = {.now = now, .len = len, .iss = e->next_iss};
    uint32_t was = e->c.state, rx = e->c.receive.rx, syn = (h->flags & SQ_SYN) != 0u, verdict,
             irs = was <= SQ_SYN_SENT ? h->seq : e->irs, first = h->seq + syn - irs - 1u;

    for (uint32_t i = 0u; text == NULL && i < len; i++) {
        made[i] = fuzz_stream(e->theirs, first + i);
    }
    note_offer(e, h);
    verdict = door_input(&e->c, e->receive_ring, h, text == NULL ? made : text, &info).verdict;
    if (was <= SQ_SYN_SENT && e->c.state >= SQ_SYN_RECEIVED) {
        note_syn(e, h, was, info.iss);
        e->next_iss += was == SQ_LISTEN ? 64007u : 0u;
    }
    if (rx != SQ_RX_FIN && e->c.receive.rx == SQ_RX_FIN) {
        FUZZ_CHECK("mirror.fin_taken",
                   (h->flags & SQ_FIN) != 0u && first + len == (uint32_t)e->c.receive.received);
    }
    FUZZ_CHECK("mirror.received", e->c.receive.received == e->delivered + e->c.receive.used);
    follow(e, was);
    return verdict;
}

/* ---- out ---- */

FUZZ_ORACLE static void check_text(const struct fuzz_end *e, const struct sq_emit *o)
{
    uint32_t first = o->seq - e->iss - 1u;

    FUZZ_CHECK("mirror.written", (uint64_t)first + o->len <= e->wrote);
    for (uint32_t i = 0u; i < o->len; i++) {
        uint32_t at = i < o->text.len ? o->text.at + i : o->text.at2 + (i - o->text.len);

        FUZZ_CHECK("mirror.wire", e->send_ring[at] == fuzz_stream(e->mine, first + i));
    }
    FUZZ_CHECK("mirror.mss", o->len <= e->mss && o->len <= e->settings.mss);
}

static void check_edges(struct fuzz_end *e, const struct sq_emit *o)
{
    uint32_t fin = (o->flags & SQ_FIN) != 0u, syn = (o->flags & SQ_SYN) != 0u;
    uint32_t shift = syn != 0u ? 0u : e->c.receive.shift, edge = o->ack + (o->window << shift),
             unit = 1u << shift;

    if (o->len + fin > 0u) {
        FUZZ_CHECK("T5.sent", (int64_t)(o->seq + o->len + fin - e->iss) <= e->offered + 1);
    }
    if ((o->flags & SQ_ACK) != 0u) {
        FUZZ_CHECK("T5.advertised", !e->edge_known || (int32_t)(edge - e->edge) > -(int32_t)unit);
        FUZZ_CHECK("mirror.ack", o->ack == e->irs + 1u + (uint32_t)e->c.receive.received +
                                               (e->c.receive.rx == SQ_RX_FIN));
        if (!e->edge_known || (int32_t)(edge - e->edge) > 0) {
            e->edge = edge;
        }
        e->edge_known = true;
    }
}

uint32_t end_output(struct fuzz_end *e, struct sq_emit *o, uint32_t limit, uint64_t now)
{
    uint32_t was = e->c.state, due = door_output(&e->c, o, limit, now);

    if (due == SQ_DUE_NONE) {
        return due;
    }
    e->segments++;
    e->resets += (o->flags & SQ_RST) != 0u;
    e->without_text += o->len == 0u;
    if ((o->flags & SQ_RST) == 0u) {
        if (o->len > 0u) {
            check_text(e, o);
        }
        FUZZ_CHECK("mirror.fin_sent", (o->flags & SQ_FIN) == 0u ||
                                          o->seq + o->len - e->iss - 1u == (uint32_t)e->wrote);
        check_edges(e, o);
    }
    follow(e, was);
    return due;
}

/* ---- the user ---- */

FUZZ_ORACLE uint32_t end_write(struct fuzz_end *e, uint32_t n, uint64_t now)
{
    static uint8_t bytes[FUZZ_RING];
    uint32_t took;

    n = n > FUZZ_RING ? FUZZ_RING : n;
    for (uint32_t i = 0u; i < n; i++) {
        bytes[i] = fuzz_stream(e->mine, e->wrote + i);
    }
    took = door_write(&e->c, e->send_ring, bytes, n, now);
    e->wrote += took;
    return took;
}

FUZZ_ORACLE uint32_t end_read(struct fuzz_end *e, uint32_t n)
{
    static uint8_t bytes[FUZZ_RING];
    uint32_t got = door_read(&e->c, e->receive_ring, bytes, n > FUZZ_RING ? FUZZ_RING : n);

    for (uint32_t i = 0u; i < got; i++) {
        FUZZ_CHECK("T6.delivered", bytes[i] == fuzz_stream(e->theirs, e->delivered + i));
    }
    e->delivered += got;
    return got;
}

uint32_t end_urge(struct fuzz_end *e)
{
    return door_urge(&e->c);
}

/* What never left is written anew by the next SEND. */
uint32_t end_flush(struct fuzz_end *e)
{
    uint32_t gone = door_flush(&e->c);

    e->wrote -= gone;
    return gone;
}

void end_unreachable(struct fuzz_end *e, uint32_t seq, bool hard)
{
    uint32_t was = e->c.state;

    door_unreachable(&e->c, seq, hard ? 3u * 256u + 3u : 3u * 256u + 1u, hard ? 1u : 0u);
    follow(e, was);
}

void end_too_big(struct fuzz_end *e, uint32_t seq, uint32_t size)
{
    door_too_big(&e->c, seq, size);
}

void end_close(struct fuzz_end *e, uint64_t now)
{
    uint32_t was = e->c.state;

    door_close(&e->c, now);
    follow(e, was);
}

void end_abort(struct fuzz_end *e)
{
    uint32_t was = e->c.state;

    door_abort(&e->c);
    follow(e, was);
}

void end_tick(struct fuzz_end *e, uint64_t now)
{
    uint32_t was = e->c.state;

    door_tick(&e->c, now);
    follow(e, was);
}

void end_expire(struct fuzz_end *e, uint32_t timer, uint64_t now)
{
    uint32_t was = e->c.state;

    door_expire(&e->c, timer, now);
    follow(e, was);
}

FUZZ_ORACLE void end_held(const struct fuzz_end *e)
{
    const struct sq_receive *r = &e->c.receive;

    for (uint32_t i = 0u; i < r->capacity; i++) {
        if (i < r->used || covers(&e->c.reassembly, (int64_t)i - r->used)) {
            FUZZ_CHECK("T6.held", e->receive_ring[place(r->capacity, r->head, i)] ==
                                      fuzz_stream(e->theirs, e->delivered + i));
        }
    }
}
