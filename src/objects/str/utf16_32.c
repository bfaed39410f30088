// SPDX-License-Identifier: MIT
// utf16_32.c - UTF-16 and UTF-32 in both byte orders.
//
// A byte order is -1 little, 1 big, 0 native: a decoder looks for a mark at the
// start then, an encoder writes one.
#include "objects/str/str.h"

static inline Py_UCS4
read_16(const unsigned char *p, bool big)
{
    return big ? (Py_UCS4)(p[0] << 8 | p[1]) : (Py_UCS4)(p[1] << 8 | p[0]);
}

static inline Py_UCS4
read_32(const unsigned char *p, bool big)
{
    return big ? (Py_UCS4)p[0] << 24 | (Py_UCS4)p[1] << 16 | (Py_UCS4)p[2] << 8 | p[3]
               : (Py_UCS4)p[3] << 24 | (Py_UCS4)p[2] << 16 | (Py_UCS4)p[1] << 8 | p[0];
}

// --- UTF-16 ------------------------------------------------------------------------------

// One code point at p: bytes used, or 0 with *reason and *length of what is wrong.
// A reason of NULL means that the input may go on.
static int
utf16_sequence(const unsigned char *p, const unsigned char *end, bool big, Py_UCS4 *ch,
               const char **reason, Py_ssize_t *length, bool *incomplete)
{
    *incomplete = false;
    if (end - p < 2) {
        *reason = "truncated data";
        *length = end - p;
        *incomplete = true;
        return 0;
    }
    *ch = read_16(p, big);
    if (!Py_UNICODE_IS_SURROGATE(*ch)) {
        return 2;
    }
    *length = 2;
    if (Py_UNICODE_IS_LOW_SURROGATE(*ch)) {
        *reason = "illegal encoding";
        return 0;
    }
    if (end - p < 4) {
        *reason = "unexpected end of data";
        *length = end - p;
        *incomplete = true;
        return 0;
    }
    Py_UCS4 low = read_16(p + 2, big);
    if (!Py_UNICODE_IS_LOW_SURROGATE(low)) {
        *reason = "illegal UTF-16 surrogate";
        return 0;
    }
    *ch = Py_UNICODE_JOIN_SURROGATES(*ch, low);
    return 4;
}

PyObject *
PyUnicode_DecodeUTF16Stateful(const char *s, Py_ssize_t size, const char *errors,
                              int *byteorder, Py_ssize_t *consumed)
{
    const unsigned char *p = (const unsigned char *)s;
    int order = byteorder != NULL ? *byteorder : 0;
    Py_ssize_t mark = 0;
    if (order == 0 && size >= 2) {
        Py_UCS4 first = read_16(p, false);
        if (first == 0xfeff || first == 0xfffe) {
            order = first == 0xfeff ? -1 : 1;
            mark = 2;
        }
    }
    bool big = order == 1;
    KrDecoder decoder;
    kr_decoder_init(&decoder, big ? "utf-16-be" : "utf-16-le", errors, s, size);
    decoder.writer.min_length = size / 2;
    p += mark;
    for (;;) {
        const unsigned char *start = (const unsigned char *)decoder.start;
        const unsigned char *end = (const unsigned char *)decoder.end;
        Py_UCS4 ch;
        const char *reason, *next;
        Py_ssize_t length;
        bool incomplete = false;
        if (p >= end) {
            break;
        }
        int used = utf16_sequence(p, end, big, &ch, &reason, &length, &incomplete);
        if (used > 0) {
            if (_PyUnicodeWriter_WriteChar(&decoder.writer, ch) < 0) {
                goto failed;
            }
            p += used;
            continue;
        }
        if (incomplete && consumed != NULL) {
            break;
        }
        if (kr_decoder_error(&decoder, p - start, p - start + length, reason, &next) < 0) {
            goto failed;
        }
        p = (const unsigned char *)next;
    }
    if (byteorder != NULL) {
        *byteorder = order;
    }
    if (consumed != NULL) {
        *consumed = p - (const unsigned char *)decoder.start;
    }
    return kr_decoder_finish(&decoder);

failed:
    kr_decoder_discard(&decoder);
    return NULL;
}

PyObject *
PyUnicode_DecodeUTF16(const char *s, Py_ssize_t size, const char *errors, int *byteorder)
{
    return PyUnicode_DecodeUTF16Stateful(s, size, errors, byteorder, NULL);
}

// --- UTF-32 --------------------------------------------------------------------------------

