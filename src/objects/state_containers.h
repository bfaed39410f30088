// SPDX-License-Identifier: MIT
// state_containers.h - what one interpreter keeps for the containers.
#ifndef KRAIT_OBJECTS_STATE_CONTAINERS_H
#define KRAIT_OBJECTS_STATE_CONTAINERS_H

#include <Python.h>

#define KR_DICT_MAX_WATCHERS 8

typedef struct KrContainersState {
    uint32_t dict_next_version; // last version given to a keys table; UINT32_MAX: spent
    uint32_t dict_epoch;        // start value of the next keys table's epoch
    PyDict_WatchCallback dict_watchers[KR_DICT_MAX_WATCHERS]; // NULL: free
} KrContainersState;

// Makes ready what containers need; 0, or -1 with an exception set.
int kr_init_containers(PyInterpreterState *interp);

#endif // KRAIT_OBJECTS_STATE_CONTAINERS_H
