// SPDX-License-Identifier: MIT
// slice.h - slices inside Krait.
#ifndef KRAIT_OBJECTS_SLICE_H
#define KRAIT_OBJECTS_SLICE_H

#include <Python.h>

#include "base/base.h"

// Consumes all three, on failure too.
PyObject *kr_slice_new_steal(PyObject *start, PyObject *stop, PyObject *step);

// The bounds and step that a slice means for a length, all ints of any size; new
// references. 0, or -1 with all NULL.
int kr_slice_long_indices(PyObject *slice, PyObject *length, PyObject **start,
                          PyObject **stop, PyObject **step);

#endif // KRAIT_OBJECTS_SLICE_H
