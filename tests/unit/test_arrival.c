/* SPDX-License-Identifier: MIT */
/* Whose a segment is: connections before listeners, listeners by address, and what answers the rest. RFC 9293 3.10.7.1,
   3.10.7.2. The fate of half-open entries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/arrival.h"

#define HERE 0xC0000201u
#define ALSO 0xC0000202u
#define PEER 0xC6336401u

static struct sq_slot slots[SQ_BUCKET * 2u];
static struct sq_name names[4];
static struct sq_listen l[3];

static struct sq_index set_up(void)
{
    struct sq_index t = {slots, names, 1u, 4u, sq_sip_start((struct sq_key){1u, 2u})};

    sq_index_clear(t);
    for (uint32_t i = 0u; i < 3u; i++) {
        sq_listen_close(&l[i]);
    }
    sq_listen_open(&l[0], 0u, 80u, 2u);
    sq_listen_open(&l[2], ALSO, 80u, 1u);
    return t;
}

static struct sq_arrival arrives(struct sq_index t, uint32_t address, uint32_t port, uint32_t flags)
{
    struct sq_ends e = {address, PEER, port, 1024u};

    return sq_arrival(t, l, 3u, e, flags, 1000u, 2000u, 10u);
}

static void connection__comes_before_its_listener(void **state)
{
    struct sq_index t = set_up();
    struct sq_arrival r;

    (void)state;
    assert_int_equal(sq_index_insert(t, 3u, (struct sq_ends){HERE, PEER, 80u, 1024u}), 1);
    r = arrives(t, HERE, 80u, SQ_SYN);
    assert_int_equal(r.kind, SQ_ARRIVAL_CONNECTION);
    assert_int_equal(r.entry, 3);
    assert_int_equal(l[0].half_open, 0);
}

static void syn__opens_at_the_listener_that_names_the_address(void **state)
{
    struct sq_index t = set_up();
    struct sq_arrival r = arrives(t, ALSO, 80u, SQ_SYN);

    (void)state;
    assert_int_equal(r.kind, SQ_ARRIVAL_OPENS);
    assert_int_equal(r.listener, 2);
    assert_int_equal(l[2].half_open, 1);
    r = arrives(t, HERE, 80u, SQ_SYN);
    assert_int_equal(r.listener, 0);
    assert_int_equal(l[0].half_open, 1);
}

static void full_backlog__drops_the_syn_and_says_nothing(void **state)
{
    struct sq_index t = set_up();

    (void)state;
    assert_int_equal(arrives(t, ALSO, 80u, SQ_SYN).kind, SQ_ARRIVAL_OPENS);
    assert_int_equal(arrives(t, ALSO, 80u, SQ_SYN).kind, SQ_ARRIVAL_FULL);
    assert_int_equal(arrives(t, ALSO, 80u, SQ_SYN).reset.due, 0);
    assert_int_equal(l[2].half_open, 1);
}

/* RFC 9293 3.10.7.2: a RST is ignored, an ACK is answered by a RST with its number, the rest is dropped. */
static void listener__takes_nothing_but_a_syn(void **state)
{
    struct sq_index t = set_up();
    struct sq_arrival r = arrives(t, HERE, 80u, SQ_ACK);

    (void)state;
    assert_int_equal(r.kind, SQ_ARRIVAL_ANSWERED);
    assert_int_equal(r.reset.flags, SQ_RST);
    assert_int_equal(r.reset.seq, 2000);
    assert_int_equal(arrives(t, HERE, 80u, SQ_SYN | SQ_ACK).kind, SQ_ARRIVAL_ANSWERED);
    assert_int_equal(arrives(t, HERE, 80u, SQ_RST).kind, SQ_ARRIVAL_DROPPED);
    assert_int_equal(arrives(t, HERE, 80u, SQ_SYN | SQ_RST).kind, SQ_ARRIVAL_DROPPED);
    assert_int_equal(arrives(t, HERE, 80u, SQ_FIN).kind, SQ_ARRIVAL_DROPPED);
    assert_int_equal(arrives(t, HERE, 80u, 0u).kind, SQ_ARRIVAL_DROPPED);
    assert_int_equal(l[0].half_open, 0);
}

/* RFC 9293 3.10.7.1 */
static void closed_port__is_answered_by_a_reset(void **state)
{
    struct sq_index t = set_up();
    struct sq_arrival r = arrives(t, HERE, 81u, SQ_SYN);

    (void)state;
    assert_int_equal(r.kind, SQ_ARRIVAL_ANSWERED);
    assert_int_equal(r.entry, SQ_NOBODY);
    assert_int_equal(r.reset.flags, SQ_RST | SQ_ACK);
    assert_int_equal(r.reset.ack, 1011); /* ten bytes and the SYN */
    assert_int_equal(arrives(t, HERE, 81u, 0u).kind, SQ_ARRIVAL_ANSWERED);
    assert_int_equal(arrives(t, HERE, 81u, SQ_RST | SQ_ACK).kind, SQ_ARRIVAL_DROPPED);
    assert_int_equal(arrives(t, HERE, 0u, SQ_SYN).kind, SQ_ARRIVAL_ANSWERED);
}

static void half_open_entry__stays_opens_or_goes(void **state)
{
    struct sq_listen one;

    (void)state;
    sq_listen_open(&one, 0u, 80u, 2u);
    assert_int_equal(sq_listen_begin(&one), 1);
    assert_int_equal(sq_listen_settle(&one, SQ_SYN_RECEIVED), SQ_SETTLED_STAYS);
    assert_int_equal(one.half_open, 1);
    assert_int_equal(sq_listen_settle(&one, SQ_LISTEN), SQ_SETTLED_GONE);
    assert_int_equal(one.half_open, 0);
    assert_int_equal(sq_listen_begin(&one), 1);
    assert_int_equal(sq_listen_settle(&one, SQ_CLOSED), SQ_SETTLED_GONE);
    assert_int_equal(sq_listen_begin(&one), 1);
    assert_int_equal(sq_listen_settle(&one, SQ_CLOSE_WAIT), SQ_SETTLED_OPEN);
    assert_int_equal(one.half_open, 0);
    assert_int_equal(one.waiting, 1);
    assert_int_equal(sq_listen_begin(&one), 1);
    assert_int_equal(sq_listen_begin(&one), 0); /* one waits, one is half-open */
    sq_listen_accept(&one);
    assert_int_equal(sq_listen_begin(&one), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connection__comes_before_its_listener),
        cmocka_unit_test(syn__opens_at_the_listener_that_names_the_address),
        cmocka_unit_test(full_backlog__drops_the_syn_and_says_nothing),
        cmocka_unit_test(listener__takes_nothing_but_a_syn),
        cmocka_unit_test(closed_port__is_answered_by_a_reset),
        cmocka_unit_test(half_open_entry__stays_opens_or_goes),
    };

    return cmocka_run_group_tests_name("arrival", tests, NULL, NULL);
}
