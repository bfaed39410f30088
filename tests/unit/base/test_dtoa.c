// SPDX-License-Identifier: MIT
// test_dtoa.c - digits of doubles against the C library, which is exact too.
// sources: src/base/dtoa.c
#include "base/dtoa.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
kr_panic(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    exit(1);
}

#define CHECK(cond)                                                           \
    do {                                                                      \
        if (!(cond)) {                                                        \
            fprintf(stderr, "FAILED %d: %s (%.17g)\n", __LINE__, #cond, x);   \
            exit(1);                                                          \
        }                                                                     \
    } while (0)

static uint64_t seed = 88172645463325252u;

static uint64_t
next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static double
any_double(void)
{
    uint64_t bits = next() & ~((uint64_t)1 << 63);
    double x;
    switch (next() % 4) {
    case 0:
        return (double)(next() >> (next() % 64));
    case 1:
        return ldexp((double)(next() >> 11), -(int)(next() % 80));
    case 2:
        return ldexp(1.0, (int)(next() % 2098) - 1074);
    default:
        memcpy(&x, &bits, sizeof(x));
        return isfinite(x) ? x : 1.5;
    }
}

// Splits "%.*e" output into digits without trailing zeros.
static int
expected(const char *text, char *digits, int *point)
{
    int n = 0;
    const char *p = text;
    for (; *p != 'e'; p++) {
        if (*p != '.') {
            digits[n++] = *p;
        }
    }
    *point = atoi(p + 1) + 1;
    while (n > 0 && digits[n - 1] == '0') {
        n--;
    }
    return n;
}

int
main(void)
{
    char digits[KR_DTOA_MAX_DIGITS], text[1500], want[1500];
    size_t used;
    for (int i = 0; i < 200000; i++) {
        double x = any_double();
        int point, want_point;
        if (x == 0) {
            continue;
        }
        int n = kr_dtoa_shortest(x, digits, &point);
        int size = snprintf(text, sizeof(text), ".%.*se%d", n, digits, point);
        CHECK(strtod(text, NULL) == x);
        CHECK(kr_dtoa_parse(text, (size_t)size, &used) == x && used == (size_t)size);
        for (int k = 1; k < n; k++) {
            // No shorter text reads back the same.
            snprintf(text, sizeof(text), "%.*e", k - 1, x);
            CHECK(strtod(text, NULL) != x);
        }
        int count = 1 + (int)(next() % 30);
        n = kr_dtoa_significant(x, count, digits, &point);
        snprintf(text, sizeof(text), "%.*e", count - 1, x);
        int m = expected(text, want, &want_point);
        CHECK(n == m && point == want_point && memcmp(digits, want, (size_t)n) == 0);
        size = (int)strlen(text);
        CHECK(kr_dtoa_parse(text, (size_t)size, &used) == strtod(text, NULL));
        // The exact middle between two doubles.
        double y = nextafter(x, INFINITY);
        if (isfinite(y) && i % 16 == 0 && x > 1e-290 && x < 1e290) {
            long double middle = ((long double)x + (long double)y) / 2;
            size = snprintf(text, sizeof(text), "%.1100Le", middle);
            CHECK(kr_dtoa_parse(text, (size_t)size, &used) == strtod(text, NULL));
            text[1100] = '1';
            CHECK(kr_dtoa_parse(text, (size_t)size, &used) == strtod(text, NULL));
        }
    }
    return 0;
}
