// SPDX-License-Identifier: MIT
// state_gc.h - the cycle collector of one interpreter.
#ifndef KRAIT_OBJECTS_STATE_GC_H
#define KRAIT_OBJECTS_STATE_GC_H

#include <Python.h>

#define KR_GC_GENERATIONS 3

typedef struct KrGcGeneration {
    int threshold;
    int count;                // generation 0 counts in young_count instead
    Py_ssize_t collections;
    Py_ssize_t collected;
    Py_ssize_t uncollectable;
} KrGcGeneration;

typedef struct KrGcState {
    // Collected objects made less objects freed since the last collection. Above
    // the limit an allocation asks for a run; INT_MAX while none is wanted.
    int young_count;
    int young_limit;
    bool enabled;
    bool collecting;
    int debug;                // DEBUG_* of module gc
    KrGcGeneration generations[KR_GC_GENERATIONS];
    Py_ssize_t long_lived;         // objects that survived the last full collection
    Py_ssize_t long_lived_pending; // objects that reached generation 2 since then
    PyObject *garbage;        // list, owned: what could not be freed
    PyObject *callbacks;      // list, owned
} KrGcState;

#endif // KRAIT_OBJECTS_STATE_GC_H
