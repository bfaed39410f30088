// SPDX-License-Identifier: MIT
// complex.h - complex arithmetic that math and cmath share with the type.
#ifndef KRAIT_OBJECTS_COMPLEX_H
#define KRAIT_OBJECTS_COMPLEX_H

#include <Python.h>

#include "base/base.h"

// a real number and a complex one: the missing part takes no part, so that signs of
// zeros and infinities survive.
Py_complex kr_complex_quot_real(double a, Py_complex b);

// An object as complex: through __complex__, __float__ or __index__. 0, or -1.
int kr_complex_from_object(PyObject *op, Py_complex *out);

#endif // KRAIT_OBJECTS_COMPLEX_H
