// SPDX-License-Identifier: MIT
// codegen_match.c - match statements.
//
// The code of a pattern takes the subject from the top of the stack. When it fails it
// jumps to one of the labels `fail`, which is chosen by how many values have to be popped
// first; captures wait on the stack (below what a pattern still works on) until the whole
// pattern has matched.

#include "compile/codegen.h"

typedef struct {
    PyObject **stores;    // names captured so far, in stack order
    int store_count;
    int store_capacity;
    bool allow_irrefutable;
    int *fail;            // label that pops as many values as its index
    int fail_count;
    int fail_capacity;
    int on_top;           // values of the pattern above the captures
} Match;

static void codegen_pattern(KrCompiler *c, KrPattern *p, Match *m);

static bool
is_wildcard(const KrPattern *p)
{
    return p->kind == KR_PATTERN_MatchAs && p->v.MatchAs.name == NULL;
}

static bool
is_star_wildcard(const KrPattern *p)
{
    return p->kind == KR_PATTERN_MatchStar && p->v.MatchStar.name == NULL;
}

static void
ensure_fail_labels(KrCompiler *c, Match *m, int count)
{
    while (m->fail_count < count && !c->failed) {
        if (m->fail_count == m->fail_capacity) {
            int capacity = m->fail_capacity ? m->fail_capacity * 2 : 8;
            int *labels = kr_compiler_alloc(c, (size_t)capacity * sizeof(*labels));
            if (labels == NULL) {
                return;
            }
            if (m->fail_count > 0) {
                memcpy(labels, m->fail, (size_t)m->fail_count * sizeof(*labels));
            }
            m->fail = labels;
            m->fail_capacity = capacity;
        }
        m->fail[m->fail_count++] = kr_label_new(c);
    }
}

static void
jump_to_fail(KrCompiler *c, KrLocation loc, Match *m, int op)
{
    int pops = m->on_top + m->store_count;
    ensure_fail_labels(c, m, pops + 1);
    if (!c->failed) {
        kr_emit(c, loc, op, m->fail[pops]);
    }
}

// Emits the chain of pops that the failing jumps lead to.
static void
emit_fail_pops(KrCompiler *c, KrLocation loc, Match *m)
{
    while (m->fail_count > 1 && !c->failed) {
        kr_label_use(c, m->fail[--m->fail_count]);
        kr_emit0(c, loc, KR_OP_POP_TOP);
    }
    if (m->fail_count == 1 && !c->failed) {
        kr_label_use(c, m->fail[0]);
        m->fail_count = 0;
    }
}

// Moves the top value below count - 1 others.
static void
rotate(KrCompiler *c, KrLocation loc, int count)
{
    while (count > 1) {
        kr_emit(c, loc, KR_OP_SWAP, count--);
    }
}

static void
add_store(KrCompiler *c, Match *m, PyObject *name)
{
    if (m->store_count == m->store_capacity) {
        int capacity = m->store_capacity ? m->store_capacity * 2 : 8;
        PyObject **stores = kr_compiler_alloc(c, (size_t)capacity * sizeof(*stores));
        if (stores == NULL) {
            return;
        }
        if (m->store_count > 0) {
            memcpy(stores, m->stores, (size_t)m->store_count * sizeof(*stores));
        }
        m->stores = stores;
        m->store_capacity = capacity;
    }
    m->stores[m->store_count++] = name;
}

static int
find_store(PyObject *const *stores, int count, PyObject *name)
{
    for (int i = 0; i < count; i++) {
        if (stores[i] == name) {
            return i;
        }
    }
    return -1;
}

static bool
check_new_store(KrCompiler *c, KrLocation loc, const Match *m, PyObject *name)
{
    if (find_store(m->stores, m->store_count, name) >= 0) {
        kr_compiler_error(c, loc, "multiple assignments to name %R in pattern", name);
        return false;
    }
    return true;
}

