/* SPDX-License-Identifier: MIT */
/* The measure for `segment` in fuzz-bench: one segment from the bytes into a fresh lwIP connection, and nothing checked. */
#include "fuzz/fuzz.h"
#include "peer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sq_header h = {.flags = SQ_SYN, .seq = 1000u, .window = 8000u};
    uint32_t n = size > 1200u ? 1200u : (uint32_t)size;

    peer_begin();
    peer_send(&h, NULL, 0u);
    h.seq++;
    h.flags = SQ_ACK;
    h.ack = peer.iss + 1u;
    peer_send(&h, NULL, 0u);
    h.flags = n > 0u ? data[0] : SQ_ACK;
    h.seq += n > 1u ? data[1] : 0u;
    h.ack += n > 2u ? data[2] : 0u;
    peer_send(&h, data, n);
    return 0;
}
