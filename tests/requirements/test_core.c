/* SPDX-License-Identifier: MIT */
/* Requirements that nothing else shows: a test for each, named after it (spec/requirements.tsv). The script language is that
   of tests/fsm/talk.h. */
#include "tests/fsm/talk_test.h"

/* ---- sizes ---- */

/* New text and text that goes again, whatever the peer offers and the caller allows. */
static void must_16__no_segment_is_longer_than_the_mss_or_the_limit(void **state)
{
    static const uint32_t limits[] = {1u, 299u, 300u, 301u, 1000u, 65535u};

    (void)state;
    for (size_t i = 0u; i < sizeof limits / sizeof limits[0]; i++) {
        uint32_t most = limits[i] < 300u ? limits[i] : 300u;
        struct sq_emit e;

        begin("open-passive; seg SYN mss=300; seg ACK; ~queue 1000");
        for (uint32_t k = 0u; sq_output(&t.c, &e, limits[i], t.now) != SQ_DUE_NONE; k++) {
            assert_true(k > 0u || e.len == most);
            assert_in_range(e.len, 1u, most);
        }
        run("~expire rexmit");
        assert_int_equal(sq_output(&t.c, &e, limits[i], t.now), SQ_DUE_RESEND);
        assert_int_equal(e.len, most);
    }
}

/* Nothing but a SYN carries MSS or window scale; no reserved bit is ever set; what follows a SYN has ACK or RST set. */
static void must_65__only_a_syn_carries_options(void **state)
{
    static const char *const scripts[] = {
        "syn-sent",
        "syn-sent; expire rexmit",
        "syn-sent; seg SYN shift=3",
        "syn-received",
        "syn-received; expire rexmit",
        "established; queue 2500",
        "established; queue 2500; expire rexmit",
        "established; seg ACK len=20",
        "established; seg ACK len=20 seq=RCV.NXT-20",
        "established; seg SYN",
        "established; seg ACK wnd=0; queue 9; expire persist",
        "established; queue 100; close",
        "established; close; expire rexmit",
        "established; abort",
        "close-wait; close",
        "last-ack; expire rexmit",
        "time-wait; seg FIN,ACK seq=RCV.NXT-1",
        "closed; seg ACK ack=5",
        "closed; seg SYN",
        "listen; seg ACK ack=5",
    };

    (void)state;
    for (size_t i = 0u; i < 2u * sizeof scripts / sizeof scripts[0]; i++) {
        begin(i % 2u == 0u ? "set shift=2" : "set shift=255");
        run(scripts[i / 2u]);
        assert_true(t.said > 0u);
        for (uint32_t k = 0u; k < t.said; k++) {
            const struct sq_emit *e = &t.out[k].e;

            assert_true(e->flags < 64u && (e->flags & SQ_URG) == 0u);
            if ((e->flags & SQ_SYN) != 0u) {
                assert_int_equal(e->mss, 1000);
            } else {
                assert_int_equal(e->mss, 0);
                assert_int_equal(e->shift, SQ_NO_SHIFT);
                assert_true((e->flags & (SQ_ACK | SQ_RST)) != 0u);
            }
        }
    }
}

/* RFC 9293 3.1: the four reserved bits, and those that no negotiated extension gives a meaning. */
static void reserved_bits__change_nothing(void **state)
{
    static const struct {
        const char *script;
        uint32_t flags, len;
    } rows[] = {{"listen", SQ_SYN, 0u},
                {"established", SQ_ACK, 100u},
                {"established", SQ_FIN + SQ_ACK, 0u},
                {"established", SQ_RST, 0u},
                {"established", 0u, 10u},
                {"closed", SQ_ACK, 0u}};

    (void)state;
    for (size_t i = 0u; i < sizeof rows / sizeof rows[0]; i++) {
        static uint8_t text[100];
        struct sq_conn plain;

        for (uint32_t reserved = 0u; reserved < 4096u; reserved += 64u) {
            struct sq_header h = {.flags = rows[i].flags + reserved, .window = 8000u};
            struct sq_segment_info info = {.len = rows[i].len, .iss = 5u};

            begin(rows[i].script);
            h.seq = t.c.receive.nxt;
            h.ack = t.c.send.una + t.c.send.flight;
            info.now = t.now;
            sq_input(&t.c, t.receive_ring, &h, text, &info);
            if (reserved == 0u) {
                plain = t.c;
            }
            assert_memory_equal(&t.c, &plain, sizeof plain);
        }
    }
}

