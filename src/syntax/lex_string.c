// SPDX-License-Identifier: MIT
// lex_string.c - the lexer's part for string literals, f-strings and t-strings.
//
// A plain literal is one token. An f-string or t-string is a START, MIDDLE tokens for
// its text, ordinary tokens for its fields, and an END; lexer->strings holds the open
// ones. The text of a format specifier is MIDDLE tokens, too.
#include "syntax/lexer.h"

// Nested fields: {a:{b:{c}}} is one too many.
enum { MAX_FIELD_NESTING = 3 };

// Puts the lexer back on the first character of a literal that does not end.
static void
return_to_start(KrLexer *lexer, const char *start, const char *line, int lineno)
{
    lexer->cur = start + 1;
    lexer->line_start = line;
    lexer->lineno = lineno;
}

static KrTokenKind
unterminated_string(KrLexer *lexer, int c, int quote, int quote_size,
                    bool escaped_quote)
{
    int detected = lexer->lineno;
    lexer->cut_string = c == KR_EOF;
    return_to_start(lexer, lexer->token_start, lexer->first_line, lexer->first_lineno);
    if (kr_lexer_in_string(lexer)) {
        KrLexString *string = kr_lexer_string(lexer);
        // The quote that was meant to end the f-string: its field lacks a brace.
        if (string->quote == quote && string->quote_size == quote_size) {
            lexer->cut_string = false;
            return kr_lexer_error(lexer, "%c-string: expecting '}'",
                                  string->is_template ? 't' : 'f');
        }
    }
    if (quote_size == 3) {
        return kr_lexer_error(
            lexer, "unterminated triple-quoted string literal (detected at line %d)",
            detected);
    }
    return kr_lexer_error(lexer, "unterminated string literal (detected at line %d)%s",
                          detected,
                          escaped_quote ? "; perhaps you escaped the end quote?" : "");
}

// The size of the quotes whose first one has been read; 0 for an empty literal.
static int
read_quotes(KrLexer *lexer, int quote)
{
    if ((unsigned char)lexer->cur[0] != quote) {
        return 1;
    }
    if ((unsigned char)lexer->cur[1] != quote) {
        lexer->cur++;
        return 0;
    }
    lexer->cur += 2;
    return 3;
}

KrTokenKind
kr_lex_string(KrLexer *lexer, int quote)
{
    lexer->first_line = lexer->line_start;
    lexer->first_lineno = lexer->lineno;
    int quote_size = read_quotes(lexer, quote);
    bool escaped_quote = false;
    int closing = 0;
    if (quote_size == 0) {
        return TOK_STRING;
    }
    while (closing != quote_size) {
        int c = kr_lexer_getc(lexer);
        if (c == KR_EOF || (quote_size == 1 && c == '\n')) {
            return unterminated_string(lexer, c, quote, quote_size, escaped_quote);
        }
        if (c == quote) {
            closing++;
            continue;
        }
        closing = 0;
        if (c == '\\') {
            c = kr_lexer_getc(lexer);
            escaped_quote |= c == quote;
        }
    }
    return TOK_STRING;
}

KrTokenKind
kr_lex_fstring_start(KrLexer *lexer, int quote, bool raw, bool template_)
{
    lexer->first_line = lexer->line_start;
    lexer->first_lineno = lexer->lineno;
    int quote_size = read_quotes(lexer, quote);
    if (quote_size == 0) {
        // Its second quote is the END token.
        quote_size = 1;
        lexer->cur--;
    }
    if (lexer->string_level + 1 >= KR_MAX_STRING_LEVELS) {
        return kr_lexer_error(lexer, "too many nested f-strings or t-strings");
    }
    lexer->string_level++;
    *kr_lexer_string(lexer) = (KrLexString){
        .start = lexer->token_start,
        .start_line = lexer->line_start,
        .start_lineno = lexer->lineno,
        .quote = (char)quote,
        .quote_size = (uint8_t)quote_size,
        .raw = raw,
        .is_template = template_,
        .in_text = true,
        .brackets = 0,
        .field_bracket = -1,
    };
    return template_ ? TOK_TSTRING_START : TOK_FSTRING_START;
}

