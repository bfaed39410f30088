// SPDX-License-Identifier: MIT
// engine.h - the matcher for one character width: included by engine_N.c with
// CHAR (the type of a character) and NAME(x) (x with the width behind) defined.
#include "modules/sre/sre.h"

static inline KrSreEntry *
NAME(push)(KrSreState *state)
{
    return KR_LIKELY(state->depth < state->room) ? &state->stack[state->depth++]
                                                 : kr_sre_push_slow(state);
}

static bool
NAME(at)(const KrSreState *state, KrSreCode where, Py_ssize_t pos)
{
    const CHAR *text = state->data;
    bool before, after;
    switch (where) {
    case SRE_AT_BEGINNING:
    case SRE_AT_BEGINNING_STRING:
        return pos == 0;
    case SRE_AT_BEGINNING_LINE:
        return pos == 0 || text[pos - 1] == '\n';
    case SRE_AT_END:
        return pos == state->end || (pos == state->end - 1 && text[pos] == '\n');
    case SRE_AT_END_LINE:
        return pos == state->end || text[pos] == '\n';
    case SRE_AT_END_STRING:
        return pos == state->end;
    default:
        break;
    }
    if (state->end == 0) {
        return where == SRE_AT_NON_BOUNDARY || where == SRE_AT_LOC_NON_BOUNDARY ||
               where == SRE_AT_UNI_NON_BOUNDARY;
    }
    KrSreCode word = where == SRE_AT_BOUNDARY || where == SRE_AT_NON_BOUNDARY ? SRE_CAT_WORD
                     : where == SRE_AT_LOC_BOUNDARY || where == SRE_AT_LOC_NON_BOUNDARY
                         ? SRE_CAT_LOC_WORD : SRE_CAT_UNI_WORD;
    before = pos > 0 && kr_sre_category(word, text[pos - 1]);
    after = pos < state->end && kr_sre_category(word, text[pos]);
    bool boundary = where == SRE_AT_BOUNDARY || where == SRE_AT_LOC_BOUNDARY ||
                    where == SRE_AT_UNI_BOUNDARY;
    return (before != after) == boundary;
}

// How many of the characters from pos on the single-character item at code
// matches, at most max.
static Py_ssize_t
NAME(count)(const KrSreState *state, const KrSreCode *code, Py_ssize_t pos, Py_ssize_t max)
{
    const CHAR *text = state->data;
    const CHAR *at = text + pos, *end = text + state->end;
    Py_UCS4 want;
    if (max < end - at) {
        end = at + max;
    }
    while (*code == SRE_SUBPATTERN) {
        code++;
    }
    switch (*code) {
    case SRE_ANY:
        while (at < end && *at != '\n') {
            at++;
        }
        break;
    case SRE_ANY_ALL:
        at = end;
        break;
    case SRE_LITERAL:
        want = code[1];
        while (at < end && *at == want) {
            at++;
        }
        break;
    case SRE_NOT_LITERAL:
        want = code[1];
        while (at < end && *at != want) {
            at++;
        }
        break;
    case SRE_IN:
        code += 2;
        if (*code == SRE_CHARSET) {
            // One bitmap of 256 bits is the common form.
            const KrSreCode *bits = code + 1, *rest = code + 9;
            bool plain = *rest == SRE_FAILURE;
            while (at < end) {
                Py_UCS4 ch = *at;
                if (ch < 256 && (bits[ch >> 5] >> (ch & 31) & 1)) {
                    at++;
                }
                else if (plain || !kr_sre_charset(code, ch)) {
                    break;
                }
                else {
                    at++;
                }
            }
        }
        else {
            while (at < end && kr_sre_charset(code, *at)) {
                at++;
            }
        }
        break;
    case SRE_CATEGORY:
        while (at < end && kr_sre_category(code[1], *at)) {
            at++;
        }
        break;
    case SRE_IN_IGNORE:
        while (at < end && kr_sre_charset(code + 2, kr_sre_lower_ascii(*at))) {
            at++;
        }
        break;
    case SRE_IN_UNI_IGNORE:
        while (at < end && kr_sre_charset(code + 2, kr_sre_lower_unicode(*at))) {
            at++;
        }
        break;
    case SRE_IN_LOC_IGNORE:
        while (at < end && kr_sre_in_locale(code + 2, *at)) {
            at++;
        }
        break;
    case SRE_LITERAL_IGNORE:
        while (at < end && kr_sre_lower_ascii(*at) == code[1]) {
            at++;
        }
        break;
    case SRE_NOT_LITERAL_IGNORE:
        while (at < end && kr_sre_lower_ascii(*at) != code[1]) {
            at++;
        }
        break;
    case SRE_LITERAL_UNI_IGNORE:
        while (at < end && kr_sre_lower_unicode(*at) == code[1]) {
            at++;
        }
        break;
    case SRE_NOT_LITERAL_UNI_IGNORE:
        while (at < end && kr_sre_lower_unicode(*at) != code[1]) {
            at++;
        }
        break;
    case SRE_LITERAL_LOC_IGNORE:
    case SRE_NOT_LITERAL_LOC_IGNORE:
        while (at < end && ((*at == code[1] || kr_sre_lower_locale(*at) == code[1] ||
                             kr_sre_upper_locale(*at) == code[1]) ==
                            (*code == SRE_LITERAL_LOC_IGNORE))) {
            at++;
        }
        break;
    default:
        break;
    }
    return at - (text + pos);
}

