// SPDX-License-Identifier: MIT
// codegen_try.c - try, except*, finally and with.
//
// SETUP_FINALLY, SETUP_CLEANUP and SETUP_WITH open a range for a handler, POP_BLOCK closes
// it; the flow graph turns both into the exception table. A handler finds on the stack:
// the depth at SETUP_*, for CLEANUP and WITH the offset of the raising instruction, and
// the exception.

#include "compile/codegen.h"

static void
emit_reraise_after_cleanup(KrCompiler *c, KrLocation loc)
{
    kr_emit(c, loc, KR_OP_COPY, 3);
    kr_emit0(c, loc, KR_OP_POP_EXCEPT);
    kr_emit(c, loc, KR_OP_RERAISE, 1);
}

static void
call_exit_with_nones(KrCompiler *c, KrLocation loc)
{
    kr_emit_const(c, loc, Py_None);
    kr_emit_const(c, loc, Py_None);
    kr_emit_const(c, loc, Py_None);
    kr_emit(c, loc, KR_OP_CALL, 3);
}

static void
emit_await(KrCompiler *c, KrLocation loc, int where)
{
    kr_emit(c, loc, KR_OP_GET_AWAITABLE, where);
    kr_emit_const(c, loc, Py_None);
    kr_codegen_yield_from(c, loc, true);
}

// name = None; del name
static void
drop_handler_name(KrCompiler *c, KrLocation loc, PyObject *name)
{
    if (name != NULL) {
        kr_emit_const(c, loc, Py_None);
        kr_codegen_name(c, loc, name, KR_STORE);
        kr_codegen_name(c, loc, name, KR_DEL);
    }
}

static void
swap_if(KrCompiler *c, KrLocation loc, bool preserve_tos)
{
    if (preserve_tos) {
        kr_emit(c, loc, KR_OP_SWAP, 2);
    }
}

static void
unwind_with(KrCompiler *c, KrLocation *loc, const KrFBlock *block, bool preserve_tos)
{
    *loc = block->loc;
    kr_emit0(c, *loc, KR_OP_POP_BLOCK);
    if (preserve_tos) {
        kr_emit(c, *loc, KR_OP_SWAP, 3);
        kr_emit(c, *loc, KR_OP_SWAP, 2);
    }
    call_exit_with_nones(c, *loc);
    if (block->type == KR_FBLOCK_ASYNC_WITH) {
        emit_await(c, *loc, 2);
    }
    kr_emit0(c, *loc, KR_OP_POP_TOP);
    *loc = kr_no_loc;
}

void
kr_codegen_unwind(KrCompiler *c, KrLocation *loc, const KrFBlock *block,
                  bool preserve_tos)
{
    switch (block->type) {
    case KR_FBLOCK_WHILE_LOOP:
    case KR_FBLOCK_EXCEPTION_HANDLER:
    case KR_FBLOCK_EXCEPTION_GROUP_HANDLER:
    case KR_FBLOCK_ASYNC_COMPREHENSION_GENERATOR:
    case KR_FBLOCK_STOP_ITERATION:
        break;
    case KR_FBLOCK_FOR_LOOP:
    case KR_FBLOCK_ASYNC_FOR_LOOP:
        swap_if(c, *loc, preserve_tos);
        kr_emit0(c, *loc, KR_OP_POP_TOP);
        break;
    case KR_FBLOCK_TRY_EXCEPT:
        kr_emit0(c, *loc, KR_OP_POP_BLOCK);
        break;
    case KR_FBLOCK_FINALLY_TRY:
        kr_emit0(c, *loc, KR_OP_POP_BLOCK);
        if (preserve_tos) {
            kr_fblock_push(c, *loc, KR_FBLOCK_POP_VALUE, -1, -1, NULL);
        }
        kr_codegen_stmts_again(c, block->datum);
        if (preserve_tos) {
            kr_fblock_pop(c, KR_FBLOCK_POP_VALUE, -1);
        }
        *loc = kr_no_loc;
        break;
    case KR_FBLOCK_FINALLY_END:
        swap_if(c, *loc, preserve_tos);
        kr_emit0(c, *loc, KR_OP_POP_TOP);
        swap_if(c, *loc, preserve_tos);
        kr_emit0(c, *loc, KR_OP_POP_BLOCK);
        kr_emit0(c, *loc, KR_OP_POP_EXCEPT);
        break;
    case KR_FBLOCK_WITH:
    case KR_FBLOCK_ASYNC_WITH:
        unwind_with(c, loc, block, preserve_tos);
        break;
    case KR_FBLOCK_HANDLER_CLEANUP:
        if (block->datum != NULL) {
            kr_emit0(c, *loc, KR_OP_POP_BLOCK);
        }
        swap_if(c, *loc, preserve_tos);
        kr_emit0(c, *loc, KR_OP_POP_BLOCK);
        kr_emit0(c, *loc, KR_OP_POP_EXCEPT);
        drop_handler_name(c, *loc, (PyObject *)block->datum);
        break;
    case KR_FBLOCK_POP_VALUE:
        swap_if(c, *loc, preserve_tos);
        kr_emit0(c, *loc, KR_OP_POP_TOP);
        break;
    }
}

