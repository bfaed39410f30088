// SPDX-License-Identifier: MIT
// state_mem.h - what one interpreter keeps for this room.
#ifndef KRAIT_OBJECTS_STATE_MEM_H
#define KRAIT_OBJECTS_STATE_MEM_H

#include <Python.h>

typedef struct KrMemState {
    int unused;
} KrMemState;

#endif // KRAIT_OBJECTS_STATE_MEM_H
