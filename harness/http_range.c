/* SPDX-License-Identifier: MIT */
/* Byte ranges. RFC 9110 14.1.2: one range, "bytes=FIRST-LAST", "bytes=FIRST-" or "bytes=-SUFFIX". What is none of these,
   several ranges included, is as if the field were not there (14.2 leaves that to us). */
#include "http_parts.h"

#include <string.h>
#include <strings.h>

/* Digits, at least one; UINT64_MAX for a number beyond it. */
static bool number(const char **text, uint64_t *n)
{
    const char *p = *text;

    *n = 0u;
    for (; *p >= '0' && *p <= '9'; p++) {
        uint64_t digit = (uint64_t)(*p - '0');

        *n = *n > (UINT64_MAX - digit) / 10u ? UINT64_MAX : *n * 10u + digit;
    }
    if (p == *text)
        return false;
    *text = p;
    return true;
}

enum sq_http_range sq_http_range(const char *field, uint64_t size, uint64_t *first, uint64_t *n)
{
    uint64_t low, high = UINT64_MAX;
    const char *p = field;
    bool suffix;

    *first = 0u;
    *n = size;
    if (strncasecmp(p, "bytes=", 6u) != 0)
        return SQ_HTTP_WHOLE;
    p += 6u;
    p += strspn(p, " \t");
    suffix = *p == '-';
    if (suffix) {
        p++;
        if (!number(&p, &low))
            return SQ_HTTP_WHOLE;
    } else if (!number(&p, &low) || *p++ != '-' || (*p >= '0' && *p <= '9' && !number(&p, &high))) {
        return SQ_HTTP_WHOLE;
    }
    p += strspn(p, " \t");
    if (*p != '\0' || high < low)
        return SQ_HTTP_WHOLE;
    if (suffix ? low == 0u || size == 0u : low >= size)
        return SQ_HTTP_UNSATISFIABLE;
    if (suffix) {
        *first = low < size ? size - low : 0u;
        *n = size - *first;
    } else {
        *first = low;
        *n = (high < size - 1u ? high : size - 1u) - low + 1u;
    }
    return SQ_HTTP_PART;
}
