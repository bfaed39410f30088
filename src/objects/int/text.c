// SPDX-License-Identifier: MIT
// text.c - ints to and from text, in any base.
//
// Long decimal texts are converted by GMP, whose algorithms are better than
// quadratic; the limit of digits guards against long texts all the same, because
// programs rely on the error.
#include "objects/int/digits.h"
#include "objects/int/int.h"

#include <gmp.h>

#include "objects/state.h"
#include "objects/str/str.h"

#define DIGITS(op) ((op)->long_value.ob_digit)

// --- The limit of digits -------------------------------------------------------------

int
kr_int_max_str_digits(void)
{
    return kr_interp()->errors.int_max_str_digits;
}

int
kr_int_set_max_str_digits(int digits)
{
    if (digits != 0 && digits < KR_INT_MAX_STR_DIGITS_THRESHOLD) {
        PyErr_Format(PyExc_ValueError, "maxdigits must be >= %d or 0 for unlimited",
                     KR_INT_MAX_STR_DIGITS_THRESHOLD);
        return -1;
    }
    kr_interp()->errors.int_max_str_digits = digits;
    return 0;
}

static KR_COLD PyObject *
too_long_to_text(int limit)
{
    return PyErr_Format(PyExc_ValueError,
                        "Exceeds the limit (%d digits) for integer string conversion; "
                        "use sys.set_int_max_str_digits() to increase the limit",
                        limit);
}

// --- Decimal texts ---------------------------------------------------------------------

// "00" "01" ... "99"
static const char digit_pairs[201] =
    "0001020304050607080910111213141516171819"
    "2021222324252627282930313233343536373839"
    "4041424344454647484950515253545556575859"
    "6061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

char *
kr_int_write_decimal(char *end, int64_t value)
{
    char *p = end;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    while (rest >= 100) {
        p -= 2;
        memcpy(p, &digit_pairs[rest % 100 * 2], 2);
        rest /= 100;
    }
    if (rest >= 10) {
        p -= 2;
        memcpy(p, &digit_pairs[rest * 2], 2);
    }
    else {
        *--p = (char)('0' + rest);
    }
    if (value < 0) {
        *--p = '-';
    }
    return p;
}

static PyObject *
decimal_word(int64_t value)
{
    char buffer[24], *end = buffer + sizeof(buffer);
    char *start = kr_int_write_decimal(end, value);
    return kr_str_from_ascii(start, end - start);
}

PyObject *
kr_long_to_decimal(PyLongObject *a)
{
    int64_t word;
    if (KR_LIKELY(kr_int_to_word(a, &word))) {
        return decimal_word(word);
    }
    int limit = kr_int_max_str_digits();
    int64_t bits = _PyLong_NumBits((PyObject *)a);
    // At least this many digits: log10(2) is a little more than 0.30102.
    int64_t least = (int64_t)((double)(bits - 1) * 0.30102) + 1;
    if (limit > 0 && least > limit && least > KR_INT_MAX_STR_DIGITS_THRESHOLD) {
        return too_long_to_text(limit);
    }
    Py_ssize_t size = kr_int_size(a);
    size_t limbs = kr_dg_limbs(size), room = (size_t)((double)bits * 0.30103) + 3;
    if (!kr_gmp_probe(limbs * 64 + room)) {
        return PyErr_NoMemory();
    }
    uint64_t local[32], *number = local;
    unsigned char local_text[600], *text = local_text;
    PyObject *result = NULL;
    if (limbs > 32 || room > sizeof(local_text)) {
        number = malloc(limbs * sizeof(uint64_t) + room);
        if (number == NULL) {
            return PyErr_NoMemory();
        }
        text = (unsigned char *)(number + limbs);
    }
    kr_dg_to_limbs(number, DIGITS(a), size);
    while (limbs > 1 && number[limbs - 1] == 0) {
        limbs--;
    }
    size_t count = mpn_get_str(text, 10, (mp_ptr)number, (mp_size_t)limbs), skip = 0;
    while (skip + 1 < count && text[skip] == 0) {
        skip++;
    }
    count -= skip;
    if (limit > 0 && count > KR_INT_MAX_STR_DIGITS_THRESHOLD && count > (size_t)limit) {
        too_long_to_text(limit);
        goto done;
    }
    bool negative = kr_int_is_negative(a);
    result = PyUnicode_New((Py_ssize_t)count + negative, 127);
    if (result != NULL) {
        char *out = (char *)PyUnicode_1BYTE_DATA(result);
        if (negative) {
            *out++ = '-';
        }
        for (size_t i = 0; i < count; i++) {
            out[i] = (char)('0' + text[skip + i]);
        }
    }
done:
    if (number != local) {
        free(number);
    }
    return result;
}

