// SPDX-License-Identifier: MIT
// exported.c - functions whose names are macros in the headers, for extensions that
// call them without seeing the layout. So this file cannot include Python.h.
typedef struct _object PyObject;

void *kr_str_data(PyObject *text);
unsigned int kr_str_kind(PyObject *text);

#define EXPORTED __attribute__((visibility("default")))
EXPORTED void *PyUnicode_DATA(PyObject *text);
EXPORTED unsigned int PyUnicode_KIND(PyObject *text);

void *
PyUnicode_DATA(PyObject *text)
{
    return kr_str_data(text);
}

unsigned int
PyUnicode_KIND(PyObject *text)
{
    return kr_str_kind(text);
}
