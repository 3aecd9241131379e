/* SPDX-License-Identifier: MIT */
/* Reading a script: the file, comments, times, which kind of line it is. */
#include "tests/script/script.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

void script_refuse(struct script *s, uint32_t number, const char *format, ...)
{
    va_list args;
    int n;

    if (s->error[0] != '\0') {
        return;
    }
    n = number > 0u ? snprintf(s->error, sizeof s->error, "%s:%u: ", s->path, number)
                    : snprintf(s->error, sizeof s->error, "%s: ", s->path);
    va_start(args, format);
    vsnprintf(s->error + n, sizeof s->error - (size_t)n, format, args);
    va_end(args);
}

/* ---- words ---- */

void script_space(struct script_cursor *c)
{
    while (*c->at == ' ' || *c->at == '\t') {
        c->at++;
    }
}

bool script_take(struct script_cursor *c, const char *word)
{
    size_t n = strlen(word);
    bool name = isalpha((unsigned char)word[n - 1u]) != 0;

    script_space(c);
    if (strncmp(c->at, word, n) != 0 || (name && isalnum((unsigned char)c->at[n]) != 0)) {
        return false;
    }
    c->at += n;
    return true;
}

bool script_number(struct script_cursor *c, uint32_t *n)
{
    uint64_t value = 0u;
    bool minus;

    script_space(c);
    minus = *c->at == '-';
    c->at += minus;
    if (isdigit((unsigned char)*c->at) == 0) {
        script_refuse(c->script, c->number, "a number is missing before \"%s\"", c->at);
        return false;
    }
    while (isdigit((unsigned char)*c->at) != 0) {
        value = 10u * value + (uint64_t)(*c->at++ - '0');
        if (value > UINT32_MAX) {
            script_refuse(c->script, c->number, "a number is larger than 4294967295");
            return false;
        }
    }
    *n = minus ? 0u - (uint32_t)value : (uint32_t)value;
    return true;
}

bool script_duration(struct script_cursor *c, uint64_t *t)
{
    uint64_t whole = 0u, part = 0u, unit = 1000000u;
    bool some = false;

    script_space(c);
    for (; isdigit((unsigned char)*c->at) != 0 && whole < 1000000000u; c->at++) {
        whole = 10u * whole + (uint64_t)(*c->at - '0');
        some = true;
    }
    if (*c->at == '.' && isdigit((unsigned char)c->at[1]) != 0) {
        for (c->at++; isdigit((unsigned char)*c->at) != 0 && unit > 1u; c->at++) {
            unit /= 10u;
            part += unit * (uint64_t)(*c->at - '0');
            some = true;
        }
    }
    if (!some || isdigit((unsigned char)*c->at) != 0) {
        script_refuse(
            c->script, c->number,
            "a time is seconds with at most six places behind the point, as in 0, +.2 or +1.5");
        return false;
    }
    *t = 1000000u * whole + part;
    return true;
}

/* ---- times ---- */

/* The second time of a range or a call's duration: relative if the first is. */
static bool second_time(struct script_cursor *c, struct script_when *w)
{
    bool plus = script_take(c, "+");

    if (plus != w->relative) {
        script_refuse(c->script, c->number, "both times of a pair are relative or both are not");
        return false;
    }
    if (!script_duration(c, &w->to)) {
        return false;
    }
    if (w->to < w->from) {
        script_refuse(c->script, c->number, "the second time is before the first");
        return false;
    }
    return true;
}

static bool read_when(struct script_cursor *c, struct script_when *w)
{
    if (script_take(c, "*")) {
        w->any = true;
        w->relative = true;
        w->to = SQ_NEVER;
        return true;
    }
    w->relative = script_take(c, "+");
    if (!script_duration(c, &w->from)) {
        return false;
    }
    w->to = w->from;
    if (script_take(c, "~")) {
        return second_time(c, w);
    }
    if (script_take(c, "...")) {
        w->blocks = true;
        return second_time(c, w);
    }
    return true;
}

/* ---- lines ---- */

/* Which times go with which kind of line. */
static bool times_fit(struct script_cursor *c, const struct script_line *l)
{
    if (l->when.blocks && l->kind != SCRIPT_CALL) {
        script_refuse(c->script, c->number, "only a call lasts from one time to another (...)");
    } else if (!l->when.blocks && (l->when.any || l->when.from < l->when.to) &&
               l->kind != SCRIPT_OUT) {
        script_refuse(c->script, c->number, "* and ranges are for segments expected (>)");
    }
    return c->script->error[0] == '\0';
}

