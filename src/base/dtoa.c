// SPDX-License-Identifier: MIT
// dtoa.c - doubles to decimal digits and back.
//
// Nearly everything is decided by multiplying with a 128-bit approximation of a
// power of ten (pow10.h) and watching its error; where that is too large to tell,
// the exact decimal expansion of a double, which is finite, settles it.
//
// Shortest digits: R. Giulietti, "The Schubfach way to render doubles" (2021).
// Reading: the idea of M. Eisel and D. Lemire, "Number parsing at a gigabyte per
// second" (2021), with an interval instead of their error analysis.
#include "base/dtoa.h"

#include "base/base.h"

#include <math.h>
#include <string.h>

#include "base/pow10.h"

typedef unsigned __int128 u128;

#define MANTISSA_BITS 53
#define HIDDEN_BIT ((uint64_t)1 << 52)
#define MIN_EXPONENT (-1074) // of the last bit of a subnormal

// floor(log2(10**k)) and floor(log10(2**e)); exact for all exponents here.
static inline int
log2_of_pow10(int k)
{
    return (int)(((int64_t)k * 1741647) >> 19);
}

static inline int
log10_of_pow2(int e)
{
    return (int)(((int64_t)e * 1262611) >> 22);
}

// value = mantissa * 2**exponent, value > 0 and finite.
static void
split(double value, uint64_t *mantissa_out, int *exponent_out)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    int exponent = (int)(bits >> 52) & 0x7ff;
    *mantissa_out = bits & (HIDDEN_BIT - 1);
    if (exponent == 0) {
        *exponent_out = MIN_EXPONENT;
        return;
    }
    *mantissa_out |= HIDDEN_BIT;
    *exponent_out = exponent - 1075;
}

// The powers that the table holds exactly: 5**55 has 128 bits.
static inline bool
pow10_is_exact(int k)
{
    return k >= 0 && k <= 55;
}

// Writes the decimal digits of n without trailing zeros; the point is where the
// last digit of n stands plus `exponent`. Returns their count.
static int
write_digits(uint64_t n, int exponent, char *digits, int *point_out)
{
    char buffer[20];
    int size = 0;
    while (n != 0 && n % 10 == 0) {
        n /= 10;
        exponent++;
    }
    while (n != 0) {
        buffer[size++] = (char)('0' + n % 10);
        n /= 10;
    }
    for (int i = 0; i < size; i++) {
        digits[i] = buffer[size - 1 - i];
    }
    *point_out = size == 0 ? 0 : exponent + size;
    return size;
}

// --- The exact expansion ------------------------------------------------------------

// Large enough for mantissas of 54 bits at both ends of the exponents.
#define BIG_LIMBS 40

// A natural number in 32-bit limbs, least significant first.
typedef struct {
    uint32_t limb[BIG_LIMBS];
    int size;
} Big;

static void
big_from(Big *big, uint64_t mantissa, int shift)
{
    int words = shift / 32, bits = shift % 32;
    memset(big->limb, 0, sizeof(big->limb));
    u128 wide = (u128)mantissa << bits;
    for (int i = 0; i < 4; i++) {
        if (words + i < BIG_LIMBS) {
            big->limb[words + i] = (uint32_t)(wide >> (32 * i));
        }
    }
    big->size = words + 4 < BIG_LIMBS ? words + 4 : BIG_LIMBS;
    while (big->size > 0 && big->limb[big->size - 1] == 0) {
        big->size--;
    }
}

// Divides by 10**9, returns the remainder.
static uint32_t
big_divide(Big *big)
{
    uint64_t rest = 0;
    for (int i = big->size; i-- > 0;) {
        rest = rest << 32 | big->limb[i];
        big->limb[i] = (uint32_t)(rest / 1000000000);
        rest %= 1000000000;
    }
    while (big->size > 0 && big->limb[big->size - 1] == 0) {
        big->size--;
    }
    return (uint32_t)rest;
}

