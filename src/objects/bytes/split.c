// SPDX-License-Identifier: MIT
// split.c - taking bytes and bytearray apart and joining them.
//
// Re-entrancy: join reads items through buffers, which may run Python; a bytearray
//              that is the separator is exported meanwhile.
#include "objects/bytes/bytes.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/list.h"

static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// Appends self[from:to]; a part that is all of an exact bytes is that object.
static int
append_part(PyObject *list, PyObject *self, KrBytes s, Py_ssize_t from, Py_ssize_t to)
{
    PyObject *part = from == 0 && to == s.size && PyBytes_CheckExact(self)
                         ? Py_NewRef(self)
                         : kr_bytes_like(self, s.data + from, to - from);
    if (part == NULL) {
        return -1;
    }
    return kr_list_append_steal((PyListObject *)list, part);
}

static int
split_spaces(PyObject *list, PyObject *self, KrBytes s, Py_ssize_t most)
{
    Py_ssize_t i = 0;

    for (;;) {
        while (i < s.size && is_space(s.data[i])) {
            i++;
        }
        if (i == s.size) {
            return 0;
        }
        Py_ssize_t from = i, to = s.size;
        if (most-- > 0) {
            while (i < s.size && !is_space(s.data[i])) {
                i++;
            }
            to = i;
        }
        else {
            i = s.size; // the rest as it is
        }
        if (append_part(list, self, s, from, to) < 0) {
            return -1;
        }
    }
}

static int
rsplit_spaces(PyObject *list, PyObject *self, KrBytes s, Py_ssize_t most)
{
    Py_ssize_t i = s.size;

    for (;;) {
        while (i > 0 && is_space(s.data[i - 1])) {
            i--;
        }
        if (i == 0) {
            return 0;
        }
        Py_ssize_t to = i, from = 0;
        if (most-- > 0) {
            while (i > 0 && !is_space(s.data[i - 1])) {
                i--;
            }
            from = i;
        }
        else {
            i = 0;
        }
        if (append_part(list, self, s, from, to) < 0) {
            return -1;
        }
    }
}

static int
split_separator(PyObject *list, PyObject *self, KrBytes s, KrBytes sep, Py_ssize_t most)
{
    Py_ssize_t from = 0;

    while (most-- > 0) {
        Py_ssize_t at =
            kr_bytes_find(s.data + from, s.size - from, sep.data, sep.size);
        if (at < 0) {
            break;
        }
        if (append_part(list, self, s, from, from + at) < 0) {
            return -1;
        }
        from += at + sep.size;
    }
    return append_part(list, self, s, from, s.size);
}

static int
rsplit_separator(PyObject *list, PyObject *self, KrBytes s, KrBytes sep, Py_ssize_t most)
{
    Py_ssize_t to = s.size;

    while (most-- > 0) {
        Py_ssize_t at = kr_bytes_rfind(s.data, to, sep.data, sep.size);
        if (at < 0) {
            break;
        }
        if (append_part(list, self, s, at + sep.size, to) < 0) {
            return -1;
        }
        to = at;
    }
    return append_part(list, self, s, 0, to);
}

static PyObject *
split_any(PyObject *self, PyObject *sep, Py_ssize_t maxsplit, bool backwards)
{
    PyObject *list = NULL;
    Py_buffer view = {NULL, NULL};
    Py_ssize_t most = maxsplit < 0 ? PY_SSIZE_T_MAX : maxsplit;
    int status;

    kr_bytes_hold(self);
    status = sep != Py_None ? PyObject_GetBuffer(sep, &view, PyBUF_SIMPLE) : 0;
    kr_bytes_let_go(self);
    if (status < 0) {
        return NULL;
    }
    if (sep != Py_None && view.len == 0) {
        PyErr_SetString(PyExc_ValueError, "empty separator");
        goto done;
    }
    list = PyList_New(0);
    if (list == NULL) {
        goto done;
    }
    KrBytes s = kr_bytes_span(self);
    if (sep == Py_None) {
        status = backwards ? rsplit_spaces(list, self, s, most)
                           : split_spaces(list, self, s, most);
    }
    else {
        KrBytes separator = kr_bytes_of_buffer(&view);
        status = backwards ? rsplit_separator(list, self, s, separator, most)
                           : split_separator(list, self, s, separator, most);
    }
    if (status < 0 || (backwards && PyList_Reverse(list) < 0)) {
        Py_CLEAR(list);
    }

done:
    if (view.obj != NULL) {
        PyBuffer_Release(&view);
    }
    return list;
}

KR_METHOD(bytes, "split(self, /, sep=None, maxsplit=-1)",
          "Return a list of the sections between occurrences of sep (spaces if None).")
