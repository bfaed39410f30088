// SPDX-License-Identifier: MIT
// list.c - the built-in list: a growable array of owned references.
//
// Callers:     everybody; the VM inlines appends and indexing.
// Invariants:  0 <= size <= allocated; ob_item is NULL only when allocated is 0;
//              slots below size are never NULL once Python code can see the list.
//              While the list is being sorted allocated is -1 and it looks empty.
// Re-entrancy: __eq__, __repr__, iterators and __del__ may change the list; loops
//              read size and ob_item again after each such call, and items are
//              owned while they are in use.
// Read next:   sort.c, list_iter.c
#include "objects/list.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/dict.h"
#include "objects/equal.h"
#include "objects/ids.h"

#define LIST_MAX_SIZE (PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(PyObject *))

// --- Room --------------------------------------------------------------------------

// Sets the size, with room to grow: about one eighth more than asked for. Shrinks
// the array when half of it would be unused. New slots are undefined.
static int
list_resize(PyListObject *self, Py_ssize_t newsize)
{
    Py_ssize_t allocated = self->allocated;
    if (KR_LIKELY(newsize <= allocated && newsize >= (allocated >> 1))) {
        Py_SET_SIZE(self, newsize);
        return 0;
    }
    if (newsize == 0) {
        PyObject **old = self->ob_item;
        self->ob_item = NULL;
        self->allocated = 0;
        Py_SET_SIZE(self, 0);
        PyMem_Free(old);
        return 0;
    }
    size_t room = ((size_t)newsize + ((size_t)newsize >> 3) + 6) & ~(size_t)3;
    if (newsize - Py_SIZE(self) > (Py_ssize_t)(room - (size_t)newsize)) {
        // A jump: whoever adds much at once rarely appends right after.
        room = ((size_t)newsize + 3) & ~(size_t)3;
    }
    if (room > (size_t)LIST_MAX_SIZE) {
        PyErr_NoMemory();
        return -1;
    }
    PyObject **items = PyMem_Realloc(self->ob_item, room * sizeof(PyObject *));
    if (items == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->ob_item = items;
    self->allocated = (Py_ssize_t)room;
    Py_SET_SIZE(self, newsize);
    return 0;
}

// Room for exactly n items in a list that has no array yet.
static int
list_reserve(PyListObject *self, Py_ssize_t n)
{
    if (n > LIST_MAX_SIZE) {
        PyErr_NoMemory();
        return -1;
    }
    self->ob_item = PyMem_Malloc((size_t)n * sizeof(PyObject *));
    if (self->ob_item == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->allocated = n;
    return 0;
}

// An empty list with room for n items, not tracked yet.
static PyListObject *
list_alloc(Py_ssize_t n)
{
    PyListObject *self = kr_object_new_gc(&PyList_Type, sizeof(PyListObject));
    if (KR_UNLIKELY(self == NULL)) {
        return NULL;
    }
    self->ob_item = NULL;
    self->allocated = 0;
    Py_SET_SIZE(self, 0);
    if (n > 0 && list_reserve(self, n) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return self;
}

PyObject *
PyList_New(Py_ssize_t size)
{
    if (size < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyListObject *self = list_alloc(size);
    if (self == NULL) {
        return NULL;
    }
    if (size > 0) {
        memset(self->ob_item, 0, (size_t)size * sizeof(PyObject *));
    }
    Py_SET_SIZE(self, size);
    kr_gc_track(self);
    return (PyObject *)self;
}

PyObject *
kr_list_new_presized(Py_ssize_t n)
{
    PyListObject *self = list_alloc(n);
    if (self != NULL) {
        kr_gc_track(self);
    }
    return (PyObject *)self;
}

PyObject *
kr_list_from_array_steal(PyObject **items, Py_ssize_t n)
{
    PyListObject *self = list_alloc(n);
    if (self == NULL) {
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_DECREF(items[i]);
        }
        return NULL;
    }
    if (n > 0) {
        memcpy(self->ob_item, items, (size_t)n * sizeof(PyObject *));
    }
    Py_SET_SIZE(self, n);
    kr_gc_track(self);
    return (PyObject *)self;
}

// A list of new references to n items.
static PyObject *
list_from_array(PyObject *const *items, Py_ssize_t n)
{
    PyListObject *self = list_alloc(n);
    if (self == NULL) {
        return NULL;
    }
    PyObject **target = self->ob_item;
    for (Py_ssize_t i = 0; i < n; i++) {
        target[i] = Py_NewRef(items[i]);
    }
    Py_SET_SIZE(self, n);
    kr_gc_track(self);
    return (PyObject *)self;
}

KR_COLD int
kr_list_append_slow_steal(PyListObject *self, PyObject *value)
{
    Py_ssize_t size = Py_SIZE(self);
    if (list_resize(self, size + 1) < 0) {
        Py_DECREF(value);
        return -1;
    }
    self->ob_item[size] = value;
    return 0;
}

// Takes all items away and releases them, which may run Python.
static void
list_release_items(PyListObject *self)
{
    PyObject **items = self->ob_item;
    if (items == NULL) {
        return;
    }
    Py_ssize_t n = Py_SIZE(self);
    self->ob_item = NULL;
    self->allocated = 0;
    Py_SET_SIZE(self, 0);
    while (--n >= 0) {
        Py_XDECREF(items[n]);
    }
    PyMem_Free(items);
}

// --- API ----------------------------------------------------------------------------

Py_ssize_t
PyList_Size(PyObject *op)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return Py_SIZE(op);
}

PyObject *
PyList_GetItem(PyObject *op, Py_ssize_t index)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if ((size_t)index >= (size_t)Py_SIZE(op)) {
        PyErr_SetString(PyExc_IndexError, "list index out of range");
        return NULL;
    }
    return ((PyListObject *)op)->ob_item[index];
}

PyObject *
PyList_GetItemRef(PyObject *op, Py_ssize_t index)
{
    if (!PyList_Check(op)) {
        PyErr_SetString(PyExc_TypeError, "expected a list");
        return NULL;
    }
    return Py_XNewRef(PyList_GetItem(op, index));
}

int
PyList_SetItem(PyObject *op, Py_ssize_t index, PyObject *value)
{
    if (!PyList_Check(op)) {
        Py_XDECREF(value);
        PyErr_BadInternalCall();
        return -1;
    }
    if ((size_t)index >= (size_t)Py_SIZE(op)) {
        Py_XDECREF(value);
        PyErr_SetString(PyExc_IndexError, "list assignment index out of range");
        return -1;
    }
    Py_XSETREF(((PyListObject *)op)->ob_item[index], value);
    return 0;
}

static int
list_insert_at(PyListObject *self, Py_ssize_t where, PyObject *value)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "cannot add more objects to list");
        return -1;
    }
    if (list_resize(self, n + 1) < 0) {
        return -1;
    }
    if (where < 0) {
        where = where + n < 0 ? 0 : where + n;
    }
    if (where > n) {
        where = n;
    }
    PyObject **place = self->ob_item + where;
    memmove(place + 1, place, (size_t)(n - where) * sizeof(PyObject *));
    *place = Py_NewRef(value);
    return 0;
}

