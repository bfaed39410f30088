// SPDX-License-Identifier: MIT
// codegen_control.c - conditions, loops, and the jumps out of them.

#include "compile/codegen.h"

static void
jump_if_compare_chain(KrCompiler *c, KrExpr *e, int label, bool when)
{
    const KrCmpOpSeq *ops = e->v.Compare.ops;
    const KrExprSeq *right = e->v.Compare.comparators;
    KrLocation loc = KR_LOC(e);
    int last = ops->count - 1;
    kr_codegen_check_compare(c, e);
    int cleanup = kr_label_new(c);
    kr_codegen_expr(c, e->v.Compare.left);
    for (int i = 0; i < last; i++) {
        kr_codegen_expr(c, right->items[i]);
        kr_emit(c, loc, KR_OP_SWAP, 2);
        kr_emit(c, loc, KR_OP_COPY, 2);
        kr_codegen_compare(c, loc, ops->items[i]);
        kr_emit0(c, loc, KR_OP_TO_BOOL);
        kr_emit(c, loc, KR_OP_POP_JUMP_IF_FALSE, cleanup);
    }
    kr_codegen_expr(c, right->items[last]);
    kr_codegen_compare(c, loc, ops->items[last]);
    kr_emit0(c, loc, KR_OP_TO_BOOL);
    kr_emit(c, loc, when ? KR_OP_POP_JUMP_IF_TRUE : KR_OP_POP_JUMP_IF_FALSE, label);
    int end = kr_label_new(c);
    kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, end);
    kr_label_use(c, cleanup);
    kr_emit0(c, loc, KR_OP_POP_TOP);
    if (!when) {
        kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, label);
    }
    kr_label_use(c, end);
}

static void
jump_if_bool_op(KrCompiler *c, KrLocation loc, KrExpr *e, int label, bool when)
{
    const KrExprSeq *values = e->v.BoolOp.values;
    bool stops_on = e->v.BoolOp.op == KR_OR;
    int decided = label;
    if (stops_on != when) {
        decided = kr_label_new(c);
    }
    for (int i = 0; i < values->count - 1; i++) {
        kr_codegen_jump_if(c, loc, values->items[i], decided, stops_on);
    }
    kr_codegen_jump_if(c, loc, values->items[values->count - 1], label, when);
    if (decided != label) {
        kr_label_use(c, decided);
    }
}

static void
jump_if_kind(KrCompiler *c, KrLocation loc, KrExpr *e, int label, bool when)
{
    switch (e->kind) {
    case KR_EXPR_UnaryOp:
        if (e->v.UnaryOp.op == KR_NOT) {
            kr_codegen_jump_if(c, loc, e->v.UnaryOp.operand, label, !when);
            return;
        }
        break;
    case KR_EXPR_BoolOp:
        jump_if_bool_op(c, loc, e, label, when);
        return;
    case KR_EXPR_IfExp: {
        int end = kr_label_new(c);
        int other = kr_label_new(c);
        kr_codegen_jump_if(c, loc, e->v.IfExp.test, other, false);
        kr_codegen_jump_if(c, loc, e->v.IfExp.body, label, when);
        kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, end);
        kr_label_use(c, other);
        kr_codegen_jump_if(c, loc, e->v.IfExp.orelse, label, when);
        kr_label_use(c, end);
        return;
    }
    case KR_EXPR_Compare:
        if (e->v.Compare.ops->count > 1) {
            jump_if_compare_chain(c, e, label, when);
            return;
        }
        break;
    default:
        break;
    }
    kr_codegen_expr(c, e);
    kr_emit0(c, KR_LOC(e), KR_OP_TO_BOOL);
    kr_emit(c, KR_LOC(e), when ? KR_OP_POP_JUMP_IF_TRUE : KR_OP_POP_JUMP_IF_FALSE,
            label);
}

void
kr_codegen_jump_if(KrCompiler *c, KrLocation loc, KrExpr *e, int label, bool when)
{
    if (kr_compiler_enter(c)) {
        jump_if_kind(c, loc, e, label, when);
        kr_compiler_leave(c);
    }
}

