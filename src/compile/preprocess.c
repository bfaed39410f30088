// SPDX-License-Identifier: MIT
// preprocess.c - rewrites the tree before scopes are looked for.
//
// __debug__ becomes a constant, "..." % (tuple) becomes an f-string, constant expressions
// in patterns become literals, docstrings go at -OO. Jumps out of a finally block are
// reported. Nodes are replaced, not changed: their memory has the size of their kind.

#include "compile/compiler.h"

typedef struct {
    KrCompiler *c;
    bool patterns_only; // ast.parse() without optimisation: only patterns are folded
    bool in_finally;    // a jump here would swallow an exception
    bool in_function;   // return may be reported: the function began inside the finally
    bool in_loop;       // break may stay inside the finally
} Pre;

static void pre_expr(Pre *p, KrExpr **slot);
static void pre_stmts(Pre *p, KrStmtSeq *seq);

static void
pre_exprs(Pre *p, KrExprSeq *seq)
{
    for (int i = 0; i < KR_SEQ_LEN(seq) && !p->c->failed; i++) {
        if (seq->items[i] != NULL) {
            pre_expr(p, &seq->items[i]);
        }
    }
}

static void
pre_optional(Pre *p, KrExpr **slot)
{
    if (*slot != NULL) {
        pre_expr(p, slot);
    }
}

static KrExpr *
new_constant(Pre *p, KrSpan span, KrConst value)
{
    KrConst *node = kr_compiler_alloc(p->c, sizeof(*node));
    if (node == NULL) {
        return NULL;
    }
    *node = value;
    KrExpr *e = kr_expr_Constant(p->c->arena, span, node, NULL);
    if (e == NULL) {
        kr_compiler_no_memory(p->c);
    }
    return e;
}

static void
replace_with_object(Pre *p, KrExpr **slot, PyObject *object)
{
    if (object == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)
            && !PyErr_ExceptionMatches(PyExc_MemoryError)) {
            PyErr_Clear();
            return;
        }
        kr_compiler_fail(p->c);
        return;
    }
    // The tree must not outlive the compilation that made the object, except that
    // ast.parse() copies it first.
    object = kr_compiler_keep(p->c, object);
    KrExpr *e = new_constant(p, (*slot)->span,
                             (KrConst){.kind = KR_CONST_OBJECT, .object = object});
    if (e != NULL) {
        *slot = e;
    }
}

// --- "..." % (a, b) --------------------------------------------------------------------

#define MAX_FORMAT_DIGITS 2

typedef struct {
    const char *p;
    const char *end;
} Format;

// Pieces of the format have no place of their own.
static KrExpr *
text_constant(Pre *p, const char *text, size_t length)
{
    static const KrSpan nowhere = {-1, -1, -1, -1};
    char *copy = kr_arena_copy(p->c->arena, text, length);
    if (copy == NULL) {
        kr_compiler_no_memory(p->c);
        return NULL;
    }
    return new_constant(
        p, nowhere, (KrConst){.kind = KR_CONST_STR, .text = copy, .length = length});
}

// The literal text up to the next conversion, %% unescaped. NULL: nothing, or failed.
static KrExpr *
format_literal(Pre *p, Format *f)
{
    char *text = kr_compiler_alloc(p->c, (size_t)(f->end - f->p) + 1);
    size_t length = 0;
    if (text == NULL) {
        return NULL;
    }
    while (f->p < f->end) {
        if (*f->p == '%') {
            if (f->p + 1 < f->end && f->p[1] == '%') {
                f->p++;
            }
            else {
                break;
            }
        }
        text[length++] = *f->p++;
    }
    return length > 0 ? text_constant(p, text, length) : NULL;
}

static int
format_digits(Format *f, int *value_out)
{
    int digits = 0;
    *value_out = 0;
    while (f->p < f->end && *f->p >= '0' && *f->p <= '9') {
        if (digits >= MAX_FORMAT_DIGITS) {
            return -1;
        }
        *value_out = *value_out * 10 + (*f->p++ - '0');
        digits++;
    }
    return digits;
}

