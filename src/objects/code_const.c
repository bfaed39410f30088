// SPDX-License-Identifier: MIT
// code_const.c - which constants of code are the same.

#include "objects/code.h"

static bool
same_const_double(double a, double b)
{
    // NaNs are never merged: each keeps its identity.
    return a == b && signbit(a) == signbit(b);
}

static bool
same_const_set(PyObject *a, PyObject *b)
{
    // Elements were merged when the sets were made, so order and number are enough to
    // tell most sets apart; then each element of a needs an equal one in b.
    PyObject *left = PySequence_Tuple(a);
    PyObject *right = PySequence_Tuple(b);
    bool equal = left != NULL && right != NULL
                 && PyTuple_GET_SIZE(left) == PyTuple_GET_SIZE(right);
    for (Py_ssize_t i = 0; equal && i < PyTuple_GET_SIZE(left); i++) {
        bool found = false;
        for (Py_ssize_t j = 0; !found && j < PyTuple_GET_SIZE(right); j++) {
            found = kr_code_same_const(PyTuple_GET_ITEM(left, i),
                                   PyTuple_GET_ITEM(right, j));
        }
        equal = found;
    }
    PyErr_Clear();
    Py_XDECREF(left);
    Py_XDECREF(right);
    return equal;
}

bool
kr_code_same_const(PyObject *a, PyObject *b)
{
    if (a == b) {
        return true;
    }
    PyTypeObject *type = Py_TYPE(a);
    if (type != Py_TYPE(b)) {
        return false;
    }
    if (type == &PyFloat_Type) {
        return same_const_double(PyFloat_AS_DOUBLE(a), PyFloat_AS_DOUBLE(b));
    }
    if (type == &PyComplex_Type) {
        return same_const_double(PyComplex_RealAsDouble(a), PyComplex_RealAsDouble(b))
               && same_const_double(PyComplex_ImagAsDouble(a), PyComplex_ImagAsDouble(b));
    }
    if (type == &PyTuple_Type) {
        Py_ssize_t size = PyTuple_GET_SIZE(a);
        if (size != PyTuple_GET_SIZE(b)) {
            return false;
        }
        for (Py_ssize_t i = 0; i < size; i++) {
            if (!kr_code_same_const(PyTuple_GET_ITEM(a, i), PyTuple_GET_ITEM(b, i))) {
                return false;
            }
        }
        return true;
    }
    if (type == &PyFrozenSet_Type) {
        return same_const_set(a, b);
    }
    if (type == &PySlice_Type) {
        PySliceObject *x = (PySliceObject *)a, *y = (PySliceObject *)b;
        return kr_code_same_const(x->start, y->start) && kr_code_same_const(x->stop, y->stop)
               && kr_code_same_const(x->step, y->step);
    }
    if (type == &PyLong_Type || type == &PyUnicode_Type || type == &PyBytes_Type
        || type == &PyCode_Type) {
        int equal = PyObject_RichCompareBool(a, b, Py_EQ);
        if (equal < 0) {
            PyErr_Clear();
        }
        return equal > 0;
    }
    return false;
}

static Py_hash_t
mix_const_hash(Py_hash_t a, Py_hash_t b)
{
    return (Py_hash_t)(((size_t)a * 1000003u) ^ (size_t)b);
}

Py_hash_t
kr_code_const_hash(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    Py_hash_t hash;
    if (type == &PyTuple_Type) {
        hash = 0x345678;
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(object); i++) {
            Py_hash_t item = kr_code_const_hash(PyTuple_GET_ITEM(object, i));
            if (item == -1) {
                return -1;
            }
            hash = mix_const_hash(hash, item);
        }
    }
    else if (type == &PySlice_Type) {
        PySliceObject *slice = (PySliceObject *)object;
        Py_hash_t start = kr_code_const_hash(slice->start);
        Py_hash_t stop = kr_code_const_hash(slice->stop);
        if (start == -1 || stop == -1) {
            return -1;
        }
        hash = mix_const_hash(start, stop);
    }
    else if (type == &PyLong_Type || type == &PyUnicode_Type || type == &PyBytes_Type
             || type == &PyCode_Type || type == &PyFloat_Type
             || type == &PyComplex_Type || type == &PyFrozenSet_Type) {
        hash = PyObject_Hash(object);
        if (hash == -1) {
            return -1;
        }
    }
    else {
        hash = (Py_hash_t)((uintptr_t)object >> 4);
    }
    hash = mix_const_hash(hash, (Py_hash_t)((uintptr_t)type >> 4));
    return hash == -1 ? -2 : hash;
}
