/* SPDX-License-Identifier: MIT */
/* A connection with its rings, its user, and an honest mirror of what was promised on both sides. Everything the core says is
   held against the mirror:

   - byte k that the user reads is byte k of the peer's stream; byte k on the wire is byte k that our user wrote (T6);
   - our FIN stands behind the last byte written, the peer's is taken only behind the last byte it sent before;
   - nothing is sent beyond the greatest edge any segment offered, but for one number (T5); no edge we advertise moves back
     by a unit of the window scale or more; no text is longer than the MSS the peer announced. */
#ifndef FUZZ_ENDPOINT_H
#define FUZZ_ENDPOINT_H

#include "doors.h"
#include "fuzz.h"

#define FUZZ_RING 2048u

struct fuzz_end {
    struct sq_conn c;
    struct sq_settings settings;
    uint32_t send_capacity, receive_capacity;
    uint32_t mine, theirs;     /* which streams */
    uint64_t wrote, delivered; /* bytes of ours that the user wrote, of theirs that it read */
    uint32_t iss, irs;         /* of this connection */
    uint32_t next_iss;         /* of the next one */
    bool edge_known;
    uint32_t edge;   /* greatest right edge that went out */
    int64_t offered; /* greatest edge a segment offered us, as a distance from the ISS */
    uint32_t mss;    /* the peer's, from its SYN */
    uint32_t segments, resets, without_text;
    uint8_t send_ring[FUZZ_RING], receive_ring[FUZZ_RING];
};

/* CLOSED, rings of these sizes, 1..FUZZ_RING. */
void end_begin(struct fuzz_end *e, uint32_t send_capacity, uint32_t receive_capacity, uint32_t iss);
uint32_t end_open(struct fuzz_end *e, bool active);
void end_release(struct fuzz_end *e);

/* A segment arrives; its text is what the header's numbers say of the peer's stream, unless `text` brings the bytes. */
uint32_t end_input(struct fuzz_end *e, const struct sq_header *h, uint32_t len, const uint8_t *text,
                   uint64_t now);

/* The next segment, checked against the mirror; an enum sq_due. */
uint32_t end_output(struct fuzz_end *e, struct sq_emit *out, uint32_t limit, uint64_t now);

uint32_t end_write(struct fuzz_end *e, uint32_t n, uint64_t now); /* bytes taken */
uint32_t end_read(struct fuzz_end *e, uint32_t n);                /* bytes read */
uint32_t end_urge(struct fuzz_end *e);
uint32_t end_flush(struct fuzz_end *e); /* bytes that will never go */
void end_unreachable(struct fuzz_end *e, uint32_t seq, bool hard);
void end_too_big(struct fuzz_end *e, uint32_t seq, uint32_t size);
void end_close(struct fuzz_end *e, uint64_t now);
void end_abort(struct fuzz_end *e);
void end_tick(struct fuzz_end *e, uint64_t now);
void end_expire(struct fuzz_end *e, uint32_t timer, uint64_t now);

/* Every byte in the receive ring that counts as arrived is the peer's (Held). */
void end_held(const struct fuzz_end *e);

#endif