static PyObject *
handler_name(KrCompiler *c, const KrExceptHandler *handler)
{
    const KrIdent *name = handler->v.ExceptHandler.name;
    return name != NULL ? kr_compiler_name(c, name) : NULL;
}

// One `except` clause; ends with a jump to `end` or falls to the next clause.
static void
codegen_handler(KrCompiler *c, KrExceptHandler *handler, int end)
{
    KrLocation loc = KR_LOC(handler);
    PyObject *name = handler_name(c, handler);
    int next = kr_label_new(c);
    if (handler->v.ExceptHandler.type != NULL) {
        kr_codegen_expr(c, handler->v.ExceptHandler.type);
        kr_emit0(c, loc, KR_OP_CHECK_EXC_MATCH);
        kr_emit(c, loc, KR_OP_POP_JUMP_IF_FALSE, next);
    }
    int body = kr_label_new(c);
    if (name != NULL) {
        int cleanup_end = kr_label_new(c);
        kr_codegen_name(c, loc, name, KR_STORE);
        kr_emit(c, loc, KR_OP_SETUP_CLEANUP, cleanup_end);
        kr_label_use(c, body);
        kr_fblock_push(c, loc, KR_FBLOCK_HANDLER_CLEANUP, body, -1, name);
        kr_codegen_stmts(c, handler->v.ExceptHandler.body);
        kr_fblock_pop(c, KR_FBLOCK_HANDLER_CLEANUP, body);
        kr_emit0(c, kr_no_loc, KR_OP_POP_BLOCK);
        kr_emit0(c, kr_no_loc, KR_OP_POP_BLOCK);
        kr_emit0(c, kr_no_loc, KR_OP_POP_EXCEPT);
        drop_handler_name(c, kr_no_loc, name);
        kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, end);
        kr_label_use(c, cleanup_end);
        drop_handler_name(c, kr_no_loc, name);
        kr_emit(c, kr_no_loc, KR_OP_RERAISE, 1);
    }
    else {
        kr_emit0(c, loc, KR_OP_POP_TOP);
        kr_label_use(c, body);
        kr_fblock_push(c, loc, KR_FBLOCK_HANDLER_CLEANUP, body, -1, NULL);
        kr_codegen_stmts(c, handler->v.ExceptHandler.body);
        kr_fblock_pop(c, KR_FBLOCK_HANDLER_CLEANUP, body);
        kr_emit0(c, kr_no_loc, KR_OP_POP_BLOCK);
        kr_emit0(c, kr_no_loc, KR_OP_POP_EXCEPT);
        kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, end);
    }
    kr_label_use(c, next);
}

