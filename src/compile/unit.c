// SPDX-License-Identifier: MIT
// unit.c - opens and closes code units, collects instructions, names and constants.
//
// Read next: unit.h, flow.h

#include "compile/unit.h"

#include "compile/assemble.h"
#include "objects/ids.h"

static void *
grow_array(KrCompiler *c, void *items, int count, int *capacity, size_t item_size)
{
    int larger = *capacity ? *capacity * 2 : 16;
    void *copy = kr_compiler_alloc(c, (size_t)larger * item_size);
    if (copy == NULL) {
        return NULL;
    }
    if (count > 0) {
        memcpy(copy, items, (size_t)count * item_size);
    }
    *capacity = larger;
    return copy;
}

KrInstrSeq *
kr_seq_new(KrCompiler *c)
{
    return kr_compiler_alloc(c, sizeof(KrInstrSeq));
}

static bool
seq_reserve(KrCompiler *c, KrInstrSeq *seq)
{
    if (seq->count == seq->capacity) {
        KrInstr *items = grow_array(c, seq->items, seq->count, &seq->capacity,
                                    sizeof(*items));
        if (items == NULL) {
            return false;
        }
        seq->items = items;
    }
    return true;
}

void
kr_emit(KrCompiler *c, KrLocation loc, int op, int arg)
{
    if (c->failed) {
        return;
    }
    KrInstrSeq *seq = c->unit->seq;
    if (seq_reserve(c, seq)) {
        seq->items[seq->count++] = (KrInstr){op, arg, loc};
    }
}

void
kr_seq_insert(KrCompiler *c, KrInstrSeq *seq, int index, KrInstr instr)
{
    if (c->failed || !seq_reserve(c, seq)) {
        return;
    }
    memmove(&seq->items[index + 1], &seq->items[index],
            (size_t)(seq->count - index) * sizeof(instr));
    seq->items[index] = instr;
    seq->count++;
    for (int i = 0; i < seq->label_count; i++) {
        if (seq->labels[i] >= index) {
            seq->labels[i]++;
        }
    }
}

int
kr_label_new(KrCompiler *c)
{
    if (c->failed) {
        return 0;
    }
    KrInstrSeq *seq = c->unit->seq;
    if (seq->label_count == seq->label_capacity) {
        int *labels = grow_array(c, seq->labels, seq->label_count,
                                 &seq->label_capacity, sizeof(*labels));
        if (labels == NULL) {
            return 0;
        }
        seq->labels = labels;
    }
    seq->labels[seq->label_count] = -1;
    return seq->label_count++;
}

void
kr_label_use(KrCompiler *c, int label)
{
    if (!c->failed) {
        c->unit->seq->labels[label] = c->unit->seq->count;
    }
}

int
kr_unit_add(KrCompiler *c, KrPtrMap *map, PyObject *key)
{
    if (c->failed || key == NULL) {
        return 0;
    }
    KrPtrEntry *entry = kr_ptrmap_find(map, key);
    if (entry != NULL) {
        return (int)entry->value;
    }
    int index = map->live;
    if (!kr_ptrmap_set(map, c->arena, key, index)) {
        kr_compiler_no_memory(c);
    }
    return index;
}

int
kr_unit_const(KrCompiler *c, PyObject *object)
{
    object = kr_compiler_canonical(c, object);
    return object != NULL ? kr_unit_add(c, &c->unit->consts, object) : 0;
}

void
kr_emit_const(KrCompiler *c, KrLocation loc, PyObject *object)
{
    kr_emit(c, loc, KR_OP_LOAD_CONST, kr_unit_const(c, object));
}

PyObject *
kr_unit_mangle(KrCompiler *c, PyObject *name)
{
    if (c->failed || name == NULL) {
        return NULL;
    }
    return kr_scope_mangle(c, c->unit->private_name, c->unit->scope, name);
}

