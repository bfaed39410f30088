// SPDX-License-Identifier: MIT
// flow_locals.c - locals and cells: which may be unbound, which loads may borrow, and where
// cells live. Also the depth of the operand stack.

#include "compile/flow.h"

// --- Unbound locals --------------------------------------------------------------------

typedef struct {
    KrBlock **base;
    KrBlock **sp;
} Worklist;

static void
meet_unsafe(Worklist *work, KrBlock *b, uint64_t mask)
{
    uint64_t both = b->unsafe_locals | mask;
    if (both != b->unsafe_locals) {
        b->unsafe_locals = both;
        if (!b->visited) {
            b->visited = true;
            *work->sp++ = b;
        }
    }
}

static void
scan_unsafe(Worklist *work, KrBlock *b)
{
    uint64_t unsafe = b->unsafe_locals;
    for (int i = 0; i < b->count; i++) {
        KrFlowInstr *instr = &b->instrs[i];
        if (instr->except != NULL) {
            meet_unsafe(work, instr->except, unsafe);
        }
        if (instr->arg >= 64 || instr->arg < 0) {
            continue;
        }
        uint64_t bit = (uint64_t)1 << instr->arg;
        switch (instr->op) {
        case KR_OP_DELETE_FAST:
        case KR_OP_LOAD_FAST_AND_CLEAR:
        case KR_OP_STORE_FAST_MAYBE_NULL:
            unsafe |= bit;
            break;
        case KR_OP_STORE_FAST:
        case KR_OP_LOAD_FAST_CHECK:
            unsafe &= ~bit;
            break;
        case KR_OP_LOAD_FAST:
            if (unsafe & bit) {
                instr->op = KR_OP_LOAD_FAST_CHECK;
            }
            unsafe &= ~bit;
            break;
        default:
            break;
        }
    }
    if (b->next != NULL && kr_block_falls_through(b)) {
        meet_unsafe(work, b->next, unsafe);
    }
    KrFlowInstr *last = kr_block_last(b);
    if (last != NULL && kr_op_jumps(last->op)) {
        meet_unsafe(work, last->target, unsafe);
    }
}

// Locals beyond the 64th are only followed inside a block.
static void
check_many_locals(KrFlow *f, int nlocals)
{
    int *bound_in = kr_compiler_alloc(f->c, (size_t)(nlocals - 64) * sizeof(int));
    if (bound_in == NULL) {
        return;
    }
    int number = 0;
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        number++;
        for (int i = 0; i < b->count; i++) {
            KrFlowInstr *instr = &b->instrs[i];
            int local = instr->arg - 64;
            if (local < 0) {
                continue;
            }
            switch (instr->op) {
            case KR_OP_DELETE_FAST:
            case KR_OP_LOAD_FAST_AND_CLEAR:
            case KR_OP_STORE_FAST_MAYBE_NULL:
                bound_in[local] = number - 1;
                break;
            case KR_OP_STORE_FAST:
                bound_in[local] = number;
                break;
            case KR_OP_LOAD_FAST:
                if (bound_in[local] != number) {
                    instr->op = KR_OP_LOAD_FAST_CHECK;
                }
                bound_in[local] = number;
                break;
            default:
                break;
            }
        }
    }
}

void
kr_flow_check_locals(KrFlow *f, int nlocals, int nparams)
{
    if (f->c->failed || nlocals == 0) {
        return;
    }
    if (nlocals > 64) {
        check_many_locals(f, nlocals);
        nlocals = 64;
    }
    Worklist work;
    work.base = work.sp = kr_flow_stack(f);
    if (work.base == NULL) {
        return;
    }
    kr_flow_clear_visited(f);
    uint64_t start = 0;
    for (int i = nparams; i < nlocals; i++) {
        start |= (uint64_t)1 << i;
    }
    meet_unsafe(&work, f->entry, start);
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        scan_unsafe(&work, b);
    }
    while (work.sp > work.base) {
        KrBlock *b = *--work.sp;
        b->visited = false;
        scan_unsafe(&work, b);
    }
}

// --- Super-instructions ----------------------------------------------------------------

static void
join_pair(KrFlowInstr *first, KrFlowInstr *second, int op)
{
    int line1 = first->loc.line, line2 = second->loc.line;
    if (line1 >= 0 && line2 >= 0 && line1 != line2) {
        return;
    }
    if (first->arg >= 16 || second->arg >= 16) {
        return;
    }
    kr_instr_set(first, op, first->arg << 4 | second->arg);
    kr_instr_set(second, KR_OP_NOP, 0);
}

