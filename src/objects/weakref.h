// SPDX-License-Identifier: MIT
// weakref.h - weak references, as the collector and deallocation use them.
#ifndef KRAIT_OBJECTS_WEAKREF_H
#define KRAIT_OBJECTS_WEAKREF_H

#include "Python.h"

#include "base/base.h"

// The start of the object's list; only for types that support weak references.
static inline PyWeakReference **
kr_weakref_list(PyObject *op)
{
    Py_ssize_t offset = Py_TYPE(op)->tp_weaklistoffset;
    return offset > 0 ? (PyWeakReference **)((char *)op + offset)
                      : (PyWeakReference **)((char *)op - 16);
}

// For dealloc functions: PyObject_ClearWeakRefs where there is something to clear.
static inline void
kr_weakrefs_clear(PyObject *op)
{
    if (KR_UNLIKELY(*kr_weakref_list(op) != NULL)) {
        PyObject_ClearWeakRefs(op);
    }
}

// The object with a new reference, NULL when it is dead or dying.
static inline PyObject *
kr_weakref_get(PyObject *ref)
{
    PyObject *op = ((PyWeakReference *)ref)->wr_object;
    return op == Py_None || Py_REFCNT(op) == 0 ? NULL : Py_NewRef(op);
}

// Calls the callback of a cleared reference; errors are reported.
void kr_weakref_call(PyWeakReference *ref, PyObject *callback);

// Takes ref off its list; it is dead after that. Its callback stays.
void kr_weakref_unlink(PyWeakReference *ref);

// Weak references to op.
Py_ssize_t kr_weakref_count(PyObject *op);

#endif // KRAIT_OBJECTS_WEAKREF_H
