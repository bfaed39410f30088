// SPDX-License-Identifier: MIT
// flow.h - the flow graph of a code unit, on which the optimiser works.
//
// A block is a run of instructions that is entered at its start only; its last instruction
// may jump. `next` is the block that follows in the code, reached by falling through
// unless the last instruction forbids it.
// Read next: flow_build.c, flow_optimize.c, flow_fold.c, flow_order.c, flow_locals.c
#ifndef KRAIT_COMPILE_FLOW_H
#define KRAIT_COMPILE_FLOW_H

#include "compile/ptrmap.h"
#include "compile/unit.h"

typedef struct KrBlock KrBlock;

typedef struct {
    int op;
    int arg;
    KrLocation loc;
    KrBlock *target;  // of jumps and of SETUP_*
    KrBlock *except;  // handler that covers the instruction, or NULL
} KrFlowInstr;

// Handlers around a place, innermost last.
typedef struct {
    KrBlock **items;
    int count;
    int capacity;
} KrHandlerStack;

struct KrBlock {
    KrBlock *next;
    KrFlowInstr *instrs;
    int count;
    int capacity;
    int predecessors;
    int start_depth;         // operands at the start; -1: unknown
    int index;               // number of the first instruction, when assembled
    uint64_t unsafe_locals;  // bit i: local i may be unbound at the start
    KrHandlerStack handlers; // at the start; used once
    bool labelled;           // some jump names it
    bool visited;
    bool is_handler;
    bool preserve_lasti;     // handler that gets the raising offset
    bool cold;               // reached through exceptions only
    bool warm;
};

typedef struct KrFlow {
    KrCompiler *c;
    KrBlock *entry;
    KrUnit *unit;
    PyObject **consts;       // canonical objects, borrowed
    KrPtrMap const_places;   // object -> index in consts, until unused ones are dropped
    int const_count;
    int const_capacity;
    int block_count;         // blocks ever made
} KrFlow;

// flow_build.c
KrFlow *kr_flow_from_unit(KrCompiler *c, KrUnit *unit);
KrBlock *kr_block_new(KrFlow *f);
void kr_block_append(KrFlow *f, KrBlock *b, KrFlowInstr instr);
// Appends an instruction that cannot raise. Its handler does not matter, so that of the
// instruction which stood at this place before is kept, as the reference compiler does:
// exception tables come out equal.
void kr_block_append_marker(KrFlow *f, KrBlock *b, int op, KrLocation loc);
void kr_block_insert(KrFlow *f, KrBlock *b, int index, KrFlowInstr instr);
// Stack of blocks for a walk over the graph; each block is pushed at most once.
KrBlock **kr_flow_stack(KrFlow *f);
void kr_flow_clear_visited(KrFlow *f);

static inline KrFlowInstr *
kr_block_last(const KrBlock *b)
{
    return b->count > 0 ? &b->instrs[b->count - 1] : NULL;
}

static inline bool
kr_op_jumps(int op)
{
    return (kr_opcode_flags(op) & KR_OPF_JUMP) != 0;
}

static inline bool
kr_op_always_jumps(int op)
{
    return (kr_opcode_flags(op) & KR_OPF_ALWAYS_JUMPS) != 0;
}

static inline bool
kr_op_exits(int op)
{
    return (kr_opcode_flags(op) & KR_OPF_SCOPE_EXIT) != 0;
}

static inline bool
kr_op_opens_handler(int op)
{
    return (kr_opcode_flags(op) & KR_OPF_EXC) != 0;
}

static inline bool
kr_op_has_target(int op)
{
    return (kr_opcode_flags(op) & (KR_OPF_JUMP | KR_OPF_EXC)) != 0;
}

static inline bool
kr_block_falls_through(const KrBlock *b)
{
    const KrFlowInstr *last = kr_block_last(b);
    return last == NULL || !(kr_op_exits(last->op) || kr_op_always_jumps(last->op));
}

static inline KrBlock *
kr_block_nonempty(KrBlock *b)
{
    while (b != NULL && b->count == 0) {
        b = b->next;
    }
    return b;
}

static inline void
kr_instr_set(KrFlowInstr *instr, int op, int arg)
{
    instr->op = op;
    instr->arg = arg;
}

// flow_optimize.c: everything between building and assembling.
void kr_flow_optimize(KrFlow *f, int nlocals, int nparams);
bool kr_flow_remove_nops(KrFlow *f);
void kr_flow_remove_nops_and_jumps(KrFlow *f);

// flow_fold.c: constants.
void kr_flow_load_const(KrFlow *f, KrBlock *b);
int kr_flow_add_const(KrFlow *f, PyObject *object);
void kr_flow_fold_tuple(KrFlow *f, KrBlock *b, int i);
void kr_flow_fold_list_or_set(KrFlow *f, KrBlock *b, int i, int next_op);
void kr_flow_fold_list_to_tuple(KrFlow *f, KrBlock *b, int i);
void kr_flow_fold_display(KrFlow *f, KrBlock *b, int i);
void kr_flow_fold_unary(KrFlow *f, KrBlock *b, int i);
void kr_flow_fold_binary(KrFlow *f, KrBlock *b, int i);
void kr_flow_drop_unused_consts(KrFlow *f);
bool kr_op_loads_const(int op);

// flow_order.c: line numbers, cold blocks, directions of jumps.
void kr_flow_resolve_lines(KrFlow *f);
void kr_flow_move_cold_blocks(KrFlow *f);
void kr_flow_normalize_jumps(KrFlow *f);

// flow_locals.c: unbound locals, super-instructions, borrowed loads, cells.
void kr_flow_check_locals(KrFlow *f, int nlocals, int nparams);
void kr_flow_join_instrs(KrFlow *f);
void kr_flow_borrow_locals(KrFlow *f);
// Emits the function's prefix and gives cells their places; the number of locals plus.
int kr_flow_place_cells(KrFlow *f, int code_flags);
void kr_flow_convert_pseudo(KrFlow *f);
// Deepest operand stack, and start_depth of every block; -1 when failed.
int kr_flow_stack_depth(KrFlow *f);
void kr_flow_convert_pseudo_jumps(KrFlow *f);

#endif // KRAIT_COMPILE_FLOW_H
