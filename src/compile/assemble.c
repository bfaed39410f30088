// SPDX-License-Identifier: MIT
// assemble.c - the last step: from the flow graph to bytes and a code object.

#include "compile/assemble.h"

#include "bytecode/exctable.h"
#include "compile/flow.h"
#include "objects/code.h"

// Code units between SEND and END_SEND where `yield from` is compiled: END_ASYNC_FOR
// names the latter for the sake of monitoring.
#define END_SEND_DISTANCE 5

typedef struct {
    int op;
    int arg;
    KrLocation loc;
    int target;            // index of an instruction, -1 none
    const KrBlock *except;
    int offset;            // code unit
} Line;

typedef struct {
    KrCompiler *c;
    Line *lines;
    int count;
} Listing;

// Growing bytes in the arena.
typedef struct {
    uint8_t *data;
    size_t size;
    size_t capacity;
} Bytes;

static uint8_t *
bytes_reserve(KrCompiler *c, Bytes *b, size_t more)
{
    if (b->size + more > b->capacity) {
        size_t capacity = b->capacity * 2 + more + 64;
        uint8_t *data = kr_arena_alloc(c->arena, capacity);
        if (data == NULL) {
            kr_compiler_no_memory(c);
            return NULL;
        }
        if (b->size > 0) {
            memcpy(data, b->data, b->size);
        }
        b->data = data;
        b->capacity = capacity;
    }
    return b->data + b->size;
}

static int
units_of_arg(int arg)
{
    unsigned value = (unsigned)arg;
    return value > 0xffffff ? 3 : value > 0xffff ? 2 : value > 0xff ? 1 : 0;
}

static int
units_of(const Line *line)
{
    return 1 + units_of_arg(line->arg) + kr_opcode_caches(line->op);
}

static void
list_instrs(Listing *list, KrFlow *f)
{
    int count = 0;
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        b->index = count;
        count += b->count;
    }
    list->lines = kr_compiler_alloc(list->c, ((size_t)count + 1) * sizeof(Line));
    if (list->lines == NULL) {
        return;
    }
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        for (int i = 0; i < b->count; i++) {
            const KrFlowInstr *instr = &b->instrs[i];
            // Until distances are known, the target's number stands in for them: a jump
            // that has got an EXTENDED_ARG by it may keep it.
            int target = kr_op_jumps(instr->op) ? instr->target->index : -1;
            list->lines[list->count++] = (Line){
                .op = instr->op,
                .arg = target >= 0 ? target : instr->arg,
                .loc = instr->loc,
                .target = target,
                .except = instr->except,
            };
        }
    }
}

// Jump distances decide about EXTENDED_ARG, which changes distances: repeat until stable.
static int
resolve_jumps(Listing *list)
{
    bool again;
    int total;
    do {
        again = false;
        total = 0;
        for (int i = 0; i < list->count; i++) {
            list->lines[i].offset = total;
            total += units_of(&list->lines[i]);
        }
        for (int i = 0; i < list->count; i++) {
            Line *line = &list->lines[i];
            if (line->target < 0) {
                continue;
            }
            int size = units_of(line);
            int from = line->offset + size;
            int to = list->lines[line->target].offset;
            if (line->op == KR_OP_END_ASYNC_FOR) {
                line->arg = from - to - END_SEND_DISTANCE;
            }
            else {
                line->arg = to < from ? from - to : to - from;
            }
            again |= units_of(line) != size;
        }
    } while (again);
    return total;
}

static void
write_code(Listing *list, uint8_t *out)
{
    for (int i = 0; i < list->count; i++) {
        const Line *line = &list->lines[i];
        unsigned arg = (unsigned)line->arg;
        for (int j = units_of_arg(line->arg); j > 0; j--) {
            *out++ = KR_OP_EXTENDED_ARG;
            *out++ = (uint8_t)(arg >> (8 * j));
        }
        *out++ = (uint8_t)line->op;
        *out++ = (uint8_t)arg;
        for (int j = kr_opcode_caches(line->op); j > 0; j--) {
            *out++ = 0;
            *out++ = 0;
        }
    }
}

static bool
same_location(const KrLocation *a, const KrLocation *b)
{
    return a->line == b->line && a->end_line == b->end_line && a->col == b->col
           && a->end_col == b->end_col;
}

static void
add_location(KrCompiler *c, Bytes *table, const KrLocation *loc, int units, int *line)
{
    while (units > 0) {
        int part = units > 8 ? 8 : units;
        uint8_t *out = bytes_reserve(c, table, KR_LOCATION_MAX_ENTRY);
        if (out == NULL) {
            return;
        }
        table->size += (size_t)kr_location_write(out, loc, part, line);
        units -= part;
    }
}

