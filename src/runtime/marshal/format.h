// SPDX-License-Identifier: MIT
// marshal/format.h - the type bytes of marshalled data, and the two halves of the module.
//
// The format is the one of marshal's version 5. A value is a type byte and what it needs;
// bit 0x80 of the type byte gives the value the next number, by which 'r' refers to it.
// Numbers are little-endian.
#ifndef KR_RUNTIME_MARSHAL_FORMAT_H
#define KR_RUNTIME_MARSHAL_FORMAT_H

#include "Python.h"

#include <stdbool.h>

// How deep values may be nested, in both directions.
#define KR_MARSHAL_MAX_DEPTH 2000

enum {
    T_NULL = '0',
    T_NONE = 'N',
    T_FALSE = 'F',
    T_TRUE = 'T',
    T_STOPITER = 'S',
    T_ELLIPSIS = '.',
    T_INT = 'i',
    T_INT64 = 'I', // read only
    T_FLOAT = 'f', // as text, up to version 1
    T_BINARY_FLOAT = 'g',
    T_COMPLEX = 'x',
    T_BINARY_COMPLEX = 'y',
    T_LONG = 'l',
    T_BYTES = 's',
    T_INTERNED = 't',
    T_REF = 'r',
    T_TUPLE = '(',
    T_SMALL_TUPLE = ')',
    T_LIST = '[',
    T_DICT = '{',
    T_CODE = 'c',
    T_UNICODE = 'u',
    T_UNKNOWN = '?',
    T_SET = '<',
    T_FROZENSET = '>',
    T_SLICE = ':',
    T_ASCII = 'a',
    T_ASCII_INTERNED = 'A',
    T_SHORT_ASCII = 'z',
    T_SHORT_ASCII_INTERNED = 'Z',
    FLAG_REF = 0x80,
};

// write.c: a new bytes object, or NULL with ValueError or MemoryError. Code objects are
// refused unless allow_code.
PyObject *kr_marshal_dumps(PyObject *value, int version, bool allow_code);

// read.c: a new value, or NULL with EOFError, ValueError or TypeError. Bytes behind the
// value are ignored.
PyObject *kr_marshal_loads(const char *data, Py_ssize_t size, bool allow_code);
// The same from an object with readinto().
PyObject *kr_marshal_load(PyObject *file, bool allow_code);

#endif
