/* SPDX-License-Identifier: MIT */
/* One connection and a peer that says what a script tells it to. A script is commands separated by semicolons; each is
   followed by a poll of everything due, unless it begins with a tilde.

     set NAME=N ...            settings and ring sizes, before OPEN: mss nodelay rto_min tw_ignore_rst r2 challenge shift
                               initial_window send receive delayed_ack keepalive keep_idle keep_interval keep_probes r1
     closed  listen  syn-sent  syn-received  syn-received-active  established  fin-wait-1  fin-wait-2  close-wait
     closing  last-ack  time-wait
                               the conversation that leads there
     open-passive  open-active  queue N [urgent]  read N  close  abort  status  flush  reports  user-timeout N
                               the user's calls; queue is SEND, flush tells how much it gave up
     listener                  from now on the port is listened on, too: a SYN may take the place of a connection in
                               TIME-WAIT, as whoever holds the blocks does it
     seg FLAGS [seq=E] [ack=E] [len=E] [wnd=E] [mss=E] [shift=E] [up=E]
                               a segment from the peer; it begins at RCV.NXT, acknowledges SND.NXT and offers 8000 unless
                               told otherwise; FLAGS as in SYN,ACK or - for none; up is the urgent pointer
     icmp soft|hard|too-big N [seq=E]
                               host unreachable, port unreachable, or a path for N bytes of text, about a segment of ours;
                               it begins at SND.UNA unless told otherwise
     expire rexmit|persist|user|time_wait|ack|keepalive   tick   wait N (microseconds)   poll

   E is a sum of numbers and names: ISS IRS PEER (the peer's ISS) SND.UNA SND.NXT SND.WND SND.WL1 SND.WL2 MAX.SND.WND
   RCV.NXT RCV.WND SEG.SEQ SEG.ACK SEG.LEN (SYN and FIN counted) SEG.WND MSS CWND RTO SND.UP RCV.UP (as numbers of the
   streams) URGENT (bytes of urgent text ahead) REPORT.URGENT REPORT.EXCESSIVE REPORT.SOFT (what waits to be told). */
#ifndef TALK_H
#define TALK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sequent.h"

#define TALK_RING 4000u
#define TALK_OUT 16u

struct talk_said {
    struct sq_emit e;
    struct sq_conn at; /* the connection when it was about to say this */
};

struct talk {
    struct sq_conn c, before; /* before: when the last command began */
    struct sq_settings settings;
    uint32_t send_capacity, receive_capacity, iss, peer;
    bool listener;
    uint8_t send_ring[TALK_RING], receive_ring[TALK_RING];
    uint64_t now;
    struct talk_said out[TALK_OUT];
    uint32_t said;
    struct sq_header seg;
    uint32_t seg_len, verdict, result;
    char error[200]; /* the script is wrong, or the block is not valid */
};

static const char *const talk_states[] = {"CLOSED",      "LISTEN",     "SYN-SENT",   "SYN-RECEIVED",
                                          "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT",
                                          "CLOSING",     "LAST-ACK",   "TIME-WAIT"};

static void talk_fail(struct talk *t, const char *what, const char *which)
{
    if (t->error[0] == '\0') {
        snprintf(t->error, sizeof t->error, "%s: %s", what, which);
    }
}

static uint8_t talk_peer_byte(uint32_t k)
{
    return (uint8_t)(k * 7u + k / 256u + 3u);
}

/* ---- expressions ---- */

