// SPDX-License-Identifier: MIT
// lower.c - makes executable code from bytecode, once per code object.
//
// One pass simulates the operand stack. A pushed local or constant stays lazy:
// it becomes an operand of the instruction that pops it, or is materialised in
// its own temporary before that local is stored to, at jumps, at labels, and
// below the depth of an active handler. Stack depth k has one slot, fixed when
// it is pushed: behind the slot of depth k - 1, except that a call's receiver
// or NULL leaves room for the callee's header, so that the arguments that
// follow are already the callee's locals.
//
// Blocks are taken in bytecode order as long as control falls through; a label
// whose stack is not known yet waits until a jump to it is met.
// Read next: frame.h, ops.kop
#include "vm/machine.h"

#include "bytecode/exctable.h"
#include "bytecode/opcodes.h"
#include "objects/code.h"
#include "vm/attribute_sites.h"

typedef enum {
    V_TEMP,  // the value is in the position's own slot
    V_LOCAL, // lazy: local `index`
    V_CONST, // lazy: constant `index`
    V_INT,   // lazy: the small int `index`
    V_NULL,  // the NULL behind a callable
} ValueKind;

typedef struct {
    uint8_t kind;   // ValueKind
    bool gap;       // room for a header lies before this slot
    uint16_t slot;
    int32_t index;
    uint32_t def;   // word that makes the temporary, or UINT32_MAX
} StackValue;

// The stack as it is at a label: kinds are V_TEMP and V_NULL only.
typedef struct {
    int depth;
    StackValue values[];
} StackState;

typedef struct {
    uint32_t word;   // of the jump
    uint32_t target; // code unit
} Fixup;

typedef struct {
    PyCodeObject *code;
    const uint8_t *bytes;
    uint32_t nunits;
    uint8_t *is_label;     // by code unit
    StackState **states;   // by code unit; known stacks of labels
    int32_t *places;       // by code unit: word index once generated, or -1
    KrWord *words;
    uint32_t *offsets;
    uint32_t nwords, words_room;
    Fixup *fixups;
    uint32_t nfixups, fixups_room;
    uint32_t *pending;     // labels to generate
    uint32_t npending, pending_room;
    StackValue *stack;
    int depth, stack_room;
    uint32_t ntemp;        // first temporary
    uint32_t max_slot;
    KrHandler *handlers;
    KrExcEntry *ranges;
    uint32_t nranges;
    uint32_t unit;         // of the instruction being lowered
    uint32_t last_def;     // word whose slot a may be renamed, or UINT32_MAX
    bool generator;
    const char *trouble;   // why the bytecode cannot be used
    bool no_memory;
} Lowering;

static bool
failed(const Lowering *lo)
{
    return lo->trouble != NULL || lo->no_memory;
}

static bool
grow(Lowering *lo, void *array, uint32_t *room, uint32_t need, size_t item)
{
    void **place = array;
    if (need <= *room) {
        return true;
    }
    uint32_t want = *room * 2 > need ? *room * 2 : need + 16;
    void *bigger = PyMem_Realloc(*place, want * item);
    if (bigger == NULL) {
        lo->no_memory = true;
        return false;
    }
    *place = bigger;
    *room = want;
    return true;
}

// --- Emission ------------------------------------------------------------------

static KrWord *
emit(Lowering *lo, KrXop op, uint32_t a, uint32_t b, uint32_t c)
{
    static KrWord nowhere[8];
    uint32_t length = kr_xop_length[op];
    lo->last_def = UINT32_MAX;
    if (lo->nwords + length > lo->words_room) {
        uint32_t room = lo->words_room * 2 + 64;
        KrWord *words = PyMem_Realloc(lo->words, room * sizeof(KrWord));
        if (words != NULL) {
            lo->words = words;
        }
        uint32_t *offsets = PyMem_Realloc(lo->offsets, room * sizeof(uint32_t));
        if (offsets != NULL) {
            lo->offsets = offsets;
        }
        if (words == NULL || offsets == NULL) {
            lo->no_memory = true;
            return nowhere;
        }
        lo->words_room = room;
    }
    if ((a | b | c) > UINT16_MAX) {
        lo->trouble = "code object is too large";
        return nowhere;
    }
    KrWord *word = &lo->words[lo->nwords];
    memset(word, 0, length * sizeof(KrWord));
    for (uint32_t i = 0; i < length; i++) {
        lo->offsets[lo->nwords + i] = lo->unit * 2;
    }
    lo->nwords += length;
    word->op = (uint8_t)op;
    word->a = (uint16_t)a;
    word->b = (uint16_t)b;
    word->c = (uint16_t)c;
    return word;
}

static KrWord *
emit_wide(Lowering *lo, KrXop op, uint32_t a, int32_t bc)
{
    KrWord *word = emit(lo, op, a, 0, 0);
    word->bc = bc;
    return word;
}

// Notes that slot a of the newest instruction is its only result.
static void
defines(Lowering *lo, const KrWord *word)
{
    lo->last_def = (uint32_t)(word - lo->words);
    if (lo->depth > 0 && lo->stack[lo->depth - 1].slot == word->a) {
        lo->stack[lo->depth - 1].def = lo->last_def;
    }
}

// --- The simulated stack -----------------------------------------------------

static StackValue *
push_at(Lowering *lo, ValueKind kind, int32_t index, uint32_t slot, bool gap)
{
    static StackValue nowhere;
    if (lo->depth >= lo->stack_room) {
        lo->trouble = "stack depth exceeds co_stacksize";
        return &nowhere;
    }
    StackValue *value = &lo->stack[lo->depth++];
    *value = (StackValue){(uint8_t)kind, gap, (uint16_t)slot, index, UINT32_MAX};
    if (slot + KR_FRAME_HEADER + 3 > lo->max_slot) {
        lo->max_slot = slot + KR_FRAME_HEADER + 3;
    }
    if (slot >= UINT16_MAX - 16) {
        lo->trouble = "code object needs too many slots";
    }
    return value;
}

static uint32_t
next_slot(const Lowering *lo)
{
    return lo->depth == 0 ? lo->ntemp : lo->stack[lo->depth - 1].slot + 1u;
}

static void
push_lazy(Lowering *lo, ValueKind kind, int32_t index)
{
    push_at(lo, kind, index, next_slot(lo), false);
}

static uint32_t
push_temp(Lowering *lo)
{
    return push_at(lo, V_TEMP, 0, next_slot(lo), false)->slot;
}

// The NULL that says "no receiver"; leaves room for the header before the
// arguments that follow.
static void
push_null(Lowering *lo)
{
    uint32_t slot = next_slot(lo);
    bool gap = !lo->generator && lo->depth > 0;
    push_at(lo, V_NULL, 0, gap ? slot + KR_FRAME_HEADER - 1 : slot, gap);
}

static StackValue *
peek(Lowering *lo, int n)
{
    static StackValue nowhere;
    if (n > lo->depth || n < 1) {
        lo->trouble = "stack underflow";
        return &nowhere;
    }
    return &lo->stack[lo->depth - n];
}

static void
drop(Lowering *lo, int n)
{
    if (n > lo->depth) {
        lo->trouble = "stack underflow";
        lo->depth = 0;
        return;
    }
    lo->depth -= n;
}

// Puts a lazy value into its own slot. A local is copied, or lent where a call
// follows at once.
static void
materialise_as(Lowering *lo, StackValue *value, bool lend)
{
    switch (value->kind) {
    case V_TEMP:
        return;
    case V_LOCAL:
        emit(lo, lend ? KR_X_MOVE_BORROW : KR_X_MOVE, value->slot, value->index, 0);
        break;
    case V_CONST:
        emit_wide(lo, KR_X_LOAD_CONST, value->slot, value->index);
        break;
    case V_INT:
        emit_wide(lo, KR_X_LOAD_INT, value->slot, value->index);
        break;
    case V_NULL:
        emit(lo, KR_X_LOAD_NULL, value->slot, 0, 0);
        break;
    }
    value->kind = V_TEMP;
}

static void
materialise(Lowering *lo, StackValue *value)
{
    materialise_as(lo, value, false);
}

// Everything into its place, except that NULLs stay known.
static void
flush_below(Lowering *lo, int depth)
{
    for (int i = 0; i < depth; i++) {
        if (lo->stack[i].kind != V_TEMP && lo->stack[i].kind != V_NULL) {
            materialise(lo, &lo->stack[i]);
        }
    }
}

