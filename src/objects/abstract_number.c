// SPDX-License-Identifier: MIT
// abstract_number.c - arithmetic on any objects.
//
// Callers:     vm, the operator module, extensions.
// Re-entrancy: operators of Python classes run Python.
#include "objects/abstract.h"

#include "bytecode/opcodes.h"
#include "objects/ids.h"
#include "objects/int/int.h"
#include "objects/state.h"
#include "objects/type.h"

// The number slot at a place of PyNumberMethods, or NULL.
#define NB_PLACE(field) offsetof(PyNumberMethods, field)

static inline binaryfunc
number_slot(PyTypeObject *type, size_t place)
{
    binaryfunc slot = NULL;

    if (type->tp_as_number != NULL) {
        memcpy(&slot, (char *)type->tp_as_number + place, sizeof slot);
    }
    return slot;
}

// Tries both operands; NotImplemented if neither can.
static PyObject *
binary_try(PyObject *left, PyObject *right, size_t place)
{
    binaryfunc slot_left = number_slot(Py_TYPE(left), place), slot_right = NULL;
    PyObject *result;

    if (!Py_IS_TYPE(right, Py_TYPE(left))) {
        slot_right = number_slot(Py_TYPE(right), place);
        if (slot_right == slot_left) {
            slot_right = NULL;
        }
    }
    if (slot_left != NULL) {
        // A subclass on the right goes first.
        if (slot_right != NULL && PyType_IsSubtype(Py_TYPE(right), Py_TYPE(left))) {
            result = slot_right(left, right);
            if (result != Py_NotImplemented) {
                return result;
            }
            Py_DECREF(result);
            slot_right = NULL;
        }
        result = slot_left(left, right);
        if (result != Py_NotImplemented) {
            return result;
        }
        Py_DECREF(result);
    }
    if (slot_right != NULL) {
        return slot_right(left, right);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static KR_COLD PyObject *
binary_type_error(PyObject *left, PyObject *right, const char *op)
{
    PyErr_Format(PyExc_TypeError,
                 "unsupported operand type(s) for %.100s: '%.100s' and '%.100s'", op,
                 Py_TYPE(left)->tp_name, Py_TYPE(right)->tp_name);
    return NULL;
}

static PyObject *
binary_op(PyObject *left, PyObject *right, size_t place, const char *op)
{
    PyObject *result = binary_try(left, right, place);

    if (KR_UNLIKELY(result == Py_NotImplemented)) {
        Py_DECREF(result);
        return binary_type_error(left, right, op);
    }
    return result;
}

// In place first, then as the plain operator.
static PyObject *
inplace_try(PyObject *left, PyObject *right, size_t inplace, size_t place)
{
    binaryfunc slot = number_slot(Py_TYPE(left), inplace);

    if (slot != NULL) {
        PyObject *result = slot(left, right);
        if (result != Py_NotImplemented) {
            return result;
        }
        Py_DECREF(result);
    }
    return binary_try(left, right, place);
}

static PyObject *
inplace_op(PyObject *left, PyObject *right, size_t inplace, size_t place,
           const char *op)
{
    PyObject *result = inplace_try(left, right, inplace, place);

    if (KR_UNLIKELY(result == Py_NotImplemented)) {
        Py_DECREF(result);
        return binary_type_error(left, right, op);
    }
    return result;
}

#define KR_BINARY(name, field, op)                                             \
    PyObject *PyNumber_##name(PyObject *left, PyObject *right)                 \
    {                                                                          \
        return binary_op(left, right, NB_PLACE(nb_##field), op);               \
    }
#define KR_INPLACE(name, field, op)                                            \
    PyObject *PyNumber_InPlace##name(PyObject *left, PyObject *right)          \
    {                                                                          \
        return inplace_op(left, right, NB_PLACE(nb_inplace_##field),           \
                          NB_PLACE(nb_##field), op);                           \
    }
#define KR_UNARY(name, field, text)                                            \
    PyObject *PyNumber_##name(PyObject *o)                                     \
    {                                                                          \
        PyNumberMethods *suite = Py_TYPE(o)->tp_as_number;                     \
        if (suite != NULL && suite->nb_##field != NULL) {                      \
            return suite->nb_##field(o);                                       \
        }                                                                      \
        PyErr_Format(PyExc_TypeError, "bad operand type for " text ": '%.200s'", \
                     Py_TYPE(o)->tp_name);                                     \
        return NULL;                                                           \
    }

KR_BINARY(Subtract, subtract, "-")
KR_BINARY(MatrixMultiply, matrix_multiply, "@")
KR_BINARY(FloorDivide, floor_divide, "//")
KR_BINARY(TrueDivide, true_divide, "/")
KR_BINARY(Remainder, remainder, "%")
KR_BINARY(Divmod, divmod, "divmod()")
KR_BINARY(Lshift, lshift, "<<")
KR_BINARY(Rshift, rshift, ">>")
KR_BINARY(And, and, "&")
KR_BINARY(Xor, xor, "^")
KR_BINARY(Or, or, "|")
KR_INPLACE(Subtract, subtract, "-=")
KR_INPLACE(MatrixMultiply, matrix_multiply, "@=")
KR_INPLACE(FloorDivide, floor_divide, "//=")
KR_INPLACE(TrueDivide, true_divide, "/=")
KR_INPLACE(Remainder, remainder, "%=")
KR_INPLACE(Lshift, lshift, "<<=")
KR_INPLACE(Rshift, rshift, ">>=")
KR_INPLACE(And, and, "&=")
KR_INPLACE(Xor, xor, "^=")
KR_INPLACE(Or, or, "|=")
KR_UNARY(Negative, negative, "unary -")
KR_UNARY(Positive, positive, "unary +")
KR_UNARY(Invert, invert, "unary ~")
KR_UNARY(Absolute, absolute, "abs()")

// ------------------------------------------------- + and *, which sequences share

static PyObject *
add_sequences(PyObject *left, PyObject *right)
{
    PySequenceMethods *sequence = Py_TYPE(left)->tp_as_sequence;

    if (sequence != NULL && sequence->sq_concat != NULL) {
        return sequence->sq_concat(left, right);
    }
    return binary_type_error(left, right, "+");
}

PyObject *
PyNumber_Add(PyObject *left, PyObject *right)
{
    PyObject *result = binary_try(left, right, NB_PLACE(nb_add));

    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    return add_sequences(left, right);
}

static PyObject *
inplace_add_sequences(PyObject *left, PyObject *right)
{
    PySequenceMethods *sequence = Py_TYPE(left)->tp_as_sequence;
    binaryfunc concat = NULL;

    if (sequence != NULL) {
        concat = sequence->sq_inplace_concat != NULL ? sequence->sq_inplace_concat
                                                     : sequence->sq_concat;
    }
    if (concat != NULL) {
        return concat(left, right);
    }
    return binary_type_error(left, right, "+=");
}

PyObject *
PyNumber_InPlaceAdd(PyObject *left, PyObject *right)
{
    PyObject *result =
        inplace_try(left, right, NB_PLACE(nb_inplace_add), NB_PLACE(nb_add));

    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    return inplace_add_sequences(left, right);
}

static PyObject *
sequence_repeat(ssizeargfunc repeat, PyObject *sequence, PyObject *count)
{
    Py_ssize_t n;

    if (!PyIndex_Check(count)) {
        PyErr_Format(PyExc_TypeError, "can't multiply sequence by non-int of type "
                                      "'%.200s'",
                     Py_TYPE(count)->tp_name);
        return NULL;
    }
    n = PyNumber_AsSsize_t(count, PyExc_OverflowError);
    if (n == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return repeat(sequence, n);
}

static inline ssizeargfunc
repeat_slot(PyObject *o)
{
    PySequenceMethods *sequence = Py_TYPE(o)->tp_as_sequence;
    return sequence == NULL ? NULL : sequence->sq_repeat;
}

static PyObject *
multiply_sequences(PyObject *left, PyObject *right)
{
    if (repeat_slot(left) != NULL) {
        return sequence_repeat(repeat_slot(left), left, right);
    }
    if (repeat_slot(right) != NULL) {
        return sequence_repeat(repeat_slot(right), right, left);
    }
    return binary_type_error(left, right, "*");
}

PyObject *
PyNumber_Multiply(PyObject *left, PyObject *right)
{
    PyObject *result = binary_try(left, right, NB_PLACE(nb_multiply));

    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    return multiply_sequences(left, right);
}

static PyObject *
inplace_multiply_sequences(PyObject *left, PyObject *right)
{
    PySequenceMethods *sequence = Py_TYPE(left)->tp_as_sequence;

    if (sequence != NULL) {
        ssizeargfunc repeat = sequence->sq_inplace_repeat != NULL
                                  ? sequence->sq_inplace_repeat
                                  : sequence->sq_repeat;
        if (repeat != NULL) {
            return sequence_repeat(repeat, left, right);
        }
    }
    // The right one is not changed in place.
    if (repeat_slot(right) != NULL) {
        return sequence_repeat(repeat_slot(right), right, left);
    }
    return binary_type_error(left, right, "*=");
}

PyObject *
PyNumber_InPlaceMultiply(PyObject *left, PyObject *right)
{
    PyObject *result =
        inplace_try(left, right, NB_PLACE(nb_inplace_multiply), NB_PLACE(nb_multiply));

    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    return inplace_multiply_sequences(left, right);
}

PyObject *
kr_number_declined(PyObject *left, PyObject *right, int op, bool inplace)
{
    if (op == KR_NB_ADD) {
        return inplace ? inplace_add_sequences(left, right) : add_sequences(left, right);
    }
    if (op == KR_NB_MULTIPLY) {
        return inplace ? inplace_multiply_sequences(left, right)
                       : multiply_sequences(left, right);
    }
    return binary_type_error(left, right,
                             kr_nb_symbols[inplace ? op + KR_NB_INPLACE_ADD : op]);
}

PyObject *
kr_number_inplace_declined(PyObject *left, PyObject *right, int op, size_t place)
{
    PyObject *result = binary_try(left, right, place);

    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    return kr_number_declined(left, right, op, true);
}

// ----------------------------------------------------------------------- power

static inline ternaryfunc
power_slot(PyObject *o)
{
    PyNumberMethods *suite = Py_TYPE(o)->tp_as_number;
    return suite == NULL ? NULL : suite->nb_power;
}

static KR_COLD PyObject *
power_type_error(PyObject *base, PyObject *exponent, PyObject *modulus, const char *op)
{
    if (modulus == Py_None) {
        return binary_type_error(base, exponent, op);
    }
    PyErr_Format(PyExc_TypeError,
                 "unsupported operand type(s) for %.100s: '%.100s', '%.100s', '%.100s'",
                 op, Py_TYPE(base)->tp_name, Py_TYPE(exponent)->tp_name,
                 Py_TYPE(modulus)->tp_name);
    return NULL;
}

static PyObject *
power_op(PyObject *base, PyObject *exponent, PyObject *modulus, const char *op)
{
    ternaryfunc slot_base = power_slot(base), slot_exponent = NULL, slot_modulus;
    PyObject *result;

    if (!Py_IS_TYPE(exponent, Py_TYPE(base))) {
        slot_exponent = power_slot(exponent);
        if (slot_exponent == slot_base) {
            slot_exponent = NULL;
        }
    }
    if (slot_base != NULL) {
        if (slot_exponent != NULL &&
            PyType_IsSubtype(Py_TYPE(exponent), Py_TYPE(base))) {
            result = slot_exponent(base, exponent, modulus);
            if (result != Py_NotImplemented) {
                return result;
            }
            Py_DECREF(result);
            slot_exponent = NULL;
        }
        result = slot_base(base, exponent, modulus);
        if (result != Py_NotImplemented) {
            return result;
        }
        Py_DECREF(result);
    }
    if (slot_exponent != NULL) {
        result = slot_exponent(base, exponent, modulus);
        if (result != Py_NotImplemented) {
            return result;
        }
        Py_DECREF(result);
    }
    slot_modulus = power_slot(modulus);
    if (slot_modulus != NULL && slot_modulus != slot_base &&
        slot_modulus != slot_exponent) {
        result = slot_modulus(base, exponent, modulus);
        if (result != Py_NotImplemented) {
            return result;
        }
        Py_DECREF(result);
    }
    return power_type_error(base, exponent, modulus, op);
}

PyObject *
PyNumber_Power(PyObject *base, PyObject *exponent, PyObject *modulus)
{
    return power_op(base, exponent, modulus, "** or pow()");
}

PyObject *
PyNumber_InPlacePower(PyObject *base, PyObject *exponent, PyObject *modulus)
{
    PyNumberMethods *suite = Py_TYPE(base)->tp_as_number;

    if (suite != NULL && suite->nb_inplace_power != NULL) {
        PyObject *result = suite->nb_inplace_power(base, exponent, modulus);
        if (result != Py_NotImplemented) {
            return result;
        }
        Py_DECREF(result);
    }
    return power_op(base, exponent, modulus, "**=");
}

static PyObject *
binary_power(PyObject *base, PyObject *exponent)
{
    return PyNumber_Power(base, exponent, Py_None);
}

static PyObject *
binary_inplace_power(PyObject *base, PyObject *exponent)
{
    return PyNumber_InPlacePower(base, exponent, Py_None);
}

// In the order of the operands of BINARY_OP.
const binaryfunc kr_binary_ops[26] = {
    PyNumber_Add,
    PyNumber_And,
    PyNumber_FloorDivide,
    PyNumber_Lshift,
    PyNumber_MatrixMultiply,
    PyNumber_Multiply,
    PyNumber_Remainder,
    PyNumber_Or,
    binary_power,
    PyNumber_Rshift,
    PyNumber_Subtract,
    PyNumber_TrueDivide,
    PyNumber_Xor,
    PyNumber_InPlaceAdd,
    PyNumber_InPlaceAnd,
    PyNumber_InPlaceFloorDivide,
    PyNumber_InPlaceLshift,
    PyNumber_InPlaceMatrixMultiply,
    PyNumber_InPlaceMultiply,
    PyNumber_InPlaceRemainder,
    PyNumber_InPlaceOr,
    binary_inplace_power,
    PyNumber_InPlaceRshift,
    PyNumber_InPlaceSubtract,
    PyNumber_InPlaceTrueDivide,
    PyNumber_InPlaceXor,
};

// ------------------------------------------------------------------ conversions

int
PyNumber_Check(PyObject *o)
{
    PyNumberMethods *suite;

    if (o == NULL) {
        return 0;
    }
    suite = Py_TYPE(o)->tp_as_number;
    return (suite != NULL && (suite->nb_index != NULL || suite->nb_int != NULL ||
                              suite->nb_float != NULL)) ||
           PyComplex_Check(o);
}

int
PyIndex_Check(PyObject *o)
{
    PyNumberMethods *suite = Py_TYPE(o)->tp_as_number;

    return suite != NULL && suite->nb_index != NULL;
}

// A strict subclass of int from __index__ or __int__ is on its way out.
static PyObject *
int_subclass_result(PyObject *result, const char *method)
{
    if (result == NULL || PyLong_CheckExact(result)) {
        return result;
    }
    if (!PyLong_Check(result)) {
        PyErr_Format(PyExc_TypeError, "%s returned non-int (type %.200s)", method,
                     Py_TYPE(result)->tp_name);
        Py_DECREF(result);
        return NULL;
    }
    if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                         "%s returned non-int (type %.200s).  The ability to return an "
                         "instance of a strict subclass of int is deprecated, and may "
                         "be removed in a future version of Python.",
                         method, Py_TYPE(result)->tp_name) < 0) {
        Py_DECREF(result);
        return NULL;
    }
    return result;
}

// An int or a subclass of it, by __index__.
static PyObject *
index_of(PyObject *o)
{
    if (o == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "null argument to internal routine");
        }
        return NULL;
    }
    if (PyLong_Check(o)) {
        return Py_NewRef(o);
    }
    if (!PyIndex_Check(o)) {
        PyErr_Format(PyExc_TypeError,
                     "'%.200s' object cannot be interpreted as an integer",
                     Py_TYPE(o)->tp_name);
        return NULL;
    }
    return int_subclass_result(Py_TYPE(o)->tp_as_number->nb_index(o), "__index__");
}

static PyObject *
exact_int(PyObject *value_stolen)
{
    PyObject *copy;

    if (value_stolen == NULL || PyLong_CheckExact(value_stolen)) {
        return value_stolen;
    }
    copy = _PyLong_Copy((PyLongObject *)value_stolen);
    Py_DECREF(value_stolen);
    return copy;
}

// Public without underscore: exact int. With one: maybe a subclass.
PyObject *
_PyNumber_Index(PyObject *o)
{
    return index_of(o);
}

PyObject *
PyNumber_Index(PyObject *o)
{
    return exact_int(index_of(o));
}

Py_ssize_t
PyNumber_AsSsize_t(PyObject *o, PyObject *exc)
{
    PyObject *value = index_of(o);
    Py_ssize_t result;

    if (value == NULL) {
        return -1;
    }
    result = PyLong_AsSsize_t(value);
    if (result == -1 && PyErr_Occurred() &&
        PyErr_ExceptionMatches(PyExc_OverflowError)) {
        PyErr_Clear();
        if (exc == NULL) {
            // Without an exception to raise, the number is clipped.
            result = PyLong_IsNegative(value) == 1 ? PY_SSIZE_T_MIN : PY_SSIZE_T_MAX;
        }
        else {
            PyErr_Format(exc, "cannot fit '%.200s' into an index-sized integer",
                         Py_TYPE(o)->tp_name);
        }
    }
    Py_DECREF(value);
    return result;
}

PyObject *
PyNumber_Long(PyObject *o)
{
    if (o == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "null argument to internal routine");
        }
        return NULL;
    }
    return kr_long_from_number(o);
}

PyObject *
PyNumber_Float(PyObject *o)
{
    PyNumberMethods *suite;
    PyObject *value;
    double number;

    if (o == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "null argument to internal routine");
        }
        return NULL;
    }
    if (PyFloat_CheckExact(o)) {
        return Py_NewRef(o);
    }
    suite = Py_TYPE(o)->tp_as_number;
    if (suite != NULL && suite->nb_float != NULL) {
        value = suite->nb_float(o);
        if (value == NULL || PyFloat_CheckExact(value)) {
            return value;
        }
        if (!PyFloat_Check(value)) {
            PyErr_Format(PyExc_TypeError,
                         "%.50s.__float__ returned non-float (type %.50s)",
                         Py_TYPE(o)->tp_name, Py_TYPE(value)->tp_name);
            Py_DECREF(value);
            return NULL;
        }
        if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                             "%.50s.__float__ returned non-float (type %.50s).  The "
                             "ability to return an instance of a strict subclass of "
                             "float is deprecated, and may be removed in a future "
                             "version of Python.",
                             Py_TYPE(o)->tp_name, Py_TYPE(value)->tp_name) < 0) {
            Py_DECREF(value);
            return NULL;
        }
        number = PyFloat_AS_DOUBLE(value);
        Py_DECREF(value);
        return PyFloat_FromDouble(number);
    }
    if (suite != NULL && suite->nb_index != NULL) {
        value = index_of(o);
        if (value == NULL) {
            return NULL;
        }
        number = PyLong_AsDouble(value);
        Py_DECREF(value);
        if (number == -1.0 && PyErr_Occurred()) {
            return NULL;
        }
        return PyFloat_FromDouble(number);
    }
    if (PyFloat_Check(o)) {
        return PyFloat_FromDouble(PyFloat_AS_DOUBLE(o));
    }
    return PyFloat_FromString(o);
}

PyObject *
PyNumber_ToBase(PyObject *n, int base)
{
    PyObject *value, *result;

    if (base != 2 && base != 8 && base != 10 && base != 16) {
        PyErr_SetString(PyExc_SystemError,
                        "PyNumber_ToBase: base must be 2, 8, 10 or 16");
        return NULL;
    }
    value = index_of(n);
    if (value == NULL) {
        return NULL;
    }
    result = base == 10 ? kr_long_to_decimal((PyLongObject *)value)
                        : kr_long_to_base((PyLongObject *)value, base, true);
    Py_DECREF(value);
    return result;
}
