// SPDX-License-Identifier: MIT
// tuple.h - tuples inside Krait: making them from arrays, hashing.
#ifndef KRAIT_OBJECTS_TUPLE_H
#define KRAIT_OBJECTS_TUPLE_H

#include <Python.h>

#include "base/base.h"

// The one empty tuple, immortal.
extern PyTupleObject kr_tuple_empty;

// Iterator over a tuple; the VM reads it directly.
typedef struct KrTupleIter {
    PyObject_HEAD
    Py_ssize_t index;
    PyTupleObject *tuple; // owned; NULL when exhausted
} KrTupleIter;

// A tuple of n items, not yet tracked by the collector, with undefined items:
// the caller fills all of them and then calls PyObject_GC_Track. n > 0.
PyObject *kr_tuple_alloc(Py_ssize_t n);

// Consumes the n references in items, on failure too.
PyObject *kr_tuple_from_array_steal(PyObject **items, Py_ssize_t n);
// Consumes both references, on failure too. Either may be NULL with an exception
// set, which is passed on.
PyObject *kr_tuple_pair_steal(PyObject *first, PyObject *second);

// Whether the collector has to know the object: not when it holds no references.
bool kr_tuple_item_may_cycle(PyObject *item);
// Stops tracking a tuple whose items cannot take part in cycles.
void kr_tuple_maybe_untrack(PyObject *tuple);

// The hash of a tuple with the items whose hashes are given one by one.
typedef struct KrTupleHash {
    uint64_t acc;
} KrTupleHash;

#define KR_TUPLE_HASH_INIT ((KrTupleHash){UINT64_C(0x27D4EB2F165667C5)})

static inline void
kr_tuple_hash_add(KrTupleHash *state, Py_hash_t lane)
{
    uint64_t acc = state->acc + (uint64_t)lane * UINT64_C(0xC2B2AE3D27D4EB4F);
    acc = (acc << 31) | (acc >> 33);
    state->acc = acc * UINT64_C(0x9E3779B185EBCA87);
}

static inline Py_hash_t
kr_tuple_hash_end(KrTupleHash *state, Py_ssize_t length)
{
    uint64_t acc = state->acc;
    acc += (uint64_t)length ^ (UINT64_C(0x27D4EB2F165667C5) ^ UINT64_C(3527539));
    return acc == (uint64_t)-1 ? 1546275796 : (Py_hash_t)acc;
}

#endif // KRAIT_OBJECTS_TUPLE_H
