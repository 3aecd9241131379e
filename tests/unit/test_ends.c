/* SPDX-License-Identifier: MIT */
/* Initial sequence numbers and the order of ports. RFC 6528 3, RFC 6056 3.3.3 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/ends.h"

static const struct sq_ends a = {0xC0000201u, 0xC6336401u, 49152u, 80u};

static struct sq_sip seed(uint64_t k)
{
    return sq_sip_start((struct sq_key){k, 2u});
}

/* RFC 6528 3: ISN = M + F, M a clock of 4 microseconds. */
static void iss__grows_by_one_each_four_microseconds(void **state)
{
    uint32_t first = sq_iss(seed(1u), a, 0u);

    (void)state;
    assert_int_equal(sq_iss(seed(1u), a, 3u), first);
    assert_int_equal(sq_seq_dist(first, sq_iss(seed(1u), a, 4u)), 1);
    assert_int_equal(sq_seq_dist(first, sq_iss(seed(1u), a, 4000000u)), 1000000);
    assert_int_equal(sq_iss(seed(1u), a, UINT64_C(4) << 32), first); /* around once */
}

static void iss__depends_on_each_part_of_the_name_and_on_the_secret(void **state)
{
    uint32_t first = sq_iss(seed(1u), a, 0u);
    struct sq_ends e = a;

    (void)state;
    e.local++;
    assert_int_not_equal(sq_iss(seed(1u), e, 0u), first);
    e = a;
    e.remote++;
    assert_int_not_equal(sq_iss(seed(1u), e, 0u), first);
    e = a;
    e.local_port++;
    assert_int_not_equal(sq_iss(seed(1u), e, 0u), first);
    e = a;
    e.remote_port++;
    assert_int_not_equal(sq_iss(seed(1u), e, 0u), first);
    assert_int_not_equal(sq_iss(seed(7u), a, 0u), first);
}

/* RFC 6056 3.3.3: the offset leaves the local port out, and the next connection to the same peer takes the next port. */
static void port_offset__moves_with_the_counter_and_not_with_the_local_port(void **state)
{
    struct sq_ends e = a;
    uint32_t first = sq_port_offset(seed(1u), a, 0u, 16384u);

    (void)state;
    e.local_port = 1u;
    assert_int_equal(sq_port_offset(seed(1u), e, 0u, 16384u), first);
    assert_int_equal(sq_port_offset(seed(1u), a, 1u, 16384u), (first + 1u) % 16384u);
    e.remote++;
    assert_int_not_equal(sq_port_offset(seed(1u), e, 0u, 16384u), first);
}

static void n_tries__meet_each_port_once(void **state)
{
    for (uint32_t n = 1u; n <= 40u; n++) {
        for (uint32_t offset = 0u; offset < n; offset++) {
            uint8_t met[40];

            memset(met, 0, sizeof met);
            for (uint32_t k = 0u; k < n; k++) {
                met[sq_port_try(49152u, n, offset, k) - 49152u]++;
            }
            for (uint32_t k = 0u; k < n; k++) {
                assert_int_equal(met[k], 1);
            }
        }
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iss__grows_by_one_each_four_microseconds),
        cmocka_unit_test(iss__depends_on_each_part_of_the_name_and_on_the_secret),
        cmocka_unit_test(port_offset__moves_with_the_counter_and_not_with_the_local_port),
        cmocka_unit_test(n_tries__meet_each_port_once),
    };

    return cmocka_run_group_tests_name("ends", tests, NULL, NULL);
}
