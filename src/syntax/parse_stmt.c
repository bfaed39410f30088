// SPDX-License-Identifier: MIT
// parse_stmt.c - statements of one line: assignments, imports, del, raise and the like.
//
// Read next:   parse_compound.c
#include "syntax/diagnose.h"

enum { FORGET_AFTER = 256 };

KrIdent *
kr_parse_type_comment(KrParser *p)
{
    if (next_kind(p) != TOK_TYPE_COMMENT) {
        return NULL;
    }
    KrIdent *comment = kr_parser_intern(p, token(p)->start, token(p)->length);
    advance(p);
    return comment;
}

// ---- assignments ------------------------------------------------------------

static KrOperator
augmented_operator(KrTokenKind kind)
{
    switch (kind) {
    case TOK_PLUSEQUAL: return KR_ADD;
    case TOK_MINEQUAL: return KR_SUB;
    case TOK_STAREQUAL: return KR_MULT;
    case TOK_SLASHEQUAL: return KR_DIV;
    case TOK_PERCENTEQUAL: return KR_MOD;
    case TOK_AMPEREQUAL: return KR_BITAND;
    case TOK_VBAREQUAL: return KR_BITOR;
    case TOK_CIRCUMFLEXEQUAL: return KR_BITXOR;
    case TOK_LEFTSHIFTEQUAL: return KR_LSHIFT;
    case TOK_RIGHTSHIFTEQUAL: return KR_RSHIFT;
    case TOK_DOUBLESTAREQUAL: return KR_POW;
    case TOK_DOUBLESLASHEQUAL: return KR_FLOORDIV;
    case TOK_ATEQUAL: return KR_MATMULT;
    default: return 0;
    }
}

static bool
is_single_target(const KrExpr *e)
{
    return e->kind == KR_EXPR_Name || e->kind == KR_EXPR_Attribute
           || e->kind == KR_EXPR_Subscript;
}

// `target: annotation = value` at the colon.
static KrStmt *
parse_annotated(KrParser *p, KrSpan span, KrExpr *target, bool simple)
{
    KrExpr *value = NULL;
    advance(p);
    KrExpr *annotation = kr_parse_expression(p);
    if (annotation == NULL) {
        return NULL;
    }
    int equal = p->pos;
    if (accept(p, TOK_EQUAL)) {
        value = kr_parse_value(p);
        if (value == NULL) {
            if (!p->second_pass || p->failed) {
                return NULL;
            }
            p->pos = equal;
        }
    }
    if (!kr_parser_need_version(p, 6, "Variable annotation syntax is")) {
        return NULL;
    }
    kr_target_set(target, KR_STORE);
    return NODE(p, kr_stmt_AnnAssign(p->arena, span_end(p, span), target, annotation,
                                     value, simple));
}

static KrStmt *
parse_augmented(KrParser *p, KrSpan span, KrExpr *target, KrOperator op)
{
    if (op == KR_MATMULT && !kr_parser_need_version(p, 5, "The '@' operator is")) {
        return NULL;
    }
    advance(p);
    KrExpr *value = kr_parse_value(p);
    if (value == NULL) {
        return NULL;
    }
    kr_target_set(target, KR_STORE);
    return NODE(p, kr_stmt_AugAssign(p->arena, span_end(p, span), target, op, value));
}

// `first = ... = value` at the first equals sign.
static KrStmt *
parse_assignment(KrParser *p, KrSpan span, KrExpr *first)
{
    int base = p->scratch_count;
    KrExpr *value = first;
    while (next_kind(p) == TOK_EQUAL) {
        if (!kr_is_target(value, true) || !push(p, value)) {
            p->scratch_count = base;
            return NULL;
        }
        kr_target_set(value, KR_STORE);
        advance(p);
        value = kr_parse_value(p);
        if (value == NULL) {
            p->scratch_count = base;
            return NULL;
        }
    }
    KrIdent *comment = kr_parse_type_comment(p);
    KrExprSeq *targets = POP_SEQ(p, base, KrExprSeq);
    return p->failed ? NULL
                     : NODE(p, kr_stmt_Assign(p->arena, span_end(p, span), targets,
                                              value, comment));
}

