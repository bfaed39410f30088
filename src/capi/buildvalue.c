// SPDX-License-Identifier: MIT
// buildvalue.c - Py_BuildValue: objects out of C values by a format string.
//
// Invariants: once an "N" value has been read its reference is ours, so after an
//             error the rest of the format is still read, to release what it hands
//             over.
#include "Python.h"

#include <string.h>

#include "base/base.h"

typedef struct {
    const char *at;
    va_list va;
} KrBuild;

static PyObject *build_one(KrBuild *build);

// Counts the values up to `end` at this level; -1 with SystemError on bad nesting.
static Py_ssize_t
count_values(const char *at, char end)
{
    Py_ssize_t count = 0;
    int depth = 0;

    while (depth > 0 || *at != end) {
        switch (*at) {
        case '\0':
            PyErr_SetString(PyExc_SystemError, "unmatched paren in format");
            return -1;
        case '(':
        case '[':
        case '{':
            count += depth == 0;
            depth++;
            break;
        case ')':
        case ']':
        case '}':
            depth--;
            break;
        case '#':
        case '&':
        case ',':
        case ':':
        case ' ':
        case '\t':
            break;
        default:
            count += depth == 0;
            break;
        }
        at++;
    }
    return count;
}

// Reads `count` values only to drop them, then the closing bracket. The exception
// that made it necessary stays.
static void
drop_values(KrBuild *build, Py_ssize_t count, char end)
{
    PyObject *error = PyErr_GetRaisedException();

    while (count-- > 0) {
        PyObject *value = build_one(build);
        if (value == NULL) {
            PyErr_Clear();
        }
        Py_XDECREF(value);
    }
    PyErr_SetRaisedException(error);
    if (end != '\0' && *build->at == end) {
        build->at++;
    }
}

static int
close_bracket(KrBuild *build, char end)
{
    while (*build->at == ' ' || *build->at == '\t' || *build->at == ',' ||
           *build->at == ':') {
        build->at++;
    }
    if (*build->at != end) {
        PyErr_SetString(PyExc_SystemError, "Unmatched paren in format");
        return -1;
    }
    if (end != '\0') {
        build->at++;
    }
    return 0;
}

static PyObject *
build_sequence(KrBuild *build, char end, Py_ssize_t count, bool is_list)
{
    PyObject *result;

    if (count < 0) {
        return NULL;
    }
    result = is_list ? PyList_New(count) : PyTuple_New(count);
    if (result == NULL) {
        drop_values(build, count, end);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *value = build_one(build);
        if (value == NULL) {
            drop_values(build, count - i - 1, end);
            Py_DECREF(result);
            return NULL;
        }
        if (is_list) {
            PyList_SET_ITEM(result, i, value);
        }
        else {
            PyTuple_SET_ITEM(result, i, value);
        }
    }
    if (close_bracket(build, end) < 0) {
        Py_DECREF(result);
        return NULL;
    }
    return result;
}

static PyObject *
build_dict(KrBuild *build, char end, Py_ssize_t count)
{
    PyObject *result;

    if (count < 0) {
        return NULL;
    }
    if (count % 2) {
        PyErr_SetString(PyExc_SystemError, "Bad dict format");
        drop_values(build, count, end);
        return NULL;
    }
    result = PyDict_New();
    if (result == NULL) {
        drop_values(build, count, end);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i += 2) {
        PyObject *key = build_one(build);
        PyObject *value = NULL;
        if (key == NULL) {
            drop_values(build, count - i - 1, end);
            Py_DECREF(result);
            return NULL;
        }
        value = build_one(build);
        if (value == NULL || PyDict_SetItem(result, key, value) < 0) {
            drop_values(build, count - i - 2, end);
            Py_DECREF(key);
            Py_XDECREF(value);
            Py_DECREF(result);
            return NULL;
        }
        Py_DECREF(key);
        Py_DECREF(value);
    }
    if (close_bracket(build, end) < 0) {
        Py_DECREF(result);
        return NULL;
    }
    return result;
}

