/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void fuzz_broken(const char *clause, const char *file, int line)
{
    fprintf(stderr, "fuzz: BROKEN %s (%s:%d)\n", clause, file, line);
    fflush(stderr);
    abort();
}