/* ---- settings ---- */

static void must_21__r2_is_a_setting_of_each_connection(void **state)
{
    static const char *const scripts[] = {"set r2=30000000; established; queue 100",
                                          "set r2=300000000; established; queue 100",
                                          "set r2=45000000; close-wait; close"};
    static const uint32_t r2[] = {30u, 300u, 45u};

    (void)state;
    for (size_t i = 0u; i < 3u; i++) {
        uint64_t begun;

        begin(scripts[i]);
        begun = t.now;
        while (t.c.state != SQ_CLOSED) {
            t.now = sq_deadline(&t.c) - 1000u;
            run("tick");
        }
        assert_int_equal(t.now - begun, r2[i] * SECOND);
        assert_int_equal(t.c.reason, SQ_REASON_TIMED_OUT);
    }
}

static void rfc_5961__the_interval_of_challenges_is_a_setting(void **state)
{
    (void)state;
    begin("set challenge=20000; established; seg SYN");
    assert_int_equal(t.said, 1);
    run("~wait 10000; seg SYN");
    assert_int_equal(t.said, 0);
    run("~wait 10000; seg SYN");
    assert_int_equal(t.said, 1);
}

/* ---- a window that shrinks. RFC 9293 3.8.6 ---- */

static void must_34__window_shrunk_below_the_flight__nothing_new_goes(void **state)
{
    (void)state;
    begin("set nodelay=1; established; queue 3000; seg ACK ack=SND.UNA wnd=1500; queue 1000");
    assert_int_equal(t.said, 0);
    run("seg ACK ack=SND.UNA+1000 wnd=500");
    assert_int_equal(t.said, 0);
    run("seg ACK ack=SND.UNA+2000 wnd=0");
    assert_int_equal(t.said, 0);
    run("seg ACK wnd=8000");
    assert_int_equal(t.said, 1);
    assert_int_equal(t.out[0].e.len, 1000);
    run("seg ACK");
    assert_int_equal(sq_status(&t.c).unacknowledged + sq_status(&t.c).unsent, 0);
}

static void shld_16__what_was_sent_before_the_window_shrank__goes_again(void **state)
{
    (void)state;
    begin("established; queue 3000; seg ACK ack=SND.UNA wnd=1500; expire rexmit");
    assert_int_equal(t.said, 1);
    assert_int_equal(t.out[0].e.seq, t.c.send.una);
    run("seg ACK ack=SND.UNA+1000 wnd=500");
    assert_int_equal(t.said, 2); /* beyond the edge, too: MAY-7 */
    assert_int_equal(t.out[0].e.seq, t.c.send.una);
    assert_int_equal(t.out[1].e.seq, t.c.send.una + 1000u);
}

/* ---- acknowledgments ---- */

static void must_58__many_segments_between_two_polls__one_ack(void **state)
{
    (void)state;
    begin("established; ~seg ACK len=500; ~seg ACK len=500; ~seg ACK seq=RCV.NXT+9 len=10; "
          "~seg ACK seq=RCV.NXT-5 len=5; ~seg RST seq=RCV.NXT+1; poll");
    assert_int_equal(t.said, 1);
    assert_int_equal(t.out[0].e.ack, t.c.receive.irs + 1001u);
    run("~seg ACK len=9; queue 10");
    assert_int_equal(t.said, 1);
    assert_int_equal(t.out[0].e.len, 10);
}

/* ---- close ---- */

