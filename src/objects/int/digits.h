// SPDX-License-Identifier: MIT
// digits.h - arithmetic on rows of 30-bit digits, least significant first.
//
// Nothing here knows objects. Sizes may count leading zeros unless it says so.
// Long rows go to GMP in 64-bit limbs; functions that need memory for that return
// false without it.
#ifndef KRAIT_OBJECTS_INT_DIGITS_H
#define KRAIT_OBJECTS_INT_DIGITS_H

#include <Python.h>

#include "base/base.h"

// Sizes from which a product or quotient is left to GMP.
#define KR_GMP_MUL 10
#define KR_GMP_SQUARE 12
#define KR_GMP_DIV 8

static inline Py_ssize_t
kr_dg_trim(const digit *a, Py_ssize_t n)
{
    while (n > 0 && a[n - 1] == 0) {
        n--;
    }
    return n;
}

static inline int
kr_dg_bits(digit d)
{
    return d == 0 ? 0 : 32 - __builtin_clz(d);
}

// Without leading zeros: -1, 0 or 1.
int kr_dg_compare(const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb);
// r[na] = a + b with na >= nb; returns the carry. r may be a or b.
digit kr_dg_add(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb);
// r[na] = a - b with a >= b. r may be a or b.
void kr_dg_sub(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb);
// r[na + nb] = a * b; r is neither a nor b.
bool kr_dg_mul(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb);
// q[na] = a / d, returns the remainder; q may be a or NULL.
digit kr_dg_div_1(digit *q, const digit *a, Py_ssize_t na, digit d);
// q[na - nb + 1], r[nb]; na >= nb >= 2, b without leading zeros; q may be NULL.
bool kr_dg_div(digit *q, digit *r, const digit *a, Py_ssize_t na, const digit *b,
               Py_ssize_t nb);
// Shifts by less than a digit; returns what falls out at the upper (lower) end.
digit kr_dg_lshift(digit *r, const digit *a, Py_ssize_t n, int bits);
digit kr_dg_rshift(digit *r, const digit *a, Py_ssize_t n, int bits);

// --- Limbs -------------------------------------------------------------------------

static inline size_t
kr_dg_limbs(Py_ssize_t digits)
{
    return ((size_t)digits * PyLong_SHIFT + 63) / 64;
}

static inline Py_ssize_t
kr_limb_digits(size_t limbs)
{
    return (Py_ssize_t)((limbs * 64 + PyLong_SHIFT - 1) / PyLong_SHIFT);
}

// Fills out[kr_dg_limbs(n)].
void kr_dg_to_limbs(uint64_t *out, const digit *a, Py_ssize_t n);
// Fills r[n] from as many limbs as there are (or that fit).
void kr_dg_from_limbs(digit *r, Py_ssize_t n, const uint64_t *limbs, size_t count);
// Whether `bytes` can be had; GMP would end the process without them.
bool kr_gmp_probe(size_t bytes);

#endif // KRAIT_OBJECTS_INT_DIGITS_H
