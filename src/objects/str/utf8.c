// SPDX-License-Identifier: MIT
// utf8.c - UTF-8, the encoding of everything outside.
//
// A decode looks at the text twice: once to count and to find the width, once to
// fill a string of the exact size. Only wrong input takes the slower path.
#include "objects/str/str.h"

// --- Decoding --------------------------------------------------------------------------

int
kr_utf8_sequence(const unsigned char *s, const unsigned char *end, Py_UCS4 *ch_out)
{
    unsigned char lead = s[0];
    Py_ssize_t left = end - s;
    if (lead < 0x80) {
        *ch_out = lead;
        return 1;
    }
    if (lead < 0xc2 || lead > 0xf4) {
        return -1;
    }
    if (lead < 0xe0) {
        if (left < 2) {
            return 0;
        }
        if ((s[1] & 0xc0) != 0x80) {
            return -1;
        }
        *ch_out = (lead & 31u) << 6 | (s[1] & 63u);
        return 2;
    }
    if (left < 2) {
        return 0;
    }
    // The second byte excludes overlong forms, surrogates and too large values.
    unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (s[1] < low || s[1] > high) {
        return -1;
    }
    if (left < 3) {
        return 0;
    }
    if ((s[2] & 0xc0) != 0x80) {
        return -2;
    }
    if (lead < 0xf0) {
        *ch_out = (lead & 15u) << 12 | (s[1] & 63u) << 6 | (s[2] & 63u);
        return 3;
    }
    if (left < 4) {
        return 0;
    }
    if ((s[3] & 0xc0) != 0x80) {
        return -3;
    }
    *ch_out = (lead & 7u) << 18 | (s[1] & 63u) << 12 | (s[2] & 63u) << 6 | (s[3] & 63u);
    return 4;
}

// The first byte of s that is not ASCII, or end.
static const unsigned char *
skip_ascii(const unsigned char *s, const unsigned char *end)
{
    uint64_t a, b;
    while (end - s >= 16) {
        memcpy(&a, s, 8);
        memcpy(&b, s + 8, 8);
        if ((a | b) & 0x8080808080808080ULL) {
            break;
        }
        s += 16;
    }
    while (s < end && *s < 0x80) {
        s++;
    }
    return s;
}

