/* SPDX-License-Identifier: MIT */
/* --name=value: the settings of sq_settings by their names, the rings, the tolerance. */
#include "tests/script/script.h"

#include <ctype.h>
#include <string.h>

/* A setting and whether it is a time. */
struct setting {
    const char *name;
    uint32_t *where;
    bool time;
};

/* A whole number; for a time with its unit: us, ms or s. */
static bool read_value(struct script_cursor *c, const char *name, bool time, uint32_t *value)
{
    static const struct {
        const char *name;
        uint32_t us;
    } unit[] = {{"us", 1u}, {"ms", 1000u}, {"s", 1000000u}};
    uint32_t n;

    if (!script_number(c, &n)) {
        return false;
    }
    for (size_t i = 0u; time && i < 3u; i++) {
        if (script_take(c, unit[i].name)) {
            if (n > UINT32_MAX / unit[i].us) {
                script_refuse(c->script, c->number, "--%s is too long", name);
                return false;
            }
            *value = n * unit[i].us;
            return true;
        }
    }
    if (time && n > 0u) {
        script_refuse(c->script, c->number, "--%s needs a unit: us, ms or s", name);
        return false;
    }
    *value = n;
    return true;
}

static bool read_setting(struct script_cursor *c)
{
    struct script *s = c->script;
    struct sq_settings *t = &s->settings;
    uint32_t tolerance = 0u;
    const struct setting known[] = {
        {"rto_initial", &t->rto_initial, true},
        {"rto_after_syn", &t->rto_after_syn, true},
        {"rto_min", &t->rto_min, true},
        {"rto_max", &t->rto_max, true},
        {"time_wait", &t->time_wait, true},
        {"r2", &t->r2, true},
        {"r2_syn", &t->r2_syn, true},
        {"half_open", &t->half_open, true},
        {"challenge", &t->challenge, true},
        {"mss", &t->mss, false},
        {"initial_window", &t->initial_window, false},
        {"nodelay", &t->nodelay, false},
        {"tw_ignore_rst", &t->tw_ignore_rst, false},
        {"shift", &t->shift, false},
        {"delayed_ack", &t->delayed_ack, true},
        {"keepalive", &t->keepalive, false},
        {"keep_idle", &t->keep_idle, false},
        {"keep_interval", &t->keep_interval, false},
        {"keep_probes", &t->keep_probes, false},
        {"r1", &t->r1, false},
        {"send_ring", &s->send_ring, false},
        {"receive_ring", &s->receive_ring, false},
        {"tolerance_usecs", &tolerance, false},
    };
    char name[32];
    size_t n = strcspn(c->at, "= \t");

    if (c->at[n] != '=' || n >= sizeof name) {
        script_refuse(s, c->number, "a setting is --name=value");
        return false;
    }
    memcpy(name, c->at, n);
    name[n] = '\0';
    c->at += n + 1u;
    for (size_t i = 0u; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(name, known[i].name) == 0) {
            bool good = read_value(c, name, known[i].time, known[i].where);

            s->tolerance = tolerance > 0u ? tolerance : s->tolerance;
            return good;
        }
    }
    script_refuse(s, c->number, "no such setting: --%s", name);
    return false;
}

bool script_read_settings(struct script_cursor *c)
{
    while (script_take(c, "--")) {
        if (!read_setting(c)) {
            return false;
        }
        script_space(c);
    }
    if (*c->at != '\0') {
        script_refuse(c->script, c->number, "not supported: \"%s\"", c->at);
    }
    return c->script->error[0] == '\0';
}
