// SPDX-License-Identifier: MIT
// parse_expr.c - expressions: operators by precedence, primaries, atoms, displays.
//
// Read next:   parse_call.c, parse_string.c, diagnose_expr.c
#include "syntax/parser.h"

#include "syntax/diagnose.h"

// What a token is as a binary operator; level 0: none. Higher binds tighter.
typedef struct {
    uint8_t level;
    uint8_t op; // KrOperator
} BinaryRow;

enum { LEVEL_OR = 1, LEVEL_XOR, LEVEL_AND, LEVEL_SHIFT, LEVEL_SUM, LEVEL_TERM };

static const BinaryRow binary_rows[TOK_COUNT] = {
    [TOK_VBAR] = {LEVEL_OR, KR_BITOR},
    [TOK_CIRCUMFLEX] = {LEVEL_XOR, KR_BITXOR},
    [TOK_AMPER] = {LEVEL_AND, KR_BITAND},
    [TOK_LEFTSHIFT] = {LEVEL_SHIFT, KR_LSHIFT},
    [TOK_RIGHTSHIFT] = {LEVEL_SHIFT, KR_RSHIFT},
    [TOK_PLUS] = {LEVEL_SUM, KR_ADD},
    [TOK_MINUS] = {LEVEL_SUM, KR_SUB},
    [TOK_STAR] = {LEVEL_TERM, KR_MULT},
    [TOK_SLASH] = {LEVEL_TERM, KR_DIV},
    [TOK_DOUBLESLASH] = {LEVEL_TERM, KR_FLOORDIV},
    [TOK_PERCENT] = {LEVEL_TERM, KR_MOD},
    [TOK_AT] = {LEVEL_TERM, KR_MATMULT},
};

bool
kr_starts_expression(KrTokenKind kind)
{
    switch (kind) {
    case TOK_NAME:
    case TOK_NUMBER:
    case TOK_STRING:
    case TOK_FSTRING_START:
    case TOK_TSTRING_START:
    case TOK_LPAR:
    case TOK_LSQB:
    case TOK_LBRACE:
    case TOK_MINUS:
    case TOK_PLUS:
    case TOK_TILDE:
    case TOK_ELLIPSIS:
    case KW_NONE:
    case KW_TRUE:
    case KW_FALSE:
    case KW_NOT:
    case KW_LAMBDA:
    case KW_AWAIT:
        return true;
    default:
        return false;
    }
}

// What an expression is when its tail, from token `at` on, does not fit: on the second
// pass the part before it, so that the parts around can judge; on the first pass NULL.
static KrExpr *
prefix(KrParser *p, KrExpr *e, int at)
{
    if (!p->second_pass || p->failed) {
        return NULL;
    }
    p->pos = at;
    return e;
}

// ---- literals ---------------------------------------------------------------

static KrConst *
new_const(KrParser *p, KrConstKind kind, const char *text, size_t length)
{
    KrConst *constant = kr_arena_alloc(p->arena, sizeof(*constant));
    if (constant == NULL) {
        return kr_parser_no_memory(p);
    }
    *constant = (KrConst){kind, text, length, NULL};
    return constant;
}

static KrExpr *
parse_keyword_constant(KrParser *p, KrConstKind kind)
{
    KrSpan span = span_start(p);
    advance(p);
    KrConst *constant = new_const(p, kind, NULL, 0);
    return constant == NULL ? NULL
                            : NODE(p, kr_expr_Constant(p->arena, span, constant, NULL));
}

static KrConstKind
number_kind(const char *text, size_t length)
{
    if (length > 1 && text[0] == '0' && strchr("xXoObB", text[1]) != NULL) {
        return KR_CONST_INT;
    }
    if (text[length - 1] == 'j' || text[length - 1] == 'J') {
        return KR_CONST_COMPLEX;
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.' || text[i] == 'e' || text[i] == 'E') {
            return KR_CONST_FLOAT;
        }
    }
    return KR_CONST_INT;
}

static bool
check_digits(KrParser *p, const char *text, size_t length, int index)
{
    int limit = p->in->max_int_digits;
    bool decimal = length < 2 || text[0] != '0' || (text[1] >= '0' && text[1] <= '9');
    if (limit <= 0 || length <= (size_t)limit || !decimal) {
        return true;
    }
    kr_parser_raise_token(
        p, index,
        "Exceeds the limit (%d digits) for integer string conversion: value has %zu "
        "digits; use sys.set_int_max_str_digits() to increase the limit - Consider "
        "hexadecimal for huge integer literals to avoid decimal conversion limits.",
        limit, length);
    return false;
}

