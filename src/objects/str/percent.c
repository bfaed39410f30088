// SPDX-License-Identifier: MIT
// percent.c - the % operator of str, bytes and bytearray.
//
// Bytes are formatted as Latin-1 text and turned into bytes at the end, so one
// implementation serves all three types.
// Re-entrancy: __str__, __repr__, __index__ and the mapping run Python.
#include "objects/str/str.h"

#include "objects/ids.h"
#include "objects/int/int.h"
#include "objects/type.h"

// One % operation.
typedef struct {
    int kind; // the format's items
    const void *data;
    Py_ssize_t length;
    Py_ssize_t at;
    bool bytes;
    PyObject *format;  // borrowed; NULL for bytes
    PyObject *args;    // owned: a tuple, or the one argument, or a mapping's value
    PyObject *mapping; // borrowed, or NULL where args is no mapping
    Py_ssize_t next;   // of the tuple; for one argument: 0, then 1
    Py_ssize_t count;
    bool is_tuple;
    _PyUnicodeWriter writer;
} Percent;

// One %... of the format.
typedef struct {
    bool left;
    bool sign;
    bool blank;
    bool alternate;
    bool zeros;
    Py_ssize_t width;     // -1: none
    Py_ssize_t precision; // -1: none
    Py_UCS4 code;
} Directive;

static int
value_error(const char *message)
{
    PyErr_SetString(PyExc_ValueError, message);
    return -1;
}

// The next argument, borrowed from args.
static PyObject *
next_argument(Percent *p)
{
    if (p->next >= p->count) {
        PyErr_SetString(PyExc_TypeError, "not enough arguments for format string");
        return NULL;
    }
    Py_ssize_t index = p->next++;
    return p->is_tuple ? PyTuple_GET_ITEM(p->args, index) : p->args;
}

static inline Py_UCS4
char_at(const Percent *p, Py_ssize_t at)
{
    return PyUnicode_READ(p->kind, p->data, at);
}

// "(key)": the value of the mapping becomes the only argument.
static int
read_key(Percent *p)
{
    if (p->mapping == NULL) {
        PyErr_SetString(PyExc_TypeError, "format requires a mapping");
        return -1;
    }
    Py_ssize_t start = ++p->at;
    int depth = 1;
    for (; p->at < p->length; p->at++) {
        Py_UCS4 ch = char_at(p, p->at);
        if (ch == ')' && --depth == 0) {
            break;
        }
        if (ch == '(') {
            depth++;
        }
    }
    if (p->at >= p->length) {
        return value_error("incomplete format key");
    }
    PyObject *key = p->bytes ? PyBytes_FromStringAndSize((const char *)p->data + start,
                                                         p->at - start)
                             : PyUnicode_Substring(p->format, start, p->at);
    p->at++;
    if (key == NULL) {
        return -1;
    }
    PyObject *value = PyObject_GetItem(p->mapping, key);
    Py_DECREF(key);
    if (value == NULL) {
        return -1;
    }
    Py_SETREF(p->args, value);
    p->is_tuple = false;
    p->next = 0;
    p->count = 1;
    return 0;
}

// A number or * for width or precision; limit is the largest value.
static int
read_size(Percent *p, Py_ssize_t limit, const char *too_big, Py_ssize_t *out)
{
    if (p->at < p->length && char_at(p, p->at) == '*') {
        PyObject *arg = next_argument(p);
        if (arg == NULL) {
            return -1;
        }
        if (!PyLong_Check(arg)) {
            PyErr_SetString(PyExc_TypeError, "* wants int");
            return -1;
        }
        *out = limit == INT_MAX ? PyLong_AsInt(arg) : PyLong_AsSsize_t(arg);
        p->at++;
        if (*out == PY_SSIZE_T_MIN) { // its negative is no width
            PyErr_SetString(PyExc_OverflowError, too_big);
            return -1;
        }
        return *out == -1 && PyErr_Occurred() ? -1 : 0;
    }
    while (p->at < p->length) {
        Py_UCS4 ch = char_at(p, p->at);
        if (ch < '0' || ch > '9') {
            break;
        }
        Py_ssize_t value = Py_MAX(*out, 0);
        if (value > (limit - (Py_ssize_t)(ch - '0')) / 10) {
            return value_error(too_big);
        }
        *out = value * 10 + (Py_ssize_t)(ch - '0');
        p->at++;
    }
    return 0;
}

