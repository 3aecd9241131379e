/* SPDX-License-Identifier: MIT */
/* An echo server for one connection. Memory, clock and network are yours; core/ is all you link. */
#include "core/sequent.h"

static struct sq_conn
    c; /* after sq_init(&c): sq_open_passive(&c, &settings, sizeof out, sizeof in) */
static uint8_t in[4096], out[4096];

/* The segment p[0..n) arrived with a right checksum, or time passed (n = 0). Returns when to call again at the latest. */
static uint64_t echo(const uint8_t *p, uint32_t n, uint64_t now, uint32_t iss,
                     void (*send)(const struct sq_emit *e, const uint8_t *ring))
{
    struct sq_header h;
    struct sq_emit e;
    uint8_t text[512];
    uint32_t room = sq_status(&c).writable, most = room < sizeof text ? room : sizeof text;

    if (n > 0 && sq_header_parse(p, n, &h) == 1)
        sq_input(&c, in, &h, p + h.length, &(struct sq_segment_info){now, n - h.length, iss});
    sq_tick(&c, now);
    sq_write(&c, out, text, sq_read(&c, in, text, most), now); /* what was said is said again */
    if (c.state == SQ_CLOSE_WAIT && sq_status(&c).readable == 0)
        sq_close(&c, now);
    while (sq_output(&c, &e, SQ_TEXT_MAX, now) != SQ_DUE_NONE)
        send(&e, out); /* sq_header_emit writes the header; the text stands in out at e.text */
    return sq_deadline(&c);
}
