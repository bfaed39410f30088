// SPDX-License-Identifier: MIT
// convert.c - ints to and from C numbers, doubles and rows of bytes.
//
// Callers:     everybody who crosses between Python and C.
// Errors:      texts equal those of CPython 3.14.
#include "objects/int/digits.h"
#include "objects/int/int.h"

#include <float.h>

// --- From C --------------------------------------------------------------------------

PyObject *
PyLong_FromLong(long value)
{
    return kr_int_from_i64(value);
}

PyObject *
PyLong_FromLongLong(long long value)
{
    return kr_int_from_i64(value);
}

PyObject *
PyLong_FromSsize_t(Py_ssize_t value)
{
    return kr_int_from_i64(value);
}

PyObject *
PyLong_FromInt32(int32_t value)
{
    return kr_int_from_i64(value);
}

PyObject *
PyLong_FromInt64(int64_t value)
{
    return kr_int_from_i64(value);
}

PyObject *
PyLong_FromUnsignedLong(unsigned long value)
{
    return kr_int_from_u64(value);
}

PyObject *
PyLong_FromUnsignedLongLong(unsigned long long value)
{
    return kr_int_from_u64(value);
}

PyObject *
PyLong_FromSize_t(size_t value)
{
    return kr_int_from_u64(value);
}

PyObject *
PyLong_FromUInt32(uint32_t value)
{
    return kr_int_from_u64(value);
}

PyObject *
PyLong_FromUInt64(uint64_t value)
{
    return kr_int_from_u64(value);
}

PyObject *
PyLong_FromVoidPtr(void *value)
{
    return kr_int_from_u64((uintptr_t)value);
}

PyObject *
PyBool_FromLong(long value)
{
    return value ? Py_True : Py_False;
}

#undef Py_IsTrue
#undef Py_IsFalse
int
Py_IsTrue(PyObject *x)
{
    return x == Py_True;
}

int
Py_IsFalse(PyObject *x)
{
    return x == Py_False;
}

PyObject *
PyLong_FromDouble(double value)
{
    if (value > -9223372036854775808.0 && value < 9223372036854775808.0) {
        return kr_int_from_i64((int64_t)value);
    }
    if (isinf(value)) {
        PyErr_SetString(PyExc_OverflowError, "cannot convert float infinity to integer");
        return NULL;
    }
    if (isnan(value)) {
        PyErr_SetString(PyExc_ValueError, "cannot convert float NaN to integer");
        return NULL;
    }
    int exponent;
    double fraction = frexp(fabs(value), &exponent);
    // 53 significant bits, then zeros.
    uint64_t bits = (uint64_t)ldexp(fraction, 53);
    PyObject *head = kr_int_from_u64(bits), *result;
    if (head == NULL) {
        return NULL;
    }
    result = kr_long_shift_left((PyLongObject *)head, exponent - 53);
    Py_DECREF(head);
    if (result != NULL && value < 0) {
        Py_SETREF(result, kr_long_neg((PyLongObject *)result));
    }
    return result;
}

// --- To C ----------------------------------------------------------------------------