int
PyList_Insert(PyObject *op, Py_ssize_t where, PyObject *value)
{
    if (!PyList_Check(op) || value == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    return list_insert_at((PyListObject *)op, where, value);
}

int
PyList_Append(PyObject *op, PyObject *value)
{
    if (!PyList_Check(op) || value == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    return kr_list_append_steal((PyListObject *)op, Py_NewRef(value));
}

PyObject *
PyList_GetSlice(PyObject *op, Py_ssize_t low, Py_ssize_t high)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    Py_ssize_t size = Py_SIZE(op);
    low = low < 0 ? 0 : low > size ? size : low;
    high = high < low ? low : high > size ? size : high;
    return list_from_array(((PyListObject *)op)->ob_item + low, high - low);
}

// Replaces items low..high by those of value (NULL: none). What is removed is
// released at the end, when the list is whole again.
static int
list_set_slice(PyListObject *self, Py_ssize_t low, Py_ssize_t high, PyObject *value)
{
    PyObject *sequence = NULL, **removed = NULL;
    PyObject *few[8];
    int status = -1;
    Py_ssize_t added = 0;
    if (value != NULL) {
        // The list itself as source has to be read before it changes.
        sequence = value == (PyObject *)self
                       ? list_from_array(self->ob_item, Py_SIZE(self))
                       : PySequence_Fast(value, "must assign iterable to extended slice");
        if (sequence == NULL) {
            return -1;
        }
        added = PySequence_Fast_GET_SIZE(sequence);
    }
    Py_ssize_t size = Py_SIZE(self);
    low = low < 0 ? 0 : low > size ? size : low;
    high = high < low ? low : high > size ? size : high;
    Py_ssize_t gone = high - low, change = added - gone;
    if (size + change == 0) {
        list_release_items(self);
        status = 0;
        goto done;
    }
    removed = few;
    if (gone > (Py_ssize_t)KR_ARRAY_LEN(few)) {
        removed = PyMem_Malloc((size_t)gone * sizeof(PyObject *));
        if (removed == NULL) {
            PyErr_NoMemory();
            goto done;
        }
    }
    if (gone > 0) {
        memcpy(removed, self->ob_item + low, (size_t)gone * sizeof(PyObject *));
    }
    size_t tail = (size_t)(size - high) * sizeof(PyObject *);
    if (change < 0) {
        memmove(self->ob_item + high + change, self->ob_item + high, tail);
        if (list_resize(self, size + change) < 0) {
            // The array stays too large, which does no harm.
            PyErr_Clear();
            Py_SET_SIZE(self, size + change);
        }
    }
    else if (change > 0) {
        if (list_resize(self, size + change) < 0) {
            goto free_removed;
        }
        memmove(self->ob_item + high + change, self->ob_item + high, tail);
    }
    for (Py_ssize_t i = 0; i < added; i++) {
        self->ob_item[low + i] = Py_NewRef(PySequence_Fast_GET_ITEM(sequence, i));
    }
    status = 0;
    while (--gone >= 0) {
        Py_XDECREF(removed[gone]); // may run Python
    }

free_removed:
    if (removed != few) {
        PyMem_Free(removed);
    }
done:
    Py_XDECREF(sequence);
    return status;
}

int
PyList_SetSlice(PyObject *op, Py_ssize_t low, Py_ssize_t high, PyObject *value)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return list_set_slice((PyListObject *)op, low, high, value);
}

