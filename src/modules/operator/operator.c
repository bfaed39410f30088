// SPDX-License-Identifier: MIT
// operator.c - the module _operator: the operators as functions.
//
// Read next: getters.c
#include "modules/operator/operator.h"

#include "objects/args.h"
#include "objects/ids.h"

// --- Unary ------------------------------------------------------------------------

KR_FUNCTION(operator, "pos(a, /)", "Same as +a.")
static PyObject *
operator_pos(PyObject *module, PyObject *a)
{
    return PyNumber_Positive(a);
}

KR_FUNCTION(operator, "neg(a, /)", "Same as -a.")
static PyObject *
operator_neg(PyObject *module, PyObject *a)
{
    return PyNumber_Negative(a);
}

KR_FUNCTION(operator, "inv(a, /)", "Same as ~a.")
static PyObject *
operator_inv(PyObject *module, PyObject *a)
{
    return PyNumber_Invert(a);
}

KR_FUNCTION(operator, "invert(a, /)", "Same as ~a.")
static PyObject *
operator_invert(PyObject *module, PyObject *a)
{
    return PyNumber_Invert(a);
}

KR_FUNCTION(operator, "abs(a, /)", "Same as abs(a).")
static PyObject *
operator_abs(PyObject *module, PyObject *a)
{
    return PyNumber_Absolute(a);
}

KR_FUNCTION(operator, "index(a, /)", "Same as a.__index__()")
static PyObject *
operator_index(PyObject *module, PyObject *a)
{
    return PyNumber_Index(a);
}

KR_FUNCTION(operator, "truth(a, /)", "Return True if a is true, False otherwise.")
static PyObject *
operator_truth(PyObject *module, PyObject *a)
{
    int truth = PyObject_IsTrue(a);
    return truth < 0 ? NULL : PyBool_FromLong(truth);
}

KR_FUNCTION(operator, "not_(a, /)", "Same as not a.")
static PyObject *
operator_not_(PyObject *module, PyObject *a)
{
    int truth = PyObject_Not(a);
    return truth < 0 ? NULL : PyBool_FromLong(truth);
}

KR_FUNCTION(operator, "is_none(a, /)", "Same as a is None.")
static PyObject *
operator_is_none(PyObject *module, PyObject *a)
{
    return PyBool_FromLong(a == Py_None);
}

KR_FUNCTION(operator, "is_not_none(a, /)", "Same as a is not None.")
static PyObject *
operator_is_not_none(PyObject *module, PyObject *a)
{
    return PyBool_FromLong(a != Py_None);
}

// --- Binary -----------------------------------------------------------------------

KR_FUNCTION(operator, "lt(a, b, /)", "Same as a < b.")
static PyObject *
operator_lt(PyObject *module, PyObject *a, PyObject *b)
{
    return PyObject_RichCompare(a, b, Py_LT);
}

KR_FUNCTION(operator, "le(a, b, /)", "Same as a <= b.")
static PyObject *
operator_le(PyObject *module, PyObject *a, PyObject *b)
{
    return PyObject_RichCompare(a, b, Py_LE);
}

KR_FUNCTION(operator, "eq(a, b, /)", "Same as a == b.")
static PyObject *
operator_eq(PyObject *module, PyObject *a, PyObject *b)
{
    return PyObject_RichCompare(a, b, Py_EQ);
}

KR_FUNCTION(operator, "ne(a, b, /)", "Same as a != b.")
static PyObject *
operator_ne(PyObject *module, PyObject *a, PyObject *b)
{
    return PyObject_RichCompare(a, b, Py_NE);
}

KR_FUNCTION(operator, "ge(a, b, /)", "Same as a >= b.")
static PyObject *
operator_ge(PyObject *module, PyObject *a, PyObject *b)
{
    return PyObject_RichCompare(a, b, Py_GE);
}

