/* SPDX-License-Identifier: MIT */
/* The index of connections and the pool of entries. The oracle is an array that is searched from end to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/index.h"
#include "core/listen.h"
#include "core/pool.h"
#include "core/port.h"

#define SIZE 600u
#define BUCKETS_MOST 150u

static struct sq_slot slots[SQ_BUCKET * (BUCKETS_MOST + 1u)];
static struct sq_name names[SIZE];

static uint32_t draw(uint32_t *x, uint32_t below)
{
    *x = *x * 1664525u + 1013904223u;
    return (*x >> 8) % below;
}

static struct sq_index fresh(uint32_t buckets, uint32_t size, uint64_t secret)
{
    struct sq_index t = {slots, names, buckets, size, sq_sip_start((struct sq_key){secret, 1u})};

    sq_index_clear(t);
    return t;
}

static struct sq_ends ends(uint32_t n)
{
    return (struct sq_ends){0xC0000201u, 0x0A000000u + n % 7u, 80u, 1024u + n / 7u};
}

static void empty_index__finds_nobody(void **state)
{
    struct sq_index t = fresh(4u, 10u, 1u);

    (void)state;
    assert_int_equal(sq_index_find(t, ends(1u)), SQ_NOBODY);
}

/* Each of the four parts of the name counts. */
static void entered__is_found_by_the_whole_name_only(void **state)
{
    struct sq_index t = fresh(1u, 10u, 1u);
    struct sq_ends e = {1u, 2u, 3u, 4u}, other;

    (void)state;
    assert_int_equal(sq_index_insert(t, 7u, e), 1);
    assert_int_equal(sq_index_find(t, e), 7);
    other = (struct sq_ends){2u, 2u, 3u, 4u};
    assert_int_equal(sq_index_find(t, other), SQ_NOBODY);
    other = (struct sq_ends){1u, 3u, 3u, 4u};
    assert_int_equal(sq_index_find(t, other), SQ_NOBODY);
    other = (struct sq_ends){1u, 2u, 4u, 4u};
    assert_int_equal(sq_index_find(t, other), SQ_NOBODY);
    other = (struct sq_ends){1u, 2u, 3u, 5u};
    assert_int_equal(sq_index_find(t, other), SQ_NOBODY);
    other = (struct sq_ends){2u, 1u, 4u, 3u};
    assert_int_equal(sq_index_find(t, other), SQ_NOBODY);
}

/* One bucket and the overflow area: the seventeenth name finds no place, and nothing else is harmed. */
static void full_buckets__refuse_and_keep_the_others(void **state)
{
    struct sq_index t = fresh(1u, 30u, 1u);

    (void)state;
    for (uint32_t i = 0u; i < 2u * SQ_BUCKET; i++) {
        assert_int_equal(sq_index_insert(t, i, ends(i)), 1);
    }
    assert_int_equal(sq_index_insert(t, 20u, ends(20u)), 0);
    assert_int_equal(sq_index_find(t, ends(20u)), SQ_NOBODY);
    sq_index_remove(t, 5u);
    assert_int_equal(sq_index_insert(t, 20u, ends(20u)), 1);
    assert_int_equal(sq_index_find(t, ends(20u)), 20);
    assert_int_equal(sq_index_find(t, ends(5u)), SQ_NOBODY);
    for (uint32_t i = 0u; i < 2u * SQ_BUCKET; i++) {
        assert_int_equal(sq_index_find(t, ends(i)), i == 5u ? SQ_NOBODY : i);
    }
}

static void removing_twice__is_the_same_as_once(void **state)
{
    struct sq_index t = fresh(1u, 10u, 1u);

    (void)state;
    assert_int_equal(sq_index_insert(t, 1u, ends(1u)), 1);
    sq_index_remove(t, 0u);
    assert_int_equal(sq_index_find(t, ends(1u)), 1);
    sq_index_remove(t, 1u);
    sq_index_remove(t, 1u);
    assert_int_equal(sq_index_find(t, ends(1u)), SQ_NOBODY);
}

