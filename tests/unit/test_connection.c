/* SPDX-License-Identifier: MIT */
/* One connection through its public calls, where the rows of fsm.csv (tests/fsm) do not look: clocks, limits, settings,
   the wire's sizes, and what is left when it is over. The script language is that of tests/fsm/talk.h. */
#include "tests/fsm/talk_test.h"

#define MINUTE (60u * SECOND)

/* Lets the next deadline come. */
static uint64_t pass(void)
{
    uint64_t before = t.now;

    t.now = sq_deadline(&t.c) - 1000u; /* a command takes a millisecond */
    run("tick");
    return t.now - before;
}

/* ---- OPEN ---- */

static void settings_out_of_range__are_refused_and_nothing_changes(void **state)
{
    static const struct {
        size_t where;
        uint32_t value;
    } bad[] = {
        {offsetof(struct sq_settings, rto_initial), 0u},
        {offsetof(struct sq_settings, rto_initial), 199999u},
        {offsetof(struct sq_settings, rto_initial), 120000001u},
        {offsetof(struct sq_settings, rto_after_syn), 120000001u},
        {offsetof(struct sq_settings, rto_min), 999u},
        {offsetof(struct sq_settings, rto_max), 240000001u},
        {offsetof(struct sq_settings, mss), 47u},
        {offsetof(struct sq_settings, mss), 65496u},
        {offsetof(struct sq_settings, initial_window), 0u},
        {offsetof(struct sq_settings, initial_window), 65u},
        {offsetof(struct sq_settings, shift), 15u},
        {offsetof(struct sq_settings, nodelay), 2u},
        {offsetof(struct sq_settings, tw_ignore_rst), 2u},
        {offsetof(struct sq_settings, delayed_ack), 500000u},
        {offsetof(struct sq_settings, keepalive), 2u},
        {offsetof(struct sq_settings, keep_idle), 0u},
        {offsetof(struct sq_settings, keep_interval), SQ_KEEP_MAX + 1u},
        {offsetof(struct sq_settings, keep_probes), 0u},
        {offsetof(struct sq_settings, keep_probes), 256u},
    };

    (void)state;
    for (size_t i = 0u; i < sizeof bad / sizeof bad[0]; i++) {
        struct sq_settings s;
        struct sq_conn c, fresh;

        sq_init(&c);
        sq_init(&fresh);
        sq_settings_default(&s);
        assert_int_equal(sq_open_active(&c, &s, 1u, 1u, 5u), SQ_OK);
        sq_release(&c);
        memcpy((uint8_t *)&s + bad[i].where, &bad[i].value, sizeof bad[i].value);
        assert_int_equal(sq_open_active(&c, &s, 1u, 1u, 5u), SQ_ERROR_SETTINGS);
        assert_int_equal(sq_open_passive(&c, &s, 1u, 1u), SQ_ERROR_SETTINGS);
        assert_memory_equal(&c, &fresh, sizeof c);
    }
}

static void rings_out_of_range__are_refused(void **state)
{
    struct sq_settings s;
    struct sq_conn c;

    (void)state;
    sq_settings_default(&s);
    sq_init(&c);
    assert_int_equal(sq_open_passive(&c, &s, 0u, 1u), SQ_ERROR_SETTINGS);
    assert_int_equal(sq_open_passive(&c, &s, 1u, SQ_WINDOW_MAX + 1u), SQ_ERROR_SETTINGS);
    assert_int_equal(sq_open_active(&c, &s, SQ_WINDOW_MAX + 1u, 1u, 0u), SQ_ERROR_SETTINGS);
    assert_int_equal(sq_open_active(&c, &s, SQ_WINDOW_MAX, SQ_WINDOW_MAX, 0u), SQ_OK);
}

static void syn__says_the_mss_and_a_window_without_scale(void **state)
{
    (void)state;
    begin("syn-sent");
    assert_int_equal(t.said, 1);
    assert_int_equal(t.out[0].e.mss, 1000);
    assert_int_equal(t.out[0].e.window, 3000);
    assert_int_equal(t.out[0].e.shift, SQ_NO_SHIFT);
}