// s, z, U, y with or without '#'.
static PyObject *
build_text(KrBuild *build, char code)
{
    const char *text = va_arg(build->va, const char *);
    Py_ssize_t size = -1;

    if (*build->at == '#') {
        build->at++;
        size = va_arg(build->va, Py_ssize_t);
    }
    if (text == NULL) {
        Py_RETURN_NONE;
    }
    if (size < 0) {
        size_t length = strlen(text);
        if (length > PY_SSIZE_T_MAX) {
            PyErr_SetString(PyExc_OverflowError, "string too long for Python string");
            return NULL;
        }
        size = (Py_ssize_t)length;
    }
    if (code == 'y') {
        return PyBytes_FromStringAndSize(text, size);
    }
    return PyUnicode_FromStringAndSize(text, size);
}

static PyObject *
build_wide(KrBuild *build)
{
    const wchar_t *text = va_arg(build->va, const wchar_t *);
    Py_ssize_t size = -1;

    if (*build->at == '#') {
        build->at++;
        size = va_arg(build->va, Py_ssize_t);
    }
    if (text == NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromWideChar(text, size);
}

// O, N, S: an object handed over as it is; O&: made by a converter.
static PyObject *
build_object(KrBuild *build, char code)
{
    if (*build->at == '&') {
        typedef PyObject *(*KrConverter)(void *);
        build->at++;
        KrConverter converter = va_arg(build->va, KrConverter);
        void *arg = va_arg(build->va, void *);
        return converter(arg);
    }
    PyObject *value = va_arg(build->va, PyObject *);
    if (value == NULL) {
        // The caller's way of passing on an error of the expression that made it.
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "NULL object passed to Py_BuildValue");
        }
        return NULL;
    }
    return code == 'N' ? value : Py_NewRef(value);
}

static PyObject *
build_one(KrBuild *build)
{
    for (;;) {
        char code = *build->at++;
        switch (code) {
        case '(':
            return build_sequence(build, ')', count_values(build->at, ')'), false);
        case '[':
            return build_sequence(build, ']', count_values(build->at, ']'), true);
        case '{':
            return build_dict(build, '}', count_values(build->at, '}'));
        case 'b':
        case 'B':
        case 'h':
        case 'i':
            return PyLong_FromLong(va_arg(build->va, int));
        case 'H':
            return PyLong_FromLong((long)va_arg(build->va, unsigned int));
        case 'I':
            return PyLong_FromUnsignedLong(va_arg(build->va, unsigned int));
        case 'n':
            return PyLong_FromSsize_t(va_arg(build->va, Py_ssize_t));
        case 'l':
            return PyLong_FromLong(va_arg(build->va, long));
        case 'k':
            return PyLong_FromUnsignedLong(va_arg(build->va, unsigned long));
        case 'L':
            return PyLong_FromLongLong(va_arg(build->va, long long));
        case 'K':
            return PyLong_FromUnsignedLongLong(va_arg(build->va, unsigned long long));
        case 'p':
            return PyBool_FromLong(va_arg(build->va, int));
        case 'f':
        case 'd':
            return PyFloat_FromDouble(va_arg(build->va, double));
        case 'D':
            return PyComplex_FromCComplex(*va_arg(build->va, Py_complex *));
        case 'c': {
            char byte = (char)va_arg(build->va, int);
            return PyBytes_FromStringAndSize(&byte, 1);
        }
        case 'C':
            return PyUnicode_FromOrdinal(va_arg(build->va, int));
        case 's':
        case 'z':
        case 'U':
        case 'y':
            return build_text(build, code);
        case 'u':
            return build_wide(build);
        case 'O':
        case 'N':
        case 'S':
            return build_object(build, code);
        case ',':
        case ':':
        case ' ':
        case '\t':
            break;
        default:
            build->at--;
            PyErr_SetString(PyExc_SystemError, "bad format char passed to Py_BuildValue");
            return NULL;
        }
    }
}

PyObject *
Py_VaBuildValue(const char *format, va_list va)
{
    KrBuild build = {.at = format};
    Py_ssize_t count = count_values(format, '\0');
    PyObject *result;

    if (count < 0) {
        return NULL;
    }
    if (count == 0) {
        Py_RETURN_NONE;
    }
    va_copy(build.va, va);
    result = count == 1 ? build_one(&build) : build_sequence(&build, '\0', count, false);
    va_end(build.va);
    return result;
}

PyObject *
Py_BuildValue(const char *format, ...)
{
    va_list va;

    va_start(va, format);
    PyObject *result = Py_VaBuildValue(format, va);
    va_end(va);
    return result;
}
