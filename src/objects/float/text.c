// SPDX-License-Identifier: MIT
// text.c - doubles to and from text as Python writes them.
//
// Callers:     float and complex, formatting, marshal, extensions.
// Read next:   base/dtoa.c, which finds the digits.
#include "objects/float/float.h"

#include "base/dtoa.h"

// --- Writing ------------------------------------------------------------------------

// A number taken apart for writing: digits 0.d1d2... * 10**point, zeros beyond.
typedef struct {
    const char *digits;
    int count;
    int point;
    bool negative;
    bool always_sign;
    bool exponent;     // write it with an exponent
    int fraction;      // digits after the decimal point
    bool keep_point;   // even when no digit follows
    bool add_zero;     // ".0" when nothing follows
} Layout;

static char *
write_text(char *out, const char *text)
{
    size_t size = strlen(text);
    memcpy(out, text, size);
    return out + size;
}

// Digits [from, from + n) of the number, zeros outside its digits.
static char *
write_range(char *out, const Layout *l, int from, int n)
{
    for (int i = from; i < from + n; i++) {
        *out++ = i >= 0 && i < l->count ? l->digits[i] : '0';
    }
    return out;
}

static char *
write_layout(char *out, const Layout *l)
{
    int point = l->exponent ? 1 : l->point;
    if (l->negative) {
        *out++ = '-';
    }
    else if (l->always_sign) {
        *out++ = '+';
    }
    if (point <= 0) {
        *out++ = '0';
    }
    else {
        out = write_range(out, l, 0, point);
    }
    if (l->fraction > 0) {
        *out++ = '.';
        out = write_range(out, l, point, l->fraction);
    }
    else if (l->add_zero && !l->exponent) {
        out = write_text(out, ".0");
    }
    else if (l->keep_point) {
        *out++ = '.';
    }
    if (l->exponent) {
        int e = l->count == 0 ? 0 : l->point - 1;
        *out++ = 'e';
        *out++ = e < 0 ? '-' : '+';
        e = e < 0 ? -e : e;
        if (e >= 100) {
            *out++ = (char)('0' + e / 100);
        }
        *out++ = (char)('0' + e / 10 % 10);
        *out++ = (char)('0' + e % 10);
    }
    return out;
}

// Digits that stand after the point when none are added.
static int
own_fraction(const Layout *l)
{
    int rest = l->count - (l->exponent ? 1 : l->point);
    return rest > 0 ? rest : 0;
}

static void
layout_repr(Layout *l)
{
    if (l->count == 0) {
        l->point = 1;
    }
    l->exponent = l->point <= -4 || l->point > 16;
    l->fraction = own_fraction(l);
}

int
kr_double_repr(double value, bool add_dot, char buffer[KR_DOUBLE_REPR_MAX])
{
    char digits[20];
    if (KR_UNLIKELY(!isfinite(value))) {
        const char *text = isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
        return (int)(write_text(buffer, text) - buffer);
    }
    Layout l = {.digits = digits, .negative = signbit(value), .add_zero = add_dot};
    l.count = kr_dtoa_shortest(value, digits, &l.point);
    layout_repr(&l);
    return (int)(write_layout(buffer, &l) - buffer);
}

