// SPDX-License-Identifier: MIT
// future.c - asyncio.Future: a value that is not there yet, and who wants to know.
//
// Invariants:  callbacks exist only while pending; the first stands in callback and
//              context, the others in callbacks.
// Re-entrancy: everything of the loop, callbacks' comparison, and exceptions' classes
//              run Python; the state is changed before callbacks are scheduled.
#include "modules/asyncio/asyncio.h"

#include "objects/args.h"
#include "objects/ids.h"

// --- Helpers -----------------------------------------------------------------------

int
kr_asyncio_check_started(AsyncioFuture *self)
{
    if (self->loop == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "Future object is not initialized.");
        return -1;
    }
    return 0;
}

int
kr_asyncio_call_soon(AsyncioState *module, PyObject *loop, PyObject *function,
                     PyObject *argument, PyObject *context)
{
    PyObject *args[4] = {loop, function};
    size_t nargs = 2;
    if (argument != NULL) {
        args[nargs++] = argument;
    }
    if (context != NULL) {
        args[nargs] = context;
    }
    PyObject *handle = PyObject_VectorcallMethod(KR_ID(call_soon), args, nargs,
                                                 context ? module->context_names : NULL);
    Py_XDECREF(handle);
    return handle == NULL ? -1 : 0;
}

PyObject *
kr_asyncio_loop_of(AsyncioState *module, PyObject *future)
{
    PyObject *method;
    if (kr_asyncio_is_exact(module, future)) {
        AsyncioFuture *self = (AsyncioFuture *)future;
        return kr_asyncio_check_started(self) < 0 ? NULL : Py_NewRef(self->loop);
    }
    if (PyObject_GetOptionalAttr(future, KR_ID(get_loop), &method) < 0) {
        return NULL;
    }
    if (method != NULL) {
        PyObject *loop = PyObject_CallNoArgs(method);
        Py_DECREF(method);
        return loop;
    }
    return PyObject_GetAttr(future, KR_ID(_loop));
}

static KR_COLD int
raise_state(AsyncioFuture *self, const char *text)
{
    PyErr_SetString(self->module->invalid_state_error, text);
    return -1;
}

// Hands all callbacks to the loop.
static int
schedule_callbacks(AsyncioFuture *self)
{
    AsyncioState *module = self->module;
    PyObject *callback = KR_MOVE(self->callback), *context = KR_MOVE(self->context);
    PyObject *others = KR_MOVE(self->callbacks);
    int status = 0;
    if (callback != NULL) {
        status = kr_asyncio_call_soon(module, self->loop, callback, (PyObject *)self,
                                      context);
        Py_DECREF(callback);
        Py_XDECREF(context);
    }
    if (others == NULL) {
        return status;
    }
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(others); i++) {
        PyObject *pair = PyList_GET_ITEM(others, i);
        status = kr_asyncio_call_soon(module, self->loop, PyTuple_GET_ITEM(pair, 0),
                                      (PyObject *)self, PyTuple_GET_ITEM(pair, 1));
    }
    Py_DECREF(others);
    return status;
}

// --- Start -------------------------------------------------------------------------

PyObject *
kr_asyncio_future_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *module = PyType_GetModuleByDef(cls, &kr_asyncio_def);
    AsyncioFuture *self = module == NULL ? NULL : (AsyncioFuture *)cls->tp_alloc(cls, 0);
    if (self != NULL) {
        self->module = PyModule_GetState(module);
    }
    return (PyObject *)self;
}

// May be called more than once for an object: __init__ is public.
int
kr_asyncio_future_start(AsyncioFuture *self, PyObject *loop)
{
    kr_asyncio_future_clear(self);
    self->state = FUTURE_PENDING;
    self->log_traceback = self->blocking = false;
    self->loop = loop == Py_None ? kr_asyncio_event_loop(self->module) : Py_NewRef(loop);
    if (self->loop == NULL) {
        return -1;
    }
    PyObject *answer = PyObject_CallMethodNoArgs(self->loop, KR_ID(get_debug));
    int debug = answer == NULL ? -1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    if (debug > 0 && !Py_IsFinalizing()) {
        PyObject *stack = PyObject_CallNoArgs(self->module->extract_stack);
        if (stack == NULL) {
            return -1;
        }
        Py_XSETREF(self->source_tb, stack);
    }
    return debug < 0 ? -1 : 0;
}