static void
codegen_try_except(KrCompiler *c, KrStmt *s)
{
    const KrExceptHandlerSeq *handlers = s->v.Try.handlers;
    KrLocation loc = KR_LOC(s);
    int body = kr_label_new(c);
    int except = kr_label_new(c);
    int end = kr_label_new(c);
    int cleanup = kr_label_new(c);
    kr_emit(c, loc, KR_OP_SETUP_FINALLY, except);
    kr_label_use(c, body);
    kr_fblock_push(c, loc, KR_FBLOCK_TRY_EXCEPT, body, -1, NULL);
    kr_codegen_stmts(c, s->v.Try.body);
    kr_fblock_pop(c, KR_FBLOCK_TRY_EXCEPT, body);
    kr_emit0(c, kr_no_loc, KR_OP_POP_BLOCK);
    kr_codegen_stmts(c, s->v.Try.orelse);
    kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, end);
    kr_label_use(c, except);
    kr_emit(c, kr_no_loc, KR_OP_SETUP_CLEANUP, cleanup);
    kr_emit0(c, kr_no_loc, KR_OP_PUSH_EXC_INFO);
    kr_fblock_push(c, loc, KR_FBLOCK_EXCEPTION_HANDLER, -1, -1, NULL);
    for (int i = 0; i < KR_SEQ_LEN(handlers) && !c->failed; i++) {
        KrExceptHandler *handler = handlers->items[i];
        if (handler->v.ExceptHandler.type == NULL && i < handlers->count - 1) {
            kr_compiler_error(c, KR_LOC(handler), "default 'except:' must be last");
            return;
        }
        codegen_handler(c, handler, end);
    }
    kr_fblock_pop(c, KR_FBLOCK_EXCEPTION_HANDLER, -1);
    kr_emit(c, kr_no_loc, KR_OP_RERAISE, 0);
    kr_label_use(c, cleanup);
    emit_reraise_after_cleanup(c, kr_no_loc);
    kr_label_use(c, end);
}

// One `except*` clause. Stack: original group, list of results, what is unhandled so far.
static void
codegen_star_handler(KrCompiler *c, KrExceptHandler *handler, bool first, bool last,
                     int reraise_star)
{
    KrLocation loc = KR_LOC(handler);
    PyObject *name = handler_name(c, handler);
    int next = kr_label_new(c);
    int with_error = kr_label_new(c);
    int no_match = kr_label_new(c);
    if (first) {
        kr_emit(c, loc, KR_OP_BUILD_LIST, 0);
        kr_emit(c, loc, KR_OP_COPY, 2);
    }
    if (handler->v.ExceptHandler.type != NULL) {
        kr_codegen_expr(c, handler->v.ExceptHandler.type);
        kr_emit0(c, loc, KR_OP_CHECK_EG_MATCH);
        kr_emit(c, loc, KR_OP_COPY, 1);
        kr_emit(c, loc, KR_OP_POP_JUMP_IF_NONE, no_match);
    }
    int cleanup_end = kr_label_new(c);
    int body = kr_label_new(c);
    if (name != NULL) {
        kr_codegen_name(c, loc, name, KR_STORE);
    }
    else {
        kr_emit0(c, loc, KR_OP_POP_TOP);
    }
    kr_emit(c, loc, KR_OP_SETUP_CLEANUP, cleanup_end);
    kr_label_use(c, body);
    kr_fblock_push(c, loc, KR_FBLOCK_HANDLER_CLEANUP, body, -1, name);
    kr_codegen_stmts(c, handler->v.ExceptHandler.body);
    kr_fblock_pop(c, KR_FBLOCK_HANDLER_CLEANUP, body);
    kr_emit0(c, kr_no_loc, KR_OP_POP_BLOCK);
    drop_handler_name(c, kr_no_loc, name);
    kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, next);
    kr_label_use(c, cleanup_end);
    drop_handler_name(c, kr_no_loc, name);
    // The clause raised: collect its exception.
    kr_emit(c, kr_no_loc, KR_OP_LIST_APPEND, 3);
    kr_emit0(c, kr_no_loc, KR_OP_POP_TOP);
    kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, with_error);
    kr_label_use(c, next);
    kr_emit0(c, kr_no_loc, KR_OP_NOP);
    kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, with_error);
    kr_label_use(c, no_match);
    kr_emit0(c, loc, KR_OP_POP_TOP);
    kr_label_use(c, with_error);
    if (last) {
        kr_emit(c, kr_no_loc, KR_OP_LIST_APPEND, 1);
        kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, reraise_star);
    }
}

