// SPDX-License-Identifier: MIT
// functools.h - what the files of the module _functools share.
#ifndef KRAIT_MODULES_FUNCTOOLS_FUNCTOOLS_H
#define KRAIT_MODULES_FUNCTOOLS_FUNCTOOLS_H

#include <Python.h>

#include "base/base.h"

extern PyTypeObject kr_partial_type;
extern PyTypeObject kr_placeholder_type;
extern PyTypeObject kr_lru_type;
extern PyTypeObject kr_key_type;

// The object that keeps a place free among the arguments of a partial.
extern PyObject kr_placeholder;

#endif // KRAIT_MODULES_FUNCTOOLS_FUNCTOOLS_H