static void
flush(Lowering *lo)
{
    flush_below(lo, lo->depth);
}

// The slot to read an operand from; *dies tells whether it is a temporary.
static uint32_t
operand(Lowering *lo, StackValue *value, bool *dies)
{
    if (value->kind == V_LOCAL) {
        *dies = false;
        return (uint32_t)value->index;
    }
    materialise(lo, value);
    *dies = true;
    return value->slot;
}

// Whether flag X of the op asks for exact numbers as tagged words.
static bool
can_unbox(KrXop op)
{
    return op == KR_X_GETATTR || op == KR_X_SUBSCR || op == KR_X_LOAD_DEREF ||
           op == KR_X_LOAD_GLOBAL;
}

// The same where a number is expected: constants and loaded values come unboxed.
static uint32_t
number_operand(Lowering *lo, StackValue *value, bool *dies)
{
    if (value->kind == V_CONST) {
        emit_wide(lo, KR_X_LOAD_NUMBER, value->slot, value->index);
        value->kind = V_TEMP;
    }
    else if (value->kind == V_TEMP && value->def != UINT32_MAX && !failed(lo) &&
             can_unbox(lo->words[value->def].op)) {
        lo->words[value->def].flags |= KR_FLAG_X;
    }
    return operand(lo, value, dies);
}

// True and the value when the operand is an int constant of 16 bits.
static bool
immediate(Lowering *lo, const StackValue *value, int *out)
{
    if (value->kind == V_INT) {
        *out = value->index;
        return value->index >= INT16_MIN && value->index <= INT16_MAX;
    }
    if (value->kind == V_CONST) {
        PyObject *object = PyTuple_GET_ITEM(lo->code->co_consts, value->index);
        KV word = PyLong_CheckExact(object) ? kr_kv_unbox_borrow(object) : KV_NULL;
        if (kv_is_int(word) && kv_int(word) >= INT16_MIN && kv_int(word) <= INT16_MAX) {
            *out = (int)kv_int(word);
            return true;
        }
    }
    return false;
}

// Materialises the n topmost values and moves them into consecutive slots.
// Returns the first slot.
static uint32_t
consecutive(Lowering *lo, int n, bool lend)
{
    if (n == 0) {
        return next_slot(lo);
    }
    StackValue *first = peek(lo, n);
    if (failed(lo)) {
        return 0;
    }
    uint32_t base = first->slot;
    for (int i = 0; i < n; i++) {
        StackValue *value = first + i;
        if (value->slot == base + i) {
            materialise_as(lo, value, lend);
        }
        else if (value->kind == V_TEMP) {
            emit(lo, KR_X_MOVE_STEAL, base + i, value->slot, 0);
        }
        else {
            uint32_t slot = value->slot;
            value->slot = (uint16_t)(base + i);
            materialise_as(lo, value, lend);
            value->slot = (uint16_t)slot;
        }
    }
    return base;
}

// --- Labels ----------------------------------------------------------------------

static void
note_state(Lowering *lo, uint32_t unit, int depth, const StackValue *extra, int nextra)
{
    if (unit >= lo->nunits) {
        lo->trouble = "jump out of the code";
        return;
    }
    int total = depth + nextra;
    StackState *state = lo->states[unit];
    if (state != NULL) {
        if (state->depth != total) {
            lo->trouble = "stack depths differ at a label";
            return;
        }
        for (int i = 0; i < depth; i++) {
            const StackValue *here = &lo->stack[i], *there = &state->values[i];
            if (here->slot != there->slot ||
                (here->kind == V_NULL) != (there->kind == V_NULL)) {
                lo->trouble = "stacks differ at a label";
                return;
            }
        }
        return;
    }
    state = PyMem_Malloc(sizeof *state + (size_t)total * sizeof(StackValue));
    if (state == NULL ||
        !grow(lo, &lo->pending, &lo->pending_room, lo->npending + 1, sizeof(uint32_t))) {
        PyMem_Free(state);
        lo->no_memory = true;
        return;
    }
    state->depth = total;
    for (int i = 0; i < depth; i++) {
        state->values[i] = lo->stack[i];
        state->values[i].def = UINT32_MAX;
        if (state->values[i].kind != V_NULL) {
            state->values[i].kind = V_TEMP;
        }
    }
    for (int i = 0; i < nextra; i++) {
        state->values[depth + i] = extra[i];
    }
    lo->states[unit] = state;
    lo->pending[lo->npending++] = unit;
}

// A jump whose distance is filled in at the end. The stack has been flushed.
static void
jump_to(Lowering *lo, const KrWord *word, uint32_t unit)
{
    if (failed(lo) ||
        !grow(lo, &lo->fixups, &lo->fixups_room, lo->nfixups + 1, sizeof(Fixup))) {
        return;
    }
    lo->fixups[lo->nfixups++] = (Fixup){(uint32_t)(word - lo->words), unit};
    note_state(lo, unit, lo->depth, NULL, 0);
}

// --- Handlers ----------------------------------------------------------------------

static const KrExcEntry *
range_of(const Lowering *lo, uint32_t unit)
{
    uint32_t low = 0, high = lo->nranges;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if ((uint32_t)lo->ranges[middle].end <= unit) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    if (low < lo->nranges && (uint32_t)lo->ranges[low].start <= unit) {
        return &lo->ranges[low];
    }
    return NULL;
}

// The handler finds the lower part of the stack in its slots, then perhaps the
// offset of the raising instruction, then the exception.
static void
enter_range(Lowering *lo, const KrExcEntry *range)
{
    if (range->depth > lo->depth) {
        lo->trouble = "handler depth exceeds the stack";
        return;
    }
    flush_below(lo, range->depth);
    uint32_t slot = range->depth == 0 ? lo->ntemp : lo->stack[range->depth - 1].slot + 1u;
    StackValue extra[2] = {{V_TEMP, false, (uint16_t)slot, 0, UINT32_MAX},
                           {V_TEMP, false, (uint16_t)(slot + 1), 0, UINT32_MAX}};
    lo->handlers[range - lo->ranges].slot = (uint16_t)slot;
    if (slot + KR_FRAME_HEADER + 3 > lo->max_slot) {
        lo->max_slot = slot + KR_FRAME_HEADER + 3;
    }
    note_state(lo, (uint32_t)range->target, range->depth, extra, range->lasti ? 2 : 1);
}

// --- Instructions ----------------------------------------------------------------

static unsigned
kills(bool b, bool c)
{
    return (b ? KR_KILL_B : 0) | (c ? KR_KILL_C : 0);
}

static void
store_fast(Lowering *lo, uint32_t local)
{
    for (int i = 0; i < lo->depth - 1; i++) {
        if (lo->stack[i].kind == V_LOCAL && (uint32_t)lo->stack[i].index == local) {
            materialise(lo, &lo->stack[i]);
        }
    }
    StackValue value = *peek(lo, 1);
    drop(lo, 1);
    switch (value.kind) {
    case V_TEMP:
        if (lo->last_def != UINT32_MAX && lo->words[lo->last_def].a == value.slot) {
            lo->words[lo->last_def].a = (uint16_t)local;
            lo->last_def = UINT32_MAX;
        }
        else {
            emit(lo, KR_X_MOVE_STEAL, local, value.slot, 0);
        }
        break;
    case V_LOCAL:
        if ((uint32_t)value.index != local) {
            emit(lo, KR_X_MOVE, local, (uint32_t)value.index, 0);
        }
        break;
    case V_CONST:
        emit_wide(lo, KR_X_LOAD_CONST, local, value.index);
        break;
    case V_INT:
        emit_wide(lo, KR_X_LOAD_INT, local, value.index);
        break;
    case V_NULL:
        emit(lo, KR_X_LOAD_NULL, local, 0, 0);
        break;
    }
}

// Before a local changes behind the stack's back.
static void
detach_local(Lowering *lo, uint32_t local)
{
    for (int i = 0; i < lo->depth; i++) {
        if (lo->stack[i].kind == V_LOCAL && (uint32_t)lo->stack[i].index == local) {
            materialise(lo, &lo->stack[i]);
        }
    }
}