// Counts the code points up to the first wrong or incomplete sequence, which is
// returned (end if there is none). *maxchar_out is a class limit.
static inline bool
is_tail(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

static const unsigned char *
measure(const unsigned char *s, const unsigned char *end, Py_ssize_t *count_out,
        Py_UCS4 *maxchar_out)
{
    Py_ssize_t count = 0;
    Py_UCS4 bits = 0, ch;
    while (s < end) {
        unsigned char lead = *s;
        if (lead < 0x80) {
            // Runs of ASCII are often long or one character.
            if (end - s >= 8 && !((s[1] | s[2] | s[3] | s[4] | s[5] | s[6] | s[7]) & 0x80)) {
                const unsigned char *next = skip_ascii(s, end);
                count += next - s;
                s = next;
                continue;
            }
            count++;
            s++;
            continue;
        }
        if (lead < 0xe0 && lead >= 0xc2 && end - s >= 2 && is_tail(s[1])) {
            bits |= (lead & 31u) << 6 | (s[1] & 63u);
            count++;
            s += 2;
            continue;
        }
        if (lead > 0xe0 && lead < 0xed && end - s >= 3 && is_tail(s[1]) && is_tail(s[2])) {
            bits |= 0x8000;
            count++;
            s += 3;
            continue;
        }
        int used = kr_utf8_sequence(s, end, &ch);
        if (used <= 0) {
            break;
        }
        bits |= ch;
        count++;
        s += used;
    }
    *count_out = count;
    *maxchar_out = bits < 128 ? 127 : bits < 256 ? 255 : bits < 65536 ? 65535 : KR_MAX_UNICODE;
    return s;
}

// Decodes valid sequences from s to end.
#define FILL(ITEM)                                                                       \
    do {                                                                                 \
        ITEM *out = (ITEM *)data + at;                                                   \
        while (s < end) {                                                                \
            unsigned char c = *s;                                                        \
            if (c < 0x80) {                                                              \
                *out++ = c;                                                              \
                s++;                                                                     \
            }                                                                            \
            else if (c < 0xe0) {                                                         \
                *out++ = (ITEM)((c & 31u) << 6 | (s[1] & 63u));                          \
                s += 2;                                                                  \
            }                                                                            \
            else if (c < 0xf0) {                                                         \
                *out++ = (ITEM)((c & 15u) << 12 | (s[1] & 63u) << 6 | (s[2] & 63u));     \
                s += 3;                                                                  \
            }                                                                            \
            else {                                                                       \
                *out++ = (ITEM)((c & 7u) << 18 | (s[1] & 63u) << 12 | (s[2] & 63u) << 6  \
                                | (s[3] & 63u));                                         \
                s += 4;                                                                  \
            }                                                                            \
        }                                                                                \
    } while (0)

static void
fill_items(int kind, void *data, Py_ssize_t at, const unsigned char *s,
           const unsigned char *end)
{
    switch (kind) {
    case 1:
        FILL(Py_UCS1);
        break;
    case 2:
        FILL(Py_UCS2);
        break;
    default:
        FILL(Py_UCS4);
    }
}

// Input that is wrong somewhere, or cut short.
KR_COLD static PyObject *
decode_utf8_slow(const char *s, Py_ssize_t size, const char *errors, Py_ssize_t *consumed)
{
    KrDecoder decoder;
    kr_decoder_init(&decoder, "utf-8", errors, s, size);
    const unsigned char *p = (const unsigned char *)decoder.start;
    for (;;) {
        const unsigned char *end = (const unsigned char *)decoder.end, *next;
        Py_ssize_t count;
        Py_UCS4 maxchar, ch;
        next = measure(p, end, &count, &maxchar);
        if (count > 0) {
            if (_PyUnicodeWriter_Prepare(&decoder.writer, count, maxchar) < 0) {
                goto failed;
            }
            fill_items(decoder.writer.kind, decoder.writer.data, decoder.writer.pos, p, next);
            decoder.writer.pos += count;
        }
        p = next;
        if (p == end) {
            break;
        }
        int used = kr_utf8_sequence(p, end, &ch);
        Py_ssize_t from = p - (const unsigned char *)decoder.start, to;
        const char *reason, *go_on;
        if (used == 0) {
            if (consumed != NULL) {
                break;
            }
            reason = "unexpected end of data";
            to = end - (const unsigned char *)decoder.start;
        }
        else if (consumed != NULL && *p == 0xed && end - p == 2 && p[1] >= 0xa0
                 && p[1] <= 0xbf) {
            break; // two bytes of a surrogate: surrogatepass wants to see the third
        }
        else {
            reason = *p < 0xc2 || *p > 0xf4 ? "invalid start byte"
                                            : "invalid continuation byte";
            to = from - used;
        }
        if (kr_decoder_error(&decoder, from, to, reason, &go_on) < 0) {
            goto failed;
        }
        p = (const unsigned char *)go_on;
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
PyUnicode_DecodeUTF8Stateful(const char *s, Py_ssize_t size, const char *errors,
                             Py_ssize_t *consumed)
{
    const unsigned char *p = (const unsigned char *)s, *end = p + size;
    if (size <= 0) {
        if (consumed != NULL) {
            *consumed = 0;
        }
        return kr_empty_str();
    }
    Py_ssize_t count;
    Py_UCS4 maxchar;
    const unsigned char *stop = skip_ascii(p, end);
    if (stop == end) {
        if (consumed != NULL) {
            *consumed = size;
        }
        return kr_str_from_ascii(s, size);
    }
    Py_ssize_t prefix = stop - p;
    if (measure(stop, end, &count, &maxchar) != end) {
        return decode_utf8_slow(s, size, errors, consumed);
    }
    if (consumed != NULL) {
        *consumed = size;
    }
    if (prefix + count == 1) {
        Py_UCS4 ch;
        kr_utf8_sequence(stop, end, &ch);
        return kr_str_from_char(ch);
    }
    PyObject *text = kr_str_new(prefix + count, maxchar);
    if (text != NULL) {
        int kind = PyUnicode_KIND(text);
        void *data = PyUnicode_DATA(text);
        kr_copy_items(kind, data, 0, 1, s, 0, prefix);
        fill_items(kind, data, prefix, stop, end);
    }
    return text;
}

PyObject *
PyUnicode_DecodeUTF8(const char *s, Py_ssize_t size, const char *errors)
{
    return PyUnicode_DecodeUTF8Stateful(s, size, errors, NULL);
}

// --- Encoding ---------------------------------------------------------------------------

char *
kr_utf8_put(char *out, Py_UCS4 ch)
{
    if (ch < 0x80) {
        *out++ = (char)ch;
    }
    else if (ch < 0x800) {
        *out++ = (char)(0xc0 | ch >> 6);
        *out++ = (char)(0x80 | (ch & 63));
    }
    else if (ch < 0x10000) {
        *out++ = (char)(0xe0 | ch >> 12);
        *out++ = (char)(0x80 | (ch >> 6 & 63));
        *out++ = (char)(0x80 | (ch & 63));
    }
    else {
        *out++ = (char)(0xf0 | ch >> 18);
        *out++ = (char)(0x80 | (ch >> 12 & 63));
        *out++ = (char)(0x80 | (ch >> 6 & 63));
        *out++ = (char)(0x80 | (ch & 63));
    }
    return out;
}

// Bytes that text[from:] takes up to the first surrogate, which *stop_out names.
static Py_ssize_t
utf8_size(PyObject *text, Py_ssize_t from, Py_ssize_t *stop_out)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), size = 0, i = from;
    switch (PyUnicode_KIND(text)) {
    case 1: {
        const Py_UCS1 *p = PyUnicode_DATA(text);
        size = length - from;
        for (; i < length; i++) {
            size += p[i] >> 7;
        }
        break;
    }
    case 2: {
        const Py_UCS2 *p = PyUnicode_DATA(text);
        for (; i < length && !Py_UNICODE_IS_SURROGATE(p[i]); i++) {
            size += 1 + (p[i] >= 0x80) + (p[i] >= 0x800);
        }
        break;
    }
    default: {
        const Py_UCS4 *p = PyUnicode_DATA(text);
        for (; i < length && !Py_UNICODE_IS_SURROGATE(p[i]); i++) {
            size += 1 + (p[i] >= 0x80) + (p[i] >= 0x800) + (p[i] >= 0x10000);
        }
    }
    }
    *stop_out = i;
    return size;
}

static char *
put_items(char *out, PyObject *text, Py_ssize_t from, Py_ssize_t to)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    if (kind == 1) {
        const Py_UCS1 *p = data;
        for (Py_ssize_t i = from; i < to; i++) {
            if (p[i] < 0x80) {
                *out++ = (char)p[i];
            }
            else {
                *out++ = (char)(0xc0 | p[i] >> 6);
                *out++ = (char)(0x80 | (p[i] & 63));
            }
        }
    }
    else if (kind == 2) {
        const Py_UCS2 *p = data;
        for (Py_ssize_t i = from; i < to; i++) {
            unsigned ch = p[i];
            if (ch < 0x80) {
                *out++ = (char)ch;
            }
            else if (ch < 0x800) {
                *out++ = (char)(0xc0 | ch >> 6);
                *out++ = (char)(0x80 | (ch & 63));
            }
            else {
                *out++ = (char)(0xe0 | ch >> 12);
                *out++ = (char)(0x80 | (ch >> 6 & 63));
                *out++ = (char)(0x80 | (ch & 63));
            }
        }
    }
    else {
        const Py_UCS4 *p = data;
        for (Py_ssize_t i = from; i < to; i++) {
            if (p[i] < 0x80) {
                *out++ = (char)p[i];
            }
            else {
                out = kr_utf8_put(out, p[i]);
            }
        }
    }
    return out;
}

