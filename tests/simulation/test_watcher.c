/* SPDX-License-Identifier: MIT */
/* The simulation's own eyes: each thing it watches for is done once on purpose, and must be seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "harness/sim_user.h"

#define HOUR 3600000000u

static struct sim_pair p;

static void expect_fault(const char *what)
{
    assert_int_equal(sim_pair_run(&p, false, HOUR), SIM_FAILED);
    if (strstr(p.sim.fault, what) == NULL) {
        print_message("# expected a fault that says '%s', met '%s'\n", what, p.sim.fault);
    }
    assert_non_null(strstr(p.sim.fault, what));
    sim_pair_free(&p);
}

static void one_byte_changed_before_it_is_read__is_seen(void **state)
{
    (void)state;
    sim_pair_begin(&p, 1u);
    p.spoil = true;
    expect_fault("end 0 read a wrong byte 0");
}

/* Corruption gets through to the streams or to the numbers: over some seeds the bytes themselves must be seen wrong. */
static void checksum_not_verified__is_seen(void **state)
{
    uint32_t wrong = 0u, bytes = 0u;

    (void)state;
    for (uint64_t seed = 1u; seed <= 50u; seed++) {
        sim_pair_begin(&p, seed);
        p.sim.link[0].corrupt = 200u;
        p.sim.link[1].corrupt = 200u;
        assert_int_equal(sim_pair_run(&p, false, HOUR), SIM_DONE);
        assert_true(p.sim.refused > 0u || p.sim.corrupted == 0u);
        sim_pair_free(&p);

        sim_pair_begin(&p, seed);
        p.sim.link[0].corrupt = 200u;
        p.sim.link[1].corrupt = 200u;
        p.sim.no_checksum = true;
        if (sim_pair_run(&p, false, HOUR) == SIM_FAILED) {
            wrong++;
            bytes += strstr(p.sim.fault, "read a wrong byte") != NULL;
        }
        sim_pair_free(&p);
    }
    print_message("# of 50 runs %u failed, %u of them for a byte of the stream\n", wrong, bytes);
    assert_true(wrong > 25u && bytes > 10u);
}

static bool third(void *context, struct sim *s, uint32_t from, const struct sq_emit *e)
{
    (void)context;
    (void)e;
    return from == 0u && s->end[0].segments == 3u;
}

static void timers_never_fire__is_seen(void **state)
{
    (void)state;
    sim_pair_begin(&p, 1u);
    p.sim.lose = third;
    assert_int_equal(sim_pair_run(&p, false, HOUR), SIM_DONE);
    sim_pair_free(&p);

    sim_pair_begin(&p, 1u);
    p.sim.lose = third;
    p.sim.no_timers = true;
    expect_fault("not closed at the end");
}

/* The block as memory faults would leave it, in the middle of a conversation. */
static void damage(void (*change)(struct sq_conn *c))
{
    sim_pair_begin(&p, 1u);
    p.sim.act = NULL;
    assert_int_equal(sim_open(&p.sim, 1u, false), SQ_OK);
    assert_int_equal(sim_open(&p.sim, 0u, true), SQ_OK);
    sim_poll(&p.sim, 0u);
    sim_send(&p.sim, 0u, 4000u);
    while (p.sim.end[0].c.state != SQ_ESTABLISHED) {
        assert_true(sim_step(&p.sim));
    }
    change(&p.sim.end[0].c);
}

static void finish(const char *what)
{
    while (sim_step(&p.sim)) {
    }
    if (strstr(p.sim.fault, what) == NULL) {
        print_message("# expected a fault that says '%s', met '%s'\n", what, p.sim.fault);
    }
    assert_non_null(strstr(p.sim.fault, what));
    sim_pair_free(&p);
}

static void forget_timer(struct sq_conn *c)
{
    c->times.rexmit = SQ_NEVER;
    c->times.user = SQ_NEVER;
}

static void ignore_window(struct sq_conn *c)
{
    c->send.wnd = 60000u;
    c->send.max_wnd = 60000u;
    c->send.offered = 60000u;
    c->congestion.cwnd = 60000u;
}

static void ignore_mss(struct sq_conn *c)
{
    c->send.mss = 3000u;
    c->congestion.cwnd = 8000u;
    c->congestion.ssthresh = 8000u;
}

static void pull_edge_back(struct sq_conn *c)
{
    c->receive.wnd -= 2000u;
    c->receive.used += 2000u;
    c->owed.ack = 1u;
}

static void nothing(struct sq_conn *c)
{
    (void)c;
}

static void flight_without_a_clock__is_not_valid(void **state)
{
    (void)state;
    damage(forget_timer);
    assert_int_equal(sq_valid(&p.sim.end[0].c), 0u);
    sim_poll(&p.sim, 0u);
    finish("is not valid");
}

static void text_beyond_the_window__is_seen(void **state)
{
    (void)state;
    damage(ignore_window);
    sim_poll(&p.sim, 0u);
    sim_rings(&p.sim, 0u, 60000u, 4096u);
    p.sim.end[0].c.send.capacity = 60000u;
    for (uint32_t k = 0u; k < 4000u; k++) { /* what was in the old ring */
        p.sim.end[0].send_ring[k] = sim_byte(&p.sim, 0u, k);
    }
    sim_send(&p.sim, 0u, 50000u);
    sim_poll(&p.sim, 0u);
    finish("beyond the window");
}

static void text_longer_than_the_mss__is_seen(void **state)
{
    (void)state;
    damage(nothing);
    while (sim_receive(&p.sim, 1u, 4000u) > 0u || p.sim.end[0].c.send.flight > 0u ||
           p.sim.end[0].c.send.wnd < 2000u) {
        sim_poll(&p.sim, 1u);
        assert_true(sim_step(&p.sim));
    }
    ignore_mss(&p.sim.end[0].c);
    sim_send(&p.sim, 0u, 4000u);
    sim_poll(&p.sim, 0u);
    finish("for an MSS of 1460");
}

static void right_edge_moved_back__is_seen(void **state)
{
    (void)state;
    damage(pull_edge_back);
    sim_poll(&p.sim, 0u);
    finish("moved its right edge back");
}

static void a_byte_changed_in_the_send_ring__is_seen(void **state)
{
    (void)state;
    damage(nothing);
    sim_send(&p.sim, 0u, 90u);
    p.sim.end[0].send_ring[4001] ^= 1u;
    sim_poll(&p.sim, 0u);
    finish("wrong byte 4001 on the wire");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_byte_changed_before_it_is_read__is_seen),
        cmocka_unit_test(checksum_not_verified__is_seen),
        cmocka_unit_test(timers_never_fire__is_seen),
        cmocka_unit_test(flight_without_a_clock__is_not_valid),
        cmocka_unit_test(text_beyond_the_window__is_seen),
        cmocka_unit_test(text_longer_than_the_mss__is_seen),
        cmocka_unit_test(right_edge_moved_back__is_seen),
        cmocka_unit_test(a_byte_changed_in_the_send_ring__is_seen),
    };

    return cmocka_run_group_tests_name("simulation: what it watches for", tests, NULL, NULL);
}
