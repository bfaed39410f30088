// SPDX-License-Identifier: MIT
// bool.c - the type bool; True and False stand in int/make.c.
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/int/int.h"

static PyObject *
bool_repr(PyObject *self)
{
    return self == Py_True ? KR_ID(True) : KR_ID(False);
}

KR_NEW(bool, "bool(object=False, /)",
       "Returns True when the argument is true, False otherwise.\n"
       "The builtins True and False are the only two instances of the class bool.\n"
       "The class bool is a subclass of the class int, and cannot be subclassed.")
static PyObject *
bool_new_impl(PyTypeObject *cls, PyObject *object)
{
    int truth = PyObject_IsTrue(object);
    return truth < 0 ? NULL : PyBool_FromLong(truth);
}

static PyObject *
bool_invert(PyObject *self)
{
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "Bitwise inversion '~' on bool is deprecated and will be removed in "
                     "Python 3.16. This returns the bitwise inversion of the underlying "
                     "int object and is usually not what you expect from negating a "
                     "bool. Use the 'not' operator for boolean negation or ~int(x) if "
                     "you really want the bitwise inversion of the underlying int.",
                     1) < 0) {
        return NULL;
    }
    return kr_long_invert((PyLongObject *)self);
}

// Of two bools the result is a bool, else int's.
static PyObject *
bool_and(PyObject *a, PyObject *b)
{
    if (!PyBool_Check(a) || !PyBool_Check(b)) {
        return PyLong_Type.tp_as_number->nb_and(a, b);
    }
    return PyBool_FromLong((a == Py_True) & (b == Py_True));
}

static PyObject *
bool_or(PyObject *a, PyObject *b)
{
    if (!PyBool_Check(a) || !PyBool_Check(b)) {
        return PyLong_Type.tp_as_number->nb_or(a, b);
    }
    return PyBool_FromLong((a == Py_True) | (b == Py_True));
}

static PyObject *
bool_xor(PyObject *a, PyObject *b)
{
    if (!PyBool_Check(a) || !PyBool_Check(b)) {
        return PyLong_Type.tp_as_number->nb_xor(a, b);
    }
    return PyBool_FromLong((a == Py_True) ^ (b == Py_True));
}

// The two objects are immortal; a wrong count from outside must not free them.
static void
bool_dealloc(PyObject *self)
{
    _Py_SetImmortal(self);
}

static PyNumberMethods bool_as_number = {
    .nb_invert = bool_invert,
    .nb_and = bool_and,
    .nb_xor = bool_xor,
    .nb_or = bool_or,
};

#include "objects/bool.methods.h"

PyTypeObject PyBool_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "bool",
    .tp_basicsize = offsetof(PyLongObject, long_value.ob_digit),
    .tp_itemsize = sizeof(digit),
    .tp_dealloc = bool_dealloc,
    .tp_repr = bool_repr,
    .tp_as_number = &bool_as_number,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = bool_doc,
    .tp_base = &PyLong_Type,
    .tp_new = bool_new,
    .tp_vectorcall = bool_vectorcall,
};
