// SPDX-License-Identifier: MIT
// parse_match.c - match statements and their patterns.
#include "syntax/diagnose.h"

static KrPattern *parse_or_pattern(KrParser *p);
static KrPattern *parse_pattern(KrParser *p);
static KrPattern *parse_maybe_star(KrParser *p);

static bool
is_wildcard_token(const KrToken *t)
{
    return t->length == 1 && t->start[0] == '_';
}

// ---- literals and values ----------------------------------------------------

static bool
is_complex(const KrExpr *e)
{
    return e->v.Constant.value->kind == KR_CONST_COMPLEX;
}

static KrExpr *
parse_signed_number(KrParser *p)
{
    KrSpan span = span_start(p);
    bool negative = accept(p, TOK_MINUS);
    if (next_kind(p) != TOK_NUMBER) {
        return NULL;
    }
    KrExpr *number = kr_parse_atom(p);
    if (number == NULL || !negative) {
        return number;
    }
    return NODE(p, kr_expr_UnaryOp(p->arena, span_end(p, span), KR_USUB, number));
}

// A number, or real + imaginary.
static KrExpr *
parse_number_value(KrParser *p)
{
    KrSpan span = span_start(p);
    KrExpr *left = parse_signed_number(p);
    if (left == NULL || (next_kind(p) != TOK_PLUS && next_kind(p) != TOK_MINUS)) {
        return left;
    }
    KrOperator op = next_kind(p) == TOK_PLUS ? KR_ADD : KR_SUB;
    KrExpr *real = left->kind == KR_EXPR_UnaryOp ? left->v.UnaryOp.operand : left;
    if (next_kind_at(p, 1) != TOK_NUMBER) {
        return NULL;
    }
    if (is_complex(real)) {
        return kr_parser_raise_span(p, left->span,
                                    "real number required in complex literal");
    }
    advance(p);
    KrExpr *right = kr_parse_atom(p);
    if (right == NULL) {
        return NULL;
    }
    if (!is_complex(right)) {
        return kr_parser_raise_span(p, right->span,
                                    "imaginary number required in complex literal");
    }
    return NODE(p, kr_expr_BinOp(p->arena, span_end(p, span), left, op, right));
}

// name.attr.attr...; at least one attribute if `dotted`.
static KrExpr *
parse_dotted(KrParser *p)
{
    KrSpan span = span_start(p);
    KrIdent *name = kr_parser_name(p, token(p));
    advance(p);
    KrExpr *e = name == NULL ? NULL
                             : NODE(p, kr_expr_Name(p->arena, span_end(p, span), name,
                                                    KR_LOAD));
    while (e != NULL && accept(p, TOK_DOT)) {
        if (next_kind(p) != TOK_NAME) {
            return NULL;
        }
        name = kr_parser_name(p, token(p));
        advance(p);
        e = name == NULL ? NULL
                         : NODE(p, kr_expr_Attribute(p->arena, span_end(p, span), e,
                                                     name, KR_LOAD));
    }
    return e;
}

static KrPattern *
value_pattern(KrParser *p, KrExpr *value)
{
    return value == NULL
               ? NULL
               : NODE(p, kr_pattern_MatchValue(p->arena, value->span, value));
}

static KrPattern *
parse_singleton(KrParser *p)
{
    KrExpr *e = kr_parse_atom(p);
    return e == NULL ? NULL
                     : NODE(p, kr_pattern_MatchSingleton(p->arena, e->span,
                                                         e->v.Constant.value));
}

// ---- sequences, groups ------------------------------------------------------

static KrPattern *
parse_star_pattern(KrParser *p)
{
    KrSpan span = span_start(p);
    KrIdent *name = NULL;
    advance(p);
    if (next_kind(p) != TOK_NAME) {
        return NULL;
    }
    if (!is_wildcard_token(token(p))) {
        KrTokenKind after = next_kind_at(p, 1);
        if (after == TOK_DOT || after == TOK_LPAR || after == TOK_EQUAL) {
            return NULL;
        }
        name = kr_parser_name(p, token(p));
        if (name == NULL) {
            return NULL;
        }
    }
    advance(p);
    return NODE(p, kr_pattern_MatchStar(p->arena, span_end(p, span), name));
}

