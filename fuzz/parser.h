/* SPDX-License-Identifier: MIT */
/* The interface for `make fuzz-parser SO=./theirs.so`: another parser of TCP headers, held against our oracles.

   theirs.so exports one function, `tcp_parse`. It gets the n bytes of a TCP segment, returns 1 and fills `out` if they begin
   with a whole TCP header, else 0. It must not read beyond n bytes, nor write them, nor keep the pointer. Numbers are in host
   order; an option that is not there is `absent`. What RFC 9293 leaves open is not compared: an option that comes twice, or
   with a length that is not its own, and whatever follows it. */
#ifndef FUZZ_PARSER_H
#define FUZZ_PARSER_H

#include <stddef.h>
#include <stdint.h>

enum { PARSER_ABSENT = -1 };

struct parser_header {
    uint32_t source_port, destination_port, seq, ack;
    uint32_t length; /* bytes of the header, options counted: 20..60 */
    uint32_t flags; /* the low eight: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128 */
    uint32_t window, checksum, urgent;
    int32_t mss, shift;     /* PARSER_ABSENT or the value on the wire */
    int32_t sack_permitted; /* PARSER_ABSENT or 1 */
    int32_t has_timestamp;  /* PARSER_ABSENT or 1 */
    uint32_t ts_value, ts_echo;
};

typedef int tcp_parse_function(const uint8_t *segment, size_t n, struct parser_header *out);
tcp_parse_function tcp_parse;

#endif
