// SPDX-License-Identifier: MIT
// validate.c - refuses trees that no source text can produce.
//
// Trees of the parser are good by construction; those made by Python code are not.
#include "runtime/ast/ast_state.h"

// All functions return false with an exception set.
static bool check_expr(const KrExpr *e, KrExprContext ctx);
static bool check_stmts(const KrStmtSeq *seq);
static bool check_pattern(const KrPattern *pattern, bool star_ok);

static bool
bad_tree_value(const char *message)
{
    PyErr_SetString(PyExc_ValueError, message);
    return false;
}

static bool
bad_tree_type(const char *message)
{
    PyErr_SetString(PyExc_TypeError, message);
    return false;
}

// ---- small things -----------------------------------------------------------

static bool
check_span(const KrSpan *s)
{
    if (s->lineno > s->end_lineno) {
        PyErr_Format(PyExc_ValueError, "AST node line range (%d, %d) is not valid",
                     s->lineno, s->end_lineno);
        return false;
    }
    if ((s->lineno < 0 && s->end_lineno != s->lineno)
        || (s->col < 0 && s->col != s->end_col)) {
        PyErr_Format(PyExc_ValueError,
                     "AST node column range (%d, %d) for line range (%d, %d) is not "
                     "valid",
                     s->col, s->end_col, s->lineno, s->end_lineno);
        return false;
    }
    if (s->lineno == s->end_lineno && s->col > s->end_col) {
        PyErr_Format(PyExc_ValueError, "line %d, column %d-%d is not a valid range",
                     s->lineno, s->col, s->end_col);
        return false;
    }
    return true;
}

static bool
validate_name(const KrIdent *name)
{
    static const char *const forbidden[] = {"None", "True", "False"};
    for (int i = 0; i < KR_ARRAY_LEN(forbidden); i++) {
        if (name != NULL && strcmp(name->text, forbidden[i]) == 0) {
            PyErr_Format(PyExc_ValueError,
                         "identifier field can't represent '%s' constant", forbidden[i]);
            return false;
        }
    }
    return true;
}

static bool
check_not_empty(int count, const char *what, const char *owner)
{
    if (count > 0) {
        return true;
    }
    PyErr_Format(PyExc_ValueError, "empty %s on %s", what, owner);
    return false;
}

static bool
check_body(const KrStmtSeq *body, const char *owner)
{
    return check_not_empty(KR_SEQ_LEN(body), "body", owner) && check_stmts(body);
}

static const char *
context_name(KrExprContext ctx)
{
    return ctx == KR_LOAD ? "Load" : ctx == KR_STORE ? "Store" : "Del";
}

static bool
check_exprs(const KrExprSeq *seq, KrExprContext ctx, bool null_ok)
{
    for (int i = 0; i < KR_SEQ_LEN(seq); i++) {
        if (seq->items[i] == NULL) {
            if (!null_ok) {
                return bad_tree_value("None disallowed in expression list");
            }
        }
        else if (!check_expr(seq->items[i], ctx)) {
            return false;
        }
    }
    return true;
}

static bool
check_optional(const KrExpr *e)
{
    return e == NULL || check_expr(e, KR_LOAD);
}

static bool
check_targets(const KrExprSeq *targets, KrExprContext ctx, const char *owner)
{
    return check_not_empty(KR_SEQ_LEN(targets), "targets", owner)
           && check_exprs(targets, ctx, false);
}

// Types that may stand in a Constant; tuples and frozensets of them, too.
static bool
check_constant_object(PyObject *value)
{
    if (value == Py_None || value == Py_Ellipsis || PyLong_CheckExact(value)
        || PyFloat_CheckExact(value) || PyComplex_CheckExact(value)
        || PyBool_Check(value) || PyUnicode_CheckExact(value)
        || PyBytes_CheckExact(value)) {
        return true;
    }
    if (PyTuple_CheckExact(value) || PyFrozenSet_CheckExact(value)) {
        if (Py_EnterRecursiveCall(" during compilation")) {
            return false;
        }
        PyObject *iterator = PyObject_GetIter(value), *item;
        bool good = iterator != NULL;
        while (good && (item = PyIter_Next(iterator)) != NULL) {
            good = check_constant_object(item);
            Py_DECREF(item);
        }
        good = good && !PyErr_Occurred();
        Py_XDECREF(iterator);
        Py_LeaveRecursiveCall();
        return good;
    }
    PyErr_Format(PyExc_TypeError, "got an invalid type in Constant: %s",
                 _PyType_Name(Py_TYPE(value)));
    return false;
}

