/* SPDX-License-Identifier: MIT */
/* Segments in words, and in what two of them differ. */
#include "tests/script/script.h"

#include <stdarg.h>
#include <string.h>

const struct script_numbers script_numbers[SCRIPT_NUMBERS] = {
    {1000u, 500000u, 0u},
    {0xffffffffu, 0x7fffffffu, 1u},
    {0x7fffffffu, 0xffffffffu, 1000000u},
    {0u, 0u, 0x100000000u},
    {0xfffffff0u, 0xffffff00u, 0xffffffffu},
    {0x80000000u, 0xfffffffeu, 0x10000000000u},
};

uint8_t script_byte(uint32_t side, uint32_t seq)
{
    return (uint8_t)(side == 0u ? seq * 11u + seq / 256u + 5u : seq * 7u + seq / 256u + 3u);
}

static void say(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds to the text. */
static void say(char *text, const char *format, ...)
{
    size_t n = strlen(text);
    va_list args;

    va_start(args, format);
    vsnprintf(text + n, SCRIPT_TEXT - n, format, args);
    va_end(args);
}

static uint32_t value_at(const uint8_t *p, uint32_t bytes)
{
    uint32_t n = 0u;

    for (uint32_t i = 0u; i < bytes; i++) {
        n = n * 256u + p[i];
    }
    return n;
}

/* Bytes of the option at i: 1 for end and no-operation, at least 2 and inside the options otherwise; 0: malformed. */
static uint32_t option_size(const struct script_segment *s, uint32_t i)
{
    uint32_t left = s->options_len - i;

    if (s->options[i] <= 1u) {
        return 1u;
    }
    if (left < 2u || s->options[i + 1u] < 2u || s->options[i + 1u] > left) {
        return 0u;
    }
    return s->options[i + 1u];
}

static void option_text(const uint8_t *p, uint32_t size, char *text)
{
    if (p[0] == 2u && size == 4u) {
        say(text, "mss %u", value_at(p + 2, 2u));
    } else if (p[0] == 3u && size == 3u) {
        say(text, "wscale %u", p[2]);
    } else if (p[0] == 4u && size == 2u) {
        say(text, "sackOK");
    } else if (p[0] == 8u && size == 10u) {
        say(text, "TS val %u ecr %u", value_at(p + 2, 4u), value_at(p + 6, 4u));
    } else if (p[0] == 5u && size % 8u == 2u) {
        say(text, "sack");
        for (uint32_t i = 2u; i < size; i += 8u) {
            say(text, " %d:%d", (int32_t)value_at(p + i, 4u), (int32_t)value_at(p + i + 4u, 4u));
        }
    } else {
        say(text, "raw ");
        for (uint32_t i = 0u; i < size; i++) {
            say(text, "%02x", p[i]);
        }
    }
}

static void options_text(const struct script_segment *s, char *text)
{
    const char *comma = "";

    if (s->any_options) {
        say(text, " <...>");
    } else if (s->options_len > 0u) {
        say(text, " <");
        for (uint32_t i = 0u, size; i < s->options_len; i += size) {
            size = option_size(s, i);
            if (size == 0u) {
                size = s->options_len - i;
            }
            if (s->options[i] > 1u) {
                say(text, "%s", comma);
                option_text(s->options + i, size, text);
                comma = ",";
            }
        }
        say(text, ">");
    }
}

static void flags_text(uint32_t flags, char *text)
{
    static const char letters[] = "FSRP.UEW";

    if (flags == 0u) {
        say(text, "-");
    }
    for (uint32_t b = 0u; b < 8u; b++) {
        if ((flags >> b) % 2u == 1u) {
            say(text, "%c", letters[b]);
        }
    }
}

void script_segment_text(const struct script_segment *s, char *text)
{
    text[0] = '\0';
    say(text, s->any_push ? "?" : "");
    flags_text(s->flags, text);
    say(text, " %d:%d(%u)", (int32_t)s->seq, (int32_t)(s->seq + s->len), s->len);
    if (s->has_ack) {
        say(text, " ack %d", (int32_t)s->ack);
    }
    if (s->has_win) {
        say(text, " win %u", s->win);
    }
    if (s->has_urg) {
        say(text, " urg %u", s->urg);
    }
    options_text(s, text);
}

/* The next option that is not a no-operation or the end, from i; options_len: none. */
static uint32_t next_option(const struct script_segment *s, uint32_t i)
{
    while (i < s->options_len && s->options[i] <= 1u) {
        i++;
    }
    return i;
}

/* The same options in the same order; no-operations and the end do not count. */
static bool options_same(const struct script_segment *a, const struct script_segment *b)
{
    uint32_t i = next_option(a, 0u), j = next_option(b, 0u);

    while (i < a->options_len && j < b->options_len) {
        uint32_t size = option_size(a, i);

        if (size == 0u || size != option_size(b, j)) {
            return false;
        }
        for (uint32_t k = 0u; k < size; k++) {
            if (a->options[i + k] != b->options[j + k] && a->wildcard[i + k] == 0u) {
                return false;
            }
        }
        i = next_option(a, i + size);
        j = next_option(b, j + size);
    }
    return i >= a->options_len && j >= b->options_len;
}

void script_segment_differs(const struct script_segment *wanted, const struct script_segment *got,
                            char *text)
{
    char a[SCRIPT_TEXT] = "", b[SCRIPT_TEXT] = "";

    text[0] = '\0';
    if (((got->flags ^ wanted->flags) & ~(wanted->any_push ? (uint32_t)SQ_PSH : 0u)) != 0u) {
        flags_text(wanted->flags, a);
        flags_text(got->flags, b);
        say(text, "flags %s, not %s", b, a);
    } else if (got->seq != wanted->seq) {
        say(text, "begins at %d, not %d", (int32_t)got->seq, (int32_t)wanted->seq);
    } else if (got->len != wanted->len) {
        say(text, "%u bytes of text, not %u", got->len, wanted->len);
    } else if (got->has_ack && got->ack != wanted->ack) {
        say(text, "ack %d, not %d", (int32_t)got->ack, (int32_t)wanted->ack);
    } else if (wanted->has_win && got->win != wanted->win) {
        say(text, "win %u, not %u", got->win, wanted->win);
    } else if (wanted->has_urg && got->urg != wanted->urg) {
        say(text, "urg %u, not %u", got->urg, wanted->urg);
    } else if (!wanted->any_options && !options_same(wanted, got)) {
        options_text(wanted, a);
        options_text(got, b);
        say(text, "options%s, not%s", b[0] == '\0' ? " none" : b, a[0] == '\0' ? " none" : a);
    }
}