// --- Bases that are powers of two ------------------------------------------------------------

PyObject *
kr_long_to_base(PyLongObject *a, int base, bool prefix)
{
    if (base == 10) {
        return kr_long_to_decimal(a);
    }
    int width = base == 16 ? 4 : base == 8 ? 3 : 1;
    char letter = base == 16 ? 'x' : base == 8 ? 'o' : 'b';
    bool negative = kr_int_is_negative(a);
    int64_t bits = _PyLong_NumBits((PyObject *)a);
    int64_t count = bits == 0 ? 1 : (bits + width - 1) / width;
    Py_ssize_t size = count + negative + (prefix ? 2 : 0);
    PyObject *result = PyUnicode_New(size, 127);
    if (result == NULL) {
        return NULL;
    }
    char *out = (char *)PyUnicode_1BYTE_DATA(result), *p = out + size;
    uint64_t pending = 0;
    int have = 0;
    Py_ssize_t used = 0, n = kr_int_size(a);
    for (int64_t i = 0; i < count; i++) {
        if (have < width && used < n) {
            pending |= (uint64_t)DIGITS(a)[used++] << have;
            have += PyLong_SHIFT;
        }
        *--p = "0123456789abcdef"[pending & (uint64_t)(base - 1)];
        pending >>= width;
        have -= width;
    }
    if (prefix) {
        *--p = letter;
        *--p = '0';
    }
    if (negative) {
        *--p = '-';
    }
    KR_ASSERT(p == out);
    return result;
}


// --- From text ------------------------------------------------------------------------------

// 37 for what is no digit in any base.
static inline int
digit_value(char c)
{
    static const uint8_t values[256] = {
        ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
        ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
        ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['g'] = 17, ['h'] = 18,
        ['i'] = 19, ['j'] = 20, ['k'] = 21, ['l'] = 22, ['m'] = 23, ['n'] = 24,
        ['o'] = 25, ['p'] = 26, ['q'] = 27, ['r'] = 28, ['s'] = 29, ['t'] = 30,
        ['u'] = 31, ['v'] = 32, ['w'] = 33, ['x'] = 34, ['y'] = 35, ['z'] = 36,
        ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
        ['G'] = 17, ['H'] = 18, ['I'] = 19, ['J'] = 20, ['K'] = 21, ['L'] = 22,
        ['M'] = 23, ['N'] = 24, ['O'] = 25, ['P'] = 26, ['Q'] = 27, ['R'] = 28,
        ['S'] = 29, ['T'] = 30, ['U'] = 31, ['V'] = 32, ['W'] = 33, ['X'] = 34,
        ['Y'] = 35, ['Z'] = 36,
    };
    int value = values[(unsigned char)c];
    return value == 0 ? 37 : value - 1;
}

static inline bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// The digits of text[0 .. size - 1], which are valid, with `count` of them.
static PyObject *
parse_binary(const char *text, size_t size, size_t count, int width, bool negative)
{
    PyLongObject *r;
    if (count > (size_t)PY_SSIZE_T_MAX / 8) {
        PyErr_SetString(PyExc_ValueError, "int string too large to convert");
        return NULL;
    }
    r = kr_long_alloc((Py_ssize_t)((count * (size_t)width + PyLong_SHIFT - 1) /
                                   PyLong_SHIFT));
    if (r == NULL) {
        return NULL;
    }
    uint64_t pending = 0;
    int have = 0;
    digit *out = DIGITS(r);
    for (size_t i = size; i-- > 0;) {
        if (text[i] == '_') {
            continue;
        }
        pending |= (uint64_t)digit_value(text[i]) << have;
        have += width;
        if (have >= PyLong_SHIFT) {
            *out++ = (digit)pending & PyLong_MASK;
            pending >>= PyLong_SHIFT;
            have -= PyLong_SHIFT;
        }
    }
    if (have > 0) {
        *out++ = (digit)pending;
    }
    return kr_long_finish_steal(r, negative);
}

