// SPDX-License-Identifier: MIT
// lexer.c - UTF-8 text into tokens: lines, indentation, names, operators, brackets.
//
// Callers:     parse.c, _tokenize.
// Invariants:  cur stays within [line_start, line_end]; a line is counted in lineno only
//              when its first byte is asked for, as positions of errors need it.
// Read next:   lex_number.c, lex_string.c
#include "syntax/lexer.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

#define N KR_CHAR_NAME
#define S (KR_CHAR_NAME | KR_CHAR_NAME_START)
#define D (KR_CHAR_NAME | KR_CHAR_DIGIT | KR_CHAR_HEX)
#define H (KR_CHAR_NAME | KR_CHAR_NAME_START | KR_CHAR_HEX)
// Every byte beyond ASCII may be part of a name; whole names are checked later.
const unsigned char kr_char_class[256] = {
    ['0'] = D, D, D, D, D, D, D, D, D, D,
    ['A'] = H, H, H, H, H, H, S, S, S, S, S, S, S,
    ['N'] = S, S, S, S, S, S, S, S, S, S, S, S, S,
    ['_'] = S,
    ['a'] = H, H, H, H, H, H, S, S, S, S, S, S, S,
    ['n'] = S, S, S, S, S, S, S, S, S, S, S, S, S,
    [128] = S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S,
    S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S,
    S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S,
    S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S,
    S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S,
};
#undef N
#undef S
#undef D
#undef H

enum { TAB_SIZE = 8 };

void
kr_lexer_init(KrLexer *lexer, const char *text, size_t length, KrArena *arena,
              KrDiagnostic *diag, const KrUnicodeHooks *unicode)
{
    // The stacks of brackets and strings need no zeroes.
    memset(lexer, 0, offsetof(KrLexer, paren));
    lexer->string_level = 0;
    lexer->text = text;
    lexer->end = text + length;
    lexer->cur = lexer->line_start = lexer->line_end = text;
    lexer->at_line_start = true;
    lexer->arena = arena;
    lexer->diag = diag;
    lexer->last_warning = &diag->warnings;
    lexer->unicode = unicode;
}

// ---- errors and warnings ----------------------------------------------------

static const char *
arena_vformat(KrArena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = length >= 0 ? kr_arena_alloc(arena, (size_t)length + 1) : NULL;
    if (text != NULL) {
        vsnprintf(text, (size_t)length + 1, format, arguments);
    }
    return text;
}

const char *
kr_arena_format(KrArena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_vformat(arena, format, arguments);
    va_end(arguments);
    return text;
}

static KrTokenKind
lexer_set_error(KrLexer *lexer, int offset, int end_offset, const char *message)
{
    KrDiagnostic *diag = lexer->diag;
    if (message == NULL) {
        lexer->state = KR_LEX_NO_MEMORY;
        return TOK_ERRORTOKEN;
    }
    const char *newline = memchr(lexer->line_start, '\n',
                                 (size_t)(lexer->end - lexer->line_start));
    diag->kind = KR_DIAG_SYNTAX_ERROR;
    diag->message = message;
    diag->lineno = diag->end_lineno = lexer->lineno;
    diag->offset = offset;
    diag->end_offset = end_offset;
    diag->source_line = lexer->line_start;
    diag->source_line_length =
        (size_t)((newline != NULL ? newline : lexer->end) - lexer->line_start);
    lexer->state = KR_LEX_RAISED;
    return TOK_ERRORTOKEN;
}

KrTokenKind
kr_lexer_error(KrLexer *lexer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_vformat(lexer->arena, format, arguments);
    va_end(arguments);
    int offset = (int)kr_utf8_count(lexer->line_start,
                                    (size_t)(lexer->cur - lexer->line_start));
    return lexer_set_error(lexer, offset, offset, message);
}

