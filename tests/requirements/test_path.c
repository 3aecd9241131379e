/* SPDX-License-Identifier: MIT */
/* What the endpoint does about the path (ICMP errors, R1), with a SYN for a connection in TIME-WAIT, and what a program may
   ask of one connection. Frames go in by hand and come out into a list. Named after spec/requirements.tsv. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "harness/arp.h"
#include "harness/ipv4.h"
#include "harness/socket.h"

#define US 0x0a090002u
#define PEER 0x0a090001u
#define ROUTER 0x0a090009u
#define OUR_MAC 0x020000000002u
#define PEER_MAC 0x020000000001u
#define MTU 1000u
#define SECOND 1000000u
#define IP_AT 14u
#define TCP_AT 34u
#define HOST_UNREACHABLE 1u /* RFC 792 */

struct out {
    struct sq_header h;
    uint32_t len;
    uint8_t datagram[TCP_AT - IP_AT + 8u]; /* what an ICMP error quotes of it */
};

static struct sq_net net;
static struct sq_stack *const s = &net.stack;
static struct out out[64];
static uint32_t said;
static uint64_t now;

static bool keep(void *device, const struct iovec *part, int parts)
{
    static uint8_t frame[2000];
    struct sq_ipv4 ip;
    uint32_t n = 0u;

    (void)device;
    for (int i = 0; i < parts; i++) {
        if (part[i].iov_len > 0u)
            memcpy(frame + n, part[i].iov_base, part[i].iov_len);
        n += (uint32_t)part[i].iov_len;
    }
    if (sq_load16(frame, 12u) != SQ_ETHERNET_IPV4)
        return true;
    assert_int_equal(sq_ipv4_parse(frame + IP_AT, n - IP_AT, &ip), SQ_IPV4_OK);
    assert_int_equal(sq_header_parse(frame + TCP_AT, ip.length, &out[said].h), 1);
    out[said].len = ip.length - out[said].h.length;
    memcpy(out[said].datagram, frame + IP_AT, sizeof out[said].datagram);
    said = (said + 1u) % 64u;
    return true;
}

static void begin(void)
{
    struct sq_stack_options set = {
        .connections = 8u, .send_capacity = 8000u, .receive_capacity = 8000u};

    set.wire.hardware = OUR_MAC;
    set.wire.address = US;
    set.wire.prefix = 24u;
    set.wire.mtu = MTU;
    set.wire.transmit = keep;
    set.orphan = 60u * SECOND;
    set.verify = true;
    sq_settings_default(&set.settings);
    now = sq_net_now() + 100u * SECOND; /* an endpoint that is up for a while */
    said = 0u;
    memset(&net, 0, sizeof net);
    assert_true(sq_stack_open(s, &set));
    sq_listen_open(&s->listen[0], 0u, 80u, 8u);
    s->listener[0].generation = 1u;
    assert_true(sq_neighbour_learn(&s->wire.neighbours, PEER, PEER_MAC, true, now));
}

static void end(void)
{
    sq_stack_close(s);
}

static void flush(void)
{
    said = 0u;
    sq_stack_flush(s, now);
}

/* A datagram from `source` whose payload of n bytes stands in the frame already. */
static void arrives(uint8_t *frame, uint32_t source, uint32_t protocol, uint32_t n)
{
    sq_ethernet_emit(frame, OUR_MAC, PEER_MAC, SQ_ETHERNET_IPV4);
    sq_ipv4_emit(frame + IP_AT, source, US, protocol, 0u, 64u, 1u, n);
    sq_stack_frame(s, frame, TCP_AT + n, now);
}

/* A segment from the peer's port to our port 80. */
static void in(uint32_t from, uint32_t flags, uint32_t seq, uint32_t ack, uint32_t len, uint32_t up)
{
    static uint8_t frame[2000];
    struct sq_header h = {.source_port = from,
                          .destination_port = 80u,
                          .seq = seq,
                          .ack = ack,
                          .flags = flags,
                          .window = 8000u,
                          .urgent = up};
    uint32_t n = sq_header_emit(frame + TCP_AT, &h) + len;

    memset(frame + TCP_AT + n - len, 'x', len);
    sq_store16(
        frame, TCP_AT + 16u,
        sq_checksum_finish(sq_checksum_add(sq_checksum_pseudo4(PEER, US, n), frame + TCP_AT, n)));
    arrives(frame, PEER, SQ_IPV4_TCP, n);
}