// One conversion with its argument. NULL: not one that can be translated.
static KrExpr *
format_argument(Pre *p, Format *f, KrExpr *argument)
{
    bool left = false;
    int width = -1, precision = -1, value;
    f->p++; // the percent sign
    for (; f->p < f->end; f->p++) {
        char ch = *f->p;
        if (ch == '-') {
            left = true;
        }
        else if (ch != '+' && ch != ' ' && ch != '#' && ch != '0') {
            break; // those four mean nothing to texts
        }
    }
    int digits = format_digits(f, &value);
    if (digits < 0) {
        return NULL;
    }
    if (digits > 0) {
        width = value;
    }
    if (f->p < f->end && *f->p == '.') {
        f->p++;
        if (format_digits(f, &value) < 0) {
            return NULL;
        }
        precision = value;
    }
    if (f->p >= f->end) {
        return NULL;
    }
    char conversion = *f->p++;
    if (conversion != 's' && conversion != 'r' && conversion != 'a') {
        return NULL;
    }
    char spec[2 + 4 + 1 + 4 + 1];
    int length = 0;
    if (!left && width > 0) {
        spec[length++] = '>';
    }
    if (width >= 0) {
        length += snprintf(spec + length, sizeof(spec) - (size_t)length, "%d", width);
    }
    if (precision >= 0) {
        length +=
            snprintf(spec + length, sizeof(spec) - (size_t)length, ".%d", precision);
    }
    KrExpr *format_spec = NULL;
    if (length > 0) {
        format_spec = text_constant(p, spec, (size_t)length);
        if (format_spec == NULL) {
            return NULL;
        }
    }
    KrExpr *e = kr_expr_FormattedValue(p->c->arena, argument->span, argument, conversion,
                                       format_spec);
    if (e == NULL) {
        kr_compiler_no_memory(p->c);
    }
    return e;
}

static void
fold_format(Pre *p, KrExpr **slot)
{
    KrExpr *e = *slot;
    const KrExpr *left = e->v.BinOp.left;
    KrExpr *right = e->v.BinOp.right;
    if (e->v.BinOp.op != KR_MOD || left->kind != KR_EXPR_Constant
        || left->v.Constant.value->kind != KR_CONST_STR || right->kind != KR_EXPR_Tuple) {
        return;
    }
    const KrExprSeq *args = right->v.Tuple.elts;
    int count = KR_SEQ_LEN(args);
    for (int i = 0; i < count; i++) {
        if (args->items[i]->kind == KR_EXPR_Starred) {
            return;
        }
    }
    const KrConst *text = left->v.Constant.value;
    Format f = {text->text, text->text + text->length};
    KrExprSeq *parts = kr_expr_seq_new(p->c->arena, 2 * count + 1);
    if (parts == NULL) {
        kr_compiler_no_memory(p->c);
        return;
    }
    int used = 0, taken = 0;
    for (;;) {
        KrExpr *literal = format_literal(p, &f);
        if (p->c->failed) {
            return;
        }
        if (literal != NULL) {
            parts->items[used++] = literal;
        }
        if (f.p >= f.end) {
            break;
        }
        if (taken >= count) {
            return; // too few arguments: let it fail when it runs
        }
        KrExpr *value = format_argument(p, &f, args->items[taken]);
        if (value == NULL) {
            return;
        }
        parts->items[used++] = value;
        taken++;
    }
    if (taken < count) {
        return;
    }
    parts->count = used;
    KrExpr *joined = kr_expr_JoinedStr(p->c->arena, e->span, parts);
    if (joined == NULL) {
        kr_compiler_no_memory(p->c);
        return;
    }
    *slot = joined;
}

// --- Expressions -----------------------------------------------------------------------

static void
pre_arg(Pre *p, KrArg *arg)
{
    if (arg != NULL && arg->annotation != NULL
        && !(p->c->flags & CO_FUTURE_ANNOTATIONS)) {
        pre_expr(p, &arg->annotation);
    }
}

static void
pre_args(Pre *p, KrArgSeq *seq)
{
    for (int i = 0; i < KR_SEQ_LEN(seq); i++) {
        pre_arg(p, seq->items[i]);
    }
}

static void
pre_arguments(Pre *p, KrArguments *a)
{
    pre_args(p, a->posonlyargs);
    pre_args(p, a->args);
    pre_arg(p, a->vararg);
    pre_args(p, a->kwonlyargs);
    pre_exprs(p, a->kw_defaults);
    pre_arg(p, a->kwarg);
    pre_exprs(p, a->defaults);
}

static void
pre_comprehensions(Pre *p, KrComprehensionSeq *seq)
{
    for (int i = 0; i < KR_SEQ_LEN(seq) && !p->c->failed; i++) {
        pre_expr(p, &seq->items[i]->target);
        pre_expr(p, &seq->items[i]->iter);
        pre_exprs(p, seq->items[i]->ifs);
    }
}