void
kr_emit_name(KrCompiler *c, KrLocation loc, int op, PyObject *name)
{
    if (c->failed || name == NULL) {
        return;
    }
    PyObject *mangled = kr_unit_mangle(c, name);
    int arg = kr_unit_add(c, &c->unit->names, mangled);
    if (op == KR_OP_LOAD_ATTR) {
        arg <<= 1;
    }
    kr_emit(c, loc, op, arg);
}

int
kr_unit_deref(KrCompiler *c, PyObject *name)
{
    if (c->failed) {
        return 0;
    }
    KrPtrEntry *entry = kr_ptrmap_find(&c->unit->cellvars, name);
    if (entry == NULL) {
        entry = kr_ptrmap_find(&c->unit->freevars, name);
    }
    if (entry == NULL) {
        PyErr_Format(PyExc_SystemError,
                     "compiler: no cell or free variable %R in %U", name,
                     c->unit->name);
        kr_compiler_fail(c);
        return 0;
    }
    return (int)entry->value;
}

int
kr_unit_free(KrCompiler *c, PyObject *name)
{
    if (c->failed) {
        return 0;
    }
    KrUnit *unit = c->unit;
    KrPtrEntry *entry = kr_ptrmap_find(&unit->freevars, name);
    if (entry != NULL) {
        return (int)entry->value;
    }
    int index = unit->cellvars.live + unit->freevars.live;
    if (!kr_ptrmap_set(&unit->freevars, c->arena, name, index)) {
        kr_compiler_no_memory(c);
    }
    return index;
}

static int
compare_names(const void *a, const void *b)
{
    return PyUnicode_Compare(*(PyObject *const *)a, *(PyObject *const *)b);
}

// The names of the scope that are of one kind, sorted, numbered from `offset`.
static void
collect_names(KrCompiler *c, KrPtrMap *into, const KrScope *scope, KrScopeOf kind,
              long flag, int offset)
{
    int count = 0;
    PyObject **found = kr_compiler_alloc(
        c, ((size_t)scope->symbols.count + 1) * sizeof(*found));
    if (found == NULL) {
        return;
    }
    for (int i = 0; i < scope->symbols.count; i++) {
        const KrPtrEntry *entry = &scope->symbols.entries[i];
        long value = (long)entry->value;
        if (entry->key != NULL
            && (((value >> KR_SCOPE_OFFSET) & KR_SCOPE_MASK) == (long)kind
                || (value & flag))) {
            found[count++] = entry->key;
        }
    }
    qsort(found, (size_t)count, sizeof(*found), compare_names);
    for (int i = 0; i < count; i++) {
        if (!kr_ptrmap_set(into, c->arena, found[i], offset + i)) {
            kr_compiler_no_memory(c);
            return;
        }
    }
}

static void
add_cell(KrCompiler *c, KrUnit *unit, PyObject *name)
{
    if (!kr_ptrmap_has(&unit->cellvars, name)) {
        kr_unit_add(c, &unit->cellvars, name);
    }
}

static void
set_qualname(KrCompiler *c, KrUnit *unit)
{
    KrUnit *parent = unit->outer;
    PyObject *base = NULL;
    // Scopes of type parameters and annotations do not show in qualified names.
    if (parent != NULL && parent->type == KR_UNIT_ANNOTATIONS
        && parent->outer != NULL) {
        if (parent->outer->outer == NULL) {
            unit->qualname = unit->name;
            return;
        }
        parent = parent->outer;
    }
    if (parent == NULL || parent->outer == NULL) {
        unit->qualname = unit->name;
        return;
    }
    if (unit->type == KR_UNIT_FUNCTION || unit->type == KR_UNIT_ASYNC_FUNCTION
        || unit->type == KR_UNIT_CLASS) {
        // `global f` makes f a top-level name.
        PyObject *mangled =
            kr_scope_mangle(c, parent->private_name, parent->scope, unit->name);
        if (kr_scope_of(parent->scope, mangled) == KR_SCOPE_GLOBAL_EXPLICIT) {
            unit->qualname = unit->name;
            return;
        }
    }
    if (parent->type == KR_UNIT_FUNCTION || parent->type == KR_UNIT_ASYNC_FUNCTION
        || parent->type == KR_UNIT_LAMBDA) {
        base = PyUnicode_FromFormat("%U.<locals>.%U", parent->qualname, unit->name);
    }
    else {
        base = PyUnicode_FromFormat("%U.%U", parent->qualname, unit->name);
    }
    unit->qualname = kr_compiler_intern(c, base);
}

