/* SPDX-License-Identifier: MIT */
#include "peer.h"

#include <string.h>

#include <lwip/init.h>
#include <lwip/ip4.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/stats.h>
#include <lwip/tcp.h>

#include "core/checksum.h"
#include "harness/ipv4.h"

#define THEM 0xC0000201u /* 192.0.2.1, who connects */
#define LWIP 0xC0000202u
#define PORT 4001u

struct peer peer;

static struct netif netif;
static struct tcp_pcb *listener, *connection;

u32_t sys_now(void);
u32_t sys_now(void)
{
    return 0u;
}

/* No timers run. */
void tcp_timer_needed(void)
{
}

static err_t output(struct netif *n, struct pbuf *p, const ip4_addr_t *to)
{
    uint8_t bytes[40];

    (void)n;
    (void)to;
    peer.sent++;
    if (pbuf_copy_partial(p, bytes, 40u, 0u) == 40u && (bytes[33] & SQ_SYN) != 0u) {
        peer.iss = sq_load32(bytes, 24u);
        peer.iss_known = true;
    }
    return ERR_OK;
}

static err_t interface(struct netif *n)
{
    n->mtu = 1500u;
    n->output = output;
    return ERR_OK;
}

static err_t received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
    (void)arg;
    (void)pcb;
    (void)error;
    if (p == NULL) {
        peer.closed = true;
        return ERR_OK;
    }
    peer.got +=
        pbuf_copy_partial(p, peer.stream + peer.got, (u16_t)(sizeof peer.stream - peer.got), 0u);
    pbuf_free(p); /* never tcp_recved: the window stays where it was offered */
    return ERR_OK;
}

static void gone(void *arg, err_t error)
{
    (void)arg;
    (void)error;
    connection = NULL;
}

static err_t accepted(void *arg, struct tcp_pcb *pcb, err_t error)
{
    (void)arg;
    (void)error;
    connection = pcb;
    peer.accepted = true;
    tcp_recv(pcb, received);
    tcp_err(pcb, gone);
    return ERR_OK;
}

static void start(void)
{
    ip4_addr_t address, mask;
    struct tcp_pcb *pcb;

    lwip_init();
    IP4_ADDR(&address, 192, 0, 2, 2);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    netif_add(&netif, &address, &mask, NULL, NULL, interface, ip4_input);
    netif_set_default(&netif);
    netif_set_up(&netif);
    netif_set_link_up(&netif);
    pcb = tcp_new();
    tcp_bind(pcb, IP4_ADDR_ANY, PORT);
    listener = tcp_listen(pcb);
    tcp_accept(listener, accepted);
}

void peer_begin(void)
{
    if (listener == NULL) {
        start();
    }
    while (tcp_active_pcbs != NULL) {
        tcp_abort(tcp_active_pcbs);
    }
    while (tcp_tw_pcbs != NULL) {
        tcp_abort(tcp_tw_pcbs);
    }
    connection = NULL;
    memset(&peer, 0, sizeof peer);
    lwip_stats.tcp.chkerr = lwip_stats.tcp.lenerr = 0u;
}

void peer_segment(uint8_t *segment, uint32_t n, bool seal)
{
    uint8_t head[20];
    struct pbuf *p;

    if (seal && n >= 18u) {
        uint64_t sum = sq_checksum_pseudo4(THEM, LWIP, n);

        sq_store16(segment, 16u, 0u);
        sq_store16(segment, 16u, sq_checksum_finish(sq_checksum_add(sum, segment, n)));
    }
    sq_ipv4_emit(head, THEM, LWIP, 6u, 0u, 64u, 1u, n);
    p = pbuf_alloc(PBUF_RAW, (u16_t)(20u + n), PBUF_RAM);
    if (p == NULL) {
        return;
    }
    pbuf_take(p, head, 20u);
    if (n > 0u) {
        pbuf_take_at(p, segment, (u16_t)n, 20u);
    }
    if (ip4_input(p, &netif) != ERR_OK) {
        pbuf_free(p);
    }
    peer.checksum_errors = (uint32_t)lwip_stats.tcp.chkerr;
    peer.length_errors = (uint32_t)lwip_stats.tcp.lenerr;
}

void peer_send(const struct sq_header *h, const uint8_t *text, uint32_t len)
{
    static uint8_t segment[SQ_HEADER_MAX + 2048u];
    struct sq_header with = *h;
    uint32_t n;

    with.source_port = 4000u;
    with.destination_port = PORT;
    n = sq_header_emit(segment, &with);
    if (len > 0u) {
        memcpy(segment + n, text, len);
    }
    peer_segment(segment, n + len, true);
}
