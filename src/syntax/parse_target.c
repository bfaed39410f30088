// SPDX-License-Identifier: MIT
// parse_target.c - what can be assigned to, looped over into, or deleted.
//
// Targets are parsed as expressions and checked afterwards.
#include "syntax/diagnose.h"

bool
kr_is_target(const KrExpr *e, bool star)
{
    switch (e->kind) {
    case KR_EXPR_Name:
    case KR_EXPR_Attribute:
    case KR_EXPR_Subscript:
        return true;
    case KR_EXPR_Starred:
        return star && e->v.Starred.value->kind != KR_EXPR_Starred
               && kr_is_target(e->v.Starred.value, star);
    case KR_EXPR_Tuple:
    case KR_EXPR_List: {
        KrExprSeq *elts =
            e->kind == KR_EXPR_Tuple ? e->v.Tuple.elts : e->v.List.elts;
        for (int i = 0; i < KR_SEQ_LEN(elts); i++) {
            if (!kr_is_target(elts->items[i], star)) {
                return false;
            }
        }
        return true;
    }
    default:
        return false;
    }
}

void
kr_target_set(KrExpr *e, KrExprContext ctx)
{
    switch (e->kind) {
    case KR_EXPR_Name:
        e->v.Name.ctx = ctx;
        break;
    case KR_EXPR_Attribute:
        e->v.Attribute.ctx = ctx;
        break;
    case KR_EXPR_Subscript:
        e->v.Subscript.ctx = ctx;
        break;
    case KR_EXPR_Starred:
        e->v.Starred.ctx = ctx;
        kr_target_set(e->v.Starred.value, ctx);
        break;
    case KR_EXPR_Tuple:
        e->v.Tuple.ctx = ctx;
        for (int i = 0; i < KR_SEQ_LEN(e->v.Tuple.elts); i++) {
            kr_target_set(e->v.Tuple.elts->items[i], ctx);
        }
        break;
    case KR_EXPR_List:
        e->v.List.ctx = ctx;
        for (int i = 0; i < KR_SEQ_LEN(e->v.List.elts); i++) {
            kr_target_set(e->v.List.elts->items[i], ctx);
        }
        break;
    default:
        break;
    }
}

// One target; anything below comparisons, so that `in` ends it.
static KrExpr *
parse_one_target(KrParser *p, bool star)
{
    if (star && next_kind(p) == TOK_STAR) {
        KrSpan span = span_start(p);
        advance(p);
        KrExpr *value = parse_one_target(p, false);
        return value == NULL ? NULL
                             : NODE(p, kr_expr_Starred(p->arena, span_end(p, span),
                                                       value, KR_STORE));
    }
    KrExpr *e = kr_parse_primary(p);
    return e != NULL && kr_is_target(e, true) ? e : NULL;
}

KrExpr *
kr_parse_for_target(KrParser *p)
{
    if (next_kind(p) == TOK_ERRORTOKEN) {
        return NULL;
    }
    KrSpan span = span_start(p);
    KrExpr *first = parse_one_target(p, true);
    if (first == NULL) {
        return NULL;
    }
    if (next_kind(p) != TOK_COMMA) {
        kr_target_set(first, KR_STORE);
        return first;
    }
    int base = p->scratch_count;
    bool good = push(p, first);
    while (good && accept(p, TOK_COMMA) && next_kind(p) != KW_IN) {
        KrExpr *e = parse_one_target(p, true);
        good = e != NULL && push(p, e);
    }
    KrExprSeq *elts = good ? POP_SEQ(p, base, KrExprSeq) : NULL;
    p->scratch_count = base;
    if (elts == NULL) {
        return NULL;
    }
    KrExpr *tuple =
        NODE(p, kr_expr_Tuple(p->arena, span_end(p, span), elts, KR_STORE));
    if (tuple != NULL) {
        kr_target_set(tuple, KR_STORE);
    }
    return tuple;
}

KrExpr *
kr_parse_with_target(KrParser *p)
{
    KrExpr *e = parse_one_target(p, true);
    if (e != NULL) {
        kr_target_set(e, KR_STORE);
    }
    return e;
}

KrExprSeq *
kr_parse_del_targets(KrParser *p)
{
    int base = p->scratch_count;
    do {
        KrTokenKind kind = next_kind(p);
        if (p->scratch_count > base && (kind == TOK_NEWLINE || kind == TOK_SEMI)) {
            break;
        }
        KrExpr *e = kr_parse_primary(p);
        if (e == NULL || !kr_is_target(e, false) || !push(p, e)) {
            p->scratch_count = base;
            return NULL;
        }
        kr_target_set(e, KR_DEL);
    } while (accept(p, TOK_COMMA));
    return POP_SEQ(p, base, KrExprSeq);
}