static KrPattern *
parse_maybe_star(KrParser *p)
{
    return next_kind(p) == TOK_STAR ? parse_star_pattern(p) : parse_pattern(p);
}

// After the first item and a comma: the others up to `closing`, not taken.
static KrPatternSeq *
parse_more_patterns(KrParser *p, KrPattern *first, KrTokenKind closing)
{
    int base = p->scratch_count;
    bool good = push(p, first);
    while (good && next_kind(p) != closing && next_kind(p) != KW_IF) {
        KrPattern *item = parse_maybe_star(p);
        good = item != NULL && push(p, item);
        if (!good || !accept(p, TOK_COMMA)) {
            break;
        }
    }
    if (!good) {
        p->scratch_count = base;
        return NULL;
    }
    return POP_SEQ(p, base, KrPatternSeq);
}

static KrPattern *
parse_bracket_pattern(KrParser *p, KrTokenKind closing)
{
    KrSpan span = span_start(p);
    KrPatternSeq *items = NULL;
    advance(p);
    if (next_kind(p) != closing) {
        KrPattern *first = parse_maybe_star(p);
        if (first == NULL) {
            return NULL;
        }
        if (accept(p, TOK_COMMA)) {
            items = parse_more_patterns(p, first, closing);
        }
        else if (closing == TOK_RPAR) {
            // A group, not a sequence.
            if (first->kind == KR_PATTERN_MatchStar || !accept(p, TOK_RPAR)) {
                return NULL;
            }
            return first;
        }
        else {
            items = (KrPatternSeq *)kr_parser_single(p, (KrExpr *)first);
        }
        if (items == NULL) {
            return NULL;
        }
    }
    if (!accept(p, closing)) {
        return NULL;
    }
    return NODE(p, kr_pattern_MatchSequence(p->arena, span_end(p, span), items));
}

// ---- mappings ---------------------------------------------------------------

static KrExpr *
parse_mapping_key(KrParser *p)
{
    switch (next_kind(p)) {
    case TOK_NUMBER:
    case TOK_MINUS:
        return parse_number_value(p);
    case TOK_STRING:
    case TOK_FSTRING_START:
    case TOK_TSTRING_START:
        return kr_parse_strings(p);
    case KW_NONE:
    case KW_TRUE:
    case KW_FALSE:
        return kr_parse_atom(p);
    case TOK_NAME: {
        KrExpr *e = parse_dotted(p);
        return e != NULL && e->kind == KR_EXPR_Attribute ? e : NULL;
    }
    default:
        return NULL;
    }
}

// Pushes key and pattern in turn; sets *rest for `**rest`, which must come last.
static bool
parse_mapping_items(KrParser *p, KrIdent **rest)
{
    while (next_kind(p) != TOK_RBRACE) {
        if (accept(p, TOK_DOUBLESTAR)) {
            if (next_kind(p) != TOK_NAME || is_wildcard_token(token(p))) {
                return false;
            }
            *rest = kr_parser_name(p, token(p));
            advance(p);
            accept(p, TOK_COMMA);
            return *rest != NULL && next_kind(p) == TOK_RBRACE;
        }
        KrExpr *key = parse_mapping_key(p);
        if (key == NULL || !accept(p, TOK_COLON)) {
            return false;
        }
        KrPattern *value = parse_pattern(p);
        if (value == NULL || !push(p, key) || !push(p, value)) {
            return false;
        }
        if (!accept(p, TOK_COMMA)) {
            break;
        }
    }
    return true;
}

