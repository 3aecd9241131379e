/* SPDX-License-Identifier: MIT */
/* What is acceptable, against its meaning: a segment's numbers one by one. RFC 9293 3.4 table 6, 3.10.7.4; RFC 5961 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/acceptability.h"

#define NEAR 12u

/* RCV.NXT where the number space is smooth, wraps, and changes its sign. */
static const uint32_t places[] = {1000u,       0u,          1u,          0xffffffffu,
                                  0xfffffff8u, 0x7fffffffu, 0x80000000u, 0x80000005u};
#define PLACES (sizeof places / sizeof places[0])

static bool inside(uint32_t nxt, uint32_t wnd, uint32_t number)
{
    return number - nxt < wnd;
}

/* Calls check for every window and length up to NEAR and every start within reach of both. */
static void everywhere(void (*check)(uint32_t nxt, uint32_t wnd, uint32_t seq, uint32_t len))
{
    for (size_t i = 0u; i < PLACES; i++) {
        for (uint32_t wnd = 0u; wnd <= NEAR; wnd++) {
            for (uint32_t len = 0u; len <= NEAR; len++) {
                for (uint32_t back = 0u; back <= 3u * NEAR; back++) {
                    check(places[i], wnd, places[i] - back + NEAR + 2u, len);
                }
            }
        }
    }
}

static void check_table(uint32_t nxt, uint32_t wnd, uint32_t seq, uint32_t len)
{
    bool expected;

    if (len == 0u && wnd == 0u) {
        expected = seq == nxt;
    } else if (len == 0u) {
        expected = inside(nxt, wnd, seq);
    } else if (wnd == 0u) {
        expected = false;
    } else {
        expected = inside(nxt, wnd, seq) || inside(nxt, wnd, seq + len - 1u);
    }
    assert_int_equal(sq_acceptable(nxt, wnd, seq, len), expected);
}

static void acceptable__is_table_6(void **state)
{
    (void)state;
    everywhere(check_table);
}

/* Some number of the segment lies in the window; at a shut window, what begins at RCV.NXT. */
static void check_admitted(uint32_t nxt, uint32_t wnd, uint32_t seq, uint32_t len)
{
    bool expected =
        len == 0u ? (wnd == 0u ? seq == nxt : inside(nxt, wnd, seq)) : wnd == 0u && seq == nxt;

    for (uint32_t k = 0u; k < len; k++) {
        expected = expected || inside(nxt, wnd, seq + k);
    }
    assert_int_equal(sq_admitted(nxt, wnd, seq, len), expected);
}

static void admitted__is_any_number_in_the_window_or_the_start_of_a_shut_one(void **state)
{
    (void)state;
    everywhere(check_admitted);
}

/* Old bytes, the place of the rest, and what of it fits, by looking at each byte. */
static void check_text(uint32_t nxt, uint32_t wnd, uint32_t seq, uint32_t len)
{
    uint32_t old = 0u, count = 0u, first = 0u;

    for (uint32_t k = 0u; k < len; k++) {
        uint32_t number = seq + k;

        old += number - nxt >= 0x80000000u;
        if (inside(nxt, wnd, number)) {
            first = count == 0u ? number - nxt : first;
            count++;
        }
    }
    assert_int_equal(sq_text_old(nxt, seq, len), old);
    assert_int_equal(sq_text_count(nxt, wnd, seq, len), count);
    if (count > 0u) {
        assert_int_equal(sq_text_first(nxt, seq), first);
    }
}

static void text__is_trimmed_to_the_window_byte_by_byte(void **state)
{
    (void)state;
    everywhere(check_text);
}

static void judged__rst_first_then_the_window_then_syn_then_ack(void **state)
{
    static const struct {
        uint32_t admitted, window, exact, flags, verdict;
    } rows[] = {
        {0u, 0u, 0u, SQ_RST, SQ_SEGMENT_IGNORED},
        {1u, 0u, 0u, SQ_RST + SQ_ACK, SQ_SEGMENT_IGNORED},
        {0u, 1u, 0u, SQ_RST, SQ_SEGMENT_CHALLENGED},
        {1u, 1u, 0u, SQ_RST + SQ_ACK, SQ_SEGMENT_CHALLENGED},
        {0u, 1u, 1u, SQ_RST, SQ_SEGMENT_RESET},
        {1u, 1u, 1u, SQ_RST + SQ_SYN, SQ_SEGMENT_RESET},
        {0u, 1u, 1u, SQ_ACK, SQ_SEGMENT_UNACCEPTABLE},
        {0u, 0u, 0u, SQ_SYN, SQ_SEGMENT_UNACCEPTABLE},
        {1u, 1u, 1u, SQ_SYN, SQ_SEGMENT_CHALLENGED},
        {1u, 1u, 0u, SQ_SYN + SQ_ACK, SQ_SEGMENT_CHALLENGED},
        {1u, 1u, 1u, 0u, SQ_SEGMENT_IGNORED},
        {1u, 1u, 1u, SQ_FIN, SQ_SEGMENT_IGNORED},
        {1u, 1u, 1u, SQ_ACK, SQ_SEGMENT_ACCEPTED},
        {1u, 0u, 0u, SQ_FIN + SQ_ACK + SQ_URG, SQ_SEGMENT_ACCEPTED},
    };

    (void)state;
    for (size_t i = 0u; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(sq_judge(rows[i].admitted, rows[i].window, rows[i].exact, rows[i].flags),
                         rows[i].verdict);
    }
}

static void ack__is_new_same_old_as_far_as_the_largest_window_or_invalid(void **state)
{
    static const struct {
        uint32_t from_una,
            kind; /* SEG.ACK - SND.UNA, with 100 in flight and a largest window of 50 */
    } rows[] = {
        {0u, SQ_ACK_SAME},
        {1u, SQ_ACK_NEW},
        {100u, SQ_ACK_NEW},
        {101u, SQ_ACK_INVALID},
        {0x7fffffffu, SQ_ACK_INVALID},
        {0x80000000u, SQ_ACK_INVALID},
        {0u - 1u, SQ_ACK_OLD},
        {0u - 50u, SQ_ACK_OLD},
        {0u - 51u, SQ_ACK_INVALID},
    };

    (void)state;
    for (size_t p = 0u; p < PLACES; p++) {
        for (size_t i = 0u; i < sizeof rows / sizeof rows[0]; i++) {
            assert_int_equal(sq_ack_kind(places[p], 100u, 50u, places[p] + rows[i].from_una),
                             rows[i].kind);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acceptable__is_table_6),
        cmocka_unit_test(admitted__is_any_number_in_the_window_or_the_start_of_a_shut_one),
        cmocka_unit_test(text__is_trimmed_to_the_window_byte_by_byte),
        cmocka_unit_test(judged__rst_first_then_the_window_then_syn_then_ack),
        cmocka_unit_test(ack__is_new_same_old_as_far_as_the_largest_window_or_invalid),
    };

    return cmocka_run_group_tests_name("acceptability", tests, NULL, NULL);
}
