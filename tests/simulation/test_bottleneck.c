/* SPDX-License-Identifier: MIT */
/* A bottleneck: so many bytes a second, a queue of so many bytes, what finds it full is lost (drop-tail). One connection fills
   it, two share it, ACKs are lost, segments overtake each other, the round trip jumps. Every byte is compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/sim_user.h"

#define SECOND 1000000u
#define HOUR (3600u * (uint64_t)SECOND)
#define RATE 1000000u /* bytes a second, both ways */
#define QUEUE 40000u  /* as much as the path holds: 40 ms of the rate */
#define BYTES 20000000u

/* A sends much, B nothing; the path holds 40 ms of the rate. */
static void begin(struct sim_pair *p, uint64_t seed)
{
    sim_pair_begin(p, seed);
    for (uint32_t i = 0u; i < 2u; i++) {
        p->sim.link[i].rate = RATE;
        p->sim.link[i].queue = QUEUE;
        sim_rings(&p->sim, i, 262144u, 262144u);
        p->sim.end[i].settings.shift = 3u;
        p->user[i].plan.write = p->user[i].plan.read = 65536u;
    }
    p->user[0].plan.total = BYTES;
    p->user[1].plan.total = 0u;
}

static void run(struct sim_pair *p)
{
    enum sim_outcome outcome = sim_pair_run(p, false, HOUR);

    if (outcome != SIM_DONE) {
        print_message("# seed %u: %s\n", (unsigned)p->sim.seed, p->sim.fault);
    }
    assert_int_equal(outcome, SIM_DONE);
}

/* Until the last byte was read, TIME-WAIT left out: bytes a second. */
static uint32_t goodput(const struct sim_pair *p)
{
    uint64_t spent = p->sim.now - p->sim.end[0].settings.time_wait;

    return (uint32_t)(p->sim.end[1].received * SECOND / spent);
}

static void one_connection__fills_the_bottleneck_and_loses_to_its_queue(void **state)
{
    static struct sim_pair p;

    (void)state;
    begin(&p, 1u);
    run(&p);
    print_message("# %u bytes a second of %u, %u segments lost, %u sent again\n", goodput(&p), RATE,
                  p.sim.lost, p.sim.end[0].resent);
    assert_in_range(goodput(&p), RATE * 7u / 10u, RATE);
    assert_true(p.sim.lost > 0u);
    sim_pair_free(&p);
}

/* Both begin at once and go on for BYTES each; while both send, how much of the bottleneck each has. */
static void two_connections__share_the_bottleneck(void **state)
{
    (void)state;
    for (uint64_t seed = 1u; seed <= 5u; seed++) {
        static struct sim_pair p[2];
        uint64_t busy[2] = {0u, 0u}, a, b, last = 0u;

        for (uint32_t k = 0u; k < 2u; k++) {
            begin(&p[k], seed + 100u * k);
            p[k].sim.link[0].jitter = 2000u; /* else the same one always finds the queue full */
            p[k].sim.shared[0] = &busy[0];
            p[k].sim.shared[1] = &busy[1];
            assert_int_equal(sim_pair_open(&p[k], false), SIM_DONE);
        }
        for (;;) {
            uint32_t k = sim_next(&p[0].sim) <= sim_next(&p[1].sim) ? 0u : 1u;

            if (p[0].sim.end[1].received == BYTES || p[1].sim.end[1].received == BYTES) {
                break;
            }
            assert_true(sim_next(&p[k].sim) >= last);
            last = sim_next(&p[k].sim);
            assert_true(sim_step(&p[k].sim));
        }
        a = p[0].sim.end[1].received;
        b = p[1].sim.end[1].received;
        print_message("# seed %u: %u and %u bytes, ratio %u.%02u, together %u bytes a second\n",
                      (unsigned)seed, (unsigned)a, (unsigned)b,
                      (unsigned)((a > b ? a : b) / (a < b ? a : b)),
                      (unsigned)((a > b ? a : b) * 100u / (a < b ? a : b) % 100u),
                      (unsigned)((a + b) * SECOND / last));
        assert_true((a > b ? a : b) < 3u * (a < b ? a : b));
        assert_true((a + b) * SECOND / last > RATE * 7u / 10u);
        sim_pair_free(&p[0]);
        sim_pair_free(&p[1]);
    }
}

/* An ACK says all that those before it said. */
static void three_acks_of_ten_lost__the_stream_goes_on(void **state)
{
    static struct sim_pair p;

    (void)state;
    begin(&p, 7u);
    p.sim.link[1].loss = 300u;
    run(&p);
    print_message("# %u bytes a second of %u\n", goodput(&p), RATE);
    assert_true(goodput(&p) > RATE / 5u);
    sim_pair_free(&p);
}

/* Segments come ever later than those behind them. Nothing is lost, but what is deep enough looks like it. */
static void reordering__costs_but_loses_nothing(void **state)
{
    static const uint32_t depth[] = {0u, 500u, 3000u, 20000u};

    (void)state;
    for (size_t k = 0u; k < 4u; k++) {
        static struct sim_pair p;

        begin(&p, 9u);
        p.user[0].plan.total = BYTES / 10u;
        p.sim.link[0].jitter = depth[k];
        run(&p);
        print_message("# up to %u us late: %u bytes a second, %u sent again\n", depth[k],
                      goodput(&p), p.sim.end[0].resent);
        sim_pair_free(&p);
    }
}

/* The round trip grows tenfold at once: some text goes again in vain, the timer learns, and the stream goes on. */
static void round_trip_jumps__the_timer_follows(void **state)
{
    static struct sim_pair p;

    (void)state;
    begin(&p, 11u);
    assert_int_equal(sim_pair_open(&p, false), SIM_DONE);
    assert_false(sim_run(&p.sim, 5u * (uint64_t)SECOND));
    assert_string_equal(p.sim.fault, "");
    p.sim.link[0].delay = p.sim.link[1].delay = 400000u;
    assert_false(sim_run(&p.sim, 25u * (uint64_t)SECOND));
    assert_in_range(p.sim.end[0].c.rtt.srtt, 750000u, 900000u);
    assert_true(sim_run(&p.sim, HOUR));
    assert_int_equal(p.sim.end[1].received, BYTES);
    assert_int_equal(p.sim.end[0].c.reason, SQ_REASON_DONE);
    print_message("# %u of %u segments went again\n", p.sim.end[0].resent, p.sim.end[0].segments);
    assert_true(p.sim.end[0].resent < p.sim.end[0].segments / 5u);
    sim_pair_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_connection__fills_the_bottleneck_and_loses_to_its_queue),
        cmocka_unit_test(two_connections__share_the_bottleneck),
        cmocka_unit_test(three_acks_of_ten_lost__the_stream_goes_on),
        cmocka_unit_test(reordering__costs_but_loses_nothing),
        cmocka_unit_test(round_trip_jumps__the_timer_follows),
    };

    return cmocka_run_group_tests_name("simulation: bottleneck", tests, NULL, NULL);
}
