// SPDX-License-Identifier: MIT
// fromformat.c - PyUnicode_FromFormat: C values into text.
//
//   %[-0#][width][.precision][l|ll|z|t|j]conversion
//   numbers d i u o x X    pointers p    one character c    text s (l: wide)
//   objects U S R A, V (a str or NULL, and C text), T (the type's name of an
//   object), N (the name of a type)
#include "objects/str/str.h"

typedef enum { SIZE_INT, SIZE_LONG, SIZE_LONG_LONG, SIZE_SSIZE, SIZE_PTRDIFF, SIZE_MAX_INT } IntSize;

// One conversion, read from the format.
typedef struct {
    bool left;
    bool zeros;
    bool alternate;
    Py_ssize_t width;     // -1: none
    Py_ssize_t precision; // -1: none
    IntSize size;
    char code;
} Conversion;

// va_list cannot be passed to helpers portably but inside a struct.
typedef struct {
    va_list list;
} Arguments;

static int
write_padded(_PyUnicodeWriter *writer, const Conversion *conv, PyObject *text)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    if (conv->precision >= 0 && conv->precision < length) {
        length = conv->precision;
    }
    Py_ssize_t fill = conv->width > length ? conv->width - length : 0;
    if (fill > 0) {
        if (_PyUnicodeWriter_Prepare(writer, fill + length, PyUnicode_MAX_CHAR_VALUE(text))
            < 0) {
            return -1;
        }
        if (!conv->left) {
            kr_fill_items(writer->kind, writer->data, writer->pos, fill, ' ');
            writer->pos += fill;
        }
    }
    if (_PyUnicodeWriter_WriteSubstring(writer, text, 0, length) < 0) {
        return -1;
    }
    if (fill > 0 && conv->left) {
        kr_fill_items(writer->kind, writer->data, writer->pos, fill, ' ');
        writer->pos += fill;
    }
    return 0;
}

static int
write_padded_steal(_PyUnicodeWriter *writer, const Conversion *conv, PyObject *text)
{
    if (text == NULL) {
        return -1;
    }
    int status = write_padded(writer, conv, text);
    Py_DECREF(text);
    return status;
}

// UTF-8 text; precision limits its bytes.
static int
write_c_text(_PyUnicodeWriter *writer, const Conversion *conv, const char *s)
{
    size_t length = conv->precision < 0 ? strlen(s) : strnlen(s, (size_t)conv->precision);
    Py_ssize_t consumed;
    // A precision may cut a sequence in two: what is left of it is dropped.
    PyObject *text = PyUnicode_DecodeUTF8Stateful(
        s, (Py_ssize_t)length, "replace",
        conv->precision < 0 || (Py_ssize_t)length < conv->precision ? NULL : &consumed);
    Conversion whole = *conv;
    whole.precision = -1;
    return write_padded_steal(writer, &whole, text);
}

static int
write_wide_text(_PyUnicodeWriter *writer, const Conversion *conv, const wchar_t *s)
{
    size_t length = conv->precision < 0 ? wcslen(s) : wcsnlen(s, (size_t)conv->precision);
    Conversion whole = *conv;
    whole.precision = -1;
    return write_padded_steal(writer, &whole, PyUnicode_FromWideChar(s, (Py_ssize_t)length));
}

static int
write_number(_PyUnicodeWriter *writer, const Conversion *conv, Arguments *args)
{
    char digits[32];
    int count = 0;
    bool negative = false;
    uint64_t value;
    if (conv->code == 'd' || conv->code == 'i') {
        int64_t number;
        switch (conv->size) {
        case SIZE_INT:
            number = va_arg(args->list, int);
            break;
        case SIZE_LONG:
            number = va_arg(args->list, long);
            break;
        case SIZE_LONG_LONG:
            number = va_arg(args->list, long long);
            break;
        case SIZE_SSIZE:
            number = va_arg(args->list, Py_ssize_t);
            break;
        case SIZE_PTRDIFF:
            number = va_arg(args->list, ptrdiff_t);
            break;
        default:
            number = va_arg(args->list, intmax_t);
        }
        negative = number < 0;
        value = negative ? 0 - (uint64_t)number : (uint64_t)number;
    }
    else {
        switch (conv->size) {
        case SIZE_INT:
            value = va_arg(args->list, unsigned int);
            break;
        case SIZE_LONG:
            value = va_arg(args->list, unsigned long);
            break;
        case SIZE_LONG_LONG:
            value = va_arg(args->list, unsigned long long);
            break;
        case SIZE_SSIZE:
            value = va_arg(args->list, size_t);
            break;
        case SIZE_PTRDIFF:
            value = (uint64_t)va_arg(args->list, ptrdiff_t);
            break;
        default:
            value = va_arg(args->list, uintmax_t);
        }
    }
    unsigned base = conv->code == 'o' ? 8 : conv->code == 'x' || conv->code == 'X' ? 16 : 10;
    const char *alphabet = conv->code == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char *p = digits + sizeof(digits);
    do {
        *--p = alphabet[value % base];
        value /= base;
        count++;
    } while (value != 0);
    Py_ssize_t zeros = conv->precision > count ? conv->precision - count : 0;
    Py_ssize_t length = zeros + count + negative;
    Py_ssize_t fill = conv->width > length ? conv->width - length : 0;
    // Padding with zeros goes behind the sign.
    if (conv->zeros && !conv->left) {
        zeros += fill;
        length += fill;
        fill = 0;
    }
    if (_PyUnicodeWriter_Prepare(writer, length + fill, 127) < 0) {
        return -1;
    }
    int kind = writer->kind;
    void *data = writer->data;
    Py_ssize_t at = writer->pos;
    if (!conv->left) {
        kr_fill_items(kind, data, at, fill, ' ');
        at += fill;
    }
    if (negative) {
        PyUnicode_WRITE(kind, data, at, '-');
        at++;
    }
    kr_fill_items(kind, data, at, zeros, '0');
    at += zeros;
    kr_copy_items(kind, data, at, 1, p, 0, count);
    at += count;
    if (conv->left) {
        kr_fill_items(kind, data, at, fill, ' ');
        at += fill;
    }
    writer->pos = at;
    return 0;
}

