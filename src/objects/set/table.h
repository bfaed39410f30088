// SPDX-License-Identifier: MIT
// table.h - the hash table of sets as the files of this folder see it.
#ifndef KRAIT_OBJECTS_SET_TABLE_H
#define KRAIT_OBJECTS_SET_TABLE_H

#include <Python.h>

#include "base/base.h"
#include "objects/equal.h"

// Stands where an element was removed.
extern PyObject kr_set_removed;

static inline bool
kr_set_entry_is_live(const setentry *entry)
{
    return entry->key != NULL && entry->key != &kr_set_removed;
}

// The hash of an element; -1 with "cannot use 'T' as a set element" set.
Py_hash_t kr_set_hash_slow(PyObject *key);

static inline Py_hash_t
kr_set_hash(PyObject *key)
{
    Py_hash_t hash = kr_hash_simple(key);
    return KR_LIKELY(hash != -1) ? hash : kr_set_hash_slow(key);
}

// A new empty set of any set type.
PySetObject *kr_set_new(PyTypeObject *cls);
// Turns a fresh object into an empty set.
void kr_set_init_empty(PySetObject *self);

// 1 present, 0 absent, -1 error. May run Python.
int kr_set_contains_hash(PySetObject *self, PyObject *key, Py_hash_t hash);
// 0, or -1 with an exception.
int kr_set_add_hash(PySetObject *self, PyObject *key, Py_hash_t hash);
// 1 removed, 0 absent, -1 error.
int kr_set_discard_hash(PySetObject *self, PyObject *key, Py_hash_t hash);
int kr_set_add(PySetObject *self, PyObject *key);

// The next live entry at or after *pos, or NULL; moves *pos behind it.
static inline setentry *
kr_set_next(PySetObject *self, Py_ssize_t *pos)
{
    for (Py_ssize_t i = *pos; i <= self->mask; i++) {
        if (kr_set_entry_is_live(&self->table[i])) {
            *pos = i + 1;
            return &self->table[i];
        }
    }
    *pos = self->mask + 1;
    return NULL;
}

// Removes all elements. May run Python.
void kr_set_clear(PySetObject *self);
// Adds all elements of another set.
int kr_set_merge(PySetObject *self, PySetObject *other);
// Adds all items of any iterable.
int kr_set_update(PySetObject *self, PyObject *iterable);
// Exchanges the contents of two sets.
void kr_set_swap(PySetObject *a, PySetObject *b);
// Takes any one element out; NULL without exception when empty.
PyObject *kr_set_take(PySetObject *self);

// A set of type cls with the items of iterable (NULL: none).
PyObject *kr_set_from(PyTypeObject *cls, PyObject *iterable);

// set or frozenset, whichever the object derives from.
static inline PyTypeObject *
kr_set_base_type(PyObject *op)
{
    return PySet_CheckExact(op)         ? &PySet_Type
           : PyFrozenSet_CheckExact(op) ? &PyFrozenSet_Type
           : PySet_Check(op)            ? &PySet_Type
                                        : &PyFrozenSet_Type;
}

// The operations that methods and operators share. New references.
PyObject *kr_set_copy_base(PyObject *self);
PyObject *kr_set_intersection(PySetObject *self, PyObject *other);
PyObject *kr_set_difference(PySetObject *self, PyObject *other);
PyObject *kr_set_symmetric_difference(PySetObject *self, PyObject *other);
int kr_set_difference_update(PySetObject *self, PyObject *other);
int kr_set_symmetric_difference_update(PySetObject *self, PyObject *other);
// Whether every element of self is in other: 1, 0, -1.
int kr_set_issubset(PySetObject *self, PySetObject *other);

#endif // KRAIT_OBJECTS_SET_TABLE_H
