/* SPDX-License-Identifier: MIT */
/* Runs in flight against a record of every byte: when it left last, whether more than once. RFC 6298 3 and 5.4 */
#include "fuzz.h"
#include "twin.h"

#include "core/flight.h"

#define BYTES 256u
#define STEPS 64u

struct record {
    struct sq_flight f;
    uint32_t length, from, to; /* in flight; to be sent again */
    uint64_t now;
    uint64_t left[BYTES]; /* when byte x left last */
    bool again[BYTES];    /* more than once */
};

/* Runs never call a byte fresh that was resent, and give it no time that is not its own, or that of its run. */
FUZZ_ORACLE static void compare(const struct record *r)
{
    const struct sq_run *run = r->f.run;

    FUZZ_CHECK("FlightValid", flight_valid(&r->f));
    FUZZ_CHECK("FlightLength", flight_length(&r->f) == r->length);
    FUZZ_CHECK("sq_flight.resend", r->f.resend_from == r->from && r->f.resend_to == r->to);
    for (uint32_t x = 0u; x < r->length; x++) {
        run += run->end <= x;
        FUZZ_CHECK("sq_flight.kept", !r->again[x] || run->resent == 1u);
        FUZZ_CHECK("sq_flight.times", run->resent == 1u || run->sent == r->left[x]);
        FUZZ_CHECK("sq_flight.never_later", run->sent <= r->now);
    }
}

FUZZ_ORACLE static void sent(struct record *r, uint32_t n)
{
    struct sq_flight before = r->f;

    sq_flight_sent(&r->f, n, r->now);
    for (uint32_t x = 0u; x < n; x++) {
        r->left[r->length + x] = r->now;
        r->again[r->length + x] = false;
    }
    r->length += n;
    FUZZ_CHECK("sq_flight_sent.fresh", r->f.n > 0u && r->f.run[r->f.n - 1u].sent == r->now &&
                                           r->f.run[r->f.n - 1u].resent == 0u);
    for (uint32_t x = 0u; before.n < SQ_RUNS && x < r->length - n; x++) {
        FUZZ_CHECK("sq_flight_sent.exact",
                   flight_run(&r->f, x)->resent == flight_run(&before, x)->resent);
        FUZZ_CHECK("sq_flight_sent.times",
                   flight_run(&r->f, x)->resent == 1u ||
                       flight_run(&r->f, x)->sent == flight_run(&before, x)->sent);
    }
}

FUZZ_ORACLE static void acked(struct record *r, uint32_t d)
{
    struct sq_flight before = r->f;

    sq_flight_acked(&r->f, d);
    r->length -= d;
    r->from = r->from > d ? r->from - d : 0u;
    r->to = r->to > d ? r->to - d : 0u;
    memmove(r->left, r->left + d, r->length * sizeof r->left[0]);
    memmove(r->again, r->again + d, r->length * sizeof r->again[0]);
    for (uint32_t x = 0u; x < r->length && flight_length(&r->f) == r->length; x++) {
        FUZZ_CHECK("sq_flight_acked.honest",
                   flight_run(&r->f, x)->resent == flight_run(&before, x + d)->resent);
        FUZZ_CHECK("sq_flight_acked.times",
                   flight_run(&r->f, x)->sent == flight_run(&before, x + d)->sent);
    }
}

FUZZ_ORACLE static void resent(struct record *r, uint32_t n)
{
    sq_flight_resent(&r->f, n, r->now);
    for (uint32_t x = r->from; x < r->from + n; x++) {
        r->left[x] = r->now;
        r->again[x] = true;
        FUZZ_CHECK("sq_flight_resent.times", flight_run(&r->f, x)->sent == r->now);
        FUZZ_CHECK("sq_flight_resent.marked", flight_run(&r->f, x)->resent == 1u);
    }
    r->from += n;
}

static void sample(const struct record *r, uint32_t d, uint64_t now)
{
    const struct sq_run *run = flight_run(&r->f, d - 1u);
    uint64_t t = sq_flight_sample(&r->f, d, now);

    if (t != SQ_NEVER) {
        FUZZ_CHECK("sq_flight_sample.once", t <= now && run->sent == t && run->resent == 0u);
        FUZZ_CHECK("sq_flight_sample.karn", !r->again[d - 1u]);
    } else {
        FUZZ_CHECK("sq_flight_sample.taken", run->resent == 1u || run->sent > now);
    }
}

/* A list with some runs in it already, as a long conversation leaves it: their times are few, so that neighbours meet. */
static void begin(struct record *r, struct fuzz_in *in)
{
    uint32_t runs = fuzz_u8(in) % (SQ_RUNS + 1u);

    memset(&r->f, 0, sizeof r->f);
    sq_flight_clear(&r->f);
    r->length = r->from = r->to = 0u;
    r->now = 1u;
    for (uint32_t i = 0u; i < runs; i++) {
        uint32_t how = fuzz_u8(in), n = 1u + how / 8u % 12u;

        for (uint32_t x = r->length; x < r->length + n; x++) {
            r->left[x] = how % 2u;
            r->again[x] = how >= 224u;
        }
        r->length += n;
        r->f.run[i] = (struct sq_run){.end = r->length, .sent = how % 2u, .resent = how >= 224u};
        r->f.n = i + 1u;
    }
    compare(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = {data, size};
    struct record r;

    begin(&r, &in);
    for (uint32_t step = 0u; step < STEPS && in.n > 0u; step++) {
        uint32_t op = fuzz_u8(&in), n = 1u + fuzz_u8(&in) % 60u;

        r.now += op / 64u;
        switch (op % 8u) {
        case 0u:
        case 1u:
        case 2u:
            n = r.length + n > BYTES ? BYTES - r.length : n;
            if (n > 0u) {
                sent(&r, n);
            }
            break;
        case 3u:
            acked(&r, n > r.length ? r.length : n);
            break;
        case 4u:
            r.from = 0u;
            r.to = n > r.length || (op & 8u) != 0u ? r.length : n;
            sq_flight_lost(&r.f, r.to);
            break;
        case 5u:
        case 6u:
            n = n > r.to - r.from ? r.to - r.from : n;
            if (n > 0u) {
                resent(&r, n);
            }
            break;
        default:
            if (r.length > 0u) {
                sample(&r, 1u + n % r.length, r.now - (op & 8u) / 8u * (r.now > 3u ? 3u : 0u));
            }
            break;
        }
        compare(&r);
    }
    return 0;
}
