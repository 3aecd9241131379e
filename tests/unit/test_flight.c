/* SPDX-License-Identifier: MIT */
/* Runs in flight and Karn's rule. RFC 6298 3 and 5.4. The oracle is a record of every byte: when it left, how often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/flight.h"

#define BYTES 600u
#define SEEDS 200u
#define STEPS 400u
#define LATER SQ_TIME_MAX

static uint32_t draw(uint32_t *x, uint32_t below)
{
    *x = *x * 1664525u + 1013904223u;
    return (*x >> 8) % below;
}

static struct sq_flight empty(void)
{
    struct sq_flight f;

    memset(&f, 0, sizeof f);
    sq_flight_clear(&f);
    return f;
}

static uint32_t length(const struct sq_flight *f)
{
    return f->n == 0u ? 0u : f->run[f->n - 1u].end;
}

/* The list is full: SQ_RUNS runs of ten bytes, the one at 10 * i left at 1000 + i. */
static struct sq_flight full_list(void)
{
    struct sq_flight f = empty();

    for (uint32_t i = 0u; i < SQ_RUNS; i++) {
        sq_flight_sent(&f, 10u, 1000u + i);
    }
    return f;
}

static void segments_that_leave_together__are_one_run(void **state)
{
    struct sq_flight f = empty();

    (void)state;
    sq_flight_sent(&f, 10u, 5u);
    sq_flight_sent(&f, 20u, 5u);
    sq_flight_sent(&f, 30u, 6u);
    assert_int_equal(f.n, 2);
    assert_int_equal(f.run[0].end, 30);
    assert_int_equal(f.run[1].end, 60);
}

static void ack_inside_a_run__the_rest_is_nearer_and_keeps_its_time(void **state)
{
    struct sq_flight f = full_list();

    (void)state;
    sq_flight_acked(&f, 15u);
    assert_int_equal(f.n, SQ_RUNS - 1u);
    assert_int_equal(f.run[0].end, 5);
    assert_int_equal(length(&f), 10u * SQ_RUNS - 15u);
    assert_int_equal(sq_flight_sample(&f, 1u, LATER), 1001);
    assert_int_equal(sq_flight_sample(&f, 6u, LATER), 1002);
}

static void sample__is_the_time_of_the_last_acknowledged_byte(void **state)
{
    struct sq_flight f = full_list();

    (void)state;
    assert_int_equal(sq_flight_sample(&f, 10u, LATER), 1000);
    assert_int_equal(sq_flight_sample(&f, 11u, LATER), 1001);
    assert_int_equal(sq_flight_sample(&f, 10u * SQ_RUNS, LATER), 1000u + SQ_RUNS - 1u);
}

/* RFC 6298 3, Karn's rule. */
static void resent_bytes__give_no_sample_but_later_ones_do(void **state)
{
    struct sq_flight f = full_list();

    (void)state;
    sq_flight_lost(&f, 20u);
    sq_flight_resent(&f, 12u, 2000u);
    assert_int_equal(f.resend_from, 12);
    assert_true(sq_flight_sample(&f, 1u, LATER) == SQ_NEVER);
    assert_true(sq_flight_sample(&f, 20u, LATER) == SQ_NEVER);
    assert_int_equal(sq_flight_sample(&f, 21u, LATER), 1002);
    assert_int_equal(f.run[1].sent, 2000);
}

static void run_resent_in_parts__has_the_time_of_the_last_part(void **state)
{
    struct sq_flight f = full_list();

    (void)state;
    sq_flight_lost(&f, 40u);
    sq_flight_resent(&f, 12u, 2000u);
    sq_flight_resent(&f, 10u, 2100u);
    assert_int_equal(f.run[0].sent, 2000);
    assert_int_equal(f.run[1].sent, 2100);
    assert_int_equal(f.run[2].sent, 2100);
    assert_int_equal(f.run[3].sent, 1003);
}