// Captures the top value; without a name it is dropped.
static void
capture(KrCompiler *c, KrLocation loc, const KrIdent *ident, Match *m)
{
    if (ident == NULL) {
        kr_emit0(c, loc, KR_OP_POP_TOP);
        return;
    }
    PyObject *name = kr_compiler_name(c, ident);
    if (name == NULL || !check_new_store(c, loc, m, name)) {
        return;
    }
    rotate(c, loc, m->on_top + m->store_count + 1);
    add_store(c, m, name);
}

static void
codegen_subpattern(KrCompiler *c, KrPattern *p, Match *m)
{
    bool allowed = m->allow_irrefutable;
    m->allow_irrefutable = true;
    codegen_pattern(c, p, m);
    m->allow_irrefutable = allowed;
}

static void
unpack_sequence(KrCompiler *c, KrLocation loc, const KrPatternSeq *patterns, Match *m)
{
    int count = KR_SEQ_LEN(patterns);
    bool starred = false;
    for (int i = 0; i < count; i++) {
        if (patterns->items[i]->kind != KR_PATTERN_MatchStar) {
            continue;
        }
        int after = count - i - 1;
        if (i >= 1 << 8 || after >= INT_MAX >> 8) {
            kr_compiler_error(c, loc,
                              "too many expressions in star-unpacking sequence pattern");
            return;
        }
        kr_emit(c, loc, KR_OP_UNPACK_EX, i + (after << 8));
        starred = true;
    }
    if (!starred) {
        kr_emit(c, loc, KR_OP_UNPACK_SEQUENCE, count);
    }
    m->on_top += count;
    for (int i = 0; i < count && !c->failed; i++) {
        m->on_top--;
        codegen_subpattern(c, patterns->items[i], m);
    }
}

// A sequence with an unnamed star: the items are fetched one by one.
static void
subscript_sequence(KrCompiler *c, KrLocation loc, const KrPatternSeq *patterns, int star,
                   Match *m)
{
    int count = KR_SEQ_LEN(patterns);
    m->on_top++;
    for (int i = 0; i < count && !c->failed; i++) {
        KrPattern *p = patterns->items[i];
        if (is_wildcard(p) || i == star) {
            continue;
        }
        kr_emit(c, loc, KR_OP_COPY, 1);
        if (i < star) {
            kr_codegen_const_int(c, loc, i);
        }
        else {
            kr_emit0(c, loc, KR_OP_GET_LEN);
            kr_codegen_const_int(c, loc, count - i);
            kr_emit(c, loc, KR_OP_BINARY_OP, KR_NB_SUBTRACT);
        }
        kr_emit(c, loc, KR_OP_BINARY_OP, KR_NB_SUBSCR);
        codegen_subpattern(c, p, m);
    }
    m->on_top--;
    kr_emit0(c, loc, KR_OP_POP_TOP);
}

static void
codegen_sequence_pattern(KrCompiler *c, KrPattern *p, Match *m)
{
    KrLocation loc = KR_LOC(p);
    const KrPatternSeq *patterns = p->v.MatchSequence.patterns;
    int count = KR_SEQ_LEN(patterns);
    int star = -1;
    bool only_wildcard = true;
    bool star_wildcard = false;
    for (int i = 0; i < count; i++) {
        const KrPattern *item = patterns->items[i];
        if (item->kind == KR_PATTERN_MatchStar) {
            if (star >= 0) {
                kr_compiler_error(c, loc,
                                  "multiple starred names in sequence pattern");
                return;
            }
            star_wildcard = is_star_wildcard(item);
            only_wildcard &= star_wildcard;
            star = i;
            continue;
        }
        only_wildcard &= is_wildcard(item);
    }
    m->on_top++;
    kr_emit0(c, loc, KR_OP_MATCH_SEQUENCE);
    jump_to_fail(c, loc, m, KR_OP_POP_JUMP_IF_FALSE);
    if (star < 0 || count > 1) {
        kr_emit0(c, loc, KR_OP_GET_LEN);
        kr_codegen_const_int(c, loc, star < 0 ? count : count - 1);
        kr_codegen_compare(c, loc, star < 0 ? KR_EQ : KR_GTE);
        jump_to_fail(c, loc, m, KR_OP_POP_JUMP_IF_FALSE);
    }
    m->on_top--;
    if (only_wildcard) {
        kr_emit0(c, loc, KR_OP_POP_TOP);
    }
    else if (star_wildcard) {
        subscript_sequence(c, loc, patterns, star, m);
    }
    else {
        unpack_sequence(c, loc, patterns, m);
    }
}

