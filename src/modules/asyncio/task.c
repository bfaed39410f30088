// SPDX-License-Identifier: MIT
// task.c - asyncio.Task: a future that runs a coroutine; its methods and its type.
//
// Invariants:  a task that is not done is either waiting for `waiter`, or its step has
//              been given to the loop, or it runs.
// Read next:   task_step.c
#include "modules/asyncio/asyncio.h"

#include "objects/args.h"
#include "objects/ids.h"

// --- Start -------------------------------------------------------------------------

// Whether that is a coroutine: 1, 0, -1.
static int
is_coroutine(AsyncioState *module, PyObject *op)
{
    if (PyCoro_CheckExact(op)) {
        return 1;
    }
    PyObject *answer = PyObject_CallOneArg(module->iscoroutine, op);
    int truth = answer == NULL ? -1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    return truth;
}

static int
set_name(AsyncioTask *self, PyObject *name)
{
    PyObject *text = PyUnicode_CheckExact(name) ? Py_NewRef(name) : PyObject_Str(name);
    if (text == NULL) {
        return -1;
    }
    Py_XSETREF(self->name, text);
    return 0;
}

static int
loop_is_running(PyObject *loop)
{
    PyObject *answer = PyObject_CallMethodNoArgs(loop, KR_ID(is_running));
    int truth = answer == NULL ? -1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    return truth;
}

// Forgets what an earlier __init__ left.
static int
reset(AsyncioTask *self, PyObject *loop)
{
    kr_asyncio_unregister(self);
    Py_CLEAR(self->waiter);
    Py_CLEAR(self->name);
    self->must_cancel = false;
    self->cancel_requests = 0;
    self->log_destroy_pending = false;
    return kr_asyncio_future_start(&self->future, loop);
}

KR_INIT(task, "Task(coro, *, loop=None, name=None, context=None, eager_start=False)",
        "A coroutine wrapped in a Future.")
static int
task_init_impl(AsyncioTask *self, PyObject *coro, PyObject *loop, PyObject *name,
               PyObject *context, bool eager_start)
{
    AsyncioState *module = self->future.module;
    if (reset(self, loop) < 0) {
        return -1;
    }
    int good = is_coroutine(module, coro);
    if (good <= 0) {
        if (good == 0) {
            PyErr_Format(PyExc_TypeError, "a coroutine was expected, got %R", coro);
        }
        return -1;
    }
    Py_XSETREF(self->context,
               context == Py_None ? PyContext_CopyCurrent() : Py_NewRef(context));
    if (self->context == NULL) {
        return -1;
    }
    self->log_destroy_pending = true;
    Py_XSETREF(self->coro, Py_NewRef(coro));
    if (name == Py_None) {
        self->number = ++module->task_count;
    }
    else if (set_name(self, name) < 0) {
        return -1;
    }
    if (eager_start) {
        int running = loop_is_running(self->future.loop);
        if (running != 0) {
            return running < 0 ? -1 : kr_asyncio_eager_start(self);
        }
    }
    if (kr_asyncio_step_soon(self, NULL) < 0) {
        return -1;
    }
    kr_asyncio_register(self);
    return 0;
}

// --- Methods -----------------------------------------------------------------------

KR_METHOD(task, "_make_cancelled_error(self)",
          "Create the CancelledError to raise if the Task is cancelled.\n\n"
          "This should only be called once when handling a cancellation since\n"
          "it erases the context exception value.")
static PyObject *
task__make_cancelled_error(AsyncioTask *self)
{
    return kr_asyncio_cancelled_error(&self->future);
}

// Asks the future that is waited for to cancel itself: 1 it will, 0, -1.
static int
cancel_waiter(AsyncioTask *self, PyObject *message)
{
    AsyncioState *module = self->future.module;
    PyObject *args[] = {self->waiter, message};
    Py_INCREF(args[0]);
    PyObject *answer =
        PyObject_VectorcallMethod(KR_ID(cancel), args, 1, module->msg_names);
    Py_DECREF(args[0]);
    int truth = answer == NULL ? -1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    return truth;
}

KR_METHOD(task, "cancel(self, msg=None)",
          "Request that this task cancel itself.\n\n"
          "This arranges for a CancelledError to be thrown into the\n"
          "wrapped coroutine on the next cycle through the event loop.\n"
          "The coroutine then has a chance to clean up or even deny\n"
          "the request using try/except/finally.\n\n"
          "Unlike Future.cancel, this does not guarantee that the\n"
          "task will be cancelled: the exception might be caught and\n"
          "acted upon, delaying cancellation of the task or preventing\n"
          "cancellation completely.  The task may also return a value or\n"
          "raise a different exception.\n\n"
          "Immediately after this method is called, Task.cancelled() will\n"
          "not return True (unless the task was already cancelled).  A\n"
          "task will be marked as cancelled when the wrapped coroutine\n"
          "terminates with a CancelledError exception (even if cancel()\n"
          "was not called).\n\n"
          "This also increases the task's count of cancellation requests.")