// The name of a type, with its module unless that is builtins or __main__.
static PyObject *
type_name(PyTypeObject *type, bool colon)
{
    if (!colon) {
        return PyType_GetFullyQualifiedName(type);
    }
    PyObject *module = PyType_GetModuleName(type), *result = NULL;
    if (module == NULL) {
        return NULL;
    }
    PyObject *qualname = PyType_GetQualName(type);
    if (qualname != NULL) {
        if (PyUnicode_Check(module) && !kr_str_equals_ascii(module, "builtins")
            && !kr_str_equals_ascii(module, "__main__")) {
            result = PyUnicode_FromFormat("%U:%U", module, qualname);
        }
        else {
            result = Py_NewRef(qualname);
        }
    }
    Py_XDECREF(qualname);
    Py_DECREF(module);
    return result;
}

static int
write_object(_PyUnicodeWriter *writer, const Conversion *conv, Arguments *args)
{
    PyObject *object = va_arg(args->list, PyObject *);
    switch (conv->code) {
    case 'U':
        return write_padded(writer, conv, object);
    case 'V': {
        if (conv->size == SIZE_LONG) {
            const wchar_t *wide = va_arg(args->list, const wchar_t *);
            return object != NULL ? write_padded(writer, conv, object)
                                  : write_wide_text(writer, conv, wide);
        }
        const char *text = va_arg(args->list, const char *);
        return object != NULL ? write_padded(writer, conv, object)
                              : write_c_text(writer, conv, text);
    }
    case 'S':
        return write_padded_steal(writer, conv, PyObject_Str(object));
    case 'R':
        return write_padded_steal(writer, conv, PyObject_Repr(object));
    case 'A':
        return write_padded_steal(writer, conv, PyObject_ASCII(object));
    case 'T':
        return write_padded_steal(writer, conv, type_name(Py_TYPE(object), conv->alternate));
    default: // N
        if (!PyType_Check(object)) {
            PyErr_SetString(PyExc_TypeError, "%N argument must be a type");
            return -1;
        }
        return write_padded_steal(writer, conv,
                                  type_name((PyTypeObject *)object, conv->alternate));
    }
}

static int
write_char(_PyUnicodeWriter *writer, const Conversion *conv, Arguments *args)
{
    int ch = va_arg(args->list, int);
    if (ch < 0 || ch > (int)KR_MAX_UNICODE) {
        PyErr_SetString(PyExc_OverflowError, "character argument not in range(0x110000)");
        return -1;
    }
    if (conv->width <= 1) {
        return _PyUnicodeWriter_WriteChar(writer, (Py_UCS4)ch);
    }
    return write_padded_steal(writer, conv, kr_str_from_char((Py_UCS4)ch));
}

static int
write_pointer(_PyUnicodeWriter *writer, const Conversion *conv, Arguments *args)
{
    char text[32];
    Conversion plain = *conv;
    plain.precision = -1;
    snprintf(text, sizeof(text), "0x%" PRIxPTR, (uintptr_t)va_arg(args->list, void *));
    return write_padded_steal(writer, &plain,
                              kr_str_from_ascii(text, (Py_ssize_t)strlen(text)));
}

