/* SPDX-License-Identifier: MIT */
/* What stands above sq_output. */
#include "doors.h"
#include "fuzz.h"
#include "twin.h"

#define CHECK(clause, holds) FUZZ_CHECK("sq_output." clause, holds)
#define SAME(a, b) (memcmp(&(a), &(b), sizeof(a)) == 0)

static bool same_but_window(struct sq_receive r, uint32_t wnd, const struct sq_receive *before)
{
    r.wnd = wnd;
    return SAME(r, *before);
}

static bool same_but_last(struct sq_congestion g, uint64_t last, const struct sq_congestion *before)
{
    g.last = last;
    return SAME(g, *before);
}

/* `assigns`: everything else is as it was. */
static void check_frame(const struct sq_conn *c, const struct sq_conn *before)
{
    CHECK("assigns",
          SAME(c->settings, before->settings) && SAME(c->rtt, before->rtt) &&
              SAME(c->reassembly, before->reassembly) && c->passive == before->passive &&
              c->reason == before->reason && c->keeps == before->keeps &&
              same_but_window(c->receive, before->receive.wnd, &before->receive) &&
              same_but_last(c->congestion, before->congestion.last, &before->congestion));
    CHECK("una", c->send.una == before->send.una && c->send.queued == before->send.queued &&
                     c->send.iss == before->send.iss);
    CHECK("edge", c->receive.wnd >= before->receive.wnd);
}

/* TextOf */
static bool text_of(const struct sq_emit *e, const struct sq_send *s, uint32_t from)
{
    return e->text.len + e->text.len2 == e->len &&
           (e->len == 0u || (e->text.at == place(s->capacity, s->head, from) && e->text.at2 == 0u &&
                             (uint64_t)e->text.at + e->text.len <= s->capacity &&
                             (e->text.len2 == 0u || e->text.at + e->text.len == s->capacity)));
}

static void check_quiet(const struct sq_conn *c, const struct sq_conn *b)
{
    int64_t cwnd = congestion_window(&c->congestion, c->send.mss);
    bool again = c->flight.resend_from < c->flight.resend_to,
         may = c->send.tx == SQ_TX_OPEN || c->send.tx == SQ_TX_FIN_WANTED;

    CHECK("quiet", SAME(c->send, b->send) && SAME(c->flight, b->flight) &&
                       SAME(c->times, b->times) && SAME(c->receive, b->receive) &&
                       c->state == b->state && owed(c) == 0u && c->send.tx != SQ_TX_SYN_WANTED);
    CHECK("never_idle", !waiting(&c->send) || c->send.flight > 0u || c->times.persist != SQ_NEVER);
    CHECK("sent_all", !may || again || held_back(&c->send, cwnd, c->settings.nodelay) ||
                          send_ready(&c->send, cwnd) == 0);
    CHECK("paced", !again || c->flight.resend_from >= c->congestion.cwnd);
    /* T8: whoever waits for the peer has a clock running. */
    CHECK("T8.rexmit",
          c->send.flight == 0u || (c->times.rexmit != SQ_NEVER && c->times.user != SQ_NEVER));
    CHECK("T8.time_wait", c->state != SQ_TIME_WAIT || c->times.time_wait != SQ_NEVER);
}

/* Our SYN: MSS, the scale if both use it, a window that is never scaled; no other segment has options. RFC 9293 3.7.1,
   RFC 7323 2.2 */
static void fill_syn(const struct sq_conn *c, const struct sq_emit *e)
{
    bool active = c->state == SQ_SYN_SENT;
    uint32_t room = active ? c->receive.capacity - c->receive.used : c->receive.wnd;

    FUZZ_CHECK("fill_syn.syn", e->flags == (active ? SQ_SYN : SQ_SYN + SQ_ACK) && e->len == 0u &&
                                   e->mss == c->receive.mss &&
                                   e->ack == (active ? 0u : c->receive.nxt));
    FUZZ_CHECK("fill_syn.window", e->window == (room < 65535u ? room : 65535u));
    FUZZ_CHECK("fill_syn.scale",
               e->shift == (active || c->receive.scaled == 1u ? c->settings.shift : SQ_NO_SHIFT));
}

/* PSH where the queue ends, URG before urgent text. RFC 9293 3.9.1, 3.8.5 */
static void flags(const struct sq_conn *c, const struct sq_conn *b, const struct sq_emit *e,
                  uint32_t due)
{
    uint32_t end = due == SQ_DUE_RESEND ? b->flight.resend_from + e->len : c->send.sent;
    uint32_t urg = e->urgent > 0u ? SQ_URG : 0u;

    if (due == SQ_DUE_SYN || (due == SQ_DUE_RESEND && c->send.tx == SQ_TX_SYN_SENT)) {
        fill_syn(c, e);
        return;
    }
    FUZZ_CHECK("bare.options", e->mss == 0u && e->shift == SQ_NO_SHIFT);
    if (due == SQ_DUE_DATA || due == SQ_DUE_PROBE || due == SQ_DUE_RESEND) {
        FUZZ_CHECK("output.flags",
                   e->flags == (e->len == 0u
                                    ? SQ_FIN + SQ_ACK
                                    : SQ_ACK + (end == b->send.queued ? SQ_PSH : 0u) + urg));
    }
}

