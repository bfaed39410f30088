// SPDX-License-Identifier: MIT
// state.c - what the constructors of date, time and datetime share: packed fields,
// pickled states, calls with a vector of arguments.
#include "modules/datetime/datetime.h"

#include "objects/args.h"
#include "objects/ids.h"

void
kr_datetime_pack_date(unsigned char *data, const DtFields *f)
{
    data[0] = (unsigned char)(f->year >> 8);
    data[1] = (unsigned char)f->year;
    data[2] = (unsigned char)f->month;
    data[3] = (unsigned char)f->day;
}

void
kr_datetime_pack_time(unsigned char *data, const DtFields *f)
{
    data[0] = (unsigned char)f->hour;
    data[1] = (unsigned char)f->minute;
    data[2] = (unsigned char)f->second;
    data[3] = (unsigned char)(f->microsecond >> 16);
    data[4] = (unsigned char)(f->microsecond >> 8);
    data[5] = (unsigned char)f->microsecond;
}

// A str comes from pickles that Python 2 wrote.
PyObject *
kr_datetime_state(PyObject *state, Py_ssize_t size, int check, int low, int limit,
                  bool has_fold, const char *what)
{
    Py_UCS4 value;
    if (PyBytes_Check(state) && PyBytes_GET_SIZE(state) == size) {
        value = (unsigned char)PyBytes_AS_STRING(state)[check];
    }
    else if (PyUnicode_Check(state) && PyUnicode_GET_LENGTH(state) == size) {
        value = PyUnicode_READ_CHAR(state, check);
    }
    else {
        return NULL;
    }
    if (has_fold && value <= 0xFF) {
        value &= 0x7F;
    }
    if (value < (Py_UCS4)low || value >= (Py_UCS4)limit) {
        return NULL;
    }
    if (PyBytes_Check(state)) {
        return Py_NewRef(state);
    }
    PyObject *bytes = PyUnicode_AsLatin1String(state);
    if (bytes == NULL && PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
        PyErr_Format(PyExc_ValueError,
                     "Failed to encode latin1 string when unpickling a %s object. "
                     "pickle.load(data, encoding='latin1') is assumed.",
                     what);
    }
    return bytes;
}

PyObject *
kr_datetime_call_new(newfunc function, PyTypeObject *cls, PyObject *const *args,
                     Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *result = NULL, *kwargs = NULL, *tuple = PyTuple_New(nargs);
    if (tuple == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(args[i]));
    }
    if (kwnames != NULL) {
        kwargs = PyDict_New();
        if (kwargs == NULL) {
            goto done;
        }
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(kwnames); i++) {
            if (PyDict_SetItem(kwargs, PyTuple_GET_ITEM(kwnames, i), args[nargs + i]) < 0) {
                goto done;
            }
        }
    }
    result = function(cls, tuple, kwargs);

done:
    Py_DECREF(tuple);
    Py_XDECREF(kwargs);
    return result;
}

bool
kr_datetime_small_ints(PyObject *const *args, Py_ssize_t n, int *out)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!PyLong_CheckExact(args[i]) || !PyUnstable_Long_IsCompact((PyLongObject *)args[i])) {
            return false;
        }
        Py_ssize_t value = PyUnstable_Long_CompactValue((PyLongObject *)args[i]);
        if (value > INT_MAX || value < INT_MIN) {
            return false;
        }
        out[i] = (int)value;
    }
    return true;
}
