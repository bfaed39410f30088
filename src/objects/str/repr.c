// SPDX-License-Identifier: MIT
// repr.c - repr() and ascii() of strings.
#include "objects/str/str.h"

#include "objects/ids.h"

static const char hex_digits[] = "0123456789abcdef";

// How many characters ch takes in a repr quoted with quote.
static inline int
repr_width(Py_UCS4 ch, Py_UCS4 quote, bool only_ascii)
{
    if (ch == quote || ch == '\\' || ch == '\t' || ch == '\r' || ch == '\n') {
        return 2;
    }
    if (ch < 32 || ch == 127) {
        return 4;
    }
    if (ch < 127) {
        return 1;
    }
    if (!only_ascii && _PyUnicode_IsPrintable(ch)) {
        return 1;
    }
    return ch < 256 ? 4 : ch < 65536 ? 6 : 10;
}

// Writes the escape of ch (width characters) at data[at].
static void
put_escape(int kind, void *data, Py_ssize_t at, Py_UCS4 ch, int width)
{
    PyUnicode_WRITE(kind, data, at, '\\');
    if (width == 2) {
        Py_UCS4 letter = ch == '\t' ? 't' : ch == '\r' ? 'r' : ch == '\n' ? 'n' : ch;
        PyUnicode_WRITE(kind, data, at + 1, letter);
        return;
    }
    PyUnicode_WRITE(kind, data, at + 1, width == 4 ? 'x' : width == 6 ? 'u' : 'U');
    for (int i = 0; i < width - 2; i++) {
        PyUnicode_WRITE(kind, data, at + width - 1 - i, hex_digits[ch & 15]);
        ch >>= 4;
    }
}

// ASCII characters that stand for themselves in a repr, quotes left aside: a set
// of bits.
static const uint64_t plain_ascii[2] = {0xffffffff00000000ULL & ~(1ULL << '\''),
                                        ~(1ULL << ('\\' - 64)) & ~(1ULL << 63)};

// Whether the repr of ASCII text is the text between single quotes.
static bool
is_plain_ascii(PyObject *text)
{
    const Py_UCS1 *p = PyUnicode_DATA(text), *end = p + PyUnicode_GET_LENGTH(text);
    for (; p < end; p++) {
        if (!(plain_ascii[*p >> 6] >> (*p & 63) & 1)) {
            return false;
        }
    }
    return true;
}

static PyObject *
quoted(PyObject *text, bool only_ascii)
{
    if (PyUnicode_IS_ASCII(text) && is_plain_ascii(text)) {
        Py_ssize_t size = PyUnicode_GET_LENGTH(text);
        PyObject *plain = kr_str_new(size + 2, 127);
        if (plain != NULL) {
            char *to = PyUnicode_DATA(plain);
            to[0] = to[size + 1] = '\'';
            memcpy(to + 1, PyUnicode_DATA(text), (size_t)size);
        }
        return plain;
    }
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), total = 2;
    bool single = false, twofold = false;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        single |= ch == '\'';
        twofold |= ch == '"';
    }
    Py_UCS4 quote = single && !twofold ? '"' : '\'';
    Py_UCS4 maxchar = 127;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        int width = repr_width(ch, quote, only_ascii);
        if (width == 1 && ch > maxchar) {
            maxchar = ch;
        }
        if (total > PY_SSIZE_T_MAX - width) {
            PyErr_SetString(PyExc_OverflowError, "string is too long to generate repr");
            return NULL;
        }
        total += width;
    }
    PyObject *result = kr_str_new(total, maxchar);
    if (result == NULL) {
        return NULL;
    }
    int out_kind = PyUnicode_KIND(result);
    void *out = PyUnicode_DATA(result);
    Py_ssize_t at = 1;
    PyUnicode_WRITE(out_kind, out, 0, quote);
    if (total == length + 2) {
        kr_copy_items(out_kind, out, 1, kind, data, 0, length);
        at += length;
    }
    else {
        for (Py_ssize_t i = 0; i < length; i++) {
            Py_UCS4 ch = PyUnicode_READ(kind, data, i);
            int width = repr_width(ch, quote, only_ascii);
            if (width == 1) {
                PyUnicode_WRITE(out_kind, out, at, ch);
            }
            else {
                put_escape(out_kind, out, at, ch, width);
            }
            at += width;
        }
    }
    PyUnicode_WRITE(out_kind, out, at, quote);
    return result;
}

PyObject *
kr_str_repr(PyObject *text)
{
    return quoted(text, false);
}

// repr(object) with everything beyond ASCII escaped.
PyObject *
PyObject_ASCII(PyObject *object)
{
    PyObject *repr = PyObject_Repr(object);
    if (repr == NULL || PyUnicode_IS_ASCII(repr)) {
        return repr;
    }
    int kind = PyUnicode_KIND(repr);
    const void *data = PyUnicode_DATA(repr);
    Py_ssize_t length = PyUnicode_GET_LENGTH(repr), total = 0, at = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        total += ch < 128 ? 1 : ch < 256 ? 4 : ch < 65536 ? 6 : 10;
    }
    PyObject *result = kr_str_new(total, 127);
    if (result != NULL) {
        void *out = PyUnicode_DATA(result);
        for (Py_ssize_t i = 0; i < length; i++) {
            Py_UCS4 ch = PyUnicode_READ(kind, data, i);
            int width = ch < 128 ? 1 : ch < 256 ? 4 : ch < 65536 ? 6 : 10;
            if (width == 1) {
                PyUnicode_WRITE(1, out, at, ch);
            }
            else {
                put_escape(1, out, at, ch, width);
            }
            at += width;
        }
    }
    Py_DECREF(repr);
    return result;
}

PyObject *
kr_str_ascii_repr(PyObject *text)
{
    return PyUnicode_Check(text) ? quoted(text, true) : PyObject_ASCII(text);
}
