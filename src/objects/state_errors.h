// SPDX-License-Identifier: MIT
// state_errors.h - what one interpreter keeps for this room.
#ifndef KRAIT_OBJECTS_STATE_ERRORS_H
#define KRAIT_OBJECTS_STATE_ERRORS_H

#include <Python.h>

typedef struct KrErrorsState {
    int unused;
} KrErrorsState;

#endif // KRAIT_OBJECTS_STATE_ERRORS_H
