// SPDX-License-Identifier: MIT
// namespace.h - types.SimpleNamespace for other files.
#ifndef KRAIT_OBJECTS_NAMESPACE_H
#define KRAIT_OBJECTS_NAMESPACE_H

#include "Python.h"

PyAPI_DATA(PyTypeObject) _PyNamespace_Type;
// A new namespace with the items of kwds (or none).
PyAPI_FUNC(PyObject *) _PyNamespace_New(PyObject *kwds);

#endif // KRAIT_OBJECTS_NAMESPACE_H