static KrStmt *
parse_expression_statement(KrParser *p)
{
    KrSpan span = span_start(p);
    KrTokenKind kind = next_kind(p);
    bool bracketed = kind == TOK_LPAR;
    KrExpr *e = kr_parse_value(p);
    if (e == NULL) {
        return NULL;
    }
    KrTokenKind next = next_kind(p);
    if (KR_LIKELY(next == TOK_NEWLINE)) {
        return NODE(p, kr_stmt_Expr(p->arena, span_end(p, span), e));
    }
    if (next == TOK_EQUAL) {
        return parse_assignment(p, span, e);
    }
    if (next == TOK_COLON && is_single_target(e)) {
        return parse_annotated(p, span, e, e->kind == KR_EXPR_Name && !bracketed);
    }
    KrOperator op = augmented_operator(next);
    if (op != 0) {
        return is_single_target(e) ? parse_augmented(p, span, e, op) : NULL;
    }
    return p->failed ? NULL : NODE(p, kr_stmt_Expr(p->arena, span_end(p, span), e));
}

// ---- imports ----------------------------------------------------------------

// a.b.c as one name; its tokens may have blanks between them.
static KrIdent *
parse_dotted_name(KrParser *p)
{
    char buffer[512];
    size_t length = 0;
    if (next_kind(p) != TOK_NAME) {
        return NULL;
    }
    KrIdent *name = kr_parser_name(p, token(p));
    advance(p);
    while (name != NULL && next_kind(p) == TOK_DOT) {
        advance(p);
        if (next_kind(p) != TOK_NAME) {
            return NULL;
        }
        KrIdent *part = kr_parser_name(p, token(p));
        advance(p);
        if (part == NULL) {
            return NULL;
        }
        length = (size_t)name->length + 1 + part->length;
        char *joined = length <= sizeof(buffer) ? buffer
                                                : kr_arena_alloc(p->arena, length);
        if (joined == NULL) {
            return kr_parser_no_memory(p);
        }
        memcpy(joined, name->text, name->length);
        joined[name->length] = '.';
        memcpy(joined + name->length + 1, part->text, part->length);
        name = kr_parser_intern(p, joined, length);
    }
    return name;
}

// `as name` if it is there.
static bool
parse_as_name(KrParser *p, KrIdent **name_out)
{
    if (!accept(p, KW_AS)) {
        return !p->failed;
    }
    int at = p->pos;
    KrTokenKind after = next_kind(p) == TOK_NAME ? next_kind_at(p, 1) : TOK_ERRORTOKEN;
    if (p->diagnosing
        && !(after == TOK_COMMA || after == TOK_RPAR || after == TOK_NEWLINE
             || after == TOK_SEMI)) {
        kr_diagnose_import_target(p, at);
    }
    if (p->failed || next_kind(p) != TOK_NAME) {
        return false;
    }
    *name_out = kr_parser_name(p, token(p));
    advance(p);
    return *name_out != NULL;
}

static KrStmt *
parse_import(KrParser *p)
{
    KrSpan span = span_start(p);
    int base = p->scratch_count;
    advance(p);
    do {
        KrIdent *asname = NULL;
        if (next_kind(p) != TOK_NAME) {
            p->scratch_count = base;
            return NULL;
        }
        KrSpan alias_span = span_start(p);
        KrIdent *name = parse_dotted_name(p);
        KrAlias *alias = NULL;
        if (name != NULL && parse_as_name(p, &asname)) {
            alias = NODE(p, kr_alias_new(p->arena, span_end(p, alias_span), name,
                                         asname));
        }
        if (alias == NULL || !push(p, alias)) {
            p->scratch_count = base;
            return NULL;
        }
    } while (accept(p, TOK_COMMA));
    KrAliasSeq *names = POP_SEQ(p, base, KrAliasSeq);
    return p->failed ? NULL
                     : NODE(p, kr_stmt_Import(p->arena, span_end(p, span), names));
}

static KrAliasSeq *
parse_import_star(KrParser *p)
{
    int base = p->scratch_count;
    KrSpan span = span_start(p);
    advance(p);
    KrIdent *name = kr_parser_intern(p, "*", 1);
    KrAlias *alias =
        name == NULL ? NULL : NODE(p, kr_alias_new(p->arena, span, name, NULL));
    return alias == NULL || !push(p, alias) ? NULL : POP_SEQ(p, base, KrAliasSeq);
}

