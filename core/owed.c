/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* What is owed to the peer. */
#include "owed.h"

void sq_owed_clear(struct sq_owed *o)
{
    o->quiet = 0u;
    o->ack = 0u;
    o->probe = 0u;
    o->rst = 0u;
    o->rst_flags = 0u;
    o->rst_seq = 0u;
    o->rst_ack = 0u;
    o->keepalive = 0u;
    o->zero = 0u;
}

void sq_owed_challenge(struct sq_owed *o, uint32_t interval, uint64_t now)
{
    if (o->quiet <= now) {
        o->ack = 1u;
        o->quiet = now + interval;
    }
}

void sq_owed_reset(struct sq_owed *o, uint32_t flags, uint32_t seq, uint32_t ack)
{
    o->rst = 1u;
    o->rst_flags = flags;
    o->rst_seq = seq;
    o->rst_ack = ack;
}