static KrPattern *
parse_mapping_pattern(KrParser *p)
{
    KrSpan span = span_start(p);
    KrIdent *rest = NULL;
    int base = p->scratch_count;
    advance(p);
    if (!parse_mapping_items(p, &rest) || !accept(p, TOK_RBRACE)) {
        p->scratch_count = base;
        return NULL;
    }
    int count = (p->scratch_count - base) / 2;
    void **items = p->scratch + base;
    p->scratch_count = base;
    KrExprSeq *keys = NULL;
    KrPatternSeq *values = NULL;
    if (count > 0) {
        keys = NODE(p, kr_expr_seq_new(p->arena, count));
        values = NODE(p, kr_pattern_seq_new(p->arena, count));
        if (keys == NULL || values == NULL) {
            return NULL;
        }
    }
    for (int i = 0; i < count; i++) {
        keys->items[i] = items[2 * i];
        values->items[i] = items[2 * i + 1];
    }
    return NODE(p, kr_pattern_MatchMapping(p->arena, span_end(p, span), keys, values,
                                           rest));
}

// ---- classes ----------------------------------------------------------------

// name=pattern items; each pushes name and pattern.
static bool
parse_class_keywords(KrParser *p)
{
    while (next_kind(p) == TOK_NAME && next_kind_at(p, 1) == TOK_EQUAL) {
        KrIdent *name = kr_parser_name(p, token(p));
        advance(p);
        advance(p);
        KrPattern *value = name != NULL ? parse_pattern(p) : NULL;
        if (value == NULL || !push(p, name) || !push(p, value)) {
            return false;
        }
        if (!accept(p, TOK_COMMA)) {
            break;
        }
    }
    return true;
}

static KrPattern *
finish_class(KrParser *p, KrSpan span, KrExpr *cls, KrPatternSeq *patterns, int base)
{
    int count = (p->scratch_count - base) / 2;
    void **items = p->scratch + base;
    p->scratch_count = base;
    KrIdentSeq *names = NULL;
    KrPatternSeq *values = NULL;
    if (count > 0) {
        names = NODE(p, kr_ident_seq_new(p->arena, count));
        values = NODE(p, kr_pattern_seq_new(p->arena, count));
        if (names == NULL || values == NULL) {
            return NULL;
        }
    }
    for (int i = 0; i < count; i++) {
        names->items[i] = items[2 * i];
        values->items[i] = items[2 * i + 1];
    }
    return NODE(p, kr_pattern_MatchClass(p->arena, span_end(p, span), cls, patterns,
                                         names, values));
}

// The rest of a list in which a positional pattern follows a keyword one.
static void *
positional_after_keyword(KrParser *p)
{
    KrPattern *first = parse_pattern(p), *last = first;
    while (last != NULL && accept(p, TOK_COMMA) && next_kind(p) != TOK_RPAR
           && !(next_kind(p) == TOK_NAME && next_kind_at(p, 1) == TOK_EQUAL)) {
        KrPattern *next = parse_pattern(p);
        last = next != NULL ? next : last;
        if (next == NULL) {
            break;
        }
    }
    if (first != NULL && !p->failed) {
        kr_parser_raise_span(p, span_join(first->span, last->span),
                             "positional patterns follow keyword patterns");
    }
    return NULL;
}

static KrPattern *
parse_class_pattern(KrParser *p, KrSpan span, KrExpr *cls)
{
    int base = p->scratch_count;
    bool good = true;
    advance(p);
    while (good && next_kind(p) != TOK_RPAR
           && !(next_kind(p) == TOK_NAME && next_kind_at(p, 1) == TOK_EQUAL)) {
        KrPattern *item = parse_pattern(p);
        good = item != NULL && push(p, item);
        if (!good || !accept(p, TOK_COMMA)) {
            break;
        }
    }
    KrPatternSeq *patterns = good ? POP_SEQ(p, base, KrPatternSeq) : NULL;
    if (!good || p->failed || !parse_class_keywords(p)) {
        p->scratch_count = base;
        return NULL;
    }
    if (!accept(p, TOK_RPAR)) {
        p->scratch_count = base;
        return p->diagnosing && p->tokens[p->pos - 1].kind == TOK_COMMA
                   ? positional_after_keyword(p)
                   : NULL;
    }
    return finish_class(p, span, cls, patterns, base);
}

// ---- patterns ---------------------------------------------------------------

