// SPDX-License-Identifier: MIT
// symtable_visit.c - walks the tree and records what each block says about its names.
//
// Read next: symtable.h, symtable.c

#include "compile/symtable.h"

#include "objects/ids.h"

static void visit_stmts(KrSymtable *st, const KrStmtSeq *seq);
static void visit_expr(KrSymtable *st, KrExpr *e);
static void visit_exprs(KrSymtable *st, const KrExprSeq *seq);
static void visit_pattern(KrSymtable *st, const KrPattern *p);

static KrScope *
new_scope(KrSymtable *st, PyObject *name, KrBlockType type, const void *node,
          KrLocation loc)
{
    KrScope *scope = kr_compiler_alloc(st->c, sizeof(*scope));
    if (scope == NULL) {
        return NULL;
    }
    scope->type = type;
    scope->name = name;
    scope->node = node;
    scope->loc = loc;
    scope->number = st->count++;
    KrScope *around = st->current;
    if (around != NULL) {
        scope->nested = around->nested || kr_scope_is_function_like(around);
        scope->method = type == KR_BLOCK_FUNCTION && around->type == KR_BLOCK_CLASS;
    }
    if (!kr_ptrmap_set(&st->blocks, st->c->arena, node, (intptr_t)scope)) {
        kr_compiler_no_memory(st->c);
    }
    return scope;
}

// Sets flags of a name in a scope; the low-level half of define().
static void
define_in(KrSymtable *st, PyObject *name, long flag, KrScope *scope, KrLocation loc)
{
    PyObject *mangled = kr_scope_mangle(st->c, st->private_name, st->current, name);
    if (mangled == NULL) {
        return;
    }
    long value = kr_scope_flags(scope, mangled);
    if ((flag & KR_DEF_PARAM) && (value & KR_DEF_PARAM)) {
        kr_compiler_error_ranged(
            st->c, loc, "duplicate argument '%U' in function definition", name);
        return;
    }
    if ((flag & KR_DEF_TYPE_PARAM) && (value & KR_DEF_TYPE_PARAM)) {
        kr_compiler_error_ranged(st->c, loc, "duplicate type parameter '%U'", name);
        return;
    }
    value |= flag;
    if (scope->comp_iter_target) {
        // A variable of a comprehension must not be one that := binds further out.
        if (value & (KR_DEF_GLOBAL | KR_DEF_NONLOCAL)) {
            kr_compiler_error_ranged(st->c, loc,
                                     "comprehension inner loop cannot rebind "
                                     "assignment expression target '%U'",
                                     name);
            return;
        }
        value |= KR_DEF_COMP_ITER;
    }
    if (!kr_ptrmap_set(&scope->symbols, st->c->arena, mangled, value)) {
        kr_compiler_no_memory(st->c);
        return;
    }
    if (flag & KR_DEF_PARAM) {
        if (scope->varname_count == scope->varname_capacity) {
            int capacity = scope->varname_capacity ? scope->varname_capacity * 2 : 8;
            PyObject **names =
                kr_compiler_alloc(st->c, (size_t)capacity * sizeof(*names));
            if (names == NULL) {
                return;
            }
            if (scope->varname_count > 0) {
                memcpy(names, scope->varnames,
                       (size_t)scope->varname_count * sizeof(*names));
            }
            scope->varnames = names;
            scope->varname_capacity = capacity;
        }
        scope->varnames[scope->varname_count++] = mangled;
    }
    else if (flag & KR_DEF_GLOBAL) {
        long global = kr_scope_flags(st->top, mangled) | flag;
        if (!kr_ptrmap_set(&st->top->symbols, st->c->arena, mangled, global)) {
            kr_compiler_no_memory(st->c);
        }
    }
}

static bool
check_name(KrSymtable *st, PyObject *name, KrLocation loc, KrExprContext ctx)
{
    if (name != KR_ID(__debug__) || ctx == KR_LOAD) {
        return true;
    }
    kr_compiler_error_ranged(st->c, loc,
                             ctx == KR_STORE ? "cannot assign to __debug__"
                                             : "cannot delete __debug__");
    return false;
}

static void
define_ctx(KrSymtable *st, PyObject *name, long flag, KrLocation loc, KrExprContext ctx)
{
    if (name == NULL || st->c->failed) {
        return;
    }
    if ((flag & (KR_DEF_PARAM | KR_DEF_LOCAL | KR_DEF_IMPORT))
        && !check_name(st, name, loc, ctx)) {
        return;
    }
    KrScope *scope = st->current;
    if ((flag & KR_DEF_TYPE_PARAM) && scope->mangled_names != NULL
        && !kr_ptrmap_set(scope->mangled_names, st->c->arena, name, 1)) {
        kr_compiler_no_memory(st->c);
        return;
    }
    define_in(st, name, flag, scope, loc);
}

static void
define(KrSymtable *st, PyObject *name, long flag, KrLocation loc)
{
    define_ctx(st, name, flag, loc, flag == KR_USE ? KR_LOAD : KR_STORE);
}

static void
define_ident(KrSymtable *st, const KrIdent *ident, long flag, KrLocation loc)
{
    define(st, kr_compiler_name(st->c, ident), flag, loc);
}

static void
enter_existing(KrSymtable *st, KrScope *scope)
{
    if (!kr_scope_list_push(st->c, &st->stack, scope)) {
        return;
    }
    KrScope *around = st->current;
    if (around != NULL) {
        scope->comp_iter_expr = around->comp_iter_expr;
    }
    if (around != NULL && around->mangled_names != NULL
        && scope->type != KR_BLOCK_CLASS) {
        scope->mangled_names = around->mangled_names;
    }
    st->current = scope;
    // With annotations as strings their scopes never run: keep them apart.
    if (scope->type == KR_BLOCK_ANNOTATION && (st->c->flags & CO_FUTURE_ANNOTATIONS)) {
        return;
    }
    if (around != NULL) {
        kr_scope_list_push(st->c, &around->children, scope);
    }
}

