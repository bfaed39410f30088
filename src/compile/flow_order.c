// SPDX-License-Identifier: MIT
// flow_order.c - which line an instruction belongs to, and where its block stands.

#include "compile/flow.h"

static bool
lacks_line(const KrBlock *b)
{
    for (int i = 0; i < b->count; i++) {
        if (b->instrs[i].loc.line >= 0) {
            return false;
        }
    }
    return true;
}

static bool
is_exit_without_line(const KrBlock *b)
{
    const KrFlowInstr *last = kr_block_last(b);
    bool matters = last != NULL && kr_op_exits(last->op);
    for (int i = 0; i < b->count && !matters; i++) {
        matters = (kr_opcode_flags(b->instrs[i].op) & KR_OPF_EVAL_BREAK) != 0;
    }
    return matters && lacks_line(b);
}

// Tracing reports the line that a function returns from: an exit reached from several
// lines gets a copy for each.
static void
copy_exits(KrFlow *f)
{
    for (KrBlock *b = f->entry; b != NULL && !f->c->failed; b = b->next) {
        KrFlowInstr *last = kr_block_last(b);
        if (last == NULL || !kr_op_jumps(last->op)) {
            continue;
        }
        KrBlock *target = kr_block_nonempty(last->target);
        if (target == NULL || !is_exit_without_line(target)
            || target->predecessors <= 1) {
            continue;
        }
        KrBlock *copy = kr_block_new(f);
        if (copy == NULL) {
            return;
        }
        for (int i = 0; i < target->count; i++) {
            kr_block_append(f, copy, target->instrs[i]);
        }
        if (f->c->failed) {
            return;
        }
        copy->instrs[0].loc = last->loc;
        last = kr_block_last(b);
        last->target = copy;
        copy->predecessors = 1;
        copy->labelled = true;
        target->predecessors--;
        copy->next = target->next;
        target->next = copy;
    }
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        if (b->count > 0 && b->next != NULL && kr_block_falls_through(b)
            && is_exit_without_line(b->next)) {
            b->next->instrs[0].loc = kr_block_last(b)->loc;
        }
    }
}

static void
spread_lines(KrFlow *f)
{
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        KrFlowInstr *last = kr_block_last(b);
        if (last == NULL) {
            continue;
        }
        KrLocation loc = kr_no_loc;
        for (int i = 0; i < b->count; i++) {
            if (b->instrs[i].loc.line == kr_no_loc.line) {
                b->instrs[i].loc = loc;
            }
            else {
                loc = b->instrs[i].loc;
            }
        }
        if (kr_block_falls_through(b) && b->next != NULL && b->next->predecessors == 1
            && b->next->count > 0 && b->next->instrs[0].loc.line == kr_no_loc.line) {
            b->next->instrs[0].loc = loc;
        }
        if (kr_op_jumps(last->op)) {
            KrBlock *target = last->target;
            if (target->predecessors == 1 && target->count > 0
                && target->instrs[0].loc.line == kr_no_loc.line) {
                target->instrs[0].loc = loc;
            }
        }
    }
}

void
kr_flow_resolve_lines(KrFlow *f)
{
    if (f->c->failed) {
        return;
    }
    copy_exits(f);
    spread_lines(f);
}

static void
mark_warm(KrFlow *f, KrBlock **stack)
{
    KrBlock **sp = stack;
    kr_flow_clear_visited(f);
    *sp++ = f->entry;
    f->entry->visited = true;
    while (sp > stack) {
        KrBlock *b = *--sp;
        b->warm = true;
        if (b->next != NULL && kr_block_falls_through(b) && !b->next->visited) {
            *sp++ = b->next;
            b->next->visited = true;
        }
        for (int i = 0; i < b->count; i++) {
            KrBlock *target = b->instrs[i].target;
            if (kr_op_jumps(b->instrs[i].op) && !target->visited) {
                *sp++ = target;
                target->visited = true;
            }
        }
    }
}

static void
mark_cold(KrFlow *f, KrBlock **stack)
{
    mark_warm(f, stack);
    KrBlock **sp = stack;
    kr_flow_clear_visited(f);
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        if (b->is_handler) {
            KR_ASSERT(!b->warm);
            *sp++ = b;
            b->visited = true;
        }
    }
    while (sp > stack) {
        KrBlock *b = *--sp;
        b->cold = true;
        if (b->next != NULL && kr_block_falls_through(b) && !b->next->warm
            && !b->next->visited) {
            *sp++ = b->next;
            b->next->visited = true;
        }
        for (int i = 0; i < b->count; i++) {
            KrBlock *target = b->instrs[i].target;
            if (kr_op_jumps(b->instrs[i].op) && !target->warm && !target->visited) {
                *sp++ = target;
                target->visited = true;
            }
        }
    }
}

