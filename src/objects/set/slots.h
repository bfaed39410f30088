// SPDX-License-Identifier: MIT
// slots.h - the slot functions of set and frozenset.
#ifndef KRAIT_OBJECTS_SET_SLOTS_H
#define KRAIT_OBJECTS_SET_SLOTS_H

#include <Python.h>

// What `in` does: a set that cannot be hashed is looked for as a frozenset.
int kr_anyset_contains(PyObject *self, PyObject *key);
// The same for removing: 1, 0 or -1.
int kr_anyset_discard(PyObject *self, PyObject *key);

Py_ssize_t kr_anyset_length(PyObject *self);
void kr_anyset_dealloc(PyObject *self);
int kr_anyset_traverse(PyObject *self, visitproc visit, void *arg);
int kr_anyset_tp_clear(PyObject *self);
PyObject *kr_anyset_repr(PyObject *self);
PyObject *kr_anyset_richcompare(PyObject *left, PyObject *right, int op);
PyObject *kr_anyset_iter(PyObject *self);
Py_hash_t kr_frozenset_hash(PyObject *self);

PyObject *kr_anyset_subtract(PyObject *left, PyObject *right);
PyObject *kr_anyset_and(PyObject *left, PyObject *right);
PyObject *kr_anyset_xor(PyObject *left, PyObject *right);
PyObject *kr_anyset_or(PyObject *left, PyObject *right);
PyObject *kr_set_inplace_subtract(PyObject *self, PyObject *other);
PyObject *kr_set_inplace_and(PyObject *self, PyObject *other);
PyObject *kr_set_inplace_xor(PyObject *self, PyObject *other);
PyObject *kr_set_inplace_or(PyObject *self, PyObject *other);

PyObject *kr_set_tp_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs);
int kr_set_init(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *kr_set_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf,
                            PyObject *kwnames);
PyObject *kr_frozenset_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs);
PyObject *kr_frozenset_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf,
                                  PyObject *kwnames);

// Iterator over a set; the VM reads it directly.
typedef struct KrSetIter {
    PyObject_HEAD
    PySetObject *set; // owned; NULL when exhausted
    Py_ssize_t used;  // size at the start; -1 after an error
    Py_ssize_t pos;
    Py_ssize_t left;  // elements still expected
} KrSetIter;

#endif // KRAIT_OBJECTS_SET_SLOTS_H