KrTokenKind
kr_lexer_error_range(KrLexer *lexer, int offset, int end_offset, const char *format,
                     ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_vformat(lexer->arena, format, arguments);
    va_end(arguments);
    const char *line = lexer->line_start;
    return lexer_set_error(lexer, (int)kr_utf8_count(line, (size_t)offset),
                           (int)kr_utf8_count(line, (size_t)end_offset), message);
}

bool
kr_lexer_warn(KrLexer *lexer, KrWarningCategory category, int lineno,
              const char *format, ...)
{
    if (lexer->quiet) {
        return true;
    }
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_vformat(lexer->arena, format, arguments);
    va_end(arguments);
    KrWarning *warning = kr_arena_calloc(lexer->arena, sizeof(*warning));
    if (message == NULL || warning == NULL) {
        lexer->state = KR_LEX_NO_MEMORY;
        return false;
    }
    int offset = (int)kr_utf8_count(lexer->line_start,
                                    (size_t)(lexer->cur - lexer->line_start));
    *warning = (KrWarning){NULL, category, message, NULL, lineno, offset, lineno, offset};
    *lexer->last_warning = warning;
    lexer->last_warning = &warning->next;
    return true;
}

bool
kr_lexer_warn_escape(KrLexer *lexer, const char *sequence, int length, bool is_octal,
                     int lineno)
{
    KrWarning **place = lexer->last_warning;
    if (!kr_lexer_warn(
            lexer, KR_WARN_SYNTAX, lineno,
            "\"\\%.*s\" is an invalid %sescape sequence. Such sequences will not work in "
            "the future. Did you mean \"\\\\%.*s\"? A raw string is also an option.",
            length, sequence, is_octal ? "octal " : "", length, sequence)) {
        return false;
    }
    if (lexer->quiet) {
        return true;
    }
    KrWarning *warning = *place;
    warning->error_message = kr_arena_format(
        lexer->arena,
        "\"\\%.*s\" is an invalid %sescape sequence. Did you mean \"\\\\%.*s\"? A raw "
        "string is also an option.",
        length, sequence, is_octal ? "octal " : "", length, sequence);
    if (sequence > lexer->text && sequence < lexer->end) {
        const char *line = sequence - 1;
        while (line > lexer->text && line[-1] != '\n') {
            line--;
        }
        warning->offset = (int)kr_utf8_count(line, (size_t)(sequence - line));
        warning->end_offset = warning->offset + 2;
    }
    return warning->error_message != NULL;
}

// ---- lines ------------------------------------------------------------------

void
kr_lexer_replace_text(KrLexer *lexer, const char *text, size_t length)
{
    ptrdiff_t moved = text - lexer->text;
    lexer->text = text;
    lexer->end = text + length;
    lexer->cur += moved;
    lexer->line_start += moved;
    lexer->line_end += moved;
    lexer->first_line += lexer->first_line != NULL ? moved : 0;
    lexer->token_start += lexer->token_start != NULL ? moved : 0;
    for (int i = 0; i < lexer->string_level; i++) {
        lexer->strings[i].start += moved;
        lexer->strings[i].start_line += moved;
    }
}

// Makes the next line the current one and returns its first byte.
int
kr_lexer_next_line(KrLexer *lexer)
{
    if (lexer->cur == lexer->end
        && (lexer->read_more == NULL
            || !lexer->read_more(lexer, lexer->read_context))) {
        if (lexer->state == KR_LEX_OK) {
            lexer->state = KR_LEX_EOF;
        }
        return KR_EOF;
    }
    lexer->lineno++;
    lexer->line_start = lexer->cur;
    const char *newline = memchr(lexer->cur, '\n', (size_t)(lexer->end - lexer->cur));
    lexer->line_end = newline != NULL ? newline + 1 : lexer->end;
    return (unsigned char)*lexer->cur++;
}

// After a backslash: the line must end here and another one must follow.
static bool
continue_line(KrLexer *lexer)
{
    int c = kr_lexer_getc(lexer);
    if (c != '\n') {
        lexer->state = KR_LEX_CONTINUATION;
        return false;
    }
    c = kr_lexer_getc(lexer);
    if (c == KR_EOF) {
        lexer->state = KR_LEX_EOF;
        return false;
    }
    kr_lexer_back(lexer, c);
    return true;
}

