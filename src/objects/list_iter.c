// SPDX-License-Identifier: MIT
// list_iter.c - iterators over lists, forwards and backwards.
//
// Invariants: list is NULL once the iterator is exhausted. The list may grow and
//             shrink between two steps.
#include "objects/list.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/iter.h"

static void
listiter_dealloc(PyObject *op)
{
    kr_gc_untrack(op);
    Py_XDECREF(((KrListIter *)op)->list);
    kr_object_free(op);
}

static int
listiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((KrListIter *)op)->list);
    return 0;
}

static PyObject *
listiter_next(PyObject *op)
{
    KrListIter *self = (KrListIter *)op;
    PyListObject *list = self->list;
    if (list == NULL) {
        return NULL;
    }
    if (self->index < Py_SIZE(list)) {
        return Py_NewRef(list->ob_item[self->index++]);
    }
    Py_CLEAR(self->list);
    return NULL;
}

// What __reduce__ returns; an empty list stands for an exhausted iterator.
static PyObject *
reduce_listiter(KrListIter *self, PyObject *name)
{
    PyObject *function = kr_iter_builtin(name); // may run Python
    if (self->list != NULL && self->index >= 0) {
        return kr_iter_reduce_steal(function, (PyObject *)self->list, self->index);
    }
    PyObject *empty = PyList_New(0);
    if (empty == NULL) {
        Py_XDECREF(function);
        return NULL;
    }
    PyObject *result = kr_iter_reduce_steal(function, empty, -1);
    Py_DECREF(empty);
    return result;
}

KR_METHOD(listiter, "__length_hint__(self, /)",
          "Return how many items are still to come.")
static PyObject *
listiter___length_hint__(KrListIter *self)
{
    Py_ssize_t left = self->list == NULL ? 0 : Py_SIZE(self->list) - self->index;
    return PyLong_FromSsize_t(left < 0 ? 0 : left);
}

KR_METHOD(listiter, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
listiter___reduce__(KrListIter *self)
{
    return reduce_listiter(self, KR_ID(iter));
}

KR_METHOD(listiter, "__setstate__(self, object, /)", "Set the position.")
static PyObject *
listiter___setstate__(KrListIter *self, PyObject *state)
{
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (self->list != NULL) {
        Py_ssize_t size = Py_SIZE(self->list);
        // What was exhausted and saved stays exhausted.
        self->index = index < -1 ? -1 : index > size ? size : index;
        if (self->index < 0) {
            self->index = 0;
        }
    }
    Py_RETURN_NONE;
}

// --- Backwards ---------------------------------------------------------------------

static PyObject *
listreviter_next(PyObject *op)
{
    KrListIter *self = (KrListIter *)op;
    PyListObject *list = self->list;
    if (list == NULL) {
        return NULL;
    }
    if (self->index >= 0 && self->index < Py_SIZE(list)) {
        return Py_NewRef(list->ob_item[self->index--]);
    }
    self->index = -1;
    Py_CLEAR(self->list);
    return NULL;
}

KR_METHOD(listreviter, "__length_hint__(self, /)",
          "Return how many items are still to come.")
static PyObject *
listreviter___length_hint__(KrListIter *self)
{
    Py_ssize_t left = self->index + 1;
    if (self->list == NULL || Py_SIZE(self->list) < left) {
        left = 0;
    }
    return PyLong_FromSsize_t(left);
}

KR_METHOD(listreviter, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
listreviter___reduce__(KrListIter *self)
{
    return reduce_listiter(self, KR_ID(reversed));
}

KR_METHOD(listreviter, "__setstate__(self, object, /)", "Set the position.")
static PyObject *
listreviter___setstate__(KrListIter *self, PyObject *state)
{
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (self->list != NULL) {
        Py_ssize_t last = Py_SIZE(self->list) - 1;
        self->index = index < -1 ? -1 : index > last ? last : index;
    }
    Py_RETURN_NONE;
}

KR_TYPE(listiter)
KR_TYPE(listreviter)
#include "objects/list_iter.methods.h"

PyTypeObject PyListIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "list_iterator",
    .tp_basicsize = sizeof(KrListIter),
    .tp_dealloc = listiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = listiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = listiter_next,
    .tp_methods = listiter_methods,
};

PyTypeObject PyListRevIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "list_reverseiterator",
    .tp_basicsize = sizeof(KrListIter),
    .tp_dealloc = listiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = listiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = listreviter_next,
    .tp_methods = listreviter_methods,
};
