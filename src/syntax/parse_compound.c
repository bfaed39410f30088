// SPDX-License-Identifier: MIT
// parse_compound.c - statements with blocks: if, for, while, try, with, def, class.
#include "syntax/diagnose.h"

// A compound statement ends where the last line of its last block does.
static KrSpan
block_end(KrParser *p, KrSpan span)
{
    span.end_lineno = p->end_lineno;
    span.end_col = p->end_col;
    return span;
}

// The colon of a header. On the second pass a header that ends without one is told.
static bool
header_colon(KrParser *p)
{
    if (accept(p, TOK_COLON)) {
        return true;
    }
    if (p->diagnosing && !p->failed && next_kind(p) == TOK_NEWLINE) {
        kr_parser_raise_last(p, KR_DIAG_SYNTAX_ERROR, "expected ':'");
    }
    return false;
}

// A token without which nothing else can be meant.
static bool
demand(KrParser *p, KrTokenKind kind, const char *text)
{
    if (accept(p, kind)) {
        return true;
    }
    if (p->diagnosing && !p->failed) {
        kr_parser_raise_token(p, p->pos, "expected '%s'", text);
    }
    return false;
}

// `else: ...` if it is there; false after a failure.
static bool
parse_else(KrParser *p, KrStmtSeq **out)
{
    if (next_kind(p) != KW_ELSE) {
        return !p->failed;
    }
    int lineno = token(p)->lineno;
    advance(p);
    if (!demand(p, TOK_COLON, ":")) {
        return false;
    }
    *out = kr_parse_block(p, "'else' statement", lineno);
    return *out != NULL;
}

// ---- if, while, for ---------------------------------------------------------

// From `if` or `elif` on.
static KrStmt *
parse_if(KrParser *p)
{
    KrSpan span = span_start(p);
    bool is_elif = next_kind(p) == KW_ELIF;
    KrStmtSeq *orelse = NULL;
    advance(p);
    KrExpr *test = kr_parse_named_expression(p);
    if (test == NULL || !header_colon(p)) {
        return NULL;
    }
    KrStmtSeq *body =
        kr_parse_block(p, is_elif ? "'elif' statement" : "'if' statement", span.lineno);
    if (body == NULL) {
        return NULL;
    }
    if (next_kind(p) == KW_ELIF) {
        if (!enter_level(p, 1)) {
            return NULL;
        }
        KrStmt *next = parse_if(p);
        leave_level(p, 1);
        orelse = next == NULL ? NULL
                              : (KrStmtSeq *)kr_parser_single(p, (KrExpr *)next);
        if (orelse == NULL) {
            return NULL;
        }
    }
    else if (!parse_else(p, &orelse)) {
        return NULL;
    }
    else if (p->diagnosing && orelse != NULL && next_kind(p) == KW_ELIF) {
        return kr_parser_raise_token(p, p->pos,
                                     "'elif' block follows an 'else' block");
    }
    return NODE(p, kr_stmt_If(p->arena, block_end(p, span), test, body, orelse));
}

static KrStmt *
parse_while(KrParser *p)
{
    KrSpan span = span_start(p);
    KrStmtSeq *orelse = NULL;
    advance(p);
    KrExpr *test = kr_parse_named_expression(p);
    if (test == NULL || !header_colon(p)) {
        return NULL;
    }
    KrStmtSeq *body = kr_parse_block(p, "'while' statement", span.lineno);
    if (body == NULL || !parse_else(p, &orelse)) {
        return NULL;
    }
    return NODE(p, kr_stmt_While(p->arena, block_end(p, span), test, body, orelse));
}

