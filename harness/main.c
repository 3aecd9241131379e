/* SPDX-License-Identifier: MIT */
/* The program `sequent`. Exit status: 0 done, 1 failed, 2 called in a wrong way. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "http.h"

#define EVENTS 256u

struct command {
    struct sq_net_options net;
    const char *http;
    uint32_t port;
};

static volatile sig_atomic_t stop, report;

static void on_stop(int signal)
{
    (void)signal;
    stop = 1;
}

static void on_report(int signal)
{
    (void)signal;
    report = 1;
}

static void help(FILE *out)
{
    fputs(
        "Usage: sequent serve --http DIR [OPTION...]\n"
        "       sequent --help | --version\n"
        "\n"
        "serve   a TCP endpoint on a TAP device, in a network namespace of its own (no root "
        "needed)\n"
        "\n"
        "  --http DIR         serve the files of DIR: GET and HEAD\n"
        "  --port N           on this port (80)\n"
        "  --address A/LEN    our address and the link's prefix length (10.9.0.2/24)\n"
        "  --peer A           the kernel's address on the link (10.9.0.1)\n"
        "  --tap NAME         name of the device (sequent0)\n"
        "  --mtu N            bytes of an IPv4 datagram, 576..32000, so that two fit a window "
        "(1500)\n"
        "  --connections N    at once, 1..65536 (1024)\n"
        "  --trace            a line on standard error for each segment and each change of state\n"
        "  --verify           check the connection after each call of the core, stop if it is not "
        "valid\n"
        "  --drop P[:SEED]    lose P percent of the frames, each way (0)\n"
        "\n"
        "Signals: SIGUSR1 prints the counters, one `name value` a line; SIGINT and SIGTERM end the "
        "program and\n"
        "print them too, a second SIGINT at once. Exit status: 0 ended by a signal, 1 failed, 2 "
        "wrong usage.\n",
        out);
}

__attribute__((format(printf, 1, 2), noreturn)) static void usage(const char *format, ...)
{
    va_list a;

    va_start(a, format);
    fputs("sequent: ", stderr);
    vfprintf(stderr, format, a);
    fputs("\nTry `sequent --help`.\n", stderr);
    va_end(a);
    exit(2);
}

/* ---- options ---- */

static uint32_t number(const char *option, const char *text, uint32_t low, uint32_t high)
{
    char *end;
    unsigned long long n;

    errno = 0;
    n = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || n < low || n > high)
        usage("--%s '%s': expected a number, %" PRIu32 "..%" PRIu32, option, text, low, high);
    return (uint32_t)n;
}

static uint32_t address(const char *option, const char *text)
{
    struct in_addr a;

    if (inet_pton(AF_INET, text, &a) != 1)
        usage("--%s '%s': expected an IPv4 address such as 10.9.0.1", option, text);
    return ntohl(a.s_addr);
}

static void own_address(struct command *c, const char *text)
{
    char a[32];
    const char *slash = strchr(text, '/');
    size_t n = slash == NULL ? 0u : (size_t)(slash - text);

    if (n == 0u || n >= sizeof a)
        usage("--address '%s': expected an address with its prefix length such as 10.9.0.2/24",
              text);
    memcpy(a, text, n);
    a[n] = '\0';
    c->net.stack.wire.address = address("address", a);
    c->net.stack.wire.prefix = number("address", slash + 1, 8u, 30u);
}

static void drop(struct command *c, const char *text)
{
    char *end;
    double percent = strtod(text, &end);

    if (end == text || !(percent >= 0.0 && percent <= 100.0) || (*end != '\0' && *end != ':'))
        usage("--drop '%s': expected a percentage, 0..100, and perhaps a seed: 5 or 5:17", text);
    c->net.stack.wire.drop = percent / 100.0;
    if (*end == ':')
        c->net.stack.wire.seed = number("drop", end + 1, 0u, UINT32_MAX);
}

