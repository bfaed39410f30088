// SPDX-License-Identifier: MIT
// iter.c - iterators over any sequence and over a callable, and what the
// iterators of containers share.
//
// Callers:     PyObject_GetIter for objects with __getitem__ only; iter(f, x).
// Invariants:  an exhausted iterator has NULL in place of what it walked over.
#include "objects/iter.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/state.h"
#include "objects/tuple.h"

// --- Shared helpers --------------------------------------------------------------

PyObject *
kr_iter_builtin(PyObject *name)
{
    PyObject *builtins = PyEval_GetBuiltins(); // borrowed
    PyObject *function = NULL;
    if (builtins != NULL && PyMapping_GetOptionalItem(builtins, name, &function) == 0) {
        PyErr_SetObject(PyExc_AttributeError, name);
    }
    return function;
}

PyObject *
kr_iter_reduce_steal(PyObject *function, PyObject *object, Py_ssize_t index)
{
    if (function == NULL) {
        return NULL;
    }
    return index < 0 ? Py_BuildValue("N(O)", function, object)
                     : Py_BuildValue("N(O)n", function, object, index);
}

PyObject *
kr_iter_reduce_as_list_steal(PyObject *copy)
{
    PyObject *list = PySequence_List(copy);
    Py_DECREF(copy);
    if (list == NULL) {
        return NULL;
    }
    PyObject *function = kr_iter_builtin(KR_ID(iter));
    if (function == NULL) {
        Py_DECREF(list);
        return NULL;
    }
    return Py_BuildValue("N(N)", function, list);
}

int
kr_iter_clear_stop(void)
{
    if (!PyErr_Occurred()) {
        return 0;
    }
    if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

PyObject *
kr_iter_reuse_pair_steal(PyObject **cache, PyObject *first, PyObject *second)
{
    PyTupleObject *pair = (PyTupleObject *)*cache;
    if (pair == NULL || Py_REFCNT(pair) != 1 || first == NULL || second == NULL) {
        PyObject *made = kr_tuple_pair_steal(first, second);
        if (made != NULL) {
            // Kept for the next time; released there if somebody else still has it.
            Py_XSETREF(*cache, Py_NewRef(made));
        }
        return made;
    }
    PyObject **items = pair->ob_item;
    PyObject *old_first = items[0], *old_second = items[1];
    items[0] = first;
    items[1] = second;
    pair->ob_hash = -1;
    Py_INCREF(pair);
    Py_DECREF(old_first); // may run Python
    Py_DECREF(old_second);
    if (KR_UNLIKELY(!PyObject_GC_IsTracked((PyObject *)pair))) {
        kr_gc_track(pair);
    }
    return (PyObject *)pair;
}

// --- Iterator over a sequence -------------------------------------------------------

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    PyObject *sequence; // owned; NULL when exhausted
} SeqIter;

PyObject *
PySeqIter_New(PyObject *sequence)
{
    if (!PySequence_Check(sequence)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    SeqIter *self = kr_object_new_gc(&PySeqIter_Type, sizeof(SeqIter));
    if (self == NULL) {
        return NULL;
    }
    self->index = 0;
    self->sequence = Py_NewRef(sequence);
    kr_gc_track(self);
    return (PyObject *)self;
}

static void
seqiter_dealloc(PyObject *op)
{
    kr_gc_untrack(op);
    Py_XDECREF(((SeqIter *)op)->sequence);
    kr_object_free(op);
}

static int
seqiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((SeqIter *)op)->sequence);
    return 0;
}

static PyObject *
seqiter_next(PyObject *op)
{
    SeqIter *self = (SeqIter *)op;
    PyObject *sequence = self->sequence;
    if (sequence == NULL) {
        return NULL;
    }
    if (self->index == PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "iter index too large");
        return NULL;
    }
    Py_INCREF(sequence);
    PyObject *item = PySequence_GetItem(sequence, self->index); // may run Python
    if (item != NULL) {
        self->index++;
    }
    else if (PyErr_ExceptionMatches(PyExc_IndexError)
             || PyErr_ExceptionMatches(PyExc_StopIteration)) {
        PyErr_Clear();
        Py_CLEAR(self->sequence);
    }
    Py_DECREF(sequence);
    return item;
}

