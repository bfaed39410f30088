// SPDX-License-Identifier: MIT
// diagnose_call.c - better messages for arguments and parameters.
#include "syntax/diagnose.h"

// ---- arguments --------------------------------------------------------------

typedef struct {
    int count;
    bool keyword;      // name=value seen
    bool double_star;  // **mapping seen
    bool misplaced;    // a positional argument followed one of them
} ArgumentState;

static const char generator_message[] = "Generator expression must be parenthesized";
static const char maybe_message[] =
    "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";

// The span of clauses' last expression.
static KrSpan
clauses_end(const KrComprehensionSeq *clauses)
{
    KrComprehension *last = clauses->items[clauses->count - 1];
    int count = KR_SEQ_LEN(last->ifs);
    return count > 0 ? last->ifs->items[count - 1]->span : last->iter->span;
}

static bool
at_clauses(KrParser *p)
{
    KrTokenKind kind = next_kind(p);
    return kind == KW_FOR || (kind == KW_ASYNC && next_kind_at(p, 1) == KW_FOR);
}

// `name=value` and what is wrong with it; false to stop.
static bool
check_keyword_argument(KrParser *p)
{
    int name = p->pos;
    KrSpan span = span_join(kr_token_span(p, name), kr_token_span(p, name + 1));
    p->pos += 2;
    if (next_kind(p) == TOK_COMMA || next_kind(p) == TOK_RPAR) {
        kr_parser_raise_span(p, span, "expected argument value expression");
        return false;
    }
    if (kr_attempt(p, p->pos, true, kr_parse_expression) == NULL) {
        return false;
    }
    if (at_clauses(p) && kr_parse_comprehension(p) != NULL) {
        kr_parser_raise_span(p, span, "%s", maybe_message);
        return false;
    }
    if (next_kind(p) == TOK_EQUAL && !p->failed) {
        return false;
    }
    return true;
}

static bool
check_star_argument(KrParser *p, ArgumentState *state, bool is_double)
{
    KrSpan span = span_start(p);
    int star = p->pos;
    KrExpr *e = kr_attempt(p, star + 1, true, kr_parse_expression);
    if (e == NULL) {
        if (!is_double) {
            kr_bare_star(p);
        }
        return false;
    }
    if (accept(p, TOK_EQUAL)) {
        KrExpr *value = kr_attempt(p, p->pos, true, kr_parse_expression);
        if (value != NULL) {
            kr_parser_raise_span(p, span_join(span, value->span),
                                 is_double
                                     ? "cannot assign to keyword argument unpacking"
                                     : "cannot assign to iterable argument unpacking");
        }
        return false;
    }
    if (!is_double && state->double_star) {
        kr_parser_raise_span(
            p, span_join(kr_token_span(p, star - 1), e->span),
            "iterable argument unpacking follows keyword argument unpacking");
        return false;
    }
    state->double_star |= is_double;
    return true;
}

static bool
check_positional_argument(KrParser *p, ArgumentState *state)
{
    int start = p->pos;
    KrTokenKind kind = next_kind(p);
    if ((kind == KW_TRUE || kind == KW_FALSE || kind == KW_NONE)
        && next_kind_at(p, 1) == TOK_EQUAL) {
        KrToken *t = token(p);
        kr_parser_raise_span(p,
                             span_join(kr_token_span(p, start),
                                       kr_token_span(p, start + 1)),
                             "cannot assign to %.*s", (int)t->length, t->start);
        return false;
    }
    bool walrus = kind == TOK_NAME && next_kind_at(p, 1) == TOK_COLONEQUAL;
    KrExpr *e = kr_attempt(p, start, true,
                           walrus ? kr_parse_named_expression : kr_parse_expression);
    if (e == NULL) {
        return false;
    }
    if (next_kind(p) == TOK_EQUAL) {
        kr_parser_raise_span(p, span_join(e->span, kr_token_span(p, p->pos)),
                             "expression cannot contain assignment, perhaps you meant "
                             "\"==\"?");
        return false;
    }
    if (at_clauses(p)) {
        KrComprehensionSeq *clauses = kr_parse_comprehension(p);
        if (clauses == NULL || p->failed) {
            return false;
        }
        if (state->count > 0 || next_kind(p) == TOK_COMMA) {
            kr_parser_raise_span(p, span_join(e->span, clauses_end(clauses)), "%s",
                                 generator_message);
        }
        return false;
    }
    state->misplaced |= state->keyword || state->double_star;
    return true;
}