static bool read_event(struct script_cursor *c, struct script_line *l)
{
    script_space(c);
    if (c->at[0] == '<' || c->at[0] == '>') {
        l->kind = c->at[0] == '<' ? SCRIPT_IN : SCRIPT_OUT;
        c->at++;
        if (l->kind == SCRIPT_IN && script_is_icmp(c)) {
            l->kind = SCRIPT_ICMP;
            return script_read_icmp(c, &l->icmp);
        }
        return script_read_segment(c, &l->segment, l->kind == SCRIPT_IN);
    }
    if (script_take(c, "%{")) {
        l->kind = SCRIPT_CHECK;
        return script_read_checks(c, l);
    }
    if (*c->at == '`') {
        script_refuse(c->script, c->number, "shell commands are not supported");
        return false;
    }
    l->kind = SCRIPT_CALL;
    return script_read_call(c, &l->call);
}

static bool read_line(struct script_cursor *c)
{
    struct script *s = c->script;
    struct script_line *l = &s->line[s->lines];

    memset(l, 0, sizeof *l);
    l->number = c->number;
    if (isdigit((unsigned char)*c->at) == 0 && strchr("+*.", *c->at) == NULL) {
        script_refuse(s, c->number,
                      "not supported: \"%s\"; a line is a comment, --setting=value, or "
                      "a time and an event",
                      c->at);
        return false;
    }
    if (!read_when(c, &l->when) || !read_event(c, l)) {
        return false;
    }
    script_space(c);
    if (*c->at != '\0' && strncmp(c->at, "//", 2u) != 0 && *c->at != '#') {
        script_refuse(s, c->number, "not supported: \"%s\"", c->at);
        return false;
    }
    s->lines++;
    return times_fit(c, l);
}

/* A comment may say which error the script must end with (wrong/). */
static void read_comment(struct script *s, const char *text)
{
    static const char mark[] = "// must fail with: ";

    if (strncmp(text, mark, sizeof mark - 1u) == 0) {
        snprintf(s->wanted, sizeof s->wanted, "%s", text + sizeof mark - 1u);
    }
}

static bool read_source(struct script *s, uint32_t number, char *text)
{
    struct script_cursor c = {s, number, text};

    text[strcspn(text, "\r\n")] = '\0';
    snprintf(s->source[number - 1u], SCRIPT_TEXT, "%s", text);
    script_space(&c);
    if (*c.at == '\0' || *c.at == '#' || strncmp(c.at, "//", 2u) == 0) {
        read_comment(s, c.at);
        return true;
    }
    if (strncmp(c.at, "--", 2u) == 0) {
        if (s->lines > 0u) {
            script_refuse(s, number, "settings stand before the first event");
            return false;
        }
        return script_read_settings(&c);
    }
    return read_line(&c);
}

/* What a script runs with unless it says otherwise. Options that would change every handshake and every ACK are off, whatever
   the core's default is: a script that is about them turns them on. */
static void defaults(struct script *s)
{
    sq_settings_default(&s->settings);
    s->settings.shift = SQ_NO_SHIFT;
    s->settings.delayed_ack = 0u;
    s->settings.rto_min = 200000u; /* the endpoint's */
    s->send_ring = 65536u;
    s->receive_ring = 65535u;
}

bool script_read(struct script *s, const char *path)
{
    char text[SCRIPT_TEXT];
    uint32_t number = 0u;
    bool good = true;
    FILE *f;

    memset(s, 0, sizeof *s);
    snprintf(s->path, sizeof s->path, "%s", path);
    defaults(s);
    f = fopen(path, "r");
    if (f == NULL) {
        script_refuse(s, 0u, "cannot be opened");
        return false;
    }
    while (good && fgets(text, (int)sizeof text, f) != NULL) {
        number++;
        if (number > SCRIPT_LINES) {
            script_refuse(s, number, "a script has at most %u lines", SCRIPT_LINES);
        } else if (strchr(text, '\n') == NULL && !feof(f)) {
            script_refuse(s, number, "a line has at most %u bytes", SCRIPT_TEXT - 2u);
        } else {
            read_source(s, number, text);
        }
        good = s->error[0] == '\0';
    }
    fclose(f);
    s->source_lines = number;
    if (good && s->lines == 0u) {
        script_refuse(s, 0u, "there is no event in it");
    }
    return s->error[0] == '\0';
}