// A number or "*"; -1 if there is none, -2 on overflow.
static Py_ssize_t
read_count(const char **format, Arguments *args, bool *negative_out)
{
    const char *f = *format;
    Py_ssize_t value = 0;
    *negative_out = false;
    if (*f == '*') {
        int given = va_arg(args->list, int);
        *format = f + 1;
        *negative_out = given < 0;
        return given < 0 ? -(Py_ssize_t)given : given;
    }
    if (!Py_ISDIGIT(*f)) {
        return -1;
    }
    for (; Py_ISDIGIT(*f); f++) {
        if (value > (PY_SSIZE_T_MAX - 9) / 10) {
            return -2;
        }
        value = value * 10 + (*f - '0');
    }
    *format = f;
    return value;
}

static int
read_conversion(const char **format, Arguments *args, Conversion *conv)
{
    const char *f = *format;
    bool negative;
    memset(conv, 0, sizeof(*conv));
    conv->precision = -1;
    for (;; f++) {
        if (*f == '-') {
            conv->left = true;
        }
        else if (*f == '0') {
            conv->zeros = true;
        }
        else if (*f == '#') {
            conv->alternate = true;
        }
        else {
            break;
        }
    }
    conv->width = read_count(&f, args, &negative);
    if (conv->width == -2) {
        PyErr_SetString(PyExc_ValueError, "width too big");
        return -1;
    }
    if (negative) {
        conv->left = true;
    }
    if (*f == '.') {
        f++;
        conv->precision = read_count(&f, args, &negative);
        if (conv->precision == -2) {
            PyErr_SetString(PyExc_ValueError, "precision too big");
            return -1;
        }
        if (conv->precision == -1) {
            conv->precision = 0;
        }
        if (negative) {
            conv->precision = -1;
        }
    }
    if (*f == 'l') {
        f++;
        conv->size = SIZE_LONG;
        if (*f == 'l') {
            f++;
            conv->size = SIZE_LONG_LONG;
        }
    }
    else if (*f == 'z' || *f == 't' || *f == 'j') {
        conv->size = *f == 'z' ? SIZE_SSIZE : *f == 't' ? SIZE_PTRDIFF : SIZE_MAX_INT;
        f++;
    }
    conv->code = *f;
    *format = *f == 0 ? f : f + 1;
    return 0;
}

static int
write_conversion(_PyUnicodeWriter *writer, const Conversion *conv, Arguments *args,
                 const char *whole)
{
    switch (conv->code) {
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        return write_number(writer, conv, args);
    case 's':
        if (conv->size == SIZE_LONG) {
            return write_wide_text(writer, conv, va_arg(args->list, const wchar_t *));
        }
        return write_c_text(writer, conv, va_arg(args->list, const char *));
    case 'c':
        return write_char(writer, conv, args);
    case 'p':
        return write_pointer(writer, conv, args);
    case 'U':
    case 'V':
    case 'S':
    case 'R':
    case 'A':
    case 'T':
    case 'N':
        return write_object(writer, conv, args);
    case '%':
        return _PyUnicodeWriter_WriteChar(writer, '%');
    default:
        PyErr_Format(PyExc_SystemError, "invalid format string: %s", whole);
        return -1;
    }
}

// The text between conversions is ASCII.
static int
write_format(_PyUnicodeWriter *writer, const char *format, Arguments *args)
{
    const char *f = format;
    while (*f) {
        if (*f == '%') {
            const char *whole = f++;
            Conversion conv;
            if (read_conversion(&f, args, &conv) < 0
                || write_conversion(writer, &conv, args, whole) < 0) {
                return -1;
            }
            continue;
        }
        const char *start = f;
        while (*f && *f != '%') {
            if ((unsigned char)*f > 127) {
                PyErr_Format(PyExc_ValueError,
                             "PyUnicode_FromFormatV() expects an ASCII-encoded format "
                             "string, got a non-ASCII byte: 0x%02x",
                             (unsigned char)*f);
                return -1;
            }
            f++;
        }
        if (_PyUnicodeWriter_WriteASCIIString(writer, start, f - start) < 0) {
            return -1;
        }
    }
    return 0;
}

PyObject *
PyUnicode_FromFormatV(const char *format, va_list vargs)
{
    _PyUnicodeWriter writer;
    Arguments args;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    writer.min_length = (Py_ssize_t)strlen(format) + 100;
    va_copy(args.list, vargs);
    int status = write_format(&writer, format, &args);
    va_end(args.list);
    if (status < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

PyObject *
PyUnicode_FromFormat(const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    PyObject *text = PyUnicode_FromFormatV(format, vargs);
    va_end(vargs);
    return text;
}

int
PyUnicodeWriter_Format(PyUnicodeWriter *writer, const char *format, ...)
{
    Arguments args;
    va_start(args.list, format);
    int status = write_format((_PyUnicodeWriter *)writer, format, &args);
    va_end(args.list);
    return status;
}