static void
codegen_as_pattern(KrCompiler *c, KrPattern *p, Match *m)
{
    KrLocation loc = KR_LOC(p);
    const KrIdent *name = p->v.MatchAs.name;
    if (p->v.MatchAs.pattern == NULL) {
        if (!m->allow_irrefutable) {
            if (name != NULL) {
                kr_compiler_error(c, loc,
                                  "name capture %R makes remaining patterns unreachable",
                                  kr_compiler_name(c, name));
            }
            else {
                kr_compiler_error(c, loc,
                                  "wildcard makes remaining patterns unreachable");
            }
            return;
        }
        capture(c, loc, name, m);
        return;
    }
    m->on_top++;
    kr_emit(c, loc, KR_OP_COPY, 1);
    codegen_pattern(c, p->v.MatchAs.pattern, m);
    m->on_top--;
    capture(c, loc, name, m);
}

static bool
check_keyword_attrs(KrCompiler *c, const KrIdentSeq *attrs, const KrPatternSeq *patterns)
{
    for (int i = 0; i < KR_SEQ_LEN(attrs); i++) {
        for (int j = i + 1; j < attrs->count; j++) {
            if (kr_compiler_name(c, attrs->items[i])
                == kr_compiler_name(c, attrs->items[j])) {
                kr_compiler_error(c, KR_LOC(patterns->items[j]),
                                  "attribute name repeated in class pattern: %U",
                                  kr_compiler_name(c, attrs->items[j]));
                return false;
            }
        }
    }
    return !c->failed;
}

static void
codegen_class_pattern(KrCompiler *c, KrPattern *p, Match *m)
{
    KrLocation loc = KR_LOC(p);
    const KrPatternSeq *patterns = p->v.MatchClass.patterns;
    const KrIdentSeq *attrs = p->v.MatchClass.kwd_attrs;
    const KrPatternSeq *named = p->v.MatchClass.kwd_patterns;
    int positional = KR_SEQ_LEN(patterns);
    int count = KR_SEQ_LEN(attrs);
    if (count != KR_SEQ_LEN(named)) {
        kr_compiler_error(
            c, loc, "kwd_attrs (%d) / kwd_patterns (%d) length mismatch in class pattern",
            count, KR_SEQ_LEN(named));
        return;
    }
    if (!check_keyword_attrs(c, attrs, named)) {
        return;
    }
    kr_codegen_expr(c, p->v.MatchClass.cls);
    PyObject *names = kr_compiler_keep(c, PyTuple_New(count));
    for (int i = 0; i < count && !c->failed; i++) {
        PyObject *name = kr_compiler_name(c, attrs->items[i]);
        if (name != NULL) {
            PyTuple_SET_ITEM(names, i, Py_NewRef(name));
        }
    }
    if (c->failed) {
        return;
    }
    kr_emit_const(c, loc, names);
    kr_emit(c, loc, KR_OP_MATCH_CLASS, positional);
    kr_emit(c, loc, KR_OP_COPY, 1);
    kr_emit_const(c, loc, Py_None);
    kr_emit(c, loc, KR_OP_IS_OP, 1);
    m->on_top++;
    jump_to_fail(c, loc, m, KR_OP_POP_JUMP_IF_FALSE);
    kr_emit(c, loc, KR_OP_UNPACK_SEQUENCE, positional + count);
    m->on_top += positional + count - 1;
    for (int i = 0; i < positional + count && !c->failed; i++) {
        m->on_top--;
        KrPattern *item =
            i < positional ? patterns->items[i] : named->items[i - positional];
        if (is_wildcard(item)) {
            kr_emit0(c, loc, KR_OP_POP_TOP);
            continue;
        }
        codegen_subpattern(c, item, m);
    }
}

