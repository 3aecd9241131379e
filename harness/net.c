/* SPDX-License-Identifier: MIT */
/* The loop: epoll, all frames that are there, one round of output. */
#include "net.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "net_parts.h"

#define BATCH 512u /* frames read before output gets its turn */
#define LOOKS 32u  /* batches taken before signals and other descriptors get their turn */

uint64_t sq_net_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static bool open_capture(struct sq_net *net, const char *path)
{
    struct sq_journal *j = &net->stack.journal;

    if (path == NULL)
        return true;
    j->capturing =
        sq_capture_open(&j->capture, path, net->tap.name, &net->stack.counters, sq_net_now());
    if (!j->capturing)
        snprintf(net->error, sizeof net->error,
                 "--pcap '%s': %s; expected a file that can be written", path, strerror(errno));
    return j->capturing;
}

bool sq_net_open(struct sq_net *net, const struct sq_net_options *set)
{
    struct sq_stack_options o = set->stack;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
    struct sq_tap_options tap = {set->tap, set->here, set->peer, o.wire.prefix, o.wire.mtu};

    memset(net, 0, sizeof *net);
    net->epoll = -1;
    if (!sq_tap_open(&net->tap, &tap)) {
        snprintf(net->error, sizeof net->error, "%s", net->tap.error);
        sq_tap_close(&net->tap);
        return false;
    }
    o.now = sq_net_now();
    o.wire.gateway = set->peer;
    o.wire.transmit = sq_tap_write;
    o.wire.device = &net->tap;
    net->frame_room = o.wire.mtu + 64u;
    net->frame = malloc(net->frame_room);
    net->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (net->frame == NULL || !sq_stack_open(&net->stack, &o)) {
        snprintf(net->error, sizeof net->error,
                 "no memory for %u connections: ask for fewer (--connections)", o.connections);
        sq_net_close(net);
        return false;
    }
    if (!open_capture(net, set->pcap)) {
        sq_net_close(net);
        return false;
    }
    if (net->epoll < 0 || epoll_ctl(net->epoll, EPOLL_CTL_ADD, net->tap.fd, &e) < 0) {
        snprintf(net->error, sizeof net->error, "epoll: %s", strerror(errno));
        sq_net_close(net);
        return false;
    }
    return true;
}

void sq_net_close(struct sq_net *net)
{
    struct sq_table *t = &net->stack.table;

    for (uint32_t i = 0u; i < t->size && t->entry != NULL; i++) {
        struct sq_entry *e = &t->entry[i];
        uint32_t before = e->conn.state;

        if (e->stage != SQ_STAGE_FREE && sq_abort(&e->conn) == SQ_OK)
            sq_stack_touched(&net->stack, i, before);
    }
    if (t->entry != NULL)
        sq_stack_flush(&net->stack, sq_net_now());
    sq_stack_close(&net->stack);
    sq_tap_close(&net->tap);
    if (net->epoll >= 0)
        close(net->epoll);
    free(net->frame);
    net->frame = NULL;
    net->epoll = -1;
}

bool sq_net_watch(struct sq_net *net, struct sq_net_source *source, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = source};
    int what = source->watched == 0u ? EPOLL_CTL_ADD : events == 0u ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;

    if (source->watched == events)
        return true;
    if (epoll_ctl(net->epoll, what, source->fd, &e) < 0)
        return false;
    source->watched = events;
    return true;
}

sq_socket sq_net_name(const struct sq_net *net, uint32_t i)
{
    return (uint64_t)net->stack.table.entry[i].generation << 32 | i;
}

static uint32_t events_of(struct sq_entry *e)
{
    const struct sq_conn *c = &e->conn;
    struct sq_slices room = sq_writable(c);
    uint32_t what = 0u;

    if (c->state == SQ_CLOSED)
        what |= SQ_NET_CLOSED;
    if (c->receive.used > 0u || c->receive.rx == SQ_RX_FIN)
        what |= SQ_NET_READ;
    if (c->state >= SQ_ESTABLISHED) {
        if (e->told == 0u)
            what |= SQ_NET_CONNECTED;
        e->told = 1u;
        if (room.len > 0u)
            what |= SQ_NET_WRITE;
    }
    if (c->report.urgent != 0u || c->report.excessive != 0u || c->report.soft != 0u)
        what |= SQ_NET_REPORT;
    return what;
}

