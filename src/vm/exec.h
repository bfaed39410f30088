// SPDX-License-Identifier: MIT
// exec.h - the forms of executable code and the points where they correspond.
#ifndef KRAIT_VM_EXEC_H
#define KRAIT_VM_EXEC_H

#include "vm/lower.h"

typedef enum {
    KR_POINT_FALL,  // coming from above, before the values go to their slots
    KR_POINT_ENTRY, // before the events of an instruction
    KR_POINT_BODY,  // behind them
} KrPointKind;

// A place in the words where the stack is known.
typedef struct KrPoint {
    uint32_t word;
    uint32_t unit;   // code unit of the instruction that comes next
    uint32_t values; // its stack: first of `depth` entries of KrPoints.values
    uint16_t depth;
    uint8_t kind;    // KrPointKind
} KrPoint;

typedef struct KrPoints {
    KrPoint *all;    // by word
    uint32_t count, room;
    KrStackValue *values;
    uint32_t nvalues, values_room;
} KrPoints;

// lower.c: makes the form with these events; lines may be NULL without events.
// NULL with an exception.
KrExec *kr_lower(PyCodeObject *code, uint64_t events, const KrCodeLines *lines, bool points);
void kr_exec_release(KrExec *exec);

// The points of a form, made on demand; NULL with an exception.
const KrPoints *kr_exec_points(KrExec *exec);
const KrPoint *kr_point_at_word(const KrPoints *points, uint32_t word);
// The entry before an instruction, or behind its events; NULL if there is none.
const KrPoint *kr_point_at_unit(const KrPoints *points, uint32_t unit, bool behind_events);
// Changes the temporaries of a window from one stack to another of the same code.
void kr_window_convert(KrFrame *fp, const KrPoints *from, const KrPoint *at,
                       const KrPoints *to, const KrPoint *goal);

// event_lines.c
int kr_code_lines_make(PyCodeObject *code, KrCodeLines *lines);
void kr_code_lines_free(KrCodeLines *lines);

#endif // KRAIT_VM_EXEC_H
