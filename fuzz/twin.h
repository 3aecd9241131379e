/* SPDX-License-Identifier: MIT */
/* The predicates of spec/ as C: each function is the ACSL definition of the same name, word for word, and shares nothing with
   core/ but its types and constants. What a target calls is therefore the contract, not the code a second time. Where E-ACSL
   can compile the definitions themselves, `make fuzz-contracts` compares these with them. */
#ifndef FUZZ_TWIN_H
#define FUZZ_TWIN_H

#include <stdbool.h>
#include <string.h>

#include "core/acceptability.h"
#include "core/connection.h"
#include "core/state.h"

/* ---- spec/sequence.acsl, with integers that do not wrap ---- */

static inline int64_t seq_dist(int64_t from, int64_t to)
{
    return from <= to ? to - from : to - from + 0x100000000;
}

static inline int64_t seq_add(int64_t a, int64_t n)
{
    return a + n < 0x100000000 ? a + n : a + n - 0x100000000;
}

/* ---- spec/acceptability.acsl ---- */

static inline bool acceptable(int64_t nxt, int64_t wnd, int64_t seq, int64_t len)
{
    return len == 0 ? (wnd == 0 ? seq == nxt : seq_dist(nxt, seq) < wnd)
                    : wnd > 0 &&
                          (seq_dist(nxt, seq) < wnd || seq_dist(nxt, seq_add(seq, len - 1)) < wnd);
}

static inline bool straddles(int64_t nxt, int64_t wnd, int64_t seq, int64_t len)
{
    return wnd > 0 && seq_dist(seq, nxt) > 0 && seq_dist(seq, nxt) + wnd < len;
}

static inline bool zero_window(int64_t nxt, int64_t wnd, int64_t seq, int64_t len)
{
    return wnd == 0 && len > 0 && seq == nxt;
}

static inline bool admitted(int64_t nxt, int64_t wnd, int64_t seq, int64_t len)
{
    return acceptable(nxt, wnd, seq, len) || straddles(nxt, wnd, seq, len) ||
           zero_window(nxt, wnd, seq, len);
}

static inline uint32_t ack_kind(int64_t una, int64_t flight, int64_t max_wnd, int64_t ack)
{
    return ack == una                      ? SQ_ACK_SAME
           : seq_dist(una, ack) <= flight  ? SQ_ACK_NEW
           : seq_dist(ack, una) <= max_wnd ? SQ_ACK_OLD
                                           : SQ_ACK_INVALID;
}

static inline int64_t text_old(int64_t nxt, int64_t seq, int64_t len)
{
    return seq_dist(nxt, seq) < 0x80000000 ? 0
           : seq_dist(seq, nxt) < len      ? seq_dist(seq, nxt)
                                           : len;
}

static inline int64_t text_first(int64_t nxt, int64_t seq)
{
    return seq_dist(nxt, seq) < 0x80000000 ? seq_dist(nxt, seq) : 0;
}

static inline int64_t text_count(int64_t nxt, int64_t wnd, int64_t seq, int64_t len)
{
    int64_t left = len - text_old(nxt, seq, len), room = wnd - text_first(nxt, seq);
    int64_t least = left < room ? left : room;

    return least > 0 ? least : 0;
}

/* ---- spec/state.acsl ---- */

bool state_path(uint32_t from, uint32_t to);
uint32_t next_state(uint32_t state, uint32_t event, uint32_t passive);

static inline bool synchronized_state(uint32_t state)
{
    return SQ_SYN_RECEIVED <= state && state <= SQ_TIME_WAIT;
}

/* ---- spec/connection.acsl ---- */

static inline bool spent(const struct sq_conn *c)
{
    return c->receive.received > SQ_STREAM_MAX || c->send.acked > SQ_STREAM_MAX;
}

static inline bool syn_unsettled(uint32_t tx)
{
    return tx == SQ_TX_SYN_WANTED || tx == SQ_TX_SYN_SENT;
}

static inline bool waiting(const struct sq_send *s)
{
    return (s->tx == SQ_TX_OPEN && s->sent < s->queued) || s->tx == SQ_TX_FIN_WANTED;
}

static inline bool silly(int64_t room, int64_t wait, int64_t mss, int64_t max_wnd)
{
    return room < mss && room < wait && 2 * room < max_wnd;
}

static inline bool stalled(const struct sq_send *s)
{
    return s->flight == 0u && waiting(s) &&
           (s->wnd == 0u || silly(s->wnd, (int64_t)s->queued - s->sent, s->mss, s->max_wnd));
}

bool connection_valid(const struct sq_conn *c);
bool flight_valid(const struct sq_flight *f);
bool reassembly_valid(const struct sq_reassembly *r);

static inline uint32_t flight_length(const struct sq_flight *f)
{
    return f->n == 0u ? 0u : f->run[f->n - 1u].end;
}

/* ---- spec/flight.acsl: the run that Holds byte x ---- */

static inline const struct sq_run *flight_run(const struct sq_flight *f, uint32_t x)
{
    uint32_t i = 0u;

    while (i + 1u < f->n && f->run[i].end <= x) {
        i++;
    }
    return &f->run[i];
}

/* ---- spec/reassembly.acsl ---- */

static inline bool covers(const struct sq_reassembly *r, int64_t x)
{
    for (uint32_t i = 0u; i < r->n; i++) {
        if (r->lo[i] <= x && x < r->hi[i]) {
            return true;
        }
    }
    return false;
}

/* ---- spec/receive.acsl ---- */

static inline int64_t offer(const struct sq_receive *r)
{
    int64_t unit = (int64_t)1 << r->shift, room = r->capacity - r->used, most = 65535 * unit;
    int64_t least = room < most ? room : most;

    return least - least % unit;
}

