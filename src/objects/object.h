// SPDX-License-Identifier: MIT
// object.h - attribute access and errors about it, beyond the public API.
#ifndef KRAIT_OBJECTS_OBJECT_H
#define KRAIT_OBJECTS_OBJECT_H

#include "Python.h"

#include "base/base.h"

// Attribute lookup as PyObject_GenericGetAttr does it, without raising when the
// attribute is absent: 1 found, 0 absent, -1 error.
int kr_generic_lookup(PyObject *obj, PyObject *name, PyObject **value_out);

// Sets AttributeError "'T' object has no attribute 'name'" with name and obj.
KR_COLD void kr_no_attribute(PyObject *obj, PyObject *name);
// Gives the pending AttributeError its name and obj attributes, if it has none.
void kr_attribute_error_context(PyObject *obj, PyObject *name);

// Where the object keeps its own dict pointer, or NULL: no dict, or managed.
PyObject **kr_dict_field(PyObject *obj);

// True if `value` is an instance of type `name`-ed in messages; see callers.
static inline bool
kr_is_data_descriptor(PyObject *descr)
{
    return Py_TYPE(descr)->tp_descr_set != NULL;
}

// dir() without an argument is served by hooks; dir(obj).
PyObject *kr_object_dir(PyObject *obj);

extern const char *const kr_compare_op_text[6];

#endif // KRAIT_OBJECTS_OBJECT_H
