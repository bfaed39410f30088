// SPDX-License-Identifier: MIT
// format_number.c - int, float and complex under a format specification.
//
// A number is taken apart into sign, prefix, digits, fraction and rest (an exponent,
// a percent sign, "inf"), and laid out again with grouping and padding.
#include "objects/str/formatspec.h"

#include <locale.h>

// The separators of the locale, or those of a grouping.
typedef struct {
    PyObject *point;     // owned
    PyObject *separator; // owned, may be empty
    char groups[16];     // sizes from the right, as in struct lconv
} Separators;

// A number in parts; text is ASCII and borrowed.
typedef struct {
    char sign;          // 0, '-', '+' or ' '
    const char *prefix; // "0x" or ""
    const char *digits;
    Py_ssize_t digit_count;
    bool has_point;
    const char *fraction;
    Py_ssize_t fraction_count;
    const char *rest; // behind the fraction
    Py_ssize_t rest_count;
} NumberParts;

static void
separators_release(Separators *separators)
{
    Py_CLEAR(separators->point);
    Py_CLEAR(separators->separator);
}

static int
separators_init(Separators *out, KrGrouping grouping)
{
    memset(out, 0, sizeof(*out));
    if (grouping == GROUPING_LOCALE) {
        struct lconv *locale = localeconv();
        out->point = PyUnicode_DecodeLocale(locale->decimal_point, "surrogateescape");
        out->separator = PyUnicode_DecodeLocale(locale->thousands_sep, "surrogateescape");
        strncpy(out->groups, locale->grouping, sizeof(out->groups) - 1);
    }
    else {
        out->point = Py_NewRef(kr_char_borrow('.'));
        out->separator = grouping == GROUPING_NONE ? kr_empty_str()
                         : grouping == GROUPING_COMMA
                             ? Py_NewRef(kr_char_borrow(','))
                             : Py_NewRef(kr_char_borrow('_'));
        if (grouping != GROUPING_NONE) {
            out->groups[0] = grouping == GROUPING_UNDERSCORE_BY_FOUR ? 4 : 3;
        }
    }
    if (out->point == NULL || out->separator == NULL) {
        separators_release(out);
        return -1;
    }
    return 0;
}

// Writes digits right to left in groups, with zeros in front up to min_width
// characters; where writer is NULL it only counts. end is the position behind.
static Py_ssize_t
group_digits(_PyUnicodeWriter *writer, Py_ssize_t end, const char *digits, Py_ssize_t count,
             Py_ssize_t min_width, const Separators *separators)
{
    Py_ssize_t written = 0, separator_length = PyUnicode_GET_LENGTH(separators->separator);
    const char *group = separators->groups;
    Py_ssize_t size = 0;
    for (;;) {
        if (*group != 0) {
            // The last size is repeated; CHAR_MAX ends the grouping.
            size = *group == CHAR_MAX ? 0 : *group;
            group++;
        }
        Py_ssize_t wanted = Py_MAX(Py_MAX(count, min_width), 1);
        Py_ssize_t length = size <= 0 ? wanted : Py_MIN(size, wanted);
        Py_ssize_t real = Py_MIN(count, length);
        if (writer != NULL) {
            kr_copy_items(writer->kind, writer->data, end - written - real, 1, digits,
                          count - real, real);
            kr_fill_items(writer->kind, writer->data, end - written - length, length - real,
                          '0');
        }
        written += length;
        count -= real;
        min_width -= length;
        if (count <= 0 && min_width <= 0) {
            return written;
        }
        if (writer != NULL) {
            kr_copy_items(writer->kind, writer->data, end - written - separator_length,
                          PyUnicode_KIND(separators->separator),
                          PyUnicode_DATA(separators->separator), 0, separator_length);
        }
        written += separator_length;
        min_width -= separator_length;
    }
}

static int
write_fraction(_PyUnicodeWriter *writer, const NumberParts *parts, char separator)
{
    for (Py_ssize_t i = 0; i < parts->fraction_count; i++) {
        if (separator != 0 && i > 0 && i % 3 == 0) {
            PyUnicode_WRITE(writer->kind, writer->data, writer->pos, (Py_UCS4)separator);
            writer->pos++;
        }
        PyUnicode_WRITE(writer->kind, writer->data, writer->pos, (Py_UCS4)parts->fraction[i]);
        writer->pos++;
    }
    return 0;
}

