// SPDX-License-Identifier: MIT
// arith.c - sums, products, quotients, comparison, hash and rounding of ints.
//
// Callers:     the slots in int.c, the machine, math.
// Invariants:  operands may be of subclasses; results are always exact ints.
// Read next:   digits.c, bits.c, power.c
#include "objects/int/digits.h"
#include "objects/int/int.h"

#include <float.h>
#include <gmp.h>

#define DIGITS(op) ((op)->long_value.ob_digit)

// --- Sums ----------------------------------------------------------------------------

// |a| + |b|, negated on demand.
static PyObject *
add_magnitudes(PyLongObject *a, PyLongObject *b, bool negative)
{
    if (kr_int_size(a) < kr_int_size(b)) {
        PyLongObject *t = a;
        a = b;
        b = t;
    }
    Py_ssize_t na = kr_int_size(a), nb = kr_int_size(b);
    PyLongObject *r = kr_long_alloc(na + 1);
    if (r == NULL) {
        return NULL;
    }
    DIGITS(r)[na] = kr_dg_add(DIGITS(r), DIGITS(a), na, DIGITS(b), nb);
    return kr_long_finish_steal(r, negative);
}

// |a| - |b|, negated on demand.
static PyObject *
sub_magnitudes(PyLongObject *a, PyLongObject *b, bool negative)
{
    Py_ssize_t na = kr_int_size(a), nb = kr_int_size(b);
    int order = kr_dg_compare(DIGITS(a), na, DIGITS(b), nb);
    if (order == 0) {
        return kr_int_small_nofail(0);
    }
    if (order < 0) {
        PyLongObject *t = a;
        a = b;
        b = t;
        Py_ssize_t n = na;
        na = nb;
        nb = n;
        negative = !negative;
    }
    PyLongObject *r = kr_long_alloc(na);
    if (r == NULL) {
        return NULL;
    }
    kr_dg_sub(DIGITS(r), DIGITS(a), na, DIGITS(b), nb);
    return kr_long_finish_steal(r, negative);
}

PyObject *
kr_long_add(PyLongObject *a, PyLongObject *b)
{
    int64_t x, y;
    if (KR_LIKELY(kr_int_to_word(a, &x) && kr_int_to_word(b, &y))) {
        return kr_int_from_i64(x + y);
    }
    bool na = kr_int_is_negative(a), nb = kr_int_is_negative(b);
    return na == nb ? add_magnitudes(a, b, na) : sub_magnitudes(a, b, na);
}

PyObject *
kr_long_sub(PyLongObject *a, PyLongObject *b)
{
    int64_t x, y;
    if (KR_LIKELY(kr_int_to_word(a, &x) && kr_int_to_word(b, &y))) {
        return kr_int_from_i64(x - y);
    }
    bool na = kr_int_is_negative(a), nb = kr_int_is_negative(b);
    return na != nb ? add_magnitudes(a, b, na) : sub_magnitudes(a, b, na);
}

PyObject *
kr_long_neg(PyLongObject *a)
{
    int64_t x;
    if (kr_int_to_word(a, &x)) {
        return kr_int_from_i64(-x);
    }
    PyObject *r = _PyLong_Copy(a);
    if (r != NULL) {
        ((PyLongObject *)r)->long_value.lv_tag ^= KR_INT_NEGATIVE;
    }
    return r;
}

PyObject *
kr_long_abs(PyLongObject *a)
{
    if (kr_int_is_negative(a)) {
        return kr_long_neg(a);
    }
    return PyLong_CheckExact(a) ? Py_NewRef(a) : _PyLong_Copy(a);
}

// --- Products ------------------------------------------------------------------------

PyObject *
kr_long_mul(PyLongObject *a, PyLongObject *b)
{
    int64_t x, y;
    if (KR_LIKELY(kr_int_to_word(a, &x) && kr_int_to_word(b, &y))) {
        int64_t product;
        if (KR_LIKELY(!__builtin_mul_overflow(x, y, &product))) {
            return kr_int_from_i64(product);
        }
        return kr_int_from_i128((__int128)x * y);
    }
    Py_ssize_t na = kr_int_size(a), nb = kr_int_size(b);
    if (na == 0 || nb == 0) {
        return kr_int_small_nofail(0);
    }
    PyLongObject *r = kr_long_alloc(na + nb);
    if (r == NULL) {
        return NULL;
    }
    if (!kr_dg_mul(DIGITS(r), DIGITS(a), na, DIGITS(b), nb)) {
        Py_DECREF(r);
        return PyErr_NoMemory();
    }
    return kr_long_finish_steal(r, kr_int_is_negative(a) != kr_int_is_negative(b));
}