static char *
special_text(double value, bool upper, bool always_sign, int *type)
{
    char *result = PyMem_Malloc(5), *p = result;
    if (result == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    if (isnan(value)) {
        p = always_sign ? write_text(p, "+") : p;
        p = write_text(p, upper ? "NAN" : "nan");
        *type = Py_DTST_NAN;
    }
    else {
        p = value < 0 ? write_text(p, "-") : always_sign ? write_text(p, "+") : p;
        p = write_text(p, upper ? "INF" : "inf");
        *type = Py_DTST_INFINITE;
    }
    *p = '\0';
    return result;
}

char *
PyOS_double_to_string(double value, char format, int precision, int flags, int *type)
{
    char digits[KR_DTOA_MAX_DIGITS];
    bool upper = format == 'E' || format == 'F' || format == 'G';
    char kind = upper ? (char)(format | 0x20) : format;
    bool alternate = flags & Py_DTSF_ALT;
    int ignored;

    if (type == NULL) {
        type = &ignored;
    }
    if ((kind != 'e' && kind != 'f' && kind != 'g' && kind != 'r') || precision < 0 ||
        (kind == 'r' && precision != 0)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (!isfinite(value)) {
        return special_text(value, upper, flags & Py_DTSF_SIGN, type);
    }
    *type = Py_DTST_FINITE;
    Layout l = {
        .digits = digits,
        .negative = signbit(value),
        .always_sign = flags & Py_DTSF_SIGN,
        .keep_point = alternate,
        .add_zero = flags & Py_DTSF_ADD_DOT_0,
    };
    switch (kind) {
    case 'r':
        l.count = kr_dtoa_shortest(value, digits, &l.point);
        layout_repr(&l);
        break;
    case 'e':
        l.count = kr_dtoa_significant(value, precision == INT_MAX ? precision
                                                                  : precision + 1,
                                      digits, &l.point);
        l.exponent = true;
        l.fraction = precision;
        break;
    case 'f':
        l.count = kr_dtoa_fixed(value, precision, digits, &l.point);
        if (l.count == 0) {
            l.point = 0;
        }
        l.fraction = precision;
        break;
    default:
        precision = precision == 0 ? 1 : precision;
        l.count = kr_dtoa_significant(value, precision, digits, &l.point);
        if (l.count == 0) {
            l.point = 1;
        }
        l.exponent = l.point <= -4 || l.point > precision - (l.add_zero ? 1 : 0);
        l.fraction = alternate ? precision - (l.exponent ? 1 : l.point)
                               : own_fraction(&l);
    }
    if ((flags & Py_DTSF_NO_NEG_0) && l.count == 0) {
        l.negative = false;
    }
    size_t whole = l.exponent || l.point < 1 ? 1 : (size_t)l.point;
    char *result =
        PyMem_Malloc(whole + (l.fraction > 0 ? (size_t)l.fraction : 0) + 16);
    if (result == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    *write_layout(result, &l) = '\0';
    for (char *p = result; upper && *p != '\0'; p++) {
        if (*p == 'e') {
            *p = 'E';
        }
    }
    return result;
}

// --- Reading -------------------------------------------------------------------------

static bool
starts_with(const char *text, size_t size, const char *word)
{
    size_t n = strlen(word);
    if (size < n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if ((text[i] | 0x20) != word[i]) {
            return false;
        }
    }
    return true;
}

double
kr_double_parse(const char *text, size_t size, size_t *used_out)
{
    size_t sign = size > 0 && (*text == '+' || *text == '-') ? 1 : 0;
    double value;
    if (size > sign && (text[sign] == '.' || (text[sign] >= '0' && text[sign] <= '9'))) {
        return kr_dtoa_parse(text, size, used_out);
    }
    *used_out = 0;
    if (starts_with(text + sign, size - sign, "nan")) {
        *used_out = sign + 3;
        value = Py_NAN;
    }
    else if (starts_with(text + sign, size - sign, "inf")) {
        *used_out = sign + (starts_with(text + sign, size - sign, "infinity") ? 8 : 3);
        value = Py_INFINITY;
    }
    else {
        return 0.0;
    }
    return sign && *text == '-' ? -value : value;
}

double
PyOS_string_to_double(const char *text, char **end, PyObject *overflow_exception)
{
    size_t size = strlen(text), used;
    double value = kr_double_parse(text, size, &used);
    if (used == 0) {
        if (end != NULL) {
            *end = (char *)text;
        }
        PyErr_Format(PyExc_ValueError, "could not convert string to float: '%.200s'",
                     text);
        return -1.0;
    }
    if (end == NULL && used != size) {
        PyErr_Format(PyExc_ValueError, "could not convert string to float: '%.200s'",
                     text);
        return -1.0;
    }
    if (overflow_exception != NULL && isinf(value) &&
        (text[used - 1] == '.' || (text[used - 1] >= '0' && text[used - 1] <= '9'))) {
        PyErr_Format(overflow_exception, "value too large to convert to float: '%.200s'",
                     text);
        return -1.0;
    }
    if (end != NULL) {
        *end = (char *)text + used;
    }
    return value;
}

int
kr_strip_underscores(const char *text, size_t size, char *out, size_t *size_out)
{
    char previous = '\0';
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        bool is_digit = c >= '0' && c <= '9';
        bool after_digit = previous >= '0' && previous <= '9';
        if (c == '_') {
            if (!after_digit) {
                return -1;
            }
        }
        else {
            if (previous == '_' && !is_digit) {
                return -1;
            }
            out[n++] = c;
        }
        previous = c;
    }
    if (previous == '_') {
        return -1;
    }
    out[n] = '\0';
    *size_out = n;
    return 0;
}