static void new_bytes_beside_resent_ones__give_a_sample(void **state)
{
    struct sq_flight f = empty();

    (void)state;
    sq_flight_sent(&f, 10u, 1000u);
    sq_flight_lost(&f, 10u);
    sq_flight_resent(&f, 10u, 2000u);
    sq_flight_sent(&f, 10u, 2000u);
    assert_true(sq_flight_sample(&f, 10u, LATER) == SQ_NEVER);
    assert_int_equal(sq_flight_sample(&f, 11u, LATER), 2000);
}

static void clock_that_went_back__gives_no_sample(void **state)
{
    struct sq_flight f = full_list();

    (void)state;
    assert_int_equal(sq_flight_sample(&f, 10u, 1000u), 1000);
    assert_true(sq_flight_sample(&f, 10u, 999u) == SQ_NEVER);
}

/* RFC 6298 5.4: after a timeout everything in flight is sent again, less what an ACK takes meanwhile. */
static void ack_while_resending__moves_the_rest_nearer(void **state)
{
    struct sq_flight f = full_list();

    (void)state;
    sq_flight_lost(&f, 100u);
    sq_flight_resent(&f, 30u, 2000u);
    sq_flight_acked(&f, 20u);
    assert_int_equal(f.resend_from, 10);
    assert_int_equal(f.resend_to, 80);
    sq_flight_acked(&f, 60u);
    assert_int_equal(f.resend_from, 0);
    assert_int_equal(f.resend_to, 20);
    sq_flight_acked(&f, 30u);
    assert_int_equal(f.resend_to, 0);
}

static void full_list__joined_runs_give_no_sample_and_the_new_one_does(void **state)
{
    struct sq_flight f = full_list();

    (void)state;
    sq_flight_sent(&f, 10u, 3000u);
    assert_int_equal(f.n, SQ_RUNS);
    assert_int_equal(length(&f), 10u * SQ_RUNS + 10u);
    assert_int_equal(sq_flight_sample(&f, 10u * SQ_RUNS + 1u, LATER), 3000);
    assert_true(sq_flight_sample(&f, 10u * SQ_RUNS, LATER) == SQ_NEVER);
    assert_true(sq_flight_sample(&f, 10u * SQ_RUNS - 19u, LATER) == SQ_NEVER);
    assert_int_equal(sq_flight_sample(&f, 10u * SQ_RUNS - 20u, LATER), 1000u + SQ_RUNS - 3u);
}

static void full_list_with_resent_neighbours__loses_no_sample(void **state)
{
    struct sq_flight f = full_list();

    (void)state;
    sq_flight_lost(&f, 20u);
    sq_flight_resent(&f, 20u, 2000u);
    sq_flight_sent(&f, 10u, 3000u);
    assert_int_equal(f.n, SQ_RUNS);
    assert_int_equal(f.run[0].end, 20);
    for (uint32_t i = 2u; i < SQ_RUNS; i++) {
        assert_int_equal(sq_flight_sample(&f, 10u * i + 1u, LATER), 1000u + i);
    }
}

/* What is known of each byte in flight. */
struct record {
    uint32_t n, resend_from, resend_to;
    uint64_t first[BYTES], last[BYTES]; /* when it left */
    uint32_t times[BYTES];              /* how often */
};

static void record_sent(struct record *m, uint32_t n, uint64_t now)
{
    for (uint32_t x = m->n; x < m->n + n; x++) {
        m->first[x] = now;
        m->last[x] = now;
        m->times[x] = 1u;
    }
    m->n += n;
}

static void record_acked(struct record *m, uint32_t d)
{
    memmove(m->first, m->first + d, (BYTES - d) * sizeof m->first[0]);
    memmove(m->last, m->last + d, (BYTES - d) * sizeof m->last[0]);
    memmove(m->times, m->times + d, (BYTES - d) * sizeof m->times[0]);
    m->n -= d;
    m->resend_from = m->resend_from > d ? m->resend_from - d : 0u;
    m->resend_to = m->resend_to > d ? m->resend_to - d : 0u;
}

static void record_resent(struct record *m, uint32_t n, uint64_t now)
{
    for (uint32_t x = m->resend_from; x < m->resend_from + n; x++) {
        m->last[x] = now;
        m->times[x]++;
    }
    m->resend_from += n;
}

