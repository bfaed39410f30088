// SPDX-License-Identifier: MIT
// unparse.c - the source text of an expression, as annotations keep it under
// `from __future__ import annotations`.

#include "compile/compiler.h"

// How tightly an operator binds; an operand of lower value gets parentheses.
enum {
    PR_TUPLE,
    PR_TEST, // if-else, lambda
    PR_OR,
    PR_AND,
    PR_NOT,
    PR_CMP,
    PR_EXPR,
    PR_BOR = PR_EXPR,
    PR_BXOR,
    PR_BAND,
    PR_SHIFT,
    PR_ARITH,
    PR_TERM,
    PR_FACTOR,
    PR_POWER,
    PR_AWAIT,
    PR_ATOM,
};

typedef struct {
    KrCompiler *c;
    PyUnicodeWriter *out;
} Unparse;

static void put_expr(Unparse *u, const KrExpr *e, int level);

static void
put(Unparse *u, const char *text)
{
    if (!u->c->failed && PyUnicodeWriter_WriteUTF8(u->out, text, -1) < 0) {
        kr_compiler_fail(u->c);
    }
}

static void
put_object(Unparse *u, PyObject *text)
{
    if (!u->c->failed && text != NULL && PyUnicodeWriter_WriteStr(u->out, text) < 0) {
        kr_compiler_fail(u->c);
    }
}

static void
put_ident(Unparse *u, const KrIdent *ident)
{
    put_object(u, kr_compiler_name(u->c, ident));
}

static void
put_if(Unparse *u, bool condition, const char *text)
{
    if (condition) {
        put(u, text);
    }
}

static void
put_list(Unparse *u, const KrExprSeq *seq, int level)
{
    for (int i = 0; i < KR_SEQ_LEN(seq); i++) {
        put_if(u, i > 0, ", ");
        put_expr(u, seq->items[i], level);
    }
}

// repr() with infinities written so that they can be read again.
static void
put_const_object(Unparse *u, PyObject *value)
{
    if (u->c->failed || value == NULL) {
        return;
    }
    if (value == Py_Ellipsis) {
        put(u, "...");
        return;
    }
    if (PyTuple_CheckExact(value)) {
        Py_ssize_t size = PyTuple_GET_SIZE(value);
        put(u, "(");
        for (Py_ssize_t i = 0; i < size; i++) {
            put_if(u, i > 0, ", ");
            put_const_object(u, PyTuple_GET_ITEM(value, i));
        }
        put(u, size == 1 ? ",)" : ")");
        return;
    }
    PyObject *text = kr_compiler_keep(u->c, PyObject_Repr(value));
    if (text == NULL) {
        return;
    }
    bool infinite = (PyFloat_CheckExact(value) && isinf(PyFloat_AS_DOUBLE(value)))
                    || PyComplex_CheckExact(value);
    if (infinite) {
        PyObject *inf = kr_compiler_keep(u->c, PyUnicode_FromString("inf"));
        PyObject *big = kr_compiler_keep(u->c, PyUnicode_FromString("1e309"));
        if (inf == NULL || big == NULL) {
            return;
        }
        text = kr_compiler_keep(u->c, PyUnicode_Replace(text, inf, big, -1));
    }
    put_object(u, text);
}

static void
put_constant(Unparse *u, const KrExpr *e)
{
    if (e->v.Constant.kind != NULL) {
        put_ident(u, e->v.Constant.kind);
    }
    put_const_object(u, kr_compiler_const(u->c, e->v.Constant.value));
}

static void
put_bool_op(Unparse *u, const KrExpr *e, int level)
{
    bool is_and = e->v.BoolOp.op == KR_AND;
    int pr = is_and ? PR_AND : PR_OR;
    put_if(u, level > pr, "(");
    for (int i = 0; i < KR_SEQ_LEN(e->v.BoolOp.values); i++) {
        put_if(u, i > 0, is_and ? " and " : " or ");
        put_expr(u, e->v.BoolOp.values->items[i], pr + 1);
    }
    put_if(u, level > pr, ")");
}

