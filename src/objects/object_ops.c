// SPDX-License-Identifier: MIT
// object_ops.c - what every object can do: repr, str, hash, compare, truth, dir.
//
// Callers:     vm, print, containers, extensions.
// Re-entrancy: all of these run Python code of the object's class.
#include "objects/object.h"

#include "objects/abstract.h"
#include "objects/equal.h"
#include "objects/ids.h"
#include "objects/state.h"
#include "objects/type.h"

// ------------------------------------------------------------------------ texts

PyObject *
PyObject_Repr(PyObject *op)
{
    PyObject *result;

    if (op == NULL) {
        return PyUnicode_FromString("<NULL>");
    }
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    if (Py_TYPE(op)->tp_repr == NULL) {
        return PyUnicode_FromFormat("<%s object at %p>", Py_TYPE(op)->tp_name, op);
    }
    if (Py_EnterRecursiveCall(" while getting the repr of an object")) {
        return NULL;
    }
    result = Py_TYPE(op)->tp_repr(op);
    Py_LeaveRecursiveCall();
    if (result != NULL && !PyUnicode_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__repr__ returned non-string (type %.200s)",
                     Py_TYPE(result)->tp_name);
        Py_CLEAR(result);
    }
    return result;
}

PyObject *
PyObject_Str(PyObject *op)
{
    PyObject *result;

    if (op == NULL) {
        return PyUnicode_FromString("<NULL>");
    }
    if (PyUnicode_CheckExact(op)) {
        return Py_NewRef(op);
    }
    if (Py_TYPE(op)->tp_str == NULL) {
        return PyObject_Repr(op);
    }
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    if (Py_EnterRecursiveCall(" while getting the str of an object")) {
        return NULL;
    }
    result = Py_TYPE(op)->tp_str(op);
    Py_LeaveRecursiveCall();
    if (result != NULL && !PyUnicode_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__str__ returned non-string (type %.200s)",
                     Py_TYPE(result)->tp_name);
        Py_CLEAR(result);
    }
    return result;
}

// What error texts call a function: "module.qualname()", or its str().
PyObject *
_PyObject_FunctionStr(PyObject *func)
{
    PyObject *qualname = NULL, *module = NULL, *result = NULL;

    if (PyObject_GetOptionalAttr(func, KR_ID(__qualname__), &qualname) < 0) {
        return NULL;
    }
    if (qualname == NULL) {
        return PyObject_Str(func);
    }
    if (PyObject_GetOptionalAttr(func, KR_ID(__module__), &module) < 0) {
        goto done;
    }
    if (module != NULL && module != Py_None) {
        int differs = PyObject_RichCompareBool(module, KR_ID(builtins), Py_NE);
        if (differs < 0) {
            goto done;
        }
        if (differs) {
            result = PyUnicode_FromFormat("%S.%S()", module, qualname);
            goto done;
        }
    }
    result = PyUnicode_FromFormat("%S()", qualname);

done:
    Py_XDECREF(qualname);
    Py_XDECREF(module);
    return result;
}

// ------------------------------------------------------------------------- hash

Py_hash_t
PyObject_HashNotImplemented(PyObject *op)
{
    PyErr_Format(PyExc_TypeError, "unhashable type: '%.200s'", Py_TYPE(op)->tp_name);
    return -1;
}

Py_hash_t
PyObject_GenericHash(PyObject *op)
{
    return Py_HashPointer(op);
}

Py_hash_t
PyObject_Hash(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);

    if (KR_LIKELY(type->tp_hash != NULL)) {
        return type->tp_hash(op);
    }
    // A static type of an extension may be used before it was made ready.
    if (type->tp_dict == NULL) {
        if (PyType_Ready(type) < 0) {
            return -1;
        }
        if (type->tp_hash != NULL) {
            return type->tp_hash(op);
        }
    }
    return PyObject_HashNotImplemented(op);
}

// ------------------------------------------------------------------- comparison

const char *const kr_compare_op_text[6] = {"<", "<=", "==", "!=", ">", ">="};

static const int compare_swapped[6] = {Py_GT, Py_GE, Py_EQ, Py_NE, Py_LT, Py_LE};

// What a comparison means to objects that know nothing of each other.
static PyObject *
compare_default(PyObject *a, PyObject *b, int op)
{
    if (op == Py_EQ || op == Py_NE) {
        return PyBool_FromLong((a == b) == (op == Py_EQ));
    }
    PyErr_Format(PyExc_TypeError,
                 "'%s' not supported between instances of '%.100s' and '%.100s'",
                 kr_compare_op_text[op], Py_TYPE(a)->tp_name, Py_TYPE(b)->tp_name);
    return NULL;
}

PyObject *
kr_compare_declined(PyObject *a, PyObject *b, int op)
{
    richcmpfunc compare = Py_TYPE(b)->tp_richcompare;

    if (compare != NULL) {
        PyObject *result = compare(b, a, compare_swapped[op]);
        if (result != Py_NotImplemented) {
            return result;
        }
        Py_DECREF(result);
    }
    return compare_default(a, b, op);
}

