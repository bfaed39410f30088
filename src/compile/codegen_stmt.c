// SPDX-License-Identifier: MIT
// codegen_stmt.c - simple statements, imports, bodies and modules.

#include "compile/codegen.h"

#include "compile/docstring.h"
#include "objects/ids.h"

void
kr_codegen_stmts(KrCompiler *c, const KrStmtSeq *seq)
{
    for (int i = 0; i < KR_SEQ_LEN(seq) && !c->failed; i++) {
        kr_codegen_stmt(c, seq->items[i]);
    }
}

void
kr_codegen_stmts_again(KrCompiler *c, const KrStmtSeq *seq)
{
    c->quiet++;
    kr_codegen_stmts(c, seq);
    c->quiet--;
}

static void
codegen_assign(KrCompiler *c, KrStmt *s)
{
    const KrExprSeq *targets = s->v.Assign.targets;
    kr_codegen_expr(c, s->v.Assign.value);
    for (int i = 0; i < targets->count; i++) {
        if (i + 1 < targets->count) {
            kr_emit(c, KR_LOC(s), KR_OP_COPY, 1);
        }
        kr_codegen_expr(c, targets->items[i]);
    }
}

// Pushes the old value of the target, and below it what the store needs.
static void
load_aug_target(KrCompiler *c, KrExpr *e)
{
    KrLocation loc = KR_LOC(e);
    if (e->kind == KR_EXPR_Name) {
        kr_codegen_name(c, loc, kr_compiler_name(c, e->v.Name.id), KR_LOAD);
        return;
    }
    if (e->kind == KR_EXPR_Attribute) {
        kr_codegen_expr(c, e->v.Attribute.value);
        kr_emit(c, loc, KR_OP_COPY, 1);
        kr_emit_name(c, kr_attr_loc(loc, e), KR_OP_LOAD_ATTR,
                     kr_compiler_name(c, e->v.Attribute.attr));
        return;
    }
    kr_codegen_expr(c, e->v.Subscript.value);
    if (kr_is_two_part_slice(e->v.Subscript.slice)) {
        kr_codegen_slice_parts(c, e->v.Subscript.slice);
        kr_emit(c, loc, KR_OP_COPY, 3);
        kr_emit(c, loc, KR_OP_COPY, 3);
        kr_emit(c, loc, KR_OP_COPY, 3);
        kr_emit0(c, loc, KR_OP_BINARY_SLICE);
    }
    else {
        kr_codegen_expr(c, e->v.Subscript.slice);
        kr_emit(c, loc, KR_OP_COPY, 2);
        kr_emit(c, loc, KR_OP_COPY, 2);
        kr_emit(c, loc, KR_OP_BINARY_OP, KR_NB_SUBSCR);
    }
}

static void
store_aug_target(KrCompiler *c, KrExpr *e)
{
    KrLocation loc = KR_LOC(e);
    if (e->kind == KR_EXPR_Name) {
        kr_codegen_name(c, loc, kr_compiler_name(c, e->v.Name.id), KR_STORE);
        return;
    }
    if (e->kind == KR_EXPR_Attribute) {
        loc = kr_attr_loc(loc, e);
        kr_emit(c, loc, KR_OP_SWAP, 2);
        kr_emit_name(c, loc, KR_OP_STORE_ATTR,
                     kr_compiler_name(c, e->v.Attribute.attr));
        return;
    }
    if (kr_is_two_part_slice(e->v.Subscript.slice)) {
        kr_emit(c, loc, KR_OP_SWAP, 4);
        kr_emit(c, loc, KR_OP_SWAP, 3);
        kr_emit(c, loc, KR_OP_SWAP, 2);
        kr_emit0(c, loc, KR_OP_STORE_SLICE);
    }
    else {
        kr_emit(c, loc, KR_OP_SWAP, 3);
        kr_emit(c, loc, KR_OP_SWAP, 2);
        kr_emit0(c, loc, KR_OP_STORE_SUBSCR);
    }
}

