/* SPDX-License-Identifier: MIT */
/* Rings against a plain array: the same bytes in a ring of every small capacity, with the head at
   every place, and in an array that never wraps. RFC 9293 3.10.7.4 (segment text). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/ring.h"

#define MOST 9u
#define EDGE 0xEEu

/* A ring between two guard bytes, and what should be behind its head. */
struct pair {
    uint8_t memory[MOST + 2u];
    uint8_t plain[MOST];
};

static uint8_t peer_byte(uint64_t k)
{
    return (uint8_t)(k * 7u + k / 256u + 3u);
}

static void begin(struct pair *t, uint32_t capacity, uint32_t head)
{
    t->memory[0] = EDGE;
    t->memory[capacity + 1u] = EDGE;
    for (uint32_t i = 0u; i < capacity; i++) {
        t->plain[i] = (uint8_t)(100u + i);
        t->memory[1u + (head + i) % capacity] = t->plain[i];
    }
}

static void compare(const struct pair *t, uint32_t capacity, uint32_t head)
{
    assert_int_equal(t->memory[0], EDGE);
    assert_int_equal(t->memory[capacity + 1u], EDGE);
    for (uint32_t i = 0u; i < capacity; i++) {
        assert_int_equal(t->memory[1u + (head + i) % capacity], t->plain[i]);
    }
}

/* Calls check for every capacity up to MOST, every head, every interval of offsets. */
static void everywhere(void (*check)(uint32_t capacity, uint32_t head, uint32_t from, uint32_t n))
{
    for (uint32_t capacity = 1u; capacity <= MOST; capacity++) {
        for (uint32_t head = 0u; head < capacity; head++) {
            for (uint32_t from = 0u; from <= capacity; from++) {
                for (uint32_t n = 0u; from + n <= capacity; n++) {
                    check(capacity, head, from, n);
                }
            }
        }
    }
}

static void check_place(uint32_t capacity, uint32_t head, uint32_t from, uint32_t n)
{
    (void)n;
    assert_int_equal(sq_ring_place(capacity, head, from), (head + from) % capacity);
    assert_int_equal(sq_ring_advance(capacity, head, from), (head + from) % capacity);
}

static void check_slices(uint32_t capacity, uint32_t head, uint32_t from, uint32_t n)
{
    struct sq_slices s = sq_ring_slices(capacity, head, from, n);

    assert_int_equal(s.len + s.len2, n);
    assert_true(s.at < capacity && s.at + s.len <= capacity && s.len2 <= s.at);
    assert_int_equal(s.at2, 0u);
    assert_int_equal(s.len2 > 0u, (head + from) % capacity + n > capacity);
    for (uint32_t i = 0u; i < s.len; i++) {
        assert_int_equal(s.at + i, (head + from + i) % capacity);
    }
    for (uint32_t i = 0u; i < s.len2; i++) {
        assert_int_equal(s.at2 + i, (head + from + s.len + i) % capacity);
    }
}

static void check_put(uint32_t capacity, uint32_t head, uint32_t from, uint32_t n)
{
    struct pair t;
    uint8_t fresh[MOST];

    begin(&t, capacity, head);
    for (uint32_t i = 0u; i < n; i++) {
        fresh[i] = (uint8_t)(200u + i);
        t.plain[from + i] = fresh[i];
    }
    sq_ring_put(t.memory + 1, capacity, head, from, fresh, n);
    compare(&t, capacity, head);
}

static void check_get(uint32_t capacity, uint32_t head, uint32_t from, uint32_t n)
{
    struct pair t;
    uint8_t out[MOST + 1u];

    begin(&t, capacity, head);
    for (uint32_t i = 0u; i <= MOST; i++) {
        out[i] = EDGE;
    }
    sq_ring_get(t.memory + 1, capacity, head, from, out, n);
    compare(&t, capacity, head);
    for (uint32_t i = 0u; i < n; i++) {
        assert_int_equal(out[i], t.plain[from + i]);
    }
    assert_int_equal(out[n], EDGE);
}

static void place__every_offset__is_head_plus_offset_modulo_capacity(void **state)
{
    (void)state;
    everywhere(check_place);
}

static void slices__every_interval__name_each_byte_once_in_order(void **state)
{
    (void)state;
    everywhere(check_slices);
}

static void put__every_interval__changes_these_bytes_and_no_other(void **state)
{
    (void)state;
    everywhere(check_put);
}

static void get__every_interval__copies_these_bytes_and_keeps_the_ring(void **state)
{
    (void)state;
    everywhere(check_get);
}

static void greatest_capacity__places_do_not_overflow(void **state)
{
    uint32_t capacity = 0x40000000u;
    struct sq_slices s = sq_ring_slices(capacity, capacity - 1u, 0u, capacity);

    (void)state;
    assert_int_equal(sq_ring_place(capacity, capacity - 1u, capacity - 1u), capacity - 2u);
    assert_int_equal(sq_ring_advance(capacity, capacity - 1u, capacity), capacity - 1u);
    assert_int_equal(s.at, capacity - 1u);
    assert_int_equal(s.len, 1u);
    assert_int_equal(s.len2, capacity - 1u);
}

