// SPDX-License-Identifier: MIT
// case.c - changing case, and the is...() predicates.
//
// Full case mappings may turn one character into three, so the general path maps
// into a buffer of UCS4 items; ASCII text has its own loops.
#include "objects/str/str.h"

#include "objects/args.h"
#include "objects/ids.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

// --- Mapping ----------------------------------------------------------------------------

// A mapping of the character at data[i]: the count of code points in out.
typedef int (*CharMapping)(int kind, const void *data, Py_ssize_t length, Py_ssize_t i,
                           Py_UCS4 out[3], bool *state);

static PyObject *
map_characters(PyObject *text, CharMapping mapping)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), at = 0;
    if (length > PY_SSIZE_T_MAX / (3 * (Py_ssize_t)sizeof(Py_UCS4))) {
        PyErr_SetString(PyExc_OverflowError, "string is too long");
        return NULL;
    }
    Py_UCS4 small[256 * 3], *buffer = small;
    if (length <= 0) {
        return PyUnicode_New(0, 0);
    }
    if (length > 256) {
        buffer = PyMem_Malloc((size_t)length * 3 * sizeof(Py_UCS4));
        if (buffer == NULL) {
            return PyErr_NoMemory();
        }
    }
    bool state = false;
    for (Py_ssize_t i = 0; i < length; i++) {
        at += mapping(kind, data, length, i, buffer + at, &state);
    }
    PyObject *result = kr_str_from_ucs4(buffer, at);
    if (buffer != small) {
        PyMem_Free(buffer);
    }
    return result;
}

// A sigma ends a word when a cased letter stands before it and none behind it,
// case-ignorable characters left aside.
static bool
is_final_sigma(int kind, const void *data, Py_ssize_t length, Py_ssize_t i)
{
    Py_ssize_t j = i - 1;
    while (j >= 0 && kr_is_case_ignorable(PyUnicode_READ(kind, data, j))) {
        j--;
    }
    if (j < 0 || !kr_is_cased(PyUnicode_READ(kind, data, j))) {
        return false;
    }
    j = i + 1;
    while (j < length && kr_is_case_ignorable(PyUnicode_READ(kind, data, j))) {
        j++;
    }
    return j == length || !kr_is_cased(PyUnicode_READ(kind, data, j));
}

static int
lower_one(int kind, const void *data, Py_ssize_t length, Py_ssize_t i, Py_UCS4 out[3])
{
    Py_UCS4 ch = PyUnicode_READ(kind, data, i);
    if (ch == 0x3a3) {
        out[0] = is_final_sigma(kind, data, length, i) ? 0x3c2 : 0x3c3;
        return 1;
    }
    return kr_lower_full(ch, out);
}

static int
map_lower(int kind, const void *data, Py_ssize_t length, Py_ssize_t i, Py_UCS4 out[3],
          bool *state)
{
    return lower_one(kind, data, length, i, out);
}

static int
map_upper(int kind, const void *data, Py_ssize_t length, Py_ssize_t i, Py_UCS4 out[3],
          bool *state)
{
    return kr_upper_full(PyUnicode_READ(kind, data, i), out);
}

static int
map_fold(int kind, const void *data, Py_ssize_t length, Py_ssize_t i, Py_UCS4 out[3],
         bool *state)
{
    return kr_fold_full(PyUnicode_READ(kind, data, i), out);
}

static int
map_swap(int kind, const void *data, Py_ssize_t length, Py_ssize_t i, Py_UCS4 out[3],
         bool *state)
{
    Py_UCS4 ch = PyUnicode_READ(kind, data, i);
    if (Py_UNICODE_ISUPPER(ch)) {
        return lower_one(kind, data, length, i, out);
    }
    if (Py_UNICODE_ISLOWER(ch)) {
        return kr_upper_full(ch, out);
    }
    out[0] = ch;
    return 1;
}

static int
map_capitalize(int kind, const void *data, Py_ssize_t length, Py_ssize_t i, Py_UCS4 out[3],
               bool *state)
{
    return i == 0 ? kr_title_full(PyUnicode_READ(kind, data, 0), out)
                  : lower_one(kind, data, length, i, out);
}

