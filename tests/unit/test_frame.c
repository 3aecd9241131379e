/* SPDX-License-Identifier: MIT */
/* Frames, address resolution, the Internet header and control messages (RFC 894, 826, 791, 792,
   1122), and the table of neighbours. The messages below were built and summed by another
   implementation; each is read from memory of just its length, so that a memory checker sees any
   byte read beyond it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "harness/arp.h"
#include "harness/ethernet.h"
#include "harness/icmp.h"
#include "harness/ipv4.h"
#include "harness/neighbour.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define US 0xC0000201u   /* 192.0.2.1 */
#define THEM 0xC0000202u /* 192.0.2.2 */
#define US_HW 0x020000000001u
#define THEM_HW 0x020000000002u
#define SECOND 1000000u

static const uint8_t arp_who_has[28] = {
    0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02,
    0xc0, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc0, 0x00, 0x02, 0x01,
};

static const uint8_t arp_is_at[28] = {
    0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01,
    0xc0, 0x00, 0x02, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0xc0, 0x00, 0x02, 0x02,
};

static const uint8_t tcp_syn[40] = {
    0x45, 0x02, 0x00, 0x28, 0x00, 0x07, 0x40, 0x00, 0x40, 0x06, 0xb6, 0xc3, 0xc0, 0x00,
    0x02, 0x02, 0xc0, 0x00, 0x02, 0x01, 0x9c, 0x40, 0x00, 0x50, 0x11, 0x22, 0x33, 0x44,
    0x00, 0x00, 0x00, 0x00, 0x50, 0x02, 0x20, 0x00, 0x2a, 0xe8, 0x00, 0x00,
};

static const uint8_t with_options[48] = {
    0x47, 0x00, 0x00, 0x30, 0x00, 0x07, 0x40, 0x00, 0x03, 0x06, 0xe6, 0xb6, 0xc0, 0x00, 0x02, 0x02,
    0xc0, 0x00, 0x02, 0x01, 0x07, 0x07, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x9c, 0x40, 0x00, 0x50,
    0x11, 0x22, 0x33, 0x44, 0x00, 0x00, 0x00, 0x00, 0x50, 0x02, 0x20, 0x00, 0x2a, 0xe8, 0x00, 0x00,
};

static const uint8_t header_alone[20] = {
    0x45, 0x01, 0x00, 0x3c, 0x12, 0x34, 0x40, 0x00, 0x40, 0x06,
    0xa4, 0x83, 0xc0, 0x00, 0x02, 0x01, 0xc0, 0x00, 0x02, 0x02,
};

static const uint8_t echo[13] = {
    0x08, 0x00, 0x8b, 0x12, 0x43, 0x21, 0x00, 0x05, 0x61, 0x62, 0x63, 0x64, 0x65,
};

static const uint8_t echo_reply[13] = {
    0x00, 0x00, 0x93, 0x12, 0x43, 0x21, 0x00, 0x05, 0x61, 0x62, 0x63, 0x64, 0x65,
};

static const uint8_t too_big[36] = {
    0x03, 0x04, 0xf5, 0x6b, 0x00, 0x00, 0x05, 0x78, 0x45, 0x00, 0x05, 0xdc,
    0x00, 0x07, 0x40, 0x00, 0x01, 0x06, 0x87, 0xd7, 0xc0, 0x00, 0x02, 0x01,
    0xc6, 0x33, 0x64, 0x09, 0x00, 0x50, 0x9c, 0x40, 0xa1, 0xb2, 0xc3, 0xd4,
};

static const uint8_t udp[28] = {
    0x45, 0x02, 0x00, 0x1c, 0x00, 0x07, 0x40, 0x00, 0x40, 0x11, 0xb6, 0xc4, 0xc0, 0x00,
    0x02, 0x02, 0xc0, 0x00, 0x02, 0x01, 0x9c, 0x40, 0x00, 0x09, 0x00, 0x08, 0xdf, 0x90,
};

static const uint8_t udp_unreachable[36] = {
    0x03, 0x03, 0x81, 0x1a, 0x00, 0x00, 0x00, 0x00, 0x45, 0x02, 0x00, 0x1c,
    0x00, 0x07, 0x40, 0x00, 0x40, 0x11, 0xb6, 0xc4, 0xc0, 0x00, 0x02, 0x02,
    0xc0, 0x00, 0x02, 0x01, 0x9c, 0x40, 0x00, 0x09, 0x00, 0x08, 0xdf, 0x90,
};

/* The `n` bytes at `p`, alone in memory. The caller frees. */
static uint8_t *alone(const uint8_t *p, size_t n)
{
    uint8_t *q = malloc(n == 0u ? 1u : n);

    assert_non_null(q);
    if (n == 0u) {
        return q;
    }
    memcpy(q, p, n);
    return q;
}

static uint32_t noise(uint32_t *x)
{
    *x = *x * 1103515245u + 12345u;
    return *x >> 8;
}

/* ---- Ethernet ---- */

static void ethernet__header_of_fourteen_bytes__is_read_and_written(void **state)
{
    static const uint8_t bytes[14] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02,
                                      0x00, 0x00, 0x00, 0x00, 0x02, 0x08, 0x06};
    uint8_t out[14] = {0};
    struct sq_ethernet frame;

    (void)state;
    assert_true(sq_ethernet_parse(bytes, 14u, &frame));
    assert_int_equal(frame.destination, SQ_ETHERNET_BROADCAST);
    assert_int_equal(frame.source, THEM_HW);
    assert_int_equal(frame.type, SQ_ETHERNET_ARP);
    sq_ethernet_emit(out, frame.destination, frame.source, frame.type);
    assert_memory_equal(out, bytes, 14u);
}

