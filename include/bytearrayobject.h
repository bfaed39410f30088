// SPDX-License-Identifier: MIT
// bytearrayobject.h - the built-in bytearray: a growable array of bytes.
#ifndef KRAIT_BYTEARRAYOBJECT_H
#define KRAIT_BYTEARRAYOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

// The content is ob_start[0 .. ob_size) and a 0 byte behind it.
typedef struct {
    PyVarObject ob_base;
    Py_ssize_t ob_alloc;   // bytes at ob_bytes; 0 when there is no memory
    char *ob_bytes;        // owned, PyMem
    char *ob_start;        // first byte in use; deleting in front moves it
    Py_ssize_t ob_exports; // open buffers: while > 0 the size is fixed
} PyByteArrayObject;

PyAPI_DATA(PyTypeObject) PyByteArray_Type;
PyAPI_DATA(PyTypeObject) PyByteArrayIter_Type;
PyAPI_DATA(char) _PyByteArray_empty_string[];

#define PyByteArray_Check(op) PyObject_TypeCheck((op), &PyByteArray_Type)
#define PyByteArray_CheckExact(op) Py_IS_TYPE((op), &PyByteArray_Type)
#define _PyByteArray_CAST(op) _Py_CAST(PyByteArrayObject *, (op))

PyAPI_FUNC(PyObject *) PyByteArray_FromObject(PyObject *obj);
PyAPI_FUNC(PyObject *) PyByteArray_Concat(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyByteArray_FromStringAndSize(const char *bytes, Py_ssize_t size);
PyAPI_FUNC(Py_ssize_t) PyByteArray_Size(PyObject *op);
PyAPI_FUNC(char *) PyByteArray_AsString(PyObject *op);
PyAPI_FUNC(int) PyByteArray_Resize(PyObject *op, Py_ssize_t size);

static inline char *
PyByteArray_AS_STRING(PyObject *op)
{
    PyByteArrayObject *self = _PyByteArray_CAST(op);
    return Py_SIZE(self) ? self->ob_start : _PyByteArray_empty_string;
}
#define PyByteArray_AS_STRING(op) PyByteArray_AS_STRING(_PyObject_CAST(op))

static inline Py_ssize_t
PyByteArray_GET_SIZE(PyObject *op)
{
    return ((PyVarObject *)op)->ob_size;
}
#define PyByteArray_GET_SIZE(op) PyByteArray_GET_SIZE(_PyObject_CAST(op))

#ifdef __cplusplus
}
#endif
#endif // KRAIT_BYTEARRAYOBJECT_H
