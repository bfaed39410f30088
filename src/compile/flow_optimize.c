// SPDX-License-Identifier: MIT
// flow_optimize.c - handlers, peephole rules, jumps to jumps, dead code.

#include "compile/flow.h"

// Blocks this short that leave the function are copied instead of jumped to.
#define MAX_COPIED_EXIT 4

static void
push_handler(KrFlow *f, KrHandlerStack *stack, KrBlock *handler)
{
    if (stack->count == stack->capacity) {
        int capacity = stack->capacity ? stack->capacity * 2 : 8;
        KrBlock **items = kr_compiler_alloc(f->c, (size_t)capacity * sizeof(*items));
        if (items == NULL) {
            return;
        }
        if (stack->count > 0) {
            memcpy(items, stack->items, (size_t)stack->count * sizeof(*items));
        }
        stack->items = items;
        stack->capacity = capacity;
    }
    stack->items[stack->count++] = handler;
}

static KrHandlerStack
copy_handlers(KrFlow *f, const KrHandlerStack *from)
{
    KrHandlerStack copy = {0};
    for (int i = 0; i < from->count; i++) {
        push_handler(f, &copy, from->items[i]);
    }
    return copy;
}

static KrBlock *
top_handler(const KrHandlerStack *stack)
{
    return stack->count > 0 ? stack->items[stack->count - 1] : NULL;
}

// Walks through one block with the handlers at its start; the stack ends as at its end.
static void
label_block(KrFlow *f, KrBlock *b, KrHandlerStack *stack, KrBlock ***sp)
{
    int yield_depth = -1;
    KrBlock *handler = top_handler(stack);
    for (int i = 0; i < b->count && !f->c->failed; i++) {
        KrFlowInstr *instr = &b->instrs[i];
        instr->except = handler;
        if (kr_op_opens_handler(instr->op)) {
            instr->except = NULL;
            KrBlock *target = instr->target;
            if (!target->visited) {
                target->handlers = copy_handlers(f, stack);
                target->visited = true;
                *(*sp)++ = target;
            }
            if (instr->op != KR_OP_SETUP_FINALLY) {
                target->preserve_lasti = true;
            }
            push_handler(f, stack, target);
            handler = target;
        }
        else if (instr->op == KR_OP_POP_BLOCK) {
            KR_ASSERT(stack->count > 0);
            stack->count -= stack->count > 0;
            handler = top_handler(stack);
            instr->except = NULL;
            kr_instr_set(instr, KR_OP_NOP, 0);
        }
        else if (kr_op_jumps(instr->op)) {
            KrBlock *target = instr->target;
            if (!target->visited) {
                target->handlers = copy_handlers(f, stack);
                target->visited = true;
                *(*sp)++ = target;
            }
        }
        else if (instr->op == KR_OP_RESUME) {
            if (instr->arg != KR_RESUME_AT_START && yield_depth == 1) {
                instr->arg |= KR_RESUME_EXCEPT_DEPTH1;
            }
            yield_depth = -1;
        }
        else if (instr->op == KR_OP_YIELD_VALUE) {
            yield_depth = stack->count;
        }
    }
}

// Gives every instruction its handler.
static void
label_handlers(KrFlow *f)
{
    KrBlock **stack = kr_flow_stack(f);
    if (stack == NULL) {
        return;
    }
    KrBlock **sp = stack;
    kr_flow_clear_visited(f);
    *sp++ = f->entry;
    f->entry->visited = true;
    while (sp > stack && !f->c->failed) {
        KrBlock *b = *--sp;
        KrHandlerStack handlers = b->handlers;
        label_block(f, b, &handlers, &sp);
        if (kr_block_falls_through(b) && b->next != NULL && !b->next->visited) {
            b->next->handlers = handlers;
            b->next->visited = true;
            *sp++ = b->next;
        }
    }
}

static void
remove_unreachable(KrFlow *f)
{
    KrBlock **stack = kr_flow_stack(f);
    if (stack == NULL) {
        return;
    }
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        b->visited = false;
        b->predecessors = 0;
    }
    KrBlock **sp = stack;
    *sp++ = f->entry;
    f->entry->visited = true;
    f->entry->predecessors = 1;
    while (sp > stack) {
        KrBlock *b = *--sp;
        if (b->next != NULL && kr_block_falls_through(b)) {
            if (!b->next->visited) {
                *sp++ = b->next;
                b->next->visited = true;
            }
            b->next->predecessors++;
        }
        for (int i = 0; i < b->count; i++) {
            KrBlock *target = b->instrs[i].target;
            if (kr_op_has_target(b->instrs[i].op) && target != NULL) {
                if (!target->visited) {
                    *sp++ = target;
                    target->visited = true;
                }
                target->predecessors++;
            }
        }
    }
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        if (b->predecessors == 0) {
            b->count = 0;
            b->is_handler = false;
        }
    }
}