static void
write_locations(Listing *list, Bytes *table, int firstlineno)
{
    for (int i = list->count - 1; i >= 0; i--) {
        Line *line = &list->lines[i];
        if (line->loc.line == kr_next_loc.line) {
            bool ends = kr_op_jumps(line->op) || kr_op_exits(line->op);
            line->loc = ends || i + 1 == list->count ? kr_no_loc : line[1].loc;
        }
    }
    int running = firstlineno;
    KrLocation loc = kr_no_loc;
    int units = 0;
    for (int i = 0; i < list->count && !list->c->failed; i++) {
        const Line *line = &list->lines[i];
        if (!same_location(&loc, &line->loc)) {
            add_location(list->c, table, &loc, units, &running);
            loc = line->loc;
            units = 0;
        }
        units += units_of(line);
    }
    add_location(list->c, table, &loc, units, &running);
}

static void
add_handler(Listing *list, Bytes *table, const KrBlock *handler, int start, int end)
{
    uint8_t *out = bytes_reserve(list->c, table, KR_EXCTABLE_MAX_ENTRY);
    if (out == NULL || start == end) {
        return;
    }
    // The handler's depth counts what is pushed for it.
    KrExcEntry entry = {
        .start = start,
        .end = end,
        .target = list->lines[handler->index].offset,
        .depth = handler->start_depth - 1 - handler->preserve_lasti,
        .lasti = handler->preserve_lasti,
    };
    table->size += (size_t)kr_exctable_write(out, &entry);
}

static void
write_handlers(Listing *list, Bytes *table, int total)
{
    const KrBlock *handler = NULL;
    int start = 0;
    for (int i = 0; i < list->count && !list->c->failed; i++) {
        const Line *line = &list->lines[i];
        if (line->except != handler) {
            if (handler != NULL) {
                add_handler(list, table, handler, start, line->offset);
            }
            start = line->offset;
            handler = line->except;
        }
    }
    if (handler != NULL) {
        add_handler(list, table, handler, start, total);
    }
}

static int
code_flags_of(KrCompiler *c, const KrUnit *unit)
{
    const KrScope *scope = unit->scope;
    int flags = c->flags & PyCF_MASK;
    if (kr_scope_is_function_like(scope)) {
        flags |= CO_NEWLOCALS | CO_OPTIMIZED;
        flags |= scope->nested ? CO_NESTED : 0;
        if (scope->generator) {
            flags |= scope->coroutine ? CO_ASYNC_GENERATOR : CO_GENERATOR;
        }
        else if (scope->coroutine) {
            flags |= CO_COROUTINE;
        }
        flags |= scope->varargs ? CO_VARARGS : 0;
        flags |= scope->varkeywords ? CO_VARKEYWORDS : 0;
        flags |= scope->has_docstring && c->optimize < 2 ? CO_HAS_DOCSTRING : 0;
        flags |= scope->method ? CO_METHOD : 0;
    }
    if ((c->flags & PyCF_ALLOW_TOP_LEVEL_AWAIT) && unit->type == KR_UNIT_MODULE
        && scope->coroutine && !scope->generator) {
        flags |= CO_COROUTINE;
    }
    return flags;
}

// What a local is: its place among the arguments decides.
static int
local_kind(const KrUnit *unit, int index, int flags)
{
    int positional = unit->posonlyargcount + unit->argcount;
    int named = positional + unit->kwonlyargcount;
    if (index < unit->posonlyargcount) {
        return CO_FAST_ARG_POS;
    }
    if (index < positional) {
        return CO_FAST_ARG_POS | CO_FAST_ARG_KW;
    }
    if (index < named) {
        return CO_FAST_ARG_KW;
    }
    int next = named;
    if (flags & CO_VARARGS) {
        if (index == next++) {
            return CO_FAST_ARG_VAR | CO_FAST_ARG_POS;
        }
    }
    if (flags & CO_VARKEYWORDS) {
        if (index == next++) {
            return CO_FAST_ARG_VAR | CO_FAST_ARG_KW;
        }
    }
    return 0;
}