PyObject *
PyUnicode_DecodeUTF32Stateful(const char *s, Py_ssize_t size, const char *errors,
                              int *byteorder, Py_ssize_t *consumed)
{
    const unsigned char *p = (const unsigned char *)s;
    int order = byteorder != NULL ? *byteorder : 0;
    Py_ssize_t mark = 0;
    if (order == 0 && size >= 4) {
        Py_UCS4 first = read_32(p, false);
        if (first == 0xfeff || first == 0xfffe0000) {
            order = first == 0xfeff ? -1 : 1;
            mark = 4;
        }
    }
    bool big = order == 1;
    KrDecoder decoder;
    kr_decoder_init(&decoder, big ? "utf-32-be" : "utf-32-le", errors, s, size);
    decoder.writer.min_length = size / 4;
    p += mark;
    for (;;) {
        const unsigned char *start = (const unsigned char *)decoder.start;
        const unsigned char *end = (const unsigned char *)decoder.end;
        const char *reason, *next;
        Py_ssize_t length = 4;
        if (p >= end) {
            break;
        }
        if (end - p < 4) {
            if (consumed != NULL) {
                break;
            }
            reason = "truncated data";
            length = end - p;
        }
        else {
            Py_UCS4 ch = read_32(p, big);
            if (ch <= KR_MAX_UNICODE && !Py_UNICODE_IS_SURROGATE(ch)) {
                if (_PyUnicodeWriter_WriteChar(&decoder.writer, ch) < 0) {
                    goto failed;
                }
                p += 4;
                continue;
            }
            reason = ch > KR_MAX_UNICODE
                         ? "code point not in range(0x110000)"
                         : "code point in surrogate code point range(0xd800, 0xe000)";
        }
        if (kr_decoder_error(&decoder, p - start, p - start + length, reason, &next) < 0) {
            goto failed;
        }
        p = (const unsigned char *)next;
    }
    if (byteorder != NULL) {
        *byteorder = order;
    }
    if (consumed != NULL) {
        *consumed = p - (const unsigned char *)decoder.start;
    }
    return kr_decoder_finish(&decoder);

failed:
    kr_decoder_discard(&decoder);
    return NULL;
}

PyObject *
PyUnicode_DecodeUTF32(const char *s, Py_ssize_t size, const char *errors, int *byteorder)
{
    return PyUnicode_DecodeUTF32Stateful(s, size, errors, byteorder, NULL);
}

// --- Encoding --------------------------------------------------------------------------------

// Writes ch in units of width bytes; returns the bytes written.
static int
put_wide(char *data, Py_UCS4 ch, int width, bool big)
{
    unsigned char *out = (unsigned char *)data;
    if (width == 2 && ch >= 0x10000) {
        put_wide(data, Py_UNICODE_HIGH_SURROGATE(ch), 2, big);
        put_wide(data + 2, Py_UNICODE_LOW_SURROGATE(ch), 2, big);
        return 4;
    }
    for (int i = 0; i < width; i++) {
        out[big ? width - 1 - i : i] = (unsigned char)(ch >> (8 * i));
    }
    return width;
}

static int
add_wide(KrEncoder *encoder, PyObject *text, Py_ssize_t from, Py_ssize_t to, int width,
         bool big)
{
    if (to - from > PY_SSIZE_T_MAX / 4 || kr_encoder_reserve(encoder, (to - from) * 4) < 0) {
        return PyErr_Occurred() ? -1 : (PyErr_NoMemory(), -1);
    }
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    for (Py_ssize_t i = from; i < to; i++) {
        encoder->size += put_wide(encoder->data + encoder->size, PyUnicode_READ(kind, data, i),
                                  width, big);
    }
    return 0;
}

static PyObject *
encode_wide(PyObject *text, const char *errors, int byteorder, int width,
            const char *encoding)
{
    static const char complaint[] = "surrogates not allowed";
    if (kr_str_check(text) < 0) {
        return NULL;
    }
    bool big = byteorder > 0;
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), i = 0;
    KrEncoder encoder;
    kr_encoder_init(&encoder, encoding, errors, text);
    char mark[4];
    if (byteorder == 0
        && kr_encoder_add(&encoder, mark, put_wide(mark, 0xfeff, width, false)) < 0) {
        goto failed;
    }
    while (i < length) {
        Py_ssize_t start = i;
        if (kind == 1) {
            i = length;
        }
        while (i < length && !Py_UNICODE_IS_SURROGATE(PyUnicode_READ(kind, data, i))) {
            i++;
        }
        if (add_wide(&encoder, text, start, i, width, big) < 0) {
            goto failed;
        }
        if (i == length) {
            break;
        }
        Py_ssize_t end = i + 1, next; // these codecs ask about one character a time
        PyObject *replacement;
        if (kr_encoder_handle(&encoder, i, end, complaint, &replacement, &next) < 0) {
            goto failed;
        }
        int status = -1;
        if (PyBytes_Check(replacement) && PyBytes_GET_SIZE(replacement) % width == 0) {
            status = kr_encoder_add(&encoder, PyBytes_AS_STRING(replacement),
                                    PyBytes_GET_SIZE(replacement));
        }
        else if (PyUnicode_Check(replacement) && PyUnicode_IS_ASCII(replacement)) {
            status = add_wide(&encoder, replacement, 0, PyUnicode_GET_LENGTH(replacement),
                              width, big);
        }
        else {
            kr_encoder_raise(&encoder, i, end, complaint);
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
kr_encode_utf16(PyObject *text, const char *errors, int byteorder)
{
    return encode_wide(text, errors, byteorder, 2,
                       byteorder == 0 ? "utf-16" : byteorder < 0 ? "utf-16-le" : "utf-16-be");
}

PyObject *
kr_encode_utf32(PyObject *text, const char *errors, int byteorder)
{
    return encode_wide(text, errors, byteorder, 4,
                       byteorder == 0 ? "utf-32" : byteorder < 0 ? "utf-32-le" : "utf-32-be");
}

PyObject *
PyUnicode_AsUTF16String(PyObject *str)
{
    return kr_encode_utf16(str, NULL, 0);
}

PyObject *
PyUnicode_AsUTF32String(PyObject *str)
{
    return kr_encode_utf32(str, NULL, 0);
}
