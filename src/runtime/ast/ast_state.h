// SPDX-License-Identifier: MIT
// ast_state.h - the classes of module _ast and what converts trees to and from them.
//
// Everything walks the tables that tools/gen/ast.py makes from ast.asdl.
#ifndef KRAIT_RUNTIME_AST_STATE_H
#define KRAIT_RUNTIME_AST_STATE_H

#include "Python.h"

#include "compile/compile.h"
#include "syntax/ast.h"

enum { KR_AST_MAX_CLASSES = 32, KR_AST_MAX_FIELDS = 8 };

// What one interpreter keeps; made on first use.
typedef struct KrAstState {
    PyObject *base;                                    // AST
    PyObject *sums[KR_AST_TYPE_COUNT];                 // expr, stmt...; NULL: a product
    PyObject *classes[KR_AST_TYPE_COUNT][KR_AST_MAX_CLASSES];
    PyObject *singletons[KR_AST_TYPE_COUNT][KR_AST_MAX_CLASSES]; // of enums
    PyObject *names[KR_AST_TYPE_COUNT][KR_AST_MAX_CLASSES][KR_AST_MAX_FIELDS];
} KrAstState;

// An instance of AST and of all its subclasses.
typedef struct KrAstObject {
    PyObject_HEAD
    PyObject *dict; // owned; NULL until something is stored
} KrAstObject;

// The current interpreter's; NULL with an exception set.
KrAstState *kr_ast_state(void);

// ast_base.c: a new reference to the class AST.
PyObject *kr_ast_make_base(void);

// to_object.c: the tree as objects, a new reference.
PyObject *kr_ast_to_object(KrMod *mod);

// from_object.c: objects as a tree in the arena, not validated; NULL on error. `kind` is
// what the module has to be.
// -1 with TypeError unless the object is the kind of tree that is wanted.
int kr_ast_check_kind(PyObject *object, KrModKind kind);
KrMod *kr_ast_from_object(PyObject *object, KrModKind kind, KrArena *arena);

// validate.c: -1 with an exception set if the tree is none the compiler may see.
int kr_ast_validate(KrMod *mod);

#endif // KRAIT_RUNTIME_AST_STATE_H