static void
write_nine(char *out, uint32_t n)
{
    for (int i = 9; i-- > 0;) {
        out[i] = (char)('0' + n % 10);
        n /= 10;
    }
}

// All digits of mantissa * 2**exponent (mantissa > 0). Returns their count.
static int
exact_digits(uint64_t mantissa, int exponent, char *digits, int *point_out)
{
    char buffer[9 * 160];
    int start = 9 * 40, size = start;
    Big big;

    // Make the part after the point as short as it goes.
    int zeros = __builtin_ctzll(mantissa);
    mantissa >>= zeros;
    exponent += zeros;

    // The whole part grows from `start` to the left, the fraction to the right.
    if (exponent >= 0) {
        big_from(&big, mantissa, exponent);
    }
    else {
        big_from(&big, exponent > -64 ? mantissa >> -exponent : 0, 0);
    }
    while (big.size > 0) {
        start -= 9;
        write_nine(buffer + start, big_divide(&big));
    }
    int point = size;
    if (exponent < 0) {
        // The fraction as a number of -exponent bits; each step multiplies it by
        // 10**9 and takes what rises above these bits.
        int bits = -exponent, words = (bits + 31) / 32, pad = words * 32 - bits;
        uint64_t fraction = exponent > -64 ? mantissa & (((uint64_t)1 << bits) - 1)
                                           : mantissa;
        big_from(&big, fraction, pad);
        int low = 0;
        while (low < words && size < (int)sizeof(buffer)) {
            uint64_t carry = 0;
            for (int i = low; i < words; i++) {
                carry += (uint64_t)big.limb[i] * 1000000000;
                big.limb[i] = (uint32_t)carry;
                carry >>= 32;
            }
            write_nine(buffer + size, (uint32_t)carry);
            size += 9;
            while (low < words && big.limb[low] == 0) {
                low++;
            }
        }
    }
    while (start < size && buffer[start] == '0') {
        start++;
    }
    while (size > start && buffer[size - 1] == '0') {
        size--;
    }
    memcpy(digits, buffer + start, (size_t)(size - start));
    *point_out = point - start;
    return size - start;
}

// Cuts exact digits to `keep` of them, rounding half to even.
static int
round_digits(char *digits, int size, int keep, int *point)
{
    if (keep >= size) {
        return size;
    }
    if (keep < 0) {
        return 0;
    }
    bool up = digits[keep] > '5';
    if (digits[keep] == '5') {
        up = keep + 1 < size || (keep > 0 && (digits[keep - 1] & 1));
    }
    size = keep;
    if (!up) {
        while (size > 0 && digits[size - 1] == '0') {
            size--;
        }
        return size;
    }
    while (size > 0 && digits[size - 1] == '9') {
        size--;
    }
    if (size == 0) {
        digits[0] = '1';
        ++*point;
        return 1;
    }
    digits[size - 1]++;
    return size;
}

// --- Shortest digits -----------------------------------------------------------------

// floor(g * x / 2**128) with a last bit that tells whether anything was cut off; g
// may be a little too large, so one unit does not count.
static inline uint64_t
scaled_to_odd(uint64_t high, uint64_t low, uint64_t x)
{
    uint64_t carry = (uint64_t)((u128)low * x >> 64);
    u128 product = (u128)high * x + carry;
    return (uint64_t)(product >> 64) | ((uint64_t)product > 1);
}