// `span` starts at async, if it was there.
static KrStmt *
parse_for(KrParser *p, KrSpan span, bool is_async)
{
    KrStmtSeq *orelse = NULL;
    int start = p->pos, lineno = token(p)->lineno;
    advance(p);
    KrExpr *target = kr_parse_for_target(p);
    if (target == NULL || !accept(p, KW_IN)) {
        if (p->diagnosing && !p->failed) {
            kr_diagnose_for_clause(p, start, true);
        }
        return NULL;
    }
    KrExpr *iter = kr_parse_star_expressions(p);
    if (iter == NULL || !header_colon(p)) {
        return NULL;
    }
    KrIdent *comment = kr_parse_type_comment(p);
    KrStmtSeq *body = kr_parse_block(p, "'for' statement", lineno);
    if (body == NULL || !parse_else(p, &orelse)) {
        return NULL;
    }
    span = block_end(p, span);
    return is_async ? NODE(p, kr_stmt_AsyncFor(p->arena, span, target, iter, body,
                                               orelse, comment))
                    : NODE(p, kr_stmt_For(p->arena, span, target, iter, body, orelse,
                                          comment));
}

// ---- with -------------------------------------------------------------------

static KrWithItem *
parse_with_item(KrParser *p)
{
    KrExpr *context = kr_parse_expression(p);
    KrExpr *target = NULL;
    if (context == NULL) {
        return NULL;
    }
    if (accept(p, KW_AS)) {
        int at = p->pos;
        target = kr_parse_with_target(p);
        KrTokenKind next = target != NULL ? next_kind(p) : TOK_ERRORTOKEN;
        if (next != TOK_COMMA && next != TOK_RPAR && next != TOK_COLON) {
            if (p->diagnosing && !p->failed) {
                kr_diagnose_with_target(p, at);
            }
            return NULL;
        }
    }
    return NODE(p, kr_withitem_new(p->arena, context, target));
}

// Pushes the items; a closing bracket may follow the last comma.
static bool
parse_with_items(KrParser *p, bool bracketed)
{
    do {
        if (bracketed && next_kind(p) == TOK_RPAR) {
            break;
        }
        KrWithItem *item = parse_with_item(p);
        if (item == NULL || !push(p, item)) {
            return false;
        }
    } while (accept(p, TOK_COMMA));
    return true;
}

// The header up to its colon. Brackets are first taken as being around all items.
static KrWithItemSeq *
parse_with_header(KrParser *p)
{
    int base = p->scratch_count, start = p->pos;
    if (next_kind(p) == TOK_LPAR) {
        advance(p);
        if (next_kind(p) != TOK_RPAR && parse_with_items(p, true) && accept(p, TOK_RPAR)
            && accept(p, TOK_COLON)) {
            return POP_SEQ(p, base, KrWithItemSeq);
        }
        if (p->failed) {
            return NULL;
        }
        p->pos = start;
        p->scratch_count = base;
    }
    if (parse_with_items(p, false) && header_colon(p)) {
        return POP_SEQ(p, base, KrWithItemSeq);
    }
    if (p->diagnosing && !p->failed) {
        kr_diagnose_with_header(p, start);
    }
    p->scratch_count = base;
    return NULL;
}

static KrStmt *
parse_with(KrParser *p, KrSpan span, bool is_async)
{
    int lineno = token(p)->lineno;
    advance(p);
    KrWithItemSeq *items = parse_with_header(p);
    if (items == NULL) {
        return NULL;
    }
    KrIdent *comment = kr_parse_type_comment(p);
    KrStmtSeq *body = kr_parse_block(p, "'with' statement", lineno);
    if (body == NULL) {
        return NULL;
    }
    span = block_end(p, span);
    return is_async
               ? NODE(p, kr_stmt_AsyncWith(p->arena, span, items, body, comment))
               : NODE(p, kr_stmt_With(p->arena, span, items, body, comment));
}

// ---- try --------------------------------------------------------------------

