// SPDX-License-Identifier: MIT
// formatspec.c - reading format specifications, and those of str.
#include "objects/str/formatspec.h"

// A run of decimal digits in any script: -1 none, -2 error.
static Py_ssize_t
read_digits(int kind, const void *data, Py_ssize_t end, Py_ssize_t *at)
{
    Py_ssize_t value = -1;
    for (; *at < end; (*at)++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, *at);
        int digit = ch - '0' < 10 ? (int)(ch - '0') : ch < 128 ? -1 : Py_UNICODE_TODECIMAL(ch);
        if (digit < 0) {
            break;
        }
        if (value < 0) {
            value = 0;
        }
        if (value > (PY_SSIZE_T_MAX - digit) / 10) {
            PyErr_SetString(PyExc_ValueError, "Too many decimal digits in format string");
            return -2;
        }
        value = value * 10 + digit;
    }
    return value;
}

static bool
is_align(Py_UCS4 ch)
{
    return ch == '<' || ch == '>' || ch == '=' || ch == '^';
}

static void
complain_both(void)
{
    PyErr_SetString(PyExc_ValueError, "Cannot specify both ',' and '_'.");
}

// Reads , or _ at data[*at]; the same rules before the point and behind it.
static int
read_grouping(int kind, const void *data, Py_ssize_t end, Py_ssize_t *at, KrGrouping *out)
{
    *out = GROUPING_NONE;
    if (*at < end && PyUnicode_READ(kind, data, *at) == ',') {
        *out = GROUPING_COMMA;
        (*at)++;
    }
    if (*at < end && PyUnicode_READ(kind, data, *at) == '_') {
        if (*out != GROUPING_NONE) {
            complain_both();
            return -1;
        }
        *out = GROUPING_UNDERSCORE;
        (*at)++;
    }
    if (*at < end && PyUnicode_READ(kind, data, *at) == ','
        && *out == GROUPING_UNDERSCORE) {
        complain_both();
        return -1;
    }
    return 0;
}

static int
complain_grouping(char separator, Py_UCS4 type)
{
    if (type > 32 && type < 128) {
        PyErr_Format(PyExc_ValueError, "Cannot specify '%c' with '%c'.", separator, (int)type);
    }
    else {
        PyErr_Format(PyExc_ValueError, "Cannot specify '%c' with '\\x%x'.", separator,
                     (unsigned)type);
    }
    return -1;
}

static char
grouping_char(KrGrouping grouping)
{
    return grouping == GROUPING_COMMA ? ',' : '_';
}

// Whether the type goes with the grouping.
static int
check_grouping(KrFormatSpec *spec)
{
    if (spec->grouping != GROUPING_NONE) {
        switch (spec->type) {
        case 'd':
        case 'e':
        case 'f':
        case 'g':
        case 'E':
        case 'G':
        case '%':
        case 'F':
        case 0:
            break;
        case 'b':
        case 'o':
        case 'x':
        case 'X':
            if (spec->grouping == GROUPING_UNDERSCORE) {
                spec->grouping = GROUPING_UNDERSCORE_BY_FOUR;
                break;
            }
            return complain_grouping(',', spec->type);
        default:
            return complain_grouping(grouping_char(spec->grouping), spec->type);
        }
    }
    if (spec->fraction_grouping != GROUPING_NONE && spec->type == 'n') {
        return complain_grouping(grouping_char(spec->fraction_grouping), 'n');
    }
    return 0;
}

// Fill, alignment, sign and flags; returns the position behind them.
static Py_ssize_t
read_flags(int kind, const void *data, Py_ssize_t end, KrFormatSpec *spec,
           Py_UCS4 default_align)
{
    Py_ssize_t at = 0;
    bool fill_given = false, align_given = false;
    if (end >= 2 && is_align(PyUnicode_READ(kind, data, 1))) {
        spec->fill = PyUnicode_READ(kind, data, 0);
        spec->align = PyUnicode_READ(kind, data, 1);
        fill_given = align_given = true;
        at = 2;
    }
    else if (end >= 1 && is_align(PyUnicode_READ(kind, data, 0))) {
        spec->align = PyUnicode_READ(kind, data, 0);
        align_given = true;
        at = 1;
    }
    Py_UCS4 ch = at < end ? PyUnicode_READ(kind, data, at) : 0;
    if (ch == '+' || ch == '-' || ch == ' ') {
        spec->sign = ch;
        at++;
    }
    if (at < end && PyUnicode_READ(kind, data, at) == 'z') {
        spec->no_negative_zero = true;
        at++;
    }
    if (at < end && PyUnicode_READ(kind, data, at) == '#') {
        spec->alternate = true;
        at++;
    }
    if (!fill_given && at < end && PyUnicode_READ(kind, data, at) == '0') {
        spec->fill = '0';
        if (!align_given && default_align == '>') {
            spec->align = '=';
        }
        at++;
    }
    return at;
}

