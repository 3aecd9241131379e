/* SPDX-License-Identifier: MIT */
/* Frames of the peer that is played. */
#ifndef BENCH_FRAMES_H
#define BENCH_FRAMES_H

#include <stdint.h>

#include "core/header.h"

/* Ethernet, IPv4, TCP with right checksums and len bytes of text; returns the frame's length. */
uint32_t bench_segment(uint8_t *frame, struct sq_header *h, const uint8_t *text, uint32_t len);
/* The peer asks who has the stack's address, and so tells its own. */
uint32_t bench_arp(uint8_t *frame);

#endif
