// SPDX-License-Identifier: MIT
// iter.c - iterators over strings: str_iterator and str_ascii_iterator.
//
// Invariants: text is NULL once the iterator is exhausted.
#include "objects/str/str.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/iter.h"

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    PyObject *text; // owned
} KrStrIter;

extern PyTypeObject _PyUnicodeASCIIIter_Type;

PyObject *
kr_str_iter(PyObject *text)
{
    PyTypeObject *type = PyUnicode_IS_COMPACT_ASCII(text) ? &_PyUnicodeASCIIIter_Type
                                                          : &PyUnicodeIter_Type;
    KrStrIter *self = kr_object_new_gc(type, sizeof(KrStrIter));
    if (self == NULL) {
        return NULL;
    }
    self->index = 0;
    self->text = Py_NewRef(text);
    kr_gc_track(self);
    return (PyObject *)self;
}

static void
striter_dealloc(PyObject *op)
{
    kr_gc_untrack(op);
    Py_XDECREF(((KrStrIter *)op)->text);
    PyObject_GC_Del(op);
}

static int
striter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((KrStrIter *)op)->text);
    return 0;
}

static PyObject *
striter_next(PyObject *op)
{
    KrStrIter *self = (KrStrIter *)op;
    PyObject *text = self->text;
    if (text == NULL) {
        return NULL;
    }
    if (self->index < PyUnicode_GET_LENGTH(text)) {
        return kr_str_from_char(PyUnicode_READ_CHAR(text, self->index++));
    }
    Py_CLEAR(self->text);
    return NULL;
}

static PyObject *
asciiiter_next(PyObject *op)
{
    KrStrIter *self = (KrStrIter *)op;
    PyObject *text = self->text;
    if (text == NULL) {
        return NULL;
    }
    if (self->index < PyUnicode_GET_LENGTH(text)) {
        const Py_UCS1 *data = (const Py_UCS1 *)(KR_ASCII(text) + 1);
        return Py_NewRef(kr_latin1_strings[data[self->index++]]);
    }
    Py_CLEAR(self->text);
    return NULL;
}

KR_METHOD(striter, "__length_hint__(self, /)",
          "Return how many characters are still to come.")
static PyObject *
striter___length_hint__(KrStrIter *self)
{
    Py_ssize_t left =
        self->text == NULL ? 0 : PyUnicode_GET_LENGTH(self->text) - self->index;
    return PyLong_FromSsize_t(left);
}

KR_METHOD(striter, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
striter___reduce__(KrStrIter *self)
{
    PyObject *function = kr_iter_builtin(KR_ID(iter)); // may run Python
    if (self->text == NULL) {
        return kr_iter_reduce_steal(function, kr_empty_str_borrow(), -1);
    }
    return kr_iter_reduce_steal(function, self->text, self->index);
}

KR_METHOD(striter, "__setstate__(self, object, /)", "Set the position.")
static PyObject *
striter___setstate__(KrStrIter *self, PyObject *state)
{
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (self->text != NULL) {
        Py_ssize_t length = PyUnicode_GET_LENGTH(self->text);
        self->index = index < 0 ? 0 : Py_MIN(index, length);
    }
    Py_RETURN_NONE;
}

KR_TYPE(striter)
#include "objects/str/iter.methods.h"

PyTypeObject PyUnicodeIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "str_iterator",
    .tp_basicsize = sizeof(KrStrIter),
    .tp_dealloc = striter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = striter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = striter_next,
    .tp_methods = striter_methods,
};

PyTypeObject _PyUnicodeASCIIIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "str_ascii_iterator",
    .tp_basicsize = sizeof(KrStrIter),
    .tp_dealloc = striter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = striter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = asciiiter_next,
    .tp_methods = striter_methods,
};