int
kr_format_spec_parse(PyObject *text, PyObject *value, KrFormatSpec *spec,
                     Py_UCS4 default_type, Py_UCS4 default_align)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t end = PyUnicode_GET_LENGTH(text);
    memset(spec, 0, sizeof(*spec));
    spec->fill = ' ';
    spec->align = default_align;
    spec->precision = -1;
    spec->type = default_type;
    Py_ssize_t at = read_flags(kind, data, end, spec, default_align);
    spec->width = read_digits(kind, data, end, &at);
    if (spec->width == -2 || read_grouping(kind, data, end, &at, &spec->grouping) < 0) {
        return -1;
    }
    if (at < end && PyUnicode_READ(kind, data, at) == '.') {
        at++;
        spec->precision = read_digits(kind, data, end, &at);
        if (spec->precision == -2
            || read_grouping(kind, data, end, &at, &spec->fraction_grouping) < 0) {
            return -1;
        }
        if (spec->precision == -1 && spec->fraction_grouping == GROUPING_NONE) {
            PyErr_SetString(PyExc_ValueError, "Format specifier missing precision");
            return -1;
        }
    }
    if (end - at > 1) {
        PyErr_Format(PyExc_ValueError,
                     "Invalid format specifier '%U' for object of type '%.200s'", text,
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    if (end - at == 1) {
        spec->type = PyUnicode_READ(kind, data, at);
    }
    return check_grouping(spec);
}

void
kr_format_spec_unknown(const KrFormatSpec *spec, PyObject *value)
{
    if (spec->type > 32 && spec->type < 128) {
        PyErr_Format(PyExc_ValueError,
                     "Unknown format code '%c' for object of type '%.200s'", (int)spec->type,
                     Py_TYPE(value)->tp_name);
    }
    else {
        PyErr_Format(PyExc_ValueError,
                     "Unknown format code '\\x%x' for object of type '%.200s'",
                     (unsigned)spec->type, Py_TYPE(value)->tp_name);
    }
}

Py_ssize_t
kr_format_spec_left(const KrFormatSpec *spec, Py_ssize_t size, Py_ssize_t *total_out)
{
    Py_ssize_t total = Py_MAX(size, spec->width);
    *total_out = total;
    switch (spec->align) {
    case '^':
        return (total - size) / 2;
    case '<':
        return 0;
    default:
        return total - size;
    }
}

// Checks that a specification for text has nothing that is for numbers.
static int
check_text_spec(const KrFormatSpec *spec, PyObject *value)
{
    const char *complaint = NULL;
    if (spec->type != 's') {
        kr_format_spec_unknown(spec, value);
        return -1;
    }
    if (spec->sign == ' ') {
        complaint = "Space not allowed in string format specifier";
    }
    else if (spec->sign != 0) {
        complaint = "Sign not allowed in string format specifier";
    }
    else if (spec->no_negative_zero) {
        complaint = "Negative zero coercion (z) not allowed in string format specifier";
    }
    else if (spec->alternate) {
        complaint = "Alternate form (#) not allowed in string format specifier";
    }
    else if (spec->align == '=') {
        complaint = "'=' alignment not allowed in string format specifier";
    }
    if (complaint != NULL) {
        PyErr_SetString(PyExc_ValueError, complaint);
        return -1;
    }
    return 0;
}

int
kr_str_format_spec(PyObject *value, PyObject *text, _PyUnicodeWriter *writer)
{
    KrFormatSpec spec;
    if (PyUnicode_GET_LENGTH(text) == 0) {
        return _PyUnicodeWriter_WriteStr(writer, value);
    }
    if (kr_format_spec_parse(text, value, &spec, 's', '<') < 0
        || check_text_spec(&spec, value) < 0) {
        return -1;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(value), total;
    if (spec.precision >= 0 && spec.precision < length) {
        length = spec.precision;
    }
    Py_ssize_t left = kr_format_spec_left(&spec, length, &total);
    if (total == length) {
        return _PyUnicodeWriter_WriteSubstring(writer, value, 0, length);
    }
    Py_UCS4 maxchar = length == 0 ? 127 : PyUnicode_MAX_CHAR_VALUE(value);
    if (_PyUnicodeWriter_Prepare(writer, total, Py_MAX(maxchar, spec.fill)) < 0) {
        return -1;
    }
    int kind = writer->kind;
    void *data = writer->data;
    kr_fill_items(kind, data, writer->pos, left, spec.fill);
    kr_copy_items(kind, data, writer->pos + left, PyUnicode_KIND(value),
                  PyUnicode_DATA(value), 0, length);
    kr_fill_items(kind, data, writer->pos + left + length, total - left - length, spec.fill);
    writer->pos += total;
    return 0;
}
