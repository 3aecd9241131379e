/* SPDX-License-Identifier: MIT */
/* Requirements that the endpoint fulfils around the core: numbers, addresses, ports, checksums, many connections. Frames go
   in by hand and come out into a list. A test for each requirement, named after it (spec/requirements.tsv). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "harness/arp.h"
#include "harness/ethernet.h"
#include "harness/ipv4.h"
#include "harness/socket.h"

#define US 0x0a090002u
#define PEER 0x0a090001u
#define OUR_MAC 0x020000000002u
#define PEER_MAC 0x020000000001u
#define MTU 1000u

struct out {
    struct sq_header h;
    uint32_t source, destination, len, service, ttl;
};

static struct sq_stack s;
static uint64_t now;
static struct out out[64];
static uint32_t said, bad_checksums;

static bool keep(void *device, const struct iovec *part, int parts)
{
    static uint8_t frame[2000];
    struct sq_ethernet e;
    struct sq_ipv4 ip;
    uint32_t n = 0u;
    const uint8_t *tcp;

    (void)device;
    for (int i = 0; i < parts; i++) {
        if (part[i].iov_len > 0u)
            memcpy(frame + n, part[i].iov_base, part[i].iov_len);
        n += (uint32_t)part[i].iov_len;
    }
    assert_true(sq_ethernet_parse(frame, n, &e));
    if (e.type != SQ_ETHERNET_IPV4)
        return true;
    assert_in_range(n, 54u, 14u + MTU);
    assert_int_equal(sq_ipv4_parse(frame + 14u, n - 14u, &ip), SQ_IPV4_OK);
    tcp = frame + 14u + ip.header_length;
    assert_int_equal(sq_header_parse(tcp, ip.length, &out[said].h), 1);
    if (!sq_checksum_correct(sq_checksum_add(
            sq_checksum_pseudo4(ip.source, ip.destination, ip.length), tcp, ip.length)))
        bad_checksums++;
    out[said].source = ip.source;
    out[said].destination = ip.destination;
    out[said].service = ip.service;
    out[said].ttl = ip.ttl;
    out[said].len = ip.length - out[said].h.length;
    said = (said + 1u) % 64u;
    return true;
}

static struct sq_stack_options options(uint8_t secret)
{
    struct sq_stack_options set = {
        .connections = 32u, .send_capacity = 8000u, .receive_capacity = 8000u};

    set.wire.hardware = OUR_MAC;
    set.wire.address = US;
    set.wire.prefix = 24u;
    set.wire.mtu = MTU;
    set.wire.transmit = keep;
    set.orphan = 60000000u;
    set.verify = true;
    memset(set.secret, secret, sizeof set.secret);
    sq_settings_default(&set.settings);
    return set;
}

static void begin_with(const struct sq_stack_options *set)
{
    now = 1000000u;
    said = 0u;
    bad_checksums = 0u;
    assert_true(sq_stack_open(&s, set));
    assert_true(sq_neighbour_learn(&s.wire.neighbours, PEER, PEER_MAC, true, now));
}

static void begin(uint8_t secret)
{
    struct sq_stack_options set = options(secret);

    begin_with(&set);
}

static void end(void)
{
    sq_stack_close(&s);
}

static void flush(void)
{
    said = 0u;
    sq_stack_flush(&s, now);
}

/* A segment arrives; nothing is flushed. */
static void in_between(uint32_t source, uint32_t destination, uint32_t from, uint32_t to,
                       uint32_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
    static uint8_t frame[2000];
    struct sq_header h = {.source_port = from,
                          .destination_port = to,
                          .seq = seq,
                          .ack = ack,
                          .flags = flags,
                          .window = 8000u};
    uint32_t size;

    size = sq_header_emit(frame + 34u, &h);
    memset(frame + 34u + size, 'x', len);
    sq_store16(frame, 34u + 16u,
               sq_checksum_finish(sq_checksum_add(
                   sq_checksum_pseudo4(source, destination, size + len), frame + 34u, size + len)));
    sq_ethernet_emit(frame, OUR_MAC, PEER_MAC, SQ_ETHERNET_IPV4);
    sq_ipv4_emit(frame + 14u, source, destination, SQ_IPV4_TCP, 0u, 64u, 1u, size + len);
    sq_stack_frame(&s, frame, 34u + size + len, now);
}

