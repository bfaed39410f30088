// SPDX-License-Identifier: MIT
// json.h - what the files of the module _json share.
#ifndef KRAIT_MODULES_JSON_JSON_H
#define KRAIT_MODULES_JSON_JSON_H

#include <Python.h>

#include "base/base.h"

extern PyTypeObject kr_json_scanner_type;
extern PyTypeObject kr_json_encoder_type;

// The C functions behind encode_basestring and encode_basestring_ascii.
PyObject *kr_json_quote(PyObject *module, PyObject *text);
PyObject *kr_json_quote_ascii(PyObject *module, PyObject *text);

// Reads a string whose opening quote stands before begin; *end_out is the index
// behind the closing one. NULL with JSONDecodeError or ValueError set.
PyObject *kr_json_scan_string(PyObject *text, Py_ssize_t begin, bool strict,
                              Py_ssize_t *end_out);

// Sets json.JSONDecodeError(message, text, position).
KR_COLD void kr_json_raise(const char *message, PyObject *text, Py_ssize_t position);

#endif // KRAIT_MODULES_JSON_JSON_H
