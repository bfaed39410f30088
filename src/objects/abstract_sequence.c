// SPDX-License-Identifier: MIT
// abstract_sequence.c - the sequence and mapping protocols on any object.
//
// Callers:     vm, builtins, extensions.
// Re-entrancy: special methods run Python.
#include "objects/abstract.h"

#include "objects/ids.h"
#include "objects/object.h"
#include "objects/state.h"
#include "objects/type.h"

static KR_COLD void
null_argument(void)
{
    if (!PyErr_Occurred()) {
        PyErr_SetString(PyExc_SystemError, "null argument to internal routine");
    }
}

static KR_COLD PyObject *
operand_error(const char *format, PyObject *o)
{
    PyErr_Format(PyExc_TypeError, format, Py_TYPE(o)->tp_name);
    return NULL;
}

static inline PySequenceMethods *
sequence_suite(PyObject *o)
{
    return Py_TYPE(o)->tp_as_sequence;
}

// --------------------------------------------------------------------- sequences

int
PySequence_Check(PyObject *o)
{
    return !PyDict_Check(o) && sequence_suite(o) != NULL &&
           sequence_suite(o)->sq_item != NULL;
}

#undef PySequence_Length
Py_ssize_t
PySequence_Size(PyObject *o)
{
    if (o == NULL) {
        null_argument();
        return -1;
    }
    if (sequence_suite(o) != NULL && sequence_suite(o)->sq_length != NULL) {
        return sequence_suite(o)->sq_length(o);
    }
    if (Py_TYPE(o)->tp_as_mapping != NULL &&
        Py_TYPE(o)->tp_as_mapping->mp_length != NULL) {
        operand_error("%.200s is not a sequence", o);
        return -1;
    }
    operand_error("object of type '%.200s' has no len()", o);
    return -1;
}

Py_ssize_t
PySequence_Length(PyObject *o)
{
    return PySequence_Size(o);
}

static binaryfunc
number_add(PyObject *o, bool inplace)
{
    PyNumberMethods *suite = Py_TYPE(o)->tp_as_number;

    if (suite == NULL) {
        return NULL;
    }
    return inplace && suite->nb_inplace_add != NULL ? suite->nb_inplace_add
                                                    : suite->nb_add;
}

// Classes with __add__ fill nb_add, not sq_concat: two such sequences add up.
static PyObject *
concat_by_add(PyObject *a, PyObject *b, bool inplace)
{
    PyObject *result;

    if (PySequence_Check(a) && PySequence_Check(b) &&
        (number_add(a, inplace) != NULL || number_add(b, false) != NULL)) {
        PyObject *exc;
        result = inplace ? PyNumber_InPlaceAdd(a, b) : PyNumber_Add(a, b);
        if (result != NULL || !PyErr_ExceptionMatches(PyExc_TypeError)) {
            return result;
        }
        // Neither side knew the other: the text below says it better.
        exc = PyErr_GetRaisedException();
        if (number_add(a, false) != NULL && sequence_suite(a)->sq_concat == NULL) {
            PyErr_SetRaisedException(exc);
            return NULL;
        }
        Py_DECREF(exc);
    }
    return operand_error("'%.200s' object can't be concatenated", a);
}

PyObject *
PySequence_Concat(PyObject *a, PyObject *b)
{
    if (a == NULL || b == NULL) {
        null_argument();
        return NULL;
    }
    if (sequence_suite(a) != NULL && sequence_suite(a)->sq_concat != NULL) {
        return sequence_suite(a)->sq_concat(a, b);
    }
    return concat_by_add(a, b, false);
}

PyObject *
PySequence_InPlaceConcat(PyObject *a, PyObject *b)
{
    PySequenceMethods *suite;

    if (a == NULL || b == NULL) {
        null_argument();
        return NULL;
    }
    suite = sequence_suite(a);
    if (suite != NULL && suite->sq_inplace_concat != NULL) {
        return suite->sq_inplace_concat(a, b);
    }
    if (suite != NULL && suite->sq_concat != NULL) {
        return suite->sq_concat(a, b);
    }
    return concat_by_add(a, b, true);
}

