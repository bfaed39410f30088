// SPDX-License-Identifier: MIT
// bits.c - shifts and bitwise operations on ints.
//
// Negative numbers behave as if written in two's complement with endless sign.
#include "objects/int/digits.h"
#include "objects/int/int.h"

#define DIGITS(op) ((op)->long_value.ob_digit)

// --- Shifts ---------------------------------------------------------------------------

PyObject *
kr_long_shift_left(PyLongObject *a, int64_t bits)
{
    int64_t x;
    if (kr_int_is_zero(a)) {
        return kr_int_small_nofail(0);
    }
    if (bits < 63 && kr_int_to_word(a, &x)) {
        int64_t shifted = (int64_t)((uint64_t)x << bits);
        if (shifted >> bits == x) {
            return kr_int_from_i64(shifted);
        }
    }
    Py_ssize_t size = kr_int_size(a), words = bits / PyLong_SHIFT;
    if (words > PY_SSIZE_T_MAX / 64 - size - 1) {
        // More than a size in bits can express, or more than memory has.
        return PyErr_NoMemory();
    }
    PyLongObject *r = kr_long_alloc(size + words + 1);
    if (r == NULL) {
        return NULL;
    }
    memset(DIGITS(r), 0, (size_t)words * sizeof(digit));
    DIGITS(r)[size + words] =
        kr_dg_lshift(DIGITS(r) + words, DIGITS(a), size, (int)(bits % PyLong_SHIFT));
    return kr_long_finish_steal(r, kr_int_is_negative(a));
}

PyObject *
kr_long_shift_right(PyLongObject *a, int64_t bits)
{
    int64_t x;
    bool negative = kr_int_is_negative(a);
    if (kr_int_to_word(a, &x)) {
        return kr_int_from_i64(bits > 62 ? (negative ? -1 : 0) : x >> bits);
    }
    Py_ssize_t size = kr_int_size(a), words = bits / PyLong_SHIFT;
    if (words >= size) {
        return kr_int_small_nofail(negative ? -1 : 0);
    }
    // Room for a carry: what falls off a negative number rounds it down.
    PyLongObject *r = kr_long_alloc(size - words + 1);
    if (r == NULL) {
        return NULL;
    }
    digit lost = kr_dg_rshift(DIGITS(r), DIGITS(a) + words, size - words,
                              (int)(bits % PyLong_SHIFT));
    DIGITS(r)[size - words] = 0;
    if (negative) {
        for (Py_ssize_t i = 0; lost == 0 && i < words; i++) {
            lost = DIGITS(a)[i];
        }
        if (lost != 0) {
            digit one = 1;
            kr_dg_add(DIGITS(r), DIGITS(r), size - words + 1, &one, 1);
        }
    }
    return kr_long_finish_steal(r, negative);
}

PyObject *
kr_long_lshift(PyLongObject *a, PyLongObject *b)
{
    int64_t bits;
    if (kr_int_is_negative(b)) {
        PyErr_SetString(PyExc_ValueError, "negative shift count");
        return NULL;
    }
    if (kr_int_is_zero(a)) {
        return kr_int_small_nofail(0);
    }
    if (!kr_int_to_word(b, &bits)) {
        int overflow;
        bits = PyLong_AsLongLongAndOverflow((PyObject *)b, &overflow);
        if (overflow) {
            PyErr_SetString(PyExc_OverflowError, "too many digits in integer");
            return NULL;
        }
    }
    return kr_long_shift_left(a, bits);
}

PyObject *
kr_long_rshift(PyLongObject *a, PyLongObject *b)
{
    int64_t bits;
    if (kr_int_is_negative(b)) {
        PyErr_SetString(PyExc_ValueError, "negative shift count");
        return NULL;
    }
    if (!kr_int_to_word(b, &bits)) {
        bits = INT64_MAX;
    }
    return kr_long_shift_right(a, bits);
}

PyObject *
kr_long_invert(PyLongObject *a)
{
    int64_t x;
    if (kr_int_to_word(a, &x)) {
        return kr_int_from_i64(~x);
    }
    // ~a is -(a + 1).
    PyObject *next = kr_long_add(a, (PyLongObject *)kr_int_small_nofail(1)), *result;
    if (next == NULL) {
        return NULL;
    }
    result = kr_long_neg((PyLongObject *)next);
    Py_DECREF(next);
    return result;
}

// --- And, or, exclusive or -------------------------------------------------------------

// Reads a number's two's complement digit by digit.
typedef struct {
    const digit *digits;
    Py_ssize_t size;
    digit flip;  // PyLong_MASK for a negative number
    digit carry; // 1 while the complement's one is still to be added
} TwosReader;

static TwosReader
twos_reader(PyLongObject *op)
{
    bool negative = kr_int_is_negative(op);
    return (TwosReader){DIGITS(op), kr_int_size(op), negative ? PyLong_MASK : 0,
                        negative};
}

static inline digit
twos_next(TwosReader *reader, Py_ssize_t i)
{
    digit d = (i < reader->size ? reader->digits[i] : 0) ^ reader->flip;
    d += reader->carry;
    reader->carry = d >> PyLong_SHIFT;
    return d & PyLong_MASK;
}

static PyObject *
bitwise(PyLongObject *a, PyLongObject *b, char operation)
{
    TwosReader ra = twos_reader(a), rb = twos_reader(b);
    bool na = ra.flip != 0, nb = rb.flip != 0, negative;
    Py_ssize_t size = ra.size > rb.size ? ra.size : rb.size;

    switch (operation) {
    case '&':
        negative = na && nb;
        // Digits above the shorter number matter only if that one is negative.
        if (!na && ra.size < size) {
            size = ra.size;
        }
        if (!nb && rb.size < size) {
            size = rb.size;
        }
        break;
    case '|':
        negative = na || nb;
        break;
    default:
        negative = na != nb;
    }
    // One more, for the complement of a negative result may grow.
    PyLongObject *r = kr_long_alloc(size + 1);
    if (r == NULL) {
        return NULL;
    }
    digit *out = DIGITS(r), carry = negative, flip = negative ? PyLong_MASK : 0;
    for (Py_ssize_t i = 0; i <= size; i++) {
        digit x = twos_next(&ra, i), y = twos_next(&rb, i), d;
        d = operation == '&' ? x & y : operation == '|' ? x | y : x ^ y;
        if (i == size && !negative) {
            d = 0;
        }
        d = (d ^ flip) + carry;
        carry = d >> PyLong_SHIFT;
        out[i] = d & PyLong_MASK;
    }
    return kr_long_finish_steal(r, negative);
}

PyObject *
kr_long_and(PyLongObject *a, PyLongObject *b)
{
    int64_t x, y;
    if (KR_LIKELY(kr_int_to_word(a, &x) && kr_int_to_word(b, &y))) {
        return kr_int_from_i64(x & y);
    }
    return bitwise(a, b, '&');
}

PyObject *
kr_long_or(PyLongObject *a, PyLongObject *b)
{
    int64_t x, y;
    if (KR_LIKELY(kr_int_to_word(a, &x) && kr_int_to_word(b, &y))) {
        return kr_int_from_i64(x | y);
    }
    return bitwise(a, b, '|');
}

PyObject *
kr_long_xor(PyLongObject *a, PyLongObject *b)
{
    int64_t x, y;
    if (KR_LIKELY(kr_int_to_word(a, &x) && kr_int_to_word(b, &y))) {
        return kr_int_from_i64(x ^ y);
    }
    return bitwise(a, b, '^');
}
