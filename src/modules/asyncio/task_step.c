// SPDX-License-Identifier: MIT
// task_step.c - running a task's coroutine up to its next await.
//
// A step sends None (or throws) into the coroutine. What it yields is a future to wait
// for, or None: try again soon. What it returns or raises ends the task.
// Callers:     the loop, through the step object or the function task_wakeup.
// Re-entrancy: the coroutine may do anything, also end or drop the task: callers own it.
#include "modules/asyncio/asyncio.h"

#include "objects/args.h"
#include "objects/ids.h"

static int task_step(AsyncioTask *task, PyObject *exception);

// --- The step object ---------------------------------------------------------------

// What the loop is given to call.
typedef struct {
    PyObject_HEAD
    AsyncioTask *task;   // owned
    PyObject *exception; // owned, to be thrown, or NULL
} TaskStep;

int
kr_asyncio_step_soon(AsyncioTask *task, PyObject *exception)
{
    AsyncioState *module = task->future.module;
    TaskStep *step = PyObject_GC_New(TaskStep, module->step_type);
    if (step == NULL) {
        return -1;
    }
    step->task = (AsyncioTask *)Py_NewRef(task);
    step->exception = Py_XNewRef(exception);
    PyObject_GC_Track(step);
    int status = kr_asyncio_call_soon(module, task->future.loop, (PyObject *)step, NULL,
                                      task->context);
    Py_DECREF(step);
    return status;
}

static PyObject *
taskstep_call(PyObject *op, PyObject *args, PyObject *kwargs)
{
    TaskStep *self = (TaskStep *)op;
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0) {
        PyErr_SetString(PyExc_TypeError, "function takes no keyword arguments");
        return NULL;
    }
    if (PyTuple_GET_SIZE(args) != 0) {
        PyErr_SetString(PyExc_TypeError, "function takes no positional arguments");
        return NULL;
    }
    if (self->task == NULL) {
        Py_RETURN_NONE;
    }
    PyObject *task = Py_NewRef(self->task), *exception = Py_XNewRef(self->exception);
    int status = task_step((AsyncioTask *)task, exception);
    Py_DECREF(task);
    Py_XDECREF(exception);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

KR_GETTER(taskstep, "__self__", "")
static PyObject *
taskstep___self__(TaskStep *self)
{
    return Py_NewRef(self->task == NULL ? Py_None : (PyObject *)self->task);
}

KR_TYPE(taskstep)
#include "modules/asyncio/task_step.methods.h"

static int
taskstep_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((TaskStep *)op)->task);
    Py_VISIT(((TaskStep *)op)->exception);
    return 0;
}

static int
taskstep_clear(PyObject *op)
{
    Py_CLEAR(((TaskStep *)op)->task);
    Py_CLEAR(((TaskStep *)op)->exception);
    return 0;
}

static void
taskstep_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    taskstep_clear(op);
    PyObject_GC_Del(op);
    Py_DECREF(type);
}

static PyType_Slot taskstep_slots[] = {
    {Py_tp_dealloc, taskstep_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, taskstep_traverse},
    {Py_tp_clear, taskstep_clear},
    {Py_tp_call, taskstep_call},
    {Py_tp_getset, taskstep_getset},
    {0, NULL},
};

PyType_Spec kr_asyncio_step_spec = {
    .name = "_asyncio.TaskStepMethWrapper",
    .basicsize = sizeof(TaskStep),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = taskstep_slots,
};

// --- Waking up ---------------------------------------------------------------------

// The exception that fut.result() raised, a new reference, or NULL when it did not.
static PyObject *
foreign_outcome(PyObject *future)
{
    PyObject *result = PyObject_CallMethodNoArgs(future, KR_ID(result));
    if (result == NULL) {
        return PyErr_GetRaisedException();
    }
    Py_DECREF(result);
    return NULL;
}