static void mss__is_the_least_of_ours_the_peers_and_536_if_none_is_said(void **state)
{
    static const struct {
        const char *script;
        uint32_t mss;
    } rows[] = {
        {"listen; seg SYN mss=0", 536u},
        {"listen; seg SYN mss=999", 999u},
        {"listen; seg SYN mss=65535", 1000u},
        {"listen; seg SYN mss=1", SQ_MSS_MIN},
        {"set mss=100; listen; seg SYN mss=0", 100u},
        {"syn-sent; seg SYN,ACK mss=300", 300u},
    };

    (void)state;
    for (size_t i = 0u; i < sizeof rows / sizeof rows[0]; i++) {
        begin(rows[i].script);
        assert_int_equal(sq_status(&t.c).mss, rows[i].mss);
    }
}

/* ---- clocks. RFC 6298, RFC 9293 3.8.3 ---- */

static void syn__goes_again_after_1_2_4_seconds_and_gives_up_after_three_minutes(void **state)
{
    uint64_t begun, gap = SECOND;

    (void)state;
    begin("syn-sent");
    begun = t.now;
    while (t.c.state == SQ_SYN_SENT) {
        uint64_t passed = pass();

        if (t.c.state == SQ_SYN_SENT) {
            assert_int_equal(passed, gap);
            assert_int_equal(t.said, 1);
            assert_int_equal(t.out[0].e.flags, SQ_SYN);
            gap = gap * 2u < 120u * SECOND ? gap * 2u : 120u * SECOND;
        }
    }
    assert_int_equal(t.now - begun, 3u * MINUTE);
    assert_int_equal(t.c.reason, SQ_REASON_TIMED_OUT);
}

static void data__goes_again_doubling_and_gives_up_after_r2(void **state)
{
    uint64_t begun, gap = 0u;

    (void)state;
    begin("established; queue 100");
    begun = t.now;
    while (t.c.state == SQ_ESTABLISHED) {
        uint64_t passed = pass();

        if (t.c.state == SQ_ESTABLISHED) {
            assert_true(gap == 0u || passed == 2u * gap || passed == 120u * SECOND);
            assert_int_equal(t.out[0].e.len, 100);
            gap = passed;
        }
    }
    assert_int_equal(t.now - begun, 300u * SECOND);
    assert_int_equal(t.c.reason, SQ_REASON_TIMED_OUT);
}

static void passive_half_open__is_given_up_after_its_own_limit(void **state)
{
    uint64_t begun;

    (void)state;
    begin("syn-received");
    begun = t.now;
    while (t.c.state == SQ_SYN_RECEIVED) {
        pass();
    }
    assert_int_equal(t.now - begun, 64u * SECOND);
    expect_state(SQ_CLOSED);
}

static void round_trip__first_sample_gives_r_and_half_r(void **state)
{
    (void)state;
    begin("set rto_min=200000; established; queue 100; ~wait 398000; seg ACK ack=SND.UNA; seg ACK");
    /* The handshake took 1 ms: SRTT 1000, RTTVAR 500. Then 401 ms: RTTVAR 3/4 500 + 1/4 400000, SRTT 7/8 1000 + 1/8 401000. */
    assert_int_equal(t.c.rtt.rttvar, (3u * 500u + 400000u) / 4u);
    assert_int_equal(t.c.rtt.srtt, (7u * 1000u + 401000u) / 8u);
    assert_int_equal(t.c.rtt.rto, t.c.rtt.srtt + 4u * t.c.rtt.rttvar);
    begin("established; queue 100; ~wait 398000; seg ACK ack=SND.UNA; seg ACK");
    assert_int_equal(t.c.rtt.rto, SECOND); /* RFC 6298 2.4, by default */
}

