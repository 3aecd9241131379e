/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* The TCP header: reading and writing (RFC 9293 3.1 and 3.2). */
#include "header.h"

enum {
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_MSS = 2,
    OPTION_SHIFT = 3,
    OPTION_SACK_PERMITTED = 4,
    OPTION_SACK = 5,
    OPTION_TIMESTAMP = 8
};

/* Where the options that count begin, 0 for none; at least 20 otherwise. */
struct places {
    uint32_t mss, shift, permitted, timestamp, sack, malformed;
};

/*@ // o is nothing, or an option of this kind with a fitting length, whole before e.
    predicate OptionAt{L}(uint8_t *p, integer o, integer e, integer kind) =
        o == 0 || (20 <= o < e && OptionBroken(p, o, e) == 0 && OptionIs(p, o, kind) == 1);
    predicate PlacesFit{L}(uint8_t *p, struct places o, integer e) =
        OptionAt(p, o.mss, e, 2) && OptionAt(p, o.shift, e, 3) && OptionAt(p, o.permitted, e, 4) &&
        OptionAt(p, o.timestamp, e, 8) && OptionAt(p, o.sack, e, 5);
*/

/* Where the option after the one at `i` begins, 0 when the walk ends at `i`. */
/*@ requires before_end: 20 <= i <= e <= 60;
    requires readable: \valid_read(p + (0 .. e - 1));
    terminates \true;
    assigns \nothing;
    ensures ends: \result == 0 <==> WalkEnds(p, i, e) == 1;
    ensures next: \result != 0 ==> \result == WalkNext(p, i) && i < \result <= e;
*/
static uint32_t walk_next(const uint8_t *p, uint32_t i, uint32_t e)
{
    uint32_t size;

    if (i >= e || p[i] == OPTION_END) {
        return 0u;
    }
    if (p[i] == OPTION_NOP) {
        return i + 1u;
    }
    if (i + 1u >= e) {
        return 0u;
    }
    size = p[i + 1u];
    if (size < 2u || size > e - i) {
        return 0u;
    }
    return i + size;
}

/* 1: an option of this kind may be so long (RFC 9293 3.2, RFC 7323 2.2, 3.2, RFC 2018 2, 3). */
/*@ terminates \true;
    assigns \nothing;
    ensures fits: \result == OptionFits(kind, size);
    ensures verdict: \result <= 1;
*/
static uint32_t option_fits(uint32_t kind, uint32_t size)
{
    switch (kind) {
    case OPTION_MSS:
        return size == 4u ? 1u : 0u;
    case OPTION_SHIFT:
        return size == 3u ? 1u : 0u;
    case OPTION_SACK_PERMITTED:
        return size == 2u ? 1u : 0u;
    case OPTION_SACK:
        return size == 10u || size == 18u || size == 26u || size == 34u ? 1u : 0u;
    case OPTION_TIMESTAMP:
        return size == 10u ? 1u : 0u;
    default:
        return 1u;
    }
}

/* 1: the walk ends at `i` on an option whose length cannot be. */
/*@ requires before_end: 20 <= i <= e <= 60;
    requires readable: \valid_read(p + (0 .. e - 1));
    requires over: WalkEnds(p, i, e) == 1;
    terminates \true;
    assigns \nothing;
    ensures malformed: \result == OptionsMalformed(p, i, e);
    ensures none: WalkMeets(p, i, e, 2) == 0 && WalkMeets(p, i, e, 3) == 0 &&
        WalkMeets(p, i, e, 4) == 0 && WalkMeets(p, i, e, 5) == 0 && WalkMeets(p, i, e, 8) == 0;
*/
static uint32_t ends_badly(const uint8_t *p, uint32_t i, uint32_t e)
{
    return i < e && p[i] != OPTION_END ? 1u : 0u;
}

/* Walks the options from 20 to `e`: the first of each kind counts. */
/*@ requires length: 20 <= e <= 60;
    requires readable: \valid_read(p + (0 .. e - 1));
    terminates \true;
    assigns \nothing;
    ensures mss: \result.mss == OptionFind(p, 20, e, 2);
    ensures shift: \result.shift == OptionFind(p, 20, e, 3);
    ensures permitted: \result.permitted == OptionFind(p, 20, e, 4);
    ensures timestamp: \result.timestamp == OptionFind(p, 20, e, 8);
    ensures sack: \result.sack == OptionFind(p, 20, e, 5);
    ensures malformed: \result.malformed == OptionsMalformed(p, 20, e);
    ensures fit: PlacesFit(p, \result, e);
*/
static struct places scan(const uint8_t *p, uint32_t e)
{
    struct places found;
    uint32_t mss = 0u, shift = 0u, permitted = 0u, timestamp = 0u, sack = 0u, bad = 0u;
    uint32_t i = 20u, next = walk_next(p, 20u, e), kind;

