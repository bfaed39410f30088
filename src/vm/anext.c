// SPDX-License-Identifier: MIT
// anext.c - the awaitable of anext(iterator, default).
//
// It drives the inner awaitable and turns StopAsyncIteration into the default.
#include "objects/ids.h"
#include "objects/method_macros.h"
#include "vm/generator.h"

typedef struct {
    PyObject_HEAD
    PyObject *wrapped;  // owned
    PyObject *fallback; // owned
} AnextAwaitable;

static PyTypeObject anext_awaitable_type;

PyObject *
kr_anext_awaitable_new(PyObject *awaitable, PyObject *fallback)
{
    AnextAwaitable *self = PyObject_GC_New(AnextAwaitable, &anext_awaitable_type);
    if (self == NULL) {
        return NULL;
    }
    self->wrapped = Py_NewRef(awaitable);
    self->fallback = Py_NewRef(fallback);
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

// The iterator behind the wrapped awaitable; new reference.
static PyObject *
anext_iterator(AnextAwaitable *self)
{
    PyObject *iterator = kr_coro_get_awaitable_iter(self->wrapped);
    if (iterator == NULL) {
        return NULL;
    }
    if (PyCoro_CheckExact(iterator)) {
        PyObject *inner = Py_TYPE(iterator)->tp_as_async->am_await(iterator);
        Py_SETREF(iterator, inner);
    }
    return iterator;
}

// The end of the asynchronous iteration becomes the default.
static PyObject *
anext_outcome(AnextAwaitable *self, PyObject *result)
{
    if (result == NULL && PyErr_ExceptionMatches(PyExc_StopAsyncIteration)) {
        PyErr_Clear();
        _PyGen_SetStopIterationValue(self->fallback);
    }
    return result;
}

static PyObject *
anext_iternext(PyObject *op)
{
    PyObject *iterator = anext_iterator((AnextAwaitable *)op);
    if (iterator == NULL) {
        return NULL;
    }
    PyObject *result = Py_TYPE(iterator)->tp_iternext(iterator);
    Py_DECREF(iterator);
    return anext_outcome((AnextAwaitable *)op, result);
}

static PyObject *
anext_forward(PyObject *op, PyObject *name, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *iterator = anext_iterator((AnextAwaitable *)op);
    if (iterator == NULL) {
        return NULL;
    }
    PyObject *method = PyObject_GetAttr(iterator, name);
    PyObject *result = method == NULL ? NULL
                                      : PyObject_Vectorcall(method, args, (size_t)nargs, NULL);
    Py_XDECREF(method);
    Py_DECREF(iterator);
    return anext_outcome((AnextAwaitable *)op, result);
}

KR_METHOD_RAW(anext_awaitable, "send", METH_O, "send(arg) -> send 'arg' into the wrapped iterator.")
static PyObject *
anext_awaitable_send(PyObject *op, PyObject *value)
{
    return anext_forward(op, KR_ID(send), &value, 1);
}

KR_METHOD_RAW(anext_awaitable, "throw", METH_FASTCALL,
              "throw(value) -> raise an exception in the wrapped iterator.")
static PyObject *
anext_awaitable_throw(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    return anext_forward(op, KR_ID(throw), args, nargs);
}

KR_METHOD_RAW(anext_awaitable, "close", METH_NOARGS,
              "close() -> raise GeneratorExit inside the wrapped iterator.")
static PyObject *
anext_awaitable_close(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return anext_forward(op, KR_ID(close), NULL, 0);
}

static void
anext_awaitable_dealloc(PyObject *op)
{
    AnextAwaitable *self = (AnextAwaitable *)op;
    PyObject_GC_UnTrack(op);
    Py_CLEAR(self->wrapped);
    Py_CLEAR(self->fallback);
    PyObject_GC_Del(op);
}

static int
anext_awaitable_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((AnextAwaitable *)op)->wrapped);
    Py_VISIT(((AnextAwaitable *)op)->fallback);
    return 0;
}

KR_TYPE(anext_awaitable)
#include "vm/anext.methods.h"

static PyAsyncMethods anext_as_async = {.am_await = PyObject_SelfIter};

static PyTypeObject anext_awaitable_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "anext_awaitable",
    .tp_basicsize = sizeof(AnextAwaitable),
    .tp_dealloc = anext_awaitable_dealloc,
    .tp_as_async = &anext_as_async,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = anext_awaitable_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = anext_iternext,
    .tp_methods = anext_awaitable_methods,
};

int
kr_init_anext(void)
{
    return PyType_Ready(&anext_awaitable_type);
}