int
kr_dtoa_shortest(double value, char *digits, int *point_out)
{
    uint64_t c;
    int q;

    *point_out = 0;
    if (value == 0) {
        return 0;
    }
    split(fabs(value), &c, &q);
    // Small whole numbers need no search.
    if (q <= 0 && q > -MANTISSA_BITS && (c & (((uint64_t)1 << -q) - 1)) == 0) {
        return write_digits(c >> -q, 0, digits, point_out);
    }
    // The neighbour below is nearer at a power of two.
    bool uneven = c == HIDDEN_BIT && q > MIN_EXPONENT;
    uint64_t is_odd = c & 1;
    int k = (int)(((int64_t)q * 1262611 - (uneven ? 524031 : 0)) >> 22);
    int h = q + log2_of_pow10(-k) + 1;
    uint64_t high = kr_pow10[-k - KR_POW10_MIN][0], low = kr_pow10[-k - KR_POW10_MIN][1];
    if (!pow10_is_exact(-k)) {
        // The method wants powers that were rounded up.
        low++;
        high += low == 0;
    }
    uint64_t below = scaled_to_odd(high, low, (4 * c - (uneven ? 1 : 2)) << h);
    uint64_t center = scaled_to_odd(high, low, (4 * c) << h);
    uint64_t above = scaled_to_odd(high, low, (4 * c + 2) << h);
    // Quarter units; the ends themselves belong to the interval of an even mantissa.
    below += is_odd;
    above -= is_odd;

    uint64_t s = center / 4;
    if (s >= 10) {
        uint64_t tens = s / 10;
        bool low_inside = below <= 40 * tens;
        bool high_inside = 40 * tens + 40 <= above;
        if (low_inside != high_inside) {
            return write_digits(tens + high_inside, k + 1, digits, point_out);
        }
    }
    bool low_inside = below <= 4 * s;
    bool high_inside = 4 * s + 4 <= above;
    uint64_t n = s + high_inside;
    if (low_inside == high_inside) {
        uint64_t middle = 4 * s + 2;
        n = s + (center > middle || (center == middle && (s & 1)));
    }
    return write_digits(n, k, digits, point_out);
}

// --- Given numbers of digits ---------------------------------------------------------

// Rounds value * 10**k to a whole number below 2**62; false when the approximation
// cannot tell. value is c * 2**q.
static bool
scale_and_round(uint64_t c, int q, int k, uint64_t *out)
{
    if (k < KR_POW10_MIN || k > KR_POW10_MAX) {
        return false;
    }
    int up = __builtin_clzll(c);
    c <<= up;
    uint64_t high = kr_pow10[k - KR_POW10_MIN][0], low = kr_pow10[k - KR_POW10_MIN][1];
    // The product has three words; the true one is less than c larger.
    u128 part = (u128)low * c;
    u128 top = (u128)high * c + (uint64_t)(part >> 64);
    uint64_t bottom = (uint64_t)part;
    int shift = -(q - up + log2_of_pow10(k) - 127);
    bool exact = pow10_is_exact(k);
    // The whole part is what stands above bit `shift`.
    if (shift < 130 || shift > 191) {
        return false;
    }
    int above = shift - 64;
    uint64_t whole = (uint64_t)(top >> above);
    u128 fraction = top & (((u128)1 << above) - 1), half = (u128)1 << (above - 1);
    if (!exact && (fraction == half || fraction == half - 1 ||
                   fraction == ((u128)1 << above) - 1)) {
        return false;
    }
    bool round_up = fraction > half || (fraction == half && (bottom != 0 || (whole & 1)));
    *out = whole + round_up;
    return true;
}

int
kr_dtoa_significant(double value, int count, char *digits, int *point_out)
{
    uint64_t c, n;
    int q;

    *point_out = 0;
    if (value == 0) {
        return 0;
    }
    split(fabs(value), &c, &q);
    if (count <= 17) {
        static const uint64_t limit[18] = {1,
                                           10,
                                           100,
                                           1000,
                                           10000,
                                           100000,
                                           1000000,
                                           10000000,
                                           100000000,
                                           1000000000,
                                           10000000000,
                                           100000000000,
                                           1000000000000,
                                           10000000000000,
                                           100000000000000,
                                           1000000000000000,
                                           10000000000000000,
                                           100000000000000000};
        // The estimate of the highest digit's place may be one too low.
        int place = log10_of_pow2(q + 63 - __builtin_clzll(c));
        for (int tries = 0; tries < 2; tries++) {
            int k = count - 1 - place;
            if (!scale_and_round(c, q, k, &n)) {
                break;
            }
            if (n < limit[count]) {
                if (n >= limit[count - 1]) {
                    return write_digits(n, -k, digits, point_out);
                }
                break;
            }
            place++;
        }
    }
    int size = exact_digits(c, q, digits, point_out);
    return round_digits(digits, size, count, point_out);
}

