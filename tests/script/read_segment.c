/* SPDX-License-Identifier: MIT */
/* FLAGS SEQ:END(LEN) [ack N] [win N] [urg N] [<options>] */
#include "tests/script/script.h"

#include <ctype.h>
#include <string.h>

/* ---- options ---- */

/* So many bytes of the number go behind the options; as wildcards: never compared. */
static void put(struct script_segment *s, uint32_t value, uint32_t bytes, bool wild)
{
    for (uint32_t i = bytes; i-- > 0u;) {
        if (s->options_len < SCRIPT_OPTIONS) {
            s->options[s->options_len] = (uint8_t)(value >> (8u * i));
            s->wildcard[s->options_len] = wild;
        }
        s->options_len++;
    }
}

static void put_kind(struct script_segment *s, uint32_t kind, uint32_t size)
{
    put(s, kind, 1u, false);
    put(s, size, 1u, false);
}

static bool put_number(struct script_cursor *c, struct script_segment *s, uint32_t bytes)
{
    uint32_t n;

    if (!script_number(c, &n)) {
        return false;
    }
    if (bytes < 4u && n >= 1u << (8u * bytes)) {
        script_refuse(c->script, c->number, "an option's value is larger than its field");
        return false;
    }
    put(s, n, bytes, false);
    return true;
}

/* TS val N ecr N, where ... stands for any number in what is expected. */
static bool timestamp(struct script_cursor *c, struct script_segment *s, bool in)
{
    static const char *const word[] = {"val", "ecr"};

    put_kind(s, 8u, 10u);
    for (uint32_t i = 0u; i < 2u; i++) {
        if (!script_take(c, word[i])) {
            script_refuse(c->script, c->number, "timestamps are TS val N ecr N");
            return false;
        }
        if (!in && script_take(c, "...")) {
            put(s, 0u, 4u, true);
        } else if (!put_number(c, s, 4u)) {
            return false;
        }
    }
    return true;
}

/* sack LEFT:RIGHT ... */
static bool sack(struct script_cursor *c, struct script_segment *s)
{
    uint32_t at = s->options_len, blocks = 0u;

    put_kind(s, 5u, 0u);
    do {
        if (!put_number(c, s, 4u) || !script_take(c, ":") || !put_number(c, s, 4u)) {
            script_refuse(c->script, c->number, "SACK blocks are sack LEFT:RIGHT ...");
            return false;
        }
        blocks++;
        script_space(c);
    } while (isdigit((unsigned char)*c->at) != 0 && blocks < 4u);
    s->options[at + 1u] = (uint8_t)(2u + 8u * blocks);
    return true;
}

/* raw HEX: bytes as they are; ours, not packetdrill's. */
static bool raw(struct script_cursor *c, struct script_segment *s)
{
    script_space(c);
    while (isxdigit((unsigned char)c->at[0]) != 0 && isxdigit((unsigned char)c->at[1]) != 0) {
        unsigned byte;

        if (sscanf(c->at, "%2x", &byte) != 1) {
            break;
        }
        put(s, byte, 1u, false);
        c->at += 2;
    }
    return true;
}

static bool option(struct script_cursor *c, struct script_segment *s, bool in)
{
    if (script_take(c, "nop")) {
        put(s, 1u, 1u, false);
        return true;
    }
    if (script_take(c, "eol")) {
        put(s, 0u, 1u, false);
        return true;
    }
    if (script_take(c, "sackOK")) {
        put_kind(s, 4u, 2u);
        return true;
    }
    if (script_take(c, "mss")) {
        put_kind(s, 2u, 4u);
        return put_number(c, s, 2u);
    }
    if (script_take(c, "wscale")) {
        put_kind(s, 3u, 3u);
        return put_number(c, s, 1u);
    }
    if (script_take(c, "TS")) {
        return timestamp(c, s, in);
    }
    if (script_take(c, "sack")) {
        return sack(c, s);
    }
    if (in && script_take(c, "raw")) {
        return raw(c, s);
    }
    script_refuse(c->script, c->number, "no such option: \"%s\"", c->at);
    return false;
}