static void ethernet__shorter_than_its_header__is_refused(void **state)
{
    (void)state;
    for (uint32_t n = 0u; n < 14u; n++) {
        uint8_t *p = alone(tcp_syn, n);
        struct sq_ethernet frame = {1u, 2u, 3u};

        assert_false(sq_ethernet_parse(p, n, &frame));
        assert_int_equal(frame.source, 2u);
        free(p);
    }
}

static void ethernet__group_and_zero_addresses__name_no_station(void **state)
{
    (void)state;
    assert_true(sq_ethernet_unicast(THEM_HW));
    assert_true(sq_ethernet_unicast(0xFEFFFFFFFFFFu));
    assert_false(sq_ethernet_unicast(0u));
    assert_false(sq_ethernet_unicast(SQ_ETHERNET_BROADCAST));
    assert_false(sq_ethernet_unicast(0x01005E000001u));
    assert_false(sq_ethernet_unicast(0x333300000001u));
    assert_false(sq_ethernet_unicast(0x1000000000000u));
}

/* ---- ARP ---- */

static void arp__request_and_reply__are_read(void **state)
{
    uint8_t *request = alone(arp_who_has, sizeof(arp_who_has));
    uint8_t *reply = alone(arp_is_at, sizeof(arp_is_at));
    struct sq_arp arp;

    (void)state;
    assert_true(sq_arp_parse(request, sizeof(arp_who_has), &arp));
    assert_int_equal(arp.operation, SQ_ARP_REQUEST);
    assert_int_equal(arp.sender_hardware, THEM_HW);
    assert_int_equal(arp.sender_address, THEM);
    assert_int_equal(arp.target_hardware, 0u);
    assert_int_equal(arp.target_address, US);
    assert_true(sq_arp_parse(reply, sizeof(arp_is_at), &arp));
    assert_int_equal(arp.operation, SQ_ARP_REPLY);
    assert_int_equal(arp.sender_hardware, US_HW);
    assert_int_equal(arp.sender_address, US);
    assert_int_equal(arp.target_hardware, THEM_HW);
    assert_int_equal(arp.target_address, THEM);
    free(request);
    free(reply);
}

static void arp__emitted__is_byte_for_byte_what_others_emit(void **state)
{
    uint8_t out[SQ_ARP_LENGTH];

    (void)state;
    memset(out, 0xEE, sizeof(out));
    sq_arp_request(out, THEM_HW, THEM, US);
    assert_memory_equal(out, arp_who_has, sizeof(out));
    memset(out, 0xEE, sizeof(out));
    sq_arp_reply(out, US_HW, US, THEM_HW, THEM);
    assert_memory_equal(out, arp_is_at, sizeof(out));
}

static void arp__padded_to_the_least_frame__is_accepted(void **state)
{
    uint8_t padded[46] = {0};
    struct sq_arp arp;

    (void)state;
    memcpy(padded, arp_who_has, sizeof(arp_who_has));
    assert_true(sq_arp_parse(padded, sizeof(padded), &arp));
}

static void arp__truncated__is_refused(void **state)
{
    (void)state;
    for (uint32_t n = 0u; n < SQ_ARP_LENGTH; n++) {
        uint8_t *p = alone(arp_who_has, n);
        struct sq_arp arp;

        assert_false(sq_arp_parse(p, n, &arp));
        free(p);
    }
}

/* Of the first eight bytes, any change but request to reply makes it another message. */
static void arp__other_spaces_lengths_or_operations__are_refused(void **state)
{
    struct sq_arp arp;

    (void)state;
    for (uint32_t at = 0u; at < 8u; at++) {
        for (uint32_t value = 0u; value < 256u; value++) {
            uint8_t p[SQ_ARP_LENGTH];

            memcpy(p, arp_who_has, sizeof(p));
            p[at] = (uint8_t)value;
            assert_int_equal(sq_arp_parse(p, sizeof(p), &arp),
                             value == arp_who_has[at] || (at == 7u && value == 2u));
        }
    }
}

/* ---- IPv4 ---- */

static void ipv4__header__is_read(void **state)
{
    uint8_t *p = alone(tcp_syn, sizeof(tcp_syn));
    struct sq_ipv4 ip;

    (void)state;
    assert_int_equal(sq_ipv4_parse(p, sizeof(tcp_syn), &ip), SQ_IPV4_OK);
    assert_int_equal(ip.source, THEM);
    assert_int_equal(ip.destination, US);
    assert_int_equal(ip.protocol, SQ_IPV4_TCP);
    assert_int_equal(ip.service, 2u);
    assert_int_equal(ip.ttl, 64u);
    assert_int_equal(ip.header_length, 20u);
    assert_int_equal(ip.length, 20u);
    free(p);
}

static void ipv4__options__are_stepped_over(void **state)
{
    uint8_t *p = alone(with_options, sizeof(with_options));
    struct sq_ipv4 ip;

    (void)state;
    assert_int_equal(sq_ipv4_parse(p, sizeof(with_options), &ip), SQ_IPV4_OK);
    assert_int_equal(ip.header_length, 28u);
    assert_int_equal(ip.length, 20u);
    assert_int_equal(ip.ttl, 3u);
    free(p);
}

static void ipv4__link_padding__is_no_payload(void **state)
{
    uint8_t padded[46];
    struct sq_ipv4 ip;

    (void)state;
    memset(padded, 0xEE, sizeof(padded));
    memcpy(padded, tcp_syn, sizeof(tcp_syn));
    assert_int_equal(sq_ipv4_parse(padded, sizeof(padded), &ip), SQ_IPV4_OK);
    assert_int_equal(ip.length, 20u);
}