static PyObject *
repeat_by_multiply(PyObject *o, Py_ssize_t count, bool inplace)
{
    PyObject *number, *result;

    if (!PySequence_Check(o) || Py_TYPE(o)->tp_as_number == NULL ||
        Py_TYPE(o)->tp_as_number->nb_multiply == NULL) {
        return operand_error("'%.200s' object can't be repeated", o);
    }
    number = PyLong_FromSsize_t(count);
    if (number == NULL) {
        return NULL;
    }
    result = inplace ? PyNumber_InPlaceMultiply(o, number) : PyNumber_Multiply(o, number);
    Py_DECREF(number);
    return result;
}

PyObject *
PySequence_Repeat(PyObject *o, Py_ssize_t count)
{
    if (o == NULL) {
        null_argument();
        return NULL;
    }
    if (sequence_suite(o) != NULL && sequence_suite(o)->sq_repeat != NULL) {
        return sequence_suite(o)->sq_repeat(o, count);
    }
    return repeat_by_multiply(o, count, false);
}

PyObject *
PySequence_InPlaceRepeat(PyObject *o, Py_ssize_t count)
{
    PySequenceMethods *suite;

    if (o == NULL) {
        null_argument();
        return NULL;
    }
    suite = sequence_suite(o);
    if (suite != NULL && suite->sq_inplace_repeat != NULL) {
        return suite->sq_inplace_repeat(o, count);
    }
    if (suite != NULL && suite->sq_repeat != NULL) {
        return suite->sq_repeat(o, count);
    }
    return repeat_by_multiply(o, count, true);
}

// Counts a negative index from the end. -2 with an exception set on error.
static Py_ssize_t
normalize_index(PyObject *o, Py_ssize_t i, bool *error)
{
    *error = false;
    if (i < 0 && sequence_suite(o)->sq_length != NULL) {
        Py_ssize_t length = sequence_suite(o)->sq_length(o);
        if (length < 0) {
            *error = true;
            return i;
        }
        i += length;
    }
    return i;
}

PyObject *
PySequence_GetItem(PyObject *o, Py_ssize_t i)
{
    bool error;

    if (o == NULL) {
        null_argument();
        return NULL;
    }
    if (sequence_suite(o) != NULL && sequence_suite(o)->sq_item != NULL) {
        i = normalize_index(o, i, &error);
        return error ? NULL : sequence_suite(o)->sq_item(o, i);
    }
    if (Py_TYPE(o)->tp_as_mapping != NULL &&
        Py_TYPE(o)->tp_as_mapping->mp_subscript != NULL) {
        return operand_error("%.200s is not a sequence", o);
    }
    return operand_error("'%.200s' object does not support indexing", o);
}

int
PySequence_SetItem(PyObject *o, Py_ssize_t i, PyObject *value)
{
    bool error;

    if (o == NULL) {
        null_argument();
        return -1;
    }
    if (sequence_suite(o) != NULL && sequence_suite(o)->sq_ass_item != NULL) {
        i = normalize_index(o, i, &error);
        return error ? -1 : sequence_suite(o)->sq_ass_item(o, i, value);
    }
    if (Py_TYPE(o)->tp_as_mapping != NULL &&
        Py_TYPE(o)->tp_as_mapping->mp_ass_subscript != NULL) {
        operand_error("%.200s is not a sequence", o);
        return -1;
    }
    operand_error("'%.200s' object does not support item assignment", o);
    return -1;
}

int
PySequence_DelItem(PyObject *o, Py_ssize_t i)
{
    bool error;

    if (o == NULL) {
        null_argument();
        return -1;
    }
    if (sequence_suite(o) != NULL && sequence_suite(o)->sq_ass_item != NULL) {
        i = normalize_index(o, i, &error);
        return error ? -1 : sequence_suite(o)->sq_ass_item(o, i, NULL);
    }
    if (Py_TYPE(o)->tp_as_mapping != NULL &&
        Py_TYPE(o)->tp_as_mapping->mp_ass_subscript != NULL) {
        operand_error("%.200s is not a sequence", o);
        return -1;
    }
    operand_error("'%.200s' object doesn't support item deletion", o);
    return -1;
}

