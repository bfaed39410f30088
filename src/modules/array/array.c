// SPDX-License-Identifier: MIT
// array.c - the module array: arrays of numbers and characters.
//
// Callers:     Python code; compiled extensions read the head of the objects.
// Invariants:  0 <= size <= allocated; ob_item is NULL only when allocated is 0.
//              While buffers are exported the memory neither moves nor shrinks.
// Re-entrancy: converting a value runs Python, which may change the array; setters
//              look at the size afterwards.
// Read next:   items.c, pickle.c
#include "modules/array/array.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/iter.h"
#include "objects/tuple.h"

// --- Room --------------------------------------------------------------------------

static bool
array_check(PyObject *op)
{
    return PyObject_TypeCheck(op, &kr_array_type);
}

int
kr_array_resize(Array *self, Py_ssize_t newsize)
{
    if (self->ob_exports > 0 && newsize != Py_SIZE(self)) {
        PyErr_SetString(PyExc_BufferError,
                        "cannot resize an array that is exporting buffers");
        return -1;
    }
    if (self->allocated >= newsize && Py_SIZE(self) < newsize + 16
        && self->ob_item != NULL) {
        Py_SET_SIZE(self, newsize);
        return 0;
    }
    if (newsize == 0) {
        PyMem_Free(self->ob_item);
        self->ob_item = NULL;
        self->allocated = 0;
        Py_SET_SIZE(self, 0);
        return 0;
    }
    size_t itemsize = (size_t)self->ob_descr->itemsize;
    // An array that grows gets about a sixteenth more than it needs.
    size_t room = (size_t)newsize + ((size_t)newsize >> 4) + (Py_SIZE(self) < 8 ? 3 : 7);
    if (room > (size_t)PY_SSIZE_T_MAX / itemsize) {
        PyErr_NoMemory();
        return -1;
    }
    char *items = PyMem_Realloc(self->ob_item, room * itemsize);
    if (items == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->ob_item = items;
    self->allocated = (Py_ssize_t)room;
    Py_SET_SIZE(self, newsize);
    return 0;
}

PyObject *
kr_array_new(PyTypeObject *cls, Py_ssize_t size, const ArrayKind *kind)
{
    if (size < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (size > PY_SSIZE_T_MAX / kind->itemsize) {
        return PyErr_NoMemory();
    }
    Array *self = (Array *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        return NULL;
    }
    self->ob_descr = kind;
    self->ob_item = NULL;
    self->allocated = 0;
    self->weakreflist = NULL;
    self->ob_exports = 0;
    Py_SET_SIZE(self, 0);
    if (size > 0) {
        self->ob_item = PyMem_Malloc((size_t)size * (size_t)kind->itemsize);
        if (self->ob_item == NULL) {
            Py_DECREF(self);
            return PyErr_NoMemory();
        }
        self->allocated = size;
        Py_SET_SIZE(self, size);
    }
    return (PyObject *)self;
}

static inline size_t
byte_count(const Array *self, Py_ssize_t items)
{
    return (size_t)items * (size_t)self->ob_descr->itemsize;
}

static inline char *
item_place(const Array *self, Py_ssize_t index)
{
    return self->ob_item + index * self->ob_descr->itemsize;
}

// Copies bytes; nothing may be NULL when there is nothing to copy.
static inline void
copy_bytes(void *to, const void *from, size_t n)
{
    if (n > 0) {
        memmove(to, from, n);
    }
}

static int
insert_value(Array *self, Py_ssize_t where, PyObject *value)
{
    // Checked before anything moves.
    if (self->ob_descr->setitem(self, -1, value) < 0) {
        return -1;
    }
    Py_ssize_t n = Py_SIZE(self);
    if (kr_array_resize(self, n + 1) < 0) {
        return -1;
    }
    if (where < 0) {
        where = where + n < 0 ? 0 : where + n;
    }
    if (where > n) {
        where = n;
    }
    copy_bytes(item_place(self, where + 1), item_place(self, where),
               byte_count(self, n - where));
    return self->ob_descr->setitem(self, where, value);
}

// Removes items low..high.
static int
delete_range(Array *self, Py_ssize_t low, Py_ssize_t high)
{
    Py_ssize_t n = Py_SIZE(self);
    low = low < 0 ? 0 : low > n ? n : low;
    high = high < low ? low : high > n ? n : high;
    if (high == low) {
        return 0;
    }
    if (self->ob_exports > 0) {
        PyErr_SetString(PyExc_BufferError,
                        "cannot resize an array that is exporting buffers");
        return -1;
    }
    copy_bytes(item_place(self, low), item_place(self, high), byte_count(self, n - high));
    return kr_array_resize(self, n - (high - low));
}

static int
extend_iterable(Array *self, PyObject *iterable)
{
    PyObject *item, *iterator = PyObject_GetIter(iterable);
    if (iterator == NULL) {
        return -1;
    }
    int more;
    while ((more = PyIter_NextItem(iterator, &item)) > 0) {
        int status = insert_value(self, Py_SIZE(self), item);
        Py_DECREF(item);
        if (status < 0) {
            more = -1;
            break;
        }
    }
    Py_DECREF(iterator);
    return more;
}

int
kr_array_extend(Array *self, PyObject *other)
{
    if (!array_check(other)) {
        return extend_iterable(self, other);
    }
    Array *source = (Array *)other;
    if (source->ob_descr != self->ob_descr) {
        PyErr_SetString(PyExc_TypeError, "can only extend with array of same kind");
        return -1;
    }
    Py_ssize_t n = Py_SIZE(self), added = Py_SIZE(source);
    if (n > PY_SSIZE_T_MAX - added) {
        PyErr_NoMemory();
        return -1;
    }
    if (kr_array_resize(self, n + added) < 0) {
        return -1;
    }
    copy_bytes(item_place(self, n), source->ob_item, byte_count(self, added));
    return 0;
}

// --- Slots -------------------------------------------------------------------------

static void
array_dealloc(PyObject *op)
{
    Array *self = (Array *)op;
    PyTypeObject *type = Py_TYPE(op);
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    PyMem_Free(self->ob_item);
    type->tp_free(op);
}

static Py_ssize_t
array_length(PyObject *op)
{
    return Py_SIZE(op);
}

static PyObject *
array_item(PyObject *op, Py_ssize_t index)
{
    if ((size_t)index >= (size_t)Py_SIZE(op)) {
        PyErr_SetString(PyExc_IndexError, "array index out of range");
        return NULL;
    }
    return ((Array *)op)->ob_descr->getitem((Array *)op, index);
}

static int
array_ass_item(PyObject *op, Py_ssize_t index, PyObject *value)
{
    Array *self = (Array *)op;
    if ((size_t)index >= (size_t)Py_SIZE(op)) {
        PyErr_SetString(PyExc_IndexError, "array assignment index out of range");
        return -1;
    }
    return value == NULL ? delete_range(self, index, index + 1)
                         : self->ob_descr->setitem(self, index, value);
}

static PyObject *
array_subscript(PyObject *op, PyObject *key)
{
    Array *self = (Array *)op;
    if (PyIndex_Check(key)) {
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return array_item(op, index < 0 ? index + Py_SIZE(self) : index);
    }
    if (!PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "array indices must be integers");
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    PyObject *result = kr_array_new(&kr_array_type, n, self->ob_descr);
    if (result == NULL || n == 0) {
        return result;
    }
    char *to = ((Array *)result)->ob_item;
    size_t itemsize = (size_t)self->ob_descr->itemsize;
    if (step == 1) {
        copy_bytes(to, item_place(self, start), byte_count(self, n));
        return result;
    }
    for (Py_ssize_t i = 0, from = start; i < n; i++, from += step) {
        memcpy(to + (size_t)i * itemsize, item_place(self, from), itemsize);
    }
    return result;
}

// Replaces n items from start on by the `needed` items of source (NULL: none).
static int
replace_range(Array *self, Py_ssize_t start, Py_ssize_t n, Array *source,
              Py_ssize_t needed)
{
    Py_ssize_t size = Py_SIZE(self), tail = size - start - n;
    if (needed != n && self->ob_exports > 0) {
        PyErr_SetString(PyExc_BufferError,
                        "cannot resize an array that is exporting buffers");
        return -1;
    }
    if (n > needed) {
        copy_bytes(item_place(self, start + needed), item_place(self, start + n),
                   byte_count(self, tail));
        if (kr_array_resize(self, size - n + needed) < 0) {
            return -1;
        }
    }
    else if (n < needed) {
        if (kr_array_resize(self, size - n + needed) < 0) {
            return -1;
        }
        copy_bytes(item_place(self, start + needed), item_place(self, start + n),
                   byte_count(self, tail));
    }
    if (needed > 0) {
        copy_bytes(item_place(self, start), source->ob_item, byte_count(self, needed));
    }
    return 0;
}

// Deletes n items start, start+step, ...
static int
delete_stepped(Array *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n)
{
    Py_ssize_t size = Py_SIZE(self);
    if (self->ob_exports > 0) {
        PyErr_SetString(PyExc_BufferError,
                        "cannot resize an array that is exporting buffers");
        return -1;
    }
    if (step < 0) {
        start += step * (n - 1);
        step = -step;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_ssize_t from = start + i * step, next = i + 1 < n ? from + step : size;
        copy_bytes(item_place(self, from - i), item_place(self, from + 1),
                   byte_count(self, next - from - 1));
    }
    return kr_array_resize(self, size - n);
}

static int
array_ass_slice(Array *self, PyObject *slice, PyObject *value)
{
    Py_ssize_t start, stop, step;
    PyObject *copy = NULL;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
        return -1;
    }
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    Array *source = NULL;
    Py_ssize_t needed = 0;
    if (value != NULL) {
        if (!array_check(value)) {
            PyErr_Format(PyExc_TypeError,
                         "can only assign array (not \"%.200s\") to array slice",
                         Py_TYPE(value)->tp_name);
            return -1;
        }
        source = (Array *)value;
        if (source == self) {
            copy = kr_array_new(&kr_array_type, Py_SIZE(self), self->ob_descr);
            if (copy == NULL) {
                return -1;
            }
            copy_bytes(((Array *)copy)->ob_item, self->ob_item,
                       byte_count(self, Py_SIZE(self)));
            source = (Array *)copy;
        }
        if (source->ob_descr != self->ob_descr) {
            PyErr_BadArgument();
            return -1;
        }
        needed = Py_SIZE(source);
    }
    int status = 0;
    if (step == 1) {
        status = replace_range(self, start, n, source, needed);
    }
    else if (needed == 0 && value == NULL) {
        status = n == 0 ? 0 : delete_stepped(self, start, step, n);
    }
    else if (needed != n) {
        PyErr_Format(PyExc_ValueError,
                     "attempt to assign array of size %zd to extended slice of size %zd",
                     needed, n);
        status = -1;
    }
    else {
        for (Py_ssize_t i = 0, to = start; i < n; i++, to += step) {
            memcpy(item_place(self, to), item_place(source, i),
                   (size_t)self->ob_descr->itemsize);
        }
    }
    Py_XDECREF(copy);
    return status;
}

static int
array_ass_subscript(PyObject *op, PyObject *key, PyObject *value)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) {
            return -1;
        }
        return array_ass_item(op, index < 0 ? index + Py_SIZE(op) : index, value);
    }
    if (!PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "array indices must be integers");
        return -1;
    }
    return array_ass_slice((Array *)op, key, value);
}