static void ipv4__truncated_anywhere__is_refused_for_its_length(void **state)
{
    (void)state;
    for (uint32_t n = 0u; n < sizeof(with_options); n++) {
        uint8_t *p = alone(with_options, n);
        struct sq_ipv4 ip = {0};
        uint32_t verdict = sq_ipv4_parse(p, n, &ip);

        assert_int_equal(verdict, n < 20u   ? SQ_IPV4_SHORT
                                  : n < 28u ? SQ_IPV4_HEADER_LENGTH
                                            : SQ_IPV4_TOTAL_LENGTH);
        assert_int_equal(ip.source, 0u);
        free(p);
    }
}

static void ipv4__any_bit_of_the_header_flipped__is_refused(void **state)
{
    struct sq_ipv4 ip;

    (void)state;
    for (uint32_t bit = 0u; bit < 8u * 28u; bit++) {
        uint8_t p[sizeof(with_options)];

        memcpy(p, with_options, sizeof(p));
        p[bit / 8u] = (uint8_t)(p[bit / 8u] ^ (1u << bit % 8u));
        assert_int_not_equal(sq_ipv4_parse(p, sizeof(p), &ip), SQ_IPV4_OK);
    }
}

/* One byte of a good header changed, and the checksum made right again unless that is changed. */
static void ipv4__each_cause__has_its_verdict(void **state)
{
    static const struct {
        uint32_t at;
        uint32_t value;
        uint32_t verdict;
    } rows[] = {
        {0u, 0x45u, SQ_IPV4_OK},
        {0u, 0x65u, SQ_IPV4_VERSION},
        {0u, 0x05u, SQ_IPV4_VERSION},
        {0u, 0x44u, SQ_IPV4_HEADER_LENGTH},
        {0u, 0x40u, SQ_IPV4_HEADER_LENGTH},
        {0u, 0x4Fu, SQ_IPV4_HEADER_LENGTH},
        {3u, 19u, SQ_IPV4_TOTAL_LENGTH},
        {3u, 0u, SQ_IPV4_TOTAL_LENGTH},
        {3u, 41u, SQ_IPV4_TOTAL_LENGTH},
        {2u, 0xFFu, SQ_IPV4_TOTAL_LENGTH},
        {3u, 20u, SQ_IPV4_OK},
        {3u, 39u, SQ_IPV4_OK},
        {6u, 0x00u, SQ_IPV4_OK},
        {6u, 0x80u, SQ_IPV4_OK},
        {6u, 0x20u, SQ_IPV4_FRAGMENT},
        {6u, 0x60u, SQ_IPV4_FRAGMENT},
        {6u, 0x01u, SQ_IPV4_FRAGMENT},
        {7u, 0x01u, SQ_IPV4_FRAGMENT},
        {8u, 0u, SQ_IPV4_OK},
        {9u, 17u, SQ_IPV4_OK},
        {10u, 0u, SQ_IPV4_CHECKSUM},
        {11u, 0u, SQ_IPV4_CHECKSUM},
    };

    (void)state;
    for (size_t i = 0u; i < LENGTH(rows); i++) {
        uint8_t *p = alone(tcp_syn, sizeof(tcp_syn));
        struct sq_ipv4 ip;

        p[rows[i].at] = (uint8_t)rows[i].value;
        if (rows[i].at < 10u) {
            sq_ipv4_seal(p, 20u, 10u);
        }
        assert_int_equal(sq_ipv4_parse(p, sizeof(tcp_syn), &ip), rows[i].verdict);
        free(p);
    }
}

static void ipv4__emitted__is_byte_for_byte_what_others_emit(void **state)
{
    uint8_t out[SQ_IPV4_HEADER];

    (void)state;
    memset(out, 0xEE, sizeof(out));
    sq_ipv4_emit(out, US, THEM, SQ_IPV4_TCP, 1u, 64u, 0x1234u, 40u);
    assert_memory_equal(out, header_alone, sizeof(out));
}

static void ipv4__emitted__is_read_back_as_given(void **state)
{
    uint32_t x = 0x5E9u;

    (void)state;
    for (uint32_t i = 0u; i < 20000u; i++) {
        uint8_t out[SQ_IPV4_HEADER];
        struct sq_ipv4 ip;
        uint32_t source = noise(&x) * 256u + noise(&x) % 256u;
        uint32_t destination = noise(&x) * 256u + noise(&x) % 256u;
        uint32_t protocol = noise(&x) % 256u;
        uint32_t service = noise(&x) % 256u;
        uint32_t length = noise(&x) % 65516u;
        uint32_t ttl = 1u + noise(&x) % 255u;

        sq_ipv4_emit(out, source, destination, protocol, service, ttl, noise(&x) % 65536u, length);
        /* Only the header is read; the payload may well be elsewhere. */
        assert_int_equal(sq_ipv4_parse(out, SQ_IPV4_HEADER, &ip),
                         length == 0u ? SQ_IPV4_OK : SQ_IPV4_TOTAL_LENGTH);
        assert_int_equal(out[2] * 256u + out[3], 20u + length);
        out[2] = 0u;
        out[3] = 20u;
        sq_ipv4_seal(out, SQ_IPV4_HEADER, 10u);
        assert_int_equal(sq_ipv4_parse(out, SQ_IPV4_HEADER, &ip), SQ_IPV4_OK);
        assert_int_equal(ip.source, source);
        assert_int_equal(ip.destination, destination);
        assert_int_equal(ip.protocol, protocol);
        assert_int_equal(ip.service, service);
        assert_int_equal(ip.ttl, ttl);
    }
}

