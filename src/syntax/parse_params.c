// SPDX-License-Identifier: MIT
// parse_params.c - parameters of functions and lambdas, and type parameters.
#include "syntax/diagnose.h"

typedef struct {
    bool is_lambda;
    bool slash;            // a / has been read
    bool star;             // a * has been read: what follows is keyword-only
    bool bare_star;        // ... and no name stood at it
    KrArgSeq *posonlyargs;
    KrArgSeq *args;
    KrArg *vararg;
    KrArgSeq *kwonlyargs;
    KrExprSeq *kw_defaults;
    KrArg *kwarg;
    KrExprSeq *defaults;
} Parameters;

// Items that are collected while another collection runs.
typedef struct {
    void *items_inline[16];
    void **items;
    int count, capacity;
} List;

static bool
list_add(KrParser *p, List *list, void *item)
{
    if (list->items == NULL) {
        list->items = list->items_inline;
        list->capacity = KR_ARRAY_LEN(list->items_inline);
    }
    if (list->count == list->capacity) {
        void **bigger =
            kr_arena_alloc(p->arena, (size_t)list->capacity * 2 * sizeof(void *));
        if (bigger == NULL) {
            kr_parser_no_memory(p);
            return false;
        }
        memcpy(bigger, list->items, (size_t)list->count * sizeof(void *));
        list->items = bigger;
        list->capacity *= 2;
    }
    list->items[list->count++] = item;
    return true;
}

static void *
list_finish(KrParser *p, List *list)
{
    if (list->count == 0) {
        return NULL;
    }
    KrExprSeq *seq = NODE(p, kr_expr_seq_new(p->arena, list->count));
    if (seq != NULL) {
        memcpy(seq->items, list->items, (size_t)list->count * sizeof(void *));
    }
    return seq;
}

// One parameter without its default. `star_annotation`: *args: *Ts.
static KrArg *
parse_parameter(KrParser *p, bool is_lambda, bool star_annotation)
{
    if (next_kind(p) != TOK_NAME) {
        return NULL;
    }
    KrSpan span = span_start(p);
    KrIdent *name = kr_parser_name(p, token(p));
    KrExpr *annotation = NULL;
    advance(p);
    if (name == NULL) {
        return NULL;
    }
    if (!is_lambda && accept(p, TOK_COLON)) {
        if (star_annotation && next_kind(p) == TOK_STAR) {
            annotation = kr_parse_star_named_expression(p);
        }
        else {
            annotation = kr_parse_expression(p);
        }
        if (annotation == NULL) {
            return NULL;
        }
    }
    return NODE(p, kr_arg_new(p->arena, span_end(p, span), name, annotation, NULL));
}

static bool
end_parameter(KrParser *p, const Parameters *params, KrArg *arg)
{
    // The comment may stand behind the comma or, after the last one, without it.
    bool comma = accept(p, TOK_COMMA);
    if (!params->is_lambda && next_kind(p) == TOK_TYPE_COMMENT) {
        KrIdent *comment = kr_parser_intern(p, token(p)->start, token(p)->length);
        if (arg != NULL) {
            arg->type_comment = comment;
        }
        advance(p);
    }
    return comma;
}

static bool
at_end(KrParser *p, const Parameters *params)
{
    KrTokenKind kind = next_kind(p);
    return kind == (params->is_lambda ? TOK_COLON : TOK_RPAR) || kind == TOK_ERRORTOKEN;
}

static bool
parse_plain(KrParser *p, Parameters *params, List *args, List *defaults, List *kw_args,
            List *kw_defaults, bool *comma)
{
    KrArg *arg = parse_parameter(p, params->is_lambda, false);
    KrExpr *value = NULL;
    if (arg == NULL) {
        return false;
    }
    if (accept(p, TOK_EQUAL)) {
        value = kr_parse_expression(p);
        if (value == NULL) {
            return false;
        }
    }
    *comma = end_parameter(p, params, arg);
    if (params->star) {
        return list_add(p, kw_args, arg) && list_add(p, kw_defaults, value);
    }
    if (value == NULL && defaults->count > 0) {
        return false;
    }
    return list_add(p, args, arg) && (value == NULL || list_add(p, defaults, value));
}

// After `*`: a name, or a comma and keyword-only names.
static bool
parse_star(KrParser *p, Parameters *params, bool *comma)
{
    advance(p);
    params->star = true;
    if (next_kind(p) == TOK_COMMA) {
        advance(p);
        *comma = true;
        params->bare_star = true;
        // At least one name must follow; ** does not count.
        return next_kind(p) == TOK_NAME;
    }
    params->vararg = parse_parameter(p, params->is_lambda, true);
    if (params->vararg == NULL) {
        return false;
    }
    *comma = end_parameter(p, params, params->vararg);
    return true;
}

