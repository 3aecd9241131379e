/* SPDX-License-Identifier: MIT */
/* What happens at one end: a segment, a timer, a step of its program; then sq_output is polled until none. */
#include "spec/model/world.h"

#include <string.h>

_Static_assert(sizeof(struct seg) == sizeof(struct sq_header) + 8 + RING, "padding");
_Static_assert(sizeof(struct end) == sizeof(struct sq_conn) + 2 * RING + 8 + 4 + 12, "padding");

enum { REPLIES_MAX = 1 }; /* segments without text that one arriving segment may draw (T9) */

struct model model;

uint32_t iss_of(uint32_t end, uint32_t inc)
{
    return model.iss[end] + inc * model.step;
}

uint8_t incarnation_of(uint32_t iss)
{
    for (uint32_t i = 0u; i < model.ends; i++) {
        for (uint32_t k = 0u; k < INCARNATIONS; k++) {
            if (iss_of(i, k) == iss) {
                return (uint8_t)(i * INCARNATIONS + k);
            }
        }
    }
    return NOBODY;
}

/* Byte k of what an incarnation sends; never zero. */
uint8_t stream_byte(uint32_t label, uint32_t k)
{
    return (uint8_t)(label * 16u + k % 16u + 1u);
}

enum kind seg_kind(const struct seg *s)
{
    if ((s->h.flags & SQ_RST) != 0u) {
        return KIND_RST;
    }
    if ((s->h.flags & SQ_SYN) != 0u) {
        return (s->h.flags & SQ_ACK) != 0u ? KIND_SYN_ACK : KIND_SYN;
    }
    if ((s->h.flags & SQ_FIN) != 0u) {
        return KIND_FIN;
    }
    return s->len > 0u ? KIND_TEXT : KIND_ACK;
}

void end_begin(struct end *e, uint32_t i)
{
    memset(e, 0, sizeof *e);
    sq_init(&e->c);
    e->released = 1u;
    e->remote = NOBODY;
    e->peer = NOBODY;
    if (model.prog[i][0] == 'l') { /* servers are there before their clients */
        struct effect f;

        end_step(e, i, &f);
    }
}

/* ---- out ---- */

/* The header of what the core built: names and numbers only. */
static void fill(struct seg *s, const struct sq_emit *m, const uint8_t out[RING])
{
    s->h.seq = m->seq;
    s->h.ack = (m->flags & SQ_ACK) != 0u ? m->ack : 0u;
    s->h.flags = m->flags;
    s->h.window = m->window;
    s->h.has_mss = m->mss != 0u;
    s->h.mss = m->mss;
    s->h.has_shift = (m->flags & SQ_SYN) != 0u && m->shift != SQ_NO_SHIFT;
    s->h.shift = s->h.has_shift != 0u ? m->shift : 0u;
    s->len = m->len;
    for (uint32_t k = 0u; k < m->len && k < RING; k++) {
        uint32_t at = k < m->text.len ? m->text.at + k : m->text.at2 + (k - m->text.len);

        s->text[k] = at < RING ? out[at] : 0u;
    }
}

/* To the network, unless the experiment loses every segment of this kind. */
static void send_out(struct end *e, uint32_t i, uint32_t to, const struct sq_emit *m,
                     struct effect *f)
{
    struct seg s;

    memset(&s, 0, sizeof s);
    fill(&s, m, e->out);
    s.from = (uint8_t)i;
    s.to = (uint8_t)to;
    if (seg_kind(&s) != KIND_RST && (m->flags & SQ_ACK) != 0u) {
        uint32_t edge =
            m->ack + (m->window << ((m->flags & SQ_SYN) != 0u ? 0u : view_shift(&e->c)));

        if (e->edge_known == 1u && (int32_t)(edge - e->edge) < 0) {
            f->bad = BAD_EDGE;
        }
        e->edge = edge;
        e->edge_known = 1u;
    }
    if (((uint32_t)model.drop[i] >> seg_kind(&s) & 1u) != 0u) {
        f->full++;
    } else if (f->n < EMITS) {
        f->out[f->n++] = s;
    } else {
        f->bad = BAD_REPLIES;
    }
}

static void poll(struct end *e, uint32_t i, uint32_t to, struct effect *f)
{
    struct sq_emit m;

    for (uint32_t n = 0u; n <= EMITS; n++) {
        if (sq_output(&e->c, &m, model.limit, MODEL_NOW) == SQ_DUE_NONE) {
            return;
        }
        send_out(e, i, to, &m, f);
    }
    f->bad = BAD_REPLIES;
}

/* ---- what the observer notes after every call ---- */

void end_open_anew(struct end *e)
{
    e->inc = (uint8_t)(e->inc + e->opened);
    e->opened = 1u;
    e->released = 0u;
    e->sent = 0u;
    e->heard = 0u;
    e->edge = 0u;
    e->edge_known = 0u;
    e->peer = NOBODY;
}

void end_listen(struct end *e)
{
    end_open_anew(e);
    e->remote = NOBODY;
    e->listening = 1u;
    (void)sq_open_passive(&e->c, &model.settings, model.ring, model.ring);
}

