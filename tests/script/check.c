/* SPDX-License-Identifier: MIT */
/* %{ NAME == VALUE }%: what sq_status says of the connection, and what became of the last segment that arrived. */
#include "harness/sim.h"
#include "harness/trace.h"
#include "tests/script/script.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { WHY = 200 };

static const char *const reasons[] = {"none",      "done",    "reset",     "refused",
                                      "timed out", "aborted", "exhausted", "unreachable"};

/* A name whose value is a word; "": it is not one of these. */
static const char *word_named(const struct script_endpoint *e, const struct sq_status *s,
                              const char *name)
{
    if (strcmp(name, "state") == 0) {
        return e->current == NULL ? "CLOSED" : sq_trace_state_name(s->state);
    }
    if (strcmp(name, "reason") == 0) {
        return s->reason < sizeof reasons / sizeof reasons[0] ? reasons[s->reason] : "?";
    }
    return strcmp(name, "verdict") == 0 ? sim_verdict(e->verdict) : "";
}

/* A name whose value is a number. */
static bool number_named(const struct script_endpoint *e, const struct sq_status *s,
                         const char *name, uint64_t *n)
{
    uint64_t at = script_endpoint_deadline(e);
    const struct sq_report none = {0}, *report = e->current == NULL ? &none : &e->current->c.report;
    const struct {
        const char *name;
        uint64_t value;
    } known[] = {
        {"unacknowledged", s->unacknowledged},
        {"unsent", s->unsent},
        {"writable", s->writable},
        {"readable", s->readable},
        {"send_window", s->send_window},
        {"receive_window", s->receive_window},
        {"congestion_window", s->congestion_window},
        {"srtt", s->srtt},
        {"rto", s->rto},
        {"mss", s->mss},
        {"urgent", e->current == NULL ? 0u : sq_urgent(&e->current->c)},
        {"report_urgent", report->urgent},
        {"report_excessive", report->excessive},
        {"report_soft", report->soft},
        {"believed", e->believed},
        {"deadline", at == SQ_NEVER ? SQ_NEVER : at - e->now},
    };

    for (size_t i = 0u; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(name, known[i].name) == 0) {
            *n = known[i].value;
            return true;
        }
    }
    return false;
}

/* The names may be written as the RFC does, FIN-WAIT-1, or as C does, FIN_WAIT_1. */
static bool same_word(const char *a, const char *b)
{
    while (*a != '\0' && (*a == *b || (*a == '-' && *b == '_'))) {
        a++;
        b++;
    }
    return *a == *b;
}

static bool related(uint64_t a, const char *relation, uint64_t b)
{
    bool equal = relation[1] == '=' && a == b;

    if (relation[0] == '!') {
        return a != b;
    }
    if (relation[0] == '<') {
        return equal || a < b;
    }
    return equal || (relation[0] == '>' && a > b);
}

bool script_check_holds(const struct script_endpoint *e, const struct script_check *k, char *why)
{
    struct sq_status s = {0};
    const char *word;
    uint64_t is, wanted;

    if (e->current != NULL) {
        s = sq_status(&e->current->c);
    }
    why[0] = '\0';
    word = word_named(e, &s, k->name);
    if (word[0] != '\0') {
        if (k->relation[1] != '=' || (k->relation[0] != '=' && k->relation[0] != '!')) {
            snprintf(why, WHY, "%s is a word: it is compared by == or !=", k->name);
        } else if (same_word(word, k->value) != (k->relation[0] == '=')) {
            snprintf(why, WHY, "%s is %s", k->name, word);
        }
        return why[0] == '\0';
    }
    if (!number_named(e, &s, k->name, &is)) {
        snprintf(why, WHY, "no such name: %s", k->name);
        return false;
    }
    wanted = strcmp(k->value, "never") == 0 ? SQ_NEVER : strtoull(k->value, NULL, 10);
    if (isdigit((unsigned char)k->value[0]) == 0 && wanted != SQ_NEVER) {
        snprintf(why, WHY, "%s is a number, %s is not", k->name, k->value);
    } else if (!related(is, k->relation, wanted)) {
        if (is == SQ_NEVER) {
            snprintf(why, WHY, "%s is never", k->name);
        } else {
            snprintf(why, WHY, "%s is %" PRIu64, k->name, is);
        }
    }
    return why[0] == '\0';
}