static void
codegen_try_star(KrCompiler *c, KrStmt *s)
{
    const KrExceptHandlerSeq *handlers = s->v.TryStar.handlers;
    KrLocation loc = KR_LOC(s);
    int body = kr_label_new(c);
    int except = kr_label_new(c);
    int orelse = kr_label_new(c);
    int end = kr_label_new(c);
    int cleanup = kr_label_new(c);
    int reraise_star = kr_label_new(c);
    kr_emit(c, loc, KR_OP_SETUP_FINALLY, except);
    kr_label_use(c, body);
    kr_fblock_push(c, loc, KR_FBLOCK_TRY_EXCEPT, body, -1, NULL);
    kr_codegen_stmts(c, s->v.TryStar.body);
    kr_fblock_pop(c, KR_FBLOCK_TRY_EXCEPT, body);
    kr_emit0(c, kr_no_loc, KR_OP_POP_BLOCK);
    kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, orelse);
    kr_label_use(c, except);
    kr_emit(c, kr_no_loc, KR_OP_SETUP_CLEANUP, cleanup);
    kr_emit0(c, kr_no_loc, KR_OP_PUSH_EXC_INFO);
    kr_fblock_push(c, loc, KR_FBLOCK_EXCEPTION_GROUP_HANDLER, -1, -1, NULL);
    int count = KR_SEQ_LEN(handlers);
    for (int i = 0; i < count && !c->failed; i++) {
        codegen_star_handler(c, handlers->items[i], i == 0, i == count - 1,
                             reraise_star);
    }
    kr_fblock_pop(c, KR_FBLOCK_EXCEPTION_GROUP_HANDLER, -1);
    int reraise = kr_label_new(c);
    kr_label_use(c, reraise_star);
    kr_emit(c, kr_no_loc, KR_OP_CALL_INTRINSIC_2, KR_INTRINSIC_PREP_RERAISE_STAR);
    kr_emit(c, kr_no_loc, KR_OP_COPY, 1);
    kr_emit(c, kr_no_loc, KR_OP_POP_JUMP_IF_NOT_NONE, reraise);
    kr_emit0(c, kr_no_loc, KR_OP_POP_TOP);
    kr_emit0(c, kr_no_loc, KR_OP_POP_BLOCK);
    kr_emit0(c, kr_no_loc, KR_OP_POP_EXCEPT);
    kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, end);
    kr_label_use(c, reraise);
    kr_emit0(c, kr_no_loc, KR_OP_POP_BLOCK);
    kr_emit(c, kr_no_loc, KR_OP_SWAP, 2);
    kr_emit0(c, kr_no_loc, KR_OP_POP_EXCEPT);
    kr_emit(c, kr_no_loc, KR_OP_RERAISE, 0);
    kr_label_use(c, cleanup);
    emit_reraise_after_cleanup(c, kr_no_loc);
    kr_label_use(c, orelse);
    kr_codegen_stmts(c, s->v.TryStar.orelse);
    kr_label_use(c, end);
}

static void
codegen_handlers(KrCompiler *c, KrStmt *s)
{
    if (s->kind == KR_STMT_TryStar) {
        codegen_try_star(c, s);
    }
    else {
        codegen_try_except(c, s);
    }
}

static void
codegen_try_finally(KrCompiler *c, KrStmt *s)
{
    KrLocation loc = KR_LOC(s);
    int body = kr_label_new(c);
    int end = kr_label_new(c);
    int exit = kr_label_new(c);
    int cleanup = kr_label_new(c);
    kr_emit(c, loc, KR_OP_SETUP_FINALLY, end);
    kr_label_use(c, body);
    kr_fblock_push(c, loc, KR_FBLOCK_FINALLY_TRY, body, end, s->v.Try.finalbody);
    if (KR_SEQ_LEN(s->v.Try.handlers) > 0) {
        codegen_handlers(c, s);
    }
    else {
        kr_codegen_stmts(c, s->v.Try.body);
    }
    kr_emit0(c, kr_no_loc, KR_OP_POP_BLOCK);
    kr_fblock_pop(c, KR_FBLOCK_FINALLY_TRY, body);
    kr_codegen_stmts(c, s->v.Try.finalbody);
    kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, exit);
    kr_label_use(c, end);
    kr_fblock_push(c, loc, KR_FBLOCK_FINALLY_END, end, -1, NULL);
    kr_emit(c, kr_no_loc, KR_OP_SETUP_CLEANUP, cleanup);
    kr_emit0(c, kr_no_loc, KR_OP_PUSH_EXC_INFO);
    kr_codegen_stmts_again(c, s->v.Try.finalbody);
    kr_fblock_pop(c, KR_FBLOCK_FINALLY_END, end);
    kr_emit(c, kr_no_loc, KR_OP_RERAISE, 0);
    kr_label_use(c, cleanup);
    emit_reraise_after_cleanup(c, kr_no_loc);
    kr_label_use(c, exit);
}

