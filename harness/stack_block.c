/* SPDX-License-Identifier: MIT */
/* Blocks for connections: a fresh one for a SYN or an active open, and who gives way when none is left. RFC 9293 3.10.7.2,
   RFC 6528 3, RFC 4987 3.3 */
#include "stack_parts.h"

#include <stdlib.h>

void sq_stack_release(struct sq_stack *s, uint32_t i)
{
    struct sq_entry *e = &s->table.entry[i];

    if (e->stage == SQ_STAGE_HALF_OPEN && e->listener != SQ_NOBODY)
        (void)sq_listen_settle(&s->listen[e->listener], SQ_CLOSED);
    sq_table_release(&s->table, i);
}

uint32_t sq_stack_isn(const struct sq_stack *s, const struct sq_ends *e)
{
    return sq_iss(s->isn_seed, *e, s->now);
}

/* The block that came to TIME-WAIT first, of those that nobody owns, is free again. */
static void recycle(struct sq_stack *s)
{
    if (s->time_wait.oldest != SQ_NOBODY) {
        s->counters.time_wait_recycled++;
        sq_stack_release(s, s->time_wait.oldest);
    }
}

/* A flood of SYNs must not keep others out: the oldest half-open connection of this listener gives way to the new one. An
   honest handshake, which is soon over, is not that one as long as fewer SYNs come in its round trip than there are
   half-open connections. RFC 4987 3.3. stale: only if its SYN-ACK was sent again already. */
static bool make_way(struct sq_stack *s, uint32_t l, bool stale)
{
    uint32_t i = s->half_open[l].oldest;

    if (i == SQ_NOBODY || (stale && s->table.entry[i].conn.flight.run[0].resent != 1u))
        return false;
    s->counters.half_open_evicted++;
    sq_stack_release(s, i);
    return true;
}

uint32_t sq_stack_take(struct sq_stack *s, const struct sq_ends *ends)
{
    uint32_t i = sq_table_take(&s->table, ends);

    if (i == SQ_NOBODY) {
        recycle(s);
        i = sq_table_take(&s->table, ends);
    }
    if (i != SQ_NOBODY)
        s->table.entry[i].ip = s->set.ip;
    return i;
}

uint32_t sq_stack_listen_block(struct sq_stack *s, uint32_t l, const struct sq_ends *ends,
                               bool full)
{
    uint32_t i;
    uint32_t before;
    struct sq_entry *e;

    if (full && (!make_way(s, l, false) || sq_listen_begin(&s->listen[l]) != 1u)) {
        s->counters.listen_overflow++;
        return SQ_NOBODY;
    }
    i = sq_stack_take(s, ends);
    /* With few blocks a burst of honest clients is no flood: it waits, for a SYN is sent again and a RST is for good. */
    if (i == SQ_NOBODY && make_way(s, l, true))
        i = sq_stack_take(s, ends);
    if (i == SQ_NOBODY) {
        (void)sq_listen_settle(&s->listen[l], SQ_CLOSED); /* counted, and gone at once */
        s->counters.table_full++;
        return SQ_NOBODY;
    }
    e = &s->table.entry[i];
    e->listener = l;
    before = e->conn.state;
    if (sq_open_passive(&e->conn, &s->set.settings, s->set.send_capacity,
                        s->set.receive_capacity) != SQ_OK) {
        fprintf(stderr, "sequent: the core refuses the settings of a connection: a defect\n");
        abort();
    }
    sq_journal_begins(&s->journal, i, SQ_LISTEN);
    sq_stack_touched(s, i, before);
    return i;
}