static PyObject *
compare_objects(PyObject *a, PyObject *b, int op)
{
    richcmpfunc compare;
    PyObject *result;
    bool reflected = false;

    // A subclass on the right goes first.
    if (Py_TYPE(a) != Py_TYPE(b) && PyType_IsSubtype(Py_TYPE(b), Py_TYPE(a)) &&
        (compare = Py_TYPE(b)->tp_richcompare) != NULL) {
        reflected = true;
        result = compare(b, a, compare_swapped[op]);
        if (result != Py_NotImplemented) {
            return result;
        }
        Py_DECREF(result);
    }
    if ((compare = Py_TYPE(a)->tp_richcompare) != NULL) {
        result = compare(a, b, op);
        if (result != Py_NotImplemented) {
            return result;
        }
        Py_DECREF(result);
    }
    return reflected ? compare_default(a, b, op) : kr_compare_declined(a, b, op);
}

PyObject *
PyObject_RichCompare(PyObject *a, PyObject *b, int op)
{
    PyObject *result;

    if (a == NULL || b == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_BadInternalCall();
        }
        return NULL;
    }
    // No recursion comes from these, and nothing is on the right but their equals.
    PyTypeObject *type = Py_TYPE(a);
    if (type == Py_TYPE(b) &&
        (type == &PyLong_Type || type == &PyUnicode_Type || type == &PyFloat_Type)) {
        return type->tp_richcompare(a, b, op);
    }
    if (Py_EnterRecursiveCall(" in comparison")) {
        return NULL;
    }
    result = compare_objects(a, b, op);
    Py_LeaveRecursiveCall();
    return result;
}

int
PyObject_RichCompareBool(PyObject *a, PyObject *b, int op)
{
    PyObject *result;
    int truth;

    // Containers rely on identity meaning equality.
    if (a == b) {
        if (op == Py_EQ) {
            return 1;
        }
        if (op == Py_NE) {
            return 0;
        }
    }
    else if (op == Py_EQ || op == Py_NE) {
        int equal = kr_equal_simple(a, b);
        if (equal != -2) {
            return equal == (op == Py_EQ);
        }
    }
    if (PyLong_CheckExact(a) && PyLong_CheckExact(b) &&
        kr_int_is_compact((PyLongObject *)a) && kr_int_is_compact((PyLongObject *)b)) {
        int64_t x = kr_int_word((PyLongObject *)a), y = kr_int_word((PyLongObject *)b);
        return op == Py_LT ? x < y : op == Py_LE ? x <= y : op == Py_GT ? x > y : x >= y;
    }
    result = PyObject_RichCompare(a, b, op);
    if (result == NULL) {
        return -1;
    }
    truth = PyBool_Check(result) ? result == Py_True : PyObject_IsTrue(result);
    Py_DECREF(result);
    return truth;
}

// ------------------------------------------------------------------------ truth

int
PyObject_IsTrue(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    Py_ssize_t result;

    if (op == Py_True) {
        return 1;
    }
    if (op == Py_False || op == Py_None) {
        return 0;
    }
    if (type->tp_as_number != NULL && type->tp_as_number->nb_bool != NULL) {
        result = type->tp_as_number->nb_bool(op);
    }
    else if (type->tp_as_mapping != NULL && type->tp_as_mapping->mp_length != NULL) {
        result = type->tp_as_mapping->mp_length(op);
    }
    else if (type->tp_as_sequence != NULL && type->tp_as_sequence->sq_length != NULL) {
        result = type->tp_as_sequence->sq_length(op);
    }
    else {
        return 1;
    }
    return result > 0 ? 1 : (int)result;
}

int
PyObject_Not(PyObject *op)
{
    int truth = PyObject_IsTrue(op);
    return truth < 0 ? truth : !truth;
}

int
PyCallable_Check(PyObject *op)
{
    return op != NULL && Py_TYPE(op)->tp_call != NULL;
}

PyObject *
PyObject_SelfIter(PyObject *op)
{
    return Py_NewRef(op);
}

// The tp_iternext of classes that are no iterators.
PyObject *
_PyObject_NextNotImplemented(PyObject *op)
{
    PyErr_Format(PyExc_TypeError, "'%.200s' object is not iterable",
                 Py_TYPE(op)->tp_name);
    return NULL;
}

// -------------------------------------------------------------------------- dir

// Names of the calling frame.
static PyObject *
dir_locals(void)
{
    PyObject *locals, *names;

    locals = PyEval_GetFrameLocals();
    if (locals == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "frame does not exist");
        }
        return NULL;
    }
    names = PyMapping_Keys(locals);
    Py_DECREF(locals);
    if (names != NULL && !PyList_Check(names)) {
        PyErr_Format(PyExc_TypeError,
                     "dir(): expected keys() of locals to be a list, not '%.200s'",
                     Py_TYPE(names)->tp_name);
        Py_CLEAR(names);
    }
    return names;
}

PyObject *
kr_object_dir(PyObject *obj)
{
    PyObject *func = _PyObject_LookupSpecial(obj, KR_ID(__dir__)), *result, *names;

    if (func == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, "object does not provide __dir__");
        }
        return NULL;
    }
    result = PyObject_CallNoArgs(func);
    Py_DECREF(func);
    if (result == NULL) {
        return NULL;
    }
    names = PySequence_List(result);
    Py_DECREF(result);
    return names;
}

PyObject *
PyObject_Dir(PyObject *op)
{
    PyObject *names = op == NULL ? dir_locals() : kr_object_dir(op);

    if (names != NULL && PyList_Sort(names) < 0) {
        Py_CLEAR(names);
    }
    return names;
}