static bool
check_constant(const KrConst *value)
{
    return value->kind != KR_CONST_OBJECT || check_constant_object(value->object);
}

static bool
validate_keywords(const KrKeywordSeq *keywords)
{
    for (int i = 0; i < KR_SEQ_LEN(keywords); i++) {
        if (!check_expr(keywords->items[i]->value, KR_LOAD)) {
            return false;
        }
    }
    return true;
}

static bool
check_comprehension(const KrComprehensionSeq *clauses)
{
    if (KR_SEQ_LEN(clauses) == 0) {
        return bad_tree_value("comprehension with no generators");
    }
    for (int i = 0; i < clauses->count; i++) {
        const KrComprehension *c = clauses->items[i];
        if (!check_expr(c->target, KR_STORE) || !check_expr(c->iter, KR_LOAD)
            || !check_exprs(c->ifs, KR_LOAD, false)) {
            return false;
        }
    }
    return true;
}

// ---- arguments --------------------------------------------------------------

static bool
check_arg(const KrArg *arg)
{
    return arg == NULL || (check_span(&arg->span) && check_optional(arg->annotation));
}

static bool
check_arg_list(const KrArgSeq *args)
{
    for (int i = 0; i < KR_SEQ_LEN(args); i++) {
        if (!check_arg(args->items[i])) {
            return false;
        }
    }
    return true;
}

static bool
check_arguments(const KrArguments *a)
{
    if (!check_arg_list(a->posonlyargs) || !check_arg_list(a->args)
        || !check_arg(a->vararg) || !check_arg_list(a->kwonlyargs)
        || !check_arg(a->kwarg)) {
        return false;
    }
    if (KR_SEQ_LEN(a->defaults) > KR_SEQ_LEN(a->posonlyargs) + KR_SEQ_LEN(a->args)) {
        return bad_tree_value("more positional defaults than args on arguments");
    }
    if (KR_SEQ_LEN(a->kw_defaults) != KR_SEQ_LEN(a->kwonlyargs)) {
        return bad_tree_value(
            "length of kwonlyargs is not the same as kw_defaults on arguments");
    }
    return check_exprs(a->defaults, KR_LOAD, false)
           && check_exprs(a->kw_defaults, KR_LOAD, true);
}

static bool
check_type_params(const KrTypeParamSeq *params)
{
    for (int i = 0; i < KR_SEQ_LEN(params); i++) {
        const KrTypeParam *t = params->items[i];
        bool good = check_span(&t->span);
        switch (t->kind) {
        case KR_TYPE_PARAM_TypeVar:
            good = good && validate_name(t->v.TypeVar.name)
                   && check_optional(t->v.TypeVar.bound)
                   && check_optional(t->v.TypeVar.default_value);
            break;
        case KR_TYPE_PARAM_ParamSpec:
            good = good && validate_name(t->v.ParamSpec.name)
                   && check_optional(t->v.ParamSpec.default_value);
            break;
        case KR_TYPE_PARAM_TypeVarTuple:
            good = good && validate_name(t->v.TypeVarTuple.name)
                   && check_optional(t->v.TypeVarTuple.default_value);
            break;
        }
        if (!good) {
            return false;
        }
    }
    return true;
}

// ---- expressions ------------------------------------------------------------

