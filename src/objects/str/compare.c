// SPDX-License-Identifier: MIT
// compare.c - equality, order and hash of strings.
#include "objects/str/str.h"

Py_hash_t
kr_str_hash(PyObject *text)
{
    Py_hash_t hash = __atomic_load_n(&KR_ASCII(text)->hash, __ATOMIC_RELAXED);
    if (hash != -1) {
        return hash;
    }
    hash = Py_HashBuffer(PyUnicode_DATA(text),
                         PyUnicode_GET_LENGTH(text) * PyUnicode_KIND(text));
    __atomic_store_n(&KR_ASCII(text)->hash, hash, __ATOMIC_RELAXED);
    return hash;
}

bool
kr_str_equal(PyObject *left, PyObject *right)
{
    if (left == right) {
        return true;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(left);
    int kind = PyUnicode_KIND(left);
    if (length != PyUnicode_GET_LENGTH(right) || kind != PyUnicode_KIND(right)) {
        return false;
    }
    return memcmp(PyUnicode_DATA(left), PyUnicode_DATA(right), (size_t)(length * kind)) == 0;
}

#define COMPARE(A, B)                                                                    \
    do {                                                                                 \
        const A *a_ = PyUnicode_DATA(left);                                              \
        const B *b_ = PyUnicode_DATA(right);                                             \
        for (Py_ssize_t i = 0; i < common; i++) {                                        \
            if (a_[i] != b_[i]) {                                                        \
                return (Py_UCS4)a_[i] < (Py_UCS4)b_[i] ? -1 : 1;                         \
            }                                                                            \
        }                                                                                \
    } while (0)

int
kr_str_compare(PyObject *left, PyObject *right)
{
    if (left == right) {
        return 0;
    }
    Py_ssize_t l = PyUnicode_GET_LENGTH(left), r = PyUnicode_GET_LENGTH(right);
    Py_ssize_t common = Py_MIN(l, r);
    switch (PyUnicode_KIND(left) * 8 + PyUnicode_KIND(right)) {
    case 1 * 8 + 1: {
        int order = memcmp(PyUnicode_DATA(left), PyUnicode_DATA(right), (size_t)common);
        if (order != 0) {
            return order < 0 ? -1 : 1;
        }
        break;
    }
    case 1 * 8 + 2:
        COMPARE(Py_UCS1, Py_UCS2);
        break;
    case 1 * 8 + 4:
        COMPARE(Py_UCS1, Py_UCS4);
        break;
    case 2 * 8 + 1:
        COMPARE(Py_UCS2, Py_UCS1);
        break;
    case 2 * 8 + 2:
        COMPARE(Py_UCS2, Py_UCS2);
        break;
    case 2 * 8 + 4:
        COMPARE(Py_UCS2, Py_UCS4);
        break;
    case 4 * 8 + 1:
        COMPARE(Py_UCS4, Py_UCS1);
        break;
    case 4 * 8 + 2:
        COMPARE(Py_UCS4, Py_UCS2);
        break;
    default: {
        int order = wmemcmp(PyUnicode_DATA(left), PyUnicode_DATA(right), (size_t)common);
        if (order != 0) {
            return order < 0 ? -1 : 1;
        }
    }
    }
    return l < r ? -1 : l > r;
}

int
PyUnicode_Compare(PyObject *left, PyObject *right)
{
    if (PyUnicode_Check(left) && PyUnicode_Check(right)) {
        return kr_str_compare(left, right);
    }
    PyErr_Format(PyExc_TypeError, "Can't compare %.100s and %.100s",
                 Py_TYPE(left)->tp_name, Py_TYPE(right)->tp_name);
    return -1;
}

// The bytes of right are taken as Latin-1.
int
PyUnicode_CompareWithASCIIString(PyObject *left, const char *right)
{
    Py_ssize_t l = PyUnicode_GET_LENGTH(left), r = (Py_ssize_t)strlen(right);
    const void *data = PyUnicode_DATA(left);
    int kind = PyUnicode_KIND(left);
    if (kind == 1) {
        int order = memcmp(data, right, (size_t)Py_MIN(l, r));
        if (order != 0) {
            return order < 0 ? -1 : 1;
        }
        return l < r ? -1 : l > r;
    }
    for (Py_ssize_t i = 0; i < Py_MIN(l, r); i++) {
        Py_UCS4 a = PyUnicode_READ(kind, data, i), b = (unsigned char)right[i];
        if (a != b) {
            return a < b ? -1 : 1;
        }
    }
    return l < r ? -1 : l > r;
}

bool
kr_str_equals_ascii(PyObject *text, const char *ascii)
{
    size_t length = (size_t)PyUnicode_GET_LENGTH(text);
    return PyUnicode_IS_ASCII(text) && strlen(ascii) == length
           && memcmp(PyUnicode_DATA(text), ascii, length) == 0;
}

int
PyUnicode_EqualToUTF8(PyObject *str, const char *u)
{
    return PyUnicode_EqualToUTF8AndSize(str, u, (Py_ssize_t)strlen(u));
}

int
PyUnicode_EqualToUTF8AndSize(PyObject *str, const char *u, Py_ssize_t size)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(str), known;
    const char *utf8 = kr_str_utf8_or_null(str, &known);
    if (utf8 != NULL) {
        return known == size && memcmp(utf8, u, (size_t)size) == 0;
    }
    if (PyUnicode_IS_ASCII(str)) {
        return length == size && memcmp(PyUnicode_DATA(str), u, (size_t)size) == 0;
    }
    const unsigned char *p = (const unsigned char *)u, *end = p + size;
    const void *data = PyUnicode_DATA(str);
    int kind = PyUnicode_KIND(str);
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch;
        int used = p < end ? kr_utf8_sequence(p, end, &ch) : 0;
        if (used <= 0 || ch != PyUnicode_READ(kind, data, i)) {
            return 0;
        }
        p += used;
    }
    return p == end;
}

int
PyUnicode_Equal(PyObject *left, PyObject *right)
{
    if (!PyUnicode_Check(left)) {
        PyErr_Format(PyExc_TypeError, "first argument must be str, not %T", left);
        return -1;
    }
    if (!PyUnicode_Check(right)) {
        PyErr_Format(PyExc_TypeError, "second argument must be str, not %T", right);
        return -1;
    }
    return kr_str_equal(left, right);
}

PyObject *
PyUnicode_RichCompare(PyObject *left, PyObject *right, int op)
{
    if (!PyUnicode_Check(left) || !PyUnicode_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (op == Py_EQ || op == Py_NE) {
        return PyBool_FromLong(kr_str_equal(left, right) == (op == Py_EQ));
    }
    int order = kr_str_compare(left, right);
    Py_RETURN_RICHCOMPARE(order, 0, op);
}
