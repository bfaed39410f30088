// SPDX-License-Identifier: MIT
// tracemalloc.h - starting and stopping the tracing of allocations.
#ifndef KRAIT_RUNTIME_TRACEMALLOC_H
#define KRAIT_RUNTIME_TRACEMALLOC_H

#include "Python.h"

#define KR_TRACEMALLOC_MAX_FRAMES 65535

// Starts tracing (-X tracemalloc, PYTHONTRACEMALLOC); does nothing if it is on.
// 1 <= frames <= KR_TRACEMALLOC_MAX_FRAMES. 0, or -1 with MemoryError.
int kr_tracemalloc_start(int frames);
// Ends it and forgets all traces.
void kr_tracemalloc_stop(void);

#endif // KRAIT_RUNTIME_TRACEMALLOC_H