static KrExpr *
parse_number_literal(KrParser *p)
{
    KrSpan span = span_start(p);
    KrToken *t = token(p);
    char *text = kr_arena_alloc(p->arena, t->length + 1);
    size_t length = 0;
    if (text == NULL) {
        return kr_parser_no_memory(p);
    }
    for (uint32_t i = 0; i < t->length; i++) {
        if (t->start[i] != '_') {
            text[length++] = t->start[i];
        }
    }
    text[length] = '\0';
    if (length != t->length
        && !kr_parser_need_version(p, 6, "Underscores in numeric literals are")) {
        return NULL;
    }
    KrConstKind kind = number_kind(text, length);
    if (kind == KR_CONST_INT && !check_digits(p, text, length, p->pos)) {
        return NULL;
    }
    advance(p);
    KrConst *constant = new_const(p, kind, text, length);
    return constant == NULL ? NULL
                            : NODE(p, kr_expr_Constant(p->arena, span, constant, NULL));
}

static KrExpr *
parse_name(KrParser *p)
{
    KrSpan span = span_start(p);
    KrIdent *id = kr_parser_name(p, token(p));
    advance(p);
    return id == NULL ? NULL : NODE(p, kr_expr_Name(p->arena, span, id, KR_LOAD));
}

// ---- comprehensions ---------------------------------------------------------

static bool
at_comprehension(KrParser *p)
{
    KrTokenKind kind = next_kind(p);
    return kind == KW_FOR || (kind == KW_ASYNC && next_kind_at(p, 1) == KW_FOR);
}

// One `for target in iter if ...`.
static KrComprehension *
parse_for_clause(KrParser *p)
{
    int start = p->pos;
    bool is_async = accept(p, KW_ASYNC);
    advance(p);
    KrExpr *target = kr_parse_for_target(p);
    if (target == NULL || !accept(p, KW_IN)) {
        return p->diagnosing ? kr_diagnose_for_clause(p, start, false) : NULL;
    }
    KrExpr *iter = kr_parse_disjunction(p);
    if (iter == NULL) {
        return NULL;
    }
    int base = p->scratch_count;
    while (accept(p, KW_IF)) {
        KrExpr *condition = kr_parse_disjunction(p);
        if (condition == NULL || !push(p, condition)) {
            return NULL;
        }
    }
    KrExprSeq *ifs = POP_SEQ(p, base, KrExprSeq);
    if (is_async && !kr_parser_need_version(p, 6, "Async comprehensions are")) {
        return NULL;
    }
    return p->failed ? NULL
                     : NODE(p, kr_comprehension_new(p->arena, target, iter, ifs,
                                                    is_async));
}

KrComprehensionSeq *
kr_parse_comprehension(KrParser *p)
{
    int base = p->scratch_count;
    while (at_comprehension(p)) {
        KrComprehension *clause = parse_for_clause(p);
        if (clause == NULL || !push(p, clause)) {
            p->scratch_count = base;
            return NULL;
        }
    }
    return POP_SEQ(p, base, KrComprehensionSeq);
}

// ---- brackets ---------------------------------------------------------------

// After the first element of a display and a comma: the others. Returns all of them.
static KrExprSeq *
parse_more_elements(KrParser *p, KrExpr *first, KrTokenKind closing)
{
    int base = p->scratch_count;
    bool good = push(p, first);
    while (good && next_kind(p) != closing) {
        KrExpr *e = kr_parse_star_named_expression(p);
        good = e != NULL && push(p, e);
        if (!good || !accept(p, TOK_COMMA)) {
            break;
        }
    }
    if (!good) {
        p->scratch_count = base;
        return NULL;
    }
    return POP_SEQ(p, base, KrExprSeq);
}

static KrExpr *
parse_parenthesis_inner(KrParser *p, KrSpan span)
{
    if (accept(p, TOK_RPAR)) {
        return NODE(p, kr_expr_Tuple(p->arena, span_end(p, span), NULL, KR_LOAD));
    }
    if (next_kind(p) == KW_YIELD) {
        KrExpr *e = kr_parse_yield(p);
        return e != NULL && accept(p, TOK_RPAR) ? e : NULL;
    }
    KrExpr *first = kr_parse_star_named_expression(p);
    if (first == NULL) {
        return NULL;
    }
    if (accept(p, TOK_COMMA)) {
        KrExprSeq *elts = parse_more_elements(p, first, TOK_RPAR);
        if (elts == NULL || !accept(p, TOK_RPAR)) {
            return NULL;
        }
        return NODE(p, kr_expr_Tuple(p->arena, span_end(p, span), elts, KR_LOAD));
    }
    if (first->kind == KR_EXPR_Starred) {
        return NULL;
    }
    if (at_comprehension(p)) {
        KrComprehensionSeq *clauses = kr_parse_comprehension(p);
        if (clauses == NULL || !accept(p, TOK_RPAR)) {
            return NULL;
        }
        return NODE(p, kr_expr_GeneratorExp(p->arena, span_end(p, span), first,
                                            clauses));
    }
    return accept(p, TOK_RPAR) ? first : NULL;
}