static void options(struct command *c, int argc, char **argv)
{
    enum { HTTP = 256, PORT, ADDRESS, PEER, TAP, MTU, CONNECTIONS, TRACE, VERIFY, DROP, HELP };
    static const struct option known[] = {
        {"http", required_argument, NULL, HTTP},
        {"port", required_argument, NULL, PORT},
        {"address", required_argument, NULL, ADDRESS},
        {"peer", required_argument, NULL, PEER},
        {"tap", required_argument, NULL, TAP},
        {"mtu", required_argument, NULL, MTU},
        {"connections", required_argument, NULL, CONNECTIONS},
        {"trace", no_argument, NULL, TRACE},
        {"verify", no_argument, NULL, VERIFY},
        {"drop", required_argument, NULL, DROP},
        {"help", no_argument, NULL, HELP},
        {NULL, 0, NULL, 0},
    };
    int k;

    opterr = 0;
    while ((k = getopt_long(argc, argv, ":h", known, NULL)) != -1) {
        switch (k) {
        case HTTP:
            c->http = optarg;
            break;
        case PORT:
            c->port = number("port", optarg, 1u, 65535u);
            break;
        case ADDRESS:
            own_address(c, optarg);
            break;
        case PEER:
            c->net.peer = address("peer", optarg);
            break;
        case TAP:
            if (optarg[0] == '\0' || strlen(optarg) > 15u || strpbrk(optarg, "/% ") != NULL)
                usage("--tap '%s': expected an interface name of 1..15 characters", optarg);
            c->net.tap = optarg;
            break;
        case MTU:
            c->net.stack.wire.mtu = number("mtu", optarg, 576u, 32000u);
            break;
        case CONNECTIONS:
            c->net.stack.connections = number("connections", optarg, 1u, 65536u);
            break;
        case TRACE:
            c->net.stack.trace = stderr;
            break;
        case VERIFY:
            c->net.stack.verify = true;
            break;
        case DROP:
            drop(c, optarg);
            break;
        case 'h':
        case HELP:
            help(stdout);
            exit(0);
        case ':':
            usage("'%s' needs a value", argv[optind - 1]);
        default:
            usage("no option '%s'", argv[optind - 1]);
        }
    }
    if (optind < argc)
        usage("'%s' is one argument too many", argv[optind]);
}

/* What one option alone cannot say. */
static void check(const struct command *c)
{
    const struct sq_wire_options *w = &c->net.stack.wire;
    uint32_t size = 1u << (32u - w->prefix), own = w->address % size, peer = c->net.peer % size;
    struct stat st;

    if (c->http == NULL)
        usage("serve: nothing to serve; say which files: --http DIR");
    if (w->address / size != c->net.peer / size || w->address == c->net.peer)
        usage("--address and --peer: expected two different addresses of one network of prefix "
              "length %u",
              w->prefix);
    if (own == 0u || own == size - 1u || peer == 0u || peer == size - 1u ||
        w->address >> 24 >= 224u || w->address >> 24 == 0u || w->address >> 24 == 127u)
        usage("--address and --peer: expected addresses of hosts, not of a network, a group or a "
              "loopback");
    if (stat(c->http, &st) != 0) {
        fprintf(stderr, "sequent: --http '%s': %s; expected a directory with the files to serve\n",
                c->http, strerror(errno));
        exit(1);
    }
    if (!S_ISDIR(st.st_mode)) {
        fprintf(stderr,
                "sequent: --http '%s': not a directory; expected one with the files to serve\n",
                c->http);
        exit(1);
    }
}

static void defaults(struct command *c)
{
    struct sq_stack_options *s = &c->net.stack;

    memset(c, 0, sizeof *c);
    c->port = 80u;
    c->net.tap = "sequent0";
    c->net.peer = 0x0a090001u;
    s->wire.address = 0x0a090002u;
    s->wire.prefix = 24u;
    s->wire.mtu = 1500u;
    s->wire.seed = 1u;
    s->connections = 1024u;
    s->send_capacity = 131072u; /* twice what a peer without window scaling can take at once */
    s->receive_capacity = 65535u;
    s->orphan = 60000000u;
    sq_settings_default(&s->settings);
}

/* ---- the endpoint ---- */

static bool secrets(struct sq_stack_options *s)
{
    uint8_t hardware[5];

    if (getrandom(s->secret, sizeof s->secret, 0) != (ssize_t)sizeof s->secret ||
        getrandom(hardware, sizeof hardware, 0) != (ssize_t)sizeof hardware)
        return false;
    s->wire.hardware = 0x02u; /* one station, locally administered */
    for (size_t i = 0u; i < sizeof hardware; i++)
        s->wire.hardware = s->wire.hardware * 256u + hardware[i];
    return true;
}