static KrScope *
enter(KrSymtable *st, PyObject *name, KrBlockType type, const void *node, KrLocation loc)
{
    if (st->c->failed || name == NULL) {
        return NULL;
    }
    KrScope *scope = new_scope(st, name, type, node, loc);
    if (scope == NULL) {
        return NULL;
    }
    enter_existing(st, scope);
    if (type == KR_BLOCK_ANNOTATION || type == KR_BLOCK_TYPE_VARIABLE
        || type == KR_BLOCK_TYPE_ALIAS) {
        // The parameter that asks for the format of the result.
        PyObject *format = KR_STR(dot_format, ".format");
        define(st, format, KR_DEF_PARAM, loc);
        define(st, format, KR_USE, loc);
    }
    return scope;
}

static void
leave(KrSymtable *st)
{
    KR_ASSERT(st->stack.count > 0);
    st->stack.count--;
    st->current = st->stack.count > 0 ? st->stack.items[st->stack.count - 1] : NULL;
}

static void
record_directive(KrSymtable *st, PyObject *name, KrLocation loc)
{
    KrScope *scope = st->current;
    PyObject *mangled = kr_scope_mangle(st->c, st->private_name, scope, name);
    if (scope->directive_count == scope->directive_capacity) {
        int capacity = scope->directive_capacity ? scope->directive_capacity * 2 : 4;
        KrDirective *list = kr_compiler_alloc(st->c, (size_t)capacity * sizeof(*list));
        if (list == NULL) {
            return;
        }
        if (scope->directive_count > 0) {
            memcpy(list, scope->directives,
                   (size_t)scope->directive_count * sizeof(*list));
        }
        scope->directives = list;
        scope->directive_capacity = capacity;
    }
    scope->directives[scope->directive_count++] = (KrDirective){mangled, loc};
}

static long
lookup_in(KrSymtable *st, const KrScope *scope, PyObject *name)
{
    PyObject *mangled = kr_scope_mangle(st->c, st->private_name, scope, name);
    return mangled != NULL ? kr_scope_flags(scope, mangled) : 0;
}

// Expressions that the lazily evaluated scopes cannot hold.
static bool
is_allowed_here(KrSymtable *st, const char *what, const KrExpr *e)
{
    KrScope *scope = st->current;
    switch (scope->type) {
    case KR_BLOCK_ANNOTATION:
        kr_compiler_error_ranged(st->c, KR_LOC(e),
                                 "%s cannot be used within an annotation", what);
        return false;
    case KR_BLOCK_TYPE_VARIABLE:
        kr_compiler_error_ranged(st->c, KR_LOC(e), "%s cannot be used within %s", what,
                                 scope->scope_info);
        return false;
    case KR_BLOCK_TYPE_ALIAS:
        kr_compiler_error_ranged(st->c, KR_LOC(e),
                                 "%s cannot be used within a type alias", what);
        return false;
    case KR_BLOCK_TYPE_PARAMETERS:
        kr_compiler_error_ranged(st->c, KR_LOC(e),
                                 "%s cannot be used within the definition of a generic",
                                 what);
        return false;
    default:
        return true;
    }
}

static void
check_yield_in_comprehension(KrSymtable *st, const KrExpr *e)
{
    static const char *const texts[] = {
        [KR_COMP_LIST] = "'yield' inside list comprehension",
        [KR_COMP_DICT] = "'yield' inside dict comprehension",
        [KR_COMP_SET] = "'yield' inside set comprehension",
        [KR_COMP_GENERATOR] = "'yield' inside generator expression",
    };
    if (st->current->comprehension != KR_COMP_NONE) {
        kr_compiler_error_ranged(st->c, KR_LOC(e), "%s",
                                 texts[st->current->comprehension]);
    }
}

static bool
is_async_function(const KrSymtable *st)
{
    return st->current->type == KR_BLOCK_FUNCTION && st->current->coroutine;
}

static bool
is_top_level_await(const KrSymtable *st)
{
    return st->allow_top_level_await && st->current->type == KR_BLOCK_MODULE;
}

// A name bound by := inside comprehensions belongs to the function around them.
static void
extend_named_expr(KrSymtable *st, KrExpr *target)
{
    PyObject *name = kr_compiler_name(st->c, target->v.Name.id);
    KrLocation loc = KR_LOC(target);
    for (int i = st->stack.count - 1; i >= 0 && !st->c->failed; i--) {
        KrScope *scope = st->stack.items[i];
        if (scope->comprehension != KR_COMP_NONE) {
            long flags = lookup_in(st, scope, name);
            if ((flags & KR_DEF_COMP_ITER) && (flags & (KR_DEF_LOCAL | KR_DEF_GLOBAL))) {
                kr_compiler_error_ranged(st->c, loc,
                                         "assignment expression cannot rebind "
                                         "comprehension iteration variable '%U'",
                                         name);
            }
            continue;
        }
        if (scope->type == KR_BLOCK_FUNCTION) {
            long flags = lookup_in(st, scope, name);
            define(st, name, flags & KR_DEF_GLOBAL ? KR_DEF_GLOBAL : KR_DEF_NONLOCAL,
                   loc);
            record_directive(st, name, loc);
            define_in(st, name, KR_DEF_LOCAL, scope, loc);
            return;
        }
        const char *where = NULL;
        switch (scope->type) {
        case KR_BLOCK_MODULE:
            define(st, name, KR_DEF_GLOBAL, loc);
            record_directive(st, name, loc);
            define_in(st, name, KR_DEF_GLOBAL, scope, loc);
            return;
        case KR_BLOCK_CLASS:
            where = "a class body";
            break;
        case KR_BLOCK_TYPE_PARAMETERS:
            kr_compiler_error_ranged(st->c, loc,
                                     "assignment expression within a comprehension "
                                     "cannot be used within the definition of a generic");
            return;
        case KR_BLOCK_TYPE_ALIAS:
            where = "a type alias";
            break;
        case KR_BLOCK_TYPE_VARIABLE:
            where = "a TypeVar bound";
            break;
        default:
            continue;
        }
        kr_compiler_error_ranged(st->c, loc,
                                 "assignment expression within a comprehension cannot "
                                 "be used in %s",
                                 where);
        return;
    }
}

