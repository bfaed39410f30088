// SPDX-License-Identifier: MIT
// registry.c - which loop a thread runs, which task it is in, and all tasks there are.
//
// The running loop and task belong to the thread's state. Tasks of our type stand in a
// list that owns nothing; others in a WeakSet; tasks in their eager first step in a set.
#include "modules/asyncio/asyncio.h"

#include "objects/args.h"
#include "objects/async.h"
#include "objects/ids.h"
#include "objects/state.h"

static AsyncioState *
state_of(PyObject *module)
{
    return PyModule_GetState(module);
}

// --- The running loop --------------------------------------------------------------

PyObject *
kr_asyncio_running_loop(void)
{
    return kr_thread_async(kr_thread())->loop;
}

static PyObject *
require_running_loop(void)
{
    PyObject *loop = kr_asyncio_running_loop();
    if (loop == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "no running event loop");
    }
    return loop;
}

PyObject *
kr_asyncio_event_loop(AsyncioState *module)
{
    PyObject *loop = kr_asyncio_running_loop();
    if (loop != NULL) {
        return Py_NewRef(loop);
    }
    PyObject *policy = PyObject_CallNoArgs(module->get_policy);
    if (policy == NULL) {
        return NULL;
    }
    loop = PyObject_CallMethodNoArgs(policy, KR_ID(get_event_loop));
    Py_DECREF(policy);
    return loop;
}

KR_FUNCTION(_asyncio, "_get_running_loop()",
            "Return the running event loop or None.\n\n"
            "This is a low-level function intended to be used by event loops.\n"
            "This function is thread-specific.")
static PyObject *
asyncio__get_running_loop(PyObject *module)
{
    PyObject *loop = kr_asyncio_running_loop();
    return Py_NewRef(loop == NULL ? Py_None : loop);
}

KR_FUNCTION(_asyncio, "_set_running_loop(loop, /)",
            "Set the running event loop.\n\n"
            "This is a low-level function intended to be used by event loops.\n"
            "This function is thread-specific.")
static PyObject *
asyncio__set_running_loop(PyObject *module, PyObject *loop)
{
    KrThreadAsync *thread = kr_thread_async(kr_thread());
    Py_XSETREF(thread->loop, loop == Py_None ? NULL : Py_NewRef(loop));
    Py_RETURN_NONE;
}

KR_FUNCTION(_asyncio, "get_event_loop()",
            "Return an asyncio event loop.\n\n"
            "When called from a coroutine or a callback (e.g. scheduled with\n"
            "call_soon or similar API), this function will always return the\n"
            "running event loop.\n\n"
            "If there is no running event loop set, the function will return\n"
            "the result of `get_event_loop_policy().get_event_loop()` call.")
static PyObject *
asyncio_get_event_loop(PyObject *module)
{
    return kr_asyncio_event_loop(state_of(module));
}

KR_FUNCTION(_asyncio, "get_running_loop()",
            "Return the running event loop.  Raise a RuntimeError if there is none.\n\n"
            "This function is thread-specific.")
static PyObject *
asyncio_get_running_loop(PyObject *module)
{
    return Py_XNewRef(require_running_loop());
}

// --- The current task --------------------------------------------------------------

static int
check_loop(KrThreadAsync *thread, PyObject *loop)
{
    if (thread->loop != loop) {
        PyErr_Format(PyExc_RuntimeError, "loop %R is not the running loop", loop);
        return -1;
    }
    return 0;
}

int
kr_asyncio_enter_task(PyObject *loop, PyObject *task)
{
    KrThreadAsync *thread = kr_thread_async(kr_thread());
    if (check_loop(thread, loop) < 0) {
        return -1;
    }
    if (thread->task != NULL) {
        PyErr_Format(PyExc_RuntimeError,
                     "Cannot enter into task %R while another task %R is being executed.",
                     task, thread->task);
        return -1;
    }
    thread->task = Py_NewRef(task);
    return 0;
}

int
kr_asyncio_leave_task(PyObject *loop, PyObject *task)
{
    KrThreadAsync *thread = kr_thread_async(kr_thread());
    if (check_loop(thread, loop) < 0) {
        return -1;
    }
    if (thread->task != task) {
        PyErr_Format(PyExc_RuntimeError,
                     "Invalid attempt to leave task %R while task %R is entered.", task,
                     thread->task == NULL ? Py_None : thread->task);
        return -1;
    }
    Py_CLEAR(thread->task);
    return 0;
}

