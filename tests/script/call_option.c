/* SPDX-License-Identifier: MIT */
/* setsockopt, getsockopt and poll. */
#include "tests/script/script.h"

#include <stdlib.h>
#include <string.h>

enum { WHY = 200 };

/* The number in a text like [1], or {onoff=1, linger=0} by its name. */
static uint32_t inside(const char *text, const char *name)
{
    const char *at = name[0] == '\0' ? text : strstr(text, name);

    if (at == NULL) {
        return 0u;
    }
    at += strlen(name);
    at += strspn(at, "[= ");
    return (uint32_t)strtoul(at, NULL, 10);
}

struct script_result script_setsockopt(struct script_socket *k, const struct script_call *call,
                                       char *why)
{
    const char *name = call->arg[2], *text = call->arg[3];
    const struct {
        const char *name;
        uint32_t *where;
        uint32_t unit;
    } known[] = {
        {"TCP_NODELAY", &k->settings.nodelay, 1u},    {"TCP_MAXSEG", &k->settings.mss, 1u},
        {"TCP_USER_TIMEOUT", &k->settings.r2, 1000u}, {"SO_SNDBUF", &k->send_ring, 1u},
        {"SO_RCVBUF", &k->receive_ring, 1u},
    };

    if (strcmp(name, "SO_LINGER") == 0) {
        k->linger = inside(text, "onoff=") == 1u && inside(text, "linger=") == 0u;
        return script_value(0);
    }
    if (strcmp(name, "SO_REUSEADDR") == 0) {
        return script_value(0);
    }
    if (strcmp(name, "TCP_USER_TIMEOUT") == 0 && k->use == SCRIPT_CONNECTION) {
        sq_user_timeout(&k->c, inside(text, "") * 1000u);
        return script_value(0);
    }
    for (size_t i = 0u; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(name, known[i].name) == 0) {
            if (k->use != SCRIPT_FRESH) {
                snprintf(why, WHY, "%s stands before listen or connect", name);
            }
            *known[i].where = inside(text, "") * known[i].unit;
            return script_value(0);
        }
    }
    snprintf(why, WHY, "not supported: the option %s", name);
    return script_value(0);
}

/* SO_ERROR: [0] or [ERRNO] is what it must be. */
struct script_result script_getsockopt(const struct script_socket *k,
                                       const struct script_call *call, char *why)
{
    char wanted[32];

    if (strcmp(call->arg[2], "SO_ERROR") != 0) {
        snprintf(why, WHY, "not supported: the option %s", call->arg[2]);
        return script_value(0);
    }
    snprintf(wanted, sizeof wanted, "[%s]",
             script_reason(&k->c)[0] == '\0' ? "0" : script_reason(&k->c));
    if (strcmp(wanted, call->arg[3]) != 0) {
        snprintf(why, WHY, "SO_ERROR is %s, not %.40s", wanted, call->arg[3]);
    }
    return script_value(0);
}

/* poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 0): what is ready, in this order. */
struct script_result script_poll(struct script_endpoint *e, const struct script_call *call,
                                 char *why)
{
    struct script_socket *k = script_socket_find(e, (int32_t)inside(call->arg[0], "fd="));
    const char *events = strstr(call->arg[0], " events="),
               *wanted = strstr(call->arg[0], "revents=");
    char is[64] = "";

    if (k == NULL || events == NULL || wanted == NULL || strtoul(call->arg[1], NULL, 10) != 1u) {
        snprintf(why, WHY,
                 "poll looks at one open file: poll([{fd=4, events=POLLIN, revents=0}], 1, 0)");
        return script_value(0);
    }
    if (strstr(events, "POLLIN") != NULL && strstr(events, "POLLIN") < wanted &&
        (k->use == SCRIPT_LISTENER
             ? e->current != NULL && e->current->fd == -1 && script_stands(&e->current->c)
             : sq_status(&k->c).readable > 0u || script_at_end(&k->c) ||
                   script_reason(&k->c)[0] != '\0')) {
        strcat(is, "|POLLIN");
    }
    if (strstr(events, "POLLOUT") != NULL && strstr(events, "POLLOUT") < wanted &&
        script_stands(&k->c) && script_may_write(&k->c) && sq_status(&k->c).writable > 0u) {
        strcat(is, "|POLLOUT");
    }
    if (script_reason(&k->c)[0] != '\0') {
        strcat(is, "|POLLERR");
    }
    if (k->use == SCRIPT_CONNECTION && k->c.state == SQ_CLOSED) {
        strcat(is, "|POLLHUP");
    }
    wanted += strlen("revents=");
    if (strncmp(is[0] == '\0' ? "0" : is + 1, wanted, strcspn(wanted, "}")) != 0 ||
        strcspn(wanted, "}") != (is[0] == '\0' ? 1u : strlen(is) - 1u)) {
        snprintf(why, WHY, "revents=%s", is[0] == '\0' ? "0" : is + 1);
    }
    return script_value(is[0] != '\0');
}
