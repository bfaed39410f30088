// SPDX-License-Identifier: MIT
// iter.c - iterators over bytes and bytearray.
//
// Invariants:  an exhausted iterator has NULL in place of what it walked over.
#include "objects/bytes/bytes.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/iter.h"
#include "objects/tuple.h"

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    PyObject *sequence; // owned; NULL when exhausted
} BytesIter;

static PyObject *
iter_make(PyTypeObject *type, PyObject *sequence)
{
    BytesIter *self = (BytesIter *)_PyObject_GC_New(type);
    if (self == NULL) {
        return NULL;
    }
    self->index = 0;
    self->sequence = Py_NewRef(sequence);
    kr_gc_track(self);
    return (PyObject *)self;
}

PyObject *
kr_bytes_iter(PyObject *self)
{
    return iter_make(&PyBytesIter_Type, self);
}

PyObject *
kr_bytearray_iter(PyObject *self)
{
    return iter_make(&PyByteArrayIter_Type, self);
}

static void
bytesiter_dealloc(PyObject *op)
{
    BytesIter *self = (BytesIter *)op;
    kr_gc_untrack(self);
    Py_XDECREF(self->sequence);
    kr_object_free(self);
}

static int
bytesiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((BytesIter *)op)->sequence);
    return 0;
}

static PyObject *
bytesiter_next(PyObject *op)
{
    BytesIter *self = (BytesIter *)op;

    if (self->sequence == NULL) {
        return NULL;
    }
    KrBytes s = kr_bytes_span(self->sequence);
    if (self->index < s.size) {
        return PyLong_FromLong((unsigned char)s.data[self->index++]);
    }
    Py_CLEAR(self->sequence);
    return NULL;
}

KR_METHOD(bytesiter, "__length_hint__(self, /)",
          "Private method returning an estimate of len(list(it)).")
KR_METHOD(bytearrayiter, "__length_hint__(self, /)",
          "Private method returning an estimate of len(list(it)).")
static PyObject *
bytesiter_length_hint(BytesIter *self)
{
    Py_ssize_t left = 0;
    if (self->sequence != NULL) {
        left = kr_bytes_span(self->sequence).size - self->index;
    }
    return PyLong_FromSsize_t(left < 0 ? 0 : left);
}

KR_METHOD(bytesiter, "__reduce__(self, /)", "Return state information for pickling.")
KR_METHOD(bytearrayiter, "__reduce__(self, /)", "Return state information for pickling.")
static PyObject *
bytesiter_reduce(BytesIter *self)
{
    PyObject *function = kr_iter_builtin(KR_ID(iter)); // may run Python
    if (self->sequence != NULL) {
        return kr_iter_reduce_steal(function, self->sequence, self->index);
    }
    return kr_iter_reduce_steal(function, (PyObject *)&kr_tuple_empty, -1);
}

KR_METHOD(bytesiter, "__setstate__(self, object, /)",
          "Set state information for unpickling.")
KR_METHOD(bytearrayiter, "__setstate__(self, object, /)",
          "Set state information for unpickling.")
static PyObject *
bytesiter_setstate(BytesIter *self, PyObject *object)
{
    Py_ssize_t index = PyLong_AsSsize_t(object);

    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (self->sequence != NULL) {
        Py_ssize_t size = kr_bytes_span(self->sequence).size;
        self->index = index < 0 ? 0 : index > size ? size : index;
    }
    Py_RETURN_NONE;
}

KR_TYPE(bytesiter)
KR_TYPE(bytearrayiter)
#include "objects/bytes/iter.methods.h"

#define ITER_SLOTS                                                            \
    .tp_basicsize = sizeof(BytesIter),                                        \
    .tp_dealloc = bytesiter_dealloc,                                          \
    .tp_getattro = PyObject_GenericGetAttr,                                   \
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC |                     \
                Py_TPFLAGS_DISALLOW_INSTANTIATION,                            \
    .tp_traverse = bytesiter_traverse,                                        \
    .tp_iter = PyObject_SelfIter,                                             \
    .tp_iternext = bytesiter_next

PyTypeObject PyBytesIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "bytes_iterator",
    ITER_SLOTS,
    .tp_methods = bytesiter_methods,
};

PyTypeObject PyByteArrayIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "bytearray_iterator",
    ITER_SLOTS,
    .tp_methods = bytearrayiter_methods,
};
