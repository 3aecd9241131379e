/* SPDX-License-Identifier: MIT */
/* What sq_input_segment leaves to the contracts of its parts: whom a segment opens or refuses, what an ACK does to windows,
   losses and clocks, when a challenge is held back, what restarts 2 MSL. */
#include "door_call.h"
#include "twin.h"

#define SAME(a, b) (memcmp(&(a), &(b), sizeof(a)) == 0)

/* ---- core/refusal.h, opening.h ---- */

static bool rst_kept(const struct sq_owed *o, const struct sq_owed *b)
{
    return o->rst == b->rst && o->rst_flags == b->rst_flags && o->rst_seq == b->rst_seq &&
           o->rst_ack == b->rst_ack;
}

/* CLOSED, LISTEN and SYN-SENT answer what they did not ask for, and never a RST. RFC 9293 3.10.7.1 to 3.10.7.3 */
static void refused(const struct call *k)
{
    const struct sq_owed *o = &k->c->owed, *was = &k->before->owed;
    const struct sq_send *s = &k->before->send;
    bool ack = (k->h->flags & SQ_ACK) != 0u,
         asked = s->flight == 1u && k->h->ack == seq_add(s->una, 1);
    bool refuse = !k->rst && (k->before->state == SQ_CLOSED || (ack && !asked) ||
                              (ack && k->before->state == SQ_LISTEN));

    FUZZ_CHECK("sq_refuse.answered", (k->t.verdict == SQ_SEGMENT_REFUSED) == refuse);
    if (refuse) {
        FUZZ_CHECK(
            "sq_refuse.numbers",
            o->rst == 1u &&
                (ack ? o->rst_flags == SQ_RST && o->rst_seq == k->h->ack
                     : o->rst_flags == SQ_RST + SQ_ACK && o->rst_seq == 0u &&
                           o->rst_ack == seq_add(k->h->seq, segment_length(k->h->flags, k->len))));
    } else {
        FUZZ_CHECK("sq_refuse.silent", rst_kept(o, was));
    }
}

/* The peer's SYN was taken; and, if it acknowledged ours, its ACK, too. RFC 9293 3.10.7.2, 3.10.7.3; RFC 7323 2.2 */
static void opened(const struct call *k)
{
    const struct sq_conn *c = k->c, *b = k->before;
    const struct sq_header *h = k->h;
    bool scale = h->has_shift != 0u && b->settings.shift != SQ_NO_SHIFT;
    uint32_t offer_mss = h->has_mss == 0u      ? SQ_MSS_DEFAULT
                         : h->mss < SQ_MSS_MIN ? SQ_MSS_MIN
                                               : h->mss;

    FUZZ_CHECK("peer_syn.window", c->send.wnd == h->window && c->send.wl1 == h->seq &&
                                      c->send.wl2 == c->send.una && c->send.max_wnd == h->window);
    FUZZ_CHECK("peer_syn.numbers", c->receive.irs == h->seq && c->send.closing == 0u);
    FUZZ_CHECK("peer_syn.mss",
               c->send.mss == (offer_mss < b->settings.mss ? offer_mss : b->settings.mss));
    FUZZ_CHECK("peer_syn.scale", c->receive.scaled == scale &&
                                     c->receive.shift == (scale ? b->settings.shift : 0u) &&
                                     c->send.shift == (!scale                    ? 0u
                                                       : h->shift < SQ_SHIFT_MAX ? h->shift
                                                                                 : SQ_SHIFT_MAX));
}

static void openings(const struct call *k)
{
    const struct sq_conn *c = k->c, *b = k->before;
    bool ack = (k->h->flags & SQ_ACK) != 0u;

    FUZZ_CHECK("sq_input_listen.arrow",
               b->state != SQ_LISTEN ||
                   c->state == (!k->rst && !ack && k->syn ? SQ_SYN_RECEIVED : SQ_LISTEN));
    if (!k->spent || b->state == SQ_CLOSED) {
        refused(k);
    }
    if (c->state >= SQ_SYN_RECEIVED) {
        opened(k);
    }
    FUZZ_CHECK("sq_input_syn_sent.acked", b->state != SQ_SYN_SENT || c->state <= SQ_SYN_RECEIVED ||
                                              (c->owed.ack == 1u && c->send.una == k->h->ack));
}

/* ---- core/send.h: SND.WND, SND.WL1, SND.WL2. RFC 9293 3.10.7.4 fifth ---- */