static uint32_t tell(struct sq_net *net, struct sq_net_event *event, uint32_t max)
{
    struct sq_stack *s = &net->stack;
    uint32_t n = 0u;

    for (uint32_t l = 0u; l < SQ_LISTENERS && n < max; l++) {
        if (s->listener[l].ready == 1u && s->listen[l].port != 0u) {
            s->listener[l].ready = 0u;
            event[n].socket = (uint64_t)s->listener[l].generation << 32 | SQ_NET_LISTENER | l;
            event[n].data = s->listener[l].data;
            event[n].what = SQ_NET_ACCEPT;
            n++;
        }
    }
    while (n < max) {
        uint32_t i = sq_queue_next(&s->table.ready);
        struct sq_entry *e;

        if (i == SQ_NOBODY)
            break;
        e = &s->table.entry[i];
        if (e->stage != SQ_STAGE_OWNED)
            continue;
        event[n].what = events_of(e);
        event[n].socket = sq_net_name(net, i);
        event[n].data = e->data;
        n += event[n].what != 0u;
    }
    return n;
}

static int until(uint64_t deadline, uint64_t now, int milliseconds)
{
    uint64_t wait;

    if (deadline == SQ_NEVER)
        return milliseconds;
    wait = deadline <= now ? 0u : (deadline - now + 999u) / 1000u;
    if (milliseconds >= 0 && wait > (uint64_t)milliseconds)
        return milliseconds;
    return wait > INT_MAX ? INT_MAX : (int)wait;
}

/* What the device has, up to the first whose peer waits for an answer and at most a batch: how many. None, and `gone`: the
   device is no more. */
static uint32_t take_frames(struct sq_net *net, uint64_t now)
{
    uint32_t n = 0u;

    net->stack.turn = false;
    while (n < BATCH && !net->stack.turn) {
        uint32_t length = sq_tap_read(&net->tap, net->frame, net->frame_room);

        if (length == 0u)
            break;
        sq_stack_frame(&net->stack, net->frame, length, now);
        n++;
    }
    return n;
}

/* After what is answered at once it is enough to read: most likely the answer is there. So it is where reading stopped for
   somebody's turn. */
static bool look(struct sq_net *net, uint64_t now)
{
    bool hope = (net->stack.prompts || net->stack.turn) && net->looks < LOOKS;

    net->stack.prompts = false;
    net->looks = hope && take_frames(net, now) > 0u ? net->looks + 1u : 0u;
    return net->looks > 0u;
}

/* Waits for the first thing that comes, and takes it; `now` is when that was. False: the endpoint cannot go on. */
static bool wait_on(struct sq_net *net, uint64_t *now, int milliseconds, const sigset_t *mask)
{
    struct epoll_event e;
    int n = epoll_pwait(net->epoll, &e, 1,
                        until(sq_stack_deadline(&net->stack), *now, milliseconds), mask);

    if (n < 0 && errno != EINTR) {
        snprintf(net->error, sizeof net->error, "epoll: %s", strerror(errno));
        return false;
    }
    *now = sq_net_now();
    if (n > 0 && e.data.ptr != NULL) {
        struct sq_net_source *source = e.data.ptr;

        source->ready(source, e.events);
    } else if (n > 0) {
        (void)take_frames(net, *now);
    }
    return true;
}

int sq_net_wait(struct sq_net *net, struct sq_net_event *event, uint32_t max, int milliseconds,
                const sigset_t *mask)
{
    struct sq_stack *s = &net->stack;
    uint32_t told;
    uint64_t now;

    sq_stack_flush(s, sq_net_now());
    told = tell(net, event, max);
    if (told > 0u)
        return (int)told;
    if (s->journal.capturing)
        sq_capture_flush(&s->journal.capture);
    now = sq_net_now();
    if (!look(net, now) && !wait_on(net, &now, milliseconds, mask))
        return -1;
    if (net->tap.gone) {
        snprintf(net->error, sizeof net->error,
                 "the TAP device '%s' is gone: somebody removed it. Start again to have it back",
                 net->tap.name);
        return -1;
    }
    sq_stack_tick(s, now);
    /* The program's answer leaves with the acknowledgments: output waits for the next call. */
    return (int)tell(net, event, max);
}
