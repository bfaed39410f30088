// SPDX-License-Identifier: MIT
// bytearray.h - shared by bytearray.c, bytearray_edit.c and iter.c.
#ifndef KRAIT_OBJECTS_BYTES_BYTEARRAY_H
#define KRAIT_OBJECTS_BYTES_BYTEARRAY_H

#include "objects/bytes/bytes.h"

// -1 with BufferError while somebody has a buffer of self.
int kr_bytearray_check_resizable(PyByteArrayObject *self);
// Changes the size (>= 0); new bytes are undefined. 0 or -1.
int kr_bytearray_resize(PyByteArrayObject *self, Py_ssize_t size);

int kr_bytearray_set_item(PyObject *self, Py_ssize_t i, PyObject *value);
int kr_bytearray_set_subscript(PyObject *self, PyObject *key, PyObject *value);
PyObject *kr_bytearray_iter(PyObject *self);

#endif // KRAIT_OBJECTS_BYTES_BYTEARRAY_H
