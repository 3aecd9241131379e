/* SPDX-License-Identifier: MIT */
/* System calls by their names, mapped to the user's calls of RFC 9293 3.9.1. */
#include "tests/script/script.h"

#include <stdlib.h>
#include <string.h>

enum { WHY = 200 };

/* ---- what the calls have in common ---- */

struct script_result script_value(int64_t n)
{
    struct script_result r = {n, "", false};

    return r;
}

static struct script_result failed(const char *error)
{
    struct script_result r = {-1, error, false};

    return r;
}

static struct script_result blocked(const char *error)
{
    struct script_result r = {-1, error, true};

    return r;
}

/* Why a connection is over, as an errno; "": in order, or not over. */
const char *script_reason(const struct sq_conn *c)
{
    static const char *const name[] = {"",           "",
                                       "ECONNRESET", "ECONNREFUSED",
                                       "ETIMEDOUT",  "ECONNABORTED",
                                       "EOVERFLOW",  "EHOSTUNREACH"};

    return c->state == SQ_CLOSED && c->reason < sizeof name / sizeof name[0] ? name[c->reason] : "";
}

bool script_stands(const struct sq_conn *c)
{
    return c->state >= SQ_ESTABLISHED;
}

/* The peer's direction is over and everything is read. */
bool script_at_end(const struct sq_conn *c)
{
    return c->state == SQ_CLOSED ? c->reason == SQ_REASON_DONE : c->receive.rx == SQ_RX_FIN;
}

bool script_may_write(const struct sq_conn *c)
{
    return c->send.closing == 0u && c->send.tx != SQ_TX_NONE && c->send.tx < SQ_TX_FIN_WANTED;
}

/* ---- OPEN ---- */

static struct script_result do_listen(struct script_endpoint *e, struct script_socket *k)
{
    if (k->use != SCRIPT_FRESH) {
        return failed("EINVAL");
    }
    k->use = SCRIPT_LISTENER;
    script_listener_wait(e, k);
    return script_value(0);
}

/* The connection that stands and has no number yet. */
static struct script_result do_accept(struct script_endpoint *e, struct script_socket *k)
{
    if (k->use != SCRIPT_LISTENER) {
        return failed("EINVAL");
    }
    if (e->current == NULL || e->current->fd != -1 || !script_stands(&e->current->c)) {
        return blocked("EAGAIN");
    }
    e->current->fd = e->next_fd++;
    return script_value(e->current->fd);
}

static struct script_result do_connect(struct script_endpoint *e, struct script_socket *k)
{
    if (k->use == SCRIPT_LISTENER) {
        return failed("EINVAL");
    }
    if (k->use == SCRIPT_CONNECTION) {
        if (k->c.state == SQ_CLOSED) {
            return failed(script_reason(&k->c));
        }
        return script_stands(&k->c) ? script_value(0) : blocked("EALREADY");
    }
    if (!script_socket_rings(k) || sq_open_active(&k->c, &k->settings, k->send_ring,
                                                  k->receive_ring, e->numbers->iss) != SQ_OK) {
        return failed("EINVAL");
    }
    k->use = SCRIPT_CONNECTION;
    e->current = k;
    return blocked("EINPROGRESS");
}

/* ---- SEND, RECEIVE ---- */

static struct script_result do_read(struct script_endpoint *e, struct script_socket *k, uint32_t n)
{
    static uint8_t bytes[65536];
    uint32_t got = sq_read(&k->c, k->receive_memory, bytes, n < sizeof bytes ? n : sizeof bytes);

    for (uint32_t i = 0u; i < got; i++) {
        if (bytes[i] != script_byte(1u, k->peers + 1u + k->got + i)) {
            snprintf(e->error, sizeof e->error, "read a wrong byte at %u",
                     k->peers + 1u + k->got + i);
            break;
        }
    }
    k->got += got;
    if (got > 0u || n == 0u) {
        return script_value(got);
    }
    if (script_reason(&k->c)[0] != '\0') {
        return failed(script_reason(&k->c));
    }
    return script_at_end(&k->c) ? script_value(0) : blocked("EAGAIN");
}

/* SEND; urgent: with the URGENT flag. */
static struct script_result do_write(struct script_endpoint *e, struct script_socket *k, uint32_t n,
                                     bool urgent)
{
    static uint8_t bytes[1u << 20];
    uint32_t took;

    if (script_reason(&k->c)[0] != '\0') {
        return failed(script_reason(&k->c));
    }
    if (!script_may_write(&k->c)) {
        return failed("EPIPE");
    }
    n = n < sizeof bytes ? n : (uint32_t)sizeof bytes;
    for (uint32_t i = 0u; i < n; i++) {
        bytes[i] = script_byte(0u, 1u + k->written + i);
    }
    took = sq_write(&k->c, k->send_memory, bytes, n, script_endpoint_clock(e));
    k->written += took;
    if (urgent && sq_urge(&k->c) != SQ_OK) {
        return failed("EINVAL");
    }
    return took > 0u || n == 0u ? script_value(took) : failed("EAGAIN");
}

