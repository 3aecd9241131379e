/* SPDX-License-Identifier: MIT */
/* The control block of one connection: sub-structs without pointers or padding, so that it can be hashed, copied,
   compared, printed and stored. Payload memory (the two rings) belongs to the caller and stands beside it.
   What makes a block valid stands in spec/connection.acsl; `sq_valid` is its executable twin. RFC 9293 3.3.1 */
#ifndef SQ_CONNECTION_H
#define SQ_CONNECTION_H

#include <stdint.h>

#include "config.h"
#include "sequence.h"

/* The states of RFC 9293 3.3.2. */
enum sq_state {
    SQ_CLOSED,
    SQ_LISTEN,
    SQ_SYN_SENT,
    SQ_SYN_RECEIVED,
    SQ_ESTABLISHED,
    SQ_FIN_WAIT_1,
    SQ_FIN_WAIT_2,
    SQ_CLOSE_WAIT,
    SQ_CLOSING,
    SQ_LAST_ACK,
    SQ_TIME_WAIT
};

/* What our direction is in. WANTED: due, `sq_output` has not emitted it yet. */
enum sq_tx {
    SQ_TX_NONE,
    SQ_TX_SYN_WANTED,
    SQ_TX_SYN_SENT,
    SQ_TX_OPEN,
    SQ_TX_FIN_WANTED,
    SQ_TX_FIN_SENT,
    SQ_TX_FIN_ACKED
};

/* What the peer's direction is in. */
enum sq_rx { SQ_RX_NONE, SQ_RX_OPEN, SQ_RX_FIN };

/* Why a connection is CLOSED. RFC 9293 3.9.1 */
enum sq_reason {
    SQ_REASON_NONE,
    SQ_REASON_DONE,       /* both directions closed in order */
    SQ_REASON_RESET,      /* the peer sent RST */
    SQ_REASON_REFUSED,    /* RST in answer to our SYN */
    SQ_REASON_TIMED_OUT,  /* R2 passed without an acknowledgment. RFC 9293 3.8.3 */
    SQ_REASON_ABORTED,    /* our user's ABORT, or CLOSE before the connection stood */
    SQ_REASON_EXHAUSTED,  /* SQ_STREAM_MAX bytes went one way */
    SQ_REASON_UNREACHABLE /* a hard ICMP error before the connection stood. RFC 9293 3.9.2.2 */
};

/* Policy of one connection; `sq_settings_default` fills it. Times in microseconds. */
struct sq_settings {
    uint32_t rto_initial; /* before the first measurement; default 1 s. RFC 6298 2.1 */
    uint32_t
        rto_after_syn; /* data's first RTO if the SYN was retransmitted; default 3 s. RFC 6298 5.7 */
    uint32_t rto_min;  /* lower bound of RTO; default 1 s. RFC 6298 2.4 */
    uint32_t rto_max;  /* upper bound of RTO; default 120 s. RFC 6298 2.5 */
    uint32_t time_wait; /* 2 MSL; default 60 s. RFC 9293 3.4.2, 3.6.1 */
    uint32_t
        r2; /* give up data or FIN: the user timeout; default 300 s. RFC 9293 3.8.3 MUST-20, SHLD-11; 3.9.1.1 */
    uint32_t r2_syn;    /* give up an active open; default 180 s. RFC 9293 3.8.3 MUST-23 */
    uint32_t half_open; /* give up a passive half-open connection; default 64 s. RFC 4987 */
    uint32_t challenge; /* least time between two challenge ACKs; default 500 ms. RFC 5961 7 */
    uint32_t
        delayed_ack; /* how long an ACK may wait for company, 0: not at all; default 40 ms. RFC 9293 3.8.6.3 */
    uint32_t keepalive; /* 1: look after a silent peer; default 0. RFC 9293 3.8.4 */
    uint32_t keep_idle; /* silence before the first probe, SECONDS; default 7200. RFC 9293 3.8.4 */
    uint32_t keep_interval; /* between two probes, SECONDS; default 75 */
    uint32_t keep_probes;   /* unanswered probes until the connection is given up; default 10 */
    uint32_t
        mss; /* largest text we send or take in one segment; default 1460 bytes. RFC 9293 3.7.1 */
    uint32_t initial_window; /* segments in the first flight; default 10. RFC 6928 2 */
    uint32_t nodelay;        /* 1: no Nagle; default 0. RFC 9293 3.7.4 MUST-17 */
    uint32_t tw_ignore_rst;  /* 1: RST in TIME-WAIT is ignored; default 1. RFC 1337 3 */
    uint32_t
        shift; /* window scale we offer, SQ_NO_SHIFT: none; default SQ_NO_SHIFT. RFC 7323 2.2 */
    uint32_t
        r1; /* timeouts in a row until the user is told; default 3. RFC 9293 3.8.3 SHLD-9, SHLD-10 */
};

