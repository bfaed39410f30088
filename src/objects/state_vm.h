// SPDX-License-Identifier: MIT
// state_vm.h - what one interpreter keeps for the machine.
#ifndef KRAIT_OBJECTS_STATE_VM_H
#define KRAIT_OBJECTS_STATE_VM_H

#include <Python.h>

// Address space of one thread's frame stack; pages are used as they are reached.
#define KR_FRAME_STACK_BYTES (UINT64_C(256) << 20)
#define KR_THREAD_FRAME_STACK_BYTES (UINT64_C(16) << 20)

typedef struct KrVmState {
    int recursion_limit;
    uint32_t func_version;    // last version given to a function
    PyObject *parked;         // list of objects that borrowed words may name
    int (*pending[32])(void *); // Py_AddPendingCall, a ring
    void *pending_arg[32];
    int pending_first;
    int pending_count;
    uint64_t events;          // monitoring events that are on anywhere
    PyObject *monitoring;     // owned state of sys.monitoring
} KrVmState;

#endif // KRAIT_OBJECTS_STATE_VM_H
