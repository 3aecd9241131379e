/* SPDX-License-Identifier: MIT */
/* The state of the endpoint in words and numbers. RFC 9293 3.3.1, 3.10.6 */
#include "status.h"

#include <inttypes.h>

struct sums {
    uint64_t entries, half_open, waiting, orphans, timers, queued, unread, reassembly;
};

static struct sums add_up(const struct sq_stack *s)
{
    struct sums x = {0};

    for (uint32_t i = 0u; i < s->table.size; i++) {
        const struct sq_entry *e = &s->table.entry[i];

        x.timers += sq_deadline(&e->conn) != SQ_NEVER || e->give_up != SQ_NEVER;
        if (e->stage == SQ_STAGE_FREE)
            continue;
        x.entries++;
        x.half_open += e->stage == SQ_STAGE_HALF_OPEN;
        x.waiting += e->stage == SQ_STAGE_WAITING;
        x.orphans += e->stage == SQ_STAGE_ORPHAN;
        x.queued += e->conn.send.queued;
        x.unread += e->conn.receive.used;
        for (uint32_t k = 0u; k < e->conn.reassembly.n; k++)
            x.reassembly += e->conn.reassembly.hi[k] - e->conn.reassembly.lo[k];
    }
    return x;
}

void sq_status_summary(const struct sq_net *net, uint64_t now, FILE *out)
{
    const struct sq_stack *s = &net->stack;
    struct sums x = add_up(s);
    uint32_t listeners = 0u;

    for (uint32_t l = 0u; l < SQ_LISTENERS; l++)
        listeners += s->listen[l].port != 0u;
    fprintf(out, "seconds_up %" PRIu64 "\n", (now - s->journal.zero) / 1000000u);
    fprintf(out, "listeners %u\n", listeners);
    fprintf(out, "entries %" PRIu64 "\nentries_max %u\n", x.entries, s->table.size);
    fprintf(out, "half_open %" PRIu64 "\nnot_accepted %" PRIu64 "\norphans %" PRIu64 "\n",
            x.half_open, x.waiting, x.orphans);
    fprintf(out, "timers_armed %" PRIu64 "\n", x.timers);
    fprintf(out,
            "bytes_queued %" PRIu64 "\nbytes_unread %" PRIu64 "\nbytes_out_of_order %" PRIu64 "\n",
            x.queued, x.unread, x.reassembly);
}

static void address(FILE *out, uint32_t a, uint32_t port)
{
    char text[32];

    snprintf(text, sizeof text, "%u.%u.%u.%u:%u", a >> 24, a >> 16 & 255u, a >> 8 & 255u, a & 255u,
             port);
    fprintf(out, " %-21s", text);
}

static void listener(const struct sq_stack *s, const struct sq_listen *l, FILE *out)
{
    fprintf(out, "%-12s %6u %6u", "LISTEN", l->waiting, l->backlog);
    address(out, s->set.wire.address, l->port);
    fprintf(out, " %-21s half_open:%u\n", "0.0.0.0:*", l->half_open);
}

/* The timer that goes off first, as `ss -o` names them: the time that is left, and how far RTO has backed off. */
static void timers(const struct sq_conn *c, uint64_t now, FILE *out)
{
    const struct {
        const char *name;
        uint64_t at;
    } t[] = {{"rexmit", c->times.rexmit},
             {"persist", c->times.persist},
             {"user", c->times.user},
             {"timewait", c->times.time_wait}};

    for (uint32_t i = 0u; i < sizeof t / sizeof t[0]; i++) {
        if (t[i].at != SQ_NEVER)
            fprintf(out, " timer:(%s,%.3fs)", t[i].name,
                    t[i].at > now ? (double)(t[i].at - now) / 1e6 : 0.0);
    }
}

static void details(const struct sq_conn *c, FILE *out)
{
    fprintf(out, "\t rto:%.3f", (double)c->rtt.rto / 1e3);
    if (c->rtt.srtt != 0u)
        fprintf(out, " rtt:%.3f/%.3f", (double)c->rtt.srtt / 1e3, (double)c->rtt.rttvar / 1e3);
    fprintf(out, " mss:%u cwnd:%u ssthresh:%u", c->send.mss, c->congestion.cwnd,
            c->congestion.ssthresh);
    fprintf(out, " snd_wnd:%u rcv_wnd:%u", c->send.wnd, c->receive.wnd);
    if (c->receive.scaled != 0u)
        fprintf(out, " wscale:%u,%u", c->send.shift, c->receive.shift);
    fprintf(out, " bytes_acked:%" PRIu64 " bytes_received:%" PRIu64, c->send.acked,
            c->receive.received);
    fprintf(out, " unacked:%u notsent:%u", c->send.sent, c->send.queued - c->send.sent);
    if (c->flight.resend_to > c->flight.resend_from)
        fprintf(out, " to_resend:%u", c->flight.resend_to - c->flight.resend_from);
    if (c->reassembly.n > 0u)
        fprintf(out, " rcv_ranges:%u", c->reassembly.n);
    if (sq_urgent(c) > 0u)
        fprintf(out, " urgent:%u", sq_urgent(c));
    if (c->report.timeouts > 0u)
        fprintf(out, " timeouts:%u", c->report.timeouts);
    if (c->report.soft != 0u)
        fprintf(out, " icmp:%u/%u", c->report.soft / 256u, c->report.soft % 256u);
    fprintf(out, " iss:%u irs:%u\n", c->send.iss, c->receive.irs);
}

uint32_t sq_status_connections(const struct sq_stack *s, uint32_t first, uint32_t n, uint64_t now,
                               FILE *out)
{
    if (first == 0u) {
        fprintf(out, "\n%-12s %6s %6s %-21s %-21s\n", "State", "Recv-Q", "Send-Q", "Local", "Peer");
        for (uint32_t l = 0u; l < SQ_LISTENERS; l++) {
            if (s->listen[l].port != 0u)
                listener(s, &s->listen[l], out);
        }
    }
    for (; n > 0u && first < s->table.size; n--, first++) {
        const struct sq_entry *e = &s->table.entry[first];

        if (e->stage == SQ_STAGE_FREE)
            continue;
        fprintf(out, "%-12s %6u %6u", sq_trace_state_name(e->conn.state), e->conn.receive.used,
                e->conn.send.queued);
        address(out, e->ends.local, e->ends.local_port);
        address(out, e->ends.remote, e->ends.remote_port);
        timers(&e->conn, now, out);
        if (e->stage == SQ_STAGE_ORPHAN)
            fputs(" orphan", out);
        fputc('\n', out);
        details(&e->conn, out);
    }
    return first;
}
