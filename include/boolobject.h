// SPDX-License-Identifier: MIT
// boolobject.h - True and False, which are ints 1 and 0.
#ifndef KRAIT_BOOLOBJECT_H
#define KRAIT_BOOLOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

// PyBool_Type is declared in object.h.
#define PyBool_Check(x) Py_IS_TYPE((x), &PyBool_Type)

#ifdef Py_LIMITED_API
PyAPI_DATA(struct _longobject) _Py_FalseStruct;
PyAPI_DATA(struct _longobject) _Py_TrueStruct;
#else
PyAPI_DATA(PyLongObject) _Py_FalseStruct;
PyAPI_DATA(PyLongObject) _Py_TrueStruct;
#endif
#define Py_False _PyObject_CAST(&_Py_FalseStruct)
#define Py_True _PyObject_CAST(&_Py_TrueStruct)

PyAPI_FUNC(int) Py_IsTrue(PyObject *x);
PyAPI_FUNC(int) Py_IsFalse(PyObject *x);
#define Py_IsTrue(x) Py_Is((x), Py_True)
#define Py_IsFalse(x) Py_Is((x), Py_False)
#define Py_RETURN_TRUE return Py_True
#define Py_RETURN_FALSE return Py_False

PyAPI_FUNC(PyObject *) PyBool_FromLong(long value);

#ifdef __cplusplus
}
#endif
#endif // KRAIT_BOOLOBJECT_H