    /*@ loop invariant range: 20 <= i <= e;
        loop invariant ends: next == 0 <==> WalkEnds(p, i, e) == 1;
        loop invariant next: next != 0 ==> next == WalkNext(p, i) && i < next <= e;
        loop invariant mss: OptionFind(p, 20, e, 2) == (mss != 0 ? mss : OptionFind(p, i, e, 2));
        loop invariant shift:
            OptionFind(p, 20, e, 3) == (shift != 0 ? shift : OptionFind(p, i, e, 3));
        loop invariant permitted:
            OptionFind(p, 20, e, 4) == (permitted != 0 ? permitted : OptionFind(p, i, e, 4));
        loop invariant timestamp:
            OptionFind(p, 20, e, 8) == (timestamp != 0 ? timestamp : OptionFind(p, i, e, 8));
        loop invariant sack: OptionFind(p, 20, e, 5) == (sack != 0 ? sack : OptionFind(p, i, e, 5));
        loop invariant malformed:
            OptionsMalformed(p, 20, e) == (bad != 0 ? 1 : OptionsMalformed(p, i, e));
        loop invariant flag: bad <= 1;
        loop invariant at_mss: OptionAt(p, mss, e, 2);
        loop invariant at_shift: OptionAt(p, shift, e, 3);
        loop invariant at_permitted: OptionAt(p, permitted, e, 4);
        loop invariant at_timestamp: OptionAt(p, timestamp, e, 8);
        loop invariant at_sack: OptionAt(p, sack, e, 5);
        loop assigns i, next, mss, shift, permitted, timestamp, sack, bad, kind;
        loop variant e - i;
    */
    while (next != 0u) {
        kind = option_fits(p[i], next - i) == 1u ? p[i] : 0u;
        /*@ assert size: p[i] != 1 ==> next - i == p[i + 1] && OptionBroken(p, i, e) == 0; */
        /*@ assert bad: OptionBad(p, i, e) == (kind == 0 ? 1 : 0); */
        /*@ assert meets_mss: WalkMeets(p, i, e, 2) == (kind == 2 ? 1 : 2); */
        /*@ assert meets_shift: WalkMeets(p, i, e, 3) == (kind == 3 ? 1 : 2); */
        /*@ assert meets_permitted: WalkMeets(p, i, e, 4) == (kind == 4 ? 1 : 2); */
        /*@ assert meets_timestamp: WalkMeets(p, i, e, 8) == (kind == 8 ? 1 : 2); */
        /*@ assert meets_sack: WalkMeets(p, i, e, 5) == (kind == 5 ? 1 : 2); */
        /*@ assert at: kind >= 2 ==> OptionIs(p, i, kind) == 1; */
        mss = mss == 0u && kind == OPTION_MSS ? i : mss;
        shift = shift == 0u && kind == OPTION_SHIFT ? i : shift;
        permitted = permitted == 0u && kind == OPTION_SACK_PERMITTED ? i : permitted;
        timestamp = timestamp == 0u && kind == OPTION_TIMESTAMP ? i : timestamp;
        sack = sack == 0u && kind == OPTION_SACK ? i : sack;
        bad = kind == 0u ? 1u : bad;
        i = next;
        next = walk_next(p, i, e);
    }
    found.malformed = ends_badly(p, i, e);
    found.malformed = bad == 0u ? found.malformed : 1u;
    found.mss = mss;
    found.shift = shift;
    found.permitted = permitted;
    found.timestamp = timestamp;
    found.sack = sack;
    return found;
}

/*@ requires writable: \valid(h);
    requires at: o != 0 ==> OptionIs(p, o, 5) == 1;
    requires before_end: o <= 60;
    requires readable: o != 0 ==> \valid_read(p + (o .. o + p[o + 1] - 1));
    requires apart: o != 0 ==> \separated(h, p + (o .. o + p[o + 1] - 1));
    terminates \true;
    assigns h->sack_count, h->sack_left[0 .. 3], h->sack_right[0 .. 3];
    ensures sack: SackIs(p, o, *h);
*/
static void read_sack(const uint8_t *p, uint32_t o, struct sq_header *h)
{
    uint32_t n = o == 0u ? 0u : (p[o + 1u] - 2u) / 8u, j = 0u;

    /*@ assert room: n <= 4 && (o != 0 ==> 2 + 8 * n == p[o + 1]); */
    h->sack_count = n;
    /*@ loop invariant range: j <= 4;
        loop invariant left:
            \forall integer q; 0 <= q < j ==> h->sack_left[q] == SackEdge(p, o + 2, n, q);
        loop invariant right:
            \forall integer q; 0 <= q < j ==> h->sack_right[q] == SackEdge(p, o + 6, n, q);
        loop assigns j, h->sack_left[0 .. 3], h->sack_right[0 .. 3];
        loop variant 4 - j;
    */
    while (j < 4u) {
        h->sack_left[j] = j < n ? sq_load32(p, o + 2u + 8u * j) : 0u;
        h->sack_right[j] = j < n ? sq_load32(p, o + 6u + 8u * j) : 0u;
        j = j + 1u;
    }
}