static void
put_bin_op(Unparse *u, const KrExpr *e, int level)
{
    static const struct {
        const char *text;
        int pr;
        bool right; // associates to the right
    } table[] = {
        [KR_ADD] = {" + ", PR_ARITH},      [KR_SUB] = {" - ", PR_ARITH},
        [KR_MULT] = {" * ", PR_TERM},      [KR_MATMULT] = {" @ ", PR_TERM},
        [KR_DIV] = {" / ", PR_TERM},       [KR_MOD] = {" % ", PR_TERM},
        [KR_LSHIFT] = {" << ", PR_SHIFT},  [KR_RSHIFT] = {" >> ", PR_SHIFT},
        [KR_BITOR] = {" | ", PR_BOR},      [KR_BITXOR] = {" ^ ", PR_BXOR},
        [KR_BITAND] = {" & ", PR_BAND},    [KR_FLOORDIV] = {" // ", PR_TERM},
        [KR_POW] = {" ** ", PR_POWER, true},
    };
    int pr = table[e->v.BinOp.op].pr;
    bool right = table[e->v.BinOp.op].right;
    put_if(u, level > pr, "(");
    put_expr(u, e->v.BinOp.left, pr + right);
    put(u, table[e->v.BinOp.op].text);
    put_expr(u, e->v.BinOp.right, pr + !right);
    put_if(u, level > pr, ")");
}

static void
put_unary_op(Unparse *u, const KrExpr *e, int level)
{
    static const struct {
        const char *text;
        int pr;
    } table[] = {
        [KR_INVERT] = {"~", PR_FACTOR},
        [KR_NOT] = {"not ", PR_NOT},
        [KR_UADD] = {"+", PR_FACTOR},
        [KR_USUB] = {"-", PR_FACTOR},
    };
    int pr = table[e->v.UnaryOp.op].pr;
    put_if(u, level > pr, "(");
    put(u, table[e->v.UnaryOp.op].text);
    put_expr(u, e->v.UnaryOp.operand, pr);
    put_if(u, level > pr, ")");
}

static void
put_arg(Unparse *u, const KrArg *arg)
{
    put_ident(u, arg->arg);
    if (arg->annotation != NULL) {
        put(u, ": ");
        put_expr(u, arg->annotation, PR_TEST);
    }
}

static void
put_arguments(Unparse *u, const KrArguments *a)
{
    bool first = true;
    int positional = KR_SEQ_LEN(a->posonlyargs) + KR_SEQ_LEN(a->args);
    int with_default = positional - KR_SEQ_LEN(a->defaults);
    for (int i = 0; i < positional; i++) {
        put_if(u, !first, ", ");
        first = false;
        int only = KR_SEQ_LEN(a->posonlyargs);
        put_arg(u, i < only ? a->posonlyargs->items[i] : a->args->items[i - only]);
        if (i >= with_default) {
            put(u, "=");
            put_expr(u, a->defaults->items[i - with_default], PR_TEST);
        }
        put_if(u, only > 0 && i + 1 == only, ", /");
    }
    if (a->vararg != NULL || KR_SEQ_LEN(a->kwonlyargs) > 0) {
        put_if(u, !first, ", ");
        first = false;
        put(u, "*");
        if (a->vararg != NULL) {
            put_arg(u, a->vararg);
        }
    }
    for (int i = 0; i < KR_SEQ_LEN(a->kwonlyargs); i++) {
        put_if(u, !first, ", ");
        first = false;
        put_arg(u, a->kwonlyargs->items[i]);
        if (a->kw_defaults->items[i] != NULL) {
            put(u, "=");
            put_expr(u, a->kw_defaults->items[i], PR_TEST);
        }
    }
    if (a->kwarg != NULL) {
        put_if(u, !first, ", ");
        put(u, "**");
        put_arg(u, a->kwarg);
    }
}