// The context of those that have one, checked against what is wanted.
static bool
check_context(const KrExpr *e, KrExprContext wanted)
{
    KrExprContext actual;
    switch (e->kind) {
    case KR_EXPR_Attribute:
        actual = e->v.Attribute.ctx;
        break;
    case KR_EXPR_Subscript:
        actual = e->v.Subscript.ctx;
        break;
    case KR_EXPR_Starred:
        actual = e->v.Starred.ctx;
        break;
    case KR_EXPR_Name:
        if (!validate_name(e->v.Name.id)) {
            return false;
        }
        actual = e->v.Name.ctx;
        break;
    case KR_EXPR_List:
        actual = e->v.List.ctx;
        break;
    case KR_EXPR_Tuple:
        actual = e->v.Tuple.ctx;
        break;
    default:
        if (wanted != KR_LOAD) {
            PyErr_Format(PyExc_ValueError,
                         "expression which can't be assigned to in %s context",
                         context_name(wanted));
            return false;
        }
        return true;
    }
    if (actual != wanted) {
        PyErr_Format(PyExc_ValueError,
                     "expression must have %s context but has %s instead",
                     context_name(wanted), context_name(actual));
        return false;
    }
    return true;
}

static bool
validate_dict(const KrExpr *e)
{
    if (KR_SEQ_LEN(e->v.Dict.keys) != KR_SEQ_LEN(e->v.Dict.values)) {
        return bad_tree_value("Dict doesn't have the same number of keys as values");
    }
    return check_exprs(e->v.Dict.keys, KR_LOAD, true)
           && check_exprs(e->v.Dict.values, KR_LOAD, false);
}

static bool
check_compare(const KrExpr *e)
{
    if (KR_SEQ_LEN(e->v.Compare.comparators) == 0) {
        return bad_tree_value("Compare with no comparators");
    }
    if (KR_SEQ_LEN(e->v.Compare.comparators) != KR_SEQ_LEN(e->v.Compare.ops)) {
        return bad_tree_value(
            "Compare has a different number of comparators and operands");
    }
    return check_exprs(e->v.Compare.comparators, KR_LOAD, false)
           && check_expr(e->v.Compare.left, KR_LOAD);
}

static bool
check_expr_parts(const KrExpr *e, KrExprContext ctx)
{
    switch (e->kind) {
    case KR_EXPR_BoolOp:
        if (KR_SEQ_LEN(e->v.BoolOp.values) < 2) {
            return bad_tree_value("BoolOp with less than 2 values");
        }
        return check_exprs(e->v.BoolOp.values, KR_LOAD, false);
    case KR_EXPR_BinOp:
        return check_expr(e->v.BinOp.left, KR_LOAD)
               && check_expr(e->v.BinOp.right, KR_LOAD);
    case KR_EXPR_UnaryOp:
        return check_expr(e->v.UnaryOp.operand, KR_LOAD);
    case KR_EXPR_Lambda:
        return check_arguments(e->v.Lambda.args)
               && check_expr(e->v.Lambda.body, KR_LOAD);
    case KR_EXPR_IfExp:
        return check_expr(e->v.IfExp.test, KR_LOAD)
               && check_expr(e->v.IfExp.body, KR_LOAD)
               && check_expr(e->v.IfExp.orelse, KR_LOAD);
    case KR_EXPR_Dict:
        return validate_dict(e);
    case KR_EXPR_Set:
        return check_exprs(e->v.Set.elts, KR_LOAD, false);
    case KR_EXPR_ListComp:
        return check_comprehension(e->v.ListComp.generators)
               && check_expr(e->v.ListComp.elt, KR_LOAD);
    case KR_EXPR_SetComp:
        return check_comprehension(e->v.SetComp.generators)
               && check_expr(e->v.SetComp.elt, KR_LOAD);
    case KR_EXPR_GeneratorExp:
        return check_comprehension(e->v.GeneratorExp.generators)
               && check_expr(e->v.GeneratorExp.elt, KR_LOAD);
    case KR_EXPR_DictComp:
        return check_comprehension(e->v.DictComp.generators)
               && check_expr(e->v.DictComp.key, KR_LOAD)
               && check_expr(e->v.DictComp.value, KR_LOAD);
    case KR_EXPR_Yield:
        return check_optional(e->v.Yield.value);
    case KR_EXPR_YieldFrom:
        return check_expr(e->v.YieldFrom.value, KR_LOAD);
    case KR_EXPR_Await:
        return check_expr(e->v.Await.value, KR_LOAD);
    case KR_EXPR_Compare:
        return check_compare(e);
    case KR_EXPR_Call:
        return check_expr(e->v.Call.func, KR_LOAD)
               && check_exprs(e->v.Call.args, KR_LOAD, false)
               && validate_keywords(e->v.Call.keywords);
    case KR_EXPR_Constant:
        return check_constant(e->v.Constant.value);
    case KR_EXPR_JoinedStr:
        return check_exprs(e->v.JoinedStr.values, KR_LOAD, false);
    case KR_EXPR_TemplateStr:
        return check_exprs(e->v.TemplateStr.values, KR_LOAD, false);
    case KR_EXPR_FormattedValue:
        return check_expr(e->v.FormattedValue.value, KR_LOAD)
               && check_optional(e->v.FormattedValue.format_spec);
    case KR_EXPR_Interpolation:
        return check_constant(e->v.Interpolation.str)
               && check_expr(e->v.Interpolation.value, KR_LOAD)
               && check_optional(e->v.Interpolation.format_spec);
    case KR_EXPR_Attribute:
        return check_expr(e->v.Attribute.value, KR_LOAD);
    case KR_EXPR_Subscript:
        return check_expr(e->v.Subscript.slice, KR_LOAD)
               && check_expr(e->v.Subscript.value, KR_LOAD);
    case KR_EXPR_Starred:
        return check_expr(e->v.Starred.value, ctx);
    case KR_EXPR_Slice:
        return check_optional(e->v.Slice.lower) && check_optional(e->v.Slice.upper)
               && check_optional(e->v.Slice.step);
    case KR_EXPR_List:
        return check_exprs(e->v.List.elts, ctx, false);
    case KR_EXPR_Tuple:
        return check_exprs(e->v.Tuple.elts, ctx, false);
    case KR_EXPR_NamedExpr:
        if (e->v.NamedExpr.target->kind != KR_EXPR_Name) {
            return bad_tree_type("NamedExpr target must be a Name");
        }
        return check_expr(e->v.NamedExpr.value, KR_LOAD);
    case KR_EXPR_Name:
        return true;
    }
    PyErr_SetString(PyExc_SystemError, "unexpected expression");
    return false;
}

