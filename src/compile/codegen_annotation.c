// SPDX-License-Identifier: MIT
// codegen_annotation.c - annotations, type parameters and type aliases: code that is
// evaluated when somebody asks for it.
//
// Such code is a function with one parameter, the wanted format; formats above
// VALUE_WITH_FAKE_GLOBALS raise NotImplementedError.

#include "compile/codegen.h"

#include "objects/ids.h"

#define VALUE_WITH_FAKE_GLOBALS 2

static void
enter_lazy_scope(KrCompiler *c, KrLocation loc, const void *key, PyObject *name)
{
    if (c->failed) {
        return;
    }
    kr_unit_enter(c, name, KR_UNIT_ANNOTATIONS, key, loc.line, c->unit->private_name);
    if (c->failed) {
        return;
    }
    c->unit->posonlyargcount = 1;
    kr_emit(c, loc, KR_OP_LOAD_FAST, 0);
    kr_codegen_const_int(c, loc, VALUE_WITH_FAKE_GLOBALS);
    kr_codegen_compare(c, loc, KR_GT);
    int body = kr_label_new(c);
    kr_emit(c, loc, KR_OP_POP_JUMP_IF_FALSE, body);
    kr_emit(c, loc, KR_OP_LOAD_COMMON_CONSTANT, KR_COMMON_NOT_IMPLEMENTED_ERROR);
    kr_emit(c, loc, KR_OP_RAISE_VARARGS, 1);
    kr_label_use(c, body);
}

// The parameter is ".format" while compiling, so that no name in the annotations can
// mean it, and "format" in the finished code.
static void
rename_format_parameter(KrCompiler *c, PyCodeObject *code)
{
    Py_ssize_t size = PyTuple_GET_SIZE(code->co_localsplusnames);
    PyObject *names = PyTuple_New(size);
    if (names == NULL) {
        kr_compiler_fail(c);
        return;
    }
    PyTuple_SET_ITEM(names, 0, Py_NewRef(KR_ID(format)));
    for (Py_ssize_t i = 1; i < size; i++) {
        PyTuple_SET_ITEM(names, i,
                         Py_NewRef(PyTuple_GET_ITEM(code->co_localsplusnames, i)));
    }
    Py_SETREF(code->co_localsplusnames, names);
}

static void
leave_annotations_scope(KrCompiler *c, KrLocation loc)
{
    kr_emit0(c, loc, KR_OP_RETURN_VALUE);
    PyCodeObject *code = kr_unit_finish(c, true);
    if (code != NULL) {
        rename_format_parameter(c, code);
    }
    kr_codegen_closure(c, loc, code, 0);
}

static void
emit_annotation_text(KrCompiler *c, KrExpr *e)
{
    if (!c->failed) {
        kr_emit_const(c, KR_LOC(e), kr_compiler_keep(c, kr_unparse_expr(c, e)));
    }
}

static int
codegen_arg_annotation(KrCompiler *c, KrLocation loc, PyObject *name, KrExpr *annotation)
{
    if (annotation == NULL || c->failed) {
        return 0;
    }
    kr_emit_const(c, loc, kr_unit_mangle(c, name));
    if (c->flags & CO_FUTURE_ANNOTATIONS) {
        emit_annotation_text(c, annotation);
    }
    else if (annotation->kind == KR_EXPR_Starred) {
        // *args: *Ts
        kr_codegen_expr(c, annotation->v.Starred.value);
        kr_emit(c, loc, KR_OP_UNPACK_SEQUENCE, 1);
    }
    else {
        kr_codegen_expr(c, annotation);
    }
    return 1;
}

static int
codegen_arg_annotations(KrCompiler *c, KrLocation loc, const KrArgSeq *args)
{
    int count = 0;
    for (int i = 0; i < KR_SEQ_LEN(args); i++) {
        const KrArg *arg = args->items[i];
        count += codegen_arg_annotation(c, loc, kr_compiler_name(c, arg->arg),
                                        arg->annotation);
    }
    return count;
}

static int
codegen_one_annotation(KrCompiler *c, KrLocation loc, const KrArg *arg)
{
    if (arg == NULL) {
        return 0;
    }
    return codegen_arg_annotation(c, loc, kr_compiler_name(c, arg->arg),
                                  arg->annotation);
}