static KrExpr *
parse_list_inner(KrParser *p, KrSpan span)
{
    if (accept(p, TOK_RSQB)) {
        return NODE(p, kr_expr_List(p->arena, span_end(p, span), NULL, KR_LOAD));
    }
    KrExpr *first = kr_parse_star_named_expression(p);
    if (first == NULL) {
        return NULL;
    }
    if (first->kind != KR_EXPR_Starred && at_comprehension(p)) {
        KrComprehensionSeq *clauses = kr_parse_comprehension(p);
        if (clauses == NULL || !accept(p, TOK_RSQB)) {
            return NULL;
        }
        return NODE(p, kr_expr_ListComp(p->arena, span_end(p, span), first, clauses));
    }
    KrExprSeq *elts;
    if (accept(p, TOK_COMMA)) {
        elts = parse_more_elements(p, first, TOK_RSQB);
    }
    else {
        elts = kr_parser_single(p, first);
    }
    if (elts == NULL || !accept(p, TOK_RSQB)) {
        return NULL;
    }
    return NODE(p, kr_expr_List(p->arena, span_end(p, span), elts, KR_LOAD));
}

// `key: value` or `**mapping`, pushed as two items.
static bool
parse_dict_item(KrParser *p)
{
    if (accept(p, TOK_DOUBLESTAR)) {
        KrExpr *mapping = kr_parse_bitwise_or(p);
        return mapping != NULL && push(p, NULL) && push(p, mapping);
    }
    KrExpr *key = kr_parse_expression(p);
    if (key == NULL || !accept(p, TOK_COLON)) {
        return false;
    }
    KrExpr *value = kr_parse_expression(p);
    return value != NULL && push(p, key) && push(p, value);
}

// Two items each from `base` on: keys and values.
static KrExpr *
finish_dict(KrParser *p, KrSpan span, int base)
{
    int count = (p->scratch_count - base) / 2;
    void **items = p->scratch + base;
    p->scratch_count = base;
    KrExprSeq *keys = NULL, *values = NULL;
    if (count > 0) {
        keys = NODE(p, kr_expr_seq_new(p->arena, count));
        values = NODE(p, kr_expr_seq_new(p->arena, count));
        if (keys == NULL || values == NULL) {
            return NULL;
        }
    }
    for (int i = 0; i < count; i++) {
        keys->items[i] = items[2 * i];
        values->items[i] = items[2 * i + 1];
    }
    return NODE(p, kr_expr_Dict(p->arena, span_end(p, span), keys, values));
}

static KrExpr *
parse_dict_rest(KrParser *p, KrSpan span, int base)
{
    while (accept(p, TOK_COMMA)) {
        if (next_kind(p) == TOK_RBRACE) {
            break;
        }
        if (!parse_dict_item(p)) {
            return NULL;
        }
    }
    return accept(p, TOK_RBRACE) ? finish_dict(p, span, base) : NULL;
}

static KrExpr *
parse_set_rest(KrParser *p, KrSpan span, KrExpr *first)
{
    KrExprSeq *elts;
    if (first->kind != KR_EXPR_Starred && at_comprehension(p)) {
        KrComprehensionSeq *clauses = kr_parse_comprehension(p);
        if (clauses == NULL || !accept(p, TOK_RBRACE)) {
            return NULL;
        }
        return NODE(p, kr_expr_SetComp(p->arena, span_end(p, span), first, clauses));
    }
    if (accept(p, TOK_COMMA)) {
        elts = parse_more_elements(p, first, TOK_RBRACE);
    }
    else {
        elts = kr_parser_single(p, first);
    }
    if (elts == NULL || !accept(p, TOK_RBRACE)) {
        return NULL;
    }
    return NODE(p, kr_expr_Set(p->arena, span_end(p, span), elts));
}

static KrExpr *
parse_brace_inner(KrParser *p, KrSpan span, int base)
{
    if (next_kind(p) == TOK_RBRACE || next_kind(p) == TOK_DOUBLESTAR) {
        if (next_kind(p) == TOK_DOUBLESTAR && !parse_dict_item(p)) {
            return NULL;
        }
        return parse_dict_rest(p, span, base);
    }
    bool walrus = next_kind(p) == TOK_NAME && next_kind_at(p, 1) == TOK_COLONEQUAL;
    KrExpr *first = kr_parse_star_named_expression(p);
    if (first == NULL) {
        return NULL;
    }
    if (first->kind == KR_EXPR_Starred || next_kind(p) != TOK_COLON || walrus) {
        return parse_set_rest(p, span, first);
    }
    advance(p);
    KrExpr *value = kr_parse_expression(p);
    if (value == NULL) {
        return NULL;
    }
    if (at_comprehension(p)) {
        KrComprehensionSeq *clauses = kr_parse_comprehension(p);
        if (clauses == NULL || !accept(p, TOK_RBRACE)) {
            return NULL;
        }
        return NODE(p, kr_expr_DictComp(p->arena, span_end(p, span), first, value,
                                        clauses));
    }
    if (!push(p, first) || !push(p, value)) {
        return NULL;
    }
    return parse_dict_rest(p, span, base);
}