static uint32_t talk_name(struct talk *t, const struct sq_conn *c, const char *name)
{
    const struct {
        const char *name;
        uint32_t value;
    } names[] = {
        {"ISS", c->send.iss},
        {"IRS", c->receive.irs},
        {"PEER", t->peer},
        {"SND.UNA", c->send.una},
        {"SND.NXT", c->send.una + c->send.flight},
        {"SND.WND", c->send.wnd},
        {"SND.WL1", c->send.wl1},
        {"SND.WL2", c->send.wl2},
        {"MAX.SND.WND", c->send.max_wnd},
        {"RCV.NXT", c->receive.nxt},
        {"RCV.WND", c->receive.wnd},
        {"SEG.SEQ", t->seg.seq},
        {"SEG.ACK", t->seg.ack},
        {"SEG.LEN", t->seg_len + ((t->seg.flags & SQ_SYN) != 0u) + ((t->seg.flags & SQ_FIN) != 0u)},
        {"SEG.WND", t->seg.window},
        {"MSS", c->send.mss},
        {"CWND", c->congestion.cwnd},
        {"RTO", c->rtt.rto},
        {"SND.UP", c->send.una + (uint32_t)(c->urgent.send_up - c->send.acked)},
        {"RCV.UP", c->receive.nxt + (uint32_t)(c->urgent.receive_up - c->receive.received)},
        {"URGENT", sq_urgent(c)},
        {"REPORT.URGENT", c->report.urgent},
        {"REPORT.EXCESSIVE", c->report.excessive},
        {"REPORT.SOFT", c->report.soft},
    };

    for (size_t i = 0u; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i].name) == 0) {
            return names[i].value;
        }
    }
    talk_fail(t, "no such name", name);
    return 0u;
}

static uint32_t talk_value(struct talk *t, const struct sq_conn *c, const char *text)
{
    uint32_t sum = 0u, sign = 1u;

    for (;;) {
        char word[32];
        size_t n = strcspn(text, "+-");
        uint32_t term;

        if (n == 0u || n >= sizeof word) {
            talk_fail(t, "not an expression", text);
            return 0u;
        }
        memcpy(word, text, n);
        word[n] = '\0';
        if (word[0] >= '0' && word[0] <= '9') {
            term = (uint32_t)strtoul(word, NULL, 10);
        } else {
            term = talk_name(t, c, word);
        }
        sum += sign * term;
        if (text[n] == '\0') {
            return sum;
        }
        sign = text[n] == '-' ? 0u - 1u : 1u;
        text += n + 1u;
    }
}

static uint32_t talk_flags(struct talk *t, const char *text)
{
    static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG"};
    char copy[40];
    uint32_t flags = 0u;

    snprintf(copy, sizeof copy, "%s", text);
    for (char *save = NULL, *word = strtok_r(copy, ",", &save); word != NULL;
         word = strtok_r(NULL, ",", &save)) {
        uint32_t b = 0u;

        while (b < 6u && strcmp(word, names[b]) != 0) {
            b++;
        }
        if (b == 6u && strcmp(word, "-") != 0) {
            talk_fail(t, "no such flag", word);
        }
        flags += b < 6u ? 1u << b : 0u;
    }
    return flags;
}

/* ---- the connection ---- */

static void talk_check(struct talk *t, const char *command)
{
    if (sq_valid(&t->c) != 1u) {
        talk_fail(t, "not valid after", command);
    }
}

static void talk_poll(struct talk *t)
{
    for (;;) {
        struct talk_said *s = &t->out[t->said];
        uint32_t due;

        s->at = t->c;
        due = sq_output(&t->c, &s->e, SQ_TEXT_MAX, t->now);
        talk_check(t, "poll");
        if (due == SQ_DUE_NONE) {
            return;
        }
        t->said++;
        if (t->said == TALK_OUT) {
            talk_fail(t, "said too much", "poll");
            t->said = 0u;
        }
    }
}

/* The block is opened anew for a SYN that may take its place; the ISS of the new connection. RFC 9293 3.6.1 MAY-2 */
static uint32_t talk_reopen(struct talk *t)
{
    uint32_t iss = sq_iss_beyond(&t->c, t->iss);

    sq_release(&t->c);
    t->result = sq_open_passive(&t->c, &t->settings, t->send_capacity, t->receive_capacity);
    return iss;
}

