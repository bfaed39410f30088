// SPDX-License-Identifier: MIT
// hex.c - bytes as hexadecimal digits and back.
#include "objects/bytes/bytes.h"

#include "objects/args.h"
#include "objects/ids.h"

// The one ASCII character of a separator; -1 with an exception.
static int
separator_char(PyObject *sep)
{
    Py_ssize_t length = PyObject_Length(sep);
    int c;

    if (length < 0) {
        return -1;
    }
    if (length != 1) {
        PyErr_SetString(PyExc_ValueError, "sep must be length 1.");
        return -1;
    }
    if (PyUnicode_Check(sep)) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(sep, 0);
        c = ch > 127 ? 255 : (int)ch;
    }
    else if (PyBytes_Check(sep)) {
        c = (unsigned char)PyBytes_AS_STRING(sep)[0];
    }
    else {
        PyErr_SetString(PyExc_TypeError, "sep must be str or bytes.");
        return -1;
    }
    if (c > 127) {
        PyErr_SetString(PyExc_ValueError, "sep must be ASCII.");
        return -1;
    }
    return c;
}

PyObject *
kr_bytes_hex(const char *data, Py_ssize_t size, PyObject *sep, int bytes_per_sep)
{
    static const char digits[] = "0123456789abcdef";
    Py_ssize_t separators = 0, group = 0;
    int c = 0;

    if (sep != NULL) {
        c = separator_char(sep);
        if (c < 0) {
            return NULL;
        }
        group = bytes_per_sep < 0 ? -(Py_ssize_t)bytes_per_sep : bytes_per_sep;
        if (group > 0 && size > 0) {
            separators = (size - 1) / group;
        }
    }
    if (size > (PY_SSIZE_T_MAX - separators) / 2) {
        return PyErr_NoMemory();
    }
    PyObject *text = PyUnicode_New(size * 2 + separators, 127);
    if (text == NULL) {
        return NULL;
    }
    if (size == 0) {
        return text;
    }
    Py_UCS1 *to = PyUnicode_1BYTE_DATA(text);
    // Groups are counted from the end, or from the start if the number is negative.
    Py_ssize_t left = separators == 0      ? size
                      : bytes_per_sep < 0 ? group
                                          : size - separators * group;
    for (Py_ssize_t i = 0; i < size; i++) {
        if (left == 0) {
            *to++ = (Py_UCS1)c;
            left = group;
        }
        left--;
        unsigned char byte = (unsigned char)data[i];
        *to++ = (Py_UCS1)digits[byte >> 4];
        *to++ = (Py_UCS1)digits[byte & 15];
    }
    return text;
}

KR_METHOD(bytes, "hex(self, /, sep=<missing>, bytes_per_sep=1)",
          "Create a string of hexadecimal numbers, with sep between groups of bytes.\n\n"
          ">>> b'\\xca\\xfe'.hex(':')\n'ca:fe'")
KR_METHOD(bytearray, "hex(self, /, sep=<missing>, bytes_per_sep=1)",
          "Create a string of hexadecimal numbers, with sep between groups of bytes.\n\n"
          ">>> bytearray(b'\\xca\\xfe').hex(':')\n'ca:fe'")
static PyObject *
bytes_hex(PyObject *self, PyObject *sep, int bytes_per_sep)
{
    KrBytes s = kr_bytes_span(self);

    kr_bytes_hold(self); // sep may have a __len__
    PyObject *result = kr_bytes_hex(s.data, s.size, sep, bytes_per_sep);
    kr_bytes_let_go(self);
    return result;
}

static int
digit_value(Py_UCS4 c)
{
    if (c >= '0' && c <= '9') {
        return (int)c - '0';
    }
    c |= 32;
    return c >= 'a' && c <= 'f' ? (int)c - 'a' + 10 : -1;
}

static Py_UCS4
read_char(int kind, const void *data, Py_ssize_t i)
{
    return kind == 0 ? ((const unsigned char *)data)[i] : PyUnicode_READ(kind, data, i);
}

// kind 0: bytes. Fills `to` (NULL: only counts); returns the number of bytes, or
// -1 with ValueError.
static Py_ssize_t
hex_decode(int kind, const void *data, Py_ssize_t length, char *to)
{
    Py_ssize_t count = 0, i = 0, bad;

    while (i < length) {
        Py_UCS4 c = read_char(kind, data, i);
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            i++;
            continue;
        }
        int high = digit_value(c), low;
        if (high < 0) {
            bad = i;
            goto fail;
        }
        if (i + 1 == length) {
            PyErr_SetString(PyExc_ValueError, "fromhex() arg must contain an even number "
                                              "of hexadecimal digits");
            return -1;
        }
        low = digit_value(read_char(kind, data, i + 1));
        if (low < 0) {
            bad = i + 1;
            goto fail;
        }
        if (to != NULL) {
            to[count] = (char)(high << 4 | low);
        }
        count++;
        i += 2;
    }
    return count;

fail:
    PyErr_Format(PyExc_ValueError,
                 "non-hexadecimal number found in fromhex() arg at position %zd", bad);
    return -1;
}

PyObject *
kr_bytes_from_hex(PyObject *text, bool use_bytearray)
{
    Py_buffer view = {NULL, NULL};
    const void *data;
    Py_ssize_t length;
    int kind;
    PyObject *result = NULL;

    if (PyUnicode_Check(text)) {
        kind = (int)PyUnicode_KIND(text);
        data = PyUnicode_DATA(text);
        length = PyUnicode_GET_LENGTH(text);
    }
    else if (PyObject_CheckBuffer(text)) {
        if (PyObject_GetBuffer(text, &view, PyBUF_SIMPLE) < 0) {
            return NULL;
        }
        kind = 0;
        data = view.buf;
        length = view.len;
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "fromhex() argument must be str or bytes-like, not %T", text);
        return NULL;
    }
    Py_ssize_t count = hex_decode(kind, data, length, NULL);
    if (count >= 0) {
        result = use_bytearray ? PyByteArray_FromStringAndSize(NULL, count)
                               : PyBytes_FromStringAndSize(NULL, count);
    }
    if (result != NULL && count > 0) {
        hex_decode(kind, data, length, kr_bytes_content(result));
    }
    if (view.obj != NULL) {
        PyBuffer_Release(&view);
    }
    return result;
}

static PyObject *
from_hex_as(PyTypeObject *cls, PyTypeObject *plain, PyObject *text)
{
    PyObject *result = kr_bytes_from_hex(text, plain == &PyByteArray_Type);

    if (result != NULL && cls != plain) {
        Py_SETREF(result, PyObject_CallOneArg((PyObject *)cls, result));
    }
    return result;
}

KR_METHOD(bytes, "fromhex(cls, string, /)",
          "Create a bytes object from hexadecimal digits; spaces between numbers are "
          "skipped.")
static PyObject *
bytes_fromhex(PyTypeObject *cls, PyObject *string)
{
    return from_hex_as(cls, &PyBytes_Type, string);
}

KR_METHOD(bytearray, "fromhex(cls, string, /)",
          "Create a bytearray from hexadecimal digits; spaces between numbers are "
          "skipped.")
static PyObject *
bytearray_fromhex(PyTypeObject *cls, PyObject *string)
{
    return from_hex_as(cls, &PyByteArray_Type, string);
}

#include "objects/bytes/hex.methods.h"
