// SPDX-License-Identifier: MIT
// rangeobject.h - range objects and their iterators.
#ifndef KRAIT_RANGEOBJECT_H
#define KRAIT_RANGEOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyRange_Type;
PyAPI_DATA(PyTypeObject) PyRangeIter_Type;
PyAPI_DATA(PyTypeObject) PyLongRangeIter_Type;

#define PyRange_Check(op) Py_IS_TYPE((op), &PyRange_Type)

#ifdef __cplusplus
}
#endif
#endif // KRAIT_RANGEOBJECT_H
