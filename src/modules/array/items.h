// SPDX-License-Identifier: MIT
// items.h - the kinds of items that an array can have.
#ifndef KRAIT_MODULES_ARRAY_ITEMS_H
#define KRAIT_MODULES_ARRAY_ITEMS_H

#include <Python.h>

#include "base/base.h"

struct Array;

// One type code. Compiled extensions look at the first four members.
typedef struct ArrayKind {
    char typecode;
    int itemsize;
    PyObject *(*getitem)(struct Array *, Py_ssize_t);
    int (*setitem)(struct Array *, Py_ssize_t, PyObject *); // index -1: only check
    int (*compare)(const void *, const void *, Py_ssize_t);  // NULL: through objects
    const char *format;    // of the buffer protocol
    bool is_integer;
    bool is_signed;
} ArrayKind;

// The head is known to compiled extensions.
typedef struct Array {
    PyObject_VAR_HEAD
    char *ob_item;         // owned memory, NULL while empty
    Py_ssize_t allocated;  // items there is room for
    const ArrayKind *ob_descr;
    PyObject *weakreflist;
    Py_ssize_t ob_exports; // buffers given out: the memory must not move
} Array;

// All kinds, ended by one with typecode 0.
extern const ArrayKind kr_array_kinds[];

static inline const ArrayKind *
kr_array_kind_find(Py_UCS4 typecode)
{
    for (const ArrayKind *kind = kr_array_kinds; kind->typecode != 0; kind++) {
        if ((Py_UCS4)(unsigned char)kind->typecode == typecode) {
            return kind;
        }
    }
    return NULL;
}

static inline bool
kr_array_kind_is_text(const ArrayKind *kind)
{
    return kind->typecode == 'u' || kind->typecode == 'w';
}

#endif // KRAIT_MODULES_ARRAY_ITEMS_H
