// SPDX-License-Identifier: MIT
// builtin_table.c - the modules that are part of the executable.
#include <stdlib.h>
#include <string.h>

#include "runtime/import/import.h"

#define MODULE(name, init) extern PyObject *init(void);
#include "runtime/builtin_modules.def"
#undef MODULE

// Ends with a NULL name. An embedding program may replace or extend it before start.
static struct _inittab standard_modules[] = {
#define MODULE(name, init) {#name, init},
#include "runtime/builtin_modules.def"
#undef MODULE
    {NULL, NULL},
};

struct _inittab *PyImport_Inittab = standard_modules;

int
PyImport_ExtendInittab(struct _inittab *newtab)
{
    size_t old = 0, more = 0;
    struct _inittab *table;

    while (newtab[more].name != NULL) {
        more++;
    }
    if (more == 0) {
        return 0;
    }
    while (PyImport_Inittab[old].name != NULL) {
        old++;
    }
    // A table that is in use is never freed: an embedder may hold it.
    table = malloc((old + more + 1) * sizeof *table);
    if (table == NULL) {
        return -1;
    }
    memcpy(table, PyImport_Inittab, old * sizeof *table);
    memcpy(table + old, newtab, (more + 1) * sizeof *table);
    PyImport_Inittab = table;
    return 0;
}

int
PyImport_AppendInittab(const char *name, PyObject *(*initfunc)(void))
{
    struct _inittab entry[] = {{name, initfunc}, {NULL, NULL}};

    return PyImport_ExtendInittab(entry);
}

KrModuleInit
kr_find_builtin_module(const char *name)
{
    for (const struct _inittab *entry = PyImport_Inittab; entry->name != NULL; entry++) {
        if (strcmp(entry->name, name) == 0) {
            return entry->initfunc;
        }
    }
    return NULL;
}

PyObject *
kr_builtin_module_names(void)
{
    PyObject *list = PyList_New(0), *result = NULL;

    if (list == NULL) {
        return NULL;
    }
    for (const struct _inittab *entry = PyImport_Inittab; entry->name != NULL; entry++) {
        PyObject *name = PyUnicode_InternFromString(entry->name);
        if (name == NULL || PyList_Append(list, name) < 0) {
            Py_XDECREF(name);
            goto done;
        }
        Py_DECREF(name);
    }
    if (PyList_Sort(list) == 0) {
        result = PyList_AsTuple(list);
    }

done:
    Py_DECREF(list);
    return result;
}
