// SPDX-License-Identifier: MIT
// module.h - the module object for other files.
#ifndef KRAIT_OBJECTS_MODULE_H
#define KRAIT_OBJECTS_MODULE_H

#include "Python.h"

typedef struct {
    PyObject_HEAD
    PyObject *dict;      // owned; NULL only while the object is being made
    PyModuleDef *def;    // NULL for modules without C definition
    void *state;         // PyMem_Free; NULL without state
    PyObject *weaklist;
    PyObject *name;      // owned, as at creation; for messages only
} KrModule;

static inline PyObject *
kr_module_dict_borrow(PyObject *module)
{
    return ((KrModule *)module)->dict;
}

// The attribute without an exception when it is absent: 1 found, 0, -1. Asks the
// module's own __getattr__ only with a later PyObject_GetAttr.
int kr_module_lookup(PyObject *module, PyObject *name, PyObject **value_out);

// module_errors.c: AttributeError for `module.name`, ImportError for `from module import
// name`; module_name is NULL when the module has none.
void kr_module_no_attribute(PyObject *module, PyObject *module_name, PyObject *name);
void kr_module_cannot_import(PyObject *module, PyObject *module_name, PyObject *name);

#endif // KRAIT_OBJECTS_MODULE_H