static PyObject *
task_cancel(AsyncioTask *self, PyObject *msg)
{
    self->future.log_traceback = false;
    if (self->future.state != FUTURE_PENDING) {
        Py_RETURN_FALSE;
    }
    self->cancel_requests++;
    if (self->waiter != NULL) {
        int done = cancel_waiter(self, msg); // may run Python
        if (done != 0) {
            return done < 0 ? NULL : Py_NewRef(Py_True);
        }
    }
    self->must_cancel = true;
    Py_XSETREF(self->future.cancel_message, Py_NewRef(msg));
    Py_RETURN_TRUE;
}

KR_METHOD(task, "cancelling(self)",
          "Return the count of the task's cancellation requests.\n\n"
          "This count is incremented when .cancel() is called\n"
          "and may be decremented using .uncancel().")
static PyObject *
task_cancelling(AsyncioTask *self)
{
    return PyLong_FromSsize_t(self->cancel_requests);
}

KR_METHOD(task, "uncancel(self)",
          "Decrement the task's count of cancellation requests.\n\n"
          "This should be used by tasks that catch CancelledError\n"
          "and wish to continue indefinitely until they are cancelled again.\n\n"
          "Returns the remaining number of cancellation requests.")
static PyObject *
task_uncancel(AsyncioTask *self)
{
    if (self->cancel_requests > 0 && --self->cancel_requests == 0) {
        self->must_cancel = false;
    }
    return PyLong_FromSsize_t(self->cancel_requests);
}

KR_METHOD(task, "get_stack(self, *, limit=None)",
          "Return the list of stack frames for this task's coroutine.\n\n"
          "If the coroutine is not done, this returns the stack where it is\n"
          "suspended.  If the coroutine has completed successfully or was\n"
          "cancelled, this returns an empty list.  If the coroutine was\n"
          "terminated by an exception, this returns the list of traceback\n"
          "frames.\n\n"
          "The frames are always ordered from oldest to newest.\n\n"
          "The optional limit gives the maximum number of frames to\n"
          "return; by default all available frames are returned.  Its\n"
          "meaning differs depending on whether a stack or a traceback is\n"
          "returned: the newest frames of a stack are returned, but the\n"
          "oldest frames of a traceback are returned.  (This matches the\n"
          "behavior of the traceback module.)\n\n"
          "For reasons beyond our control, only one stack frame is\n"
          "returned for a suspended coroutine.")
static PyObject *
task_get_stack(AsyncioTask *self, PyObject *limit)
{
    return PyObject_CallFunctionObjArgs(self->future.module->task_get_stack, self, limit,
                                        NULL);
}

KR_METHOD(task, "print_stack(self, *, limit=None, file=None)",
          "Print the stack or traceback for this task's coroutine.\n\n"
          "This produces output similar to that of the traceback module,\n"
          "for the frames retrieved by get_stack().  The limit argument\n"
          "is passed to get_stack().  The file argument is an I/O stream\n"
          "to which the output is written; by default output is written\n"
          "to sys.stderr.")
static PyObject *
task_print_stack(AsyncioTask *self, PyObject *limit, PyObject *file)
{
    return PyObject_CallFunctionObjArgs(self->future.module->task_print_stack, self, limit,
                                        file, NULL);
}

static PyObject *
raise_unsupported(const char *name)
{
    PyErr_Format(PyExc_RuntimeError, "Task does not support %s operation", name);
    return NULL;
}

KR_METHOD_RAW(task, "set_result($self, result, /)", METH_O, "")
static PyObject *
task_set_result(PyObject *self, PyObject *result)
{
    return raise_unsupported("set_result");
}

KR_METHOD_RAW(task, "set_exception($self, exception, /)", METH_O, "")
static PyObject *
task_set_exception(PyObject *self, PyObject *exception)
{
    return raise_unsupported("set_exception");
}

static PyObject *
or_none(PyObject *value)
{
    return Py_NewRef(value == NULL ? Py_None : value);
}

KR_METHOD(task, "get_coro(self)", "")
static PyObject *
task_get_coro(AsyncioTask *self)
{
    return or_none(self->coro);
}

KR_METHOD(task, "get_context(self)", "")
static PyObject *
task_get_context(AsyncioTask *self)
{
    return or_none(self->context);
}

