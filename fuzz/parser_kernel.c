/* SPDX-License-Identifier: MIT */
/* A second parser, to show `make fuzz-parser`: the rules by which Linux walks the options, written down naively. With
   -DPARSER_DEFECT the check that an option ends inside the header is missing. */
#include "parser.h"

#include <string.h>

static uint32_t two(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t four(const uint8_t *p)
{
    return two(p) << 16 | two(p + 2);
}

static void option(const uint8_t *p, struct parser_header *out)
{
    if (p[0] == 2u && p[1] == 4u) {
        out->mss = (int32_t)two(p + 2);
    } else if (p[0] == 3u && p[1] == 3u) {
        out->shift = p[2];
    } else if (p[0] == 4u && p[1] == 2u) {
        out->sack_permitted = 1;
    } else if (p[0] == 8u && p[1] == 10u) {
        out->has_timestamp = 1;
        out->ts_value = four(p + 2);
        out->ts_echo = four(p + 6);
    }
}

int tcp_parse(const uint8_t *p, size_t n, struct parser_header *out)
{
    long left;

    if (n < 20u || p[12] >> 4 < 5u || (size_t)(p[12] >> 4) * 4u > n) {
        return 0;
    }
    memset(out, 0, sizeof *out);
    out->source_port = two(p);
    out->destination_port = two(p + 2);
    out->seq = four(p + 4);
    out->ack = four(p + 8);
    out->length = (uint32_t)(p[12] >> 4) * 4u;
    out->flags = p[13];
    out->window = two(p + 14);
    out->checksum = two(p + 16);
    out->urgent = two(p + 18);
    out->mss = out->shift = out->sack_permitted = out->has_timestamp = PARSER_ABSENT;
    left = (long)out->length - 20;
    p += 20;
    while (left > 0 && p[0] != 0u) {
        long size = p[0] == 1u ? 1 : left < 2 ? 0 : p[1];

#ifndef PARSER_DEFECT
        if (size > left) {
            break;
        }
#endif
        if (p[0] != 1u) {
            if (size < 2) {
                break;
            }
            option(p, out);
        }
        p += size;
        left -= size;
    }
    return 1;
}
