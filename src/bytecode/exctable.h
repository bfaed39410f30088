// SPDX-License-Identifier: MIT
// exctable.h - which handler covers an instruction: the format of co_exceptiontable.
//
// Entries sorted by start, each four varints: start, length, target (all in code units)
// and depth << 1 | lasti. A varint is big-endian with six bits a byte, 0x40 says that
// more follows; bit 0x80 marks the first byte of an entry, so that a search may land in
// the middle. On the handler's path the stack is cut to depth, then the offset of the
// raising instruction is pushed if lasti, then the exception.
#ifndef KRAIT_BYTECODE_EXCTABLE_H
#define KRAIT_BYTECODE_EXCTABLE_H

#include "base/base.h"

typedef struct {
    int start;  // first code unit covered
    int end;    // first unit not covered
    int target; // the handler
    int depth;
    bool lasti;
} KrExcEntry;

// Decodes the entry at *cursor and moves on; false at the end or on a broken entry.
bool kr_exctable_next(const uint8_t **cursor, const uint8_t *end, KrExcEntry *entry_out);

// The handler of the code unit; false when there is none.
bool kr_exctable_find(const uint8_t *table, size_t size, int unit, KrExcEntry *entry_out);

#define KR_EXCTABLE_MAX_ENTRY 24
// Writes an entry at out; returns its size.
int kr_exctable_write(uint8_t *out, const KrExcEntry *entry);

#endif // KRAIT_BYTECODE_EXCTABLE_H