/* The options at places that are known to hold them; no walk is in sight here. */
/*@ requires writable: \valid(h);
    requires length: 20 <= HeaderLength(p) <= 60;
    requires readable: \valid_read(p + (0 .. HeaderLength(p) - 1));
    requires apart: \separated(h, p + (0 .. HeaderLength(p) - 1));
    requires fit: PlacesFit(p, o, HeaderLength(p));
    terminates \true;
    assigns h->has_mss, h->mss, h->has_shift, h->shift, h->sack_permitted, h->has_timestamp,
            h->ts_value, h->ts_echo, h->sack_count, h->sack_left[0 .. 3], h->sack_right[0 .. 3];
    ensures options: OptionsAt(p, *h, o.mss, o.shift, o.permitted, o.timestamp, o.sack);
*/
static void read_options(const uint8_t *p, struct places o, struct sq_header *h)
{
    h->has_mss = o.mss == 0u ? 0u : 1u;
    h->mss = o.mss == 0u ? 0u : sq_load16(p, o.mss + 2u);
    h->has_shift = o.shift == 0u ? 0u : 1u;
    h->shift = o.shift == 0u ? 0u : p[o.shift + 2u];
    h->sack_permitted = o.permitted == 0u ? 0u : 1u;
    h->has_timestamp = o.timestamp == 0u ? 0u : 1u;
    h->ts_value = o.timestamp == 0u ? 0u : sq_load32(p, o.timestamp + 2u);
    h->ts_echo = o.timestamp == 0u ? 0u : sq_load32(p, o.timestamp + 6u);
    read_sack(p, o.sack, h);
}

/*@ requires writable: \valid(h);
    requires readable: \valid_read(p + (0 .. 19));
    requires apart: \separated(h, p + (0 .. 19));
    terminates \true;
    assigns h->source_port, h->destination_port, h->seq, h->ack, h->flags, h->window, h->checksum,
            h->urgent;
    ensures fixed: FixedIs(p, *h);
*/
static void read_fixed(const uint8_t *p, struct sq_header *h)
{
    h->source_port = sq_load16(p, 0u);
    h->destination_port = sq_load16(p, 2u);
    h->seq = sq_load32(p, 4u);
    h->ack = sq_load32(p, 8u);
    h->flags = p[12] % 16u * 256u + p[13];
    h->window = sq_load16(p, 14u);
    h->checksum = sq_load16(p, 16u);
    h->urgent = sq_load16(p, 18u);
}

/*@ ghost
    /@ terminates \true;
       assigns \nothing;
       ensures none: OptionFind(p, e, e, 2) == 0 && OptionFind(p, e, e, 3) == 0 &&
           OptionFind(p, e, e, 4) == 0 && OptionFind(p, e, e, 5) == 0 &&
           OptionFind(p, e, e, 8) == 0;
       ensures clean: OptionsMalformed(p, e, e) == 0;
    @/
    static void over_end(const uint8_t *p, uint32_t e)
    {
        /@ assert meets: WalkMeets(p, e, e, 2) == 0 && WalkMeets(p, e, e, 3) == 0 &&
            WalkMeets(p, e, e, 4) == 0 && WalkMeets(p, e, e, 5) == 0 &&
            WalkMeets(p, e, e, 8) == 0; @/
        /@ assert good: OptionBad(p, e, e) == 0 && WalkEnds(p, e, e) == 1; @/
    }
*/

/* A header that ends where options would begin, as most do. */
/*@ requires writable: \valid(h);
    requires length: HeaderLength(p) == 20;
    requires readable: \valid_read(p + (0 .. 19));
    requires apart: \separated(h, p + (0 .. 19));
    terminates \true;
    assigns h->malformed, h->has_mss, h->mss, h->has_shift, h->shift, h->sack_permitted,
            h->has_timestamp, h->ts_value, h->ts_echo, h->sack_count, h->sack_left[0 .. 3],
            h->sack_right[0 .. 3];
    ensures options: OptionsAre(p, 20, *h);
    ensures malformed: h->malformed == OptionsMalformed(p, 20, 20);
*/
static void no_options(const uint8_t *p, struct sq_header *h)
{
    uint32_t j = 0u;

    (void)p;
    h->malformed = 0u;
    h->has_mss = 0u;
    h->mss = 0u;
    h->has_shift = 0u;
    h->shift = 0u;
    h->sack_permitted = 0u;
    h->has_timestamp = 0u;
    h->ts_value = 0u;
    h->ts_echo = 0u;
    h->sack_count = 0u;
    /*@ loop invariant range: j <= 4;
        loop invariant left: \forall integer q; 0 <= q < j ==> h->sack_left[q] == 0;
        loop invariant right: \forall integer q; 0 <= q < j ==> h->sack_right[q] == 0;
        loop assigns j, h->sack_left[0 .. 3], h->sack_right[0 .. 3];
        loop variant 4 - j;
    */
    while (j < 4u) {
        h->sack_left[j] = 0u;
        h->sack_right[j] = 0u;
        j = j + 1u;
    }
    /*@ ghost over_end(p, 20u); */
    /*@ assert sack: SackIs(p, 0, *h); */
    /*@ assert placed: OptionsAt(p, *h, 0, 0, 0, 0, 0); */
}

