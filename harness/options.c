/* SPDX-License-Identifier: MIT */
/* The command line of the endpoint. */
#include "options_ip.h"

#include <stdlib.h>
#include <string.h>

#include "secrets.h"
#include "value.h"

#define OWN_MAX 32u /* options of one command */

const char sq_options_help[] =
    "Options of the endpoint:\n"
    "  --address A/LEN    our address and the link's prefix length (10.9.0.2/24)\n"
    "  --also A           a further address of ours on the link, up to seven\n"
    "  --peer A           the kernel's address on the link, and our gateway (10.9.0.1)\n"
    "  --tap NAME         make the TAP device NAME here, which takes root, or take the one that\n"
    "                     stands here (ip tuntap add mode tap user YOU name NAME). Without it the\n"
    "                     device is sequent0 in a network namespace of its own, without root\n"
    "  --mtu N            bytes of an IPv4 datagram, 576..32000, so that two fit a window (1500)\n"
    "  --ttl N            hops that what we send may take, 1..255 (64)\n"
    "  --dscp N           Differentiated Services of what we send, 0..63 (0)\n"
    "  --ports LOW-HIGH   connections of our own come from these ports (1024-65535)\n"
    "  --connections N    at once, 1..65536 (1024)\n"
    "  --time-wait N      seconds in TIME-WAIT, twice the maximum segment lifetime (60)\n"
    "  --fin-wait N       seconds in FIN-WAIT-2 for the peer's end of a connection that we closed "
    "(60)\n"
    "  --half-open N      seconds until a handshake that came in and was not finished is given up "
    "(64)\n"
    "  --pcap FILE        every frame to FILE, which Wireshark and tshark read; comments name the\n"
    "                     change of state, or why a frame was dropped\n"
    "  --trace            a line on standard error for each segment, timer and change of state\n"
    "  --drop P[:SEED]    lose P percent of the frames, each way (0)\n"
    "  --seed N           keys of ISNs, ports and hash tables, the hardware address and which "
    "frames\n"
    "                     are lost follow from N. For tests: whoever knows N can guess the ISNs\n"
    "  --control PATH     the socket that `sequent status` asks (PID in $XDG_RUNTIME_DIR/sequent\n"
    "                     or /tmp/sequent-UID)\n"
    "  --verify           check the connection after each call of the core, stop if it is not "
    "valid\n"
    "  --help             this text\n";

static void own_address(struct sq_options *o, const char *text)
{
    char a[32];
    const char *slash = strchr(text, '/');
    size_t n = slash == NULL ? 0u : (size_t)(slash - text);

    if (n == 0u || n >= sizeof a)
        sq_usage("--address '%s': expected an address with its prefix length such as 10.9.0.2/24",
                 text);
    memcpy(a, text, n);
    a[n] = '\0';
    o->net.stack.wire.address = sq_value_address("address", a);
    o->net.stack.wire.prefix = sq_value_number("address", slash + 1, 8u, 30u);
}

static void drop(struct sq_options *o, const char *text)
{
    char *end;
    double percent = strtod(text, &end);

    if (end == text || !(percent >= 0.0 && percent <= 100.0) || (*end != '\0' && *end != ':'))
        sq_usage("--drop '%s': expected a percentage, 0..100, and perhaps a seed: 5 or 5:17", text);
    o->net.stack.wire.drop = percent / 100.0;
    o->lossy = percent > 0.0;
    if (*end == ':')
        o->net.stack.wire.seed = sq_value_number64("drop", end + 1, 0u, UINT64_MAX);
}

static void tap(struct sq_options *o, const char *name)
{
    if (name[0] == '\0' || strlen(name) > 15u || strpbrk(name, "/% ") != NULL)
        sq_usage("--tap '%s': expected an interface name of 1..15 characters", name);
    o->net.tap = name;
    o->net.here = true;
}

enum {
    ADDRESS = 256,
    ALSO,
    TTL,
    DSCP,
    PORTS,
    PEER,
    TAP,
    MTU,
    CONNECTIONS,
    TIME_WAIT,
    FIN_WAIT,
    HALF_OPEN,
    PCAP,
    TRACE,
    DROP,
    SEED,
    CONTROL,
    VERIFY,
    HELP
};

static const struct option shared[] = {
    {"address", required_argument, NULL, ADDRESS},
    {"also", required_argument, NULL, ALSO},
    {"ttl", required_argument, NULL, TTL},
    {"dscp", required_argument, NULL, DSCP},
    {"ports", required_argument, NULL, PORTS},
    {"peer", required_argument, NULL, PEER},
    {"tap", required_argument, NULL, TAP},
    {"mtu", required_argument, NULL, MTU},
    {"connections", required_argument, NULL, CONNECTIONS},
    {"time-wait", required_argument, NULL, TIME_WAIT},
    {"fin-wait", required_argument, NULL, FIN_WAIT},
    {"half-open", required_argument, NULL, HALF_OPEN},
    {"pcap", required_argument, NULL, PCAP},
    {"trace", no_argument, NULL, TRACE},
    {"drop", required_argument, NULL, DROP},
    {"seed", required_argument, NULL, SEED},
    {"control", required_argument, NULL, CONTROL},
    {"verify", no_argument, NULL, VERIFY},
};