static void sent_again__gives_no_sample(void **state)
{
    struct sq_rtt before;

    (void)state;
    begin("established; queue 100; expire rexmit");
    before = t.c.rtt;
    run("~wait 50000; seg ACK");
    assert_int_equal(sq_status(&t.c).unacknowledged, 0);
    assert_memory_equal(&before, &t.c.rtt, sizeof before);
}

static void syn_sent_again__data_begins_with_3_seconds_and_one_segment(void **state)
{
    (void)state;
    begin("syn-sent; expire rexmit; seg SYN,ACK");
    assert_int_equal(sq_status(&t.c).rto, 3u * SECOND);
    assert_int_equal(sq_status(&t.c).congestion_window, 1000);
    begin("established-active");
    assert_int_equal(sq_status(&t.c).congestion_window, 10000);
}

static void before_the_deadline__a_tick_does_nothing(void **state)
{
    static const char *const scripts[] = {"syn-sent", "established; queue 100", "time-wait",
                                          "established; seg ACK wnd=0; queue 100"};

    (void)state;
    for (size_t i = 0u; i < sizeof scripts / sizeof scripts[0]; i++) {
        struct sq_conn before;

        begin(scripts[i]);
        before = t.c;
        sq_tick(&t.c, sq_deadline(&t.c) - 1u);
        before.now = t.c.now;
        assert_memory_equal(&before, &t.c, sizeof before);
        sq_tick(&t.c, sq_deadline(&t.c));
        assert_memory_not_equal(&before, &t.c, sizeof before);
    }
}

static void a_clock_that_goes_back__reads_as_the_last_one(void **state)
{
    uint64_t due, now;

    (void)state;
    begin("established; queue 100");
    due = sq_deadline(&t.c);
    now = t.c.now;
    t.now = 5u;
    run("seg ACK len=10 ack=SND.UNA; tick");
    assert_true(t.c.now == now);
    assert_true(sq_deadline(&t.c) == due);
}

static void a_clock_beyond_the_maximum__reads_as_the_maximum(void **state)
{
    (void)state;
    begin("established");
    t.now = UINT64_MAX - MINUTE;
    run("queue 100");
    assert_true(t.c.now == SQ_TIME_MAX);
    assert_true(sq_deadline(&t.c) > SQ_TIME_MAX && sq_deadline(&t.c) != SQ_NEVER);
}

static void shut_window__probes_ever_more_seldom_and_is_never_given_up_while_answered(void **state)
{
    uint64_t last = 0u, begun;
    uint32_t probes = 0u;

    (void)state;
    begin("established; seg ACK wnd=0; queue 100");
    begun = t.now;
    while (t.now - begun < 3600u * (uint64_t)SECOND && t.c.state == SQ_ESTABLISHED) {
        uint64_t passed = pass();

        if (t.said == 1u && t.c.state == SQ_ESTABLISHED) {
            assert_int_equal(t.out[0].e.len, 1);
            assert_true(passed + 2000u >= last);
            last = passed;
            probes++;
            run("seg ACK ack=SND.UNA wnd=0");
        }
    }
    expect_state(SQ_ESTABLISHED);
    assert_in_range(probes, 20u, 60u);
    run("seg ACK ack=SND.UNA wnd=8000");
    assert_int_equal(t.said, 1); /* the byte of the probe, at once */
    assert_int_equal(t.out[0].e.len, 1);
    run("seg ACK; seg ACK");
    assert_int_equal(sq_status(&t.c).unsent + sq_status(&t.c).unacknowledged, 0);
}

/* ---- segments ---- */

static void a_closed_block_and_no_block__refuse_alike(void **state)
{
    (void)state;
    for (uint32_t flags = 0u; flags < 64u; flags++) {
        struct sq_reset r = sq_refusal(flags, 77u, 88u, 10u);
        struct sq_header h = {.flags = flags, .seq = 77u, .ack = 88u};
        struct sq_segment_info info = {.len = 10u};
        struct sq_conn c;
        struct sq_emit e;

        sq_init(&c);
        sq_input_segment(&c, &h, &info);
        assert_int_equal(sq_output(&c, &e, 1u, 0u), r.due == 1u ? SQ_DUE_RST : SQ_DUE_NONE);
        if (r.due == 1u) {
            assert_int_equal(e.flags, r.flags);
            assert_int_equal(e.seq, r.seq);
            assert_int_equal(e.ack, r.ack);
        }
    }
}