static void
pre_name(Pre *p, KrExpr **slot)
{
    KrExpr *e = *slot;
    if (p->patterns_only || e->v.Name.ctx != KR_LOAD
        || strcmp(e->v.Name.id->text, "__debug__") != 0) {
        return;
    }
    KrConstKind kind = p->c->optimize == 0 ? KR_CONST_TRUE : KR_CONST_FALSE;
    KrExpr *constant = new_constant(p, e->span, (KrConst){.kind = kind});
    if (constant != NULL) {
        *slot = constant;
    }
}

static void
pre_keywords(Pre *p, KrKeywordSeq *seq)
{
    for (int i = 0; i < KR_SEQ_LEN(seq); i++) {
        pre_expr(p, &seq->items[i]->value);
    }
}

static void
pre_expr_kind(Pre *p, KrExpr **slot)
{
    KrExpr *e = *slot;
    switch (e->kind) {
    case KR_EXPR_NamedExpr:
        pre_expr(p, &e->v.NamedExpr.value);
        break;
    case KR_EXPR_BoolOp:
        pre_exprs(p, e->v.BoolOp.values);
        break;
    case KR_EXPR_BinOp:
        pre_expr(p, &e->v.BinOp.left);
        pre_expr(p, &e->v.BinOp.right);
        if (!p->patterns_only && !p->c->failed) {
            fold_format(p, slot);
        }
        break;
    case KR_EXPR_UnaryOp:
        pre_expr(p, &e->v.UnaryOp.operand);
        break;
    case KR_EXPR_Lambda:
        pre_arguments(p, e->v.Lambda.args);
        pre_expr(p, &e->v.Lambda.body);
        break;
    case KR_EXPR_IfExp:
        pre_expr(p, &e->v.IfExp.test);
        pre_expr(p, &e->v.IfExp.body);
        pre_expr(p, &e->v.IfExp.orelse);
        break;
    case KR_EXPR_Dict:
        pre_exprs(p, e->v.Dict.keys);
        pre_exprs(p, e->v.Dict.values);
        break;
    case KR_EXPR_Set:
        pre_exprs(p, e->v.Set.elts);
        break;
    case KR_EXPR_ListComp:
        pre_expr(p, &e->v.ListComp.elt);
        pre_comprehensions(p, e->v.ListComp.generators);
        break;
    case KR_EXPR_SetComp:
        pre_expr(p, &e->v.SetComp.elt);
        pre_comprehensions(p, e->v.SetComp.generators);
        break;
    case KR_EXPR_DictComp:
        pre_expr(p, &e->v.DictComp.key);
        pre_expr(p, &e->v.DictComp.value);
        pre_comprehensions(p, e->v.DictComp.generators);
        break;
    case KR_EXPR_GeneratorExp:
        pre_expr(p, &e->v.GeneratorExp.elt);
        pre_comprehensions(p, e->v.GeneratorExp.generators);
        break;
    case KR_EXPR_Await:
        pre_expr(p, &e->v.Await.value);
        break;
    case KR_EXPR_Yield:
        pre_optional(p, &e->v.Yield.value);
        break;
    case KR_EXPR_YieldFrom:
        pre_expr(p, &e->v.YieldFrom.value);
        break;
    case KR_EXPR_Compare:
        pre_expr(p, &e->v.Compare.left);
        pre_exprs(p, e->v.Compare.comparators);
        break;
    case KR_EXPR_Call:
        pre_expr(p, &e->v.Call.func);
        pre_exprs(p, e->v.Call.args);
        pre_keywords(p, e->v.Call.keywords);
        break;
    case KR_EXPR_FormattedValue:
        pre_expr(p, &e->v.FormattedValue.value);
        pre_optional(p, &e->v.FormattedValue.format_spec);
        break;
    case KR_EXPR_Interpolation:
        pre_expr(p, &e->v.Interpolation.value);
        pre_optional(p, &e->v.Interpolation.format_spec);
        break;
    case KR_EXPR_JoinedStr:
        pre_exprs(p, e->v.JoinedStr.values);
        break;
    case KR_EXPR_TemplateStr:
        pre_exprs(p, e->v.TemplateStr.values);
        break;
    case KR_EXPR_Attribute:
        pre_expr(p, &e->v.Attribute.value);
        break;
    case KR_EXPR_Subscript:
        pre_expr(p, &e->v.Subscript.value);
        pre_expr(p, &e->v.Subscript.slice);
        break;
    case KR_EXPR_Starred:
        pre_expr(p, &e->v.Starred.value);
        break;
    case KR_EXPR_Slice:
        pre_optional(p, &e->v.Slice.lower);
        pre_optional(p, &e->v.Slice.upper);
        pre_optional(p, &e->v.Slice.step);
        break;
    case KR_EXPR_List:
        pre_exprs(p, e->v.List.elts);
        break;
    case KR_EXPR_Tuple:
        pre_exprs(p, e->v.Tuple.elts);
        break;
    case KR_EXPR_Name:
        pre_name(p, slot);
        break;
    case KR_EXPR_Constant:
        break;
    }
}

