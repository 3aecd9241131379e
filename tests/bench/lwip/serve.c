/* SPDX-License-Identifier: MIT */
/* Echo, discard and chargen on lwIP (NO_SYS=1, its raw API), on the TAP driver of `sequent serve` and in a loop as it has:
   all frames that are there, at most 512, then the timers. usage: serve TAP ADDRESS KERNEL, both in one /24. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/sys.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>

#include "harness/tap.h"

enum { BATCH = 512, FRAME = 1514, PARTS = 64, LINE = 74, PATTERN = 95 * LINE };

struct client {
    struct pbuf *waits; /* echo: what there was no room for yet */
    u32_t at;           /* chargen: place in the pattern */
};

static struct sq_tap tap;
static struct netif netif;
static char pattern[PATTERN];

u32_t sys_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u32_t)(t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

static err_t transmit(struct netif *n, struct pbuf *p)
{
    struct iovec part[PARTS];
    int parts = 0;

    (void)n;
    for (; p != NULL && parts < PARTS; p = p->next)
        part[parts++] = (struct iovec){p->payload, p->len};
    return sq_tap_write(&tap, part, parts) ? ERR_OK : ERR_IF;
}

static err_t interface(struct netif *n)
{
    static const u8_t hardware[6] = {2, 0, 0, 0, 0, 2};

    n->name[0] = 't';
    n->name[1] = 'p';
    n->mtu = 1500;
    n->hwaddr_len = sizeof hardware;
    memcpy(n->hwaddr, hardware, sizeof hardware);
    n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
    n->output = etharp_output;
    n->linkoutput = transmit;
    return ERR_OK;
}

static void gone(void *arg, err_t error)
{
    struct client *c = arg;

    (void)error;
    if (c->waits != NULL)
        pbuf_free(c->waits);
    free(c);
}

static err_t finish(struct client *c, struct tcp_pcb *pcb)
{
    tcp_arg(pcb, NULL);
    tcp_err(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, NULL);
    gone(c, ERR_OK);
    if (tcp_close(pcb) == ERR_OK)
        return ERR_OK;
    tcp_abort(pcb);
    return ERR_ABRT;
}

static void echo_on(struct client *c, struct tcp_pcb *pcb)
{
    while (c->waits != NULL &&
           tcp_write(pcb, c->waits->payload, c->waits->len, TCP_WRITE_FLAG_COPY) == ERR_OK) {
        struct pbuf *rest = c->waits->next;

        tcp_recved(pcb, c->waits->len);
        if (rest != NULL)
            pbuf_ref(rest);
        pbuf_free(c->waits);
        c->waits = rest;
    }
    (void)tcp_output(pcb);
}

static err_t echo_room(void *arg, struct tcp_pcb *pcb, u16_t n)
{
    (void)n;
    echo_on(arg, pcb);
    return ERR_OK;
}

static err_t echo(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
    struct client *c = arg;

    (void)error;
    if (p == NULL)
        return finish(c, pcb);
    if (c->waits == NULL)
        c->waits = p;
    else
        pbuf_cat(c->waits, p);
    echo_on(c, pcb);
    return ERR_OK;
}

static err_t discard(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
    (void)error;
    if (p == NULL)
        return finish(arg, pcb);
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    return ERR_OK;
}

static err_t generate(void *arg, struct tcp_pcb *pcb, u16_t acked)
{
    struct client *c = arg;

    (void)acked;
    for (;;) {
        u32_t room = tcp_sndbuf(pcb), n = PATTERN - c->at;

        n = n < room ? n : room;
        if (n == 0 || tcp_write(pcb, pattern + c->at, (u16_t)n, TCP_WRITE_FLAG_COPY) != ERR_OK)
            break;
        c->at = (c->at + n) % PATTERN;
    }
    (void)tcp_output(pcb);
    return ERR_OK;
}

static err_t accepted(void *arg, struct tcp_pcb *pcb, err_t error)
{
    u16_t port = pcb->local_port;
    struct client *c = error == ERR_OK ? calloc(1, sizeof *c) : NULL;

    (void)arg;
    if (c == NULL)
        return ERR_MEM;
    tcp_arg(pcb, c);
    tcp_err(pcb, gone);
    tcp_recv(pcb, port == 7 ? echo : discard);
    if (port == 7)
        tcp_sent(pcb, echo_room);
    if (port == 19) {
        tcp_sent(pcb, generate);
        return generate(c, pcb, 0);
    }
    return ERR_OK;
}

static void offer(u16_t port)
{
    struct tcp_pcb *pcb = tcp_new();

    if (pcb == NULL || tcp_bind(pcb, IP_ADDR_ANY, port) != ERR_OK ||
        (pcb = tcp_listen(pcb)) == NULL) {
        fprintf(stderr, "lwip: cannot listen on port %u\n", (unsigned)port);
        exit(1);
    }
    tcp_accept(pcb, accepted);
}

/* Frames are read to where lwIP keeps them: no copy but the kernel's. */
static void take_frames(void)
{
    static struct pbuf *spare;

    for (int i = 0; i < BATCH; i++) {
        u32_t n;

        if (spare == NULL && (spare = pbuf_alloc(PBUF_RAW, FRAME, PBUF_POOL)) == NULL)
            return;
        n = sq_tap_read(&tap, spare->payload, FRAME);
        if (n == 0)
            return;
        pbuf_realloc(spare, (u16_t)n);
        if (netif.input(spare, &netif) != ERR_OK)
            pbuf_free(spare);
        spare = NULL;
    }
}

static void loop(void)
{
    struct pollfd wait = {tap.fd, POLLIN, 0};

    while (!tap.gone) {
        u32_t rest = sys_timeouts_sleeptime();

        if (poll(&wait, 1, rest > 1000 ? 1000 : (int)rest) < 0 && errno != EINTR)
            return;
        take_frames();
        sys_check_timeouts();
    }
}

int main(int argc, char **argv)
{
    struct in_addr own, kernel;
    ip4_addr_t address, mask, gateway;

    if (argc != 4 || inet_pton(AF_INET, argv[2], &own) != 1 ||
        inet_pton(AF_INET, argv[3], &kernel) != 1) {
        fprintf(stderr, "usage: serve TAP ADDRESS KERNEL\n");
        return 2;
    }
    for (int i = 0; i < PATTERN; i++)
        pattern[i] = i % LINE == LINE - 2   ? '\r'
                     : i % LINE == LINE - 1 ? '\n'
                                            : (char)(' ' + (i / LINE + i % LINE) % 95);
    if (!sq_tap_open(&tap,
                     &(struct sq_tap_options){argv[1], true, ntohl(kernel.s_addr), 24, 1500})) {
        fprintf(stderr, "lwip: %s\n", tap.error);
        return 1;
    }
    lwip_init();
    address.addr = own.s_addr;
    gateway.addr = kernel.s_addr;
    IP4_ADDR(&mask, 255, 255, 255, 0);
    netif_add(&netif, &address, &mask, &gateway, NULL, interface, netif_input);
    netif_set_default(&netif);
    netif_set_up(&netif);
    offer(7);
    offer(9);
    offer(19);
    puts("ready");
    fflush(stdout);
    loop();
    return 1;
}
