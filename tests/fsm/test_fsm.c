/* SPDX-License-Identifier: MIT */
/* The rows of fsm.csv (state x event x guard of RFC 9293 3.10), run as data. rows.tsv says for each conversation which rows
   it goes through, how the state is reached, the event, what is said and what changes; not_run.tsv says why a row is not
   run. Every row stands in one of the two. Next states come from fsm.csv, and so do the segments that a row demands without
   an if: rows.tsv cannot leave one out. Each conversation runs with several pairs of initial numbers; afterwards each of its
   expectations is made wrong and must then be missed. */
#include <inttypes.h>

#include "tests/fsm/talk.h"

#define ROWS_MAX 700
#define CONVERSATIONS_MAX 900
#define COLUMNS 13

enum { ID, STATE, EVENT, CHECK, GUARD, NEXT, SEGMENTS, SIGNALS, EFFECTS, FLOW, REFERENCE, ORIGIN };

struct row {
    char *column[COLUMNS];
    const char *reason; /* why it is not run */
    uint32_t conversations, failed;
    const char *deviates;
};

struct conversation {
    char *rows, *setup, *event, *segments, *effects, *deviates;
};

static struct row rows[ROWS_MAX];
static struct conversation conversations[CONVERSATIONS_MAX];
static uint32_t row_count, conversation_count, mistakes;
static char *loaded[3]; /* the files, freed at the end */

static const uint32_t numbers[][2] = {
    {1000u, 500000u}, {0xffffffffu, 0x7fffffffu}, {0x7fffffffu, 0xffffffffu},
    {0u, 0u},         {0xfffffff0u, 0xffffff00u}, {0x80000000u, 0xfffffffeu},
};

/* ---- files ---- */

static char *load(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text;
    long size;

    if (f == NULL) {
        printf("Bail out! %s: not there; run from the top of the tree\n", path);
        exit(2);
    }
    fseek(f, 0, SEEK_END);
    size = ftell(f);
    rewind(f);
    text = calloc(1u, (size_t)size + 1u);
    if (text == NULL || fread(text, 1u, (size_t)size, f) != (size_t)size) {
        printf("Bail out! %s: cannot be read\n", path);
        exit(2);
    }
    fclose(f);
    for (size_t i = 0u; i < 3u; i++) {
        if (loaded[i] == NULL) {
            loaded[i] = text;
            break;
        }
    }
    return text;
}

/* The next line without its end, or NULL. */
static char *next_line(char **text)
{
    char *line = *text, *end;

    if (*line == '\0') {
        return NULL;
    }
    end = strchr(line, '\n');
    if (end == NULL) {
        *text = line + strlen(line);
    } else {
        *end = '\0';
        *text = end + 1;
    }
    return line;
}

/* The next field of a line of CSV, taken out of its quotes in place. RFC 4180 */
static char *next_field(char **line)
{
    char *from = *line, *to = from, *field = from;
    bool quoted = *from == '"';

    if (quoted) {
        from++;
    }
    while (*from != '\0') {
        if (quoted && *from == '"' && from[1] != '"') {
            quoted = false;
        } else if (!quoted && *from == ',') {
            from++;
            break;
        } else {
            from += quoted && *from == '"';
            *to++ = *from;
        }
        from++;
    }
    *line = from;
    *to = '\0';
    return field;
}

static void read_rows(void)
{
    char *text = load("tests/fsm/fsm.csv"), *line;

    while ((line = next_line(&text)) != NULL) {
        if (line[0] != 'F' || row_count == ROWS_MAX) {
            continue;
        }
        for (int i = 0; i < COLUMNS; i++) {
            char *rest = line;

            rows[row_count].column[i] = next_field(&rest);
            line = rest;
        }
        row_count++;
    }
}

