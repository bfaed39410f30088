// SPDX-License-Identifier: MIT
// state_str.h - what one interpreter keeps for this room.
#ifndef KRAIT_OBJECTS_STATE_STR_H
#define KRAIT_OBJECTS_STATE_STR_H

#include <Python.h>

typedef struct KrStrState {
    int unused;
} KrStrState;

#endif // KRAIT_OBJECTS_STATE_STR_H
