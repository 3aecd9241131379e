/* SPDX-License-Identifier: MIT */
/* Conversations that luck alone would seldom bring about. Each runs with initial numbers at every edge of the number space.
   RFC 9293 3.5, 3.6, 3.8.6.1, 3.10.5 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/sim_user.h"
#include "harness/trace.h"

#define SECOND 1000000u
#define HOUR (3600u * (uint64_t)SECOND)

static const uint32_t numbers[] = {0u,          1u,          1000u,       0x7ffffffeu, 0x7fffffffu,
                                   0x80000000u, 0xfffff000u, 0xfffffffeu, 0xffffffffu};
#define NUMBERS (sizeof numbers / sizeof numbers[0])

/* What a scenario sets before it opens, and what it asks afterwards. */
struct scenario {
    void (*begin)(struct sim_pair *p);
    void (*end)(struct sim_pair *p);
    bool both; /* simultaneous open */
    enum sim_outcome outcome;
};

static void play(const struct scenario *scenario)
{
    for (uint32_t n = 0u; n < NUMBERS; n++) {
        static struct sim_pair p;
        enum sim_outcome outcome;

        sim_pair_begin(&p, n + 1u);
        p.sim.end[0].iss = numbers[n];
        p.sim.end[1].iss = numbers[(n * 4u + 1u) % NUMBERS];
        if (scenario->begin != NULL) {
            scenario->begin(&p);
        }
        outcome = sim_pair_run(&p, scenario->both, HOUR);
        if (outcome != scenario->outcome) {
            print_message("# iss %u: %s\n", numbers[n], p.sim.fault);
        }
        assert_int_equal(outcome, scenario->outcome);
        if (scenario->end != NULL) {
            scenario->end(&p);
        }
        sim_pair_free(&p);
    }
}

static void expect_last(struct sim_pair *p, uint32_t a, uint32_t b)
{
    assert_string_equal(sq_trace_state_name(p->sim.end[0].last), sq_trace_state_name(a));
    assert_string_equal(sq_trace_state_name(p->sim.end[1].last), sq_trace_state_name(b));
}

/* ---- open ---- */

static void a_waits_b_does_not(struct sim_pair *p)
{
    expect_last(p, SQ_TIME_WAIT, SQ_LAST_ACK);
    assert_int_equal(p->sim.end[0].resent + p->sim.end[1].resent, 0);
}

static void b_closes_after_a(struct sim_pair *p)
{
    p->user[1].plan.closing = SIM_CLOSE_PEER;
}

static void a_perfect_network__nothing_is_sent_twice(void **state)
{
    (void)state;
    play(&(struct scenario){.begin = b_closes_after_a, .end = a_waits_b_does_not});
}

static void simultaneous_open__stands_and_carries_data(void **state)
{
    (void)state;
    play(&(struct scenario){.both = true});
}

static bool first_of_each(void *context, struct sim *s, uint32_t from, const struct sq_emit *e)
{
    (void)context;
    (void)e;
    return s->end[from].segments < 2u;
}

static void lose_the_opening(struct sim_pair *p)
{
    p->sim.lose = first_of_each;
}

static void both_ends_lose_their_first_segments__they_open_all_the_same(void **state)
{
    (void)state;
    play(&(struct scenario){.begin = lose_the_opening});
    play(&(struct scenario){.begin = lose_the_opening, .both = true});
}

/* ---- close ---- */

static void at_one_time(struct sim_pair *p)
{
    for (uint32_t i = 0u; i < 2u; i++) {
        p->user[i].plan.closing = SIM_CLOSE_AT;
        p->user[i].plan.close_at = 10u * SECOND;
        p->user[i].plan.total = 700u;
    }
}

static void both_wait(struct sim_pair *p)
{
    expect_last(p, SQ_TIME_WAIT, SQ_TIME_WAIT);
}

static void simultaneous_close__both_end_in_time_wait(void **state)
{
    (void)state;
    play(&(struct scenario){.begin = at_one_time, .end = both_wait});
}

static void a_says_little(struct sim_pair *p)
{
    p->user[0].plan.total = 10u;
    p->user[1].plan.total = 60000u;
    p->user[1].plan.closing = SIM_CLOSE_PEER;
}

static void half_close__the_other_way_goes_on(void **state)
{
    (void)state;
    play(&(struct scenario){.begin = a_says_little, .end = a_waits_b_does_not});
}

static void nothing_to_say(struct sim_pair *p)
{
    p->user[0].plan.total = 0u;
    p->user[1].plan.total = 0u;
}

static void close_without_data__both_finish(void **state)
{
    (void)state;
    play(&(struct scenario){.begin = nothing_to_say});
    play(&(struct scenario){.begin = nothing_to_say, .both = true});
}

static bool fin_once(void *context, struct sim *s, uint32_t from, const struct sq_emit *e)
{
    (void)context;
    return (e->flags & SQ_FIN) != 0u && s->end[from].resent == 0u;
}

static void lose_fins(struct sim_pair *p)
{
    p->sim.lose = fin_once;
}