static void
visit_named_expr(KrSymtable *st, KrExpr *e)
{
    if (!is_allowed_here(st, "named expression", e)) {
        return;
    }
    if (st->current->comp_iter_expr > 0) {
        kr_compiler_error_ranged(st->c, KR_LOC(e),
                                 "assignment expression cannot be used in a "
                                 "comprehension iterable expression");
        return;
    }
    if (st->current->comprehension != KR_COMP_NONE) {
        extend_named_expr(st, e->v.NamedExpr.target);
    }
    visit_expr(st, e->v.NamedExpr.value);
    visit_expr(st, e->v.NamedExpr.target);
}

static void
visit_comp_target(KrSymtable *st, KrExpr *target)
{
    st->current->comp_iter_target = true;
    visit_expr(st, target);
    st->current->comp_iter_target = false;
}

static void
visit_comp_iter(KrSymtable *st, KrExpr *iter)
{
    st->current->comp_iter_expr++;
    visit_expr(st, iter);
    st->current->comp_iter_expr--;
}

static void
visit_comprehension(KrSymtable *st, KrExpr *e, PyObject *name, KrCompType type,
                    const KrComprehensionSeq *generators, KrExpr *elt, KrExpr *value)
{
    bool is_generator = type == KR_COMP_GENERATOR;
    KrComprehension *outermost = generators->items[0];
    // The outermost iterable belongs to the scope around the comprehension.
    visit_comp_iter(st, outermost->iter);
    KrScope *scope = enter(st, name, KR_BLOCK_FUNCTION, e, KR_LOC(e));
    if (scope == NULL) {
        return;
    }
    scope->comprehension = type;
    if (outermost->is_async) {
        scope->coroutine = true;
    }
    define(st, KR_STR(dot_zero, ".0"), KR_DEF_PARAM, KR_LOC(e));
    visit_comp_target(st, outermost->target);
    visit_exprs(st, outermost->ifs);
    for (int i = 1; i < generators->count; i++) {
        KrComprehension *generator = generators->items[i];
        visit_comp_target(st, generator->target);
        visit_comp_iter(st, generator->iter);
        visit_exprs(st, generator->ifs);
        if (generator->is_async) {
            scope->coroutine = true;
        }
    }
    if (value != NULL) {
        visit_expr(st, value);
    }
    visit_expr(st, elt);
    scope->generator = is_generator;
    bool is_async = scope->coroutine && !is_generator;
    leave(st);
    if (is_async && !is_async_function(st)
        && st->current->comprehension == KR_COMP_NONE && !is_top_level_await(st)) {
        kr_compiler_error_ranged(
            st->c, KR_LOC(e),
            "asynchronous comprehension outside of an asynchronous function");
        return;
    }
    if (is_async) {
        st->current->coroutine = true;
    }
}

static void
visit_params(KrSymtable *st, const KrArgSeq *args)
{
    for (int i = 0; i < KR_SEQ_LEN(args); i++) {
        define_ident(st, args->items[i]->arg, KR_DEF_PARAM, KR_LOC(args->items[i]));
    }
}

static void
visit_arguments(KrSymtable *st, const KrArguments *a)
{
    visit_params(st, a->posonlyargs);
    visit_params(st, a->args);
    visit_params(st, a->kwonlyargs);
    if (a->vararg != NULL) {
        define_ident(st, a->vararg->arg, KR_DEF_PARAM, KR_LOC(a->vararg));
        st->current->varargs = true;
    }
    if (a->kwarg != NULL) {
        define_ident(st, a->kwarg->arg, KR_DEF_PARAM, KR_LOC(a->kwarg));
        st->current->varkeywords = true;
    }
}

static void
check_keywords(KrSymtable *st, const KrKeywordSeq *keywords)
{
    for (int i = 0; i < KR_SEQ_LEN(keywords); i++) {
        KrKeyword *keyword = keywords->items[i];
        if (keyword->arg != NULL
            && !check_name(st, kr_compiler_name(st->c, keyword->arg), KR_LOC(keyword),
                           KR_STORE)) {
            return;
        }
    }
}

static void
visit_keywords(KrSymtable *st, const KrKeywordSeq *keywords)
{
    check_keywords(st, keywords);
    for (int i = 0; i < KR_SEQ_LEN(keywords); i++) {
        visit_expr(st, keywords->items[i]->value);
    }
}

static void
visit_name(KrSymtable *st, KrExpr *e)
{
    PyObject *name = kr_compiler_name(st->c, e->v.Name.id);
    if (st->current->in_unevaluated_annotation) {
        return;
    }
    define_ctx(st, name, e->v.Name.ctx == KR_LOAD ? KR_USE : KR_DEF_LOCAL, KR_LOC(e),
               e->v.Name.ctx);
    // super() needs the class around.
    if (e->v.Name.ctx == KR_LOAD && kr_scope_is_function_like(st->current)
        && name == KR_ID(super)) {
        define(st, KR_ID(__class__), KR_USE, KR_LOC(e));
    }
}

static void
visit_await(KrSymtable *st, KrExpr *e)
{
    if (!is_allowed_here(st, "await expression", e)) {
        return;
    }
    if (!is_top_level_await(st)) {
        if (!kr_scope_is_function_like(st->current)) {
            kr_compiler_error_ranged(st->c, KR_LOC(e), "'await' outside function");
            return;
        }
        if (!is_async_function(st) && st->current->comprehension == KR_COMP_NONE) {
            kr_compiler_error_ranged(st->c, KR_LOC(e), "'await' outside async function");
            return;
        }
    }
    visit_expr(st, e->v.Await.value);
    st->current->coroutine = true;
}

static void
visit_lambda(KrSymtable *st, KrExpr *e)
{
    visit_exprs(st, e->v.Lambda.args->defaults);
    visit_exprs(st, e->v.Lambda.args->kw_defaults);
    if (enter(st, KR_STR(lambda, "<lambda>"), KR_BLOCK_FUNCTION, e, KR_LOC(e)) == NULL) {
        return;
    }
    visit_arguments(st, e->v.Lambda.args);
    visit_expr(st, e->v.Lambda.body);
    leave(st);
}

static void
visit_exprs(KrSymtable *st, const KrExprSeq *seq)
{
    for (int i = 0; i < KR_SEQ_LEN(seq) && !st->c->failed; i++) {
        if (seq->items[i] != NULL) {
            visit_expr(st, seq->items[i]);
        }
    }
}