KR_INIT(future, "Future(*, loop=None)",
        "This class is *almost* compatible with concurrent.futures.Future.\n\n"
        "    Differences:\n\n"
        "    - result() and exception() do not take a timeout argument and\n"
        "      raise an exception when the future isn't done yet.\n\n"
        "    - Callbacks registered with add_done_callback() are always called\n"
        "      via the event loop's call_soon_threadsafe().\n\n"
        "    - This class is not compatible with the wait() and as_completed()\n"
        "      methods in the concurrent.futures package.")
static int
future_init_impl(AsyncioFuture *self, PyObject *loop)
{
    return kr_asyncio_future_start(self, loop);
}

// --- The end -----------------------------------------------------------------------

int
kr_asyncio_set_result(AsyncioFuture *self, PyObject *result)
{
    if (kr_asyncio_check_started(self) < 0) {
        return -1;
    }
    if (self->state != FUTURE_PENDING) {
        return raise_state(self, "invalid state");
    }
    Py_XSETREF(self->result, Py_NewRef(result));
    self->state = FUTURE_FINISHED;
    return schedule_callbacks(self);
}

// StopIteration would end the generator that it is raised in. New reference.
static PyObject *
wrap_stop_iteration(PyObject *exception)
{
    PyObject *wrapped = PyObject_CallFunction(
        PyExc_RuntimeError, "s",
        "StopIteration interacts badly with generators and cannot be raised into a Future");
    if (wrapped != NULL) {
        PyException_SetCause(wrapped, Py_NewRef(exception));
        PyException_SetContext(wrapped, Py_NewRef(exception));
    }
    return wrapped;
}

int
kr_asyncio_set_exception(AsyncioFuture *self, PyObject *exception)
{
    if (kr_asyncio_check_started(self) < 0) {
        return -1;
    }
    if (self->state != FUTURE_PENDING) {
        return raise_state(self, "invalid state");
    }
    PyObject *value = PyExceptionClass_Check(exception) ? PyObject_CallNoArgs(exception)
                                                        : Py_NewRef(exception);
    if (value == NULL) {
        return -1;
    }
    if (!PyExceptionInstance_Check(value)) {
        Py_DECREF(value);
        PyErr_SetString(PyExc_TypeError, "invalid exception object");
        return -1;
    }
    if (PyErr_GivenExceptionMatches(value, PyExc_StopIteration)) {
        PyObject *wrapped = wrap_stop_iteration(value);
        Py_SETREF(value, wrapped);
        if (value == NULL) {
            return -1;
        }
    }
    if (self->state != FUTURE_PENDING) { // the class may have been at it
        Py_DECREF(value);
        return raise_state(self, "invalid state");
    }
    Py_XSETREF(self->exception, value);
    Py_XSETREF(self->exception_tb, PyException_GetTraceback(value));
    self->state = FUTURE_FINISHED;
    int status = schedule_callbacks(self);
    self->log_traceback = true;
    return status;
}

int
kr_asyncio_cancel(AsyncioFuture *self, PyObject *message)
{
    self->log_traceback = false;
    if (self->state != FUTURE_PENDING) {
        return 0;
    }
    self->state = FUTURE_CANCELLED;
    Py_XSETREF(self->cancel_message, Py_XNewRef(message));
    return schedule_callbacks(self) < 0 ? -1 : 1;
}

PyObject *
kr_asyncio_cancelled_error(AsyncioFuture *self)
{
    if (self->cancelled_exc != NULL) {
        return KR_MOVE(self->cancelled_exc);
    }
    PyObject *message = self->cancel_message, *cls = self->module->cancelled_error;
    return message == NULL || message == Py_None ? PyObject_CallNoArgs(cls)
                                                 : PyObject_CallOneArg(cls, message);
}

