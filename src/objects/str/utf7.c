// SPDX-License-Identifier: MIT
// utf7.c - UTF-7 (RFC 2152): base64 runs of UTF-16 between '+' and '-'.
#include "objects/str/str.h"

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int
base64_value(unsigned char ch)
{
    if (ch >= 'A' && ch <= 'Z') {
        return ch - 'A';
    }
    if (ch >= 'a' && ch <= 'z') {
        return ch - 'a' + 26;
    }
    if (ch >= '0' && ch <= '9') {
        return ch - '0' + 52;
    }
    return ch == '+' ? 62 : ch == '/' ? 63 : -1;
}

// Characters that the encoder writes as they are: RFC 2152's sets D and O and
// white space.
static bool
is_direct(Py_UCS4 ch)
{
    if (ch >= 127 || ch == 0 || ch == '+' || ch == '\\' || ch == '~') {
        return false;
    }
    return ch >= 32 || ch == '\t' || ch == '\n' || ch == '\r';
}

// Characters that may stand for themselves when decoding.
static bool
decodes_direct(unsigned char ch)
{
    return ch < 128 && ch != '+';
}

// A run of base64: bits that wait for a whole unit, and a high surrogate that waits
// for its partner.
typedef struct {
    bool active;
    Py_ssize_t start;       // of the run in the input
    Py_ssize_t written;     // output length when it began
    uint32_t bits;
    int count;
    Py_UCS4 high;
} Shift;

static int
write_unit(_PyUnicodeWriter *writer, Shift *shift, Py_UCS4 unit)
{
    if (shift->high != 0) {
        Py_UCS4 high = shift->high;
        shift->high = 0;
        if (Py_UNICODE_IS_LOW_SURROGATE(unit)) {
            return _PyUnicodeWriter_WriteChar(writer, Py_UNICODE_JOIN_SURROGATES(high, unit));
        }
        if (_PyUnicodeWriter_WriteChar(writer, high) < 0) {
            return -1;
        }
    }
    if (Py_UNICODE_IS_HIGH_SURROGATE(unit)) {
        shift->high = unit;
        return 0;
    }
    return _PyUnicodeWriter_WriteChar(writer, unit);
}

// What is wrong with the end of a run, or NULL.
static const char *
check_run_end(const Shift *shift)
{
    if (shift->count >= 6) {
        return "partial character in shift sequence";
    }
    if (shift->count > 0 && (shift->bits & ((1u << shift->count) - 1)) != 0) {
        return "non-zero padding bits in shift sequence";
    }
    return NULL;
}