/* Held up by the congestion window, by the peer's, by Nagle. */
static void fin__waits_for_all_text_however_small_the_window(void **state)
{
    static const char *const scripts[] = {"set initial_window=1; established; queue 2500; close",
                                          "established; seg ACK wnd=1500; queue 2500; close",
                                          "established; seg ACK wnd=0; queue 10; close"};

    (void)state;
    for (size_t i = 0u; i < 3u; i++) {
        uint32_t fins = 0u;

        begin(scripts[i]);
        for (uint32_t k = 0u; t.c.state == SQ_FIN_WAIT_1 && k < 10u; k++) {
            for (uint32_t n = 0u; n < t.said; n++) {
                fins += (t.out[n].e.flags & SQ_FIN) != 0u;
            }
            assert_true(fins == 0u || sq_status(&t.c).unsent == 0u);
            run("seg ACK");
        }
        assert_true(fins > 0u);
        expect_state(SQ_FIN_WAIT_2);
    }
}

/* ---- congestion. RFC 5681 3.1 ---- */

/* One full segment acknowledged at a time. */
static void acknowledge(uint32_t segments)
{
    for (uint32_t i = 0u; i < segments; i++) {
        run("~queue 1000; poll; seg ACK ack=SND.UNA+1000");
    }
}

static void rfc_5681__slow_start_then_one_segment_for_each_window(void **state)
{
    (void)state;
    begin("set initial_window=1; established; queue 4000");
    assert_int_equal(t.c.congestion.ssthresh, SQ_WINDOW_MAX);
    assert_int_equal(t.said, 1);
    run("seg ACK");
    assert_int_equal(sq_status(&t.c).congestion_window, 2000);
    assert_int_equal(t.said, 2);
    run("seg ACK ack=SND.UNA+2000");
    assert_int_equal(sq_status(&t.c).congestion_window, 3000); /* one segment, whatever it covers */
    /* Two are in flight when the timer goes off: the threshold is its least, two segments. */
    run("queue 3000; expire rexmit");
    assert_int_equal(t.c.congestion.ssthresh, 2000);
    assert_int_equal(sq_status(&t.c).congestion_window, 1000);
    run("seg ACK");
    assert_int_equal(sq_status(&t.c).congestion_window, 2000);
    run("seg ACK; seg ACK");
    begin("set initial_window=2; established");
    t.c.congestion.ssthresh = 2000u;
    acknowledge(1u);
    assert_int_equal(sq_status(&t.c).congestion_window, 2000);
    acknowledge(1u);
    assert_int_equal(sq_status(&t.c).congestion_window, 3000);
    acknowledge(2u);
    assert_int_equal(sq_status(&t.c).congestion_window, 3000);
    acknowledge(1u);
    assert_int_equal(sq_status(&t.c).congestion_window, 4000);
}

static void rfc_5681__a_second_timeout_of_the_same_segment_keeps_the_threshold(void **state)
{
    (void)state;
    begin("set mss=500; established; queue 4000; expire rexmit");
    assert_int_equal(t.c.congestion.ssthresh, 2000); /* half of what was in flight */
    run("seg ACK ack=SND.UNA+3000");
    begin("set mss=500; established; queue 4000; expire rexmit; expire rexmit; expire rexmit");
    assert_int_equal(t.c.congestion.ssthresh, 2000);
    assert_int_equal(sq_status(&t.c).congestion_window, 500);
}

/* A window of one segment from the start is no sign that the threshold was set before. */
static void rfc_5681__the_first_timeout_at_a_window_of_one_segment_sets_the_threshold(void **state)
{
    (void)state;
    begin("set mss=500; set initial_window=1; established; queue 4000; expire rexmit");
    assert_int_equal(t.c.congestion.ssthresh, 1000);
    assert_int_equal(sq_status(&t.c).congestion_window, 500);
}

/* ---- ABORT ---- */

