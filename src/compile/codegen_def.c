// SPDX-License-Identifier: MIT
// codegen_def.c - functions, lambdas and classes.

#include "compile/codegen.h"

#include "compile/docstring.h"
#include "objects/ids.h"

void
kr_codegen_closure(KrCompiler *c, KrLocation loc, PyCodeObject *code, int flags)
{
    if (c->failed || code == NULL) {
        return;
    }
    if (code->co_nfreevars > 0) {
        KrUnit *unit = c->unit;
        int first = code->co_nlocalsplus - code->co_nfreevars;
        for (int i = first; i < code->co_nlocalsplus && !c->failed; i++) {
            PyObject *name = PyTuple_GET_ITEM(code->co_localsplusnames, i);
            bool class_cell = unit->type == KR_UNIT_CLASS
                              && (name == KR_ID(__class__) || name == KR_ID(__classdict__)
                                  || name == KR_ID(__conditional_annotations__));
            // A name may be local in a class and free as well: the closure is meant.
            const KrPtrMap *map = &unit->freevars;
            if (class_cell || kr_scope_of(unit->scope, name) == KR_SCOPE_CELL) {
                map = &unit->cellvars;
            }
            KrPtrEntry *entry = kr_ptrmap_find(map, name);
            if (entry == NULL && unit->scope->can_see_class_scope) {
                kr_unit_free(c, name);
                entry = kr_ptrmap_find(map, name);
            }
            if (entry == NULL) {
                PyErr_Format(PyExc_SystemError,
                             "compiler: free variable %R of %U is unknown in %U", name,
                             code->co_name, unit->name);
                kr_compiler_fail(c);
                return;
            }
            kr_emit(c, loc, KR_OP_LOAD_CLOSURE, (int)entry->value);
        }
        flags |= KR_FUNCTION_CLOSURE;
        kr_emit(c, loc, KR_OP_BUILD_TUPLE, code->co_nfreevars);
    }
    kr_emit_const(c, loc, (PyObject *)code);
    kr_emit0(c, loc, KR_OP_MAKE_FUNCTION);
    static const int order[] = {KR_FUNCTION_CLOSURE, KR_FUNCTION_ANNOTATIONS,
                                KR_FUNCTION_ANNOTATE, KR_FUNCTION_KWDEFAULTS,
                                KR_FUNCTION_DEFAULTS};
    for (int i = 0; i < KR_ARRAY_LEN(order); i++) {
        if (flags & order[i]) {
            kr_emit(c, loc, KR_OP_SET_FUNCTION_ATTRIBUTE, order[i]);
        }
    }
}

static void
apply_decorators(KrCompiler *c, const KrExprSeq *decorators)
{
    for (int i = KR_SEQ_LEN(decorators) - 1; i >= 0; i--) {
        kr_emit(c, KR_LOC(decorators->items[i]), KR_OP_CALL, 0);
    }
}

static int
codegen_defaults(KrCompiler *c, KrLocation loc, const KrArguments *args)
{
    int flags = 0;
    if (KR_SEQ_LEN(args->defaults) > 0) {
        flags |= KR_FUNCTION_DEFAULTS;
        kr_codegen_exprs(c, args->defaults);
        kr_emit(c, loc, KR_OP_BUILD_TUPLE, args->defaults->count);
    }
    int named = 0;
    for (int i = 0; i < KR_SEQ_LEN(args->kwonlyargs) && !c->failed; i++) {
        KrExpr *value = args->kw_defaults->items[i];
        if (value == NULL) {
            continue;
        }
        PyObject *name = kr_compiler_name(c, args->kwonlyargs->items[i]->arg);
        kr_emit_const(c, loc, kr_unit_mangle(c, name));
        kr_codegen_expr(c, value);
        named++;
    }
    if (named > 0) {
        flags |= KR_FUNCTION_KWDEFAULTS;
        kr_emit(c, loc, KR_OP_BUILD_MAP, named);
    }
    return flags;
}

static void
set_arg_counts(KrUnit *unit, const KrArguments *args)
{
    unit->argcount = KR_SEQ_LEN(args->args);
    unit->posonlyargcount = KR_SEQ_LEN(args->posonlyargs);
    unit->kwonlyargcount = KR_SEQ_LEN(args->kwonlyargs);
}

