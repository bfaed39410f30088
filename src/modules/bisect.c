// SPDX-License-Identifier: MIT
// bisect.c - the module _bisect: searching and inserting in sorted sequences.
//
// Re-entrancy: comparisons and key functions run Python that may change the sequence;
//              each item is asked for anew and owned while it is compared.
#include <Python.h>

#include "base/base.h"
#include "objects/args.h"
#include "objects/ids.h"

// Reads the bound hi, of which None means the length.
static int
bisect_high(PyObject *sequence, PyObject *object, Py_ssize_t *out)
{
    if (object == Py_None) {
        *out = PySequence_Size(sequence);
        return *out < 0 ? -1 : 0;
    }
    if (!PyIndex_Check(object)) {
        PyErr_Format(PyExc_TypeError, "argument should be integer or None, not '%.200s'",
                     Py_TYPE(object)->tp_name);
        return -1;
    }
    *out = PyNumber_AsSsize_t(object, PyExc_OverflowError);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

// Where x belongs; with after, behind those that equal it. -1 on error.
static Py_ssize_t
bisect_search(PyObject *sequence, PyObject *x, Py_ssize_t low, PyObject *high_object,
              PyObject *key, bool after)
{
    Py_ssize_t high;
    if (low < 0) {
        PyErr_SetString(PyExc_ValueError, "lo must be non-negative");
        return -1;
    }
    if (bisect_high(sequence, high_object, &high) < 0) {
        return -1;
    }
    if (high < 0 && high_object != Py_None) {
        // As with an index: -1 is what the caller of the C function meant by None.
        high = high == -1 ? PySequence_Size(sequence) : high;
        if (high == -1) {
            return -1;
        }
    }
    while (low < high) {
        // The sum of two valid indices fits an unsigned number.
        Py_ssize_t middle = (Py_ssize_t)(((size_t)low + (size_t)high) / 2);
        PyObject *item = PySequence_GetItem(sequence, middle);
        if (item != NULL && key != Py_None) {
            Py_SETREF(item, PyObject_CallOneArg(key, item));
        }
        if (item == NULL) {
            return -1;
        }
        int less = after ? PyObject_RichCompareBool(x, item, Py_LT)
                         : PyObject_RichCompareBool(item, x, Py_LT);
        Py_DECREF(item);
        if (less < 0) {
            return -1;
        }
        if (less == after) {
            high = middle;
        }
        else {
            low = middle + 1;
        }
    }
    return low;
}

static PyObject *
bisect_insert(PyObject *sequence, PyObject *x, Py_ssize_t low, PyObject *high,
              PyObject *key, bool after)
{
    PyObject *rank = key == Py_None ? Py_NewRef(x) : PyObject_CallOneArg(key, x);
    if (rank == NULL) {
        return NULL;
    }
    Py_ssize_t index = bisect_search(sequence, rank, low, high, key, after);
    Py_DECREF(rank);
    if (index < 0) {
        return NULL;
    }
    if (PyList_CheckExact(sequence)) {
        if (PyList_Insert(sequence, index, x) < 0) {
            return NULL;
        }
        Py_RETURN_NONE;
    }
    PyObject *number = PyLong_FromSsize_t(index);
    PyObject *result = number == NULL
                           ? NULL
                           : PyObject_CallMethodObjArgs(sequence, KR_ID(insert), number, x,
                                                        NULL);
    Py_XDECREF(number);
    if (result == NULL) {
        return NULL;
    }
    Py_DECREF(result);
    Py_RETURN_NONE;
}

KR_FUNCTION(bisect, "bisect_right(a, x, lo=0, hi=None, *, key=None)",
            "Return the index where to insert item x in list a, assuming a is sorted.\n\n"
            "Items before the index are not larger than x, those from it on are larger.\n"
            "lo and hi bound the part that is searched; key is called with each item\n"
            "that is looked at, but not with x.")
static PyObject *
bisect_bisect_right(PyObject *module, PyObject *a, PyObject *x, Py_ssize_t lo, PyObject *hi,
                    PyObject *key)
{
    Py_ssize_t index = bisect_search(a, x, lo, hi, key, true);
    return index < 0 ? NULL : PyLong_FromSsize_t(index);
}

KR_FUNCTION(bisect, "insort_right(a, x, lo=0, hi=None, *, key=None)",
            "Insert item x in list a, and keep it sorted assuming a is sorted.\n\n"
            "Behind the items that equal it.")
static PyObject *
bisect_insort_right(PyObject *module, PyObject *a, PyObject *x, Py_ssize_t lo, PyObject *hi,
                    PyObject *key)
{
    return bisect_insert(a, x, lo, hi, key, true);
}

KR_FUNCTION(bisect, "bisect_left(a, x, lo=0, hi=None, *, key=None)",
            "Return the index where to insert item x in list a, assuming a is sorted.\n\n"
            "Items before the index are smaller than x, those from it on are not.\n"
            "lo and hi bound the part that is searched; key is called with each item\n"
            "that is looked at, but not with x.")
static PyObject *
bisect_bisect_left(PyObject *module, PyObject *a, PyObject *x, Py_ssize_t lo, PyObject *hi,
                   PyObject *key)
{
    Py_ssize_t index = bisect_search(a, x, lo, hi, key, false);
    return index < 0 ? NULL : PyLong_FromSsize_t(index);
}

KR_FUNCTION(bisect, "insort_left(a, x, lo=0, hi=None, *, key=None)",
            "Insert item x in list a, and keep it sorted assuming a is sorted.\n\n"
            "Before the items that equal it.")
static PyObject *
bisect_insort_left(PyObject *module, PyObject *a, PyObject *x, Py_ssize_t lo, PyObject *hi,
                   PyObject *key)
{
    return bisect_insert(a, x, lo, hi, key, false);
}

KR_MODULE(bisect)
#include "modules/bisect.methods.h"

static PyModuleDef_Slot bisect_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef bisect_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_bisect",
    .m_doc = "Bisection algorithms.\n\n"
             "They find places in sorted sequences with few comparisons, and keep a list\n"
             "sorted while items are added.\n",
    .m_methods = bisect_methods,
    .m_slots = bisect_slots,
};

PyMODINIT_FUNC
PyInit__bisect(void)
{
    return PyModuleDef_Init(&bisect_def);
}
