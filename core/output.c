/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* The output coordinator: what is due in the order of urgency, one phase for each kind of segment. */
#include "output.h"

#include "flight.h"
#include "times.h"
#include "urgent.h"

/*@ // What every phase of output leaves alone.
    predicate OutputKept(struct sq_conn c, struct sq_conn before) =
      c.send.una == before.send.una && c.send.iss == before.send.iss && c.send.queued == before.send.queued &&
      c.send.capacity == before.send.capacity && c.send.acked == before.send.acked && c.send.head == before.send.head && c.send.wnd == before.send.wnd &&
      c.send.mss == before.send.mss && c.receive.wnd >= before.receive.wnd &&
      c.receive.nxt == before.receive.nxt && c.receive.shift == before.receive.shift && c.receive.mss == before.receive.mss;
*/

/* Where n bytes from offset `from` on stand. */
/*@ requires block: \valid_read(s) && SendValid(*s) && 0 < n && from + n <= s->queued;
    terminates \true;
    assigns \nothing;
    ensures text: TextOf(\result, *s, from, n); */
static struct sq_slices text_of(const struct sq_send *s, uint32_t from, uint32_t n)
{
    return sq_ring_slices(s->capacity, s->head, from, n);
}

/* A segment with no text and no options. */
/*@ requires block: \valid(e);
    terminates \true;
    assigns *e;
    ensures filled: e->seq == seq && e->ack == ack && e->flags == flags && e->window == window && e->mss == 0 &&
      e->shift == SQ_NO_SHIFT && e->urgent == 0 && e->len == 0 && e->text.len == 0 && e->text.len2 == 0 && e->text.at == 0 && e->text.at2 == 0; */
static void bare(struct sq_emit *e, uint32_t seq, uint32_t ack, uint32_t flags, uint32_t window)
{
    e->seq = seq;
    e->ack = ack;
    e->flags = flags;
    e->window = window;
    e->mss = 0u;
    e->shift = SQ_NO_SHIFT;
    e->urgent = 0u;
    e->len = 0u;
    e->text.at = 0u;
    e->text.len = 0u;
    e->text.at2 = 0u;
    e->text.len2 = 0u;
}

/* The header every segment after the SYNs shares: it acknowledges and advertises, so no ACK waits any more (*ack). RFC 9293 3.8.6, 3.8.6.3 */
/*@ requires block: \valid(r) && \valid(o) && \valid(ack) && \valid(e) && \separated(r, o, ack, e) && ReceiveValid(*r) &&
      OwedValid(*o);
    terminates \true;
    assigns r->wnd, o->ack, *ack, *e;
    ensures valid: ReceiveValid(*r) && OwedValid(*o);
    ensures edge: r->wnd == (\old(r->rx) == SQ_RX_OPEN ? \old(EdgeDue(*r)) : \old(r->wnd)) && r->wnd >= \old(r->wnd);
    ensures acks: Acks(*e, *r) && o->ack == 0 && *ack == SQ_NEVER;
    ensures filled: e->seq == seq && e->flags == flags && e->mss == 0 && e->shift == SQ_NO_SHIFT && e->len == 0 &&
      e->urgent == 0 && e->text.len == 0 && e->text.len2 == 0; */
static void begin(struct sq_receive *r, struct sq_owed *o, uint64_t *ack, struct sq_emit *e,
                  uint32_t seq, uint32_t flags)
{
    if (r->rx == SQ_RX_OPEN) {
        sq_receive_edge(r);
    }
    bare(e, seq, r->nxt, flags, sq_receive_field(r->wnd, r->shift));
    o->ack = 0u;
    *ack = SQ_NEVER;
}

/* The control bits and the urgent pointer of a segment with text from offset `from` behind SND.UNA. RFC 9293 3.1, 3.8.5 */
/*@ requires block: \valid(e) && acked <= SQ_STREAM_MAX + SQ_WINDOW_MAX && from <= SQ_WINDOW_MAX;
    terminates \true;
    assigns e->flags, e->urgent;
    ensures urgent: e->urgent == UrgentField(up, acked + from);
    ensures flags: e->flags == TextFlags(last, e->urgent); */
static void mark(struct sq_emit *e, uint64_t up, uint64_t acked, uint32_t from, uint32_t last)
{
    e->urgent = sq_urgent_field(up, acked + from);
    e->flags = (last != 0u ? SQ_ACK + SQ_PSH : SQ_ACK) + (e->urgent > 0u ? SQ_URG : 0u);
}

