// SPDX-License-Identifier: MIT
// compiler.h - the state of one compilation, shared by the files of this folder.
//
// Failure: the first error sets the Python exception and c->failed; from then on every
// function of the folder returns at once without doing harm, so callers need not test
// after each step. Results are looked at once, at the end of a unit.
// Memory: plain data lives in c->arena. Python objects are owned by c->kept and may be
// used as borrowed references until the compilation ends.
#ifndef KRAIT_COMPILE_COMPILER_H
#define KRAIT_COMPILE_COMPILER_H

#include "Python.h"

#include "base/arena.h"
#include "bytecode/locations.h"
#include "bytecode/opcodes.h"
#include "compile/ptrmap.h"
#include "syntax/ast.h"

// Longest sequence that is built on the stack at once.
#define KR_STACK_USE_GUIDELINE 30

typedef struct KrScope KrScope;
typedef struct KrSymtable KrSymtable;
typedef struct KrUnit KrUnit;

typedef struct KrCompiler {
    KrArena *arena;
    PyObject *filename;     // borrowed
    PyObject *module;       // dotted name for warnings, borrowed; NULL: none
    int optimize;           // 0, 1 or 2
    int flags;              // CO_FUTURE_* and PyCF_*
    bool interactive;       // expression statements print
    bool failed;            // an exception is set
    int quiet;              // > 0: this code is compiled again, do not warn
    int future_line;        // end of the last __future__ import; -1: none
    int future_end_col;
    KrSymtable *symtable;   // owned by the arena
    KrUnit *unit;           // innermost
    KrPtrMap names;         // KrIdent * -> interned str
    PyObject **kept;        // owned references, a growing array from malloc
    size_t kept_count;
    size_t kept_capacity;
    struct KrConstPool *constants;
} KrCompiler;

// Start and end. kr_compiler_finish drops all objects.
bool kr_compiler_start(KrCompiler *c, KrArena *arena, PyObject *filename, int flags,
                       int optimize);
void kr_compiler_finish(KrCompiler *c);

// Records that an exception is set.
KR_COLD void kr_compiler_fail(KrCompiler *c);
// Records a failed allocation of the arena.
KR_COLD void kr_compiler_no_memory(KrCompiler *c);

// Zeroed arena memory; NULL (and failed) without memory.
void *kr_compiler_alloc(KrCompiler *c, size_t size);

// Takes over a new reference (NULL: failed) and returns it borrowed.
PyObject *kr_compiler_keep(KrCompiler *c, PyObject *object_steal);
// The interned str of an identifier, borrowed; NULL when failed.
PyObject *kr_compiler_name(KrCompiler *c, const KrIdent *ident);
// Interns an object made by the caller (steals it), borrowed result.
PyObject *kr_compiler_intern(KrCompiler *c, PyObject *text_steal);
// `name` as the class `private_name` (may be NULL) sees it.
PyObject *kr_compiler_mangle(KrCompiler *c, PyObject *private_name, PyObject *name);

// The Python object of a constant node, borrowed.
PyObject *kr_compiler_const(KrCompiler *c, const KrConst *node);
// The one object that stands for all constants equal to this one, borrowed.
PyObject *kr_compiler_canonical(KrCompiler *c, PyObject *object);

// SyntaxError with the position; the format is PyUnicode_FromFormat's.
KR_COLD void kr_compiler_error(KrCompiler *c, KrLocation loc, const char *format, ...);
// The same as the symbol table raises it: args has the message only.
KR_COLD void kr_compiler_error_ranged(KrCompiler *c, KrLocation loc,
                                      const char *format, ...);
// SyntaxWarning.
KR_COLD void kr_compiler_warn(KrCompiler *c, KrLocation loc, const char *format, ...);

// Guards of the recursion over the tree; false (and failed) when it is too deep. A true
// result is to be balanced with kr_compiler_leave.
bool kr_compiler_enter(KrCompiler *c);
static inline void
kr_compiler_leave(KrCompiler *c)
{
    (void)c;
    Py_LeaveRecursiveCall();
}

static inline KrLocation
kr_loc(KrSpan span)
{
    return (KrLocation){span.lineno, span.end_lineno, span.col, span.end_col};
}
#define KR_LOC(node) kr_loc((node)->span)

// No position; and: the position of the instruction that follows.
static const KrLocation kr_no_loc = {-1, -1, -1, -1};
static const KrLocation kr_next_loc = {-2, -2, -2, -2};

// preprocess.c: rewrites what the grammar leaves to the compiler (__debug__, "..." %
// tuple, constant patterns, docstrings at -OO) and warns about jumps out of finally.
void kr_preprocess(KrCompiler *c, KrMod *mod, bool fold_patterns_only);

// future.c: the __future__ imports at the start of a module; sets c->flags and
// c->future_line.
void kr_future_features(KrCompiler *c, KrMod *mod);

// unparse.c: source text of an expression, a new reference.
PyObject *kr_unparse_expr(KrCompiler *c, const KrExpr *e);

// The docstring constant at the start of a body, or NULL.
const KrExpr *kr_docstring(const KrStmtSeq *body);

#endif // KRAIT_COMPILE_COMPILER_H