/* From the peer. */
static void in(uint32_t from, uint32_t to, uint32_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
    in_between(PEER, US, from, to, flags, seq, ack, len);
}

static void listen_on(uint32_t i, uint32_t port, uint32_t backlog)
{
    sq_listen_open(&s.listen[i], 0u, port, backlog);
}

/* The connection of our port 80 and the peer's port stands; its block. */
static uint32_t open_from(uint32_t port)
{
    struct sq_ends ends = {US, PEER, 80u, port};
    uint32_t i;

    in(port, 80u, SQ_SYN, 100u, 0u, 0u);
    flush();
    assert_int_equal(said, 1);
    in(port, 80u, SQ_ACK, 101u, out[0].h.seq + 1u, 0u);
    flush();
    i = sq_table_find(&s.table, &ends);
    assert_true(i != SQ_NOBODY && s.table.entry[i].conn.state == SQ_ESTABLISHED);
    return i;
}

/* The ISN that a SYN from this port is answered with by an endpoint with this secret at this time. */
static uint32_t isn_of(uint8_t secret, uint32_t port, uint64_t when)
{
    begin(secret);
    listen_on(0u, 80u, 5u);
    now = when;
    in(port, 80u, SQ_SYN, 100u, 0u, 0u);
    flush();
    end();
    assert_int_equal(out[0].h.flags, SQ_SYN + SQ_ACK);
    return out[0].h.seq;
}

static void must_2__every_frame_out_carries_a_right_checksum(void **state)
{
    uint32_t i;

    (void)state;
    begin(1u);
    listen_on(0u, 80u, 5u);
    i = open_from(9000u);
    for (uint32_t n = 1u; n < 40u; n++) {
        static const uint8_t text[40] = "odd and even, and across the ring's end";

        sq_write(&s.table.entry[i].conn, s.table.entry[i].send_ring, text, n, now);
        sq_stack_touched(&s, i, SQ_ESTABLISHED);
        flush();
        in(9000u, 80u, SQ_ACK, 101u, s.table.entry[i].conn.send.una + n, 0u);
    }
    in(9001u, 81u, SQ_SYN, 5u, 0u, 3u);
    assert_int_equal(s.counters.tcp_resets_out, 1);
    assert_int_equal(bad_checksums, 0);
    end();
}

static void must_8__isn_grows_by_one_in_4_microseconds(void **state)
{
    uint32_t first = isn_of(7u, 9000u, 1000000u);

    (void)state;
    assert_int_equal(isn_of(7u, 9000u, 1000004u), first + 1u);
    assert_int_equal(isn_of(7u, 9000u, 1000000u + 4000u * 1000u), first + 1000000u);
    assert_int_equal(isn_of(7u, 9000u, 1000000u + 4u * UINT64_C(0x100000000)), first);
}

static void must_9__isn_depends_on_the_secret_and_on_both_ends(void **state)
{
    uint32_t first = isn_of(7u, 9000u, 1000000u), near = 0u;

    (void)state;
    for (uint32_t k = 1u; k < 100u; k++) {
        near += isn_of((uint8_t)(7u + k), 9000u, 1000000u) - first + 1000000u < 2000000u;
        near += isn_of(7u, 9000u + k, 1000000u) - first + 1000000u < 2000000u;
    }
    assert_in_range(near, 0u, 2u); /* by chance one in two thousand is */
}