static void
put_lambda(Unparse *u, const KrExpr *e, int level)
{
    const KrArguments *a = e->v.Lambda.args;
    put_if(u, level > PR_TEST, "(");
    bool any = KR_SEQ_LEN(a->posonlyargs) + KR_SEQ_LEN(a->args) > 0
               || a->vararg != NULL || KR_SEQ_LEN(a->kwonlyargs) > 0
               || a->kwarg != NULL;
    put(u, any ? "lambda " : "lambda");
    put_arguments(u, a);
    put(u, ": ");
    put_expr(u, e->v.Lambda.body, PR_TEST);
    put_if(u, level > PR_TEST, ")");
}

static void
put_if_exp(Unparse *u, const KrExpr *e, int level)
{
    put_if(u, level > PR_TEST, "(");
    put_expr(u, e->v.IfExp.body, PR_TEST + 1);
    put(u, " if ");
    put_expr(u, e->v.IfExp.test, PR_TEST + 1);
    put(u, " else ");
    put_expr(u, e->v.IfExp.orelse, PR_TEST);
    put_if(u, level > PR_TEST, ")");
}

static void
put_dict(Unparse *u, const KrExpr *e)
{
    put(u, "{");
    for (int i = 0; i < KR_SEQ_LEN(e->v.Dict.values); i++) {
        put_if(u, i > 0, ", ");
        if (e->v.Dict.keys->items[i] != NULL) {
            put_expr(u, e->v.Dict.keys->items[i], PR_TEST);
            put(u, ": ");
            put_expr(u, e->v.Dict.values->items[i], PR_TEST);
        }
        else {
            put(u, "**");
            put_expr(u, e->v.Dict.values->items[i], PR_EXPR);
        }
    }
    put(u, "}");
}

static void
put_generators(Unparse *u, const KrComprehensionSeq *seq)
{
    for (int i = 0; i < KR_SEQ_LEN(seq); i++) {
        const KrComprehension *generator = seq->items[i];
        put(u, generator->is_async ? " async for " : " for ");
        put_expr(u, generator->target, PR_TUPLE);
        put(u, " in ");
        put_expr(u, generator->iter, PR_TEST + 1);
        for (int j = 0; j < KR_SEQ_LEN(generator->ifs); j++) {
            put(u, " if ");
            put_expr(u, generator->ifs->items[j], PR_TEST + 1);
        }
    }
}

static void
put_comprehension(Unparse *u, const char *open, const KrExpr *elt, const KrExpr *value,
                  const KrComprehensionSeq *generators, const char *close)
{
    put(u, open);
    put_expr(u, elt, PR_TEST);
    if (value != NULL) {
        put(u, ": ");
        put_expr(u, value, PR_TEST);
    }
    put_generators(u, generators);
    put(u, close);
}

static void
put_compare(Unparse *u, const KrExpr *e, int level)
{
    static const char *const texts[] = {
        [KR_EQ] = " == ",   [KR_NOTEQ] = " != ",   [KR_LT] = " < ",
        [KR_LTE] = " <= ",  [KR_GT] = " > ",       [KR_GTE] = " >= ",
        [KR_IS] = " is ",   [KR_ISNOT] = " is not ", [KR_IN] = " in ",
        [KR_NOTIN] = " not in ",
    };
    put_if(u, level > PR_CMP, "(");
    put_expr(u, e->v.Compare.left, PR_CMP + 1);
    for (int i = 0; i < e->v.Compare.ops->count; i++) {
        put(u, texts[e->v.Compare.ops->items[i]]);
        put_expr(u, e->v.Compare.comparators->items[i], PR_CMP + 1);
    }
    put_if(u, level > PR_CMP, ")");
}

