/* SPDX-License-Identifier: MIT */
/* What stands above sq_input_segment and sq_input. */
#include "door_call.h"
#include "doors.h"
#include "fuzz.h"
#include "twin.h"

#define CHECK(clause, holds) FUZZ_CHECK("sq_input_segment." clause, holds)

/* ---- T6: where text goes, and what counts as arrived ---- */

/* The offsets that counted as arrived before, or are put now: sorted parts. */
struct parts {
    uint32_t n;
    int64_t lo[SQ_RANGES + 1u], hi[SQ_RANGES + 1u];
};

static struct parts arrived(const struct sq_conn *before, const struct sq_taken *t)
{
    struct parts p = {0};

    for (uint32_t i = 0u; i < before->reassembly.n; i++) {
        p.lo[p.n] = (int64_t)before->receive.used + before->reassembly.lo[i];
        p.hi[p.n++] = (int64_t)before->receive.used + before->reassembly.hi[i];
    }
    p.lo[p.n] = t->at;
    p.hi[p.n++] = (int64_t)t->at + t->len;
    return p;
}

/* Every offset of [lo, hi) is in some part: walk from part to part. */
static bool inside(const struct parts *p, int64_t lo, int64_t hi)
{
    while (lo < hi) {
        int64_t reach = lo;

        for (uint32_t i = 0u; i < p->n; i++) {
            if (p->lo[i] <= lo && lo < p->hi[i] && p->hi[i] > reach) {
                reach = p->hi[i];
            }
        }
        if (reach == lo) {
            return false;
        }
        lo = reach;
    }
    return true;
}

static void check_text(const struct call *k)
{
    const struct sq_conn *c = k->c, *b = k->before;
    const struct sq_taken *t = &k->t;
    struct parts p = arrived(b, t);
    uint32_t seq = (uint32_t)(k->syn ? seq_add(k->h->seq, 1) : k->h->seq);

    CHECK("inside",
          (uint64_t)t->at + t->len <= c->receive.capacity && (uint64_t)t->skip + t->len <= k->len);
    CHECK("fresh", t->len == 0u || t->at >= b->receive.used);
    CHECK("placed", t->len == 0u || b->receive.rx != SQ_RX_OPEN ||
                        (t->skip == text_old(b->receive.nxt, seq, k->len) &&
                         t->len == text_count(b->receive.nxt, b->receive.wnd, seq, k->len) &&
                         t->at == b->receive.used + text_first(b->receive.nxt, seq)));
    CHECK("opening", t->len == 0u || b->receive.rx == SQ_RX_OPEN ||
                         (t->at == b->receive.used && t->skip == 0u));
    CHECK("nothing", t->len == 0u || b->receive.rx == SQ_RX_OPEN || b->state == SQ_SYN_SENT);
    CHECK("empty", t->len > 0u || (t->at == 0u && t->skip == 0u));
    CHECK("accounted", inside(&p, b->receive.used, c->receive.used));
    for (uint32_t i = 0u; i < c->reassembly.n; i++) {
        CHECK("accounted", inside(&p, (int64_t)c->receive.used + c->reassembly.lo[i],
                                  (int64_t)c->receive.used + c->reassembly.hi[i]));
    }
    CHECK("unread",
          c->receive.used >= b->receive.used &&
              c->receive.received - b->receive.received == c->receive.used - b->receive.used);
    CHECK("ring", c->receive.head == b->receive.head &&
                      c->receive.capacity == b->receive.capacity &&
                      c->send.capacity == b->send.capacity);
}

/* ---- what must happen ---- */

