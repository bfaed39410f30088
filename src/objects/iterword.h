// SPDX-License-Identifier: MIT
// iterword.h - iteration that gives tagged words, so that numbers need no boxes.
//
// Callers: the machine's loops; enumerate and zip for the iterators inside them.
#ifndef KRAIT_OBJECTS_ITERWORD_H
#define KRAIT_OBJECTS_ITERWORD_H

#include "objects/iter.h"
#include "objects/hooks.h"
#include "objects/int/int.h"
#include "objects/kv.h"
#include "objects/list.h"
#include "objects/range.h"
#include "objects/tuple.h"

// A new word for an item of a container. Small ints are told by their address.
static inline KV
kr_item_word(PyObject *item)
{
    uintptr_t offset = (uintptr_t)item - (uintptr_t)kr_small_ints;
    if (offset < sizeof kr_small_ints) {
        return kv_from_int((int64_t)(offset / sizeof(PyLongObject)) + KR_SMALL_INT_MIN);
    }
    return kv_from_new(item);
}

// The same for a reference that is given up.
static inline KV
kr_item_word_steal(PyObject *item)
{
    uintptr_t offset = (uintptr_t)item - (uintptr_t)kr_small_ints;
    if (offset < sizeof kr_small_ints) {
        return kv_from_int((int64_t)(offset / sizeof(PyLongObject)) + KR_SMALL_INT_MIN);
    }
    return kv_from_result(item);
}

// The next item of an object whose type has tp_iternext: 1, 0 at the end, -1 with an
// exception. May run Python.
static inline int
kr_iter_next_word(PyObject *iterator, KV *word_out)
{
    PyTypeObject *type = Py_TYPE(iterator);
    if (type == &PyGen_Type) {
        return kr_hooks.gen_next_word(iterator, word_out);
    }
    if (type == &PyRangeIter_Type) {
        KrRangeIter *range = (KrRangeIter *)iterator;
        if (range->left > 0 && kv_int_fits(range->next)) {
            *word_out = kv_from_int(range->next);
            range->next += range->step;
            range->left--;
            return 1;
        }
    }
    else if (type == &PyListIter_Type) {
        KrListIter *items = (KrListIter *)iterator;
        if (items->list != NULL && items->index < Py_SIZE(items->list)) {
            *word_out = kr_item_word(items->list->ob_item[items->index++]);
            return 1;
        }
    }
    else if (type == &PyTupleIter_Type) {
        KrTupleIter *items = (KrTupleIter *)iterator;
        if (items->tuple != NULL && items->index < Py_SIZE(items->tuple)) {
            *word_out = kr_item_word(items->tuple->ob_item[items->index++]);
            return 1;
        }
    }
    PyObject *item = type->tp_iternext(iterator);
    if (KR_LIKELY(item != NULL)) {
        *word_out = kr_item_word_steal(item);
        return 1;
    }
    return kr_iter_clear_stop();
}

// The next pair of enumerate, of a zip of two, of the items of a dict, without its
// tuple: 1, 0 at the end, -1 with an exception, 2 when only the tuple can be had.
int kr_enumerate_next_pair(PyObject *self, KV *pair);
int kr_zip_next_pair(PyObject *self, KV *pair);
int kr_dict_item_next_pair(PyObject *self, KV *pair);

#endif // KRAIT_OBJECTS_ITERWORD_H