static PyObject *
slice_from_indices(Py_ssize_t start, Py_ssize_t stop)
{
    PyObject *first = PyLong_FromSsize_t(start), *last = PyLong_FromSsize_t(stop);
    PyObject *slice = NULL;

    if (first != NULL && last != NULL) {
        slice = PySlice_New(first, last, NULL);
    }
    Py_XDECREF(first);
    Py_XDECREF(last);
    return slice;
}

PyObject *
PySequence_GetSlice(PyObject *o, Py_ssize_t i1, Py_ssize_t i2)
{
    PyMappingMethods *suite;
    PyObject *slice, *result;

    if (o == NULL) {
        null_argument();
        return NULL;
    }
    suite = Py_TYPE(o)->tp_as_mapping;
    if (suite == NULL || suite->mp_subscript == NULL) {
        return operand_error("'%.200s' object is unsliceable", o);
    }
    slice = slice_from_indices(i1, i2);
    if (slice == NULL) {
        return NULL;
    }
    result = suite->mp_subscript(o, slice);
    Py_DECREF(slice);
    return result;
}

static int
slice_store(PyObject *o, Py_ssize_t i1, Py_ssize_t i2, PyObject *value,
            const char *error)
{
    PyMappingMethods *suite;
    PyObject *slice;
    int result;

    if (o == NULL) {
        null_argument();
        return -1;
    }
    suite = Py_TYPE(o)->tp_as_mapping;
    if (suite == NULL || suite->mp_ass_subscript == NULL) {
        operand_error(error, o);
        return -1;
    }
    slice = slice_from_indices(i1, i2);
    if (slice == NULL) {
        return -1;
    }
    result = suite->mp_ass_subscript(o, slice, value);
    Py_DECREF(slice);
    return result;
}

int
PySequence_SetSlice(PyObject *o, Py_ssize_t i1, Py_ssize_t i2, PyObject *value)
{
    return slice_store(o, i1, i2, value,
                       "'%.200s' object doesn't support slice assignment");
}

int
PySequence_DelSlice(PyObject *o, Py_ssize_t i1, Py_ssize_t i2)
{
    return slice_store(o, i1, i2, NULL,
                       "'%.200s' object doesn't support slice deletion");
}

// -------------------------------------------------------------------- conversion

PyObject *
PySequence_List(PyObject *o)
{
    PyObject *list;

    if (o == NULL) {
        null_argument();
        return NULL;
    }
    list = PyList_New(0);
    if (list != NULL && PyList_Extend(list, o) < 0) {
        Py_CLEAR(list);
    }
    return list;
}

PyObject *
PySequence_Tuple(PyObject *o)
{
    PyObject *list, *tuple;

    if (o == NULL) {
        null_argument();
        return NULL;
    }
    if (PyTuple_CheckExact(o)) {
        return Py_NewRef(o);
    }
    if (PyList_CheckExact(o)) {
        return PyList_AsTuple(o);
    }
    list = PySequence_List(o);
    if (list == NULL) {
        return NULL;
    }
    tuple = PyList_AsTuple(list);
    Py_DECREF(list);
    return tuple;
}

PyObject *
PySequence_Fast(PyObject *o, const char *message)
{
    PyObject *iterator, *list;

    if (o == NULL) {
        null_argument();
        return NULL;
    }
    if (PyList_CheckExact(o) || PyTuple_CheckExact(o)) {
        return Py_NewRef(o);
    }
    iterator = PyObject_GetIter(o);
    if (iterator == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_SetString(PyExc_TypeError, message);
        }
        return NULL;
    }
    list = PySequence_List(iterator);
    Py_DECREF(iterator);
    return list;
}

// --------------------------------------------------------------------- searching

