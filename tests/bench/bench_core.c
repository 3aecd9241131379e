/* SPDX-License-Identifier: MIT */
/* The doors that `make bench` counts: "core", values in and values out, without the bytes of a header, their checksum and the
   table that finds the connection; "frames", the endpoint from a frame to a frame, sockets as the services use them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sequent.h"
#include "harness/socket.h"
#include "paths.h"

enum { RING = 65535, IN_FRAME = 34 };

static void stop(const char *why)
{
    fprintf(stderr, "bench_core: %s\n", why);
    exit(1);
}

/* ---- the core ---- */

static struct sq_conn c;
static uint8_t in[RING], out[RING];
static struct sq_header header;
static struct sq_settings settings;

static void core_listen(void)
{
    sq_init(&c);
    if (sq_open_passive(&c, &settings, RING, RING) != SQ_OK)
        stop("no listener");
}

static void core_begin(void)
{
    sq_settings_default(&settings);
    core_listen();
}

static void core_prepare(void)
{
    if (bench.n > IN_FRAME &&
        sq_header_parse(bench.in + IN_FRAME, bench.n - IN_FRAME, &header) == 0u)
        header.length = 0u; /* no segment: ARP */
}

static void core_flush(void)
{
    struct sq_emit e;

    while (sq_output(&c, &e, BENCH_TEXT, bench.now) != SQ_DUE_NONE) {
        bench.sent++;
        bench.seq = e.seq;
        bench.flags = e.flags;
        bench.length = e.len;
    }
}

static void core_arrives(void)
{
    struct sq_segment_info info = {bench.now, bench.n - IN_FRAME - header.length, 77u};

    if (header.length == 0u)
        return;
    (void)sq_input(&c, in, &header, bench.in + IN_FRAME + header.length, &info);
    (void)sq_consume(&c, c.receive.used);
    if (c.state == SQ_CLOSE_WAIT)
        (void)sq_close(&c, bench.now);
    core_flush();
    if (c.state == SQ_CLOSED)
        core_listen();
}

static void core_writes(void)
{
    if (sq_write(&c, out, bench.text, BENCH_TEXT, bench.now) != BENCH_TEXT)
        stop("no room to send");
    core_flush();
}

static void core_expires(void)
{
    bench.now = sq_deadline(&c);
    sq_tick(&c, bench.now);
    core_flush();
}

/* ---- the endpoint ---- */

static struct sq_net net;
static sq_socket listener, client;

static bool transmit(void *device, const struct iovec *part, int parts)
{
    uint32_t n = 0u;

    (void)device;
    for (int i = 0; i < parts; i++)
        n += (uint32_t)part[i].iov_len;
    if (n > IN_FRAME + 19u && sq_load16(part[0].iov_base, 12u) == 0x0800u)
        bench_sent((const uint8_t *)part[0].iov_base + IN_FRAME, n - IN_FRAME);
    return true;
}

static void stack_begin(void)
{
    struct sq_stack_options o;

    memset(&o, 0, sizeof o);
    o.wire.hardware = 0x020000000002u;
    o.wire.address = BENCH_STACK;
    o.wire.prefix = 24u;
    o.wire.mtu = 1500u;
    o.wire.transmit = transmit;
    sq_settings_default(&o.settings);
    o.connections = 1024u;
    o.send_capacity = 131072u;
    o.receive_capacity = RING;
    o.orphan = 60000000u;
    o.now = bench.now;
    net.epoll = -1;
    if (!sq_stack_open(&net.stack, &o) ||
        (listener = sq_socket_listen(&net, BENCH_PORT, 128u)) == 0u)
        stop("no endpoint");
}

static void stack_prepare(void)
{
}

static void stack_arrives(void)
{
    struct iovec part[2];
    int64_t there;

    sq_stack_frame(&net.stack, bench.in, bench.n, bench.now);
    if (client == 0u)
        client = sq_socket_accept(&net, listener);
    if (client != 0u) {
        there = sq_socket_text(&net, client, part);
        if (there > 0)
            sq_socket_taken(&net, client, (uint32_t)there);
        if (there == 0) {
            sq_socket_close(&net, client);
            client = 0u;
        }
    }
    sq_stack_flush(&net.stack, bench.now);
}

static void stack_writes(void)
{
    if (sq_socket_send(&net, client, bench.text, BENCH_TEXT) != BENCH_TEXT)
        stop("no room to send");
    sq_stack_flush(&net.stack, bench.now);
}

static void stack_expires(void)
{
    uint32_t before = bench.sent;

    for (uint32_t k = 0u; k < 3u && bench.sent == before; k++) { /* it may have moved away */
        bench.now = sq_stack_deadline(&net.stack);
        sq_stack_tick(&net.stack, bench.now);
        sq_stack_flush(&net.stack, bench.now);
    }
}

const struct bench_door bench_doors[] = {
    {"core", core_begin, core_prepare, core_arrives, core_writes, core_expires},
    {"frames", stack_begin, stack_prepare, stack_arrives, stack_writes, stack_expires},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