KR_METHOD(bytearray, "split(self, /, sep=None, maxsplit=-1)",
          "Return a list of the sections between occurrences of sep (spaces if None).")
static PyObject *
bytes_split(PyObject *self, PyObject *sep, Py_ssize_t maxsplit)
{
    return split_any(self, sep, maxsplit, false);
}

KR_METHOD(bytes, "rsplit(self, /, sep=None, maxsplit=-1)",
          "Like split(), but splitting starts at the end.")
KR_METHOD(bytearray, "rsplit(self, /, sep=None, maxsplit=-1)",
          "Like split(), but splitting starts at the end.")
static PyObject *
bytes_rsplit(PyObject *self, PyObject *sep, Py_ssize_t maxsplit)
{
    return split_any(self, sep, maxsplit, true);
}

KR_METHOD(bytes, "splitlines(self, /, keepends=False)",
          "Return a list of the lines; their ends are kept if keepends is true.")
KR_METHOD(bytearray, "splitlines(self, /, keepends=False)",
          "Return a list of the lines; their ends are kept if keepends is true.")
static PyObject *
bytes_splitlines(PyObject *self, bool keepends)
{
    PyObject *list = PyList_New(0);
    KrBytes s = kr_bytes_span(self);

    if (list == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < s.size;) {
        Py_ssize_t from = i, to;
        while (i < s.size && s.data[i] != '\n' && s.data[i] != '\r') {
            i++;
        }
        to = i;
        if (i < s.size) {
            i += s.data[i] == '\r' && i + 1 < s.size && s.data[i + 1] == '\n' ? 2 : 1;
            if (keepends) {
                to = i;
            }
        }
        if (append_part(list, self, s, from, to) < 0) {
            Py_DECREF(list);
            return NULL;
        }
    }
    return list;
}

// The tuple (a, b, c), stealing; NULL if one of them is.
static PyObject *
triple_steal(PyObject *a, PyObject *b, PyObject *c)
{
    PyObject *tuple = NULL;

    if (a != NULL && b != NULL && c != NULL) {
        tuple = PyTuple_Pack(3, a, b, c);
    }
    Py_XDECREF(a);
    Py_XDECREF(b);
    Py_XDECREF(c);
    return tuple;
}

static PyObject *
partition_any(PyObject *self, PyObject *sep, bool backwards)
{
    Py_buffer view;
    PyObject *result;

    kr_bytes_hold(self);
    int status = PyObject_GetBuffer(sep, &view, PyBUF_SIMPLE);
    kr_bytes_let_go(self);
    if (status < 0) {
        return NULL;
    }
    if (view.len == 0) {
        PyErr_SetString(PyExc_ValueError, "empty separator");
        PyBuffer_Release(&view);
        return NULL;
    }
    KrBytes s = kr_bytes_span(self);
    Py_ssize_t at = backwards ? kr_bytes_rfind(s.data, s.size, view.buf, view.len)
                              : kr_bytes_find(s.data, s.size, view.buf, view.len);
    Py_ssize_t behind = at + view.len;
    if (at < 0) {
        PyObject *whole = kr_bytes_same(self);
        PyObject *x = kr_bytes_like(self, "", 0), *y = kr_bytes_like(self, "", 0);
        result = backwards ? triple_steal(x, y, whole) : triple_steal(whole, x, y);
    }
    else {
        // A bytes separator is given back itself.
        PyObject *middle = PyBytes_Check(self) && PyBytes_CheckExact(sep)
                               ? Py_NewRef(sep)
                               : kr_bytes_like(self, view.buf, view.len);
        result = triple_steal(kr_bytes_like(self, s.data, at), middle,
                              kr_bytes_like(self, s.data + behind, s.size - behind));
    }
    PyBuffer_Release(&view);
    return result;
}

KR_METHOD(bytes, "partition(self, sep, /)",
          "Return the part before the first sep, sep, and the part behind it.")
KR_METHOD(bytearray, "partition(self, sep, /)",
          "Return the part before the first sep, sep, and the part behind it.")
static PyObject *
bytes_partition(PyObject *self, PyObject *sep)
{
    return partition_any(self, sep, false);
}

KR_METHOD(bytes, "rpartition(self, sep, /)",
          "Return the part before the last sep, sep, and the part behind it.")
KR_METHOD(bytearray, "rpartition(self, sep, /)",
          "Return the part before the last sep, sep, and the part behind it.")
static PyObject *
bytes_rpartition(PyObject *self, PyObject *sep)
{
    return partition_any(self, sep, true);
}

// -------------------------------------------------------------------------- join

