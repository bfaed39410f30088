// SPDX-License-Identifier: MIT
// lex_number.c - the lexer's part for numeric literals.
#include "syntax/lexer.h"

static bool
is_decimal(int c)
{
    return kr_is_char(c, KR_CHAR_DIGIT);
}

static bool
is_digit_of(int c, int base)
{
    return base == 16 ? kr_is_char(c, KR_CHAR_HEX) : c >= '0' && c < '0' + base;
}

static KrTokenKind
invalid_literal(KrLexer *lexer, int c, const char *what)
{
    kr_lexer_back(lexer, c);
    return kr_lexer_error(lexer, "invalid %s literal", what);
}

// A keyword may follow a number without a space, for now; c is its first letter.
static bool
keyword_follows(KrLexer *lexer, int c)
{
    static const char *const words[] = {"and", "else", "for", "if", "in",
                                        "is",  "or",   "not"};
    for (int i = 0; i < KR_ARRAY_LEN(words); i++) {
        size_t length = strlen(words[i]);
        if (words[i][0] == c && strncmp(lexer->cur - 1, words[i], length) == 0) {
            // Those with i are not looked at to their end.
            return c == 'i'
                   || !kr_is_char((unsigned char)lexer->cur[length - 1], KR_CHAR_NAME);
        }
    }
    return false;
}

// Ends a number before c, the byte just read.
static KrTokenKind
end_number(KrLexer *lexer, int c, const char *what)
{
    if (kr_is_char(c, KR_CHAR_NAME) && c < 128 && !lexer->extra_tokens) {
        if (!keyword_follows(lexer, c)) {
            return invalid_literal(lexer, c, what);
        }
        kr_lexer_back(lexer, c);
        if (!kr_lexer_warn(lexer, KR_WARN_SYNTAX, lexer->lineno, "invalid %s literal",
                           what)) {
            return TOK_ERRORTOKEN;
        }
        return TOK_NUMBER;
    }
    kr_lexer_back(lexer, c);
    return TOK_NUMBER;
}

// Reads the digits after one; the byte behind them, or -2 after an error.
static int
decimal_tail(KrLexer *lexer)
{
    for (;;) {
        int c;
        do {
            c = kr_lexer_getc(lexer);
        } while (is_decimal(c));
        if (c != '_') {
            return c;
        }
        c = kr_lexer_getc(lexer);
        if (!is_decimal(c)) {
            invalid_literal(lexer, c, "decimal");
            return -2;
        }
    }
}

static KrTokenKind
lex_based(KrLexer *lexer, int base, const char *what)
{
    int c = kr_lexer_getc(lexer);
    do {
        if (c == '_') {
            c = kr_lexer_getc(lexer);
        }
        if (!is_digit_of(c, base)) {
            if (is_decimal(c)) {
                return kr_lexer_error(lexer, "invalid digit '%c' in %s literal", c,
                                      what);
            }
            return invalid_literal(lexer, c, what);
        }
        do {
            c = kr_lexer_getc(lexer);
        } while (is_digit_of(c, base));
    } while (c == '_');
    if (is_decimal(c)) {
        return kr_lexer_error(lexer, "invalid digit '%c' in %s literal", c, what);
    }
    return end_number(lexer, c, what);
}

static KrTokenKind
lex_exponent(KrLexer *lexer, int e)
{
    int c = kr_lexer_getc(lexer);
    if (c == '+' || c == '-') {
        c = kr_lexer_getc(lexer);
        if (!is_decimal(c)) {
            return invalid_literal(lexer, c, "decimal");
        }
    }
    else if (!is_decimal(c)) {
        // Not an exponent: `1else` ends before its e.
        kr_lexer_back(lexer, c);
        return end_number(lexer, e, "decimal");
    }
    c = decimal_tail(lexer);
    if (c == -2) {
        return TOK_ERRORTOKEN;
    }
    if (c == 'j' || c == 'J') {
        return end_number(lexer, kr_lexer_getc(lexer), "imaginary");
    }
    return end_number(lexer, c, "decimal");
}

// Ends a number without a fraction or after it.
static KrTokenKind
after_digits(KrLexer *lexer, int c)
{
    if (c == 'e' || c == 'E') {
        return lex_exponent(lexer, c);
    }
    if (c == 'j' || c == 'J') {
        return end_number(lexer, kr_lexer_getc(lexer), "imaginary");
    }
    return end_number(lexer, c, "decimal");
}

static KrTokenKind
lex_fraction(KrLexer *lexer)
{
    int c = kr_lexer_getc(lexer);
    if (is_decimal(c)) {
        c = decimal_tail(lexer);
        if (c == -2) {
            return TOK_ERRORTOKEN;
        }
    }
    return after_digits(lexer, c);
}

// A literal that starts with 0 and has no base letter.
static KrTokenKind
lex_zero(KrLexer *lexer, int c)
{
    bool nonzero = false;
    for (;;) {
        if (c == '_') {
            c = kr_lexer_getc(lexer);
            if (!is_decimal(c)) {
                return invalid_literal(lexer, c, "decimal");
            }
        }
        if (c != '0') {
            break;
        }
        c = kr_lexer_getc(lexer);
    }
    const char *zeros_end = lexer->cur;
    if (is_decimal(c)) {
        nonzero = true;
        c = decimal_tail(lexer);
        if (c == -2) {
            return TOK_ERRORTOKEN;
        }
    }
    if (c == '.') {
        return lex_fraction(lexer);
    }
    bool goes_on = c == 'e' || c == 'E' || c == 'j' || c == 'J';
    if (nonzero && !goes_on && !lexer->extra_tokens) {
        kr_lexer_back(lexer, c);
        return kr_lexer_error_range(
            lexer, (int)(lexer->token_start + 1 - lexer->line_start),
            (int)(zeros_end - lexer->line_start),
            "leading zeros in decimal integer literals are not permitted; use an 0o "
            "prefix for octal integers");
    }
    return after_digits(lexer, c);
}

KrTokenKind
kr_lex_number(KrLexer *lexer, int c)
{
    if (c == '.') {
        return lex_fraction(lexer);
    }
    if (c == '0') {
        c = kr_lexer_getc(lexer);
        switch (c) {
        case 'x':
        case 'X':
            return lex_based(lexer, 16, "hexadecimal");
        case 'o':
        case 'O':
            return lex_based(lexer, 8, "octal");
        case 'b':
        case 'B':
            return lex_based(lexer, 2, "binary");
        default:
            return lex_zero(lexer, c);
        }
    }
    c = decimal_tail(lexer);
    if (c == -2) {
        return TOK_ERRORTOKEN;
    }
    return c == '.' ? lex_fraction(lexer) : after_digits(lexer, c);
}
