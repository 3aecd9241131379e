/* SPDX-License-Identifier: MIT */
// wp-model: ref
#include "refusal.h"

struct sq_reset sq_refusal(uint32_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
    struct sq_reset r = {0u, 0u, 0u, 0u};
    if ((flags & SQ_RST) != 0u) {
        return r;
    }
    r.due = 1u;
    if ((flags & SQ_ACK) != 0u) {
        r.flags = SQ_RST;
        r.seq = ack;
    } else {
        r.flags = SQ_RST + SQ_ACK;
        r.ack = sq_seq_add(seq, len + ((flags & SQ_SYN) != 0u ? 1u : 0u) +
                                    ((flags & SQ_FIN) != 0u ? 1u : 0u));
    }
    return r;
}

uint32_t sq_refuse(struct sq_owed *o, uint32_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
    struct sq_reset r = sq_refusal(flags, seq, ack, len);
    if (r.due == 0u) {
        return SQ_SEGMENT_IGNORED;
    }
    sq_owed_reset(o, r.flags, r.seq, r.ack);
    return SQ_SEGMENT_REFUSED;
}
