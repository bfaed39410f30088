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
// Read next: frame.h, lower_stack.c, lower_instruction.c, ops.kop
#include "vm/lower.h"

#include "bytecode/opcodes.h"
#include "objects/code.h"
#include "vm/exec.h"
#include "vm/attribute_sites.h"

// --- Handlers ----------------------------------------------------------------------

static const KrExcEntry *
range_of(const KrLowering *lo, uint32_t unit)
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
enter_range(KrLowering *lo, const KrExcEntry *range)
{
    if (range->depth > lo->depth) {
        lo->trouble = "handler depth exceeds the stack";
        return;
    }
    kr_lower_flush_below(lo, range->depth);
    uint32_t slot = range->depth == 0 ? lo->ntemp : lo->stack[range->depth - 1].slot + 1u;
    KrStackValue extra[2] = {
        {.kind = KR_V_TEMP, .slot = (uint16_t)slot, .def = UINT32_MAX,
         .role = range->lasti ? KR_ROLE_LASTI : KR_ROLE_EXCEPT},
        {.kind = KR_V_TEMP, .slot = (uint16_t)(slot + 1), .def = UINT32_MAX,
         .role = KR_ROLE_EXCEPT},
    };
    lo->handlers[range - lo->ranges].slot = (uint16_t)slot;
    if (slot + KR_FRAME_HEADER + 3 > lo->max_slot) {
        lo->max_slot = slot + KR_FRAME_HEADER + 3;
    }
    kr_lower_note_state(lo, (uint32_t)range->target, range->depth, extra, range->lasti ? 2 : 1);
}

// --- Blocks -------------------------------------------------------------------------

// Generates code from a label until control leaves or meets generated code.
static void
lower_from(KrLowering *lo, uint32_t unit)
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
                kr_lower_point(lo, KR_POINT_FALL);
                kr_lower_flush(lo);
                kr_lower_note_state(lo, unit, lo->depth, NULL, 0);
                if (kr_lower_failed(lo)) {
                    return;
                }
            }
            if (lo->places[unit] >= 0) {
                KrWord *word = kr_lower_emit_wide(lo, KR_X_JUMP, 0, 0);
                kr_lower_jump_to(lo, word, unit);
                return;
            }
            const KrStackState *state = lo->states[unit];
            lo->depth = state->depth;
            memcpy(lo->stack, state->values, (size_t)state->depth * sizeof(KrStackValue));
            lo->last_def = UINT32_MAX;
            known = true;
        }
        lo->places[unit] = (int32_t)lo->nwords;
        const KrExcEntry *now = range_of(lo, unit);
        if (now != NULL && now != range) {
            enter_range(lo, now);
        }
        else if (now != NULL) {
            kr_lower_flush_below(lo, now->depth < lo->depth ? now->depth : lo->depth);
        }
        range = now;
        kr_lower_unit_start(lo);
        if (kr_lower_failed(lo)) {
            return;
        }
        uint32_t next = kr_lower_instruction(lo);
        if (kr_lower_failed(lo) || next == UINT32_MAX) {
            return;
        }
        unit = next;
    }
}

static void
find_labels(KrLowering *lo)
{
    for (uint32_t unit = 0; unit < lo->nunits;) {
        KrDecoded in = kr_lower_decode(lo, unit);
        if ((kr_opcode_flags(in.opcode) & KR_OPF_JUMP) && in.opcode != KR_OP_END_ASYNC_FOR) {
            uint32_t target = kr_lower_jump_target(&in);
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
read_ranges(KrLowering *lo)
{
    PyObject *table = lo->code->co_exceptiontable;
    const uint8_t *at = (const uint8_t *)PyBytes_AS_STRING(table);
    const uint8_t *end = at + PyBytes_GET_SIZE(table);
    uint32_t room = 0;
    KrExcEntry entry;
    while (kr_exctable_next(&at, end, &entry)) {
        if (!kr_lower_grow(lo, &lo->ranges, &room, lo->nranges + 1, sizeof entry)) {
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
fix_jumps(KrLowering *lo)
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
make_exec(KrLowering *lo)
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
    exec->events = lo->events;
    exec->points = KR_MOVE(lo->points);
    return exec;
}

static void
points_free(KrPoints *points)
{
    if (points != NULL) {
        PyMem_Free(points->all);
        PyMem_Free(points->values);
        PyMem_Free(points);
    }
}

static void
lowering_free(KrLowering *lo)
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
    points_free(lo->points);
}

KrExec *
kr_lower(PyCodeObject *code, uint64_t events, const KrCodeLines *lines, bool points)
{
    KrExec *exec = NULL;
    KrLowering lo = {
        .code = code,
        .bytes = (const uint8_t *)code->co_code_adaptive,
        .nunits = (uint32_t)Py_SIZE(code),
        .generator = (code->co_flags &
                      (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)) != 0,
        .stack_room = code->co_stacksize + 4,
        .last_def = UINT32_MAX,
        .events = events,
        .lines = lines,
        .points = points ? PyMem_Calloc(1, sizeof(KrPoints)) : NULL,
    };
    lo.ntemp = (uint32_t)code->co_nlocalsplus + ((code->co_flags & CO_OPTIMIZED) ? 0 : 1);
    lo.max_slot = lo.ntemp + KR_FRAME_HEADER + 4;
    lo.is_label = PyMem_Calloc(lo.nunits + 1, 1);
    lo.states = PyMem_Calloc(lo.nunits + 1, sizeof *lo.states);
    lo.places = PyMem_Malloc((lo.nunits + 1) * sizeof *lo.places);
    lo.stack = PyMem_Malloc((size_t)lo.stack_room * sizeof *lo.stack);
    if (lo.is_label == NULL || lo.states == NULL || lo.places == NULL || lo.stack == NULL ||
        (points && lo.points == NULL)) {
        lo.no_memory = true;
        goto done;
    }
    memset(lo.places, 0xff, (lo.nunits + 1) * sizeof *lo.places);
    read_ranges(&lo);
    if (!kr_lower_failed(&lo)) {
        find_labels(&lo);
    }
    if (!kr_lower_failed(&lo)) {
        kr_lower_note_state(&lo, 0, 0, NULL, 0);
    }
    while (!kr_lower_failed(&lo) && lo.npending > 0) {
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
    if (!kr_lower_failed(&lo)) {
        fix_jumps(&lo);
    }
    if (!kr_lower_failed(&lo)) {
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
    return exec;
}

void
kr_exec_release(KrExec *exec)
{
    if (exec == NULL) {
        return;
    }
    kr_seen_lists_free(exec);
    PyMem_Free(exec->words);
    PyMem_Free(exec->offsets);
    PyMem_Free(exec->handlers);
    PyMem_Free(exec->consts);
    PyMem_Free(exec->saved_ops);
    points_free(exec->points);
    PyMem_Free(exec);
}
