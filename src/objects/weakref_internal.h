// SPDX-License-Identifier: MIT
// weakref_internal.h - shared by weakref.c and weakref_proxy.c.
#ifndef KRAIT_OBJECTS_WEAKREF_INTERNAL_H
#define KRAIT_OBJECTS_WEAKREF_INTERNAL_H

#include "objects/weakref.h"

// A reference of the given type to op; the shared one if that serves.
PyObject *kr_weakref_make(PyTypeObject *type, PyObject *op, PyObject *callback);

// Slots that references and proxies have in common.
void kr_weakref_dealloc(PyObject *op);
int kr_weakref_traverse(PyObject *op, visitproc visit, void *arg);
int kr_weakref_clear(PyObject *op);
PyObject *kr_weakref_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf,
                                PyObject *kwnames);

#endif // KRAIT_OBJECTS_WEAKREF_INTERNAL_H