void
kr_codegen_if(KrCompiler *c, KrStmt *s)
{
    bool has_else = KR_SEQ_LEN(s->v.If.orelse) > 0;
    int end = kr_label_new(c);
    int next = has_else ? kr_label_new(c) : end;
    kr_codegen_jump_if(c, KR_LOC(s), s->v.If.test, next, false);
    kr_codegen_stmts(c, s->v.If.body);
    if (has_else) {
        kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, end);
        kr_label_use(c, next);
        kr_codegen_stmts(c, s->v.If.orelse);
    }
    kr_label_use(c, end);
}

void
kr_codegen_while(KrCompiler *c, KrStmt *s)
{
    int loop = kr_label_new(c);
    int end = kr_label_new(c);
    int anchor = kr_label_new(c);
    kr_label_use(c, loop);
    kr_fblock_push(c, KR_LOC(s), KR_FBLOCK_WHILE_LOOP, loop, end, NULL);
    kr_codegen_jump_if(c, KR_LOC(s), s->v.While.test, anchor, false);
    kr_codegen_stmts(c, s->v.While.body);
    kr_emit(c, kr_no_loc, KR_OP_JUMP, loop);
    kr_fblock_pop(c, KR_FBLOCK_WHILE_LOOP, loop);
    kr_label_use(c, anchor);
    kr_codegen_stmts(c, s->v.While.orelse);
    kr_label_use(c, end);
}

void
kr_codegen_for(KrCompiler *c, KrStmt *s)
{
    int start = kr_label_new(c);
    int cleanup = kr_label_new(c);
    int end = kr_label_new(c);
    kr_fblock_push(c, KR_LOC(s), KR_FBLOCK_FOR_LOOP, start, end, NULL);
    kr_codegen_expr(c, s->v.For.iter);
    KrLocation loc = KR_LOC(s->v.For.iter);
    kr_emit0(c, loc, KR_OP_GET_ITER);
    kr_label_use(c, start);
    kr_emit(c, loc, KR_OP_FOR_ITER, cleanup);
    // Tracing wants to see the target's line; dropped later where it shows already.
    kr_emit0(c, KR_LOC(s->v.For.target), KR_OP_NOP);
    kr_codegen_expr(c, s->v.For.target);
    kr_codegen_stmts(c, s->v.For.body);
    kr_emit(c, kr_no_loc, KR_OP_JUMP, start);
    kr_label_use(c, cleanup);
    kr_emit0(c, kr_no_loc, KR_OP_END_FOR);
    kr_emit0(c, kr_no_loc, KR_OP_POP_ITER);
    kr_fblock_pop(c, KR_FBLOCK_FOR_LOOP, start);
    kr_codegen_stmts(c, s->v.For.orelse);
    kr_label_use(c, end);
}

void
kr_codegen_async_for(KrCompiler *c, KrStmt *s)
{
    KrLocation loc = KR_LOC(s);
    KrLocation iter_loc = KR_LOC(s->v.For.iter);
    int start = kr_label_new(c);
    int send = kr_label_new(c);
    int except = kr_label_new(c);
    int end = kr_label_new(c);
    kr_codegen_expr(c, s->v.For.iter);
    kr_emit0(c, iter_loc, KR_OP_GET_AITER);
    kr_label_use(c, start);
    kr_fblock_push(c, KR_LOC(s), KR_FBLOCK_ASYNC_FOR_LOOP, start, end, NULL);
    kr_emit(c, loc, KR_OP_SETUP_FINALLY, except);
    kr_emit0(c, loc, KR_OP_GET_ANEXT);
    kr_emit_const(c, loc, Py_None);
    kr_label_use(c, send);
    kr_codegen_yield_from(c, loc, true);
    kr_emit0(c, loc, KR_OP_POP_BLOCK);
    kr_emit0(c, loc, KR_OP_NOT_TAKEN);
    kr_codegen_expr(c, s->v.For.target);
    kr_codegen_stmts(c, s->v.For.body);
    kr_emit(c, kr_no_loc, KR_OP_JUMP, start);
    kr_fblock_pop(c, KR_FBLOCK_ASYNC_FOR_LOOP, start);
    kr_label_use(c, except);
    kr_emit(c, iter_loc, KR_OP_END_ASYNC_FOR, send);
    kr_codegen_stmts(c, s->v.For.orelse);
    kr_label_use(c, end);
}