/*@ requires writable: \valid(h);
    requires length: 20 <= HeaderLength(p) <= 60;
    requires readable: \valid_read(p + (0 .. HeaderLength(p) - 1));
    requires apart: \separated(h, p + (0 .. HeaderLength(p) - 1));
    terminates \true;
    assigns h->malformed, h->has_mss, h->mss, h->has_shift, h->shift, h->sack_permitted,
            h->has_timestamp, h->ts_value, h->ts_echo, h->sack_count, h->sack_left[0 .. 3],
            h->sack_right[0 .. 3];
    ensures options: OptionsAre(p, HeaderLength(p), *h);
    ensures malformed: h->malformed == OptionsMalformed(p, 20, HeaderLength(p));
*/
static void all_options(const uint8_t *p, struct sq_header *h)
{
    struct places o = scan(p, p[12] / 16u * 4u);

    h->malformed = o.malformed;
    read_options(p, o, h);
}

uint32_t sq_header_parse(const uint8_t *p, uint32_t n, struct sq_header *h)
{
    uint32_t e;

    if (n < SQ_HEADER_MIN) {
        return 0u;
    }
    e = p[12] / 16u * 4u;
    if (e < SQ_HEADER_MIN || e > n) {
        return 0u;
    }
    h->length = e;
    read_fixed(p, h);
    if (e == SQ_HEADER_MIN) {
        no_options(p, h);
    } else {
        all_options(p, h);
    }
    return 1u;
}

uint32_t sq_header_size(const struct sq_header *h)
{
    return 20u + 4u * h->has_mss + 4u * h->sack_permitted + 4u * h->has_shift +
           12u * h->has_timestamp + (h->sack_count == 0u ? 0u : 4u + 8u * h->sack_count);
}

/*@ // What is written at o for each option that h has: no-operations first, to end on four bytes.
    predicate MssBlock{L}(uint8_t *p, integer o, integer has, integer mss) =
        has != 0 ==> p[o] == 2 && p[o + 1] == 4 && Be16(p, o + 2) == mss;
    predicate PermittedBlock{L}(uint8_t *p, integer o, integer has) =
        has != 0 ==> p[o] == 1 && p[o + 1] == 1 && p[o + 2] == 4 && p[o + 3] == 2;
    predicate ShiftBlock{L}(uint8_t *p, integer o, integer has, integer shift) =
        has != 0 ==> p[o] == 1 && p[o + 1] == 3 && p[o + 2] == 3 && p[o + 3] == shift;
    predicate TimestampBlock{L}(uint8_t *p, integer o, integer has, integer value, integer echo) =
        has != 0 ==> p[o] == 1 && p[o + 1] == 1 && p[o + 2] == 8 && p[o + 3] == 10 &&
        Be32(p, o + 4) == value && Be32(p, o + 8) == echo;
    predicate SackBlock{L}(uint8_t *p, integer o, integer n) =
        n != 0 ==> p[o] == 1 && p[o + 1] == 1 && p[o + 2] == 5 && p[o + 3] == 2 + 8 * n;
    predicate SackBlocks{L}(uint8_t *p, integer o, struct sq_header h) =
        (\forall integer j; 0 <= j < h.sack_count ==> h.sack_left[j] == Be32(p, o + 4 + 8 * j)) &&
        (\forall integer j; 0 <= j < h.sack_count ==> h.sack_right[j] == Be32(p, o + 8 + 8 * j));

    logic integer PermittedPlace(struct sq_header h) = 20 + 4 * h.has_mss;
    logic integer ShiftPlace(struct sq_header h) = PermittedPlace(h) + 4 * h.sack_permitted;
    logic integer TimestampPlace(struct sq_header h) = ShiftPlace(h) + 4 * h.has_shift;
    logic integer SackPlace(struct sq_header h) = TimestampPlace(h) + 12 * h.has_timestamp;
    predicate LaidOut{L}(uint8_t *p, struct sq_header h) =
        MssBlock(p, 20, h.has_mss, h.mss) &&
        PermittedBlock(p, PermittedPlace(h), h.sack_permitted) &&
        ShiftBlock(p, ShiftPlace(h), h.has_shift, h.shift) &&
        TimestampBlock(p, TimestampPlace(h), h.has_timestamp, h.ts_value, h.ts_echo) &&
        SackBlock(p, SackPlace(h), h.sack_count) && SackBlocks(p, SackPlace(h), h);
*/

