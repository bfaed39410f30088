// SPDX-License-Identifier: MIT
// floatobject.h - float: an IEEE 754 double.
#ifndef KRAIT_FLOATOBJECT_H
#define KRAIT_FLOATOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyFloat_Type;

#define PyFloat_Check(op) PyObject_TypeCheck((op), &PyFloat_Type)
#define PyFloat_CheckExact(op) Py_IS_TYPE((op), &PyFloat_Type)

#define Py_RETURN_NAN return PyFloat_FromDouble(Py_NAN)
#define Py_RETURN_INF(sign)                                                   \
    do {                                                                      \
        if (copysign(1., sign) == 1.) {                                       \
            return PyFloat_FromDouble(Py_INFINITY);                           \
        }                                                                     \
        else {                                                                \
            return PyFloat_FromDouble(-Py_INFINITY);                          \
        }                                                                     \
    } while (0)

PyAPI_FUNC(double) PyFloat_GetMax(void);
PyAPI_FUNC(double) PyFloat_GetMin(void);
PyAPI_FUNC(PyObject *) PyFloat_GetInfo(void);
PyAPI_FUNC(PyObject *) PyFloat_FromString(PyObject *text);
PyAPI_FUNC(PyObject *) PyFloat_FromDouble(double value);
PyAPI_FUNC(double) PyFloat_AsDouble(PyObject *op);

#ifndef Py_LIMITED_API
typedef struct {
    PyObject_HEAD
    double ob_fval;
} PyFloatObject;

#define _PyFloat_CAST(op) _Py_CAST(PyFloatObject *, (op))

static inline double
PyFloat_AS_DOUBLE(PyObject *op)
{
    return _PyFloat_CAST(op)->ob_fval;
}
#define PyFloat_AS_DOUBLE(op) PyFloat_AS_DOUBLE(_PyObject_CAST(op))

// 2, 4 or 8 bytes of IEEE form; 0, or -1 with OverflowError.
PyAPI_FUNC(int) PyFloat_Pack2(double x, char *p, int little_endian);
PyAPI_FUNC(int) PyFloat_Pack4(double x, char *p, int little_endian);
PyAPI_FUNC(int) PyFloat_Pack8(double x, char *p, int little_endian);
PyAPI_FUNC(double) PyFloat_Unpack2(const char *p, int little_endian);
PyAPI_FUNC(double) PyFloat_Unpack4(const char *p, int little_endian);
PyAPI_FUNC(double) PyFloat_Unpack8(const char *p, int little_endian);
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_FLOATOBJECT_H
