/* SPDX-License-Identifier: MIT */
/* A listening lwIP that is fed segments and whose stream is read back. */
#ifndef FUZZ_LWIP_PEER_H
#define FUZZ_LWIP_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/header.h"

#define PEER_WINDOW 2048u /* bytes: TCP_WND of lwipopts.h */

struct peer {
    uint32_t iss;             /* lwIP's, from its SYN,ACK */
    bool iss_known, accepted; /* accepted: the connection stands */
    bool closed;              /* its peer's FIN was delivered */
    uint32_t got;             /* bytes delivered */
    uint8_t stream[4096];
    uint32_t checksum_errors, length_errors, sent;
};

extern struct peer peer;

/* A fresh listener; no connection. */
void peer_begin(void);
/* A segment of n bytes as it stands, from the host that connects; `seal`: its checksum is made right first. */
void peer_segment(uint8_t *segment, uint32_t n, bool seal);
/* The same from a header and text. */
void peer_send(const struct sq_header *h, const uint8_t *text, uint32_t len);

#endif
