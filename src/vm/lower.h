// SPDX-License-Identifier: MIT
// lower.h - what the files that lower bytecode share.
//
// lower.c drives the pass; lower_stack.c has the simulated stack and emission;
// lower_parts.c the recipes that several instructions share;
// lower_instruction.c says what becomes of each bytecode instruction.
#ifndef KRAIT_VM_LOWER_H
#define KRAIT_VM_LOWER_H

#include "bytecode/exctable.h"
#include "vm/machine.h"

typedef enum {
    KR_V_TEMP,  // the value is in the position's own slot
    KR_V_LOCAL, // lazy: local `index`
    KR_V_CONST, // lazy: constant `index`
    KR_V_INT,   // lazy: the small int `index`
    KR_V_NULL,  // the NULL behind a callable
} KrValueKind;

// What a value is for, where frame.f_lineno = n has to know.
typedef enum {
    KR_ROLE_OBJECT,
    KR_ROLE_ITERATOR, // of a for loop
    KR_ROLE_EXCEPT,   // the handled exception or the one before it
    KR_ROLE_LASTI,    // the raising offset in a handler
    KR_ROLE_NULL,
} KrStackRole;

typedef struct KrStackValue {
    uint8_t kind;   // KrValueKind
    bool gap;       // room for a header lies before this slot
    uint8_t role;   // KrStackRole
    uint16_t slot;
    int32_t index;
    uint32_t def;   // word that makes the temporary, or UINT32_MAX
} KrStackValue;

// The stack as it is at a label: kinds are KR_V_TEMP and KR_V_NULL only.
typedef struct {
    int depth;
    KrStackValue values[];
} KrStackState;

typedef struct {
    uint32_t word;   // of the jump
    uint32_t target; // code unit
} KrFixup;

typedef struct {
    PyCodeObject *code;
    const uint8_t *bytes;
    uint32_t nunits;
    uint8_t *is_label;     // by code unit
    KrStackState **states;   // by code unit; known stacks of labels
    int32_t *places;       // by code unit: word index once generated, or -1
    KrWord *words;
    uint32_t *offsets;
    uint32_t nwords, words_room;
    KrFixup *fixups;
    uint32_t nfixups, fixups_room;
    uint32_t *pending;     // labels to generate
    uint32_t npending, pending_room;
    KrStackValue *stack;
    int depth, stack_room;
    uint32_t ntemp;        // first temporary
    uint32_t max_slot;
    KrHandler *handlers;
    KrExcEntry *ranges;
    uint32_t nranges;
    uint32_t unit;         // of the instruction being lowered
    uint32_t last_def;     // word whose slot a may be renamed, or UINT32_MAX
    bool generator;
    // Events (lower_events.c).
    uint64_t events;       // kinds of events to place words for; 0: none
    const struct KrCodeLines *lines; // where lines start; NULL without events
    struct KrPoints *points;         // filled if not NULL
    uint32_t branch_at;    // code unit of the newest branch instruction
    const char *trouble;   // why the bytecode cannot be used
    bool no_memory;
} KrLowering;

// A bytecode instruction with its whole operand.
typedef struct {
    int opcode;
    uint32_t oparg;
    uint32_t at;   // code unit of the opcode, behind its EXTENDED_ARGs
    uint32_t next; // code unit behind it and its caches
} KrDecoded;

// The flags of dying operands b and c.
static inline unsigned
kr_lower_kills(bool b, bool c)
{
    return (b ? KR_KILL_B : 0) | (c ? KR_KILL_C : 0);
}

// --- lower_stack.c: emission, the simulated stack, labels ---------------------------

bool kr_lower_failed(const KrLowering *lo);
bool kr_lower_grow(KrLowering *lo, void *array, uint32_t *room, uint32_t need, size_t item);
KrWord *kr_lower_emit(KrLowering *lo, KrXop op, uint32_t a, uint32_t b, uint32_t c);
KrWord *kr_lower_emit_wide(KrLowering *lo, KrXop op, uint32_t a, int32_t bc);
void kr_lower_defines(KrLowering *lo, const KrWord *word);
KrStackValue *kr_lower_push_at(KrLowering *lo, KrValueKind kind, int32_t index, uint32_t slot,
                             bool gap);
