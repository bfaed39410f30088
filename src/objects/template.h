// SPDX-License-Identifier: MIT
// template.h - template strings (PEP 750): what t"..." evaluates to.
#ifndef KRAIT_OBJECTS_TEMPLATE_H
#define KRAIT_OBJECTS_TEMPLATE_H

#include <Python.h>

extern PyTypeObject _PyTemplate_Type;
extern PyTypeObject _PyInterpolation_Type;

// A Template of a tuple of strs and a tuple of Interpolations, one str more than
// interpolations. New reference.
PyObject *kr_template_new(PyObject *strings, PyObject *interpolations);
// An Interpolation; conversion is 0, or 1, 2, 3 for !s, !r, !a; format_spec may be
// NULL. New reference.
PyObject *kr_interpolation_new(PyObject *value, PyObject *expression, int conversion,
                               PyObject *format_spec);

// After the types: what a static type cannot say itself.
int kr_init_template(PyInterpreterState *interp);

#endif // KRAIT_OBJECTS_TEMPLATE_H
