// SPDX-License-Identifier: MIT
// ast_bridge.h - between Python's ast objects and the compiler.
#ifndef KRAIT_RUNTIME_AST_BRIDGE_H
#define KRAIT_RUNTIME_AST_BRIDGE_H

#include "Python.h"

// Whether an object is an instance of ast.AST: 1, 0, or -1 with an exception.
int kr_ast_check(PyObject *object);

// Compiles (or, with PyCF_ONLY_AST, checks and returns) a tree of ast objects.
PyObject *kr_ast_compile(PyObject *tree, PyObject *filename, int start,
                         PyCompilerFlags *flags, int optimize);

// Parses text to a tree of ast objects, for PyCF_ONLY_AST.
PyObject *kr_ast_parse(const char *text, PyObject *filename, int start,
                       PyCompilerFlags *flags, int optimize);

// Drops the classes when an interpreter ends.
void kr_ast_fini(PyInterpreterState *interp);

#endif // KRAIT_RUNTIME_AST_BRIDGE_H
