// SPDX-License-Identifier: MIT
// memoryobject.h - the built-in memoryview, and pickle.PickleBuffer.
#ifndef KRAIT_MEMORYOBJECT_H
#define KRAIT_MEMORYOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) _PyManagedBuffer_Type;
PyAPI_DATA(PyTypeObject) _PyMemoryIter_Type;
PyAPI_DATA(PyTypeObject) _PyBufferWrapper_Type;
PyAPI_DATA(PyTypeObject) PyMemoryView_Type;
PyAPI_DATA(PyTypeObject) PyPickleBuffer_Type;

#define PyMemoryView_Check(op) Py_IS_TYPE((op), &PyMemoryView_Type)
#define PyMemoryView_GET_BUFFER(op) (&((PyMemoryViewObject *)(op))->view)
#define PyMemoryView_GET_BASE(op) (((PyMemoryViewObject *)(op))->view.obj)

PyAPI_FUNC(PyObject *) PyMemoryView_FromObject(PyObject *base);
PyAPI_FUNC(PyObject *) PyMemoryView_FromMemory(char *mem, Py_ssize_t size, int flags);
PyAPI_FUNC(PyObject *) PyMemoryView_FromBuffer(const Py_buffer *info);
PyAPI_FUNC(PyObject *) PyMemoryView_GetContiguous(PyObject *base, int buffertype,
                                                  char order);

// One buffer got from an exporter, shared by all views made from it.
typedef struct {
    PyObject ob_base;
    int flags;          // _Py_MANAGED_BUFFER_*
    Py_ssize_t exports; // memoryviews that use it
    Py_buffer master;
} _PyManagedBufferObject;

#define _Py_MANAGED_BUFFER_RELEASED 0x001
#define _Py_MANAGED_BUFFER_FREE_FORMAT 0x002

#define _Py_MEMORYVIEW_RELEASED 0x001
#define _Py_MEMORYVIEW_C 0x002
#define _Py_MEMORYVIEW_FORTRAN 0x004
#define _Py_MEMORYVIEW_SCALAR 0x008
#define _Py_MEMORYVIEW_PIL 0x010
#define _Py_MEMORYVIEW_RESTRICTED 0x020

typedef struct {
    PyVarObject ob_base;
    _PyManagedBufferObject *mbuf; // owned
    Py_hash_t hash;               // -1 until asked for
    int flags;                    // _Py_MEMORYVIEW_*
    Py_ssize_t exports;           // buffers handed out by this view
    Py_buffer view;               // its arrays are in ob_array
    PyObject *weakreflist;
    Py_ssize_t ob_array[1];       // shape, strides, suboffsets: 3 * ndim
} PyMemoryViewObject;

#define PyPickleBuffer_Check(op) Py_IS_TYPE((op), &PyPickleBuffer_Type)
PyAPI_FUNC(PyObject *) PyPickleBuffer_FromObject(PyObject *base);
PyAPI_FUNC(const Py_buffer *) PyPickleBuffer_GetBuffer(PyObject *op);
PyAPI_FUNC(int) PyPickleBuffer_Release(PyObject *op);

#ifdef __cplusplus
}
#endif
#endif // KRAIT_MEMORYOBJECT_H