void end_release(struct end *e, struct effect *f)
{
    struct sq_conn fresh;

    memset(&fresh, 0, sizeof fresh);
    sq_init(&fresh);
    sq_release(&e->c);
    if (memcmp(&fresh, &e->c, sizeof fresh) != 0) {
        f->bad = BAD_RELEASE;
    }
    e->released = 1u;
    e->listening = 0u;
}

/* A half-open block of a listener that fell back is freed and a fresh one takes its place, with an ISS of its own. */
static void relisten(struct end *e, struct effect *f)
{
    uint8_t more = e->inc + 1u < INCARNATIONS;

    end_release(e, f);
    if (more == 1u) {
        end_listen(e);
    }
}

void end_settle(struct end *e, uint32_t i, uint32_t was, uint32_t to, struct effect *f)
{
    uint32_t state;

    if (view_synchronized(&e->c)) { /* before the poll: what arrived may end at once */
        e->remote = e->remote == NOBODY ? (uint8_t)to : e->remote;
        e->peer = incarnation_of(view_irs(&e->c));
        if (e->peer != NOBODY) {
            e->met |= (uint64_t)1u << (e->inc * ENDS * INCARNATIONS + e->peer);
        }
    }
    state = e->c.state;
    if (e->released == 0u) {
        poll(e, i, to, f);
    }
    if (e->listening == 1u && was == SQ_SYN_RECEIVED && state <= SQ_LISTEN) {
        relisten(e, f);
    }
    if (e->c.state >= SQ_ESTABLISHED) {
        e->listening = 0u;
    }
    view_canonical(e);
    if (f->bad == BAD_NONE) {
        f->bad = (uint8_t)check_end(e, i);
    }
}

uint32_t end_partner(const struct end *e, uint32_t i)
{
    return e->remote != NOBODY ? e->remote : model.self ? i : 1u - i % 2u;
}

/* ---- a segment ---- */

/* The answer to a segment from the end `from` while the only entry of end i's listener is half-open with another. */
static struct sq_reset backlogged(const struct end *e, uint32_t i, const struct seg *s)
{
    struct sq_slot slot[2u * SQ_BUCKET];
    struct sq_name name[1];
    struct sq_index t = {slot, name, 1u, 1u, {0u, 0u, 0u, 0u}};
    struct sq_ends ends = {i + 1u, (uint32_t)e->remote + 1u, 80u, 1024u};
    struct sq_listen l;

    sq_index_clear(t);
    (void)sq_index_insert(t, 0u, ends);
    sq_listen_open(&l, 0u, 80u, 1u);
    (void)sq_listen_begin(&l);
    ends.remote = (uint32_t)s->from + 1u;
    return sq_arrival(t, &l, 1u, ends, s->h.flags, s->h.seq, s->h.ack, s->len).reset;
}

/* Nobody is here, or it is not for this connection: a value answers, nothing is kept. */
static void refuse(struct end *e, uint32_t i, const struct seg *s, struct effect *f)
{
    struct sq_reset r = model.backlog && e->listening == 1u && e->released == 0u
                            ? backlogged(e, i, s)
                            : sq_refusal(s->h.flags, s->h.seq, s->h.ack, s->len);
    struct sq_emit m;

    memset(&m, 0, sizeof m);
    m.flags = r.flags;
    m.seq = r.seq;
    m.ack = r.ack;
    m.shift = SQ_NO_SHIFT;
    if (r.due == 1u) {
        send_out(e, i, s->from, &m, f);
    }
}

void end_deliver(struct end *e, uint32_t i, const struct seg *s, struct effect *f)
{
    struct sq_segment_info info;
    uint32_t was = e->c.state, replies = 0u;

    memset(f, 0, sizeof *f);
    if (e->released == 1u || (e->remote != NOBODY && e->remote != s->from)) {
        refuse(e, i, s, f);
        return;
    }
    memset(&info, 0, sizeof info);
    info.now = MODEL_NOW;
    info.len = s->len;
    info.iss = iss_of(i, e->inc);
    (void)sq_input(&e->c, e->in, &s->h, s->text, &info);
    if (was == SQ_TIME_WAIT && e->c.state != SQ_TIME_WAIT) {
        f->bad = BAD_TIME_WAIT;
    }
    end_settle(e, i, was, s->from, f);
    for (uint32_t k = 0u; k < f->n; k++) {
        replies += f->out[k].len == 0u && seg_kind(&f->out[k]) != KIND_FIN;
    }
    if (replies > REPLIES_MAX && f->bad == BAD_NONE) {
        f->bad = BAD_REPLIES;
    }
}

uint32_t end_timers(const struct end *e)
{
    bool half_open = model.half_open && e->c.state == SQ_SYN_RECEIVED;

    return view_timers(&e->c) & (model.timers | (half_open ? 1u << SQ_TIMER_USER : 0u));
}

void end_timer(struct end *e, uint32_t i, uint32_t timer, struct effect *f)
{
    uint32_t was = e->c.state;

    memset(f, 0, sizeof *f);
    sq_expire(&e->c, timer, MODEL_NOW);
    end_settle(e, i, was, end_partner(e, i), f);
}
