/* SPDX-License-Identifier: MIT */
/* The capture's file, block by block (draft-ietf-opsawg-pcapng 3.1): every block is whole, frames of any length are as they
   were, the answer to a frame stands behind it, and a disk that fills leaves whole blocks only. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#include "harness/capture.h"

struct frame {
    uint32_t length, flags;
    uint8_t first;
    char comment[64];
};

struct file {
    struct frame frame[4096];
    uint32_t n, blocks;
    size_t length;
};

static char path[64];

static uint32_t word(const uint8_t *p)
{
    uint32_t x;

    memcpy(&x, p, sizeof x);
    return x;
}

static void read_options(struct frame *f, const uint8_t *p, const uint8_t *end)
{
    while (p < end) {
        uint32_t code = word(p) & 0xffffu, n = word(p) >> 16;

        if (code == 0u)
            break;
        if (code == 1u) {
            assert_true(n < sizeof f->comment);
            memcpy(f->comment, p + 4, n);
        } else if (code == 2u) {
            f->flags = word(p + 4);
        }
        p += 4u + (n + 3u) / 4u * 4u;
        assert_true(p <= end);
    }
}

/* Reads the file back; anything that is not a whole block fails. */
static void read_back(struct file *f)
{
    FILE *in = fopen(path, "rb");
    uint8_t *bytes = malloc(8000000u);
    size_t n, at = 0u;

    memset(f, 0, sizeof *f);
    assert_non_null(in);
    n = fread(bytes, 1u, 8000000u, in);
    fclose(in);
    while (at < n) {
        uint32_t length;

        assert_true(n - at >= 12u);
        length = word(bytes + at + 4u);
        assert_true(length % 4u == 0u && length >= 12u && length <= n - at);
        assert_int_equal(word(bytes + at + length - 4u), length);
        if (word(bytes + at) == 6u) {
            struct frame *k = &f->frame[f->n++];
            uint32_t size = word(bytes + at + 20u);

            assert_int_equal(size, word(bytes + at + 24u));
            k->length = size;
            k->first = size > 0u ? bytes[at + 28u] : 0u;
            for (uint32_t i = 0u; i < size; i++)
                assert_int_equal(bytes[at + 28u + i], (uint8_t)(k->first + i));
            read_options(k, bytes + at + 28u + (size + 3u) / 4u * 4u, bytes + at + length - 4u);
        }
        f->blocks++;
        at += length;
    }
    f->length = n;
    free(bytes);
}

/* A frame whose bytes count up from `first`. */
static struct iovec frame(uint8_t first, uint32_t n)
{
    static uint8_t bytes[2048];

    for (uint32_t i = 0u; i < n; i++)
        bytes[i] = (uint8_t)(first + i);
    return (struct iovec){bytes, n};
}

static void frames_of_any_length__are_read_back(void **state)
{
    static struct file f;
    struct sq_counters counters = {0};
    struct sq_capture c;

    (void)state;
    assert_true(sq_capture_open(&c, path, "test0", &counters, 0u));
    for (uint32_t n = 14u; n < 1600u; n++) {
        struct iovec part = frame((uint8_t)n, n), two[2];

        two[0] = (struct iovec){part.iov_base, 7u};
        two[1] = (struct iovec){(uint8_t *)part.iov_base + 7, n - 7u};
        sq_capture_out(&c, n % 2u == 0u ? &part : two, n % 2u == 0u ? 1 : 2, n,
                       n % 3u == 0u ? "said" : "");
    }
    sq_capture_close(&c);
    read_back(&f);
    assert_int_equal(f.blocks, 2u + 1586u);
    for (uint32_t i = 0u; i < f.n; i++) {
        assert_int_equal(f.frame[i].length, 14u + i);
        assert_int_equal(f.frame[i].first, (uint8_t)(14u + i));
        assert_int_equal(f.frame[i].flags, 2u);
        assert_string_equal(f.frame[i].comment, (14u + i) % 3u == 0u ? "said" : "");
    }
    assert_int_equal(counters.capture_frames, f.n);
    assert_int_equal(counters.capture_lost, 0u);
}

static void the_answer_to_a_frame__stands_behind_it(void **state)
{
    static struct file f;
    struct sq_counters counters = {0};
    struct sq_capture c;
    struct iovec part;

    (void)state;
    assert_true(sq_capture_open(&c, path, "test0", &counters, 0u));
    sq_capture_begin(&c);
    part = frame(1u, 60u);
    sq_capture_out(&c, &part, 1, 5u, "answer");
    part = frame(2u, 61u);
    sq_capture_in(&c, part.iov_base, 61u, 5u, "question");
    part = frame(3u, 62u);
    sq_capture_out(&c, &part, 1, 6u, "");
    sq_capture_close(&c);
    read_back(&f);
    assert_int_equal(f.n, 3u);
    assert_string_equal(f.frame[0].comment, "question");
    assert_int_equal(f.frame[0].flags, 1u);
    assert_string_equal(f.frame[1].comment, "answer");
    assert_int_equal(f.frame[2].first, 3u);
}

static void a_disk_that_fills__leaves_whole_blocks_and_counts_the_rest(void **state)
{
    static struct file f;
    struct rlimit before, limit;
    struct sq_counters counters = {0};
    struct sq_capture c;

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (rlim_t size = 5000u; size < 5200u; size += 7u) {
        limit = (struct rlimit){size, before.rlim_max};
        memset(&counters, 0, sizeof counters);
        assert_true(sq_capture_open(&c, path, "test0", &counters, 0u));
        sq_capture_flush(&c);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        for (uint32_t i = 0u; i < 100u; i++) {
            struct iovec part = frame((uint8_t)i, 100u);

            sq_capture_out(&c, &part, 1, i, "");
            if (i % 10u == 0u)
                sq_capture_flush(&c);
        }
        sq_capture_close(&c);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        read_back(&f);
        assert_true(f.length <= size && f.length > 4500u);
        assert_int_equal(counters.capture_frames, f.n);
        assert_int_equal(counters.capture_frames + counters.capture_lost, 100u);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_any_length__are_read_back),
        cmocka_unit_test(the_answer_to_a_frame__stands_behind_it),
        cmocka_unit_test(a_disk_that_fills__leaves_whole_blocks_and_counts_the_rest),
    };
    int fd, failed;

    snprintf(path, sizeof path, "/tmp/sequent-capture.XXXXXX");
    fd = mkstemp(path);
    if (fd < 0)
        return 1;
    close(fd);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
