// SPDX-License-Identifier: MIT
// cmath.c - the module cmath: functions of complex numbers.
//
// The C library's functions follow Annex G of the C standard for infinities, NaNs
// and signed zeros. A NaN made of numbers is a domain error here, an infinity made of
// finite numbers is one at a pole and a range error elsewhere.
#include <Python.h>

#include <complex.h>
#undef I

#include "base/base.h"
#include "objects/args.h"
#include "objects/complex.h"
#include "objects/ids.h"

static inline double complex
to_c(Py_complex z)
{
    return CMPLX(z.real, z.imag);
}

static inline Py_complex
from_c(double complex z)
{
    return (Py_complex){creal(z), cimag(z)};
}

static PyObject *
domain_error(void)
{
    PyErr_SetString(PyExc_ValueError, "math domain error");
    return NULL;
}

static PyObject *
range_error(void)
{
    PyErr_SetString(PyExc_OverflowError, "math range error");
    return NULL;
}

static inline bool
has_nan(Py_complex z)
{
    return isnan(z.real) || isnan(z.imag);
}

static inline bool
has_infinity(Py_complex z)
{
    return isinf(z.real) || isinf(z.imag);
}

// f(arg); an infinite result of a finite argument is a pole or too large.
static PyObject *
apply(PyObject *arg, double complex (*f)(double complex), bool pole)
{
    Py_complex z;
    if (kr_complex_from_object(arg, &z) < 0) {
        return NULL;
    }
    Py_complex r = from_c(f(to_c(z)));
    if (has_nan(r) && !has_nan(z)) {
        return domain_error();
    }
    if (has_infinity(r) && !has_infinity(z) && !has_nan(z)) {
        return pole ? domain_error() : range_error();
    }
    return PyComplex_FromCComplex(r);
}

KR_FUNCTION(cmath, "acos(z, /)", "Return the arc cosine of z.")
static PyObject *
cmath_acos(PyObject *module, PyObject *z)
{
    return apply(z, cacos, false);
}

KR_FUNCTION(cmath, "acosh(z, /)", "Return the inverse hyperbolic cosine of z.")
static PyObject *
cmath_acosh(PyObject *module, PyObject *z)
{
    return apply(z, cacosh, false);
}

KR_FUNCTION(cmath, "asin(z, /)", "Return the arc sine of z.")
static PyObject *
cmath_asin(PyObject *module, PyObject *z)
{
    return apply(z, casin, false);
}

KR_FUNCTION(cmath, "asinh(z, /)", "Return the inverse hyperbolic sine of z.")
static PyObject *
cmath_asinh(PyObject *module, PyObject *z)
{
    return apply(z, casinh, false);
}

KR_FUNCTION(cmath, "atan(z, /)", "Return the arc tangent of z.")
static PyObject *
cmath_atan(PyObject *module, PyObject *z)
{
    return apply(z, catan, true);
}

KR_FUNCTION(cmath, "atanh(z, /)", "Return the inverse hyperbolic tangent of z.")
static PyObject *
cmath_atanh(PyObject *module, PyObject *z)
{
    return apply(z, catanh, true);
}

KR_FUNCTION(cmath, "cos(z, /)", "Return the cosine of z.")
static PyObject *
cmath_cos(PyObject *module, PyObject *z)
{
    return apply(z, ccos, false);
}

KR_FUNCTION(cmath, "cosh(z, /)", "Return the hyperbolic cosine of z.")
static PyObject *
cmath_cosh(PyObject *module, PyObject *z)
{
    return apply(z, ccosh, false);
}

KR_FUNCTION(cmath, "exp(z, /)", "Return the exponential value e**z.")
static PyObject *
cmath_exp(PyObject *module, PyObject *z)
{
    return apply(z, cexp, false);
}

KR_FUNCTION(cmath, "sin(z, /)", "Return the sine of z.")
static PyObject *
cmath_sin(PyObject *module, PyObject *z)
{
    return apply(z, csin, false);
}

