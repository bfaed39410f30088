// SPDX-License-Identifier: MIT
// power.c - a ** b and pow(a, b, c) on ints.
#include "objects/int/digits.h"
#include "objects/int/int.h"

#include <gmp.h>

#define DIGITS(op) ((op)->long_value.ob_digit)

// --- GMP integers made of ints -----------------------------------------------------

// A read-only view of |op| over *limbs_out (to be freed). false without memory.
static bool
view(mpz_t z, const PyLongObject *op, uint64_t **limbs_out)
{
    Py_ssize_t size = kr_int_size(op);
    size_t count = kr_dg_limbs(size);
    *limbs_out = malloc((count + 1) * sizeof(uint64_t));
    if (*limbs_out == NULL) {
        return false;
    }
    (*limbs_out)[0] = 0;
    kr_dg_to_limbs(*limbs_out, DIGITS(op), size);
    mpz_roinit_n(z, (mp_srcptr)*limbs_out, (mp_size_t)count);
    return true;
}

static PyObject *
from_mpz(mpz_t z, bool negative)
{
    size_t count = mpz_size(z);
    Py_ssize_t size = kr_limb_digits(count);
    PyLongObject *r = kr_long_alloc(size);
    if (r != NULL) {
        kr_dg_from_limbs(DIGITS(r), size, (const uint64_t *)mpz_limbs_read(z), count);
    }
    return kr_long_finish_steal(r, negative);
}

// --- Plain powers ------------------------------------------------------------------------

// The result in one word, or false.
static bool
power_of_words(int64_t base, uint64_t exponent, int64_t *out)
{
    int64_t result = 1;
    while (true) {
        if ((exponent & 1) && __builtin_mul_overflow(result, base, &result)) {
            return false;
        }
        exponent >>= 1;
        if (exponent == 0) {
            break;
        }
        if (__builtin_mul_overflow(base, base, &base)) {
            return false;
        }
    }
    *out = result;
    return true;
}

static PyObject *
power_large(PyLongObject *a, uint64_t exponent)
{
    bool negative = kr_int_is_negative(a) && (exponent & 1);
    int64_t bits = _PyLong_NumBits((PyObject *)a);
    uint64_t *limbs;
    mpz_t za, zr;

    // A power of two is a shift.
    Py_ssize_t size = kr_int_size(a), low = 0;
    while (DIGITS(a)[low] == 0) {
        low++;
    }
    digit top = DIGITS(a)[size - 1];
    if (low == size - 1 && (top & (top - 1)) == 0) {
        uint64_t shift;
        if (__builtin_mul_overflow((uint64_t)(bits - 1), exponent, &shift) ||
            shift > INT64_MAX) {
            return PyErr_NoMemory();
        }
        return kr_long_shift_left((PyLongObject *)kr_int_small_nofail(negative ? -1 : 1),
                                  (int64_t)shift);
    }
    uint64_t total;
    if (__builtin_mul_overflow((uint64_t)bits, exponent, &total) ||
        total / 8 > (uint64_t)PY_SSIZE_T_MAX / 64 || !kr_gmp_probe(total / 8 * 4)) {
        return PyErr_NoMemory();
    }
    if (!view(za, a, &limbs)) {
        return PyErr_NoMemory();
    }
    mpz_init(zr);
    mpz_pow_ui(zr, za, exponent);
    PyObject *result = from_mpz(zr, negative);
    mpz_clear(zr);
    free(limbs);
    return result;
}

static PyObject *
power_plain(PyLongObject *a, PyLongObject *b)
{
    int64_t base = 0, exponent, result;
    if (kr_int_is_negative(b)) {
        // The result is a float.
        PyObject *x = PyNumber_Float((PyObject *)a), *y = NULL, *r = NULL;
        if (x != NULL) {
            y = PyNumber_Float((PyObject *)b);
        }
        if (y != NULL) {
            r = PyNumber_Power(x, y, Py_None);
        }
        Py_XDECREF(x);
        Py_XDECREF(y);
        return r;
    }
    bool is_word = kr_int_to_word(a, &base);
    if (!kr_int_to_word(b, &exponent)) {
        if (is_word && base >= -1 && base <= 1) {
            bool odd = DIGITS(b)[0] & 1;
            return kr_int_small_nofail(base == -1 && !odd ? 1 : base);
        }
        return PyErr_NoMemory();
    }
    if (exponent == 0) {
        return kr_int_small_nofail(1);
    }
    if (is_word && (base == 0 || power_of_words(base, (uint64_t)exponent, &result))) {
        return kr_int_from_i64(base == 0 ? 0 : result);
    }
    return power_large(a, (uint64_t)exponent);
}

