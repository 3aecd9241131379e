/* SPDX-License-Identifier: MIT */
/* sequent serve: services on an endpoint, until a signal. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "endpoint.h"
#include "forward.h"
#include "http.h"
#include "relay.h"
#include "serve_options.h"

#define EVENTS 256u

struct server {
    struct sq_endpoint endpoint;
    struct sq_service *services;
    struct sq_relay *relay;
};

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

static bool open_services(struct server *s, struct sq_serve_options *c)
{
    struct sq_net *net = &s->endpoint.net;
    uint32_t clients = c->shared.net.stack.connections;
    char error[512] = "no memory";

    if (c->directory != NULL &&
        !add(s, sq_http_open(net, c->directory, c->http, clients, error, sizeof error), error))
        return false;
    for (uint32_t i = 0u; i < SQ_SERVE_SMALL; i++) {
        struct sq_service_options o = {c->small[i], clients, c->idle};

        if (o.port != 0u &&
            !add(s, sq_service_open(net, (enum sq_service_kind)i, &o, error, sizeof error), error))
            return false;
    }
    for (uint32_t i = 0u; i < c->forwards; i++) {
        const struct sq_serve_forward *f = &c->forward[i];
        struct sq_forward_options o = {f->port, f->address, f->to, clients};

        if (!add(s, sq_forward_open(net, &o, error, sizeof error), error))
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

static void announce(const struct sq_serve_options *c, const struct server *s)
{
    struct in_addr in = {htonl(c->shared.net.stack.wire.address)};
    const char *device = s->endpoint.net.tap.name;
    char a[INET_ADDRSTRLEN], prefix[96], port[8] = "";
    const char *where = sq_endpoint_prefix(&s->endpoint, prefix, sizeof prefix);
    uint32_t first = c->forwards > 0u ? c->forward[0].port : 0u;

    inet_ntop(AF_INET, &in, a, sizeof a);
    if (c->http != 80u)
        snprintf(port, sizeof port, ":%" PRIu32, c->http);
    if (c->directory != NULL)
        printf("sequent: serving '%s' at http://%s%s/ on %s, pid %ld\n", c->directory, a, port,
               device, (long)getpid());
    for (uint32_t i = SQ_SERVE_SMALL; i-- > 0u;) {
        first = c->small[i] != 0u ? c->small[i] : first;
        if (c->small[i] != 0u)
            printf("sequent: %s at %s port %" PRIu32 " on %s, pid %ld\n", sq_serve_small[i], a,
                   c->small[i], device, (long)getpid());
    }
    for (uint32_t i = 0u; i < c->forwards; i++) {
        struct in_addr to = {htonl(c->forward[i].address)};
        char b[INET_ADDRSTRLEN];

        inet_ntop(AF_INET, &to, b, sizeof b);
        printf("sequent: %s port %" PRIu32 " leads to %s port %" PRIu32 " on %s, pid %ld\n", a,
               c->forward[i].port, b, c->forward[i].to, device, (long)getpid());
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
    struct sq_serve_options c;
    int status = 1;

    sq_serve_read(&c, argc, argv);
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