/* RFC 791 3.1: a list of options, its end, and lengths that make no sense. */
static void ipv4__source_routes__are_seen_among_options(void **state)
{
    static const struct {
        uint8_t option[12];
        uint32_t size, routed;
    } rows[] = {
        {{0u}, 0u, 0u},
        {{131u, 7u, 4u, 10u, 9u, 0u, 1u, 0u}, 8u, 1u},
        {{137u, 7u, 4u, 10u, 9u, 0u, 1u, 0u}, 8u, 1u},
        {{7u, 7u, 4u, 0u, 0u, 0u, 0u, 0u}, 8u, 0u}, /* record route */
        {{1u, 1u, 1u, 131u}, 4u, 1u},
        {{148u, 4u, 131u, 131u, 137u, 3u, 4u, 0u}, 8u, 1u}, /* router alert, then a route */
        {{148u, 4u, 131u, 131u}, 4u, 0u},                   /* only in the value of another */
        {{0u, 131u, 7u, 4u}, 4u, 0u},                       /* behind the end */
        {{7u, 1u, 131u, 3u}, 4u, 0u},                       /* lengths of 1, 0, too many */
        {{7u, 0u, 131u, 3u}, 4u, 0u},
        {{7u, 5u, 131u, 3u}, 4u, 0u},
        {{1u, 1u, 1u, 7u}, 4u, 0u},
    };

    (void)state;
    for (size_t i = 0u; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t *p = malloc(20u + rows[i].size);

        assert_non_null(p);
        memset(p, 131, 20u);
        memcpy(p + 20u, rows[i].option, rows[i].size);
        assert_int_equal(sq_ipv4_routed(p, 20u + rows[i].size), rows[i].routed);
        free(p);
    }
}

static void ipv4__any_bytes__are_read_no_further_than_they_go(void **state)
{
    uint32_t x = 0xC0FFEEu;
    uint32_t seen[SQ_IPV4_FRAGMENT + 1u] = {0};

    (void)state;
    for (uint32_t i = 0u; i < 20000u; i++) {
        uint8_t bytes[80];
        uint32_t n = noise(&x) % (sizeof(bytes) + 1u);
        struct sq_ipv4 ip;
        uint32_t verdict;
        uint8_t *p;

        for (uint32_t k = 0u; k < n; k++) {
            bytes[k] = (uint8_t)noise(&x);
        }
        if (n >= 20u && noise(&x) % 8u != 0u) {
            bytes[0] = (uint8_t)(0x40u + noise(&x) % 16u);
            bytes[2] = 0u;
            bytes[3] = (uint8_t)(bytes[3] % 128u);
            if (bytes[0] % 16u * 4u <= n && bytes[0] % 16u >= 5u && noise(&x) % 4u != 0u) {
                bytes[6] = (uint8_t)(noise(&x) % 2u == 0u ? 0x40u : bytes[6]);
                bytes[7] = (uint8_t)(bytes[6] == 0x40u ? 0u : bytes[7]);
                sq_ipv4_seal(bytes, bytes[0] % 16u * 4u, 10u);
            }
        }
        p = alone(bytes, n);
        verdict = sq_ipv4_parse(p, n, &ip);
        seen[verdict]++;
        if (verdict == SQ_IPV4_OK) {
            assert_true(ip.header_length + ip.length <= n);
        }
        free(p);
    }
    for (uint32_t verdict = 0u; verdict < LENGTH(seen); verdict++) {
        assert_true(seen[verdict] > 100u);
    }
}

static void ipv4__addresses__that_name_no_host(void **state)
{
    (void)state;
    assert_true(sq_ipv4_host(US));
    assert_true(sq_ipv4_host(0x0A000001u));
    assert_true(sq_ipv4_host(0x7EFFFFFFu));
    assert_true(sq_ipv4_host(0x80000000u));
    assert_true(sq_ipv4_host(0xDFFFFFFFu));
    assert_false(sq_ipv4_host(0u));
    assert_false(sq_ipv4_host(0x00FFFFFFu));
    assert_false(sq_ipv4_host(0x7F000001u));
    assert_false(sq_ipv4_host(0x7FFFFFFFu));
    assert_false(sq_ipv4_host(0xE0000001u));
    assert_false(sq_ipv4_host(0xF0000000u));
    assert_false(sq_ipv4_host(0xFFFFFFFFu));
}

static void ipv4__broadcast_of_the_link__is_known_by_its_size(void **state)
{
    (void)state;
    assert_true(sq_ipv4_broadcast(0xFFFFFFFFu, US, 0u));
    assert_true(sq_ipv4_broadcast(0xC00002FFu, US, 256u));
    assert_true(sq_ipv4_broadcast(0xC0000200u, US, 256u));
    assert_false(sq_ipv4_broadcast(THEM, US, 256u));
    assert_false(sq_ipv4_broadcast(0xC00003FFu, US, 256u));
    assert_true(sq_ipv4_broadcast(0xC0000203u, US, 4u));
    assert_false(sq_ipv4_broadcast(0xC00002FFu, US, 4u));
    assert_false(sq_ipv4_broadcast(0xC0000200u, US, 2u));
    assert_false(sq_ipv4_broadcast(US, US, 1u));
    assert_false(sq_ipv4_broadcast(0xC00002FFu, US, 0u));
    assert_true(sq_ipv4_broadcast(0u, US, 0x100000000u));
}

/* ---- ICMP ---- */

