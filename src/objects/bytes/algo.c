// SPDX-License-Identifier: MIT
// algo.c - searching, growing arrays of bytes, results of either type.
#include "objects/bytes/bytes.h"

#include "objects/str/str.h"

// ----------------------------------------------------------------------- search

Py_ssize_t
kr_bytes_find(const char *text, Py_ssize_t size, const char *needle, Py_ssize_t length)
{
    if (length > size) {
        return -1;
    }
    if (length == 0) {
        return 0;
    }
    if (length > 1) {
        return kr_items_find(1, text, size, needle, length);
    }
    const char *at = memchr(text, (unsigned char)needle[0], (size_t)size);
    return at == NULL ? -1 : at - text;
}

Py_ssize_t
kr_bytes_rfind(const char *text, Py_ssize_t size, const char *needle, Py_ssize_t length)
{
    if (length > size) {
        return -1;
    }
    if (length == 0) {
        return size;
    }
    // Looks for the first byte from behind, then compares the rest.
    Py_ssize_t room = size - length + 1;
    while (room > 0) {
        const char *at = memrchr(text, (unsigned char)needle[0], (size_t)room);
        if (at == NULL) {
            return -1;
        }
        if (memcmp(at + 1, needle + 1, (size_t)length - 1) == 0) {
            return at - text;
        }
        room = at - text;
    }
    return -1;
}

static Py_ssize_t
count_byte(const char *text, Py_ssize_t size, char c, Py_ssize_t most)
{
    Py_ssize_t count = 0;

    if (most >= size) {
        return kr_count_byte((const Py_UCS1 *)text, size, (Py_UCS1)c);
    }
    for (Py_ssize_t i = 0; i < size && count < most; i++) {
        count += text[i] == c;
    }
    return count;
}

Py_ssize_t
kr_bytes_count(const char *text, Py_ssize_t size, const char *needle, Py_ssize_t length,
               Py_ssize_t most)
{
    Py_ssize_t count = 0, at;

    if (length == 0) {
        return size + 1 < most ? size + 1 : most;
    }
    if (length == 1) {
        return count_byte(text, size, needle[0], most);
    }
    while (count < most && (at = kr_bytes_find(text, size, needle, length)) >= 0) {
        count++;
        text += at + length;
        size -= at + length;
    }
    return count;
}

// ---------------------------------------------------------------------- results

PyObject *
kr_bytes_like(PyObject *model, const char *data, Py_ssize_t size)
{
    return PyByteArray_Check(model) ? PyByteArray_FromStringAndSize(data, size)
                                    : PyBytes_FromStringAndSize(data, size);
}

char *
kr_bytes_content(PyObject *op)
{
    return PyBytes_Check(op) ? PyBytes_AS_STRING(op) : PyByteArray_AS_STRING(op);
}

PyObject *
kr_bytes_same(PyObject *self)
{
    if (PyBytes_CheckExact(self)) {
        return Py_NewRef(self);
    }
    KrBytes s = kr_bytes_span(self);
    return kr_bytes_like(self, s.data, s.size);
}

PyObject *
kr_bytes_compare(KrBytes a, KrBytes b, int op)
{
    Py_ssize_t least = a.size < b.size ? a.size : b.size;

    if ((op == Py_EQ || op == Py_NE) && a.size != b.size) {
        return PyBool_FromLong(op == Py_NE);
    }
    int order = least == 0 ? 0 : memcmp(a.data, b.data, (size_t)least);
    if (order == 0) {
        Py_RETURN_RICHCOMPARE(a.size, b.size, op);
    }
    Py_RETURN_RICHCOMPARE(order, 0, op);
}

// --------------------------------------------------------------- growing arrays

char *
kr_bytewriter_reserve(KrByteWriter *w, Py_ssize_t more)
{
    if (more <= w->room - w->size) {
        return w->data + w->size;
    }
    if (more > PY_SSIZE_T_MAX / 2 - w->size) {
        PyErr_NoMemory();
        return NULL;
    }
    Py_ssize_t room = w->size + more;
    room += room / 2;
    char *grown;
    if (w->data == w->local) {
        grown = PyMem_Malloc((size_t)room);
        if (grown != NULL) {
            memcpy(grown, w->local, (size_t)w->size);
        }
    }
    else {
        grown = PyMem_Realloc(w->data, (size_t)room);
    }
    if (grown == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    w->data = grown;
    w->room = room;
    return grown + w->size;
}

void
kr_bytewriter_free(KrByteWriter *w)
{
    if (w->data != w->local) {
        PyMem_Free(w->data);
    }
}

int
kr_bytewriter_write(KrByteWriter *w, const char *data, Py_ssize_t size)
{
    char *to = kr_bytewriter_reserve(w, size);
    if (to == NULL) {
        return -1;
    }
    memcpy(to, data, (size_t)size);
    w->size += size;
    return 0;
}

// Appends the value of an integer object.
static int
writer_put_object(KrByteWriter *w, PyObject *item, const char *message)
{
    Py_ssize_t value = PyNumber_AsSsize_t(item, NULL);

    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (value < 0 || value > 255) {
        PyErr_SetString(PyExc_ValueError, message);
        return -1;
    }
    return kr_bytewriter_put(w, (char)value);
}

int
kr_bytewriter_from_iterable(KrByteWriter *w, PyObject *iterable, const char *message)
{
    if (PyList_CheckExact(iterable) || PyTuple_CheckExact(iterable)) {
        // A list may change while an __index__ runs: its size is read each time.
        for (Py_ssize_t i = 0; i < Py_SIZE(iterable); i++) {
            PyObject *item = PyList_CheckExact(iterable) ? PyList_GET_ITEM(iterable, i)
                                                         : PyTuple_GET_ITEM(iterable, i);
            Py_INCREF(item);
            int status = writer_put_object(w, item, message);
            Py_DECREF(item);
            if (status < 0) {
                return -1;
            }
        }
        return 0;
    }
    PyObject *iterator = PyObject_GetIter(iterable), *item;
    if (iterator == NULL) {
        return -1;
    }
    while ((item = PyIter_Next(iterator)) != NULL) {
        int status = writer_put_object(w, item, message);
        Py_DECREF(item);
        if (status < 0) {
            Py_DECREF(iterator);
            return -1;
        }
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : 0;
}

int
kr_byte_from_object(PyObject *value)
{
    Py_ssize_t number = PyNumber_AsSsize_t(value, NULL);

    if (number == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (number < 0 || number > 255) {
        PyErr_SetString(PyExc_ValueError, "byte must be in range(0, 256)");
        return -1;
    }
    return (int)number;
}

int
kr_bytes_size_argument(PyObject *source, Py_ssize_t *size_out)
{
    if (!PyIndex_Check(source)) {
        return 0;
    }
    Py_ssize_t size = PyNumber_AsSsize_t(source, PyExc_OverflowError);
    if (size == -1 && PyErr_Occurred()) {
        // An __index__ that is no good does not keep it from being an iterable.
        if (!PyErr_ExceptionMatches(PyExc_TypeError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "negative count");
        return -1;
    }
    *size_out = size;
    return 1;
}
