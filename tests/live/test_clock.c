/* SPDX-License-Identifier: MIT */
/* What takes minutes, hours and days at a live endpoint, by a clock that the test sets: giving up (row H7), keepalive (H9),
   a clock that jumps (J5); and Nagle switched off (H11). Its other half is hostile_time.t. */
#include "tests/live/inside.h"

#define PORT 7u
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)

static struct sq_net_options set;
static int listener, k;
static sq_socket s;

/* An endpoint with these settings, and a connection on which nothing was ever sent. */
static void begin(void)
{
    up(&set);
    listener = kernel_listens(PORT);
    s = pair(listener, &k);
    turn(0);
    lefts = 0u;
}

static void end(void)
{
    lose = false;
    honest(listener);
    sq_socket_abort(&net, s);
    turn(0);
    close(k);
    down();
}

/* The clock goes on by so much, and the endpoint is let have its say. */
static void pass(int64_t time)
{
    ahead += time;
    for (uint32_t i = 0u; i < 4u; i++)
        turn(1);
}

/* Lets the clock run in steps of a quarter of a second until it is over; returns the seconds. */
static uint32_t until_given_up(void)
{
    uint32_t quarters = 0u;

    for (; state(s) != SQ_CLOSED && quarters < 4000u; quarters++) {
        ahead += SECOND / 4;
        turn(0);
        turn(0);
    }
    return quarters / 4u;
}

/* What left is one segment again and again, with pauses that double to the limit. RFC 6298 5.5 */
static void doubling(uint32_t least)
{
    assert_true(lefts >= least && lefts < 256u);
    for (uint32_t i = 2u; i < lefts; i++) {
        uint64_t before = left[i - 1u].at - left[i - 2u].at, now = left[i].at - left[i - 1u].at;
        uint64_t twice = 2u * before < 120000000u ? 2u * before : 120000000u;

        assert_int_equal(left[i].seq, left[0].seq);
        if (before > 900000u) /* else the steps of the clock are too coarse */
            assert_in_range(now, twice - 550000u, twice + 550000u);
    }
}

/* ---- H7 ---- */

static void h7_nobody_answers_the_syn__doubled_to_three_minutes_then_timed_out(void **unused)
{
    char c;
    uint32_t seconds;

    (void)unused;
    set = usual();
    begin();
    sq_socket_abort(&net, s);
    turn(0);
    lose = true;
    lefts = 0u;
    s = sq_socket_connect(&net, 0u, PEER, PORT);
    turn(0);
    seconds = until_given_up();
    assert_in_range(seconds, 180u, 200u); /* MUST-23 */
    assert_int_equal(sq_socket_receive(&net, s, &c, 1u), SQ_SOCKET_TIMED_OUT);
    assert_true((left[0].flags & SQ_SYN) != 0u);
    doubling(7u); /* 0, 1, 3, 7, 15, 31, 63, 127 s */
    assert_int_equal(net.stack.counters.connections_timed_out, 1u);
    end();
}

static void h7_all_retransmissions_lost__doubled_then_timed_out(void **unused)
{
    char c;
    uint32_t seconds;

    (void)unused;
    set = usual();
    begin();
    lose = true;
    assert_int_equal(sq_socket_send(&net, s, "lost", 4u), 4);
    turn(0);
    seconds = until_given_up();
    assert_in_range(seconds, 300u, 330u); /* SHLD-11: at least 100 s */
    assert_int_equal(sq_socket_receive(&net, s, &c, 1u), SQ_SOCKET_TIMED_OUT);
    doubling(8u);
    end();
}

/* ---- H9: keepalive. RFC 9293 3.8.4 ---- */

static void h9_off_unless_asked_for__thirty_days_of_silence_and_not_a_word(void **unused)
{
    (void)unused;
    set = usual();
    begin();
    for (uint32_t i = 0u; i < 30u; i++)
        pass(DAY);
    assert_int_equal(lefts, 0u);
    assert_int_equal(state(s), SQ_ESTABLISHED);
    end();
}

