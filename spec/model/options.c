/* SPDX-License-Identifier: MIT */
/* The words of an experiment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/model/names.h"
#include "spec/model/world.h"

void model_default(void)
{
    memset(&model, 0, sizeof model);
    for (uint32_t i = 0u; i < ENDS; i++) {
        model.prog[i] = "";
        model.lose[i] = 0xffu;
        model.want_state[i] = NOBODY;
        model.want_reason[i] = NOBODY;
        model.want_from[i] = NOBODY;
    }
    model.ends = 2u;
    model.net = 4u;
    model.ring = 2u;
    model.limit = 1u;
    model.timers = ~(1u << SQ_TIMER_USER);
    model.quiet = true;
    model.iss[0] = 0x1000fffeu;
    model.iss[1] = 0x7ffffffeu; /* crosses the sign of 32-bit arithmetic */
    model.iss[2] = 0x20000000u;
    model.step = 65536u;
    sq_settings_default(&model.settings);
    model.settings.rto_max = model.settings.rto_initial; /* no backoff: the RTO is not a state */
    model.settings.rto_after_syn = model.settings.rto_initial;
    model.settings.rto_min = model.settings.rto_initial;
    model.settings.challenge = 0u;   /* the clock stands still: a throttle would never end */
    model.settings.delayed_ack = 0u; /* at once, unless an experiment is about the delay */
    model.settings.nodelay = 1u;
    model.settings.mss = SQ_MSS_MIN;
    model.checks = ~(1u << BAD_CLEAN | 1u << BAD_TIME_WAIT | 1u << BAD_COMPLETE);
}

static bool number(const char *text, uint32_t most, uint32_t *to)
{
    char *end;
    unsigned long n = strtoul(text, &end, 0);

    *to = (uint32_t)n;
    return end != text && *end == '\0' && n <= most;
}

static bool small(const char *text, uint32_t least, uint32_t most, uint8_t *to)
{
    uint32_t n;

    if (strcmp(text, "any") == 0 && most == MODEL_ANY) {
        *to = MODEL_ANY;
        return true;
    }
    if (!number(text, most, &n) || n < least) {
        return false;
    }
    *to = (uint8_t)n;
    return true;
}

static bool end_letter(char c, uint32_t *i)
{
    *i = (uint32_t)(c - 'a');
    return c >= 'a' && c <= 'c';
}

/* a:SA,b:D */
static bool kinds(const char *text, uint8_t mask[ENDS], bool only)
{
    static const char letters[] = "STADFR";
    uint32_t i = ENDS;

    if (only) {
        memset(mask, 0, ENDS);
    }
    for (; *text != '\0'; text++) {
        const char *at = strchr(letters, *text);

        if (text[1] == ':' && end_letter(*text, &i)) {
            text++;
        } else if (*text == ',' || i == ENDS) {
            i = ENDS;
        } else if (*text == '*') {
            mask[i] = 0xffu;
        } else if (at != NULL) {
            mask[i] = (uint8_t)(mask[i] | 1u << (at - letters));
        } else {
            return false;
        }
    }
    return true;
}

static bool timers(const char *text)
{
    static const char letters[] = "rpuwdk6789";

    model.timers = 0u;
    for (; *text != '\0'; text++) {
        const char *at = strchr(letters, *text);

        model.half_open = model.half_open || *text == 'h';
        if (*text == 'h') {
            continue;
        }
        if (at == NULL) {
            return false;
        }
        model.timers |= 1u << (at - letters);
    }
    return true;
}

static bool checks(char *text)
{
    for (char *word = strtok(text, ","); word != NULL; word = strtok(NULL, ",")) {
        uint32_t k = 1u;

        while (k < BADS && strcmp(bad_name(k), word + 1) != 0) {
            k++;
        }
        if (k == BADS || (*word != '+' && *word != '-')) {
            return false;
        }
        model.checks = *word == '+' ? model.checks | 1u << k : model.checks & ~(1u << k);
    }
    return true;
}

/* a:CLOSED/RESET */
static bool reach(char *text)
{
    for (char *word = strtok(text, ","); word != NULL; word = strtok(NULL, ",")) {
        char *slash = strchr(word, '/'), *from = strchr(word, '>');
        uint32_t i;

        if (!end_letter(word[0], &i) || word[1] != ':') {
            return false;
        }
        if (from != NULL) {
            *from = '\0';
            model.want_from[i] = name_find(state_name, SQ_TIME_WAIT, word + 2);
            word = from - 1;
            if (model.want_from[i] == NOBODY) {
                return false;
            }
        }
        if (slash != NULL) {
            *slash = '\0';
            model.want_reason[i] = name_find(reason_name, SQ_REASON_UNREACHABLE, slash + 1);
        }
        model.want_state[i] = name_find(state_name, SQ_TIME_WAIT, word + 2);
        if (model.want_state[i] == NOBODY || (slash != NULL && model.want_reason[i] == NOBODY)) {
            return false;
        }
    }
    model.wanted = true;
    return true;
}