static bool
check_expr(const KrExpr *e, KrExprContext ctx)
{
    if (!check_span(&e->span)) {
        return false;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        return false;
    }
    bool good = check_context(e, ctx) && check_expr_parts(e, ctx);
    Py_LeaveRecursiveCall();
    return good;
}

// ---- patterns ---------------------------------------------------------------

static bool
check_capture(const KrIdent *name)
{
    if (strcmp(name->text, "_") == 0) {
        return bad_tree_value("can't capture name '_' in patterns");
    }
    return validate_name(name);
}

static bool
check_patterns(const KrPatternSeq *seq, bool star_ok)
{
    for (int i = 0; i < KR_SEQ_LEN(seq); i++) {
        if (seq->items[i] == NULL) {
            return bad_tree_value("None disallowed in pattern list");
        }
        if (!check_pattern(seq->items[i], star_ok)) {
            return false;
        }
    }
    return true;
}

static bool
is_number_object(const KrConst *value, bool imaginary)
{
    if (value->kind != KR_CONST_OBJECT) {
        return false;
    }
    return imaginary ? PyComplex_CheckExact(value->object)
                     : PyLong_CheckExact(value->object)
                           || PyFloat_CheckExact(value->object);
}

static bool
is_real(const KrExpr *e)
{
    if (e->kind == KR_EXPR_UnaryOp && e->v.UnaryOp.op == KR_USUB) {
        e = e->v.UnaryOp.operand;
    }
    return e->kind == KR_EXPR_Constant
           && (e->v.Constant.value->kind == KR_CONST_INT
               || e->v.Constant.value->kind == KR_CONST_FLOAT
               || is_number_object(e->v.Constant.value, false));
}

static bool
is_imaginary(const KrExpr *e)
{
    return e->kind == KR_EXPR_Constant
           && (e->v.Constant.value->kind == KR_CONST_COMPLEX
               || is_number_object(e->v.Constant.value, true));
}

