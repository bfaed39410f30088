// SPDX-License-Identifier: MIT
// lexer.c - the answers to the lexer's questions about characters.
#include "objects/str/lexer.h"

#include "objects/str/normalize.h"
#include "objects/str/str.h"

bool
kr_lexer_is_xid_start(uint32_t character)
{
    return character == '_' || _PyUnicode_IsXidStart(character);
}

bool
kr_lexer_is_xid_continue(uint32_t character)
{
    return _PyUnicode_IsXidContinue(character);
}

bool
kr_lexer_is_printable(uint32_t character)
{
    return _PyUnicode_IsPrintable(character);
}

const char *
kr_lexer_nfkc(KrArena *arena, const char *text, size_t length, size_t *length_out)
{
    *length_out = length;
    uint32_t *points = kr_arena_alloc(arena, (length + 1) * sizeof(uint32_t));
    if (points == NULL) {
        return NULL;
    }
    const unsigned char *p = (const unsigned char *)text, *end = p + length;
    size_t count = 0;
    while (p < end) {
        int used = kr_utf8_sequence(p, end, &points[count]);
        if (used <= 0) {
            return text; // not text: the lexer has complained already
        }
        p += used;
        count++;
    }
    if (kr_normal_check(points, count, KR_NFKC) == KR_QUICK_YES) {
        return text;
    }
    KrCodePoints normal = {0};
    char *result = NULL;
    if (kr_normalize(points, count, KR_NFKC, NULL, &normal)) {
        result = kr_arena_alloc(arena, normal.count * 4 + 1);
    }
    if (result != NULL) {
        char *out = result;
        for (size_t i = 0; i < normal.count; i++) {
            out = kr_utf8_put(out, normal.items[i]);
        }
        *out = 0;
        *length_out = (size_t)(out - result);
    }
    free(normal.items);
    return result;
}

bool
kr_lexer_character_by_name(const char *name, size_t length, uint32_t *out)
{
    Py_UCS4 ch;
    if (length > INT_MAX || !kr_unicode_by_name(name, (int)length, &ch, true)) {
        return false;
    }
    *out = ch;
    return true;
}