/* Our direction. Sequence numbers other than iss, una, wl1 and wl2 are distances from una. */
struct sq_send {
    uint64_t acked;          /* bytes of text acknowledged, ever: the stream position of una */
    uint32_t tx;             /* enum sq_tx */
    uint32_t closing;        /* 1: CLOSE was called before the connection stood */
    uint32_t iss, una;       /* ISS, SND.UNA */
    uint32_t flight;         /* SND.NXT - SND.UNA, SYN and FIN counted */
    uint32_t sent;           /* bytes of text in flight */
    uint32_t queued;         /* bytes of text in the ring, those in flight first */
    uint32_t capacity, head; /* the ring: its size, and where the byte at una stands */
    uint32_t wnd, wl1, wl2;  /* SND.WND, SND.WL1, SND.WL2 */
    uint32_t max_wnd;        /* the largest window the peer ever offered. RFC 5961 5.2 */
    uint32_t offered;        /* greatest right edge ever offered less una */
    uint32_t mss;   /* text in one segment; the peer's offer and our limit. RFC 9293 3.7.1 */
    uint32_t shift; /* of the peer's windows; 0 without the option. RFC 7323 2.2 */
    uint32_t
        probing; /* 1: a zero window probe is or was out and the window has not opened. RFC 9293 3.8.6.1 */
    uint32_t zero;
};

/* The peer's direction. */
struct sq_receive {
    uint64_t received;       /* bytes of text taken in order, ever: the stream position of nxt */
    uint32_t rx;             /* enum sq_rx */
    uint32_t irs, nxt;       /* IRS, RCV.NXT */
    uint32_t wnd;            /* greatest right edge ever advertised less nxt */
    uint32_t capacity, head; /* the ring: its size, and where the first unread byte stands */
    uint32_t used;           /* bytes taken in order and not yet consumed */
    uint32_t shift;          /* of our windows; 0 without the option */
    uint32_t mss;            /* the MSS we announce */
    uint32_t scaled;         /* 1: the peer sent the window scale option */
};

/* Bytes in flight that left together: they end `end` bytes beyond una and begin where the run before ends. */
struct sq_run {
    uint64_t sent; /* when last sent, microseconds */
    uint32_t end;
    uint32_t
        resent; /* 1: some byte was sent more than once, so no sample may be taken. RFC 6298 3 */
};

/* What is in flight, and which part [resend_from, resend_to) of it has to be sent again. */
struct sq_flight {
    uint32_t n, resend_from, resend_to, zero; /* zero: keeps the runs aligned */
    struct sq_run run[SQ_RUNS];
};

/* RFC 6298 2; microseconds. */
struct sq_rtt {
    uint32_t srtt, rttvar, rto, measured;
};

/* RFC 5681 3, RFC 3465, RFC 6582; bytes. */
struct sq_congestion {
    uint64_t last; /* when new text last left, microseconds. RFC 5681 4.1 */
    uint32_t cwnd, ssthresh;
    uint32_t counted;    /* acknowledged since cwnd last grew in congestion avoidance */
    uint32_t duplicates; /* ACKs in a row that acknowledged nothing, 0..3 */
    uint32_t recover;    /* recovery point less SND.UNA; 0: nothing to recover. RFC 6582 3.2 */
    uint32_t recovering; /* 1: fast recovery */
};