int
kr_dtoa_fixed(double value, int places, char *digits, int *point_out)
{
    uint64_t c, n;
    int q;

    *point_out = 0;
    if (value == 0) {
        return 0;
    }
    split(fabs(value), &c, &q);
    if (scale_and_round(c, q, places, &n)) {
        return write_digits(n, -places, digits, point_out);
    }
    int size = exact_digits(c, q, digits, point_out);
    int64_t keep = (int64_t)*point_out + places;
    if (keep >= size) {
        return size;
    }
    return round_digits(digits, size, keep < 0 ? -1 : (int)keep, point_out);
}

// --- Reading -----------------------------------------------------------------------------

// A decimal number as written.
typedef struct {
    const char *first; // first digit that is not zero
    const char *last;  // behind the last digit
    int64_t point;     // the number is 0.(digits) * 10**point
    bool has_point;    // a '.' stands among the digits
    uint64_t head;     // the first 19 digits
    int head_digits;
    bool is_cut;       // there are non-zero digits after these
} Decimal;

// product * 2**exponent, a 192-bit number in two parts, as the bits of a double:
// rounded half to even.
static uint64_t
round_to_bits(u128 top, uint64_t bottom, int exponent)
{
    if (top == 0) {
        return 0;
    }
    uint64_t upper = (uint64_t)(top >> 64);
    int length = upper != 0 ? 192 - __builtin_clzll(upper)
                            : 128 - __builtin_clzll((uint64_t)top);
    int e = exponent + length - 1;
    if (e > 1023) {
        return (uint64_t)0x7ff << 52;
    }
    int keep = e >= -1022 ? MANTISSA_BITS : MANTISSA_BITS - (-1022 - e);
    if (keep < 0) {
        return 0;
    }
    int drop = length - keep - 64; // bits of top below the mantissa; may be 128
    uint64_t mantissa = drop >= 128 ? 0 : (uint64_t)(top >> drop);
    u128 rest = drop >= 128 ? top : top & (((u128)1 << drop) - 1);
    u128 half = (u128)1 << (drop - 1);
    if (rest > half || (rest == half && (bottom != 0 || (mantissa & 1)))) {
        mantissa++;
    }
    // A carry out of the mantissa raises the exponent by itself.
    uint64_t biased = e >= -1022 ? (uint64_t)(e + 1022) << 52 : 0;
    return biased + mantissa;
}

// The double nearest to w * 10**k, as bits; w > 0. With is_cut the number lies
// between that and (w + 1) * 10**k. false when the approximation cannot tell; *out
// is then no larger than the true result, and near it.
static bool
approximate(uint64_t w, int k, bool is_cut, uint64_t *out)
{
    int up = __builtin_clzll(w);
    uint64_t high = kr_pow10[k - KR_POW10_MIN][0], low = kr_pow10[k - KR_POW10_MIN][1];
    uint64_t scaled = w << up;
    u128 part = (u128)low * scaled;
    u128 top = (u128)high * scaled + (uint64_t)(part >> 64);
    uint64_t bottom = (uint64_t)part;
    int exponent = log2_of_pow10(k) - 127 - up;
    *out = round_to_bits(top, bottom, exponent);
    if (!is_cut && pow10_is_exact(k)) {
        return true;
    }
    // The upper end: the power's error is below one unit of its last place, that of
    // w is one unit of its own.
    u128 end = top + 2;
    if (is_cut) {
        end += ((u128)high + 1) << up;
    }
    if (end < top) {
        return false;
    }
    return round_to_bits(end, 0, exponent) == *out;
}

static double
from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