static bool
has_no_line(const KrBlock *b)
{
    for (int i = 0; i < b->count; i++) {
        if (b->instrs[i].loc.line >= 0) {
            return false;
        }
    }
    return true;
}

static bool
inline_target(KrFlow *f, KrBlock *b)
{
    KrFlowInstr *last = kr_block_last(b);
    if (last == NULL || !kr_op_always_jumps(last->op)) {
        return false;
    }
    KrBlock *target = last->target;
    KrFlowInstr *target_last = kr_block_last(target);
    bool small_exit = target_last != NULL && kr_op_exits(target_last->op)
                      && target->count <= MAX_COPIED_EXIT;
    bool artificial_end = has_no_line(target) && !kr_block_falls_through(target);
    if (!small_exit && !artificial_end) {
        return false;
    }
    int removed = last->op;
    kr_instr_set(last, KR_OP_NOP, 0);
    int count = target->count;
    for (int i = 0; i < count && !f->c->failed; i++) {
        kr_block_append(f, b, target->instrs[i]);
    }
    if (artificial_end) {
        last = kr_block_last(b);
        if (last != NULL && kr_op_always_jumps(last->op) && removed == KR_OP_JUMP) {
            last->op = KR_OP_JUMP;
        }
    }
    target->predecessors--;
    return true;
}

static void
inline_small_blocks(KrFlow *f)
{
    bool changed;
    do {
        changed = false;
        for (KrBlock *b = f->entry; b != NULL && !f->c->failed; b = b->next) {
            changed |= inline_target(f, b);
        }
    } while (changed && !f->c->failed);
}

// A NOP only matters when it is all there is of its line.
static bool
nop_is_redundant(KrBlock *b, int at, int previous_line)
{
    int line = b->instrs[at].loc.line;
    if (line == kr_no_loc.line || previous_line == line) {
        return true;
    }
    if (at + 1 < b->count) {
        KrFlowInstr *next = &b->instrs[at + 1];
        if (next->loc.line == line) {
            return true;
        }
        if (next->loc.line == kr_no_loc.line) {
            next->loc = b->instrs[at].loc;
            return true;
        }
        return false;
    }
    KrBlock *next = kr_block_nonempty(b->next);
    if (next == NULL) {
        return false;
    }
    int next_line = kr_no_loc.line;
    for (int i = 0; i < next->count; i++) {
        if (next->instrs[i].op == KR_OP_NOP && next->instrs[i].loc.line < 0) {
            continue;
        }
        next_line = next->instrs[i].loc.line;
        break;
    }
    return line == next_line;
}

static bool
remove_block_nops(KrBlock *b)
{
    int kept = 0;
    int previous_line = -1;
    for (int i = 0; i < b->count; i++) {
        int line = b->instrs[i].loc.line;
        if (b->instrs[i].op == KR_OP_NOP && nop_is_redundant(b, i, previous_line)) {
            continue;
        }
        if (kept != i) {
            b->instrs[kept] = b->instrs[i];
        }
        kept++;
        previous_line = line;
    }
    bool changed = kept != b->count;
    b->count = kept;
    return changed;
}

bool
kr_flow_remove_nops(KrFlow *f)
{
    bool changed = false;
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        changed |= remove_block_nops(b);
    }
    return changed;
}

// A value that is pushed only to be popped.
static void
remove_nops_and_pairs(KrFlow *f)
{
    bool done = false;
    while (!done) {
        done = true;
        KrFlowInstr *previous = NULL, *instr = NULL;
        for (KrBlock *b = f->entry; b != NULL; b = b->next) {
            remove_block_nops(b);
            if (b->labelled) {
                instr = NULL;
            }
            for (int i = 0; i < b->count; i++) {
                previous = instr;
                instr = &b->instrs[i];
                if (instr->op == KR_OP_POP_TOP && previous != NULL
                    && (kr_op_loads_const(previous->op)
                        || (previous->op == KR_OP_COPY && previous->arg == 1))) {
                    kr_instr_set(previous, KR_OP_NOP, 0);
                    kr_instr_set(instr, KR_OP_NOP, 0);
                    done = false;
                }
            }
            if ((instr != NULL && kr_op_jumps(instr->op)) || !kr_block_falls_through(b)) {
                instr = NULL;
            }
        }
    }
}

