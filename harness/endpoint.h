/* SPDX-License-Identifier: MIT */
/* What every command with an endpoint does first and last: the status socket, the namespaces, the device, the signals. */
#ifndef SQ_ENDPOINT_H
#define SQ_ENDPOINT_H

#include "control.h"
#include "options.h"

struct sq_endpoint {
    struct sq_net net;
    struct sq_control control;
    sigset_t open; /* the signals that may come while we wait */
};

/* True from the first SIGINT, SIGTERM or SIGHUP on; a second one ends the program at once. */
bool sq_endpoint_stopped(void);
/* True once after each SIGUSR1. */
bool sq_endpoint_asked(void);

/* False: standard error says why. */
bool sq_endpoint_open(struct sq_endpoint *e, const struct sq_options *o);
/* The loop is over: from here on a second signal is not held back, whatever we may hang in. */
void sq_endpoint_let_signals(const struct sq_endpoint *e);
/* Resets what still stands; the device and the status socket are gone afterwards. */
void sq_endpoint_close(struct sq_endpoint *e);

/* The words before a command that is to run where the endpoint can be reached: "nsenter ... ", or "" for here. */
const char *sq_endpoint_prefix(const struct sq_endpoint *e, char *text, size_t room);

#endif
