// SPDX-License-Identifier: MIT
// lru.c - functools._lru_cache_wrapper: a function that remembers its results.
//
// Design:      the cache is a dict in the order of use: a hit moves its key to the
//              end, and a full cache drops the first key.
// Invariants:  limit is -1 for no bound; 0 means that nothing is remembered.
// Re-entrancy: hashing and comparing arguments, and the function itself, run Python
//              that may use the same cache: it is looked at again after the call.
#include "modules/functools/functools.h"

#include "objects/args.h"
#include "objects/dict.h"
#include "objects/ids.h"
#include "objects/tuple.h"

typedef struct {
    PyObject_HEAD
    PyObject *function;  // owned
    PyObject *cache;     // owned dict
    PyObject *info_type; // owned, makes what cache_info() returns
    Py_ssize_t limit;
    Py_ssize_t hits;
    Py_ssize_t misses;
    vectorcallfunc vectorcall;
    bool typed;
    char unused[56];     // keeps the offsets of what follows as in 3.14
    PyObject *dict;      // owned, made on demand
    PyObject *weakrefs;
} LruCache;

_Static_assert(offsetof(LruCache, dict) == 136, "as 3.14");

// Parts positional from keyword arguments in a key: nothing else is this object.
static PyObject lru_keyword_mark = {.ob_refcnt_full = 0x00050000C0000000LL,
                                    .ob_type = &PyBaseObject_Type};

// --- Keys --------------------------------------------------------------------------

// A single argument of a plain type stands for itself; everything else is a tuple of
// arguments, mark, names and values, then types.
static PyObject *
make_key(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, bool typed)
{
    Py_ssize_t nkw = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    if (!typed && nkw == 0 && nargs == 1
        && (PyUnicode_CheckExact(args[0]) || PyLong_CheckExact(args[0]))) {
        return Py_NewRef(args[0]);
    }
    Py_ssize_t size = nargs + (nkw > 0 ? 1 + 2 * nkw : 0) + (typed ? nargs + nkw : 0);
    if (size == 0) {
        return (PyObject *)&kr_tuple_empty;
    }
    PyObject *key = kr_tuple_alloc(size), **to;
    if (key == NULL) {
        return NULL;
    }
    to = ((PyTupleObject *)key)->ob_item;
    for (Py_ssize_t i = 0; i < nargs; i++) {
        *to++ = Py_NewRef(args[i]);
    }
    if (nkw > 0) {
        *to++ = &lru_keyword_mark;
        for (Py_ssize_t i = 0; i < nkw; i++) {
            *to++ = Py_NewRef(PyTuple_GET_ITEM(kwnames, i));
            *to++ = Py_NewRef(args[nargs + i]);
        }
    }
    for (Py_ssize_t i = 0; typed && i < nargs + nkw; i++) {
        *to++ = Py_NewRef(Py_TYPE(args[i]));
    }
    PyObject_GC_Track(key);
    return key;
}

// --- Calling -----------------------------------------------------------------------

// Remembers a result under an absent key; drops the one not used for longest when
// the cache is full.
static int
lru_store(LruCache *self, PyObject *key, Py_hash_t hash, PyObject *result)
{
    PyObject *old_key = NULL, *old_value = NULL, *present;
    int found = kr_dict_get_item(self->cache, key, hash, &present);
    if (found != 0) {
        // A nested call was faster.
        Py_XDECREF(present);
        return found < 0 ? -1 : 0;
    }
    if (self->limit > 0 && PyDict_GET_SIZE(self->cache) >= self->limit
        && kr_dict_pop_end(self->cache, false, &old_key, &old_value) < 0) {
        return -1;
    }
    int status = kr_dict_set_item_hash(self->cache, key, hash, result);
    Py_XDECREF(old_key); // may run Python
    Py_XDECREF(old_value);
    return status;
}

static PyObject *
lru_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    LruCache *self = (LruCache *)op;
    PyObject *key = NULL, *result = NULL;
    if (self->limit == 0) {
        self->misses++;
        return PyObject_Vectorcall(self->function, args, nargsf, kwnames);
    }
    key = make_key(args, PyVectorcall_NARGS(nargsf), kwnames, self->typed);
    if (key == NULL) {
        return NULL;
    }
    Py_hash_t hash = PyObject_Hash(key); // may run Python
    int found = hash == -1 ? -1 : kr_dict_get_item(self->cache, key, hash, &result);
    if (found > 0) {
        self->hits++;
        if (self->limit > 0 && kr_dict_move_to_end(self->cache, key, hash, true) < 0) {
            Py_CLEAR(result);
        }
    }
    else if (found == 0) {
        self->misses++;
        result = PyObject_Vectorcall(self->function, args, nargsf, kwnames);
        if (result != NULL && lru_store(self, key, hash, result) < 0) {
            Py_CLEAR(result);
        }
    }
    Py_DECREF(key);
    return result;
}