static bool
check_pattern_constant(const KrConst *value)
{
    switch (value->kind) {
    case KR_CONST_INT:
    case KR_CONST_FLOAT:
    case KR_CONST_COMPLEX:
    case KR_CONST_STR:
    case KR_CONST_BYTES:
        return true;
    case KR_CONST_OBJECT:
        if (PyUnicode_CheckExact(value->object) || PyBytes_CheckExact(value->object)
            || PyLong_CheckExact(value->object) || PyFloat_CheckExact(value->object)
            || PyComplex_CheckExact(value->object)) {
            return true;
        }
        break;
    default:
        break;
    }
    return bad_tree_value("unexpected constant inside of a literal pattern");
}

static bool
is_dotted_name(const KrExpr *e)
{
    while (e->kind == KR_EXPR_Attribute) {
        e = e->v.Attribute.value;
    }
    return e->kind == KR_EXPR_Name;
}

static bool
check_pattern_value(const KrExpr *e)
{
    if (!check_expr(e, KR_LOAD)) {
        return false;
    }
    switch (e->kind) {
    case KR_EXPR_Constant:
        return check_pattern_constant(e->v.Constant.value);
    case KR_EXPR_Attribute:
        if (is_dotted_name(e)) {
            return true;
        }
        break;
    case KR_EXPR_UnaryOp:
        if (is_real(e) || (e->v.UnaryOp.op == KR_USUB
                           && is_imaginary(e->v.UnaryOp.operand))) {
            return true;
        }
        break;
    case KR_EXPR_BinOp:
        if ((e->v.BinOp.op == KR_ADD || e->v.BinOp.op == KR_SUB)
            && is_real(e->v.BinOp.left) && is_imaginary(e->v.BinOp.right)) {
            return true;
        }
        break;
    case KR_EXPR_JoinedStr:
    case KR_EXPR_TemplateStr:
        // The compiler has the better message.
        return true;
    default:
        break;
    }
    return bad_tree_value("patterns may only match literals and attribute lookups");
}

static bool
check_singleton(const KrConst *value)
{
    if (value->kind == KR_CONST_NONE || value->kind == KR_CONST_TRUE
        || value->kind == KR_CONST_FALSE) {
        return true;
    }
    return bad_tree_value("MatchSingleton can only contain True, False and None");
}

static bool
check_mapping(const KrPattern *pattern)
{
    const KrExprSeq *keys = pattern->v.MatchMapping.keys;
    if (KR_SEQ_LEN(keys) != KR_SEQ_LEN(pattern->v.MatchMapping.patterns)) {
        return bad_tree_value(
            "MatchMapping doesn't have the same number of keys as patterns");
    }
    if (pattern->v.MatchMapping.rest != NULL
        && !check_capture(pattern->v.MatchMapping.rest)) {
        return false;
    }
    for (int i = 0; i < KR_SEQ_LEN(keys); i++) {
        const KrExpr *key = keys->items[i];
        if (key == NULL) {
            return bad_tree_value("None disallowed in expression list");
        }
        bool singleton = key->kind == KR_EXPR_Constant
                         && (key->v.Constant.value->kind == KR_CONST_NONE
                             || key->v.Constant.value->kind == KR_CONST_TRUE
                             || key->v.Constant.value->kind == KR_CONST_FALSE);
        if (!singleton && !check_pattern_value(key)) {
            return false;
        }
    }
    return check_patterns(pattern->v.MatchMapping.patterns, false);
}

static bool
check_class(const KrPattern *pattern)
{
    const KrExpr *cls = pattern->v.MatchClass.cls;
    const KrIdentSeq *names = pattern->v.MatchClass.kwd_attrs;
    if (KR_SEQ_LEN(names) != KR_SEQ_LEN(pattern->v.MatchClass.kwd_patterns)) {
        return bad_tree_value("MatchClass doesn't have the same number of keyword "
                           "attributes as patterns");
    }
    if (!check_expr(cls, KR_LOAD)) {
        return false;
    }
    if (!is_dotted_name(cls)) {
        return bad_tree_value(
            "MatchClass cls field can only contain Name or Attribute nodes.");
    }
    for (int i = 0; i < KR_SEQ_LEN(names); i++) {
        if (!validate_name(names->items[i])) {
            return false;
        }
    }
    return check_patterns(pattern->v.MatchClass.patterns, false)
           && check_patterns(pattern->v.MatchClass.kwd_patterns, false);
}