#define SHARED (sizeof shared / sizeof shared[0])

/* Microseconds. */
static uint32_t seconds(const char *option, const char *value)
{
    return sq_value_number(option, value, 1u, 3600u) * 1000000u;
}

static void take_shared(struct sq_options *o, int option, const char *value)
{
    struct sq_stack_options *s = &o->net.stack;

    switch (option) {
    case ADDRESS:
        own_address(o, value);
        break;
    case ALSO:
        sq_options_also(o, value);
        break;
    case TTL:
        s->ip.ttl = (uint8_t)sq_value_number("ttl", value, 1u, 255u);
        break;
    case DSCP:
        s->ip.dscp = (uint8_t)sq_value_number("dscp", value, 0u, 63u);
        break;
    case PORTS:
        sq_options_ports(o, value);
        break;
    case PEER:
        o->net.peer = sq_value_address("peer", value);
        break;
    case TAP:
        tap(o, value);
        break;
    case MTU:
        s->wire.mtu = sq_value_number("mtu", value, 576u, 32000u);
        break;
    case CONNECTIONS:
        s->connections = sq_value_number("connections", value, 1u, 65536u);
        break;
    case TIME_WAIT:
        s->settings.time_wait = seconds("time-wait", value);
        break;
    case FIN_WAIT:
        s->orphan = seconds("fin-wait", value);
        break;
    case HALF_OPEN:
        s->settings.half_open = seconds("half-open", value);
        break;
    case PCAP:
        o->net.pcap = value;
        break;
    case TRACE:
        s->trace = stderr;
        break;
    case DROP:
        drop(o, value);
        break;
    case SEED:
        o->seed = sq_value_number64("seed", value, 0u, UINT64_MAX);
        o->seeded = true;
        break;
    case CONTROL:
        o->control = value;
        break;
    default:
        s->verify = true;
        break;
    }
}

int sq_options_read(struct sq_options *o, int argc, char **argv, const struct option *own,
                    void (*take)(void *to, int option, const char *value), void *to)
{
    struct option all[SHARED + OWN_MAX + 1u];
    size_t n = SHARED;
    int k;

    memset(all, 0, sizeof all);
    memcpy(all, shared, sizeof shared);
    for (; own->name != NULL && n < SHARED + OWN_MAX; own++)
        all[n++] = *own;
    opterr = 0;
    /* What follows the first argument that is no option is the command's own. */
    while ((k = getopt_long(argc, argv, "+:", all, NULL)) != -1) {
        if (k == ':')
            sq_usage("'%s' needs a value", argv[optind - 1]);
        if (k == '?')
            sq_usage("no option '%s'", argv[optind - 1]);
        if (k >= 1000)
            take(to, k, optarg);
        else
            take_shared(o, k, optarg);
    }
    return optind;
}

void sq_options_defaults(struct sq_options *o)
{
    struct sq_stack_options *s = &o->net.stack;

    memset(o, 0, sizeof *o);
    o->net.tap = "sequent0";
    o->net.peer = 0x0a090001u;
    s->wire.address = 0x0a090002u;
    s->wire.prefix = 24u;
    s->wire.mtu = 1500u;
    s->wire.seed = 1u;
    s->connections = 1024u;
    s->send_capacity = 262144u;
    s->receive_capacity = 65535u << 2; /* the largest window that the field holds at that scale */
    s->orphan = 60000000u;
    sq_settings_default(&s->settings);
    s->settings.shift = 2u; /* RFC 7323 2 */
    s->settings.rto_min = SQ_STACK_RTO_MIN;
}

static void check_addresses(const struct sq_options *o)
{
    const struct sq_wire_options *w = &o->net.stack.wire;
    uint32_t size = 1u << (32u - w->prefix), own = w->address % size, peer = o->net.peer % size;

    if (w->address / size != o->net.peer / size || w->address == o->net.peer)
        sq_usage("--address and --peer: expected two different addresses of one network of prefix "
                 "length %u",
                 w->prefix);
    if (own == 0u || own == size - 1u || peer == 0u || peer == size - 1u ||
        w->address >> 24 >= 224u || w->address >> 24 == 0u || w->address >> 24 == 127u)
        sq_usage("--address and --peer: expected addresses of hosts, not of a network, a group or "
                 "a loopback");
}

void sq_options_settle(struct sq_options *o)
{
    check_addresses(o);
    sq_options_check_also(o);
    o->net.stack.settings.mss = o->net.stack.wire.mtu - 40u;
    sq_secrets_draw(&o->net.stack, o->seeded ? &o->seed : NULL);
}
