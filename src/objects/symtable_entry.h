// SPDX-License-Identifier: MIT
// symtable_entry.h - the objects that the _symtable module hands out.
#ifndef KRAIT_OBJECTS_SYMTABLE_ENTRY_H
#define KRAIT_OBJECTS_SYMTABLE_ENTRY_H

#include "Python.h"

extern PyTypeObject PySTEntry_Type;

// Keeps references to the objects given. New reference.
PyObject *kr_symtable_entry_new(uintptr_t id, PyObject *name, int type, int lineno,
                                int nested, PyObject *symbols, PyObject *varnames,
                                PyObject *children);

#endif // KRAIT_OBJECTS_SYMTABLE_ENTRY_H