/* Names come and go in tables of several sizes; entries come from the pool. */
static void random_walk__finds_exactly_those_that_are_there(void **state)
{
    static const uint32_t sizes[] = {1u, 2u, 10u, 37u, 75u, BUCKETS_MOST};
    uint32_t refused = 0u;

    (void)state;
    for (uint32_t k = 0u; k < sizeof sizes / sizeof sizes[0]; k++) {
        struct sq_index t = fresh(sizes[k], SIZE, k);
        static uint32_t item[SIZE], place[SIZE], who[2u * SIZE]; /* name -> entry */
        uint32_t free, rng = k + 1u;
        struct sq_pool pool = {item, place, &free, SIZE};

        sq_pool_clear(pool);
        for (uint32_t i = 0u; i < 2u * SIZE; i++) {
            who[i] = SQ_NOBODY;
        }
        for (uint32_t step = 0u; step < 20000u; step++) {
            uint32_t n = draw(&rng, 2u * SIZE);

            assert_int_equal(sq_index_find(t, ends(n)), who[n]);
            if (who[n] != SQ_NOBODY) {
                sq_index_remove(t, who[n]);
                sq_pool_give(pool, who[n]);
                who[n] = SQ_NOBODY;
            } else {
                uint32_t e = sq_pool_take(pool);

                if (e != SQ_NOBODY && sq_index_insert(t, e, ends(n)) == 1u) {
                    who[n] = e;
                } else if (e != SQ_NOBODY) {
                    refused++;
                    sq_pool_give(pool, e);
                }
            }
            assert_int_equal(sq_index_find(t, ends(n)), who[n]);
        }
        for (uint32_t n = 0u; n < 2u * SIZE; n++) {
            assert_int_equal(sq_index_find(t, ends(n)), who[n]);
        }
    }
    assert_true(refused > 0u); /* the small ones were full at times */
}

/* Half as many names as slots: two choices keep every bucket from overflowing. */
static void half_full__nothing_overflows(void **state)
{
    (void)state;
    for (uint64_t secret = 0u; secret < 50u; secret++) {
        struct sq_index t = fresh(BUCKETS_MOST, SIZE, secret);

        for (uint32_t i = 0u; i < SIZE; i++) {
            assert_int_equal(sq_index_insert(t, i, ends(i)), 1);
        }
        for (uint32_t s = 0u; s < SQ_BUCKET; s++) {
            assert_int_equal(slots[SQ_BUCKET * BUCKETS_MOST + s].entry, SQ_NOBODY);
        }
    }
}

static void pool__hands_out_each_once_from_zero_on(void **state)
{
    uint32_t item[5], place[5], free;
    struct sq_pool p = {item, place, &free, 5u};

    (void)state;
    sq_pool_clear(p);
    for (uint32_t i = 0u; i < 5u; i++) {
        assert_int_equal(sq_pool_take(p), i);
    }
    assert_int_equal(sq_pool_take(p), SQ_NOBODY);
    sq_pool_give(p, 2u);
    sq_pool_give(p, 0u);
    assert_int_equal(free, 2);
    assert_int_equal(sq_pool_take(p) + sq_pool_take(p), 2);
    assert_int_equal(sq_pool_take(p), SQ_NOBODY);
}

/* RFC 6056 3.3.3: taken ports and ports that are listened on are passed over; when none is left, 0 says so. */
static void port__is_the_first_that_is_free(void **state)
{
    struct sq_index t = fresh(10u, 50u, 3u);
    struct sq_listen l[2] = {{0u, 0u, 0u, 0u, 0u}, {0u, 0u, 0u, 0u, 0u}};
    struct sq_ends e = {1u, 2u, 0u, 80u}, taken = e;

    (void)state;
    sq_listen_open(&l[1], 0u, 1005u, 1u);
    assert_int_equal(sq_port_choose(t, l, 2u, e, 1000u, 10u, 9u), 1009);
    for (uint32_t i = 0u; i < 9u; i++) {
        uint32_t port = sq_port_choose(t, l, 2u, e, 1000u, 10u, 3u);

        assert_in_range(port, 1000, 1009);
        assert_int_not_equal(port, 1005);
        taken.local_port = port;
        assert_int_equal(sq_index_find(t, taken), SQ_NOBODY);
        assert_int_equal(sq_index_insert(t, i, taken), 1);
    }
    assert_int_equal(sq_port_choose(t, l, 2u, e, 1000u, 10u, 3u), 0);
    e.remote = 3u; /* another peer: its ports are its own */
    assert_int_equal(sq_port_choose(t, l, 2u, e, 1000u, 10u, 3u), 1003);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_index__finds_nobody),
        cmocka_unit_test(entered__is_found_by_the_whole_name_only),
        cmocka_unit_test(full_buckets__refuse_and_keep_the_others),
        cmocka_unit_test(removing_twice__is_the_same_as_once),
        cmocka_unit_test(random_walk__finds_exactly_those_that_are_there),
        cmocka_unit_test(half_full__nothing_overflows),
        cmocka_unit_test(pool__hands_out_each_once_from_zero_on),
        cmocka_unit_test(port__is_the_first_that_is_free),
    };

    return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