static void
NAME(undo)(KrSreState *state, const KrSreEntry *entry, int32_t *current)
{
    switch (entry->kind) {
    case SRE_UNDO_MARK:
        state->marks[entry->ip] = entry->pos;
        state->lastindex = entry->low;
        break;
    case SRE_UNDO_LOOP:
        state->loops[entry->ip].last = entry->pos;
        state->loops[entry->ip].count = entry->extra;
        break;
    case SRE_UNDO_CURRENT:
        *current = (int32_t)entry->low;
        if (entry->extra >= 0) {
            state->nloops = (int32_t)entry->extra;
        }
        break;
    default:
        break;
    }
}

// Drops the choices above `base`, keeping what has to be undone later.
static void
NAME(cut)(KrSreState *state, Py_ssize_t base)
{
    Py_ssize_t out = base;
    for (Py_ssize_t i = base; i < state->depth; i++) {
        uint32_t kind = state->stack[i].kind;
        if (kind >= SRE_UNDO_MARK && kind <= SRE_UNDO_CURRENT) {
            state->stack[out++] = state->stack[i];
        }
    }
    state->depth = out;
}

#define PUSH(k, i, p, l, e)                                                    \
    do {                                                                       \
        KrSreEntry *pushed_ = NAME(push)(state);                               \
        if (pushed_ == NULL) {                                                 \
            return -1;                                                         \
        }                                                                      \
        *pushed_ = (KrSreEntry){(k), (uint32_t)(i), (p), (l), (e)};            \
    } while (0)