// ---- indentation ------------------------------------------------------------

static bool
push_indent(KrLexer *lexer, int column, int alt_column)
{
    if (lexer->indent + 1 >= KR_MAX_INDENTS) {
        lexer->state = KR_LEX_TOO_DEEP;
        lexer->cur = lexer->line_end;
        return false;
    }
    if (alt_column <= lexer->alt_indents[lexer->indent]) {
        lexer->state = KR_LEX_TABSPACE;
        lexer->cur = lexer->line_end;
        return false;
    }
    lexer->pending++;
    lexer->indent++;
    lexer->indents[lexer->indent] = column;
    lexer->alt_indents[lexer->indent] = alt_column;
    return true;
}

static bool
pop_indents(KrLexer *lexer, int column, int alt_column)
{
    while (lexer->indent > 0 && column < lexer->indents[lexer->indent]) {
        lexer->pending--;
        lexer->indent--;
    }
    if (column != lexer->indents[lexer->indent]) {
        lexer->state = KR_LEX_DEDENT;
        lexer->cur = lexer->line_end;
        return false;
    }
    if (alt_column != lexer->alt_indents[lexer->indent]) {
        lexer->state = KR_LEX_TABSPACE;
        lexer->cur = lexer->line_end;
        return false;
    }
    return true;
}

// Measures the indentation of a new line. Tabs count twice: as up to eight spaces and
// as one; both measures must agree with the lines before.
static bool
read_indentation(KrLexer *lexer)
{
    int column = 0, alt_column = 0, continued_column = 0;
    int c;
    for (;;) {
        c = kr_lexer_getc(lexer);
        if (c == ' ') {
            column++;
            alt_column++;
        }
        else if (c == '\t') {
            column = (column / TAB_SIZE + 1) * TAB_SIZE;
            alt_column++;
        }
        else if (c == '\f') {
            column = alt_column = 0;
        }
        else if (c == '\\') {
            // Only the white space before the first backslash is indentation.
            continued_column = continued_column ? continued_column : column;
            if (!continue_line(lexer)) {
                return false;
            }
        }
        else {
            break;
        }
    }
    kr_lexer_back(lexer, c);
    if (c == '#' || c == '\n') {
        lexer->blank_line = true;
        return true;
    }
    if (lexer->level > 0) {
        return true;
    }
    if (continued_column) {
        column = alt_column = continued_column;
    }
    if (column == lexer->indents[lexer->indent]) {
        if (alt_column != lexer->alt_indents[lexer->indent]) {
            lexer->state = KR_LEX_TABSPACE;
            lexer->cur = lexer->line_end;
            return false;
        }
        return true;
    }
    return column > lexer->indents[lexer->indent]
               ? push_indent(lexer, column, alt_column)
               : pop_indents(lexer, column, alt_column);
}

// ---- names ------------------------------------------------------------------

#define IS_WORD(text, word) (memcmp(text, word, sizeof(word) - 1) == 0)

