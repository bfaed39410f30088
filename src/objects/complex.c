// SPDX-License-Identifier: MIT
// complex.c - the type complex.
//
// Mixed operations with real numbers do not convert these to complex: C's Annex G
// explains what would go wrong with infinities and signed zeros.
#include "objects/complex.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/float/float.h"
#include "objects/ids.h"
#include "objects/int/int.h"
#include "objects/str/str.h"

static inline Py_complex
value_of(PyObject *op)
{
    return ((PyComplexObject *)op)->cval;
}

// --- Arithmetic -------------------------------------------------------------------

Py_complex
_Py_c_sum(Py_complex a, Py_complex b)
{
    return (Py_complex){a.real + b.real, a.imag + b.imag};
}

Py_complex
_Py_c_diff(Py_complex a, Py_complex b)
{
    return (Py_complex){a.real - b.real, a.imag - b.imag};
}

Py_complex
_Py_c_neg(Py_complex a)
{
    return (Py_complex){-a.real, -a.imag};
}

// An infinite part becomes 1, others 0, with their signs.
static inline double
unit(double x)
{
    return copysign(isinf(x) ? 1.0 : 0.0, x);
}

static inline double
no_nan(double x)
{
    return isnan(x) ? copysign(0.0, x) : x;
}

Py_complex
_Py_c_prod(Py_complex z, Py_complex w)
{
    double a = z.real, b = z.imag, c = w.real, d = w.imag;
    double ac = a * c, bd = b * d, ad = a * d, bc = b * c;
    Py_complex r = {ac - bd, ad + bc};
    if (!isnan(r.real) || !isnan(r.imag)) {
        return r;
    }
    // A product with an infinite factor is infinite, whatever the other part is.
    bool again = false;
    if (isinf(a) || isinf(b)) {
        a = unit(a);
        b = unit(b);
        c = no_nan(c);
        d = no_nan(d);
        again = true;
    }
    if (isinf(c) || isinf(d)) {
        c = unit(c);
        d = unit(d);
        a = no_nan(a);
        b = no_nan(b);
        again = true;
    }
    if (!again && (isinf(ac) || isinf(bd) || isinf(ad) || isinf(bc))) {
        a = no_nan(a);
        b = no_nan(b);
        c = no_nan(c);
        d = no_nan(d);
        again = true;
    }
    if (again) {
        r.real = Py_INFINITY * (a * c - b * d);
        r.imag = Py_INFINITY * (a * d + b * c);
    }
    return r;
}

// Smith's method: scaling by the larger part of b keeps the parts in range.
Py_complex
_Py_c_quot(Py_complex a, Py_complex b)
{
    Py_complex r;
    double re = fabs(b.real), im = fabs(b.imag);
    if (re >= im) {
        if (re == 0.0) {
            errno = EDOM;
            return (Py_complex){0.0, 0.0};
        }
        double ratio = b.imag / b.real, denom = b.real + b.imag * ratio;
        r.real = (a.real + a.imag * ratio) / denom;
        r.imag = (a.imag - a.real * ratio) / denom;
    }
    else if (im >= re) {
        double ratio = b.real / b.imag, denom = b.real * ratio + b.imag;
        r.real = (a.real * ratio + a.imag) / denom;
        r.imag = (a.imag * ratio - a.real) / denom;
    }
    else {
        r.real = r.imag = Py_NAN;
    }
    if (isnan(r.real) && isnan(r.imag)) {
        if ((isinf(a.real) || isinf(a.imag)) && isfinite(b.real) && isfinite(b.imag)) {
            double x = unit(a.real), y = unit(a.imag);
            r.real = Py_INFINITY * (x * b.real + y * b.imag);
            r.imag = Py_INFINITY * (y * b.real - x * b.imag);
        }
        else if ((isinf(re) || isinf(im)) && isfinite(a.real) && isfinite(a.imag)) {
            double x = unit(b.real), y = unit(b.imag);
            r.real = 0.0 * (a.real * x + a.imag * y);
            r.imag = 0.0 * (a.imag * x - a.real * y);
        }
    }
    return r;
}

