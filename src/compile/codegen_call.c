// SPDX-License-Identifier: MIT
// codegen_call.c - calls: methods, super(), keywords, and builtins over generators.

#include "compile/codegen.h"

#include "objects/ids.h"

static void
check_called(KrCompiler *c, const KrExpr *e)
{
    switch (e->kind) {
    case KR_EXPR_Constant:
    case KR_EXPR_Tuple:
    case KR_EXPR_List:
    case KR_EXPR_ListComp:
    case KR_EXPR_Dict:
    case KR_EXPR_DictComp:
    case KR_EXPR_Set:
    case KR_EXPR_SetComp:
    case KR_EXPR_GeneratorExp:
    case KR_EXPR_JoinedStr:
    case KR_EXPR_TemplateStr:
    case KR_EXPR_FormattedValue:
    case KR_EXPR_Interpolation: {
        PyTypeObject *type = kr_infer_type(c, e);
        if (type != NULL) {
            kr_compiler_warn(
                c, KR_LOC(e),
                "'%.200s' object is not callable; perhaps you missed a comma?",
                type->tp_name);
        }
        break;
    }
    default:
        break;
    }
}

static void
check_repeated_keywords(KrCompiler *c, const KrKeywordSeq *keywords)
{
    int count = KR_SEQ_LEN(keywords);
    if (count < 2) {
        return;
    }
    // The first keyword that is repeated is reported, at its next use.
    KrPtrMap next = {0};
    int best = -1;
    KrKeyword *report = NULL;
    for (int i = 0; i < count && !c->failed; i++) {
        KrKeyword *keyword = keywords->items[i];
        if (keyword->arg == NULL) {
            continue;
        }
        PyObject *name = kr_compiler_name(c, keyword->arg);
        KrPtrEntry *entry = kr_ptrmap_find(&next, name);
        if (entry == NULL) {
            if (!kr_ptrmap_set(&next, c->arena, name, i + 1)) {
                kr_compiler_no_memory(c);
            }
        }
        else if (entry->value > 0) {
            if (best < 0 || entry->value - 1 < best) {
                best = (int)entry->value - 1;
                report = keyword;
            }
            entry->value = 0;
        }
    }
    if (report != NULL) {
        kr_compiler_error(c, KR_LOC(report), "keyword argument repeated: %U",
                          kr_compiler_name(c, report->arg));
    }
}

static bool
has_unpacking(const KrExprSeq *args, const KrKeywordSeq *keywords)
{
    for (int i = 0; i < KR_SEQ_LEN(args); i++) {
        if (args->items[i]->kind == KR_EXPR_Starred) {
            return true;
        }
    }
    for (int i = 0; i < KR_SEQ_LEN(keywords); i++) {
        if (keywords->items[i]->arg == NULL) {
            return true;
        }
    }
    return false;
}

static PyObject *
keyword_names(KrCompiler *c, const KrKeywordSeq *keywords)
{
    PyObject *names = kr_compiler_keep(c, PyTuple_New(keywords->count));
    for (int i = 0; i < keywords->count && !c->failed; i++) {
        PyObject *name = kr_compiler_name(c, keywords->items[i]->arg);
        if (name != NULL) {
            PyTuple_SET_ITEM(names, i, Py_NewRef(name));
        }
    }
    return c->failed ? NULL : names;
}

static void
codegen_keyword_values(KrCompiler *c, KrLocation loc, const KrKeywordSeq *keywords)
{
    for (int i = 0; i < keywords->count; i++) {
        kr_codegen_expr(c, keywords->items[i]->value);
    }
    PyObject *names = keyword_names(c, keywords);
    if (names != NULL) {
        kr_emit_const(c, loc, names);
    }
}