static void window(const struct call *k, uint32_t kind)
{
    const struct sq_send *s = &k->c->send, *b = &k->before->send;
    int64_t d = kind == SQ_ACK_NEW ? seq_dist(b->una, k->h->ack) : 0,
            said = (int64_t)k->h->window << b->shift, rest = b->wnd > d ? b->wnd - d : 0,
            offered = b->offered > d ? b->offered - d : 0;

    if (window_fresh(b->wl1, b->wl2, k->h->seq, k->h->ack)) {
        FUZZ_CHECK("ack_window.fresh", s->wnd == said && s->wl1 == k->h->seq &&
                                           s->wl2 == k->h->ack &&
                                           s->max_wnd == (b->max_wnd > said ? b->max_wnd : said) &&
                                           s->offered == (offered > said ? offered : said));
    } else {
        FUZZ_CHECK("ack_window.stale", s->wnd == rest && s->wl1 == b->wl1 && s->wl2 == b->wl2 &&
                                           s->max_wnd == b->max_wnd && s->offered == offered);
    }
}

/* ---- loss, delayed ACKs, keepalive: core/congestion.h, core/ack.h, core/text.h ---- */

static int64_t capped(int64_t v)
{
    return v < SQ_WINDOW_MAX ? v : SQ_WINDOW_MAX;
}

/* d numbers were acknowledged for the first time. RFC 6582 3.2 step 3 */
static void progress(const struct sq_conn *c, const struct sq_conn *b, int64_t d)
{
    const struct sq_congestion *g = &c->congestion, *was = &b->congestion;
    int64_t mss = b->send.mss, flight = c->send.flight, cwnd, most;

    FUZZ_CHECK("sq_congestion_new.recover",
               g->duplicates == 0u && g->recover == (was->recover > d ? was->recover - d : 0) &&
                   g->recovering == (partial(was, d) ? 1u : 0u));
    if (was->recovering == 0u) {
        cwnd = capped(was->cwnd + growth(was, d, mss));
        FUZZ_CHECK("sq_congestion_new.growth", g->cwnd == cwnd);
    } else if (partial(was, d)) {
        cwnd = was->cwnd - d + (d >= mss ? mss : 0);
        FUZZ_CHECK("sq_congestion_new.partial", g->cwnd == capped(cwnd > mss ? cwnd : mss));
        FUZZ_CHECK("ack_new.again", c->flight.resend_from == 0u &&
                                        c->flight.resend_to >= (mss < flight ? mss : flight));
    } else {
        most = capped((flight > mss ? flight : mss) + mss);
        cwnd = g->ssthresh < most ? g->ssthresh : most;
        FUZZ_CHECK("sq_congestion_new.full", g->cwnd == (cwnd > mss ? cwnd : mss));
    }
}

/* It acknowledged nothing while something is in flight. RFC 5681 3.2, RFC 6582 3.2 step 2 */
static void duplicate(const struct sq_conn *c, const struct sq_conn *b)
{
    const struct sq_congestion *g = &c->congestion, *was = &b->congestion;
    int64_t mss = b->send.mss, flight = b->send.flight, half = fast_threshold(was, flight, mss);

    if (fast_due(was)) {
        FUZZ_CHECK("sq_input_ack.fast", g->recovering == 1u && c->flight.resend_from == 0u &&
                                            c->flight.resend_to >= (mss < flight ? mss : flight));
        FUZZ_CHECK("sq_congestion_duplicate.lost",
                   g->ssthresh == half && g->recover == flight &&
                       g->cwnd == capped(half + SQ_DUPLICATES * mss));
    } else if (was->recovering == 1u) {
        FUZZ_CHECK("sq_congestion_duplicate.left",
                   g->cwnd == capped(was->cwnd + mss) && g->ssthresh == was->ssthresh &&
                       g->recover == was->recover && g->recovering == 1u);
    } else {
        FUZZ_CHECK("sq_congestion_duplicate.counted",
                   g->cwnd == was->cwnd && g->ssthresh == was->ssthresh &&
                       g->recover == was->recover && g->recovering == 0u &&
                       g->duplicates == (was->duplicates < SQ_DUPLICATES ? was->duplicates + 1u
                                                                         : SQ_DUPLICATES));
    }
}

