// SPDX-License-Identifier: MIT
// deque.h - the double-ended queue as the files of this folder see it.
#ifndef KRAIT_MODULES_COLLECTIONS_DEQUE_H
#define KRAIT_MODULES_COLLECTIONS_DEQUE_H

#include <Python.h>

#include "base/base.h"

// Items stand in a ring whose size is a power of two.
typedef struct Deque {
    PyObject_VAR_HEAD
    PyObject **ring;   // owned; NULL while room is 0
    Py_ssize_t room;   // 0 or a power of two
    Py_ssize_t first;  // place of item 0
    Py_ssize_t maxlen; // -1: unbounded
    size_t changes;    // counts everything that moves items
    char unused[144];  // keeps the size that compiled subclasses know
    PyObject *weakrefs;
} Deque;

typedef struct DequeIter {
    PyObject_HEAD
    Deque *deque;     // owned
    Py_ssize_t index; // of the next item
    Py_ssize_t left;
    size_t changes;   // of the deque at the start
    void *unused;
} DequeIter;

extern PyTypeObject kr_deque_type;
extern PyTypeObject kr_deque_iter_type;
extern PyTypeObject kr_deque_reverse_iter_type;
extern PyTypeObject kr_defaultdict_type;
extern PyTypeObject kr_tuplegetter_type;

static inline PyObject **
kr_deque_place(Deque *self, Py_ssize_t index)
{
    return &self->ring[(self->first + index) & (self->room - 1)];
}

PyObject *kr_deque_iter_new(Deque *deque, PyTypeObject *type);

#endif // KRAIT_MODULES_COLLECTIONS_DEQUE_H
