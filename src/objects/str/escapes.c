// SPDX-License-Identifier: MIT
// escapes.c - the codecs unicode_escape and raw_unicode_escape.
#include "objects/str/str.h"

static int
hex_value(unsigned char ch)
{
    if (ch >= '0' && ch <= '9') {
        return ch - '0';
    }
    ch |= 32;
    return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

// Reads up to count hexadecimal digits; returns how many there were.
static int
read_hex(const unsigned char **p, const unsigned char *end, int count, Py_UCS4 *value_out)
{
    int read = 0;
    Py_UCS4 value = 0;
    while (read < count && *p < end && hex_value(**p) >= 0) {
        value = value << 4 | (Py_UCS4)hex_value(**p);
        (*p)++;
        read++;
    }
    *value_out = value;
    return read;
}

// What a simple escape stands for: -1 if it is none, -2 for a line end.
static int
simple_escape(unsigned char ch)
{
    switch (ch) {
    case '\n':
        return -2;
    case '\\':
    case '\'':
    case '"':
        return ch;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 't':
        return '\t';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 'v':
        return '\v';
    case 'a':
        return '\a';
    default:
        return -1;
    }
}

// The result of reading one escape.
typedef struct {
    Py_UCS4 ch;
    bool nothing;       // a joined line
    bool keep;          // no escape: the backslash stays
    bool incomplete;    // the input ends within it
    const char *reason; // NULL: fine
    const char *bad;    // an escape that works but should not, or NULL
} Escape;

// Reads {NAME} of \N{NAME}; *p stands behind the N.
static void
read_name(const unsigned char **p, const unsigned char *end, Escape *escape)
{
    const unsigned char *s = *p;
    escape->reason = "malformed \\N character escape";
    if (s >= end) {
        escape->incomplete = true;
        return;
    }
    if (*s != '{') {
        return;
    }
    const unsigned char *start = ++s;
    while (s < end && *s != '}') {
        s++;
    }
    if (s >= end) {
        *p = end;
        escape->incomplete = true;
        return;
    }
    if (s == start) {
        *p = s; // the brace that closes nothing is ordinary text
        return;
    }
    *p = s + 1;
    escape->reason = "unknown Unicode character name";
    if (s - start < INT_MAX
        && kr_unicode_by_name((const char *)start, (int)(s - start), &escape->ch, true)) {
        escape->reason = NULL;
    }
}

// Reads the escape behind a backslash.
static void
read_escape(const unsigned char **p, const unsigned char *end, Escape *escape)
{
    memset(escape, 0, sizeof(*escape));
    if (*p >= end) {
        escape->reason = "\\ at end of string";
        escape->incomplete = true;
        return;
    }
    unsigned char letter = *(*p)++;
    int simple = simple_escape(letter), digits = 0;
    if (simple != -1) {
        escape->nothing = simple == -2;
        escape->ch = (Py_UCS4)simple;
        return;
    }
    if (letter >= '0' && letter <= '7') {
        Py_UCS4 value = (Py_UCS4)(letter - '0');
        for (int i = 0; i < 2 && *p < end && **p >= '0' && **p <= '7'; i++) {
            value = value * 8 + (Py_UCS4)(*(*p)++ - '0');
        }
        if (value > 255) {
            escape->bad = (const char *)*p - 3;
        }
        escape->ch = value;
        return;
    }
    switch (letter) {
    case 'x':
        digits = 2;
        escape->reason = "truncated \\xXX escape";
        break;
    case 'u':
        digits = 4;
        escape->reason = "truncated \\uXXXX escape";
        break;
    case 'U':
        digits = 8;
        escape->reason = "truncated \\UXXXXXXXX escape";
        break;
    case 'N':
        read_name(p, end, escape);
        return;
    default:
        escape->keep = true;
        escape->ch = letter;
        escape->bad = (const char *)*p - 1;
        return;
    }
    if (read_hex(p, end, digits, &escape->ch) < digits) {
        escape->incomplete = *p >= end;
    }
    else if (escape->ch > KR_MAX_UNICODE) {
        escape->reason = "illegal Unicode character";
    }
    else {
        escape->reason = NULL;
    }
}

PyObject *
kr_decode_unicode_escape(const char *s, Py_ssize_t size, const char *errors,
                         Py_ssize_t *consumed, const char **bad_escape_out)
{
    KrDecoder decoder;
    kr_decoder_init(&decoder, "unicodeescape", errors, s, size);
    decoder.writer.min_length = size;
    const unsigned char *p = (const unsigned char *)s;
    *bad_escape_out = NULL;
    while (p < (const unsigned char *)decoder.end) {
        const unsigned char *start = (const unsigned char *)decoder.start;
        const unsigned char *end = (const unsigned char *)decoder.end;
        const unsigned char *stop = memchr(p, '\\', (size_t)(end - p));
        if (stop == NULL) {
            stop = end;
        }
        if (_PyUnicodeWriter_WriteLatin1String(&decoder.writer, (const char *)p, stop - p)
            < 0) {
            goto failed;
        }
        p = stop;
        if (p == end) {
            break;
        }
        const unsigned char *from = p++;
        Escape escape;
        read_escape(&p, end, &escape);
        if (escape.reason != NULL) {
            const char *next;
            if (escape.incomplete && consumed != NULL) {
                p = from;
                break;
            }
            if (kr_decoder_error(&decoder, from - start, p - start, escape.reason, &next)
                < 0) {
                goto failed;
            }
            p = (const unsigned char *)next;
            continue;
        }
        if (escape.bad != NULL && *bad_escape_out == NULL
            && decoder.object == NULL) {
            *bad_escape_out = escape.bad;
        }
        if (escape.nothing) {
            continue;
        }
        if ((escape.keep && _PyUnicodeWriter_WriteChar(&decoder.writer, '\\') < 0)
            || _PyUnicodeWriter_WriteChar(&decoder.writer, escape.ch) < 0) {
            goto failed;
        }
    }
    if (consumed != NULL) {
        *consumed = (const char *)p - decoder.start;
    }
    return kr_decoder_finish(&decoder);

failed:
    kr_decoder_discard(&decoder);
    return NULL;
}

// The same, with a DeprecationWarning for escapes that mean nothing.
PyObject *
_PyUnicode_DecodeUnicodeEscapeStateful(const char *s, Py_ssize_t size, const char *errors,
                                       Py_ssize_t *consumed)
{
    const char *bad;
    PyObject *text = kr_decode_unicode_escape(s, size, errors, consumed, &bad);
    if (text != NULL && bad != NULL) {
        unsigned char ch = (unsigned char)*bad;
        int status;
        if (ch >= '4' && ch <= '7') {
            status = PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                                      "\"\\%.3s\" is an invalid octal escape sequence. Such "
                                      "sequences will not work in the future. ",
                                      bad);
        }
        else {
            status = PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                                      "\"\\%c\" is an invalid escape sequence. Such "
                                      "sequences will not work in the future. ",
                                      (int)ch);
        }
        if (status < 0) {
            Py_CLEAR(text);
        }
    }
    return text;
}