static KrAliasSeq *
parse_import_names(KrParser *p)
{
    int base = p->scratch_count;
    if (next_kind(p) == TOK_STAR) {
        return parse_import_star(p);
    }
    bool bracketed = accept(p, TOK_LPAR);
    do {
        KrIdent *asname = NULL;
        if (bracketed && next_kind(p) == TOK_RPAR && p->scratch_count > base) {
            break;
        }
        if (next_kind(p) != TOK_NAME) {
            p->scratch_count = base;
            return NULL;
        }
        KrSpan span = span_start(p);
        KrIdent *name = kr_parser_name(p, token(p));
        KrAlias *alias = NULL;
        advance(p);
        if (name != NULL && parse_as_name(p, &asname)) {
            alias = NODE(p, kr_alias_new(p->arena, span_end(p, span), name, asname));
        }
        if (alias == NULL || !push(p, alias)) {
            p->scratch_count = base;
            return NULL;
        }
    } while (accept(p, TOK_COMMA));
    if (bracketed && !accept(p, TOK_RPAR)) {
        p->scratch_count = base;
        return NULL;
    }
    return POP_SEQ(p, base, KrAliasSeq);
}

// `from __future__ import barry_as_FLUFL` changes the grammar at once. The compiler checks
// the other names.
static void
note_future(KrParser *p, const KrIdent *module, const KrAliasSeq *names)
{
    if (module == NULL || strcmp(module->text, "__future__") != 0) {
        return;
    }
    for (int i = 0; i < KR_SEQ_LEN(names); i++) {
        if (strcmp(names->items[i]->name->text, "barry_as_FLUFL") == 0) {
            p->lexer.flufl = true;
        }
    }
}

static KrStmt *
parse_import_from(KrParser *p)
{
    KrSpan span = span_start(p);
    int level = 0;
    KrIdent *module = NULL;
    advance(p);
    while (next_kind(p) == TOK_DOT || next_kind(p) == TOK_ELLIPSIS) {
        level += next_kind(p) == TOK_DOT ? 1 : 3;
        advance(p);
    }
    if (next_kind(p) != KW_IMPORT || level == 0) {
        module = parse_dotted_name(p);
        if (module == NULL) {
            return NULL;
        }
    }
    if (!accept(p, KW_IMPORT)) {
        return NULL;
    }
    KrAliasSeq *names = parse_import_names(p);
    if (names == NULL) {
        return NULL;
    }
    if (level == 0) {
        note_future(p, module, names);
    }
    return NODE(p, kr_stmt_ImportFrom(p->arena, span_end(p, span), module, names,
                                      level));
}

// ---- other keywords ---------------------------------------------------------

static KrStmt *
parse_return(KrParser *p)
{
    KrSpan span = span_start(p);
    KrExpr *value = NULL;
    advance(p);
    KrTokenKind kind = next_kind(p);
    if (kr_starts_expression(kind) || kind == TOK_STAR) {
        value = kr_parse_star_expressions(p);
        if (value == NULL) {
            return NULL;
        }
    }
    return NODE(p, kr_stmt_Return(p->arena, span_end(p, span), value));
}

static KrStmt *
parse_raise(KrParser *p)
{
    KrSpan span = span_start(p);
    KrExpr *exc = NULL, *cause = NULL;
    advance(p);
    if (kr_starts_expression(next_kind(p))) {
        exc = kr_parse_expression(p);
        if (exc == NULL) {
            return NULL;
        }
        if (accept(p, KW_FROM)) {
            cause = kr_parse_expression(p);
            if (cause == NULL) {
                return NULL;
            }
        }
    }
    return NODE(p, kr_stmt_Raise(p->arena, span_end(p, span), exc, cause));
}

static KrStmt *
parse_del(KrParser *p)
{
    KrSpan span = span_start(p);
    advance(p);
    KrExprSeq *targets = kr_parse_del_targets(p);
    if (targets == NULL || (next_kind(p) != TOK_SEMI && next_kind(p) != TOK_NEWLINE)) {
        return NULL;
    }
    return NODE(p, kr_stmt_Delete(p->arena, span_end(p, span), targets));
}

static KrStmt *
parse_assert(KrParser *p)
{
    KrSpan span = span_start(p);
    KrExpr *message = NULL;
    advance(p);
    KrExpr *test = kr_parse_expression(p);
    if (test == NULL) {
        return NULL;
    }
    if (accept(p, TOK_COMMA)) {
        message = kr_parse_expression(p);
        if (message == NULL) {
            return NULL;
        }
    }
    return NODE(p, kr_stmt_Assert(p->arena, span_end(p, span), test, message));
}

