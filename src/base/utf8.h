// SPDX-License-Identifier: MIT
// utf8.h - reading, writing and checking UTF-8.
#ifndef KRAIT_BASE_UTF8_H
#define KRAIT_BASE_UTF8_H

#include "base/base.h"

// Number of leading bytes that are valid UTF-8 (surrogates are not).
size_t kr_utf8_valid_length(const char *text, size_t length);

// Number of characters in valid or surrogate-carrying UTF-8.
size_t kr_utf8_count(const char *text, size_t length);

// Writes a code point (surrogates too) and returns how many bytes, 1 to 4.
int kr_utf8_write(uint32_t character, char *out);

// Reads the character at *cursor, which must be valid, and moves *cursor past it.
static inline uint32_t
kr_utf8_read(const char **cursor)
{
    const unsigned char *s = (const unsigned char *)*cursor;
    if (s[0] < 0x80) {
        *cursor += 1;
        return s[0];
    }
    if (s[0] < 0xe0) {
        *cursor += 2;
        return (s[0] & 0x1fu) << 6 | (s[1] & 0x3fu);
    }
    if (s[0] < 0xf0) {
        *cursor += 3;
        return (s[0] & 0x0fu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
    }
    *cursor += 4;
    return (s[0] & 0x07u) << 18 | (s[1] & 0x3fu) << 12 | (s[2] & 0x3fu) << 6
           | (s[3] & 0x3fu);
}

#endif // KRAIT_BASE_UTF8_H