static void talk_segment(struct talk *t, char *words)
{
    static uint8_t text[SQ_TEXT_MAX];
    struct sq_segment_info info = {.now = t->now, .iss = t->iss};
    struct sq_header *h = &t->seg;
    char *save = NULL, *word = strtok_r(words, " ", &save);
    bool has_ack = false;

    memset(h, 0, sizeof *h);
    t->seg_len = 0u;
    h->flags = talk_flags(t, word == NULL ? "?" : word);
    h->seq = t->c.receive.rx == SQ_RX_NONE ? t->peer : t->c.receive.nxt;
    h->window = 8000u;
    h->has_mss = (h->flags & SQ_SYN) != 0u;
    h->mss = h->has_mss != 0u ? 1000u : 0u;
    while ((word = strtok_r(NULL, " ", &save)) != NULL) {
        char *value = strchr(word, '=');

        if (value == NULL) {
            talk_fail(t, "expected name=value", word);
            return;
        }
        *value++ = '\0';
        if (strcmp(word, "seq") == 0) {
            h->seq = talk_value(t, &t->c, value);
        } else if (strcmp(word, "ack") == 0) {
            h->ack = talk_value(t, &t->c, value);
            has_ack = true;
        } else if (strcmp(word, "len") == 0) {
            t->seg_len = talk_value(t, &t->c, value);
        } else if (strcmp(word, "wnd") == 0) {
            h->window = talk_value(t, &t->c, value);
        } else if (strcmp(word, "mss") == 0) {
            h->mss = talk_value(t, &t->c, value);
            h->has_mss = h->mss > 0u;
        } else if (strcmp(word, "shift") == 0) {
            h->shift = talk_value(t, &t->c, value);
            h->has_shift = 1u;
        } else if (strcmp(word, "up") == 0) {
            h->urgent = talk_value(t, &t->c, value);
        } else {
            talk_fail(t, "no such field", word);
        }
    }
    if ((h->flags & SQ_ACK) != 0u && !has_ack) {
        h->ack = t->c.send.una + t->c.send.flight;
    }
    info.len = t->seg_len;
    for (uint32_t k = 0u; k < t->seg_len; k++) {
        text[k] = talk_peer_byte(h->seq + ((h->flags & SQ_SYN) != 0u) - (t->peer + 1u) + k);
    }
    if (t->listener && (h->flags & (SQ_SYN | SQ_ACK | SQ_RST)) == SQ_SYN &&
        sq_reusable(&t->c, h->seq) == 1u) {
        info.iss = talk_reopen(t);
    }
    t->verdict = sq_input(&t->c, t->receive_ring, h, text, &info);
}

/* icmp soft|hard|too-big N [seq=E] */
static void talk_icmp(struct talk *t, char *words)
{
    char *save = NULL, *kind = strtok_r(words, " ", &save), *word;
    bool too_big = kind != NULL && strcmp(kind, "too-big") == 0,
         hard = kind != NULL && strcmp(kind, "hard") == 0;
    uint32_t seq = t->c.send.una, size = 0u;

    if (kind == NULL || (!too_big && !hard && strcmp(kind, "soft") != 0)) {
        talk_fail(t, "no such report", kind == NULL ? "icmp" : kind);
        return;
    }
    while ((word = strtok_r(NULL, " ", &save)) != NULL) {
        if (strncmp(word, "seq=", 4u) == 0) {
            seq = talk_value(t, &t->c, word + 4);
        } else {
            size = talk_value(t, &t->c, word);
        }
    }
    t->result = too_big ? sq_too_big(&t->c, seq, size)
                        : sq_unreachable(&t->c, seq, 3u * 256u + (hard ? 3u : 1u), hard ? 1u : 0u);
}

/* RECEIVE: the bytes are those of the peer's stream. */
static void talk_read(struct talk *t, uint32_t n)
{
    struct sq_slices r = sq_readable(&t->c);
    uint32_t first = (uint32_t)(t->c.receive.received - t->c.receive.used);

    for (uint32_t k = 0u; k < n && k < r.len + r.len2; k++) {
        uint32_t place = k < r.len ? r.at + k : r.at2 + (k - r.len);

        if (t->receive_ring[place] != talk_peer_byte(first + k)) {
            talk_fail(t, "wrong byte", "read");
        }
    }
    t->result = sq_consume(&t->c, n);
}

