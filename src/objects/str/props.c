// SPDX-License-Identifier: MIT
// props.c - properties of single code points, and the ASCII classes of C code.
#include "objects/str/str.h"

#include "objects/str/unicode_data.h"

const unsigned char _Py_ascii_whitespace[128] = {
    [9] = 1, [10] = 1, [11] = 1, [12] = 1, [13] = 1, [28] = 1, [29] = 1, [30] = 1, [31] = 1, [32] = 1,
};

static inline bool
has_flag(Py_UCS4 ch, unsigned flag)
{
    return (kr_char_record(ch)->flags & flag) != 0;
}

int
_PyUnicode_IsLowercase(Py_UCS4 ch)
{
    return has_flag(ch, KR_CHAR_LOWER);
}

int
_PyUnicode_IsUppercase(Py_UCS4 ch)
{
    return has_flag(ch, KR_CHAR_UPPER);
}

int
_PyUnicode_IsTitlecase(Py_UCS4 ch)
{
    return has_flag(ch, KR_CHAR_TITLE);
}

int
_PyUnicode_IsWhitespace(const Py_UCS4 ch)
{
    return has_flag(ch, KR_CHAR_SPACE);
}

bool
kr_is_space(Py_UCS4 ch)
{
    return Py_UNICODE_ISSPACE(ch);
}

int
_PyUnicode_IsAlpha(Py_UCS4 ch)
{
    return has_flag(ch, KR_CHAR_ALPHA);
}

int
_PyUnicode_IsDecimalDigit(Py_UCS4 ch)
{
    return has_flag(ch, KR_CHAR_DECIMAL);
}

int
_PyUnicode_IsDigit(Py_UCS4 ch)
{
    return has_flag(ch, KR_CHAR_DIGIT);
}

int
_PyUnicode_IsNumeric(Py_UCS4 ch)
{
    return has_flag(ch, KR_CHAR_NUMERIC);
}

int
_PyUnicode_IsPrintable(Py_UCS4 ch)
{
    return has_flag(ch, KR_CHAR_PRINTABLE);
}

int
_PyUnicode_IsXidStart(Py_UCS4 ch)
{
    return has_flag(ch, KR_CHAR_XID_START);
}

int
_PyUnicode_IsXidContinue(Py_UCS4 ch)
{
    return has_flag(ch, KR_CHAR_XID_CONTINUE);
}

bool
kr_is_cased(Py_UCS4 ch)
{
    return has_flag(ch, KR_CHAR_CASED);
}

bool
kr_is_case_ignorable(Py_UCS4 ch)
{
    return has_flag(ch, KR_CHAR_CASE_IGNORABLE);
}

int
_PyUnicode_ToDecimalDigit(Py_UCS4 ch)
{
    return kr_char_record(ch)->decimal;
}

int
_PyUnicode_ToDigit(Py_UCS4 ch)
{
    return kr_char_record(ch)->digit;
}

double
_PyUnicode_ToNumeric(Py_UCS4 ch)
{
    return kr_numeric_values[kr_char_record(ch)->numeric];
}

Py_UCS4
_PyUnicode_ToLowercase(Py_UCS4 ch)
{
    return ch + (Py_UCS4)kr_char_record(ch)->lower;
}

Py_UCS4
_PyUnicode_ToUppercase(Py_UCS4 ch)
{
    return ch + (Py_UCS4)kr_char_record(ch)->upper;
}

Py_UCS4
_PyUnicode_ToTitlecase(Py_UCS4 ch)
{
    return ch + (Py_UCS4)kr_char_record(ch)->title;
}

// The full mapping number which of a special character: how many code points.
static int
special_mapping(const KrCharRecord *record, int which, Py_UCS4 ch, Py_UCS4 out[3])
{
    const KrSpecialCase *special = &kr_special_case[record->special];
    int count = special->count[which];
    if (count == 0) {
        out[0] = ch + (Py_UCS4)special->to[which][0];
        return 1;
    }
    for (int i = 0; i < count; i++) {
        out[i] = (Py_UCS4)special->to[which][i];
    }
    return count;
}

int
kr_lower_full(Py_UCS4 ch, Py_UCS4 out[3])
{
    const KrCharRecord *record = kr_char_record(ch);
    if (record->flags & KR_CHAR_SPECIAL) {
        return special_mapping(record, 0, ch, out);
    }
    out[0] = ch + (Py_UCS4)record->lower;
    return 1;
}

int
kr_upper_full(Py_UCS4 ch, Py_UCS4 out[3])
{
    const KrCharRecord *record = kr_char_record(ch);
    if (record->flags & KR_CHAR_SPECIAL) {
        return special_mapping(record, 1, ch, out);
    }
    out[0] = ch + (Py_UCS4)record->upper;
    return 1;
}

int
kr_title_full(Py_UCS4 ch, Py_UCS4 out[3])
{
    const KrCharRecord *record = kr_char_record(ch);
    if (record->flags & KR_CHAR_SPECIAL) {
        return special_mapping(record, 2, ch, out);
    }
    out[0] = ch + (Py_UCS4)record->title;
    return 1;
}