/*@ requires flag: has <= 1;
    requires fits: mss <= 65535;
    requires place: o <= 60;
    requires writable: \valid(p + (o .. o + 4 * has - 1));
    terminates \true;
    assigns p[o .. o + 4 * has - 1];
    ensures next: \result == o + 4 * has;
    ensures block: MssBlock(p, o, has, mss);
*/
static uint32_t put_mss(uint8_t *p, uint32_t o, uint32_t has, uint32_t mss)
{
    if (has == 0u) {
        return o;
    }
    p[o] = OPTION_MSS;
    p[o + 1u] = 4u;
    sq_store16(p, o + 2u, mss);
    return o + 4u;
}

/*@ requires flag: has <= 1;
    requires place: o <= 60;
    requires writable: \valid(p + (o .. o + 4 * has - 1));
    terminates \true;
    assigns p[o .. o + 4 * has - 1];
    ensures next: \result == o + 4 * has;
    ensures block: PermittedBlock(p, o, has);
*/
static uint32_t put_permitted(uint8_t *p, uint32_t o, uint32_t has)
{
    if (has == 0u) {
        return o;
    }
    p[o] = OPTION_NOP;
    p[o + 1u] = OPTION_NOP;
    p[o + 2u] = OPTION_SACK_PERMITTED;
    p[o + 3u] = 2u;
    return o + 4u;
}

/*@ requires flag: has <= 1;
    requires fits: shift <= 255;
    requires place: o <= 60;
    requires writable: \valid(p + (o .. o + 4 * has - 1));
    terminates \true;
    assigns p[o .. o + 4 * has - 1];
    ensures next: \result == o + 4 * has;
    ensures block: ShiftBlock(p, o, has, shift);
*/
static uint32_t put_shift(uint8_t *p, uint32_t o, uint32_t has, uint32_t shift)
{
    if (has == 0u) {
        return o;
    }
    p[o] = OPTION_NOP;
    p[o + 1u] = OPTION_SHIFT;
    p[o + 2u] = 3u;
    p[o + 3u] = (uint8_t)shift;
    return o + 4u;
}

/*@ requires flag: has <= 1;
    requires place: o <= 60;
    requires writable: \valid(p + (o .. o + 12 * has - 1));
    terminates \true;
    assigns p[o .. o + 12 * has - 1];
    ensures next: \result == o + 12 * has;
    ensures block: TimestampBlock(p, o, has, value, echo);
*/
static uint32_t put_timestamp(uint8_t *p, uint32_t o, uint32_t has, uint32_t value, uint32_t echo)
{
    if (has == 0u) {
        return o;
    }
    p[o] = OPTION_NOP;
    p[o + 1u] = OPTION_NOP;
    p[o + 2u] = OPTION_TIMESTAMP;
    p[o + 3u] = 10u;
    sq_store32(p, o + 4u, value);
    sq_store32(p, o + 8u, echo);
    return o + 12u;
}

/*@ requires place: o <= 60;
    requires readable: \valid_read(h);
    requires count: h->sack_count <= 4;
    requires writable: \valid(p + (o .. o + SackSize(h->sack_count) - 1));
    requires apart: \separated(h, p + (o .. o + SackSize(h->sack_count) - 1));
    terminates \true;
    assigns p[o .. o + SackSize(h->sack_count) - 1];
    ensures block: SackBlock(p, o, h->sack_count);
    ensures blocks: SackBlocks(p, o, *h);
*/
static void put_sack(uint8_t *p, uint32_t o, const struct sq_header *h)
{
    uint32_t n = h->sack_count, j = 0u;

    if (n == 0u) {
        return;
    }
    /*@ loop invariant range: j <= n;
        loop invariant left:
            \forall integer q; 0 <= q < j ==> h->sack_left[q] == Be32(p, o + 4 + 8 * q);
        loop invariant right:
            \forall integer q; 0 <= q < j ==> h->sack_right[q] == Be32(p, o + 8 + 8 * q);
        loop assigns j, p[o + 4 .. o + 3 + 8 * n];
        loop variant n - j;
    */
    while (j < n) {
        sq_store32(p, o + 4u + 8u * j, h->sack_left[j]);
        sq_store32(p, o + 8u + 8u * j, h->sack_right[j]);
        j = j + 1u;
    }
    p[o] = OPTION_NOP;
    p[o + 1u] = OPTION_NOP;
    p[o + 2u] = OPTION_SACK;
    p[o + 3u] = (uint8_t)(2u + 8u * n);
}

