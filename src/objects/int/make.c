// SPDX-License-Identifier: MIT
// make.c - where ints come from: the shared small ones, and fresh ones.
//
// Invariants:  values from KR_SMALL_INT_MIN to KR_SMALL_INT_MAX are always the
//              shared objects, except in subclasses. The top digit is not zero;
//              zero has the tag 1 and ob_digit[0] == 0.
// Callers:     every file of this folder; the machine through kr_int_from_i64.
#include "objects/alloc.h"
#include "objects/int/digits.h"
#include "objects/int/int.h"
#include "objects/state.h"

// --- The shared small ints ----------------------------------------------------------

#define INT_ROW(tag, value)                                                   \
    {                                                                         \
        .ob_base = PyObject_HEAD_INIT(&PyLong_Type)                           \
        .long_value = {(tag), {(value)}},                                     \
    },
#define NEGATIVE(n) INT_ROW(8 | KR_INT_STATIC_TAG | KR_INT_NEGATIVE, n)
#define POSITIVE(n) INT_ROW(8 | KR_INT_STATIC_TAG, n)
#define POSITIVE_4(n) POSITIVE(n) POSITIVE(n + 1) POSITIVE(n + 2) POSITIVE(n + 3)
#define POSITIVE_16(n) POSITIVE_4(n) POSITIVE_4(n + 4) POSITIVE_4(n + 8) POSITIVE_4(n + 12)
#define POSITIVE_64(n)                                                        \
    POSITIVE_16(n) POSITIVE_16(n + 16) POSITIVE_16(n + 32) POSITIVE_16(n + 48)
#define POSITIVE_256(n)                                                       \
    POSITIVE_64(n) POSITIVE_64(n + 64) POSITIVE_64(n + 128) POSITIVE_64(n + 192)

// clang-format off
PyLongObject kr_small_ints[KR_SMALL_INT_COUNT] = {
    NEGATIVE(5) NEGATIVE(4) NEGATIVE(3) NEGATIVE(2) NEGATIVE(1)
    INT_ROW(KR_INT_STATIC_TAG | KR_INT_ZERO, 0)
    POSITIVE_256(1)
};
// clang-format on

PyLongObject _Py_FalseStruct = {
    .ob_base = PyObject_HEAD_INIT(&PyBool_Type)
    .long_value = {KR_INT_STATIC_TAG | KR_INT_ZERO, {0}},
};
PyLongObject _Py_TrueStruct = {
    .ob_base = PyObject_HEAD_INIT(&PyBool_Type)
    .long_value = {8 | KR_INT_STATIC_TAG, {1}},
};

// --- Fresh ints -----------------------------------------------------------------------

// So that sizes in bits fit into 64 bits and in bytes into Py_ssize_t.
#define LONG_MAX_DIGITS (PY_SSIZE_T_MAX / 64)

PyLongObject *
kr_long_alloc(Py_ssize_t size)
{
    if (KR_UNLIKELY(size > LONG_MAX_DIGITS)) {
        PyErr_SetString(PyExc_OverflowError, "too many digits in integer");
        return NULL;
    }
    size_t digits = size > 0 ? (size_t)size : 1;
    PyLongObject *result = kr_object_alloc(
        offsetof(PyLongObject, long_value.ob_digit) + digits * sizeof(digit), false,
        false);
    if (KR_UNLIKELY(result == NULL)) {
        PyErr_NoMemory();
        return NULL;
    }
    kr_object_start_static(result, &PyLong_Type);
    kr_long_set_tag(result, false, size);
    result->long_value.ob_digit[0] = 0;
    return result;
}

PyObject *
kr_long_finish_steal(PyLongObject *result, bool negative)
{
    if (result == NULL) {
        return NULL;
    }
    Py_ssize_t size = kr_dg_trim(result->long_value.ob_digit, kr_int_size(result));
    kr_long_set_tag(result, negative, size);
    if (size <= 1) {
        int64_t value = size == 0 ? 0 : (int64_t)result->long_value.ob_digit[0];
        value = negative ? -value : value;
        if (kr_int_is_small(value)) {
            kr_object_free_plain(result);
            return kr_int_small_nofail(value);
        }
    }
    return (PyObject *)result;
}

static PyObject *
from_magnitude(uint64_t value, bool negative)
{
    int size = value < PyLong_BASE ? 1 : value >> (2 * PyLong_SHIFT) ? 3 : 2;
    PyLongObject *result = kr_long_alloc(size);
    if (KR_UNLIKELY(result == NULL)) {
        return NULL;
    }
    kr_long_set_tag(result, negative, size);
    digit *digits = result->long_value.ob_digit;
    digits[0] = (digit)value & PyLong_MASK;
    if (size > 1) {
        digits[1] = (digit)(value >> PyLong_SHIFT) & PyLong_MASK;
        if (size > 2) {
            digits[2] = (digit)(value >> (2 * PyLong_SHIFT));
        }
    }
    return (PyObject *)result;
}

