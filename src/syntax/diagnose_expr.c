// SPDX-License-Identifier: MIT
// diagnose_expr.c - better messages for expressions, displays and comprehensions.
#include "syntax/diagnose.h"

// ---- neighbours -------------------------------------------------------------

static bool
is_soft_keyword(KrParser *p, int index)
{
    return kr_token_is(p, index, "_") || kr_token_is(p, index, "case")
           || kr_token_is(p, index, "match") || kr_token_is(p, index, "type");
}

static bool
is_legacy(KrParser *p, int index)
{
    return kr_token_is(p, index, "print") || kr_token_is(p, index, "exec");
}

// Two expressions side by side within brackets: a comma may be missing.
static void
check_missing_comma(KrParser *p, int start, KrExpr *e)
{
    KrTokenKind next = next_kind(p);
    int at = p->pos;
    if (!kr_starts_expression(next) || !kr_first_time(p, start, KR_CHECK_COMMA)) {
        return;
    }
    if ((p->tokens[start].kind == TOK_NAME && p->tokens[start + 1].kind == TOK_STRING)
        || is_soft_keyword(p, start)) {
        return;
    }
    KrExpr *other = kr_attempt(p, at, false, kr_parse_bare_expression);
    int end = p->pos;
    p->pos = at;
    if (other == NULL || p->failed) {
        return;
    }
    if (e->kind == KR_EXPR_Name
        && (strcmp(e->v.Name.id->text, "print") == 0
            || strcmp(e->v.Name.id->text, "exec") == 0)) {
        return;
    }
    if (p->tokens[end - 1].level > 0) {
        kr_parser_raise_span(p, span_join(e->span, other->span),
                             "invalid syntax. Perhaps you forgot a comma?");
    }
}

static void
check_legacy_statement(KrParser *p, int start)
{
    int at = p->pos;
    // What follows any name is looked at, as its own errors come first.
    if (p->tokens[start].kind != TOK_NAME
        || !kr_first_time(p, start, KR_CHECK_LEGACY)) {
        return;
    }
    p->pos = start + 1;
    KrTokenKind next = next_kind(p);
    if (next != TOK_LPAR && (kr_starts_expression(next) || next == TOK_STAR)) {
        KrExpr *e = kr_attempt(p, start + 1, true, kr_parse_star_expressions);
        if (e != NULL && is_legacy(p, start)) {
            KrToken *t = &p->tokens[start];
            kr_parser_raise_span(p, span_join(kr_token_span(p, start), e->span),
                                 "Missing parentheses in call to '%.*s'. Did you mean "
                                 "%.*s(...)?",
                                 (int)t->length, t->start, (int)t->length, t->start);
        }
    }
    p->pos = at;
}

static bool
is_statement_word(KrTokenKind kind)
{
    return kind == KW_PASS || kind == KW_BREAK || kind == KW_CONTINUE;
}

// `pass if x else y`.
static void
check_statement_before_if(KrParser *p, int start)
{
    if (!is_statement_word(p->tokens[start].kind)) {
        return;
    }
    p->pos = start + 1;
    if (accept(p, KW_IF)) {
        KrExpr *test = kr_attempt(p, p->pos, true, kr_parse_disjunction);
        if (test != NULL && accept(p, KW_ELSE)) {
            kr_parser_raise_token(
                p, start, "expected expression before 'if', but statement is given");
        }
    }
    p->pos = start;
}

void
kr_diagnose_else_statement(KrParser *p, int at)
{
    p->pos = at;
    kr_parser_raise_next(p, "expected expression after 'else', but statement is given");
}

// "one" two "three": the quotes in the middle were meant to be part of one string.
bool
kr_diagnose_strings(KrParser *p)
{
    int start = p->pos;
    p->pos = start + 1;
    if (p->tokens[start].kind != TOK_STRING || !kr_starts_expression(next_kind(p))
        || next_kind(p) == TOK_STRING || !kr_first_time(p, start, KR_CHECK_STRING)) {
        p->pos = start;
        return true;
    }
    KrExpr *first = NULL, *last = NULL, *e = NULL;
    do {
        if (next_kind(p) == TOK_STRING) {
            break;
        }
        e = kr_attempt(p, p->pos, false, kr_parse_bare_expression);
        first = first == NULL ? e : first;
        last = e != NULL ? e : last;
    } while (e != NULL);
    if (last != NULL && next_kind(p) == TOK_STRING) {
        kr_parser_raise_span(
            p, span_join(first->span, last->span),
            "invalid syntax. Is this intended to be part of the string?");
    }
    p->pos = start;
    return !p->failed;
}

