// SPDX-License-Identifier: MIT
// bltinmodule.h - types of builtin functions that return iterators.
#ifndef KRAIT_BLTINMODULE_H
#define KRAIT_BLTINMODULE_H
#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyFilter_Type;
PyAPI_DATA(PyTypeObject) PyMap_Type;
PyAPI_DATA(PyTypeObject) PyZip_Type;

#ifdef __cplusplus
}
#endif
#endif // KRAIT_BLTINMODULE_H
