// SPDX-License-Identifier: MIT
// tuple_iter.c - the iterator over tuples.
//
// Invariants: tuple is NULL once the iterator is exhausted.
#include "objects/tuple.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/iter.h"

static void
tupleiter_dealloc(PyObject *op)
{
    kr_gc_untrack(op);
    Py_XDECREF(((KrTupleIter *)op)->tuple);
    kr_object_free(op);
}

static int
tupleiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((KrTupleIter *)op)->tuple);
    return 0;
}

static PyObject *
tupleiter_next(PyObject *op)
{
    KrTupleIter *self = (KrTupleIter *)op;
    PyTupleObject *tuple = self->tuple;
    if (tuple == NULL) {
        return NULL;
    }
    if (self->index < Py_SIZE(tuple)) {
        return Py_NewRef(tuple->ob_item[self->index++]);
    }
    Py_CLEAR(self->tuple);
    return NULL;
}

KR_METHOD(tupleiter, "__length_hint__(self, /)",
          "Return how many items are still to come.")
static PyObject *
tupleiter___length_hint__(KrTupleIter *self)
{
    Py_ssize_t left = self->tuple == NULL ? 0 : Py_SIZE(self->tuple) - self->index;
    return PyLong_FromSsize_t(left);
}

KR_METHOD(tupleiter, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
tupleiter___reduce__(KrTupleIter *self)
{
    PyObject *function = kr_iter_builtin(KR_ID(iter)); // may run Python
    return kr_iter_reduce_steal(function,
                                self->tuple == NULL ? (PyObject *)&kr_tuple_empty
                                                    : (PyObject *)self->tuple,
                                self->tuple == NULL ? -1 : self->index);
}

KR_METHOD(tupleiter, "__setstate__(self, object, /)", "Set the position.")
static PyObject *
tupleiter___setstate__(KrTupleIter *self, PyObject *state)
{
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (self->tuple != NULL) {
        Py_ssize_t size = Py_SIZE(self->tuple);
        self->index = index < 0 ? 0 : index > size ? size : index;
    }
    Py_RETURN_NONE;
}

KR_TYPE(tupleiter)
#include "objects/tuple_iter.methods.h"

PyTypeObject PyTupleIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "tuple_iterator",
    .tp_basicsize = sizeof(KrTupleIter),
    .tp_dealloc = tupleiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = tupleiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = tupleiter_next,
    .tp_methods = tupleiter_methods,
};