static struct row *find(const char *id)
{
    for (uint32_t i = 0u; i < row_count; i++) {
        if (strcmp(rows[i].column[ID], id) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static void mistake(const char *where, const char *what)
{
    printf("# %s: %s\n", where, what);
    mistakes++;
}

static void read_conversations(void)
{
    char *text = load("tests/fsm/rows.tsv"), *line;

    while ((line = next_line(&text)) != NULL) {
        struct conversation *k = &conversations[conversation_count];
        char **field[] = {&k->rows, &k->setup, &k->event, &k->segments, &k->effects, &k->deviates};

        if (line[0] == '#' || line[0] == '\0' || conversation_count == CONVERSATIONS_MAX) {
            continue;
        }
        for (size_t i = 0u; i < 6u; i++) {
            char *tab = line == NULL ? NULL : strchr(line, '\t');

            *field[i] = line;
            if (tab != NULL) {
                *tab = '\0';
            }
            line = tab == NULL ? NULL : tab + 1;
        }
        if (k->effects == NULL) {
            mistake(k->rows, "expected rows, setup, event, segments, effects");
            continue;
        }
        conversation_count++;
    }
}

static void read_reasons(void)
{
    char *text = load("tests/fsm/not_run.tsv"), *line;

    while ((line = next_line(&text)) != NULL) {
        char *reason = strchr(line, '\t'), *save = NULL;

        if (line[0] == '#' || reason == NULL) {
            continue;
        }
        *reason++ = '\0';
        for (char *id = strtok_r(line, " ", &save); id != NULL; id = strtok_r(NULL, " ", &save)) {
            struct row *r = find(id);

            if (r == NULL || r->reason != NULL) {
                mistake(id, r == NULL ? "no such row" : "has two reasons");
            } else {
                r->reason = reason;
            }
        }
    }
}

/* ---- what a conversation goes through ---- */

struct path {
    struct row *row[16];
    uint32_t n;
    char next[24];
};

static bool starts(const struct row *r)
{
    const char *check = r->column[CHECK], *state = r->column[STATE];

    if (strcmp(r->column[EVENT], "SEG") != 0) {
        return strcmp(check, "-") == 0;
    }
    return strcmp(check, strcmp(state, "CLOSED") == 0      ? "C0-closed"
                         : strcmp(state, "LISTEN") == 0    ? "L1-rst"
                         : strcmp(state, "SYN-SENT") == 0  ? "S1-ack"
                         : strcmp(state, "TIME-WAIT") == 0 ? "N0-twsyn"
                                                           : "N0-paws") == 0;
}

/* The rows follow from each other; a plus begins another event that the same command brings about. A SYN that ends a
   connection in TIME-WAIT is looked at once more, by the listener. */
static bool read_path(const struct conversation *k, struct path *p)
{
    char copy[200];
    bool fresh = true, reprocessed = false;

    p->n = 0u;
    snprintf(copy, sizeof copy, "%s", k->rows);
    for (char *save = NULL, *word = strtok_r(copy, " ", &save); word != NULL;
         word = strtok_r(NULL, " ", &save)) {
        struct row *r = find(word), *last = p->n > 0u ? p->row[p->n - 1u] : NULL;

        if (strcmp(word, "+") == 0) {
            fresh = true;
            continue;
        }
        if (r == NULL || p->n == 16u) {
            mistake(k->rows, "no such row");
            return false;
        }
        if (last != NULL && strcmp(last->column[FLOW], "C-reprocess-LISTEN") == 0) {
            reprocessed = strcmp(r->column[STATE], "LISTEN") == 0;
            fresh = true;
        }
        if (fresh ? !starts(r) : strcmp(last->column[FLOW], r->column[CHECK]) != 0) {
            mistake(k->rows, "does not follow: the check");
        }
        if (last != NULL && !reprocessed && strcmp(last->column[NEXT], r->column[STATE]) != 0) {
            mistake(k->rows, "does not follow: the state");
        }
        fresh = reprocessed = false;
        p->row[p->n++] = r;
    }
    if (p->n == 0u || strcmp(p->row[p->n - 1u]->column[FLOW], "stop") != 0) {
        mistake(k->rows, "does not end with flow stop");
        return false;
    }
    snprintf(p->next, sizeof p->next, "%s", p->row[p->n - 1u]->column[NEXT]);
    if (k->deviates != NULL && strncmp(k->deviates, "next=", 5u) == 0) {
        snprintf(p->next, sizeof p->next, "%.*s", (int)strcspn(k->deviates + 5, " "),
                 k->deviates + 5);
    }
    return true;
}

static const char *const events[][3] = {
    {"OPEN-passive", "open-passive", ""},
    {"OPEN-active", "open-active", ""},
    {"SEND", "queue", ""},
    {"RECEIVE", "read", ""},
    {"CLOSE", "close", ""},
    {"ABORT", "abort", ""},
    {"STATUS", "status", ""},
    {"SEG", "seg", ""},
    {"USER-TIMEOUT", "expire user", ""},
    {"TW-TIMEOUT", "expire time_wait", "tick"},
    {"RTX-TIMEOUT", "expire rexmit", "tick"},
    {"PERSIST-TIMEOUT", "expire persist", "expire rexmit"},
    {"DELACK-TIMEOUT", "expire ack", ""},
    {"KEEPALIVE-TIMEOUT", "expire keepalive", ""},
    {"ICMP-SOFT", "icmp soft", ""},
    {"ICMP-HARD", "icmp hard", ""},
    {"ICMP-PTB", "icmp too-big", ""},
    {"TX-DATA", "poll", ""},
    {"TX-FIN", "poll", ""},
};

static bool event_fits(const char *event, const char *command)
{
    for (size_t i = 0u; i < sizeof events / sizeof events[0]; i++) {
        for (size_t j = 1u; j < 3u && strcmp(events[i][0], event) == 0; j++) {
            if (events[i][j][0] != '\0' &&
                strncmp(command, events[i][j], strlen(events[i][j])) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* ---- what is said ---- */

/* The segment at the head of `text`, as <SEQ=..><ACK=..><CTL=..><LEN=..>; A stands for the ACK that says nothing new. */
static const char *segment_text(const char *word)
{
    return strcmp(word, "A") == 0 ? "<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>" : word;
}

static bool part(const char *text, const char *name, char *value, size_t size)
{
    const char *at = strstr(text, name);

    if (at == NULL) {
        return false;
    }
    at += strlen(name);
    snprintf(value, size, "%.*s", (int)strcspn(at, ">"), at);
    return true;
}

/* Numbers as they were when the segment was about to be said; a connection that is over is asked as it was before. */
static bool segment_is(struct talk *t, const struct talk_said *s, const char *text)
{
    const struct sq_conn *c = s->at.state <= SQ_LISTEN ? &t->before : &s->at;
    char value[64];
    uint32_t len = 0u, up = 0u;

    if (!part(text, "<SEQ=", value, sizeof value) || s->e.seq != talk_value(t, c, value)) {
        return false;
    }
    if (part(text, "<ACK=", value, sizeof value) ? s->e.ack != talk_value(t, c, value)
                                                 : s->e.ack != 0u) {
        return false;
    }
    if (!part(text, "<CTL=", value, sizeof value) || s->e.flags != talk_flags(t, value)) {
        return false;
    }
    if (part(text, "<LEN=", value, sizeof value)) {
        len = talk_value(t, c, value);
    }
    if (part(text, "<UP=", value, sizeof value)) {
        up = talk_value(t, c, value);
    }
    return s->e.len == len && s->e.urgent == up;
}

static bool said_is(struct talk *t, const char *segments)
{
    char copy[400];
    uint32_t n = 0u;

    if (strcmp(segments, "-") == 0) {
        return t->said == 0u;
    }
    snprintf(copy, sizeof copy, "%s", segments);
    for (char *save = NULL, *word = strtok_r(copy, " ", &save); word != NULL;
         word = strtok_r(NULL, " ", &save)) {
        if (n == t->said || !segment_is(t, &t->out[n], segment_text(word))) {
            return false;
        }
        n++;
    }
    return n == t->said;
}

/* A row that demands a segment without an if: it must be among those the conversation expects. */
static void demand(const struct conversation *k, const struct row *r)
{
    const char *text = r->column[SEGMENTS], *end = strrchr(text, '>');
    char copy[400], segment[120];
    bool found = false;

    if (text[0] != '<' || end == NULL || k->deviates != NULL ||
        (end[1] != '\0' && strncmp(end + 1, " (challenge", 11u) != 0 &&
         strncmp(end + 1, " (throttled", 11u) != 0)) {
        return;
    }
    snprintf(segment, sizeof segment, "%.*s", (int)(end + 1 - text), text);
    snprintf(copy, sizeof copy, "%s", k->segments);
    for (char *save = NULL, *word = strtok_r(copy, " ", &save); word != NULL;
         word = strtok_r(NULL, " ", &save)) {
        found = found || strncmp(segment_text(word), segment, strlen(segment)) == 0;
    }
    if (!found && strstr(segment, "<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>") != NULL) {
        /* Any other segment of the connection carries the same ACK. */
        found = strstr(k->segments, "<ACK=RCV.NXT>") != NULL;
    }
    if (!found) {
        mistake(r->column[ID], "its segment is missing in rows.tsv");
    }
}

/* ---- what changes ---- */

static bool told_alone(const struct sq_conn *a, const struct sq_conn *b)
{
    return a->state == b->state && a->passive == b->passive && a->reason == b->reason &&
           memcmp(&a->send, &b->send, sizeof a->send) == 0 &&
           memcmp(&a->receive, &b->receive, sizeof a->receive) == 0 &&
           memcmp(&a->flight, &b->flight, sizeof a->flight) == 0 &&
           memcmp(&a->rtt, &b->rtt, sizeof a->rtt) == 0 &&
           memcmp(&a->congestion, &b->congestion, sizeof a->congestion) == 0 &&
           memcmp(&a->reassembly, &b->reassembly, sizeof a->reassembly) == 0 &&
           memcmp(&a->times, &b->times, sizeof a->times) == 0 &&
           memcmp(&a->urgent, &b->urgent, sizeof a->urgent) == 0 &&
           memcmp(&a->settings, &b->settings, sizeof a->settings) == 0;
}

static bool same(const struct sq_conn *a, const struct sq_conn *b)
{
    return told_alone(a, b) && memcmp(&a->report, &b->report, sizeof a->report) == 0;
}

/* Nothing of the peer is left, no clock runs; unread text stays. */
static bool gone(const struct sq_conn *c)
{
    return c->state <= SQ_LISTEN && c->send.tx == SQ_TX_NONE && c->receive.rx == SQ_RX_NONE &&
           c->send.queued == 0u && c->send.flight == 0u && c->send.una == 0u &&
           c->receive.nxt == 0u && c->flight.n == 0u && c->reassembly.n == 0u &&
           sq_deadline(c) == SQ_NEVER;
}

static bool word_is(uint32_t value, const char *text, const char *const *names, uint32_t n)
{
    return value < n && strcmp(names[value], text) == 0;
}

static bool time_is(struct talk *t, uint64_t time, const char *text)
{
    if (strcmp(text, "off") == 0 || strcmp(text, "on") == 0) {
        return (time == SQ_NEVER) == (text[1] == 'f');
    }
    return time == t->c.now + talk_value(t, &t->c, text);
}

/* One effect, as name=value; `off_by` is added to numbers, to show that they are looked at. */
static bool effect_is(struct talk *t, const char *effect, uint32_t off_by)
{
    static const char *const results[] = {"OK",      "NO_CONNECTION", "EXISTS",
                                          "CLOSING", "RESOURCES",     "SETTINGS"};
    static const char *const verdicts[] = {"ACCEPTED", "IGNORED", "UNACCEPTABLE", "CHALLENGED",
                                           "BAD_ACK",  "REFUSED", "RESET"};
    static const char *const reasons[] = {"NONE",      "DONE",    "RESET",     "REFUSED",
                                          "TIMED_OUT", "ABORTED", "EXHAUSTED", "UNREACHABLE"};
    const struct sq_conn *c = &t->c;
    const char *value = strchr(effect, '=');
    char name[32];

    if (value == NULL) {
        return (off_by == 0u) == (strcmp(effect, "same") == 0 ? same(c, &t->before)
                                  : strcmp(effect, "told") == 0
                                      ? told_alone(c, &t->before)
                                      : strcmp(effect, "gone") == 0 && gone(c));
    }
    snprintf(name, sizeof name, "%.*s", (int)(value - effect), effect);
    value++;
    if (strcmp(name, "result") == 0) {
        return word_is(t->result + off_by, value, results, 6u);
    }
    if (strcmp(name, "verdict") == 0) {
        return word_is(t->verdict + off_by, value, verdicts, 7u);
    }
    if (strcmp(name, "reason") == 0) {
        return word_is(c->reason + off_by, value, reasons, 8u);
    }
    if (strcmp(name, "rexmit") == 0 || strcmp(name, "persist") == 0 || strcmp(name, "user") == 0 ||
        strcmp(name, "time_wait") == 0) {
        uint64_t time = name[0] == 'r'   ? c->times.rexmit
                        : name[0] == 'p' ? c->times.persist
                        : name[0] == 'u' ? c->times.user
                                         : c->times.time_wait;

        return time_is(t, time, value) == (off_by == 0u);
    }
    if (strcmp(name, "believed") == 0 || strcmp(name, "flushed") == 0) {
        return t->result + off_by == talk_value(t, &t->before, value);
    }
    if (strcmp(name, "readable") == 0) {
        return c->receive.used + off_by == talk_value(t, &t->before, value);
    }
    if (strcmp(name, "unsent") == 0) {
        return c->send.queued - c->send.sent + off_by == talk_value(t, &t->before, value);
    }
    if (strcmp(name, "unacked") == 0) {
        return c->send.sent + off_by == talk_value(t, &t->before, value);
    }
    return talk_name(t, c, name) + off_by == talk_value(t, &t->before, value);
}

/* ---- running ---- */

struct expected {
    const char *next, *segments, *effects;
};

/* NULL, or what is not as expected. wrong: the effect to make wrong, counted from 1. */
static const char *compare(struct talk *t, const struct expected *e, uint32_t wrong)
{
    static char what[120];
    char copy[300];
    uint32_t n = 0u;

    if (t->error[0] != '\0') {
        return t->error;
    }
    if (strcmp(talk_states[t->c.state], e->next) != 0) {
        snprintf(what, sizeof what, "state %s, not %s", talk_states[t->c.state], e->next);
        return what;
    }
    if (!said_is(t, e->segments)) {
        return "other segments than expected";
    }
    snprintf(copy, sizeof copy, "%s", e->effects);
    for (char *save = NULL, *word = strtok_r(copy, " ", &save); word != NULL;
         word = strtok_r(NULL, " ", &save)) {
        n++;
        if (strcmp(word, "-") != 0 && !effect_is(t, word, n == wrong ? 1u : 0u)) {
            snprintf(what, sizeof what, "not so: %s", word);
            return t->error[0] != '\0' ? t->error : what;
        }
    }
    return t->error[0] != '\0' ? t->error : NULL;
}

static void show(struct talk *t, const struct conversation *k, const char *what)
{
    printf("# %s: %s; %s\n#   ISS %u, PEER %u: %s\n", k->rows, k->setup, k->event, t->iss, t->peer,
           what);
    for (uint32_t i = 0u; i < t->said; i++) {
        const struct sq_emit *e = &t->out[i].e;

        printf("#   said seq %u ack %u flags %u len %u wnd %u\n", e->seq, e->ack, e->flags, e->len,
               e->window);
    }
    printf("#   now %s ISS %u UNA %u NXT %u WND %u; IRS %u NXT %u WND %u unread %u\n",
           talk_states[t->c.state], t->c.send.iss, t->c.send.una, t->c.send.una + t->c.send.flight,
           t->c.send.wnd, t->c.receive.irs, t->c.receive.nxt, t->c.receive.wnd, t->c.receive.used);
}

/* Each expectation made wrong must be missed: the next state, a segment more, none, each effect. */
static void make_wrong(struct talk *t, const struct conversation *k, const struct expected *e)
{
    struct expected wrong = *e;
    char more[420];
    uint32_t effects = 0u;

    wrong.next = strcmp(e->next, "CLOSED") == 0 ? "LISTEN" : "CLOSED";
    if (compare(t, &wrong, 0u) == NULL) {
        mistake(k->rows, "a wrong next state is not noticed");
    }
    wrong.next = e->next;
    snprintf(more, sizeof more, "%s A", strcmp(e->segments, "-") == 0 ? "" : e->segments);
    wrong.segments = more;
    if (compare(t, &wrong, 0u) == NULL) {
        mistake(k->rows, "a missing segment is not noticed");
    }
    wrong.segments = "-";
    if (t->said > 0u && compare(t, &wrong, 0u) == NULL) {
        mistake(k->rows, "a segment too many is not noticed");
    }
    wrong.segments = e->segments;
    for (uint32_t i = 0u; i < t->said; i++) {
        uint32_t *field[] = {&t->out[i].e.seq, &t->out[i].e.ack, &t->out[i].e.flags,
                             &t->out[i].e.len, &t->out[i].e.urgent};

        for (size_t f = 0u; f < sizeof field / sizeof field[0]; f++) {
            *field[f] += 1u;
            if (compare(t, e, 0u) == NULL) {
                mistake(k->rows, "a wrong number in a segment is not noticed");
            }
            *field[f] -= 1u;
        }
    }
    for (const char *at = e->effects; *at != '\0'; at++) {
        effects += at == e->effects || at[-1] == ' ';
    }
    for (uint32_t i = 1u; i <= effects && strcmp(e->effects, "-") != 0; i++) {
        if (compare(t, e, i) == NULL) {
            mistake(k->rows, "a wrong effect is not noticed");
        }
    }
}

static bool converse(const struct conversation *k, const struct path *p)
{
    static struct talk t;
    struct expected e = {p->next, k->segments, k->effects};
    bool right = true;

    for (size_t n = 0u; n < sizeof numbers / sizeof numbers[0]; n++) {
        const char *what;

        talk_begin(&t, numbers[n][0], numbers[n][1]);
        talk_run(&t, k->setup);
        if (strcmp(talk_states[t.c.state], p->row[0]->column[STATE]) != 0) {
            talk_fail(&t, "the setup leads to", talk_states[t.c.state]);
        }
        talk_command(&t, k->event);
        what = compare(&t, &e, 0u);
        if (what != NULL) {
            show(&t, k, what);
            right = false;
            break;
        }
        if (n == 0u) {
            make_wrong(&t, k, &e);
        }
    }
    return right;
}

/* The row that the core decides otherwise. */
static void mark(const struct conversation *k, const struct path *p)
{
    struct row *r = p->row[p->n - 1u];
    const char *why = k->deviates;

    if (strncmp(why, "row=", 4u) == 0) {
        char id[8];

        snprintf(id, sizeof id, "%.*s", (int)strcspn(why + 4, " "), why + 4);
        r = find(id);
        why += 4u + strlen(id);
    } else if (strncmp(why, "next=", 5u) == 0) {
        why += strcspn(why, " ");
    }
    if (r == NULL) {
        mistake(k->rows, "no such row to deviate from");
        return;
    }
    r->deviates = why + (*why == ' ');
}

static void run_all(void)
{
    for (uint32_t i = 0u; i < conversation_count; i++) {
        const struct conversation *k = &conversations[i];
        struct path p;
        bool right;

        if (!read_path(k, &p)) {
            continue;
        }
        if (!event_fits(p.row[0]->column[EVENT], k->event)) {
            mistake(k->rows, "another event than the row's");
        }
        right = converse(k, &p);
        for (uint32_t r = 0u; r < p.n; r++) {
            p.row[r]->conversations++;
            p.row[r]->failed += right ? 0u : 1u;
            demand(k, p.row[r]);
        }
        if (k->deviates != NULL) {
            mark(k, &p);
        }
    }
}

/* How many rows each reason keeps from running. */
static void count_reasons(void)
{
    uint32_t run = 0u, deviate = 0u;

    for (uint32_t i = 0u; i < row_count; i++) {
        uint32_t n = 0u;
        bool first = true;

        run += rows[i].conversations > 0u;
        deviate += rows[i].deviates != NULL;
        for (uint32_t j = 0u; j < row_count && rows[i].reason != NULL; j++) {
            if (rows[j].reason != NULL && strcmp(rows[j].reason, rows[i].reason) == 0) {
                n++;
                first = first && j >= i;
            }
        }
        if (n > 0u && first) {
            printf("# %3u not run: %s\n", n, rows[i].reason);
        }
    }
    printf("# %u of %u rows run in %u conversations, each with %zu pairs of numbers; %u deviate\n",
           run, row_count, conversation_count, sizeof numbers / sizeof numbers[0], deviate);
}

int main(void)
{
    bool failed = false;

    read_rows();
    read_conversations();
    read_reasons();
    printf("1..%u\n", row_count + 1u);
    run_all();
    for (uint32_t i = 0u; i < row_count; i++) {
        struct row *r = &rows[i];
        bool listed = (r->conversations > 0u) != (r->reason != NULL);

        if (!listed) {
            mistake(r->column[ID], r->reason != NULL ? "is run and has a reason not to"
                                                     : "is neither run nor has a reason");
        }
        if (r->conversations == 0u) {
            printf("ok %u - %s # SKIP %s\n", i + 1u, r->column[ID],
                   r->reason == NULL ? "?" : r->reason);
            continue;
        }
        printf("%s %u - %s %s %s%s%s: %s%s%s\n", r->failed > 0u ? "not ok" : "ok", i + 1u,
               r->column[ID], r->column[STATE], r->column[EVENT],
               strcmp(r->column[CHECK], "-") == 0 ? "" : " ",
               strcmp(r->column[CHECK], "-") == 0 ? "" : r->column[CHECK], r->column[GUARD],
               r->deviates == NULL ? "" : " | deviates: ", r->deviates == NULL ? "" : r->deviates);
        failed = failed || r->failed > 0u;
    }
    count_reasons();
    printf("%s %u - every row is run or has a reason, and every expectation made wrong is missed\n",
           mistakes > 0u ? "not ok" : "ok", row_count + 1u);
    for (size_t i = 0u; i < 3u; i++) {
        free(loaded[i]);
    }
    return failed || mistakes > 0u;
}
