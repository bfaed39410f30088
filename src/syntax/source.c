// SPDX-License-Identifier: MIT
// source.c - bytes of a source file into UTF-8 with plain newlines.
#include "syntax/source.h"

#include "base/utf8.h"
#include "syntax/lexer.h"

typedef struct {
    const char *name; // in the source
    size_t length;
    int lineno;       // of the cookie
    const char *line; // its line
    size_t line_length;
} Cookie;

static bool
source_error(KrDiagnostic *diag, const char *message)
{
    diag->kind = message != NULL ? KR_DIAG_SYNTAX_ERROR : KR_DIAG_MEMORY_ERROR;
    diag->message = message;
    return false;
}

static bool
is_name_byte(int c)
{
    return kr_is_char(c, KR_CHAR_NAME) && c < 128;
}

// Finds `coding[:=] name` in a comment line.
static bool
cookie_in_line(const char *line, const char *end, Cookie *cookie)
{
    const char *s = line;
    while (s < end && (*s == ' ' || *s == '\t' || *s == '\f')) {
        s++;
    }
    if (s == end || *s != '#') {
        return false;
    }
    for (; end - s > 7; s++) {
        if (memcmp(s, "coding", 6) != 0 || (s[6] != ':' && s[6] != '=')) {
            continue;
        }
        const char *name = s + 7;
        while (name < end && (*name == ' ' || *name == '\t')) {
            name++;
        }
        const char *stop = name;
        while (stop < end
               && (is_name_byte((unsigned char)*stop) || *stop == '-' || *stop == '.')) {
            stop++;
        }
        if (stop > name) {
            cookie->name = name;
            cookie->length = (size_t)(stop - name);
            return true;
        }
    }
    return false;
}

// Looks at the first two lines; the second counts only if the first is blank or a
// comment.
static bool
find_cookie(const char *text, size_t length, Cookie *cookie)
{
    const char *line = text, *end = text + length;
    for (int lineno = 1; lineno <= 2 && line < end; lineno++) {
        const char *stop = line;
        while (stop < end && *stop != '\n' && *stop != '\r') {
            stop++;
        }
        if (cookie_in_line(line, stop, cookie)) {
            cookie->lineno = lineno;
            cookie->line = line;
            cookie->line_length = (size_t)(stop - line);
            return true;
        }
        for (const char *s = line; s < stop && *s != '#'; s++) {
            if (*s != ' ' && *s != '\t' && *s != '\f') {
                return false;
            }
        }
        line = stop;
        if (line < end) {
            line += *line == '\r' && end - line > 1 && line[1] == '\n' ? 2 : 1;
        }
    }
    return false;
}

typedef enum {
    ENCODING_UTF8,
    ENCODING_LATIN1,
    ENCODING_ASCII,
    ENCODING_OTHER,
} Encoding;