void
kr_codegen_try(KrCompiler *c, KrStmt *s)
{
    if (KR_SEQ_LEN(s->v.Try.finalbody) > 0) {
        codegen_try_finally(c, s);
    }
    else {
        codegen_handlers(c, s);
    }
}

// After __exit__ was called with an exception: swallow it or raise it again.
static void
finish_with_exception(KrCompiler *c, int cleanup)
{
    int suppress = kr_label_new(c);
    int exit = kr_label_new(c);
    kr_emit0(c, kr_no_loc, KR_OP_TO_BOOL);
    kr_emit(c, kr_no_loc, KR_OP_POP_JUMP_IF_TRUE, suppress);
    kr_emit(c, kr_no_loc, KR_OP_RERAISE, 2);
    kr_label_use(c, suppress);
    kr_emit0(c, kr_no_loc, KR_OP_POP_TOP);
    kr_emit0(c, kr_no_loc, KR_OP_POP_BLOCK);
    kr_emit0(c, kr_no_loc, KR_OP_POP_EXCEPT);
    kr_emit0(c, kr_no_loc, KR_OP_POP_TOP);
    kr_emit0(c, kr_no_loc, KR_OP_POP_TOP);
    kr_emit0(c, kr_no_loc, KR_OP_POP_TOP);
    kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, exit);
    kr_label_use(c, cleanup);
    emit_reraise_after_cleanup(c, kr_no_loc);
    kr_label_use(c, exit);
}

void
kr_codegen_with(KrCompiler *c, KrStmt *s, int pos)
{
    if (!kr_compiler_enter(c)) {
        return;
    }
    bool is_async = s->kind == KR_STMT_AsyncWith;
    KrFBlockType type = is_async ? KR_FBLOCK_ASYNC_WITH : KR_FBLOCK_WITH;
    KrWithItem *item = s->v.With.items->items[pos];
    int block = kr_label_new(c);
    int final = kr_label_new(c);
    int exit = kr_label_new(c);
    int cleanup = kr_label_new(c);
    kr_codegen_expr(c, item->context_expr);
    KrLocation loc = KR_LOC(item->context_expr);
    kr_emit(c, loc, KR_OP_COPY, 1);
    kr_emit(c, loc, KR_OP_LOAD_SPECIAL, is_async ? KR_SPECIAL_AEXIT : KR_SPECIAL_EXIT);
    kr_emit(c, loc, KR_OP_SWAP, 2);
    kr_emit(c, loc, KR_OP_SWAP, 3);
    kr_emit(c, loc, KR_OP_LOAD_SPECIAL,
            is_async ? KR_SPECIAL_AENTER : KR_SPECIAL_ENTER);
    kr_emit(c, loc, KR_OP_CALL, 0);
    if (is_async) {
        emit_await(c, loc, 1);
    }
    kr_emit(c, loc, KR_OP_SETUP_WITH, final);
    kr_label_use(c, block);
    kr_fblock_push(c, loc, type, block, final, NULL);
    if (item->optional_vars != NULL) {
        kr_codegen_expr(c, item->optional_vars);
    }
    else {
        kr_emit0(c, loc, KR_OP_POP_TOP);
    }
    if (pos + 1 == s->v.With.items->count) {
        kr_codegen_stmts(c, s->v.With.body);
    }
    else {
        kr_codegen_with(c, s, pos + 1);
    }
    kr_fblock_pop(c, type, block);
    kr_emit0(c, is_async ? loc : kr_no_loc, KR_OP_POP_BLOCK);
    call_exit_with_nones(c, loc);
    if (is_async) {
        emit_await(c, loc, 2);
    }
    kr_emit0(c, loc, KR_OP_POP_TOP);
    kr_emit(c, loc, KR_OP_JUMP, exit);
    kr_label_use(c, final);
    kr_emit(c, loc, KR_OP_SETUP_CLEANUP, cleanup);
    kr_emit0(c, loc, KR_OP_PUSH_EXC_INFO);
    kr_emit0(c, loc, KR_OP_WITH_EXCEPT_START);
    if (is_async) {
        emit_await(c, loc, 2);
    }
    finish_with_exception(c, cleanup);
    kr_label_use(c, exit);
    kr_compiler_leave(c);
}