static void must_42__a_port_with_half_open_connections_is_still_listened_on(void **state)
{
    (void)state;
    begin(1u);
    listen_on(0u, 80u, 5u);
    in(9000u, 80u, SQ_SYN, 100u, 0u, 0u);
    in(9001u, 80u, SQ_SYN, 100u, 0u, 0u);
    flush();
    assert_int_equal(said, 2);
    assert_int_equal(s.listen[0].half_open, 2);
    /* And one of our own making with that local port: a listener may come while it is in SYN-SENT. */
    assert_true(sq_stack_connect(&s, 0u, PEER, 7u, now) != SQ_NOBODY);
    flush();
    listen_on(1u, out[0].h.source_port, 5u);
    in(9002u, out[0].h.source_port, SQ_SYN, 100u, 0u, 0u);
    flush();
    assert_int_equal(said, 1);
    assert_int_equal(out[0].h.flags, SQ_SYN + SQ_ACK);
    end();
}

static void must_46__nobody_is_called_at_the_address_of_a_group_or_of_everybody(void **state)
{
    static const uint32_t nobody[] = {0u, 0xffffffffu, 0xe0000001u, US | 0xffu, US & ~0xffu};

    (void)state;
    begin(1u);
    for (size_t i = 0u; i < sizeof nobody / sizeof nobody[0]; i++)
        assert_int_equal(sq_stack_connect(&s, 0u, nobody[i], 7u, now), SQ_NOBODY);
    assert_true(sq_stack_connect(&s, 0u, PEER, 7u, now) != SQ_NOBODY);
    end();
}

static void must_45__every_segment_has_the_endpoints_address(void **state)
{
    uint32_t i;

    (void)state;
    begin(1u);
    i = sq_stack_connect(&s, 0u, PEER, 7u, now);
    flush();
    assert_int_equal(said, 1);
    assert_int_equal(out[0].source, US);
    assert_int_equal(out[0].destination, PEER);
    in(7u, out[0].h.source_port, SQ_SYN + SQ_ACK, 100u, out[0].h.seq + 1u, 0u);
    sq_write(&s.table.entry[i].conn, s.table.entry[i].send_ring, (const uint8_t *)"text", 4u, now);
    sq_close(&s.table.entry[i].conn, now);
    flush();
    assert_int_equal(said, 2);
    for (uint32_t k = 0u; k < 3u && said == 2u; k++) { /* a deadline may have moved away */
        now = sq_stack_deadline(&s);
        sq_stack_tick(&s, now);
        sq_stack_flush(&s, now);
    }
    assert_true(said > 2u);
    for (uint32_t k = 0u; k < said; k++) {
        assert_int_equal(out[k].source, US);
    }
    end();
}

static void must_43__open_takes_a_local_address_of_ours_or_none(void **state)
{
    struct sq_stack_options set = options(1u);
    const uint32_t source[] = {US, US + 5u, 0u, US + 7u};

    (void)state;
    set.wire.also[0] = US + 5u;
    set.wire.also[1] = US + 7u;
    begin_with(&set);
    for (size_t k = 0u; k < 4u; k++) {
        uint32_t local = source[k] != 0u ? source[k] : US, i, port;

        i = sq_stack_connect(&s, source[k], PEER, 7u, now);
        assert_true(i != SQ_NOBODY);
        flush();
        assert_int_equal(said, 1);
        assert_int_equal(out[0].source, local);
        port = out[0].h.source_port;
        in_between(PEER, local, 7u, port, SQ_SYN + SQ_ACK, 100u, out[0].h.seq + 1u, 0u);
        flush();
        assert_int_equal(s.table.entry[i].conn.state, SQ_ESTABLISHED);
        assert_int_equal(out[0].source, local);
    }
    assert_int_equal(sq_stack_connect(&s, US + 6u, PEER, 7u, now), SQ_NOBODY);
    assert_int_equal(sq_stack_connect(&s, PEER, PEER, 7u, now), SQ_NOBODY);
    end();
}

