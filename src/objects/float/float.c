// SPDX-License-Identifier: MIT
// float.c - the type float: arithmetic, comparison, rounding, conversion.
//
// Callers:     everybody; the machine computes on unboxed doubles and comes here for
//              mixed operands.
// Read next:   text.c, hex.c, pack.c
#include "objects/float/float.h"

#include <float.h>

#include "base/dtoa.h"
#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/int/int.h"
#include "objects/state.h"
#include "objects/str/str.h"

// --- Making -------------------------------------------------------------------------

PyObject *
PyFloat_FromDouble(double value)
{
    PyFloatObject *self = kr_object_alloc(sizeof(PyFloatObject), false, false);
    if (KR_UNLIKELY(self == NULL)) {
        return PyErr_NoMemory();
    }
    kr_object_start_static(self, &PyFloat_Type);
    self->ob_fval = value;
    return (PyObject *)self;
}

static void
float_dealloc(PyObject *self)
{
    if (KR_LIKELY(PyFloat_CheckExact(self))) {
        kr_object_free_plain(self);
        return;
    }
    Py_TYPE(self)->tp_free(self);
}

// Reads ASCII text with underscores; `shown` is named in the error.
static PyObject *
float_from_ascii(const char *text, size_t size, PyObject *shown)
{
    char local[128], *copy = NULL;
    const char *end = text + size;
    size_t used;
    double value;

    while (text < end && (*text == ' ' || (*text >= '\t' && *text <= '\r'))) {
        text++;
    }
    while (end > text && (end[-1] == ' ' || (end[-1] >= '\t' && end[-1] <= '\r'))) {
        end--;
    }
    size = (size_t)(end - text);
    if (memchr(text, '_', size) != NULL) {
        copy = size < sizeof(local) ? local : PyMem_Malloc(size + 1);
        if (copy == NULL) {
            return PyErr_NoMemory();
        }
        if (kr_strip_underscores(text, size, copy, &size) < 0) {
            size = 0;
        }
        text = copy;
    }
    value = kr_double_parse(text, size, &used);
    if (copy != NULL && copy != local) {
        PyMem_Free(copy);
    }
    if (used == 0 || used != size) {
        return PyErr_Format(PyExc_ValueError, "could not convert string to float: %R",
                            shown);
    }
    return PyFloat_FromDouble(value);
}

PyObject *
PyFloat_FromString(PyObject *text)
{
    PyObject *ascii, *result = NULL;
    Py_ssize_t size;
    Py_buffer view;

    if (PyUnicode_Check(text)) {
        ascii = PyUnicode_IS_ASCII(text)
                    ? Py_NewRef(text)
                    : _PyUnicode_TransformDecimalAndSpaceToASCII(text);
        if (ascii == NULL) {
            return NULL;
        }
        const char *chars = PyUnicode_AsUTF8AndSize(ascii, &size);
        if (chars != NULL) {
            result = float_from_ascii(chars, (size_t)size, text);
        }
        Py_DECREF(ascii);
        return result;
    }
    if (PyBytes_Check(text)) {
        return float_from_ascii(PyBytes_AS_STRING(text), (size_t)PyBytes_GET_SIZE(text),
                                text);
    }
    if (PyObject_CheckBuffer(text)) {
        if (PyObject_GetBuffer(text, &view, PyBUF_SIMPLE) < 0) {
            return NULL;
        }
        result = float_from_ascii(view.buf, (size_t)view.len, text);
        PyBuffer_Release(&view);
        return result;
    }
    return PyErr_Format(PyExc_TypeError,
                        "float() argument must be a string or a real number, not '%T'",
                        text);
}

KR_NEW(float, "float(x=0, /)",
       "Convert a string or number to a floating-point number, if possible.")
static PyObject *
float_new_impl(PyTypeObject *cls, PyObject *x)
{
    PyObject *value;
    if (x == NULL) {
        value = PyFloat_FromDouble(0.0);
    }
    else {
        value = PyUnicode_CheckExact(x) ? PyFloat_FromString(x) : PyNumber_Float(x);
    }
    if (KR_LIKELY(cls == &PyFloat_Type) || value == NULL) {
        return value;
    }
    PyObject *self = cls->tp_alloc(cls, 0);
    if (self != NULL) {
        ((PyFloatObject *)self)->ob_fval = PyFloat_AS_DOUBLE(value);
    }
    Py_DECREF(value);
    return self;
}

