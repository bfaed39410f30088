// SPDX-License-Identifier: MIT
// diagnose.c - what all parts of the second pass share: names of expressions, attempts.
#include "syntax/diagnose.h"

const char *
kr_describe_expression(const KrExpr *e)
{
    static const char *const names[] = {
        [KR_EXPR_BoolOp] = "expression",
        [KR_EXPR_NamedExpr] = "named expression",
        [KR_EXPR_BinOp] = "expression",
        [KR_EXPR_UnaryOp] = "expression",
        [KR_EXPR_Lambda] = "lambda",
        [KR_EXPR_IfExp] = "conditional expression",
        [KR_EXPR_Dict] = "dict literal",
        [KR_EXPR_Set] = "set display",
        [KR_EXPR_ListComp] = "list comprehension",
        [KR_EXPR_SetComp] = "set comprehension",
        [KR_EXPR_DictComp] = "dict comprehension",
        [KR_EXPR_GeneratorExp] = "generator expression",
        [KR_EXPR_Await] = "await expression",
        [KR_EXPR_Yield] = "yield expression",
        [KR_EXPR_YieldFrom] = "yield expression",
        [KR_EXPR_Compare] = "comparison",
        [KR_EXPR_Call] = "function call",
        [KR_EXPR_FormattedValue] = "f-string expression",
        [KR_EXPR_JoinedStr] = "f-string expression",
        [KR_EXPR_Interpolation] = "t-string expression",
        [KR_EXPR_TemplateStr] = "t-string expression",
        [KR_EXPR_Attribute] = "attribute",
        [KR_EXPR_Subscript] = "subscript",
        [KR_EXPR_Starred] = "starred",
        [KR_EXPR_Name] = "name",
        [KR_EXPR_List] = "list",
        [KR_EXPR_Tuple] = "tuple",
        [KR_EXPR_Slice] = "slice",
    };
    if (e->kind != KR_EXPR_Constant) {
        return names[e->kind];
    }
    switch (e->v.Constant.value->kind) {
    case KR_CONST_NONE:
        return "None";
    case KR_CONST_TRUE:
        return "True";
    case KR_CONST_FALSE:
        return "False";
    case KR_CONST_ELLIPSIS:
        return "ellipsis";
    default:
        return "literal";
    }
}

static KrExpr *
invalid_element(const KrExprSeq *elts, KrTargetUse use)
{
    for (int i = 0; i < KR_SEQ_LEN(elts); i++) {
        KrExpr *bad = kr_invalid_target(elts->items[i], use);
        if (bad != NULL) {
            return bad;
        }
    }
    return NULL;
}

KrExpr *
kr_invalid_target(KrExpr *e, KrTargetUse use)
{
    switch (e->kind) {
    case KR_EXPR_Name:
    case KR_EXPR_Attribute:
    case KR_EXPR_Subscript:
        return NULL;
    case KR_EXPR_List:
        return invalid_element(e->v.List.elts, use);
    case KR_EXPR_Tuple:
        return invalid_element(e->v.Tuple.elts, use);
    case KR_EXPR_Starred:
        return use == KR_TARGETS_DEL ? e : kr_invalid_target(e->v.Starred.value, use);
    case KR_EXPR_Compare:
        // `for x in y` reads its target and iterable as one comparison.
        if (use == KR_TARGETS_FOR) {
            return e->v.Compare.ops->items[0] == KR_IN
                       ? kr_invalid_target(e->v.Compare.left, use)
                       : NULL;
        }
        return e;
    default:
        return e;
    }
}

void *
kr_raise_invalid_target(KrParser *p, KrTargetUse use, KrExpr *e)
{
    KrExpr *bad = kr_invalid_target(e, use);
    if (bad == NULL || p->failed) {
        return NULL;
    }
    return kr_parser_raise_span(p, bad->span,
                                use == KR_TARGETS_DEL ? "cannot delete %s"
                                                      : "cannot assign to %s",
                                kr_describe_expression(bad));
}

bool
kr_token_is(KrParser *p, int index, const char *word)
{
    KrToken *t = &p->tokens[index];
    return t->kind == TOK_NAME && t->length == strlen(word)
           && memcmp(t->start, word, t->length) == 0;
}

KrSpan
kr_token_span(KrParser *p, int index)
{
    KrToken *t = &p->tokens[index];
    return (KrSpan){t->lineno, t->col, t->end_lineno, t->end_col};
}

void *
kr_raise_from(KrParser *p, KrSpan span, const char *message)
{
    span.end_lineno = p->lexer.lineno;
    // Unlike the ends of tokens this one is not counted from 0.
    span.end_col = (int)(p->lexer.cur - p->lexer.line_start) - 1;
    return kr_parser_raise_span(p, span, "%s", message);
}

KrExpr *
kr_attempt(KrParser *p, int pos, bool diagnosing, KrExpr *(*parse)(KrParser *))
{
    bool was = p->diagnosing;
    int base = p->scratch_count, depth = p->depth;
    p->pos = pos;
    p->diagnosing = diagnosing;
    KrExpr *e = next_kind(p) != TOK_ERRORTOKEN ? parse(p) : NULL;
    p->diagnosing = was;
    p->depth = depth;
    p->scratch_count = base;
    if (e == NULL) {
        p->pos = pos;
    }
    return p->failed ? NULL : e;
}

// ---- memory of the second pass ----------------------------------------------

typedef struct KrMemo {
    KrExpr *parsed[KR_MEMO_COUNT];
    int end[KR_MEMO_COUNT];   // position behind it; 0: not parsed yet
    unsigned checks;          // KR_CHECK_*
} KrMemo;

static KrMemo *
memo_at(KrParser *p, int index)
{
    if (index >= p->memo_size) {
        int size = p->capacity > index ? p->capacity : index + 1;
        KrMemo *memo = kr_arena_calloc(p->arena, (size_t)size * sizeof(*memo));
        if (memo == NULL) {
            return kr_parser_no_memory(p);
        }
        if (p->memo_size > 0) {
            memcpy(memo, p->memo, (size_t)p->memo_size * sizeof(*memo));
        }
        p->memo = memo;
        p->memo_size = size;
    }
    return &p->memo[index];
}

bool
kr_first_time(KrParser *p, int index, unsigned check)
{
    KrMemo *memo = memo_at(p, index);
    if (memo == NULL || (memo->checks & check) != 0) {
        return false;
    }
    memo->checks |= check;
    return true;
}

KrExpr *
kr_parse_once(KrParser *p, KrMemoKind kind, KrExpr *(*parse)(KrParser *))
{
    int start = p->pos;
    KrMemo *memo = memo_at(p, start);
    if (memo == NULL || next_kind(p) == TOK_ERRORTOKEN) {
        return NULL;
    }
    if (memo->end[kind] != 0) {
        p->pos = memo->end[kind] - 1;
        return memo->parsed[kind];
    }
    KrExpr *e = parse(p);
    memo = memo_at(p, start);
    if (p->failed || memo == NULL) {
        return NULL;
    }
    memo->parsed[kind] = e;
    memo->end[kind] = p->pos + 1;
    return e;
}