// The keyword that `length` bytes spell, TOK_NAME otherwise.
static KrTokenKind
keyword_kind(const char *s, size_t length)
{
#define TRY(kind, word)                                                       \
    if (IS_WORD(s, word)) {                                                   \
        return kind;                                                          \
    }
    switch (length << 8 | (unsigned char)s[0]) {
    case 2 << 8 | 'a': TRY(KW_AS, "as") break;
    case 2 << 8 | 'i': TRY(KW_IN, "in") TRY(KW_IF, "if") TRY(KW_IS, "is") break;
    case 2 << 8 | 'o': TRY(KW_OR, "or") break;
    case 3 << 8 | 'a': TRY(KW_AND, "and") break;
    case 3 << 8 | 'd': TRY(KW_DEF, "def") TRY(KW_DEL, "del") break;
    case 3 << 8 | 'f': TRY(KW_FOR, "for") break;
    case 3 << 8 | 'n': TRY(KW_NOT, "not") break;
    case 3 << 8 | 't': TRY(KW_TRY, "try") break;
    case 4 << 8 | 'N': TRY(KW_NONE, "None") break;
    case 4 << 8 | 'T': TRY(KW_TRUE, "True") break;
    case 4 << 8 | 'e': TRY(KW_ELIF, "elif") TRY(KW_ELSE, "else") break;
    case 4 << 8 | 'f': TRY(KW_FROM, "from") break;
    case 4 << 8 | 'p': TRY(KW_PASS, "pass") break;
    case 4 << 8 | 'w': TRY(KW_WITH, "with") break;
    case 5 << 8 | 'F': TRY(KW_FALSE, "False") break;
    case 5 << 8 | 'a': TRY(KW_ASYNC, "async") TRY(KW_AWAIT, "await") break;
    case 5 << 8 | 'b': TRY(KW_BREAK, "break") break;
    case 5 << 8 | 'c': TRY(KW_CLASS, "class") break;
    case 5 << 8 | 'r': TRY(KW_RAISE, "raise") break;
    case 5 << 8 | 'w': TRY(KW_WHILE, "while") break;
    case 5 << 8 | 'y': TRY(KW_YIELD, "yield") break;
    case 6 << 8 | 'a': TRY(KW_ASSERT, "assert") break;
    case 6 << 8 | 'e': TRY(KW_EXCEPT, "except") break;
    case 6 << 8 | 'g': TRY(KW_GLOBAL, "global") break;
    case 6 << 8 | 'i': TRY(KW_IMPORT, "import") break;
    case 6 << 8 | 'l': TRY(KW_LAMBDA, "lambda") break;
    case 6 << 8 | 'r': TRY(KW_RETURN, "return") break;
    case 7 << 8 | 'f': TRY(KW_FINALLY, "finally") break;
    case 8 << 8 | 'c': TRY(KW_CONTINUE, "continue") break;
    case 8 << 8 | 'n': TRY(KW_NONLOCAL, "nonlocal") break;
    default: break;
    }
#undef TRY
    return TOK_NAME;
}

// Checks the characters of a name beyond ASCII; names the first bad one.
static bool
check_name_characters(KrLexer *lexer)
{
    const char *s = lexer->token_start;
    bool first = true;
    while (s < lexer->cur) {
        const char *at = s;
        uint32_t c = kr_utf8_read(&s);
        bool good;
        if (c < 128) {
            good = true;
        }
        else if (lexer->unicode == NULL) {
            good = false;
        }
        else {
            good = first ? lexer->unicode->is_xid_start(c)
                         : lexer->unicode->is_xid_continue(c);
        }
        first = false;
        if (good) {
            continue;
        }
        lexer->cur = s;
        if (lexer->unicode != NULL && lexer->unicode->is_printable(c)) {
            kr_lexer_error(lexer, "invalid character '%.*s' (U+%04X)", (int)(s - at),
                           at, c);
        }
        else {
            kr_lexer_error(lexer, "invalid non-printable character U+%04X", c);
        }
        return false;
    }
    return true;
}

enum { SAW_B = 1, SAW_U = 2, SAW_R = 4, SAW_F = 8, SAW_T = 16 };

static int
prefix_bit(char c)
{
    switch (c) {
    case 'b': case 'B': return SAW_B;
    case 'u': case 'U': return SAW_U;
    case 'r': case 'R': return SAW_R;
    case 'f': case 'F': return SAW_F;
    case 't': case 'T': return SAW_T;
    default: return 0;
    }
}

// The prefix letters in [start, end) as bits; -1 if they are no prefix.
static int
string_prefix(const char *start, const char *end)
{
    int seen = 0;
    for (; start < end; start++) {
        int bit = prefix_bit(*start);
        if (bit == 0 || (seen & bit) != 0) {
            return -1;
        }
        seen |= bit;
    }
    return seen;
}

