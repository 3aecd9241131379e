/* SPDX-License-Identifier: MIT */
/* A TAP device in a network namespace of its own, made without being root: user namespace, network namespace, device,
   the kernel's address on it. Or, for who may, a device where we are. Linux only. */
#ifndef SQ_TAP_H
#define SQ_TAP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

struct sq_tap {
    int fd;              /* non-blocking: a frame a read, a frame a write */
    bool here;           /* it stands in the network namespace that the program was started in */
    bool user_namespace; /* to enter, its user namespace has to be entered too */
    bool gone;           /* somebody removed it */
    char name[16];
    char error[256]; /* what failed and what to do about it */
};

struct sq_tap_options {
    const char *name;
    bool here;               /* in the network namespace where we are; else in one of our own */
    uint32_t kernel, prefix; /* the kernel's address on the device */
    uint32_t mtu;
};

/* Makes the device, up, with the kernel's address on it; first moves this process into namespaces of its own unless it
   is to stand here. A device that is there already (`ip tuntap add`) is taken as it is. False: `error` says why. */
bool sq_tap_open(struct sq_tap *t, const struct sq_tap_options *set);
/* The device goes with its last user. */
void sq_tap_close(struct sq_tap *t);

/* One frame; 0: none is there, or the device is gone. */
uint32_t sq_tap_read(struct sq_tap *t, uint8_t *frame, uint32_t room);
/* False: the device did not take it. */
bool sq_tap_write(void *tap, const struct iovec *part, int parts);

#endif