void
kr_diagnose_arguments(KrParser *p, int start)
{
    ArgumentState state = {0};
    int end = p->pos;
    if (!kr_first_time(p, start, KR_CHECK_ARGUMENTS)) {
        return;
    }
    p->pos = start;
    bool good = true;
    while (good && !p->failed && next_kind(p) != TOK_RPAR) {
        KrTokenKind kind = next_kind(p);
        if (kind == TOK_STAR || kind == TOK_DOUBLESTAR) {
            good = check_star_argument(p, &state, kind == TOK_DOUBLESTAR);
        }
        else if (kind == TOK_NAME && next_kind_at(p, 1) == TOK_EQUAL) {
            good = check_keyword_argument(p);
            state.keyword = true;
        }
        else {
            good = check_positional_argument(p, &state);
        }
        state.count++;
        if (!good || !accept(p, TOK_COMMA)) {
            break;
        }
    }
    if (state.misplaced && !p->failed) {
        kr_parser_raise_last(
            p, KR_DIAG_SYNTAX_ERROR,
            state.double_star
                ? "positional argument follows keyword argument unpacking"
                : "positional argument follows keyword argument");
    }
    p->pos = end;
}

// ---- parameters -------------------------------------------------------------

typedef struct {
    bool is_lambda;
    KrTokenKind closing;
    bool slash, star, defaults, any;
} ParameterState;

// A parameter without its default; its span in *span_out.
static bool
take_parameter(KrParser *p, const ParameterState *state, KrSpan *span_out)
{
    if (next_kind(p) != TOK_NAME) {
        return false;
    }
    *span_out = span_start(p);
    advance(p);
    if (!state->is_lambda && accept(p, TOK_COLON)) {
        bool star = next_kind(p) == TOK_STAR;
        if (kr_attempt(p, p->pos, true,
                       star ? kr_parse_star_named_expression : kr_parse_expression)
            == NULL) {
            return false;
        }
        *span_out = span_end(p, *span_out);
    }
    return true;
}

static bool
check_slash(KrParser *p, ParameterState *state)
{
    int at = p->pos;
    if (state->slash) {
        kr_parser_raise_token(p, at, "/ may appear only once");
    }
    else if (state->star) {
        kr_parser_raise_token(p, at, "/ must be ahead of *");
    }
    else if (!state->any) {
        if (next_kind_at(p, 1) == TOK_COMMA) {
            kr_parser_raise_token(p, at, "at least one argument must precede /");
        }
        return false;
    }
    else if (next_kind_at(p, 1) == TOK_STAR) {
        kr_parser_raise_token(p, at + 1, "expected comma between / and *");
    }
    state->slash = true;
    advance(p);
    return !p->failed;
}

static bool
check_bare_star(KrParser *p, ParameterState *state)
{
    int at = p->pos;
    KrSpan span;
    KrTokenKind next = next_kind_at(p, 1);
    if (state->star) {
        if (next == TOK_NAME || next == TOK_COMMA) {
            kr_parser_raise_token(p, at, "* argument may appear only once");
        }
        return false;
    }
    state->star = true;
    KrTokenKind second = next == TOK_COMMA ? next_kind_at(p, 2) : TOK_ERRORTOKEN;
    if (next == state->closing
        || (next == TOK_COMMA
            && (second == state->closing || second == TOK_DOUBLESTAR))) {
        if (state->is_lambda) {
            kr_parser_raise_last(p, KR_DIAG_SYNTAX_ERROR,
                                 "named arguments must follow bare *");
        }
        else {
            kr_parser_raise_token(p, at, "named arguments must follow bare *");
        }
        return false;
    }
    advance(p);
    if (next == TOK_COMMA) {
        if (second == TOK_TYPE_COMMENT) {
            kr_parser_raise_last(p, KR_DIAG_SYNTAX_ERROR,
                                 "bare * has associated type comment");
        }
        return !p->failed;
    }
    bool starred = next_kind_at(p, 1) == TOK_COLON && next_kind_at(p, 2) == TOK_STAR;
    if (!take_parameter(p, state, &span)) {
        return false;
    }
    if (next_kind(p) == TOK_EQUAL && !starred) {
        kr_parser_raise_token(p, p->pos,
                              "var-positional argument cannot have default value");
    }
    return !p->failed;
}