// The types of an except clause: several may stand without brackets if no name follows.
static KrExpr *
parse_except_types(KrParser *p)
{
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
    while (good && accept(p, TOK_COMMA)) {
        if (!kr_starts_expression(next_kind(p))) {
            break;
        }
        KrExpr *e = kr_parse_expression(p);
        good = e != NULL && push(p, e);
    }
    KrExprSeq *elts = good ? POP_SEQ(p, base, KrExprSeq) : NULL;
    p->scratch_count = base;
    if (elts == NULL) {
        return NULL;
    }
    if (next_kind(p) == KW_AS) {
        if (p->diagnosing && next_kind_at(p, 1) == TOK_NAME
            && next_kind_at(p, 2) == TOK_COLON) {
            kr_raise_from(
                p, first->span,
                "multiple exception types must be parenthesized when using 'as'");
        }
        return NULL;
    }
    return NODE(p, kr_expr_Tuple(p->arena, span_end(p, span), elts, KR_LOAD));
}

static bool
parse_except_name(KrParser *p, bool is_star, KrIdent **name_out)
{
    advance(p);
    if (next_kind(p) == TOK_NAME) {
        KrTokenKind after = next_kind_at(p, 1);
        if (after == TOK_COLON || after == TOK_NEWLINE) {
            *name_out = kr_parser_name(p, token(p));
            advance(p);
            return *name_out != NULL;
        }
    }
    if (p->diagnosing && !p->failed) {
        kr_diagnose_except_name(p, is_star);
    }
    return false;
}

static KrExceptHandler *
parse_except(KrParser *p, bool is_star)
{
    KrSpan span = span_start(p);
    KrExpr *type = NULL;
    KrIdent *name = NULL;
    advance(p);
    if (is_star) {
        advance(p);
        if (p->diagnosing
            && (next_kind(p) == TOK_NEWLINE || next_kind(p) == TOK_COLON)) {
            return kr_parser_raise_last(p, KR_DIAG_SYNTAX_ERROR,
                                        "expected one or more exception types");
        }
    }
    bool bare_tuple = false;
    if (is_star || (next_kind(p) != TOK_COLON && next_kind(p) != TOK_NEWLINE)) {
        bare_tuple = next_kind(p) != TOK_LPAR;
        type = parse_except_types(p);
        bare_tuple = bare_tuple && type != NULL && type->kind == KR_EXPR_Tuple;
        if (type == NULL
            || (next_kind(p) == KW_AS && !parse_except_name(p, is_star, &name))) {
            return NULL;
        }
    }
    if (!header_colon(p)) {
        return NULL;
    }
    KrStmtSeq *body = kr_parse_block(
        p, is_star ? "'except*' statement" : "'except' statement", span.lineno);
    if (body != NULL && bare_tuple
        && !kr_parser_need_version(p, 14,
                                   "except expressions without parentheses are")) {
        return NULL;
    }
    return body == NULL ? NULL
                        : NODE(p, kr_excepthandler_ExceptHandler(
                                   p->arena, block_end(p, span), type, name, body));
}

static KrExceptHandlerSeq *
parse_handlers(KrParser *p, bool *is_star)
{
    int base = p->scratch_count;
    *is_star = next_kind_at(p, 1) == TOK_STAR;
    while (next_kind(p) == KW_EXCEPT) {
        bool star = next_kind_at(p, 1) == TOK_STAR;
        if (star != *is_star) {
            if (p->diagnosing) {
                kr_diagnose_mixed_handlers(p, star);
            }
            p->scratch_count = base;
            return NULL;
        }
        KrExceptHandler *handler = parse_except(p, star);
        if (handler == NULL || !push(p, handler)) {
            p->scratch_count = base;
            return NULL;
        }
    }
    return POP_SEQ(p, base, KrExceptHandlerSeq);
}