static PyObject *
array_concat(PyObject *left, PyObject *right)
{
    Array *a = (Array *)left, *b = (Array *)right;
    if (!array_check(right)) {
        PyErr_Format(PyExc_TypeError, "can only append array (not \"%.200s\") to array",
                     Py_TYPE(right)->tp_name);
        return NULL;
    }
    if (a->ob_descr != b->ob_descr) {
        PyErr_BadArgument();
        return NULL;
    }
    if (Py_SIZE(a) > PY_SSIZE_T_MAX - Py_SIZE(b)) {
        return PyErr_NoMemory();
    }
    PyObject *result = kr_array_new(&kr_array_type, Py_SIZE(a) + Py_SIZE(b), a->ob_descr);
    if (result != NULL) {
        Array *to = (Array *)result;
        copy_bytes(to->ob_item, a->ob_item, byte_count(a, Py_SIZE(a)));
        if (Py_SIZE(b) > 0) {
            copy_bytes(item_place(to, Py_SIZE(a)), b->ob_item, byte_count(b, Py_SIZE(b)));
        }
    }
    return result;
}

// Repeats the first n bytes until there are all.
static void
repeat_bytes(char *bytes, size_t n, size_t all)
{
    for (size_t done = n; done < all && n > 0;) {
        size_t step = done < all - done ? done : all - done;
        memcpy(bytes + done, bytes, step);
        done += step;
    }
}

