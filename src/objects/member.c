// SPDX-License-Identifier: MIT
// member.c - attributes that are C fields of an object.
//
// Callers:     member descriptors; extensions' old-style getattr functions.
#include "Python.h"

#include "base/base.h"

PyObject *
PyMember_GetOne(const char *object, PyMemberDef *member)
{
    const char *at = object + member->offset;
    PyObject *value;

    if (member->flags & Py_RELATIVE_OFFSET) {
        PyErr_SetString(PyExc_SystemError,
                        "PyMember_GetOne used with Py_RELATIVE_OFFSET");
        return NULL;
    }
    switch (member->type) {
    case Py_T_BOOL:
        return PyBool_FromLong(*(const char *)at);
    case Py_T_BYTE:
        return PyLong_FromLong(*(const signed char *)at);
    case Py_T_UBYTE:
        return PyLong_FromUnsignedLong(*(const unsigned char *)at);
    case Py_T_SHORT:
        return PyLong_FromLong(*(const short *)at);
    case Py_T_USHORT:
        return PyLong_FromUnsignedLong(*(const unsigned short *)at);
    case Py_T_INT:
        return PyLong_FromLong(*(const int *)at);
    case Py_T_UINT:
        return PyLong_FromUnsignedLong(*(const unsigned int *)at);
    case Py_T_LONG:
        return PyLong_FromLong(*(const long *)at);
    case Py_T_ULONG:
        return PyLong_FromUnsignedLong(*(const unsigned long *)at);
    case Py_T_PYSSIZET:
        return PyLong_FromSsize_t(*(const Py_ssize_t *)at);
    case Py_T_LONGLONG:
        return PyLong_FromLongLong(*(const long long *)at);
    case Py_T_ULONGLONG:
        return PyLong_FromUnsignedLongLong(*(const unsigned long long *)at);
    case Py_T_FLOAT:
        return PyFloat_FromDouble(*(const float *)at);
    case Py_T_DOUBLE:
        return PyFloat_FromDouble(*(const double *)at);
    case Py_T_CHAR:
        return PyUnicode_FromStringAndSize(at, 1);
    case Py_T_STRING:
        if (*(const char *const *)at == NULL) {
            Py_RETURN_NONE;
        }
        return PyUnicode_FromString(*(const char *const *)at);
    case Py_T_STRING_INPLACE:
        return PyUnicode_FromString(at);
    case _Py_T_OBJECT:
        value = *(PyObject *const *)at;
        return Py_NewRef(value == NULL ? Py_None : value);
    case Py_T_OBJECT_EX:
        value = *(PyObject *const *)at;
        if (value == NULL) {
            PyErr_Format(PyExc_AttributeError, "'%T' object has no attribute '%s'",
                         (PyObject *)object, member->name);
            return NULL;
        }
        return Py_NewRef(value);
    case _Py_T_NONE:
        Py_RETURN_NONE;
    default:
        PyErr_SetString(PyExc_SystemError, "bad memberdescr type");
        return NULL;
    }
}

static int
truncated(const char *message)
{
    return PyErr_WarnEx(PyExc_RuntimeWarning, message, 1);
}

// A signed value for a field of up to long's size. -1 with an exception on error.
static int
member_set_long(char *at, int type, PyObject *value)
{
    long number = PyLong_AsLong(value);

    if (number == -1 && PyErr_Occurred()) {
        return -1;
    }
    switch (type) {
    case Py_T_BYTE:
        *(signed char *)at = (signed char)number;
        return number != (signed char)number ? truncated("Truncation of value to char")
                                             : 0;
    case Py_T_UBYTE:
        *(unsigned char *)at = (unsigned char)number;
        return number != (unsigned char)number
                   ? truncated("Truncation of value to unsigned char")
                   : 0;
    case Py_T_SHORT:
        *(short *)at = (short)number;
        return number != (short)number ? truncated("Truncation of value to short") : 0;
    case Py_T_USHORT:
        *(unsigned short *)at = (unsigned short)number;
        return number != (unsigned short)number
                   ? truncated("Truncation of value to unsigned short")
                   : 0;
    case Py_T_INT:
        *(int *)at = (int)number;
        return number != (int)number ? truncated("Truncation of value to int") : 0;
    default:
        *(long *)at = number;
        return 0;
    }
}