int
PyList_Clear(PyObject *op)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    list_release_items((PyListObject *)op);
    return 0;
}

PyObject *
PyList_AsTuple(PyObject *op)
{
    if (op == NULL || !PyList_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyTuple_FromArray(((PyListObject *)op)->ob_item, Py_SIZE(op));
}

static void
reverse_items(PyObject **low, PyObject **high)
{
    for (; low < --high; low++) {
        PyObject *item = *low;
        *low = *high;
        *high = item;
    }
}

int
PyList_Reverse(PyObject *op)
{
    if (op == NULL || !PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    PyListObject *self = (PyListObject *)op;
    if (Py_SIZE(self) > 1) {
        reverse_items(self->ob_item, self->ob_item + Py_SIZE(self));
    }
    return 0;
}

int
PyList_Sort(PyObject *op)
{
    if (op == NULL || !PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return kr_list_sort((PyListObject *)op, NULL, false);
}

// Appends n new references to items, which may be the list's own array.
static int
list_extend_array(PyListObject *self, PyObject *source_op)
{
    Py_ssize_t n = PySequence_Fast_GET_SIZE(source_op), m = Py_SIZE(self);
    if (n == 0) {
        return 0;
    }
    if (self->ob_item == NULL ? list_reserve(self, n) < 0 : list_resize(self, m + n) < 0) {
        return -1;
    }
    // Read after the resize: the source may be the list itself.
    PyObject **source = PySequence_Fast_ITEMS(source_op);
    PyObject **target = self->ob_item + m;
    for (Py_ssize_t i = 0; i < n; i++) {
        target[i] = Py_NewRef(source[i]);
    }
    Py_SET_SIZE(self, m + n);
    return 0;
}

// Appends the items of a dict or set, read from its table.
static int
list_extend_table(PyListObject *self, PyObject *source, Py_ssize_t n)
{
    Py_ssize_t pos = 0, m = Py_SIZE(self);
    if (n == 0) {
        return 0;
    }
    if (self->ob_item == NULL ? list_reserve(self, n) < 0 : list_resize(self, m + n) < 0) {
        return -1;
    }
    PyObject *key, **target = self->ob_item + m;
    Py_hash_t hash;
    if (PyDict_CheckExact(source)) {
        target += kr_dict_copy_keys(source, target);
    }
    else {
        while (_PySet_NextEntry(source, &pos, &key, &hash)) {
            *target++ = Py_NewRef(key);
        }
    }
    Py_SET_SIZE(self, target - self->ob_item);
    return 0;
}

static int
list_extend_iterator(PyListObject *self, PyObject *iterable)
{
    PyObject *iterator = PyObject_GetIter(iterable);
    if (iterator == NULL) {
        return -1;
    }
    Py_ssize_t hint = PyObject_LengthHint(iterable, 8);
    if (hint < 0) {
        Py_DECREF(iterator);
        return -1;
    }
    Py_ssize_t size = Py_SIZE(self);
    if (size <= PY_SSIZE_T_MAX - hint && hint > 0) {
        // A wrong hint costs memory only, and no memory is no error here.
        if (self->ob_item == NULL) {
            if (list_reserve(self, hint) < 0) {
                Py_DECREF(iterator);
                return -1;
            }
        }
        else if (size + hint > self->allocated) {
            if (list_resize(self, size + hint) < 0) {
                Py_DECREF(iterator);
                return -1;
            }
            Py_SET_SIZE(self, size);
        }
    }
    iternextfunc next = Py_TYPE(iterator)->tp_iternext;
    int status = 0;
    PyObject *item;
    while ((item = next(iterator)) != NULL) {
        if (kr_list_append_steal(self, item) < 0) {
            status = -1;
            break;
        }
    }
    Py_DECREF(iterator);
    if (status == 0 && PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
            return -1;
        }
        PyErr_Clear();
    }
    if (status == 0 && Py_SIZE(self) < self->allocated) {
        return list_resize(self, Py_SIZE(self));
    }
    return status;
}

static int
list_extend_any(PyListObject *self, PyObject *iterable)
{
    if (PyList_CheckExact(iterable) || PyTuple_CheckExact(iterable)
        || iterable == (PyObject *)self) {
        return list_extend_array(self, iterable);
    }
    if (PyAnySet_CheckExact(iterable)) {
        return list_extend_table(self, iterable, PySet_GET_SIZE(iterable));
    }
    if (PyDict_CheckExact(iterable)) {
        return list_extend_table(self, iterable, PyDict_GET_SIZE(iterable));
    }
    return list_extend_iterator(self, iterable);
}

int
PyList_Extend(PyObject *op, PyObject *iterable)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return list_extend_any((PyListObject *)op, iterable);
}

// --- Slots -----------------------------------------------------------------------

static void
list_dealloc(PyObject *op)
{
    PyListObject *self = (PyListObject *)op;
    kr_gc_untrack(self);
    if (self->ob_item != NULL) {
        PyObject **items = self->ob_item;
        Py_ssize_t i = Py_SIZE(self);
        while (i > 8) {
            // Counts that are far away are fetched while the near ones are counted.
            __builtin_prefetch(items[i - 8], 1);
            i--;
            Py_XDECREF(items[i]);
        }
        while (--i >= 0) {
            Py_XDECREF(items[i]);
        }
        PyMem_Free(items);
    }
    if (KR_LIKELY(PyList_CheckExact(op))) {
        kr_object_free(op);
        return;
    }
    Py_TYPE(self)->tp_free(op);
}

static int
list_traverse(PyObject *op, visitproc visit, void *arg)
{
    PyListObject *self = (PyListObject *)op;
    for (Py_ssize_t i = Py_SIZE(self); --i >= 0;) {
        Py_VISIT(self->ob_item[i]);
    }
    return 0;
}

static int
list_tp_clear(PyObject *op)
{
    list_release_items((PyListObject *)op);
    return 0;
}

static Py_ssize_t
list_length(PyObject *op)
{
    return Py_SIZE(op);
}

static int
list_write_items(PyUnicodeWriter *writer, PyListObject *self)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        if (i > 0 && PyUnicodeWriter_WriteASCII(writer, ", ", 2) < 0) {
            return -1;
        }
        PyObject *item = Py_NewRef(self->ob_item[i]);
        int status = PyUnicodeWriter_WriteRepr(writer, item); // may run Python
        Py_DECREF(item);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *
list_repr(PyObject *op)
{
    PyListObject *self = (PyListObject *)op;
    if (Py_SIZE(self) == 0) {
        return PyUnicode_FromString("[]");
    }
    int entered = Py_ReprEnter(op);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("[...]") : NULL;
    }
    PyObject *result = NULL;
    PyUnicodeWriter *writer = PyUnicodeWriter_Create(Py_SIZE(self) * 3);
    if (writer != NULL) {
        if (PyUnicodeWriter_WriteChar(writer, '[') < 0
            || list_write_items(writer, self) < 0
            || PyUnicodeWriter_WriteChar(writer, ']') < 0) {
            PyUnicodeWriter_Discard(writer);
        }
        else {
            result = PyUnicodeWriter_Finish(writer);
        }
    }
    Py_ReprLeave(op);
    return result;
}

