// SPDX-License-Identifier: MIT
// format.h - the units of the format strings of PyArg_Parse* .
//
// Every variable argument of PyArg_Parse* is a pointer, so a unit can be read
// together with its pointers before it is known whether there is an argument for
// it: skipping a unit is reading it and doing nothing.
#ifndef KRAIT_CAPI_FORMAT_H
#define KRAIT_CAPI_FORMAT_H

#include "Python.h"

#include "base/base.h"

// One unit: "O!", "s#", "es", "(ii)"...
typedef struct {
    char code;          // the letter, 'e' for es and et, '(' for a nested sequence
    char mode;          // '#', '*', '!', '&', '?', or 0
    char encoding_mode; // 's' or 't' after 'e'
    int pointers;       // how many of pointer[] are filled
    void *pointer[4];
} KrFormatUnit;

// A place in a format string and the rest of the variable arguments.
typedef struct {
    const char *at;
    va_list va;
} KrFormatReader;

// What has to be undone when a later unit fails.
typedef enum {
    KR_UNDO_BUFFER,    // Py_buffer *
    KR_UNDO_MEMORY,    // char **, from PyMem_Malloc
    KR_UNDO_CONVERTER, // int (*)(PyObject *, void *) and its address
} KrUndoKind;

typedef struct {
    KrUndoKind kind;
    void *address;
    int (*converter)(PyObject *, void *);
} KrUndo;

enum { KR_FORMAT_DEPTH = 30, KR_UNDO_INLINE = 8 };

// The state of one parse.
typedef struct {
    KrFormatReader reader;
    const char *name;    // after ':', or NULL
    const char *message; // after ';', or NULL
    int min;             // required units at the top level
    int max;             // all of them
    int max_positional;  // those before '$'; INT_MAX without
    bool optional_positional; // '|' stands before '$'
    KrUndo *undo;
    int undo_count;
    int undo_capacity;
    KrUndo undo_inline[KR_UNDO_INLINE];
    int levels[KR_FORMAT_DEPTH + 1]; // indices of nested items, 1-based; 0 ends
    char complaint[256];
} KrFormatParse;

#endif // KRAIT_CAPI_FORMAT_H