uint32_t kr_lower_next_slot(const KrLowering *lo);
void kr_lower_push_lazy(KrLowering *lo, KrValueKind kind, int32_t index);
uint32_t kr_lower_push_temp(KrLowering *lo);
void kr_lower_push_null(KrLowering *lo);
KrStackValue *kr_lower_peek(KrLowering *lo, int n);
void kr_lower_drop(KrLowering *lo, int n);
void kr_lower_materialise_as(KrLowering *lo, KrStackValue *value, bool lend);
void kr_lower_materialise(KrLowering *lo, KrStackValue *value);
void kr_lower_flush_below(KrLowering *lo, int depth);
void kr_lower_flush(KrLowering *lo);
uint32_t kr_lower_operand(KrLowering *lo, KrStackValue *value, bool *dies);
uint32_t kr_lower_number_operand(KrLowering *lo, KrStackValue *value, bool *dies);
bool kr_lower_immediate(KrLowering *lo, const KrStackValue *value, int *out);
uint32_t kr_lower_consecutive(KrLowering *lo, int n, bool lend);
void kr_lower_note_state(KrLowering *lo, uint32_t unit, int depth, const KrStackValue *extra,
                         int nextra);
void kr_lower_jump_to(KrLowering *lo, const KrWord *word, uint32_t unit);

// --- lower_parts.c ------------------------------------------------------------------

void kr_lower_store_fast(KrLowering *lo, uint32_t local);
void kr_lower_detach_local(KrLowering *lo, uint32_t local);
void kr_lower_unary(KrLowering *lo, KrXop op, uint32_t c);
void kr_lower_unary_keep(KrLowering *lo, KrXop op, uint32_t c);
void kr_lower_binary(KrLowering *lo, KrXop op, unsigned flags);
KrWord *kr_lower_from_window(KrLowering *lo, KrXop op, int n, uint32_t c);
void kr_lower_binary_op(KrLowering *lo, int oparg);
KrDecoded kr_lower_decode(const KrLowering *lo, uint32_t unit);
uint32_t kr_lower_jump_target(const KrDecoded *in);
bool kr_lower_following_jump(const KrLowering *lo, uint32_t unit, KrDecoded *jump,
                             bool *to_bool);
void kr_lower_pop_jump(KrLowering *lo, const KrDecoded *jump);
uint32_t kr_lower_test(KrLowering *lo, const KrDecoded *in, KrXop op, KrXop jumping);
uint32_t kr_lower_compare_op(KrLowering *lo, const KrDecoded *in);
void kr_lower_call(KrLowering *lo, KrXop op, int nargs, bool names);
void kr_lower_call_ex(KrLowering *lo);
void kr_lower_load_method(KrLowering *lo, uint32_t name);
void kr_lower_consume(KrLowering *lo, KrXop op, int n, uint32_t c);
void kr_lower_into_container(KrLowering *lo, KrXop op, int at, int nvalues);
void kr_lower_swap(KrLowering *lo, int n);
void kr_lower_copy(KrLowering *lo, int n);
void kr_lower_return_value(KrLowering *lo);

// --- lower_instruction.c ------------------------------------------------------------

// Lowers the instruction at lo->unit. Returns the next code unit, or UINT32_MAX
// when control does not get there.
uint32_t kr_lower_instruction(KrLowering *lo);

// --- lower_events.c -----------------------------------------------------------------

// Ends a conditional jump at word: to the target of `jump` when it jumps.
void kr_lower_branch(KrLowering *lo, KrWord *word, const KrDecoded *jump);
// What stands before an instruction: line and instruction events. Notes the points.
void kr_lower_unit_start(KrLowering *lo);
// An event word for the current instruction; from and to are code units of jumps.
void kr_lower_event(KrLowering *lo, int event, uint32_t slot, uint32_t from, uint32_t to);
// Whether an event stands before the instruction, so that none may be merged over it.
bool kr_lower_stops_at(const KrLowering *lo, uint32_t unit);
// Notes that control can come here, before the current instruction.
void kr_lower_point(KrLowering *lo, int kind);
// The current instruction's result went elsewhere: nobody can enter before it.
void kr_lower_forget_points(KrLowering *lo);

static inline bool
kr_lower_tracing(const KrLowering *lo)
{
    return lo->events != 0 && (int)lo->unit >= lo->code->_co_firsttraceable;
}

#endif // KRAIT_VM_LOWER_H