// Compares item i with value by ==. The caller knows that i is in range.
static inline int
item_equals(PyListObject *self, Py_ssize_t i, PyObject *value)
{
    return kr_equal_borrowed(self->ob_item[i], value); // may run Python
}

static int
list_contains(PyObject *op, PyObject *value)
{
    PyListObject *self = (PyListObject *)op;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        int equal = item_equals(self, i, value);
        if (equal != 0) {
            return equal;
        }
    }
    return 0;
}

static PyObject *
list_richcompare(PyObject *left, PyObject *right, int op)
{
    if (!PyList_Check(left) || !PyList_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyListObject *a = (PyListObject *)left, *b = (PyListObject *)right;
    if (Py_SIZE(a) != Py_SIZE(b) && (op == Py_EQ || op == Py_NE)) {
        return Py_NewRef(op == Py_EQ ? Py_False : Py_True);
    }
    Py_ssize_t i = 0;
    for (; i < Py_SIZE(a) && i < Py_SIZE(b); i++) {
        PyObject *x = a->ob_item[i], *y = b->ob_item[i];
        if (x == y || kr_equal_simple(x, y) == 1) {
            continue;
        }
        Py_INCREF(x);
        Py_INCREF(y);
        int equal = PyObject_RichCompareBool(x, y, Py_EQ); // may run Python
        PyObject *result = NULL;
        if (equal == 0 && (i >= Py_SIZE(a) || i >= Py_SIZE(b))) {
            // The items were taken away meanwhile: the sizes decide.
            equal = 1;
        }
        else if (equal == 0 && op != Py_EQ && op != Py_NE) {
            result = PyObject_RichCompare(x, y, op);
        }
        else if (equal == 0) {
            result = Py_NewRef(op == Py_EQ ? Py_False : Py_True);
        }
        Py_DECREF(x);
        Py_DECREF(y);
        if (equal <= 0) {
            return result;
        }
    }
    Py_RETURN_RICHCOMPARE(Py_SIZE(a), Py_SIZE(b), op);
}

static PyObject *
list_item(PyObject *op, Py_ssize_t index)
{
    if (KR_UNLIKELY((size_t)index >= (size_t)Py_SIZE(op))) {
        PyErr_SetString(PyExc_IndexError, "list index out of range");
        return NULL;
    }
    return Py_NewRef(((PyListObject *)op)->ob_item[index]);
}

static PyObject *
list_subscript_slice(PyListObject *self, PyObject *slice)
{
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    if (step == 1 || n <= 0) {
        return n <= 0 ? PyList_New(0) : list_from_array(self->ob_item + start, n);
    }
    PyListObject *result = list_alloc(n);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0, from = start; i < n; i++, from += step) {
        result->ob_item[i] = Py_NewRef(self->ob_item[from]);
    }
    Py_SET_SIZE(result, n);
    kr_gc_track(result);
    return (PyObject *)result;
}

