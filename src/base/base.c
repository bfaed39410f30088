// SPDX-License-Identifier: MIT
// base.c - the end of the road for broken invariants.
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>

void
kr_panic(const char *file, int line, const char *what)
{
    fprintf(stderr, "Krait: broken invariant at %s:%d: %s\n", file, line, what);
    fflush(stderr);
    abort();
}