static bool
remove_redundant_jumps(KrFlow *f)
{
    bool changed = false;
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        KrFlowInstr *last = kr_block_last(b);
        if (last == NULL || !kr_op_always_jumps(last->op)) {
            continue;
        }
        KrBlock *target = kr_block_nonempty(last->target);
        if (target != NULL && target == kr_block_nonempty(b->next)) {
            kr_instr_set(last, KR_OP_NOP, 0);
            changed = true;
        }
    }
    return changed;
}

void
kr_flow_remove_nops_and_jumps(KrFlow *f)
{
    do {
        kr_flow_remove_nops(f);
    } while (remove_redundant_jumps(f));
}

// Replaces a jump to `target`, itself a jump, by one to where that leads.
static bool
thread_jump(KrFlow *f, KrBlock *b, int at, const KrFlowInstr *target, int op)
{
    KrFlowInstr *instr = &b->instrs[at];
    if (instr->target == target->target) {
        return false;
    }
    KrBlock *to = target->target;
    // The old place stays as NOP: its line may matter.
    kr_instr_set(instr, KR_OP_NOP, 0);
    kr_block_append_marker(f, b, op, target->loc);
    kr_block_last(b)->target = to;
    return true;
}

// The peephole rules for conditional and plain jumps. True: look at the place again.
static bool
optimize_jump(KrFlow *f, KrBlock *b, int i)
{
    KrFlowInstr *instr = &b->instrs[i];
    if (instr->target->count == 0) {
        return false;
    }
    const KrFlowInstr *target = &instr->target->instrs[0];
    switch (instr->op) {
    case KR_OP_POP_JUMP_IF_NOT_NONE:
    case KR_OP_POP_JUMP_IF_NONE:
    case KR_OP_POP_JUMP_IF_FALSE:
    case KR_OP_POP_JUMP_IF_TRUE:
        return target->op == KR_OP_JUMP && thread_jump(f, b, i, target, instr->op);
    case KR_OP_JUMP_IF_FALSE:
    case KR_OP_JUMP_IF_TRUE: {
        int other = instr->op == KR_OP_JUMP_IF_FALSE ? KR_OP_JUMP_IF_TRUE
                                                     : KR_OP_JUMP_IF_FALSE;
        if (target->op == KR_OP_JUMP || target->op == instr->op) {
            return thread_jump(f, b, i, target, instr->op);
        }
        if (target->op == other) {
            // The other test fails for sure: go past it.
            instr->target = instr->target->next;
            return true;
        }
        return false;
    }
    case KR_OP_JUMP:
    case KR_OP_JUMP_NO_INTERRUPT:
        if (target->op == KR_OP_JUMP) {
            return thread_jump(f, b, i, target, KR_OP_JUMP);
        }
        if (target->op == KR_OP_JUMP_NO_INTERRUPT) {
            return thread_jump(f, b, i, target, instr->op);
        }
        return false;
    default:
        return false;
    }
}

static void
optimize_build_tuple(KrFlow *f, KrBlock *b, int i, KrFlowInstr *next)
{
    KrFlowInstr *instr = &b->instrs[i];
    if (next != NULL && next->op == KR_OP_UNPACK_SEQUENCE && next->arg == instr->arg) {
        if (instr->arg == 1) {
            kr_instr_set(instr, KR_OP_NOP, 0);
            kr_instr_set(next, KR_OP_NOP, 0);
            return;
        }
        if (instr->arg == 2 || instr->arg == 3) {
            kr_instr_set(instr, KR_OP_NOP, 0);
            next->op = KR_OP_SWAP;
            return;
        }
    }
    kr_flow_fold_tuple(f, b, i);
}

