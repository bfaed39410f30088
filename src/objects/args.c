// SPDX-License-Identifier: MIT
// args.c - counting, keyword matching and conversion for argument wrappers.
//
// Callers:  generated wrappers (tools/gen/methods.py).
// Invariants: values[] and the returned array hold borrowed references that live as
//           long as the call's arguments.
#include "objects/args.h"

#include <limits.h>
#include <string.h>

// ---- errors about counts ----------------------------------------------------

bool
kr_arg_count_error(const char *name, Py_ssize_t nargs, Py_ssize_t min, Py_ssize_t max)
{
    bool few = nargs < min;
    Py_ssize_t wanted = few ? min : max;
    const char *bound = min == max ? "" : few ? "at least " : "at most ";

    PyErr_Format(PyExc_TypeError, "%.200s expected %s%zd argument%s, got %zd", name,
                 bound, wanted, wanted == 1 ? "" : "s", nargs);
    return false;
}

bool
kr_arg_no_keywords(const char *name, PyObject *kwargs)
{
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) {
        return true;
    }
    PyErr_Format(PyExc_TypeError, "%.200s() takes no keyword arguments", name);
    return false;
}

bool
kr_arg_no_kwnames(const char *name, PyObject *kwnames)
{
    if (kwnames == NULL || PyTuple_GET_SIZE(kwnames) == 0) {
        return true;
    }
    PyErr_Format(PyExc_TypeError, "%.200s() takes no keyword arguments", name);
    return false;
}

bool
kr_arg_no_positional(const char *name, PyObject *args)
{
    if (PyTuple_GET_SIZE(args) == 0) {
        return true;
    }
    PyErr_Format(PyExc_TypeError, "%.200s() takes no positional arguments", name);
    return false;
}

bool
kr_arg_no_keywords_new(PyTypeObject *cls, newfunc self, const char *name,
                       PyObject *kwargs)
{
    // The type that defines this tp_new is the last one up the bases that has it.
    PyTypeObject *base = cls;

    if (PyDict_GET_SIZE(kwargs) == 0) {
        return true;
    }
    while (base->tp_base != NULL && base->tp_base->tp_new == self) {
        base = base->tp_base;
    }
    if (cls != base && cls->tp_init != base->tp_init) {
        return true;
    }
    return kr_arg_no_keywords(name, kwargs);
}

bool
kr_arg_no_keywords_init(PyObject *object, initproc self, const char *name,
                        PyObject *kwargs)
{
    PyTypeObject *cls = Py_TYPE(object);
    PyTypeObject *base = cls;

    if (PyDict_GET_SIZE(kwargs) == 0) {
        return true;
    }
    while (base->tp_base != NULL && base->tp_base->tp_init == self) {
        base = base->tp_base;
    }
    if (cls != base && cls->tp_new != base->tp_new) {
        return true;
    }
    return kr_arg_no_keywords(name, kwargs);
}

// ---- keywords ---------------------------------------------------------------

// More arguments than parameters, with no *args to take them.
static KR_COLD int
too_many(const KrArgSpec *spec, Py_ssize_t nargs, Py_ssize_t nkw)
{
    // Counting keywords as well tells f(1, 2, x=3) from f(1, 2, 3).
    if (nargs + nkw > spec->total && !spec->has_kwargs) {
        PyErr_Format(PyExc_TypeError,
                     "%.200s() takes at most %d %sargument%s (%zd given)", spec->name,
                     spec->total, nargs == 0 ? "keyword " : "",
                     spec->total == 1 ? "" : "s", nargs + nkw);
        return -1;
    }
    if (spec->positional == 0) {
        PyErr_Format(PyExc_TypeError, "%.200s() takes no positional arguments",
                     spec->name);
        return -1;
    }
    uint64_t low = (UINT64_C(1) << spec->positional) - 1;
    bool exact = (spec->required & low) == low;
    PyErr_Format(PyExc_TypeError,
                 "%.200s() takes %s %d positional argument%s (%zd given)", spec->name,
                 exact ? "exactly" : "at most", spec->positional,
                 spec->positional == 1 ? "" : "s", nargs);
    return -1;
}

// The index of the parameter a keyword names, -1 if there is none, -2 on error.
static int
find_keyword(const KrArgSpec *spec, PyObject *key)
{
    int count = spec->total - spec->positional_only;

    for (int i = 0; i < count; i++) {
        if (kr_arg_name_is(spec->keywords[i], key)) {
            return spec->positional_only + i;
        }
    }
    if (!PyUnicode_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "keywords must be strings");
        return -2;
    }
    // A key that is not interned, or is of a str subclass.
    for (int i = 0; i < count; i++) {
        if (kr_arg_name_equals(spec->keywords[i], key)) {
            return spec->positional_only + i;
        }
    }
    return -1;
}

