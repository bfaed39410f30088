// SPDX-License-Identifier: MIT
// abstract_object.c - len, subscripts, iteration, format, isinstance on any object.
//
// Callers:     vm, builtins, extensions.
// Re-entrancy: special methods run Python.
#include "objects/abstract.h"

#include "objects/fastiter.h"
#include "objects/ids.h"
#include "objects/object.h"
#include "objects/state.h"
#include "objects/str/str.h"
#include "objects/type.h"
#include "objects/union.h"

static KR_COLD void
null_error(void)
{
    if (!PyErr_Occurred()) {
        PyErr_SetString(PyExc_SystemError, "null argument to internal routine");
    }
}

PyObject *
PyObject_Type(PyObject *o)
{
    if (o == NULL) {
        null_error();
        return NULL;
    }
    return Py_NewRef(Py_TYPE(o));
}

// ------------------------------------------------------------------------ length

#undef PyObject_Length
Py_ssize_t
PyObject_Size(PyObject *o)
{
    PyTypeObject *type;

    if (o == NULL) {
        null_error();
        return -1;
    }
    type = Py_TYPE(o);
    if (type->tp_as_sequence != NULL && type->tp_as_sequence->sq_length != NULL) {
        return type->tp_as_sequence->sq_length(o);
    }
    return PyMapping_Size(o);
}

Py_ssize_t
PyObject_Length(PyObject *o)
{
    return PyObject_Size(o);
}
#define PyObject_Length PyObject_Size

static bool
has_length(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);

    return (type->tp_as_sequence != NULL && type->tp_as_sequence->sq_length != NULL) ||
           (type->tp_as_mapping != NULL && type->tp_as_mapping->mp_length != NULL);
}

Py_ssize_t
PyObject_LengthHint(PyObject *o, Py_ssize_t fallback)
{
    PyObject *hint, *result;
    Py_ssize_t n;

    if (has_length(o)) {
        n = PyObject_Size(o);
        if (n >= 0) {
            return n;
        }
        if (!PyErr_ExceptionMatches(PyExc_TypeError)) {
            return -1;
        }
        PyErr_Clear();
    }
    hint = _PyObject_LookupSpecial(o, KR_ID(__length_hint__));
    if (hint == NULL) {
        return PyErr_Occurred() ? -1 : fallback;
    }
    result = PyObject_CallNoArgs(hint);
    Py_DECREF(hint);
    if (result == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_TypeError)) {
            return -1;
        }
        PyErr_Clear();
        return fallback;
    }
    if (result == Py_NotImplemented) {
        Py_DECREF(result);
        return fallback;
    }
    if (!PyLong_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__length_hint__ must be an integer, not %.100s",
                     Py_TYPE(result)->tp_name);
        Py_DECREF(result);
        return -1;
    }
    n = PyLong_AsSsize_t(result);
    Py_DECREF(result);
    if (n < 0 && !PyErr_Occurred()) {
        PyErr_Format(PyExc_ValueError, "__length_hint__() should return >= 0");
    }
    return n < 0 ? -1 : n;
}

// -------------------------------------------------------------------- subscripts

// cls[key]: by __class_getitem__.
static PyObject *
class_getitem(PyObject *cls, PyObject *key)
{
    PyObject *method, *result;

    // type[int] is for annotations only.
    if (cls == (PyObject *)&PyType_Type) {
        return Py_GenericAlias(cls, key);
    }
    if (PyObject_GetOptionalAttr(cls, KR_ID(__class_getitem__), &method) < 0) {
        return NULL;
    }
    if (method != NULL && method != Py_None) {
        result = PyObject_CallOneArg(method, key);
        Py_DECREF(method);
        return result;
    }
    Py_XDECREF(method);
    PyErr_Format(PyExc_TypeError, "type '%.200s' is not subscriptable",
                 ((PyTypeObject *)cls)->tp_name);
    return NULL;
}

PyObject *
PyObject_GetItem(PyObject *o, PyObject *key)
{
    PyTypeObject *type;

    if (o == NULL || key == NULL) {
        null_error();
        return NULL;
    }
    type = Py_TYPE(o);
    if (type->tp_as_mapping != NULL && type->tp_as_mapping->mp_subscript != NULL) {
        return type->tp_as_mapping->mp_subscript(o, key);
    }
    if (type->tp_as_sequence != NULL && type->tp_as_sequence->sq_item != NULL) {
        if (PyIndex_Check(key)) {
            Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
            if (i == -1 && PyErr_Occurred()) {
                return NULL;
            }
            return PySequence_GetItem(o, i);
        }
        PyErr_Format(PyExc_TypeError, "sequence index must be integer, not '%.200s'",
                     Py_TYPE(key)->tp_name);
        return NULL;
    }
    if (PyType_Check(o)) {
        return class_getitem(o, key);
    }
    PyErr_Format(PyExc_TypeError, "'%.200s' object is not subscriptable",
                 type->tp_name);
    return NULL;
}

