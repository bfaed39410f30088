// SPDX-License-Identifier: MIT
// lexer.h - UTF-8 text into tokens, one at a time.
//
// Callers:     parse.c, _tokenize.
// Invariants:  the text ends with a zero byte and has \n as its only line ending.
// Read next:   lexer.c, lex_string.c, lex_number.c
#ifndef KRAIT_SYNTAX_LEXER_H
#define KRAIT_SYNTAX_LEXER_H

#include "syntax/parse.h"

typedef enum {
#define TOKEN(name, text) TOK_##name,
#define KEYWORD(name, text) KW_##name,
#include "syntax/tokens.def"
#undef TOKEN
#undef KEYWORD
    TOK_COUNT,
} KrTokenKind;

#define KR_FIRST_KEYWORD KW_FALSE
_Static_assert(TOK_ERRORTOKEN == 67, "token numbers are those of token.py");

typedef struct KrToken {
    const char *start; // in the lexer's text
    uint32_t length;   // in bytes
    uint8_t kind;      // KrTokenKind
    uint8_t level;     // open brackets behind it
    int lineno;
    int col;           // byte offset in its line; -1 for tokens without text
    int end_lineno;
    int end_col;
} KrToken;

enum {
    KR_MAX_INDENTS = 100,
    KR_MAX_PARENTHESES = 200,
    KR_MAX_STRING_LEVELS = 150,
};

// Why there are no more tokens.
typedef enum {
    KR_LEX_OK,
    KR_LEX_EOF,
    KR_LEX_RAISED,  // the diagnostic is filled in
    KR_LEX_DEDENT,
    KR_LEX_TABSPACE,
    KR_LEX_TOO_DEEP,
    KR_LEX_CONTINUATION,
    KR_LEX_NO_MEMORY,
} KrLexState;

// An f-string or t-string whose end has not been read.
typedef struct KrLexString {
    const char *start;            // its prefix
    const char *start_line;       // of start
    int start_lineno;
    char quote;
    uint8_t quote_size;           // 1 or 3
    bool raw;
    bool is_template;
    bool in_text;                 // reading text, not a replacement field
    bool in_spec;                 // that text is a format specifier
    int brackets;                 // open brackets of any kind in it
    int field_bracket;            // brackets before the innermost field's {; -1: none
} KrLexString;

typedef struct KrLexer KrLexer;
struct KrLexer {
    const char *text;
    const char *end;
    const char *cur;
    const char *line_start;
    const char *line_end;         // behind the newline of the current line
    const char *token_start;
    int lineno;                   // 0 before the first line is read
    int trim;                     // bytes at the token's end that are not its text
    const char *first_line;       // line_start of a string token's first line
    int first_lineno;

    KrLexState state;
    bool at_line_start;
    bool blank_line;
    bool extra_tokens;            // for _tokenize: COMMENT and NL, texts of indentation,
                                  // no complaints about numbers, names and brackets
    bool type_comments;
    bool flufl;                   // <> is an operator
    bool quiet;                   // no warnings
    bool cut_string;              // the error: a string that the end cut off
    int pending;                  // INDENT (> 0) and DEDENT (< 0) still to be given
    int indent;                   // index into the two stacks
    int indents[KR_MAX_INDENTS];
    int alt_indents[KR_MAX_INDENTS];

    int level;                    // open parentheses
    char paren[KR_MAX_PARENTHESES];
    int paren_line[KR_MAX_PARENTHESES];
    int paren_col[KR_MAX_PARENTHESES];

    int string_level;             // entries of strings in use
    KrLexString strings[KR_MAX_STRING_LEVELS];

    // Appends a line with kr_lexer_append; false at the end. NULL: the text is complete.
    bool (*read_more)(KrLexer *lexer, void *context);
    void *read_context;

    KrArena *arena;
    KrDiagnostic *diag;
    KrWarning **last_warning;     // where the next warning is linked
    const KrUnicodeHooks *unicode;
};

// Starts on a text that kr_source_decode() made.
void kr_lexer_init(KrLexer *lexer, const char *text, size_t length, KrArena *arena,
                   KrDiagnostic *diag, const KrUnicodeHooks *unicode);

// Gives the lexer a text that begins with the one it has and goes on; the old one may be
// gone already, only its address is used.
void kr_lexer_replace_text(KrLexer *lexer, const char *text, size_t length);

// The next token; TOK_ERRORTOKEN with lexer->state set when there is none.
KrTokenKind kr_lexer_next(KrLexer *lexer, KrToken *token);

// Formats into the arena; NULL without memory.
const char *kr_arena_format(KrArena *arena, const char *format, ...)
    KR_PRINTF(2, 3);

// Sets a diagnostic at the lexer's position; returns TOK_ERRORTOKEN.
KrTokenKind kr_lexer_error(KrLexer *lexer, const char *format, ...) KR_PRINTF(2, 3);

// The same for bytes [offset, end_offset] of the current line, counted from 1.
KrTokenKind kr_lexer_error_range(KrLexer *lexer, int offset, int end_offset,
                                 const char *format, ...) KR_PRINTF(4, 5);

// Appends a warning about the current line; false without memory.
bool kr_lexer_warn(KrLexer *lexer, KrWarningCategory category, int lineno,
                   const char *format, ...) KR_PRINTF(4, 5);

// Warns of a backslash before `character` in a literal that is not raw.
bool kr_lexer_warn_escape(KrLexer *lexer, const char *sequence, int length,
                          bool is_octal, int lineno);

// Parts of the lexer, each with the first character at lexer->cur[-1].
KrTokenKind kr_lex_number(KrLexer *lexer, int c);
KrTokenKind kr_lex_string(KrLexer *lexer, int quote);
KrTokenKind kr_lex_fstring_start(KrLexer *lexer, int quote, bool raw, bool template_);
KrTokenKind kr_lex_fstring_text(KrLexer *lexer);

enum { KR_EOF = -1 };

int kr_lexer_next_line(KrLexer *lexer);

// The next byte, KR_EOF at the end.
static inline int
kr_lexer_getc(KrLexer *lexer)
{
    if (KR_LIKELY(lexer->cur != lexer->line_end)) {
        return (unsigned char)*lexer->cur++;
    }
    return kr_lexer_next_line(lexer);
}

static inline void
kr_lexer_back(KrLexer *lexer, int c)
{
    if (c != KR_EOF) {
        lexer->cur--;
    }
}

// Classes of bytes, see lexer.c.
#define KR_CHAR_NAME_START 1u
#define KR_CHAR_NAME 2u
#define KR_CHAR_DIGIT 4u
#define KR_CHAR_HEX 8u
extern const unsigned char kr_char_class[256];

static inline bool
kr_is_char(int c, unsigned class)
{
    return c >= 0 && (kr_char_class[c] & class) != 0;
}

static inline bool
kr_lexer_in_string(const KrLexer *lexer)
{
    return lexer->string_level > 0;
}

static inline KrLexString *
kr_lexer_string(KrLexer *lexer)
{
    return &lexer->strings[lexer->string_level - 1];
}

#endif // KRAIT_SYNTAX_LEXER_H