// A display or group in any bracket.
static KrExpr *
parse_brackets(KrParser *p)
{
    KrTokenKind kind = next_kind(p);
    KrSpan span = span_start(p);
    int start = p->pos, base = p->scratch_count;
    KrExpr *e;
    advance(p);
    if (!enter_level(p, 1)) {
        return NULL;
    }
    if (kind == TOK_LPAR) {
        e = parse_parenthesis_inner(p, span);
    }
    else if (kind == TOK_LSQB) {
        e = parse_list_inner(p, span);
    }
    else {
        e = parse_brace_inner(p, span, base);
    }
    if (e == NULL && !p->failed) {
        p->scratch_count = base;
        if (kind == TOK_LBRACE) {
            kr_diagnose_dict(p, start);
        }
        if (p->diagnosing && !p->failed) {
            kr_diagnose_brackets(p, start, kind);
        }
    }
    leave_level(p, 1);
    return e;
}

// ---- atoms and primaries ----------------------------------------------------

KrExpr *
kr_parse_atom(KrParser *p)
{
    switch (next_kind(p)) {
    case TOK_NAME:
        return parse_name(p);
    case TOK_NUMBER:
        return parse_number_literal(p);
    case TOK_STRING:
    case TOK_FSTRING_START:
    case TOK_TSTRING_START:
        return kr_parse_strings(p);
    case TOK_LPAR:
    case TOK_LSQB:
    case TOK_LBRACE:
        return parse_brackets(p);
    case KW_NONE:
        return parse_keyword_constant(p, KR_CONST_NONE);
    case KW_TRUE:
        return parse_keyword_constant(p, KR_CONST_TRUE);
    case KW_FALSE:
        return parse_keyword_constant(p, KR_CONST_FALSE);
    case TOK_ELLIPSIS:
        return parse_keyword_constant(p, KR_CONST_ELLIPSIS);
    default:
        return NULL;
    }
}

void *
kr_bare_star(KrParser *p)
{
    return p->diagnosing && !p->failed
               ? kr_parser_raise_last(p, KR_DIAG_SYNTAX_ERROR, "Invalid star expression")
               : NULL;
}

// `lower:upper:step` or an expression; a star only in the full subscript.
static KrExpr *
parse_slice(KrParser *p)
{
    if (next_kind(p) == TOK_STAR) {
        KrSpan span = span_start(p);
        advance(p);
        KrExpr *value = kr_parse_expression(p);
        return value == NULL ? kr_bare_star(p)
                             : NODE(p, kr_expr_Starred(p->arena, span_end(p, span),
                                                       value, KR_LOAD));
    }
    KrExpr *lower = NULL, *upper = NULL, *step = NULL;
    KrTokenKind kind = next_kind(p);
    if (kind == TOK_ERRORTOKEN) {
        return NULL;
    }
    KrSpan span = span_start(p);
    if (kind != TOK_COLON) {
        bool walrus = kind == TOK_NAME && next_kind_at(p, 1) == TOK_COLONEQUAL;
        lower = kr_parse_named_expression(p);
        if (lower == NULL || next_kind(p) != TOK_COLON || walrus) {
            return lower;
        }
    }
    advance(p);
    kind = next_kind(p);
    if (kind != TOK_COLON && kind != TOK_COMMA && kind != TOK_RSQB) {
        upper = kr_parse_expression(p);
        if (upper == NULL) {
            return NULL;
        }
    }
    if (accept(p, TOK_COLON)) {
        kind = next_kind(p);
        if (kind != TOK_COMMA && kind != TOK_RSQB) {
            step = kr_parse_expression(p);
            if (step == NULL) {
                return NULL;
            }
        }
    }
    return NODE(p, kr_expr_Slice(p->arena, span_end(p, span), lower, upper, step));
}

static KrExpr *
parse_slices(KrParser *p)
{
    if (next_kind(p) == TOK_ERRORTOKEN) {
        return NULL;
    }
    KrSpan span = span_start(p);
    KrExpr *first = parse_slice(p);
    if (first == NULL) {
        return NULL;
    }
    if (next_kind(p) != TOK_COMMA && first->kind != KR_EXPR_Starred) {
        return first;
    }
    int base = p->scratch_count;
    bool good = push(p, first);
    while (good && accept(p, TOK_COMMA) && next_kind(p) != TOK_RSQB) {
        KrExpr *e = parse_slice(p);
        good = e != NULL && push(p, e);
    }
    if (!good) {
        p->scratch_count = base;
        return NULL;
    }
    KrExprSeq *elts = POP_SEQ(p, base, KrExprSeq);
    return elts == NULL
               ? NULL
               : NODE(p, kr_expr_Tuple(p->arena, span_end(p, span), elts, KR_LOAD));
}