static KrStmt *
parse_scope(KrParser *p, bool is_global)
{
    KrSpan span = span_start(p);
    int base = p->scratch_count;
    advance(p);
    do {
        KrIdent *name = next_kind(p) == TOK_NAME ? kr_parser_name(p, token(p)) : NULL;
        if (name == NULL || !push(p, name)) {
            p->scratch_count = base;
            return NULL;
        }
        advance(p);
    } while (accept(p, TOK_COMMA));
    KrIdentSeq *names = POP_SEQ(p, base, KrIdentSeq);
    span = span_end(p, span);
    if (p->failed) {
        return NULL;
    }
    return is_global ? NODE(p, kr_stmt_Global(p->arena, span, names))
                     : NODE(p, kr_stmt_Nonlocal(p->arena, span, names));
}

static KrStmt *
parse_type_alias(KrParser *p)
{
    KrSpan span = span_start(p);
    KrTypeParamSeq *params = NULL;
    advance(p);
    KrExpr *name = kr_parse_atom(p);
    if (name == NULL) {
        return NULL;
    }
    if (next_kind(p) == TOK_LSQB) {
        params = kr_parse_type_params(p);
        if (params == NULL) {
            return NULL;
        }
    }
    KrExpr *value = accept(p, TOK_EQUAL) ? kr_parse_expression(p) : NULL;
    if (value == NULL || !kr_parser_need_version(p, 12, "Type statement is")) {
        return NULL;
    }
    name->v.Name.ctx = KR_STORE;
    return NODE(p, kr_stmt_TypeAlias(p->arena, span_end(p, span), name, params, value));
}

static KrStmt *
parse_word_statement(KrParser *p, KrTokenKind kind)
{
    KrSpan span = span_start(p);
    advance(p);
    switch (kind) {
    case KW_PASS:
        return NODE(p, kr_stmt_Pass(p->arena, span));
    case KW_BREAK:
        return NODE(p, kr_stmt_Break(p->arena, span));
    default:
        return NODE(p, kr_stmt_Continue(p->arena, span));
    }
}

static KrStmt *
parse_simple(KrParser *p)
{
    KrTokenKind kind = next_kind(p);
    switch (kind) {
    case KW_RETURN:
        return parse_return(p);
    case KW_IMPORT:
        return parse_import(p);
    case KW_FROM:
        return parse_import_from(p);
    case KW_RAISE:
        return parse_raise(p);
    case KW_DEL:
        return parse_del(p);
    case KW_ASSERT:
        return parse_assert(p);
    case KW_GLOBAL:
    case KW_NONLOCAL:
        return parse_scope(p, kind == KW_GLOBAL);
    case KW_PASS:
    case KW_BREAK:
    case KW_CONTINUE:
        return parse_word_statement(p, kind);
    case TOK_NAME:
        if (token(p)->start[0] == 't' && at_word(p, 0, "type")
            && next_kind_at(p, 1) == TOK_NAME) {
            return parse_type_alias(p);
        }
        return parse_expression_statement(p);
    case TOK_ERRORTOKEN:
        return NULL;
    default:
        return parse_expression_statement(p);
    }
}

bool
kr_parse_simple_statements(KrParser *p)
{
    for (;;) {
        int start = p->pos, base = p->scratch_count;
        KrStmt *stmt = parse_simple(p);
        KrTokenKind next = stmt != NULL ? next_kind(p) : TOK_ERRORTOKEN;
        if (next != TOK_NEWLINE && next != TOK_SEMI) {
            p->scratch_count = base;
            // What was an assignment is none of the cases looked into there.
            if (p->diagnosing && !p->failed
                && (stmt == NULL
                    || (stmt->kind != KR_STMT_Assign && stmt->kind != KR_STMT_AnnAssign
                        && stmt->kind != KR_STMT_AugAssign))) {
                kr_diagnose_simple(p, start);
            }
            return false;
        }
        if (!push(p, stmt)) {
            return false;
        }
        if (next == TOK_SEMI) {
            advance(p);
            if (next_kind(p) != TOK_NEWLINE) {
                continue;
            }
        }
        // Blocks end where their last line does.
        KrToken *last = &p->tokens[p->pos - 1];
        p->end_lineno = last->end_lineno;
        p->end_col = last->end_col;
        advance(p);
        return true;
    }
}

// ---- sequences of statements ------------------------------------------------

