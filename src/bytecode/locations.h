// SPDX-License-Identifier: MIT
// locations.h - source positions of instructions: the format of co_linetable.
//
// The table is a sequence of entries in code order, without gaps. An entry's first byte
// is 0x80 | form << 3 | (units - 1); units is 1..8. What follows depends on the form:
//
//     0..9    one byte: the start column is form * 8 + (byte >> 4), the end column the
//             start column + (byte & 15); same line as before, on one line
//     10..12  two bytes, start and end column; the line grows by form - 10
//     13      line step (signed varint); no columns
//     14      line step (signed), end line - line, start column + 1, end column + 1
//     15      no position at all
//
// A varint is little-endian with six bits a byte and 0x40 saying that more follows; a
// signed one keeps its sign in bit 0. The line starts at co_firstlineno.
#ifndef KRAIT_BYTECODE_LOCATIONS_H
#define KRAIT_BYTECODE_LOCATIONS_H

#include "base/base.h"

// A source range. line -1: no position. Columns are UTF-8 byte offsets, -1 unknown.
typedef struct {
    int line;
    int end_line;
    int col;
    int end_col;
} KrLocation;

typedef struct {
    const uint8_t *next; // first byte of the next entry
    const uint8_t *end;
    int line;            // running line
    int start;           // code units covered by the current entry
    int stop;
    KrLocation loc;      // position of the current entry
} KrLocationIter;

void kr_location_iter_init(KrLocationIter *it, const uint8_t *table, size_t size,
                           int first_line);
// Steps to the next entry; false at the end. Broken tables end early, never overrun.
bool kr_location_iter_next(KrLocationIter *it);

// Position of the code unit; false (and line -1) when the table does not cover it.
bool kr_location_find(const uint8_t *table, size_t size, int first_line, int unit,
                      KrLocation *loc_out);

// Longest entry: head, two varints of 6 bytes, two of 6 bytes.
#define KR_LOCATION_MAX_ENTRY 32
// Writes one entry for 1..8 units at out and updates *line; returns its size.
int kr_location_write(uint8_t *out, const KrLocation *loc, int units, int *line);

#endif // KRAIT_BYTECODE_LOCATIONS_H
