/* SPDX-License-Identifier: MIT */
/* sequent connect: a connection of our own, standard input to the peer and the peer to standard output, as nc does. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "endpoint.h"
#include "socket.h"

#define EVENTS 16u
#define PIECE \
    4096u /* bytes that a pipe takes without blocking once it can be written. POSIX: PIPE_BUF */
#define PROGRESS 500000u /* microseconds between two reports */

enum { TIMEOUT = 1000, SHOW, QUIET, HELP };
enum { DONE = 0, FAILED = 1, REFUSED = 3, TIMED_OUT = 4, RESET = 5, INTERRUPTED = 130 };

struct command {
    struct sq_options shared;
    uint32_t timeout; /* seconds; 0: the RFC's */
    bool progress;
    const char *host;
    uint32_t address, port;
};

/* A file descriptor of ours that may be a pipe, a terminal or a file. */
struct end {
    struct sq_net_source source;
    struct talk *talk;
    bool file; /* cannot be waited for, and need not be */
    bool over;
    uint64_t bytes;
};

struct talk {
    struct sq_endpoint endpoint;
    sq_socket socket;
    struct end in, out;
    bool connected, peer_ended;
    int status; /* -1: it goes on */
    bool progress;
    uint64_t began, shown;
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
        c->timeout = sq_options_number("timeout", value, 1u, 3600u);
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
        exit(FAILED);
    }
    memcpy(&in, found->ai_addr, sizeof in);
    freeaddrinfo(found);
    return ntohl(in.sin_addr.s_addr);
}

static void read_command(struct command *c, int argc, char **argv)
{
    static const struct option own[] = {
        {"timeout", required_argument, NULL, TIMEOUT},
        {"progress", no_argument, NULL, SHOW},
        {"quiet", no_argument, NULL, QUIET},
        {"help", no_argument, NULL, HELP},
        {NULL, 0, NULL, 0},
    };
    struct sq_settings *settings = &c->shared.net.stack.settings;
    int used;

    memset(c, 0, sizeof *c);
    sq_options_defaults(&c->shared);
    c->progress = isatty(STDERR_FILENO) == 1;
    used = sq_options_read(&c->shared, argc, argv, own, take, c);
    if (argc - used != 2)
        sq_usage("connect: expected HOST and PORT, got %d arguments", argc - used);
    c->host = argv[used];
    c->port = sq_options_number("PORT", argv[used + 1], 1u, 65535u);
    c->address = look_up(c->host);
    sq_options_settle(&c->shared);
    if (c->timeout != 0u)
        settings->r2 = settings->r2_syn = c->timeout * 1000000u;
}

/* ---- both directions ---- */

static bool watch(struct end *e, uint32_t events)
{
    struct sq_net *net = &e->talk->endpoint.net;

    if (e->file || sq_net_watch(net, &e->source, events))
        return true;
    /* A file is always ready. */
    e->file = errno == EPERM;
    return e->file;
}

static void fail(struct talk *t, const char *what)
{
    fprintf(stderr, "sequent: %s: %s\n", what, strerror(errno));
    sq_socket_abort(&t->endpoint.net, t->socket);
    t->status = FAILED;
}

/* From standard input into the send ring. True: something moved. */
static bool pump_in(struct talk *t)
{
    struct sq_net *net = &t->endpoint.net;
    struct iovec part[2];
    ssize_t n;

    if (t->in.over || sq_socket_room(net, t->socket, part) <= 0) {
        (void)watch(&t->in, 0u);
        return false;
    }
    n = readv(STDIN_FILENO, part, part[1].iov_len > 0u ? 2 : 1);
    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            fail(t, "standard input");
        return false;
    }
    if (n == 0) {
        t->in.over = true;
        (void)watch(&t->in, 0u);
        (void)sq_socket_shutdown(net, t->socket);
        return false;
    }
    t->in.bytes += (uint64_t)n;
    sq_socket_filled(net, t->socket, (uint32_t)n);
    return true;
}

/* From the receive ring to standard output, as much as that takes now. True: something moved. */
static bool pump_out(struct talk *t)
{
    struct sq_net *net = &t->endpoint.net;
    struct pollfd ready = {STDOUT_FILENO, POLLOUT, 0};
    struct iovec part[2];
    int64_t there = sq_socket_text(net, t->socket, part);
    ssize_t n;

    if (there <= 0) {
        t->peer_ended |= there == 0;
        (void)watch(&t->out, 0u);
        return false;
    }
    if (!t->out.file && poll(&ready, 1, 0) != 1) {
        (void)watch(&t->out, EPOLLOUT);
        return false;
    }
    n = write(STDOUT_FILENO, part[0].iov_base,
              t->out.file || part[0].iov_len < PIECE ? part[0].iov_len : PIECE);
    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            fail(t, "standard output");
        return false;
    }
    t->out.bytes += (uint64_t)n;
    sq_socket_taken(net, t->socket, (uint32_t)n);
    return true;
}