// --- Quotients -------------------------------------------------------------------------

static int
divide_by_zero(void)
{
    PyErr_SetString(PyExc_ZeroDivisionError, "division by zero");
    return -1;
}

// Truncating division of magnitudes with |a| >= |b|: new ints without sign.
static int
divide_magnitudes(PyLongObject *a, PyLongObject *b, PyLongObject **q_out,
                  PyLongObject **r_out)
{
    Py_ssize_t na = kr_int_size(a), nb = kr_int_size(b);
    PyLongObject *q = NULL, *r = NULL;
    q = kr_long_alloc(na - nb + 1);
    r = q != NULL ? kr_long_alloc(nb) : NULL;
    if (r == NULL) {
        goto error;
    }
    if (nb == 1) {
        DIGITS(r)[0] = kr_dg_div_1(DIGITS(q), DIGITS(a), na, DIGITS(b)[0]);
    }
    else if (!kr_dg_div(DIGITS(q), DIGITS(r), DIGITS(a), na, DIGITS(b), nb)) {
        PyErr_NoMemory();
        goto error;
    }
    *q_out = q;
    *r_out = r;
    return 0;

error:
    Py_XDECREF(q);
    Py_XDECREF(r);
    return -1;
}

// Division towards zero; the remainder has the sign of a.
static int
divide_trunc(PyLongObject *a, PyLongObject *b, PyObject **q_out, PyObject **r_out)
{
    Py_ssize_t na = kr_int_size(a), nb = kr_int_size(b);
    if (kr_dg_compare(DIGITS(a), na, DIGITS(b), nb) < 0) {
        *q_out = kr_int_small_nofail(0);
        *r_out = _PyLong_Copy(a);
        return *r_out == NULL ? -1 : 0;
    }
    PyLongObject *q, *r;
    if (divide_magnitudes(a, b, &q, &r) < 0) {
        return -1;
    }
    *q_out = kr_long_finish_steal(q, kr_int_is_negative(a) != kr_int_is_negative(b));
    *r_out = kr_long_finish_steal(r, kr_int_is_negative(a));
    return 0;
}

static int
divmod_words(int64_t x, int64_t y, PyObject **quotient_out, PyObject **remainder_out)
{
    int64_t q = x / y, r = x % y;
    if (r != 0 && (r ^ y) < 0) {
        q--;
        r += y;
    }
    if (quotient_out != NULL) {
        *quotient_out = kr_int_from_i64(q);
        if (*quotient_out == NULL) {
            return -1;
        }
    }
    if (remainder_out != NULL) {
        *remainder_out = kr_int_from_i64(r);
        if (*remainder_out == NULL) {
            if (quotient_out != NULL) {
                Py_CLEAR(*quotient_out);
            }
            return -1;
        }
    }
    return 0;
}

int
kr_long_divmod(PyLongObject *a, PyLongObject *b, PyObject **quotient_out,
               PyObject **remainder_out)
{
    int64_t x, y;
    PyObject *q, *r;

    if (kr_int_is_zero(b)) {
        return divide_by_zero();
    }
    if (kr_int_to_word(a, &x) && kr_int_to_word(b, &y)) {
        return divmod_words(x, y, quotient_out, remainder_out);
    }
    if (divide_trunc(a, b, &q, &r) < 0) {
        return -1;
    }
    // Floor: a remainder of the other sign than b moves by one b.
    if (!kr_int_is_zero((PyLongObject *)r) &&
        kr_int_is_negative((PyLongObject *)r) != kr_int_is_negative(b)) {
        PyObject *one = kr_int_small_nofail(1);
        Py_SETREF(q, kr_long_sub((PyLongObject *)q, (PyLongObject *)one));
        Py_SETREF(r, kr_long_add((PyLongObject *)r, b));
        if (q == NULL || r == NULL) {
            Py_XDECREF(q);
            Py_XDECREF(r);
            return -1;
        }
    }
    if (quotient_out != NULL) {
        *quotient_out = KR_MOVE(q);
    }
    if (remainder_out != NULL) {
        *remainder_out = KR_MOVE(r);
    }
    Py_XDECREF(q);
    Py_XDECREF(r);
    return 0;
}