/* Whoever calls one of our addresses is answered from it, whatever he asks. */
static void must_45__who_calls_one_of_our_addresses_is_answered_from_it(void **state)
{
    struct sq_stack_options set = options(1u);

    (void)state;
    set.wire.also[0] = US + 5u;
    begin_with(&set);
    listen_on(0u, 80u, 5u);
    in_between(PEER, US + 5u, 9000u, 80u, SQ_SYN, 100u, 0u, 0u);
    in_between(PEER, US + 5u, 9000u, 81u, SQ_SYN, 100u, 0u, 0u);
    in_between(PEER, US + 6u, 9000u, 80u, SQ_SYN, 100u, 0u, 0u);
    in_between(US + 5u, US, 9000u, 80u, SQ_SYN, 100u, 0u, 0u);
    sq_stack_flush(&s, now);
    assert_int_equal(said, 2);
    for (uint32_t k = 0u; k < said; k++)
        assert_int_equal(out[k].source, US + 5u);
    assert_int_equal(s.counters.ip_not_ours, 1);
    assert_int_equal(s.counters.ip_bad_source, 1);
    end();
}

/* Text on connection i leaves with these in its Internet header. */
static void expect_ip(uint32_t i, uint32_t dscp, uint32_t ttl)
{
    sq_write(&s.table.entry[i].conn, s.table.entry[i].send_ring, (const uint8_t *)"text", 4u, now);
    sq_stack_touched(&s, i, SQ_ESTABLISHED);
    flush();
    assert_int_equal(said, 1);
    assert_int_equal(out[0].len, 4);
    assert_int_equal(out[0].service, 4u * dscp);
    assert_int_equal(out[0].ttl, ttl);
    in(s.table.entry[i].ends.remote_port, 80u, SQ_ACK, 101u, s.table.entry[i].conn.send.una + 4u,
       0u);
}

static void must_48_and_49__dscp_and_ttl_are_those_of_the_endpoint_and_then_the_connections(
    void **state)
{
    struct sq_stack_options set = options(1u);
    uint32_t a, b;

    (void)state;
    begin(1u);
    listen_on(0u, 80u, 5u);
    expect_ip(open_from(9000u), 0u, 64u);
    end();
    set.ip = (struct sq_ip_fields){46u, 9u};
    begin_with(&set);
    listen_on(0u, 80u, 5u);
    a = open_from(9000u); /* its <SYN,ACK> is still in out[0] */
    assert_int_equal(out[0].service, 4u * 46u);
    assert_int_equal(out[0].ttl, 9);
    b = open_from(9001u);
    for (uint32_t dscp = 0u; dscp < 64u; dscp++) {
        s.table.entry[a].ip = (struct sq_ip_fields){(uint8_t)dscp, (uint8_t)(255u - dscp)};
        expect_ip(a, dscp, 255u - dscp);
        expect_ip(b, 46u, 9u);
    }
    in(9002u, 81u, SQ_SYN, 5u, 0u, 0u); /* nobody's */
    assert_int_equal(out[said - 1u].h.flags, SQ_RST + SQ_ACK);
    assert_int_equal(out[said - 1u].ttl, 9);
    end();
}

