/* SPDX-License-Identifier: MIT */
/* The application at an end: its program is a word of letters, one for each call; `mc --help` says which. */
#include <string.h>

#include "spec/model/world.h"

static bool over(const struct end *e)
{
    return e->released == 1u || e->c.state == SQ_CLOSED;
}

/* The peer's stream has ended: its FIN was taken, or the connection is over. */
static bool stream_ended(const struct end *e)
{
    return over(e) || (e->c.state >= SQ_CLOSE_WAIT && e->c.state <= SQ_TIME_WAIT);
}

static bool cannot_send(const struct end *e)
{
    return over(e) || (e->c.state >= SQ_FIN_WAIT_1 && e->c.state != SQ_CLOSE_WAIT);
}

/* A server to whom nobody comes is at rest too. */
bool end_ended(const struct end *e, uint32_t i)
{
    char op = model.prog[i][e->pc];

    return op == '\0' || (op == 'e' && e->c.state == SQ_LISTEN);
}

bool end_may_step(const struct end *e, uint32_t i)
{
    struct sq_slices w;

    switch (model.prog[i][e->pc]) {
    case 'o':
        return over(e) || e->c.state == SQ_LISTEN;
    case 'l':
    case 'C':
    case 'x':
        return over(e);
    case 'e':
        return over(e) || e->c.state >= SQ_ESTABLISHED;
    case 's':
        w = sq_writable(&e->c);
        return w.len > 0u || cannot_send(e);
    case 'r':
    case 'R':
        return sq_readable(&e->c).len > 0u || stream_ended(e);
    case 'f':
        return stream_ended(e);
    case '\0':
        return false;
    default: /* CLOSE, ABORT, a crash: at any time */
        return true;
    }
}

/* One byte; false: the stream has ended. */
static bool read_one(struct end *e, struct effect *f)
{
    uint8_t byte;

    if (sq_read(&e->c, e->in, &byte, 1u) == 0u) {
        return false;
    }
    if (e->peer == NOBODY || byte != stream_byte(e->peer, e->heard)) {
        f->bad = BAD_PREFIX;
    }
    e->heard++;
    return true;
}

static void write_one(struct end *e, uint32_t i)
{
    uint8_t byte = stream_byte(i * INCARNATIONS + e->inc, e->sent);

    if (sq_write(&e->c, e->out, &byte, 1u, MODEL_NOW) == 1u) {
        e->sent++;
    }
}

static void crash(struct end *e)
{
    sq_init(&e->c);
    e->released = 1u;
    e->listening = 0u;
}

void end_step(struct end *e, uint32_t i, struct effect *f)
{
    char op = model.prog[i][e->pc];
    uint32_t was = e->c.state;
    bool stay = false;

    memset(f, 0, sizeof *f);
    if ((op == 'o' || op == 'l') && e->opened == 1u && e->inc + 1u == INCARNATIONS) {
        e->listening = 0u; /* no more incarnations: the bound, and the program goes on without */
    } else if (op == 'o') {
        end_open_anew(e);
        e->listening = 0u;
        e->remote = NOBODY;
        e->remote = (uint8_t)end_partner(e, i);
        (void)sq_open_active(&e->c, &model.settings, model.ring, model.ring, iss_of(i, e->inc));
    } else if (op == 'l') {
        end_listen(e);
    } else if (op == 's') {
        write_one(e, i);
    } else if (op == 'r' || op == 'R') {
        stay = read_one(e, f) && op == 'R';
    } else if (op == 'c' && !over(e)) {
        (void)sq_close(&e->c, MODEL_NOW);
    } else if (op == 'a' && !over(e)) {
        e->listening = 0u;
        (void)sq_abort(&e->c);
    } else if (op == 'x') {
        end_release(e, f);
    } else if (op == 'z') {
        crash(e);
    }
    e->pc = (uint8_t)(e->pc + (stay ? 0u : 1u));
    end_settle(e, i, was, end_partner(e, i), f);
}