static void icmp__echo__is_answered_with_all_its_data(void **state)
{
    uint8_t *p = alone(echo, sizeof(echo));
    uint8_t *out = alone(echo, sizeof(echo));
    struct sq_icmp icmp;

    (void)state;
    assert_int_equal(sq_icmp_parse(p, sizeof(echo), &icmp), SQ_ICMP_OK);
    assert_int_equal(icmp.type, SQ_ICMP_ECHO);
    assert_int_equal(icmp.code, 0u);
    assert_int_equal(icmp.rest, 0x43210005u);
    memset(out, 0xEE, sizeof(echo));
    sq_icmp_echo_reply(out, p, sizeof(echo));
    assert_memory_equal(out, echo_reply, sizeof(echo));
    free(out);
    free(p);
}

static void icmp__truncated_or_any_bit_flipped__is_refused(void **state)
{
    struct sq_icmp icmp;

    (void)state;
    for (uint32_t n = 0u; n < 8u; n++) {
        uint8_t *p = alone(echo, n);

        assert_int_equal(sq_icmp_parse(p, n, &icmp), SQ_ICMP_SHORT);
        free(p);
    }
    for (uint32_t bit = 0u; bit < 8u * sizeof(echo); bit++) {
        uint8_t *p = alone(echo, sizeof(echo));

        p[bit / 8u] = (uint8_t)(p[bit / 8u] ^ (1u << bit % 8u));
        assert_int_equal(sq_icmp_parse(p, sizeof(echo), &icmp), SQ_ICMP_CHECKSUM);
        free(p);
    }
}

static void icmp__fragmentation_needed__tells_the_segment_and_the_mtu(void **state)
{
    uint8_t *p = alone(too_big, sizeof(too_big));
    struct sq_icmp icmp;
    struct sq_icmp_quote quote;

    (void)state;
    assert_int_equal(sq_icmp_parse(p, sizeof(too_big), &icmp), SQ_ICMP_OK);
    assert_int_equal(icmp.type, SQ_ICMP_UNREACHABLE);
    assert_int_equal(icmp.code, SQ_ICMP_FRAGMENTATION_NEEDED);
    assert_int_equal(icmp.rest % 65536u, 1400u);
    assert_true(sq_icmp_quoted(p, sizeof(too_big), &quote));
    assert_int_equal(quote.source, US);
    assert_int_equal(quote.destination, 0xC6336409u);
    assert_int_equal(quote.source_port, 80u);
    assert_int_equal(quote.destination_port, 40000u);
    assert_int_equal(quote.sequence, 0xA1B2C3D4u);
    free(p);
}

static void icmp__quote_with_ip_options__shows_the_ports_behind_them(void **state)
{
    uint8_t p[8u + sizeof(with_options)] = {11u, 0u};
    struct sq_icmp_quote quote;

    (void)state;
    memcpy(p + 8, with_options, sizeof(with_options));
    for (uint32_t n = 0u; n <= sizeof(p); n++) {
        uint8_t *q = alone(p, n);
        bool whole = n >= 8u + 28u + 8u;

        assert_int_equal(sq_icmp_quoted(q, n, &quote), whole);
        if (whole) {
            assert_int_equal(quote.source_port, 40000u);
            assert_int_equal(quote.destination_port, 80u);
            assert_int_equal(quote.sequence, 0x11223344u);
        }
        free(q);
    }
}

static void icmp__quote_that_is_truncated_lying_or_not_tcp__is_refused(void **state)
{
    static const struct {
        uint32_t at;
        uint32_t value;
        bool accepted;
    } rows[] = {
        {0u, 3u, true},     {0u, 11u, true},     {0u, 12u, true},    {0u, 4u, false},
        {0u, 5u, false},    {0u, 8u, false},     {0u, 0u, false},    {8u, 0x65u, false},
        {8u, 0x44u, false}, {8u, 0x40u, false},  {8u, 0x46u, false}, {8u, 0x4Fu, false},
        {17u, 17u, false},  {14u, 0x01u, false}, {15u, 1u, false},   {14u, 0x20u, true},
        {10u, 0xFFu, true}, /* the quoted length is not what is believed */
    };
    struct sq_icmp_quote quote;

    (void)state;
    for (size_t i = 0u; i < LENGTH(rows); i++) {
        uint8_t *p = alone(too_big, sizeof(too_big));

        p[rows[i].at] = (uint8_t)rows[i].value;
        assert_int_equal(sq_icmp_quoted(p, sizeof(too_big), &quote), rows[i].accepted);
        free(p);
    }
    for (uint32_t n = 0u; n < sizeof(too_big); n++) {
        uint8_t *p = alone(too_big, n);

        assert_false(sq_icmp_quoted(p, n, &quote));
        free(p);
    }
}

static void icmp__unreachable__is_byte_for_byte_what_others_emit(void **state)
{
    uint8_t *out = alone(udp_unreachable, sizeof(udp_unreachable));

    (void)state;
    memset(out, 0xEE, sizeof(udp_unreachable));
    assert_int_equal(sq_icmp_unreachable(out, SQ_ICMP_PORT_UNREACHABLE, udp, sizeof(udp)),
                     sizeof(udp_unreachable));
    assert_memory_equal(out, udp_unreachable, sizeof(udp_unreachable));
    free(out);
}

static void icmp__unreachable__quotes_a_long_datagram_up_to_576_bytes_in_all(void **state)
{
    uint8_t *p = calloc(1500u, 1u);
    uint8_t *out = malloc(8u + SQ_ICMP_QUOTE_MAX);
    struct sq_icmp icmp;

    (void)state;
    assert_non_null(p);
    assert_non_null(out);
    p[547] = 0x55u;
    assert_int_equal(sq_icmp_unreachable(out, SQ_ICMP_PROTOCOL_UNREACHABLE, p, 1500u), 556u);
    assert_int_equal(sq_icmp_parse(out, 556u, &icmp), SQ_ICMP_OK);
    assert_int_equal(icmp.code, SQ_ICMP_PROTOCOL_UNREACHABLE);
    assert_int_equal(icmp.rest, 0u);
    assert_int_equal(out[555], 0x55u);
    free(out);
    free(p);
}

