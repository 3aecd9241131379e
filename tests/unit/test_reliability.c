/* SPDX-License-Identifier: MIT */
/* Loss and silence: fast retransmit and recovery, limited transmit, the delayed ACK, keepalive, the restart after idle time.
   RFC 5681, 6582, 3042, 9293 3.8.4, 3.8.6.3. The script language is that of tests/fsm/talk.h. */
#include "tests/fsm/talk_test.h"

/* Ten segments of 100 bytes are in flight. */
static void ten_in_flight(void)
{
    begin("set mss=100 send=4000 nodelay=1; established; queue 1000");
    assert_int_equal(t.c.send.flight, 1000);
}

static void expect_said(uint32_t offset, uint32_t len)
{
    assert_int_equal(t.said, 1);
    assert_int_equal(t.out[0].e.seq - t.c.send.una, offset);
    assert_int_equal(t.out[0].e.len, len);
}

/* ---- fast retransmit and recovery ---- */

static void third_duplicate__sends_the_first_segment_again_and_halves(void **state)
{
    (void)state;
    ten_in_flight();
    run("seg ACK ack=SND.UNA");
    assert_int_equal(t.said, 0);
    run("seg ACK ack=SND.UNA");
    assert_int_equal(t.said, 0);
    run("seg ACK ack=SND.UNA");
    expect_said(0u, 100u);
    assert_int_equal(t.c.congestion.ssthresh, 500);
    assert_int_equal(t.c.congestion.cwnd, 500 + 3 * 100);
    run("seg ACK ack=SND.UNA");
    assert_int_equal(t.said, 0);
    assert_int_equal(t.c.congestion.cwnd, 900);
}

static void first_two_duplicates__let_a_new_segment_go_each(void **state)
{
    (void)state;
    ten_in_flight();
    run("queue 1000");
    assert_int_equal(t.said, 0);
    run("seg ACK ack=SND.UNA");
    expect_said(1000u, 100u);
    run("seg ACK ack=SND.UNA");
    expect_said(1100u, 100u);
    assert_int_equal(t.c.congestion.cwnd, 1000);
}

static void partial_ack__sends_the_next_hole_again(void **state)
{
    (void)state;
    ten_in_flight();
    run("seg ACK ack=SND.UNA; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA");
    run("seg ACK ack=SND.UNA+300");
    expect_said(0u, 100u);
    assert_int_equal(t.c.congestion.recovering, 1);
    assert_int_equal(t.c.congestion.recover, 700);
    assert_int_equal(t.c.congestion.cwnd, 800 - 300 + 100);
}

static void full_ack__ends_the_recovery_at_the_threshold(void **state)
{
    (void)state;
    ten_in_flight();
    run("seg ACK ack=SND.UNA; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA+300; "
        "seg ACK");
    assert_int_equal(t.said, 0);
    assert_int_equal(t.c.congestion.recovering, 0);
    assert_int_equal(t.c.congestion.cwnd,
                     200); /* min(ssthresh, max(flight, MSS) + MSS): nothing is in flight */
}

static void duplicates_after_a_timeout__start_no_second_recovery(void **state)
{
    (void)state;
    ten_in_flight();
    run("expire rexmit; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA; seg ACK "
        "ack=SND.UNA");
    assert_int_equal(t.c.congestion.recovering, 0);
    assert_int_equal(t.c.congestion.cwnd, 100);
}

static void timeout_in_recovery__ends_it(void **state)
{
    (void)state;
    ten_in_flight();
    run("seg ACK ack=SND.UNA; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA; expire rexmit");
    assert_int_equal(t.c.congestion.recovering, 0);
    assert_int_equal(t.c.congestion.cwnd, 100);
    assert_int_equal(t.c.flight.resend_to, 1000);
}

/* RFC 5681 3.2 step 5: each further duplicate says that a segment left the network; once half the flight has, text that was
   never sent goes, a segment for each. The peer's window bounds it as always. */
