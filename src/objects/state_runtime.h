// SPDX-License-Identifier: MIT
// state_runtime.h - what one interpreter keeps for this room.
#ifndef KRAIT_OBJECTS_STATE_RUNTIME_H
#define KRAIT_OBJECTS_STATE_RUNTIME_H

#include <Python.h>

typedef struct KrRuntimeState {
    int unused;
} KrRuntimeState;

#endif // KRAIT_OBJECTS_STATE_RUNTIME_H