// 1 found, 0 KeyError, -1 error.
int
PyMapping_GetOptionalItem(PyObject *o, PyObject *key, PyObject **result)
{
    if (PyDict_CheckExact(o)) {
        return PyDict_GetItemRef(o, key, result);
    }
    *result = PyObject_GetItem(o, key);
    if (*result != NULL) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_KeyError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

int
PyObject_SetItem(PyObject *o, PyObject *key, PyObject *value)
{
    PyTypeObject *type;

    if (o == NULL || key == NULL || value == NULL) {
        null_error();
        return -1;
    }
    type = Py_TYPE(o);
    if (type->tp_as_mapping != NULL && type->tp_as_mapping->mp_ass_subscript != NULL) {
        return type->tp_as_mapping->mp_ass_subscript(o, key, value);
    }
    if (type->tp_as_sequence != NULL) {
        if (PyIndex_Check(key)) {
            Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
            if (i == -1 && PyErr_Occurred()) {
                return -1;
            }
            return PySequence_SetItem(o, i, value);
        }
        if (type->tp_as_sequence->sq_ass_item != NULL) {
            PyErr_Format(PyExc_TypeError,
                         "sequence index must be integer, not '%.200s'",
                         Py_TYPE(key)->tp_name);
            return -1;
        }
    }
    PyErr_Format(PyExc_TypeError, "'%.200s' object does not support item assignment",
                 type->tp_name);
    return -1;
}

int
PyObject_DelItem(PyObject *o, PyObject *key)
{
    PyTypeObject *type;

    if (o == NULL || key == NULL) {
        null_error();
        return -1;
    }
    type = Py_TYPE(o);
    if (type->tp_as_mapping != NULL && type->tp_as_mapping->mp_ass_subscript != NULL) {
        return type->tp_as_mapping->mp_ass_subscript(o, key, NULL);
    }
    if (type->tp_as_sequence != NULL) {
        if (PyIndex_Check(key)) {
            Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
            if (i == -1 && PyErr_Occurred()) {
                return -1;
            }
            return PySequence_DelItem(o, i);
        }
        if (type->tp_as_sequence->sq_ass_item != NULL) {
            PyErr_Format(PyExc_TypeError,
                         "sequence index must be integer, not '%.200s'",
                         Py_TYPE(key)->tp_name);
            return -1;
        }
    }
    PyErr_Format(PyExc_TypeError, "'%.200s' object does not support item deletion",
                 type->tp_name);
    return -1;
}

int
PyObject_DelItemString(PyObject *o, const char *key)
{
    PyObject *text;
    int result;

    if (o == NULL || key == NULL) {
        null_error();
        return -1;
    }
    text = PyUnicode_FromString(key);
    if (text == NULL) {
        return -1;
    }
    result = PyObject_DelItem(o, text);
    Py_DECREF(text);
    return result;
}

// ------------------------------------------------------------------------ format

PyObject *
PyObject_Format(PyObject *obj, PyObject *format_spec)
{
    PyObject *spec = NULL, *method, *result;

    if (format_spec != NULL && !PyUnicode_Check(format_spec)) {
        PyErr_Format(PyExc_SystemError, "Format specifier must be a string, not %.200s",
                     Py_TYPE(format_spec)->tp_name);
        return NULL;
    }
    // Nothing to obey: these two are by far the most common.
    if (format_spec == NULL || PyUnicode_GET_LENGTH(format_spec) == 0) {
        if (PyUnicode_CheckExact(obj)) {
            return Py_NewRef(obj);
        }
        if (PyLong_CheckExact(obj) || PyFloat_CheckExact(obj)) {
            return PyObject_Str(obj);
        }
    }
    else if (PyLong_CheckExact(obj)) {
        return kr_long_format(obj, format_spec);
    }
    else if (PyFloat_CheckExact(obj)) {
        return kr_float_format(obj, format_spec);
    }
    else if (PyUnicode_CheckExact(obj)) {
        return kr_str_formatted(obj, format_spec);
    }
    if (format_spec == NULL) {
        spec = PyUnicode_FromStringAndSize(NULL, 0);
        if (spec == NULL) {
            return NULL;
        }
        format_spec = spec;
    }
    method = _PyObject_LookupSpecial(obj, KR_ID(__format__));
    if (method == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError,
                         "Type %.100s doesn't define __format__",
                         Py_TYPE(obj)->tp_name);
        }
        Py_XDECREF(spec);
        return NULL;
    }
    result = PyObject_CallOneArg(method, format_spec);
    Py_DECREF(method);
    Py_XDECREF(spec);
    if (result != NULL && !PyUnicode_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__format__ must return a str, not %.200s",
                     Py_TYPE(result)->tp_name);
        Py_CLEAR(result);
    }
    return result;
}