static PyObject *
list_subscript(PyObject *op, PyObject *key)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return list_item(op, index < 0 ? index + Py_SIZE(op) : index);
    }
    if (PySlice_Check(key)) {
        return list_subscript_slice((PyListObject *)op, key);
    }
    PyErr_Format(PyExc_TypeError, "list indices must be integers or slices, not %.200s",
                 Py_TYPE(key)->tp_name);
    return NULL;
}

static int
list_ass_item(PyObject *op, Py_ssize_t index, PyObject *value)
{
    PyListObject *self = (PyListObject *)op;
    if ((size_t)index >= (size_t)Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "list assignment index out of range");
        return -1;
    }
    if (value == NULL) {
        return list_set_slice(self, index, index + 1, NULL);
    }
    PyObject *old = self->ob_item[index];
    self->ob_item[index] = Py_NewRef(value);
    Py_XDECREF(old);
    return 0;
}

// Deletes n items start, start+step, ...; n > 0, step != 1.
static int
list_delete_stepped(PyListObject *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n)
{
    if (step < 0) {
        start += step * (n - 1);
        step = -step;
    }
    PyObject **removed = PyMem_Malloc((size_t)n * sizeof(PyObject *));
    if (removed == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t size = Py_SIZE(self);
    PyObject **items = self->ob_item;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_ssize_t from = start + i * step;
        Py_ssize_t next = i + 1 < n ? from + step : size;
        removed[i] = items[from];
        memmove(items + from - i, items + from + 1,
                (size_t)(next - from - 1) * sizeof(PyObject *));
    }
    if (list_resize(self, size - n) < 0) {
        PyErr_Clear();
        Py_SET_SIZE(self, size - n);
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_DECREF(removed[i]); // may run Python
    }
    PyMem_Free(removed);
    return 0;
}