Py_complex
kr_complex_quot_real(double a, Py_complex b)
{
    Py_complex r;
    double re = fabs(b.real), im = fabs(b.imag);
    if (re >= im) {
        if (re == 0.0) {
            errno = EDOM;
            return (Py_complex){0.0, 0.0};
        }
        double ratio = b.imag / b.real, denom = b.real + b.imag * ratio;
        r.real = a / denom;
        r.imag = (-a * ratio) / denom;
    }
    else if (im >= re) {
        double ratio = b.real / b.imag, denom = b.real * ratio + b.imag;
        r.real = (a * ratio) / denom;
        r.imag = (-a) / denom;
    }
    else {
        r.real = r.imag = Py_NAN;
    }
    if (isnan(r.real) && isnan(r.imag) && isfinite(a) && (isinf(re) || isinf(im))) {
        double x = unit(b.real), y = unit(b.imag);
        r.real = 0.0 * (a * x);
        r.imag = 0.0 * (-a * y);
    }
    return r;
}

Py_complex
_Py_c_pow(Py_complex a, Py_complex b)
{
    Py_complex r = {0.0, 0.0};
    if (b.real == 0.0 && b.imag == 0.0) {
        r.real = 1.0;
        return r;
    }
    if (a.real == 0.0 && a.imag == 0.0) {
        if (b.imag != 0.0 || b.real < 0.0) {
            errno = EDOM;
        }
        return r;
    }
    double size = hypot(a.real, a.imag);
    double length = pow(size, b.real);
    double angle = atan2(a.imag, a.real), phase = angle * b.real;
    if (b.imag != 0.0) {
        length *= exp(-angle * b.imag);
        phase += b.imag * log(size);
    }
    r.real = length * cos(phase);
    r.imag = length * sin(phase);
    // What the library said of underflow does not count.
    errno = isinf(r.real) || isinf(r.imag) ? ERANGE : 0;
    return r;
}

double
_Py_c_abs(Py_complex z)
{
    double result = hypot(z.real, z.imag);
    bool overflow = isinf(result) && isfinite(z.real) && isfinite(z.imag);
    errno = overflow ? ERANGE : 0;
    return result;
}

// z ** n for a whole n, by squaring.
static Py_complex
whole_power(Py_complex z, long n)
{
    const Py_complex one = {1.0, 0.0};
    Py_complex r = one, square = z;
    unsigned long rest = n < 0 ? -(unsigned long)n : (unsigned long)n;
    while (rest != 0) {
        if (rest & 1) {
            r = _Py_c_prod(r, square);
        }
        rest >>= 1;
        if (rest != 0) {
            square = _Py_c_prod(square, square);
        }
    }
    return n < 0 ? _Py_c_quot(one, r) : r;
}

// --- Making and reading -------------------------------------------------------------

PyObject *
PyComplex_FromCComplex(Py_complex value)
{
    PyComplexObject *self = kr_object_alloc(sizeof(PyComplexObject), false, false);
    if (self == NULL) {
        return PyErr_NoMemory();
    }
    kr_object_start(self, &PyComplex_Type);
    self->cval = value;
    return (PyObject *)self;
}

PyObject *
PyComplex_FromDoubles(double real, double imag)
{
    return PyComplex_FromCComplex((Py_complex){real, imag});
}

static PyObject *
complex_for_type(PyTypeObject *cls, Py_complex value)
{
    if (cls == &PyComplex_Type) {
        return PyComplex_FromCComplex(value);
    }
    PyObject *self = cls->tp_alloc(cls, 0);
    if (self != NULL) {
        ((PyComplexObject *)self)->cval = value;
    }
    return self;
}

