// SPDX-License-Identifier: MIT
// search.c - finding in bytes and bytearray: find, index, count, startswith, `in`.
#include "objects/bytes/bytes.h"

#include "objects/args.h"
#include "objects/ids.h"

// What is looked for: bytes-like, or one byte given as a number.
typedef struct {
    Py_buffer view; // view.obj NULL: one byte
    char byte;
    KrBytes bytes;
} Needle;

static int
needle_open_arg(Needle *needle, PyObject *arg)
{
    needle->view.obj = NULL;
    if (PyObject_CheckBuffer(arg)) {
        if (PyObject_GetBuffer(arg, &needle->view, PyBUF_SIMPLE) < 0) {
            return -1;
        }
        needle->bytes = kr_bytes_of_buffer(&needle->view);
        return 0;
    }
    if (!PyIndex_Check(arg)) {
        PyErr_Format(PyExc_TypeError,
                     "argument should be integer or bytes-like object, not '%.200s'",
                     Py_TYPE(arg)->tp_name);
        return -1;
    }
    int value = kr_byte_from_object(arg);
    if (value < 0) {
        return -1;
    }
    needle->byte = (char)value;
    needle->bytes = (KrBytes){&needle->byte, 1};
    return 0;
}

// self stays as it is while the argument is asked for its bytes.
static int
needle_open(Needle *needle, PyObject *self, PyObject *arg)
{
    kr_bytes_hold(self);
    int status = needle_open_arg(needle, arg);
    kr_bytes_let_go(self);
    return status;
}

static void
needle_close(Needle *needle)
{
    if (needle->view.obj != NULL) {
        PyBuffer_Release(&needle->view);
    }
}

// The optional start and end of find() and its kin; args[from] is start.
static int
range_arguments(PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *start,
                Py_ssize_t *end)
{
    *start = 0;
    *end = PY_SSIZE_T_MAX;
    if (nargs > 1 && kr_arg_slice_index(args[1], start) < 0) {
        return -1;
    }
    if (nargs > 2 && kr_arg_slice_index(args[2], end) < 0) {
        return -1;
    }
    return 0;
}

static void
range_clip(Py_ssize_t size, Py_ssize_t *start, Py_ssize_t *end)
{
    if (*end > size) {
        *end = size;
    }
    else if (*end < 0) {
        *end += size;
        if (*end < 0) {
            *end = 0;
        }
    }
    if (*start < 0) {
        *start += size;
        if (*start < 0) {
            *start = 0;
        }
    }
}

// The common part of find and rfind. -1: absent, -2: error.
static Py_ssize_t
find_any(PyObject *self, const char *name, PyObject *const *args, Py_ssize_t nargs,
         bool backwards)
{
    Needle needle;
    Py_ssize_t start, end, at = -1;

    if (!kr_arg_count(name, nargs, 1, 3) || range_arguments(args, nargs, &start, &end) < 0 ||
        needle_open(&needle, self, args[0]) < 0) {
        return -2;
    }
    KrBytes s = kr_bytes_span(self);
    range_clip(s.size, &start, &end);
    if (end - start >= needle.bytes.size && start <= end) {
        at = backwards ? kr_bytes_rfind(s.data + start, end - start, needle.bytes.data,
                                        needle.bytes.size)
                       : kr_bytes_find(s.data + start, end - start, needle.bytes.data,
                                       needle.bytes.size);
        if (at >= 0) {
            at += start;
        }
    }
    needle_close(&needle);
    return at;
}

static PyObject *
find_result(Py_ssize_t at)
{
    return at == -2 ? NULL : PyLong_FromSsize_t(at);
}

static PyObject *
index_result(Py_ssize_t at)
{
    if (at == -1) {
        PyErr_SetString(PyExc_ValueError, "subsection not found");
        return NULL;
    }
    return find_result(at);
}

KR_METHOD_RAW(bytes, "find($self, sub[, start[, end]], /)", METH_FASTCALL,
              "Return the lowest index where sub is found within [start:end], or -1.")
KR_METHOD_RAW(bytearray, "find($self, sub[, start[, end]], /)", METH_FASTCALL,
              "Return the lowest index where sub is found within [start:end], or -1.")
static PyObject *
bytes_find(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return find_result(find_any(self, "find", args, nargs, false));
}

KR_METHOD_RAW(bytes, "rfind($self, sub[, start[, end]], /)", METH_FASTCALL,
              "Return the highest index where sub is found within [start:end], or -1.")
KR_METHOD_RAW(bytearray, "rfind($self, sub[, start[, end]], /)", METH_FASTCALL,
              "Return the highest index where sub is found within [start:end], or -1.")
static PyObject *
bytes_rfind(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return find_result(find_any(self, "rfind", args, nargs, true));
}

KR_METHOD_RAW(bytes, "index($self, sub[, start[, end]], /)", METH_FASTCALL,
              "Return the lowest index where sub is found; ValueError if it is not.")
KR_METHOD_RAW(bytearray, "index($self, sub[, start[, end]], /)", METH_FASTCALL,
              "Return the lowest index where sub is found; ValueError if it is not.")
