// SPDX-License-Identifier: MIT
// docstring.h - how docstrings are stored.
#ifndef KRAIT_COMPILE_DOCSTRING_H
#define KRAIT_COMPILE_DOCSTRING_H

#include "Python.h"

// The text without the indentation that all lines after the first share. New reference.
PyObject *kr_clean_docstring(PyObject *text);

#endif // KRAIT_COMPILE_DOCSTRING_H
