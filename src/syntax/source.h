// SPDX-License-Identifier: MIT
// source.h - bytes of a source file into the text the lexer reads.
#ifndef KRAIT_SYNTAX_SOURCE_H
#define KRAIT_SYNTAX_SOURCE_H

#include "syntax/parse.h"

// Decodes in->text: BOM, coding cookie, universal newlines, a newline at the end when a
// file of statements lacks one. The result is valid UTF-8 with a zero byte behind it.
// False: the diagnostic is filled in.
bool kr_source_decode(const KrParseInput *in, KrArena *arena, KrDiagnostic *diag,
                      const char **text_out, size_t *length_out);

#endif // KRAIT_SYNTAX_SOURCE_H
