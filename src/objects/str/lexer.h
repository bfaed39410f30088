// SPDX-License-Identifier: MIT
// lexer.h - what the lexer asks about text; fills its table of hooks.
#ifndef KRAIT_OBJECTS_STR_LEXER_H
#define KRAIT_OBJECTS_STR_LEXER_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool kr_lexer_is_xid_start(uint32_t character);
bool kr_lexer_is_xid_continue(uint32_t character);
bool kr_lexer_is_printable(uint32_t character);
// NFKC form of UTF-8 text, in the arena, or text itself; NULL without memory.
const char *kr_lexer_nfkc(KrArena *arena, const char *text, size_t length,
                          size_t *length_out);
bool kr_lexer_character_by_name(const char *name, size_t length, uint32_t *out);

#endif // KRAIT_OBJECTS_STR_LEXER_H
