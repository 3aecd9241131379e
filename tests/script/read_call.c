/* SPDX-License-Identifier: MIT */
/* name(argument, ...) = result [ERRNO (text)], and %{ name relation value; ... }% */
#include "tests/script/script.h"

#include <ctype.h>
#include <string.h>

/* Up to n-1 bytes of a word of these characters. */
static bool word_of(struct script_cursor *c, const char *more, char *word, size_t n)
{
    size_t i = 0u;

    script_space(c);
    while (isalnum((unsigned char)*c->at) != 0 ||
           (*c->at != '\0' && strchr(more, *c->at) != NULL)) {
        if (i + 1u == n) {
            return false;
        }
        word[i++] = *c->at++;
    }
    word[i] = '\0';
    return i > 0u;
}

/* One argument: everything up to the comma or parenthesis that is not inside brackets. */
static bool argument(struct script_cursor *c, char *to)
{
    uint32_t depth = 0u;
    size_t i = 0u;

    script_space(c);
    for (; *c->at != '\0'; c->at++) {
        if (depth == 0u && (*c->at == ',' || *c->at == ')')) {
            break;
        }
        depth += strchr("[{(", *c->at) != NULL;
        depth -= strchr("]})", *c->at) != NULL;
        if (i + 1u == sizeof(((struct script_call *)0)->arg[0])) {
            return false;
        }
        to[i++] = *c->at;
    }
    while (i > 0u && to[i - 1u] == ' ') {
        i--;
    }
    to[i] = '\0';
    return i > 0u && *c->at != '\0';
}

static bool read_result(struct script_cursor *c, struct script_call *k)
{
    uint32_t n;

    if (!script_take(c, "=") || !script_number(c, &n)) {
        script_refuse(c->script, c->number, "a call ends with = and its result");
        return false;
    }
    k->result = (int32_t)n;
    script_space(c);
    if (*c->at == 'E' && word_of(c, "_", k->error, sizeof k->error)) {
        script_space(c);
        if (*c->at == '(') {
            c->at += strcspn(c->at, ")");
            c->at += *c->at == ')';
        }
    }
    if ((k->result == -1) != (k->error[0] != '\0')) {
        script_refuse(c->script, c->number, "a call that fails is = -1 ERRNO");
        return false;
    }
    return true;
}

/* The calls there are, and how many arguments each takes. */
static bool known(const struct script_call *k)
{
    static const struct {
        const char *name;
        uint32_t args;
    } calls[] = {{"socket", 3u},     {"bind", 3u},       {"listen", 2u}, {"accept", 3u},
                 {"connect", 3u},    {"read", 3u},       {"recv", 4u},   {"write", 3u},
                 {"send", 4u},       {"shutdown", 2u},   {"close", 1u},  {"poll", 3u},
                 {"setsockopt", 5u}, {"getsockopt", 5u}, {"fcntl", 3u},  {"flush", 1u},
                 {"reports", 1u}};

    for (size_t i = 0u; i < sizeof calls / sizeof calls[0]; i++) {
        if (strcmp(k->name, calls[i].name) == 0) {
            return k->args == calls[i].args;
        }
    }
    return false;
}

bool script_read_call(struct script_cursor *c, struct script_call *k)
{
    const char *from = c->at;

    if (!word_of(c, "_", k->name, sizeof k->name) || !script_take(c, "(")) {
        script_refuse(c->script, c->number, "not supported: \"%s\"", from);
        return false;
    }
    while (!script_take(c, ")")) {
        if (k->args == SCRIPT_ARGS || !argument(c, k->arg[k->args])) {
            script_refuse(c->script, c->number, "the arguments cannot be read: \"%s\"", from);
            return false;
        }
        k->args++;
        script_take(c, ",");
    }
    if (!known(k)) {
        script_refuse(c->script, c->number, "not supported: %s() with %u arguments", k->name,
                      k->args);
        return false;
    }
    return read_result(c, k);
}

static bool read_check(struct script_cursor *c, struct script_check *k)
{
    static const char *const relation[] = {"==", "!=", "<=", ">=", "<", ">"};
    size_t i = 0u;

    (void)script_take(c, "assert");
    if (!word_of(c, "_", k->name, sizeof k->name)) {
        return false;
    }
    while (i < 6u && !script_take(c, relation[i])) {
        i++;
    }
    if (i == 6u) {
        return false;
    }
    snprintf(k->relation, sizeof k->relation, "%s", relation[i]);
    if (script_take(c, "\"")) {
        return word_of(c, "-_ ", k->value, sizeof k->value) && script_take(c, "\"");
    }
    return word_of(c, "", k->value, sizeof k->value);
}

bool script_read_checks(struct script_cursor *c, struct script_line *l)
{
    do {
        if (l->checks == SCRIPT_CHECKS || !read_check(c, &l->check[l->checks])) {
            script_refuse(c->script, c->number,
                          "a check is %%{ NAME == VALUE; ... }%% with at most %u of them",
                          SCRIPT_CHECKS);
            return false;
        }
        l->checks++;
    } while (script_take(c, ";"));
    if (!script_take(c, "}%")) {
        script_refuse(c->script, c->number, "}%% is missing");
        return false;
    }
    return true;
}