/* The clocks of a flight that grew or goes again. RFC 6298 5.1; RFC 9293 3.8.3 */
/*@ requires block: \valid(c) && c->now <= SQ_TIME_MAX && c->rtt.rto <= SQ_RTO_CEILING;
    terminates \true;
    assigns c->times.rexmit, c->times.user, c->times.persist;
    ensures rexmit: c->times.rexmit == (\old(c->times.rexmit) == SQ_NEVER ? c->now + c->rtt.rto : \old(c->times.rexmit));
    ensures user: c->times.user == (\old(c->times.user) == SQ_NEVER ? c->now + GiveUp(c->state, c->passive, c->send.probing, c->rtt.rto, c->settings) : \old(c->times.user));
    ensures persist: c->times.persist == SQ_NEVER; */
static void clocks(struct sq_conn *c)
{
    uint64_t r2 = sq_give_up(c->state, c->passive, c->send.probing, c->rtt.rto, &c->settings);
    sq_times_sent(&c->times, c->rtt.rto, r2, c->now);
}

/* ======== the phases ======== */

/* A RST that is owed; nothing else changes. RFC 9293 3.5.2 */
/*@ requires block: \valid(o) && \valid(e) && \separated(o, e) && OwedValid(*o) && o->rst == 1;
    terminates \true;
    assigns o->rst, o->rst_flags, o->rst_seq, o->rst_ack, *e;
    ensures valid: OwedValid(*o) && o->rst == 0;
    ensures clear: o->rst_flags == 0 && o->rst_seq == 0 && o->rst_ack == 0;
    ensures rst: e->seq == \old(o->rst_seq) && e->ack == \old(o->rst_ack) && e->flags == \old(o->rst_flags) && e->len == 0; */
static void output_rst(struct sq_owed *o, struct sq_emit *e)
{
    bare(e, o->rst_seq, o->rst_ack, o->rst_flags, 0u);
    o->rst = 0u;
    o->rst_flags = 0u;
    o->rst_seq = 0u;
    o->rst_ack = 0u;
}

/* What a SYN says: MSS, the scale if both use it, a window that is never scaled. RFC 9293 3.7.1, RFC 7323 2.2 */
/*@ requires block: \valid_read(c) && \valid(e) && \separated(c, e) && ConnectionValid(*c) && SynUnsettled(c->send.tx);
    terminates \true;
    assigns *e;
    ensures syn: e->seq == c->send.iss && e->len == 0 && e->text.len == 0 && e->text.len2 == 0 && e->mss == c->receive.mss &&
      e->flags == (c->state == SQ_SYN_SENT ? SQ_SYN : SQ_SYN + SQ_ACK);
    ensures ack: e->ack == (c->state == SQ_SYN_SENT ? 0 : c->receive.nxt);
    ensures window: e->window == \min(65535, c->state == SQ_SYN_SENT ? c->receive.capacity - c->receive.used : c->receive.wnd);
    ensures scale: e->shift == (c->state == SQ_SYN_SENT || c->receive.scaled == 1 ? c->settings.shift : SQ_NO_SHIFT); */
static void fill_syn(const struct sq_conn *c, struct sq_emit *e)
{
    uint32_t active = c->state == SQ_SYN_SENT;
    uint32_t room = active != 0u ? c->receive.capacity - c->receive.used : c->receive.wnd;
    bare(e, c->send.iss, active != 0u ? 0u : c->receive.nxt,
         active != 0u ? SQ_SYN : SQ_SYN + SQ_ACK, room < 65535u ? room : 65535u);
    e->mss = c->receive.mss;
    if (active != 0u || c->receive.scaled == 1u) {
        e->shift = c->settings.shift;
    }
}

/* Our SYN, the first time. RFC 9293 3.10.1, 3.10.7.2 */
/*@ requires block: \valid(c) && \valid(e) && \separated(c, e) && ConnectionValid(*c) && c->send.tx == SQ_TX_SYN_WANTED;
    terminates \true;
    assigns c->send, c->receive.wnd, c->flight.n, c->flight.run[0 .. SQ_RUNS - 1], c->times, c->owed.ack, c->congestion.last, *e;
    ensures valid: ConnectionValid(*c);
    ensures syn: e->seq == c->send.iss && e->len == 0 && e->mss == c->receive.mss &&
      e->flags == (c->state == SQ_SYN_SENT ? SQ_SYN : SQ_SYN + SQ_ACK);
    ensures kept: OutputKept(*c, \old(*c)) && c->owed.ack <= \old(c->owed.ack);
    ensures moved: c->send.tx == SQ_TX_SYN_SENT && c->send.flight == 1 && c->send.sent == 0;
    ensures said: c->send.queued - c->send.sent == \old(c->send.queued - c->send.sent); */