static void talk_queue(struct talk *t, const char *words)
{
    struct sq_slices w = sq_writable(&t->c);
    uint32_t n = (uint32_t)strtoul(words, NULL, 10);

    for (uint32_t k = 0u; k < n && k < w.len + w.len2; k++) {
        t->send_ring[k < w.len ? w.at + k : w.at2 + (k - w.len)] = (uint8_t)k;
    }
    t->result = sq_commit(&t->c, n, t->now);
    if (strstr(words, " urgent") != NULL && t->result == SQ_OK) {
        t->result = sq_urge(&t->c);
    }
}

static void talk_status(struct talk *t)
{
    struct sq_status s = sq_status(&t->c);

    t->result = SQ_OK;
    if (s.state != t->c.state || s.reason != t->c.reason || s.unacknowledged != t->c.send.sent ||
        s.unsent != t->c.send.queued - t->c.send.sent || s.readable != t->c.receive.used ||
        s.writable != t->c.send.capacity - t->c.send.queued || s.send_window != t->c.send.wnd ||
        s.receive_window != t->c.receive.wnd || s.congestion_window != t->c.congestion.cwnd ||
        s.srtt != t->c.rtt.srtt || s.rto != t->c.rtt.rto || s.mss != t->c.send.mss) {
        talk_fail(t, "wrong", "status");
    }
}

static void talk_set(struct talk *t, char *words)
{
    const struct {
        const char *name;
        uint32_t *where;
    } names[] = {
        {"mss", &t->settings.mss},
        {"nodelay", &t->settings.nodelay},
        {"rto_min", &t->settings.rto_min},
        {"tw_ignore_rst", &t->settings.tw_ignore_rst},
        {"r2", &t->settings.r2},
        {"challenge", &t->settings.challenge},
        {"shift", &t->settings.shift},
        {"initial_window", &t->settings.initial_window},
        {"send", &t->send_capacity},
        {"receive", &t->receive_capacity},
        {"delayed_ack", &t->settings.delayed_ack},
        {"keepalive", &t->settings.keepalive},
        {"keep_idle", &t->settings.keep_idle},
        {"keep_interval", &t->settings.keep_interval},
        {"keep_probes", &t->settings.keep_probes},
        {"r1", &t->settings.r1},
    };
    const size_t n = sizeof names / sizeof names[0];

    for (char *save = NULL, *word = strtok_r(words, " ", &save); word != NULL;
         word = strtok_r(NULL, " ", &save)) {
        char *value = strchr(word, '=');
        size_t i = 0u;

        if (value != NULL) {
            *value++ = '\0';
        }
        while (i < n && strcmp(word, names[i].name) != 0) {
            i++;
        }
        if (value == NULL || i == n) {
            talk_fail(t, "no such setting", word);
            return;
        }
        *names[i].where = (uint32_t)strtoul(value, NULL, 10);
    }
}

static const char *const talk_roads[][2] = {
    {"closed", ""},
    {"listen", "open-passive"},
    {"syn-sent", "open-active"},
    {"syn-received", "open-passive; seg SYN"},
    {"syn-received-active", "open-active; seg SYN"},
    {"established", "open-passive; seg SYN; seg ACK"},
    {"established-active", "open-active; seg SYN,ACK"},
    {"fin-wait-1", "open-passive; seg SYN; seg ACK; close"},
    {"fin-wait-2", "open-passive; seg SYN; seg ACK; close; seg ACK"},
    {"close-wait", "open-passive; seg SYN; seg ACK; seg FIN,ACK"},
    {"closing", "open-passive; seg SYN; seg ACK; close; seg FIN,ACK ack=SND.UNA"},
    {"last-ack", "open-passive; seg SYN; seg ACK; seg FIN,ACK; close"},
    {"time-wait", "open-passive; seg SYN; seg ACK; close; seg ACK; seg FIN,ACK"},
};

static void talk_run(struct talk *t, const char *script);