static int
read_directive(Percent *p, Directive *d)
{
    memset(d, 0, sizeof(*d));
    d->width = d->precision = -1;
    if (p->at < p->length && char_at(p, p->at) == '(' && read_key(p) < 0) {
        return -1;
    }
    for (; p->at < p->length; p->at++) {
        Py_UCS4 ch = char_at(p, p->at);
        if (ch == '-') {
            d->left = true;
        }
        else if (ch == '+') {
            d->sign = true;
        }
        else if (ch == ' ') {
            d->blank = true;
        }
        else if (ch == '#') {
            d->alternate = true;
        }
        else if (ch == '0') {
            d->zeros = true;
        }
        else {
            break;
        }
    }
    if (read_size(p, PY_SSIZE_T_MAX, "width too big", &d->width) < 0) {
        return -1;
    }
    if (d->width < -1 || (d->width == -1 && p->at > 0 && char_at(p, p->at - 1) == '*')) {
        d->left = true;
        d->width = -d->width;
    }
    if (p->at < p->length && char_at(p, p->at) == '.') {
        p->at++;
        d->precision = 0;
        if (read_size(p, INT_MAX, "precision too big", &d->precision) < 0) {
            return -1;
        }
        d->precision = Py_MAX(d->precision, 0);
    }
    if (p->at < p->length) {
        Py_UCS4 ch = char_at(p, p->at);
        if (ch == 'h' || ch == 'l' || ch == 'L') {
            p->at++; // C's length modifiers mean nothing here
        }
    }
    if (p->at >= p->length) {
        return value_error("incomplete format");
    }
    d->code = char_at(p, p->at++);
    return 0;
}

// --- Writing -----------------------------------------------------------------------------

// Text, cut to the precision and padded with spaces.
static int
write_text(Percent *p, const Directive *d, PyObject *text)
{
    _PyUnicodeWriter *writer = &p->writer;
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    if (d->precision >= 0 && length > d->precision) {
        length = d->precision;
    }
    Py_ssize_t fill = d->width > length ? d->width - length : 0;
    if (fill == 0) {
        return _PyUnicodeWriter_WriteSubstring(writer, text, 0, length);
    }
    if (fill > PY_SSIZE_T_MAX - length) {
        PyErr_NoMemory();
        return -1;
    }
    if (_PyUnicodeWriter_Prepare(writer, fill + length, PyUnicode_MAX_CHAR_VALUE(text)) < 0) {
        return -1;
    }
    Py_ssize_t at = writer->pos;
    if (!d->left) {
        kr_fill_items(writer->kind, writer->data, at, fill, ' ');
        at += fill;
    }
    kr_copy_items(writer->kind, writer->data, at, PyUnicode_KIND(text), PyUnicode_DATA(text),
                  0, length);
    at += length;
    if (d->left) {
        kr_fill_items(writer->kind, writer->data, at, fill, ' ');
    }
    writer->pos += fill + length;
    return 0;
}