// An unsigned field; negative numbers wrap with a warning, as they always did.
static int
member_set_unsigned(char *at, int type, PyObject *value)
{
    PyObject *index = PyNumber_Index(value);
    unsigned long long number;
    bool negative;

    if (index == NULL) {
        return -1;
    }
    negative = PyLong_IsNegative(index) == 1;
    if (negative) {
        long long low = PyLong_AsLongLong(index);
        number = (unsigned long long)low;
    }
    else {
        number = PyLong_AsUnsignedLongLong(index);
    }
    Py_DECREF(index);
    if (number == (unsigned long long)-1 && PyErr_Occurred()) {
        return -1;
    }
    switch (type) {
    case Py_T_UINT:
        *(unsigned int *)at = (unsigned int)number;
        if (!negative && number != (unsigned int)number) {
            return truncated("Truncation of value to unsigned int");
        }
        break;
    case Py_T_ULONG:
        *(unsigned long *)at = (unsigned long)number;
        break;
    default:
        *(unsigned long long *)at = number;
        break;
    }
    return negative ? truncated("Writing negative value into unsigned field") : 0;
}

static int
member_set_double(char *at, int type, PyObject *value)
{
    double number = PyFloat_AsDouble(value);

    if (number == -1.0 && PyErr_Occurred()) {
        return -1;
    }
    if (type == Py_T_FLOAT) {
        *(float *)at = (float)number;
    }
    else {
        *(double *)at = number;
    }
    return 0;
}

static int
member_set_char(char *at, PyObject *value)
{
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(value, &size);

    if (text == NULL || size != 1) {
        if (text != NULL) {
            PyErr_BadArgument();
        }
        return -1;
    }
    *at = text[0];
    return 0;
}

static int
member_delete_check(char *at, PyMemberDef *member)
{
    if (member->type == Py_T_OBJECT_EX) {
        if (*(PyObject **)at == NULL) {
            PyErr_SetString(PyExc_AttributeError, member->name);
            return -1;
        }
    }
    else if (member->type != _Py_T_OBJECT) {
        PyErr_SetString(PyExc_TypeError, "can't delete numeric/char attribute");
        return -1;
    }
    return 0;
}

int
PyMember_SetOne(char *object, PyMemberDef *member, PyObject *value)
{
    char *at = object + member->offset;
    long long number;

    if (member->flags & Py_RELATIVE_OFFSET) {
        PyErr_SetString(PyExc_SystemError,
                        "PyMember_SetOne used with Py_RELATIVE_OFFSET");
        return -1;
    }
    if (member->flags & Py_READONLY) {
        PyErr_SetString(PyExc_AttributeError, "readonly attribute");
        return -1;
    }
    if (value == NULL && member_delete_check(at, member) < 0) {
        return -1;
    }
    switch (member->type) {
    case Py_T_BOOL:
        if (!PyBool_Check(value)) {
            PyErr_SetString(PyExc_TypeError, "attribute value type must be bool");
            return -1;
        }
        *at = value == Py_True;
        return 0;
    case Py_T_BYTE:
    case Py_T_UBYTE:
    case Py_T_SHORT:
    case Py_T_USHORT:
    case Py_T_INT:
    case Py_T_LONG:
        return member_set_long(at, member->type, value);
    case Py_T_UINT:
    case Py_T_ULONG:
    case Py_T_ULONGLONG:
        return member_set_unsigned(at, member->type, value);
    case Py_T_PYSSIZET:
        number = PyLong_AsSsize_t(value);
        if (number == -1 && PyErr_Occurred()) {
            return -1;
        }
        *(Py_ssize_t *)at = (Py_ssize_t)number;
        return 0;
    case Py_T_LONGLONG:
        number = PyLong_AsLongLong(value);
        if (number == -1 && PyErr_Occurred()) {
            return -1;
        }
        *(long long *)at = number;
        return 0;
    case Py_T_FLOAT:
    case Py_T_DOUBLE:
        return member_set_double(at, member->type, value);
    case _Py_T_OBJECT:
    case Py_T_OBJECT_EX:
        Py_XSETREF(*(PyObject **)at, Py_XNewRef(value));
        return 0;
    case Py_T_CHAR:
        return member_set_char(at, value);
    case Py_T_STRING:
    case Py_T_STRING_INPLACE:
        PyErr_SetString(PyExc_TypeError, "readonly attribute");
        return -1;
    default:
        PyErr_Format(PyExc_SystemError, "bad memberdescr type for %s", member->name);
        return -1;
    }
}