// out <- in: one operand popped, one result pushed.
static void
unary(Lowering *lo, KrXop op, uint32_t c)
{
    bool dies;
    uint32_t b = operand(lo, peek(lo, 1), &dies);
    drop(lo, 1);
    uint32_t a = push_temp(lo);
    KrWord *word = emit(lo, op, a, b, c);
    word->flags = (uint8_t)kills(dies, false);
    defines(lo, word);
}

// out <- in, the operand stays on the stack.
static void
unary_keep(Lowering *lo, KrXop op, uint32_t c)
{
    bool dies;
    uint32_t b = operand(lo, peek(lo, 1), &dies);
    uint32_t a = push_temp(lo);
    defines(lo, emit(lo, op, a, b, c));
}

static void
binary(Lowering *lo, KrXop op, unsigned flags)
{
    bool b_dies, c_dies;
    uint32_t b = operand(lo, peek(lo, 2), &b_dies);
    uint32_t c = operand(lo, peek(lo, 1), &c_dies);
    drop(lo, 2);
    uint32_t a = push_temp(lo);
    KrWord *word = emit(lo, op, a, b, c);
    word->flags = (uint8_t)(kills(b_dies, c_dies) | flags);
    defines(lo, word);
}

// out <- window of n values.
static KrWord *
from_window(Lowering *lo, KrXop op, int n, uint32_t c)
{
    uint32_t b = consecutive(lo, n, false);
    drop(lo, n);
    uint32_t a = push_temp(lo);
    KrWord *word = emit(lo, op, a, b, c);
    defines(lo, word);
    return word;
}

static const uint8_t binary_xops[13] = {
    [KR_NB_ADD] = KR_X_ADD, [KR_NB_AND] = KR_X_AND,
    [KR_NB_FLOOR_DIVIDE] = KR_X_FLOORDIV, [KR_NB_LSHIFT] = KR_X_LSHIFT,
    [KR_NB_MATRIX_MULTIPLY] = KR_X_MATMUL, [KR_NB_MULTIPLY] = KR_X_MUL,
    [KR_NB_REMAINDER] = KR_X_MOD, [KR_NB_OR] = KR_X_OR, [KR_NB_POWER] = KR_X_POW,
    [KR_NB_RSHIFT] = KR_X_RSHIFT, [KR_NB_SUBTRACT] = KR_X_SUB,
    [KR_NB_TRUE_DIVIDE] = KR_X_TRUEDIV, [KR_NB_XOR] = KR_X_XOR,
};

// 0 where there is no form with an immediate.
static KrXop
immediate_xop(int op)
{
    switch (op) {
    case KR_NB_ADD: return KR_X_ADD_IMM;
    case KR_NB_SUBTRACT: return KR_X_SUB_IMM;
    case KR_NB_MULTIPLY: return KR_X_MUL_IMM;
    case KR_NB_AND: return KR_X_AND_IMM;
    case KR_NB_FLOOR_DIVIDE: return KR_X_FLOORDIV_IMM;
    case KR_NB_REMAINDER: return KR_X_MOD_IMM;
    case KR_NB_LSHIFT: return KR_X_LSHIFT_IMM;
    case KR_NB_RSHIFT: return KR_X_RSHIFT_IMM;
    default: return 0;
    }
}

static void
binary_op(Lowering *lo, int oparg)
{
    if (oparg == KR_NB_SUBSCR) {
        binary(lo, KR_X_SUBSCR, 0);
        return;
    }
    if (oparg > KR_NB_INPLACE_XOR) {
        lo->trouble = "unknown binary operator";
        return;
    }
    bool inplace = oparg >= KR_NB_INPLACE_ADD;
    int op = inplace ? oparg - KR_NB_INPLACE_ADD : oparg;
    unsigned flags = inplace ? KR_FLAG_X : 0;
    bool b_dies, c_dies = false;
    int imm;
    uint32_t b = number_operand(lo, peek(lo, 2), &b_dies);
    StackValue *right = peek(lo, 1);
    KrXop xop = immediate(lo, right, &imm) ? immediate_xop(op) : 0;
    uint32_t c;
    if (xop != 0) {
        c = (uint16_t)imm;
    }
    else {
        xop = binary_xops[op];
        c = number_operand(lo, right, &c_dies);
    }
    drop(lo, 2);
    uint32_t a = push_temp(lo);
    KrWord *word = emit(lo, xop, a, b, c);
    word->flags = (uint8_t)(kills(b_dies, c_dies) | flags);
    defines(lo, word);
}

typedef struct {
    int opcode;
    uint32_t oparg;
    uint32_t next; // code unit behind it and its caches
} Decoded;

static Decoded
decode(const Lowering *lo, uint32_t unit)
{
    uint32_t oparg = 0;
    int opcode = 0;
    while (unit < lo->nunits) {
        opcode = lo->bytes[unit * 2];
        oparg = oparg << 8 | lo->bytes[unit * 2 + 1];
        unit++;
        if (opcode != KR_OP_EXTENDED_ARG) {
            break;
        }
    }
    return (Decoded){opcode, oparg, unit + (uint32_t)kr_opcode_caches(opcode)};
}

static uint32_t
jump_target(const Decoded *in)
{
    if (in->opcode == KR_OP_JUMP_BACKWARD || in->opcode == KR_OP_JUMP_BACKWARD_NO_INTERRUPT ||
        in->opcode == KR_OP_END_ASYNC_FOR) {
        return in->oparg <= in->next ? in->next - in->oparg : UINT32_MAX;
    }
    return in->next + in->oparg;
}

// The conditional jump that consumes a truth value right after `unit`, skipping a
// TO_BOOL; false if there is none or a label comes first.
static bool
following_jump(const Lowering *lo, uint32_t unit, Decoded *jump, bool *to_bool)
{
    *to_bool = false;
    for (;;) {
        if (unit >= lo->nunits || lo->is_label[unit]) {
            return false;
        }
        *jump = decode(lo, unit);
        if (jump->opcode == KR_OP_POP_JUMP_IF_FALSE || jump->opcode == KR_OP_POP_JUMP_IF_TRUE) {
            return true;
        }
        if (jump->opcode != KR_OP_TO_BOOL) {
            return false;
        }
        *to_bool = true;
        unit = jump->next;
    }
}

// Jumps when the popped value's truth is as wanted.
static void
pop_jump(Lowering *lo, bool when, uint32_t target)
{
    bool dies;
    uint32_t a = operand(lo, peek(lo, 1), &dies);
    drop(lo, 1);
    flush(lo);
    KrWord *word = emit_wide(lo, when ? KR_X_JTRUE : KR_X_JFALSE, a, 0);
    word->flags = (uint8_t)kills(dies, false);
    jump_to(lo, word, target);
}

static const uint8_t compare_xops[6][3] = {
    {KR_X_LT, KR_X_JLT, KR_X_JLT_IMM}, {KR_X_LE, KR_X_JLE, KR_X_JLE_IMM},
    {KR_X_EQ, KR_X_JEQ, KR_X_JEQ_IMM}, {KR_X_NE, KR_X_JNE, KR_X_JNE_IMM},
    {KR_X_GT, KR_X_JGT, KR_X_JGT_IMM}, {KR_X_GE, KR_X_JGE, KR_X_JGE_IMM},
};

// Returns the code unit to go on at.
static uint32_t
compare_op(Lowering *lo, const Decoded *in)
{
    uint32_t op = in->oparg >> 5;
    if (op > 5) {
        lo->trouble = "unknown comparison";
        return in->next;
    }
    Decoded jump;
    bool to_bool, b_dies, c_dies = false;
    uint32_t b = number_operand(lo, peek(lo, 2), &b_dies);
    StackValue *right = peek(lo, 1);
    if (!following_jump(lo, in->next, &jump, &to_bool) ||
        (!to_bool && !(in->oparg & KR_COMPARE_BOOL))) {
        uint32_t c = number_operand(lo, right, &c_dies);
        drop(lo, 2);
        uint32_t a = push_temp(lo);
        KrWord *word = emit(lo, compare_xops[op][0], a, b, c);
        word->flags = (uint8_t)(kills(b_dies, c_dies) |
                                ((in->oparg & KR_COMPARE_BOOL) ? KR_FLAG_X : 0));
        defines(lo, word);
        return in->next;
    }
    int imm;
    bool is_imm = immediate(lo, right, &imm);
    uint32_t c = is_imm ? (uint16_t)imm : number_operand(lo, right, &c_dies);
    drop(lo, 2);
    flush(lo);
    KrWord *word = emit(lo, compare_xops[op][is_imm ? 2 : 1], 0, b, c);
    word->flags = (uint8_t)(kills(b_dies, c_dies) |
                            (jump.opcode == KR_OP_POP_JUMP_IF_TRUE ? KR_FLAG_X : 0));
    jump_to(lo, word, jump_target(&jump));
    return jump.next;
}