// Replaces n items start, start+step, ... by those of value.
static int
list_assign_stepped(PyListObject *self, PyObject *slice, PyObject *value)
{
    Py_ssize_t start, stop, step;
    PyObject *sequence = value == (PyObject *)self
                             ? list_from_array(self->ob_item, Py_SIZE(self))
                             : PySequence_Fast(value,
                                               "must assign iterable to extended slice");
    if (sequence == NULL) {
        return -1;
    }
    // Making the sequence may have changed the list.
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
        Py_DECREF(sequence);
        return -1;
    }
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    PyObject **replaced = NULL;
    if (PySequence_Fast_GET_SIZE(sequence) != n) {
        PyErr_Format(PyExc_ValueError,
                     "attempt to assign sequence of size %zd to extended slice of size %zd",
                     PySequence_Fast_GET_SIZE(sequence), n);
    }
    else if (n > 0) {
        replaced = PyMem_Malloc((size_t)n * sizeof(PyObject *));
        if (replaced == NULL) {
            PyErr_NoMemory();
        }
    }
    if (n == 0 && !PyErr_Occurred()) {
        Py_DECREF(sequence);
        return 0;
    }
    if (replaced == NULL) {
        Py_DECREF(sequence);
        return -1;
    }
    for (Py_ssize_t i = 0, to = start; i < n; i++, to += step) {
        replaced[i] = self->ob_item[to];
        self->ob_item[to] = Py_NewRef(PySequence_Fast_GET_ITEM(sequence, i));
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_DECREF(replaced[i]); // may run Python
    }
    PyMem_Free(replaced);
    Py_DECREF(sequence);
    return 0;
}

static int
list_ass_slice(PyListObject *self, PyObject *slice, PyObject *value)
{
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
        return -1;
    }
    if (step == 1) {
        PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
        if (value == NULL || PyList_CheckExact(value) || PyTuple_CheckExact(value)) {
            return list_set_slice(self, start, stop < start ? start : stop, value);
        }
        PyObject *sequence =
            PySequence_Fast(value, "must assign iterable to extended slice");
        if (sequence == NULL) {
            return -1;
        }
        // Making the sequence may have changed the list.
        int status = PySlice_Unpack(slice, &start, &stop, &step);
        if (status == 0) {
            PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
            status = list_set_slice(self, start, stop < start ? start : stop, sequence);
        }
        Py_DECREF(sequence);
        return status;
    }
    if (value != NULL) {
        return list_assign_stepped(self, slice, value);
    }
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    return n <= 0 ? 0 : list_delete_stepped(self, start, step, n);
}

static int
list_ass_subscript(PyObject *op, PyObject *key, PyObject *value)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) {
            return -1;
        }
        return list_ass_item(op, index < 0 ? index + Py_SIZE(op) : index, value);
    }
    if (PySlice_Check(key)) {
        return list_ass_slice((PyListObject *)op, key, value);
    }
    PyErr_Format(PyExc_TypeError, "list indices must be integers or slices, not %.200s",
                 Py_TYPE(key)->tp_name);
    return -1;
}

static PyObject *
list_concat(PyObject *left, PyObject *right)
{
    if (!PyList_Check(right)) {
        PyErr_Format(PyExc_TypeError, "can only concatenate list (not \"%.200s\") to list",
                     Py_TYPE(right)->tp_name);
        return NULL;
    }
    PyListObject *a = (PyListObject *)left, *b = (PyListObject *)right;
    Py_ssize_t na = Py_SIZE(a), nb = Py_SIZE(b);
    PyListObject *result = list_alloc(na + nb);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < na; i++) {
        result->ob_item[i] = Py_NewRef(a->ob_item[i]);
    }
    for (Py_ssize_t i = 0; i < nb; i++) {
        result->ob_item[na + i] = Py_NewRef(b->ob_item[i]);
    }
    Py_SET_SIZE(result, na + nb);
    kr_gc_track(result);
    return (PyObject *)result;
}

// Fills target with count - 1 further copies of its first n items and counts the
// new references.
static void
repeat_items(PyObject **target, Py_ssize_t n, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = target[i];
        if (_Py_IsImmortal(item)) {
            continue;
        }
        if (count < (1 << 28)) {
            item->ob_refcnt += (uint32_t)(count - 1);
        }
        else {
            for (Py_ssize_t c = 1; c < count; c++) {
                Py_INCREF(item);
            }
        }
    }
    // Doubling what is there keeps the copies long.
    for (Py_ssize_t done = n, all = n * count; done < all;) {
        Py_ssize_t step = done < all - done ? done : all - done;
        memcpy(target + done, target, (size_t)step * sizeof(PyObject *));
        done += step;
    }
}

static PyObject *
list_repeat(PyObject *op, Py_ssize_t count)
{
    PyListObject *self = (PyListObject *)op;
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0 || count <= 0) {
        return PyList_New(0);
    }
    if (n > LIST_MAX_SIZE / count) {
        return PyErr_NoMemory();
    }
    PyListObject *result = list_alloc(n * count);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        result->ob_item[i] = Py_NewRef(self->ob_item[i]);
    }
    repeat_items(result->ob_item, n, count);
    Py_SET_SIZE(result, n * count);
    kr_gc_track(result);
    return (PyObject *)result;
}