/* A router cannot deliver what we sent as out[i]. */
static void unreachable(uint32_t code, uint32_t mtu, const struct out *about)
{
    static uint8_t frame[200];
    uint8_t *p = frame + TCP_AT;
    uint32_t n = sq_icmp_unreachable(p, code, about->datagram, sizeof about->datagram);

    sq_store16(p, 6u, mtu);
    sq_store16(p, 2u, 0u);
    sq_store16(p, 2u, sq_checksum_finish(sq_checksum_add(0u, p, n)));
    arrives(frame, ROUTER, SQ_IPV4_ICMP, n);
}

static struct sq_conn *conn_of(uint32_t port)
{
    uint32_t i = sq_table_find(&s->table, &(struct sq_ends){US, PEER, 80u, port});

    assert_true(i != SQ_NOBODY);
    return &s->table.entry[i].conn;
}

/* The connection of our port 80 and the peer's port stands, and the program has it. */
static sq_socket open_from(uint32_t port)
{
    sq_socket socket;

    in(port, SQ_SYN, 100u, 0u, 0u, 0u);
    flush();
    assert_int_equal(said, 1);
    in(port, SQ_ACK, 101u, out[0].h.seq + 1u, 0u, 0u);
    flush();
    assert_int_equal(conn_of(port)->state, SQ_ESTABLISHED);
    socket = sq_socket_accept(&net, (uint64_t)1u << 32 | 0x80000000u);
    assert_true(socket != 0u);
    return socket;
}

static void say(sq_socket socket, uint32_t n)
{
    static const uint8_t text[4000] = "text";

    assert_int_equal(sq_socket_send(&net, socket, text, n), n);
    flush();
}

/* The next deadline comes at which something leaves; one that moved away may call the stack for nothing. */
static void wait(void)
{
    uint64_t before = s->counters.tcp_out, then = sq_stack_deadline(s);

    for (; then != SQ_NEVER && s->counters.tcp_out == before; then = sq_stack_deadline(s)) {
        now = then;
        sq_stack_tick(s, now);
        flush();
    }
}

/* ---- the path ---- */

static void must_20__at_r1_the_next_hop_is_asked_for_again(void **state)
{
    sq_socket a, b;

    (void)state;
    begin();
    a = open_from(9000u);
    b = open_from(9001u);
    say(a, 100u);
    for (uint32_t k = 1u; k <= 3u; k++) {
        assert_int_equal(s->counters.arp_requests_out, 0);
        wait();
        assert_int_equal(conn_of(9000u)->report.timeouts, k);
    }
    assert_int_equal(s->counters.tcp_excessive, 1);
    assert_int_equal(s->counters.neighbour_doubted, 1);
    assert_int_equal(s->counters.arp_requests_out, 1);
    assert_int_equal(said, 1); /* what is sent goes there as long as nobody says otherwise */
    assert_int_equal(sq_socket_reports(&net, a).excessive, 1);
    assert_int_equal(sq_socket_reports(&net, a).excessive, 0);
    /* Another connection with the same trouble does not begin the asking anew. */
    conn_of(9001u)->settings.r1 = 1u;
    say(b, 100u);
    wait();
    assert_int_equal(s->counters.tcp_excessive, 2);
    assert_int_equal(s->counters.neighbour_doubted, 1);
    end();
}

/* The address answers: it is believed as before. Nobody does: it is asked for by broadcast, and nothing goes there. */
static void must_20__a_next_hop_that_is_gone_is_found_out(void **state)
{
    (void)state;
    for (uint32_t answers = 0u; answers < 2u; answers++) {
        sq_socket a;

        begin();
        a = open_from(9000u);
        say(a, 100u);
        while (conn_of(9000u)->report.timeouts < 3u)
            wait();
        if (answers == 1u)
            sq_neighbour_learn(&s->wire.neighbours, PEER, PEER_MAC, false, now);
        for (uint32_t k = 0u; k < 4u; k++)
            wait();
        assert_int_equal(s->counters.arp_requests_out > 3u, answers == 0u);
        assert_int_equal(said, answers);
        end();
    }
}