// CALL, CALL_KW: finds out whether callable, header and arguments are in place.
static void
call(Lowering *lo, KrXop op, int nargs, bool names)
{
    int total = nargs + 2 + names;
    StackValue *callable = peek(lo, total);
    if (failed(lo)) {
        return;
    }
    StackValue *self = callable + 1;
    unsigned flags = 0;
    bool placed = false;
    if (!lo->generator && callable->slot + (self->kind == V_NULL ? 0u : 1u) + KR_FRAME_HEADER ==
                              self->slot) {
        placed = true;
        for (int i = 0; i < nargs + names; i++) {
            placed = placed && callable[2 + i].slot == self->slot + 1 + i;
        }
        placed = placed && (self->kind == V_NULL || self->kind == V_TEMP);
    }
    uint32_t b = callable->slot;
    if (placed) {
        for (int i = 0; i < total; i++) {
            if (i != 1) {
                materialise_as(lo, &callable[i], true);
            }
        }
        flags = self->kind == V_NULL ? 0 : KR_FLAG_X;
    }
    else {
        consecutive(lo, total, true);
        flags = KR_FLAG_Y;
        if (op == KR_X_CALL) {
            op = KR_X_CALL_COPY;
        }
    }
    drop(lo, total);
    uint32_t a = push_temp(lo);
    if (b + nargs + KR_FRAME_HEADER + 4 > lo->max_slot) {
        lo->max_slot = b + (uint32_t)nargs + KR_FRAME_HEADER + 4;
    }
    KrWord *word = emit(lo, op, a, b, (uint32_t)nargs);
    word->flags = (uint8_t)flags;
    defines(lo, word);
}

static void
load_method(Lowering *lo, uint32_t name)
{
    bool dies;
    uint32_t b = operand(lo, peek(lo, 1), &dies);
    drop(lo, 1);
    uint32_t a = push_temp(lo);
    uint32_t self = lo->generator ? a + 1 : a + 1 + KR_FRAME_HEADER;
    push_at(lo, V_TEMP, 0, self, !lo->generator);
    KrWord *word = emit(lo, KR_X_GETMETHOD, a, b, name);
    word->flags = (uint8_t)(kills(dies, false) | (lo->generator ? KR_FLAG_Y : 0));
}

// A window op without result.
static void
consume(Lowering *lo, KrXop op, int n, uint32_t c)
{
    uint32_t b = consecutive(lo, n, false);
    drop(lo, n);
    emit(lo, op, 0, b, c);
}

// ops of the form (in a stays, in b): LIST_APPEND and the like; `at` counts from
// the top with the operands popped.
static void
into_container(Lowering *lo, KrXop op, int at, int nvalues)
{
    bool b_dies, c_dies = false;
    uint32_t b = operand(lo, peek(lo, nvalues), &b_dies);
    uint32_t c = nvalues == 2 ? operand(lo, peek(lo, 1), &c_dies) : 0;
    drop(lo, nvalues);
    StackValue *container = peek(lo, at);
    materialise(lo, container);
    KrWord *word = emit(lo, op, container->slot, b, c);
    word->flags = (uint8_t)kills(b_dies, c_dies);
}

static void
swap(Lowering *lo, int n)
{
    StackValue *top = peek(lo, 1), *other = peek(lo, n);
    if (failed(lo) || n < 2) {
        return;
    }
    top->def = other->def = UINT32_MAX;
    if (top->kind != V_TEMP && other->kind != V_TEMP) {
        StackValue was = *top;
        top->kind = other->kind;
        top->index = other->index;
        other->kind = was.kind;
        other->index = was.index;
    }
    else if (top->kind == V_TEMP && other->kind == V_TEMP) {
        emit(lo, KR_X_SWAP, top->slot, other->slot, 0);
    }
    else {
        // One of the two is lazy: the temporary moves, laziness goes the other way.
        StackValue *lazy = top->kind == V_TEMP ? other : top;
        StackValue *temp = top->kind == V_TEMP ? top : other;
        if (lo->last_def != UINT32_MAX && lo->words[lo->last_def].a == temp->slot) {
            lo->words[lo->last_def].a = lazy->slot;
        }
        else {
            emit(lo, KR_X_MOVE_STEAL, lazy->slot, temp->slot, 0);
        }
        temp->kind = lazy->kind;
        temp->index = lazy->index;
        lazy->kind = V_TEMP;
    }
}

static void
copy(Lowering *lo, int n)
{
    StackValue *from = peek(lo, n);
    if (failed(lo)) {
        return;
    }
    if (from->kind == V_TEMP) {
        uint32_t slot = from->slot;
        uint32_t a = push_temp(lo);
        defines(lo, emit(lo, KR_X_MOVE, a, slot, 0));
    }
    else {
        push_lazy(lo, from->kind, from->index);
    }
}

static void
return_value(Lowering *lo)
{
    StackValue value = *peek(lo, 1);
    if (value.kind == V_CONST) {
        emit_wide(lo, lo->generator ? KR_X_GEN_RETURN_CONST : KR_X_RETURN_CONST, 0,
                  value.index);
    }
    else {
        bool dies;
        uint32_t b = operand(lo, peek(lo, 1), &dies);
        emit(lo, lo->generator ? KR_X_GEN_RETURN : KR_X_RETURN, 0, b, 0);
    }
    drop(lo, 1);
}

static void
check_index(Lowering *lo, uint32_t index, Py_ssize_t size)
{
    if ((Py_ssize_t)index >= size) {
        lo->trouble = "operand out of range";
    }
}

