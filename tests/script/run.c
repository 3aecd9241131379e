/* SPDX-License-Identifier: MIT */
/* One run of a script: time goes from event to event, deadlines in between fire when they are due, and what the endpoint
   sends is compared with what is expected, exactly unless the script says otherwise. */
#include "harness/trace.h"
#include "tests/script/script.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

enum { WHY = 200, STEPS_MAX = 100000 };

struct run {
    const struct script *script;
    const struct script_line *line; /* where we are */
    struct script_endpoint e;
    uint64_t last;                     /* when the event before happened */
    const struct script_line *pending; /* a call that waits; NULL: none */
    uint64_t due_from, due_to;         /* when it must return */
    FILE *report;
    uint32_t shown; /* source lines reported so far */
    struct script_outcome *o;
};

/* ---- what is said ---- */

static const char *source_of(const struct run *r, const struct script_line *l)
{
    return r->script->source[l->number - 1u];
}

static void fail_at(struct run *r, const struct script_line *l, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void fail_at(struct run *r, const struct script_line *l, const char *format, ...)
{
    va_list args;
    int n;

    if (r->o->error[0] != '\0') {
        return;
    }
    r->o->line = (uint32_t)(l - r->script->line);
    n = snprintf(r->o->error, sizeof r->o->error, "%s:%u: ", r->script->path, l->number);
    va_start(args, format);
    vsnprintf(r->o->error + n, sizeof r->o->error - (size_t)n, format, args);
    va_end(args);
}

static bool failed(struct run *r)
{
    if (r->e.error[0] != '\0') {
        fail_at(r, r->line, "%s\n  line:     %s", r->e.error, source_of(r, r->line));
    }
    return r->o->error[0] != '\0';
}

static const char *seconds(uint64_t t)
{
    static char text[4][32];
    static uint32_t turn;

    turn = (turn + 1u) % 4u;
    if (t == SQ_NEVER) {
        return "never";
    }
    snprintf(text[turn], sizeof text[turn], "%" PRIu64 ".%06" PRIu64, t / 1000000u, t % 1000000u);
    return text[turn];
}

static const char *state_of(const struct run *r)
{
    return r->e.current == NULL ? "" : sq_trace_state_name(r->e.current->c.state);
}

/* Says more than the script's line does; a window that no line names is left out. */
static bool more(const char *source, const char *got)
{
    const char *win = strstr(got, " win ");
    size_t n = win == NULL ? strlen(got) : (size_t)(win - got);
    char text[SCRIPT_TEXT];

    if (got[0] == '\0' || strstr(source, got) != NULL) {
        return false;
    }
    snprintf(text, sizeof text, "%.*s", (int)n, got);
    return strstr(source, text) == NULL || strchr(got, '<') != NULL;
}

/* The source up to this event, its time and the state it leaves behind it. */
static void report(struct run *r, const char *got)
{
    if (r->report == NULL) {
        return;
    }
    while (r->shown + 1u < r->line->number) {
        fprintf(r->report, "%4u  %s\n", r->shown + 1u, r->script->source[r->shown]);
        r->shown++;
    }
    r->shown = r->line->number;
    fprintf(r->report, "%4u %11s %-13s  %s\n", r->line->number, seconds(r->e.now), state_of(r),
            source_of(r, r->line));
    if (more(source_of(r, r->line), got)) {
        fprintf(r->report, "%4s %25s       got > %s\n", "", "", got);
    }
}

/* ---- time ---- */

static void called(struct run *r, const struct script_line *l, const struct script_result *got)
{
    const struct script_call *k = &l->call;

    if (got->value != k->result || strcmp(got->error, k->error) != 0) {
        fail_at(r, l, "%s() = %" PRId64 "%s%s, not %" PRId64 "%s%s\n  line:     %s", k->name,
                got->value, got->error[0] != '\0' ? " " : "", got->error, k->result,
                k->error[0] != '\0' ? " " : "", k->error, source_of(r, l));
    }
}

/* A call that waits is tried again after every event. */
static void retry(struct run *r)
{
    const struct script_line *l = r->pending;
    struct script_result got = {0};
    char why[WHY];

    if (l == NULL || failed(r)) {
        return;
    }
    if (!script_call_make(&r->e, &l->call, &got, why)) {
        fail_at(r, l, "%s", why);
    } else if (!got.blocks) {
        r->pending = NULL;
        called(r, l, &got);
        if (r->e.now < r->due_from || r->e.now > r->due_to) {
            fail_at(r, l, "%s() returns at %s, not %s\n  line:     %s", l->call.name,
                    seconds(r->e.now), seconds(r->due_from + r->script->tolerance),
                    source_of(r, l));
        }
    } else if (r->e.now > r->due_to) {
        fail_at(r, l, "%s() has not returned at %s\n  line:     %s", l->call.name,
                seconds(r->e.now), source_of(r, l));
    }
}

/* Deadlines up to `to` fire; with `stop`, only until something is sent. */
static void advance(struct run *r, uint64_t to, bool stop)
{
    for (uint32_t steps = 0u; !failed(r); steps++) {
        uint64_t at = script_endpoint_deadline(&r->e);

        if ((stop && r->e.sent > 0u) || at > to || at == SQ_NEVER) {
            break;
        }
        if (steps == STEPS_MAX) {
            fail_at(r, r->line, "timers fire for ever");
            return;
        }
        script_endpoint_tick(&r->e, at);
        retry(r);
    }
    if (!failed(r) && to != SQ_NEVER && !(stop && r->e.sent > 0u)) {
        r->e.now = to > r->e.now ? to : r->e.now;
        retry(r);
    }
}

/* When this line happens; its first and last moment. */
static void window(const struct run *r, const struct script_when *w, uint64_t *from, uint64_t *to)
{
    uint64_t base = w->relative ? r->last : 0u, slack = r->script->tolerance;

    *from = base + w->from;
    *to = w->any ? SQ_NEVER : base + w->to;
    if (r->line->kind == SCRIPT_OUT && !w->any) {
        *from = *from > slack ? *from - slack : 0u;
        *to += slack;
    }
}

/* ---- the kinds of line ---- */

static void unexpected(struct run *r, const char *where)
{
    char text[SCRIPT_TEXT];

    script_segment_text(&r->e.out[0].segment, text);
    fail_at(r, r->line, "%s: a segment that no line expects\n  got:      %s > %s\n  line:     %s",
            where, seconds(r->e.out[0].at), text, source_of(r, r->line));
}

static void expect(struct run *r)
{
    const struct script_line *l = r->line;
    char wanted[SCRIPT_TEXT], got[SCRIPT_TEXT] = "", why[SCRIPT_TEXT] = "";
    const struct script_sent *s = &r->e.out[0];
    uint64_t from, to;

    window(r, &l->when, &from, &to);
    advance(r, to, true);
    if (failed(r)) {
        return;
    }
    script_segment_text(&l->segment, wanted);
    if (r->e.sent == 0u) {
        fail_at(r, l, "nothing was sent\n  expected: %s > %s\n  got:      nothing by %s",
                seconds(from), wanted, seconds(to));
        return;
    }
    script_segment_text(&s->segment, got);
    if (s->at < from || s->at > to) {
        snprintf(why, sizeof why, "sent at %s, not %s%s%s", seconds(s->at), seconds(from),
                 from == to ? "" : " to ", from == to ? "" : seconds(to));
    } else {
        script_segment_differs(&l->segment, &s->segment, why);
    }
    if (why[0] != '\0') {
        fail_at(r, l, "%s\n  expected: %s > %s\n  got:      %s > %s", why, seconds(from), wanted,
                seconds(s->at), got);
        return;
    }
    r->last = s->at;
    report(r, got);
    r->e.sent--;
    memmove(r->e.out, r->e.out + 1, r->e.sent * sizeof r->e.out[0]);
}

static void make_call(struct run *r, uint64_t at)
{
    const struct script_line *l = r->line;
    struct script_result got = {0};
    char why[WHY];

    if (r->pending != NULL) {
        fail_at(r, l, "%s() of line %u is still waiting", r->pending->call.name,
                r->pending->number);
    } else if (!script_call_make(&r->e, &l->call, &got, why)) {
        fail_at(r, l, "%s\n  line:     %s", why, source_of(r, l));
    } else if (l->when.blocks && got.blocks) {
        r->pending = l;
        r->due_from = at + (l->when.to - l->when.from) - r->script->tolerance;
        r->due_to = at + (l->when.to - l->when.from) + r->script->tolerance;
    } else if (l->when.blocks && l->when.to > l->when.from) {
        fail_at(r, l, "%s() returns at once\n  line:     %s", l->call.name, source_of(r, l));
    } else {
        called(r, l, &got);
    }
}

static void check(struct run *r)
{
    char why[WHY];

    for (uint32_t i = 0u; i < r->line->checks; i++) {
        if (!script_check_holds(&r->e, &r->line->check[i], why)) {
            fail_at(r, r->line, "%s\n  line:     %s", why, source_of(r, r->line));
            return;
        }
    }
}

/* A line of the script's own doing: a segment that arrives, a call, a check. */
static void act(struct run *r)
{
    uint64_t at, to;

    window(r, &r->line->when, &at, &to);
    if (at < r->e.now) {
        fail_at(r, r->line, "its time %s is over, it is %s\n  line:     %s", seconds(at),
                seconds(r->e.now), source_of(r, r->line));
        return;
    }
    advance(r, at, false);
    if (!failed(r) && r->e.sent > 0u && r->e.out[0].at + r->script->tolerance < at) {
        unexpected(r, "before this line");
    }
    if (failed(r)) {
        return;
    }
    if (r->line->kind == SCRIPT_IN) {
        script_endpoint_input(&r->e, &r->line->segment);
    } else if (r->line->kind == SCRIPT_ICMP) {
        script_endpoint_icmp(&r->e, &r->line->icmp);
    } else if (r->line->kind == SCRIPT_CALL) {
        make_call(r, at);
    } else {
        check(r);
    }
    if (r->pending != r->line) {
        retry(r);
    }
    r->last = at;
    report(r, "");
}

void script_run(const struct script *s, const struct script_numbers *numbers, FILE *out,
                struct script_outcome *o)
{
    static struct run r;

    memset(&r, 0, sizeof r);
    memset(o, 0, sizeof *o);
    r.script = s;
    r.report = out;
    r.o = o;
    script_endpoint_begin(&r.e, s, numbers);
    for (uint32_t i = 0u; i < s->lines && !failed(&r); i++) {
        r.line = &s->line[i];
        if (r.line->kind == SCRIPT_OUT) {
            expect(&r);
        } else {
            act(&r);
        }
    }
    if (!failed(&r) && r.e.sent > 0u) {
        unexpected(&r, "after this line");
    }
    if (!failed(&r) && r.pending != NULL) {
        fail_at(&r, r.pending, "%s() has not returned at the end", r.pending->call.name);
    }
    script_endpoint_end(&r.e);
}