// The callback of the future that a task waits for.
static PyObject *
task_wakeup(PyObject *op, PyObject *future)
{
    AsyncioTask *task = (AsyncioTask *)op;
    AsyncioState *module = task->future.module;
    PyObject *exception = NULL;
    if (kr_asyncio_stop_await(module, future, op) < 0) {
        return NULL;
    }
    if (kr_asyncio_is_exact(module, future)) {
        PyObject *outcome;
        int kind = kr_asyncio_outcome((AsyncioFuture *)future, &outcome);
        if (kind == 0) {
            Py_DECREF(outcome); // __await__ asks for it again
        }
        else {
            exception = kind > 0 ? outcome : PyErr_GetRaisedException();
        }
    }
    else {
        exception = foreign_outcome(future);
    }
    Py_INCREF(op);
    int status = task_step(task, exception);
    Py_DECREF(op);
    Py_XDECREF(exception);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

static PyMethodDef wakeup_def = {"task_wakeup", task_wakeup, METH_O, NULL};

// --- What the coroutine yielded ----------------------------------------------------

// Lets the next step throw a RuntimeError about what was yielded.
static int
complain_soon(AsyncioTask *task, const char *format, void *first, PyObject *second)
{
    PyObject *message = PyUnicode_FromFormat(format, first, second);
    if (message == NULL) {
        return -1;
    }
    PyObject *error = PyObject_CallOneArg(PyExc_RuntimeError, message);
    Py_DECREF(message);
    int status = error == NULL ? -1 : kr_asyncio_step_soon(task, error);
    Py_XDECREF(error);
    return status;
}

static int
cancel_if_asked(AsyncioTask *task, PyObject *future)
{
    AsyncioState *module = task->future.module;
    if (!task->must_cancel) {
        return 0;
    }
    PyObject *message = task->future.cancel_message;
    PyObject *args[] = {future, message == NULL ? Py_None : message};
    PyObject *answer =
        PyObject_VectorcallMethod(KR_ID(cancel), args, 1, module->msg_names);
    int truth = answer == NULL ? -1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    if (truth > 0) {
        task->must_cancel = false;
    }
    return truth < 0 ? -1 : 0;
}

static int
add_foreign_callback(AsyncioTask *task, PyObject *future, PyObject *wakeup)
{
    AsyncioState *module = task->future.module;
    PyObject *args[] = {future, wakeup, task->context};
    if (PyObject_SetAttr(future, KR_ID(_asyncio_future_blocking), Py_False) < 0) {
        return -1;
    }
    PyObject *done = PyObject_VectorcallMethod(KR_ID(add_done_callback), args, 2,
                                               module->context_names);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

// Arranges for the task to go on when the future is done.
static int
wait_for(AsyncioTask *task, PyObject *future, bool exact)
{
    if (kr_asyncio_await(task->future.module, future, (PyObject *)task) < 0) {
        return -1;
    }
    PyObject *wakeup = PyCFunction_New(&wakeup_def, (PyObject *)task);
    if (wakeup == NULL) {
        return -1;
    }
    int status;
    if (exact) {
        ((AsyncioFuture *)future)->blocking = false;
        status = kr_asyncio_add_callback((AsyncioFuture *)future, wakeup, task->context);
    }
    else {
        status = add_foreign_callback(task, future, wakeup);
    }
    Py_DECREF(wakeup);
    if (status < 0) {
        return -1;
    }
    Py_XSETREF(task->waiter, Py_NewRef(future));
    return cancel_if_asked(task, future);
}

// Whether the yielded object came through __await__ of a future: 1, 0 a future that did
// not, -1 error, 2 no future at all.
static int
is_awaited(AsyncioState *module, PyObject *yielded, bool exact)
{
    if (exact) {
        return ((AsyncioFuture *)yielded)->blocking;
    }
    PyObject *blocking;
    if (PyObject_GetOptionalAttr(yielded, KR_ID(_asyncio_future_blocking), &blocking) < 0) {
        return -1;
    }
    if (blocking == NULL || blocking == Py_None) {
        Py_XDECREF(blocking);
        return 2;
    }
    int truth = PyObject_IsTrue(blocking);
    Py_DECREF(blocking);
    return truth;
}

static int
handle_yielded(AsyncioTask *task, PyObject *yielded)
{
    AsyncioState *module = task->future.module;
    if (yielded == Py_None) {
        return kr_asyncio_step_soon(task, NULL);
    }
    if (yielded == (PyObject *)task) {
        return complain_soon(task, "Task cannot await on itself: %R", task, NULL);
    }
    bool exact = kr_asyncio_is_exact(module, yielded);
    int awaited = is_awaited(module, yielded, exact);
    if (awaited < 0) {
        return -1;
    }
    if (awaited == 2 && PyGen_CheckExact(yielded)) {
        return complain_soon(task,
                             "yield was used instead of yield from for generator "
                             "in task %R with %R",
                             task, yielded);
    }
    if (awaited == 2) {
        return complain_soon(task, "Task got bad yield: %R", yielded, NULL);
    }
    PyObject *loop = kr_asyncio_loop_of(module, yielded);
    if (loop == NULL) {
        return -1;
    }
    Py_DECREF(loop); // the task or the future keeps it
    if (loop != task->future.loop) {
        return complain_soon(task, "Task %R got Future %R attached to a different loop",
                             task, yielded);
    }
    if (!awaited) {
        return complain_soon(task,
                             "yield was used instead of yield from in task %R with %R",
                             task, yielded);
    }
    return wait_for(task, yielded, exact);
}

// --- The step ----------------------------------------------------------------------

// The coroutine raised. Only what must end the program goes further: -1.
static int
handle_raised(AsyncioTask *task)
{
    AsyncioFuture *future = &task->future;
    if (PyErr_ExceptionMatches(future->module->cancelled_error)) {
        Py_XSETREF(future->cancelled_exc, PyErr_GetRaisedException());
        return kr_asyncio_cancel(future, NULL) < 0 ? -1 : 0;
    }
    bool fatal = PyErr_ExceptionMatches(PyExc_SystemExit)
                 || PyErr_ExceptionMatches(PyExc_KeyboardInterrupt);
    PyObject *exception = PyErr_GetRaisedException();
    int status = kr_asyncio_set_exception(future, exception);
    if (status == 0 && fatal) {
        PyErr_SetRaisedException(exception);
        return -1;
    }
    Py_DECREF(exception);
    return status;
}

static int
handle_returned(AsyncioTask *task, PyObject *value)
{
    AsyncioFuture *future = &task->future;
    if (task->must_cancel) {
        task->must_cancel = false;
        PyObject *message = Py_XNewRef(future->cancel_message);
        int done = kr_asyncio_cancel(future, message);
        Py_XDECREF(message);
        return done < 0 ? -1 : 0;
    }
    return kr_asyncio_set_result(future, value);
}

// Sends None into the coroutine, or throws the exception.
static PySendResult
resume(PyObject *coro, PyObject *exception, PyObject **out)
{
    if (exception == NULL) {
        return PyIter_Send(coro, Py_None, out);
    }
    *out = PyObject_CallMethodOneArg(coro, KR_ID(throw), exception);
    if (*out != NULL) {
        return PYGEN_NEXT;
    }
    return _PyGen_FetchStopIterationValue(out) == 0 ? PYGEN_RETURN : PYGEN_ERROR;
}

// What is to be thrown, if the task is to be cancelled. New reference or NULL; -1 error.
static int
exception_to_throw(AsyncioTask *task, PyObject *given, PyObject **out)
{
    *out = Py_XNewRef(given);
    if (!task->must_cancel) {
        return 0;
    }
    if (given == NULL
        || !PyErr_GivenExceptionMatches(given, task->future.module->cancelled_error)) {
        Py_XSETREF(*out, kr_asyncio_cancelled_error(&task->future));
        if (*out == NULL) {
            return -1;
        }
    }
    task->must_cancel = false;
    return 0;
}

static int
run_coroutine(AsyncioTask *task, PyObject *given)
{
    PyObject *exception, *value;
    int status;
    if (task->future.state != FUTURE_PENDING) {
        PyErr_Format(task->future.module->invalid_state_error,
                     "__step(): already done: %R %R", task,
                     given != NULL ? given : Py_GetConstantBorrowed(Py_CONSTANT_EMPTY_STR));
        return -1;
    }
    if (exception_to_throw(task, given, &exception) < 0) {
        return -1;
    }
    Py_CLEAR(task->waiter);
    if (task->coro == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "uninitialized Task object");
        Py_XDECREF(exception);
        return -1;
    }
    PyObject *coro = Py_NewRef(task->coro);
    PySendResult kind = resume(coro, exception, &value);
    Py_DECREF(coro);
    Py_XDECREF(exception);
    if (kind == PYGEN_ERROR) {
        return handle_raised(task);
    }
    status = kind == PYGEN_NEXT ? handle_yielded(task, value) : handle_returned(task, value);
    Py_DECREF(value);
    return status;
}

static int
task_step(AsyncioTask *task, PyObject *exception)
{
    PyObject *loop = task->future.loop;
    if (kr_asyncio_check_started(&task->future) < 0) {
        return -1;
    }
    Py_INCREF(loop);
    int status = kr_asyncio_enter_task(loop, (PyObject *)task);
    if (status == 0) {
        status = run_coroutine(task, exception);
        PyObject *raised = PyErr_GetRaisedException();
        if (kr_asyncio_leave_task(loop, (PyObject *)task) < 0) {
            status = -1;
        }
        if (raised != NULL) {
            _PyErr_ChainExceptions1(raised);
        }
    }
    Py_DECREF(loop);
    if (task->future.state != FUTURE_PENDING) {
        kr_asyncio_unregister(task);
    }
    return status;
}

// --- Eager tasks -------------------------------------------------------------------

// Runs the first step at once, in the task's context.
static int
run_eagerly(AsyncioTask *task)
{
    AsyncioState *module = task->future.module;
    if (PySet_Add(module->eager_tasks, (PyObject *)task) < 0) {
        return -1;
    }
    if (PyContext_Enter(task->context) < 0) {
        PySet_Discard(module->eager_tasks, (PyObject *)task);
        return -1;
    }
    PyObject *context = Py_NewRef(task->context);
    int status = run_coroutine(task, NULL);
    PyObject *raised = PyErr_GetRaisedException();
    if (PySet_Discard(module->eager_tasks, (PyObject *)task) < 0) {
        status = -1;
    }
    if (PyContext_Exit(context) < 0) {
        status = -1;
    }
    Py_DECREF(context);
    if (raised != NULL) {
        _PyErr_ChainExceptions1(raised);
    }
    return status;
}

int
kr_asyncio_eager_start(AsyncioTask *task)
{
    PyObject *loop = task->future.loop;
    PyObject *previous = kr_asyncio_swap_task(loop, (PyObject *)task);
    if (previous == NULL) {
        return -1;
    }
    int status = run_eagerly(task);
    PyObject *raised = PyErr_GetRaisedException();
    PyObject *current = kr_asyncio_swap_task(loop, previous);
    Py_DECREF(previous);
    if (current == NULL) {
        status = -1;
    }
    Py_XDECREF(current);
    if (raised != NULL) {
        _PyErr_ChainExceptions1(raised);
    }
    if (task->future.state == FUTURE_PENDING) {
        kr_asyncio_register(task);
    }
    else {
        Py_CLEAR(task->coro);
    }
    return status;
}