// Lowers the instruction at lo->unit. Returns the next code unit, or UINT32_MAX
// when control does not get there.
static uint32_t
lower_instruction(Lowering *lo)
{
    PyCodeObject *code = lo->code;
    Decoded in = decode(lo, lo->unit);
    uint32_t oparg = in.oparg;
    int flags = kr_opcode_flags(in.opcode);
    bool dies, dies2;
    uint32_t a, b, c;
    KrWord *word;

    if (in.next > lo->nunits) {
        lo->trouble = "truncated instruction";
        return UINT32_MAX;
    }
    if (flags & KR_OPF_CONST) {
        check_index(lo, oparg, PyTuple_GET_SIZE(code->co_consts));
    }
    if ((flags & (KR_OPF_LOCAL | KR_OPF_FREE)) && in.opcode != KR_OP_LOAD_FAST_LOAD_FAST &&
        in.opcode != KR_OP_LOAD_FAST_BORROW_LOAD_FAST_BORROW &&
        in.opcode != KR_OP_STORE_FAST_LOAD_FAST && in.opcode != KR_OP_STORE_FAST_STORE_FAST) {
        check_index(lo, oparg, code->co_nlocalsplus);
    }
    if (failed(lo)) {
        return UINT32_MAX;
    }
    switch (in.opcode) {
    case KR_OP_NOP:
    case KR_OP_RESUME:
    case KR_OP_NOT_TAKEN:
    case KR_OP_CACHE:
    case KR_OP_END_FOR: // its place is reached with the iterator on top only
        break;
    case KR_OP_POP_TOP:
    case KR_OP_POP_ITER: {
        StackValue value = *peek(lo, 1);
        drop(lo, 1);
        if (value.kind == V_TEMP) {
            emit(lo, KR_X_POP, value.slot, 0, 0);
        }
        break;
    }
    case KR_OP_PUSH_NULL:
        push_null(lo);
        break;
    case KR_OP_COPY:
        copy(lo, (int)oparg);
        break;
    case KR_OP_SWAP:
        swap(lo, (int)oparg);
        break;

    // Locals and constants.
    case KR_OP_LOAD_FAST:
    case KR_OP_LOAD_FAST_BORROW:
        push_lazy(lo, V_LOCAL, (int32_t)oparg);
        break;
    case KR_OP_LOAD_FAST_CHECK:
        emit(lo, KR_X_CHECK_BOUND, 0, oparg, 0);
        push_lazy(lo, V_LOCAL, (int32_t)oparg);
        break;
    case KR_OP_LOAD_FAST_LOAD_FAST:
    case KR_OP_LOAD_FAST_BORROW_LOAD_FAST_BORROW:
        check_index(lo, oparg >> 4, code->co_nlocalsplus);
        check_index(lo, oparg & 15, code->co_nlocalsplus);
        push_lazy(lo, V_LOCAL, (int32_t)(oparg >> 4));
        push_lazy(lo, V_LOCAL, (int32_t)(oparg & 15));
        break;
    case KR_OP_LOAD_FAST_AND_CLEAR:
        detach_local(lo, oparg);
        a = push_temp(lo);
        emit(lo, KR_X_MOVE_STEAL, a, oparg, 0);
        break;
    case KR_OP_STORE_FAST:
        store_fast(lo, oparg);
        break;
    case KR_OP_STORE_FAST_LOAD_FAST:
        check_index(lo, oparg >> 4, code->co_nlocalsplus);
        check_index(lo, oparg & 15, code->co_nlocalsplus);
        store_fast(lo, oparg >> 4);
        push_lazy(lo, V_LOCAL, (int32_t)(oparg & 15));
        break;
    case KR_OP_STORE_FAST_STORE_FAST:
        check_index(lo, oparg >> 4, code->co_nlocalsplus);
        check_index(lo, oparg & 15, code->co_nlocalsplus);
        store_fast(lo, oparg >> 4);
        store_fast(lo, oparg & 15);
        break;
    case KR_OP_DELETE_FAST:
        detach_local(lo, oparg);
        emit(lo, KR_X_DELETE_FAST, oparg, 0, 0);
        break;
    case KR_OP_LOAD_CONST:
        push_lazy(lo, V_CONST, (int32_t)oparg);
        break;
    case KR_OP_LOAD_SMALL_INT:
        push_lazy(lo, V_INT, (int32_t)oparg);
        break;
    case KR_OP_LOAD_COMMON_CONSTANT:
        a = push_temp(lo);
        defines(lo, emit(lo, KR_X_LOAD_COMMON_CONSTANT, a, 0, oparg));
        break;

    // Names.
    case KR_OP_LOAD_GLOBAL:
        check_index(lo, oparg >> 1, PyTuple_GET_SIZE(code->co_names));
        a = push_temp(lo);
        word = emit_wide(lo, KR_X_LOAD_GLOBAL, a, (int32_t)(oparg >> 1));
        defines(lo, word);
        if (oparg & 1) {
            push_null(lo);
        }
        break;
    case KR_OP_LOAD_NAME:
        a = push_temp(lo);
        defines(lo, emit_wide(lo, KR_X_LOAD_NAME, a, (int32_t)oparg));
        break;
    case KR_OP_STORE_NAME:
    case KR_OP_STORE_GLOBAL:
        a = operand(lo, peek(lo, 1), &dies);
        drop(lo, 1);
        word = emit_wide(lo, in.opcode == KR_OP_STORE_NAME ? KR_X_STORE_NAME : KR_X_STORE_GLOBAL,
                         a, (int32_t)oparg);
        word->flags = (uint8_t)kills(dies, false);
        break;
    case KR_OP_DELETE_NAME:
        emit_wide(lo, KR_X_DELETE_NAME, 0, (int32_t)oparg);
        break;
    case KR_OP_DELETE_GLOBAL:
        emit_wide(lo, KR_X_DELETE_GLOBAL, 0, (int32_t)oparg);
        break;
    case KR_OP_LOAD_LOCALS:
        a = push_temp(lo);
        defines(lo, emit(lo, KR_X_LOAD_LOCALS, a, 0, 0));
        break;
    case KR_OP_LOAD_FROM_DICT_OR_GLOBALS:
        unary(lo, KR_X_LOAD_FROM_DICT_OR_GLOBALS, oparg);
        break;
    case KR_OP_LOAD_FROM_DICT_OR_DEREF:
        unary(lo, KR_X_LOAD_FROM_DICT_OR_DEREF, oparg);
        break;
    case KR_OP_LOAD_BUILD_CLASS:
        a = push_temp(lo);
        defines(lo, emit(lo, KR_X_LOAD_BUILD_CLASS, a, 0, 0));
        break;
    case KR_OP_SETUP_ANNOTATIONS:
        emit(lo, KR_X_SETUP_ANNOTATIONS, 0, 0, 0);
        break;
    case KR_OP_MAKE_CELL:
        detach_local(lo, oparg);
        emit(lo, KR_X_MAKE_CELL, oparg, 0, 0);
        break;
    case KR_OP_COPY_FREE_VARS:
        if ((int)oparg != code->co_nfreevars) {
            lo->trouble = "COPY_FREE_VARS does not fit the code";
        }
        emit(lo, KR_X_COPY_FREE_VARS, 0, oparg, 0);
        break;
    case KR_OP_LOAD_DEREF:
        a = push_temp(lo);
        defines(lo, emit(lo, KR_X_LOAD_DEREF, a, oparg, 0));
        break;
    case KR_OP_STORE_DEREF:
        a = operand(lo, peek(lo, 1), &dies);
        drop(lo, 1);
        word = emit(lo, KR_X_STORE_DEREF, a, oparg, 0);
        word->flags = (uint8_t)(dies ? KR_KILL_C : 0);
        break;
    case KR_OP_DELETE_DEREF:
        emit(lo, KR_X_DELETE_DEREF, 0, oparg, 0);
        break;

    // Operators.
    case KR_OP_BINARY_OP:
        binary_op(lo, (int)oparg);
        break;
    case KR_OP_COMPARE_OP:
        return compare_op(lo, &in);
    case KR_OP_IS_OP:
        binary(lo, KR_X_IS, oparg ? KR_FLAG_X : 0);
        break;
    case KR_OP_CONTAINS_OP:
        binary(lo, KR_X_CONTAINS, oparg ? KR_FLAG_X : 0);
        break;
    case KR_OP_UNARY_NEGATIVE:
        unary(lo, KR_X_NEG, 0);
        break;
    case KR_OP_UNARY_INVERT:
        unary(lo, KR_X_INVERT, 0);
        break;
    case KR_OP_UNARY_NOT:
        unary(lo, KR_X_NOT, 0);
        break;
    case KR_OP_TO_BOOL: {
        Decoded jump;
        bool to_bool;
        if (following_jump(lo, in.next, &jump, &to_bool)) {
            pop_jump(lo, jump.opcode == KR_OP_POP_JUMP_IF_TRUE, jump_target(&jump));
            return jump.next;
        }
        unary(lo, KR_X_TO_BOOL, 0);
        break;
    }

    // Jumps.
    case KR_OP_POP_JUMP_IF_TRUE:
    case KR_OP_POP_JUMP_IF_FALSE:
        pop_jump(lo, in.opcode == KR_OP_POP_JUMP_IF_TRUE, jump_target(&in));
        break;
    case KR_OP_POP_JUMP_IF_NONE:
    case KR_OP_POP_JUMP_IF_NOT_NONE:
        a = operand(lo, peek(lo, 1), &dies);
        drop(lo, 1);
        flush(lo);
        word = emit_wide(lo, KR_X_JNONE, a, 0);
        word->flags = (uint8_t)(kills(dies, false) |
                                (in.opcode == KR_OP_POP_JUMP_IF_NOT_NONE ? KR_FLAG_X : 0));
        jump_to(lo, word, jump_target(&in));
        break;
    case KR_OP_JUMP_FORWARD:
    case KR_OP_JUMP_BACKWARD_NO_INTERRUPT:
        flush(lo);
        jump_to(lo, emit_wide(lo, KR_X_JUMP, 0, 0), jump_target(&in));
        return UINT32_MAX;
    case KR_OP_JUMP_BACKWARD:
        flush(lo);
        jump_to(lo, emit_wide(lo, KR_X_JUMP_BACK, 0, 0), jump_target(&in));
        return UINT32_MAX;

    // Attributes and items.
    case KR_OP_LOAD_ATTR:
        check_index(lo, oparg >> 1, PyTuple_GET_SIZE(code->co_names));
        if (oparg & 1) {
            load_method(lo, oparg >> 1);
        }
        else {
            unary(lo, KR_X_GETATTR, oparg >> 1);
        }
        break;
    case KR_OP_STORE_ATTR:
        a = operand(lo, peek(lo, 1), &dies2);
        b = operand(lo, peek(lo, 2), &dies);
        drop(lo, 2);
        word = emit(lo, KR_X_SETATTR, a, b, oparg);
        word->flags = (uint8_t)kills(dies, dies2);
        break;
    case KR_OP_DELETE_ATTR:
        a = operand(lo, peek(lo, 1), &dies);
        drop(lo, 1);
        word = emit(lo, KR_X_DELATTR, a, 0, oparg);
        word->flags = (uint8_t)(dies ? KR_FLAG_X : 0);
        break;
    case KR_OP_LOAD_SUPER_ATTR: {
        check_index(lo, oparg >> 2, PyTuple_GET_SIZE(code->co_names));
        b = consecutive(lo, 3, false);
        drop(lo, 3);
        a = push_temp(lo);
        if (oparg & 1) {
            push_at(lo, V_TEMP, 0, lo->generator ? a + 1 : a + 1 + KR_FRAME_HEADER,
                    !lo->generator);
        }
        word = emit(lo, KR_X_SUPER_ATTR, a, b, oparg >> 2);
        word->flags = (uint8_t)(((oparg & 1) ? KR_FLAG_X : 0) | ((oparg & 2) ? KR_FLAG_Y : 0) |
                                (lo->generator ? KR_KILL_C : 0));
        if (!(oparg & 1)) {
            defines(lo, word);
        }
        break;
    }
    case KR_OP_STORE_SUBSCR: {
        bool dies3;
        b = operand(lo, peek(lo, 3), &dies);
        a = operand(lo, peek(lo, 2), &dies2);
        c = operand(lo, peek(lo, 1), &dies3);
        drop(lo, 3);
        word = emit(lo, KR_X_STORE_SUBSCR, a, b, c);
        word->flags = (uint8_t)(kills(dies, dies3) | (dies2 ? KR_FLAG_X : 0));
        break;
    }
    case KR_OP_DELETE_SUBSCR:
        b = operand(lo, peek(lo, 2), &dies);
        c = operand(lo, peek(lo, 1), &dies2);
        drop(lo, 2);
        word = emit(lo, KR_X_DELETE_SUBSCR, 0, b, c);
        word->flags = (uint8_t)kills(dies, dies2);
        break;
    case KR_OP_BINARY_SLICE:
        from_window(lo, KR_X_BINARY_SLICE, 3, 0);
        break;
    case KR_OP_STORE_SLICE:
        consume(lo, KR_X_STORE_SLICE, 4, 0);
        break;

    // Building.
    case KR_OP_BUILD_TUPLE:
        from_window(lo, KR_X_BUILD_TUPLE, (int)oparg, oparg);
        break;
    case KR_OP_BUILD_LIST:
        from_window(lo, KR_X_BUILD_LIST, (int)oparg, oparg);
        break;
    case KR_OP_BUILD_SET:
        from_window(lo, KR_X_BUILD_SET, (int)oparg, oparg);
        break;
    case KR_OP_BUILD_STRING:
        from_window(lo, KR_X_BUILD_STRING, (int)oparg, oparg);
        break;
    case KR_OP_BUILD_MAP:
        from_window(lo, KR_X_BUILD_MAP, (int)oparg * 2, oparg);
        break;
    case KR_OP_BUILD_SLICE:
        if (oparg != 2 && oparg != 3) {
            lo->trouble = "BUILD_SLICE takes 2 or 3 items";
        }
        from_window(lo, KR_X_BUILD_SLICE, (int)oparg, oparg);
        break;
    case KR_OP_BUILD_TEMPLATE:
        from_window(lo, KR_X_BUILD_TEMPLATE, 2, 0);
        break;
    case KR_OP_BUILD_INTERPOLATION:
        from_window(lo, KR_X_BUILD_INTERPOLATION, 2 + (oparg & 1), oparg);
        break;
    case KR_OP_LIST_APPEND:
        into_container(lo, KR_X_LIST_APPEND, (int)oparg, 1);
        break;
    case KR_OP_SET_ADD:
        into_container(lo, KR_X_SET_ADD, (int)oparg, 1);
        break;
    case KR_OP_LIST_EXTEND:
        into_container(lo, KR_X_LIST_EXTEND, (int)oparg, 1);
        break;
    case KR_OP_SET_UPDATE:
        into_container(lo, KR_X_SET_UPDATE, (int)oparg, 1);
        break;
    case KR_OP_DICT_UPDATE:
        into_container(lo, KR_X_DICT_UPDATE, (int)oparg, 1);
        break;
    case KR_OP_MAP_ADD:
        into_container(lo, KR_X_MAP_ADD, (int)oparg, 2);
        break;
    case KR_OP_DICT_MERGE: {
        // Stack: callable, NULL, tuple, dict ... update; the callable is named in
        // the error text.
        b = operand(lo, peek(lo, 1), &dies);
        drop(lo, 1);
        StackValue *dict = peek(lo, (int)oparg), *callable = peek(lo, (int)oparg + 3);
        if (failed(lo)) {
            break;
        }
        materialise(lo, dict);
        if (callable->kind != V_LOCAL) {
            materialise(lo, callable);
        }
        word = emit(lo, KR_X_DICT_MERGE, dict->slot, b,
                    callable->kind == V_LOCAL ? (uint32_t)callable->index : callable->slot);
        word->flags = (uint8_t)kills(dies, false);
        break;
    }
    case KR_OP_UNPACK_SEQUENCE:
    case KR_OP_UNPACK_EX: {
        uint32_t count = in.opcode == KR_OP_UNPACK_EX
                             ? (oparg & 255) + 1 + (oparg >> 8) : oparg;
        b = operand(lo, peek(lo, 1), &dies);
        drop(lo, 1);
        a = next_slot(lo);
        for (uint32_t i = 0; i < count && !failed(lo); i++) {
            push_temp(lo);
        }
        word = emit(lo, in.opcode == KR_OP_UNPACK_EX ? KR_X_UNPACK_EX : KR_X_UNPACK_SEQUENCE,
                    a, b, oparg);
        word->flags = (uint8_t)kills(dies, false);
        break;
    }
    case KR_OP_CONVERT_VALUE:
        unary(lo, KR_X_CONVERT_VALUE, oparg);
        break;
    case KR_OP_FORMAT_SIMPLE:
        unary(lo, KR_X_FORMAT_SIMPLE, 0);
        break;
    case KR_OP_FORMAT_WITH_SPEC:
        binary(lo, KR_X_FORMAT_WITH_SPEC, 0);
        break;

    // Iteration and matching.
    case KR_OP_GET_ITER:
        unary(lo, KR_X_GET_ITER, 0);
        break;
    case KR_OP_GET_YIELD_FROM_ITER:
        unary(lo, KR_X_GET_YIELD_FROM_ITER, 0);
        break;
    case KR_OP_GET_LEN:
        unary_keep(lo, KR_X_GET_LEN, 0);
        break;
    case KR_OP_FOR_ITER: {
        flush(lo);
        StackValue *iterator = peek(lo, 1);
        b = iterator->slot;
        // The jump goes behind the END_FOR, with the iterator still there.
        uint32_t target = jump_target(&in) + 1;
        uint32_t place = lo->nwords;
        a = next_slot(lo);
        word = emit(lo, KR_X_FOR_ITER, a, b, 0);
        jump_to(lo, word, target);
        push_temp(lo);
        lo->last_def = place;
        break;
    }
    case KR_OP_MATCH_MAPPING:
        unary_keep(lo, KR_X_MATCH_MAPPING, 0);
        break;
    case KR_OP_MATCH_SEQUENCE:
        unary_keep(lo, KR_X_MATCH_SEQUENCE, 0);
        break;
    case KR_OP_MATCH_KEYS:
        b = operand(lo, peek(lo, 2), &dies);
        c = operand(lo, peek(lo, 1), &dies);
        a = push_temp(lo);
        defines(lo, emit(lo, KR_X_MATCH_KEYS, a, b, c));
        break;
    case KR_OP_MATCH_CLASS:
        from_window(lo, KR_X_MATCH_CLASS, 3, oparg);
        break;

    // Calls and functions.
    case KR_OP_CALL:
        call(lo, KR_X_CALL, (int)oparg, false);
        break;
    case KR_OP_CALL_KW:
        call(lo, KR_X_CALL_KW, (int)oparg, true);
        break;
    case KR_OP_CALL_FUNCTION_EX:
        from_window(lo, KR_X_CALL_EX, 4, 0);
        break;
    case KR_OP_RETURN_VALUE:
        return_value(lo);
        return UINT32_MAX;
    case KR_OP_MAKE_FUNCTION:
        unary(lo, KR_X_MAKE_FUNCTION, 0);
        lo->last_def = UINT32_MAX;
        break;
    case KR_OP_SET_FUNCTION_ATTRIBUTE: {
        // Stack: attribute, function; the function stays, in the attribute's place.
        StackValue *func = peek(lo, 1), *attribute = peek(lo, 2);
        if (failed(lo)) {
            break;
        }
        materialise(lo, func);
        materialise(lo, attribute);
        emit(lo, KR_X_SET_FUNCTION_ATTRIBUTE, attribute->slot, func->slot, oparg);
        drop(lo, 1);
        break;
    }
    case KR_OP_CALL_INTRINSIC_1:
        if (oparg == 0 || oparg >= KR_INTRINSIC_1_COUNT) {
            lo->trouble = "unknown intrinsic";
        }
        unary(lo, KR_X_INTRINSIC_1, oparg);
        break;
    case KR_OP_CALL_INTRINSIC_2:
        if (oparg == 0 || oparg >= KR_INTRINSIC_2_COUNT) {
            lo->trouble = "unknown intrinsic";
        }
        from_window(lo, KR_X_INTRINSIC_2, 2, oparg);
        break;
    case KR_OP_LOAD_SPECIAL:
        if (oparg >= KR_SPECIAL_COUNT) {
            lo->trouble = "unknown special method";
        }
        b = operand(lo, peek(lo, 1), &dies);
        drop(lo, 1);
        a = push_temp(lo);
        push_temp(lo);
        word = emit(lo, KR_X_LOAD_SPECIAL, a, b, oparg);
        word->flags = (uint8_t)kills(dies, false);
        break;
    case KR_OP_IMPORT_NAME:
        from_window(lo, KR_X_IMPORT_NAME, 2, oparg);
        break;
    case KR_OP_IMPORT_FROM:
        unary_keep(lo, KR_X_IMPORT_FROM, oparg);
        break;

    // Generators.
    case KR_OP_RETURN_GENERATOR:
        if (!lo->generator) {
            lo->trouble = "RETURN_GENERATOR outside a generator";
            break;
        }
        a = push_temp(lo);
        emit(lo, KR_X_RETURN_GENERATOR, a, 0, 0);
        break;
    case KR_OP_YIELD_VALUE:
        if (!lo->generator) {
            lo->trouble = "YIELD_VALUE outside a generator";
            break;
        }
        flush(lo);
        b = operand(lo, peek(lo, 1), &dies);
        drop(lo, 1);
        a = push_temp(lo);
        word = emit(lo, KR_X_YIELD, a, b, 0);
        word->flags = (uint8_t)(kills(dies, false) | (oparg == 1 ? KR_FLAG_Y : 0));
        break;
    case KR_OP_SEND:
        flush(lo);
        b = peek(lo, 2)->slot;
        c = peek(lo, 1)->slot;
        drop(lo, 1);
        push_temp(lo);
        word = emit(lo, KR_X_SEND, c, b, c);
        word->flags = KR_KILL_C;
        jump_to(lo, word, jump_target(&in));
        break;
    case KR_OP_END_SEND: {
        StackValue *receiver = peek(lo, 2), *value = peek(lo, 1);
        if (failed(lo)) {
            break;
        }
        materialise(lo, receiver);
        materialise(lo, value);
        emit(lo, KR_X_MOVE_STEAL, receiver->slot, value->slot, 0);
        drop(lo, 1);
        break;
    }
    case KR_OP_GET_AWAITABLE:
        unary(lo, KR_X_GET_AWAITABLE, oparg);
        break;
    case KR_OP_GET_AITER:
        unary(lo, KR_X_GET_AITER, 0);
        break;
    case KR_OP_GET_ANEXT:
        unary_keep(lo, KR_X_GET_ANEXT, 0);
        break;
    case KR_OP_END_ASYNC_FOR:
        consume(lo, KR_X_END_ASYNC_FOR, 2, 0);
        break;
    case KR_OP_CLEANUP_THROW:
        b = consecutive(lo, 3, false);
        drop(lo, 3);
        push_lazy(lo, V_CONST, -1);
        lo->stack[lo->depth - 1].kind = V_TEMP;
        a = push_temp(lo);
        emit(lo, KR_X_CLEANUP_THROW, a, b, 0);
        break;

    // Exceptions.
    case KR_OP_PUSH_EXC_INFO:
        materialise(lo, peek(lo, 1));
        a = peek(lo, 1)->slot;
        push_temp(lo);
        emit(lo, KR_X_PUSH_EXC_INFO, a, 0, 0);
        break;
    case KR_OP_POP_EXCEPT:
        materialise(lo, peek(lo, 1));
        b = peek(lo, 1)->slot;
        drop(lo, 1);
        emit(lo, KR_X_POP_EXCEPT, 0, b, 0);
        break;
    case KR_OP_CHECK_EXC_MATCH:
        b = operand(lo, peek(lo, 2), &dies2);
        c = operand(lo, peek(lo, 1), &dies);
        drop(lo, 1);
        a = push_temp(lo);
        word = emit(lo, KR_X_CHECK_EXC_MATCH, a, b, c);
        word->flags = (uint8_t)(dies ? KR_KILL_C : 0);
        defines(lo, word);
        break;
    case KR_OP_CHECK_EG_MATCH:
        materialise(lo, peek(lo, 2));
        b = peek(lo, 2)->slot;
        c = operand(lo, peek(lo, 1), &dies);
        drop(lo, 1);
        a = push_temp(lo);
        word = emit(lo, KR_X_CHECK_EG_MATCH, a, b, c);
        word->flags = (uint8_t)(dies ? KR_KILL_C : 0);
        break;
    case KR_OP_RAISE_VARARGS:
        if (oparg > 2) {
            lo->trouble = "RAISE_VARARGS takes at most 2 items";
        }
        consume(lo, KR_X_RAISE_VARARGS, (int)oparg, oparg);
        return UINT32_MAX;
    case KR_OP_RERAISE:
        b = operand(lo, peek(lo, 1), &dies);
        word = emit(lo, KR_X_RERAISE, 0, b, 0);
        word->flags = (uint8_t)kills(dies, false);
        return UINT32_MAX;
    case KR_OP_WITH_EXCEPT_START:
        b = consecutive(lo, 5, false);
        a = push_temp(lo);
        defines(lo, emit(lo, KR_X_WITH_EXCEPT_START, a, b, 0));
        break;
    default:
        lo->trouble = "unknown instruction";
        break;
    }
    return in.next;
}