PyObject *
kr_int_from_i64_slow(int64_t value)
{
    if (kr_int_is_small(value)) {
        return kr_int_small_nofail(value);
    }
    if (KR_LIKELY((uint64_t)(value + PyLong_MASK) <= 2 * (uint64_t)PyLong_MASK)) {
        // One digit.
        PyLongObject *result = kr_object_alloc(sizeof *result, false, false);
        if (KR_UNLIKELY(result == NULL)) {
            return PyErr_NoMemory();
        }
        kr_object_start(result, &PyLong_Type);
        kr_long_set_tag(result, value < 0, 1);
        result->long_value.ob_digit[0] = (digit)(value < 0 ? -value : value);
        return (PyObject *)result;
    }
    return from_magnitude(value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0);
}

PyObject *
kr_int_from_u64(uint64_t value)
{
    if (value <= KR_SMALL_INT_MAX) {
        return kr_int_small_nofail((int64_t)value);
    }
    return from_magnitude(value, false);
}

PyObject *
kr_int_from_i128(__int128 value)
{
    if (value >= INT64_MIN && value <= INT64_MAX) {
        return kr_int_from_i64((int64_t)value);
    }
    unsigned __int128 rest =
        value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
    PyLongObject *result = kr_long_alloc(5);
    if (result == NULL) {
        return NULL;
    }
    for (int i = 0; i < 5; i++) {
        result->long_value.ob_digit[i] = (digit)rest & PyLong_MASK;
        rest >>= PyLong_SHIFT;
    }
    return kr_long_finish_steal(result, value < 0);
}

// --- For extensions that fill digits themselves ------------------------------------------

PyLongObject *
_PyLong_New(Py_ssize_t digits)
{
    return kr_long_alloc(digits);
}

PyLongObject *
_PyLong_FromDigits(int negative, Py_ssize_t count, digit *digits)
{
    PyLongObject *result = kr_long_alloc(count);
    if (result == NULL) {
        return NULL;
    }
    memcpy(result->long_value.ob_digit, digits, (size_t)count * sizeof(digit));
    return (PyLongObject *)kr_long_finish_steal(result, negative);
}

PyObject *
_PyLong_Copy(PyLongObject *op)
{
    int64_t word;
    if (kr_int_to_word(op, &word)) {
        return kr_int_from_i64(word);
    }
    Py_ssize_t size = kr_int_size(op);
    PyLongObject *result = kr_long_alloc(size);
    if (result == NULL) {
        return NULL;
    }
    memcpy(result->long_value.ob_digit, op->long_value.ob_digit,
           (size_t)size * sizeof(digit));
    kr_long_set_tag(result, kr_int_is_negative(op), size);
    return (PyObject *)result;
}

static const PyLongLayout native_layout = {
    .bits_per_digit = PyLong_SHIFT,
    .digit_size = sizeof(digit),
    .digits_order = -1,
    .digit_endianness = -1,
};

const PyLongLayout *
PyLong_GetNativeLayout(void)
{
    return &native_layout;
}

int
PyLong_Export(PyObject *op, PyLongExport *out)
{
    if (!PyLong_Check(op)) {
        memset(out, 0, sizeof(*out));
        PyErr_Format(PyExc_TypeError, "expected int, got %T", op);
        return -1;
    }
    PyLongObject *self = (PyLongObject *)op;
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(op, &overflow);
    memset(out, 0, sizeof(*out));
    if (!overflow) {
        out->value = value;
        return 0;
    }
    out->negative = kr_int_is_negative(self);
    out->ndigits = kr_int_size(self);
    out->digits = self->long_value.ob_digit;
    out->_reserved = (Py_uintptr_t)Py_NewRef(op);
    return 0;
}

void
PyLong_FreeExport(PyLongExport *out)
{
    PyObject *op = (PyObject *)out->_reserved;
    out->_reserved = 0;
    Py_XDECREF(op);
}

// A writer is the int itself, which nobody has seen yet.
PyLongWriter *
PyLongWriter_Create(int negative, Py_ssize_t ndigits, void **digits)
{
    if (ndigits <= 0) {
        PyErr_SetString(PyExc_ValueError, "ndigits must be positive");
        *digits = NULL;
        return NULL;
    }
    PyLongObject *op = kr_long_alloc(ndigits);
    *digits = op == NULL ? NULL : op->long_value.ob_digit;
    if (op != NULL) {
        kr_long_set_tag(op, negative, ndigits);
    }
    return (PyLongWriter *)op;
}

PyObject *
PyLongWriter_Finish(PyLongWriter *writer)
{
    PyLongObject *op = (PyLongObject *)writer;
    return kr_long_finish_steal(op, kr_int_is_negative(op));
}

void
PyLongWriter_Discard(PyLongWriter *writer)
{
    Py_XDECREF((PyObject *)writer);
}
