/* SPDX-License-Identifier: MIT */
/* Each expectation of a script made wrong, one thing at a time: the run must then fail at that line. A script whose
   expectation can be changed without anybody noticing tests nothing there. */
#include "tests/script/script.h"

#include <stdlib.h>
#include <string.h>

/* The script with a change in line i must not pass; it may fail later, when a segment is missing. */
static void attempt(struct script *s, struct script_spoiled *r, uint32_t i, const char *what)
{
    struct script_outcome o;

    script_run(s, &script_numbers[0], NULL, &o);
    r->tried++;
    if (o.error[0] == '\0' || o.line < i) {
        if (r->missed == 0u) {
            snprintf(r->first, sizeof r->first, "%s:%u: a wrong %s passes", s->path,
                     s->line[i].number, what);
        }
        r->missed++;
    }
}

static void spoil_number(struct script *s, struct script_spoiled *r, uint32_t i, uint32_t *number,
                         const char *what)
{
    *number ^= 1u;
    attempt(s, r, i, what);
    *number ^= 1u;
}

static void spoil_segment(struct script *s, struct script_spoiled *r, uint32_t i)
{
    struct script_line *l = &s->line[i];
    struct script_segment *g = &l->segment, kept = *g;
    struct script_when when = l->when;

    spoil_number(s, r, i, &g->seq, "sequence number");
    spoil_number(s, r, i, &g->len, "length");
    g->flags ^= SQ_URG;
    attempt(s, r, i, "flag");
    g->flags ^= SQ_URG;
    if (g->has_ack) {
        spoil_number(s, r, i, &g->ack, "ack");
    }
    if (g->has_win) {
        spoil_number(s, r, i, &g->win, "win");
    }
    if (g->has_urg) {
        spoil_number(s, r, i, &g->urg, "urg");
    }
    if (!g->any_options) {
        g->options_len = 4u;
        memcpy(g->options, (const uint8_t[]){30u, 4u, 1u, 2u}, 4u);
        attempt(s, r, i, "option");
        *g = kept;
    }
    if (!when.any) {
        l->when.from = when.to + s->tolerance + 1u;
        l->when.to = l->when.from;
        attempt(s, r, i, "time");
        l->when = when;
    }
}

static void spoil_call(struct script *s, struct script_spoiled *r, uint32_t i)
{
    struct script_call *k = &s->line[i].call, kept = *k;

    k->result += 1;
    k->error[0] = '\0';
    attempt(s, r, i, "result");
    *k = kept;
    if (k->error[0] != '\0') {
        k->error[0] = 'X';
        attempt(s, r, i, "errno");
        *k = kept;
    }
}

/* == becomes !=, < becomes >= and so on. */
static void spoil_checks(struct script *s, struct script_spoiled *r, uint32_t i)
{
    static const char *const opposite[][2] = {{"==", "!="}, {"!=", "=="}, {"<", ">="},
                                              {">=", "<"},  {">", "<="},  {"<=", ">"}};

    for (uint32_t k = 0u; k < s->line[i].checks; k++) {
        struct script_check *c = &s->line[i].check[k], kept = *c;

        for (uint32_t j = 0u; j < 6u; j++) {
            if (strcmp(kept.relation, opposite[j][0]) == 0) {
                snprintf(c->relation, sizeof c->relation, "%s", opposite[j][1]);
                attempt(s, r, i, kept.name);
                *c = kept;
            }
        }
    }
}

void script_spoil(const struct script *s, struct script_spoiled *r)
{
    struct script *copy = malloc(sizeof *copy);

    memset(r, 0, sizeof *r);
    if (copy == NULL) {
        fputs("script: out of memory\n", stderr);
        exit(2);
    }
    *copy = *s;
    for (uint32_t i = 0u; i < s->lines; i++) {
        if (s->line[i].kind == SCRIPT_OUT) {
            spoil_segment(copy, r, i);
        } else if (s->line[i].kind == SCRIPT_CALL) {
            spoil_call(copy, r, i);
        } else if (s->line[i].kind == SCRIPT_CHECK) {
            spoil_checks(copy, r, i);
        }
    }
    free(copy);
}
