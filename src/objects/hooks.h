// SPDX-License-Identifier: MIT
// hooks.h - the calls that the object layer makes upward.
//
// The layers above fill the table before the first object is made. Public API
// functions of upper layers (PyImport_*, PyEval_*, PySys_*) are called by their
// names; only what has no public name is listed here.
#ifndef KRAIT_OBJECTS_HOOKS_H
#define KRAIT_OBJECTS_HOOKS_H

#include <Python.h>

#include "objects/kv.h"

typedef struct KrHooks {
    // Frees what the machine keeps at code->co_executors. NULL until the VM is up.
    void (*code_dealloc)(PyCodeObject *code);
    // Runs the Python handlers of signals that came in; -1 when one raised.
    int (*run_signals)(PyThreadState *tstate);
    // super() without arguments: the class (from the __class__ cell) and the first
    // argument of the calling frame, new references. 0, or -1 with RuntimeError set.
    int (*super_arguments)(PyTypeObject **type_out, PyObject **obj_out);
    // The next item of a generator as a tagged word: 1, 0 at the end, -1 with an
    // exception set.
    int (*gen_next_word)(PyObject *generator, KV *word_out);
    // Adds to the message of a fatal error where all threads are. Async-signal-safe.
    void (*report_fatal_error)(int fd);
} KrHooks;

extern KrHooks kr_hooks;

#endif // KRAIT_OBJECTS_HOOKS_H
