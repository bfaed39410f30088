// SPDX-License-Identifier: MIT
// fastiter.h - iteration in C: lists and tuples by index, all else by its iterator.
//
//     KrFastIter it;
//     if (kr_iter_start(&it, iterable) < 0) ...
//     while ((more = kr_iter_next(&it, &item)) > 0) ...   // item is a new reference
//     kr_iter_end(&it);
#ifndef KRAIT_OBJECTS_FASTITER_H
#define KRAIT_OBJECTS_FASTITER_H

#include <Python.h>

#include "base/base.h"

typedef enum KrIterKind {
    KR_ITER_ANY,
    KR_ITER_LIST,
    KR_ITER_TUPLE,
} KrIterKind;

typedef struct KrFastIter {
    PyObject *source; // owned: the iterator, or the list or tuple itself
    Py_ssize_t index;
    KrIterKind kind;
} KrFastIter;

// After tp_iternext has returned NULL: 0 at the end (StopIteration is cleared), -1
// with an exception.
int kr_iter_finish(void);

// 0, or -1 with an exception; then kr_iter_end must not be called.
static inline int
kr_iter_start(KrFastIter *it, PyObject *iterable)
{
    it->index = 0;
    if (PyList_CheckExact(iterable) || PyTuple_CheckExact(iterable)) {
        it->kind = PyList_CheckExact(iterable) ? KR_ITER_LIST : KR_ITER_TUPLE;
        it->source = Py_NewRef(iterable);
        return 0;
    }
    it->kind = KR_ITER_ANY;
    it->source = PyObject_GetIter(iterable);
    return it->source == NULL ? -1 : 0;
}

// 1 with a new reference, 0 at the end, -1 with an exception. May run Python.
static inline int
kr_iter_next(KrFastIter *it, PyObject **item_out)
{
    if (it->kind == KR_ITER_LIST) {
        // The list may have been changed by whoever handled the last item.
        PyListObject *list = (PyListObject *)it->source;
        if (it->index >= Py_SIZE(list)) {
            return 0;
        }
        *item_out = Py_NewRef(list->ob_item[it->index++]);
        return 1;
    }
    if (it->kind == KR_ITER_TUPLE) {
        if (it->index >= PyTuple_GET_SIZE(it->source)) {
            return 0;
        }
        *item_out = Py_NewRef(PyTuple_GET_ITEM(it->source, it->index++));
        return 1;
    }
    *item_out = Py_TYPE(it->source)->tp_iternext(it->source);
    if (KR_LIKELY(*item_out != NULL)) {
        return 1;
    }
    return kr_iter_finish();
}

static inline void
kr_iter_end(KrFastIter *it)
{
    Py_DECREF(it->source);
}

#endif // KRAIT_OBJECTS_FASTITER_H
