/* SPDX-License-Identifier: MIT */
/* lwIP's doors for the same paths: "tcp", from tcp_input to ip4_output with checksums off; "frames", from Ethernet to
   Ethernet with checksums on. The pbuf that a frame arrives in is not counted, its release is. */
#include "tests/bench/paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/ip.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/sys.h>
#include <lwip/tcp.h>
#include <netif/ethernet.h>

enum { IP_AT = 14, TCP_AT = 34 };

static struct netif netif;
static struct tcp_pcb *connection;
static struct pbuf *arriving;

u32_t sys_now(void)
{
    return (u32_t)(bench.now / 1000u);
}

static err_t transmit(struct netif *n, struct pbuf *p)
{
    (void)n;
    if (p->tot_len > TCP_AT + 19 && ((const uint8_t *)p->payload)[12] == 8 &&
        ((const uint8_t *)p->payload)[13] == 0)
        bench_sent((const uint8_t *)p->payload + TCP_AT, p->tot_len - TCP_AT);
    return ERR_OK;
}

/* The datagram goes no further. */
static err_t end_here(struct netif *n, struct pbuf *p, const ip4_addr_t *to)
{
    (void)n;
    (void)to;
    bench_sent((const uint8_t *)p->payload + (TCP_AT - IP_AT), p->tot_len - (TCP_AT - IP_AT));
    return ERR_OK;
}

static err_t interface(struct netif *n)
{
    static const u8_t hardware[6] = {2, 0, 0, 0, 0, 2};

    n->mtu = 1500;
    n->hwaddr_len = sizeof hardware;
    memcpy(n->hwaddr, hardware, sizeof hardware);
    n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
    n->output = etharp_output;
    n->linkoutput = transmit;
    return ERR_OK;
}

static err_t received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
    (void)arg;
    (void)error;
    if (p == NULL)
        return tcp_close(pcb);
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    return ERR_OK;
}

static err_t accepted(void *arg, struct tcp_pcb *pcb, err_t error)
{
    (void)arg;
    (void)error;
    connection = pcb;
    tcp_recv(pcb, received);
    return ERR_OK;
}

static void frames_begin(void)
{
    ip4_addr_t address, mask;
    struct tcp_pcb *pcb;

    lwip_init();
    address.addr = lwip_htonl(BENCH_STACK);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    netif_add(&netif, &address, &mask, NULL, NULL, interface, ethernet_input);
    netif_set_default(&netif);
    netif_set_up(&netif);
    pcb = tcp_new();
    if (pcb == NULL || tcp_bind(pcb, IP_ADDR_ANY, BENCH_PORT) != ERR_OK ||
        (pcb = tcp_listen(pcb)) == NULL) {
        fprintf(stderr, "lwip: cannot listen\n");
        exit(1);
    }
    tcp_accept(pcb, accepted);
}

static void frames_prepare(void)
{
    arriving = pbuf_alloc(PBUF_RAW, (u16_t)bench.n, PBUF_POOL);
    if (arriving == NULL || pbuf_take(arriving, bench.in, (u16_t)bench.n) != ERR_OK) {
        fprintf(stderr, "lwip: no pbuf\n");
        exit(1);
    }
}

static void frames_arrives(void)
{
    (void)ethernet_input(arriving, &netif);
}

static void writes(void)
{
    if (tcp_write(connection, bench.text, BENCH_TEXT, TCP_WRITE_FLAG_COPY) != ERR_OK) {
        fprintf(stderr, "lwip: no room to send\n");
        exit(1);
    }
    (void)tcp_output(connection);
}

/* One tick of its slow timer, at which the retransmission is due. */
static void expires(void)
{
    connection->rtime = connection->rto;
    tcp_slowtmr();
}

static void tcp_begin(void)
{
    frames_begin();
    netif.output = end_here;
    NETIF_SET_CHECKSUM_CTRL(&netif, NETIF_CHECKSUM_DISABLE_ALL);
}

/* What ip4_input would have left. */
static void tcp_prepare(void)
{
    frames_prepare();
    if (bench.in[12] != 8 || bench.in[13] != 0)
        return;
    ip_data.current_netif = ip_data.current_input_netif = &netif;
    ip_data.current_ip_header_tot_len = TCP_AT - IP_AT;
    ip_data.current_iphdr_src.addr = lwip_htonl(BENCH_PEER);
    ip_data.current_iphdr_dest.addr = lwip_htonl(BENCH_STACK);
    ip_data.current_ip4_header = (const struct ip_hdr *)((const u8_t *)arriving->payload + IP_AT);
    (void)pbuf_remove_header(arriving, TCP_AT);
}

static void tcp_arrives(void)
{
    if (bench.in[12] == 8 && bench.in[13] == 0)
        tcp_input(arriving, &netif);
    else
        (void)ethernet_input(arriving, &netif);
}

const struct bench_door bench_doors[] = {
    {"tcp", tcp_begin, tcp_prepare, tcp_arrives, writes, expires},
    {"frames", frames_begin, frames_prepare, frames_arrives, writes, expires},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