bool
kr_diagnose_expression(KrParser *p, int start, KrExpr *e)
{
    if (e == NULL) {
        check_statement_before_if(p, start);
    }
    else {
        check_missing_comma(p, start, e);
        if (!p->failed) {
            check_legacy_statement(p, start);
        }
    }
    return !p->failed;
}

// ---- assignment signs -------------------------------------------------------

// Whether a list, tuple, generator or keyword constant begins at `start`.
static bool
starts_with_sequence(KrParser *p, int start)
{
    switch ((KrTokenKind)p->tokens[start].kind) {
    case KW_TRUE:
    case KW_FALSE:
    case KW_NONE:
        return true;
    case TOK_LPAR:
    case TOK_LSQB: {
        int at = p->pos;
        KrExpr *e = kr_attempt(p, start, false, kr_parse_atom);
        p->pos = at;
        return e != NULL
               && ((e->kind == KR_EXPR_List && p->tokens[start].kind == TOK_LSQB)
                   || (p->tokens[start].kind == TOK_LPAR
                       && (e->kind == KR_EXPR_Tuple || e->kind == KR_EXPR_GeneratorExp)
                       && e->span.lineno == p->tokens[start].lineno
                       && e->span.col == p->tokens[start].col));
    }
    default:
        return false;
    }
}

static bool
at_assignment_sign(KrParser *p)
{
    KrTokenKind kind = next_kind(p);
    return kind == TOK_EQUAL || kind == TOK_COLONEQUAL;
}