static KrStmt *
parse_try(KrParser *p)
{
    KrSpan span = span_start(p);
    KrExceptHandlerSeq *handlers = NULL;
    KrStmtSeq *orelse = NULL, *finally_ = NULL;
    bool is_star = false;
    advance(p);
    if (!demand(p, TOK_COLON, ":")) {
        return NULL;
    }
    KrStmtSeq *body = kr_parse_block(p, "'try' statement", span.lineno);
    if (body == NULL) {
        return NULL;
    }
    KrTokenKind kind = next_kind(p);
    if (kind != KW_EXCEPT && kind != KW_FINALLY) {
        return p->diagnosing
                   ? kr_parser_raise_last(p, KR_DIAG_SYNTAX_ERROR,
                                          "expected 'except' or 'finally' block")
                   : NULL;
    }
    if (kind == KW_EXCEPT) {
        handlers = parse_handlers(p, &is_star);
        if (handlers == NULL || !parse_else(p, &orelse)) {
            return NULL;
        }
        if (is_star && !kr_parser_need_version(p, 11, "Exception groups are")) {
            return NULL;
        }
    }
    if (next_kind(p) == KW_FINALLY) {
        int lineno = token(p)->lineno;
        advance(p);
        if (!demand(p, TOK_COLON, ":")) {
            return NULL;
        }
        finally_ = kr_parse_block(p, "'finally' statement", lineno);
        if (finally_ == NULL) {
            return NULL;
        }
    }
    span = block_end(p, span);
    return is_star ? NODE(p, kr_stmt_TryStar(p->arena, span, body, handlers, orelse,
                                             finally_))
                   : NODE(p, kr_stmt_Try(p->arena, span, body, handlers, orelse,
                                         finally_));
}

// ---- def, class -------------------------------------------------------------

// The type comment of a function: behind the colon or alone on the next line.
static bool
parse_function_comment(KrParser *p, KrIdent **out)
{
    *out = kr_parse_type_comment(p);
    if ((p->in->flags & KR_PARSE_TYPE_COMMENTS) == 0 || next_kind(p) != TOK_NEWLINE
        || next_kind_at(p, 1) != TOK_TYPE_COMMENT || next_kind_at(p, 2) != TOK_NEWLINE
        || next_kind_at(p, 3) != TOK_INDENT) {
        return !p->failed;
    }
    if (*out != NULL) {
        kr_parser_raise_last(p, KR_DIAG_SYNTAX_ERROR,
                             "Cannot have two type comments on def");
        return false;
    }
    advance(p);
    *out = kr_parse_type_comment(p);
    return *out != NULL;
}

static KrStmt *
parse_def(KrParser *p, KrSpan span, bool is_async, KrExprSeq *decorators)
{
    int lineno = token(p)->lineno;
    KrTypeParamSeq *type_params = NULL;
    KrExpr *returns = NULL;
    KrIdent *comment;
    advance(p);
    KrIdent *name = next_kind(p) == TOK_NAME ? kr_parser_name(p, token(p)) : NULL;
    if (name == NULL) {
        return NULL;
    }
    advance(p);
    int at = p->pos;
    if (next_kind(p) == TOK_LSQB) {
        type_params = kr_parse_type_params(p);
        if (type_params == NULL && !p->second_pass) {
            return NULL;
        }
        p->pos = type_params == NULL ? at : p->pos;
    }
    if (!demand(p, TOK_LPAR, "(")) {
        return NULL;
    }
    int params = p->pos;
    KrArguments *args = kr_parse_parameters(p, false);
    if (args == NULL || !accept(p, TOK_RPAR)) {
        if (p->diagnosing && !p->failed) {
            kr_diagnose_parameters(p, params, false);
        }
        return NULL;
    }
    at = p->pos;
    if (accept(p, TOK_RARROW)) {
        returns = kr_parse_expression(p);
        if (returns == NULL && !p->second_pass) {
            return NULL;
        }
        p->pos = returns == NULL ? at : p->pos;
    }
    if (!demand(p, TOK_COLON, ":") || !parse_function_comment(p, &comment)) {
        return NULL;
    }
    KrStmtSeq *body = kr_parse_block(p, "function definition", lineno);
    if (body == NULL) {
        return NULL;
    }
    span = block_end(p, span);
    return is_async
               ? NODE(p, kr_stmt_AsyncFunctionDef(p->arena, span, name, args, body,
                                                  decorators, returns, comment,
                                                  type_params))
               : NODE(p, kr_stmt_FunctionDef(p->arena, span, name, args, body,
                                             decorators, returns, comment,
                                             type_params));
}

