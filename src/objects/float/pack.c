// SPDX-License-Identifier: MIT
// pack.c - doubles in the 2, 4 and 8 byte forms of IEEE 754.
//
// The payload of NaNs passes through unchanged where there is room for it.
#include "objects/float/float.h"

static void
store(uint64_t bits, char *p, int n, int little_endian)
{
    for (int i = 0; i < n; i++) {
        p[little_endian ? i : n - 1 - i] = (char)(bits >> (8 * i));
    }
}

static uint64_t
load(const char *p, int n, int little_endian)
{
    uint64_t bits = 0;
    for (int i = 0; i < n; i++) {
        bits |= (uint64_t)(unsigned char)p[little_endian ? i : n - 1 - i] << (8 * i);
    }
    return bits;
}

static uint64_t
bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

static double
double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

// Rounds a positive double to a format with `mantissa` bits and the largest exponent
// `bias`, half to even. Returns its bits without the sign; infinity's on overflow.
static uint64_t
narrow(uint64_t bits, int mantissa, int bias)
{
    int exponent = (int)(bits >> 52) - 1023;
    uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);
    uint64_t infinity = (uint64_t)(2 * bias + 1) << mantissa;
    if (exponent == 1024) {
        if (fraction == 0) {
            return infinity;
        }
        // The upper payload bits; never all zero, which would be an infinity.
        uint64_t payload = fraction >> (52 - mantissa);
        return infinity | (payload != 0 ? payload : 1);
    }
    if (exponent < 1 - bias - mantissa - 1) {
        return 0;
    }
    fraction |= (uint64_t)1 << 52;
    int drop = 52 - mantissa;
    uint64_t base = 0;
    if (exponent < 1 - bias) {
        drop += 1 - bias - exponent;
    }
    else {
        base = (uint64_t)(exponent + bias - 1) << mantissa;
    }
    uint64_t kept = fraction >> drop, rest = fraction & (((uint64_t)1 << drop) - 1);
    uint64_t half = (uint64_t)1 << (drop - 1);
    if (rest > half || (rest == half && (kept & 1))) {
        kept++;
    }
    uint64_t result = base + kept;
    return result > infinity ? infinity : result;
}

static double
widen(uint64_t bits, int mantissa, int bias)
{
    int exponent = (int)(bits >> mantissa) & (2 * bias + 1);
    uint64_t sign = bits >> (mantissa + (bias == 15 ? 5 : 8)) << 63;
    uint64_t fraction = bits & (((uint64_t)1 << mantissa) - 1);
    if (exponent == 2 * bias + 1) {
        return double_of(sign | (uint64_t)0x7ff << 52 | fraction << (52 - mantissa));
    }
    double x = exponent == 0
                   ? ldexp((double)fraction, 1 - bias - mantissa)
                   : ldexp((double)(fraction | (uint64_t)1 << mantissa),
                           exponent - bias - mantissa);
    return sign ? -x : x;
}

static int
pack_narrow(double x, char *p, int little_endian, int n, int mantissa, int bias,
            char format)
{
    uint64_t bits = bits_of(x), sign = bits >> 63;
    uint64_t result = narrow(bits & ~((uint64_t)1 << 63), mantissa, bias);
    if (result == (uint64_t)(2 * bias + 1) << mantissa && !isinf(x)) {
        PyErr_Format(PyExc_OverflowError, "float too large to pack with %c format",
                     format);
        return -1;
    }
    store(result | sign << (8 * n - 1), p, n, little_endian);
    return 0;
}

int
PyFloat_Pack2(double x, char *p, int little_endian)
{
    return pack_narrow(x, p, little_endian, 2, 10, 15, 'e');
}

int
PyFloat_Pack4(double x, char *p, int little_endian)
{
    return pack_narrow(x, p, little_endian, 4, 23, 127, 'f');
}

int
PyFloat_Pack8(double x, char *p, int little_endian)
{
    store(bits_of(x), p, 8, little_endian);
    return 0;
}

double
PyFloat_Unpack2(const char *p, int little_endian)
{
    return widen(load(p, 2, little_endian), 10, 15);
}

double
PyFloat_Unpack4(const char *p, int little_endian)
{
    return widen(load(p, 4, little_endian), 23, 127);
}

double
PyFloat_Unpack8(const char *p, int little_endian)
{
    return double_of(load(p, 8, little_endian));
}
