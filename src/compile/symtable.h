// SPDX-License-Identifier: MIT
// symtable.h - which name means what in which scope.
//
// Read next: symtable_visit.c (collects uses), symtable.c (resolves them)
#ifndef KRAIT_COMPILE_SYMTABLE_H
#define KRAIT_COMPILE_SYMTABLE_H

#include "compile/compiler.h"

// Bits of a symbol. The numbers are public through the symtable module.
enum {
    KR_DEF_GLOBAL = 1,
    KR_DEF_LOCAL = 2,
    KR_DEF_PARAM = 4,
    KR_DEF_NONLOCAL = 8,
    KR_USE = 16,
    KR_DEF_FREE_CLASS = 64,   // free in a method, but bound in the class as well
    KR_DEF_IMPORT = 128,
    KR_DEF_ANNOT = 256,
    KR_DEF_COMP_ITER = 512,
    KR_DEF_TYPE_PARAM = 1024,
    KR_DEF_COMP_CELL = 2048,  // cell of an inlined comprehension
    KR_DEF_BOUND = KR_DEF_LOCAL | KR_DEF_PARAM | KR_DEF_IMPORT | KR_DEF_TYPE_PARAM,
    KR_SCOPE_OFFSET = 12,
    KR_SCOPE_MASK = 15,
};

typedef enum {
    KR_SCOPE_UNKNOWN = 0,
    KR_SCOPE_LOCAL = 1,
    KR_SCOPE_GLOBAL_EXPLICIT = 2,
    KR_SCOPE_GLOBAL_IMPLICIT = 3,
    KR_SCOPE_FREE = 4,
    KR_SCOPE_CELL = 5,
} KrScopeOf;

typedef enum {
    KR_BLOCK_FUNCTION,
    KR_BLOCK_CLASS,
    KR_BLOCK_MODULE,
    KR_BLOCK_ANNOTATION,
    KR_BLOCK_TYPE_ALIAS,
    KR_BLOCK_TYPE_PARAMETERS,
    KR_BLOCK_TYPE_VARIABLE,
} KrBlockType;

typedef enum {
    KR_COMP_NONE,
    KR_COMP_LIST,
    KR_COMP_DICT,
    KR_COMP_SET,
    KR_COMP_GENERATOR,
} KrCompType;

typedef struct {
    PyObject *name;
    KrLocation loc;
} KrDirective;

typedef struct KrScopeList {
    KrScope **items;
    int count;
    int capacity;
} KrScopeList;

struct KrScope {
    int number;               // order of creation
    KrBlockType type;
    PyObject *name;
    PyObject *function_name;  // annotation scope of a function: the function's name
    const void *node;         // key in the symbol table
    KrLocation loc;
    KrPtrMap symbols;         // name -> KR_DEF_* | scope << KR_SCOPE_OFFSET
    PyObject **varnames;      // parameters in order
    int varname_count;
    int varname_capacity;
    KrScopeList children;
    KrDirective *directives;  // global and nonlocal statements
    int directive_count;
    int directive_capacity;
    KrPtrMap *mangled_names;  // only these are mangled; NULL: all
    const char *scope_info;   // for messages: "a TypeVar bound"
    KrScope *annotation_block;
    KrCompType comprehension;
    int comp_iter_expr;       // depth inside iterables of comprehensions
    bool nested;
    bool generator;
    bool coroutine;
    bool varargs;
    bool varkeywords;
    bool has_free;            // comprehension with free variables
    bool needs_class_closure;
    bool needs_classdict;
    bool has_conditional_annotations;
    bool in_conditional_block;
    bool in_unevaluated_annotation;
    bool comp_inlined;
    bool comp_iter_target;
    bool can_see_class_scope;
    bool has_docstring;
    bool annotations_used;    // holds, or is, annotations
    bool method;
};

struct KrSymtable {
    KrCompiler *c;
    KrScope *top;
    KrScope *current;
    KrScopeList stack;
    KrPtrMap blocks;          // node -> KrScope *
    PyObject *private_name;   // class around the current code, or NULL
    int count;                // scopes made
    bool allow_top_level_await;
};

// Builds and resolves the tables of a module; c->symtable is set unless it failed.
void kr_symtable_build(KrCompiler *c, KrMod *mod);

// The scope that belongs to a node; NULL is a bug of the caller.
KrScope *kr_symtable_lookup(KrCompiler *c, const void *node);

// Flags of the (mangled) name in the scope, 0 when it is unknown.
long kr_scope_flags(const KrScope *scope, PyObject *name);
KrScopeOf kr_scope_of(const KrScope *scope, PyObject *name);

// Scopes with fast locals.
static inline bool
kr_scope_is_function_like(const KrScope *scope)
{
    return scope->type == KR_BLOCK_FUNCTION || scope->type >= KR_BLOCK_ANNOTATION;
}

// `name` as the scope sees it.
PyObject *kr_scope_mangle(KrCompiler *c, PyObject *private_name, const KrScope *scope,
                          PyObject *name);

// Keys of the extra scopes of a node.
static inline const void *
kr_key_annotations(const KrScope *scope)
{
    return (const char *)scope + 1;
}

// symtable.c, for symtable_visit.c
void kr_symtable_visit_mod(KrSymtable *st, KrMod *mod);
bool kr_scope_list_push(KrCompiler *c, KrScopeList *list, KrScope *scope);

#endif // KRAIT_COMPILE_SYMTABLE_H