// type(op).__complex__(op): 1 with a complex or a subclass in *out (new reference),
// 0 if there is no such method, -1 error.
static int
call_complex(PyObject *op, PyObject **out)
{
    *out = NULL;
    if (PyComplex_CheckExact(op)) {
        *out = Py_NewRef(op);
        return 1;
    }
    PyObject *method = _PyObject_LookupSpecial(op, KR_ID(__complex__));
    if (method == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    PyObject *result = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (result == NULL || PyComplex_CheckExact(result)) {
        *out = result;
        return result == NULL ? -1 : 1;
    }
    if (!PyComplex_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__complex__ returned non-complex (type %.200s)",
                     Py_TYPE(result)->tp_name);
        Py_DECREF(result);
        return -1;
    }
    if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                         "__complex__ returned non-complex (type %.200s).  The ability to "
                         "return an instance of a strict subclass of complex is "
                         "deprecated, and may be removed in a future version of Python.",
                         Py_TYPE(result)->tp_name) < 0) {
        Py_DECREF(result);
        return -1;
    }
    *out = result;
    return 1;
}

int
kr_complex_from_object(PyObject *op, Py_complex *out)
{
    PyObject *converted;
    if (PyComplex_Check(op)) {
        *out = value_of(op);
        return 0;
    }
    int status = call_complex(op, &converted);
    if (status != 0) {
        if (status > 0) {
            *out = value_of(converted);
            Py_DECREF(converted);
        }
        return status < 0 ? -1 : 0;
    }
    out->imag = 0.0;
    out->real = PyFloat_AsDouble(op);
    return out->real == -1.0 && PyErr_Occurred() ? -1 : 0;
}

Py_complex
PyComplex_AsCComplex(PyObject *op)
{
    Py_complex value;
    if (kr_complex_from_object(op, &value) < 0) {
        value = (Py_complex){-1.0, 0.0};
    }
    return value;
}

double
PyComplex_RealAsDouble(PyObject *op)
{
    return PyComplex_AsCComplex(op).real;
}

double
PyComplex_ImagAsDouble(PyObject *op)
{
    Py_complex value;
    if (PyComplex_Check(op)) {
        return value_of(op).imag;
    }
    PyObject *converted;
    int status = call_complex(op, &converted);
    if (status <= 0) {
        return status < 0 ? -1.0 : 0.0;
    }
    value = value_of(converted);
    Py_DECREF(converted);
    return value.imag;
}

// --- From text -----------------------------------------------------------------------

static inline bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// A float at *p (moved behind it): whether there is one.
static bool
take_float(const char **p, const char *end, double *out)
{
    size_t used;
    *out = kr_double_parse(*p, (size_t)(end - *p), &used);
    *p += used;
    return used > 0;
}

// [white] [(] [white] number [white] [)] [white], number being "x", "yj" or "x+yj".
static bool
parse_text(const char *p, const char *end, Py_complex *out)
{
    double x = 0.0, y = 0.0, first;
    bool bracket = false;

    while (p < end && is_space(*p)) {
        p++;
    }
    if (p < end && *p == '(') {
        bracket = true;
        p++;
        while (p < end && is_space(*p)) {
            p++;
        }
    }
    if (take_float(&p, end, &first)) {
        if (p < end && (*p == '+' || *p == '-')) {
            x = first;
            if (!take_float(&p, end, &y)) {
                // "x+j"
                y = *p == '+' ? 1.0 : -1.0;
                p++;
            }
            if (p == end || (*p | 0x20) != 'j') {
                return false;
            }
            p++;
        }
        else if (p < end && (*p | 0x20) == 'j') {
            y = first;
            p++;
        }
        else {
            x = first;
        }
    }
    else {
        // "j", "+j", "-j"
        y = 1.0;
        if (p < end && (*p == '+' || *p == '-')) {
            y = *p++ == '+' ? 1.0 : -1.0;
        }
        if (p == end || (*p | 0x20) != 'j') {
            return false;
        }
        p++;
    }
    while (p < end && is_space(*p)) {
        p++;
    }
    if (bracket) {
        if (p == end || *p != ')') {
            return false;
        }
        p++;
        while (p < end && is_space(*p)) {
            p++;
        }
    }
    *out = (Py_complex){x, y};
    return p == end;
}