static PyObject *
array_repeat(PyObject *op, Py_ssize_t count)
{
    Array *self = (Array *)op;
    Py_ssize_t n = Py_SIZE(self);
    count = count < 0 ? 0 : count;
    if (n > 0 && count > PY_SSIZE_T_MAX / n) {
        return PyErr_NoMemory();
    }
    PyObject *result = kr_array_new(&kr_array_type, n * count, self->ob_descr);
    if (result != NULL && n * count > 0) {
        char *bytes = ((Array *)result)->ob_item;
        memcpy(bytes, self->ob_item, byte_count(self, n));
        repeat_bytes(bytes, byte_count(self, n), byte_count(self, n * count));
    }
    return result;
}

static PyObject *
array_inplace_repeat(PyObject *op, Py_ssize_t count)
{
    Array *self = (Array *)op;
    Py_ssize_t n = Py_SIZE(self);
    if (n > 0 && count != 1) {
        count = count < 0 ? 0 : count;
        if (count > 0 && n > PY_SSIZE_T_MAX / self->ob_descr->itemsize / count) {
            return PyErr_NoMemory();
        }
        if (kr_array_resize(self, n * count) < 0) {
            return NULL;
        }
        if (count > 0) {
            repeat_bytes(self->ob_item, byte_count(self, n), byte_count(self, n * count));
        }
    }
    return Py_NewRef(op);
}

static PyObject *
array_inplace_concat(PyObject *op, PyObject *other)
{
    if (!array_check(other)) {
        PyErr_Format(PyExc_TypeError,
                     "can only extend array with array (not \"%.200s\")",
                     Py_TYPE(other)->tp_name);
        return NULL;
    }
    return kr_array_extend((Array *)op, other) < 0 ? NULL : Py_NewRef(op);
}

// Compares item i with value: 1, 0, -1.
static int
item_equals(Array *self, Py_ssize_t i, PyObject *value)
{
    PyObject *item = self->ob_descr->getitem(self, i);
    if (item == NULL) {
        return -1;
    }
    int equal = PyObject_RichCompareBool(item, value, Py_EQ); // may run Python
    Py_DECREF(item);
    return equal;
}

