// SPDX-License-Identifier: MIT
// codegen_comp.c - comprehensions and generator expressions.
//
// List, set and dict comprehensions are compiled in place (the symbol table decides): their
// variables are fast locals of the code around, whose values are kept on the stack
// meanwhile. Others become functions of their own.

#include "compile/codegen.h"

#include "objects/ids.h"

typedef struct {
    KrCompType type;
    PyObject *name;
    const KrComprehensionSeq *generators;
    KrExpr *elt;
    KrExpr *value; // of a dict, else NULL
    KrLocation loc;
} Comp;

typedef struct {
    PyObject *name;
    intptr_t value;
    bool existed;
} SavedSymbol;

// What an inlined comprehension changes in the unit while it is compiled.
typedef struct {
    PyObject **pushed;     // variables whose outer values are on the stack
    int pushed_count;
    PyObject **hidden;     // names made fast for the time
    int hidden_count;
    SavedSymbol *saved;    // symbols of the outer scope
    int saved_count;
    int cleanup;           // label of the handler that restores them
} Inlined;

static void comp_generator(KrCompiler *c, const Comp *comp, int index, int depth,
                           bool iter_on_stack);

void
kr_codegen_wrap_stopiteration(KrCompiler *c)
{
    int handler = kr_label_new(c);
    if (c->failed) {
        return;
    }
    kr_seq_insert(c, c->unit->seq, 0,
                  (KrInstr){KR_OP_SETUP_CLEANUP, handler, kr_no_loc});
    kr_emit_const(c, kr_no_loc, Py_None);
    kr_emit0(c, kr_no_loc, KR_OP_RETURN_VALUE);
    kr_label_use(c, handler);
    kr_emit(c, kr_no_loc, KR_OP_CALL_INTRINSIC_1, KR_INTRINSIC_STOPITERATION_ERROR);
    kr_emit(c, kr_no_loc, KR_OP_RERAISE, 1);
}

// Adds an element to the result, `depth` loops above it on the stack.
static KrLocation
comp_element(KrCompiler *c, const Comp *comp, int depth)
{
    KrLocation loc = KR_LOC(comp->elt);
    kr_codegen_expr(c, comp->elt);
    switch (comp->type) {
    case KR_COMP_GENERATOR:
        kr_codegen_yield(c, loc);
        kr_emit0(c, loc, KR_OP_POP_TOP);
        break;
    case KR_COMP_LIST:
        kr_emit(c, loc, KR_OP_LIST_APPEND, depth + 1);
        break;
    case KR_COMP_SET:
        kr_emit(c, loc, KR_OP_SET_ADD, depth + 1);
        break;
    default:
        kr_codegen_expr(c, comp->value);
        loc.end_line = comp->value->span.end_lineno;
        loc.end_col = comp->value->span.end_col;
        kr_emit(c, loc, KR_OP_MAP_ADD, depth + 1);
        break;
    }
    return loc;
}

// The conditions and what stands inside the loop.
static KrLocation
comp_body(KrCompiler *c, const Comp *comp, int index, int depth, int if_cleanup)
{
    const KrComprehension *generator = comp->generators->items[index];
    for (int i = 0; i < KR_SEQ_LEN(generator->ifs); i++) {
        kr_codegen_jump_if(c, comp->loc, generator->ifs->items[i], if_cleanup, false);
    }
    if (index + 1 < comp->generators->count) {
        comp_generator(c, comp, index + 1, depth, false);
        return KR_LOC(comp->elt);
    }
    return comp_element(c, comp, depth);
}

// `for x in [value]` inside a comprehension is an assignment.
static KrExpr *
single_element(const KrExpr *iter)
{
    const KrExprSeq *elts = NULL;
    if (iter->kind == KR_EXPR_List) {
        elts = iter->v.List.elts;
    }
    else if (iter->kind == KR_EXPR_Tuple) {
        elts = iter->v.Tuple.elts;
    }
    if (KR_SEQ_LEN(elts) == 1 && elts->items[0]->kind != KR_EXPR_Starred) {
        return elts->items[0];
    }
    return NULL;
}

