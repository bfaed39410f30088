// SPDX-License-Identifier: MIT
// flow_build.c - cuts the instruction sequence into blocks and finds the handlers.

#include "compile/flow.h"

KrBlock *
kr_block_new(KrFlow *f)
{
    KrBlock *b = kr_compiler_alloc(f->c, sizeof(*b));
    if (b != NULL) {
        b->start_depth = -1;
        f->block_count++;
    }
    return b;
}

static bool
reserve_instr(KrFlow *f, KrBlock *b)
{
    if (b->count < b->capacity) {
        return true;
    }
    int capacity = b->capacity ? b->capacity * 2 : 16;
    // Zeroed: kr_block_append_marker() looks at places not yet used.
    KrFlowInstr *instrs = kr_compiler_alloc(f->c, (size_t)capacity * sizeof(*instrs));
    if (instrs == NULL) {
        return false;
    }
    if (b->count > 0) {
        memcpy(instrs, b->instrs, (size_t)b->count * sizeof(*instrs));
    }
    b->instrs = instrs;
    b->capacity = capacity;
    return true;
}

void
kr_block_append(KrFlow *f, KrBlock *b, KrFlowInstr instr)
{
    if (reserve_instr(f, b)) {
        b->instrs[b->count++] = instr;
    }
}

void
kr_block_append_marker(KrFlow *f, KrBlock *b, int op, KrLocation loc)
{
    if (reserve_instr(f, b)) {
        KrFlowInstr *instr = &b->instrs[b->count++];
        *instr = (KrFlowInstr){.op = op, .loc = loc, .except = instr->except};
    }
}

void
kr_block_insert(KrFlow *f, KrBlock *b, int index, KrFlowInstr instr)
{
    if (reserve_instr(f, b)) {
        memmove(&b->instrs[index + 1], &b->instrs[index],
                (size_t)(b->count - index) * sizeof(instr));
        b->instrs[index] = instr;
        b->count++;
    }
}

KrBlock **
kr_flow_stack(KrFlow *f)
{
    return kr_compiler_alloc(f->c, ((size_t)f->block_count + 1) * sizeof(KrBlock *));
}

void
kr_flow_clear_visited(KrFlow *f)
{
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        b->visited = false;
    }
}

// What the builder knows while it appends.
typedef struct {
    KrFlow *flow;
    KrBlock *current;
    bool label_pending; // the next instruction starts a block
    KrBlock *pending;   // block that the pending label was promised to
} Builder;

static bool
ends_block(int op)
{
    return kr_op_jumps(op) || kr_op_exits(op);
}

static void
start_block_if_needed(Builder *at)
{
    KrFlowInstr *last = kr_block_last(at->current);
    bool needed = last != NULL && ends_block(last->op);
    if (at->label_pending) {
        if (last != NULL || at->current->labelled) {
            needed = true;
        }
        else if (!needed) {
            at->current->labelled = true;
            at->label_pending = false;
        }
    }
    if (needed) {
        KrBlock *b = kr_block_new(at->flow);
        if (b == NULL) {
            return;
        }
        b->labelled = at->label_pending;
        at->label_pending = false;
        at->current->next = b;
        at->current = b;
    }
}

// Jump arguments become indexes of the instructions they lead to.
static int
label_index(const KrInstrSeq *seq, int label)
{
    return seq->labels[label];
}

KrFlow *
kr_flow_from_unit(KrCompiler *c, KrUnit *unit)
{
    KrFlow *f = kr_compiler_alloc(c, sizeof(*f));
    if (f == NULL) {
        return NULL;
    }
    f->c = c;
    f->unit = unit;
    f->const_count = unit->consts.live;
    f->const_capacity = f->const_count + 16;
    f->consts = kr_compiler_alloc(c, (size_t)f->const_capacity * sizeof(*f->consts));
    f->entry = kr_block_new(f);
    const KrInstrSeq *seq = unit->main_seq;
    bool *is_target = kr_compiler_alloc(c, (size_t)seq->count + 1);
    KrBlock **block_at = kr_compiler_alloc(c, ((size_t)seq->count + 1) * sizeof(KrBlock *));
    if (c->failed) {
        return NULL;
    }
    int n = 0;
    for (int i = 0; i < unit->consts.count; i++) {
        f->consts[n] = unit->consts.entries[i].key;
        if (!kr_ptrmap_set(&f->const_places, c->arena, f->consts[n], n)) {
            kr_compiler_no_memory(c);
            return NULL;
        }
        n++;
    }
    for (int i = 0; i < seq->count; i++) {
        if (kr_op_has_target(seq->items[i].op)) {
            is_target[label_index(seq, seq->items[i].arg)] = true;
        }
    }
    Builder at = {.flow = f, .current = f->entry};
    for (int i = 0; i < seq->count && !c->failed; i++) {
        const KrInstr *instr = &seq->items[i];
        if (instr->op == KR_OP_ANNOTATIONS_PLACEHOLDER) {
            const KrInstrSeq *extra = seq->annotations;
            for (int j = 0; extra != NULL && j < extra->count; j++) {
                start_block_if_needed(&at);
                kr_block_append(f, at.current,
                                (KrFlowInstr){.op = extra->items[j].op,
                                              .arg = extra->items[j].arg,
                                              .loc = extra->items[j].loc});
            }
            continue;
        }
        if (is_target[i]) {
            at.label_pending = true;
        }
        start_block_if_needed(&at);
        if (c->failed) {
            return NULL;
        }
        block_at[i] = at.current;
        kr_block_append(f, at.current,
                        (KrFlowInstr){.op = instr->op, .arg = instr->arg,
                                      .loc = instr->loc});
    }
    for (KrBlock *b = f->entry; b != NULL && !c->failed; b = b->next) {
        for (int i = 0; i < b->count; i++) {
            KrFlowInstr *instr = &b->instrs[i];
            if (kr_op_has_target(instr->op)) {
                instr->target = block_at[label_index(seq, instr->arg)];
                instr->arg = 0;
                if (kr_op_opens_handler(instr->op)) {
                    instr->target->is_handler = true;
                }
            }
        }
    }
    return c->failed ? NULL : f;
}
