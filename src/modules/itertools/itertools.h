// SPDX-License-Identifier: MIT
// itertools.h - what the files of the module itertools share.
#ifndef KRAIT_MODULES_ITERTOOLS_ITERTOOLS_H
#define KRAIT_MODULES_ITERTOOLS_ITERTOOLS_H

#include <Python.h>

#include "base/base.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/iter.h"
#include "objects/tuple.h"

// Most objects of this module begin with some owned references and have no others.
typedef struct Lazy {
    PyObject_HEAD
    PyObject *refs[4]; // as many as the type says; NULL where there is none (yet)
} Lazy;

// Slots for types whose objects begin with one to four references.
int kr_lazy_traverse1(PyObject *self, visitproc visit, void *arg);
int kr_lazy_traverse2(PyObject *self, visitproc visit, void *arg);
int kr_lazy_traverse3(PyObject *self, visitproc visit, void *arg);
int kr_lazy_traverse4(PyObject *self, visitproc visit, void *arg);
int kr_lazy_clear1(PyObject *self);
int kr_lazy_clear2(PyObject *self);
int kr_lazy_clear3(PyObject *self);
int kr_lazy_clear4(PyObject *self);
void kr_lazy_dealloc(PyObject *self); // by the type's tp_clear

// A fresh object of the type.
#define LAZY_NEW(Struct, cls) ((Struct *)(cls)->tp_alloc((cls), 0))

// The definition of a type whose objects begin with n references; further slots may
// follow.
#define LAZY_TYPE(object, short_name, Struct, prefix, n, ...)                 \
    PyTypeObject object = {                                                   \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                                \
        .tp_name = "itertools." short_name,                                   \
        .tp_basicsize = sizeof(Struct),                                       \
        .tp_dealloc = kr_lazy_dealloc,                                        \
        .tp_getattro = PyObject_GenericGetAttr,                               \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC                   \
                    | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,         \
        .tp_doc = prefix##_doc,                                               \
        .tp_traverse = kr_lazy_traverse##n,                                   \
        .tp_clear = kr_lazy_clear##n,                                         \
        .tp_iter = PyObject_SelfIter,                                         \
        .tp_iternext = prefix##_next,                                         \
        .tp_alloc = PyType_GenericAlloc,                                      \
        .tp_new = prefix##_new,                                               \
        .tp_free = PyObject_GC_Del,                                           \
        .tp_vectorcall = prefix##_vectorcall,                                 \
        __VA_ARGS__                                                           \
    }

extern PyTypeObject kr_accumulate_type, kr_batched_type, kr_chain_type,
    kr_combinations_type, kr_cwr_type, kr_compress_type, kr_count_type, kr_cycle_type,
    kr_dropwhile_type, kr_filterfalse_type, kr_groupby_type, kr_grouper_type,
    kr_islice_type, kr_pairwise_type, kr_permutations_type, kr_product_type,
    kr_repeat_type, kr_starmap_type, kr_takewhile_type, kr_tee_type, kr_teedata_type,
    kr_zip_longest_type;

#endif // KRAIT_MODULES_ITERTOOLS_ITERTOOLS_H
