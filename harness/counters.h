/* SPDX-License-Identifier: MIT */
/* What happened, counted by cause: everything that arrives is counted once where it ends. Printed as `name value`. */
#ifndef SQ_COUNTERS_H
#define SQ_COUNTERS_H

#include <stdint.h>
#include <stdio.h>

#define SQ_COUNTERS(X)                                                                             \
    X(frames_in)                                                                                   \
    X(frames_out)                                                                                  \
    X(frames_dropped_by_option_in) /* --drop */                                                    \
    X(frames_dropped_by_option_out)                                                                \
    X(frames_unsent) /* the device refused them; lost on the way, for TCP */                       \
    X(frame_short)                                                                                 \
    X(frame_not_ours)                                                                              \
    X(frame_other_protocol)                                                                        \
    X(arp_in)                                                                                      \
    X(arp_malformed)                                                                               \
    X(arp_claims_our_address)                                                                      \
    X(arp_requests_out)                                                                            \
    X(arp_replies_out)                                                                             \
    X(neighbour_unresolved) /* packets dropped because nobody answered, or too many waited */      \
    X(neighbour_doubted)    /* asked for again, for what went there was not acknowledged */        \
    X(ip_in)                                                                                       \
    X(ip_short)                                                                                    \
    X(ip_version)                                                                                  \
    X(ip_header_length)                                                                            \
    X(ip_total_length)                                                                             \
    X(ip_checksum)                                                                                 \
    X(ip_fragment)                                                                                 \
    X(ip_not_ours)                                                                                 \
    X(ip_source_route) /* RFC 7126 4.3, 4.4 */                                                     \
    X(ip_bad_source)                                                                               \
    X(ip_other_protocol)                                                                           \
    X(icmp_in)                                                                                     \
    X(icmp_malformed)                                                                              \
    X(icmp_echo_in)                                                                                \
    X(icmp_errors_in)       /* reports about TCP segments */                                       \
    X(icmp_errors_believed) /* by their connection. RFC 5927 4.1 */                                \
    X(path_mtu_lowered)     /* "fragmentation needed" believed. RFC 1191, RFC 5927 7.2 */          \
    X(icmp_other_in)                                                                               \
    X(icmp_unreachable_out)                                                                        \
    X(udp_in)                                                                                      \
    X(tcp_in)                                                                                      \
    X(tcp_out)                                                                                     \
    X(tcp_short) /* no whole header, or a data offset below five */                                \
    X(tcp_checksum)                                                                                \
    X(tcp_port_zero)                                                                               \
    X(tcp_malformed_options)                                                                       \
    X(tcp_accepted) /* the seven verdicts of the core on a segment for a connection */             \
    X(tcp_ignored)                                                                                 \
    X(tcp_unacceptable)                                                                            \
    X(tcp_challenged)                                                                              \
    X(tcp_bad_ack)                                                                                 \
    X(tcp_refused)                                                                                 \
    X(tcp_reset_in)                                                                                \
    X(tcp_no_connection)                                                                           \
    X(tcp_resent)                                                                                  \
    X(tcp_probes)                                                                                  \
    X(tcp_excessive) /* R1 reached: so many timeouts in a row. RFC 9293 3.8.3 */                   \
    X(tcp_resets_out)                                                                              \
    X(half_open_evicted) /* a handshake gave way to a new one: the backlog or the table is full */ \
    X(listen_overflow)   /* a SYN dropped: the backlog is full */                                  \
    X(table_full)        /* a SYN dropped, or a connect refused: no connection is free */          \
    X(time_wait_reused)  /* a new SYN took the place of a connection in TIME-WAIT */               \
    X(time_wait_recycled)                                                                          \
    X(orphan_reset) /* given up by the program and still held by the peer */                       \
    X(connections_opened_passively)                                                                \
    X(connections_opened_actively)                                                                 \
    X(connections_done)                                                                            \
    X(connections_reset)                                                                           \
    X(connections_refused)                                                                         \
    X(connections_timed_out)                                                                       \
    X(connections_aborted)                                                                         \
    X(connections_exhausted)                                                                       \
    X(connections_unreachable)                                                                     \
    X(connections_now)                                                                             \
    X(bytes_in)                                                                                    \
    X(bytes_out)                                                                                   \
    X(capture_frames)                                                                              \
    X(capture_lost) /* --pcap could not keep them */                                               \
    X(service_bytes)                                                                               \
    X(service_idle_closed)                                                                         \
    X(relay_connections)                                                                           \
    X(forward_connections)                                                                         \
    X(forward_refused)                                                                             \
    X(forward_bytes)                                                                               \
    X(relay_refused)                                                                               \
    X(http_requests)                                                                               \
    X(http_200)                                                                                    \
    X(http_206)                                                                                    \
    X(http_304)                                                                                    \
    X(http_301)                                                                                    \
    X(http_400)                                                                                    \
    X(http_403)                                                                                    \
    X(http_404)                                                                                    \
    X(http_405)                                                                                    \
    X(http_414)                                                                                    \
    X(http_416)                                                                                    \
    X(http_431)                                                                                    \
    X(http_500)                                                                                    \
    X(http_cut_short) /* the file was shorter than when its length was told */                     \
    X(http_idle_closed)

struct sq_counters {
#define X(name) uint64_t name;
    SQ_COUNTERS(X)
#undef X
};

/* One line for each counter. */
void sq_counters_print(const struct sq_counters *c, FILE *out);

/* The counter of the cause for which a frame was dropped between these two readings; NULL: it was not dropped. */
const char *sq_counters_dropped(const struct sq_counters *before, const struct sq_counters *after);

#endif