/* By the calls of a program, and changed while the connection goes on; the first segment after the call has it. */
static void shld_21__a_socket_changes_its_dscp_and_ttl(void **state)
{
    static struct sq_net net;
    struct sq_stack_options set = options(1u);
    sq_socket socket;
    uint32_t port, again = 0u;

    (void)state;
    now = 1000000u;
    said = 0u;
    assert_true(sq_stack_open(&net.stack, &set));
    assert_true(sq_neighbour_learn(&net.stack.wire.neighbours, PEER, PEER_MAC, true, sq_net_now()));
    assert_int_equal(sq_socket_connect(&net, PEER, PEER, 7u), 0);
    socket = sq_socket_connect(&net, US, PEER, 7u);
    assert_true(socket != 0u);
    assert_int_equal(sq_socket_set(&net, socket, SQ_SOCKET_DSCP, 46u), 0);
    sq_stack_flush(&net.stack, sq_net_now());
    assert_int_equal(said, 1);
    assert_int_equal(out[0].service, 4u * 46u);
    assert_int_equal(out[0].ttl, 64);
    port = out[0].h.source_port;
    assert_int_equal(sq_socket_set(&net, socket, SQ_SOCKET_DSCP, 64u), SQ_SOCKET_INVALID);
    assert_int_equal(sq_socket_set(&net, socket, SQ_SOCKET_TTL, 0u), SQ_SOCKET_INVALID);
    assert_int_equal(sq_socket_set(&net, socket, SQ_SOCKET_TTL, 256u), SQ_SOCKET_INVALID);
    assert_int_equal(sq_socket_set(&net, socket + 1u, SQ_SOCKET_TTL, 9u), SQ_SOCKET_INVALID);
    assert_int_equal(sq_socket_set(&net, socket, SQ_SOCKET_TTL, 255u), 0);
    assert_int_equal(sq_socket_set(&net, socket, SQ_SOCKET_DSCP, 8u), 0);
    sq_stack_connect(&net.stack, 0u, PEER, 8u, sq_net_now()); /* another has the endpoint's */
    sq_stack_tick(&net.stack, sq_net_now() + 2000000u);
    sq_stack_flush(&net.stack, sq_net_now() + 2000000u);
    assert_int_equal(said, 3); /* the first SYN of the other, and the SYN again */
    for (uint32_t k = 1u; k < said; k++) {
        again += out[k].h.source_port == port;
        assert_int_equal(out[k].service, out[k].h.source_port == port ? 4u * 8u : 0u);
        assert_int_equal(out[k].ttl, out[k].h.source_port == port ? 255 : 64);
    }
    assert_int_equal(again, 1);
    sq_stack_close(&net.stack);
}

/* Broadcast, multicast, loopback, nobody, ourselves. */
static void must_57_and_63__what_names_no_other_host__is_dropped(void **state)
{
    static const uint32_t nobody[] = {0xffffffffu, 0x0a0900ffu, 0x0a090000u, 0xe0000001u,
                                      0x7f000001u, 0u,          0xf0000001u};

    (void)state;
    begin(1u);
    listen_on(0u, 80u, 5u);
    for (size_t i = 0u; i < sizeof nobody / sizeof nobody[0]; i++) {
        in_between(PEER, nobody[i], 9000u, 80u, SQ_SYN, 100u, 0u, 0u);
        in_between(nobody[i], US, 9000u, 80u, SQ_SYN, 100u, 0u, 0u);
        in_between(PEER, nobody[i], 9000u, 81u, SQ_ACK, 100u, 0u, 0u);
        in_between(nobody[i], US, 9000u, 81u, SQ_ACK, 100u, 0u, 0u);
    }
    in_between(US, US, 9000u, 80u, SQ_SYN, 100u, 0u, 0u);
    flush();
    assert_int_equal(said, 0);
    assert_int_equal(s.counters.tcp_in, 0);
    in(9000u, 80u, SQ_SYN, 100u, 0u, 0u);
    flush();
    assert_int_equal(said, 1);
    end();
}

static void must_59__a_batch_of_frames_is_answered_by_one_ack(void **state)
{
    (void)state;
    begin(1u);
    listen_on(0u, 80u, 5u);
    open_from(9000u);
    said = 0u;
    for (uint32_t k = 0u; k < 7u; k++) {
        in(9000u, 80u, SQ_ACK, 101u + 100u * k, 0u, 100u);
        in(9000u, 80u, SQ_ACK, 101u + 100u * k, s.table.entry[0].conn.send.una, 100u);
        assert_int_equal(said, 0);
    }
    flush();
    assert_int_equal(said, 1);
    assert_int_equal(out[0].h.ack, 101u + 700u);
    end();
}

static void must_67__announced_mss_is_the_mtu_less_40(void **state)
{
    (void)state;
    begin(1u);
    listen_on(0u, 80u, 5u);
    in(9000u, 80u, SQ_SYN, 100u, 0u, 0u);
    sq_stack_connect(&s, 0u, PEER, 7u, now);
    flush();
    assert_int_equal(said, 2);
    for (uint32_t k = 0u; k < 2u; k++) {
        assert_int_equal(out[k].h.has_mss, 1);
        assert_int_equal(out[k].h.mss, MTU - 40u);
    }
    end();
}

/* The endpoint's close is the half-duplex one of MAY-1: nobody will read, so the peer is told. Rows F090, F096, F332 and
   F336 of fsm.csv. */