// --- To C ------------------------------------------------------------------------------

static double
float_from_index(PyObject *op)
{
    PyObject *index = PyNumber_Index(op);
    if (index == NULL) {
        return -1.0;
    }
    double value = PyLong_AsDouble(index);
    Py_DECREF(index);
    return value;
}

double
PyFloat_AsDouble(PyObject *op)
{
    if (op == NULL) {
        PyErr_BadArgument();
        return -1.0;
    }
    if (PyFloat_Check(op)) {
        return PyFloat_AS_DOUBLE(op);
    }
    PyNumberMethods *suite = Py_TYPE(op)->tp_as_number;
    if (suite == NULL || suite->nb_float == NULL) {
        if (suite != NULL && suite->nb_index != NULL) {
            return float_from_index(op);
        }
        PyErr_Format(PyExc_TypeError, "must be real number, not %.50s",
                     Py_TYPE(op)->tp_name);
        return -1.0;
    }
    PyObject *result = suite->nb_float(op);
    if (result == NULL) {
        return -1.0;
    }
    if (!PyFloat_CheckExact(result)) {
        if (!PyFloat_Check(result)) {
            PyErr_Format(PyExc_TypeError, "%.50s.__float__ returned non-float (type %.50s)",
                         Py_TYPE(op)->tp_name, Py_TYPE(result)->tp_name);
            Py_DECREF(result);
            return -1.0;
        }
        if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                             "%.50s.__float__ returned non-float (type %.50s).  The "
                             "ability to return an instance of a strict subclass of "
                             "float is deprecated, and may be removed in a future "
                             "version of Python.",
                             Py_TYPE(op)->tp_name, Py_TYPE(result)->tp_name) < 0) {
            Py_DECREF(result);
            return -1.0;
        }
    }
    double value = PyFloat_AS_DOUBLE(result);
    Py_DECREF(result);
    return value;
}

int
kr_real_as_double(PyObject *op, double *out)
{
    if (PyFloat_Check(op)) {
        *out = PyFloat_AS_DOUBLE(op);
        return 1;
    }
    if (PyLong_Check(op)) {
        *out = PyLong_AsDouble(op);
        return *out == -1.0 && PyErr_Occurred() ? -1 : 1;
    }
    return 0;
}

// Reads both operands of a slot, or leaves it with NotImplemented or an error.
#define OPERANDS(a, b, x, y)                                                  \
    double x, y;                                                              \
    do {                                                                      \
        int kr_status_ = kr_real_as_double((a), &x);                          \
        if (kr_status_ > 0) {                                                 \
            kr_status_ = kr_real_as_double((b), &y);                          \
        }                                                                     \
        if (kr_status_ <= 0) {                                                \
            return kr_status_ < 0 ? NULL : Py_NotImplemented;                 \
        }                                                                     \
    } while (0)

// --- Arithmetic -----------------------------------------------------------------------

static PyObject *
float_add(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    return PyFloat_FromDouble(x + y);
}

static PyObject *
float_sub(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    return PyFloat_FromDouble(x - y);
}

static PyObject *
float_mul(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    return PyFloat_FromDouble(x * y);
}

static PyObject *
division_by_zero(void)
{
    PyErr_SetString(PyExc_ZeroDivisionError, "division by zero");
    return NULL;
}

static PyObject *
float_truediv(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    if (y == 0.0) {
        return division_by_zero();
    }
    return PyFloat_FromDouble(x / y);
}

// fmod has the sign of x and is exact; Python's has that of y.
double
kr_double_mod(double x, double y)
{
    double mod = fmod(x, y);
    if (mod == 0.0) {
        return copysign(0.0, y);
    }
    return (y < 0) != (mod < 0) ? mod + y : mod;
}

void
kr_double_divmod(double x, double y, double *quotient_out, double *remainder_out)
{
    double mod = fmod(x, y), quotient = (x - mod) / y;
    if (mod == 0.0) {
        mod = copysign(0.0, y);
    }
    else if ((y < 0) != (mod < 0)) {
        mod += y;
        quotient -= 1.0;
    }
    if (quotient == 0.0) {
        // The sign of the true quotient.
        quotient = copysign(0.0, x / y);
    }
    else {
        // quotient is within rounding of a whole number.
        double whole = floor(quotient);
        quotient = quotient - whole > 0.5 ? whole + 1.0 : whole;
    }
    *quotient_out = quotient;
    *remainder_out = mod;
}