/*@ requires readable: \valid_read(h);
    requires emittable: HeaderEmittable(*h);
    requires writable: \valid(p + (20 .. HeaderSize(*h) - 1));
    requires apart: \separated(h, p + (20 .. HeaderSize(*h) - 1));
    terminates \true;
    assigns p[20 .. HeaderSize(*h) - 1];
    ensures laid_out: LaidOut(p, *h);
*/
static void put_options(uint8_t *p, const struct sq_header *h)
{
    uint32_t o = put_mss(p, 20u, h->has_mss, h->mss);

    o = put_permitted(p, o, h->sack_permitted);
    o = put_shift(p, o, h->has_shift, h->shift);
    /*@ assert permitted_kept: PermittedBlock(p, PermittedPlace(*h), h->sack_permitted); */
    o = put_timestamp(p, o, h->has_timestamp, h->ts_value, h->ts_echo);
    /*@ assert permitted_still: PermittedBlock(p, PermittedPlace(*h), h->sack_permitted); */
    /*@ assert shift_kept: ShiftBlock(p, ShiftPlace(*h), h->has_shift, h->shift); */
    put_sack(p, o, h);
    /*@ assert mss: MssBlock(p, 20, h->has_mss, h->mss); */
    /*@ assert permitted: PermittedBlock(p, PermittedPlace(*h), h->sack_permitted); */
    /*@ assert shift: ShiftBlock(p, ShiftPlace(*h), h->has_shift, h->shift); */
    /*@ assert timestamp:
        TimestampBlock(p, TimestampPlace(*h), h->has_timestamp, h->ts_value, h->ts_echo); */
    /*@ assert sack:
        SackBlock(p, SackPlace(*h), h->sack_count) && SackBlocks(p, SackPlace(*h), *h); */
}

/*@ requires size: 20 <= size <= 60 && size % 4 == 0;
    requires fits: flags <= 4095;
    requires writable: \valid(p + (12 .. 13));
    terminates \true;
    assigns p[12 .. 13];
    ensures length: HeaderLength(p) == size;
    ensures flags: p[12] % 16 * 256 + p[13] == flags;
*/
static void put_offset_and_flags(uint8_t *p, uint32_t size, uint32_t flags)
{
    uint32_t words = size / 4u, high = flags / 256u, low = flags % 256u;

    /*@ assert parts: size == 4 * words && flags == 256 * high + low; */
    /*@ assert nibbles: words <= 15 && high <= 15; */
    p[12] = (uint8_t)(words * 16u + high);
    p[13] = (uint8_t)low;
    /*@ assert halves: p[12] / 16 == words && p[12] % 16 == high; */
}

/*@ requires readable: \valid_read(h);
    requires emittable: FixedEmittable(*h);
    requires size: 20 <= size <= 60 && size % 4 == 0;
    requires writable: \valid(p + (0 .. 19));
    requires apart: \separated(h, p + (0 .. 19));
    terminates \true;
    assigns p[0 .. 19];
    ensures fixed: FixedIs(p, *h);
    ensures length: HeaderLength(p) == size;
*/
static void put_fixed(uint8_t *p, uint32_t size, const struct sq_header *h)
{
    sq_store16(p, 0u, h->source_port);
    sq_store16(p, 2u, h->destination_port);
    sq_store32(p, 4u, h->seq);
    sq_store32(p, 8u, h->ack);
    put_offset_and_flags(p, size, h->flags);
    sq_store16(p, 14u, h->window);
    sq_store16(p, 16u, h->checksum);
    sq_store16(p, 18u, h->urgent);
    /*@ assert ports: h->source_port == Be16(p, 0) && h->destination_port == Be16(p, 2); */
    /*@ assert numbers: h->seq == Be32(p, 4) && h->ack == Be32(p, 8); */
    /*@ assert length: HeaderLength(p) == size; */
    /*@ assert flags: h->flags == p[12] % 16 * 256 + p[13]; */
    /*@ assert window: h->window == Be16(p, 14); */
    /*@ assert rest: h->checksum == Be16(p, 16) && h->urgent == Be16(p, 18); */
}

/*@ // What the walk finds and condemns from a place is what it does from another.
    predicate SameWalk{L}(uint8_t *p, integer i, integer j, integer e) =
        OptionFind(p, i, e, 2) == OptionFind(p, j, e, 2) &&
        OptionFind(p, i, e, 3) == OptionFind(p, j, e, 3) &&
        OptionFind(p, i, e, 4) == OptionFind(p, j, e, 4) &&
        OptionFind(p, i, e, 5) == OptionFind(p, j, e, 5) &&
        OptionFind(p, i, e, 8) == OptionFind(p, j, e, 8) &&
        OptionsMalformed(p, i, e) == OptionsMalformed(p, j, e);
    // The same, but for one kind that is found at `at`, when that is not 0.
    predicate FoundThen{L}(uint8_t *p, integer i, integer j, integer e, integer kind, integer at) =
        OptionFind(p, i, e, 2) == (kind == 2 && at != 0 ? at : OptionFind(p, j, e, 2)) &&
        OptionFind(p, i, e, 3) == (kind == 3 && at != 0 ? at : OptionFind(p, j, e, 3)) &&
        OptionFind(p, i, e, 4) == (kind == 4 && at != 0 ? at : OptionFind(p, j, e, 4)) &&
        OptionFind(p, i, e, 5) == (kind == 5 && at != 0 ? at : OptionFind(p, j, e, 5)) &&
        OptionFind(p, i, e, 8) == (kind == 8 && at != 0 ? at : OptionFind(p, j, e, 8)) &&
        OptionsMalformed(p, i, e) == OptionsMalformed(p, j, e);
*/

