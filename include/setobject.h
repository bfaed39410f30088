// SPDX-License-Identifier: MIT
// setobject.h - the built-in set and frozenset.
#ifndef KRAIT_SETOBJECT_H
#define KRAIT_SETOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PySet_Type;
PyAPI_DATA(PyTypeObject) PyFrozenSet_Type;
PyAPI_DATA(PyTypeObject) PySetIter_Type;

PyAPI_FUNC(PyObject *) PySet_New(PyObject *);
PyAPI_FUNC(PyObject *) PyFrozenSet_New(PyObject *);
PyAPI_FUNC(int) PySet_Add(PyObject *set, PyObject *key);
PyAPI_FUNC(int) PySet_Clear(PyObject *set);
PyAPI_FUNC(int) PySet_Contains(PyObject *anyset, PyObject *key);
PyAPI_FUNC(int) PySet_Discard(PyObject *set, PyObject *key);
PyAPI_FUNC(PyObject *) PySet_Pop(PyObject *set);
PyAPI_FUNC(Py_ssize_t) PySet_Size(PyObject *anyset);

#define PyFrozenSet_CheckExact(ob) Py_IS_TYPE((ob), &PyFrozenSet_Type)
#define PyFrozenSet_Check(ob)                                                 \
    (Py_IS_TYPE((ob), &PyFrozenSet_Type)                                      \
     || PyType_IsSubtype(Py_TYPE(ob), &PyFrozenSet_Type))
#define PyAnySet_CheckExact(ob)                                               \
    (Py_IS_TYPE((ob), &PySet_Type) || Py_IS_TYPE((ob), &PyFrozenSet_Type))
#define PyAnySet_Check(ob)                                                    \
    (PyAnySet_CheckExact(ob) || PyType_IsSubtype(Py_TYPE(ob), &PySet_Type)    \
     || PyType_IsSubtype(Py_TYPE(ob), &PyFrozenSet_Type))
#define PySet_CheckExact(op) Py_IS_TYPE((op), &PySet_Type)
#define PySet_Check(ob)                                                       \
    (Py_IS_TYPE((ob), &PySet_Type) || PyType_IsSubtype(Py_TYPE(ob), &PySet_Type))

#ifndef Py_LIMITED_API
// Number of entries inside the object itself.
#define PySet_MINSIZE 8

typedef struct {
    PyObject *key; // owned; NULL: never used
    Py_hash_t hash;
} setentry;

// Open addressing; the size of table is mask + 1, a power of two.
typedef struct {
    PyObject_HEAD
    Py_ssize_t fill; // entries in use or left behind by a deletion
    Py_ssize_t used; // items
    Py_ssize_t mask;
    setentry *table;  // smalltable, or owned memory
    Py_hash_t hash;   // frozenset only; -1 until asked for
    Py_ssize_t finger; // where pop() looks next
    setentry smalltable[PySet_MINSIZE];
    PyObject *weakreflist;
} PySetObject;

#define _PySet_CAST(so) _Py_CAST(PySetObject *, (so))

static inline Py_ssize_t
PySet_GET_SIZE(PyObject *so)
{
    return _PySet_CAST(so)->used;
}
#define PySet_GET_SIZE(so) PySet_GET_SIZE(_PyObject_CAST(so))

PyAPI_FUNC(int) _PySet_NextEntry(PyObject *set, Py_ssize_t *pos, PyObject **key,
                                 Py_hash_t *hash);
PyAPI_FUNC(int) _PySet_Update(PyObject *set, PyObject *iterable);
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_SETOBJECT_H
