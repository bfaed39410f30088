// SPDX-License-Identifier: MIT
// deque_iter.c - iterators over deques, both ways.
//
// Invariants: index and left are of the deque as it was when it had `changes`.
#include "modules/collections/deque.h"

#include "objects/args.h"
#include "objects/ids.h"

PyObject *
kr_deque_iter_new(Deque *deque, PyTypeObject *type)
{
    DequeIter *self = PyObject_GC_New(DequeIter, type);
    if (self == NULL) {
        return NULL;
    }
    self->deque = (Deque *)Py_NewRef(deque);
    self->left = Py_SIZE(deque);
    self->index = type == &kr_deque_iter_type ? 0 : self->left - 1;
    self->changes = deque->changes;
    self->unused = NULL;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static void
dequeiter_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_XDECREF(((DequeIter *)op)->deque);
    PyObject_GC_Del(op);
}

static int
dequeiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((DequeIter *)op)->deque);
    return 0;
}

static int
dequeiter_clear(PyObject *op)
{
    Py_CLEAR(((DequeIter *)op)->deque);
    return 0;
}

// The next item; direction is 1 or -1.
static inline PyObject *
dequeiter_step(DequeIter *self, Py_ssize_t direction)
{
    if (self->deque == NULL) {
        return NULL;
    }
    if (self->deque->changes != self->changes) {
        self->left = 0;
        PyErr_SetString(PyExc_RuntimeError, "deque mutated during iteration");
        return NULL;
    }
    if (self->left == 0) {
        return NULL;
    }
    PyObject *item = *kr_deque_place(self->deque, self->index);
    self->index += direction;
    self->left--;
    return Py_NewRef(item);
}

static PyObject *
dequeiter_next(PyObject *op)
{
    return dequeiter_step((DequeIter *)op, 1);
}

static PyObject *
dequereviter_next(PyObject *op)
{
    return dequeiter_step((DequeIter *)op, -1);
}

// Both types can be called: (deque, number of items given out already).
static PyObject *
dequeiter_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *deque;
    Py_ssize_t skip = 0;
    if (!PyArg_ParseTuple(args, "O!|n", &kr_deque_type, &deque, &skip)) {
        return NULL;
    }
    DequeIter *self = (DequeIter *)kr_deque_iter_new((Deque *)deque, cls);
    if (self == NULL) {
        return NULL;
    }
    skip = skip < 0 ? 0 : skip > self->left ? self->left : skip;
    self->index += cls == &kr_deque_iter_type ? skip : -skip;
    self->left -= skip;
    return (PyObject *)self;
}

KR_METHOD(dequeiter, "__length_hint__(self, /)",
          "Private method returning an estimate of len(list(it)).")
static PyObject *
dequeiter___length_hint__(DequeIter *self)
{
    return PyLong_FromSsize_t(self->left);
}

KR_METHOD(dequeiter, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
dequeiter___reduce__(DequeIter *self)
{
    Py_ssize_t given = Py_SIZE(self->deque) - self->left;
    return Py_BuildValue("O(On)", Py_TYPE(self), self->deque, given);
}

KR_TYPE(dequeiter)
#include "modules/collections/deque_iter.methods.h"

PyTypeObject kr_deque_iter_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "collections._deque_iterator",
    .tp_basicsize = sizeof(DequeIter),
    .tp_dealloc = dequeiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_traverse = dequeiter_traverse,
    .tp_clear = dequeiter_clear,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = dequeiter_next,
    .tp_methods = dequeiter_methods,
    .tp_new = dequeiter_new,
};

PyTypeObject kr_deque_reverse_iter_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "collections._deque_reverse_iterator",
    .tp_basicsize = sizeof(DequeIter),
    .tp_dealloc = dequeiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_traverse = dequeiter_traverse,
    .tp_clear = dequeiter_clear,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = dequereviter_next,
    .tp_methods = dequeiter_methods,
    .tp_new = dequeiter_new,
};