static PyObject *
complex_from_text(PyTypeObject *cls, PyObject *text)
{
    PyObject *ascii = _PyUnicode_TransformDecimalAndSpaceToASCII(text), *result = NULL;
    char *copy = NULL;
    Py_ssize_t length;
    Py_complex value;

    if (ascii == NULL) {
        return NULL;
    }
    const char *chars = PyUnicode_AsUTF8AndSize(ascii, &length);
    if (chars == NULL) {
        goto done;
    }
    size_t size = (size_t)length;
    if (memchr(chars, '_', size) != NULL) {
        copy = PyMem_Malloc(size + 1);
        if (copy == NULL) {
            PyErr_NoMemory();
            goto done;
        }
        if (kr_strip_underscores(chars, size, copy, &size) < 0) {
            PyErr_Format(PyExc_ValueError, "could not convert string to complex: %R",
                         text);
            goto done;
        }
        chars = copy;
    }
    if (parse_text(chars, chars + size, &value)) {
        result = complex_for_type(cls, value);
    }
    else {
        PyErr_SetString(PyExc_ValueError, "complex() arg is a malformed string");
    }
done:
    PyMem_Free(copy);
    Py_DECREF(ascii);
    return result;
}

// --- complex() ----------------------------------------------------------------------------

static bool
is_real_number(PyObject *op)
{
    PyNumberMethods *suite = Py_TYPE(op)->tp_as_number;
    return suite != NULL && (suite->nb_float != NULL || suite->nb_index != NULL);
}

static PyObject *
complex_from_one(PyTypeObject *cls, PyObject *arg)
{
    PyObject *converted;
    if (PyComplex_CheckExact(arg) && cls == &PyComplex_Type) {
        return Py_NewRef(arg);
    }
    if (PyUnicode_Check(arg)) {
        return complex_from_text(cls, arg);
    }
    int status = call_complex(arg, &converted);
    if (status < 0) {
        return NULL;
    }
    if (status > 0) {
        Py_complex value = value_of(converted);
        Py_DECREF(converted);
        return complex_for_type(cls, value);
    }
    if (PyComplex_Check(arg)) {
        return complex_for_type(cls, value_of(arg));
    }
    if (is_real_number(arg)) {
        double real = PyFloat_AsDouble(arg);
        if (real == -1.0 && PyErr_Occurred()) {
            return NULL;
        }
        return complex_for_type(cls, (Py_complex){real, 0.0});
    }
    return PyErr_Format(PyExc_TypeError,
                        "complex() argument must be a string or a number, not %T", arg);
}

// One of two parts. A complex number is still taken, with a warning, and moves
// parts over to the other.
static int
complex_part(PyObject *arg, const char *name, bool special, Py_complex *out,
             bool *is_complex_out)
{
    PyObject *converted = NULL;
    *is_complex_out = false;
    if (special) {
        int status = call_complex(arg, &converted);
        if (status < 0) {
            return -1;
        }
    }
    PyObject *value = converted != NULL ? converted : arg;
    if (PyComplex_Check(value)) {
        *out = value_of(value);
        Py_XDECREF(converted);
        *is_complex_out = true;
        return PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                                "complex() argument '%s' must be a real number, not %T",
                                name, arg);
    }
    if (!is_real_number(arg)) {
        PyErr_Format(PyExc_TypeError,
                     "complex() argument '%s' must be a real number, not %T", name, arg);
        return -1;
    }
    out->real = PyFloat_AsDouble(arg);
    out->imag = 0.0;
    return out->real == -1.0 && PyErr_Occurred() ? -1 : 0;
}