static void
put_call(Unparse *u, const KrExpr *e)
{
    const KrExprSeq *args = e->v.Call.args;
    const KrKeywordSeq *keywords = e->v.Call.keywords;
    put_expr(u, e->v.Call.func, PR_ATOM);
    if (KR_SEQ_LEN(args) == 1 && KR_SEQ_LEN(keywords) == 0
        && args->items[0]->kind == KR_EXPR_GeneratorExp) {
        put_expr(u, args->items[0], PR_TEST); // brings its own parentheses
        return;
    }
    put(u, "(");
    put_list(u, args, PR_TEST);
    bool first = KR_SEQ_LEN(args) == 0;
    for (int i = 0; i < KR_SEQ_LEN(keywords); i++) {
        put_if(u, !first, ", ");
        first = false;
        if (keywords->items[i]->arg == NULL) {
            put(u, "**");
        }
        else {
            put_ident(u, keywords->items[i]->arg);
            put(u, "=");
        }
        put_expr(u, keywords->items[i]->value, PR_TEST);
    }
    put(u, ")");
}

// --- f-strings: the inside is written first, then quoted as a whole ---------------------

static void put_string_part(Unparse *u, const KrExpr *e, bool in_spec);

static void
put_escaped_braces(Unparse *u, const KrExpr *e)
{
    PyObject *text = kr_compiler_const(u->c, e->v.Constant.value);
    static const char *const pairs[][2] = {{"{", "{{"}, {"}", "}}"}};
    for (int i = 0; i < 2 && text != NULL; i++) {
        PyObject *from = kr_compiler_keep(u->c, PyUnicode_FromString(pairs[i][0]));
        PyObject *to = kr_compiler_keep(u->c, PyUnicode_FromString(pairs[i][1]));
        if (from == NULL || to == NULL) {
            return;
        }
        text = kr_compiler_keep(u->c, PyUnicode_Replace(text, from, to, -1));
    }
    put_object(u, text);
}

static void
put_spec(Unparse *u, const KrExpr *spec)
{
    if (spec == NULL) {
        return;
    }
    put(u, ":");
    if (spec->kind == KR_EXPR_JoinedStr) {
        for (int i = 0; i < KR_SEQ_LEN(spec->v.JoinedStr.values); i++) {
            put_string_part(u, spec->v.JoinedStr.values->items[i], true);
        }
    }
    else {
        put_string_part(u, spec, true);
    }
}

static void
put_braced(Unparse *u, const KrExpr *value, PyObject *text, int conversion,
           const KrExpr *spec)
{
    Unparse inner = {u->c, PyUnicodeWriter_Create(0)};
    if (inner.out == NULL) {
        kr_compiler_fail(u->c);
        return;
    }
    if (text != NULL) {
        put_object(&inner, text);
    }
    else {
        put_expr(&inner, value, PR_TEST + 1);
    }
    if (u->c->failed) {
        PyUnicodeWriter_Discard(inner.out);
        return;
    }
    PyObject *source = kr_compiler_keep(u->c, PyUnicodeWriter_Finish(inner.out));
    if (source == NULL) {
        return;
    }
    // "{{" would be an escaped brace.
    bool brace = PyUnicode_GET_LENGTH(source) > 0 && PyUnicode_READ_CHAR(source, 0) == '{';
    put(u, brace ? "{ " : "{");
    put_object(u, source);
    if (conversion > 0) {
        char mark[3] = {'!', (char)conversion, 0};
        put(u, mark);
    }
    put_spec(u, spec);
    put(u, "}");
}

