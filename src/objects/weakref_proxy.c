// SPDX-License-Identifier: MIT
// weakref_proxy.c - weakref.proxy: a stand-in that does what its object does.
//
// Re-entrancy: the object is held by a reference while an operation runs on it.
#include "objects/weakref_internal.h"

#include "objects/ids.h"

// The object behind a proxy, any other object as it is; a new reference. NULL with
// ReferenceError when the object is gone.
static PyObject *
proxy_unwrap(PyObject *op)
{
    if (op == NULL) {
        return NULL;
    }
    if (!PyWeakref_CheckProxy(op)) {
        return Py_NewRef(op);
    }
    PyObject *object = kr_weakref_get(op);
    if (object == NULL) {
        PyErr_SetString(PyExc_ReferenceError,
                        "weakly-referenced object no longer exists");
    }
    return object;
}

PyObject *
PyWeakref_NewProxy(PyObject *op, PyObject *callback)
{
    PyTypeObject *type = PyCallable_Check(op) ? &_PyWeakref_CallableProxyType
                                              : &_PyWeakref_ProxyType;
    return kr_weakref_make(type, op, callback);
}

static PyObject *
proxy_unary(PyObject *self, PyObject *(*function)(PyObject *))
{
    PyObject *object = proxy_unwrap(self);
    if (object == NULL) {
        return NULL;
    }
    PyObject *result = function(object);
    Py_DECREF(object);
    return result;
}

static PyObject *
proxy_binary(PyObject *a, PyObject *b, PyObject *(*function)(PyObject *, PyObject *))
{
    PyObject *left = proxy_unwrap(a), *right = NULL, *result = NULL;

    if (left != NULL && (right = proxy_unwrap(b)) != NULL) {
        result = function(left, right);
    }
    Py_XDECREF(left);
    Py_XDECREF(right);
    return result;
}

static PyObject *
proxy_ternary(PyObject *a, PyObject *b, PyObject *c,
              PyObject *(*function)(PyObject *, PyObject *, PyObject *))
{
    PyObject *x = proxy_unwrap(a), *y = NULL, *z = NULL, *result = NULL;

    if (x != NULL && (y = proxy_unwrap(b)) != NULL && (z = proxy_unwrap(c)) != NULL) {
        result = function(x, y, z);
    }
    Py_XDECREF(x);
    Py_XDECREF(y);
    Py_XDECREF(z);
    return result;
}

#define PROXY_UNARY(name, function)                                           \
    static PyObject *proxy_##name(PyObject *self)                             \
    {                                                                         \
        return proxy_unary(self, function);                                   \
    }
#define PROXY_BINARY(name, function)                                          \
    static PyObject *proxy_##name(PyObject *a, PyObject *b)                   \
    {                                                                         \
        return proxy_binary(a, b, function);                                  \
    }
#define PROXY_TERNARY(name, function)                                         \
    static PyObject *proxy_##name(PyObject *a, PyObject *b, PyObject *c)      \
    {                                                                         \
        return proxy_ternary(a, b, c, function);                              \
    }