static KrPattern *
parse_name_pattern(KrParser *p)
{
    KrSpan span = span_start(p);
    KrToken *t = token(p);
    KrTokenKind after = next_kind_at(p, 1);
    t = token(p);
    if (after != TOK_DOT && after != TOK_LPAR && after != TOK_EQUAL) {
        KrIdent *name = NULL;
        if (!is_wildcard_token(t)) {
            name = kr_parser_name(p, t);
            if (name == NULL) {
                return NULL;
            }
        }
        advance(p);
        return NODE(p, kr_pattern_MatchAs(p->arena, span, NULL, name));
    }
    if (after == TOK_EQUAL) {
        return NULL;
    }
    KrExpr *e = parse_dotted(p);
    if (e == NULL) {
        return NULL;
    }
    if (next_kind(p) == TOK_LPAR) {
        return parse_class_pattern(p, span, e);
    }
    return next_kind(p) == TOK_EQUAL ? NULL : value_pattern(p, e);
}

static KrPattern *
parse_closed_pattern(KrParser *p)
{
    KrPattern *pattern = NULL;
    if (!enter_level(p, 1)) {
        return NULL;
    }
    switch (next_kind(p)) {
    case TOK_NAME:
        pattern = parse_name_pattern(p);
        break;
    case TOK_NUMBER:
    case TOK_MINUS:
        pattern = value_pattern(p, parse_number_value(p));
        break;
    case TOK_STRING:
    case TOK_FSTRING_START:
    case TOK_TSTRING_START:
        pattern = value_pattern(p, kr_parse_strings(p));
        break;
    case KW_NONE:
    case KW_TRUE:
    case KW_FALSE:
        pattern = parse_singleton(p);
        break;
    case TOK_LPAR:
        pattern = parse_bracket_pattern(p, TOK_RPAR);
        break;
    case TOK_LSQB:
        pattern = parse_bracket_pattern(p, TOK_RSQB);
        break;
    case TOK_LBRACE:
        pattern = parse_mapping_pattern(p);
        break;
    default:
        break;
    }
    leave_level(p, 1);
    return pattern;
}

static KrPattern *
parse_or_pattern(KrParser *p)
{
    if (next_kind(p) == TOK_ERRORTOKEN) {
        return NULL;
    }
    KrSpan span = span_start(p);
    KrPattern *first = parse_closed_pattern(p);
    if (first == NULL || next_kind(p) != TOK_VBAR) {
        return first;
    }
    int base = p->scratch_count;
    bool good = push(p, first);
    while (good && accept(p, TOK_VBAR)) {
        KrPattern *item = parse_closed_pattern(p);
        good = item != NULL && push(p, item);
    }
    if (!good) {
        p->scratch_count = base;
        return NULL;
    }
    KrPatternSeq *patterns = POP_SEQ(p, base, KrPatternSeq);
    return patterns == NULL ? NULL
                            : NODE(p, kr_pattern_MatchOr(p->arena, span_end(p, span),
                                                         patterns));
}

static KrPattern *
parse_pattern(KrParser *p)
{
    if (next_kind(p) == TOK_ERRORTOKEN) {
        return NULL;
    }
    KrSpan span = span_start(p);
    KrPattern *pattern = parse_or_pattern(p);
    if (pattern == NULL || next_kind(p) != KW_AS) {
        return pattern;
    }
    advance(p);
    KrTokenKind after = next_kind(p) == TOK_NAME ? next_kind_at(p, 1) : TOK_ERRORTOKEN;
    if (next_kind(p) != TOK_NAME || is_wildcard_token(token(p)) || after == TOK_DOT
        || after == TOK_LPAR || after == TOK_EQUAL) {
        if (p->diagnosing && !p->failed) {
            kr_diagnose_pattern_target(p, p->pos);
        }
        return NULL;
    }
    KrIdent *name = kr_parser_name(p, token(p));
    advance(p);
    return name == NULL ? NULL
                        : NODE(p, kr_pattern_MatchAs(p->arena, span_end(p, span),
                                                     pattern, name));
}