static bool
check_prefix(KrLexer *lexer, int seen)
{
    static const struct {
        unsigned char both;
        char first, second;
    } pairs[] = {
        {SAW_U | SAW_B, 'u', 'b'}, {SAW_U | SAW_R, 'u', 'r'}, {SAW_U | SAW_F, 'u', 'f'},
        {SAW_U | SAW_T, 'u', 't'}, {SAW_B | SAW_F, 'b', 'f'}, {SAW_B | SAW_T, 'b', 't'},
        {SAW_F | SAW_T, 'f', 't'},
    };
    for (int i = 0; i < KR_ARRAY_LEN(pairs); i++) {
        if ((seen & pairs[i].both) == pairs[i].both) {
            int offset = (int)(lexer->token_start + 1 - lexer->line_start);
            kr_lexer_error_range(lexer, offset, (int)(lexer->cur - lexer->line_start),
                                 "'%c' and '%c' prefixes are incompatible",
                                 pairs[i].first, pairs[i].second);
            return false;
        }
    }
    return true;
}

static KrTokenKind
lex_name(KrLexer *lexer)
{
    const char *s = lexer->cur;
    unsigned char seen = (unsigned char)s[-1];
    while (kr_char_class[(unsigned char)*s] & KR_CHAR_NAME) {
        seen |= (unsigned char)*s++;
    }
    lexer->cur = s;
    size_t length = (size_t)(s - lexer->token_start);
    if ((*s == '"' || *s == '\'') && s != lexer->line_end && length <= 5) {
        int prefix = string_prefix(lexer->token_start, s);
        if (prefix >= 0) {
            int quote = (unsigned char)*lexer->cur++;
            if (!check_prefix(lexer, prefix)) {
                return TOK_ERRORTOKEN;
            }
            if (prefix & (SAW_F | SAW_T)) {
                return kr_lex_fstring_start(lexer, quote, (prefix & SAW_R) != 0,
                                            (prefix & SAW_T) != 0);
            }
            return kr_lex_string(lexer, quote);
        }
    }
    if (lexer->extra_tokens) {
        return TOK_NAME;
    }
    if (seen >= 128) {
        return check_name_characters(lexer) ? TOK_NAME : TOK_ERRORTOKEN;
    }
    return keyword_kind(lexer->token_start, length);
}

// ---- operators --------------------------------------------------------------

// How an operator that starts with a given byte goes on. One, doubled, doubled with =,
// and with =; 0 where there is none.
typedef struct {
    unsigned char single;
    unsigned char doubled;
    unsigned char doubled_equal;
    unsigned char equal;
} OperatorRow;

static const OperatorRow operators[128] = {
    ['('] = {TOK_LPAR, 0, 0, 0},
    [')'] = {TOK_RPAR, 0, 0, 0},
    ['['] = {TOK_LSQB, 0, 0, 0},
    [']'] = {TOK_RSQB, 0, 0, 0},
    ['{'] = {TOK_LBRACE, 0, 0, 0},
    ['}'] = {TOK_RBRACE, 0, 0, 0},
    [':'] = {TOK_COLON, 0, 0, TOK_COLONEQUAL},
    [','] = {TOK_COMMA, 0, 0, 0},
    [';'] = {TOK_SEMI, 0, 0, 0},
    ['+'] = {TOK_PLUS, 0, 0, TOK_PLUSEQUAL},
    ['-'] = {TOK_MINUS, 0, 0, TOK_MINEQUAL},
    ['*'] = {TOK_STAR, TOK_DOUBLESTAR, TOK_DOUBLESTAREQUAL, TOK_STAREQUAL},
    ['/'] = {TOK_SLASH, TOK_DOUBLESLASH, TOK_DOUBLESLASHEQUAL, TOK_SLASHEQUAL},
    ['|'] = {TOK_VBAR, 0, 0, TOK_VBAREQUAL},
    ['&'] = {TOK_AMPER, 0, 0, TOK_AMPEREQUAL},
    ['<'] = {TOK_LESS, TOK_LEFTSHIFT, TOK_LEFTSHIFTEQUAL, TOK_LESSEQUAL},
    ['>'] = {TOK_GREATER, TOK_RIGHTSHIFT, TOK_RIGHTSHIFTEQUAL, TOK_GREATEREQUAL},
    ['='] = {TOK_EQUAL, TOK_EQEQUAL, 0, TOK_EQEQUAL},
    ['%'] = {TOK_PERCENT, 0, 0, TOK_PERCENTEQUAL},
    ['~'] = {TOK_TILDE, 0, 0, 0},
    ['^'] = {TOK_CIRCUMFLEX, 0, 0, TOK_CIRCUMFLEXEQUAL},
    ['@'] = {TOK_AT, 0, 0, TOK_ATEQUAL},
    ['!'] = {TOK_EXCLAMATION, 0, 0, TOK_NOTEQUAL},
    ['$'] = {TOK_OP, 0, 0, 0},
    ['?'] = {TOK_OP, 0, 0, 0},
    ['`'] = {TOK_OP, 0, 0, 0},
};