static PyObject *
search_iterator(PyObject *seq, KrSearch what)
{
    PyObject *iterator = PyObject_GetIter(seq);

    if (iterator == NULL && PyErr_ExceptionMatches(PyExc_TypeError)) {
        if (what == KR_SEARCH_CONTAINS) {
            operand_error("argument of type '%.200s' is not a container or iterable",
                          seq);
        }
        else {
            operand_error("argument of type '%.200s' is not iterable", seq);
        }
    }
    return iterator;
}

Py_ssize_t
kr_sequence_search(PyObject *seq, PyObject *value, KrSearch what)
{
    PyObject *iterator, *item;
    Py_ssize_t count = 0, index = 0, result = -1;
    int more, equal;

    if (seq == NULL || value == NULL) {
        null_argument();
        return -1;
    }
    iterator = search_iterator(seq, what);
    if (iterator == NULL) {
        return -1;
    }
    while ((more = PyIter_NextItem(iterator, &item)) > 0) {
        equal = PyObject_RichCompareBool(item, value, Py_EQ);
        Py_DECREF(item);
        if (equal < 0) {
            goto done;
        }
        if (equal && what == KR_SEARCH_CONTAINS) {
            result = 1;
            goto done;
        }
        if (equal && what == KR_SEARCH_INDEX) {
            result = index;
            goto done;
        }
        if (index == PY_SSIZE_T_MAX) {
            PyErr_SetString(PyExc_OverflowError,
                            what == KR_SEARCH_COUNT
                                ? "count exceeds C integer size"
                                : "index exceeds C integer size");
            goto done;
        }
        count += equal;
        index++;
    }
    if (more == 0) {
        if (what == KR_SEARCH_INDEX) {
            PyErr_SetString(PyExc_ValueError,
                            "sequence.index(x): x not in sequence");
        }
        else {
            result = count;
        }
    }

done:
    Py_DECREF(iterator);
    return result;
}

Py_ssize_t
PySequence_Count(PyObject *o, PyObject *value)
{
    return kr_sequence_search(o, value, KR_SEARCH_COUNT);
}

Py_ssize_t
PySequence_Index(PyObject *o, PyObject *value)
{
    return kr_sequence_search(o, value, KR_SEARCH_INDEX);
}

int
PySequence_Contains(PyObject *seq, PyObject *value)
{
    if (sequence_suite(seq) != NULL && sequence_suite(seq)->sq_contains != NULL) {
        return sequence_suite(seq)->sq_contains(seq, value);
    }
    return (int)kr_sequence_search(seq, value, KR_SEARCH_CONTAINS);
}

int
PySequence_In(PyObject *o, PyObject *value)
{
    return PySequence_Contains(o, value);
}

// ---------------------------------------------------------------------- mappings

int
PyMapping_Check(PyObject *o)
{
    return o != NULL && Py_TYPE(o)->tp_as_mapping != NULL &&
           Py_TYPE(o)->tp_as_mapping->mp_subscript != NULL;
}

#undef PyMapping_Length
Py_ssize_t
PyMapping_Size(PyObject *o)
{
    PyMappingMethods *suite;

    if (o == NULL) {
        null_argument();
        return -1;
    }
    suite = Py_TYPE(o)->tp_as_mapping;
    if (suite != NULL && suite->mp_length != NULL) {
        return suite->mp_length(o);
    }
    if (sequence_suite(o) != NULL && sequence_suite(o)->sq_length != NULL) {
        operand_error("%.200s is not a mapping", o);
        return -1;
    }
    operand_error("object of type '%.200s' has no len()", o);
    return -1;
}

Py_ssize_t
PyMapping_Length(PyObject *o)
{
    return PyMapping_Size(o);
}

PyObject *
PyMapping_GetItemString(PyObject *o, const char *key)
{
    PyObject *text, *result;

    if (key == NULL) {
        null_argument();
        return NULL;
    }
    text = PyUnicode_FromString(key);
    if (text == NULL) {
        return NULL;
    }
    result = PyObject_GetItem(o, text);
    Py_DECREF(text);
    return result;
}