static void print_counters(struct sq_net *net)
{
    net->stack.counters.connections_now = net->stack.table.used;
    sq_counters_print(&net->stack.counters, stdout);
}

static void watch(int signal, void (*handler)(int), int flags)
{
    struct sigaction a;

    memset(&a, 0, sizeof a);
    a.sa_handler = handler;
    a.sa_flags = flags;
    sigaction(signal, &a, NULL);
}

static uint64_t seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec;
}

static int run(struct sq_net *net, struct sq_http *http, const sigset_t *open)
{
    static struct sq_net_event event[EVENTS];
    uint64_t swept = 0u;

    while (stop == 0) {
        int n = sq_net_wait(net, event, EVENTS, 1000, open);
        uint64_t now = seconds();

        if (n < 0) {
            fprintf(stderr, "sequent: epoll: %s\n", strerror(errno));
            return 1;
        }
        if (now != swept)
            sq_http_sweep(http, now);
        swept = now;
        for (int i = 0; i < n; i++)
            sq_http_event(http, &event[i]);
        if (report != 0) {
            report = 0;
            print_counters(net);
        }
    }
    return 0;
}

static void announce(const struct command *c, const struct sq_net *net)
{
    uint32_t a = c->net.stack.wire.address;
    char url[64];

    snprintf(url, sizeof url, c->port == 80u ? "http://%u.%u.%u.%u/" : "http://%u.%u.%u.%u:%u/",
             a >> 24, a >> 16 & 255u, a >> 8 & 255u, a & 255u, c->port);
    printf("sequent: serving '%s' at %s on %s, pid %ld\n", c->http, url, net->tap.name,
           (long)getpid());
    printf("sequent: it is reached from inside its network namespace:\n  nsenter -t %ld%s -n%s "
           "curl %s\n",
           (long)getpid(), net->tap.user_namespace ? " -U" : "",
           net->tap.user_namespace ? " --preserve-credentials" : "", url);
    fflush(stdout);
}

static int serve(int argc, char **argv)
{
    static struct sq_net net;
    struct command c;
    struct sq_http *http;
    sigset_t closed, open;
    char error[512] = "no memory";
    int status;

    defaults(&c);
    options(&c, argc, argv);
    check(&c);
    c.net.stack.settings.mss = c.net.stack.wire.mtu - 40u;
    if (!secrets(&c.net.stack)) {
        fprintf(stderr, "sequent: no random numbers: %s\n", strerror(errno));
        return 1;
    }
    /* Signals come only while we wait. */
    sigemptyset(&closed);
    sigaddset(&closed, SIGINT);
    sigaddset(&closed, SIGTERM);
    sigaddset(&closed, SIGUSR1);
    sigprocmask(SIG_BLOCK, &closed, &open);
    watch(SIGINT, on_stop, (int)SA_RESETHAND);
    watch(SIGTERM, on_stop, (int)SA_RESETHAND);
    watch(SIGUSR1, on_report, 0);
    watch(SIGPIPE, SIG_IGN, 0);
    if (!sq_net_open(&net, &c.net)) {
        fprintf(stderr, "sequent: %s\n", net.error);
        return 1;
    }
    http = sq_http_open(&net, c.http, c.port, c.net.stack.connections, error, sizeof error);
    if (http == NULL) {
        fprintf(stderr, "sequent: %s\n", error);
        sq_net_close(&net);
        return 1;
    }
    announce(&c, &net);
    status = run(&net, http, &open);
    sigprocmask(SIG_SETMASK, &open, NULL);
    sq_http_close(http);
    print_counters(&net);
    sq_net_close(&net);
    return status;
}

int main(int argc, char **argv)
{
    setvbuf(stderr, NULL, _IOLBF, 0);
    if (argc < 2)
        usage("expected a command: serve");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("sequent " SQ_VERSION);
        return 0;
    }
    if (strcmp(argv[1], "serve") == 0)
        return serve(argc - 1, argv + 1);
    usage("no command '%s': expected serve", argv[1]);
}