static PyObject *
list_inplace_repeat(PyObject *op, Py_ssize_t count)
{
    PyListObject *self = (PyListObject *)op;
    Py_ssize_t n = Py_SIZE(self);
    if (count <= 0) {
        list_release_items(self);
    }
    else if (n > 0 && count > 1) {
        if (n > LIST_MAX_SIZE / count) {
            return PyErr_NoMemory();
        }
        if (list_resize(self, n * count) < 0) {
            return NULL;
        }
        repeat_items(self->ob_item, n, count);
    }
    return Py_NewRef(op);
}

static PyObject *
list_inplace_concat(PyObject *op, PyObject *other)
{
    return list_extend_any((PyListObject *)op, other) < 0 ? NULL : Py_NewRef(op);
}

static PyObject *
list_iter(PyObject *op)
{
    KrListIter *iter = kr_object_new_gc(&PyListIter_Type, sizeof(KrListIter));
    if (iter == NULL) {
        return NULL;
    }
    iter->index = 0;
    iter->list = (PyListObject *)Py_NewRef(op);
    kr_gc_track(iter);
    return (PyObject *)iter;
}

// --- Methods -----------------------------------------------------------------------

KR_METHOD_RAW(list, "__getitem__($self, index, /)", METH_O | METH_COEXIST,
              "Return self[index].")
static PyObject *
list___getitem__(PyObject *op, PyObject *index)
{
    return list_subscript(op, index);
}

KR_METHOD(list, "__reversed__(self, /)", "Return an iterator over the items from the end.")
static PyObject *
list___reversed__(PyListObject *self)
{
    KrListIter *iter = kr_object_new_gc(&PyListRevIter_Type, sizeof(KrListIter));
    if (iter == NULL) {
        return NULL;
    }
    iter->index = Py_SIZE(self) - 1;
    iter->list = (PyListObject *)Py_NewRef(self);
    kr_gc_track(iter);
    return (PyObject *)iter;
}

KR_METHOD(list, "__sizeof__(self, /)", "Return the size of the list in memory, in bytes.")
static PyObject *
list___sizeof__(PyListObject *self)
{
    size_t size = (size_t)Py_TYPE(self)->tp_basicsize;
    return PyLong_FromSize_t(size + (size_t)self->allocated * sizeof(PyObject *));
}

KR_METHOD_RAW(list, "__class_getitem__($type, object, /)", METH_O | METH_CLASS,
              "Lists are generic over the type of their items.")
static PyObject *
list___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

KR_METHOD(list, "clear(self, /)", "Remove all items from the list.")
static PyObject *
list_clear(PyListObject *self)
{
    list_release_items(self);
    Py_RETURN_NONE;
}

KR_METHOD(list, "copy(self, /)", "Return a shallow copy of the list.")
static PyObject *
list_copy(PyListObject *self)
{
    return list_from_array(self->ob_item, Py_SIZE(self));
}