static void output_syn(struct sq_conn *c, struct sq_emit *e)
{
    fill_syn(c, e);
    sq_send_syn(&c->send);
    sq_flight_sent(&c->flight, 1u, c->now);
    clocks(c);
    c->owed.ack = 0u;
}

/* New text, inside the window or the byte of a probe. RFC 9293 3.10.2, 3.8.6.1 */
/*@ requires block: \valid(c) && \valid(e) && \separated(c, e) && ConnectionValid(*c) && MaySend(c->send.tx);
    requires part: 0 < n <= c->send.queued - c->send.sent;
    requires inside: c->send.probing == 0 ? c->send.flight + n <= c->send.wnd : c->send.flight + n <= 1;
    terminates \true;
    assigns c->send, c->receive.wnd, c->flight.n, c->flight.run[0 .. SQ_RUNS - 1], c->times, c->owed.ack, c->congestion.last, *e;
    ensures valid: ConnectionValid(*c);
    ensures data: e->seq == \old(SeqAdd(c->send.una, c->send.flight)) && e->len == n &&
      TextOf(e->text, c->send, \old(c->send.sent), n);
    ensures urgent: Marked(*e, c->urgent.send_up, c->send.acked, \old(c->send.sent), c->send.queued);
    ensures acks: Acks(*e, c->receive) && c->owed.ack == 0;
    ensures moved: c->send.sent == \old(c->send.sent) + n && c->send.flight == \old(c->send.flight) + n &&
      c->send.tx == \old(c->send.tx) && c->send.probing == \old(c->send.probing);
    ensures kept: OutputKept(*c, \old(*c)); */
static void output_data(struct sq_conn *c, struct sq_emit *e, uint32_t n)
{
    uint32_t last = n == c->send.queued - c->send.sent;
    begin(&c->receive, &c->owed, &c->times.ack, e, sq_seq_add(c->send.una, c->send.flight), SQ_ACK);
    mark(e, c->urgent.send_up, c->send.acked, c->send.sent, last);
    e->len = n;
    e->text = text_of(&c->send, c->send.sent, n);
    sq_send_advance(&c->send, n);
    c->congestion.last = c->now;
    sq_flight_sent(&c->flight, n, c->now);
    clocks(c);
}

/* Our FIN, behind all text: CLOSE-WAIT becomes LAST-ACK. RFC 9293 3.10.4 */
/*@ requires block: \valid(c) && \valid(e) && \separated(c, e) && ConnectionValid(*c);
    requires due: c->send.tx == SQ_TX_FIN_WANTED && c->send.sent == c->send.queued;
    requires inside: c->send.probing == 0 ? c->send.flight + 1 <= c->send.wnd : c->send.flight == 0;
    terminates \true;
    assigns c->state, c->send, c->receive.wnd, c->flight.n, c->flight.run[0 .. SQ_RUNS - 1], c->times, c->owed.ack,
      c->congestion.last, *e;
    ensures valid: ConnectionValid(*c);
    ensures fin: e->seq == \old(SeqAdd(c->send.una, c->send.flight)) && e->len == 0 && e->flags == SQ_FIN + SQ_ACK;
    ensures acks: Acks(*e, c->receive) && c->owed.ack == 0;
    ensures moved: c->send.tx == SQ_TX_FIN_SENT && c->send.flight == \old(c->send.flight) + 1 && c->send.sent == \old(c->send.sent);
    ensures state: c->state == NextState(\old(c->state), SQ_EVENT_FIN_SENT, 0);
    ensures kept: OutputKept(*c, \old(*c)); */
static void output_fin(struct sq_conn *c, struct sq_emit *e)
{
    begin(&c->receive, &c->owed, &c->times.ack, e, sq_seq_add(c->send.una, c->send.flight),
          SQ_FIN + SQ_ACK);
    sq_send_fin(&c->send);
    sq_flight_sent(&c->flight, 1u, c->now);
    c->state = sq_state_next(c->state, SQ_EVENT_FIN_SENT, 0u);
    clocks(c);
}