static void
codegen_aug_assign(KrCompiler *c, KrStmt *s)
{
    KrExpr *target = s->v.AugAssign.target;
    if (target->kind != KR_EXPR_Name && target->kind != KR_EXPR_Attribute
        && target->kind != KR_EXPR_Subscript) {
        PyErr_Format(PyExc_SystemError, "invalid node type (%d) for augmented assignment",
                     (int)target->kind);
        kr_compiler_fail(c);
        return;
    }
    load_aug_target(c, target);
    kr_codegen_expr(c, s->v.AugAssign.value);
    kr_codegen_binary(c, KR_LOC(s), s->v.AugAssign.op, true);
    store_aug_target(c, target);
}

static void
codegen_raise(KrCompiler *c, KrStmt *s)
{
    int count = 0;
    if (s->v.Raise.exc != NULL) {
        kr_codegen_expr(c, s->v.Raise.exc);
        count++;
        if (s->v.Raise.cause != NULL) {
            kr_codegen_expr(c, s->v.Raise.cause);
            count++;
        }
    }
    kr_emit(c, KR_LOC(s), KR_OP_RAISE_VARARGS, count);
}

static bool
is_full_tuple(const KrExpr *e)
{
    if (e->kind == KR_EXPR_Tuple) {
        return KR_SEQ_LEN(e->v.Tuple.elts) > 0;
    }
    if (e->kind == KR_EXPR_Constant && e->v.Constant.value->kind == KR_CONST_OBJECT) {
        PyObject *object = e->v.Constant.value->object;
        return PyTuple_Check(object) && PyTuple_GET_SIZE(object) > 0;
    }
    return false;
}

static void
codegen_assert(KrCompiler *c, KrStmt *s)
{
    if (is_full_tuple(s->v.Assert.test)) {
        kr_compiler_warn(c, KR_LOC(s),
                         "assertion is always true, perhaps remove parentheses?");
    }
    if (c->optimize > 0) {
        return;
    }
    int end = kr_label_new(c);
    kr_codegen_jump_if(c, KR_LOC(s), s->v.Assert.test, end, true);
    kr_emit(c, KR_LOC(s), KR_OP_LOAD_COMMON_CONSTANT, KR_COMMON_ASSERTION_ERROR);
    if (s->v.Assert.msg != NULL) {
        kr_codegen_expr(c, s->v.Assert.msg);
        kr_emit(c, KR_LOC(s), KR_OP_CALL, 0);
    }
    kr_emit(c, KR_LOC(s->v.Assert.test), KR_OP_RAISE_VARARGS, 1);
    kr_label_use(c, end);
}

static Py_ssize_t
find_dot(PyObject *name, Py_ssize_t start)
{
    return PyUnicode_FindChar(name, '.', start, PyUnicode_GET_LENGTH(name), 1);
}

// import a.b.c as d: the module is c, found from a step by step.
static void
codegen_import_as(KrCompiler *c, KrLocation loc, PyObject *name, PyObject *asname)
{
    Py_ssize_t dot = find_dot(name, 0);
    if (dot < 0) {
        kr_codegen_name(c, loc, asname, KR_STORE);
        return;
    }
    while (!c->failed) {
        Py_ssize_t start = dot + 1;
        dot = find_dot(name, start);
        Py_ssize_t stop = dot >= 0 ? dot : PyUnicode_GET_LENGTH(name);
        kr_emit_name(c, loc, KR_OP_IMPORT_FROM,
                     kr_compiler_intern(c, PyUnicode_Substring(name, start, stop)));
        if (dot < 0) {
            break;
        }
        kr_emit(c, loc, KR_OP_SWAP, 2);
        kr_emit0(c, loc, KR_OP_POP_TOP);
    }
    kr_codegen_name(c, loc, asname, KR_STORE);
    kr_emit0(c, loc, KR_OP_POP_TOP);
}

static void
codegen_import(KrCompiler *c, KrStmt *s)
{
    KrLocation loc = KR_LOC(s);
    for (int i = 0; i < KR_SEQ_LEN(s->v.Import.names) && !c->failed; i++) {
        const KrAlias *alias = s->v.Import.names->items[i];
        PyObject *name = kr_compiler_name(c, alias->name);
        kr_codegen_const_int(c, loc, 0);
        kr_emit_const(c, loc, Py_None);
        kr_emit_name(c, loc, KR_OP_IMPORT_NAME, name);
        if (c->failed) {
            return;
        }
        if (alias->asname != NULL) {
            codegen_import_as(c, loc, name, kr_compiler_name(c, alias->asname));
            continue;
        }
        Py_ssize_t dot = find_dot(name, 0);
        if (dot >= 0) {
            name = kr_compiler_intern(c, PyUnicode_Substring(name, 0, dot));
        }
        kr_codegen_name(c, loc, name, KR_STORE);
    }
}