PyObject *
PyUnicode_DecodeUnicodeEscape(const char *s, Py_ssize_t size, const char *errors)
{
    return _PyUnicode_DecodeUnicodeEscapeStateful(s, size, errors, NULL);
}

PyObject *
kr_decode_raw_unicode_escape(const char *s, Py_ssize_t size, const char *errors,
                             Py_ssize_t *consumed)
{
    KrDecoder decoder;
    kr_decoder_init(&decoder, "rawunicodeescape", errors, s, size);
    decoder.writer.min_length = size;
    const unsigned char *p = (const unsigned char *)s;
    while (p < (const unsigned char *)decoder.end) {
        const unsigned char *start = (const unsigned char *)decoder.start;
        const unsigned char *end = (const unsigned char *)decoder.end;
        const unsigned char *from = p++;
        bool last = p >= end;
        if (*from != '\\' || (last && consumed == NULL)
            || (!last && *p != 'u' && *p != 'U')) {
            if (_PyUnicodeWriter_WriteChar(&decoder.writer, *from) < 0) {
                goto failed;
            }
            if (*from == '\\' && !last && *p == '\\') {
                // An escaped backslash starts no escape.
                if (_PyUnicodeWriter_WriteChar(&decoder.writer, '\\') < 0) {
                    goto failed;
                }
                p++;
            }
            continue;
        }
        if (last) {
            p = from;
            break;
        }
        bool wide = *p++ == 'U';
        int digits = wide ? 8 : 4;
        Py_UCS4 ch;
        const char *reason = NULL, *next;
        if (read_hex(&p, end, digits, &ch) < digits) {
            if (p >= end && consumed != NULL) {
                p = from;
                break;
            }
            reason = wide ? "truncated \\UXXXXXXXX escape" : "truncated \\uXXXX escape";
        }
        else if (ch > KR_MAX_UNICODE) {
            reason = "\\Uxxxxxxxx out of range";
        }
        if (reason == NULL) {
            if (_PyUnicodeWriter_WriteChar(&decoder.writer, ch) < 0) {
                goto failed;
            }
            continue;
        }
        if (kr_decoder_error(&decoder, from - start, p - start, reason, &next) < 0) {
            goto failed;
        }
        p = (const unsigned char *)next;
    }
    if (consumed != NULL) {
        *consumed = (const char *)p - decoder.start;
    }
    return kr_decoder_finish(&decoder);

failed:
    kr_decoder_discard(&decoder);
    return NULL;
}

