// SPDX-License-Identifier: MIT
// code.h - making code objects, beyond the public API.
#ifndef KRAIT_OBJECTS_CODE_H
#define KRAIT_OBJECTS_CODE_H

#include "Python.h"

#include "base/base.h"
#include "bytecode/locations.h"

// Everything a code object consists of; all references borrowed.
typedef struct {
    PyObject *filename;
    PyObject *name;
    PyObject *qualname;
    int flags;
    const void *code;            // bytecode
    Py_ssize_t code_size;        // in bytes, even
    int firstlineno;
    PyObject *linetable;         // bytes
    PyObject *consts;            // tuple
    PyObject *names;             // tuple of str
    PyObject *localsplusnames;   // tuple of str
    PyObject *localspluskinds;   // bytes, as many
    int argcount;                // positional-only ones included
    int posonlyargcount;
    int kwonlyargcount;
    int stacksize;
    PyObject *exceptiontable;    // bytes
} KrCodeInit;

// Checks the parts against each other and makes the code object. Untrusted bytecode must
// go through kr_code_verify() as well. New reference.
PyCodeObject *kr_code_new(const KrCodeInit *init);

// True when the bytecode can be executed; otherwise false with ValueError set.
bool kr_code_verify(PyCodeObject *code);

// True once kr_code_verify() has approved of the code, or the compiler made it.
static inline bool
kr_code_is_verified(const PyCodeObject *code)
{
    return code->_co_unique_id == 1;
}

static inline void
kr_code_set_verified(PyCodeObject *code)
{
    code->_co_unique_id = 1;
}

// Whether two constants may share a place: same type and value, recursively; 0.0 and -0.0
// differ, and so do 1 and True.
bool kr_code_same_const(PyObject *a, PyObject *b);
// A hash that goes with it; -1 with an exception set on error.
Py_hash_t kr_code_const_hash(PyObject *object);

// Iterators of co_lines(), co_positions() and co_branches().
extern PyTypeObject _PyLineIterator;
extern PyTypeObject _PyPositionsIterator;
extern PyTypeObject kr_branches_iterator_type;
PyObject *kr_code_lines_iter(PyCodeObject *code);
PyObject *kr_code_positions_iter(PyCodeObject *code);
PyObject *kr_code_branches_iter(PyCodeObject *code);

// Position of the instruction at a byte offset.
bool kr_code_location(PyCodeObject *code, int byte_offset, KrLocation *loc_out);

// The name of a local, cell or free variable, borrowed.
static inline PyObject *
kr_code_local_name(PyCodeObject *code, int index)
{
    return PyTuple_GET_ITEM(code->co_localsplusnames, index);
}

static inline int
kr_code_local_kind(PyCodeObject *code, int index)
{
    return (unsigned char)PyBytes_AS_STRING(code->co_localspluskinds)[index];
}

#endif // KRAIT_OBJECTS_CODE_H