/* How much of what has to be sent again goes in one segment. RFC 6298 5.4, RFC 5681 3.1 */
/*@ requires part: from < to && from < flight && to <= flight && sent <= flight <= sent + 1 && limit > 0;
    terminates \true;
    assigns \nothing;
    ensures text: from < sent ==> \result == \min(limit, \min(sent, to) - from);
    ensures control: from >= sent ==> \result == 0; */
static uint32_t resend_text(uint32_t from, uint32_t to, uint32_t sent, uint32_t flight,
                            uint32_t limit)
{
    uint32_t end = sent < to ? sent : to;
    (void)flight;
    if (from >= sent) {
        return 0u;
    }
    return end - from < limit ? end - from : limit;
}

/* The first of what has to be sent again: the SYN, text or the FIN. RFC 6298 5.4, RFC 9293 3.8.1 */
/*@ requires block: \valid(c) && \valid(e) && \separated(c, e) && ConnectionValid(*c) && limit > 0;
    requires due: c->flight.resend_from < c->flight.resend_to;
    terminates \true;
    assigns c->receive.wnd, c->flight.resend_from, c->flight.run[0 .. SQ_RUNS - 1], c->owed.ack, c->times.ack, *e;
    ensures valid: ConnectionValid(*c);
    ensures text: e->seq == \old(SeqAdd(c->send.una, c->flight.resend_from)) && e->len <= limit &&
      (e->len > 0 ==> TextOf(e->text, c->send, \old(c->flight.resend_from), e->len));
    ensures urgent: e->len > 0 ==> Marked(*e, c->urgent.send_up, c->send.acked, \old(c->flight.resend_from), c->send.queued);
    ensures control: e->len == 0 ==> e->flags == SQ_SYN || e->flags == SQ_SYN + SQ_ACK || e->flags == SQ_FIN + SQ_ACK;
    ensures moved: c->flight.resend_from == \old(c->flight.resend_from) + (e->len > 0 ? e->len : 1);
    ensures kept: OutputKept(*c, \old(*c)) && c->owed.ack <= \old(c->owed.ack); */
static void output_resend(struct sq_conn *c, struct sq_emit *e, uint32_t limit)
{
    uint32_t from = c->flight.resend_from;
    uint32_t n = resend_text(from, c->flight.resend_to, c->send.sent, c->send.flight, limit);
    if (c->send.tx == SQ_TX_SYN_SENT) {
        fill_syn(c, e);
        e->seq = sq_seq_add(c->send.una, from);
        c->owed.ack = 0u;
    } else {
        begin(&c->receive, &c->owed, &c->times.ack, e, sq_seq_add(c->send.una, from),
              SQ_FIN + SQ_ACK);
        if (n > 0u) {
            mark(e, c->urgent.send_up, c->send.acked, from, from + n == c->send.queued);
            e->len = n;
            e->text = text_of(&c->send, from, n);
        }
    }
    sq_flight_resent(&c->flight, n > 0u ? n : 1u, c->now);
}

/* One number beyond a shut window: a byte, or the FIN. RFC 9293 3.8.6.1 MUST-36 */
/*@ requires block: \valid(c) && \valid(e) && \separated(c, e) && ConnectionValid(*c);
    requires shut: c->send.wnd == 0 && c->send.flight == 0 && Waiting(c->send.tx, c->send.sent, c->send.queued);
    terminates \true;
    assigns c->state, c->send, c->receive.wnd, c->flight.n, c->flight.run[0 .. SQ_RUNS - 1], c->times, c->owed.ack,
      c->congestion.last, *e;
    ensures valid: ConnectionValid(*c);
    ensures probe: e->seq == c->send.una && c->send.flight == 1 && c->send.wnd == 0;
    ensures acks: Acks(*e, c->receive) && c->owed.ack == 0;
    ensures said: (c->send.tx == \old(c->send.tx) && c->send.sent == \old(c->send.sent) + 1) ||
      (\old(c->send.tx) == SQ_TX_FIN_WANTED && c->send.tx == SQ_TX_FIN_SENT && c->send.sent == \old(c->send.sent));
    ensures state: c->state == (c->send.tx == SQ_TX_FIN_SENT ? NextState(\old(c->state), SQ_EVENT_FIN_SENT, 0) : \old(c->state));
    ensures kept: OutputKept(*c, \old(*c)); */
