// SPDX-License-Identifier: MIT
// symtable_entry.c - one scope of a symbol table, as the symtable module sees it.

#include "objects/symtable_entry.h"

#include <stddef.h>

typedef struct {
    PyObject_HEAD
    PyObject *id;       // int
    PyObject *symbols;  // dict: name -> flags
    PyObject *name;
    PyObject *varnames; // list of str
    PyObject *children; // list of entries
    int type;
    int nested;
    int lineno;
} KrSymtableEntry;

PyObject *
kr_symtable_entry_new(uintptr_t id, PyObject *name, int type, int lineno, int nested,
                      PyObject *symbols, PyObject *varnames, PyObject *children)
{
    PyObject *number = PyLong_FromUnsignedLongLong(id);
    if (number == NULL) {
        return NULL;
    }
    KrSymtableEntry *self = PyObject_New(KrSymtableEntry, &PySTEntry_Type);
    if (self == NULL) {
        Py_DECREF(number);
        return NULL;
    }
    self->id = number;
    self->symbols = Py_NewRef(symbols);
    self->name = Py_NewRef(name);
    self->varnames = Py_NewRef(varnames);
    self->children = Py_NewRef(children);
    self->type = type;
    self->nested = nested;
    self->lineno = lineno;
    return (PyObject *)self;
}

static void
symtable_entry_dealloc(PyObject *op)
{
    KrSymtableEntry *self = (KrSymtableEntry *)op;
    Py_XDECREF(self->id);
    Py_XDECREF(self->symbols);
    Py_XDECREF(self->name);
    Py_XDECREF(self->varnames);
    Py_XDECREF(self->children);
    PyObject_Free(op);
}

static PyObject *
symtable_entry_repr(PyObject *op)
{
    KrSymtableEntry *self = (KrSymtableEntry *)op;
    return PyUnicode_FromFormat("<symtable entry %U(%R), line %d>", self->name, self->id,
                                self->lineno);
}

static PyMemberDef symtable_entry_members[] = {
    {"id", Py_T_OBJECT_EX, offsetof(KrSymtableEntry, id), Py_READONLY},
    {"name", Py_T_OBJECT_EX, offsetof(KrSymtableEntry, name), Py_READONLY},
    {"symbols", Py_T_OBJECT_EX, offsetof(KrSymtableEntry, symbols), Py_READONLY},
    {"varnames", Py_T_OBJECT_EX, offsetof(KrSymtableEntry, varnames), Py_READONLY},
    {"children", Py_T_OBJECT_EX, offsetof(KrSymtableEntry, children), Py_READONLY},
    {"nested", Py_T_INT, offsetof(KrSymtableEntry, nested), Py_READONLY},
    {"type", Py_T_INT, offsetof(KrSymtableEntry, type), Py_READONLY},
    {"lineno", Py_T_INT, offsetof(KrSymtableEntry, lineno), Py_READONLY},
    {NULL},
};

PyTypeObject PySTEntry_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "symtable entry",
    .tp_basicsize = sizeof(KrSymtableEntry),
    .tp_dealloc = symtable_entry_dealloc,
    .tp_repr = symtable_entry_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_members = symtable_entry_members,
};
