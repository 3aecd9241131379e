/* SPDX-License-Identifier: MIT */
/* The same world under SPIN: its state vector is the world in plain bytes (raw.h), its steps are raw_apply. SPIN brings
   a search and a store of states of its own; the sources of the core are those of the library. The experiment's words
   come from the environment, MODEL_WORDS. SPIN counts one state more, the one before the world begins. */
c_decl {
\#include "spec/model/raw.h"
\#include <stdio.h>
\#include <stdlib.h>
\#include <string.h>
extern struct world world;
}
c_track "&world" "sizeof(struct world)"

c_code {
struct world world;

static void begin(void)
{
    char *words = strdup(getenv("MODEL_WORDS") != NULL ? getenv("MODEL_WORDS") : "");
    static char *word[64];
    int n = 0;

    for (char *w = strtok(words, " "); w != NULL && n < 64; w = strtok(NULL, " ")) {
        word[n++] = w;
    }
    model_default();
    for (int k = 0; k < n; k++) {
        if (!model_option(word[k])) {
            exit(2);
        }
    }
    raw_begin(&world);
}

static int may(uint32_t event)
{
    struct world to = world;
    enum bad bad;

    return raw_enabled(&to, event) && raw_apply(&to, event, &bad);
}

static void happen(uint32_t event)
{
    enum bad bad;

    (void)raw_apply(&world, event, &bad);
    bad = bad == BAD_NONE ? raw_look(&world) : bad;
    if (bad != BAD_NONE) {
        printf("violated: %s\n", bad_name(bad));
        exit(1);
    }
}
}

#define E(k) :: d_step { c_expr { (may(k)) } -> c_code { happen(k); } }
#define E10(t) E(t##0) E(t##1) E(t##2) E(t##3) E(t##4) E(t##5) E(t##6) E(t##7) E(t##8) E(t##9)

active proctype all()
{
    c_code { begin(); };
    do
    E(0) E(1) E(2) E(3) E(4) E(5) E(6) E(7) E(8) E(9)
    E10(1) E10(2) E10(3) E10(4)
    E(50) E(51) E(52) E(53) E(54) E(55) E(56) E(57) E(58)
    od
}