static bool
check_as(const KrPattern *pattern)
{
    if (pattern->v.MatchAs.name != NULL && !check_capture(pattern->v.MatchAs.name)) {
        return false;
    }
    if (pattern->v.MatchAs.pattern == NULL) {
        return true;
    }
    if (pattern->v.MatchAs.name == NULL) {
        return bad_tree_value(
            "MatchAs must specify a target name if a pattern is given");
    }
    return check_pattern(pattern->v.MatchAs.pattern, false);
}

static bool
check_pattern_parts(const KrPattern *pattern, bool star_ok)
{
    switch (pattern->kind) {
    case KR_PATTERN_MatchValue:
        return check_pattern_value(pattern->v.MatchValue.value);
    case KR_PATTERN_MatchSingleton:
        return check_constant(pattern->v.MatchSingleton.value)
               && check_singleton(pattern->v.MatchSingleton.value);
    case KR_PATTERN_MatchSequence:
        return check_patterns(pattern->v.MatchSequence.patterns, true);
    case KR_PATTERN_MatchMapping:
        return check_mapping(pattern);
    case KR_PATTERN_MatchClass:
        return check_class(pattern);
    case KR_PATTERN_MatchStar:
        if (!star_ok) {
            return bad_tree_value("can't use MatchStar here");
        }
        return pattern->v.MatchStar.name == NULL
               || check_capture(pattern->v.MatchStar.name);
    case KR_PATTERN_MatchAs:
        return check_as(pattern);
    case KR_PATTERN_MatchOr:
        if (KR_SEQ_LEN(pattern->v.MatchOr.patterns) < 2) {
            return bad_tree_value("MatchOr requires at least 2 patterns");
        }
        return check_patterns(pattern->v.MatchOr.patterns, false);
    }
    PyErr_SetString(PyExc_SystemError, "unexpected pattern");
    return false;
}

static bool
check_pattern(const KrPattern *pattern, bool star_ok)
{
    if (!check_span(&pattern->span)) {
        return false;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        return false;
    }
    bool good = check_pattern_parts(pattern, star_ok);
    Py_LeaveRecursiveCall();
    return good;
}

// ---- statements -------------------------------------------------------------

static bool
check_function(const KrIdent *name, const KrArguments *args, const KrStmtSeq *body,
               const KrExprSeq *decorators, const KrExpr *returns,
               const KrTypeParamSeq *params, const char *owner)
{
    return validate_name(name) && check_body(body, owner) && check_type_params(params)
           && check_arguments(args) && check_exprs(decorators, KR_LOAD, false)
           && check_optional(returns);
}

static bool
check_for(const KrExpr *target, const KrExpr *iter, const KrStmtSeq *body,
          const KrStmtSeq *orelse, const char *owner)
{
    return check_expr(target, KR_STORE) && check_expr(iter, KR_LOAD)
           && check_body(body, owner) && check_stmts(orelse);
}

static bool
check_with(const KrWithItemSeq *items, const KrStmtSeq *body, const char *owner)
{
    if (!check_not_empty(KR_SEQ_LEN(items), "items", owner)) {
        return false;
    }
    for (int i = 0; i < items->count; i++) {
        const KrWithItem *item = items->items[i];
        if (!check_expr(item->context_expr, KR_LOAD)
            || (item->optional_vars != NULL
                && !check_expr(item->optional_vars, KR_STORE))) {
            return false;
        }
    }
    return check_body(body, owner);
}

// The names that an import binds: the one behind `as`, or a whole plain name.
static bool
check_bound_names(const KrAliasSeq *aliases)
{
    for (int i = 0; i < KR_SEQ_LEN(aliases); i++) {
        const KrAlias *alias = aliases->items[i];
        if (!validate_name(alias->asname != NULL ? alias->asname : alias->name)) {
            return false;
        }
    }
    return true;
}

