/* SPDX-License-Identifier: MIT */
/* The counters as text. */
#include "counters.h"

#include <inttypes.h>
#include <stddef.h>

/* The counters that tell the end of a frame which did nothing. */
#define DROPS(X)                   \
    X(frames_dropped_by_option_in) \
    X(frame_short)                 \
    X(frame_not_ours)              \
    X(frame_other_protocol)        \
    X(arp_malformed)               \
    X(arp_claims_our_address)      \
    X(ip_short)                    \
    X(ip_version)                  \
    X(ip_header_length)            \
    X(ip_total_length)             \
    X(ip_checksum)                 \
    X(ip_fragment)                 \
    X(ip_not_ours)                 \
    X(ip_source_route)             \
    X(ip_bad_source)               \
    X(ip_other_protocol)           \
    X(icmp_malformed)              \
    X(icmp_other_in)               \
    X(udp_in)                      \
    X(tcp_short)                   \
    X(tcp_checksum)                \
    X(tcp_port_zero)               \
    X(listen_overflow)             \
    X(table_full)                  \
    X(tcp_no_connection)           \
    X(tcp_ignored)                 \
    X(tcp_unacceptable)            \
    X(tcp_challenged)              \
    X(tcp_bad_ack)

void sq_counters_print(const struct sq_counters *c, FILE *out)
{
#define X(name) fprintf(out, #name " %" PRIu64 "\n", c->name);
    SQ_COUNTERS(X)
#undef X
    fflush(out);
}

const char *sq_counters_dropped(const struct sq_counters *before, const struct sq_counters *after)
{
#define X(name)                      \
    if (after->name != before->name) \
        return #name;
    DROPS(X)
#undef X
    return NULL;
}
