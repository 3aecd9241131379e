/* SPDX-License-Identifier: MIT */
/* The pure functions that decide, on any numbers at all: acceptability, the worth of an ACK, trimming, the state relation,
   windows and timeouts, each against its definition in spec/. Numbers stand near each other, where comparisons go wrong. */
#include "doors.h"
#include "fuzz.h"
#include "twin.h"

#include "core/receive.h"
#include "core/rtt.h"
#include "core/send.h"
#include "core/times.h"

/* Verdicts in the order of spec/acceptability.acsl's Judged. */
static uint32_t judged(uint32_t admit, uint32_t window, uint32_t exact, uint32_t flags)
{
    if ((flags & SQ_RST) != 0u) {
        return window == 0u  ? SQ_SEGMENT_IGNORED
               : exact == 1u ? SQ_SEGMENT_RESET
                             : SQ_SEGMENT_CHALLENGED;
    }
    return admit == 0u              ? SQ_SEGMENT_UNACCEPTABLE
           : (flags & SQ_SYN) != 0u ? SQ_SEGMENT_CHALLENGED
           : (flags & SQ_ACK) == 0u ? SQ_SEGMENT_IGNORED
                                    : SQ_SEGMENT_ACCEPTED;
}

static uint32_t close_to(struct fuzz_in *in, uint32_t base)
{
    uint32_t how = fuzz_u8(in);

    return how < 224u ? base + (how % 32u - 16u) : fuzz_u32(in);
}

static void segment(struct fuzz_in *in)
{
    uint32_t nxt = fuzz_u32(in), wnd = fuzz_edge(in, 0u, SQ_WINDOW_MAX),
             len = fuzz_edge(in, 0u, 65537u), how = fuzz_u8(in),
             base[4] = {nxt, nxt + wnd, nxt - len, nxt + 0x80000000u},
             seq = close_to(in, base[how % 4u]), flags = fuzz_u16(in) & 0xfffu;

    FUZZ_CHECK("sq_seq_dist", sq_seq_dist(nxt, seq) == seq_dist(nxt, seq));
    FUZZ_CHECK("sq_seq_add", sq_seq_add(nxt, seq) == (uint32_t)(nxt + seq));
    FUZZ_CHECK("sq_acceptable.table",
               sq_acceptable(nxt, wnd, seq, len) == acceptable(nxt, wnd, seq, len));
    FUZZ_CHECK("sq_admitted.table",
               sq_admitted(nxt, wnd, seq, len) == admitted(nxt, wnd, seq, len));
    FUZZ_CHECK("sq_judge.exact", sq_judge(how & 1u, how >> 1 & 1u, how >> 2 & 1u, flags) ==
                                     judged(how & 1u, how >> 1 & 1u, how >> 2 & 1u, flags));
    FUZZ_CHECK("sq_text_old.exact", sq_text_old(nxt, seq, len) == text_old(nxt, seq, len));
    FUZZ_CHECK("sq_text_first.exact", sq_text_first(nxt, seq) == text_first(nxt, seq));
    FUZZ_CHECK("sq_text_count.exact",
               sq_text_count(nxt, wnd, seq, len) == text_count(nxt, wnd, seq, len));
}

static void ack(struct fuzz_in *in)
{
    uint32_t una = fuzz_u32(in), flight = fuzz_edge(in, 0u, SQ_WINDOW_MAX + 1u),
             max = fuzz_edge(in, 0u, SQ_WINDOW_MAX), how = fuzz_u8(in),
             base[3] = {una, una + flight, una - max}, number = close_to(in, base[how % 3u]);

    door_refusal(fuzz_u16(in) & 0xfffu, una, number, fuzz_edge(in, 0u, SQ_TEXT_MAX));
    FUZZ_CHECK("sq_ack_kind.exact",
               sq_ack_kind(una, flight, max, number) == ack_kind(una, flight, max, number));
}

static void state(struct fuzz_in *in)
{
    uint32_t from = fuzz_u8(in) % 13u, what = fuzz_u8(in) % 12u, passive = fuzz_u8(in) & 1u,
             to = sq_state_next(from, what, passive);

    if (from <= SQ_TIME_WAIT && what <= SQ_EVENT_END) {
        FUZZ_CHECK("sq_state_next.exact", to == next_state(from, what, passive));
    }
}

/* RFC 6298 2 and 5.5 in 64 bits. */
static void timeouts(struct fuzz_in *in)
{
    uint32_t low = fuzz_edge(in, SQ_RTO_FLOOR, SQ_RTO_CEILING),
             high = fuzz_edge(in, low, SQ_RTO_CEILING);
    uint64_t m = fuzz_u8(in) < 16u ? UINT64_MAX - fuzz_u8(in) : fuzz_edge(in, 0u, SQ_RTT_MAX + 9u),
             r, gap, rto;
    struct sq_rtt t = {.srtt = fuzz_edge(in, 0u, SQ_RTT_MAX),
                       .rttvar = fuzz_edge(in, 0u, SQ_RTT_MAX),
                       .rto = low,
                       .measured = fuzz_u8(in) & 1u},
                  b = t;

    sq_rtt_sample(&t, m, low, high);
    r = m < SQ_RTT_MAX ? m : SQ_RTT_MAX;
    gap = b.srtt <= r ? r - b.srtt : b.srtt - r;
    FUZZ_CHECK("sq_rtt_sample.next",
               b.measured == 0u || (t.rttvar == (3u * (uint64_t)b.rttvar + gap) / 4u &&
                                    t.srtt == (7u * (uint64_t)b.srtt + r) / 8u));
    FUZZ_CHECK("sq_rtt_sample.first", b.measured == 1u || (t.srtt == r && t.rttvar == r / 2u));
    rto =
        t.srtt + (4u * (uint64_t)t.rttvar > SQ_RTO_FLOOR ? 4u * (uint64_t)t.rttvar : SQ_RTO_FLOOR);
    FUZZ_CHECK("sq_rtt_sample.rto", t.rto == (rto < low ? low : rto > high ? high : rto));
    b = t;
    sq_rtt_backoff(&t, high);
    FUZZ_CHECK("sq_rtt_backoff.doubled",
               t.rto == (2u * (uint64_t)b.rto < high ? 2u * (uint64_t)b.rto : high));
}

static void clocks(struct fuzz_in *in)
{
    uint64_t last = fuzz_u8(in) < 64u ? SQ_TIME_MAX - fuzz_u8(in) : fuzz_u32(in),
             said = fuzz_u8(in) < 64u ? SQ_TIME_MAX + fuzz_u8(in) - 128u
                                      : ((uint64_t)fuzz_u32(in) << 32) + fuzz_u32(in),
             at = said < SQ_TIME_MAX ? said : SQ_TIME_MAX;
    uint32_t wnd = fuzz_edge(in, 0u, SQ_WINDOW_MAX), shift = fuzz_range(in, 0u, SQ_SHIFT_MAX);

    FUZZ_CHECK("sq_clock.exact", sq_clock(last, said) == (at > last ? at : last));
    FUZZ_CHECK("sq_receive_pow2.exact", sq_receive_pow2(shift) == 1u << shift);
    FUZZ_CHECK("sq_receive_field.exact", sq_receive_field(wnd, shift) == window_field(wnd, shift));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = {data, size};

    switch (fuzz_u8(&in) % 5u) {
    case 0u:
        segment(&in);
        break;
    case 1u:
        ack(&in);
        break;
    case 2u:
        state(&in);
        break;
    case 3u:
        timeouts(&in);
        break;
    default:
        clocks(&in);
        break;
    }
    return 0;
}