PROXY_UNARY(str, PyObject_Str)
PROXY_UNARY(negative, PyNumber_Negative)
PROXY_UNARY(positive, PyNumber_Positive)
PROXY_UNARY(absolute, PyNumber_Absolute)
PROXY_UNARY(invert, PyNumber_Invert)
PROXY_UNARY(int, PyNumber_Long)
PROXY_UNARY(float, PyNumber_Float)
PROXY_UNARY(index, PyNumber_Index)
PROXY_UNARY(iter, PyObject_GetIter)
PROXY_BINARY(getattro, PyObject_GetAttr)
PROXY_BINARY(add, PyNumber_Add)
PROXY_BINARY(subtract, PyNumber_Subtract)
PROXY_BINARY(multiply, PyNumber_Multiply)
PROXY_BINARY(floor_divide, PyNumber_FloorDivide)
PROXY_BINARY(true_divide, PyNumber_TrueDivide)
PROXY_BINARY(remainder, PyNumber_Remainder)
PROXY_BINARY(divmod, PyNumber_Divmod)
PROXY_BINARY(lshift, PyNumber_Lshift)
PROXY_BINARY(rshift, PyNumber_Rshift)
PROXY_BINARY(and, PyNumber_And)
PROXY_BINARY(xor, PyNumber_Xor)
PROXY_BINARY(or, PyNumber_Or)
PROXY_BINARY(matmul, PyNumber_MatrixMultiply)
PROXY_BINARY(iadd, PyNumber_InPlaceAdd)
PROXY_BINARY(isubtract, PyNumber_InPlaceSubtract)
PROXY_BINARY(imultiply, PyNumber_InPlaceMultiply)
PROXY_BINARY(ifloor_divide, PyNumber_InPlaceFloorDivide)
PROXY_BINARY(itrue_divide, PyNumber_InPlaceTrueDivide)
PROXY_BINARY(iremainder, PyNumber_InPlaceRemainder)
PROXY_BINARY(ilshift, PyNumber_InPlaceLshift)
PROXY_BINARY(irshift, PyNumber_InPlaceRshift)
PROXY_BINARY(iand, PyNumber_InPlaceAnd)
PROXY_BINARY(ixor, PyNumber_InPlaceXor)
PROXY_BINARY(ior, PyNumber_InPlaceOr)
PROXY_BINARY(imatmul, PyNumber_InPlaceMatrixMultiply)
PROXY_BINARY(subscript, PyObject_GetItem)
PROXY_TERNARY(power, PyNumber_Power)
PROXY_TERNARY(ipower, PyNumber_InPlacePower)

static PyObject *
proxy_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *object = proxy_unwrap(self);
    if (object == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_Call(object, args, kwargs);
    Py_DECREF(object);
    return result;
}

static PyObject *
proxy_repr(PyObject *self)
{
    PyObject *object = kr_weakref_get(self);

    if (object == NULL) {
        return PyUnicode_FromFormat("<weakproxy at %p; dead>", self);
    }
    PyObject *repr = PyUnicode_FromFormat("<weakproxy at %p; to '%s' at %p>", self,
                                          Py_TYPE(object)->tp_name, object);
    Py_DECREF(object);
    return repr;
}

static int
proxy_setattro(PyObject *self, PyObject *name, PyObject *value)
{
    PyObject *object = proxy_unwrap(self);
    if (object == NULL) {
        return -1;
    }
    int result = PyObject_SetAttr(object, name, value);
    Py_DECREF(object);
    return result;
}

static PyObject *
proxy_richcompare(PyObject *a, PyObject *b, int op)
{
    PyObject *left = proxy_unwrap(a), *right = NULL, *result = NULL;

    if (left != NULL && (right = proxy_unwrap(b)) != NULL) {
        result = PyObject_RichCompare(left, right, op);
    }
    Py_XDECREF(left);
    Py_XDECREF(right);
    return result;
}

static int
proxy_bool(PyObject *self)
{
    PyObject *object = proxy_unwrap(self);
    if (object == NULL) {
        return -1;
    }
    int result = PyObject_IsTrue(object);
    Py_DECREF(object);
    return result;
}

static int
proxy_contains(PyObject *self, PyObject *value)
{
    PyObject *object = proxy_unwrap(self);
    if (object == NULL) {
        return -1;
    }
    int result = PySequence_Contains(object, value);
    Py_DECREF(object);
    return result;
}

static Py_ssize_t
proxy_length(PyObject *self)
{
    PyObject *object = proxy_unwrap(self);
    if (object == NULL) {
        return -1;
    }
    Py_ssize_t result = PyObject_Length(object);
    Py_DECREF(object);
    return result;
}

static int
proxy_ass_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    PyObject *object = proxy_unwrap(self);
    if (object == NULL) {
        return -1;
    }
    int result = value == NULL ? PyObject_DelItem(object, key)
                               : PyObject_SetItem(object, key, value);
    Py_DECREF(object);
    return result;
}

static PyObject *
proxy_iternext(PyObject *self)
{
    PyObject *object = proxy_unwrap(self), *result;
    if (object == NULL) {
        return NULL;
    }
    if (!PyIter_Check(object)) {
        PyErr_Format(PyExc_TypeError,
                     "Weakref proxy referenced a non-iterator '%.200s' object",
                     Py_TYPE(object)->tp_name);
        Py_DECREF(object);
        return NULL;
    }
    result = PyIter_Next(object);
    Py_DECREF(object);
    return result;
}