bool script_read_options(struct script_cursor *c, struct script_segment *s, bool in)
{
    if (!in && script_take(c, "...")) {
        s->any_options = true;
    } else if (!script_take(c, ">")) {
        do {
            if (!option(c, s, in)) {
                return false;
            }
        } while (script_take(c, ","));
    } else {
        return true;
    }
    if (!script_take(c, ">")) {
        script_refuse(c->script, c->number, "> is missing behind the options");
        return false;
    }
    if (s->options_len > SCRIPT_OPTIONS) {
        script_refuse(c->script, c->number, "%u bytes of options, a header holds %u",
                      s->options_len, SCRIPT_OPTIONS);
        return false;
    }
    if (in && s->options_len % 4u != 0u) {
        script_refuse(c->script, c->number,
                      "%u bytes of options: fill up to a multiple of 4 with nop or eol",
                      s->options_len);
        return false;
    }
    return true;
}

/* ---- the segment ---- */

static bool read_flags(struct script_cursor *c, struct script_segment *s, bool in)
{
    static const char letters[] = "FSRP.UEW";

    script_space(c);
    if (*c->at == '-') {
        c->at++;
        return true;
    }
    for (; *c->at != ' ' && *c->at != '\0'; c->at++) {
        const char *l = strchr(letters, *c->at);

        if (*c->at == '?' && !in) {
            s->any_push = true;
            continue;
        }
        if (l == NULL) {
            script_refuse(c->script, c->number, "no such flag: %c, there are F S R P . U E W and -",
                          *c->at);
            return false;
        }
        s->flags |= 1u << (uint32_t)(l - letters);
    }
    return true;
}

bool script_read_numbers(struct script_cursor *c, uint32_t *seq, uint32_t *len)
{
    uint32_t end;

    if (!script_number(c, seq)) {
        return false;
    }
    if (!script_take(c, ":") || !script_number(c, &end) || !script_take(c, "(") ||
        !script_number(c, len) || !script_take(c, ")")) {
        script_refuse(c->script, c->number, "numbers are FIRST:END(LENGTH), as in 1:1001(1000)");
        return false;
    }
    if (end - *seq != *len || *len > SQ_TEXT_MAX - 60u) {
        script_refuse(c->script, c->number,
                      "%u is not between these numbers; SYN and FIN are not counted", *len);
        return false;
    }
    return true;
}

static bool read_field(struct script_cursor *c, const char *name, uint32_t most, bool *has,
                       uint32_t *value)
{
    if (!script_take(c, name)) {
        return true;
    }
    *has = true;
    if (!script_number(c, value)) {
        return false;
    }
    if (*value > most) {
        script_refuse(c->script, c->number, "%s %u: the field holds at most %u", name, *value,
                      most);
        return false;
    }
    return true;
}

bool script_read_segment(struct script_cursor *c, struct script_segment *s, bool in)
{
    script_space(c);
    if (script_is_icmp(c) || strncmp(c->at, "udp", 3u) == 0) {
        script_refuse(c->script, c->number,
                      in ? "not supported: only TCP segments and ICMP errors are"
                         : "not supported: only TCP segments are");
        return false;
    }
    if (!read_flags(c, s, in) || !script_read_numbers(c, &s->seq, &s->len) ||
        !read_field(c, "ack", UINT32_MAX, &s->has_ack, &s->ack) ||
        !read_field(c, "win", 65535u, &s->has_win, &s->win) ||
        !read_field(c, "urg", 65535u, &s->has_urg, &s->urg)) {
        return false;
    }
    if (((s->flags & SQ_ACK) != 0u) != s->has_ack) {
        script_refuse(c->script, c->number,
                      s->has_ack ? "ack without the flag ." : "the flag . without ack");
    } else if (in && !s->has_win) {
        script_refuse(c->script, c->number, "a segment that arrives needs win");
    } else if (script_take(c, "<")) {
        return script_read_options(c, s, in);
    }
    return c->script->error[0] == '\0';
}
