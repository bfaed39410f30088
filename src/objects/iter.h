// SPDX-License-Identifier: MIT
// iter.h - what the iterators of the containers share.
#ifndef KRAIT_OBJECTS_ITER_H
#define KRAIT_OBJECTS_ITER_H

#include <Python.h>

#include "base/base.h"

// The builtin function of that name, a new reference.
PyObject *kr_iter_builtin(PyObject *name);

// (function, (object,), index), or (function, (object,)) when index is negative:
// what __reduce__ of an iterator over object returns. Consumes function, which may
// be NULL with an exception set. Getting it by kr_iter_builtin() may run Python, so
// the iterator has to be looked at after that.
PyObject *kr_iter_reduce_steal(PyObject *function, PyObject *object, Py_ssize_t index);

// The same for an iterator that can only be saved as the list of what is left;
// calls next to the end on a copy of the iterator, which is consumed.
PyObject *kr_iter_reduce_as_list_steal(PyObject *copy);

// Clears StopIteration if that is the pending exception. 0 when there is no
// exception any more, -1 when another one is set.
int kr_iter_clear_stop(void);

// The next item of a known iterator: new reference, or NULL without or with an
// exception (StopIteration is cleared).
static inline PyObject *
kr_iter_next_object(PyObject *iterator)
{
    PyObject *item = Py_TYPE(iterator)->tp_iternext(iterator);
    if (KR_UNLIKELY(item == NULL)) {
        kr_iter_clear_stop();
    }
    return item;
}

// A pair that an iterator gives out again while nobody else holds the last one.
// Consumes both items. *cache is owned by the iterator; may be NULL at first.
PyObject *kr_iter_reuse_pair_steal(PyObject **cache, PyObject *first, PyObject *second);

#endif // KRAIT_OBJECTS_ITER_H
