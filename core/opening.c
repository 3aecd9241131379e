/* SPDX-License-Identifier: MIT */
// wp-model: ref, ground
#include "opening.h"

#include "congestion.h"
#include "flight.h"
#include "receive.h"
#include "teardown.h"

/* The peer's SYN: where its numbers begin, its window, MSS and scale; ours is due, or due again with an ACK.
   RFC 9293 3.10.7.2 third, 3.10.7.3 fourth; RFC 7323 2.2 */
/*@ requires block: \valid(c) && \valid_read(h) && \separated(c, h) && ConnectionValid(*c);
    requires syn: c->state == SQ_LISTEN || c->state == SQ_SYN_SENT;
    requires segment: h->window <= 65535 && h->mss <= 65535 && h->shift <= 255;
    terminates \true;
    assigns c->state, c->passive, c->send, c->receive.rx, c->receive.irs, c->receive.nxt, c->receive.wnd, c->receive.shift,
      c->receive.scaled, c->flight.resend_from, c->flight.resend_to, c->congestion;
    ensures valid: ConnectionValid(*c);
    ensures unacked: c->send.acked == \old(c->send.acked) && c->send.closing == 0;
    ensures state: c->state == SQ_SYN_RECEIVED && c->passive == (\old(c->state) == SQ_LISTEN ? 1 : \old(c->passive));
    ensures numbers: c->receive.irs == h->seq && c->receive.nxt == SeqAdd(h->seq, 1);
    ensures iss: \old(c->state) == SQ_LISTEN ==> c->send.iss == iss && c->send.una == iss && c->send.tx == SQ_TX_SYN_WANTED;
    ensures same: \old(c->state) == SQ_SYN_SENT ==> c->send.iss == \old(c->send.iss) && c->send.una == \old(c->send.una) &&
      c->send.flight == \old(c->send.flight) && c->send.tx == \old(c->send.tx);
    ensures window: c->send.wnd == h->window && c->send.wl1 == h->seq && c->send.wl2 == c->send.una;
    ensures mss: c->send.mss == \min(c->settings.mss, h->has_mss == 0 ? SQ_MSS_DEFAULT : \max(SQ_MSS_MIN, h->mss));
    ensures scale: h->has_shift != 0 && c->settings.shift != SQ_NO_SHIFT ?
      c->send.shift == \min(h->shift, SQ_SHIFT_MAX) && c->receive.shift == c->settings.shift :
      c->send.shift == 0 && c->receive.shift == 0;
    ensures kept: c->send.capacity == \old(c->send.capacity) && c->send.queued == \old(c->send.queued); */
static void peer_syn(struct sq_conn *c, const struct sq_header *h, uint32_t iss)
{
    uint32_t offer = h->has_mss == 0u ? SQ_MSS_DEFAULT : h->mss < SQ_MSS_MIN ? SQ_MSS_MIN : h->mss;
    uint32_t mss = offer < c->settings.mss ? offer : c->settings.mss;
    uint32_t scaled = h->has_shift != 0u && c->settings.shift != SQ_NO_SHIFT;
    uint32_t shift = h->shift < SQ_SHIFT_MAX ? h->shift : SQ_SHIFT_MAX;
    if (c->state == SQ_LISTEN) {
        c->passive = 1u;
        sq_send_open(&c->send, iss);
    }
    sq_send_peer(&c->send, h->seq, h->window, mss, scaled != 0u ? shift : 0u);
    sq_receive_syn(&c->receive, h->seq, scaled != 0u ? c->settings.shift : 0u, scaled);
    sq_congestion_open(&c->congestion, mss, c->settings.initial_window);
    sq_flight_lost(&c->flight, c->send.flight);
    c->state = sq_state_next(c->state, SQ_EVENT_SYN, c->passive);
}

uint32_t sq_input_listen(struct sq_conn *c, const struct sq_header *h, uint32_t len, uint32_t iss)
{
    if ((h->flags & SQ_RST) != 0u || (h->flags & SQ_ACK) != 0u) {
        return sq_refuse(&c->owed, h->flags, h->seq, h->ack, len);
    }
    if ((h->flags & SQ_SYN) == 0u) {
        return SQ_SEGMENT_IGNORED;
    }
    peer_syn(c, h, iss);
    return SQ_SEGMENT_ACCEPTED;
}

struct sq_taken sq_input_syn_sent(struct sq_conn *c, const struct sq_header *h, uint32_t len,
                                  uint64_t now)
{
    struct sq_taken t = {SQ_SEGMENT_IGNORED, 0u, 0u, 0u};
    uint32_t acks = (h->flags & SQ_ACK) != 0u;
    if (acks != 0u && !(c->send.flight == 1u && sq_seq_dist(c->send.una, h->ack) == 1u)) {
        t.verdict = sq_refuse(&c->owed, h->flags, h->seq, h->ack, len);
        return t;
    }
    if ((h->flags & SQ_RST) != 0u) {
        if (acks != 0u) {
            sq_teardown(c, SQ_CLOSED, SQ_REASON_REFUSED);
            t.verdict = SQ_SEGMENT_RESET;
        }
        return t;
    }
    if ((h->flags & SQ_SYN) == 0u) {
        return t;
    }
    peer_syn(c, h, 0u);
    t.verdict = SQ_SEGMENT_ACCEPTED;
    if (acks != 0u) {
        c->owed.ack = 1u;
        t.verdict = sq_input_ack(c, h->seq, h->ack, h->window, 0u, now);
        if (t.verdict == SQ_SEGMENT_ACCEPTED) {
            t = sq_input_text(c, sq_seq_add(h->seq, 1u), len, h->flags & SQ_FIN, now);
        }
    }
    return t;
}