static bool
codegen_mapping_keys(KrCompiler *c, KrLocation loc, const KrExprSeq *keys)
{
    int count = KR_SEQ_LEN(keys);
    PyObject **seen = kr_compiler_alloc(c, ((size_t)count + 1) * sizeof(*seen));
    for (int i = 0; i < count && !c->failed; i++) {
        KrExpr *key = keys->items[i];
        if (key == NULL) {
            kr_compiler_error(c, loc,
                              "can't use NULL keys in MatchMapping (set 'rest' "
                              "parameter instead)");
            return false;
        }
        if (key->kind == KR_EXPR_Constant) {
            PyObject *value = kr_compiler_const(c, key->v.Constant.value);
            for (int j = 0; j < i && value != NULL; j++) {
                int same = seen[j] != NULL
                               ? PyObject_RichCompareBool(seen[j], value, Py_EQ)
                               : 0;
                if (same < 0) {
                    kr_compiler_fail(c);
                    return false;
                }
                if (same) {
                    kr_compiler_error(c, loc,
                                      "mapping pattern checks duplicate key (%R)", value);
                    return false;
                }
            }
            seen[i] = value;
        }
        else if (key->kind != KR_EXPR_Attribute) {
            kr_compiler_error(c, loc,
                              "mapping pattern keys may only match literals and "
                              "attribute lookups");
            return false;
        }
        kr_codegen_expr(c, key);
    }
    return !c->failed;
}

static void
codegen_mapping_pattern(KrCompiler *c, KrPattern *p, Match *m)
{
    KrLocation loc = KR_LOC(p);
    const KrExprSeq *keys = p->v.MatchMapping.keys;
    const KrPatternSeq *patterns = p->v.MatchMapping.patterns;
    const KrIdent *rest = p->v.MatchMapping.rest;
    int count = KR_SEQ_LEN(keys);
    if (count != KR_SEQ_LEN(patterns)) {
        kr_compiler_error(c, loc,
                          "keys (%d) / patterns (%d) length mismatch in mapping pattern",
                          count, KR_SEQ_LEN(patterns));
        return;
    }
    m->on_top++;
    kr_emit0(c, loc, KR_OP_MATCH_MAPPING);
    jump_to_fail(c, loc, m, KR_OP_POP_JUMP_IF_FALSE);
    if (count == 0 && rest == NULL) {
        m->on_top--;
        kr_emit0(c, loc, KR_OP_POP_TOP);
        return;
    }
    if (count > 0) {
        kr_emit0(c, loc, KR_OP_GET_LEN);
        kr_codegen_const_int(c, loc, count);
        kr_codegen_compare(c, loc, KR_GTE);
        jump_to_fail(c, loc, m, KR_OP_POP_JUMP_IF_FALSE);
    }
    if (!codegen_mapping_keys(c, loc, keys)) {
        return;
    }
    kr_emit(c, loc, KR_OP_BUILD_TUPLE, count);
    kr_emit0(c, loc, KR_OP_MATCH_KEYS);
    // Now: subject, keys, values.
    m->on_top += 2;
    kr_emit(c, loc, KR_OP_COPY, 1);
    kr_emit_const(c, loc, Py_None);
    kr_emit(c, loc, KR_OP_IS_OP, 1);
    jump_to_fail(c, loc, m, KR_OP_POP_JUMP_IF_FALSE);
    kr_emit(c, loc, KR_OP_UNPACK_SEQUENCE, count);
    m->on_top += count - 1;
    for (int i = 0; i < count && !c->failed; i++) {
        m->on_top--;
        codegen_subpattern(c, patterns->items[i], m);
    }
    m->on_top -= 2;
    if (rest == NULL) {
        kr_emit0(c, loc, KR_OP_POP_TOP);
        kr_emit0(c, loc, KR_OP_POP_TOP);
        return;
    }
    // rest = dict(subject), without the keys.
    kr_emit(c, loc, KR_OP_BUILD_MAP, 0);
    kr_emit(c, loc, KR_OP_SWAP, 3);
    kr_emit(c, loc, KR_OP_DICT_UPDATE, 2);
    kr_emit(c, loc, KR_OP_UNPACK_SEQUENCE, count);
    for (int left = count; left > 0; left--) {
        kr_emit(c, loc, KR_OP_COPY, 1 + left);
        kr_emit(c, loc, KR_OP_SWAP, 2);
        kr_emit0(c, loc, KR_OP_DELETE_SUBSCR);
    }
    capture(c, loc, rest, m);
}