static inline int64_t edge_due(const struct sq_receive *r)
{
    int64_t half = r->capacity / 2u, enough = r->mss < half ? r->mss : half;

    enough = enough > 1 ? enough : 1;
    return offer(r) >= r->wnd + enough ? offer(r) : r->wnd;
}

static inline int64_t window_field(int64_t wnd, uint32_t shift)
{
    return wnd >> shift < 65535 ? wnd >> shift : 65535;
}

/* ---- spec/send.acsl ---- */

static inline bool accepting(const struct sq_send *s)
{
    return s->closing == 0u && (s->tx == SQ_TX_OPEN || syn_unsettled(s->tx));
}

int64_t send_ready(const struct sq_send *s, int64_t cwnd);
bool nagled(const struct sq_send *s, int64_t cwnd, uint32_t nodelay);
bool held_back(const struct sq_send *s, int64_t cwnd, uint32_t nodelay);
bool window_fresh(int64_t wl1, int64_t wl2, int64_t seq, int64_t ack);

/* ---- core/congestion.h ---- */

int64_t initial_window(int64_t mss, int64_t segments);
int64_t fast_threshold(const struct sq_congestion *g, int64_t flight, int64_t mss);
int64_t timeout_threshold(const struct sq_congestion *g, int64_t flight, int64_t mss);
int64_t growth(const struct sq_congestion *g, int64_t n, int64_t mss);
int64_t congestion_window(const struct sq_congestion *g, int64_t mss);

static inline bool partial(const struct sq_congestion *g, int64_t d)
{
    return g->recovering == 1u && d < g->recover;
}

static inline bool fast_due(const struct sq_congestion *g)
{
    return g->recovering == 0u && g->duplicates == SQ_DUPLICATES - 1u && g->recover == 0u;
}

/* ---- spec/times.acsl ---- */

static inline uint64_t clock_of(uint64_t last, uint64_t said)
{
    said = said < SQ_TIME_MAX ? said : SQ_TIME_MAX;
    return said > last ? said : last;
}

static inline bool clocks_kept(const struct sq_times *t, const struct sq_times *before)
{
    return t->rexmit == before->rexmit && t->persist == before->persist &&
           t->user == before->user && t->time_wait == before->time_wait &&
           t->keepalive == before->keepalive;
}

/* ---- spec/text.acsl ---- */

static inline bool answered(const struct sq_conn *c, uint64_t now)
{
    return c->owed.ack == 1u || c->times.ack <= now + c->settings.delayed_ack;
}

/* ---- spec/stream.acsl ---- */

static inline uint32_t place(uint32_t capacity, uint32_t head, uint32_t i)
{
    return (uint32_t)(((uint64_t)head + i) % capacity);
}

/* ---- spec/urgent.acsl ---- */

static inline uint32_t urgent_field(uint64_t up, uint64_t position)
{
    return up <= position ? 0u : up - position < 65535u ? (uint32_t)(up - position) : 65535u;
}

static inline uint64_t urgent_after(uint64_t up, uint64_t received, int64_t nxt, int64_t seq,
                                    int64_t pointer)
{
    int64_t ahead = seq_dist(nxt, seq_add(seq, pointer));

    return ahead < 0x80000000 && received + (uint64_t)ahead > up ? received + (uint64_t)ahead : up;
}

static inline uint32_t urgent_ahead(uint64_t up, uint64_t received, uint64_t used)
{
    return up <= received - used                 ? 0u
           : up - (received - used) < UINT32_MAX ? (uint32_t)(up - (received - used))
                                                 : UINT32_MAX;
}

/* ---- spec/input.acsl ---- */

static inline bool late_answer(uint32_t was, uint32_t wnd, uint32_t len, bool fin)
{
    return (fin && was != SQ_CLOSING) || (len > 0u && (wnd == 0u || was == SQ_TIME_WAIT));
}

int64_t segment_length(uint32_t flags, uint32_t len);
bool old_syn(const struct sq_conn *c, uint32_t seq, uint32_t ack, uint32_t flags);
bool passes(const struct sq_conn *c, uint32_t seq, uint32_t len, uint32_t flags);
bool counts(const struct sq_conn *c, uint32_t ack);
bool untouched(const struct sq_conn *c, const struct sq_conn *before);
uint64_t urgent_seen(const struct sq_conn *c, uint32_t flags, uint32_t seq, uint32_t pointer);
bool no_new_reset(const struct sq_owed *o, const struct sq_owed *before);

/* T9: segments owed. */
static inline uint32_t owed(const struct sq_conn *c)
{
    return c->owed.ack + c->owed.probe + c->owed.rst + c->owed.keepalive;
}

/* ---- core/path.h ---- */

static inline bool in_flight(const struct sq_send *s, int64_t seq)
{
    return seq_dist(s->una, seq) < s->flight;
}

static inline bool opening(uint32_t state)
{
    return state == SQ_SYN_SENT || state == SQ_SYN_RECEIVED;
}

static inline bool too_big(const struct sq_conn *c, int64_t seq, uint32_t size)
{
    return in_flight(&c->send, seq) && c->send.tx >= SQ_TX_OPEN && size < c->send.mss &&
           c->send.mss > SQ_MSS_MIN && (c->send.acked == 0u || c->report.timeouts > 0u);
}

/* ---- spec/output.acsl ---- */

static inline uint64_t unsaid(const struct sq_conn *c)
{
    return (uint64_t)owed(c) + (c->send.tx == SQ_TX_SYN_WANTED) +
           (c->flight.resend_to - c->flight.resend_from) + (c->send.queued - c->send.sent) +
           (c->send.tx == SQ_TX_FIN_WANTED);
}

#endif