// Stores one keyword argument. Returns 0 or -1.
static int
place_keyword(const KrArgSpec *spec, PyObject *key, PyObject *value,
              Py_ssize_t nargs, PyObject **values, PyObject **kwargs_out)
{
    int index = find_keyword(spec, key);

    if (index == -2) {
        return -1;
    }
    if (index >= 0) {
        if (values[index] != NULL) {
            PyErr_Format(PyExc_TypeError,
                         "argument for %.200s() given by name ('%U') and position (%d)",
                         spec->name, key, index + 1);
            return -1;
        }
        values[index] = value;
        return 0;
    }
    if (!spec->has_kwargs) {
        PyObject *near = kr_arg_name_near(spec->keywords,
                                          spec->total - spec->positional_only, key);
        if (near != NULL) {
            PyErr_Format(PyExc_TypeError,
                         "%.200s() got an unexpected keyword argument '%S'. "
                         "Did you mean '%S'?",
                         spec->name, key, near);
            return -1;
        }
        PyErr_Format(PyExc_TypeError,
                     "%.200s() got an unexpected keyword argument '%S'", spec->name,
                     key);
        return -1;
    }
    if (*kwargs_out == NULL) {
        *kwargs_out = PyDict_New();
        if (*kwargs_out == NULL) {
            return -1;
        }
    }
    return PyDict_SetItem(*kwargs_out, key, value);
}

// Which required parameter is missing, if any. Returns 0 or -1.
static int
check_missing(const KrArgSpec *spec, Py_ssize_t nargs, PyObject *const *values)
{
    for (int i = 0; i < spec->total; i++) {
        if (values[i] != NULL || !(spec->required >> i & 1)) {
            continue;
        }
        if (i < spec->positional_only) {
            int minimum = 0;
            while (minimum < spec->positional_only && (spec->required >> minimum & 1)) {
                minimum++;
            }
            bool exact = minimum == spec->positional && !spec->has_args;
            PyErr_Format(PyExc_TypeError,
                         "%.200s() takes %s %d positional argument%s (%zd given)",
                         spec->name, exact ? "exactly" : "at least", minimum,
                         minimum == 1 ? "" : "s", nargs);
            return -1;
        }
        PyErr_Format(PyExc_TypeError,
                     "%.200s() missing required argument '" KR_ARG_NAME_FORMAT
                     "' (pos %d)",
                     spec->name, spec->keywords[i - spec->positional_only], i + 1);
        return -1;
    }
    return 0;
}

// Keyword errors come after the check for missing arguments only when nothing is
// missing: an unknown keyword beside a missing argument reports the missing one.
static int
report_missing_first(const KrArgSpec *spec, Py_ssize_t nargs, PyObject **values,
                     PyObject *const *keys, PyObject *const *given, Py_ssize_t nkw)
{
    for (Py_ssize_t i = 0; i < nkw; i++) {
        int index = find_keyword(spec, keys[i]);
        if (index == -2) {
            return -1;
        }
        if (index >= 0 && values[index] == NULL) {
            values[index] = given[i];
        }
    }
    return check_missing(spec, nargs, values);
}

static int
start_values(const KrArgSpec *spec, PyObject *const *args, Py_ssize_t nargs,
             Py_ssize_t nkw, PyObject **values)
{
    Py_ssize_t direct = nargs < spec->positional ? nargs : spec->positional;

    if (!spec->has_args &&
        (nargs > spec->positional ||
         (nargs + nkw > spec->total && !spec->has_kwargs))) {
        return too_many(spec, nargs, nkw);
    }
    for (Py_ssize_t i = 0; i < direct; i++) {
        values[i] = args[i];
    }
    for (Py_ssize_t i = direct; i < spec->total; i++) {
        values[i] = NULL;
    }
    return 0;
}

// Shared by both forms, keys and given being parallel arrays.
static int
place_all(const KrArgSpec *spec, Py_ssize_t nargs, PyObject *const *keys,
          PyObject *const *given, Py_ssize_t nkw, PyObject **values,
          PyObject **kwargs_out)
{
    PyObject *extra = NULL;

    for (Py_ssize_t i = 0; i < nkw; i++) {
        if (place_keyword(spec, keys[i], given[i], nargs, values, &extra) < 0) {
            Py_XDECREF(extra);
            // Only the unexpected keyword yields to a missing argument.
            if (find_keyword(spec, keys[i]) == -1 && !spec->has_kwargs) {
                PyObject *error = PyErr_GetRaisedException();
                if (report_missing_first(spec, nargs, values, keys, given, nkw) < 0) {
                    Py_XDECREF(error);
                }
                else {
                    PyErr_SetRaisedException(error);
                }
            }
            return -1;
        }
    }
    if (check_missing(spec, nargs, values) < 0) {
        Py_XDECREF(extra);
        return -1;
    }
    if (kwargs_out != NULL) {
        *kwargs_out = extra;
    }
    return 0;
}

