// SPDX-License-Identifier: MIT
// bytearray_edit.c - changing a bytearray: items, slices, append, pop, ...
//
// Re-entrancy: values are turned into bytes first; indices are computed after that,
//              from the size as it is then.
#include "objects/bytes/bytearray.h"

#include "objects/args.h"
#include "objects/ids.h"

// Replaces self[lo:hi] by `more` bytes (data may be NULL only if more is 0).
static int
splice(PyByteArrayObject *self, Py_ssize_t lo, Py_ssize_t hi, const char *data,
       Py_ssize_t more)
{
    Py_ssize_t size = Py_SIZE(self);
    Py_ssize_t growth = more - (hi - lo);

    if (growth != 0 && kr_bytearray_check_resizable(self) < 0) {
        return -1;
    }
    if (growth < 0) {
        if (lo == 0) {
            // Cutting at the start moves the start.
            self->ob_start -= growth;
        }
        else {
            memmove(self->ob_start + lo + more, self->ob_start + hi,
                    (size_t)(size - hi));
        }
        if (kr_bytearray_resize(self, size + growth) < 0) {
            // Smaller memory was not to be had: the old one serves as well.
            PyErr_Clear();
            self->ob_base.ob_size = size + growth;
            self->ob_start[size + growth] = 0;
        }
    }
    else if (growth > 0) {
        if (size > PY_SSIZE_T_MAX - growth) {
            PyErr_NoMemory();
            return -1;
        }
        if (kr_bytearray_resize(self, size + growth) < 0) {
            return -1;
        }
        memmove(self->ob_start + lo + more, self->ob_start + hi, (size_t)(size - hi));
    }
    if (more > 0) {
        memcpy(self->ob_start + lo, data, (size_t)more);
    }
    return 0;
}

int
kr_bytearray_set_item(PyObject *op, Py_ssize_t i, PyObject *value)
{
    PyByteArrayObject *self = (PyByteArrayObject *)op;

    if (i < 0 || i >= Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "bytearray index out of range");
        return -1;
    }
    if (value == NULL) {
        return splice(self, i, i + 1, NULL, 0);
    }
    int byte = kr_byte_from_object(value);
    if (byte < 0) {
        return -1;
    }
    if (i >= Py_SIZE(self)) { // __index__ may have shortened it
        PyErr_SetString(PyExc_IndexError, "bytearray index out of range");
        return -1;
    }
    self->ob_start[i] = (char)byte;
    return 0;
}

// self[start:stop:step] = data[0 .. more).
static int
set_slice(PyByteArrayObject *self, PyObject *slice, const char *data, Py_ssize_t more)
{
    Py_ssize_t start, stop, step;

    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
        return -1;
    }
    Py_ssize_t count = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    if (step == 1) {
        return splice(self, start, start + count, data, more);
    }
    if (more == 0) {
        // Deletion of every step-th byte: close the gaps from below.
        if (count == 0) {
            return 0;
        }
        if (kr_bytearray_check_resizable(self) < 0) {
            return -1;
        }
        if (step < 0) {
            start += step * (count - 1);
            step = -step;
        }
        char *to = self->ob_start + start;
        for (Py_ssize_t i = 0; i < count; i++) {
            const char *from = self->ob_start + start + i * step + 1;
            Py_ssize_t length = i + 1 < count ? step - 1
                                              : self->ob_start + Py_SIZE(self) - from;
            memmove(to, from, (size_t)length);
            to += length;
        }
        return kr_bytearray_resize(self, Py_SIZE(self) - count);
    }
    if (more != count) {
        PyErr_Format(PyExc_ValueError,
                     "attempt to assign bytes of size %zd to extended slice of size %zd",
                     more, count);
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++, start += step) {
        self->ob_start[start] = data[i];
    }
    return 0;
}

static int
set_slice_object(PyByteArrayObject *self, PyObject *slice, PyObject *value)
{
    PyObject *copy = NULL;
    int status;

    if (value == NULL) {
        return set_slice(self, slice, NULL, 0);
    }
    if (value == (PyObject *)self || !PyByteArray_Check(value)) {
        if (PyLong_Check(value) || PyUnicode_Check(value)) {
            PyErr_SetString(PyExc_TypeError,
                            "can assign only bytes, buffers, or iterables of ints in "
                            "range(0, 256)");
            return -1;
        }
        copy = value == (PyObject *)self || !PyBytes_Check(value)
                   ? PyByteArray_FromObject(value)
                   : Py_NewRef(value);
        if (copy == NULL) {
            return -1;
        }
        value = copy;
    }
    KrBytes data = kr_bytes_span(value);
    status = set_slice(self, slice, data.data, data.size);
    Py_XDECREF(copy);
    return status;
}