void
kr_unit_enter(KrCompiler *c, PyObject *name, KrUnitType type, const void *node,
              int firstlineno, PyObject *private_name)
{
    KrUnit *unit = kr_compiler_alloc(c, sizeof(*unit));
    KrInstrSeq *seq = kr_seq_new(c);
    if (c->failed) {
        return;
    }
    KrScope *scope = kr_symtable_lookup(c, node);
    if (scope == NULL) {
        PyErr_SetString(PyExc_SystemError, "compiler: no symbol table for this node");
        kr_compiler_fail(c);
        return;
    }
    unit->outer = c->unit;
    unit->scope = scope;
    unit->type = type;
    unit->name = name;
    unit->firstlineno = firstlineno;
    unit->private_name = private_name;
    unit->seq = unit->main_seq = seq;
    for (int i = 0; i < scope->varname_count; i++) {
        kr_unit_add(c, &unit->varnames, scope->varnames[i]);
    }
    collect_names(c, &unit->cellvars, scope, KR_SCOPE_CELL, KR_DEF_COMP_CELL, 0);
    if (scope->needs_class_closure) {
        add_cell(c, unit, KR_ID(__class__));
    }
    if (scope->needs_classdict) {
        add_cell(c, unit, KR_ID(__classdict__));
    }
    if (scope->has_conditional_annotations) {
        add_cell(c, unit, KR_ID(__conditional_annotations__));
    }
    collect_names(c, &unit->freevars, scope, KR_SCOPE_FREE, KR_DEF_FREE_CLASS,
                  unit->cellvars.live);
    if (c->failed) {
        return;
    }
    if (unit->outer == NULL) {
        unit->qualname = name;
    }
    else {
        set_qualname(c, unit);
    }
    c->unit = unit;
    KrLocation loc = {firstlineno, firstlineno, 0, 0};
    if (type == KR_UNIT_MODULE) {
        loc.line = 0;
    }
    kr_emit(c, loc, KR_OP_RESUME, KR_RESUME_AT_START);
    if (type == KR_UNIT_MODULE) {
        kr_emit0(c, loc, KR_OP_ANNOTATIONS_PLACEHOLDER);
    }
}

void
kr_unit_leave(KrCompiler *c)
{
    if (c->unit != NULL) {
        c->unit = c->unit->outer;
    }
}

PyCodeObject *
kr_unit_finish(KrCompiler *c, bool add_return_none)
{
    PyCodeObject *code = NULL;
    if (!c->failed) {
        if (add_return_none) {
            kr_emit_const(c, kr_no_loc, Py_None);
        }
        kr_emit0(c, kr_no_loc, KR_OP_RETURN_VALUE);
        code = kr_assemble_unit(c, c->unit);
    }
    if (!c->failed) {
        kr_unit_leave(c);
    }
    return code;
}

void
kr_fblock_push(KrCompiler *c, KrLocation loc, KrFBlockType type, int block, int exit,
               const void *datum)
{
    if (c->failed) {
        return;
    }
    KrUnit *unit = c->unit;
    if (unit->fblock_count >= CO_MAXBLOCKS) {
        kr_compiler_error(c, loc, "too many statically nested blocks");
        return;
    }
    unit->fblocks[unit->fblock_count++] = (KrFBlock){type, block, exit, loc, datum};
}

void
kr_fblock_pop(KrCompiler *c, KrFBlockType type, int block)
{
    if (c->failed) {
        return;
    }
    KrUnit *unit = c->unit;
    KR_ASSERT(unit->fblock_count > 0);
    unit->fblock_count--;
    KR_ASSERT(unit->fblocks[unit->fblock_count].type == type);
    KR_ASSERT(unit->fblocks[unit->fblock_count].block == block);
}