int
kr_fold_full(Py_UCS4 ch, Py_UCS4 out[3])
{
    const KrCharRecord *record = kr_char_record(ch);
    if (record->flags & KR_CHAR_SPECIAL) {
        return special_mapping(record, 3, ch, out);
    }
    out[0] = ch + (Py_UCS4)record->lower;
    return 1;
}

// Digits of any script as ASCII digits, white space as spaces, the rest beyond
// ASCII as '?' from the first such character on: what int() and float() read.
PyObject *
_PyUnicode_TransformDecimalAndSpaceToASCII(PyObject *str)
{
    if (PyUnicode_IS_ASCII(str)) {
        return Py_NewRef(str);
    }
    int kind = PyUnicode_KIND(str);
    const void *data = PyUnicode_DATA(str);
    Py_ssize_t length = PyUnicode_GET_LENGTH(str);
    PyObject *result = kr_str_new(length, 127);
    if (result == NULL) {
        return NULL;
    }
    Py_UCS1 *out = PyUnicode_DATA(result);
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        if (ch < 127) {
            out[i] = (Py_UCS1)ch;
        }
        else if (Py_UNICODE_ISSPACE(ch)) {
            out[i] = ' ';
        }
        else {
            int decimal = Py_UNICODE_TODECIMAL(ch);
            if (decimal < 0) {
                // Nothing behind an impossible character matters.
                memset(out + i, '?', (size_t)(length - i));
                break;
            }
            out[i] = (Py_UCS1)('0' + decimal);
        }
    }
    return result;
}

// --- ASCII classes ------------------------------------------------------------------------

#define LO (PY_CTF_LOWER)
#define UP (PY_CTF_UPPER)
#define LX (PY_CTF_LOWER | PY_CTF_XDIGIT)
#define UX (PY_CTF_UPPER | PY_CTF_XDIGIT)
#define DX (PY_CTF_DIGIT | PY_CTF_XDIGIT)
#define SP (PY_CTF_SPACE)

const unsigned int _Py_ctype_table[256] = {
    [9] = SP,   [10] = SP,  [11] = SP,  [12] = SP,  [13] = SP,  [32] = SP,  ['0'] = DX,
    ['1'] = DX, ['2'] = DX, ['3'] = DX, ['4'] = DX, ['5'] = DX, ['6'] = DX, ['7'] = DX,
    ['8'] = DX, ['9'] = DX, ['A'] = UX, ['B'] = UX, ['C'] = UX, ['D'] = UX, ['E'] = UX,
    ['F'] = UX, ['G'] = UP, ['H'] = UP, ['I'] = UP, ['J'] = UP, ['K'] = UP, ['L'] = UP,
    ['M'] = UP, ['N'] = UP, ['O'] = UP, ['P'] = UP, ['Q'] = UP, ['R'] = UP, ['S'] = UP,
    ['T'] = UP, ['U'] = UP, ['V'] = UP, ['W'] = UP, ['X'] = UP, ['Y'] = UP, ['Z'] = UP,
    ['a'] = LX, ['b'] = LX, ['c'] = LX, ['d'] = LX, ['e'] = LX, ['f'] = LX, ['g'] = LO,
    ['h'] = LO, ['i'] = LO, ['j'] = LO, ['k'] = LO, ['l'] = LO, ['m'] = LO, ['n'] = LO,
    ['o'] = LO, ['p'] = LO, ['q'] = LO, ['r'] = LO, ['s'] = LO, ['t'] = LO, ['u'] = LO,
    ['v'] = LO, ['w'] = LO, ['x'] = LO, ['y'] = LO, ['z'] = LO,
};

#define LOWERED(c) ((c) >= 'A' && (c) <= 'Z' ? (c) + 32 : (c))
#define RAISED(c) ((c) >= 'a' && (c) <= 'z' ? (c) - 32 : (c))
#define FOUR(X, c) X((c)), X((c) + 1), X((c) + 2), X((c) + 3)
#define SIXTEEN(X, c) FOUR(X, c), FOUR(X, (c) + 4), FOUR(X, (c) + 8), FOUR(X, (c) + 12)
#define SIXTY_FOUR(X, c)                                                                 \
    SIXTEEN(X, c), SIXTEEN(X, (c) + 16), SIXTEEN(X, (c) + 32), SIXTEEN(X, (c) + 48)

const unsigned char _Py_ctype_tolower[256] = {SIXTY_FOUR(LOWERED, 0), SIXTY_FOUR(LOWERED, 64),
                                              SIXTY_FOUR(LOWERED, 128),
                                              SIXTY_FOUR(LOWERED, 192)};
const unsigned char _Py_ctype_toupper[256] = {SIXTY_FOUR(RAISED, 0), SIXTY_FOUR(RAISED, 64),
                                              SIXTY_FOUR(RAISED, 128),
                                              SIXTY_FOUR(RAISED, 192)};