PyObject *const *
kr_args_unpack_slow(const KrArgSpec *spec, PyObject *const *args, Py_ssize_t nargs,
                    PyObject *kwnames, PyObject **values, PyObject **kwargs_out)
{
    Py_ssize_t nkw = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);

    if (start_values(spec, args, nargs, nkw, values) < 0) {
        return NULL;
    }
    PyObject *const *keys = nkw ? &PyTuple_GET_ITEM(kwnames, 0) : NULL;
    if (place_all(spec, nargs, keys, args + nargs, nkw, values, kwargs_out) < 0) {
        return NULL;
    }
    return values;
}

PyObject *const *
kr_args_unpack_tuple(const KrArgSpec *spec, PyObject *args, PyObject *kwargs,
                     PyObject **values, PyObject **kwargs_out)
{
    enum { SMALL = 8 };
    PyObject *small[2 * SMALL];
    PyObject **pairs = small;
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    Py_ssize_t nkw = kwargs == NULL ? 0 : PyDict_GET_SIZE(kwargs);
    PyObject *const *result = NULL;

    if (start_values(spec, nargs ? &PyTuple_GET_ITEM(args, 0) : NULL, nargs, nkw,
                     values) < 0) {
        return NULL;
    }
    if (nkw > SMALL) {
        pairs = PyMem_New(PyObject *, 2 * nkw);
        if (pairs == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
    }
    Py_ssize_t position = 0, count = 0;
    PyObject *key, *value;
    while (count < nkw && PyDict_Next(kwargs, &position, &key, &value)) {
        pairs[count] = key;
        pairs[nkw + count] = value;
        count++;
    }
    if (place_all(spec, nargs, pairs, pairs + nkw, count, values, kwargs_out) == 0) {
        result = values;
    }
    if (pairs != small) {
        PyMem_Free(pairs);
    }
    return result;
}

// ---- conversions ------------------------------------------------------------

int
kr_arg_bad(const char *name, const char *which, const char *expected, PyObject *arg)
{
    PyErr_Format(PyExc_TypeError, "%.200s() %.200s must be %.50s, not %.50s", name,
                 which, expected,
                 arg == Py_None ? "None" : Py_TYPE(arg)->tp_name);
    return -1;
}

int
kr_arg_ssize(PyObject *arg, Py_ssize_t *out)
{
    PyObject *index = NULL;

    if (PyLong_CheckExact(arg)) {
        *out = PyLong_AsSsize_t(arg);
        return *out == -1 && PyErr_Occurred() ? -1 : 0;
    }
    index = PyNumber_Index(arg);
    if (index == NULL) {
        return -1;
    }
    *out = PyLong_AsSsize_t(index);
    Py_DECREF(index);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

static int
clipped_index(PyObject *arg, Py_ssize_t *out, const char *message)
{
    if (!PyIndex_Check(arg)) {
        PyErr_SetString(PyExc_TypeError, message);
        return -1;
    }
    *out = PyNumber_AsSsize_t(arg, NULL);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

int
kr_arg_slice_index(PyObject *arg, Py_ssize_t *out)
{
    if (Py_IsNone(arg)) {
        return 0;
    }
    return clipped_index(
        arg, out, "slice indices must be integers or None or have an __index__ method");
}

int
kr_arg_slice_index_not_none(PyObject *arg, Py_ssize_t *out)
{
    return clipped_index(arg, out,
                         "slice indices must be integers or have an __index__ method");
}

int
kr_arg_int(PyObject *arg, int *out)
{
    *out = PyLong_AsInt(arg);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

int
kr_arg_long(PyObject *arg, long *out)
{
    *out = PyLong_AsLong(arg);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

int
kr_arg_llong(PyObject *arg, long long *out)
{
    *out = PyLong_AsLongLong(arg);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

// Unsigned forms refuse negative values; kind names the C type in the message.
static int
unsigned_value(PyObject *arg, unsigned long long max, const char *kind,
               unsigned long long *out)
{
    PyObject *index = PyNumber_Index(arg);
    int sign;

    if (index == NULL) {
        return -1;
    }
    if (PyLong_GetSign(index, &sign) < 0) {
        Py_DECREF(index);
        return -1;
    }
    if (sign < 0) {
        Py_DECREF(index);
        PyErr_SetString(PyExc_ValueError, "value must be positive");
        return -1;
    }
    *out = PyLong_AsUnsignedLongLong(index);
    Py_DECREF(index);
    bool failed = *out == (unsigned long long)-1 && PyErr_Occurred();
    if (failed && !PyErr_ExceptionMatches(PyExc_OverflowError)) {
        return -1;
    }
    if (failed || *out > max) {
        PyErr_Format(PyExc_OverflowError, "Python int too large to convert to C %s",
                     kind);
        return -1;
    }
    return 0;
}

int
kr_arg_uint(PyObject *arg, unsigned int *out)
{
    unsigned long long value;

    if (unsigned_value(arg, UINT_MAX, "unsigned int", &value) < 0) {
        return -1;
    }
    *out = (unsigned int)value;
    return 0;
}

int
kr_arg_ulong(PyObject *arg, unsigned long *out)
{
    unsigned long long value;

    if (unsigned_value(arg, ULONG_MAX, "unsigned long", &value) < 0) {
        return -1;
    }
    *out = (unsigned long)value;
    return 0;
}

int
kr_arg_ullong(PyObject *arg, unsigned long long *out)
{
    return unsigned_value(arg, ULLONG_MAX, "unsigned long long", out);
}

int
kr_arg_double(PyObject *arg, double *out)
{
    if (PyFloat_CheckExact(arg)) {
        *out = PyFloat_AS_DOUBLE(arg);
        return 0;
    }
    *out = PyFloat_AsDouble(arg);
    return *out == -1.0 && PyErr_Occurred() ? -1 : 0;
}

int
kr_arg_bool(PyObject *arg, bool *out)
{
    int truth = PyObject_IsTrue(arg);

    *out = truth > 0;
    return truth < 0 ? -1 : 0;
}

int
kr_arg_char(PyObject *arg, const char *name, const char *which, Py_UCS4 *out)
{
    if (!PyUnicode_Check(arg)) {
        return kr_arg_bad(name, which, "a unicode character", arg);
    }
    if (PyUnicode_GET_LENGTH(arg) != 1) {
        PyErr_Format(PyExc_TypeError,
                     "%.200s(): %.200s must be a unicode character, "
                     "not a string of length %zd",
                     name, which, PyUnicode_GET_LENGTH(arg));
        return -1;
    }
    *out = PyUnicode_READ_CHAR(arg, 0);
    return 0;
}

int
kr_arg_utf8(PyObject *arg, const char *name, const char *which, const char **out)
{
    Py_ssize_t size;

    if (!PyUnicode_Check(arg)) {
        return kr_arg_bad(name, which, "str", arg);
    }
    *out = PyUnicode_AsUTF8AndSize(arg, &size);
    if (*out == NULL) {
        return -1;
    }
    if (strlen(*out) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return -1;
    }
    return 0;
}

int
kr_arg_utf8_or_none(PyObject *arg, const char *name, const char *which,
                    const char **out)
{
    if (Py_IsNone(arg)) {
        *out = NULL;
        return 0;
    }
    if (!PyUnicode_Check(arg)) {
        return kr_arg_bad(name, which, "str or None", arg);
    }
    return kr_arg_utf8(arg, name, which, out);
}

int
kr_arg_buffer(PyObject *arg, const char *name, const char *which, Py_buffer *out)
{
    return PyObject_GetBuffer(arg, out, PyBUF_SIMPLE);
}

int
kr_arg_writable(PyObject *arg, const char *name, const char *which, Py_buffer *out)
{
    if (PyObject_GetBuffer(arg, out, PyBUF_WRITABLE) < 0) {
        PyErr_Clear();
        return kr_arg_bad(name, which, "read-write bytes-like object", arg);
    }
    return 0;
}

int
kr_arg_text_buffer(PyObject *arg, const char *name, const char *which, Py_buffer *out)
{
    if (PyUnicode_Check(arg)) {
        Py_ssize_t size;
        const char *text = PyUnicode_AsUTF8AndSize(arg, &size);
        if (text == NULL) {
            return -1;
        }
        return PyBuffer_FillInfo(out, arg, (void *)text, size, 1, PyBUF_SIMPLE);
    }
    return PyObject_GetBuffer(arg, out, PyBUF_SIMPLE);
}

int
kr_arg_ascii_buffer(PyObject *arg, const char *name, const char *which, Py_buffer *out)
{
    if (PyUnicode_Check(arg)) {
        if (!PyUnicode_IS_ASCII(arg)) {
            PyErr_SetString(PyExc_ValueError,
                            "string argument should contain only ASCII characters");
            return -1;
        }
        return PyBuffer_FillInfo(out, arg, PyUnicode_DATA(arg),
                                 PyUnicode_GET_LENGTH(arg), 1, PyBUF_SIMPLE);
    }
    if (!PyObject_CheckBuffer(arg)) {
        PyErr_Format(PyExc_TypeError,
                     "argument should be bytes, buffer or ASCII string, not '%.100s'",
                     Py_TYPE(arg)->tp_name);
        return -1;
    }
    return PyObject_GetBuffer(arg, out, PyBUF_SIMPLE);
}