static PyCodeObject *
codegen_function_body(KrCompiler *c, KrStmt *s, bool is_async, int firstlineno)
{
    const KrStmtSeq *body = s->v.FunctionDef.body;
    KrUnitType type = is_async ? KR_UNIT_ASYNC_FUNCTION : KR_UNIT_FUNCTION;
    PyObject *private_name = c->unit->private_name;
    kr_unit_enter(c, kr_compiler_name(c, s->v.FunctionDef.name), type, s, firstlineno,
                  private_name);
    if (c->failed) {
        return NULL;
    }
    set_arg_counts(c->unit, s->v.FunctionDef.args);
    int first = 0;
    const KrExpr *doc = kr_docstring(body);
    if (doc != NULL) {
        first = 1;
        PyObject *text = kr_compiler_const(c, doc->v.Constant.value);
        if (text != NULL && c->optimize < 2) {
            kr_unit_const(c, kr_compiler_keep(c, kr_clean_docstring(text)));
        }
    }
    KrScope *scope = c->unit->scope;
    bool is_generator = scope->coroutine || scope->generator;
    int start = kr_label_new(c);
    kr_label_use(c, start);
    if (is_generator) {
        kr_fblock_push(c, kr_no_loc, KR_FBLOCK_STOP_ITERATION, start, -1, NULL);
    }
    for (int i = first; i < KR_SEQ_LEN(body) && !c->failed; i++) {
        kr_codegen_stmt(c, body->items[i]);
    }
    if (is_generator) {
        kr_codegen_wrap_stopiteration(c);
        kr_fblock_pop(c, KR_FBLOCK_STOP_ITERATION, start);
    }
    return kr_unit_finish(c, true);
}

static PyObject *
type_params_name(KrCompiler *c, const KrIdent *name)
{
    PyObject *text = kr_compiler_name(c, name);
    if (text == NULL) {
        return NULL;
    }
    return kr_compiler_intern(c,
                              PyUnicode_FromFormat("<generic parameters of %U>", text));
}

void
kr_codegen_function(KrCompiler *c, KrStmt *s)
{
    bool is_async = s->kind == KR_STMT_AsyncFunctionDef;
    KrArguments *args = s->v.FunctionDef.args;
    const KrExprSeq *decorators = s->v.FunctionDef.decorator_list;
    const KrTypeParamSeq *params = s->v.FunctionDef.type_params;
    bool is_generic = KR_SEQ_LEN(params) > 0;
    KrLocation loc = KR_LOC(s);
    kr_codegen_exprs(c, decorators);
    int firstlineno = s->span.lineno;
    if (KR_SEQ_LEN(decorators) > 0) {
        firstlineno = decorators->items[0]->span.lineno;
    }
    int flags = codegen_defaults(c, loc, args);
    int passed = 0;
    if (is_generic) {
        passed = ((flags & KR_FUNCTION_DEFAULTS) != 0)
                 + ((flags & KR_FUNCTION_KWDEFAULTS) != 0);
        if (passed == 2) {
            kr_emit(c, loc, KR_OP_SWAP, 2);
        }
        PyObject *private_name = c->unit->private_name;
        kr_unit_enter(c, type_params_name(c, s->v.FunctionDef.name), KR_UNIT_ANNOTATIONS,
                      params, firstlineno, private_name);
        if (c->failed) {
            return;
        }
        c->unit->argcount = passed;
        kr_codegen_type_params(c, params);
        for (int i = 0; i < passed; i++) {
            kr_emit(c, loc, KR_OP_LOAD_FAST, i);
        }
    }
    flags |= kr_codegen_function_annotations(c, loc, args, s->v.FunctionDef.returns);
    if (c->failed) {
        return;
    }
    PyCodeObject *code = codegen_function_body(c, s, is_async, firstlineno);
    kr_codegen_closure(c, loc, code, flags);
    if (is_generic) {
        kr_emit(c, loc, KR_OP_SWAP, 2);
        kr_emit(c, loc, KR_OP_CALL_INTRINSIC_2, KR_INTRINSIC_SET_FUNCTION_TYPE_PARAMS);
        PyCodeObject *params_code = kr_unit_finish(c, false);
        kr_codegen_closure(c, loc, params_code, 0);
        if (passed > 0) {
            kr_emit(c, loc, KR_OP_SWAP, passed + 1);
            kr_emit(c, loc, KR_OP_CALL, passed - 1);
        }
        else {
            kr_emit0(c, loc, KR_OP_PUSH_NULL);
            kr_emit(c, loc, KR_OP_CALL, 0);
        }
    }
    apply_decorators(c, decorators);
    kr_codegen_name(c, loc, kr_compiler_name(c, s->v.FunctionDef.name), KR_STORE);
}