// state: whether the character before was cased.
static int
map_title(int kind, const void *data, Py_ssize_t length, Py_ssize_t i, Py_UCS4 out[3],
          bool *state)
{
    Py_UCS4 ch = PyUnicode_READ(kind, data, i);
    int count = *state ? lower_one(kind, data, length, i, out) : kr_title_full(ch, out);
    *state = kr_is_cased(ch);
    return count;
}

// --- ASCII ------------------------------------------------------------------------------

typedef enum { ASCII_LOWER, ASCII_UPPER, ASCII_SWAP, ASCII_CAPITALIZE, ASCII_TITLE } AsciiCase;

void
kr_ascii_flip(const Py_UCS1 *in, Py_UCS1 *out, Py_ssize_t length, Py_UCS1 first)
{
    Py_ssize_t i = 0;
#ifdef __SSE2__
    // Signed comparison: the 26 letters become the smallest values there are.
    const __m128i shift = _mm_set1_epi8((char)(first + 128));
    const __m128i limit = _mm_set1_epi8(-128 + 26), bit = _mm_set1_epi8(32);
    for (; i + 16 <= length; i += 16) {
        __m128i items = _mm_loadu_si128((const __m128i *)(in + i));
        __m128i letters = _mm_cmplt_epi8(_mm_sub_epi8(items, shift), limit);
        items = _mm_xor_si128(items, _mm_and_si128(letters, bit));
        _mm_storeu_si128((__m128i *)(out + i), items);
    }
#endif
    for (; i < length; i++) {
        Py_UCS1 ch = in[i];
        out[i] = (Py_UCS1)(ch ^ ((Py_UCS1)(ch - first) < 26) << 5);
    }
}

static PyObject *
map_ascii(PyObject *text, AsciiCase how)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    const Py_UCS1 *in = PyUnicode_DATA(text);
    if (length <= 0) {
        return kr_empty_str();
    }
    PyObject *result = kr_str_new(length, 127);
    if (result == NULL) {
        return NULL;
    }
    Py_UCS1 *out = PyUnicode_DATA(result);
    bool cased = false;
    switch (how) {
    case ASCII_LOWER:
        kr_ascii_flip(in, out, length, 'A');
        break;
    case ASCII_UPPER:
        kr_ascii_flip(in, out, length, 'a');
        break;
    case ASCII_SWAP:
        for (Py_ssize_t i = 0; i < length; i++) {
            out[i] = Py_ISALPHA(in[i]) ? in[i] ^ 32 : in[i];
        }
        break;
    case ASCII_CAPITALIZE:
        for (Py_ssize_t i = 0; i < length; i++) {
            out[i] = i == 0 ? Py_TOUPPER(in[i]) : Py_TOLOWER(in[i]);
        }
        break;
    case ASCII_TITLE:
        for (Py_ssize_t i = 0; i < length; i++) {
            out[i] = cased ? Py_TOLOWER(in[i]) : Py_TOUPPER(in[i]);
            cased = Py_ISALPHA(in[i]);
        }
        break;
    }
    return result;
}

static PyObject *
change_case(PyObject *text, AsciiCase how, CharMapping mapping)
{
    if (PyUnicode_IS_ASCII(text)) {
        return map_ascii(text, how);
    }
    return map_characters(text, mapping);
}

KR_METHOD(str, "lower(self, /)", "Return the text in lower case.")
static PyObject *
str_lower(PyObject *self)
{
    return change_case(self, ASCII_LOWER, map_lower);
}

KR_METHOD(str, "upper(self, /)", "Return the text in upper case.")
static PyObject *
str_upper(PyObject *self)
{
    return change_case(self, ASCII_UPPER, map_upper);
}

KR_METHOD(str, "casefold(self, /)", "Return a form for comparing without regard to case.")
static PyObject *
str_casefold(PyObject *self)
{
    return change_case(self, ASCII_LOWER, map_fold);
}

KR_METHOD(str, "swapcase(self, /)", "Return the text with upper and lower case exchanged.")
static PyObject *
str_swapcase(PyObject *self)
{
    return change_case(self, ASCII_SWAP, map_swap);
}