static void
pre_expr(Pre *p, KrExpr **slot)
{
    if (kr_compiler_enter(p->c)) {
        pre_expr_kind(p, slot);
        kr_compiler_leave(p->c);
    }
}

// --- Patterns --------------------------------------------------------------------------

static void
fold_pattern_unary(Pre *p, KrExpr **slot)
{
    KrExpr *e = *slot;
    if (e->kind == KR_EXPR_UnaryOp && e->v.UnaryOp.op == KR_USUB
        && e->v.UnaryOp.operand->kind == KR_EXPR_Constant) {
        PyObject *value =
            kr_compiler_const(p->c, e->v.UnaryOp.operand->v.Constant.value);
        if (value != NULL) {
            replace_with_object(p, slot, PyNumber_Negative(value));
        }
    }
}

static void
fold_pattern_value(Pre *p, KrExpr **slot)
{
    KrExpr *e = *slot;
    if (e->kind == KR_EXPR_UnaryOp) {
        fold_pattern_unary(p, slot);
        return;
    }
    if (e->kind != KR_EXPR_BinOp
        || (e->v.BinOp.op != KR_ADD && e->v.BinOp.op != KR_SUB)) {
        return;
    }
    fold_pattern_unary(p, &e->v.BinOp.left);
    const KrExpr *left = e->v.BinOp.left, *right = e->v.BinOp.right;
    if (p->c->failed || left->kind != KR_EXPR_Constant
        || right->kind != KR_EXPR_Constant) {
        return;
    }
    PyObject *a = kr_compiler_const(p->c, left->v.Constant.value);
    PyObject *b = kr_compiler_const(p->c, right->v.Constant.value);
    if (a != NULL && b != NULL) {
        replace_with_object(p, slot,
                            e->v.BinOp.op == KR_ADD ? PyNumber_Add(a, b)
                                                    : PyNumber_Subtract(a, b));
    }
}

static void
pre_pattern(Pre *p, KrPattern *pattern)
{
    if (pattern == NULL || !kr_compiler_enter(p->c)) {
        return;
    }
    const KrPatternSeq *inner = NULL;
    switch (pattern->kind) {
    case KR_PATTERN_MatchValue:
        fold_pattern_value(p, &pattern->v.MatchValue.value);
        break;
    case KR_PATTERN_MatchSequence:
        inner = pattern->v.MatchSequence.patterns;
        break;
    case KR_PATTERN_MatchMapping:
        for (int i = 0; i < KR_SEQ_LEN(pattern->v.MatchMapping.keys); i++) {
            if (pattern->v.MatchMapping.keys->items[i] != NULL) {
                fold_pattern_value(p, &pattern->v.MatchMapping.keys->items[i]);
            }
        }
        inner = pattern->v.MatchMapping.patterns;
        break;
    case KR_PATTERN_MatchClass:
        pre_expr(p, &pattern->v.MatchClass.cls);
        for (int i = 0; i < KR_SEQ_LEN(pattern->v.MatchClass.patterns); i++) {
            pre_pattern(p, pattern->v.MatchClass.patterns->items[i]);
        }
        inner = pattern->v.MatchClass.kwd_patterns;
        break;
    case KR_PATTERN_MatchAs:
        pre_pattern(p, pattern->v.MatchAs.pattern);
        break;
    case KR_PATTERN_MatchOr:
        inner = pattern->v.MatchOr.patterns;
        break;
    default:
        break;
    }
    for (int i = 0; i < KR_SEQ_LEN(inner); i++) {
        pre_pattern(p, inner->items[i]);
    }
    kr_compiler_leave(p->c);
}

// --- Statements ------------------------------------------------------------------------

