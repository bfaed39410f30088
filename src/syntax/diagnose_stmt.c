// SPDX-License-Identifier: MIT
// diagnose_stmt.c - better messages for statements and their targets.
#include "syntax/diagnose.h"

// ---- targets of clauses -----------------------------------------------------

void
kr_diagnose_import_target(KrParser *p, int at)
{
    KrExpr *e = kr_attempt(p, at, true, kr_parse_expression);
    if (e != NULL) {
        kr_parser_raise_span(p, e->span, "cannot use %s as import target",
                             kr_describe_expression(e));
    }
    p->pos = at;
}

void
kr_diagnose_with_target(KrParser *p, int at)
{
    KrExpr *e = kr_attempt(p, at, true, kr_parse_expression);
    if (e != NULL) {
        KrTokenKind next = next_kind(p);
        if (next == TOK_COMMA || next == TOK_RPAR || next == TOK_COLON) {
            kr_raise_invalid_target(p, KR_TARGETS_STAR, e);
        }
    }
    p->pos = at;
}

void
kr_diagnose_except_name(KrParser *p, bool is_star)
{
    int at = p->pos;
    KrExpr *e = kr_attempt(p, at, true, kr_parse_expression);
    int base = p->scratch_count;
    if (e != NULL && accept(p, TOK_COLON)
        && kr_parse_block(p, "'except' statement", kr_token_span(p, at).lineno)) {
        kr_parser_raise_span(p, e->span, "cannot use except%s statement with %s",
                             is_star ? "*" : "", kr_describe_expression(e));
    }
    p->scratch_count = base;
    p->pos = at;
}

void
kr_diagnose_pattern_target(KrParser *p, int at)
{
    p->pos = at;
    if (next_kind(p) == TOK_NAME && kr_token_is(p, at, "_")) {
        kr_parser_raise_token(p, at, "cannot use '_' as a target");
        return;
    }
    KrExpr *e = kr_attempt(p, at, true, kr_parse_expression);
    if (e != NULL) {
        kr_parser_raise_span(p, e->span, "cannot use %s as pattern target",
                             kr_describe_expression(e));
    }
    p->pos = at;
}

// ---- headers ----------------------------------------------------------------

// At an `except` that differs from those before.
void
kr_diagnose_mixed_handlers(KrParser *p, bool is_star)
{
    KrSpan span = kr_token_span(p, p->pos);
    advance(p);
    if (is_star) {
        span = span_join(span, kr_token_span(p, p->pos));
        advance(p);
    }
    if (is_star || next_kind(p) != TOK_COLON) {
        if (kr_attempt(p, p->pos, true, kr_parse_expression) == NULL) {
            return;
        }
        if (accept(p, KW_AS) && !accept(p, TOK_NAME)) {
            return;
        }
    }
    if (accept(p, TOK_COLON)) {
        kr_parser_raise_span(
            p, span, "cannot have both 'except' and 'except*' on the same 'try'");
    }
}

// Items without a colon behind them, in brackets or not.
void
kr_diagnose_with_header(KrParser *p, int start)
{
    for (int bracketed = 0; bracketed < 2 && !p->failed; bracketed++) {
        p->pos = start;
        if (bracketed && !accept(p, TOK_LPAR)) {
            break;
        }
        bool good = true;
        do {
            if (bracketed && next_kind(p) == TOK_RPAR) {
                break;
            }
            good = kr_attempt(p, p->pos, true, kr_parse_expression) != NULL;
            if (good && next_kind(p) == KW_AS) {
                int at = p->pos;
                advance(p);
                if (kr_parse_with_target(p) == NULL) {
                    p->pos = at;
                }
            }
        } while (good && accept(p, TOK_COMMA));
        if (good && (!bracketed || accept(p, TOK_RPAR)) && next_kind(p) == TOK_NEWLINE) {
            kr_parser_raise_last(p, KR_DIAG_SYNTAX_ERROR, "expected ':'");
        }
    }
    p->pos = start;
}

// ---- assignments ------------------------------------------------------------

static bool
is_augmented(KrTokenKind kind)
{
    return (kind >= TOK_PLUSEQUAL && kind <= TOK_DOUBLESTAREQUAL)
           || kind == TOK_DOUBLESLASHEQUAL || kind == TOK_ATEQUAL;
}

// Something that is no single target, annotated.
static void
check_annotation(KrParser *p, int start)
{
    KrExpr *first = kr_attempt(p, start, true, kr_parse_star_named_expression);
    if (first == NULL) {
        return;
    }
    bool is_tuple = false;
    int colon = p->pos;
    if (accept(p, TOK_COMMA)) {
        // After the first comma the others may be missing.
        is_tuple = true;
        while (kr_attempt(p, p->pos, true, kr_parse_star_named_expression) != NULL) {
            accept(p, TOK_COMMA);
        }
    }
    if (p->failed || next_kind(p) != TOK_COLON) {
        return;
    }
    colon = p->pos;
    if (kr_attempt(p, colon + 1, true, kr_parse_expression) == NULL) {
        return;
    }
    if (is_tuple) {
        kr_parser_raise_span(p, first->span,
                             "only single target (not tuple) can be annotated");
    }
    else if (first->kind == KR_EXPR_List || first->kind == KR_EXPR_Tuple) {
        kr_parser_raise_span(p, first->span,
                             "only single target (not %s) can be annotated",
                             first->kind == KR_EXPR_List ? "list" : "tuple");
    }
    else if (first->kind != KR_EXPR_Starred) {
        kr_parser_raise_span(p, first->span, "illegal target for annotation");
    }
}