KR_FUNCTION(operator, "gt(a, b, /)", "Same as a > b.")
static PyObject *
operator_gt(PyObject *module, PyObject *a, PyObject *b)
{
    return PyObject_RichCompare(a, b, Py_GT);
}

KR_FUNCTION(operator, "add(a, b, /)", "Same as a + b.")
static PyObject *
operator_add(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_Add(a, b);
}

KR_FUNCTION(operator, "sub(a, b, /)", "Same as a - b.")
static PyObject *
operator_sub(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_Subtract(a, b);
}

KR_FUNCTION(operator, "mul(a, b, /)", "Same as a * b.")
static PyObject *
operator_mul(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_Multiply(a, b);
}

KR_FUNCTION(operator, "matmul(a, b, /)", "Same as a @ b.")
static PyObject *
operator_matmul(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_MatrixMultiply(a, b);
}

KR_FUNCTION(operator, "floordiv(a, b, /)", "Same as a // b.")
static PyObject *
operator_floordiv(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_FloorDivide(a, b);
}

KR_FUNCTION(operator, "truediv(a, b, /)", "Same as a / b.")
static PyObject *
operator_truediv(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_TrueDivide(a, b);
}

KR_FUNCTION(operator, "mod(a, b, /)", "Same as a % b.")
static PyObject *
operator_mod(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_Remainder(a, b);
}

KR_FUNCTION(operator, "lshift(a, b, /)", "Same as a << b.")
static PyObject *
operator_lshift(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_Lshift(a, b);
}

KR_FUNCTION(operator, "rshift(a, b, /)", "Same as a >> b.")
static PyObject *
operator_rshift(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_Rshift(a, b);
}

KR_FUNCTION(operator, "and_(a, b, /)", "Same as a & b.")
static PyObject *
operator_and_(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_And(a, b);
}

KR_FUNCTION(operator, "xor(a, b, /)", "Same as a ^ b.")
static PyObject *
operator_xor(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_Xor(a, b);
}

KR_FUNCTION(operator, "or_(a, b, /)", "Same as a | b.")
static PyObject *
operator_or_(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_Or(a, b);
}

KR_FUNCTION(operator, "iadd(a, b, /)", "Same as a += b.")
static PyObject *
operator_iadd(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_InPlaceAdd(a, b);
}

KR_FUNCTION(operator, "isub(a, b, /)", "Same as a -= b.")
static PyObject *
operator_isub(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_InPlaceSubtract(a, b);
}

KR_FUNCTION(operator, "imul(a, b, /)", "Same as a *= b.")
static PyObject *
operator_imul(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_InPlaceMultiply(a, b);
}

KR_FUNCTION(operator, "imatmul(a, b, /)", "Same as a @= b.")
static PyObject *
operator_imatmul(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_InPlaceMatrixMultiply(a, b);
}

KR_FUNCTION(operator, "ifloordiv(a, b, /)", "Same as a //= b.")
static PyObject *
operator_ifloordiv(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_InPlaceFloorDivide(a, b);
}

KR_FUNCTION(operator, "itruediv(a, b, /)", "Same as a /= b.")
static PyObject *
operator_itruediv(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_InPlaceTrueDivide(a, b);
}

KR_FUNCTION(operator, "imod(a, b, /)", "Same as a %= b.")
static PyObject *
operator_imod(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_InPlaceRemainder(a, b);
}

KR_FUNCTION(operator, "ilshift(a, b, /)", "Same as a <<= b.")
static PyObject *
operator_ilshift(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_InPlaceLshift(a, b);
}

KR_FUNCTION(operator, "irshift(a, b, /)", "Same as a >>= b.")
static PyObject *
operator_irshift(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_InPlaceRshift(a, b);
}

KR_FUNCTION(operator, "iand(a, b, /)", "Same as a &= b.")
static PyObject *
operator_iand(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_InPlaceAnd(a, b);
}

KR_FUNCTION(operator, "ixor(a, b, /)", "Same as a ^= b.")
static PyObject *
operator_ixor(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_InPlaceXor(a, b);
}

