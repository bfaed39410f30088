// SPDX-License-Identifier: MIT
// locations.c - reads and writes co_linetable entries.

#include "bytecode/locations.h"

enum { FORM_ONE_LINE = 10, FORM_NO_COLUMNS = 13, FORM_LONG = 14, FORM_NONE = 15 };

static uint32_t
read_location_varint(KrLocationIter *it)
{
    uint32_t value = 0;
    for (unsigned shift = 0; it->next < it->end; shift += 6) {
        uint8_t byte = *it->next++;
        if (shift < 32) {
            value |= (uint32_t)(byte & 63) << shift;
        }
        if (!(byte & 64)) {
            break;
        }
    }
    return value;
}

static int
read_location_signed(KrLocationIter *it)
{
    uint32_t value = read_location_varint(it);
    return value & 1 ? -(int)(value >> 1) : (int)(value >> 1);
}

static int
read_location_byte(KrLocationIter *it)
{
    return it->next < it->end ? *it->next++ : 0;
}

void
kr_location_iter_init(KrLocationIter *it, const uint8_t *table, size_t size,
                      int first_line)
{
    *it = (KrLocationIter){
        .next = table,
        .end = table + size,
        .line = first_line,
        .loc = {-1, -1, -1, -1},
    };
}

bool
kr_location_iter_next(KrLocationIter *it)
{
    if (it->next >= it->end) {
        return false;
    }
    int head = *it->next++;
    int form = (head >> 3) & 15;
    it->start = it->stop;
    it->stop = it->start + (head & 7) + 1;
    if (form == FORM_NONE) {
        it->loc = (KrLocation){-1, -1, -1, -1};
        return true;
    }
    KrLocation loc = {-1, -1, -1, -1};
    if (form == FORM_LONG) {
        it->line = (int)((unsigned)it->line + (unsigned)read_location_signed(it));
        loc.line = it->line;
        loc.end_line = (int)((unsigned)it->line + read_location_varint(it));
        loc.col = (int)read_location_varint(it) - 1;
        loc.end_col = (int)read_location_varint(it) - 1;
    }
    else if (form == FORM_NO_COLUMNS) {
        it->line = (int)((unsigned)it->line + (unsigned)read_location_signed(it));
        loc.line = loc.end_line = it->line;
    }
    else if (form >= FORM_ONE_LINE) {
        it->line += form - FORM_ONE_LINE;
        loc.line = loc.end_line = it->line;
        loc.col = read_location_byte(it);
        loc.end_col = read_location_byte(it);
    }
    else {
        int columns = read_location_byte(it);
        loc.line = loc.end_line = it->line;
        loc.col = form * 8 + (columns >> 4);
        loc.end_col = loc.col + (columns & 15);
    }
    it->loc = loc;
    return true;
}

bool
kr_location_find(const uint8_t *table, size_t size, int first_line, int unit,
                 KrLocation *loc_out)
{
    KrLocationIter it;
    kr_location_iter_init(&it, table, size, first_line);
    while (kr_location_iter_next(&it)) {
        if (unit < it.stop) {
            *loc_out = it.loc;
            return true;
        }
    }
    *loc_out = (KrLocation){-1, -1, -1, -1};
    return false;
}

static uint8_t *
write_location_varint(uint8_t *out, uint32_t value)
{
    while (value >= 64) {
        *out++ = (uint8_t)(64 | (value & 63));
        value >>= 6;
    }
    *out++ = (uint8_t)value;
    return out;
}

static uint8_t *
write_location_signed(uint8_t *out, int value)
{
    uint32_t coded = value < 0 ? ((0u - (uint32_t)value) << 1) | 1 : (uint32_t)value << 1;
    return write_location_varint(out, coded);
}

int
kr_location_write(uint8_t *out, const KrLocation *loc, int units, int *line)
{
    uint8_t *start = out;
    int tail = units - 1;
    if (loc->line < 0) {
        *out = (uint8_t)(0x80 | FORM_NONE << 3 | tail);
        return 1;
    }
    int step = loc->line - *line;
    bool one_line = loc->end_line == loc->line || loc->end_line < 0;
    if (loc->col < 0 || loc->end_col < 0) {
        if (one_line) {
            *out++ = (uint8_t)(0x80 | FORM_NO_COLUMNS << 3 | tail);
            out = write_location_signed(out, step);
            *line = loc->line;
            return (int)(out - start);
        }
    }
    else if (loc->end_line == loc->line) {
        int width = loc->end_col - loc->col;
        if (step == 0 && loc->col < 80 && width < 16 && width >= 0) {
            *out++ = (uint8_t)(0x80 | (loc->col >> 3) << 3 | tail);
            *out++ = (uint8_t)((loc->col & 7) << 4 | width);
            return 2;
        }
        if (step >= 0 && step < 3 && loc->col < 128 && loc->end_col < 128) {
            *out++ = (uint8_t)(0x80 | (FORM_ONE_LINE + step) << 3 | tail);
            *out++ = (uint8_t)loc->col;
            *out++ = (uint8_t)loc->end_col;
            *line = loc->line;
            return 3;
        }
    }
    *out++ = (uint8_t)(0x80 | FORM_LONG << 3 | tail);
    out = write_location_signed(out, step);
    out = write_location_varint(out, (uint32_t)(loc->end_line - loc->line));
    out = write_location_varint(out, (uint32_t)(loc->col + 1));
    out = write_location_varint(out, (uint32_t)(loc->end_col + 1));
    *line = loc->line;
    return (int)(out - start);
}