/* FROM>TO:FLAGS:SEQ[:ACK] */
static bool forge_one(const char *word)
{
    static const char letters[] = "FSR.A";
    struct seg *s = &model.forgery[model.forgeries];
    uint32_t from, to;
    char *end;

    if (model.forgeries == FORGERIES || strlen(word) < 5u || !end_letter(word[0], &from) ||
        word[1] != '>' || !end_letter(word[2], &to) || word[3] != ':') {
        return false;
    }
    memset(s, 0, sizeof *s);
    for (word += 4; *word != ':'; word++) {
        const char *at = *word == '.' || *word == '\0' ? NULL : strchr(letters, *word);

        if (*word == 'D') {
            s->len = 1u;
            s->text[0] = 0xeeu;
        } else if (at == NULL) {
            return false;
        } else {
            s->h.flags |= 1u << (at - letters);
        }
    }
    s->h.seq = iss_of(from, 0u) + (uint32_t)strtol(word + 1, &end, 0);
    if (*end == ':') {
        s->h.ack = iss_of(to, 0u) + (uint32_t)strtol(end + 1, &end, 0);
    }
    s->h.window = model.ring;
    s->from = (uint8_t)from;
    s->to = (uint8_t)to;
    s->forged = 1u;
    model.forgeries++;
    return *end == '\0';
}

static bool forge(char *text)
{
    for (char *word = strtok(text, ","); word != NULL; word = strtok(NULL, ",")) {
        if (!forge_one(word)) {
            return false;
        }
    }
    return true;
}

static bool numbers(char *text)
{
    uint32_t i = 0u;

    for (char *word = strtok(text, ","); word != NULL; word = strtok(NULL, ","), i++) {
        if (i == ENDS || !number(word, UINT32_MAX, &model.iss[i])) {
            return false;
        }
    }
    return i > 0u;
}

static bool setting(const char *name, const char *value)
{
    struct sq_settings *s = &model.settings;
    const struct {
        const char *name;
        uint32_t *at;
    } known[] = {{"challenge", &s->challenge},         {"time_wait", &s->time_wait},
                 {"tw_ignore_rst", &s->tw_ignore_rst}, {"nodelay", &s->nodelay},
                 {"delayed_ack", &s->delayed_ack},     {"keepalive", &s->keepalive},
                 {"keep_probes", &s->keep_probes},     {"shift", &s->shift}};

    for (uint32_t k = 0u; k < sizeof known / sizeof *known; k++) {
        if (strcmp(name, known[k].name) == 0) {
            return number(value, UINT32_MAX, known[k].at);
        }
    }
    return false;
}

static bool program(uint32_t i, const char *value)
{
    if (value[strspn(value, "olesrRfcaCxz")] != '\0' || strlen(value) > 60u) {
        return false;
    }
    model.prog[i] = strdup(value);
    model.ends = i == 2u ? 3u : model.ends;
    return model.prog[i] != NULL;
}

static bool flag(const char *value, bool *to)
{
    *to = value[0] == '1';
    return strcmp(value, "0") == 0 || strcmp(value, "1") == 0;
}

static bool known(const char *name, char *value)
{
    uint32_t i;

    if (name[0] != '\0' && name[1] == '\0' && end_letter(name[0], &i)) {
        return program(i, value);
    }
    if (strncmp(name, "set.", 4u) == 0) {
        return setting(name + 4, value);
    }
    return strcmp(name, "net") == 0       ? small(value, 1u, NET - 1u, &model.net)
           : strcmp(name, "loss") == 0    ? small(value, 0u, MODEL_ANY, &model.loss)
           : strcmp(name, "dup") == 0     ? small(value, 0u, MODEL_ANY, &model.dup)
           : strcmp(name, "forges") == 0  ? small(value, 0u, MODEL_ANY, &model.forges)
           : strcmp(name, "ring") == 0    ? small(value, 1u, RING, &model.ring)
           : strcmp(name, "limit") == 0   ? small(value, 1u, RING, &model.limit)
           : strcmp(name, "step") == 0    ? number(value, UINT32_MAX, &model.step)
           : strcmp(name, "iss") == 0     ? numbers(value)
           : strcmp(name, "lose") == 0    ? kinds(value, model.lose, true)
           : strcmp(name, "drop") == 0    ? kinds(value, model.drop, false)
           : strcmp(name, "timers") == 0  ? timers(value)
           : strcmp(name, "check") == 0   ? checks(value)
           : strcmp(name, "reach") == 0   ? reach(value)
           : strcmp(name, "forge") == 0   ? forge(value)
           : strcmp(name, "limits") == 0  ? flag(value, &model.limits)
           : strcmp(name, "live") == 0    ? flag(value, &model.live)
           : strcmp(name, "stands") == 0  ? flag(value, &model.stands)
           : strcmp(name, "backlog") == 0 ? flag(value, &model.backlog)
           : strcmp(name, "self") == 0    ? flag(value, &model.self)
           : strcmp(name, "tw") == 0      ? (model.quiet = strcmp(value, "quiet") == 0, true)
                                          : false;
}

bool model_option(const char *word)
{
    char copy[256];
    char *value;

    snprintf(copy, sizeof copy, "%s", word);
    value = strchr(copy, '=');
    if (value != NULL && strlen(word) < sizeof copy) {
        *value++ = '\0';
        if (known(copy, value)) {
            model.ends = model.self ? 1u : model.ends;
            return true;
        }
    }
    fprintf(stderr,
            "mc: '%s' is not a word of an experiment, or its value is out of range; `mc --help` "
            "lists them\n",
            word);
    return false;
}
