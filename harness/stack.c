/* SPDX-License-Identifier: MIT */
/* Connections, listeners, timers and output of the endpoint. RFC 9293 3.10, RFC 6528 3, RFC 6056 3.3 */
#include "stack.h"

#include "ipv4.h"
#include "remark.h"
#include "stack_parts.h"

#include <stdlib.h>
#include <string.h>

/* Of those that an active open takes its own from; ports that are listened on are left out. RFC 6056 3.2 */
#define FIRST_PORT 1024u
#define LAST_PORT 65535u

bool sq_stack_open(struct sq_stack *s, const struct sq_stack_options *set)
{
    struct sq_key key[3];

    memset(s, 0, sizeof *s);
    s->set = *set;
    memcpy(key, set->secret, sizeof key);
    s->isn_seed = sq_sip_start(key[1]);
    s->port_seed = sq_sip_start(key[2]);
    for (uint32_t l = 0u; l < SQ_LISTENERS; l++)
        s->half_open[l] = (struct sq_ages){SQ_NOBODY, SQ_NOBODY};
    s->time_wait = (struct sq_ages){SQ_NOBODY, SQ_NOBODY};
    s->limit = set->wire.mtu - SQ_IPV4_HEADER - SQ_HEADER_MIN;
    if (s->set.settings.mss > s->limit)
        s->set.settings.mss = s->limit;
    if (s->set.ip.ttl == 0u)
        s->set.ip.ttl = SQ_IPV4_TTL;
    s->set.wire.ttl = s->set.ip.ttl;
    if (s->set.first_port == 0u) {
        s->set.first_port = FIRST_PORT;
        s->set.last_port = LAST_PORT;
    }
    s->set.wire.journal = &s->journal;
    return sq_journal_open(&s->journal, set->trace, set->connections, &s->counters, set->now) &&
           sq_wire_open(&s->wire, &s->set.wire, &s->counters) &&
           sq_table_open(&s->table, set->connections, set->send_capacity, set->receive_capacity,
                         &key[0]);
}

void sq_stack_close(struct sq_stack *s)
{
    sq_wire_close(&s->wire);
    sq_journal_close(&s->journal);
    sq_table_close(&s->table);
}

void sq_stack_verify(const struct sq_stack *s, uint32_t i, const char *call)
{
    if (s->set.verify && sq_valid(&s->table.entry[i].conn) != 1u) {
        fprintf(stderr, "sequent: connection %u is not valid after %s: a defect of the core\n", i,
                call);
        abort();
    }
}

static void count_end(struct sq_counters *c, uint32_t reason)
{
    switch ((enum sq_reason)reason) {
    case SQ_REASON_NONE:
        break;
    case SQ_REASON_DONE:
        c->connections_done++;
        break;
    case SQ_REASON_RESET:
        c->connections_reset++;
        break;
    case SQ_REASON_REFUSED:
        c->connections_refused++;
        break;
    case SQ_REASON_TIMED_OUT:
        c->connections_timed_out++;
        break;
    case SQ_REASON_ABORTED:
        c->connections_aborted++;
        break;
    case SQ_REASON_EXHAUSTED:
        c->connections_exhausted++;
        break;
    case SQ_REASON_UNREACHABLE:
        c->connections_unreachable++;
        break;
    }
}

/* ---- what a call of the core changed ---- */

/* The handshake is over: the next to be accepted. */
static void enqueue(struct sq_stack *s, uint32_t i)
{
    struct sq_entry *e = &s->table.entry[i];
    struct sq_listener *l = &s->listener[e->listener];

    e->stage = SQ_STAGE_WAITING;
    e->next_waiting = SQ_NOBODY;
    if (s->listen[e->listener].waiting == 0u)
        l->first = i;
    else
        s->table.entry[l->last].next_waiting = i;
    l->last = i;
    (void)sq_listen_settle(&s->listen[e->listener], e->conn.state);
    l->ready = 1u;
    s->counters.connections_opened_passively++;
}