// A body that starts with a docstring, which -OO takes away.
static KrStmtSeq *
pre_body(Pre *p, KrStmtSeq *body)
{
    if (!p->patterns_only && p->c->optimize >= 2 && kr_docstring(body) != NULL) {
        if (body->count > 1) {
            memmove(&body->items[0], &body->items[1],
                    (size_t)(body->count - 1) * sizeof(body->items[0]));
            body->count--;
        }
        else {
            // The statement keeps its place as `pass`.
            KrSpan span = body->items[0]->span;
            span.end_lineno = span.lineno;
            span.end_col = span.col + 4;
            KrStmt *pass = kr_stmt_Pass(p->c->arena, span);
            if (pass == NULL) {
                kr_compiler_no_memory(p->c);
                return body;
            }
            body->items[0] = pass;
        }
        // What follows must not become the docstring.
        if (kr_docstring(body) != NULL) {
            KrExpr **slot = &body->items[0]->v.Expr.value;
            KrExprSeq *parts = kr_expr_seq_new(p->c->arena, 1);
            if (parts == NULL) {
                kr_compiler_no_memory(p->c);
                return body;
            }
            parts->items[0] = *slot;
            KrExpr *joined = kr_expr_JoinedStr(p->c->arena, (*slot)->span, parts);
            if (joined != NULL) {
                *slot = joined;
            }
        }
    }
    pre_stmts(p, body);
    return body;
}

static void
warn_finally_jump(Pre *p, const char *what, const KrStmt *s)
{
    kr_compiler_warn(p->c, KR_LOC(s), "'%s' in a 'finally' block", what);
}

static void
pre_type_params(Pre *p, KrTypeParamSeq *seq)
{
    for (int i = 0; i < KR_SEQ_LEN(seq); i++) {
        KrTypeParam *param = seq->items[i];
        switch (param->kind) {
        case KR_TYPE_PARAM_TypeVar:
            pre_optional(p, &param->v.TypeVar.bound);
            pre_optional(p, &param->v.TypeVar.default_value);
            break;
        case KR_TYPE_PARAM_ParamSpec:
            pre_optional(p, &param->v.ParamSpec.default_value);
            break;
        case KR_TYPE_PARAM_TypeVarTuple:
            pre_optional(p, &param->v.TypeVarTuple.default_value);
            break;
        }
    }
}

static void
pre_function(Pre *p, KrStmt *s)
{
    pre_type_params(p, s->v.FunctionDef.type_params);
    pre_arguments(p, s->v.FunctionDef.args);
    Pre inner = *p;
    inner.in_function = true;
    inner.in_finally = inner.in_loop = false;
    s->v.FunctionDef.body = pre_body(&inner, s->v.FunctionDef.body);
    pre_exprs(p, s->v.FunctionDef.decorator_list);
    if (!(p->c->flags & CO_FUTURE_ANNOTATIONS)) {
        pre_optional(p, &s->v.FunctionDef.returns);
    }
}

static void
pre_class(Pre *p, KrStmt *s)
{
    pre_type_params(p, s->v.ClassDef.type_params);
    pre_exprs(p, s->v.ClassDef.bases);
    pre_keywords(p, s->v.ClassDef.keywords);
    Pre inner = *p;
    inner.in_finally = inner.in_loop = inner.in_function = false;
    s->v.ClassDef.body = pre_body(&inner, s->v.ClassDef.body);
    pre_exprs(p, s->v.ClassDef.decorator_list);
}

static void
pre_loop_body(Pre *p, KrStmtSeq *body)
{
    Pre inner = *p;
    inner.in_loop = true;
    pre_stmts(&inner, body);
}

static void
pre_try(Pre *p, KrStmt *s)
{
    pre_stmts(p, s->v.Try.body);
    for (int i = 0; i < KR_SEQ_LEN(s->v.Try.handlers) && !p->c->failed; i++) {
        KrExceptHandler *handler = s->v.Try.handlers->items[i];
        pre_optional(p, &handler->v.ExceptHandler.type);
        pre_stmts(p, handler->v.ExceptHandler.body);
    }
    pre_stmts(p, s->v.Try.orelse);
    Pre inner = *p;
    inner.in_finally = true;
    inner.in_function = inner.in_loop = false;
    pre_stmts(&inner, s->v.Try.finalbody);
}

static void
pre_with(Pre *p, KrStmt *s)
{
    for (int i = 0; i < KR_SEQ_LEN(s->v.With.items); i++) {
        pre_expr(p, &s->v.With.items->items[i]->context_expr);
        pre_optional(p, &s->v.With.items->items[i]->optional_vars);
    }
    pre_stmts(p, s->v.With.body);
}

