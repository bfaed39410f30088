// SPDX-License-Identifier: MIT
// int.h - ints beyond the public API: fast entry points for the machine and the
// layout for the files of this folder.
#ifndef KRAIT_OBJECTS_INT_INT_H
#define KRAIT_OBJECTS_INT_INT_H

#include <Python.h>

#include "base/base.h"

// One object each, immortal and static, with bit 2 of the tag set.
#define KR_SMALL_INT_MIN (-5)
#define KR_SMALL_INT_MAX 256
#define KR_SMALL_INT_COUNT (KR_SMALL_INT_MAX - KR_SMALL_INT_MIN + 1)
extern PyLongObject kr_small_ints[KR_SMALL_INT_COUNT];

#define KR_INT_STATIC_TAG 4u
#define KR_INT_NEGATIVE 2u
#define KR_INT_ZERO 1u

static inline PyObject *
kr_int_small_nofail(int64_t value)
{
    return (PyObject *)&kr_small_ints[value - KR_SMALL_INT_MIN];
}

static inline bool
kr_int_is_small(int64_t value)
{
    return (uint64_t)(value - KR_SMALL_INT_MIN) < KR_SMALL_INT_COUNT;
}

// At most one digit.
static inline bool
kr_int_is_compact(const PyLongObject *op)
{
    return op->long_value.lv_tag < (2u << _PyLong_NON_SIZE_BITS);
}

// The value of a compact int.
static inline int64_t
kr_int_word(const PyLongObject *op)
{
    int64_t sign = 1 - (int64_t)(op->long_value.lv_tag & _PyLong_SIGN_MASK);
    return sign * (int64_t)op->long_value.ob_digit[0];
}

static inline Py_ssize_t
kr_int_size(const PyLongObject *op)
{
    return (Py_ssize_t)(op->long_value.lv_tag >> _PyLong_NON_SIZE_BITS);
}

static inline bool
kr_int_is_negative(const PyLongObject *op)
{
    return (op->long_value.lv_tag & _PyLong_SIGN_MASK) == KR_INT_NEGATIVE;
}

static inline bool
kr_int_is_zero(const PyLongObject *op)
{
    return (op->long_value.lv_tag & _PyLong_SIGN_MASK) == KR_INT_ZERO;
}

// The value if it has at most two digits (60 bits).
static inline bool
kr_int_to_word(const PyLongObject *op, int64_t *out)
{
    uintptr_t tag = op->long_value.lv_tag;
    if (KR_LIKELY(tag < (2u << _PyLong_NON_SIZE_BITS))) {
        *out = kr_int_word(op);
        return true;
    }
    if (tag < (3u << _PyLong_NON_SIZE_BITS)) {
        int64_t value = (int64_t)op->long_value.ob_digit[0] |
                        (int64_t)op->long_value.ob_digit[1] << PyLong_SHIFT;
        *out = (tag & KR_INT_NEGATIVE) ? -value : value;
        return true;
    }
    return false;
}

// --- Making ---------------------------------------------------------------------

PyObject *kr_int_from_i64_slow(int64_t value);
PyObject *kr_int_from_u64(uint64_t value);
PyObject *kr_int_from_i128(__int128 value);

// A new reference, or NULL with MemoryError.
static inline PyObject *
kr_int_from_i64(int64_t value)
{
    if (KR_LIKELY(kr_int_is_small(value))) {
        return kr_int_small_nofail(value);
    }
    return kr_int_from_i64_slow(value);
}

// An int with room for `size` digits, positive, digits not set. Callers fill it and
// pass it on to kr_long_finish.
PyLongObject *kr_long_alloc(Py_ssize_t size);
// Drops leading zero digits, sets the sign, and replaces a small number by the
// shared object. Consumes result (may be NULL).
PyObject *kr_long_finish_steal(PyLongObject *result, bool negative);

static inline void
kr_long_set_tag(PyLongObject *op, bool negative, Py_ssize_t size)
{
    uintptr_t sign = size == 0 ? KR_INT_ZERO : negative ? KR_INT_NEGATIVE : 0;
    op->long_value.lv_tag = (uintptr_t)size << _PyLong_NON_SIZE_BITS | sign;
}