static KrStmt *
parse_class(KrParser *p, KrExprSeq *decorators)
{
    KrSpan span = span_start(p);
    KrTypeParamSeq *type_params = NULL;
    KrExprSeq *bases = NULL;
    KrKeywordSeq *keywords = NULL;
    advance(p);
    KrIdent *name = next_kind(p) == TOK_NAME ? kr_parser_name(p, token(p)) : NULL;
    if (name == NULL) {
        return NULL;
    }
    advance(p);
    if (next_kind(p) == TOK_LSQB) {
        type_params = kr_parse_type_params(p);
        if (type_params == NULL) {
            return NULL;
        }
    }
    if (next_kind(p) == TOK_LPAR && !kr_parse_arguments(p, false, &bases, &keywords)) {
        return NULL;
    }
    if (!header_colon(p)) {
        return NULL;
    }
    KrStmtSeq *body = kr_parse_block(p, "class definition", span.lineno);
    return body == NULL ? NULL
                        : NODE(p, kr_stmt_ClassDef(p->arena, block_end(p, span), name,
                                                   bases, keywords, body, decorators,
                                                   type_params));
}

static KrStmt *
checked_async(KrParser *p, KrStmt *stmt, const char *what)
{
    return stmt != NULL && kr_parser_need_version(p, 5, what) ? stmt : NULL;
}

static KrStmt *
parse_async(KrParser *p, KrExprSeq *decorators)
{
    KrSpan span = span_start(p);
    advance(p);
    KrTokenKind kind = next_kind(p);
    if (decorators != NULL && kind != KW_DEF) {
        return NULL;
    }
    switch (kind) {
    case KW_DEF:
        return checked_async(p, parse_def(p, span, true, decorators),
                             "Async functions are");
    case KW_FOR:
        return checked_async(p, parse_for(p, span, true), "Async for loops are");
    case KW_WITH:
        return checked_async(p, parse_with(p, span, true), "Async with statements are");
    default:
        return NULL;
    }
}

static KrStmt *
parse_decorated(KrParser *p)
{
    int base = p->scratch_count;
    while (accept(p, TOK_AT)) {
        KrExpr *e = kr_parse_named_expression(p);
        if (e == NULL || !accept(p, TOK_NEWLINE) || !push(p, e)) {
            p->scratch_count = base;
            return NULL;
        }
    }
    KrExprSeq *decorators = POP_SEQ(p, base, KrExprSeq);
    if (decorators == NULL) {
        return NULL;
    }
    switch (next_kind(p)) {
    case KW_DEF:
        return parse_def(p, span_start(p), false, decorators);
    case KW_ASYNC:
        return parse_async(p, decorators);
    case KW_CLASS:
        return parse_class(p, decorators);
    default:
        return NULL;
    }
}

KrStmt *
kr_parse_compound(KrParser *p, KrTokenKind kind)
{
    switch (kind) {
    case TOK_AT:
        return parse_decorated(p);
    case KW_DEF:
        return parse_def(p, span_start(p), false, NULL);
    case KW_CLASS:
        return parse_class(p, NULL);
    case KW_ASYNC:
        return parse_async(p, NULL);
    case KW_IF:
        return parse_if(p);
    case KW_FOR:
        return parse_for(p, span_start(p), false);
    case KW_WHILE:
        return parse_while(p);
    case KW_TRY:
        return parse_try(p);
    default:
        return parse_with(p, span_start(p), false);
    }
}
