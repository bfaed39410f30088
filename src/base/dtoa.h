// SPDX-License-Identifier: MIT
// dtoa.h - doubles to decimal digits and back, always correctly rounded.
//
// The digits d1 d2 ... dn with the point p stand for 0.d1d2...dn * 10**p. They have
// neither leading nor trailing zeros; zero has no digits (n == 0).
#ifndef KRAIT_BASE_DTOA_H
#define KRAIT_BASE_DTOA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Enough for the exact value of any double.
#define KR_DTOA_MAX_DIGITS 1100

// The shortest digits that read back as the same double; at most 17. value must be
// finite; its sign is ignored, here and below. Returns n.
int kr_dtoa_shortest(double value, char *digits, int *point_out);

// Rounded half to even to `count` significant digits (at least 1).
int kr_dtoa_significant(double value, int count, char *digits, int *point_out);

// Rounded half to even to `places` digits after the decimal point (before it, if
// negative).
int kr_dtoa_fixed(double value, int places, char *digits, int *point_out);

// Reads [sign] digits [. digits] [e [sign] digits] as far as it goes; there has to be
// a digit before the exponent. *used_out is 0 if there is no number. Numbers out of
// range become infinities and zeros.
double kr_dtoa_parse(const char *text, size_t size, size_t *used_out);

#endif // KRAIT_BASE_DTOA_H