/* What arrived beyond RCV.NXT: sorted ranges that do not touch, distances from RCV.NXT. */
struct sq_reassembly {
    uint32_t n, zero;
    uint32_t lo[SQ_RANGES], hi[SQ_RANGES];
};

/* Every deadline, microseconds on the caller's clock; SQ_NEVER: not armed. */
struct sq_times {
    uint64_t rexmit, persist, user, time_wait, ack, keepalive;
};

/* What the next calls of `sq_output` have to say. */
struct sq_owed {
    uint64_t quiet; /* no challenge ACK before this time. RFC 5961 7 */
    uint32_t ack;   /* 1: an ACK */
    uint32_t probe; /* 1: a zero window probe. RFC 9293 3.8.6.1 */
    uint32_t rst;   /* 1: a RST with the numbers below */
    uint32_t rst_flags, rst_seq, rst_ack;
    uint32_t keepalive; /* 1: a keepalive probe. RFC 9293 3.8.4 */
    uint32_t zero;
};

/* Where urgent text ends in either stream: the position of the byte behind it, counted as `acked` and `received` are. It
   is past once the stream has passed it. RFC 9293 3.8.5, RFC 6093 */
struct sq_urgent {
    uint64_t send_up;    /* SND.UP */
    uint64_t receive_up; /* RCV.UP */
};

/* What the user has not been told yet, and what those reports count. RFC 9293 3.9.1.8 */
struct sq_report {
    uint32_t urgent; /* 1: urgent text was announced, or reaches further. RFC 9293 3.8.5 MUST-32 */
    uint32_t excessive; /* 1: R1 was reached. RFC 9293 3.8.3 SHLD-9 */
    uint32_t soft;      /* the last ICMP error, type * 256 + code; 0: none. RFC 9293 3.9.2.2 */
    uint32_t timeouts;  /* retransmission timeouts since SND.UNA moved, no more than R1 */
};

struct sq_conn {
    uint64_t now;     /* the latest time a door was told */
    uint32_t state;   /* enum sq_state */
    uint32_t passive; /* 1: the connection began in LISTEN. RFC 9293 3.10.7.4 */
    uint32_t reason;  /* enum sq_reason, of a CLOSED connection */
    uint32_t keeps;   /* keepalive probes sent and not answered. RFC 9293 3.8.4 */
    struct sq_send send;
    struct sq_receive receive;
    struct sq_flight flight;
    struct sq_rtt rtt;
    struct sq_congestion congestion;
    struct sq_reassembly reassembly;
    struct sq_times times;
    struct sq_owed owed;
    struct sq_urgent urgent;
    struct sq_report report;
    struct sq_settings settings;
};

/* No padding anywhere: the block's bytes are its value. (Frama-C 25 does not read this keyword.) */
#ifndef __FRAMAC__
_Static_assert(sizeof(struct sq_settings) == 20 * 4, "padding");
_Static_assert(sizeof(struct sq_send) == 8 + 18 * 4, "padding");
_Static_assert(sizeof(struct sq_receive) == 8 + 10 * 4, "padding");
_Static_assert(sizeof(struct sq_flight) == 4 * 4 + SQ_RUNS * 16, "padding");
_Static_assert(sizeof(struct sq_reassembly) == 2 * 4 + SQ_RANGES * 8, "padding");
_Static_assert(sizeof(struct sq_owed) == 8 + 8 * 4, "padding");
_Static_assert(sizeof(struct sq_conn) ==
                   8 + 4 * 4 + sizeof(struct sq_send) + sizeof(struct sq_receive) +
                       sizeof(struct sq_flight) + 16 + 32 + sizeof(struct sq_reassembly) + 6 * 8 +
                       sizeof(struct sq_owed) + 2 * 8 + 4 * 4 + sizeof(struct sq_settings),
               "padding");
#endif

#include "../spec/connection.acsl"

#endif