// Text with surrogates.
KR_COLD static PyObject *
encode_utf8_slow(PyObject *text, const char *errors)
{
    KrEncoder encoder;
    kr_encoder_init(&encoder, "utf-8", errors, text);
    Py_ssize_t i = 0, length = PyUnicode_GET_LENGTH(text);
    while (i < length) {
        Py_ssize_t stop, size = utf8_size(text, i, &stop);
        if (kr_encoder_reserve(&encoder, size) < 0) {
            goto failed;
        }
        put_items(encoder.data + encoder.size, text, i, stop);
        encoder.size += size;
        i = stop;
        if (i == length) {
            break;
        }
        Py_ssize_t end = i + 1;
        while (end < length && Py_UNICODE_IS_SURROGATE(PyUnicode_READ_CHAR(text, end))) {
            end++;
        }
        PyObject *replacement = NULL;
        Py_ssize_t next;
        if (kr_encoder_handle(&encoder, i, end, "surrogates not allowed", &replacement,
                              &next) < 0) {
            goto failed;
        }
        int status;
        if (PyBytes_Check(replacement)) {
            status = kr_encoder_add(&encoder, PyBytes_AS_STRING(replacement),
                                    PyBytes_GET_SIZE(replacement));
        }
        else if (PyUnicode_IS_ASCII(replacement)) {
            status = kr_encoder_add(&encoder, PyUnicode_DATA(replacement),
                                    PyUnicode_GET_LENGTH(replacement));
        }
        else {
            kr_encoder_raise(&encoder, i, end, "surrogates not allowed");
            status = -1;
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
kr_encode_utf8(PyObject *text, const char *errors)
{
    if (kr_str_check(text) < 0) {
        return NULL;
    }
    Py_ssize_t size, stop;
    const char *utf8 = kr_str_utf8_or_null(text, &size);
    if (utf8 != NULL) {
        return PyBytes_FromStringAndSize(utf8, size);
    }
    size = utf8_size(text, 0, &stop);
    if (stop < PyUnicode_GET_LENGTH(text)) {
        return encode_utf8_slow(text, errors);
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (bytes != NULL) {
        put_items(PyBytes_AS_STRING(bytes), text, 0, stop);
    }
    return bytes;
}

PyObject *
PyUnicode_AsUTF8String(PyObject *str)
{
    return kr_encode_utf8(str, NULL);
}

// Raises UnicodeEncodeError for the first surrogates of text.
KR_COLD static void
refuse_surrogates(PyObject *text)
{
    PyObject *bytes = encode_utf8_slow(text, NULL);
    Py_XDECREF(bytes);
}

const char *
PyUnicode_AsUTF8AndSize(PyObject *str, Py_ssize_t *size)
{
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        if (size != NULL) {
            *size = -1;
        }
        return NULL;
    }
    Py_ssize_t length, stop;
    const char *utf8 = kr_str_utf8_or_null(str, &length);
    if (utf8 == NULL) {
        length = utf8_size(str, 0, &stop);
        char *cache = NULL;
        if (stop < PyUnicode_GET_LENGTH(str)) {
            refuse_surrogates(str);
        }
        else {
            cache = PyMem_Malloc((size_t)length + 1);
            if (cache == NULL) {
                PyErr_NoMemory();
            }
        }
        if (cache == NULL) {
            if (size != NULL) {
                *size = -1;
            }
            return NULL;
        }
        *put_items(cache, str, 0, stop) = 0;
        KR_COMPACT(str)->utf8_length = length;
        KR_COMPACT(str)->utf8 = cache;
        utf8 = cache;
    }
    if (size != NULL) {
        *size = length;
    }
    return utf8;
}

const char *
PyUnicode_AsUTF8(PyObject *str)
{
    return PyUnicode_AsUTF8AndSize(str, NULL);
}