/*@ ghost
    /@ requires before_end: i < e;
       requires nop: p[i] == 1;
       terminates \true;
       assigns \nothing;
       ensures same: SameWalk(p, i, i + 1, e);
    @/
    static void over_nop(const uint8_t *p, uint32_t i, uint32_t e)
    {
        /@ assert next: WalkNext(p, i) == i + 1; @/
        /@ assert meets: WalkMeets(p, i, e, 2) == 2 && WalkMeets(p, i, e, 3) == 2 &&
            WalkMeets(p, i, e, 4) == 2 && WalkMeets(p, i, e, 5) == 2 &&
            WalkMeets(p, i, e, 8) == 2; @/
        /@ assert good: OptionBad(p, i, e) == 0 && WalkEnds(p, i, e) == 0; @/
    }
*/

/*@ ghost
    /@ requires kind: kind == 2 || kind == 3 || kind == 4 || kind == 5 || kind == 8;
       requires at: p[i] == kind;
       requires somewhere: 20 <= i;
       requires fits: OptionFits(kind, p[i + 1]) == 1;
       requires before_end: i + p[i + 1] <= e;
       terminates \true;
       assigns \nothing;
       ensures found: FoundThen(p, i, i + p[i + 1], e, kind, i);
    @/
    static void over_option(const uint8_t *p, uint32_t i, uint32_t e, uint32_t kind)
    {
        /@ assert size: 2 <= p[i + 1]; @/
        /@ assert next: WalkNext(p, i) == i + p[i + 1]; @/
        /@ assert goes_on: WalkEnds(p, i, e) == 0; @/
        /@ assert two: WalkMeets(p, i, e, 2) == (kind == 2 ? 1 : 2); @/
        /@ assert three: WalkMeets(p, i, e, 3) == (kind == 3 ? 1 : 2); @/
        /@ assert four: WalkMeets(p, i, e, 4) == (kind == 4 ? 1 : 2); @/
        /@ assert five: WalkMeets(p, i, e, 5) == (kind == 5 ? 1 : 2); @/
        /@ assert eight: WalkMeets(p, i, e, 8) == (kind == 8 ? 1 : 2); @/
        /@ assert good: OptionBad(p, i, e) == 0; @/
    }
*/

/*@ ghost
    /@ requires flag: has <= 1;
       requires place: 20 <= o && o + 4 * has <= e <= 60;
       requires block: MssBlock(p, o, has, mss);
       terminates \true;
       assigns \nothing;
       ensures found: FoundThen(p, o, o + 4 * has, e, 2, has == 0 ? 0 : o);
    @/
    static void over_mss(const uint8_t *p, uint32_t o, uint32_t e, uint32_t has, uint32_t mss)
    {
        if (has != 0u) {
            over_option(p, o, e, 2u);
        }
    }
*/

/*@ ghost
    /@ requires flag: has <= 1;
       requires place: 20 <= o && o + 4 * has <= e <= 60;
       requires block: PermittedBlock(p, o, has);
       terminates \true;
       assigns \nothing;
       ensures found: FoundThen(p, o, o + 4 * has, e, 4, has == 0 ? 0 : o + 2);
    @/
    static void over_permitted(const uint8_t *p, uint32_t o, uint32_t e, uint32_t has)
    {
        if (has != 0u) {
            over_nop(p, o, e);
            over_nop(p, o + 1u, e);
            over_option(p, o + 2u, e, 4u);
        }
    }
*/

/*@ ghost
    /@ requires flag: has <= 1;
       requires place: 20 <= o && o + 4 * has <= e <= 60;
       requires block: ShiftBlock(p, o, has, shift);
       terminates \true;
       assigns \nothing;
       ensures found: FoundThen(p, o, o + 4 * has, e, 3, has == 0 ? 0 : o + 1);
    @/
    static void over_shift(const uint8_t *p, uint32_t o, uint32_t e, uint32_t has, uint32_t shift)
    {
        if (has != 0u) {
            over_nop(p, o, e);
            over_option(p, o + 1u, e, 3u);
        }
    }
*/

/*@ ghost
    /@ requires flag: has <= 1;
       requires place: 20 <= o && o + 12 * has <= e <= 60;
       requires block: TimestampBlock(p, o, has, value, echo);
       terminates \true;
       assigns \nothing;
       ensures found: FoundThen(p, o, o + 12 * has, e, 8, has == 0 ? 0 : o + 2);
    @/
    static void over_timestamp(const uint8_t *p, uint32_t o, uint32_t e, uint32_t has,
                               uint32_t value, uint32_t echo)
    {
        if (has != 0u) {
            over_nop(p, o, e);
            over_nop(p, o + 1u, e);
            over_option(p, o + 2u, e, 8u);
        }
    }
*/

