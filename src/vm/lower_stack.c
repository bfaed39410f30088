// SPDX-License-Identifier: MIT
// lower_stack.c - lowering: emitting words, the simulated operand stack, labels.
//
// Read next: lower.c, which explains the stack; lower_parts.c
#include "vm/lower.h"

bool
kr_lower_failed(const KrLowering *lo)
{
    return lo->trouble != NULL || lo->no_memory;
}

bool
kr_lower_grow(KrLowering *lo, void *array, uint32_t *room, uint32_t need, size_t item)
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

KrWord *
kr_lower_emit(KrLowering *lo, KrXop op, uint32_t a, uint32_t b, uint32_t c)
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

KrWord *
kr_lower_emit_wide(KrLowering *lo, KrXop op, uint32_t a, int32_t bc)
{
    KrWord *word = kr_lower_emit(lo, op, a, 0, 0);
    word->bc = bc;
    return word;
}

// Notes that slot a of the newest instruction is its only result.
void
kr_lower_defines(KrLowering *lo, const KrWord *word)
{
    lo->last_def = (uint32_t)(word - lo->words);
    if (lo->depth > 0 && lo->stack[lo->depth - 1].slot == word->a) {
        lo->stack[lo->depth - 1].def = lo->last_def;
    }
}

// --- The simulated stack -----------------------------------------------------

KrStackValue *
kr_lower_push_at(KrLowering *lo, KrValueKind kind, int32_t index, uint32_t slot, bool gap)
{
    static KrStackValue nowhere;
    if (lo->depth >= lo->stack_room) {
        lo->trouble = "stack depth exceeds co_stacksize";
        return &nowhere;
    }
    KrStackValue *value = &lo->stack[lo->depth++];
    *value = (KrStackValue){.kind = (uint8_t)kind, .gap = gap, .slot = (uint16_t)slot,
                            .index = index, .def = UINT32_MAX,
                            .role = kind == KR_V_NULL ? KR_ROLE_NULL : KR_ROLE_OBJECT};
    if (slot + KR_FRAME_HEADER + 3 > lo->max_slot) {
        lo->max_slot = slot + KR_FRAME_HEADER + 3;
    }
    if (slot >= UINT16_MAX - 16) {
        lo->trouble = "code object needs too many slots";
    }
    return value;
}

uint32_t
kr_lower_next_slot(const KrLowering *lo)
{
    return lo->depth == 0 ? lo->ntemp : lo->stack[lo->depth - 1].slot + 1u;
}

void
kr_lower_push_lazy(KrLowering *lo, KrValueKind kind, int32_t index)
{
    kr_lower_push_at(lo, kind, index, kr_lower_next_slot(lo), false);
}

uint32_t
kr_lower_push_temp(KrLowering *lo)
{
    return kr_lower_push_at(lo, KR_V_TEMP, 0, kr_lower_next_slot(lo), false)->slot;
}

// The NULL that says "no receiver"; leaves room for the header before the
// arguments that follow.
void
kr_lower_push_null(KrLowering *lo)
{
    uint32_t slot = kr_lower_next_slot(lo);
    bool gap = !lo->generator && lo->depth > 0;
    kr_lower_push_at(lo, KR_V_NULL, 0, gap ? slot + KR_FRAME_HEADER - 1 : slot, gap);
}

KrStackValue *
kr_lower_peek(KrLowering *lo, int n)
{
    static KrStackValue nowhere;
    if (n > lo->depth || n < 1) {
        lo->trouble = "stack underflow";
        return &nowhere;
    }
    return &lo->stack[lo->depth - n];
}

void
kr_lower_drop(KrLowering *lo, int n)
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
void
kr_lower_materialise_as(KrLowering *lo, KrStackValue *value, bool lend)
{
    switch (value->kind) {
    case KR_V_TEMP:
        return;
    case KR_V_LOCAL:
        kr_lower_emit(lo, lend ? KR_X_MOVE_BORROW : KR_X_MOVE, value->slot, value->index, 0);
        break;
    case KR_V_CONST:
        kr_lower_emit_wide(lo, KR_X_LOAD_CONST, value->slot, value->index);
        break;
    case KR_V_INT:
        kr_lower_emit_wide(lo, KR_X_LOAD_INT, value->slot, value->index);
        break;
    case KR_V_NULL:
        kr_lower_emit(lo, KR_X_LOAD_NULL, value->slot, 0, 0);
        break;
    }
    value->kind = KR_V_TEMP;
}

void
kr_lower_materialise(KrLowering *lo, KrStackValue *value)
{
    kr_lower_materialise_as(lo, value, false);
}

// Everything into its place, except that NULLs stay known.
void
kr_lower_flush_below(KrLowering *lo, int depth)
{
    for (int i = 0; i < depth; i++) {
        if (lo->stack[i].kind != KR_V_TEMP && lo->stack[i].kind != KR_V_NULL) {
            kr_lower_materialise(lo, &lo->stack[i]);
        }
    }
}