int
kr_codegen_function_annotations(KrCompiler *c, KrLocation loc, KrArguments *args,
                                KrExpr *returns)
{
    if (c->failed) {
        return 0;
    }
    KrScope *scope = kr_symtable_lookup(c, args);
    if (scope == NULL || !scope->annotations_used) {
        return 0;
    }
    enter_lazy_scope(c, loc, args, scope->name);
    int count = codegen_arg_annotations(c, loc, args->args);
    count += codegen_arg_annotations(c, loc, args->posonlyargs);
    count += codegen_one_annotation(c, loc, args->vararg);
    count += codegen_arg_annotations(c, loc, args->kwonlyargs);
    count += codegen_one_annotation(c, loc, args->kwarg);
    count += codegen_arg_annotation(c, loc, KR_ID(return), returns);
    kr_emit(c, loc, KR_OP_BUILD_MAP, count);
    leave_annotations_scope(c, loc);
    return KR_FUNCTION_ANNOTATE;
}

static void
defer_annotation(KrCompiler *c, const KrStmt *s, int *index_out)
{
    KrUnit *unit = c->unit;
    if (unit->deferred_count == unit->deferred_capacity) {
        int capacity = unit->deferred_capacity ? unit->deferred_capacity * 2 : 16;
        KrDeferredAnnotation *list =
            kr_compiler_alloc(c, (size_t)capacity * sizeof(*list));
        if (list == NULL) {
            return;
        }
        if (unit->deferred_count > 0) {
            memcpy(list, unit->deferred, (size_t)unit->deferred_count * sizeof(*list));
        }
        unit->deferred = list;
        unit->deferred_capacity = capacity;
    }
    // Code of a module may stop half way: all its annotations are conditional.
    *index_out = -1;
    if (unit->type == KR_UNIT_MODULE || unit->in_conditional_block) {
        *index_out = unit->next_conditional++;
    }
    unit->deferred[unit->deferred_count++] = (KrDeferredAnnotation){s, *index_out};
}

static void
codegen_name_annotation(KrCompiler *c, KrStmt *s)
{
    KrLocation loc = KR_LOC(s);
    KrUnit *unit = c->unit;
    if (c->flags & CO_FUTURE_ANNOTATIONS) {
        emit_annotation_text(c, s->v.AnnAssign.annotation);
        kr_emit_name(c, loc, KR_OP_LOAD_NAME, KR_ID(__annotations__));
        PyObject *name = kr_compiler_name(c, s->v.AnnAssign.target->v.Name.id);
        kr_emit_const(c, loc, kr_unit_mangle(c, name));
        kr_emit0(c, loc, KR_OP_STORE_SUBSCR);
        return;
    }
    int index = -1;
    defer_annotation(c, s, &index);
    if (index < 0) {
        return;
    }
    if (unit->type == KR_UNIT_CLASS) {
        kr_emit(c, loc, KR_OP_LOAD_DEREF,
                kr_unit_deref(c, KR_ID(__conditional_annotations__)));
    }
    else {
        kr_emit_name(c, loc, KR_OP_LOAD_NAME, KR_ID(__conditional_annotations__));
    }
    kr_codegen_const_int(c, loc, index);
    kr_emit(c, loc, KR_OP_SET_ADD, 1);
    kr_emit0(c, loc, KR_OP_POP_TOP);
}

static void
evaluate_and_drop(KrCompiler *c, KrExpr *e)
{
    if (e != NULL) {
        kr_codegen_expr(c, e);
        kr_emit0(c, KR_LOC(e), KR_OP_POP_TOP);
    }
}

// The parts of an index that stores nothing are evaluated all the same.
static void
evaluate_index(KrCompiler *c, KrExpr *e)
{
    if (e->kind == KR_EXPR_Slice) {
        evaluate_and_drop(c, e->v.Slice.lower);
        evaluate_and_drop(c, e->v.Slice.upper);
        evaluate_and_drop(c, e->v.Slice.step);
        return;
    }
    if (e->kind == KR_EXPR_Tuple) {
        for (int i = 0; i < KR_SEQ_LEN(e->v.Tuple.elts); i++) {
            evaluate_index(c, e->v.Tuple.elts->items[i]);
        }
        return;
    }
    evaluate_and_drop(c, e);
}

void
kr_codegen_ann_assign(KrCompiler *c, KrStmt *s)
{
    KrExpr *target = s->v.AnnAssign.target;
    if (s->v.AnnAssign.value != NULL) {
        kr_codegen_expr(c, s->v.AnnAssign.value);
        kr_codegen_expr(c, target);
    }
    if (c->failed) {
        return;
    }
    bool has_value = s->v.AnnAssign.value != NULL;
    switch (target->kind) {
    case KR_EXPR_Name:
        if (s->v.AnnAssign.simple
            && (c->unit->type == KR_UNIT_MODULE || c->unit->type == KR_UNIT_CLASS)) {
            codegen_name_annotation(c, s);
        }
        break;
    case KR_EXPR_Attribute:
        if (!has_value) {
            evaluate_and_drop(c, target->v.Attribute.value);
        }
        break;
    case KR_EXPR_Subscript:
        if (!has_value) {
            evaluate_and_drop(c, target->v.Subscript.value);
            evaluate_index(c, target->v.Subscript.slice);
        }
        break;
    default:
        PyErr_Format(PyExc_SystemError,
                     "invalid node type (%d) for annotated assignment",
                     (int)target->kind);
        kr_compiler_fail(c);
        break;
    }
}

