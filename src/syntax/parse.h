// SPDX-License-Identifier: MIT
// parse.h - the front end's interface: source text in, syntax tree or diagnostic out.
//
// Callers:     runtime (compile(), exec(), import, the prompt), the unit tests.
// Invariants:  knows no object; everything that is returned lives in the caller's arena.
#ifndef KRAIT_SYNTAX_PARSE_H
#define KRAIT_SYNTAX_PARSE_H

#include "base/arena.h"
#include "syntax/ast.h"
#include "syntax/unicode_hooks.h"

typedef enum {
    KR_PARSE_EXEC,
    KR_PARSE_EVAL,
    KR_PARSE_SINGLE,
    KR_PARSE_FUNC_TYPE,
} KrParseMode;

// Bits of KrParseInput.flags.
#define KR_PARSE_TYPE_COMMENTS 0x01u
#define KR_PARSE_DONT_IMPLY_DEDENT 0x02u
// A source that ends too early gives the kind KR_DIAG_INCOMPLETE_INPUT.
#define KR_PARSE_ALLOW_INCOMPLETE 0x04u
// `from __future__ import barry_as_FLUFL` is in force: <> instead of !=.
#define KR_PARSE_BARRY_AS_FLUFL 0x08u
// The text is UTF-8 already: its coding cookie means nothing (source was a str).
#define KR_PARSE_IGNORE_COOKIE 0x10u
// The text is a file's, and in->filename its name: some messages differ.
#define KR_PARSE_FILE 0x20u
// As KR_PARSE_ALLOW_INCOMPLETE, but only within brackets and strings.
#define KR_PARSE_ALLOW_OPEN 0x40u

// Converts `text` from `encoding` into UTF-8. On success returns true and sets
// *utf8_out, *length_out to memory of the arena. On failure returns false with
// *message_out = NULL for an unknown encoding, otherwise a text for the SyntaxError
// (in the arena).
typedef bool (*KrDecodeHook)(void *context, KrArena *arena, const char *encoding,
                             const char *text, size_t length, const char **utf8_out,
                             size_t *length_out, const char **message_out);

typedef struct KrParseInput {
    const char *text;               // bytes of the source, any encoding
    size_t length;                  // in bytes
    KrParseMode mode;
    uint32_t flags;                 // KR_PARSE_*
    int feature_version;            // minor number of the grammar's version; 0: newest
    int max_int_digits;             // limit for decimal literals; 0: no limit
    const char *filename;           // for messages, with KR_PARSE_FILE
    const char *stack_floor;        // lowest address of C stack in reach; NULL: unknown
    KrDecodeHook decode;            // for encodings not built in; NULL: none
    void *decode_context;
    const KrUnicodeHooks *unicode;  // NULL: only ASCII identifiers are accepted
} KrParseInput;

typedef enum {
    KR_DIAG_NONE,
    KR_DIAG_SYNTAX_ERROR,
    KR_DIAG_INDENTATION_ERROR,
    KR_DIAG_TAB_ERROR,
    KR_DIAG_INCOMPLETE_INPUT, // _IncompleteInputError
    KR_DIAG_MEMORY_ERROR,     // message NULL or the text of the MemoryError
    KR_DIAG_RECURSION_ERROR,
    KR_DIAG_VALUE_ERROR,
    KR_DIAG_UNICODE_ERROR,    // the decode hook left its own error; message NULL
} KrDiagnosticKind;

typedef enum {
    KR_WARN_SYNTAX,
    KR_WARN_DEPRECATION,
} KrWarningCategory;

typedef struct KrWarning KrWarning;
struct KrWarning {
    KrWarning *next;           // in order of appearance
    KrWarningCategory category;
    const char *message;
    const char *error_message; // of the SyntaxError, where it differs; else NULL
    // Where a SyntaxError stands if the filters turn the warning into an error;
    // columns as in KrDiagnostic.
    int lineno;
    int offset;
    int end_lineno;
    int end_offset;
};

// Columns are those of the exception: characters from 1; 0 or -1 where the reference
// implementation has them. Texts are UTF-8 in the arena.
typedef struct KrDiagnostic {
    KrDiagnosticKind kind;
    const char *message;
    int lineno;
    int offset;
    int end_lineno;
    int end_offset;
    const char *source_line;   // with its newline; NULL where the exception has None
    size_t source_line_length;
    KrWarning *warnings;       // filled after a successful parse, too
    // For those who guess what was meant: the text as the parser saw it (NULL if that is
    // of no use), whether it is a file's, and where its last complete statement with a block begins (line 0: none).
    const char *source;
    size_t source_length;
    bool from_file;
    int last_block_lineno;
    int last_block_col;
} KrDiagnostic;

// Parses `in`. True: *mod_out is the tree. False: *diag_out tells why.
bool kr_parse(const KrParseInput *in, KrArena *arena, KrMod **mod_out,
              KrDiagnostic *diag_out);

#endif // KRAIT_SYNTAX_PARSE_H
