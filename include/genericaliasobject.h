// SPDX-License-Identifier: MIT
// genericaliasobject.h - list[int] and its kind.
#ifndef KRAIT_GENERICALIASOBJECT_H
#define KRAIT_GENERICALIASOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(PyObject *) Py_GenericAlias(PyObject *, PyObject *);
PyAPI_DATA(PyTypeObject) Py_GenericAliasType;
PyAPI_DATA(PyTypeObject) _PyUnion_Type;

#ifdef __cplusplus
}
#endif
#endif // KRAIT_GENERICALIASOBJECT_H
