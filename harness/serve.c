/* SPDX-License-Identifier: MIT */
/* sequent serve: services on an endpoint, until a signal. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "endpoint.h"
#include "http.h"
#include "relay.h"
#include "value.h"

#define EVENTS 256u

enum { HTTP = 1000, PORT, ECHOES, DISCARD, CHARGEN, IDLE, RELAY, HELP };
enum { SMALL = 3 };

static const char *const small_name[SMALL] = {"echo", "discard", "chargen"};

struct command {
    struct sq_options shared;
    const char *directory;       /* of the files to serve; NULL: no HTTP */
    uint32_t http, small[SMALL]; /* ports; 0: not served */
    uint32_t idle;
    uint32_t relay, relay_to; /* ports; 0: none, and that of the first service */
    int relay_fd;
    bool port_given;
};

struct server {
    struct sq_endpoint endpoint;
    struct sq_service *services;
    struct sq_relay *relay;
};

void sq_help_serve(FILE *out)
{
    fputs(
        "serve: services on a TAP device, several at once, in a network namespace of its own (no "
        "root needed)\n"
        "  --http DIR         the files of DIR: GET and HEAD, ranges, lists of directories\n"
        "  --port N           HTTP on this port (80)\n"
        "  --echo[=PORT]      says again what arrives, RFC 862 (7)\n"
        "  --discard[=PORT]   takes what arrives, RFC 863 (9)\n"
        "  --chargen[=PORT]   lines of characters without end, RFC 864 (19)\n"
        "  --idle N           seconds without progress, then a connection of these three is reset\n"
        "                     (600); HTTP has 60\n"
        "  --relay N[:PORT]   127.0.0.1:N of the host leads to our PORT (the first service), so\n"
        "                     that a browser on the host gets there\n",
        out);
}

/* ---- the command line ---- */

static void relay(struct command *c, const char *text)
{
    char first[8];
    size_t n = strcspn(text, ":");

    if (n >= sizeof first)
        sq_usage("--relay '%s': expected a port, 1..65535, and perhaps ours: 8080 or 8080:80",
                 text);
    memcpy(first, text, n);
    first[n] = '\0';
    c->relay = sq_value_number("relay", first, 1u, 65535u);
    if (text[n] == ':')
        c->relay_to = sq_value_number("relay", text + n + 1u, 1u, 65535u);
}

static void take(void *to, int option, const char *value)
{
    static const uint32_t usual[SMALL] = {7u, 9u, 19u};
    struct command *c = to;

    switch (option) {
    case HTTP:
        c->directory = value;
        break;
    case PORT:
        c->http = sq_value_number("port", value, 1u, 65535u);
        c->port_given = true;
        break;
    case ECHOES:
    case DISCARD:
    case CHARGEN:
        c->small[option - ECHOES] =
            value == NULL ? usual[option - ECHOES]
                          : sq_value_number(small_name[option - ECHOES], value, 1u, 65535u);
        break;
    case IDLE:
        c->idle = sq_value_number("idle", value, 1u, 1000000u);
        break;
    case RELAY:
        relay(c, value);
        break;
    default:
        fputs("Usage: sequent serve SERVICE... [OPTION...]\n\n", stdout);
        sq_help_serve(stdout);
        fputc('\n', stdout);
        fputs(sq_options_help, stdout);
        exit(0);
    }
}

static void check_ports(const struct command *c)
{
    const struct {
        const char *name;
        uint32_t port;
    } service[] = {{"http", c->directory != NULL ? c->http : 0u},
                   {"echo", c->small[0]},
                   {"discard", c->small[1]},
                   {"chargen", c->small[2]}};
    const size_t n = sizeof service / sizeof service[0];

    for (size_t i = 0u; i < n; i++) {
        for (size_t k = i + 1u; k < n; k++) {
            if (service[i].port != 0u && service[i].port == service[k].port)
                sq_usage("--%s and --%s: both on port %" PRIu32 "; expected different ports",
                         service[i].name, service[k].name, service[i].port);
        }
    }
}

/* What one option alone cannot say. */
static void check(struct command *c)
{
    struct stat st;
    const char *wrong = NULL;

    if (c->directory == NULL && c->small[0] + c->small[1] + c->small[2] == 0u)
        sq_usage("serve: nothing to serve; expected --http DIR, --echo, --discard or --chargen");
    if (c->directory == NULL && c->port_given)
        sq_usage("--port is for --http; the others take theirs as in --echo=7007");
    check_ports(c);
    for (uint32_t i = SMALL; i-- > 0u && c->relay_to == 0u && c->directory == NULL;)
        c->relay_to = c->small[i];
    if (c->relay_to == 0u)
        c->relay_to = c->http;
    if (c->directory == NULL)
        return;
    if (stat(c->directory, &st) != 0)
        wrong = strerror(errno);
    else if (!S_ISDIR(st.st_mode))
        wrong = "not a directory";
    if (wrong != NULL) {
        fprintf(stderr, "sequent: --http '%s': %s; expected a directory with the files to serve\n",
                c->directory, wrong);
        exit(1);
    }
}

static void read_command(struct command *c, int argc, char **argv)
{
    static const struct option own[] = {
        {"http", required_argument, NULL, HTTP},
        {"port", required_argument, NULL, PORT},
        {"echo", optional_argument, NULL, ECHOES},
        {"discard", optional_argument, NULL, DISCARD},
        {"chargen", optional_argument, NULL, CHARGEN},
        {"idle", required_argument, NULL, IDLE},
        {"relay", required_argument, NULL, RELAY},
        {"help", no_argument, NULL, HELP},
        {NULL, 0, NULL, 0},
    };
    int used;

    memset(c, 0, sizeof *c);
    c->http = 80u;
    c->idle = 600u;
    c->relay_fd = -1;
    sq_options_defaults(&c->shared);
    used = sq_options_read(&c->shared, argc, argv, own, take, c);
    if (used < argc)
        sq_usage("'%s' is one argument too many", argv[used]);
    check(c);
    sq_options_settle(&c->shared);
}

