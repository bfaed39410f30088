// SPDX-License-Identifier: MIT
// integer.c - the functions of math that work on ints.
#include <Python.h>

#include "base/base.h"
#include "objects/args.h"
#include "objects/int/int.h"

static inline PyLongObject *
as_int(PyObject *op)
{
    return (PyLongObject *)op;
}

KR_FUNCTION(math, "gcd(*integers)", "Greatest Common Divisor.")
static PyObject *
math_gcd(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *result = PyLong_FromLong(0);
    for (Py_ssize_t i = 0; result != NULL && i < nargs; i++) {
        PyObject *x = PyNumber_Index(args[i]);
        if (x == NULL) {
            Py_CLEAR(result);
            break;
        }
        // Once it is 1 it stays so, but the arguments have to be ints all the same.
        if (result != kr_int_small_nofail(1)) {
            Py_SETREF(result, kr_long_gcd(as_int(result), as_int(x)));
        }
        Py_DECREF(x);
    }
    return result;
}

// |a * b| / gcd(a, b)
static PyObject *
lcm_of_two(PyObject *a, PyObject *b)
{
    PyObject *divisor, *quotient = NULL, *product = NULL, *result = NULL;
    if (kr_int_is_zero(as_int(a)) || kr_int_is_zero(as_int(b))) {
        return PyLong_FromLong(0);
    }
    divisor = kr_long_gcd(as_int(a), as_int(b));
    if (divisor != NULL) {
        quotient = kr_long_floordiv(as_int(a), as_int(divisor));
    }
    if (quotient != NULL) {
        product = kr_long_mul(as_int(quotient), as_int(b));
    }
    if (product != NULL) {
        result = kr_long_abs(as_int(product));
    }
    Py_XDECREF(divisor);
    Py_XDECREF(quotient);
    Py_XDECREF(product);
    return result;
}

KR_FUNCTION(math, "lcm(*integers)", "Least Common Multiple.")
static PyObject *
math_lcm(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *result = PyLong_FromLong(1);
    for (Py_ssize_t i = 0; result != NULL && i < nargs; i++) {
        PyObject *x = PyNumber_Index(args[i]);
        if (x == NULL) {
            Py_CLEAR(result);
            break;
        }
        if (!kr_int_is_zero(as_int(result))) {
            Py_SETREF(result, lcm_of_two(result, x));
        }
        Py_DECREF(x);
    }
    return result;
}

KR_FUNCTION(math, "isqrt(n, /)",
            "Return the integer part of the square root of the input.")
static PyObject *
math_isqrt(PyObject *module, PyObject *n)
{
    PyObject *result = NULL;
    n = PyNumber_Index(n);
    if (n == NULL) {
        return NULL;
    }
    if (kr_int_is_negative(as_int(n))) {
        PyErr_SetString(PyExc_ValueError, "isqrt() argument must be nonnegative");
    }
    else {
        result = kr_long_isqrt(as_int(n));
    }
    Py_DECREF(n);
    return result;
}

KR_FUNCTION(math, "factorial(n, /)", "Find n!.")
static PyObject *
math_factorial(PyObject *module, PyObject *n)
{
    int overflow;
    long x = PyLong_AsLongAndOverflow(n, &overflow);
    if (x == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (overflow > 0) {
        return PyErr_Format(PyExc_OverflowError,
                            "factorial() argument should not exceed %ld", LONG_MAX);
    }
    if (overflow < 0 || x < 0) {
        PyErr_SetString(PyExc_ValueError,
                        "factorial() not defined for negative values");
        return NULL;
    }
    return kr_long_factorial((uint64_t)x);
}

// Both arguments of comb and perm as non-negative ints (new references).
static int
read_two(PyObject *n, PyObject *k, PyObject **n_out, PyObject **k_out)
{
    *n_out = PyNumber_Index(n);
    *k_out = *n_out == NULL ? NULL : PyNumber_Index(k);
    if (*k_out == NULL) {
        Py_CLEAR(*n_out);
        return -1;
    }
    const char *wrong = NULL;
    if (kr_int_is_negative(as_int(*n_out))) {
        wrong = "n must be a non-negative integer";
    }
    else if (kr_int_is_negative(as_int(*k_out))) {
        wrong = "k must be a non-negative integer";
    }
    if (wrong != NULL) {
        PyErr_SetString(PyExc_ValueError, wrong);
        Py_CLEAR(*n_out);
        Py_CLEAR(*k_out);
        return -1;
    }
    return 0;
}

KR_FUNCTION(math, "perm(n, k=None, /)",
            "Number of ways to choose k items from n items without repetition and with "
            "order.\n\nEvaluates to n! / (n - k)! when k <= n and evaluates\n"
            "to zero when k > n.\n\n"
            "If k is not specified or is None, then k defaults to n\n"
            "and the function returns n!.\n\n"
            "Raises TypeError if either of the arguments are not integers.\n"
            "Raises ValueError if either of the arguments are negative.")
static PyObject *
math_perm(PyObject *module, PyObject *n, PyObject *k)
{
    PyObject *result = NULL;
    if (k == Py_None) {
        return math_factorial(module, n);
    }
    if (read_two(n, k, &n, &k) < 0) {
        return NULL;
    }
    if (kr_long_compare(as_int(n), as_int(k)) < 0) {
        result = PyLong_FromLong(0);
        goto done;
    }
    int overflow;
    long long count = PyLong_AsLongLongAndOverflow(k, &overflow);
    if (overflow) {
        PyErr_Format(PyExc_OverflowError, "k must not exceed %lld", LLONG_MAX);
        goto done;
    }
    result = kr_long_falling(as_int(n), (uint64_t)count);
done:
    Py_DECREF(n);
    Py_DECREF(k);
    return result;
}

KR_FUNCTION(math, "comb(n, k, /)",
            "Number of ways to choose k items from n items without repetition and "
            "without order.\n\nEvaluates to n! / (k! * (n - k)!) when k <= n and evaluates\n"
            "to zero when k > n.\n\n"
            "Also called the binomial coefficient because it is equivalent\n"
            "to the coefficient of k-th term in polynomial expansion of the\n"
            "expression (1 + x)**n.\n\n"
            "Raises TypeError if either of the arguments are not integers.\n"
            "Raises ValueError if either of the arguments are negative.")
static PyObject *
math_comb(PyObject *module, PyObject *n, PyObject *k)
{
    PyObject *rest = NULL, *result = NULL;
    if (read_two(n, k, &n, &k) < 0) {
        return NULL;
    }
    if (kr_long_compare(as_int(n), as_int(k)) < 0) {
        result = PyLong_FromLong(0);
        goto done;
    }
    // n over k is n over n - k: take the smaller.
    rest = kr_long_sub(as_int(n), as_int(k));
    if (rest == NULL) {
        goto done;
    }
    if (kr_long_compare(as_int(rest), as_int(k)) < 0) {
        Py_SETREF(k, Py_NewRef(rest));
    }
    int overflow;
    long long count = PyLong_AsLongLongAndOverflow(k, &overflow);
    if (overflow) {
        PyErr_Format(PyExc_OverflowError, "min(n - k, k) must not exceed %lld", LLONG_MAX);
        goto done;
    }
    result = kr_long_binomial(as_int(n), (uint64_t)count);
done:
    Py_XDECREF(rest);
    Py_DECREF(n);
    Py_DECREF(k);
    return result;
}

#include "modules/math/integer.methods.h"
