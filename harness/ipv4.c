/* SPDX-License-Identifier: MIT */
/* The Internet header; see ipv4.h. */
#include "ipv4.h"

/* Options, RFC 791 3.1. */
#define NO_OPERATION 1u
#define LOOSE_ROUTE 131u
#define STRICT_ROUTE 137u

/* The same for a field that is zero: the sum of the bytes then grows by just what is written. */
/*@ requires field_even: o % 2 == 0;
    requires field_inside: o + 2 <= n;
    requires offset_in_range: o <= 65535;
    requires writable: \valid(p + (0 .. n - 1));
    requires zero: p[o] == 0 && p[o + 1] == 0;
    terminates \true;
    assigns p[o .. o + 1];
    ensures field: Be16(p, o) == 65535 - Fold(\old(TextSum(p, 0, n)));
    ensures sum: TextSum(p, 0, n) == \old(TextSum(p, 0, n)) + Be16(p, o);
    ensures correct: Fold(\old(TextSum(p, 0, n)) + Be16(p, o)) == 65535;
*/
static void fill_field(uint8_t *p, uint32_t n, uint32_t o)
{
    sq_store16(p, o, sq_checksum_finish(sq_checksum_add(0u, p, n)));
    /*@ assert others: \forall integer i; 0 <= i < n && i != o && i != o + 1 ==>
            p[i] == \at(p[i], Pre); */
    /* By induction over the bytes: the field adds itself to the sum and changes nothing else. */
    /*@ ghost
        uint32_t k = 0u;
        /@ loop invariant turn: 0 <= k <= n;
           loop invariant before: k <= o ==> TextSum(p, 0, k) == TextSum{Pre}(p, 0, k);
           loop invariant within: k == o + 1 ==>
               TextSum(p, 0, k) == TextSum{Pre}(p, 0, k) + 256 * p[o];
           loop invariant after: k >= o + 2 ==>
               TextSum(p, 0, k) == TextSum{Pre}(p, 0, k) + Be16(p, o);
           loop assigns k;
           loop variant n - k;
        @/
        while (k < n) {
            k = k + 1u;
        }
    */
}

void sq_ipv4_seal(uint8_t *p, uint32_t n, uint32_t o)
{
    sq_store16(p, o, 0u);
    fill_field(p, n, o);
}

bool sq_ipv4_host(uint32_t address)
{
    return address >= 0x01000000u && address < 0xE0000000u &&
           (address < 0x7F000000u || address >= 0x80000000u);
}

bool sq_ipv4_broadcast(uint32_t address, uint32_t own, uint64_t size)
{
    uint64_t place;

    if (address == 0xFFFFFFFFu) {
        return true;
    }
    if (size <= 2u || address / size != own / size) {
        return false;
    }
    place = address % size;
    return place == 0u || place == size - 1u;
}

/* The first cause to refuse the datagram, in the order of the enumeration. */
/*@ requires readable: \valid_read(p + (0 .. n - 1));
    terminates \true;
    assigns \nothing;
    ensures range: \result <= SQ_IPV4_FRAGMENT;
    ensures too_short: \result == SQ_IPV4_SHORT <==> n < 20;
    ensures version: \result == SQ_IPV4_VERSION <==> 20 <= n && !Ipv4Version(p);
    ensures header_length: \result == SQ_IPV4_HEADER_LENGTH <==>
        20 <= n && Ipv4Version(p) && !Ipv4HeaderFits(p, n);
    ensures total_length: \result == SQ_IPV4_TOTAL_LENGTH <==>
        20 <= n && Ipv4Version(p) && Ipv4HeaderFits(p, n) && !Ipv4TotalFits(p, n);
    ensures checksum: \result == SQ_IPV4_CHECKSUM <==>
        20 <= n && Ipv4Version(p) && Ipv4HeaderFits(p, n) && Ipv4TotalFits(p, n) &&
        !Ipv4Correct(p);
    ensures fragment: \result == SQ_IPV4_FRAGMENT <==>
        20 <= n && Ipv4Version(p) && Ipv4HeaderFits(p, n) && Ipv4TotalFits(p, n) &&
        Ipv4Correct(p) && !Ipv4Whole(p);
    ensures ok: \result == SQ_IPV4_OK <==> Ipv4WellFormed(p, n);
*/
static uint32_t judge(const uint8_t *p, uint32_t n)
{
    uint32_t header_length;
    uint32_t total;

    if (n < SQ_IPV4_HEADER) {
        return SQ_IPV4_SHORT;
    }
    if (p[0] / 16u != 4u) {
        return SQ_IPV4_VERSION;
    }
    header_length = p[0] % 16u * 4u;
    if (header_length < SQ_IPV4_HEADER || header_length > n) {
        return SQ_IPV4_HEADER_LENGTH;
    }
    total = sq_load16(p, 2u);
    if (total < header_length || total > n) {
        return SQ_IPV4_TOTAL_LENGTH;
    }
    if (!sq_checksum_correct(sq_checksum_add(0u, p, header_length))) {
        return SQ_IPV4_CHECKSUM;
    }
    return sq_load16(p, 6u) % 16384u == 0u ? SQ_IPV4_OK : SQ_IPV4_FRAGMENT;
}