/* RFC 1122 3.2.2: the cases in which no error message may be sent. */
static void icmp__error__answers_only_what_it_may(void **state)
{
    static const struct {
        uint32_t source;
        uint32_t destination;
        uint32_t fragment; /* bytes 6 and 7 */
        uint32_t protocol;
        uint32_t first; /* of the payload: the type, if it is ICMP */
        bool allowed;
    } rows[] = {
        {THEM, US, 0x4000u, 17u, 3u, true},
        {THEM, US, 0x2000u, 17u, 3u, true}, /* the first fragment may be answered */
        {THEM, US, 0x0001u, 17u, 3u, false},
        {THEM, US, 0x3FFFu, 17u, 3u, false},
        {THEM, US, 0u, SQ_IPV4_ICMP, 3u, false},
        {THEM, US, 0u, SQ_IPV4_ICMP, 4u, false},
        {THEM, US, 0u, SQ_IPV4_ICMP, 5u, false},
        {THEM, US, 0u, SQ_IPV4_ICMP, 11u, false},
        {THEM, US, 0u, SQ_IPV4_ICMP, 12u, false},
        {THEM, US, 0u, SQ_IPV4_ICMP, 8u, true},
        {THEM, 0xFFFFFFFFu, 0u, 17u, 0u, false},
        {THEM, 0xC00002FFu, 0u, 17u, 0u, false},
        {THEM, 0xE0000001u, 0u, 17u, 0u, false},
        {0u, US, 0u, 17u, 0u, false},
        {0x7F000001u, US, 0u, 17u, 0u, false},
        {0xE0000001u, US, 0u, 17u, 0u, false},
        {0xC00002FFu, US, 0u, 17u, 0u, false},
        {0xFFFFFFFFu, US, 0u, 17u, 0u, false},
    };

    (void)state;
    for (size_t i = 0u; i < LENGTH(rows); i++) {
        uint8_t p[28] = {0};

        sq_ipv4_emit(p, rows[i].source, rows[i].destination, rows[i].protocol, 0u, 64u, 0u, 8u);
        p[6] = (uint8_t)(rows[i].fragment / 256u);
        p[7] = (uint8_t)(rows[i].fragment % 256u);
        p[20] = (uint8_t)rows[i].first;
        assert_int_equal(sq_icmp_answerable(p, sizeof(p), US, 256u), rows[i].allowed);
    }
}

static void icmp__error_to_a_control_message_without_type__is_not_sent(void **state)
{
    uint8_t *p = alone(header_alone, sizeof(header_alone));

    (void)state;
    sq_ipv4_emit(p, THEM, US, SQ_IPV4_ICMP, 0u, 64u, 0u, 0u);
    assert_false(sq_icmp_answerable(p, 20u, US, 256u));
    p[0] = 0x4Fu;
    assert_false(sq_icmp_answerable(p, 20u, US, 256u));
    p[0] = 0x44u;
    assert_false(sq_icmp_answerable(p, 20u, US, 256u));
    assert_false(sq_icmp_answerable(p, 19u, US, 256u));
    free(p);
}

/* ---- neighbours ---- */

static void expect(struct sq_neighbours *c, uint32_t address, uint64_t now, uint32_t verdict,
                   uint64_t hardware, uint32_t wait)
{
    struct sq_neighbour_answer answer = sq_neighbour_resolve(c, address, now);

    assert_int_equal(answer.verdict, verdict);
    assert_int_equal(answer.hardware, hardware);
    assert_int_equal(answer.wait, wait);
}

static void neighbour__unknown__is_asked_for_then_known_when_it_answers(void **state)
{
    struct sq_neighbours c;
    uint64_t t = 5u * SECOND;

    (void)state;
    sq_neighbour_clear(&c);
    assert_int_equal(sq_neighbour_find(&c, THEM), 0u);
    expect(&c, THEM, t, SQ_NEIGHBOUR_ASK, 0u, SECOND);
    expect(&c, THEM, t + 1u, SQ_NEIGHBOUR_WAIT, 0u, SECOND - 1u);
    assert_int_equal(sq_neighbour_find(&c, THEM), 0u);
    /* A reply is a message to us, but the entry would take any message. */
    assert_true(sq_neighbour_learn(&c, THEM, THEM_HW, false, t + 2u));
    assert_int_equal(sq_neighbour_find(&c, THEM), THEM_HW);
    expect(&c, THEM, t + 3u, SQ_NEIGHBOUR_KNOWN, THEM_HW, 0u);
}

