// SPDX-License-Identifier: MIT
// classobject.h - bound methods.
#ifndef KRAIT_CLASSOBJECT_H
#define KRAIT_CLASSOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    PyObject_HEAD
    PyObject *im_func;         // owned
    PyObject *im_self;         // owned, never NULL
    PyObject *im_weakreflist;
    vectorcallfunc vectorcall;
} PyMethodObject;

PyAPI_DATA(PyTypeObject) PyMethod_Type;
PyAPI_DATA(PyTypeObject) PyInstanceMethod_Type;

#define PyMethod_Check(op) Py_IS_TYPE((op), &PyMethod_Type)
#define PyInstanceMethod_Check(op) Py_IS_TYPE((op), &PyInstanceMethod_Type)

PyAPI_FUNC(PyObject *) PyMethod_New(PyObject *, PyObject *);
PyAPI_FUNC(PyObject *) PyMethod_Function(PyObject *);
PyAPI_FUNC(PyObject *) PyMethod_Self(PyObject *);

static inline PyObject *
PyMethod_GET_FUNCTION(PyObject *meth)
{
    assert(PyMethod_Check(meth));
    return ((PyMethodObject *)meth)->im_func;
}
#define PyMethod_GET_FUNCTION(meth) PyMethod_GET_FUNCTION(_PyObject_CAST(meth))

static inline PyObject *
PyMethod_GET_SELF(PyObject *meth)
{
    assert(PyMethod_Check(meth));
    return ((PyMethodObject *)meth)->im_self;
}
#define PyMethod_GET_SELF(meth) PyMethod_GET_SELF(_PyObject_CAST(meth))

typedef struct {
    PyObject_HEAD
    PyObject *func;            // owned
} PyInstanceMethodObject;

PyAPI_FUNC(PyObject *) PyInstanceMethod_New(PyObject *);
PyAPI_FUNC(PyObject *) PyInstanceMethod_Function(PyObject *);

static inline PyObject *
PyInstanceMethod_GET_FUNCTION(PyObject *meth)
{
    assert(PyInstanceMethod_Check(meth));
    return ((PyInstanceMethodObject *)meth)->func;
}
#define PyInstanceMethod_GET_FUNCTION(meth)                                   \
    PyInstanceMethod_GET_FUNCTION(_PyObject_CAST(meth))

#ifdef __cplusplus
}
#endif
#endif // KRAIT_CLASSOBJECT_H
