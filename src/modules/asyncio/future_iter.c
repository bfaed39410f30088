// SPDX-License-Identifier: MIT
// future_iter.c - what awaiting a future goes through: yields it once, then returns
// its result.
#include "modules/asyncio/asyncio.h"

#include "objects/args.h"
#include "objects/ids.h"

typedef struct {
    PyObject_HEAD
    AsyncioFuture *future; // owned; NULL: closed
} FutureIter;

PyObject *
kr_asyncio_iter_new(AsyncioFuture *future)
{
    FutureIter *self = PyObject_GC_New(FutureIter, future->module->iter_type);
    if (self != NULL) {
        self->future = (AsyncioFuture *)Py_NewRef(future);
        PyObject_GC_Track(self);
    }
    return (PyObject *)self;
}

static PySendResult
futureiter_am_send(PyObject *op, PyObject *unused, PyObject **out)
{
    FutureIter *self = (FutureIter *)op;
    AsyncioFuture *future = self->future;
    *out = NULL;
    if (future == NULL) {
        return PYGEN_ERROR;
    }
    if (future->state == FUTURE_PENDING) {
        if (!future->blocking) {
            future->blocking = true;
            *out = Py_NewRef(future);
            return PYGEN_NEXT;
        }
        PyErr_SetString(PyExc_RuntimeError, "await wasn't used with future");
        return PYGEN_ERROR;
    }
    Py_INCREF(future);
    if (kr_asyncio_is_exact(future->module, (PyObject *)future)) {
        int kind = kr_asyncio_outcome(future, out);
        if (kind > 0) {
            PyErr_SetObject((PyObject *)Py_TYPE(*out), *out);
            Py_CLEAR(*out);
        }
    }
    else {
        *out = PyObject_CallMethodNoArgs((PyObject *)future, KR_ID(result));
    }
    Py_DECREF(future);
    return *out == NULL ? PYGEN_ERROR : PYGEN_RETURN;
}

static PyObject *
futureiter_next(PyObject *self)
{
    PyObject *value;
    switch (futureiter_am_send(self, Py_None, &value)) {
    case PYGEN_NEXT:
        return value;
    case PYGEN_RETURN:
        _PyGen_SetStopIterationValue(value);
        Py_DECREF(value);
        return NULL;
    default:
        return NULL;
    }
}

KR_METHOD_RAW(futureiter, "send($self, object, /)", METH_O, "")
static PyObject *
futureiter_send(PyObject *self, PyObject *value)
{
    PyObject *result = futureiter_next(self);
    if (result == NULL && !PyErr_Occurred()) {
        PyErr_SetNone(PyExc_StopIteration);
    }
    return result;
}

// An exception from the one to three arguments of throw(). New reference.
static PyObject *
thrown_exception(PyObject *type, PyObject *value, PyObject *tb)
{
    PyObject *exception;
    if (PyExceptionInstance_Check(type)) {
        if (value != NULL && value != Py_None) {
            PyErr_SetString(PyExc_TypeError,
                            "instance exception may not have a separate value");
            return NULL;
        }
        exception = Py_NewRef(type);
    }
    else if (PyExceptionClass_Check(type)) {
        if (value != NULL && PyObject_IsInstance(value, type) == 1) {
            exception = Py_NewRef(value);
        }
        else if (value == NULL || value == Py_None) {
            exception = PyObject_CallNoArgs(type);
        }
        else if (PyTuple_Check(value)) {
            exception = PyObject_Call(type, value, NULL);
        }
        else {
            exception = PyObject_CallOneArg(type, value);
        }
    }
    else {
        PyErr_SetString(PyExc_TypeError, "exceptions must be classes deriving BaseException "
                                         "or instances of such a class");
        return NULL;
    }
    if (exception != NULL && !PyExceptionInstance_Check(exception)) {
        PyErr_SetString(PyExc_TypeError, "exceptions must derive from BaseException");
        Py_CLEAR(exception);
    }
    if (exception != NULL && tb != NULL && PyException_SetTraceback(exception, tb) < 0) {
        Py_CLEAR(exception);
    }
    return exception;
}

KR_METHOD_RAW(futureiter, "throw", METH_FASTCALL, "")
static PyObject *
futureiter_throw(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    FutureIter *self = (FutureIter *)op;
    if (!kr_arg_count("throw", nargs, 1, 3)) {
        return NULL;
    }
    if (nargs > 1
        && PyErr_WarnEx(PyExc_DeprecationWarning,
                        "the (type, exc, tb) signature of throw() is deprecated, "
                        "use the single-arg signature instead.",
                        1) < 0) {
        return NULL;
    }
    PyObject *value = nargs > 1 ? args[1] : NULL, *tb = nargs > 2 ? args[2] : NULL;
    if (tb == Py_None) {
        tb = NULL;
    }
    else if (tb != NULL && !PyTraceBack_Check(tb)) {
        PyErr_SetString(PyExc_TypeError, "throw() third argument must be a traceback");
        return NULL;
    }
    PyObject *exception = thrown_exception(args[0], value, tb);
    if (exception != NULL) {
        Py_CLEAR(self->future);
        PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
        Py_DECREF(exception);
    }
    return NULL;
}

KR_METHOD(futureiter, "close(self)", "")
static PyObject *
futureiter_close(FutureIter *self)
{
    Py_CLEAR(self->future);
    Py_RETURN_NONE;
}

KR_TYPE(futureiter)
#include "modules/asyncio/future_iter.methods.h"

static int
futureiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((FutureIter *)op)->future);
    return 0;
}

static int
futureiter_clear(PyObject *op)
{
    Py_CLEAR(((FutureIter *)op)->future);
    return 0;
}

static void
futureiter_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    futureiter_clear(op);
    PyObject_GC_Del(op);
    Py_DECREF(type);
}

static PyType_Slot futureiter_slots[] = {
    {Py_tp_dealloc, futureiter_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, futureiter_traverse},
    {Py_tp_clear, futureiter_clear},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, futureiter_next},
    {Py_am_send, futureiter_am_send},
    {Py_tp_methods, futureiter_methods},
    {0, NULL},
};

PyType_Spec kr_asyncio_iter_spec = {
    .name = "_asyncio.FutureIter",
    .basicsize = sizeof(FutureIter),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = futureiter_slots,
};