/* RFC 1122 2.3.2.1: at most one request per second for one address. */
static void neighbour__silent__is_asked_for_once_a_second_then_given_up(void **state)
{
    struct sq_neighbours c;

    (void)state;
    sq_neighbour_clear(&c);
    expect(&c, THEM, 0u, SQ_NEIGHBOUR_ASK, 0u, SECOND);
    expect(&c, THEM, SECOND - 1u, SQ_NEIGHBOUR_WAIT, 0u, 1u);
    expect(&c, THEM, SECOND, SQ_NEIGHBOUR_ASK, 0u, SECOND);
    expect(&c, THEM, SECOND, SQ_NEIGHBOUR_WAIT, 0u, SECOND);
    expect(&c, THEM, 2u * SECOND, SQ_NEIGHBOUR_ASK, 0u, SECOND);
    expect(&c, THEM, 3u * SECOND - 1u, SQ_NEIGHBOUR_WAIT, 0u, 1u);
    expect(&c, THEM, 3u * SECOND, SQ_NEIGHBOUR_FAILED, 0u, 19u * SECOND);
    expect(&c, THEM, 22u * SECOND - 1u, SQ_NEIGHBOUR_FAILED, 0u, 1u);
    expect(&c, THEM, 22u * SECOND, SQ_NEIGHBOUR_ASK, 0u, SECOND);
    expect(&c, THEM, 23u * SECOND, SQ_NEIGHBOUR_ASK, 0u, SECOND);
    assert_true(sq_neighbour_learn(&c, THEM, THEM_HW, true, 24u * SECOND));
    expect(&c, THEM, 24u * SECOND, SQ_NEIGHBOUR_KNOWN, THEM_HW, 0u);
}

static void neighbour__old__is_used_while_it_is_asked_for_again(void **state)
{
    struct sq_neighbours c;
    uint64_t t = 100u * SECOND;
    uint64_t old = t + SQ_NEIGHBOUR_FRESH;

    (void)state;
    sq_neighbour_clear(&c);
    assert_true(sq_neighbour_learn(&c, THEM, THEM_HW, true, t));
    expect(&c, THEM, old - 1u, SQ_NEIGHBOUR_KNOWN, THEM_HW, 0u);
    expect(&c, THEM, old, SQ_NEIGHBOUR_REFRESH, THEM_HW, 0u);
    expect(&c, THEM, old + 1u, SQ_NEIGHBOUR_KNOWN, THEM_HW, 0u);
    /* It answers, from another station: the address moved. */
    assert_true(sq_neighbour_learn(&c, THEM, 0x020000000007u, true, old + 2u));
    expect(&c, THEM, old + 3u, SQ_NEIGHBOUR_KNOWN, 0x020000000007u, 0u);
    expect(&c, THEM, old + SQ_NEIGHBOUR_FRESH, SQ_NEIGHBOUR_KNOWN, 0x020000000007u, 0u);
}

static void neighbour__old_and_silent__is_forgotten_after_three_requests(void **state)
{
    struct sq_neighbours c;
    uint64_t old = SQ_NEIGHBOUR_FRESH;

    (void)state;
    sq_neighbour_clear(&c);
    assert_true(sq_neighbour_learn(&c, THEM, THEM_HW, true, 0u));
    expect(&c, THEM, old, SQ_NEIGHBOUR_REFRESH, THEM_HW, 0u);
    expect(&c, THEM, old + SECOND, SQ_NEIGHBOUR_REFRESH, THEM_HW, 0u);
    expect(&c, THEM, old + 2u * SECOND, SQ_NEIGHBOUR_REFRESH, THEM_HW, 0u);
    expect(&c, THEM, old + 3u * SECOND, SQ_NEIGHBOUR_ASK, 0u, SECOND);
    assert_int_equal(sq_neighbour_find(&c, THEM), 0u);
}

/* RFC 826: merge what is known, add only what was said to us. */
static void neighbour__message_to_others__makes_no_entry(void **state)
{
    struct sq_neighbours c;

    (void)state;
    sq_neighbour_clear(&c);
    assert_false(sq_neighbour_learn(&c, THEM, THEM_HW, false, 0u));
    assert_int_equal(sq_neighbour_find(&c, THEM), 0u);
    assert_true(sq_neighbour_learn(&c, THEM, THEM_HW, true, 0u));
    assert_true(sq_neighbour_learn(&c, THEM, 0x020000000009u, false, 1u));
    assert_int_equal(sq_neighbour_find(&c, THEM), 0x020000000009u);
}

static void neighbour__addresses_that_name_no_station_or_host__are_not_believed(void **state)
{
    struct sq_neighbours c;
    struct sq_neighbours before;

    (void)state;
    memset(&c, 0, sizeof(c));
    sq_neighbour_clear(&c);
    assert_true(sq_neighbour_learn(&c, THEM, THEM_HW, true, 0u));
    before = c;
    assert_false(sq_neighbour_learn(&c, THEM, SQ_ETHERNET_BROADCAST, true, 1u));
    assert_false(sq_neighbour_learn(&c, THEM, 0x01005E000001u, true, 1u));
    assert_false(sq_neighbour_learn(&c, THEM, 0u, true, 1u));
    assert_false(sq_neighbour_learn(&c, 0u, THEM_HW, true, 1u)); /* a probe, RFC 5227 */
    assert_false(sq_neighbour_learn(&c, 0xE0000001u, THEM_HW, true, 1u));
    assert_false(sq_neighbour_learn(&c, 0xFFFFFFFFu, THEM_HW, true, 1u));
    assert_memory_equal(&c, &before, sizeof(c));
}

static void neighbour__full_table__gives_up_the_entry_used_longest_ago(void **state)
{
    struct sq_neighbours c;

    (void)state;
    sq_neighbour_clear(&c);
    for (uint32_t i = 0u; i < SQ_NEIGHBOURS; i++) {
        assert_true(sq_neighbour_learn(&c, THEM + i, THEM_HW + 2u * i, true, i));
    }
    expect(&c, THEM, 100u, SQ_NEIGHBOUR_KNOWN, THEM_HW, 0u);
    assert_true(sq_neighbour_learn(&c, 0x0A000001u, US_HW, true, 101u));
    assert_int_equal(sq_neighbour_find(&c, 0x0A000001u), US_HW);
    assert_int_equal(sq_neighbour_find(&c, THEM), THEM_HW);
    assert_int_equal(sq_neighbour_find(&c, THEM + 1u), 0u);
    for (uint32_t i = 2u; i < SQ_NEIGHBOURS; i++) {
        assert_int_equal(sq_neighbour_find(&c, THEM + i), THEM_HW + 2u * i);
    }
}