static PyObject *
complex_from_parts(PyTypeObject *cls, PyObject *real, PyObject *imag)
{
    Py_complex re = {0.0, 0.0}, im = {0.0, 0.0};
    bool re_complex = false, im_complex = false;
    // The imaginary part's type is checked before the real part is converted.
    if (real != NULL && !PyComplex_Check(real) && PyUnicode_Check(real)) {
        return PyErr_Format(PyExc_TypeError,
                            "complex() argument 'real' must be a real number, not %T",
                            real);
    }
    if (real != NULL && complex_part(real, "real", true, &re, &re_complex) < 0) {
        return NULL;
    }
    if (imag != NULL && complex_part(imag, "imag", false, &im, &im_complex) < 0) {
        return NULL;
    }
    if (im_complex) {
        re.real -= im.imag;
    }
    if (re_complex && imag != NULL) {
        im.real += re.imag;
    }
    else if (re_complex) {
        im.real = re.imag;
    }
    return complex_for_type(cls, (Py_complex){re.real, im.real});
}

KR_NEW(complex, "complex(real=0, imag=0)",
       "Create a complex number from a string or numbers.\n\n"
       "If a string is given, parse it as a complex number.\n"
       "If a single number is given, convert it to a complex number.\n"
       "If the 'real' or 'imag' arguments are given, create a complex number\n"
       "with the specified real and imaginary components.")
static PyObject *
complex_new_impl(PyTypeObject *cls, PyObject *real, PyObject *imag)
{
    return complex_from_parts(cls, real, imag);
}

// --- Slots -------------------------------------------------------------------------------------

// A complex number, or a real one whose imaginary part does not exist.
typedef struct {
    Py_complex value;
    bool is_real;
} Operand;

static int
read_operand(PyObject *op, Operand *out)
{
    if (PyComplex_Check(op)) {
        out->value = value_of(op);
        out->is_real = false;
        return 1;
    }
    out->is_real = true;
    out->value.imag = 0.0;
    return kr_real_as_double(op, &out->value.real);
}

#define OPERANDS(a, b, x, y)                                                  \
    Operand x, y;                                                             \
    do {                                                                      \
        int kr_status_ = read_operand((a), &x);                               \
        if (kr_status_ > 0) {                                                 \
            kr_status_ = read_operand((b), &y);                               \
        }                                                                     \
        if (kr_status_ <= 0) {                                                \
            return kr_status_ < 0 ? NULL : Py_NotImplemented;                 \
        }                                                                     \
    } while (0)

static PyObject *
complex_add(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    Py_complex r = {x.value.real + y.value.real, x.value.imag + y.value.imag};
    if (x.is_real) {
        r.imag = y.value.imag;
    }
    else if (y.is_real) {
        r.imag = x.value.imag;
    }
    return PyComplex_FromCComplex(r);
}

static PyObject *
complex_sub(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    Py_complex r = {x.value.real - y.value.real, x.value.imag - y.value.imag};
    if (x.is_real) {
        r.imag = -y.value.imag;
    }
    else if (y.is_real) {
        r.imag = x.value.imag;
    }
    return PyComplex_FromCComplex(r);
}

static PyObject *
complex_mul(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    if (x.is_real) {
        return PyComplex_FromDoubles(x.value.real * y.value.real,
                                     x.value.real * y.value.imag);
    }
    if (y.is_real) {
        return PyComplex_FromDoubles(x.value.real * y.value.real,
                                     x.value.imag * y.value.real);
    }
    return PyComplex_FromCComplex(_Py_c_prod(x.value, y.value));
}

static PyObject *
complex_div(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    Py_complex r;
    errno = 0;
    if (y.is_real) {
        if (y.value.real == 0.0) {
            errno = EDOM;
        }
        r = (Py_complex){x.value.real / y.value.real, x.value.imag / y.value.real};
    }
    else if (x.is_real) {
        r = kr_complex_quot_real(x.value.real, y.value);
    }
    else {
        r = _Py_c_quot(x.value, y.value);
    }
    if (errno == EDOM) {
        PyErr_SetString(PyExc_ZeroDivisionError, "division by zero");
        return NULL;
    }
    return PyComplex_FromCComplex(r);
}