int
kr_asyncio_outcome(AsyncioFuture *self, PyObject **out)
{
    *out = NULL;
    if (self->state == FUTURE_CANCELLED) {
        *out = kr_asyncio_cancelled_error(self);
        return *out == NULL ? -1 : 1;
    }
    if (self->state != FUTURE_FINISHED) {
        return raise_state(self, self->loop == NULL ? "Future object is not initialized."
                                                    : "Result is not set.");
    }
    self->log_traceback = false;
    if (self->exception == NULL) {
        *out = Py_NewRef(self->result);
        return 0;
    }
    PyObject *tb = self->exception_tb == NULL ? Py_None : self->exception_tb;
    if (PyException_SetTraceback(self->exception, tb) < 0) {
        return -1;
    }
    Py_CLEAR(self->exception_tb);
    *out = Py_NewRef(self->exception);
    return 1;
}

// --- Methods -----------------------------------------------------------------------

KR_METHOD(future, "result(self)",
          "Return the result this future represents.\n\n"
          "If the future has been cancelled, raises CancelledError.  If the\n"
          "future's result isn't yet available, raises InvalidStateError.  If\n"
          "the future is done and has an exception set, this exception is\n"
          "raised.")
static PyObject *
future_result(AsyncioFuture *self)
{
    PyObject *value;
    if (kr_asyncio_outcome(self, &value) > 0) {
        PyErr_SetObject((PyObject *)Py_TYPE(value), value);
        Py_CLEAR(value);
    }
    return value;
}

KR_METHOD(future, "exception(self)",
          "Return the exception that was set on this future.\n\n"
          "The exception (or None if no exception was set) is returned only if\n"
          "the future is done.  If the future has been cancelled, raises\n"
          "CancelledError.  If the future isn't done yet, raises\n"
          "InvalidStateError.")
static PyObject *
future_exception(AsyncioFuture *self)
{
    if (self->state == FUTURE_CANCELLED) {
        return future_result(self);
    }
    if (self->state != FUTURE_FINISHED) {
        raise_state(self, self->loop == NULL ? "Future object is not initialized."
                                             : "Exception is not set.");
        return NULL;
    }
    self->log_traceback = false;
    return Py_NewRef(self->exception == NULL ? Py_None : self->exception);
}

KR_METHOD(future, "set_result(self, result, /)",
          "Mark the future done and set its result.\n\n"
          "If the future is already done when this method is called, raises\n"
          "InvalidStateError.")
static PyObject *
future_set_result(AsyncioFuture *self, PyObject *result)
{
    return kr_asyncio_set_result(self, result) < 0 ? NULL : Py_NewRef(Py_None);
}

KR_METHOD(future, "set_exception(self, exception, /)",
          "Mark the future done and set an exception.\n\n"
          "If the future is already done when this method is called, raises\n"
          "InvalidStateError.")
static PyObject *
future_set_exception(AsyncioFuture *self, PyObject *exception)
{
    return kr_asyncio_set_exception(self, exception) < 0 ? NULL : Py_NewRef(Py_None);
}

int
kr_asyncio_add_callback(AsyncioFuture *self, PyObject *callback, PyObject *context)
{
    if (self->loop == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "uninitialized Future object");
        return -1;
    }
    if (self->state != FUTURE_PENDING) {
        return kr_asyncio_call_soon(self->module, self->loop, callback, (PyObject *)self,
                                    context);
    }
    if (self->callback == NULL && self->callbacks == NULL) {
        self->callback = Py_NewRef(callback);
        self->context = Py_NewRef(context);
        return 0;
    }
    if (self->callbacks == NULL && (self->callbacks = PyList_New(0)) == NULL) {
        return -1;
    }
    PyObject *pair = PyTuple_Pack(2, callback, context);
    int status = pair == NULL ? -1 : PyList_Append(self->callbacks, pair);
    Py_XDECREF(pair);
    return status;
}