static void
codegen_deferred_body(KrCompiler *c, KrLocation loc, const KrUnit *owner)
{
    kr_emit(c, loc, KR_OP_BUILD_MAP, 0);
    for (int i = 0; i < owner->deferred_count && !c->failed; i++) {
        const KrStmt *s = owner->deferred[i].stmt;
        KrLocation at = KR_LOC(s);
        int not_set = kr_label_new(c);
        if (owner->deferred[i].index >= 0) {
            kr_codegen_const_int(c, at, owner->deferred[i].index);
            if (owner->type == KR_UNIT_CLASS) {
                // The cell is the class's; the symbol table does not know of this use.
                kr_emit(c, at, KR_OP_LOAD_DEREF,
                        kr_unit_free(c, KR_ID(__conditional_annotations__)));
            }
            else {
                kr_emit(c, at, KR_OP_LOAD_GLOBAL,
                        kr_unit_add(c, &c->unit->names,
                                    KR_ID(__conditional_annotations__))
                            << 1);
            }
            kr_emit(c, at, KR_OP_CONTAINS_OP, 0);
            kr_emit(c, at, KR_OP_POP_JUMP_IF_FALSE, not_set);
        }
        kr_codegen_expr(c, s->v.AnnAssign.annotation);
        kr_emit(c, at, KR_OP_COPY, 2);
        PyObject *name = kr_compiler_name(c, s->v.AnnAssign.target->v.Name.id);
        kr_emit_const(c, at, kr_unit_mangle(c, name));
        kr_emit0(c, loc, KR_OP_STORE_SUBSCR);
        kr_label_use(c, not_set);
    }
}

void
kr_codegen_deferred_annotations(KrCompiler *c, KrLocation loc)
{
    KrUnit *unit = c->unit;
    if (c->failed || unit->deferred_count == 0) {
        return;
    }
    KrScope *scope = unit->scope;
    bool is_module = unit->type == KR_UNIT_MODULE;
    // The function of a module is made before its first statement runs.
    if (is_module) {
        unit->main_seq->annotations = kr_seq_new(c);
        unit->seq = unit->main_seq->annotations;
    }
    if (c->failed) {
        return;
    }
    enter_lazy_scope(c, loc, kr_key_annotations(scope), scope->annotation_block->name);
    if (c->failed) {
        return;
    }
    codegen_deferred_body(c, loc, unit);
    leave_annotations_scope(c, loc);
    kr_codegen_name(c, loc,
                    scope->type == KR_BLOCK_CLASS ? KR_ID(__annotate_func__)
                                                  : KR_ID(__annotate__),
                    KR_STORE);
    if (!c->failed) {
        unit->seq = unit->main_seq;
    }
}

// A function of the lazily evaluated expression, with the default format 1.
static void
codegen_lazy_param(KrCompiler *c, KrExpr *e, PyObject *name, const void *key,
                   bool allow_starred)
{
    KrLocation loc = KR_LOC(e);
    PyObject *one = kr_compiler_keep(c, PyLong_FromLong(1));
    if (one == NULL) {
        return;
    }
    kr_emit_const(c, loc, kr_compiler_keep(c, PyTuple_Pack(1, one)));
    enter_lazy_scope(c, loc, key, name);
    if (allow_starred && e->kind == KR_EXPR_Starred) {
        kr_codegen_expr(c, e->v.Starred.value);
        kr_emit(c, loc, KR_OP_UNPACK_SEQUENCE, 1);
    }
    else {
        kr_codegen_expr(c, e);
    }
    kr_emit0(c, loc, KR_OP_RETURN_VALUE);
    PyCodeObject *code = kr_unit_finish(c, true);
    kr_codegen_closure(c, loc, code, KR_FUNCTION_DEFAULTS);
}

static void
codegen_param_default(KrCompiler *c, KrLocation loc, KrExpr *value, PyObject *name,
                      const void *key, bool allow_starred, bool *seen_default)
{
    if (value != NULL) {
        *seen_default = true;
        codegen_lazy_param(c, value, name, key, allow_starred);
        kr_emit(c, loc, KR_OP_CALL_INTRINSIC_2, KR_INTRINSIC_SET_TYPEPARAM_DEFAULT);
    }
    else if (*seen_default) {
        kr_compiler_error(c, loc,
                          "non-default type parameter '%U' follows default type "
                          "parameter",
                          name);
    }
    kr_emit(c, loc, KR_OP_COPY, 1);
    kr_codegen_name(c, loc, name, KR_STORE);
}