PyObject *
kr_long_floordiv(PyLongObject *a, PyLongObject *b)
{
    PyObject *q;
    return kr_long_divmod(a, b, &q, NULL) < 0 ? NULL : q;
}

PyObject *
kr_long_mod(PyLongObject *a, PyLongObject *b)
{
    PyObject *r;
    return kr_long_divmod(a, b, NULL, &r) < 0 ? NULL : r;
}

// The correctly rounded quotient of two large ints. a and b are not zero.
static PyObject *
truediv_large(PyLongObject *a, PyLongObject *b)
{
    PyObject *num = NULL, *den = NULL, *q = NULL, *r = NULL, *result = NULL;
    bool negative = kr_int_is_negative(a) != kr_int_is_negative(b);
    int64_t shift = _PyLong_NumBits((PyObject *)a) - _PyLong_NumBits((PyObject *)b);

    if (shift > DBL_MAX_EXP + 1) {
        goto overflow;
    }
    if (shift < DBL_MIN_EXP - DBL_MANT_DIG - 1) {
        return PyFloat_FromDouble(negative ? -0.0 : 0.0);
    }
    // Scale so that the quotient has 55 or 56 bits; subnormal results fewer.
    int64_t scale = 55 - shift;
    int64_t lowest = DBL_MIN_EXP - DBL_MANT_DIG - 2;
    if (-scale < lowest) {
        scale = -lowest;
    }
    num = kr_long_abs(a);
    den = kr_long_abs(b);
    if (num == NULL || den == NULL) {
        goto done;
    }
    if (scale > 0) {
        Py_SETREF(num, kr_long_shift_left((PyLongObject *)num, scale));
    }
    else if (scale < 0) {
        Py_SETREF(den, kr_long_shift_left((PyLongObject *)den, -scale));
    }
    if (num == NULL || den == NULL ||
        kr_long_divmod((PyLongObject *)num, (PyLongObject *)den, &q, &r) < 0) {
        goto done;
    }
    uint64_t bits = PyLong_AsUnsignedLongLong(q);
    // The remainder only decides ties: it becomes a last bit.
    bits = bits << 1 | !kr_int_is_zero((PyLongObject *)r);
    int64_t exponent = -scale - 1;
    // How many low bits a double of this size has no room for.
    int width = bits == 0 ? 0 : 64 - __builtin_clzll(bits);
    int64_t extra = width - DBL_MANT_DIG;
    if (exponent + extra < DBL_MIN_EXP - DBL_MANT_DIG) {
        extra = DBL_MIN_EXP - DBL_MANT_DIG - exponent;
    }
    if (extra > 0) {
        uint64_t half = (uint64_t)1 << (extra - 1), mask = 2 * half - 1;
        uint64_t rest = bits & mask;
        bits >>= extra;
        exponent += extra;
        if (rest > half || (rest == half && (bits & 1))) {
            bits++;
        }
    }
    double value = ldexp((double)bits, (int)exponent);
    if (isinf(value)) {
        goto overflow;
    }
    result = PyFloat_FromDouble(negative ? -value : value);
    goto done;

overflow:
    PyErr_SetString(PyExc_OverflowError,
                    "integer division result too large for a float");
done:
    Py_XDECREF(num);
    Py_XDECREF(den);
    Py_XDECREF(q);
    Py_XDECREF(r);
    return result;
}

PyObject *
kr_long_truediv(PyLongObject *a, PyLongObject *b)
{
    int64_t x, y;
    const int64_t exact = INT64_C(1) << DBL_MANT_DIG;
    if (kr_int_is_zero(b)) {
        divide_by_zero();
        return NULL;
    }
    if (kr_int_to_word(a, &x) && kr_int_to_word(b, &y) && x <= exact && x >= -exact &&
        y <= exact && y >= -exact) {
        return PyFloat_FromDouble((double)x / (double)y);
    }
    if (kr_int_is_zero(a)) {
        return PyFloat_FromDouble(kr_int_is_negative(b) ? -0.0 : 0.0);
    }
    return truediv_large(a, b);
}

