/* SPDX-License-Identifier: MIT */
/* A program that misuses its own calls (rows J1, J3, J7), and one that opens again what is in TIME-WAIT (C29). */
#include "tests/live/inside.h"

#include <sys/epoll.h>

#define PORT 7u

static int listener;

static int begin(void **unused)
{
    struct sq_net_options o = usual();

    (void)unused;
    up(&o);
    listener = kernel_listens(PORT);
    return 0;
}

static int end(void **unused)
{
    (void)unused;
    honest(listener);
    down();
    return 0;
}

/* ---- J1: every call in every state, and every call behind it ---- */

struct there {
    sq_socket s;
    int k; /* the kernel's end; -1: it has none */
};

static void shut(sq_socket s)
{
    assert_int_equal(sq_socket_shutdown(&net, s), 0);
}

static void reset_by_kernel(struct there *t)
{
    const struct linger now = {1, 0};

    assert_int_equal(setsockopt(t->k, SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    close(t->k);
    t->k = -1;
}

/* A socket in this state. */
static struct there reach(uint32_t wanted)
{
    struct there t = {0u, -1};

    if (wanted == SQ_SYN_SENT) {
        t.s = sq_socket_connect(&net, 0u, NOBODY_THERE, PORT);
        assert_true(t.s != 0u);
        turn(0);
        return t;
    }
    t.s = pair(listener, &t.k);
    if (wanted == SQ_CLOSE_WAIT || wanted == SQ_LAST_ACK) {
        shutdown(t.k, SHUT_WR);
        UNTIL(state(t.s) == SQ_CLOSE_WAIT);
    }
    if (wanted == SQ_CLOSED)
        reset_by_kernel(&t);
    lose = wanted == SQ_FIN_WAIT_1 || wanted == SQ_CLOSING || wanted == SQ_LAST_ACK;
    if (wanted != SQ_ESTABLISHED && wanted != SQ_CLOSE_WAIT && wanted != SQ_CLOSED) {
        shut(t.s);
        turn(0);
    }
    if (wanted == SQ_TIME_WAIT)
        UNTIL(state(t.s) == SQ_FIN_WAIT_2);
    if (wanted == SQ_CLOSING || wanted == SQ_TIME_WAIT)
        shutdown(t.k, SHUT_WR);
    UNTIL(state(t.s) == wanted);
    return t;
}

enum call { SEND, NOTHING, RECEIVE, FILLED, TAKEN, SHUTDOWN, STATUS, CLOSE, ABORT, CALLS };

static int64_t call(enum call c, sq_socket s)
{
    static char text[CAPACITY];

    switch (c) {
    case SEND:
        return sq_socket_send(&net, s, "abc", 3u);
    case NOTHING:
        return sq_socket_send(&net, s, NULL, 0u);
    case RECEIVE:
        return sq_socket_receive(&net, s, text, sizeof text);
    case FILLED: /* more than there can be */
        sq_socket_filled(&net, s, UINT32_MAX);
        break;
    case TAKEN:
        sq_socket_taken(&net, s, UINT32_MAX);
        break;
    case SHUTDOWN:
        return sq_socket_shutdown(&net, s);
    case CLOSE:
        sq_socket_close(&net, s);
        break;
    case ABORT:
        sq_socket_abort(&net, s);
        break;
    case STATUS:
    case CALLS:
        return (int64_t)state(s);
    }
    return 0;
}

/* What SEND, SEND of nothing, RECEIVE and CLOSE of our direction say. RFC 9293 3.10.2 to 3.10.4 */
static const struct expected {
    uint32_t state;
    int64_t send, nothing, receive, shutdown;
} expected[] = {
    {SQ_SYN_SENT, 3, 0, SQ_SOCKET_AGAIN, 0},
    {SQ_ESTABLISHED, 3, 0, SQ_SOCKET_AGAIN, 0},
    {SQ_FIN_WAIT_1, SQ_SOCKET_SHUT, SQ_SOCKET_SHUT, SQ_SOCKET_AGAIN, SQ_SOCKET_SHUT},
    {SQ_FIN_WAIT_2, SQ_SOCKET_SHUT, SQ_SOCKET_SHUT, SQ_SOCKET_AGAIN, SQ_SOCKET_SHUT},
    {SQ_CLOSE_WAIT, 3, 0, 0, 0},
    {SQ_CLOSING, SQ_SOCKET_SHUT, SQ_SOCKET_SHUT, 0, SQ_SOCKET_SHUT},
    {SQ_LAST_ACK, SQ_SOCKET_SHUT, SQ_SOCKET_SHUT, 0, SQ_SOCKET_SHUT},
    {SQ_TIME_WAIT, SQ_SOCKET_SHUT, SQ_SOCKET_SHUT, 0, SQ_SOCKET_SHUT},
    {SQ_CLOSED, SQ_SOCKET_RESET, SQ_SOCKET_RESET, SQ_SOCKET_RESET, SQ_SOCKET_SHUT},
};

static void check_first(const struct expected *x, enum call c, int64_t said)
{
    const int64_t says[CALLS] = {x->send,     x->nothing, x->receive, 0, 0,
                                 x->shutdown, x->state,   0,          0};

    if (said != says[c])
        fail_msg("state %u, call %d: %lld, expected %lld", x->state, (int)c, (long long)said,
                 (long long)says[c]);
}

/* The same call, or another, behind the first. */
static void check_second(const struct expected *x, enum call first, enum call c, int64_t said)
{
    bool named = c == SEND || c == NOTHING || c == RECEIVE || c == SHUTDOWN;

    if (first == CLOSE || first == ABORT) {
        /* The name is nobody's any more. */
        if (named)
            assert_int_equal(said, SQ_SOCKET_INVALID);
        if (c == STATUS)
            assert_int_equal(said, SQ_CLOSED);
    } else if (first == SHUTDOWN && x->state != SQ_CLOSED) {
        int64_t over = x->state == SQ_SYN_SENT ? SQ_SOCKET_ABORTED : SQ_SOCKET_SHUT;

        if (c == SEND || c == NOTHING)
            assert_int_equal(said, over);
        if (c == SHUTDOWN)
            assert_int_equal(said, SQ_SOCKET_SHUT);
    } else if (c != STATUS) {
        check_first(x, c, said);
    }
}

static void j1_every_call_in_every_state_and_another_behind_it__a_defined_answer(void **unused)
{
    (void)unused;
    for (size_t i = 0u; i < sizeof expected / sizeof expected[0]; i++) {
        for (uint32_t n = 0u; n < CALLS * CALLS; n++) {
            struct there t = reach(expected[i].state);

            check_first(&expected[i], n / CALLS, call(n / CALLS, t.s));
            check_second(&expected[i], n / CALLS, n % CALLS, call(n % CALLS, t.s));
            turn(0);
            lose = false;
            sq_socket_abort(&net, t.s);
            turn(0);
            if (t.k >= 0)
                close(t.k);
        }
    }
}

static void j1_a_listener_is_no_connection_and_a_connection_no_listener(void **unused)
{
    sq_socket l = sq_socket_listen(&net, 80u, 4u), s;
    char text[4];
    int k;

    (void)unused;
    assert_true(l != 0u);
    assert_int_equal(sq_socket_listen(&net, 80u, 4u), 0u);
    assert_int_equal(sq_socket_listen(&net, 0u, 4u), 0u);
    assert_int_equal(sq_socket_listen(&net, 65536u, 4u), 0u);
    assert_int_equal(sq_socket_listen(&net, 81u, 0u), 0u);
    assert_int_equal(sq_socket_send(&net, l, "abc", 3u), SQ_SOCKET_INVALID);
    assert_int_equal(sq_socket_receive(&net, l, text, sizeof text), SQ_SOCKET_INVALID);
    assert_int_equal(sq_socket_shutdown(&net, l), SQ_SOCKET_INVALID);
    s = pair(listener, &k);
    assert_int_equal(sq_socket_accept(&net, s), 0u);
    assert_int_equal(sq_socket_accept(&net, l), 0u);
    sq_socket_close(&net, l);
    sq_socket_close(&net, l);
    assert_int_equal(sq_socket_accept(&net, l), 0u);
    assert_int_equal(state(s), SQ_ESTABLISHED);
    for (sq_socket wrong = 0u; wrong < 4096u; wrong++) {
        if (wrong != s)
            assert_int_equal(sq_socket_shutdown(&net, wrong << 20 | wrong), SQ_SOCKET_INVALID);
    }
    assert_int_equal(sq_socket_connect(&net, 0u, PEER, 0u), 0u);
    assert_int_equal(sq_socket_connect(&net, 0u, PEER, 65536u), 0u);
    assert_int_equal(sq_socket_connect(&net, 0u, 0xe0000001u, PORT), 0u);
    assert_int_equal(sq_socket_connect(&net, 0u, 0x0a0900ffu, PORT), 0u);
    sq_socket_abort(&net, s);
    turn(0);
    close(k);
}

/* ---- J3: lengths ---- */

static void j3_lengths_of_nothing_and_of_everything__what_there_is_room_for(void **unused)
{
    char *text = malloc(CAPACITY), got[CAPACITY];
    uint32_t n = 0u;
    int k;
    sq_socket s = pair(listener, &k);

    (void)unused;
    for (uint32_t i = 0u; i < CAPACITY; i++)
        text[i] = (char)(i * 7u % 251u);
    assert_int_equal(sq_socket_send(&net, s, NULL, 0u), 0);
    assert_int_equal(sq_socket_receive(&net, s, NULL, 0u), SQ_SOCKET_AGAIN);
    assert_int_equal(sq_socket_receive(&net, s, NULL, UINT64_MAX), SQ_SOCKET_AGAIN);
    assert_int_equal(sq_socket_send(&net, s, text, UINT64_MAX), CAPACITY);
    assert_int_equal(sq_socket_send(&net, s, text, UINT64_MAX), SQ_SOCKET_AGAIN);
    assert_int_equal(sq_socket_send(&net, s, NULL, 0u), SQ_SOCKET_AGAIN);
    for (uint32_t turns = 0u; n < CAPACITY && turns < patience; turns++) {
        ssize_t some = read(k, got + n, CAPACITY - n);

        n += some > 0 ? (uint32_t)some : 0u;
        turn(1);
    }
    assert_int_equal(n, CAPACITY);
    assert_memory_equal(got, text, CAPACITY);
    assert_int_equal(write(k, text, 3000u), 3000);
    UNTIL(sq_socket_status(&net, s).readable == 3000u);
    assert_int_equal(sq_socket_receive(&net, s, NULL, 0u), 0);
    sq_socket_taken(&net, s, 3001u); /* one more than there is: nothing is taken */
    assert_int_equal(sq_socket_receive(&net, s, got, UINT64_MAX - 1u), 3000);
    assert_memory_equal(got, text, 3000u);
    free(text);
    sq_socket_abort(&net, s);
    turn(0);
    close(k);
}

/* ---- J7: calls from within a call ---- */

static sq_socket victim, other;
static uint32_t inside;
static int bell[2];

/* Called by sq_net_wait, and calls it again, and everything else. */
static void misuse(struct sq_net_source *source, uint32_t events)
{
    struct sq_net_event e[4];
    char c;

    (void)events;
    assert_int_equal(read(source->fd, &c, 1u), 1);
    inside++;
    if (inside < 3u)
        assert_int_equal(write(bell[1], "again", 1u), 1); /* so that it is entered thrice */
    assert_true(sq_net_wait(&net, e, 4u, 0, NULL) >= 0);
    assert_true(sq_net_wait(&net, e, 4u, 0, NULL) >= 0);
    for (enum call k = SEND; k < CALLS; k++)
        (void)call(k, victim);
    assert_int_equal(sq_socket_send(&net, other, "inside", 6u), 6);
    victim = sq_socket_connect(&net, 0u, PEER, PORT);
    assert_true(victim != 0u);
    if (inside == 3u)
        assert_true(sq_net_watch(&net, source, 0u));
}

static void j7_the_loop_entered_from_within_itself_with_calls_on_everything__safe(void **unused)
{
    struct sq_net_source source = {.ready = misuse};
    char text[32];
    int k, k2, more;

    (void)unused;
    assert_int_equal(pipe(bell), 0);
    source.fd = bell[0];
    victim = pair(listener, &k);
    other = pair(listener, &k2);
    inside = 0u;
    assert_true(sq_net_watch(&net, &source, EPOLLIN));
    assert_int_equal(write(bell[1], "x", 1u), 1);
    UNTIL(inside == 3u);
    UNTIL(recv(k2, text, sizeof text, MSG_PEEK) == 18);
    assert_memory_equal(text, "insideinsideinside", 18);
    sq_socket_abort(&net, victim);
    sq_socket_abort(&net, other);
    turn(0);
    while ((more = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
        close(more);
    close(k);
    close(k2);
    close(bell[0]);
    close(bell[1]);
}

/* ---- C29 ---- */

#define OPENED 20u

static void c29_what_is_in_time_wait_is_not_opened_again__another_port(void **unused)
{
    static bool used[65536];
    uint64_t first = net.stack.opened;

    (void)unused;
    memset(used, 0, sizeof used);
    for (uint32_t i = 0u; i < 2u * OPENED; i++) {
        const struct sq_entry *e;
        int k;
        sq_socket s;

        if (i == OPENED)
            net.stack.opened =
                first; /* ports come in the same order again, as after a full round */
        s = pair(listener, &k);
        e = &net.stack.table.entry[s % 4294967296u];
        if (used[e->ends.local_port])
            fail_msg("port %u is in TIME-WAIT and was opened again", e->ends.local_port);
        used[e->ends.local_port] = true;
        sq_socket_close(&net, s);
        UNTIL(e->conn.state == SQ_FIN_WAIT_2);
        close(k);
        UNTIL(e->conn.state == SQ_TIME_WAIT);
    }
    assert_int_equal(net.stack.counters.time_wait_recycled, 0u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
        T(j1_every_call_in_every_state_and_another_behind_it__a_defined_answer),
        T(j1_a_listener_is_no_connection_and_a_connection_no_listener),
        T(j3_lengths_of_nothing_and_of_everything__what_there_is_room_for),
        T(j7_the_loop_entered_from_within_itself_with_calls_on_everything__safe),
        T(c29_what_is_in_time_wait_is_not_opened_again__another_port),
#undef T
    };

    RUN(tests);
}