KR_METHOD(str, "capitalize(self, /)",
          "Return the text with a capital first letter and the rest in lower case.")
static PyObject *
str_capitalize(PyObject *self)
{
    return change_case(self, ASCII_CAPITALIZE, map_capitalize);
}

KR_METHOD(str, "title(self, /)", "Return the text with capital first letters of all words.")
static PyObject *
str_title(PyObject *self)
{
    return change_case(self, ASCII_TITLE, map_title);
}

// --- Predicates ----------------------------------------------------------------------------

typedef int (*CharTest)(Py_UCS4 ch);

// What ASCII characters are.
enum {
    IS_SPACE = 1,
    IS_DIGIT = 2,
    IS_LOWER = 4,
    IS_UPPER = 8,
    IS_ALPHA = IS_LOWER | IS_UPPER,
    IS_ALNUM = IS_ALPHA | IS_DIGIT,
    IS_LINE = 16, // the underscore
    IS_NAME = IS_ALNUM | IS_LINE,
};

static const Py_UCS1 ascii_classes[128] = {
    [9 ... 13] = IS_SPACE,   [28 ... 32] = IS_SPACE,  ['0' ... '9'] = IS_DIGIT,
    ['A' ... 'Z'] = IS_UPPER, ['a' ... 'z'] = IS_LOWER, ['_'] = IS_LINE,
};

// How many characters of an ASCII text, from the start, are of the class.
static Py_ssize_t
ascii_prefix(PyObject *text, unsigned class)
{
    const Py_UCS1 *p = PyUnicode_1BYTE_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), i = 0;
    while (i < length && (ascii_classes[p[i]] & class)) {
        i++;
    }
    return i;
}

// Whether there is a character and all pass the test, which for ASCII is `class`.
static PyObject *
all_pass(PyObject *text, CharTest test, unsigned class)
{
    if (PyUnicode_IS_ASCII(text)) {
        Py_ssize_t n = PyUnicode_GET_LENGTH(text);
        return PyBool_FromLong(n > 0 && ascii_prefix(text, class) == n);
    }
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    for (Py_ssize_t i = 0; i < length; i++) {
        if (!test(PyUnicode_READ(kind, data, i))) {
            Py_RETURN_FALSE;
        }
    }
    return PyBool_FromLong(length > 0);
}

static int
test_space(Py_UCS4 ch)
{
    return Py_UNICODE_ISSPACE(ch);
}

static int
test_alnum(Py_UCS4 ch)
{
    return Py_UNICODE_ISALNUM(ch);
}

KR_METHOD(str, "isspace(self, /)", "Whether all characters are white space, and there are any.")
static PyObject *
str_isspace(PyObject *self)
{
    return all_pass(self, test_space, IS_SPACE);
}

KR_METHOD(str, "isalpha(self, /)", "Whether all characters are letters, and there are any.")
static PyObject *
str_isalpha(PyObject *self)
{
    return all_pass(self, _PyUnicode_IsAlpha, IS_ALPHA);
}

KR_METHOD(str, "isalnum(self, /)",
          "Whether all characters are letters or numbers, and there are any.")
static PyObject *
str_isalnum(PyObject *self)
{
    return all_pass(self, test_alnum, IS_ALNUM);
}

KR_METHOD(str, "isdecimal(self, /)",
          "Whether all characters are decimal digits, and there are any.")
static PyObject *
str_isdecimal(PyObject *self)
{
    return all_pass(self, _PyUnicode_IsDecimalDigit, IS_DIGIT);
}

KR_METHOD(str, "isdigit(self, /)", "Whether all characters are digits, and there are any.")
static PyObject *
str_isdigit(PyObject *self)
{
    return all_pass(self, _PyUnicode_IsDigit, IS_DIGIT);
}

KR_METHOD(str, "isnumeric(self, /)", "Whether all characters are numeric, and there are any.")
static PyObject *
str_isnumeric(PyObject *self)
{
    return all_pass(self, _PyUnicode_IsNumeric, IS_DIGIT);
}