static KrTokenKind
lex_opening(KrLexer *lexer, int c)
{
    if (lexer->level >= KR_MAX_PARENTHESES) {
        return kr_lexer_error(lexer, "too many nested parentheses");
    }
    lexer->paren[lexer->level] = (char)c;
    lexer->paren_line[lexer->level] = lexer->lineno;
    lexer->paren_col[lexer->level] = (int)(lexer->token_start - lexer->line_start);
    lexer->level++;
    if (kr_lexer_in_string(lexer)) {
        kr_lexer_string(lexer)->brackets++;
    }
    return operators[c].single;
}

static char
prefix_letter(KrLexer *lexer)
{
    return kr_lexer_string(lexer)->is_template ? 't' : 'f';
}

// Complains about a closing bracket that does not fit; TOK_OP if all is well.
static KrTokenKind
check_closing(KrLexer *lexer, int c)
{
    char opening = lexer->paren[lexer->level];
    if ((opening == '(' && c == ')') || (opening == '[' && c == ']')
        || (opening == '{' && c == '}')) {
        return TOK_OP;
    }
    if (kr_lexer_in_string(lexer) && opening == '{') {
        KrLexString *string = kr_lexer_string(lexer);
        if (string->brackets - 1 == string->field_bracket) {
            return kr_lexer_error(lexer, "%c-string: unmatched '%c'",
                                  prefix_letter(lexer), c);
        }
    }
    int line = lexer->paren_line[lexer->level];
    if (line != lexer->lineno) {
        return kr_lexer_error(lexer,
                              "closing parenthesis '%c' does not match opening "
                              "parenthesis '%c' on line %d",
                              c, opening, line);
    }
    return kr_lexer_error(
        lexer, "closing parenthesis '%c' does not match opening parenthesis '%c'", c,
        opening);
}

static KrTokenKind
lex_closing(KrLexer *lexer, int c)
{
    KrLexString *string = kr_lexer_in_string(lexer) ? kr_lexer_string(lexer) : NULL;
    if (string != NULL && string->brackets == 0 && c == '}') {
        return kr_lexer_error(lexer, "%c-string: single '}' is not allowed",
                              prefix_letter(lexer));
    }
    if (lexer->level == 0 && !lexer->extra_tokens) {
        return kr_lexer_error(lexer, "unmatched '%c'", c);
    }
    if (lexer->level > 0) {
        lexer->level--;
        if (!lexer->extra_tokens && check_closing(lexer, c) == TOK_ERRORTOKEN) {
            return TOK_ERRORTOKEN;
        }
    }
    if (string != NULL) {
        string->brackets--;
        if (string->brackets < 0) {
            return kr_lexer_error(lexer, "%c-string: unmatched '%c'",
                                  prefix_letter(lexer), c);
        }
        if (c == '}' && string->brackets == string->field_bracket) {
            string->field_bracket--;
            string->in_text = true;
            string->in_spec = false;
        }
    }
    return operators[c].single;
}

