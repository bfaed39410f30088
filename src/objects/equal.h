// SPDX-License-Identifier: MIT
// equal.h - equality and hash of the commonest types without a call.
//
// Callers: containers that compare many items: list, tuple, dict, set, sort.
#ifndef KRAIT_OBJECTS_EQUAL_H
#define KRAIT_OBJECTS_EQUAL_H

#include <Python.h>
#include <string.h>

#include "base/base.h"
#include "objects/int/int.h"

// Equality of two str of any class.
static inline bool
kr_equal_strs(PyObject *a, PyObject *b)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(a);
    int kind = PyUnicode_KIND(a);
    if (length != PyUnicode_GET_LENGTH(b) || kind != PyUnicode_KIND(b)) {
        return false;
    }
    const char *x = PyUnicode_DATA(a), *y = PyUnicode_DATA(b);
    // Most strings differ in the first character.
    return x[0] == y[0] && memcmp(x, y, (size_t)length * (size_t)kind) == 0;
}

static inline bool
kr_equal_ints(PyObject *a, PyObject *b)
{
    const PyLongObject *x = (PyLongObject *)a, *y = (PyLongObject *)b;
    uintptr_t tag = x->long_value.lv_tag & ~(uintptr_t)KR_INT_STATIC_TAG;
    if (tag != (y->long_value.lv_tag & ~(uintptr_t)KR_INT_STATIC_TAG)
        || x->long_value.ob_digit[0] != y->long_value.ob_digit[0]) {
        return false;
    }
    return tag < (2u << _PyLong_NON_SIZE_BITS)
           || memcmp(x->long_value.ob_digit, y->long_value.ob_digit,
                     (size_t)kr_int_size(x) * sizeof(digit)) == 0;
}

// 1 or 0 where equality is known without running Python: two exact str, int or
// float; -2 otherwise. Identity is for the caller to test.
static inline int
kr_equal_simple(PyObject *a, PyObject *b)
{
    PyTypeObject *type = Py_TYPE(a);
    if (type != Py_TYPE(b)) {
        return -2;
    }
    if (type == &PyUnicode_Type) {
        return kr_equal_strs(a, b);
    }
    if (type == &PyLong_Type) {
        return kr_equal_ints(a, b);
    }
    if (type == &PyFloat_Type) {
        return PyFloat_AS_DOUBLE(a) == PyFloat_AS_DOUBLE(b);
    }
    return -2;
}

// PyObject_RichCompareBool(a, b, Py_EQ) for objects that the caller merely
// borrows: they are kept alive while Python code may run.
static inline int
kr_equal_borrowed(PyObject *a, PyObject *b)
{
    if (a == b) {
        return 1;
    }
    int equal = kr_equal_simple(a, b);
    if (KR_LIKELY(equal != -2)) {
        return equal;
    }
    Py_INCREF(a);
    Py_INCREF(b);
    equal = PyObject_RichCompareBool(a, b, Py_EQ); // may run Python
    Py_DECREF(a);
    Py_DECREF(b);
    return equal;
}

// The hash of an exact str that knows it or of an exact int of one digit, else -1
// without an exception.
static inline Py_hash_t
kr_hash_simple(PyObject *key)
{
    if (KR_LIKELY(PyUnicode_CheckExact(key))) {
        return _PyASCIIObject_CAST(key)->hash;
    }
    if (PyLong_CheckExact(key) && kr_int_is_compact((PyLongObject *)key)) {
        Py_hash_t hash = kr_int_word((PyLongObject *)key);
        return hash == -1 ? -2 : hash;
    }
    return -1;
}

// PyObject_Hash.
static inline Py_hash_t
kr_hash(PyObject *key)
{
    Py_hash_t hash = kr_hash_simple(key);
    return KR_LIKELY(hash != -1) ? hash : PyObject_Hash(key);
}

#endif // KRAIT_OBJECTS_EQUAL_H
