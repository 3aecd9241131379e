/* SPDX-License-Identifier: MIT */
/* Many idle connections on the core's second layer alone: index, deadlines, blocks.
   usage: bench_table N SEGMENTS TICKS; prints `name value` lines. SEGMENTS segments arrive, each for a connection drawn at
   random (find it, hand it a pure ACK, note its deadline); TICKS deadlines come (the first is found, its slot gets another).
   With SEGMENTS or TICKS 0 the rest is what filling costs: callgrind takes the difference of two runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/sequent.h"

enum { RING = 65536 };

struct endpoint {
    struct sq_conn *conn;
    struct sq_index index;
    struct sq_pool pool;
    uint64_t *tree;
    uint32_t free, n;
    uint64_t bytes;
};

static uint64_t draw_state = 1u;

static uint32_t draw(uint32_t below)
{
    draw_state = draw_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((draw_state >> 33) % below);
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *take(struct endpoint *p, size_t size)
{
    void *memory = calloc(1, size);

    if (memory == NULL) {
        fprintf(stderr, "bench_table: no memory for %zu bytes more; try a smaller N\n", size);
        exit(1);
    }
    p->bytes += size;
    return memory;
}

static struct sq_ends ends(uint32_t i)
{
    return (struct sq_ends){0xC0000201u, 0x0A000000u + i / 50000u, 80u, 10000u + i % 50000u};
}

/* N connections in ESTABLISHED, all copies of one that went through its handshake. */
static void fill(struct endpoint *p, uint32_t n)
{
    struct sq_settings set;
    struct sq_segment_info info = {1000000u, 0u, 77u};
    struct sq_header h;
    struct sq_emit m;
    struct sq_conn c;
    uint8_t none[1] = {0};

    memset(p, 0, sizeof *p);
    p->n = n;
    p->index.buckets = n / 4u + 1u;
    p->index.size = n;
    p->index.seed = sq_sip_start((struct sq_key){1u, 2u});
    p->index.slot = take(p, sizeof *p->index.slot * SQ_BUCKET * (p->index.buckets + 1u));
    p->index.name = take(p, sizeof *p->index.name * n);
    p->pool = (struct sq_pool){take(p, 4u * (size_t)n), take(p, 4u * (size_t)n), &p->free, n};
    p->tree = take(p, 16u * (size_t)n);
    p->conn = take(p, sizeof *p->conn * n);
    sq_index_clear(p->index);
    sq_pool_clear(p->pool);
    sq_deadlines_clear(p->tree, n);

    sq_settings_default(&set);
    sq_init(&c);
    (void)sq_open_passive(&c, &set, RING, RING);
    memset(&h, 0, sizeof h);
    h.seq = 1000u;
    h.flags = SQ_SYN;
    h.window = 65535u;
    (void)sq_input(&c, none, &h, none, &info);
    while (sq_output(&c, &m, 1460u, info.now) != SQ_DUE_NONE) {
    }
    h.seq = 1001u;
    h.ack = 78u;
    h.flags = SQ_ACK;
    (void)sq_input(&c, none, &h, none, &info);
    if (c.state != SQ_ESTABLISHED) {
        fprintf(stderr, "bench_table: no connection\n");
        exit(1);
    }
    for (uint32_t i = 0u; i < n; i++) {
        uint32_t e = sq_pool_take(p->pool);

        if (e == SQ_NOBODY || sq_index_insert(p->index, e, ends(i)) != 1u) {
            fprintf(stderr, "bench_table: connection %u finds no place\n", i);
            exit(1);
        }
        p->conn[e] = c;
        sq_deadlines_set(p->tree, n, e, 10000000u + draw(1000000000u));
    }
}

static void segments(struct endpoint *p, uint32_t count)
{
    struct sq_header h;
    struct sq_segment_info info = {1000001u, 0u, 77u};
    uint8_t none[1] = {0};

    memset(&h, 0, sizeof h);
    h.seq = 1001u;
    h.ack = 78u;
    h.flags = SQ_ACK;
    h.window = 65535u;
    for (uint32_t k = 0u; k < count; k++) {
        uint32_t e = sq_index_find(p->index, ends(draw(p->n)));

        if (e == SQ_NOBODY || sq_input(&p->conn[e], none, &h, none, &info) != SQ_SEGMENT_ACCEPTED) {
            fprintf(stderr, "bench_table: a segment did not find its connection\n");
            exit(1);
        }
        sq_deadlines_set(p->tree, p->n, e, 10000000u + draw(1000000000u));
    }
}

static void ticks(struct endpoint *p, uint32_t count)
{
    for (uint32_t k = 0u; k < count; k++) {
        uint32_t e = sq_deadlines_first(p->tree, p->n);

        sq_tick(&p->conn[e], sq_deadlines_earliest(p->tree, p->n));
        sq_deadlines_set(p->tree, p->n, e, 1000000000u + draw(1000000000u));
    }
}

static uint32_t number(const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end != '\0' || n > 50000000u) {
        fprintf(stderr, "bench_table: \"%s\" is not a number from 0 to 50000000\n", text);
        exit(2);
    }
    return (uint32_t)n;
}

int main(int argc, char **argv)
{
    static struct endpoint p;
    struct rusage use;
    uint32_t n, s, t;
    double began;

    if (argc != 4 || number(argv[1]) == 0u) {
        fprintf(stderr, "usage: bench_table N SEGMENTS TICKS, N at least 1\n");
        return 2;
    }
    n = number(argv[1]);
    s = number(argv[2]);
    t = number(argv[3]);
    fill(&p, n);
    began = seconds();
    segments(&p, s);
    printf("ns_per_segment %.0f\n", s == 0u ? 0.0 : (seconds() - began) * 1e9 / s);
    began = seconds();
    ticks(&p, t);
    printf("ns_per_tick %.0f\n", t == 0u ? 0.0 : (seconds() - began) * 1e9 / t);
    getrusage(RUSAGE_SELF, &use);
    printf("bytes_per_connection %.1f\n", (double)p.bytes / n);
    printf("of_it_block %zu\n", sizeof(struct sq_conn));
    printf("resident_megabytes %.1f\n", (double)use.ru_maxrss / 1024.0);
    return 0;
}
