/* SPDX-License-Identifier: MIT */
/* The second layer: segments arrive for many connections, some come into being, some go, deadlines move. Every answer is what
   a plain list would give (list.h): the entry of a name and no other, nobody for a name that is not there, the listener that
   names the address, the earliest deadline, a free number, a free port. Few names and fewer slots: buckets fill, the overflow
   area too. */
#include "list.h"
#include "twin.h"

#define EVENT 6u
#define EVENTS 400u

static struct sq_ends ends_of(uint32_t n)
{
    return (struct sq_ends){0xC0000201u + n % 2u, 0x0A000000u + n / 2u % 8u, 80u + n / 16u % 3u,
                            40000u + n / 48u};
}

/* What somebody's segment that is for nobody draws. RFC 9293 3.10.7.1, 3.10.7.2 */
static uint32_t stray(uint32_t flags, bool listens)
{
    bool rst = (flags & SQ_RST) != 0u, ack = (flags & SQ_ACK) != 0u, syn = (flags & SQ_SYN) != 0u;

    return rst               ? SQ_ARRIVAL_DROPPED
           : !listens || ack ? SQ_ARRIVAL_ANSWERED
           : syn             ? SQ_ARRIVAL_OPENS
                             : SQ_ARRIVAL_DROPPED;
}

static void segment(struct table *t, struct fuzz_in *in, struct sq_ends ends)
{
    uint32_t flags = fuzz_u8(in), seq = fuzz_u16(in) - 100u, len = fuzz_u8(in),
             k = list_listener(t, ends.local, ends.local_port), found = list_find(t, ends);
    struct sq_arrival a = sq_arrival(t->index, t->listen, LISTENERS, ends, flags, seq, ~seq, len);
    struct sq_listen *l = &t->counted[k < LISTENERS ? k : 0u];

    FUZZ_CHECK("sq_arrival.entry", a.entry == found);
    if (found != SQ_NOBODY) {
        FUZZ_CHECK("sq_arrival.connection", a.kind == SQ_ARRIVAL_CONNECTION && a.reset.due == 0u);
        return;
    }
    FUZZ_CHECK("sq_arrival.answer",
               a.reset.due == (a.kind == SQ_ARRIVAL_ANSWERED) &&
                   (a.reset.due == 0u ||
                    ((flags & SQ_ACK) != 0u
                         ? a.reset.flags == SQ_RST && a.reset.seq == ~seq
                         : a.reset.flags == SQ_RST + SQ_ACK &&
                               a.reset.ack == seq_add(seq, segment_length(flags, len)))));
    if (stray(flags, k < LISTENERS) == SQ_ARRIVAL_OPENS) {
        bool room = l->half_open + l->waiting < l->backlog;

        FUZZ_CHECK("sq_arrival.opens",
                   a.listener == k && a.kind == (room ? SQ_ARRIVAL_OPENS : SQ_ARRIVAL_FULL));
        l->half_open += room;
        if (room && !table_enter(t, ends, k)) {
            FUZZ_CHECK("sq_listen_settle.gone",
                       sq_listen_settle(&t->listen[k], SQ_CLOSED) == SQ_SETTLED_GONE);
            l->half_open--;
        }
    } else {
        FUZZ_CHECK("sq_arrival.stray", a.kind == stray(flags, k < LISTENERS));
    }
}

/* An active open: the first free port from a place that nobody can guess. RFC 6056 3.3.3 */
static void connect(struct table *t, struct fuzz_in *in, struct sq_ends ends)
{
    uint32_t n = fuzz_range(in, 1u, 6u),
             offset = sq_port_offset(t->index.seed, ends, fuzz_u8(in), n),
             port = sq_port_choose(t->index, t->listen, LISTENERS, ends, 80u, n, offset),
             tried = 0u;

    FUZZ_CHECK("sq_port_offset.range", offset < n);
    for (; tried < n; tried++) {
        ends.local_port = 80u + (offset + tried) % n;
        FUZZ_CHECK("sq_port_try.exact", sq_port_try(80u, n, offset, tried) == ends.local_port);
        if (list_find(t, ends) == SQ_NOBODY &&
            list_listener(t, ends.local, ends.local_port) == LISTENERS) {
            break;
        }
    }
    FUZZ_CHECK("sq_port_choose.first", port == (tried < n ? ends.local_port : 0u));
    if (port != 0u) {
        table_enter(t, ends, LISTENERS);
    }
}

static void listen_here(struct table *t, struct fuzz_in *in, uint32_t k)
{
    uint32_t how = fuzz_u8(in), address = (how & 1u) != 0u ? 0xC0000201u + (how >> 1 & 1u) : 0u,
             port = 80u + how / 4u % 3u, backlog = fuzz_u8(in) % 5u;

    for (uint32_t e = 0u; e < t->size; e++) { /* what came through it is no longer counted */
        t->list[e].listener = t->list[e].listener == k ? LISTENERS : t->list[e].listener;
    }
    if (how < 224u) {
        sq_listen_open(&t->listen[k], address, port, backlog);
        t->counted[k] = (struct sq_listen){address, port, backlog, 0u, 0u};
    } else {
        sq_listen_close(&t->listen[k]);
        t->counted[k] = (struct sq_listen){0u, 0u, 0u, 0u, 0u};
    }
}

static void event(struct table *t, struct fuzz_in *in)
{
    uint32_t op = fuzz_u8(in), n = fuzz_u8(in), e = n % t->size;

    switch (op % 8u) {
    case 0u:
    case 1u:
    case 2u:
        segment(t, in, ends_of(n));
        break;
    case 3u:
        connect(t, in, ends_of(n));
        break;
    case 4u:
        table_settle(t, e, fuzz_u8(in) % (SQ_TIME_WAIT + 1u));
        break;
    case 5u:
        table_leave(t, e);
        break;
    case 6u:
        table_due(t, e, op >= 248u ? SQ_NEVER : fuzz_u16(in));
        break;
    default:
        listen_here(t, in, n % LISTENERS);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct table t;
    struct fuzz_in in = {data, size < EVENT ? size : EVENT};
    uint32_t entries = fuzz_range(&in, 1u, LIST_SIZE), buckets = fuzz_range(&in, 1u, LIST_BUCKETS);
    struct sq_ends ends = ends_of(fuzz_u8(&in));

    table_begin(&t, entries, buckets, (struct sq_key){fuzz_u8(&in), fuzz_u16(&in)});
    FUZZ_CHECK("sq_iss.exact", sq_iss(t.index.seed, ends, 4u * (uint64_t)entries + 3u) ==
                                   (uint32_t)(list_name(&t, ends) + entries));
    for (size_t at = EVENT; at < size && at < EVENT * EVENTS; at += EVENT) {
        in = (struct fuzz_in){data + at, size - at < EVENT ? size - at : EVENT};
        event(&t, &in);
        list_same(&t);
    }
    list_found(&t);
    return 0;
}