/* An ACK was taken, and the connection goes on. */
static void acked(const struct call *k)
{
    const struct sq_conn *c = k->c, *b = k->before;
    const struct sq_header *h = k->h;
    uint32_t kind = ack_kind(b->send.una, b->send.flight, b->send.max_wnd, h->ack);
    bool fin = (h->flags & SQ_FIN) != 0u, plain = k->len == 0u && !fin;
    bool waits = b->reassembly.n > 0u || b->settings.delayed_ack == 0u || b->times.ack != SQ_NEVER;

    FUZZ_CHECK("sq_input_ack.alive",
               c->keeps == 0u &&
                   c->times.keepalive == (c->settings.keepalive == 1u
                                              ? c->now + c->settings.keep_idle * (uint64_t)1000000u
                                              : SQ_NEVER));
    if (kind <= SQ_ACK_SAME) {
        window(k, kind);
    }
    FUZZ_CHECK("sq_times_acked.rexmit",
               kind != SQ_ACK_NEW ||
                   c->times.rexmit == (c->send.flight > 0u ? c->now + c->rtt.rto : SQ_NEVER));
    FUZZ_CHECK("input_rest.late", b->receive.rx != SQ_RX_FIN ||
                                      !late_answer(b->state, c->receive.wnd, k->len, fin) ||
                                      c->owed.ack == 1u);
    if (kind == SQ_ACK_NEW && b->send.tx != SQ_TX_SYN_SENT) {
        progress(c, b, seq_dist(b->send.una, h->ack));
    } else if (kind == SQ_ACK_SAME && plain && b->send.flight > 0u && b->send.probing == 0u &&
               b->send.wnd == (int64_t)h->window << b->send.shift) {
        duplicate(c, b);
    } else if (kind != SQ_ACK_NEW) {
        FUZZ_CHECK("sq_input_ack.no_duplicate", SAME(c->congestion, b->congestion));
    }
    FUZZ_CHECK("sq_input_text.prompt", b->receive.rx != SQ_RX_OPEN || plain ||
                                           (!fin && c->receive.nxt != b->receive.nxt && !waits) ||
                                           c->owed.ack == 1u);
}

/* ---- core/owed.h, input.c: the throttle of RFC 5961 7, TIME-WAIT ---- */

static bool throttled(const struct sq_conn *c, const struct sq_conn *b)
{
    return b->owed.quiet <= c->now
               ? c->owed.ack == 1u && c->owed.quiet == c->now + b->settings.challenge
               : c->owed.ack == b->owed.ack && c->owed.quiet == b->owed.quiet;
}

static void challenged(const struct call *k)
{
    const struct sq_conn *c = k->c, *b = k->before;
    uint32_t verdict = k->t.verdict;
    bool at_once = segment_length(k->h->flags, k->len) > 0 && !k->syn;

    if (c->state != b->state) {
        return;
    }
    if (verdict == SQ_SEGMENT_CHALLENGED || verdict == SQ_SEGMENT_BAD_ACK ||
        (verdict == SQ_SEGMENT_UNACCEPTABLE && !at_once)) {
        FUZZ_CHECK("sq_owed_challenge.throttled", throttled(c, b));
    } else {
        FUZZ_CHECK("sq_owed_challenge.kept", c->owed.quiet == b->owed.quiet);
        FUZZ_CHECK("unacceptable.answered",
                   verdict != SQ_SEGMENT_UNACCEPTABLE || c->owed.ack == 1u);
    }
}

/* The peer's FIN once more, or what comes behind it, restarts 2 MSL, nothing else does; RFC 1337 3: a RST does not end it. */
static void time_wait(const struct call *k)
{
    const struct sq_conn *c = k->c, *b = k->before;
    uint64_t whole = c->now + b->settings.time_wait;
    bool fin = (k->h->flags & SQ_FIN) != 0u,
         again = !k->rst && !k->admitted && fin &&
                 seq_add(k->h->seq, segment_length(k->h->flags, k->len)) == b->receive.nxt;

    again = again || (k->passes && k->counts && late_answer(b->state, c->receive.wnd, k->len, fin));

    if (b->state != SQ_TIME_WAIT) {
        FUZZ_CHECK("time_wait.armed", c->state != SQ_TIME_WAIT || c->times.time_wait == whole);
        return;
    }
    FUZZ_CHECK("time_wait.rst", !k->rst || b->settings.tw_ignore_rst == 0u ||
                                    (untouched(c, b) && SAME(c->times, b->times) &&
                                     rst_kept(&c->owed, &b->owed) && k->t.len == 0u));
    FUZZ_CHECK("time_wait.fin", c->state != SQ_TIME_WAIT ||
                                    c->times.time_wait == (again ? whole : b->times.time_wait));
}

void door_parts(const struct call *k)
{
    const struct sq_conn *c = k->c, *b = k->before;

    if (b->state <= SQ_SYN_SENT) {
        openings(k);
    } else if (!k->spent) {
        challenged(k);
        time_wait(k);
        FUZZ_CHECK("reset.why", k->t.verdict != SQ_SEGMENT_RESET ||
                                    c->reason == (c->state == SQ_LISTEN         ? SQ_REASON_NONE
                                                  : b->state == SQ_SYN_RECEIVED ? SQ_REASON_REFUSED
                                                                                : SQ_REASON_RESET));
    }
    if (k->passes && k->counts && c->state != SQ_CLOSED) {
        acked(k);
    }
}
