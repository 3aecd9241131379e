/* SPDX-License-Identifier: MIT */
/* The example of the README, run: a client talks to it segment by segment and hears what it said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/embed/example.c"

#define WIRE 64u /* segments on their way */

/* Both directions of a wire that loses nothing; [0]: to the server. */
static struct wire {
    uint8_t bytes[WIRE][SQ_HEADER_MAX + 1460];
    uint32_t len[WIRE], first, last;
} wire[2];

static void put(struct wire *w, const struct sq_emit *e, const uint8_t *ring)
{
    struct sq_header h = {.source_port = 1u, .destination_port = 2u};
    uint8_t *p = w->bytes[w->last % WIRE];
    uint32_t n;

    h.seq = e->seq;
    h.ack = e->ack;
    h.flags = e->flags;
    h.window = e->window;
    h.has_mss = e->mss != 0u;
    h.mss = e->mss;
    n = sq_header_emit(p, &h);
    memcpy(p + n, ring + e->text.at, e->text.len);
    memcpy(p + n + e->text.len, ring + e->text.at2, e->text.len2);
    w->len[w->last % WIRE] = n + e->len;
    w->last++;
    assert_true(w->last - w->first <= WIRE);
}

static void from_server(const struct sq_emit *e, const uint8_t *ring)
{
    put(&wire[1], e, ring);
}

static void client_polls(struct sq_conn *client, const uint8_t *ring, uint64_t now)
{
    struct sq_emit e;

    while (sq_output(client, &e, 1460u, now) != SQ_DUE_NONE) {
        put(&wire[0], &e, ring);
    }
}

static void the_readmes_example__echoes_and_closes(void **state)
{
    static uint8_t send[4096], receive[4096], said[3000], heard[3000];
    struct sq_settings s;
    struct sq_conn client;
    uint32_t at = 0u, back = 0u;
    uint64_t now = 0u;

    (void)state;
    for (uint32_t i = 0u; i < sizeof said; i++) {
        said[i] = (uint8_t)(i * 7u + i / 256u);
    }
    sq_settings_default(&s);
    sq_init(&c);
    assert_int_equal(sq_open_passive(&c, &s, sizeof out, sizeof in), SQ_OK);
    sq_init(&client);
    assert_int_equal(sq_open_active(&client, &s, sizeof send, sizeof receive, 7u), SQ_OK);
    client_polls(&client, send, now);
    for (uint32_t turn = 0u; turn < 10000u && c.state != SQ_CLOSED; turn++) {
        now += 1000u;
        if (wire[0].first < wire[0].last) {
            uint32_t k = wire[0].first++ % WIRE;

            echo(wire[0].bytes[k], wire[0].len[k], now, 99u, from_server);
        } else {
            echo(said, 0u, now, 99u, from_server);
        }
        while (wire[1].first < wire[1].last) {
            uint32_t k = wire[1].first++ % WIRE;
            struct sq_header h;

            assert_int_equal(sq_header_parse(wire[1].bytes[k], wire[1].len[k], &h), 1);
            sq_input(&client, receive, &h, wire[1].bytes[k] + h.length,
                     &(struct sq_segment_info){now, wire[1].len[k] - h.length, 0u});
        }
        at += sq_write(&client, send, said + at, (uint32_t)sizeof said - at, now);
        back += sq_read(&client, receive, heard + back, (uint32_t)sizeof heard - back);
        if (back == sizeof said && client.state == SQ_ESTABLISHED) {
            assert_int_equal(sq_close(&client, now), SQ_OK);
        }
        client_polls(&client, send, now);
        assert_int_equal(sq_valid(&c), 1);
        assert_int_equal(sq_valid(&client), 1);
    }
    assert_int_equal(back, sizeof said);
    assert_memory_equal(said, heard, sizeof said);
    assert_int_equal(c.state, SQ_CLOSED);
    assert_int_equal(c.reason, SQ_REASON_DONE);
    assert_int_equal(client.state, SQ_TIME_WAIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_readmes_example__echoes_and_closes),
    };

    return cmocka_run_group_tests_name("embedding", tests, NULL, NULL);
}