// --- Powers modulo m -----------------------------------------------------------------------

// 0 <= base < m.
static uint64_t
powmod_words(uint64_t base, uint64_t exponent, uint64_t m)
{
    uint64_t result = 1 % m;
    while (exponent != 0) {
        if (exponent & 1) {
            result = (uint64_t)((unsigned __int128)result * base % m);
        }
        base = (uint64_t)((unsigned __int128)base * base % m);
        exponent >>= 1;
    }
    return result;
}

// base ** exponent modulo |m|, for 0 <= base < |m|, or the inverse's power for a
// negative exponent.
static PyObject *
powmod_large(PyLongObject *base, PyLongObject *exponent, PyLongObject *m)
{
    uint64_t *la = NULL, *lb = NULL, *lm = NULL;
    mpz_t za, zb, zm, zr;
    PyObject *result = NULL;

    if (!kr_gmp_probe((size_t)kr_int_size(m) * 256) || !view(za, base, &la) ||
        !view(zb, exponent, &lb) || !view(zm, m, &lm)) {
        PyErr_NoMemory();
        goto done;
    }
    mpz_init(zr);
    if (!kr_int_is_negative(exponent)) {
        mpz_powm(zr, za, zb, zm);
        result = from_mpz(zr, false);
    }
    else if (mpz_invert(zr, za, zm) == 0) {
        PyErr_SetString(PyExc_ValueError,
                        "base is not invertible for the given modulus");
    }
    else {
        mpz_t inverse;
        mpz_init_set(inverse, zr);
        mpz_powm(zr, inverse, zb, zm);
        mpz_clear(inverse);
        result = from_mpz(zr, false);
    }
    mpz_clear(zr);
done:
    free(la);
    free(lb);
    free(lm);
    return result;
}

static PyObject *
power_modulo(PyLongObject *a, PyLongObject *b, PyLongObject *m)
{
    PyObject *positive = NULL, *base = NULL, *result = NULL;
    int64_t x, y, z;

    if (kr_int_is_zero(m)) {
        PyErr_SetString(PyExc_ValueError, "pow() 3rd argument cannot be 0");
        return NULL;
    }
    positive = kr_long_abs(m);
    if (positive == NULL) {
        return NULL;
    }
    if (kr_int_to_word((PyLongObject *)positive, &z) && z == 1) {
        Py_DECREF(positive);
        return kr_int_small_nofail(0);
    }
    base = kr_long_mod(a, (PyLongObject *)positive);
    if (base == NULL) {
        goto done;
    }
    if (kr_int_to_word((PyLongObject *)positive, &z) && kr_int_to_word(b, &y) && y >= 0 &&
        kr_int_to_word((PyLongObject *)base, &x)) {
        result = kr_int_from_u64(powmod_words((uint64_t)x, (uint64_t)y, (uint64_t)z));
    }
    else {
        result = powmod_large((PyLongObject *)base, b, (PyLongObject *)positive);
    }
    // The result has the sign of m.
    if (result != NULL && kr_int_is_negative(m) &&
        !kr_int_is_zero((PyLongObject *)result)) {
        Py_SETREF(result, kr_long_add((PyLongObject *)result, m));
    }
done:
    Py_XDECREF(positive);
    Py_XDECREF(base);
    return result;
}

PyObject *
kr_long_pow(PyLongObject *a, PyLongObject *b, PyLongObject *mod)
{
    return mod == NULL ? power_plain(a, b) : power_modulo(a, b, mod);
}
