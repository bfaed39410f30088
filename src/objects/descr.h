// SPDX-License-Identifier: MIT
// descr.h - descriptors of C types: shared helpers.
#ifndef KRAIT_OBJECTS_DESCR_H
#define KRAIT_OBJECTS_DESCR_H

#include "Python.h"

#include "base/base.h"

// A builtin function by name for __reduce__ (borrowed), or NULL with an exception.
PyObject *kr_builtin_borrow(PyObject *name);
// (getattr, (object, name)): how methods are pickled.
PyObject *kr_reduce_as_getattr(PyObject *object, PyObject *name);

// The functions of a property, borrowed, or NULL.
PyObject *kr_property_getter(PyObject *property);
PyObject *kr_property_setter(PyObject *property);

// Calls the slot behind a wrapper: self is of its type, args a tuple, kwds NULL or a dict.
PyObject *kr_slot_wrapper_run(PyWrapperDescrObject *descr, PyObject *self, PyObject *args,
                              PyObject *kwds);

#endif // KRAIT_OBJECTS_DESCR_H
