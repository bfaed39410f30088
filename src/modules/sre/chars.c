// SPDX-License-Identifier: MIT
// chars.c - classes of characters, case, sets; memory of the matcher.
#include "modules/sre/sre.h"

#include <ctype.h>

static inline bool
is_ascii_word(Py_UCS4 ch)
{
    return (ch | 32) - 'a' < 26 || ch - '0' < 10 || ch == '_';
}

bool
kr_sre_category(KrSreCode category, Py_UCS4 ch)
{
    bool ascii_word = is_ascii_word(ch);
    switch (category) {
    case SRE_CAT_DIGIT: return ch >= '0' && ch <= '9';
    case SRE_CAT_NOT_DIGIT: return !(ch >= '0' && ch <= '9');
    case SRE_CAT_SPACE: return ch == ' ' || (ch >= 9 && ch <= 13);
    case SRE_CAT_NOT_SPACE: return !(ch == ' ' || (ch >= 9 && ch <= 13));
    case SRE_CAT_WORD: return ascii_word;
    case SRE_CAT_NOT_WORD: return !ascii_word;
    case SRE_CAT_LINEBREAK: return ch == '\n';
    case SRE_CAT_NOT_LINEBREAK: return ch != '\n';
    case SRE_CAT_LOC_WORD: return ch == '_' || (ch < 256 && isalnum((int)ch));
    case SRE_CAT_LOC_NOT_WORD: return !(ch == '_' || (ch < 256 && isalnum((int)ch)));
    case SRE_CAT_UNI_DIGIT: return Py_UNICODE_ISDECIMAL(ch);
    case SRE_CAT_UNI_NOT_DIGIT: return !Py_UNICODE_ISDECIMAL(ch);
    case SRE_CAT_UNI_SPACE: return Py_UNICODE_ISSPACE(ch);
    case SRE_CAT_UNI_NOT_SPACE: return !Py_UNICODE_ISSPACE(ch);
    case SRE_CAT_UNI_WORD:
        return ch < 128 ? ascii_word : Py_UNICODE_ISALNUM(ch);
    case SRE_CAT_UNI_NOT_WORD:
        return !(ch < 128 ? ascii_word : Py_UNICODE_ISALNUM(ch));
    case SRE_CAT_UNI_LINEBREAK: return Py_UNICODE_ISLINEBREAK(ch);
    case SRE_CAT_UNI_NOT_LINEBREAK: return !Py_UNICODE_ISLINEBREAK(ch);
    default: return false;
    }
}

bool
kr_sre_charset(const KrSreCode *set, Py_UCS4 ch)
{
    bool found = true;
    for (;;) {
        switch (*set++) {
        case SRE_FAILURE:
            return !found;
        case SRE_NEGATE:
            found = !found;
            break;
        case SRE_LITERAL:
            if (ch == *set++) {
                return found;
            }
            break;
        case SRE_RANGE:
            if (set[0] <= ch && ch <= set[1]) {
                return found;
            }
            set += 2;
            break;
        case SRE_RANGE_UNI_IGNORE: {
            if (set[0] <= ch && ch <= set[1]) {
                return found;
            }
            Py_UCS4 upper = Py_UNICODE_TOUPPER(ch);
            if (set[0] <= upper && upper <= set[1]) {
                return found;
            }
            set += 2;
            break;
        }
        case SRE_CATEGORY:
            if (kr_sre_category(*set++, ch)) {
                return found;
            }
            break;
        case SRE_CHARSET:
            if (ch < 256 && (set[ch >> 5] >> (ch & 31) & 1)) {
                return found;
            }
            set += 8;
            break;
        case SRE_BIGCHARSET: {
            KrSreCode blocks = *set++;
            if (ch < 65536) {
                unsigned block = ((const unsigned char *)set)[ch >> 8];
                const KrSreCode *bits = set + 64 + block * 8;
                if (bits[(ch & 255) >> 5] >> (ch & 31) & 1) {
                    return found;
                }
            }
            set += 64 + blocks * 8;
            break;
        }
        default:
            return false;
        }
    }
}

Py_UCS4
kr_sre_lower_ascii(Py_UCS4 ch)
{
    return ch >= 'A' && ch <= 'Z' ? ch + 32 : ch;
}

Py_UCS4
kr_sre_lower_locale(Py_UCS4 ch)
{
    return ch < 256 ? (Py_UCS4)tolower((int)ch) : ch;
}

Py_UCS4
kr_sre_upper_locale(Py_UCS4 ch)
{
    return ch < 256 ? (Py_UCS4)toupper((int)ch) : ch;
}

Py_UCS4
kr_sre_lower_unicode(Py_UCS4 ch)
{
    return Py_UNICODE_TOLOWER(ch);
}

bool
kr_sre_in_locale(const KrSreCode *set, Py_UCS4 ch)
{
    Py_UCS4 lower = kr_sre_lower_locale(ch), upper = kr_sre_upper_locale(ch);
    return kr_sre_charset(set, lower) || (upper != lower && kr_sre_charset(set, upper));
}

