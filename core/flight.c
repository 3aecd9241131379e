/* SPDX-License-Identifier: MIT */
// wp-model: ref
/* The flight: runs that partition [SND.UNA, SND.NXT), and what of them has to be sent again. RFC 6298 3 */
#include "flight.h"

/*@ // Runs k of g in [from, to) are the runs k + by of f.
    predicate Moved(struct sq_flight g, struct sq_flight f, integer from, integer to, integer by) =
      \forall integer k; from <= k < to ==> g.run[k] == f.run[k + by];
    // Runs k of g below n are those of f, d nearer.
    predicate RunsNearer(struct sq_flight g, struct sq_flight f, integer n, integer d) =
      \forall integer k; 0 <= k < n ==> g.run[k].end + d == f.run[k].end &&
        g.run[k].resent == f.run[k].resent && g.run[k].sent == f.run[k].sent;
    // One of the first i runs holds byte x. Spelled out: provers find the witness by the term f.run[k].
    predicate Held(struct sq_flight f, integer i, integer x) =
      \exists integer k; 0 <= k < i && Start(f, k) <= x < f.run[k].end;
    // Run i has a byte in [a, b).
    predicate Overlaps(struct sq_flight f, integer i, integer a, integer b) = Start(f, i) < b && a < f.run[i].end;
*/

/* Runs i .. i+d-1 go; the next one begins where the first of them began. */
/*@ requires part: \valid(f) && i + d <= f->n <= SQ_RUNS;
    terminates \true;
    assigns f->n, f->run[0 .. SQ_RUNS - 1];
    ensures size: f->n == \old(f->n) - d;
    ensures before: Moved(*f, \old(*f), 0, i, 0);
    ensures after: Moved(*f, \old(*f), i, f->n, d); */
static void runs_remove(struct sq_flight *f, uint32_t i, uint32_t d)
{
    uint32_t k = i;

    /*@ loop invariant place: i <= k <= f->n - d && f->n == \at(f->n, Pre);
        loop invariant before: Moved(*f, \at(*f, Pre), 0, i, 0);
        loop invariant moved: Moved(*f, \at(*f, Pre), i, k, d);
        loop invariant after: Moved(*f, \at(*f, Pre), k + d, f->n, 0);
        loop assigns k, f->run[0 .. SQ_RUNS - 1];
        loop variant f->n - d - k; */
    while (k < f->n - d) {
        f->run[k] = f->run[k + d];
        k = k + 1u;
    }
    f->n = f->n - d;
}

/* Every run is d nearer, for SND.UNA moved d on. */
/*@ requires block: \valid(f) && f->n <= SQ_RUNS;
    requires beyond: \forall integer k; 0 <= k < f->n ==> d <= f->run[k].end;
    terminates \true;
    assigns f->run[0 .. SQ_RUNS - 1];
    ensures nearer: RunsNearer(*f, \old(*f), f->n, d); */
static void runs_nearer(struct sq_flight *f, uint32_t d)
{
    uint32_t k = 0u;

    /*@ loop invariant place: 0 <= k <= f->n;
        loop invariant nearer: RunsNearer(*f, \at(*f, Pre), k, d);
        loop invariant after: Moved(*f, \at(*f, Pre), k, f->n, 0);
        loop assigns k, f->run[0 .. SQ_RUNS - 1];
        loop variant f->n - k; */
    while (k < f->n) {
        f->run[k].end = f->run[k].end - d;
        k = k + 1u;
    }
}

/* The run that holds byte x. */
/*@ requires block: \valid_read(f) && FlightValid(*f);
    requires part: x < FlightLength(*f);
    terminates \true;
    assigns \nothing;
    ensures holds: Holds(*f, \result, x); */
static uint32_t run_at(const struct sq_flight *f, uint32_t x)
{
    uint32_t i = 0u;

    /*@ loop invariant place: i < f->n && Start(*f, i) <= x;
        loop assigns i;
        loop variant f->n - i; */
    while (f->run[i].end <= x) {
        i = i + 1u;
    }
    return i;
}

/* A distance from SND.UNA once SND.UNA moved d on. */
/*@ terminates \true;
    assigns \nothing;
    ensures exact: \result == Nearer(x, d); */
static uint32_t nearer(uint32_t x, uint32_t d)
{
    return x > d ? x - d : 0u;
}

/* The first of two neighbours that were both resent: to join them loses no sample. The last two if there are none. */
/*@ requires block: \valid_read(f) && f->n <= SQ_RUNS;
    requires two: f->n >= 2;
    terminates \true;
    assigns \nothing;
    ensures pair: \result + 1 < f->n;
    ensures best: \result + 2 < f->n ==> f->run[\result].resent != 0 && f->run[\result + 1].resent != 0; */