static void output_probe(struct sq_conn *c, struct sq_emit *e)
{
    sq_send_probe(&c->send);
    if (c->send.sent < c->send.queued) {
        output_data(c, e, 1u);
    } else {
        output_fin(c, e);
    }
}

/* New text or our FIN, if the windows allow. RFC 9293 3.10.2, 3.10.4 */
/*@ requires block: \valid(c) && \valid(e) && \separated(c, e) && ConnectionValid(*c) && MaySend(c->send.tx) && limit > 0;
    requires unsaid: c->flight.resend_from == c->flight.resend_to && c->owed.probe == 0 && c->owed.rst == 0;
    terminates \true;
    assigns c->state, c->send, c->receive.wnd, c->flight.n, c->flight.run[0 .. SQ_RUNS - 1], c->times, c->owed.ack,
      c->congestion.last, *e;
    ensures valid: ConnectionValid(*c);
    ensures known: \result == SQ_DUE_NONE || \result == SQ_DUE_DATA || \result == SQ_DUE_FIN;
    ensures nothing: \result == SQ_DUE_NONE ==> *c == \old(*c);
    ensures idle: \result == SQ_DUE_NONE && Waiting(c->send.tx, c->send.sent, c->send.queued) && c->send.flight == 0 ==>
      Stalled(c->send);
    ensures sent_all: \result == SQ_DUE_NONE ==>
      HeldBack(c->send, CongestionWindow(c->congestion, c->send.mss), c->settings.nodelay) ||
      SendReady(c->send, CongestionWindow(c->congestion, c->send.mss)) == 0;
    ensures data: \result == SQ_DUE_DATA ==> e->seq == \old(SeqAdd(c->send.una, c->send.flight)) && 0 < e->len <= limit &&
      e->len <= c->send.mss && TextOf(e->text, c->send, \old(c->send.sent), e->len) && c->send.tx == \old(c->send.tx) &&
      c->send.sent == \old(c->send.sent) + e->len;
    ensures urgent: \result == SQ_DUE_DATA ==> Marked(*e, c->urgent.send_up, c->send.acked, \old(c->send.sent), c->send.queued);
    ensures fin: \result == SQ_DUE_FIN ==> e->seq == \old(SeqAdd(c->send.una, c->send.flight)) && e->len == 0 &&
      e->flags == SQ_FIN + SQ_ACK && c->send.tx == SQ_TX_FIN_SENT && \old(c->send.tx) == SQ_TX_FIN_WANTED &&
      c->send.sent == \old(c->send.sent);
    ensures window: \result != SQ_DUE_NONE ==> c->send.flight <= c->send.wnd && Acks(*e, c->receive) && c->owed.ack == 0;
    ensures state: c->state == (\result == SQ_DUE_FIN ? NextState(\old(c->state), SQ_EVENT_FIN_SENT, 0) : \old(c->state));
    ensures kept: OutputKept(*c, \old(*c)); */
static uint32_t output_new(struct sq_conn *c, struct sq_emit *e, uint32_t limit)
{
    uint32_t most = limit < c->send.mss ? limit : c->send.mss;
    uint32_t cwnd = sq_congestion_window(&c->congestion, c->send.mss);
    uint32_t n = sq_send_ready(&c->send, cwnd, c->settings.nodelay, most);
    if (n > 0u) {
        output_data(c, e, n);
        return SQ_DUE_DATA;
    }
    if (c->send.tx == SQ_TX_FIN_WANTED && c->send.sent == c->send.queued &&
        c->send.flight < c->send.wnd) {
        output_fin(c, e);
        return SQ_DUE_FIN;
    }
    return SQ_DUE_NONE;
}

/* An ACK that nothing else carried. RFC 9293 3.8.6.3 */
/*@ requires block: \valid(c) && \valid(e) && \separated(c, e) && ConnectionValid(*c);
    terminates \true;
    assigns c->receive.wnd, c->owed.ack, c->times.ack, *e;
    ensures valid: ConnectionValid(*c);
    ensures due: \result == (\old(c->owed.ack) == 1 && c->receive.rx != SQ_RX_NONE ? SQ_DUE_ACK : SQ_DUE_NONE);
    ensures said: c->owed.ack == 0;
    ensures pure_ack: \result == SQ_DUE_ACK ==> e->seq == SeqAdd(c->send.una, c->send.flight) && e->flags == SQ_ACK &&
      e->len == 0 && Acks(*e, c->receive);
    ensures nothing: \result == SQ_DUE_NONE ==> c->receive == \old(c->receive) && c->times == \old(c->times);
    ensures edge: c->receive.wnd >= \old(c->receive.wnd); */
