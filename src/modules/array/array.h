// SPDX-License-Identifier: MIT
// array.h - what the files of the module array share.
#ifndef KRAIT_MODULES_ARRAY_ARRAY_H
#define KRAIT_MODULES_ARRAY_ARRAY_H

#include "modules/array/items.h"

extern PyTypeObject kr_array_type;
extern PyTypeObject kr_array_iter_type;

// An array of size undefined items.
PyObject *kr_array_new(PyTypeObject *cls, Py_ssize_t size, const ArrayKind *kind);
int kr_array_resize(Array *self, Py_ssize_t newsize);
int kr_array_extend(Array *self, PyObject *other);
int kr_array_append_bytes(Array *self, const void *bytes, Py_ssize_t n);
int kr_array_append_text(Array *self, PyObject *text);
PyObject *kr_array_as_list(Array *self);
// Of arrays of characters only.
PyObject *kr_array_as_text(Array *self);
// What __reduce_ex__(protocol) returns.
PyObject *kr_array_reduce(Array *self, PyObject *protocol);

#endif // KRAIT_MODULES_ARRAY_ARRAY_H
