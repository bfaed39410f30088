// SPDX-License-Identifier: MIT
// exctable.c - reads and writes co_exceptiontable entries.

#include "bytecode/exctable.h"

enum { ENTRY_START = 0x80, MORE = 0x40 };

// False when the table ends inside the number or the number leaves 30 bits.
static bool
read_exc_varint(const uint8_t **cursor, const uint8_t *end, int *value_out)
{
    uint32_t value = 0;
    const uint8_t *p = *cursor;
    for (;;) {
        if (p >= end || value >> 24) {
            return false;
        }
        uint8_t byte = *p++;
        value = value << 6 | (byte & 63);
        if (!(byte & MORE)) {
            break;
        }
    }
    *cursor = p;
    *value_out = (int)value;
    return true;
}

bool
kr_exctable_next(const uint8_t **cursor, const uint8_t *end, KrExcEntry *entry_out)
{
    int start, length, target, depth;
    if (!read_exc_varint(cursor, end, &start) || !read_exc_varint(cursor, end, &length)
        || !read_exc_varint(cursor, end, &target)
        || !read_exc_varint(cursor, end, &depth)) {
        return false;
    }
    *entry_out = (KrExcEntry){
        .start = start,
        .end = start + length,
        .target = target,
        .depth = depth >> 1,
        .lasti = depth & 1,
    };
    return true;
}

// The first byte of the entry that p points into.
static const uint8_t *
find_entry_start(const uint8_t *table, const uint8_t *p)
{
    while (p > table && !(*p & ENTRY_START)) {
        p--;
    }
    return p;
}

bool
kr_exctable_find(const uint8_t *table, size_t size, int unit, KrExcEntry *entry_out)
{
    const uint8_t *end = table + size;
    const uint8_t *low = table;
    const uint8_t *high = end;
    // Narrow to the last entry that starts at or before the unit.
    while (high - low > 16) {
        const uint8_t *middle = find_entry_start(low, low + (high - low) / 2);
        const uint8_t *p = middle;
        int start;
        if (middle == low || !read_exc_varint(&p, end, &start)) {
            break;
        }
        if (start > unit) {
            high = middle;
        }
        else {
            low = middle;
        }
    }
    const uint8_t *cursor = low;
    KrExcEntry entry;
    while (cursor < end && kr_exctable_next(&cursor, end, &entry)) {
        if (entry.start > unit) {
            return false;
        }
        if (unit < entry.end) {
            *entry_out = entry;
            return true;
        }
    }
    return false;
}

static uint8_t *
write_exc_varint(uint8_t *out, uint32_t value, int mark)
{
    int shift = 0;
    while (shift < 24 && value >> (shift + 6)) {
        shift += 6;
    }
    for (; shift >= 0; shift -= 6) {
        *out++ = (uint8_t)(((value >> shift) & 63) | (shift ? MORE : 0) | mark);
        mark = 0;
    }
    return out;
}

int
kr_exctable_write(uint8_t *out, const KrExcEntry *entry)
{
    uint8_t *start = out;
    out = write_exc_varint(out, (uint32_t)entry->start, ENTRY_START);
    out = write_exc_varint(out, (uint32_t)(entry->end - entry->start), 0);
    out = write_exc_varint(out, (uint32_t)entry->target, 0);
    out = write_exc_varint(out, (uint32_t)entry->depth << 1 | entry->lasti, 0);
    return (int)(out - start);
}