static void h9_on__the_first_probe_after_two_hours_and_an_answer_starts_anew(void **unused)
{
    (void)unused;
    set = usual();
    set.stack.settings.keepalive = 1u;
    begin();
    pass(2 * HOUR - 2 * SECOND);
    assert_int_equal(lefts, 0u);
    pass(4 * SECOND);
    assert_int_equal(lefts, 1u);
    assert_int_equal(left[0].len, 0u);
    assert_int_equal(net.stack.table.entry[s % 4294967296u].conn.keeps, 0u); /* it was answered */
    pass(HOUR);
    assert_int_equal(lefts, 1u);
    assert_int_equal(state(s), SQ_ESTABLISHED);
    end();
}

static void h9_on__lost_probes_do_not_kill_but_for_the_last(void **unused)
{
    char c;

    (void)unused;
    set = usual();
    set.stack.settings.keepalive = 1u;
    begin();
    lose = true;
    pass(2 * HOUR + SECOND);
    for (uint32_t i = 1u; i < 9u; i++)
        pass(76 * SECOND);
    assert_int_equal(lefts, 9u);
    assert_int_equal(state(s), SQ_ESTABLISHED);
    lose = false;
    pass(76 * SECOND); /* the tenth arrives */
    assert_int_equal(state(s), SQ_ESTABLISHED);
    lose = true;
    lefts = 0u;
    pass(2 * HOUR + SECOND);
    for (uint32_t i = 0u; i < 12u && state(s) != SQ_CLOSED; i++)
        pass(76 * SECOND);
    assert_int_equal(state(s), SQ_CLOSED); /* a dead peer is found */
    assert_int_equal(sq_socket_receive(&net, s, &c, 1u), SQ_SOCKET_TIMED_OUT);
    assert_in_range(lefts, 10u, 12u);
    end();
}

/* ---- H11 ---- */

/* Small segments that leave when three small writes meet an acknowledgment that does not come. */
static uint32_t three_writes(uint32_t nodelay)
{
    uint32_t n;
    char got[8];

    set = usual();
    set.stack.settings.nodelay = nodelay;
    begin();
    lose = true;
    for (uint32_t i = 0u; i < 3u; i++) {
        assert_int_equal(sq_socket_send(&net, s, &"abc"[i], 1u), 1);
        turn(0);
    }
    n = lefts;
    lose = false;
    pass(SECOND);
    UNTIL(recv(k, got, sizeof got, MSG_PEEK) == 3);
    assert_int_equal(read(k, got, 3u), 3);
    assert_memory_equal(got, "abc", 3u);
    end();
    return n;
}

static void h11_small_writes_behind_one_in_flight__held_unless_nodelay(void **unused)
{
    (void)unused;
    assert_int_equal(three_writes(0u), 1u);
    assert_int_equal(three_writes(1u), 3u);
}

/* ---- J5: the clock ---- */

static void j5_a_clock_that_jumps_forward_by_days_with_nothing_in_flight__not_a_word(void **unused)
{
    (void)unused;
    set = usual();
    begin();
    for (uint32_t i = 0u; i < 100u; i++)
        pass(30 * DAY);
    assert_int_equal(lefts, 0u);
    assert_int_equal(state(s), SQ_ESTABLISHED);
    end();
}

static void j5_the_same_with_text_in_flight__given_up_with_one_segment_more_at_most(void **unused)
{
    char c;

    (void)unused;
    set = usual();
    begin();
    lose = true;
    assert_int_equal(sq_socket_send(&net, s, "lost", 4u), 4);
    turn(0);
    pass(30 * DAY);
    pass(30 * DAY);
    assert_int_equal(state(s), SQ_CLOSED);
    assert_int_equal(sq_socket_receive(&net, s, &c, 1u), SQ_SOCKET_TIMED_OUT);
    assert_in_range(lefts, 1u, 3u);
    end();
}