void
kr_codegen_lambda(KrCompiler *c, KrExpr *e)
{
    KrLocation loc = KR_LOC(e);
    KrArguments *args = e->v.Lambda.args;
    int flags = codegen_defaults(c, loc, args);
    if (c->failed) {
        return;
    }
    kr_unit_enter(c, KR_STR(lambda, "<lambda>"), KR_UNIT_LAMBDA, e, e->span.lineno,
                  c->unit->private_name);
    if (c->failed) {
        return;
    }
    set_arg_counts(c->unit, args);
    kr_codegen_expr(c, e->v.Lambda.body);
    PyCodeObject *code;
    if (!c->failed && c->unit->scope->generator) {
        code = kr_unit_finish(c, false);
    }
    else {
        kr_emit0(c, KR_LOC(e->v.Lambda.body), KR_OP_RETURN_VALUE);
        code = kr_unit_finish(c, true);
    }
    kr_codegen_closure(c, loc, code, flags);
}

static PyObject *
static_attributes_tuple(KrCompiler *c)
{
    const KrPtrMap *names = &c->unit->static_attributes;
    PyObject *list = PyList_New(0);
    for (int i = 0; list != NULL && i < names->count; i++) {
        if (PyList_Append(list, names->entries[i].key) < 0) {
            Py_CLEAR(list);
        }
    }
    if (list == NULL || PyList_Sort(list) < 0) {
        Py_XDECREF(list);
        kr_compiler_fail(c);
        return NULL;
    }
    PyObject *tuple = PyList_AsTuple(list);
    Py_DECREF(list);
    return kr_compiler_keep(c, tuple);
}

static void
store_class_cell(KrCompiler *c, KrLocation loc, PyObject *cell)
{
    kr_emit(c, loc, KR_OP_STORE_DEREF,
            (int)kr_ptrmap_get(&c->unit->cellvars, cell, 0));
}

static void
codegen_class_prologue(KrCompiler *c, KrStmt *s, KrLocation loc)
{
    KrUnit *unit = c->unit;
    kr_codegen_name(c, loc, KR_ID(__name__), KR_LOAD);
    kr_codegen_name(c, loc, KR_ID(__module__), KR_STORE);
    kr_emit_const(c, loc, unit->qualname);
    kr_codegen_name(c, loc, KR_ID(__qualname__), KR_STORE);
    kr_codegen_const_int(c, loc, unit->firstlineno);
    kr_codegen_name(c, loc, KR_ID(__firstlineno__), KR_STORE);
    if (KR_SEQ_LEN(s->v.ClassDef.type_params) > 0) {
        kr_codegen_name(c, loc, KR_STR(dot_type_params, ".type_params"), KR_LOAD);
        kr_codegen_name(c, loc, KR_ID(__type_params__), KR_STORE);
    }
    if (unit->scope->needs_classdict) {
        kr_emit0(c, loc, KR_OP_LOAD_LOCALS);
        store_class_cell(c, loc, KR_ID(__classdict__));
    }
    if (unit->scope->has_conditional_annotations) {
        kr_emit(c, loc, KR_OP_BUILD_SET, 0);
        store_class_cell(c, loc, KR_ID(__conditional_annotations__));
    }
}

