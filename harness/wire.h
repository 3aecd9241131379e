/* SPDX-License-Identifier: MIT */
/* One host on one Ethernet link: frames in become TCP segments or are answered here (ARP, ICMP echo, unreachables);
   segments out become frames, their neighbour resolved. RFC 826, 894, 1122 3; the formats themselves are read and
   written by the proven parsers. Nothing blocks; time is microseconds on the caller's clock. */
#ifndef SQ_WIRE_H
#define SQ_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "icmp.h"
#include "journal.h"
#include "neighbour.h"

#define SQ_WIRE_HEADROOM 34u /* bytes of Ethernet and IPv4 header before a payload */
#define SQ_WIRE_PENDING \
    16u /* packets that wait for a neighbour's address, one for each neighbour. RFC 1122 2.3.2.2 */

#define SQ_WIRE_ALSO 7u /* addresses of one host beside its first */

/* Sends one frame; false: the device did not take it. */
typedef bool sq_wire_transmit(void *device, const struct iovec *part, int parts);

struct sq_wire_options {
    uint64_t hardware;           /* our Ethernet address, below 2^48 */
    uint32_t address;            /* ours; 192.0.2.1 is 0xC0000201 */
    uint32_t prefix;             /* bits of the link's network, 1..30 */
    uint32_t also[SQ_WIRE_ALSO]; /* further ones of ours, of the same network; 0: none */
    uint32_t ttl;                /* hops that what we answer may take, 1..255; 0: the usual 64 */
    uint32_t gateway;            /* next hop of everything else; 0: none */
    uint32_t mtu;                /* bytes of an IPv4 datagram, 576..32000 */
    double drop;                 /* share of frames lost on purpose, each way; 0..1 */
    uint64_t seed;               /* which ones */
    sq_wire_transmit *transmit;
    void *device;
    struct sq_journal *journal; /* is told of each frame that leaves */
};

struct sq_wire_pending {
    uint32_t address, length; /* of the next hop; bytes of the frame, 0: free */
    uint8_t *frame;
};

struct sq_wire {
    struct sq_wire_options set;
    struct sq_counters *counters;
    struct sq_neighbours neighbours;
    struct sq_wire_pending pending[SQ_WIRE_PENDING];
    uint32_t next_pending; /* the one to give way when all are in use */
    uint32_t identification;
    uint64_t random;
    uint64_t now;     /* of the last call */
    uint64_t doubted; /* when a next hop was last doubted; 0: never */
    uint8_t *reply;   /* room for one frame that answers another */
};

/* What ICMP reports of a segment we sent. RFC 9293 3.9.2.2 */
struct sq_wire_report {
    struct sq_icmp_quote quote;
    uint32_t error; /* type * 256 + code */
    uint32_t mtu;   /* bytes the path takes, for "fragmentation needed"; 0: not told */
    uint32_t total; /* bytes of the datagram that is quoted */
};

/* A TCP segment for us, where it stands in the frame; or the report of one. */
struct sq_wire_segment {
    uint32_t source, destination;
    const uint8_t *bytes;
    uint32_t length; /* bytes of header and text */
    struct sq_wire_report report;
};

/* False: no memory. */
bool sq_wire_open(struct sq_wire *w, const struct sq_wire_options *set,
                  struct sq_counters *counters);
void sq_wire_close(struct sq_wire *w);

/* What a frame that arrived was, and what became of one that was to leave. */
enum sq_fate {
    SQ_FATE_DONE,    /* dealt with here: no TCP segment for us */
    SQ_FATE_SEGMENT, /* it holds a TCP segment for us */
    SQ_FATE_REPORT,  /* it holds an ICMP error about a TCP segment of ours */
    SQ_FATE_SENT,
    SQ_FATE_KEPT, /* until its neighbour's address is known */
    SQ_FATE_LOST, /* on purpose */
    SQ_FATE_UNSENT
};

/* A frame of n bytes arrived. SQ_FATE_SEGMENT and SQ_FATE_LOST fill in the segment, SQ_FATE_REPORT
   its report; length 0: the lost one held none. */
enum sq_fate sq_wire_frame(struct sq_wire *w, const uint8_t *frame, uint32_t n, uint64_t now,
                           struct sq_wire_segment *segment);

/* What goes to `to` does not arrive: whether its next hop is still there is asked before long. RFC 1122 3.3.1.4, RFC 9293
   3.8.3 MUST-20 */
void sq_wire_doubt(struct sq_wire *w, uint32_t to, uint64_t now);

/* Whether the address is one of ours. */
bool sq_wire_own(const struct sq_wire *w, uint32_t address);

/* What the Internet header of a datagram of ours says. */
struct sq_wire_head {
    uint32_t source, destination;
    uint32_t protocol;
    uint32_t service; /* DSCP and ECN, 0..255, sent as they are. RFC 9293 3.9.1.9 */
    uint32_t ttl;     /* 1..255 */
};

/* Sends a datagram. frame: SQ_WIRE_HEADROOM bytes to be filled in, then `header` bytes of the payload;
   text: the rest of it, two slices, either may be empty. */
enum sq_fate sq_wire_send(struct sq_wire *w, struct sq_wire_head head, uint8_t *frame,
                          uint32_t header, const struct iovec text[2], uint64_t now);

#endif