#define TOTAL 400000u

static char text[4096]; /* what is said, again and again */

/* As much as there is of the stream is what it should be; `at` goes on. */
static void follows(const char *got, int64_t n, uint32_t *at)
{
    for (int64_t i = 0; i < n; i++)
        assert_int_equal(got[i], text[(*at)++ % sizeof text]);
}

/* The next piece of the stream to be said, at most so many bytes. */
static uint32_t piece(uint32_t at, uint32_t most)
{
    uint32_t n = (uint32_t)sizeof text - at % (uint32_t)sizeof text;

    n = n < most ? n : most;
    return n < TOTAL - at ? n : TOTAL - at;
}

/* TOTAL bytes go each way while the clock jumps, between `low` and `high`, before every round. */
static void transfer(int64_t low, int64_t high)
{
    static char got[CAPACITY];
    uint32_t said = 0u, heard = 0u, theirs = 0u, ours = 0u, rounds = 0u, seed = 1u;
    uint64_t out = net.stack.counters.tcp_out, in = net.stack.counters.tcp_in;

    for (uint32_t i = 0u; i < sizeof text; i++)
        text[i] = (char)(i * 31u % 251u);
    for (; (ours < TOTAL || theirs < TOTAL) && rounds < 100u * patience; rounds++) {
        ssize_t k_said = write(k, text + said % sizeof text, piece(said, sizeof text));
        int64_t s_said = sq_socket_send(&net, s, text + heard % sizeof text, piece(heard, 1000u));

        said += k_said > 0 ? (uint32_t)k_said : 0u;
        assert_true(s_said >= 0 || s_said == SQ_SOCKET_AGAIN);
        heard += s_said > 0 ? (uint32_t)s_said : 0u;
        seed = seed * 1664525u + 1013904223u;
        ahead = low + (int64_t)(seed % (uint32_t)((high - low) / 1000 + 1)) * 1000;
        turn(0);
        follows(got, sq_socket_receive(&net, s, got, sizeof got), &ours);
        follows(got, read(k, got, sizeof got), &theirs);
    }
    assert_true(ours == TOTAL && theirs == TOTAL);
    /* No storm: an answer to each that came, and each of ours not more than twice. */
    assert_true(net.stack.counters.tcp_out - out <=
                net.stack.counters.tcp_in - in + 2u * TOTAL / 1000u + 100u);
}

static void j5_a_clock_that_goes_back_before_every_round__the_transfer_is_whole(void **unused)
{
    (void)unused;
    set = usual();
    begin();
    transfer(-DAY, 0);
    end();
}

static void j5_a_clock_that_jumps_to_and_fro_by_half_a_minute__the_transfer_is_whole(void **unused)
{
    (void)unused;
    set = usual();
    begin();
    transfer(-30 * SECOND, 30 * SECOND);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(h7_nobody_answers_the_syn__doubled_to_three_minutes_then_timed_out),
        cmocka_unit_test(h7_all_retransmissions_lost__doubled_then_timed_out),
        cmocka_unit_test(h9_off_unless_asked_for__thirty_days_of_silence_and_not_a_word),
        cmocka_unit_test(h9_on__the_first_probe_after_two_hours_and_an_answer_starts_anew),
        cmocka_unit_test(h9_on__lost_probes_do_not_kill_but_for_the_last),
        cmocka_unit_test(h11_small_writes_behind_one_in_flight__held_unless_nodelay),
        cmocka_unit_test(j5_a_clock_that_jumps_forward_by_days_with_nothing_in_flight__not_a_word),
        cmocka_unit_test(j5_the_same_with_text_in_flight__given_up_with_one_segment_more_at_most),
        cmocka_unit_test(j5_a_clock_that_goes_back_before_every_round__the_transfer_is_whole),
        cmocka_unit_test(j5_a_clock_that_jumps_to_and_fro_by_half_a_minute__the_transfer_is_whole),
    };

    RUN(tests);
}