PyObject *
kr_asyncio_swap_task(PyObject *loop, PyObject *task)
{
    KrThreadAsync *thread = kr_thread_async(kr_thread());
    if (check_loop(thread, loop) < 0) {
        return NULL;
    }
    PyObject *previous = thread->task;
    thread->task = task == Py_None ? NULL : Py_NewRef(task);
    return previous == NULL ? Py_NewRef(Py_None) : previous;
}

KR_FUNCTION(_asyncio, "_enter_task(loop, task)",
            "Enter into task execution or resume suspended task.\n\n"
            "Task belongs to loop.\n\n"
            "Returns None.")
static PyObject *
asyncio__enter_task(PyObject *module, PyObject *loop, PyObject *task)
{
    return kr_asyncio_enter_task(loop, task) < 0 ? NULL : Py_NewRef(Py_None);
}

KR_FUNCTION(_asyncio, "_leave_task(loop, task)",
            "Leave task execution or suspend a task.\n\n"
            "Task belongs to loop.\n\n"
            "Returns None.")
static PyObject *
asyncio__leave_task(PyObject *module, PyObject *loop, PyObject *task)
{
    return kr_asyncio_leave_task(loop, task) < 0 ? NULL : Py_NewRef(Py_None);
}

KR_FUNCTION(_asyncio, "_swap_current_task(loop, task)",
            "Temporarily swap in the supplied task and return the original one (or None).\n"
            "\n"
            "This is intended for use during eager coroutine execution.")
static PyObject *
asyncio__swap_current_task(PyObject *module, PyObject *loop, PyObject *task)
{
    return kr_asyncio_swap_task(loop, task);
}

KR_FUNCTION(_asyncio, "current_task(loop=None)", "Return a currently executed task.")
static PyObject *
asyncio_current_task(PyObject *module, PyObject *loop)
{
    KrThreadAsync *thread = kr_thread_async(kr_thread());
    if (loop == Py_None) {
        loop = require_running_loop();
        if (loop == NULL) {
            return NULL;
        }
    }
    // The loop may run on another thread.
    PyThreadState *other = PyInterpreterState_ThreadHead(kr_interp());
    while (thread->loop != loop && other != NULL) {
        thread = kr_thread_async(other);
        other = PyThreadState_Next(other);
    }
    PyObject *task = thread->loop == loop ? thread->task : NULL;
    return Py_NewRef(task == NULL ? Py_None : task);
}

// --- All tasks ---------------------------------------------------------------------

void
kr_asyncio_register(AsyncioTask *task)
{
    AsyncioState *module = task->future.module;
    if (task->link == NULL) {
        task->next = module->tasks;
        task->link = &module->tasks;
        if (task->next != NULL) {
            task->next->link = &task->next;
        }
        module->tasks = task;
    }
}

void
kr_asyncio_unregister(AsyncioTask *task)
{
    if (task->link != NULL) {
        *task->link = task->next;
        if (task->next != NULL) {
            task->next->link = task->link;
        }
        task->link = NULL;
        task->next = NULL;
    }
}

// Enters a task that is of the loop and not done into the set.
static int
add_if_alive(AsyncioState *module, PyObject *tasks, PyObject *loop, PyObject *task)
{
    PyObject *own = kr_asyncio_loop_of(module, task); // may run Python
    Py_XDECREF(own);
    if (own != loop) {
        return own == NULL ? -1 : 0;
    }
    PyObject *answer = PyObject_CallMethodNoArgs(task, KR_ID(done));
    int done = answer == NULL ? -1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    return done != 0 ? (done < 0 ? -1 : 0) : PySet_Add(tasks, task);
}

static int
add_all_of(AsyncioState *module, PyObject *tasks, PyObject *loop, PyObject *container)
{
    PyObject *list = PySequence_List(container);
    int status = list == NULL ? -1 : 0;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(list); i++) {
        status = add_if_alive(module, tasks, loop, PyList_GET_ITEM(list, i));
    }
    Py_XDECREF(list);
    return status;
}

