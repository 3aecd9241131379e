/* SPDX-License-Identifier: MIT */
/* The way to a state, one line per event, fields by tabs: what ladder.py draws.
   step N, what happened, at which end, the segment, what left, then each end: state, reason, armed timers, what its
   program did last, bytes read. Sequence numbers count from the ISS of the incarnation; each ' is a later one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/model/explore.h"
#include "spec/model/names.h"

/* A number of this end's stream, from the ISS of the incarnation it is nearest to. */
static void print_number(const char *what, uint32_t end, uint32_t number)
{
    uint32_t inc = 0u;
    int64_t best = INT64_MAX;

    for (uint32_t k = 0u; k < (model.step > 64u ? INCARNATIONS : 1u); k++) {
        int64_t d = (int32_t)(number - iss_of(end, k));

        d = d < 0 ? -d * 4 : d;
        if (d < best) {
            best = d;
            inc = k;
        }
    }
    if (best > 0xffff) {
        printf(" %s=%u", what, number);
        return;
    }
    printf(" %s=%d%.*s", what, (int)(int32_t)(number - iss_of(end, inc)), (int)inc, "''''");
}

static void print_seg(const struct seg *s)
{
    static const char *const name[] = {"FIN", "SYN", "RST", "PSH", "ACK"};
    const char *comma = "";

    printf("%c>%c ", (char)('a' + (char)s->from), (char)('a' + (char)s->to));
    for (uint32_t b = 0u; b < 5u; b++) {
        static const uint32_t order[] = {1u, 0u, 2u, 4u, 3u};

        if ((s->h.flags >> order[b] & 1u) != 0u && order[b] != 3u) {
            printf("%s%s", comma, name[order[b]]);
            comma = ",";
        }
    }
    print_number("seq", s->from, s->h.seq);
    if ((s->h.flags & SQ_ACK) != 0u) {
        print_number("ack", s->to, s->h.ack);
    }
    if (s->len > 0u) {
        printf(" len=%u", s->len);
    }
    if ((s->h.flags & SQ_RST) == 0u) {
        printf(" wnd=%u", s->h.window);
    }
    printf("%s", s->forged == 1u ? " forged" : "");
}

static void print_end(const struct end *e, uint32_t i)
{
    uint32_t timers = view_timers(&e->c);

    printf("\t%c %s", (char)('a' + (char)i), e->released == 1u ? "-" : state_name[e->c.state]);
    printf(" %s ", e->c.state == SQ_CLOSED ? reason_name[e->c.reason] : "-");
    for (uint32_t k = 0u; k < 10u; k++) {
        printf("%s", (timers >> k & 1u) != 0u
                         ? (const char *[]){"r", "p", "u", "w", "d", "k", "6", "7", "8", "9"}[k]
                         : "");
    }
    printf("%s %u/%u %u", timers == 0u ? "-" : "", e->heard, e->sent, e->inc);
}

static void print_ends(const struct node *n)
{
    const struct end *e[ENDS];

    states_ends(n, e);
    for (uint32_t i = 0u; i < model.ends; i++) {
        print_end(e[i], i);
    }
    putchar('\n');
}

static void print_step(uint32_t k, const struct node *from, const struct successor *s)
{
    static const char *const what[] = {"deliver", "twice", "lose", "timer", "step", "forge"};
    const struct end *e[ENDS];

    states_ends(from, e);
    printf("%u\t%s\t%c\t", k, what[s->what], s->what == EV_LOSE ? '-' : (char)('a' + (char)s->at));
    if (s->what == EV_TIMER) {
        printf("%s", view_timer(s->index % 16u));
    } else if (s->what == EV_STEP) {
        printf("%c", model.prog[s->at][e[s->at]->pc]);
    } else {
        print_seg(states_seg(s->seg));
    }
    putchar('\t');
    for (uint32_t j = 0u; s->did != NULL && j < s->did->n; j++) {
        printf("%s", j > 0u ? ";" : "");
        print_seg(states_seg(s->did->out[j]));
    }
    print_ends(&s->to);
}

void trace_print(const struct search *s)
{
    uint32_t depth = explore_steps(s) - s->by_step, *path;
    struct successor next[SUCCESSORS];

    path = must(malloc((depth + 1u) * sizeof *path));
    for (uint32_t k = s->at, d = depth; d > 0u; k = s->parent[k], d--) {
        path[d] = k;
    }
    path[0] = 0u;
    for (uint32_t d = 0u; d < depth; d++) {
        uint32_t count = states_next(&s->node[path[d]], next), j = 0u;

        while (j + 1u < count &&
               memcmp(&next[j].to, &s->node[path[d + 1u]], sizeof(struct node)) != 0) {
            j++;
        }
        print_step(d + 1u, &s->node[path[d]], &next[j]);
    }
    if (s->by_step) {
        print_step(depth + 1u, &s->node[s->at], &s->last);
    }
    free(path);
}
