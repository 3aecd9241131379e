/* SPDX-License-Identifier: MIT */
/* The command line of `sequent serve`. */
#include "serve_options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "value.h"

enum { HTTP = 1000, PORT, ECHOES, DISCARD, CHARGEN, IDLE, FORWARD, RELAY, HELP };

const char *const sq_serve_small[SQ_SERVE_SMALL] = {"echo", "discard", "chargen"};

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
        "  --forward PORT=ADDRESS:PORT   our port leads to a server of the kernel's where the "
        "device\n"
        "                     is, such as 22=127.0.0.1:22; up to 8\n"
        "  --relay N[:PORT]   127.0.0.1:N of the host leads to our PORT (the first service), so\n"
        "                     that a browser on the host gets there\n",
        out);
}

static void relay(struct sq_serve_options *c, const char *text)
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

/* PORT=ADDRESS:PORT */
static void forward(struct sq_serve_options *c, const char *text)
{
    struct sq_serve_forward *f = &c->forward[c->forwards];
    char part[32];
    char *address = part, *port;

    if (c->forwards == SQ_SERVE_FORWARDS)
        sq_usage("--forward '%s': expected at most %u of them", text, SQ_SERVE_FORWARDS);
    snprintf(part, sizeof part, "%s", text);
    (void)strsep(&address, "=");
    port = address;
    if (port != NULL)
        (void)strsep(&port, ":");
    if (strlen(text) >= sizeof part || port == NULL)
        sq_usage("--forward '%s': expected PORT=ADDRESS:PORT, as in 22=127.0.0.1:22", text);
    f->port = sq_value_number("forward", part, 1u, 65535u);
    f->address = sq_value_address("forward", address);
    f->to = sq_value_number("forward", port, 1u, 65535u);
    c->forwards++;
}

static void take(void *to, int option, const char *value)
{
    static const uint32_t usual[SQ_SERVE_SMALL] = {7u, 9u, 19u};
    struct sq_serve_options *c = to;

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
                          : sq_value_number(sq_serve_small[option - ECHOES], value, 1u, 65535u);
        break;
    case IDLE:
        c->idle = sq_value_number("idle", value, 1u, 1000000u);
        break;
    case FORWARD:
        forward(c, value);
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

static void check_ports(const struct sq_serve_options *c)
{
    struct {
        const char *name;
        uint32_t port;
    } service[4u + SQ_SERVE_FORWARDS] = {{"http", c->directory != NULL ? c->http : 0u},
                                         {"echo", c->small[0]},
                                         {"discard", c->small[1]},
                                         {"chargen", c->small[2]}};
    const size_t n = 4u + c->forwards;

    for (uint32_t i = 0u; i < c->forwards; i++) {
        service[4u + i].name = "forward";
        service[4u + i].port = c->forward[i].port;
    }

    for (size_t i = 0u; i < n; i++) {
        for (size_t k = i + 1u; k < n; k++) {
            if (service[i].port != 0u && service[i].port == service[k].port)
                sq_usage("--%s and --%s: both on port %" PRIu32 "; expected different ports",
                         service[i].name, service[k].name, service[i].port);
        }
    }
}

/* What one option alone cannot say. */
static void check(struct sq_serve_options *c)
{
    struct stat st;
    const char *wrong = NULL;

    if (c->directory == NULL && c->small[0] + c->small[1] + c->small[2] + c->forwards == 0u)
        sq_usage("serve: nothing to serve; expected --http DIR, --echo, --discard, --chargen or "
                 "--forward PORT=ADDRESS:PORT");
    if (c->directory == NULL && c->port_given)
        sq_usage("--port is for --http; the others take theirs as in --echo=7007");
    check_ports(c);
    for (uint32_t i = SQ_SERVE_SMALL; i-- > 0u && c->relay_to == 0u && c->directory == NULL;)
        c->relay_to = c->small[i];
    if (c->relay_to == 0u && c->directory == NULL)
        c->relay_to = c->forward[0].port;
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

void sq_serve_read(struct sq_serve_options *c, int argc, char **argv)
{
    static const struct option own[] = {
        {"http", required_argument, NULL, HTTP},
        {"port", required_argument, NULL, PORT},
        {"echo", optional_argument, NULL, ECHOES},
        {"discard", optional_argument, NULL, DISCARD},
        {"chargen", optional_argument, NULL, CHARGEN},
        {"idle", required_argument, NULL, IDLE},
        {"forward", required_argument, NULL, FORWARD},
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
