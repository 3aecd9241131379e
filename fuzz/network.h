/* SPDX-License-Identifier: MIT */
/* Segments as bytes between two endpoints: in order until told otherwise. No memory is allocated; a full network loses. */
#ifndef FUZZ_NETWORK_H
#define FUZZ_NETWORK_H

#include "endpoint.h"

#define FUZZ_PACKETS 32u
#define FUZZ_PACKET 600u /* bytes of a segment at most */

struct fuzz_packet {
    uint32_t to, len;
    bool flipped, cut; /* altered on the way: the checksum must see a flip */
    uint8_t bytes[FUZZ_PACKET];
};

struct fuzz_network {
    uint32_t n; /* on their way, the oldest first */
    uint32_t order[FUZZ_PACKETS];
    bool used[FUZZ_PACKETS];
    struct fuzz_packet packet[FUZZ_PACKETS];
};

void network_begin(struct fuzz_network *w);
/* The segment as bytes with its checksum, on its way to the other end. */
void network_send(struct fuzz_network *w, uint32_t from, const struct sq_emit *o,
                  const uint8_t *ring);
/* Takes the i-th packet off the network; it stays readable until the next is sent. */
struct fuzz_packet *network_take(struct fuzz_network *w, uint32_t i);
void network_duplicate(struct fuzz_network *w, uint32_t i);

/* 1: the packet is a TCP segment whose checksum is right; `h` says what it says, its text follows the header. */
bool network_read(const struct fuzz_packet *p, struct sq_header *h);

#endif