static void check_done(const struct call *k)
{
    const struct sq_conn *c = k->c, *b = k->before;
    const struct sq_header *h = k->h;
    uint32_t kind = ack_kind(b->send.una, b->send.flight, b->send.max_wnd, h->ack);
    bool taken = k->passes && k->counts, ack = (h->flags & SQ_ACK) != 0u;

    CHECK("opens", !(b->state == SQ_LISTEN && !k->rst && !ack && k->syn) ||
                       (c->state == SQ_SYN_RECEIVED && c->receive.nxt == seq_add(h->seq, 1)));
    CHECK("opened", !(b->state == SQ_SYN_SENT && !k->spent && ack && b->send.flight == 1u &&
                      h->ack == seq_add(b->send.una, 1) && !k->rst && k->syn) ||
                        c->state == SQ_ESTABLISHED || c->state == SQ_CLOSE_WAIT);
    CHECK("spent", !(b->state > SQ_LISTEN && k->spent) ||
                       (c->state == SQ_CLOSED && c->reason == SQ_REASON_EXHAUSTED));
    CHECK("refuses", b->state != SQ_CLOSED || k->rst || c->owed.rst == 1u);
    CHECK("verdict", !taken || k->t.verdict == SQ_SEGMENT_ACCEPTED);
    CHECK("new",
          !k->passes || c->state == SQ_CLOSED || kind != SQ_ACK_NEW || c->send.una == h->ack);
    CHECK("inorder",
          !taken || b->receive.rx != SQ_RX_OPEN || text_first(b->receive.nxt, h->seq) != 0 ||
              c->receive.used >=
                  b->receive.used + text_count(b->receive.nxt, b->receive.wnd, h->seq, k->len));
    CHECK("answered", !taken || b->receive.rx != SQ_RX_OPEN || k->len == 0u || answered(c, c->now));
    CHECK("reset", !(k->synchronized && !k->spent && k->rst && h->seq == b->receive.nxt &&
                     !(b->state == SQ_TIME_WAIT && b->settings.tw_ignore_rst == 1u)) ||
                       (c->state == next_state(b->state, SQ_EVENT_RST, b->passive) &&
                        k->t.verdict == SQ_SEGMENT_RESET));
    CHECK("reply",
          !(k->synchronized && !k->spent && !k->rst && !k->syn && k->len > 0u && !k->admitted) ||
              (c->owed.ack == 1u && k->t.verdict == SQ_SEGMENT_UNACCEPTABLE));
}

/* ---- what must not happen: T5, T7, T9 and segments that are not acceptable ---- */

static bool silent(const struct call *k)
{
    return untouched(k->c, k->before) && no_new_reset(&k->c->owed, &k->before->owed) &&
           k->t.len == 0u;
}

static void check_limits(const struct call *k)
{
    const struct sq_conn *c = k->c, *b = k->before;
    const struct sq_header *h = k->h;
    bool sees = k->synchronized && !k->spent;

    CHECK("bounded", owed(c) <= owed(b) + 1u);
    CHECK("settings", memcmp(&c->settings, &b->settings, sizeof c->settings) == 0);
    CHECK("refused", !(sees && !k->rst && !k->old_syn && !k->admitted) || silent(k));
    CHECK("blind_rst", !(sees && k->rst && h->seq != b->receive.nxt) ||
                           (silent(k) && memcmp(&c->times, &b->times, sizeof c->times) == 0));
    CHECK("blind_syn", !(sees && k->syn && !k->rst && !k->old_syn &&
                         !(b->state == SQ_SYN_RECEIVED && b->passive == 1u)) ||
                           silent(k));
    CHECK("blind_ack",
          !(sees && b->state != SQ_SYN_RECEIVED && !k->rst &&
            ack_kind(b->send.una, b->send.flight, b->send.max_wnd, h->ack) == SQ_ACK_INVALID) ||
              silent(k));
    CHECK("edge",
          c->state <= SQ_LISTEN || b->receive.rx == SQ_RX_NONE ||
              seq_add(c->receive.nxt, c->receive.wnd) == seq_add(b->receive.nxt, b->receive.wnd));
}