// keywords[begin:end], all named, as one dict.
static void
codegen_keyword_dict(KrCompiler *c, KrLocation loc, const KrKeywordSeq *keywords,
                     int begin, int end)
{
    bool big = (end - begin) * 2 > KR_STACK_USE_GUIDELINE;
    if (big) {
        kr_emit(c, kr_no_loc, KR_OP_BUILD_MAP, 0);
    }
    for (int i = begin; i < end && !c->failed; i++) {
        kr_emit_const(c, loc, kr_compiler_name(c, keywords->items[i]->arg));
        kr_codegen_expr(c, keywords->items[i]->value);
        if (big) {
            kr_emit(c, kr_no_loc, KR_OP_MAP_ADD, 1);
        }
    }
    if (!big) {
        kr_emit(c, loc, KR_OP_BUILD_MAP, end - begin);
    }
}

static void
codegen_keyword_unpacking(KrCompiler *c, KrLocation loc, const KrKeywordSeq *keywords)
{
    bool have_dict = false;
    int pending = 0;
    for (int i = 0; i <= keywords->count && !c->failed; i++) {
        bool at_end = i == keywords->count;
        if (!at_end && keywords->items[i]->arg != NULL) {
            pending++;
            continue;
        }
        if (pending > 0) {
            codegen_keyword_dict(c, loc, keywords, i - pending, i);
            if (have_dict) {
                kr_emit(c, loc, KR_OP_DICT_MERGE, 1);
            }
            have_dict = true;
            pending = 0;
        }
        if (at_end) {
            break;
        }
        if (!have_dict) {
            kr_emit(c, loc, KR_OP_BUILD_MAP, 0);
            have_dict = true;
        }
        kr_codegen_expr(c, keywords->items[i]->value);
        kr_emit(c, loc, KR_OP_DICT_MERGE, 1);
    }
}

void
kr_codegen_call_args(KrCompiler *c, KrLocation loc, int pushed, const KrExprSeq *args,
                     PyObject *injected, const KrKeywordSeq *keywords)
{
    int positional = KR_SEQ_LEN(args);
    int named = KR_SEQ_LEN(keywords);
    check_repeated_keywords(c, keywords);
    if (positional + named * 2 <= KR_STACK_USE_GUIDELINE
        && !has_unpacking(args, keywords)) {
        kr_codegen_exprs(c, args);
        if (injected != NULL) {
            kr_codegen_name(c, loc, injected, KR_LOAD);
            positional++;
        }
        if (named > 0) {
            codegen_keyword_values(c, loc, keywords);
            kr_emit(c, loc, KR_OP_CALL_KW, pushed + positional + named);
        }
        else {
            kr_emit(c, loc, KR_OP_CALL, pushed + positional);
        }
        return;
    }
    if (pushed == 0 && positional == 1 && injected == NULL
        && args->items[0]->kind == KR_EXPR_Starred) {
        kr_codegen_expr(c, args->items[0]->v.Starred.value);
    }
    else {
        kr_codegen_sequence(c, loc, args, injected, pushed, KR_BUILD_AS_TUPLE);
    }
    if (named > 0) {
        codegen_keyword_unpacking(c, loc, keywords);
    }
    else {
        kr_emit0(c, loc, KR_OP_PUSH_NULL);
    }
    kr_emit0(c, loc, KR_OP_CALL_FUNCTION_EX);
}

static bool
can_optimize_super(KrCompiler *c, const KrExpr *attr)
{
    const KrExpr *call = attr->v.Attribute.value;
    // The class of the super object itself is asked for by `super().__class__`.
    if (call->kind != KR_EXPR_Call
        || strcmp(attr->v.Attribute.attr->text, "__class__") == 0) {
        return false;
    }
    const KrExpr *func = call->v.Call.func;
    if (func->kind != KR_EXPR_Name || strcmp(func->v.Name.id->text, "super") != 0
        || KR_SEQ_LEN(call->v.Call.keywords) != 0) {
        return false;
    }
    // The builtin must not be shadowed as far as can be seen.
    if (kr_scope_of(c->unit->scope, KR_ID(super)) != KR_SCOPE_GLOBAL_IMPLICIT
        || kr_scope_of(c->symtable->top, KR_ID(super)) != KR_SCOPE_UNKNOWN) {
        return false;
    }
    const KrExprSeq *args = call->v.Call.args;
    if (KR_SEQ_LEN(args) == 2) {
        return args->items[0]->kind != KR_EXPR_Starred
               && args->items[1]->kind != KR_EXPR_Starred;
    }
    if (KR_SEQ_LEN(args) != 0) {
        return false;
    }
    if (c->unit->argcount == 0 && c->unit->posonlyargcount == 0) {
        return false;
    }
    return kr_scope_of(c->unit->scope, KR_ID(__class__)) == KR_SCOPE_FREE;
}