static PyCodeObject *
codegen_class_body(KrCompiler *c, KrStmt *s, int firstlineno)
{
    PyObject *name = kr_compiler_name(c, s->v.ClassDef.name);
    kr_unit_enter(c, name, KR_UNIT_CLASS, s, firstlineno, name);
    if (c->failed) {
        return NULL;
    }
    KrUnit *unit = c->unit;
    KrLocation loc = {firstlineno, firstlineno, 0, 0};
    codegen_class_prologue(c, s, loc);
    kr_codegen_body(c, loc, s->v.ClassDef.body, false);
    if (c->failed) {
        return NULL;
    }
    kr_emit_const(c, kr_no_loc, static_attributes_tuple(c));
    kr_codegen_name(c, kr_no_loc, KR_ID(__static_attributes__), KR_STORE);
    if (unit->scope->needs_classdict) {
        kr_emit(c, kr_no_loc, KR_OP_LOAD_CLOSURE,
                (int)kr_ptrmap_get(&unit->cellvars, KR_ID(__classdict__), 0));
        kr_codegen_name(c, kr_no_loc, KR_ID(__classdictcell__), KR_STORE);
    }
    if (unit->scope->needs_class_closure) {
        kr_emit(c, kr_no_loc, KR_OP_LOAD_CLOSURE,
                (int)kr_ptrmap_get(&unit->cellvars, KR_ID(__class__), 0));
        kr_emit(c, kr_no_loc, KR_OP_COPY, 1);
        kr_codegen_name(c, kr_no_loc, KR_ID(__classcell__), KR_STORE);
    }
    else {
        kr_emit_const(c, kr_no_loc, Py_None);
    }
    kr_emit0(c, kr_no_loc, KR_OP_RETURN_VALUE);
    return kr_unit_finish(c, true);
}

void
kr_codegen_class(KrCompiler *c, KrStmt *s)
{
    const KrExprSeq *decorators = s->v.ClassDef.decorator_list;
    const KrTypeParamSeq *params = s->v.ClassDef.type_params;
    PyObject *name = kr_compiler_name(c, s->v.ClassDef.name);
    bool is_generic = KR_SEQ_LEN(params) > 0;
    PyObject *type_params = KR_STR(dot_type_params, ".type_params");
    PyObject *generic_base = KR_STR(dot_generic_base, ".generic_base");
    KrLocation loc = KR_LOC(s);
    kr_codegen_exprs(c, decorators);
    int firstlineno = s->span.lineno;
    if (KR_SEQ_LEN(decorators) > 0) {
        firstlineno = decorators->items[0]->span.lineno;
    }
    if (is_generic) {
        kr_unit_enter(c, type_params_name(c, s->v.ClassDef.name), KR_UNIT_ANNOTATIONS,
                      params, firstlineno, name);
        kr_codegen_type_params(c, params);
        kr_codegen_name(c, loc, type_params, KR_STORE);
    }
    if (c->failed) {
        return;
    }
    PyCodeObject *code = codegen_class_body(c, s, firstlineno);
    kr_emit0(c, loc, KR_OP_LOAD_BUILD_CLASS);
    kr_emit0(c, loc, KR_OP_PUSH_NULL);
    kr_codegen_closure(c, loc, code, 0);
    kr_emit_const(c, loc, name);
    if (is_generic) {
        kr_codegen_name(c, loc, type_params, KR_LOAD);
        kr_emit(c, loc, KR_OP_CALL_INTRINSIC_1, KR_INTRINSIC_SUBSCRIPT_GENERIC);
        kr_codegen_name(c, loc, generic_base, KR_STORE);
        kr_codegen_call_args(c, loc, 2, s->v.ClassDef.bases, generic_base,
                             s->v.ClassDef.keywords);
        PyCodeObject *params_code = kr_unit_finish(c, false);
        kr_codegen_closure(c, loc, params_code, 0);
        kr_emit0(c, loc, KR_OP_PUSH_NULL);
        kr_emit(c, loc, KR_OP_CALL, 0);
    }
    else {
        kr_codegen_call_args(c, loc, 2, s->v.ClassDef.bases, NULL,
                             s->v.ClassDef.keywords);
    }
    apply_decorators(c, decorators);
    kr_codegen_name(c, loc, name, KR_STORE);
}