static bool talk_user(struct talk *t, const char *verb, const char *rest)
{
    if (strcmp(verb, "open-passive") == 0) {
        t->result = sq_open_passive(&t->c, &t->settings, t->send_capacity, t->receive_capacity);
    } else if (strcmp(verb, "open-active") == 0) {
        t->result =
            sq_open_active(&t->c, &t->settings, t->send_capacity, t->receive_capacity, t->iss);
    } else if (strcmp(verb, "queue") == 0) {
        talk_queue(t, rest);
    } else if (strcmp(verb, "read") == 0) {
        talk_read(t, talk_value(t, &t->c, rest));
    } else if (strcmp(verb, "close") == 0) {
        t->result = sq_close(&t->c, t->now);
    } else if (strcmp(verb, "abort") == 0) {
        t->result = sq_abort(&t->c);
    } else if (strcmp(verb, "status") == 0) {
        talk_status(t);
    } else if (strcmp(verb, "flush") == 0) {
        t->result = sq_flush(&t->c);
    } else if (strcmp(verb, "reports") == 0) {
        (void)sq_reports(&t->c);
    } else if (strcmp(verb, "user-timeout") == 0) {
        sq_user_timeout(&t->c, talk_value(t, &t->c, rest));
    } else {
        return false;
    }
    return true;
}

static bool talk_time(struct talk *t, const char *verb, const char *rest)
{
    static const char *const timers[] = {"rexmit",    "persist", "user",
                                         "time_wait", "ack",     "keepalive"};
    const uint32_t count = sizeof timers / sizeof timers[0];

    if (strcmp(verb, "expire") == 0) {
        uint32_t i = 0u;

        while (i < count && strcmp(rest, timers[i]) != 0) {
            i++;
        }
        if (i == count) {
            talk_fail(t, "no such timer", rest);
        }
        sq_expire(&t->c, i, t->now);
    } else if (strcmp(verb, "tick") == 0) {
        sq_tick(&t->c, t->now);
    } else if (strcmp(verb, "wait") == 0) {
        t->now += strtoull(rest, NULL, 10);
    } else {
        return strcmp(verb, "poll") == 0;
    }
    return true;
}

/* One command. What was said before it is forgotten. */
static void talk_command(struct talk *t, const char *command)
{
    char copy[200], *rest;
    bool poll = command[0] != '~';

    snprintf(copy, sizeof copy, "%s", poll ? command : command + 1);
    rest = strchr(copy, ' ');
    if (rest != NULL) {
        *rest++ = '\0';
    } else {
        rest = copy + strlen(copy);
    }
    for (size_t i = 0u; i < sizeof talk_roads / sizeof talk_roads[0]; i++) {
        if (strcmp(copy, talk_roads[i][0]) == 0) {
            talk_run(t, talk_roads[i][1]);
            return;
        }
    }
    t->now += 1000u;
    t->said = 0u;
    t->before = t->c;
    if (strcmp(copy, "set") == 0) {
        talk_set(t, rest);
    } else if (strcmp(copy, "listener") == 0) {
        t->listener = true;
    } else if (strcmp(copy, "seg") == 0) {
        talk_segment(t, rest);
    } else if (strcmp(copy, "icmp") == 0) {
        talk_icmp(t, rest);
    } else if (!talk_user(t, copy, rest) && !talk_time(t, copy, rest)) {
        talk_fail(t, "no such command", command);
    }
    talk_check(t, command);
    if (poll) {
        talk_poll(t);
    }
}

static void talk_run(struct talk *t, const char *script)
{
    char copy[300];

    snprintf(copy, sizeof copy, "%s", script);
    for (char *save = NULL, *word = strtok_r(copy, ";", &save); word != NULL;
         word = strtok_r(NULL, ";", &save)) {
        while (*word == ' ') {
            word++;
        }
        if (*word != '\0') {
            talk_command(t, word);
        }
    }
}

static void talk_begin(struct talk *t, uint32_t iss, uint32_t peer)
{
    memset(t, 0, sizeof *t);
    sq_settings_default(&t->settings);
    t->settings.mss = 1000u;
    t->settings.delayed_ack = 0u; /* the table wants every ACK at once */
    t->send_capacity = TALK_RING;
    t->receive_capacity = 3000u;
    t->iss = iss;
    t->peer = peer;
    t->now = 1000000u;
    sq_init(&t->c);
    t->before = t->c;
}

#endif
