/* SPDX-License-Identifier: MIT */
/* Verdicts on an arriving segment. RFC 9293 3.4, 3.10.7.4; RFC 5961 */
#include "acceptability.h"

uint32_t sq_acceptable(uint32_t nxt, uint32_t wnd, uint32_t seq, uint32_t len)
{
    if (len == 0u) {
        return wnd == 0u ? seq == nxt : sq_seq_dist(nxt, seq) < wnd;
    }
    if (wnd == 0u) {
        return 0u;
    }
    return sq_seq_dist(nxt, seq) < wnd || sq_seq_dist(nxt, sq_seq_add(seq, len - 1u)) < wnd;
}

uint32_t sq_admitted(uint32_t nxt, uint32_t wnd, uint32_t seq, uint32_t len)
{
    uint32_t back = sq_seq_dist(seq, nxt);
    if (wnd == 0u && len > 0u) {
        return seq == nxt;
    }
    if (wnd > 0u && back > 0u && back < len && wnd < len - back) {
        return 1u;
    }
    return sq_acceptable(nxt, wnd, seq, len);
}

uint32_t sq_judge(uint32_t admitted, uint32_t window, uint32_t exact, uint32_t flags)
{
    if ((flags & SQ_RST) != 0u) {
        if (window == 0u) {
            return SQ_SEGMENT_IGNORED;
        }
        return exact == 1u ? SQ_SEGMENT_RESET : SQ_SEGMENT_CHALLENGED;
    }
    if (admitted == 0u) {
        return SQ_SEGMENT_UNACCEPTABLE;
    }
    if ((flags & SQ_SYN) != 0u) {
        return SQ_SEGMENT_CHALLENGED;
    }
    return (flags & SQ_ACK) == 0u ? SQ_SEGMENT_IGNORED : SQ_SEGMENT_ACCEPTED;
}

uint32_t sq_ack_kind(uint32_t una, uint32_t flight, uint32_t max_wnd, uint32_t ack)
{
    if (ack == una) {
        return SQ_ACK_SAME;
    }
    if (sq_seq_dist(una, ack) <= flight) {
        return SQ_ACK_NEW;
    }
    return sq_seq_dist(ack, una) <= max_wnd ? SQ_ACK_OLD : SQ_ACK_INVALID;
}

uint32_t sq_text_old(uint32_t nxt, uint32_t seq, uint32_t len)
{
    uint32_t back = sq_seq_dist(seq, nxt);
    if (sq_seq_dist(nxt, seq) < 0x80000000u) {
        return 0u;
    }
    return len < back ? len : back;
}

uint32_t sq_text_first(uint32_t nxt, uint32_t seq)
{
    uint32_t ahead = sq_seq_dist(nxt, seq);
    return ahead < 0x80000000u ? ahead : 0u;
}

uint32_t sq_text_count(uint32_t nxt, uint32_t wnd, uint32_t seq, uint32_t len)
{
    uint32_t rest = len - sq_text_old(nxt, seq, len);
    uint32_t first = sq_text_first(nxt, seq);
    uint32_t room = first < wnd ? wnd - first : 0u;
    return rest < room ? rest : room;
}