static void
comp_sync(KrCompiler *c, const Comp *comp, int index, int depth, bool iter_on_stack)
{
    const KrComprehension *generator = comp->generators->items[index];
    KrLocation iter_loc = KR_LOC(generator->iter);
    int start = kr_label_new(c);
    int if_cleanup = kr_label_new(c);
    int anchor = kr_label_new(c);
    bool loops = true;
    if (!iter_on_stack) {
        KrExpr *single = single_element(generator->iter);
        if (index == 0) {
            kr_emit(c, comp->loc, KR_OP_LOAD_FAST, 0);
        }
        else if (single != NULL) {
            kr_codegen_expr(c, single);
            loops = false;
        }
        else {
            kr_codegen_expr(c, generator->iter);
            kr_emit0(c, iter_loc, KR_OP_GET_ITER);
        }
    }
    if (loops) {
        depth++;
        kr_label_use(c, start);
        kr_emit(c, iter_loc, KR_OP_FOR_ITER, anchor);
    }
    kr_codegen_expr(c, generator->target);
    KrLocation elt_loc = comp_body(c, comp, index, depth, if_cleanup);
    kr_label_use(c, if_cleanup);
    if (loops) {
        kr_emit(c, elt_loc, KR_OP_JUMP, start);
        kr_label_use(c, anchor);
        kr_emit0(c, kr_no_loc, KR_OP_END_FOR);
        kr_emit0(c, kr_no_loc, KR_OP_POP_ITER);
    }
}

static void
comp_async(KrCompiler *c, const Comp *comp, int index, int depth, bool iter_on_stack)
{
    const KrComprehension *generator = comp->generators->items[index];
    KrLocation loc = comp->loc;
    int start = kr_label_new(c);
    int send = kr_label_new(c);
    int except = kr_label_new(c);
    int if_cleanup = kr_label_new(c);
    if (!iter_on_stack) {
        if (index == 0) {
            kr_emit(c, loc, KR_OP_LOAD_FAST, 0);
        }
        else {
            kr_codegen_expr(c, generator->iter);
            kr_emit0(c, KR_LOC(generator->iter), KR_OP_GET_AITER);
        }
    }
    kr_label_use(c, start);
    kr_fblock_push(c, loc, KR_FBLOCK_ASYNC_COMPREHENSION_GENERATOR, start, -1, NULL);
    kr_emit(c, loc, KR_OP_SETUP_FINALLY, except);
    kr_emit0(c, loc, KR_OP_GET_ANEXT);
    kr_emit_const(c, loc, Py_None);
    kr_label_use(c, send);
    kr_codegen_yield_from(c, loc, true);
    kr_emit0(c, loc, KR_OP_POP_BLOCK);
    kr_codegen_expr(c, generator->target);
    KrLocation elt_loc = comp_body(c, comp, index, depth + 1, if_cleanup);
    kr_label_use(c, if_cleanup);
    kr_emit(c, elt_loc, KR_OP_JUMP, start);
    kr_fblock_pop(c, KR_FBLOCK_ASYNC_COMPREHENSION_GENERATOR, start);
    kr_label_use(c, except);
    kr_emit(c, loc, KR_OP_END_ASYNC_FOR, send);
}

static void
comp_generator(KrCompiler *c, const Comp *comp, int index, int depth, bool iter_on_stack)
{
    if (!kr_compiler_enter(c)) {
        return;
    }
    if (comp->generators->items[index]->is_async) {
        comp_async(c, comp, index, depth, iter_on_stack);
    }
    else {
        comp_sync(c, comp, index, depth, iter_on_stack);
    }
    kr_compiler_leave(c);
}

