/* SPDX-License-Identifier: MIT */
/* sequent connect: a connection of our own, standard input to the peer and the peer to standard output, as nc does. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "ipv4.h"
#include "talk.h"
#include "value.h"

#define EVENTS 16u
#define PROGRESS 500000u /* microseconds between two reports */

enum { TIMEOUT = 1000, SOURCE, SHOW, QUIET, HELP };

struct command {
    struct sq_options shared;
    uint32_t timeout; /* seconds; 0: the RFC's */
    bool progress;
    const char *host;
    uint32_t source, address, port; /* source 0: the first of ours */
};

void sq_help_connect(FILE *out)
{
    fputs(
        "connect: standard input goes to PORT of HOST, what comes back to standard output; the end "
        "of input\n"
        "closes our direction, and the program ends when the peer has closed its own\n"
        "  --timeout N        give up when nothing is acknowledged for N seconds (180 for the "
        "SYN,\n"
        "                     100 then)\n"
        "  --source A         which of our addresses it comes from (the first, --address)\n"
        "  --progress         report on standard error, as on a terminal; --quiet: not even there\n"
        "  In its own namespace only the kernel of that namespace can be reached (--peer). To "
        "reach more,\n"
        "  run it as root with --tap, or with --tap inside a namespace of your own (unshare -rn, "
        "nsenter).\n"
        "  Exit status: 0 both directions ended, 1 failed, 2 wrong usage, 3 refused, 4 timed out, "
        "5 reset,\n"
        "  130 interrupted.\n",
        out);
}

/* ---- the command line ---- */

static void take(void *to, int option, const char *value)
{
    struct command *c = to;

    switch (option) {
    case TIMEOUT:
        c->timeout = sq_value_number("timeout", value, 1u, 3600u);
        break;
    case SOURCE:
        c->source = sq_value_address("source", value);
        break;
    case SHOW:
        c->progress = true;
        break;
    case QUIET:
        c->progress = false;
        break;
    default:
        fputs("Usage: sequent connect [OPTION...] HOST PORT\n\n", stdout);
        sq_help_connect(stdout);
        fputc('\n', stdout);
        fputs(sq_options_help, stdout);
        exit(0);
    }
}

/* Names are looked up before the program moves into its namespace, where nobody answers. */
static uint32_t look_up(const char *host)
{
    struct addrinfo want = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
    struct sockaddr_in in;
    int why = getaddrinfo(host, NULL, &want, &found);

    if (why != 0) {
        fprintf(stderr, "sequent: '%s': %s; expected an IPv4 address or a name that has one\n",
                host, gai_strerror(why));
        exit(SQ_TALK_FAILED);
    }
    memcpy(&in, found->ai_addr, sizeof in);
    freeaddrinfo(found);
    return ntohl(in.sin_addr.s_addr);
}

static void read_command(struct command *c, int argc, char **argv)
{
    static const struct option own[] = {
        {"timeout", required_argument, NULL, TIMEOUT},
        {"source", required_argument, NULL, SOURCE},
        {"progress", no_argument, NULL, SHOW},
        {"quiet", no_argument, NULL, QUIET},
        {"help", no_argument, NULL, HELP},
        {NULL, 0, NULL, 0},
    };
    const struct sq_wire_options *wire = &c->shared.net.stack.wire;
    struct sq_settings *settings = &c->shared.net.stack.settings;
    int used;

    memset(c, 0, sizeof *c);
    sq_options_defaults(&c->shared);
    c->progress = isatty(STDERR_FILENO) == 1;
    used = sq_options_read(&c->shared, argc, argv, own, take, c);
    if (argc - used != 2)
        sq_usage("connect: expected HOST and PORT, got %d arguments", argc - used);
    c->host = argv[used];
    c->port = sq_value_number("PORT", argv[used + 1], 1u, 65535u);
    c->address = look_up(c->host);
    sq_options_settle(&c->shared);
    if (c->source != 0u && !sq_options_own(&c->shared, c->source))
        sq_usage("--source: expected an address of the endpoint, see --address and --also");
    if (!sq_ipv4_host(c->address) ||
        sq_ipv4_broadcast(c->address, wire->address, UINT64_C(1) << (32u - wire->prefix)))
        sq_usage("connect: '%s' is a group or everybody on the link; expected one host", c->host);
    if (c->timeout != 0u)
        settings->r2 = settings->r2_syn = c->timeout * 1000000u;
}

/* ---- what is said meanwhile ---- */

static void report(struct sq_talk *t, bool last)
{
    struct sq_status s = sq_socket_status(&t->endpoint.net, t->socket);
    uint64_t now = sq_net_now(), spent = now - t->began;
    double seconds = (double)(spent > 0u ? spent : 1u) / 1e6;

    if (!t->progress || (!last && now - t->shown < PROGRESS))
        return;
    t->shown = now;
    fprintf(stderr,
            "\r%-12s in %" PRIu64 " out %" PRIu64 " bytes, %.1f s, %.2f MB/s, rtt %.3f ms\033[K%s",
            sq_trace_state_name(s.state), t->out.bytes, t->in.bytes, seconds,
            (double)(t->out.bytes + t->in.bytes) / seconds / 1e6, (double)s.srtt / 1e3,
            last ? "\n" : "");
    fflush(stderr);
}

static void explain(const struct sq_talk *t, const struct command *c)
{
    static const struct {
        int status;
        const char *words;
    } why[] = {{SQ_TALK_REFUSED, "refused: nobody listens there"},
               {SQ_TALK_TIMED_OUT, "timed out: nothing was acknowledged"},
               {SQ_TALK_RESET, "reset by the peer"}};

    for (size_t i = 0u; i < sizeof why / sizeof why[0]; i++) {
        if (t->status == why[i].status)
            fprintf(stderr, "sequent: %s port %" PRIu32 ": %s\n", c->host, c->port, why[i].words);
    }
}

static void run(struct sq_talk *t)
{
    struct sq_net_event event[EVENTS];

    while (t->status < 0) {
        int n = sq_net_wait(&t->endpoint.net, event, EVENTS, t->progress ? 500 : 60000,
                            &t->endpoint.open);

        if (n < 0) {
            fprintf(stderr, "sequent: %s\n", t->endpoint.net.error);
            t->status = SQ_TALK_FAILED;
        }
        for (int i = 0; i < n; i++) {
            if (event[i].socket == t->socket)
                sq_talk_event(t, event[i].what);
        }
        if (sq_endpoint_stopped() && t->status < 0)
            t->status = SQ_TALK_INTERRUPTED;
        if (sq_endpoint_asked())
            sq_counters_print(&t->endpoint.net.stack.counters, stderr);
        report(t, false);
    }
    report(t, true);
}

int sq_command_connect(int argc, char **argv)
{
    static struct sq_talk t;
    struct command c;

    read_command(&c, argc, argv);
    t.progress = c.progress;
    sq_talk_prepare(&t);
    if (!sq_endpoint_open(&t.endpoint, &c.shared))
        return SQ_TALK_FAILED;
    t.began = sq_net_now();
    t.socket = sq_socket_connect(&t.endpoint.net, c.source, c.address, c.port);
    if (t.socket == 0u) {
        fprintf(stderr, "sequent: no port or no memory for a connection\n");
        t.status = SQ_TALK_FAILED;
    }
    run(&t);
    explain(&t, &c);
    sq_endpoint_close(&t.endpoint);
    return t.status;
}