// Brings the captures of an alternative into the order of the first one.
static bool
align_stores(KrCompiler *c, KrLocation loc, Match *m, PyObject *const *control)
{
    for (int at = m->store_count - 1; at >= 0; at--) {
        int found = find_store(m->stores, m->store_count, control[at]);
        if (found < 0) {
            return false;
        }
        if (found == at) {
            continue;
        }
        // Rotate the first found + 1 names so that the wanted one lands at `at`.
        int rotations = found + 1;
        PyObject **copy =
            kr_compiler_alloc(c, (size_t)m->store_count * sizeof(*copy));
        if (copy == NULL) {
            return true;
        }
        int kept = 0;
        for (int i = rotations; i <= at; i++) {
            copy[kept++] = m->stores[i];
        }
        for (int i = 0; i < rotations; i++) {
            copy[kept++] = m->stores[i];
        }
        memcpy(m->stores, copy, (size_t)(at + 1) * sizeof(*copy));
        while (rotations-- > 0) {
            rotate(c, loc, at + 1);
        }
    }
    return true;
}

static void
codegen_or_pattern(KrCompiler *c, KrPattern *p, Match *m)
{
    KrLocation loc = KR_LOC(p);
    const KrPatternSeq *patterns = p->v.MatchOr.patterns;
    int count = KR_SEQ_LEN(patterns);
    int end = kr_label_new(c);
    Match old = *m;
    PyObject **control = NULL; // captures of the first alternative
    int control_count = 0;
    for (int i = 0; i < count && !c->failed; i++) {
        KrPattern *alternative = patterns->items[i];
        KrLocation at = KR_LOC(alternative);
        *m = (Match){
            .allow_irrefutable = i == count - 1 && old.allow_irrefutable,
        };
        kr_emit(c, at, KR_OP_COPY, 1);
        codegen_pattern(c, alternative, m);
        if (c->failed) {
            return;
        }
        if (i == 0) {
            control = m->stores;
            control_count = m->store_count;
        }
        else if (m->store_count != control_count || !align_stores(c, at, m, control)) {
            kr_compiler_error(c, loc, "alternative patterns bind different names");
            return;
        }
        kr_emit(c, at, KR_OP_JUMP, end);
        emit_fail_pops(c, at, m);
    }
    *m = old;
    // No alternative matched: drop the copy of the subject.
    kr_emit0(c, loc, KR_OP_POP_TOP);
    jump_to_fail(c, loc, m, KR_OP_JUMP);
    kr_label_use(c, end);
    int rotations = control_count + 1 + m->on_top + m->store_count;
    for (int i = 0; i < control_count && !c->failed; i++) {
        rotate(c, loc, rotations);
        if (!check_new_store(c, loc, m, control[i])) {
            return;
        }
        add_store(c, m, control[i]);
    }
    kr_emit0(c, loc, KR_OP_POP_TOP);
}

