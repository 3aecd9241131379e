/* SPDX-License-Identifier: MIT */
/* A TAP device in a network namespace of its own, made without being root: user namespace, network namespace, device,
   the kernel's address on it. Linux only. */
#ifndef SQ_TAP_H
#define SQ_TAP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

struct sq_tap {
    int fd;              /* non-blocking: a frame a read, a frame a write */
    bool user_namespace; /* to enter, its user namespace has to be entered too */
    char name[16];
    char error[256]; /* what failed and what to do about it */
};

/* Moves this process into its namespaces and makes the device `name` there, up, with the address `kernel`/prefix on the
   kernel's side. False: `error` says why. */
bool sq_tap_open(struct sq_tap *t, const char *name, uint32_t kernel, uint32_t prefix,
                 uint32_t mtu);
/* The device goes with its last user. */
void sq_tap_close(struct sq_tap *t);

/* One frame; 0: none is there. */
uint32_t sq_tap_read(struct sq_tap *t, uint8_t *frame, uint32_t room);
/* False: the device did not take it. */
bool sq_tap_write(void *tap, const struct iovec *part, int parts);

#endif