static void neighbour__clock_that_goes_back__reads_as_no_time_passed(void **state)
{
    struct sq_neighbours c;
    uint64_t t = 1000u * SECOND;

    (void)state;
    sq_neighbour_clear(&c);
    expect(&c, THEM, t, SQ_NEIGHBOUR_ASK, 0u, SECOND);
    expect(&c, THEM, 0u, SQ_NEIGHBOUR_WAIT, 0u, SECOND);
    expect(&c, THEM, UINT64_MAX, SQ_NEIGHBOUR_ASK, 0u, SECOND);
    assert_true(sq_neighbour_learn(&c, THEM, THEM_HW, true, UINT64_MAX));
    expect(&c, THEM, 0u, SQ_NEIGHBOUR_KNOWN, THEM_HW, 0u);
}

/* Against a table without bound: what is answered was said last, and by ARP. */
static void neighbour__any_sequence__never_answers_what_was_not_said(void **state)
{
    struct sq_neighbours c;
    uint64_t said[100] = {0};
    uint64_t now = 0u;
    uint32_t x = 0xA4Bu;

    (void)state;
    sq_neighbour_clear(&c);
    for (uint32_t i = 0u; i < 100000u; i++) {
        uint32_t who = noise(&x) % LENGTH(said);
        uint32_t what = noise(&x) % 4u;
        uint64_t hardware = THEM_HW + 2u * (noise(&x) % 1000u);

        now += noise(&x) % (2u * SECOND);
        if (what == 0u) {
            if (sq_neighbour_learn(&c, THEM + who, hardware, noise(&x) % 2u == 0u, now)) {
                said[who] = hardware;
            }
        } else {
            struct sq_neighbour_answer answer = sq_neighbour_resolve(&c, THEM + who, now);

            if (answer.verdict <= SQ_NEIGHBOUR_REFRESH) {
                assert_int_equal(answer.hardware, said[who]);
            } else {
                assert_int_equal(answer.hardware, 0u);
            }
            assert_int_equal(sq_neighbour_find(&c, THEM + who), answer.hardware);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ethernet__header_of_fourteen_bytes__is_read_and_written),
        cmocka_unit_test(ethernet__shorter_than_its_header__is_refused),
        cmocka_unit_test(ethernet__group_and_zero_addresses__name_no_station),
        cmocka_unit_test(arp__request_and_reply__are_read),
        cmocka_unit_test(arp__emitted__is_byte_for_byte_what_others_emit),
        cmocka_unit_test(arp__padded_to_the_least_frame__is_accepted),
        cmocka_unit_test(arp__truncated__is_refused),
        cmocka_unit_test(arp__other_spaces_lengths_or_operations__are_refused),
        cmocka_unit_test(ipv4__header__is_read),
        cmocka_unit_test(ipv4__options__are_stepped_over),
        cmocka_unit_test(ipv4__link_padding__is_no_payload),
        cmocka_unit_test(ipv4__truncated_anywhere__is_refused_for_its_length),
        cmocka_unit_test(ipv4__any_bit_of_the_header_flipped__is_refused),
        cmocka_unit_test(ipv4__each_cause__has_its_verdict),
        cmocka_unit_test(ipv4__emitted__is_byte_for_byte_what_others_emit),
        cmocka_unit_test(ipv4__emitted__is_read_back_as_given),
        cmocka_unit_test(ipv4__source_routes__are_seen_among_options),
        cmocka_unit_test(ipv4__any_bytes__are_read_no_further_than_they_go),
        cmocka_unit_test(ipv4__addresses__that_name_no_host),
        cmocka_unit_test(ipv4__broadcast_of_the_link__is_known_by_its_size),
        cmocka_unit_test(icmp__echo__is_answered_with_all_its_data),
        cmocka_unit_test(icmp__truncated_or_any_bit_flipped__is_refused),
        cmocka_unit_test(icmp__fragmentation_needed__tells_the_segment_and_the_mtu),
        cmocka_unit_test(icmp__quote_with_ip_options__shows_the_ports_behind_them),
        cmocka_unit_test(icmp__quote_that_is_truncated_lying_or_not_tcp__is_refused),
        cmocka_unit_test(icmp__unreachable__is_byte_for_byte_what_others_emit),
        cmocka_unit_test(icmp__unreachable__quotes_a_long_datagram_up_to_576_bytes_in_all),
        cmocka_unit_test(icmp__error__answers_only_what_it_may),
        cmocka_unit_test(icmp__error_to_a_control_message_without_type__is_not_sent),
        cmocka_unit_test(neighbour__unknown__is_asked_for_then_known_when_it_answers),
        cmocka_unit_test(neighbour__silent__is_asked_for_once_a_second_then_given_up),
        cmocka_unit_test(neighbour__old__is_used_while_it_is_asked_for_again),
        cmocka_unit_test(neighbour__old_and_silent__is_forgotten_after_three_requests),
        cmocka_unit_test(neighbour__message_to_others__makes_no_entry),
        cmocka_unit_test(neighbour__addresses_that_name_no_station_or_host__are_not_believed),
        cmocka_unit_test(neighbour__full_table__gives_up_the_entry_used_longest_ago),
        cmocka_unit_test(neighbour__clock_that_goes_back__reads_as_no_time_passed),
        cmocka_unit_test(neighbour__any_sequence__never_answers_what_was_not_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
