// SPDX-License-Identifier: MIT
// docstring.c - takes the source's indentation out of docstrings.

#include "compile/docstring.h"

#include "base/base.h"

// Expands tabs to columns of eight. New reference.
static PyObject *
expand_tabs(PyObject *text)
{
    if (PyUnicode_FindChar(text, '\t', 0, PyUnicode_GET_LENGTH(text), 1) < 0) {
        return Py_NewRef(text);
    }
    return PyObject_CallMethod(text, "expandtabs", NULL);
}

// Columns of leading blanks that every non-blank line after the first has.
static Py_ssize_t
common_margin(const char *p, const char *end)
{
    Py_ssize_t margin = PY_SSIZE_T_MAX;
    while (p < end) {
        const char *line = p;
        while (p < end && *p == ' ') {
            p++;
        }
        if (p < end && *p != '\n' && p - line < margin) {
            margin = p - line;
        }
        while (p < end && *p++ != '\n') {
        }
    }
    return margin == PY_SSIZE_T_MAX ? 0 : margin;
}

PyObject *
kr_clean_docstring(PyObject *text)
{
    PyObject *expanded = NULL, *bytes = NULL, *result = NULL;
    char *buffer = NULL;

    expanded = expand_tabs(text);
    if (expanded == NULL) {
        goto done;
    }
    // Surrogates may stand in a literal.
    bytes = PyUnicode_AsEncodedString(expanded, "utf-8", "surrogatepass");
    if (bytes == NULL) {
        goto done;
    }
    Py_ssize_t size = PyBytes_GET_SIZE(bytes);
    const char *p = PyBytes_AS_STRING(bytes);
    const char *end = p + size;
    buffer = PyMem_Malloc((size_t)size + 1);
    if (buffer == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    // The first line loses all leading blanks, whatever the others do.
    const char *first = p;
    while (p < end && *p == ' ') {
        p++;
    }
    char *out = buffer;
    while (p < end) {
        char ch = *p++;
        *out++ = ch;
        if (ch == '\n') {
            break;
        }
    }
    Py_ssize_t margin = common_margin(p, end);
    if (margin == 0 && out - buffer == p - first) {
        result = KR_MOVE(expanded);
        goto done;
    }
    while (p < end) {
        for (Py_ssize_t i = 0; i < margin && p < end && *p == ' '; i++) {
            p++;
        }
        while (p < end) {
            char ch = *p++;
            *out++ = ch;
            if (ch == '\n') {
                break;
            }
        }
    }
    result = PyUnicode_DecodeUTF8(buffer, out - buffer, "surrogatepass");

done:
    PyMem_Free(buffer);
    Py_XDECREF(bytes);
    Py_XDECREF(expanded);
    return result;
}