// --------------------------------------------------------------------- iteration

PyObject *
PyObject_GetIter(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    PyObject *iterator;

    if (type->tp_iter == NULL) {
        if (PySequence_Check(o)) {
            return PySeqIter_New(o);
        }
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not iterable", type->tp_name);
        return NULL;
    }
    iterator = type->tp_iter(o);
    if (iterator != NULL && !PyIter_Check(iterator)) {
        PyErr_Format(PyExc_TypeError, "iter() returned non-iterator of type '%.100s'",
                     Py_TYPE(iterator)->tp_name);
        Py_CLEAR(iterator);
    }
    return iterator;
}

PyObject *
PyObject_GetAIter(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    PyObject *iterator;

    if (type->tp_as_async == NULL || type->tp_as_async->am_aiter == NULL) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not an async iterable",
                     type->tp_name);
        return NULL;
    }
    iterator = type->tp_as_async->am_aiter(o);
    if (iterator != NULL && !PyAIter_Check(iterator)) {
        PyErr_Format(PyExc_TypeError,
                     "aiter() returned not an async iterator of type '%.100s'",
                     Py_TYPE(iterator)->tp_name);
        Py_CLEAR(iterator);
    }
    return iterator;
}

int
PyIter_Check(PyObject *o)
{
    iternextfunc next = Py_TYPE(o)->tp_iternext;

    return next != NULL && next != _PyObject_NextNotImplemented;
}

int
PyAIter_Check(PyObject *o)
{
    PyAsyncMethods *suite = Py_TYPE(o)->tp_as_async;

    return suite != NULL && suite->am_anext != NULL &&
           suite->am_anext != (unaryfunc)_PyObject_NextNotImplemented;
}

int
kr_iter_finish(void)
{
    if (kr_thread()->current_exception == NULL) {
        return 0;
    }
    if (PyErr_ExceptionMatches(PyExc_StopIteration)) {
        PyErr_Clear();
        return 0;
    }
    return -1;
}

// 1 with an item, 0 at the end (without an exception), -1 error.
static inline int
iterator_next(PyObject *iterator, PyObject **item)
{
    *item = Py_TYPE(iterator)->tp_iternext(iterator);
    return KR_LIKELY(*item != NULL) ? 1 : kr_iter_finish();
}

int
PyIter_NextItem(PyObject *iterator, PyObject **item)
{
    if (Py_TYPE(iterator)->tp_iternext == NULL) {
        *item = NULL;
        PyErr_Format(PyExc_TypeError, "expected an iterator, got '%T'", iterator);
        return -1;
    }
    return iterator_next(iterator, item);
}

PyObject *
PyIter_Next(PyObject *iterator)
{
    PyObject *item;

    iterator_next(iterator, &item);
    return item;
}

PySendResult
PyIter_Send(PyObject *iterator, PyObject *value, PyObject **result)
{
    PyTypeObject *type = Py_TYPE(iterator);

    if (type->tp_as_async != NULL && type->tp_as_async->am_send != NULL) {
        PySendResult sent = type->tp_as_async->am_send(iterator, value, result);
        return sent;
    }
    if (value == Py_None && PyIter_Check(iterator)) {
        *result = type->tp_iternext(iterator);
    }
    else {
        *result = PyObject_CallMethodOneArg(iterator, KR_ID(send), value);
    }
    if (*result != NULL) {
        return PYGEN_NEXT;
    }
    if (_PyGen_FetchStopIterationValue(result) == 0) {
        return PYGEN_RETURN;
    }
    return PYGEN_ERROR;
}

// --------------------------------------------------------------------- isinstance

// __bases__ of anything that has them: a new tuple, or NULL without an exception.
static PyObject *
abstract_bases(PyObject *cls)
{
    PyObject *bases;

    if (PyObject_GetOptionalAttr(cls, KR_ID(__bases__), &bases) > 0 &&
        !PyTuple_Check(bases)) {
        Py_CLEAR(bases);
    }
    return bases;
}

static bool
class_check(PyObject *cls, const char *error)
{
    PyObject *bases = abstract_bases(cls);

    if (bases == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, error);
        }
        return false;
    }
    Py_DECREF(bases);
    return true;
}