// Writes value in decimal before end, at most 20 characters; returns where they start.
char *kr_int_write_decimal(char *end, int64_t value);

// --- Arithmetic on any two ints (subclasses too) ------------------------------------

PyObject *kr_long_add(PyLongObject *a, PyLongObject *b);
PyObject *kr_long_sub(PyLongObject *a, PyLongObject *b);
PyObject *kr_long_mul(PyLongObject *a, PyLongObject *b);
PyObject *kr_long_floordiv(PyLongObject *a, PyLongObject *b);
PyObject *kr_long_mod(PyLongObject *a, PyLongObject *b);
PyObject *kr_long_truediv(PyLongObject *a, PyLongObject *b);
// Either out pointer may be NULL. 0, or -1.
int kr_long_divmod(PyLongObject *a, PyLongObject *b, PyObject **quotient_out,
                   PyObject **remainder_out);
// a**b, or a**b % mod when mod is not NULL. b < 0 without mod gives a float.
PyObject *kr_long_pow(PyLongObject *a, PyLongObject *b, PyLongObject *mod);
PyObject *kr_long_lshift(PyLongObject *a, PyLongObject *b);
PyObject *kr_long_rshift(PyLongObject *a, PyLongObject *b);
PyObject *kr_long_shift_left(PyLongObject *a, int64_t bits);
PyObject *kr_long_shift_right(PyLongObject *a, int64_t bits);
PyObject *kr_long_and(PyLongObject *a, PyLongObject *b);
PyObject *kr_long_or(PyLongObject *a, PyLongObject *b);
PyObject *kr_long_xor(PyLongObject *a, PyLongObject *b);
PyObject *kr_long_neg(PyLongObject *a);
PyObject *kr_long_abs(PyLongObject *a);
PyObject *kr_long_invert(PyLongObject *a);
PyObject *kr_long_gcd(PyLongObject *a, PyLongObject *b);
// Rounds to the nearest multiple of 10**digits, half to even; digits > 0.
PyObject *kr_long_round_half_even(PyObject *value, PyObject *digits);
// The quotient rounded half to even and its remainder.
int kr_long_divmod_near(PyObject *a, PyObject *b, PyObject **quotient_out,
                        PyObject **remainder_out);

// The integer part of the square root; a is not negative.
PyObject *kr_long_isqrt(PyLongObject *a);
PyObject *kr_long_factorial(uint64_t n);
// n over k, and n * (n - 1) * ... of count factors; n is not negative.
PyObject *kr_long_binomial(PyLongObject *n, uint64_t k);
PyObject *kr_long_falling(PyLongObject *n, uint64_t count);

// -1, 0 or 1.
int kr_long_compare(const PyLongObject *a, const PyLongObject *b);
// The same against a finite double.
int kr_long_compare_double(const PyLongObject *a, double b);
Py_hash_t kr_long_hash(const PyLongObject *a);

// The value as m * 2**exponent with 0.5 <= |m| < 1, m correctly rounded to double
// (half to even); a magnitude that is no int64 exponent cannot occur.
double kr_long_frexp(const PyLongObject *a, int64_t *exponent_out);

// int(x) without a base: new reference. PyNumber_Long is built on it.
PyObject *kr_long_from_number(PyObject *x);

// --- Texts ----------------------------------------------------------------------------

// str(a); ValueError above the limit of digits.
PyObject *kr_long_to_decimal(PyLongObject *a);
// In base 2, 8, 10 or 16; `prefix` adds 0b, 0o, 0x.
PyObject *kr_long_to_base(PyLongObject *a, int base, bool prefix);
// White space, a sign, a prefix, digits with single underscores, white space; base 0
// or 2 to 36. NULL without an exception if text[0 .. size - 1] is anything else.
PyObject *kr_long_parse(const char *text, size_t size, int base);
// The limit of sys.set_int_max_str_digits; 0: none. Set: 0, or -1 with ValueError.
int kr_int_max_str_digits(void);
int kr_int_set_max_str_digits(int digits);
#define KR_INT_DEFAULT_MAX_STR_DIGITS 4300
#define KR_INT_MAX_STR_DIGITS_THRESHOLD 640

PyTypeObject *kr_int_info_type(void);

#endif // KRAIT_OBJECTS_INT_INT_H