static void
put_string_part(Unparse *u, const KrExpr *e, bool in_spec)
{
    (void)in_spec;
    switch (e->kind) {
    case KR_EXPR_Constant:
        put_escaped_braces(u, e);
        break;
    case KR_EXPR_JoinedStr:
        for (int i = 0; i < KR_SEQ_LEN(e->v.JoinedStr.values); i++) {
            put_string_part(u, e->v.JoinedStr.values->items[i], in_spec);
        }
        break;
    case KR_EXPR_FormattedValue:
        put_braced(u, e->v.FormattedValue.value, NULL, e->v.FormattedValue.conversion,
                   e->v.FormattedValue.format_spec);
        break;
    case KR_EXPR_Interpolation:
        put_braced(u, e->v.Interpolation.value,
                   kr_compiler_const(u->c, e->v.Interpolation.str),
                   e->v.Interpolation.conversion, e->v.Interpolation.format_spec);
        break;
    default:
        PyErr_SetString(PyExc_SystemError,
                        "unknown expression kind inside f-string or t-string");
        kr_compiler_fail(u->c);
        break;
    }
}

static void
put_string(Unparse *u, const KrExprSeq *values, const char *prefix)
{
    Unparse inner = {u->c, PyUnicodeWriter_Create(0)};
    if (inner.out == NULL) {
        kr_compiler_fail(u->c);
        return;
    }
    for (int i = 0; i < KR_SEQ_LEN(values); i++) {
        put_string_part(&inner, values->items[i], false);
    }
    if (u->c->failed) {
        PyUnicodeWriter_Discard(inner.out);
        return;
    }
    PyObject *body = kr_compiler_keep(u->c, PyUnicodeWriter_Finish(inner.out));
    if (body != NULL) {
        put(u, prefix);
        put_object(u, kr_compiler_keep(u->c, PyObject_Repr(body)));
    }
}

// --- The rest --------------------------------------------------------------------------

static void
put_attribute(Unparse *u, const KrExpr *e)
{
    const KrExpr *value = e->v.Attribute.value;
    put_expr(u, value, PR_ATOM);
    // 1.real would be read as a float.
    bool is_int = value->kind == KR_EXPR_Constant
                  && (value->v.Constant.value->kind == KR_CONST_INT
                      || (value->v.Constant.value->kind == KR_CONST_OBJECT
                          && PyLong_CheckExact(value->v.Constant.value->object)));
    put(u, is_int ? " ." : ".");
    put_ident(u, e->v.Attribute.attr);
}

static void
put_slice(Unparse *u, const KrExpr *e)
{
    if (e->v.Slice.lower != NULL) {
        put_expr(u, e->v.Slice.lower, PR_TEST);
    }
    put(u, ":");
    if (e->v.Slice.upper != NULL) {
        put_expr(u, e->v.Slice.upper, PR_TEST);
    }
    if (e->v.Slice.step != NULL) {
        put(u, ":");
        put_expr(u, e->v.Slice.step, PR_TEST);
    }
}

static void
put_tuple(Unparse *u, const KrExpr *e, int level)
{
    int count = KR_SEQ_LEN(e->v.Tuple.elts);
    if (count == 0) {
        put(u, "()");
        return;
    }
    put_if(u, level > PR_TUPLE, "(");
    put_list(u, e->v.Tuple.elts, PR_TEST);
    put_if(u, count == 1, ",");
    put_if(u, level > PR_TUPLE, ")");
}

static void
put_yield(Unparse *u, const char *keyword, const KrExpr *value)
{
    put(u, "(");
    put(u, keyword);
    if (value != NULL) {
        put(u, " ");
        put_expr(u, value, PR_TEST);
    }
    put(u, ")");
}