static uint32_t pair_to_join(const struct sq_flight *f)
{
    uint32_t i = 0u;

    /*@ loop invariant place: i + 1 < f->n;
        loop assigns i;
        loop variant f->n - i; */
    while (i + 2u < f->n && (f->run[i].resent == 0u || f->run[i + 1u].resent == 0u)) {
        i = i + 1u;
    }
    return i;
}

/* Runs i and i+1 become one. If they left at different times none of them is exact, so it counts as resent, as it does
   if either was. */
/*@ requires block: \valid(f) && FlightValid(*f);
    requires pair: i + 1 < f->n;
    terminates \true;
    assigns f->n, f->run[0 .. SQ_RUNS - 1];
    ensures valid: FlightValid(*f);
    ensures size: f->n == \old(f->n) - 1;
    ensures length: FlightLength(*f) == \old(FlightLength(*f));
    ensures later: f->run[i].sent == \max(\old(f->run[i].sent), \old(f->run[i + 1].sent));
    ensures kept: \forall integer x; Resent(\old(*f), x) ==> Resent(*f, x);
    ensures honest: \forall integer x, t; SentAt(*f, x, t) && !Resent(*f, x) ==> SentAt(\old(*f), x, t); */
static void runs_join(struct sq_flight *f, uint32_t i)
{
    if (f->run[i].sent != f->run[i + 1u].sent || f->run[i].resent != 0u) {
        f->run[i + 1u].resent = 1u;
    }
    if (f->run[i].sent > f->run[i + 1u].sent) {
        f->run[i + 1u].sent = f->run[i].sent;
    }
    runs_remove(f, i, 1u);
    /*@ assert left: \forall integer k; 0 <= k < i ==> f->run[k] == \at(*f, Pre).run[k]; */
    /*@ assert right: \forall integer k; i < k < f->n ==> f->run[k] == \at(*f, Pre).run[k + 1]; */
    /*@ assert right_ends: \forall integer k; i < k < f->n ==> f->run[k].end == \at(*f, Pre).run[k + 1].end; */
    /*@ assert joined: f->run[i].end == \at(*f, Pre).run[i + 1].end; */
    /*@ assert last: f->run[f->n - 1].end == \at(*f, Pre).run[\at(f->n, Pre) - 1].end; */
    /*@ assert up_left: \forall integer k, x; k < i && Holds(\at(*f, Pre), k, x) ==> Holds(*f, k, x); */
    /*@ assert up_first: \forall integer x; Holds(\at(*f, Pre), i, x) ==> Holds(*f, i, x); */
    /*@ assert up_second: \forall integer x; Holds(\at(*f, Pre), i + 1, x) ==> Holds(*f, i, x); */
    /*@ assert up_right: \forall integer k, x; k > i + 1 && Holds(\at(*f, Pre), k, x) ==> Holds(*f, k - 1, x); */
    /*@ assert down_left: \forall integer k, x; k < i && Holds(*f, k, x) ==> Holds(\at(*f, Pre), k, x); */
    /*@ assert down: \forall integer x; Holds(*f, i, x) ==>
          Holds(\at(*f, Pre), i, x) || Holds(\at(*f, Pre), i + 1, x); */
    /*@ assert down_right: \forall integer k, x; k > i && Holds(*f, k, x) ==> Holds(\at(*f, Pre), k + 1, x); */
}

void sq_flight_clear(struct sq_flight *f)
{
    uint32_t i = 0u;
    f->n = 0u;
    f->resend_from = 0u;
    f->resend_to = 0u;
    f->zero = 0u;
    /*@ loop invariant 0 <= i <= SQ_RUNS && f->n == 0 && f->resend_from == 0 && f->resend_to == 0 && f->zero == 0;
        loop invariant \forall integer k; 0 <= k < i ==>
          f->run[k].sent == 0 && f->run[k].end == 0 && f->run[k].resent == 0;
        loop assigns i, f->run[0 .. SQ_RUNS - 1];
        loop variant SQ_RUNS - i; */
    while (i < SQ_RUNS) {
        f->run[i].sent = 0u;
        f->run[i].end = 0u;
        f->run[i].resent = 0u;
        i = i + 1u;
    }
}