// A token was followed up to the text's end: nothing can come after it.
static void
note_end(KrLexer *lexer)
{
    if (lexer->cur == lexer->end && lexer->state == KR_LEX_OK) {
        lexer->state = KR_LEX_EOF;
    }
}

static KrTokenKind
lex_operator(KrLexer *lexer, int c)
{
    if (c == '(' || c == '[' || c == '{') {
        return lex_opening(lexer, c);
    }
    if (c == ')' || c == ']' || c == '}') {
        return lex_closing(lexer, c);
    }
    if (c >= 128 || operators[c].single == 0) {
        if (c >= ' ' && c < 127) {
            return TOK_OP;
        }
        return kr_lexer_error(lexer, "invalid non-printable character U+%04X", c);
    }
    if (c == ':' && kr_lexer_in_string(lexer)) {
        KrLexString *string = kr_lexer_string(lexer);
        if (string->brackets - 1 == string->field_bracket) {
            string->in_text = true;
            string->in_spec = true;
            return TOK_COLON;
        }
    }
    const OperatorRow *row = &operators[c];
    // The line's last byte is a newline or the zero byte behind the text.
    char next = *lexer->cur;
    if (next == '=' && row->equal != 0) {
        lexer->cur++;
        return row->equal;
    }
    if (next == c && row->doubled != 0) {
        lexer->cur++;
        if (*lexer->cur == '=' && row->doubled_equal != 0) {
            lexer->cur++;
            return row->doubled_equal;
        }
        return row->doubled;
    }
    if (c == '-' && next == '>') {
        lexer->cur++;
        return TOK_RARROW;
    }
    if (c == '<' && next == '>' && lexer->flufl) {
        lexer->cur++;
        return TOK_NOTEQUAL;
    }
    return row->single;
}

// ---- comments ---------------------------------------------------------------

// Whether a comment is `# type: ...`: then where its text starts, else NULL.
static const char *
type_comment_text(const char *start, const char *end)
{
    const char *s = start;
    for (const char *pattern = "# type: "; *pattern != '\0'; pattern++) {
        if (*pattern == ' ') {
            while (s < end && (*s == ' ' || *s == '\t')) {
                s++;
            }
        }
        else if (s < end && *s == *pattern) {
            s++;
        }
        else {
            return NULL;
        }
    }
    return s;
}

static KrTokenKind
lex_type_comment(KrLexer *lexer, const char *text)
{
    const char *after = text + 6;
    if (lexer->cur >= after && memcmp(text, "ignore", 6) == 0
        && !(lexer->cur > after
             && ((unsigned char)*after >= 128
                 || (kr_is_char((unsigned char)*after, KR_CHAR_NAME)
                     && *after != '_')))) {
        lexer->token_start = after;
        return TOK_TYPE_IGNORE;
    }
    lexer->token_start = text;
    return TOK_TYPE_COMMENT;
}

// Moves to the end of the line; a token kind if the comment is one, else TOK_NL.
static KrTokenKind
skip_comment(KrLexer *lexer)
{
    const char *end = lexer->line_end;
    if (end > lexer->line_start && end[-1] == '\n') {
        end--;
    }
    const char *start = lexer->cur - 1;
    lexer->cur = end;
    if (lexer->type_comments) {
        const char *text = type_comment_text(start, end);
        if (text != NULL) {
            return lex_type_comment(lexer, text);
        }
    }
    if (lexer->extra_tokens) {
        lexer->token_start = start;
        return TOK_COMMENT;
    }
    return TOK_NL;
}

// ---- the next token ---------------------------------------------------------

// What stands at the end of the text.
static KrTokenKind
lex_end(KrLexer *lexer)
{
    lexer->token_start = NULL;
    if (lexer->level > 0 || lexer->state != KR_LEX_EOF) {
        return TOK_ERRORTOKEN;
    }
    return TOK_ENDMARKER;
}

static KrTokenKind
lex_line_start(KrLexer *lexer)
{
    lexer->at_line_start = false;
    lexer->blank_line = false;
    return read_indentation(lexer) ? TOK_NL : TOK_ERRORTOKEN;
}