/* Text in order, in pieces of every pair of sizes, read in other pieces: the stream comes out. */
static void stream__in_order__every_chunking__byte_k_comes_out_as_byte_k(void **state)
{
    (void)state;
    for (uint32_t capacity = 1u; capacity <= MOST; capacity++) {
        for (uint32_t in = 1u; in <= capacity; in++) {
            for (uint32_t out = 1u; out <= capacity; out++) {
                uint8_t ring[MOST];
                uint8_t bytes[MOST];
                uint32_t head = 0u;
                uint32_t used = 0u;
                uint64_t k = 1u;

                while (k < 300u) {
                    uint32_t n = in < capacity - used ? in : capacity - used;

                    for (uint32_t i = 0u; i < n; i++) {
                        bytes[i] = peer_byte(k + used + i);
                    }
                    sq_ring_take(ring, capacity, head, used, bytes, n, k);
                    used += n;
                    n = out < used ? out : used;
                    sq_ring_deliver(ring, capacity, head, 0u, bytes, n, k);
                    for (uint32_t i = 0u; i < n; i++) {
                        assert_int_equal(bytes[i], peer_byte(k + i));
                    }
                    head = sq_ring_consume(ring, capacity, head, n, k);
                    used -= n;
                    k += n;
                }
            }
        }
    }
}

static const uint32_t cuts[][4] = {{0u, 3u, 5u, 9u}, {0u, 1u, 8u, 9u}, {0u, 4u, 4u, 9u}};
static const uint32_t orders[][3] = {{0u, 1u, 2u}, {0u, 2u, 1u}, {1u, 0u, 2u},
                                     {1u, 2u, 0u}, {2u, 0u, 1u}, {2u, 1u, 0u}};

static void check_pieces(const uint32_t *cut, const uint32_t *order, uint32_t head, uint64_t k)
{
    uint8_t ring[MOST] = {0};
    uint8_t bytes[MOST];
    struct sq_slices s;

    for (uint32_t piece = 0u; piece < 3u; piece++) {
        uint32_t from = cut[order[piece]];
        uint32_t end = cut[order[piece] + 1u];

        /* One byte more on either side where there is room: overlap with the neighbours. */
        from = from > 0u ? from - 1u : from;
        end = end < MOST ? end + 1u : end;
        for (uint32_t i = 0u; i < end - from; i++) {
            bytes[i] = peer_byte(k + from + i);
        }
        sq_ring_take(ring, MOST, head, from, bytes, end - from, k);
    }
    s = sq_ring_show(ring, MOST, head, 0u, MOST, k);
    for (uint32_t i = 0u; i < s.len; i++) {
        assert_int_equal(ring[s.at + i], peer_byte(k + i));
    }
    for (uint32_t i = 0u; i < s.len2; i++) {
        assert_int_equal(ring[s.at2 + i], peer_byte(k + s.len + i));
    }
    assert_int_equal(s.len + s.len2, MOST);
}

static void stream__out_of_order_and_overlapping__every_order__whole_text_stands(void **state)
{
    (void)state;
    for (uint32_t head = 0u; head < MOST; head++) {
        for (size_t c = 0u; c < sizeof(cuts) / sizeof(cuts[0]); c++) {
            for (size_t o = 0u; o < sizeof(orders) / sizeof(orders[0]); o++) {
                check_pieces(cuts[c], orders[o], head, 4294967290u + head);
            }
        }
    }
}

/* What was held beyond the bytes read keeps its stream number when the head moves. */
static void consume__text_beyond_a_gap__keeps_its_stream_number(void **state)
{
    (void)state;
    for (uint32_t head = 0u; head < MOST; head++) {
        for (uint32_t n = 0u; n <= 5u; n++) {
            uint8_t ring[MOST] = {0};
            uint8_t bytes[MOST];
            uint64_t k = 1000u;
            uint32_t next;

            for (uint32_t i = 0u; i < 3u; i++) {
                bytes[i] = peer_byte(k + 6u + i);
            }
            sq_ring_take(ring, MOST, head, 6u, bytes, 3u, k);
            next = sq_ring_consume(ring, MOST, head, n, k);
            sq_ring_get(ring, MOST, next, 6u - n, bytes, 3u);
            for (uint32_t i = 0u; i < 3u; i++) {
                assert_int_equal(bytes[i], peer_byte(k + n + (6u - n) + i));
            }
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(place__every_offset__is_head_plus_offset_modulo_capacity),
        cmocka_unit_test(slices__every_interval__name_each_byte_once_in_order),
        cmocka_unit_test(put__every_interval__changes_these_bytes_and_no_other),
        cmocka_unit_test(get__every_interval__copies_these_bytes_and_keeps_the_ring),
        cmocka_unit_test(greatest_capacity__places_do_not_overflow),
        cmocka_unit_test(stream__in_order__every_chunking__byte_k_comes_out_as_byte_k),
        cmocka_unit_test(stream__out_of_order_and_overlapping__every_order__whole_text_stands),
        cmocka_unit_test(consume__text_beyond_a_gap__keeps_its_stream_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