// --- Greatest common divisor -------------------------------------------------------------

static uint64_t
gcd_words(uint64_t a, uint64_t b)
{
    if (a == 0 || b == 0) {
        return a | b;
    }
    int shift = __builtin_ctzll(a | b);
    a >>= __builtin_ctzll(a);
    while (b != 0) {
        b >>= __builtin_ctzll(b);
        if (a > b) {
            uint64_t t = a;
            a = b;
            b = t;
        }
        b -= a;
    }
    return a << shift;
}

// Of two large magnitudes, by GMP.
static PyObject *
gcd_large(PyLongObject *a, PyLongObject *b)
{
    Py_ssize_t na = kr_int_size(a), nb = kr_int_size(b);
    size_t la = kr_dg_limbs(na), lb = kr_dg_limbs(nb);
    if (!kr_gmp_probe((la + lb) * 32)) {
        return PyErr_NoMemory();
    }
    uint64_t *limbs = malloc((la + lb) * sizeof(uint64_t));
    if (limbs == NULL) {
        return PyErr_NoMemory();
    }
    mpz_t za, zb, zr;
    kr_dg_to_limbs(limbs, DIGITS(a), na);
    kr_dg_to_limbs(limbs + la, DIGITS(b), nb);
    mpz_roinit_n(za, (mp_srcptr)limbs, (mp_size_t)la);
    mpz_roinit_n(zb, (mp_srcptr)(limbs + la), (mp_size_t)lb);
    mpz_init(zr);
    mpz_gcd(zr, za, zb);
    size_t lr = mpz_size(zr);
    Py_ssize_t size = kr_limb_digits(lr);
    PyLongObject *r = kr_long_alloc(size);
    if (r != NULL) {
        kr_dg_from_limbs(DIGITS(r), size, (const uint64_t *)mpz_limbs_read(zr), lr);
    }
    mpz_clear(zr);
    free(limbs);
    return kr_long_finish_steal(r, false);
}

PyObject *
kr_long_gcd(PyLongObject *a, PyLongObject *b)
{
    int64_t x, y;
    bool wx = kr_int_to_word(a, &x), wy = kr_int_to_word(b, &y);
    if (wx && wy) {
        return kr_int_from_u64(gcd_words((uint64_t)(x < 0 ? -x : x),
                                         (uint64_t)(y < 0 ? -y : y)));
    }
    if (wx || wy) {
        // One step makes both short.
        PyLongObject *large = wx ? b : a, *small = wx ? a : b;
        int64_t s = wx ? x : y, r = 0;
        if (s == 0) {
            return kr_long_abs(large);
        }
        PyObject *rest = kr_long_mod(large, small);
        if (rest == NULL) {
            return NULL;
        }
        kr_int_to_word((PyLongObject *)rest, &r);
        Py_DECREF(rest);
        return kr_int_from_u64(gcd_words((uint64_t)(s < 0 ? -s : s),
                                         (uint64_t)(r < 0 ? -r : r)));
    }
    return gcd_large(a, b);
}

PyObject *
_PyLong_GCD(PyObject *a, PyObject *b)
{
    return kr_long_gcd((PyLongObject *)a, (PyLongObject *)b);
}

// --- Comparison and hash -----------------------------------------------------------------

int
kr_long_compare(const PyLongObject *a, const PyLongObject *b)
{
    int64_t x, y;
    if (KR_LIKELY(kr_int_to_word(a, &x) && kr_int_to_word(b, &y))) {
        return (x > y) - (x < y);
    }
    bool na = kr_int_is_negative(a), nb = kr_int_is_negative(b);
    if (na != nb) {
        return na ? -1 : 1;
    }
    int order = kr_dg_compare(DIGITS(a), kr_int_size(a), DIGITS(b), kr_int_size(b));
    return na ? -order : order;
}

