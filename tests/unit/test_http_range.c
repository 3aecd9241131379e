/* SPDX-License-Identifier: MIT */
/* Byte ranges of HTTP: the examples of RFC 9110 14.1.2 on a file of 10,000 bytes, the edges, and what is no range. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/http_parts.h"

struct row {
    const char *field;
    uint64_t size;
    enum sq_http_range want;
    uint64_t first, n;
};

#define WHOLE(field, size)                   \
    {                                        \
        field, size, SQ_HTTP_WHOLE, 0u, size \
    }
#define PART(field, size, first, n)         \
    {                                       \
        field, size, SQ_HTTP_PART, first, n \
    }
#define NONE(field, size)                            \
    {                                                \
        field, size, SQ_HTTP_UNSATISFIABLE, 0u, size \
    }

static const struct row rows[] = {
    PART("bytes=0-499", 10000u, 0u, 500u),
    PART("bytes=500-999", 10000u, 500u, 500u),
    PART("bytes=-500", 10000u, 9500u, 500u),
    PART("bytes=9500-", 10000u, 9500u, 500u),
    PART("bytes=0-0", 10000u, 0u, 1u),
    PART("bytes=9999-9999", 10000u, 9999u, 1u),
    PART("bytes=0-", 10000u, 0u, 10000u),
    PART("bytes=9000-20000", 10000u, 9000u, 1000u),
    PART("bytes=0-99999999999999999999999999", 10000u, 0u, 10000u),
    PART("bytes=-20000", 10000u, 0u, 10000u),
    PART("bytes=-99999999999999999999999999", 10000u, 0u, 10000u),
    PART("BYTES= 1-2 ", 10000u, 1u, 2u),
    PART("bytes=-1", 1u, 0u, 1u),
    PART("bytes=0-", 1u, 0u, 1u),
    PART("bytes=18446744073709551613-", UINT64_MAX, UINT64_MAX - 2u, 2u),
    NONE("bytes=10000-", 10000u),
    NONE("bytes=10000-10001", 10000u),
    NONE("bytes=99999999999999999999999999-", 10000u),
    NONE("bytes=-0", 10000u),
    NONE("bytes=0-", 0u),
    NONE("bytes=-5", 0u),
    WHOLE("", 10000u),
    WHOLE("bytes", 10000u),
    WHOLE("bytes=", 10000u),
    WHOLE("bytes=-", 10000u),
    WHOLE("bytes=5", 10000u),
    WHOLE("bytes=9-5", 10000u),
    WHOLE("bytes=a-b", 10000u),
    WHOLE("bytes=1-b", 10000u),
    WHOLE("bytes=--5", 10000u),
    WHOLE("bytes=+1-5", 10000u),
    WHOLE("bytes=0-1,5-6", 10000u),
    WHOLE("bytes=0-1x", 10000u),
    WHOLE("lines=0-1", 10000u),
};

static void range__as_rfc_9110_14_1_2(void **state)
{
    (void)state;
    for (size_t i = 0u; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t first = 77u, n = 77u;
        enum sq_http_range got = sq_http_range(rows[i].field, rows[i].size, &first, &n);

        if (got != rows[i].want || first != rows[i].first || n != rows[i].n)
            fail_msg("'%s' of %llu bytes: %d, %llu+%llu", rows[i].field,
                     (unsigned long long)rows[i].size, (int)got, (unsigned long long)first,
                     (unsigned long long)n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(range__as_rfc_9110_14_1_2)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
