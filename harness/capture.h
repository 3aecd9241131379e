/* SPDX-License-Identifier: MIT */
/* Frames to a file that Wireshark and tshark read, both directions, each with a comment on what it did: pcapng, of
   draft-ietf-opsawg-pcapng sections 4.1 (section header), 4.2 (interface) and 4.3 (enhanced packet). Blocks are gathered
   in memory and written when the loop has time. A disk that fills ends the capture, and nothing else: the file keeps its
   whole blocks. */
#ifndef SQ_CAPTURE_H
#define SQ_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "counters.h"

#define SQ_CAPTURE_COMMENT 240u /* bytes of a frame's comment */

struct sq_capture_blocks {
    uint8_t *bytes;
    size_t n, room;
};

struct sq_capture {
    int fd; /* -1: no capture */
    const char *path;
    struct sq_counters *counters;
    struct sq_capture_blocks ready; /* to be written */
    struct sq_capture_blocks later; /* what left while a frame that arrived is being worked on */
    bool arriving;
    uint64_t zero;   /* the wall clock, microseconds, when the loop's clock was 0 */
    uint64_t length; /* bytes of whole blocks in the file */
};

/* Begins the file; device: the interface's name in it. False: errno says why. */
bool sq_capture_open(struct sq_capture *c, const char *path, const char *device,
                     struct sq_counters *counters, uint64_t now);
void sq_capture_close(struct sq_capture *c);

/* A frame arrived, and work on it begins: what leaves until sq_capture_in stands behind it in the file. */
void sq_capture_begin(struct sq_capture *c);
/* That frame, and what became of it; comment "": nothing to say. */
void sq_capture_in(struct sq_capture *c, const uint8_t *frame, uint32_t n, uint64_t now,
                   const char *comment);
void sq_capture_out(struct sq_capture *c, const struct iovec *part, int parts, uint64_t now,
                    const char *comment);
/* Writes what was gathered. */
void sq_capture_flush(struct sq_capture *c);

#endif