int
NAME(kr_sre_match)(KrSreState *state, Py_ssize_t pos, Py_ssize_t *end_out)
{
    const KrSreCode *const code = state->code;
    const CHAR *const text = state->data;
    const Py_ssize_t end = state->end;
    const Py_ssize_t floor = state->depth;
    int32_t current = -1;     // index of the innermost loop
    Py_ssize_t sub = -1;      // stack index of the innermost sub-match
    uint32_t ip = 0;
    Py_ssize_t n, min, max;

    state->start = pos;
    for (;;) {
        switch (code[ip]) {
        case SRE_FAILURE:
            goto fail;
        case SRE_SUCCESS:
            if (sub >= 0) {
                goto sub_success;
            }
            if ((state->full && pos != end) ||
                (pos == state->must_advance && pos == state->start)) {
                goto fail;
            }
            *end_out = pos;
            state->depth = floor;
            state->nloops = 0;
            return 1;
        case SRE_AT:
            if (!NAME(at)(state, code[ip + 1], pos)) {
                goto fail;
            }
            ip += 2;
            continue;
        case SRE_ANY:
            if (pos >= end || text[pos] == '\n') {
                goto fail;
            }
            pos++;
            ip++;
            continue;
        case SRE_ANY_ALL:
            if (pos >= end) {
                goto fail;
            }
            pos++;
            ip++;
            continue;
        case SRE_LITERAL:
            if (pos >= end || text[pos] != code[ip + 1]) {
                goto fail;
            }
            pos++;
            ip += 2;
            continue;
        case SRE_NOT_LITERAL:
            if (pos >= end || text[pos] == code[ip + 1]) {
                goto fail;
            }
            pos++;
            ip += 2;
            continue;
        case SRE_LITERAL_IGNORE:
        case SRE_NOT_LITERAL_IGNORE:
        case SRE_LITERAL_UNI_IGNORE:
        case SRE_NOT_LITERAL_UNI_IGNORE:
        case SRE_LITERAL_LOC_IGNORE:
        case SRE_NOT_LITERAL_LOC_IGNORE:
        case SRE_CATEGORY:
            if (pos >= end || NAME(count)(state, code + ip, pos, 1) == 0) {
                goto fail;
            }
            pos++;
            ip += 2;
            continue;
        case SRE_IN:
            if (pos >= end || !kr_sre_charset(code + ip + 2, text[pos])) {
                goto fail;
            }
            pos++;
            ip += 1 + code[ip + 1];
            continue;
        case SRE_IN_IGNORE:
        case SRE_IN_UNI_IGNORE:
        case SRE_IN_LOC_IGNORE:
            if (pos >= end || NAME(count)(state, code + ip, pos, 1) == 0) {
                goto fail;
            }
            pos++;
            ip += 1 + code[ip + 1];
            continue;
        case SRE_JUMP:
        case SRE_INFO:
            ip += 1 + code[ip + 1];
            continue;
        case SRE_MARK: {
            uint32_t mark = code[ip + 1];
            PUSH(SRE_UNDO_MARK, mark, state->marks[mark], state->lastindex, 0);
            state->marks[mark] = pos;
            if (mark & 1) {
                state->lastindex = mark / 2 + 1;
            }
            ip += 2;
            continue;
        }
        case SRE_BRANCH:
            ip++;
        next_branch:
            for (; code[ip] != 0; ip += code[ip]) {
                // Alternatives that begin with another character need no try.
                uint32_t first = ip + 1;
                if (code[first] == SRE_LITERAL &&
                    (pos >= end || text[pos] != code[first + 1])) {
                    continue;
                }
                if (code[first] == SRE_IN &&
                    (pos >= end || !kr_sre_charset(code + first + 2, text[pos]))) {
                    continue;
                }
                break;
            }
            if (code[ip] == 0) {
                goto fail;
            }
            PUSH(SRE_TRY, ip, pos, 0, 0);
            ip++;
            continue;
        case SRE_REPEAT_ONE:
            min = code[ip + 2];
            max = code[ip + 3] == KR_SRE_MAXREPEAT ? PY_SSIZE_T_MAX : (Py_ssize_t)code[ip + 3];
            if (end - pos < min) {
                goto fail;
            }
            n = NAME(count)(state, code + ip + 4, pos, max);
            if (n < min) {
                goto fail;
            }
            if (n > min) {
                PUSH(SRE_TRY_SHORTER, ip + 1 + code[ip + 1], pos + n, pos + min, 0);
            }
            pos += n;
            ip += 1 + code[ip + 1];
            continue;
        case SRE_POSSESSIVE_REPEAT_ONE:
            min = code[ip + 2];
            max = code[ip + 3] == KR_SRE_MAXREPEAT ? PY_SSIZE_T_MAX : (Py_ssize_t)code[ip + 3];
            n = NAME(count)(state, code + ip + 4, pos, max);
            if (n < min) {
                goto fail;
            }
            pos += n;
            ip += 1 + code[ip + 1];
            continue;
        case SRE_MIN_REPEAT_ONE:
            min = code[ip + 2];
            max = code[ip + 3] == KR_SRE_MAXREPEAT ? PY_SSIZE_T_MAX : (Py_ssize_t)code[ip + 3];
            if (min > 0) {
                if (end - pos < min || NAME(count)(state, code + ip + 4, pos, min) < min) {
                    goto fail;
                }
            }
            if (max > min) {
                PUSH(SRE_TRY_LONGER, ip, pos + min, max - min, 0);
            }
            pos += min;
            ip += 1 + code[ip + 1];
            continue;
        case SRE_REPEAT: {
            int32_t loop = kr_sre_new_loop(state);
            if (loop < 0) {
                return -1;
            }
            PUSH(SRE_UNDO_CURRENT, 0, 0, current, loop);
            state->loops[loop] = (KrSreLoop){ip, current, -1, -1};
            current = loop;
            ip += 1 + code[ip + 1]; // the UNTIL
            continue;
        }
        case SRE_MAX_UNTIL: {
            KrSreLoop *loop = &state->loops[current];
            int64_t count = loop->count + 1;
            uint32_t repeat = loop->ip;
            if ((state->ticks++ & 0xfff) == 0xfff && PyErr_CheckSignals() < 0) {
                return -1;
            }
            if (count < (int64_t)code[repeat + 2]) {
                PUSH(SRE_UNDO_LOOP, current, loop->last, 0, loop->count);
                loop->count = count;
                ip = repeat + 4;
                continue;
            }
            if ((code[repeat + 3] == KR_SRE_MAXREPEAT || count < (int64_t)code[repeat + 3]) &&
                pos != loop->last) {
                PUSH(SRE_TRY_TAIL, ip, pos, current, 0);
                PUSH(SRE_UNDO_LOOP, current, loop->last, 0, loop->count);
                loop->count = count;
                loop->last = pos;
                ip = repeat + 4;
                continue;
            }
            goto loop_tail;
        }
        case SRE_MIN_UNTIL: {
            KrSreLoop *loop = &state->loops[current];
            int64_t count = loop->count + 1;
            uint32_t repeat = loop->ip;
            if (count < (int64_t)code[repeat + 2]) {
                PUSH(SRE_UNDO_LOOP, current, loop->last, 0, loop->count);
                loop->count = count;
                ip = repeat + 4;
                continue;
            }
            if (!(count >= (int64_t)code[repeat + 3] &&
                  code[repeat + 3] != KR_SRE_MAXREPEAT) &&
                pos != loop->last) {
                PUSH(SRE_TRY_BODY, ip, pos, current, count);
            }
            goto loop_tail;
        }
        case SRE_GROUPREF:
        case SRE_GROUPREF_IGNORE:
        case SRE_GROUPREF_UNI_IGNORE:
        case SRE_GROUPREF_LOC_IGNORE: {
            Py_ssize_t from = state->marks[2 * code[ip + 1]];
            Py_ssize_t to = state->marks[2 * code[ip + 1] + 1];
            if (from < 0 || to < from || to - from > end - pos) {
                goto fail;
            }
            KrSreCode op = code[ip];
            for (; from < to; from++, pos++) {
                Py_UCS4 a = text[from], b = text[pos];
                if (op == SRE_GROUPREF_IGNORE) {
                    a = kr_sre_lower_ascii(a);
                    b = kr_sre_lower_ascii(b);
                }
                else if (op == SRE_GROUPREF_UNI_IGNORE) {
                    a = kr_sre_lower_unicode(a);
                    b = kr_sre_lower_unicode(b);
                }
                else if (op == SRE_GROUPREF_LOC_IGNORE) {
                    a = kr_sre_lower_locale(a);
                    b = kr_sre_lower_locale(b);
                }
                if (a != b) {
                    goto fail;
                }
            }
            ip += 2;
            continue;
        }
        case SRE_GROUPREF_EXISTS: {
            Py_ssize_t from = state->marks[2 * code[ip + 1]];
            Py_ssize_t to = state->marks[2 * code[ip + 1] + 1];
            ip += from < 0 || to < from ? 1 + code[ip + 2] : 3;
            continue;
        }
        case SRE_ASSERT:
        case SRE_ASSERT_NOT: {
            bool negative = code[ip] == SRE_ASSERT_NOT;
            Py_ssize_t back = code[ip + 2];
            if (pos < back) {
                if (!negative) {
                    goto fail;
                }
                ip += 1 + code[ip + 1];
                continue;
            }
            PUSH(negative ? SRE_SUB_ASSERT_NOT : SRE_SUB_ASSERT, ip, pos, sub, current);
            sub = state->depth - 1;
            pos -= back;
            ip += 3;
            continue;
        }
        case SRE_ATOMIC_GROUP:
            PUSH(SRE_SUB_ATOMIC, ip, pos, sub, current);
            sub = state->depth - 1;
            ip += 2;
            continue;
        case SRE_POSSESSIVE_REPEAT:
            // extra: complete bodies; the loop around is restored by balance.
            if (code[ip + 3] == 0) {
                ip += 2 + code[ip + 1];
                continue;
            }
            PUSH(SRE_SUB_POSSESSIVE, ip, pos, sub, 0);
            sub = state->depth - 1;
            ip += 4;
            continue;
        default:
            PyErr_SetString(PyExc_RuntimeError, "invalid SRE code");
            return -1;
        }

    loop_tail:
        PUSH(SRE_UNDO_CURRENT, 0, 0, current, -1);
        current = state->loops[current].outer;
        ip++;
        continue;

    sub_success: {
        KrSreEntry entry = state->stack[sub];
        switch (entry.kind) {
        case SRE_SUB_ATOMIC:
        case SRE_SUB_ASSERT:
            NAME(cut)(state, sub);
            current = (int32_t)entry.extra;
            sub = entry.low;
            ip = entry.ip + 1 + code[entry.ip + 1];
            if (entry.kind == SRE_SUB_ASSERT) {
                pos = entry.pos;
            }
            continue;
        case SRE_SUB_ASSERT_NOT:
            while (state->depth > sub + 1) {
                NAME(undo)(state, &state->stack[--state->depth], &current);
            }
            state->depth--;
            current = (int32_t)entry.extra;
            sub = entry.low;
            goto fail;
        default: { // possessive
            uint32_t repeat = entry.ip;
            int64_t count = entry.extra + 1;
            NAME(cut)(state, sub);
            if ((code[repeat + 3] != KR_SRE_MAXREPEAT && count >= (int64_t)code[repeat + 3]) ||
                (pos == entry.pos && count >= (int64_t)code[repeat + 2])) {
                sub = entry.low;
                ip = repeat + 2 + code[repeat + 1];
                continue;
            }
            PUSH(SRE_SUB_POSSESSIVE, repeat, pos, entry.low, count);
            sub = state->depth - 1;
            ip = repeat + 4;
            continue;
        }
        }
    }

    fail:
        for (;;) {
            if (state->depth == floor) {
                state->nloops = 0;
                return 0;
            }
            KrSreEntry *top = &state->stack[state->depth - 1];
            switch (top->kind) {
            case SRE_TRY:
                ip = top->ip;
                pos = top->pos;
                state->depth--;
                ip += code[ip];
                goto next_branch;
            case SRE_TRY_SHORTER: {
                Py_ssize_t at = top->pos - 1, low = top->low;
                ip = top->ip;
                if ((state->ticks++ & 0xfff) == 0xfff && PyErr_CheckSignals() < 0) {
                    return -1;
                }
                if (code[ip] == SRE_LITERAL) {
                    Py_UCS4 want = code[ip + 1];
                    while (at >= low && (at >= end || text[at] != want)) {
                        at--;
                    }
                    if (at < low) {
                        state->depth--;
                        continue;
                    }
                }
                if (at == low) {
                    state->depth--;
                }
                else {
                    top->pos = at;
                }
                pos = at;
                break;
            }
            case SRE_TRY_LONGER: {
                uint32_t repeat = top->ip;
                Py_ssize_t at = top->pos;
                if ((state->ticks++ & 0xfff) == 0xfff && PyErr_CheckSignals() < 0) {
                    return -1;
                }
                if (at >= end || NAME(count)(state, code + repeat + 4, at, 1) == 0) {
                    state->depth--;
                    continue;
                }
                top->pos = at + 1;
                if (--top->low == 0) {
                    state->depth--;
                }
                pos = at + 1;
                ip = repeat + 1 + code[repeat + 1];
                break;
            }
            case SRE_TRY_TAIL:
                ip = top->ip;
                pos = top->pos;
                current = (int32_t)top->low;
                state->depth--;
                goto loop_tail;
            case SRE_TRY_BODY: {
                int64_t count = top->extra;
                pos = top->pos;
                current = (int32_t)top->low;
                state->depth--;
                KrSreLoop *loop = &state->loops[current];
                PUSH(SRE_UNDO_LOOP, current, loop->last, 0, loop->count);
                loop->count = count;
                loop->last = pos;
                ip = loop->ip + 4;
                break;
            }
            case SRE_SUB_ATOMIC:
            case SRE_SUB_ASSERT:
                sub = top->low;
                current = (int32_t)top->extra;
                state->depth--;
                continue;
            case SRE_SUB_ASSERT_NOT:
                pos = top->pos;
                ip = top->ip + 1 + code[top->ip + 1];
                sub = top->low;
                current = (int32_t)top->extra;
                state->depth--;
                break;
            case SRE_SUB_POSSESSIVE: {
                uint32_t repeat = top->ip;
                int64_t count = top->extra;
                pos = top->pos;
                sub = top->low;
                state->depth--;
                if (count < (int64_t)code[repeat + 2]) {
                    continue;
                }
                ip = repeat + 2 + code[repeat + 1];
                break;
            }
            default:
                NAME(undo)(state, top, &current);
                state->depth--;
                continue;
            }
            break;
        }
    }
}

