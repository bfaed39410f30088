// SPDX-License-Identifier: MIT
// abstract.h - protocol helpers beyond the public API.
#ifndef KRAIT_OBJECTS_ABSTRACT_H
#define KRAIT_OBJECTS_ABSTRACT_H

#include "Python.h"

typedef enum {
    KR_SEARCH_COUNT,
    KR_SEARCH_INDEX,
    KR_SEARCH_CONTAINS,
} KrSearch;

// Iterates over seq: number of equal items, index of the first, or 1/0. -1 error.
Py_ssize_t kr_sequence_search(PyObject *seq, PyObject *value, KrSearch what);

// The end of a binary operator (a KR_NB_* number without in-place) when the number
// slots of both operands have declined: sequences join and repeat, else TypeError.
PyObject *kr_number_declined(PyObject *left, PyObject *right, int op, bool inplace);
// The rest of an in-place operator whose in-place method has declined; place is that of
// the plain operator's slot in PyNumberMethods.
PyObject *kr_number_inplace_declined(PyObject *left, PyObject *right, int op, size_t place);
// The end of a comparison when the method of a has declined: that of b, then
// identity for == and !=, else TypeError.
PyObject *kr_compare_declined(PyObject *a, PyObject *b, int op);

// isinstance without asking __instancecheck__ (type.__instancecheck__).
int kr_real_isinstance(PyObject *obj, PyObject *cls);
int kr_real_issubclass(PyObject *derived, PyObject *cls);

// tuple/list/other -> tuple of the items; for method calls with *args.
// As PySequence_Fast but never a list that somebody else can change.

// The binary operators by opcode of BINARY_OP: see abstract_number.c.
extern const binaryfunc kr_binary_ops[26];

#endif // KRAIT_OBJECTS_ABSTRACT_H