static void further_duplicates__let_new_text_go_in_recovery(void **state)
{
    (void)state;
    ten_in_flight();
    run("queue 2000; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA");
    assert_int_equal(t.c.congestion.cwnd, 500 + 3 * 100); /* of 1000, not of 1200: RFC 5681 3.2 */
    for (uint32_t k = 0u; k < 4u; k++) {
        run("seg ACK ack=SND.UNA");
        assert_int_equal(t.said, 0);
    }
    for (uint32_t k = 0u; k < 5u; k++) {
        run("seg ACK ack=SND.UNA");
        expect_said(1200u + 100u * k, 100u);
        assert_int_equal(t.c.congestion.recovering, 1);
    }
    ten_in_flight();
    run("queue 2000; seg ACK ack=SND.UNA wnd=1250; seg ACK ack=SND.UNA wnd=1250");
    run("seg ACK ack=SND.UNA wnd=1250; seg ACK ack=SND.UNA wnd=1250");
    for (uint32_t k = 0u; k < 20u; k++) {
        run("seg ACK ack=SND.UNA wnd=1250");
        assert_true(t.c.send.flight <= 1250u);
    }
}

/* RFC 5681 4.3: until the loss is repaired, at most half of what was outstanding goes again in a round trip. Whatever
   goes arrives and is acknowledged, a segment each; returns the most that left in one round. */
static uint32_t most_in_a_round(void)
{
    uint32_t most = 0u, sent = 1u, acked = 0u;

    for (uint32_t round = 0u; acked < 10u && round < 20u; round++) {
        uint32_t arrived = sent;

        most = sent > most ? sent : most;
        sent = 0u;
        for (; arrived > 0u; arrived--, acked++) {
            run("seg ACK ack=SND.UNA+100");
            sent += t.said;
        }
    }
    assert_int_equal(acked, 10u);
    assert_int_equal(t.c.send.flight, 0u);
    return most;
}

static void all_of_a_flight_lost__at_most_half_of_it_goes_again_in_a_round(void **state)
{
    (void)state;
    ten_in_flight();
    run("expire rexmit");
    expect_said(0u, 100u);
    assert_int_equal(most_in_a_round(), 4u); /* 1, 2, 4 and the other 3 */
}

static void some_of_a_flight_lost__one_goes_again_in_a_round_and_the_window_ends_at_half(
    void **state)
{
    (void)state;
    ten_in_flight(); /* the first, fourth and seventh are lost */
    run("seg ACK ack=SND.UNA; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA");
    expect_said(0u, 100u);
    run("seg ACK ack=SND.UNA; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA");
    assert_int_equal(t.said, 0u);
    for (uint32_t hole = 0u; hole < 2u; hole++) {
        run("seg ACK ack=SND.UNA+300");
        expect_said(0u, 100u);
    }
    run("seg ACK");
    assert_int_equal(t.c.congestion.recovering, 0u);
    assert_true(t.c.congestion.cwnd <= t.c.congestion.ssthresh);
}

/* RFC 5681 4.3: what went again is lost too, and only the timer tells; or the next window has a loss of its own. Either is a
   second sign, and the window is lowered a second time. */
static void retransmission_lost_in_recovery__lowers_the_window_twice(void **state)
{
    (void)state;
    ten_in_flight();
    run("seg ACK ack=SND.UNA; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA");
    expect_said(0u, 100u);
    assert_int_equal(t.c.congestion.ssthresh, 500);
    assert_int_equal(t.c.congestion.cwnd, 500 + 3 * 100);
    run("queue 3000; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA; seg ACK "
        "ack=SND.UNA");
    assert_int_equal(t.c.send.flight, 1200);
    run("expire rexmit");
    assert_int_equal(t.c.congestion.cwnd, 100);
    assert_int_equal(t.c.congestion.ssthresh, 500); /* not half of the 1200 */
    run("seg ACK ack=SND.UNA+1000; queue 1000; seg ACK; queue 1000");
    assert_in_range(t.c.congestion.cwnd, 200, 300);
}

