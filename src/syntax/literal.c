// SPDX-License-Identifier: MIT
// literal.c - escapes in string and bytes literals.
#include "syntax/parser.h"

#include "base/utf8.h"

typedef struct {
    KrParser *p;
    const KrToken *token;  // for positions
    int token_index;
    bool is_bytes;
    const char *start;     // of the text
    const char *end;
    char *out;             // room for the text's length at least
    size_t length;
    bool warned;           // only the first escape of a literal is reported
} Decoder;

static int
hex_digit_value(int c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The reference decodes a text in which every character beyond ASCII is \UXXXXXXXX:
// its error positions count that way.
static size_t
reported_position(const Decoder *d, const char *at)
{
    size_t position = 0;
    for (const char *s = d->start; s < at;) {
        if ((unsigned char)*s < 128) {
            position++;
            s++;
        }
        else {
            kr_utf8_read(&s);
            position += 10;
        }
    }
    return position;
}

static bool
raise_unicode_error(Decoder *d, const char *from, const char *to, const char *reason)
{
    size_t first = reported_position(d, from), last = reported_position(d, to);
    last = last > first ? last - 1 : first;
    if (first == last) {
        // One byte only, the backslash.
        kr_parser_raise_token(d->p, d->token_index,
                              "(unicode error) 'unicodeescape' codec can't decode byte "
                              "0x%02x in position %zu: %s",
                              (unsigned char)*from, first, reason);
        return false;
    }
    kr_parser_raise_token(d->p, d->token_index,
                          "(unicode error) 'unicodeescape' codec can't decode bytes in "
                          "position %zu-%zu: %s",
                          first, last, reason);
    return false;
}

// Line of a place in the token, for warnings.
static int
line_of(const Decoder *d, const char *at)
{
    int line = d->token->lineno;
    for (const char *s = d->token->start; s < at; s++) {
        line += *s == '\n';
    }
    return line;
}

// Warns of the escape whose text behind the backslash is given.
static bool
warn_escape(Decoder *d, const char *sequence, int length, bool is_octal)
{
    if (d->warned) {
        return true;
    }
    d->warned = true;
    return kr_lexer_warn_escape(&d->p->lexer, sequence, length, is_octal,
                                line_of(d, sequence - 1));
}

static bool
decode_hex(Decoder *d, const char **cursor, int digits, const char *what)
{
    const char *backslash = *cursor - 2, *s = *cursor;
    uint32_t value = 0;
    for (int i = 0; i < digits; i++) {
        int digit = s < d->end ? hex_digit_value((unsigned char)*s) : -1;
        if (digit < 0) {
            if (d->is_bytes) {
                kr_parser_raise_token(d->p, d->token_index,
                                      "(value error) invalid \\x escape at position "
                                      "%td",
                                      backslash - d->start);
                return false;
            }
            return raise_unicode_error(d, backslash, s, what);
        }
        value = value << 4 | (uint32_t)digit;
        s++;
    }
    *cursor = s;
    if (d->is_bytes) {
        d->out[d->length++] = (char)value;
        return true;
    }
    if (value > 0x10ffff) {
        return raise_unicode_error(d, backslash, s, "illegal Unicode character");
    }
    d->length += (size_t)kr_utf8_write(value, d->out + d->length);
    return true;
}

static bool
decode_named(Decoder *d, const char **cursor)
{
    const char *backslash = *cursor - 2, *s = *cursor;
    const char *close;
    const KrUnicodeHooks *hooks = d->p->in->unicode;
    uint32_t value;
    if (s == d->end || *s != '{') {
        return raise_unicode_error(d, backslash, s, "malformed \\N character escape");
    }
    close = memchr(s, '}', (size_t)(d->end - s));
    if (close == NULL || close == s + 1) {
        return raise_unicode_error(d, backslash, close == NULL ? d->end : close,
                             "malformed \\N character escape");
    }
    if (hooks == NULL || hooks->character_by_name == NULL
        || !hooks->character_by_name(s + 1, (size_t)(close - s - 1), &value)) {
        return raise_unicode_error(d, backslash, close + 1,
                                   "unknown Unicode character name");
    }
    *cursor = close + 1;
    d->length += (size_t)kr_utf8_write(value, d->out + d->length);
    return true;
}

static bool
decode_octal(Decoder *d, const char **cursor)
{
    const char *s = *cursor - 1;
    int value = 0, digits = 0;
    while (digits < 3 && s < d->end && *s >= '0' && *s <= '7') {
        value = value * 8 + (*s++ - '0');
        digits++;
    }
    if (value > 0377 && !warn_escape(d, s - 3, 3, true)) {
        return false;
    }
    *cursor = s;
    if (d->is_bytes) {
        d->out[d->length++] = (char)value;
    }
    else {
        d->length += (size_t)kr_utf8_write((uint32_t)value, d->out + d->length);
    }
    return true;
}

// After a backslash and the byte behind it.
static bool
decode_escape(Decoder *d, const char **cursor)
{
    char c = (*cursor)[-1];
    switch (c) {
    case '\n': return true;
    case '\\':
    case '\'':
    case '"': d->out[d->length++] = c; return true;
    case 'a': d->out[d->length++] = '\a'; return true;
    case 'b': d->out[d->length++] = '\b'; return true;
    case 'f': d->out[d->length++] = '\f'; return true;
    case 'n': d->out[d->length++] = '\n'; return true;
    case 'r': d->out[d->length++] = '\r'; return true;
    case 't': d->out[d->length++] = '\t'; return true;
    case 'v': d->out[d->length++] = '\v'; return true;
    case '0': case '1': case '2': case '3':
    case '4': case '5': case '6': case '7':
        return decode_octal(d, cursor);
    case 'x':
        return decode_hex(d, cursor, 2, "truncated \\xXX escape");
    case 'u':
        if (!d->is_bytes) {
            return decode_hex(d, cursor, 4, "truncated \\uXXXX escape");
        }
        break;
    case 'U':
        if (!d->is_bytes) {
            return decode_hex(d, cursor, 8, "truncated \\UXXXXXXXX escape");
        }
        break;
    case 'N':
        if (!d->is_bytes) {
            return decode_named(d, cursor);
        }
        break;
    default:
        break;
    }
    // Unknown: the backslash stays, with a warning, unless the character is beyond
    // ASCII. In an f-string the lexer has warned of a brace.
    const char *from = *cursor - 1, *to = from;
    kr_utf8_read(&to);
    if ((unsigned char)c < 128
        && !((c == '{' || c == '}') && d->token->kind != TOK_STRING)
        && !warn_escape(d, from, (int)(to - from), false)) {
        return false;
    }
    d->out[d->length++] = '\\';
    while (from < to) {
        d->out[d->length++] = *from++;
    }
    *cursor = to;
    return true;
}

bool
kr_literal_decode(KrParser *p, int token_index, const char *text, size_t length,
                  bool is_bytes, bool raw, const char **out, size_t *length_out)
{
    const char *end = text + length;
    const char *backslash = raw ? NULL : memchr(text, '\\', length);
    if (backslash == NULL) {
        *out = kr_arena_copy(p->arena, text, length);
        *length_out = length;
        return *out != NULL || kr_parser_no_memory(p) != NULL;
    }
    // A named character may need more bytes than \N{x}, never more than the text plus 4.
    Decoder d = {p, &p->tokens[token_index], token_index, is_bytes, text, end, NULL, 0};
    d.out = kr_arena_alloc(p->arena, length + 5);
    if (d.out == NULL) {
        return kr_parser_no_memory(p) != NULL;
    }
    const char *s = text;
    while (backslash != NULL) {
        memcpy(d.out + d.length, s, (size_t)(backslash - s));
        d.length += (size_t)(backslash - s);
        s = backslash + 1;
        if (s == end) {
            if (is_bytes || d.token->kind != TOK_STRING) {
                d.out[d.length++] = '\\';
                break;
            }
            return raise_unicode_error(&d, backslash, end, "\\ at end of string");
        }
        s++;
        if (!decode_escape(&d, &s)) {
            return false;
        }
        backslash = s < end ? memchr(s, '\\', (size_t)(end - s)) : NULL;
    }
    memcpy(d.out + d.length, s, (size_t)(end - s));
    d.length += (size_t)(end - s);
    d.out[d.length] = '\0';
    *out = d.out;
    *length_out = d.length;
    return true;
}