KR_METHOD(task, "get_name(self)", "")
static PyObject *
task_get_name(AsyncioTask *self)
{
    if (self->name == NULL && self->number != 0) {
        self->name = PyUnicode_FromFormat("Task-%llu", (unsigned long long)self->number);
        return Py_XNewRef(self->name);
    }
    return or_none(self->name);
}

KR_METHOD(task, "set_name(self, value, /)", "")
static PyObject *
task_set_name(AsyncioTask *self, PyObject *value)
{
    return set_name(self, value) < 0 ? NULL : Py_NewRef(Py_None);
}

KR_METHOD_RAW(task, "__class_getitem__($type, object, /)", METH_O | METH_CLASS,
              "Tasks are generic over the return type of their wrapped coroutines")
static PyObject *
task___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

KR_GETTER(task, "_log_destroy_pending", "")
static PyObject *
task__log_destroy_pending(AsyncioTask *self)
{
    return PyBool_FromLong(self->log_destroy_pending);
}

KR_SETTER(task, "_log_destroy_pending")
static int
task_set__log_destroy_pending(AsyncioTask *self, PyObject *value)
{
    if (value == NULL) {
        PyErr_Format(PyExc_AttributeError,
                     "attribute '_log_destroy_pending' of '%T' objects cannot be deleted",
                     self);
        return -1;
    }
    int truth = PyObject_IsTrue(value);
    if (truth >= 0) {
        self->log_destroy_pending = truth;
    }
    return truth < 0 ? -1 : 0;
}

KR_GETTER(task, "_must_cancel", "")
static PyObject *
task__must_cancel(AsyncioTask *self)
{
    return PyBool_FromLong(self->must_cancel);
}

KR_GETTER(task, "_coro", "")
static PyObject *
task__coro(AsyncioTask *self)
{
    return or_none(self->coro);
}

KR_GETTER(task, "_fut_waiter", "")
static PyObject *
task__fut_waiter(AsyncioTask *self)
{
    return or_none(self->waiter);
}

KR_TYPE(task)
#include "modules/asyncio/task.methods.h"

// --- The type ----------------------------------------------------------------------

static PyObject *
task_repr(PyObject *op)
{
    return PyObject_CallOneArg(((AsyncioFuture *)op)->module->task_repr, op);
}

static void
task_finalize(PyObject *op)
{
    AsyncioTask *self = (AsyncioTask *)op;
    if (self->future.state == FUTURE_PENDING && self->log_destroy_pending
        && self->future.loop != NULL) {
        PyObject *pending = PyErr_GetRaisedException();
        PyObject *message =
            PyUnicode_FromString("Task was destroyed but it is pending!");
        kr_asyncio_report(&self->future, KR_ID(task), message, NULL);
        Py_XDECREF(message);
        PyErr_SetRaisedException(pending);
    }
    kr_asyncio_future_finalize(op);
}

static int
task_traverse(PyObject *op, visitproc visit, void *arg)
{
    AsyncioTask *self = (AsyncioTask *)op;
    Py_VISIT(self->coro);
    Py_VISIT(self->name);
    Py_VISIT(self->context);
    Py_VISIT(self->waiter);
    return kr_asyncio_future_visit(&self->future, visit, arg);
}

static int
task_clear(PyObject *op)
{
    AsyncioTask *self = (AsyncioTask *)op;
    Py_CLEAR(self->coro);
    Py_CLEAR(self->name);
    Py_CLEAR(self->context);
    Py_CLEAR(self->waiter);
    kr_asyncio_future_clear(&self->future);
    PyObject_ClearManagedDict(op);
    return 0;
}

static void
task_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    if (PyObject_CallFinalizerFromDealloc(op) < 0) {
        return; // brought back
    }
    kr_asyncio_unregister((AsyncioTask *)op);
    PyObject_GC_UnTrack(op);
    PyObject_ClearWeakRefs(op);
    task_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyType_Slot task_slots[] = {
    {Py_tp_dealloc, task_dealloc},
    {Py_tp_doc, (void *)task_doc},
    {Py_tp_traverse, task_traverse},
    {Py_tp_clear, task_clear},
    {Py_tp_finalize, task_finalize},
    {Py_tp_repr, task_repr},
    {Py_tp_methods, task_methods},
    {Py_tp_getset, task_getset},
    {Py_tp_init, task_init},
    {Py_tp_new, kr_asyncio_future_new},
    {0, NULL},
};

PyType_Spec kr_asyncio_task_spec = {
    .name = "_asyncio.Task",
    .basicsize = sizeof(AsyncioTask),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
             | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_MANAGED_DICT
             | Py_TPFLAGS_MANAGED_WEAKREF,
    .slots = task_slots,
};