static void loss_in_the_next_window__lowers_the_threshold_again(void **state)
{
    (void)state;
    ten_in_flight();
    run("queue 3000; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA");
    assert_int_equal(t.c.congestion.ssthresh, 500); /* the two of limited transmit do not count */
    run("seg ACK");                                 /* all that was sent: the recovery is over */
    assert_int_equal(t.c.congestion.recovering, 0);
    assert_in_range(t.c.congestion.cwnd, 200, 600);
    run("seg ACK ack=SND.UNA; seg ACK ack=SND.UNA; seg ACK ack=SND.UNA");
    assert_true(t.said > 0u);
    assert_int_equal(t.out[0].e.seq, t.c.send.una);
    assert_int_equal(t.c.congestion.recovering, 1);
    assert_in_range(t.c.congestion.ssthresh, 200, 300);
}

static void what_is_no_duplicate__is_not_counted(void **state)
{
    static const char *const scripts[] = {
        "seg ACK ack=SND.UNA len=10",            /* text */
        "seg ACK ack=SND.UNA wnd=7000",          /* the window moved */
        "seg FIN,ACK ack=SND.UNA seq=RCV.NXT+1", /* a FIN */
    };

    (void)state;
    for (size_t i = 0u; i < sizeof scripts / sizeof scripts[0]; i++) {
        ten_in_flight();
        run(scripts[i]);
        assert_int_equal(t.c.congestion.duplicates, 0);
    }
    begin("set nodelay=1; established; seg ACK");
    assert_int_equal(t.c.congestion.duplicates, 0); /* nothing was in flight */
}

/* ---- the delayed ACK ---- */

static void text_in_order__waits_and_the_second_segment_is_answered(void **state)
{
    (void)state;
    begin("set delayed_ack=40000; established; seg ACK len=10");
    assert_int_equal(t.said, 0);
    assert_int_equal(sq_deadline(&t.c), t.c.now + 40000u);
    run("seg ACK len=10");
    assert_int_equal(t.said, 1);
    assert_int_equal(t.out[0].e.ack, t.c.receive.nxt);
    assert_true(t.c.times.ack == SQ_NEVER);
}

static void the_wait_ends__with_the_timer_or_with_text_of_ours(void **state)
{
    (void)state;
    begin("set delayed_ack=40000; established; seg ACK len=10; ~wait 37000; tick");
    assert_int_equal(t.said, 0);
    run("tick");
    assert_int_equal(t.said, 1);
    assert_int_equal(t.out[0].e.len, 0);
    begin("set delayed_ack=40000 nodelay=1; established; seg ACK len=10; queue 5");
    assert_int_equal(t.said, 1);
    assert_int_equal(t.out[0].e.len, 5);
    assert_true(t.c.times.ack == SQ_NEVER);
}

static void gaps_duplicates_and_fins__are_answered_at_once(void **state)
{
    static const char *const scripts[] = {
        "seg ACK seq=RCV.NXT+10 len=10",                 /* beyond a gap */
        "~seg ACK seq=RCV.NXT+10 len=10; seg ACK len=5", /* behind the gap */
        "seg ACK seq=RCV.NXT-10 len=10",                 /* a duplicate */
        "seg FIN,ACK len=10",
    };

    (void)state;
    for (size_t i = 0u; i < sizeof scripts / sizeof scripts[0]; i++) {
        begin("set delayed_ack=40000; established; seg ACK len=20; expire ack");
        run(scripts[i]);
        assert_int_equal(t.said, 1);
    }
}

/* ---- keepalive ---- */

