// SPDX-License-Identifier: MIT
// constants.c - Py_GetConstant: singletons by number, for the stable ABI.
#include "Python.h"

PyObject *
Py_GetConstant(unsigned int constant_id)
{
    switch (constant_id) {
    case 0:
        return Py_None;
    case 1:
        return Py_False;
    case 2:
        return Py_True;
    case 3:
        return Py_Ellipsis;
    case 4:
        return Py_NotImplemented;
    case 5:
        return PyLong_FromLong(0);
    case 6:
        return PyLong_FromLong(1);
    case 7:
        return PyUnicode_FromStringAndSize(NULL, 0);
    case 8:
        return PyBytes_FromStringAndSize(NULL, 0);
    case 9:
        return PyTuple_New(0);
    default:
        PyErr_BadInternalCall();
        return NULL;
    }
}

// All of them are immortal, so giving up the reference costs nothing.
PyObject *
Py_GetConstantBorrowed(unsigned int constant_id)
{
    PyObject *object = Py_GetConstant(constant_id);

    Py_XDECREF(object);
    return object;
}