static bool
parse_all(KrParser *p, Parameters *params, List *args, List *defaults, List *kw_args,
          List *kw_defaults)
{
    bool comma = true;
    while (comma && !at_end(p, params)) {
        switch (next_kind(p)) {
        case TOK_SLASH:
            if (params->slash || params->star || args->count == 0) {
                return false;
            }
            advance(p);
            params->slash = true;
            params->posonlyargs = list_finish(p, args);
            args->count = 0;
            comma = end_parameter(p, params, NULL);
            break;
        case TOK_STAR:
            if (params->star || !parse_star(p, params, &comma)) {
                return false;
            }
            break;
        case TOK_DOUBLESTAR:
            advance(p);
            params->kwarg = parse_parameter(p, params->is_lambda, false);
            if (params->kwarg == NULL) {
                return false;
            }
            end_parameter(p, params, params->kwarg);
            comma = false;
            break;
        default:
            if (!parse_plain(p, params, args, defaults, kw_args, kw_defaults, &comma)) {
                return false;
            }
        }
    }
    return !p->failed;
}

KrArguments *
kr_parse_parameters(KrParser *p, bool is_lambda)
{
    Parameters params = {.is_lambda = is_lambda};
    List args, defaults, kw_args, kw_defaults;
    args.items = defaults.items = kw_args.items = kw_defaults.items = NULL;
    args.count = defaults.count = kw_args.count = kw_defaults.count = 0;
    int start = p->pos;
    if (!parse_all(p, &params, &args, &defaults, &kw_args, &kw_defaults)) {
        if (p->diagnosing && !p->failed) {
            kr_diagnose_parameters(p, start, is_lambda);
        }
        return NULL;
    }
    params.args = list_finish(p, &args);
    params.defaults = list_finish(p, &defaults);
    params.kwonlyargs = list_finish(p, &kw_args);
    params.kw_defaults = list_finish(p, &kw_defaults);
    if (p->failed
        || (params.slash
            && !kr_parser_need_version(p, 8, "Positional-only parameters are"))) {
        return NULL;
    }
    return NODE(p, kr_arguments_new(p->arena, params.posonlyargs, params.args,
                                    params.vararg, params.kwonlyargs,
                                    params.kw_defaults, params.kwarg, params.defaults));
}

// ---- type parameters --------------------------------------------------------

static bool
parse_default(KrParser *p, bool starred, KrExpr **value_out)
{
    if (!accept(p, TOK_EQUAL)) {
        return true;
    }
    *value_out = starred && next_kind(p) == TOK_STAR ? kr_parse_star_named_expression(p)
                                                : kr_parse_expression(p);
    return *value_out != NULL
           && kr_parser_need_version(p, 13, "Type parameter defaults are");
}

static KrTypeParam *
parse_type_param(KrParser *p)
{
    KrSpan span = span_start(p);
    KrTokenKind kind = next_kind(p);
    KrExpr *bound = NULL, *value = NULL;
    if (kind == TOK_STAR || kind == TOK_DOUBLESTAR) {
        advance(p);
    }
    if (next_kind(p) != TOK_NAME) {
        return NULL;
    }
    KrIdent *name = kr_parser_name(p, token(p));
    advance(p);
    if (name == NULL) {
        return NULL;
    }
    int colon = p->pos;
    if (accept(p, TOK_COLON)) {
        bound = kr_parse_expression(p);
        if (bound == NULL) {
            return NULL;
        }
        if (kind != TOK_NAME) {
            if (p->diagnosing) {
                kr_raise_from(p, kr_token_span(p, colon),
                              kind == TOK_STAR
                                  ? bound->kind == KR_EXPR_Tuple
                                        ? "cannot use constraints with TypeVarTuple"
                                        : "cannot use bound with TypeVarTuple"
                              : bound->kind == KR_EXPR_Tuple
                                  ? "cannot use constraints with ParamSpec"
                                  : "cannot use bound with ParamSpec");
            }
            return NULL;
        }
    }
    if (!parse_default(p, kind == TOK_STAR, &value)) {
        return NULL;
    }
    span = span_end(p, span);
    switch (kind) {
    case TOK_STAR:
        return NODE(p, kr_typeparam_TypeVarTuple(p->arena, span, name, value));
    case TOK_DOUBLESTAR:
        return NODE(p, kr_typeparam_ParamSpec(p->arena, span, name, value));
    default:
        return NODE(p, kr_typeparam_TypeVar(p->arena, span, name, bound, value));
    }
}

// `[...]`, which must be at the next token.
KrTypeParamSeq *
kr_parse_type_params(KrParser *p)
{
    int base = p->scratch_count;
    advance(p);
    if (p->diagnosing && next_kind(p) == TOK_RSQB) {
        return kr_raise_from(p, kr_token_span(p, p->pos),
                             "Type parameter list cannot be empty");
    }
    do {
        KrTypeParam *param = next_kind(p) == TOK_RSQB && p->scratch_count > base
                                 ? NULL
                                 : parse_type_param(p);
        if (param == NULL) {
            if (next_kind(p) == TOK_RSQB && p->scratch_count > base && !p->failed) {
                break;
            }
            p->scratch_count = base;
            return NULL;
        }
        if (!push(p, param)) {
            return NULL;
        }
    } while (accept(p, TOK_COMMA));
    if (!accept(p, TOK_RSQB)
        || !kr_parser_need_version(p, 12, "Type parameter lists are")) {
        p->scratch_count = base;
        return NULL;
    }
    return POP_SEQ(p, base, KrTypeParamSeq);
}