static KrTokenKind
unterminated_fstring(KrLexer *lexer, KrLexString *string, int c)
{
    char letter = string->is_template ? 't' : 'f';
    if (string->in_spec && c == '\n') {
        return kr_lexer_error(lexer,
                              "%c-string: newlines are not allowed in format "
                              "specifiers for single quoted %c-strings",
                              letter, letter);
    }
    int detected = lexer->lineno;
    lexer->cut_string = c == KR_EOF && string->quote_size == 3;
    return_to_start(lexer, string->start, string->start_line, string->start_lineno);
    return kr_lexer_error(lexer,
                          string->quote_size == 3
                              ? "unterminated triple-quoted %c-string literal "
                                "(detected at line %d)"
                              : "unterminated %c-string literal (detected at line %d)",
                          letter, detected);
}

static bool
at_end_quotes(KrLexer *lexer, KrLexString *string)
{
    for (int i = 0; i < string->quote_size; i++) {
        if (lexer->cur[i] != string->quote) {
            return false;
        }
    }
    return true;
}

static bool
open_field(KrLexer *lexer, KrLexString *string)
{
    string->field_bracket++;
    if (string->field_bracket >= MAX_FIELD_NESTING) {
        kr_lexer_error(lexer, "%c-string: expressions nested too deeply",
                       string->is_template ? 't' : 'f');
        return false;
    }
    string->in_text = false;
    return true;
}

// After a backslash in the text; false for an error. Sets *named for \N{.
static bool
skip_escape(KrLexer *lexer, KrLexString *string, bool *named)
{
    int c = kr_lexer_getc(lexer);
    if (c == '{' || c == '}') {
        if (!string->raw) {
            char sequence = (char)c;
            if (!kr_lexer_warn_escape(lexer, &sequence, 1, false, lexer->lineno)) {
                return false;
            }
        }
        // The brace keeps its meaning.
        kr_lexer_back(lexer, c);
        return true;
    }
    if (!string->raw && c == 'N' && *lexer->cur == '{') {
        lexer->cur++;
        *named = true;
    }
    return true;
}

// A MIDDLE or END token; TOK_COUNT if a field comes next.
KrTokenKind
kr_lex_fstring_text(KrLexer *lexer)
{
    KrLexString *string = kr_lexer_string(lexer);
    KrTokenKind middle = string->is_template ? TOK_TSTRING_MIDDLE : TOK_FSTRING_MIDDLE;
    int quotes = 0;
    bool named = false;

    if (lexer->cur == lexer->line_end) {
        int c = kr_lexer_getc(lexer);
        kr_lexer_back(lexer, c);
    }
    lexer->token_start = lexer->cur;
    lexer->first_line = lexer->line_start;
    lexer->first_lineno = lexer->lineno;
    if (lexer->cur[0] == '{' && (lexer->cur[1] != '{' || string->in_spec)) {
        // A field comes at once; lex_normal reads its brace.
        return open_field(lexer, string) ? TOK_COUNT : TOK_ERRORTOKEN;
    }
    if (at_end_quotes(lexer, string)) {
        lexer->cur += string->quote_size;
        lexer->string_level--;
        return string->is_template ? TOK_TSTRING_END : TOK_FSTRING_END;
    }
    for (;;) {
        int c = kr_lexer_getc(lexer);
        bool in_spec = string->in_spec && string->field_bracket >= 0;
        if (c == KR_EOF || (string->quote_size == 1 && c == '\n')) {
            return unterminated_fstring(lexer, string, c);
        }
        if (c == string->quote) {
            if (++quotes == string->quote_size) {
                lexer->cur -= quotes;
                return middle;
            }
            continue;
        }
        quotes = 0;
        if (c == '{') {
            if (*lexer->cur == '{' && !in_spec) {
                // One brace is text; the other one only counts in the position.
                lexer->cur++;
                lexer->trim = 1;
                return middle;
            }
            lexer->cur--;
            return open_field(lexer, string) ? middle : TOK_ERRORTOKEN;
        }
        if (c == '}') {
            if (named) {
                named = false;
                continue;
            }
            if (*lexer->cur == '}' && !in_spec && string->brackets == 0) {
                lexer->cur++;
                lexer->trim = 1;
                return middle;
            }
            lexer->cur--;
            string->in_text = false;
            return middle;
        }
        if (c == '\\' && !skip_escape(lexer, string, &named)) {
            return TOK_ERRORTOKEN;
        }
    }
}
