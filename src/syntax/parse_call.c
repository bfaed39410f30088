// SPDX-License-Identifier: MIT
// parse_call.c - the arguments of calls and class statements.
#include "syntax/diagnose.h"

// The scratch stack holds the positional arguments; keywords wait in a chain.
typedef struct KeywordLink {
    struct KeywordLink *next;
    KrKeyword *keyword;
} KeywordLink;

typedef struct {
    KeywordLink *first, **last;
    int count;
} KeywordChain;

static bool
add_keyword(KrParser *p, KeywordChain *chain, KrSpan span, KrIdent *name, KrExpr *value)
{
    KrKeyword *keyword =
        NODE(p, kr_keyword_new(p->arena, span_end(p, span), name, value));
    KeywordLink *link = kr_arena_alloc(p->arena, sizeof(*link));
    if (keyword == NULL || link == NULL) {
        kr_parser_no_memory(p);
        return false;
    }
    *link = (KeywordLink){NULL, keyword};
    *chain->last = link;
    chain->last = &link->next;
    chain->count++;
    return true;
}

static KrKeywordSeq *
finish_keywords(KrParser *p, const KeywordChain *chain)
{
    if (chain->count == 0) {
        return NULL;
    }
    KrKeywordSeq *seq = NODE(p, kr_keyword_seq_new(p->arena, chain->count));
    int i = 0;
    for (KeywordLink *link = chain->first; seq != NULL && link != NULL;
         link = link->next) {
        seq->items[i++] = link->keyword;
    }
    return seq;
}

static bool
parse_double_star(KrParser *p, KeywordChain *chain)
{
    KrSpan span = span_start(p);
    advance(p);
    KrExpr *value = kr_parse_expression(p);
    return value != NULL && add_keyword(p, chain, span, NULL, value);
}

static bool
parse_keyword(KrParser *p, KeywordChain *chain)
{
    KrSpan span = span_start(p);
    KrIdent *name = kr_parser_name(p, token(p));
    advance(p);
    advance(p);
    KrExpr *value = name != NULL ? kr_parse_expression(p) : NULL;
    return value != NULL && add_keyword(p, chain, span, name, value);
}

static KrExpr *
parse_positional_argument(KrParser *p)
{
    if (next_kind(p) == TOK_STAR) {
        KrSpan span = span_start(p);
        advance(p);
        KrExpr *value = kr_parse_expression(p);
        return value == NULL ? kr_bare_star(p)
                             : NODE(p, kr_expr_Starred(p->arena, span_end(p, span),
                                                       value, KR_LOAD));
    }
    if (next_kind(p) == TOK_NAME && next_kind_at(p, 1) == TOK_COLONEQUAL) {
        return kr_parse_named_expression(p);
    }
    KrExpr *e = kr_parse_expression(p);
    KrTokenKind next = e != NULL ? next_kind(p) : TOK_ERRORTOKEN;
    return next == TOK_COLONEQUAL || next == TOK_EQUAL ? NULL : e;
}

// The generator that is the only argument: its span is that of the brackets.
static bool
parse_lone_generator(KrParser *p, KrSpan span, KrExpr *element)
{
    KrComprehensionSeq *clauses = kr_parse_comprehension(p);
    if (clauses == NULL || !accept(p, TOK_RPAR)) {
        return false;
    }
    KrExpr *e =
        NODE(p, kr_expr_GeneratorExp(p->arena, span_end(p, span), element, clauses));
    return e != NULL && push(p, e);
}

static bool
parse_argument_list(KrParser *p, bool allow_generator, KeywordChain *chain)
{
    KrSpan span = span_start(p);
    bool keyword = false, double_star = false, first = true;
    advance(p);
    while (next_kind(p) != TOK_RPAR) {
        KrTokenKind kind = next_kind(p);
        if (kind == TOK_DOUBLESTAR) {
            double_star = true;
            if (!parse_double_star(p, chain)) {
                return false;
            }
        }
        else if (kind == TOK_NAME && next_kind_at(p, 1) == TOK_EQUAL) {
            keyword = true;
            if (!parse_keyword(p, chain)) {
                return false;
            }
        }
        else {
            if (double_star || (keyword && kind != TOK_STAR)) {
                return false;
            }
            KrExpr *e = parse_positional_argument(p);
            if (e == NULL) {
                return false;
            }
            kind = next_kind(p);
            if (first && allow_generator && e->kind != KR_EXPR_Starred
                && (kind == KW_FOR || kind == KW_ASYNC)) {
                return parse_lone_generator(p, span, e);
            }
            if (!push(p, e)) {
                return false;
            }
        }
        first = false;
        if (!accept(p, TOK_COMMA)) {
            break;
        }
    }
    return accept(p, TOK_RPAR);
}

bool
kr_parse_arguments(KrParser *p, bool allow_generator, KrExprSeq **args_out,
                   KrKeywordSeq **keywords_out)
{
    KeywordChain chain = {NULL, &chain.first, 0};
    int base = p->scratch_count, start = p->pos + 1;
    if (!parse_argument_list(p, allow_generator, &chain)) {
        p->scratch_count = base;
        if (p->diagnosing && !p->failed) {
            kr_diagnose_arguments(p, start);
        }
        return false;
    }
    *args_out = POP_SEQ(p, base, KrExprSeq);
    *keywords_out = finish_keywords(p, &chain);
    return !p->failed;
}