bool
kr_sre_item(const KrSreCode *code, Py_UCS4 ch)
{
    switch (*code) {
    case SRE_ANY:
        return ch != '\n';
    case SRE_ANY_ALL:
        return true;
    case SRE_LITERAL:
        return ch == code[1];
    case SRE_NOT_LITERAL:
        return ch != code[1];
    case SRE_IN:
        return kr_sre_charset(code + 2, ch);
    case SRE_INFO: // its set of first characters
        return kr_sre_charset(code + 5, ch);
    case SRE_CATEGORY:
        return kr_sre_category(code[1], ch);
    case SRE_IN_IGNORE:
        return kr_sre_charset(code + 2, kr_sre_lower_ascii(ch));
    case SRE_IN_UNI_IGNORE:
        return kr_sre_charset(code + 2, kr_sre_lower_unicode(ch));
    case SRE_IN_LOC_IGNORE:
        return kr_sre_in_locale(code + 2, ch);
    case SRE_LITERAL_IGNORE:
        return kr_sre_lower_ascii(ch) == code[1];
    case SRE_NOT_LITERAL_IGNORE:
        return kr_sre_lower_ascii(ch) != code[1];
    case SRE_LITERAL_UNI_IGNORE:
        return kr_sre_lower_unicode(ch) == code[1];
    case SRE_NOT_LITERAL_UNI_IGNORE:
        return kr_sre_lower_unicode(ch) != code[1];
    case SRE_LITERAL_LOC_IGNORE:
    case SRE_NOT_LITERAL_LOC_IGNORE: {
        bool same = ch == code[1] || kr_sre_lower_locale(ch) == code[1] ||
                    kr_sre_upper_locale(ch) == code[1];
        return same == (*code == SRE_LITERAL_LOC_IGNORE);
    }
    default:
        return false;
    }
}