// ASCII digits behind a sign and a prefix, padded with spaces or zeros.
static int
write_number_text(Percent *p, const Directive *d, bool negative, const char *prefix,
                  const char *digits, Py_ssize_t count, Py_ssize_t leading_zeros)
{
    _PyUnicodeWriter *writer = &p->writer;
    char sign = negative ? '-' : d->sign ? '+' : d->blank ? ' ' : 0;
    Py_ssize_t prefix_length = (Py_ssize_t)strlen(prefix);
    Py_ssize_t length = (sign != 0) + prefix_length + leading_zeros + count;
    Py_ssize_t fill = d->width > length ? d->width - length : 0;
    if (fill > PY_SSIZE_T_MAX - length) {
        PyErr_NoMemory();
        return -1;
    }
    if (d->zeros && !d->left) {
        leading_zeros += fill;
        length += fill;
        fill = 0;
    }
    if (_PyUnicodeWriter_Prepare(writer, length + fill, 127) < 0) {
        return -1;
    }
    int kind = writer->kind;
    void *data = writer->data;
    Py_ssize_t at = writer->pos;
    if (!d->left) {
        kr_fill_items(kind, data, at, fill, ' ');
        at += fill;
    }
    if (sign != 0) {
        PyUnicode_WRITE(kind, data, at, (Py_UCS4)sign);
        at++;
    }
    kr_copy_items(kind, data, at, 1, prefix, 0, prefix_length);
    at += prefix_length;
    kr_fill_items(kind, data, at, leading_zeros, '0');
    at += leading_zeros;
    kr_copy_items(kind, data, at, 1, digits, 0, count);
    at += count;
    if (d->left) {
        kr_fill_items(kind, data, at, fill, ' ');
    }
    writer->pos += length + fill;
    return 0;
}

// The int behind an argument of %d and its like; a new reference.
static PyObject *
int_argument(PyObject *value, Py_UCS4 code)
{
    if (PyLong_Check(value)) {
        return Py_NewRef(value);
    }
    bool integral = code == 'x' || code == 'X' || code == 'o';
    if (PyNumber_Check(value)) {
        PyObject *number = integral ? PyNumber_Index(value) : PyNumber_Long(value);
        if (number != NULL || !PyErr_ExceptionMatches(PyExc_TypeError)) {
            return number;
        }
        PyErr_Clear();
    }
    PyErr_Format(PyExc_TypeError,
                 integral ? "%%%c format: an integer is required, not %.200s"
                          : "%%%c format: a real number is required, not %.200s",
                 (int)code, Py_TYPE(value)->tp_name);
    return NULL;
}

static int
write_int(Percent *p, const Directive *d, PyObject *value)
{
    PyObject *number = int_argument(value, d->code);
    if (number == NULL) {
        return -1;
    }
    int base = d->code == 'o' ? 8 : d->code == 'x' || d->code == 'X' ? 16 : 10;
    PyObject *text = base == 10 ? PyLong_Type.tp_repr(number) : PyNumber_ToBase(number, base);
    Py_DECREF(number);
    if (text == NULL) {
        return -1;
    }
    const char *digits = PyUnicode_DATA(text), *prefix = "";
    Py_ssize_t count = PyUnicode_GET_LENGTH(text);
    bool negative = *digits == '-';
    digits += negative;
    count -= negative;
    if (base != 10) {
        digits += 2;
        count -= 2;
        if (d->alternate) {
            prefix = base == 8 ? "0o" : d->code == 'X' ? "0X" : "0x";
        }
    }
    char *upper = NULL;
    if (d->code == 'X') {
        upper = PyMem_Malloc((size_t)count + 1);
        if (upper == NULL) {
            Py_DECREF(text);
            PyErr_NoMemory();
            return -1;
        }
        for (Py_ssize_t i = 0; i < count; i++) {
            upper[i] = (char)Py_TOUPPER(digits[i]);
        }
        digits = upper;
    }
    Py_ssize_t zeros = d->precision > count ? d->precision - count : 0;
    int status = write_number_text(p, d, negative, prefix, digits, count, zeros);
    PyMem_Free(upper);
    Py_DECREF(text);
    return status;
}