/* A run of its own for n numbers that leave now. */
/*@ requires block: \valid(f) && FlightValid(*f);
    requires room: 0 < n && FlightLength(*f) + n <= SQ_WINDOW_MAX + 1 && f->n < SQ_RUNS;
    terminates \true;
    assigns f->n, f->run[0 .. SQ_RUNS - 1];
    ensures valid: FlightValid(*f);
    ensures length: FlightLength(*f) == \old(FlightLength(*f)) + n;
    ensures size: f->n == \old(f->n) + 1;
    ensures fresh: f->run[f->n - 1].sent == now && f->run[f->n - 1].resent == 0;
    ensures same: \forall integer k; 0 <= k < \old(f->n) ==> f->run[k] == \old(*f).run[k];
    ensures kept: \forall integer x; Resent(\old(*f), x) ==> Resent(*f, x);
    ensures exact: \forall integer x; Resent(*f, x) ==> Resent(\old(*f), x);
    ensures times: \forall integer x, t; x < \old(FlightLength(*f)) && SentAt(*f, x, t) ==> SentAt(\old(*f), x, t); */
static void run_add(struct sq_flight *f, uint32_t n, uint64_t now)
{
    uint32_t i = f->n;

    f->run[i].end = i == 0u ? n : f->run[i - 1u].end + n;
    f->run[i].sent = now;
    f->run[i].resent = 0u;
    f->n = i + 1u;
    /*@ assert same: \forall integer k; 0 <= k < i ==> f->run[k] == \at(*f, Pre).run[k]; */
    /*@ assert up: \forall integer k, x; Holds(\at(*f, Pre), k, x) ==> Holds(*f, k, x); */
    /*@ assert down: \forall integer k, x; k < i && Holds(*f, k, x) ==> Holds(\at(*f, Pre), k, x); */
}

void sq_flight_sent(struct sq_flight *f, uint32_t n, uint64_t now)
{
    if (f->n > 0u && f->run[f->n - 1u].sent == now && f->run[f->n - 1u].resent == 0u) {
        f->run[f->n - 1u].end = f->run[f->n - 1u].end + n; /* what leaves together is one run */
        /*@ assert up: \forall integer k, x; Holds(\at(*f, Pre), k, x) ==> Holds(*f, k, x); */
        /*@ assert down: \forall integer k, x; k < f->n - 1 && Holds(*f, k, x) ==> Holds(\at(*f, Pre), k, x); */
        /*@ assert down_last: \forall integer x; x < FlightLength(\at(*f, Pre)) && Holds(*f, f->n - 1, x) ==>
              Holds(\at(*f, Pre), f->n - 1, x); */
        /*@ assert same: \forall integer k; 0 <= k < f->n ==> f->run[k].sent == \at(*f, Pre).run[k].sent; */
        return;
    }
    if (f->n == SQ_RUNS) {
        runs_join(f, pair_to_join(f));
    }
    run_add(f, n, now);
}

void sq_flight_acked(struct sq_flight *f, uint32_t d)
{
    uint32_t i = 0u;

    /*@ loop invariant place: 0 <= i <= f->n;
        loop invariant acked: \forall integer q; 0 <= q < i ==> f->run[q].end <= d;
        loop assigns i;
        loop variant f->n - i; */
    while (i < f->n && f->run[i].end <= d) {
        i = i + 1u;
    }
    runs_remove(f, 0u, i);
    runs_nearer(f, d);
    f->resend_from = nearer(f->resend_from, d);
    f->resend_to = nearer(f->resend_to, d);
    /*@ assert ends: \forall integer q; 0 <= q < f->n ==> f->run[q].end + d == \at(*f, Pre).run[q + i].end; */
    /*@ assert flags: \forall integer q; 0 <= q < f->n ==> f->run[q].resent == \at(*f, Pre).run[q + i].resent; */
    /*@ assert times: \forall integer q; 0 <= q < f->n ==> f->run[q].sent == \at(*f, Pre).run[q + i].sent; */
    /*@ assert down: \forall integer q, x; 0 <= x && Holds(*f, q, x) ==> Holds(\at(*f, Pre), q + i, x + d); */
    /*@ assert up: \forall integer q, x; 0 <= x && Holds(\at(*f, Pre), q, x + d) ==> Holds(*f, q - i, x); */
    /*@ assert below: \forall integer q, x; 0 <= x && Holds(\at(*f, Pre), q, x + d) ==> i <= q; */
    /*@ assert flags_kept: \forall integer q; i <= q < \at(f->n, Pre) ==>
          f->run[q - i].resent == \at(f->run[q].resent, Pre); */
    /*@ assert honest: \forall integer q, x; 0 <= x && Holds(*f, q, x) && f->run[q].resent != 0 ==>
          Resent(\at(*f, Pre), x + d); */
    /*@ assert kept: \forall integer q, x; 0 <= x && Holds(\at(*f, Pre), q, x + d) &&
          \at(f->run[q].resent, Pre) != 0 ==> Resent(*f, x); */
}

