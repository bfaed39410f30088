// SPDX-License-Identifier: MIT
// latin1.c - the encodings of one byte a character: ASCII and Latin-1.
#include "objects/str/str.h"

PyObject *
PyUnicode_DecodeLatin1(const char *s, Py_ssize_t size, const char *errors)
{
    return kr_str_from_ucs1((const Py_UCS1 *)s, size);
}

PyObject *
PyUnicode_DecodeASCII(const char *s, Py_ssize_t size, const char *errors)
{
    if (size <= 0 || kr_max_char(1, s, 0, size) < 128) {
        return kr_str_from_ascii(s, Py_MAX(size, 0));
    }
    KrDecoder decoder;
    kr_decoder_init(&decoder, "ascii", errors, s, size);
    const char *p = decoder.start;
    while (p < decoder.end) {
        const char *start = p;
        while (p < decoder.end && (unsigned char)*p < 128) {
            p++;
        }
        if (_PyUnicodeWriter_WriteASCIIString(&decoder.writer, start, p - start) < 0) {
            goto failed;
        }
        if (p < decoder.end
            && kr_decoder_error(&decoder, p - decoder.start, p - decoder.start + 1,
                                "ordinal not in range(128)", &p)
                   < 0) {
            goto failed;
        }
    }
    return kr_decoder_finish(&decoder);

failed:
    kr_decoder_discard(&decoder);
    return NULL;
}

// Text with characters that are not below limit.
static PyObject *
encode_with_errors(PyObject *text, const char *errors, Py_UCS4 limit)
{
    const char *reason =
        limit == 256 ? "ordinal not in range(256)" : "ordinal not in range(128)";
    KrEncoder encoder;
    kr_encoder_init(&encoder, limit == 256 ? "latin-1" : "ascii", errors, text);
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), i = 0;
    while (i < length) {
        Py_ssize_t start = i;
        while (i < length && PyUnicode_READ(kind, data, i) < limit) {
            i++;
        }
        if (kr_encoder_reserve(&encoder, i - start) < 0) {
            goto failed;
        }
        kr_copy_items(1, encoder.data, encoder.size, kind, data, start, i - start);
        encoder.size += i - start;
        if (i == length) {
            break;
        }
        Py_ssize_t end = i + 1, next;
        while (end < length && PyUnicode_READ(kind, data, end) >= limit) {
            end++;
        }
        PyObject *replacement;
        if (kr_encoder_handle(&encoder, i, end, reason, &replacement, &next) < 0) {
            goto failed;
        }
        int status = -1;
        if (PyBytes_Check(replacement)) {
            status = kr_encoder_add(&encoder, PyBytes_AS_STRING(replacement),
                                    PyBytes_GET_SIZE(replacement));
        }
        else if (PyUnicode_MAX_CHAR_VALUE(replacement) < limit) {
            status = kr_encoder_add(&encoder, PyUnicode_DATA(replacement),
                                    PyUnicode_GET_LENGTH(replacement));
        }
        else {
            kr_encoder_raise(&encoder, i, end, reason);
        }
        Py_DECREF(replacement);
        if (status < 0) {
            goto failed;
        }
        i = next;
    }
    return kr_encoder_finish(&encoder);

failed:
    kr_encoder_discard(&encoder);
    return NULL;
}

PyObject *
kr_encode_latin1(PyObject *text, const char *errors)
{
    if (kr_str_check(text) < 0) {
        return NULL;
    }
    if (PyUnicode_KIND(text) == 1) {
        return PyBytes_FromStringAndSize(PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text));
    }
    return encode_with_errors(text, errors, 256);
}

PyObject *
kr_encode_ascii(PyObject *text, const char *errors)
{
    if (kr_str_check(text) < 0) {
        return NULL;
    }
    if (PyUnicode_IS_ASCII(text)) {
        return PyBytes_FromStringAndSize(PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text));
    }
    return encode_with_errors(text, errors, 128);
}

PyObject *
PyUnicode_AsLatin1String(PyObject *str)
{
    return kr_encode_latin1(str, NULL);
}

PyObject *
PyUnicode_AsASCIIString(PyObject *str)
{
    return kr_encode_ascii(str, NULL);
}