static void
visit_expr_kind(KrSymtable *st, KrExpr *e)
{
    switch (e->kind) {
    case KR_EXPR_NamedExpr:
        visit_named_expr(st, e);
        break;
    case KR_EXPR_BoolOp:
        visit_exprs(st, e->v.BoolOp.values);
        break;
    case KR_EXPR_BinOp:
        visit_expr(st, e->v.BinOp.left);
        visit_expr(st, e->v.BinOp.right);
        break;
    case KR_EXPR_UnaryOp:
        visit_expr(st, e->v.UnaryOp.operand);
        break;
    case KR_EXPR_Lambda:
        visit_lambda(st, e);
        break;
    case KR_EXPR_IfExp:
        visit_expr(st, e->v.IfExp.test);
        visit_expr(st, e->v.IfExp.body);
        visit_expr(st, e->v.IfExp.orelse);
        break;
    case KR_EXPR_Dict:
        visit_exprs(st, e->v.Dict.keys);
        visit_exprs(st, e->v.Dict.values);
        break;
    case KR_EXPR_Set:
        visit_exprs(st, e->v.Set.elts);
        break;
    case KR_EXPR_GeneratorExp:
        visit_comprehension(st, e, KR_STR(genexpr, "<genexpr>"), KR_COMP_GENERATOR,
                            e->v.GeneratorExp.generators, e->v.GeneratorExp.elt, NULL);
        break;
    case KR_EXPR_ListComp:
        visit_comprehension(st, e, KR_STR(listcomp, "<listcomp>"), KR_COMP_LIST,
                            e->v.ListComp.generators, e->v.ListComp.elt, NULL);
        break;
    case KR_EXPR_SetComp:
        visit_comprehension(st, e, KR_STR(setcomp, "<setcomp>"), KR_COMP_SET,
                            e->v.SetComp.generators, e->v.SetComp.elt, NULL);
        break;
    case KR_EXPR_DictComp:
        visit_comprehension(st, e, KR_STR(dictcomp, "<dictcomp>"), KR_COMP_DICT,
                            e->v.DictComp.generators, e->v.DictComp.key,
                            e->v.DictComp.value);
        break;
    case KR_EXPR_Yield:
        if (is_allowed_here(st, "yield expression", e)) {
            if (e->v.Yield.value != NULL) {
                visit_expr(st, e->v.Yield.value);
            }
            st->current->generator = true;
            check_yield_in_comprehension(st, e);
        }
        break;
    case KR_EXPR_YieldFrom:
        if (is_allowed_here(st, "yield expression", e)) {
            visit_expr(st, e->v.YieldFrom.value);
            st->current->generator = true;
            check_yield_in_comprehension(st, e);
        }
        break;
    case KR_EXPR_Await:
        visit_await(st, e);
        break;
    case KR_EXPR_Compare:
        visit_expr(st, e->v.Compare.left);
        visit_exprs(st, e->v.Compare.comparators);
        break;
    case KR_EXPR_Call:
        visit_expr(st, e->v.Call.func);
        visit_exprs(st, e->v.Call.args);
        visit_keywords(st, e->v.Call.keywords);
        break;
    case KR_EXPR_FormattedValue:
        visit_expr(st, e->v.FormattedValue.value);
        if (e->v.FormattedValue.format_spec != NULL) {
            visit_expr(st, e->v.FormattedValue.format_spec);
        }
        break;
    case KR_EXPR_Interpolation:
        visit_expr(st, e->v.Interpolation.value);
        if (e->v.Interpolation.format_spec != NULL) {
            visit_expr(st, e->v.Interpolation.format_spec);
        }
        break;
    case KR_EXPR_JoinedStr:
        visit_exprs(st, e->v.JoinedStr.values);
        break;
    case KR_EXPR_TemplateStr:
        visit_exprs(st, e->v.TemplateStr.values);
        break;
    case KR_EXPR_Constant:
        break;
    case KR_EXPR_Attribute:
        if (check_name(st, kr_compiler_name(st->c, e->v.Attribute.attr), KR_LOC(e),
                       e->v.Attribute.ctx)) {
            visit_expr(st, e->v.Attribute.value);
        }
        break;
    case KR_EXPR_Starred:
        visit_expr(st, e->v.Starred.value);
        break;
    case KR_EXPR_Subscript:
        visit_expr(st, e->v.Subscript.value);
        visit_expr(st, e->v.Subscript.slice);
        break;
    case KR_EXPR_Slice:
        if (e->v.Slice.lower != NULL) {
            visit_expr(st, e->v.Slice.lower);
        }
        if (e->v.Slice.upper != NULL) {
            visit_expr(st, e->v.Slice.upper);
        }
        if (e->v.Slice.step != NULL) {
            visit_expr(st, e->v.Slice.step);
        }
        break;
    case KR_EXPR_Name:
        visit_name(st, e);
        break;
    case KR_EXPR_List:
        visit_exprs(st, e->v.List.elts);
        break;
    case KR_EXPR_Tuple:
        visit_exprs(st, e->v.Tuple.elts);
        break;
    }
}

static void
visit_expr(KrSymtable *st, KrExpr *e)
{
    if (kr_compiler_enter(st->c)) {
        visit_expr_kind(st, e);
        kr_compiler_leave(st->c);
    }
}

// Bound or default of a type parameter: evaluated lazily in a scope of its own.
static void
visit_lazy_param(KrSymtable *st, KrExpr *e, PyObject *name, const void *key,
                 const char *scope_info)
{
    if (st->c->failed || e == NULL) {
        return;
    }
    bool in_class = st->current->can_see_class_scope;
    KrScope *scope = enter(st, name, KR_BLOCK_TYPE_VARIABLE, key, KR_LOC(e));
    if (scope == NULL) {
        return;
    }
    scope->can_see_class_scope = in_class;
    if (in_class) {
        define(st, KR_ID(__classdict__), KR_USE, KR_LOC(e));
    }
    scope->scope_info = scope_info;
    visit_expr(st, e);
    leave(st);
}

