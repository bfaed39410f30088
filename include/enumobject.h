// SPDX-License-Identifier: MIT
// enumobject.h - enumerate and reversed.
#ifndef KRAIT_ENUMOBJECT_H
#define KRAIT_ENUMOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyEnum_Type;
PyAPI_DATA(PyTypeObject) PyReversed_Type;

#ifdef __cplusplus
}
#endif
#endif // KRAIT_ENUMOBJECT_H