// Pushes super, the class and the object.
static void
load_super_args(KrCompiler *c, KrExpr *call)
{
    KrLocation loc = KR_LOC(call);
    kr_codegen_expr(c, call->v.Call.func);
    const KrExprSeq *args = call->v.Call.args;
    if (KR_SEQ_LEN(args) > 0) {
        kr_codegen_exprs(c, args);
        return;
    }
    kr_emit(c, loc, KR_OP_LOAD_DEREF,
            (int)kr_ptrmap_get(&c->unit->freevars, KR_ID(__class__), 0));
    PyObject *self = NULL;
    for (int i = 0; self == NULL && i < c->unit->varnames.count; i++) {
        self = c->unit->varnames.entries[i].key;
    }
    kr_codegen_name(c, loc, self, KR_LOAD);
}

bool
kr_codegen_super_attr(KrCompiler *c, KrExpr *attr, bool method)
{
    if (c->failed || attr->v.Attribute.ctx != KR_LOAD || !can_optimize_super(c, attr)) {
        return false;
    }
    KrExpr *call = attr->v.Attribute.value;
    load_super_args(c, call);
    PyObject *name = kr_unit_mangle(c, kr_compiler_name(c, attr->v.Attribute.attr));
    if (name == NULL) {
        return true;
    }
    int arg = kr_unit_add(c, &c->unit->names, name) << 2;
    arg |= KR_SEQ_LEN(call->v.Call.args) > 0 ? 2 : 0;
    arg |= method;
    KrLocation loc = KR_LOC(attr);
    kr_emit(c, loc, KR_OP_LOAD_SUPER_ATTR, arg);
    kr_emit0(c, kr_attr_loc(loc, attr), KR_OP_NOP);
    return true;
}

// A name that the module imports: then a.b() calls a function, not a method.
static bool
is_imported(KrCompiler *c, const KrExpr *e)
{
    if (e->kind != KR_EXPR_Name) {
        return false;
    }
    PyObject *name = kr_compiler_name(c, e->v.Name.id);
    return name != NULL && (kr_scope_flags(c->symtable->top, name) & KR_DEF_IMPORT);
}

// a.b(...): looks the method up without making a bound method. False: not done.
static bool
codegen_method_call(KrCompiler *c, KrExpr *e)
{
    KrExpr *method = e->v.Call.func;
    const KrExprSeq *args = e->v.Call.args;
    const KrKeywordSeq *keywords = e->v.Call.keywords;
    if (method->kind != KR_EXPR_Attribute || method->v.Attribute.ctx != KR_LOAD
        || is_imported(c, method->v.Attribute.value)) {
        return false;
    }
    int positional = KR_SEQ_LEN(args);
    int named = KR_SEQ_LEN(keywords);
    if (positional + named + (named != 0) >= KR_STACK_USE_GUIDELINE
        || has_unpacking(args, keywords)) {
        return false;
    }
    KrLocation loc = KR_LOC(method);
    if (!kr_codegen_super_attr(c, method, true)) {
        kr_codegen_expr(c, method->v.Attribute.value);
        PyObject *name =
            kr_unit_mangle(c, kr_compiler_name(c, method->v.Attribute.attr));
        loc = kr_attr_loc(loc, method);
        kr_emit(c, loc, KR_OP_LOAD_ATTR,
                kr_unit_add(c, &c->unit->names, name) << 1 | 1);
    }
    else {
        loc = kr_attr_loc(loc, method);
    }
    kr_codegen_exprs(c, args);
    if (named > 0) {
        codegen_keyword_values(c, loc, keywords);
        kr_emit(c, kr_attr_loc(KR_LOC(e), method), KR_OP_CALL_KW, positional + named);
    }
    else {
        kr_emit(c, kr_attr_loc(KR_LOC(e), method), KR_OP_CALL, positional);
    }
    return true;
}