static int status_of(enum sq_reason reason)
{
    switch (reason) {
    case SQ_REASON_NONE:
    case SQ_REASON_DONE:
        return DONE;
    case SQ_REASON_REFUSED:
        return REFUSED;
    case SQ_REASON_TIMED_OUT:
        return TIMED_OUT;
    case SQ_REASON_RESET:
        return RESET;
    case SQ_REASON_ABORTED:
    case SQ_REASON_EXHAUSTED:
        return FAILED;
    }
    return FAILED;
}

/* Both directions are over when the peer's end was read, ours was said and the peer knows it. */
static void settle(struct talk *t)
{
    struct sq_status s = sq_socket_status(&t->endpoint.net, t->socket);

    if (t->status >= 0 || s.readable > 0u)
        return;
    if (s.state == SQ_CLOSED)
        t->status = status_of((enum sq_reason)s.reason);
    else if (t->peer_ended && t->in.over && s.state == SQ_TIME_WAIT)
        t->status = DONE;
}

static void pump(struct talk *t)
{
    while (t->status < 0 && pump_out(t))
        ;
    /* A pipe or a terminal is read once each time that it is ready: it would block. */
    while (t->status < 0 && t->in.file && t->connected && pump_in(t))
        ;
    settle(t);
}

static void on_input(struct sq_net_source *source, uint32_t events)
{
    struct talk *t = ((struct end *)source)->talk;

    (void)events;
    if (t->status < 0)
        (void)pump_in(t);
    pump(t);
}

static void on_output(struct sq_net_source *source, uint32_t events)
{
    (void)events;
    pump(((struct end *)source)->talk);
}

static void on_event(struct talk *t, uint32_t what)
{
    if ((what & SQ_NET_CONNECTED) != 0u)
        t->connected = true;
    if (t->connected && !t->in.over && (what & SQ_NET_WRITE) != 0u && !watch(&t->in, EPOLLIN))
        fail(t, "standard input");
    if (t->status < 0)
        pump(t);
}

/* ---- what is said meanwhile ---- */

static void report(struct talk *t, bool last)
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

static void explain(const struct talk *t, const struct command *c)
{
    static const struct {
        int status;
        const char *words;
    } why[] = {{REFUSED, "refused: nobody listens there"},
               {TIMED_OUT, "timed out: nothing was acknowledged"},
               {RESET, "reset by the peer"}};

    for (size_t i = 0u; i < sizeof why / sizeof why[0]; i++) {
        if (t->status == why[i].status)
            fprintf(stderr, "sequent: %s port %" PRIu32 ": %s\n", c->host, c->port, why[i].words);
    }
}

static void run(struct talk *t)
{
    struct sq_net_event event[EVENTS];

    while (t->status < 0) {
        int n = sq_net_wait(&t->endpoint.net, event, EVENTS, t->progress ? 500 : 60000,
                            &t->endpoint.open);

        if (n < 0) {
            fprintf(stderr, "sequent: %s\n", t->endpoint.net.error);
            t->status = FAILED;
        }
        for (int i = 0; i < n; i++) {
            if (event[i].socket == t->socket)
                on_event(t, event[i].what);
        }
        if (sq_endpoint_stopped() && t->status < 0)
            t->status = INTERRUPTED;
        if (sq_endpoint_asked())
            sq_counters_print(&t->endpoint.net.stack.counters, stderr);
        report(t, false);
    }
    report(t, true);
}

static bool is_file(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

int sq_command_connect(int argc, char **argv)
{
    static struct talk t;
    struct command c;

    read_command(&c, argc, argv);
    t.status = -1;
    t.progress = c.progress;
    t.in = (struct end){.source = {.fd = STDIN_FILENO, .ready = on_input}, .talk = &t};
    t.out = (struct end){.source = {.fd = STDOUT_FILENO, .ready = on_output}, .talk = &t};
    t.in.file = is_file(STDIN_FILENO);
    t.out.file = is_file(STDOUT_FILENO);
    if (!sq_endpoint_open(&t.endpoint, &c.shared))
        return FAILED;
    t.began = sq_net_now();
    t.socket = sq_socket_connect(&t.endpoint.net, c.address, c.port);
    if (t.socket == 0u) {
        fprintf(stderr, "sequent: no port or no memory for a connection\n");
        t.status = FAILED;
    }
    run(&t);
    explain(&t, &c);
    sq_endpoint_close(&t.endpoint);
    return t.status;
}