KR_FUNCTION(cmath, "sinh(z, /)", "Return the hyperbolic sine of z.")
static PyObject *
cmath_sinh(PyObject *module, PyObject *z)
{
    return apply(z, csinh, false);
}

KR_FUNCTION(cmath, "sqrt(z, /)", "Return the square root of z.")
static PyObject *
cmath_sqrt(PyObject *module, PyObject *z)
{
    return apply(z, csqrt, false);
}

KR_FUNCTION(cmath, "tan(z, /)", "Return the tangent of z.")
static PyObject *
cmath_tan(PyObject *module, PyObject *z)
{
    return apply(z, ctan, false);
}

KR_FUNCTION(cmath, "tanh(z, /)", "Return the hyperbolic tangent of z.")
static PyObject *
cmath_tanh(PyObject *module, PyObject *z)
{
    return apply(z, ctanh, false);
}

KR_FUNCTION(cmath, "log10(z, /)", "Return the base-10 logarithm of z.")
static PyObject *
cmath_log10(PyObject *module, PyObject *z)
{
    return apply(z, clog10, true);
}

KR_FUNCTION(cmath, "log(z, base=<missing>, /)",
            "log(z[, base]) -> the logarithm of z to the given base.\n\n"
            "If the base is not specified, returns the natural logarithm (base e) of z.")
static PyObject *
cmath_log(PyObject *module, PyObject *z, PyObject *base)
{
    PyObject *x = apply(z, clog, true);
    if (x == NULL || base == NULL) {
        return x;
    }
    PyObject *y = apply(base, clog, true);
    if (y == NULL) {
        Py_DECREF(x);
        return NULL;
    }
    errno = 0;
    Py_complex r = _Py_c_quot(PyComplex_AsCComplex(x), PyComplex_AsCComplex(y));
    Py_DECREF(x);
    Py_DECREF(y);
    return errno != 0 ? domain_error() : PyComplex_FromCComplex(r);
}

// --- Polar coordinates -------------------------------------------------------------------

KR_FUNCTION(cmath, "phase(z, /)",
            "Return argument, also known as the phase angle, of a complex.")
static PyObject *
cmath_phase(PyObject *module, PyObject *z)
{
    Py_complex value;
    if (kr_complex_from_object(z, &value) < 0) {
        return NULL;
    }
    return PyFloat_FromDouble(atan2(value.imag, value.real));
}

KR_FUNCTION(cmath, "polar(z, /)",
            "Convert a complex from rectangular coordinates to polar coordinates.\n\n"
            "r is the distance from 0 and phi the phase angle.")
static PyObject *
cmath_polar(PyObject *module, PyObject *z)
{
    Py_complex value;
    if (kr_complex_from_object(z, &value) < 0) {
        return NULL;
    }
    double r = _Py_c_abs(value);
    if (errno == ERANGE) {
        return range_error();
    }
    return Py_BuildValue("(dd)", r, atan2(value.imag, value.real));
}

KR_FUNCTION(cmath, "rect(r, phi, /)",
            "Convert from polar coordinates to rectangular coordinates.")
static PyObject *
cmath_rect(PyObject *module, double r, double phi)
{
    if (isinf(phi) && r != 0.0 && !isnan(r)) {
        return domain_error();
    }
    if (phi == 0.0) {
        // r * phi would be a NaN for an infinite r.
        return PyComplex_FromDoubles(r, isinf(r) || isnan(r) ? copysign(0.0, phi) *
                                                                  copysign(1.0, r)
                                                            : r * phi);
    }
    if (isfinite(phi)) {
        return PyComplex_FromDoubles(r * cos(phi), r * sin(phi));
    }
    if (r == 0.0) {
        return PyComplex_FromDoubles(0.0, 0.0);
    }
    return PyComplex_FromDoubles(isinf(r) ? Py_INFINITY : Py_NAN, Py_NAN);
}

// --- Tests ---------------------------------------------------------------------------------

KR_FUNCTION(cmath, "isfinite(z, /)",
            "Return True if both the real and imaginary parts of z are finite, else "
            "False.")