// Leaves all blocks up to the innermost loop (loop_out given) or all of them. The blocks
// are closed while their exit code is emitted, then open again.
static void
unwind_blocks(KrCompiler *c, KrLocation *loc, bool preserve_tos, const KrFBlock **loop_out)
{
    if (c->failed || c->unit->fblock_count == 0) {
        return;
    }
    KrFBlock *top = &c->unit->fblocks[c->unit->fblock_count - 1];
    if (top->type == KR_FBLOCK_EXCEPTION_GROUP_HANDLER) {
        kr_compiler_error(c, *loc,
                          "'break', 'continue' and 'return' cannot appear in an except* "
                          "block");
        return;
    }
    if (loop_out != NULL
        && (top->type == KR_FBLOCK_WHILE_LOOP || top->type == KR_FBLOCK_FOR_LOOP
            || top->type == KR_FBLOCK_ASYNC_FOR_LOOP)) {
        *loop_out = top;
        return;
    }
    KrFBlock copy = *top;
    c->unit->fblock_count--;
    kr_codegen_unwind(c, loc, &copy, preserve_tos);
    unwind_blocks(c, loc, preserve_tos, loop_out);
    if (!c->failed) {
        c->unit->fblocks[c->unit->fblock_count++] = copy;
    }
}

void
kr_codegen_return(KrCompiler *c, KrStmt *s)
{
    KrExpr *value = s->v.Return.value;
    KrScope *scope = c->unit->scope;
    KrLocation loc = KR_LOC(s);
    bool preserve_tos = value != NULL && value->kind != KR_EXPR_Constant;
    if (!kr_scope_is_function_like(scope)) {
        kr_compiler_error(c, loc, "'return' outside function");
        return;
    }
    if (value != NULL && scope->coroutine && scope->generator) {
        kr_compiler_error(c, loc, "'return' with value in async generator");
        return;
    }
    if (preserve_tos) {
        kr_codegen_expr(c, value);
    }
    else if (value != NULL) {
        loc = KR_LOC(value);
        kr_emit0(c, loc, KR_OP_NOP);
    }
    if (value == NULL || value->span.lineno != s->span.lineno) {
        loc = KR_LOC(s);
        kr_emit0(c, loc, KR_OP_NOP);
    }
    unwind_blocks(c, &loc, preserve_tos, NULL);
    if (value == NULL) {
        kr_emit_const(c, loc, Py_None);
    }
    else if (!preserve_tos) {
        kr_emit_const(c, loc, kr_compiler_const(c, value->v.Constant.value));
    }
    kr_emit0(c, loc, KR_OP_RETURN_VALUE);
}

void
kr_codegen_break(KrCompiler *c, KrStmt *s)
{
    KrLocation loc = KR_LOC(s);
    const KrFBlock *loop = NULL;
    kr_emit0(c, loc, KR_OP_NOP);
    unwind_blocks(c, &loc, false, &loop);
    if (c->failed) {
        return;
    }
    if (loop == NULL) {
        kr_compiler_error(c, KR_LOC(s), "'break' outside loop");
        return;
    }
    int exit = loop->exit;
    kr_codegen_unwind(c, &loc, loop, false);
    kr_emit(c, loc, KR_OP_JUMP, exit);
}

void
kr_codegen_continue(KrCompiler *c, KrStmt *s)
{
    KrLocation loc = KR_LOC(s);
    const KrFBlock *loop = NULL;
    kr_emit0(c, loc, KR_OP_NOP);
    unwind_blocks(c, &loc, false, &loop);
    if (c->failed) {
        return;
    }
    if (loop == NULL) {
        kr_compiler_error(c, KR_LOC(s), "'continue' not properly in loop");
        return;
    }
    kr_emit(c, loc, KR_OP_JUMP, loop->block);
}
