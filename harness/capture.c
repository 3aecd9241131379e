/* SPDX-License-Identifier: MIT */
/* pcapng blocks, in the byte order of this machine, as the format asks for. draft-ietf-opsawg-pcapng 3, 4 */
#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/config.h"

#define GATHER 1048576u /* bytes of blocks that wait in memory at most, but for the last one */

enum {
    SECTION = 0x0a0d0d0a,
    INTERFACE = 1,
    ENHANCED_PACKET = 6,
    ORDER = 0x1a2b3c4d,
    ETHERNET = 1, /* link type */
    OPTION_COMMENT = 1,
    OPTION_USER_APPLICATION = 4,
    OPTION_INTERFACE_NAME = 2,
    OPTION_FLAGS = 2,
    INBOUND = 1,
    OUTBOUND = 2
};

/* The capture is over, for this reason; everything else goes on. */
static void give_up(struct sq_capture *c, int why)
{
    if (c->length > 0u) /* else the program does not start, and says so itself */
        fprintf(stderr,
                "sequent: --pcap '%s': %s. The capture ends after %llu bytes; the endpoint goes on "
                "(counter capture_lost). Free some room or choose another file, then start again\n",
                c->path, strerror(why), (unsigned long long)c->length);
    /* A block in parts would spoil the file for its readers. */
    if (ftruncate(c->fd, (off_t)c->length) != 0 && c->length > 0u)
        fprintf(stderr, "sequent: --pcap '%s': its last block is not whole\n", c->path);
    close(c->fd);
    errno = why;
    c->fd = -1;
    c->ready.n = 0u;
    c->later.n = 0u;
}

/* ---- blocks in memory ---- */

static void put(struct sq_capture_blocks *b, const void *bytes, size_t n)
{
    static const uint8_t zero[4];
    size_t padded = (n + 3u) / 4u * 4u;

    if (n > 0u)
        memcpy(b->bytes + b->n, bytes, n);
    memcpy(b->bytes + b->n + n, zero, padded - n);
    b->n += padded;
}

static void put32(struct sq_capture_blocks *b, uint32_t x)
{
    put(b, &x, 4u);
}

static void put_option(struct sq_capture_blocks *b, uint16_t code, const void *bytes, size_t n)
{
    uint16_t head[2] = {code, (uint16_t)n};

    put(b, head, sizeof head);
    put(b, bytes, n);
}

/* Room for a block with so many bytes of contents. */
static bool make_room(struct sq_capture_blocks *b, size_t contents)
{
    size_t need = b->n + contents + 256u;
    uint8_t *bytes;

    if (need <= b->room)
        return true;
    need += need / 2u;
    bytes = realloc(b->bytes, need);
    if (bytes == NULL)
        return false;
    b->bytes = bytes;
    b->room = need;
    return true;
}

static size_t begin_block(struct sq_capture_blocks *b, uint32_t type)
{
    size_t at = b->n;

    put32(b, type);
    put32(b, 0u);
    return at;
}

/* The length stands at both ends of a block. */
static void end_block(struct sq_capture_blocks *b, size_t at)
{
    uint32_t length = (uint32_t)(b->n - at + 4u);

    put32(b, length);
    memcpy(b->bytes + at + 4u, &length, sizeof length);
}

static void put_head(struct sq_capture_blocks *b, const char *device)
{
    static const char application[] = "sequent " SQ_VERSION;
    const uint16_t version[2] = {1u, 0u}, link[2] = {ETHERNET, 0u};
    const uint64_t unknown = UINT64_MAX; /* the section's length */
    size_t at = begin_block(b, SECTION);

    put32(b, ORDER);
    put(b, version, sizeof version);
    put(b, &unknown, sizeof unknown);
    put_option(b, OPTION_USER_APPLICATION, application, sizeof application - 1u);
    put32(b, 0u);
    end_block(b, at);
    at = begin_block(b, INTERFACE);
    put(b, link, sizeof link);
    put32(b, 0u); /* frames are whole; times are microseconds, the default */
    put_option(b, OPTION_INTERFACE_NAME, device, strlen(device));
    put32(b, 0u);
    end_block(b, at);
}