int
kr_long_compare_double(const PyLongObject *a, double b)
{
    int64_t word;
    if (kr_int_to_word(a, &word) && word <= (INT64_C(1) << 53) &&
        word >= -(INT64_C(1) << 53)) {
        double x = (double)word;
        return (x > b) - (x < b);
    }
    int sign = kr_int_is_negative(a) ? -1 : kr_int_is_zero(a) ? 0 : 1;
    int sign_b = b < 0 ? -1 : b > 0;
    if (sign != sign_b) {
        return sign < sign_b ? -1 : 1;
    }
    if (isinf(b)) {
        return b > 0 ? -1 : 1;
    }
    int64_t bits = _PyLong_NumBits((PyObject *)a);
    int exponent;
    double fraction = frexp(fabs(b), &exponent);
    if (bits != exponent) {
        return (bits < exponent ? -1 : 1) * sign;
    }
    // Same number of bits before the point: compare the top 64 bits (a double has
    // 53), then whether a has anything below.
    Py_ssize_t size = kr_int_size(a);
    uint64_t mantissa = (uint64_t)ldexp(fraction, 64 - 11) << 11;
    for (Py_ssize_t i = size; i-- > 0;) {
        digit d = DIGITS(a)[i], other;
        int width = i == size - 1 ? (int)(bits - (int64_t)i * PyLong_SHIFT) : PyLong_SHIFT;
        other = (digit)(mantissa >> (64 - width));
        mantissa = width == 64 ? 0 : mantissa << width;
        if (d != other) {
            return (d < other ? -1 : 1) * sign;
        }
    }
    // What is left of b is its part after the point.
    return mantissa != 0 ? -sign : 0;
}

Py_hash_t
kr_long_hash(const PyLongObject *a)
{
    int64_t word;
    const uint64_t modulus = PyHASH_MODULUS;
    uint64_t x = 0;
    Py_hash_t hash;
    if (kr_int_to_word(a, &word)) {
        return word == -1 ? -2 : (Py_hash_t)word;
    }
    for (Py_ssize_t i = kr_int_size(a); i-- > 0;) {
        // Times 2**30 modulo 2**61 - 1 is a rotation within 61 bits.
        x = ((x << PyLong_SHIFT) & modulus) | (x >> (PyHASH_BITS - PyLong_SHIFT));
        x += DIGITS(a)[i];
        if (x >= modulus) {
            x -= modulus;
        }
    }
    hash = (Py_hash_t)x;
    if (kr_int_is_negative(a)) {
        hash = -hash;
    }
    return hash == -1 ? -2 : hash;
}

// --- Rounding --------------------------------------------------------------------------------

int
kr_long_divmod_near(PyObject *a, PyObject *b, PyObject **quotient_out,
                    PyObject **remainder_out)
{
    PyObject *q = NULL, *r = NULL, *twice = NULL;
    PyLongObject *divisor = (PyLongObject *)b;

    if (kr_long_divmod((PyLongObject *)a, divisor, &q, &r) < 0) {
        return -1;
    }
    // r has b's sign: the floor is too low when |2r| is more than |b|.
    twice = kr_long_shift_left((PyLongObject *)r, 1);
    if (twice == NULL) {
        goto error;
    }
    int order = kr_dg_compare(DIGITS((PyLongObject *)twice),
                              kr_int_size((PyLongObject *)twice), DIGITS(divisor),
                              kr_int_size(divisor));
    bool odd = DIGITS((PyLongObject *)q)[0] & 1;
    if (order > 0 || (order == 0 && odd)) {
        PyObject *one = kr_int_small_nofail(1);
        Py_SETREF(q, kr_long_add((PyLongObject *)q, (PyLongObject *)one));
        Py_SETREF(r, kr_long_sub((PyLongObject *)r, divisor));
        if (q == NULL || r == NULL) {
            goto error;
        }
    }
    Py_DECREF(twice);
    *quotient_out = q;
    *remainder_out = r;
    return 0;

error:
    Py_XDECREF(twice);
    Py_XDECREF(q);
    Py_XDECREF(r);
    return -1;
}

PyObject *
kr_long_round_half_even(PyObject *value, PyObject *digits)
{
    PyObject *unit, *q = NULL, *r = NULL, *result;

    unit = kr_long_pow((PyLongObject *)kr_int_small_nofail(10), (PyLongObject *)digits,
                       NULL);
    if (unit == NULL) {
        return NULL;
    }
    if (kr_long_divmod_near(value, unit, &q, &r) < 0) {
        Py_DECREF(unit);
        return NULL;
    }
    result = kr_long_sub((PyLongObject *)value, (PyLongObject *)r);
    Py_DECREF(unit);
    Py_DECREF(q);
    Py_DECREF(r);
    return result;
}
