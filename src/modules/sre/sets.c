// SPDX-License-Identifier: MIT
// sets.c - bitmaps for the items of a pattern that match one character.
//
// Callers:     compiling a pattern, once.
// Invariants:  what depends on the locale gets no bitmap; equal items share one.
#include "modules/sre/sre.h"

// A set of the code up to FAILURE: does the locale matter?
static bool
set_is_fixed(const KrSreCode *set)
{
    for (;;) {
        switch (*set++) {
        case SRE_FAILURE:
            return true;
        case SRE_LITERAL:
            set++;
            break;
        case SRE_RANGE:
        case SRE_RANGE_UNI_IGNORE:
            set += 2;
            break;
        case SRE_CATEGORY:
            if (*set == SRE_CAT_LOC_WORD || *set == SRE_CAT_LOC_NOT_WORD) {
                return false;
            }
            set++;
            break;
        case SRE_CHARSET:
            set += 8;
            break;
        case SRE_BIGCHARSET:
            set += 65 + *set * 8;
            break;
        default: // NEGATE
            break;
        }
    }
}

static bool
wants_bitmap(const KrSreCode *code)
{
    switch (*code) {
    case SRE_IN:
    case SRE_IN_IGNORE:
    case SRE_IN_UNI_IGNORE:
        return set_is_fixed(code + 2);
    case SRE_INFO:
        return !(code[2] & SRE_INFO_PREFIX) && (code[2] & SRE_INFO_CHARSET)
               && set_is_fixed(code + 5);
    case SRE_CATEGORY:
        return code[1] != SRE_CAT_LOC_WORD && code[1] != SRE_CAT_LOC_NOT_WORD;
    case SRE_LITERAL_IGNORE:
    case SRE_NOT_LITERAL_IGNORE:
    case SRE_LITERAL_UNI_IGNORE:
    case SRE_NOT_LITERAL_UNI_IGNORE:
        return true;
    default:
        return false;
    }
}

// The number of the bitmap, an old one or a new one; 0 without memory.
static uint32_t
enter_set(KrSreSets *sets, const KrSreSet *set)
{
    for (uint32_t i = 1; i < sets->count && i < 64; i++) {
        if (memcmp(&sets->sets[i], set, sizeof *set) == 0) {
            return i;
        }
    }
    if (sets->count >= sets->room) {
        uint32_t room = sets->room == 0 ? 4 : sets->room * 2;
        KrSreSet *grown = PyMem_Realloc(sets->sets, room * sizeof *grown);
        if (grown == NULL) {
            return 0;
        }
        sets->sets = grown;
        sets->room = room;
        if (sets->count == 0) {
            memset(&grown[0], 0, sizeof grown[0]);
            sets->count = 1;
        }
    }
    sets->sets[sets->count] = *set;
    return sets->count++;
}

static int
note_item(KrSreSets *sets, const KrSreCode *code, uint32_t ip)
{
    KrSreSet set = {{0}};
    if (!wants_bitmap(code + ip)) {
        return 0;
    }
    for (Py_UCS4 ch = 0; ch < 256; ch++) {
        if (kr_sre_item(code + ip, ch)) {
            set.words[ch >> 6] |= UINT64_C(1) << (ch & 63);
        }
    }
    sets->of[ip] = enter_set(sets, &set);
    return sets->of[ip] == 0 ? -1 : 0;
}

// Walks code[ip:end], whose shape was checked by kr_sre_validate.
static int
walk(KrSreSets *sets, const KrSreCode *code, uint32_t ip, uint32_t end)
{
    while (ip < end) {
        switch (code[ip]) {
        case SRE_SUCCESS:
        case SRE_FAILURE:
        case SRE_ANY:
        case SRE_ANY_ALL:
        case SRE_MAX_UNTIL:
        case SRE_MIN_UNTIL:
            ip++;
            break;
        case SRE_IN:
        case SRE_IN_IGNORE:
        case SRE_IN_UNI_IGNORE:
        case SRE_IN_LOC_IGNORE:
        case SRE_INFO:
            if (note_item(sets, code, ip) < 0) {
                return -1;
            }
            ip += 1 + code[ip + 1];
            break;
        case SRE_BRANCH:
            // Each alternative: its length, then code that ends with a JUMP.
            for (ip++; code[ip] != 0; ip += code[ip]) {
                if (walk(sets, code, ip + 1, ip + code[ip]) < 0) {
                    return -1;
                }
            }
            ip++;
            break;
        case SRE_REPEAT:
        case SRE_POSSESSIVE_REPEAT:
        case SRE_REPEAT_ONE:
        case SRE_MIN_REPEAT_ONE:
        case SRE_POSSESSIVE_REPEAT_ONE:
            ip += 4;
            break;
        case SRE_ATOMIC_GROUP:
            ip += 2;
            break;
        case SRE_ASSERT:
        case SRE_ASSERT_NOT:
        case SRE_GROUPREF_EXISTS:
            ip += 3;
            break;
        default: // two words
            if (note_item(sets, code, ip) < 0) {
                return -1;
            }
            ip += 2;
            break;
        }
    }
    return 0;
}

int
kr_sre_make_sets(KrSreSets *sets, const KrSreCode *code, Py_ssize_t n)
{
    sets->of = PyMem_Calloc((size_t)n, sizeof *sets->of);
    if (sets->of == NULL || walk(sets, code, 0, (uint32_t)n) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

void
kr_sre_free_sets(KrSreSets *sets)
{
    PyMem_Free(sets->of);
    PyMem_Free(sets->sets);
    *sets = (KrSreSets){0};
}