static void
put_ascii(_PyUnicodeWriter *writer, const char *text, Py_ssize_t count)
{
    kr_copy_items(writer->kind, writer->data, writer->pos, 1, text, 0, count);
    writer->pos += count;
}

// The parts one behind the other: nothing to fill or to group, and the point is a '.'.
static int
write_plain(_PyUnicodeWriter *writer, const NumberParts *parts, Py_ssize_t size)
{
    if (_PyUnicodeWriter_Prepare(writer, size, 127) < 0) {
        return -1;
    }
    if (parts->sign != 0) {
        put_ascii(writer, &parts->sign, 1);
    }
    put_ascii(writer, parts->prefix, (Py_ssize_t)strlen(parts->prefix));
    put_ascii(writer, parts->digits, parts->digit_count);
    if (parts->has_point) {
        put_ascii(writer, ".", 1);
    }
    put_ascii(writer, parts->fraction, parts->fraction_count);
    put_ascii(writer, parts->rest, parts->rest_count);
    return 0;
}

// Lays the parts out in spec's width.
static int
write_number(_PyUnicodeWriter *writer, const NumberParts *parts, const KrFormatSpec *spec,
             const Separators *separators)
{
    char fraction_separator = spec->fraction_grouping == GROUPING_NONE ? 0
                              : spec->fraction_grouping == GROUPING_COMMA ? ','
                                                                          : '_';
    Py_ssize_t prefix = (Py_ssize_t)strlen(parts->prefix);
    Py_ssize_t fraction = parts->fraction_count;
    if (fraction_separator != 0 && fraction > 0) {
        fraction += (fraction - 1) / 3;
    }
    Py_ssize_t point = parts->has_point ? PyUnicode_GET_LENGTH(separators->point) : 0;
    Py_ssize_t others = (parts->sign != 0) + prefix + point + fraction + parts->rest_count;
    Py_ssize_t min_width =
        spec->fill == '0' && spec->align == '=' ? spec->width - others : 0;
    Py_ssize_t grouped = 0;
    if (parts->digit_count > 0) {
        grouped =
            group_digits(NULL, 0, parts->digits, parts->digit_count, min_width, separators);
    }
    Py_ssize_t size = others + grouped;
    if (size >= spec->width && separators->groups[0] == 0 && fraction_separator == 0
        && min_width <= parts->digit_count
        && separators->point == kr_char_borrow('.')) {
        return write_plain(writer, parts, size);
    }
    Py_ssize_t total, left = kr_format_spec_left(spec, size, &total);
    Py_UCS4 maxchar = Py_MAX(127, total > size ? spec->fill : 0);
    maxchar = Py_MAX(maxchar, PyUnicode_MAX_CHAR_VALUE(separators->point));
    maxchar = Py_MAX(maxchar, PyUnicode_MAX_CHAR_VALUE(separators->separator));
    if (_PyUnicodeWriter_Prepare(writer, total, maxchar) < 0) {
        return -1;
    }
    Py_ssize_t inner = spec->align == '=' ? left : 0;
    kr_fill_items(writer->kind, writer->data, writer->pos, left - inner, spec->fill);
    writer->pos += left - inner;
    if (parts->sign != 0) {
        put_ascii(writer, &parts->sign, 1);
    }
    put_ascii(writer, parts->prefix, prefix);
    kr_fill_items(writer->kind, writer->data, writer->pos, inner, spec->fill);
    writer->pos += inner;
    if (parts->digit_count > 0) {
        writer->pos += grouped;
        group_digits(writer, writer->pos, parts->digits, parts->digit_count, min_width,
                     separators);
    }
    if (parts->has_point) {
        kr_copy_items(writer->kind, writer->data, writer->pos,
                      PyUnicode_KIND(separators->point), PyUnicode_DATA(separators->point), 0,
                      point);
        writer->pos += point;
    }
    write_fraction(writer, parts, fraction_separator);
    put_ascii(writer, parts->rest, parts->rest_count);
    Py_ssize_t right = total - size - left;
    kr_fill_items(writer->kind, writer->data, writer->pos, right, spec->fill);
    writer->pos += right;
    return 0;
}

static char
shown_sign(bool negative, Py_UCS4 sign)
{
    return negative ? '-' : sign == '+' ? '+' : sign == ' ' ? ' ' : 0;
}

