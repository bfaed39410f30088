// SPDX-License-Identifier: MIT
// typevar.h - type parameters and aliases, made by syntax or by typing.
#ifndef KRAIT_OBJECTS_TYPEVAR_H
#define KRAIT_OBJECTS_TYPEVAR_H

#include "Python.h"

extern PyTypeObject kr_typevar_type;
extern PyTypeObject kr_paramspec_type;
extern PyTypeObject kr_typevartuple_type;
extern PyTypeObject kr_paramspecargs_type;
extern PyTypeObject kr_paramspeckwargs_type;
extern PyTypeObject kr_typealias_type;
PyObject *kr_generic_borrow(void);
extern PyTypeObject kr_nodefault_type;
extern PyTypeObject kr_constevaluator_type;
extern PyObject kr_nodefault; // typing.NoDefault

// What the compiler's intrinsics make. New references.
PyObject *kr_typevar_from_name(PyTypeObject *type, PyObject *name);
PyObject *kr_typevar_with(PyObject *name, PyObject *evaluate_bound,
                          PyObject *evaluate_constraints);
PyObject *kr_typevar_set_default(PyObject *parameter, PyObject *evaluate);
PyObject *kr_subscript_generic(PyObject *parameters);
PyObject *kr_typealias_from_tuple(PyObject *parts);

int kr_init_typevars(void);

#endif // KRAIT_OBJECTS_TYPEVAR_H
