/* SPDX-License-Identifier: MIT */
/* One connection for a test file that speaks the language of talk.h: a script that fails, fails the test. */
#ifndef TALK_TEST_H
#define TALK_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/fsm/talk.h"

#define SECOND 1000000u

static struct talk t;

static inline void run(const char *script)
{
    talk_run(&t, script);
    if (t.error[0] != '\0') {
        print_message("# %s\n", t.error);
    }
    assert_string_equal(t.error, "");
}

/* A fresh connection, whose numbers wrap soon. */
static inline void begin(const char *script)
{
    talk_begin(&t, 0xfffffff0u, 0x7ffffff0u);
    run(script);
}

static inline void expect_state(uint32_t state)
{
    assert_string_equal(talk_states[t.c.state], talk_states[state]);
}

#endif