static void
define_type_param(KrSymtable *st, PyObject *name, KrLocation loc)
{
    if (name == KR_ID(__classdict__)) {
        kr_compiler_error_ranged(
            st->c, loc, "reserved name '%U' cannot be used for type parameter", name);
        return;
    }
    define(st, name, KR_DEF_TYPE_PARAM | KR_DEF_LOCAL, loc);
}

static void
visit_type_params(KrSymtable *st, const KrTypeParamSeq *params)
{
    for (int i = 0; i < KR_SEQ_LEN(params) && !st->c->failed; i++) {
        KrTypeParam *param = params->items[i];
        const void *second_key = (const char *)param + 1;
        PyObject *name;
        switch (param->kind) {
        case KR_TYPE_PARAM_TypeVar: {
            name = kr_compiler_name(st->c, param->v.TypeVar.name);
            define_type_param(st, name, KR_LOC(param));
            KrExpr *bound = param->v.TypeVar.bound;
            bool is_tuple = bound != NULL && bound->kind == KR_EXPR_Tuple;
            visit_lazy_param(st, bound, name, param,
                             is_tuple ? "a TypeVar constraint" : "a TypeVar bound");
            visit_lazy_param(st, param->v.TypeVar.default_value, name, second_key,
                             "a TypeVar default");
            break;
        }
        case KR_TYPE_PARAM_ParamSpec:
            name = kr_compiler_name(st->c, param->v.ParamSpec.name);
            define_type_param(st, name, KR_LOC(param));
            visit_lazy_param(st, param->v.ParamSpec.default_value, name, param,
                             "a ParamSpec default");
            break;
        case KR_TYPE_PARAM_TypeVarTuple:
            name = kr_compiler_name(st->c, param->v.TypeVarTuple.name);
            define_type_param(st, name, KR_LOC(param));
            visit_lazy_param(st, param->v.TypeVarTuple.default_value, name, param,
                             "a TypeVarTuple default");
            break;
        }
    }
}

static void
enter_type_params(KrSymtable *st, PyObject *name, const void *key, bool has_defaults,
                  bool has_kwdefaults, bool is_class, KrLocation loc)
{
    bool in_class = st->current->type == KR_BLOCK_CLASS;
    KrScope *scope = enter(st, name, KR_BLOCK_TYPE_PARAMETERS, key, loc);
    if (scope == NULL) {
        return;
    }
    if (in_class) {
        scope->can_see_class_scope = true;
        define(st, KR_ID(__classdict__), KR_USE, loc);
    }
    if (is_class) {
        define(st, KR_STR(dot_type_params, ".type_params"), KR_DEF_LOCAL, loc);
        define(st, KR_STR(dot_type_params, ".type_params"), KR_USE, loc);
        st->private_name = name;
        define(st, KR_STR(dot_generic_base, ".generic_base"), KR_DEF_LOCAL, loc);
        define(st, KR_STR(dot_generic_base, ".generic_base"), KR_USE, loc);
    }
    if (has_defaults) {
        define(st, KR_STR(dot_defaults, ".defaults"), KR_DEF_PARAM, loc);
    }
    if (has_kwdefaults) {
        define(st, KR_STR(dot_kwdefaults, ".kwdefaults"), KR_DEF_PARAM, loc);
    }
}

static bool
has_kwonly_defaults(const KrArguments *args)
{
    for (int i = 0; i < KR_SEQ_LEN(args->kw_defaults); i++) {
        if (args->kw_defaults->items[i] != NULL) {
            return true;
        }
    }
    return false;
}

static void
visit_arg_annotation(KrSymtable *st, const KrArg *arg)
{
    if (arg != NULL && arg->annotation != NULL) {
        st->current->annotations_used = true;
        visit_expr(st, arg->annotation);
    }
}

static void
visit_arg_annotations(KrSymtable *st, const KrArgSeq *args)
{
    for (int i = 0; i < KR_SEQ_LEN(args); i++) {
        visit_arg_annotation(st, args->items[i]);
    }
}

static void
visit_function_annotations(KrSymtable *st, KrStmt *s, KrArguments *a, KrExpr *returns,
                           KrScope *function)
{
    bool in_class = st->current->can_see_class_scope;
    KrBlockType around = st->current->type;
    KrScope *scope =
        enter(st, KR_ID(__annotate__), KR_BLOCK_ANNOTATION, a, KR_LOC(s));
    if (scope == NULL) {
        return;
    }
    scope->function_name = function->name;
    if (in_class || around == KR_BLOCK_CLASS) {
        scope->can_see_class_scope = true;
        define(st, KR_ID(__classdict__), KR_USE, KR_LOC(s));
    }
    visit_arg_annotations(st, a->posonlyargs);
    visit_arg_annotations(st, a->args);
    visit_arg_annotation(st, a->vararg);
    visit_arg_annotation(st, a->kwarg);
    visit_arg_annotations(st, a->kwonlyargs);
    if (returns != NULL) {
        scope->annotations_used = true;
        visit_expr(st, returns);
    }
    leave(st);
}

static void
visit_function(KrSymtable *st, KrStmt *s)
{
    bool is_async = s->kind == KR_STMT_AsyncFunctionDef;
    PyObject *name = kr_compiler_name(st->c, s->v.FunctionDef.name);
    KrArguments *args = s->v.FunctionDef.args;
    KrTypeParamSeq *params = s->v.FunctionDef.type_params;
    define(st, name, KR_DEF_LOCAL, KR_LOC(s));
    visit_exprs(st, args->defaults);
    visit_exprs(st, args->kw_defaults);
    visit_exprs(st, s->v.FunctionDef.decorator_list);
    bool is_generic = KR_SEQ_LEN(params) > 0;
    if (is_generic) {
        // The place for defaults is there even without any.
        enter_type_params(st, name, params, true, has_kwonly_defaults(args), false,
                          KR_LOC(s));
        visit_type_params(st, params);
    }
    if (st->c->failed) {
        return;
    }
    KrScope *scope = new_scope(st, name, KR_BLOCK_FUNCTION, s, KR_LOC(s));
    if (scope == NULL) {
        return;
    }
    visit_function_annotations(st, s, args, s->v.FunctionDef.returns, scope);
    if (st->c->failed) {
        return;
    }
    enter_existing(st, scope);
    scope->has_docstring = kr_docstring(s->v.FunctionDef.body) != NULL;
    scope->coroutine = is_async;
    visit_arguments(st, args);
    visit_stmts(st, s->v.FunctionDef.body);
    leave(st);
    if (is_generic) {
        leave(st);
    }
}

