/* SPDX-License-Identifier: MIT */
/* The harness's parsers of IPv4 and ICMP with their contracts checked. `seal`: checksums are made right first, which a fuzzer
   does not guess. */
#ifndef FUZZ_DOOR_IPV4_H
#define FUZZ_DOOR_IPV4_H

#include <stdbool.h>
#include <stdint.h>

#define FRAME_MAX 2048u
#define OWN 0xC0000201u /* 192.0.2.1/24 */

void door_ipv4(uint8_t *p, uint32_t n, bool seal);
void door_icmp(uint8_t *p, uint32_t n, bool seal);

#endif
