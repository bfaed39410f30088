// SPDX-License-Identifier: MIT
// methodobject.h - functions written in C: their tables and objects.
#ifndef KRAIT_METHODOBJECT_H
#define KRAIT_METHODOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyCFunction_Type;
PyAPI_DATA(PyTypeObject) PyCMethod_Type;

typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);
typedef PyObject *(*PyCFunctionFast)(PyObject *, PyObject *const *, Py_ssize_t);
typedef PyObject *(*PyCFunctionWithKeywords)(PyObject *, PyObject *, PyObject *);
typedef PyObject *(*PyCFunctionFastWithKeywords)(PyObject *, PyObject *const *,
                                                 Py_ssize_t, PyObject *);
typedef PyObject *(*PyCMethod)(PyObject *, PyTypeObject *, PyObject *const *, size_t,
                               PyObject *);
// Older spellings of the two fast kinds.
typedef PyCFunctionFast _PyCFunctionFast;
typedef PyCFunctionFastWithKeywords _PyCFunctionFastWithKeywords;

#define _PyCFunction_CAST(func) ((PyCFunction)(void (*)(void))(func))
#define PyCFunction_CAST(func) _PyCFunction_CAST(func)
#define _PyCFunctionFast_CAST(func) ((PyCFunctionFast)(void (*)(void))(func))
#define _PyCFunctionWithKeywords_CAST(func)                                   \
    ((PyCFunctionWithKeywords)(void (*)(void))(func))
#define _PyCFunctionFastWithKeywords_CAST(func)                               \
    ((PyCFunctionFastWithKeywords)(void (*)(void))(func))

// One row of a method table; a NULL name ends the table.
struct PyMethodDef {
    const char *ml_name;
    PyCFunction ml_meth;
    int ml_flags;
    const char *ml_doc;
};

// How ml_meth is called: one of the calling conventions ...
#define METH_VARARGS 0x0001
#define METH_KEYWORDS 0x0002
#define METH_NOARGS 0x0004
#define METH_O 0x0008
#define METH_FASTCALL 0x0080
#define METH_METHOD 0x0200
// ... and what the row becomes in a type.
#define METH_CLASS 0x0010
#define METH_STATIC 0x0020
#define METH_COEXIST 0x0040
#define METH_STACKLESS 0x0000

typedef struct {
    PyObject_HEAD
    PyMethodDef *m_ml;         // borrowed, outlives the object
    PyObject *m_self;          // owned, NULL for METH_STATIC
    PyObject *m_module;        // owned, the value of __module__ or NULL
    PyObject *m_weakreflist;
    vectorcallfunc vectorcall;
} PyCFunctionObject;

typedef struct {
    PyCFunctionObject func;
    PyTypeObject *mm_class;    // owned, the defining class
} PyCMethodObject;

#define PyCFunction_CheckExact(op) Py_IS_TYPE((op), &PyCFunction_Type)
#define PyCFunction_Check(op) PyObject_TypeCheck((op), &PyCFunction_Type)
#define PyCMethod_CheckExact(op) Py_IS_TYPE((op), &PyCMethod_Type)
#define PyCMethod_Check(op) PyObject_TypeCheck((op), &PyCMethod_Type)

PyAPI_FUNC(PyCFunction) PyCFunction_GetFunction(PyObject *);
PyAPI_FUNC(PyObject *) PyCFunction_GetSelf(PyObject *);
PyAPI_FUNC(int) PyCFunction_GetFlags(PyObject *);
PyAPI_FUNC(PyObject *) PyCFunction_New(PyMethodDef *, PyObject *);
PyAPI_FUNC(PyObject *) PyCFunction_NewEx(PyMethodDef *, PyObject *, PyObject *);
PyAPI_FUNC(PyObject *) PyCMethod_New(PyMethodDef *, PyObject *, PyObject *,
                                     PyTypeObject *);
#define PyCFunction_New(ml, self) PyCFunction_NewEx((ml), (self), NULL)
#define PyCFunction_NewEx(ml, self, mod) PyCMethod_New((ml), (self), (mod), NULL)

static inline PyCFunction
PyCFunction_GET_FUNCTION(PyObject *func)
{
    return ((PyCFunctionObject *)func)->m_ml->ml_meth;
}
#define PyCFunction_GET_FUNCTION(func)                                        \
    PyCFunction_GET_FUNCTION(_PyObject_CAST(func))

static inline int
PyCFunction_GET_FLAGS(PyObject *func)
{
    return ((PyCFunctionObject *)func)->m_ml->ml_flags;
}
#define PyCFunction_GET_FLAGS(func) PyCFunction_GET_FLAGS(_PyObject_CAST(func))

static inline PyObject *
PyCFunction_GET_SELF(PyObject *op)
{
    PyCFunctionObject *func = (PyCFunctionObject *)op;
    return (func->m_ml->ml_flags & METH_STATIC) ? NULL : func->m_self;
}
#define PyCFunction_GET_SELF(func) PyCFunction_GET_SELF(_PyObject_CAST(func))

static inline PyTypeObject *
PyCFunction_GET_CLASS(PyObject *op)
{
    PyCFunctionObject *func = (PyCFunctionObject *)op;
    return (func->m_ml->ml_flags & METH_METHOD)
               ? ((PyCMethodObject *)op)->mm_class
               : NULL;
}
#define PyCFunction_GET_CLASS(func) PyCFunction_GET_CLASS(_PyObject_CAST(func))

#ifdef __cplusplus
}
#endif
#endif // KRAIT_METHODOBJECT_H