// The int to read: op itself, or what __index__ gives (*own_out is to be released).
// NULL with TypeError.
static PyLongObject *
index_of(PyObject *op, PyObject **own_out)
{
    *own_out = NULL;
    if (KR_LIKELY(op != NULL && PyLong_Check(op))) {
        return (PyLongObject *)op;
    }
    if (op == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    *own_out = PyNumber_Index(op);
    return (PyLongObject *)*own_out;
}

// The magnitude if it is below 2**64.
static bool
magnitude(const PyLongObject *op, uint64_t *out)
{
    const digit *d = op->long_value.ob_digit;
    switch (kr_int_size(op)) {
    case 0:
        *out = 0;
        return true;
    case 1:
        *out = d[0];
        return true;
    case 2:
        *out = (uint64_t)d[1] << PyLong_SHIFT | d[0];
        return true;
    case 3:
        *out = (uint64_t)d[2] << (2 * PyLong_SHIFT) | (uint64_t)d[1] << PyLong_SHIFT |
               d[0];
        return d[2] < 16;
    default:
        return false;
    }
}

// The value as int64: 0, or the sign of the overflow.
static int
to_i64(const PyLongObject *op, int64_t *out)
{
    uint64_t value;
    if (KR_LIKELY(kr_int_to_word(op, out))) {
        return 0;
    }
    bool negative = kr_int_is_negative(op);
    if (!magnitude(op, &value) || value > (uint64_t)INT64_MAX + negative) {
        return negative ? -1 : 1;
    }
    *out = negative ? (int64_t)-value : (int64_t)value;
    return 0;
}

long long
PyLong_AsLongLongAndOverflow(PyObject *op, int *overflow)
{
    PyObject *own;
    PyLongObject *number = index_of(op, &own);
    int64_t value = -1;

    *overflow = 0;
    if (number != NULL) {
        *overflow = to_i64(number, &value);
        if (*overflow) {
            value = -1;
        }
    }
    Py_XDECREF(own);
    return value;
}

long
PyLong_AsLongAndOverflow(PyObject *op, int *overflow)
{
    return (long)PyLong_AsLongLongAndOverflow(op, overflow);
}

static int64_t
as_i64(PyObject *op, const char *message)
{
    int overflow;
    int64_t value = PyLong_AsLongLongAndOverflow(op, &overflow);
    if (overflow) {
        PyErr_SetString(PyExc_OverflowError, message);
    }
    return value;
}

long
PyLong_AsLong(PyObject *op)
{
    return as_i64(op, "Python int too large to convert to C long");
}

long long
PyLong_AsLongLong(PyObject *op)
{
    return as_i64(op, "int too big to convert");
}

int
PyLong_AsInt(PyObject *op)
{
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(op, &overflow);
    if (overflow || value > INT_MAX || value < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C int");
        return -1;
    }
    return (int)value;
}

// These two do not ask __index__.
Py_ssize_t
PyLong_AsSsize_t(PyObject *op)
{
    int64_t value;
    if (op == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (!PyLong_Check(op)) {
        PyErr_SetString(PyExc_TypeError, "an integer is required");
        return -1;
    }
    if (to_i64((PyLongObject *)op, &value)) {
        PyErr_SetString(PyExc_OverflowError,
                        "Python int too large to convert to C ssize_t");
        return -1;
    }
    return value;
}

static uint64_t
as_u64(PyObject *op, const char *too_large, const char *negative)
{
    uint64_t value;
    if (op == NULL) {
        PyErr_BadInternalCall();
        return (uint64_t)-1;
    }
    if (!PyLong_Check(op)) {
        PyErr_SetString(PyExc_TypeError, "an integer is required");
        return (uint64_t)-1;
    }
    if (kr_int_is_negative((PyLongObject *)op)) {
        PyErr_SetString(PyExc_OverflowError, negative);
        return (uint64_t)-1;
    }
    if (!magnitude((PyLongObject *)op, &value)) {
        PyErr_SetString(PyExc_OverflowError, too_large);
        return (uint64_t)-1;
    }
    return value;
}

unsigned long
PyLong_AsUnsignedLong(PyObject *op)
{
    return as_u64(op, "Python int too large to convert to C unsigned long",
                  "can't convert negative value to unsigned int");
}

size_t
PyLong_AsSize_t(PyObject *op)
{
    return as_u64(op, "Python int too large to convert to C size_t",
                  "can't convert negative value to size_t");
}

unsigned long long
PyLong_AsUnsignedLongLong(PyObject *op)
{
    return as_u64(op, "int too big to convert",
                  "can't convert negative int to unsigned");
}

static uint64_t
as_mask(PyObject *op)
{
    PyObject *own;
    PyLongObject *number = index_of(op, &own);
    uint64_t value = 0;

    if (number == NULL) {
        return (uint64_t)-1;
    }
    Py_ssize_t size = kr_int_size(number);
    for (Py_ssize_t i = size < 3 ? size : 3; i-- > 0;) {
        value = value << PyLong_SHIFT | number->long_value.ob_digit[i];
    }
    if (kr_int_is_negative(number)) {
        value = -value;
    }
    Py_XDECREF(own);
    return value;
}

unsigned long
PyLong_AsUnsignedLongMask(PyObject *op)
{
    return as_mask(op);
}

unsigned long long
PyLong_AsUnsignedLongLongMask(PyObject *op)
{
    return as_mask(op);
}

void *
PyLong_AsVoidPtr(PyObject *op)
{
    int64_t value;
    if (op == NULL || !PyLong_Check(op)) {
        PyErr_SetString(PyExc_TypeError, "an integer is required");
        return NULL;
    }
    if (to_i64((PyLongObject *)op, &value) == 0) {
        return (void *)(intptr_t)value;
    }
    uint64_t word = as_u64(op, "Python int too large to convert to C unsigned long long",
                           "Python int too large to convert to C long long");
    return word == (uint64_t)-1 && PyErr_Occurred() ? NULL : (void *)(uintptr_t)word;
}

int
PyLong_AsInt64(PyObject *op, int64_t *value)
{
    PyObject *own;
    PyLongObject *number = index_of(op, &own);
    int status = -1;
    if (number != NULL) {
        if (to_i64(number, value) == 0) {
            status = 0;
        }
        else {
            PyErr_SetString(PyExc_OverflowError,
                            "Python int too large to convert to C int64_t");
        }
    }
    Py_XDECREF(own);
    return status;
}

int
PyLong_AsInt32(PyObject *op, int32_t *value)
{
    int64_t wide;
    PyObject *own;
    PyLongObject *number = index_of(op, &own);
    int status = -1;
    if (number != NULL) {
        if (to_i64(number, &wide) == 0 && wide == (int32_t)wide) {
            *value = (int32_t)wide;
            status = 0;
        }
        else {
            PyErr_SetString(PyExc_OverflowError,
                            "Python int too large to convert to C int32_t");
        }
    }
    Py_XDECREF(own);
    return status;
}

static int
to_unsigned(PyObject *op, uint64_t limit, const char *too_large, uint64_t *out)
{
    PyObject *own;
    PyLongObject *number = index_of(op, &own);
    int status = -1;
    if (number != NULL) {
        if (kr_int_is_negative(number)) {
            PyErr_SetString(PyExc_ValueError, "Cannot convert negative int");
        }
        else if (!magnitude(number, out) || *out > limit) {
            PyErr_SetString(PyExc_OverflowError, too_large);
        }
        else {
            status = 0;
        }
    }
    Py_XDECREF(own);
    return status;
}

int
PyLong_AsUInt32(PyObject *op, uint32_t *value)
{
    uint64_t wide;
    if (to_unsigned(op, UINT32_MAX, "Python int too large to convert to C uint32_t",
                    &wide) < 0) {
        return -1;
    }
    *value = (uint32_t)wide;
    return 0;
}

int
PyLong_AsUInt64(PyObject *op, uint64_t *value)
{
    return to_unsigned(op, UINT64_MAX, "Python int too large to convert to C uint64_t",
                       value);
}

// --- Sign and size ------------------------------------------------------------------

static int
sign_of(PyObject *op)
{
    return 1 - (int)(((PyLongObject *)op)->long_value.lv_tag & _PyLong_SIGN_MASK);
}

int
_PyLong_Sign(PyObject *op)
{
    return sign_of(op);
}

static int
require_int(PyObject *op)
{
    if (PyLong_Check(op)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "expected int, got %T", op);
    return -1;
}

int
PyLong_GetSign(PyObject *op, int *sign)
{
    if (require_int(op) < 0) {
        return -1;
    }
    *sign = sign_of(op);
    return 0;
}

int
PyLong_IsPositive(PyObject *op)
{
    return require_int(op) < 0 ? -1 : sign_of(op) > 0;
}

int
PyLong_IsNegative(PyObject *op)
{
    return require_int(op) < 0 ? -1 : sign_of(op) < 0;
}

int
PyLong_IsZero(PyObject *op)
{
    return require_int(op) < 0 ? -1 : sign_of(op) == 0;
}

int64_t
_PyLong_NumBits(PyObject *op)
{
    PyLongObject *self = (PyLongObject *)op;
    Py_ssize_t size = kr_int_size(self);
    return size == 0 ? 0
                     : (int64_t)(size - 1) * PyLong_SHIFT +
                           kr_dg_bits(self->long_value.ob_digit[size - 1]);
}

// --- Doubles ----------------------------------------------------------------------------

double
kr_long_frexp(const PyLongObject *a, int64_t *exponent_out)
{
    Py_ssize_t size = kr_int_size(a);
    const digit *d = a->long_value.ob_digit;
    if (size == 0) {
        *exponent_out = 0;
        return 0.0;
    }
    int64_t bits = _PyLong_NumBits((PyObject *)a);
    // The top 64 bits, with a last bit that tells whether more follow.
    uint64_t top = 0;
    int64_t have = 0;
    Py_ssize_t i = size;
    bool more = false;
    while (i > 0 && have < 64) {
        i--;
        int width = i == size - 1 ? kr_dg_bits(d[i]) : PyLong_SHIFT;
        if (have + width <= 64) {
            top = top << width | d[i];
            have += width;
        }
        else {
            int cut = (int)(have + width - 64);
            top = top << (width - cut) | d[i] >> cut;
            more = (d[i] & (((digit)1 << cut) - 1)) != 0;
            have = 64;
        }
    }
    while (!more && i > 0) {
        more = d[--i] != 0;
    }
    if (have < 64) {
        top <<= 64 - have;
    }
    // Round to 53 bits: half to even.
    uint64_t kept = top >> 11, rest = top & 0x7ff;
    if (rest > 0x400 || (rest == 0x400 && (more || (kept & 1)))) {
        kept++;
    }
    if (kept == (uint64_t)1 << 53) {
        kept >>= 1;
        bits++;
    }
    *exponent_out = bits;
    double value = ldexp((double)kept, -53);
    return kr_int_is_negative(a) ? -value : value;
}

double
PyLong_AsDouble(PyObject *op)
{
    int64_t word, exponent;
    if (op == NULL) {
        PyErr_BadInternalCall();
        return -1.0;
    }
    if (!PyLong_Check(op)) {
        PyErr_SetString(PyExc_TypeError, "an integer is required");
        return -1.0;
    }
    PyLongObject *self = (PyLongObject *)op;
    if (kr_int_to_word(self, &word)) {
        return (double)word;
    }
    double fraction = kr_long_frexp(self, &exponent);
    if (exponent > DBL_MAX_EXP) {
        PyErr_SetString(PyExc_OverflowError, "int too large to convert to float");
        return -1.0;
    }
    return ldexp(fraction, (int)exponent);
}

// --- Bytes ---------------------------------------------------------------------------------

// Writes the low n bytes of the number in two's complement, little endian.
static void
write_bytes(const PyLongObject *op, unsigned char *out, size_t n)
{
    bool negative = kr_int_is_negative(op);
    uint64_t pending = 0;
    int bits = 0;
    digit carry = 1;
    Py_ssize_t size = kr_int_size(op), i = 0;
    for (size_t at = 0; at < n; at++) {
        if (bits < 8) {
            digit d = i < size ? op->long_value.ob_digit[i] : 0;
            i++;
            if (negative) {
                // The complement plus one, digit by digit.
                d = (d ^ PyLong_MASK) + carry;
                carry = d >> PyLong_SHIFT;
                d &= PyLong_MASK;
            }
            pending |= (uint64_t)d << bits;
            bits += PyLong_SHIFT;
        }
        out[at] = (unsigned char)pending;
        pending >>= 8;
        bits -= 8;
    }
}

static void
reverse_bytes(unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        unsigned char c = p[i];
        p[i] = p[n - 1 - i];
        p[n - 1 - i] = c;
    }
}

// Bits of the shortest two's complement form with a sign bit.
static int64_t
signed_bits(const PyLongObject *op)
{
    int64_t bits = _PyLong_NumBits((PyObject *)op);
    if (!kr_int_is_negative(op)) {
        return bits + 1;
    }
    // A negative power of two needs one bit less.
    Py_ssize_t size = kr_int_size(op);
    digit top = op->long_value.ob_digit[size - 1];
    bool power = (top & (top - 1)) == 0;
    for (Py_ssize_t i = 0; power && i < size - 1; i++) {
        power = op->long_value.ob_digit[i] == 0;
    }
    return power ? bits : bits + 1;
}

int
_PyLong_AsByteArray(PyLongObject *op, unsigned char *bytes, size_t n, int little_endian,
                    int is_signed, int with_exceptions)
{
    bool negative = kr_int_is_negative(op), fits;

    if (negative && !is_signed) {
        if (with_exceptions) {
            PyErr_SetString(PyExc_OverflowError,
                            "can't convert negative int to unsigned");
        }
        return -1;
    }
    int64_t bits = is_signed ? signed_bits(op) : _PyLong_NumBits((PyObject *)op);
    fits = (uint64_t)bits <= (uint64_t)n * 8 || (kr_int_is_zero(op) && n == 0);
    write_bytes(op, bytes, n);
    if (!little_endian) {
        reverse_bytes(bytes, n);
    }
    if (!fits) {
        if (with_exceptions) {
            PyErr_SetString(PyExc_OverflowError, "int too big to convert");
        }
        return -1;
    }
    return 0;
}

PyObject *
_PyLong_FromByteArray(const unsigned char *bytes, size_t n, int little_endian,
                      int is_signed)
{
    bool negative;
    // at(i) is the i-th byte from the least significant one.
#define BYTE_AT(i) (little_endian ? bytes[i] : bytes[n - 1 - (i)])
    if (n == 0) {
        return kr_int_small_nofail(0);
    }
    negative = is_signed && (BYTE_AT(n - 1) & 0x80);
    unsigned char fill = negative ? 0xff : 0;
    while (n > 1 && BYTE_AT(n - 1) == fill) {
        if (!little_endian) {
            bytes++;
        }
        n--;
    }
    if (n <= 7) {
        uint64_t value = 0;
        for (size_t i = n; i-- > 0;) {
            value = value << 8 | (BYTE_AT(i) ^ fill);
        }
        return kr_int_from_i64(negative ? -(int64_t)value - 1 : (int64_t)value);
    }
    if (n > (size_t)PY_SSIZE_T_MAX / 8) {
        PyErr_SetString(PyExc_OverflowError,
                        "byte array too long to convert to int");
        return NULL;
    }
    // One digit more for the carry of the complement.
    Py_ssize_t size = (Py_ssize_t)((n * 8 + PyLong_SHIFT - 1) / PyLong_SHIFT) + 1;
    PyLongObject *result = kr_long_alloc(size);
    if (result == NULL) {
        return NULL;
    }
    digit *d = result->long_value.ob_digit, carry = negative;
    uint64_t pending = 0;
    int bits = 0;
    size_t at = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        while (bits < PyLong_SHIFT && at < n) {
            pending |= (uint64_t)(unsigned char)(BYTE_AT(at) ^ fill) << bits;
            bits += 8;
            at++;
        }
        carry += (digit)pending & PyLong_MASK;
        d[i] = carry & PyLong_MASK;
        carry >>= PyLong_SHIFT;
        pending >>= PyLong_SHIFT;
        bits -= PyLong_SHIFT;
        if (bits < 0) {
            bits = 0;
        }
    }
#undef BYTE_AT
    return kr_long_finish_steal(result, negative);
}

