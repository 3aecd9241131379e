/* SPDX-License-Identifier: MIT */
/* diff_lwip: the same segments into our core and into lwIP, where RFC 9293 leaves no choice:

   - a segment whose checksum is wrong, or whose header is not whole, is taken by neither; others by both;
   - after the same handshake, any segmentation of a stream, in and out of order, overlapping, trimmed at the window's edge,
     delivers the same bytes at the same time. Nobody reads, so that the window stays the one of the handshake.

   Where lwIP differs from the RFC, the case is left out here and listed in fuzz/README.md with the sentence. */
#include "fuzz/endpoint.h"
#include "peer.h"
#include "fuzz/twin.h"

#define EVENTS 48u

/* ---- the header ---- */

static bool ours_takes(uint8_t *p, uint32_t n)
{
    struct sq_header h;

    return sq_checksum_correct(
               sq_checksum_add(sq_checksum_pseudo4(0xC0000201u, 0xC0000202u, n), p, n)) &&
           sq_header_parse(p, n, &h) == 1u;
}

static void header(const uint8_t *data, uint32_t n, bool seal)
{
    static uint8_t segment[1400];

    n = n > sizeof segment ? (uint32_t)sizeof segment : n;
    memcpy(segment, data, n);
    if (n >= 4u) {
        sq_store16(segment, 0u, 4000u);
        sq_store16(segment, 2u, 4001u);
    }
    peer_segment(segment, n, seal);
    FUZZ_CHECK("diff_lwip.header",
               ours_takes(segment, n) == (peer.checksum_errors + peer.length_errors == 0u));
}

/* ---- the stream ---- */

static struct fuzz_end ours;
static uint32_t first; /* their ISS + 1: where the stream begins */

static void both(uint32_t offset, uint32_t len, uint32_t flags)
{
    static uint8_t text[2048];
    struct sq_header h = {.flags = flags, .seq = first + offset, .window = 8000u};

    for (uint32_t i = 0u; i < len; i++) {
        text[i] = fuzz_stream(ours.theirs, offset + i);
    }
    h.ack = ours.iss + 1u;
    end_input(&ours, &h, len, text, 1000u);
    h.ack = peer.iss + 1u;
    peer_send(&h, text, len);
}

static void handshake(uint32_t irs)
{
    struct sq_header syn = {.flags = SQ_SYN, .seq = irs, .window = 8000u};
    struct sq_emit o;

    first = irs + 1u;
    end_begin(&ours, 64u, PEER_WINDOW, 77u);
    end_open(&ours, false);
    end_input(&ours, &syn, 0u, NULL, 1000u);
    end_output(&ours, &o, SQ_TEXT_MAX, 1000u);
    peer_send(&syn, NULL, 0u);
    both(0u, 0u, SQ_ACK);
    FUZZ_CHECK("diff_lwip.handshake", peer.accepted && ours.c.state == SQ_ESTABLISHED);
}

/* lwIP forgets held text when more arrives out of order inside it, and asks for it again (RFC 9293 3.10.7.4 seventh: such
   segments SHOULD be held). From then on it may deliver later than we do, never more. */
static bool overlaps(uint32_t offset, uint32_t len)
{
    int64_t from = (int64_t)offset - (int64_t)ours.c.receive.received;

    for (int64_t x = from; x < from + len; x++) {
        if (from > 0 && covers(&ours.c.reassembly, x)) {
            return true;
        }
    }
    return false;
}

static void compare(bool forgets)
{
    FUZZ_CHECK("diff_lwip.delivered", peer.got == ours.c.receive.received ||
                                          (forgets && peer.got < ours.c.receive.received));
    for (uint32_t i = 0u; i < peer.got; i++) {
        FUZZ_CHECK("diff_lwip.bytes", peer.stream[i] == fuzz_stream(ours.theirs, i));
    }
}

static void stream(struct fuzz_in *in)
{
    struct sq_emit o;
    bool forgets = false;

    handshake(fuzz_u8(in) < 128u ? fuzz_u32(in) : 0u - fuzz_u16(in));
    for (uint32_t i = 0u; i < EVENTS && in->n > 0u; i++) {
        uint32_t offset = fuzz_edge(in, 0u, PEER_WINDOW + 40u), len = fuzz_edge(in, 1u, 600u);

        if (ours.c.reassembly.n == SQ_RANGES || ours.c.receive.wnd == 0u) {
            return; /* a full list forgets (RFC 9293 3.8.6 allows it); lwIP and a shut window: see fuzz/README.md */
        }
        forgets = forgets || overlaps(offset, len);
        both(offset, len, SQ_ACK);
        while (end_output(&ours, &o, SQ_TEXT_MAX, 1000u) != SQ_DUE_NONE) {
        }
        compare(forgets);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = {data, size};
    uint32_t how = fuzz_u8(&in);

    peer_begin();
    if (how % 4u == 0u) {
        header(in.p, (uint32_t)(in.n > 1400u ? 1400u : in.n), (how & 4u) == 0u);
    } else {
        stream(&in);
    }
    return 0;
}