// --- Driving -----------------------------------------------------------------------

// Generates code from a label until control leaves or meets generated code.
static void
lower_from(Lowering *lo, uint32_t unit)
{
    const KrExcEntry *range = NULL;
    bool known = false;

    for (;;) {
        if (unit >= lo->nunits) {
            lo->trouble = "control falls off the end of the code";
            return;
        }
        lo->unit = unit;
        if (lo->is_label[unit] || !known) {
            if (known) {
                flush(lo);
                note_state(lo, unit, lo->depth, NULL, 0);
                if (failed(lo)) {
                    return;
                }
            }
            if (lo->places[unit] >= 0) {
                KrWord *word = emit_wide(lo, KR_X_JUMP, 0, 0);
                jump_to(lo, word, unit);
                return;
            }
            const StackState *state = lo->states[unit];
            lo->depth = state->depth;
            memcpy(lo->stack, state->values, (size_t)state->depth * sizeof(StackValue));
            lo->last_def = UINT32_MAX;
            known = true;
        }
        lo->places[unit] = (int32_t)lo->nwords;
        const KrExcEntry *now = range_of(lo, unit);
        if (now != NULL && now != range) {
            enter_range(lo, now);
        }
        else if (now != NULL) {
            flush_below(lo, now->depth < lo->depth ? now->depth : lo->depth);
        }
        range = now;
        if (failed(lo)) {
            return;
        }
        uint32_t next = lower_instruction(lo);
        if (failed(lo) || next == UINT32_MAX) {
            return;
        }
        unit = next;
    }
}

