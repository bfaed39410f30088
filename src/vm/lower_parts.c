// SPDX-License-Identifier: MIT
// lower_parts.c - lowering: the recipes that several instructions share.
//
// Each takes its operands from the simulated stack, emits one word or a few, and
// pushes the result.
// Read next: lower_instruction.c
#include "vm/lower.h"

#include "bytecode/opcodes.h"
#include "vm/events.h"

void
kr_lower_store_fast(KrLowering *lo, uint32_t local)
{
    for (int i = 0; i < lo->depth - 1; i++) {
        if (lo->stack[i].kind == KR_V_LOCAL && (uint32_t)lo->stack[i].index == local) {
            kr_lower_materialise(lo, &lo->stack[i]);
        }
    }
    KrStackValue value = *kr_lower_peek(lo, 1);
    kr_lower_drop(lo, 1);
    switch (value.kind) {
    case KR_V_TEMP:
        if (lo->last_def != UINT32_MAX && lo->words[lo->last_def].a == value.slot) {
            lo->words[lo->last_def].a = (uint16_t)local;
            lo->last_def = UINT32_MAX;
            kr_lower_forget_points(lo);
        }
        else {
            kr_lower_emit(lo, KR_X_MOVE_STEAL, local, value.slot, 0);
        }
        break;
    case KR_V_LOCAL:
        if ((uint32_t)value.index != local) {
            kr_lower_emit(lo, KR_X_MOVE, local, (uint32_t)value.index, 0);
        }
        break;
    case KR_V_CONST:
        kr_lower_emit_wide(lo, KR_X_LOAD_CONST, local, value.index);
        break;
    case KR_V_INT:
        kr_lower_emit_wide(lo, KR_X_LOAD_INT, local, value.index);
        break;
    case KR_V_NULL:
        kr_lower_emit(lo, KR_X_LOAD_NULL, local, 0, 0);
        break;
    }
}

// Before a local changes behind the stack's back.
void
kr_lower_detach_local(KrLowering *lo, uint32_t local)
{
    for (int i = 0; i < lo->depth; i++) {
        if (lo->stack[i].kind == KR_V_LOCAL && (uint32_t)lo->stack[i].index == local) {
            kr_lower_materialise(lo, &lo->stack[i]);
        }
    }
}

// out <- in: one operand popped, one result pushed.
void
kr_lower_unary(KrLowering *lo, KrXop op, uint32_t c)
{
    bool dies;
    uint32_t b = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
    kr_lower_drop(lo, 1);
    uint32_t a = kr_lower_push_temp(lo);
    KrWord *word = kr_lower_emit(lo, op, a, b, c);
    word->flags = (uint8_t)kr_lower_kills(dies, false);
    kr_lower_defines(lo, word);
}

// out <- in, the operand stays on the stack.
void
kr_lower_unary_keep(KrLowering *lo, KrXop op, uint32_t c)
{
    bool dies;
    uint32_t b = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
    uint32_t a = kr_lower_push_temp(lo);
    kr_lower_defines(lo, kr_lower_emit(lo, op, a, b, c));
}

void
kr_lower_binary(KrLowering *lo, KrXop op, unsigned flags)
{
    bool b_dies, c_dies;
    uint32_t b = kr_lower_operand(lo, kr_lower_peek(lo, 2), &b_dies);
    uint32_t c = kr_lower_operand(lo, kr_lower_peek(lo, 1), &c_dies);
    kr_lower_drop(lo, 2);
    uint32_t a = kr_lower_push_temp(lo);
    KrWord *word = kr_lower_emit(lo, op, a, b, c);
    word->flags = (uint8_t)(kr_lower_kills(b_dies, c_dies) | flags);
    kr_lower_defines(lo, word);
}