static void
put_expr_kind(Unparse *u, const KrExpr *e, int level)
{
    switch (e->kind) {
    case KR_EXPR_NamedExpr:
        put_if(u, level > PR_TUPLE, "(");
        put_expr(u, e->v.NamedExpr.target, PR_ATOM);
        put(u, " := ");
        put_expr(u, e->v.NamedExpr.value, PR_ATOM);
        put_if(u, level > PR_TUPLE, ")");
        break;
    case KR_EXPR_BoolOp:
        put_bool_op(u, e, level);
        break;
    case KR_EXPR_BinOp:
        put_bin_op(u, e, level);
        break;
    case KR_EXPR_UnaryOp:
        put_unary_op(u, e, level);
        break;
    case KR_EXPR_Lambda:
        put_lambda(u, e, level);
        break;
    case KR_EXPR_IfExp:
        put_if_exp(u, e, level);
        break;
    case KR_EXPR_Dict:
        put_dict(u, e);
        break;
    case KR_EXPR_Set:
        put(u, "{");
        put_list(u, e->v.Set.elts, PR_TEST);
        put(u, "}");
        break;
    case KR_EXPR_GeneratorExp:
        put_comprehension(u, "(", e->v.GeneratorExp.elt, NULL,
                          e->v.GeneratorExp.generators, ")");
        break;
    case KR_EXPR_ListComp:
        put_comprehension(u, "[", e->v.ListComp.elt, NULL, e->v.ListComp.generators,
                          "]");
        break;
    case KR_EXPR_SetComp:
        put_comprehension(u, "{", e->v.SetComp.elt, NULL, e->v.SetComp.generators, "}");
        break;
    case KR_EXPR_DictComp:
        put_comprehension(u, "{", e->v.DictComp.key, e->v.DictComp.value,
                          e->v.DictComp.generators, "}");
        break;
    case KR_EXPR_Yield:
        put_yield(u, "yield", e->v.Yield.value);
        break;
    case KR_EXPR_YieldFrom:
        put_yield(u, "yield from", e->v.YieldFrom.value);
        break;
    case KR_EXPR_Await:
        put_if(u, level > PR_AWAIT, "(");
        put(u, "await ");
        put_expr(u, e->v.Await.value, PR_ATOM);
        put_if(u, level > PR_AWAIT, ")");
        break;
    case KR_EXPR_Compare:
        put_compare(u, e, level);
        break;
    case KR_EXPR_Call:
        put_call(u, e);
        break;
    case KR_EXPR_Constant:
        put_constant(u, e);
        break;
    case KR_EXPR_JoinedStr:
        put_string(u, e->v.JoinedStr.values, "f");
        break;
    case KR_EXPR_TemplateStr:
        put_string(u, e->v.TemplateStr.values, "t");
        break;
    case KR_EXPR_FormattedValue:
    case KR_EXPR_Interpolation:
        put_string_part(u, e, false);
        break;
    case KR_EXPR_Attribute:
        put_attribute(u, e);
        break;
    case KR_EXPR_Starred:
        put(u, "*");
        put_expr(u, e->v.Starred.value, PR_EXPR);
        break;
    case KR_EXPR_Name:
        put_ident(u, e->v.Name.id);
        break;
    case KR_EXPR_List:
        put(u, "[");
        put_list(u, e->v.List.elts, PR_TEST);
        put(u, "]");
        break;
    case KR_EXPR_Tuple:
        put_tuple(u, e, level);
        break;
    case KR_EXPR_Subscript:
        put_expr(u, e->v.Subscript.value, PR_ATOM);
        put(u, "[");
        put_expr(u, e->v.Subscript.slice, PR_TUPLE);
        put(u, "]");
        break;
    case KR_EXPR_Slice:
        put_slice(u, e);
        break;
    }
}

static void
put_expr(Unparse *u, const KrExpr *e, int level)
{
    if (kr_compiler_enter(u->c)) {
        put_expr_kind(u, e, level);
        kr_compiler_leave(u->c);
    }
}

PyObject *
kr_unparse_expr(KrCompiler *c, const KrExpr *e)
{
    Unparse u = {c, PyUnicodeWriter_Create(0)};
    if (u.out == NULL) {
        kr_compiler_fail(c);
        return NULL;
    }
    put_expr(&u, e, PR_TEST);
    if (c->failed) {
        PyUnicodeWriter_Discard(u.out);
        return NULL;
    }
    return PyUnicodeWriter_Finish(u.out);
}