void
kr_codegen_type_params(KrCompiler *c, const KrTypeParamSeq *params)
{
    bool seen_default = false;
    for (int i = 0; i < params->count && !c->failed; i++) {
        KrTypeParam *param = params->items[i];
        KrLocation loc = KR_LOC(param);
        PyObject *name;
        switch (param->kind) {
        case KR_TYPE_PARAM_TypeVar: {
            KrExpr *bound = param->v.TypeVar.bound;
            name = kr_compiler_name(c, param->v.TypeVar.name);
            kr_emit_const(c, loc, name);
            if (bound != NULL) {
                codegen_lazy_param(c, bound, name, param, false);
                kr_emit(c, loc, KR_OP_CALL_INTRINSIC_2,
                        bound->kind == KR_EXPR_Tuple
                            ? KR_INTRINSIC_TYPEVAR_WITH_CONSTRAINTS
                            : KR_INTRINSIC_TYPEVAR_WITH_BOUND);
            }
            else {
                kr_emit(c, loc, KR_OP_CALL_INTRINSIC_1, KR_INTRINSIC_TYPEVAR);
            }
            codegen_param_default(c, loc, param->v.TypeVar.default_value, name,
                                  (const char *)param + 1, false, &seen_default);
            break;
        }
        case KR_TYPE_PARAM_TypeVarTuple:
            name = kr_compiler_name(c, param->v.TypeVarTuple.name);
            kr_emit_const(c, loc, name);
            kr_emit(c, loc, KR_OP_CALL_INTRINSIC_1, KR_INTRINSIC_TYPEVARTUPLE);
            codegen_param_default(c, loc, param->v.TypeVarTuple.default_value, name,
                                  param, true, &seen_default);
            break;
        case KR_TYPE_PARAM_ParamSpec:
            name = kr_compiler_name(c, param->v.ParamSpec.name);
            kr_emit_const(c, loc, name);
            kr_emit(c, loc, KR_OP_CALL_INTRINSIC_1, KR_INTRINSIC_PARAMSPEC);
            codegen_param_default(c, loc, param->v.ParamSpec.default_value, name, param,
                                  false, &seen_default);
            break;
        }
    }
    kr_emit(c, KR_LOC(params->items[0]), KR_OP_BUILD_TUPLE, params->count);
}

void
kr_codegen_type_alias(KrCompiler *c, KrStmt *s)
{
    const KrTypeParamSeq *params = s->v.TypeAlias.type_params;
    bool is_generic = KR_SEQ_LEN(params) > 0;
    PyObject *name = kr_compiler_name(c, s->v.TypeAlias.name->v.Name.id);
    KrLocation loc = KR_LOC(s);
    if (name == NULL) {
        return;
    }
    if (is_generic) {
        PyObject *scope_name = kr_compiler_intern(
            c, PyUnicode_FromFormat("<generic parameters of %U>", name));
        kr_unit_enter(c, scope_name, KR_UNIT_ANNOTATIONS, params, loc.line,
                      c->unit->private_name);
        kr_emit_const(c, loc, name);
        if (c->failed) {
            return;
        }
        kr_codegen_type_params(c, params);
    }
    else {
        kr_emit_const(c, loc, name);
        kr_emit_const(c, loc, Py_None);
    }
    PyObject *one = kr_compiler_keep(c, PyLong_FromLong(1));
    if (one == NULL || c->failed) {
        return;
    }
    kr_emit_const(c, loc, kr_compiler_keep(c, PyTuple_Pack(1, one)));
    enter_lazy_scope(c, loc, s, name);
    kr_codegen_expr(c, s->v.TypeAlias.value);
    kr_emit0(c, loc, KR_OP_RETURN_VALUE);
    PyCodeObject *code = kr_unit_finish(c, false);
    kr_codegen_closure(c, loc, code, KR_FUNCTION_DEFAULTS);
    kr_emit(c, loc, KR_OP_BUILD_TUPLE, 3);
    kr_emit(c, loc, KR_OP_CALL_INTRINSIC_1, KR_INTRINSIC_TYPEALIAS);
    if (is_generic) {
        PyCodeObject *params_code = kr_unit_finish(c, false);
        kr_codegen_closure(c, loc, params_code, 0);
        kr_emit0(c, loc, KR_OP_PUSH_NULL);
        kr_emit(c, loc, KR_OP_CALL, 0);
    }
    kr_codegen_name(c, loc, name, KR_STORE);
}