// Walks __bases__ of things that are no real classes.
static int
abstract_issubclass(PyObject *derived, PyObject *cls)
{
    PyObject *bases = NULL;
    Py_ssize_t n;
    int result = 0;

    Py_INCREF(derived);
    for (;;) {
        if (derived == cls) {
            result = 1;
            break;
        }
        bases = abstract_bases(derived);
        if (bases == NULL) {
            result = PyErr_Occurred() ? -1 : 0;
            break;
        }
        n = PyTuple_GET_SIZE(bases);
        if (n != 1) {
            break;
        }
        // A single base needs no recursion.
        Py_SETREF(derived, Py_NewRef(PyTuple_GET_ITEM(bases, 0)));
        Py_CLEAR(bases);
    }
    Py_DECREF(derived);
    if (bases == NULL) {
        return result;
    }
    if (Py_EnterRecursiveCall(" in __issubclass__")) {
        Py_DECREF(bases);
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases) && result == 0; i++) {
        result = abstract_issubclass(PyTuple_GET_ITEM(bases, i), cls);
    }
    Py_LeaveRecursiveCall();
    Py_DECREF(bases);
    return result;
}

int
kr_real_isinstance(PyObject *obj, PyObject *cls)
{
    PyObject *own;
    int result;

    if (PyType_Check(cls)) {
        result = PyObject_TypeCheck(obj, (PyTypeObject *)cls);
        if (result == 0) {
            // A proxy's __class__ may say something else than its type.
            result = PyObject_GetOptionalAttr(obj, KR_ID(__class__), &own);
            if (own != NULL) {
                result = own != (PyObject *)Py_TYPE(obj) && PyType_Check(own)
                             ? PyType_IsSubtype((PyTypeObject *)own, (PyTypeObject *)cls)
                             : 0;
                Py_DECREF(own);
            }
        }
        return result;
    }
    if (!class_check(cls, "isinstance() arg 2 must be a type, a tuple of types, or a "
                          "union")) {
        return -1;
    }
    result = PyObject_GetOptionalAttr(obj, KR_ID(__class__), &own);
    if (own != NULL) {
        result = abstract_issubclass(own, cls);
        Py_DECREF(own);
    }
    return result;
}

int
kr_real_issubclass(PyObject *derived, PyObject *cls)
{
    if (PyType_Check(cls) && PyType_Check(derived)) {
        return PyType_IsSubtype((PyTypeObject *)derived, (PyTypeObject *)cls);
    }
    if (!class_check(derived, "issubclass() arg 1 must be a class")) {
        return -1;
    }
    if (!kr_is_union(cls) &&
        !class_check(cls, "issubclass() arg 2 must be a class, a tuple of classes, or a "
                          "union")) {
        return -1;
    }
    return abstract_issubclass(derived, cls);
}

// Runs a check for each member of a tuple until one holds.
static int
check_any(PyObject *first, PyObject *classes, int (*check)(PyObject *, PyObject *),
          const char *where)
{
    int result = 0;

    if (Py_EnterRecursiveCall(where)) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(classes) && result == 0; i++) {
        result = check(first, PyTuple_GET_ITEM(classes, i));
    }
    Py_LeaveRecursiveCall();
    return result;
}

static int
check_by_method(PyObject *first, PyObject *cls, PyObject *name, const char *where,
                int (*fallback)(PyObject *, PyObject *))
{
    PyObject *method = _PyObject_LookupSpecial(cls, name), *result = NULL;
    int truth;

    if (method == NULL) {
        return PyErr_Occurred() ? -1 : fallback(first, cls);
    }
    if (Py_EnterRecursiveCall(where) == 0) {
        result = PyObject_CallOneArg(method, first);
        Py_LeaveRecursiveCall();
    }
    Py_DECREF(method);
    if (result == NULL) {
        return -1;
    }
    truth = PyObject_IsTrue(result);
    Py_DECREF(result);
    return truth;
}

int
PyObject_IsInstance(PyObject *obj, PyObject *cls)
{
    if (Py_IS_TYPE(obj, (PyTypeObject *)cls)) {
        return 1;
    }
    // For plain classes __instancecheck__ is type's.
    if (PyType_CheckExact(cls)) {
        return kr_real_isinstance(obj, cls);
    }
    if (kr_is_union(cls)) {
        cls = kr_union_args_borrow(cls);
    }
    if (PyTuple_Check(cls)) {
        return check_any(obj, cls, PyObject_IsInstance, " in __instancecheck__");
    }
    return check_by_method(obj, cls, KR_ID(__instancecheck__), " in __instancecheck__",
                           kr_real_isinstance);
}

int
PyObject_IsSubclass(PyObject *derived, PyObject *cls)
{
    if (PyType_CheckExact(cls)) {
        return derived == cls ? 1 : kr_real_issubclass(derived, cls);
    }
    if (kr_is_union(cls)) {
        cls = kr_union_args_borrow(cls);
    }
    if (PyTuple_Check(cls)) {
        return check_any(derived, cls, PyObject_IsSubclass, " in __subclasscheck__");
    }
    return check_by_method(derived, cls, KR_ID(__subclasscheck__),
                           " in __subclasscheck__", kr_real_issubclass);
}