double
kr_double_floordiv(double x, double y)
{
    double quotient, mod;
    kr_double_divmod(x, y, &quotient, &mod);
    return quotient;
}

static PyObject *
float_mod(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    if (y == 0.0) {
        return division_by_zero();
    }
    return PyFloat_FromDouble(kr_double_mod(x, y));
}

static PyObject *
float_floordiv(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    if (y == 0.0) {
        return division_by_zero();
    }
    return PyFloat_FromDouble(kr_double_floordiv(x, y));
}

static PyObject *
float_divmod(PyObject *a, PyObject *b)
{
    double quotient, mod;
    OPERANDS(a, b, x, y);
    if (y == 0.0) {
        return division_by_zero();
    }
    kr_double_divmod(x, y, &quotient, &mod);
    return Py_BuildValue("(dd)", quotient, mod);
}

static bool
is_odd_whole(double x)
{
    return fmod(fabs(x), 2.0) == 1.0;
}

// What C leaves to the platform is decided here: zeros, infinities and NaNs.
int
kr_double_pow(double x, double y, double *out)
{
    bool negate = false;
    if (y == 0) {
        *out = 1.0;
        return 0;
    }
    if (isnan(x)) {
        *out = x;
        return 0;
    }
    if (isnan(y)) {
        *out = x == 1.0 ? 1.0 : y;
        return 0;
    }
    if (isinf(y)) {
        x = fabs(x);
        *out = x == 1.0 ? 1.0 : (y > 0) == (x > 1.0) ? fabs(y) : 0.0;
        return 0;
    }
    if (isinf(x)) {
        bool odd = is_odd_whole(y);
        *out = y > 0 ? (odd ? x : fabs(x)) : (odd ? copysign(0.0, x) : 0.0);
        return 0;
    }
    if (x == 0.0) {
        if (y < 0) {
            PyErr_SetString(PyExc_ZeroDivisionError, "zero to a negative power");
            return -1;
        }
        *out = is_odd_whole(y) ? x : 0.0;
        return 0;
    }
    if (x < 0) {
        if (y != floor(y)) {
            return 1;
        }
        negate = is_odd_whole(y);
        x = -x;
    }
    if (x == 1.0) {
        *out = negate ? -1.0 : 1.0;
        return 0;
    }
    double result = pow(x, y);
    if (isinf(result)) {
        errno = ERANGE;
        PyErr_SetFromErrno(PyExc_OverflowError);
        return -1;
    }
    *out = negate ? -result : result;
    return 0;
}

static PyObject *
float_pow(PyObject *a, PyObject *b, PyObject *mod)
{
    double result;
    if (mod != Py_None) {
        PyErr_SetString(PyExc_TypeError,
                        "pow() 3rd argument not allowed unless all arguments are "
                        "integers");
        return NULL;
    }
    OPERANDS(a, b, x, y);
    int status = kr_double_pow(x, y, &result);
    if (status > 0) {
        // A negative number to a fraction is complex.
        return PyComplex_Type.tp_as_number->nb_power(a, b, mod);
    }
    return status < 0 ? NULL : PyFloat_FromDouble(result);
}

static PyObject *
float_neg(PyObject *self)
{
    return PyFloat_FromDouble(-PyFloat_AS_DOUBLE(self));
}

static PyObject *
float_abs(PyObject *self)
{
    return PyFloat_FromDouble(fabs(PyFloat_AS_DOUBLE(self)));
}

static int
float_bool(PyObject *self)
{
    return PyFloat_AS_DOUBLE(self) != 0.0;
}

static PyObject *
float_float(PyObject *self)
{
    return PyFloat_CheckExact(self) ? Py_NewRef(self)
                                    : PyFloat_FromDouble(PyFloat_AS_DOUBLE(self));
}

static PyObject *
float_int(PyObject *self)
{
    return PyLong_FromDouble(PyFloat_AS_DOUBLE(self));
}

// --- Comparison and hash ---------------------------------------------------------------