static void
check_double_star(KrParser *p, ParameterState *state)
{
    KrSpan span;
    advance(p);
    if (!take_parameter(p, state, &span)) {
        return;
    }
    if (next_kind(p) == TOK_EQUAL) {
        kr_parser_raise_token(p, p->pos,
                              "var-keyword argument cannot have default value");
        return;
    }
    if (!accept(p, TOK_COMMA)) {
        return;
    }
    KrTokenKind kind = next_kind(p);
    int at = p->pos;
    if (kind == TOK_STAR || kind == TOK_DOUBLESTAR || kind == TOK_SLASH) {
        kr_parser_raise_token(p, at, "arguments cannot follow var-keyword argument");
    }
    else if (take_parameter(p, state, &span) && !p->failed) {
        kr_parser_raise_span(p, span, "arguments cannot follow var-keyword argument");
    }
}

static void
check_parenthesized(KrParser *p, ParameterState *state)
{
    int open = p->pos;
    KrSpan span;
    advance(p);
    bool any = false;
    while (take_parameter(p, state, &span)) {
        any = true;
        if (!accept(p, TOK_COMMA)) {
            break;
        }
    }
    if (any && !p->failed && next_kind(p) == TOK_RPAR && !state->defaults
        && !state->star) {
        kr_parser_raise_span(
            p, span_join(kr_token_span(p, open), kr_token_span(p, p->pos)),
            state->is_lambda ? "Lambda expression parameters cannot be parenthesized"
                             : "Function parameters cannot be parenthesized");
    }
}

static bool
check_plain(KrParser *p, ParameterState *state)
{
    KrSpan span;
    if (!take_parameter(p, state, &span) || p->failed) {
        return false;
    }
    int equal = p->pos;
    if (accept(p, TOK_EQUAL)) {
        KrTokenKind next = next_kind(p);
        if (next == TOK_RPAR || next == TOK_COMMA) {
            kr_parser_raise_token(p, equal, "expected default value expression");
            return false;
        }
        if (kr_attempt(p, p->pos, true, kr_parse_expression) == NULL) {
            return false;
        }
        state->defaults |= !state->star;
    }
    else if (state->defaults && !state->star
             && (next_kind(p) == TOK_COMMA || next_kind(p) == state->closing)) {
        kr_parser_raise_span(
            p, span, "parameter without a default follows parameter with a default");
        return false;
    }
    return true;
}

void
kr_diagnose_parameters(KrParser *p, int start, bool is_lambda)
{
    ParameterState state = {.is_lambda = is_lambda,
                            .closing = is_lambda ? TOK_COLON : TOK_RPAR};
    int end = p->pos;
    if (!kr_first_time(p, start, KR_CHECK_PARAMETERS)) {
        return;
    }
    p->pos = start;
    bool good = true;
    while (good && !p->failed && next_kind(p) != state.closing) {
        switch (next_kind(p)) {
        case TOK_SLASH:
            good = check_slash(p, &state);
            break;
        case TOK_STAR:
            good = check_bare_star(p, &state);
            break;
        case TOK_DOUBLESTAR:
            check_double_star(p, &state);
            good = false;
            break;
        case TOK_LPAR:
            check_parenthesized(p, &state);
            good = false;
            break;
        default:
            good = check_plain(p, &state);
        }
        state.any = true;
        if (!good || !accept(p, TOK_COMMA)) {
            break;
        }
        accept(p, TOK_TYPE_COMMENT);
    }
    p->pos = end;
}