static PyObject *
complex_pow(PyObject *a, PyObject *b, PyObject *mod)
{
    OPERANDS(a, b, x, y);
    Py_complex r, e = y.value;
    if (mod != Py_None) {
        PyErr_SetString(PyExc_ValueError, "complex modulo");
        return NULL;
    }
    errno = 0;
    if (e.imag == 0.0 && e.real == floor(e.real) && fabs(e.real) <= 100.0) {
        r = whole_power(x.value, (long)e.real);
        if (isinf(r.real) || isinf(r.imag)) {
            errno = errno == 0 ? ERANGE : errno;
        }
    }
    else {
        r = _Py_c_pow(x.value, e);
    }
    if (errno == EDOM) {
        PyErr_SetString(PyExc_ZeroDivisionError, "zero to a negative or complex power");
        return NULL;
    }
    if (errno == ERANGE) {
        PyErr_SetString(PyExc_OverflowError, "complex exponentiation");
        return NULL;
    }
    return PyComplex_FromCComplex(r);
}

static PyObject *
complex_neg(PyObject *self)
{
    return PyComplex_FromCComplex(_Py_c_neg(value_of(self)));
}

static PyObject *
complex_pos(PyObject *self)
{
    return PyComplex_CheckExact(self) ? Py_NewRef(self)
                                      : PyComplex_FromCComplex(value_of(self));
}

static PyObject *
complex_abs(PyObject *self)
{
    double result = _Py_c_abs(value_of(self));
    if (errno == ERANGE) {
        PyErr_SetString(PyExc_OverflowError, "absolute value too large");
        return NULL;
    }
    return PyFloat_FromDouble(result);
}

static int
complex_bool(PyObject *self)
{
    return value_of(self).real != 0.0 || value_of(self).imag != 0.0;
}

static Py_hash_t
complex_hash(PyObject *self)
{
    Py_uhash_t real = (Py_uhash_t)_Py_HashDouble(self, value_of(self).real);
    Py_uhash_t imag = (Py_uhash_t)_Py_HashDouble(self, value_of(self).imag);
    Py_hash_t hash = (Py_hash_t)(real + PyHASH_IMAG * imag);
    return hash == -1 ? -2 : hash;
}