// Code that only exceptions reach goes to the end.
void
kr_flow_move_cold_blocks(KrFlow *f)
{
    if (f->c->failed || f->entry->next == NULL) {
        return;
    }
    KrBlock **stack = kr_flow_stack(f);
    if (stack == NULL) {
        return;
    }
    mark_cold(f, stack);
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        if (!(b->cold && kr_block_falls_through(b) && b->next != NULL && b->next->warm)) {
            continue;
        }
        KrBlock *jump = kr_block_new(f);
        if (jump == NULL) {
            return;
        }
        b->next->labelled = true;
        kr_block_append(f, jump,
                        (KrFlowInstr){.op = KR_OP_JUMP_NO_INTERRUPT, .loc = kr_no_loc,
                                      .target = b->next});
        jump->cold = true;
        jump->next = b->next;
        jump->predecessors = 1;
        b->next = jump;
    }
    KrBlock *cold = NULL, *cold_last = NULL;
    KrBlock *b = f->entry;
    while (b->next != NULL) {
        while (b->next != NULL && !b->next->cold) {
            b = b->next;
        }
        if (b->next == NULL) {
            break;
        }
        KrBlock *first = b->next;
        KrBlock *last = first;
        while (last->next != NULL && last->next->cold) {
            last = last->next;
        }
        if (cold == NULL) {
            cold = first;
        }
        else {
            cold_last->next = first;
        }
        cold_last = last;
        b->next = last->next;
        last->next = NULL;
    }
    b->next = cold;
    if (cold != NULL) {
        kr_flow_remove_nops_and_jumps(f);
    }
}

static int
reversed_jump(int op)
{
    switch (op) {
    case KR_OP_POP_JUMP_IF_FALSE:
        return KR_OP_POP_JUMP_IF_TRUE;
    case KR_OP_POP_JUMP_IF_TRUE:
        return KR_OP_POP_JUMP_IF_FALSE;
    case KR_OP_POP_JUMP_IF_NONE:
        return KR_OP_POP_JUMP_IF_NOT_NONE;
    case KR_OP_POP_JUMP_IF_NOT_NONE:
        return KR_OP_POP_JUMP_IF_NONE;
    default:
        return 0;
    }
}

// Conditional jumps go forward only: a backward one jumps over a plain backward jump.
static void
normalize_block(KrFlow *f, KrBlock *b)
{
    KrFlowInstr *last = kr_block_last(b);
    if (last == NULL || reversed_jump(last->op) == 0) {
        return;
    }
    if (!last->target->visited) {
        kr_block_append_marker(f, b, KR_OP_NOT_TAKEN, last->loc);
        return;
    }
    KrBlock *target = last->target;
    KrBlock *jump = kr_block_new(f);
    if (jump == NULL) {
        return;
    }
    kr_block_append_marker(f, jump, KR_OP_NOT_TAKEN, last->loc);
    kr_block_append_marker(f, jump, KR_OP_JUMP, last->loc);
    kr_block_last(jump)->target = target;
    jump->start_depth = target->start_depth;
    jump->cold = b->cold;
    last->op = reversed_jump(last->op);
    last->target = b->next;
    jump->next = b->next;
    b->next = jump;
}

static void
resolve_directions(KrFlow *f)
{
    kr_flow_clear_visited(f);
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        b->visited = true;
        for (int i = 0; i < b->count; i++) {
            KrFlowInstr *instr = &b->instrs[i];
            if (instr->op == KR_OP_JUMP) {
                instr->op = instr->target->visited ? KR_OP_JUMP_BACKWARD
                                                   : KR_OP_JUMP_FORWARD;
            }
            else if (instr->op == KR_OP_JUMP_NO_INTERRUPT) {
                instr->op = instr->target->visited ? KR_OP_JUMP_BACKWARD_NO_INTERRUPT
                                                   : KR_OP_JUMP_FORWARD;
            }
        }
    }
}

void
kr_flow_normalize_jumps(KrFlow *f)
{
    kr_flow_clear_visited(f);
    for (KrBlock *b = f->entry; b != NULL && !f->c->failed; b = b->next) {
        b->visited = true;
        normalize_block(f, b);
    }
    resolve_directions(f);
}
