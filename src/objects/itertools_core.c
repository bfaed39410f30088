// SPDX-License-Identifier: MIT
// itertools_core.c - the lazy builtins map, filter and zip.
//
// Invariants:  iterators is an exact tuple of iterators, never changed.
// Re-entrancy: a step may run Python that steps the same object again; what a
//              step needs is owned by it.
#include "objects/args.h"

#include "objects/alloc.h"
#include "objects/ids.h"
#include "objects/suggest.h"
#include "objects/iter.h"
#include "objects/iterword.h"
#include "objects/tuple.h"

#define FEW 8

// A tuple of iter(x) for n objects; NULL with an exception.
static PyObject *
make_iterators(PyObject *const *objects, Py_ssize_t n)
{
    PyObject *iterators = PyTuple_New(n);
    for (Py_ssize_t i = 0; iterators != NULL && i < n; i++) {
        PyObject *iterator = PyObject_GetIter(objects[i]);
        if (iterator == NULL) {
            Py_CLEAR(iterators);
            break;
        }
        PyTuple_SET_ITEM(iterators, i, iterator);
    }
    return iterators;
}

// Reads the one keyword argument that map and zip know.
static int
parse_strict(const char *name, PyObject *kwargs, bool *strict)
{
    Py_ssize_t n = kwargs == NULL ? 0 : PyDict_GET_SIZE(kwargs);
    if (n == 0) {
        return 0;
    }
    if (n > 1) {
        PyErr_Format(PyExc_TypeError,
                     "%s() takes at most 1 keyword argument (%zd given)", name, n);
        return -1;
    }
    PyObject *key, *value;
    Py_ssize_t pos = 0;
    PyDict_Next(kwargs, &pos, &key, &value);
    if (!PyUnicode_Check(key) || PyUnicode_CompareWithASCIIString(key, "strict") != 0) {
        PyObject *known = KR_ID(strict);
        PyErr_Format(PyExc_TypeError,
                     kr_suggest_nofail(key, &known, 1) != NULL
                         ? "%s() got an unexpected keyword argument '%S'. Did you mean "
                           "'strict'?"
                         : "%s() got an unexpected keyword argument '%S'",
                     name, key);
        return -1;
    }
    int truth = PyObject_IsTrue(value);
    *strict = truth > 0;
    return truth < 0 ? -1 : 0;
}

// Iterator number i ended while strict is asked for: raises ValueError unless all
// of them end. Always NULL.
static KR_COLD PyObject *
check_strict_end(const char *name, PyObject *iterators, Py_ssize_t i)
{
    if (kr_iter_clear_stop() < 0) {
        return NULL;
    }
    if (i > 0) {
        PyErr_Format(PyExc_ValueError, "%s() argument %zd is shorter than argument%s%zd",
                     name, i + 1, i == 1 ? " " : "s 1-", i);
        return NULL;
    }
    for (i = 1; i < PyTuple_GET_SIZE(iterators); i++) {
        PyObject *item = kr_iter_next_object(PyTuple_GET_ITEM(iterators, i));
        if (item != NULL) {
            Py_DECREF(item);
            PyErr_Format(PyExc_ValueError, "%s() argument %zd is longer than argument%s%zd",
                         name, i + 1, i == 1 ? " " : "s 1-", i);
            return NULL;
        }
        if (PyErr_Occurred()) {
            return NULL;
        }
    }
    return NULL;
}

// --- map ---------------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *iterators; // owned tuple
    PyObject *function;  // owned
    bool strict;
} Map;

static PyObject *
map_make(PyTypeObject *cls, PyObject *const *args, Py_ssize_t nargs, bool strict)
{
    if (nargs < 2) {
        PyErr_SetString(PyExc_TypeError, "map() must have at least two arguments.");
        return NULL;
    }
    PyObject *iterators = make_iterators(args + 1, nargs - 1);
    Map *self = iterators == NULL ? NULL : (Map *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        Py_XDECREF(iterators);
        return NULL;
    }
    self->iterators = iterators;
    self->function = Py_NewRef(args[0]);
    self->strict = strict;
    return (PyObject *)self;
}