KR_METHOD(str, "isascii(self, /)", "Whether no character is beyond ASCII.")
static PyObject *
str_isascii(PyObject *self)
{
    return PyBool_FromLong(PyUnicode_IS_ASCII(self));
}

KR_METHOD(str, "isprintable(self, /)", "Whether repr() shows all characters as they are.")
static PyObject *
str_isprintable(PyObject *self)
{
    int kind = PyUnicode_KIND(self);
    const void *data = PyUnicode_DATA(self);
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(self); i++) {
        if (!_PyUnicode_IsPrintable(PyUnicode_READ(kind, data, i))) {
            Py_RETURN_FALSE;
        }
    }
    Py_RETURN_TRUE;
}

// Whether there is a cased character and none of the two wrong cases. class is the
// right one of ASCII.
static PyObject *
all_cased(PyObject *text, CharTest right, CharTest wrong, unsigned class)
{
    if (PyUnicode_IS_ASCII(text)) {
        const Py_UCS1 *p = PyUnicode_1BYTE_DATA(text);
        unsigned seen = 0;
        for (Py_ssize_t i = 0, n = PyUnicode_GET_LENGTH(text); i < n; i++) {
            seen |= ascii_classes[p[i]];
            if (seen & IS_ALPHA & ~class) {
                Py_RETURN_FALSE;
            }
        }
        return PyBool_FromLong(seen & class);
    }
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    bool found = false;
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(text); i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        if (wrong(ch) || _PyUnicode_IsTitlecase(ch)) {
            Py_RETURN_FALSE;
        }
        found = found || right(ch);
    }
    return PyBool_FromLong(found);
}

KR_METHOD(str, "islower(self, /)", "Whether all cased characters are lower case, and there are any.")
static PyObject *
str_islower(PyObject *self)
{
    return all_cased(self, _PyUnicode_IsLowercase, _PyUnicode_IsUppercase, IS_LOWER);
}

KR_METHOD(str, "isupper(self, /)", "Whether all cased characters are upper case, and there are any.")
static PyObject *
str_isupper(PyObject *self)
{
    return all_cased(self, _PyUnicode_IsUppercase, _PyUnicode_IsLowercase, IS_UPPER);
}

KR_METHOD(str, "istitle(self, /)",
          "Whether capitals stand exactly where words begin, and there are any.")
static PyObject *
str_istitle(PyObject *self)
{
    int kind = PyUnicode_KIND(self);
    const void *data = PyUnicode_DATA(self);
    bool found = false, after_cased = false;
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(self); i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        bool capital = Py_UNICODE_ISUPPER(ch) || Py_UNICODE_ISTITLE(ch);
        bool small = !capital && Py_UNICODE_ISLOWER(ch);
        if ((capital && after_cased) || (small && !after_cased)) {
            Py_RETURN_FALSE;
        }
        after_cased = capital || small;
        found = found || after_cased;
    }
    return PyBool_FromLong(found);
}

int
PyUnicode_IsIdentifier(PyObject *str)
{
    int kind = PyUnicode_KIND(str);
    const void *data = PyUnicode_DATA(str);
    Py_ssize_t length = PyUnicode_GET_LENGTH(str);
    if (length <= 0) {
        return 0;
    }
    if (PyUnicode_IS_ASCII(str)) {
        return !(ascii_classes[PyUnicode_1BYTE_DATA(str)[0]] & IS_DIGIT)
               && ascii_prefix(str, IS_NAME) == length;
    }
    Py_UCS4 first = PyUnicode_READ(kind, data, 0);
    if (first != '_' && !_PyUnicode_IsXidStart(first)) {
        return 0;
    }
    for (Py_ssize_t i = 1; i < length; i++) {
        if (!_PyUnicode_IsXidContinue(PyUnicode_READ(kind, data, i))) {
            return 0;
        }
    }
    return 1;
}

KR_METHOD(str, "isidentifier(self, /)", "Whether the text could be a name in Python source.")
static PyObject *
str_isidentifier(PyObject *self)
{
    return PyBool_FromLong(PyUnicode_IsIdentifier(self));
}

#include "objects/str/case.methods.h"