void
kr_flow_join_instrs(KrFlow *f)
{
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        for (int i = 0; i + 1 < b->count; i++) {
            KrFlowInstr *instr = &b->instrs[i];
            int next = instr[1].op;
            if (instr->op == KR_OP_LOAD_FAST && next == KR_OP_LOAD_FAST) {
                join_pair(instr, instr + 1, KR_OP_LOAD_FAST_LOAD_FAST);
            }
            else if (instr->op == KR_OP_STORE_FAST && next == KR_OP_LOAD_FAST) {
                join_pair(instr, instr + 1, KR_OP_STORE_FAST_LOAD_FAST);
            }
            else if (instr->op == KR_OP_STORE_FAST && next == KR_OP_STORE_FAST) {
                join_pair(instr, instr + 1, KR_OP_STORE_FAST_STORE_FAST);
            }

        }
    }
    kr_flow_remove_nops(f);
}

// --- Borrowed loads --------------------------------------------------------------------
//
// A load may borrow when the value is taken from the stack in the same block, before its
// local changes. The simulation knows for every stack place which load made it.

enum { NOT_A_LOCAL = -1, UNKNOWN_INSTR = -1 };

typedef struct {
    int instr; // index in the block, UNKNOWN_INSTR from before
    int local;
} Ref;

typedef struct {
    KrFlow *flow;
    Ref *refs;
    int size;
    int capacity;
    uint8_t *pinned; // per instruction: must own its value
    Worklist work;
} Borrow;

static void
push_ref(Borrow *at, int instr, int local)
{
    if (at->size == at->capacity) {
        int capacity = at->capacity ? at->capacity * 2 : 64;
        Ref *refs = kr_compiler_alloc(at->flow->c, (size_t)capacity * sizeof(*refs));
        if (refs == NULL) {
            return;
        }
        if (at->size > 0) {
            memcpy(refs, at->refs, (size_t)at->size * sizeof(*refs));
        }
        at->refs = refs;
        at->capacity = capacity;
    }
    at->refs[at->size++] = (Ref){instr, local};
}

static Ref
pop_ref(Borrow *at)
{
    KR_ASSERT(at->size > 0);
    if (at->size == 0) {
        return (Ref){UNKNOWN_INSTR, NOT_A_LOCAL};
    }
    return at->refs[--at->size];
}

static void
pop_refs(Borrow *at, int count)
{
    while (count-- > 0) {
        pop_ref(at);
    }
}

static void
kill_local(Borrow *at, int local)
{
    for (int i = 0; i < at->size; i++) {
        if (at->refs[i].local == local && at->refs[i].instr >= 0) {
            at->pinned[at->refs[i].instr] = 1;
        }
    }
}

static void
store_local(Borrow *at, int local)
{
    Ref ref = pop_ref(at);
    kill_local(at, local);
    if (ref.instr >= 0) {
        at->pinned[ref.instr] = 1;
    }
}

static void
visit_with_depth(Borrow *at, KrBlock *b, int depth)
{
    if (!b->visited) {
        b->visited = true;
        b->start_depth = depth;
        *at->work.sp++ = b;
    }
}

