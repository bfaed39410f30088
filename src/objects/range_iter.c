// SPDX-License-Identifier: MIT
// range_iter.c - iterators over ranges: of C longs, and of ints of any size.
//
// Invariants: next + left * step fits a long in the first form.
#include "objects/range.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/iter.h"

PyObject *
kr_range_iter_new(long start, long step, long left)
{
    KrRangeIter *self = kr_object_alloc(sizeof *self, false, false);
    if (self == NULL) {
        return PyErr_NoMemory();
    }
    kr_object_start(self, &PyRangeIter_Type);
    self->next = start;
    self->step = step;
    self->left = left;
    return (PyObject *)self;
}

static void
rangeiter_dealloc(PyObject *op)
{
    kr_object_free_plain(op);
}

static PyObject *
rangeiter_next(PyObject *op)
{
    KrRangeIter *self = (KrRangeIter *)op;
    if (self->left <= 0) {
        return NULL;
    }
    long number = self->next;
    self->next = number + self->step;
    self->left--;
    return PyLong_FromLong(number);
}

// (iter, (range(start, stop, step),), None)
static PyObject *
reduce_as_range(PyObject *range)
{
    PyObject *function = range == NULL ? NULL : kr_iter_builtin(KR_ID(iter));
    if (function == NULL) {
        Py_XDECREF(range);
        return NULL;
    }
    return Py_BuildValue("N(N)O", function, range, Py_None);
}

KR_METHOD(rangeiter, "__length_hint__(self, /)",
          "Return how many numbers are still to come.")
static PyObject *
rangeiter___length_hint__(KrRangeIter *self)
{
    return PyLong_FromLong(self->left);
}

KR_METHOD(rangeiter, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
rangeiter___reduce__(KrRangeIter *self)
{
    return reduce_as_range(
        kr_range_new(self->next, self->next + self->left * self->step, self->step));
}

KR_METHOD(rangeiter, "__setstate__(self, object, /)", "Skip that many numbers.")
static PyObject *
rangeiter___setstate__(KrRangeIter *self, PyObject *state)
{
    long skip = PyLong_AsLong(state);
    if (skip == -1 && PyErr_Occurred()) {
        return NULL;
    }
    skip = skip < 0 ? 0 : skip > self->left ? self->left : skip;
    self->next += skip * self->step;
    self->left -= skip;
    Py_RETURN_NONE;
}

// --- Ints of any size ------------------------------------------------------------------

PyObject *
kr_longrange_iter_new_steal(PyObject *start, PyObject *step, PyObject *left)
{
    KrLongRangeIter *self = PyObject_New(KrLongRangeIter, &PyLongRangeIter_Type);
    if (self == NULL) {
        Py_DECREF(start);
        Py_DECREF(step);
        Py_DECREF(left);
        return NULL;
    }
    self->next = start;
    self->step = step;
    self->left = left;
    return (PyObject *)self;
}

static void
longrangeiter_dealloc(PyObject *op)
{
    KrLongRangeIter *self = (KrLongRangeIter *)op;
    Py_DECREF(self->next);
    Py_DECREF(self->step);
    Py_DECREF(self->left);
    PyObject_Free(self);
}

static PyObject *
longrangeiter_next(PyObject *op)
{
    KrLongRangeIter *self = (KrLongRangeIter *)op;
    if (PyLong_IsZero(self->left)) {
        return NULL;
    }
    PyObject *one = PyLong_FromLong(1);
    PyObject *left = one == NULL ? NULL : PyNumber_Subtract(self->left, one);
    PyObject *next = left == NULL ? NULL : PyNumber_Add(self->next, self->step);
    Py_XDECREF(one);
    if (next == NULL) {
        Py_XDECREF(left);
        return NULL;
    }
    PyObject *result = self->next;
    self->next = next;
    Py_SETREF(self->left, left);
    return result;
}

KR_METHOD(longrangeiter, "__length_hint__(self, /)",
          "Return how many numbers are still to come.")
static PyObject *
longrangeiter___length_hint__(KrLongRangeIter *self)
{
    return Py_NewRef(self->left);
}

KR_METHOD(longrangeiter, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
longrangeiter___reduce__(KrLongRangeIter *self)
{
    PyObject *span = PyNumber_Multiply(self->left, self->step);
    PyObject *stop = span == NULL ? NULL : PyNumber_Add(self->next, span);
    Py_XDECREF(span);
    if (stop == NULL) {
        return NULL;
    }
    PyObject *range = PyObject_CallFunctionObjArgs((PyObject *)&PyRange_Type, self->next,
                                                   stop, self->step, NULL);
    Py_DECREF(stop);
    return reduce_as_range(range);
}

KR_METHOD(longrangeiter, "__setstate__(self, object, /)", "Skip that many numbers.")
static PyObject *
longrangeiter___setstate__(KrLongRangeIter *self, PyObject *state)
{
    if (!PyLong_CheckExact(state)) {
        PyErr_Format(PyExc_TypeError, "state must be an int, not %T", state);
        return NULL;
    }
    if (PyLong_IsNegative(state)) {
        Py_RETURN_NONE;
    }
    int beyond = PyObject_RichCompareBool(state, self->left, Py_GT);
    if (beyond < 0) {
        return NULL;
    }
    PyObject *skip = beyond ? self->left : state;
    PyObject *left = PyNumber_Subtract(self->left, skip);
    PyObject *span = left == NULL ? NULL : PyNumber_Multiply(skip, self->step);
    PyObject *next = span == NULL ? NULL : PyNumber_Add(self->next, span);
    Py_XDECREF(span);
    if (next == NULL) {
        Py_XDECREF(left);
        return NULL;
    }
    Py_SETREF(self->next, next);
    Py_SETREF(self->left, left);
    Py_RETURN_NONE;
}

KR_TYPE(rangeiter)
KR_TYPE(longrangeiter)
#include "objects/range_iter.methods.h"

PyTypeObject PyRangeIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "range_iterator",
    .tp_basicsize = sizeof(KrRangeIter),
    .tp_dealloc = rangeiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = rangeiter_next,
    .tp_methods = rangeiter_methods,
};

PyTypeObject PyLongRangeIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "longrange_iterator",
    .tp_basicsize = sizeof(KrLongRangeIter),
    .tp_dealloc = longrangeiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = longrangeiter_next,
    .tp_methods = longrangeiter_methods,
};