static void challenge_acks__one_in_half_a_second(void **state)
{
    static const char *const attacks[] = {"seg RST seq=RCV.NXT+1", "seg SYN",
                                          "seg ACK ack=SND.NXT+1", "seg SYN seq=RCV.NXT-9"};

    (void)state;
    for (size_t i = 0u; i < sizeof attacks / sizeof attacks[0]; i++) {
        begin("established");
        run(attacks[i]);
        assert_int_equal(t.said, 1);
        run(attacks[(i + 1u) % 4u]);
        assert_int_equal(t.said, 0);
        run("~wait 500000");
        run(attacks[i]);
        assert_int_equal(t.said, 1);
    }
}

static void text_outside_the_window__is_answered_every_time(void **state)
{
    (void)state;
    begin("established; seg ACK len=10");
    for (uint32_t i = 0u; i < 5u; i++) {
        run("seg ACK seq=RCV.NXT-1 len=1");
        assert_int_equal(t.said, 1);
    }
}

static void window__is_told_again_only_by_a_segment_or_half_the_ring(void **state)
{
    (void)state;
    begin("established; seg ACK len=3000; read 999");
    assert_int_equal(t.said, 0);
    run("read 1");
    assert_int_equal(t.said, 1);
    assert_int_equal(t.out[0].e.window, 1000);
    begin("set receive=1000; established; seg ACK len=1000; read 499");
    assert_int_equal(t.said, 0);
    run("read 1");
    assert_int_equal(t.out[0].e.window, 500);
}

static void more_gaps_than_ranges__cost_a_retransmission_but_no_byte(void **state)
{
    char script[60];

    (void)state;
    begin("established");
    for (uint32_t i = 0u; i < SQ_RANGES + 4u; i++) {
        snprintf(script, sizeof script, "seg ACK seq=RCV.NXT+%u len=10", 10u + 20u * i);
        run(script);
        assert_int_equal(t.said, 1);
    }
    for (uint32_t i = 0u; i < SQ_RANGES + 4u; i++) {
        snprintf(script, sizeof script, "seg ACK seq=IRS+%u len=20", 1u + 20u * i);
        run(script);
    }
    assert_int_equal(sq_status(&t.c).readable, 20u * (SQ_RANGES + 4u));
    run("read 240");
}

static void what_fits_in_one_segment__is_the_mss_or_the_callers_limit(void **state)
{
    struct sq_emit e;

    (void)state;
    begin("established; ~queue 2500");
    assert_int_equal(sq_output(&t.c, &e, 300u, t.now), SQ_DUE_DATA);
    assert_int_equal(e.len, 300);
    assert_int_equal(sq_output(&t.c, &e, 5000u, t.now), SQ_DUE_DATA);
    assert_int_equal(e.len, 1000);
    assert_int_equal(e.text.at, 300);
}

static void timeout__sends_one_segment_again_and_goes_on_as_it_is_acknowledged(void **state)
{
    (void)state;
    begin("established; queue 4000; expire rexmit");
    assert_int_equal(t.said, 1);
    assert_int_equal(t.out[0].e.len, 1000);
    run("seg ACK ack=SND.UNA+1000");
    assert_int_equal(t.said, 2);
    assert_int_equal(t.out[0].e.len, 1000);
    assert_int_equal(t.out[0].e.seq, t.c.send.una);
    run("seg ACK ack=SND.UNA+3000");
    assert_int_equal(sq_status(&t.c).unacknowledged, 0);
}

/* ---- what is left ---- */