static void
visit_class(KrSymtable *st, KrStmt *s)
{
    PyObject *name = kr_compiler_name(st->c, s->v.ClassDef.name);
    KrTypeParamSeq *params = s->v.ClassDef.type_params;
    bool is_generic = KR_SEQ_LEN(params) > 0;
    define(st, name, KR_DEF_LOCAL, KR_LOC(s));
    visit_exprs(st, s->v.ClassDef.decorator_list);
    PyObject *outer_private = st->private_name;
    if (is_generic) {
        enter_type_params(st, name, params, false, false, true, KR_LOC(s));
        if (st->c->failed) {
            return;
        }
        // Inside the class's parameters only the parameters themselves are private.
        st->current->mangled_names = kr_compiler_alloc(st->c, sizeof(KrPtrMap));
        visit_type_params(st, params);
    }
    visit_exprs(st, s->v.ClassDef.bases);
    visit_keywords(st, s->v.ClassDef.keywords);
    if (enter(st, name, KR_BLOCK_CLASS, s, KR_LOC(s)) == NULL) {
        return;
    }
    st->private_name = name;
    if (is_generic) {
        define(st, KR_ID(__type_params__), KR_DEF_LOCAL, KR_LOC(s));
        define(st, KR_STR(dot_type_params, ".type_params"), KR_USE, KR_LOC(s));
    }
    visit_stmts(st, s->v.ClassDef.body);
    leave(st);
    if (is_generic) {
        leave(st);
    }
    st->private_name = outer_private;
}

static void
visit_type_alias(KrSymtable *st, KrStmt *s)
{
    KrExpr *target = s->v.TypeAlias.name;
    KrTypeParamSeq *params = s->v.TypeAlias.type_params;
    visit_expr(st, target);
    if (st->c->failed) {
        return;
    }
    PyObject *name = kr_compiler_name(st->c, target->v.Name.id);
    bool in_class = st->current->type == KR_BLOCK_CLASS;
    bool is_generic = KR_SEQ_LEN(params) > 0;
    if (is_generic) {
        enter_type_params(st, name, params, false, false, false, KR_LOC(s));
        visit_type_params(st, params);
    }
    KrScope *scope = enter(st, name, KR_BLOCK_TYPE_ALIAS, s, KR_LOC(s));
    if (scope == NULL) {
        return;
    }
    scope->can_see_class_scope = in_class;
    if (in_class) {
        define(st, KR_ID(__classdict__), KR_USE, KR_LOC(s->v.TypeAlias.value));
    }
    visit_expr(st, s->v.TypeAlias.value);
    leave(st);
    if (is_generic) {
        leave(st);
    }
}

// An annotation of a variable; those of locals are never evaluated.
static void
visit_annotation(KrSymtable *st, KrExpr *annotation)
{
    KrScope *around = st->current;
    bool unevaluated = around->type == KR_BLOCK_FUNCTION;
    if (((around->type == KR_BLOCK_CLASS && around->in_conditional_block)
         || around->type == KR_BLOCK_MODULE)
        && !around->has_conditional_annotations) {
        around->has_conditional_annotations = true;
        define(st, KR_ID(__conditional_annotations__), KR_USE, KR_LOC(annotation));
    }
    if (around->annotation_block == NULL) {
        KrScope *scope = enter(st, KR_ID(__annotate__), KR_BLOCK_ANNOTATION,
                               kr_key_annotations(around), KR_LOC(annotation));
        if (scope == NULL) {
            return;
        }
        around->annotation_block = scope;
        if (around->type == KR_BLOCK_CLASS && !(st->c->flags & CO_FUTURE_ANNOTATIONS)) {
            scope->can_see_class_scope = true;
            define(st, KR_ID(__classdict__), KR_USE, KR_LOC(annotation));
        }
    }
    else {
        // Entered again: it is among the children already.
        if (!kr_scope_list_push(st->c, &st->stack, around->annotation_block)) {
            return;
        }
        st->current = around->annotation_block;
    }
    st->current->in_unevaluated_annotation = unevaluated;
    visit_expr(st, annotation);
    st->current->in_unevaluated_annotation = false;
    leave(st);
}

static void
visit_ann_assign(KrSymtable *st, KrStmt *s)
{
    KrExpr *target = s->v.AnnAssign.target;
    st->current->annotations_used = true;
    if (target->kind == KR_EXPR_Name) {
        PyObject *name = kr_compiler_name(st->c, target->v.Name.id);
        long flags = lookup_in(st, st->current, name);
        if ((flags & (KR_DEF_GLOBAL | KR_DEF_NONLOCAL)) && st->current != st->top
            && s->v.AnnAssign.simple) {
            kr_compiler_error_ranged(st->c, KR_LOC(s),
                                     flags & KR_DEF_GLOBAL
                                         ? "annotated name '%U' can't be global"
                                         : "annotated name '%U' can't be nonlocal",
                                     name);
            return;
        }
        if (s->v.AnnAssign.simple) {
            define(st, name, KR_DEF_ANNOT | KR_DEF_LOCAL, KR_LOC(target));
        }
        else if (s->v.AnnAssign.value != NULL) {
            define(st, name, KR_DEF_LOCAL, KR_LOC(target));
        }
    }
    else {
        visit_expr(st, target);
    }
    if (!st->c->failed) {
        visit_annotation(st, s->v.AnnAssign.annotation);
    }
    if (s->v.AnnAssign.value != NULL) {
        visit_expr(st, s->v.AnnAssign.value);
    }
}