static void must_54__an_icmp_error_reaches_the_connection_it_quotes(void **state)
{
    sq_socket a, b;
    struct out sent;

    (void)state;
    begin();
    b = open_from(9001u);
    a = open_from(9000u);
    say(b, 10u);
    say(a, 10u);
    sent = out[0];
    unreachable(HOST_UNREACHABLE, 0u, &sent);
    assert_int_equal(s->counters.icmp_errors_in, 1);
    assert_int_equal(s->counters.icmp_errors_believed, 1);
    assert_int_equal(sq_socket_reports(&net, b).soft, 0);
    assert_int_equal(sq_socket_reports(&net, a).soft, 3u * 256u + HOST_UNREACHABLE);
    assert_int_equal(sq_socket_reports(&net, a).soft, 0);
    /* A hard one is no more than that to a connection that stands. */
    unreachable(SQ_ICMP_PORT_UNREACHABLE, 0u, &sent);
    assert_int_equal(conn_of(9000u)->state, SQ_ESTABLISHED);
    assert_int_equal(sq_socket_reports(&net, a).soft, 3u * 256u + SQ_ICMP_PORT_UNREACHABLE);
    /* What is acknowledged is in flight no longer. */
    in(9000u, SQ_ACK, 101u, sent.h.seq + 10u, 0u, 0u);
    unreachable(HOST_UNREACHABLE, 0u, &sent);
    assert_int_equal(s->counters.icmp_errors_in, 3);
    assert_int_equal(s->counters.icmp_errors_believed, 2);
    end();
}

/* RFC 1122 4.2.3.9 */
static void shld_26__a_hard_error_ends_an_opening(void **state)
{
    sq_socket a;

    (void)state;
    begin();
    in(9000u, SQ_SYN, 100u, 0u, 0u, 0u);
    flush();
    unreachable(SQ_ICMP_PORT_UNREACHABLE, 0u, &out[0]);
    flush();
    assert_int_equal(s->table.used, 0);
    a = open_from(9000u);
    assert_true(a != 0u);
    end();
}

static void r1191__segments_shrink_to_what_a_router_says(void **state)
{
    static const struct {
        uint32_t mtu, size; /* as told, and bytes of text */
    } rows[] = {{0u, 508u - 40u}, {68u, SQ_MSS_MIN}, {576u, 536u}, {MTU, 0u}, {1500u, 0u}};

    (void)state;
    for (size_t k = 0u; k < sizeof rows / sizeof rows[0]; k++) {
        bool smaller = rows[k].size > 0u;
        sq_socket a;

        begin();
        a = open_from(9000u);
        conn_of(9000u)->send.mss = MTU - 40u;
        say(a, 1500u);
        assert_int_equal(out[0].len, MTU - 40u);
        unreachable(SQ_ICMP_FRAGMENTATION_NEEDED, rows[k].mtu, &out[0]);
        flush();
        assert_int_equal(s->counters.path_mtu_lowered, smaller);
        assert_int_equal(said > 0u, smaller);
        for (uint32_t i = 0u; i < said; i++)
            assert_in_range(out[i].len, 1u, rows[k].size);
        assert_int_equal(sq_socket_status(&net, a).mss, smaller ? rows[k].size : MTU - 40u);
        end();
    }
}

/* ---- TIME-WAIT ---- */

/* Closed by us first; what remains is in TIME-WAIT and nobody's. Our SND.NXT then. */
static uint32_t time_wait(uint32_t port)
{
    sq_socket a = open_from(port);
    uint32_t una = conn_of(port)->send.una;

    sq_socket_close(&net, a);
    flush();
    in(port, SQ_FIN + SQ_ACK, 101u, una + 1u, 0u, 0u);
    flush();
    assert_int_equal(conn_of(port)->state, SQ_TIME_WAIT);
    return una + 1u;
}