/* Block i stands where the next to give way is looked for, or does not any more. */
static void keep_age(struct sq_stack *s, uint32_t i)
{
    const struct sq_entry *e = &s->table.entry[i];
    struct sq_ages *ages = NULL;

    if (e->stage == SQ_STAGE_HALF_OPEN && e->listener != SQ_NOBODY)
        ages = &s->half_open[e->listener];
    else if (e->stage == SQ_STAGE_ORPHAN && e->conn.state == SQ_TIME_WAIT)
        ages = &s->time_wait;
    sq_table_age(&s->table, i, ages);
}

void sq_stack_touched(struct sq_stack *s, uint32_t i, uint32_t before)
{
    struct sq_entry *e = &s->table.entry[i];
    uint32_t after = e->conn.state;

    if (before != after) {
        if (s->journal.trace != NULL)
            sq_trace_state(s->journal.trace, s->now - s->journal.zero, &e->ends, before, after,
                           e->conn.reason);
        if (after == SQ_CLOSED)
            count_end(&s->counters, e->conn.reason);
        if (e->stage == SQ_STAGE_HALF_OPEN && after >= SQ_ESTABLISHED)
            enqueue(s, i);
        keep_age(s, i);
    }
    sq_queue_add(&s->table.dirty, i);
}

void sq_stack_happened(struct sq_stack *s, uint32_t i, uint32_t before)
{
    sq_stack_touched(s, i, before);
    if (s->table.entry[i].stage == SQ_STAGE_OWNED)
        sq_queue_add(&s->table.ready, i);
}

/* When block i has something to do at the latest. */
static uint64_t deadline_of(const struct sq_entry *e)
{
    uint64_t deadline = sq_deadline(&e->conn);

    return deadline < e->give_up ? deadline : e->give_up;
}

/* One round of output; then the block is what it will be until something happens, and its deadline is known. */
void sq_stack_round(struct sq_stack *s, uint32_t i)
{
    struct sq_entry *e = &s->table.entry[i];
    struct sq_conn *c = &e->conn;
    struct sq_emit m;

    if (e->stage == SQ_STAGE_ORPHAN && c->receive.used > 0u) {
        uint32_t before = c->state;

        /* Text that nobody will read: the peer must not take it as delivered. RFC 1122 4.2.2.13, RFC 2525 2.17 */
        if (sq_abort(c) == SQ_OK) {
            s->counters.orphan_reset++;
            sq_stack_verify(s, i, "sq_abort");
            sq_stack_touched(s, i, before);
        }
    }
    for (;;) {
        uint32_t before = c->state, due;

        if (sq_journal_wanted(&s->journal))
            s->seen = *c;
        due = sq_output(c, &m, s->limit, s->now);
        sq_stack_verify(s, i, "sq_output");
        if (due != SQ_DUE_NONE)
            sq_stack_send(s, i, &s->seen, due, &m);
        if (before != c->state)
            sq_stack_touched(s, i, before);
        if (due == SQ_DUE_NONE)
            break;
    }
    if (c->state == SQ_CLOSED || c->state == SQ_LISTEN) {
        sq_table_unhash(&s->table, i);
        if (e->stage == SQ_STAGE_ORPHAN || e->stage == SQ_STAGE_HALF_OPEN) {
            sq_stack_release(s, i);
            return;
        }
    }
    if (e->stage == SQ_STAGE_ORPHAN && c->state == SQ_FIN_WAIT_2 && e->give_up == SQ_NEVER)
        e->give_up = s->now + s->set.orphan;
    sq_table_deadline(&s->table, i, deadline_of(e));
}

void sq_stack_flush(struct sq_stack *s, uint64_t now)
{
    s->now = now;
    for (uint32_t i = sq_queue_next(&s->table.dirty); i != SQ_NOBODY;
         i = sq_queue_next(&s->table.dirty)) {
        if (s->table.entry[i].stage != SQ_STAGE_FREE)
            sq_stack_round(s, i);
    }
}

/* ---- time ---- */