#define JOIN_LOCAL 10

// Opens buffers of all items; returns how many are open. *total_out is the size of
// the result, -1 on error.
static Py_ssize_t
join_open(PyObject *items, Py_ssize_t count, Py_buffer *views, Py_ssize_t separator,
          Py_ssize_t *total_out)
{
    Py_ssize_t total = 0;

    *total_out = -1;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = PySequence_Fast_GET_ITEM(items, i);
        if (PyBytes_CheckExact(item)) {
            views[i].obj = Py_NewRef(item);
            views[i].buf = PyBytes_AS_STRING(item);
            views[i].len = PyBytes_GET_SIZE(item);
        }
        else {
            Py_INCREF(item);
            int status = PyObject_GetBuffer(item, &views[i], PyBUF_SIMPLE);
            if (status < 0 && PyErr_ExceptionMatches(PyExc_TypeError)) {
                PyErr_Format(PyExc_TypeError,
                             "sequence item %zd: expected a bytes-like object, "
                             "%.80s found", i, Py_TYPE(item)->tp_name);
            }
            Py_DECREF(item);
            if (status < 0) {
                return i;
            }
        }
        Py_ssize_t more = views[i].len + (i > 0 ? separator : 0);
        if (views[i].len > PY_SSIZE_T_MAX - (i > 0 ? separator : 0) ||
            more > PY_SSIZE_T_MAX - total) {
            PyErr_SetString(PyExc_OverflowError, "join() result is too long");
            return i + 1;
        }
        total += more;
        if (PySequence_Fast_GET_SIZE(items) != count) {
            PyErr_SetString(PyExc_RuntimeError, "sequence changed size during iteration");
            return i + 1;
        }
    }
    *total_out = total;
    return count;
}

PyObject *
kr_bytes_join(PyObject *model, KrBytes separator, PyObject *iterable)
{
    Py_buffer local[JOIN_LOCAL], *views = local;
    PyObject *items = PySequence_Fast(iterable, "can only join an iterable");
    PyObject *result = NULL;
    Py_ssize_t opened = 0, total;

    if (items == NULL) {
        return NULL;
    }
    Py_ssize_t count = PySequence_Fast_GET_SIZE(items);
    if (count == 0) {
        result = kr_bytes_like(model, "", 0);
        goto done;
    }
    if (count == 1 && !PyByteArray_Check(model) &&
        PyBytes_CheckExact(PySequence_Fast_GET_ITEM(items, 0))) {
        result = Py_NewRef(PySequence_Fast_GET_ITEM(items, 0));
        goto done;
    }
    if (count > JOIN_LOCAL) {
        views = PyMem_New(Py_buffer, count);
        if (views == NULL) {
            PyErr_NoMemory();
            goto done;
        }
    }
    opened = join_open(items, count, views, separator.size, &total);
    if (total < 0) {
        goto done;
    }
    result = kr_bytes_like(model, NULL, total);
    if (result == NULL) {
        goto done;
    }
    char *to = kr_bytes_content(result);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (i > 0 && separator.size > 0) {
            memcpy(to, separator.data, (size_t)separator.size);
            to += separator.size;
        }
        if (views[i].len > 0) {
            memcpy(to, views[i].buf, (size_t)views[i].len);
            to += views[i].len;
        }
    }

done:
    for (Py_ssize_t i = 0; i < opened; i++) {
        // Exact bytes were opened by hand; releasing their buffer is a release of it.
        PyBuffer_Release(&views[i]);
    }
    if (views != local) {
        PyMem_Free(views);
    }
    Py_DECREF(items);
    return result;
}

KR_METHOD(bytes, "join(self, iterable_of_bytes, /)",
          "Concatenate any number of bytes-like objects with self in between.")
KR_METHOD(bytearray, "join(self, iterable_of_bytes, /)",
          "Concatenate any number of bytes-like objects with self in between.")
static PyObject *
bytes_join(PyObject *self, PyObject *iterable)
{
    kr_bytes_hold(self);
    PyObject *result = kr_bytes_join(self, kr_bytes_span(self), iterable);
    kr_bytes_let_go(self);
    return result;
}

PyObject *
PyBytes_Join(PyObject *separator, PyObject *iterable)
{
    if (separator == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (!PyBytes_Check(separator)) {
        PyErr_Format(PyExc_TypeError, "sep: expected bytes, got %T", separator);
        return NULL;
    }
    return bytes_join(separator, iterable);
}

PyObject *
_PyBytes_Join(PyObject *separator, PyObject *iterable)
{
    return bytes_join(separator, iterable);
}

#include "objects/bytes/split.methods.h"