/* RCV.UP and its report. RFC 9293 3.10.7.4 sixth */
static void check_urgent(const struct call *k)
{
    const struct sq_conn *c = k->c, *b = k->before;
    const struct sq_header *h = k->h;
    uint32_t seq = (uint32_t)(k->syn ? seq_add(h->seq, 1) : h->seq);

    CHECK("urgent", !k->synchronized || k->spent ||
                        c->urgent.receive_up == (k->t.verdict == SQ_SEGMENT_ACCEPTED
                                                     ? urgent_seen(b, h->flags, seq, h->urgent)
                                                     : b->urgent.receive_up));
    CHECK("told",
          c->urgent.receive_up >= b->urgent.receive_up && c->report.urgent >= b->report.urgent &&
              (c->urgent.receive_up == b->urgent.receive_up || c->report.urgent == 1u) &&
              c->report.excessive == b->report.excessive && c->report.soft == b->report.soft &&
              (c->urgent.send_up == b->urgent.send_up || c->urgent.send_up == 0u));
}

static void check(const struct sq_conn *c, const struct sq_conn *before, const struct sq_header *h,
                  const struct sq_segment_info *info, struct sq_taken t)
{
    struct call k = {.c = c, .before = before, .h = h, .len = info->len, .t = t};

    k.spent = spent(before);
    k.synchronized = synchronized_state(before->state);
    k.syn = (h->flags & SQ_SYN) != 0u;
    k.rst = (h->flags & SQ_RST) != 0u;
    k.admitted = admitted(before->receive.nxt, before->receive.wnd, h->seq,
                          segment_length(h->flags, info->len));
    k.passes = !k.spent && passes(before, h->seq, info->len, h->flags);
    k.counts = counts(before, h->ack);
    k.old_syn = old_syn(before, h->seq, h->ack, h->flags);
    CHECK("valid", connection_valid(c));
    CHECK("path", state_path(before->state, c->state));
    CHECK("clock", c->now == clock_of(before->now, info->now));
    CHECK("opens.iss",
          before->state != SQ_LISTEN || c->state != SQ_SYN_RECEIVED || c->send.iss == info->iss);
    check_done(&k);
    check_limits(&k);
    check_urgent(&k);
    check_text(&k);
    door_parts(&k);
}

struct sq_taken door_segment(struct sq_conn *c, const struct sq_header *h,
                             const struct sq_segment_info *info)
{
    struct sq_conn before = *c;
    struct sq_taken t = sq_input_segment(c, h, info);

    check(c, &before, h, info, t);
    return t;
}

/* The same block and, in the ring, the text that sq_input_segment speaks of. Other bytes of the ring: the target's mirror. */
struct sq_taken door_input(struct sq_conn *c, uint8_t *ring, const struct sq_header *h,
                           const uint8_t *text, const struct sq_segment_info *info)
{
    struct sq_conn twin = *c;
    struct sq_taken t = door_segment(&twin, h, info);
    uint32_t verdict = sq_input(c, ring, h, text, info);

    FUZZ_CHECK("sq_input.same", memcmp(c, &twin, sizeof twin) == 0 && verdict == t.verdict);
    for (uint32_t i = 0u; i < t.len; i++) {
        FUZZ_CHECK("sq_input.copied",
                   ring[place(c->receive.capacity, c->receive.head, t.at + i)] == text[t.skip + i]);
    }
    return t;
}

struct sq_reset door_refusal(uint32_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
    struct sq_reset r = sq_refusal(flags, seq, ack, len);

    FUZZ_CHECK("sq_refusal.due", r.due == ((flags & SQ_RST) == 0u));
    FUZZ_CHECK("sq_refusal.known", r.due == 0u || (flags & SQ_ACK) == 0u ||
                                       (r.flags == SQ_RST && r.seq == ack && r.ack == 0u));
    FUZZ_CHECK("sq_refusal.unknown", r.due == 0u || (flags & SQ_ACK) != 0u ||
                                         (r.flags == SQ_RST + SQ_ACK && r.seq == 0u &&
                                          r.ack == seq_add(seq, segment_length(flags, len))));
    return r;
}
