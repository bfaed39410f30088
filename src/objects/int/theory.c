// SPDX-License-Identifier: MIT
// theory.c - square roots, factorials and binomial coefficients of ints.
//
// Callers:     math.
#include "objects/int/digits.h"
#include "objects/int/int.h"

#include <gmp.h>

#define DIGITS(op) ((op)->long_value.ob_digit)

static PyObject *
from_mpz(mpz_t z)
{
    size_t count = mpz_size(z);
    Py_ssize_t size = kr_limb_digits(count);
    PyLongObject *r = kr_long_alloc(size);
    if (r != NULL) {
        kr_dg_from_limbs(DIGITS(r), size, (const uint64_t *)mpz_limbs_read(z), count);
    }
    return kr_long_finish_steal(r, false);
}

// A view of |op| over *limbs_out (to be freed). false without memory.
static bool
view(mpz_t z, const PyLongObject *op, uint64_t **limbs_out)
{
    size_t count = kr_dg_limbs(kr_int_size(op));
    *limbs_out = malloc((count + 1) * sizeof(uint64_t));
    if (*limbs_out == NULL) {
        return false;
    }
    (*limbs_out)[0] = 0;
    kr_dg_to_limbs(*limbs_out, DIGITS(op), kr_int_size(op));
    mpz_roinit_n(z, (mp_srcptr)*limbs_out, (mp_size_t)count);
    return true;
}

PyObject *
kr_long_isqrt(PyLongObject *a)
{
    int64_t word;
    if (kr_int_to_word(a, &word)) {
        uint64_t n = (uint64_t)word, root = (uint64_t)sqrt((double)word);
        // The double may be one off at either side.
        while (root * root > n) {
            root--;
        }
        while ((root + 1) * (root + 1) <= n) {
            root++;
        }
        return kr_int_from_u64(root);
    }
    uint64_t *limbs;
    mpz_t z, r;
    if (!kr_gmp_probe((size_t)kr_int_size(a) * 16) || !view(z, a, &limbs)) {
        return PyErr_NoMemory();
    }
    mpz_init(r);
    mpz_sqrt(r, z);
    PyObject *result = from_mpz(r);
    mpz_clear(r);
    free(limbs);
    return result;
}

PyObject *
kr_long_factorial(uint64_t n)
{
    static const uint64_t small[] = {1,
                                     1,
                                     2,
                                     6,
                                     24,
                                     120,
                                     720,
                                     5040,
                                     40320,
                                     362880,
                                     3628800,
                                     39916800,
                                     479001600,
                                     6227020800,
                                     87178291200,
                                     1307674368000,
                                     20922789888000,
                                     355687428096000,
                                     6402373705728000,
                                     121645100408832000,
                                     2432902008176640000};
    if (n < (uint64_t)KR_ARRAY_LEN(small)) {
        return kr_int_from_u64(small[n]);
    }
    double bytes = (double)n * log2((double)n) / 8;
    mpz_t r;
    if (bytes > 1e15 || !kr_gmp_probe((size_t)bytes * 4)) {
        return PyErr_NoMemory();
    }
    mpz_init(r);
    mpz_fac_ui(r, n);
    PyObject *result = from_mpz(r);
    mpz_clear(r);
    return result;
}

PyObject *
kr_long_binomial(PyLongObject *n, uint64_t k)
{
    int64_t word;
    mpz_t z, r;
    uint64_t *limbs = NULL;

    if (k == 0) {
        return kr_int_small_nofail(1);
    }
    // The result has at most k * log2(n) bits.
    double bytes = (double)k * (double)_PyLong_NumBits((PyObject *)n) / 8;
    if (bytes > 1e15 || !kr_gmp_probe((size_t)bytes * 4)) {
        return PyErr_NoMemory();
    }
    if (kr_int_to_word(n, &word)) {
        mpz_init(r);
        mpz_bin_uiui(r, (unsigned long)word, k);
    }
    else {
        if (!view(z, n, &limbs)) {
            return PyErr_NoMemory();
        }
        mpz_init(r);
        mpz_bin_ui(r, z, k);
    }
    PyObject *result = from_mpz(r);
    mpz_clear(r);
    free(limbs);
    return result;
}

// n * (n - 1) * ... of `count` factors, both halves first: their sizes are alike.
static PyObject *
falling(PyLongObject *n, uint64_t from, uint64_t count)
{
    PyObject *left, *right, *result;
    if (count == 1) {
        PyObject *skip = kr_int_from_u64(from);
        if (skip == NULL) {
            return NULL;
        }
        result = kr_long_sub(n, (PyLongObject *)skip);
        Py_DECREF(skip);
        return result;
    }
    left = falling(n, from, count / 2);
    if (left == NULL) {
        return NULL;
    }
    right = falling(n, from + count / 2, count - count / 2);
    if (right == NULL) {
        Py_DECREF(left);
        return NULL;
    }
    result = kr_long_mul((PyLongObject *)left, (PyLongObject *)right);
    Py_DECREF(left);
    Py_DECREF(right);
    return result;
}

PyObject *
kr_long_falling(PyLongObject *n, uint64_t count)
{
    return count == 0 ? kr_int_small_nofail(1) : falling(n, 0, count);
}