// A case's pattern: commas make a sequence without brackets.
static KrPattern *
parse_open_pattern(KrParser *p)
{
    KrSpan span = span_start(p);
    KrPattern *first = parse_maybe_star(p);
    if (first == NULL) {
        return NULL;
    }
    if (!accept(p, TOK_COMMA)) {
        return first->kind == KR_PATTERN_MatchStar ? NULL : first;
    }
    KrPatternSeq *items = parse_more_patterns(p, first, TOK_COLON);
    return items == NULL ? NULL
                         : NODE(p, kr_pattern_MatchSequence(
                                    p->arena, span_end(p, span), items));
}

// ---- the statement ----------------------------------------------------------

static KrMatchCase *
parse_case(KrParser *p)
{
    int lineno = token(p)->lineno;
    KrExpr *guard = NULL;
    advance(p);
    if (next_kind(p) == TOK_ERRORTOKEN) {
        return NULL;
    }
    KrPattern *pattern = parse_open_pattern(p);
    if (pattern == NULL) {
        return NULL;
    }
    if (accept(p, KW_IF)) {
        guard = kr_parse_named_expression(p);
        if (guard == NULL) {
            return NULL;
        }
    }
    if (!accept(p, TOK_COLON)) {
        if (p->diagnosing && !p->failed && next_kind(p) == TOK_NEWLINE) {
            kr_parser_raise_last(p, KR_DIAG_SYNTAX_ERROR, "expected ':'");
        }
        return NULL;
    }
    KrStmtSeq *body = kr_parse_block(p, "'case' statement", lineno);
    return body == NULL ? NULL
                        : NODE(p, kr_matchcase_new(p->arena, pattern, guard, body));
}

static KrExpr *
parse_subject(KrParser *p)
{
    KrSpan span = span_start(p);
    KrExpr *first = kr_parse_star_named_expression(p);
    if (first == NULL) {
        return NULL;
    }
    if (next_kind(p) != TOK_COMMA) {
        return first->kind == KR_EXPR_Starred ? NULL : first;
    }
    int base = p->scratch_count;
    bool good = push(p, first);
    while (good && accept(p, TOK_COMMA) && next_kind(p) != TOK_COLON) {
        KrExpr *e = kr_parse_star_named_expression(p);
        good = e != NULL && push(p, e);
    }
    KrExprSeq *elts = good ? POP_SEQ(p, base, KrExprSeq) : NULL;
    p->scratch_count = base;
    return elts == NULL
               ? NULL
               : NODE(p, kr_expr_Tuple(p->arena, span_end(p, span), elts, KR_LOAD));
}

// At the word `match`: NULL without failure if this is no match statement; the caller
// returns to the word then.
KrStmt *
kr_parse_match(KrParser *p)
{
    KrSpan span = span_start(p);
    advance(p);
    KrTokenKind kind = next_kind(p);
    if (!kr_starts_expression(kind) && kind != TOK_STAR) {
        return NULL;
    }
    KrExpr *subject = parse_subject(p);
    if (subject == NULL) {
        return NULL;
    }
    if (!accept(p, TOK_COLON)) {
        if (p->diagnosing && !p->failed && next_kind(p) == TOK_NEWLINE) {
            kr_parser_raise_last(p, KR_DIAG_SYNTAX_ERROR, "expected ':'");
        }
        return NULL;
    }
    if (!accept(p, TOK_NEWLINE)) {
        return NULL;
    }
    if (!accept(p, TOK_INDENT)) {
        if (p->diagnosing && !p->failed) {
            kr_parser_raise_last(p, KR_DIAG_INDENTATION_ERROR,
                                 "expected an indented block after 'match' statement "
                                 "on line %d",
                                 span.lineno);
        }
        return NULL;
    }
    int base = p->scratch_count;
    while (at_word(p, 0, "case")) {
        KrMatchCase *item = parse_case(p);
        if (item == NULL || !push(p, item)) {
            p->scratch_count = base;
            return NULL;
        }
    }
    KrMatchCaseSeq *cases = POP_SEQ(p, base, KrMatchCaseSeq);
    if (cases == NULL || !accept(p, TOK_DEDENT)
        || !kr_parser_need_version(p, 10, "Pattern matching is")) {
        return NULL;
    }
    span.end_lineno = p->end_lineno;
    span.end_col = p->end_col;
    return NODE(p, kr_stmt_Match(p->arena, span, subject, cases));
}