PyObject *
PyUnicode_DecodeUTF7Stateful(const char *s, Py_ssize_t size, const char *errors,
                             Py_ssize_t *consumed)
{
    KrDecoder decoder;
    Shift shift = {0};
    kr_decoder_init(&decoder, "utf7", errors, s, size);
    const unsigned char *p = (const unsigned char *)s;
    const char *reason = NULL, *next;
    Py_ssize_t from = 0;
    while (p < (const unsigned char *)decoder.end) {
        const unsigned char *start = (const unsigned char *)decoder.start;
        unsigned char ch = *p;
        reason = NULL;
        if (shift.active) {
            int value = base64_value(ch);
            if (value >= 0) {
                shift.bits = shift.bits << 6 | (uint32_t)value;
                shift.count += 6;
                p++;
                if (shift.count >= 16) {
                    Py_UCS4 unit = shift.bits >> (shift.count - 16) & 0xffff;
                    shift.count -= 16;
                    shift.bits &= (1u << shift.count) - 1;
                    if (write_unit(&decoder.writer, &shift, unit) < 0) {
                        goto failed;
                    }
                }
                continue;
            }
            shift.active = false;
            from = shift.start;
            reason = check_run_end(&shift);
            if (reason != NULL) {
                p++;
            }
            else {
                if (shift.high != 0 && decodes_direct(ch)
                    && _PyUnicodeWriter_WriteChar(&decoder.writer, shift.high) < 0) {
                    goto failed;
                }
                shift.high = 0;
                if (ch == '-') {
                    p++;
                }
                continue;
            }
        }
        else if (ch == '+') {
            from = p - start;
            p++;
            const unsigned char *end = (const unsigned char *)decoder.end;
            if (p < end && *p == '-') {
                p++;
                if (_PyUnicodeWriter_WriteChar(&decoder.writer, '+') < 0) {
                    goto failed;
                }
            }
            else if (p < end && base64_value(*p) < 0) {
                p++;
                reason = "ill-formed sequence";
            }
            else {
                shift = (Shift){.active = true, .start = from,
                                .written = decoder.writer.pos};
            }
        }
        else if (decodes_direct(ch)) {
            p++;
            if (_PyUnicodeWriter_WriteChar(&decoder.writer, ch) < 0) {
                goto failed;
            }
        }
        else {
            from = p - start;
            p++;
            reason = "unexpected special character";
        }
        if (reason != NULL) {
            if (kr_decoder_error(&decoder, from, p - start, reason, &next) < 0) {
                goto failed;
            }
            p = (const unsigned char *)next;
        }
    }
    if (shift.active && consumed == NULL) {
        // A run may end with the text if it ends with a whole unit.
        if (shift.high != 0 || check_run_end(&shift) != NULL) {
            Py_ssize_t end = decoder.end - decoder.start;
            if (kr_decoder_error(&decoder, shift.start, end, "unterminated shift sequence",
                                 &next)
                < 0) {
                goto failed;
            }
        }
    }
    if (consumed != NULL) {
        if (shift.active) {
            // The next piece of input has to begin with the run.
            *consumed = shift.start;
            decoder.writer.pos = shift.written;
        }
        else {
            *consumed = (const char *)p - decoder.start;
        }
    }
    return kr_decoder_finish(&decoder);

failed:
    kr_decoder_discard(&decoder);
    return NULL;
}

PyObject *
PyUnicode_DecodeUTF7(const char *s, Py_ssize_t size, const char *errors)
{
    return PyUnicode_DecodeUTF7Stateful(s, size, errors, NULL);
}

// Writes 16 bits into a run of base64.
static char *
put_unit(char *out, Shift *shift, Py_UCS4 unit)
{
    shift->bits = shift->bits << 16 | unit;
    shift->count += 16;
    while (shift->count >= 6) {
        shift->count -= 6;
        *out++ = base64_digits[shift->bits >> shift->count & 63];
    }
    shift->bits &= (1u << shift->count) - 1;
    return out;
}

// Ends a run: what is left of the bits, and '-' where the next character needs it.
static char *
put_run_end(char *out, Shift *shift, Py_UCS4 next, bool at_end)
{
    if (shift->count > 0) {
        *out++ = base64_digits[shift->bits << (6 - shift->count) & 63];
    }
    if (at_end || next == '-' || (next < 128 && base64_value((unsigned char)next) >= 0)) {
        *out++ = '-';
    }
    *shift = (Shift){0};
    return out;
}

PyObject *
kr_encode_utf7(PyObject *text, const char *errors)
{
    if (kr_str_check(text) < 0) {
        return NULL;
    }
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    // At most "+", 6 digits for a pair, "-" for a character.
    if (length > PY_SSIZE_T_MAX / 8) {
        return PyErr_NoMemory();
    }
    char *buffer = PyMem_Malloc((size_t)length * 8 + 1), *out = buffer;
    if (buffer == NULL) {
        return PyErr_NoMemory();
    }
    Shift shift = {0};
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        if (shift.active && is_direct(ch)) {
            out = put_run_end(out, &shift, ch, false);
        }
        if (!shift.active) {
            if (ch == '+') {
                *out++ = '+';
                *out++ = '-';
                continue;
            }
            if (is_direct(ch)) {
                *out++ = (char)ch;
                continue;
            }
            *out++ = '+';
            shift.active = true;
        }
        if (ch >= 0x10000) {
            out = put_unit(out, &shift, Py_UNICODE_HIGH_SURROGATE(ch));
            ch = Py_UNICODE_LOW_SURROGATE(ch);
        }
        out = put_unit(out, &shift, ch);
    }
    if (shift.active) {
        out = put_run_end(out, &shift, 0, true);
    }
    PyObject *bytes = PyBytes_FromStringAndSize(buffer, out - buffer);
    PyMem_Free(buffer);
    return bytes;
}