int
kr_bytearray_set_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return -1;
        }
        return kr_bytearray_set_item(self, i < 0 ? i + Py_SIZE(self) : i, value);
    }
    if (PySlice_Check(key)) {
        return set_slice_object((PyByteArrayObject *)self, key, value);
    }
    PyErr_Format(PyExc_TypeError,
                 "bytearray indices must be integers or slices, not %.200s",
                 Py_TYPE(key)->tp_name);
    return -1;
}

KR_METHOD(bytearray, "append(self, item, /)",
          "Append a single item to the end of the bytearray.")
static PyObject *
bytearray_append(PyByteArrayObject *self, PyObject *item)
{
    int byte = kr_byte_from_object(item);
    if (byte < 0) {
        return NULL;
    }
    Py_ssize_t size = Py_SIZE(self);
    if (size == PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "cannot add more objects to bytearray");
        return NULL;
    }
    if (kr_bytearray_resize(self, size + 1) < 0) {
        return NULL;
    }
    self->ob_start[size] = (char)byte;
    Py_RETURN_NONE;
}

KR_METHOD(bytearray, "insert(self, index, item, /)",
          "Insert a single item into the bytearray before the given index.")
static PyObject *
bytearray_insert(PyByteArrayObject *self, Py_ssize_t index, PyObject *item)
{
    int byte = kr_byte_from_object(item);
    if (byte < 0) {
        return NULL;
    }
    Py_ssize_t size = Py_SIZE(self);
    if (index < 0) {
        index = index + size < 0 ? 0 : index + size;
    }
    if (index > size) {
        index = size;
    }
    char c = (char)byte;
    if (splice(self, index, index, &c, 1) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

// Appends the content of a buffer, which may be self's own.
static PyObject *
extend_from_buffer(PyByteArrayObject *self, PyObject *source)
{
    Py_buffer view;
    PyObject *copy = NULL;

    if (source == (PyObject *)self) {
        copy = PyByteArray_FromStringAndSize(PyByteArray_AS_STRING(self), Py_SIZE(self));
        if (copy == NULL) {
            return NULL;
        }
        source = copy;
    }
    Py_ssize_t end = Py_SIZE(self);
    int status = PyObject_GetBuffer(source, &view, PyBUF_SIMPLE);
    if (status == 0) {
        // Getting the buffer may have changed self: its end was where it began.
        end = end < Py_SIZE(self) ? end : Py_SIZE(self);
        status = splice(self, end, end, view.buf, view.len);
        PyBuffer_Release(&view);
    }
    Py_XDECREF(copy);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

KR_METHOD(bytearray, "extend(self, iterable_of_ints, /)",
          "Append all the items from the iterator or sequence to the end.")
static PyObject *
bytearray_extend(PyByteArrayObject *self, PyObject *iterable)
{
    KrByteWriter w;
    PyObject *result = NULL;

    if (PyObject_CheckBuffer(iterable)) {
        return extend_from_buffer(self, iterable);
    }
    PyObject *iterator = PyObject_GetIter(iterable);
    if (iterator == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError, "can't extend bytearray with %.100s",
                         Py_TYPE(iterable)->tp_name);
        }
        return NULL;
    }
    if (PyObject_LengthHint(iterable, 32) < 0) { // no more than a hint, but errors count
        Py_DECREF(iterator);
        return NULL;
    }
    kr_bytewriter_init(&w);
    if (kr_bytewriter_from_iterable(&w, iterator, "byte must be in range(0, 256)") < 0) {
        if (PyUnicode_Check(iterable) && PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_SetString(PyExc_TypeError, "expected iterable of integers; got: 'str'");
        }
    }
    else if (splice(self, Py_SIZE(self), Py_SIZE(self), w.data, w.size) == 0) {
        result = Py_NewRef(Py_None);
    }
    kr_bytewriter_free(&w);
    Py_DECREF(iterator);
    return result;
}

KR_METHOD(bytearray, "pop(self, index=-1, /)",
          "Remove and return a single item, the last one by default.")
static PyObject *
bytearray_pop(PyByteArrayObject *self, Py_ssize_t index)
{
    Py_ssize_t size = Py_SIZE(self);

    if (size == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from empty bytearray");
        return NULL;
    }
    if (index < 0) {
        index += size;
    }
    if (index < 0 || index >= size) {
        PyErr_SetString(PyExc_IndexError, "pop index out of range");
        return NULL;
    }
    unsigned char value = (unsigned char)self->ob_start[index];
    if (splice(self, index, index + 1, NULL, 0) < 0) {
        return NULL;
    }
    return PyLong_FromLong(value);
}

KR_METHOD(bytearray, "remove(self, value, /)",
          "Remove the first occurrence of a value in the bytearray.")
static PyObject *
bytearray_remove(PyByteArrayObject *self, PyObject *value)
{
    int byte = kr_byte_from_object(value);
    if (byte < 0) {
        return NULL;
    }
    Py_ssize_t size = Py_SIZE(self);
    char *at = size > 0 ? memchr(self->ob_start, byte, (size_t)size) : NULL;
    if (at == NULL) {
        PyErr_SetString(PyExc_ValueError, "value not found in bytearray");
        return NULL;
    }
    Py_ssize_t index = at - self->ob_start;
    if (splice(self, index, index + 1, NULL, 0) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(bytearray, "clear(self, /)", "Remove all items from the bytearray.")
static PyObject *
bytearray_clear(PyByteArrayObject *self)
{
    if (kr_bytearray_resize(self, 0) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(bytearray, "copy(self, /)", "Return a copy of B.")
static PyObject *
bytearray_copy(PyByteArrayObject *self)
{
    return PyByteArray_FromStringAndSize(PyByteArray_AS_STRING(self), Py_SIZE(self));
}

KR_METHOD(bytearray, "resize(self, size, /)",
          "Resize the internal buffer; new bytes are zero.")
static PyObject *
bytearray_resize(PyByteArrayObject *self, Py_ssize_t size)
{
    Py_ssize_t before = Py_SIZE(self);

    if (PyByteArray_Resize((PyObject *)self, size) < 0) {
        return NULL;
    }
    if (size > before) {
        memset(PyByteArray_AS_STRING(self) + before, 0, (size_t)(size - before));
    }
    Py_RETURN_NONE;
}

KR_METHOD(bytearray, "reverse(self, /)", "Reverse the order of the values in place.")
static PyObject *
bytearray_reverse(PyByteArrayObject *self)
{
    Py_ssize_t size = Py_SIZE(self);

    for (Py_ssize_t i = 0; i < size / 2; i++) {
        char c = self->ob_start[i];
        self->ob_start[i] = self->ob_start[size - 1 - i];
        self->ob_start[size - 1 - i] = c;
    }
    Py_RETURN_NONE;
}

KR_METHOD(bytearray, "__alloc__(self, /)",
          "Return the number of bytes actually allocated.")
static PyObject *
bytearray_alloc(PyByteArrayObject *self)
{
    return PyLong_FromSsize_t(self->ob_alloc);
}

KR_METHOD(bytearray, "__sizeof__(self, /)",
          "Returns the size of the bytearray object in memory, in bytes.")
static PyObject *
bytearray_sizeof(PyByteArrayObject *self)
{
    return PyLong_FromSsize_t(Py_TYPE(self)->tp_basicsize + self->ob_alloc);
}

static PyObject *
reduce_with_protocol(PyByteArrayObject *self, int proto)
{
    PyObject *state = PyObject_CallMethodNoArgs((PyObject *)self, KR_ID(__getstate__));
    PyObject *args = NULL, *result = NULL;
    Py_ssize_t size = Py_SIZE(self);

    if (state == NULL) {
        return NULL;
    }
    if (size == 0) {
        args = PyTuple_New(0);
    }
    else if (proto >= 3) {
        args = Py_BuildValue("(y#)", self->ob_start, size);
    }
    else {
        args = Py_BuildValue("(Ns)", PyUnicode_DecodeLatin1(self->ob_start, size, NULL),
                             "latin-1");
    }
    if (args != NULL) {
        result = PyTuple_Pack(3, (PyObject *)Py_TYPE(self), args, state);
    }
    Py_XDECREF(args);
    Py_DECREF(state);
    return result;
}

KR_METHOD(bytearray, "__reduce__(self, /)", "Return state information for pickling.")
static PyObject *
bytearray_reduce(PyByteArrayObject *self)
{
    return reduce_with_protocol(self, 2);
}

KR_METHOD(bytearray, "__reduce_ex__(self, proto=0, /)",
          "Return state information for pickling.")
static PyObject *
bytearray_reduce_ex(PyByteArrayObject *self, int proto)
{
    return reduce_with_protocol(self, proto);
}

#include "objects/bytes/bytearray_edit.methods.h"
