// SPDX-License-Identifier: MIT
// combine.c - product, permutations and combinations.
//
// Design:      each object has its pools of items as tuples and an array of indices
//              that stands for the result given out last; a step finds the next
//              array in lexicographic order.
// Invariants:  result is NULL before the first step; a tuple that nobody else has any
//              more is changed in place. stopped stays set.
#include "modules/itertools/itertools.h"

// Prepares the result tuple for a change: the old one when only this object has it,
// else a copy. A new reference in *place's stead; NULL with an exception.
static PyTupleObject *
writable_result(PyObject **place)
{
    PyTupleObject *old = (PyTupleObject *)*place;
    if (Py_REFCNT(old) == 1) {
        if (!PyObject_GC_IsTracked((PyObject *)old)) {
            PyObject_GC_Track(old);
        }
        old->ob_hash = -1;
        return old;
    }
    PyObject *copy = PyTuple_New(Py_SIZE(old));
    if (copy == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < Py_SIZE(old); i++) {
        PyTuple_SET_ITEM(copy, i, Py_NewRef(old->ob_item[i]));
    }
    Py_SETREF(*place, copy);
    return (PyTupleObject *)copy;
}

static inline void
set_item(PyTupleObject *result, Py_ssize_t i, PyObject *item)
{
    PyObject **items = result->ob_item;
    PyObject *old = items[i];
    items[i] = Py_NewRef(item);
    Py_DECREF(old); // the pool still has it: nothing runs
}

static Py_ssize_t *
new_indices(Py_ssize_t n)
{
    if ((size_t)n > PY_SSIZE_T_MAX / sizeof(Py_ssize_t)) {
        PyErr_NoMemory();
        return NULL;
    }
    Py_ssize_t *indices = PyMem_Malloc((size_t)(n > 0 ? n : 1) * sizeof(Py_ssize_t));
    if (indices == NULL) {
        PyErr_NoMemory();
    }
    return indices;
}

// --- product -----------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *pools;  // tuple of tuples
    PyObject *result; // or NULL
    Py_ssize_t *indices;
    bool stopped;
} Product;

static PyObject *
product_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t repeat = 1, nargs = PyTuple_GET_SIZE(args);
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0) {
        static const char *const keywords[] = {"repeat", NULL};
        if (!PyArg_ParseTupleAndKeywords((PyObject *)&kr_tuple_empty, kwargs, "|n:product",
                                         (char **)keywords, &repeat)) {
            return NULL;
        }
        if (repeat < 0) {
            PyErr_SetString(PyExc_ValueError, "repeat argument cannot be negative");
            return NULL;
        }
    }
    if (repeat == 0) {
        nargs = 0;
    }
    else if (nargs > PY_SSIZE_T_MAX / 16 / repeat) {
        PyErr_SetString(PyExc_OverflowError, "repeat argument too large");
        return NULL;
    }
    Py_ssize_t n = nargs * repeat;
    Product *self = NULL;
    Py_ssize_t *indices = new_indices(n);
    PyObject *pools = indices == NULL ? NULL : PyTuple_New(n);
    for (Py_ssize_t i = 0; pools != NULL && i < n; i++) {
        PyObject *pool = i < nargs ? PySequence_Tuple(PyTuple_GET_ITEM(args, i))
                                   : Py_NewRef(PyTuple_GET_ITEM(pools, i - nargs));
        if (pool == NULL) {
            Py_CLEAR(pools);
            break;
        }
        PyTuple_SET_ITEM(pools, i, pool);
        indices[i] = 0;
    }
    if (pools != NULL) {
        self = LAZY_NEW(Product, cls);
    }
    if (self == NULL) {
        Py_XDECREF(pools);
        PyMem_Free(indices);
        return NULL;
    }
    self->pools = pools;
    self->indices = indices;
    return (PyObject *)self;
}

// The tuple of all first items; NULL without exception when a pool is empty.
static PyObject *
product_first(Product *self)
{
    Py_ssize_t n = PyTuple_GET_SIZE(self->pools);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (PyTuple_GET_SIZE(PyTuple_GET_ITEM(self->pools, i)) == 0) {
            self->stopped = true;
            return NULL;
        }
    }
    PyObject *result = PyTuple_New(n);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        PyObject *pool = PyTuple_GET_ITEM(self->pools, i);
        PyTuple_SET_ITEM(result, i, Py_NewRef(PyTuple_GET_ITEM(pool, 0)));
    }
    return result;
}

