// SPDX-License-Identifier: MIT
// handlers.h - what the builtin error handlers put in place of text[from:to].
#ifndef KRAIT_OBJECTS_STR_HANDLERS_H
#define KRAIT_OBJECTS_STR_HANDLERS_H

#include "objects/str/str.h"

PyObject *kr_question_marks(Py_ssize_t count);
PyObject *kr_backslash_escapes(PyObject *text, Py_ssize_t from, Py_ssize_t to);
PyObject *kr_xml_references(PyObject *text, Py_ssize_t from, Py_ssize_t to);
PyObject *kr_name_escapes(PyObject *text, Py_ssize_t from, Py_ssize_t to);
// The bytes behind the escaped surrogates at from; *next_out is where they end.
// NULL without an exception when text[from] is none.
PyObject *kr_unescaped_bytes(PyObject *text, Py_ssize_t from, Py_ssize_t to,
                             Py_ssize_t *next_out);

#endif // KRAIT_OBJECTS_STR_HANDLERS_H