static void agree(const struct sq_flight *f, const struct record *m, uint64_t now, uint32_t *taken)
{
    assert_in_range(f->n, 0, SQ_RUNS);
    assert_int_equal(length(f), m->n);
    assert_int_equal(f->resend_from, m->resend_from);
    assert_int_equal(f->resend_to, m->resend_to);
    for (uint32_t i = 0u; i < f->n; i++) {
        assert_true((i == 0u ? 0u : f->run[i - 1u].end) < f->run[i].end);
    }
    for (uint32_t x = 0u; x < m->n; x++) {
        uint64_t sample = sq_flight_sample(f, x + 1u, now);

        if (sample != SQ_NEVER) { /* sent once, and exactly then */
            assert_int_equal(m->times[x], 1);
            assert_int_equal(m->last[x], sample);
            (*taken)++;
        }
    }
}

/* Nothing was joined yet: a byte without a sample left together with one that was resent. */
static void none_refused(const struct sq_flight *f, const struct record *m, uint64_t now)
{
    for (uint32_t x = 0u; x < m->n; x++) {
        bool together = false;

        for (uint32_t y = 0u; y < m->n; y++) {
            together = together || (m->first[y] == m->first[x] && m->times[y] > 1u);
        }
        assert_true(together || sq_flight_sample(f, x + 1u, now) == m->last[x]);
    }
}

static void random_walk__agrees_with_a_record_of_every_byte(void **state)
{
    static struct record m;
    uint32_t taken = 0u, full = 0u;

    (void)state;
    for (uint32_t seed = 1u; seed <= SEEDS; seed++) {
        struct sq_flight f = empty();
        uint32_t rng = seed, gone = 0u;
        uint64_t now = 1u;
        bool joined = false;

        memset(&m, 0, sizeof m);
        for (uint32_t step = 0u; step < STEPS; step++) {
            uint32_t n;

            now += draw(&rng, 3u);
            switch (draw(&rng, 8u)) {
            case 0:
                n = draw(&rng, m.n + 1u);
                sq_flight_acked(&f, n);
                record_acked(&m, n);
                gone += n;
                break;
            case 1:
                n = draw(&rng, m.n + 1u);
                sq_flight_lost(&f, n);
                m.resend_from = 0u;
                m.resend_to = n;
                break;
            case 2:
                if (m.resend_from < m.resend_to) {
                    n = 1u + draw(&rng, m.resend_to - m.resend_from);
                    sq_flight_resent(&f, n, now);
                    record_resent(&m, n, now);
                }
                break;
            default:
                n = 1u + draw(&rng, 20u);
                if (m.n + n <= BYTES) {
                    joined = joined || f.n == SQ_RUNS;
                    sq_flight_sent(&f, n, now);
                    record_sent(&m, n, now);
                }
                break;
            }
            agree(&f, &m, now, &taken);
            if (!joined && gone == 0u) {
                none_refused(&f, &m, now);
            }
        }
        full += joined ? 1u : 0u;
    }
    assert_true(taken > 0u && full > 0u); /* the walk took samples and reached the full list */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_that_leave_together__are_one_run),
        cmocka_unit_test(ack_inside_a_run__the_rest_is_nearer_and_keeps_its_time),
        cmocka_unit_test(sample__is_the_time_of_the_last_acknowledged_byte),
        cmocka_unit_test(resent_bytes__give_no_sample_but_later_ones_do),
        cmocka_unit_test(run_resent_in_parts__has_the_time_of_the_last_part),
        cmocka_unit_test(new_bytes_beside_resent_ones__give_a_sample),
        cmocka_unit_test(clock_that_went_back__gives_no_sample),
        cmocka_unit_test(ack_while_resending__moves_the_rest_nearer),
        cmocka_unit_test(full_list__joined_runs_give_no_sample_and_the_new_one_does),
        cmocka_unit_test(full_list_with_resent_neighbours__loses_no_sample),
        cmocka_unit_test(random_walk__agrees_with_a_record_of_every_byte),
    };

    return cmocka_run_group_tests_name("flight", tests, NULL, NULL);
}