static PyObject *
map_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    bool strict = false;
    if ((cls == &PyMap_Type || cls->tp_init == PyMap_Type.tp_init)
        && parse_strict("map", kwargs, &strict) < 0) {
        return NULL;
    }
    return map_make(cls, ((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args), strict);
}

static PyObject *
map_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyTypeObject *cls = (PyTypeObject *)type;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (kwnames != NULL && PyTuple_GET_SIZE(kwnames) > 0) {
        PyObject *tuple = PyTuple_FromArray(args, nargs), *kwargs = NULL, *result = NULL;
        kwargs = tuple == NULL ? NULL : PyDict_New();
        for (Py_ssize_t i = 0; kwargs != NULL && i < PyTuple_GET_SIZE(kwnames); i++) {
            if (PyDict_SetItem(kwargs, PyTuple_GET_ITEM(kwnames, i), args[nargs + i]) < 0) {
                Py_CLEAR(kwargs);
            }
        }
        if (kwargs != NULL) {
            result = map_new(cls, tuple, kwargs);
        }
        Py_XDECREF(tuple);
        Py_XDECREF(kwargs);
        return result;
    }
    return map_make(cls, args, nargs, false);
}

static void
map_dealloc(PyObject *op)
{
    Map *self = (Map *)op;
    kr_gc_untrack(self);
    Py_XDECREF(self->iterators);
    Py_XDECREF(self->function);
    Py_TYPE(self)->tp_free(self);
}

static int
map_traverse(PyObject *op, visitproc visit, void *arg)
{
    Map *self = (Map *)op;
    Py_VISIT(self->iterators);
    Py_VISIT(self->function);
    return 0;
}

static PyObject *
map_next(PyObject *op)
{
    Map *self = (Map *)op;
    PyObject *few[FEW + 1], **args = few + 1, *result = NULL, *all = NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(self->iterators), i;
    if (n > FEW) {
        all = PyTuple_New(n);
        if (all == NULL) {
            return NULL;
        }
        args = ((PyTupleObject *)all)->ob_item;
    }
    for (i = 0; i < n; i++) {
        PyObject *iterator = PyTuple_GET_ITEM(self->iterators, i);
        PyObject *item = Py_TYPE(iterator)->tp_iternext(iterator);
        if (item == NULL) {
            if (self->strict) {
                check_strict_end("map", self->iterators, i);
            }
            break;
        }
        args[i] = item;
    }
    if (i == n) {
        size_t flag = all == NULL ? PY_VECTORCALL_ARGUMENTS_OFFSET : 0;
        result = PyObject_Vectorcall(self->function, args, (size_t)n | flag, NULL);
    }
    if (all != NULL) {
        Py_DECREF(all);
        return result;
    }
    while (--i >= 0) {
        Py_DECREF(args[i]);
    }
    return result;
}

// (type, (first, iterators...)[, True])
static PyObject *
reduce_lazy(PyObject *self, PyObject *first, PyObject *iterators, bool strict)
{
    Py_ssize_t n = PyTuple_GET_SIZE(iterators), extra = first != NULL;
    PyObject *args = PyTuple_New(n + extra);
    if (args == NULL) {
        return NULL;
    }
    if (first != NULL) {
        PyTuple_SET_ITEM(args, 0, Py_NewRef(first));
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyTuple_SET_ITEM(args, i + extra, Py_NewRef(PyTuple_GET_ITEM(iterators, i)));
    }
    return strict ? Py_BuildValue("ONO", Py_TYPE(self), args, Py_True)
                  : Py_BuildValue("ON", Py_TYPE(self), args);
}

KR_METHOD(map, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
map___reduce__(Map *self)
{
    return reduce_lazy((PyObject *)self, self->function, self->iterators, self->strict);
}

KR_METHOD(map, "__setstate__(self, object, /)", "Set whether the map is strict.")
static PyObject *
map___setstate__(Map *self, PyObject *state)
{
    int strict = PyObject_IsTrue(state);
    if (strict < 0) {
        return NULL;
    }
    self->strict = strict;
    Py_RETURN_NONE;
}

// --- filter ------------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *function; // owned; None and bool test the item itself
    PyObject *iterator; // owned
} Filter;