int
PyMapping_GetOptionalItemString(PyObject *o, const char *key, PyObject **result)
{
    PyObject *text;
    int found;

    *result = NULL;
    if (key == NULL) {
        null_argument();
        return -1;
    }
    text = PyUnicode_FromString(key);
    if (text == NULL) {
        return -1;
    }
    found = PyMapping_GetOptionalItem(o, text, result);
    Py_DECREF(text);
    return found;
}

int
PyMapping_SetItemString(PyObject *o, const char *key, PyObject *value)
{
    PyObject *text;
    int result;

    if (key == NULL) {
        null_argument();
        return -1;
    }
    text = PyUnicode_FromString(key);
    if (text == NULL) {
        return -1;
    }
    result = PyObject_SetItem(o, text, value);
    Py_DECREF(text);
    return result;
}

int
PyMapping_HasKeyWithError(PyObject *o, PyObject *key)
{
    PyObject *value;
    int found = PyMapping_GetOptionalItem(o, key, &value);

    Py_XDECREF(value);
    return found;
}

int
PyMapping_HasKeyStringWithError(PyObject *o, const char *key)
{
    PyObject *value;
    int found = PyMapping_GetOptionalItemString(o, key, &value);

    Py_XDECREF(value);
    return found;
}

int
PyMapping_HasKey(PyObject *o, PyObject *key)
{
    int found;

    if (o == NULL || key == NULL) {
        null_argument();
        PyErr_FormatUnraisable("Exception ignored in PyMapping_HasKey(); consider using "
                               "PyMapping_HasKeyWithError(), "
                               "PyMapping_GetOptionalItem() or PyObject_GetItem()");
        return 0;
    }
    found = PyMapping_HasKeyWithError(o, key);
    if (found < 0) {
        PyErr_FormatUnraisable("Exception ignored in PyMapping_HasKey(); consider using "
                               "PyMapping_HasKeyWithError(), "
                               "PyMapping_GetOptionalItem() or PyObject_GetItem()");
        return 0;
    }
    return found;
}

int
PyMapping_HasKeyString(PyObject *o, const char *key)
{
    int found = -1;

    if (o == NULL) {
        null_argument();
    }
    else {
        found = PyMapping_HasKeyStringWithError(o, key);
    }
    if (found < 0) {
        PyErr_FormatUnraisable("Exception ignored in PyMapping_HasKeyString(); consider "
                               "using PyMapping_HasKeyStringWithError(), "
                               "PyMapping_GetOptionalItemString() or "
                               "PyMapping_GetItemString()");
        return 0;
    }
    return found;
}

// A list from what a method like keys() gave.
static PyObject *
method_output_as_list(PyObject *o, PyObject *name)
{
    PyObject *output = PyObject_CallMethodNoArgs(o, name), *iterator, *list;

    if (output == NULL || PyList_CheckExact(output)) {
        return output;
    }
    iterator = PyObject_GetIter(output);
    if (iterator == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError,
                         "%.200s.%U() returned a non-iterable (type %.200s)",
                         Py_TYPE(o)->tp_name, name, Py_TYPE(output)->tp_name);
        }
        Py_DECREF(output);
        return NULL;
    }
    Py_DECREF(output);
    list = PySequence_List(iterator);
    Py_DECREF(iterator);
    return list;
}

PyObject *
PyMapping_Keys(PyObject *o)
{
    if (o == NULL) {
        null_argument();
        return NULL;
    }
    return PyDict_CheckExact(o) ? PyDict_Keys(o) : method_output_as_list(o, KR_ID(keys));
}

PyObject *
PyMapping_Items(PyObject *o)
{
    if (o == NULL) {
        null_argument();
        return NULL;
    }
    return PyDict_CheckExact(o) ? PyDict_Items(o)
                                : method_output_as_list(o, KR_ID(items));
}

PyObject *
PyMapping_Values(PyObject *o)
{
    if (o == NULL) {
        null_argument();
        return NULL;
    }
    return PyDict_CheckExact(o) ? PyDict_Values(o)
                                : method_output_as_list(o, KR_ID(values));
}