/* A probe of a shut window is beyond it, and so is a RST at SND.NXT: the peer would take it for an attack. RFC 5961 3.2 */
static void abort__while_a_window_probe_is_out__sends_the_rst_where_the_window_ends(void **state)
{
    uint32_t una;

    (void)state;
    begin("established; queue 100; seg ACK ack=SND.NXT wnd=0; queue 100; expire persist");
    assert_int_equal(t.c.send.probing, 1);
    assert_int_equal(t.c.send.flight, 1);
    una = t.c.send.una;
    run("abort");
    assert_int_equal(t.out[t.said - 1u].e.flags, SQ_RST);
    assert_int_equal(t.out[t.said - 1u].e.seq, una);
    assert_int_equal(t.c.owed.rst_flags, 0); /* nothing is left of what was said */
    assert_int_equal(t.c.owed.rst_seq, 0);
}

/* ---- half-open connections. RFC 9293 3.5.1 figures 9 and 10 ---- */

/* Our peer crashed, lost its memory and opens anew: our ACK makes it send the RST that ends the old connection. */
static void figure_10__a_side_that_restarted__ends_the_old_connection(void **state)
{
    struct sq_reset r;
    struct sq_header h = {0};
    struct sq_segment_info info = {0};

    (void)state;
    begin("established; queue 100; seg ACK; seg SYN seq=400");
    expect_state(SQ_ESTABLISHED);
    assert_int_equal(t.said, 1);
    assert_int_equal(t.out[0].e.flags, SQ_ACK);
    r = sq_refusal(t.out[0].e.flags, t.out[0].e.seq, t.out[0].e.ack, t.out[0].e.len);
    assert_int_equal(r.due, 1);
    h.flags = r.flags;
    h.seq = r.seq;
    h.ack = r.ack;
    info.now = t.now;
    assert_int_equal(sq_input(&t.c, t.receive_ring, &h, t.send_ring, &info), SQ_SEGMENT_RESET);
    expect_state(SQ_CLOSED);
    assert_int_equal(t.c.reason, SQ_REASON_RESET);
}

/* ---- window scale. RFC 7323 2 ---- */

static void rfc_7323__scale_is_used_only_if_both_offered_it(void **state)
{
    static const struct {
        const char *script;
        uint32_t said, send, receive; /* the option in our SYN; the two shifts */
    } rows[] = {
        {"set shift=2; open-passive; seg SYN shift=5; seg ACK", 2u, 5u, 2u},
        {"set shift=0; open-passive; seg SYN shift=5; seg ACK", 0u, 5u, 0u},
        {"set shift=2; open-passive; seg SYN; seg ACK", SQ_NO_SHIFT, 0u, 0u},
        {"set shift=255; open-passive; seg SYN shift=5; seg ACK", SQ_NO_SHIFT, 0u, 0u},
        {"set shift=2; open-active; seg SYN,ACK shift=5", 2u, 5u, 2u},
        {"set shift=2; open-active; seg SYN,ACK shift=0", 2u, 0u, 2u},
        {"set shift=2; open-active; seg SYN,ACK", 2u, 0u, 0u},
        {"set shift=255; open-active; seg SYN,ACK shift=5", SQ_NO_SHIFT, 0u, 0u},
    };

    (void)state;
    for (size_t i = 0u; i < sizeof rows / sizeof rows[0]; i++) {
        char script[100];

        /* The script up to its last command is where our SYN was said. */
        snprintf(script, sizeof script, "%.*s",
                 (int)(strrchr(rows[i].script, ';') - rows[i].script), rows[i].script);
        begin(script);
        assert_true((t.out[0].e.flags & SQ_SYN) != 0u);
        assert_int_equal(t.out[0].e.shift, rows[i].said);
        begin(rows[i].script);
        expect_state(SQ_ESTABLISHED);
        assert_int_equal(t.c.send.shift, rows[i].send);
        assert_int_equal(t.c.receive.shift, rows[i].receive);
    }
}