static void shld_3__close_with_unread_text_or_text_after_it__resets(void **state)
{
    static const struct {
        bool unread, peer_closed; /* before our close */
        uint32_t fin_acked;       /* by the segment with text after it */
    } rows[] = {{true, false, 0u}, {true, true, 0u}, {false, false, 0u}, {false, false, 1u}};

    (void)state;
    for (size_t k = 0u; k < sizeof rows / sizeof rows[0]; k++) {
        uint32_t i, una;

        begin(1u);
        listen_on(0u, 80u, 5u);
        i = open_from(9000u);
        una = s.table.entry[i].conn.send.una;
        if (rows[k].unread) {
            in(9000u, 80u, SQ_ACK + (rows[k].peer_closed ? SQ_FIN : 0u), 101u, una, 10u);
        }
        (void)sq_close(&s.table.entry[i].conn, now);
        sq_stack_abandon(&s, i, now);
        flush();
        if (!rows[k].unread) {
            assert_int_equal(said, 1);
            assert_int_equal(out[0].h.flags, SQ_FIN + SQ_ACK);
            in(9000u, 80u, SQ_ACK, 101u, una + rows[k].fin_acked, 10u);
            flush();
        }
        assert_int_equal(said, 1);
        assert_true((out[0].h.flags & SQ_RST) != 0u);
        assert_int_equal(out[0].h.seq, una + (rows[k].unread ? 0u : 1u));
        assert_int_equal(s.table.used, 0);
        end();
    }
}

static void rfc_4987__half_open_connections_stop_at_the_backlog(void **state)
{
    (void)state;
    begin(1u);
    listen_on(0u, 80u, 3u);
    for (uint32_t k = 0u; k < 10u; k++) {
        in(9000u + k, 80u, SQ_SYN, 100u, 0u, 0u);
    }
    flush();
    assert_int_equal(said, 3);
    assert_int_equal(s.table.used, 3);
    now += 64000000u;
    sq_stack_tick(&s, now);
    flush();
    assert_int_equal(s.table.used, 0);
    in(9020u, 80u, SQ_SYN, 100u, 0u, 0u);
    flush();
    assert_int_equal(said, 1);
    end();
}

/* With the option behind the header, the datagram otherwise in order. RFC 7126 4.3, 4.4 */
static void in_with_option(uint32_t option)
{
    uint8_t frame[34u + 8u + 20u];
    struct sq_header h = {.source_port = 9000u, .destination_port = 80u, .flags = SQ_SYN};

    sq_ethernet_emit(frame, OUR_MAC, PEER_MAC, SQ_ETHERNET_IPV4);
    sq_ipv4_emit(frame + 14u, PEER, US, SQ_IPV4_TCP, 0u, 64u, 1u, 28u);
    frame[14] = 64u + 7u; /* two more words of header */
    memset(frame + 34u, 0, 8u);
    frame[34] = (uint8_t)option;
    frame[35] = 7u;
    frame[36] = 4u;
    sq_store32(frame, 37u, PEER + 1u);
    sq_ipv4_seal(frame + 14u, 28u, 10u);
    sq_header_emit(frame + 42u, &h);
    sq_store16(
        frame, 42u + 16u,
        sq_checksum_finish(sq_checksum_add(sq_checksum_pseudo4(PEER, US, 20u), frame + 42u, 20u)));
    sq_stack_frame(&s, frame, sizeof frame, now);
    flush();
}

static void rfc_7126__a_source_routed_datagram_is_dropped(void **state)
{
    (void)state;
    begin(1u);
    listen_on(0u, 80u, 5u);
    in_with_option(131u);
    in_with_option(137u);
    assert_int_equal(said, 0);
    assert_int_equal(s.counters.ip_source_route, 2);
    in_with_option(7u); /* record route: stepped over */
    assert_int_equal(said, 1);
    assert_int_equal(s.counters.ip_source_route, 2);
    end();
}