KR_FUNCTION(operator, "ior(a, b, /)", "Same as a |= b.")
static PyObject *
operator_ior(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_InPlaceOr(a, b);
}

KR_FUNCTION(operator, "pow(a, b, /)", "Same as a ** b.")
static PyObject *
operator_pow(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_Power(a, b, Py_None);
}

KR_FUNCTION(operator, "ipow(a, b, /)", "Same as a **= b.")
static PyObject *
operator_ipow(PyObject *module, PyObject *a, PyObject *b)
{
    return PyNumber_InPlacePower(a, b, Py_None);
}

KR_FUNCTION(operator, "is_(a, b, /)", "Same as a is b.")
static PyObject *
operator_is_(PyObject *module, PyObject *a, PyObject *b)
{
    return PyBool_FromLong(Py_Is(a, b));
}

KR_FUNCTION(operator, "is_not(a, b, /)", "Same as a is not b.")
static PyObject *
operator_is_not(PyObject *module, PyObject *a, PyObject *b)
{
    return PyBool_FromLong(!Py_Is(a, b));
}

// --- Sequences and mappings ------------------------------------------------------------

KR_FUNCTION(operator, "concat(a, b, /)", "Same as a + b, for a and b sequences.")
static PyObject *
operator_concat(PyObject *module, PyObject *a, PyObject *b)
{
    return PySequence_Concat(a, b);
}

KR_FUNCTION(operator, "iconcat(a, b, /)", "Same as a += b, for a and b sequences.")
static PyObject *
operator_iconcat(PyObject *module, PyObject *a, PyObject *b)
{
    return PySequence_InPlaceConcat(a, b);
}

KR_FUNCTION(operator, "contains(a, b, /)", "Same as b in a (note reversed operands).")
static PyObject *
operator_contains(PyObject *module, PyObject *a, PyObject *b)
{
    int inside = PySequence_Contains(a, b);
    return inside < 0 ? NULL : PyBool_FromLong(inside);
}

KR_FUNCTION(operator, "countOf(a, b, /)",
            "Return the number of items in a which are, or which equal, b.")
static PyObject *
operator_countOf(PyObject *module, PyObject *a, PyObject *b)
{
    Py_ssize_t count = PySequence_Count(a, b);
    return count < 0 ? NULL : PyLong_FromSsize_t(count);
}

KR_FUNCTION(operator, "indexOf(a, b, /)", "Return the first index of b in a.")
static PyObject *
operator_indexOf(PyObject *module, PyObject *a, PyObject *b)
{
    Py_ssize_t index = PySequence_Index(a, b);
    return index < 0 ? NULL : PyLong_FromSsize_t(index);
}

KR_FUNCTION(operator, "getitem(a, b, /)", "Same as a[b].")
static PyObject *
operator_getitem(PyObject *module, PyObject *a, PyObject *b)
{
    return PyObject_GetItem(a, b);
}

