// SPDX-License-Identifier: MIT
// gc.h - the cycle collector, as the machine, start-up and module gc use it.
#ifndef KRAIT_OBJECTS_GC_H
#define KRAIT_OBJECTS_GC_H

#include "Python.h"

#include "objects/alloc.h"

#define KR_GC_DEBUG_STATS 1
#define KR_GC_DEBUG_COLLECTABLE 2
#define KR_GC_DEBUG_UNCOLLECTABLE 4
#define KR_GC_DEBUG_SAVEALL 32
#define KR_GC_DEBUG_LEAK                                                      \
    (KR_GC_DEBUG_COLLECTABLE | KR_GC_DEBUG_UNCOLLECTABLE | KR_GC_DEBUG_SAVEALL)

// Memory and counters of an interpreter; before its first object. 0 or -1.
int kr_init_gc(PyInterpreterState *interp);
// The lists of module gc; once lists can be made. 0 or -1.
int kr_gc_make_lists(PyInterpreterState *interp);
void kr_gc_free_lists(PyInterpreterState *interp);

// Serves KR_POLL_GC: collects the oldest generation that is due. May run any
// Python code; exceptions are reported, never left behind.
void kr_gc_poll(PyThreadState *tstate);

// Collects generations 0 .. generation, with callbacks unless `quiet`. Returns the
// number of unreachable objects; 0 if a collection is already running.
Py_ssize_t kr_gc_collect(PyThreadState *tstate, int generation, bool quiet);

void kr_gc_set_enabled(PyInterpreterState *interp, bool enabled);
void kr_gc_set_threshold(PyInterpreterState *interp, int generation, int threshold);

// Calls visit for each tracked object of ages from .. to (3 is frozen) until it
// returns nonzero, which is the result.
int kr_gc_each(PyInterpreterState *interp, int from, int to, visitproc visit, void *arg);

// All tracked objects join the permanent generation, or leave it for generation 2.
void kr_gc_freeze(PyInterpreterState *interp);
void kr_gc_unfreeze(PyInterpreterState *interp);

#endif // KRAIT_OBJECTS_GC_H