static uint32_t output_ack(struct sq_conn *c, struct sq_emit *e)
{
    if (c->owed.ack == 0u) {
        return SQ_DUE_NONE;
    }
    if (c->receive.rx == SQ_RX_NONE) {
        c->owed.ack = 0u;
        return SQ_DUE_NONE;
    }
    begin(&c->receive, &c->owed, &c->times.ack, e, sq_seq_add(c->send.una, c->send.flight), SQ_ACK);
    return SQ_DUE_ACK;
}

/* While something has to be sent again, nothing new goes; the congestion window paces it. RFC 5681 3.1 */
/*@ requires block: \valid(c) && \valid(e) && \separated(c, e) && ConnectionValid(*c) && limit > 0;
    requires due: c->flight.resend_from < c->flight.resend_to && c->owed.rst == 0 && c->send.tx != SQ_TX_SYN_WANTED;
    terminates \true;
    assigns c->receive.wnd, c->flight.resend_from, c->flight.run[0 .. SQ_RUNS - 1], c->owed.ack, c->owed.probe, c->owed.keepalive,
      c->times.ack, *e;
    ensures valid: ConnectionValid(*c);
    ensures known: \result == SQ_DUE_RESEND || \result == SQ_DUE_ACK || \result == SQ_DUE_NONE;
    ensures progress: \result != SQ_DUE_NONE ==> Unsaid(*c) < \old(Unsaid(*c));
    ensures paced: \result != SQ_DUE_RESEND ==> c->flight == \old(c->flight) && c->flight.resend_from >= c->congestion.cwnd;
    ensures nothing: \result == SQ_DUE_NONE ==> Owed(c->owed) == 0 && c->receive == \old(c->receive) && c->times == \old(c->times);
    ensures resend: \result == SQ_DUE_RESEND ==> e->seq == \old(SeqAdd(c->send.una, c->flight.resend_from)) &&
      e->len <= limit && e->len <= c->send.mss && (e->len > 0 ==> TextOf(e->text, c->send, \old(c->flight.resend_from), e->len) &&
      Marked(*e, c->urgent.send_up, c->send.acked, \old(c->flight.resend_from), c->send.queued));
    ensures pure_ack: \result == SQ_DUE_ACK ==> e->seq == SeqAdd(c->send.una, c->send.flight) && e->flags == SQ_ACK &&
      e->len == 0 && \old(c->owed.ack) == 1 && Acks(*e, c->receive) && c->owed.ack == 0;
    ensures kept: OutputKept(*c, \old(*c)); */
static uint32_t output_again(struct sq_conn *c, struct sq_emit *e, uint32_t limit)
{
    uint32_t due;
    if (c->flight.resend_from < c->congestion.cwnd) {
        output_resend(c, e, limit < c->send.mss ? limit : c->send.mss);
        return SQ_DUE_RESEND;
    }
    c->owed.probe = 0u;
    c->owed.keepalive = 0u;
    due = output_ack(c, e);
    return due;
}