static bool
check_try(const KrStmtSeq *body, const KrExceptHandlerSeq *handlers,
          const KrStmtSeq *orelse, const KrStmtSeq *finalbody, const char *owner)
{
    if (!check_body(body, owner)) {
        return false;
    }
    if (KR_SEQ_LEN(handlers) == 0 && KR_SEQ_LEN(finalbody) == 0) {
        PyErr_Format(PyExc_ValueError, "%s has neither except handlers nor finalbody",
                     owner);
        return false;
    }
    if (KR_SEQ_LEN(handlers) == 0 && KR_SEQ_LEN(orelse) > 0) {
        PyErr_Format(PyExc_ValueError, "%s has orelse but no except handlers", owner);
        return false;
    }
    for (int i = 0; i < KR_SEQ_LEN(handlers); i++) {
        const KrExceptHandler *handler = handlers->items[i];
        if (!check_span(&handler->span)
            || !check_optional(handler->v.ExceptHandler.type)
            || !validate_name(handler->v.ExceptHandler.name)
            || !check_body(handler->v.ExceptHandler.body, "ExceptHandler")) {
            return false;
        }
    }
    return check_stmts(finalbody) && check_stmts(orelse);
}

static bool
check_match(const KrStmt *s)
{
    const KrMatchCaseSeq *cases = s->v.Match.cases;
    if (!check_expr(s->v.Match.subject, KR_LOAD)
        || !check_not_empty(KR_SEQ_LEN(cases), "cases", "Match")) {
        return false;
    }
    for (int i = 0; i < cases->count; i++) {
        const KrMatchCase *item = cases->items[i];
        if (!check_pattern(item->pattern, false) || !check_optional(item->guard)
            || !check_body(item->body, "match_case")) {
            return false;
        }
    }
    return true;
}

static bool
check_annotated(const KrStmt *s)
{
    if (s->v.AnnAssign.target->kind != KR_EXPR_Name && s->v.AnnAssign.simple) {
        return bad_tree_type("AnnAssign with simple non-Name target");
    }
    return check_expr(s->v.AnnAssign.target, KR_STORE)
           && check_optional(s->v.AnnAssign.value)
           && check_expr(s->v.AnnAssign.annotation, KR_LOAD);
}

static bool
check_type_alias(const KrStmt *s)
{
    if (s->v.TypeAlias.name->kind != KR_EXPR_Name) {
        return bad_tree_type("TypeAlias with non-Name name");
    }
    return check_expr(s->v.TypeAlias.name, KR_STORE)
           && check_type_params(s->v.TypeAlias.type_params)
           && check_expr(s->v.TypeAlias.value, KR_LOAD);
}

static bool
check_simple_stmt(const KrStmt *s)
{
    switch (s->kind) {
    case KR_STMT_Return:
        return check_optional(s->v.Return.value);
    case KR_STMT_Delete:
        return check_targets(s->v.Delete.targets, KR_DEL, "Delete");
    case KR_STMT_Assign:
        return check_targets(s->v.Assign.targets, KR_STORE, "Assign")
               && check_expr(s->v.Assign.value, KR_LOAD);
    case KR_STMT_AugAssign:
        return check_expr(s->v.AugAssign.target, KR_STORE)
               && check_expr(s->v.AugAssign.value, KR_LOAD);
    case KR_STMT_AnnAssign:
        return check_annotated(s);
    case KR_STMT_TypeAlias:
        return check_type_alias(s);
    case KR_STMT_Raise:
        if (s->v.Raise.exc == NULL && s->v.Raise.cause != NULL) {
            return bad_tree_value("Raise with cause but no exception");
        }
        return check_optional(s->v.Raise.exc) && check_optional(s->v.Raise.cause);
    case KR_STMT_Assert:
        return check_expr(s->v.Assert.test, KR_LOAD) && check_optional(s->v.Assert.msg);
    case KR_STMT_Import:
        return check_not_empty(KR_SEQ_LEN(s->v.Import.names), "names", "Import")
               && check_bound_names(s->v.Import.names);
    case KR_STMT_ImportFrom:
        if (s->v.ImportFrom.level < 0) {
            return bad_tree_value("Negative ImportFrom level");
        }
        return check_not_empty(KR_SEQ_LEN(s->v.ImportFrom.names), "names", "ImportFrom")
               && check_bound_names(s->v.ImportFrom.names);
    case KR_STMT_Global:
        return check_not_empty(KR_SEQ_LEN(s->v.Global.names), "names", "Global");
    case KR_STMT_Nonlocal:
        return check_not_empty(KR_SEQ_LEN(s->v.Nonlocal.names), "names", "Nonlocal");
    case KR_STMT_Expr:
        return check_expr(s->v.Expr.value, KR_LOAD);
    default:
        return true;
    }
}