/*@ ghost
    /@ requires count: n <= 4;
       requires place: 20 <= o && o + SackSize(n) <= e <= 60;
       requires block: SackBlock(p, o, n);
       terminates \true;
       assigns \nothing;
       ensures found: FoundThen(p, o, o + SackSize(n), e, 5, n == 0 ? 0 : o + 2);
    @/
    static void over_sack(const uint8_t *p, uint32_t o, uint32_t e, uint32_t n)
    {
        if (n != 0u) {
            over_nop(p, o, e);
            over_nop(p, o + 1u, e);
            over_option(p, o + 2u, e, 5u);
        }
    }
*/

/*@ ghost
    /@ requires emittable: OptionsEmittable(h) && HeaderSize(h) <= 60;
       requires laid_out: LaidOut(p, h);
       terminates \true;
       assigns \nothing;
       ensures mss: OptionFind(p, 20, HeaderSize(h), 2) == (h.has_mss == 0 ? 0 : 20);
       ensures permitted:
           OptionFind(p, 20, HeaderSize(h), 4) ==
               (h.sack_permitted == 0 ? 0 : PermittedPlace(h) + 2);
       ensures shift:
           OptionFind(p, 20, HeaderSize(h), 3) == (h.has_shift == 0 ? 0 : ShiftPlace(h) + 1);
       ensures timestamp:
           OptionFind(p, 20, HeaderSize(h), 8) ==
               (h.has_timestamp == 0 ? 0 : TimestampPlace(h) + 2);
       ensures sack:
           OptionFind(p, 20, HeaderSize(h), 5) == (h.sack_count == 0 ? 0 : SackPlace(h) + 2);
       ensures clean: OptionsMalformed(p, 20, HeaderSize(h)) == 0;
    @/
    static void over_all(const uint8_t *p, struct sq_header h)
    {
        uint32_t permitted = 20u + 4u * h.has_mss, shift = permitted + 4u * h.sack_permitted;
        uint32_t timestamp = shift + 4u * h.has_shift, sack = timestamp + 12u * h.has_timestamp;
        uint32_t e = sack + (h.sack_count == 0u ? 0u : 4u + 8u * h.sack_count);
        /@ assert size: e == HeaderSize(h); @/
        over_mss(p, 20u, e, h.has_mss, h.mss);
        over_permitted(p, permitted, e, h.sack_permitted);
        over_shift(p, shift, e, h.has_shift, h.shift);
        over_timestamp(p, timestamp, e, h.has_timestamp, h.ts_value, h.ts_echo);
        over_sack(p, sack, e, h.sack_count);
        over_end(p, e);
    }
*/

/*@ // Where over_all finds the options.
    predicate PlacedOptions{L}(uint8_t *p, struct sq_header h) =
        OptionsAt(p, h, h.has_mss == 0 ? 0 : 20, h.has_shift == 0 ? 0 : ShiftPlace(h) + 1,
                  h.sack_permitted == 0 ? 0 : PermittedPlace(h) + 2,
                  h.has_timestamp == 0 ? 0 : TimestampPlace(h) + 2,
                  h.sack_count == 0 ? 0 : SackPlace(h) + 2);
*/

/*@ ghost
    /@ requires emittable: OptionsEmittable(h);
       requires laid_out: LaidOut(p, h);
       terminates \true;
       assigns \nothing;
       ensures placed: PlacedOptions(p, h);
    @/
    static void read_back(const uint8_t *p, struct sq_header h)
    {
        /@ assert mss: MssIs(p, h.has_mss == 0 ? 0 : 20, h.has_mss, h.mss); @/
        /@ assert shift: ShiftIs(p, h.has_shift == 0 ? 0 : ShiftPlace(h) + 1,
                                 h.has_shift, h.shift); @/
        /@ assert timestamp: TimestampIs(p, h.has_timestamp == 0 ? 0 : TimestampPlace(h) + 2,
                                         h.has_timestamp, h.ts_value, h.ts_echo); @/
        /@ assert count: SackCount(p, h.sack_count == 0 ? 0 : SackPlace(h) + 2) == h.sack_count; @/
        /@ assert left: \forall integer j; 0 <= j < 4 ==>
            h.sack_left[j] == SackEdge(p, SackPlace(h) + 4, h.sack_count, j); @/
        /@ assert right: \forall integer j; 0 <= j < 4 ==>
            h.sack_right[j] == SackEdge(p, SackPlace(h) + 8, h.sack_count, j); @/
        /@ assert sack: SackIs(p, h.sack_count == 0 ? 0 : SackPlace(h) + 2, h); @/
    }
*/

uint32_t sq_header_emit(uint8_t *p, const struct sq_header *h)
{
    uint32_t size = sq_header_size(h);

    put_fixed(p, size, h);
    put_options(p, h);
    /*@ assert fixed: FixedIs(p, *h); */
    /*@ assert length: HeaderLength(p) == size; */
    /*@ ghost over_all(p, *h); */
    /*@ ghost read_back(p, *h); */
    /*@ assert options: OptionsAre(p, size, *h); */
    return size;
}