static int
write_float(Percent *p, const Directive *d, PyObject *value)
{
    double number = PyFloat_AsDouble(value);
    if (number == -1.0 && PyErr_Occurred()) {
        return -1;
    }
    char *text = PyOS_double_to_string(number, (char)d->code,
                                       d->precision < 0 ? 6 : (int)d->precision,
                                       d->alternate ? Py_DTSF_ALT : 0, NULL);
    if (text == NULL) {
        return -1;
    }
    bool negative = *text == '-';
    int status = write_number_text(p, d, negative, "", text + negative,
                                   (Py_ssize_t)strlen(text + negative), 0);
    PyMem_Free(text);
    return status;
}

static int
bad_char_argument(const Percent *p, PyObject *value)
{
    const char *wanted = p->bytes ? "%c requires an integer in range(256) or a single byte"
                                  : "%c requires an int or a unicode character";
    if (!p->bytes && PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "%s, not a string of length %zd", wanted,
                     PyUnicode_GET_LENGTH(value));
    }
    else if (p->bytes && (PyBytes_Check(value) || PyByteArray_Check(value))) {
        PyErr_Format(PyExc_TypeError, "%s, not a %s object of length %zd", wanted,
                     PyBytes_Check(value) ? "bytes" : "bytearray", Py_SIZE(value));
    }
    else {
        PyErr_Format(PyExc_TypeError, "%s, not %T", wanted, value);
    }
    return -1;
}