static void rfc_7323__windows_are_scaled_but_for_those_of_syns(void **state)
{
    (void)state;
    begin("set shift=2; open-passive; seg SYN shift=3 wnd=5000");
    assert_int_equal(t.out[0].e.window, 3000);
    assert_int_equal(sq_status(&t.c).send_window, 5000);
    run("seg ACK wnd=5000 len=1000");
    assert_int_equal(sq_status(&t.c).send_window, 40000);
    assert_int_equal(t.out[0].e.window, 2000 / 4);
    run("seg ACK wnd=65535");
    assert_int_equal(sq_status(&t.c).send_window, 65535 * 8);
    begin("set shift=2; open-active; seg SYN,ACK shift=3 wnd=5000");
    assert_int_equal(sq_status(&t.c).send_window, 5000);
}

/* Half of the ring could not be said: 127 bytes are no unit of 2^7. */
static void rfc_7323__a_scale_beyond_the_ring__is_refused(void **state)
{
    struct sq_settings s;
    struct sq_conn c;

    (void)state;
    sq_init(&c);
    sq_settings_default(&s);
    s.shift = 7u;
    assert_int_equal(sq_open_passive(&c, &s, 1u, 255u), SQ_ERROR_SETTINGS);
    assert_int_equal(sq_open_active(&c, &s, 1u, 255u, 0u), SQ_ERROR_SETTINGS);
    assert_int_equal(c.state, SQ_CLOSED);
    assert_int_equal(sq_open_passive(&c, &s, 1u, 256u), SQ_OK);
}

static void rfc_7323__a_shift_above_14_is_14(void **state)
{
    static const char *const scripts[] = {
        "set shift=2; open-passive; seg SYN shift=14; seg ACK",
        "set shift=2; open-passive; seg SYN shift=15; seg ACK",
        "set shift=2; open-passive; seg SYN shift=255; seg ACK wnd=65535"};

    (void)state;
    for (size_t i = 0u; i < 3u; i++) {
        begin(scripts[i]);
        assert_int_equal(t.c.send.shift, 14);
    }
    assert_int_equal(sq_status(&t.c).send_window, 65535u << 14);
}

static void rfc_7323__scale_on_a_later_segment__is_ignored(void **state)
{
    (void)state;
    begin("set shift=2; open-passive; seg SYN; seg ACK shift=5 wnd=100; seg ACK len=9 shift=5 "
          "wnd=100");
    assert_int_equal(t.c.send.shift, 0);
    assert_int_equal(t.c.receive.shift, 0);
    assert_int_equal(sq_status(&t.c).send_window, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(must_16__no_segment_is_longer_than_the_mss_or_the_limit),
        cmocka_unit_test(must_65__only_a_syn_carries_options),
        cmocka_unit_test(reserved_bits__change_nothing),
        cmocka_unit_test(must_21__r2_is_a_setting_of_each_connection),
        cmocka_unit_test(rfc_5961__the_interval_of_challenges_is_a_setting),
        cmocka_unit_test(must_34__window_shrunk_below_the_flight__nothing_new_goes),
        cmocka_unit_test(shld_16__what_was_sent_before_the_window_shrank__goes_again),
        cmocka_unit_test(must_58__many_segments_between_two_polls__one_ack),
        cmocka_unit_test(fin__waits_for_all_text_however_small_the_window),
        cmocka_unit_test(rfc_5681__slow_start_then_one_segment_for_each_window),
        cmocka_unit_test(rfc_5681__a_second_timeout_of_the_same_segment_keeps_the_threshold),
        cmocka_unit_test(rfc_5681__the_first_timeout_at_a_window_of_one_segment_sets_the_threshold),
        cmocka_unit_test(abort__while_a_window_probe_is_out__sends_the_rst_where_the_window_ends),
        cmocka_unit_test(rfc_7323__a_scale_beyond_the_ring__is_refused),
        cmocka_unit_test(figure_10__a_side_that_restarted__ends_the_old_connection),
        cmocka_unit_test(rfc_7323__scale_is_used_only_if_both_offered_it),
        cmocka_unit_test(rfc_7323__windows_are_scaled_but_for_those_of_syns),
        cmocka_unit_test(rfc_7323__a_shift_above_14_is_14),
        cmocka_unit_test(rfc_7323__scale_on_a_later_segment__is_ignored),
    };

    return cmocka_run_group_tests_name("requirements: core", tests, NULL, NULL);
}