/* ---- services ---- */

static bool add(struct server *s, struct sq_service *service, const char *error)
{
    if (service == NULL) {
        fprintf(stderr, "sequent: %s\n", error);
        return false;
    }
    service->next = s->services;
    s->services = service;
    return true;
}

static bool open_services(struct server *s, struct command *c)
{
    struct sq_net *net = &s->endpoint.net;
    uint32_t clients = c->shared.net.stack.connections;
    char error[512] = "no memory";

    if (c->directory != NULL &&
        !add(s, sq_http_open(net, c->directory, c->http, clients, error, sizeof error), error))
        return false;
    for (uint32_t i = 0u; i < SMALL; i++) {
        struct sq_service_options o = {c->small[i], clients, c->idle};

        if (o.port != 0u &&
            !add(s, sq_service_open(net, (enum sq_service_kind)i, &o, error, sizeof error), error))
            return false;
    }
    if (c->relay == 0u)
        return true;
    s->relay = sq_relay_open(net, c->relay_fd, c->shared.net.stack.wire.address, c->relay_to);
    c->relay_fd = -1;
    if (s->relay == NULL)
        fprintf(stderr, "sequent: --relay %" PRIu32 ": no memory\n", c->relay);
    return s->relay != NULL;
}

static void close_services(struct server *s)
{
    while (s->services != NULL) {
        struct sq_service *next = s->services->next;

        s->services->close(s->services);
        s->services = next;
    }
    sq_relay_close(s->relay);
    s->relay = NULL;
}

static void print_counters(struct sq_net *net)
{
    net->stack.counters.connections_now = net->stack.table.used;
    sq_counters_print(&net->stack.counters, stdout);
}

static int run(struct server *s)
{
    static struct sq_net_event event[EVENTS];
    uint64_t swept = 0u;

    while (!sq_endpoint_stopped()) {
        int n = sq_net_wait(&s->endpoint.net, event, EVENTS, 1000, &s->endpoint.open);
        uint64_t now = sq_net_now() / 1000000u;

        if (n < 0) {
            fprintf(stderr, "sequent: %s\n", s->endpoint.net.error);
            return 1;
        }
        for (struct sq_service *i = now != swept ? s->services : NULL; i != NULL; i = i->next)
            i->sweep(i, now);
        swept = now;
        for (int i = 0; i < n; i++) {
            struct sq_handler *h = event[i].data;

            if (h != NULL)
                h->event(h, &event[i]);
        }
        if (sq_endpoint_asked())
            print_counters(&s->endpoint.net);
    }
    return 0;
}

static void announce(const struct command *c, const struct server *s)
{
    struct in_addr in = {htonl(c->shared.net.stack.wire.address)};
    const char *device = s->endpoint.net.tap.name;
    char a[INET_ADDRSTRLEN], prefix[96], port[8] = "";
    const char *where = sq_endpoint_prefix(&s->endpoint, prefix, sizeof prefix);
    uint32_t first = 0u;

    inet_ntop(AF_INET, &in, a, sizeof a);
    if (c->http != 80u)
        snprintf(port, sizeof port, ":%" PRIu32, c->http);
    if (c->directory != NULL)
        printf("sequent: serving '%s' at http://%s%s/ on %s, pid %ld\n", c->directory, a, port,
               device, (long)getpid());
    for (uint32_t i = SMALL; i-- > 0u;) {
        first = c->small[i] != 0u ? c->small[i] : first;
        if (c->small[i] != 0u)
            printf("sequent: %s at %s port %" PRIu32 " on %s, pid %ld\n", small_name[i], a,
                   c->small[i], device, (long)getpid());
    }
    if (c->relay != 0u)
        printf("sequent: from this host: http://127.0.0.1:%" PRIu32 "/ leads to %s port %" PRIu32
               "\n",
               c->relay, a, c->relay_to);
    puts(s->endpoint.net.tap.here ? "sequent: it is reached from this host:"
                                  : "sequent: it is reached from inside its network namespace:");
    if (c->directory != NULL)
        printf("  %scurl http://%s%s/\n", where, a, port);
    else
        printf("  %snc %s %" PRIu32 "\n", where, a, first);
    fflush(stdout);
}

int sq_command_serve(int argc, char **argv)
{
    static struct server s;
    struct command c;
    int status = 1;

    read_command(&c, argc, argv);
    if (c.relay != 0u) {
        c.relay_fd = sq_relay_listen(c.relay);
        if (c.relay_fd < 0) {
            fprintf(stderr,
                    "sequent: --relay %" PRIu32 ": 127.0.0.1:%" PRIu32
                    ": %s. Choose another port\n",
                    c.relay, c.relay, strerror(errno));
            return 1;
        }
    }
    if (!sq_endpoint_open(&s.endpoint, &c.shared))
        return 1;
    if (open_services(&s, &c)) {
        announce(&c, &s);
        status = run(&s);
        sq_endpoint_let_signals(&s.endpoint);
    }
    close_services(&s);
    if (status == 0 || s.endpoint.net.tap.gone)
        print_counters(&s.endpoint.net);
    sq_endpoint_close(&s.endpoint);
    return status;
}
