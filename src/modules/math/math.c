// SPDX-License-Identifier: MIT
// math.c - the module math: functions of doubles, and the table of all.
//
// Errors:      a NaN made of numbers, or an infinity where the function has a pole, is
//              a ValueError; an infinity that is only too large, an OverflowError.
// Read next:   integer.c, sums.c
#include <Python.h>

#include "base/base.h"
#include "objects/args.h"
#include "objects/float/float.h"
#include "objects/ids.h"
#include "objects/int/int.h"

// --- Functions of one double --------------------------------------------------------

static PyObject *
domain_error(const char *expected, double x)
{
    char text[KR_DOUBLE_REPR_MAX + 1];
    if (expected == NULL) {
        PyErr_SetString(PyExc_ValueError, "math domain error");
        return NULL;
    }
    text[kr_double_repr(x, true, text)] = '\0';
    return PyErr_Format(PyExc_ValueError, "expected %s, got %s", expected, text);
}

static PyObject *
range_error(void)
{
    PyErr_SetString(PyExc_OverflowError, "math range error");
    return NULL;
}

// f(x), with `expected` telling in errors what x has to be.
static PyObject *
apply(PyObject *arg, double (*f)(double), bool can_overflow, const char *expected)
{
    double x = PyFloat_AsDouble(arg);
    if (x == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    double r = f(x);
    if (isnan(r) && !isnan(x)) {
        return domain_error(expected, x);
    }
    if (isinf(r) && isfinite(x)) {
        return can_overflow ? range_error() : domain_error(expected, x);
    }
    return PyFloat_FromDouble(r);
}

KR_FUNCTION(math, "acos(x, /)",
            "Return the arc cosine (measured in radians) of x.\n\n"
            "The result is between 0 and pi.")
static PyObject *
math_acos(PyObject *module, PyObject *x)
{
    return apply(x, acos, false, "a number in range from -1 up to 1");
}

KR_FUNCTION(math, "acosh(x, /)", "Return the inverse hyperbolic cosine of x.")
static PyObject *
math_acosh(PyObject *module, PyObject *x)
{
    return apply(x, acosh, false, "argument value not less than 1");
}

KR_FUNCTION(math, "asin(x, /)",
            "Return the arc sine (measured in radians) of x.\n\n"
            "The result is between -pi/2 and pi/2.")
static PyObject *
math_asin(PyObject *module, PyObject *x)
{
    return apply(x, asin, false, "a number in range from -1 up to 1");
}

KR_FUNCTION(math, "asinh(x, /)", "Return the inverse hyperbolic sine of x.")
static PyObject *
math_asinh(PyObject *module, PyObject *x)
{
    return apply(x, asinh, false, NULL);
}

KR_FUNCTION(math, "atan(x, /)",
            "Return the arc tangent (measured in radians) of x.\n\n"
            "The result is between -pi/2 and pi/2.")
static PyObject *
math_atan(PyObject *module, PyObject *x)
{
    return apply(x, atan, false, NULL);
}

KR_FUNCTION(math, "atanh(x, /)", "Return the inverse hyperbolic tangent of x.")
static PyObject *
math_atanh(PyObject *module, PyObject *x)
{
    return apply(x, atanh, false, "a number between -1 and 1");
}

KR_FUNCTION(math, "cbrt(x, /)", "Return the cube root of x.")
static PyObject *
math_cbrt(PyObject *module, PyObject *x)
{
    return apply(x, cbrt, false, NULL);
}

KR_FUNCTION(math, "cos(x, /)", "Return the cosine of x (measured in radians).")
static PyObject *
math_cos(PyObject *module, PyObject *x)
{
    return apply(x, cos, false, "a finite input");
}

KR_FUNCTION(math, "cosh(x, /)", "Return the hyperbolic cosine of x.")
static PyObject *
math_cosh(PyObject *module, PyObject *x)
{
    return apply(x, cosh, true, NULL);
}

KR_FUNCTION(math, "erf(x, /)", "Error function at x.")
static PyObject *
math_erf(PyObject *module, PyObject *x)
{
    return apply(x, erf, false, NULL);
}

KR_FUNCTION(math, "erfc(x, /)", "Complementary error function at x.")
static PyObject *
math_erfc(PyObject *module, PyObject *x)
{
    return apply(x, erfc, false, NULL);
}

KR_FUNCTION(math, "exp(x, /)", "Return e raised to the power of x.")
static PyObject *
math_exp(PyObject *module, PyObject *x)
{
    return apply(x, exp, true, NULL);
}

KR_FUNCTION(math, "exp2(x, /)", "Return 2 raised to the power of x.")
static PyObject *
math_exp2(PyObject *module, PyObject *x)
{
    return apply(x, exp2, true, NULL);
}

KR_FUNCTION(math, "expm1(x, /)",
            "Return exp(x)-1.\n\n"
            "This function avoids the loss of precision involved in the direct\n"
            "evaluation of exp(x)-1 for small x.")
static PyObject *
math_expm1(PyObject *module, PyObject *x)
{
    return apply(x, expm1, true, NULL);
}

KR_FUNCTION(math, "fabs(x, /)", "Return the absolute value of the float x.")
static PyObject *
math_fabs(PyObject *module, PyObject *x)
{
    return apply(x, fabs, false, NULL);
}

// Poles are at 0 and the negative whole numbers.
static double
gamma_of(double x)
{
    if (x == 0.0 || (x < 0.0 && (isinf(x) || x == floor(x)))) {
        return Py_NAN;
    }
    return tgamma(x);
}

KR_FUNCTION(math, "gamma(x, /)", "Gamma function at x.")
static PyObject *
math_gamma(PyObject *module, PyObject *x)
{
    return apply(x, gamma_of, true, "a noninteger or positive integer");
}

static double
log_gamma_of(double x)
{
    int sign;
    if (isinf(x)) {
        return Py_INFINITY;
    }
    if (x <= 0.0 && x == floor(x)) {
        return Py_NAN;
    }
    return lgamma_r(x, &sign);
}

KR_FUNCTION(math, "lgamma(x, /)",
            "Natural logarithm of absolute value of Gamma function at x.")
static PyObject *
math_lgamma(PyObject *module, PyObject *x)
{
    return apply(x, log_gamma_of, true, "a noninteger or positive integer");
}

KR_FUNCTION(math, "log1p(x, /)",
            "Return the natural logarithm of 1+x (base e).\n\n"
            "The result is computed in a way which is accurate for x near zero.")
static PyObject *
math_log1p(PyObject *module, PyObject *x)
{
    return apply(x, log1p, false, "argument value > -1");
}

KR_FUNCTION(math, "sin(x, /)", "Return the sine of x (measured in radians).")
static PyObject *
math_sin(PyObject *module, PyObject *x)
{
    return apply(x, sin, false, "a finite input");
}

KR_FUNCTION(math, "sinh(x, /)", "Return the hyperbolic sine of x.")
static PyObject *
math_sinh(PyObject *module, PyObject *x)
{
    return apply(x, sinh, true, NULL);
}

KR_FUNCTION(math, "sqrt(x, /)", "Return the square root of x.")
static PyObject *
math_sqrt(PyObject *module, PyObject *x)
{
    return apply(x, sqrt, false, "a nonnegative input");
}

KR_FUNCTION(math, "tan(x, /)", "Return the tangent of x (measured in radians).")
static PyObject *
math_tan(PyObject *module, PyObject *x)
{
    return apply(x, tan, false, "a finite input");
}

KR_FUNCTION(math, "tanh(x, /)", "Return the hyperbolic tangent of x.")
static PyObject *
math_tanh(PyObject *module, PyObject *x)
{
    return apply(x, tanh, false, NULL);
}

// --- Functions of two or three doubles -------------------------------------------------------

KR_FUNCTION(math, "atan2(y, x, /)",
            "Return the arc tangent (measured in radians) of y/x.\n\n"
            "Unlike atan(y/x), the signs of both x and y are considered.")
static PyObject *
math_atan2(PyObject *module, double y, double x)
{
    return PyFloat_FromDouble(atan2(y, x));
}

KR_FUNCTION(math, "copysign(x, y, /)",
            "Return a float with the magnitude (absolute value) of x but the sign of y.\n\n"
            "On platforms that support signed zeros, copysign(1.0, -0.0)\nreturns -1.0.\n")
static PyObject *
math_copysign(PyObject *module, double x, double y)
{
    return PyFloat_FromDouble(copysign(x, y));
}

KR_FUNCTION(math, "fmod(x, y, /)",
            "Return fmod(x, y), according to platform C.\n\nx % y may differ.")
static PyObject *
math_fmod(PyObject *module, double x, double y)
{
    if (isinf(y) && isfinite(x)) {
        return PyFloat_FromDouble(x);
    }
    double r = fmod(x, y);
    if (isnan(r) && !isnan(x) && !isnan(y)) {
        return domain_error(NULL, x);
    }
    return PyFloat_FromDouble(r);
}

KR_FUNCTION(math, "remainder(x, y, /)",
            "Difference between x and the closest integer multiple of y.\n\n"
            "Return x - n*y where n*y is the closest integer multiple of y.\n"
            "In the case where x is exactly halfway between two multiples of\n"
            "y, the nearest even value of n is used. The result is always exact.")
static PyObject *
math_remainder(PyObject *module, double x, double y)
{
    double r = remainder(x, y);
    if (isnan(r) && !isnan(x) && !isnan(y)) {
        return domain_error(NULL, x);
    }
    return PyFloat_FromDouble(r);
}

KR_FUNCTION(math, "pow(x, y, /)", "Return x**y (x to the power of y).")
static PyObject *
math_pow(PyObject *module, double x, double y)
{
    // C's pow has the IEEE rules for infinities and NaNs.
    double r = pow(x, y);
    if (!isfinite(r) && isfinite(x) && isfinite(y)) {
        return isnan(r) || x == 0.0 ? domain_error(NULL, x) : range_error();
    }
    return PyFloat_FromDouble(r);
}

KR_FUNCTION(math, "fma(x, y, z, /)",
            "Fused multiply-add operation.\n\n"
            "Compute (x * y) + z with a single round.")
static PyObject *
math_fma(PyObject *module, double x, double y, double z)
{
    double r = fma(x, y, z);
    if (isnan(r) && !isnan(x) && !isnan(y) && !isnan(z)) {
        PyErr_SetString(PyExc_ValueError, "invalid operation in fma");
        return NULL;
    }
    if (isinf(r) && isfinite(x) && isfinite(y) && isfinite(z)) {
        PyErr_SetString(PyExc_OverflowError, "overflow in fma");
        return NULL;
    }
    return PyFloat_FromDouble(r);
}

KR_FUNCTION(math, "degrees(x, /)", "Convert angle x from radians to degrees.")
static PyObject *
math_degrees(PyObject *module, double x)
{
    return PyFloat_FromDouble(x * (180.0 / Py_MATH_PI));
}

KR_FUNCTION(math, "radians(x, /)", "Convert angle x from degrees to radians.")
static PyObject *
math_radians(PyObject *module, double x)
{
    return PyFloat_FromDouble(x * (Py_MATH_PI / 180.0));
}

KR_FUNCTION(math, "isfinite(x, /)",
            "Return True if x is neither an infinity nor a NaN, and False otherwise.")
static PyObject *
math_isfinite(PyObject *module, double x)
{
    return PyBool_FromLong(isfinite(x));
}

KR_FUNCTION(math, "isnan(x, /)",
            "Return True if x is a NaN (not a number), and False otherwise.")
static PyObject *
math_isnan(PyObject *module, double x)
{
    return PyBool_FromLong(isnan(x));
}

KR_FUNCTION(math, "isinf(x, /)",
            "Return True if x is a positive or negative infinity, and False otherwise.")
static PyObject *
math_isinf(PyObject *module, double x)
{
    return PyBool_FromLong(isinf(x));
}

KR_FUNCTION(math, "isclose(a, b, *, rel_tol=1e-09{1e-09}, abs_tol=0.0)",
            "Determine whether two floating-point numbers are close in value.\n\n"
            "  rel_tol\n"
            "    maximum difference for being considered \\\"close\\\", relative to the\n"
            "    magnitude of the input values\n"
            "  abs_tol\n"
            "    maximum difference for being considered \\\"close\\\", regardless of the\n"
            "    magnitude of the input values\n\n"
            "Return True if a is close in value to b, and False otherwise.")
static PyObject *
math_isclose(PyObject *module, double a, double b, double rel_tol, double abs_tol)
{
    if (rel_tol < 0.0 || abs_tol < 0.0) {
        PyErr_SetString(PyExc_ValueError, "tolerances must be non-negative");
        return NULL;
    }
    if (a == b) {
        Py_RETURN_TRUE;
    }
    if (isinf(a) || isinf(b)) {
        Py_RETURN_FALSE;
    }
    double difference = fabs(b - a);
    return PyBool_FromLong(difference <= fabs(rel_tol * b) ||
                           difference <= fabs(rel_tol * a) || difference <= abs_tol);
}

// --- Parts of doubles ------------------------------------------------------------------------------

KR_FUNCTION(math, "frexp(x, /)",
            "Return the mantissa and exponent of x, as pair (m, e).\n\n"
            "m is a float and e is an int, such that x = m * 2.**e.\n"
            "If x is 0, m and e are both 0.  Else 0.5 <= abs(m) < 1.0.")
static PyObject *
math_frexp(PyObject *module, double x)
{
    int exponent = 0;
    if (isfinite(x) && x != 0.0) {
        x = frexp(x, &exponent);
    }
    return Py_BuildValue("(di)", x, exponent);
}

KR_FUNCTION(math, "modf(x, /)",
            "Return the fractional and integer parts of x.\n\n"
            "Both results carry the sign of x and are floats.")
static PyObject *
math_modf(PyObject *module, double x)
{
    double whole, fraction = modf(x, &whole);
    return Py_BuildValue("(dd)", fraction, whole);
}

KR_FUNCTION(math, "ldexp(x, i, /)",
            "Return x * (2**i).\n\nThis is essentially the inverse of frexp().")
static PyObject *
math_ldexp(PyObject *module, double x, PyObject *i)
{
    int overflow;
    if (!PyLong_Check(i)) {
        PyErr_SetString(PyExc_TypeError, "Expected an int as second argument to ldexp.");
        return NULL;
    }
    long exponent = PyLong_AsLongAndOverflow(i, &overflow);
    if (x == 0.0 || !isfinite(x)) {
        return PyFloat_FromDouble(x);
    }
    if (overflow > 0 || exponent > INT_MAX) {
        return range_error();
    }
    if (overflow < 0 || exponent < INT_MIN) {
        return PyFloat_FromDouble(copysign(0.0, x));
    }
    double r = ldexp(x, (int)exponent);
    return isinf(r) ? range_error() : PyFloat_FromDouble(r);
}

KR_FUNCTION(math, "ulp(x, /)", "Return the value of the least significant bit of the float x.")
static PyObject *
math_ulp(PyObject *module, double x)
{
    if (isnan(x)) {
        return PyFloat_FromDouble(x);
    }
    x = fabs(x);
    if (isinf(x)) {
        return PyFloat_FromDouble(x);
    }
    double next = nextafter(x, Py_INFINITY);
    return PyFloat_FromDouble(isinf(next) ? x - nextafter(x, 0.0) : next - x);
}

// Doubles in a row: the numbers of this function are in their order, neighbours one
// apart.
static int64_t
order_of(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits < 0 ? INT64_MIN - bits : bits;
}

static double
double_of_order(int64_t order)
{
    int64_t bits = order < 0 ? INT64_MIN - order : order;
    double x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

KR_FUNCTION(math, "nextafter(x, y, /, *, steps=None)",
            "Return the floating-point value the given number of steps after x towards "
            "y.\n\nIf steps is not specified or is None, it defaults to 1.\n\n"
            "Raises a TypeError, if x or y is not a double, or if steps is not an "
            "integer.\nRaises ValueError if steps is negative.")
static PyObject *
math_nextafter(PyObject *module, double x, double y, PyObject *steps)
{
    if (steps == Py_None) {
        return PyFloat_FromDouble(nextafter(x, y));
    }
    steps = PyNumber_Index(steps);
    if (steps == NULL) {
        return NULL;
    }
    if (kr_int_is_negative((PyLongObject *)steps)) {
        PyErr_SetString(PyExc_ValueError, "steps must be a non-negative integer");
        Py_DECREF(steps);
        return NULL;
    }
    uint64_t count = PyLong_AsUnsignedLongLong(steps);
    Py_DECREF(steps);
    if (count == (uint64_t)-1 && PyErr_Occurred()) {
        // More than there are doubles.
        if (!PyErr_ExceptionMatches(PyExc_OverflowError)) {
            return NULL;
        }
        PyErr_Clear();
        count = UINT64_MAX;
    }
    if (count == 0 || isnan(x)) {
        return PyFloat_FromDouble(x);
    }
    if (isnan(y) || x == y) {
        return PyFloat_FromDouble(y);
    }
    int64_t from = order_of(x), to = order_of(y);
    uint64_t distance = from < to ? (uint64_t)to - (uint64_t)from
                                  : (uint64_t)from - (uint64_t)to;
    if (count >= distance) {
        return PyFloat_FromDouble(y);
    }
    int64_t order = (int64_t)((uint64_t)from + (from < to ? count : -count));
    double r = double_of_order(order);
    if (r == 0.0) {
        // Zero is reached from x's side.
        r = copysign(0.0, x);
    }
    return PyFloat_FromDouble(r);
}

// --- Rounding -----------------------------------------------------------------------------------------

// type(x).name(x): 1 called (*out may be NULL), 0 there is no such method, -1 error.
static int
call_special(PyObject *x, PyObject *name, PyObject **out)
{
    PyObject *method = _PyObject_LookupSpecial(x, name);
    if (method == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    *out = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    return 1;
}

static PyObject *
round_by(PyObject *x, PyObject *name, double (*f)(double))
{
    PyObject *result;
    if (!PyFloat_CheckExact(x)) {
        if (PyLong_CheckExact(x)) {
            return Py_NewRef(x);
        }
        int status = call_special(x, name, &result);
        if (status != 0) {
            return status < 0 ? NULL : result;
        }
    }
    double value = PyFloat_AsDouble(x);
    if (value == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    return PyLong_FromDouble(f(value));
}

KR_FUNCTION(math, "floor(x, /)",
            "Return the floor of x as an Integral.\n\n"
            "This is the largest integer <= x.")
static PyObject *
math_floor(PyObject *module, PyObject *x)
{
    return round_by(x, KR_ID(__floor__), floor);
}

KR_FUNCTION(math, "ceil(x, /)",
            "Return the ceiling of x as an Integral.\n\n"
            "This is the smallest integer >= x.")
static PyObject *
math_ceil(PyObject *module, PyObject *x)
{
    return round_by(x, KR_ID(__ceil__), ceil);
}

KR_FUNCTION(math, "trunc(x, /)",
            "Truncates the Real x to the nearest Integral toward 0.\n\n"
            "Uses the __trunc__ magic method.")
static PyObject *
math_trunc(PyObject *module, PyObject *x)
{
    PyObject *result;
    if (PyFloat_CheckExact(x)) {
        return PyLong_FromDouble(PyFloat_AS_DOUBLE(x));
    }
    int status = call_special(x, KR_ID(__trunc__), &result);
    if (status == 0) {
        PyErr_Format(PyExc_TypeError, "type %.100s doesn't define __trunc__ method",
                     Py_TYPE(x)->tp_name);
    }
    return status <= 0 ? NULL : result;
}

// --- Logarithms ----------------------------------------------------------------------------------------

// Of an int, which may be too large for a double.
static PyObject *
log_of(PyObject *arg, double (*f)(double))
{
    if (!PyLong_Check(arg)) {
        double x = PyFloat_AsDouble(arg);
        if (x == -1.0 && PyErr_Occurred()) {
            return NULL;
        }
        if (x <= 0.0) {
            return domain_error("a positive input", x);
        }
        return PyFloat_FromDouble(f(x));
    }
    PyLongObject *number = (PyLongObject *)arg;
    if (kr_int_is_negative(number) || kr_int_is_zero(number)) {
        PyErr_SetString(PyExc_ValueError, "expected a positive input");
        return NULL;
    }
    double x = PyLong_AsDouble(arg);
    if (x == -1.0 && PyErr_Occurred()) {
        int64_t exponent;
        if (!PyErr_ExceptionMatches(PyExc_OverflowError)) {
            return NULL;
        }
        PyErr_Clear();
        x = kr_long_frexp(number, &exponent);
        return PyFloat_FromDouble(f(x) + f(2.0) * (double)exponent);
    }
    return PyFloat_FromDouble(f(x));
}

KR_FUNCTION_RAW(math, "log", METH_FASTCALL,
                "log(x, [base=math.e])\n"
                "Return the logarithm of x to the given base.\n\n"
                "If the base is not specified, returns the natural logarithm (base e) of x.")
static PyObject *
math_log(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!kr_arg_count("log", nargs, 1, 2)) {
        return NULL;
    }
    PyObject *x = log_of(args[0], log), *base, *result;
    if (x == NULL || nargs == 1) {
        return x;
    }
    base = log_of(args[1], log);
    if (base == NULL) {
        Py_DECREF(x);
        return NULL;
    }
    result = PyNumber_TrueDivide(x, base);
    Py_DECREF(x);
    Py_DECREF(base);
    return result;
}

KR_FUNCTION(math, "log2(x, /)", "Return the base 2 logarithm of x.")
static PyObject *
math_log2(PyObject *module, PyObject *x)
{
    return log_of(x, log2);
}

KR_FUNCTION(math, "log10(x, /)", "Return the base 10 logarithm of x.")
static PyObject *
math_log10(PyObject *module, PyObject *x)
{
    return log_of(x, log10);
}

// --- The module ------------------------------------------------------------------------------------------

KR_MODULE(math)
#include "modules/math/math.methods.h"

static int
math_exec(PyObject *module)
{
    if (PyModule_Add(module, "pi", PyFloat_FromDouble(Py_MATH_PI)) < 0 ||
        PyModule_Add(module, "e", PyFloat_FromDouble(Py_MATH_E)) < 0 ||
        PyModule_Add(module, "tau", PyFloat_FromDouble(2.0 * Py_MATH_PI)) < 0 ||
        PyModule_Add(module, "inf", PyFloat_FromDouble(Py_INFINITY)) < 0 ||
        PyModule_Add(module, "nan", PyFloat_FromDouble(fabs(Py_NAN))) < 0) {
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot math_slots[] = {
    {Py_mod_exec, (void *)math_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef math_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "math",
    .m_doc = "This module provides access to the mathematical functions\n"
             "defined by the C standard.",
    .m_methods = math_methods,
    .m_slots = math_slots,
};

PyMODINIT_FUNC
PyInit_math(void)
{
    return PyModuleDef_Init(&math_def);
}