// Makes the comprehension's variables those of the unit and saves the outer ones.
static void
push_inlined(KrCompiler *c, KrLocation loc, const KrScope *comp, Inlined *state)
{
    KrUnit *unit = c->unit;
    KrScope *outer = unit->scope;
    bool in_class = outer->type == KR_BLOCK_CLASS && unit->in_inlined_comp == 0;
    size_t count = (size_t)comp->symbols.count + 1;
    unit->in_inlined_comp++;
    state->pushed = kr_compiler_alloc(c, count * sizeof(*state->pushed));
    state->hidden = kr_compiler_alloc(c, count * sizeof(*state->hidden));
    state->saved = kr_compiler_alloc(c, count * sizeof(*state->saved));
    for (int i = 0; i < comp->symbols.count && !c->failed; i++) {
        PyObject *name = comp->symbols.entries[i].key;
        long flags = (long)comp->symbols.entries[i].value;
        bool bound = (flags & KR_DEF_LOCAL) && !(flags & KR_DEF_NONLOCAL);
        if (name == NULL) {
            continue;
        }
        if ((bound || in_class) && !kr_scope_is_function_like(outer)
            && kr_ptrmap_get(&unit->fast_hidden, name, 0) != 1) {
            if (!kr_ptrmap_set(&unit->fast_hidden, c->arena, name, 1)) {
                kr_compiler_no_memory(c);
            }
            state->hidden[state->hidden_count++] = name;
        }
        KrPtrEntry *entry = kr_ptrmap_find(&outer->symbols, name);
        long outer_flags = entry != NULL ? (long)entry->value : 0;
        int of = (int)(flags >> KR_SCOPE_OFFSET) & KR_SCOPE_MASK;
        int outer_of = (int)(outer_flags >> KR_SCOPE_OFFSET) & KR_SCOPE_MASK;
        // Names that mean something else inside are looked up as inside for the time.
        if ((of != outer_of && of != KR_SCOPE_FREE
             && !(of == KR_SCOPE_CELL && outer_of == KR_SCOPE_FREE))
            || in_class) {
            state->saved[state->saved_count++] =
                (SavedSymbol){name, outer_flags, entry != NULL};
            if (!kr_ptrmap_set(&outer->symbols, c->arena, name, flags)) {
                kr_compiler_no_memory(c);
            }
        }
        if (bound) {
            kr_emit(c, loc, KR_OP_LOAD_FAST_AND_CLEAR,
                    kr_unit_add(c, &unit->varnames, name));
            if (of == KR_SCOPE_CELL) {
                const KrPtrMap *cells = outer_of == KR_SCOPE_FREE ? &unit->freevars
                                                                  : &unit->cellvars;
                kr_emit(c, loc, KR_OP_MAKE_CELL, (int)kr_ptrmap_get(cells, name, 0));
            }
            state->pushed[state->pushed_count++] = name;
        }
    }
    if (state->pushed_count > 0) {
        kr_emit(c, loc, KR_OP_SWAP, state->pushed_count + 1);
        state->cleanup = kr_label_new(c);
        kr_emit(c, loc, KR_OP_SETUP_FINALLY, state->cleanup);
        kr_fblock_push(c, loc, KR_FBLOCK_TRY_EXCEPT, state->cleanup, -1, NULL);
    }
}

static void
restore_pushed(KrCompiler *c, KrLocation loc, const Inlined *state)
{
    kr_emit(c, loc, KR_OP_SWAP, state->pushed_count + 1);
    for (int i = state->pushed_count - 1; i >= 0; i--) {
        kr_emit(c, loc, KR_OP_STORE_FAST_MAYBE_NULL,
                kr_unit_add(c, &c->unit->varnames, state->pushed[i]));
    }
}

static void
pop_inlined(KrCompiler *c, KrLocation loc, Inlined *state)
{
    if (c->failed) {
        return;
    }
    KrUnit *unit = c->unit;
    unit->in_inlined_comp--;
    if (state->pushed_count > 0) {
        int end = kr_label_new(c);
        kr_fblock_pop(c, KR_FBLOCK_TRY_EXCEPT, state->cleanup);
        kr_emit0(c, kr_no_loc, KR_OP_POP_BLOCK);
        kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, end);
        // An exception inside: drop the unfinished result, restore, go on raising.
        kr_label_use(c, state->cleanup);
        kr_emit(c, kr_no_loc, KR_OP_SWAP, 2);
        kr_emit0(c, kr_no_loc, KR_OP_POP_TOP);
        restore_pushed(c, loc, state);
        kr_emit(c, kr_no_loc, KR_OP_RERAISE, 0);
        kr_label_use(c, end);
        restore_pushed(c, loc, state);
    }
    for (int i = 0; i < state->saved_count; i++) {
        const SavedSymbol *saved = &state->saved[i];
        if (!kr_ptrmap_set(&unit->scope->symbols, c->arena, saved->name, saved->value)) {
            kr_compiler_no_memory(c);
        }
    }
    for (int i = 0; i < state->hidden_count; i++) {
        // Kept as 0: such locals are marked in the code object.
        if (!kr_ptrmap_set(&unit->fast_hidden, c->arena, state->hidden[i], 0)) {
            kr_compiler_no_memory(c);
        }
    }
}