static PyObject *
cmath_isfinite(PyObject *module, PyObject *z)
{
    Py_complex value;
    if (kr_complex_from_object(z, &value) < 0) {
        return NULL;
    }
    return PyBool_FromLong(isfinite(value.real) && isfinite(value.imag));
}

KR_FUNCTION(cmath, "isnan(z, /)",
            "Checks if the real or imaginary part of z not a number (NaN).")
static PyObject *
cmath_isnan(PyObject *module, PyObject *z)
{
    Py_complex value;
    if (kr_complex_from_object(z, &value) < 0) {
        return NULL;
    }
    return PyBool_FromLong(has_nan(value));
}

KR_FUNCTION(cmath, "isinf(z, /)",
            "Checks if the real or imaginary part of z is infinite.")
static PyObject *
cmath_isinf(PyObject *module, PyObject *z)
{
    Py_complex value;
    if (kr_complex_from_object(z, &value) < 0) {
        return NULL;
    }
    return PyBool_FromLong(has_infinity(value));
}

KR_FUNCTION(cmath, "isclose(a, b, *, rel_tol=1e-09{1e-09}, abs_tol=0.0)",
            "Determine whether two complex numbers are close in value.\n\n"
            "  rel_tol\n"
            "    maximum difference for being considered \\\"close\\\", relative to the\n"
            "    magnitude of the input values\n"
            "  abs_tol\n"
            "    maximum difference for being considered \\\"close\\\", regardless of the\n"
            "    magnitude of the input values\n\n"
            "Return True if a is close in value to b, and False otherwise.")
static PyObject *
cmath_isclose(PyObject *module, PyObject *a, PyObject *b, double rel_tol, double abs_tol)
{
    Py_complex x, y;
    if (kr_complex_from_object(a, &x) < 0 || kr_complex_from_object(b, &y) < 0) {
        return NULL;
    }
    if (rel_tol < 0.0 || abs_tol < 0.0) {
        PyErr_SetString(PyExc_ValueError, "tolerances must be non-negative");
        return NULL;
    }
    if (x.real == y.real && x.imag == y.imag) {
        Py_RETURN_TRUE;
    }
    if (has_infinity(x) || has_infinity(y)) {
        Py_RETURN_FALSE;
    }
    double difference = _Py_c_abs(_Py_c_diff(x, y));
    return PyBool_FromLong(difference <= rel_tol * _Py_c_abs(y) ||
                           difference <= rel_tol * _Py_c_abs(x) ||
                           difference <= abs_tol);
}

// --- The module -------------------------------------------------------------------------------

KR_MODULE(cmath)
#include "modules/cmath.methods.h"

static int
cmath_exec(PyObject *module)
{
    if (PyModule_Add(module, "pi", PyFloat_FromDouble(Py_MATH_PI)) < 0 ||
        PyModule_Add(module, "e", PyFloat_FromDouble(Py_MATH_E)) < 0 ||
        PyModule_Add(module, "tau", PyFloat_FromDouble(2.0 * Py_MATH_PI)) < 0 ||
        PyModule_Add(module, "inf", PyFloat_FromDouble(Py_INFINITY)) < 0 ||
        PyModule_Add(module, "infj", PyComplex_FromDoubles(0.0, Py_INFINITY)) < 0 ||
        PyModule_Add(module, "nan", PyFloat_FromDouble(fabs(Py_NAN))) < 0 ||
        PyModule_Add(module, "nanj", PyComplex_FromDoubles(0.0, fabs(Py_NAN))) < 0) {
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot cmath_slots[] = {
    {Py_mod_exec, (void *)cmath_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef cmath_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "cmath",
    .m_doc = "This module provides access to mathematical functions for complex\n"
             "numbers.",
    .m_methods = cmath_methods,
    .m_slots = cmath_slots,
};

PyMODINIT_FUNC
PyInit_cmath(void)
{
    return PyModuleDef_Init(&cmath_def);
}
