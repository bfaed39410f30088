// SPDX-License-Identifier: MIT
// text.c - bounded printing, comparing without case, and text of the system.
//
// Locale text is UTF-8 here whatever the locale says: bytes that are not UTF-8
// become lone surrogates U+DC80..U+DCFF and come back as the bytes they were.
#include "Python.h"

#include <string.h>

#include "base/base.h"

int
PyOS_vsnprintf(char *str, size_t size, const char *format, va_list va)
{
    int length;

    KR_ASSERT(str != NULL && size > 0 && format != NULL);
    if (size > INT_MAX - 512) {
        length = -666;
        str[0] = '\0';
        return length;
    }
    length = vsnprintf(str, size, format, va);
    str[size - 1] = '\0';
    return length;
}

int
PyOS_snprintf(char *str, size_t size, const char *format, ...)
{
    va_list va;

    va_start(va, format);
    int length = PyOS_vsnprintf(str, size, format, va);
    va_end(va);
    return length;
}

static int
fold(char c)
{
    unsigned char byte = (unsigned char)c;

    return byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte;
}

int
PyOS_mystricmp(const char *a, const char *b)
{
    while (*a && fold(*a) == fold(*b)) {
        a++, b++;
    }
    return fold(*a) - fold(*b);
}

int
PyOS_mystrnicmp(const char *a, const char *b, Py_ssize_t size)
{
    if (size <= 0) {
        return 0;
    }
    while (--size > 0 && *a && fold(*a) == fold(*b)) {
        a++, b++;
    }
    return fold(*a) - fold(*b);
}

// Length of the well-formed UTF-8 sequence at text, 0 if there is none.
static int
utf8_sequence(const unsigned char *text, wchar_t *out)
{
    unsigned c = text[0];

    if (c < 0x80) {
        *out = (wchar_t)c;
        return 1;
    }
    int length = c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3
                 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
    unsigned value = length == 2 ? c & 0x1F : length == 3 ? c & 0x0F : c & 0x07;
    for (int i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
        value = value << 6 | (text[i] & 0x3Fu);
    }
    if ((length == 3 && (value < 0x800 || (value >= 0xD800 && value < 0xE000))) ||
        (length == 4 && (value < 0x10000 || value > 0x10FFFF))) {
        return 0;
    }
    *out = (wchar_t)value;
    return length;
}

wchar_t *
Py_DecodeLocale(const char *text, size_t *size)
{
    size_t length = strlen(text), used = 0;
    wchar_t *result = PyMem_RawMalloc((length + 1) * sizeof(wchar_t));

    if (result == NULL) {
        if (size != NULL) {
            *size = (size_t)-1;
        }
        return NULL;
    }
    for (size_t i = 0; i < length;) {
        int step = utf8_sequence((const unsigned char *)text + i, &result[used]);
        if (step == 0) {
            result[used] = 0xDC00 + (unsigned char)text[i];
            step = 1;
        }
        used++;
        i += (size_t)step;
    }
    result[used] = 0;
    if (size != NULL) {
        *size = used;
    }
    return result;
}

char *
Py_EncodeLocale(const wchar_t *text, size_t *error_pos)
{
    size_t length = wcslen(text);
    unsigned char *result = PyMem_Malloc(length * 4 + 1);
    unsigned char *at = result;

    if (result == NULL) {
        if (error_pos != NULL) {
            *error_pos = (size_t)-1;
        }
        return NULL;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned c = (unsigned)text[i];
        if (c < 0x80) {
            *at++ = (unsigned char)c;
        }
        else if (c < 0x800) {
            *at++ = (unsigned char)(0xC0 | c >> 6);
            *at++ = (unsigned char)(0x80 | (c & 0x3F));
        }
        else if (c >= 0xDC80 && c <= 0xDCFF) {
            *at++ = (unsigned char)(c - 0xDC00);
        }
        else if ((c >= 0xD800 && c < 0xE000) || c > 0x10FFFF) {
            PyMem_Free(result);
            if (error_pos != NULL) {
                *error_pos = i;
            }
            return NULL;
        }
        else if (c < 0x10000) {
            *at++ = (unsigned char)(0xE0 | c >> 12);
            *at++ = (unsigned char)(0x80 | (c >> 6 & 0x3F));
            *at++ = (unsigned char)(0x80 | (c & 0x3F));
        }
        else {
            *at++ = (unsigned char)(0xF0 | c >> 18);
            *at++ = (unsigned char)(0x80 | (c >> 12 & 0x3F));
            *at++ = (unsigned char)(0x80 | (c >> 6 & 0x3F));
            *at++ = (unsigned char)(0x80 | (c & 0x3F));
        }
    }
    *at = '\0';
    return (char *)result;
}
