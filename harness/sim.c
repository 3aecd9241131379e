/* SPDX-License-Identifier: MIT */
/* Events in the order of virtual time; those of one instant in the order they were made. */
#include "harness/sim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENT_MAX (SQ_HEADER_MAX + SQ_TEXT_MAX)
#define POLL_MAX 100000u /* segments from one poll: more can not be owed */

static const uint32_t address[2] = {0xC0000201u, 0xC0000202u}; /* 192.0.2.1 and .2, RFC 5737 */
static const uint32_t port[2] = {49152u, 80u};

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* splitmix64: number `draws` of the seed. */
uint64_t sim_draw(struct sim *s)
{
    s->draws++;
    return mix(s->seed * 0xd1342543de82ef95u + s->draws * 0x9e3779b97f4a7c15u);
}

uint32_t sim_below(struct sim *s, uint32_t n)
{
    return (uint32_t)(sim_draw(s) % n);
}

uint8_t sim_byte(const struct sim *s, uint32_t i, uint64_t k)
{
    return (uint8_t)(mix(s->seed + i * 77u + (k / 8u) * 0x9e3779b97f4a7c15u) >> (k % 8u * 8u));
}

static void note(struct sim *s, uint64_t word)
{
    s->hash = (s->hash ^ word) * 0x100000001b3u;
    s->hash ^= s->hash >> 29;
}

__attribute__((format(printf, 2, 3))) static void fault(struct sim *s, const char *format, ...)
{
    va_list args;

    if (s->fault[0] != '\0') {
        return;
    }
    va_start(args, format);
    vsnprintf(s->fault, sizeof s->fault, format, args);
    va_end(args);
    if (s->trace != NULL) {
        fprintf(s->trace, "# %" PRIu64 ".%06" PRIu64 " FAULT %s\n", s->now / 1000000u,
                s->now % 1000000u, s->fault);
    }
}

__attribute__((format(printf, 3, 4))) static void trace(struct sim *s, uint32_t i,
                                                        const char *format, ...)
{
    va_list args;

    if (s->trace == NULL) {
        return;
    }
    fprintf(s->trace, "# %3" PRIu64 ".%06" PRIu64 " %c %-12s ", s->now / 1000000u,
            s->now % 1000000u, (char)('A' + (char)i), sim_state(s->end[i].c.state));
    va_start(args, format);
    vfprintf(s->trace, format, args);
    va_end(args);
    fputc('\n', s->trace);
}

const char *sim_state(uint32_t state)
{
    static const char *const name[] = {"CLOSED",      "LISTEN",     "SYN-SENT",   "SYN-RECEIVED",
                                       "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT",
                                       "CLOSING",     "LAST-ACK",   "TIME-WAIT"};
    return state <= SQ_TIME_WAIT ? name[state] : "?";
}

const char *sim_verdict(uint32_t verdict)
{
    static const char *const name[] = {"accepted", "ignored", "unacceptable", "challenged",
                                       "bad ack",  "refused", "reset"};
    return verdict <= SQ_SEGMENT_RESET ? name[verdict] : "?";
}

/* After every call of the core. */
static void check(struct sim *s, uint32_t i, const char *call)
{
    struct sim_end *e = &s->end[i];

    if (sq_valid(&e->c) != 1u) {
        fault(s, "end %u is not valid after %s", i, call);
    }
    note(s, e->c.state * 16u + i);
    if (e->c.state != e->state) {
        e->last = e->state;
        e->state = e->c.state;
    }
    if (e->c.state >= SQ_ESTABLISHED) {
        e->stood = true;
    }
}

struct sim_link sim_link_default(void)
{
    return (struct sim_link){.delay = 20000u};
}

void sim_begin(struct sim *s, uint64_t seed)
{
    memset(s, 0, sizeof *s);
    s->seed = seed;
    s->hash = 0xcbf29ce484222325u;
    for (uint32_t i = 0u; i < 2u; i++) {
        s->link[i] = sim_link_default();
        sq_settings_default(&s->end[i].settings);
        sq_init(&s->end[i].c);
        s->end[i].limit = SQ_TEXT_MAX;
        s->end[i].alarm = SQ_NEVER;
    }
}

void sim_free(struct sim *s)
{
    for (uint32_t k = 0u; k < s->packets; k++) {
        free(s->packet[k].bytes);
    }
    free(s->packet);
    for (uint32_t i = 0u; i < 2u; i++) {
        free(s->end[i].send_ring);
        free(s->end[i].receive_ring);
    }
}

