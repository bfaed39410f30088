// SPDX-License-Identifier: MIT
// hex.c - float.hex and float.fromhex.
#include "objects/args.h"
#include "objects/float/float.h"

KR_METHOD(float, "hex(self, /)",
          "Return a hexadecimal representation of a floating-point number.\n\n"
          ">>> (-0.1).hex()\n'-0x1.999999999999ap-4'\n>>> 3.14159.hex()\n"
          "'0x1.921f9f01b866ep+1'")
static PyObject *
float_hex(PyFloatObject *self)
{
    char text[40], buffer[KR_DOUBLE_REPR_MAX];
    double x = self->ob_fval;
    if (!isfinite(x)) {
        return PyUnicode_FromStringAndSize(buffer, kr_double_repr(x, false, buffer));
    }
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    int exponent = (int)(bits >> 52) & 0x7ff;
    uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);
    const char *sign = bits >> 63 ? "-" : "";
    if (exponent == 0 && fraction == 0) {
        return PyUnicode_FromFormat("%s0x0.0p+0", sign);
    }
    int n = snprintf(text, sizeof(text), "%s0x%d.%013llxp%+d", sign, exponent != 0,
                     (unsigned long long)fraction, exponent != 0 ? exponent - 1023 : -1022);
    return PyUnicode_FromStringAndSize(text, n);
}

static inline int
hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// Hexadecimal digits read so far: the first 16 that count, and whether any of the
// later ones was not zero. The value is bits * 2**exponent.
typedef struct {
    uint64_t bits;
    int64_t exponent;
    bool more;
    bool any;
} HexNumber;

static void
hex_push(HexNumber *n, int value, bool is_fraction)
{
    n->any = true;
    if (n->bits >> 60 == 0) {
        n->bits = n->bits << 4 | (uint64_t)value;
        n->exponent -= is_fraction ? 4 : 0;
        return;
    }
    n->more |= value != 0;
    n->exponent += is_fraction ? 0 : 4;
}

// The double nearest to the number; false if it is too large.
static bool
hex_round(const HexNumber *n, double *out)
{
    if (n->bits == 0) {
        *out = 0.0;
        return true;
    }
    uint64_t bits = n->bits;
    int up = __builtin_clzll(bits);
    bits <<= up;
    int64_t exponent = n->exponent - up, top = exponent + 63;
    if (top > 1023) {
        return false;
    }
    if (top < -1076) {
        *out = 0.0;
        return true;
    }
    int keep = top >= -1022 ? 53 : (int)(53 + 1022 + top), drop = 64 - keep;
    uint64_t kept = drop >= 64 ? 0 : bits >> drop;
    uint64_t rest = drop >= 64 ? bits : bits & (((uint64_t)1 << drop) - 1);
    // A unit below the half tells that there is more.
    bool up_one;
    if (drop > 64) {
        up_one = false;
    }
    else {
        uint64_t half = (uint64_t)1 << (drop - 1);
        up_one = rest > half || (rest == half && (n->more || (kept & 1)));
    }
    *out = ldexp((double)(kept + up_one), (int)exponent + drop);
    return isfinite(*out);
}

// Reads all of text; 0, or -1 with an exception.
static int
hex_parse(const char *p, const char *end, double *out)
{
    bool negative = false;
    size_t used;
    HexNumber n = {0};

    while (p < end && is_space(*p)) {
        p++;
    }
    while (end > p && is_space(end[-1])) {
        end--;
    }
    const char *start = p;
    if (p < end && (*p == '+' || *p == '-')) {
        negative = *p++ == '-';
    }
    if (p < end && (*p | 0x20) >= 'g') {
        *out = kr_double_parse(start, (size_t)(end - start), &used);
        if (used > 0 && start + used == end) {
            return 0;
        }
        goto malformed;
    }
    if (end - p >= 2 && *p == '0' && (p[1] | 0x20) == 'x') {
        p += 2;
    }
    for (; p < end && hex_value(*p) >= 0; p++) {
        hex_push(&n, hex_value(*p), false);
    }
    if (p < end && *p == '.') {
        for (p++; p < end && hex_value(*p) >= 0; p++) {
            hex_push(&n, hex_value(*p), true);
        }
    }
    if (!n.any) {
        goto malformed;
    }
    if (p < end && (*p | 0x20) == 'p') {
        bool minus = false;
        int64_t exponent = 0;
        p++;
        if (p < end && (*p == '+' || *p == '-')) {
            minus = *p++ == '-';
        }
        if (p == end || *p < '0' || *p > '9') {
            goto malformed;
        }
        for (; p < end && *p >= '0' && *p <= '9'; p++) {
            if (exponent < INT64_C(1000000000000000)) {
                exponent = exponent * 10 + (*p - '0');
            }
        }
        n.exponent += minus ? -exponent : exponent;
    }
    if (p != end) {
        goto malformed;
    }
    if (!hex_round(&n, out)) {
        PyErr_SetString(PyExc_OverflowError,
                        "hexadecimal value too large to represent as a float");
        return -1;
    }
    if (negative) {
        *out = -*out;
    }
    return 0;

malformed:
    PyErr_SetString(PyExc_ValueError, "invalid hexadecimal floating-point string");
    return -1;
}

KR_METHOD(float, "fromhex(cls, string, /)",
          "Create a floating-point number from a hexadecimal string.\n\n"
          ">>> float.fromhex('0x1.ffffp10')\n2047.984375\n"
          ">>> float.fromhex('-0x1p-1074')\n-5e-324")
static PyObject *
float_fromhex(PyObject *cls, PyObject *string)
{
    Py_ssize_t size;
    double value;
    const char *text = PyUnicode_AsUTF8AndSize(string, &size);
    if (text == NULL || hex_parse(text, text + size, &value) < 0) {
        return NULL;
    }
    PyObject *result = PyFloat_FromDouble(value);
    if (result != NULL && cls != (PyObject *)&PyFloat_Type) {
        Py_SETREF(result, PyObject_CallOneArg(cls, result));
    }
    return result;
}

#include "objects/float/hex.methods.h"
