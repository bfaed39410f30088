// SPDX-License-Identifier: MIT
// float.h - floats beyond the public API.
#ifndef KRAIT_OBJECTS_FLOAT_FLOAT_H
#define KRAIT_OBJECTS_FLOAT_FLOAT_H

#include <Python.h>

#include "base/base.h"

#define KR_DOUBLE_REPR_MAX 32

// repr of a double, without a NUL. `add_dot` gives whole numbers their ".0". Returns
// the length.
int kr_double_repr(double value, bool add_dot, char buffer[KR_DOUBLE_REPR_MAX]);

// Reads a float literal or "inf", "infinity", "nan" in any case, with a sign, at the
// start of text. *used_out is 0 if there is none.
double kr_double_parse(const char *text, size_t size, size_t *used_out);

// Removes underscores that stand between digits: 0, or -1 (no exception) if there are
// others. The result has size *size_out and ends in a NUL; out needs size + 1 bytes.
int kr_strip_underscores(const char *text, size_t size, char *out, size_t *size_out);

// x rounded to a number of places, half to even by its exact value. NULL with
// OverflowError.
PyObject *kr_float_round(double x, Py_ssize_t places);

// Python's % and // and ** on doubles; y is not zero for the first two.
double kr_double_mod(double x, double y);
double kr_double_floordiv(double x, double y);
void kr_double_divmod(double x, double y, double *quotient_out, double *remainder_out);
// pow(x, y) with Python's errors: -1 with an exception; 1 when the result is complex.
int kr_double_pow(double x, double y, double *out);

// A float or int as a double: 1, 0 if it is neither, -1 with OverflowError.
int kr_real_as_double(PyObject *op, double *out);

#endif // KRAIT_OBJECTS_FLOAT_FLOAT_H