/* What was never sent is given up; the next SEND takes its place in the stream. */
static struct script_result do_flush(struct script_socket *k)
{
    uint32_t gone = sq_flush(&k->c);

    k->written -= gone;
    return script_value(gone);
}

/* ---- CLOSE, ABORT ---- */

static struct script_result do_shutdown(struct script_endpoint *e, struct script_socket *k)
{
    uint32_t said = sq_close(&k->c, script_endpoint_clock(e));

    if (said == SQ_ERROR_NO_CONNECTION) {
        return failed("ENOTCONN");
    }
    return said == SQ_OK ? script_value(0) : failed("EALREADY");
}

/* CLOSE, or with SO_LINGER of no time ABORT. The connection stays to be looked at. */
static struct script_result do_close(struct script_endpoint *e, struct script_socket *k)
{
    if (k->use != SCRIPT_CONNECTION) {
        if (k->use == SCRIPT_LISTENER && e->current != NULL && e->current->c.state == SQ_LISTEN) {
            (void)sq_close(&e->current->c, script_endpoint_clock(e));
        }
        script_socket_free(k);
        return script_value(0);
    }
    if (k->linger) {
        (void)sq_abort(&k->c);
    } else {
        (void)sq_close(&k->c, script_endpoint_clock(e));
    }
    k->closed = true;
    return script_value(0);
}

/* ---- by name ---- */

static struct script_result on_connection(struct script_endpoint *e, struct script_socket *k,
                                          const struct script_call *call, char *why)
{
    const char *name = call->name;
    uint32_t n = (uint32_t)strtoul(call->arg[2], NULL, 10);

    if (strcmp(name, "close") == 0) {
        return do_close(e, k);
    }
    if (k->use != SCRIPT_CONNECTION) {
        return failed("ENOTCONN");
    }
    if (strcmp(name, "read") == 0 || strcmp(name, "recv") == 0) {
        return do_read(e, k, n);
    }
    if (strcmp(name, "write") == 0 || strcmp(name, "send") == 0) {
        return do_write(e, k, n, call->args == 4u && strcmp(call->arg[3], "MSG_OOB") == 0);
    }
    if (strcmp(name, "flush") == 0) {
        return do_flush(k);
    }
    if (strcmp(name, "reports") == 0) {
        (void)sq_reports(&k->c);
        return script_value(0);
    }
    if (strcmp(name, "shutdown") == 0) {
        if (strcmp(call->arg[1], "SHUT_WR") != 0) {
            snprintf(why, WHY, "not supported: shutdown with %s, only SHUT_WR is", call->arg[1]);
            return script_value(0);
        }
        return do_shutdown(e, k);
    }
    snprintf(why, WHY, "not supported: %s()", name);
    return script_value(0);
}

bool script_call_make(struct script_endpoint *e, const struct script_call *call,
                      struct script_result *r, char *why)
{
    static const struct {
        const char *name;
        struct script_result (*make)(struct script_endpoint *, struct script_socket *);
    } opens[] = {{"listen", do_listen}, {"accept", do_accept}, {"connect", do_connect}};
    struct script_socket *k = script_socket_find(e, (int32_t)strtol(call->arg[0], NULL, 10));

    why[0] = '\0';
    if (strcmp(call->name, "socket") == 0) {
        k = script_socket_new(e, e->next_fd);
        *r = k == NULL ? failed("EMFILE") : script_value(e->next_fd++);
        return true;
    }
    if (strcmp(call->name, "poll") == 0) {
        *r = script_poll(e, call, why);
        return why[0] == '\0';
    }
    if (k == NULL || k->closed) {
        *r = failed("EBADF");
        return true;
    }
    for (size_t i = 0u; i < 3u; i++) {
        if (strcmp(call->name, opens[i].name) == 0) {
            *r = opens[i].make(e, k);
            script_endpoint_poll(e);
            return true;
        }
    }
    if (strcmp(call->name, "bind") == 0 || strcmp(call->name, "fcntl") == 0) {
        *r = script_value(0);
    } else if (strcmp(call->name, "setsockopt") == 0) {
        *r = script_setsockopt(k, call, why);
    } else if (strcmp(call->name, "getsockopt") == 0) {
        *r = script_getsockopt(k, call, why);
    } else {
        *r = on_connection(e, k, call, why);
        script_endpoint_poll(e);
    }
    return why[0] == '\0';
}