KrSreEntry *
kr_sre_push_slow(KrSreState *state)
{
    Py_ssize_t room = state->room == 0 ? 64 : state->room * 2;
    bool local = state->stack == state->local_stack;
    KrSreEntry *stack =
        PyMem_Realloc(local ? NULL : state->stack, (size_t)room * sizeof *stack);
    if (stack == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    if (local) {
        memcpy(stack, state->local_stack, sizeof state->local_stack);
    }
    state->stack = stack;
    state->room = room;
    return &stack[state->depth++];
}

int32_t
kr_sre_new_loop(KrSreState *state)
{
    if (state->nloops == state->loops_room) {
        int32_t room = state->loops_room == 0 ? 16 : state->loops_room * 2;
        KrSreLoop *loops = room <= 0 ? NULL
                                     : PyMem_Realloc(state->loops,
                                                     (size_t)room * sizeof *loops);
        if (loops == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        state->loops = loops;
        state->loops_room = room;
    }
    return state->nloops++;
}

// --- Validation --------------------------------------------------------------------------

static bool
valid_charset(const KrSreCode *at, const KrSreCode *end)
{
    while (at < end) {
        switch (*at++) {
        case SRE_FAILURE:
            return at == end;
        case SRE_NEGATE:
            break;
        case SRE_LITERAL:
            at++;
            break;
        case SRE_RANGE:
        case SRE_RANGE_UNI_IGNORE:
            at += 2;
            break;
        case SRE_CATEGORY:
            if (at >= end || *at++ >= SRE_CAT_COUNT) {
                return false;
            }
            break;
        case SRE_CHARSET:
            at += 8;
            break;
        case SRE_BIGCHARSET: {
            if (end - at < 65) {
                return false;
            }
            KrSreCode blocks = *at++;
            for (int i = 0; i < 256; i++) {
                if (((const unsigned char *)at)[i] >= blocks) {
                    return false;
                }
            }
            if (blocks > 256) {
                return false;
            }
            at += 64 + blocks * 8;
            break;
        }
        default:
            return false;
        }
    }
    return false;
}

#define NEED(n)                                                                \
    do {                                                                       \
        if (end - at < (ptrdiff_t)(n)) {                                       \
            return false;                                                      \
        }                                                                      \
    } while (0)

// Checks [at, end); what stands behind end is the caller's matter.
static bool
valid_inner(const KrSreCode *at, const KrSreCode *end, Py_ssize_t groups, int depth)
{
    if (depth > 10000 || at > end) {
        return false;
    }
    while (at < end) {
        KrSreCode op = *at, skip;
        switch (op) {
        case SRE_SUCCESS:
        case SRE_FAILURE:
        case SRE_ANY:
        case SRE_ANY_ALL:
            at++;
            break;
        case SRE_MARK:
            NEED(2);
            if (at[1] >= 2 * (size_t)groups) {
                return false;
            }
            at += 2;
            break;
        case SRE_LITERAL:
        case SRE_NOT_LITERAL:
        case SRE_LITERAL_IGNORE:
        case SRE_NOT_LITERAL_IGNORE:
        case SRE_LITERAL_UNI_IGNORE:
        case SRE_NOT_LITERAL_UNI_IGNORE:
        case SRE_LITERAL_LOC_IGNORE:
        case SRE_NOT_LITERAL_LOC_IGNORE:
            NEED(2);
            at += 2;
            break;
        case SRE_AT:
            NEED(2);
            if (at[1] >= SRE_AT_COUNT) {
                return false;
            }
            at += 2;
            break;
        case SRE_CATEGORY:
            NEED(2);
            if (at[1] >= SRE_CAT_COUNT) {
                return false;
            }
            at += 2;
            break;
        case SRE_GROUPREF:
        case SRE_GROUPREF_IGNORE:
        case SRE_GROUPREF_UNI_IGNORE:
        case SRE_GROUPREF_LOC_IGNORE:
            NEED(2);
            if (at[1] >= (size_t)groups) {
                return false;
            }
            at += 2;
            break;
        case SRE_IN:
        case SRE_IN_IGNORE:
        case SRE_IN_UNI_IGNORE:
        case SRE_IN_LOC_IGNORE:
            NEED(2);
            skip = at[1];
            NEED(1 + (size_t)skip);
            if (skip < 2 || !valid_charset(at + 2, at + 1 + skip)) {
                return false;
            }
            at += 1 + skip;
            break;
        case SRE_INFO:
            NEED(5);
            skip = at[1];
            NEED(1 + (size_t)skip);
            if (skip < 4) {
                return false;
            }
            if (at[2] & SRE_INFO_PREFIX) {
                if (skip < 6 || at[5] > skip || skip < 6 + 2 * at[5] - 0) {
                    return false;
                }
            }
            else if ((at[2] & SRE_INFO_CHARSET) && !valid_charset(at + 5, at + 1 + skip)) {
                return false;
            }
            at += 1 + skip;
            break;
        case SRE_JUMP:
            // The end of an alternative: checked by BRANCH and GROUPREF_EXISTS.
            NEED(2);
            skip = at[1];
            NEED(1 + (size_t)skip);
            at += 2;
            break;
        case SRE_BRANCH: {
            const KrSreCode *alternative = at + 1;
            for (;;) {
                if (alternative >= end) {
                    return false;
                }
                skip = *alternative;
                if (skip == 0) {
                    break;
                }
                if (skip < 3 || end - alternative < (ptrdiff_t)skip ||
                    !valid_inner(alternative + 1, alternative + skip - 2, groups, depth + 1) ||
                    alternative[skip - 2] != SRE_JUMP ||
                    end - (alternative + skip - 1) < (ptrdiff_t)alternative[skip - 1]) {
                    return false;
                }
                alternative += skip;
            }
            at = alternative + 1;
            break;
        }
        case SRE_REPEAT_ONE:
        case SRE_MIN_REPEAT_ONE:
        case SRE_POSSESSIVE_REPEAT_ONE:
            NEED(5);
            skip = at[1];
            NEED(1 + (size_t)skip);
            if (skip < 4 || at[2] > at[3] || at[skip] != SRE_SUCCESS ||
                !valid_inner(at + 4, at + skip, groups, depth + 1)) {
                return false;
            }
            at += 1 + skip;
            break;
        case SRE_REPEAT:
        case SRE_POSSESSIVE_REPEAT: {
            NEED(5);
            skip = at[1];
            NEED(2 + (size_t)skip);
            KrSreCode until = at[1 + skip];
            if (skip < 3 || at[2] > at[3] ||
                !valid_inner(at + 4, at + 1 + skip, groups, depth + 1) ||
                (op == SRE_REPEAT ? until != SRE_MAX_UNTIL && until != SRE_MIN_UNTIL
                                  : until != SRE_SUCCESS)) {
                return false;
            }
            at += 2 + skip;
            break;
        }
        case SRE_ATOMIC_GROUP:
            NEED(3);
            skip = at[1];
            NEED(1 + (size_t)skip);
            if (skip < 2 || at[skip] != SRE_SUCCESS ||
                !valid_inner(at + 2, at + skip, groups, depth + 1)) {
                return false;
            }
            at += 1 + skip;
            break;
        case SRE_ASSERT:
        case SRE_ASSERT_NOT:
            NEED(4);
            skip = at[1];
            NEED(1 + (size_t)skip);
            if (skip < 3 || at[skip] != SRE_SUCCESS || (at[2] & 0x80000000) ||
                !valid_inner(at + 3, at + skip, groups, depth + 1)) {
                return false;
            }
            at += 1 + skip;
            break;
        case SRE_GROUPREF_EXISTS:
            NEED(3);
            skip = at[2]; // may lead to the very end
            NEED(1 + (size_t)skip);
            if (skip < 2 || at[1] >= (size_t)groups) {
                return false;
            }
            at += 3;
            break;
        default:
            return false;
        }
    }
    return at == end;
}

bool
kr_sre_validate(const KrSreCode *code, Py_ssize_t n, Py_ssize_t groups)
{
    return groups >= 0 && groups <= KR_SRE_MAXGROUPS && n > 0 && code[n - 1] == SRE_SUCCESS &&
           valid_inner(code, code + n - 1, groups, 0);
}
