// SPDX-License-Identifier: MIT
// bytesobject.h - the built-in bytes: an immutable array of bytes.
#ifndef KRAIT_BYTESOBJECT_H
#define KRAIT_BYTESOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

// ob_sval has ob_size + 1 bytes, the last one 0.
typedef struct {
    PyVarObject ob_base;
    Py_hash_t ob_shash; // -1 until asked for
    char ob_sval[1];
} PyBytesObject;

PyAPI_DATA(PyTypeObject) PyBytes_Type;
PyAPI_DATA(PyTypeObject) PyBytesIter_Type;

#define PyBytes_Check(op) PyType_FastSubclass(Py_TYPE(op), Py_TPFLAGS_BYTES_SUBCLASS)
#define PyBytes_CheckExact(op) Py_IS_TYPE((op), &PyBytes_Type)
#define _PyBytes_CAST(op) _Py_CAST(PyBytesObject *, (op))

// Without bytes (NULL) the content is left for the caller to fill in.
PyAPI_FUNC(PyObject *) PyBytes_FromStringAndSize(const char *bytes, Py_ssize_t size);
PyAPI_FUNC(PyObject *) PyBytes_FromString(const char *text);
PyAPI_FUNC(PyObject *) PyBytes_FromObject(PyObject *obj);
PyAPI_FUNC(PyObject *) PyBytes_FromFormatV(const char *format, va_list args)
    Py_GCC_ATTRIBUTE((format(printf, 1, 0)));
PyAPI_FUNC(PyObject *) PyBytes_FromFormat(const char *format, ...)
    Py_GCC_ATTRIBUTE((format(printf, 1, 2)));
PyAPI_FUNC(Py_ssize_t) PyBytes_Size(PyObject *op);
PyAPI_FUNC(char *) PyBytes_AsString(PyObject *op);
PyAPI_FUNC(int) PyBytes_AsStringAndSize(PyObject *op, char **text, Py_ssize_t *size);
PyAPI_FUNC(PyObject *) PyBytes_Repr(PyObject *op, int smart_quotes);
// *left is replaced (NULL on error); the second one also releases right.
PyAPI_FUNC(void) PyBytes_Concat(PyObject **left, PyObject *right);
PyAPI_FUNC(void) PyBytes_ConcatAndDel(PyObject **left, PyObject *right);
PyAPI_FUNC(PyObject *) PyBytes_Join(PyObject *separator, PyObject *iterable);
PyAPI_FUNC(PyObject *) _PyBytes_Join(PyObject *separator, PyObject *iterable);
PyAPI_FUNC(PyObject *) PyBytes_DecodeEscape(const char *text, Py_ssize_t length,
                                            const char *errors, Py_ssize_t unicode,
                                            const char *recode_encoding);
// Only for a bytes that nobody else has seen. On failure *pv becomes NULL.
PyAPI_FUNC(int) _PyBytes_Resize(PyObject **pv, Py_ssize_t size);

static inline char *
PyBytes_AS_STRING(PyObject *op)
{
    return _PyBytes_CAST(op)->ob_sval;
}
#define PyBytes_AS_STRING(op) PyBytes_AS_STRING(_PyObject_CAST(op))

static inline Py_ssize_t
PyBytes_GET_SIZE(PyObject *op)
{
    return ((PyVarObject *)op)->ob_size;
}
#define PyBytes_GET_SIZE(op) PyBytes_GET_SIZE(_PyObject_CAST(op))

#ifdef __cplusplus
}
#endif
#endif // KRAIT_BYTESOBJECT_H
