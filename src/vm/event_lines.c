// SPDX-License-Identifier: MIT
// event_lines.c - where the lines of a code object start, as line events see it.
//
// An instruction starts a line when its line differs from that of the instruction
// before it, when something jumps to it, or when it is a handler's first. Those
// that control skips or that only close a loop never do.
#include "vm/exec.h"

#include "bytecode/locations.h"
#include "bytecode/opcodes.h"

static void
read_lines(PyCodeObject *code, int32_t *line)
{
    Py_ssize_t units = Py_SIZE(code);
    KrLocationIter it;
    for (Py_ssize_t i = 0; i < units; i++) {
        line[i] = -1;
    }
    kr_location_iter_init(&it, (const uint8_t *)PyBytes_AS_STRING(code->co_linetable),
                          (size_t)PyBytes_GET_SIZE(code->co_linetable),
                          code->co_firstlineno);
    while (kr_location_iter_next(&it)) {
        for (int i = it.start; i < it.stop && i < units; i++) {
            line[i] = it.loc.line;
        }
    }
}

static bool
never_starts(int opcode)
{
    return opcode == KR_OP_END_ASYNC_FOR || opcode == KR_OP_END_FOR ||
           opcode == KR_OP_END_SEND || opcode == KR_OP_RESUME || opcode == KR_OP_POP_ITER;
}

// The target of a jump that may start a line, or -1.
static int64_t
line_target(const KrDecoded *in)
{
    switch (in->opcode) {
    case KR_OP_POP_JUMP_IF_FALSE:
    case KR_OP_POP_JUMP_IF_TRUE:
    case KR_OP_POP_JUMP_IF_NONE:
    case KR_OP_POP_JUMP_IF_NOT_NONE:
    case KR_OP_JUMP_FORWARD:
    case KR_OP_JUMP_BACKWARD:
    case KR_OP_JUMP_BACKWARD_NO_INTERRUPT:
        return kr_lower_jump_target(in);
    case KR_OP_FOR_ITER:
    case KR_OP_SEND:
        return (int64_t)kr_lower_jump_target(in) + 1;
    default:
        return -1;
    }
}

int
kr_code_lines_make(PyCodeObject *code, KrCodeLines *lines)
{
    uint32_t units = (uint32_t)Py_SIZE(code);
    lines->line = PyMem_Malloc((units + 1) * sizeof *lines->line);
    lines->starts = PyMem_Calloc(units + 1, 1);
    if (lines->line == NULL || lines->starts == NULL) {
        kr_code_lines_free(lines);
        PyErr_NoMemory();
        return -1;
    }
    read_lines(code, lines->line);
    KrLowering lo = {.code = code,
                     .bytes = (const uint8_t *)code->co_code_adaptive,
                     .nunits = units};
    int32_t current = -1;
    uint32_t first = (uint32_t)code->_co_firsttraceable;
    for (uint32_t unit = first; unit < units;) {
        KrDecoded in = kr_lower_decode(&lo, unit);
        if (!never_starts(in.opcode)) {
            lines->starts[unit] |= lines->line[unit] != current && lines->line[unit] >= 0;
            current = lines->line[unit];
        }
        int64_t target = line_target(&in);
        if (target >= first && target < units && lines->line[target] >= 0 &&
            lo.bytes[target * 2] != KR_OP_POP_ITER) {
            lines->starts[target] = 1;
        }
        unit = in.next;
    }
    const uint8_t *at = (const uint8_t *)PyBytes_AS_STRING(code->co_exceptiontable);
    const uint8_t *end = at + PyBytes_GET_SIZE(code->co_exceptiontable);
    KrExcEntry entry;
    while (kr_exctable_next(&at, end, &entry)) {
        if (entry.target >= 0 && (uint32_t)entry.target < units &&
            lines->line[entry.target] >= 0 &&
            lo.bytes[entry.target * 2] != KR_OP_END_ASYNC_FOR) {
            lines->starts[entry.target] = 1;
        }
    }
    return 0;
}

void
kr_code_lines_free(KrCodeLines *lines)
{
    PyMem_Free(lines->line);
    PyMem_Free(lines->starts);
    lines->line = NULL;
    lines->starts = NULL;
}