Py_ssize_t
PyLong_AsNativeBytes(PyObject *op, void *buffer, Py_ssize_t n_bytes, int flags)
{
    PyObject *own = NULL;
    bool by_default = flags == -1;
    bool little = by_default || (flags & Py_ASNATIVEBYTES_LITTLE_ENDIAN);
    if (op == NULL || n_bytes < 0) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (!PyLong_Check(op)) {
        if (by_default || !(flags & Py_ASNATIVEBYTES_ALLOW_INDEX)) {
            PyErr_Format(PyExc_TypeError, "expect int, got %T", op);
            return -1;
        }
        own = PyNumber_Index(op);
        if (own == NULL) {
            return -1;
        }
        op = own;
    }
    PyLongObject *number = (PyLongObject *)op;
    Py_ssize_t needed = -1;
    if (!by_default && (flags & Py_ASNATIVEBYTES_REJECT_NEGATIVE) &&
        kr_int_is_negative(number)) {
        PyErr_SetString(PyExc_ValueError, "Cannot convert negative int");
        goto done;
    }
    write_bytes(number, buffer, (size_t)n_bytes);
    if (!little) {
        reverse_bytes(buffer, (size_t)n_bytes);
    }
    needed = (Py_ssize_t)((signed_bits(number) + 7) / 8);
    // A value that fills an unsigned buffer needs no sign bit.
    bool unsigned_buffer = by_default || (flags & Py_ASNATIVEBYTES_UNSIGNED_BUFFER);
    if (needed == n_bytes + 1 && unsigned_buffer && !kr_int_is_negative(number) &&
        _PyLong_NumBits(op) <= (int64_t)n_bytes * 8) {
        needed = n_bytes;
    }
done:
    Py_XDECREF(own);
    return needed;
}

PyObject *
PyLong_FromNativeBytes(const void *buffer, size_t n_bytes, int flags)
{
    if (buffer == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    bool little = flags == -1 || (flags & Py_ASNATIVEBYTES_LITTLE_ENDIAN);
    bool is_unsigned = flags != -1 && (flags & Py_ASNATIVEBYTES_UNSIGNED_BUFFER);
    return _PyLong_FromByteArray(buffer, n_bytes, little, !is_unsigned);
}

PyObject *
PyLong_FromUnsignedNativeBytes(const void *buffer, size_t n_bytes, int flags)
{
    if (buffer == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    bool little = flags == -1 || (flags & Py_ASNATIVEBYTES_LITTLE_ENDIAN);
    return _PyLong_FromByteArray(buffer, n_bytes, little, false);
}