void sq_flight_lost(struct sq_flight *f, uint32_t n)
{
    f->resend_from = 0u;
    f->resend_to = n;
}

/* Every run with a byte in [a, b) left again at `now`. */
/*@ requires block: \valid(f) && FlightValid(*f);
    requires part: a < b <= FlightLength(*f);
    terminates \true;
    assigns f->run[0 .. SQ_RUNS - 1];
    ensures ends: \forall integer k; 0 <= k < f->n ==> f->run[k].end == \old(*f).run[k].end;
    ensures touched: \forall integer k; 0 <= k < f->n && Overlaps(\old(*f), k, a, b) ==>
      f->run[k].resent == 1 && f->run[k].sent == now;
    ensures others: \forall integer k; 0 <= k < f->n && !Overlaps(\old(*f), k, a, b) ==>
      f->run[k] == \old(*f).run[k];
    ensures all: \forall integer x; a <= x < b ==> Held(*f, f->n, x); */
static void runs_mark(struct sq_flight *f, uint32_t a, uint32_t b, uint64_t now)
{
    uint32_t i = 0u, start = 0u;

    /*@ loop invariant place: 0 <= i <= f->n && start == Start(\at(*f, Pre), i);
        loop invariant held: \forall integer x; 0 <= x < start ==> Held(\at(*f, Pre), i, x);
        loop invariant ends: \forall integer k; 0 <= k < SQ_RUNS ==> f->run[k].end == \at(*f, Pre).run[k].end;
        loop invariant after: Moved(*f, \at(*f, Pre), i, SQ_RUNS, 0);
        loop invariant touched: \forall integer k; 0 <= k < i && Overlaps(\at(*f, Pre), k, a, b) ==>
          f->run[k].resent == 1 && f->run[k].sent == now;
        loop invariant others: \forall integer k; 0 <= k < i && !Overlaps(\at(*f, Pre), k, a, b) ==>
          f->run[k] == \at(*f, Pre).run[k];
        loop assigns i, start, f->run[0 .. SQ_RUNS - 1];
        loop variant f->n - i; */
    while (i < f->n) {
        if (start < b && a < f->run[i].end) {
            f->run[i].resent = 1u;
            f->run[i].sent = now;
        }
        start = f->run[i].end;
        /*@ assert more: \forall integer x; Held(\at(*f, Pre), i, x) ==> Held(\at(*f, Pre), i + 1, x); */
        /*@ assert this: \forall integer x; Start(\at(*f, Pre), i) <= x < start ==>
              Held(\at(*f, Pre), i + 1, x); */
        i = i + 1u;
    }
    /*@ assert starts: \forall integer k; 0 <= k < f->n ==> Start(*f, k) == Start(\at(*f, Pre), k); */
    /*@ assert whole: \forall integer x; a <= x < b ==> Held(\at(*f, Pre), f->n, x); */
}

void sq_flight_resent(struct sq_flight *f, uint32_t n, uint64_t now)
{
    uint32_t from = f->resend_from;

    f->resend_from = from + n;
    runs_mark(f, from, from + n, now);
    /*@ assert held: \forall integer k, x; Holds(*f, k, x) <==> Holds(\at(*f, Pre), k, x); */
    /*@ assert mark: \forall integer k, x; from <= x < from + n && 0 <= k < f->n && Start(*f, k) <= x < f->run[k].end ==>
          f->run[k].resent == 1 && f->run[k].sent == now; */
    /*@ assert marked: \forall integer k, x; from <= x < from + n && 0 <= k < f->n && Start(*f, k) <= x < f->run[k].end ==>
          Resent(*f, x) && SentAt(*f, x, now); */
    /*@ assert whole: \forall integer x; from <= x < from + n && Held(*f, f->n, x) ==>
          Resent(*f, x) && SentAt(*f, x, now); */
    /*@ assert kept: \forall integer k; 0 <= k < f->n && \at(*f, Pre).run[k].resent != 0 ==> f->run[k].resent != 0; */
}

uint64_t sq_flight_sample(const struct sq_flight *f, uint32_t d, uint64_t now)
{
    uint32_t i = run_at(f, d - 1u);

    /*@ assert only: \forall integer k; Holds(*f, k, d - 1) ==> k == i; */
    if (f->run[i].resent != 0u || f->run[i].sent > now) {
        return SQ_NEVER;
    }
    return f->run[i].sent;
}