static void check_segment(const struct sq_conn *c, const struct sq_conn *b, const struct sq_emit *e,
                          uint32_t due, uint32_t limit)
{
    int64_t nxt = seq_add(b->send.una, b->send.flight);

    CHECK("data",
          due != SQ_DUE_DATA ||
              (e->seq == nxt && e->len > 0u && e->len <= limit && e->len <= c->send.mss &&
               text_of(e, &c->send, b->send.sent) && c->send.sent == b->send.sent + e->len));
    if (due == SQ_DUE_DATA || (due == SQ_DUE_RESEND && e->len > 0u)) {
        uint64_t from = due == SQ_DUE_DATA ? b->send.sent : b->flight.resend_from;

        CHECK("urgent", e->urgent == urgent_field(c->urgent.send_up, c->send.acked + from) &&
                            ((e->flags & SQ_URG) != 0u) == (e->urgent > 0u));
    }
    /* What the door leaves to its part: nothing silly goes unless the persist timer overrides. RFC 9293 3.8.6.2.1 */
    FUZZ_CHECK("sq_send_ready.held",
               due != SQ_DUE_DATA || b->owed.probe == 1u ||
                   !held_back(&b->send, congestion_window(&b->congestion, b->send.mss),
                              b->settings.nodelay));
    CHECK("window", (due != SQ_DUE_DATA && due != SQ_DUE_FIN) || c->send.flight <= c->send.wnd);
    CHECK("probe", due != SQ_DUE_PROBE || (b->send.flight == 0u && c->send.wnd == 0u &&
                                           c->send.flight == 1u && e->seq == c->send.una));
    CHECK("resend",
          due != SQ_DUE_RESEND ||
              (e->len <= c->send.mss && e->seq == seq_add(b->send.una, b->flight.resend_from) &&
               SAME(c->send, b->send) && e->len <= limit &&
               (e->len == 0u || text_of(e, &c->send, b->flight.resend_from))));
    CHECK("fin",
          due != SQ_DUE_FIN || (e->seq == nxt && e->len == 0u && e->flags == SQ_FIN + SQ_ACK &&
                                c->send.tx == SQ_TX_FIN_SENT));
    CHECK("syn",
          due != SQ_DUE_SYN || (e->seq == c->send.iss && e->len == 0u && e->mss == c->receive.mss &&
                                e->flags == (c->state == SQ_SYN_SENT ? SQ_SYN : SQ_SYN + SQ_ACK)));
    CHECK("pure_ack", due != SQ_DUE_ACK || (e->seq == nxt && e->flags == SQ_ACK && e->len == 0u &&
                                            SAME(c->send, b->send) && SAME(c->flight, b->flight) &&
                                            b->owed.ack == 1u));
    CHECK("keepalive", due != SQ_DUE_KEEPALIVE ||
                           (e->seq == seq_add(c->send.una, 0xffffffff) && e->flags == SQ_ACK &&
                            e->len == 0u && SAME(c->send, b->send) && SAME(c->flight, b->flight) &&
                            c->send.flight == 0u && b->owed.keepalive == 1u));
    CHECK("clocks",
          (due != SQ_DUE_ACK && due != SQ_DUE_KEEPALIVE) || clocks_kept(&c->times, &b->times));
    flags(c, b, e, due);
    /* What the door leaves to its parts: when new text last left. RFC 5681 4.1 */
    FUZZ_CHECK("output_data.last",
               c->congestion.last == (due == SQ_DUE_DATA ? c->now : b->congestion.last) ||
                   due == SQ_DUE_PROBE);
    CHECK("rst",
          due != SQ_DUE_RST || (e->seq == b->owed.rst_seq && e->ack == b->owed.rst_ack &&
                                e->flags == b->owed.rst_flags && e->len == 0u && e->window == 0u &&
                                b->owed.rst == 1u && c->owed.rst == 0u && c->owed.rst_flags == 0u &&
                                c->owed.rst_seq == 0u && c->owed.rst_ack == 0u));
    CHECK("acks",
          due < SQ_DUE_DATA ||
              (e->ack == c->receive.nxt &&
               e->window == window_field(c->receive.wnd, c->receive.shift) && c->owed.ack == 0u));
    FUZZ_CHECK("begin.acks", due < SQ_DUE_DATA || c->times.ack == SQ_NEVER);
}

uint32_t door_output(struct sq_conn *c, struct sq_emit *e, uint32_t limit, uint64_t now)
{
    struct sq_conn before = *c;
    uint32_t due = sq_output(c, e, limit, now), fin;
    uint64_t said = now < SQ_TIME_MAX ? now : SQ_TIME_MAX;

    CHECK("valid", connection_valid(c));
    CHECK("known", due <= SQ_DUE_KEEPALIVE);
    CHECK("clock", c->now == (said > before.now ? said : before.now));
    CHECK("progress", due == SQ_DUE_NONE || unsaid(c) < unsaid(&before));
    check_frame(c, &before);
    if (due == SQ_DUE_NONE) {
        check_quiet(c, &before);
    } else {
        check_segment(c, &before, e, due, limit);
    }
    fin = due != SQ_DUE_NONE && c->send.tx == SQ_TX_FIN_SENT;
    CHECK("state",
          c->state == (fin != 0u ? next_state(before.state, SQ_EVENT_FIN_SENT, 0u) : before.state));
    return due;
}