static KrExpr *
parse_subscript(KrParser *p, KrSpan span, KrExpr *value)
{
    advance(p);
    if (!enter_level(p, 1)) {
        return NULL;
    }
    KrExpr *slice = parse_slices(p);
    leave_level(p, 1);
    if (slice == NULL || !accept(p, TOK_RSQB)) {
        return NULL;
    }
    return NODE(p, kr_expr_Subscript(p->arena, span_end(p, span), value, slice,
                                     KR_LOAD));
}

static KrExpr *
parse_attribute(KrParser *p, KrSpan span, KrExpr *value)
{
    advance(p);
    if (next_kind(p) != TOK_NAME) {
        return NULL;
    }
    KrIdent *attr = kr_parser_name(p, token(p));
    advance(p);
    return attr == NULL ? NULL
                        : NODE(p, kr_expr_Attribute(p->arena, span_end(p, span), value,
                                                    attr, KR_LOAD));
}

static KrExpr *
parse_call(KrParser *p, KrSpan span, KrExpr *func)
{
    KrExprSeq *args = NULL;
    KrKeywordSeq *keywords = NULL;
    if (!enter_level(p, 1)) {
        return NULL;
    }
    bool good = kr_parse_arguments(p, true, &args, &keywords);
    leave_level(p, 1);
    return !good ? NULL
                 : NODE(p, kr_expr_Call(p->arena, span_end(p, span), func, args,
                                        keywords));
}

static KrExpr *
parse_primary(KrParser *p)
{
    KrTokenKind kind = next_kind(p);
    if (kind == TOK_ERRORTOKEN) {
        return NULL;
    }
    KrSpan span = span_start(p);
    KrExpr *e = kr_parse_atom(p);
    while (e != NULL) {
        int at = p->pos;
        KrExpr *next;
        if (KR_UNLIKELY(p->diagnosing) && !kr_diagnose_after_primary(p)) {
            return NULL;
        }
        switch (next_kind(p)) {
        case TOK_DOT:
            next = parse_attribute(p, span, e);
            break;
        case TOK_LPAR:
            next = parse_call(p, span, e);
            break;
        case TOK_LSQB:
            next = parse_subscript(p, span, e);
            break;
        default:
            return e;
        }
        if (KR_UNLIKELY(next == NULL)) {
            return prefix(p, e, at);
        }
        e = next;
    }
    return NULL;
}

KrExpr *
kr_parse_primary(KrParser *p)
{
    return KR_LIKELY(!p->second_pass) ? parse_primary(p)
                                      : kr_parse_once(p, KR_MEMO_PRIMARY, parse_primary);
}

static KrExpr *
parse_await_primary(KrParser *p)
{
    if (KR_LIKELY(next_kind(p) != KW_AWAIT)) {
        return kr_parse_primary(p);
    }
    KrSpan span = span_start(p);
    advance(p);
    KrExpr *value = kr_parse_primary(p);
    return value == NULL || !kr_parser_need_version(p, 5, "Await expressions are")
               ? NULL
               : NODE(p, kr_expr_Await(p->arena, span_end(p, span), value));
}

// ---- operators --------------------------------------------------------------

static KrExpr *
parse_power(KrParser *p)
{
    if (next_kind(p) == TOK_ERRORTOKEN) {
        return NULL;
    }
    KrSpan span = span_start(p);
    KrExpr *base = parse_await_primary(p);
    if (base == NULL || next_kind(p) != TOK_DOUBLESTAR) {
        return base;
    }
    int at = p->pos;
    advance(p);
    if (!enter_level(p, 2)) {
        return NULL;
    }
    KrExpr *exponent = kr_parse_factor(p);
    leave_level(p, 2);
    return exponent == NULL ? prefix(p, base, at)
                            : NODE(p, kr_expr_BinOp(p->arena, span_end(p, span), base,
                                                    KR_POW, exponent));
}

KrExpr *
kr_parse_factor(KrParser *p)
{
    KrUnaryOp op;
    switch (next_kind(p)) {
    case TOK_PLUS:
        op = KR_UADD;
        break;
    case TOK_MINUS:
        op = KR_USUB;
        break;
    case TOK_TILDE:
        op = KR_INVERT;
        break;
    default:
        return parse_power(p);
    }
    KrSpan span = span_start(p);
    advance(p);
    int at = p->pos;
    if (!enter_level(p, 1)) {
        return NULL;
    }
    KrExpr *operand = kr_parse_factor(p);
    leave_level(p, 1);
    if (operand == NULL) {
        p->pos = at;
        if (p->diagnosing && next_kind(p) == KW_NOT) {
            kr_diagnose_not_operand(p, at, true);
        }
        return NULL;
    }
    return NODE(p, kr_expr_UnaryOp(p->arena, span_end(p, span), op, operand));
}

