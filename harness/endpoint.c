/* SPDX-License-Identifier: MIT */
/* Start and end of an endpoint. */
#include "endpoint.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t stop, report;

static void on_stop(int signal)
{
    (void)signal;
    stop = 1;
}

static void on_report(int signal)
{
    (void)signal;
    report = 1;
}

bool sq_endpoint_stopped(void)
{
    return stop != 0;
}

bool sq_endpoint_asked(void)
{
    bool asked = report != 0;

    report = 0;
    return asked;
}

static void handle(int signal, void (*handler)(int), int flags)
{
    struct sigaction a;

    memset(&a, 0, sizeof a);
    a.sa_handler = handler;
    a.sa_flags = flags;
    sigaction(signal, &a, NULL);
}

/* Signals come only while we wait. */
static void signals(sigset_t *open)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    sigset_t closed;

    sigemptyset(&closed);
    for (size_t i = 0u; i < sizeof ends / sizeof ends[0]; i++) {
        sigaddset(&closed, ends[i]);
        handle(ends[i], on_stop, (int)SA_RESETHAND);
    }
    sigaddset(&closed, SIGUSR1);
    handle(SIGUSR1, on_report, 0);
    handle(SIGPIPE, SIG_IGN, 0);
    handle(SIGXFSZ, SIG_IGN, 0); /* a limit on the capture's size is an error of write() */
    sigprocmask(SIG_BLOCK, &closed, open);
}

bool sq_endpoint_open(struct sq_endpoint *e, const struct sq_options *o)
{
    e->net.epoll = -1;
    e->net.tap.fd = -1;
    if (!sq_control_bind(&e->control, o->control)) {
        fprintf(stderr, "sequent: %s\n", e->control.error);
        sq_control_close(&e->control);
        return false;
    }
    signals(&e->open);
    if (!sq_net_open(&e->net, &o->net)) {
        fprintf(stderr, "sequent: %s\n", e->net.error);
        sq_control_close(&e->control);
        return false;
    }
    if (!sq_control_start(&e->control, &e->net)) {
        fprintf(stderr, "sequent: %s\n", e->control.error);
        sq_endpoint_close(e);
        return false;
    }
    if (o->lossy || o->seeded)
        fprintf(stderr, "sequent: seed %llu\n", (unsigned long long)o->net.stack.wire.seed);
    return true;
}

void sq_endpoint_let_signals(const struct sq_endpoint *e)
{
    sigprocmask(SIG_SETMASK, &e->open, NULL);
}

void sq_endpoint_close(struct sq_endpoint *e)
{
    sq_endpoint_let_signals(e);
    sq_control_close(&e->control);
    sq_net_close(&e->net);
}

const char *sq_endpoint_prefix(const struct sq_endpoint *e, char *text, size_t room)
{
    text[0] = '\0';
    if (!e->net.tap.here)
        snprintf(text, room, "nsenter -t %ld%s -n%s ", (long)getpid(),
                 e->net.tap.user_namespace ? " -U" : "",
                 e->net.tap.user_namespace ? " --preserve-credentials" : "");
    return text;
}