static PyObject *
parse_large(const char *text, size_t size, size_t count, int base, bool negative)
{
    // log2(36) is below 5.17.
    size_t limbs = (size_t)((double)count * log2(base) / 64) + 2;
    if (!kr_gmp_probe(limbs * 64 + count)) {
        return PyErr_NoMemory();
    }
    uint64_t *number = malloc(limbs * sizeof(uint64_t) + count);
    if (number == NULL) {
        return PyErr_NoMemory();
    }
    unsigned char *values = (unsigned char *)(number + limbs);
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] != '_') {
            values[n++] = (unsigned char)digit_value(text[i]);
        }
    }
    size_t used = (size_t)mpn_set_str((mp_ptr)number, values, count, base);
    Py_ssize_t digits = kr_limb_digits(used);
    PyLongObject *r = kr_long_alloc(digits);
    if (r != NULL) {
        kr_dg_from_limbs(DIGITS(r), digits, number, used);
    }
    free(number);
    return kr_long_finish_steal(r, negative);
}

static PyObject *
parse_digits(const char *text, size_t size, size_t count, int base, bool negative)
{
    if ((base & (base - 1)) == 0) {
        return parse_binary(text, size, count, __builtin_ctz((unsigned)base), negative);
    }
    int limit = kr_int_max_str_digits();
    if (count > KR_INT_MAX_STR_DIGITS_THRESHOLD && limit > 0 && count > (size_t)limit) {
        return PyErr_Format(
            PyExc_ValueError,
            "Exceeds the limit (%d digits) for integer string conversion: value has "
            "%zd digits; use sys.set_int_max_str_digits() to increase the limit",
            limit, (Py_ssize_t)count);
    }
    if (count > 12) {
        // 36 ** 12 fits into 63 bits, 10 ** 18 too.
        if (base > 10 || count > 18) {
            return parse_large(text, size, count, base, negative);
        }
    }
    int64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] != '_') {
            value = value * base + digit_value(text[i]);
        }
    }
    return kr_int_from_i64(negative ? -value : value);
}

// The usual case: a sign perhaps, and a few decimal digits only. false: look closer.
static inline bool
parse_short(const char *p, const char *end, int64_t *out)
{
    int64_t value = 0;
    bool negative = p < end && *p == '-';
    p += negative;
    if (p == end || end - p > 18) {
        return false;
    }
    for (; p < end; p++) {
        unsigned d = (unsigned char)*p - '0';
        if (d > 9) {
            return false;
        }
        value = value * 10 + d;
    }
    *out = negative ? -value : value;
    return true;
}

PyObject *
kr_long_parse(const char *text, size_t size, int base)
{
    const char *p = text, *end = text + size;
    bool negative = false, must_be_zero = false;
    int64_t word;

    if (base == 10 && KR_LIKELY(parse_short(p, end, &word))) {
        return kr_int_from_i64(word);
    }
    while (p < end && is_space(*p)) {
        p++;
    }
    while (end > p && is_space(end[-1])) {
        end--;
    }
    if (p < end && (*p == '+' || *p == '-')) {
        negative = *p == '-';
        p++;
    }
    char second = end - p >= 2 ? (char)(p[1] | 0x20) : '\0';
    int named = p < end && *p == '0'
                    ? second == 'x' ? 16 : second == 'o' ? 8 : second == 'b' ? 2 : 0
                    : 0;
    if (base == 0) {
        base = named != 0 ? named : 10;
        // A leading zero would be an octal number of old times.
        must_be_zero = named == 0 && p < end && *p == '0';
    }
    if (named != 0 && named == base) {
        p += 2;
        if (p < end && *p == '_') {
            p++;
        }
    }
    if (p == end || *p == '_' || end[-1] == '_') {
        return NULL;
    }
    size_t count = 0;
    bool only_zeros = true;
    for (const char *q = p; q < end; q++) {
        if (*q == '_') {
            if (q[-1] == '_') {
                return NULL;
            }
            continue;
        }
        int value = digit_value(*q);
        if (value >= base) {
            return NULL;
        }
        only_zeros &= value == 0;
        count++;
    }
    if (must_be_zero && !only_zeros) {
        return NULL;
    }
    return parse_digits(p, (size_t)(end - p), count, base, negative);
}