static PyObject *
lru_descr_get(PyObject *op, PyObject *object, PyObject *type)
{
    if (object == Py_None || object == NULL) {
        return Py_NewRef(op);
    }
    return PyMethod_New(op, object);
}

// --- Construction and methods ----------------------------------------------------------

static const char *const lru_keywords[] = {"user_function", "maxsize", "typed",
                                           "cache_info_type", NULL};

static PyObject *
lru_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *function, *maxsize, *info_type;
    int typed;
    Py_ssize_t limit = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOpO:lru_cache", (char **)lru_keywords,
                                     &function, &maxsize, &typed, &info_type)) {
        return NULL;
    }
    if (!PyCallable_Check(function)) {
        PyErr_SetString(PyExc_TypeError, "the first argument must be callable");
        return NULL;
    }
    if (PyIndex_Check(maxsize)) {
        limit = PyNumber_AsSsize_t(maxsize, PyExc_OverflowError);
        if (limit == -1 && PyErr_Occurred()) {
            return NULL;
        }
        limit = limit < 0 ? 0 : limit;
    }
    else if (maxsize != Py_None) {
        PyErr_SetString(PyExc_TypeError, "maxsize should be integer or None");
        return NULL;
    }
    PyObject *cache = PyDict_New();
    LruCache *self = cache == NULL ? NULL : (LruCache *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        Py_XDECREF(cache);
        return NULL;
    }
    self->function = Py_NewRef(function);
    self->cache = cache;
    self->info_type = Py_NewRef(info_type);
    self->limit = limit;
    self->typed = typed;
    self->vectorcall = lru_vectorcall;
    return (PyObject *)self;
}

static int
lru_traverse(PyObject *op, visitproc visit, void *arg)
{
    LruCache *self = (LruCache *)op;
    Py_VISIT(self->function);
    Py_VISIT(self->cache);
    Py_VISIT(self->info_type);
    Py_VISIT(self->dict);
    return 0;
}

static int
lru_clear(PyObject *op)
{
    LruCache *self = (LruCache *)op;
    Py_CLEAR(self->function);
    Py_CLEAR(self->cache);
    Py_CLEAR(self->info_type);
    Py_CLEAR(self->dict);
    return 0;
}

static void
lru_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    if (((LruCache *)op)->weakrefs != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    lru_clear(op);
    Py_TYPE(op)->tp_free(op);
}

KR_METHOD(lru, "cache_info(self, /)", "Report cache statistics")
static PyObject *
lru_cache_info(LruCache *self)
{
    Py_ssize_t size = PyDict_GET_SIZE(self->cache);
    if (self->limit < 0) {
        return PyObject_CallFunction(self->info_type, "nnOn", self->hits, self->misses,
                                     Py_None, size);
    }
    return PyObject_CallFunction(self->info_type, "nnnn", self->hits, self->misses,
                                 self->limit, size);
}

KR_METHOD(lru, "cache_clear(self, /)", "Clear the cache and cache statistics")
static PyObject *
lru_cache_clear(LruCache *self)
{
    self->hits = self->misses = 0;
    PyDict_Clear(self->cache);
    Py_RETURN_NONE;
}

KR_METHOD_RAW(lru, "__reduce__($self, /)", METH_NOARGS, "")
static PyObject *
lru___reduce__(PyObject *self, PyObject *unused)
{
    return PyObject_GetAttr(self, KR_ID(__qualname__));
}

KR_METHOD_RAW(lru, "__copy__", METH_VARARGS, "")
KR_METHOD_RAW(lru, "__deepcopy__", METH_VARARGS, "")
static PyObject *
lru___copy__(PyObject *self, PyObject *unused)
{
    return Py_NewRef(self);
}

KR_TYPE(lru)
#include "modules/functools/lru.methods.h"

static PyGetSetDef lru_attributes[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL},
};

PyTypeObject kr_lru_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "functools._lru_cache_wrapper",
    .tp_basicsize = sizeof(LruCache),
    .tp_dealloc = lru_dealloc,
    .tp_vectorcall_offset = offsetof(LruCache, vectorcall),
    .tp_call = PyVectorcall_Call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE
                | Py_TPFLAGS_METHOD_DESCRIPTOR | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = "Create a cached callable that wraps another function.\n\n"
              "user_function:      the function being cached\n\n"
              "maxsize:  0         for no caching\n"
              "          None      for unlimited cache size\n"
              "          n         for a bounded cache\n\n"
              "typed:    False     cache f(3) and f(3.0) as identical calls\n"
              "          True      cache f(3) and f(3.0) as distinct calls\n\n"
              "cache_info_type:    namedtuple class with the fields:\n"
              "                        hits misses currsize maxsize\n",
    .tp_traverse = lru_traverse,
    .tp_clear = lru_clear,
    .tp_weaklistoffset = offsetof(LruCache, weakrefs),
    .tp_methods = lru_methods,
    .tp_getset = lru_attributes,
    .tp_descr_get = lru_descr_get,
    .tp_dictoffset = offsetof(LruCache, dict),
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = lru_new,
    .tp_free = PyObject_GC_Del,
};