static KrTokenKind
lex_normal(KrLexer *lexer)
{
    KrTokenKind kind;
next_line:
    lexer->token_start = NULL;
    if (lexer->at_line_start && lex_line_start(lexer) == TOK_ERRORTOKEN) {
        return TOK_ERRORTOKEN;
    }
    if (lexer->pending != 0) {
        bool is_dedent = lexer->pending < 0;
        lexer->pending += is_dedent ? 1 : -1;
        if (lexer->extra_tokens) {
            lexer->token_start = is_dedent ? lexer->cur : lexer->line_start;
        }
        return is_dedent ? TOK_DEDENT : TOK_INDENT;
    }
    const char *comment = NULL;
    for (;;) {
        int c;
        do {
            c = kr_lexer_getc(lexer);
        } while (c == ' ' || c == '\t' || c == '\f');
        // A NEWLINE token begins with the comment before it.
        lexer->token_start = comment != NULL ? comment : lexer->cur - 1;
        if (kr_is_char(c, KR_CHAR_NAME_START)) {
            kind = lex_name(lexer);
            if (kind != TOK_STRING) {
                note_end(lexer);
            }
            return kind;
        }
        switch (c) {
        case KR_EOF:
            return lex_end(lexer);
        case '#':
            comment = lexer->token_start;
            kind = skip_comment(lexer);
            if (kind != TOK_NL) {
                // Alone on its line a type comment ends it as a statement would.
                lexer->blank_line &= kind != TOK_TYPE_COMMENT;
                return kind;
            }
            continue;
        case '\n':
            lexer->at_line_start = true;
            if (lexer->blank_line || lexer->level > 0) {
                if (lexer->extra_tokens) {
                    return TOK_NL;
                }
                goto next_line;
            }
            return TOK_NEWLINE;
        case '\\':
            if (!continue_line(lexer)) {
                lexer->token_start = NULL;
                return TOK_ERRORTOKEN;
            }
            continue;
        case '"':
        case '\'':
            return kr_lex_string(lexer, c);
        case '.':
            if (lexer->cur[0] == '.' && lexer->cur[1] == '.') {
                lexer->cur += 2;
                return TOK_ELLIPSIS;
            }
            if (!kr_is_char((unsigned char)*lexer->cur, KR_CHAR_DIGIT)) {
                note_end(lexer);
                return TOK_DOT;
            }
            return kr_lex_number(lexer, c);
        default:
            if (kr_is_char(c, KR_CHAR_DIGIT)) {
                return kr_lex_number(lexer, c);
            }
            kind = lex_operator(lexer, c);
            note_end(lexer);
            return kind;
        }
    }
}

KrTokenKind
kr_lexer_next(KrLexer *lexer, KrToken *token)
{
    KrTokenKind kind;
    if (kr_lexer_in_string(lexer) && kr_lexer_string(lexer)->in_text) {
        kind = kr_lex_fstring_text(lexer);
        if (kind == TOK_COUNT) {
            kind = lex_normal(lexer);
        }
    }
    else {
        kind = lex_normal(lexer);
    }
    const char *start = lexer->token_start;
    token->kind = (uint8_t)kind;
    token->level = (uint8_t)lexer->level;
    token->start = start != NULL ? start : lexer->cur;
    token->length = (uint32_t)(lexer->cur - token->start - lexer->trim);
    lexer->trim = 0;
    token->lineno = token->end_lineno = lexer->lineno;
    if (start == NULL) {
        token->col = token->end_col = -1;
        return kind;
    }
    const char *line = lexer->line_start;
    if (kind == TOK_STRING || (kind >= TOK_FSTRING_START && kind <= TOK_TSTRING_END)) {
        token->lineno = lexer->first_lineno;
        line = lexer->first_line;
    }
    token->col = (int)(start - line);
    token->end_col = (int)(lexer->cur - lexer->line_start);
    return kind;
}
