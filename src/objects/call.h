// SPDX-License-Identifier: MIT
// call.h - helpers of the calling conventions.
#ifndef KRAIT_OBJECTS_CALL_H
#define KRAIT_OBJECTS_CALL_H

#include "Python.h"

#include "base/base.h"

// A new dict of kwnames (tuple of str) and their values; NULL kwnames: NULL result
// without an exception is avoided, an empty dict comes.
PyObject *kr_kwnames_to_dict(PyObject *const *values, PyObject *kwnames);

// args[0..nargs) and the values of kwargs in one new array with a free word before
// it; *kwnames_out is a new tuple. Release with kr_free_stack.
PyObject *const *kr_unpack_dict(PyObject *const *args, Py_ssize_t nargs,
                                PyObject *kwargs, PyObject **kwnames_out);
void kr_free_stack(PyObject *const *stack, Py_ssize_t nargs, PyObject *kwnames);

// A new tuple of n borrowed objects.
PyObject *kr_tuple_from_array(PyObject *const *items, Py_ssize_t n);

#endif // KRAIT_OBJECTS_CALL_H