static void
optimize_instr(KrFlow *f, KrBlock *b, int i)
{
    KrFlowInstr *instr = &b->instrs[i];
    KrFlowInstr *next = i + 1 < b->count ? &b->instrs[i + 1] : NULL;
    int next_op = next != NULL ? next->op : 0;
    switch (instr->op) {
    case KR_OP_BUILD_TUPLE:
        optimize_build_tuple(f, b, i, next);
        break;
    case KR_OP_BUILD_LIST:
    case KR_OP_BUILD_SET:
        kr_flow_fold_list_or_set(f, b, i, next_op);
        break;
    case KR_OP_LIST_APPEND:
    case KR_OP_SET_ADD:
        if (next_op == KR_OP_GET_ITER || next_op == KR_OP_CONTAINS_OP) {
            kr_flow_fold_display(f, b, i);
        }
        break;
    case KR_OP_COMPARE_OP:
        if (next_op == KR_OP_TO_BOOL) {
            kr_instr_set(next, KR_OP_COMPARE_OP, instr->arg | KR_COMPARE_BOOL);
            kr_instr_set(instr, KR_OP_NOP, 0);
        }
        break;
    case KR_OP_CONTAINS_OP:
    case KR_OP_IS_OP:
        if (next_op == KR_OP_TO_BOOL || next_op == KR_OP_UNARY_NOT) {
            int arg = next_op == KR_OP_UNARY_NOT ? instr->arg ^ 1 : instr->arg;
            kr_instr_set(next, instr->op, arg);
            kr_instr_set(instr, KR_OP_NOP, 0);
        }
        break;
    case KR_OP_TO_BOOL:
        if (next_op == KR_OP_TO_BOOL) {
            kr_instr_set(instr, KR_OP_NOP, 0);
        }
        break;
    case KR_OP_UNARY_NOT:
        if (next_op == KR_OP_TO_BOOL) {
            kr_instr_set(instr, KR_OP_NOP, 0);
            kr_instr_set(next, KR_OP_UNARY_NOT, 0);
            break;
        }
        if (next_op == KR_OP_UNARY_NOT) {
            kr_instr_set(instr, KR_OP_NOP, 0);
            kr_instr_set(next, KR_OP_NOP, 0);
            break;
        }
        kr_flow_fold_unary(f, b, i);
        break;
    case KR_OP_UNARY_INVERT:
    case KR_OP_UNARY_NEGATIVE:
        kr_flow_fold_unary(f, b, i);
        break;
    case KR_OP_CALL_INTRINSIC_1:
        if (instr->arg == KR_INTRINSIC_LIST_TO_TUPLE) {
            kr_flow_fold_list_to_tuple(f, b, i);
            if (instr->op == KR_OP_CALL_INTRINSIC_1 && next_op == KR_OP_GET_ITER) {
                kr_instr_set(instr, KR_OP_NOP, 0);
            }
        }
        else if (instr->arg == KR_INTRINSIC_UNARY_POSITIVE) {
            kr_flow_fold_unary(f, b, i);
        }
        break;
    case KR_OP_BINARY_OP:
        kr_flow_fold_binary(f, b, i);
        break;
    case KR_OP_SWAP:
        if (instr->arg == 1) {
            kr_instr_set(instr, KR_OP_NOP, 0);
        }
        break;
    case KR_OP_LOAD_GLOBAL:
        if (next_op == KR_OP_PUSH_NULL && (instr->arg & 1) == 0) {
            instr->arg |= 1;
            kr_instr_set(next, KR_OP_NOP, 0);
        }
        break;
    case KR_OP_STORE_FAST:
        // Two stores to one local on one line: the first is lost.
        if (next_op == KR_OP_STORE_FAST && instr->arg == next->arg
            && instr->loc.line == next->loc.line) {
            kr_instr_set(instr, KR_OP_POP_TOP, 0);
        }
        break;
    default:
        break;
    }
}

// Reduces a run of SWAPs to the shortest with the same effect. *at: the first one, set to
// the last of the run. A permutation is a set of cycles; each is done by swapping its
// members with the top in turn.
static void
shorten_swaps(KrFlow *f, KrBlock *b, int *at)
{
    KrFlowInstr *run = &b->instrs[*at];
    int limit = b->count - *at;
    int depth = run[0].arg;
    int length = 1;
    bool several = false;
    for (; length < limit; length++) {
        if (run[length].op == KR_OP_SWAP) {
            depth = depth > run[length].arg ? depth : run[length].arg;
            several = true;
        }
        else if (run[length].op != KR_OP_NOP) {
            break;
        }
    }
    if (!several) {
        return;
    }
    int *stack = kr_compiler_alloc(f->c, (size_t)depth * sizeof(*stack));
    if (stack == NULL) {
        return;
    }
    for (int i = 0; i < depth; i++) {
        stack[i] = i;
    }
    for (int i = 0; i < length; i++) {
        if (run[i].op == KR_OP_SWAP) {
            int other = run[i].arg - 1;
            int top = stack[0];
            stack[0] = stack[other];
            stack[other] = top;
        }
    }
    int current = length - 1;
    for (int i = 0; i < depth; i++) {
        if (stack[i] < 0 || stack[i] == i) {
            continue;
        }
        for (int j = i;;) {
            if (j != 0) {
                KR_ASSERT(current >= 0);
                kr_instr_set(&run[current--], KR_OP_SWAP, j + 1);
            }
            if (stack[j] < 0) {
                break; // the cycle is closed
            }
            int next = stack[j];
            stack[j] = -1;
            j = next;
        }
    }
    while (current >= 0) {
        kr_instr_set(&run[current--], KR_OP_NOP, 0);
    }
    *at += length - 1;
}

