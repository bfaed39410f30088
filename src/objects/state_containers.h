// SPDX-License-Identifier: MIT
// state_containers.h - what one interpreter keeps for this room.
#ifndef KRAIT_OBJECTS_STATE_CONTAINERS_H
#define KRAIT_OBJECTS_STATE_CONTAINERS_H

#include <Python.h>

typedef struct KrContainersState {
    int unused;
} KrContainersState;

#endif // KRAIT_OBJECTS_STATE_CONTAINERS_H