static void first_fins_lost__both_finish(void **state)
{
    (void)state;
    play(&(struct scenario){.begin = lose_fins});
}

/* The last ACK is lost: the FIN comes again and TIME-WAIT answers it. */
static bool last_ack(void *context, struct sim *s, uint32_t from, const struct sq_emit *e)
{
    (void)context;
    return s->end[from].c.state == SQ_TIME_WAIT && e->len == 0u && s->end[1u - from].resent == 0u;
}

static void lose_last_ack(struct sim_pair *p)
{
    p->user[1].plan.closing = SIM_CLOSE_PEER;
    p->sim.end[0].settings.delayed_ack = 0u; /* the last ACK answers the FIN alone */
    p->sim.lose = last_ack;
}

static void b_sent_its_fin_again(struct sim_pair *p)
{
    expect_last(p, SQ_TIME_WAIT, SQ_LAST_ACK);
    assert_int_equal(p->sim.end[1].resent, 1);
    assert_int_equal(p->sim.end[0].resets, 0);
}

static void last_ack_lost__time_wait_answers_the_fin_again(void **state)
{
    (void)state;
    play(&(struct scenario){.begin = lose_last_ack, .end = b_sent_its_fin_again});
}

static void a_aborts(struct sim_pair *p)
{
    p->user[0].plan.total = 100000u;
    p->user[1].plan.total = 100000u;
    p->user[0].plan.abort_at = 300000u;
}

static void b_was_reset(struct sim_pair *p)
{
    assert_int_equal(p->sim.end[0].c.reason, SQ_REASON_ABORTED);
    assert_int_equal(p->sim.end[1].c.reason, SQ_REASON_RESET);
}

static void abort_while_data_flows__the_peer_is_reset(void **state)
{
    (void)state;
    play(&(struct scenario){.begin = a_aborts, .end = b_was_reset, .outcome = SIM_ABORTED});
}

/* ---- zero window. RFC 9293 3.8.6.1 ---- */

static void b_stops_reading(struct sim_pair *p)
{
    p->user[0].plan.total = 20000u;
    p->user[1].plan.stop_at = 3000u;
    p->user[1].plan.stop_for = 120u * (uint64_t)SECOND;
}

static void a_probed(struct sim_pair *p)
{
    assert_true(p->sim.end[0].probes > 0u);
    assert_true(p->sim.now > 120u * (uint64_t)SECOND);
}

static void receiver_stops_reading__sender_probes_and_goes_on(void **state)
{
    (void)state;
    play(&(struct scenario){.begin = b_stops_reading, .end = a_probed});
}

/* Every ACK that opens the window again is lost, unless it answers a probe. */
static bool update(void *context, struct sim *s, uint32_t from, const struct sq_emit *e)
{
    struct sim_pair *p = context;

    return from == 1u && p->user[1].stopped && e->len == 0u && e->flags == SQ_ACK &&
           e->window > 0u && s->end[0].c.send.wnd == 0u && s->end[0].c.send.flight == 0u;
}

static void lose_updates(struct sim_pair *p)
{
    b_stops_reading(p);
    p->sim.lose = update;
}

static void window_updates_lost__a_probe_finds_the_window_open(void **state)
{
    (void)state;
    play(&(struct scenario){.begin = lose_updates, .end = a_probed});
}

/* A receiver that stops for a minute in the middle of a stream both ways, over a network that loses, and takes it up again:
   judge() compares every byte. */
static void b_rests_a_minute(struct sim_pair *p)
{
    for (uint32_t i = 0u; i < 2u; i++) {
        p->user[i].plan.total = 200000u;
        p->sim.link[i].loss = 20u;
        p->sim.link[i].reorder = 20u;
        p->sim.end[i].settings.r2 = 100u * SECOND;
    }
    p->user[1].plan.stop_at = 50000u;
    p->user[1].plan.stop_for = 60u * (uint64_t)SECOND;
}

static void b_read_all(struct sim_pair *p)
{
    assert_int_equal(p->sim.end[1].received, 200000);
    assert_int_equal(p->sim.end[0].received, 200000);
    assert_true(p->sim.now > 60u * (uint64_t)SECOND);
    assert_true(p->sim.end[0].probes > 0u);
}

static void receiver_rests_a_minute__nothing_is_lost(void **state)
{
    (void)state;
    play(&(struct scenario){.begin = b_rests_a_minute, .end = b_read_all});
}

/* Probes are acknowledged for longer than R2: nobody gives up. MUST-37 */
static void shut_for_long(struct sim_pair *p)
{
    b_stops_reading(p);
    p->user[1].plan.stop_for = 1000u * (uint64_t)SECOND;
    p->sim.end[0].settings.r2 = 100u * SECOND;
}

static void window_shut_longer_than_r2__nobody_gives_up(void **state)
{
    (void)state;
    play(&(struct scenario){.begin = shut_for_long, .end = a_probed});
}

/* ---- rings ---- */