// The tasks of the list, first into a Python list: hashing a subclass runs Python. One
// whose count is 0 is just being freed.
static int
add_registered(AsyncioState *module, PyObject *tasks, PyObject *loop)
{
    PyObject *list = PyList_New(0);
    int status = list == NULL ? -1 : 0;
    for (AsyncioTask *task = module->tasks; status == 0 && task != NULL;
         task = task->next) {
        if (Py_REFCNT(task) > 0 && task->future.loop == loop
            && task->future.state == FUTURE_PENDING) {
            status = PyList_Append(list, (PyObject *)task);
        }
    }
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(list); i++) {
        status = PySet_Add(tasks, PyList_GET_ITEM(list, i));
    }
    Py_XDECREF(list);
    return status;
}

KR_FUNCTION(_asyncio, "all_tasks(loop=None)", "Return a set of all tasks for the loop.")
static PyObject *
asyncio_all_tasks(PyObject *op, PyObject *loop)
{
    AsyncioState *module = state_of(op);
    if (loop == Py_None) {
        loop = require_running_loop();
        if (loop == NULL) {
            return NULL;
        }
    }
    Py_INCREF(loop);
    PyObject *tasks = PySet_New(NULL);
    if (tasks != NULL
        && (add_all_of(module, tasks, loop, module->eager_tasks) < 0
            || add_registered(module, tasks, loop) < 0
            || add_all_of(module, tasks, loop, module->foreign_tasks) < 0)) {
        Py_CLEAR(tasks);
    }
    Py_DECREF(loop);
    return tasks;
}

KR_FUNCTION(_asyncio, "_register_task(task)",
            "Register a new task in asyncio as executed by loop.\n\n"
            "Returns None.")
static PyObject *
asyncio__register_task(PyObject *op, PyObject *task)
{
    AsyncioState *module = state_of(op);
    if (kr_asyncio_is_task(module, task)) {
        kr_asyncio_register((AsyncioTask *)task);
        Py_RETURN_NONE;
    }
    return PyObject_CallMethodOneArg(module->foreign_tasks, KR_ID(add), task);
}

KR_FUNCTION(_asyncio, "_unregister_task(task)", "Unregister a task.\n\nReturns None.")
static PyObject *
asyncio__unregister_task(PyObject *op, PyObject *task)
{
    AsyncioState *module = state_of(op);
    if (kr_asyncio_is_task(module, task)) {
        kr_asyncio_unregister((AsyncioTask *)task);
        Py_RETURN_NONE;
    }
    return PyObject_CallMethodOneArg(module->foreign_tasks, KR_ID(discard), task);
}

KR_FUNCTION(_asyncio, "_register_eager_task(task)",
            "Register a new task in asyncio as executed by loop.\n\n"
            "Returns None.")
static PyObject *
asyncio__register_eager_task(PyObject *op, PyObject *task)
{
    return PySet_Add(state_of(op)->eager_tasks, task) < 0 ? NULL : Py_NewRef(Py_None);
}

KR_FUNCTION(_asyncio, "_unregister_eager_task(task)", "Unregister a task.\n\nReturns None.")
static PyObject *
asyncio__unregister_eager_task(PyObject *op, PyObject *task)
{
    return PySet_Discard(state_of(op)->eager_tasks, task) < 0 ? NULL : Py_NewRef(Py_None);
}

KR_FUNCTION(_asyncio, "future_add_to_awaited_by(fut, waiter, /)",
            "Record that `fut` is awaited on by `waiter`.")
static PyObject *
asyncio_future_add_to_awaited_by(PyObject *op, PyObject *fut, PyObject *waiter)
{
    return kr_asyncio_await(state_of(op), fut, waiter) < 0 ? NULL : Py_NewRef(Py_None);
}

KR_FUNCTION(_asyncio, "future_discard_from_awaited_by(fut, waiter, /)", "")
static PyObject *
asyncio_future_discard_from_awaited_by(PyObject *op, PyObject *fut, PyObject *waiter)
{
    return kr_asyncio_stop_await(state_of(op), fut, waiter) < 0 ? NULL
                                                                : Py_NewRef(Py_None);
}

#include "modules/asyncio/registry.methods.h"
