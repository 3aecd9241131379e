/* SPDX-License-Identifier: MIT */
/* What a word of the command line means, and the end of a program that was called in a wrong way. */
#include "value.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void sq_usage(const char *format, ...)
{
    va_list a;

    va_start(a, format);
    fputs("sequent: ", stderr);
    vfprintf(stderr, format, a);
    fputs("\nTry `sequent --help`.\n", stderr);
    va_end(a);
    exit(2);
}

uint64_t sq_value_number64(const char *option, const char *text, uint64_t low, uint64_t high)
{
    char *end;
    unsigned long long n;

    errno = 0;
    n = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || n < low || n > high)
        sq_usage("%s%s '%s': expected a number, %" PRIu64 "..%" PRIu64,
                 option[0] >= 'A' && option[0] <= 'Z' ? "" : "--", option, text, low, high);
    return n;
}

uint32_t sq_value_number(const char *option, const char *text, uint32_t low, uint32_t high)
{
    return (uint32_t)sq_value_number64(option, text, low, high);
}

uint32_t sq_value_address(const char *option, const char *text)
{
    struct in_addr a;

    if (inet_pton(AF_INET, text, &a) != 1)
        sq_usage("--%s '%s': expected an IPv4 address such as 10.9.0.1", option, text);
    return ntohl(a.s_addr);
}