static uint32_t port_of_next(void)
{
    assert_true(sq_stack_connect(&s, 0u, PEER, 7u, now) != SQ_NOBODY);
    flush();
    return out[said - 1u].h.source_port;
}

static void rfc_6056__ports_are_unused_not_listened_on_and_hard_to_guess(void **state)
{
    uint32_t first, next, same = 0u;

    (void)state;
    begin(1u);
    first = port_of_next();
    end();
    for (uint8_t secret = 2u; secret < 50u; secret++) {
        begin(secret);
        same += port_of_next() == first;
        end();
    }
    assert_in_range(same, 0u, 1u);
    begin(1u);
    for (uint32_t i = 0u; i < SQ_LISTENERS; i++) {
        listen_on(i, first + i, 5u); /* all but the first may be chosen, too */
    }
    next = port_of_next();
    assert_in_range(next, 1024u, 65535u);
    assert_true(next < first || next >= first + SQ_LISTENERS);
    for (uint32_t k = 0u; k < 20u; k++) {
        uint32_t port = port_of_next();

        s.opened = 0u; /* the search begins where it began the first time */
        assert_int_not_equal(port, next);
        assert_true(port < first || port >= first + SQ_LISTENERS);
    }
    end();
}

/* The whole of RFC 6056's range unless the endpoint is told another. */
static void rfc_6056__ports_come_from_the_range_that_is_set(void **state)
{
    struct sq_stack_options set = options(1u);
    uint32_t low = 65535u, high = 0u, seen = 0u;

    (void)state;
    for (uint8_t secret = 1u; secret < 200u; secret++) {
        uint32_t port;

        begin(secret);
        port = port_of_next();
        low = port < low ? port : low;
        high = port > high ? port : high;
        end();
    }
    assert_in_range(low, 1024u, 4000u);
    assert_in_range(high, 62000u, 65535u);
    set.first_port = 5000u;
    set.last_port = 5003u;
    begin_with(&set);
    for (uint32_t k = 0u; k < 4u; k++) {
        uint32_t port = port_of_next();

        assert_in_range(port, 5000u, 5003u);
        seen |= 1u << (port - 5000u);
    }
    assert_int_equal(seen, 15);
    assert_int_equal(sq_stack_connect(&s, 0u, PEER, 7u, now), SQ_NOBODY);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(must_2__every_frame_out_carries_a_right_checksum),
        cmocka_unit_test(must_8__isn_grows_by_one_in_4_microseconds),
        cmocka_unit_test(must_9__isn_depends_on_the_secret_and_on_both_ends),
        cmocka_unit_test(must_42__a_port_with_half_open_connections_is_still_listened_on),
        cmocka_unit_test(must_43__open_takes_a_local_address_of_ours_or_none),
        cmocka_unit_test(must_45__who_calls_one_of_our_addresses_is_answered_from_it),
        cmocka_unit_test(
            must_48_and_49__dscp_and_ttl_are_those_of_the_endpoint_and_then_the_connections),
        cmocka_unit_test(shld_21__a_socket_changes_its_dscp_and_ttl),
        cmocka_unit_test(rfc_7126__a_source_routed_datagram_is_dropped),
        cmocka_unit_test(must_46__nobody_is_called_at_the_address_of_a_group_or_of_everybody),
        cmocka_unit_test(must_45__every_segment_has_the_endpoints_address),
        cmocka_unit_test(must_57_and_63__what_names_no_other_host__is_dropped),
        cmocka_unit_test(must_59__a_batch_of_frames_is_answered_by_one_ack),
        cmocka_unit_test(must_67__announced_mss_is_the_mtu_less_40),
        cmocka_unit_test(shld_3__close_with_unread_text_or_text_after_it__resets),
        cmocka_unit_test(rfc_4987__half_open_connections_stop_at_the_backlog),
        cmocka_unit_test(rfc_6056__ports_come_from_the_range_that_is_set),
        cmocka_unit_test(rfc_6056__ports_are_unused_not_listened_on_and_hard_to_guess),
    };

    return cmocka_run_group_tests_name("requirements: endpoint", tests, NULL, NULL);
}
