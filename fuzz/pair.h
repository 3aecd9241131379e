/* SPDX-License-Identifier: MIT */
/* Two ends, their users and the network between them. What must hold at every step and at the end is checked here:

   - what is read is a prefix of what was written, both ways, always; nothing is acknowledged that the peer does not have;
   - no wedge: once faults stop, within FIRINGS timer firings and one for each byte left, both ends are CLOSED;
   - agreement: unless somebody aborted or gave up, each read all that the other promised;
   - no storm: the end takes no more than SEGMENTS segments, and two for each byte that is left: windows may be that small. */
#ifndef FUZZ_PAIR_H
#define FUZZ_PAIR_H

#include "network.h"

#define PAIR_LIMIT (FUZZ_PACKET - SQ_HEADER_MAX)

struct pair {
    struct fuzz_end e[2];
    struct fuzz_network w;
    uint64_t now;
    uint32_t promised[2];
    bool closed[2]; /* its user called CLOSE */
    bool gone;      /* an ABORT, R2 or a refusal: only the prefix is promised */
    bool calm;      /* no more faults; `said` segments were sent by each end before */
    bool
        mute; /* an end gave up, and nothing that it said since the faults stopped could tell the peer */
    uint32_t said[2];
};

/* End i says what it has to say. */
void pair_poll(struct pair *p, uint32_t i, uint32_t limit);
void pair_arrive(struct pair *p, const struct fuzz_packet *packet);
void pair_tick(struct pair *p, uint32_t i);
/* To the earlier deadline; false: none is armed. */
bool pair_timer(struct pair *p);
/* End i's user writes n bytes of what it promised; or, once all is written, closes. */
void pair_write(struct pair *p, uint32_t i, uint32_t n);
void pair_close(struct pair *p, uint32_t i);
/* No more faults: both users do their part, and the connection comes to its end. */
void pair_finish(struct pair *p);

#endif
