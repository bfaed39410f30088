// SPDX-License-Identifier: MIT
// state_vm.h - what one interpreter keeps for this room.
#ifndef KRAIT_OBJECTS_STATE_VM_H
#define KRAIT_OBJECTS_STATE_VM_H

#include <Python.h>

typedef struct KrVmState {
    int unused;
} KrVmState;

#endif // KRAIT_OBJECTS_STATE_VM_H
