/* SPDX-License-Identifier: MIT */
/* The secret of ISNs, ports and tables comes from the system's generator, all of it, anew for each endpoint, and from nothing
   else. RFC 6528 4, RFC 4086. getrandom of this program stands before the system's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/options.h"

static struct {
    uint32_t calls;
    uint8_t next; /* the byte that comes next; each differs from the one before */
    bool fails;
    size_t most; /* bytes at once */
} system_random;

ssize_t getrandom(void *to, size_t n, unsigned flags)
{
    uint8_t *p = to;

    /* No GRND_NONBLOCK: before the system's pool is ready we wait. */
    assert_int_equal(flags, 0);
    system_random.calls++;
    if (system_random.fails) {
        errno = ENOSYS;
        return -1;
    }
    n = n < system_random.most ? n : system_random.most;
    for (size_t i = 0u; i < n; i++)
        p[i] = system_random.next++;
    return (ssize_t)n;
}

static struct sq_options settled(bool seeded, uint64_t seed)
{
    struct sq_options o;

    sq_options_defaults(&o);
    o.seeded = seeded;
    o.seed = seed;
    sq_options_settle(&o);
    return o;
}

static void rfc_6528__every_byte_of_the_secret_is_the_systems(void **state)
{
    struct sq_options a, b;

    (void)state;
    memset(&system_random, 0, sizeof system_random);
    system_random.most = SIZE_MAX;
    a = settled(false, 0u);
    for (uint32_t i = 0u; i < sizeof a.net.stack.secret; i++)
        assert_int_equal(a.net.stack.secret[i], i);
    b = settled(false, 0u);
    for (uint32_t i = 0u; i < sizeof a.net.stack.secret; i++)
        assert_int_not_equal(a.net.stack.secret[i], b.net.stack.secret[i]);
    assert_true(a.net.stack.wire.hardware != b.net.stack.wire.hardware);
}

static void rfc_6528__a_seed_asks_the_system_for_nothing(void **state)
{
    struct sq_options a, b, c;

    (void)state;
    memset(&system_random, 0, sizeof system_random);
    a = settled(true, 5u);
    b = settled(true, 5u);
    c = settled(true, 6u);
    assert_int_equal(system_random.calls, 0);
    assert_memory_equal(a.net.stack.secret, b.net.stack.secret, sizeof a.net.stack.secret);
    assert_memory_not_equal(a.net.stack.secret, c.net.stack.secret, sizeof a.net.stack.secret);
}

/* The exit status of an endpoint that asks such a system. */
static int asked(bool fails, size_t most)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        system_random.fails = fails;
        system_random.most = most;
        close(STDERR_FILENO);
        settled(false, 0u);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void rfc_6528__without_random_numbers_there_is_no_endpoint(void **state)
{
    (void)state;
    assert_int_equal(asked(false, SIZE_MAX), 0);
    assert_int_equal(asked(true, SIZE_MAX), 1);
    assert_int_equal(asked(false, 47u), 1);
    assert_int_equal(asked(false, 0u), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_6528__every_byte_of_the_secret_is_the_systems),
        cmocka_unit_test(rfc_6528__a_seed_asks_the_system_for_nothing),
        cmocka_unit_test(rfc_6528__without_random_numbers_there_is_no_endpoint),
    };

    return cmocka_run_group_tests_name("requirements: the secret", tests, NULL, NULL);
}