static PyObject *
bytes_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return index_result(find_any(self, "index", args, nargs, false));
}

KR_METHOD_RAW(bytes, "rindex($self, sub[, start[, end]], /)", METH_FASTCALL,
              "Return the highest index where sub is found; ValueError if it is not.")
KR_METHOD_RAW(bytearray, "rindex($self, sub[, start[, end]], /)", METH_FASTCALL,
              "Return the highest index where sub is found; ValueError if it is not.")
static PyObject *
bytes_rindex(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return index_result(find_any(self, "rindex", args, nargs, true));
}

KR_METHOD_RAW(bytes, "count($self, sub[, start[, end]], /)", METH_FASTCALL,
              "Return the number of occurrences of sub that do not overlap.")
KR_METHOD_RAW(bytearray, "count($self, sub[, start[, end]], /)", METH_FASTCALL,
              "Return the number of occurrences of sub that do not overlap.")
static PyObject *
bytes_count(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Needle needle;
    Py_ssize_t start, end, count = 0;

    if (!kr_arg_count("count", nargs, 1, 3) ||
        range_arguments(args, nargs, &start, &end) < 0 ||
        needle_open(&needle, self, args[0]) < 0) {
        return NULL;
    }
    KrBytes s = kr_bytes_span(self);
    range_clip(s.size, &start, &end);
    if (start <= end) {
        count = kr_bytes_count(s.data + start, end - start, needle.bytes.data,
                               needle.bytes.size, PY_SSIZE_T_MAX);
    }
    needle_close(&needle);
    return PyLong_FromSsize_t(count);
}

// Whether self[start:end] starts (ends) with `part`; -1 on error.
static int
tail_matches(PyObject *self, PyObject *part, Py_ssize_t start, Py_ssize_t end,
             bool at_end)
{
    Py_buffer view;

    if (PyObject_GetBuffer(part, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    KrBytes s = kr_bytes_span(self);
    bool match = false;
    range_clip(s.size, &start, &end);
    if (start <= end && end - start >= view.len) {
        const char *at = at_end ? s.data + end - view.len : s.data + start;
        match = memcmp(at, view.buf, (size_t)view.len) == 0;
    }
    PyBuffer_Release(&view);
    return match;
}

static PyObject *
tail_test(PyObject *self, const char *name, PyObject *const *args, Py_ssize_t nargs,
          bool at_end)
{
    Py_ssize_t start, end;
    int match = 0;

    if (!kr_arg_count(name, nargs, 1, 3) || range_arguments(args, nargs, &start, &end) < 0) {
        return NULL;
    }
    PyObject *part = args[0];
    if (PyTuple_Check(part)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(part) && match == 0; i++) {
            match = tail_matches(self, PyTuple_GET_ITEM(part, i), start, end, at_end);
        }
    }
    else {
        match = tail_matches(self, part, start, end, at_end);
        if (match < 0 && PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError,
                         "%s first arg must be bytes or a tuple of bytes, not %s", name,
                         Py_TYPE(part)->tp_name);
        }
    }
    return match < 0 ? NULL : PyBool_FromLong(match);
}

KR_METHOD_RAW(bytes, "startswith($self, prefix[, start[, end]], /)", METH_FASTCALL,
              "Return True if it starts with prefix, or one of a tuple of prefixes.")
KR_METHOD_RAW(bytearray, "startswith($self, prefix[, start[, end]], /)", METH_FASTCALL,
              "Return True if it starts with prefix, or one of a tuple of prefixes.")
static PyObject *
bytes_startswith(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return tail_test(self, "startswith", args, nargs, false);
}

KR_METHOD_RAW(bytes, "endswith($self, suffix[, start[, end]], /)", METH_FASTCALL,
              "Return True if it ends with suffix, or one of a tuple of suffixes.")
KR_METHOD_RAW(bytearray, "endswith($self, suffix[, start[, end]], /)", METH_FASTCALL,
              "Return True if it ends with suffix, or one of a tuple of suffixes.")
static PyObject *
bytes_endswith(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return tail_test(self, "endswith", args, nargs, true);
}

static int
contains_held(PyObject *self, PyObject *value)
{
    if (PyIndex_Check(value)) {
        Py_ssize_t number = PyNumber_AsSsize_t(value, NULL);
        if (number != -1 || !PyErr_Occurred()) {
            if (number < 0 || number > 255) {
                PyErr_SetString(PyExc_ValueError, "byte must be in range(0, 256)");
                return -1;
            }
            KrBytes s = kr_bytes_span(self);
            return s.size > 0 && memchr(s.data, (int)number, (size_t)s.size) != NULL;
        }
        PyErr_Clear();
    }
    Py_buffer view;
    if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    KrBytes s = kr_bytes_span(self);
    Py_ssize_t at = kr_bytes_find(s.data, s.size, view.buf, view.len);
    PyBuffer_Release(&view);
    return at >= 0;
}

int
kr_bytes_contains(PyObject *self, PyObject *value)
{
    kr_bytes_hold(self);
    int result = contains_held(self, value);
    kr_bytes_let_go(self);
    return result;
}

#include "objects/bytes/search.methods.h"
