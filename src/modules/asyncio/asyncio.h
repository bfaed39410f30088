// SPDX-License-Identifier: MIT
// asyncio.h - futures, tasks and their registries as the files of this folder see them.
//
// Read next:   future.c, future_iter.c, task.c, task_step.c, registry.c
#ifndef KRAIT_MODULES_ASYNCIO_ASYNCIO_H
#define KRAIT_MODULES_ASYNCIO_ASYNCIO_H

#include <Python.h>

#include "base/base.h"

typedef struct AsyncioTask AsyncioTask;

// What the module keeps. All objects are owned.
typedef struct {
    PyTypeObject *future_type;
    PyTypeObject *task_type;
    PyTypeObject *iter_type;
    PyTypeObject *step_type;
    PyObject *invalid_state_error; // classes of asyncio.exceptions
    PyObject *cancelled_error;
    PyObject *get_policy;       // functions of the library's Python modules
    PyObject *future_repr;
    PyObject *task_repr;
    PyObject *task_get_stack;
    PyObject *task_print_stack;
    PyObject *iscoroutine;
    PyObject *extract_stack;
    PyObject *foreign_tasks;    // WeakSet of tasks that are no Task
    PyObject *eager_tasks;      // set of tasks in their first step
    PyObject *context_names;    // ("context",)
    PyObject *msg_names;        // ("msg",)
    AsyncioTask *tasks;         // first of the list of registered tasks, borrowed
    uint64_t task_count;        // for names
} AsyncioState;

typedef enum { FUTURE_PENDING, FUTURE_CANCELLED, FUTURE_FINISHED } FutureState;

typedef struct {
    PyObject_HEAD
    AsyncioState *module;    // borrowed: the type keeps the module alive
    PyObject *loop;          // owned; NULL before __init__
    PyObject *callback;      // owned: the first callback and its context,
    PyObject *context;
    PyObject *callbacks;     // owned list of the others, as pairs, or NULL
    PyObject *result;        // owned
    PyObject *exception;     // owned
    PyObject *exception_tb;  // owned, as it was when set
    PyObject *source_tb;     // owned: where it was made, in debug mode
    PyObject *cancel_message; // owned
    PyObject *cancelled_exc; // owned: what ended the task, to be raised once
    PyObject *awaited_by;    // owned: one waiter, or a set of them
    FutureState state;
    bool awaited_by_is_set;
    bool log_traceback;      // the exception has been asked for by nobody
    bool blocking;           // yielded by __await__, as it should be
} AsyncioFuture;

struct AsyncioTask {
    AsyncioFuture future;
    PyObject *coro;         // owned
    PyObject *name;         // owned str; NULL: from number
    PyObject *context;      // owned
    PyObject *waiter;       // owned, the future that it waits for
    AsyncioTask *next;      // list of registered tasks
    AsyncioTask **link;     // what points to this one; NULL: not registered
    uint64_t number;
    Py_ssize_t cancel_requests;
    bool must_cancel;
    bool log_destroy_pending;
};

extern PyModuleDef kr_asyncio_def;
extern PyType_Spec kr_asyncio_future_spec;
extern PyType_Spec kr_asyncio_task_spec;
extern PyType_Spec kr_asyncio_iter_spec;
extern PyType_Spec kr_asyncio_step_spec;

static inline bool
kr_asyncio_is_future(AsyncioState *module, PyObject *op)
{
    return PyObject_TypeCheck(op, module->future_type);
}

static inline bool
kr_asyncio_is_task(AsyncioState *module, PyObject *op)
{
    return PyObject_TypeCheck(op, module->task_type);
}

// Neither of the methods is overridden.
static inline bool
kr_asyncio_is_exact(AsyncioState *module, PyObject *op)
{
    return Py_IS_TYPE(op, module->future_type) || Py_IS_TYPE(op, module->task_type);
}

// --- future.c ----------------------------------------------------------------------

PyObject *kr_asyncio_future_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs);
int kr_asyncio_future_start(AsyncioFuture *self, PyObject *loop);
int kr_asyncio_future_visit(AsyncioFuture *self, visitproc visit, void *arg);
void kr_asyncio_future_clear(AsyncioFuture *self);
void kr_asyncio_future_finalize(PyObject *op);
// 0, or -1 with RuntimeError.
int kr_asyncio_check_started(AsyncioFuture *self);
// Ends the future. 0 or -1; cancel: 1 done, 0 it was over, -1.
int kr_asyncio_set_result(AsyncioFuture *self, PyObject *result);
int kr_asyncio_set_exception(AsyncioFuture *self, PyObject *exception);
int kr_asyncio_cancel(AsyncioFuture *self, PyObject *message);
int kr_asyncio_add_callback(AsyncioFuture *self, PyObject *callback, PyObject *context);
PyObject *kr_asyncio_cancelled_error(AsyncioFuture *self);
// The outcome as a new reference: 0 the result, 1 an exception, -1 error.
int kr_asyncio_outcome(AsyncioFuture *self, PyObject **out);
int kr_asyncio_await(AsyncioState *module, PyObject *future, PyObject *waiter);
int kr_asyncio_stop_await(AsyncioState *module, PyObject *future, PyObject *waiter);
// loop.call_soon(function[, argument], context=context); context may be NULL.
int kr_asyncio_call_soon(AsyncioState *module, PyObject *loop, PyObject *function,
                         PyObject *argument, PyObject *context);
// The loop of anything like a future, a new reference.
PyObject *kr_asyncio_loop_of(AsyncioState *module, PyObject *future);
void kr_asyncio_report(AsyncioFuture *self, PyObject *name, PyObject *message,
                       PyObject *exception);

// --- future_iter.c, task_step.c ----------------------------------------------------

PyObject *kr_asyncio_iter_new(AsyncioFuture *future);
int kr_asyncio_step_soon(AsyncioTask *task, PyObject *exception);
int kr_asyncio_eager_start(AsyncioTask *task);

// --- registry.c --------------------------------------------------------------------

PyObject *kr_asyncio_running_loop(void); // borrowed, or NULL without an exception
PyObject *kr_asyncio_event_loop(AsyncioState *module);
int kr_asyncio_enter_task(PyObject *loop, PyObject *task);
int kr_asyncio_leave_task(PyObject *loop, PyObject *task);
PyObject *kr_asyncio_swap_task(PyObject *loop, PyObject *task);
void kr_asyncio_register(AsyncioTask *task);
void kr_asyncio_unregister(AsyncioTask *task);

#endif // KRAIT_MODULES_ASYNCIO_ASYNCIO_H
