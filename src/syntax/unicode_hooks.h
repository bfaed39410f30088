// SPDX-License-Identifier: MIT
// unicode_hooks.h - what the lexer asks about characters beyond ASCII.
//
// The tables are the text type's; this layer only holds pointers to its functions.
#ifndef KRAIT_SYNTAX_UNICODE_HOOKS_H
#define KRAIT_SYNTAX_UNICODE_HOOKS_H

#include "base/arena.h"

typedef struct KrUnicodeHooks {
    bool (*is_xid_start)(uint32_t character);
    bool (*is_xid_continue)(uint32_t character);
    bool (*is_printable)(uint32_t character);
    // NFKC form of a UTF-8 text, in the arena (or `text` itself); NULL without memory.
    const char *(*nfkc)(KrArena *arena, const char *text, size_t length,
                        size_t *length_out);
    // Code point of \N{name}: true if there is one character of that name.
    bool (*character_by_name)(const char *name, size_t length, uint32_t *out);
} KrUnicodeHooks;

#endif // KRAIT_SYNTAX_UNICODE_HOOKS_H
