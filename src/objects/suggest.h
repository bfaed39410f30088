// SPDX-License-Identifier: MIT
// suggest.h - "Did you mean": the closest of a few names.
#ifndef KRAIT_OBJECTS_SUGGEST_H
#define KRAIT_OBJECTS_SUGGEST_H

#include "Python.h"

// The candidate most like name, borrowed, or NULL when none is close enough.
// Never sets an exception; entries that are no str are passed over.
PyObject *kr_suggest_nofail(PyObject *name, PyObject *const *candidates,
                            Py_ssize_t count);

#endif // KRAIT_OBJECTS_SUGGEST_H
