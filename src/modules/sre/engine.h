// SPDX-License-Identifier: MIT
// engine.h - the matcher for one character width: included by engine_N.c with
// CHAR (the type of a character) and NAME(x) (x with the width behind) defined.
#include "modules/sre/sre.h"
#include "objects/str/str.h"

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

// Where ch stands first, or end.
static inline const CHAR *
NAME(find)(const CHAR *at, const CHAR *end, Py_UCS4 ch)
{
#if KR_SRE_BYTES
    // The next few by hand: mostly it is near, and a call costs as much.
    const CHAR *near = end - at > 8 ? at + 8 : end;
    for (; at < near; at++) {
        if (*at == ch) {
            return at;
        }
    }
    const CHAR *found = at < end && ch < 256
                            ? memchr(at, (int)ch, (size_t)(end - at)) : NULL;
    return found == NULL ? end : found;
#else
    while (at < end && *at != ch) {
        at++;
    }
    return at;
#endif
}

// Whether the item of one character at code[ip] matches ch.
static inline bool
NAME(one)(const KrSreState *state, uint32_t ip, Py_UCS4 ch)
{
    uint32_t number = state->set_of[ip];
    if (KR_LIKELY(number != 0 && ch < 256)) {
        return kr_sre_set_has(&state->sets[number], ch);
    }
    return kr_sre_item(state->code + ip, ch);
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
    switch (*code) {
    case SRE_ANY:
        at = NAME(find)(at, end, '\n');
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
        at = NAME(find)(at, end, code[1]);
        break;
    default: {
        uint32_t number = state->set_of[code - state->code];
        if (KR_LIKELY(number != 0)) {
            const KrSreSet *set = &state->sets[number];
#if KR_SRE_BYTES
            while (at < end && kr_sre_set_has(set, *at)) {
                at++;
            }
#else
            while (at < end && (*at < 256 ? kr_sre_set_has(set, *at)
                                          : kr_sre_item(code, *at))) {
                at++;
            }
#endif
        }
        else {
            while (at < end && kr_sre_item(code, *at)) {
                at++;
            }
        }
        break;
    }
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
            if (pos >= end || !NAME(one)(state, ip, text[pos])) {
                goto fail;
            }
            pos++;
            ip += 2;
            continue;
        case SRE_IN:
            if (pos >= end || !NAME(one)(state, ip, text[pos])) {
                goto fail;
            }
            pos++;
            ip += 1 + code[ip + 1];
            continue;
        case SRE_IN_IGNORE:
        case SRE_IN_UNI_IGNORE:
        case SRE_IN_LOC_IGNORE:
            if (pos >= end || !NAME(one)(state, ip, text[pos])) {
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
                    (pos >= end || !NAME(one)(state, first, text[pos]))) {
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
                if (at >= end || !NAME(one)(state, repeat + 4, text[at])) {
                    state->depth--;
                    continue;
                }
                uint32_t next = repeat + 1 + code[repeat + 1];
                if (code[next] == SRE_LITERAL &&
                    (at + 1 >= end || text[at + 1] != code[next + 1])) {
                    // What follows cannot match there: straight on to the next one.
                    top->pos = at + 1;
                    if (--top->low == 0) {
                        state->depth--;
                    }
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
    bool has_set = false;
    CHAR prefix[KR_SRE_PREFIX];
    Py_ssize_t last = state->end, width = 0, nprefix = 0;

    if (code[0] == SRE_INFO) {
        // INFO skip flags min max [prefix_len prefix_skip prefix... overlap...] or set
        width = (Py_ssize_t)code[3];
        if (code[2] & SRE_INFO_PREFIX) {
            nprefix = code[5] < KR_SRE_PREFIX ? (Py_ssize_t)code[5] : KR_SRE_PREFIX;
            for (Py_ssize_t i = 0; i < nprefix; i++) {
                prefix[i] = (CHAR)code[7 + i];
                if ((KrSreCode)prefix[i] != code[7 + i]) {
                    return 0; // no text of this width has it
                }
            }
        }
        else if (code[2] & SRE_INFO_CHARSET) {
            has_set = true;
        }
    }
    if (width > 1) {
        last -= width - 1;
        if (last < pos) {
            last = pos;
        }
    }
    for (;; pos++) {
        if (nprefix > 0) {
            if (pos >= last) {
                return 0;
            }
            Py_ssize_t found = kr_items_find(sizeof(CHAR), text + pos, state->end - pos,
                                             prefix, nprefix);
            if (found < 0 || pos + found >= last) {
                return 0;
            }
            pos += found;
        }
        else if (has_set) {
            while (pos < last && !NAME(one)(state, 0, text[pos])) {
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