// a = b = ... with something in between that cannot be assigned to.
static void
check_chain(KrParser *p, int start)
{
    p->pos = start;
    for (;;) {
        KrExpr *e = kr_attempt(p, p->pos, true, kr_parse_value);
        if (e == NULL) {
            return;
        }
        KrTokenKind next = next_kind(p);
        if (next == TOK_EQUAL) {
            if (e->kind == KR_EXPR_Yield || e->kind == KR_EXPR_YieldFrom) {
                kr_parser_raise_span(p, e->span,
                                     "assignment to yield expression not possible");
                return;
            }
            if (!kr_is_target(e, true)) {
                kr_raise_invalid_target(p, KR_TARGETS_STAR, e);
                return;
            }
            advance(p);
            continue;
        }
        return;
    }
}

static void
check_augmented(KrParser *p, int start)
{
    KrExpr *e = kr_attempt(p, start, true, kr_parse_star_expressions);
    if (e != NULL && is_augmented(next_kind(p))
        && kr_attempt(p, p->pos + 1, true, kr_parse_value) != NULL) {
        kr_parser_raise_span(p, e->span,
                             "'%s' is an illegal expression for augmented assignment",
                             kr_describe_expression(e));
    }
}

// ---- imports, del -----------------------------------------------------------

static bool
skip_dotted_name(KrParser *p)
{
    if (!accept(p, TOK_NAME)) {
        return false;
    }
    while (next_kind(p) == TOK_DOT && next_kind_at(p, 1) == TOK_NAME) {
        p->pos += 2;
    }
    return true;
}

static void
check_import(KrParser *p, int start)
{
    p->pos = start + 1;
    if (next_kind(p) == TOK_NEWLINE) {
        kr_raise_from(p, kr_token_span(p, p->pos),
                      "Expected one or more names after 'import'");
        return;
    }
    do {
        if (!skip_dotted_name(p)) {
            return;
        }
    } while (accept(p, TOK_COMMA));
    if (accept(p, KW_FROM) && skip_dotted_name(p)) {
        kr_raise_from(p, kr_token_span(p, start),
                      "Did you mean to use 'from ... import ...' instead?");
    }
}

static void
check_import_from(KrParser *p, int start)
{
    p->pos = start + 1;
    while (accept(p, TOK_DOT) || accept(p, TOK_ELLIPSIS)) {
    }
    skip_dotted_name(p);
    if (!accept(p, KW_IMPORT)) {
        return;
    }
    if (next_kind(p) == TOK_NEWLINE) {
        kr_raise_from(p, kr_token_span(p, p->pos),
                      "Expected one or more names after 'import'");
        return;
    }
    for (;;) {
        if (!accept(p, TOK_NAME) || (accept(p, KW_AS) && !accept(p, TOK_NAME))) {
            return;
        }
        if (!accept(p, TOK_COMMA)) {
            return;
        }
        if (next_kind(p) == TOK_NEWLINE) {
            kr_parser_raise_last(
                p, KR_DIAG_SYNTAX_ERROR,
                "trailing comma not allowed without surrounding parentheses");
            return;
        }
    }
}

static void
check_del(KrParser *p, int start)
{
    KrExpr *e = kr_attempt(p, start + 1, true, kr_parse_star_expressions);
    if (e != NULL) {
        kr_raise_invalid_target(p, KR_TARGETS_DEL, e);
    }
}

void
kr_diagnose_simple(KrParser *p, int start)
{
    int at = p->pos;
    p->pos = start;
    switch (next_kind(p)) {
    case KW_IMPORT:
        check_import(p, start);
        break;
    case KW_FROM:
        check_import_from(p, start);
        break;
    case KW_DEL:
        check_del(p, start);
        break;
    case KW_RETURN:
    case KW_RAISE:
    case KW_PASS:
    case KW_BREAK:
    case KW_CONTINUE:
        if (next_kind_at(p, 1) == KW_IF) {
            kr_attempt(p, start, true, kr_parse_expression);
        }
        break;
    case KW_GLOBAL:
    case KW_NONLOCAL:
    case KW_ASSERT:
        break;
    default:
        check_annotation(p, start);
        if (!p->failed) {
            check_chain(p, start);
        }
        if (!p->failed) {
            check_augmented(p, start);
        }
    }
    p->pos = at;
}