KR_NEW(filter, "filter(function, iterable, /)",
       "Return an iterator yielding those items of iterable for which function(item)\n"
       "is true. With None as the function, the items themselves are tested.")
static PyObject *
filter_new_impl(PyTypeObject *cls, PyObject *function, PyObject *iterable)
{
    PyObject *iterator = PyObject_GetIter(iterable);
    Filter *self = iterator == NULL ? NULL : (Filter *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        Py_XDECREF(iterator);
        return NULL;
    }
    self->function = Py_NewRef(function);
    self->iterator = iterator;
    return (PyObject *)self;
}

static void
filter_dealloc(PyObject *op)
{
    Filter *self = (Filter *)op;
    kr_gc_untrack(self);
    Py_XDECREF(self->function);
    Py_XDECREF(self->iterator);
    Py_TYPE(self)->tp_free(self);
}

static int
filter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Filter *self = (Filter *)op;
    Py_VISIT(self->function);
    Py_VISIT(self->iterator);
    return 0;
}

static PyObject *
filter_next(PyObject *op)
{
    Filter *self = (Filter *)op;
    bool direct = self->function == Py_None || self->function == (PyObject *)&PyBool_Type;
    iternextfunc next = Py_TYPE(self->iterator)->tp_iternext;
    PyObject *item;
    while ((item = next(self->iterator)) != NULL) {
        int truth;
        if (direct) {
            truth = PyObject_IsTrue(item);
        }
        else {
            PyObject *answer = PyObject_CallOneArg(self->function, item);
            truth = answer == NULL ? -1 : PyObject_IsTrue(answer);
            Py_XDECREF(answer);
        }
        if (truth > 0) {
            return item;
        }
        Py_DECREF(item);
        if (truth < 0) {
            return NULL;
        }
    }
    return NULL;
}

KR_METHOD(filter, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
filter___reduce__(Filter *self)
{
    return Py_BuildValue("O(OO)", Py_TYPE(self), self->function, self->iterator);
}

// --- zip ---------------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    Py_ssize_t count;
    PyObject *iterators; // owned tuple
    PyObject *result;    // owned tuple given out last, reused; or NULL
    bool strict;
} Zip;

static PyObject *
zip_make(PyTypeObject *cls, PyObject *const *args, Py_ssize_t nargs, bool strict)
{
    PyObject *iterators = make_iterators(args, nargs);
    Zip *self = iterators == NULL ? NULL : (Zip *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        Py_XDECREF(iterators);
        return NULL;
    }
    self->count = nargs;
    self->iterators = iterators;
    self->result = NULL;
    self->strict = strict;
    return (PyObject *)self;
}

static PyObject *
zip_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    bool strict = false;
    if ((cls == &PyZip_Type || cls->tp_init == PyZip_Type.tp_init)
        && parse_strict("zip", kwargs, &strict) < 0) {
        return NULL;
    }
    return zip_make(cls, ((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args), strict);
}

static void
zip_dealloc(PyObject *op)
{
    Zip *self = (Zip *)op;
    kr_gc_untrack(self);
    Py_XDECREF(self->iterators);
    Py_XDECREF(self->result);
    Py_TYPE(self)->tp_free(self);
}

static int
zip_traverse(PyObject *op, visitproc visit, void *arg)
{
    Zip *self = (Zip *)op;
    Py_VISIT(self->iterators);
    Py_VISIT(self->result);
    return 0;
}

