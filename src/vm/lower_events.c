// SPDX-License-Identifier: MIT
// lower_events.c - lowering: event words, and the points where control may enter.
//
// An event word stands where its event belongs, in the order line, instruction,
// the instruction's own event. Before lines and instructions the whole stack is
// put into its slots, since callbacks may look at locals, change them, or jump.
// Read next: exec.c, events.c
#include "vm/lower.h"

#include "bytecode/opcodes.h"
#include "vm/events.h"
#include "vm/exec.h"

void
kr_lower_event(KrLowering *lo, int event, uint32_t slot, uint32_t from, uint32_t to)
{
    KrWord *word = kr_lower_emit(lo, event == KR_EVENT_NONE ? KR_X_EVENT_OFF : KR_X_EVENT,
                                 (uint32_t)event, slot, 0);
    word[1].low = from;
    word[1].high = to;
}

void
kr_lower_branch(KrLowering *lo, KrWord *word, const KrDecoded *jump)
{
    uint32_t target = kr_lower_jump_target(jump);
    lo->branch_at = jump->at;
    if (!kr_lower_tracing(lo)) {
        kr_lower_jump_to(lo, word, target);
        return;
    }
    // Jump over the event of the jump: the condition is turned round.
    switch (word->op) {
    case KR_X_JTRUE:
        word->op = KR_X_JFALSE;
        break;
    case KR_X_JFALSE:
        word->op = KR_X_JTRUE;
        break;
    default:
        word->flags ^= KR_FLAG_X;
        break;
    }
    uint32_t place = (uint32_t)(word - lo->words), unit = lo->unit;
    lo->unit = jump->at;
    kr_lower_event(lo, PY_MONITORING_EVENT_BRANCH_RIGHT, 0, jump->at, target);
    kr_lower_jump_to(lo, kr_lower_emit_wide(lo, KR_X_JUMP, 0, 0), target);
    lo->unit = unit;
    if (kr_lower_failed(lo)) {
        return;
    }
    word = &lo->words[place];
    int32_t distance = (int32_t)(lo->nwords - place);
    if (kr_xop_length[word->op] > 1) {
        word[1].low = (uint32_t)distance;
    }
    else {
        word->bc = distance;
    }
}

bool
kr_lower_stops_at(const KrLowering *lo, uint32_t unit)
{
    return lo->events != 0 &&
           ((lo->events & KR_EVENT_BIT(PY_MONITORING_EVENT_INSTRUCTION)) ||
            lo->lines->starts[unit]);
}

// Whether an instruction event belongs before the current instruction.
static bool
has_instruction_event(const KrLowering *lo)
{
    if (!(lo->events & KR_EVENT_BIT(PY_MONITORING_EVENT_INSTRUCTION))) {
        return false;
    }
    int opcode = kr_lower_decode(lo, lo->unit).opcode;
    return opcode != KR_OP_RESUME && opcode != KR_OP_END_FOR;
}

void
kr_lower_unit_start(KrLowering *lo)
{
    kr_lower_point(lo, KR_POINT_ENTRY);
    if (!kr_lower_tracing(lo)) {
        return;
    }
    uint32_t before = lo->nwords;
    if (lo->lines->starts[lo->unit]) {
        kr_lower_flush(lo);
        kr_lower_event(lo, PY_MONITORING_EVENT_LINE, 0, 0, 0);
    }
    else if (lo->lines->line[lo->unit] < 0 && lo->unit > 0 &&
             (lo->is_label[lo->unit] || lo->lines->line[lo->unit - 1] >= 0)) {
        kr_lower_event(lo, KR_EVENT_NONE, 0, 0, 0);
    }
    if (has_instruction_event(lo)) {
        kr_lower_flush(lo);
        kr_lower_event(lo, PY_MONITORING_EVENT_INSTRUCTION, 0, 0, 0);
    }
    if (lo->nwords != before) {
        kr_lower_point(lo, KR_POINT_BODY);
    }
}

// --- Points -----------------------------------------------------------------------

void
kr_lower_point(KrLowering *lo, int kind)
{
    KrPoints *points = lo->points;
    if (points == NULL || kr_lower_failed(lo) ||
        !kr_lower_grow(lo, &points->all, &points->room, points->count + 1,
                       sizeof(KrPoint)) ||
        !kr_lower_grow(lo, &points->values, &points->values_room,
                       points->nvalues + (uint32_t)lo->depth, sizeof(KrStackValue))) {
        return;
    }
    points->all[points->count++] = (KrPoint){
        .word = lo->nwords,
        .unit = lo->unit,
        .values = points->nvalues,
        .depth = (uint16_t)lo->depth,
        .kind = (uint8_t)kind,
    };
    for (int i = 0; i < lo->depth; i++) {
        points->values[points->nvalues + (uint32_t)i] = lo->stack[i];
    }
    points->nvalues += (uint32_t)lo->depth;
}

void
kr_lower_forget_points(KrLowering *lo)
{
    KrPoints *points = lo->points;
    while (points != NULL && points->count > 0 &&
           points->all[points->count - 1].unit == lo->unit) {
        points->count--;
    }
}