static PyObject *
product_next(PyObject *op)
{
    Product *self = (Product *)op;
    if (self->stopped) {
        return NULL;
    }
    if (self->result == NULL) {
        self->result = product_first(self);
        return Py_XNewRef(self->result);
    }
    PyTupleObject *result = writable_result(&self->result);
    if (result == NULL) {
        return NULL;
    }
    // Like an odometer: the last place counts, full ones go back to zero.
    Py_ssize_t i = Py_SIZE(result) - 1;
    for (; i >= 0; i--) {
        PyObject *pool = PyTuple_GET_ITEM(self->pools, i);
        bool full = ++self->indices[i] == PyTuple_GET_SIZE(pool);
        if (full) {
            self->indices[i] = 0;
        }
        set_item(result, i, PyTuple_GET_ITEM(pool, self->indices[i]));
        if (!full) {
            return Py_NewRef(result);
        }
    }
    self->stopped = true;
    return NULL;
}

static void
product_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    kr_lazy_clear2(op);
    PyMem_Free(((Product *)op)->indices);
    Py_TYPE(op)->tp_free(op);
}

KR_METHOD(product, "__sizeof__(self, /)", "Returns size in memory, in bytes.")
static PyObject *
product___sizeof__(Product *self)
{
    return PyLong_FromSsize_t(Py_TYPE(self)->tp_basicsize
                              + PyTuple_GET_SIZE(self->pools)
                                    * (Py_ssize_t)sizeof(Py_ssize_t));
}

// --- combinations, with and without replacement ------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *pool;   // tuple
    PyObject *result; // or NULL
    Py_ssize_t *indices;
    Py_ssize_t r;
    bool stopped;
} Combinations;

static PyObject *
combinations_make(PyTypeObject *cls, PyObject *iterable, Py_ssize_t r, bool replacement)
{
    PyObject *pool = PySequence_Tuple(iterable);
    Py_ssize_t *indices = NULL;
    Combinations *self = NULL;
    if (pool != NULL && r < 0) {
        PyErr_SetString(PyExc_ValueError, "r must be non-negative");
    }
    else if (pool != NULL) {
        indices = new_indices(r);
    }
    if (indices != NULL) {
        self = LAZY_NEW(Combinations, cls);
    }
    if (self == NULL) {
        Py_XDECREF(pool);
        PyMem_Free(indices);
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(pool);
    for (Py_ssize_t i = 0; i < r; i++) {
        indices[i] = replacement ? 0 : i;
    }
    self->pool = pool;
    self->indices = indices;
    self->r = r;
    self->stopped = replacement ? n == 0 && r > 0 : r > n;
    return (PyObject *)self;
}

KR_NEW(combinations, "combinations(iterable, r)",
       "Return successive r-length combinations of elements in the iterable.\n\n"
       "combinations(range(4), 3) --> (0,1,2), (0,1,3), (0,2,3), (1,2,3)")
static PyObject *
combinations_new_impl(PyTypeObject *cls, PyObject *iterable, Py_ssize_t r)
{
    return combinations_make(cls, iterable, r, false);
}

KR_NEW(cwr, "combinations_with_replacement(iterable, r)",
       "Return successive r-length combinations of elements in the iterable allowing "
       "individual elements to have successive repeats.\n\n"
       "combinations_with_replacement('ABC', 2) --> "
       "('A','A'), ('A','B'), ('A','C'), ('B','B'), ('B','C'), ('C','C')")
static PyObject *
cwr_new_impl(PyTypeObject *cls, PyObject *iterable, Py_ssize_t r)
{
    return combinations_make(cls, iterable, r, true);
}

// The items that r indices name.
static PyObject *
pick(PyObject *pool, const Py_ssize_t *indices, Py_ssize_t r)
{
    PyObject *result = PyTuple_New(r);
    for (Py_ssize_t i = 0; result != NULL && i < r; i++) {
        PyTuple_SET_ITEM(result, i, Py_NewRef(PyTuple_GET_ITEM(pool, indices[i])));
    }
    return result;
}

static PyObject *
combinations_next(PyObject *op)
{
    Combinations *self = (Combinations *)op;
    Py_ssize_t n = PyTuple_GET_SIZE(self->pool), r = self->r;
    if (self->stopped) {
        return NULL;
    }
    if (self->result == NULL) {
        self->result = pick(self->pool, self->indices, r);
        return Py_XNewRef(self->result);
    }
    // The rightmost index that can still grow.
    Py_ssize_t i = r - 1;
    while (i >= 0 && self->indices[i] == i + n - r) {
        i--;
    }
    if (i < 0) {
        self->stopped = true;
        return NULL;
    }
    PyTupleObject *result = writable_result(&self->result);
    if (result == NULL) {
        return NULL;
    }
    self->indices[i]++;
    for (Py_ssize_t j = i + 1; j < r; j++) {
        self->indices[j] = self->indices[j - 1] + 1;
    }
    for (; i < r; i++) {
        set_item(result, i, PyTuple_GET_ITEM(self->pool, self->indices[i]));
    }
    return Py_NewRef(result);
}

static PyObject *
cwr_next(PyObject *op)
{
    Combinations *self = (Combinations *)op;
    Py_ssize_t n = PyTuple_GET_SIZE(self->pool), r = self->r;
    if (self->stopped) {
        return NULL;
    }
    if (self->result == NULL) {
        self->result = pick(self->pool, self->indices, r);
        return Py_XNewRef(self->result);
    }
    Py_ssize_t i = r - 1;
    while (i >= 0 && self->indices[i] == n - 1) {
        i--;
    }
    if (i < 0) {
        self->stopped = true;
        return NULL;
    }
    PyTupleObject *result = writable_result(&self->result);
    if (result == NULL) {
        return NULL;
    }
    Py_ssize_t index = self->indices[i] + 1;
    for (; i < r; i++) {
        self->indices[i] = index;
        set_item(result, i, PyTuple_GET_ITEM(self->pool, index));
    }
    return Py_NewRef(result);
}

static void
combinations_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    kr_lazy_clear2(op);
    PyMem_Free(((Combinations *)op)->indices);
    Py_TYPE(op)->tp_free(op);
}