static bool
takes_top_only(int op)
{
    return op == KR_OP_STORE_FAST || op == KR_OP_STORE_FAST_MAYBE_NULL
           || op == KR_OP_POP_TOP;
}

static int
stored_local(const KrFlowInstr *instr)
{
    return instr->op == KR_OP_STORE_FAST || instr->op == KR_OP_STORE_FAST_MAYBE_NULL
               ? instr->arg
               : -1;
}

static int
next_swappable(const KrBlock *b, int i, int line)
{
    while (++i < b->count) {
        if (line >= 0 && b->instrs[i].loc.line != line) {
            return -1;
        }
        if (b->instrs[i].op == KR_OP_NOP) {
            continue;
        }
        return takes_top_only(b->instrs[i].op) ? i : -1;
    }
    return -1;
}

// Exchanges the consumers of two values instead of the values.
static void
apply_swaps(KrBlock *b, int i)
{
    for (; i >= 0; i--) {
        KrFlowInstr *swap = &b->instrs[i];
        if (swap->op != KR_OP_SWAP) {
            if (swap->op == KR_OP_NOP || takes_top_only(swap->op)) {
                continue;
            }
            return;
        }
        int j = next_swappable(b, i, -1);
        if (j < 0) {
            return;
        }
        int k = j;
        int line = b->instrs[j].loc.line;
        for (int count = swap->arg - 1; count > 0; count--) {
            k = next_swappable(b, k, line);
            if (k < 0) {
                return;
            }
        }
        int first = stored_local(&b->instrs[j]);
        int second = stored_local(&b->instrs[k]);
        if (first >= 0 || second >= 0) {
            if (first == second) {
                return;
            }
            for (int at = j + 1; at < k; at++) {
                int other = stored_local(&b->instrs[at]);
                if (other >= 0 && (other == first || other == second)) {
                    return;
                }
            }
        }
        kr_instr_set(swap, KR_OP_NOP, 0);
        KrFlowInstr moved = b->instrs[j];
        b->instrs[j] = b->instrs[k];
        b->instrs[k] = moved;
    }
}

static void
optimize_block(KrFlow *f, KrBlock *b)
{
    for (int i = 0; i < b->count && !f->c->failed; i++) {
        if (kr_op_jumps(b->instrs[i].op)) {
            if (optimize_jump(f, b, i)) {
                i--;
            }
            continue;
        }
        optimize_instr(f, b, i);
    }
    for (int i = 0; i < b->count && !f->c->failed; i++) {
        if (b->instrs[i].op == KR_OP_SWAP) {
            shorten_swaps(f, b, &i);
            apply_swaps(b, i);
        }
    }
}

void
kr_flow_optimize(KrFlow *f, int nlocals, int nparams)
{
    label_handlers(f);
    if (f->c->failed) {
        return;
    }
    inline_small_blocks(f);
    remove_unreachable(f);
    kr_flow_resolve_lines(f);
    for (KrBlock *b = f->entry; b != NULL && !f->c->failed; b = b->next) {
        kr_flow_load_const(f, b);
    }
    for (KrBlock *b = f->entry; b != NULL && !f->c->failed; b = b->next) {
        optimize_block(f, b);
    }
    if (f->c->failed) {
        return;
    }
    remove_nops_and_pairs(f);
    remove_unreachable(f);
    kr_flow_remove_nops_and_jumps(f);
    kr_flow_drop_unused_consts(f);
    kr_flow_check_locals(f, nlocals, nparams);
    kr_flow_join_instrs(f);
    kr_flow_move_cold_blocks(f);
    kr_flow_resolve_lines(f);
}