static void may_2__a_syn_beyond_all_that_was_sent_opens_anew_from_time_wait(void **state)
{
    uint32_t nxt;

    (void)state;
    begin();
    nxt = time_wait(9000u);
    in(9000u, SQ_SYN, 101u, 0u, 0u, 0u); /* old */
    flush();
    assert_int_equal(conn_of(9000u)->state, SQ_TIME_WAIT);
    assert_int_equal(s->counters.time_wait_reused, 0);
    in(9000u, SQ_SYN, 102u, 0u, 0u, 0u);
    flush();
    assert_int_equal(s->counters.time_wait_reused, 1);
    assert_int_equal(said, 1);
    assert_int_equal(out[0].h.flags, SQ_SYN + SQ_ACK);
    assert_int_equal(out[0].h.ack, 103);
    assert_in_range(out[0].h.seq - nxt, 0u, 0x7fffffffu);
    in(9000u, SQ_ACK, 103u, out[0].h.seq + 1u, 0u, 0u);
    assert_int_equal(conn_of(9000u)->state, SQ_ESTABLISHED);
    end();
}

static void may_2__a_port_that_is_not_listened_on_any_more_reopens_nothing(void **state)
{
    (void)state;
    begin();
    (void)time_wait(9000u);
    sq_listen_close(&s->listen[0]);
    in(9000u, SQ_SYN, 5000u, 0u, 0u, 0u);
    flush();
    assert_int_equal(s->counters.time_wait_reused, 0);
    assert_int_equal(conn_of(9000u)->state, SQ_TIME_WAIT);
    end();
}

/* ---- what a program may ask of one connection ---- */

static void must_30__urgent_text_both_ways(void **state)
{
    sq_socket a;
    char text[30];

    (void)state;
    begin();
    a = open_from(9000u);
    assert_int_equal(sq_socket_send(&net, a, "urgent", 6u), 6);
    assert_int_equal(sq_socket_urge(&net, a), 0);
    flush();
    assert_int_equal(said, 1);
    assert_int_equal(out[0].h.flags, SQ_ACK + SQ_PSH + SQ_URG);
    assert_int_equal(out[0].h.urgent, 6);
    in(9000u, SQ_ACK + SQ_URG, 101u, out[0].h.seq + 6u, 20u, 12u);
    assert_int_equal(sq_socket_urgent(&net, a), 12);
    assert_int_equal(sq_socket_reports(&net, a).urgent, 1);
    assert_int_equal(sq_socket_receive(&net, a, text, 10u), 10);
    assert_int_equal(sq_socket_urgent(&net, a), 2);
    assert_int_equal(sq_socket_receive(&net, a, text, 10u), 10);
    assert_int_equal(sq_socket_urgent(&net, a), 0);
    assert_int_equal(sq_socket_shutdown(&net, a), 0);
    assert_int_equal(sq_socket_urge(&net, a), SQ_SOCKET_SHUT);
    end();
}

static void may_14__what_never_left_is_flushed(void **state)
{
    sq_socket a;

    (void)state;
    begin();
    a = open_from(9000u);
    say(a, 10u);
    say(a, 20u); /* Nagle holds it */
    assert_int_equal(said, 0);
    assert_int_equal(sq_socket_flush(&net, a), 20);
    assert_int_equal(sq_socket_flush(&net, a), 0);
    in(9000u, SQ_ACK, 101u, conn_of(9000u)->send.una + 10u, 0u, 0u);
    flush();
    assert_int_equal(said, 0);
    end();
}

static void must_17__nagle_can_be_turned_off_while_text_waits(void **state)
{
    sq_socket a;

    (void)state;
    begin();
    a = open_from(9000u);
    say(a, 10u);
    say(a, 20u);
    assert_int_equal(said, 0);
    assert_int_equal(sq_socket_set(&net, a, SQ_SOCKET_NODELAY, 1u), 0);
    flush();
    assert_int_equal(said, 1);
    assert_int_equal(out[0].len, 20);
    end();
}

static void must_21__the_user_timeout_counts_for_what_is_sent_after_it(void **state)
{
    sq_socket a;
    uint64_t sent;

    (void)state;
    begin();
    a = open_from(9000u);
    assert_int_equal(sq_socket_set(&net, a, SQ_SOCKET_USER_TIMEOUT, 5000u), 0);
    sent = now;
    say(a, 10u);
    while (conn_of(9000u)->state == SQ_ESTABLISHED && now < sent + 100u * SECOND) {
        now = sq_stack_deadline(s);
        sq_stack_tick(s, now);
        if (s->counters.connections_timed_out > 0u)
            break;
        flush();
    }
    assert_int_equal(s->counters.connections_timed_out, 1);
    assert_int_equal(now - sent, 5u * SECOND);
    end();
}