static bool
check_stmt_parts(const KrStmt *s)
{
    switch (s->kind) {
    case KR_STMT_FunctionDef:
        return check_function(s->v.FunctionDef.name, s->v.FunctionDef.args,
                              s->v.FunctionDef.body, s->v.FunctionDef.decorator_list,
                              s->v.FunctionDef.returns, s->v.FunctionDef.type_params,
                              "FunctionDef");
    case KR_STMT_AsyncFunctionDef:
        return check_function(
            s->v.AsyncFunctionDef.name, s->v.AsyncFunctionDef.args,
            s->v.AsyncFunctionDef.body, s->v.AsyncFunctionDef.decorator_list,
            s->v.AsyncFunctionDef.returns, s->v.AsyncFunctionDef.type_params,
            "AsyncFunctionDef");
    case KR_STMT_ClassDef:
        return validate_name(s->v.ClassDef.name)
               && check_body(s->v.ClassDef.body, "ClassDef")
               && check_type_params(s->v.ClassDef.type_params)
               && check_exprs(s->v.ClassDef.bases, KR_LOAD, false)
               && validate_keywords(s->v.ClassDef.keywords)
               && check_exprs(s->v.ClassDef.decorator_list, KR_LOAD, false);
    case KR_STMT_For:
        return check_for(s->v.For.target, s->v.For.iter, s->v.For.body, s->v.For.orelse,
                         "For");
    case KR_STMT_AsyncFor:
        return check_for(s->v.AsyncFor.target, s->v.AsyncFor.iter, s->v.AsyncFor.body,
                         s->v.AsyncFor.orelse, "AsyncFor");
    case KR_STMT_While:
        return check_expr(s->v.While.test, KR_LOAD)
               && check_body(s->v.While.body, "While")
               && check_stmts(s->v.While.orelse);
    case KR_STMT_If:
        return check_expr(s->v.If.test, KR_LOAD) && check_body(s->v.If.body, "If")
               && check_stmts(s->v.If.orelse);
    case KR_STMT_With:
        return check_with(s->v.With.items, s->v.With.body, "With");
    case KR_STMT_AsyncWith:
        return check_with(s->v.AsyncWith.items, s->v.AsyncWith.body, "AsyncWith");
    case KR_STMT_Match:
        return check_match(s);
    case KR_STMT_Try:
        return check_try(s->v.Try.body, s->v.Try.handlers, s->v.Try.orelse,
                         s->v.Try.finalbody, "Try");
    case KR_STMT_TryStar:
        return check_try(s->v.TryStar.body, s->v.TryStar.handlers, s->v.TryStar.orelse,
                         s->v.TryStar.finalbody, "TryStar");
    default:
        return check_simple_stmt(s);
    }
}

static bool
check_stmts(const KrStmtSeq *seq)
{
    for (int i = 0; i < KR_SEQ_LEN(seq); i++) {
        const KrStmt *s = seq->items[i];
        if (s == NULL) {
            return bad_tree_value("None disallowed in statement list");
        }
        if (!check_span(&s->span)) {
            return false;
        }
        if (Py_EnterRecursiveCall(" during compilation")) {
            return false;
        }
        bool good = check_stmt_parts(s);
        Py_LeaveRecursiveCall();
        if (!good) {
            return false;
        }
    }
    return true;
}

int
kr_ast_validate(KrMod *mod)
{
    bool good = false;
    switch (mod->kind) {
    case KR_MOD_Module:
        good = check_stmts(mod->v.Module.body);
        break;
    case KR_MOD_Interactive:
        good = check_stmts(mod->v.Interactive.body);
        break;
    case KR_MOD_Expression:
        good = check_expr(mod->v.Expression.body, KR_LOAD);
        break;
    case KR_MOD_FunctionType:
        good = check_exprs(mod->v.FunctionType.argtypes, KR_LOAD, false)
               && check_expr(mod->v.FunctionType.returns, KR_LOAD);
        break;
    }
    return good ? 0 : -1;
}
