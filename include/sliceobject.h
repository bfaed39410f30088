// SPDX-License-Identifier: MIT
// sliceobject.h - slice objects.
#ifndef KRAIT_SLICEOBJECT_H
#define KRAIT_SLICEOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifndef Py_LIMITED_API
typedef struct {
    PyObject_HEAD
    PyObject *start, *stop, *step; // owned, never NULL
} PySliceObject;
#endif

PyAPI_DATA(PyTypeObject) PySlice_Type;
PyAPI_DATA(PyTypeObject) PyEllipsis_Type;
PyAPI_DATA(PyObject) _Py_EllipsisObject;
#define Py_Ellipsis (&_Py_EllipsisObject)

#define PySlice_Check(op) Py_IS_TYPE((op), &PySlice_Type)

PyAPI_FUNC(PyObject *) PySlice_New(PyObject *start, PyObject *stop, PyObject *step);
PyAPI_FUNC(int) PySlice_GetIndices(PyObject *r, Py_ssize_t length, Py_ssize_t *start,
                                   Py_ssize_t *stop, Py_ssize_t *step);
PyAPI_FUNC(int) PySlice_GetIndicesEx(PyObject *r, Py_ssize_t length,
                                     Py_ssize_t *start, Py_ssize_t *stop,
                                     Py_ssize_t *step, Py_ssize_t *slicelength);
// The two halves of PySlice_GetIndicesEx: the first may run Python, so that
// the length has to be read between them.
PyAPI_FUNC(int) PySlice_Unpack(PyObject *slice, Py_ssize_t *start, Py_ssize_t *stop,
                               Py_ssize_t *step);
PyAPI_FUNC(Py_ssize_t) PySlice_AdjustIndices(Py_ssize_t length, Py_ssize_t *start,
                                             Py_ssize_t *stop, Py_ssize_t step);
#define PySlice_GetIndicesEx(slice, length, start, stop, step, slicelen)      \
    (PySlice_Unpack((slice), (start), (stop), (step)) < 0                     \
         ? ((*(slicelen) = 0), -1)                                            \
         : ((*(slicelen)                                                      \
             = PySlice_AdjustIndices((length), (start), (stop), *(step))),    \
            0))

#ifndef Py_LIMITED_API
// Converters for argument parsing: clip what does not fit; None keeps *p.
PyAPI_FUNC(int) _PyEval_SliceIndex(PyObject *, Py_ssize_t *);
PyAPI_FUNC(int) _PyEval_SliceIndexNotNone(PyObject *, Py_ssize_t *);
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_SLICEOBJECT_H
