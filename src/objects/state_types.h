// SPDX-License-Identifier: MIT
// state_types.h - what one interpreter keeps for this room.
#ifndef KRAIT_OBJECTS_STATE_TYPES_H
#define KRAIT_OBJECTS_STATE_TYPES_H

#include <Python.h>

typedef struct KrTypesState {
    int unused;
} KrTypesState;

#endif // KRAIT_OBJECTS_STATE_TYPES_H