PyObject *
PyLong_FromString(const char *text, char **end, int base)
{
    if ((base != 0 && base < 2) || base > 36) {
        PyErr_SetString(PyExc_ValueError, "int() arg 2 must be >= 2 and <= 36");
        return NULL;
    }
    size_t size = strlen(text);
    PyObject *result = kr_long_parse(text, size, base);
    if (result != NULL) {
        if (end != NULL) {
            *end = (char *)text + size;
        }
        return result;
    }
    if (end != NULL) {
        *end = (char *)text;
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    PyObject *shown = PyBytes_FromStringAndSize(text, size < 200 ? (Py_ssize_t)size : 200);
    PyObject *as_text = NULL;
    if (shown != NULL) {
        as_text = PyUnicode_FromEncodedObject(shown, "utf-8", "replace");
    }
    if (as_text != NULL) {
        PyErr_Format(PyExc_ValueError, "invalid literal for int() with base %d: %.200R",
                     base, as_text);
    }
    Py_XDECREF(as_text);
    Py_XDECREF(shown);
    return NULL;
}

PyObject *
_PyLong_FromBytes(const char *text, Py_ssize_t size, int base)
{
    PyObject *result = kr_long_parse(text, (size_t)size, base);
    if (result != NULL || PyErr_Occurred()) {
        return result;
    }
    PyObject *shown = PyBytes_FromStringAndSize(text, size < 200 ? size : 200);
    if (shown != NULL) {
        PyErr_Format(PyExc_ValueError, "invalid literal for int() with base %d: %.200R",
                     base, shown);
        Py_DECREF(shown);
    }
    return NULL;
}

PyObject *
PyLong_FromUnicodeObject(PyObject *text, int base)
{
    PyObject *ascii, *result;
    Py_ssize_t size;

    ascii = PyUnicode_IS_ASCII(text) ? Py_NewRef(text)
                                     : _PyUnicode_TransformDecimalAndSpaceToASCII(text);
    if (ascii == NULL) {
        return NULL;
    }
    const char *chars = PyUnicode_AsUTF8AndSize(ascii, &size);
    result = chars != NULL ? kr_long_parse(chars, (size_t)size, base) : NULL;
    Py_DECREF(ascii);
    if (result == NULL && (chars != NULL && !PyErr_Occurred())) {
        PyErr_Format(PyExc_ValueError, "invalid literal for int() with base %d: %.200R",
                     base, text);
    }
    return result;
}

// --- strtol as C code of extensions wants it -----------------------------------------------

unsigned long
PyOS_strtoul(const char *text, char **end, int base)
{
    while (is_space(*text)) {
        text++;
    }
    // 0o and 0b are prefixes for Python, not for the C library.
    if (*text == '0' && (base == 0 || base == 8 || base == 2)) {
        char c = (char)(text[1] | 0x20);
        int named = c == 'o' ? 8 : c == 'b' ? 2 : 0;
        if (named != 0 && (base == 0 || base == named) && digit_value(text[2]) < named) {
            return strtoul(text + 2, end, named);
        }
        if (base == 0 && named == 0 && c != 'x') {
            base = 10;
        }
    }
    return strtoul(text, end, base);
}

long
PyOS_strtol(const char *text, char **end, int base)
{
    while (is_space(*text)) {
        text++;
    }
    char sign = *text;
    if (sign == '+' || sign == '-') {
        text++;
    }
    errno = 0;
    unsigned long value = PyOS_strtoul(text, end, base);
    if (value <= LONG_MAX) {
        return sign == '-' ? -(long)value : (long)value;
    }
    if (sign == '-' && value == (unsigned long)LONG_MAX + 1 && errno == 0) {
        return LONG_MIN;
    }
    errno = ERANGE;
    return LONG_MAX;
}
