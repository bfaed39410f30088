// SPDX-License-Identifier: MIT
// union.h - typing.Union for other files.
#ifndef KRAIT_OBJECTS_UNION_H
#define KRAIT_OBJECTS_UNION_H

#include "Python.h"

typedef struct {
    PyObject_HEAD
    PyObject *args;            // owned tuple of the members, in order
    PyObject *hashable_args;   // owned frozenset of those that hash, or NULL
    PyObject *unhashable_args; // owned tuple of the others, or NULL
    PyObject *parameters;      // owned tuple of type variables, NULL until asked for
    PyObject *weakreflist;
} KrUnion;

static inline int
kr_is_union(PyObject *o)
{
    return Py_IS_TYPE(o, &_PyUnion_Type);
}

// Borrowed.
static inline PyObject *
kr_union_args_borrow(PyObject *o)
{
    return ((KrUnion *)o)->args;
}

// A union of the members of a tuple, flattened and without repetitions.
PyObject *kr_union_from_tuple(PyObject *args);

// Type variables among the arguments: a new tuple (genericalias.c).
PyObject *kr_type_parameters(PyObject *args);
// args with parameters replaced by item(s): a new tuple.
PyObject *kr_type_substitute(PyObject *self, PyObject *args, PyObject *parameters,
                             PyObject *item);
// Writes an argument as repr(alias) shows it, or NULL.
PyObject *kr_type_repr(PyObject *o);

#endif // KRAIT_OBJECTS_UNION_H