static void
check_equal_sign(KrParser *p, int start)
{
    int equal = p->pos;
    if (p->tokens[start].kind == TOK_NAME && equal == start + 1) {
        KrExpr *value = kr_attempt(p, equal + 1, true, kr_parse_bitwise_or);
        if (value != NULL && !at_assignment_sign(p)) {
            kr_parser_raise_span(
                p, span_join(kr_token_span(p, start), value->span),
                "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
        }
    }
    else if (!starts_with_sequence(p, start)) {
        KrExpr *target = kr_attempt(p, start, true, kr_parse_bitwise_or);
        if (target != NULL && p->pos == equal) {
            KrExpr *value = kr_attempt(p, equal + 1, true, kr_parse_bitwise_or);
            if (value != NULL && !at_assignment_sign(p)) {
                kr_parser_raise_span(p, target->span,
                                     "cannot assign to %s here. Maybe you meant '==' "
                                     "instead of '='?",
                                     kr_describe_expression(target));
            }
        }
    }
    p->pos = equal;
}

KrExpr *
kr_diagnose_named_expression(KrParser *p, int start, KrExpr *e)
{
    if (e == NULL) {
        return NULL;
    }
    KrTokenKind next = next_kind(p);
    int at = p->pos;
    if ((next == TOK_EQUAL || next == TOK_COLONEQUAL)
        && !kr_first_time(p, start, KR_CHECK_NAMED)) {
        return next == TOK_EQUAL && !p->failed ? e : NULL;
    }
    if (next == TOK_COLONEQUAL) {
        if (kr_attempt(p, at + 1, true, kr_parse_expression) != NULL) {
            kr_parser_raise_span(p, e->span,
                                 "cannot use assignment expressions with %s",
                                 kr_describe_expression(e));
        }
        p->pos = at;
        return NULL;
    }
    if (next == TOK_EQUAL) {
        check_equal_sign(p, start);
    }
    return p->failed ? NULL : e;
}

// ---- operators --------------------------------------------------------------

void
kr_diagnose_not_operand(KrParser *p, int not_index, bool is_unary)
{
    KrExpr *e = is_unary ? kr_attempt(p, not_index + 1, true, kr_parse_factor)
                         : kr_attempt(p, not_index, true, kr_parse_inversion);
    if (e != NULL) {
        kr_parser_raise_span(p, span_join(kr_token_span(p, not_index), e->span),
                             "'not' after an operator must be parenthesized");
    }
    p->pos = not_index;
}

bool
kr_diagnose_less(KrParser *p)
{
    int at = p->pos;
    if (next_kind_at(p, 1) == TOK_GREATER
        && p->tokens[at + 1].start == p->tokens[at].start + 1) {
        kr_parser_raise_span(
            p, span_join(kr_token_span(p, at), kr_token_span(p, at + 1)),
            "invalid syntax.  Maybe you meant '!=' instead of '<>'?");
    }
    return !p->failed;
}

void
kr_diagnose_lambda_colon(KrParser *p, KrSpan lambda)
{
    KrTokenKind next = next_kind(p);
    if (next == TOK_FSTRING_MIDDLE || next == TOK_TSTRING_MIDDLE
        || (next == TOK_RBRACE && kr_lexer_in_string(&p->lexer))) {
        bool is_template = kr_lexer_in_string(&p->lexer)
                           && kr_lexer_string(&p->lexer)->is_template;
        kr_parser_raise_span(p, span_end(p, lambda),
                             "%c-string: lambda expressions are not allowed without "
                             "parentheses",
                             is_template ? 't' : 'f');
    }
}

// ---- comprehensions and displays --------------------------------------------

// Whether clauses stand at the next token; they are taken.
static bool
take_clauses(KrParser *p)
{
    KrTokenKind kind = next_kind(p);
    return (kind == KW_FOR || kind == KW_ASYNC) && kr_parse_comprehension(p) != NULL;
}

void *
kr_diagnose_for_clause(KrParser *p, int start, bool is_statement)
{
    if (p->failed || !kr_first_time(p, start, KR_CHECK_CLAUSE)) {
        return NULL;
    }
    int first = start + (p->tokens[start].kind == KW_ASYNC) + 1;
    if (!is_statement) {
        KrExpr *e = kr_attempt(p, first, true, kr_parse_bitwise_or);
        while (e != NULL && accept(p, TOK_COMMA)) {
            int at = p->pos;
            if (kr_attempt(p, at, true, kr_parse_bitwise_or) == NULL) {
                break;
            }
        }
        if (e != NULL && next_kind(p) != KW_IN) {
            return kr_parser_raise_last(p, KR_DIAG_SYNTAX_ERROR,
                                        "'in' expected after for-loop variables");
        }
        if (p->failed) {
            return NULL;
        }
    }
    KrExpr *target = kr_attempt(p, first, true, kr_parse_star_expressions);
    return target != NULL ? kr_raise_invalid_target(p, KR_TARGETS_FOR, target) : NULL;
}

// `*a for ...`, `(*a)`.
static void
check_starred(KrParser *p, int start, KrTokenKind kind)
{
    p->pos = start + 1;
    KrTokenKind first = next_kind(p);
    if (first == TOK_STAR) {
        KrSpan span = span_start(p);
        KrExpr *e = kr_attempt(p, start + 2, true, kr_parse_expression);
        if (e == NULL) {
            kr_bare_star(p);
            return;
        }
        span = span_join(span, e->span);
        if (kind == TOK_LPAR && next_kind(p) == TOK_RPAR) {
            kr_parser_raise_span(p, span, "cannot use starred expression here");
        }
        else if (take_clauses(p)) {
            kr_parser_raise_span(p, span,
                                 "iterable unpacking cannot be used in comprehension");
        }
    }
    else if (first == TOK_DOUBLESTAR && kind == TOK_LPAR) {
        KrExpr *e = kr_attempt(p, start + 2, true, kr_parse_expression);
        if (e != NULL && next_kind(p) == TOK_RPAR) {
            kr_parser_raise_token(p, start + 1,
                                  "cannot use double starred expression here");
        }
    }
}

// `[a, b for ...]`.
static void
check_bare_target(KrParser *p, int start)
{
    KrExpr *first = kr_attempt(p, start + 1, true, kr_parse_star_named_expression);
    if (first == NULL || next_kind(p) != TOK_COMMA) {
        return;
    }
    KrSpan span = first->span;
    while (accept(p, TOK_COMMA)) {
        span = span_end(p, span);
        KrExpr *e = kr_attempt(p, p->pos, true, kr_parse_star_named_expression);
        if (e == NULL) {
            break;
        }
        span = span_join(first->span, e->span);
    }
    if (!p->failed && take_clauses(p)) {
        kr_parser_raise_span(
            p, span, "did you forget parentheses around the comprehension target?");
    }
}

// `key: ` without value, or with a starred one; at the key, which must parse.
static bool
check_pair(KrParser *p, bool first)
{
    KrExpr *key = kr_attempt(p, p->pos, p->diagnosing, kr_parse_expression);
    if (key == NULL) {
        return false;
    }
    int colon = p->pos;
    if (!accept(p, TOK_COLON)) {
        if (!first && !p->failed) {
            KrSpan span = {key->span.lineno, key->span.end_col - 1,
                           key->span.end_lineno, -1};
            kr_parser_raise_span(p, span, "':' expected after dictionary key");
        }
        return false;
    }
    if (next_kind(p) == TOK_STAR) {
        KrSpan span = span_start(p);
        if (kr_attempt(p, p->pos + 1, p->diagnosing, kr_parse_bitwise_or) != NULL) {
            kr_raise_from(p, span,
                          "cannot use a starred expression in a dictionary value");
        }
        return false;
    }
    if (next_kind(p) == TOK_RBRACE || next_kind(p) == TOK_COMMA) {
        kr_parser_raise_token(p, colon,
                              "expression expected after dictionary key and ':'");
        return false;
    }
    return kr_attempt(p, p->pos, p->diagnosing, kr_parse_expression) != NULL;
}

static void
check_dict_comprehension(KrParser *p, int start)
{
    p->pos = start + 1;
    if (accept(p, TOK_DOUBLESTAR)
        && kr_attempt(p, p->pos, true, kr_parse_bitwise_or) != NULL
        && take_clauses(p)) {
        kr_parser_raise_token(p, start + 1,
                              "dict unpacking cannot be used in dict comprehension");
    }
}

static void
check_dict_items(KrParser *p, int start)
{
    p->pos = start + 1;
    for (bool first = true;; first = false) {
        if (accept(p, TOK_DOUBLESTAR)) {
            if (kr_attempt(p, p->pos, p->diagnosing, kr_parse_bitwise_or) == NULL) {
                return;
            }
        }
        else if (next_kind(p) == TOK_RBRACE || !check_pair(p, first)) {
            return;
        }
        if (p->failed || !accept(p, TOK_COMMA)) {
            return;
        }
    }
}

void
kr_diagnose_dict(KrParser *p, int start)
{
    int at = p->pos;
    bool second_pass = p->second_pass;
    if (!second_pass) {
        p->second_pass = true;
        p->memo_size = 0;
    }
    if (kr_first_time(p, start, KR_CHECK_DICT)) {
        check_dict_items(p, start);
    }
    p->second_pass = second_pass;
    p->pos = at;
}

void
kr_diagnose_brackets(KrParser *p, int start, KrTokenKind kind)
{
    int at = p->pos;
    if (!kr_first_time(p, start, KR_CHECK_BRACKETS)) {
        return;
    }
    if (kind == TOK_LBRACE) {
        check_dict_comprehension(p, start);
    }
    if (!p->failed) {
        check_starred(p, start, kind);
    }
    if (!p->failed && kind != TOK_LPAR) {
        check_bare_target(p, start);
    }
    p->pos = at;
}

bool
kr_diagnose_after_primary(KrParser *p)
{
    KrTokenKind kind = next_kind(p);
    int at = p->pos;
    if ((kind == TOK_LBRACE || kind == TOK_LSQB)
        && kr_first_time(p, at, KR_CHECK_COMPREHENSION)) {
        check_starred(p, at, kind);
        if (!p->failed) {
            check_bare_target(p, at);
        }
        p->pos = at;
    }
    return !p->failed;
}