static PyObject *
float_richcompare(PyObject *a, PyObject *b, int op)
{
    double x = PyFloat_AS_DOUBLE(a), y;
    if (PyFloat_Check(b)) {
        y = PyFloat_AS_DOUBLE(b);
    }
    else if (PyLong_Check(b)) {
        if (isnan(x)) {
            return PyBool_FromLong(op == Py_NE);
        }
        // Against zero, the order of the exact values is the order of these.
        y = 0.0;
        x = -kr_long_compare_double((PyLongObject *)b, x);
    }
    else {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_RETURN_RICHCOMPARE(x, y, op);
}

Py_hash_t
_Py_HashDouble(PyObject *inst, double v)
{
    uint64_t bits;
    if (!isfinite(v)) {
        if (isinf(v)) {
            return v > 0 ? PyHASH_INF : -PyHASH_INF;
        }
        return PyObject_GenericHash(inst);
    }
    memcpy(&bits, &v, sizeof(bits));
    int exponent = (int)(bits >> 52) & 0x7ff;
    uint64_t mantissa = bits & (((uint64_t)1 << 52) - 1);
    if (exponent == 0) {
        exponent = 1;
    }
    else {
        mantissa |= (uint64_t)1 << 52;
    }
    // Modulo 2**61 - 1, a power of two is a rotation of 61 bits. 61 * 18 is added to
    // make the exponent positive.
    int turn = (exponent - 1075 + 61 * 18) % PyHASH_BITS;
    uint64_t x = ((mantissa << turn) & PyHASH_MODULUS) | mantissa >> (PyHASH_BITS - turn);
    Py_hash_t hash = v < 0 ? -(Py_hash_t)x : (Py_hash_t)x;
    return hash == -1 ? -2 : hash;
}

static Py_hash_t
float_hash(PyObject *self)
{
    return _Py_HashDouble(self, PyFloat_AS_DOUBLE(self));
}

static PyObject *
float_repr(PyObject *self)
{
    char buffer[KR_DOUBLE_REPR_MAX];
    int size = kr_double_repr(PyFloat_AS_DOUBLE(self), true, buffer);
    PyObject *text = PyUnicode_New(size, 127);
    if (text != NULL) {
        memcpy(PyUnicode_1BYTE_DATA(text), buffer, (size_t)size);
    }
    return text;
}

// --- Methods ------------------------------------------------------------------------------

KR_METHOD(float, "from_number(cls, number, /)",
          "Convert real number to a floating-point number.")
static PyObject *
float_from_number(PyObject *cls, PyObject *number)
{
    if (PyFloat_CheckExact(number) && cls == (PyObject *)&PyFloat_Type) {
        return Py_NewRef(number);
    }
    double value = PyFloat_AsDouble(number);
    if (value == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *result = PyFloat_FromDouble(value);
    if (result != NULL && cls != (PyObject *)&PyFloat_Type) {
        Py_SETREF(result, PyObject_CallOneArg(cls, result));
    }
    return result;
}

KR_METHOD(float, "conjugate(self, /)", "Return self, the complex conjugate of any float.")
static PyObject *
float_conjugate(PyFloatObject *self)
{
    return float_float((PyObject *)self);
}

KR_METHOD(float, "__trunc__(self, /)",
          "Return the Integral closest to x between 0 and x.")
static PyObject *
float_trunc(PyFloatObject *self)
{
    return PyLong_FromDouble(self->ob_fval);
}

KR_METHOD(float, "__floor__(self, /)", "Return the floor as an Integral.")
static PyObject *
float_floor(PyFloatObject *self)
{
    return PyLong_FromDouble(floor(self->ob_fval));
}

KR_METHOD(float, "__ceil__(self, /)", "Return the ceiling as an Integral.")
static PyObject *
float_ceil(PyFloatObject *self)
{
    return PyLong_FromDouble(ceil(self->ob_fval));
}

PyObject *
kr_float_round(double x, Py_ssize_t places)
{
    // Beyond these there is nothing to round, or nothing left.
    if (places > 323) {
        return PyFloat_FromDouble(x);
    }
    if (places < -309) {
        return PyFloat_FromDouble(0.0 * x);
    }
    char digits[KR_DTOA_MAX_DIGITS + 16];
    int point;
    digits[0] = '.';
    int count = kr_dtoa_fixed(x, (int)places, digits + 1, &point);
    if (count == 0) {
        return PyFloat_FromDouble(copysign(0.0, x));
    }
    int size = 1 + count + snprintf(digits + 1 + count, 12, "e%d", point);
    size_t used;
    double value = kr_dtoa_parse(digits, (size_t)size, &used);
    if (isinf(value)) {
        PyErr_SetString(PyExc_OverflowError, "rounded value too large to represent");
        return NULL;
    }
    return PyFloat_FromDouble(copysign(value, x));
}

KR_METHOD(float, "__round__(self, ndigits=None, /)",
          "Return the Integral closest to x, rounding half toward even.\n\n"
          "When an argument is passed, work like built-in round(x, ndigits).")
static PyObject *
float_round(PyFloatObject *self, PyObject *ndigits)
{
    double x = self->ob_fval;
    if (ndigits == Py_None) {
        // nearbyint rounds half to even.
        return PyLong_FromDouble(nearbyint(x));
    }
    Py_ssize_t places = PyNumber_AsSsize_t(ndigits, NULL);
    if (places == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return isfinite(x) ? kr_float_round(x, places) : PyFloat_FromDouble(x);
}

KR_METHOD(float, "is_integer(self, /)", "Return True if the float is an integer.")
static PyObject *
float_is_integer(PyFloatObject *self)
{
    double x = self->ob_fval;
    return PyBool_FromLong(isfinite(x) && floor(x) == x);
}

KR_METHOD(float, "as_integer_ratio(self, /)",
          "Return a pair of integers, whose ratio is exactly equal to the original "
          "float.\n\nThe ratio is in lowest terms and has a positive denominator.  Raise\n"
          "OverflowError on infinities and a ValueError on NaNs.\n\n"
          ">>> (10.0).as_integer_ratio()\n(10, 1)\n>>> (0.0).as_integer_ratio()\n(0, 1)\n"
          ">>> (-.25).as_integer_ratio()\n(-1, 4)")
static PyObject *
float_as_integer_ratio(PyFloatObject *self)
{
    double x = self->ob_fval;
    int exponent;
    PyObject *numerator = NULL, *denominator = NULL, *result = NULL;

    if (isinf(x)) {
        PyErr_SetString(PyExc_OverflowError, "cannot convert Infinity to integer ratio");
        return NULL;
    }
    if (isnan(x)) {
        PyErr_SetString(PyExc_ValueError, "cannot convert NaN to integer ratio");
        return NULL;
    }
    int64_t mantissa = (int64_t)ldexp(frexp(x, &exponent), DBL_MANT_DIG);
    exponent -= DBL_MANT_DIG;
    if (mantissa == 0) {
        exponent = 0;
    }
    else {
        int zeros = __builtin_ctzll((unsigned long long)mantissa);
        mantissa >>= zeros;
        exponent += zeros;
    }
    PyObject *odd = kr_int_from_i64(mantissa);
    if (odd == NULL) {
        return NULL;
    }
    PyLongObject *one = (PyLongObject *)kr_int_small_nofail(1);
    numerator = kr_long_shift_left((PyLongObject *)odd, exponent > 0 ? exponent : 0);
    denominator = kr_long_shift_left(one, exponent < 0 ? -exponent : 0);
    if (numerator != NULL && denominator != NULL) {
        result = PyTuple_Pack(2, numerator, denominator);
    }
    Py_DECREF(odd);
    Py_XDECREF(numerator);
    Py_XDECREF(denominator);
    return result;
}

KR_METHOD(float, "__getnewargs__(self, /)", "")
static PyObject *
float_getnewargs(PyFloatObject *self)
{
    return Py_BuildValue("(d)", self->ob_fval);
}

KR_METHOD(float, "__getformat__(cls, typestr: str, /)",
          "You probably don't want to use this function.\n\n  typestr\n"
          "    Must be 'double' or 'float'.\n\n"
          "It exists mainly to be used in Python's test suite.\n\n"
          "This function returns whichever of 'unknown', 'IEEE, big-endian' or 'IEEE,\n"
          "little-endian' best describes the format of floating-point numbers used by\n"
          "the C type named by typestr.")
static PyObject *
float_getformat(PyObject *cls, const char *typestr)
{
    if (strcmp(typestr, "double") != 0 && strcmp(typestr, "float") != 0) {
        PyErr_SetString(PyExc_ValueError,
                        "__getformat__() argument 1 must be 'double' or 'float'");
        return NULL;
    }
    return PyUnicode_FromString(PY_LITTLE_ENDIAN ? "IEEE, little-endian"
                                                 : "IEEE, big-endian");
}

KR_METHOD(float, "__format__(self, format_spec: str, /)",
          "Formats the float according to format_spec.")
static PyObject *
float_format(PyFloatObject *self, PyObject *format_spec)
{
    return kr_float_format((PyObject *)self, format_spec);
}

KR_GETTER(float, "real", "the real part of a complex number")
static PyObject *
float_get_real(PyFloatObject *self)
{
    return float_float((PyObject *)self);
}

KR_GETTER(float, "imag", "the imaginary part of a complex number")
static PyObject *
float_get_imag(PyFloatObject *self)
{
    return PyFloat_FromDouble(0.0);
}

// --- sys.float_info ---------------------------------------------------------------------

static PyStructSequence_Field float_info_fields[] = {
    {"max", "DBL_MAX -- maximum representable finite float"},
    {"max_exp", "DBL_MAX_EXP -- maximum int e such that radix**(e-1) is representable"},
    {"max_10_exp", "DBL_MAX_10_EXP -- maximum int e such that 10**e is representable"},
    {"min", "DBL_MIN -- Minimum positive normalized float"},
    {"min_exp",
     "DBL_MIN_EXP -- minimum int e such that radix**(e-1) is a normalized float"},
    {"min_10_exp",
     "DBL_MIN_10_EXP -- minimum int e such that 10**e is a normalized float"},
    {"dig", "DBL_DIG -- maximum number of decimal digits that can be faithfully "
            "represented in a float"},
    {"mant_dig", "DBL_MANT_DIG -- mantissa digits"},
    {"epsilon", "DBL_EPSILON -- Difference between 1 and the next representable float"},
    {"radix", "FLT_RADIX -- radix of exponent"},
    {"rounds", "FLT_ROUNDS -- rounding mode used for arithmetic operations"},
    {NULL, NULL},
};

static PyStructSequence_Desc float_info_desc = {
    .name = "sys.float_info",
    .doc = "sys.float_info\n\nA named tuple holding information about the float type. It "
           "contains low level\ninformation about the precision and internal "
           "representation. Please study\nyour system's :file:`float.h` for more "
           "information.",
    .fields = float_info_fields,
    .n_in_sequence = 11,
};

PyObject *
PyFloat_GetInfo(void)
{
    KrErrorsState *state = &kr_interp()->errors;
    if (state->float_info == NULL) {
        state->float_info = PyStructSequence_NewType(&float_info_desc);
        if (state->float_info == NULL) {
            return NULL;
        }
    }
    PyObject *info = PyStructSequence_New(state->float_info);
    if (info == NULL) {
        return NULL;
    }
    PyObject *values[11] = {
        PyFloat_FromDouble(DBL_MAX),     PyLong_FromLong(DBL_MAX_EXP),
        PyLong_FromLong(DBL_MAX_10_EXP), PyFloat_FromDouble(DBL_MIN),
        PyLong_FromLong(DBL_MIN_EXP),    PyLong_FromLong(DBL_MIN_10_EXP),
        PyLong_FromLong(DBL_DIG),        PyLong_FromLong(DBL_MANT_DIG),
        PyFloat_FromDouble(DBL_EPSILON), PyLong_FromLong(FLT_RADIX),
        PyLong_FromLong(FLT_ROUNDS),
    };
    for (int i = 0; i < 11; i++) {
        PyStructSequence_SetItem(info, i, values[i]);
    }
    if (PyErr_Occurred()) {
        Py_CLEAR(info);
    }
    return info;
}

double
PyFloat_GetMax(void)
{
    return DBL_MAX;
}

double
PyFloat_GetMin(void)
{
    return DBL_MIN;
}

// --- The type ------------------------------------------------------------------------------

KR_TYPE(float)
#include "objects/float/float.methods.h"

static PyNumberMethods float_as_number = {
    .nb_add = float_add,
    .nb_subtract = float_sub,
    .nb_multiply = float_mul,
    .nb_remainder = float_mod,
    .nb_divmod = float_divmod,
    .nb_power = float_pow,
    .nb_negative = float_neg,
    .nb_positive = float_float,
    .nb_absolute = float_abs,
    .nb_bool = float_bool,
    .nb_int = float_int,
    .nb_float = float_float,
    .nb_floor_divide = float_floordiv,
    .nb_true_divide = float_truediv,
};

PyTypeObject PyFloat_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "float",
    .tp_basicsize = sizeof(PyFloatObject),
    .tp_dealloc = float_dealloc,
    .tp_repr = float_repr,
    .tp_as_number = &float_as_number,
    .tp_hash = float_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = float_doc,
    .tp_richcompare = float_richcompare,
    .tp_methods = float_methods,
    .tp_getset = float_getset,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = float_new,
    .tp_free = PyObject_Free,
    .tp_vectorcall = float_vectorcall,
};