// all(), any() and tuple() over a generator expression: when the name is the builtin, the
// loop runs here. The function is on the stack.
static void
codegen_builtin_loop(KrCompiler *c, KrExpr *e, int end)
{
    KrExpr *func = e->v.Call.func;
    const KrExprSeq *args = e->v.Call.args;
    if (func->kind != KR_EXPR_Name || KR_SEQ_LEN(args) != 1
        || KR_SEQ_LEN(e->v.Call.keywords) != 0
        || args->items[0]->kind != KR_EXPR_GeneratorExp) {
        return;
    }
    const char *name = func->v.Name.id->text;
    int builtin = strcmp(name, "all") == 0     ? KR_COMMON_ALL
                  : strcmp(name, "any") == 0   ? KR_COMMON_ANY
                  : strcmp(name, "tuple") == 0 ? KR_COMMON_TUPLE
                                               : -1;
    KrScope *scope = kr_symtable_lookup(c, args->items[0]);
    if (builtin < 0 || scope == NULL || scope->coroutine) {
        return;
    }
    KrLocation loc = KR_LOC(func);
    bool is_tuple = builtin == KR_COMMON_TUPLE;
    bool is_all = builtin == KR_COMMON_ALL;
    int skip = kr_label_new(c);
    int loop = kr_label_new(c);
    int cleanup = kr_label_new(c);
    kr_emit(c, loc, KR_OP_COPY, 1);
    kr_emit(c, loc, KR_OP_LOAD_COMMON_CONSTANT, builtin);
    kr_emit(c, loc, KR_OP_IS_OP, 0);
    kr_emit(c, loc, KR_OP_POP_JUMP_IF_FALSE, skip);
    kr_emit0(c, loc, KR_OP_POP_TOP);
    if (is_tuple) {
        kr_emit(c, loc, KR_OP_BUILD_LIST, 0);
    }
    kr_codegen_expr(c, args->items[0]);
    kr_label_use(c, loop);
    kr_emit(c, loc, KR_OP_FOR_ITER, cleanup);
    if (is_tuple) {
        kr_emit(c, loc, KR_OP_LIST_APPEND, 2);
        kr_emit(c, loc, KR_OP_JUMP, loop);
    }
    else {
        kr_emit0(c, loc, KR_OP_TO_BOOL);
        kr_emit(c, loc, is_all ? KR_OP_POP_JUMP_IF_TRUE : KR_OP_POP_JUMP_IF_FALSE, loop);
    }
    kr_emit0(c, kr_no_loc, KR_OP_POP_ITER);
    if (!is_tuple) {
        kr_emit_const(c, loc, is_all ? Py_False : Py_True);
    }
    kr_emit(c, loc, KR_OP_JUMP, end);
    kr_label_use(c, cleanup);
    kr_emit0(c, kr_no_loc, KR_OP_END_FOR);
    kr_emit0(c, kr_no_loc, KR_OP_POP_ITER);
    if (is_tuple) {
        kr_emit(c, loc, KR_OP_CALL_INTRINSIC_1, KR_INTRINSIC_LIST_TO_TUPLE);
    }
    else {
        kr_emit_const(c, loc, is_all ? Py_True : Py_False);
    }
    kr_emit(c, loc, KR_OP_JUMP, end);
    kr_label_use(c, skip);
    // The generator is compiled a second time for the plain call.
}

void
kr_codegen_call(KrCompiler *c, KrExpr *e)
{
    check_repeated_keywords(c, e->v.Call.keywords);
    if (c->failed || codegen_method_call(c, e)) {
        return;
    }
    int end = kr_label_new(c);
    check_called(c, e->v.Call.func);
    kr_codegen_expr(c, e->v.Call.func);
    codegen_builtin_loop(c, e, end);
    kr_emit0(c, KR_LOC(e->v.Call.func), KR_OP_PUSH_NULL);
    kr_codegen_call_args(c, KR_LOC(e), 0, e->v.Call.args, NULL, e->v.Call.keywords);
    kr_label_use(c, end);
}