static int
write_char_argument(Percent *p, const Directive *d, PyObject *value)
{
    Py_UCS4 ch;
    Py_UCS4 limit = p->bytes ? 255 : KR_MAX_UNICODE;
    if (!p->bytes && PyUnicode_Check(value)) {
        if (PyUnicode_GET_LENGTH(value) != 1) {
            return bad_char_argument(p, value);
        }
        ch = PyUnicode_READ_CHAR(value, 0);
    }
    else if (p->bytes && PyBytes_Check(value) && PyBytes_GET_SIZE(value) == 1) {
        ch = (unsigned char)PyBytes_AS_STRING(value)[0];
    }
    else if (p->bytes && PyByteArray_Check(value) && PyByteArray_GET_SIZE(value) == 1) {
        ch = (unsigned char)PyByteArray_AS_STRING(value)[0];
    }
    else {
        if (!PyIndex_Check(value)) {
            return bad_char_argument(p, value);
        }
        int overflow;
        PyObject *number = PyNumber_Index(value);
        if (number == NULL) {
            return -1;
        }
        long n = PyLong_AsLongAndOverflow(number, &overflow);
        Py_DECREF(number);
        if (n == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (overflow || n < 0 || n > (long)limit) {
            PyErr_SetString(PyExc_OverflowError, p->bytes ? "%c arg not in range(256)"
                                                          : "%c arg not in range(0x110000)");
            return -1;
        }
        ch = (Py_UCS4)n;
    }
    if (d->width <= 1) {
        return _PyUnicodeWriter_WriteChar(&p->writer, ch);
    }
    Directive padded = *d;
    padded.precision = -1;
    PyObject *text = kr_str_from_char(ch);
    if (text == NULL) {
        return -1;
    }
    int status = write_text(p, &padded, text);
    Py_DECREF(text);
    return status;
}

// The bytes of an argument of %b as Latin-1 text.
static PyObject *
bytes_argument(PyObject *value)
{
    PyObject *bytes = NULL;
    if (!PyBytes_CheckExact(value) && !PyByteArray_Check(value)) {
        PyObject *method = kr_type_lookup_borrow(Py_TYPE(value), KR_ID(__bytes__));
        if (method != NULL) {
            bytes = kr_call_special(KR_ID(__bytes__), &value, 1);
            if (bytes == NULL) {
                return NULL;
            }
            if (!PyBytes_Check(bytes)) {
                PyErr_Format(PyExc_TypeError, "__bytes__ returned non-bytes (type %.200s)",
                             Py_TYPE(bytes)->tp_name);
                Py_DECREF(bytes);
                return NULL;
            }
            value = bytes;
        }
    }
    if (!PyObject_CheckBuffer(value)) {
        PyErr_Format(PyExc_TypeError,
                     "%%b requires a bytes-like object, or an object that implements "
                     "__bytes__, not '%.100s'",
                     Py_TYPE(value)->tp_name);
        return NULL;
    }
    Py_buffer view;
    if (PyObject_GetBuffer(value, &view, PyBUF_FULL_RO) < 0) {
        Py_XDECREF(bytes);
        return NULL;
    }
    PyObject *flat = NULL, *text = NULL;
    if (PyBuffer_IsContiguous(&view, 'C')) {
        text = kr_str_from_ucs1(view.buf, view.len);
    }
    else {
        flat = PyBytes_FromStringAndSize(NULL, view.len);
        if (flat != NULL
            && PyBuffer_ToContiguous(PyBytes_AS_STRING(flat), &view, view.len, 'C') == 0) {
            text = kr_str_from_ucs1((Py_UCS1 *)PyBytes_AS_STRING(flat), view.len);
        }
        Py_XDECREF(flat);
    }
    PyBuffer_Release(&view);
    Py_XDECREF(bytes);
    return text;
}

static int
unsupported(const Percent *p, Py_UCS4 code)
{
    if (p->bytes) {
        // A byte counts as a signed char here: the format itself fails above 127.
        PyErr_Format(PyExc_ValueError, "unsupported format character '%c' (0x%x) at index %zd",
                     (int)(signed char)code, (unsigned)(signed char)code, p->at - 1);
        return -1;
    }
    PyErr_Format(PyExc_ValueError, "unsupported format character '%c' (0x%x) at index %zd",
                 code > 31 && code < 127 ? (int)code : '?', (unsigned)code, p->at - 1);
    return -1;
}

static int
write_directive(Percent *p, const Directive *d)
{
    PyObject *text = NULL, *value = next_argument(p);
    if (value == NULL) {
        return -1;
    }
    switch (d->code) {
    case 'b':
        if (!p->bytes) {
            return unsupported(p, d->code);
        }
        text = bytes_argument(value);
        break;
    case 's':
        if (p->bytes) {
            text = bytes_argument(value);
        }
        else if (PyUnicode_CheckExact(value)) {
            return write_text(p, d, value);
        }
        else {
            text = PyObject_Str(value);
        }
        break;
    case 'r':
        text = p->bytes ? PyObject_ASCII(value) : PyObject_Repr(value);
        break;
    case 'a':
        text = PyObject_ASCII(value);
        break;
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        return write_int(p, d, value);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        return write_float(p, d, value);
    case 'c':
        return write_char_argument(p, d, value);
    default:
        return unsupported(p, d->code);
    }
    if (text == NULL) {
        return -1;
    }
    int status = write_text(p, d, text);
    Py_DECREF(text);
    return status;
}

// Copies what stands between the directives.
static int
write_literal(Percent *p, Py_ssize_t start, Py_ssize_t end)
{
    if (end == start) {
        return 0;
    }
    Py_UCS4 maxchar = kr_max_char(p->kind, p->data, start, end);
    if (_PyUnicodeWriter_Prepare(&p->writer, end - start, maxchar) < 0) {
        return -1;
    }
    kr_copy_items(p->writer.kind, p->writer.data, p->writer.pos, p->kind, p->data, start,
                  end - start);
    p->writer.pos += end - start;
    return 0;
}

// "%s" of a str and "%d" of an int, which most directives are. 1 written, 0 not that
// simple, -1 error. p->at is behind the percent sign.
static int
write_simple(Percent *p)
{
    if (p->at >= p->length || p->next >= p->count) {
        return 0;
    }
    Py_UCS4 code = char_at(p, p->at);
    PyObject *arg = p->is_tuple ? PyTuple_GET_ITEM(p->args, p->next) : p->args;
    if (code == 's' && PyUnicode_CheckExact(arg) && !p->bytes) {
        p->at++;
        p->next++;
        return _PyUnicodeWriter_WriteStr(&p->writer, arg) < 0 ? -1 : 1;
    }
    if (code == 'd' && PyLong_CheckExact(arg) && kr_int_is_compact((PyLongObject *)arg)) {
        char buffer[24], *end = buffer + sizeof buffer;
        char *start = kr_int_write_decimal(end, kr_int_word((PyLongObject *)arg));
        p->at++;
        p->next++;
        return _PyUnicodeWriter_WriteASCIIString(&p->writer, start, end - start) < 0 ? -1 : 1;
    }
    return 0;
}

static PyObject *
run_percent(Percent *p, PyObject *args)
{
    p->args = Py_NewRef(args);
    p->is_tuple = PyTuple_Check(args);
    p->count = p->is_tuple ? PyTuple_GET_SIZE(args) : 1;
    bool text_like = PyUnicode_Check(args)
                     || (p->bytes && (PyBytes_Check(args) || PyByteArray_Check(args)));
    if (!p->is_tuple && !text_like && PyMapping_Check(args)) {
        p->mapping = args;
    }
    _PyUnicodeWriter_Init(&p->writer);
    p->writer.overallocate = 1;
    p->writer.min_length = p->length + 100;
    while (p->at < p->length) {
        Py_ssize_t start = p->at;
        Py_ssize_t hit = kr_items_find_char(p->kind, p->data, start, p->length, '%');
        Py_ssize_t end = hit < 0 ? p->length : hit;
        if (write_literal(p, start, end) < 0) {
            goto failed;
        }
        p->at = end + 1;
        if (hit < 0) {
            break;
        }
        if (p->at < p->length && char_at(p, p->at) == '%') {
            p->at++;
            if (_PyUnicodeWriter_WriteChar(&p->writer, '%') < 0) {
                goto failed;
            }
            continue;
        }
        int simple = write_simple(p);
        if (simple != 0) {
            if (simple < 0) {
                goto failed;
            }
            continue;
        }
        Directive d;
        if (read_directive(p, &d) < 0 || write_directive(p, &d) < 0) {
            goto failed;
        }
    }
    if (p->next < p->count && p->mapping == NULL) {
        PyErr_SetString(PyExc_TypeError,
                        p->bytes ? "not all arguments converted during bytes formatting"
                                 : "not all arguments converted during string formatting");
        goto failed;
    }
    Py_CLEAR(p->args);
    return _PyUnicodeWriter_Finish(&p->writer);

failed:
    Py_CLEAR(p->args);
    _PyUnicodeWriter_Dealloc(&p->writer);
    return NULL;
}

PyObject *
kr_str_percent(PyObject *format, PyObject *args)
{
    Percent p = {.kind = PyUnicode_KIND(format),
                 .data = PyUnicode_DATA(format),
                 .length = PyUnicode_GET_LENGTH(format),
                 .format = format};
    return run_percent(&p, args);
}

PyObject *
kr_bytes_percent(const char *format, Py_ssize_t length, PyObject *args, bool use_bytearray)
{
    Percent p = {.kind = 1, .data = format, .length = length, .bytes = true};
    PyObject *text = run_percent(&p, args);
    if (text == NULL) {
        return NULL;
    }
    const char *data = PyUnicode_DATA(text);
    PyObject *result =
        use_bytearray ? PyByteArray_FromStringAndSize(data, PyUnicode_GET_LENGTH(text))
                      : PyBytes_FromStringAndSize(data, PyUnicode_GET_LENGTH(text));
    Py_DECREF(text);
    return result;
}

PyObject *
PyUnicode_Format(PyObject *format, PyObject *args)
{
    if (format == NULL || args == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (kr_str_check(format) < 0) {
        return NULL;
    }
    return kr_str_percent(format, args);
}
