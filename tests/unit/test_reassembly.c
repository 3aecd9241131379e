/* SPDX-License-Identifier: MIT */
/* Ranges beyond RCV.NXT. RFC 9293 3.10.7.4. The oracle is a map with one flag for each byte of the window. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/reassembly.h"

#define WINDOW 200u
#define SEEDS 200u
#define STEPS 300u

static uint32_t draw(uint32_t *x, uint32_t below)
{
    *x = *x * 1664525u + 1013904223u;
    return (*x >> 8) % below;
}

static bool covers(const struct sq_reassembly *r, uint32_t x)
{
    for (uint32_t i = 0u; i < r->n; i++) {
        if (r->lo[i] <= x && x < r->hi[i]) {
            return true;
        }
    }
    return false;
}

/* Ranges [10, 20), [30, 40), ... until the list is full. */
static struct sq_reassembly full_list(void)
{
    struct sq_reassembly r;

    memset(&r, 0, sizeof r);
    sq_reassembly_clear(&r);
    for (uint32_t i = 0u; i < SQ_RANGES; i++) {
        assert_int_equal(sq_reassembly_insert(&r, 20u * i + 10u, 20u * i + 20u, WINDOW), 1);
    }
    return r;
}

static void ranges_that_touch__are_one(void **state)
{
    struct sq_reassembly r;

    (void)state;
    memset(&r, 0, sizeof r);
    sq_reassembly_clear(&r);
    assert_int_equal(sq_reassembly_insert(&r, 20u, 30u, WINDOW), 1);
    assert_int_equal(sq_reassembly_insert(&r, 10u, 20u, WINDOW), 1);
    assert_int_equal(sq_reassembly_insert(&r, 30u, 31u, WINDOW), 1);
    assert_int_equal(r.n, 1);
    assert_int_equal(r.lo[0], 10);
    assert_int_equal(r.hi[0], 31);
}

static void segment_over_many_ranges__swallows_them(void **state)
{
    struct sq_reassembly r = full_list();

    (void)state;
    assert_int_equal(sq_reassembly_insert(&r, 15u, 55u, WINDOW), 1);
    assert_int_equal(r.n, SQ_RANGES - 2u);
    assert_int_equal(r.lo[0], 10);
    assert_int_equal(r.hi[0], 60);
    assert_int_equal(r.lo[1], 70);
}

static void full_list__refuses_a_new_range_and_keeps_the_others(void **state)
{
    struct sq_reassembly r = full_list(), before = r;

    (void)state;
    assert_int_equal(sq_reassembly_insert(&r, 22u, 28u, WINDOW), 0);
    assert_memory_equal(&r, &before, sizeof r);
}

static void full_list__still_takes_what_touches_a_range(void **state)
{
    struct sq_reassembly r = full_list();

    (void)state;
    assert_int_equal(sq_reassembly_insert(&r, 20u, 25u, WINDOW), 1);
    assert_int_equal(r.n, SQ_RANGES);
    assert_int_equal(r.hi[0], 25);
}

static void gap_filled__rcv_nxt_moves_over_what_waited(void **state)
{
    struct sq_reassembly r = full_list();

    (void)state;
    assert_int_equal(sq_reassembly_front(&r, 10u, WINDOW), 20);
    assert_int_equal(r.n, SQ_RANGES - 1u);
    assert_int_equal(r.lo[0], 10);
    assert_int_equal(r.hi[0], 20);
}

static void gap_not_filled__rcv_nxt_moves_by_the_segment(void **state)
{
    struct sq_reassembly r = full_list();

    (void)state;
    assert_int_equal(sq_reassembly_front(&r, 9u, WINDOW), 9);
    assert_int_equal(r.n, SQ_RANGES);
    assert_int_equal(r.lo[0], 1);
}

static void segment_over_everything__rcv_nxt_moves_to_its_end(void **state)
{
    struct sq_reassembly r = full_list();

    (void)state;
    assert_int_equal(sq_reassembly_front(&r, WINDOW, WINDOW), WINDOW);
    assert_int_equal(r.n, 0);
}

static void agree(const struct sq_reassembly *r, const bool *map, uint32_t limit)
{
    assert_in_range(r->n, 0, SQ_RANGES);
    for (uint32_t i = 0u; i < r->n; i++) {
        assert_true((i == 0u ? 0u : r->hi[i - 1u]) < r->lo[i]);
        assert_true(r->lo[i] < r->hi[i] && r->hi[i] <= limit);
    }
    for (uint32_t x = 0u; x < WINDOW; x++) {
        assert_int_equal(covers(r, x), map[x]);
    }
}

/* [a, b) of the map is taken, unless it would be one range too many. */
static uint32_t map_insert(bool *map, uint32_t ranges, uint32_t a, uint32_t b)
{
    bool touches = false;

    for (uint32_t x = a - 1u; x <= b && x < WINDOW; x++) {
        touches = touches || map[x];
    }
    if (!touches && ranges == SQ_RANGES) {
        return 0u;
    }
    memset(map + a, 1, b - a);
    return 1u;
}

/* n bytes at the front of the map are in order. */
static uint32_t map_front(bool *map, uint32_t n)
{
    uint32_t move = n;

    while (move < WINDOW && map[move]) {
        move++;
    }
    memmove(map, map + move, WINDOW - move);
    memset(map + (WINDOW - move), 0, move);
    return move;
}

static void random_arrivals__agree_with_a_map_of_bytes(void **state)
{
    uint32_t refused = 0u;

    (void)state;
    for (uint32_t seed = 1u; seed <= SEEDS; seed++) {
        struct sq_reassembly r;
        bool map[WINDOW] = {false};
        uint32_t rng = seed;

        memset(&r, 0, sizeof r);
        sq_reassembly_clear(&r);
        for (uint32_t step = 0u; step < STEPS; step++) {
            if (draw(&rng, 20u) == 0u) {
                uint32_t n = 1u + draw(&rng, 20u), move = map_front(map, n);

                assert_int_equal(sq_reassembly_front(&r, n, WINDOW), move);
                agree(&r, map, WINDOW - move);
            } else {
                uint32_t a = 1u + draw(&rng, WINDOW - 1u), most = WINDOW - a;
                uint32_t b = a + 1u + draw(&rng, most < 8u ? most : 8u);
                uint32_t taken = map_insert(map, r.n, a, b);

                assert_int_equal(sq_reassembly_insert(&r, a, b, WINDOW), taken);
                agree(&r, map, WINDOW);
                refused += taken == 0u ? 1u : 0u;
            }
        }
    }
    assert_true(refused > 0u); /* the walk reached the full list */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_that_touch__are_one),
        cmocka_unit_test(segment_over_many_ranges__swallows_them),
        cmocka_unit_test(full_list__refuses_a_new_range_and_keeps_the_others),
        cmocka_unit_test(full_list__still_takes_what_touches_a_range),
        cmocka_unit_test(gap_filled__rcv_nxt_moves_over_what_waited),
        cmocka_unit_test(gap_not_filled__rcv_nxt_moves_by_the_segment),
        cmocka_unit_test(segment_over_everything__rcv_nxt_moves_to_its_end),
        cmocka_unit_test(random_arrivals__agree_with_a_map_of_bytes),
    };

    return cmocka_run_group_tests_name("reassembly", tests, NULL, NULL);
}
