// SPDX-License-Identifier: MIT
// tupleobject.h - the built-in tuple: a fixed array of owned references.
#ifndef KRAIT_TUPLEOBJECT_H
#define KRAIT_TUPLEOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyTuple_Type;
PyAPI_DATA(PyTypeObject) PyTupleIter_Type;

#define PyTuple_Check(op) PyType_FastSubclass(Py_TYPE(op), Py_TPFLAGS_TUPLE_SUBCLASS)
#define PyTuple_CheckExact(op) Py_IS_TYPE((op), &PyTuple_Type)

PyAPI_FUNC(PyObject *) PyTuple_New(Py_ssize_t size);
PyAPI_FUNC(Py_ssize_t) PyTuple_Size(PyObject *);
// Returns a borrowed reference.
PyAPI_FUNC(PyObject *) PyTuple_GetItem(PyObject *, Py_ssize_t);
// Consumes the item, even when it fails.
PyAPI_FUNC(int) PyTuple_SetItem(PyObject *, Py_ssize_t, PyObject *);
PyAPI_FUNC(PyObject *) PyTuple_GetSlice(PyObject *, Py_ssize_t, Py_ssize_t);
PyAPI_FUNC(PyObject *) PyTuple_Pack(Py_ssize_t, ...);

#ifndef Py_LIMITED_API
typedef struct {
    PyObject_VAR_HEAD
    Py_hash_t ob_hash; // -1 until asked for
    PyObject *ob_item[1];
} PyTupleObject;

// Changes the size of a tuple that nobody else knows yet.
PyAPI_FUNC(int) _PyTuple_Resize(PyObject **, Py_ssize_t);
PyAPI_FUNC(PyObject *) PyTuple_FromArray(PyObject *const *array, Py_ssize_t size);

#define _PyTuple_CAST(op) _Py_CAST(PyTupleObject *, (op))

static inline Py_ssize_t
PyTuple_GET_SIZE(PyObject *op)
{
    return Py_SIZE(op);
}
#define PyTuple_GET_SIZE(op) PyTuple_GET_SIZE(_PyObject_CAST(op))

#define PyTuple_GET_ITEM(op, index) (_PyTuple_CAST(op)->ob_item[(index)])

// Stores into a fresh tuple: consumes value and forgets what stood there.
static inline void
PyTuple_SET_ITEM(PyObject *op, Py_ssize_t index, PyObject *value)
{
    // Indexing through the pointer keeps compilers from assuming one item.
    PyObject **items = _PyTuple_CAST(op)->ob_item;
    items[index] = value;
}
#define PyTuple_SET_ITEM(op, index, value)                                    \
    PyTuple_SET_ITEM(_PyObject_CAST(op), (index), _PyObject_CAST(value))
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_TUPLEOBJECT_H