void
kr_lower_flush(KrLowering *lo)
{
    kr_lower_flush_below(lo, lo->depth);
}

// The slot to read an operand from; *dies tells whether it is a temporary.
uint32_t
kr_lower_operand(KrLowering *lo, KrStackValue *value, bool *dies)
{
    if (value->kind == KR_V_LOCAL) {
        *dies = false;
        return (uint32_t)value->index;
    }
    kr_lower_materialise(lo, value);
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

static bool
is_call(KrXop op)
{
    return op == KR_X_CALL || op == KR_X_CALL_COPY || op == KR_X_CALL_KW || op == KR_X_CALL_EX;
}

// The same where a number is expected: constants and loaded values come unboxed.
uint32_t
kr_lower_number_operand(KrLowering *lo, KrStackValue *value, bool *dies)
{
    if (value->kind == KR_V_CONST) {
        kr_lower_emit_wide(lo, KR_X_LOAD_NUMBER, value->slot, value->index);
        value->kind = KR_V_TEMP;
    }
    else if (value->kind == KR_V_TEMP && value->def != UINT32_MAX && !kr_lower_failed(lo)) {
        KrWord *def = &lo->words[value->def];
        def->flags |= can_unbox(def->op) ? KR_FLAG_X : is_call(def->op) ? KR_CALL_NUMBER : 0;
    }
    return kr_lower_operand(lo, value, dies);
}

// True and the value when the operand is an int constant of 16 bits.
bool
kr_lower_immediate(KrLowering *lo, const KrStackValue *value, int *out)
{
    if (value->kind == KR_V_INT) {
        *out = value->index;
        return value->index >= INT16_MIN && value->index <= INT16_MAX;
    }
    if (value->kind == KR_V_CONST) {
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
uint32_t
kr_lower_consecutive(KrLowering *lo, int n, bool lend)
{
    if (n == 0) {
        return kr_lower_next_slot(lo);
    }
    KrStackValue *first = kr_lower_peek(lo, n);
    if (kr_lower_failed(lo)) {
        return 0;
    }
    uint32_t base = first->slot;
    for (int i = 0; i < n; i++) {
        KrStackValue *value = first + i;
        if (value->slot == base + i) {
            kr_lower_materialise_as(lo, value, lend);
        }
        else if (value->kind == KR_V_TEMP) {
            kr_lower_emit(lo, KR_X_MOVE_STEAL, base + i, value->slot, 0);
        }
        else {
            uint32_t slot = value->slot;
            value->slot = (uint16_t)(base + i);
            kr_lower_materialise_as(lo, value, lend);
            value->slot = (uint16_t)slot;
        }
    }
    return base;
}

// --- Labels ----------------------------------------------------------------------

void
kr_lower_note_state(KrLowering *lo, uint32_t unit, int depth, const KrStackValue *extra,
                    int nextra)
{
    if (unit >= lo->nunits) {
        lo->trouble = "jump out of the code";
        return;
    }
    int total = depth + nextra;
    KrStackState *state = lo->states[unit];
    if (state != NULL) {
        if (state->depth != total) {
            lo->trouble = "stack depths differ at a label";
            return;
        }
        for (int i = 0; i < depth; i++) {
            const KrStackValue *here = &lo->stack[i], *there = &state->values[i];
            if (here->slot != there->slot ||
                (here->kind == KR_V_NULL) != (there->kind == KR_V_NULL)) {
                lo->trouble = "stacks differ at a label";
                return;
            }
        }
        return;
    }
    state = PyMem_Malloc(sizeof *state + (size_t)total * sizeof(KrStackValue));
    if (state == NULL ||
        !kr_lower_grow(lo, &lo->pending, &lo->pending_room, lo->npending + 1,
                       sizeof(uint32_t))) {
        PyMem_Free(state);
        lo->no_memory = true;
        return;
    }
    state->depth = total;
    for (int i = 0; i < depth; i++) {
        state->values[i] = lo->stack[i];
        state->values[i].def = UINT32_MAX;
        if (state->values[i].kind != KR_V_NULL) {
            state->values[i].kind = KR_V_TEMP;
        }
    }
    for (int i = 0; i < nextra; i++) {
        state->values[depth + i] = extra[i];
    }
    lo->states[unit] = state;
    lo->pending[lo->npending++] = unit;
}

// A jump whose distance is filled in at the end. The stack has been flushed.
void
kr_lower_jump_to(KrLowering *lo, const KrWord *word, uint32_t unit)
{
    if (kr_lower_failed(lo) ||
        !kr_lower_grow(lo, &lo->fixups, &lo->fixups_room, lo->nfixups + 1, sizeof(KrFixup))) {
        return;
    }
    lo->fixups[lo->nfixups++] = (KrFixup){(uint32_t)(word - lo->words), unit};
    kr_lower_note_state(lo, unit, lo->depth, NULL, 0);
}
