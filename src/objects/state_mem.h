// SPDX-License-Identifier: MIT
// state_mem.h - the memory of one interpreter.
#ifndef KRAIT_OBJECTS_STATE_MEM_H
#define KRAIT_OBJECTS_STATE_MEM_H

#include <Python.h>

#include "mem/heap.h"

typedef struct KrMemState {
    KrHeap heap;
} KrMemState;

#endif // KRAIT_OBJECTS_STATE_MEM_H