// Whether the number as written is above (1), at (0) or below (-1) the middle between
// the double with these bits and the next one.
static int
compare_to_middle(const Decimal *d, uint64_t bits)
{
    char digits[KR_DTOA_MAX_DIGITS];
    uint64_t mantissa = bits & (HIDDEN_BIT - 1);
    int exponent = (int)(bits >> 52), point;
    if (exponent == 0) {
        exponent = 1;
    }
    else {
        mantissa |= HIDDEN_BIT;
    }
    int size = exact_digits(2 * mantissa + 1, exponent - 1076, digits, &point);
    if (d->point != point) {
        return d->point > point ? 1 : -1;
    }
    int i = 0;
    const char *p = d->first;
    for (; p < d->last; p++) {
        if (*p == '.') {
            continue;
        }
        char mine = *p, other = i < size ? digits[i] : '0';
        i++;
        if (mine != other) {
            return mine > other ? 1 : -1;
        }
    }
    return i < size ? -1 : 0;
}

static double
decimal_to_double(const Decimal *d)
{
    static const double exact[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d->head == 0 || d->point < -330) {
        return 0.0;
    }
    if (d->point > 310) {
        return INFINITY;
    }
    int k = (int)d->point - d->head_digits;
    // Both factors are exact, so the result has one rounding only.
    if (!d->is_cut && d->head <= ((uint64_t)1 << 53) && k >= -22 && k <= 22) {
        return k < 0 ? (double)d->head / exact[-k] : (double)d->head * exact[k];
    }
    uint64_t bits;
    if (k < KR_POW10_MIN) {
        // Far below the smallest double.
        return 0.0;
    }
    if (!approximate(d->head, k, d->is_cut, &bits)) {
        if (bits > 0) {
            // Rounding may have gone up from below a middle: start one lower.
            bits--;
        }
        while (bits < (uint64_t)0x7ff << 52) {
            int order = compare_to_middle(d, bits);
            if (order < 0 || (order == 0 && !(bits & 1))) {
                break;
            }
            bits++;
        }
    }
    return from_bits(bits);
}

static inline bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

double
kr_dtoa_parse(const char *text, size_t size, size_t *used_out)
{
    const char *p = text, *end = text + size, *start, *point = NULL;
    bool negative = false, any;
    Decimal d = {0};

    *used_out = 0;
    if (p < end && (*p == '+' || *p == '-')) {
        negative = *p == '-';
        p++;
    }
    start = p;
    while (p < end && *p == '0') {
        p++;
    }
    any = p > start;
    // Zeros after the point move the point only.
    if (p < end && *p == '.') {
        point = p++;
        const char *zeros = p;
        while (p < end && *p == '0') {
            p++;
        }
        any |= p > zeros;
    }
    d.first = p;
    const char *whole_end = NULL;
    int64_t skipped = point != NULL ? p - point - 1 : 0;
    while (p < end) {
        if (is_digit(*p)) {
            if (d.head_digits < 19) {
                d.head = d.head * 10 + (uint64_t)(*p - '0');
                d.head_digits++;
            }
            else if (*p != '0') {
                d.is_cut = true;
            }
            any = true;
        }
        else if (*p == '.' && point == NULL) {
            point = whole_end = p;
        }
        else {
            break;
        }
        p++;
    }
    d.last = p;
    if (!any) {
        return 0.0;
    }
    if (whole_end == NULL) {
        // Either no point, or one before the first digit that is not zero.
        d.point = point != NULL ? -skipped : d.last - d.first;
    }
    else {
        d.point = whole_end - d.first;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        const char *e = p + 1;
        bool minus = false;
        int64_t exponent = 0;
        if (e < end && (*e == '+' || *e == '-')) {
            minus = *e == '-';
            e++;
        }
        if (e < end && is_digit(*e)) {
            for (; e < end && is_digit(*e); e++) {
                if (exponent < INT64_C(1000000000000000)) {
                    exponent = exponent * 10 + (*e - '0');
                }
            }
            p = e;
            d.point += minus ? -exponent : exponent;
        }
    }
    *used_out = (size_t)(p - text);
    double value = decimal_to_double(&d);
    return negative ? -value : value;
}
