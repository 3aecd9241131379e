/* SPDX-License-Identifier: MIT */
/* Sizes fixed at compile time, and the limits that everything else is proved against. Override a size by
   -DSQ_RUNS=..., or all of them by -DSQ_CONFIG='"my_config.h"'. */
#ifndef SQ_CONFIG_H
#define SQ_CONFIG_H

#include <stdint.h>

#ifdef SQ_CONFIG
#include SQ_CONFIG
#endif

#define SQ_VERSION_MAJOR 0
#define SQ_VERSION_MINOR 1
#define SQ_VERSION_PATCH 0
#define SQ_VERSION "0.1.0"

#ifndef SQ_RUNS
#define SQ_RUNS 16u /* runs in flight remembered for each connection, at least 2 */
#endif
#ifndef SQ_RANGES
#define SQ_RANGES 8u /* out-of-order ranges remembered for each connection, at least 1 */
#endif

#define SQ_NEVER UINT64_MAX             /* a deadline that is not armed */
#define SQ_TIME_MAX 0x3fffffffffffffffu /* microseconds; a later clock reads as this one */
#define SQ_WINDOW_MAX 0x3fffffffu       /* bytes; no window or ring is larger. RFC 7323 2.3 */
#define SQ_STREAM_MAX \
    0x3fffffffffffffffu       /* bytes one direction may carry, then the connection ends */
#define SQ_TEXT_MAX 65535u    /* bytes of text in one arriving segment */
#define SQ_MSS_MIN 48u        /* bytes; a smaller MSS offer counts as this */
#define SQ_MSS_MAX 65495u     /* bytes; 65535 less the two fixed headers */
#define SQ_MSS_ETHERNET 1460u /* bytes; RFC 6928 2 counts the initial window by it */
#define SQ_MSS_DEFAULT 536u   /* bytes; RFC 9293 3.7.1 MUST-15 */
#define SQ_SHIFT_MAX 14u      /* RFC 7323 2.3 */
#define SQ_NO_SHIFT 255u      /* no window scale option */
#define SQ_RTT_MAX 60000000u  /* microseconds; a longer round trip counts as this */
#define SQ_RTO_FLOOR 1000u    /* microseconds; no setting goes below the clock's granularity */
#define SQ_PROBES 4u /* zero window probes that may be lost before R2 counts. RFC 9293 3.8.6.1 */
#define SQ_DELAYED_ACK_MAX \
    499999u /* microseconds; less than half a second. RFC 9293 3.8.6.3 MUST-40 */
#define SQ_KEEP_MAX 0x00ffffffu   /* seconds; half a year, and far below SQ_TIME_MAX */
#define SQ_KEEP_PROBES_MAX 255u   /* probes */
#define SQ_R1_MAX 255u            /* timeouts in a row */
#define SQ_DUPLICATES 3u          /* ACKs; RFC 5681 3.2 */
#define SQ_RTO_CEILING 240000000u /* microseconds; RFC 6298 2.5 asks for at least a minute */

#endif
