/* SPDX-License-Identifier: MIT */
/* The flight: a bounded list of runs that partition [SND.UNA, SND.NXT), each known by where it ends, and the part of it
   that has to be sent again. Distances are from SND.UNA. RFC 6298, RFC 5681, RFC 6582 */
#ifndef SQ_FLIGHT_H
#define SQ_FLIGHT_H

#include "connection.h"

#include "../spec/flight.acsl"

/* Nothing is in flight. */
/*@ requires block: \valid(f);
    terminates \true;
    assigns *f;
    ensures valid: FlightValid(*f);
    ensures empty: f->n == 0 && f->resend_from == 0 && f->resend_to == 0 && f->zero == 0;
    ensures zero: \forall integer i; 0 <= i < SQ_RUNS ==>
      f->run[i].sent == 0 && f->run[i].end == 0 && f->run[i].resent == 0; */
void sq_flight_clear(struct sq_flight *f);

/* n numbers left for the first time at `now`. A full list joins two runs first, and the joined one counts as resent if
   either was. RFC 9293 3.10.2 */
/*@ requires block: \valid(f) && FlightValid(*f);
    requires room: 0 < n && FlightLength(*f) + n <= SQ_WINDOW_MAX + 1;
    terminates \true;
    assigns f->n, f->run[0 .. SQ_RUNS - 1];
    ensures valid: FlightValid(*f);
    ensures length: FlightLength(*f) == \old(FlightLength(*f)) + n;
    ensures fresh: f->n > 0 && f->run[f->n - 1].sent == now && f->run[f->n - 1].resent == 0;
    ensures kept: \forall integer x; Resent(\old(*f), x) ==> Resent(*f, x);
    ensures exact: \old(f->n) < SQ_RUNS ==> \forall integer x; Resent(*f, x) ==> Resent(\old(*f), x);
    ensures times: \forall integer x, t; x < \old(FlightLength(*f)) && SentAt(*f, x, t) && !Resent(*f, x) ==>
      SentAt(\old(*f), x, t); */
void sq_flight_sent(struct sq_flight *f, uint32_t n, uint64_t now);

/* The first d numbers were acknowledged: the rest is what it was, d nearer. RFC 9293 3.10.7.4 */
/*@ requires block: \valid(f) && FlightValid(*f);
    requires part: d <= FlightLength(*f);
    terminates \true;
    assigns *f;
    ensures valid: FlightValid(*f);
    ensures length: FlightLength(*f) == \old(FlightLength(*f)) - d;
    ensures from: f->resend_from == Nearer(\old(f->resend_from), d);
    ensures to: f->resend_to == Nearer(\old(f->resend_to), d);
    ensures honest: \forall integer x; 0 <= x && Resent(*f, x) ==> Resent(\old(*f), x + d);
    ensures kept: \forall integer x; 0 <= x && Resent(\old(*f), x + d) ==> Resent(*f, x);
    ensures times: \forall integer x, t; 0 <= x && SentAt(*f, x, t) ==> SentAt(\old(*f), x + d, t); */
void sq_flight_acked(struct sq_flight *f, uint32_t d);

/* The first n numbers have to be sent again. RFC 6298 5.4, RFC 5681 3.2 */
/*@ requires block: \valid(f) && FlightValid(*f);
    requires part: n <= FlightLength(*f);
    terminates \true;
    assigns f->resend_from, f->resend_to;
    ensures valid: FlightValid(*f);
    ensures again: f->resend_from == 0 && f->resend_to == n; */
void sq_flight_lost(struct sq_flight *f, uint32_t n);

/* The next n numbers of those to be sent again left at `now`; the runs they touch give no sample any more. RFC 6298 3 */
/*@ requires block: \valid(f) && FlightValid(*f);
    requires part: 0 < n <= f->resend_to - f->resend_from;
    terminates \true;
    assigns f->resend_from, f->run[0 .. SQ_RUNS - 1];
    ensures valid: FlightValid(*f);
    ensures length: FlightLength(*f) == \old(FlightLength(*f));
    ensures moved: f->resend_from == \old(f->resend_from) + n;
    ensures marked: \forall integer x; \old(f->resend_from) <= x < f->resend_from ==> Resent(*f, x);
    ensures kept: \forall integer x; Resent(\old(*f), x) ==> Resent(*f, x);
    ensures times: \forall integer x; \old(f->resend_from) <= x < f->resend_from ==> SentAt(*f, x, now);
    ensures others: \forall integer k; 0 <= k < f->n && (f->run[k].end <= \old(f->resend_from) ||
      f->resend_from <= Start(*f, k)) ==> f->run[k] == \old(*f).run[k]; */
void sq_flight_resent(struct sq_flight *f, uint32_t n, uint64_t now);

/* When the last of the first d numbers left, if the run that holds it was sent only once and not after `now`; else
   SQ_NEVER. The round trip to measure is from then to now. RFC 6298 3 (Karn), RFC 7323 4 */
/*@ requires block: \valid_read(f) && FlightValid(*f);
    requires part: 0 < d <= FlightLength(*f) && now <= SQ_TIME_MAX;
    terminates \true;
    assigns \nothing;
    ensures once: \result != SQ_NEVER ==> \result <= now && SentAt(*f, d - 1, \result) && !Resent(*f, d - 1);
    ensures taken: !Resent(*f, d - 1) && (\exists integer t; t <= now && SentAt(*f, d - 1, t)) ==>
      \result != SQ_NEVER; */
uint64_t sq_flight_sample(const struct sq_flight *f, uint32_t d, uint64_t now);

#endif