static void put_frame(struct sq_capture *c, struct sq_capture_blocks *b, const struct iovec *part,
                      int parts, uint64_t now, uint32_t way, const char *comment)
{
    uint64_t then = c->zero + now;
    uint32_t n = 0u;
    size_t at;

    for (int i = 0; i < parts; i++)
        n += (uint32_t)part[i].iov_len;
    if (!make_room(b, n + SQ_CAPTURE_COMMENT)) {
        c->counters->capture_lost++;
        return;
    }
    at = begin_block(b, ENHANCED_PACKET);
    put32(b, 0u);
    put32(b, (uint32_t)(then >> 32));
    put32(b, (uint32_t)(then & UINT32_MAX));
    put32(b, n);
    put32(b, n);
    for (int i = 0; i < parts; i++) {
        memcpy(b->bytes + b->n, part[i].iov_base, part[i].iov_len);
        b->n += part[i].iov_len;
    }
    for (; b->n % 4u != 0u; b->n++)
        b->bytes[b->n] = 0u;
    put_option(b, OPTION_FLAGS, &way, sizeof way);
    if (comment[0] != '\0')
        put_option(b, OPTION_COMMENT, comment, strnlen(comment, SQ_CAPTURE_COMMENT));
    put32(b, 0u);
    end_block(b, at);
    c->counters->capture_frames++;
}

/* ---- the file ---- */

/* How many of the first n bytes are whole blocks. */
static size_t whole(const struct sq_capture_blocks *b, size_t n)
{
    size_t at = 0u;

    while (at + 8u <= n) {
        uint32_t length;

        memcpy(&length, b->bytes + at + 4u, sizeof length);
        if (at + length > n)
            break;
        at += length;
    }
    return at;
}

/* Frames among the blocks from `at` on. */
static uint64_t frames_from(const struct sq_capture_blocks *b, size_t at)
{
    uint64_t frames = 0u;

    while (at + 8u <= b->n) {
        uint32_t head[2];

        memcpy(head, b->bytes + at, sizeof head);
        frames += head[0] == ENHANCED_PACKET;
        at += head[1];
    }
    return frames;
}

void sq_capture_flush(struct sq_capture *c)
{
    size_t done = 0u;

    while (c->fd >= 0 && done < c->ready.n) {
        ssize_t n = write(c->fd, c->ready.bytes + done, c->ready.n - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            int why = n == 0 ? ENOSPC : errno;
            size_t kept = whole(&c->ready, done);
            uint64_t lost = frames_from(&c->ready, kept);

            c->length += kept;
            c->counters->capture_frames -= lost;
            c->counters->capture_lost += lost;
            give_up(c, why);
            return;
        }
        done += (size_t)n;
    }
    c->length += done;
    c->ready.n = 0u;
}

bool sq_capture_open(struct sq_capture *c, const char *path, const char *device,
                     struct sq_counters *counters, uint64_t now)
{
    struct timespec t;

    memset(c, 0, sizeof *c);
    c->path = path;
    c->counters = counters;
    c->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (c->fd < 0)
        return false;
    clock_gettime(CLOCK_REALTIME, &t);
    c->zero = (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u - now;
    if (!make_room(&c->ready, 256u))
        return false;
    put_head(&c->ready, device);
    sq_capture_flush(c);
    return c->fd >= 0;
}

void sq_capture_close(struct sq_capture *c)
{
    if (c->fd >= 0) {
        sq_capture_flush(c);
        if (c->fd >= 0)
            close(c->fd);
    }
    free(c->ready.bytes);
    free(c->later.bytes);
    memset(c, 0, sizeof *c);
    c->fd = -1;
}

void sq_capture_begin(struct sq_capture *c)
{
    c->arriving = true;
}

void sq_capture_in(struct sq_capture *c, const uint8_t *frame, uint32_t n, uint64_t now,
                   const char *comment)
{
    struct iovec part = {(void *)(uintptr_t)frame, n};

    c->arriving = false;
    if (c->fd < 0) {
        c->counters->capture_lost++;
        return;
    }
    put_frame(c, &c->ready, &part, 1, now, INBOUND, comment);
    if (c->later.n > 0u && make_room(&c->ready, c->later.n))
        put(&c->ready, c->later.bytes, c->later.n);
    c->later.n = 0u;
    if (c->ready.n >= GATHER)
        sq_capture_flush(c);
}

void sq_capture_out(struct sq_capture *c, const struct iovec *part, int parts, uint64_t now,
                    const char *comment)
{
    if (c->fd < 0) {
        c->counters->capture_lost++;
        return;
    }
    put_frame(c, c->arriving ? &c->later : &c->ready, part, parts, now, OUTBOUND, comment);
    if (c->ready.n >= GATHER)
        sq_capture_flush(c);
}