static void
visit_global(KrSymtable *st, KrStmt *s)
{
    bool is_global = s->kind == KR_STMT_Global;
    const KrIdentSeq *names = s->v.Global.names;
    for (int i = 0; i < KR_SEQ_LEN(names) && !st->c->failed; i++) {
        PyObject *name = kr_compiler_name(st->c, names->items[i]);
        long flags = lookup_in(st, st->current, name);
        if (flags & (KR_DEF_PARAM | KR_DEF_LOCAL | KR_USE | KR_DEF_ANNOT)) {
            const char *text;
            if (flags & KR_DEF_PARAM) {
                text = is_global ? "name '%U' is parameter and global"
                                 : "name '%U' is parameter and nonlocal";
            }
            else if (flags & KR_USE) {
                text = is_global ? "name '%U' is used prior to global declaration"
                                 : "name '%U' is used prior to nonlocal declaration";
            }
            else if (flags & KR_DEF_ANNOT) {
                text = is_global ? "annotated name '%U' can't be global"
                                 : "annotated name '%U' can't be nonlocal";
            }
            else {
                text = is_global
                           ? "name '%U' is assigned to before global declaration"
                           : "name '%U' is assigned to before nonlocal declaration";
            }
            kr_compiler_error_ranged(st->c, KR_LOC(s), text, name);
            return;
        }
        define(st, name, is_global ? KR_DEF_GLOBAL : KR_DEF_NONLOCAL, KR_LOC(s));
        record_directive(st, name, KR_LOC(s));
    }
}

static void
visit_alias(KrSymtable *st, const KrAlias *alias)
{
    PyObject *name =
        kr_compiler_name(st->c, alias->asname != NULL ? alias->asname : alias->name);
    if (name == NULL) {
        return;
    }
    Py_ssize_t dot =
        PyUnicode_FindChar(name, '.', 0, PyUnicode_GET_LENGTH(name), 1);
    if (dot > 0) {
        name = kr_compiler_intern(st->c, PyUnicode_Substring(name, 0, dot));
    }
    if (alias->name->length == 1 && alias->name->text[0] == '*'
        && alias->asname == NULL) {
        if (st->current->type != KR_BLOCK_MODULE) {
            kr_compiler_error_ranged(st->c, KR_LOC(alias),
                                     "import * only allowed at module level");
        }
        return;
    }
    define(st, name, KR_DEF_IMPORT, KR_LOC(alias));
}

static void
visit_with(KrSymtable *st, KrStmt *s)
{
    for (int i = 0; i < KR_SEQ_LEN(s->v.With.items); i++) {
        KrWithItem *item = s->v.With.items->items[i];
        visit_expr(st, item->context_expr);
        if (item->optional_vars != NULL) {
            visit_expr(st, item->optional_vars);
        }
    }
    visit_stmts(st, s->v.With.body);
}

static void
visit_handlers(KrSymtable *st, const KrExceptHandlerSeq *handlers)
{
    for (int i = 0; i < KR_SEQ_LEN(handlers) && !st->c->failed; i++) {
        KrExceptHandler *handler = handlers->items[i];
        if (handler->v.ExceptHandler.type != NULL) {
            visit_expr(st, handler->v.ExceptHandler.type);
        }
        if (handler->v.ExceptHandler.name != NULL) {
            define_ident(st, handler->v.ExceptHandler.name, KR_DEF_LOCAL,
                         KR_LOC(handler));
        }
        visit_stmts(st, handler->v.ExceptHandler.body);
    }
}

static void
visit_patterns(KrSymtable *st, const KrPatternSeq *patterns)
{
    for (int i = 0; i < KR_SEQ_LEN(patterns) && !st->c->failed; i++) {
        visit_pattern(st, patterns->items[i]);
    }
}

static void
visit_pattern(KrSymtable *st, const KrPattern *p)
{
    if (!kr_compiler_enter(st->c)) {
        return;
    }
    switch (p->kind) {
    case KR_PATTERN_MatchValue:
        visit_expr(st, p->v.MatchValue.value);
        break;
    case KR_PATTERN_MatchSingleton:
        break;
    case KR_PATTERN_MatchSequence:
        visit_patterns(st, p->v.MatchSequence.patterns);
        break;
    case KR_PATTERN_MatchStar:
        if (p->v.MatchStar.name != NULL) {
            define_ident(st, p->v.MatchStar.name, KR_DEF_LOCAL, KR_LOC(p));
        }
        break;
    case KR_PATTERN_MatchMapping:
        visit_exprs(st, p->v.MatchMapping.keys);
        visit_patterns(st, p->v.MatchMapping.patterns);
        if (p->v.MatchMapping.rest != NULL) {
            define_ident(st, p->v.MatchMapping.rest, KR_DEF_LOCAL, KR_LOC(p));
        }
        break;
    case KR_PATTERN_MatchClass:
        visit_expr(st, p->v.MatchClass.cls);
        visit_patterns(st, p->v.MatchClass.patterns);
        for (int i = 0; i < KR_SEQ_LEN(p->v.MatchClass.kwd_attrs); i++) {
            if (!check_name(st,
                            kr_compiler_name(st->c, p->v.MatchClass.kwd_attrs->items[i]),
                            KR_LOC(p->v.MatchClass.kwd_patterns->items[i]), KR_STORE)) {
                break;
            }
        }
        visit_patterns(st, p->v.MatchClass.kwd_patterns);
        break;
    case KR_PATTERN_MatchAs:
        if (p->v.MatchAs.pattern != NULL) {
            visit_pattern(st, p->v.MatchAs.pattern);
        }
        if (p->v.MatchAs.name != NULL) {
            define_ident(st, p->v.MatchAs.name, KR_DEF_LOCAL, KR_LOC(p));
        }
        break;
    case KR_PATTERN_MatchOr:
        visit_patterns(st, p->v.MatchOr.patterns);
        break;
    }
    kr_compiler_leave(st->c);
}

static void
visit_match(KrSymtable *st, KrStmt *s)
{
    for (int i = 0; i < KR_SEQ_LEN(s->v.Match.cases) && !st->c->failed; i++) {
        KrMatchCase *match_case = s->v.Match.cases->items[i];
        visit_pattern(st, match_case->pattern);
        if (match_case->guard != NULL) {
            visit_expr(st, match_case->guard);
        }
        visit_stmts(st, match_case->body);
    }
}

