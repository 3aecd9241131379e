/* SPDX-License-Identifier: MIT */
/* The Internet checksum over slices: RFC 1071, RFC 9293 3.1.

   A sum is a uint64_t that is never folded on the way, so that it equals the sum of the text's
   16-bit words exactly, and sums of slices simply add up. A sending caller:

       sum = sq_checksum_pseudo4(src, dst, length);
       sum = sq_checksum_add(sum, header, header_length);           (checksum field zero)
       sum = sq_checksum_add_at(sum, header_length, slice, slice_length);
       field = sq_checksum_finish(sum);

   A receiving caller sums the whole segment, field included, and asks sq_checksum_correct. For a
   device that completes the checksum itself the field starts as sq_checksum_fold of the
   pseudo-header's sum, not complemented. */
#ifndef SQ_CHECKSUM_H
#define SQ_CHECKSUM_H

#include <stdbool.h>
#include <stdint.h>

#include "../spec/checksum.acsl"

/* Adds n bytes whose first stands at place `at` of the text; of `at` only its parity matters, so a
   running length may be passed that leaves the pseudo-header out (its length is even). A sum has
   room for 2^15 slices of 4 GB before `room` could fail. RFC 1071 1 and 2 (B). */
/*@ requires text: \valid_read(p + (0 .. n - 1));
    requires room: sum <= 0x7FFFFFFFFFFFFFFF;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == sum + TextSum(p, at, n);
    ensures bounded: sum <= \result <= sum + 32768 * (n + 1); */
uint64_t sq_checksum_add_at(uint64_t sum, uint32_t at, const uint8_t *p, uint32_t n);

/* The same for a slice that begins at an even place: the first one, a header, an address. */
/*@ requires text: \valid_read(p + (0 .. n - 1));
    requires room: sum <= 0x7FFFFFFFFFFFFFFF;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == sum + TextSum(p, 0, n);
    ensures bounded: sum <= \result <= sum + 32768 * (n + 1); */
uint64_t sq_checksum_add(uint64_t sum, const uint8_t *p, uint32_t n);

/* The sum of TCP's IPv4 pseudo-header: addresses as numbers (192.0.2.1 is 0xC0000201), len = bytes
   of TCP header and text. RFC 9293 3.1. */
/*@ requires length: len <= 65535;
    terminates \true;
    assigns \nothing;
    ensures exact: \result == PseudoSum4(src, dst, len);
    ensures bounded: 6 <= \result <= 5 * 65535 + 6; */
uint64_t sq_checksum_pseudo4(uint32_t src, uint32_t dst, uint32_t len);

/* The sum of TCP's IPv6 pseudo-header: addresses as the 16 bytes of the wire. RFC 8200 8.1. */
/*@ requires source: \valid_read(src + (0 .. 15));
    requires destination: \valid_read(dst + (0 .. 15));
    terminates \true;
    assigns \nothing;
    ensures exact: \result == PseudoSum6(src, dst, len);
    ensures bounded: 6 <= \result <= 20 * 65535; */
uint64_t sq_checksum_pseudo6(const uint8_t *src, const uint8_t *dst, uint32_t len);

/* The sum in ones' complement, in [0, 65535]. `partial`: whatever is added later, by a device or by
   more slices, comes to the same; so a folded sum may also stand for the sum. RFC 1071 2 (A). */
/*@ terminates \true;
    assigns \nothing;
    ensures value: \result == Fold(sum);
    ensures word: \result <= 65535;
    ensures partial: \forall integer rest; 0 <= rest ==>
                       Fold(\result + rest) == Fold(sum + rest); */
uint32_t sq_checksum_fold(uint64_t sum);

/* The checksum field for a text whose sum, with the field zero, is this. `correct`: with the field
   in place the sum is all ones, which is what a receiver asks. RFC 1071 1 (2) and (3). */
/*@ terminates \true;
    assigns \nothing;
    ensures value: \result == 65535 - Fold(sum);
    ensures word: \result <= 65535;
    ensures correct: Fold(sum + \result) == 65535; */
uint32_t sq_checksum_finish(uint64_t sum);

/* Is a text correct whose sum, checksum field included, is this? RFC 1071 1 (3). */
/*@ terminates \true;
    assigns \nothing;
    ensures right: Fold(sum) == 65535 ==> \result == true;
    ensures wrong: Fold(sum) != 65535 ==> \result == false; */
bool sq_checksum_correct(uint64_t sum);

#endif