static void silent_peer__is_probed_and_given_up(void **state)
{
    uint64_t begun;

    (void)state;
    begin("set keepalive=1 keep_idle=100 keep_interval=10 keep_probes=3; established");
    begun = t.c.now;
    for (uint32_t i = 0u; i < 3u; i++) {
        t.now = sq_deadline(&t.c) - 1000u;
        run("tick");
        assert_int_equal(t.c.now - begun, (100u + 10u * i) * SECOND);
        assert_int_equal(t.said, 1);
        assert_int_equal(t.out[0].e.seq, t.c.send.una - 1u);
        assert_int_equal(t.out[0].e.flags, SQ_ACK);
        assert_int_equal(t.out[0].e.len, 0);
    }
    t.now = sq_deadline(&t.c) - 1000u;
    run("tick");
    assert_int_equal(t.c.state, SQ_CLOSED);
    assert_int_equal(t.c.reason, SQ_REASON_TIMED_OUT);
}

static void answered_probe__begins_the_silence_anew(void **state)
{
    (void)state;
    begin("set keepalive=1 keep_idle=100 keep_interval=10 keep_probes=3; established; expire "
          "keepalive; expire keepalive");
    assert_int_equal(t.c.keeps, 2);
    run("seg ACK");
    assert_int_equal(t.c.keeps, 0);
    assert_true(sq_deadline(&t.c) == t.c.now + 100u * SECOND);
}

static void while_text_is_in_flight__no_probe_goes(void **state)
{
    (void)state;
    begin("set keepalive=1 keep_idle=1; established; queue 10; expire keepalive");
    assert_int_equal(t.said, 0);
    assert_int_equal(t.c.keeps, 0);
}

static void by_default__nobody_is_probed(void **state)
{
    (void)state;
    begin("established; seg ACK len=5");
    assert_true(t.c.times.keepalive == SQ_NEVER);
}

/* ---- restart after idle time ---- */

static void idle_longer_than_the_rto__starts_with_the_initial_window(void **state)
{
    (void)state;
    begin("set mss=100 send=4000 nodelay=1; established; queue 1000; seg ACK; queue 2000; seg ACK; "
          "seg ACK");
    assert_true(sq_status(&t.c).congestion_window > 1000u);
    run("~wait 100000; queue 100; seg ACK");
    assert_true(sq_status(&t.c).congestion_window > 1000u);
    run("~wait 5000000; queue 4000");
    assert_int_equal(t.c.congestion.cwnd, 1000);
    assert_int_equal(t.c.send.flight, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(third_duplicate__sends_the_first_segment_again_and_halves),
        cmocka_unit_test(first_two_duplicates__let_a_new_segment_go_each),
        cmocka_unit_test(partial_ack__sends_the_next_hole_again),
        cmocka_unit_test(full_ack__ends_the_recovery_at_the_threshold),
        cmocka_unit_test(duplicates_after_a_timeout__start_no_second_recovery),
        cmocka_unit_test(timeout_in_recovery__ends_it),
        cmocka_unit_test(further_duplicates__let_new_text_go_in_recovery),
        cmocka_unit_test(all_of_a_flight_lost__at_most_half_of_it_goes_again_in_a_round),
        cmocka_unit_test(
            some_of_a_flight_lost__one_goes_again_in_a_round_and_the_window_ends_at_half),
        cmocka_unit_test(retransmission_lost_in_recovery__lowers_the_window_twice),
        cmocka_unit_test(loss_in_the_next_window__lowers_the_threshold_again),
        cmocka_unit_test(what_is_no_duplicate__is_not_counted),
        cmocka_unit_test(text_in_order__waits_and_the_second_segment_is_answered),
        cmocka_unit_test(the_wait_ends__with_the_timer_or_with_text_of_ours),
        cmocka_unit_test(gaps_duplicates_and_fins__are_answered_at_once),
        cmocka_unit_test(silent_peer__is_probed_and_given_up),
        cmocka_unit_test(answered_probe__begins_the_silence_anew),
        cmocka_unit_test(while_text_is_in_flight__no_probe_goes),
        cmocka_unit_test(by_default__nobody_is_probed),
        cmocka_unit_test(idle_longer_than_the_rto__starts_with_the_initial_window),
    };

    return cmocka_run_group_tests_name("reliability", tests, NULL, NULL);
}
