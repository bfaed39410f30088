// SPDX-License-Identifier: MIT
// syntax_error.c - SyntaxError: a message with its place in a source file.
#include "objects/exceptions/internal.h"

#define SYNTAX_ERROR_FIELDS(F)                                                \
    F(msg) F(filename) F(lineno) F(offset) F(end_lineno) F(end_offset) F(text) \
    F(print_file_and_line) F(metadata)
KR_EXC_DEFINE_GC(syntax_error, PySyntaxErrorObject, SYNTAX_ERROR_FIELDS)

// details is (filename, lineno, offset, text[, end_lineno, end_offset[, metadata]]).
static int
syntax_error_place(PySyntaxErrorObject *self, PyObject *details)
{
    Py_ssize_t n = PyTuple_GET_SIZE(details);
    if (n < 4 || n > 7) {
        PyErr_Format(PyExc_TypeError, "function takes at %s %d arguments (%zd given)",
                     n < 4 ? "least" : "most", n < 4 ? 4 : 7, n);
        return -1;
    }
    PyObject **fields[7] = {&self->filename,   &self->lineno,     &self->offset,
                            &self->text,       &self->end_lineno, &self->end_offset,
                            &self->metadata};
    for (int i = 0; i < 7; i++) {
        PyObject *value = i < n ? Py_NewRef(PyTuple_GET_ITEM(details, i)) : NULL;
        Py_XSETREF(*fields[i], value);
    }
    if (self->end_lineno != NULL && self->end_offset == NULL) {
        PyErr_SetString(PyExc_TypeError,
                        "end_offset must be provided when end_lineno is provided");
        return -1;
    }
    return 0;
}

int
kr_syntax_error_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PySyntaxErrorObject *self = (PySyntaxErrorObject *)op;
    if (kr_exc_init_args(op, args, kwargs) < 0) {
        return -1;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n >= 1) {
        Py_XSETREF(self->msg, Py_NewRef(PyTuple_GET_ITEM(args, 0)));
    }
    if (n != 2) {
        return 0;
    }
    PyObject *details = PySequence_Tuple(PyTuple_GET_ITEM(args, 1));
    if (details == NULL) {
        return -1;
    }
    int status = syntax_error_place(self, details);
    Py_DECREF(details);
    return status;
}

// The part of a path after the last slash.
static PyObject *
base_name(PyObject *path)
{
    Py_ssize_t size = PyUnicode_GET_LENGTH(path);
    Py_ssize_t slash = PyUnicode_FindChar(path, '/', 0, size, -1);
    return slash < 0 ? Py_NewRef(path) : PyUnicode_Substring(path, slash + 1, size);
}

PyObject *
kr_syntax_error_str(PyObject *op)
{
    PySyntaxErrorObject *self = (PySyntaxErrorObject *)op;
    PyObject *msg = self->msg != NULL ? self->msg : Py_None;
    PyObject *filename = NULL, *result;
    bool has_line = self->lineno != NULL && PyLong_CheckExact(self->lineno);
    long line = 0;
    int overflow;

    if (self->filename != NULL && PyUnicode_Check(self->filename)) {
        filename = base_name(self->filename);
        if (filename == NULL) {
            return NULL;
        }
    }
    if (has_line) {
        line = PyLong_AsLongAndOverflow(self->lineno, &overflow);
    }
    if (filename != NULL && has_line) {
        result = PyUnicode_FromFormat("%S (%U, line %ld)", msg, filename, line);
    }
    else if (filename != NULL) {
        result = PyUnicode_FromFormat("%S (%U)", msg, filename);
    }
    else if (has_line) {
        result = PyUnicode_FromFormat("%S (line %ld)", msg, line);
    }
    else {
        result = PyObject_Str(msg);
    }
    Py_XDECREF(filename);
    return result;
}
