// SPDX-License-Identifier: MIT
// state_gc.h - what one interpreter keeps for this room.
#ifndef KRAIT_OBJECTS_STATE_GC_H
#define KRAIT_OBJECTS_STATE_GC_H

#include <Python.h>

typedef struct KrGcState {
    int unused;
} KrGcState;

#endif // KRAIT_OBJECTS_STATE_GC_H