static void
simulate_refs(Borrow *at, const KrFlowInstr *instr, int i)
{
    int op = instr->op, arg = instr->arg;
    int popped = kr_opcode_popped(op, arg);
    int pushed = kr_opcode_pushed(op, arg);
    switch (op) {
    case KR_OP_DELETE_FAST:
        kill_local(at, arg);
        break;
    case KR_OP_LOAD_FAST:
        push_ref(at, i, arg);
        break;
    case KR_OP_LOAD_FAST_AND_CLEAR:
        kill_local(at, arg);
        push_ref(at, i, arg);
        break;
    case KR_OP_LOAD_FAST_LOAD_FAST:
        push_ref(at, i, arg >> 4);
        push_ref(at, i, arg & 15);
        break;
    case KR_OP_STORE_FAST:
        store_local(at, arg);
        break;
    case KR_OP_STORE_FAST_LOAD_FAST:
        store_local(at, arg >> 4);
        push_ref(at, i, arg & 15);
        break;
    case KR_OP_STORE_FAST_STORE_FAST:
        store_local(at, arg >> 4);
        store_local(at, arg & 15);
        break;
    case KR_OP_COPY: {
        Ref ref = {UNKNOWN_INSTR, NOT_A_LOCAL};
        if (arg <= at->size) {
            ref = at->refs[at->size - arg];
        }
        push_ref(at, ref.instr, ref.local);
        break;
    }
    case KR_OP_SWAP:
        if (arg <= at->size) {
            Ref top = at->refs[at->size - 1];
            at->refs[at->size - 1] = at->refs[at->size - arg];
            at->refs[at->size - arg] = top;
        }
        break;
    // These leave their inputs on the stack.
    case KR_OP_FORMAT_SIMPLE:
    case KR_OP_GET_ANEXT:
    case KR_OP_GET_LEN:
    case KR_OP_GET_YIELD_FROM_ITER:
    case KR_OP_IMPORT_FROM:
    case KR_OP_MATCH_KEYS:
    case KR_OP_MATCH_MAPPING:
    case KR_OP_MATCH_SEQUENCE:
    case KR_OP_WITH_EXCEPT_START:
        // Their results count as made by the first instructions of the block: the
        // reference compiler's choice of borrowed loads shows it.
        for (int j = 0; j < pushed - popped; j++) {
            push_ref(at, j, NOT_A_LOCAL);
        }
        break;
    // These take some inputs and leave the rest.
    case KR_OP_DICT_MERGE:
    case KR_OP_DICT_UPDATE:
    case KR_OP_LIST_APPEND:
    case KR_OP_LIST_EXTEND:
    case KR_OP_MAP_ADD:
    case KR_OP_RERAISE:
    case KR_OP_SET_ADD:
    case KR_OP_SET_UPDATE:
        pop_refs(at, popped - pushed);
        break;
    case KR_OP_END_SEND:
    case KR_OP_SET_FUNCTION_ATTRIBUTE: {
        Ref top = pop_ref(at);
        pop_ref(at);
        push_ref(at, top.instr, top.local);
        break;
    }
    case KR_OP_CHECK_EXC_MATCH:
        pop_ref(at);
        push_ref(at, i, NOT_A_LOCAL);
        break;
    case KR_OP_FOR_ITER:
        visit_with_depth(at, instr->target, at->size + 1);
        push_ref(at, i, NOT_A_LOCAL);
        break;
    case KR_OP_LOAD_ATTR:
    case KR_OP_LOAD_SUPER_ATTR: {
        Ref self = pop_ref(at);
        if (op == KR_OP_LOAD_SUPER_ATTR) {
            pop_refs(at, 2);
        }
        push_ref(at, i, NOT_A_LOCAL);
        if (arg & 1) {
            push_ref(at, self.instr, self.local);
        }
        break;
    }
    case KR_OP_LOAD_SPECIAL:
    case KR_OP_PUSH_EXC_INFO: {
        Ref top = pop_ref(at);
        push_ref(at, i, NOT_A_LOCAL);
        push_ref(at, top.instr, top.local);
        break;
    }
    case KR_OP_SEND:
        visit_with_depth(at, instr->target, at->size);
        pop_ref(at);
        push_ref(at, i, NOT_A_LOCAL);
        break;
    default:
        if (kr_op_has_target(op)) {
            visit_with_depth(at, instr->target, at->size - popped + pushed);
        }
        if (!kr_op_opens_handler(op)) {
            pop_refs(at, popped);
            for (int j = 0; j < pushed; j++) {
                push_ref(at, i, NOT_A_LOCAL);
            }
        }
        break;
    }
}