KR_METHOD(seqiter, "__length_hint__(self, /)", "Return how many items are still to come.")
static PyObject *
seqiter___length_hint__(SeqIter *self)
{
    if (self->sequence == NULL) {
        return PyLong_FromLong(0);
    }
    if (!PyObject_HasAttrWithError(self->sequence, KR_ID(__len__))) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_ssize_t size = PySequence_Size(self->sequence);
    if (size < 0) {
        return NULL;
    }
    return PyLong_FromSsize_t(size > self->index ? size - self->index : 0);
}

KR_METHOD(seqiter, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
seqiter___reduce__(SeqIter *self)
{
    PyObject *function = kr_iter_builtin(KR_ID(iter)); // may run Python
    return kr_iter_reduce_steal(
        function, self->sequence == NULL ? (PyObject *)&kr_tuple_empty : self->sequence,
        self->sequence == NULL ? -1 : self->index);
}

KR_METHOD(seqiter, "__setstate__(self, object, /)", "Set the position.")
static PyObject *
seqiter___setstate__(SeqIter *self, PyObject *state)
{
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (self->sequence != NULL) {
        self->index = index < 0 ? 0 : index;
    }
    Py_RETURN_NONE;
}

// --- Iterator over calls -------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *callable; // owned; NULL when exhausted
    PyObject *sentinel; // owned; NULL when exhausted
} CallIter;

PyObject *
PyCallIter_New(PyObject *callable, PyObject *sentinel)
{
    CallIter *self = kr_object_new_gc(&PyCallIter_Type, sizeof(CallIter));
    if (self == NULL) {
        return NULL;
    }
    self->callable = Py_NewRef(callable);
    self->sentinel = Py_NewRef(sentinel);
    kr_gc_track(self);
    return (PyObject *)self;
}

static void
calliter_dealloc(PyObject *op)
{
    CallIter *self = (CallIter *)op;
    kr_gc_untrack(self);
    Py_XDECREF(self->callable);
    Py_XDECREF(self->sentinel);
    kr_object_free(self);
}

static int
calliter_traverse(PyObject *op, visitproc visit, void *arg)
{
    CallIter *self = (CallIter *)op;
    Py_VISIT(self->callable);
    Py_VISIT(self->sentinel);
    return 0;
}

static PyObject *
calliter_next(PyObject *op)
{
    CallIter *self = (CallIter *)op;
    if (self->callable == NULL) {
        return NULL;
    }
    PyObject *callable = Py_NewRef(self->callable);
    PyObject *result = PyObject_CallNoArgs(callable);
    Py_DECREF(callable);
    if (result == NULL) {
        if (PyErr_ExceptionMatches(PyExc_StopIteration)) {
            PyErr_Clear();
            Py_CLEAR(self->callable);
            Py_CLEAR(self->sentinel);
        }
        return NULL;
    }
    // The call may have exhausted the iterator behind our back.
    if (self->sentinel == NULL) {
        Py_DECREF(result);
        return NULL;
    }
    PyObject *sentinel = Py_NewRef(self->sentinel);
    int equal = PyObject_RichCompareBool(sentinel, result, Py_EQ);
    Py_DECREF(sentinel);
    if (equal == 0) {
        return result;
    }
    Py_DECREF(result);
    if (equal > 0) {
        Py_CLEAR(self->callable);
        Py_CLEAR(self->sentinel);
    }
    return NULL;
}

KR_METHOD(calliter, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
calliter___reduce__(CallIter *self)
{
    PyObject *function = kr_iter_builtin(KR_ID(iter)); // may run Python
    if (function == NULL) {
        return NULL;
    }
    if (self->callable != NULL && self->sentinel != NULL) {
        return Py_BuildValue("N(OO)", function, self->callable, self->sentinel);
    }
    return Py_BuildValue("N(())", function);
}

KR_TYPE(seqiter)
KR_TYPE(calliter)
#include "objects/iter.methods.h"

PyTypeObject PySeqIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "iterator",
    .tp_basicsize = sizeof(SeqIter),
    .tp_dealloc = seqiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = seqiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = seqiter_next,
    .tp_methods = seqiter_methods,
};

PyTypeObject PyCallIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "callable_iterator",
    .tp_basicsize = sizeof(CallIter),
    .tp_dealloc = calliter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = calliter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = calliter_next,
    .tp_methods = calliter_methods,
};