static PyObject *
complex_richcompare(PyObject *a, PyObject *b, int op)
{
    Py_complex x = value_of(a);
    bool equal;
    if (op != Py_EQ && op != Py_NE) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (PyLong_Check(b)) {
        equal = x.imag == 0.0 && !isnan(x.real) &&
                kr_long_compare_double((PyLongObject *)b, x.real) == 0;
    }
    else if (PyFloat_Check(b)) {
        equal = x.imag == 0.0 && x.real == PyFloat_AS_DOUBLE(b);
    }
    else if (PyComplex_Check(b)) {
        equal = x.real == value_of(b).real && x.imag == value_of(b).imag;
    }
    else {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyBool_FromLong(equal == (op == Py_EQ));
}

static PyObject *
complex_repr(PyObject *self)
{
    Py_complex z = value_of(self);
    char text[2 * KR_DOUBLE_REPR_MAX + 8], part[KR_DOUBLE_REPR_MAX], *p = text;
    int size;
    bool whole = !(z.real == 0.0 && !signbit(z.real));
    if (whole) {
        *p++ = '(';
        size = kr_double_repr(z.real, false, part);
        memcpy(p, part, (size_t)size);
        p += size;
    }
    size = kr_double_repr(z.imag, false, part);
    if (whole && part[0] != '-') {
        *p++ = '+';
    }
    memcpy(p, part, (size_t)size);
    p += size;
    *p++ = 'j';
    if (whole) {
        *p++ = ')';
    }
    return PyUnicode_FromStringAndSize(text, p - text);
}

static void
complex_dealloc(PyObject *self)
{
    if (PyComplex_CheckExact(self)) {
        kr_object_free_plain(self);
        return;
    }
    Py_TYPE(self)->tp_free(self);
}

// --- Methods ------------------------------------------------------------------------------------

KR_METHOD(complex, "conjugate(self, /)",
          "Return the complex conjugate of its argument. (3-4j).conjugate() == 3+4j.")
static PyObject *
complex_conjugate(PyComplexObject *self)
{
    return PyComplex_FromDoubles(self->cval.real, -self->cval.imag);
}

KR_METHOD(complex, "__complex__(self, /)", "Convert this value to exact type complex.")
static PyObject *
complex_complex(PyComplexObject *self)
{
    return complex_pos((PyObject *)self);
}

KR_METHOD(complex, "__getnewargs__(self, /)", "")
static PyObject *
complex_getnewargs(PyComplexObject *self)
{
    return Py_BuildValue("(dd)", self->cval.real, self->cval.imag);
}

KR_METHOD(complex, "__format__(self, format_spec: str, /)",
          "Convert to a string according to format_spec.")
static PyObject *
complex_format(PyComplexObject *self, PyObject *format_spec)
{
    return kr_complex_format((PyObject *)self, format_spec);
}

KR_METHOD(complex, "from_number(cls, number, /)",
          "Convert number to a complex floating-point number.")
static PyObject *
complex_from_number(PyObject *cls, PyObject *number)
{
    Py_complex value;
    if (PyComplex_CheckExact(number) && cls == (PyObject *)&PyComplex_Type) {
        return Py_NewRef(number);
    }
    if (kr_complex_from_object(number, &value) < 0) {
        return NULL;
    }
    PyObject *result = PyComplex_FromCComplex(value);
    if (result != NULL && cls != (PyObject *)&PyComplex_Type) {
        Py_SETREF(result, PyObject_CallOneArg(cls, result));
    }
    return result;
}

static PyMemberDef complex_members[] = {
    {"real", Py_T_DOUBLE, offsetof(PyComplexObject, cval.real), Py_READONLY,
     "the real part of a complex number"},
    {"imag", Py_T_DOUBLE, offsetof(PyComplexObject, cval.imag), Py_READONLY,
     "the imaginary part of a complex number"},
    {NULL, 0, 0, 0, NULL},
};

KR_TYPE(complex)
#include "objects/complex.methods.h"

// One positional argument is read by other rules than named parts.
static PyObject *
complex_make(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) == 1 && (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0)) {
        return complex_from_one(cls, PyTuple_GET_ITEM(args, 0));
    }
    return complex_new(cls, args, kwargs);
}

static PyObject *
complex_call(PyObject *cls, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (PyVectorcall_NARGS(nargsf) == 1 &&
        (kwnames == NULL || PyTuple_GET_SIZE(kwnames) == 0)) {
        return complex_from_one((PyTypeObject *)cls, args[0]);
    }
    return complex_vectorcall(cls, args, nargsf, kwnames);
}

static PyNumberMethods complex_as_number = {
    .nb_add = complex_add,
    .nb_subtract = complex_sub,
    .nb_multiply = complex_mul,
    .nb_power = complex_pow,
    .nb_negative = complex_neg,
    .nb_positive = complex_pos,
    .nb_absolute = complex_abs,
    .nb_bool = complex_bool,
    .nb_true_divide = complex_div,
};

PyTypeObject PyComplex_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "complex",
    .tp_basicsize = sizeof(PyComplexObject),
    .tp_dealloc = complex_dealloc,
    .tp_repr = complex_repr,
    .tp_as_number = &complex_as_number,
    .tp_hash = complex_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = complex_doc,
    .tp_richcompare = complex_richcompare,
    .tp_methods = complex_methods,
    .tp_members = complex_members,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = complex_make,
    .tp_free = PyObject_Free,
    .tp_vectorcall = complex_call,
};