// The name in lower case with - for _, cut to what matters.
static Encoding
classify(const Cookie *cookie, char *normal, size_t size)
{
    static const char *const latin[] = {"latin-1", "iso-8859-1", "iso-latin-1",
                                        "latin1"};
    size_t n = 0;
    for (; n < cookie->length && n + 1 < size; n++) {
        char c = cookie->name[n];
        normal[n] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    normal[n] = '\0';
    if (strcmp(normal, "utf-8") == 0 || strncmp(normal, "utf-8-", 6) == 0) {
        return ENCODING_UTF8;
    }
    for (int i = 0; i < KR_ARRAY_LEN(latin); i++) {
        size_t length = strlen(latin[i]);
        if (strncmp(normal, latin[i], length) == 0
            && (normal[length] == '\0' || normal[length] == '-')) {
            memcpy(normal, "iso-8859-1", 11);
            return ENCODING_LATIN1;
        }
    }
    if (strcmp(normal, "ascii") == 0 || strcmp(normal, "us-ascii") == 0) {
        return ENCODING_ASCII;
    }
    return ENCODING_OTHER;
}

static bool
decode_latin1(KrArena *arena, const char **text, size_t *length)
{
    char *out = kr_arena_alloc(arena, *length * 2 + 1);
    if (out == NULL) {
        return false;
    }
    size_t n = 0;
    for (size_t i = 0; i < *length; i++) {
        n += (size_t)kr_utf8_write((unsigned char)(*text)[i], out + n);
    }
    *text = out;
    *length = n;
    return true;
}

static bool
decode_other(const KrParseInput *in, KrArena *arena, KrDiagnostic *diag,
             const Cookie *cookie, const char **text, size_t *length)
{
    const char *message = NULL;
    const char *name = kr_arena_copy(arena, cookie->name, cookie->length);
    if (name == NULL) {
        return source_error(diag, NULL);
    }
    if (in->decode != NULL
        && in->decode(in->decode_context, arena, name, *text, *length, text, length,
                      &message)) {
        return true;
    }
    if (message == NULL) {
        message = kr_arena_format(arena, "unknown encoding: %s", name);
    }
    diag->offset = -1;
    return source_error(diag, message);
}

// Where the text is not UTF-8: a SyntaxError that names the byte.
static bool
utf8_error(const KrParseInput *in, KrArena *arena, KrDiagnostic *diag, const char *text, size_t length,
           size_t bad)
{
    size_t line_start = 0;
    int lineno = 1;
    for (size_t i = 0; i < bad; i++) {
        if (text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n')) {
            lineno++;
            line_start = i + 1;
        }
    }
    size_t stop = bad;
    while (stop < length && text[stop] != '\n' && text[stop] != '\r') {
        stop++;
    }
    // The line as text, every bad byte as U+FFFD.
    char *line = kr_arena_alloc(arena, (stop - line_start) * 3 + 1);
    if (line == NULL) {
        return source_error(diag, NULL);
    }
    size_t n = 0;
    for (size_t i = line_start; i < stop;) {
        size_t good = kr_utf8_valid_length(text + i, stop - i);
        memcpy(line + n, text + i, good);
        n += good;
        i += good;
        if (i < stop) {
            n += (size_t)kr_utf8_write(0xfffd, line + n);
            i++;
        }
    }
    diag->lineno = diag->end_lineno = lineno;
    diag->offset = diag->end_offset =
        (int)kr_utf8_count(text + line_start, bad - line_start) + 1;
    diag->source_line = line;
    diag->source_line_length = n;
    return source_error(
        diag,
        kr_arena_format(arena,
                        "Non-UTF-8 code starting with '\\x%.2x'%s%s on line %d, but no "
                        "encoding declared; see https://peps.python.org/pep-0263/ for "
                        "details",
                        (unsigned char)text[bad], in->flags & KR_PARSE_FILE ? " in file " : "",
                        in->flags & KR_PARSE_FILE ? in->filename : "", lineno));
}

// Copies with \n for \r\n and \r, and a final newline if wanted.
static char *
translate_newlines(KrArena *arena, const char *text, size_t length, bool add_newline,
                   size_t *length_out)
{
    char *copy = kr_arena_alloc(arena, length + 2);
    if (copy == NULL) {
        return NULL;
    }
    size_t n = length;
    if (length == 0 || memchr(text, '\r', length) == NULL) {
        memcpy(copy, text, length);
    }
    else {
        n = 0;
        for (size_t i = 0; i < length; i++) {
            char c = text[i];
            if (c == '\r') {
                i += i + 1 < length && text[i + 1] == '\n';
                c = '\n';
            }
            copy[n++] = c;
        }
    }
    if (add_newline && n > 0 && copy[n - 1] != '\n') {
        copy[n++] = '\n';
    }
    copy[n] = '\0';
    *length_out = n;
    return copy;
}

static bool
apply_cookie(const KrParseInput *in, KrArena *arena, KrDiagnostic *diag, bool has_bom,
             const char **text, size_t *length)
{
    Cookie cookie;
    char normal[64];
    if (!find_cookie(*text, *length, &cookie)) {
        return true;
    }
    Encoding encoding = classify(&cookie, normal, sizeof(normal));
    if (has_bom && encoding != ENCODING_UTF8) {
        diag->lineno = diag->end_lineno = cookie.lineno;
        diag->offset = 0;
        diag->end_offset = (int)cookie.line_length + (cookie.lineno > 1);
        diag->source_line = cookie.line;
        diag->source_line_length = cookie.line_length;
        return source_error(
            diag, kr_arena_format(arena, "encoding problem: %s with BOM", normal));
    }
    switch (encoding) {
    case ENCODING_UTF8:
        return true;
    case ENCODING_LATIN1:
        return decode_latin1(arena, text, length) || source_error(diag, NULL);
    case ENCODING_ASCII:
        for (size_t i = 0; i < *length; i++) {
            if ((unsigned char)(*text)[i] >= 128) {
                diag->offset = -1;
                return source_error(
                    diag, kr_arena_format(arena,
                                          "'ascii' codec can't decode byte 0x%02x in "
                                          "position %zu: ordinal not in range(128)",
                                          (unsigned char)(*text)[i], i));
            }
        }
        return true;
    default:
        return decode_other(in, arena, diag, &cookie, text, length);
    }
}

static bool
null_byte_error(const KrParseInput *in, KrDiagnostic *diag, const char *text,
                size_t length)
{
    if ((in->flags & KR_PARSE_FILE) == 0) {
        return source_error(diag, "source code string cannot contain null bytes");
    }
    const char *bad = memchr(text, '\0', length), *line = bad;
    while (line > text && line[-1] != '\n') {
        line--;
    }
    diag->lineno = 1;
    for (const char *s = text; s < line; s++) {
        diag->lineno += *s == '\n';
    }
    diag->end_lineno = diag->lineno;
    diag->source_line = line;
    diag->source_line_length = (size_t)(bad - line);
    diag->offset = diag->end_offset = -1;
    return source_error(diag, "source code cannot contain null bytes");
}

bool
kr_source_decode(const KrParseInput *in, KrArena *arena, KrDiagnostic *diag,
                 const char **text_out, size_t *length_out)
{
    const char *text = in->text;
    size_t length = in->length;
    if (length > INT32_MAX / 2) {
        return source_error(diag, "source code is too large");
    }
    if (length > 0 && memchr(text, '\0', length) != NULL) {
        return null_byte_error(in, diag, text, length);
    }
    if ((in->flags & KR_PARSE_IGNORE_COOKIE) == 0) {
        bool has_bom = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
        if (has_bom) {
            text += 3;
            length -= 3;
        }
        if (!apply_cookie(in, arena, diag, has_bom, &text, &length)) {
            return false;
        }
    }
    size_t good = kr_utf8_valid_length(text, length);
    if (good != length) {
        return utf8_error(in, arena, diag, text, length, good);
    }
    *text_out = translate_newlines(arena, text, length, in->mode == KR_PARSE_EXEC,
                                   length_out);
    return *text_out != NULL || source_error(diag, NULL);
}
