/* SPDX-License-Identifier: MIT */
/* The core's doors with their contracts checked: each function calls the door of the same name and holds what it did against
   every clause that stands above it in core/input.h, core/output.h, core/user.h, core/timers.h, core/path.h and core/stream.h: what it ensures, and that
   nothing beyond its `assigns` changed. Targets use these, never the doors themselves. */
#ifndef FUZZ_DOORS_H
#define FUZZ_DOORS_H

#include "core/sequent.h"

struct sq_taken door_segment(struct sq_conn *c, const struct sq_header *h,
                             const struct sq_segment_info *info);
struct sq_taken door_input(struct sq_conn *c, uint8_t *ring, const struct sq_header *h,
                           const uint8_t *text, const struct sq_segment_info *info);
uint32_t door_output(struct sq_conn *c, struct sq_emit *e, uint32_t limit, uint64_t now);

void door_init(struct sq_conn *c);
uint32_t door_open_passive(struct sq_conn *c, const struct sq_settings *s, uint32_t send_capacity,
                           uint32_t receive_capacity);
uint32_t door_open_active(struct sq_conn *c, const struct sq_settings *s, uint32_t send_capacity,
                          uint32_t receive_capacity, uint32_t iss);
uint32_t door_write(struct sq_conn *c, uint8_t *ring, const uint8_t *from, uint32_t n,
                    uint64_t now);
uint32_t door_commit(struct sq_conn *c, uint32_t n, uint64_t now);
uint32_t door_read(struct sq_conn *c, const uint8_t *ring, uint8_t *to, uint32_t n);
uint32_t door_consume(struct sq_conn *c, uint32_t n);
uint32_t door_close(struct sq_conn *c, uint64_t now);
uint32_t door_abort(struct sq_conn *c);
void door_release(struct sq_conn *c);
void door_expire(struct sq_conn *c, uint32_t timer, uint64_t now);
void door_tick(struct sq_conn *c, uint64_t now);
uint32_t door_urge(struct sq_conn *c);
uint32_t door_flush(struct sq_conn *c);
void door_user_timeout(struct sq_conn *c, uint32_t r2);
struct sq_report door_reports(struct sq_conn *c);
uint32_t door_unreachable(struct sq_conn *c, uint32_t seq, uint32_t error, uint32_t hard);
uint32_t door_too_big(struct sq_conn *c, uint32_t seq, uint32_t size);
/* Those that change nothing: sq_urgent, sq_reusable, sq_iss_beyond. */
void door_look_path(const struct sq_conn *c, uint32_t seq);
/* And STATUS, sq_deadline, sq_readable, sq_writable. */
void door_look(const struct sq_conn *c);
/* A segment for no connection. */
struct sq_reset door_refusal(uint32_t flags, uint32_t seq, uint32_t ack, uint32_t len);

#endif