static PyObject *
proxy_bytes(PyObject *self, PyObject *unused)
{
    PyObject *object = proxy_unwrap(self);
    if (object == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallMethodNoArgs(object, KR_ID(__bytes__));
    Py_DECREF(object);
    return result;
}

static PyObject *
proxy_reversed(PyObject *self, PyObject *unused)
{
    PyObject *object = proxy_unwrap(self);
    if (object == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallMethodNoArgs(object, KR_ID(__reversed__));
    Py_DECREF(object);
    return result;
}

static PyMethodDef proxy_methods[] = {
    {"__bytes__", proxy_bytes, METH_NOARGS, NULL},
    {"__reversed__", proxy_reversed, METH_NOARGS, NULL},
    {NULL},
};

static PyNumberMethods proxy_as_number = {
    .nb_add = proxy_add,
    .nb_subtract = proxy_subtract,
    .nb_multiply = proxy_multiply,
    .nb_remainder = proxy_remainder,
    .nb_divmod = proxy_divmod,
    .nb_power = proxy_power,
    .nb_negative = proxy_negative,
    .nb_positive = proxy_positive,
    .nb_absolute = proxy_absolute,
    .nb_bool = proxy_bool,
    .nb_invert = proxy_invert,
    .nb_lshift = proxy_lshift,
    .nb_rshift = proxy_rshift,
    .nb_and = proxy_and,
    .nb_xor = proxy_xor,
    .nb_or = proxy_or,
    .nb_int = proxy_int,
    .nb_float = proxy_float,
    .nb_inplace_add = proxy_iadd,
    .nb_inplace_subtract = proxy_isubtract,
    .nb_inplace_multiply = proxy_imultiply,
    .nb_inplace_remainder = proxy_iremainder,
    .nb_inplace_power = proxy_ipower,
    .nb_inplace_lshift = proxy_ilshift,
    .nb_inplace_rshift = proxy_irshift,
    .nb_inplace_and = proxy_iand,
    .nb_inplace_xor = proxy_ixor,
    .nb_inplace_or = proxy_ior,
    .nb_floor_divide = proxy_floor_divide,
    .nb_true_divide = proxy_true_divide,
    .nb_inplace_floor_divide = proxy_ifloor_divide,
    .nb_inplace_true_divide = proxy_itrue_divide,
    .nb_index = proxy_index,
    .nb_matrix_multiply = proxy_matmul,
    .nb_inplace_matrix_multiply = proxy_imatmul,
};

static PySequenceMethods proxy_as_sequence = {
    .sq_length = proxy_length,
    .sq_contains = proxy_contains,
};

static PyMappingMethods proxy_as_mapping = {
    .mp_length = proxy_length,
    .mp_subscript = proxy_subscript,
    .mp_ass_subscript = proxy_ass_subscript,
};

// The two proxy types differ in tp_call and in the methods.
#define PROXY_SLOTS                                                           \
    .tp_basicsize = sizeof(PyWeakReference),                                  \
    .tp_dealloc = kr_weakref_dealloc,                                         \
    .tp_repr = proxy_repr,                                                    \
    .tp_as_number = &proxy_as_number,                                         \
    .tp_as_sequence = &proxy_as_sequence,                                     \
    .tp_as_mapping = &proxy_as_mapping,                                       \
    .tp_hash = PyObject_HashNotImplemented,                                   \
    .tp_str = proxy_str,                                                      \
    .tp_getattro = proxy_getattro,                                            \
    .tp_setattro = proxy_setattro,                                            \
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC |                     \
                Py_TPFLAGS_DISALLOW_INSTANTIATION,                            \
    .tp_traverse = kr_weakref_traverse,                                       \
    .tp_clear = kr_weakref_clear,                                             \
    .tp_richcompare = proxy_richcompare,                                      \
    .tp_iter = proxy_iter,                                                    \
    .tp_iternext = proxy_iternext,                                            \
    .tp_alloc = PyType_GenericAlloc,                                          \
    .tp_free = PyObject_GC_Del

PyTypeObject _PyWeakref_ProxyType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "weakref.ProxyType",
    .tp_methods = proxy_methods,
    PROXY_SLOTS,
};

PyTypeObject _PyWeakref_CallableProxyType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "weakref.CallableProxyType",
    .tp_call = proxy_call,
    PROXY_SLOTS,
};