// Names and kinds of all locals, cells and free variables.
static void
collect_locals(KrCompiler *c, const KrUnit *unit, int total, int flags,
               PyObject **names_out, PyObject **kinds_out)
{
    PyObject *names = kr_compiler_keep(c, PyTuple_New(total));
    PyObject *kinds = kr_compiler_keep(c, PyBytes_FromStringAndSize(NULL, total));
    if (c->failed) {
        return;
    }
    uint8_t *kind = (uint8_t *)PyBytes_AS_STRING(kinds);
    memset(kind, 0, (size_t)total);
    int nlocals = 0;
    for (int i = 0; i < unit->varnames.count; i++) {
        PyObject *name = unit->varnames.entries[i].key;
        int value = CO_FAST_LOCAL | local_kind(unit, i, flags);
        if (kr_ptrmap_has(&unit->fast_hidden, name)) {
            value |= CO_FAST_HIDDEN;
        }
        if (kr_ptrmap_has(&unit->cellvars, name)) {
            value |= CO_FAST_CELL;
        }
        PyTuple_SET_ITEM(names, i, Py_NewRef(name));
        kind[nlocals++] = (uint8_t)value;
    }
    int next = nlocals;
    for (int i = 0; i < unit->cellvars.count; i++) {
        PyObject *name = unit->cellvars.entries[i].key;
        if (!kr_ptrmap_has(&unit->varnames, name)) {
            PyTuple_SET_ITEM(names, next, Py_NewRef(name));
            kind[next++] = CO_FAST_CELL;
        }
    }
    for (int i = 0; i < unit->freevars.count; i++) {
        PyTuple_SET_ITEM(names, next, Py_NewRef(unit->freevars.entries[i].key));
        kind[next++] = CO_FAST_FREE;
    }
    KR_ASSERT(next == total);
    *names_out = names;
    *kinds_out = kinds;
}

static PyObject *
tuple_of_objects(KrCompiler *c, PyObject *const *items, int count)
{
    PyObject *tuple = kr_compiler_keep(c, PyTuple_New(count));
    for (int i = 0; tuple != NULL && i < count; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(items[i]));
    }
    return tuple;
}

static PyObject *
tuple_of_keys(KrCompiler *c, const KrPtrMap *map)
{
    PyObject *tuple = kr_compiler_keep(c, PyTuple_New(map->live));
    for (int i = 0; tuple != NULL && i < map->count; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef((PyObject *)map->entries[i].key));
    }
    return tuple;
}

static PyCodeObject *
make_code(KrCompiler *c, KrFlow *f, Listing *list, int flags, int depth, int total_locals)
{
    const KrUnit *unit = f->unit;
    Bytes locations = {0}, handlers = {0};
    int units = resolve_jumps(list);
    uint8_t *code = kr_compiler_alloc(c, (size_t)units * 2 + 1);
    if (code == NULL) {
        return NULL;
    }
    write_code(list, code);
    write_locations(list, &locations, unit->firstlineno);
    write_handlers(list, &handlers, units);
    KrCodeInit init = {
        .filename = c->filename,
        .name = unit->name,
        .qualname = unit->qualname != NULL ? unit->qualname : unit->name,
        .flags = flags,
        .code = code,
        .code_size = (Py_ssize_t)units * 2,
        .firstlineno = unit->firstlineno,
        .argcount = unit->posonlyargcount + unit->argcount,
        .posonlyargcount = unit->posonlyargcount,
        .kwonlyargcount = unit->kwonlyargcount,
        .stacksize = depth > 0 ? depth : 1,
    };
    init.linetable = kr_compiler_keep(
        c, PyBytes_FromStringAndSize((char *)locations.data, (Py_ssize_t)locations.size));
    init.exceptiontable = kr_compiler_keep(
        c, PyBytes_FromStringAndSize((char *)handlers.data, (Py_ssize_t)handlers.size));
    init.consts = tuple_of_objects(c, f->consts, f->const_count);
    init.names = tuple_of_keys(c, &unit->names);
    collect_locals(c, unit, total_locals, flags, &init.localsplusnames,
                   &init.localspluskinds);
    if (c->failed) {
        return NULL;
    }
    PyCodeObject *result = kr_code_new(&init);
    if (result != NULL) {
        kr_code_set_verified(result);
    }
    return (PyCodeObject *)kr_compiler_keep(c, (PyObject *)result);
}

PyCodeObject *
kr_assemble_unit(KrCompiler *c, KrUnit *unit)
{
    int flags = code_flags_of(c, unit);
    KrFlow *f = kr_flow_from_unit(c, unit);
    if (f == NULL) {
        return NULL;
    }
    kr_flow_optimize(f, unit->varnames.live, unit->scope->varname_count);
    if (c->failed) {
        return NULL;
    }
    kr_flow_convert_pseudo_jumps(f);
    int depth = kr_flow_stack_depth(f);
    if (c->failed) {
        return NULL;
    }
    int total_locals = kr_flow_place_cells(f, flags);
    kr_flow_convert_pseudo(f);
    kr_flow_normalize_jumps(f);
    kr_flow_borrow_locals(f);
    Listing list = {.c = c};
    if (!c->failed) {
        list_instrs(&list, f);
    }
    if (c->failed) {
        return NULL;
    }
    return make_code(c, f, &list, flags, depth, total_locals);
}