// out <- window of n values.
KrWord *
kr_lower_from_window(KrLowering *lo, KrXop op, int n, uint32_t c)
{
    uint32_t b = kr_lower_consecutive(lo, n, false);
    kr_lower_drop(lo, n);
    uint32_t a = kr_lower_push_temp(lo);
    KrWord *word = kr_lower_emit(lo, op, a, b, c);
    kr_lower_defines(lo, word);
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

void
kr_lower_binary_op(KrLowering *lo, int oparg)
{
    if (oparg == KR_NB_SUBSCR) {
        kr_lower_binary(lo, KR_X_SUBSCR, 0);
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
    uint32_t b = kr_lower_number_operand(lo, kr_lower_peek(lo, 2), &b_dies);
    KrStackValue *right = kr_lower_peek(lo, 1);
    KrXop xop = kr_lower_immediate(lo, right, &imm) ? immediate_xop(op) : 0;
    uint32_t c;
    if (xop != 0) {
        c = (uint16_t)imm;
    }
    else {
        xop = binary_xops[op];
        c = kr_lower_number_operand(lo, right, &c_dies);
    }
    kr_lower_drop(lo, 2);
    uint32_t a = kr_lower_push_temp(lo);
    KrWord *word = kr_lower_emit(lo, xop, a, b, c);
    word->flags = (uint8_t)(kr_lower_kills(b_dies, c_dies) | flags);
    kr_lower_defines(lo, word);
}

KrDecoded
kr_lower_decode(const KrLowering *lo, uint32_t unit)
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
    return (KrDecoded){opcode, oparg, unit - 1, unit + (uint32_t)kr_opcode_caches(opcode)};
}

uint32_t
kr_lower_jump_target(const KrDecoded *in)
{
    if (in->opcode == KR_OP_JUMP_BACKWARD || in->opcode == KR_OP_JUMP_BACKWARD_NO_INTERRUPT ||
        in->opcode == KR_OP_END_ASYNC_FOR) {
        return in->oparg <= in->next ? in->next - in->oparg : UINT32_MAX;
    }
    return in->next + in->oparg;
}

// The conditional jump that consumes a truth value right after `unit`, skipping a
// TO_BOOL; false if there is none or a label comes first.
bool
kr_lower_following_jump(const KrLowering *lo, uint32_t unit, KrDecoded *jump, bool *to_bool)
{
    *to_bool = false;
    for (;;) {
        if (unit >= lo->nunits || lo->is_label[unit] || kr_lower_stops_at(lo, unit)) {
            return false;
        }
        *jump = kr_lower_decode(lo, unit);
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

// Does what `jump` says with the truth of the popped value.
void
kr_lower_pop_jump(KrLowering *lo, const KrDecoded *jump)
{
    bool dies;
    uint32_t a = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
    kr_lower_drop(lo, 1);
    kr_lower_flush(lo);
    bool when = jump->opcode == KR_OP_POP_JUMP_IF_TRUE;
    KrWord *word = kr_lower_emit_wide(lo, when ? KR_X_JTRUE : KR_X_JFALSE, a, 0);
    word->flags = (uint8_t)kr_lower_kills(dies, false);
    kr_lower_branch(lo, word, jump);
}

static const uint8_t compare_xops[6][3] = {
    {KR_X_LT, KR_X_JLT, KR_X_JLT_IMM}, {KR_X_LE, KR_X_JLE, KR_X_JLE_IMM},
    {KR_X_EQ, KR_X_JEQ, KR_X_JEQ_IMM}, {KR_X_NE, KR_X_JNE, KR_X_JNE_IMM},
    {KR_X_GT, KR_X_JGT, KR_X_JGT_IMM}, {KR_X_GE, KR_X_JGE, KR_X_JGE_IMM},
};

// Returns the code unit to go on at.
uint32_t
kr_lower_compare_op(KrLowering *lo, const KrDecoded *in)
{
    uint32_t op = in->oparg >> 5;
    if (op > 5) {
        lo->trouble = "unknown comparison";
        return in->next;
    }
    KrDecoded jump;
    bool to_bool, b_dies, c_dies = false;
    uint32_t b = kr_lower_number_operand(lo, kr_lower_peek(lo, 2), &b_dies);
    KrStackValue *right = kr_lower_peek(lo, 1);
    if (!kr_lower_following_jump(lo, in->next, &jump, &to_bool) ||
        (!to_bool && !(in->oparg & KR_COMPARE_BOOL))) {
        uint32_t c = kr_lower_number_operand(lo, right, &c_dies);
        kr_lower_drop(lo, 2);
        uint32_t a = kr_lower_push_temp(lo);
        KrWord *word = kr_lower_emit(lo, compare_xops[op][0], a, b, c);
        word->flags = (uint8_t)(kr_lower_kills(b_dies, c_dies) |
                                ((in->oparg & KR_COMPARE_BOOL) ? KR_FLAG_X : 0));
        kr_lower_defines(lo, word);
        return in->next;
    }
    int imm;
    bool is_imm = kr_lower_immediate(lo, right, &imm);
    uint32_t c = is_imm ? (uint16_t)imm : kr_lower_number_operand(lo, right, &c_dies);
    kr_lower_drop(lo, 2);
    kr_lower_flush(lo);
    KrWord *word = kr_lower_emit(lo, compare_xops[op][is_imm ? 2 : 1], 0, b, c);
    word->flags = (uint8_t)(kr_lower_kills(b_dies, c_dies) |
                            (jump.opcode == KR_OP_POP_JUMP_IF_TRUE ? KR_FLAG_X : 0));
    kr_lower_branch(lo, word, &jump);
    return jump.next;
}

// IS_OP and CONTAINS_OP: one instruction with the jump that follows. Returns the code
// unit to go on at.
uint32_t
kr_lower_test(KrLowering *lo, const KrDecoded *in, KrXop op, KrXop jumping)
{
    KrDecoded jump;
    bool to_bool, b_dies, c_dies;
    if (!kr_lower_following_jump(lo, in->next, &jump, &to_bool)) {
        kr_lower_binary(lo, op, in->oparg ? KR_FLAG_X : 0);
        return in->next;
    }
    uint32_t b = kr_lower_operand(lo, kr_lower_peek(lo, 2), &b_dies);
    uint32_t c = kr_lower_operand(lo, kr_lower_peek(lo, 1), &c_dies);
    kr_lower_drop(lo, 2);
    kr_lower_flush(lo);
    KrWord *word = kr_lower_emit(lo, jumping, 0, b, c);
    // "not" and a jump when false turn the sense around, each once.
    bool when = (jump.opcode == KR_OP_POP_JUMP_IF_TRUE) == (in->oparg == 0);
    word->flags = (uint8_t)(kr_lower_kills(b_dies, c_dies) | (when ? KR_FLAG_X : 0));
    kr_lower_branch(lo, word, &jump);
    return jump.next;
}

// The call itself; as CALL_EVENT, which knows what it stands for, where calls are
// watched.
static KrWord *
emit_call(KrLowering *lo, KrXop op, uint32_t a, uint32_t b, uint32_t c)
{
    KrWord *word;
    if (kr_lower_tracing(lo) && (lo->events & KR_EVENT_BIT(PY_MONITORING_EVENT_CALL))) {
        word = kr_lower_emit(lo, KR_X_CALL_EVENT, a, b, c);
        word[1].low = op;
        return word;
    }
    word = kr_lower_emit(lo, op, a, b, c);
    kr_lower_defines(lo, word);
    return word;
}

void
kr_lower_call_ex(KrLowering *lo)
{
    uint32_t b = kr_lower_consecutive(lo, 4, false);
    kr_lower_drop(lo, 4);
    uint32_t a = kr_lower_push_temp(lo);
    emit_call(lo, KR_X_CALL_EX, a, b, 0);
}

// CALL, CALL_KW: finds out whether callable, header and arguments are in place.
void
kr_lower_call(KrLowering *lo, KrXop op, int nargs, bool names)
{
    int total = nargs + 2 + names;
    KrStackValue *callable = kr_lower_peek(lo, total);
    if (kr_lower_failed(lo)) {
        return;
    }
    KrStackValue *self = callable + 1;
    unsigned flags = 0;
    bool placed = false;
    if (!lo->generator && callable->slot + (self->kind == KR_V_NULL ? 0u : 1u) + KR_FRAME_HEADER ==
                              self->slot) {
        placed = true;
        for (int i = 0; i < nargs + names; i++) {
            placed = placed && callable[2 + i].slot == self->slot + 1 + i;
        }
        placed = placed && (self->kind == KR_V_NULL || self->kind == KR_V_TEMP);
    }
    uint32_t b = callable->slot;
    if (placed) {
        for (int i = 0; i < total; i++) {
            if (i != 1) {
                kr_lower_materialise_as(lo, &callable[i], true);
            }
        }
        flags = self->kind == KR_V_NULL ? 0 : KR_FLAG_X;
    }
    else {
        kr_lower_consecutive(lo, total, true);
        flags = KR_FLAG_Y;
        if (op == KR_X_CALL) {
            op = KR_X_CALL_COPY;
        }
    }
    kr_lower_drop(lo, total);
    uint32_t a = kr_lower_push_temp(lo);
    if (b + nargs + KR_FRAME_HEADER + 4 > lo->max_slot) {
        lo->max_slot = b + (uint32_t)nargs + KR_FRAME_HEADER + 4;
    }
    KrWord *word = emit_call(lo, op, a, b, (uint32_t)nargs);
    word->flags = (uint8_t)flags;
}

void
kr_lower_load_method(KrLowering *lo, uint32_t name)
{
    bool dies;
    uint32_t b = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
    kr_lower_drop(lo, 1);
    uint32_t a = kr_lower_push_temp(lo);
    uint32_t self = lo->generator ? a + 1 : a + 1 + KR_FRAME_HEADER;
    kr_lower_push_at(lo, KR_V_TEMP, 0, self, !lo->generator);
    KrWord *word = kr_lower_emit(lo, KR_X_GETMETHOD, a, b, name);
    word->flags = (uint8_t)(kr_lower_kills(dies, false) | (lo->generator ? KR_FLAG_Y : 0));
}

// A window op without result.
void
kr_lower_consume(KrLowering *lo, KrXop op, int n, uint32_t c)
{
    uint32_t b = kr_lower_consecutive(lo, n, false);
    kr_lower_drop(lo, n);
    kr_lower_emit(lo, op, 0, b, c);
}

// ops of the form (in a stays, in b): LIST_APPEND and the like; `at` counts from
// the top with the operands popped.
void
kr_lower_into_container(KrLowering *lo, KrXop op, int at, int nvalues)
{
    bool b_dies, c_dies = false;
    uint32_t b = kr_lower_operand(lo, kr_lower_peek(lo, nvalues), &b_dies);
    uint32_t c = nvalues == 2 ? kr_lower_operand(lo, kr_lower_peek(lo, 1), &c_dies) : 0;
    kr_lower_drop(lo, nvalues);
    KrStackValue *container = kr_lower_peek(lo, at);
    kr_lower_materialise(lo, container);
    KrWord *word = kr_lower_emit(lo, op, container->slot, b, c);
    word->flags = (uint8_t)kr_lower_kills(b_dies, c_dies);
}

void
kr_lower_swap(KrLowering *lo, int n)
{
    KrStackValue *top = kr_lower_peek(lo, 1), *other = kr_lower_peek(lo, n);
    if (kr_lower_failed(lo) || n < 2) {
        return;
    }
    top->def = other->def = UINT32_MAX;
    uint8_t role = top->role;
    top->role = other->role;
    other->role = role;
    if (top->kind != KR_V_TEMP && other->kind != KR_V_TEMP) {
        KrStackValue was = *top;
        top->kind = other->kind;
        top->index = other->index;
        other->kind = was.kind;
        other->index = was.index;
    }
    else if (top->kind == KR_V_TEMP && other->kind == KR_V_TEMP) {
        kr_lower_emit(lo, KR_X_SWAP, top->slot, other->slot, 0);
    }
    else {
        // One of the two is lazy: the temporary moves, laziness goes the other way.
        KrStackValue *lazy = top->kind == KR_V_TEMP ? other : top;
        KrStackValue *temp = top->kind == KR_V_TEMP ? top : other;
        if (lo->last_def != UINT32_MAX && lo->words[lo->last_def].a == temp->slot) {
            lo->words[lo->last_def].a = lazy->slot;
            kr_lower_forget_points(lo);
        }
        else {
            kr_lower_emit(lo, KR_X_MOVE_STEAL, lazy->slot, temp->slot, 0);
        }
        temp->kind = lazy->kind;
        temp->index = lazy->index;
        lazy->kind = KR_V_TEMP;
    }
}

void
kr_lower_copy(KrLowering *lo, int n)
{
    KrStackValue *from = kr_lower_peek(lo, n);
    if (kr_lower_failed(lo)) {
        return;
    }
    if (from->kind == KR_V_TEMP) {
        uint32_t slot = from->slot;
        uint32_t a = kr_lower_push_temp(lo);
        kr_lower_defines(lo, kr_lower_emit(lo, KR_X_MOVE, a, slot, 0));
    }
    else {
        kr_lower_push_lazy(lo, from->kind, from->index);
    }
}

void
kr_lower_return_value(KrLowering *lo)
{
    if (kr_lower_tracing(lo)) {
        KrStackValue *given = kr_lower_peek(lo, 1);
        if (given->kind != KR_V_LOCAL) {
            kr_lower_materialise(lo, given);
        }
        kr_lower_event(lo, PY_MONITORING_EVENT_PY_RETURN,
                       given->kind == KR_V_LOCAL ? (uint32_t)given->index : given->slot, 0, 0);
    }
    KrStackValue value = *kr_lower_peek(lo, 1);
    if (value.kind == KR_V_CONST) {
        kr_lower_emit_wide(lo, lo->generator ? KR_X_GEN_RETURN_CONST : KR_X_RETURN_CONST, 0,
                  value.index);
    }
    else {
        bool dies;
        uint32_t b = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
        kr_lower_emit(lo, lo->generator ? KR_X_GEN_RETURN : KR_X_RETURN, 0, b, 0);
    }
    kr_lower_drop(lo, 1);
}