static void
find_labels(Lowering *lo)
{
    for (uint32_t unit = 0; unit < lo->nunits;) {
        Decoded in = decode(lo, unit);
        if ((kr_opcode_flags(in.opcode) & KR_OPF_JUMP) && in.opcode != KR_OP_END_ASYNC_FOR) {
            uint32_t target = jump_target(&in);
            if (in.opcode == KR_OP_FOR_ITER) {
                target++;
            }
            if (target >= lo->nunits) {
                lo->trouble = "jump out of the code";
                return;
            }
            lo->is_label[target] = 1;
        }
        unit = in.next;
    }
    for (uint32_t i = 0; i < lo->nranges; i++) {
        if ((uint32_t)lo->ranges[i].target >= lo->nunits) {
            lo->trouble = "handler out of the code";
            return;
        }
        lo->is_label[lo->ranges[i].target] = 1;
    }
}

static void
read_ranges(Lowering *lo)
{
    PyObject *table = lo->code->co_exceptiontable;
    const uint8_t *at = (const uint8_t *)PyBytes_AS_STRING(table);
    const uint8_t *end = at + PyBytes_GET_SIZE(table);
    uint32_t room = 0;
    KrExcEntry entry;
    while (kr_exctable_next(&at, end, &entry)) {
        if (!grow(lo, &lo->ranges, &room, lo->nranges + 1, sizeof entry)) {
            return;
        }
        if (entry.start < 0 || entry.end < entry.start || entry.target < 0 ||
            entry.depth < 0 ||
            (lo->nranges > 0 && entry.start < lo->ranges[lo->nranges - 1].end)) {
            lo->trouble = "broken exception table";
            return;
        }
        lo->ranges[lo->nranges++] = entry;
    }
    lo->handlers = PyMem_Calloc(lo->nranges + 1, sizeof(KrHandler));
    if (lo->handlers == NULL) {
        lo->no_memory = true;
    }
}

