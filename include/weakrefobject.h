// SPDX-License-Identifier: MIT
// weakrefobject.h - weak references and proxies.
#ifndef KRAIT_WEAKREFOBJECT_H
#define KRAIT_WEAKREFOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

typedef struct _PyWeakReference PyWeakReference;

// Weak references of one object form a doubly linked list.
struct _PyWeakReference {
    PyObject ob_base;
    PyObject *wr_object;      // borrowed; None once it is dead
    PyObject *wr_callback;    // owned, or NULL
    Py_hash_t hash;           // -1 until asked for
    PyWeakReference *wr_prev;
    PyWeakReference *wr_next;
    vectorcallfunc vectorcall;
};

PyAPI_DATA(PyTypeObject) _PyWeakref_RefType;
PyAPI_DATA(PyTypeObject) _PyWeakref_ProxyType;
PyAPI_DATA(PyTypeObject) _PyWeakref_CallableProxyType;

#define PyWeakref_CheckRef(op) PyObject_TypeCheck((op), &_PyWeakref_RefType)
#define PyWeakref_CheckRefExact(op) Py_IS_TYPE((op), &_PyWeakref_RefType)
#define PyWeakref_CheckProxy(op)                                               \
    (Py_IS_TYPE((op), &_PyWeakref_ProxyType) ||                                \
     Py_IS_TYPE((op), &_PyWeakref_CallableProxyType))
#define PyWeakref_Check(op) (PyWeakref_CheckRef(op) || PyWeakref_CheckProxy(op))

PyAPI_FUNC(PyObject *) PyWeakref_NewRef(PyObject *op, PyObject *callback);
PyAPI_FUNC(PyObject *) PyWeakref_NewProxy(PyObject *op, PyObject *callback);
// 1 and a new reference, 0 when dead, -1 when ref is no weak reference.
PyAPI_FUNC(int) PyWeakref_GetRef(PyObject *ref, PyObject **pobj);
PyAPI_FUNC(int) PyWeakref_IsDead(PyObject *ref);
// Borrowed, None when dead.
PyAPI_FUNC(PyObject *) PyWeakref_GetObject(PyObject *ref);
PyAPI_FUNC(void) _PyWeakref_ClearRef(PyWeakReference *self);
// Clears the references without calling their callbacks.
PyAPI_FUNC(void) PyUnstable_Object_ClearWeakRefsNoCallbacks(PyObject *op);

// Borrowed, None when dead or dying.
static inline PyObject *
PyWeakref_GET_OBJECT(PyObject *ref)
{
    PyObject *obj = ((PyWeakReference *)ref)->wr_object;
    return Py_REFCNT(obj) > 0 ? obj : Py_None;
}
#define PyWeakref_GET_OBJECT(ref) PyWeakref_GET_OBJECT(_PyObject_CAST(ref))

#ifdef __cplusplus
}
#endif
#endif // KRAIT_WEAKREFOBJECT_H
