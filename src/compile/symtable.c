// SPDX-License-Identifier: MIT
// symtable.c - resolves every name of a module to local, cell, free or global.
//
// The visitor (symtable_visit.c) has left one KrScope per block with what the source says
// about each name. The analysis walks the blocks from the outside in, passing down which
// names the enclosing functions bind, and hands the names that stay free back up.
// Read next: symtable.h

#include "compile/symtable.h"

#include "objects/ids.h"

// Sets of names along the way down. `bound` is NULL at module level.
typedef struct {
    KrPtrMap *bound;       // bound by enclosing functions
    KrPtrMap *free;        // out: free in this block
    KrPtrMap *global;      // declared global around
    KrPtrMap *type_params; // of the type parameter scopes around
    KrScope *class_entry;  // the class whose names the block can see
} Surroundings;

static void analyze_block(KrSymtable *st, KrScope *scope, Surroundings around);

bool
kr_scope_list_push(KrCompiler *c, KrScopeList *list, KrScope *scope)
{
    if (list->count == list->capacity) {
        int capacity = list->capacity ? list->capacity * 2 : 8;
        KrScope **items =
            kr_compiler_alloc(c, (size_t)capacity * sizeof(*items));
        if (items == NULL) {
            return false;
        }
        if (list->count > 0) {
            memcpy(items, list->items, (size_t)list->count * sizeof(*items));
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = scope;
    return true;
}

KrScope *
kr_symtable_lookup(KrCompiler *c, const void *node)
{
    KrPtrEntry *entry = kr_ptrmap_find(&c->symtable->blocks, node);
    return entry != NULL ? (KrScope *)entry->value : NULL;
}

long
kr_scope_flags(const KrScope *scope, PyObject *name)
{
    return (long)kr_ptrmap_get(&scope->symbols, name, 0);
}

KrScopeOf
kr_scope_of(const KrScope *scope, PyObject *name)
{
    return (KrScopeOf)((kr_scope_flags(scope, name) >> KR_SCOPE_OFFSET) & KR_SCOPE_MASK);
}

PyObject *
kr_scope_mangle(KrCompiler *c, PyObject *private_name, const KrScope *scope,
                PyObject *name)
{
    if (name == NULL || private_name == NULL) {
        return name;
    }
    if (scope->mangled_names != NULL && !kr_ptrmap_has(scope->mangled_names, name)) {
        return name;
    }
    return kr_compiler_mangle(c, private_name, name);
}

// Set operations that report memory failures through the compiler.
static void
put(KrSymtable *st, KrPtrMap *map, PyObject *name, intptr_t value)
{
    if (!kr_ptrmap_set(map, st->c->arena, name, value)) {
        kr_compiler_no_memory(st->c);
    }
}

static void
join(KrSymtable *st, KrPtrMap *into, const KrPtrMap *from)
{
    if (!kr_ptrmap_union(into, from, st->c->arena)) {
        kr_compiler_no_memory(st->c);
    }
}

// Raises at the global or nonlocal statement that named the name.
static void
error_at_directive(KrSymtable *st, KrScope *scope, PyObject *name, const char *format)
{
    KrLocation loc = scope->loc;
    for (int i = 0; i < scope->directive_count; i++) {
        if (scope->directives[i].name == name) {
            loc = scope->directives[i].loc;
            break;
        }
    }
    kr_compiler_error_ranged(st->c, loc, format, name);
}

static void
analyze_name(KrSymtable *st, KrScope *scope, KrPtrMap *scopes, PyObject *name,
             long flags, Surroundings *around, KrPtrMap *local)
{
    if (flags & KR_DEF_GLOBAL) {
        if (flags & KR_DEF_NONLOCAL) {
            error_at_directive(st, scope, name, "name '%U' is nonlocal and global");
            return;
        }
        put(st, scopes, name, KR_SCOPE_GLOBAL_EXPLICIT);
        put(st, around->global, name, 1);
        if (around->bound != NULL) {
            kr_ptrmap_remove(around->bound, name);
        }
        return;
    }
    if (flags & KR_DEF_NONLOCAL) {
        if (around->bound == NULL) {
            error_at_directive(st, scope, name,
                               "nonlocal declaration not allowed at module level");
            return;
        }
        if (!kr_ptrmap_has(around->bound, name)) {
            error_at_directive(st, scope, name, "no binding for nonlocal '%U' found");
            return;
        }
        if (kr_ptrmap_has(around->type_params, name)) {
            error_at_directive(st, scope, name,
                               "nonlocal binding not allowed for type parameter '%U'");
            return;
        }
        put(st, scopes, name, KR_SCOPE_FREE);
        put(st, around->free, name, 1);
        return;
    }
    if (flags & KR_DEF_BOUND) {
        put(st, scopes, name, KR_SCOPE_LOCAL);
        put(st, local, name, 1);
        kr_ptrmap_remove(around->global, name);
        if (flags & KR_DEF_TYPE_PARAM) {
            put(st, around->type_params, name, 1);
        }
        else {
            kr_ptrmap_remove(around->type_params, name);
        }
        return;
    }
    // A scope that sees a class looks there at run time and then among the globals: it
    // must not be tied to the variable of an enclosing function.
    if (around->class_entry != NULL) {
        long class_flags = kr_scope_flags(around->class_entry, name);
        if (class_flags & KR_DEF_GLOBAL) {
            put(st, scopes, name, KR_SCOPE_GLOBAL_EXPLICIT);
            return;
        }
        if ((class_flags & KR_DEF_BOUND) && !(class_flags & KR_DEF_NONLOCAL)) {
            put(st, scopes, name, KR_SCOPE_GLOBAL_IMPLICIT);
            return;
        }
    }
    if (around->bound != NULL && kr_ptrmap_has(around->bound, name)) {
        put(st, scopes, name, KR_SCOPE_FREE);
        put(st, around->free, name, 1);
        return;
    }
    put(st, scopes, name, KR_SCOPE_GLOBAL_IMPLICIT);
}

static bool
is_free_in_any_child(const KrScope *scope, PyObject *name)
{
    for (int i = 0; i < scope->children.count; i++) {
        if (kr_scope_of(scope->children.items[i], name) == KR_SCOPE_FREE) {
            return true;
        }
    }
    return false;
}

// The names that a class body provides itself, whatever surrounds it.
static bool
is_class_cell(PyObject *name)
{
    return name == KR_ID(__class__) || name == KR_ID(__classdict__)
           || name == KR_ID(__conditional_annotations__);
}

// Moves the names of an inlined comprehension into the scope around it.
static void
inline_comprehension(KrSymtable *st, KrScope *scope, KrScope *comp, KrPtrMap *scopes,
                     KrPtrMap *comp_free, KrPtrMap *inlined_cells)
{
    for (int i = 0; i < comp->symbols.count; i++) {
        PyObject *name = comp->symbols.entries[i].key;
        if (name == NULL) {
            continue;
        }
        long comp_flags = (long)comp->symbols.entries[i].value;
        if (comp_flags & KR_DEF_PARAM) {
            continue; // the iterable
        }
        int of = (int)(comp_flags >> KR_SCOPE_OFFSET) & KR_SCOPE_MASK;
        long only_flags = comp_flags & ((1 << KR_SCOPE_OFFSET) - 1);
        if (of == KR_SCOPE_CELL || (only_flags & KR_DEF_COMP_CELL)) {
            put(st, inlined_cells, name, 1);
        }
        KrPtrEntry *existing = kr_ptrmap_find(&scope->symbols, name);
        // A comprehension in a class body does not see the class's own cells.
        if (of == KR_SCOPE_FREE && scope->type == KR_BLOCK_CLASS && is_class_cell(name)) {
            of = KR_SCOPE_GLOBAL_IMPLICIT;
            // A function inside the comprehension does.
            if (!is_free_in_any_child(comp, name)) {
                kr_ptrmap_remove(comp_free, name);
            }
            comp->symbols.entries[i].key = NULL; // looked up in the class
            comp->symbols.live--;
        }
        if (existing != NULL && of == KR_SCOPE_FREE && scope->type != KR_BLOCK_CLASS) {
            existing->value |= only_flags & KR_USE; // read here now
        }
        if (existing == NULL) {
            put(st, &scope->symbols, name, only_flags);
            put(st, scopes, name, of);
        }
        else if ((existing->value & KR_DEF_BOUND) && !is_free_in_any_child(comp, name)
                 && scope->type != KR_BLOCK_CLASS) {
            // Free in the comprehension, local here: one variable now.
            kr_ptrmap_remove(comp_free, name);
        }
    }
    comp->has_free = comp_free->live > 0;
}

// Locals that inner scopes use become cells.
static void
find_cells(KrPtrMap *scopes, KrPtrMap *free, const KrPtrMap *inlined_cells)
{
    for (int i = 0; i < scopes->count; i++) {
        KrPtrEntry *entry = &scopes->entries[i];
        if (entry->key == NULL || entry->value != KR_SCOPE_LOCAL) {
            continue;
        }
        if (!kr_ptrmap_has(free, entry->key)
            && !kr_ptrmap_has(inlined_cells, entry->key)) {
            continue;
        }
        entry->value = KR_SCOPE_CELL;
        kr_ptrmap_remove(free, entry->key);
    }
}

static void
take_class_cells(KrScope *scope, KrPtrMap *free)
{
    for (int i = 0; i < scope->children.count; i++) {
        scope->needs_classdict |= scope->children.items[i]->can_see_class_scope;
    }
    if (kr_ptrmap_has(free, KR_ID(__class__))) {
        kr_ptrmap_remove(free, KR_ID(__class__));
        scope->needs_class_closure = true;
    }
    if (kr_ptrmap_has(free, KR_ID(__classdict__))) {
        kr_ptrmap_remove(free, KR_ID(__classdict__));
        scope->needs_classdict = true;
    }
    if (kr_ptrmap_has(free, KR_ID(__conditional_annotations__))) {
        kr_ptrmap_remove(free, KR_ID(__conditional_annotations__));
        scope->has_conditional_annotations = true;
    }
}

// Writes the results into the scope's symbols and adds names that merely pass through.
static void
update_symbols(KrSymtable *st, KrScope *scope, const KrPtrMap *scopes,
               const KrPtrMap *bound, const KrPtrMap *free,
               const KrPtrMap *inlined_cells, bool class_like)
{
    for (int i = 0; i < scope->symbols.count; i++) {
        KrPtrEntry *entry = &scope->symbols.entries[i];
        if (entry->key == NULL) {
            continue;
        }
        if (kr_ptrmap_has(inlined_cells, entry->key)) {
            entry->value |= KR_DEF_COMP_CELL;
        }
        entry->value |= kr_ptrmap_get(scopes, entry->key, 0) << KR_SCOPE_OFFSET;
    }
    for (int i = 0; i < free->count; i++) {
        PyObject *name = free->entries[i].key;
        if (name == NULL) {
            continue;
        }
        KrPtrEntry *entry = kr_ptrmap_find(&scope->symbols, name);
        if (entry != NULL) {
            if (class_like) {
                entry->value |= KR_DEF_FREE_CLASS;
            }
            continue;
        }
        if (bound != NULL && !kr_ptrmap_has(bound, name)) {
            continue;
        }
        put(st, &scope->symbols, name, (intptr_t)KR_SCOPE_FREE << KR_SCOPE_OFFSET);
    }
}

// Puts the children of inlined comprehensions where the comprehensions stood.
static void
splice_children(KrSymtable *st, KrScope *scope)
{
    bool any = false;
    for (int i = 0; i < scope->children.count; i++) {
        any |= scope->children.items[i]->comp_inlined;
    }
    if (!any) {
        return;
    }
    KrScopeList list = {0};
    for (int i = 0; i < scope->children.count; i++) {
        KrScope *child = scope->children.items[i];
        if (!child->comp_inlined) {
            kr_scope_list_push(st->c, &list, child);
            continue;
        }
        for (int j = 0; j < child->children.count; j++) {
            kr_scope_list_push(st->c, &list, child->children.items[j]);
        }
    }
    scope->children = list;
}

static void
analyze_children(KrSymtable *st, KrScope *scope, KrPtrMap *scopes, Surroundings *inner,
                 KrScope *class_entry, KrPtrMap *inlined_cells)
{
    KrArena *arena = st->c->arena;
    for (int i = 0; i < scope->children.count && !st->c->failed; i++) {
        KrScope *child = scope->children.items[i];
        KrScope *seen_class = NULL;
        if (child->can_see_class_scope) {
            seen_class = scope->type == KR_BLOCK_CLASS ? scope : class_entry;
        }
        bool inlined = child->comprehension != KR_COMP_NONE
                       && child->comprehension != KR_COMP_GENERATOR
                       && !scope->can_see_class_scope;
        // A child may change the sets: each gets its own.
        KrPtrMap bound, global, type_params, free = {0};
        if (!kr_ptrmap_copy(&bound, inner->bound, arena)
            || !kr_ptrmap_copy(&global, inner->global, arena)
            || !kr_ptrmap_copy(&type_params, inner->type_params, arena)) {
            kr_compiler_no_memory(st->c);
            return;
        }
        analyze_block(st, child,
                      (Surroundings){&bound, &free, &global, &type_params, seen_class});
        if (inlined && !st->c->failed) {
            inline_comprehension(st, scope, child, scopes, &free, inlined_cells);
            child->comp_inlined = true;
        }
        join(st, inner->free, &free);
    }
    splice_children(st, scope);
}

static void
analyze_block(KrSymtable *st, KrScope *scope, Surroundings around)
{
    if (!kr_compiler_enter(st->c)) {
        return;
    }
    KrPtrMap local = {0}, scopes = {0}, new_global = {0}, new_free = {0};
    KrPtrMap new_bound = {0}, inlined_cells = {0};
    bool is_class = scope->type == KR_BLOCK_CLASS;
    if (is_class) {
        // Names of a class are not seen by its methods; what surrounds it is.
        join(st, &new_global, around.global);
        join(st, &new_bound, around.bound);
    }
    for (int i = 0; i < scope->symbols.count && !st->c->failed; i++) {
        KrPtrEntry *entry = &scope->symbols.entries[i];
        if (entry->key != NULL) {
            analyze_name(st, scope, &scopes, entry->key, (long)entry->value, &around,
                         &local);
        }
    }
    if (is_class) {
        put(st, &new_bound, KR_ID(__class__), 1);
        put(st, &new_bound, KR_ID(__classdict__), 1);
        put(st, &new_bound, KR_ID(__conditional_annotations__), 1);
    }
    else {
        if (kr_scope_is_function_like(scope)) {
            join(st, &new_bound, &local);
        }
        join(st, &new_bound, around.bound);
        join(st, &new_global, around.global);
    }
    Surroundings inner = {&new_bound, &new_free, &new_global, around.type_params, NULL};
    analyze_children(st, scope, &scopes, &inner, around.class_entry, &inlined_cells);
    if (!st->c->failed) {
        if (kr_scope_is_function_like(scope)) {
            find_cells(&scopes, &new_free, &inlined_cells);
        }
        else if (is_class) {
            take_class_cells(scope, &new_free);
        }
        update_symbols(st, scope, &scopes, around.bound, &new_free, &inlined_cells,
                       is_class || scope->can_see_class_scope);
        join(st, around.free, &new_free);
    }
    kr_compiler_leave(st->c);
}

void
kr_symtable_build(KrCompiler *c, KrMod *mod)
{
    if (c->failed) {
        return;
    }
    KrSymtable *st = kr_compiler_alloc(c, sizeof(*st));
    if (st == NULL) {
        return;
    }
    st->c = c;
    st->allow_top_level_await = (c->flags & PyCF_ALLOW_TOP_LEVEL_AWAIT) != 0;
    c->symtable = st;
    kr_symtable_visit_mod(st, mod);
    if (c->failed) {
        return;
    }
    KrPtrMap free = {0}, global = {0}, type_params = {0};
    analyze_block(st, st->top, (Surroundings){NULL, &free, &global, &type_params, NULL});
}
