/* SPDX-License-Identifier: MIT */
/* Names of connections. RFC 6528 3, RFC 6056 3.3.3 */
#include "ends.h"

uint64_t sq_name_hash(struct sq_sip seed, uint64_t a, uint64_t b)
{
    struct sq_sip s = sq_sip_word(sq_sip_word(seed, a), b);

    return sq_sip_end(sq_sip_word(s, 0x1000000000000000u)); /* sixteen bytes, none left */
}

uint32_t sq_iss(struct sq_sip seed, struct sq_ends e, uint64_t now)
{
    uint64_t hash = sq_name_hash(seed, sq_ends_addresses(e), sq_ends_ports(e));

    return sq_seq_add((uint32_t)(hash % 0x100000000u), (uint32_t)(now / 4u % 0x100000000u));
}

uint32_t sq_port_offset(struct sq_sip seed, struct sq_ends e, uint64_t counter, uint32_t n)
{
    uint64_t hash = sq_name_hash(seed, sq_ends_addresses(e), e.remote_port);

    return (uint32_t)((hash % n + counter % n) % n);
}

uint32_t sq_port_try(uint32_t first, uint32_t n, uint32_t offset, uint32_t tried)
{
    return offset + tried < n ? first + offset + tried : first + (offset + tried - n);
}
