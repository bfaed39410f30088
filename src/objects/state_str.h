// SPDX-License-Identifier: MIT
// state_str.h - what one interpreter keeps for text: interned strings, codecs.
#ifndef KRAIT_OBJECTS_STATE_STR_H
#define KRAIT_OBJECTS_STATE_STR_H

#include <Python.h>

#include "base/base.h"

typedef struct KrNameIndex KrNameIndex;

typedef struct KrStrState {
    // Interned strings: open addressing, linear probing, borrowed references to
    // mortal ones (str_dealloc removes them). NULL is free, (PyObject *)1 was used.
    PyObject **interned;
    size_t interned_mask;    // size of the table - 1; size is a power of two
    Py_ssize_t interned_used; // live entries
    Py_ssize_t interned_full; // live and formerly used ones

    // The codec registry.
    PyObject *codec_search_path; // list, owned
    PyObject *codec_cache;       // dict: normalised name -> codec tuple, owned
    PyObject *codec_errors;      // dict: name -> handler, owned
    bool codecs_ready;

    // The encoding of file names; set by the runtime at start, else UTF-8.
    char *fs_encoding; // owned (PyMem_RawMalloc), or NULL for "utf-8"
    char *fs_errors;   // owned (PyMem_RawMalloc), or NULL for "surrogateescape"

    KrNameIndex *names; // of code points, owned; made at the first use
} KrStrState;

#endif // KRAIT_OBJECTS_STATE_STR_H