static void
codegen_comp(KrCompiler *c, KrExpr *e, const Comp *comp)
{
    KrLocation loc = comp->loc;
    KrScope *scope = kr_symtable_lookup(c, e);
    if (scope == NULL) {
        PyErr_SetString(PyExc_SystemError, "compiler: no scope for a comprehension");
        kr_compiler_fail(c);
        return;
    }
    bool inlined = scope->comp_inlined;
    bool is_async = scope->coroutine && comp->type != KR_COMP_GENERATOR;
    const KrComprehension *outermost = comp->generators->items[0];
    int get_iter = outermost->is_async ? KR_OP_GET_AITER : KR_OP_GET_ITER;
    Inlined state = {0};
    if (inlined) {
        kr_codegen_expr(c, outermost->iter);
        kr_emit0(c, KR_LOC(outermost->iter), get_iter);
        if (c->failed) {
            return;
        }
        push_inlined(c, loc, scope, &state);
    }
    else {
        kr_unit_enter(c, comp->name, KR_UNIT_COMPREHENSION, e, e->span.lineno, NULL);
        if (c->failed) {
            return;
        }
        c->unit->private_name = c->unit->outer->private_name;
        c->unit->argcount = 1;
    }
    if (comp->type != KR_COMP_GENERATOR) {
        int op = comp->type == KR_COMP_LIST  ? KR_OP_BUILD_LIST
                 : comp->type == KR_COMP_SET ? KR_OP_BUILD_SET
                                             : KR_OP_BUILD_MAP;
        kr_emit(c, loc, op, 0);
        if (inlined) {
            kr_emit(c, loc, KR_OP_SWAP, 2);
        }
    }
    comp_generator(c, comp, 0, 0, inlined);
    if (inlined) {
        pop_inlined(c, loc, &state);
        return;
    }
    if (comp->type != KR_COMP_GENERATOR) {
        kr_emit0(c, loc, KR_OP_RETURN_VALUE);
    }
    else {
        kr_codegen_wrap_stopiteration(c);
    }
    PyCodeObject *code = kr_unit_finish(c, true);
    kr_codegen_closure(c, loc, code, 0);
    kr_codegen_expr(c, outermost->iter);
    kr_emit0(c, KR_LOC(outermost->iter), get_iter);
    kr_emit(c, loc, KR_OP_CALL, 0);
    if (is_async) {
        kr_emit(c, loc, KR_OP_GET_AWAITABLE, 0);
        kr_emit_const(c, loc, Py_None);
        kr_codegen_yield_from(c, loc, true);
    }
}

void
kr_codegen_comprehension(KrCompiler *c, KrExpr *e)
{
    Comp comp = {.loc = KR_LOC(e)};
    switch (e->kind) {
    case KR_EXPR_ListComp:
        comp.type = KR_COMP_LIST;
        comp.name = KR_STR(listcomp, "<listcomp>");
        comp.generators = e->v.ListComp.generators;
        comp.elt = e->v.ListComp.elt;
        break;
    case KR_EXPR_SetComp:
        comp.type = KR_COMP_SET;
        comp.name = KR_STR(setcomp, "<setcomp>");
        comp.generators = e->v.SetComp.generators;
        comp.elt = e->v.SetComp.elt;
        break;
    case KR_EXPR_DictComp:
        comp.type = KR_COMP_DICT;
        comp.name = KR_STR(dictcomp, "<dictcomp>");
        comp.generators = e->v.DictComp.generators;
        comp.elt = e->v.DictComp.key;
        comp.value = e->v.DictComp.value;
        break;
    default:
        comp.type = KR_COMP_GENERATOR;
        comp.name = KR_STR(genexpr, "<genexpr>");
        comp.generators = e->v.GeneratorExp.generators;
        comp.elt = e->v.GeneratorExp.elt;
        break;
    }
    codegen_comp(c, e, &comp);
}
