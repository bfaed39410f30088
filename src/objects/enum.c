// SPDX-License-Identifier: MIT
// enum.c - enumerate and reversed.
//
// Invariants:  enumerate counts in index until that would overflow; from then on
//              long_index holds the number. An exhausted reversed has no sequence.
#include "objects/args.h"

#include "objects/alloc.h"
#include "objects/ids.h"
#include "objects/iter.h"
#include "objects/iterword.h"
#include "objects/tuple.h"

// --- enumerate ---------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;     // PY_SSIZE_T_MAX: look at long_index
    PyObject *iterator;   // owned
    PyObject *result;     // the pair given out last, reused; or NULL
    PyObject *long_index; // owned, or NULL
    PyObject *unused;     // keeps the size that compiled subclasses know
} Enumerate;

static PyObject *
enumerate_make(PyTypeObject *cls, PyObject *iterable, PyObject *start)
{
    Py_ssize_t index = 0;
    PyObject *long_index = NULL, *iterator = NULL;
    if (start != NULL) {
        PyObject *number = PyNumber_Index(start);
        if (number == NULL) {
            return NULL;
        }
        index = PyLong_AsSsize_t(number);
        if (index == -1 && PyErr_Occurred()) {
            PyErr_Clear();
            index = PY_SSIZE_T_MAX;
            long_index = number;
        }
        else {
            Py_DECREF(number);
        }
    }
    iterator = PyObject_GetIter(iterable);
    Enumerate *self = iterator == NULL ? NULL : (Enumerate *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        Py_XDECREF(iterator);
        Py_XDECREF(long_index);
        return NULL;
    }
    self->index = index;
    self->iterator = iterator;
    self->result = NULL;
    self->long_index = long_index;
    return (PyObject *)self;
}

static bool
enumerate_is_keyword(PyObject *name, const char *text)
{
    return PyUnicode_CompareWithASCIIString(name, text) == 0;
}

static KR_COLD PyObject *
enumerate_bad_keyword(PyObject *name)
{
    PyErr_Format(PyExc_TypeError,
                 "'%.200U' is an invalid keyword argument for enumerate()", name);
    return NULL;
}

static PyObject *
enumerate_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf,
                     PyObject *kwnames)
{
    PyTypeObject *cls = (PyTypeObject *)type;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    Py_ssize_t nkw = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    if (nargs + nkw > 2) {
        PyErr_Format(PyExc_TypeError, "enumerate() takes at most 2 arguments (%zd given)",
                     nargs + nkw);
        return NULL;
    }
    if (nargs + nkw == 0) {
        PyErr_SetString(PyExc_TypeError,
                        "enumerate() missing required argument 'iterable'");
        return NULL;
    }
    PyObject *iterable = nargs > 0 ? args[0] : NULL, *start = nargs > 1 ? args[1] : NULL;
    for (Py_ssize_t i = 0; i < nkw; i++) {
        PyObject *name = PyTuple_GET_ITEM(kwnames, i), *value = args[nargs + i];
        if (iterable == NULL && enumerate_is_keyword(name, "iterable")) {
            iterable = value;
        }
        else if (start == NULL && enumerate_is_keyword(name, "start")
                 && nargs + nkw == 2) {
            start = value;
        }
        else {
            return enumerate_bad_keyword(name);
        }
    }
    return enumerate_make(cls, iterable, start);
}

static const char *const enumerate_keywords[] = {"iterable", "start", NULL};

static PyObject *
enumerate_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *iterable, *start = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:enumerate",
                                     (char **)enumerate_keywords, &iterable, &start)) {
        return NULL;
    }
    return enumerate_make(cls, iterable, start);
}

static void
enumerate_dealloc(PyObject *op)
{
    Enumerate *self = (Enumerate *)op;
    kr_gc_untrack(self);
    Py_XDECREF(self->iterator);
    Py_XDECREF(self->result);
    Py_XDECREF(self->long_index);
    Py_TYPE(self)->tp_free(self);
}

static int
enumerate_traverse(PyObject *op, visitproc visit, void *arg)
{
    Enumerate *self = (Enumerate *)op;
    Py_VISIT(self->iterator);
    Py_VISIT(self->result);
    Py_VISIT(self->long_index);
    return 0;
}

// The number for the next item; counts on. NULL with an exception set.
static PyObject *
enumerate_count(Enumerate *self)
{
    if (KR_LIKELY(self->index != PY_SSIZE_T_MAX)) {
        return PyLong_FromSsize_t(self->index++);
    }
    if (self->long_index == NULL) {
        self->long_index = PyLong_FromSsize_t(PY_SSIZE_T_MAX);
        if (self->long_index == NULL) {
            return NULL;
        }
    }
    PyObject *one = PyLong_FromLong(1);
    PyObject *next = one == NULL ? NULL : PyNumber_Add(self->long_index, one);
    Py_XDECREF(one);
    if (next == NULL) {
        return NULL;
    }
    PyObject *number = self->long_index;
    self->long_index = next;
    return number;
}

static PyObject *
enumerate_next(PyObject *op)
{
    Enumerate *self = (Enumerate *)op;
    PyObject *item = Py_TYPE(self->iterator)->tp_iternext(self->iterator);
    if (item == NULL) {
        return NULL;
    }
    return kr_iter_reuse_pair_steal(&self->result, enumerate_count(self), item);
}

