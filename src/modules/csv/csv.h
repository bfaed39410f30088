// SPDX-License-Identifier: MIT
// csv.h - dialects, readers and writers as the files of this folder see them.
#ifndef KRAIT_MODULES_CSV_CSV_H
#define KRAIT_MODULES_CSV_CSV_H

#include <Python.h>

#include "base/base.h"

// Stands for "no such character".
#define CSV_NO_CHAR ((Py_UCS4)-1)

typedef enum {
    QUOTE_MINIMAL,
    QUOTE_ALL,
    QUOTE_NONNUMERIC,
    QUOTE_NONE,
    QUOTE_STRINGS,
    QUOTE_NOTNULL,
} CsvQuoting;

typedef struct {
    PyObject_HEAD
    char doublequote;
    char skipinitialspace;
    char strict;
    int quoting; // CsvQuoting
    Py_UCS4 delimiter;
    Py_UCS4 quotechar;        // or CSV_NO_CHAR
    Py_UCS4 escapechar;       // or CSV_NO_CHAR
    PyObject *lineterminator; // owned, a str
} CsvDialect;

typedef struct {
    PyObject *error;     // owned
    PyObject *dialects;  // owned: name -> dialect
    PyTypeObject *types[3]; // owned: dialect, reader, writer
    Py_ssize_t field_limit;
} CsvState;

enum { CSV_DIALECT, CSV_READER, CSV_WRITER };

extern PyModuleDef kr_csv_def;
extern PyType_Spec kr_csv_dialect_spec;
extern PyType_Spec kr_csv_reader_spec;
extern PyType_Spec kr_csv_writer_spec;

static inline CsvState *
kr_csv_state(PyObject *module)
{
    return PyModule_GetState(module);
}

// The registered dialect of that name, owned; Error when there is none.
PyObject *kr_csv_get_dialect(CsvState *state, PyObject *name);

// A dialect from a base (NULL: none) and keyword settings (NULL: none).
CsvDialect *kr_csv_make_dialect(CsvState *state, PyObject *base, PyObject *kwargs);

PyObject *kr_csv_reader_new(CsvState *state, PyObject *iterable, PyObject *dialect,
                            PyObject *kwargs);
PyObject *kr_csv_writer_new(CsvState *state, PyObject *file, PyObject *dialect,
                            PyObject *kwargs);

#endif // KRAIT_MODULES_CSV_CSV_H
