// SPDX-License-Identifier: MIT
// refcount.h - reference counts. The bodies are part of the binary interface.
//
// Only the low 32 bits of the head word count. Bit 31 set means immortal: the
// object is never counted down to death. The upper half (ob_overflow, ob_flags)
// is 0 in every mortal object, because some extensions count on all 64 bits.
#ifndef KRAIT_REFCOUNT_H
#define KRAIT_REFCOUNT_H
#ifdef __cplusplus
extern "C" {
#endif

#define _Py_IMMORTAL_INITIAL_REFCNT ((Py_ssize_t)(3ULL << 30))
#define _Py_IMMORTAL_MINIMUM_REFCNT ((Py_ssize_t)(1ULL << 31))
#define _Py_STATIC_FLAG_BITS                                                   \
    ((Py_ssize_t)(_Py_STATICALLY_ALLOCATED_FLAG | _Py_IMMORTAL_FLAGS))
#define _Py_STATIC_IMMORTAL_INITIAL_REFCNT                                     \
    ((Py_ssize_t)((uint64_t)_Py_IMMORTAL_INITIAL_REFCNT |                      \
                  ((uint64_t)_Py_STATIC_FLAG_BITS << 48)))
#define _Py_STATIC_IMMORTAL_MINIMUM_REFCNT ((Py_ssize_t)(7ULL << 28))

PyAPI_FUNC(void) _Py_Dealloc(PyObject *op);
PyAPI_FUNC(void) Py_IncRef(PyObject *op);
PyAPI_FUNC(void) Py_DecRef(PyObject *op);
PyAPI_FUNC(void) _Py_IncRef(PyObject *op);
PyAPI_FUNC(void) _Py_DecRef(PyObject *op);
PyAPI_FUNC(PyObject *) Py_NewRef(PyObject *op);
PyAPI_FUNC(PyObject *) Py_XNewRef(PyObject *op);
PyAPI_FUNC(Py_ssize_t) PyUnstable_Object_Refcnt_(PyObject *op);

// Reads the count; immortal objects answer a large number.
static inline Py_ssize_t
kr_refcnt(PyObject *op)
{
    return op->ob_refcnt;
}
PyAPI_FUNC(Py_ssize_t) Py_REFCNT(PyObject *op);
#define Py_REFCNT(op) kr_refcnt(_PyObject_CAST(op))

static inline Py_ALWAYS_INLINE int
_Py_IsImmortal(PyObject *op)
{
    return (int32_t)op->ob_refcnt < 0;
}
#define _Py_IsImmortal(op) _Py_IsImmortal(_PyObject_CAST(op))

static inline Py_ALWAYS_INLINE int
_Py_IsStaticImmortal(PyObject *op)
{
    return (op->ob_flags & _Py_STATICALLY_ALLOCATED_FLAG) != 0;
}
#define _Py_IsStaticImmortal(op) _Py_IsStaticImmortal(_PyObject_CAST(op))

static inline void
Py_SET_REFCNT(PyObject *op, Py_ssize_t count)
{
    if (!_Py_IsImmortal(op)) {
        op->ob_refcnt = (uint32_t)count;
    }
}
#define Py_SET_REFCNT(op, count) Py_SET_REFCNT(_PyObject_CAST(op), (count))

static inline Py_ALWAYS_INLINE void
Py_INCREF(PyObject *op)
{
    uint32_t count = op->ob_refcnt;
    if (count >= (uint32_t)_Py_IMMORTAL_INITIAL_REFCNT) {
        return;
    }
    op->ob_refcnt = count + 1;
}
#define Py_INCREF(op) Py_INCREF(_PyObject_CAST(op))

static inline Py_ALWAYS_INLINE void
Py_DECREF(PyObject *op)
{
    if (_Py_IsImmortal(op)) {
        return;
    }
    if (--op->ob_refcnt == 0) {
        _Py_Dealloc(op);
    }
}
#define Py_DECREF(op) Py_DECREF(_PyObject_CAST(op))

static inline void
Py_XINCREF(PyObject *op)
{
    if (op != NULL) {
        Py_INCREF(op);
    }
}
#define Py_XINCREF(op) Py_XINCREF(_PyObject_CAST(op))

static inline void
Py_XDECREF(PyObject *op)
{
    if (op != NULL) {
        Py_DECREF(op);
    }
}
#define Py_XDECREF(op) Py_XDECREF(_PyObject_CAST(op))

static inline PyObject *
_Py_NewRef(PyObject *op)
{
    Py_INCREF(op);
    return op;
}

static inline PyObject *
_Py_XNewRef(PyObject *op)
{
    Py_XINCREF(op);
    return op;
}
#define Py_NewRef(op) _Py_NewRef(_PyObject_CAST(op))
#define Py_XNewRef(op) _Py_XNewRef(_PyObject_CAST(op))

// Empties the variable before the release, which may run any code.
#define Py_CLEAR(op)                                                           \
    do {                                                                       \
        PyObject **kr_place_ = (PyObject **)&(op);                             \
        PyObject *kr_old_ = *kr_place_;                                        \
        if (kr_old_ != NULL) {                                                 \
            *kr_place_ = NULL;                                                 \
            Py_DECREF(kr_old_);                                                \
        }                                                                      \
    } while (0)

// Stores a new (stolen) value, then releases the old one.
#define Py_SETREF(dst, src)                                                    \
    do {                                                                       \
        PyObject **kr_place_ = (PyObject **)&(dst);                            \
        PyObject *kr_old_ = *kr_place_;                                        \
        *kr_place_ = _PyObject_CAST(src);                                      \
        Py_DECREF(kr_old_);                                                    \
    } while (0)
#define Py_XSETREF(dst, src)                                                   \
    do {                                                                       \
        PyObject **kr_place_ = (PyObject **)&(dst);                            \
        PyObject *kr_old_ = *kr_place_;                                        \
        *kr_place_ = _PyObject_CAST(src);                                      \
        Py_XDECREF(kr_old_);                                                   \
    } while (0)

PyAPI_FUNC(int) PyUnstable_IsImmortal(PyObject *op);
PyAPI_FUNC(void) _Py_SetImmortal(PyObject *op);
PyAPI_FUNC(int) PyUnstable_Object_IsUniqueReferencedTemporary(PyObject *op);
PyAPI_FUNC(int) PyUnstable_Object_IsUniquelyReferenced(PyObject *op);
PyAPI_FUNC(int) PyUnstable_TryIncRef(PyObject *op);
PyAPI_FUNC(void) PyUnstable_EnableTryIncRef(PyObject *op);

#ifdef __cplusplus
}
#endif
#endif // KRAIT_REFCOUNT_H
