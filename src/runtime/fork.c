// SPDX-License-Identifier: MIT
// fork.c - what has to happen around fork().
#include "objects/async.h"
#include "objects/ids.h"
#include "objects/state.h"
#include "runtime/import/import.h"
#include "runtime/module_api.h"
#include "runtime/signals.h"
#include "runtime/threads/threads.h"
#include "vm/gil.h"

int
kr_fork_hook_add(int which, PyObject *callable)
{
    PyObject **list = &kr_interp()->runtime.fork_hooks[which];

    if (*list == NULL) {
        *list = PyList_New(0);
        if (*list == NULL) {
            return -1;
        }
    }
    return PyList_Append(*list, callable);
}

// Calls the hooks, those of "before" the last registered first.
static void
run_hooks(int which, bool reverse)
{
    PyObject *list = kr_interp()->runtime.fork_hooks[which];
    PyObject *copy;
    Py_ssize_t count;

    if (list == NULL) {
        return;
    }
    copy = PyList_GetSlice(list, 0, PyList_GET_SIZE(list));
    if (copy == NULL) {
        PyErr_WriteUnraisable(list);
        return;
    }
    count = PyList_GET_SIZE(copy);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *hook = PyList_GET_ITEM(copy, reverse ? count - 1 - i : i);
        PyObject *result = PyObject_CallNoArgs(hook);
        if (result == NULL) {
            PyErr_FormatUnraisable("Exception ignored in fork hook %R", hook);
        }
        Py_XDECREF(result);
    }
    Py_DECREF(copy);
}

void
PyOS_BeforeFork(void)
{
    run_hooks(0, true);
    // Nobody else may be in the middle of an import when memory is copied.
    kr_import_lock_acquire(kr_interp());
}

void
PyOS_AfterFork_Parent(void)
{
    kr_import_lock_release(kr_interp());
    run_hooks(2, false);
}

void
PyOS_AfterFork_Child(void)
{
    PyInterpreterState *interp = kr_interp();

    kr_threads_after_fork();
    kr_import_lock_after_fork(interp);
    kr_import_lock_release(interp);
    kr_threads_clear_after_fork();
    kr_signals_after_fork(interp);
    // The parent's event loop goes on there.
    KrThreadAsync *async = kr_thread_async(kr_thread());
    Py_CLEAR(async->task);
    Py_CLEAR(async->loop);
    run_hooks(1, false);
}

void
PyOS_AfterFork(void)
{
    PyOS_AfterFork_Child();
}