// Binary operators of at least `level`, left-associative.
static KrExpr *
parse_operators(KrParser *p, int level)
{
    if (next_kind(p) == TOK_ERRORTOKEN) {
        return NULL;
    }
    KrSpan span = span_start(p);
    KrExpr *left = kr_parse_factor(p);
    while (left != NULL) {
        BinaryRow row = binary_rows[next_kind(p)];
        if (row.level < level || row.level == 0) {
            return left;
        }
        int at = p->pos;
        advance(p);
        KrExpr *right = row.level == LEVEL_TERM ? kr_parse_factor(p)
                                                : parse_operators(p, row.level + 1);
        if (right == NULL) {
            p->pos = at + 1;
            if (p->diagnosing && row.level >= LEVEL_SUM && next_kind(p) == KW_NOT) {
                kr_diagnose_not_operand(p, at + 1, false);
            }
            return prefix(p, left, at);
        }
        if (row.op == KR_MATMULT
            && !kr_parser_need_version(p, 5, "The '@' operator is")) {
            return NULL;
        }
        left = NODE(p, kr_expr_BinOp(p->arena, span_end(p, span), left, row.op, right));
    }
    return NULL;
}

KrExpr *
kr_parse_bitwise_or(KrParser *p)
{
    return parse_operators(p, LEVEL_OR);
}

// The comparison operator at the next tokens, which are taken; 0 if there is none.
static int
accept_comparison(KrParser *p)
{
    int op;
    switch (next_kind(p)) {
    case TOK_EQEQUAL:
        op = KR_EQ;
        break;
    case TOK_NOTEQUAL:
        if (p->lexer.flufl && token(p)->start[0] != '<') {
            kr_parser_raise_token(p, p->pos,
                                  "with Barry as BDFL, use '<>' instead of '!='");
            return 0;
        }
        op = KR_NOTEQ;
        break;
    case TOK_LESS:
        if (p->diagnosing && !kr_diagnose_less(p)) {
            return 0;
        }
        op = KR_LT;
        break;
    case TOK_LESSEQUAL:
        op = KR_LTE;
        break;
    case TOK_GREATER:
        op = KR_GT;
        break;
    case TOK_GREATEREQUAL:
        op = KR_GTE;
        break;
    case KW_IN:
        op = KR_IN;
        break;
    case KW_IS:
        advance(p);
        return accept(p, KW_NOT) ? KR_ISNOT : KR_IS;
    case KW_NOT:
        if (next_kind_at(p, 1) != KW_IN) {
            return 0;
        }
        advance(p);
        op = KR_NOTIN;
        break;
    default:
        return 0;
    }
    advance(p);
    return op;
}

static KrExpr *
finish_comparison(KrParser *p, KrSpan span, KrExpr *left, int base)
{
    int count = (p->scratch_count - base) / 2;
    void **items = p->scratch + base;
    p->scratch_count = base;
    KrCmpOpSeq *ops = NODE(p, kr_cmpop_seq_new(p->arena, count));
    KrExprSeq *comparators = NODE(p, kr_expr_seq_new(p->arena, count));
    if (ops == NULL || comparators == NULL) {
        return NULL;
    }
    for (int i = 0; i < count; i++) {
        ops->items[i] = (KrCmpOp)(intptr_t)items[2 * i];
        comparators->items[i] = items[2 * i + 1];
    }
    return NODE(p, kr_expr_Compare(p->arena, span_end(p, span), left, ops,
                                   comparators));
}

static KrExpr *
parse_comparison(KrParser *p)
{
    if (next_kind(p) == TOK_ERRORTOKEN) {
        return NULL;
    }
    KrSpan span = span_start(p);
    KrExpr *left = parse_operators(p, LEVEL_OR);
    if (left == NULL) {
        return NULL;
    }
    int at = p->pos;
    int op = accept_comparison(p);
    if (op == 0) {
        return p->failed ? NULL : left;
    }
    int base = p->scratch_count;
    do {
        KrExpr *right = parse_operators(p, LEVEL_OR);
        if (right == NULL && p->second_pass && p->scratch_count > base) {
            p->pos = at;
            break;
        }
        if (right == NULL || !push(p, (void *)(intptr_t)op) || !push(p, right)) {
            p->scratch_count = base;
            return prefix(p, left, at);
        }
        at = p->pos;
        op = accept_comparison(p);
    } while (op != 0);
    return p->failed ? NULL : finish_comparison(p, span, left, base);
}

KrExpr *
kr_parse_inversion(KrParser *p)
{
    if (KR_LIKELY(next_kind(p) != KW_NOT)) {
        return parse_comparison(p);
    }
    KrSpan span = span_start(p);
    advance(p);
    if (!enter_level(p, 1)) {
        return NULL;
    }
    KrExpr *operand = kr_parse_inversion(p);
    leave_level(p, 1);
    return operand == NULL ? NULL
                           : NODE(p, kr_expr_UnaryOp(p->arena, span_end(p, span),
                                                     KR_NOT, operand));
}