static int
array_contains(PyObject *op, PyObject *value)
{
    Array *self = (Array *)op;
    int equal = 0;
    for (Py_ssize_t i = 0; equal == 0 && i < Py_SIZE(self); i++) {
        equal = item_equals(self, i, value);
    }
    return equal;
}

static PyObject *
array_richcompare(PyObject *left, PyObject *right, int op)
{
    if (!array_check(left) || !array_check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Array *a = (Array *)left, *b = (Array *)right;
    if (Py_SIZE(a) != Py_SIZE(b) && (op == Py_EQ || op == Py_NE)) {
        return PyBool_FromLong(op == Py_NE);
    }
    if (a->ob_descr == b->ob_descr && a->ob_descr->compare != NULL) {
        Py_ssize_t n = Py_SIZE(a) < Py_SIZE(b) ? Py_SIZE(a) : Py_SIZE(b);
        int order = n == 0 ? 0 : a->ob_descr->compare(a->ob_item, b->ob_item, n);
        if (order == 0) {
            order = (Py_SIZE(a) > Py_SIZE(b)) - (Py_SIZE(a) < Py_SIZE(b));
        }
        Py_RETURN_RICHCOMPARE(order, 0, op);
    }
    for (Py_ssize_t i = 0; i < Py_SIZE(a) && i < Py_SIZE(b); i++) {
        PyObject *x = a->ob_descr->getitem(a, i);
        PyObject *y = x == NULL ? NULL : b->ob_descr->getitem(b, i);
        PyObject *result = NULL;
        int equal = y == NULL ? -1 : PyObject_RichCompareBool(x, y, Py_EQ);
        if (equal == 0) {
            result = op == Py_EQ || op == Py_NE ? PyBool_FromLong(op == Py_NE)
                                                : PyObject_RichCompare(x, y, op);
        }
        Py_XDECREF(x);
        Py_XDECREF(y);
        if (equal <= 0) {
            return result;
        }
    }
    Py_RETURN_RICHCOMPARE(Py_SIZE(a), Py_SIZE(b), op);
}

static PyObject *
array_repr(PyObject *op)
{
    Array *self = (Array *)op;
    char typecode = self->ob_descr->typecode;
    const char *name = _PyType_Name(Py_TYPE(self));
    if (Py_SIZE(self) == 0) {
        return PyUnicode_FromFormat("%s('%c')", name, (int)typecode);
    }
    PyObject *value = kr_array_kind_is_text(self->ob_descr) ? kr_array_as_text(self)
                                                            : kr_array_as_list(self);
    if (value == NULL) {
        return NULL;
    }
    PyObject *result = PyUnicode_FromFormat("%s('%c', %R)", name, (int)typecode, value);
    Py_DECREF(value);
    return result;
}

static int
array_getbuffer(PyObject *op, Py_buffer *view, int flags)
{
    Array *self = (Array *)op;
    static char empty[1];
    if (view == NULL) {
        PyErr_SetString(PyExc_BufferError,
                        "array_buffer_getbuf: view==NULL argument is obsolete");
        return -1;
    }
    view->buf = self->ob_item == NULL ? empty : self->ob_item;
    view->obj = Py_NewRef(op);
    view->len = Py_SIZE(self) * self->ob_descr->itemsize;
    view->readonly = 0;
    view->ndim = 1;
    view->itemsize = self->ob_descr->itemsize;
    view->suboffsets = NULL;
    view->shape = (flags & PyBUF_ND) == PyBUF_ND ? &((PyVarObject *)op)->ob_size : NULL;
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &view->itemsize : NULL;
    view->format = (flags & PyBUF_FORMAT) == PyBUF_FORMAT
                       ? (char *)self->ob_descr->format
                       : NULL;
    view->internal = NULL;
    self->ob_exports++;
    return 0;
}

static void
array_releasebuffer(PyObject *op, Py_buffer *view)
{
    ((Array *)op)->ob_exports--;
}

// --- Methods -----------------------------------------------------------------------

KR_METHOD(array, "append(self, v, /)", "Append new value v to the end of the array.")
static PyObject *
array_append(Array *self, PyObject *v)
{
    if (insert_value(self, Py_SIZE(self), v) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(array, "insert(self, i, v, /)",
          "Insert a new item v into the array before position i.")
static PyObject *
array_insert(Array *self, Py_ssize_t i, PyObject *v)
{
    if (insert_value(self, i, v) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(array, "extend(self, bb, /)", "Append items to the end of the array.")
static PyObject *
array_extend(Array *self, PyObject *bb)
{
    if (kr_array_extend(self, bb) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(array, "clear(self, /)", "Remove all items from the array.")
static PyObject *
array_clear(Array *self)
{
    if (kr_array_resize(self, 0) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(array, "pop(self, i=-1, /)",
          "Return the i-th element and delete it from the array.\n\ni defaults to -1.")
static PyObject *
array_pop(Array *self, Py_ssize_t i)
{
    if (Py_SIZE(self) == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from empty array");
        return NULL;
    }
    if (i < 0) {
        i += Py_SIZE(self);
    }
    if ((size_t)i >= (size_t)Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "pop index out of range");
        return NULL;
    }
    PyObject *item = self->ob_descr->getitem(self, i);
    if (item != NULL && delete_range(self, i, i + 1) < 0) {
        Py_CLEAR(item);
    }
    return item;
}

KR_METHOD(array, "remove(self, v, /)", "Remove the first occurrence of v in the array.")
static PyObject *
array_remove(Array *self, PyObject *v)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        int equal = item_equals(self, i, v);
        if (equal < 0 || (equal > 0 && delete_range(self, i, i + 1) < 0)) {
            return NULL;
        }
        if (equal > 0) {
            Py_RETURN_NONE;
        }
    }
    PyErr_SetString(PyExc_ValueError, "array.remove(x): x not in array");
    return NULL;
}

KR_METHOD(array, "index(self, v, start: slice_index=0, stop: slice_index=sys.maxsize, /)",
          "Return index of first occurrence of v in the array.\n\n"
          "Raise ValueError if the value is not present.")
static PyObject *
array_index(Array *self, PyObject *v, Py_ssize_t start, Py_ssize_t stop)
{
    Py_ssize_t n = Py_SIZE(self);
    if (start < 0) {
        start = start + n < 0 ? 0 : start + n;
    }
    if (stop < 0) {
        stop += n;
    }
    for (Py_ssize_t i = start; i < stop && i < Py_SIZE(self); i++) {
        int equal = item_equals(self, i, v);
        if (equal != 0) {
            return equal < 0 ? NULL : PyLong_FromSsize_t(i);
        }
    }
    PyErr_SetString(PyExc_ValueError, "array.index(x): x not in array");
    return NULL;
}

KR_METHOD(array, "count(self, v, /)", "Return number of occurrences of v in the array.")
static PyObject *
array_count(Array *self, PyObject *v)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        int equal = item_equals(self, i, v);
        if (equal < 0) {
            return NULL;
        }
        count += equal;
    }
    return PyLong_FromSsize_t(count);
}

KR_METHOD(array, "reverse(self, /)", "Reverse the order of the items in the array.")
static PyObject *
array_reverse(Array *self)
{
    char keep[8];
    size_t itemsize = (size_t)self->ob_descr->itemsize;
    for (Py_ssize_t i = 0, j = Py_SIZE(self) - 1; i < j; i++, j--) {
        memcpy(keep, item_place(self, i), itemsize);
        memcpy(item_place(self, i), item_place(self, j), itemsize);
        memcpy(item_place(self, j), keep, itemsize);
    }
    Py_RETURN_NONE;
}

KR_METHOD(array, "byteswap(self, /)",
          "Byteswap all items of the array.\n\n"
          "If the items in the array are not 1, 2, 4, or 8 bytes in size, RuntimeError "
          "is\nraised.")
static PyObject *
array_byteswap(Array *self)
{
    size_t itemsize = (size_t)self->ob_descr->itemsize;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        char *low = item_place(self, i), *high = low + itemsize;
        for (; low < --high; low++) {
            char byte = *low;
            *low = *high;
            *high = byte;
        }
    }
    Py_RETURN_NONE;
}

KR_METHOD(array, "buffer_info(self, /)",
          "Return a tuple (address, length) giving the current memory address and the "
          "length in items of the buffer used to hold array's contents.\n\n"
          "The length should be multiplied by the itemsize attribute to calculate\n"
          "the buffer length in bytes.")
static PyObject *
array_buffer_info(Array *self)
{
    return Py_BuildValue("Nn", PyLong_FromVoidPtr(self->ob_item), Py_SIZE(self));
}

static PyObject *
array_make_copy(Array *self)
{
    PyObject *copy = kr_array_new(&kr_array_type, Py_SIZE(self), self->ob_descr);
    if (copy != NULL) {
        copy_bytes(((Array *)copy)->ob_item, self->ob_item,
                   byte_count(self, Py_SIZE(self)));
    }
    return copy;
}

KR_METHOD(array, "__copy__(self, /)", "Return a copy of the array.")
static PyObject *
array___copy__(Array *self)
{
    return array_make_copy(self);
}

KR_METHOD(array, "__deepcopy__(self, unused, /)", "Return a copy of the array.")
static PyObject *
array___deepcopy__(Array *self, PyObject *unused)
{
    return array_make_copy(self);
}

KR_METHOD(array, "__sizeof__(self, /)", "Size of the array in memory, in bytes.")
static PyObject *
array___sizeof__(Array *self)
{
    size_t size = (size_t)Py_TYPE(self)->tp_basicsize;
    return PyLong_FromSize_t(size + byte_count(self, self->allocated));
}

KR_METHOD_RAW(array, "__class_getitem__($type, object, /)", METH_O | METH_CLASS,
              "Arrays are generic over the type of their elements")
static PyObject *
array___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

// --- Conversions -------------------------------------------------------------------

PyObject *
kr_array_as_list(Array *self)
{
    PyObject *list = PyList_New(Py_SIZE(self));
    for (Py_ssize_t i = 0; list != NULL && i < PyList_GET_SIZE(list); i++) {
        PyObject *item = self->ob_descr->getitem(self, i);
        if (item == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, item);
    }
    return list;
}

PyObject *
kr_array_as_text(Array *self)
{
    const Py_UCS4 *text = (const Py_UCS4 *)(void *)self->ob_item;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        if (text[i] > 0x10ffff) {
            PyErr_Format(PyExc_ValueError,
                         "character U+%x is not in range [U+0000; U+10ffff]",
                         (unsigned)text[i]);
            return NULL;
        }
    }
    return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, text, Py_SIZE(self));
}

KR_METHOD(array, "tolist(self, /)",
          "Convert array to an ordinary list with the same items.")
static PyObject *
array_tolist(Array *self)
{
    return kr_array_as_list(self);
}

KR_METHOD(array, "tobytes(self, /)",
          "Convert the array to an array of machine values and return the bytes "
          "representation.")
static PyObject *
array_tobytes(Array *self)
{
    if (Py_SIZE(self) > PY_SSIZE_T_MAX / self->ob_descr->itemsize) {
        return PyErr_NoMemory();
    }
    return PyBytes_FromStringAndSize(self->ob_item,
                                     (Py_ssize_t)byte_count(self, Py_SIZE(self)));
}

KR_METHOD(array, "tounicode(self, /)",
          "Extends this array with data from the unicode string ustr.\n\n"
          "Convert the array to a unicode string.  The array must be a unicode type\n"
          "array; otherwise a ValueError is raised.")
static PyObject *
array_tounicode(Array *self)
{
    if (!kr_array_kind_is_text(self->ob_descr)) {
        PyErr_SetString(PyExc_ValueError, "tounicode() may only be called on unicode type "
                                          "arrays ('u' or 'w')");
        return NULL;
    }
    return kr_array_as_text(self);
}

KR_METHOD(array, "fromlist(self, list, /)", "Append items to array from list.")
static PyObject *
array_fromlist(Array *self, PyObject *list)
{
    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "arg must be list");
        return NULL;
    }
    Py_ssize_t n = PyList_GET_SIZE(list), old = Py_SIZE(self);
    if (n == 0) {
        Py_RETURN_NONE;
    }
    if (kr_array_resize(self, old + n) < 0) {
        return NULL;
    }
    if (n > 0) {
        memset(item_place(self, old), 0, byte_count(self, n));
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        int status = -1;
        if (i < PyList_GET_SIZE(list)) {
            PyObject *item = Py_NewRef(PyList_GET_ITEM(list, i));
            status = self->ob_descr->setitem(self, old + i, item); // may run Python
            Py_DECREF(item);
        }
        if (status == 0 && n != PyList_GET_SIZE(list)) {
            PyErr_SetString(PyExc_RuntimeError, "list changed size during iteration");
            status = -1;
        }
        if (status < 0) {
            // All or nothing.
            if (Py_SIZE(self) > old) {
                PyObject *error = PyErr_GetRaisedException();
                kr_array_resize(self, old);
                PyErr_SetRaisedException(error);
            }
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

int
kr_array_append_bytes(Array *self, const void *bytes, Py_ssize_t n)
{
    Py_ssize_t itemsize = self->ob_descr->itemsize, old = Py_SIZE(self);
    if (n % itemsize != 0) {
        PyErr_SetString(PyExc_ValueError, "bytes length not a multiple of item size");
        return -1;
    }
    if (n == 0) {
        return 0;
    }
    if (old > PY_SSIZE_T_MAX / itemsize - n / itemsize) {
        PyErr_NoMemory();
        return -1;
    }
    if (kr_array_resize(self, old + n / itemsize) < 0) {
        return -1;
    }
    memcpy(item_place(self, old), bytes, (size_t)n);
    return 0;
}

KR_METHOD_RAW(array, "frombytes($self, buffer, /)", METH_O,
              "Appends items from the string, interpreting it as an array of machine "
              "values, as if it had been read from a file using the fromfile() method).")
static PyObject *
array_frombytes(PyObject *op, PyObject *buffer)
{
    Py_buffer view;
    if (PyObject_GetBuffer(buffer, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    int status = -1;
    if (view.itemsize != 1) {
        PyErr_SetString(PyExc_TypeError, "a bytes-like object is required");
    }
    else {
        status = kr_array_append_bytes((Array *)op, view.buf, view.len);
    }
    PyBuffer_Release(&view);
    if (status < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

int
kr_array_append_text(Array *self, PyObject *text)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(text), old = Py_SIZE(self);
    if (n == 0) {
        return 0;
    }
    if (kr_array_resize(self, old + n) < 0) {
        return -1;
    }
    Py_UCS4 *to = (Py_UCS4 *)(void *)item_place(self, old);
    for (Py_ssize_t i = 0; i < n; i++) {
        to[i] = PyUnicode_READ_CHAR(text, i);
    }
    return 0;
}

KR_METHOD(array, "fromunicode(self, ustr: str, /)",
          "Extends this array with data from the unicode string ustr.\n\n"
          "The array must be a unicode type array; otherwise a ValueError is raised.")
static PyObject *
array_fromunicode(Array *self, PyObject *ustr)
{
    if (!kr_array_kind_is_text(self->ob_descr)) {
        PyErr_SetString(PyExc_ValueError, "fromunicode() may only be called on unicode "
                                          "type arrays ('u' or 'w')");
        return NULL;
    }
    if (kr_array_append_text(self, ustr) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(array, "fromfile(self, f, n, /)",
          "Read n objects from the file object f and append them to the end of the array.")
static PyObject *
array_fromfile(Array *self, PyObject *f, Py_ssize_t n)
{
    Py_ssize_t itemsize = self->ob_descr->itemsize;
    if (n < 0) {
        PyErr_SetString(PyExc_ValueError, "negative count");
        return NULL;
    }
    if (n > PY_SSIZE_T_MAX / itemsize) {
        return PyErr_NoMemory();
    }
    PyObject *bytes = PyObject_CallMethod(f, "read", "n", n * itemsize);
    if (bytes == NULL) {
        return NULL;
    }
    if (!PyBytes_Check(bytes)) {
        PyErr_SetString(PyExc_TypeError, "read() didn't return bytes");
        Py_DECREF(bytes);
        return NULL;
    }
    bool short_read = PyBytes_GET_SIZE(bytes) != n * itemsize;
    int status = kr_array_append_bytes(self, PyBytes_AS_STRING(bytes),
                                       PyBytes_GET_SIZE(bytes));
    Py_DECREF(bytes);
    if (status < 0) {
        return NULL;
    }
    if (short_read) {
        PyErr_SetString(PyExc_EOFError, "read() didn't return enough bytes");
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(array, "tofile(self, f, /)",
          "Write all items (as machine values) to the file object f.")
static PyObject *
array_tofile(Array *self, PyObject *f)
{
    enum { BLOCK = 64 * 1024 };
    // Read anew after each write, which may run Python.
    for (Py_ssize_t done = 0;; done += BLOCK) {
        Py_ssize_t all = (Py_ssize_t)byte_count(self, Py_SIZE(self));
        if (done >= all) {
            break;
        }
        Py_ssize_t n = all - done < BLOCK ? all - done : BLOCK;
        PyObject *bytes = PyBytes_FromStringAndSize(self->ob_item + done, n);
        if (bytes == NULL) {
            return NULL;
        }
        PyObject *result = PyObject_CallMethodOneArg(f, KR_ID(write), bytes);
        Py_DECREF(bytes);
        if (result == NULL) {
            return NULL;
        }
        Py_DECREF(result);
    }
    Py_RETURN_NONE;
}

KR_METHOD(array, "__reduce_ex__(self, value, /)", "Return what pickle needs.")
static PyObject *
array___reduce_ex__(Array *self, PyObject *value)
{
    return kr_array_reduce(self, value);
}

KR_GETTER(array, "typecode", "the typecode character used to create the array")
static PyObject *
array_get_typecode(Array *self)
{
    return PyUnicode_FromOrdinal((unsigned char)self->ob_descr->typecode);
}

KR_GETTER(array, "itemsize", "the size, in bytes, of one array item")
static PyObject *
array_get_itemsize(Array *self)
{
    return PyLong_FromLong(self->ob_descr->itemsize);
}

// --- Construction ------------------------------------------------------------------

// Whether text may fill an array of that kind, with the error set if not.
static bool
check_text_source(const ArrayKind *kind, PyObject *source)
{
    if (kr_array_kind_is_text(kind)) {
        return true;
    }
    if (PyUnicode_Check(source)) {
        PyErr_Format(PyExc_TypeError,
                     "cannot use a str to initialize an array with typecode '%c'",
                     (int)kind->typecode);
        return false;
    }
    if (array_check(source) && kr_array_kind_is_text(((Array *)source)->ob_descr)) {
        PyErr_Format(PyExc_TypeError,
                     "cannot use a unicode array to initialize an array with typecode '%c'",
                     (int)kind->typecode);
        return false;
    }
    return true;
}

// Fills a fresh array from whatever was given.
static int
fill_from(Array *self, PyObject *source)
{
    if (PyUnicode_Check(source)) {
        return kr_array_append_text(self, source);
    }
    if (PyBytes_Check(source)) {
        return kr_array_append_bytes(self, PyBytes_AS_STRING(source),
                                     PyBytes_GET_SIZE(source));
    }
    if (PyByteArray_Check(source)) {
        return kr_array_append_bytes(self, PyByteArray_AS_STRING(source),
                                     PyByteArray_GET_SIZE(source));
    }
    if (array_check(source)
        && (((Array *)source)->ob_descr == self->ob_descr
            || (kr_array_kind_is_text(self->ob_descr)
                && kr_array_kind_is_text(((Array *)source)->ob_descr)))) {
        return kr_array_append_bytes(
            self, ((Array *)source)->ob_item,
            (Py_ssize_t)byte_count((Array *)source, Py_SIZE(source)));
    }
    return extend_iterable(self, source);
}

static PyObject *
array_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    int typecode;
    PyObject *source = NULL;
    if ((cls == &kr_array_type || cls->tp_init == kr_array_type.tp_init)
        && !kr_arg_no_keywords("array.array", kwargs)) {
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "C|O:array", &typecode, &source)) {
        return NULL;
    }
    if (PySys_Audit("array.__new__", "CO", typecode, source == NULL ? Py_None : source)
        < 0) {
        return NULL;
    }
    if (typecode == 'u'
        && PyErr_WarnEx(PyExc_DeprecationWarning,
                        "The 'u' type code is deprecated and will be removed in "
                        "Python 3.16",
                        1)
               < 0) {
        return NULL;
    }
    const ArrayKind *kind = kr_array_kind_find((Py_UCS4)typecode);
    if (source != NULL && kind != NULL && !check_text_source(kind, source)) {
        return NULL;
    }
    if (kind == NULL) {
        PyErr_SetString(PyExc_ValueError, "bad typecode (must be b, B, u, w, h, H, i, I, "
                                          "l, L, q, Q, f or d)");
        return NULL;
    }
    PyObject *self = kr_array_new(cls, 0, kind);
    if (self != NULL && source != NULL && fill_from((Array *)self, source) < 0) {
        Py_CLEAR(self);
    }
    return self;
}

// --- The iterator ------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    Array *array; // owned; NULL when exhausted
    void *unused;
} ArrayIter;

static PyObject *
array_iter(PyObject *op)
{
    ArrayIter *self = PyObject_GC_New(ArrayIter, &kr_array_iter_type);
    if (self == NULL) {
        return NULL;
    }
    self->index = 0;
    self->array = (Array *)Py_NewRef(op);
    self->unused = NULL;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static PyObject *
arrayiter_next(PyObject *op)
{
    ArrayIter *self = (ArrayIter *)op;
    if (self->array == NULL) {
        return NULL;
    }
    if (self->index < Py_SIZE(self->array)) {
        return self->array->ob_descr->getitem(self->array, self->index++);
    }
    Py_CLEAR(self->array);
    return NULL;
}

static int
arrayiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((ArrayIter *)op)->array);
    return 0;
}

static void
arrayiter_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_XDECREF(((ArrayIter *)op)->array);
    PyObject_GC_Del(op);
}

KR_METHOD(arrayiter, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
arrayiter___reduce__(ArrayIter *self)
{
    PyObject *function = kr_iter_builtin(KR_ID(iter)); // may run Python
    if (self->array != NULL) {
        return kr_iter_reduce_steal(function, (PyObject *)self->array, self->index);
    }
    return kr_iter_reduce_steal(function, (PyObject *)&kr_tuple_empty, -1);
}

KR_METHOD(arrayiter, "__setstate__(self, state, /)", "Set the position.")
static PyObject *
arrayiter___setstate__(ArrayIter *self, PyObject *state)
{
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (self->array != NULL) {
        Py_ssize_t n = Py_SIZE(self->array);
        self->index = index < 0 ? 0 : index > n ? n : index;
    }
    Py_RETURN_NONE;
}

KR_TYPE(array)
KR_TYPE(arrayiter)
#include "modules/array/array.methods.h"

static PySequenceMethods array_as_sequence = {
    .sq_length = array_length,
    .sq_concat = array_concat,
    .sq_repeat = array_repeat,
    .sq_item = array_item,
    .sq_ass_item = array_ass_item,
    .sq_contains = array_contains,
    .sq_inplace_concat = array_inplace_concat,
    .sq_inplace_repeat = array_inplace_repeat,
};

static PyMappingMethods array_as_mapping = {
    .mp_length = array_length,
    .mp_subscript = array_subscript,
    .mp_ass_subscript = array_ass_subscript,
};

static PyBufferProcs array_as_buffer = {
    .bf_getbuffer = array_getbuffer,
    .bf_releasebuffer = array_releasebuffer,
};

PyTypeObject kr_array_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "array.array",
    .tp_basicsize = sizeof(Array),
    .tp_dealloc = array_dealloc,
    .tp_repr = array_repr,
    .tp_as_sequence = &array_as_sequence,
    .tp_as_mapping = &array_as_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_as_buffer = &array_as_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE
                | Py_TPFLAGS_SEQUENCE,
    .tp_doc = "array(typecode [, initializer]) -> array\n\n"
              "Return a new array whose items are restricted by typecode, and\n"
              "initialized from the optional initializer value, which must be a list,\n"
              "string or iterable over elements of the appropriate type.\n\n"
              "Type codes: b B h H i I l L q Q are the integers of C, signed and\n"
              "unsigned, of 1, 1, 2, 2, 4, 4, 8, 8, 8 and 8 bytes; f and d are floats\n"
              "of 4 and 8 bytes; w (and u, which is deprecated) are characters.\n",
    .tp_richcompare = array_richcompare,
    .tp_weaklistoffset = offsetof(Array, weakreflist),
    .tp_iter = array_iter,
    .tp_methods = array_methods,
    .tp_getset = array_getset,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = array_new,
    .tp_free = PyObject_Free,
};

PyTypeObject kr_array_iter_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "array.arrayiterator",
    .tp_basicsize = sizeof(ArrayIter),
    .tp_dealloc = arrayiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE
                | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = arrayiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = arrayiter_next,
    .tp_methods = arrayiter_methods,
};