static void must_24__keepalive_is_turned_on_and_off(void **state)
{
    sq_socket a;
    uint64_t from;

    (void)state;
    begin();
    a = open_from(9000u);
    assert_true(conn_of(9000u)->times.keepalive == SQ_NEVER);
    assert_int_equal(sq_socket_set(&net, a, SQ_SOCKET_KEEP_IDLE, 100u), 0);
    assert_int_equal(sq_socket_set(&net, a, SQ_SOCKET_KEEP_INTERVAL, 10u), 0);
    assert_int_equal(sq_socket_set(&net, a, SQ_SOCKET_KEEP_PROBES, 2u), 0);
    from = sq_net_now();
    assert_int_equal(sq_socket_set(&net, a, SQ_SOCKET_KEEPALIVE, 1u), 0);
    assert_in_range(conn_of(9000u)->times.keepalive - from, 100u * SECOND, 110u * SECOND);
    assert_int_equal(sq_socket_set(&net, a, SQ_SOCKET_KEEPALIVE, 0u), 0);
    assert_true(conn_of(9000u)->times.keepalive == SQ_NEVER);
    assert_int_equal(sq_socket_set(&net, a, SQ_SOCKET_KEEPALIVE, 1u), 0);
    flush();
    wait();
    assert_int_equal(said, 1);
    assert_int_equal(out[0].h.seq, conn_of(9000u)->send.una - 1u);
    wait();
    assert_int_equal(said, 1);
    wait();
    assert_int_equal(s->counters.connections_timed_out, 1);
    end();
}

static void a_value_out_of_its_range__is_refused(void **state)
{
    static const struct {
        enum sq_socket_option option;
        uint32_t value;
    } rows[] = {{SQ_SOCKET_NODELAY, 2u},
                {SQ_SOCKET_USER_TIMEOUT, 4294968u},
                {SQ_SOCKET_KEEPALIVE, 2u},
                {SQ_SOCKET_KEEP_IDLE, 0u},
                {SQ_SOCKET_KEEP_IDLE, SQ_KEEP_MAX + 1u},
                {SQ_SOCKET_KEEP_INTERVAL, 0u},
                {SQ_SOCKET_KEEP_PROBES, 0u},
                {SQ_SOCKET_KEEP_PROBES, SQ_KEEP_PROBES_MAX + 1u}};
    struct sq_settings before;
    sq_socket a;

    (void)state;
    begin();
    a = open_from(9000u);
    before = conn_of(9000u)->settings;
    for (size_t k = 0u; k < sizeof rows / sizeof rows[0]; k++)
        assert_int_equal(sq_socket_set(&net, a, rows[k].option, rows[k].value), SQ_SOCKET_INVALID);
    assert_memory_equal(&conn_of(9000u)->settings, &before, sizeof before);
    assert_int_equal(sq_socket_set(&net, a + 1u, SQ_SOCKET_NODELAY, 1u), SQ_SOCKET_INVALID);
    assert_int_equal(sq_socket_urge(&net, a + 1u), SQ_SOCKET_INVALID);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(must_20__at_r1_the_next_hop_is_asked_for_again),
        cmocka_unit_test(must_20__a_next_hop_that_is_gone_is_found_out),
        cmocka_unit_test(must_54__an_icmp_error_reaches_the_connection_it_quotes),
        cmocka_unit_test(shld_26__a_hard_error_ends_an_opening),
        cmocka_unit_test(r1191__segments_shrink_to_what_a_router_says),
        cmocka_unit_test(may_2__a_syn_beyond_all_that_was_sent_opens_anew_from_time_wait),
        cmocka_unit_test(may_2__a_port_that_is_not_listened_on_any_more_reopens_nothing),
        cmocka_unit_test(must_30__urgent_text_both_ways),
        cmocka_unit_test(may_14__what_never_left_is_flushed),
        cmocka_unit_test(must_17__nagle_can_be_turned_off_while_text_waits),
        cmocka_unit_test(must_21__the_user_timeout_counts_for_what_is_sent_after_it),
        cmocka_unit_test(must_24__keepalive_is_turned_on_and_off),
        cmocka_unit_test(a_value_out_of_its_range__is_refused),
    };

    return cmocka_run_group_tests_name("requirements: path and options", tests, NULL, NULL);
}
