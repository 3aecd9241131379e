/* SPDX-License-Identifier: MIT */
/* The tournament of deadlines. The oracle looks at every slot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/deadlines.h"

#define SLOTS 70u

static uint32_t draw(uint32_t *x, uint32_t below)
{
    *x = *x * 1664525u + 1013904223u;
    return (*x >> 8) % below;
}

static void no_deadline__is_never(void **state)
{
    uint64_t tree[2u * SLOTS];

    (void)state;
    sq_deadlines_clear(tree, SLOTS);
    assert_true(sq_deadlines_earliest(tree, SLOTS) == SQ_NEVER);
}

static void one_slot__is_its_own_root(void **state)
{
    uint64_t tree[2];

    (void)state;
    sq_deadlines_clear(tree, 1u);
    sq_deadlines_set(tree, 1u, 0u, 7u);
    assert_true(sq_deadlines_earliest(tree, 1u) == 7u);
    assert_int_equal(sq_deadlines_first(tree, 1u), 0);
}

static void two_at_once__each_is_met(void **state)
{
    uint64_t tree[2u * SLOTS];
    uint32_t first, second;

    (void)state;
    sq_deadlines_clear(tree, SLOTS);
    sq_deadlines_set(tree, SLOTS, 3u, 5u);
    sq_deadlines_set(tree, SLOTS, 69u, 5u);
    first = sq_deadlines_first(tree, SLOTS);
    sq_deadlines_set(tree, SLOTS, first, SQ_NEVER);
    second = sq_deadlines_first(tree, SLOTS);
    assert_int_equal(first + second, 72);
    assert_true(first == 3u || first == 69u);
}

/* Sizes that are powers of two and sizes that are not. */
static void random_walk__the_root_is_the_least_of_all(void **state)
{
    (void)state;
    for (uint32_t n = 1u; n <= SLOTS; n++) {
        uint64_t tree[2u * SLOTS], slot[SLOTS];
        uint32_t rng = n;

        sq_deadlines_clear(tree, n);
        for (uint32_t i = 0u; i < n; i++) {
            slot[i] = SQ_NEVER;
        }
        for (uint32_t step = 0u; step < 500u; step++) {
            uint32_t i = draw(&rng, n), first;
            uint64_t least = SQ_NEVER;

            slot[i] = draw(&rng, 4u) == 0u ? SQ_NEVER : draw(&rng, 100u);
            sq_deadlines_set(tree, n, i, slot[i]);
            for (uint32_t k = 0u; k < n; k++) {
                least = slot[k] < least ? slot[k] : least;
                assert_true(tree[n + k] == slot[k]);
            }
            first = sq_deadlines_first(tree, n);
            assert_true(sq_deadlines_earliest(tree, n) == least);
            assert_true(first < n && slot[first] == least);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_deadline__is_never),
        cmocka_unit_test(one_slot__is_its_own_root),
        cmocka_unit_test(two_at_once__each_is_met),
        cmocka_unit_test(random_walk__the_root_is_the_least_of_all),
    };

    return cmocka_run_group_tests_name("deadlines", tests, NULL, NULL);
}