static void
pre_match(Pre *p, KrStmt *s)
{
    pre_expr(p, &s->v.Match.subject);
    for (int i = 0; i < KR_SEQ_LEN(s->v.Match.cases) && !p->c->failed; i++) {
        KrMatchCase *match_case = s->v.Match.cases->items[i];
        pre_pattern(p, match_case->pattern);
        pre_optional(p, &match_case->guard);
        pre_stmts(p, match_case->body);
    }
}

static void
pre_stmt_kind(Pre *p, KrStmt *s)
{
    switch (s->kind) {
    case KR_STMT_FunctionDef:
    case KR_STMT_AsyncFunctionDef:
        pre_function(p, s);
        break;
    case KR_STMT_ClassDef:
        pre_class(p, s);
        break;
    case KR_STMT_Return:
        if (p->in_finally && !p->in_function) {
            warn_finally_jump(p, "return", s);
        }
        pre_optional(p, &s->v.Return.value);
        break;
    case KR_STMT_Delete:
        pre_exprs(p, s->v.Delete.targets);
        break;
    case KR_STMT_Assign:
        pre_exprs(p, s->v.Assign.targets);
        pre_expr(p, &s->v.Assign.value);
        break;
    case KR_STMT_AugAssign:
        pre_expr(p, &s->v.AugAssign.target);
        pre_expr(p, &s->v.AugAssign.value);
        break;
    case KR_STMT_AnnAssign:
        pre_expr(p, &s->v.AnnAssign.target);
        if (!(p->c->flags & CO_FUTURE_ANNOTATIONS)) {
            pre_expr(p, &s->v.AnnAssign.annotation);
        }
        pre_optional(p, &s->v.AnnAssign.value);
        break;
    case KR_STMT_TypeAlias:
        pre_expr(p, &s->v.TypeAlias.name);
        pre_type_params(p, s->v.TypeAlias.type_params);
        pre_expr(p, &s->v.TypeAlias.value);
        break;
    case KR_STMT_For:
    case KR_STMT_AsyncFor:
        pre_expr(p, &s->v.For.target);
        pre_expr(p, &s->v.For.iter);
        pre_loop_body(p, s->v.For.body);
        pre_stmts(p, s->v.For.orelse);
        break;
    case KR_STMT_While:
        pre_expr(p, &s->v.While.test);
        pre_loop_body(p, s->v.While.body);
        pre_stmts(p, s->v.While.orelse);
        break;
    case KR_STMT_If:
        pre_expr(p, &s->v.If.test);
        pre_stmts(p, s->v.If.body);
        pre_stmts(p, s->v.If.orelse);
        break;
    case KR_STMT_With:
    case KR_STMT_AsyncWith:
        pre_with(p, s);
        break;
    case KR_STMT_Match:
        pre_match(p, s);
        break;
    case KR_STMT_Raise:
        pre_optional(p, &s->v.Raise.exc);
        pre_optional(p, &s->v.Raise.cause);
        break;
    case KR_STMT_Try:
    case KR_STMT_TryStar:
        pre_try(p, s);
        break;
    case KR_STMT_Assert:
        pre_expr(p, &s->v.Assert.test);
        pre_optional(p, &s->v.Assert.msg);
        break;
    case KR_STMT_Expr:
        pre_expr(p, &s->v.Expr.value);
        break;
    case KR_STMT_Break:
        if (p->in_finally && !p->in_loop) {
            warn_finally_jump(p, "break", s);
        }
        break;
    case KR_STMT_Continue:
        if (p->in_finally && !p->in_loop) {
            warn_finally_jump(p, "continue", s);
        }
        break;
    default:
        break;
    }
}

static void
pre_stmts(Pre *p, KrStmtSeq *seq)
{
    for (int i = 0; i < KR_SEQ_LEN(seq); i++) {
        if (!kr_compiler_enter(p->c)) {
            return;
        }
        pre_stmt_kind(p, seq->items[i]);
        kr_compiler_leave(p->c);
    }
}

void
kr_preprocess(KrCompiler *c, KrMod *mod, bool fold_patterns_only)
{
    Pre p = {.c = c, .patterns_only = fold_patterns_only};
    if (c->failed) {
        return;
    }
    switch (mod->kind) {
    case KR_MOD_Module:
        mod->v.Module.body = pre_body(&p, mod->v.Module.body);
        break;
    case KR_MOD_Interactive:
        pre_stmts(&p, mod->v.Interactive.body);
        break;
    case KR_MOD_Expression:
        pre_expr(&p, &mod->v.Expression.body);
        break;
    default:
        break;
    }
}
