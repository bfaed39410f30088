// SPDX-License-Identifier: MIT
// state_errors.h - what one interpreter keeps for errors, warnings and numbers.
#ifndef KRAIT_OBJECTS_STATE_ERRORS_H
#define KRAIT_OBJECTS_STATE_ERRORS_H

#include <Python.h>

#define KR_MEMORY_ERRORS 16

typedef struct KrErrorsState {
    // MemoryError objects that need no memory to be raised: a list by `dict`.
    PyBaseExceptionObject *memory_errors;
    int memory_errors_count;
    PyObject *exception_group;     // the type ExceptionGroup, owned
    PyObject *errno_map;           // dict: errno -> subclass of OSError, owned
    PyTypeObject *unraisable_args; // sys.UnraisableHookArgs, owned

    // Warnings; see runtime/warnings.c.
    PyObject *warnings_filters;    // list of (action, message, category, module, line)
    PyObject *warnings_once;       // dict, owned
    PyObject *warnings_default;    // str, owned
    PyObject *warnings_context;    // the context variable, owned; NULL: not yet
    void *warnings_lock;           // PyThread_type_lock, NULL until needed
    unsigned long warnings_owner;  // thread that holds the lock, 0: none
    int warnings_depth;            // how often it took the lock
    long warnings_version;         // grows when the filters change

    // Numbers.
    int int_max_str_digits;        // sys.set_int_max_str_digits
    PyTypeObject *int_info;        // sys.int_info's type, owned
    PyTypeObject *float_info;      // sys.float_info's type, owned
} KrErrorsState;

// Makes ready errors and numbers; 0, or -1.
int kr_init_errors(PyInterpreterState *interp);
int kr_init_numbers(PyInterpreterState *interp);

#endif // KRAIT_OBJECTS_STATE_ERRORS_H