// `first op x op y ...` where the next token is op.
static KrExpr *
parse_bool_chain(KrParser *p, KrSpan span, KrExpr *first, KrBoolOp op,
                 KrTokenKind separator, KrExpr *(*parse_operand)(KrParser *))
{
    int base = p->scratch_count;
    bool good = push(p, first);
    int at = p->pos;
    while (good && accept(p, separator)) {
        KrExpr *e = parse_operand(p);
        if (e == NULL && p->second_pass && p->scratch_count > base + 1) {
            p->pos = at;
            break;
        }
        good = e != NULL && push(p, e);
        at = good ? p->pos : at;
    }
    if (!good || p->failed) {
        p->scratch_count = base;
        return prefix(p, first, at);
    }
    KrExprSeq *values = POP_SEQ(p, base, KrExprSeq);
    return values == NULL
               ? NULL
               : NODE(p, kr_expr_BoolOp(p->arena, span_end(p, span), op, values));
}

static KrExpr *
parse_conjunction(KrParser *p)
{
    if (next_kind(p) == TOK_ERRORTOKEN) {
        return NULL;
    }
    KrSpan span = span_start(p);
    KrExpr *first = kr_parse_inversion(p);
    if (KR_LIKELY(first == NULL || next_kind(p) != KW_AND)) {
        return first;
    }
    return parse_bool_chain(p, span, first, KR_AND, KW_AND, kr_parse_inversion);
}

static KrExpr *
parse_disjunction(KrParser *p)
{
    if (next_kind(p) == TOK_ERRORTOKEN) {
        return NULL;
    }
    KrSpan span = span_start(p);
    KrExpr *first = parse_conjunction(p);
    if (KR_LIKELY(first == NULL || next_kind(p) != KW_OR)) {
        return first;
    }
    return parse_bool_chain(p, span, first, KR_OR, KW_OR, parse_conjunction);
}

KrExpr *
kr_parse_disjunction(KrParser *p)
{
    return KR_LIKELY(!p->second_pass)
               ? parse_disjunction(p)
               : kr_parse_once(p, KR_MEMO_DISJUNCTION, parse_disjunction);
}

// ---- whole expressions ------------------------------------------------------

static KrExpr *
parse_lambda(KrParser *p)
{
    KrSpan span = span_start(p);
    KrExpr *body = NULL;
    advance(p);
    if (!enter_level(p, 2)) {
        return NULL;
    }
    int params = p->pos;
    KrArguments *args = kr_parse_parameters(p, true);
    if (args != NULL) {
        if (accept(p, TOK_COLON)) {
            if (p->diagnosing) {
                kr_diagnose_lambda_colon(p, span);
            }
            body = p->failed ? NULL : kr_parse_expression(p);
        }
        else if (p->diagnosing && !p->failed) {
            kr_diagnose_parameters(p, params, true);
        }
    }
    leave_level(p, 2);
    return body == NULL ? NULL
                        : NODE(p, kr_expr_Lambda(p->arena, span_end(p, span), args,
                                                 body));
}

static KrExpr *
parse_conditional(KrParser *p, KrSpan span, KrExpr *body)
{
    int start = p->pos;
    advance(p);
    KrExpr *test = kr_parse_disjunction(p);
    if (test == NULL) {
        return prefix(p, body, start);
    }
    if (!accept(p, KW_ELSE)) {
        if (p->diagnosing && !p->failed && next_kind(p) != TOK_COLON) {
            kr_parser_raise_span(p, span_join(body->span, test->span),
                                 "expected 'else' after 'if' expression");
        }
        return prefix(p, body, start);
    }
    if (!enter_level(p, 1)) {
        return NULL;
    }
    int at = p->pos;
    KrExpr *orelse = kr_parse_expression(p);
    leave_level(p, 1);
    if (orelse == NULL) {
        if (p->diagnosing && !p->failed) {
            kr_diagnose_else_statement(p, at);
        }
        return prefix(p, body, start);
    }
    return NODE(p, kr_expr_IfExp(p->arena, span_end(p, span), test, body, orelse));
}

KrExpr *
kr_parse_bare_expression(KrParser *p)
{
    KrTokenKind kind = next_kind(p);
    if (kind == KW_LAMBDA) {
        return parse_lambda(p);
    }
    if (kind == TOK_ERRORTOKEN) {
        return NULL;
    }
    KrSpan span = span_start(p);
    int start = p->pos;
    if (KR_UNLIKELY(p->diagnosing) && !kr_diagnose_strings(p)) {
        return NULL;
    }
    KrExpr *e = kr_parse_disjunction(p);
    if (KR_UNLIKELY(p->diagnosing) && !p->failed
        && !kr_diagnose_expression(p, start, e)) {
        return NULL;
    }
    if (KR_LIKELY(e == NULL || next_kind(p) != KW_IF)) {
        return e;
    }
    return parse_conditional(p, span, e);
}