/* A probe that is owed, while it still has a case; text that waited for a worthier window goes now. RFC 9293 3.8.6.1, 3.8.6.2.1 */
/*@ requires block: \valid(c) && \valid(e) && \separated(c, e) && ConnectionValid(*c) && c->owed.rst == 0 && limit > 0;
    requires unsaid: c->flight.resend_from == c->flight.resend_to;
    terminates \true;
    assigns c->state, c->send, c->receive.wnd, c->flight.n, c->flight.run[0 .. SQ_RUNS - 1], c->times, c->owed.ack, c->owed.probe,
      c->congestion.last, *e;
    ensures valid: ConnectionValid(*c) && c->owed.probe == 0;
    ensures known: \result == SQ_DUE_PROBE || \result == SQ_DUE_DATA || \result == SQ_DUE_NONE;
    ensures override: \result == SQ_DUE_DATA ==> \old(c->send.flight) == 0 && c->send.wnd > 0 && c->send.flight <= c->send.wnd &&
      e->seq == c->send.una && 0 < e->len <= limit && e->len <= c->send.mss &&
      TextOf(e->text, c->send, \old(c->send.sent), e->len) && c->send.sent == \old(c->send.sent) + e->len &&
      Marked(*e, c->urgent.send_up, c->send.acked, \old(c->send.sent), c->send.queued) && Acks(*e, c->receive) && c->owed.ack == 0;
    ensures forced: \old(c->owed.probe) == 1 && \old(Stalled(c->send)) && c->send.wnd > 0 ==> \result == SQ_DUE_DATA;
    ensures nothing: \result == SQ_DUE_NONE ==> c->state == \old(c->state) && c->send == \old(c->send) && c->times == \old(c->times) &&
      c->flight == \old(c->flight) && c->receive == \old(c->receive) && c->owed.ack == \old(c->owed.ack);
    ensures progress: \result != SQ_DUE_NONE ==> Unsaid(*c) < \old(Unsaid(*c));
    ensures probe: \result == SQ_DUE_PROBE ==> \old(c->send.flight) == 0 && c->send.wnd == 0 && c->send.flight == 1 &&
      e->seq == c->send.una && Acks(*e, c->receive) && c->owed.ack == 0;
    ensures state: c->state == (\result == SQ_DUE_PROBE && c->send.tx == SQ_TX_FIN_SENT ?
      NextState(\old(c->state), SQ_EVENT_FIN_SENT, 0) : \old(c->state));
    ensures kept: OutputKept(*c, \old(*c)); */
static uint32_t output_owed_probe(struct sq_conn *c, struct sq_emit *e, uint32_t limit)
{
    uint32_t probe = c->owed.probe;
    c->owed.probe = 0u;
    if (probe == 0u || sq_send_stalled(&c->send) == 0u) {
        return SQ_DUE_NONE;
    }
    if (c->send.wnd > 0u) {
        output_data(c, e, limit < c->send.wnd ? limit : c->send.wnd);
        return SQ_DUE_DATA;
    }
    output_probe(c, e);
    return SQ_DUE_PROBE;
}

/* A keepalive probe that is owed: the number before SND.NXT, so that a live peer answers and a dead one's successor resets.
   RFC 9293 3.8.4 */
/*@ requires block: \valid(c) && \valid(e) && \separated(c, e) && ConnectionValid(*c);
    terminates \true;
    assigns c->receive.wnd, c->owed.ack, c->owed.keepalive, c->times.ack, *e;
    ensures valid: ConnectionValid(*c) && c->owed.keepalive == 0;
    ensures known: \result == SQ_DUE_KEEPALIVE || \result == SQ_DUE_NONE;
    ensures nothing: \result == SQ_DUE_NONE ==> c->receive == \old(c->receive) && c->times == \old(c->times) &&
      c->owed.ack == \old(c->owed.ack);
    ensures case: \result == SQ_DUE_KEEPALIVE <==> \old(c->owed.keepalive) == 1 && c->send.flight == 0 &&
      c->receive.rx != SQ_RX_NONE;
    ensures probe: \result == SQ_DUE_KEEPALIVE ==> e->seq == SeqAdd(c->send.una, 0xffffffff) && e->flags == SQ_ACK && e->len == 0 &&
      Acks(*e, c->receive) && c->owed.ack == 0;
    ensures edge: c->receive.wnd >= \old(c->receive.wnd); */
static uint32_t output_keepalive(struct sq_conn *c, struct sq_emit *e)
{
    uint32_t due = c->owed.keepalive;
    c->owed.keepalive = 0u;
    if (due == 0u || c->send.flight > 0u || c->receive.rx == SQ_RX_NONE) {
        return SQ_DUE_NONE;
    }
    begin(&c->receive, &c->owed, &c->times.ack, e, sq_seq_add(c->send.una, 0xffffffffu), SQ_ACK);
    return SQ_DUE_KEEPALIVE;
}