KR_METHOD(future, "add_done_callback(self, fn, /, *, context=<unrepresentable>)",
          "Add a callback to be run when the future becomes done.\n\n"
          "The callback is called with a single argument - the future object.\n"
          "If the future is already done when this is called, the callback is\n"
          "scheduled with call_soon.")
static PyObject *
future_add_done_callback(AsyncioFuture *self, PyObject *fn, PyObject *context)
{
    PyObject *current = context == NULL ? PyContext_CopyCurrent() : Py_NewRef(context);
    int status = current == NULL ? -1 : kr_asyncio_add_callback(self, fn, current);
    Py_XDECREF(current);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

// Removes pairs with that callback from the list; how many, or -1. Comparing runs
// Python, which may change the list or take it away.
static Py_ssize_t
remove_listed(AsyncioFuture *self, PyObject *callback)
{
    Py_ssize_t removed = 0;
    PyObject *list = Py_NewRef(self->callbacks), *kept = PyList_New(0);
    for (Py_ssize_t i = 0; kept != NULL && i < PyList_GET_SIZE(list); i++) {
        PyObject *pair = Py_NewRef(PyList_GET_ITEM(list, i));
        int same = PyObject_RichCompareBool(PyTuple_GET_ITEM(pair, 0), callback, Py_EQ);
        if (same < 0 || (same == 0 && PyList_Append(kept, pair) < 0)) {
            Py_CLEAR(kept);
        }
        removed += same > 0;
        Py_DECREF(pair);
    }
    if (kept == NULL) {
        removed = -1;
    }
    else if (removed > 0 && self->callbacks == list) {
        if (PyList_GET_SIZE(kept) == 0) {
            Py_CLEAR(self->callbacks);
        }
        else {
            Py_SETREF(self->callbacks, Py_NewRef(kept));
        }
    }
    Py_XDECREF(kept);
    Py_DECREF(list);
    return removed;
}

KR_METHOD(future, "remove_done_callback(self, fn, /)",
          "Remove all instances of a callback from the \"call when done\" list.\n\n"
          "Returns the number of callbacks removed.")
static PyObject *
future_remove_done_callback(AsyncioFuture *self, PyObject *fn)
{
    Py_ssize_t removed = 0, listed = 0;
    if (kr_asyncio_check_started(self) < 0) {
        return NULL;
    }
    if (self->callback != NULL) {
        PyObject *first = Py_NewRef(self->callback);
        int same = PyObject_RichCompareBool(first, fn, Py_EQ); // may run Python
        if (same > 0 && self->callback == first) {
            Py_CLEAR(self->callback);
            Py_CLEAR(self->context);
        }
        Py_DECREF(first);
        if (same < 0) {
            return NULL;
        }
        removed = same;
    }
    if (self->callbacks != NULL) {
        listed = remove_listed(self, fn);
    }
    return listed < 0 ? NULL : PyLong_FromSsize_t(removed + listed);
}

KR_METHOD(future, "cancel(self, msg=None)",
          "Cancel the future and schedule callbacks.\n\n"
          "If the future is already done or cancelled, return False.  Otherwise,\n"
          "change the future's state to cancelled, schedule the callbacks and\n"
          "return True.")
static PyObject *
future_cancel(AsyncioFuture *self, PyObject *msg)
{
    int done = kr_asyncio_check_started(self) < 0 ? -1 : kr_asyncio_cancel(self, msg);
    return done < 0 ? NULL : PyBool_FromLong(done);
}

KR_METHOD(future, "cancelled(self)", "Return True if the future was cancelled.")
static PyObject *
future_cancelled(AsyncioFuture *self)
{
    return PyBool_FromLong(self->state == FUTURE_CANCELLED);
}

KR_METHOD(future, "done(self)",
          "Return True if the future is done.\n\n"
          "Done means either that a result / exception are available, or that\n"
          "the future was cancelled.")
static PyObject *
future_done(AsyncioFuture *self)
{
    return PyBool_FromLong(self->state != FUTURE_PENDING);
}

KR_METHOD(future, "get_loop(self)", "Return the event loop the Future is bound to.")
static PyObject *
future_get_loop(AsyncioFuture *self)
{
    return kr_asyncio_check_started(self) < 0 ? NULL : Py_NewRef(self->loop);
}

KR_METHOD(future, "_make_cancelled_error(self)",
          "Create the CancelledError to raise if the Future is cancelled.\n\n"
          "This should only be called once when handling a cancellation since\n"
          "it erases the context exception value.")
static PyObject *
future__make_cancelled_error(AsyncioFuture *self)
{
    return kr_asyncio_cancelled_error(self);
}

KR_METHOD_RAW(future, "__class_getitem__($type, object, /)", METH_O | METH_CLASS,
              "Futures are generic over the type of their results")
static PyObject *
future___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

// --- Who waits for it --------------------------------------------------------------

int
kr_asyncio_await(AsyncioState *module, PyObject *future, PyObject *waiter)
{
    if (!kr_asyncio_is_future(module, future) || !kr_asyncio_is_future(module, waiter)) {
        return 0;
    }
    AsyncioFuture *self = (AsyncioFuture *)future;
    if (self->awaited_by == NULL) {
        self->awaited_by = Py_NewRef(waiter);
        return 0;
    }
    if (!self->awaited_by_is_set) {
        PyObject *set = PySet_New(NULL);
        if (set == NULL || PySet_Add(set, self->awaited_by) < 0) {
            Py_XDECREF(set);
            return -1;
        }
        Py_SETREF(self->awaited_by, set);
        self->awaited_by_is_set = true;
    }
    return PySet_Add(self->awaited_by, waiter);
}

int
kr_asyncio_stop_await(AsyncioState *module, PyObject *future, PyObject *waiter)
{
    if (!kr_asyncio_is_future(module, future) || !kr_asyncio_is_future(module, waiter)) {
        return 0;
    }
    AsyncioFuture *self = (AsyncioFuture *)future;
    if (self->awaited_by_is_set) {
        return PySet_Discard(self->awaited_by, waiter) < 0 ? -1 : 0;
    }
    if (self->awaited_by == waiter) {
        Py_CLEAR(self->awaited_by);
    }
    return 0;
}

KR_GETTER(future, "_asyncio_awaited_by", "")
static PyObject *
future__asyncio_awaited_by(AsyncioFuture *self)
{
    if (self->awaited_by == NULL) {
        Py_RETURN_NONE;
    }
    if (self->awaited_by_is_set) {
        return PyFrozenSet_New(self->awaited_by);
    }
    PyObject *set = PyFrozenSet_New(NULL);
    if (set != NULL && PySet_Add(set, self->awaited_by) < 0) {
        Py_CLEAR(set);
    }
    return set;
}

// --- Attributes --------------------------------------------------------------------

KR_GETTER(future, "_state", "")
static PyObject *
future__state(AsyncioFuture *self)
{
    if (kr_asyncio_check_started(self) < 0) {
        return NULL;
    }
    PyObject *const names[] = {KR_ID(PENDING), KR_ID(CANCELLED), KR_ID(FINISHED)};
    return Py_NewRef(names[self->state]);
}

KR_GETTER(future, "_asyncio_future_blocking", "")
static PyObject *
future__asyncio_future_blocking(AsyncioFuture *self)
{
    return PyBool_FromLong(self->loop != NULL && self->blocking);
}

static int
cannot_delete(AsyncioFuture *self, const char *name)
{
    PyErr_Format(PyExc_AttributeError, "attribute '%s' of '%T' objects cannot be deleted",
                 name, self);
    return -1;
}

KR_SETTER(future, "_asyncio_future_blocking")
static int
future_set__asyncio_future_blocking(AsyncioFuture *self, PyObject *value)
{
    if (value == NULL) {
        return cannot_delete(self, "_asyncio_future_blocking");
    }
    int truth = kr_asyncio_check_started(self) < 0 ? -1 : PyObject_IsTrue(value);
    if (truth >= 0) {
        self->blocking = truth;
    }
    return truth < 0 ? -1 : 0;
}

static PyObject *
or_none(PyObject *value)
{
    return Py_NewRef(value == NULL ? Py_None : value);
}

KR_GETTER(future, "_loop", "")
static PyObject *
future__loop(AsyncioFuture *self)
{
    return or_none(self->loop);
}

KR_GETTER(future, "_callbacks", "")
static PyObject *
future__callbacks(AsyncioFuture *self)
{
    if (kr_asyncio_check_started(self) < 0) {
        return NULL;
    }
    if (self->callback == NULL && self->callbacks == NULL) {
        Py_RETURN_NONE;
    }
    PyObject *all = self->callbacks == NULL ? PyList_New(0) : PySequence_List(self->callbacks);
    if (all != NULL && self->callback != NULL) {
        PyObject *pair = PyTuple_Pack(2, self->callback, self->context);
        if (pair == NULL || PyList_Insert(all, 0, pair) < 0) {
            Py_CLEAR(all);
        }
        Py_XDECREF(pair);
    }
    return all;
}

KR_GETTER(future, "_result", "")
static PyObject *
future__result(AsyncioFuture *self)
{
    return kr_asyncio_check_started(self) < 0 ? NULL : or_none(self->result);
}

KR_GETTER(future, "_exception", "")
static PyObject *
future__exception(AsyncioFuture *self)
{
    return kr_asyncio_check_started(self) < 0 ? NULL : or_none(self->exception);
}

KR_GETTER(future, "_log_traceback", "")
static PyObject *
future__log_traceback(AsyncioFuture *self)
{
    if (kr_asyncio_check_started(self) < 0) {
        return NULL;
    }
    return PyBool_FromLong(self->log_traceback);
}

KR_SETTER(future, "_log_traceback")
static int
future_set__log_traceback(AsyncioFuture *self, PyObject *value)
{
    if (value == NULL) {
        return cannot_delete(self, "_log_traceback");
    }
    int truth = PyObject_IsTrue(value);
    if (truth < 0) {
        return -1;
    }
    if (truth) {
        PyErr_SetString(PyExc_ValueError, "_log_traceback can only be set to False");
        return -1;
    }
    self->log_traceback = false;
    return 0;
}

KR_GETTER(future, "_source_traceback", "")
static PyObject *
future__source_traceback(AsyncioFuture *self)
{
    return or_none(self->source_tb);
}

KR_GETTER(future, "_cancel_message", "")
static PyObject *
future__cancel_message(AsyncioFuture *self)
{
    return or_none(self->cancel_message);
}

KR_SETTER(future, "_cancel_message")
static int
future_set__cancel_message(AsyncioFuture *self, PyObject *value)
{
    if (value == NULL) {
        return cannot_delete(self, "_cancel_message");
    }
    Py_XSETREF(self->cancel_message, Py_NewRef(value));
    return 0;
}

KR_TYPE(future)
#include "modules/asyncio/future.methods.h"

// --- The type ----------------------------------------------------------------------

static PyObject *
future_repr(PyObject *op)
{
    AsyncioFuture *self = (AsyncioFuture *)op;
    if (kr_asyncio_check_started(self) < 0) {
        return NULL;
    }
    return PyObject_CallOneArg(self->module->future_repr, op);
}

static PyObject *
future_iter(PyObject *op)
{
    AsyncioFuture *self = (AsyncioFuture *)op;
    return kr_asyncio_check_started(self) < 0 ? NULL : kr_asyncio_iter_new(self);
}

// Tells the loop's exception handler what went unnoticed.
void
kr_asyncio_report(AsyncioFuture *self, PyObject *name, PyObject *message,
                  PyObject *exception)
{
    PyObject *context = PyDict_New(), *done = NULL;
    if (context != NULL && message != NULL
        && PyDict_SetItem(context, KR_ID(message), message) == 0
        && (exception == NULL
            || PyDict_SetItem(context, KR_ID(exception), exception) == 0)
        && PyDict_SetItem(context, name, (PyObject *)self) == 0
        && (self->source_tb == NULL
            || PyDict_SetItem(context, KR_ID(source_traceback), self->source_tb) == 0)) {
        done = PyObject_CallMethodOneArg(self->loop, KR_ID(call_exception_handler), context);
    }
    if (done == NULL) {
        PyErr_FormatUnraisable("Exception ignored while calling asyncio function %R",
                               (PyObject *)self);
    }
    Py_XDECREF(done);
    Py_XDECREF(context);
}

void
kr_asyncio_future_finalize(PyObject *op)
{
    AsyncioFuture *self = (AsyncioFuture *)op;
    if (!self->log_traceback || self->exception == NULL) {
        return;
    }
    self->log_traceback = false;
    PyObject *pending = PyErr_GetRaisedException();
    PyObject *message = PyUnicode_FromFormat("%s exception was never retrieved",
                                             _PyType_Name(Py_TYPE(op)));
    kr_asyncio_report(self, KR_ID(future), message, self->exception);
    Py_XDECREF(message);
    PyErr_SetRaisedException(pending);
}

int
kr_asyncio_future_visit(AsyncioFuture *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->loop);
    Py_VISIT(self->callback);
    Py_VISIT(self->context);
    Py_VISIT(self->callbacks);
    Py_VISIT(self->result);
    Py_VISIT(self->exception);
    Py_VISIT(self->exception_tb);
    Py_VISIT(self->source_tb);
    Py_VISIT(self->cancel_message);
    Py_VISIT(self->cancelled_exc);
    Py_VISIT(self->awaited_by);
    return PyObject_VisitManagedDict((PyObject *)self, visit, arg);
}

