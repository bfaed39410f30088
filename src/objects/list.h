// SPDX-License-Identifier: MIT
// list.h - lists inside Krait: growing, sorting, iterators.
#ifndef KRAIT_OBJECTS_LIST_H
#define KRAIT_OBJECTS_LIST_H

#include <Python.h>

#include "base/base.h"

// Iterator over a list; the VM reads it directly.
typedef struct KrListIter {
    PyObject_HEAD
    Py_ssize_t index;    // next item; the reverse iterator counts down to -1
    PyListObject *list;  // owned; NULL when exhausted
} KrListIter;

// Makes room for one more item than there is and appends; consumes value, on
// failure too.
int kr_list_append_slow_steal(PyListObject *self, PyObject *value);

// Appends and consumes value, on failure too.
static inline int
kr_list_append_steal(PyListObject *self, PyObject *value)
{
    Py_ssize_t size = Py_SIZE(self);
    if (KR_LIKELY(size < self->allocated)) {
        self->ob_item[size] = value;
        Py_SET_SIZE(self, size + 1);
        return 0;
    }
    return kr_list_append_slow_steal(self, value);
}

// A list that takes over n references; consumes them on failure too.
PyObject *kr_list_from_array_steal(PyObject **items, Py_ssize_t n);

// An empty list with room for n items.
PyObject *kr_list_new_presized(Py_ssize_t n);

// list.sort: key may be NULL or None.
int kr_list_sort(PyListObject *self, PyObject *key, bool reverse);

#endif // KRAIT_OBJECTS_LIST_H