void
kr_flow_borrow_locals(KrFlow *f)
{
    if (f->c->failed) {
        return;
    }
    int longest = 1;
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        longest = b->count > longest ? b->count : longest;
    }
    Borrow at = {.flow = f};
    at.pinned = kr_compiler_alloc(f->c, (size_t)longest);
    at.work.base = at.work.sp = kr_flow_stack(f);
    if (f->c->failed) {
        return;
    }
    kr_flow_clear_visited(f);
    visit_with_depth(&at, f->entry, 0);
    while (at.work.sp > at.work.base && !f->c->failed) {
        KrBlock *b = *--at.work.sp;
        memset(at.pinned, 0, (size_t)longest);
        at.size = 0;
        for (int i = 0; i < b->start_depth; i++) {
            push_ref(&at, UNKNOWN_INSTR, NOT_A_LOCAL);
        }
        for (int i = 0; i < b->count && !f->c->failed; i++) {
            simulate_refs(&at, &b->instrs[i], i);
        }
        // An empty block ends the walk: what only it leads to owns its loads.
        KrFlowInstr *last = kr_block_last(b);
        if (b->next != NULL && last != NULL && !kr_op_always_jumps(last->op)
            && !kr_op_exits(last->op)) {
            visit_with_depth(&at, b->next, at.size);
        }
        for (int i = 0; i < at.size; i++) {
            if (at.refs[i].instr >= 0) {
                at.pinned[at.refs[i].instr] = 1;
            }
        }
        for (int i = 0; i < b->count; i++) {
            if (at.pinned[i]) {
                continue;
            }
            if (b->instrs[i].op == KR_OP_LOAD_FAST) {
                b->instrs[i].op = KR_OP_LOAD_FAST_BORROW;
            }
            else if (b->instrs[i].op == KR_OP_LOAD_FAST_LOAD_FAST) {
                b->instrs[i].op = KR_OP_LOAD_FAST_BORROW_LOAD_FAST_BORROW;
            }
        }
    }
}

// --- Cells -----------------------------------------------------------------------------

// Puts the cells where arguments of the same name are, and shifts the others down.
static int
place_cells(KrFlow *f, int *place)
{
    KrUnit *unit = f->unit;
    int nlocals = unit->varnames.live;
    int count = unit->cellvars.live + unit->freevars.live;
    int dropped = 0;
    for (int i = 0; i < count; i++) {
        if (place[i] == i + nlocals) {
            place[i] -= dropped;
        }
        else {
            dropped++;
        }
    }
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        for (int i = 0; i < b->count; i++) {
            switch (b->instrs[i].op) {
            case KR_OP_MAKE_CELL:
            case KR_OP_LOAD_CLOSURE:
            case KR_OP_LOAD_DEREF:
            case KR_OP_STORE_DEREF:
            case KR_OP_DELETE_DEREF:
            case KR_OP_LOAD_FROM_DICT_OR_DEREF:
                b->instrs[i].arg = place[b->instrs[i].arg];
                break;
            default:
                break;
            }
        }
    }
    return dropped;
}

static void
insert_prefix(KrFlow *f, const int *place, int code_flags)
{
    KrUnit *unit = f->unit;
    int nlocals = unit->varnames.live;
    int ncells = unit->cellvars.live;
    KrLocation line = {unit->firstlineno, unit->firstlineno, -1, -1};
    if (code_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)) {
        kr_block_insert(f, f->entry, 0,
                        (KrFlowInstr){.op = KR_OP_RETURN_GENERATOR, .loc = line});
        kr_block_insert(f, f->entry, 1,
                        (KrFlowInstr){.op = KR_OP_POP_TOP, .loc = line});
    }
    if (ncells > 0) {
        // In the order of their final places.
        int *sorted = kr_compiler_alloc(f->c, (size_t)(ncells + nlocals) * sizeof(int));
        if (sorted == NULL) {
            return;
        }
        for (int i = 0; i < ncells; i++) {
            sorted[place[i]] = i + 1;
        }
        int used = 0;
        for (int i = 0; used < ncells; i++) {
            if (sorted[i] != 0) {
                kr_block_insert(f, f->entry, used++,
                                (KrFlowInstr){.op = KR_OP_MAKE_CELL,
                                              .arg = sorted[i] - 1, .loc = kr_no_loc});
            }
        }
    }
    if (unit->freevars.live > 0) {
        kr_block_insert(f, f->entry, 0,
                        (KrFlowInstr){.op = KR_OP_COPY_FREE_VARS,
                                      .arg = unit->freevars.live, .loc = kr_no_loc});
    }
}

int
kr_flow_place_cells(KrFlow *f, int code_flags)
{
    KrUnit *unit = f->unit;
    int nlocals = unit->varnames.live;
    int count = unit->cellvars.live + unit->freevars.live;
    int *place = kr_compiler_alloc(f->c, ((size_t)count + 1) * sizeof(*place));
    if (place == NULL) {
        return 0;
    }
    for (int i = 0; i < count; i++) {
        place[i] = nlocals + i;
    }
    for (int i = 0; i < unit->cellvars.count; i++) {
        const KrPtrEntry *cell = &unit->cellvars.entries[i];
        KrPtrEntry *local = kr_ptrmap_find(&unit->varnames, cell->key);
        if (local != NULL) {
            place[cell->value] = (int)local->value;
        }
    }
    insert_prefix(f, place, code_flags);
    if (f->c->failed) {
        return 0;
    }
    int dropped = place_cells(f, place);
    return nlocals + count - dropped;
}