KrExpr *
kr_parse_expression(KrParser *p)
{
    return KR_LIKELY(!p->second_pass)
               ? kr_parse_bare_expression(p)
               : kr_parse_once(p, KR_MEMO_EXPRESSION, kr_parse_bare_expression);
}

KrExpr *
kr_parse_named_expression(KrParser *p)
{
    if (next_kind(p) == TOK_NAME && next_kind_at(p, 1) == TOK_COLONEQUAL) {
        KrSpan span = span_start(p);
        KrExpr *target = parse_name(p);
        advance(p);
        KrExpr *value = target != NULL ? kr_parse_expression(p) : NULL;
        if (value == NULL
            || !kr_parser_need_version(p, 8, "Assignment expressions are")) {
            return NULL;
        }
        target->v.Name.ctx = KR_STORE;
        return NODE(p, kr_expr_NamedExpr(p->arena, span_end(p, span), target, value));
    }
    int start = p->pos;
    KrExpr *e = kr_parse_expression(p);
    if (p->diagnosing && !p->failed) {
        return kr_diagnose_named_expression(p, start, e);
    }
    return e != NULL && next_kind(p) == TOK_COLONEQUAL ? NULL : e;
}

static KrExpr *
parse_starred(KrParser *p)
{
    KrSpan span = span_start(p);
    advance(p);
    KrExpr *value = kr_parse_bitwise_or(p);
    return value == NULL ? NULL
                         : NODE(p, kr_expr_Starred(p->arena, span_end(p, span), value,
                                                   KR_LOAD));
}

KrExpr *
kr_parse_star_named_expression(KrParser *p)
{
    return next_kind(p) == TOK_STAR ? parse_starred(p) : kr_parse_named_expression(p);
}

static KrExpr *
parse_star_expression(KrParser *p)
{
    return next_kind(p) == TOK_STAR ? parse_starred(p) : kr_parse_expression(p);
}

KrExpr *
kr_parse_star_expressions(KrParser *p)
{
    if (next_kind(p) == TOK_ERRORTOKEN) {
        return NULL;
    }
    KrSpan span = span_start(p);
    KrExpr *first = parse_star_expression(p);
    if (KR_LIKELY(first == NULL || next_kind(p) != TOK_COMMA)) {
        return first;
    }
    int base = p->scratch_count;
    bool good = push(p, first);
    while (good && accept(p, TOK_COMMA)) {
        KrTokenKind kind = next_kind(p);
        if (!kr_starts_expression(kind) && kind != TOK_STAR) {
            break;
        }
        int at = p->pos;
        KrExpr *e = parse_star_expression(p);
        if (e == NULL && p->second_pass && !p->failed) {
            p->pos = at;
            break;
        }
        good = e != NULL && push(p, e);
    }
    if (!good) {
        p->scratch_count = base;
        return NULL;
    }
    KrExprSeq *elts = POP_SEQ(p, base, KrExprSeq);
    return elts == NULL
               ? NULL
               : NODE(p, kr_expr_Tuple(p->arena, span_end(p, span), elts, KR_LOAD));
}

KrExpr *
kr_parse_eval_body(KrParser *p)
{
    // Like star_expressions, without stars at the top.
    if (next_kind(p) == TOK_ERRORTOKEN) {
        return NULL;
    }
    KrSpan span = span_start(p);
    KrExpr *first = kr_parse_expression(p);
    if (first == NULL || next_kind(p) != TOK_COMMA) {
        return first;
    }
    int base = p->scratch_count;
    bool good = push(p, first);
    while (good && accept(p, TOK_COMMA) && kr_starts_expression(next_kind(p))) {
        KrExpr *e = kr_parse_expression(p);
        good = e != NULL && push(p, e);
    }
    KrExprSeq *elts = good ? POP_SEQ(p, base, KrExprSeq) : NULL;
    return elts == NULL
               ? NULL
               : NODE(p, kr_expr_Tuple(p->arena, span_end(p, span), elts, KR_LOAD));
}

KrExpr *
kr_parse_yield(KrParser *p)
{
    KrSpan span = span_start(p);
    KrExpr *value = NULL;
    advance(p);
    if (accept(p, KW_FROM)) {
        value = kr_parse_expression(p);
        return value == NULL
                   ? NULL
                   : NODE(p, kr_expr_YieldFrom(p->arena, span_end(p, span), value));
    }
    KrTokenKind kind = next_kind(p);
    if (kr_starts_expression(kind) || kind == TOK_STAR) {
        value = kr_parse_star_expressions(p);
        if (value == NULL) {
            return NULL;
        }
    }
    return p->failed ? NULL : NODE(p, kr_expr_Yield(p->arena, span_end(p, span), value));
}

KrExpr *
kr_parse_value(KrParser *p)
{
    return next_kind(p) == KW_YIELD ? kr_parse_yield(p) : kr_parse_star_expressions(p);
}