/* Nothing has to be sent again: new text or our FIN, else the ACK. RFC 9293 3.10.2, 3.8.6.3 */
/*@ requires block: \valid(c) && \valid(e) && \separated(c, e) && ConnectionValid(*c) && limit > 0;
    requires unsaid: c->flight.resend_from == c->flight.resend_to && c->owed.probe == 0 && c->owed.rst == 0 &&
      c->owed.keepalive == 0 && c->send.tx != SQ_TX_SYN_WANTED;
    terminates \true;
    assigns c->state, c->send, c->receive.wnd, c->flight.n, c->flight.run[0 .. SQ_RUNS - 1], c->times, c->owed.ack,
      c->congestion.last, *e;
    ensures valid: ConnectionValid(*c);
    ensures known: \result == SQ_DUE_NONE || \result == SQ_DUE_DATA || \result == SQ_DUE_FIN || \result == SQ_DUE_ACK;
    ensures progress: \result != SQ_DUE_NONE ==> Unsaid(*c) < \old(Unsaid(*c));
    ensures nothing: \result == SQ_DUE_NONE || \result == SQ_DUE_ACK ==> c->send == \old(c->send) && c->flight == \old(c->flight) &&
      ClocksKept(c->times, \old(c->times));
    ensures quiet: \result == SQ_DUE_NONE ==> c->receive == \old(c->receive) && Owed(c->owed) == 0 && c->times == \old(c->times);
    ensures idle: \result == SQ_DUE_NONE && Waiting(c->send.tx, c->send.sent, c->send.queued) && c->send.flight == 0 ==>
      Stalled(c->send);
    ensures sent_all: \result == SQ_DUE_NONE && MaySend(c->send.tx) ==>
      HeldBack(c->send, CongestionWindow(c->congestion, c->send.mss), c->settings.nodelay) ||
      SendReady(c->send, CongestionWindow(c->congestion, c->send.mss)) == 0;
    ensures data: \result == SQ_DUE_DATA ==> e->seq == \old(SeqAdd(c->send.una, c->send.flight)) && 0 < e->len <= limit &&
      e->len <= c->send.mss && TextOf(e->text, c->send, \old(c->send.sent), e->len) &&
      c->send.sent == \old(c->send.sent) + e->len && Marked(*e, c->urgent.send_up, c->send.acked, \old(c->send.sent), c->send.queued);
    ensures fin: \result == SQ_DUE_FIN ==> e->seq == \old(SeqAdd(c->send.una, c->send.flight)) && e->len == 0 &&
      e->flags == SQ_FIN + SQ_ACK && c->send.tx == SQ_TX_FIN_SENT;
    ensures window: \result == SQ_DUE_DATA || \result == SQ_DUE_FIN ==> c->send.flight <= c->send.wnd;
    ensures pure_ack: \result == SQ_DUE_ACK ==> e->seq == SeqAdd(c->send.una, c->send.flight) && e->flags == SQ_ACK &&
      e->len == 0 && \old(c->owed.ack) == 1;
    ensures acks: \result != SQ_DUE_NONE ==> Acks(*e, c->receive) && c->owed.ack == 0;
    ensures state: c->state == (\result != SQ_DUE_NONE && c->send.tx == SQ_TX_FIN_SENT ?
      NextState(\old(c->state), SQ_EVENT_FIN_SENT, 0) : \old(c->state));
    ensures kept: OutputKept(*c, \old(*c)); */
static uint32_t output_fresh(struct sq_conn *c, struct sq_emit *e, uint32_t limit)
{
    uint32_t due;
    if (c->send.tx == SQ_TX_OPEN || c->send.tx == SQ_TX_FIN_WANTED) {
        due = output_new(c, e, limit);
        if (due != SQ_DUE_NONE) {
            return due;
        }
    }
    due = output_ack(c, e);
    return due;
}

/* ======== the door ======== */

uint32_t sq_output(struct sq_conn *c, struct sq_emit *e, uint32_t limit, uint64_t now)
{
    uint32_t due;
    c->now = sq_clock(c->now, now);
    if (c->owed.rst != 0u) {
        output_rst(&c->owed, e);
        return SQ_DUE_RST;
    }
    if (c->send.tx == SQ_TX_SYN_WANTED) {
        output_syn(c, e);
        return SQ_DUE_SYN;
    }
    if (c->flight.resend_from < c->flight.resend_to) {
        due = output_again(c, e, limit);
        return due;
    }
    due = output_owed_probe(c, e, limit);
    if (due != SQ_DUE_NONE) {
        return due;
    }
    due = output_keepalive(c, e);
    if (due != SQ_DUE_NONE) {
        return due;
    }
    due = output_fresh(c, e, limit);
    return due;
}