static void
fix_jumps(Lowering *lo)
{
    for (uint32_t i = 0; i < lo->nfixups; i++) {
        KrWord *word = &lo->words[lo->fixups[i].word];
        int32_t place = lo->places[lo->fixups[i].target];
        int32_t distance = place - (int32_t)lo->fixups[i].word;
        if (place < 0) {
            lo->trouble = "jump to nowhere";
            return;
        }
        if (kr_xop_length[word->op] > 1) {
            word[1].low = (uint32_t)distance;
        }
        else {
            word->bc = distance;
        }
    }
    for (uint32_t i = 0; i < lo->nranges; i++) {
        KrHandler *handler = &lo->handlers[i];
        handler->start = (uint32_t)lo->ranges[i].start;
        handler->end = (uint32_t)lo->ranges[i].end;
        handler->push_lasti = lo->ranges[i].lasti;
        int32_t place = lo->places[lo->ranges[i].target];
        handler->target = place < 0 ? UINT32_MAX : (uint32_t)place;
    }
}

static KrExec *
make_exec(Lowering *lo)
{
    PyCodeObject *code = lo->code;
    Py_ssize_t nconsts = PyTuple_GET_SIZE(code->co_consts);
    KrExec *exec = PyMem_Calloc(1, sizeof *exec);
    KV *consts = PyMem_Malloc((size_t)(2 * nconsts + 1) * sizeof(KV));
    if (exec == NULL || consts == NULL) {
        PyMem_Free(exec);
        PyMem_Free(consts);
        lo->no_memory = true;
        return NULL;
    }
    for (Py_ssize_t i = 0; i < nconsts; i++) {
        PyObject *object = PyTuple_GET_ITEM(code->co_consts, i);
        consts[i] = kv_from_borrow(object);
        consts[nconsts + i] = kr_kv_unbox_borrow(object);
    }
    exec->code = code;
    exec->consts = consts;
    exec->numbers = consts + nconsts;
    exec->words = KR_MOVE(lo->words);
    exec->offsets = KR_MOVE(lo->offsets);
    exec->handlers = KR_MOVE(lo->handlers);
    exec->nwords = lo->nwords;
    exec->nhandlers = lo->nranges;
    exec->nslots = lo->max_slot;
    exec->ntemp = lo->ntemp;
    exec->nlocals = lo->ntemp;
    exec->ns_slot = (code->co_flags & CO_OPTIMIZED) ? -1 : code->co_nlocalsplus;
    exec->argcount = (uint16_t)code->co_argcount;
    exec->simple = code->co_kwonlyargcount == 0 &&
                   !(code->co_flags & (CO_VARARGS | CO_VARKEYWORDS)) &&
                   (code->co_flags & CO_OPTIMIZED) && code->co_argcount < UINT16_MAX;
    exec->generator = lo->generator;
    return exec;
}

static void
lowering_free(Lowering *lo)
{
    if (lo->states != NULL) {
        for (uint32_t i = 0; i < lo->nunits; i++) {
            PyMem_Free(lo->states[i]);
        }
    }
    PyMem_Free(lo->states);
    PyMem_Free(lo->is_label);
    PyMem_Free(lo->places);
    PyMem_Free(lo->words);
    PyMem_Free(lo->offsets);
    PyMem_Free(lo->fixups);
    PyMem_Free(lo->pending);
    PyMem_Free(lo->stack);
    PyMem_Free(lo->handlers);
    PyMem_Free(lo->ranges);
}

KrExec *
kr_exec_get_slow(PyCodeObject *code)
{
    // Code of .pyc files, code.replace() and the like may be anything.
    if (!kr_code_is_verified(code) && !kr_code_verify(code)) {
        return NULL;
    }
    KrExec *exec = NULL;
    Lowering lo = {
        .code = code,
        .bytes = (const uint8_t *)code->co_code_adaptive,
        .nunits = (uint32_t)Py_SIZE(code),
        .generator = (code->co_flags &
                      (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)) != 0,
        .stack_room = code->co_stacksize + 4,
        .last_def = UINT32_MAX,
    };
    lo.ntemp = (uint32_t)code->co_nlocalsplus + ((code->co_flags & CO_OPTIMIZED) ? 0 : 1);
    lo.max_slot = lo.ntemp + KR_FRAME_HEADER + 4;
    lo.is_label = PyMem_Calloc(lo.nunits + 1, 1);
    lo.states = PyMem_Calloc(lo.nunits + 1, sizeof *lo.states);
    lo.places = PyMem_Malloc((lo.nunits + 1) * sizeof *lo.places);
    lo.stack = PyMem_Malloc((size_t)lo.stack_room * sizeof *lo.stack);
    if (lo.is_label == NULL || lo.states == NULL || lo.places == NULL || lo.stack == NULL) {
        lo.no_memory = true;
        goto done;
    }
    memset(lo.places, 0xff, (lo.nunits + 1) * sizeof *lo.places);
    read_ranges(&lo);
    if (!failed(&lo)) {
        find_labels(&lo);
    }
    if (!failed(&lo)) {
        note_state(&lo, 0, 0, NULL, 0);
    }
    while (!failed(&lo) && lo.npending > 0) {
        // The lowest label first keeps the order of the bytecode.
        uint32_t best = 0;
        for (uint32_t i = 1; i < lo.npending; i++) {
            if (lo.pending[i] < lo.pending[best]) {
                best = i;
            }
        }
        uint32_t unit = lo.pending[best];
        lo.pending[best] = lo.pending[--lo.npending];
        if (lo.places[unit] < 0) {
            lower_from(&lo, unit);
        }
    }
    if (!failed(&lo)) {
        fix_jumps(&lo);
    }
    if (!failed(&lo)) {
        exec = make_exec(&lo);
    }

done:
    lowering_free(&lo);
    if (lo.no_memory) {
        PyErr_NoMemory();
    }
    else if (lo.trouble != NULL) {
        PyErr_Format(PyExc_SystemError, "bad bytecode in '%U': %s", code->co_name,
                     lo.trouble);
    }
    code->co_executors = (void *)exec;
    return exec;
}

void
kr_exec_free(PyCodeObject *code)
{
    KrExec *exec = (KrExec *)code->co_executors;
    if (exec == NULL) {
        return;
    }
    code->co_executors = NULL;
    kr_seen_lists_free(exec);
    PyMem_Free(exec->words);
    PyMem_Free(exec->offsets);
    PyMem_Free(exec->handlers);
    PyMem_Free(exec->consts);
    PyMem_Free(exec);
}
