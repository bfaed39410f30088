// SPDX-License-Identifier: MIT
// symtable_object.c - symbol tables as Python objects, for the symtable module.

#include "compile/compile.h"
#include "compile/symtable.h"

#include "objects/ids.h"
#include "objects/symtable_entry.h"

// One object per scope; children first need their parents' lists. New reference.
static PyObject *
scope_object(const KrScope *scope, PyObject **made)
{
    if (made[scope->number] != NULL) {
        return Py_NewRef(made[scope->number]);
    }
    if (Py_EnterRecursiveCall(" in symtable")) {
        return NULL;
    }
    PyObject *symbols = PyDict_New(), *varnames = NULL, *children = NULL;
    PyObject *result = NULL;
    if (symbols == NULL) {
        goto done;
    }
    for (int i = 0; i < scope->symbols.count; i++) {
        const KrPtrEntry *entry = &scope->symbols.entries[i];
        if (entry->key == NULL) {
            continue;
        }
        PyObject *flags = PyLong_FromLong((long)entry->value);
        if (flags == NULL || PyDict_SetItem(symbols, entry->key, flags) < 0) {
            Py_XDECREF(flags);
            goto done;
        }
        Py_DECREF(flags);
    }
    varnames = PyList_New(scope->varname_count);
    children = PyList_New(0);
    if (varnames == NULL || children == NULL) {
        goto done;
    }
    for (int i = 0; i < scope->varname_count; i++) {
        PyList_SET_ITEM(varnames, i, Py_NewRef(scope->varnames[i]));
    }
    for (int i = 0; i < scope->children.count; i++) {
        PyObject *child = scope_object(scope->children.items[i], made);
        if (child == NULL || PyList_Append(children, child) < 0) {
            Py_XDECREF(child);
            goto done;
        }
        Py_DECREF(child);
    }
    result = kr_symtable_entry_new((uintptr_t)scope, scope->name, (int)scope->type,
                                   scope->loc.line, scope->nested, symbols, varnames,
                                   children);
    if (result != NULL) {
        made[scope->number] = Py_NewRef(result);
    }

done:
    Py_XDECREF(children);
    Py_XDECREF(varnames);
    Py_XDECREF(symbols);
    Py_LeaveRecursiveCall();
    return result;
}

static PyObject *
table_object(const KrSymtable *st)
{
    PyObject **made = PyMem_Calloc((size_t)st->count + 1, sizeof(*made));
    if (made == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *result = scope_object(st->top, made);
    for (int i = 0; i < st->count; i++) {
        Py_XDECREF(made[i]);
    }
    PyMem_Free(made);
    return result;
}

PyObject *
kr_symtable_string(const char *source, size_t length, PyObject *filename, int start,
                   PyCompilerFlags *flags)
{
    KrArena arena;
    KrCompiler c;
    PyObject *result = NULL;

    kr_arena_init(&arena);
    KrMod *mod = kr_parse_string(source, length, filename, start, flags, &arena);
    if (mod != NULL) {
        if (kr_compiler_start(&c, &arena, filename, flags != NULL ? flags->cf_flags : 0,
                              0)) {
            kr_future_features(&c, mod);
            kr_symtable_build(&c, mod);
            if (!c.failed) {
                result = table_object(c.symtable);
            }
        }
        kr_compiler_finish(&c);
    }
    kr_arena_free(&arena);
    return result;
}