PyObject *
PyUnicode_DecodeRawUnicodeEscape(const char *s, Py_ssize_t size, const char *errors)
{
    return kr_decode_raw_unicode_escape(s, size, errors, NULL);
}

// --- Encoding -----------------------------------------------------------------------------

static char *
put_hex(char *out, char letter, Py_UCS4 ch, int digits)
{
    *out++ = '\\';
    *out++ = letter;
    for (int i = digits - 1; i >= 0; i--) {
        *out++ = Py_hexdigits[ch >> (4 * i) & 15];
    }
    return out;
}

static char *
put_unicode_escape(char *out, Py_UCS4 ch)
{
    if (ch >= 0x10000) {
        return put_hex(out, 'U', ch, 8);
    }
    if (ch >= 256) {
        return put_hex(out, 'u', ch, 4);
    }
    if (ch >= 32 && ch < 127 && ch != '\\') {
        *out++ = (char)ch;
        return out;
    }
    char letter = ch == '\\' ? '\\' : ch == '\t' ? 't' : ch == '\n' ? 'n' : ch == '\r' ? 'r' : 0;
    if (letter == 0) {
        return put_hex(out, 'x', ch, 2);
    }
    *out++ = '\\';
    *out++ = letter;
    return out;
}

static char *
put_raw_escape(char *out, Py_UCS4 ch)
{
    if (ch >= 0x10000) {
        return put_hex(out, 'U', ch, 8);
    }
    if (ch >= 256) {
        return put_hex(out, 'u', ch, 4);
    }
    *out++ = (char)ch;
    return out;
}

static PyObject *
escape_text(PyObject *text, char *(*put)(char *, Py_UCS4), const int widths[3])
{
    if (!PyUnicode_Check(text)) {
        PyErr_BadArgument();
        return NULL;
    }
    int kind = PyUnicode_KIND(text);
    int most = widths[kind == 1 ? 0 : kind == 2 ? 1 : 2];
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    if (length > PY_SSIZE_T_MAX / most - 1) {
        return PyErr_NoMemory();
    }
    char *buffer = PyMem_Malloc((size_t)(length * most + 1)), *out = buffer;
    if (buffer == NULL) {
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < length; i++) {
        out = put(out, PyUnicode_READ(kind, data, i));
    }
    PyObject *bytes = PyBytes_FromStringAndSize(buffer, out - buffer);
    PyMem_Free(buffer);
    return bytes;
}

PyObject *
PyUnicode_AsUnicodeEscapeString(PyObject *str)
{
    static const int widths[3] = {4, 6, 10};
    return escape_text(str, put_unicode_escape, widths);
}

PyObject *
PyUnicode_AsRawUnicodeEscapeString(PyObject *str)
{
    static const int widths[3] = {1, 6, 10};
    return escape_text(str, put_raw_escape, widths);
}