// --- int --------------------------------------------------------------------------------

static int
format_int_as_char(PyObject *value, const KrFormatSpec *spec, _PyUnicodeWriter *writer)
{
    if (spec->sign != 0) {
        PyErr_SetString(PyExc_ValueError,
                        "Sign not allowed with integer format specifier 'c'");
        return -1;
    }
    if (spec->alternate) {
        PyErr_SetString(PyExc_ValueError,
                        "Alternate form (#) not allowed with integer format specifier 'c'");
        return -1;
    }
    long ch = PyLong_AsLong(value);
    if (ch == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (ch < 0 || ch > (long)KR_MAX_UNICODE) {
        PyErr_SetString(PyExc_OverflowError, "%c arg not in range(0x110000)");
        return -1;
    }
    Py_ssize_t total, left = kr_format_spec_left(spec, 1, &total);
    if (_PyUnicodeWriter_Prepare(writer, total, Py_MAX((Py_UCS4)ch, spec->fill)) < 0) {
        return -1;
    }
    kr_fill_items(writer->kind, writer->data, writer->pos, left, spec->fill);
    PyUnicode_WRITE(writer->kind, writer->data, writer->pos + left, (Py_UCS4)ch);
    kr_fill_items(writer->kind, writer->data, writer->pos + left + 1, total - left - 1,
                  spec->fill);
    writer->pos += total;
    return 0;
}

static int
format_int(PyObject *value, KrFormatSpec *spec, _PyUnicodeWriter *writer)
{
    if (spec->precision >= 0) {
        PyErr_SetString(PyExc_ValueError, "Precision not allowed in integer format specifier");
        return -1;
    }
    if (spec->no_negative_zero) {
        PyErr_SetString(PyExc_ValueError, "Negative zero coercion (z) not allowed in integer "
                                          "format specifier");
        return -1;
    }
    if (spec->type == 'c') {
        return format_int_as_char(value, spec, writer);
    }
    int base = spec->type == 'b' ? 2 : spec->type == 'o' ? 8
               : spec->type == 'x' || spec->type == 'X' ? 16 : 10;
    PyObject *text =
        base == 10 ? PyLong_Type.tp_repr(value) : PyNumber_ToBase(value, base);
    if (text == NULL) {
        return -1;
    }
    // PyNumber_ToBase may have made a shared one-character text: never write to it.
    char *copy = NULL;
    const char *digits = PyUnicode_DATA(text);
    Py_ssize_t count = PyUnicode_GET_LENGTH(text);
    bool negative = *digits == '-';
    digits += negative;
    count -= negative;
    NumberParts parts = {.sign = shown_sign(negative, spec->sign), .prefix = "", .rest = "",
                         .fraction = ""};
    if (base != 10) {
        digits += 2;
        count -= 2;
        if (spec->alternate) {
            parts.prefix = base == 2 ? "0b" : base == 8 ? "0o" : spec->type == 'X' ? "0X" : "0x";
        }
    }
    int status = -1;
    Separators separators;
    if (spec->type == 'X') {
        copy = PyMem_Malloc((size_t)count + 1);
        if (copy == NULL) {
            PyErr_NoMemory();
            goto done;
        }
        for (Py_ssize_t i = 0; i < count; i++) {
            copy[i] = (char)Py_TOUPPER(digits[i]);
        }
        digits = copy;
    }
    parts.digits = digits;
    parts.digit_count = count;
    spec->fraction_grouping = GROUPING_NONE;
    if (separators_init(&separators, spec->type == 'n' ? GROUPING_LOCALE : spec->grouping)
        < 0) {
        goto done;
    }
    status = write_number(writer, &parts, spec, &separators);
    separators_release(&separators);

done:
    PyMem_Free(copy);
    Py_DECREF(text);
    return status;
}

// --- float -------------------------------------------------------------------------------

// Takes ASCII text apart: sign, digits, point, fraction, rest.
static void
split_number(const char *text, Py_ssize_t length, Py_UCS4 sign, NumberParts *parts)
{
    const char *end = text + length;
    memset(parts, 0, sizeof(*parts));
    parts->prefix = "";
    bool negative = text < end && *text == '-';
    text += negative;
    parts->sign = shown_sign(negative, sign);
    parts->digits = text;
    while (text < end && Py_ISDIGIT(*text)) {
        text++;
    }
    parts->digit_count = text - parts->digits;
    parts->has_point = text < end && *text == '.';
    text += parts->has_point;
    parts->fraction = text;
    while (parts->has_point && text < end && Py_ISDIGIT(*text)) {
        text++;
    }
    parts->fraction_count = text - parts->fraction;
    parts->rest = text;
    parts->rest_count = end - text;
}

// The C text of a float as spec wants it. Free with PyMem_Free.
static char *
float_text(double value, const KrFormatSpec *spec, Py_UCS4 type, int default_precision,
           int flags)
{
    Py_ssize_t precision = spec->precision;
    if (precision > INT_MAX) {
        PyErr_SetString(PyExc_ValueError, "precision too big");
        return NULL;
    }
    if (precision < 0) {
        precision = default_precision;
    }
    else if (type == 'r') {
        type = 'g';
    }
    if (spec->alternate) {
        flags |= Py_DTSF_ALT;
    }
    if (spec->no_negative_zero) {
        flags |= Py_DTSF_NO_NEG_0;
    }
    return PyOS_double_to_string(value, (char)type, (int)precision, flags, NULL);
}

static int
format_double(double value, const KrFormatSpec *spec, _PyUnicodeWriter *writer)
{
    Py_UCS4 type = spec->type;
    int flags = 0, default_precision = 6;
    bool percent = false;
    if (type == 0) {
        flags = Py_DTSF_ADD_DOT_0;
        type = 'r';
        default_precision = 0;
    }
    else if (type == 'n') {
        type = 'g';
    }
    else if (type == '%') {
        type = 'f';
        value *= 100;
        percent = true;
    }
    char *text = float_text(value, spec, type, default_precision, flags);
    if (text == NULL) {
        return -1;
    }
    size_t length = strlen(text);
    if (percent) {
        char *longer = PyMem_Realloc(text, length + 2);
        if (longer == NULL) {
            PyMem_Free(text);
            PyErr_NoMemory();
            return -1;
        }
        text = longer;
        text[length++] = '%';
        text[length] = 0;
    }
    NumberParts parts;
    Separators separators;
    int status = -1;
    split_number(text, (Py_ssize_t)length, spec->sign, &parts);
    if (separators_init(&separators, spec->type == 'n' ? GROUPING_LOCALE : spec->grouping)
        == 0) {
        status = write_number(writer, &parts, spec, &separators);
        separators_release(&separators);
    }
    PyMem_Free(text);
    return status;
}

static bool
is_float_type(Py_UCS4 type)
{
    return type == 'e' || type == 'E' || type == 'f' || type == 'F' || type == 'g'
           || type == 'G' || type == 'n' || type == '%';
}

// --- complex -----------------------------------------------------------------------------

static int
format_complex(Py_complex value, KrFormatSpec *spec, _PyUnicodeWriter *writer)
{
    Py_UCS4 type = spec->type;
    int flags = 0, default_precision = 6, status = -1;
    bool parens = false, skip_real = false;
    char *real = NULL, *imag = NULL;
    Separators separators;
    NumberParts real_parts, imag_parts;
    if (spec->fill == '0') {
        PyErr_SetString(PyExc_ValueError,
                        "Zero padding is not allowed in complex format specifier");
        return -1;
    }
    if (spec->align == '=') {
        PyErr_SetString(PyExc_ValueError,
                        "'=' alignment flag is not allowed in complex format specifier");
        return -1;
    }
    if (type == 0) {
        // Without a type: as repr() shows it.
        type = 'r';
        default_precision = 0;
        skip_real = value.real == 0.0 && copysign(1.0, value.real) == 1.0;
        parens = !skip_real;
    }
    else if (type == 'n') {
        type = 'g';
    }
    if (separators_init(&separators, spec->type == 'n' ? GROUPING_LOCALE : spec->grouping)
        < 0) {
        return -1;
    }
    real = float_text(value.real, spec, type, default_precision, flags);
    imag = real == NULL ? NULL : float_text(value.imag, spec, type, default_precision, flags);
    if (imag == NULL) {
        goto done;
    }
    split_number(real, (Py_ssize_t)strlen(real), spec->sign, &real_parts);
    split_number(imag, (Py_ssize_t)strlen(imag), skip_real ? spec->sign : '+', &imag_parts);

    // The parts are written one behind the other, then padded as a whole.
    _PyUnicodeWriter whole;
    KrFormatSpec part_spec = *spec;
    part_spec.width = -1;
    part_spec.align = '<';
    _PyUnicodeWriter_Init(&whole);
    whole.overallocate = 1;
    if ((parens && _PyUnicodeWriter_WriteChar(&whole, '(') < 0)
        || (!skip_real && write_number(&whole, &real_parts, &part_spec, &separators) < 0)
        || write_number(&whole, &imag_parts, &part_spec, &separators) < 0
        || _PyUnicodeWriter_WriteASCIIString(&whole, parens ? "j)" : "j", -1) < 0) {
        _PyUnicodeWriter_Dealloc(&whole);
        goto done;
    }
    PyObject *text = _PyUnicodeWriter_Finish(&whole);
    if (text == NULL) {
        goto done;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), total;
    Py_ssize_t left = kr_format_spec_left(spec, length, &total);
    Py_UCS4 maxchar = PyUnicode_MAX_CHAR_VALUE(text);
    status = _PyUnicodeWriter_Prepare(writer, total,
                                      total > length ? Py_MAX(maxchar, spec->fill) : maxchar);
    if (status == 0) {
        kr_fill_items(writer->kind, writer->data, writer->pos, left, spec->fill);
        kr_copy_items(writer->kind, writer->data, writer->pos + left, PyUnicode_KIND(text),
                      PyUnicode_DATA(text), 0, length);
        kr_fill_items(writer->kind, writer->data, writer->pos + left + length,
                      total - left - length, spec->fill);
        writer->pos += total;
    }
    Py_DECREF(text);

done:
    PyMem_Free(real);
    PyMem_Free(imag);
    separators_release(&separators);
    return status;
}

// --- What the number types call --------------------------------------------------------------

// Formats value into writer; spec is not empty.
static int
format_long_value(PyObject *value, PyObject *text, _PyUnicodeWriter *writer)
{
    KrFormatSpec spec;
    if (kr_format_spec_parse(text, value, &spec, 'd', '>') < 0) {
        return -1;
    }
    switch (spec.type) {
    case 'b':
    case 'c':
    case 'd':
    case 'o':
    case 'x':
    case 'X':
    case 'n':
        return format_int(value, &spec, writer);
    default:
        break;
    }
    if (!is_float_type(spec.type)) {
        kr_format_spec_unknown(&spec, value);
        return -1;
    }
    double number = PyLong_AsDouble(value);
    if (number == -1.0 && PyErr_Occurred()) {
        return -1;
    }
    return format_double(number, &spec, writer);
}

static int
format_float_value(PyObject *value, PyObject *text, _PyUnicodeWriter *writer)
{
    KrFormatSpec spec;
    if (kr_format_spec_parse(text, value, &spec, 0, '>') < 0) {
        return -1;
    }
    if (spec.type != 0 && !is_float_type(spec.type)) {
        kr_format_spec_unknown(&spec, value);
        return -1;
    }
    return format_double(PyFloat_AS_DOUBLE(value), &spec, writer);
}

static int
format_complex_value(PyObject *value, PyObject *text, _PyUnicodeWriter *writer)
{
    KrFormatSpec spec;
    if (kr_format_spec_parse(text, value, &spec, 0, '>') < 0) {
        return -1;
    }
    if (spec.type == '%' || (spec.type != 0 && !is_float_type(spec.type))) {
        kr_format_spec_unknown(&spec, value);
        return -1;
    }
    return format_complex(((PyComplexObject *)value)->cval, &spec, writer);
}

typedef int (*ValueFormatter)(PyObject *value, PyObject *text, _PyUnicodeWriter *writer);

static PyObject *
format_value(PyObject *value, PyObject *text, ValueFormatter formatter)
{
    if (PyUnicode_GET_LENGTH(text) == 0) {
        return PyObject_Str(value);
    }
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    if (formatter(value, text, &writer) < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

PyObject *
kr_long_format(PyObject *value, PyObject *spec)
{
    return format_value(value, spec, format_long_value);
}

PyObject *
kr_float_format(PyObject *value, PyObject *spec)
{
    return format_value(value, spec, format_float_value);
}

PyObject *
kr_complex_format(PyObject *value, PyObject *spec)
{
    return format_value(value, spec, format_complex_value);
}