// Fills the tuple given out last, which nobody else has any more. NULL when one of
// the iterators ended: the tuple keeps a mixture, which nobody sees.
static PyObject *
zip_reuse(Zip *self)
{
    PyTupleObject *result = (PyTupleObject *)Py_NewRef(self->result);
    PyObject **items = result->ob_item;
    for (Py_ssize_t i = 0; i < self->count; i++) {
        PyObject *iterator = PyTuple_GET_ITEM(self->iterators, i);
        PyObject *item = Py_TYPE(iterator)->tp_iternext(iterator); // may run Python
        if (item == NULL) {
            Py_DECREF(result);
            return self->strict ? check_strict_end("zip", self->iterators, i) : NULL;
        }
        PyObject *old = items[i];
        items[i] = item;
        Py_DECREF(old);
    }
    result->ob_hash = -1;
    if (KR_UNLIKELY(!PyObject_GC_IsTracked((PyObject *)result))) {
        kr_gc_track(result);
    }
    return (PyObject *)result;
}

static PyObject *
zip_next(PyObject *op)
{
    Zip *self = (Zip *)op;
    if (self->count == 0) {
        return NULL;
    }
    if (self->result != NULL && Py_REFCNT(self->result) == 1) {
        return zip_reuse(self);
    }
    PyObject *result = PyTuple_New(self->count);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < self->count; i++) {
        PyObject *iterator = PyTuple_GET_ITEM(self->iterators, i);
        PyObject *item = Py_TYPE(iterator)->tp_iternext(iterator);
        if (item == NULL) {
            Py_DECREF(result);
            return self->strict ? check_strict_end("zip", self->iterators, i) : NULL;
        }
        PyTuple_SET_ITEM(result, i, item);
    }
    Py_XSETREF(self->result, Py_NewRef(result));
    return result;
}

int
kr_zip_next_pair(PyObject *op, KV *pair)
{
    Zip *self = (Zip *)op;
    if (self->count != 2 || self->strict) {
        return 2;
    }
    int more = kr_iter_next_word(PyTuple_GET_ITEM(self->iterators, 0), &pair[0]);
    if (more <= 0) {
        return more;
    }
    more = kr_iter_next_word(PyTuple_GET_ITEM(self->iterators, 1), &pair[1]);
    if (more <= 0) {
        kv_release(pair[0]);
    }
    return more;
}

KR_METHOD(zip, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
zip___reduce__(Zip *self)
{
    return reduce_lazy((PyObject *)self, NULL, self->iterators, self->strict);
}

KR_METHOD(zip, "__setstate__(self, object, /)", "Set whether the zip is strict.")
static PyObject *
zip___setstate__(Zip *self, PyObject *state)
{
    int strict = PyObject_IsTrue(state);
    if (strict < 0) {
        return NULL;
    }
    self->strict = strict;
    Py_RETURN_NONE;
}

KR_TYPE(map)
KR_TYPE(filter)
KR_TYPE(zip)
#include "objects/itertools_core.methods.h"

PyTypeObject PyMap_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "map",
    .tp_basicsize = sizeof(Map),
    .tp_dealloc = map_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = "map(function, iterable, /, *iterables, strict=False)\n--\n\n"
              "Make an iterator that computes the function using arguments from\n"
              "each of the iterables.  Stops when the shortest iterable is exhausted.\n\n"
              "With strict, ValueError is raised where one ends before the others.",
    .tp_traverse = map_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = map_next,
    .tp_methods = map_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = map_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = map_vectorcall,
};

PyTypeObject PyFilter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "filter",
    .tp_basicsize = sizeof(Filter),
    .tp_dealloc = filter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = filter_doc,
    .tp_traverse = filter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = filter_next,
    .tp_methods = filter_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = filter_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = filter_vectorcall,
};

PyTypeObject PyZip_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "zip",
    .tp_basicsize = sizeof(Zip),
    .tp_dealloc = zip_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = "zip(*iterables, strict=False)\n--\n\n"
              "The zip object yields n-length tuples, where n is the number of\n"
              "iterables passed as positional arguments to zip().  The i-th item of\n"
              "each tuple comes from the i-th iterable; the shortest one ends it all.\n\n"
              "With strict, ValueError is raised where one ends before the others.\n\n"
              "   >>> list(zip('abcdefg', range(3), range(4)))\n"
              "   [('a', 0, 0), ('b', 1, 1), ('c', 2, 2)]",
    .tp_traverse = zip_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = zip_next,
    .tp_methods = zip_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = zip_new,
    .tp_free = PyObject_GC_Del,
};
