// SPDX-License-Identifier: MIT
// state_vm.h - what one interpreter keeps for the machine.
#ifndef KRAIT_OBJECTS_STATE_VM_H
#define KRAIT_OBJECTS_STATE_VM_H

#include <Python.h>

// Address space of one thread's frame stack; pages are used as they are reached.
#define KR_FRAME_STACK_BYTES (UINT64_C(256) << 20)
#define KR_THREAD_FRAME_STACK_BYTES (UINT64_C(16) << 20)

#define KR_VM_EVENTS 19
#define KR_VM_TOOLS 8

typedef struct KrVmState {
    int recursion_limit;
    uint32_t func_version;    // last version given to a function
    PyObject *parked;         // list of objects that borrowed words may name
    int (*pending[32])(void *); // Py_AddPendingCall, a ring
    void *pending_arg[32];
    int pending_first;
    int pending_count;
    // Events (vm/events.h); tools are bits of a byte.
    uint8_t event_tools[KR_VM_EVENTS]; // tools that watch all code, by event
    PyObject *event_callbacks[KR_VM_TOOLS][KR_VM_EVENTS]; // owned, or NULL
    PyObject *tool_names[KR_VM_TOOLS]; // owned; NULL: not in use
    PyObject *event_disable;  // owned: sys.monitoring.DISABLE
    PyObject *event_missing;  // owned: sys.monitoring.MISSING
    struct KrExec *all_code;  // list of all plain forms
    bool exception_events;    // somebody watches what the unwinder does
    uint64_t event_epoch;     // surveys of running frames
} KrVmState;

#endif // KRAIT_OBJECTS_STATE_VM_H
