/* SPDX-License-Identifier: MIT */
/* The state relation against the arrows of RFC 9293 figure 5 written down here by hand, and the paths that one segment may
   take (StatePath in spec/state.acsl) against those same arrows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/state.h"

#define STATES 11u
#define EVENTS 10u

/* Everything that is not here leaves the state alone. */
static const struct {
    uint32_t from, event, to;
} arrows[] = {
    {SQ_CLOSED, SQ_EVENT_OPEN_PASSIVE, SQ_LISTEN},
    {SQ_CLOSED, SQ_EVENT_OPEN_ACTIVE, SQ_SYN_SENT},
    {SQ_LISTEN, SQ_EVENT_OPEN_ACTIVE, SQ_SYN_SENT},
    {SQ_LISTEN, SQ_EVENT_SYN, SQ_SYN_RECEIVED},
    {SQ_LISTEN, SQ_EVENT_CLOSE, SQ_CLOSED},
    {SQ_SYN_SENT, SQ_EVENT_SYN, SQ_SYN_RECEIVED},
    {SQ_SYN_SENT, SQ_EVENT_CLOSE, SQ_CLOSED},
    {SQ_SYN_RECEIVED, SQ_EVENT_ACK_OF_SYN, SQ_ESTABLISHED},
    {SQ_ESTABLISHED, SQ_EVENT_CLOSE, SQ_FIN_WAIT_1},
    {SQ_ESTABLISHED, SQ_EVENT_FIN, SQ_CLOSE_WAIT},
    {SQ_FIN_WAIT_1, SQ_EVENT_ACK_OF_FIN, SQ_FIN_WAIT_2},
    {SQ_FIN_WAIT_1, SQ_EVENT_FIN, SQ_CLOSING},
    {SQ_FIN_WAIT_2, SQ_EVENT_FIN, SQ_TIME_WAIT},
    {SQ_CLOSE_WAIT, SQ_EVENT_FIN_SENT, SQ_LAST_ACK},
    {SQ_CLOSING, SQ_EVENT_ACK_OF_FIN, SQ_TIME_WAIT},
    {SQ_LAST_ACK, SQ_EVENT_ACK_OF_FIN, SQ_CLOSED},
};

static uint32_t arrow(uint32_t from, uint32_t event)
{
    for (size_t i = 0u; i < sizeof arrows / sizeof arrows[0]; i++) {
        if (arrows[i].from == from && arrows[i].event == event) {
            return arrows[i].to;
        }
    }
    return from;
}

static void every_arrow_is_figure_5s(void **state)
{
    (void)state;
    for (uint32_t s = 0u; s < STATES; s++) {
        for (uint32_t e = 0u; e < EVENTS; e++) {
            if (e != SQ_EVENT_RST && e != SQ_EVENT_END) {
                assert_int_equal(sq_state_next(s, e, 0u), arrow(s, e));
                assert_int_equal(sq_state_next(s, e, 1u), arrow(s, e));
            }
        }
    }
}

static void rst__closes__but_a_listener_stays_and_a_passive_half_open_one_returns(void **state)
{
    (void)state;
    for (uint32_t s = 0u; s < STATES; s++) {
        assert_int_equal(sq_state_next(s, SQ_EVENT_RST, 0u),
                         s == SQ_LISTEN ? SQ_LISTEN : SQ_CLOSED);
        assert_int_equal(sq_state_next(s, SQ_EVENT_RST, 1u),
                         s == SQ_LISTEN || s == SQ_SYN_RECEIVED ? SQ_LISTEN : SQ_CLOSED);
    }
}

static void abort_a_limit_or_2_msl__ends_every_state(void **state)
{
    (void)state;
    for (uint32_t s = 0u; s < STATES; s++) {
        assert_int_equal(sq_state_next(s, SQ_EVENT_END, 0u), SQ_CLOSED);
        assert_int_equal(sq_state_next(s, SQ_EVENT_END, 1u), SQ_CLOSED);
    }
}

/* StatePath, in C. */
static bool path(uint32_t from, uint32_t to)
{
    if (to == from || (to == SQ_CLOSED && from != SQ_LISTEN)) {
        return true;
    }
    switch ((enum sq_state)from) {
    case SQ_LISTEN:
        return to == SQ_SYN_RECEIVED;
    case SQ_SYN_SENT:
        return to == SQ_SYN_RECEIVED || to == SQ_ESTABLISHED || to == SQ_CLOSE_WAIT;
    case SQ_SYN_RECEIVED:
        return to == SQ_LISTEN || to == SQ_ESTABLISHED || to == SQ_FIN_WAIT_1 ||
               to == SQ_CLOSE_WAIT || to == SQ_CLOSING;
    case SQ_ESTABLISHED:
        return to == SQ_CLOSE_WAIT;
    case SQ_FIN_WAIT_1:
        return to == SQ_FIN_WAIT_2 || to == SQ_CLOSING || to == SQ_TIME_WAIT;
    case SQ_FIN_WAIT_2:
    case SQ_CLOSING:
        return to == SQ_TIME_WAIT;
    case SQ_CLOSED:
    case SQ_CLOSE_WAIT:
    case SQ_LAST_ACK:
    case SQ_TIME_WAIT:
        return false;
    }
    return false;
}

/* What one segment can do: its SYN, its acknowledgment of our SYN (with a CLOSE that waited for it) or FIN, its FIN; or a
   RST, or the end of a stream that is too long. */
static void one_segment(bool reached[STATES], uint32_t from)
{
    for (uint32_t steps = 0u; steps < 16u; steps++) {
        uint32_t s = from;

        if (steps % 2u == 1u) {
            if (s == SQ_LISTEN) {
                reached[SQ_SYN_RECEIVED] =
                    true; /* an acknowledgment or text with it is not looked at */
                continue;
            }
            s = s == SQ_SYN_SENT ? arrow(s, SQ_EVENT_SYN) : s;
        }
        if (steps / 2u % 2u == 1u && s == SQ_SYN_RECEIVED) {
            s = arrow(s, SQ_EVENT_ACK_OF_SYN);
            if (steps / 8u % 2u == 1u && from == SQ_SYN_RECEIVED) {
                s = arrow(s, SQ_EVENT_CLOSE);
            }
        } else if (steps / 2u % 2u == 1u) {
            s = arrow(s, SQ_EVENT_ACK_OF_FIN);
        }
        if (steps / 4u % 2u == 1u) {
            s = arrow(s, SQ_EVENT_FIN);
        }
        reached[s] = true;
    }
    reached[sq_state_next(from, SQ_EVENT_RST, 0u)] = true;
    reached[sq_state_next(from, SQ_EVENT_RST, from == SQ_SYN_RECEIVED)] = true;
}

static void one_segments_path__is_made_of_the_arrows_and_nothing_else(void **state)
{
    (void)state;
    for (uint32_t from = 0u; from < STATES; from++) {
        bool reached[STATES] = {false};

        one_segment(reached, from);
        for (uint32_t to = 0u; to < STATES; to++) {
            assert_int_equal(path(from, to), reached[to]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_arrow_is_figure_5s),
        cmocka_unit_test(rst__closes__but_a_listener_stays_and_a_passive_half_open_one_returns),
        cmocka_unit_test(abort_a_limit_or_2_msl__ends_every_state),
        cmocka_unit_test(one_segments_path__is_made_of_the_arrows_and_nothing_else),
    };

    return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