static bool
ident_is(const KrIdent *ident, const char *text)
{
    return strcmp(ident->text, text) == 0;
}

static void
codegen_import_from(KrCompiler *c, KrStmt *s)
{
    KrLocation loc = KR_LOC(s);
    const KrAliasSeq *aliases = s->v.ImportFrom.names;
    int count = KR_SEQ_LEN(aliases);
    kr_codegen_const_int(c, loc, s->v.ImportFrom.level);
    PyObject *names = kr_compiler_keep(c, PyTuple_New(count));
    for (int i = 0; i < count && !c->failed; i++) {
        PyObject *name = kr_compiler_name(c, aliases->items[i]->name);
        if (name != NULL) {
            PyTuple_SET_ITEM(names, i, Py_NewRef(name));
        }
    }
    if (c->failed) {
        return;
    }
    kr_emit_const(c, loc, names);
    PyObject *from = s->v.ImportFrom.module != NULL
                         ? kr_compiler_name(c, s->v.ImportFrom.module)
                         : KR_STR(empty, "");
    kr_emit_name(c, loc, KR_OP_IMPORT_NAME, from);
    for (int i = 0; i < count && !c->failed; i++) {
        const KrAlias *alias = aliases->items[i];
        if (i == 0 && ident_is(alias->name, "*")) {
            kr_emit(c, loc, KR_OP_CALL_INTRINSIC_1, KR_INTRINSIC_IMPORT_STAR);
            kr_emit0(c, kr_no_loc, KR_OP_POP_TOP);
            return;
        }
        kr_emit_name(c, loc, KR_OP_IMPORT_FROM, kr_compiler_name(c, alias->name));
        const KrIdent *store = alias->asname != NULL ? alias->asname : alias->name;
        kr_codegen_name(c, loc, kr_compiler_name(c, store), KR_STORE);
    }
    kr_emit0(c, loc, KR_OP_POP_TOP);
}

static void
codegen_expr_stmt(KrCompiler *c, KrStmt *s)
{
    KrExpr *value = s->v.Expr.value;
    if (c->interactive && c->unit->outer == NULL) {
        kr_codegen_expr(c, value);
        kr_emit(c, KR_LOC(s), KR_OP_CALL_INTRINSIC_1, KR_INTRINSIC_PRINT);
        kr_emit0(c, kr_no_loc, KR_OP_POP_TOP);
        return;
    }
    if (value->kind == KR_EXPR_Constant) {
        kr_emit0(c, KR_LOC(s), KR_OP_NOP);
        return;
    }
    kr_codegen_expr(c, value);
    kr_emit0(c, kr_no_loc, KR_OP_POP_TOP);
}

// Statements whose bodies may run or not: annotations inside are conditional.
static void
codegen_compound(KrCompiler *c, KrStmt *s)
{
    int was = c->unit->in_conditional_block;
    c->unit->in_conditional_block = 1;
    switch (s->kind) {
    case KR_STMT_For:
        kr_codegen_for(c, s);
        break;
    case KR_STMT_AsyncFor:
        kr_codegen_async_for(c, s);
        break;
    case KR_STMT_While:
        kr_codegen_while(c, s);
        break;
    case KR_STMT_If:
        kr_codegen_if(c, s);
        break;
    case KR_STMT_Match:
        kr_codegen_match(c, s);
        break;
    case KR_STMT_Try:
    case KR_STMT_TryStar:
        kr_codegen_try(c, s);
        break;
    default:
        kr_codegen_with(c, s, 0);
        break;
    }
    if (!c->failed) {
        c->unit->in_conditional_block = was;
    }
}