uint32_t sq_ipv4_parse(const uint8_t *p, uint32_t n, struct sq_ipv4 *ip)
{
    uint32_t verdict = judge(p, n);

    if (verdict != SQ_IPV4_OK) {
        return verdict;
    }
    ip->source = sq_load32(p, 12u);
    ip->destination = sq_load32(p, 16u);
    ip->protocol = p[9];
    ip->service = p[1];
    ip->ttl = p[8];
    ip->header_length = p[0] % 16u * 4u;
    ip->length = sq_load16(p, 2u) - ip->header_length;
    return SQ_IPV4_OK;
}

/* What stands at byte `i` of the options: 0 their end, 1 a source route, 2 another. */
/*@ requires place: i <= e;
    requires readable: \valid_read(p + (0 .. e - 1));
    terminates \true;
    assigns \nothing;
    ensures exact: \result == Ipv4OptionMeets(p, e, i);
*/
static uint32_t option_meets(const uint8_t *p, uint32_t e, uint32_t i)
{
    if (i == e || p[i] == 0u) {
        return 0u;
    }
    return p[i] == LOOSE_ROUTE || p[i] == STRICT_ROUTE ? 1u : 2u;
}

/* Where the option behind the one at byte `i` begins; the end where its length makes no sense. */
/*@ requires place: i < e <= 60;
    requires readable: \valid_read(p + (0 .. e - 1));
    terminates \true;
    assigns \nothing;
    ensures exact: \result == Ipv4OptionNext(p, e, i);
    ensures onward: i < \result <= e;
*/
static uint32_t option_next(const uint8_t *p, uint32_t e, uint32_t i)
{
    if (p[i] == NO_OPERATION) {
        return i + 1u;
    }
    if (i + 1u == e || p[i + 1u] < 2u || i + p[i + 1u] > e) {
        return e;
    }
    return i + p[i + 1u];
}

bool sq_ipv4_routed(const uint8_t *p, uint32_t header_length)
{
    uint32_t i = SQ_IPV4_HEADER, met = option_meets(p, header_length, SQ_IPV4_HEADER);

    /*@ loop invariant place: 20 <= i <= header_length;
        loop invariant met: met == Ipv4OptionMeets(p, header_length, i);
        loop invariant rest:
            Ipv4RouteFrom(p, header_length, 20) == Ipv4RouteFrom(p, header_length, i);
        loop assigns i, met;
        loop variant header_length - i;
    */
    while (met == 2u) {
        i = option_next(p, header_length, i);
        met = option_meets(p, header_length, i);
    }
    return met == 1u;
}

/* Everything but the checksum and the addresses. */
/*@ requires service_fits: service <= 255;
    requires ttl_fits: ttl <= 255;
    requires protocol_fits: protocol <= 255;
    requires identification_fits: identification <= 65535;
    requires total_fits: total <= 65535;
    requires writable: \valid(p + (0 .. 9));
    terminates \true;
    assigns p[0 .. 9];
    ensures first: p[0] == 69;
    ensures service: p[1] == service;
    ensures total: Be16(p, 2) == total;
    ensures identification: Be16(p, 4) == identification;
    ensures dont_fragment: Be16(p, 6) == 16384;
    ensures ttl: p[8] == ttl;
    ensures protocol: p[9] == protocol;
*/
static void emit_head(uint8_t *p, uint32_t protocol, uint32_t service, uint32_t ttl,
                      uint32_t identification, uint32_t total)
{
    sq_store16(p, 2u, total);
    sq_store16(p, 4u, identification);
    sq_store16(p, 6u, SQ_IPV4_DONT_FRAGMENT);
    p[0] = 69u; /* version 4, five words */
    p[1] = (uint8_t)service;
    p[8] = (uint8_t)ttl;
    p[9] = (uint8_t)protocol;
}

void sq_ipv4_emit(uint8_t *p, uint32_t source, uint32_t destination, uint32_t protocol,
                  uint32_t service, uint32_t ttl, uint32_t identification, uint32_t length)
{
    sq_store32(p, 12u, source);
    sq_store32(p, 16u, destination);
    emit_head(p, protocol, service, ttl, identification, SQ_IPV4_HEADER + length);
    /*@ assert addresses: Be32(p, 12) == source && Be32(p, 16) == destination; */
    /*@ ghost sealing:; */
    sq_ipv4_seal(p, SQ_IPV4_HEADER, 10u);
    /*@ assert others: \forall integer i; 0 <= i < 20 && i != 10 && i != 11 ==>
            p[i] == \at(p[i], sealing); */
    /*@ assert header_length: Ipv4HeaderLength(p) == 20; */
    /*@ assert correct: Ipv4Correct(p); */
    /*@ assert whole: Ipv4Whole(p); */
}