/* R1: IP is told that this way may not work. RFC 9293 3.8.3 MUST-20 */
static void excessive(struct sq_stack *s, const struct sq_entry *e)
{
    s->counters.tcp_excessive++;
    sq_wire_doubt(&s->wire, e->ends.remote, s->now);
}

void sq_stack_tick(struct sq_stack *s, uint64_t now)
{
    s->now = now;
    for (uint32_t i = sq_table_due(&s->table, now); i != SQ_NOBODY;
         i = sq_table_due(&s->table, now)) {
        struct sq_entry *e = &s->table.entry[i];
        uint32_t before = e->conn.state, timeouts = e->conn.report.timeouts;

        if (deadline_of(e) > now) {
            sq_table_deadline_exact(&s->table, i, deadline_of(e)); /* it had moved away */
            continue;
        }
        if (sq_journal_wanted(&s->journal))
            s->seen = e->conn;
        if (e->give_up <= now && before == SQ_FIN_WAIT_2) {
            (void)sq_abort(&e->conn);
            s->counters.orphan_reset++;
        } else {
            sq_tick(&e->conn, now);
        }
        sq_stack_verify(s, i, "sq_tick");
        if (timeouts < e->conn.report.timeouts && e->conn.report.timeouts == e->conn.settings.r1)
            excessive(s, e);
        sq_remark_timers(&s->journal, &e->ends, now, &s->seen, &e->conn);
        /* Not looked at again before the flush that sets its next deadline. */
        e->give_up = e->give_up <= now ? SQ_NEVER : e->give_up;
        sq_table_deadline_exact(&s->table, i, SQ_NEVER);
        sq_stack_happened(s, i, before);
    }
}

uint64_t sq_stack_deadline(const struct sq_stack *s)
{
    if (s->table.used == 0u)
        return SQ_NEVER; /* deadlines of connections that are gone may stand in the tree yet */
    return s->table.dirty.n > 0u ? 0u : sq_table_earliest(&s->table);
}

/* ---- the program's side ---- */

uint32_t sq_stack_connect(struct sq_stack *s, uint32_t source, uint32_t address, uint32_t port,
                          uint64_t now)
{
    struct sq_ends ends = {source != 0u ? source : s->set.wire.address, address, 0u, port};
    uint32_t first = s->set.first_port, ports = s->set.last_port - first + 1u;
    uint32_t i, before;
    struct sq_entry *e;

    s->now = now;
    if (!sq_wire_own(&s->wire, ends.local) || !sq_ipv4_host(address) ||
        sq_ipv4_broadcast(address, s->set.wire.address, UINT64_C(1) << (32u - s->set.wire.prefix)))
        return SQ_NOBODY;
    ends.local_port = sq_port_choose(s->table.index, s->listen, SQ_LISTENERS, ends, first, ports,
                                     sq_port_offset(s->port_seed, ends, s->opened, ports));
    if (ends.local_port == 0u)
        return SQ_NOBODY;
    i = sq_stack_take(s, &ends);
    if (i == SQ_NOBODY) {
        s->counters.table_full++;
        return SQ_NOBODY;
    }
    s->opened++;
    e = &s->table.entry[i];
    e->stage = SQ_STAGE_OWNED;
    sq_table_rings(&s->table, i);
    before = e->conn.state;
    if (sq_open_active(&e->conn, &s->set.settings, s->set.send_capacity, s->set.receive_capacity,
                       sq_stack_isn(s, &ends)) != SQ_OK) {
        fprintf(stderr, "sequent: the core refuses the settings of a connection: a defect\n");
        abort();
    }
    sq_stack_verify(s, i, "sq_open_active");
    s->counters.connections_opened_actively++;
    sq_journal_begins(&s->journal, i, SQ_CLOSED);
    sq_stack_touched(s, i, before);
    return i;
}

void sq_stack_abandon(struct sq_stack *s, uint32_t i, uint64_t now)
{
    struct sq_entry *e = &s->table.entry[i];

    s->now = now;
    e->stage = SQ_STAGE_ORPHAN;
    e->data = NULL;
    keep_age(s, i);
    sq_queue_add(&s->table.dirty, i);
}