void
kr_asyncio_future_clear(AsyncioFuture *self)
{
    Py_CLEAR(self->loop);
    Py_CLEAR(self->callback);
    Py_CLEAR(self->context);
    Py_CLEAR(self->callbacks);
    Py_CLEAR(self->result);
    Py_CLEAR(self->exception);
    Py_CLEAR(self->exception_tb);
    Py_CLEAR(self->source_tb);
    Py_CLEAR(self->cancel_message);
    Py_CLEAR(self->cancelled_exc);
    self->awaited_by_is_set = false;
    Py_CLEAR(self->awaited_by);
}

static int
future_traverse(PyObject *op, visitproc visit, void *arg)
{
    return kr_asyncio_future_visit((AsyncioFuture *)op, visit, arg);
}

static int
future_clear(PyObject *op)
{
    kr_asyncio_future_clear((AsyncioFuture *)op);
    PyObject_ClearManagedDict(op);
    return 0;
}

static void
future_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    if (PyObject_CallFinalizerFromDealloc(op) < 0) {
        return; // brought back
    }
    PyObject_GC_UnTrack(op);
    PyObject_ClearWeakRefs(op);
    future_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyType_Slot future_slots[] = {
    {Py_tp_dealloc, future_dealloc},
    {Py_tp_doc, (void *)future_doc},
    {Py_tp_traverse, future_traverse},
    {Py_tp_clear, future_clear},
    {Py_tp_finalize, kr_asyncio_future_finalize},
    {Py_tp_repr, future_repr},
    {Py_tp_iter, future_iter},
    {Py_am_await, future_iter},
    {Py_tp_methods, future_methods},
    {Py_tp_getset, future_getset},
    {Py_tp_init, future_init},
    {Py_tp_new, kr_asyncio_future_new},
    {0, NULL},
};

PyType_Spec kr_asyncio_future_spec = {
    .name = "_asyncio.Future",
    .basicsize = sizeof(AsyncioFuture),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
             | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_MANAGED_DICT
             | Py_TPFLAGS_MANAGED_WEAKREF,
    .slots = future_slots,
};
