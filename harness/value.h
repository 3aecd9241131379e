/* SPDX-License-Identifier: MIT */
/* Values on the command line. A wrong one ends the program with status 2 and a line that names the option, the value and
   what was expected. */
#ifndef SQ_VALUE_H
#define SQ_VALUE_H

#include <stdint.h>

/* Says what is wrong with the call and ends the program with status 2. */
__attribute__((format(printf, 1, 2), noreturn)) void sq_usage(const char *format, ...);

/* The number, low..high, that the value of an option ("mtu") or an argument ("PORT") is. */
uint32_t sq_value_number(const char *option, const char *text, uint32_t low, uint32_t high);
uint64_t sq_value_number64(const char *option, const char *text, uint64_t low, uint64_t high);
/* An IPv4 address, in the host's byte order. */
uint32_t sq_value_address(const char *option, const char *text);

#endif