static void
codegen_stmt_kind(KrCompiler *c, KrStmt *s)
{
    switch (s->kind) {
    case KR_STMT_FunctionDef:
    case KR_STMT_AsyncFunctionDef:
        kr_codegen_function(c, s);
        break;
    case KR_STMT_ClassDef:
        kr_codegen_class(c, s);
        break;
    case KR_STMT_TypeAlias:
        kr_codegen_type_alias(c, s);
        break;
    case KR_STMT_Return:
        kr_codegen_return(c, s);
        break;
    case KR_STMT_Delete:
        kr_codegen_exprs(c, s->v.Delete.targets);
        break;
    case KR_STMT_Assign:
        codegen_assign(c, s);
        break;
    case KR_STMT_AugAssign:
        codegen_aug_assign(c, s);
        break;
    case KR_STMT_AnnAssign:
        kr_codegen_ann_assign(c, s);
        break;
    case KR_STMT_Raise:
        codegen_raise(c, s);
        break;
    case KR_STMT_Assert:
        codegen_assert(c, s);
        break;
    case KR_STMT_Import:
        codegen_import(c, s);
        break;
    case KR_STMT_ImportFrom:
        codegen_import_from(c, s);
        break;
    case KR_STMT_Global:
    case KR_STMT_Nonlocal:
        break;
    case KR_STMT_Expr:
        codegen_expr_stmt(c, s);
        break;
    case KR_STMT_Pass:
        kr_emit0(c, KR_LOC(s), KR_OP_NOP);
        break;
    case KR_STMT_Break:
        kr_codegen_break(c, s);
        break;
    case KR_STMT_Continue:
        kr_codegen_continue(c, s);
        break;
    default:
        codegen_compound(c, s);
        break;
    }
}

void
kr_codegen_stmt(KrCompiler *c, KrStmt *s)
{
    if (kr_compiler_enter(c)) {
        codegen_stmt_kind(c, s);
        kr_compiler_leave(c);
    }
}

// The docstring as it is kept: without the indentation of the source.
static PyObject *
clean_docstring(KrCompiler *c, const KrExpr *e)
{
    PyObject *text = kr_compiler_const(c, e->v.Constant.value);
    if (text == NULL) {
        return NULL;
    }
    return kr_compiler_keep(c, kr_clean_docstring(text));
}

void
kr_codegen_body(KrCompiler *c, KrLocation loc, const KrStmtSeq *body, bool interactive)
{
    if (c->failed) {
        return;
    }
    KrScope *scope = c->unit->scope;
    if ((c->flags & CO_FUTURE_ANNOTATIONS) && scope->annotations_used) {
        kr_emit0(c, loc, KR_OP_SETUP_ANNOTATIONS);
    }
    if (KR_SEQ_LEN(body) == 0) {
        return;
    }
    int first = 0;
    const KrExpr *doc = interactive ? NULL : kr_docstring(body);
    if (doc != NULL) {
        first = 1;
        kr_emit_const(c, KR_LOC(doc), clean_docstring(c, doc));
        kr_codegen_name(c, kr_no_loc, KR_ID(__doc__), KR_STORE);
    }
    for (int i = first; i < body->count && !c->failed; i++) {
        kr_codegen_stmt(c, body->items[i]);
    }
    if (!(c->flags & CO_FUTURE_ANNOTATIONS)) {
        kr_codegen_deferred_annotations(c, loc);
    }
}

PyCodeObject *
kr_codegen_mod(KrCompiler *c, KrMod *mod)
{
    if (c->failed) {
        return NULL;
    }
    kr_unit_enter(c, KR_STR(module, "<module>"), KR_UNIT_MODULE, mod, 1, NULL);
    if (c->failed) {
        return NULL;
    }
    bool add_none = true;
    const KrStmtSeq *body = NULL;
    switch (mod->kind) {
    case KR_MOD_Interactive:
        c->interactive = true;
        body = mod->v.Interactive.body;
        break;
    case KR_MOD_Expression:
        kr_codegen_expr(c, mod->v.Expression.body);
        add_none = false;
        break;
    default:
        body = mod->v.Module.body;
        break;
    }
    if (add_none) {
        KrLocation loc = {1, 1, 0, 0};
        if (KR_SEQ_LEN(body) > 0) {
            loc = KR_LOC(body->items[0]);
        }
        if (c->unit->scope->has_conditional_annotations) {
            kr_emit(c, loc, KR_OP_BUILD_SET, 0);
            kr_codegen_name(c, loc, KR_ID(__conditional_annotations__), KR_STORE);
        }
        kr_codegen_body(c, loc, body, c->interactive);
    }
    return kr_unit_finish(c, add_none);
}