KR_METHOD_RAW(combinations, "__sizeof__($self, /)", METH_NOARGS,
              "Returns size in memory, in bytes.")
static PyObject *
combinations___sizeof__(PyObject *op, PyObject *unused)
{
    Combinations *self = (Combinations *)op;
    return PyLong_FromSsize_t(Py_TYPE(self)->tp_basicsize
                              + self->r * (Py_ssize_t)sizeof(Py_ssize_t));
}

// --- permutations ------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *pool;   // tuple
    PyObject *result; // or NULL
    Py_ssize_t *indices; // a permutation of all n; the first r are the result
    Py_ssize_t *cycles;  // how many rotations place i has left
    Py_ssize_t r;
    bool stopped;
} Permutations;

KR_NEW(permutations, "permutations(iterable, r=None)",
       "Return successive r-length permutations of elements in the iterable.\n\n"
       "permutations(range(3), 2) --> (0,1), (0,2), (1,0), (1,2), (2,0), (2,1)")
static PyObject *
permutations_new_impl(PyTypeObject *cls, PyObject *iterable, PyObject *r_object)
{
    PyObject *pool = PySequence_Tuple(iterable);
    Py_ssize_t *indices = NULL, *cycles = NULL, n, r;
    Permutations *self = NULL;
    if (pool == NULL) {
        return NULL;
    }
    n = r = PyTuple_GET_SIZE(pool);
    if (r_object != Py_None) {
        if (!PyLong_Check(r_object)) {
            PyErr_SetString(PyExc_TypeError, "Expected int as r");
            goto fail;
        }
        r = PyLong_AsSsize_t(r_object);
        if (r == -1 && PyErr_Occurred()) {
            goto fail;
        }
    }
    if (r < 0) {
        PyErr_SetString(PyExc_ValueError, "r must be non-negative");
        goto fail;
    }
    // More places than items: no result at all, whatever the number.
    indices = new_indices(n);
    cycles = indices == NULL ? NULL : new_indices(r > n ? 0 : r);
    if (cycles == NULL || (self = LAZY_NEW(Permutations, cls)) == NULL) {
        goto fail;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        indices[i] = i;
    }
    for (Py_ssize_t i = 0; i < r && r <= n; i++) {
        cycles[i] = n - i;
    }
    self->pool = pool;
    self->indices = indices;
    self->cycles = cycles;
    self->r = r;
    self->stopped = r > n;
    return (PyObject *)self;

fail:
    Py_DECREF(pool);
    PyMem_Free(indices);
    PyMem_Free(cycles);
    return NULL;
}