static void rings_of_one_byte(struct sim_pair *p)
{
    for (uint32_t i = 0u; i < 2u; i++) {
        sim_rings(&p->sim, i, 1u, 1u);
        p->user[i].plan.total = 200u;
    }
}

static void rings_of_one_byte__carry_everything(void **state)
{
    (void)state;
    play(&(struct scenario){.begin = rings_of_one_byte});
}

/* ---- the end of patience. RFC 9293 3.8.3 ---- */

static bool everything(void *context, struct sim *s, uint32_t from, const struct sq_emit *e)
{
    (void)context;
    (void)e;
    return s->end[from].stood;
}

static void cut(struct sim_pair *p)
{
    p->sim.lose = everything;
    p->sim.end[0].settings.r2 = 100u * SECOND;
    p->sim.end[1].settings.r2 = 100u * SECOND;
    p->sim.end[1].settings.half_open = 64u * SECOND;
}

static void a_timed_out(struct sim_pair *p)
{
    assert_int_equal(p->sim.end[0].c.reason, SQ_REASON_TIMED_OUT);
}

static void the_network_falls_silent__both_give_up(void **state)
{
    (void)state;
    play(&(struct scenario){.begin = cut, .end = a_timed_out, .outcome = SIM_FAILED});
}

/* Nothing to say, and the peer is gone: only keepalive finds out. RFC 9293 3.8.4 */
static bool after_a_minute(void *context, struct sim *s, uint32_t from, const struct sq_emit *e)
{
    (void)context;
    (void)from;
    (void)e;
    return s->now > 60u * (uint64_t)SECOND;
}

static void b_vanishes(struct sim_pair *p)
{
    p->user[0].plan.total = 1000u;
    p->user[0].plan.closing = SIM_CLOSE_PEER;
    p->user[1].plan.total = 1000u;
    p->user[1].plan.closing = SIM_CLOSE_AT;
    p->user[1].plan.close_at = 2u * HOUR;
    p->sim.lose = after_a_minute;
    p->sim.end[0].settings.keepalive = 1u;
    p->sim.end[0].settings.keep_idle = 600u;
    p->sim.end[0].settings.keep_interval = 75u;
    p->sim.end[0].settings.keep_probes = 10u;
}

static void a_found_out(struct sim_pair *p)
{
    const struct sim_end *a = &p->sim.end[0];

    assert_int_equal(a->c.state, SQ_CLOSED);
    assert_int_equal(a->c.reason, SQ_REASON_TIMED_OUT);
    assert_int_equal(a->received, 1000);
    assert_int_equal(p->sim.end[1].c.state, SQ_ESTABLISHED); /* it has no keepalive */
}

static void peer_vanishes__keepalive_finds_out(void **state)
{
    (void)state;
    play(&(struct scenario){.begin = b_vanishes, .end = a_found_out, .outcome = SIM_FAILED});
}

/* The same, but the peer is there, and silent: it is asked and stays. */
static void b_is_silent(struct sim_pair *p)
{
    b_vanishes(p);
    p->sim.lose = NULL;
    p->user[1].plan.close_at = HOUR - SECOND;
    p->sim.end[0].settings.time_wait = p->sim.end[1].settings.time_wait = SECOND / 2u;
}

static void a_asked(struct sim_pair *p)
{
    assert_int_equal(p->sim.end[0].c.reason, SQ_REASON_DONE);
    assert_in_range(p->sim.end[1].segments, 5u + 3u, 5u + 6u); /* five probes, each answered */
}

static void silent_peer__answers_keepalive_and_stays(void **state)
{
    (void)state;
    play(&(struct scenario){.begin = b_is_silent, .end = a_asked});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_perfect_network__nothing_is_sent_twice),
        cmocka_unit_test(simultaneous_open__stands_and_carries_data),
        cmocka_unit_test(both_ends_lose_their_first_segments__they_open_all_the_same),
        cmocka_unit_test(simultaneous_close__both_end_in_time_wait),
        cmocka_unit_test(half_close__the_other_way_goes_on),
        cmocka_unit_test(close_without_data__both_finish),
        cmocka_unit_test(first_fins_lost__both_finish),
        cmocka_unit_test(last_ack_lost__time_wait_answers_the_fin_again),
        cmocka_unit_test(abort_while_data_flows__the_peer_is_reset),
        cmocka_unit_test(receiver_stops_reading__sender_probes_and_goes_on),
        cmocka_unit_test(window_updates_lost__a_probe_finds_the_window_open),
        cmocka_unit_test(receiver_rests_a_minute__nothing_is_lost),
        cmocka_unit_test(peer_vanishes__keepalive_finds_out),
        cmocka_unit_test(silent_peer__answers_keepalive_and_stays),
        cmocka_unit_test(window_shut_longer_than_r2__nobody_gives_up),
        cmocka_unit_test(rings_of_one_byte__carry_everything),
        cmocka_unit_test(the_network_falls_silent__both_give_up),
    };

    return cmocka_run_group_tests_name("simulation: scenarios", tests, NULL, NULL);
}