// Drops the tokens of finished statements, but for the last one.
static void
forget_tokens(KrParser *p)
{
    int gone = p->pos - 1;
    memmove(p->tokens, p->tokens + gone,
            (size_t)(p->count - gone) * sizeof(*p->tokens));
    p->forgotten += gone;
    p->count -= gone;
    p->pos = 1;
}

bool
kr_parse_statement(KrParser *p)
{
    if (p->pos > FORGET_AFTER && !p->diagnosing) {
        forget_tokens(p);
    }
    KrTokenKind kind = next_kind(p);
    switch (kind) {
    case TOK_NAME:
        if (token(p)->start[0] == 'm' && at_word(p, 0, "match")) {
            int start = p->pos, base = p->scratch_count, forgotten = p->forgotten;
            KrStmt *stmt = kr_parse_match(p);
            if (stmt != NULL) {
                return push(p, stmt);
            }
            if (p->failed || p->forgotten != forgotten) {
                return false;
            }
            p->pos = start;
            p->scratch_count = base;
        }
        return kr_parse_simple_statements(p);
    case TOK_AT:
    case KW_DEF:
    case KW_CLASS:
    case KW_ASYNC:
    case KW_IF:
    case KW_FOR:
    case KW_WHILE:
    case KW_TRY:
    case KW_WITH: {
        KrStmt *stmt = kr_parse_compound(p, kind);
        return stmt != NULL && push(p, stmt);
    }
    default:
        return kr_parse_simple_statements(p);
    }
}

bool
kr_parse_interactive(KrParser *p)
{
    KrTokenKind kind = next_kind(p);
    switch (kind) {
    case TOK_AT:
    case KW_DEF:
    case KW_CLASS:
    case KW_ASYNC:
    case KW_IF:
    case KW_FOR:
    case KW_WHILE:
    case KW_TRY:
    case KW_WITH:
        return kr_parse_statement(p) && accept(p, TOK_NEWLINE);
    default:
        break;
    }
    bool is_match = at_word(p, 0, "match");
    int base = p->scratch_count;
    if (!kr_parse_statement(p)) {
        return false;
    }
    if (is_match && p->scratch_count == base + 1
        && ((KrStmt *)p->scratch[base])->kind == KR_STMT_Match) {
        return accept(p, TOK_NEWLINE);
    }
    return true;
}

// Remembers where the last statement with a block stands.
static void
note_statement(KrParser *p, const KrStmt *stmt)
{
    switch (stmt->kind) {
    case KR_STMT_FunctionDef:
    case KR_STMT_AsyncFunctionDef:
    case KR_STMT_ClassDef:
    case KR_STMT_For:
    case KR_STMT_AsyncFor:
    case KR_STMT_While:
    case KR_STMT_If:
    case KR_STMT_With:
    case KR_STMT_AsyncWith:
    case KR_STMT_Match:
    case KR_STMT_Try:
    case KR_STMT_TryStar:
        if (stmt->span.lineno >= p->diag->last_block_lineno) {
            p->diag->last_block_lineno = stmt->span.lineno;
            p->diag->last_block_col = stmt->span.col;
        }
        break;
    default:
        break;
    }
}

bool
kr_parse_statements(KrParser *p)
{
    while (next_kind(p) != TOK_ENDMARKER && next_kind(p) != TOK_DEDENT) {
        int base = p->scratch_count;
        if (!kr_parse_statement(p)) {
            return false;
        }
        if (p->scratch_count > base) {
            note_statement(p, p->scratch[p->scratch_count - 1]);
        }
    }
    return !p->failed;
}

KrStmtSeq *
kr_parse_block(KrParser *p, const char *what, int lineno)
{
    int base = p->scratch_count;
    if (!accept(p, TOK_NEWLINE)) {
        return kr_parse_simple_statements(p) ? POP_SEQ(p, base, KrStmtSeq) : NULL;
    }
    if (!accept(p, TOK_INDENT)) {
        if (p->diagnosing && !p->failed) {
            kr_parser_raise_last(p, KR_DIAG_INDENTATION_ERROR,
                                 "expected an indented block after %s on line %d", what,
                                 lineno);
        }
        return NULL;
    }
    if (!enter_level(p, 1)) {
        return NULL;
    }
    bool good = kr_parse_statements(p) && p->scratch_count > base;
    leave_level(p, 1);
    if (!good || !accept(p, TOK_DEDENT)) {
        p->scratch_count = base;
        return NULL;
    }
    return POP_SEQ(p, base, KrStmtSeq);
}