int
NAME(kr_sre_search)(KrSreState *state, Py_ssize_t pos, Py_ssize_t *end_out)
{
    const KrSreCode *code = state->code;
    const CHAR *text = state->data;
    const KrSreCode *charset = NULL;
    bool has_first = false;
    Py_UCS4 first = 0;
    Py_ssize_t last = state->end, width = 0;

    if (code[0] == SRE_INFO) {
        // INFO skip flags min max [prefix_len prefix_skip prefix... overlap...] or set
        width = (Py_ssize_t)code[3];
        if ((code[2] & SRE_INFO_PREFIX) && code[5] > 0) {
            has_first = true;
            first = code[7];
        }
        else if (code[2] & SRE_INFO_CHARSET) {
            charset = code + 5;
        }
    }
    if (width > 1) {
        last -= width - 1;
        if (last < pos) {
            last = pos;
        }
    }
    for (;; pos++) {
        if (has_first) {
#if KR_SRE_BYTES
            const CHAR *found = pos < last && first < 256
                                    ? memchr(text + pos, (int)first, (size_t)(last - pos)) : NULL;
            if (found == NULL) {
                return 0;
            }
            pos = found - text;
#else
            while (pos < last && text[pos] != first) {
                pos++;
            }
            if (pos >= last) {
                return 0;
            }
#endif
        }
        else if (charset != NULL) {
            while (pos < last && !kr_sre_charset(charset, text[pos])) {
                pos++;
            }
            if (pos >= last) {
                return 0;
            }
        }
        int status = NAME(kr_sre_match)(state, pos, end_out);
        if (status != 0) {
            return status;
        }
        if (pos >= last || pos >= state->end) {
            return 0;
        }
        for (Py_ssize_t i = 0; i < state->nmarks; i++) {
            state->marks[i] = -1;
        }
        state->lastindex = -1;
    }
}

#undef PUSH