KR_FUNCTION(operator, "setitem(a, b, c, /)", "Same as a[b] = c.")
static PyObject *
operator_setitem(PyObject *module, PyObject *a, PyObject *b, PyObject *c)
{
    if (PyObject_SetItem(a, b, c) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(operator, "delitem(a, b, /)", "Same as del a[b].")
static PyObject *
operator_delitem(PyObject *module, PyObject *a, PyObject *b)
{
    if (PyObject_DelItem(a, b) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(operator, "length_hint(obj, default=0, /)",
            "Return an estimate of the number of items in obj.\n\n"
            "This is len(obj) where that works, else what obj says of itself, else\n"
            "default.")
static PyObject *
operator_length_hint(PyObject *module, PyObject *obj, Py_ssize_t fallback)
{
    Py_ssize_t hint = PyObject_LengthHint(obj, fallback);
    return hint == -1 && PyErr_Occurred() ? NULL : PyLong_FromSsize_t(hint);
}

// --- Others ------------------------------------------------------------------------

KR_FUNCTION_RAW(operator, "call($module, obj, /, *args, **kwargs)",
                METH_FASTCALL | METH_KEYWORDS, "Same as obj(*args, **kwargs).")
static PyObject *
operator_call(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    if (!kr_arg_count("call", nargs, 1, PY_SSIZE_T_MAX)) {
        return NULL;
    }
    return PyObject_Vectorcall(args[0], args + 1,
                               (size_t)(nargs - 1) | PY_VECTORCALL_ARGUMENTS_OFFSET,
                               kwnames);
}

// Compares two byte strings in a time that depends on the length of b only.
static bool
equal_in_constant_time(const unsigned char *a, size_t na, const unsigned char *b, size_t nb)
{
    // Every byte of b is looked at, against itself where the lengths differ.
    const volatile unsigned char *left = na == nb ? a : b;
    const volatile unsigned char *right = b;
    volatile unsigned char difference = na != nb;
    for (size_t i = 0; i < nb; i++) {
        difference |= left[i] ^ right[i];
    }
    return difference == 0;
}

KR_FUNCTION(operator, "_compare_digest(a, b, /)",
            "Return 'a == b'.\n\n"
            "The time taken does not tell where the two differ, which keeps secrets.\n"
            "a and b are ASCII strs or bytes-like objects, both of the same kind.")
static PyObject *
operator__compare_digest(PyObject *module, PyObject *a, PyObject *b)
{
    if (PyUnicode_Check(a) && PyUnicode_Check(b)) {
        if (!PyUnicode_IS_ASCII(a) || !PyUnicode_IS_ASCII(b)) {
            PyErr_SetString(PyExc_TypeError, "comparing strings with non-ASCII characters "
                                             "is not supported");
            return NULL;
        }
        return PyBool_FromLong(equal_in_constant_time(
            PyUnicode_1BYTE_DATA(a), (size_t)PyUnicode_GET_LENGTH(a),
            PyUnicode_1BYTE_DATA(b), (size_t)PyUnicode_GET_LENGTH(b)));
    }
    if (!PyObject_CheckBuffer(a) && !PyObject_CheckBuffer(b)) {
        PyErr_Format(PyExc_TypeError,
                     "unsupported operand types(s) or combination of types: "
                     "'%.100s' and '%.100s'",
                     Py_TYPE(a)->tp_name, Py_TYPE(b)->tp_name);
        return NULL;
    }
    Py_buffer x, y;
    if (PyObject_GetBuffer(a, &x, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    PyObject *result = NULL;
    if (x.ndim > 1) {
        PyErr_SetString(PyExc_BufferError, "Buffer must be single dimension");
    }
    else if (PyObject_GetBuffer(b, &y, PyBUF_SIMPLE) == 0) {
        if (y.ndim > 1) {
            PyErr_SetString(PyExc_BufferError, "Buffer must be single dimension");
        }
        else {
            result = PyBool_FromLong(
                equal_in_constant_time(x.buf, (size_t)x.len, y.buf, (size_t)y.len));
        }
        PyBuffer_Release(&y);
    }
    PyBuffer_Release(&x);
    return result;
}

KR_MODULE(operator)
#include "modules/operator/operator.methods.h"

static int
operator_exec(PyObject *module)
{
    if (PyModule_AddType(module, &kr_itemgetter_type) < 0
        || PyModule_AddType(module, &kr_attrgetter_type) < 0
        || PyModule_AddType(module, &kr_methodcaller_type) < 0) {
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot operator_slots[] = {
    {Py_mod_exec, operator_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef operator_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_operator",
    .m_doc = "Operator interface.\n\n"
             "Functions that do what the operators of the language do: operator.add(x, y)\n"
             "is x+y. Their names are those of the special methods without underscores.",
    .m_methods = operator_methods,
    .m_slots = operator_slots,
};

PyMODINIT_FUNC
PyInit__operator(void)
{
    return PyModuleDef_Init(&operator_def);
}