static void
codegen_value_pattern(KrCompiler *c, KrPattern *p, Match *m)
{
    KrLocation loc = KR_LOC(p);
    KrExpr *value = p->v.MatchValue.value;
    if (value->kind != KR_EXPR_Constant && value->kind != KR_EXPR_Attribute) {
        kr_compiler_error(c, loc,
                          "patterns may only match literals and attribute lookups");
        return;
    }
    kr_codegen_expr(c, value);
    kr_codegen_compare(c, loc, KR_EQ);
    kr_emit0(c, loc, KR_OP_TO_BOOL);
    jump_to_fail(c, loc, m, KR_OP_POP_JUMP_IF_FALSE);
}

static void
codegen_pattern_kind(KrCompiler *c, KrPattern *p, Match *m)
{
    switch (p->kind) {
    case KR_PATTERN_MatchValue:
        codegen_value_pattern(c, p, m);
        break;
    case KR_PATTERN_MatchSingleton:
        kr_emit_const(c, KR_LOC(p), kr_compiler_const(c, p->v.MatchSingleton.value));
        kr_codegen_compare(c, KR_LOC(p), KR_IS);
        jump_to_fail(c, KR_LOC(p), m, KR_OP_POP_JUMP_IF_FALSE);
        break;
    case KR_PATTERN_MatchSequence:
        codegen_sequence_pattern(c, p, m);
        break;
    case KR_PATTERN_MatchMapping:
        codegen_mapping_pattern(c, p, m);
        break;
    case KR_PATTERN_MatchClass:
        codegen_class_pattern(c, p, m);
        break;
    case KR_PATTERN_MatchStar:
        capture(c, KR_LOC(p), p->v.MatchStar.name, m);
        break;
    case KR_PATTERN_MatchAs:
        codegen_as_pattern(c, p, m);
        break;
    case KR_PATTERN_MatchOr:
        codegen_or_pattern(c, p, m);
        break;
    }
}

static void
codegen_pattern(KrCompiler *c, KrPattern *p, Match *m)
{
    if (kr_compiler_enter(c)) {
        codegen_pattern_kind(c, p, m);
        kr_compiler_leave(c);
    }
}

void
kr_codegen_match(KrCompiler *c, KrStmt *s)
{
    const KrMatchCaseSeq *cases = s->v.Match.cases;
    int count = KR_SEQ_LEN(cases);
    int end = kr_label_new(c);
    kr_codegen_expr(c, s->v.Match.subject);
    KrMatchCase *last = cases->items[count - 1];
    bool has_default = is_wildcard(last->pattern) && count > 1;
    for (int i = 0; i < count - has_default && !c->failed; i++) {
        KrMatchCase *match_case = cases->items[i];
        KrLocation loc = KR_LOC(match_case->pattern);
        bool keep_subject = i != count - has_default - 1;
        Match m = {
            .allow_irrefutable = match_case->guard != NULL || i == count - 1,
        };
        if (keep_subject) {
            kr_emit(c, loc, KR_OP_COPY, 1);
        }
        codegen_pattern(c, match_case->pattern, &m);
        for (int j = 0; j < m.store_count; j++) {
            kr_codegen_name(c, loc, m.stores[j], KR_STORE);
        }
        if (match_case->guard != NULL) {
            ensure_fail_labels(c, &m, 1);
            if (c->failed) {
                return;
            }
            kr_codegen_jump_if(c, loc, match_case->guard, m.fail[0], false);
        }
        if (keep_subject) {
            // Belongs to the first line of the body.
            kr_emit0(c, kr_next_loc, KR_OP_POP_TOP);
        }
        kr_codegen_stmts(c, match_case->body);
        kr_emit(c, kr_no_loc, KR_OP_JUMP, end);
        emit_fail_pops(c, loc, &m);
    }
    if (has_default && !c->failed) {
        KrLocation loc = KR_LOC(last->pattern);
        kr_emit0(c, loc, KR_OP_NOP);
        if (last->guard != NULL) {
            kr_codegen_jump_if(c, loc, last->guard, end, false);
        }
        kr_codegen_stmts(c, last->body);
    }
    kr_label_use(c, end);
}