// --- Pseudo instructions ---------------------------------------------------------------

void
kr_flow_convert_pseudo_jumps(KrFlow *f)
{
    for (KrBlock *b = f->entry; b != NULL && !f->c->failed; b = b->next) {
        KrFlowInstr *last = kr_block_last(b);
        if (last == NULL
            || (last->op != KR_OP_JUMP_IF_FALSE && last->op != KR_OP_JUMP_IF_TRUE)) {
            continue;
        }
        last->op = last->op == KR_OP_JUMP_IF_FALSE ? KR_OP_POP_JUMP_IF_FALSE
                                                   : KR_OP_POP_JUMP_IF_TRUE;
        KrFlowInstr copy = {
            .op = KR_OP_COPY, .arg = 1, .loc = last->loc, .except = last->except};
        KrFlowInstr to_bool = {
            .op = KR_OP_TO_BOOL, .loc = last->loc, .except = last->except};
        kr_block_insert(f, b, b->count - 1, copy);
        kr_block_insert(f, b, b->count - 1, to_bool);
    }
}

void
kr_flow_convert_pseudo(KrFlow *f)
{
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        for (int i = 0; i < b->count; i++) {
            KrFlowInstr *instr = &b->instrs[i];
            if (kr_op_opens_handler(instr->op)) {
                kr_instr_set(instr, KR_OP_NOP, 0);
                instr->target = NULL;
            }
            else if (instr->op == KR_OP_LOAD_CLOSURE) {
                instr->op = KR_OP_LOAD_FAST;
            }
            else if (instr->op == KR_OP_STORE_FAST_MAYBE_NULL) {
                instr->op = KR_OP_STORE_FAST;
            }
        }
    }
    kr_flow_remove_nops(f);
}

// --- Depth -----------------------------------------------------------------------------

static void
push_depth(KrFlow *f, KrBlock ***sp, KrBlock *b, int depth)
{
    if (b->start_depth < 0) {
        b->start_depth = depth;
        *(*sp)++ = b;
    }
    else if (b->start_depth != depth) {
        PyErr_Format(PyExc_SystemError,
                     "compiler: blocks of %U meet with stacks of %d and %d",
                     f->unit->name, b->start_depth, depth);
        kr_compiler_fail(f->c);
    }
}

int
kr_flow_stack_depth(KrFlow *f)
{
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        b->start_depth = -1;
    }
    KrBlock **stack = kr_flow_stack(f);
    if (stack == NULL) {
        return -1;
    }
    KrBlock **sp = stack;
    int deepest = 0;
    push_depth(f, &sp, f->entry, 0);
    while (sp > stack && !f->c->failed) {
        KrBlock *b = *--sp;
        int depth = b->start_depth;
        KrBlock *next = b->next;
        for (int i = 0; i < b->count && !f->c->failed; i++) {
            KrFlowInstr *instr = &b->instrs[i];
            int new_depth = depth + kr_opcode_stack_effect(instr->op, instr->arg, 0);
            deepest = depth > deepest ? depth : deepest;
            if (new_depth < 0) {
                PyErr_Format(PyExc_ValueError, "Invalid CFG, stack underflow");
                kr_compiler_fail(f->c);
                return -1;
            }
            if (kr_op_has_target(instr->op) && instr->op != KR_OP_END_ASYNC_FOR) {
                int there = depth + kr_opcode_stack_effect(instr->op, instr->arg, 1);
                deepest = there > deepest ? there : deepest;
                push_depth(f, &sp, instr->target, there);
            }
            depth = new_depth;
            deepest = depth > deepest ? depth : deepest;
            if (kr_op_always_jumps(instr->op) || kr_op_exits(instr->op)) {
                next = NULL;
                break;
            }
        }
        if (next != NULL && !f->c->failed) {
            push_depth(f, &sp, next, depth);
        }
    }
    return f->c->failed ? -1 : deepest;
}