static PyObject *
permutations_next(PyObject *op)
{
    Permutations *self = (Permutations *)op;
    Py_ssize_t n = PyTuple_GET_SIZE(self->pool), r = self->r;
    Py_ssize_t *indices = self->indices;
    if (self->stopped) {
        return NULL;
    }
    if (self->result == NULL) {
        self->result = pick(self->pool, indices, r);
        return Py_XNewRef(self->result);
    }
    PyTupleObject *result = n == 0 ? NULL : writable_result(&self->result);
    if (result == NULL) {
        self->stopped |= n == 0;
        return NULL;
    }
    for (Py_ssize_t i = r - 1; i >= 0; i--) {
        if (--self->cycles[i] > 0) {
            // Exchange with the next candidate from the back.
            Py_ssize_t j = n - self->cycles[i], index = indices[i];
            indices[i] = indices[j];
            indices[j] = index;
            for (Py_ssize_t k = i; k < r; k++) {
                set_item(result, k, PyTuple_GET_ITEM(self->pool, indices[k]));
            }
            return Py_NewRef(result);
        }
        // All were tried here: rotate back to ascending order.
        Py_ssize_t index = indices[i];
        memmove(indices + i, indices + i + 1, (size_t)(n - 1 - i) * sizeof *indices);
        indices[n - 1] = index;
        self->cycles[i] = n - i;
    }
    self->stopped = true;
    return NULL;
}

static void
permutations_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    kr_lazy_clear2(op);
    PyMem_Free(((Permutations *)op)->indices);
    PyMem_Free(((Permutations *)op)->cycles);
    Py_TYPE(op)->tp_free(op);
}

KR_METHOD(permutations, "__sizeof__(self, /)", "Returns size in memory, in bytes.")
static PyObject *
permutations___sizeof__(Permutations *self)
{
    Py_ssize_t words = PyTuple_GET_SIZE(self->pool) + self->r;
    return PyLong_FromSsize_t(Py_TYPE(self)->tp_basicsize
                              + words * (Py_ssize_t)sizeof(Py_ssize_t));
}

static const char product_doc[] =
    "product(*iterables, repeat=1)\n--\n\n"
    "Cartesian product of input iterables.  Equivalent to nested for-loops.\n\n"
    "For example, product(A, B) returns the same as:  ((x,y) for x in A for y in B).\n"
    "The last place changes fastest, as in an odometer. With repeat=n the iterables\n"
    "are taken n times: product(A, repeat=4) means product(A, A, A, A).\n\n"
    "product('ab', range(3)) --> ('a',0) ('a',1) ('a',2) ('b',0) ('b',1) ('b',2)\n"
    "product((0,1), (0,1), (0,1)) --> (0,0,0) (0,0,1) (0,1,0) (0,1,1) (1,0,0) ...";

KR_TYPE(product)
KR_TYPE(combinations)
KR_TYPE(permutations)
#include "modules/itertools/combine.methods.h"

#define COMBINE_TYPE(object, short_name, Struct, prefix, ...)                 \
    PyTypeObject object = {                                                   \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                                \
        .tp_name = "itertools." short_name,                                   \
        .tp_basicsize = sizeof(Struct),                                       \
        .tp_getattro = PyObject_GenericGetAttr,                               \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC                   \
                    | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,         \
        .tp_doc = prefix##_doc,                                               \
        .tp_traverse = kr_lazy_traverse2,                                     \
        .tp_clear = kr_lazy_clear1,                                           \
        .tp_iter = PyObject_SelfIter,                                         \
        .tp_iternext = prefix##_next,                                         \
        .tp_alloc = PyType_GenericAlloc,                                      \
        .tp_new = prefix##_new,                                               \
        .tp_free = PyObject_GC_Del,                                           \
        __VA_ARGS__                                                           \
    }

COMBINE_TYPE(kr_product_type, "product", Product, product,
             .tp_dealloc = product_dealloc, .tp_methods = product_methods);
COMBINE_TYPE(kr_combinations_type, "combinations", Combinations, combinations,
             .tp_dealloc = combinations_dealloc, .tp_methods = combinations_methods,
             .tp_vectorcall = combinations_vectorcall);
COMBINE_TYPE(kr_cwr_type, "combinations_with_replacement", Combinations, cwr,
             .tp_dealloc = combinations_dealloc, .tp_methods = combinations_methods,
             .tp_vectorcall = cwr_vectorcall);
COMBINE_TYPE(kr_permutations_type, "permutations", Permutations, permutations,
             .tp_dealloc = permutations_dealloc, .tp_methods = permutations_methods,
             .tp_vectorcall = permutations_vectorcall);