static void release__leaves_the_block_as_init_does(void **state)
{
    static const char *const scripts[] = {"",
                                          "listen",
                                          "syn-sent; queue 100",
                                          "established; queue 3000; seg ACK seq=RCV.NXT+9 len=10",
                                          "established; seg ACK len=3000; seg RST",
                                          "time-wait; expire time_wait",
                                          "last-ack; seg ACK",
                                          "established; ~abort"};

    (void)state;
    for (size_t i = 0u; i < sizeof scripts / sizeof scripts[0]; i++) {
        struct sq_conn fresh;

        memset(&fresh, 0xee, sizeof fresh);
        sq_init(&fresh);
        begin(scripts[i]);
        sq_release(&t.c);
        assert_memory_equal(&t.c, &fresh, sizeof fresh);
    }
}

static void reset__keeps_unread_text_readable(void **state)
{
    (void)state;
    begin("established; seg ACK len=200; seg ACK seq=RCV.NXT+50 len=10; seg RST");
    expect_state(SQ_CLOSED);
    assert_int_equal(sq_status(&t.c).readable, 200);
    run("read 150; read 50");
    assert_int_equal(t.result, SQ_OK);
    assert_int_equal(t.said, 0);
}

static void a_block_opened_again__knows_nothing_of_the_last_connection(void **state)
{
    struct sq_conn fresh;

    (void)state;
    begin("listen");
    fresh = t.c;
    begin("established; queue 3000; seg ACK len=500; seg ACK seq=RCV.NXT+9 len=10; abort; "
          "open-passive");
    fresh.now = t.c.now;
    fresh.reassembly = t.c.reassembly; /* ranges beyond n are not looked at */
    assert_int_equal(t.c.reassembly.n, 0);
    memset(&fresh.flight.run, 0, sizeof fresh.flight.run);
    memset(&t.c.flight.run, 0, sizeof t.c.flight.run);
    assert_memory_equal(&t.c, &fresh, sizeof fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_out_of_range__are_refused_and_nothing_changes),
        cmocka_unit_test(rings_out_of_range__are_refused),
        cmocka_unit_test(syn__says_the_mss_and_a_window_without_scale),
        cmocka_unit_test(mss__is_the_least_of_ours_the_peers_and_536_if_none_is_said),
        cmocka_unit_test(syn__goes_again_after_1_2_4_seconds_and_gives_up_after_three_minutes),
        cmocka_unit_test(data__goes_again_doubling_and_gives_up_after_r2),
        cmocka_unit_test(passive_half_open__is_given_up_after_its_own_limit),
        cmocka_unit_test(round_trip__first_sample_gives_r_and_half_r),
        cmocka_unit_test(sent_again__gives_no_sample),
        cmocka_unit_test(syn_sent_again__data_begins_with_3_seconds_and_one_segment),
        cmocka_unit_test(before_the_deadline__a_tick_does_nothing),
        cmocka_unit_test(a_clock_that_goes_back__reads_as_the_last_one),
        cmocka_unit_test(a_clock_beyond_the_maximum__reads_as_the_maximum),
        cmocka_unit_test(shut_window__probes_ever_more_seldom_and_is_never_given_up_while_answered),
        cmocka_unit_test(a_closed_block_and_no_block__refuse_alike),
        cmocka_unit_test(challenge_acks__one_in_half_a_second),
        cmocka_unit_test(text_outside_the_window__is_answered_every_time),
        cmocka_unit_test(window__is_told_again_only_by_a_segment_or_half_the_ring),
        cmocka_unit_test(more_gaps_than_ranges__cost_a_retransmission_but_no_byte),
        cmocka_unit_test(what_fits_in_one_segment__is_the_mss_or_the_callers_limit),
        cmocka_unit_test(timeout__sends_one_segment_again_and_goes_on_as_it_is_acknowledged),
        cmocka_unit_test(release__leaves_the_block_as_init_does),
        cmocka_unit_test(reset__keeps_unread_text_readable),
        cmocka_unit_test(a_block_opened_again__knows_nothing_of_the_last_connection),
    };

    return cmocka_run_group_tests_name("connection", tests, NULL, NULL);
}