static bool
check_async_statement(KrSymtable *st, KrStmt *s, const char *text)
{
    if (is_top_level_await(st)) {
        st->current->coroutine = true;
    }
    if (!is_async_function(st) && !is_top_level_await(st)) {
        kr_compiler_error_ranged(st->c, KR_LOC(s), "%s", text);
        return false;
    }
    return true;
}

// Behind the statements that may import from __future__.
static bool
is_after_future(const KrCompiler *c, const KrStmt *s)
{
    return s->span.lineno > c->future_line
           || (s->span.lineno == c->future_line && s->span.col > c->future_end_col);
}

static void
visit_stmt_kind(KrSymtable *st, KrStmt *s)
{
    KrScope *scope = st->current;
    bool was_conditional = scope->in_conditional_block;
    switch (s->kind) {
    case KR_STMT_FunctionDef:
    case KR_STMT_AsyncFunctionDef:
        visit_function(st, s);
        break;
    case KR_STMT_ClassDef:
        visit_class(st, s);
        break;
    case KR_STMT_TypeAlias:
        visit_type_alias(st, s);
        break;
    case KR_STMT_Return:
        if (s->v.Return.value != NULL) {
            visit_expr(st, s->v.Return.value);
        }
        break;
    case KR_STMT_Delete:
        visit_exprs(st, s->v.Delete.targets);
        break;
    case KR_STMT_Assign:
        visit_exprs(st, s->v.Assign.targets);
        visit_expr(st, s->v.Assign.value);
        break;
    case KR_STMT_AnnAssign:
        visit_ann_assign(st, s);
        break;
    case KR_STMT_AugAssign:
        visit_expr(st, s->v.AugAssign.target);
        visit_expr(st, s->v.AugAssign.value);
        break;
    case KR_STMT_AsyncFor:
        if (!check_async_statement(st, s, "'async for' outside async function")) {
            break;
        }
        __attribute__((fallthrough));
    case KR_STMT_For:
        visit_expr(st, s->v.For.target);
        visit_expr(st, s->v.For.iter);
        scope->in_conditional_block = true;
        visit_stmts(st, s->v.For.body);
        visit_stmts(st, s->v.For.orelse);
        break;
    case KR_STMT_While:
        visit_expr(st, s->v.While.test);
        scope->in_conditional_block = true;
        visit_stmts(st, s->v.While.body);
        visit_stmts(st, s->v.While.orelse);
        break;
    case KR_STMT_If:
        visit_expr(st, s->v.If.test);
        scope->in_conditional_block = true;
        visit_stmts(st, s->v.If.body);
        visit_stmts(st, s->v.If.orelse);
        break;
    case KR_STMT_Match:
        visit_expr(st, s->v.Match.subject);
        scope->in_conditional_block = true;
        visit_match(st, s);
        break;
    case KR_STMT_Raise:
        if (s->v.Raise.exc != NULL) {
            visit_expr(st, s->v.Raise.exc);
        }
        if (s->v.Raise.cause != NULL) {
            visit_expr(st, s->v.Raise.cause);
        }
        break;
    case KR_STMT_Try:
    case KR_STMT_TryStar:
        scope->in_conditional_block = true;
        visit_stmts(st, s->v.Try.body);
        visit_handlers(st, s->v.Try.handlers);
        visit_stmts(st, s->v.Try.orelse);
        visit_stmts(st, s->v.Try.finalbody);
        break;
    case KR_STMT_Assert:
        visit_expr(st, s->v.Assert.test);
        if (s->v.Assert.msg != NULL) {
            visit_expr(st, s->v.Assert.msg);
        }
        break;
    case KR_STMT_Import:
        for (int i = 0; i < KR_SEQ_LEN(s->v.Import.names); i++) {
            visit_alias(st, s->v.Import.names->items[i]);
        }
        break;
    case KR_STMT_ImportFrom:
        if (is_after_future(st->c, s) && s->v.ImportFrom.module != NULL
            && s->v.ImportFrom.level == 0
            && strcmp(s->v.ImportFrom.module->text, "__future__") == 0) {
            kr_compiler_error_ranged(st->c, KR_LOC(s),
                                     "from __future__ imports must occur at the "
                                     "beginning of the file");
            break;
        }
        for (int i = 0; i < KR_SEQ_LEN(s->v.ImportFrom.names); i++) {
            visit_alias(st, s->v.ImportFrom.names->items[i]);
        }
        break;
    case KR_STMT_Global:
    case KR_STMT_Nonlocal:
        visit_global(st, s);
        break;
    case KR_STMT_Expr:
        visit_expr(st, s->v.Expr.value);
        break;
    case KR_STMT_AsyncWith:
        if (!check_async_statement(st, s, "'async with' outside async function")) {
            break;
        }
        __attribute__((fallthrough));
    case KR_STMT_With:
        scope->in_conditional_block = true;
        visit_with(st, s);
        break;
    case KR_STMT_Pass:
    case KR_STMT_Break:
    case KR_STMT_Continue:
        break;
    }
    scope->in_conditional_block = was_conditional;
}

static void
visit_stmts(KrSymtable *st, const KrStmtSeq *seq)
{
    for (int i = 0; i < KR_SEQ_LEN(seq); i++) {
        if (!kr_compiler_enter(st->c)) {
            return;
        }
        visit_stmt_kind(st, seq->items[i]);
        kr_compiler_leave(st->c);
    }
}

void
kr_symtable_visit_mod(KrSymtable *st, KrMod *mod)
{
    st->top = enter(st, KR_STR(top, "top"), KR_BLOCK_MODULE, mod,
                    (KrLocation){0, 0, 0, 0});
    if (st->top == NULL) {
        return;
    }
    switch (mod->kind) {
    case KR_MOD_Module:
        st->top->has_docstring = kr_docstring(mod->v.Module.body) != NULL;
        visit_stmts(st, mod->v.Module.body);
        break;
    case KR_MOD_Expression:
        visit_expr(st, mod->v.Expression.body);
        break;
    case KR_MOD_Interactive:
        visit_stmts(st, mod->v.Interactive.body);
        break;
    case KR_MOD_FunctionType:
        PyErr_SetString(PyExc_RuntimeError,
                        "this compiler does not handle FunctionTypes");
        kr_compiler_fail(st->c);
        return;
    }
    leave(st);
}