int
kr_enumerate_next_pair(PyObject *op, KV *pair)
{
    Enumerate *self = (Enumerate *)op;
    int more = kr_iter_next_word(self->iterator, &pair[1]); // may run Python
    if (more <= 0) {
        return more;
    }
    if (KR_LIKELY(kv_int_fits(self->index))) {
        pair[0] = kv_from_int(self->index++);
        return 1;
    }
    PyObject *number = enumerate_count(self);
    if (number == NULL) {
        kv_release(pair[1]);
        return -1;
    }
    pair[0] = kr_item_word_steal(number);
    return 1;
}

KR_METHOD(enumerate, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
enumerate___reduce__(Enumerate *self)
{
    if (self->long_index != NULL) {
        return Py_BuildValue("O(OO)", Py_TYPE(self), self->iterator, self->long_index);
    }
    return Py_BuildValue("O(On)", Py_TYPE(self), self->iterator, self->index);
}

KR_METHOD_RAW(enumerate, "__class_getitem__($type, object, /)", METH_O | METH_CLASS,
              "Enumerations are generic over the type of their items.")
static PyObject *
enumerate___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

// --- reversed ----------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;   // of the next item; -1 at the end
    PyObject *sequence; // owned; NULL when exhausted
} Reversed;

KR_NEW(reversed, "reversed(sequence, /)",
       "Return a reverse iterator over the values of the given sequence.")
static PyObject *
reversed_new_impl(PyTypeObject *cls, PyObject *sequence)
{
    PyObject *method = _PyObject_LookupSpecial(sequence, KR_ID(__reversed__));
    if (method == NULL && PyErr_Occurred()) {
        return NULL;
    }
    if (method != NULL && method != Py_None) {
        PyObject *result = PyObject_CallNoArgs(method);
        Py_DECREF(method);
        return result;
    }
    if (method != NULL || !PySequence_Check(sequence)) {
        Py_XDECREF(method);
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not reversible",
                     Py_TYPE(sequence)->tp_name);
        return NULL;
    }
    Py_ssize_t n = PySequence_Size(sequence);
    if (n == -1) {
        return NULL;
    }
    Reversed *self = (Reversed *)cls->tp_alloc(cls, 0);
    if (self != NULL) {
        self->index = n - 1;
        self->sequence = Py_NewRef(sequence);
    }
    return (PyObject *)self;
}

static void
reversed_dealloc(PyObject *op)
{
    kr_gc_untrack(op);
    Py_XDECREF(((Reversed *)op)->sequence);
    Py_TYPE(op)->tp_free(op);
}

static int
reversed_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((Reversed *)op)->sequence);
    return 0;
}

static PyObject *
reversed_next(PyObject *op)
{
    Reversed *self = (Reversed *)op;
    if (self->index >= 0) {
        PyObject *item = PySequence_GetItem(self->sequence, self->index);
        if (item != NULL) {
            self->index--;
            return item;
        }
        if (PyErr_ExceptionMatches(PyExc_IndexError)
            || PyErr_ExceptionMatches(PyExc_StopIteration)) {
            PyErr_Clear();
        }
    }
    self->index = -1;
    Py_CLEAR(self->sequence);
    return NULL;
}

KR_METHOD(reversed, "__length_hint__(self, /)",
          "Return how many items are still to come.")
static PyObject *
reversed___length_hint__(Reversed *self)
{
    if (self->sequence == NULL) {
        return PyLong_FromLong(0);
    }
    Py_ssize_t size = PySequence_Size(self->sequence);
    if (size == -1) {
        return NULL;
    }
    Py_ssize_t left = self->index + 1;
    return PyLong_FromSsize_t(size < left ? 0 : left);
}

KR_METHOD(reversed, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
reversed___reduce__(Reversed *self)
{
    if (self->sequence != NULL) {
        return Py_BuildValue("O(O)n", Py_TYPE(self), self->sequence, self->index);
    }
    return Py_BuildValue("O(())", Py_TYPE(self));
}

KR_METHOD(reversed, "__setstate__(self, object, /)", "Set the position.")
static PyObject *
reversed___setstate__(Reversed *self, PyObject *state)
{
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (self->sequence != NULL) {
        Py_ssize_t n = PySequence_Size(self->sequence);
        if (n < 0) {
            return NULL;
        }
        self->index = index < -1 ? -1 : index > n - 1 ? n - 1 : index;
    }
    Py_RETURN_NONE;
}

KR_TYPE(enumerate)
KR_TYPE(reversed)
#include "objects/enum.methods.h"

PyTypeObject PyEnum_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "enumerate",
    .tp_basicsize = sizeof(Enumerate),
    .tp_dealloc = enumerate_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = "enumerate(iterable, start=0)\n--\n\n"
              "Return an enumerate object.\n\n"
              "  iterable\n"
              "    an object supporting iteration\n\n"
              "It yields pairs of a count, which begins with start, and an item of\n"
              "iterable: (0, seq[0]), (1, seq[1]), (2, seq[2]), ...",
    .tp_traverse = enumerate_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = enumerate_next,
    .tp_methods = enumerate_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = enumerate_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = enumerate_vectorcall,
};

PyTypeObject PyReversed_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "reversed",
    .tp_basicsize = sizeof(Reversed),
    .tp_dealloc = reversed_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = reversed_doc,
    .tp_traverse = reversed_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = reversed_next,
    .tp_methods = reversed_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = reversed_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = reversed_vectorcall,
};
