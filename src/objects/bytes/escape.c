// SPDX-License-Identifier: MIT
// escape.c - backslash escapes of bytes literals.
#include "objects/bytes/bytes.h"

#include "objects/ids.h"

// What an escape error in \x comes to: 0 goes on, -1 raises.
static int
escape_bad_hex(KrByteWriter *w, const char *errors, Py_ssize_t position)
{
    if (errors == NULL || strcmp(errors, "strict") == 0) {
        PyErr_Format(PyExc_ValueError, "invalid \\x escape at position %zd", position);
        return -1;
    }
    if (strcmp(errors, "replace") == 0) {
        return kr_bytewriter_put(w, '?');
    }
    if (strcmp(errors, "ignore") == 0) {
        return 0;
    }
    PyErr_Format(PyExc_ValueError,
                 "decoding error; unknown error handling code: %.400s", errors);
    return -1;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Up to three octal digits from *at on.
static int
octal_value(const char **at, const char *end)
{
    int value = 0;
    for (int i = 0; i < 3 && *at < end && **at >= '0' && **at <= '7'; i++, (*at)++) {
        value = value * 8 + (**at - '0');
    }
    return value;
}

// Decodes what follows a backslash. *at is moved behind it.
static int
decode_one(KrByteWriter *w, const char *start, const char **at, const char *end,
           const char *errors, const char **invalid)
{
    static const char plain[] = "\\'\"abfnrtv";
    static const char meaning[] = "\\'\"\a\b\f\n\r\t\v";
    const char *s = *at, *found;
    char c = *s++;

    *at = s;
    if (c == '\n') {
        return 0;
    }
    if (c != '\0' && (found = strchr(plain, c)) != NULL) {
        return kr_bytewriter_put(w, meaning[found - plain]);
    }
    if (c >= '0' && c <= '7') {
        *at = s - 1;
        int value = octal_value(at, end);
        if (value > 255 && *invalid == NULL) {
            *invalid = s - 1;
        }
        return kr_bytewriter_put(w, (char)value);
    }
    if (c == 'x') {
        int high = s < end ? hex_digit(s[0]) : -1;
        int low = high >= 0 && s + 1 < end ? hex_digit(s[1]) : -1;
        if (low >= 0) {
            *at = s + 2;
            return kr_bytewriter_put(w, (char)(high << 4 | low));
        }
        // One good digit is skipped with the rest of the escape.
        *at = high >= 0 ? s + 1 : s;
        return escape_bad_hex(w, errors, s - 2 - start);
    }
    if (*invalid == NULL) {
        *invalid = s - 1;
    }
    return kr_bytewriter_put(w, '\\') < 0 ? -1 : kr_bytewriter_put(w, c);
}

PyObject *
kr_bytes_decode_escape(const char *text, Py_ssize_t length, const char *errors,
                       const char **first_invalid_out)
{
    const char *at = text, *end = text + length;
    KrByteWriter w;
    PyObject *result = NULL;

    *first_invalid_out = NULL;
    kr_bytewriter_init(&w);
    while (at < end) {
        const char *slash = memchr(at, '\\', (size_t)(end - at));
        const char *stop = slash != NULL ? slash : end;
        if (kr_bytewriter_write(&w, at, stop - at) < 0) {
            goto done;
        }
        if (slash == NULL) {
            break;
        }
        at = slash + 1;
        if (at == end) {
            PyErr_SetString(PyExc_ValueError, "Trailing \\ in string");
            goto done;
        }
        if (decode_one(&w, text, &at, end, errors, first_invalid_out) < 0) {
            goto done;
        }
    }
    result = PyBytes_FromStringAndSize(w.data, w.size);

done:
    kr_bytewriter_free(&w);
    return result;
}

PyObject *
PyBytes_DecodeEscape(const char *text, Py_ssize_t length, const char *errors,
                     Py_ssize_t unicode, const char *recode_encoding)
{
    const char *invalid;
    PyObject *result = kr_bytes_decode_escape(text, length, errors, &invalid);

    if (result == NULL || invalid == NULL) {
        return result;
    }
    unsigned char c = (unsigned char)*invalid;
    int status;
    if (c >= '4' && c <= '7') {
        status = PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                                  "b\"\\%.3s\" is an invalid octal escape sequence. "
                                  "Such sequences will not work in the future. ",
                                  invalid);
    }
    else {
        status = PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                                  "b\"\\%c\" is an invalid escape sequence. "
                                  "Such sequences will not work in the future. ", c);
    }
    if (status < 0) {
        Py_DECREF(result);
        return NULL;
    }
    return result;
}