KR_METHOD(list, "append(self, object, /)", "Append object to the end of the list.")
static PyObject *
list_append(PyListObject *self, PyObject *object)
{
    if (kr_list_append_steal(self, Py_NewRef(object)) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(list, "insert(self, index, object, /)", "Insert object before index.")
static PyObject *
list_insert(PyListObject *self, Py_ssize_t index, PyObject *object)
{
    if (list_insert_at(self, index, object) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(list, "extend(self, iterable, /)",
          "Append all items of iterable to the list.")
static PyObject *
list_extend(PyListObject *self, PyObject *iterable)
{
    if (list_extend_any(self, iterable) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(list, "pop(self, index=-1, /)",
          "Take the item at index out and return it; the last one by default.\n\n"
          "IndexError is raised where there is no such item.")
static PyObject *
list_pop(PyListObject *self, Py_ssize_t index)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from empty list");
        return NULL;
    }
    if (index < 0) {
        index += n;
    }
    if ((size_t)index >= (size_t)n) {
        PyErr_SetString(PyExc_IndexError, "pop index out of range");
        return NULL;
    }
    PyObject **items = self->ob_item, *item = items[index];
    memmove(items + index, items + index + 1,
            (size_t)(n - 1 - index) * sizeof(PyObject *));
    if (list_resize(self, n - 1) < 0) {
        // Shrinking failed: the array stays as it is.
        PyErr_Clear();
        Py_SET_SIZE(self, n - 1);
    }
    return item;
}

KR_METHOD(list, "remove(self, value, /)",
          "Remove the first item that equals value.\n\n"
          "ValueError is raised where there is none.")
static PyObject *
list_remove(PyListObject *self, PyObject *value)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        int equal = item_equals(self, i, value);
        if (equal < 0) {
            return NULL;
        }
        if (equal > 0) {
            if (list_set_slice(self, i, i + 1, NULL) < 0) {
                return NULL;
            }
            Py_RETURN_NONE;
        }
    }
    PyErr_SetString(PyExc_ValueError, "list.remove(x): x not in list");
    return NULL;
}

KR_METHOD(list,
          "index(self, value, start: slice_index=0, stop: slice_index=sys.maxsize, /)",
          "Return the index of the first item that equals value.\n\n"
          "ValueError is raised where there is none.")
static PyObject *
list_index(PyListObject *self, PyObject *value, Py_ssize_t start, Py_ssize_t stop)
{
    if (start < 0) {
        start = start + Py_SIZE(self) < 0 ? 0 : start + Py_SIZE(self);
    }
    if (stop < 0) {
        stop = stop + Py_SIZE(self) < 0 ? 0 : stop + Py_SIZE(self);
    }
    for (Py_ssize_t i = start; i < stop && i < Py_SIZE(self); i++) {
        int equal = item_equals(self, i, value);
        if (equal < 0) {
            return NULL;
        }
        if (equal > 0) {
            return PyLong_FromSsize_t(i);
        }
    }
    PyErr_SetString(PyExc_ValueError, "list.index(x): x not in list");
    return NULL;
}

KR_METHOD(list, "count(self, value, /)", "Return how many items equal value.")
static PyObject *
list_count(PyListObject *self, PyObject *value)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        int equal = item_equals(self, i, value);
        if (equal < 0) {
            return NULL;
        }
        count += equal;
    }
    return PyLong_FromSsize_t(count);
}

KR_METHOD(list, "reverse(self, /)", "Turn the order of the items round, in place.")
static PyObject *
list_reverse(PyListObject *self)
{
    PyList_Reverse((PyObject *)self);
    Py_RETURN_NONE;
}

KR_METHOD(list, "sort(self, /, *, key=None, reverse=False)",
          "Sort the list in ascending order, in place, and return None.\n\n"
          "Items that compare equal keep their order. With a key function, what it\n"
          "returns for an item is compared instead; it is called once for each.\n"
          "reverse turns every comparison round.")
static PyObject *
list_sort(PyListObject *self, PyObject *key, bool reverse)
{
    if (kr_list_sort(self, key, reverse) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

// --- Construction ------------------------------------------------------------------

KR_INIT(list, "list(iterable=(), /)",
        "Built-in mutable sequence.\n\n"
        "Without an argument the list is empty, otherwise it gets the items of\n"
        "iterable.")
static int
list_init_impl(PyListObject *self, PyObject *iterable)
{
    if (self->ob_item != NULL) {
        list_release_items(self);
    }
    return iterable == NULL ? 0 : list_extend_any(self, iterable);
}

static PyObject *
list_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (kwnames != NULL && !kr_arg_no_kwnames("list", kwnames)) {
        return NULL;
    }
    if (!kr_arg_count("list", nargs, 0, 1)) {
        return NULL;
    }
    PyObject *self = PyType_GenericAlloc((PyTypeObject *)type, 0);
    if (self != NULL && nargs == 1
        && list_extend_any((PyListObject *)self, args[0]) < 0) {
        Py_CLEAR(self);
    }
    return self;
}

KR_TYPE(list)
#include "objects/list.methods.h"

static PySequenceMethods list_as_sequence = {
    .sq_length = list_length,
    .sq_concat = list_concat,
    .sq_repeat = list_repeat,
    .sq_item = list_item,
    .sq_ass_item = list_ass_item,
    .sq_contains = list_contains,
    .sq_inplace_concat = list_inplace_concat,
    .sq_inplace_repeat = list_inplace_repeat,
};

static PyMappingMethods list_as_mapping = {
    .mp_length = list_length,
    .mp_subscript = list_subscript,
    .mp_ass_subscript = list_ass_subscript,
};

PyTypeObject PyList_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "list",
    .tp_basicsize = sizeof(PyListObject),
    .tp_dealloc = list_dealloc,
    .tp_repr = list_repr,
    .tp_as_sequence = &list_as_sequence,
    .tp_as_mapping = &list_as_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
                | Py_TPFLAGS_LIST_SUBCLASS | Py_TPFLAGS_SEQUENCE | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = list_doc,
    .tp_traverse = list_traverse,
    .tp_clear = list_tp_clear,
    .tp_richcompare = list_richcompare,
    .tp_iter = list_iter,
    .tp_methods = list_methods,
    .tp_init = list_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = list_vectorcall,
};