static void *must(void *p)
{
    if (p == NULL) {
        fputs("sim: out of memory\n", stderr);
        exit(2);
    }
    return p;
}

void sim_rings(struct sim *s, uint32_t i, uint32_t send, uint32_t receive)
{
    struct sim_end *e = &s->end[i];

    free(e->send_ring);
    free(e->receive_ring);
    e->send_capacity = send;
    e->receive_capacity = receive;
    e->send_ring = must(calloc(1u, send));
    e->receive_ring = must(calloc(1u, receive));
}

uint32_t sim_open(struct sim *s, uint32_t i, bool active)
{
    struct sim_end *e = &s->end[i];
    uint32_t result;

    e->listening = !active;
    if (active) {
        result = sq_open_active(&e->c, &e->settings, e->send_capacity, e->receive_capacity, e->iss);
    } else {
        result = sq_open_passive(&e->c, &e->settings, e->send_capacity, e->receive_capacity);
    }
    check(s, i, "OPEN");
    trace(s, i, "OPEN %s: %u", active ? "active" : "passive", result);
    return result;
}

/* ---- the queue: a heap by time, then by order ---- */

static bool before(const struct sim_packet *a, const struct sim_packet *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void swap(struct sim_packet *a, struct sim_packet *b)
{
    struct sim_packet t = *a;

    *a = *b;
    *b = t;
}

void sim_inject(struct sim *s, uint32_t to, const uint8_t *bytes, uint32_t len, uint64_t at)
{
    struct sim_packet *p;
    uint32_t k = s->packets;

    if (s->packets == s->room) {
        s->room = s->room == 0u ? 64u : 2u * s->room;
        s->packet = must(realloc(s->packet, s->room * sizeof *s->packet));
    }
    p = &s->packet[k];
    p->at = at;
    p->order = sim_draw(s) % 4u + s->draws * 4u; /* unique and rising */
    p->to = to;
    p->len = len;
    p->bytes = must(malloc(len == 0u ? 1u : len));
    if (len > 0u) {
        memcpy(p->bytes, bytes, len);
    }
    s->packets++;
    while (k > 0u && before(&s->packet[k], &s->packet[(k - 1u) / 2u])) {
        swap(&s->packet[k], &s->packet[(k - 1u) / 2u]);
        k = (k - 1u) / 2u;
    }
}

static struct sim_packet take(struct sim *s)
{
    struct sim_packet first = s->packet[0];
    uint32_t k = 0u;

    s->packets--;
    s->packet[0] = s->packet[s->packets];
    for (;;) {
        uint32_t least = k;

        for (uint32_t child = 2u * k + 1u; child <= 2u * k + 2u && child < s->packets; child++) {
            if (before(&s->packet[child], &s->packet[least])) {
                least = child;
            }
        }
        if (least == k) {
            return first;
        }
        swap(&s->packet[k], &s->packet[least]);
        k = least;
    }
}

/* ---- out ---- */

static const char *flags_text(uint32_t flags)
{
    static char text[16];
    const char *letters = "FSRPAUEC";
    uint32_t n = 0u;

    for (uint32_t b = 0u; b < 8u; b++) {
        if ((flags >> b) % 2u == 1u) {
            text[n++] = letters[b];
        }
    }
    text[n] = '\0';
    return text;
}

/* What the network does with a segment; the draws are the same whatever the settings of the link are. */
static void carry(struct sim *s, uint32_t from, uint8_t *bytes, uint32_t len, bool chosen)
{
    const struct sim_link *l = &s->link[from];
    bool lost = sim_below(s, 1000u) < l->loss, corrupt = sim_below(s, 1000u) < l->corrupt;
    bool twice = sim_below(s, 1000u) < l->duplicate, late = sim_below(s, 1000u) < l->reorder;
    uint64_t jitter = sim_draw(s) % (l->jitter + 1u), again = sim_draw(s);
    uint32_t place = sim_below(s, len), bits = 1u + sim_below(s, 255u);
    uint64_t *busy = s->shared[from] != NULL ? s->shared[from] : &s->busy[from], at = s->now;

    if (l->rate > 0u) {
        uint64_t wait = *busy > s->now ? *busy - s->now : 0u;

        if (wait > 0u && wait * l->rate / 1000000u + len > l->queue) {
            lost = true;
        } else {
            *busy = s->now + wait + (uint64_t)len * 1000000u / l->rate;
            at = *busy;
        }
    }
    if (lost || chosen) {
        s->lost++;
        note(s, 1u);
        trace(s, from, "  lost");
        return;
    }
    at += l->delay + jitter;
    if (late) {
        s->late++;
        at += 3u * (uint64_t)l->delay + 3u * jitter;
        trace(s, from, "  late");
    }
    if (twice) {
        s->duplicated++;
        trace(s, from, "  twice");
        sim_inject(s, 1u - from, bytes, len, at + again % (4u * (uint64_t)l->delay + 1u));
    }
    if (corrupt) {
        /* One byte changed: the sum sees any such change. RFC 1071 */
        bytes[place] ^= (uint8_t)bits;
        s->corrupted++;
        trace(s, from, "  corrupted at %u", place);
    }
    sim_inject(s, 1u - from, bytes, len, at);
}

/* What an endpoint may never put on the wire. */
static void watch(struct sim *s, uint32_t i, const struct sq_emit *e, uint32_t shift)
{
    struct sim_end *me = &s->end[i], *peer = &s->end[1u - i];
    uint32_t numbers = e->len + ((e->flags & SQ_FIN) != 0u ? 1u : 0u);
    uint32_t edge = e->ack + (e->window << ((e->flags & SQ_SYN) != 0u ? 0u : shift));

    if ((e->flags & SQ_RST) != 0u) {
        return;
    }
    if ((e->flags & SQ_ACK) != 0u) {
        /* The field is rounded down to the scale, and in a SYN it is never scaled: what is kept may be so much more than what
           is said. RFC 7323 2.2, 2.3, 2.4 */
        bool full = (e->flags & SQ_SYN) != 0u && e->window == 65535u;

        if (me->edge_known && !full && (int32_t)(edge - me->edge) <= -(1 << shift)) {
            fault(s, "end %u moved its right edge back by %u", i, me->edge - edge);
        }
        if (!me->edge_known || (int32_t)(edge - me->edge) > 0) {
            me->edge = edge;
        }
        me->edge_known = true;
    }
    if (numbers > 0u && (e->flags & SQ_SYN) == 0u && peer->edge_known) {
        int32_t beyond = (int32_t)(e->seq + numbers - peer->edge);

        if (beyond > 1 || (beyond == 1 && numbers > 1u)) {
            fault(s, "end %u sent %d numbers beyond the window", i, (int)beyond);
        }
    }
    if (e->len > peer->mss && peer->mss > 0u) {
        fault(s, "end %u sent %u bytes for an MSS of %u", i, e->len, peer->mss);
    }
}

/* The text at this sequence number is what the user wrote there. */
static void watch_text(struct sim *s, uint32_t i, const struct sq_emit *e, const uint8_t *text)
{
    uint32_t una = s->end[i].c.send.una;
    uint64_t first = s->end[i].c.send.acked;

    first += e->seq - una; /* text never begins below SND.UNA */
    for (uint32_t k = 0u; k < e->len; k++) {
        if (text[k] != sim_byte(s, i, first + k)) {
            fault(s, "end %u put a wrong byte %" PRIu64 " on the wire", i, first + k);
            return;
        }
    }
}

static void emit(struct sim *s, uint32_t i, uint32_t due, const struct sq_emit *e)
{
    static uint8_t bytes[SEGMENT_MAX];
    struct sim_end *me = &s->end[i];
    struct sq_header h = {0};
    bool chosen = s->lose != NULL && s->lose(s->context, s, i, e);
    uint32_t n;
    uint64_t sum;

    h.source_port = port[i];
    h.destination_port = port[1u - i];
    h.seq = e->seq;
    h.ack = (e->flags & SQ_ACK) != 0u ? e->ack : 0u;
    h.flags = e->flags;
    h.window = e->window;
    h.has_mss = e->mss != 0u;
    h.mss = e->mss;
    h.has_shift = (e->flags & SQ_SYN) != 0u && e->shift != SQ_NO_SHIFT;
    h.shift = h.has_shift != 0u ? e->shift : 0u;
    if (e->mss != 0u) {
        me->mss = e->mss;
    }
    n = sq_header_emit(bytes, &h);
    if (e->len > 0u) {
        memcpy(bytes + n, me->send_ring + e->text.at, e->text.len);
        if (e->text.len2 > 0u) {
            memcpy(bytes + n + e->text.len, me->send_ring + e->text.at2, e->text.len2);
        }
        watch_text(s, i, e, bytes + n);
    }
    watch(s, i, e, me->c.receive.shift);
    n += e->len;
    sum = sq_checksum_add(sq_checksum_pseudo4(address[i], address[1u - i], n), bytes, n);
    sq_store16(bytes, 16u, sq_checksum_finish(sum));
    me->segments++;
    me->resent += due == SQ_DUE_RESEND;
    me->probes += due == SQ_DUE_PROBE;
    me->resets += (e->flags & SQ_RST) != 0u;
    note(s, ((uint64_t)e->seq << 32) + e->ack);
    note(s, ((uint64_t)e->flags << 48) + ((uint64_t)e->window << 32) + e->len);
    trace(s, i, "-> %-3s seq %u ack %u wnd %u len %u", flags_text(e->flags),
          e->seq - me->c.send.iss, e->ack - me->c.receive.irs, e->window, e->len);
    carry(s, i, bytes, n, chosen);
}

void sim_poll(struct sim *s, uint32_t i)
{
    struct sim_end *me = &s->end[i];

    for (uint32_t n = 0u; s->fault[0] == '\0'; n++) {
        struct sq_emit e;
        uint32_t due = sq_output(&me->c, &e, me->limit, s->now + me->offset);

        check(s, i, "sq_output");
        if (due == SQ_DUE_NONE) {
            struct sq_status now = sq_status(&me->c);

            if (now.unacknowledged + now.unsent > 0u && sq_deadline(&me->c) == SQ_NEVER) {
                fault(s, "end %u has something to send and waits for ever", i);
            }
            return;
        }
        if (n == POLL_MAX) {
            fault(s, "end %u does not stop sending", i);
        }
        emit(s, i, due, &e);
    }
}

/* ---- the users' calls ---- */

uint32_t sim_send(struct sim *s, uint32_t i, uint32_t n)
{
    struct sim_end *me = &s->end[i];
    struct sq_slices w = sq_writable(&me->c);
    uint32_t room = w.len + w.len2, some = n < room ? n : room;

    if (some == 0u) {
        return 0u;
    }
    for (uint32_t k = 0u; k < some; k++) {
        uint32_t place = k < w.len ? w.at + k : w.at2 + (k - w.len);

        me->send_ring[place] = sim_byte(s, i, me->sent + k);
    }
    if (sq_commit(&me->c, some, s->now + me->offset) != SQ_OK) {
        fault(s, "end %u: SEND refuses what it had room for", i);
    }
    check(s, i, "sq_commit");
    me->sent += some;
    trace(s, i, "SEND %u", some);
    return some;
}

uint32_t sim_receive(struct sim *s, uint32_t i, uint32_t n)
{
    struct sim_end *me = &s->end[i];
    struct sq_slices r = sq_readable(&me->c);
    uint32_t held = r.len + r.len2, some = n < held ? n : held;

    if (some == 0u) {
        return 0u;
    }
    for (uint32_t k = 0u; k < some; k++) {
        uint32_t place = k < r.len ? r.at + k : r.at2 + (k - r.len);

        if (me->receive_ring[place] != sim_byte(s, 1u - i, me->received + k)) {
            fault(s, "end %u read a wrong byte %" PRIu64, i, me->received + k);
            return 0u;
        }
    }
    if (sq_consume(&me->c, some) != SQ_OK) {
        fault(s, "end %u: RECEIVE refuses what it held", i);
    }
    check(s, i, "sq_consume");
    me->received += some;
    trace(s, i, "RECEIVE %u", some);
    return some;
}

void sim_close(struct sim *s, uint32_t i)
{
    uint32_t result = sq_close(&s->end[i].c, s->now + s->end[i].offset);

    check(s, i, "sq_close");
    trace(s, i, "CLOSE: %u", result);
}

void sim_abort(struct sim *s, uint32_t i)
{
    uint32_t result = sq_abort(&s->end[i].c);

    check(s, i, "sq_abort");
    trace(s, i, "ABORT: %u", result);
}

void sim_release(struct sim *s, uint32_t i)
{
    sq_release(&s->end[i].c);
    check(s, i, "sq_release");
    s->end[i].released = true;
    s->end[i].listening = false;
    s->end[i].alarm = SQ_NEVER;
    trace(s, i, "release");
}

/* ---- in ---- */

/* A listener's block that fell back before the connection stood is freed; a fresh one takes its place. */
static void relisten(struct sim *s, uint32_t i, uint32_t was)
{
    struct sim_end *me = &s->end[i];

    if (me->listening && !me->stood && was == SQ_SYN_RECEIVED && me->c.state <= SQ_LISTEN) {
        sq_release(&me->c);
        me->iss += 64000u;
        me->edge_known = false;
        sim_open(s, i, false);
    }
}

static void refuse(struct sim *s, uint32_t i, const struct sq_header *h, uint32_t len)
{
    struct sq_reset r = sq_refusal(h->flags, h->seq, h->ack, len);
    struct sq_emit e = {.flags = r.flags, .seq = r.seq, .ack = r.ack};

    if (r.due == 1u) {
        emit(s, i, SQ_DUE_RST, &e);
    }
}

static void arrive(struct sim *s, const struct sim_packet *p)
{
    struct sim_end *me = &s->end[p->to];
    uint32_t was = me->c.state, verdict;
    uint64_t sum = sq_checksum_pseudo4(address[1u - p->to], address[p->to], p->len);
    struct sq_segment_info info = {.now = s->now + me->offset, .iss = me->iss};
    struct sq_header h;

    note(s, p->to);
    if (sq_header_parse(p->bytes, p->len, &h) == 0u ||
        (!s->no_checksum && !sq_checksum_correct(sq_checksum_add(sum, p->bytes, p->len)))) {
        s->refused++;
        trace(s, p->to, "<- wrong checksum");
        return;
    }
    info.len = p->len - h.length;
    if (me->released) {
        trace(s, p->to, "<- refused");
        refuse(s, p->to, &h, info.len);
        return;
    }
    verdict = sq_input(&me->c, me->receive_ring, &h, p->bytes + h.length, &info);
    me->verdicts[verdict]++;
    trace(s, p->to, "<- %-3s len %u %s", flags_text(h.flags), info.len, sim_verdict(verdict));
    check(s, p->to, "sq_input");
    relisten(s, p->to, was);
}

static void expire(struct sim *s, uint32_t i)
{
    struct sim_end *me = &s->end[i];
    uint32_t was = me->c.state;

    trace(s, i, "timer");
    sq_tick(&me->c, s->now + me->offset);
    check(s, i, "sq_tick");
    if (sq_deadline(&me->c) <= s->now + me->offset) {
        fault(s, "end %u: a deadline stays when it has fired", i);
    }
    relisten(s, i, was);
}

/* ---- the loop ---- */

static uint64_t deadline(const struct sim *s, uint32_t i)
{
    uint64_t d = s->no_timers ? SQ_NEVER : sq_deadline(&s->end[i].c);

    return d == SQ_NEVER ? d : d < s->end[i].offset ? 0u : d - s->end[i].offset;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t sim_next(const struct sim *s)
{
    uint64_t t = s->packets > 0u ? s->packet[0].at : SQ_NEVER;

    for (uint32_t i = 0u; i < 2u; i++) {
        t = least(t, least(deadline(s, i), s->end[i].alarm));
    }
    return t;
}

bool sim_step(struct sim *s)
{
    uint64_t t = sim_next(s);
    uint32_t i;

    if (t == SQ_NEVER || s->fault[0] != '\0') {
        return false;
    }
    s->now = t > s->now ? t : s->now;
    s->events++;
    note(s, s->now);
    if (s->packets > 0u && s->packet[0].at <= s->now) {
        struct sim_packet p = take(s);

        i = p.to;
        arrive(s, &p);
        free(p.bytes);
    } else {
        i = deadline(s, 0u) <= s->now || s->end[0].alarm <= s->now ? 0u : 1u;
        if (deadline(s, i) <= s->now) {
            expire(s, i);
        } else {
            s->end[i].alarm = SQ_NEVER;
        }
    }
    if (s->act != NULL && s->fault[0] == '\0') {
        s->act(s->context, s, i);
    }
    sim_poll(s, i);
    return s->fault[0] == '\0';
}

bool sim_run(struct sim *s, uint64_t until)
{
    while (sim_next(s) <= until) {
        if (!sim_step(s)) {
            break;
        }
    }
    return s->fault[0] == '\0' && sim_next(s) == SQ_NEVER;
}
